/* SPDX-License-Identifier: BSD-3-Clause */
/* Runs to what is looked for, on counters of which any may stand for any other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "witness.h"

#include <stdlib.h>
#include <string.h>

enum { COUNTERS = 3, MOST = 2, PLENTY = 1 << 30 };
enum { FLAG_ONE_FULL = 3, FLAG_HOLDS_NOWHERE = 4 };

static unsigned list(void *context, const void *state, uint32_t *labels)
{
    (void)context;
    const uint64_t *values = state;
    unsigned count = 0;
    for (uint32_t i = 0; i < COUNTERS; i++) {
        if (values[i] < MOST)
            labels[count++] = i;
    }
    return count;
}

static void take(void *context, void *state, uint32_t label)
{
    (void)context;
    uint64_t *values = state;
    values[label]++;
}

static uint32_t flags(void *context, const void *state, const uint32_t *labels, unsigned count)
{
    (void)context;
    (void)labels;
    (void)count;
    const uint64_t *values = state;
    for (unsigned i = 0; i < COUNTERS; i++) {
        if (values[i] == MOST)
            return 1u << FLAG_ONE_FULL;
    }
    return 0;
}

static unsigned one(uint32_t label)
{
    return label;
}

static bool always(uint32_t label)
{
    (void)label;
    return true;
}

/* Least first. */
static void sort(void *context, void *state)
{
    (void)context;
    uint64_t *values = state;
    for (unsigned round = 1; round < COUNTERS; round++) {
        for (unsigned i = 1; i < COUNTERS; i++) {
            uint64_t value = values[i];
            if (values[i - 1] > value) {
                values[i] = values[i - 1];
                values[i - 1] = value;
            }
        }
    }
}

static struct hs_graph graph_of(void (*canonical)(void *, void *))
{
    return (struct hs_graph){.words = COUNTERS,
        .list = list,
        .take = take,
        .flags = flags,
        .kind = one,
        .actor = one,
        .is_duty = always,
        .canonical = canonical};
}

static const uint64_t start[COUNTERS] = {0};
static const struct hs_effort effort = {.memory = PLENTY};

/* How many goals a search finds, each by a run that can be taken from the start and ends in it. */
static unsigned find_all(
    const struct hs_graph *graph, const uint64_t *from, const struct hs_goal *goal)
{
    static struct hs_witness witness;
    struct hs_witness_search *search = hs_witness_search_new(graph, from, goal, &effort);
    unsigned found = 0;
    unsigned length = 0;
    assert_non_null(search);
    while (hs_witness_search_next(search, &witness) == HS_WITNESS_FOUND) {
        uint64_t state[COUNTERS];
        memcpy(state, from, sizeof(state));
        assert_true(witness.length >= length);
        length = witness.length;
        assert_true(hs_witness_replay(graph, &witness, state));
        assert_true(hs_is_goal(graph, goal, state));
        found++;
    }
    assert_int_equal(hs_witness_search_next(search, &witness), HS_WITNESS_NONE);
    hs_witness_search_free(search);
    return found;
}

static void finds_every_goal_that_no_other_goal_hides_and_shortest_first(void **state)
{
    (void)state;
    struct hs_graph graph = graph_of(NULL);
    struct hs_goal goal = {.flag = FLAG_ONE_FULL};
    /* One of three is full, the others are not. */
    assert_int_equal(find_all(&graph, start, &goal), 3 * 2 * 2);
    goal.flag = FLAG_HOLDS_NOWHERE;
    assert_int_equal(find_all(&graph, start, &goal), 0);
}

static void a_run_is_one_of_the_states_themselves_and_not_of_those_that_stand_for_them(void **state)
{
    (void)state;
    struct hs_graph graph = graph_of(sort);
    struct hs_goal goal = {.flag = FLAG_ONE_FULL};
    /* Which one is full makes no difference, nor which of the others is ahead. */
    assert_int_equal(find_all(&graph, start, &goal), 3);
    /* Here the first is ahead, though what stands for this state has the last ahead. */
    static const uint64_t ahead[COUNTERS] = {1, 0, 0};
    assert_int_equal(find_all(&graph, ahead, &goal), 3);
}

static void a_set_holds_the_states_that_stand_for_others(void **state)
{
    (void)state;
    struct hs_graph graph = graph_of(sort);
    struct hs_search search;
    struct hs_search_options options = {.threads = 1, .memory = PLENTY, .end_flag = 31};
    hs_search_run(&graph, start, &options, &search);
    struct hs_tree tree = {.words = {0, 1, 1}};
    uint64_t root;
    assert_int_equal(hs_store_put(search.store, 0, NULL, &tree, &root), HS_PUT_KNOWN);
    uint64_t *set = calloc(hs_store_places(search.store) / 64 + 1, sizeof(*set));
    assert_non_null(set);
    size_t place = hs_store_place(search.store, root);
    set[place / 64] |= UINT64_C(1) << (place % 64);
    struct hs_goal goal = {.set = set, .search = &search};
    assert_int_equal(find_all(&graph, start, &goal), 1);
    static const uint64_t like_it[COUNTERS] = {1, 0, 1};
    assert_true(hs_is_goal(&graph, &goal, like_it));
    assert_false(hs_is_goal(&graph, &goal, start));
    free(set);
    hs_search_close(&search);
}

static void a_run_with_a_step_that_is_not_enabled_is_none(void **state)
{
    (void)state;
    struct hs_graph graph = graph_of(NULL);
    static const struct hs_witness witness = {3, {1, 1, 1}};
    uint64_t values[COUNTERS] = {0};
    assert_false(hs_witness_replay(&graph, &witness, values));
}

static void a_search_that_is_stopped_gives_up(void **state)
{
    (void)state;
    static struct hs_witness witness;
    volatile int interrupted = 1; /* of what was done before */
    const struct hs_effort efforts[] = {{.memory = PLENTY, .interrupted = &interrupted},
        {.memory = PLENTY, .until = 1e-9}, {.memory = 1}};
    struct hs_graph graph = graph_of(NULL);
    struct hs_goal goal = {.flag = FLAG_ONE_FULL};
    for (unsigned i = 0; i < 3; i++) {
        struct hs_witness_search *search = hs_witness_search_new(&graph, start, &goal, &efforts[i]);
        interrupted++;
        assert_int_equal(hs_witness_search_next(search, &witness), HS_WITNESS_GAVE_UP);
        hs_witness_search_free(search);
    }
    assert_int_equal(
        hs_witness_find(&graph, start, &goal, &efforts[0], &witness), HS_WITNESS_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_every_goal_that_no_other_goal_hides_and_shortest_first),
        cmocka_unit_test(
            a_run_is_one_of_the_states_themselves_and_not_of_those_that_stand_for_them),
        cmocka_unit_test(a_set_holds_the_states_that_stand_for_others),
        cmocka_unit_test(a_search_that_is_stopped_gives_up),
        cmocka_unit_test(a_run_with_a_step_that_is_not_enabled_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
