/* Shortest runs to goals: a second search, by one thread and in one fixed order. */
#include "witness.h"

#include "reach.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

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

struct origin {
    uint64_t root;   /* of the state */
    uint32_t parent; /* the number of the state before it, or NOTHING */
};

/* The states are numbered as they are found. */
struct hs_hunt {
    const struct hs_graph *graph;
    const struct hs_goal *goal;
    const struct hs_effort *effort;
    int interrupts;         /* before it began */
    struct hs_store *store; /* of its own */
    struct origin *origins; /* by number */
    uint32_t capacity;      /* of origins */
    uint32_t count;         /* states found */
    uint32_t next;          /* the state to be expanded next */
    bool is_over;           /* the effort does not suffice to go on */
    uint32_t *goals;        /* the numbers of those found, ascending */
    uint32_t goal_count;
    uint32_t goal_capacity;
    uint32_t handed_out; /* of goals */
    uint32_t passed;     /* goals whose turn to be expanded has come and gone */
    uint64_t start[HS_STORE_WORDS_MAX];
    uint32_t labels[HS_LABELS_MAX];
    struct hs_tree parent;
    struct hs_tree child;
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

static bool note_origin(struct hs_hunt *hunt, uint64_t root, uint32_t parent)
{
    struct origin *origins =
        with_room(hunt->origins, &hunt->capacity, hunt->count, sizeof(*origins));
    if (!origins)
        return false;
    hunt->origins = origins;
    origins[hunt->count++] = (struct origin){root, parent};
    return true;
}

static bool note_goal(struct hs_hunt *hunt, uint32_t number)
{
    uint32_t *goals =
        with_room(hunt->goals, &hunt->goal_capacity, hunt->goal_count, sizeof(*goals));
    if (!goals)
        return false;
    hunt->goals = goals;
    goals[hunt->goal_count++] = number;
    return true;
}

/* Store the child if it is new; false if there is no room. */
static bool meet(struct hs_hunt *hunt, uint32_t parent)
{
    uint64_t root;
    uint32_t number = hunt->count;
    bool is_start = parent == NOTHING;
    stand_in(hunt->graph, hunt->child.words);
    switch (hs_store_put(hunt->store, 0, is_start ? NULL : &hunt->parent, &hunt->child, &root)) {
    case HS_PUT_FULL:
        return false;
    case HS_PUT_KNOWN:
        return true;
    case HS_PUT_NEW:
        break;
    }
    return note_origin(hunt, root, parent) &&
           (!hs_is_goal(hunt->graph, hunt->goal, hunt->child.words) || note_goal(hunt, number));
}

static bool may_go_on(struct hs_hunt *hunt)
{
    const struct hs_effort *effort = hunt->effort;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (effort->states && hunt->count > effort->states)
        return false;
    if (effort->interrupted && *effort->interrupted > hunt->interrupts)
        return false;
    if (effort->until > 0 && (double)now.tv_sec + (double)now.tv_nsec * 1e-9 > effort->until)
        return false;
    return hs_store_grow(hunt->store);
}

/* Expand the next state; false if there is none left, or if the effort does not suffice. */
static bool expand_next(struct hs_hunt *hunt)
{
    const struct hs_graph *graph = hunt->graph;
    uint32_t from = hunt->next;
    if (from == hunt->count)
        return false;
    if (from % 1024 == 0 && !may_go_on(hunt)) {
        hunt->is_over = true;
        return false;
    }
    hunt->next++;
    if (hunt->passed < hunt->goal_count && hunt->goals[hunt->passed] == from) {
        hunt->passed++;
        return true;
    }
    hs_store_get(hunt->store, hunt->origins[from].root, &hunt->parent);
    unsigned count = graph->list(graph->context, hunt->parent.words, hunt->labels);
    for (unsigned i = 0; i < count; i++) {
        memcpy(hunt->child.words, hunt->parent.words, graph->words * sizeof(uint64_t));
        graph->take(graph->context, hunt->child.words, hunt->labels[i]);
        if (!meet(hunt, from)) {
            hunt->is_over = true;
            return false;
        }
    }
    return true;
}

struct hs_hunt *hs_hunt_new(const struct hs_graph *graph, const void *start,
    const struct hs_goal *goal, const struct hs_effort *effort)
{
    struct hs_hunt *hunt = calloc(1, sizeof(*hunt));
    if (!hunt)
        return NULL;
    hunt->graph = graph;
    hunt->goal = goal;
    hunt->effort = effort;
    hunt->interrupts = effort->interrupted ? *effort->interrupted : 0;
    hunt->store = hs_graph_store(graph, 1, effort->memory);
    memcpy(hunt->start, start, graph->words * sizeof(uint64_t));
    memcpy(hunt->child.words, start, graph->words * sizeof(uint64_t));
    if (!hunt->store || !meet(hunt, NOTHING)) {
        hs_hunt_free(hunt);
        return NULL;
    }
    return hunt;
}

void hs_hunt_free(struct hs_hunt *hunt)
{
    if (!hunt)
        return;
    hs_store_free(hunt->store);
    free(hunt->origins);
    free(hunt->goals);
    free(hunt);
}

/* ---- the way back, and forward again --------------------------------------------------------- */

/* The first step from `state` to one that the state `number` stands for; takes it. */
static uint32_t step_towards(struct hs_hunt *hunt, uint64_t *state, uint32_t number)
{
    const struct hs_graph *graph = hunt->graph;
    size_t size = graph->words * sizeof(uint64_t);
    hs_store_get(hunt->store, hunt->origins[number].root, &hunt->parent);
    unsigned count = graph->list(graph->context, state, hunt->labels);
    for (unsigned i = 0; i < count; i++) {
        uint64_t next[HS_STORE_WORDS_MAX];
        memcpy(next, state, size);
        graph->take(graph->context, next, hunt->labels[i]);
        memcpy(hunt->child.words, next, size);
        stand_in(graph, hunt->child.words);
        if (memcmp(hunt->child.words, hunt->parent.words, size) == 0) {
            memcpy(state, next, size);
            return hunt->labels[i];
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
static bool pass(struct hs_hunt *hunt, uint64_t *state, uint32_t number, struct hs_witness *witness)
{
    enum { BOUND = 1 << 16 };
    const struct hs_graph *graph = hunt->graph;
    uint64_t from[HS_STORE_WORDS_MAX];
    struct hs_way way;
    struct passage passage = {graph, from, hunt->parent.words};
    struct hs_space space = {.state_size = graph->words * sizeof(uint64_t),
        .labels = HS_LABELS_MAX,
        .context = &passage,
        .list = list_passage,
        .take = take_passage,
        .is_goal = is_through};
    hs_store_get(hunt->store, hunt->origins[number].root, &hunt->parent);
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
    struct hs_hunt *hunt, uint64_t *state, uint32_t number, struct hs_witness *witness)
{
    if (hunt->graph->finer)
        return pass(hunt, state, number, witness);
    uint32_t label = step_towards(hunt, state, number);
    witness->labels[witness->length++] = label;
    return label != NOTHING;
}

/* What is stored stands for states like it: the run is walked from the start as it is. */
static bool walk_to(struct hs_hunt *hunt, uint32_t goal, struct hs_witness *witness)
{
    uint32_t numbers[HS_WITNESS_MAX];
    uint64_t state[HS_STORE_WORDS_MAX];
    unsigned length = 0;
    for (uint32_t at = goal; hunt->origins[at].parent != NOTHING; at = hunt->origins[at].parent) {
        if (length == HS_WITNESS_MAX)
            return false;
        numbers[length++] = at;
    }
    memcpy(state, hunt->start, hunt->graph->words * sizeof(uint64_t));
    witness->length = 0;
    while (length > 0) {
        if (!walk_on(hunt, state, numbers[--length], witness))
            return false;
    }
    return true;
}

enum hs_hunt_end hs_hunt_next(struct hs_hunt *hunt, struct hs_witness *witness)
{
    while (hunt->handed_out == hunt->goal_count) {
        if (hunt->is_over || !expand_next(hunt))
            return hunt->is_over ? HS_HUNT_GAVE_UP : HS_HUNT_NONE;
    }
    bool good = walk_to(hunt, hunt->goals[hunt->handed_out++], witness);
    return good ? HS_HUNT_FOUND : HS_HUNT_GAVE_UP;
}

enum hs_hunt_end hs_search_witness(const struct hs_graph *graph, const void *start,
    const struct hs_goal *goal, const struct hs_effort *effort, struct hs_witness *witness)
{
    struct hs_hunt *hunt = hs_hunt_new(graph, start, goal, effort);
    enum hs_hunt_end answer = hunt ? hs_hunt_next(hunt, witness) : HS_HUNT_GAVE_UP;
    hs_hunt_free(hunt);
    return answer;
}
