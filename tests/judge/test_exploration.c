/* SPDX-License-Identifier: BSD-3-Clause */
/* The answer of an exploration: complete or not, with and without expectations; and the verdicts on
 * a small world that loses a page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "exploration.h"

#include <string.h>

static struct hs_scenario scenario;
static struct hs_variant variant = {.scenario = &scenario};

/* A complete exploration of everything in which nothing breaks, and of which nothing is expected.
 */
static struct hs_exploration nothing_broken(void)
{
    struct hs_exploration exploration = {.variant = &variant};
    scenario = (struct hs_scenario){.path = NULL};
    exploration.reduction.properties = UINT32_MAX;
    exploration.search.end = HS_SEARCH_COMPLETE;
    memset(exploration.verdict, HS_NONE_WITHIN, sizeof(exploration.verdict));
    return exploration;
}

static void without_an_expectation_nothing_may_break(void **state)
{
    (void)state;
    struct hs_exploration exploration = nothing_broken();
    assert_int_equal(hs_exploration_answer(&exploration), HS_AS_EXPECTED);
    for (uint8_t verdict = HS_SOMETIMES; verdict <= HS_ALWAYS; verdict++) {
        exploration.verdict[HS_GUEST_STALLED] = verdict;
        assert_int_equal(hs_exploration_answer(&exploration), HS_NOT_EXPECTED);
    }
    exploration.verdict[HS_GUEST_STALLED] = HS_UNKNOWN;
    assert_int_equal(hs_exploration_answer(&exploration), HS_INCONCLUSIVE);
}

static void without_an_expectation_a_search_that_is_not_complete_says_nothing(void **state)
{
    (void)state;
    for (unsigned end = HS_SEARCH_COMPLETE + 1; end <= HS_SEARCH_INTERRUPTED; end++) {
        struct hs_exploration exploration = nothing_broken();
        exploration.search.end = (enum hs_search_end)end;
        exploration.verdict[HS_DIRTY_PAGE_LOST] = HS_UNKNOWN;
        assert_int_equal(hs_exploration_answer(&exploration), HS_INCONCLUSIVE);
        exploration.verdict[HS_DIRTY_PAGE_LOST] = HS_SOMETIMES;
        assert_int_equal(hs_exploration_answer(&exploration), HS_INCONCLUSIVE);
    }
}

static void a_search_that_is_not_complete_is_never_a_pass(void **state)
{
    (void)state;
    struct hs_exploration exploration = nothing_broken();
    scenario.expect_explore[HS_DIRTY_PAGE_LOST] = HS_SOMETIMES;
    exploration.verdict[HS_DIRTY_PAGE_LOST] = HS_SOMETIMES;
    assert_int_equal(hs_exploration_answer(&exploration), HS_AS_EXPECTED);
    exploration.search.end = HS_SEARCH_TIMED_OUT;
    assert_int_equal(hs_exploration_answer(&exploration), HS_INCONCLUSIVE);
    scenario.expect_explore[HS_DIRTY_PAGE_LOST] = HS_NONE_WITHIN;
    assert_int_equal(hs_exploration_answer(&exploration), HS_NOT_EXPECTED);
}

static void what_nobody_expects_or_asks_about_is_not_compared(void **state)
{
    (void)state;
    struct hs_exploration exploration = nothing_broken();
    scenario.expect_explore[HS_DIRTY_PAGE_LOST] = HS_NONE_WITHIN;
    exploration.verdict[HS_PAGE_STUCK] = HS_ALWAYS;
    assert_int_equal(hs_exploration_answer(&exploration), HS_AS_EXPECTED);
    scenario.expect_explore[HS_PAGE_STUCK] = HS_NONE_WITHIN;
    assert_int_equal(hs_exploration_answer(&exploration), HS_NOT_EXPECTED);
    exploration.reduction.properties = 1u << HS_DIRTY_PAGE_LOST;
    assert_int_equal(hs_exploration_answer(&exploration), HS_AS_EXPECTED);
    exploration.verdict[HS_PAGE_STUCK] = HS_UNKNOWN;
    assert_int_equal(hs_exploration_answer(&exploration), HS_AS_EXPECTED);
}

/* On both sides of where a word of the set ends. */
static void a_step_in_cover_that_no_order_takes_is_not_as_expected(void **state)
{
    (void)state;
    static const unsigned kinds[] = {0, 63, 64, 127};
    for (unsigned i = 0; i < 4; i++) {
        struct hs_exploration exploration = nothing_broken();
        hs_kind_set_add(&scenario.cover, kinds[i]);
        hs_kind_set_add(&exploration.fired, kinds[(i + 1) % 4]);
        assert_true(hs_exploration_never_takes(&exploration, kinds[i]));
        assert_int_equal(hs_exploration_answer(&exploration), HS_NOT_EXPECTED);
        hs_kind_set_add(&exploration.fired, kinds[i]);
        assert_false(hs_exploration_never_takes(&exploration, kinds[i]));
        assert_int_equal(hs_exploration_answer(&exploration), HS_AS_EXPECTED);
    }
}

static void as_long_as_anything_is_open_no_step_is_said_to_be_never_taken(void **state)
{
    (void)state;
    struct hs_exploration exploration = nothing_broken();
    scenario.expect_explore[HS_DIRTY_PAGE_LOST] = HS_NONE_WITHIN;
    hs_kind_set_add(&scenario.cover, HS_APP_FREE);
    hs_kind_set_add(&scenario.cover, HS_APP_WRITE);
    hs_kind_set_add(&exploration.not_known, HS_APP_WRITE);
    assert_true(hs_exploration_never_takes(&exploration, HS_APP_FREE));
    assert_false(hs_exploration_never_takes(&exploration, HS_APP_WRITE));
    assert_int_equal(hs_exploration_answer(&exploration), HS_INCONCLUSIVE);
    hs_kind_set_add(&exploration.fired, HS_APP_FREE);
    assert_int_equal(hs_exploration_answer(&exploration), HS_INCONCLUSIVE);
    exploration.not_known = (struct hs_kind_set){{0}};
    assert_int_equal(hs_exploration_answer(&exploration), HS_NOT_EXPECTED);
    exploration.search.end = HS_SEARCH_OUT_OF_MEMORY;
    assert_false(hs_exploration_never_takes(&exploration, HS_APP_WRITE));
    assert_int_equal(hs_exploration_answer(&exploration), HS_INCONCLUSIVE);
}

/* ---- a small world --------------------------------------------------------------------------- */

static const struct hs_plan plan = {
    .search = {.threads = 1, .memory = (size_t)64 << 20, .end_flag = HS_FLAG_END},
    .reduction = {.dead_values = true, .symmetry = true, .partial_order = true},
    .wish = {.property = HS_PROPERTY_NONE, .witnesses = 1},
};

/* A page that is hinted, given back and written can be lost here. */
static void set_up_small_world(void)
{
    struct hs_config *config = &variant.config;
    memset(config, 0, sizeof(*config));
    scenario = (struct hs_scenario){.path = NULL};
    config->pages = config->report_batch = 1;
    config->queue_size[HS_QUEUE_FREE_PAGE] = 2;
    config->rules = hs_rules_default();
    hs_rules_apply_preset(&config->rules, hs_preset_find(HS_SIDE_GUEST, "linux-6.1"));
    hs_rules_apply_preset(&config->rules, hs_preset_find(HS_SIDE_HOST, "qemu-7.2-kvm"));
    for (unsigned i = 0; i < HS_LIMIT_COUNT; i++)
        config->limits[i] = hs_limit_rows[i].usual;
    config->limits[HS_LIMIT_WRITES] = config->limits[HS_LIMIT_ROUNDS] = 1;
    assert_null(hs_config_finish(config));
}

/* Of a property of which nothing is known. */
static enum hs_verdict open_verdict(unsigned property)
{
    bool is_question = hs_config_asks(&variant.config, (enum hs_property)property);
    return is_question ? HS_UNKNOWN : HS_VERDICT_NONE;
}

static void a_page_that_some_orders_lose_is_sometimes_lost(void **state)
{
    (void)state;
    struct hs_exploration exploration;
    set_up_small_world();
    hs_explore(&variant, &plan, &exploration);
    assert_true(hs_exploration_is_complete(&exploration));
    assert_int_equal(exploration.verdict[HS_DIRTY_PAGE_LOST], HS_SOMETIMES);
    assert_true(exploration.positive[HS_DIRTY_PAGE_LOST] > 0);
    assert_true(exploration.negative[HS_DIRTY_PAGE_LOST] > 0);
    assert_int_equal(exploration.verdict[HS_HINT_DRIVER_3], HS_NONE_WITHIN);
    assert_int_equal(exploration.verdict[HS_PAGE_STUCK], HS_NONE_WITHIN);
    assert_int_equal(exploration.verdict[HS_PAGE_CORRUPTED], HS_VERDICT_NONE);
    assert_int_equal(hs_exploration_answer(&exploration), HS_NOT_EXPECTED);
    hs_exploration_close(&exploration);
}

static void a_property_alone_leaves_the_others_unknown_and_unjudged(void **state)
{
    (void)state;
    struct hs_exploration exploration;
    struct hs_plan alone = plan;
    alone.reduction.slice = true;
    alone.reduction.properties = 1u << HS_HINT_DRIVER_3;
    set_up_small_world();
    hs_explore(&variant, &alone, &exploration);
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++)
        assert_int_equal(
            exploration.verdict[i], i == HS_HINT_DRIVER_3 ? HS_NONE_WITHIN : open_verdict(i));
    assert_int_equal(hs_exploration_answer(&exploration), HS_AS_EXPECTED);
    hs_exploration_close(&exploration);
}

static void what_was_cut_short_is_unknown(void **state)
{
    (void)state;
    const volatile int interrupted = 1;
    struct hs_exploration exploration;
    struct hs_plan short_one = plan;
    short_one.search.interrupted = &interrupted;
    set_up_small_world();
    hs_explore(&variant, &short_one, &exploration);
    assert_int_equal(exploration.search.end, HS_SEARCH_INTERRUPTED);
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++)
        assert_int_equal(exploration.verdict[i], open_verdict(i));
    assert_int_equal(hs_exploration_answer(&exploration), HS_INCONCLUSIVE);
    hs_exploration_close(&exploration);
}

/* ---- a search that may end early --------------------------------------------------------------
 */

/* In which runs end long before the last state is found. */
static void set_up_larger_world(void)
{
    set_up_small_world();
    variant.config.limits[HS_LIMIT_WRITES] = variant.config.limits[HS_LIMIT_ROUNDS] = 2;
    assert_null(hs_config_finish(&variant.config));
}

/* Explore the world, about one property.  Returns how many states were looked at. */
static uint64_t look_at_world(
    enum hs_property property, bool until_decided, struct hs_exploration *exploration)
{
    struct hs_plan own = plan;
    own.until_decided = until_decided;
    own.reduction.slice = true;
    own.reduction.properties = 1u << property;
    hs_explore(&variant, &own, exploration);
    return exploration->search.distinct;
}

static void what_is_surely_sometimes_needs_no_more_states(void **state)
{
    (void)state;
    struct hs_exploration exploration;
    set_up_larger_world();
    scenario.expect_explore[HS_DIRTY_PAGE_LOST] = HS_SOMETIMES;
    hs_kind_set_add(&scenario.cover, HS_APP_WRITE);
    uint64_t all = look_at_world(HS_DIRTY_PAGE_LOST, false, &exploration);
    hs_exploration_close(&exploration);
    assert_true(look_at_world(HS_DIRTY_PAGE_LOST, true, &exploration) < all);
    assert_int_equal(exploration.search.end, HS_SEARCH_ENOUGH);
    assert_int_equal(exploration.verdict[HS_DIRTY_PAGE_LOST], HS_SOMETIMES);
    assert_int_equal(hs_exploration_answer(&exploration), HS_AS_EXPECTED);
    hs_exploration_close(&exploration);
}

/* The world has this answer after all states, whether the search may end early or not. */
static void assert_needs_all_states(enum hs_property property, enum hs_answer answer)
{
    struct hs_exploration exploration;
    uint64_t all = look_at_world(property, false, &exploration);
    assert_int_equal(hs_exploration_answer(&exploration), answer);
    hs_exploration_close(&exploration);
    assert_int_equal(look_at_world(property, true, &exploration), all);
    assert_true(hs_exploration_is_complete(&exploration));
    assert_int_equal(hs_exploration_answer(&exploration), answer);
    hs_exploration_close(&exploration);
}

static void all_states_are_needed_where_less_would_say_too_little(void **state)
{
    (void)state;
    set_up_larger_world();
    scenario.expect_explore[HS_DIRTY_PAGE_LOST] = HS_NONE_WITHIN; /* what is broken is told whole */
    assert_needs_all_states(HS_DIRTY_PAGE_LOST, HS_NOT_EXPECTED);
    scenario.expect_explore[HS_DIRTY_PAGE_LOST] = HS_ALWAYS;
    assert_needs_all_states(HS_DIRTY_PAGE_LOST, HS_NOT_EXPECTED);
    scenario.expect_explore[HS_DIRTY_PAGE_LOST] = HS_SOMETIMES;
    hs_kind_set_add(&scenario.cover, HS_MIGRATION_CANCEL); /* no cancel is in play */
    assert_needs_all_states(HS_DIRTY_PAGE_LOST, HS_NOT_EXPECTED);
    /* In each run that ends, so not sometimes. */
    set_up_larger_world();
    scenario.expect_explore[HS_HINT_DEVICE_6] = HS_SOMETIMES;
    variant.config.rules.value[HS_RULE_DONE_AT_END] = HS_DONE_OFF;
    assert_needs_all_states(HS_HINT_DEVICE_6, HS_NOT_EXPECTED);
    /* What all continuations do is known after the last state. */
    set_up_larger_world();
    scenario.expect_explore[HS_PAGE_STUCK] = HS_SOMETIMES;
    assert_needs_all_states(HS_PAGE_STUCK, HS_NOT_EXPECTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_an_expectation_nothing_may_break),
        cmocka_unit_test(without_an_expectation_a_search_that_is_not_complete_says_nothing),
        cmocka_unit_test(a_search_that_is_not_complete_is_never_a_pass),
        cmocka_unit_test(what_nobody_expects_or_asks_about_is_not_compared),
        cmocka_unit_test(a_step_in_cover_that_no_order_takes_is_not_as_expected),
        cmocka_unit_test(as_long_as_anything_is_open_no_step_is_said_to_be_never_taken),
        cmocka_unit_test(a_page_that_some_orders_lose_is_sometimes_lost),
        cmocka_unit_test(a_property_alone_leaves_the_others_unknown_and_unjudged),
        cmocka_unit_test(what_was_cut_short_is_unknown),
        cmocka_unit_test(what_is_surely_sometimes_needs_no_more_states),
        cmocka_unit_test(all_states_are_needed_where_less_would_say_too_little),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
