/* SPDX-License-Identifier: BSD-3-Clause */
/* Answers: every expectation against every finding, and what else an answer rests on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "judgement.h"

enum { EXPECTATIONS = HS_ANY_VERDICT + 1 };

static void every_expectation_has_its_answer_to_every_finding(void **state)
{
    (void)state;
    enum { OK = HS_AS_EXPECTED, NO = HS_NOT_EXPECTED, WHO = HS_INCONCLUSIVE };
    static const uint8_t answers[EXPECTATIONS][HS_VERDICT_COUNT] = {
        /* found:            nobody asked, Never, None-within, Sometimes, Always, Unknown */
        [HS_VERDICT_NONE] = {OK, OK, OK, OK, OK, OK},
        [HS_NEVER] = {OK, OK, NO, NO, NO, WHO},
        [HS_NONE_WITHIN] = {OK, NO, OK, NO, NO, WHO},
        [HS_SOMETIMES] = {OK, NO, NO, OK, NO, WHO},
        [HS_ALWAYS] = {OK, NO, NO, NO, OK, WHO},
        [HS_UNKNOWN] = {OK, NO, NO, NO, NO, OK},
        [HS_ANY_VERDICT] = {OK, OK, OK, OK, OK, WHO},
    };
    for (uint8_t expected = 0; expected < EXPECTATIONS; expected++) {
        for (uint8_t found = 0; found < HS_VERDICT_COUNT; found++)
            assert_int_equal(
                hs_compare((struct hs_comparison){expected, found}), answers[expected][found]);
    }
}

/* One property as expected, one unknown, one not as expected: every set of the three. */
static void the_worst_property_is_the_answer(void **state)
{
    (void)state;
    static const struct hs_comparison outcomes[] = {
        {HS_NEVER, HS_NEVER}, {HS_NEVER, HS_UNKNOWN}, {HS_NEVER, HS_SOMETIMES}};
    static const enum hs_answer worst[8] = {HS_AS_EXPECTED, HS_AS_EXPECTED, HS_INCONCLUSIVE,
        HS_INCONCLUSIVE, HS_NOT_EXPECTED, HS_NOT_EXPECTED, HS_NOT_EXPECTED, HS_NOT_EXPECTED};
    for (unsigned set = 0; set < 8; set++) {
        for (unsigned first = 0; first + 3 <= HS_PROPERTY_COUNT; first++) {
            struct hs_judgement judgement = {.is_open = false};
            for (unsigned i = 0; i < 3; i++) {
                if (set >> i & 1u)
                    judgement.properties[first + i] = outcomes[i];
            }
            assert_int_equal(hs_compare_all(judgement.properties), worst[set]);
            assert_int_equal(hs_judge(&judgement), worst[set]);
        }
    }
}

static void what_is_open_leaves_the_answer_open_but_excuses_nothing(void **state)
{
    (void)state;
    struct hs_judgement judgement = {.is_open = true};
    assert_int_equal(hs_judge(&judgement), HS_INCONCLUSIVE);
    judgement.properties[HS_DIRTY_PAGE_LOST] = (struct hs_comparison){HS_NEVER, HS_NEVER};
    assert_int_equal(hs_judge(&judgement), HS_INCONCLUSIVE);
    judgement.properties[HS_PAGE_STUCK] = (struct hs_comparison){HS_NEVER, HS_SOMETIMES};
    assert_int_equal(hs_judge(&judgement), HS_NOT_EXPECTED);
}

/* On both sides of where a word of the set ends. */
static void a_step_that_was_to_be_taken_and_was_not_is_not_as_expected(void **state)
{
    (void)state;
    static const unsigned kinds[] = {0, 63, 64, 127};
    for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct hs_judgement judgement = {.is_open = false};
        judgement.properties[HS_DIRTY_PAGE_LOST] = (struct hs_comparison){HS_NEVER, HS_NEVER};
        assert_int_equal(hs_judge(&judgement), HS_AS_EXPECTED);
        hs_kind_set_add(&judgement.uncovered, kinds[i]);
        assert_int_equal(hs_judge(&judgement), HS_NOT_EXPECTED);
        judgement.is_open = true;
        assert_int_equal(hs_judge(&judgement), HS_NOT_EXPECTED);
    }
}

static void a_list_expects_something_of_what_it_gives_a_verdict(void **state)
{
    (void)state;
    uint8_t expected[HS_PROPERTY_COUNT] = {HS_VERDICT_NONE};
    assert_int_equal(hs_expected_properties(expected), 0);
    expected[HS_DIRTY_PAGE_LOST] = HS_NEVER;
    expected[HS_PROPERTY_COUNT - 1] = HS_UNKNOWN;
    assert_int_equal(
        hs_expected_properties(expected), 1u << HS_DIRTY_PAGE_LOST | 1u << (HS_PROPERTY_COUNT - 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_expectation_has_its_answer_to_every_finding),
        cmocka_unit_test(the_worst_property_is_the_answer),
        cmocka_unit_test(what_is_open_leaves_the_answer_open_but_excuses_nothing),
        cmocka_unit_test(a_step_that_was_to_be_taken_and_was_not_is_not_as_expected),
        cmocka_unit_test(a_list_expects_something_of_what_it_gives_a_verdict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
