/* SPDX-License-Identifier: BSD-3-Clause */
/* Other orders of a run's steps, and the one with the fewest switches. */
#include "interleaving.h"

#include <stdlib.h>
#include <string.h>

/* ---- steps dealt out ------------------------------------------------------------------------- */

/* The actor's place among those known; it is added if it is new.  HS_INTERLEAVING_ACTORS_MAX: no
 * room. */
static unsigned place_of(struct hs_interleaving *interleaving, unsigned name)
{
    unsigned actor = 0;
    while (actor < interleaving->actors && interleaving->names[actor] != name)
        actor++;
    if (actor == interleaving->actors && actor < HS_INTERLEAVING_ACTORS_MAX) {
        interleaving->names[actor] = name;
        interleaving->actors++;
    }
    return actor;
}

bool hs_interleaving_deal(struct hs_interleaving *interleaving, const struct hs_graph *graph,
    const struct hs_witness *run, unsigned more)
{
    interleaving->graph = graph;
    interleaving->run = run;
    interleaving->actors = 0;
    if (graph->words + HS_INTERLEAVING_WORDS + more > HS_STORE_WORDS_MAX)
        return false;
    for (unsigned step = 0; step < run->length; step++) {
        unsigned actor = place_of(interleaving, graph->actor(run->labels[step]));
        if (actor == HS_INTERLEAVING_ACTORS_MAX)
            return false;
        interleaving->actor[step] = (uint8_t)actor;
    }
    for (unsigned actor = 0; actor < interleaving->actors; actor++)
        interleaving->first[actor] = (uint16_t)run->length;
    for (unsigned step = run->length; step-- > 0;) {
        interleaving->after[step] = interleaving->first[interleaving->actor[step]];
        interleaving->first[interleaving->actor[step]] = (uint16_t)step;
    }
    return true;
}

void hs_interleaving_begin(
    const struct hs_interleaving *interleaving, const void *start, uint64_t *node)
{
    unsigned words = interleaving->graph->words;
    memcpy(node, start, words * sizeof(uint64_t));
    memset(node + words, 0, HS_INTERLEAVING_WORDS * sizeof(uint64_t));
    memcpy(node + words, interleaving->first, interleaving->actors * sizeof(uint16_t));
}

unsigned hs_interleaving_next(
    const struct hs_interleaving *interleaving, const uint64_t *node, unsigned actor)
{
    uint16_t next[HS_INTERLEAVING_ACTORS_MAX];
    memcpy(next, node + interleaving->graph->words, sizeof(next));
    return next[actor];
}

void hs_interleaving_take(const struct hs_interleaving *interleaving, uint64_t *node, unsigned step)
{
    uint16_t next[HS_INTERLEAVING_ACTORS_MAX];
    uint64_t *behind = node + interleaving->graph->words;
    interleaving->graph->take(interleaving->graph->context, node, interleaving->run->labels[step]);
    memcpy(next, behind, sizeof(next));
    next[interleaving->actor[step]] = interleaving->after[step];
    memcpy(behind, next, sizeof(next));
}

bool hs_interleaving_is_done(const struct hs_interleaving *interleaving, const uint64_t *node)
{
    for (unsigned actor = 0; actor < interleaving->actors; actor++) {
        if (hs_interleaving_next(interleaving, node, actor) < interleaving->run->length)
            return false;
    }
    return true;
}

/* ---- the fewest switches --------------------------------------------------------------------- */

/* Behind the node of an order stands who took the last step: 1 + its place, or 0. */
struct switches {
    struct hs_interleaving interleaving;
    const struct hs_goal *goal;
};

static const unsigned last_word = HS_INTERLEAVING_WORDS;

static unsigned list_orders(void *context, const uint64_t *node, struct hs_branch *branches)
{
    const struct switches *switches = context;
    const struct hs_interleaving *interleaving = &switches->interleaving;
    uint64_t last = node[interleaving->graph->words + last_word];
    uint32_t labels[HS_LABELS_MAX];
    unsigned enabled = interleaving->graph->list(interleaving->graph->context, node, labels);
    unsigned count = 0;
    for (unsigned actor = 0; actor < interleaving->actors; actor++) {
        unsigned step = hs_interleaving_next(interleaving, node, actor);
        if (step < interleaving->run->length &&
            hs_label_listed(labels, enabled, interleaving->run->labels[step]))
            branches[count++] = (struct hs_branch){step, last && last != actor + 1};
    }
    return count;
}

static void take_in_order(void *context, uint64_t *node, uint32_t step)
{
    const struct switches *switches = context;
    hs_interleaving_take(&switches->interleaving, node, step);
    node[switches->interleaving.graph->words + last_word] = switches->interleaving.actor[step] + 1u;
}

static bool leads_to_goal(void *context, const uint64_t *node)
{
    const struct switches *switches = context;
    return hs_interleaving_is_done(&switches->interleaving, node) &&
           hs_is_goal(switches->interleaving.graph, switches->goal, node);
}

void hs_interleaving_least_switches(const struct hs_graph *graph, const void *start,
    const struct hs_goal *goal, uint32_t bound, struct hs_witness *run)
{
    struct switches *switches = malloc(sizeof(*switches));
    struct hs_witness *way = malloc(sizeof(*way));
    if (!switches || !way || !hs_interleaving_deal(&switches->interleaving, graph, run, 1))
        goto out;
    switches->goal = goal;
    struct hs_route_space space = {
        .words = graph->words + HS_INTERLEAVING_WORDS + 1,
        .context = switches,
        .list = list_orders,
        .take = take_in_order,
        .is_goal = leads_to_goal,
    };
    uint64_t node[HS_STORE_WORDS_MAX] = {0};
    hs_interleaving_begin(&switches->interleaving, start, node);
    if (hs_route_find(&space, node, bound, way) == HS_ROUTE_FOUND) {
        for (unsigned i = 0; i < way->length; i++)
            way->labels[i] = run->labels[way->labels[i]];
        *run = *way;
    }
out:
    free(switches);
    free(way);
}
