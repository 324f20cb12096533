/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every reduction against the plain search, on many small worlds under random rules: the same
 * verdicts, and the same steps that never fire; and where a page can be lost, a run is found along
 * the slice's.
 *
 *   test_reductions [how many to compare, 75] [seed of the first, 1]
 *
 * World i is made from seed + i alone.  Of those that are too large others are drawn in place. Each
 * extra (tests/chance/extras.h) must have been in a world that was compared, unless fewer worlds
 * are asked for than usual: one world is asked for to see it again.
 */
#include "extras.h"
#include "verdicts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    USUAL_WORLDS = 75,
    DRAWN_FOR_ONE = 8,     /* worlds at most, all in all: two of five are small enough */
    PLAIN_STATES = 200000, /* a world whose plain search finds more is left out */
    FAILED = 1,
};

/* ---- a random world -------------------------------------------------------------------------- */

static const struct hs_preset *random_preset(enum hs_side side, struct chance *chance)
{
    const struct hs_preset *preset;
    do
        preset = &hs_presets[chance_below(chance, hs_preset_count)];
    while (preset->side != side);
    return preset;
}

/* A preset of each side, some of whose rules are changed. */
static void random_rules(struct hs_rules *rules, struct chance *chance)
{
    *rules = hs_rules_default();
    hs_rules_apply_preset(rules, random_preset(HS_SIDE_GUEST, chance));
    hs_rules_apply_preset(rules, random_preset(HS_SIDE_HOST, chance));
    for (unsigned change = chance_below(chance, 6); change > 0; change--) {
        enum hs_rule rule = (enum hs_rule)chance_below(chance, HS_RULE_COUNT);
        unsigned values = hs_rule_has_names(rule) ? hs_rule_value_count(rule) : 3;
        rules->value[rule] = (uint8_t)hs_rule_value_at(rule, chance_below(chance, values));
    }
}

/* The extra of its number, and a page more now and then: more would be too large as a rule. */
static void random_world(uint64_t seed, struct hs_config *config)
{
    const char *wrong;
    struct chance chance = {seed};
    do {
        memset(config, 0, sizeof(*config));
        random_rules(&config->rules, &chance);
        config->pages = (uint8_t)(1 + chance_one_in(&chance, 3) + chance_one_in(&chance, 8));
        config->report_batch = 1;
        config->queue_size[HS_QUEUE_FREE_PAGE] = 2;
        config->limits[HS_LIMIT_WRITES] = (uint8_t)chance_below(&chance, 2);
        config->limits[HS_LIMIT_ROUNDS] = config->limits[HS_LIMIT_MIGRATIONS] = 1;
        extras_draw(config, seed, 0, &chance);
        if (config->pages > 1 && config->limits[HS_LIMIT_WRITES] == 1)
            config->limits[HS_LIMIT_WRITES] = chance_one_in(&chance, 3);
        if (config->queue_size[HS_QUEUE_REPORTING] && chance_one_in(&chance, 2))
            config->queue_size[HS_QUEUE_FREE_PAGE] = 0; /* both are too large, as a rule */
        config->free_at_start = chance_next(&chance) & ((1u << config->pages) - 1);
        wrong = hs_config_finish(config);
    } while (wrong);
}

/* ---- comparing ------------------------------------------------------------------------------- */

/* One world under every set of reductions.  False if a verdict differs. */
static bool compare(
    uint64_t seed, unsigned *compared, struct extras_met *met, struct state_sums *sums)
{
    struct hs_config config;
    struct naive_counts counts;
    struct verdicts plain;
    random_world(seed, &config);
    if (!naive_search(&config, PLAIN_STATES, &counts))
        return true;
    (*compared)++;
    extras_compared(met, &config);
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
    struct extras_met met = {{0}, {0}};
    unsigned compared = 0;
    unsigned bad = 0;
    bool asks_all = worlds >= USUAL_WORLDS;
    for (uint64_t i = 0; i < DRAWN_FOR_ONE * worlds; i++) {
        if (compared >= worlds && !(asks_all && extras_lack(&met, 0)))
            break;
        bad += !compare(seed + i, &compared, &met, &sums);
    }
    printf("%u worlds compared, %u differ%s; ", compared, bad,
        compared < worlds ? "; NOT OK: fewer than were asked for" : "");
    print_sums(&sums);
    bool all = !asks_all || extras_all_compared(&met, 0);
    return bad || compared < worlds || !all ? FAILED : 0;
}
