/* SPDX-License-Identifier: BSD-3-Clause */
/* The buddy allocator: split, merge, isolation, the reported mark, and the two policies. */
#include "bench.h"

#include <string.h>

static void check_block(struct bench *b, unsigned head, unsigned order)
{
    assert_int_equal(bench_page(b, head)->owner, HS_OWNER_FREE);
    assert_int_equal(bench_page(b, head)->head, 1);
    assert_int_equal(bench_page(b, head)->order, order);
}

#define REPORT                                                                      \
    "driver.isolate-batch driver.report-batch device.take-report device.discard 0 " \
    "device.use-element driver.collect-report driver.put-back "

static void free_pages_form_maximal_blocks_at_the_start(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=7 max-order=2 free=0,1,2,3,5,6");
    check_block(&b, 0, 2);
    check_block(&b, 5, 0);
    check_block(&b, 6, 0); /* its buddy, page 7, does not exist */
    bench_run(&b, "app.allocate 1");
    check_block(&b, 2, 1); /* no block of order 2 is left */
    check_block(&b, 0, 0);
}

static void allocating_splits_the_block_around_the_page(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=8 max-order=3");
    bench_run(&b, "app.allocate 5");
    check_block(&b, 0, 2);
    check_block(&b, 4, 0);
    check_block(&b, 6, 1);
    assert_int_equal(bench_page(&b, 5)->owner, HS_OWNER_APP);
}

static void freeing_merges_with_the_buddy_up_to_the_largest_order(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=8 max-order=2");
    bench_run(&b, "app.allocate 5 app.allocate 4 app.free 5");
    check_block(&b, 5, 0); /* page 4 is in use */
    bench_run(&b, "app.free 4");
    check_block(&b, 4, 2);
    check_block(&b, 0, 2); /* max-order keeps the halves apart */
}

static void a_buddy_of_another_order_does_not_merge(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=4 max-order=2 free=0,2,3");
    bench_run(&b, "app.allocate 2 app.free 1");
    check_block(&b, 0, 1); /* 2 is in use, so the buddy of order 1 is not whole */
    check_block(&b, 3, 0);
}

static void policy_lifo_hands_out_the_page_freed_last(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=4 policy=lifo free=none");
    bench_run(&b, "app.free 1 app.free 3 app.free 0");
    bench_refused(&b, "app.allocate 1",
        "only if it is first in the allocator's list (policy lifo: page 0 is)");
    bench_run(&b, "app.allocate 0 app.allocate 3 app.allocate 1");
}

static void policy_lifo_splits_the_smallest_block_and_takes_its_lower_end(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=8 max-order=2 policy=lifo free=0,1,2,3,6,7");
    bench_refused(&b, "app.allocate 7",
        "only if it is first in the allocator's list (policy lifo: page 6 is)");
    bench_refused(&b, "app.allocate 0",
        "only if it is first in the allocator's list (policy lifo: page 6 is)");
    bench_run(&b, "app.allocate 6 app.allocate 7 app.allocate 0 app.allocate 1 app.allocate 2");
}

static void policy_lifo_keeps_the_order_when_a_block_leaves_the_middle(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=6 max-order=1 policy=lifo free=none");
    bench_run(&b, "app.free 4 app.free 0 app.free 2 app.free 1"); /* 0 and 1 merge */
    check_block(&b, 0, 1);
    bench_run(&b, "app.allocate 2 app.allocate 4 app.allocate 0 app.allocate 1");
}

static void policy_any_hands_out_every_free_page(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=4 max-order=2");
    for (unsigned p = 0; p < 4; p++)
        assert_true(hs_buddy_can_allocate(b.w, p, 0, NULL));
    bench_run(&b, "app.allocate 3");
    bench_refused(&b, "app.allocate 3", "only while page 3 is free");
}

static void policy_lifo_has_no_block_of_an_order_beyond_the_largest_free(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=4 max-order=1 hint-order=1 policy=lifo free=0,1");
    bench_run(&b, "app.allocate 0");
    assert_false(hs_buddy_can_allocate(b.w, 0, 1, NULL));
}

static void isolation_takes_the_block_off_the_list_whole(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=4 max-order=1 report-order=1 batch=1 policy=lifo");
    bench_run(&b, "driver.isolate-batch");
    for (unsigned p = 0; p < 2; p++)
        assert_int_equal(bench_page(&b, p)->owner, HS_OWNER_ISOLATED);
    check_block(&b, 2, 1); /* the batch was full */
    bench_refused(&b, "app.allocate 0", "only while page 0 is free");
    bench_refused(&b, "app.allocate 1", "only while page 1 is free");
}

static void a_block_put_back_goes_to_the_tail_and_is_marked_reported(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=2 batch=1 policy=lifo");
    bench_run(&b, REPORT);
    assert_int_equal(bench_page(&b, 0)->reported, 1);
    assert_int_equal(bench_page(&b, 1)->reported, 0);
    bench_refused(&b, "app.allocate 0",
        "only if it is first in the allocator's list (policy lifo: page 1 is)");
}

static void allocation_loses_the_reported_mark(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=2 batch=1");
    bench_run(&b, REPORT "app.allocate 0");
    assert_int_equal(bench_page(&b, 0)->reported, 0);
    bench_run(&b, "app.free 0");
    assert_int_equal(bench_page(&b, 0)->reported, 0);
}

static void a_split_loses_the_reported_mark_of_both_parts(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=2 max-order=1 report-order=0");
    bench_run(&b, REPORT);
    assert_int_equal(bench_page(&b, 0)->reported, 1);
    bench_run(&b, "app.allocate 0");
    assert_int_equal(bench_page(&b, 0)->reported, 0);
    assert_int_equal(bench_page(&b, 1)->reported, 0);
}

static void a_merge_loses_the_reported_mark(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=2 max-order=1 free=0");
    bench_run(&b, REPORT);
    assert_int_equal(bench_page(&b, 0)->reported, 1);
    bench_run(&b, "app.free 1");
    check_block(&b, 0, 1);
    assert_int_equal(bench_page(&b, 0)->reported, 0);
}

static void a_block_that_merges_as_it_is_put_back_is_not_marked(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=2 max-order=1 free=0");
    bench_run(&b, "driver.isolate-batch app.free 1 driver.report-batch device.take-report "
                  "device.discard 0 device.use-element driver.collect-report driver.put-back");
    check_block(&b, 0, 1);
    assert_int_equal(bench_page(&b, 0)->reported, 0);
}

static void an_upper_half_that_is_put_back_merges_into_the_lower(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=4 max-order=2 free=2,3");
    bench_run(&b, "driver.isolate-batch app.free 1 app.free 0 driver.report-batch "
                  "device.take-report device.discard 2 device.use-element driver.collect-report");
    assert_int_equal(bench_page(&b, 2)->order, 1); /* isolated as it was */
    bench_run(&b, "driver.put-back");
    check_block(&b, 0, 2);
    assert_int_equal(bench_page(&b, 2)->head, 0);
    assert_int_equal(bench_page(&b, 2)->reported, 0);
}

static void reported_blocks_and_small_ones_are_passed_over(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=6 max-order=1 report-order=1 free=0,1,2,4,5 batch=1");
    assert_int_equal(hs_buddy_next_unreported(b.w, HS_NO_PAGE), 0);
    assert_int_equal(hs_buddy_next_unreported(b.w, 0), 4);
    assert_int_equal(hs_buddy_next_unreported(b.w, 4), HS_NO_PAGE);
    bench_run(&b, REPORT);
    assert_int_equal(hs_buddy_next_unreported(b.w, HS_NO_PAGE), 4);
}

static void a_freed_page_is_poisoned_by_a_vcpu_write(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=none poison=value");
    bench_run(&b, SETUP "app.free 1");
    assert_int_equal(bench_page(&b, 1)->relies, HS_RELIES_VALUE);
    assert_int_equal(bench_page(&b, 1)->log, 1);
    bench_set(&b, "free=none poison=off");
    bench_run(&b, SETUP "app.free 1");
    assert_int_equal(bench_page(&b, 1)->relies, HS_RELIES_NOTHING);
    assert_int_equal(bench_page(&b, 1)->log, 0);
}

static void an_application_trusts_zeros_and_no_other_value(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "poison=zero");
    bench_run(&b, "app.allocate 0 app.read 0");
    assert_int_equal(bench_page(&b, 0)->relies, HS_RELIES_VALUE);
    bench_set(&b, "poison=value");
    bench_run(&b, "app.allocate 0");
    bench_refused(&b, "app.read 0", "only after data was written to page 0");
}

static void a_refused_allocation_says_why(void **state)
{
    (void)state;
    struct bench b;
    struct hs_refusal why = {0};
    bench_set(&b, "pages=4 max-order=1 free=0,2,3");
    assert_false(hs_buddy_can_allocate(b.w, 1, 1, &why));
    assert_string_equal(why.text, "only if a block of order 1 begins at page 1");
    assert_false(hs_buddy_can_allocate(b.w, 0, 1, &why));
    assert_string_equal(why.text, "only while the whole block of order 1 at page 0 is free");
    assert_false(hs_buddy_can_allocate(b.w, 1, 0, &why));
    assert_string_equal(why.text, "only while page 1 is free");
    assert_true(hs_buddy_can_allocate(b.w, 2, 1, &why));
}

static void check_says(struct bench *b, const char *words)
{
    const char *broken = hs_buddy_check(b->w);
    assert_non_null(broken);
    assert_string_equal(broken, words);
    bench_set(b, "pages=7 max-order=1 policy=lifo free=0,1,2,4,5");
}

static void the_check_names_what_does_not_hold(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=7 max-order=1 policy=lifo free=0,1,2,4,5");
    assert_null(hs_buddy_check(b.w));
    bench_page(&b, 5)->head = 1;
    check_says(&b, "buddy: all pages of a free block are free and only the first is its head");
    bench_page(&b, 2)->order = 3;
    check_says(&b, "buddy: a block is aligned to its size");
    bench_page(&b, 2)->head = 0;
    check_says(&b, "buddy: every free page belongs to one block");
    bench_page(&b, 3)->owner = HS_OWNER_FREE;
    bench_page(&b, 3)->head = 1;
    check_says(&b, "buddy: no two free buddies stay apart");
    hs_free_list(b.w)[0] = 2;
    check_says(&b, "buddy: the free list holds every free block once");
    hs_free_list(b.w)[1] = 4;
    check_says(&b, "buddy: the free list holds heads of free blocks");
    hs_free_list(b.w)[1] = 1;
    hs_free_list(b.w)[2] = 3;
    check_says(&b, "buddy: the free list stands by rising order");
    hs_free_list(b.w)[2] = hs_free_list(b.w)[3];
    check_says(&b, "buddy: no block stands twice on the free list");
}

static void reported_pages_are_taken_for_zeros_until_their_block_merges(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=2 max-order=1 free=0 report-zeroes=trusted");
    bench_run(&b, REPORT);
    assert_int_equal(bench_page(&b, 0)->relies, HS_RELIES_VALUE);
    bench_run(&b, "app.allocate 0");
    assert_int_equal(bench_page(&b, 0)->relies, HS_RELIES_VALUE); /* handed out as it is */
    bench_run(&b, "app.free 0");
    assert_int_equal(bench_page(&b, 0)->relies, HS_RELIES_NOTHING);
    bench_set(&b, "pages=2 max-order=1 free=0 report-zeroes=trusted");
    bench_run(&b, REPORT "app.free 1");
    assert_int_equal(bench_page(&b, 0)->relies, HS_RELIES_NOTHING);
    bench_set(&b, "pages=2 max-order=1 free=all report-zeroes=trusted");
    bench_run(&b, REPORT "app.allocate 0");
    assert_int_equal(bench_page(&b, 1)->relies, HS_RELIES_VALUE); /* a part of what was reported */
    bench_set(&b, "pages=2 max-order=1 free=0 report-zeroes=ignored");
    bench_run(&b, REPORT);
    assert_int_equal(bench_page(&b, 0)->relies, HS_RELIES_NOTHING);
}

static void what_is_taken_for_zeros_is_judged_as_it_is_handed_out(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=1 free=all report-zeroes=trusted inhibit-discard=on");
    bench_run(&b, "app.allocate 0 app.write 0 app.free 0 driver.isolate-batch driver.report-batch "
                  "device.take-report device.use-element driver.collect-report driver.put-back");
    assert_string_equal(bench_broken(&b), "");
    bench_run(&b, "app.allocate 0");
    assert_string_equal(bench_broken(&b), "value-broken");
    bench_set(&b, "pages=1 free=all report-zeroes=trusted");
    bench_run(&b, REPORT "app.allocate 0");
    assert_string_equal(bench_broken(&b), "");
    /* Of a report that is not used nothing is known. */
    bench_set(&b, "pages=1 free=all report-zeroes=trusted report-reuse=any-time");
    bench_run(&b, "driver.isolate-batch driver.report-batch driver.put-back");
    assert_int_equal(bench_page(&b, 0)->relies, HS_RELIES_NOTHING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(free_pages_form_maximal_blocks_at_the_start),
        cmocka_unit_test(allocating_splits_the_block_around_the_page),
        cmocka_unit_test(freeing_merges_with_the_buddy_up_to_the_largest_order),
        cmocka_unit_test(a_buddy_of_another_order_does_not_merge),
        cmocka_unit_test(policy_lifo_hands_out_the_page_freed_last),
        cmocka_unit_test(policy_lifo_splits_the_smallest_block_and_takes_its_lower_end),
        cmocka_unit_test(policy_lifo_keeps_the_order_when_a_block_leaves_the_middle),
        cmocka_unit_test(policy_any_hands_out_every_free_page),
        cmocka_unit_test(policy_lifo_has_no_block_of_an_order_beyond_the_largest_free),
        cmocka_unit_test(isolation_takes_the_block_off_the_list_whole),
        cmocka_unit_test(a_block_put_back_goes_to_the_tail_and_is_marked_reported),
        cmocka_unit_test(allocation_loses_the_reported_mark),
        cmocka_unit_test(a_split_loses_the_reported_mark_of_both_parts),
        cmocka_unit_test(a_merge_loses_the_reported_mark),
        cmocka_unit_test(a_block_that_merges_as_it_is_put_back_is_not_marked),
        cmocka_unit_test(an_upper_half_that_is_put_back_merges_into_the_lower),
        cmocka_unit_test(reported_blocks_and_small_ones_are_passed_over),
        cmocka_unit_test(a_freed_page_is_poisoned_by_a_vcpu_write),
        cmocka_unit_test(an_application_trusts_zeros_and_no_other_value),
        cmocka_unit_test(a_refused_allocation_says_why),
        cmocka_unit_test(the_check_names_what_does_not_hold),
        cmocka_unit_test(reported_pages_are_taken_for_zeros_until_their_block_merges),
        cmocka_unit_test(what_is_taken_for_zeros_is_judged_as_it_is_handed_out),
    };
    return cmocka_run_group_tests_name("buddy", tests, NULL, NULL);
}
