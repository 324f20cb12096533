/* SPDX-License-Identifier: BSD-3-Clause */
/* Distances in the abstraction, by what one page sees of a state and by which limits are spent. */
#include "distance.h"

#include "clock.h"
#include "evidence.h"

#include <stdlib.h>
#include <string.h>

/* ---- what a page sees -------------------------------------------------------------------------
 *
 * A part of the page's image (spec/proof.md): of its records, of migration, and in which phase
 * device and driver are.  What is left out can only make a distance shorter; so can taking for one
 * what dead values (tools/graph/dead_values.c) take for one.
 */

/* Is the page's block on the list of those that the driver holds? */
static bool is_held(struct hs_world w, unsigned block)
{
    for (unsigned i = 0; i < w.state->driver.held; i++) {
        if (hs_held(w)[i] == block)
            return true;
    }
    return false;
}

static uint64_t with(uint64_t view, uint64_t value, unsigned bits)
{
    assert(value >> bits == 0);
    return view << bits | value;
}

/* As page `p` sees it, which is part of the hinted block from page `block` on, and is a later page
 * of it or not. */
static uint64_t view_of(struct hs_world w, unsigned p, unsigned block, bool is_later)
{
    const struct hs_page *page = hs_page(w, p);
    const struct hs_migration *m = &w.state->migration;
    unsigned driver = w.state->driver.phase;
    unsigned phase = m->phase == HS_MIGRATION_CANCELLED ? (unsigned)HS_MIGRATION_NONE : m->phase;
    bool reads_log = m->vm != HS_VM_STOPPED || m->phase < HS_MIGRATION_SYNCING;
    bool is_zero = page->copy == HS_COPY_NONE && page->content == HS_CONTENT_ZEROS;
    bool arrived = page->copy == HS_COPY_EQUAL || is_zero;
    bool at_destination = m->vm == HS_VM_DESTINATION;
    if (driver == HS_DRIVER_RELEASING && !is_held(w, block))
        driver = HS_DRIVER_IDLE;
    uint64_t view = with(1, is_later, 1);
    view = with(view, phase, 4);
    view = with(view, m->vm, 2);
    view = with(view, m->log_on, 1);
    view = with(view, m->sending == p + 1, 1);
    view = with(view, w.state->device.status, 2);
    view = with(view, driver, 3);
    view = with(view, page->owner, 3);
    view = with(view, page->relies, 2);
    view = with(view, page->bitmap, 1);
    view = with(view, page->host_log, 1);
    view = with(view, reads_log && page->log, 1);
    view = with(view, reads_log && page->protected, 1);
    view = with(view, reads_log && page->known, 1);
    view = with(view, reads_log && *hs_chunk_pending(w, p), 1);
    return with(view, page->relies != HS_RELIES_NOTHING && !at_destination && arrived, 1);
}

/* ---- views: a hash table ----------------------------------------------------------------------
 */

struct view {
    uint64_t sees; /* 0: none */
    uint32_t number;
};

struct views {
    struct view *list;
    uint32_t count;
    size_t room; /* a power of two, more than twice the count */
};

static struct view *view_at(const struct views *views, uint64_t sees)
{
    size_t at = (sees * 0x9e3779b97f4a7c15u) >> 20 & (views->room - 1);
    while (views->list[at].sees && views->list[at].sees != sees)
        at = (at + 1) & (views->room - 1);
    return &views->list[at];
}

static void widen(struct views *views)
{
    const struct views old = *views;
    views->room = old.room ? 2 * old.room : 1 << 10;
    views->list = hs_must(calloc(views->room, sizeof(*views->list)));
    for (size_t i = 0; i < old.room; i++) {
        if (old.list[i].sees)
            *view_at(views, old.list[i].sees) = old.list[i];
    }
    free(old.list);
}

static uint32_t number_view(struct views *views, uint64_t sees)
{
    if (2 * (size_t)views->count >= views->room)
        widen(views);
    struct view *view = view_at(views, sees);
    if (!view->sees)
        *view = (struct view){sees, views->count++};
    return view->number;
}

/* ---- the abstraction, forwards ----------------------------------------------------------------
 */

/* A step of the abstraction from the state with number `from`. */
struct edge {
    uint32_t from;
    uint32_t to;
    uint8_t cost;   /* a widening is no step of the followed page: 0 */
    uint8_t spends; /* enum hs_limit, or HS_LIMIT_COUNT */
};

/* Successors are stored together, so that the cache misses overlap. */
enum { TOGETHER = 16 };
enum { SUBSETS = 1 << HS_LIMIT_COUNT };

struct hs_distances {
    struct hs_abstraction abstraction;
    uint32_t properties; /* bit hs_property: the one that is to be broken */
    bool knows_places;
    struct views views;
    uint32_t count; /* of states, numbered as they were found */
    uint32_t room;
    uint32_t *view;     /* of each state */
    bool *breaks;       /* each state: the property */
    struct edge *edges; /* in the end sorted by `to` */
    size_t edge_count;
    size_t edge_room;
    size_t *into; /* of each state, and one more: the first edge that leads to it */
    /* By the limits that are spent, bit hs_limit: of each view the distance; NULL: nobody has
     * asked. */
    uint8_t *by_spent[SUBSETS];
};

/* What a search of the abstraction needs. */
struct finder {
    struct hs_distances *distances;
    struct hs_graph graph;
    struct hs_store *store;
    uint64_t *roots;   /* of the states */
    uint32_t *numbers; /* of the states, by their root's number in the store; UINT32_MAX: none */
    uint32_t numbers_room;
    struct hs_tree parent;
    struct hs_tree children[TOGETHER];
    uint32_t labels[HS_LABELS_MAX];
};

static void *wider(void *array, size_t count, size_t size)
{
    return hs_must(realloc(array, count * size));
}

static void add_state(struct finder *finder, const struct hs_tree *state, uint64_t root)
{
    struct hs_distances *distances = finder->distances;
    uint32_t number = distances->count;
    if (number == distances->room) {
        distances->room = 2 * distances->room + 1024;
        distances->view = wider(distances->view, distances->room, sizeof(*distances->view));
        distances->breaks = wider(distances->breaks, distances->room, sizeof(*distances->breaks));
        finder->roots = wider(finder->roots, distances->room, sizeof(*finder->roots));
    }
    struct hs_world w = hs_abstract_world(&distances->abstraction, state->words);
    finder->roots[number] = root;
    distances->view[number] = number_view(&distances->views, view_of(w, 0, 0, *hs_is_later(w)));
    distances->breaks[number] = w.state->broken & distances->properties;
    distances->count++;
}

static void add_edge(struct hs_distances *distances, struct edge edge)
{
    if (distances->edge_count == distances->edge_room) {
        distances->edge_room = 2 * distances->edge_room + 1024;
        distances->edges = wider(distances->edges, distances->edge_room, sizeof(*distances->edges));
    }
    distances->edges[distances->edge_count++] = edge;
}

/* The root of a state that is packed; 0 if there is no room. */
static uint64_t root_of(struct finder *finder, struct hs_tree *state)
{
    uint64_t root = hs_store_root(finder->store, 0, state);
    if (!root && hs_store_grow(finder->store))
        root = hs_store_root(finder->store, 0, state);
    return root;
}

/* The number of a state that is packed, which may be new; UINT32_MAX if there is no room. */
static uint32_t number_state(struct finder *finder, struct hs_tree *state)
{
    uint64_t root = root_of(finder, state);
    uint32_t at = root ? hs_store_number(finder->store, root) : 0;
    if (!at)
        return UINT32_MAX;
    if (at >= finder->numbers_room) {
        uint32_t more = 2 * at;
        finder->numbers = wider(finder->numbers, more, sizeof(*finder->numbers));
        memset(finder->numbers + finder->numbers_room, UINT8_MAX,
            (more - finder->numbers_room) * sizeof(*finder->numbers));
        finder->numbers_room = more;
    }
    if (finder->numbers[at] == UINT32_MAX) {
        finder->numbers[at] = finder->distances->count;
        add_state(finder, state, root);
    }
    return finder->numbers[at];
}

/* Which limit a step spends.  Of a sync it is not in its row: the last one spends nothing, and the
 * one that sync-before-stop asks for needs nothing left. */
static uint8_t spent_by(struct hs_world before, uint32_t label)
{
    if (!hs_label_is_step(label))
        return HS_LIMIT_COUNT;
    if (label / 256 == HS_MIGRATION_SYNC && before.state->migration.vm == HS_VM_SOURCE &&
        hs_rule_sync_before_stop(before) == HS_OFF)
        return HS_LIMIT_ROUNDS;
    return (uint8_t)hs_step_rows[label / 256].limit;
}

/* Take a step from the parent. */
static void take_into(struct finder *finder, uint32_t label, struct hs_tree *child)
{
    struct hs_distances *distances = finder->distances;
    memcpy(child->words, finder->parent.words, finder->graph.words * sizeof(uint64_t));
    finder->graph.take(finder->graph.context, child->words, label);
    hs_forget_ghosts(
        hs_abstract_world(&distances->abstraction, child->words), distances->properties);
}

/* Take these steps from the parent, which has the number `from`.  False if there is no room. */
static bool take_some(struct finder *finder, uint32_t from, const uint32_t *labels, unsigned count)
{
    struct hs_world before =
        hs_abstract_world(&finder->distances->abstraction, finder->parent.words);
    for (unsigned i = 0; i < count; i++)
        take_into(finder, labels[i], &finder->children[i]);
    for (unsigned i = 0; i < count; i++)
        hs_store_pack(finder->store, &finder->parent, &finder->children[i]);
    for (unsigned i = 0; i < count; i++)
        hs_store_look_ahead(finder->store, &finder->children[i]);
    for (unsigned i = 0; i < count; i++) {
        uint32_t to = number_state(finder, &finder->children[i]);
        if (to == UINT32_MAX)
            return false;
        if (to != from)
            add_edge(finder->distances,
                (struct edge){from, to, hs_label_is_step(labels[i]), spent_by(before, labels[i])});
    }
    return true;
}

/* False if there is no room.  What comes behind a state that breaks the property does not matter.
 */
static bool expand(struct finder *finder, uint32_t from)
{
    const struct hs_graph *graph = &finder->graph;
    if (finder->distances->breaks[from])
        return true;
    hs_store_get(finder->store, finder->roots[from], &finder->parent);
    unsigned count = graph->list(graph->context, finder->parent.words, finder->labels);
    for (unsigned taken = 0; taken < count; taken += TOGETHER) {
        unsigned some = count - taken < TOGETHER ? count - taken : TOGETHER;
        if (!take_some(finder, from, finder->labels + taken, some))
            return false;
    }
    return true;
}

static bool may_go_on(struct hs_store *store, const struct hs_effort *effort)
{
    return !(effort->interrupted && *effort->interrupted) && !hs_time_is_over(effort->until) &&
           hs_store_grow(store);
}

/* Find every state and every step.  False if there is no room, or no time. */
static bool find_states(struct finder *finder, const struct hs_effort *effort)
{
    enum { OFTEN = 1024 };
    struct hs_distances *distances = finder->distances;
    union hs_abstract_state start;
    hs_abstract_start(&distances->abstraction, &start);
    struct hs_tree *first = &finder->children[0];
    memcpy(first->words, &start, finder->graph.words * sizeof(uint64_t));
    hs_store_pack(finder->store, NULL, first);
    bool good = number_state(finder, first) != UINT32_MAX;
    for (uint32_t from = 0; good && from < distances->count; from++)
        good = (from % OFTEN || may_go_on(finder->store, effort)) && expand(finder, from);
    return good;
}

/* ---- backwards --------------------------------------------------------------------------------
 */

/* Sort the edges by where they lead. */
static void sort_edges(struct hs_distances *distances)
{
    size_t *into = hs_must(calloc(distances->count + 2u, sizeof(*into)));
    struct edge *sorted = hs_must(malloc((distances->edge_count + 1) * sizeof(*sorted)));
    for (size_t i = 0; i < distances->edge_count; i++)
        into[distances->edges[i].to + 2]++;
    for (uint32_t i = 2; i < distances->count + 2; i++)
        into[i] += into[i - 1];
    for (size_t i = 0; i < distances->edge_count; i++)
        sorted[into[distances->edges[i].to + 1]++] = distances->edges[i];
    free(distances->edges);
    distances->edges = sorted;
    distances->into = into;
}

/* States at a distance, as they are found. */
struct ring {
    uint32_t *states;
    size_t count;
    size_t room;
};

static void push(struct ring *ring, uint32_t state)
{
    if (ring->count == ring->room) {
        ring->room = 2 * ring->room + 1024;
        ring->states = wider(ring->states, ring->room, sizeof(*ring->states));
    }
    ring->states[ring->count++] = state;
}

/* Go back from those at this distance; what is a step further goes into `next`. */
static void go_back(const struct hs_distances *distances, unsigned spent, unsigned distance,
    struct ring *here, struct ring *next, uint8_t *least)
{
    for (size_t i = 0; i < here->count; i++) {
        uint32_t to = here->states[i];
        if (least[to] != distance)
            continue; /* it was found nearer since */
        for (size_t at = distances->into[to]; at < distances->into[to + 1]; at++) {
            const struct edge *edge = &distances->edges[at];
            unsigned further = distance + edge->cost;
            if (spent >> edge->spends & 1u || further >= least[edge->from])
                continue;
            least[edge->from] = (uint8_t)further;
            push(edge->cost ? next : here, edge->from);
        }
    }
}

/* Of each view the least distance of a state with that view, without steps that spend what is
 * spent.
 */
static uint8_t *measure(const struct hs_distances *distances, unsigned spent)
{
    uint8_t *least = hs_must(malloc(distances->count));
    uint8_t *of_views = hs_must(malloc(distances->views.count));
    struct ring rings[2] = {0};
    memset(least, HS_TOO_FAR, distances->count);
    memset(of_views, HS_TOO_FAR, distances->views.count);
    for (uint32_t i = 0; i < distances->count; i++) {
        if (distances->breaks[i]) {
            least[i] = 0;
            push(&rings[0], i);
        }
    }
    for (unsigned d = 0; d + 1 < HS_TOO_FAR && rings[d % 2].count; d++) {
        go_back(distances, spent, d, &rings[d % 2], &rings[(d + 1) % 2], least);
        rings[d % 2].count = 0;
    }
    for (uint32_t i = 0; i < distances->count; i++) {
        uint8_t *of_view = &of_views[distances->view[i]];
        if (least[i] < *of_view)
            *of_view = least[i];
    }
    free(rings[0].states);
    free(rings[1].states);
    free(least);
    return of_views;
}

struct hs_distances *hs_distances_new(
    const struct hs_config *config, enum hs_property property, const struct hs_effort *effort)
{
    struct finder *finder = hs_must(calloc(1, sizeof(*finder)));
    struct hs_distances *distances = hs_must(calloc(1, sizeof(*distances)));
    distances->properties = 1u << property;
    distances->knows_places = config->queue_size[HS_QUEUE_FREE_PAGE] &&
                              hs_rules_used_length(&config->rules) == HS_USED_LENGTH_ONE;
    hs_abstraction_set(&distances->abstraction, config);
    finder->distances = distances;
    finder->graph = hs_abstract_graph(&distances->abstraction);
    finder->store = hs_graph_store(&finder->graph, 1, effort->memory);
    bool found = finder->store && find_states(finder, effort);
    if (found)
        sort_edges(distances);
    hs_store_free(finder->store);
    free(finder->roots);
    free(finder->numbers);
    free(finder);
    if (!found)
        hs_distances_free(distances);
    return found ? distances : NULL;
}

void hs_distances_free(struct hs_distances *distances)
{
    if (!distances)
        return;
    for (unsigned spent = 0; spent < SUBSETS; spent++)
        free(distances->by_spent[spent]);
    free(distances->views.list);
    free(distances->view);
    free(distances->breaks);
    free(distances->edges);
    free(distances->into);
    free(distances);
}

unsigned hs_distance(struct hs_distances *distances, struct hs_world w)
{
    unsigned order = w.config->hint_order;
    unsigned least = HS_TOO_FAR;
    unsigned spent = 0;
    for (unsigned i = 0; i < HS_LIMIT_COUNT; i++)
        spent |= (unsigned)!hs_limit_left(w, (enum hs_limit)i, NULL) << i;
    if (!distances->by_spent[spent])
        distances->by_spent[spent] = measure(distances, spent);
    for (unsigned p = 0; p < w.config->pages; p++) {
        unsigned block = p >> order << order;
        bool is_later = distances->knows_places && p != block;
        const struct view *view = view_at(&distances->views, view_of(w, p, block, is_later));
        if (view->sees && distances->by_spent[spent][view->number] < least)
            least = distances->by_spent[spent][view->number];
    }
    return least;
}
