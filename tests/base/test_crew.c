/* SPDX-License-Identifier: BSD-3-Clause */
/* The crew: every piece is done once, by as many threads as there are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "crew.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

enum { PIECES_MAX = 100 };

/* ---- the threads that can be started ----------------------------------------------------------
 */

static unsigned allowed; /* so many can be started */
static unsigned started; /* so many were */

int __real_pthread_create(
    pthread_t *thread, const pthread_attr_t *how, void *(*begin)(void *), void *argument);
int __wrap_pthread_create(
    pthread_t *thread, const pthread_attr_t *how, void *(*begin)(void *), void *argument);

int __wrap_pthread_create(
    pthread_t *thread, const pthread_attr_t *how, void *(*begin)(void *), void *argument)
{
    if (started == allowed)
        return EAGAIN;
    started++;
    return __real_pthread_create(thread, how, begin, argument);
}

/* ---- what is noted of the work ----------------------------------------------------------------
 */

struct log {
    atomic_uint done[PIECES_MAX]; /* how often each piece was */
    pthread_barrier_t *meeting;   /* where the workers wait for each other, or NULL */
    unsigned told[PIECES_MAX + 1];
    unsigned told_count;
    atomic_uint telling; /* threads that are */
    bool overlap;        /* two were at once */
    bool early;          /* a piece was told of that was not done, or before one was */
    bool beyond;         /* a piece was done that there is not */
};

static void do_piece(void *context, unsigned piece)
{
    struct log *log = context;
    if (piece >= PIECES_MAX) {
        log->beyond = true;
        return;
    }
    if (log->meeting)
        pthread_barrier_wait(log->meeting);
    atomic_fetch_add(&log->done[piece], 1);
}

static void tell_piece(void *context, unsigned piece)
{
    struct log *log = context;
    if (atomic_fetch_add(&log->telling, 1) != 0)
        log->overlap = true;
    log->early = log->early || !atomic_load(&log->done[piece]);
    if (log->told_count <= PIECES_MAX)
        log->told[log->told_count++] = piece;
    if (piece % 16 == 0)
        sched_yield(); /* let others tell, too, if they may */
    atomic_fetch_sub(&log->telling, 1);
}

static void do_all(struct log *log, unsigned threads, unsigned can_be_started, unsigned count)
{
    allowed = can_be_started;
    started = 0;
    hs_crew_do(threads,
        &(struct hs_pieces){.count = count, .context = log, .work = do_piece, .done = tell_piece});
}

static void assert_done_once(const struct log *log, unsigned count)
{
    for (unsigned i = 0; i < PIECES_MAX; i++)
        assert_int_equal(atomic_load(&log->done[i]), i < count);
    assert_false(log->beyond);
}

static void assert_told_in_order(const struct log *log, unsigned count)
{
    assert_int_equal(log->told_count, count);
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(log->told[i], i);
    assert_false(log->overlap);
    assert_false(log->early);
}

/* ---- tests ------------------------------------------------------------------------------------
 */

static void every_piece_is_done_once_and_told_in_order(void **state)
{
    (void)state;
    static const unsigned counts[] = {0, 1, 2, 7, PIECES_MAX};
    for (unsigned threads = 1; threads <= 9; threads++) {
        for (unsigned i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
            struct log log;
            memset(&log, 0, sizeof(log));
            do_all(&log, threads, HS_THREADS_MAX, counts[i]);
            assert_done_once(&log, counts[i]);
            assert_told_in_order(&log, counts[i]);
        }
    }
}

static void nobody_has_to_be_told(void **state)
{
    (void)state;
    struct log log;
    memset(&log, 0, sizeof(log));
    allowed = HS_THREADS_MAX;
    started = 0;
    hs_crew_do(3, &(struct hs_pieces){.count = 20, .context = &log, .work = do_piece});
    assert_done_once(&log, 20);
    assert_int_equal(log.told_count, 0);
}

/* Each piece waits until as many are being done as there are threads. */
static void as_many_pieces_are_done_at_a_time_as_there_are_threads(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads <= 8; threads++) {
        struct log log;
        pthread_barrier_t meeting;
        memset(&log, 0, sizeof(log));
        pthread_barrier_init(&meeting, NULL, threads);
        log.meeting = &meeting;
        do_all(&log, threads, HS_THREADS_MAX, 5 * threads);
        pthread_barrier_destroy(&meeting);
        assert_done_once(&log, 5 * threads);
        assert_int_equal(started, threads - 1);
    }
}

static void the_largest_crew_is_complete(void **state)
{
    (void)state;
    struct log log;
    memset(&log, 0, sizeof(log));
    do_all(&log, HS_THREADS_MAX, HS_THREADS_MAX, PIECES_MAX);
    assert_done_once(&log, PIECES_MAX);
    assert_int_equal(started, HS_THREADS_MAX - 1);
}

static void no_thread_is_started_that_finds_nothing_to_do(void **state)
{
    (void)state;
    struct log log;
    memset(&log, 0, sizeof(log));
    do_all(&log, 8, HS_THREADS_MAX, 3);
    assert_int_equal(started, 2);
    memset(&log, 0, sizeof(log));
    do_all(&log, 8, HS_THREADS_MAX, 0);
    assert_int_equal(started, 0);
}

static void a_thread_that_cannot_be_started_does_no_harm(void **state)
{
    (void)state;
    for (unsigned can_be_started = 0; can_be_started < 4; can_be_started++) {
        struct log log;
        memset(&log, 0, sizeof(log));
        do_all(&log, 8, can_be_started, 50);
        assert_int_equal(started, can_be_started);
        assert_done_once(&log, 50);
        assert_told_in_order(&log, 50);
    }
}

/* The first piece ends last: only then anything can be told. */
static atomic_uint others_done;

static void do_first_last(void *context, unsigned piece)
{
    struct log *log = context;
    if (piece == 0) {
        while (atomic_load(&others_done) < 9)
            sched_yield();
        log->early = log->told_count > 0;
    }
    do_piece(context, piece);
    if (piece > 0)
        atomic_fetch_add(&others_done, 1);
}

static void what_is_done_early_waits_for_what_comes_before(void **state)
{
    (void)state;
    struct log log;
    memset(&log, 0, sizeof(log));
    allowed = HS_THREADS_MAX;
    started = 0;
    atomic_store(&others_done, 0);
    hs_crew_do(2, &(struct hs_pieces){
                      .count = 10, .context = &log, .work = do_first_last, .done = tell_piece});
    assert_done_once(&log, 10);
    assert_told_in_order(&log, 10);
}

/* ---- in another order -------------------------------------------------------------------------
 */

static unsigned taken[10];
static unsigned taken_count;

static void note_piece(void *context, unsigned piece)
{
    taken[taken_count++] = piece;
    do_piece(context, piece);
}

static void pieces_are_taken_in_the_order_given_and_told_as_numbered(void **state)
{
    (void)state;
    static const unsigned order[] = {9, 0, 8, 1, 7, 2, 6, 3, 5, 4};
    struct log log;
    memset(&log, 0, sizeof(log));
    taken_count = 0;
    hs_crew_do(1,
        &(struct hs_pieces){
            .count = 10, .context = &log, .order = order, .work = note_piece, .done = tell_piece});
    assert_int_equal(taken_count, 10);
    assert_memory_equal(taken, order, sizeof(order));
    assert_done_once(&log, 10);
    assert_told_in_order(&log, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_piece_is_done_once_and_told_in_order),
        cmocka_unit_test(nobody_has_to_be_told),
        cmocka_unit_test(as_many_pieces_are_done_at_a_time_as_there_are_threads),
        cmocka_unit_test(the_largest_crew_is_complete),
        cmocka_unit_test(no_thread_is_started_that_finds_nothing_to_do),
        cmocka_unit_test(a_thread_that_cannot_be_started_does_no_harm),
        cmocka_unit_test(what_is_done_early_waits_for_what_comes_before),
        cmocka_unit_test(pieces_are_taken_in_the_order_given_and_told_as_numbered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
