/* SPDX-License-Identifier: BSD-3-Clause */
/* Migration: its phases, sending, the switch, cancel, postcopy, and the table measured on QEMU. */
#include "bench.h"

#include <stdio.h>
#include <string.h>

#define SEND(p) "migration.begin-page " #p " migration.finish-page " #p " "
#define SEND_ALL SEND(0) SEND(1) SEND(2) SEND(3)
#define ACCEPT "device.wake device.take-element "
#define HINT_0 "driver.hint-page 0 "
#define REUSE_0 "driver.shrink 0 app.allocate 0 "

/* ---- phases --------------------------------------------------------------------------------- */

static void each_step_has_its_phase(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "");
    bench_refused(&b, "migration.enable-log",
        "only while logging is to be switched on (phase: none, logging off)");
    bench_refused(&b, "migration.stop-hints",
        "only while migration has just begun, sends pages of a running VM, or has just stopped it "
        "(phase: none, VM running)");
    bench_refused(&b, "migration.sync",
        "only right after hints were stopped (stop-before-sync=on; phase: none)");
    bench_refused(&b, "migration.merge-log", "only right after the log was read (phase: none)");
    bench_refused(&b, "migration.start-hints", "only right after a sync (phase: none)");
    bench_refused(&b, "migration.done-hints", "only right after a sync (phase: none)");
    bench_refused(&b, "migration.begin-page 0", "only while pages are being sent (phase: none)");
    bench_refused(&b, "migration.finish-page 0", "only while page 0 is being sent");
    bench_refused(&b, "migration.stop-vm", "only while pages are being sent (phase: none)");
    bench_refused(&b, "migration.switch-over",
        "only after the final sync, with the VM stopped (phase: none, VM running)");
    bench_refused(&b, "migration.cancel", "only while a migration is under way (phase: none)");
    bench_refused(&b, "migration.go-postcopy", "only with postcopy enabled");
    bench_refused(&b, "migration.pull-page 0", "only while the migration is in postcopy");
    bench_run(&b, "migration.start");
    bench_refused(&b, "migration.start",
        "only while no migration is under way or complete (phase: starting)");
    bench_run(&b, "migration.enable-log");
    bench_refused(&b, "migration.enable-log",
        "only while logging is to be switched on (phase: before a sync, logging on)");
    bench_run(&b, SYNC);
    bench_refused(&b, "migration.done-hints",
        "only while the VM is stopped (it runs: hints are asked for, not done)");
    bench_run(&b, "migration.start-hints");
}

static void a_migration_that_begins_has_a_round_for_its_first_sync(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "rounds=1 migrations=2 cancels=1");
    bench_run(&b, SETUP ASK "migration.cancel");
    bench_refused(&b, "migration.start", "only while the limit rounds is not spent (it is 1)");
    bench_set(&b, "rounds=1 hint-trigger=request");
    bench_run(&b, "migration.start");
    bench_refused(&b, "device.request-hints",
        "only while two rounds are left (the last is kept for the migration's first sync)");
    bench_run(&b, "migration.enable-log");
    bench_refused(&b, "device.request-hints",
        "only while two rounds are left (the last is kept for the migration's first sync)");
    bench_set(&b, "rounds=2 hint-trigger=request");
    bench_run(&b, "migration.start device.request-hints");
}

static void one_page_is_sent_at_a_time(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "");
    bench_run(&b, SETUP ASK "migration.begin-page 1");
    bench_refused(&b, "migration.begin-page 2", "only after page 1 was sent (it is being sent)");
    bench_refused(&b, "migration.finish-page 2", "only while page 2 is being sent");
    bench_refused(&b, "migration.stop-vm", "only after page 1 was sent (it is being sent)");
    bench_refused(&b, "migration.stop-hints", "only after page 1 was sent (it is being sent)");
    bench_run(&b, "migration.finish-page 1");
    bench_refused(
        &b, "migration.begin-page 1", "only while page 1 is to be sent (its bit is clear)");
}

static void the_final_round_follows_the_stop_of_the_vm(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=1");
    bench_run(&b, SETUP ASK);
    bench_refused(&b, "migration.switch-over",
        "only after the final sync, with the VM stopped (phase: sending, VM running)");
    bench_run(&b, "migration.stop-vm " SYNC);
    bench_refused(&b, "migration.start-hints",
        "only while the VM runs (it is stopped: hints are done, not asked for)");
    bench_run(&b, "migration.done-hints");
    bench_refused(&b, "migration.stop-vm", "only while the VM runs (it is stopped)");
    bench_refused(&b, "migration.stop-hints",
        "only while migration has just begun, sends pages of a running VM, or has just stopped it "
        "(phase: sending, VM stopped)");
    bench_refused(&b, "migration.switch-over", "only after page 0 was sent (its bit is set)");
    bench_run(&b, "migration.begin-page 0");
    bench_refused(&b, "migration.switch-over", "only after page 0 was sent (it is being sent)");
    bench_run(&b, "migration.finish-page 0 migration.switch-over");
    bench_refused(&b, "migration.start",
        "only while no migration is under way or complete (phase: switched over)");
    bench_refused(
        &b, "migration.cancel", "only while a migration is under way (phase: switched over)");
}

static void without_stop_before_sync_hints_run_on(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "stop-before-sync=off");
    bench_refused(&b, "migration.sync",
        "only while migration has just begun, sends pages of a running VM, or has just stopped it "
        "(phase: none, VM running)");
    bench_run(&b, SETUP);
    bench_refused(&b, "migration.stop-hints",
        "only with the rule stop-before-sync=on (hints run on through the sync)");
    bench_run(&b, "migration.sync migration.merge-log migration.start-hints " ROUND ACCEPT HINT_0
                  "migration.sync device.take-element");
    assert_int_equal(b.memory.state.device.status, HS_STATUS_START);
    assert_int_equal(bench_page(&b, 0)->bitmap, 0);
}

static void logging_may_come_after_the_first_id(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "log-before-first-id=off");
    bench_run(&b, "migration.start " ASK);
    assert_int_equal(b.memory.state.device.id, 2);
    bench_refused(&b, "migration.begin-page 0", "only after logging was switched on");
    bench_refused(&b, "migration.stop-vm", "only after logging was switched on");
    bench_refused(&b, "migration.stop-hints", "only after logging was switched on");
    bench_run(&b, "migration.enable-log");
    bench_refused(&b, "migration.enable-log",
        "only while logging is to be switched on (phase: sending, logging on)");
    bench_send_all(&b);
    bench_finish(&b);
}

static void before_the_log_is_on_a_write_leaves_no_trace(void **state)
{
    (void)state;
    struct bench b;
    const char *const story = ROUND ACCEPT HINT_0 REUSE_0 "app.write 0 ";
    bench_set(&b, "free=0 release=any-time log-before-first-id=off");
    bench_run(&b, "migration.start " ASK);
    bench_run(&b, story);
    bench_run(&b, "device.take-element migration.enable-log");
    bench_finish(&b);
    assert_string_equal(bench_broken(&b), "dirty-page-lost hint-device-4");
    bench_set(&b, "free=0 release=any-time log-before-first-id=on");
    bench_run(&b, SETUP ASK);
    bench_run(&b, story);
    bench_run(&b, "device.take-element");
    bench_finish(&b);
    assert_string_equal(bench_broken(&b), "");
}

/* ---- sending -------------------------------------------------------------------------------- */

static void clear_then_copy_catches_a_write_during_the_send(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=none send-order=clear-then-copy");
    bench_run(&b, SETUP ASK "migration.begin-page 0 app.write 0 migration.finish-page 0");
    assert_int_equal(bench_page(&b, 0)->copy, HS_COPY_EQUAL); /* it was read after the write */
    bench_run(&b, "app.write 0");
    assert_int_equal(bench_page(&b, 0)->copy, HS_COPY_OLDER);
    bench_finish(&b);
    assert_string_equal(bench_broken(&b), "");
}

static void copy_then_clear_loses_a_write_during_the_send(void **state)
{
    (void)state;
    struct bench b;
    const char *const words = "free=none send-order=copy-then-clear log=manual "
                              "initially-all-set=on";
    const char *const story = "migration.begin-page 0 app.write 0 migration.finish-page 0";
    bench_set(&b, words);
    bench_run(&b, SETUP ASK);
    bench_run(&b, story);
    assert_int_equal(bench_page(&b, 0)->copy, HS_COPY_OLDER);
    assert_true(hs_page_is_unrecorded(b.w, 0));
    bench_finish(&b);
    assert_string_equal(bench_broken(&b), "dirty-page-lost");
    bench_set(&b, words);
    bench_run(&b, SETUP ASK "migration.begin-page 0");
    assert_false(hs_page_is_unrecorded(b.w, 0));
    bench_run(&b, "migration.finish-page 0");
    assert_int_equal(bench_page(&b, 0)->copy, HS_COPY_EQUAL);
}

static void a_page_that_is_being_sent_counts_as_recorded_until_it_is_written(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=none");
    bench_run(&b, SETUP ASK "migration.begin-page 0");
    assert_false(hs_page_is_unrecorded(b.w, 0));
    bench_set(&b, "free=none send-order=copy-then-clear");
    bench_run(&b, SETUP ASK "migration.begin-page 0");
    bench_page(&b, 0)->bitmap = 0;
    assert_false(hs_page_is_unrecorded(b.w, 0));
    b.memory.state.migration.read_current = 0;
    assert_true(hs_page_is_unrecorded(b.w, 0));
}

/* ---- the end -------------------------------------------------------------------------------- */

static void every_end_says_done(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "done-at-end=on");
    bench_run(&b, SETUP ASK);
    bench_finish(&b);
    assert_int_equal(b.memory.state.device.status, HS_STATUS_DONE);
    assert_string_equal(bench_broken(&b), "");
    bench_set(&b, "done-at-end=off");
    bench_run(&b, SETUP ASK);
    bench_finish(&b);
    assert_int_equal(b.memory.state.device.status, HS_STATUS_STOP);
    assert_string_equal(bench_broken(&b), "hint-device-6");
    bench_set(&b, "done-at-end=off");
    bench_run(&b, SETUP ASK "migration.cancel");
    assert_int_equal(b.memory.state.device.status, HS_STATUS_STOP);
    assert_string_equal(bench_broken(&b), "hint-device-6");
}

static void only_a_completed_migration_may_say_done(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "done-at-end=completed");
    bench_run(&b, SETUP ASK);
    bench_finish(&b);
    assert_int_equal(b.memory.state.device.status, HS_STATUS_DONE);
    assert_string_equal(bench_broken(&b), "");
    bench_set(&b, "done-at-end=completed");
    bench_run(&b, SETUP ASK "migration.cancel");
    assert_int_equal(b.memory.state.device.status, HS_STATUS_STOP);
    assert_string_equal(bench_broken(&b), "hint-device-6");
}

static void a_cancelled_migration_leaves_the_source_as_it_is(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=0");
    bench_run(&b,
        SETUP ASK ROUND ACCEPT HINT_0 "device.take-element migration.begin-page 1 "
                                      "migration.cancel app.write 1 app.read 1 app.read 2");
    assert_string_equal(bench_broken(&b), "");
    bench_refused(&b, "migration.cancel", "only while a migration is under way (phase: cancelled)");
    for (unsigned p = 0; p < 4; p++)
        assert_int_equal(bench_page(&b, p)->copy, HS_COPY_NONE);
}

static void a_retry_may_offer_what_is_dirty_alone(void **state)
{
    (void)state;
    static const char *const logs[] = {"legacy", "manual", "ring"};
    for (unsigned i = 0; i < 3; i++) {
        struct bench b;
        char words[80];
        snprintf(words, sizeof(words), "pages=3 free=none first-pass=dirty log=%s", logs[i]);
        bench_set(&b, words);
        bench_run(&b, SETUP ASK);
        assert_int_equal(bench_page(&b, 0)->bitmap, 1); /* the first attempt offers all */
        bench_send_all(&b);
        bench_run(
            &b, "app.write 1 migration.stop-hints migration.sync migration.cancel app.write 2");
        assert_int_equal(b.memory.state.migration.log_on, 1);
        bench_run(&b, "migration.start " ASK);
        assert_int_equal(bench_page(&b, 0)->bitmap, 0);
        assert_int_equal(bench_page(&b, 1)->bitmap, 1); /* read, but not yet taken */
        assert_int_equal(bench_page(&b, 2)->bitmap, 1);
        assert_true(hs_page_is_unrecorded(b.w, 0));
        bench_finish(&b);
        assert_true(hs_is_broken(b.w, HS_DIRTY_PAGE_LOST));
    }
}

static void an_attempt_that_never_logged_took_nothing(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=none first-pass=dirty");
    bench_run(&b, "migration.start migration.cancel migration.start");
    assert_int_equal(bench_page(&b, 0)->bitmap, 1);
    bench_run(&b, "migration.enable-log");
}

static void a_hop_makes_the_destination_the_source(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=4 free=none hops=1 refuse-written=on");
    bench_refused(&b, "migration.next-hop", "only after the switch-over (phase: none)");
    bench_run(&b, SETUP ASK);
    for (unsigned p = 1; p < 4; p++)
        bench_page(&b, p)->bitmap = 0;
    bench_finish(&b);
    bench_page(&b, 2)->copy = HS_COPY_OLDER;
    bench_page(&b, 2)->content = HS_CONTENT_ZEROS;
    bench_page(&b, 3)->faulted = 1;
    bench_run(&b, "destination.write 3");
    assert_int_equal(bench_page(&b, 3)->modified, 1);
    unsigned id = b.memory.state.device.id;
    bench_run(&b, "migration.next-hop");
    for (unsigned p = 0; p < 4; p++)
        assert_int_equal(bench_page(&b, p)->copy, HS_COPY_NONE);
    assert_int_equal(bench_page(&b, 0)->content, HS_CONTENT_DATA);  /* it arrived */
    assert_int_equal(bench_page(&b, 1)->content, HS_CONTENT_ZEROS); /* it never came */
    assert_int_equal(bench_page(&b, 2)->content, HS_CONTENT_DATA);  /* it was something else */
    assert_int_equal(bench_page(&b, 3)->content, HS_CONTENT_DATA);  /* it was written there */
    assert_int_equal(bench_page(&b, 3)->faulted, 0);
    assert_int_equal(b.memory.state.device.id, id);
    assert_int_equal(b.memory.state.device.status, HS_STATUS_DONE);
    bench_run(&b, "app.write 0 " SETUP ASK);
    assert_int_equal(b.memory.state.device.id, id + 1);
    assert_int_equal(bench_page(&b, 1)->bitmap, 1);
    bench_set(&b, "hops=1 postcopy=on");
    bench_run(&b, SETUP ASK POSTCOPY);
    bench_refused(&b, "migration.next-hop", "only after the switch-over (phase: postcopy)");
}

static void a_hop_may_offer_what_is_dirty_alone(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=2 free=none hops=1 first-pass=dirty");
    bench_run(&b, SETUP ASK);
    bench_finish(&b);
    bench_run(&b, "destination.write 1 migration.next-hop migration.start " ASK);
    assert_int_equal(bench_page(&b, 0)->bitmap, 0);
    assert_int_equal(bench_page(&b, 1)->bitmap, 1);
    bench_finish(&b);
    assert_int_equal(b.memory.state.migration.log_on, 0); /* no hop is left */
    assert_true(hs_is_broken(b.w, HS_DIRTY_PAGE_LOST));
}

static void without_order_an_older_copy_may_arrive_last(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=2 free=none channels=unordered");
    bench_run(&b, SETUP ASK);
    bench_refused(&b, "migration.arrive 0", "only while a copy of page 0 is under way");
    bench_run(&b, "migration.begin-page 0 migration.finish-page 0");
    assert_int_equal(bench_page(&b, 0)->copy, HS_COPY_NONE);
    assert_int_equal(bench_page(&b, 0)->late, HS_LATE_CURRENT);
    assert_int_equal(hs_page_first_late(b.w), 0);
    assert_false(hs_page_is_unrecorded(b.w, 0));
    bench_run(&b, "migration.begin-page 1 migration.finish-page 1 migration.arrive 1 app.write 0");
    assert_int_equal(bench_page(&b, 1)->copy, HS_COPY_EQUAL);
    assert_int_equal(bench_page(&b, 0)->late, HS_LATE_OLDER);
    bench_run(&b, FINAL "migration.begin-page 0 migration.finish-page 0");
    assert_int_equal(bench_page(&b, 0)->copy, HS_COPY_EQUAL); /* it overtook the other one */
    assert_int_equal(bench_page(&b, 0)->late, HS_LATE_OLDER);
    bench_refused(&b, "migration.switch-over", "only after what was sent of page 0 has arrived");
    bench_run(&b, "migration.arrive 0");
    assert_int_equal(bench_page(&b, 0)->copy, HS_COPY_OLDER);
    assert_int_equal(hs_page_first_late(b.w), 2);
    assert_true(hs_page_is_unrecorded(b.w, 0));
    bench_run(&b, "migration.switch-over");
    assert_true(hs_is_broken(b.w, HS_DIRTY_PAGE_LOST));
    bench_set(&b, "pages=2 free=none channels=unordered postcopy=on");
    bench_run(
        &b, SETUP ASK "migration.begin-page 0 migration.finish-page 0 migration.stop-vm " SYNC);
    bench_refused(&b, "migration.go-postcopy", "only after what was sent of page 0 has arrived");
    bench_run(&b, "migration.cancel");
    assert_int_equal(bench_page(&b, 0)->late, HS_LATE_NONE);
    bench_set(&b, "");
    bench_refused(&b, "migration.arrive 0",
        "only with the rule channels=per-round-sync or unordered (pages arrive as they are sent)");
}

static void a_sync_may_wait_for_what_is_under_way(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=2 free=none channels=per-round-sync");
    bench_run(&b, SETUP ASK "migration.begin-page 1 migration.finish-page 1");
    const char *late = "only after what was sent of page 1 has arrived (channels=per-round-sync)";
    bench_refused(&b, "migration.stop-hints", late);
    bench_run(&b, "app.write 1 migration.stop-vm");
    bench_refused(&b, "migration.stop-hints", late);
    bench_run(&b, "migration.arrive 1 " SYNC);
    assert_int_equal(bench_page(&b, 1)->copy, HS_COPY_OLDER);
    assert_int_equal(bench_page(&b, 1)->bitmap, 1);
}

static void a_stopped_vm_runs_on_after_a_cancel(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=none");
    bench_run(&b, SETUP ASK "migration.stop-vm migration.cancel app.write 0");
}

static void the_second_migration_sends_everything_under_the_next_id(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=0 release=any-time");
    bench_run(&b, SETUP ASK ROUND ACCEPT HINT_0 "device.take-element migration.cancel " SETUP);
    for (unsigned p = 0; p < 4; p++)
        assert_int_equal(bench_page(&b, p)->bitmap, 1);
    bench_run(&b, ASK);
    assert_int_equal(hs_device_field(b.w), 3);
    bench_finish(&b);
    assert_string_equal(bench_broken(&b), "");
}

/* ---- postcopy ------------------------------------------------------------------------------- */

static void postcopy_pulls_what_is_missing(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=none postcopy=on");
    bench_run(&b, SETUP ASK SEND_ALL "app.write 1");
    bench_refused(&b, "migration.go-postcopy",
        "only right after the final sync, with the VM stopped (phase: sending, VM running)");
    bench_run(&b, POSTCOPY "");
    assert_int_equal(bench_page(&b, 1)->copy, HS_COPY_NONE);
    bench_refused(&b, "migration.pull-page 0",
        "only while the source has page 0 to send (its bit is clear: it counts as sent)");
    bench_run(&b, "destination.read 0 destination.read 1 migration.pull-page 1 "
                  "destination.read 1 destination.write 1");
    assert_string_equal(bench_broken(&b), "");
}

static void with_postcopy_nobody_asks_for_hints(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "postcopy=on hint-with-postcopy=off");
    bench_run(&b, SETUP ASK);
    assert_int_equal(b.memory.state.device.id, 0);
    bench_set(&b, "hintq=0");
    bench_run(&b, SETUP ASK);
    assert_int_equal(b.memory.state.device.id, 0);
}

static void hints_with_postcopy_make_the_destination_wait_for_ever(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=0 postcopy=on hint-with-postcopy=on release=any-time log=manual "
                  "initially-all-set=on hint-effect=skip-and-clear-log");
    bench_run(&b, SETUP ASK ROUND ACCEPT HINT_0 REUSE_0 "app.write 0 device.take-element " POSTCOPY
                                                        "destination.read 0");
    assert_int_equal(bench_page(&b, 0)->awaited, 1);
    bench_refused(&b, "migration.pull-page 0",
        "only while the source has page 0 to send (its bit is clear: it counts as sent)");
    assert_true(hs_somebody_waits(b.w));
}

static void postcopy_takes_over_an_older_copy_whose_bit_is_clear(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=none postcopy=on");
    bench_run(&b, SETUP ASK SEND_ALL "migration.stop-vm " SYNC);
    bench_page(&b, 2)->copy = HS_COPY_OLDER;
    bench_run(&b, "migration.go-postcopy");
    assert_string_equal(bench_broken(&b), "dirty-page-lost");
}

/* ---- measured on QEMU 7.2, and 10.0 to 11.1 -------------------------------------------------- */

/* The race: the id is issued, the hint queued, the page reused and written, the hint applied. */
#define RACE SETUP ASK ROUND ACCEPT HINT_0 REUSE_0 "app.write 0 device.take-element "

static void expect_outcome(const char *words, const char *story, const char *broken)
{
    struct bench b;
    bench_set(&b, words);
    bench_run(&b, story);
    bench_finish(&b);
    assert_string_equal(bench_broken(&b), broken);
}

static void measured_a_hint_of_a_free_page_skips_it(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=0 guest=linux-6.1 host=qemu-7.2-kvm");
    bench_run(&b, SETUP ASK ROUND ACCEPT HINT_0 "device.take-element");
    bench_finish(&b);
    assert_int_equal(bench_page(&b, 0)->copy, HS_COPY_NONE);
    assert_string_equal(bench_broken(&b), "");
}

static void measured_a_write_after_the_hint_was_applied_arrives(void **state)
{
    (void)state;
    static const char *const hosts[] = {"qemu-7.2-kvm", "qemu-7.2-kvm-legacy", "qemu-7.2-ring",
        "qemu-7.2-tcg-odd-ram", "qemu-10.2-kvm", "qemu-10.2-kvm-legacy", "qemu-10.2-ring",
        "qemu-10.2-tcg"};
    for (unsigned i = 0; i < 8; i++) {
        struct bench b;
        char words[80];
        snprintf(words, sizeof(words), "free=0 guest=linux-6.1 host=%s", hosts[i]);
        bench_set(&b, words);
        bench_run(&b, SETUP ASK ROUND ACCEPT HINT_0 "device.take-element " REUSE_0 "app.write 0");
        bench_finish(&b);
        assert_string_equal(bench_broken(&b), "");
        assert_int_equal(bench_page(&b, 0)->copy, HS_COPY_EQUAL);
    }
}

static void measured_a_write_before_the_hint_arrives_with_a_legacy_log(void **state)
{
    (void)state;
    expect_outcome("free=0 guest=linux-6.1 host=qemu-7.2-tcg-odd-ram", RACE, "");
    expect_outcome("free=0 guest=linux-6.1 host=qemu-7.2-kvm-odd-ram", RACE, "");
    expect_outcome("free=0 guest=linux-6.1 host=qemu-7.2-kvm-legacy", RACE, "");
    expect_outcome("free=0 guest=linux-6.1 host=qemu-10.2-tcg", RACE, "");
}

static void measured_a_write_before_the_hint_is_lost_with_the_manual_log(void **state)
{
    (void)state;
    expect_outcome(
        "free=0 guest=linux-6.1 host=qemu-7.2-kvm", RACE, "dirty-page-lost hint-device-4");
    expect_outcome(
        "free=0 guest=linux-6.1 host=qemu-10.2-kvm", RACE, "dirty-page-lost hint-device-4");
    /* the twin: the driver waits until the hint is used */
    struct bench b;
    bench_set(&b, "free=0 guest=linux-6.1+pipelined-ack host=qemu-7.2-kvm");
    bench_run(&b, SETUP ASK ROUND ACCEPT HINT_0);
    bench_refused(&b, "driver.shrink 0",
        "only after the hint of page 0 was used (release=after-used; the hint is element 1 in "
        "the queue)");
}

static void measured_a_dma_write_before_the_hint_arrives_with_the_manual_log(void **state)
{
    (void)state;
    expect_outcome("free=0 guest=linux-6.1 host=qemu-7.2-kvm",
        SETUP ASK ROUND ACCEPT HINT_0 REUSE_0 "device.dma-write 0 device.take-element ", "");
}

static void measured_a_write_before_the_hint_arrives_with_the_ring(void **state)
{
    (void)state;
    expect_outcome("free=0 guest=linux-6.1 host=qemu-7.2-ring", RACE, "");
    expect_outcome("free=0 guest=linux-6.1 host=qemu-10.2-ring", RACE, "");
}

static void measured_a_page_in_use_that_is_hinted_is_lost(void **state)
{
    (void)state;
    expect_outcome("free=0 hint-source=iterate hint-only-free=off release=any-time "
                   "host=qemu-7.2-kvm",
        "driver.list-free app.allocate 0 " SETUP ASK "app.write 0 " ASK ROUND ACCEPT HINT_0
        "device.take-element ",
        "dirty-page-lost hint-driver-8");
}

static void measured_a_hint_under_an_old_id_is_returned_and_ignored(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=0 command-word=one-per-round release=any-time host=qemu-7.2-kvm");
    bench_run(&b, SETUP ASK ROUND HINT_0 ASK ACCEPT "device.take-element");
    assert_int_equal(bench_page(&b, 0)->bitmap, 1);
    assert_int_equal(hs_virtqueue_used(hs_queue(b.w, HS_QUEUE_FREE_PAGE)), 2);
}

static void measured_hints_queued_as_the_vm_stops_are_ignored_later(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=0 guest=linux-6.1 host=qemu-7.2-kvm");
    bench_run(&b, SETUP ASK ROUND ACCEPT HINT_0 FINAL);
    assert_int_equal(hs_device_field(b.w), HS_COMMAND_DONE);
    bench_refused(&b, "device.take-element",
        "only while the guest runs (the VM is stopped: the device waits)");
    bench_run(&b, "migration.cancel device.take-element");
    assert_int_equal(bench_page(&b, 0)->bitmap, 0); /* nothing is to be sent after a cancel */
    assert_int_equal(hs_virtqueue_used(hs_queue(b.w, HS_QUEUE_FREE_PAGE)), 1);
    assert_string_equal(bench_broken(&b), "");
}

static void measured_a_cancel_in_start_says_done_and_interrupts(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=0 guest=linux-6.1 host=qemu-7.2-kvm");
    bench_run(&b, SETUP ASK ROUND ACCEPT "migration.cancel");
    assert_int_equal(hs_device_field(b.w), HS_COMMAND_DONE);
    assert_int_equal(b.memory.state.device.config_interrupt, 1);
    bench_run(&b, "app.read 1 " HEAR "driver.end-round driver.read-command " SETUP ASK);
    assert_int_equal(hs_device_field(b.w), 3);
}

static void measured_a_report_of_a_page_already_sent_leaves_the_old_copy(void **state)
{
    (void)state;
    struct bench b;
    const char *const story = SETUP ASK
        "migration.begin-page 0 migration.finish-page 0 driver.isolate-batch driver.report-batch "
        "device.take-report device.discard 0 device.use-element";
    bench_set(&b, "pages=1 host=qemu-7.2-kvm");
    bench_run(&b, story);
    assert_int_equal(bench_page(&b, 0)->content, HS_CONTENT_ZEROS);
    assert_int_equal(bench_page(&b, 0)->copy, HS_COPY_OLDER);
    assert_int_equal(bench_page(&b, 0)->host_log, 0);
    bench_finish(&b);
    assert_int_equal(bench_page(&b, 0)->copy, HS_COPY_OLDER);
    assert_string_equal(bench_broken(&b), "");
    bench_set(&b, "pages=1 discard-marks-dirty=on");
    bench_run(&b, story);
    assert_int_equal(bench_page(&b, 0)->host_log, 1);
    bench_finish(&b);
    assert_int_equal(bench_page(&b, 0)->copy, HS_COPY_EQUAL);
}

static void with_sync_before_stop_a_sync_comes_between_the_last_page_and_the_stop(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=none sync-before-stop=on");
    bench_run(&b, SETUP ASK SEND_ALL);
    bench_refused(&b, "migration.stop-vm",
        "only right after a sync (sync-before-stop=on, and a page was sent since)");
    bench_run(&b, ASK); /* with the VM running: another id */
    assert_int_equal(b.memory.state.device.id, 3);
    bench_run(&b, FINAL "migration.switch-over");
    bench_set(&b, "free=none sync-before-stop=on");
    bench_run(&b, SETUP ASK SEND(0) "migration.cancel " SETUP ASK "migration.stop-vm");
    bench_set(&b, "free=none sync-before-stop=off");
    bench_run(&b, SETUP ASK SEND_ALL "migration.stop-vm");
}

static void the_vm_is_not_stopped_while_a_report_is_served(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=1");
    bench_run(&b, SETUP ASK "driver.isolate-batch driver.report-batch device.take-report");
    bench_refused(&b, "migration.stop-vm",
        "only after the device used the report in its hand (it holds the lock that this takes)");
    bench_run(&b, "device.discard 0 device.use-element migration.stop-vm");
}

static void a_hint_in_hand_at_the_switch_is_returned_without_effect(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=0 hint-under-lock=off hint-effect=discard");
    bench_run(&b,
        SETUP ASK ROUND "device.wake device.take-element driver.hint-page 0 device.take-element");
    bench_finish(&b);
    bench_refused(&b, "device.apply-hint", "only while a hint is in the device's hand");
    bench_run(&b, "driver.collect-used");
    assert_int_equal(bench_page(&b, 0)->acked, 1);
}

/* ---- invariants ----------------------------------------------------------------------------- */

static void check_says(struct bench *b, const char *words)
{
    const char *broken = hs_migration_check(b->w);
    assert_non_null(broken);
    assert_string_equal(broken, words);
    bench_set(b, "");
}

static void the_check_names_what_does_not_hold(void **state)
{
    (void)state;
    struct bench b;
    struct hs_migration *m = &b.memory.state.migration;
    bench_set(&b, "");
    m->phase = HS_MIGRATION_PHASE_COUNT;
    check_says(&b, "migration: every field holds one of its values");
    m->vm = HS_VM_DESTINATION;
    check_says(&b, "migration: the guest runs at the destination exactly after the switch");
    m->vm = HS_VM_STOPPED;
    check_says(&b, "migration: the VM is stopped by a migration under way alone");
    m->sending = 1;
    check_says(&b, "migration: a page is sent in the phase sending");
    m->read_current = 1;
    check_says(&b, "migration: what was read belongs to the page being sent");
    m->protects = 1;
    check_says(&b, "migration: pages are protected before a sync, and only if the rule says so");
    const char *alone =
        "migration: logging is on during a migration, and after a cancel if it goes on";
    m->log_on = 1;
    check_says(&b, alone);
    bench_set(&b, "first-pass=dirty");
    m->log_on = 1;
    assert_null(hs_migration_check(b.w));
    m->vm = HS_VM_DESTINATION;
    m->phase = HS_MIGRATION_SWITCHED_OVER;
    check_says(&b, alone);
    m->phase = HS_MIGRATION_SWITCHED_OVER;
    m->vm = HS_VM_DESTINATION;
    bench_page(&b, 3)->bitmap = 1;
    check_says(&b, "migration: nothing is left to send after the switch-over");
}

static void a_snapshot_is_written_while_the_vm_is_stopped(void **state)
{
    (void)state;
    struct bench b;
    const char *const words =
        "pages=2 hint-trigger=request moves=snapshot while-paused=device-runs "
        "hint-effect=discard serve=kick rounds=1";
    bench_set(&b, words);
    bench_run(&b, "device.request-hints " ROUND "driver.hint-page 0 migration.start");
    bench_refused(&b, "driver.end-round", "only while the guest runs (the VM is stopped)");
    bench_refused(&b, "migration.stop-hints",
        "only with the rule moves=live (a snapshot is written without a log)");
    bench_run(&b, "device.wake device.take-element device.take-element migration.begin-page 1");
    bench_refused(
        &b, "device.find-empty", "only while the guest runs (the VM is stopped: the device waits)");
    bench_run(&b, "migration.finish-page 1 migration.begin-page 0 migration.finish-page 0 "
                  "migration.switch-over driver.hint-page 1");
    bench_set(&b, words);
    bench_run(&b, "migration.start migration.begin-page 0 migration.cancel app.allocate 0");
}

static void a_snapshot_has_the_pages_of_the_balloon(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=1 free=0 hint-trigger=request moves=snapshot ballooned-pages=skipped");
    bench_run(&b, "driver.inflate 0 device.take-inflate migration.start migration.begin-page 0 "
                  "migration.finish-page 0 migration.switch-over");
}

static void a_snapshot_waits_until_what_devices_write_has_arrived(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "hint-trigger=request moves=snapshot dma-log=marked-first free=none");
    bench_run(&b, "device.dma-write 1");
    bench_refused(&b, "migration.start",
        "only after what a device writes to page 1 has arrived (devices stop first)");
    bench_run(&b, "device.dma-arrive 1 migration.start");
}

static void a_snapshot_waits_until_nothing_is_in_the_devices_hand(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "hint-trigger=request moves=snapshot while-paused=device-runs");
    bench_run(&b, "driver.isolate-batch driver.report-batch device.take-report");
    bench_refused(&b, "migration.start",
        "only after the device used the report in its hand (it holds the thread that this takes)");
    bench_set(&b, "hint-trigger=request moves=snapshot while-paused=device-runs");
    bench_run(&b, "driver.isolate-batch driver.report-batch migration.start device.take-report");
    bench_refused(&b, "migration.begin-page 0",
        "only after the device used the element in its hand (it holds the thread that this takes)");
}

static void a_hint_leaves_a_snapshot_alone(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "hint-trigger=request moves=snapshot while-paused=device-runs");
    bench_run(&b, "device.request-hints " ROUND "driver.hint-page 0 migration.start device.wake "
                  "device.take-element device.take-element");
    assert_int_equal(bench_page(&b, 0)->bitmap, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_step_has_its_phase),
        cmocka_unit_test(a_migration_that_begins_has_a_round_for_its_first_sync),
        cmocka_unit_test(one_page_is_sent_at_a_time),
        cmocka_unit_test(the_final_round_follows_the_stop_of_the_vm),
        cmocka_unit_test(without_stop_before_sync_hints_run_on),
        cmocka_unit_test(logging_may_come_after_the_first_id),
        cmocka_unit_test(before_the_log_is_on_a_write_leaves_no_trace),
        cmocka_unit_test(clear_then_copy_catches_a_write_during_the_send),
        cmocka_unit_test(copy_then_clear_loses_a_write_during_the_send),
        cmocka_unit_test(a_page_that_is_being_sent_counts_as_recorded_until_it_is_written),
        cmocka_unit_test(every_end_says_done),
        cmocka_unit_test(only_a_completed_migration_may_say_done),
        cmocka_unit_test(a_cancelled_migration_leaves_the_source_as_it_is),
        cmocka_unit_test(a_stopped_vm_runs_on_after_a_cancel),
        cmocka_unit_test(a_retry_may_offer_what_is_dirty_alone),
        cmocka_unit_test(without_order_an_older_copy_may_arrive_last),
        cmocka_unit_test(a_sync_may_wait_for_what_is_under_way),
        cmocka_unit_test(a_hop_makes_the_destination_the_source),
        cmocka_unit_test(a_hop_may_offer_what_is_dirty_alone),
        cmocka_unit_test(an_attempt_that_never_logged_took_nothing),
        cmocka_unit_test(the_second_migration_sends_everything_under_the_next_id),
        cmocka_unit_test(postcopy_pulls_what_is_missing),
        cmocka_unit_test(with_postcopy_nobody_asks_for_hints),
        cmocka_unit_test(hints_with_postcopy_make_the_destination_wait_for_ever),
        cmocka_unit_test(postcopy_takes_over_an_older_copy_whose_bit_is_clear),
        cmocka_unit_test(measured_a_hint_of_a_free_page_skips_it),
        cmocka_unit_test(measured_a_write_after_the_hint_was_applied_arrives),
        cmocka_unit_test(measured_a_write_before_the_hint_arrives_with_a_legacy_log),
        cmocka_unit_test(measured_a_write_before_the_hint_is_lost_with_the_manual_log),
        cmocka_unit_test(measured_a_dma_write_before_the_hint_arrives_with_the_manual_log),
        cmocka_unit_test(measured_a_write_before_the_hint_arrives_with_the_ring),
        cmocka_unit_test(measured_a_page_in_use_that_is_hinted_is_lost),
        cmocka_unit_test(measured_a_hint_under_an_old_id_is_returned_and_ignored),
        cmocka_unit_test(measured_hints_queued_as_the_vm_stops_are_ignored_later),
        cmocka_unit_test(measured_a_cancel_in_start_says_done_and_interrupts),
        cmocka_unit_test(measured_a_report_of_a_page_already_sent_leaves_the_old_copy),
        cmocka_unit_test(with_sync_before_stop_a_sync_comes_between_the_last_page_and_the_stop),
        cmocka_unit_test(the_vm_is_not_stopped_while_a_report_is_served),
        cmocka_unit_test(a_hint_in_hand_at_the_switch_is_returned_without_effect),
        cmocka_unit_test(the_check_names_what_does_not_hold),
        cmocka_unit_test(a_snapshot_is_written_while_the_vm_is_stopped),
        cmocka_unit_test(a_snapshot_has_the_pages_of_the_balloon),
        cmocka_unit_test(a_snapshot_waits_until_what_devices_write_has_arrived),
        cmocka_unit_test(a_snapshot_waits_until_nothing_is_in_the_devices_hand),
        cmocka_unit_test(a_hint_leaves_a_snapshot_alone),
    };
    return cmocka_run_group_tests_name("migration", tests, NULL, NULL);
}
