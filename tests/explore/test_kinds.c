/* SPDX-License-Identifier: BSD-3-Clause */
/* Witnesses of different kinds, on boxes that can be emptied in more ways than one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kinds.h"

#include <string.h>

enum { FIND_KEY, UNLOCK, SMASH, EMPTY, FEINT, KNOCK, SHOUT, WHISTLE, LISTEN, KINDS };
enum { BOXES = 2, HAS_KEY = BOXES, FEINTS, KNOCKED, SHOUTED, WHISTLED, LISTENED, HEARD, WORDS };
enum { LOCKED = 0, CRACKED, OPEN, EMPTIED }; /* boxes */
enum { FLAG_EMPTIED = 1, FLAG_ALARM = 2, CANDIDATES = 1000, BOUND = 10000 };
static const struct hs_effort effort = {.memory = (size_t)1 << 30};

/* Does the guard remember in which order he heard what he heard? */
static bool remembers;

static uint32_t label_of(unsigned kind, unsigned box)
{
    return kind * 8 + box;
}

static unsigned kind_of(uint32_t label)
{
    return label / 8;
}

static unsigned box_of(uint32_t label)
{
    unsigned kind = kind_of(label);
    return kind == UNLOCK || kind == SMASH || kind == EMPTY ? label % 8 : (unsigned)HS_NO_THING;
}

static unsigned actor_of(uint32_t label)
{
    return kind_of(label) == SHOUT;
}

static bool is_duty(uint32_t label)
{
    (void)label;
    return false;
}

static bool is_enabled(const uint64_t *world, unsigned kind, unsigned box)
{
    switch (kind) {
    case FIND_KEY:
        return !world[HAS_KEY];
    case UNLOCK:
        return world[HAS_KEY] && world[box] == LOCKED;
    case SMASH:
        return world[box] < OPEN;
    case EMPTY:
        return world[box] == OPEN;
    case FEINT:
        return world[FEINTS] < 3;
    case KNOCK:
        return !world[KNOCKED];
    case SHOUT:
        return !world[SHOUTED];
    case WHISTLE:
        return !world[WHISTLED];
    default: /* LISTEN */
        return world[WHISTLED] && !world[KNOCKED] && !world[LISTENED];
    }
}

static unsigned list(void *context, const void *state, uint32_t *labels)
{
    (void)context;
    unsigned count = 0;
    for (unsigned kind = 0; kind < KINDS; kind++) {
        unsigned boxes = kind == UNLOCK || kind == SMASH || kind == EMPTY ? BOXES : 1;
        for (unsigned box = 0; box < boxes; box++) {
            if (is_enabled(state, kind, box))
                labels[count++] = label_of(kind, box);
        }
    }
    return count;
}

static void make_noise(uint64_t *world, unsigned word)
{
    world[word] = 1;
    if (remembers)
        world[HEARD] = world[HEARD] * WORDS + word;
}

static void take(void *context, void *state, uint32_t label)
{
    (void)context;
    uint64_t *world = state;
    switch (kind_of(label)) {
    case FIND_KEY:
        world[HAS_KEY] = 1;
        break;
    case UNLOCK:
        world[label % 8] = OPEN;
        break;
    case FEINT:
        world[FEINTS]++;
        break;
    case KNOCK:
        make_noise(world, KNOCKED);
        break;
    case SHOUT:
        make_noise(world, SHOUTED);
        break;
    case WHISTLE:
        make_noise(world, WHISTLED);
        break;
    case LISTEN:
        world[LISTENED] = 1;
        break;
    default: /* SMASH and EMPTY */
        world[label % 8]++;
        break;
    }
}

static uint32_t flags(void *context, const void *state, const uint32_t *labels, unsigned count)
{
    (void)context;
    (void)labels;
    (void)count;
    const uint64_t *world = state;
    uint32_t set = world[KNOCKED] && world[SHOUTED] && world[WHISTLED] ? 1u << FLAG_ALARM : 0;
    for (unsigned box = 0; box < BOXES; box++)
        set |= (uint32_t)(world[box] == EMPTIED) << FLAG_EMPTIED;
    return set;
}

static const struct hs_graph graph = {.words = WORDS,
    .list = list,
    .take = take,
    .flags = flags,
    .kind = kind_of,
    .actor = actor_of,
    .is_duty = is_duty,
    .thing = box_of};

static struct hs_witness witnesses[HS_KINDS_LIMIT];

static unsigned find(unsigned flag, unsigned candidates, unsigned most)
{
    static const uint64_t start[WORDS] = {0};
    struct hs_goal goal = {.flag = flag};
    return hs_kinds_find(&graph, start, &goal, &effort, candidates, BOUND, most, witnesses);
}

static void assert_steps(const struct hs_witness *witness, const unsigned *kinds, unsigned length)
{
    assert_int_equal(witness->length, length);
    for (unsigned i = 0; i < length; i++)
        assert_int_equal(kind_of(witness->labels[i]), kinds[i]);
}

static void kinds_differ_in_more_than_which_thing_and_have_no_step_too_many(void **state)
{
    (void)state;
    static const unsigned by_key[] = {FIND_KEY, UNLOCK, EMPTY};
    static const unsigned by_force[] = {SMASH, SMASH, EMPTY};
    assert_int_equal(find(FLAG_EMPTIED, CANDIDATES, HS_KINDS_LIMIT), 2);
    assert_steps(&witnesses[0], by_key, 3);
    assert_steps(&witnesses[1], by_force, 3);
}

static void no_more_than_asked_for(void **state)
{
    (void)state;
    assert_int_equal(find(FLAG_EMPTIED, CANDIDATES, 1), 1);
    assert_int_equal(find(FLAG_EMPTIED, 0, HS_KINDS_LIMIT), 0);
}

static void another_order_is_a_kind_only_if_it_makes_a_difference(void **state)
{
    (void)state;
    static const unsigned fewest_switches[] = {KNOCK, WHISTLE, SHOUT};
    /* Who listens has whistled before anybody knocks. */
    remembers = false;
    assert_int_equal(find(FLAG_ALARM, CANDIDATES, HS_KINDS_LIMIT), 1);
    assert_steps(&witnesses[0], fewest_switches, 3);
}

static void other_witnesses_keep_to_the_order_that_makes_the_difference(void **state)
{
    (void)state;
    static const unsigned expected[][3] = {{KNOCK, WHISTLE, SHOUT}, {SHOUT, KNOCK, WHISTLE},
        {SHOUT, WHISTLE, KNOCK}, {WHISTLE, KNOCK, SHOUT}, {WHISTLE, SHOUT, KNOCK}};
    remembers = true;
    assert_int_equal(find(FLAG_ALARM, CANDIDATES, HS_KINDS_LIMIT), 5);
    for (unsigned i = 0; i < 5; i++)
        assert_steps(&witnesses[i], expected[i], 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_differ_in_more_than_which_thing_and_have_no_step_too_many),
        cmocka_unit_test(no_more_than_asked_for),
        cmocka_unit_test(another_order_is_a_kind_only_if_it_makes_a_difference),
        cmocka_unit_test(other_witnesses_keep_to_the_order_that_makes_the_difference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
