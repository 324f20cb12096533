/* SPDX-License-Identifier: BSD-3-Clause */
/* The search engine on counters that have nothing to do with hints, where every answer is known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "witness.h"

#include <stdlib.h>
#include <string.h>

/* Some counters that run from 0 to `most`; the first may jump back from a trap to 0 by choice. */
enum { COUNTERS_MAX = 7, RESET = 100 };

/* The kind of each counter's steps, and of the reset, on both sides of where a word ends. */
static const unsigned kinds[COUNTERS_MAX] = {63, 64, 127, 0, 1, 65, 126};
static const unsigned reset_kind = 62;

struct counters {
    unsigned count;
    unsigned most;
};

static unsigned list(void *context, const void *state, uint32_t *labels)
{
    const struct counters *counters = context;
    const uint64_t *values = state;
    unsigned count = 0;
    for (uint32_t i = 0; i < counters->count; i++) {
        if (values[i] < counters->most)
            labels[count++] = i;
    }
    if (values[0] == counters->most)
        labels[count++] = RESET;
    return count;
}

static void take(void *context, void *state, uint32_t label)
{
    (void)context;
    uint64_t *values = state;
    if (label == RESET)
        values[0] = 0;
    else
        values[label]++;
}

enum { FLAG_FIRST_FULL = 3, FLAG_SECOND_EMPTY = 4, FLAG_ALL_FULL = 5, FLAG_END = 31 };

static uint32_t flags(void *context, const void *state, const uint32_t *labels, unsigned count)
{
    (void)labels;
    (void)count;
    const struct counters *counters = context;
    const uint64_t *values = state;
    uint32_t set = values[0] == counters->most ? 1u << FLAG_FIRST_FULL : 0;
    set |= (uint32_t)(counters->count > 1 && values[1] == 0) << FLAG_SECOND_EMPTY;
    bool all = true;
    for (unsigned i = 0; i < counters->count; i++)
        all = all && values[i] == counters->most;
    return all ? set | 1u << FLAG_ALL_FULL | 1u << FLAG_END : set;
}

static unsigned kind(uint32_t label)
{
    return label == RESET ? reset_kind : kinds[label];
}

static unsigned actor(uint32_t label)
{
    return label;
}

static bool is_duty(uint32_t label)
{
    return label != RESET;
}

static struct hs_graph graph_of(struct counters *counters)
{
    return (struct hs_graph){
        .words = counters->count,
        .context = counters,
        .list = list,
        .take = take,
        .flags = flags,
        .kind = kind,
        .actor = actor,
        .is_duty = is_duty,
    };
}

static void search(
    struct counters *counters, unsigned threads, size_t memory, struct hs_search *found)
{
    uint64_t start[COUNTERS_MAX] = {0};
    struct hs_graph graph = graph_of(counters);
    struct hs_search_options options = {.threads = threads, .memory = memory, .end_flag = FLAG_END};
    hs_search_run(&graph, start, &options, found);
}

enum { PLENTY = 1 << 30 };
static const struct hs_effort effort = {.memory = PLENTY};

static uint64_t power(uint64_t base, unsigned exponent)
{
    return exponent ? base * power(base, exponent - 1) : 1;
}

/* Exactly the kinds of the first `count` counters, and the reset's. */
static void assert_fired(const struct hs_search *found, unsigned count)
{
    for (unsigned k = 0; k < HS_KINDS_MAX; k++) {
        bool expected = k == reset_kind;
        for (unsigned i = 0; i < count; i++)
            expected = expected || k == kinds[i];
        assert_int_equal(hs_kind_set_has(&found->fired, k), expected);
    }
}

static void finds_every_state_once_for_any_number_of_words_and_threads(void **state)
{
    (void)state;
    for (unsigned count = 1; count <= COUNTERS_MAX; count++) {
        for (unsigned threads = 1; threads <= 4; threads++) {
            struct counters counters = {count, 5};
            struct hs_search found;
            search(&counters, threads, PLENTY, &found);
            uint64_t states = power(6, count);
            assert_int_equal(found.end, HS_SEARCH_COMPLETE);
            assert_int_equal(found.distinct, states);
            assert_int_equal(found.generated, count * 5 * states / 6 + states / 6);
            assert_int_equal(found.states[FLAG_FIRST_FULL], states / 6);
            assert_int_equal(found.ends, 1);
            assert_int_equal(found.ends_with[FLAG_FIRST_FULL], 1);
            assert_int_equal(found.depth, 5 * count);
            assert_fired(&found, count);
            assert_int_equal(found.waiting, 0);
            hs_search_close(&found);
        }
    }
}

static void says_so_when_memory_does_not_suffice(void **state)
{
    (void)state;
    struct counters counters = {7, 9};
    struct hs_search found;
    search(&counters, 2, 8 << 20, &found);
    assert_int_equal(found.end, HS_SEARCH_OUT_OF_MEMORY);
    assert_true(found.distinct < power(10, 7));
    assert_true(found.bytes <= 16 << 20);
    hs_search_close(&found);
}

static void stops_when_it_is_interrupted(void **state)
{
    (void)state;
    const volatile int interrupted = 1;
    uint64_t start[COUNTERS_MAX] = {0};
    struct counters counters = {7, 9};
    struct hs_graph graph = graph_of(&counters);
    struct hs_search_options options = {
        .threads = 2, .memory = PLENTY, .end_flag = FLAG_END, .interrupted = &interrupted};
    struct hs_search found;
    hs_search_run(&graph, start, &options, &found);
    assert_int_equal(found.end, HS_SEARCH_INTERRUPTED);
    hs_search_close(&found);
}

static void a_witness_is_shortest_and_the_first_in_the_order_of_the_labels(void **state)
{
    (void)state;
    uint64_t start[COUNTERS_MAX] = {0};
    struct counters counters = {3, 4};
    struct hs_graph graph = graph_of(&counters);
    for (unsigned threads = 1; threads <= 2; threads++) {
        struct hs_search found;
        static struct hs_witness witness;
        search(&counters, threads, PLENTY, &found);
        struct hs_goal goal = {.flag = FLAG_ALL_FULL};
        assert_int_equal(
            hs_witness_find(&graph, start, &goal, &effort, &witness), HS_WITNESS_FOUND);
        assert_int_equal(witness.length, 12);
        uint64_t values[3] = {0};
        for (unsigned i = 0; i < witness.length; i++) {
            assert_true(i == 0 || witness.labels[i - 1] <= witness.labels[i]);
            take(&counters, values, witness.labels[i]);
        }
        assert_int_equal(values[0] + values[1] + values[2], 12);
        hs_search_close(&found);
    }
}

static void stuck_is_what_duties_alone_do_not_end(void **state)
{
    (void)state;
    /* The first counter stays full unless somebody chooses to reset it. */
    uint64_t start[COUNTERS_MAX] = {0};
    struct counters counters = {3, 4};
    struct hs_graph graph = graph_of(&counters);
    struct hs_search found;
    static struct hs_witness witness;
    const struct hs_hope full = {FLAG_FIRST_FULL, FLAG_FIRST_FULL, HS_FLAGS, HS_KINDS_MAX};
    const struct hs_hope nowhere = {17, 17, HS_FLAGS, HS_KINDS_MAX};
    uint64_t *set;
    search(&counters, 2, PLENTY, &found);
    assert_int_equal(hs_search_stuck(&graph, &found, &full, &set), 25);
    struct hs_goal goal = {.set = set, .search = &found};
    assert_int_equal(hs_witness_find(&graph, start, &goal, &effort, &witness), HS_WITNESS_FOUND);
    assert_int_equal(witness.length, 4);
    free(set);
    /* No state is stuck in a flag that holds nowhere. */
    assert_int_equal(hs_search_stuck(&graph, &found, &nowhere, &set), 0);
    free(set);
    hs_search_close(&found);
}

static uint64_t hopeless(struct hs_hope hope)
{
    struct counters counters = {3, 4};
    struct hs_graph graph = graph_of(&counters);
    struct hs_search found;
    uint64_t *set;
    search(&counters, 2, PLENTY, &found);
    uint64_t stuck = hs_search_stuck(&graph, &found, &hope, &set);
    free(set);
    hs_search_close(&found);
    return stuck;
}

static void hope_is_for_one_end_on_some_ways(void **state)
{
    (void)state;
    const unsigned any = HS_KINDS_MAX;
    assert_int_equal(
        hopeless((struct hs_hope){FLAG_FIRST_FULL, FLAG_FIRST_FULL, FLAG_ALL_FULL, any}), 0);
    /* Without steps of the second counter only those reach it that have it full. */
    assert_int_equal(
        hopeless((struct hs_hope){FLAG_FIRST_FULL, FLAG_FIRST_FULL, FLAG_ALL_FULL, kinds[1]}), 20);
    /* While the second is empty not all can be full, but the first can. */
    assert_int_equal(
        hopeless((struct hs_hope){FLAG_SECOND_EMPTY, FLAG_SECOND_EMPTY, FLAG_ALL_FULL, any}), 25);
    assert_int_equal(
        hopeless((struct hs_hope){FLAG_SECOND_EMPTY, FLAG_SECOND_EMPTY, FLAG_FIRST_FULL, any}), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_every_state_once_for_any_number_of_words_and_threads),
        cmocka_unit_test(says_so_when_memory_does_not_suffice),
        cmocka_unit_test(stops_when_it_is_interrupted),
        cmocka_unit_test(a_witness_is_shortest_and_the_first_in_the_order_of_the_labels),
        cmocka_unit_test(stuck_is_what_duties_alone_do_not_end),
        cmocka_unit_test(hope_is_for_one_end_on_some_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
