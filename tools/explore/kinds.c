/* SPDX-License-Identifier: BSD-3-Clause */
/* Witnesses of different kinds. */
#include "kinds.h"

#include "error.h"
#include "interleaving.h"

#include <stdlib.h>
#include <string.h>

/* What makes a witness different from others. */
struct kind {
    unsigned length;
    uint32_t names[HS_WITNESS_MAX];  /* of the steps as they were found */
    uint32_t sorted[HS_WITNESS_MAX]; /* the same without their order */
    uint64_t end[HS_STORE_WORDS_MAX];
};

struct collection {
    const struct hs_graph *graph;
    const void *start;
    const struct hs_goal *goal;
    uint32_t bound;
    unsigned count;
    struct kind kinds[HS_KINDS_LIMIT + 1]; /* the last is the candidate's */
};

/* ---- no step too many ------------------------------------------------------------------------ */

/* Leave out a step, and whatever is then no longer enabled.  False if that misses the goal. */
static bool leave_out(const struct hs_graph *graph, const void *start, const struct hs_goal *goal,
    const struct hs_witness *witness, unsigned without, struct hs_witness *shorter)
{
    uint64_t state[HS_STORE_WORDS_MAX];
    memcpy(state, start, graph->words * sizeof(uint64_t));
    shorter->length = 0;
    for (unsigned i = 0; i < witness->length; i++) {
        uint32_t labels[HS_LABELS_MAX];
        unsigned count = i == without ? 0 : graph->list(graph->context, state, labels);
        if (!hs_label_listed(labels, count, witness->labels[i]))
            continue;
        graph->take(graph->context, state, witness->labels[i]);
        shorter->labels[shorter->length++] = witness->labels[i];
    }
    return hs_is_goal(graph, goal, state);
}

void hs_leave_out_all(const struct hs_graph *graph, const void *start, const struct hs_goal *goal,
    struct hs_witness *witness)
{
    struct hs_witness *shorter = hs_must(malloc(sizeof(*shorter)));
    for (bool again = true; again;) {
        again = false;
        for (unsigned i = 0; i < witness->length; i++) {
            if (!leave_out(graph, start, goal, witness, i, shorter))
                continue;
            *witness = *shorter;
            again = true;
        }
    }
    free(shorter);
}

/* ---- kinds ----------------------------------------------------------------------------------- */

static_assert(HS_KINDS_MAX <= UINT32_MAX / HS_WITNESS_MAX,
    "HS_KINDS_MAX is too large: a kind and a thing no longer fit a name");

/* The kind of each step, and of which thing it is: the first, the second that comes up, ... */
static void name_steps(
    const struct hs_graph *graph, const struct hs_witness *witness, uint32_t *names)
{
    unsigned things[HS_WITNESS_MAX];
    unsigned known = 0;
    for (unsigned i = 0; i < witness->length; i++) {
        unsigned thing = graph->thing ? graph->thing(witness->labels[i]) : HS_NO_THING;
        unsigned place = 0;
        while (place < known && things[place] != thing)
            place++;
        if (place == known)
            things[known++] = thing;
        names[i] = graph->kind(witness->labels[i]) * HS_WITNESS_MAX + place;
    }
}

static int compare_names(const void *a, const void *b)
{
    uint32_t left;
    uint32_t right;
    memcpy(&left, a, sizeof(left));
    memcpy(&right, b, sizeof(right));
    return (left > right) - (left < right);
}

static void end_of(
    const struct collection *collection, const struct hs_witness *witness, uint64_t *state)
{
    const struct hs_graph *graph = collection->graph;
    memcpy(state, collection->start, graph->words * sizeof(uint64_t));
    hs_witness_replay(graph, witness, state);
}

static void note_end(
    const struct collection *collection, const struct hs_witness *witness, struct kind *kind)
{
    const struct hs_graph *graph = collection->graph;
    end_of(collection, witness, kind->end);
    if (graph->canonical)
        graph->canonical(graph->context, kind->end);
}

static void note_kind(
    const struct collection *collection, const struct hs_witness *witness, struct kind *kind)
{
    const struct hs_graph *graph = collection->graph;
    kind->length = witness->length;
    name_steps(graph, witness, kind->names);
    memcpy(kind->sorted, kind->names, witness->length * sizeof(uint32_t));
    qsort(kind->sorted, witness->length, sizeof(uint32_t), compare_names);
    note_end(collection, witness, kind);
}

static bool are_same(const uint32_t *a, const uint32_t *b, unsigned count)
{
    return memcmp(a, b, count * sizeof(*a)) == 0;
}

static bool is_same_kind(const struct kind *a, const struct kind *b, unsigned words)
{
    if (a->length != b->length || !are_same(a->sorted, b->sorted, a->length))
        return false;
    return are_same(a->names, b->names, a->length) ||
           memcmp(a->end, b->end, words * sizeof(uint64_t)) == 0;
}

/* Is the witness, as it was found, of a kind that is not there yet? */
static bool is_new(struct collection *collection, const struct hs_witness *witness)
{
    struct kind *kind = &collection->kinds[collection->count];
    note_kind(collection, witness, kind);
    for (unsigned i = 0; i < collection->count; i++) {
        if (is_same_kind(&collection->kinds[i], kind, collection->graph->words))
            return false;
    }
    return true;
}

/* The first witness may take its steps in any order that leads to a goal.  The others keep to
 * theirs as far as it makes a difference: it may be what makes them different. */
static void reorder(const struct collection *collection, struct hs_witness *witness)
{
    uint64_t end[HS_STORE_WORDS_MAX];
    struct hs_goal same = {.state = end};
    end_of(collection, witness, end);
    hs_interleaving_least_switches(collection->graph, collection->start,
        collection->count ? &same : collection->goal, collection->bound, witness);
}

static void collect(struct collection *collection, struct hs_witness_search *search,
    unsigned candidates, unsigned most, struct hs_witness *witnesses)
{
    struct hs_witness *witness = &witnesses[0];
    while (collection->count < most && candidates-- > 0 &&
           hs_witness_search_next(search, witness) == HS_WITNESS_FOUND) {
        hs_leave_out_all(collection->graph, collection->start, collection->goal, witness);
        if (!is_new(collection, witness))
            continue;
        reorder(collection, witness);
        note_end(collection, witness, &collection->kinds[collection->count]);
        witness = &witnesses[++collection->count];
    }
}

unsigned hs_kinds_find(const struct hs_graph *graph, const void *start, const struct hs_goal *goal,
    const struct hs_effort *effort, unsigned candidates, uint32_t bound, unsigned most,
    struct hs_witness *witnesses)
{
    struct collection *collection = malloc(sizeof(*collection));
    struct hs_witness_search *search = hs_witness_search_new(graph, start, goal, effort);
    unsigned count = 0;
    if (collection && search) {
        collection->graph = graph;
        collection->start = start;
        collection->goal = goal;
        collection->bound = bound;
        collection->count = 0;
        collect(collection, search, candidates, most, witnesses);
        count = collection->count;
    }
    hs_witness_search_free(search);
    free(collection);
    return count;
}
