/* SPDX-License-Identifier: BSD-3-Clause */
/* The answer of one run: what it breaks against what its scenario expects. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "run_answer.h"

static struct hs_scenario scenario;
static struct hs_variant variant = {.scenario = &scenario};

static enum hs_answer answer(uint32_t broken, uint32_t unknown)
{
    struct hs_run run = {
        .variant = &variant, .broken = broken, .unknown = unknown, .end = HS_RUN_ENDED};
    return hs_run_answer(&run);
}

static int expect_nothing(void **state)
{
    (void)state;
    scenario = (struct hs_scenario){.path = NULL};
    variant.has_expected_run = false;
    return 0;
}

static void expect(uint32_t broken)
{
    variant.has_expected_run = true;
    variant.expected_broken = broken;
}

static void exactly_what_is_expected_is_to_break(void **state)
{
    (void)state;
    /* Every set of these, expected and broken. */
    static const unsigned some[] = {HS_DIRTY_PAGE_LOST, HS_PAGE_STUCK, HS_PROPERTY_COUNT - 1};
    for (unsigned both = 0; both < 64; both++) {
        uint32_t expected = 0;
        uint32_t broken = 0;
        for (unsigned i = 0; i < 3; i++) {
            expected |= (both >> i & 1u) << some[i];
            broken |= (both >> (3 + i) & 1u) << some[i];
        }
        expect(expected);
        assert_int_equal(answer(broken, 0), broken == expected ? HS_AS_EXPECTED : HS_NOT_EXPECTED);
    }
}

static void without_an_expectation_nothing_may_break(void **state)
{
    (void)state;
    variant.expected_broken = UINT32_MAX; /* of no run */
    assert_int_equal(answer(0, 0), HS_AS_EXPECTED);
    assert_int_equal(answer(1u << HS_DIRTY_PAGE_LOST, 0), HS_NOT_EXPECTED);
}

static void what_is_not_known_is_neither_as_expected_nor_not(void **state)
{
    (void)state;
    const uint32_t stuck = 1u << HS_PAGE_STUCK;
    const uint32_t lost = 1u << HS_DIRTY_PAGE_LOST;
    expect(lost);
    assert_int_equal(answer(lost, stuck), HS_INCONCLUSIVE);
    assert_int_equal(answer(0, stuck), HS_NOT_EXPECTED);
    expect(lost | stuck);
    assert_int_equal(answer(lost, stuck), HS_INCONCLUSIVE);
    assert_int_equal(answer(lost | stuck, stuck), HS_INCONCLUSIVE);
}

static enum hs_answer answer_at(enum hs_run_end end, uint32_t broken)
{
    struct hs_run run = {.variant = &variant, .broken = broken, .end = end};
    return hs_run_answer(&run);
}

static void a_run_that_does_not_end_meets_no_safe(void **state)
{
    (void)state;
    const uint32_t lost = 1u << HS_DIRTY_PAGE_LOST;
    assert_int_equal(answer_at(HS_RUN_UNFINISHED, 0), HS_INCONCLUSIVE);
    assert_int_equal(answer_at(HS_RUN_NO_MIGRATION, 0), HS_AS_EXPECTED);
    expect(0);
    assert_int_equal(answer_at(HS_RUN_ENDED, 0), HS_AS_EXPECTED);
    assert_int_equal(answer_at(HS_RUN_NO_MIGRATION, 0), HS_AS_EXPECTED);
    assert_int_equal(answer_at(HS_RUN_UNFINISHED, 0), HS_NOT_EXPECTED);
    variant.expected_unfinished = true;
    assert_int_equal(answer_at(HS_RUN_UNFINISHED, 0), HS_AS_EXPECTED);
    assert_int_equal(answer_at(HS_RUN_UNFINISHED, lost), HS_NOT_EXPECTED);
    assert_int_equal(answer_at(HS_RUN_ENDED, 0), HS_NOT_EXPECTED);
    variant.expected_unfinished = false;
    expect(lost);
    assert_int_equal(answer_at(HS_RUN_UNFINISHED, lost), HS_AS_EXPECTED);
}

static void every_step_in_cover_is_to_be_taken(void **state)
{
    (void)state;
    hs_kind_set_add(&scenario.cover, HS_APP_FREE);
    assert_int_equal(answer(0, 0), HS_NOT_EXPECTED);
    assert_int_equal(answer(0, 1u << HS_PAGE_STUCK), HS_NOT_EXPECTED);
    struct hs_moment moment = {.step = {HS_APP_FREE, 0}};
    struct hs_run run = {.variant = &variant, .moments = &moment, .length = 1, .end = HS_RUN_ENDED};
    assert_int_equal(hs_run_answer(&run), HS_AS_EXPECTED);
}

static void one_interleaving_shows_that_something_can_happen_never_that_it_cannot(void **state)
{
    (void)state;
    struct hs_run run = {.variant = &variant, .broken = 1u << HS_DIRTY_PAGE_LOST};
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++)
        assert_int_equal(
            hs_run_verdict(&run, i), i == HS_DIRTY_PAGE_LOST ? HS_SOMETIMES : HS_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(exactly_what_is_expected_is_to_break, expect_nothing),
        cmocka_unit_test_setup(without_an_expectation_nothing_may_break, expect_nothing),
        cmocka_unit_test_setup(what_is_not_known_is_neither_as_expected_nor_not, expect_nothing),
        cmocka_unit_test_setup(a_run_that_does_not_end_meets_no_safe, expect_nothing),
        cmocka_unit_test_setup(every_step_in_cover_is_to_be_taken, expect_nothing),
        cmocka_unit_test_setup(
            one_interleaving_shows_that_something_can_happen_never_that_it_cannot, expect_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
