/* SPDX-License-Identifier: BSD-3-Clause */
/* Other orders of a run's steps: two walkers on a rope of given length, where a naive enumeration
 * of all orders must agree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "interleaving.h"

#include <string.h>

enum { FLAG_ARRIVED = 2, PLENTY = 1 << 20 };

/* Each walker takes `way` steps; neither may get more than `rope` steps ahead of the other.  They
 * have arrived if the walker `last` took the last step. */
struct walk {
    uint64_t way;
    uint64_t rope;
    uint64_t last;
};
enum { WHO = 2, WORDS }; /* behind the two walkers: who took the last step */

static unsigned list(void *context, const void *state, uint32_t *labels)
{
    const struct walk *walk = context;
    const uint64_t *at = state;
    unsigned count = 0;
    for (uint32_t i = 0; i < 2; i++) {
        if (at[i] < walk->way && at[i] < at[1 - i] + walk->rope)
            labels[count++] = i;
    }
    return count;
}

static void take(void *context, void *state, uint32_t label)
{
    (void)context;
    uint64_t *at = state;
    at[label]++;
    at[WHO] = label;
}

static uint32_t flags(void *context, const void *state, const uint32_t *labels, unsigned count)
{
    (void)labels;
    (void)count;
    const struct walk *walk = context;
    const uint64_t *at = state;
    bool arrived = at[0] == walk->way && at[1] == walk->way && at[WHO] == walk->last;
    return (uint32_t)arrived << FLAG_ARRIVED;
}

static unsigned actor(uint32_t label)
{
    return 40 + label; /* any number will do */
}

static struct hs_graph graph_of(struct walk *walk)
{
    return (struct hs_graph){.words = WORDS,
        .context = walk,
        .list = list,
        .take = take,
        .flags = flags,
        .actor = actor};
}

static unsigned switches(const uint32_t *labels, unsigned length)
{
    unsigned count = 0;
    for (unsigned i = 1; i < length; i++)
        count += labels[i] != labels[i - 1];
    return count;
}

/* Over all orders: bit i of `order` says who takes step i. */
static unsigned least_by_trying_all(const struct hs_graph *graph, unsigned length)
{
    static const uint64_t start[WORDS] = {0};
    static const struct hs_goal goal = {.flag = FLAG_ARRIVED};
    unsigned least = UINT32_MAX;
    for (uint32_t order = 0; order < 1u << length; order++) {
        struct hs_witness run = {.length = length};
        uint64_t state[WORDS];
        for (unsigned i = 0; i < length; i++)
            run.labels[i] = order >> i & 1u;
        memcpy(state, start, sizeof(state));
        if (hs_witness_replay(graph, &run, state) && hs_is_goal(graph, &goal, state) &&
            switches(run.labels, length) < least)
            least = switches(run.labels, length);
    }
    return least;
}

/* Step by step in turn, so that the walker `last` is the last one: as many switches as there can
 * be. */
static struct hs_witness in_turn(const struct walk *walk)
{
    struct hs_witness run = {.length = (unsigned)walk->way * 2};
    for (unsigned i = 0; i < run.length; i++)
        run.labels[i] = (i + walk->last + 1) % 2;
    return run;
}

static void no_order_has_fewer_switches(void **state)
{
    (void)state;
    static const struct hs_goal goal = {.flag = FLAG_ARRIVED};
    for (uint64_t way = 1; way <= 5; way++) {
        for (uint64_t rope = 1; rope <= way; rope++) {
            struct walk walk = {way, rope, rope % 2};
            uint64_t at[WORDS] = {0};
            struct hs_graph graph = graph_of(&walk);
            struct hs_witness run = in_turn(&walk);
            hs_interleaving_least_switches(&graph, at, &goal, PLENTY, &run);
            assert_int_equal(run.length, way * 2);
            assert_int_equal(
                switches(run.labels, run.length), least_by_trying_all(&graph, run.length));
            assert_true(hs_witness_replay(&graph, &run, at));
            assert_true(hs_is_goal(&graph, &goal, at));
        }
    }
}

static void a_run_stays_as_it_is_if_the_bound_is_hit(void **state)
{
    (void)state;
    static const struct hs_goal goal = {.flag = FLAG_ARRIVED};
    static const uint64_t start[WORDS] = {0};
    struct walk walk = {5, 5, 1};
    struct hs_graph graph = graph_of(&walk);
    struct hs_witness run = in_turn(&walk);
    hs_interleaving_least_switches(&graph, start, &goal, 4, &run);
    assert_int_equal(switches(run.labels, run.length), 9);
    hs_interleaving_least_switches(&graph, start, &goal, PLENTY, &run);
    assert_int_equal(switches(run.labels, run.length), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_order_has_fewer_switches),
        cmocka_unit_test(a_run_stays_as_it_is_if_the_bound_is_hit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
