/* Breadth-first by one thread, with a parent for each state. */
#include "sweep.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The state being expanded, its steps, and a successor. */
struct expansion {
    uint32_t capacity; /* of the arrays of the sweep */
    uint32_t labels[HS_LABELS_MAX];
    struct hs_tree parent;
    struct hs_tree child;
};

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

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

/* Put the child into the store.  False if there is no room for it. */
static bool put(struct hs_sweep *sweep, const struct hs_graph *graph, struct expansion *expansion,
    uint32_t from, uint32_t label)
{
    uint64_t root;
    uint32_t number = sweep->count;
    const struct hs_tree *parent = from == HS_SWEEP_START ? NULL : &expansion->parent;
    if (!has_room(sweep, expansion))
        return false;
    enum hs_put answer = hs_store_put(sweep->store, 0, parent, &expansion->child, &root);
    if (answer == HS_PUT_FULL) {
        if (!hs_store_grow(sweep->store))
            return false;
        answer = hs_store_put(sweep->store, 0, parent, &expansion->child, &root);
    }
    if (answer != HS_PUT_NEW)
        return answer == HS_PUT_KNOWN;
    sweep->roots[number] = root;
    sweep->parents[number] = from;
    sweep->labels[number] = label;
    sweep->count = number + 1;
    note_flags(sweep, graph->flags(graph->context, expansion->child.words, NULL, 0), number);
    return true;
}

static bool expand(struct hs_sweep *sweep, const struct hs_graph *graph,
    struct expansion *expansion, uint32_t number)
{
    hs_store_get(sweep->store, sweep->roots[number], &expansion->parent);
    unsigned count = graph->list(graph->context, expansion->parent.words, expansion->labels);
    for (unsigned i = 0; i < count; i++) {
        memcpy(expansion->child.words, expansion->parent.words, graph->words * sizeof(uint64_t));
        graph->take(graph->context, expansion->child.words, expansion->labels[i]);
        if (!put(sweep, graph, expansion, number, expansion->labels[i]))
            return false;
        sweep->fired |= UINT64_C(1) << graph->kind(expansion->labels[i]);
    }
    sweep->taken += count;
    return true;
}

/* May the sweep go on?  If not, says why. */
static bool may_go_on(struct hs_sweep *sweep, const struct hs_search_options *options, double start)
{
    if (options->interrupted && *options->interrupted)
        sweep->end = HS_SEARCH_INTERRUPTED;
    else if (options->timeout > 0 && now() - start > options->timeout)
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
    double begin = now();
    struct expansion *expansion = calloc(1, sizeof(*expansion));
    memset(sweep, 0, sizeof(*sweep));
    sweep->end = HS_SEARCH_OUT_OF_MEMORY;
    sweep->store = hs_graph_store(graph, 1, options->memory);
    if (!expansion || !sweep->store)
        goto out;
    memcpy(expansion->child.words, start, graph->words * sizeof(uint64_t));
    bool good = put(sweep, graph, expansion, HS_SWEEP_START, 0);
    for (uint32_t number = 0; good && number < sweep->count; number++)
        good = (number % OFTEN || may_go_on(sweep, options, begin)) &&
               expand(sweep, graph, expansion, number);
    sweep->complete = good;
    if (good)
        sweep->end = HS_SEARCH_COMPLETE;
out:
    sweep->seconds = now() - begin;
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
