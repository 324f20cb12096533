/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Does the proof ever contradict an exploration?  For all pairs of presets and for random rule
 * sets, every interleaving of a few small worlds is explored; whatever breaks there must not be
 * proved Never, and whatever the proof calls Sometimes comes with a run that breaks it.
 *
 *   crosscheck COUNT           pairs of presets, and COUNT random rule sets
 *   crosscheck COUNT FIRST     COUNT random rule sets from seed FIRST on
 *
 * Each of them is compared wholly: in place of rule sets that are too large others are drawn.  With
 * each random rule set a world has some of the extras of tests/chance/extras.h, and each of those
 * must have been in a world that was compared.
 */
#include "abstract_graph.h"
#include "extras.h"
#include "random_rules.h"
#include "sweep.h"
#include "world_graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A small world; the limits of what is in play are `writes`, `rounds`, and 1. */
struct small {
    uint8_t pages;
    uint8_t order;
    uint8_t chunk; /* 0: as the rules say */
    uint8_t slots;
    uint8_t writes;
    uint8_t rounds;
    bool balloon;    /* reporting and inflating, too, and no hints */
    uint8_t changes; /* config changes and resets */
};

static const struct small worlds[] = {
    {1, 0, 0, 2, 1, 1, false, 0},
    {1, 0, 0, 4, 1, 1, false, 0},
    {1, 0, 0, 2, 0, 2, false, 1},
    {1, 0, 0, 2, 1, 1, true, 0},
    {2, 0, 2, 2, 1, 1, false, 0},
    {2, 1, 2, 2, 0, 1, false, 0},
};
enum { WORLD_COUNT = sizeof(worlds) / sizeof(worlds[0]) };

struct totals {
    unsigned compared;
    unsigned partly; /* a bound was hit, of the world or of the abstraction */
    unsigned wrong;
};

static void set_config(
    const struct hs_rules *rules, const struct small *small, struct hs_config *config)
{
    memset(config, 0, sizeof(*config));
    config->rules = *rules;
    if (small->chunk)
        config->rules.value[HS_RULE_LOG_CHUNK] = small->chunk;
    config->pages = small->pages;
    config->max_order = config->hint_order = small->order;
    config->report_batch = 1;
    config->queue_size[HS_QUEUE_FREE_PAGE] = small->balloon ? 0 : small->slots;
    for (unsigned queue = HS_QUEUE_REPORTING; queue < HS_QUEUE_COUNT; queue++)
        config->queue_size[queue] = small->balloon ? 1 : 0;
    config->postcopy = small->balloon;
    config->limits[HS_LIMIT_WRITES] = small->writes;
    config->limits[HS_LIMIT_ROUNDS] = small->rounds;
    config->limits[HS_LIMIT_MIGRATIONS] = 1;
    config->limits[HS_LIMIT_CHANGES] = config->limits[HS_LIMIT_RESETS] = small->changes;
}

/* Bounds the states of each search, whatever else the machine does.  Pairs of presets must all be
 * compared; in place of a rule set that has too many another is drawn. */
enum { PRESETS_MEMORY = 96 << 20, RANDOM_MEMORY = 24 << 20 };

/* What every interleaving of the world breaks; *complete tells whether all were looked at. */
static uint32_t explored(const struct hs_config *config, size_t memory, bool *complete)
{
    union hs_state_buffer start;
    struct hs_graph graph = hs_world_graph(config);
    struct hs_search_options options = {.threads = 1, .memory = memory, .end_flag = HS_FLAG_END};
    struct hs_search search;
    uint32_t broken = 0;
    hs_world_init((struct hs_world){config, &start.state});
    hs_search_run(&graph, &start, &options, &search);
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++)
        broken |= (uint32_t)(search.states[i] > 0) << i;
    *complete = search.end == HS_SEARCH_COMPLETE;
    hs_search_close(&search);
    return broken;
}

/* What the abstraction breaks; false if a bound was hit. */
static bool abstract(const struct hs_config *config, size_t memory, uint32_t *flags)
{
    struct hs_abstraction abstraction;
    union hs_abstract_state start;
    struct hs_search_options options = {.memory = memory};
    struct hs_sweep sweep;
    hs_abstraction_set(&abstraction, config);
    hs_abstract_start(&abstraction, &start);
    struct hs_graph graph = hs_abstract_graph(&abstraction);
    hs_sweep_run(&graph, &start, &options, &sweep);
    bool complete = sweep.complete;
    *flags = sweep.flags;
    hs_sweep_close(&sweep);
    return complete;
}

static void complain(const struct hs_config *config, unsigned world, uint32_t missed)
{
    printf("NOT OK: world %u breaks, and the proof says Never:", world);
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (missed >> i & 1u)
            printf(" %s", hs_property_rows[i].name);
    }
    putchar('\n');
    print_config(config);
}

/* Compare in one world, which is finished here; false if it or its abstraction is too large.  What
 * the part of a world breaks is compared as well, if `in_part`. */
static bool compare(
    struct hs_config *config, unsigned world, size_t memory, bool in_part, struct totals *totals)
{
    bool whole;
    uint32_t abstract_flags;
    if (hs_config_finish(config))
        abort();
    uint32_t concrete_flags = explored(config, memory, &whole);
    bool known = (whole || in_part) &&
                 abstract(config, memory, &abstract_flags); /* Unknown contradicts nothing */
    uint32_t missed = known ? concrete_flags & ~abstract_flags : 0;
    if (missed) {
        totals->wrong++;
        complain(config, world, missed);
    }
    totals->compared += whole && known;
    totals->partly += !(whole && known);
    return whole && known;
}

enum { DRAWN_FOR_ONE = 24 };

/* Draw rules and extras until so many were compared wholly, and each extra in one of them; false if
 * too many were too large. */
static bool compare_random(unsigned count, uint64_t first, struct totals *totals)
{
    unsigned compared = 0;
    struct extras_met met = {{0}, {0}};
    unsigned most = DRAWN_FOR_ONE * count;
    for (unsigned i = 0; i < most && (compared < count || extras_lack(&met, 0)); i++) {
        uint64_t seed = hs_random_seed(first + i);
        struct chance chance = {first + i};
        struct hs_rules rules = hs_random_rules(&seed);
        struct hs_config config;
        unsigned world = i % WORLD_COUNT;
        set_config(&rules, &worlds[world], &config);
        extras_draw_missed(&config, 1 + i % 2, &met, &chance); /* one, or two together */
        if (compare(&config, world, RANDOM_MEMORY, i % 8 == 0, totals)) {
            compared++;
            extras_compared(&met, &config);
        }
    }
    return extras_all_compared(&met, 0) && compared >= count;
}

/* Every pair; false if one could not be compared. */
static bool compare_presets(unsigned world, struct totals *totals)
{
    bool good = true;
    for (unsigned g = 0; g < hs_preset_count; g++) {
        for (unsigned h = 0; h < hs_preset_count; h++) {
            struct hs_rules rules = hs_rules_default();
            struct hs_config config;
            if (hs_presets[g].side != HS_SIDE_GUEST || hs_presets[h].side != HS_SIDE_HOST)
                continue;
            hs_rules_apply_preset(&rules, &hs_presets[g]);
            hs_rules_apply_preset(&rules, &hs_presets[h]);
            set_config(&rules, &worlds[world], &config);
            good = compare(&config, world, PRESETS_MEMORY, true, totals) && good;
        }
    }
    return good;
}

int main(int argc, char **argv)
{
    struct totals totals = {0};
    setvbuf(stdout, NULL, _IOLBF, 0);
    unsigned count = argc > 1 ? (unsigned)atoi(argv[1]) : 12;
    bool presets = argc <= 2;
    bool whole = !presets || compare_presets(0, &totals);
    whole = compare_random(count, argc > 2 ? (uint64_t)atoi(argv[2]) : 1, &totals) && whole;
    printf("%u compared, %u more only in part, %u contradictions%s\n", totals.compared,
        totals.partly, totals.wrong, whole ? "" : "; NOT OK: less than was asked for");
    return totals.wrong != 0 || !whole;
}
