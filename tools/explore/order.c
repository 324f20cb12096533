/* Other orders of a run's steps, and the one with the fewest switches. */
#include "order.h"

#include <stdlib.h>
#include <string.h>

/* ---- steps dealt out ------------------------------------------------------------------------- */

/* The actor's place among those known; it is added if it is new.  HS_ORDER_ACTORS_MAX: no room. */
static unsigned place_of(struct hs_order *order, unsigned name)
{
    unsigned actor = 0;
    while (actor < order->actors && order->names[actor] != name)
        actor++;
    if (actor == order->actors && actor < HS_ORDER_ACTORS_MAX) {
        order->names[actor] = name;
        order->actors++;
    }
    return actor;
}

bool hs_order_deal(struct hs_order *order, const struct hs_graph *graph,
    const struct hs_witness *run, unsigned more)
{
    order->graph = graph;
    order->run = run;
    order->actors = 0;
    if (graph->words + HS_ORDER_WORDS + more > HS_STORE_WORDS_MAX)
        return false;
    for (unsigned step = 0; step < run->length; step++) {
        unsigned actor = place_of(order, graph->actor(run->labels[step]));
        if (actor == HS_ORDER_ACTORS_MAX)
            return false;
        order->actor[step] = (uint8_t)actor;
    }
    for (unsigned actor = 0; actor < order->actors; actor++)
        order->first[actor] = (uint16_t)run->length;
    for (unsigned step = run->length; step-- > 0;) {
        order->after[step] = order->first[order->actor[step]];
        order->first[order->actor[step]] = (uint16_t)step;
    }
    return true;
}

void hs_order_begin(const struct hs_order *order, const void *start, uint64_t *node)
{
    unsigned words = order->graph->words;
    memcpy(node, start, words * sizeof(uint64_t));
    memset(node + words, 0, HS_ORDER_WORDS * sizeof(uint64_t));
    memcpy(node + words, order->first, order->actors * sizeof(uint16_t));
}

unsigned hs_order_next(const struct hs_order *order, const uint64_t *node, unsigned actor)
{
    uint16_t next[HS_ORDER_ACTORS_MAX];
    memcpy(next, node + order->graph->words, sizeof(next));
    return next[actor];
}

void hs_order_take(const struct hs_order *order, uint64_t *node, unsigned step)
{
    uint16_t next[HS_ORDER_ACTORS_MAX];
    uint64_t *behind = node + order->graph->words;
    order->graph->take(order->graph->context, node, order->run->labels[step]);
    memcpy(next, behind, sizeof(next));
    next[order->actor[step]] = order->after[step];
    memcpy(behind, next, sizeof(next));
}

bool hs_order_is_done(const struct hs_order *order, const uint64_t *node)
{
    for (unsigned actor = 0; actor < order->actors; actor++) {
        if (hs_order_next(order, node, actor) < order->run->length)
            return false;
    }
    return true;
}

/* ---- the fewest switches --------------------------------------------------------------------- */

/* Behind the node of an order stands who took the last step: 1 + its place, or 0. */
struct switches {
    struct hs_order order;
    const struct hs_goal *goal;
};

static const unsigned last_word = HS_ORDER_WORDS;

static unsigned list_orders(void *context, const uint64_t *node, struct hs_branch *branches)
{
    const struct switches *switches = context;
    const struct hs_order *order = &switches->order;
    uint64_t last = node[order->graph->words + last_word];
    uint32_t labels[HS_LABELS_MAX];
    unsigned enabled = order->graph->list(order->graph->context, node, labels);
    unsigned count = 0;
    for (unsigned actor = 0; actor < order->actors; actor++) {
        unsigned step = hs_order_next(order, node, actor);
        if (step < order->run->length && hs_label_listed(labels, enabled, order->run->labels[step]))
            branches[count++] = (struct hs_branch){step, last && last != actor + 1};
    }
    return count;
}

static void take_in_order(void *context, uint64_t *node, uint32_t step)
{
    const struct switches *switches = context;
    hs_order_take(&switches->order, node, step);
    node[switches->order.graph->words + last_word] = switches->order.actor[step] + 1u;
}

static bool leads_to_goal(void *context, const uint64_t *node)
{
    const struct switches *switches = context;
    return hs_order_is_done(&switches->order, node) &&
           hs_is_goal(switches->order.graph, switches->goal, node);
}

void hs_order_least_switches(const struct hs_graph *graph, const void *start,
    const struct hs_goal *goal, uint32_t bound, struct hs_witness *run)
{
    struct switches *switches = malloc(sizeof(*switches));
    struct hs_witness *way = malloc(sizeof(*way));
    if (!switches || !way || !hs_order_deal(&switches->order, graph, run, 1))
        goto out;
    switches->goal = goal;
    struct hs_route_space space = {
        .words = graph->words + HS_ORDER_WORDS + 1,
        .context = switches,
        .list = list_orders,
        .take = take_in_order,
        .is_goal = leads_to_goal,
    };
    uint64_t node[HS_STORE_WORDS_MAX] = {0};
    hs_order_begin(&switches->order, start, node);
    if (hs_route_find(&space, node, bound, way) == HS_ROUTE_FOUND) {
        for (unsigned i = 0; i < way->length; i++)
            way->labels[i] = run->labels[way->labels[i]];
        *run = *way;
    }
out:
    free(switches);
    free(way);
}
