/*
 * Every reduction against the plain search, on many small worlds under random rules: the same
 * verdicts, and the same steps that never fire.
 *
 *   test_reductions [how many worlds, 150] [seed of the first, 1]
 *
 * World i is made from seed + i alone.
 */
#include "world_graph.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    USUAL_WORLDS = 150,
    PLAIN_MEMORY = 6 << 20, /* a world whose plain search does not fit is left out */
    FAILED = 1,
};

/* ---- chance ---------------------------------------------------------------------------------- */

static uint64_t random_state;

/* splitmix64 */
static uint64_t next_random(void)
{
    uint64_t z = random_state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static unsigned below(unsigned bound)
{
    return (unsigned)(next_random() % bound);
}

static bool one_in(unsigned chances)
{
    return below(chances) == 0;
}

/* ---- a random world -------------------------------------------------------------------------- */

static const struct hs_preset *random_preset(enum hs_side side)
{
    const struct hs_preset *preset;
    do
        preset = &hs_presets[below(hs_preset_count)];
    while (preset->side != side);
    return preset;
}

/* A preset of each side, some of whose rules are changed. */
static void random_rules(struct hs_rules *rules)
{
    *rules = hs_rules_default();
    hs_rules_apply_preset(rules, random_preset(HS_SIDE_GUEST));
    hs_rules_apply_preset(rules, random_preset(HS_SIDE_HOST));
    for (unsigned change = below(6); change > 0; change--) {
        unsigned rule = below(HS_RULE_COUNT);
        if (rule == HS_RULE_LOG_CHUNK)
            rules->value[rule] = (uint8_t)(1 + below(3));
        else
            rules->value[rule] = (uint8_t)below(hs_rule_value_count((enum hs_rule)rule));
    }
}

static void random_limits(struct hs_config *config)
{
    memset(config->limits, 0, sizeof(config->limits));
    config->limits[HS_LIMIT_WRITES] = (uint8_t)below(config->pages == 1 ? 3 : 2);
    config->limits[HS_LIMIT_ROUNDS] = 1;
    config->limits[HS_LIMIT_MIGRATIONS] = 1;
    config->limits[HS_LIMIT_DMA] = one_in(5);
    config->limits[HS_LIMIT_CHANGES] = one_in(8);
    config->limits[HS_LIMIT_RESETS] = one_in(8);
    config->limits[HS_LIMIT_CANCELS] = one_in(6);
    if (config->pages == 1)
        config->limits[HS_LIMIT_ROUNDS] = (uint8_t)(1 + one_in(3));
    if (config->limits[HS_LIMIT_CANCELS] && one_in(2))
        config->limits[HS_LIMIT_MIGRATIONS] = 2;
}

static void random_world(uint64_t seed, struct hs_config *config)
{
    const char *wrong;
    random_state = seed;
    do {
        memset(config, 0, sizeof(*config));
        random_rules(&config->rules);
        config->pages = (uint8_t)(1 + below(2) + one_in(6));
        config->max_order = (uint8_t)(one_in(5) ? 1 : 0);
        config->hint_order = (uint8_t)(config->max_order ? below(2) : 0);
        config->report_batch = 1;
        config->policy = (uint8_t)one_in(6);
        config->queue_size[HS_QUEUE_FREE_PAGE] = one_in(12) ? 0 : 2;
        if (one_in(8))
            config->queue_size[HS_QUEUE_REPORTING] = 1;
        if (one_in(10))
            config->queue_size[HS_QUEUE_INFLATE] = config->queue_size[HS_QUEUE_DEFLATE] = 1;
        config->postcopy = one_in(8);
        config->free_at_start = next_random() & ((1u << config->pages) - 1);
        random_limits(config);
        wrong = hs_config_finish(config);
    } while (wrong);
}

/* ---- what a search says ---------------------------------------------------------------------- */

struct verdicts {
    uint32_t seen;   /* bit property: in some state */
    uint32_t ends;   /* in some end of a run */
    uint32_t always; /* in every end of a run, and there is one */
    uint32_t stuck;  /* page-stuck and guest-stalled: from some state */
    uint64_t fired;
    uint64_t distinct;
};

static bool verdicts_of(const struct hs_graph *graph, const struct hs_config *config, size_t memory,
    struct verdicts *verdicts)
{
    static const struct {
        unsigned property;
        unsigned flag;
    } questions[] = {{HS_PAGE_STUCK, HS_FLAG_HOLDS}, {HS_GUEST_STALLED, HS_FLAG_WAITS}};
    union hs_state_buffer start;
    struct hs_search found;
    struct hs_search_options options = {
        .threads = 1 + below(2), .memory = memory, .end_flag = HS_FLAG_END};
    memset(verdicts, 0, sizeof(*verdicts));
    hs_world_init((struct hs_world){config, &start.state});
    hs_search_run(graph, &start, &options, &found);
    bool complete = found.end == HS_SEARCH_COMPLETE;
    for (unsigned i = 0; complete && i < HS_PROPERTY_COUNT; i++) {
        verdicts->seen |= (uint32_t)(found.states[i] > 0) << i;
        verdicts->ends |= (uint32_t)(found.ends_with[i] > 0) << i;
        verdicts->always |= (uint32_t)(found.ends && found.ends_with[i] == found.ends) << i;
    }
    for (unsigned i = 0; complete && i < 2; i++) {
        uint64_t *set;
        uint64_t stuck = hs_search_stuck(graph, &found, questions[i].flag, &set);
        verdicts->stuck |= (uint32_t)(stuck > 0) << questions[i].property;
        free(set);
    }
    verdicts->fired = found.fired;
    verdicts->distinct = found.distinct;
    hs_search_close(&found);
    return complete;
}

/* ---- comparing ------------------------------------------------------------------------------- */

static uint64_t plain_states;
static uint64_t reduced_states[16];

static void tell_world(uint64_t seed, const struct hs_config *config)
{
    char number[8];
    printf("world %" PRIu64 ": pages %u, max-order %u, hint-order %u, queue %u %u %u, policy %u, "
           "postcopy %d, free %" PRIx64 ", limits",
        seed, config->pages, config->max_order, config->hint_order,
        config->queue_size[HS_QUEUE_FREE_PAGE], config->queue_size[HS_QUEUE_REPORTING],
        config->queue_size[HS_QUEUE_INFLATE], config->policy, config->postcopy,
        config->free_at_start);
    for (unsigned i = 0; i < HS_LIMIT_COUNT; i++)
        printf(" %u", config->limits[i]);
    printf("\n ");
    for (unsigned r = 0; r < HS_RULE_COUNT; r++)
        printf(" %s=%s", hs_rule_rows[r].name,
            hs_rule_value_name((enum hs_rule)r, config->rules.value[r], number));
    printf("\n");
}

static bool same(const struct verdicts *plain, const struct verdicts *reduced, uint32_t asked,
    bool all, const char *what)
{
    uint32_t differs = ((plain->seen ^ reduced->seen) | (plain->ends ^ reduced->ends) |
                           (plain->always ^ reduced->always)) &
                       asked;
    if (all)
        differs |= plain->stuck ^ reduced->stuck;
    bool fires_alike = !all || plain->fired == reduced->fired;
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (differs >> i & 1u)
            printf("%s: %s differs\n", what, hs_property_rows[i].name);
    }
    for (unsigned kind = 0; kind < HS_STEP_KIND_COUNT && !fires_alike; kind++) {
        if ((plain->fired ^ reduced->fired) >> kind & 1u)
            printf("%s: %s fires in one only\n", what, hs_step_rows[kind].name);
    }
    return !differs && fires_alike;
}

/* One world under every set of reductions.  False if a verdict differs. */
static bool compare(uint64_t seed, unsigned *compared)
{
    static const char *const names[] = {"dead values", "symmetry", "partial order", "slice"};
    struct hs_config config;
    struct verdicts plain;
    struct verdicts reduced;
    bool good = true;
    random_world(seed, &config);
    struct hs_graph graph = hs_world_graph(&config);
    if (!verdicts_of(&graph, &config, PLAIN_MEMORY, &plain))
        return true;
    (*compared)++;
    plain_states += plain.distinct;
    for (unsigned set = 1; set < 16; set++) {
        bool slice = set >> 3 & 1u;
        bool single = (set & (set - 1)) == 0;
        if (!single && set != 7 && set != 15)
            continue;
        struct hs_reduction reduction = {.config = &config,
            .dead_values = set & 1u,
            .symmetry = set >> 1 & 1u,
            .partial_order = set >> 2 & 1u,
            .slice = slice,
            .properties = slice ? 1u << HS_DIRTY_PAGE_LOST : UINT32_MAX};
        graph = hs_world_graph_reduced(&reduction);
        const char *what = single     ? names[__builtin_ctz(set)]
                           : set == 7 ? "the first three"
                                      : "all";
        if (!verdicts_of(&graph, &config, (size_t)1 << 30, &reduced) ||
            !same(&plain, &reduced, reduction.properties, !slice, what) ||
            reduced.distinct > plain.distinct) {
            printf("%s: %" PRIu64 " states instead of %" PRIu64 "\n", what, reduced.distinct,
                plain.distinct);
            good = false;
        }
        reduced_states[set] += reduced.distinct;
    }
    if (!good)
        tell_world(seed, &config);
    return good;
}

int main(int argc, char **argv)
{
    uint64_t worlds = argc > 1 ? strtoull(argv[1], NULL, 10) : USUAL_WORLDS;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    unsigned compared = 0;
    unsigned bad = 0;
    for (uint64_t i = 0; i < worlds; i++)
        bad += !compare(seed + i, &compared);
    printf("%u worlds compared, %u differ; states: plain %" PRIu64 ", dead values %" PRIu64
           ", symmetry %" PRIu64 ", partial order %" PRIu64 ", slice %" PRIu64
           ", the first three %" PRIu64 ", all %" PRIu64 "\n",
        compared, bad, plain_states, reduced_states[1], reduced_states[2], reduced_states[4],
        reduced_states[8], reduced_states[7], reduced_states[15]);
    return bad || compared * 2 < worlds ? FAILED : 0;
}
