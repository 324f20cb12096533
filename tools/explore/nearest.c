/* SPDX-License-Identifier: BSD-3-Clause */
/* The smallest change of order that makes the difference. */
#include "nearest.h"

#include "interleaving.h"

#include <stdlib.h>
#include <string.h>

/* A label of the search: a step of the witness by its number, or a duty that is put in. */
enum { PUT_IN = 1u << 30 };
/* What one exchanged pair costs; one duty that is put in costs 1. */
static const uint64_t exchange_cost = UINT64_C(1) << 32;

struct change {
    struct hs_interleaving interleaving;
    unsigned flag;
};

static bool holds(const struct hs_graph *graph, const void *state, unsigned flag)
{
    return graph->flags(graph->context, state, NULL, 0) >> flag & 1u;
}

/* How many steps that stand before it in the witness does a step overtake? */
static uint64_t overtaken(
    const struct hs_interleaving *interleaving, const uint64_t *node, unsigned step)
{
    uint64_t count = 0;
    for (unsigned actor = 0; actor < interleaving->actors; actor++) {
        for (unsigned other = hs_interleaving_next(interleaving, node, actor); other < step;
             other = interleaving->after[other])
            count++;
    }
    return count;
}

static unsigned list_changes(void *context, const uint64_t *node, struct hs_branch *branches)
{
    const struct change *change = context;
    const struct hs_interleaving *interleaving = &change->interleaving;
    uint32_t labels[HS_LABELS_MAX];
    unsigned count = 0;
    if (holds(interleaving->graph, node, change->flag))
        return 0;
    unsigned enabled = interleaving->graph->list(interleaving->graph->context, node, labels);
    for (unsigned actor = 0; actor < interleaving->actors; actor++) {
        unsigned step = hs_interleaving_next(interleaving, node, actor);
        if (step < interleaving->run->length &&
            hs_label_listed(labels, enabled, interleaving->run->labels[step]))
            branches[count++] =
                (struct hs_branch){step, overtaken(interleaving, node, step) * exchange_cost};
    }
    if (count)
        return count;
    for (unsigned i = 0; i < enabled; i++) {
        if (interleaving->graph->is_duty(labels[i]))
            branches[count++] = (struct hs_branch){PUT_IN | labels[i], 1};
    }
    return count;
}

static void take_change(void *context, uint64_t *node, uint32_t label)
{
    const struct change *change = context;
    const struct hs_graph *graph = change->interleaving.graph;
    if (label & PUT_IN)
        graph->take(graph->context, node, label & ~(uint32_t)PUT_IN);
    else
        hs_interleaving_take(&change->interleaving, node, label);
}

/* All steps taken, no duty left, and the flag does not hold. */
static bool does_without(void *context, const uint64_t *node)
{
    const struct change *change = context;
    const struct hs_graph *graph = change->interleaving.graph;
    uint32_t labels[HS_LABELS_MAX];
    if (!hs_interleaving_is_done(&change->interleaving, node) || holds(graph, node, change->flag))
        return false;
    unsigned enabled = graph->list(graph->context, node, labels);
    for (unsigned i = 0; i < enabled; i++) {
        if (graph->is_duty(labels[i]))
            return false;
    }
    return true;
}

/* ---- the pair that decides ------------------------------------------------------------------- */

/* The way's steps without the duties put in; returns how many. */
static unsigned steps_of(const struct hs_witness *way, unsigned *steps)
{
    unsigned count = 0;
    for (unsigned i = 0; i < way->length; i++) {
        if (!(way->labels[i] & PUT_IN))
            steps[count++] = way->labels[i];
    }
    return count;
}

/* Where the earliest step of the witness stands that the step at `at` overtook; `at` if it overtook
 * none. */
static unsigned farthest_overtaken(const unsigned *steps, unsigned count, unsigned at)
{
    unsigned farthest = at;
    for (unsigned i = at + 1; i < count; i++) {
        if (steps[i] < steps[farthest])
            farthest = i;
    }
    return farthest;
}

/* Does the flag hold again if the step at `from` goes back to right behind the one at `to`? */
static bool fails_again(const struct change *change, const void *start, const unsigned *steps,
    unsigned count, unsigned from, unsigned to)
{
    const struct hs_graph *graph = change->interleaving.graph;
    uint64_t state[HS_STORE_WORDS_MAX];
    struct hs_witness back = {.length = count};
    for (unsigned i = 0; i < count; i++)
        back.labels[i] = change->interleaving.run->labels[steps[i]];
    uint32_t moved = back.labels[from];
    memmove(&back.labels[from], &back.labels[from + 1], (to - from) * sizeof(moved));
    back.labels[to] = moved;
    memcpy(state, start, graph->words * sizeof(uint64_t));
    return hs_witness_replay(graph, &back, state) && holds(graph, state, change->flag);
}

/* The last step that overtook others, and the earliest of those.  Between them stands nothing else:
 * what stood there would have overtaken as well, later.  So the exchange of these two is one less,
 * and by the search's exactness one too few; it is tried nonetheless. */
static bool find_pair(const struct change *change, const void *start, const struct hs_witness *way,
    struct hs_nearest *nearest)
{
    unsigned steps[HS_WITNESS_MAX];
    unsigned count = steps_of(way, steps);
    for (unsigned at = count; at-- > 0;) {
        unsigned farthest = farthest_overtaken(steps, count, at);
        if (farthest == at || !fails_again(change, start, steps, count, at, farthest))
            continue;
        nearest->sooner = steps[at];
        nearest->later = steps[farthest];
        return true;
    }
    return false;
}

static void keep_run(
    const struct hs_witness *witness, const struct hs_witness *way, struct hs_witness *run)
{
    run->length = way->length;
    for (unsigned i = 0; i < way->length; i++) {
        uint32_t label = way->labels[i];
        run->labels[i] = label & PUT_IN ? label & ~(uint32_t)PUT_IN : witness->labels[label];
    }
}

enum hs_nearest_end hs_nearest_find(const struct hs_graph *graph, const void *start, unsigned flag,
    const struct hs_witness *witness, uint32_t bound, struct hs_nearest *nearest)
{
    static const enum hs_nearest_end ends[] = {
        [HS_ROUTE_FOUND] = HS_NEAREST_FOUND,
        [HS_ROUTE_NONE] = HS_NEAREST_NONE,
        [HS_ROUTE_GAVE_UP] = HS_NEAREST_GAVE_UP,
    };
    enum hs_nearest_end answer = HS_NEAREST_GAVE_UP;
    struct change *change = malloc(sizeof(*change));
    struct hs_witness *way = malloc(sizeof(*way));
    if (!change || !way || !hs_interleaving_deal(&change->interleaving, graph, witness, 0))
        goto out;
    change->flag = flag;
    struct hs_route_space space = {
        .words = graph->words + HS_INTERLEAVING_WORDS,
        .context = change,
        .list = list_changes,
        .take = take_change,
        .is_goal = does_without,
    };
    uint64_t node[HS_STORE_WORDS_MAX];
    hs_interleaving_begin(&change->interleaving, start, node);
    answer = ends[hs_route_find(&space, node, bound, way)];
    if (answer == HS_NEAREST_FOUND && !find_pair(change, start, way, nearest))
        answer = HS_NEAREST_GAVE_UP;
    if (answer == HS_NEAREST_FOUND)
        keep_run(witness, way, &nearest->run);
out:
    free(change);
    free(way);
    return answer;
}
