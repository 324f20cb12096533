/* SPDX-License-Identifier: BSD-3-Clause */
/* Verdicts: every combination of what can be seen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "verdict.h"

static const bool seen = true;
static const bool complete = true;
static const bool unlimited = true;

static enum hs_verdict within(bool somewhere, bool everywhere, bool all)
{
    return hs_verdict_of((struct hs_seen){somewhere, everywhere, all, !unlimited});
}

static enum hs_verdict proved(bool somewhere, bool all)
{
    return hs_verdict_of((struct hs_seen){somewhere, false, all, unlimited});
}

static void what_was_not_seen_is_none_within_the_limits_and_never_by_a_proof(void **state)
{
    (void)state;
    assert_int_equal(within(!seen, !seen, complete), HS_NONE_WITHIN);
    assert_int_equal(within(!seen, !seen, !complete), HS_UNKNOWN);
    assert_int_equal(proved(!seen, complete), HS_NEVER);
    assert_int_equal(proved(!seen, !complete), HS_UNKNOWN);
    assert_int_equal(proved(seen, complete), HS_SOMETIMES);
}

static void what_was_seen_is_sometimes_even_if_not_all_was_looked_at(void **state)
{
    (void)state;
    assert_int_equal(within(seen, !seen, complete), HS_SOMETIMES);
    assert_int_equal(within(seen, !seen, !complete), HS_SOMETIMES);
}

static void what_was_seen_in_every_case_is_always_only_if_all_was_looked_at(void **state)
{
    (void)state;
    assert_int_equal(within(seen, seen, complete), HS_ALWAYS);
    assert_int_equal(within(seen, seen, !complete), HS_SOMETIMES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_not_seen_is_none_within_the_limits_and_never_by_a_proof),
        cmocka_unit_test(what_was_seen_is_sometimes_even_if_not_all_was_looked_at),
        cmocka_unit_test(what_was_seen_in_every_case_is_always_only_if_all_was_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
