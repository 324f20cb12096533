/* SPDX-License-Identifier: BSD-3-Clause */
/* One page frame: content, copies, discards, and the invariants. */
#include "bench.h"

#include <string.h>

#define SEND_0 "migration.begin-page 0 migration.finish-page 0 "

static void a_write_makes_the_destinations_copy_older(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=none");
    bench_run(&b, SETUP ASK SEND_0);
    assert_true(hs_page_arrived(b.w, 0));
    bench_run(&b, "app.write 0");
    assert_int_equal(bench_page(&b, 0)->copy, HS_COPY_OLDER);
    assert_false(hs_page_arrived(b.w, 0));
    bench_run(&b, "app.write 1");
    assert_int_equal(bench_page(&b, 1)->copy, HS_COPY_NONE);
}

static void a_write_by_a_device_makes_it_older_too(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=none");
    bench_run(&b, SETUP ASK SEND_0 "device.dma-write 0");
    assert_int_equal(bench_page(&b, 0)->copy, HS_COPY_OLDER);
    assert_int_equal(bench_page(&b, 0)->relies, HS_RELIES_DATA);
    assert_int_equal(bench_page(&b, 0)->modified, 1);
}

static void a_write_fills_a_wiped_page(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=2");
    hs_page_discard(b.w, 0);
    hs_page_discard(b.w, 1);
    assert_int_equal(bench_page(&b, 0)->content, HS_CONTENT_ZEROS);
    bench_run(&b, "app.allocate 0 app.write 0 app.allocate 1 device.dma-write 1");
    assert_int_not_equal(bench_page(&b, 0)->content, HS_CONTENT_ZEROS);
    assert_int_not_equal(bench_page(&b, 1)->content, HS_CONTENT_ZEROS);
}

static void a_discard_makes_zeros_and_is_not_logged(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=1");
    bench_run(&b, SETUP ASK SEND_0);
    hs_page_discard(b.w, 0);
    assert_int_equal(bench_page(&b, 0)->copy, HS_COPY_OLDER);
    assert_int_equal(bench_page(&b, 0)->log, 0);
    assert_int_equal(bench_page(&b, 0)->host_log, 0);
    assert_int_equal(bench_page(&b, 0)->modified, 0); /* the guest wrote nothing */
}

static void a_discard_of_zeros_changes_nothing(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=1 poison=zero");
    bench_run(&b, SETUP ASK SEND_0);
    hs_page_discard(b.w, 0);
    assert_int_equal(bench_page(&b, 0)->copy, HS_COPY_EQUAL);
}

static void a_wiped_page_has_arrived_where_nothing_came(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=1");
    bench_run(&b, SETUP ASK);
    assert_false(hs_page_arrived(b.w, 0));
    hs_page_discard(b.w, 0);
    assert_true(hs_page_arrived(b.w, 0));
}

static void only_with_poison_zero_is_a_free_page_known_to_be_zero(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "poison=zero");
    assert_int_equal(bench_page(&b, 0)->content, HS_CONTENT_ZEROS);
    bench_set(&b, "poison=value");
    assert_int_not_equal(bench_page(&b, 0)->content, HS_CONTENT_ZEROS);
    bench_set(&b, "poison=off");
    assert_int_not_equal(bench_page(&b, 0)->content, HS_CONTENT_ZEROS);
}

static void a_discard_at_the_destination_is_the_guests_memory(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=1 discard-marks-dirty=on");
    bench_run(&b, SETUP ASK);
    bench_finish(&b);
    bench_page(&b, 0)->copy = HS_COPY_OLDER;
    bench_run(&b, "driver.isolate-batch driver.report-batch device.take-report device.discard 0");
    assert_int_equal(bench_page(&b, 0)->copy, HS_COPY_EQUAL);
    assert_int_equal(bench_page(&b, 0)->host_log, 0);
}

static void a_write_during_copy_then_clear_spoils_what_was_read(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=none send-order=copy-then-clear");
    bench_run(&b, SETUP ASK "migration.begin-page 0 app.write 1");
    assert_int_equal(b.memory.state.migration.read_current, 1); /* another page */
    bench_run(&b, "app.write 0");
    assert_int_equal(b.memory.state.migration.read_current, 0);
    assert_null(hs_world_check(b.w));
    bench_page(&b, 0)->copy = HS_COPY_EQUAL;
    assert_string_equal(hs_world_check(b.w),
        "page: what was read before the last write is not what the destination has");
}

static void a_page_on_which_nobody_relies_is_never_unrecorded(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=2 free=0");
    assert_false(hs_page_is_unrecorded(b.w, 1)); /* no migration */
    bench_run(&b, SETUP ASK);
    bench_page(&b, 0)->bitmap = bench_page(&b, 1)->bitmap = 0;
    assert_false(hs_page_is_unrecorded(b.w, 0));
    assert_true(hs_page_is_unrecorded(b.w, 1));
    bench_run(&b, "app.write 1");
    assert_false(hs_page_is_unrecorded(b.w, 1)); /* the log has it */
}

static void check_says(struct bench *b, const char *words)
{
    const char *broken = hs_world_check(b->w);
    assert_non_null(broken);
    assert_string_equal(broken, words);
    bench_set(b, "free=0,1");
}

static void the_check_names_what_does_not_hold(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=0,1");
    bench_page(&b, 2)->copy = HS_COPY_COUNT;
    check_says(&b, "page: every field holds one of its values");
    bench_page(&b, 2)->owner = HS_OWNER_COUNT;
    check_says(&b, "page: every field holds one of its values");
    bench_page(&b, 2)->relies = HS_RELIES_COUNT;
    check_says(&b, "page: every field holds one of its values");
    bench_page(&b, 1)->head = 0;
    bench_page(&b, 1)->reported = 1;
    check_says(&b, "page: only a free block is marked reported");
    bench_page(&b, 2)->order = 1;
    check_says(&b, "page: only a block's head carries an order");
    bench_page(&b, 2)->head = 1;
    check_says(&b, "page: only free and isolated blocks have a head");
    bench_page(&b, 2)->reported = 1;
    check_says(&b, "page: only a free block is marked reported");
    bench_page(&b, 2)->acked = 1;
    check_says(&b, "page: only a held block's hint can have been seen used");
    bench_page(&b, 0)->relies = HS_RELIES_DATA;
    check_says(&b, "page: only an application relies on data");
    bench_page(&b, 0)->relies = HS_RELIES_VALUE;
    check_says(&b,
        "page: nobody relies on a value unless free pages keep one, or reported ones are zeros");
    bench_page(&b, 0)->known = 1;
    check_says(&b, "page: no record in the log while logging is off");
    bench_page(&b, 2)->faulted = 1;
    check_says(&b, "page: faults are noted for the rule refuse-written alone");
    bench_page(&b, 2)->awaited = 1;
    check_says(&b, "page: threads wait for pages in postcopy alone");
}

static void the_check_knows_what_each_rule_asks_for(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "poison=zero");
    bench_page(&b, 0)->relies = HS_RELIES_NOTHING;
    check_says(&b, "page: the allocator relies on the value of a free page");
    bench_run(&b, SETUP);
    bench_page(&b, 0)->protected = 0;
    check_says(&b, "page: protected while its log bit is 0");
    bench_run(&b, SETUP);
    bench_page(&b, 0)->log = 1;
    check_says(&b, "page: protected only while its log bit is 0");
    bench_run(&b, SETUP);
    bench_page(&b, 0)->known = 1;
    check_says(&b, "page: the legacy log needs no known bits");
    *hs_chunk_pending(b.w, 0) = 1;
    check_says(&b, "page: the manual log alone, while it is on, is cleared later");
    bench_set(&b, "refuse-written=on");
    bench_page(&b, 0)->faulted = 1;
    check_says(&b, "page: a noted fault is a modification, or one is to come");
    bench_page(&b, 2)->late = HS_LATE_COUNT;
    check_says(&b, "page: every field holds one of its values");
    bench_page(&b, 2)->late = HS_LATE_CURRENT;
    check_says(&b, "page: copies are under way during a migration, if channels have no order");
    bench_set(&b, "channels=per-round-sync");
    bench_page(&b, 0)->late = HS_LATE_OLDER;
    check_says(&b, "page: copies are under way during a migration, if channels have no order");
    bench_set(&b, "channels=per-round-sync");
    bench_run(&b, SETUP "migration.stop-hints");
    bench_page(&b, 0)->late = HS_LATE_OLDER;
    check_says(&b, "page: what was sent arrives before the next sync begins");
    bench_set(&b, "channels=per-round-sync");
    bench_run(&b, SETUP ASK);
    const char *twice = "page: no page is sent twice between two syncs";
    bench_page(&b, 0)->late = HS_LATE_CURRENT;
    check_says(&b, twice); /* it is still to be sent */
    bench_set(&b, "channels=per-round-sync");
    bench_run(&b, SETUP ASK "migration.begin-page 0");
    bench_page(&b, 0)->late = HS_LATE_CURRENT;
    check_says(&b, twice);
    bench_set(&b, "channels=per-round-sync");
    bench_run(&b, SETUP ASK SEND_0);
    assert_null(hs_world_check(b.w));
    bench_page(&b, 0)->late = HS_LATE_OLDER;
    bench_page(&b, 0)->copy = HS_COPY_EQUAL;
    check_says(&b, twice);
    bench_page(&b, 2)->ballooned = 1;
    check_says(&b, "page: the host notes who is in the balloon to skip it alone");
    bench_page(&b, 2)->dma = 1;
    check_says(&b, "page: what a device writes arrives at once, unless the page is marked first");
    bench_set(&b, "free=0 dma-log=marked-first refuse-written=on");
    bench_page(&b, 1)->dma = bench_page(&b, 1)->faulted = 1;
    assert_null(hs_world_check(b.w));
    bench_page(&b, 0)->dma = 1;
    check_says(&b, "page: a device writes pages in use, while the VM runs on the source");
}

static void what_a_get_returned_is_known_until_it_is_cleared(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "log=manual free=0");
    bench_run(&b, SETUP "migration.stop-hints app.write 1 migration.sync");
    assert_int_equal(bench_page(&b, 1)->known, 1);
    assert_null(hs_world_check(b.w)); /* before merge-log no chunk need be pending */
    bench_run(&b, "migration.merge-log");
    assert_null(hs_world_check(b.w));
    *hs_chunk_pending(b.w, 1) = 0;
    check_says(&b, "page: what the last GET returned is forgotten by CLEAR");
    bench_set(&b, "log=manual free=0");
    bench_run(&b, SETUP ASK);
    bench_page(&b, 1)->known = 1;
    check_says(&b, "page: what the last GET returned stays in the manual log until CLEAR");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_write_makes_the_destinations_copy_older),
        cmocka_unit_test(a_write_by_a_device_makes_it_older_too),
        cmocka_unit_test(a_write_fills_a_wiped_page),
        cmocka_unit_test(a_discard_makes_zeros_and_is_not_logged),
        cmocka_unit_test(a_discard_of_zeros_changes_nothing),
        cmocka_unit_test(a_wiped_page_has_arrived_where_nothing_came),
        cmocka_unit_test(only_with_poison_zero_is_a_free_page_known_to_be_zero),
        cmocka_unit_test(a_discard_at_the_destination_is_the_guests_memory),
        cmocka_unit_test(a_write_during_copy_then_clear_spoils_what_was_read),
        cmocka_unit_test(a_page_on_which_nobody_relies_is_never_unrecorded),
        cmocka_unit_test(the_check_names_what_does_not_hold),
        cmocka_unit_test(the_check_knows_what_each_rule_asks_for),
        cmocka_unit_test(what_a_get_returned_is_known_until_it_is_cleared),
    };
    return cmocka_run_group_tests_name("page", tests, NULL, NULL);
}
