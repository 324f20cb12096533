/* SPDX-License-Identifier: BSD-3-Clause */
/* Shortest runs to goals: a second search, by one thread and in one fixed order. */
#include "witness.h"

#include "clock.h"
#include "reach.h"

#include <stdlib.h>
#include <string.h>

/* ---- goals and runs -------------------------------------------------------------------------- */

/* Replace a state by the one that stands for it. */
static void stand_in(const struct hs_graph *graph, void *state)
{
    if (graph->canonical)
        graph->canonical(graph->context, state);
}

bool hs_is_goal(const struct hs_graph *graph, const struct hs_goal *goal, const void *state)
{
    struct hs_tree asked;
    uint64_t root;
    if (goal->state)
        return memcmp(state, goal->state, graph->words * sizeof(uint64_t)) == 0;
    if (!goal->set)
        return graph->flags(graph->context, state, NULL, 0) >> goal->flag & 1u;
    memcpy(asked.words, state, graph->words * sizeof(uint64_t));
    stand_in(graph, asked.words);
    hs_store_pack(goal->search->store, NULL, &asked);
    root = hs_store_root(goal->search->store, 0, &asked);
    if (!root)
        return false; /* its parts are new, so it is */
    return hs_set_has(goal->set, hs_store_place(goal->search->store, root));
}

bool hs_label_listed(const uint32_t *labels, unsigned count, uint32_t label)
{
    for (unsigned i = 0; i < count; i++) {
        if (labels[i] == label)
            return true;
    }
    return false;
}

bool hs_witness_replay(const struct hs_graph *graph, const struct hs_witness *witness, void *state)
{
    for (unsigned i = 0; i < witness->length; i++) {
        uint32_t labels[HS_LABELS_MAX];
        unsigned count = graph->list(graph->context, state, labels);
        if (!hs_label_listed(labels, count, witness->labels[i]))
            return false;
        graph->take(graph->context, state, witness->labels[i]);
    }
    return true;
}

/* ---- the search ------------------------------------------------------------------------------ */

enum { NOTHING = UINT32_MAX };
/* Successors are stored together, so that the cache misses overlap; and the states that will soon
 * be expanded are fetched ahead. */
enum { TOGETHER = 16, AHEAD = 4 };

struct origin {
    uint64_t root;   /* of the state */
    uint32_t parent; /* the number of the state before it, or NOTHING */
};

/* The states are numbered as they are found. */
struct hs_witness_search {
    const struct hs_graph *graph;
    const struct hs_goal *goal;
    const struct hs_effort *effort;
    int interrupts;         /* before it began */
    struct hs_store *store; /* of its own */
    struct origin *origins; /* by number */
    uint32_t capacity;      /* of origins */
    uint32_t count;         /* states found */
    uint32_t next;          /* the state to be expanded next */
    uint32_t level;         /* the first state that is a step further from the start than it */
    unsigned depth;         /* of the states before that one */
    bool is_over;           /* the effort does not suffice to go on */
    uint32_t *goals;        /* the numbers of those found, ascending */
    uint32_t goal_count;
    uint32_t goal_capacity;
    uint32_t handed_out; /* of goals */
    uint32_t passed;     /* goals whose turn to be expanded has come and gone */
    uint64_t start[HS_STORE_WORDS_MAX];
    uint32_t labels[HS_LABELS_MAX];
    struct hs_tree parent;
    struct hs_tree children[TOGETHER];
};

/* An array of elements of `size` bytes that has room for one more; NULL if there is no memory. */
static void *with_room(void *array, uint32_t *capacity, uint32_t count, size_t size)
{
    if (count < *capacity)
        return array;
    uint32_t more = (count + 1) * 2;
    void *wider = realloc(array, more * size);
    if (wider)
        *capacity = more;
    return wider;
}

static bool note_origin(struct hs_witness_search *search, uint64_t root, uint32_t parent)
{
    struct origin *origins =
        with_room(search->origins, &search->capacity, search->count, sizeof(*origins));
    if (!origins)
        return false;
    search->origins = origins;
    origins[search->count++] = (struct origin){root, parent};
    return true;
}

static bool note_goal(struct hs_witness_search *search, uint32_t number)
{
    uint32_t *goals =
        with_room(search->goals, &search->goal_capacity, search->goal_count, sizeof(*goals));
    if (!goals)
        return false;
    search->goals = goals;
    goals[search->goal_count++] = number;
    return true;
}

/* Note the child with this root if it is new; false if there is no room. */
static bool meet(
    struct hs_witness_search *search, uint32_t parent, const struct hs_tree *child, uint64_t root)
{
    uint32_t number = search->count;
    switch (hs_store_put_root(search->store, 0, root)) {
    case HS_PUT_FULL:
        return false;
    case HS_PUT_KNOWN:
        return true;
    case HS_PUT_NEW:
        break;
    }
    return note_origin(search, root, parent) &&
           (!hs_is_goal(search->graph, search->goal, child->words) || note_goal(search, number));
}

/* Store the first `count` children, which are packed; false if there is no room. */
static bool meet_all(struct hs_witness_search *search, uint32_t parent, unsigned count)
{
    uint64_t roots[TOGETHER];
    for (unsigned i = 0; i < count; i++)
        hs_store_look_ahead(search->store, &search->children[i]);
    for (unsigned i = 0; i < count; i++) {
        roots[i] = hs_store_root(search->store, 0, &search->children[i]);
        if (!roots[i])
            return false;
    }
    for (unsigned i = 0; i < count; i++) {
        if (!meet(search, parent, &search->children[i], roots[i]))
            return false;
    }
    return true;
}

static bool may_go_on(struct hs_witness_search *search)
{
    const struct hs_effort *effort = search->effort;
    if (effort->states && search->count > effort->states)
        return false;
    if (effort->interrupted && *effort->interrupted > search->interrupts)
        return false;
    if (hs_time_is_over(effort->until))
        return false;
    return hs_store_grow(search->store);
}

/* Take a step from the parent. */
static void take_into(struct hs_witness_search *search, uint32_t label, struct hs_tree *child)
{
    const struct hs_graph *graph = search->graph;
    memcpy(child->words, search->parent.words, graph->words * sizeof(uint64_t));
    graph->take(graph->context, child->words, label);
    stand_in(graph, child->words);
}

/* Is every goal behind the child of the state that is being expanded too far from the start? */
static bool is_too_far(const struct hs_witness_search *search, const struct hs_tree *child)
{
    const struct hs_goal *goal = search->goal;
    return goal->least && search->depth + 1 + goal->least(goal->context, child->words) > goal->most;
}

/* Take these steps from the parent; returns how many children are not too far. */
static unsigned take_some(struct hs_witness_search *search, const uint32_t *labels, unsigned count)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < count; i++) {
        take_into(search, labels[i], &search->children[kept]);
        kept += !is_too_far(search, &search->children[kept]);
    }
    return kept;
}

/* The start; false if there is no room. */
static bool begin(struct hs_witness_search *search)
{
    struct hs_tree *first = &search->children[0];
    memcpy(first->words, search->start, search->graph->words * sizeof(uint64_t));
    stand_in(search->graph, first->words);
    hs_store_pack(search->store, NULL, first);
    return meet_all(search, NOTHING, 1);
}

/* Expand the next state; false if there is none left, or if the effort does not suffice. */
static bool expand_next(struct hs_witness_search *search)
{
    const struct hs_graph *graph = search->graph;
    uint32_t from = search->next;
    if (from == search->count)
        return false;
    if (from % 1024 == 0 && !may_go_on(search)) {
        search->is_over = true;
        return false;
    }
    if (from == search->level) {
        search->level = search->count;
        search->depth++;
    }
    search->next++;
    if (search->passed < search->goal_count && search->goals[search->passed] == from) {
        search->passed++;
        return true;
    }
    if (search->count - from > AHEAD)
        hs_store_expect(search->store, search->origins[from + AHEAD].root);
    hs_store_get(search->store, search->origins[from].root, &search->parent);
    unsigned count = graph->list(graph->context, search->parent.words, search->labels);
    for (unsigned taken = 0; taken < count; taken += TOGETHER) {
        unsigned some = count - taken < TOGETHER ? count - taken : TOGETHER;
        unsigned kept = take_some(search, search->labels + taken, some);
        for (unsigned i = 0; i < kept; i++)
            hs_store_pack(search->store, &search->parent, &search->children[i]);
        if (!meet_all(search, from, kept)) {
            search->is_over = true;
            return false;
        }
    }
    return true;
}

struct hs_witness_search *hs_witness_search_new(const struct hs_graph *graph, const void *start,
    const struct hs_goal *goal, const struct hs_effort *effort)
{
    struct hs_witness_search *search = calloc(1, sizeof(*search));
    if (!search)
        return NULL;
    search->graph = graph;
    search->goal = goal;
    search->effort = effort;
    search->interrupts = effort->interrupted ? *effort->interrupted : 0;
    search->store = hs_graph_store(graph, 1, effort->memory);
    memcpy(search->start, start, graph->words * sizeof(uint64_t));
    search->level = 1; /* the start has depth 0 */
    if (!search->store || !begin(search)) {
        hs_witness_search_free(search);
        return NULL;
    }
    return search;
}

void hs_witness_search_free(struct hs_witness_search *search)
{
    if (!search)
        return;
    hs_store_free(search->store);
    free(search->origins);
    free(search->goals);
    free(search);
}

/* ---- the way back, and forward again --------------------------------------------------------- */

/* The first step from `state` to one that the state `number` stands for; takes it. */
static uint32_t step_towards(struct hs_witness_search *search, uint64_t *state, uint32_t number)
{
    const struct hs_graph *graph = search->graph;
    size_t size = graph->words * sizeof(uint64_t);
    hs_store_get(search->store, search->origins[number].root, &search->parent);
    unsigned count = graph->list(graph->context, state, search->labels);
    for (unsigned i = 0; i < count; i++) {
        uint64_t next[HS_STORE_WORDS_MAX];
        memcpy(next, state, size);
        graph->take(graph->context, next, search->labels[i]);
        memcpy(search->children[0].words, next, size);
        stand_in(graph, search->children[0].words);
        if (memcmp(search->children[0].words, search->parent.words, size) == 0) {
            memcpy(state, next, size);
            return search->labels[i];
        }
    }
    return NOTHING;
}

/* Between two states that others stand for, in the finer graph. */
struct passage {
    const struct hs_graph *graph;
    const uint64_t *from;
    const uint64_t *to;
};

static bool stands_for(const struct hs_graph *graph, const uint64_t *canonical, const void *state)
{
    uint64_t asked[HS_STORE_WORDS_MAX];
    size_t size = graph->words * sizeof(uint64_t);
    memcpy(asked, state, size);
    stand_in(graph, asked);
    return memcmp(asked, canonical, size) == 0;
}

/* What lies beyond the two is not looked at. */
static unsigned list_passage(void *context, const void *state, uint32_t *labels)
{
    const struct passage *passage = context;
    const struct hs_graph *finer = passage->graph->finer;
    return stands_for(passage->graph, passage->from, state)
               ? finer->list(finer->context, state, labels)
               : 0;
}

static void take_passage(void *context, void *state, uint32_t label)
{
    const struct passage *passage = context;
    passage->graph->finer->take(passage->graph->finer->context, state, label);
}

static bool is_through(void *context, const void *state)
{
    const struct passage *passage = context;
    return stands_for(passage->graph, passage->to, state);
}

/* A shortest way in the finer graph from `state` to one that the state `number` stands for, through
 * states that stand for what `state` does; takes it, and adds its steps to the run. */
static bool pass(
    struct hs_witness_search *search, uint64_t *state, uint32_t number, struct hs_witness *witness)
{
    enum { BOUND = 1 << 16 };
    const struct hs_graph *graph = search->graph;
    uint64_t from[HS_STORE_WORDS_MAX];
    struct hs_way way;
    struct passage passage = {graph, from, search->parent.words};
    struct hs_space space = {.state_size = graph->words * sizeof(uint64_t),
        .labels = HS_LABELS_MAX,
        .context = &passage,
        .list = list_passage,
        .take = take_passage,
        .is_goal = is_through};
    hs_store_get(search->store, search->origins[number].root, &search->parent);
    memcpy(from, state, space.state_size);
    stand_in(graph, from);
    if (hs_reach(&space, state, BOUND, &way, NULL) != HS_REACHED ||
        witness->length + way.length > HS_WITNESS_MAX)
        return false;
    for (unsigned i = 0; i < way.length; i++) {
        witness->labels[witness->length++] = way.labels[i];
        take_passage(&passage, state, way.labels[i]);
    }
    return true;
}

/* The next state of the run. */
static bool walk_on(
    struct hs_witness_search *search, uint64_t *state, uint32_t number, struct hs_witness *witness)
{
    if (search->graph->finer)
        return pass(search, state, number, witness);
    uint32_t label = step_towards(search, state, number);
    witness->labels[witness->length++] = label;
    return label != NOTHING;
}

/* What is stored stands for states like it: the run is walked from the start as it is. */
static bool walk_to(struct hs_witness_search *search, uint32_t goal, struct hs_witness *witness)
{
    uint32_t numbers[HS_WITNESS_MAX];
    uint64_t state[HS_STORE_WORDS_MAX];
    unsigned length = 0;
    for (uint32_t at = goal; search->origins[at].parent != NOTHING;
         at = search->origins[at].parent) {
        if (length == HS_WITNESS_MAX)
            return false;
        numbers[length++] = at;
    }
    memcpy(state, search->start, search->graph->words * sizeof(uint64_t));
    witness->length = 0;
    while (length > 0) {
        if (!walk_on(search, state, numbers[--length], witness))
            return false;
    }
    return true;
}

enum hs_witness_end hs_witness_search_next(
    struct hs_witness_search *search, struct hs_witness *witness)
{
    while (search->handed_out == search->goal_count) {
        if (search->is_over || !expand_next(search))
            return search->is_over ? HS_WITNESS_GAVE_UP : HS_WITNESS_NONE;
    }
    bool good = walk_to(search, search->goals[search->handed_out++], witness);
    return good ? HS_WITNESS_FOUND : HS_WITNESS_GAVE_UP;
}

enum hs_witness_end hs_witness_find(const struct hs_graph *graph, const void *start,
    const struct hs_goal *goal, const struct hs_effort *effort, struct hs_witness *witness)
{
    struct hs_witness_search *search = hs_witness_search_new(graph, start, goal, effort);
    enum hs_witness_end answer =
        search ? hs_witness_search_next(search, witness) : HS_WITNESS_GAVE_UP;
    hs_witness_search_free(search);
    return answer;
}
