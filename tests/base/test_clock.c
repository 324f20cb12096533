/* SPDX-License-Identifier: BSD-3-Clause */
/* The clock and time-outs, without waiting for any. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "clock.h"

static void time_does_not_go_back(void **state)
{
    (void)state;
    double last = hs_now();
    for (int i = 0; i < 1000; i++) {
        double now = hs_now();
        assert_true(now >= last);
        last = now;
    }
}

static void a_time_out_of_0_is_none(void **state)
{
    (void)state;
    assert_true(hs_time_out(0) == 0);
    assert_true(hs_time_left(0) == 0);
    assert_false(hs_time_is_over(0));
}

static void a_time_out_begins_when_it_is_asked_for(void **state)
{
    (void)state;
    double before = hs_now();
    double until = hs_time_out(1000);
    double after = hs_now();
    assert_true(until >= before + 1000 && until <= after + 1000);
    assert_false(hs_time_is_over(until));
}

static void what_is_left_becomes_less(void **state)
{
    (void)state;
    double before = hs_now();
    double left = hs_time_left(before + 1000);
    double passed = hs_now() - before;
    assert_true(left <= 1000 && left >= 1000 - passed - 1e-6);
}

/* As a time-out, 0 would be none. */
static void what_is_left_of_one_that_is_over_is_not_0(void **state)
{
    (void)state;
    double until = hs_now() / 2;
    assert_true(hs_time_is_over(until));
    assert_true(hs_time_left(until) > 0);
    assert_true(hs_time_left(until) < 1e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_does_not_go_back),
        cmocka_unit_test(a_time_out_of_0_is_none),
        cmocka_unit_test(a_time_out_begins_when_it_is_asked_for),
        cmocka_unit_test(what_is_left_becomes_less),
        cmocka_unit_test(what_is_left_of_one_that_is_over_is_not_0),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
