/* The first shortest way to a state: a second search, by one thread and in one fixed order. */
#include "witness.h"

#include <stdlib.h>
#include <string.h>

/* Does a flag hold in a state?  For flags that do not depend on the enabled steps. */
static bool holds(const struct hs_graph *graph, const void *state, unsigned flag)
{
    return graph->flags(graph->context, state, NULL, 0) >> flag & 1u;
}

/* The state being expanded, its enabled steps, and one successor. */
struct expansion {
    uint32_t labels[HS_LABELS_MAX];
    struct hs_tree parent;
    struct hs_tree child;
};

struct tracer {
    const struct hs_graph *graph;
    const struct hs_search *search;
    unsigned flag;
    const uint64_t *set;
    struct hs_store *store; /* of its own: filled in one fixed order */
    uint32_t *parents;
    uint32_t capacity;
    uint32_t count; /* states found */
    struct expansion *expansion;
    struct hs_tree asked;
};

static bool is_target(struct tracer *tracer, const struct hs_tree *tree)
{
    uint32_t found;
    if (!tracer->set)
        return holds(tracer->graph, tree->words, tracer->flag);
    memcpy(tracer->asked.words, tree->words, tracer->graph->words * sizeof(uint64_t));
    return hs_store_put(tracer->search->store, 0, NULL, &tracer->asked, &found) == HS_PUT_KNOWN &&
           hs_set_has(tracer->set, found);
}

static bool note_parent(struct tracer *tracer, uint32_t number, uint32_t parent)
{
    if (number >= tracer->capacity) {
        uint32_t capacity = (number + 1) * 2;
        uint32_t *parents = realloc(tracer->parents, capacity * sizeof(*parents));
        if (!parents)
            return false;
        tracer->parents = parents;
        tracer->capacity = capacity;
    }
    tracer->parents[number] = parent;
    tracer->count = number + 1;
    return true;
}

/* Expand state `from` for the first time or again; *found is a target among its successors. */
static enum hs_put trace_from(struct tracer *tracer, uint32_t from, uint32_t *found)
{
    struct expansion *expansion = tracer->expansion;
    const struct hs_graph *graph = tracer->graph;
    hs_store_get(tracer->store, from, &expansion->parent);
    unsigned count = graph->list(graph->context, expansion->parent.words, expansion->labels);
    for (unsigned i = 0; i < count && *found == HS_STORE_NOTHING; i++) {
        uint32_t child;
        memcpy(expansion->child.words, expansion->parent.words, graph->words * sizeof(uint64_t));
        graph->take(graph->context, expansion->child.words, expansion->labels[i]);
        enum hs_put put =
            hs_store_put(tracer->store, 0, &expansion->parent, &expansion->child, &child);
        if (put == HS_PUT_FULL || (put == HS_PUT_NEW && !note_parent(tracer, child, from)))
            return HS_PUT_FULL;
        if (put == HS_PUT_NEW && is_target(tracer, &expansion->child))
            *found = child;
    }
    return HS_PUT_KNOWN;
}

/* The number of the first target in breadth-first order, or HS_STORE_NOTHING. */
static uint32_t find_target(struct tracer *tracer, const void *start)
{
    uint32_t found = HS_STORE_NOTHING;
    uint32_t first;
    struct hs_tree *tree = &tracer->expansion->child;
    memcpy(tree->words, start, tracer->graph->words * sizeof(uint64_t));
    if (hs_store_put(tracer->store, 0, NULL, tree, &first) == HS_PUT_FULL ||
        !note_parent(tracer, first, HS_STORE_NOTHING))
        return HS_STORE_NOTHING;
    if (is_target(tracer, tree))
        return first;
    /* One thread gives numbers without gaps, in the order of discovery. */
    for (uint32_t number = 0; found == HS_STORE_NOTHING; number++) {
        struct hs_tree *probe = &tracer->expansion->parent;
        if (number == tracer->count || !hs_store_get(tracer->store, number, probe))
            break;
        if (number % 1024 == 0 && !hs_store_grow(tracer->store))
            break;
        if (trace_from(tracer, number, &found) == HS_PUT_FULL)
            break;
    }
    return found;
}

/* The label of the step that led from one state to the other. */
static uint32_t label_between(struct tracer *tracer, uint32_t from, uint32_t to)
{
    struct expansion *expansion = tracer->expansion;
    const struct hs_graph *graph = tracer->graph;
    hs_store_get(tracer->store, to, &tracer->asked);
    hs_store_get(tracer->store, from, &expansion->parent);
    unsigned count = graph->list(graph->context, expansion->parent.words, expansion->labels);
    for (unsigned i = 0; i < count; i++) {
        memcpy(expansion->child.words, expansion->parent.words, graph->words * sizeof(uint64_t));
        graph->take(graph->context, expansion->child.words, expansion->labels[i]);
        if (memcmp(expansion->child.words, tracer->asked.words, graph->words * sizeof(uint64_t)) ==
            0)
            return expansion->labels[i];
    }
    return HS_STORE_NOTHING;
}

static bool trace_back(struct tracer *tracer, uint32_t target, struct hs_witness *witness)
{
    unsigned length = 0;
    for (uint32_t at = target; tracer->parents[at] != HS_STORE_NOTHING; at = tracer->parents[at])
        length++;
    if (length > HS_WITNESS_MAX)
        return false;
    witness->length = length;
    for (uint32_t at = target; length > 0; at = tracer->parents[at])
        witness->labels[--length] = label_between(tracer, tracer->parents[at], at);
    return true;
}

bool hs_search_witness(const struct hs_graph *graph, const void *start,
    const struct hs_search *search, unsigned flag, const uint64_t *set, size_t memory,
    struct hs_witness *witness)
{
    struct tracer tracer = {.graph = graph, .search = search, .flag = flag, .set = set};
    bool good = false;
    tracer.store = hs_store_new(graph->words, 1, memory);
    tracer.expansion = calloc(1, sizeof(*tracer.expansion));
    if (tracer.store && tracer.expansion) {
        uint32_t target = find_target(&tracer, start);
        good = target != HS_STORE_NOTHING && trace_back(&tracer, target, witness);
    }
    hs_store_free(tracer.store);
    free(tracer.expansion);
    free(tracer.parents);
    return good;
}
