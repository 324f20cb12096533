/* SPDX-License-Identifier: BSD-3-Clause */
/* The balloon device: status, the field, command words, the loop, hints, reports, inflate. */
#include "bench.h"

#include <string.h>

static void expect_status(struct bench *b, enum hs_status status, unsigned field)
{
    assert_int_equal(b->memory.state.device.status, status);
    assert_int_equal(hs_device_field(b->w), field);
}

/* A device that has just been asked for hints under id 2, and a driver that has started. */
static void at_start(struct bench *b, const char *words)
{
    bench_set(b, words);
    bench_run(b, SETUP ASK ROUND "device.wake device.take-element");
    assert_int_equal(b->memory.state.device.status, HS_STATUS_START);
}

#define OPERATOR "hint-trigger=request "

static void the_field_follows_the_status(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "");
    expect_status(&b, HS_STATUS_STOP, 0);
    bench_run(&b, SETUP ASK);
    expect_status(&b, HS_STATUS_REQUESTED, 2);
    bench_run(&b, ROUND "device.wake device.take-element");
    expect_status(&b, HS_STATUS_START, 0);
    bench_run(&b, "migration.stop-hints");
    expect_status(&b, HS_STATUS_STOP, 0);
    bench_run(&b, "migration.cancel");
    expect_status(&b, HS_STATUS_DONE, 1);
}

static void field_while_started_may_be_the_id(void **state)
{
    (void)state;
    struct bench b;
    at_start(&b, "field-while-started=id");
    assert_int_equal(hs_device_field(b.w), 2);
}

static void each_request_issues_the_next_id(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "");
    bench_run(&b, SETUP ASK ASK ASK);
    expect_status(&b, HS_STATUS_REQUESTED, 4);
}

static void what_waits_is_handed_back_unread_before_an_id(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=0,1 drain-before-id=on release=after-used");
    bench_run(&b, SETUP ASK ROUND "driver.hint-page 0");
    bench_run(&b, ASK);
    assert_int_equal(hs_virtqueue_available(hs_queue(b.w, HS_QUEUE_FREE_PAGE)), 0);
    assert_int_equal(hs_virtqueue_used(hs_queue(b.w, HS_QUEUE_FREE_PAGE)), 2);
    assert_int_equal(b.memory.state.device.last_word, 0); /* nobody has read the start */
    expect_status(&b, HS_STATUS_REQUESTED, 3);
    bench_run(&b, "driver.collect-used");
    assert_int_equal(bench_page(&b, 0)->acked, 1);
    assert_int_equal(bench_page(&b, 0)->bitmap, 1);
}

static void a_hint_in_hand_is_not_handed_back(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=0,1 drain-before-id=on hint-under-lock=off");
    bench_run(&b, SETUP ASK ROUND "device.wake device.take-element driver.hint-page 0 "
                                  "driver.hint-page 1 device.take-element " ASK);
    assert_int_equal(hs_virtqueue_in_hand(hs_queue(b.w, HS_QUEUE_FREE_PAGE)), 1);
    assert_int_equal(hs_virtqueue_available(hs_queue(b.w, HS_QUEUE_FREE_PAGE)), 1);
}

static void without_new_ids_the_same_id_serves_again_and_the_clause_notices(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "new-id-after-sync=off");
    bench_run(&b, SETUP ASK);
    assert_string_equal(bench_broken(&b), "");
    bench_run(&b, ASK);
    expect_status(&b, HS_STATUS_REQUESTED, 2);
    assert_string_equal(bench_broken(&b), "hint-device-2"); /* no STOP has arrived */
    bench_set(&b, "new-id-after-sync=off free=none");
    bench_run(&b, SETUP ASK ROUND "driver.end-round device.wake device.take-element "
                                  "device.take-element " ASK);
    assert_string_equal(bench_broken(&b), "");
}

static void a_second_command_in_start_stops_even_with_the_current_id(void **state)
{
    (void)state;
    struct bench b;
    at_start(&b, "new-id-after-sync=off");
    bench_run(&b, "driver.hint-page 0");
    hs_virtqueue_add(
        hs_queue(b.w, HS_QUEUE_FREE_PAGE), (struct hs_element){.kind = HS_ELEMENT_START, .id = 2});
    bench_run(&b, "device.take-element device.take-element");
    expect_status(&b, HS_STATUS_STOP, 0);
    assert_string_equal(bench_broken(&b), "hint-driver-3");
}

static void the_same_id_does_not_start_again_after_a_stop(void **state)
{
    (void)state;
    struct bench b;
    at_start(&b, "");
    struct hs_virtqueue q = hs_queue(b.w, HS_QUEUE_FREE_PAGE);
    hs_virtqueue_add(q, (struct hs_element){.kind = HS_ELEMENT_STOP});
    hs_virtqueue_add(q, (struct hs_element){.kind = HS_ELEMENT_START, .id = 2});
    bench_run(&b, "device.take-element");
    expect_status(&b, HS_STATUS_STOP, 0);
    bench_run(&b, "device.take-element");
    expect_status(&b, HS_STATUS_STOP, 0);
}

static void restart_same_id_starts_again_after_a_stop(void **state)
{
    (void)state;
    struct bench b;
    at_start(&b, "restart=same-id");
    struct hs_virtqueue q = hs_queue(b.w, HS_QUEUE_FREE_PAGE);
    hs_virtqueue_add(q, (struct hs_element){.kind = HS_ELEMENT_STOP});
    hs_virtqueue_add(q, (struct hs_element){.kind = HS_ELEMENT_START, .id = 2});
    bench_run(&b, "device.take-element device.take-element");
    expect_status(&b, HS_STATUS_START, 0);
    assert_string_equal(bench_broken(&b), "hint-driver-3"); /* the driver's doing; STOP had come */
}

static void restart_any_current_starts_again_until_done(void **state)
{
    (void)state;
    struct bench b;
    at_start(&b, "restart=any-current hintq=8");
    struct hs_virtqueue q = hs_queue(b.w, HS_QUEUE_FREE_PAGE);
    hs_virtqueue_add(q, (struct hs_element){.kind = HS_ELEMENT_START, .id = 2});
    bench_run(&b, "device.take-element");
    expect_status(&b, HS_STATUS_START, 0); /* hinting goes on */
    hs_virtqueue_add(q, (struct hs_element){.kind = HS_ELEMENT_STOP});
    hs_virtqueue_add(q, (struct hs_element){.kind = HS_ELEMENT_START, .id = 2});
    bench_run(&b, "device.take-element device.take-element");
    expect_status(&b, HS_STATUS_START, 0);
    hs_virtqueue_add(q, (struct hs_element){.kind = HS_ELEMENT_START, .id = 2});
    bench_run(&b, "migration.stop-vm " SYNC "migration.cancel");
    expect_status(&b, HS_STATUS_DONE, 1);
    bench_run(&b, "device.take-element");
    expect_status(&b, HS_STATUS_DONE, 1);
}

static void other_word_may_leave_the_id_in_the_field(void **state)
{
    (void)state;
    struct bench b;
    at_start(&b, "free=none serve=kick other-word=asks-on");
    bench_run(&b, "driver.end-round device.take-element");
    expect_status(&b, HS_STATUS_REQUESTED, 2);
    bench_run(&b, "device.find-empty");
    expect_status(&b, HS_STATUS_REQUESTED, 2);
}

static void a_stop_is_answered_as_the_queue_is_found_empty(void **state)
{
    (void)state;
    struct bench b;
    at_start(&b, "free=none serve=kick other-word=answered");
    bench_run(&b, "driver.end-round device.take-element");
    expect_status(&b, HS_STATUS_REQUESTED, 2);
    bench_run(&b, "device.find-empty");
    expect_status(&b, HS_STATUS_DONE, 1);
    at_start(&b, "free=none serve=kick other-word=answered");
    hs_virtqueue_add(
        hs_queue(b.w, HS_QUEUE_FREE_PAGE), (struct hs_element){.kind = HS_ELEMENT_STOP});
    hs_virtqueue_add(
        hs_queue(b.w, HS_QUEUE_FREE_PAGE), (struct hs_element){.kind = HS_ELEMENT_START, .id = 2});
    bench_run(&b, "device.take-element device.take-element device.find-empty");
    expect_status(&b, HS_STATUS_START, 0); /* another command came behind the stop */
    bench_set(&b, "free=none serve=in-kick other-word=answered");
    bench_run(&b, SETUP ASK ROUND "driver.end-round");
    expect_status(&b, HS_STATUS_DONE, 1);
}

static void a_stop_is_answered_before_the_vm_moves(void **state)
{
    (void)state;
    struct bench b;
    at_start(&b, "free=none serve=kick other-word=answered done-at-end=off");
    bench_run(&b, "driver.end-round device.take-element");
    bench_finish(&b);
    expect_status(&b, HS_STATUS_DONE, 1);
}

static void with_done_at_start_a_vm_that_starts_again_finds_done(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, OPERATOR "done-at-start=on");
    bench_run(&b, SETUP ASK "device.request-hints");
    bench_finish(&b);
    expect_status(&b, HS_STATUS_DONE, 1);
    bench_set(&b, OPERATOR "done-at-start=on");
    bench_run(&b, SETUP ASK "device.request-hints migration.cancel");
    expect_status(&b, HS_STATUS_REQUESTED, 2); /* the VM was not stopped */
    bench_run(&b, SETUP ASK "migration.stop-vm migration.cancel");
    expect_status(&b, HS_STATUS_DONE, 1);
    bench_set(&b, OPERATOR "done-at-start=off");
    bench_run(&b, SETUP ASK "device.request-hints");
    bench_finish(&b);
    expect_status(&b, HS_STATUS_REQUESTED, 2);
    bench_set(&b, OPERATOR "done-at-start=at-restore");
    bench_run(&b, SETUP ASK "device.request-hints");
    bench_finish(&b);
    expect_status(&b, HS_STATUS_DONE, 1);
    bench_set(&b, OPERATOR "done-at-start=at-restore");
    bench_run(&b, SETUP ASK "device.request-hints migration.stop-vm migration.cancel");
    expect_status(&b, HS_STATUS_REQUESTED, 2); /* it was not restored */
}

static void inhibit_discard_is_not_about_hints(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=1 host=v86");
    bench_run(&b, "device.request-hints " ROUND "driver.hint-page 0");
    assert_int_equal(bench_page(&b, 0)->content, HS_CONTENT_ZEROS);
    bench_set(&b, "pages=1 free=all host=v86");
    bench_run(&b, "app.allocate 0 app.write 0 app.free 0 driver.inflate 0 device.take-inflate");
    assert_int_equal(bench_page(&b, 0)->content, HS_CONTENT_DATA);
}

static void every_firecracker_restores_done_and_serves_its_queue(void **state)
{
    (void)state;
    static const char *const words[] = {"pages=1 host=firecracker-1.14",
        "pages=1 host=firecracker-1.16", "pages=1 host=firecracker-uffd"};
    for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        struct bench b;
        bench_set(&b, words[i]);
        bench_run(&b, "device.request-hints " ROUND
                      "migration.start migration.begin-page 0 migration.finish-page 0 "
                      "migration.switch-over");
        expect_status(&b, HS_STATUS_DONE, 1);
        bench_run(&b, "device.wake device.take-element");
        expect_status(&b, HS_STATUS_DONE, 1);
    }
}

static void restart_same_id_without_a_stop_breaks_the_clause(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "restart=same-id");
    bench_run(&b, SETUP ASK ROUND "device.wake device.take-element");
    hs_virtqueue_add(hs_queue(b.w, HS_QUEUE_FREE_PAGE),
        (struct hs_element){.kind = HS_ELEMENT_START, .id = b.memory.state.device.id});
    bench_run(&b, "migration.stop-hints device.take-element");
    expect_status(&b, HS_STATUS_START, 0); /* the id serves again */
    assert_string_equal(bench_broken(&b), "hint-driver-3 hint-device-2");
}

static void a_late_start_buffer_lets_hints_in_that_the_field_does_not_ask_for(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "restart=same-id");
    bench_run(&b, SETUP ASK ROUND "driver.hint-page 0 migration.stop-hints device.wake "
                                  "device.take-element");
    expect_status(&b, HS_STATUS_START, 0); /* hints run on through the sync */
    assert_string_equal(bench_broken(&b), "");
    bench_run(&b, "device.take-element");
    assert_string_equal(bench_broken(&b), "hint-device-3");
}

static void a_start_buffer_that_comes_after_the_stop_starts_nothing(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "");
    bench_run(&b, SETUP ASK ROUND "driver.hint-page 0 migration.stop-hints device.wake "
                                  "device.take-element device.take-element");
    expect_status(&b, HS_STATUS_STOP, 0);
    assert_int_equal(bench_page(&b, 0)->bitmap, 1);
}

static void a_hint_under_an_old_id_is_ignored_and_its_element_returned(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "");
    bench_run(&b, SETUP ASK ROUND "driver.hint-page 0 " ASK
                                  "device.wake device.take-element device.take-element");
    expect_status(&b, HS_STATUS_REQUESTED, 3);
    assert_int_equal(bench_page(&b, 0)->bitmap, 1);
    assert_int_equal(hs_virtqueue_used(hs_queue(b.w, HS_QUEUE_FREE_PAGE)), 2);
}

static void without_check_command_id_an_old_id_starts_hints_and_the_clause_notices(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "check-command-id=off");
    bench_run(&b, SETUP ASK ROUND "driver.hint-page 0 " ASK
                                  "device.wake device.take-element device.take-element");
    expect_status(&b, HS_STATUS_START, 0);
    assert_int_equal(bench_page(&b, 0)->bitmap, 0);
    assert_string_equal(bench_broken(&b), "hint-device-3");
}

static void a_shared_command_word_is_read_when_the_element_is_taken(void **state)
{
    (void)state;
    struct bench b;
    const char *const story = SETUP ASK ROUND ASK HEAR
        "driver.end-round driver.read-command driver.start-round device.wake device.take-element ";
    bench_set(&b, "command-word=shared");
    bench_run(&b, story);
    expect_status(&b, HS_STATUS_START, 0); /* the first buffer holds the second id by now */
    assert_string_equal(bench_broken(&b), "hint-driver-2");
    bench_run(&b, "device.take-element device.take-element");
    expect_status(&b, HS_STATUS_STOP, 0); /* STOP of round 1; the id does not start again */
    assert_string_equal(bench_broken(&b), "hint-driver-2 hint-driver-3");
    bench_set(&b, "command-word=one-per-round");
    bench_run(&b, story);
    expect_status(&b, HS_STATUS_REQUESTED, 3);
    bench_run(&b, "device.take-element device.take-element");
    expect_status(&b, HS_STATUS_START, 0);
    assert_string_equal(bench_broken(&b), "");
}

static void a_config_interrupt_coalesces_with_other_changes(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "");
    bench_refused(&b, "driver.config-interrupt", "only while a config interrupt is pending");
    bench_run(&b, SETUP ASK "device.change-target " ASK "driver.config-interrupt");
    bench_refused(&b, "driver.config-interrupt", "only while a config interrupt is pending");
    bench_run(&b, "driver.read-command");
    assert_int_equal(b.memory.state.driver.cached_id, 3); /* id 2 was never seen */
}

static void only_a_change_of_status_interrupts(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "");
    bench_run(&b, SETUP "migration.stop-hints");
    assert_int_equal(b.memory.state.device.config_interrupt, 0); /* it was STOP already */
    bench_run(&b, "migration.cancel driver.config-interrupt migration.start migration.cancel");
    assert_int_equal(b.memory.state.device.config_interrupt, 0); /* it was DONE already */
}

static void an_element_added_between_find_empty_and_sleep_waits_for_the_next_kick(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "");
    bench_run(&b, SETUP ASK ROUND "migration.stop-hints device.wake device.take-element "
                                  "device.find-empty");
    bench_refused(&b, "device.take-element",
        "only while the device looks at free_page_vq (it is about to sleep)");
    bench_run(&b, "driver.config-interrupt driver.read-command driver.end-round device.sleep");
    assert_int_equal(hs_virtqueue_available(hs_queue(b.w, HS_QUEUE_FREE_PAGE)), 1);
    bench_refused(&b, "device.wake", "only after a kick of free_page_vq (none is pending)");
    bench_run(&b, "migration.sync migration.merge-log migration.start-hints driver.read-command "
                  "driver.config-interrupt driver.read-command driver.start-round device.wake "
                  "device.take-element device.take-element");
    expect_status(&b, HS_STATUS_START, 0);
}

static void a_device_that_polled_is_not_kicked_at_the_destination(void **state)
{
    (void)state;
    struct bench b;
    at_start(&b, "free=0");
    bench_finish(&b);
    bench_run(&b, "driver.hint-page 0");
    bench_refused(&b, "device.wake",
        "only after a kick of free_page_vq (none is pending at the destination: kick-at-start=off, "
        "and a kick does not move with the VM)");
}

static void with_kick_at_start_the_destination_serves_what_waits(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=0 kick-at-start=on");
    bench_run(&b, SETUP ASK ROUND "driver.hint-page 0");
    bench_finish(&b);
    bench_run(&b, "device.wake device.take-element device.take-element device.find-empty "
                  "device.sleep");
}

static void with_kick_at_start_the_destination_asks_for_kicks_again(void **state)
{
    (void)state;
    struct bench b;
    at_start(&b, "free=0 kick-at-start=on");
    bench_finish(&b);
    bench_run(&b, "device.wake device.find-empty device.sleep driver.hint-page 0 device.wake "
                  "device.take-element");
}

static void a_device_that_slept_is_kicked_at_the_destination(void **state)
{
    (void)state;
    struct bench b;
    at_start(&b, "free=0");
    bench_run(&b, "migration.stop-hints device.find-empty device.sleep migration.sync "
                  "migration.merge-log migration.start-hints");
    bench_finish(&b);
    bench_run(&b, "driver.hint-page 0 device.wake device.take-element");
}

static void a_device_that_is_kicked_misses_no_kick_while_it_is_awake(void **state)
{
    (void)state;
    struct bench b;
    at_start(&b, "free=0 serve=kick");
    struct hs_ring *ring = hs_queue(b.w, HS_QUEUE_FREE_PAGE).ring;
    assert_int_equal(ring->kicks_suppressed, 0);
    bench_run(&b, "driver.hint-page 0 device.take-element device.find-empty");
    assert_int_equal(b.memory.state.device.status, HS_STATUS_START); /* and yet it does not poll */
    bench_refused(&b, "device.sleep", "only right after the device found free_page_vq empty");
    bench_run(&b, "driver.end-round device.wake device.take-element");
    expect_status(&b, HS_STATUS_STOP, 0);
}

static void a_device_served_in_the_kick_takes_each_element_at_once(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=0 serve=in-kick");
    bench_run(&b, SETUP ASK ROUND);
    expect_status(&b, HS_STATUS_START, 0);
    bench_run(&b, "driver.hint-page 0");
    assert_int_equal(bench_page(&b, 0)->bitmap, 0);
    bench_run(&b, "driver.end-round");
    expect_status(&b, HS_STATUS_STOP, 0);
    bench_refused(&b, "device.wake",
        "only with the rule serve=poll or serve=kick (the driver's kick serves the queue)");
    bench_set(&b, "free=0 serve=in-kick hint-under-lock=off");
    bench_run(&b, SETUP ASK ROUND "driver.hint-page 0");
    assert_int_equal(bench_page(&b, 0)->bitmap, 0);
    assert_int_equal(hs_virtqueue_in_hand(hs_queue(b.w, HS_QUEUE_FREE_PAGE)), 0);
}

static void the_loop_says_what_keeps_it(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "");
    bench_refused(&b, "device.take-element",
        "only while the device looks at free_page_vq (it sleeps until it is kicked)");
    bench_refused(&b, "device.find-empty", "only while the device looks at free_page_vq");
    bench_refused(&b, "device.sleep", "only right after the device found free_page_vq empty");
    bench_run(&b, SETUP ASK ROUND "device.wake");
    bench_refused(&b, "device.wake", "only while the device sleeps (it is awake)");
    bench_refused(&b, "device.find-empty", "only while no element is available in free_page_vq");
    bench_run(&b, "device.take-element");
    bench_refused(&b, "device.take-element", "only while an element is available in free_page_vq");
    bench_refused(&b, "device.find-empty", "only while the status is not START (the device polls)");
    bench_run(&b, "driver.hint-page 0 migration.stop-vm");
    bench_refused(&b, "device.take-element",
        "only while the guest runs (the VM is stopped: the device waits)");
    bench_set(&b, "");
    bench_run(&b, SETUP ASK ROUND "migration.stop-vm");
    bench_refused(
        &b, "device.wake", "only while the guest runs (the VM is stopped, and with it the device)");
    bench_set(&b, "");
    bench_run(&b, SETUP ASK ROUND
        "migration.stop-hints device.wake device.take-element "
        "migration.sync migration.merge-log migration.start-hints migration.stop-vm");
    bench_refused(
        &b, "device.find-empty", "only while the guest runs (the VM is stopped: the device waits)");
}

static void without_a_queue_the_device_says_so(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "hintq=0 reportq=0 inflateq=0 deflateq=0");
    bench_refused(&b, "device.wake", "only with the queue free_page_vq (there is none)");
    bench_refused(&b, "device.take-element", "only with the queue free_page_vq (there is none)");
    bench_refused(&b, "device.find-empty", "only with the queue free_page_vq (there is none)");
    bench_refused(&b, "device.take-report", "only with the queue reporting_vq (there is none)");
    bench_refused(&b, "device.take-inflate", "only with the queue inflateq (there is none)");
    bench_refused(&b, "device.take-deflate", "only with the queue deflateq (there is none)");
    bench_refused(&b, "device.discard 0", "only while a report is in the device's hand");
    bench_refused(&b, "device.apply-hint",
        "only while a hint is in the device's hand (the rule hint-under-lock=on applies it as it "
        "is taken)");
    bench_set(&b, "hintq=0 hint-trigger=request");
    bench_refused(&b, "device.request-hints", "only with the queue free_page_vq (there is none)");
}

static void without_the_lock_the_status_may_change_between_check_and_effect(void **state)
{
    (void)state;
    struct bench b;
    at_start(&b, "hint-under-lock=off");
    bench_refused(&b, "device.apply-hint", "only while a hint is in the device's hand");
    bench_run(&b, "driver.hint-page 0 driver.hint-page 1 device.take-element");
    bench_refused(&b, "device.take-element", "only after the element in hand was used");
    bench_run(&b, "migration.stop-hints device.apply-hint");
    assert_int_equal(bench_page(&b, 0)->bitmap, 0);
    assert_string_equal(bench_broken(&b), "hint-device-3");
    bench_run(&b, "device.take-element"); /* in STOP: returned, ignored */
    assert_int_equal(bench_page(&b, 1)->bitmap, 1);
}

static void without_the_lock_the_loop_does_not_leave_an_element_in_hand(void **state)
{
    (void)state;
    struct bench b;
    at_start(&b, "hint-under-lock=off");
    bench_run(&b, "driver.hint-page 0 device.take-element");
    bench_refused(&b, "device.find-empty", "only after the element in hand was used");
}

static void a_hint_applied_after_done_breaks_the_clause(void **state)
{
    (void)state;
    struct bench b;
    at_start(&b, "hint-under-lock=off");
    bench_run(&b, "driver.hint-page 0 device.take-element migration.cancel device.apply-hint");
    assert_string_equal(bench_broken(&b), "hint-device-3 hint-device-5");
}

static void a_new_id_starts_with_a_clean_slate(void **state)
{
    (void)state;
    struct bench b;
    at_start(&b, "free=0,1 release=any-time");
    bench_run(&b, "driver.hint-page 0 device.take-element migration.cancel " HEAR
                  "driver.end-round driver.read-command driver.release 0 " SETUP ASK ROUND
                  "driver.hint-page 1 device.take-element device.take-element device.take-element");
    assert_int_equal(bench_page(&b, 1)->bitmap, 0);
    assert_string_equal(bench_broken(&b), ""); /* neither a second start nor a hint after DONE */
}

static void a_hint_covers_its_whole_block(void **state)
{
    (void)state;
    struct bench b;
    at_start(&b, "max-order=1 hint-order=1");
    bench_run(&b, "driver.hint-page 2 device.take-element");
    for (unsigned p = 0; p < 4; p++)
        assert_int_equal(bench_page(&b, p)->bitmap, p < 2);
}

/* Bit p: page p has a record in the host log, and nowhere else a new one. */
static unsigned marked(struct bench *b)
{
    unsigned pages = 0;
    for (unsigned p = 0; p < b->config.pages; p++) {
        pages |= (unsigned)bench_page(b, p)->host_log << p;
        assert_int_equal(bench_page(b, p)->log, 0);
        assert_int_equal(bench_page(b, p)->modified, 0);
    }
    return pages;
}

static void a_used_length_of_one_marks_the_first_page_of_the_block(void **state)
{
    (void)state;
    struct bench b;
    at_start(&b, "max-order=1 hint-order=1 used-length=one");
    assert_int_equal(marked(&b), 0); /* a command has no bytes to be written */
    bench_run(&b, "driver.hint-page 2 device.take-element");
    assert_int_equal(marked(&b), 1u << 2);
    assert_int_equal(bench_page(&b, 2)->bitmap, 0); /* until the next sync */
    bench_run(&b, "driver.hint-page 0 " SYNC "device.take-element");
    assert_int_equal(marked(&b), 1u << 0); /* a hint that is ignored is used all the same */
    assert_int_equal(bench_page(&b, 2)->bitmap, 1);
    assert_int_equal(bench_page(&b, 3)->bitmap, 0);
}

static void a_used_length_of_zero_marks_nothing(void **state)
{
    (void)state;
    struct bench b;
    at_start(&b, "max-order=1 hint-order=1");
    bench_run(&b, "driver.hint-page 2 device.take-element");
    assert_int_equal(marked(&b), 0);
}

static void without_the_lock_a_page_is_marked_as_the_hint_is_applied(void **state)
{
    (void)state;
    struct bench b;
    at_start(&b, "hint-under-lock=off used-length=one");
    bench_run(&b, "driver.hint-page 0 device.take-element");
    assert_int_equal(marked(&b), 0);
    bench_run(&b, "device.apply-hint");
    assert_int_equal(marked(&b), 1u << 0);
}

static void without_logging_a_used_length_marks_nothing(void **state)
{
    (void)state;
    struct bench b;
    at_start(&b, "used-length=one");
    bench_run(&b, "driver.hint-page 0 migration.cancel device.take-element");
    assert_int_equal(marked(&b), 0);
}

static void a_write_that_the_used_length_brings_back_is_no_offence(void **state)
{
    (void)state;
    struct bench b;
    const char *const story = "driver.hint-page 0 driver.shrink 0 app.allocate 0 app.write 0 "
                              "device.take-element";
    at_start(&b, "release=any-time log=manual initially-all-set=off");
    bench_run(&b, story);
    assert_string_equal(bench_broken(&b), ""); /* the log has it */
    at_start(&b, "release=any-time hint-effect=skip-and-clear-log log=manual clear-mask=all");
    bench_run(&b, story);
    assert_string_equal(bench_broken(&b), "hint-device-4");
    at_start(&b, "release=any-time hint-effect=skip-and-clear-log log=manual clear-mask=all "
                 "used-length=one");
    bench_run(&b, story);
    assert_string_equal(bench_broken(&b), "");
}

static void refuse_written_ignores_a_hint_for_a_page_written_since_the_id(void **state)
{
    (void)state;
    struct bench b;
    const char *const story = "driver.hint-page 0 driver.shrink 0 app.allocate 0 app.write 0 "
                              "device.take-element";
    at_start(&b, "release=any-time refuse-written=on");
    bench_run(&b, story);
    assert_int_equal(bench_page(&b, 0)->bitmap, 1);
    at_start(&b, "release=any-time refuse-written=on");
    bench_run(&b, "driver.hint-page 0 device.take-element");
    assert_int_equal(bench_page(&b, 0)->bitmap, 0); /* nobody has written it */
    at_start(&b, "release=any-time refuse-written=off");
    bench_run(&b, story);
    assert_int_equal(bench_page(&b, 0)->bitmap, 0);
    assert_string_equal(bench_broken(&b), ""); /* the legacy log remembers the write */
}

static void a_block_that_is_zeroed_as_it_is_taken_is_a_written_one(void **state)
{
    (void)state;
    struct bench b;
    const char *const story = "driver.hint-page 0 device.take-element";
    at_start(&b, "init-on-alloc=on");
    bench_run(&b, story);
    assert_int_equal(bench_page(&b, 0)->content, HS_CONTENT_ZEROS);
    assert_int_equal(bench_page(&b, 0)->relies, HS_RELIES_NOTHING);
    assert_int_equal(bench_page(&b, 0)->bitmap, 0);
    assert_int_equal(bench_page(&b, 0)->log, 1); /* the next sync has it sent after all */
    at_start(&b, "init-on-alloc=on refuse-written=on");
    bench_run(&b, story);
    assert_int_equal(bench_page(&b, 0)->bitmap, 1); /* the hint does nothing */
    at_start(&b, "init-on-alloc=on hint-effect=discard");
    bench_run(&b, story);
    assert_string_equal(bench_broken(&b), "hint-device-4");
    /* Where free pages are zeroed, nothing is written a second time. */
    at_start(&b, "init-on-alloc=on poison=zero");
    bench_run(&b, story);
    assert_int_equal(bench_page(&b, 0)->log, 0);
}

static void hint_effect_skip_leaves_the_log_of_the_chunk(void **state)
{
    (void)state;
    struct bench b;
    at_start(&b, "log=manual initially-all-set=on log-chunk=2 hint-effect=skip");
    bench_run(&b, "driver.hint-page 0 device.take-element");
    assert_int_equal(*hs_chunk_pending(b.w, 0), 1);
    assert_int_equal(bench_page(&b, 1)->log, 1);
    at_start(&b, "log=manual initially-all-set=on log-chunk=2 hint-effect=skip-and-clear-log");
    bench_run(&b, "driver.hint-page 0 device.take-element");
    assert_int_equal(*hs_chunk_pending(b.w, 0), 0);
    assert_int_equal(bench_page(&b, 1)->log, 0); /* the neighbour's goes with it */
    assert_int_equal(bench_page(&b, 2)->log, 1);
}

static void hint_effect_discard_wipes_the_page(void **state)
{
    (void)state;
    struct bench b;
    at_start(&b, "hint-effect=discard");
    bench_run(&b, "driver.hint-page 0 device.take-element");
    assert_int_equal(bench_page(&b, 0)->content, HS_CONTENT_ZEROS);
    assert_int_equal(bench_page(&b, 0)->bitmap, 1); /* sent like any other */
    at_start(&b, "hint-effect=discard release=any-time");
    bench_run(&b, "driver.hint-page 0 driver.shrink 0 app.allocate 0 app.write 0 "
                  "device.take-element");
    assert_string_equal(bench_broken(&b), "page-corrupted hint-device-4");
}

static void the_operator_asks_for_hints_and_ends_them(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, OPERATOR);
    bench_refused(&b, "device.end-hints", "only after hints were asked for");
    bench_run(&b, "device.request-hints");
    expect_status(&b, HS_STATUS_REQUESTED, 2);
    bench_run(&b, "device.request-hints"); /* an operator may ask again at any time */
    expect_status(&b, HS_STATUS_REQUESTED, 3);
    bench_run(&b, ROUND "device.wake device.take-element");
    expect_status(&b, HS_STATUS_START, 0);
    bench_run(&b, "device.request-hints");
    expect_status(&b, HS_STATUS_REQUESTED, 4);
    bench_run(&b, "device.end-hints");
    expect_status(&b, HS_STATUS_DONE, 1);
    bench_refused(&b, "device.end-hints", "only while the status is not DONE");
    bench_run(&b, SETUP ASK);
    expect_status(&b, HS_STATUS_DONE, 1); /* migration takes no part in it */
    bench_run(&b, "migration.stop-vm");
    bench_refused(&b, "device.request-hints", "only while the guest runs (the VM is stopped)");
    bench_set(&b, "");
    bench_refused(&b, "device.request-hints",
        "only with the rule hint-trigger=request (migration asks for hints)");
    bench_refused(
        &b, "device.end-hints", "only with the rule hint-trigger=request (migration ends hints)");
}

static void the_command_ids_are_used_up_in_the_end(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, OPERATOR);
    for (unsigned id = HS_COMMAND_FIRST_ID; id <= HS_COMMAND_LAST_ID; id++)
        bench_run(&b, "device.request-hints device.end-hints");
    assert_int_equal(b.memory.state.device.id, HS_COMMAND_LAST_ID);
    bench_refused(&b, "device.request-hints", "only while command ids are left");
    bench_set(&b, "");
    bench_run(&b, SETUP);
    for (unsigned id = HS_COMMAND_FIRST_ID; id <= HS_COMMAND_LAST_ID; id++)
        bench_run(&b, ASK);
    bench_run(&b, SYNC);
    bench_refused(&b, "migration.start-hints", "only while command ids are left");
}

static void reports_are_discarded_range_by_range_and_then_used(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=4 max-order=1 report-order=1");
    bench_refused(&b, "device.take-report", "only after a kick of reporting_vq (none is pending)");
    bench_refused(&b, "device.use-element", "only while a report is in the device's hand");
    bench_run(&b, "driver.isolate-batch driver.report-batch device.take-report");
    bench_refused(&b, "device.discard 2", "only after the range at page 0 was discarded");
    bench_run(&b, "device.discard 0");
    bench_refused(&b, "device.use-element",
        "only after every range of the report was discarded (ranges left: 1)");
    bench_run(&b, "device.discard 2");
    bench_refused(
        &b, "device.discard 2", "only while a range of the report is left (all are discarded)");
    for (unsigned p = 0; p < 4; p++)
        assert_int_equal(bench_page(&b, p)->content, HS_CONTENT_ZEROS);
    bench_run(&b, "device.use-element");
    assert_int_equal(b.memory.state.device.report_discarded, 0);
}

static void one_report_is_in_hand_at_a_time(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, ""); /* two reports at once, which no driver modelled here makes */
    for (unsigned i = 0; i < 2; i++)
        hs_virtqueue_add(
            hs_queue(b.w, HS_QUEUE_REPORTING), (struct hs_element){.kind = HS_ELEMENT_PAGES});
    bench_run(&b, "device.take-report");
    bench_refused(&b, "device.take-report", "only after the element in hand was used");
}

static void a_stopped_vm_takes_no_report(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "");
    bench_run(&b, SETUP ASK "driver.isolate-batch driver.report-batch migration.stop-vm");
    bench_refused(&b, "device.take-report",
        "only while the guest runs (the VM is stopped, and with it the device)");
}

static void a_paused_vm_may_leave_its_device_running(void **state)
{
    (void)state;
    struct bench b;
    at_start(&b, "hint-effect=discard while-paused=device-runs discard-marks-dirty=on");
    bench_run(&b, "driver.hint-page 0 driver.isolate-batch driver.report-batch migration.stop-vm "
                  "device.take-element device.take-report device.discard 1");
    for (unsigned p = 0; p < 2; p++) {
        assert_int_equal(bench_page(&b, p)->content, HS_CONTENT_ZEROS);
        assert_int_equal(bench_page(&b, p)->host_log, 1);
    }
    bench_refused(&b, "driver.end-round", "only while the guest runs (the VM is stopped)");
}

static void inhibited_discards_leave_pages_alone(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "inhibit-discard=on");
    bench_run(&b, "driver.isolate-batch driver.report-batch device.take-report");
    bench_refused(&b, "device.discard 0", "only while discards are not inhibited");
    bench_run(&b, "device.use-element driver.collect-report driver.put-back "
                  "driver.inflate 0 device.take-inflate");
    for (unsigned p = 0; p < 4; p++)
        assert_int_not_equal(bench_page(&b, p)->content, HS_CONTENT_ZEROS);
}

static void a_device_that_knows_a_poison_value_discards_no_report(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "poison=value");
    bench_run(&b, "driver.isolate-batch driver.report-batch device.take-report");
    bench_refused(&b, "device.discard 0",
        "only while no poison_val but zero is known (reported pages are left alone)");
    bench_run(&b, "device.use-element");
    bench_set(&b, "poison=zero");
    bench_run(&b, "driver.isolate-batch driver.report-batch device.take-report device.discard 0");
    assert_string_equal(bench_broken(&b), "");
}

static void a_device_without_poison_val_breaks_the_value(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "poison=value poison-negotiated=off report-unpoisoned=on");
    bench_run(&b, "driver.isolate-batch driver.report-batch device.take-report device.discard 0");
    assert_string_equal(bench_broken(&b), "value-broken feature-driver-1");
}

static void inflate_discards_and_deflate_does_not(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "");
    bench_refused(&b, "device.take-inflate", "only after a kick of inflateq (none is pending)");
    bench_refused(&b, "device.take-deflate", "only after a kick of deflateq (none is pending)");
    bench_run(&b, "driver.inflate 1 device.take-inflate driver.collect-inflate");
    assert_int_equal(bench_page(&b, 1)->content, HS_CONTENT_ZEROS);
    bench_page(&b, 1)->content = 0;
    bench_run(&b, "driver.deflate 1 device.take-deflate");
    assert_int_not_equal(bench_page(&b, 1)->content, HS_CONTENT_ZEROS);
}

static void dma_writes_pages_in_use_alone_and_reaches_the_host_log_alone(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=0");
    bench_run(&b, SETUP);
    bench_refused(&b, "device.dma-write 0",
        "only while an application uses page 0 (nobody else asks a device to write it)");
    bench_run(&b, "device.dma-write 1");
    assert_int_equal(bench_page(&b, 1)->host_log, 1);
    assert_int_equal(bench_page(&b, 1)->log, 0);
    assert_int_equal(bench_page(&b, 1)->protected, 1);
    bench_run(&b, ASK "migration.stop-vm");
    bench_refused(&b, "device.dma-write 1", "only while the guest runs on the source");
    bench_refused(&b, "device.change-target", "only while the guest runs (the VM is stopped)");
}

static void a_page_of_the_balloon_may_be_skipped(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=2 free=0,1 ballooned-pages=skipped");
    bench_run(&b, "driver.inflate 0 device.take-inflate driver.collect-inflate " SETUP ASK);
    assert_int_equal(bench_page(&b, 0)->ballooned, 1);
    bench_run(&b, "migration.begin-page 0 migration.begin-page 1 migration.finish-page 1");
    assert_int_equal(bench_page(&b, 0)->bitmap, 0);
    assert_int_equal(bench_page(&b, 0)->copy, HS_COPY_NONE);
    assert_int_equal(bench_page(&b, 1)->copy, HS_COPY_EQUAL);
    bench_run(&b, "driver.deflate 0 device.take-deflate");
    assert_int_equal(bench_page(&b, 0)->ballooned, 0);
    bench_run(&b, "driver.collect-deflate driver.inflate 1 device.take-inflate");
    assert_int_equal(bench_page(&b, 1)->ballooned, 1);
    bench_finish(&b);
    assert_int_equal(bench_page(&b, 1)->ballooned, 0); /* the destination was not told */
    bench_set(&b, "pages=2 free=0,1");
    bench_run(&b, "driver.inflate 0 device.take-inflate");
    assert_int_equal(bench_page(&b, 0)->ballooned, 0);
}

static void dma_that_is_unmarked_leaves_no_mark(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=0 dma-log=unmarked refuse-written=on");
    bench_run(&b, SETUP "device.dma-write 1");
    assert_int_equal(bench_page(&b, 1)->host_log, 0);
    assert_int_equal(bench_page(&b, 1)->faulted, 0);
    assert_int_equal(bench_page(&b, 1)->modified, 1);
    assert_int_equal(bench_page(&b, 1)->copy, HS_COPY_NONE);
    bench_refused(&b, "device.dma-arrive 1",
        "only with the rule dma-log=marked-first (what a device writes arrives at once)");
}

static void dma_that_is_marked_first_arrives_before_the_vm_stops(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=0 dma-log=marked-first");
    bench_run(&b, SETUP ASK "migration.begin-page 1 migration.finish-page 1");
    bench_refused(&b, "device.dma-arrive 1", "only after page 1 was marked for a device");
    bench_run(&b, "device.dma-write 1");
    assert_int_equal(bench_page(&b, 1)->host_log, 1);
    assert_int_equal(bench_page(&b, 1)->copy, HS_COPY_EQUAL);
    assert_int_equal(hs_device_dma_first(b.w), 1);
    const char *late = "only after what a device writes to page 1 has arrived";
    bench_refused(&b, "device.dma-write 1", late);
    bench_refused(&b, "app.free 1", late);
    bench_refused(&b, "migration.stop-vm",
        "only after what a device writes to page 1 has arrived (devices stop first)");
    bench_page(&b, 1)->host_log = 0;
    bench_run(&b, "device.dma-arrive 1");
    assert_int_equal(bench_page(&b, 1)->host_log, 0);
    assert_int_equal(bench_page(&b, 1)->copy, HS_COPY_OLDER);
    assert_int_equal(hs_device_dma_first(b.w), b.config.pages);
    bench_run(&b, "migration.stop-vm");
}

static void check_says(struct bench *b, const char *words)
{
    const char *broken = hs_device_check(b->w);
    assert_non_null(broken);
    assert_string_equal(broken, words);
    bench_set(b, "");
}

static void the_check_names_what_does_not_hold(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "");
    b.memory.state.device.status = HS_STATUS_COUNT;
    check_says(&b, "device: every field holds one of its values");
    b.memory.state.device.status = HS_STATUS_REQUESTED;
    check_says(&b, "device: hints are wanted under an id only");
    b.memory.state.device.status = HS_STATUS_START;
    b.memory.state.device.id = 2;
    check_says(&b, "device: it polls while the status is START");
    hs_queue(b.w, HS_QUEUE_DEFLATE).ring->avail = 1;
    check_says(&b, "virtqueue: a slot holds an element exactly between collected and avail");
    for (unsigned i = 0; i < 2; i++) {
        hs_virtqueue_add(
            hs_queue(b.w, HS_QUEUE_INFLATE), (struct hs_element){.kind = HS_ELEMENT_PAGES});
        hs_virtqueue_take(hs_queue(b.w, HS_QUEUE_INFLATE));
    }
    check_says(&b, "device: at most one element is in its hand");
    b.memory.state.device.report_discarded = 1;
    check_says(&b, "device: no more ranges are discarded than were reported");
    b.memory.state.device.loop = HS_LOOP_RUNNING;
    check_says(
        &b, "device: kicks are suppressed exactly while the loop runs, or ran on the source");
    b.memory.state.device.loop = HS_LOOP_RUNNING;
    b.memory.state.migration.vm = HS_VM_DESTINATION;
    check_says(
        &b, "device: kicks are suppressed exactly while the loop runs, or ran on the source");
    hs_queue(b.w, HS_QUEUE_FREE_PAGE).ring->kicks_suppressed = 1;
    check_says(
        &b, "device: kicks are suppressed exactly while the loop runs, or ran on the source");
    b.memory.state.device.owes_done = 1;
    check_says(&b, "device: DONE is owed until the queue is found empty");
    bench_set(&b, "serve=kick");
    b.memory.state.device.loop = HS_LOOP_LEAVING;
    check_says(&b, "device: it asks for kicks in a step of its own if it polls");
    bench_set(&b, "serve=kick");
    hs_queue(b.w, HS_QUEUE_FREE_PAGE).ring->kicks_suppressed = 1;
    check_says(&b, "device: kicks are suppressed by a device that polls alone");
    bench_set(&b, "serve=in-kick");
    b.memory.state.device.loop = HS_LOOP_RUNNING;
    check_says(&b, "device: served in the kick, the queue wakes nobody");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_field_follows_the_status),
        cmocka_unit_test(field_while_started_may_be_the_id),
        cmocka_unit_test(each_request_issues_the_next_id),
        cmocka_unit_test(what_waits_is_handed_back_unread_before_an_id),
        cmocka_unit_test(a_hint_in_hand_is_not_handed_back),
        cmocka_unit_test(without_new_ids_the_same_id_serves_again_and_the_clause_notices),
        cmocka_unit_test(a_second_command_in_start_stops_even_with_the_current_id),
        cmocka_unit_test(the_same_id_does_not_start_again_after_a_stop),
        cmocka_unit_test(restart_same_id_starts_again_after_a_stop),
        cmocka_unit_test(restart_any_current_starts_again_until_done),
        cmocka_unit_test(other_word_may_leave_the_id_in_the_field),
        cmocka_unit_test(a_stop_is_answered_as_the_queue_is_found_empty),
        cmocka_unit_test(a_stop_is_answered_before_the_vm_moves),
        cmocka_unit_test(with_done_at_start_a_vm_that_starts_again_finds_done),
        cmocka_unit_test(inhibit_discard_is_not_about_hints),
        cmocka_unit_test(every_firecracker_restores_done_and_serves_its_queue),
        cmocka_unit_test(restart_same_id_without_a_stop_breaks_the_clause),
        cmocka_unit_test(a_late_start_buffer_lets_hints_in_that_the_field_does_not_ask_for),
        cmocka_unit_test(a_start_buffer_that_comes_after_the_stop_starts_nothing),
        cmocka_unit_test(a_hint_under_an_old_id_is_ignored_and_its_element_returned),
        cmocka_unit_test(without_check_command_id_an_old_id_starts_hints_and_the_clause_notices),
        cmocka_unit_test(a_shared_command_word_is_read_when_the_element_is_taken),
        cmocka_unit_test(a_config_interrupt_coalesces_with_other_changes),
        cmocka_unit_test(only_a_change_of_status_interrupts),
        cmocka_unit_test(an_element_added_between_find_empty_and_sleep_waits_for_the_next_kick),
        cmocka_unit_test(a_device_that_polled_is_not_kicked_at_the_destination),
        cmocka_unit_test(with_kick_at_start_the_destination_serves_what_waits),
        cmocka_unit_test(with_kick_at_start_the_destination_asks_for_kicks_again),
        cmocka_unit_test(a_device_that_slept_is_kicked_at_the_destination),
        cmocka_unit_test(a_device_that_is_kicked_misses_no_kick_while_it_is_awake),
        cmocka_unit_test(a_device_served_in_the_kick_takes_each_element_at_once),
        cmocka_unit_test(the_loop_says_what_keeps_it),
        cmocka_unit_test(without_a_queue_the_device_says_so),
        cmocka_unit_test(without_the_lock_the_status_may_change_between_check_and_effect),
        cmocka_unit_test(without_the_lock_the_loop_does_not_leave_an_element_in_hand),
        cmocka_unit_test(a_hint_applied_after_done_breaks_the_clause),
        cmocka_unit_test(a_new_id_starts_with_a_clean_slate),
        cmocka_unit_test(a_hint_covers_its_whole_block),
        cmocka_unit_test(a_used_length_of_one_marks_the_first_page_of_the_block),
        cmocka_unit_test(a_used_length_of_zero_marks_nothing),
        cmocka_unit_test(without_the_lock_a_page_is_marked_as_the_hint_is_applied),
        cmocka_unit_test(without_logging_a_used_length_marks_nothing),
        cmocka_unit_test(a_write_that_the_used_length_brings_back_is_no_offence),
        cmocka_unit_test(refuse_written_ignores_a_hint_for_a_page_written_since_the_id),
        cmocka_unit_test(a_block_that_is_zeroed_as_it_is_taken_is_a_written_one),
        cmocka_unit_test(hint_effect_skip_leaves_the_log_of_the_chunk),
        cmocka_unit_test(hint_effect_discard_wipes_the_page),
        cmocka_unit_test(the_operator_asks_for_hints_and_ends_them),
        cmocka_unit_test(the_command_ids_are_used_up_in_the_end),
        cmocka_unit_test(reports_are_discarded_range_by_range_and_then_used),
        cmocka_unit_test(one_report_is_in_hand_at_a_time),
        cmocka_unit_test(a_stopped_vm_takes_no_report),
        cmocka_unit_test(a_paused_vm_may_leave_its_device_running),
        cmocka_unit_test(inhibited_discards_leave_pages_alone),
        cmocka_unit_test(a_device_that_knows_a_poison_value_discards_no_report),
        cmocka_unit_test(a_device_without_poison_val_breaks_the_value),
        cmocka_unit_test(inflate_discards_and_deflate_does_not),
        cmocka_unit_test(dma_writes_pages_in_use_alone_and_reaches_the_host_log_alone),
        cmocka_unit_test(a_page_of_the_balloon_may_be_skipped),
        cmocka_unit_test(dma_that_is_unmarked_leaves_no_mark),
        cmocka_unit_test(dma_that_is_marked_first_arrives_before_the_vm_stops),
        cmocka_unit_test(the_check_names_what_does_not_hold),
    };
    return cmocka_run_group_tests_name("device", tests, NULL, NULL);
}
