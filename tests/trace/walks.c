/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Is what the model did never refused?  Random walks through small worlds of every guest with every
 * host are written as recordings, in which some kinds of events are left out, and judged with the
 * same pair.  And is something else noticed?  In a recording of all events one is left out, two
 * that follow each other change places, or one is put in again elsewhere.
 *
 *   trace_walks COUNT [FIRST]   so many walks, from seed FIRST on
 */
#include "judged.h"
#include "pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 160, PRESETS_MAX = 64 };

enum change { DROPPED, SWAPPED, INVENTED, CHANGE_COUNT };
static const char *const change_names[CHANGE_COUNT] = {"dropped", "swapped", "invented"};

struct figures {
    unsigned walks;
    unsigned events;
    unsigned made[CHANGE_COUNT][HS_EVENT_KIND_COUNT];
    unsigned noticed[CHANGE_COUNT][HS_EVENT_KIND_COUNT];
};

/* ---- a world -------------------------------------------------------------------------------- */

static void draw_pair(struct hs_pair *pair, struct chance *chance, char *name)
{
    static const struct hs_preset *presets[PRESETS_MAX];
    char wrong[HS_IN_PLAY_NAME];
    unsigned guests = hs_presets_that_hint(HS_SIDE_GUEST, presets, PRESETS_MAX);
    const struct hs_preset *guest = presets[chance_below(chance, guests)];
    unsigned hosts = hs_presets_that_hint(HS_SIDE_HOST, presets, PRESETS_MAX);
    const struct hs_preset *host = presets[chance_below(chance, hosts)];
    sprintf(name, "%s*%s", guest->name, host->name);
    hs_pair_begin(pair, guest, host, name);
    struct hs_config *config = &pair->variant.config;
    hs_in_play_set(config, "changes", false, wrong);
    config->max_order = config->hint_order = (uint8_t)chance_below(chance, 2);
    config->pages = (uint8_t)((1 + chance_below(chance, 3)) << config->hint_order);
    config->queue_size[HS_QUEUE_FREE_PAGE] = (uint8_t)(2u << chance_below(chance, 3));
    config->free_at_start = (1u << (config->pages / 2)) - 1;
    for (unsigned i = 0; i < HS_LIMIT_COUNT; i++)
        config->limits[i] = config->limits[i] ? HS_UNLIMITED : 0;
    const char *refused = hs_config_finish(config);
    if (refused) {
        fprintf(stderr, "%s: %s\n", name, refused);
        exit(1);
    }
}

/* ---- changes -------------------------------------------------------------------------------- */

static bool are_alike(const struct made *one, const struct made *other)
{
    return one->kind == other->kind && one->is_host == other->is_host &&
           one->is_command == other->is_command && one->value == other->value;
}

/* Change one event.  False: it makes no difference there. */
static bool change(struct made_recording *made, enum change how, unsigned at, struct chance *chance)
{
    struct made event = made->events[at];
    unsigned to = 0;
    switch (how) {
    case DROPPED:
        memmove(&made->events[at], &made->events[at + 1], (made->count - at - 1) * sizeof(event));
        made->count--;
        return true;
    case SWAPPED:
        if (at + 1 == made->count || event.is_host != made->events[at + 1].is_host ||
            are_alike(&event, &made->events[at + 1]))
            return false;
        made->events[at] = made->events[at + 1];
        made->events[at + 1] = event;
        return true;
    case INVENTED:
        if (made->count == MADE_MAX)
            return false;
        to = chance_below(chance, made->count + 1);
        memmove(&made->events[to + 1], &made->events[to], (made->count - to) * sizeof(event));
        made->events[to] = event;
        made->count++;
        return true;
    case CHANGE_COUNT:
        break;
    }
    return false;
}

static void change_one(const struct hs_config *config, const struct made_recording *whole,
    struct chance *chance, struct figures *figures)
{
    struct hs_error why = {.text = ""};
    if (!whole->count)
        return;
    for (unsigned how = 0; how < CHANGE_COUNT; how++) {
        static struct made_recording changed;
        unsigned at = chance_below(chance, whole->count);
        changed = *whole;
        if (!change(&changed, (enum change)how, at, chance))
            continue;
        figures->made[how][whole->events[at].kind]++;
        figures->noticed[how][whole->events[at].kind] += judge_made(config, &changed, &why);
    }
}

/* ---- walks ---------------------------------------------------------------------------------- */

/* A walk, and its recording.  False if it is refused. */
static bool judge_walk(uint64_t seed, struct figures *figures)
{
    static struct hs_pair pair;
    static struct made_recording made;
    struct chance chance = {seed};
    struct hs_error why = {.text = ""};
    char name[128];
    const uint32_t all =
        (1u << HS_EVENT_LOST) - 1 - (1u << HS_EVENT_USE_ELEMENT) - (1u << HS_EVENT_STATUS);
    draw_pair(&pair, &chance, name);
    bool is_whole = chance_one_in(&chance, 2);
    made.recorded = is_whole ? all : all & (uint32_t)chance_next(&chance);
    made.offset = (int64_t)chance_below(&chance, 1000000) - 500000;
    made.tells_offset = chance_one_in(&chance, 2);
    made_walk(&pair.variant.config, STEPS, &chance, &made);
    if (!made.count)
        return true; /* nothing was recorded */
    figures->walks++;
    figures->events += made.count;
    if (judge_made(&pair.variant.config, &made, &why)) {
        fprintf(stderr, "seed %llu: %s: a run of the model is refused: %s\n",
            (unsigned long long)seed, name, why.text);
        return false;
    }
    if (is_whole && made.tells_offset)
        change_one(&pair.variant.config, &made, &chance, figures);
    return true;
}

static bool print(const struct figures *figures)
{
    bool good = true;
    printf("%u walks, %u events, none refused\n", figures->walks, figures->events);
    for (unsigned how = 0; how < CHANGE_COUNT; how++) {
        unsigned made = 0;
        unsigned noticed = 0;
        for (unsigned kind = 0; kind < HS_EVENT_KIND_COUNT; kind++) {
            made += figures->made[how][kind];
            noticed += figures->noticed[how][kind];
            if (figures->made[how][kind])
                printf("    %s %s: %u of %u noticed\n", change_names[how], hs_event_names[kind],
                    figures->noticed[how][kind], figures->made[how][kind]);
        }
        printf("%s: %u of %u noticed\n", change_names[how], noticed, made);
        good = good && noticed > made / 2;
    }
    return good;
}

int main(int argc, char **argv)
{
    static struct figures figures;
    if (argc < 2)
        return 2;
    uint64_t count = strtoull(argv[1], NULL, 10);
    uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    for (uint64_t i = 0; i < count; i++) {
        if (!judge_walk(first + i, &figures))
            return 1;
    }
    return !print(&figures);
}
