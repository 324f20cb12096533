/* SPDX-License-Identifier: BSD-3-Clause */
/* The options --with and --without of prove and matrix, and what cannot be asked without. */
#include "commands.h"
#include "pair.h"
#include "questions.h"

int hs_no_question(
    const struct hs_command *command, const struct hs_config *config, enum hs_property property)
{
    char lacks[HS_LACKS_SIZE];
    struct hs_text text = hs_text_in(lacks, sizeof(lacks));
    hs_lacks_add(config, property, &text);
    return hs_usage_error(
        command, "%s cannot be asked here: it needs %s", hs_property_rows[property].name, lacks);
}

int hs_no_question_at_all(const struct hs_command *command, const struct hs_config *config)
{
    char lacks[HS_LACKS_SIZE];
    struct hs_text text = hs_text_in(lacks, sizeof(lacks));
    hs_lacks_add(config, HS_DIRTY_PAGE_LOST, &text);
    return hs_usage_error(command, "nothing can be asked here; %s, for one, needs %s",
        hs_property_rows[HS_DIRTY_PAGE_LOST].name, lacks);
}

bool hs_in_play_read(
    const struct hs_command *command, const char *list, bool on, struct hs_config *config)
{
    char wrong[HS_IN_PLAY_NAME];
    bool good = hs_in_play_set(config, list, on, wrong);
    if (!good)
        hs_usage_error(command,
            "'%s' is not one of writes, rounds, migrations, dma, changes, resets, cancels, hops, "
            "postcopy, reporting, inflate",
            wrong);
    return good;
}
