/* The options --with and --without of prove and matrix. */
#include "commands.h"
#include "pair.h"

#include <stdio.h>
#include <string.h>

bool hs_in_play_read(
    const struct hs_command *command, const char *list, bool on, struct hs_config *config)
{
    while (*list) {
        char name[32];
        size_t length = strcspn(list, ",");
        snprintf(name, sizeof(name), "%.*s", (int)(length < 31 ? length : 31), list);
        if (!hs_in_play_set(config, name, on)) {
            hs_usage_error(command,
                "'%s' is not one of writes, rounds, migrations, dma, changes, resets, cancels, "
                "postcopy, reporting, inflate",
                name);
            return false;
        }
        list += length + (list[length] == ',');
    }
    return true;
}
