/*
 * Every reduction against the plain search, on many small worlds under random rules: the same
 * verdicts, and the same steps that never fire; and where a page can be lost, a run is found along
 * the slice's.
 *
 *   test_reductions [how many worlds, 150] [seed of the first, 1]
 *
 * World i is made from seed + i alone.  At least a third must be small enough to be compared.
 */
#include "verdicts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    USUAL_WORLDS = 150,
    PLAIN_STATES = 200000, /* a world whose plain search finds more is left out */
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

/* ---- comparing ------------------------------------------------------------------------------- */

/* One world under every set of reductions.  False if a verdict differs. */
static bool compare(uint64_t seed, unsigned *compared, struct state_sums *sums)
{
    struct hs_config config;
    struct naive_counts counts;
    struct verdicts plain;
    random_world(seed, &config);
    if (!naive_search(&config, PLAIN_STATES, &counts))
        return true;
    (*compared)++;
    struct hs_graph graph = hs_world_graph(&config);
    bool good = verdicts_of(&graph, &config, 1, (size_t)1 << 30, &plain) &&
                naive_agrees(&counts, &plain) && reductions_agree(&config, &plain, sums) &&
                slice_has_a_run(&config, &plain);
    if (!good) {
        printf("world %" PRIu64 ": ", seed);
        print_world(&config);
    }
    return good;
}

int main(int argc, char **argv)
{
    uint64_t worlds = argc > 1 ? strtoull(argv[1], NULL, 10) : USUAL_WORLDS;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    struct state_sums sums = {0};
    unsigned compared = 0;
    unsigned bad = 0;
    for (uint64_t i = 0; i < worlds; i++)
        bad += !compare(seed + i, &compared, &sums);
    printf("%u worlds compared, %u differ; ", compared, bad);
    print_sums(&sums);
    return bad || compared * 3 < worlds ? FAILED : 0;
}
