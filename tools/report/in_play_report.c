/* What a proof lets happen without limit: for people, and for machines. */
#include "in_play_report.h"

#include "ladder.h"

enum { THINGS = HS_LIMIT_COUNT + 3 };

struct thing {
    const char *name;
    bool in_play;
};

/* All that can be in play or not. */
static void list_things(const struct hs_config *config, struct thing things[THINGS])
{
    for (unsigned i = 0; i < HS_LIMIT_COUNT; i++)
        things[i] = (struct thing){hs_limit_rows[i].name, config->limits[i] != 0};
    things[HS_LIMIT_COUNT] = (struct thing){"postcopy", config->postcopy};
    things[HS_LIMIT_COUNT + 1] =
        (struct thing){"reporting", config->queue_size[HS_QUEUE_REPORTING] != 0};
    things[HS_LIMIT_COUNT + 2] =
        (struct thing){"inflate", config->queue_size[HS_QUEUE_INFLATE] != 0};
}

static void print_list(const char *label, const struct thing *things, bool in_play, FILE *out)
{
    char text[400];
    size_t used = (size_t)snprintf(text, sizeof(text), "%s:", label);
    const char *joint = " ";
    for (unsigned i = 0; i < THINGS; i++) {
        if (things[i].in_play != in_play)
            continue;
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", joint, things[i].name);
        joint = ", ";
    }
    hs_ladder_print_wrapped(text, 0, out);
}

void hs_in_play_print(const struct hs_config *config, FILE *out)
{
    struct thing things[THINGS];
    list_things(config, things);
    print_list("in play without limit", things, true, out);
    print_list("not in play", things, false, out);
    if (config->postcopy)
        hs_ladder_print_wrapped("note: postcopy is enabled throughout; a host with "
                                "hint-with-postcopy=off then asks for no hints at all",
            0, out);
}

json_t *hs_in_play_json(const struct hs_config *config)
{
    struct thing things[THINGS];
    json_t *list = json_array();
    list_things(config, things);
    for (unsigned i = 0; i < THINGS; i++) {
        if (things[i].in_play)
            json_array_append_new(list, json_string(things[i].name));
    }
    return list;
}
