/* Breadth-first search by several threads over the compressed store. */
#include "search.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CHUNK = 64, PENDING_MAX = 64 };

/* ---- a level, shared out among threads --------------------------------------------------------
 */

/* What one thread adds to the result. */
struct share {
    uint64_t distinct;
    uint64_t generated;
    uint64_t fired;
    uint64_t states[HS_FLAGS];
    uint64_t ends;
    uint64_t ends_with[HS_FLAGS];
};

/* States [next, end) of the store are to be expanded. */
struct batch {
    const struct hs_graph *graph;
    struct hs_store *store;
    unsigned end_flag;
    const volatile int *interrupted;
    _Atomic uint32_t next;
    uint32_t end;
    _Atomic int is_full; /* a table is: rest, so that it can grow */
};

struct worker {
    struct batch *batch;
    unsigned thread;
    struct share share;
    uint32_t left_from; /* what this thread took on and did not finish */
    uint32_t left_to;
    unsigned pending_count;
    uint64_t pending[PENDING_MAX]; /* roots of successors, to be put together */
    uint32_t labels[HS_LABELS_MAX];
    struct hs_tree parent;
    struct hs_tree child;
};

/* Put what is pending.  False if a table is full; the rest stays pending. */
static bool put_pending(struct worker *worker)
{
    struct hs_store *store = worker->batch->store;
    unsigned put = 0;
    bool fits = true;
    for (unsigned i = 0; i < worker->pending_count; i++)
        hs_store_look_ahead(store, worker->pending[i]);
    while (put < worker->pending_count && fits) {
        uint32_t number;
        switch (hs_store_put_root(store, worker->thread, worker->pending[put], &number)) {
        case HS_PUT_NEW:
            worker->share.distinct++;
            put++;
            break;
        case HS_PUT_KNOWN:
            put++;
            break;
        case HS_PUT_FULL:
            fits = false;
            break;
        }
    }
    worker->pending_count -= put;
    memmove(worker->pending, worker->pending + put, worker->pending_count * sizeof(uint64_t));
    return fits;
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

/* Expand one state.  False if a table is full; the state is to be expanded again, which does no
 * harm. */
static bool expand(struct worker *worker, uint32_t number)
{
    const struct hs_graph *graph = worker->batch->graph;
    if (!hs_store_get(worker->batch->store, number, &worker->parent))
        return true; /* a gap */
    uint64_t fired = 0;
    unsigned count = graph->list(graph->context, worker->parent.words, worker->labels);
    for (unsigned i = 0; i < count; i++) {
        uint64_t *root = &worker->pending[worker->pending_count];
        memcpy(worker->child.words, worker->parent.words, graph->words * sizeof(uint64_t));
        graph->take(graph->context, worker->child.words, worker->labels[i]);
        if (graph->canonical)
            graph->canonical(graph->context, worker->child.words);
        if (hs_store_root(worker->batch->store, worker->thread, &worker->parent, &worker->child,
                root) == HS_PUT_FULL)
            return false;
        if (++worker->pending_count == PENDING_MAX && !put_pending(worker))
            return false;
        fired |= UINT64_C(1) << graph->kind(worker->labels[i]);
    }
    worker->share.generated += count;
    worker->share.fired |= fired;
    count_flags(&worker->share,
        graph->flags(graph->context, worker->parent.words, worker->labels, count),
        worker->batch->end_flag);
    return true;
}

static bool should_rest(const struct batch *batch)
{
    return batch->is_full || (batch->interrupted && *batch->interrupted);
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    struct batch *batch = worker->batch;
    if (!put_pending(worker)) /* what was left when a table was full */
        batch->is_full = 1;
    while (!should_rest(batch)) {
        if (worker->left_from == worker->left_to) {
            uint32_t first = atomic_fetch_add(&batch->next, CHUNK);
            if (first >= batch->end)
                break;
            worker->left_from = first;
            worker->left_to = batch->end - first < CHUNK ? batch->end : first + CHUNK;
        }
        if (expand(worker, worker->left_from))
            worker->left_from++;
        else
            batch->is_full = 1;
    }
    if (!put_pending(worker))
        batch->is_full = 1;
    return NULL;
}

/* Let all workers work until the batch is done or a table is full. */
static void work_together(struct worker *workers, unsigned threads)
{
    pthread_t others[HS_STORE_THREADS_MAX];
    unsigned started = 1;
    while (
        started < threads && pthread_create(&others[started], NULL, work, &workers[started]) == 0)
        started++;
    work(&workers[0]);
    for (unsigned i = 1; i < started; i++)
        pthread_join(others[i], NULL);
    /* What a thread that could not be started would have done, the others did. */
}

/* ---- the search ------------------------------------------------------------------------------ */

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void add_up(struct hs_search *search, const struct worker *workers, unsigned threads)
{
    search->distinct = 1; /* the start */
    search->generated = search->fired = search->ends = 0;
    memset(search->states, 0, sizeof(search->states));
    memset(search->ends_with, 0, sizeof(search->ends_with));
    for (unsigned i = 0; i < threads; i++) {
        const struct share *share = &workers[i].share;
        search->distinct += share->distinct;
        search->generated += share->generated;
        search->fired |= share->fired;
        search->ends += share->ends;
        for (unsigned flag = 0; flag < HS_FLAGS; flag++) {
            search->states[flag] += share->states[flag];
            search->ends_with[flag] += share->ends_with[flag];
        }
    }
    search->bytes = hs_store_bytes(search->store);
}

struct clock {
    double start;
    double last_progress;
};

/* May the search go on?  If not, says why. */
static bool may_go_on(struct hs_search *search, const struct hs_search_options *options,
    const struct worker *workers, struct clock *clock)
{
    double time = now();
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

/* How many states to expand before looking at the clock and at the tables again. */
enum { BATCH = 1 << 15 };

/* Expand the states [from, to).  False if the search ends early. */
static bool expand_level(struct hs_search *search, const struct hs_search_options *options,
    struct batch *batch, struct worker *workers, struct clock *clock, uint32_t from, uint32_t to)
{
    batch->next = from;
    while (batch->next < to || batch->is_full) {
        uint32_t first = batch->next < to ? batch->next : to;
        batch->end = to - first < BATCH ? to : first + BATCH;
        batch->next = first;
        batch->is_full = 0;
        work_together(workers, options->threads);
        if (batch->next > batch->end)
            batch->next = batch->end;
        search->waiting = to - batch->next;
        if (!may_go_on(search, options, workers, clock))
            return false;
        if (!hs_store_grow(search->store)) {
            search->end = HS_SEARCH_OUT_OF_MEMORY;
            return false;
        }
    }
    return true;
}

static bool note_level(struct hs_search *search, unsigned depth, uint32_t begins)
{
    uint32_t *levels = realloc(search->levels, (depth + 2) * sizeof(*levels));
    if (!levels)
        return false;
    levels[depth] = begins;
    search->levels = levels;
    return true;
}

void hs_search_run(const struct hs_graph *graph, const void *start,
    const struct hs_search_options *options, struct hs_search *search)
{
    struct clock clock = {now(), now()};
    struct worker *workers = calloc(options->threads, sizeof(*workers));
    memset(search, 0, sizeof(*search));
    search->end = HS_SEARCH_OUT_OF_MEMORY;
    search->store = hs_store_new(graph->words, options->threads, options->memory);
    if (!workers || !search->store || !note_level(search, 0, 0))
        goto out;
    struct batch batch = {.graph = graph,
        .store = search->store,
        .end_flag = options->end_flag,
        .interrupted = options->interrupted};
    for (unsigned i = 0; i < options->threads; i++) {
        workers[i].batch = &batch;
        workers[i].thread = i;
    }
    uint32_t first;
    memcpy(workers[0].child.words, start, graph->words * sizeof(uint64_t));
    if (graph->canonical)
        graph->canonical(graph->context, workers[0].child.words);
    hs_store_put(search->store, 0, NULL, &workers[0].child, &first);
    uint32_t from = 0;
    uint32_t to = hs_store_close_level(search->store);
    while (from < to) {
        if (!note_level(search, search->depth + 1, to) ||
            !expand_level(search, options, &batch, workers, &clock, from, to))
            goto add;
        from = to;
        to = hs_store_close_level(search->store);
        search->depth += from < to;
    }
    search->end = HS_SEARCH_COMPLETE;
    search->waiting = 0;
add:
    add_up(search, workers, options->threads);
    search->seconds = now() - clock.start;
out:
    free(workers);
}

void hs_search_close(struct hs_search *search)
{
    hs_store_free(search->store);
    free(search->levels);
}

/* ---- what duties alone lead to ----------------------------------------------------------------
 */

/* Does a flag hold in a state?  For flags that do not depend on the enabled steps. */
static bool holds(const struct hs_graph *graph, const void *state, unsigned flag)
{
    return graph->flags(graph->context, state, NULL, 0) >> flag & 1u;
}

/* Does a duty lead from the state with this number to one that is not in `stuck`? */
static bool escapes(const struct hs_graph *graph, struct hs_store *store, struct worker *worker,
    const uint64_t *stuck)
{
    unsigned count = graph->list(graph->context, worker->parent.words, worker->labels);
    for (unsigned i = 0; i < count; i++) {
        uint32_t found;
        if (!graph->is_duty(worker->labels[i]))
            continue;
        memcpy(worker->child.words, worker->parent.words, graph->words * sizeof(uint64_t));
        graph->take(graph->context, worker->child.words, worker->labels[i]);
        if (graph->canonical)
            graph->canonical(graph->context, worker->child.words);
        if (hs_store_put(store, 0, &worker->parent, &worker->child, &found) == HS_PUT_KNOWN &&
            !hs_set_has(stuck, found))
            return true;
    }
    return false;
}

/* Take every state out of `stuck` from which a duty leads out of it; deepest first, because ways
 * lead deeper.  Returns how many were taken out. */
static uint64_t sweep(const struct hs_graph *graph, const struct hs_search *search,
    struct worker *worker, uint64_t *stuck, uint32_t total)
{
    uint64_t out = 0;
    for (uint32_t number = total; number-- > 0;) {
        if (!hs_set_has(stuck, number) || !hs_store_get(search->store, number, &worker->parent))
            continue;
        if (escapes(graph, search->store, worker, stuck)) {
            stuck[number / 64] &= ~(UINT64_C(1) << (number % 64));
            out++;
        }
    }
    return out;
}

uint64_t hs_search_stuck(
    const struct hs_graph *graph, const struct hs_search *search, unsigned flag, uint64_t **set)
{
    uint32_t total = search->levels[search->depth + 1];
    uint64_t *stuck = calloc(total / 64 + 1, sizeof(*stuck));
    struct worker *worker = calloc(1, sizeof(*worker));
    uint64_t count = 0;
    if (!stuck || !worker)
        goto out;
    for (uint32_t number = 0; number < total; number++) {
        if (hs_store_get(search->store, number, &worker->parent) &&
            holds(graph, worker->parent.words, flag)) {
            stuck[number / 64] |= UINT64_C(1) << (number % 64);
            count++;
        }
    }
    uint64_t out = 1;
    while (count && out) {
        out = sweep(graph, search, worker, stuck, total);
        count -= out;
    }
out:
    free(worker);
    *set = stuck;
    return count;
}
