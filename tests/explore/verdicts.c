/* SPDX-License-Identifier: BSD-3-Clause */
/* What a search says of a world, and whether the reductions say the same. */
#include "verdicts.h"

#include "witness.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what a search says ---------------------------------------------------------------------- */

static void judge_stuck(const struct hs_graph *graph, const struct hs_config *config,
    const struct hs_search *found, struct verdicts *verdicts)
{
    for (unsigned i = HS_ENDING_FIRST; i <= HS_ENDING_LAST; i++) {
        uint64_t *set;
        struct hs_hope hope = hs_hope_of(config, (enum hs_property)i);
        uint64_t stuck = hs_search_stuck(graph, found, &hope, &set);
        verdicts->stuck |= (uint32_t)(stuck > 0) << i;
        free(set);
    }
}

bool verdicts_of(const struct hs_graph *graph, const struct hs_config *config, unsigned threads,
    size_t memory, struct verdicts *verdicts)
{
    union hs_state_buffer start;
    struct hs_search found;
    struct hs_search_options options = {
        .threads = threads, .memory = memory, .end_flag = HS_FLAG_END};
    memset(verdicts, 0, sizeof(*verdicts));
    hs_world_init((struct hs_world){config, &start.state});
    hs_search_run(graph, &start, &options, &found);
    bool complete = found.end == HS_SEARCH_COMPLETE;
    for (unsigned i = 0; complete && i < HS_PROPERTY_COUNT; i++) {
        verdicts->seen |= (uint32_t)(found.states[i] > 0) << i;
        verdicts->ends |= (uint32_t)(found.ends_with[i] > 0) << i;
        verdicts->always |= (uint32_t)(found.ends && found.ends_with[i] == found.ends) << i;
        verdicts->ends_with[i] = found.ends_with[i];
    }
    if (complete)
        judge_stuck(graph, config, &found, verdicts);
    verdicts->fired = found.fired;
    verdicts->distinct = found.distinct;
    verdicts->ends_counted = found.ends;
    hs_search_close(&found);
    return complete;
}

/* ---- comparing ------------------------------------------------------------------------------- */

static const char *const set_names[SET_COUNT] = {[SET_PLAIN] = "plain",
    [SET_DEAD_VALUES] = "dead values",
    [SET_SYMMETRY] = "symmetry",
    [SET_PARTIAL_ORDER] = "partial order",
    [SET_REDUCTIONS] = "the first three",
    [SET_SLICE] = "slice",
    [SET_ALL] = "all"};

struct hs_reduction reduction_of_set(const struct hs_config *config, unsigned set)
{
    bool slice = set & SET_SLICE;
    return (struct hs_reduction){.config = config,
        .dead_values = set & SET_DEAD_VALUES,
        .symmetry = set & SET_SYMMETRY,
        .partial_order = set & SET_PARTIAL_ORDER,
        .slice = slice,
        .properties = slice ? 1u << HS_DIRTY_PAGE_LOST : UINT32_MAX};
}

bool naive_agrees(const struct naive_counts *counts, const struct verdicts *plain)
{
    bool same = counts->states == plain->distinct && counts->ends == plain->ends_counted &&
                memcmp(counts->ends_with, plain->ends_with, sizeof(counts->ends_with)) == 0;
    if (!same)
        printf("the naive search found %" PRIu64 " states and %" PRIu64 " ends, the engine %" PRIu64
               " and %" PRIu64 "\n",
            counts->states, counts->ends, plain->distinct, plain->ends_counted);
    return same;
}

/* Of the slice, only the property that is asked for is the same. */
static bool same(const struct verdicts *plain, const struct verdicts *reduced,
    const struct hs_reduction *reduction, const char *name)
{
    uint32_t differs = (plain->seen ^ reduced->seen) | (plain->ends ^ reduced->ends) |
                       (plain->always ^ reduced->always);
    bool fire_apart = false;
    differs |= plain->stuck ^ reduced->stuck;
    if (reduction->slice)
        differs &= reduction->properties;
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (differs >> i & 1u)
            printf("%s: %s differs\n", name, hs_property_rows[i].name);
    }
    for (unsigned kind = 0; !reduction->slice && kind < HS_STEP_KIND_COUNT; kind++) {
        if (hs_kind_set_has(&plain->fired, kind) == hs_kind_set_has(&reduced->fired, kind))
            continue;
        printf("%s: %s fires in one only\n", name, hs_step_rows[kind].name);
        fire_apart = true;
    }
    return !differs && !fire_apart;
}

bool reductions_agree(
    const struct hs_config *config, const struct verdicts *plain, struct state_sums *sums)
{
    bool good = true;
    sums->states[SET_PLAIN] += plain->distinct;
    for (unsigned set = 1; set < SET_COUNT; set++) {
        struct verdicts reduced;
        if (!set_names[set])
            continue;
        struct hs_reduction reduction = reduction_of_set(config, set);
        struct hs_graph graph = hs_world_graph_reduced(&reduction);
        if (!verdicts_of(&graph, config, 1 + set % 2, (size_t)1 << 30, &reduced) ||
            !same(plain, &reduced, &reduction, set_names[set]) ||
            reduced.distinct > plain->distinct) {
            printf("%s: %" PRIu64 " states instead of %" PRIu64 "\n", set_names[set],
                reduced.distinct, plain->distinct);
            good = false;
        }
        sums->states[set] += reduced.distinct;
    }
    return good;
}

/* ---- telling --------------------------------------------------------------------------------- */

bool slice_has_a_run(const struct hs_config *config, const struct verdicts *plain)
{
    if (!(plain->seen >> HS_DIRTY_PAGE_LOST & 1u))
        return true;
    union hs_state_buffer start;
    struct hs_reduction reduction = reduction_of_set(config, SET_ALL);
    struct hs_graph finer = hs_world_graph(config);
    struct hs_graph graph = hs_world_graph_reduced(&reduction);
    struct hs_goal goal = {.flag = HS_DIRTY_PAGE_LOST};
    struct hs_effort effort = {.memory = (size_t)1 << 30};
    struct hs_witness *run = calloc(1, sizeof(*run));
    graph.finer = &finer;
    hs_world_init((struct hs_world){config, &start.state});
    bool good = run && hs_witness_find(&graph, &start, &goal, &effort, run) == HS_WITNESS_FOUND &&
                hs_witness_replay(&finer, run, &start) &&
                start.state.broken >> HS_DIRTY_PAGE_LOST & 1u;
    free(run);
    if (!good)
        puts("no run of this world goes along the slice's");
    return good;
}

void print_sums(const struct state_sums *sums)
{
    const char *separator = "states: ";
    for (unsigned set = 0; set < SET_COUNT; set++) {
        if (set_names[set])
            printf("%s%s %" PRIu64, separator, set_names[set], sums->states[set]);
        separator = ", ";
    }
    printf("\n");
}

void print_world(const struct hs_config *config)
{
    char number[8];
    printf("pages %u, max-order %u, hint-order %u, queue %u %u %u, policy %u, postcopy %d, "
           "free %" PRIx64 ", limits",
        config->pages, config->max_order, config->hint_order,
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
