/* SPDX-License-Identifier: BSD-3-Clause */
/* Breadth-first search by several threads over the compressed store. */
#include "search.h"

#include "clock.h"
#include "crew.h"

#include <assert.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 256, PENDING_MAX = 24, AHEAD = 4 };

struct hs_store *hs_graph_store(const struct hs_graph *graph, unsigned threads, size_t memory)
{
    uint64_t used[HS_STORE_WORDS_MAX];
    if (graph->used)
        graph->used(graph->context, used);
    return hs_store_new(graph->words, graph->used ? used : NULL, threads, memory);
}

/* ---- a level, shared out among threads --------------------------------------------------------
 */

/* What one thread adds to the result. */
struct share {
    uint64_t distinct;
    uint64_t generated;
    struct hs_kind_set fired;
    uint64_t states[HS_FLAGS];
    uint64_t ends;
    uint64_t ends_with[HS_FLAGS];
};

/* Roots of the states that one thread found on a level. */
struct found {
    uint64_t *roots;
    size_t count;
    size_t room;
};

/* What one thread found of a level, and how much of it is handed out. */
struct list {
    alignas(64) _Atomic size_t next; /* that nobody took; beyond `end` when all is taken */
    size_t end;                      /* of what is to be expanded now */
    struct found found;
};

/* A level: a list of each thread. */
struct batch {
    const struct hs_graph *graph;
    struct hs_store *store;
    unsigned threads;
    unsigned end_flag;
    const volatile int *interrupted;
    struct list *level;    /* of each thread */
    _Atomic int is_full;   /* a table is: rest, so that it can grow */
    _Atomic int no_memory; /* for what a thread found */
};

struct worker {
    struct batch *batch;
    unsigned thread;
    struct share share;
    struct found next;         /* of the next level */
    const uint64_t *left_from; /* what this thread took on and did not finish */
    const uint64_t *left_to;
    unsigned pending_count;
    struct hs_tree *pending; /* PENDING_MAX successors, to be put together */
    uint32_t labels[HS_LABELS_MAX];
    struct hs_tree parent;
};

static bool note_found(struct found *found, uint64_t root)
{
    if (found->count == found->room) {
        size_t room = found->room ? found->room * 2 : 1024;
        uint64_t *roots = realloc(found->roots, room * sizeof(*roots));
        if (!roots)
            return false;
        found->roots = roots;
        found->room = room;
    }
    found->roots[found->count++] = root;
    return true;
}

/* Put what is pending.  False if a table is full; then all of it stays pending. */
static bool put_pending(struct worker *worker)
{
    struct hs_store *store = worker->batch->store;
    uint64_t roots[PENDING_MAX];
    unsigned count = worker->pending_count;
    for (unsigned i = 0; i < count; i++)
        hs_store_look_ahead(store, &worker->pending[i]);
    for (unsigned i = 0; i < count; i++) {
        roots[i] = hs_store_root(store, worker->thread, &worker->pending[i]);
        if (!roots[i])
            return false;
    }
    for (unsigned i = 0; i < count; i++) {
        enum hs_put answer = hs_store_put_root(store, worker->thread, roots[i]);
        if (answer == HS_PUT_FULL)
            return false; /* putting the first ones again does no harm */
        worker->share.distinct += answer == HS_PUT_NEW;
        if (answer == HS_PUT_NEW && !note_found(&worker->next, roots[i]))
            worker->batch->no_memory = 1;
    }
    worker->pending_count = 0;
    return true;
}

static void count_flags(struct share *share, uint32_t flags, unsigned end_flag)
{
    bool ends = flags >> end_flag & 1u;
    share->ends += ends;
    for (; flags; flags &= flags - 1) {
        unsigned flag = (unsigned)__builtin_ctz(flags);
        share->states[flag]++;
        share->ends_with[flag] += ends;
    }
}

static bool is_same(const struct hs_graph *graph, const struct hs_tree *a, const struct hs_tree *b)
{
    uint64_t differs = 0;
    for (unsigned i = 0; i < graph->words; i++)
        differs |= a->words[i] ^ b->words[i];
    return !differs;
}

/* Copy a state, four words at a time: for so few a call of memcpy takes longer than the copying. */
static void copy_words(struct hs_tree *to, const struct hs_tree *from, unsigned words)
{
    static_assert(HS_STORE_WORDS_MAX % 4 == 0, "room for the last four");
    for (unsigned i = 0; i < words; i += 4)
        memcpy(to->words + i, from->words + i, 4 * sizeof(uint64_t));
}

/* Take `count` steps from the parent into the free places of `pending`. */
static void take_steps(struct worker *worker, const uint32_t *labels, unsigned count)
{
    const struct hs_graph *graph = worker->batch->graph;
    for (unsigned i = 0; i < count; i++) {
        struct hs_tree *child = &worker->pending[worker->pending_count + i];
        copy_words(child, &worker->parent, graph->words);
        graph->take(graph->context, child->words, labels[i]);
        if (graph->canonical)
            graph->canonical(graph->context, child->words);
    }
}

/* Pack the `count` successors behind what is pending, but for those that are the parent itself. */
static void pack_successors(struct worker *worker, unsigned count)
{
    const struct hs_graph *graph = worker->batch->graph;
    unsigned first = worker->pending_count;
    for (unsigned i = first; i < first + count; i++) {
        struct hs_tree *child = &worker->pending[worker->pending_count];
        if (is_same(graph, &worker->pending[i], &worker->parent))
            continue; /* a step that changes nothing */
        if (child != &worker->pending[i])
            copy_words(child, &worker->pending[i], graph->words);
        hs_store_pack(worker->batch->store, &worker->parent, child);
        worker->pending_count++;
    }
}

/* Expand one state.  False if a table is full; the state is to be expanded again, which does no
 * harm. */
static bool expand(struct worker *worker, uint64_t root)
{
    const struct hs_graph *graph = worker->batch->graph;
    /* A table was full: what is pending goes first, if there is room now. */
    if (worker->pending_count == PENDING_MAX && !put_pending(worker))
        return false;
    hs_store_get(worker->batch->store, root, &worker->parent);
    unsigned count = graph->list(graph->context, worker->parent.words, worker->labels);
    unsigned taken = 0;
    while (taken < count) {
        unsigned room = PENDING_MAX - worker->pending_count;
        unsigned some = count - taken < room ? count - taken : room;
        /* Not one by one: a step writes bytes, and comparing and packing read words; the processor
         * would wait for its own stores each time. */
        take_steps(worker, worker->labels + taken, some);
        pack_successors(worker, some);
        taken += some;
        if (worker->pending_count == PENDING_MAX && !put_pending(worker))
            return false;
    }
    for (unsigned i = 0; i < count; i++)
        hs_kind_set_add(&worker->share.fired, graph->kind(worker->labels[i]));
    worker->share.generated += count;
    count_flags(&worker->share,
        graph->flags(graph->context, worker->parent.words, worker->labels, count),
        worker->batch->end_flag);
    return true;
}

static bool should_rest(const struct batch *batch)
{
    return batch->is_full || batch->no_memory || (batch->interrupted && *batch->interrupted);
}

/*
 * Take on a few states: of what this thread found itself, and when that is done, of what others
 * found.  So a thread goes through its own states in the order in which it found them.  When all
 * threads shared each list evenly, neighbours were torn a little further apart on every level; but
 * they have much in common, and are the quicker to expand one after the other: a search by two
 * threads then took an eighth longer.
 */
static bool take_on(struct worker *worker)
{
    struct batch *batch = worker->batch;
    for (unsigned i = 0; i < batch->threads; i++) {
        struct list *list = &batch->level[(worker->thread + i) % batch->threads];
        size_t first = atomic_fetch_add(&list->next, CHUNK);
        if (first < list->end) {
            size_t some = list->end - first < CHUNK ? list->end - first : CHUNK;
            worker->left_from = list->found.roots + first;
            worker->left_to = worker->left_from + some;
            return true;
        }
    }
    return false;
}

static void work(void *workers, unsigned thread)
{
    struct worker *worker = (struct worker *)workers + thread;
    struct batch *batch = worker->batch;
    if (!put_pending(worker)) /* what was left when a table was full */
        batch->is_full = 1;
    while (!should_rest(batch)) {
        if (worker->left_from == worker->left_to && !take_on(worker))
            break;
        if (worker->left_to - worker->left_from > AHEAD)
            hs_store_expect(batch->store, worker->left_from[AHEAD]);
        if (expand(worker, *worker->left_from))
            worker->left_from++;
        else
            batch->is_full = 1;
    }
    if (!put_pending(worker))
        batch->is_full = 1;
}

/* Let all workers work until the batch is done or a table is full. */
static void work_together(struct worker *workers, unsigned threads)
{
    hs_crew_do(threads, &(struct hs_pieces){.count = threads, .context = workers, .work = work});
}

/* ---- the search ------------------------------------------------------------------------------ */

static void add_up(struct hs_search *search, const struct worker *workers, unsigned threads)
{
    search->distinct = 1; /* the start */
    search->generated = search->ends = 0;
    memset(&search->fired, 0, sizeof(search->fired));
    memset(search->states, 0, sizeof(search->states));
    memset(search->ends_with, 0, sizeof(search->ends_with));
    for (unsigned i = 0; i < threads; i++) {
        const struct share *share = &workers[i].share;
        search->distinct += share->distinct;
        search->generated += share->generated;
        hs_kind_set_add_all(&search->fired, &share->fired);
        search->ends += share->ends;
        for (unsigned flag = 0; flag < HS_FLAGS; flag++) {
            search->states[flag] += share->states[flag];
            search->ends_with[flag] += share->ends_with[flag];
        }
    }
    search->bytes = hs_store_bytes(search->store);
    for (unsigned i = 0; i < threads; i++)
        search->bytes +=
            (workers[i].next.room + workers[i].batch->level[i].found.room) * sizeof(uint64_t);
}

struct clock {
    double start;
    double last_progress;
};

/* May the search go on?  If not, says why. */
static bool may_go_on(struct hs_search *search, const struct hs_search_options *options,
    const struct worker *workers, struct clock *clock)
{
    double time = hs_now();
    search->seconds = time - clock->start;
    if (options->interrupted && *options->interrupted) {
        search->end = HS_SEARCH_INTERRUPTED;
        return false;
    }
    if (options->timeout > 0 && search->seconds > options->timeout) {
        search->end = HS_SEARCH_TIMED_OUT;
        return false;
    }
    if (options->progress && time - clock->last_progress > 1) {
        clock->last_progress = time;
        add_up(search, workers, options->threads);
        options->progress(search);
    }
    return true;
}

/* Is what was found up to this level all that the caller wants to know?  It is the same for any
 * number of threads. */
static bool is_enough(
    struct hs_search *search, const struct hs_search_options *options, const struct worker *workers)
{
    add_up(search, workers, options->threads);
    if (!options->enough(search, options->context))
        return false;
    search->end = HS_SEARCH_ENOUGH;
    return true;
}

/* How many states a thread expands before it is time to look at the clock and at the tables. */
enum { BATCH = 1 << 16 };

/* Hand out the next batch of each list.  Returns how many states of the level are left with it. */
static size_t hand_out(struct batch *batch)
{
    size_t left = 0;
    for (unsigned i = 0; i < batch->threads; i++) {
        struct list *list = &batch->level[i];
        size_t taken = list->next < list->end ? list->next : list->end;
        list->next = taken;
        left += list->found.count - taken;
        list->end = list->found.count - taken < BATCH ? list->found.count : taken + BATCH;
    }
    return left;
}

/* Expand the level.  False if the search ends early. */
static bool expand_level(struct hs_search *search, const struct hs_search_options *options,
    struct batch *batch, struct worker *workers, struct clock *clock)
{
    size_t left = hand_out(batch);
    while (left || batch->is_full) {
        batch->is_full = 0;
        work_together(workers, options->threads);
        left = hand_out(batch);
        search->waiting = left;
        for (unsigned i = 0; i < options->threads; i++)
            search->waiting += workers[i].next.count;
        if (!may_go_on(search, options, workers, clock))
            return false;
        if (batch->no_memory || !hs_store_grow(search->store)) {
            search->end = HS_SEARCH_OUT_OF_MEMORY;
            return false;
        }
    }
    return true;
}

/* What was found becomes the level.  False if nothing was. */
static bool next_level(struct batch *batch, struct worker *workers)
{
    bool any = false;
    for (unsigned i = 0; i < batch->threads; i++) {
        struct list *list = &batch->level[i];
        struct found old = list->found;
        *list = (struct list){.found = workers[i].next};
        workers[i].next = old;
        workers[i].next.count = 0;
        any = any || list->found.count;
    }
    return any;
}

static bool begin(struct batch *batch, struct worker *workers, const void *start)
{
    const struct hs_graph *graph = batch->graph;
    struct hs_tree *tree = &workers[0].parent;
    uint64_t root;
    for (unsigned i = 0; i < batch->threads; i++) {
        workers[i].batch = batch;
        workers[i].thread = i;
        workers[i].pending = calloc(PENDING_MAX, sizeof(struct hs_tree));
        if (!workers[i].pending)
            return false;
    }
    memcpy(tree->words, start, graph->words * sizeof(uint64_t));
    if (graph->canonical)
        graph->canonical(graph->context, tree->words);
    return hs_store_put(batch->store, 0, NULL, tree, &root) == HS_PUT_NEW &&
           note_found(&workers[0].next, root);
}

void hs_search_run(const struct hs_graph *graph, const void *start,
    const struct hs_search_options *options, struct hs_search *search)
{
    struct clock clock = {hs_now(), hs_now()};
    struct worker *workers = calloc(options->threads, sizeof(*workers));
    struct list *level = aligned_alloc(alignof(struct list), options->threads * sizeof(*level));
    memset(search, 0, sizeof(*search));
    search->end = HS_SEARCH_OUT_OF_MEMORY;
    search->store = hs_graph_store(graph, options->threads, options->memory);
    struct batch batch = {.graph = graph,
        .store = search->store,
        .threads = options->threads,
        .end_flag = options->end_flag,
        .interrupted = options->interrupted,
        .level = level};
    if (level)
        memset(level, 0, options->threads * sizeof(*level));
    if (!workers || !level || !search->store || !begin(&batch, workers, start))
        goto out;
    bool complete = true;
    while (complete && next_level(&batch, workers)) {
        complete = expand_level(search, options, &batch, workers, &clock);
        search->depth++;
        if (complete && options->enough)
            complete = !is_enough(search, options, workers);
    }
    search->depth--; /* the start has depth 0 */
    if (complete)
        search->end = HS_SEARCH_COMPLETE;
    add_up(search, workers, options->threads);
    search->seconds = hs_now() - clock.start;
out:
    for (unsigned i = 0; workers && level && i < options->threads; i++) {
        free(workers[i].pending);
        free(workers[i].next.roots);
        free(level[i].found.roots);
    }
    free(workers);
    free(level);
}

void hs_search_close(struct hs_search *search)
{
    hs_store_free(search->store);
}

/* ---- what duties alone lead to ----------------------------------------------------------------
 */

/*
 * From which states duties lead to the end: found by walking.  A walk goes from a state along
 * duties, depth first, until it meets the end, or a state that is known to lead there; then every
 * state on its path leads there.  A state is entered by one walk only.  What no walk
 * found a way out of may yet lead to a state whose own way was found later, so those that are left
 * are looked at again until none changes.
 */
struct escape {
    const struct hs_graph *graph;
    struct hs_store *store;
    const struct hs_hope *hope;
    uint64_t *stuck;   /* bit place: no way to the end is known */
    uint64_t *entered; /* bit place: by a walk */
    uint64_t *closed;  /* bit place: neither the end, nor may a way pass through */
    uint64_t *path;    /* roots */
    size_t length;
    size_t room;
    struct hs_tree parent;
    struct hs_tree child;
    uint32_t labels[HS_LABELS_MAX];
};

static void add(uint64_t *set, size_t place)
{
    set[place / 64] |= UINT64_C(1) << (place % 64);
}

static void take_out(uint64_t *set, size_t place)
{
    set[place / 64] &= ~(UINT64_C(1) << (place % 64));
}

enum way { WAY_OUT, WAY_ON, NO_WAY };

/* Where do the duties of a state lead: out, or on to a state that no walk has entered, or neither?
 */
static enum way look_around(struct escape *escape, uint64_t root, uint64_t *on)
{
    const struct hs_graph *graph = escape->graph;
    enum way way = NO_WAY;
    hs_store_get(escape->store, root, &escape->parent);
    unsigned count = graph->list(graph->context, escape->parent.words, escape->labels);
    for (unsigned i = 0; i < count; i++) {
        uint64_t found;
        if (!graph->is_duty(escape->labels[i]) ||
            graph->kind(escape->labels[i]) == escape->hope->but)
            continue;
        memcpy(escape->child.words, escape->parent.words, graph->words * sizeof(uint64_t));
        graph->take(graph->context, escape->child.words, escape->labels[i]);
        if (graph->canonical)
            graph->canonical(graph->context, escape->child.words);
        hs_store_pack(escape->store, &escape->parent, &escape->child);
        found = hs_store_root(escape->store, 0, &escape->child);
        size_t place = hs_store_place(escape->store, found);
        if (!hs_set_has(escape->stuck, place))
            return WAY_OUT;
        if (way == NO_WAY && !hs_set_has(escape->entered, place)) {
            way = WAY_ON;
            *on = found;
        }
    }
    return way;
}

static bool step_on(struct escape *escape, uint64_t root)
{
    if (escape->length == escape->room) {
        size_t room = escape->room ? escape->room * 2 : 1024;
        uint64_t *path = realloc(escape->path, room * sizeof(*path));
        if (!path)
            return false;
        escape->path = path;
        escape->room = room;
    }
    escape->path[escape->length++] = root;
    add(escape->entered, hs_store_place(escape->store, root));
    return true;
}

/* A walk from `root`, which no walk has entered.  False if memory does not suffice. */
static bool walk(struct escape *escape, uint64_t root)
{
    escape->length = 0;
    if (!step_on(escape, root))
        return false;
    while (escape->length) {
        uint64_t on;
        switch (look_around(escape, escape->path[escape->length - 1], &on)) {
        case WAY_OUT:
            while (escape->length)
                take_out(
                    escape->stuck, hs_store_place(escape->store, escape->path[--escape->length]));
            break;
        case WAY_ON:
            if (!step_on(escape, on))
                return false;
            break;
        case NO_WAY:
            escape->length--;
            break;
        }
    }
    return true;
}

/* Look at every state that seems stuck once more.  Returns how many are not. */
static uint64_t look_again(struct escape *escape)
{
    uint64_t out = 0;
    size_t places = hs_store_places(escape->store);
    for (size_t place = 0; place < places; place++) {
        uint64_t on;
        if (hs_set_has(escape->stuck, place) && !hs_set_has(escape->closed, place) &&
            look_around(escape, hs_store_at(escape->store, place), &on) == WAY_OUT) {
            take_out(escape->stuck, place);
            out++;
        }
    }
    return out;
}

/* The flags of the state at that place, but for those that depend on the enabled steps. */
static uint32_t flags_at(struct escape *escape, uint64_t root)
{
    hs_store_get(escape->store, root, &escape->parent);
    return escape->graph->flags(escape->graph->context, escape->parent.words, NULL, 0);
}

/* Before the first walk no state but the end is known to lead there. */
static void begin_walks(struct escape *escape)
{
    const struct hs_hope *hope = escape->hope;
    size_t places = hs_store_places(escape->store);
    for (size_t place = 0; place < places; place++) {
        uint64_t root = hs_store_at(escape->store, place);
        if (!root)
            continue;
        uint32_t flags = flags_at(escape, root);
        bool goes_on = flags >> hope->along & 1u;
        bool ends = hope->end == HS_FLAGS ? !goes_on : flags >> hope->end & 1u;
        if (!ends)
            add(escape->stuck, place);
        if (!ends && !goes_on) {
            add(escape->closed, place);
            add(escape->entered, place);
        }
    }
}

/* Of those from which no way leads to the end, keep the states that are asked about. */
static void keep_asked(struct escape *escape)
{
    size_t places = hs_store_places(escape->store);
    for (size_t place = 0; place < places; place++) {
        if (hs_set_has(escape->stuck, place) &&
            !(flags_at(escape, hs_store_at(escape->store, place)) >> escape->hope->flag & 1u))
            take_out(escape->stuck, place);
    }
}

static bool find_stuck(struct escape *escape)
{
    size_t places = hs_store_places(escape->store);
    begin_walks(escape);
    for (size_t place = 0; place < places; place++) {
        if (hs_set_has(escape->stuck, place) && !hs_set_has(escape->entered, place) &&
            !walk(escape, hs_store_at(escape->store, place)))
            return false;
    }
    while (look_again(escape) > 0)
        ;
    keep_asked(escape);
    return true;
}

static uint64_t count_set(const uint64_t *set, size_t places)
{
    uint64_t count = 0;
    for (size_t i = 0; i <= places / 64; i++)
        count += (uint64_t)__builtin_popcountll(set[i]);
    return count;
}

uint64_t hs_search_stuck(const struct hs_graph *graph, const struct hs_search *search,
    const struct hs_hope *hope, uint64_t **set)
{
    size_t places = hs_store_places(search->store);
    struct escape *escape = calloc(1, sizeof(*escape));
    uint64_t *stuck = calloc(places / 64 + 1, sizeof(*stuck));
    uint64_t *entered = calloc(places / 64 + 1, sizeof(*entered));
    uint64_t *closed = calloc(places / 64 + 1, sizeof(*closed));
    uint64_t count = 0;
    bool good = false;
    if (escape && stuck && entered && closed) {
        escape->graph = graph;
        escape->store = search->store;
        escape->hope = hope;
        escape->stuck = stuck;
        escape->entered = entered;
        escape->closed = closed;
        good = find_stuck(escape);
        free(escape->path);
    }
    if (good)
        count = count_set(stuck, places);
    else
        free(stuck);
    *set = good ? stuck : NULL;
    free(entered);
    free(closed);
    free(escape);
    return count;
}
