/* SPDX-License-Identifier: BSD-3-Clause */
/* The subset construction, as far as it is needed. */
#include "automaton.h"

#include "evidence.h"
#include "page.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { STATES_PER_TABLE = 1 << 12 };
/* Bytes of states, at most; there are some ten thousand. */
static const size_t MEMORY = (size_t)1 << 32;

/* What can befall a page: the properties that a write may break. */
enum { HS_HARMS = HS_PAGE_CORRUPTED + 1 };
static_assert(HS_DIRTY_PAGE_LOST < HS_PAGE_CORRUPTED, "the properties of a page come first");

/* How a search goes on from what it finds. */
enum reach {
    BY_HIDDEN,  /* by hidden steps */
    BY_QUIET,   /* by hidden steps that are no writes */
    BY_ANYTHING /* by all steps */
};

/* A step from a state, by the number of the state behind it. */
struct arrow {
    uint32_t to;
    uint8_t letter;
    bool is_write;
};

struct state {
    struct arrow *arrows; /* NULL: not looked at yet */
    uint32_t arrow_count;
    uint32_t seen; /* the search that found it last */
};

struct set {
    uint32_t *states; /* numbers, in order */
    uint32_t count;
    hs_set next[HS_LETTER_COUNT];    /* behind each letter, or UNKNOWN */
    hs_set quietly[HS_LETTER_COUNT]; /* the same without writes */
    hs_set written;
    hs_set broken[HS_HARMS];
    hs_set unrecorded;
};
enum { UNKNOWN = UINT32_MAX };

struct join {
    hs_set one;
    hs_set other;
    hs_set both;
};

struct hs_automaton {
    struct hs_abstraction abstraction;
    struct hs_graph graph;
    struct hs_store *store;
    uint32_t recorded;
    struct state *states; /* by number, from 1 on */
    uint32_t state_room;
    struct set *sets; /* set 0 is empty */
    uint32_t set_count;
    uint32_t set_room;
    uint32_t *table; /* sets by what they hold, open addressing; 0: free */
    uint32_t table_size;
    struct join *joins; /* open addressing; both.one 0: free */
    uint32_t join_count;
    uint32_t join_size;
    uint32_t search; /* the latest */
    uint32_t *found; /* what it found */
    uint32_t found_count;
    uint32_t found_room;
    struct hs_tree tree;
    struct hs_tree child;
};

/* ---- states --------------------------------------------------------------------------------- */

/* The number of the state in `tree`. */
static uint32_t number_of(struct hs_automaton *automaton, struct hs_tree *tree)
{
    struct hs_store *store = automaton->store;
    uint64_t root = 0;
    uint32_t number = 0;
    while (hs_store_put(store, 0, NULL, tree, &root) == HS_PUT_FULL ||
           !(number = hs_store_number(store, root)))
        hs_must(hs_store_grow(store) ? store : NULL);
    while (number >= automaton->state_room) {
        uint32_t room = automaton->state_room + STATES_PER_TABLE;
        automaton->states =
            (struct state *)hs_must(realloc(automaton->states, room * sizeof(*automaton->states)));
        memset(automaton->states + automaton->state_room, 0,
            STATES_PER_TABLE * sizeof(*automaton->states));
        automaton->state_room = room;
    }
    return number;
}

static void get_state(struct hs_automaton *automaton, uint32_t number)
{
    hs_store_get(automaton->store, hs_store_numbered(automaton->store, number), &automaton->tree);
}

/* What is seen of a label: nothing, if nobody records it. */
static enum hs_letter seen_of(
    const struct hs_automaton *automaton, const void *state, uint32_t label)
{
    enum hs_letter letter = hs_letter_of(hs_abstract_world(&automaton->abstraction, state), label);
    bool is_recorded = letter && automaton->recorded >> hs_letter_event(letter) & 1u;
    return is_recorded ? letter : HS_LETTER_HIDDEN;
}

static bool is_write(uint32_t label)
{
    unsigned kind = label / 256;
    return kind == HS_APP_WRITE || kind == HS_DEVICE_DMA_WRITE;
}

/* Look at a state: the steps from it. */
static void expand(struct hs_automaton *automaton, uint32_t number)
{
    static uint32_t labels[HS_LABELS_MAX];
    const struct hs_graph *graph = &automaton->graph;
    if (automaton->states[number].arrows)
        return;
    get_state(automaton, number);
    unsigned count = graph->list(graph->context, automaton->tree.words, labels);
    struct arrow *arrows = (struct arrow *)hs_must(calloc(count + 1u, sizeof(*arrows)));
    for (unsigned i = 0; i < count; i++) {
        memcpy(automaton->child.words, automaton->tree.words, graph->words * sizeof(uint64_t));
        enum hs_letter letter = seen_of(automaton, automaton->tree.words, labels[i]);
        graph->take(graph->context, automaton->child.words, labels[i]);
        arrows[i] = (struct arrow){
            number_of(automaton, &automaton->child), (uint8_t)letter, is_write(labels[i])};
    }
    automaton->states[number].arrows = arrows;
    automaton->states[number].arrow_count = count;
}

/* ---- what a search finds -------------------------------------------------------------------- */

static void begin_search(struct hs_automaton *automaton)
{
    automaton->search++;
    automaton->found_count = 0;
}

static void find(struct hs_automaton *automaton, uint32_t number)
{
    if (automaton->states[number].seen == automaton->search)
        return;
    automaton->states[number].seen = automaton->search;
    if (automaton->found_count == automaton->found_room) {
        automaton->found_room = automaton->found_room ? 2 * automaton->found_room : 1024;
        automaton->found = (uint32_t *)hs_must(
            realloc(automaton->found, automaton->found_room * sizeof(*automaton->found)));
    }
    automaton->found[automaton->found_count++] = number;
}

static bool goes_on(const struct arrow *arrow, enum reach reach)
{
    return reach == BY_ANYTHING ||
           (arrow->letter == HS_LETTER_HIDDEN && (reach == BY_HIDDEN || !arrow->is_write));
}

/* Take steps as long as they find something. */
static void close_search(struct hs_automaton *automaton, enum reach reach)
{
    for (uint32_t at = 0; at < automaton->found_count; at++) {
        uint32_t number = automaton->found[at];
        expand(automaton, number);
        struct state state = automaton->states[number];
        for (uint32_t i = 0; i < state.arrow_count; i++) {
            if (goes_on(&state.arrows[i], reach))
                find(automaton, state.arrows[i].to);
        }
    }
}

/* ---- sets ----------------------------------------------------------------------------------- */

static int compare_numbers(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static uint32_t hash(const uint32_t *states, uint32_t count)
{
    uint64_t sum = count;
    for (uint32_t i = 0; i < count; i++)
        sum = (sum ^ states[i]) * 0x9e3779b97f4a7c15u;
    return (uint32_t)(sum >> 32);
}

/* Where the set stands in the table, or would stand. */
static uint32_t *place_of(struct hs_automaton *automaton, const uint32_t *states, uint32_t count)
{
    uint32_t at = hash(states, count) & (automaton->table_size - 1);
    for (;; at = (at + 1) & (automaton->table_size - 1)) {
        const struct set *set = &automaton->sets[automaton->table[at]];
        if (!automaton->table[at] ||
            (set->count == count && memcmp(set->states, states, count * sizeof(*states)) == 0))
            return &automaton->table[at];
    }
}

static void grow_sets(struct hs_automaton *automaton)
{
    automaton->set_room = automaton->set_room ? 2 * automaton->set_room : 256;
    automaton->sets = (struct set *)hs_must(
        realloc(automaton->sets, automaton->set_room * sizeof(*automaton->sets)));
    free(automaton->table);
    automaton->table_size = 4 * automaton->set_room;
    automaton->table =
        (uint32_t *)hs_must(calloc(automaton->table_size, sizeof(*automaton->table)));
    for (uint32_t i = 1; i < automaton->set_count; i++)
        *place_of(automaton, automaton->sets[i].states, automaton->sets[i].count) = i;
}

/* Nothing is known of what follows. */
static void forget(struct set *set)
{
    memset(set->next, 0xff, sizeof(set->next));
    memset(set->quietly, 0xff, sizeof(set->quietly));
    memset(set->broken, 0xff, sizeof(set->broken));
    set->written = set->unrecorded = UNKNOWN;
}

/* The set of what was found. */
static hs_set found_set(struct hs_automaton *automaton)
{
    uint32_t count = automaton->found_count;
    if (!count)
        return HS_SET_EMPTY;
    qsort(automaton->found, count, sizeof(*automaton->found), compare_numbers);
    uint32_t *place = place_of(automaton, automaton->found, count);
    if (*place)
        return *place;
    if (automaton->set_count == automaton->set_room) {
        grow_sets(automaton);
        place = place_of(automaton, automaton->found, count);
    }
    struct set *set = &automaton->sets[automaton->set_count];
    set->states = (uint32_t *)hs_must(malloc(count * sizeof(*set->states)));
    memcpy(set->states, automaton->found, count * sizeof(*set->states));
    set->count = count;
    forget(set);
    *place = automaton->set_count;
    return automaton->set_count++;
}

/* Where the step shows the letter, and where the state stays; anywhere in a gap. */
static void find_behind(struct hs_automaton *automaton, uint32_t number, enum hs_letter letter)
{
    expand(automaton, number);
    get_state(automaton, number);
    if (hs_letter_stays(hs_abstract_world(&automaton->abstraction, automaton->tree.words), letter))
        find(automaton, number);
    struct state state = automaton->states[number];
    for (uint32_t i = 0; i < state.arrow_count; i++) {
        if (hs_letter_fits(letter, (enum hs_letter)state.arrows[i].letter))
            find(automaton, state.arrows[i].to);
    }
}

/* The set behind a letter. */
static hs_set read_letter(
    struct hs_automaton *automaton, hs_set set, enum hs_letter letter, enum reach reach)
{
    begin_search(automaton);
    for (uint32_t i = 0; i < automaton->sets[set].count; i++)
        find_behind(automaton, automaton->sets[set].states[i], letter);
    close_search(automaton, letter == HS_LETTER_GAP ? BY_ANYTHING : reach);
    return found_set(automaton);
}

hs_set hs_automaton_read(struct hs_automaton *automaton, hs_set set, enum hs_letter letter)
{
    assert(automaton && set < automaton->set_count && letter && letter < HS_LETTER_COUNT);
    if (set == HS_SET_EMPTY)
        return HS_SET_EMPTY;
    if (automaton->sets[set].next[letter] == UNKNOWN) {
        hs_set next = read_letter(automaton, set, letter, BY_HIDDEN);
        automaton->sets[set].next[letter] = next; /* sets may have moved meanwhile */
    }
    return automaton->sets[set].next[letter];
}

/* ---- what a write does ---------------------------------------------------------------------- */

hs_set hs_automaton_read_quietly(struct hs_automaton *automaton, hs_set set, enum hs_letter letter)
{
    assert(automaton && set < automaton->set_count && letter && letter < HS_LETTER_COUNT);
    if (set == HS_SET_EMPTY)
        return HS_SET_EMPTY;
    if (automaton->sets[set].quietly[letter] == UNKNOWN) {
        hs_set next = read_letter(automaton, set, letter, BY_QUIET);
        automaton->sets[set].quietly[letter] = next;
    }
    return automaton->sets[set].quietly[letter];
}

hs_set hs_automaton_write(struct hs_automaton *automaton, hs_set set)
{
    assert(automaton && set < automaton->set_count);
    if (set == HS_SET_EMPTY || automaton->sets[set].written != UNKNOWN)
        return set ? automaton->sets[set].written : HS_SET_EMPTY;
    begin_search(automaton);
    for (uint32_t i = 0; i < automaton->sets[set].count; i++) {
        uint32_t number = automaton->sets[set].states[i];
        expand(automaton, number);
        struct state state = automaton->states[number];
        for (uint32_t j = 0; j < state.arrow_count; j++) {
            if (state.arrows[j].is_write)
                find(automaton, state.arrows[j].to);
        }
    }
    close_search(automaton, BY_QUIET);
    hs_set written = found_set(automaton);
    automaton->sets[set].written = written;
    return written;
}

/* The states of a set in which `holds` is so, and what follows quietly. */
static hs_set select_states(struct hs_automaton *automaton, hs_set set, unsigned what,
    bool (*holds)(struct hs_world w, unsigned what))
{
    begin_search(automaton);
    for (uint32_t i = 0; i < automaton->sets[set].count; i++) {
        uint32_t number = automaton->sets[set].states[i];
        get_state(automaton, number);
        if (holds(hs_abstract_world(&automaton->abstraction, automaton->tree.words), what))
            find(automaton, number);
    }
    close_search(automaton, BY_QUIET);
    return found_set(automaton);
}

static bool has_broken(struct hs_world w, unsigned property)
{
    return w.state->broken >> property & 1u;
}

static bool is_unrecorded(struct hs_world w, unsigned unused)
{
    (void)unused;
    return hs_page_is_unrecorded(w, 0);
}

hs_set hs_automaton_broken(struct hs_automaton *automaton, hs_set set, enum hs_property property)
{
    assert(automaton && set < automaton->set_count && (unsigned)property < HS_HARMS);
    if (set == HS_SET_EMPTY)
        return HS_SET_EMPTY;
    if (automaton->sets[set].broken[property] == UNKNOWN) {
        hs_set broken = select_states(automaton, set, property, has_broken);
        automaton->sets[set].broken[property] = broken;
    }
    return automaton->sets[set].broken[property];
}

hs_set hs_automaton_unrecorded(struct hs_automaton *automaton, hs_set set)
{
    assert(automaton && set < automaton->set_count);
    if (set == HS_SET_EMPTY)
        return HS_SET_EMPTY;
    if (automaton->sets[set].unrecorded == UNKNOWN) {
        hs_set unrecorded = select_states(automaton, set, 0, is_unrecorded);
        automaton->sets[set].unrecorded = unrecorded;
    }
    return automaton->sets[set].unrecorded;
}

/* ---- joins ---------------------------------------------------------------------------------- */

static struct join *join_place(struct hs_automaton *automaton, hs_set one, hs_set other)
{
    uint64_t key = ((uint64_t)one << 32 | other) * 0x9e3779b97f4a7c15u;
    uint32_t at = (uint32_t)(key >> 32) & (automaton->join_size - 1);
    while (automaton->joins[at].one &&
           (automaton->joins[at].one != one || automaton->joins[at].other != other))
        at = (at + 1) & (automaton->join_size - 1);
    return &automaton->joins[at];
}

static void grow_joins(struct hs_automaton *automaton)
{
    struct join *old = automaton->joins;
    uint32_t old_size = automaton->join_size;
    automaton->join_size = old_size ? 2 * old_size : 1024;
    automaton->joins =
        (struct join *)hs_must(calloc(automaton->join_size, sizeof(*automaton->joins)));
    for (uint32_t i = 0; i < old_size; i++) {
        if (old[i].one)
            *join_place(automaton, old[i].one, old[i].other) = old[i];
    }
    free(old);
}

static hs_set unite(struct hs_automaton *automaton, hs_set one, hs_set other)
{
    const hs_set sets[] = {one, other};
    begin_search(automaton);
    for (unsigned s = 0; s < 2; s++) {
        for (uint32_t i = 0; i < automaton->sets[sets[s]].count; i++)
            find(automaton, automaton->sets[sets[s]].states[i]);
    }
    return found_set(automaton);
}

hs_set hs_automaton_join(struct hs_automaton *automaton, hs_set one, hs_set other)
{
    assert(automaton && one < automaton->set_count && other < automaton->set_count);
    if (one == other || !other)
        return one;
    if (!one)
        return other;
    if (one > other) {
        hs_set first = other;
        other = one;
        one = first;
    }
    if (2 * automaton->join_count >= automaton->join_size)
        grow_joins(automaton);
    struct join *place = join_place(automaton, one, other);
    if (!place->one) {
        *place = (struct join){one, other, unite(automaton, one, other)};
        automaton->join_count++;
    }
    return place->both;
}

/* ---- beginning and end ---------------------------------------------------------------------- */

struct hs_automaton *hs_automaton_new(const struct hs_config *config, uint32_t recorded)
{
    assert(config);
    struct hs_automaton *automaton = (struct hs_automaton *)hs_must(calloc(1, sizeof(*automaton)));
    hs_abstraction_set(&automaton->abstraction, config);
    automaton->graph = hs_plain_graph(&automaton->abstraction);
    automaton->store = (struct hs_store *)hs_must(hs_graph_store(&automaton->graph, 1, MEMORY));
    automaton->recorded = recorded;
    automaton->set_count = 1;
    grow_sets(automaton);
    automaton->sets[HS_SET_EMPTY] = (struct set){.count = 0};
    return automaton;
}

void hs_automaton_free(struct hs_automaton *automaton)
{
    if (!automaton)
        return;
    for (uint32_t i = 0; i < automaton->state_room; i++)
        free(automaton->states[i].arrows);
    for (uint32_t i = 1; i < automaton->set_count; i++)
        free(automaton->sets[i].states);
    free(automaton->states);
    free(automaton->sets);
    free(automaton->table);
    free(automaton->joins);
    free(automaton->found);
    hs_store_free(automaton->store);
    free(automaton);
}

hs_set hs_automaton_start(struct hs_automaton *automaton, bool in_middle)
{
    assert(automaton);
    union hs_abstract_state start;
    hs_abstract_start(&automaton->abstraction, &start);
    memcpy(automaton->child.words, start.words, automaton->graph.words * sizeof(uint64_t));
    begin_search(automaton);
    find(automaton, number_of(automaton, &automaton->child));
    close_search(automaton, in_middle ? BY_ANYTHING : BY_HIDDEN);
    return found_set(automaton);
}

uint32_t hs_automaton_size(const struct hs_automaton *automaton, hs_set set)
{
    assert(automaton && set < automaton->set_count);
    return automaton->sets[set].count;
}

struct hs_world hs_automaton_world(struct hs_automaton *automaton, hs_set set, uint32_t index)
{
    assert(automaton && set < automaton->set_count && index < automaton->sets[set].count);
    get_state(automaton, automaton->sets[set].states[index]);
    return hs_abstract_world(&automaton->abstraction, automaton->tree.words);
}
