/* SPDX-License-Identifier: BSD-3-Clause */
/* Examples, on a walk along a street with a fork, where every shortest run is known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "example.h"

enum { WALK, LEFT, RIGHT, BACK, REST, PLENTY = 1 << 30 };
enum { STREET = 0, FORK = 2, LEFT_END, RIGHT_END };

static unsigned list(void *context, const void *state, uint32_t *labels)
{
    const bool *may_go_back = context;
    uint64_t place = *(const uint64_t *)state;
    unsigned count = 0;
    if (place < FORK)
        labels[count++] = WALK;
    if (place == FORK) {
        labels[count++] = LEFT;
        labels[count++] = RIGHT;
    }
    if (place > FORK && *may_go_back)
        labels[count++] = BACK;
    labels[count++] = REST;
    return count;
}

static void take(void *context, void *state, uint32_t label)
{
    (void)context;
    uint64_t *place = state;
    switch (label) {
    case WALK:
        ++*place;
        break;
    case LEFT:
        *place = LEFT_END;
        break;
    case RIGHT:
        *place = RIGHT_END;
        break;
    case BACK:
        *place = FORK;
        break;
    default:
        break;
    }
}

/* On both sides of where a word ends. */
static unsigned kind(uint32_t label)
{
    static const unsigned kinds[] = {
        [WALK] = 0, [LEFT] = 63, [RIGHT] = 64, [BACK] = 62, [REST] = 127};
    return kinds[label];
}

static struct hs_witness example;

/* Look for an example of the kinds of two labels, or of one. */
static enum hs_witness_end find(bool may_go_back, uint32_t one, uint32_t other, size_t memory)
{
    static const uint64_t start = STREET;
    struct hs_graph graph = {
        .words = 1, .context = &may_go_back, .list = list, .take = take, .kind = kind};
    struct hs_effort effort = {.memory = memory};
    struct hs_kind_set kinds = {{0}};
    hs_kind_set_add(&kinds, kind(one));
    hs_kind_set_add(&kinds, kind(other));
    return hs_example_find(&graph, &start, &kinds, &effort, &example);
}

static void an_example_takes_all_kinds_in_as_few_steps_as_possible(void **state)
{
    (void)state;
    static const uint32_t expected[] = {WALK, WALK, LEFT, BACK, RIGHT};
    assert_int_equal(find(true, LEFT, RIGHT, PLENTY), HS_WITNESS_FOUND);
    assert_int_equal(example.length, 5);
    assert_memory_equal(example.labels, expected, sizeof(expected));
    assert_int_equal(find(true, REST, REST, PLENTY), HS_WITNESS_FOUND);
    assert_int_equal(example.length, 1);
}

static void kinds_that_exclude_each_other_have_no_example(void **state)
{
    (void)state;
    assert_int_equal(find(false, LEFT, REST, PLENTY), HS_WITNESS_FOUND);
    assert_int_equal(example.length, 4);
    assert_int_equal(find(false, LEFT, RIGHT, PLENTY), HS_WITNESS_NONE);
}

static void no_memory_is_no_answer(void **state)
{
    (void)state;
    assert_int_equal(find(false, LEFT, RIGHT, 1), HS_WITNESS_GAVE_UP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_example_takes_all_kinds_in_as_few_steps_as_possible),
        cmocka_unit_test(kinds_that_exclude_each_other_have_no_example),
        cmocka_unit_test(no_memory_is_no_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
