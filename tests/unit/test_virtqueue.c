/* SPDX-License-Identifier: BSD-3-Clause */
/* The split virtqueue: indices that wrap, a full queue, notifications and their suppression. */
#include "bench.h"

#include <string.h>

static struct hs_element slots[4];
static struct hs_ring ring;
static const struct hs_virtqueue queue = {&ring, slots, 4};

static int set_up(void **state)
{
    (void)state;
    memset(slots, 0, sizeof(slots));
    memset(&ring, 0, sizeof(ring));
    return 0;
}

static struct hs_element hint(unsigned page)
{
    return (struct hs_element){.kind = HS_ELEMENT_PAGES, .page = page & 63u, .id = 2};
}

static void elements_come_back_in_order_over_many_rounds_of_the_indices(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        unsigned filled = 1 + i % 4;
        for (unsigned e = 0; e < filled; e++)
            hs_virtqueue_add(queue, hint((i + e) % 64));
        for (unsigned e = 0; e < filled; e++) {
            assert_int_equal(hs_virtqueue_take(queue).page, (i + e) % 64);
            assert_int_equal(hs_virtqueue_hand(queue).page, (i + e) % 64);
            hs_virtqueue_use(queue);
        }
        for (unsigned e = 0; e < filled; e++) {
            assert_null(hs_virtqueue_check(queue));
            assert_int_equal(hs_virtqueue_collect(queue).page, (i + e) % 64);
        }
        assert_int_equal(hs_virtqueue_free_slots(queue), 4);
    }
}

static void a_full_queue_differs_from_an_empty_one(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 20; round++) {
        assert_int_equal(hs_virtqueue_available(queue), 0);
        assert_int_equal(hs_virtqueue_free_slots(queue), 4);
        for (unsigned i = 0; i < 4; i++)
            hs_virtqueue_add(queue, hint(i));
        assert_int_equal(hs_virtqueue_available(queue), 4);
        assert_int_equal(hs_virtqueue_free_slots(queue), 0);
        assert_null(hs_virtqueue_check(queue));
        for (unsigned i = 0; i < 4; i++) {
            hs_virtqueue_take(queue);
            hs_virtqueue_use(queue);
            hs_virtqueue_collect(queue);
        }
    }
}

static void a_slot_stays_taken_until_its_element_is_collected(void **state)
{
    (void)state;
    hs_virtqueue_add(queue, hint(1));
    hs_virtqueue_add(queue, hint(2));
    hs_virtqueue_take(queue);
    assert_int_equal(hs_virtqueue_in_hand(queue), 1);
    assert_int_equal(hs_virtqueue_free_slots(queue), 2);
    hs_virtqueue_use(queue);
    assert_int_equal(hs_virtqueue_in_hand(queue), 0);
    assert_int_equal(hs_virtqueue_used(queue), 1);
    assert_int_equal(hs_virtqueue_free_slots(queue), 2);
    hs_virtqueue_collect(queue);
    assert_int_equal(hs_virtqueue_used(queue), 0);
    assert_int_equal(hs_virtqueue_free_slots(queue), 3);
}

static void a_queue_of_one_slot_works(void **state)
{
    (void)state;
    struct hs_virtqueue one = {&ring, slots, 1};
    for (unsigned i = 0; i < 5; i++) {
        hs_virtqueue_add(one, hint(i));
        assert_int_equal(hs_virtqueue_free_slots(one), 0);
        assert_int_equal(hs_virtqueue_take(one).page, i);
        hs_virtqueue_use(one);
        assert_int_equal(hs_virtqueue_collect(one).page, i);
        assert_null(hs_virtqueue_check(one));
    }
}

static void adding_kicks_unless_the_device_suppresses_kicks(void **state)
{
    (void)state;
    hs_virtqueue_add(queue, hint(1));
    assert_int_equal(ring.kick_pending, 1);
    hs_virtqueue_take(queue);
    assert_int_equal(ring.kick_pending, 0);
    ring.kicks_suppressed = 1;
    hs_virtqueue_add(queue, hint(2));
    assert_int_equal(ring.kick_pending, 0);
}

static void a_kick_stays_pending_until_everything_was_taken(void **state)
{
    (void)state;
    hs_virtqueue_add(queue, hint(1));
    hs_virtqueue_add(queue, hint(2));
    hs_virtqueue_take(queue);
    assert_int_equal(ring.kick_pending, 1);
    hs_virtqueue_use(queue);
    hs_virtqueue_take(queue);
    assert_int_equal(ring.kick_pending, 0);
}

static void using_interrupts_unless_the_driver_suppresses_interrupts(void **state)
{
    (void)state;
    hs_virtqueue_add(queue, hint(1));
    hs_virtqueue_add(queue, hint(2));
    hs_virtqueue_take(queue);
    ring.interrupts_suppressed = 1;
    hs_virtqueue_use(queue);
    assert_int_equal(ring.interrupt_pending, 0);
    ring.interrupts_suppressed = 0;
    hs_virtqueue_take(queue);
    hs_virtqueue_use(queue);
    assert_int_equal(ring.interrupt_pending, 1);
    hs_virtqueue_collect(queue);
    assert_int_equal(ring.interrupt_pending, 1);
    hs_virtqueue_collect(queue);
    assert_int_equal(ring.interrupt_pending, 0);
}

static void the_position_counts_from_the_oldest_unused_element(void **state)
{
    (void)state;
    hs_virtqueue_add(queue, (struct hs_element){.kind = HS_ELEMENT_START, .id = 2});
    hs_virtqueue_add(queue, hint(7));
    hs_virtqueue_add(queue, hint(9));
    assert_int_equal(hs_virtqueue_position(queue, 0), 0); /* a command names no block */
    assert_int_equal(hs_virtqueue_position(queue, 7), 2);
    assert_int_equal(hs_virtqueue_position(queue, 9), 3);
    hs_virtqueue_take(queue);
    assert_int_equal(hs_virtqueue_position(queue, 9), 3); /* taken is not used */
    hs_virtqueue_use(queue);
    assert_int_equal(hs_virtqueue_position(queue, 9), 2);
    hs_virtqueue_take(queue);
    hs_virtqueue_use(queue);
    assert_int_equal(hs_virtqueue_position(queue, 7), 0);
}

static void a_reset_forgets_all_but_what_the_driver_suppresses(void **state)
{
    (void)state;
    hs_virtqueue_add(queue, hint(1));
    ring.interrupts_suppressed = 1;
    ring.kicks_suppressed = 1;
    hs_virtqueue_reset(queue);
    assert_int_equal(hs_virtqueue_free_slots(queue), 4);
    assert_int_equal(ring.kick_pending, 0);
    assert_int_equal(ring.kicks_suppressed, 0);
    assert_int_equal(ring.interrupts_suppressed, 1);
    assert_null(hs_virtqueue_check(queue));
}

static void the_check_names_what_does_not_hold(void **state)
{
    (void)state;
    ring.avail = 5;
    assert_string_equal(hs_virtqueue_check(queue), "virtqueue: more elements than slots");
    set_up(NULL);
    ring.used = 1;
    assert_string_equal(
        hs_virtqueue_check(queue), "virtqueue: collected <= used <= taken <= avail");
    set_up(NULL);
    slots[2] = hint(1);
    assert_string_equal(hs_virtqueue_check(queue),
        "virtqueue: a slot holds an element exactly between collected and avail");
    set_up(NULL);
    ring.interrupts_suppressed = ring.interrupt_pending = 1;
    assert_string_equal(hs_virtqueue_check(queue),
        "virtqueue: no interrupt is raised while the driver suppresses them");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(elements_come_back_in_order_over_many_rounds_of_the_indices, set_up),
        cmocka_unit_test_setup(a_full_queue_differs_from_an_empty_one, set_up),
        cmocka_unit_test_setup(a_slot_stays_taken_until_its_element_is_collected, set_up),
        cmocka_unit_test_setup(a_queue_of_one_slot_works, set_up),
        cmocka_unit_test_setup(adding_kicks_unless_the_device_suppresses_kicks, set_up),
        cmocka_unit_test_setup(a_kick_stays_pending_until_everything_was_taken, set_up),
        cmocka_unit_test_setup(using_interrupts_unless_the_driver_suppresses_interrupts, set_up),
        cmocka_unit_test_setup(the_position_counts_from_the_oldest_unused_element, set_up),
        cmocka_unit_test_setup(a_reset_forgets_all_but_what_the_driver_suppresses, set_up),
        cmocka_unit_test_setup(the_check_names_what_does_not_hold, set_up),
    };
    return cmocka_run_group_tests_name("virtqueue", tests, NULL, NULL);
}
