/* SPDX-License-Identifier: BSD-3-Clause */
/* The options --with and --without of prove and matrix. */
#include "commands.h"
#include "pair.h"

bool hs_in_play_read(
    const struct hs_command *command, const char *list, bool on, struct hs_config *config)
{
    char wrong[HS_IN_PLAY_NAME];
    bool good = hs_in_play_set(config, list, on, wrong);
    if (!good)
        hs_usage_error(command,
            "'%s' is not one of writes, rounds, migrations, dma, changes, resets, cancels, "
            "postcopy, reporting, inflate",
            wrong);
    return good;
}
