/* The guest's driver: command ids, rounds, giving back, reporting, inflating, reset. */
#include "bench.h"

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
    bench_refused(
        &b, "driver.read-command", "no work item is queued: nothing told the driver to look");
    bench_run(&b, SETUP ASK "driver.config-interrupt driver.read-command");
    assert_int_equal(b.memory.state.driver.phase, HS_DRIVER_STARTING);
    bench_refused(&b, "driver.read-command",
        "no config change since the field was read: the cached id serves");
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
    bench_refused(&b, "driver.start-round", "the field changed: the driver reads it again first");
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
    bench_refused(&b, "driver.start-round", "the driver has read no new command id");
    bench_refused(&b, "driver.hint-page 0", "the driver has not started a round");
    bench_refused(&b, "driver.end-round", "the driver has not started a round");
}

static void a_hinted_block_is_taken_off_the_free_list_and_held(void **state)
{
    (void)state;
    struct bench b;
    in_round(&b, "max-order=1 hint-order=1");
    bench_refused(&b, "driver.hint-page 1", "a block of order 1 does not begin at page 1");
    bench_run(&b, "driver.hint-page 2");
    assert_int_equal(bench_page(&b, 2)->owner, HS_OWNER_HELD);
    assert_int_equal(bench_page(&b, 3)->owner, HS_OWNER_HELD);
    assert_true(hs_pages_held(b.w));
    bench_refused(&b, "driver.hint-page 2", "page 2 is not free");
    bench_refused(&b, "app.allocate 2", "page 2 is not free");
}

static void the_last_slot_is_kept_for_a_command(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "hintq=4");
    bench_run(&b, SETUP ASK ROUND "driver.hint-page 0 driver.hint-page 1");
    bench_refused(
        &b, "driver.hint-page 2", "free_page_vq is full: the last slot is kept for a command");
    bench_refused(&b, "driver.end-round",
        "the id is still the round's and there are more free pages to hint");
    bench_run(&b, "device.wake device.take-element driver.hint-page 2");
}

static void a_changed_id_ends_the_round(void **state)
{
    (void)state;
    struct bench b;
    in_round(&b, "");
    bench_refused(&b, "driver.end-round",
        "the id is still the round's and there are more free pages to hint");
    bench_run(&b, "driver.hint-page 0 migration.stop-hints driver.config-interrupt");
    bench_refused(&b, "driver.hint-page 1", "the field changed: the driver reads it again first");
    bench_refused(&b, "driver.end-round", "the field changed: the driver reads it again first");
    bench_run(&b, "driver.read-command");
    bench_refused(&b, "driver.hint-page 1", "the id read last is not the round's: the round ends");
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
    bench_refused(&b, "driver.collect-used", "the device has used nothing since");
    bench_run(&b, SETUP ASK ROUND "driver.hint-page 0 device.wake device.take-element "
                                  "device.take-element driver.collect-used");
    assert_int_equal(hs_virtqueue_free_slots(hints_of(&b)), 4);
    assert_int_equal(bench_page(&b, 0)->acked, 1);
    bench_set(&b, "release=any-time");
    bench_refused(&b, "driver.collect-used",
        "the driver has no callback on free_page_vq: it collects as it starts a round or hints a "
        "page");
    bench_set(&b, "hintq=0");
    bench_refused(&b, "driver.collect-used", "the scenario has no free_page_vq");
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

/* ---- hint-source=iterate -------------------------------------------------------------------- */

static void an_iterating_driver_leaves_the_page_on_the_free_list(void **state)
{
    (void)state;
    struct bench b;
    in_round(&b, "hint-source=iterate free=0,1");
    bench_run(&b, "driver.hint-page 0");
    assert_int_equal(bench_page(&b, 0)->owner, HS_OWNER_FREE);
    assert_false(hs_pages_held(b.w));
    bench_refused(&b, "driver.hint-page 0", "page 0 is not on the list that the driver walks");
    bench_refused(&b, "driver.hint-page 2", "page 2 is not free");
    bench_run(&b, "app.allocate 0 app.write 0 driver.hint-page 1 driver.end-round");
}

static void an_iterating_driver_hints_whole_blocks_that_exist(void **state)
{
    (void)state;
    struct bench b;
    in_round(&b, "pages=5 max-order=1 hint-order=1 hint-source=iterate");
    bench_refused(&b, "driver.hint-page 1", "a block of order 1 does not begin at page 1");
    bench_refused(&b, "driver.hint-page 4", "a block of order 1 does not begin at page 4");
    bench_run(&b, "driver.hint-page 0 driver.hint-page 2");
}

static void with_hint_only_free_off_the_list_may_be_stale(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "hint-source=iterate hint-only-free=off free=0,1");
    bench_run(&b, "driver.list-free app.allocate 0 app.write 0");
    bench_run(&b, SETUP ASK ROUND "device.wake device.take-element");
    bench_refused(&b, "driver.hint-page 2", "page 2 is not on the list that the driver walks");
    bench_run(&b, "driver.hint-page 0");
    assert_string_equal(bench_broken(&b), "hint-driver-8");
    bench_run(&b, "driver.hint-page 1 driver.end-round");
}

static void only_a_stale_list_is_taken_ahead(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "");
    bench_refused(
        &b, "driver.list-free", "the rule hint-source=allocate takes pages, it does not list them");
    bench_set(&b, "hint-source=iterate");
    bench_refused(&b, "driver.list-free",
        "the rule hint-only-free=on walks the list as it is, not one taken earlier");
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
        "the rule release=after-used holds it back: its hint is still in the queue (element 1)");
    bench_refused(&b, "driver.release 0",
        "the rule release=after-used holds it back: its hint was used, but the driver has not "
        "collected it");
    bench_run(&b, "driver.collect-used driver.release 0");
    bench_refused(&b, "driver.release 1",
        "the rule release=after-used holds it back: its hint is still in the queue (element 1)");
}

static void release_after_all_used_waits_for_every_hint(void **state)
{
    (void)state;
    struct bench b;
    in_round(&b, "release=after-all-used shrinker=off");
    bench_run(&b, "driver.hint-page 0 driver.hint-page 1 device.take-element driver.collect-used");
    bench_refused(&b, "driver.release 0",
        "the rule release=after-all-used holds it back: not every held page's hint is known to be "
        "used");
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
        "the rule release=after-done holds it back: the driver has not read DONE");
    bench_run(&b, "migration.cancel driver.config-interrupt driver.read-command");
    assert_int_equal(b.memory.state.driver.phase, HS_DRIVER_RELEASING);
    bench_refused(&b, "driver.read-command", "the work item is still giving held pages back");
    bench_run(&b, "driver.release 1 driver.release 0");
    assert_int_equal(b.memory.state.driver.phase, HS_DRIVER_IDLE);
}

static void the_shrinker_pops_the_page_hinted_last(void **state)
{
    (void)state;
    struct bench b;
    in_round(&b, "release=any-time");
    bench_run(&b, "driver.hint-page 2 driver.hint-page 0 driver.hint-page 1");
    bench_refused(&b, "driver.shrink 2", "the held list is a stack: page 1 comes first");
    bench_refused(&b, "driver.release 1",
        "the driver has not read DONE: until then only the shrinker gives pages back");
    bench_run(&b, "driver.shrink 1 driver.shrink 0 driver.shrink 2");
    bench_refused(&b, "driver.shrink 2", "the driver holds no block that begins at page 2");
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
    bench_refused(&b, "driver.release 0", "the driver holds no block that begins at page 0");
    bench_run(&b, "driver.hint-page 0 driver.hint-page 1");
    bench_refused(&b, "driver.shrink 0", "the rule shrinker=off: the driver has no shrinker");
    bench_run(&b, "driver.release 0 driver.release 1");
}

static void releasing_with_a_shrinker_pops_the_stack_too(void **state)
{
    (void)state;
    struct bench b;
    in_round(&b, "release=any-time free=0,1");
    bench_run(&b, "driver.hint-page 0 driver.hint-page 1 driver.end-round migration.cancel " HEAR);
    bench_refused(&b, "driver.release 0", "the held list is a stack: page 1 comes first");
    bench_run(&b, "driver.shrink 1 driver.release 0");
    assert_int_equal(b.memory.state.driver.phase, HS_DRIVER_IDLE);
}

/* ---- reporting ------------------------------------------------------------------------------ */

static void one_batch_is_reported_at_a_time(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "batch=1");
    bench_refused(&b, "driver.report-batch", "the report worker is at rest");
    bench_refused(&b, "driver.collect-report", "the report worker is at rest");
    bench_refused(&b, "driver.put-back", "no batch has been reported");
    bench_run(&b, "driver.isolate-batch");
    bench_refused(&b, "driver.isolate-batch", "the report worker is ready to report");
    bench_run(&b, "driver.report-batch");
    bench_refused(&b, "driver.isolate-batch", "the report worker is waiting");
    bench_refused(&b, "driver.collect-report", "the device has not used the report");
    bench_run(&b, USE_REPORT "driver.collect-report");
    bench_refused(&b, "driver.isolate-batch", "the report worker is acknowledged");
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
        "the rule report-reuse=after-used holds the batch back: the report is not used");
    bench_run(&b, USE_REPORT "driver.collect-report driver.put-back app.allocate 0");
    assert_string_equal(bench_broken(&b), "");
}

static void report_reuse_any_time_gives_pages_out_that_the_device_may_wipe(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=1 report-reuse=any-time");
    bench_run(&b, REPORT "driver.put-back");
    bench_refused(&b, "driver.put-back", "the batch has gone back already");
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
    bench_refused(&b, "driver.isolate-batch", "no free block of order 1 or more is unreported");
}

static void a_guest_that_keeps_a_value_reports_only_if_the_host_knows(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "poison=value poison-negotiated=off");
    bench_refused(&b, "driver.isolate-batch",
        "the rule report-unpoisoned=off: free pages keep a value and PAGE_POISON was not "
        "negotiated");
    bench_set(&b, "poison=zero poison-negotiated=off report-unpoisoned=on");
    bench_run(&b, REPORT);
    assert_string_equal(bench_broken(&b), "feature-driver-1");
    bench_set(&b, "poison=value poison-negotiated=on");
    bench_run(&b, REPORT);
    assert_string_equal(bench_broken(&b), "");
    bench_set(&b, "reportq=0");
    bench_refused(&b, "driver.isolate-batch", "the scenario has no reporting_vq");
}

/* ---- inflating and deflating ---------------------------------------------------------------- */

static void one_inflate_is_under_way_at_a_time(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "");
    bench_refused(&b, "driver.collect-inflate", "the device has not used an inflate request");
    bench_run(&b, "driver.inflate 0");
    assert_true(hs_somebody_waits(b.w));
    bench_refused(&b, "driver.inflate 1", "the driver waits until the inflate of page 0 is used");
    bench_run(&b, "device.take-inflate driver.collect-inflate driver.inflate 1");
    assert_int_equal(bench_page(&b, 0)->owner, HS_OWNER_BALLOON);
    bench_set(&b, "free=none");
    bench_refused(&b, "driver.inflate 1", "page 1 is not free");
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
        "the rule inflate-reuse=after-used holds it back: the inflate of page 2 is not used");
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
    bench_refused(&b, "driver.collect-deflate", "the device has not used a deflate request");
    bench_refused(&b, "driver.deflate 1", "the driver waits until the deflate of page 1 is used");
    bench_refused(&b, "driver.inflate 0", "the driver waits until the deflate of page 1 is used");
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
    bench_refused(&b, "driver.deflate 1", "page 1 is not in the balloon");
    bench_set(&b, "inflateq=0 deflateq=0");
    bench_refused(&b, "driver.inflate 1", "the scenario has no inflateq");
    bench_refused(&b, "driver.deflate 1", "the scenario has no deflateq");
}

/* ---- reset ---------------------------------------------------------------------------------- */

static void a_reset_waits_for_whatever_is_under_way(void **state)
{
    (void)state;
    struct bench b;
    in_round(&b, "");
    bench_refused(&b, "driver.freeze", "the hinting work item has not finished");
    bench_set(&b, "");
    bench_run(&b, REPORT);
    bench_refused(&b, "driver.freeze", "the report worker is waiting");
    bench_set(&b, "");
    bench_run(&b, "driver.inflate 3");
    bench_refused(&b, "driver.freeze", "the driver waits until the inflate of page 3 is used");
}

static void a_reset_empties_the_balloon_and_the_queues(void **state)
{
    (void)state;
    struct bench b;
    in_round(&b, "free=0,1");
    bench_run(&b, "driver.hint-page 0 device.take-element driver.inflate 1 device.take-inflate "
                  "driver.collect-inflate driver.end-round device.change-target "
                  "driver.config-interrupt device.change-target driver.freeze driver.reset");
    assert_int_equal(bench_page(&b, 0)->owner, HS_OWNER_FREE);
    assert_int_equal(bench_page(&b, 1)->owner, HS_OWNER_FREE);
    assert_int_equal(hs_virtqueue_free_slots(hints_of(&b)), 4);
    assert_int_equal(b.memory.state.device.status, HS_STATUS_STOP);
    assert_int_equal(b.memory.state.device.loop, HS_LOOP_SLEEPING);
    bench_refused(&b, "driver.config-interrupt", "no config interrupt is pending");
    bench_refused(
        &b, "driver.read-command", "no work item is queued: nothing told the driver to look");
}

static void without_reset_returns_held_pages_are_forgotten(void **state)
{
    (void)state;
    struct bench b;
    in_round(&b, "reset-returns=off release=any-time free=0");
    bench_run(&b, "driver.hint-page 0 driver.end-round driver.freeze driver.reset");
    bench_refused(&b, "driver.shrink 0", "the driver holds no block that begins at page 0");
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
        "driver.collect-used", "driver.shrink 0", "driver.release 0", "driver.isolate-batch",
        "driver.report-batch", "driver.collect-report", "driver.put-back", "driver.inflate 0",
        "driver.collect-inflate", "driver.deflate 0", "driver.collect-deflate", "driver.freeze",
        "driver.reset"};
    struct bench b;
    bench_set(&b, "");
    bench_run(&b, SETUP ASK "migration.stop-vm");
    for (unsigned i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        bench_refused(&b, steps[i], "the VM is stopped");
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
    bench_refused(&b, "driver.reset", "the driver has not given back what it holds");
    bench_run(&b, SETUP ASK ROUND "driver.hint-page 0 driver.end-round driver.freeze");
    bench_refused(&b, "driver.freeze", "the hinting work item has not finished");
    bench_refused(&b, "driver.inflate 0", "the driver is about to reset the device");
    bench_refused(&b, "driver.isolate-batch", "the driver is about to reset the device");
    bench_refused(&b, "driver.deflate 0", "the driver is about to reset the device");
    bench_refused(&b, "driver.read-command", "the driver is about to reset the device");
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
        cmocka_unit_test(the_stop_buffer_is_lost_when_the_queue_is_full),
        cmocka_unit_test(the_start_buffer_is_lost_when_the_queue_is_full),
        cmocka_unit_test(a_driver_with_a_callback_collects_when_it_is_interrupted),
        cmocka_unit_test(a_driver_without_a_callback_collects_as_it_hints),
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
        cmocka_unit_test(a_reset_empties_the_balloon_and_the_queues),
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
