/* SPDX-License-Identifier: BSD-3-Clause */
/* Witnesses and examples: found, and followed step by step. */
#include "shown.h"

#include "example.h"
#include "interleaving.h"
#include "world_graph.h"

#include <stdlib.h>
#include <string.h>

/* Bounds: goals looked at for witnesses of other kinds; nodes for each change of order. */
enum { CANDIDATES = 2000, ORDER_BOUND = 1 << 18 };

/* ---- finding them ---------------------------------------------------------------------------- */

/* The graph of a variant, and where it starts. */
struct origin {
    struct hs_graph graph;
    union hs_state_buffer start;
};

static void begin_at(
    const struct hs_variant *variant, const struct hs_reduction *reduction, struct origin *origin)
{
    memset(origin, 0, sizeof(*origin));
    origin->graph = hs_world_graph_reduced(reduction);
    hs_world_init((struct hs_world){&variant->config, &origin->start.state});
}

static struct hs_run *follow(const struct hs_variant *variant, const struct hs_witness *witness)
{
    struct hs_step *steps = hs_must(malloc((witness->length + 1) * sizeof(*steps)));
    for (unsigned i = 0; i < witness->length; i++)
        steps[i] = hs_label_step(witness->labels[i]);
    struct hs_run *run = hs_run_follow(variant, steps, witness->length);
    free(steps);
    return run;
}

static void find_nearest(struct hs_shown_witness *shown, const struct origin *origin,
    enum hs_property property, const struct hs_witness *witness)
{
    struct hs_nearest *nearest = hs_must(malloc(sizeof(*nearest)));
    shown->nearest_end =
        hs_nearest_find(&origin->graph, &origin->start, property, witness, ORDER_BOUND, nearest);
    if (shown->nearest_end == HS_NEAREST_FOUND) {
        shown->nearest = follow(shown->run->variant, &nearest->run);
        shown->sooner = nearest->sooner;
        shown->later = nearest->later;
    }
    free(nearest);
}

void hs_shown_find_witnesses(struct hs_shown *shown, const struct hs_variant *variant,
    enum hs_property property, const struct hs_search *search, const uint64_t *set,
    const struct hs_effort *effort)
{
    struct origin origin;
    struct hs_goal goal = {.flag = property, .set = set, .search = search};
    struct hs_witness *found = hs_must(malloc(shown->wish.witnesses * sizeof(*found)));
    begin_at(variant, &shown->reduction, &origin);
    shown->breaks = true;
    shown->property = property;
    shown->count = hs_kinds_find(&origin.graph, &origin.start, &goal, effort, CANDIDATES,
        ORDER_BOUND, shown->wish.witnesses, found);
    for (unsigned i = 0; i < shown->count; i++) {
        shown->witnesses[i] = (struct hs_shown_witness){
            .run = follow(variant, &found[i]), .nearest_end = HS_NEAREST_GAVE_UP};
        if (!set)
            find_nearest(&shown->witnesses[i], &origin, property, &found[i]);
    }
    free(found);
}

void hs_shown_find_along_slice(struct hs_shown *shown, const struct hs_variant *variant,
    enum hs_property property, const struct hs_reduction *sliced, const struct hs_effort *effort)
{
    struct origin slice;
    struct origin origin;
    struct hs_goal goal = {.flag = property};
    struct hs_graph finer = hs_world_graph(&variant->config);
    struct hs_witness *found = hs_must(malloc(sizeof(*found)));
    begin_at(variant, sliced, &slice);
    begin_at(variant, &shown->reduction, &origin);
    slice.graph.finer = &finer;
    if (hs_witness_find(&slice.graph, &slice.start, &goal, effort, found) == HS_WITNESS_FOUND) {
        hs_interleaving_least_switches(&origin.graph, &origin.start, &goal, ORDER_BOUND, found);
        shown->count = 1;
        shown->may_be_longer = true;
        shown->witnesses[0] = (struct hs_shown_witness){
            .run = follow(variant, found), .nearest_end = HS_NEAREST_GAVE_UP};
        find_nearest(&shown->witnesses[0], &origin, property, found);
    }
    free(found);
}

/* With few switches, where they make no difference. */
static void tidy(const struct origin *origin, struct hs_witness *run)
{
    union hs_state_buffer end = origin->start;
    struct hs_goal goal = {.state = end.words};
    hs_witness_replay(&origin->graph, run, &end);
    hs_interleaving_least_switches(&origin->graph, &origin->start, &goal, ORDER_BOUND, run);
}

void hs_shown_find_example(
    struct hs_shown *shown, const struct hs_variant *variant, const struct hs_effort *effort)
{
    struct origin origin;
    const struct hs_kind_set *kinds = &variant->scenario->cover;
    if (hs_kind_set_is_empty(kinds))
        return;
    struct hs_witness *example = hs_must(malloc(sizeof(*example)));
    begin_at(variant, &shown->reduction, &origin);
    shown->asks_example = true;
    shown->example_end = hs_example_find(&origin.graph, &origin.start, kinds, effort, example);
    if (shown->example_end == HS_WITNESS_FOUND) {
        tidy(&origin, example);
        shown->example = follow(variant, example);
    }
    free(example);
}

enum hs_witness_end hs_can_be_taken(const struct hs_variant *variant,
    const struct hs_reduction *reduction, enum hs_step_kind kind, const struct hs_effort *effort)
{
    struct origin origin;
    struct hs_kind_set alone = {{0}};
    struct hs_witness *way = hs_must(malloc(sizeof(*way)));
    begin_at(variant, reduction, &origin);
    hs_kind_set_add(&alone, kind);
    enum hs_witness_end end = hs_example_find(&origin.graph, &origin.start, &alone, effort, way);
    free(way);
    return end;
}

void hs_shown_free(struct hs_shown *shown)
{
    for (unsigned i = 0; i < shown->count; i++) {
        hs_run_free(shown->witnesses[i].run);
        hs_run_free(shown->witnesses[i].nearest);
    }
    hs_run_free(shown->example);
}

unsigned hs_shown_runs(const struct hs_shown *shown)
{
    return shown->example ? 1 : shown->count;
}

const struct hs_run *hs_shown_run(const struct hs_shown *shown, unsigned index)
{
    return shown->example ? shown->example : shown->witnesses[index].run;
}
