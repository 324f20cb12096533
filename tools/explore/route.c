/* SPDX-License-Identifier: BSD-3-Clause */
/* Uniform-cost search. */
#include "route.h"

#include <stdlib.h>
#include <string.h>

enum { NOTHING = UINT32_MAX };
static const size_t memory_max = (size_t)4 << 30; /* bytes, far more than the bound lets it use */

/* What is known of a node. */
struct place {
    uint64_t cost;   /* of the cheapest way to it so far */
    uint32_t parent; /* the node before it on that way, or NOTHING */
    uint32_t label;  /* the branch taken there */
};

/* A node that waits to be looked at: the cheapest first, of equals the one that came first. */
struct waiting {
    uint64_t cost;
    uint64_t turn;
    uint32_t number;
};

struct finder {
    const struct hs_route_space *space;
    uint32_t bound;
    struct hs_store *store;
    struct place *places; /* by number of the store */
    uint32_t capacity;
    struct waiting *heap;
    size_t heap_count;
    size_t heap_capacity;
    uint64_t turns;
    struct hs_branch branches[HS_LABELS_MAX];
    struct hs_tree node;
    struct hs_tree next;
};

/* ---- the nodes that wait: a binary heap ------------------------------------------------------ */

static bool is_before(const struct waiting *a, const struct waiting *b)
{
    return a->cost != b->cost ? a->cost < b->cost : a->turn < b->turn;
}

static void swap(struct waiting *a, struct waiting *b)
{
    struct waiting kept = *a;
    *a = *b;
    *b = kept;
}

static bool push(struct finder *finder, uint64_t cost, uint32_t number)
{
    if (finder->heap_count == finder->heap_capacity) {
        size_t more = (finder->heap_capacity + 32) * 2;
        struct waiting *wider = realloc(finder->heap, more * sizeof(*wider));
        if (!wider)
            return false;
        finder->heap = wider;
        finder->heap_capacity = more;
    }
    struct waiting *heap = finder->heap;
    size_t at = finder->heap_count++;
    heap[at] = (struct waiting){cost, finder->turns++, number};
    while (at > 0 && is_before(&heap[at], &heap[(at - 1) / 2])) {
        swap(&heap[at], &heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    return true;
}

/* The first of a heap that is not empty. */
static struct waiting pop(struct finder *finder)
{
    struct waiting *heap = finder->heap;
    struct waiting first = heap[0];
    heap[0] = heap[--finder->heap_count];
    for (size_t at = 0;;) {
        size_t least = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2; child++) {
            if (child < finder->heap_count && is_before(&heap[child], &heap[least]))
                least = child;
        }
        if (least == at)
            return first;
        swap(&heap[at], &heap[least]);
        at = least;
    }
}

/* ---- the search ------------------------------------------------------------------------------ */

/* Room for what is known of the node with this number, which is nothing at first. */
static bool make_room(struct finder *finder, uint32_t number)
{
    if (number < finder->capacity)
        return true;
    uint32_t more = (number + 32) * 2;
    struct place *wider = realloc(finder->places, more * sizeof(*wider));
    if (!wider)
        return false;
    for (uint32_t i = finder->capacity; i < more; i++)
        wider[i].cost = UINT64_MAX;
    finder->places = wider;
    finder->capacity = more;
    return true;
}

/* There is a way to `finder->next`: wait there, unless one as cheap is known. */
static bool arrive(struct finder *finder, struct place place)
{
    uint64_t root;
    const struct hs_tree *parent = place.parent == NOTHING ? NULL : &finder->node;
    hs_store_pack(finder->store, parent, &finder->next);
    root = hs_store_root(finder->store, 0, &finder->next);
    uint32_t number = root ? hs_store_number(finder->store, root) : 0;
    if (!number || !make_room(finder, number))
        return false;
    if (finder->places[number].cost <= place.cost)
        return true;
    finder->places[number] = place;
    return push(finder, place.cost, number);
}

static bool branch_out(struct finder *finder, struct waiting from)
{
    const struct hs_route_space *space = finder->space;
    unsigned count = space->list(space->context, finder->node.words, finder->branches);
    for (unsigned i = 0; i < count; i++) {
        struct hs_branch branch = finder->branches[i];
        memcpy(finder->next.words, finder->node.words, space->words * sizeof(uint64_t));
        space->take(space->context, finder->next.words, branch.label);
        if (!arrive(finder, (struct place){from.cost + branch.cost, from.number, branch.label}))
            return false;
    }
    return true;
}

/* *goal is the first cheapest one, if there is one. */
static enum hs_route search(struct finder *finder, uint32_t *goal)
{
    const struct hs_route_space *space = finder->space;
    for (uint32_t looked_at = 0; finder->heap_count; looked_at++) {
        struct waiting from = pop(finder);
        if (from.cost > finder->places[from.number].cost)
            continue; /* a cheaper way was found while it waited */
        hs_store_get(finder->store, hs_store_numbered(finder->store, from.number), &finder->node);
        if (space->is_goal(space->context, finder->node.words)) {
            *goal = from.number;
            return HS_ROUTE_FOUND;
        }
        if (looked_at == finder->bound || (looked_at % 256 == 0 && !hs_store_grow(finder->store)) ||
            !branch_out(finder, from))
            return HS_ROUTE_GAVE_UP;
    }
    return HS_ROUTE_NONE;
}

static bool trace(const struct finder *finder, uint32_t goal, struct hs_witness *way)
{
    const struct place *places = finder->places;
    unsigned length = 0;
    for (uint32_t at = goal; places[at].parent != NOTHING; at = places[at].parent)
        length++;
    if (length > HS_WITNESS_MAX)
        return false;
    way->length = length;
    for (uint32_t at = goal; length > 0; at = places[at].parent)
        way->labels[--length] = places[at].label;
    return true;
}

enum hs_route hs_route_find(const struct hs_route_space *space, const uint64_t *start,
    uint32_t bound, struct hs_witness *way)
{
    enum hs_route answer = HS_ROUTE_GAVE_UP;
    struct finder *finder = calloc(1, sizeof(*finder));
    if (!finder)
        return answer;
    uint32_t goal = NOTHING;
    finder->space = space;
    finder->bound = bound;
    finder->store = hs_store_new(space->words, NULL, 1, memory_max);
    memcpy(finder->next.words, start, space->words * sizeof(uint64_t));
    if (finder->store && arrive(finder, (struct place){0, NOTHING, 0}))
        answer = search(finder, &goal);
    if (answer == HS_ROUTE_FOUND && !trace(finder, goal, way))
        answer = HS_ROUTE_GAVE_UP;
    hs_store_free(finder->store);
    free(finder->places);
    free(finder->heap);
    free(finder);
    return answer;
}
