/*
 * Does the proof ever contradict an exploration?  For all pairs of presets and for random rule
 * sets, every interleaving of a few small worlds is explored; whatever breaks there must not be
 * proved Never, and whatever the proof calls Sometimes comes with a run that breaks it.
 *
 *   crosscheck COUNT           pairs of presets, and COUNT random rule sets
 *   crosscheck COUNT FIRST     COUNT random rule sets from seed FIRST on
 */
#include "prove.h"
#include "random_rules.h"
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
    unsigned too_large; /* worlds that a bound was hit in */
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
    if (hs_config_finish(config))
        abort();
}

/* What every interleaving of the world breaks; *complete tells whether all were looked at. */
static uint32_t explored(const struct hs_config *config, bool *complete)
{
    enum { MEMORY = 256 << 20 };
    union hs_state_buffer start;
    struct hs_graph graph = hs_world_graph(config);
    struct hs_search_options options = {
        .threads = 1, .memory = MEMORY, .end_flag = HS_FLAG_END, .timeout = 3};
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
static bool abstract(const struct hs_config *config, uint32_t *flags)
{
    struct hs_abstraction abstraction;
    union hs_abstract_state start;
    struct hs_search_options options = {.memory = (size_t)2 << 30, .timeout = 5};
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

static void complain(const struct hs_rules *rules, unsigned world, uint32_t missed)
{
    printf("NOT OK: world %u breaks, and the proof says Never:", world);
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (missed >> i & 1u)
            printf(" %s", hs_property_rows[i].name);
    }
    fputs("\n  rules:", stdout);
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        char number[8];
        printf(" %s=%s", hs_rule_rows[r].name,
            hs_rule_value_name((enum hs_rule)r, rules->value[r], number));
    }
    putchar('\n');
}

/* Compare for one rule set in one world. */
static void compare(const struct hs_rules *rules, unsigned world, struct totals *totals)
{
    struct hs_config config;
    bool complete;
    uint32_t abstract_flags;
    set_config(rules, &worlds[world], &config);
    uint32_t concrete_flags = explored(&config, &complete);
    totals->too_large += !complete;
    if (!abstract(&config, &abstract_flags))
        return; /* Unknown contradicts nothing */
    totals->compared++;
    uint32_t missed = concrete_flags & ~abstract_flags;
    if (missed) {
        totals->wrong++;
        complain(rules, world, missed);
    }
}

static void compare_random(unsigned count, uint64_t first, struct totals *totals)
{
    for (unsigned i = 0; i < count; i++) {
        uint64_t seed = hs_random_seed(first + i);
        struct hs_rules rules = hs_random_rules(&seed);
        compare(&rules, i % WORLD_COUNT, totals);
    }
}

static void compare_presets(unsigned world, struct totals *totals)
{
    for (unsigned g = 0; g < hs_preset_count; g++) {
        for (unsigned h = 0; h < hs_preset_count; h++) {
            struct hs_rules rules = hs_rules_default();
            if (hs_presets[g].side != HS_SIDE_GUEST || hs_presets[h].side != HS_SIDE_HOST)
                continue;
            hs_rules_apply_preset(&rules, &hs_presets[g]);
            hs_rules_apply_preset(&rules, &hs_presets[h]);
            compare(&rules, world, totals);
        }
    }
}

int main(int argc, char **argv)
{
    struct totals totals = {0};
    setvbuf(stdout, NULL, _IOLBF, 0);
    unsigned count = argc > 1 ? (unsigned)atoi(argv[1]) : 12;
    bool presets = argc <= 2;
    if (presets)
        compare_presets(0, &totals);
    compare_random(count, argc > 2 ? (uint64_t)atoi(argv[2]) : 1, &totals);
    printf("%u compared, %u worlds only in part, %u contradictions\n", totals.compared,
        totals.too_large, totals.wrong);
    return totals.wrong != 0;
}
