/* SPDX-License-Identifier: BSD-3-Clause */
/* Which steps of `cover` a run leaves out, for kinds on both sides of where a word ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "replay.h"

enum { KINDS = 4 };
static const uint8_t kinds[KINDS] = {0, 63, 64, 127};

/* What a run of these steps leaves out of a cover of all four kinds. */
static struct hs_kind_set left_out(struct hs_moment *moments, unsigned count)
{
    static struct hs_scenario scenario;
    struct hs_variant variant = {.scenario = &scenario};
    struct hs_run run = {.variant = &variant, .moments = moments, .length = count};
    for (unsigned i = 0; i < KINDS; i++)
        hs_kind_set_add(&scenario.cover, kinds[i]);
    return hs_run_uncovered(&run);
}

static void a_kind_is_left_out_unless_a_step_is_of_that_kind(void **state)
{
    (void)state;
    for (unsigned without = 0; without < KINDS; without++) {
        struct hs_moment moments[KINDS];
        unsigned count = 0;
        for (unsigned i = 0; i < KINDS; i++) {
            if (i != without)
                moments[count++] = (struct hs_moment){.step = {kinds[i], 0}};
        }
        struct hs_kind_set uncovered = left_out(moments, count);
        assert_int_equal(hs_kind_set_first(&uncovered), kinds[without]);
        for (unsigned k = 0; k < HS_KINDS_MAX; k++)
            assert_int_equal(hs_kind_set_has(&uncovered, k), k == kinds[without]);
    }
}

static void nothing_is_left_out_when_every_kind_was_taken(void **state)
{
    (void)state;
    struct hs_moment moments[KINDS];
    for (unsigned i = 0; i < KINDS; i++)
        moments[i] = (struct hs_moment){.step = {kinds[i], 0}};
    struct hs_kind_set uncovered = left_out(moments, KINDS);
    assert_true(hs_kind_set_is_empty(&uncovered));
    assert_int_equal(hs_kind_set_first(&uncovered), HS_KINDS_MAX);
}

static void what_is_not_in_cover_is_not_asked_for(void **state)
{
    (void)state;
    struct hs_moment moment = {.step = {5, 0}};
    struct hs_kind_set uncovered = left_out(&moment, 1);
    for (unsigned i = 0; i < KINDS; i++)
        assert_true(hs_kind_set_has(&uncovered, kinds[i]));
    assert_false(hs_kind_set_has(&uncovered, 5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kind_is_left_out_unless_a_step_is_of_that_kind),
        cmocka_unit_test(nothing_is_left_out_when_every_kind_was_taken),
        cmocka_unit_test(what_is_not_in_cover_is_not_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
