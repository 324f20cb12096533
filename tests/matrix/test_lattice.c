/* SPDX-License-Identifier: BSD-3-Clause */
/* The lattice's search, on predicates whose minimal sets are known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "lattice.h"

#include <string.h>

enum { SWITCHES = 6 };

/* Safe: all bits of one of the masks are on; and, if `spoilt`, exactly that combination is not. */
struct masks {
    unsigned masks[4];
    unsigned count;
    unsigned spoilt;
    unsigned too_large;
};

static enum hs_safety judge(void *context, unsigned combination)
{
    const struct masks *masks = context;
    if (combination == masks->too_large)
        return HS_TOO_LARGE;
    for (unsigned i = 0; i < masks->count; i++) {
        if ((combination & masks->masks[i]) == masks->masks[i] && combination != masks->spoilt)
            return HS_SAFE;
    }
    return HS_UNSAFE;
}

static const struct hs_member switches[SWITCHES] = {
    {2, {0, 1}}, {2, {0, 1}}, {2, {0, 1}}, {2, {0, 1}}, {2, {0, 1}}, {2, {0, 1}}};

static void search(struct hs_lattice *lattice, struct masks *masks)
{
    *lattice = (struct hs_lattice){
        .members = switches, .count = SWITCHES, .judge = judge, .context = masks, .samples = 4};
    hs_lattice_search(lattice);
}

static void all_minimal_sets_are_found_with_few_questions(void **state)
{
    (void)state;
    struct masks masks = {{0x03, 0x1c, 0x29}, 3, UINT32_MAX, UINT32_MAX};
    struct hs_lattice lattice;
    search(&lattice, &masks);
    assert_true(lattice.monotone);
    assert_int_equal(lattice.minimal_count, 3);
    assert_int_equal(lattice.minimal[0], 0x03);
    assert_int_equal(lattice.minimal[1], 0x1c);
    assert_int_equal(lattice.minimal[2], 0x29);
    assert_true(lattice.asked < lattice.combinations);
    hs_lattice_close(&lattice);
}

static void nothing_suffices_if_all_is_unsafe(void **state)
{
    (void)state;
    struct masks masks = {{0}, 0, UINT32_MAX, UINT32_MAX};
    struct hs_lattice lattice;
    search(&lattice, &masks);
    assert_int_equal(lattice.minimal_count, 0);
    hs_lattice_close(&lattice);
}

static void the_empty_set_suffices_if_all_is_safe(void **state)
{
    (void)state;
    struct masks masks = {{0}, 1, UINT32_MAX, UINT32_MAX};
    struct hs_lattice lattice;
    search(&lattice, &masks);
    assert_int_equal(lattice.minimal_count, 1);
    assert_int_equal(lattice.minimal[0], 0);
    hs_lattice_close(&lattice);
}

static void a_guarantee_that_does_harm_ends_the_pruning(void **state)
{
    (void)state;
    struct masks masks = {{0x03}, 1, 0x07, UINT32_MAX}; /* a neighbour of the minimal set */
    struct hs_lattice lattice;
    search(&lattice, &masks);
    assert_false(lattice.monotone);
    assert_int_equal(lattice.asked, lattice.combinations);
    assert_int_equal(judge(&masks, lattice.weaker), HS_SAFE);
    assert_int_equal(judge(&masks, lattice.stronger), HS_UNSAFE);
    assert_true(hs_lattice_covers(&lattice, lattice.stronger, lattice.weaker));
    hs_lattice_close(&lattice);
}

static void what_is_too_large_is_not_taken_for_safe(void **state)
{
    (void)state;
    struct masks masks = {{0x03}, 1, UINT32_MAX, 0x03};
    struct hs_lattice lattice;
    search(&lattice, &masks);
    assert_true(lattice.monotone);
    assert_true(lattice.too_large > 0);
    for (unsigned i = 0; i < lattice.minimal_count; i++)
        assert_int_not_equal(lattice.minimal[i], 0x03);
    hs_lattice_close(&lattice);
}

/* 0x07 shows that guarantees do harm; then 0x0b, too large, is safe no longer because 0x03 is. */
static void what_is_too_large_is_not_inferred_where_guarantees_do_harm(void **state)
{
    (void)state;
    struct masks masks = {{0x03}, 1, 0x07, 0x0b};
    struct hs_lattice lattice;
    search(&lattice, &masks);
    assert_false(lattice.monotone);
    assert_int_equal(lattice.known[0x0b], HS_KNOWN_TOO_LARGE);
    hs_lattice_close(&lattice);
}

/* Two values of a member that cannot be compared, as waiting for the hint or for DONE. */
static enum hs_safety judge_either(void *context, unsigned combination)
{
    (void)context;
    unsigned first = combination % 4;
    unsigned second = combination / 4;
    return (first == 1 || first == 2) || (first == 3 && second) ? HS_SAFE : HS_UNSAFE;
}

static void values_that_cannot_be_compared_are_both_tried(void **state)
{
    (void)state;
    static const struct hs_member members[] = {{4, {0, 1, 3, 4}}, {2, {0, 1}}};
    struct hs_lattice lattice = {
        .members = members, .count = 2, .judge = judge_either, .samples = 8};
    hs_lattice_search(&lattice);
    assert_true(lattice.monotone);
    assert_int_equal(lattice.minimal_count, 2);
    assert_int_equal(lattice.minimal[0], 1);
    assert_int_equal(lattice.minimal[1], 7);
    assert_int_equal(hs_lattice_value(&lattice, 7, 0), 3);
    assert_int_equal(hs_lattice_value(&lattice, 7, 1), 1);
    assert_false(hs_member_steps_down(&members[0], 2, 0));
    assert_true(hs_member_steps_down(&members[0], 3, 0));
    hs_lattice_close(&lattice);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_minimal_sets_are_found_with_few_questions),
        cmocka_unit_test(nothing_suffices_if_all_is_unsafe),
        cmocka_unit_test(the_empty_set_suffices_if_all_is_safe),
        cmocka_unit_test(a_guarantee_that_does_harm_ends_the_pruning),
        cmocka_unit_test(what_is_too_large_is_not_taken_for_safe),
        cmocka_unit_test(what_is_too_large_is_not_inferred_where_guarantees_do_harm),
        cmocka_unit_test(values_that_cannot_be_compared_are_both_tried),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
