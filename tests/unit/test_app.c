/* SPDX-License-Identifier: BSD-3-Clause */
/* The application, on the source and on the destination. */
#include "bench.h"

static void an_application_touches_only_pages_in_use(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=0,1,2");
    bench_refused(&b, "app.write 0", "only while an application uses page 0 (it is free)");
    bench_refused(&b, "app.free 0", "only while an application uses page 0 (it is free)");
    bench_refused(&b, "app.read 0", "only while an application uses page 0 (it is free)");
    bench_run(&b, SETUP ASK ROUND "driver.hint-page 0");
    bench_refused(
        &b, "app.write 0", "only while an application uses page 0 (it is held by the driver)");
    bench_run(&b, "driver.inflate 1 driver.isolate-batch");
    bench_refused(
        &b, "app.write 1", "only while an application uses page 1 (it is in the balloon)");
    bench_refused(
        &b, "app.write 2", "only while an application uses page 2 (it is isolated for a report)");
    bench_run(&b, "app.write 3 app.read 3 app.free 3");
}

static void nobody_reads_what_nobody_has_written(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "");
    bench_run(&b, "app.allocate 0");
    bench_refused(&b, "app.read 0", "only after data was written to page 0");
    bench_run(&b, "app.write 0 app.read 0 app.free 0 app.allocate 0");
    bench_refused(&b, "app.read 0", "only after data was written to page 0");
}

static void while_the_vm_is_stopped_nobody_runs(void **state)
{
    (void)state;
    static const char *const steps[] = {
        "app.allocate 0", "app.write 1", "app.free 1", "app.read 1"};
    struct bench b;
    bench_set(&b, "free=0");
    bench_run(&b, SETUP ASK "migration.stop-vm");
    for (unsigned i = 0; i < 4; i++)
        bench_refused(&b, steps[i],
            i % 2 ? "only while the guest runs on the source (the VM is stopped)"
                  : "only while the guest runs (the VM is stopped)");
    bench_refused(&b, "destination.read 1", "only while the guest runs at the destination");
    bench_refused(&b, "destination.write 1", "only while the guest runs at the destination");
}

static void after_the_switch_the_application_runs_at_the_destination(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=0");
    bench_run(&b, SETUP ASK "app.allocate 0");
    bench_send_all(&b);
    bench_finish(&b);
    bench_refused(&b, "app.write 1",
        "only while the guest runs on the source (the destination has taken over)");
    bench_refused(&b, "destination.read 0", "only after data was written to page 0");
    bench_run(&b, "destination.write 0 destination.read 0 destination.read 1");
    assert_int_equal(bench_page(&b, 0)->copy, HS_COPY_EQUAL);
    assert_int_equal(bench_page(&b, 0)->log, 0);
}

static void at_the_destination_free_pages_are_not_in_use(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=0");
    bench_run(&b, SETUP ASK);
    bench_finish(&b);
    bench_refused(&b, "destination.read 0", "only while an application uses page 0 (it is free)");
    bench_refused(&b, "destination.write 0", "only while an application uses page 0 (it is free)");
}

static void in_postcopy_a_thread_sleeps_until_its_page_is_pulled(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=none postcopy=on");
    bench_run(&b, SETUP ASK POSTCOPY "destination.read 1");
    bench_refused(
        &b, "destination.read 1", "only after page 1 was pulled (its reader sleeps until then)");
    bench_refused(
        &b, "destination.write 1", "only after page 1 was pulled (its reader sleeps until then)");
    assert_true(hs_somebody_waits(b.w));
    bench_run(&b, "migration.pull-page 1 destination.read 1");
    assert_false(hs_somebody_waits(b.w));
    bench_run(&b, "destination.write 2");
    assert_int_equal(bench_page(&b, 2)->awaited, 1); /* the write has not happened */
    assert_int_equal(bench_page(&b, 2)->copy, HS_COPY_NONE);
    bench_run(&b, "migration.pull-page 2 destination.write 2");
    assert_string_equal(bench_broken(&b), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_application_touches_only_pages_in_use),
        cmocka_unit_test(nobody_reads_what_nobody_has_written),
        cmocka_unit_test(while_the_vm_is_stopped_nobody_runs),
        cmocka_unit_test(after_the_switch_the_application_runs_at_the_destination),
        cmocka_unit_test(at_the_destination_free_pages_are_not_in_use),
        cmocka_unit_test(in_postcopy_a_thread_sleeps_until_its_page_is_pulled),
    };
    return cmocka_run_group_tests_name("app", tests, NULL, NULL);
}
