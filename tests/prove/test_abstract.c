/* SPDX-License-Identifier: BSD-3-Clause */
/* The abstraction: names of ids, what the queue forgets, and when each widening is offered. */
#include "abstract_graph.h"
#include "device.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

struct table {
    struct hs_abstraction abstraction;
    union hs_abstract_state memory;
    struct hs_graph graph;
    struct hs_world w;
};

static void set(struct table *t, const char *guest, const char *host)
{
    struct hs_config config = {.rules = hs_rules_default(), .pages = 1};
    hs_rules_apply_preset(&config.rules, hs_preset_find(HS_SIDE_GUEST, guest));
    hs_rules_apply_preset(&config.rules, hs_preset_find(HS_SIDE_HOST, host));
    config.queue_size[HS_QUEUE_FREE_PAGE] = 4;
    memset(config.limits, 1, sizeof(config.limits));
    hs_abstraction_set(&t->abstraction, &config);
    hs_abstract_start(&t->abstraction, &t->memory);
    t->graph = hs_abstract_graph(&t->abstraction);
    t->w = hs_abstract_world(&t->abstraction, &t->memory);
}

static bool offered(struct table *t, unsigned kind)
{
    uint32_t labels[HS_LABELS_MAX];
    unsigned count = t->graph.list(t->graph.context, &t->memory, labels);
    for (unsigned i = 0; i < count; i++) {
        if (labels[i] / 256 == kind)
            return true;
    }
    return false;
}

static void take(struct table *t, unsigned kind)
{
    assert_true(offered(t, kind));
    t->graph.take(t->graph.context, &t->memory, kind * 256);
}

/* A migration up to its first request for hints. */
static void ask(struct table *t)
{
    static const enum hs_step_kind steps[] = {HS_APP_FREE, HS_MIGRATION_START,
        HS_MIGRATION_ENABLE_LOG, HS_MIGRATION_STOP_HINTS, HS_MIGRATION_SYNC, HS_MIGRATION_MERGE_LOG,
        HS_MIGRATION_START_HINTS};
    for (unsigned i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        take(t, steps[i]);
}

static void start_round(struct table *t)
{
    take(t, HS_DRIVER_READ_COMMAND);
    take(t, HS_DRIVER_START_ROUND);
}

static void one_round_more(struct table *t)
{
    static const enum hs_step_kind steps[] = {HS_MIGRATION_STOP_HINTS, HS_MIGRATION_SYNC,
        HS_MIGRATION_MERGE_LOG, HS_MIGRATION_START_HINTS};
    for (unsigned i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        take(t, steps[i]);
}

static void rounds_never_use_up_the_ids(void **state)
{
    struct table t;
    (void)state;
    set(&t, "thread-rx-ring", "qemu-7.2-kvm");
    ask(&t);
    for (unsigned i = 0; i < 1000; i++) {
        one_round_more(&t);
        assert_int_equal(t.w.state->device.id, HS_ID_NEWEST);
    }
}

static void an_old_start_is_forgotten_once_a_new_id_is_out(void **state)
{
    struct table t;
    struct hs_abstract_queue queue;
    (void)state;
    set(&t, "spec-latitude", "qemu-7.2-kvm");
    ask(&t);
    start_round(&t);
    take(&t, HS_DRIVER_HINT_PAGE);
    hs_abstract_queue_read(t.w, &queue);
    assert_int_equal(queue.count, 2);
    one_round_more(&t);
    hs_abstract_queue_read(t.w, &queue);
    assert_int_equal(queue.count, 0);
}

/* The device's status changes, and no element is taken. */
static void change_status(struct hs_world w, unsigned change)
{
    if (change == 1)
        hs_device_stop(w);
    else if (change == 2)
        hs_device_done(w);
    else if (change == 3)
        hs_device_request(w);
}

static bool keeps_hint(const struct hs_abstract_queue *queue)
{
    const unsigned hints = 1u << HS_BAG_HINT_ONCE | 1u << HS_BAG_HINTS;
    for (unsigned i = 0; i < queue->count; i++) {
        if (queue->waiting[i].kind == HS_ELEMENT_PAGES)
            return true;
    }
    return queue->bag & hints;
}

/* If the hint behind an element is forgotten, the element leads to START after no change of status.
 */
static void check_forgotten(struct table *t, struct hs_element element)
{
    union hs_abstract_state before = t->memory;
    struct hs_abstract_queue queue = {.count = 2, .waiting = {element, {.kind = HS_ELEMENT_PAGES}}};
    hs_abstract_queue_write(t->w, &queue);
    union hs_abstract_state queued = t->memory;
    hs_abstract_normalise(t->w);
    hs_abstract_queue_read(t->w, &queue);
    for (unsigned changes = 0; changes < 16 && !keeps_hint(&queue); changes++) {
        t->memory = queued;
        change_status(t->w, changes % 4);
        change_status(t->w, changes / 4);
        hs_device_take_element(t->w, 0);
        assert_int_not_equal(t->w.state->device.status, HS_STATUS_START);
    }
    t->memory = before;
}

static void no_hint_is_forgotten_that_may_still_be_taken(void **state)
{
    struct table t;
    (void)state;
    set(&t, "spec-latitude", "qemu-7.2-kvm");
    struct hs_device *device = &t.w.state->device;
    uint8_t *rules = t.abstraction.config.rules.value;
    for (unsigned choice = 0; choice < 24; choice++) {
        rules[HS_RULE_COMMAND_WORD] = choice & 1u;
        rules[HS_RULE_CHECK_COMMAND_ID] = choice >> 1 & 1u;
        rules[HS_RULE_NEW_ID_AFTER_SYNC] = choice >> 2 & 1u;
        rules[HS_RULE_RESTART] = (uint8_t)(choice >> 3);
        for (unsigned status = 0; status < HS_STATUS_COUNT; status++) {
            if (status == HS_STATUS_START)
                continue; /* nothing is dropped while hints are taken */
            device->status = (uint8_t)status;
            device->id = HS_ID_NEWEST;
            check_forgotten(&t, (struct hs_element){.kind = HS_ELEMENT_STOP});
            check_forgotten(&t, (struct hs_element){.kind = HS_ELEMENT_PAGES});
            for (unsigned id = HS_COMMAND_STOP; id <= HS_ID_NEWEST; id++) {
                t.w.state->driver.active_id = (uint8_t)id;
                check_forgotten(
                    &t, (struct hs_element){.kind = HS_ELEMENT_START, .id = (uint8_t)id});
            }
        }
    }
}

static void a_driver_that_waits_keeps_its_hint_in_the_queue(void **state)
{
    struct table t;
    struct hs_abstract_queue queue;
    (void)state;
    set(&t, "thread-rx-ring", "qemu-7.2-kvm");
    ask(&t);
    start_round(&t);
    take(&t, HS_DRIVER_HINT_PAGE);
    one_round_more(&t);
    hs_abstract_queue_read(t.w, &queue);
    assert_int_equal(queue.count, 1);
    assert_int_equal(queue.waiting[0].kind, HS_ELEMENT_PAGES);
    assert_false(offered(&t, HS_DRIVER_RELEASE));
}

static void hints_in_a_row_become_one_or_more(void **state)
{
    struct table t;
    struct hs_abstract_queue queue;
    (void)state;
    set(&t, "spec-latitude", "qemu-7.2-kvm");
    ask(&t);
    start_round(&t);
    for (unsigned i = 0; i < 20; i++) {
        take(&t, HS_DRIVER_HINT_PAGE);
        take(&t, HS_DRIVER_RELEASE);
    }
    take(&t, HS_DEVICE_TAKE_ELEMENT); /* the start command */
    hs_abstract_queue_read(t.w, &queue);
    assert_int_equal(queue.count, 1);
    take(&t, HS_STEP_KIND_COUNT + HS_OTHERS_TAKE_ONE);
    hs_abstract_queue_read(t.w, &queue);
    assert_int_equal(queue.count, 1);
    take(&t, HS_DEVICE_TAKE_ELEMENT);
    hs_abstract_queue_read(t.w, &queue);
    assert_int_equal(queue.count, 0);
}

static void with_a_shared_word_everything_goes_into_the_bag(void **state)
{
    struct table t;
    struct hs_abstract_queue queue;
    (void)state;
    set(&t, "linux-6.1+pipelined-ack", "qemu-7.2-kvm");
    ask(&t);
    start_round(&t);
    take(&t, HS_DRIVER_HINT_PAGE);
    hs_abstract_queue_read(t.w, &queue);
    assert_int_equal(queue.count, 0);
    assert_true(queue.bag >> HS_BAG_HINT_ONCE & 1u);
    assert_true(queue.bag >> HS_BAG_STOP & 1u);
    assert_true(offered(&t, HS_STEP_KIND_COUNT + HS_OTHERS_TAKE_ANY));
    assert_false(offered(&t, HS_DEVICE_TAKE_ELEMENT));
}

static void a_start_with_the_newest_id_is_taken_out_of_the_bag_as_often_as_it_was_thrown_in(
    void **state)
{
    const struct hs_element newest = {.kind = HS_ELEMENT_START, .id = HS_ID_NEWEST};
    const unsigned once = 1u << HS_BAG_START_ONCE;
    const unsigned more = 1u << (HS_BAG_START + HS_ID_NEWEST);
    const uint32_t label = (HS_STEP_KIND_COUNT + HS_OTHERS_TAKE_ANY) * 256u + HS_BAG_START_ONCE;
    struct table t;
    (void)state;
    set(&t, "spec-latitude", "firecracker-1.14");
    take(&t, HS_APP_FREE);
    take(&t, HS_DEVICE_REQUEST_HINTS);
    start_round(&t);
    take(&t, HS_DRIVER_HINT_PAGE);
    take(&t, HS_DRIVER_END_ROUND);
    assert_int_equal(*hs_bag(t.w) & (once | more), once); /* beside a hint and a STOP */
    assert_int_equal(hs_bag_throw((uint16_t)once, newest), more);
    assert_int_equal(hs_bag_throw((uint16_t)more, newest), more);
    union hs_abstract_state before = t.memory;
    t.graph.take(t.graph.context, &t.memory, label);
    assert_int_equal(*hs_bag(t.w) & (once | more), 0);
    assert_int_equal(t.w.state->device.status, HS_STATUS_START);
    t.memory = before; /* a new request makes it an old one */
    take(&t, HS_DEVICE_REQUEST_HINTS);
    assert_int_equal(*hs_bag(t.w) & (once | more), 0);
    assert_true(*hs_bag(t.w) >> (HS_BAG_START + HS_ID_OLD) & 1u);
}

static void a_neighbour_clears_the_chunk_only_while_it_is_pending(void **state)
{
    struct table t;
    (void)state;
    set(&t, "spec-latitude", "qemu-7.2-kvm");
    ask(&t);
    assert_true(offered(&t, HS_STEP_KIND_COUNT + HS_OTHERS_SEND_PAGE));
    assert_false(offered(&t, HS_STEP_KIND_COUNT + HS_OTHERS_APPLY_HINT));
    start_round(&t);
    take(&t, HS_DEVICE_TAKE_ELEMENT);
    assert_true(offered(&t, HS_STEP_KIND_COUNT + HS_OTHERS_APPLY_HINT));
    take(&t, HS_STEP_KIND_COUNT + HS_OTHERS_APPLY_HINT);
    assert_int_equal(*hs_chunk_pending(t.w, 0), 0);
    assert_false(offered(&t, HS_STEP_KIND_COUNT + HS_OTHERS_APPLY_HINT));
    assert_false(offered(&t, HS_STEP_KIND_COUNT + HS_OTHERS_SEND_PAGE));
}

static void a_full_queue_loses_the_command_and_a_broken_block_ends_the_round(void **state)
{
    struct table t;
    struct hs_abstract_queue queue;
    (void)state;
    set(&t, "spec-latitude", "qemu-7.2-kvm");
    ask(&t);
    take(&t, HS_DRIVER_READ_COMMAND);
    take(&t, HS_STEP_KIND_COUNT + HS_OTHERS_FILL_START);
    hs_abstract_queue_read(t.w, &queue);
    assert_int_equal(queue.count, 0);
    assert_int_equal(t.w.state->driver.start_lost, 1);
    assert_false(offered(&t, HS_DRIVER_END_ROUND)); /* the page is free */
    union hs_abstract_state before = t.memory;
    take(&t, HS_STEP_KIND_COUNT + HS_OTHERS_BREAK_BLOCK);
    assert_int_equal(t.w.state->driver.phase, HS_DRIVER_IDLE);
    assert_false(hs_is_broken(t.w, HS_HINT_DRIVER_6));
    t.memory = before;
    take(&t, HS_STEP_KIND_COUNT + HS_OTHERS_FILL_END);
    assert_true(hs_is_broken(t.w, HS_HINT_DRIVER_6));
}

/* Which place the page has in its block is chosen once, before the first id, and decides what a
 * used length does to it. */
static void a_used_length_marks_a_page_that_is_the_first_of_its_block(void **state)
{
    struct table t;
    (void)state;
    for (unsigned later = 0; later < 2; later++) {
        set(&t, "spec-latitude", "qemu-5.0");
        if (later)
            take(&t, HS_STEP_KIND_COUNT + HS_OTHERS_LEAD_BLOCK);
        assert_int_equal(offered(&t, HS_STEP_KIND_COUNT + HS_OTHERS_LEAD_BLOCK), !later);
        ask(&t);
        assert_false(offered(&t, HS_STEP_KIND_COUNT + HS_OTHERS_LEAD_BLOCK));
        start_round(&t);
        take(&t, HS_DEVICE_TAKE_ELEMENT); /* the start command */
        take(&t, HS_DRIVER_HINT_PAGE);
        take(&t, HS_DEVICE_TAKE_ELEMENT);
        assert_int_equal(hs_page(t.w, 0)->bitmap, 0);
        assert_int_equal(hs_page(t.w, 0)->host_log, !later);
    }
}

static void a_refused_hint_stays_in_the_queue_if_its_use_marks_the_page(void **state)
{
    struct table t;
    struct hs_abstract_queue queue;
    (void)state;
    for (unsigned later = 0; later < 2; later++) {
        set(&t, "spec-latitude", "qemu-5.0");
        if (later)
            take(&t, HS_STEP_KIND_COUNT + HS_OTHERS_LEAD_BLOCK);
        ask(&t);
        start_round(&t);
        take(&t, HS_DEVICE_TAKE_ELEMENT);
        take(&t, HS_DRIVER_HINT_PAGE);
        take(&t, HS_MIGRATION_STOP_HINTS);
        hs_abstract_queue_read(t.w, &queue);
        assert_int_equal(queue.count, !later);
    }
}

static void without_a_used_length_all_places_are_one(void **state)
{
    struct table t;
    (void)state;
    set(&t, "spec-latitude", "qemu-7.2-kvm");
    assert_false(offered(&t, HS_STEP_KIND_COUNT + HS_OTHERS_LEAD_BLOCK));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rounds_never_use_up_the_ids),
        cmocka_unit_test(an_old_start_is_forgotten_once_a_new_id_is_out),
        cmocka_unit_test(no_hint_is_forgotten_that_may_still_be_taken),
        cmocka_unit_test(a_driver_that_waits_keeps_its_hint_in_the_queue),
        cmocka_unit_test(hints_in_a_row_become_one_or_more),
        cmocka_unit_test(with_a_shared_word_everything_goes_into_the_bag),
        cmocka_unit_test(
            a_start_with_the_newest_id_is_taken_out_of_the_bag_as_often_as_it_was_thrown_in),
        cmocka_unit_test(a_neighbour_clears_the_chunk_only_while_it_is_pending),
        cmocka_unit_test(a_full_queue_loses_the_command_and_a_broken_block_ends_the_round),
        cmocka_unit_test(a_used_length_marks_a_page_that_is_the_first_of_its_block),
        cmocka_unit_test(a_refused_hint_stays_in_the_queue_if_its_use_marks_the_page),
        cmocka_unit_test(without_a_used_length_all_places_are_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
