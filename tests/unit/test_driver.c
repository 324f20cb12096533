/* SPDX-License-Identifier: BSD-3-Clause */
/* The guest's driver: command ids, rounds, giving back, reporting, inflating, reset. */
#include "bench.h"

#include "driver.h"

#include <string.h>

#define REPORT "driver.isolate-batch driver.report-batch "
#define USE_REPORT "device.take-report device.discard 0 device.use-element "

static struct hs_virtqueue hints_of(struct bench *b)
{
    return hs_queue(b->w, HS_QUEUE_FREE_PAGE);
}

/* A round under id 2 has started and the device has accepted it. */
static void in_round(struct bench *b, const char *words)
{
    bench_set(b, words);
    bench_run(b, SETUP ASK ROUND "device.wake device.take-element");
}

/* ---- the command id ------------------------------------------------------------------------- */

static void nothing_is_read_before_a_config_interrupt(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "");
    bench_refused(&b, "driver.read-command",
        "only while a work item is queued (nothing told the driver to look)");
    bench_run(&b, SETUP ASK "driver.config-interrupt driver.read-command");
    assert_int_equal(b.memory.state.driver.phase, HS_DRIVER_STARTING);
    bench_refused(&b, "driver.read-command",
        "only after another config interrupt (until then the id read last serves)");
}

static void stop_and_the_id_started_last_start_nothing(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=none");
    bench_run(&b, "device.change-target " HEAR);
    assert_int_equal(b.memory.state.driver.phase, HS_DRIVER_IDLE);
    bench_run(&b, SETUP ASK ROUND "driver.end-round device.change-target " HEAR);
    assert_int_equal(b.memory.state.driver.cached_id, 2);
    assert_int_equal(b.memory.state.driver.phase, HS_DRIVER_IDLE);
}

static void done_with_nothing_held_ends_the_work_at_once(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "");
    bench_run(&b, SETUP "migration.cancel " HEAR);
    assert_int_equal(b.memory.state.driver.cached_id, HS_COMMAND_DONE);
    assert_int_equal(b.memory.state.driver.phase, HS_DRIVER_IDLE);
}

static void the_work_item_runs_again_with_the_cached_id(void **state)
{
    (void)state;
    struct bench b;
    in_round(&b, "");
    bench_run(&b, "migration.stop-hints driver.config-interrupt driver.read-command "
                  "driver.end-round");
    assert_int_equal(b.memory.state.driver.work_queued, 1);
    bench_run(&b, "driver.read-command"); /* no bit is set: the cached STOP serves */
    assert_int_equal(b.memory.state.driver.phase, HS_DRIVER_IDLE);
    assert_int_equal(b.memory.state.driver.work_queued, 0);
}

static void a_second_interrupt_before_the_read_queues_nothing_more(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "");
    bench_run(&b, "device.change-target driver.config-interrupt device.change-target "
                  "driver.config-interrupt driver.read-command");
    assert_int_equal(b.memory.state.driver.read_again, 0);
    assert_int_equal(b.memory.state.driver.work_queued, 0);
}

static void start_round_reads_the_field_again_and_may_start_under_stop(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "");
    bench_run(&b, SETUP ASK HEAR "migration.stop-hints driver.config-interrupt");
    bench_refused(
        &b, "driver.start-round", "only after the driver read the field again (it changed)");
    bench_run(&b, "driver.read-command driver.start-round");
    assert_int_equal(b.memory.state.driver.active_id, HS_COMMAND_STOP);
    bench_run(&b, "driver.hint-page 0");
    assert_string_equal(bench_broken(&b), "hint-driver-5");
    bench_run(&b, "device.wake device.take-element device.take-element");
    assert_int_equal(bench_page(&b, 0)->bitmap, 1);
}

static void start_round_may_start_under_done(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "");
    bench_run(&b, SETUP ASK HEAR "migration.cancel driver.config-interrupt driver.read-command "
                                 "driver.start-round driver.hint-page 0");
    assert_int_equal(b.memory.state.driver.active_id, HS_COMMAND_DONE);
    assert_string_equal(bench_broken(&b), "hint-driver-5");
}

/* ---- a round -------------------------------------------------------------------------------- */

static void a_round_needs_an_id_that_was_read(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "");
    bench_refused(&b, "driver.start-round", "only after the driver read a new command id");
    bench_refused(&b, "driver.hint-page 0", "only while the driver is in a round");
    bench_refused(&b, "driver.end-round", "only while the driver is in a round");
}

static void a_hinted_block_is_taken_off_the_free_list_and_held(void **state)
{
    (void)state;
    struct bench b;
    in_round(&b, "max-order=1 hint-order=1");
    bench_refused(&b, "driver.hint-page 1", "only if a block of order 1 begins at page 1");
    bench_run(&b, "driver.hint-page 2");
    assert_int_equal(bench_page(&b, 2)->owner, HS_OWNER_HELD);
    assert_int_equal(bench_page(&b, 3)->owner, HS_OWNER_HELD);
    assert_true(hs_pages_held(b.w));
    bench_refused(&b, "driver.hint-page 2", "only while page 2 is free");
    bench_refused(&b, "app.allocate 2", "only while page 2 is free");
    bench_refused(
        &b, "driver.shrink 3", "only while the driver holds a block that begins at page 3");
}

static void the_last_slot_is_kept_for_a_command(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "hintq=4");
    bench_run(&b, SETUP ASK ROUND "driver.hint-page 0 driver.hint-page 1");
    bench_refused(&b, "driver.hint-page 2",
        "only while free_page_vq has two free slots (the last is kept for a command)");
    bench_refused(&b, "driver.end-round",
        "only if the id read last is another, or no free page is left to hint");
    bench_run(&b, "device.wake device.take-element driver.hint-page 2");
}

static void a_changed_id_ends_the_round(void **state)
{
    (void)state;
    struct bench b;
    in_round(&b, "");
    bench_refused(&b, "driver.end-round",
        "only if the id read last is another, or no free page is left to hint");
    bench_run(&b, "driver.hint-page 0 migration.stop-hints driver.config-interrupt");
    bench_refused(
        &b, "driver.hint-page 1", "only after the driver read the field again (it changed)");
    bench_refused(
        &b, "driver.end-round", "only after the driver read the field again (it changed)");
    bench_run(&b, "driver.read-command");
    bench_refused(&b, "driver.hint-page 1",
        "only while the id read last is the round's (it is another: the round ends)");
    bench_run(&b, "driver.end-round");
    assert_string_equal(bench_broken(&b), "");
}

static void a_round_ends_when_no_block_is_left(void **state)
{
    (void)state;
    struct bench b;
    in_round(&b, "free=2 release=any-time");
    bench_run(&b, "driver.hint-page 2 driver.end-round device.take-element");
    assert_int_equal(bench_page(&b, 2)->bitmap, 0);
    bench_run(&b, "device.take-element");
    assert_int_equal(b.memory.state.device.status, HS_STATUS_STOP);
}

static void a_silent_end_breaks_the_clause(void **state)
{
    (void)state;
    struct bench b;
    in_round(&b, "free=none round-end=silent");
    bench_run(&b, "driver.end-round");
    assert_int_equal(hs_virtqueue_available(hints_of(&b)), 0);
    assert_string_equal(bench_broken(&b), "hint-driver-6");
}

static void a_round_that_the_device_ended_owes_no_stop_buffer(void **state)
{
    (void)state;
    struct bench b;
    in_round(&b, "free=none round-end=silent");
    bench_run(&b, "migration.stop-hints " HEAR "driver.end-round");
    assert_int_equal(b.memory.state.driver.phase, HS_DRIVER_IDLE);
    assert_string_equal(bench_broken(&b), "");
}

static void the_stop_buffer_is_lost_when_the_queue_is_full(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "hintq=1 free=none");
    bench_run(&b, SETUP ASK ROUND "driver.end-round");
    assert_string_equal(bench_broken(&b), "hint-driver-6");
    assert_int_equal(b.memory.state.driver.phase, HS_DRIVER_IDLE);
}

static void the_start_buffer_is_lost_when_the_queue_is_full(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "hintq=2 free=0");
    bench_run(&b, SETUP ASK ROUND
        "migration.stop-hints " HEAR
        "driver.end-round migration.sync migration.merge-log migration.start-hints");
    bench_run(&b, "driver.config-interrupt driver.read-command driver.start-round");
    assert_int_equal(b.memory.state.driver.start_lost, 1);
    bench_run(&b, "device.wake device.take-element device.take-element driver.hint-page 0");
    assert_string_equal(bench_broken(&b), "hint-driver-2");
    bench_run(&b, "device.take-element");
    assert_int_equal(bench_page(&b, 0)->bitmap, 1); /* the device never started */
}

static void a_driver_with_a_callback_collects_when_it_is_interrupted(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "release=after-used");
    bench_refused(&b, "driver.collect-used", "only after the device used another element");
    bench_run(&b, SETUP ASK ROUND "driver.hint-page 0 device.wake device.take-element "
                                  "device.take-element driver.collect-used");
    assert_int_equal(hs_virtqueue_free_slots(hints_of(&b)), 4);
    assert_int_equal(bench_page(&b, 0)->acked, 1);
    bench_set(&b, "release=any-time");
    bench_refused(&b, "driver.collect-used",
        "only with a callback on free_page_vq (the driver has none: it collects as it starts a "
        "round or hints a page)");
    bench_set(&b, "hintq=0");
    bench_refused(&b, "driver.collect-used", "only with the queue free_page_vq (there is none)");
}

static void a_driver_without_a_callback_collects_as_it_hints(void **state)
{
    (void)state;
    struct bench b;
    in_round(&b, "release=any-time");
    bench_run(&b, "driver.hint-page 0 device.take-element driver.hint-page 1");
    assert_int_equal(hs_virtqueue_used(hints_of(&b)), 0);
    assert_int_equal(bench_page(&b, 0)->acked, 0); /* it does not look at tokens */
}

/* ---- hint-wait=each ------------------------------------------------------------------------- */

#define SLEEPS "only after the driver collected the element that it sleeps for (hint-wait=each)"

static void a_driver_that_waits_sleeps_after_the_start(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "hint-wait=each release=any-time");
    bench_run(&b, SETUP ASK ROUND);
    bench_refused(&b, "driver.hint-page 0", SLEEPS);
    bench_run(&b, "device.wake device.take-element");
    bench_refused(&b, "driver.hint-page 0", SLEEPS); /* it was used, and nobody has looked yet */
    bench_run(&b, "driver.collect-used driver.hint-page 0");
}

static void a_driver_that_waits_sleeps_after_each_hint(void **state)
{
    (void)state;
    struct bench b;
    in_round(&b, "hint-wait=each release=any-time free=0,1");
    bench_run(&b, "driver.collect-used driver.hint-page 0");
    bench_refused(&b, "driver.hint-page 1", SLEEPS);
    bench_run(&b, "migration.stop-hints driver.config-interrupt");
    bench_refused(&b, "driver.read-command", SLEEPS);
    bench_refused(&b, "driver.end-round", SLEEPS);
    bench_run(&b, "device.take-element driver.collect-used driver.read-command driver.end-round");
}

static void a_block_is_held_once_its_hint_was_collected(void **state)
{
    (void)state;
    struct bench b;
    in_round(&b, "hint-wait=each release=any-time");
    bench_run(&b, "driver.collect-used driver.hint-page 0");
    assert_int_equal(b.memory.state.driver.held, 0);
    assert_true(hs_pages_held(b.w)); /* it is nobody else's */
    bench_refused(&b, "driver.shrink 0",
        "only after the driver collected the used hint of page 0 (hint-wait=each)");
    bench_refused(
        &b, "driver.shrink 1", "only while the driver holds a block that begins at page 1");
    bench_run(&b, "device.take-element driver.collect-used");
    assert_int_equal(b.memory.state.driver.held, 1);
    assert_int_equal(bench_page(&b, 0)->acked, 1);
    bench_run(&b, "driver.shrink 0");
}

static void a_driver_that_waits_for_its_start_waits_for_nothing_else(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "hint-wait=start release=any-time free=0,1");
    bench_run(&b, SETUP ASK ROUND);
    bench_refused(&b, "driver.hint-page 0",
        "only after the driver collected the element that it sleeps for (hint-wait=start)");
    bench_run(&b, "device.wake device.take-element");
    assert_true(hs_driver_sleeps(b.w)); /* it was used, and nobody has looked yet */
    bench_run(&b, "driver.collect-used driver.hint-page 0");
    assert_int_equal(b.memory.state.driver.held, 1); /* held as it is queued */
    bench_run(
        &b, "driver.hint-page 1 driver.shrink 1 migration.stop-hints " HEAR "driver.end-round");
    assert_false(hs_driver_sleeps(b.w));
    bench_run(&b, "driver.freeze");
}

static void a_round_is_over_once_its_stop_was_collected(void **state)
{
    (void)state;
    struct bench b;
    in_round(&b, "hint-wait=each free=none");
    bench_run(&b, "driver.collect-used driver.end-round");
    assert_int_equal(b.memory.state.driver.phase, HS_DRIVER_IDLE);
    assert_true(hs_driver_sleeps(b.w));
    assert_true(hs_somebody_waits(b.w));
    bench_refused(&b, "driver.freeze", SLEEPS);
    bench_run(&b, "migration.stop-hints driver.config-interrupt");
    bench_refused(&b, "driver.read-command", SLEEPS);
    bench_run(&b, "device.take-element driver.collect-used");
    assert_false(hs_somebody_waits(b.w));
    bench_run(&b, "driver.read-command driver.freeze");
}

static void a_silent_end_is_not_waited_for(void **state)
{
    (void)state;
    struct bench b;
    in_round(&b, "hint-wait=each free=none round-end=silent");
    bench_run(&b, "driver.collect-used driver.end-round");
    assert_false(hs_driver_sleeps(b.w));
}

static void an_iterating_driver_sleeps_and_holds_nothing(void **state)
{
    (void)state;
    struct bench b;
    in_round(&b, "hint-wait=each hint-source=iterate free=0,1");
    bench_run(&b, "driver.collect-used driver.hint-page 0");
    bench_refused(&b, "driver.hint-page 1", SLEEPS);
    bench_run(&b, "device.take-element driver.collect-used");
    assert_int_equal(b.memory.state.driver.held, 0);
    bench_run(&b, "driver.hint-page 1");
}

static void a_sleeper_with_two_elements_is_no_state(void **state)
{
    (void)state;
    struct bench b;
    in_round(&b, "hint-wait=each");
    bench_run(&b, "driver.collect-used driver.hint-page 0");
    hs_virtqueue_add(hints_of(&b), (struct hs_element){.kind = HS_ELEMENT_STOP});
    assert_string_equal(
        hs_driver_check(b.w), "driver: with hint-wait=each no more than one element is queued");
    in_round(&b, "hint-wait=each");
    b.memory.state.driver.phase = HS_DRIVER_STARTING;
    assert_string_equal(hs_driver_check(b.w), "driver: it sleeps in a round, or as a round ends");
}

/* ---- hint-source=iterate -------------------------------------------------------------------- */

static void an_iterating_driver_leaves_the_page_on_the_free_list(void **state)
{
    (void)state;
    struct bench b;
    in_round(&b, "hint-source=iterate free=0,1");
    bench_run(&b, "driver.hint-page 0");
    assert_int_equal(bench_page(&b, 0)->owner, HS_OWNER_FREE);
    assert_false(hs_pages_held(b.w));
    bench_refused(&b, "driver.hint-page 0",
        "only while the whole block at page 0 is on the list that is walked");
    bench_refused(&b, "driver.hint-page 2", "only while the whole block at page 2 is free");
    bench_run(&b, "app.allocate 0 app.write 0 driver.hint-page 1 driver.end-round");
}

static void an_iterating_driver_hints_whole_blocks_that_exist(void **state)
{
    (void)state;
    struct bench b;
    in_round(&b, "pages=5 max-order=1 hint-order=1 hint-source=iterate");
    bench_refused(&b, "driver.hint-page 1", "only if a block of order 1 begins at page 1");
    bench_refused(&b, "driver.hint-page 4", "only if a block of order 1 begins at page 4");
    bench_run(&b, "driver.hint-page 0 driver.hint-page 2");
}

static void with_hint_only_free_off_the_list_may_be_stale(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "hint-source=iterate hint-only-free=off free=0,1");
    bench_run(&b, "driver.list-free app.allocate 0 app.write 0");
    bench_run(&b, SETUP ASK ROUND "device.wake device.take-element");
    bench_refused(&b, "driver.hint-page 2",
        "only while the whole block at page 2 is on the list that is walked");
    bench_run(&b, "driver.hint-page 0");
    assert_string_equal(bench_broken(&b), "hint-driver-8");
    bench_run(&b, "driver.hint-page 1 driver.end-round");
}

static void only_a_stale_list_is_taken_ahead(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "");
    bench_refused(&b, "driver.list-free",
        "only with the rule hint-source=iterate (pages are taken, not listed)");
    bench_set(&b, "hint-source=iterate");
    bench_refused(&b, "driver.list-free",
        "only with the rule hint-only-free=off (the list is walked as it is)");
}

/* ---- giving held pages back ----------------------------------------------------------------- */

static void release_any_time_gives_back_what_the_device_has_not_seen(void **state)
{
    (void)state;
    struct bench b;
    in_round(&b, "release=any-time");
    bench_run(&b, "driver.hint-page 0 driver.shrink 0 app.allocate 0");
    assert_int_equal(hs_virtqueue_position(hints_of(&b), 0), 1);
}

static void release_after_used_waits_for_the_pages_own_hint(void **state)
{
    (void)state;
    struct bench b;
    in_round(&b, "release=after-used shrinker=off");
    bench_run(&b, "driver.hint-page 0 driver.hint-page 1 device.take-element");
    bench_refused(&b, "driver.release 1",
        "only after the hint of page 1 was used (release=after-used; the hint is element 1 in "
        "the queue)");
    bench_refused(&b, "driver.release 0",
        "only after the driver collected the used hint of page 0 (release=after-used)");
    bench_run(&b, "driver.collect-used driver.release 0");
    bench_refused(&b, "driver.release 1",
        "only after the hint of page 1 was used (release=after-used; the hint is element 1 in "
        "the queue)");
}

static void release_after_all_used_waits_for_every_hint(void **state)
{
    (void)state;
    struct bench b;
    in_round(&b, "release=after-all-used shrinker=off");
    bench_run(&b, "driver.hint-page 0 driver.hint-page 1 device.take-element driver.collect-used");
    bench_refused(&b, "driver.release 0",
        "only after the driver collected the used hint of every held page "
        "(release=after-all-used)");
    bench_run(&b, "device.take-element driver.collect-used driver.release 0 driver.release 1");
    assert_false(hs_pages_held(b.w));
}

static void release_after_done_waits_for_done(void **state)
{
    (void)state;
    struct bench b;
    in_round(&b, "release=after-done free=0,1");
    bench_run(&b, "driver.hint-page 0 driver.hint-page 1 device.take-element device.take-element "
                  "driver.end-round");
    bench_refused(&b, "driver.shrink 0",
        "only after the device said DONE (status: START; release=after-done)");
    bench_run(&b, "migration.cancel");
    bench_refused(&b, "driver.shrink 0", "only after the driver read DONE (release=after-done)");
    bench_run(&b, "driver.config-interrupt driver.read-command");
    assert_int_equal(b.memory.state.driver.phase, HS_DRIVER_RELEASING);
    bench_refused(
        &b, "driver.read-command", "only after all held pages went back (the work item is at it)");
    bench_run(&b, "driver.release 1 driver.release 0");
    assert_int_equal(b.memory.state.driver.phase, HS_DRIVER_IDLE);
}

static void the_shrinker_pops_the_page_hinted_last(void **state)
{
    (void)state;
    struct bench b;
    in_round(&b, "release=any-time");
    bench_run(&b, "driver.hint-page 2 driver.hint-page 0 driver.hint-page 1");
    bench_refused(&b, "driver.shrink 2", "only after page 1 went back (the held list is a stack)");
    bench_refused(&b, "driver.release 1",
        "only after the device said DONE (status: START; until then only the shrinker gives pages "
        "back)");
    bench_run(&b, "driver.shrink 1 driver.shrink 0 driver.shrink 2");
    bench_refused(
        &b, "driver.shrink 2", "only while the driver holds a block that begins at page 2");
}

static void the_shrinker_passes_over_what_the_rule_holds_back(void **state)
{
    (void)state;
    struct bench b;
    in_round(&b, "release=after-used");
    bench_run(&b, "driver.hint-page 0 driver.hint-page 1 device.take-element driver.collect-used "
                  "driver.shrink 0");
}

static void without_a_shrinker_any_held_page_goes_back(void **state)
{
    (void)state;
    struct bench b;
    in_round(&b, "release=any-time shrinker=off");
    bench_refused(
        &b, "driver.release 0", "only while the driver holds a block that begins at page 0");
    bench_run(&b, "driver.hint-page 0 driver.hint-page 1");
    bench_refused(&b, "driver.shrink 0", "only with the rule shrinker=on");
    bench_run(&b, "driver.release 0 driver.release 1");
}

static void releasing_with_a_shrinker_pops_the_stack_too(void **state)
{
    (void)state;
    struct bench b;
    in_round(&b, "release=any-time free=0,1");
    bench_run(&b, "driver.hint-page 0 driver.hint-page 1 driver.end-round migration.cancel " HEAR);
    bench_refused(&b, "driver.release 0", "only after page 1 went back (the held list is a stack)");
    bench_run(&b, "driver.shrink 1 driver.release 0");
    assert_int_equal(b.memory.state.driver.phase, HS_DRIVER_IDLE);
}

/* ---- reporting ------------------------------------------------------------------------------ */

static void one_batch_is_reported_at_a_time(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "batch=1");
    bench_refused(&b, "driver.report-batch",
        "only while the report worker is ready to report (it is at rest)");
    bench_refused(
        &b, "driver.collect-report", "only while the report worker is waiting (it is at rest)");
    bench_refused(&b, "driver.put-back", "only after a batch was reported");
    bench_run(&b, "driver.isolate-batch");
    bench_refused(&b, "driver.isolate-batch",
        "only while the report worker is at rest (it is ready to report)");
    bench_run(&b, "driver.report-batch");
    bench_refused(
        &b, "driver.isolate-batch", "only while the report worker is at rest (it is waiting)");
    bench_refused(&b, "driver.collect-report", "only after the device used the report");
    bench_run(&b, USE_REPORT "driver.collect-report");
    bench_refused(
        &b, "driver.isolate-batch", "only while the report worker is at rest (it is acknowledged)");
    bench_run(&b, "driver.put-back driver.isolate-batch");
    assert_int_equal(hs_batch(b.w)[0].page, 1);
}

static void report_reuse_after_used_keeps_the_batch_until_the_report_is_used(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=1 report-reuse=after-used");
    bench_run(&b, REPORT);
    bench_refused(&b, "driver.put-back",
        "only after the driver collected the used report (report-reuse=after-used)");
    bench_run(&b, USE_REPORT "driver.collect-report driver.put-back app.allocate 0");
    assert_string_equal(bench_broken(&b), "");
}

static void report_reuse_any_time_gives_pages_out_that_the_device_may_wipe(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=1 report-reuse=any-time");
    bench_run(&b, REPORT "driver.put-back");
    bench_refused(&b, "driver.put-back", "only while the batch is isolated (it went back)");
    bench_run(&b, "app.allocate 0 app.write 0 " USE_REPORT);
    assert_string_equal(bench_broken(&b), "page-corrupted report-driver-3");
    bench_run(&b, "driver.collect-report");
    assert_int_equal(b.memory.state.driver.report_phase, HS_REPORT_REST);
    bench_run(&b, "app.free 0 " REPORT "driver.put-back " USE_REPORT "driver.collect-report");
    assert_int_equal(hs_batch(b.w)[0].page + hs_batch(b.w)[0].order, 0);
}

static void an_unreported_page_is_used_freely_during_a_report(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "batch=1");
    bench_run(&b, REPORT "app.allocate 3");
    assert_string_equal(bench_broken(&b), "");
}

static void blocks_below_the_order_are_not_reported(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "max-order=1 report-order=1 free=1,2");
    bench_refused(
        &b, "driver.isolate-batch", "only while a free block of order 1 or more is unreported");
}

static void a_guest_that_keeps_a_value_reports_only_if_the_host_knows(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "poison=value poison-negotiated=off");
    bench_refused(&b, "driver.isolate-batch",
        "only with the rule report-unpoisoned=on (free pages keep a value, and PAGE_POISON was "
        "not negotiated)");
    bench_set(&b, "poison=zero poison-negotiated=off report-unpoisoned=on");
    bench_run(&b, REPORT);
    assert_string_equal(bench_broken(&b), "feature-driver-1");
    bench_set(&b, "poison=value poison-negotiated=on");
    bench_run(&b, REPORT);
    assert_string_equal(bench_broken(&b), "");
    bench_set(&b, "reportq=0");
    bench_refused(&b, "driver.isolate-batch", "only with the queue reporting_vq (there is none)");
}

/* ---- inflating and deflating ---------------------------------------------------------------- */

static void one_inflate_is_under_way_at_a_time(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "");
    bench_refused(&b, "driver.collect-inflate", "only after the device used an inflate request");
    bench_run(&b, "driver.inflate 0");
    assert_true(hs_somebody_waits(b.w));
    bench_refused(
        &b, "driver.inflate 1", "only after the driver collected the used inflate of page 0");
    bench_run(&b, "device.take-inflate driver.collect-inflate driver.inflate 1");
    assert_int_equal(bench_page(&b, 0)->owner, HS_OWNER_BALLOON);
    bench_set(&b, "free=none");
    bench_refused(&b, "driver.inflate 1", "only while page 1 is free");
}

static void a_queue_of_one_serves_any_number_of_inflates_and_deflates(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "inflateq=1 deflateq=1");
    for (unsigned i = 0; i < 5; i++)
        bench_run(&b, "driver.inflate 1 device.take-inflate driver.collect-inflate "
                      "driver.deflate 1 device.take-deflate driver.collect-deflate");
    assert_int_equal(bench_page(&b, 1)->owner, HS_OWNER_FREE);
}

static void inflate_reuse_after_used_waits_for_the_inflate(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "inflate-reuse=after-used");
    bench_run(&b, "driver.inflate 2");
    bench_refused(&b, "driver.deflate 2",
        "only after the driver collected the used inflate of page 2 (inflate-reuse=after-used)");
}

static void inflate_reuse_any_time_lets_the_device_wipe_a_page_in_use(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "inflate-reuse=any-time tell-host=off");
    bench_run(&b, "driver.inflate 2 driver.deflate 2 app.allocate 2 app.write 2 "
                  "device.take-inflate");
    assert_string_equal(bench_broken(&b), "page-corrupted balloon-driver-4 balloon-driver-5");
    bench_set(&b, "inflate-reuse=any-time tell-host=on");
    bench_run(&b, "driver.inflate 2 driver.deflate 2");
    assert_string_equal(bench_broken(&b), "balloon-driver-5");
    bench_run(&b, "device.take-deflate driver.collect-deflate");
    assert_string_equal(bench_broken(&b), "balloon-driver-4 balloon-driver-5");
}

static void tell_host_keeps_the_page_until_the_deflate_is_used(void **state)
{
    (void)state;
    struct bench b;
    const char *const story = "driver.inflate 1 device.take-inflate driver.collect-inflate "
                              "driver.deflate 1";
    bench_set(&b, "tell-host=on");
    bench_run(&b, story);
    bench_refused(&b, "driver.collect-deflate", "only after the device used a deflate request");
    bench_refused(
        &b, "driver.deflate 1", "only after the driver collected the used deflate of page 1");
    bench_refused(
        &b, "driver.inflate 0", "only after the driver collected the used deflate of page 1");
    assert_int_equal(bench_page(&b, 1)->owner, HS_OWNER_BALLOON);
    bench_run(&b, "device.take-deflate driver.collect-deflate");
    assert_int_equal(bench_page(&b, 1)->owner, HS_OWNER_FREE);
    bench_set(&b, "tell-host=off");
    bench_run(&b, story);
    assert_int_equal(bench_page(&b, 1)->owner, HS_OWNER_FREE);
    bench_run(&b, "device.take-deflate driver.collect-deflate");
    assert_string_equal(bench_broken(&b), "");
}

static void only_pages_of_the_balloon_are_deflated(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "");
    bench_refused(&b, "driver.deflate 1", "only while page 1 is in the balloon");
    bench_set(&b, "inflateq=0 deflateq=0");
    bench_refused(&b, "driver.inflate 1", "only with the queue inflateq (there is none)");
    bench_refused(&b, "driver.deflate 1", "only with the queue deflateq (there is none)");
}

/* ---- reset ---------------------------------------------------------------------------------- */

static void a_reset_waits_for_whatever_is_under_way(void **state)
{
    (void)state;
    struct bench b;
    in_round(&b, "");
    bench_refused(&b, "driver.freeze", "only after the hinting work item finished");
    bench_set(&b, "");
    bench_run(&b, REPORT);
    bench_refused(&b, "driver.freeze", "only while the report worker is at rest (it is waiting)");
    bench_set(&b, "");
    bench_run(&b, "driver.inflate 3");
    bench_refused(
        &b, "driver.freeze", "only after the driver collected the used inflate of page 3");
    bench_run(&b, "device.take-inflate driver.collect-inflate");
    bench_refused(&b, "driver.freeze", "only after page 3 was deflated (it is in the balloon)");
    bench_run(&b, "driver.deflate 3");
    bench_refused(
        &b, "driver.freeze", "only after the driver collected the used deflate of page 3");
    bench_run(&b, "device.take-deflate driver.collect-deflate driver.freeze");
}

static void a_reset_gives_held_pages_back_and_empties_the_queues(void **state)
{
    (void)state;
    struct bench b;
    in_round(&b, "free=0,1");
    bench_run(&b, "driver.hint-page 0 device.take-element driver.inflate 1 device.take-inflate "
                  "driver.collect-inflate driver.end-round driver.deflate 1 device.take-deflate "
                  "driver.collect-deflate device.change-target "
                  "driver.config-interrupt device.change-target driver.freeze driver.reset");
    assert_int_equal(bench_page(&b, 0)->owner, HS_OWNER_FREE);
    assert_int_equal(bench_page(&b, 1)->owner, HS_OWNER_FREE);
    assert_int_equal(hs_virtqueue_free_slots(hints_of(&b)), 4);
    assert_int_equal(b.memory.state.device.status, HS_STATUS_STOP);
    assert_int_equal(b.memory.state.device.loop, HS_LOOP_SLEEPING);
    bench_refused(&b, "driver.config-interrupt", "only while a config interrupt is pending");
    bench_refused(&b, "driver.read-command",
        "only while a work item is queued (nothing told the driver to look)");
}

static void without_reset_returns_held_pages_are_forgotten(void **state)
{
    (void)state;
    struct bench b;
    in_round(&b, "reset-returns=off release=any-time free=0");
    bench_run(&b, "driver.hint-page 0 driver.end-round driver.freeze driver.reset");
    bench_refused(&b, "driver.shrink 0",
        "only while the driver knows of the block that it holds at page 0 (reset-returns=off: "
        "driver.freeze forgot it)");
    assert_true(hs_pages_held(b.w)); /* for ever */
}

static void after_a_reset_poison_val_is_written_again_or_the_clause_notices(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "poison=value");
    bench_run(&b, "driver.freeze driver.reset");
    assert_int_equal(b.memory.state.device.poison_set, 1);
    assert_string_equal(bench_broken(&b), "");
    bench_set(&b, "pages=1 poison=value poison-after-reset=off");
    bench_run(&b, "driver.freeze driver.reset");
    assert_int_equal(b.memory.state.device.poison_set, 0);
    assert_string_equal(bench_broken(&b), "poison-driver-2");
    bench_run(&b, REPORT USE_REPORT "driver.collect-report driver.put-back");
    assert_int_equal(hs_batch(b.w)[0].page, 0);
    assert_true(hs_is_broken(b.w, HS_VALUE_BROKEN)); /* the device takes the value for zero */
}

static void a_stopped_vm_stops_the_driver(void **state)
{
    (void)state;
    static const char *const steps[] = {"driver.config-interrupt", "driver.read-command",
        "driver.start-round", "driver.list-free", "driver.hint-page 0", "driver.end-round",
        "driver.collect-used", "driver.shrink 0", "driver.isolate-batch", "driver.report-batch",
        "driver.collect-report", "driver.put-back", "driver.inflate 0", "driver.collect-inflate",
        "driver.deflate 0", "driver.collect-deflate", "driver.freeze", "driver.reset"};
    struct bench b;
    bench_set(&b, "");
    bench_run(&b, SETUP ASK "migration.stop-vm");
    for (unsigned i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        bench_refused(&b, steps[i], "only while the guest runs (the VM is stopped)");
    in_round(&b, "shrinker=off release=any-time");
    bench_run(&b, "driver.hint-page 0 migration.stop-vm");
    bench_refused(&b, "driver.release 0", "only while the guest runs (the VM is stopped)");
}

/* ---- invariants ----------------------------------------------------------------------------- */

static void a_round_that_ends_collects_used_buffers_for_its_stop(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "hintq=1 free=none release=any-time");
    bench_run(&b, SETUP ASK ROUND "device.wake device.take-element driver.end-round");
    assert_string_equal(bench_broken(&b), "");
}

static void a_freeze_leaves_hints_in_the_queue_until_the_reset(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=0 release=after-used");
    bench_refused(
        &b, "driver.reset", "only after the driver let go of what it held (driver.freeze)");
    bench_run(&b, SETUP ASK ROUND "driver.hint-page 0 driver.end-round driver.freeze");
    bench_refused(&b, "driver.freeze", "only after the hinting work item finished");
    bench_refused(&b, "driver.inflate 0", "only while no reset is under way");
    bench_refused(&b, "driver.isolate-batch", "only while no reset is under way");
    bench_refused(&b, "driver.deflate 0", "only while no reset is under way");
    bench_refused(&b, "driver.read-command", "only while no reset is under way");
    assert_int_equal(hs_virtqueue_position(hs_queue(b.w, HS_QUEUE_FREE_PAGE), 0), 2);
    bench_run(&b, "app.allocate 0 app.write 0 driver.reset");
    assert_int_equal(hs_virtqueue_position(hs_queue(b.w, HS_QUEUE_FREE_PAGE), 0), 0);
}

static void an_early_returned_page_of_a_report_is_used_by_the_driver_too(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=1 report-reuse=any-time");
    bench_run(&b, REPORT "driver.put-back driver.inflate 0");
    assert_string_equal(bench_broken(&b), "report-driver-3");
    bench_set(&b, "pages=1 report-reuse=any-time");
    bench_run(&b, SETUP ASK ROUND REPORT "driver.put-back driver.hint-page 0");
    assert_string_equal(bench_broken(&b), "report-driver-3");
}

static void zeroing_a_page_of_zeros_changes_nothing(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=0 poison=zero release=any-time log=manual clear-mask=all "
                  "hint-effect=skip-and-clear-log");
    bench_run(&b, SETUP ASK "migration.begin-page 0 migration.finish-page 0 " ASK ROUND
                            "device.wake device.take-element driver.hint-page 0 driver.shrink 0");
    assert_int_equal(bench_page(&b, 0)->copy, HS_COPY_EQUAL);
    bench_run(&b, "device.take-element");
    bench_finish(&b);
    assert_string_equal(bench_broken(&b), "");
}

static void check_says(struct bench *b, const char *words)
{
    const char *broken = hs_driver_check(b->w);
    assert_non_null(broken);
    assert_string_equal(broken, words);
    bench_set(b, "");
}

static void the_check_names_what_does_not_hold(void **state)
{
    (void)state;
    struct bench b;
    struct hs_driver *driver = &b.memory.state.driver;
    bench_set(&b, "");
    driver->phase = HS_DRIVER_PHASE_COUNT;
    check_says(&b, "driver: every field holds one of its values");
    driver->phase = HS_DRIVER_RELEASING;
    check_says(&b, "driver: it releases while it holds something");
    driver->read_again = 1;
    check_says(&b, "driver: a field to be read has a work item that will read it");
    driver->held = 1;
    check_says(&b, "driver: all pages of blocks on the held list are held");
    driver->batch = 1;
    check_says(&b, "driver: a batch exists exactly while a report is under way");
    driver->batch = 1;
    driver->report_phase = HS_REPORT_ISOLATED;
    check_says(&b, "driver: a batch is isolated until it is put back");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_read_before_a_config_interrupt),
        cmocka_unit_test(stop_and_the_id_started_last_start_nothing),
        cmocka_unit_test(done_with_nothing_held_ends_the_work_at_once),
        cmocka_unit_test(the_work_item_runs_again_with_the_cached_id),
        cmocka_unit_test(a_second_interrupt_before_the_read_queues_nothing_more),
        cmocka_unit_test(start_round_reads_the_field_again_and_may_start_under_stop),
        cmocka_unit_test(start_round_may_start_under_done),
        cmocka_unit_test(a_round_needs_an_id_that_was_read),
        cmocka_unit_test(a_hinted_block_is_taken_off_the_free_list_and_held),
        cmocka_unit_test(the_last_slot_is_kept_for_a_command),
        cmocka_unit_test(a_changed_id_ends_the_round),
        cmocka_unit_test(a_round_ends_when_no_block_is_left),
        cmocka_unit_test(a_silent_end_breaks_the_clause),
        cmocka_unit_test(a_round_that_the_device_ended_owes_no_stop_buffer),
        cmocka_unit_test(the_stop_buffer_is_lost_when_the_queue_is_full),
        cmocka_unit_test(the_start_buffer_is_lost_when_the_queue_is_full),
        cmocka_unit_test(a_driver_with_a_callback_collects_when_it_is_interrupted),
        cmocka_unit_test(a_driver_without_a_callback_collects_as_it_hints),
        cmocka_unit_test(a_driver_that_waits_sleeps_after_the_start),
        cmocka_unit_test(a_driver_that_waits_sleeps_after_each_hint),
        cmocka_unit_test(a_block_is_held_once_its_hint_was_collected),
        cmocka_unit_test(a_round_is_over_once_its_stop_was_collected),
        cmocka_unit_test(a_driver_that_waits_for_its_start_waits_for_nothing_else),
        cmocka_unit_test(a_silent_end_is_not_waited_for),
        cmocka_unit_test(an_iterating_driver_sleeps_and_holds_nothing),
        cmocka_unit_test(a_sleeper_with_two_elements_is_no_state),
        cmocka_unit_test(an_iterating_driver_leaves_the_page_on_the_free_list),
        cmocka_unit_test(an_iterating_driver_hints_whole_blocks_that_exist),
        cmocka_unit_test(with_hint_only_free_off_the_list_may_be_stale),
        cmocka_unit_test(only_a_stale_list_is_taken_ahead),
        cmocka_unit_test(release_any_time_gives_back_what_the_device_has_not_seen),
        cmocka_unit_test(release_after_used_waits_for_the_pages_own_hint),
        cmocka_unit_test(release_after_all_used_waits_for_every_hint),
        cmocka_unit_test(release_after_done_waits_for_done),
        cmocka_unit_test(the_shrinker_pops_the_page_hinted_last),
        cmocka_unit_test(the_shrinker_passes_over_what_the_rule_holds_back),
        cmocka_unit_test(without_a_shrinker_any_held_page_goes_back),
        cmocka_unit_test(releasing_with_a_shrinker_pops_the_stack_too),
        cmocka_unit_test(one_batch_is_reported_at_a_time),
        cmocka_unit_test(report_reuse_after_used_keeps_the_batch_until_the_report_is_used),
        cmocka_unit_test(report_reuse_any_time_gives_pages_out_that_the_device_may_wipe),
        cmocka_unit_test(an_unreported_page_is_used_freely_during_a_report),
        cmocka_unit_test(blocks_below_the_order_are_not_reported),
        cmocka_unit_test(a_guest_that_keeps_a_value_reports_only_if_the_host_knows),
        cmocka_unit_test(one_inflate_is_under_way_at_a_time),
        cmocka_unit_test(a_queue_of_one_serves_any_number_of_inflates_and_deflates),
        cmocka_unit_test(inflate_reuse_after_used_waits_for_the_inflate),
        cmocka_unit_test(inflate_reuse_any_time_lets_the_device_wipe_a_page_in_use),
        cmocka_unit_test(tell_host_keeps_the_page_until_the_deflate_is_used),
        cmocka_unit_test(only_pages_of_the_balloon_are_deflated),
        cmocka_unit_test(a_reset_waits_for_whatever_is_under_way),
        cmocka_unit_test(a_reset_gives_held_pages_back_and_empties_the_queues),
        cmocka_unit_test(without_reset_returns_held_pages_are_forgotten),
        cmocka_unit_test(after_a_reset_poison_val_is_written_again_or_the_clause_notices),
        cmocka_unit_test(a_stopped_vm_stops_the_driver),
        cmocka_unit_test(a_round_that_ends_collects_used_buffers_for_its_stop),
        cmocka_unit_test(a_freeze_leaves_hints_in_the_queue_until_the_reset),
        cmocka_unit_test(an_early_returned_page_of_a_report_is_used_by_the_driver_too),
        cmocka_unit_test(zeroing_a_page_of_zeros_changes_nothing),
        cmocka_unit_test(the_check_names_what_does_not_hold),
    };
    return cmocka_run_group_tests_name("driver", tests, NULL, NULL);
}
