/* SPDX-License-Identifier: BSD-3-Clause */
/* Breadth-first by one thread, with a parent for each state. */
#include "sweep.h"

#include "clock.h"

#include <stdlib.h>
#include <string.h>

enum { TOGETHER = 16, AHEAD = 4 };

/* The state being expanded, its steps, and some successors, which are stored together, so that the
 * cache misses overlap. */
struct expansion {
    uint32_t capacity; /* of the arrays of the sweep */
    uint32_t labels[HS_LABELS_MAX];
    struct hs_tree parent;
    struct hs_tree children[TOGETHER];
};

static bool has_room(struct hs_sweep *sweep, struct expansion *expansion)
{
    if (sweep->count < expansion->capacity)
        return true;
    uint32_t capacity = expansion->capacity ? expansion->capacity * 2 : 1u << 16;
    uint32_t *parents = realloc(sweep->parents, capacity * sizeof(*parents));
    if (parents)
        sweep->parents = parents;
    uint32_t *labels = realloc(sweep->labels, capacity * sizeof(*labels));
    if (labels)
        sweep->labels = labels;
    uint64_t *roots = realloc(sweep->roots, capacity * sizeof(*roots));
    if (roots)
        sweep->roots = roots;
    if (!parents || !labels || !roots)
        return false;
    expansion->capacity = capacity;
    return true;
}

/* Note what holds in the state with this number. */
static void note_flags(struct hs_sweep *sweep, uint32_t flags, uint32_t number)
{
    uint32_t news = flags & ~sweep->flags;
    sweep->flags |= flags;
    for (; news; news &= news - 1)
        sweep->first[__builtin_ctz(news)] = number;
}

/* A new state: note where it was found. */
static bool note_state(struct hs_sweep *sweep, const struct hs_graph *graph,
    struct expansion *expansion, const struct hs_tree *child, uint64_t root, uint32_t from,
    uint32_t label)
{
    uint32_t number = sweep->count;
    if (!has_room(sweep, expansion))
        return false;
    sweep->roots[number] = root;
    sweep->parents[number] = from;
    sweep->labels[number] = label;
    sweep->count = number + 1;
    note_flags(sweep, graph->flags(graph->context, child->words, NULL, 0), number);
    return true;
}

/* Put a packed child's tree into the store.  0 if there is no room for it. */
static uint64_t root_of(struct hs_sweep *sweep, struct hs_tree *child)
{
    uint64_t root = hs_store_root(sweep->store, 0, child);
    if (!root && hs_store_grow(sweep->store))
        root = hs_store_root(sweep->store, 0, child);
    return root;
}

static enum hs_put put_root(struct hs_sweep *sweep, uint64_t root)
{
    enum hs_put answer = hs_store_put_root(sweep->store, 0, root);
    if (answer == HS_PUT_FULL && hs_store_grow(sweep->store))
        answer = hs_store_put_root(sweep->store, 0, root);
    return answer;
}

/* Store the packed children, which steps with these labels led to from state `from`.  False if
 * there is no room for them. */
static bool put_children(struct hs_sweep *sweep, const struct hs_graph *graph,
    struct expansion *expansion, uint32_t from, const uint32_t *labels, unsigned count)
{
    uint64_t roots[TOGETHER];
    for (unsigned i = 0; i < count; i++)
        hs_store_look_ahead(sweep->store, &expansion->children[i]);
    for (unsigned i = 0; i < count; i++) {
        roots[i] = root_of(sweep, &expansion->children[i]);
        if (!roots[i])
            return false;
    }
    for (unsigned i = 0; i < count; i++) {
        enum hs_put answer = put_root(sweep, roots[i]);
        if (answer == HS_PUT_FULL ||
            (answer == HS_PUT_NEW && !note_state(sweep, graph, expansion, &expansion->children[i],
                                         roots[i], from, labels[i])))
            return false;
    }
    return true;
}

static bool expand(struct hs_sweep *sweep, const struct hs_graph *graph,
    struct expansion *expansion, uint32_t number)
{
    if (sweep->count - number > AHEAD)
        hs_store_expect(sweep->store, sweep->roots[number + AHEAD]);
    hs_store_get(sweep->store, sweep->roots[number], &expansion->parent);
    unsigned count = graph->list(graph->context, expansion->parent.words, expansion->labels);
    for (unsigned taken = 0; taken < count; taken += TOGETHER) {
        const uint32_t *labels = expansion->labels + taken;
        unsigned some = count - taken < TOGETHER ? count - taken : TOGETHER;
        for (unsigned i = 0; i < some; i++) {
            struct hs_tree *child = &expansion->children[i];
            memcpy(child->words, expansion->parent.words, graph->words * sizeof(uint64_t));
            graph->take(graph->context, child->words, labels[i]);
            hs_store_pack(sweep->store, &expansion->parent, child);
        }
        if (!put_children(sweep, graph, expansion, number, labels, some))
            return false;
    }
    sweep->taken += count;
    return true;
}

/* May the sweep go on?  If not, says why. */
static bool may_go_on(struct hs_sweep *sweep, const struct hs_search_options *options, double start)
{
    if (options->interrupted && *options->interrupted)
        sweep->end = HS_SEARCH_INTERRUPTED;
    else if (options->timeout > 0 && hs_now() - start > options->timeout)
        sweep->end = HS_SEARCH_TIMED_OUT;
    else if (!hs_store_grow(sweep->store)) /* before looking something up takes long */
        sweep->end = HS_SEARCH_OUT_OF_MEMORY;
    else
        return true;
    return false;
}

void hs_sweep_run(const struct hs_graph *graph, const void *start,
    const struct hs_search_options *options, struct hs_sweep *sweep)
{
    enum { OFTEN = 1024 };
    double begin = hs_now();
    struct expansion *expansion = calloc(1, sizeof(*expansion));
    memset(sweep, 0, sizeof(*sweep));
    sweep->end = HS_SEARCH_OUT_OF_MEMORY;
    sweep->store = hs_graph_store(graph, 1, options->memory);
    if (!expansion || !sweep->store)
        goto out;
    struct hs_tree *first = &expansion->children[0];
    memcpy(first->words, start, graph->words * sizeof(uint64_t));
    hs_store_pack(sweep->store, NULL, first);
    bool good = put_children(sweep, graph, expansion, HS_SWEEP_START, &(uint32_t){0}, 1);
    for (uint32_t number = 0; good && number < sweep->count; number++)
        good = (number % OFTEN || may_go_on(sweep, options, begin)) &&
               expand(sweep, graph, expansion, number);
    sweep->complete = good;
    if (good)
        sweep->end = HS_SEARCH_COMPLETE;
out:
    free(expansion);
}

void hs_sweep_close(struct hs_sweep *sweep)
{
    hs_store_free(sweep->store);
    free(sweep->roots);
    free(sweep->parents);
    free(sweep->labels);
}

bool hs_sweep_trace(const struct hs_sweep *sweep, unsigned flag, struct hs_trace *trace)
{
    uint32_t found = sweep->first[flag];
    unsigned length = 0;
    for (uint32_t at = found; sweep->parents[at] != HS_SWEEP_START; at = sweep->parents[at])
        length++;
    if (length > HS_TRACE_MAX)
        return false;
    trace->length = length;
    for (uint32_t at = found; length > 0; at = sweep->parents[at])
        trace->labels[--length] = sweep->labels[at];
    return true;
}
