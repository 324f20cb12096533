/* SPDX-License-Identifier: BSD-3-Clause */
/* The small search, on a puzzle that has nothing to do with hints: two jugs and a tap. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reach.h"

enum { FILL_A, FILL_B, EMPTY_A, EMPTY_B, A_TO_B, B_TO_A, STEPS };

struct jugs {
    uint8_t a; /* litres in the jug of 3 */
    uint8_t b; /* litres in the jug of 5 */
};

struct puzzle {
    unsigned wanted; /* litres in the jug of 5, or 0: in either */
};

static unsigned list(void *context, const void *state, uint32_t *labels)
{
    (void)context;
    (void)state;
    for (uint32_t i = 0; i < STEPS; i++)
        labels[i] = i;
    return STEPS;
}

static uint8_t least(unsigned x, unsigned y)
{
    return (uint8_t)(x < y ? x : y);
}

static void take(void *context, void *state, uint32_t label)
{
    (void)context;
    struct jugs *jugs = state;
    uint8_t poured = label == A_TO_B ? least(jugs->a, 5u - jugs->b) : least(jugs->b, 3u - jugs->a);
    switch (label) {
    case FILL_A:
        jugs->a = 3;
        break;
    case FILL_B:
        jugs->b = 5;
        break;
    case EMPTY_A:
        jugs->a = 0;
        break;
    case EMPTY_B:
        jugs->b = 0;
        break;
    case A_TO_B:
        jugs->a = (uint8_t)(jugs->a - poured);
        jugs->b = (uint8_t)(jugs->b + poured);
        break;
    default:
        jugs->a = (uint8_t)(jugs->a + poured);
        jugs->b = (uint8_t)(jugs->b - poured);
        break;
    }
}

static bool is_goal(void *context, const void *state)
{
    const struct puzzle *puzzle = context;
    const struct jugs *jugs = state;
    return jugs->b == puzzle->wanted;
}

static bool is_either_full(void *context, const void *state)
{
    (void)context;
    const struct jugs *jugs = state;
    return jugs->a == 3 || jugs->b == 5;
}

static struct hs_space space_of(struct puzzle *puzzle)
{
    return (struct hs_space){sizeof(struct jugs), STEPS, puzzle, list, take, is_goal};
}

static void finds_a_shortest_way(void **state)
{
    (void)state;
    struct puzzle puzzle = {4};
    struct hs_space space = space_of(&puzzle);
    struct jugs start = {0, 0};
    struct hs_way way;
    assert_int_equal(hs_reach(&space, &start, 1000, &way, NULL), HS_REACHED);
    assert_int_equal(way.length, 6); /* the classic answer: 5, 2, 2 in the small one, 5, 4 */
    for (unsigned i = 0; i < way.length; i++)
        take(&puzzle, &start, way.labels[i]);
    assert_int_equal(start.b, 4);
}

static void a_start_that_is_a_goal_needs_no_step(void **state)
{
    (void)state;
    struct puzzle puzzle = {0};
    struct hs_space space = space_of(&puzzle);
    struct jugs start = {0, 0};
    struct hs_way way;
    assert_int_equal(hs_reach(&space, &start, 1000, &way, NULL), HS_REACHED);
    assert_int_equal(way.length, 0);
}

static void says_unreachable_only_after_looking_everywhere(void **state)
{
    (void)state;
    struct puzzle puzzle = {6};
    struct hs_space space = space_of(&puzzle);
    struct jugs start = {0, 0};
    assert_int_equal(hs_reach(&space, &start, 1000, NULL, NULL), HS_UNREACHABLE);
    assert_int_equal(hs_reach(&space, &start, 16, NULL, NULL), HS_UNREACHABLE); /* all of them */
    assert_int_equal(hs_reach(&space, &start, 15, NULL, NULL), HS_GAVE_UP);
}

static void tells_of_another_way_that_is_as_short(void **state)
{
    (void)state;
    struct puzzle puzzle = {0};
    struct hs_space space = space_of(&puzzle);
    struct jugs start = {0, 0};
    struct hs_way way;
    struct hs_way other;
    space.is_goal = is_either_full;
    assert_int_equal(hs_reach(&space, &start, 1000, &way, &other), HS_REACHED);
    assert_int_equal(way.length, 1);
    assert_int_equal(way.labels[0], FILL_A);
    assert_int_equal(other.length, 1);
    assert_int_equal(other.labels[0], FILL_B);
    puzzle.wanted = 4;
    space.is_goal = is_goal;
    assert_int_equal(hs_reach(&space, &start, 1000, &way, &other), HS_REACHED);
    assert_int_equal(other.length, 0);
}

/* Jugs of which each takes 40 litres, filled litre by litre: 1600 states, more than a search has
 * room for at first. */
enum { LITRES = 40 };

static void fill(void *context, void *state, uint32_t label)
{
    (void)context;
    struct jugs *jugs = state;
    uint8_t *jug = label == FILL_A ? &jugs->a : &jugs->b;
    *jug = (uint8_t)((*jug + 1) % LITRES);
}

static unsigned list_filling(void *context, const void *state, uint32_t *labels)
{
    (void)context;
    (void)state;
    labels[0] = FILL_A;
    labels[1] = FILL_B;
    return 2;
}

static bool both_are_full(void *context, const void *state)
{
    const struct puzzle *puzzle = context;
    const struct jugs *jugs = state;
    return jugs->a == puzzle->wanted && jugs->b == puzzle->wanted;
}

static void makes_room_up_to_the_bound(void **state)
{
    (void)state;
    struct puzzle puzzle = {LITRES - 1};
    struct hs_space space = {sizeof(struct jugs), 2, &puzzle, list_filling, fill, both_are_full};
    struct jugs start = {0, 0};
    struct hs_way way;
    assert_int_equal(hs_reach(&space, &start, 100000, &way, NULL), HS_REACHED);
    assert_int_equal(way.length, 2 * (LITRES - 1));
    for (unsigned i = 0; i < way.length; i++)
        fill(&puzzle, &start, way.labels[i]);
    assert_true(both_are_full(&puzzle, &start));
    puzzle.wanted = LITRES;
    assert_int_equal(hs_reach_any(&space, &start, LITRES * LITRES), HS_UNREACHABLE);
    assert_int_equal(hs_reach_any(&space, &start, LITRES * LITRES - 1), HS_GAVE_UP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_a_shortest_way),
        cmocka_unit_test(a_start_that_is_a_goal_needs_no_step),
        cmocka_unit_test(says_unreachable_only_after_looking_everywhere),
        cmocka_unit_test(tells_of_another_way_that_is_as_short),
        cmocka_unit_test(makes_room_up_to_the_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
