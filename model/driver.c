/* SPDX-License-Identifier: BSD-3-Clause */
/* The guest's balloon driver: hinting, giving pages back, reporting, inflating, deflating, reset.
 */
#include "driver.h"

#include "buddy.h"
#include "device.h"
#include "page.h"
#include "virtqueue.h"

#include <string.h>

static bool runs(struct hs_world w, struct hs_refusal *why)
{
    return HS_NEED(hs_guest_runs(w), why, "only while the guest runs (the VM is stopped)");
}

static bool in_phase(struct hs_world w, enum hs_driver_phase phase)
{
    return w.state->driver.phase == phase;
}

/* While the device is being reset the driver's work is frozen. */
static bool not_resetting(struct hs_world w, struct hs_refusal *why)
{
    return HS_NEED(!in_phase(w, HS_DRIVER_RESETTING), why, "only while no reset is under way");
}

static unsigned block_size(struct hs_world w)
{
    return 1u << w.config->hint_order;
}

bool hs_driver_sleeps(struct hs_world w)
{
    assert(w.config && w.state);
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_FREE_PAGE);
    if (!q.size)
        return false;
    switch (hs_rule_hint_wait(w)) {
    case HS_WAIT_START:
        return hs_virtqueue_holds(q, HS_ELEMENT_START);
    case HS_WAIT_EACH:
        return hs_virtqueue_free_slots(q) < q.size;
    case HS_WAIT_NONE:
        break;
    }
    return false;
}

static bool is_awake(struct hs_world w, struct hs_refusal *why)
{
    return HS_NEED(!hs_driver_sleeps(w), why,
        "only after the driver collected the element that it sleeps for (hint-wait=%s)",
        hs_rule_hint_wait(w) == HS_WAIT_EACH ? "each" : "start");
}

static bool iterates(struct hs_world w)
{
    return hs_rule_hint_source(w) == HS_SOURCE_ITERATE;
}

/* ---- the command id ------------------------------------------------------------------------- */

bool hs_driver_can_take_config_interrupt(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    return runs(w, why) && HS_NEED(w.state->device.config_interrupt, why,
                               "only while a config interrupt is pending");
}

void hs_driver_take_config_interrupt(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    struct hs_driver *driver = &w.state->driver;
    w.state->device.config_interrupt = 0;
    if (!driver->read_again) { /* test_and_set_bit: the work is queued with the bit */
        driver->read_again = 1;
        driver->work_queued = 1;
    }
}

bool hs_driver_can_read_command(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    const struct hs_driver *driver = &w.state->driver;
    if (!runs(w, why) || !is_awake(w, why))
        return false;
    switch ((enum hs_driver_phase)driver->phase) {
    case HS_DRIVER_IDLE:
        return HS_NEED(driver->work_queued, why,
            "only while a work item is queued (nothing told the driver to look)");
    case HS_DRIVER_STARTING:
    case HS_DRIVER_HINTING:
        return HS_NEED(driver->read_again, why,
            "only after another config interrupt (until then the id read last serves)");
    case HS_DRIVER_RELEASING:
        return HS_NEED(false, why, "only after all held pages went back (the work item is at it)");
    case HS_DRIVER_RESETTING:
    case HS_DRIVER_PHASE_COUNT:
        break;
    }
    return not_resetting(w, why);
}

enum hs_driver_phase hs_driver_answer(struct hs_world w)
{
    assert(w.config && w.state);
    const struct hs_driver *driver = &w.state->driver;
    if (driver->cached_id == HS_COMMAND_DONE)
        return driver->held ? HS_DRIVER_RELEASING : HS_DRIVER_IDLE;
    if (driver->cached_id == HS_COMMAND_STOP || driver->cached_id == driver->active_id)
        return HS_DRIVER_IDLE;
    return HS_DRIVER_STARTING;
}

void hs_driver_read_command(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    struct hs_driver *driver = &w.state->driver;
    if (driver->read_again) {
        driver->read_again = 0;
        driver->cached_id = (uint8_t)hs_device_field(w);
    }
    if (in_phase(w, HS_DRIVER_IDLE)) {
        driver->work_queued = 0;
        driver->phase = (uint8_t)hs_driver_answer(w);
    }
}

/* ---- a round -------------------------------------------------------------------------------- */

/* The block at page `p` goes on the held list. */
static void hold(struct hs_world w, unsigned p)
{
    struct hs_driver *driver = &w.state->driver;
    assert(driver->held < w.config->pages >> w.config->hint_order);
    hs_held(w)[driver->held++] = (uint8_t)p;
}

/* Drop all used buffers, or learn from their tokens which hints were used. */
static void collect_all(struct hs_world w)
{
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_FREE_PAGE);
    while (hs_virtqueue_used(q) > 0) {
        struct hs_element element = hs_virtqueue_collect(q);
        struct hs_page *page = hs_page(w, element.page);
        if (element.kind != HS_ELEMENT_PAGES || !hs_rules_follow_used(&w.config->rules) ||
            page->owner != HS_OWNER_HELD)
            continue;
        page->acked = 1;
        if (hs_rule_hint_wait(w) == HS_WAIT_EACH)
            hold(w, element.page);
    }
}

static void list_free_pages(struct hs_world w)
{
    for (unsigned p = 0; p < w.config->pages; p++)
        hs_page(w, p)->listed = hs_page(w, p)->owner == HS_OWNER_FREE;
}

bool hs_driver_can_list_free(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    return runs(w, why) &&
           HS_NEED(iterates(w), why,
               "only with the rule hint-source=iterate (pages are taken, not listed)") &&
           HS_NEED(hs_rule_hint_only_free(w) == HS_OFF, why,
               "only with the rule hint-only-free=off (the list is walked as it is)");
}

void hs_driver_list_free(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    list_free_pages(w);
}

/* Is the id that the host asks under the one of the round started last? */
static bool started_already(struct hs_world w)
{
    return hs_device_field(w) >= HS_COMMAND_FIRST_ID &&
           hs_device_field(w) == w.state->driver.active_id;
}

bool hs_driver_can_start_round(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    return runs(w, why) &&
           HS_NEED(in_phase(w, HS_DRIVER_STARTING), why,
               "only after the driver read a new command id%s",
               started_already(w) ? " (it started a round under this one before)" : "") &&
           HS_NEED(!w.state->driver.read_again, why,
               "only after the driver read the field again (it changed)");
}

void hs_driver_start_round(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_FREE_PAGE);
    struct hs_driver *driver = &w.state->driver;
    collect_all(w);
    driver->active_id =
        driver->cached_id; /* STOP or DONE, if the field changed to that meanwhile */
    driver->start_lost =
        hs_virtqueue_free_slots(q) == 0; /* the error is logged, the round goes on */
    if (!driver->start_lost)
        hs_virtqueue_add(q, (struct hs_element){.kind = HS_ELEMENT_START, .id = driver->active_id});
    if (iterates(w) && hs_rule_hint_only_free(w) == HS_ON) {
        for (unsigned i = 0; i < w.config->pages; i++)
            hs_page(w, i)->listed = 1; /* the walk has every page before it */
    }
    driver->phase = HS_DRIVER_HINTING;
    hs_device_kick(w);
}

static unsigned slots_after_collecting(struct hs_world w)
{
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_FREE_PAGE);
    return hs_virtqueue_free_slots(q) + hs_virtqueue_used(q);
}

/* May an iterating driver push the block at page `p`? */
static bool can_visit(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    bool must_be_free = hs_rule_hint_only_free(w) == HS_ON;
    bool is_free = true;
    bool listed = true;
    if (!HS_NEED((p & (block_size(w) - 1)) == 0 && p + block_size(w) <= w.config->pages, why,
            "only if a block of order %u begins at page %u", w.config->hint_order, p))
        return false;
    for (unsigned i = p; i < p + block_size(w); i++) {
        is_free = is_free && hs_page(w, i)->owner == HS_OWNER_FREE;
        listed = listed && hs_page(w, i)->listed;
    }
    return HS_NEED(
               is_free || !must_be_free, why, "only while the whole block at page %u is free", p) &&
           HS_NEED(listed, why,
               "only while the whole block at page %u is on the list that is walked", p);
}

static bool can_pick(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    return iterates(w) ? can_visit(w, p, why)
                       : hs_buddy_can_allocate(w, p, w.config->hint_order, why);
}

bool hs_driver_can_hint_page(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(hs_has_page(w, p));
    const struct hs_driver *driver = &w.state->driver;
    return runs(w, why) &&
           HS_NEED(in_phase(w, HS_DRIVER_HINTING), why, "only while the driver is in a round") &&
           is_awake(w, why) &&
           HS_NEED(!driver->read_again, why,
               "only after the driver read the field again (it changed)") &&
           HS_NEED(driver->cached_id == driver->active_id, why,
               "only while the id read last is the round's (it is another: the round ends)") &&
           HS_NEED(slots_after_collecting(w) > 1, why,
               "only while free_page_vq has two free slots (the last is kept for a command)") &&
           can_pick(w, p, why);
}

/* post_alloc_hook zeroes what it hands out, unless free pages are zeroed or poisoned anyway. */
static void zero_block(struct hs_world w, unsigned p)
{
    if (hs_rule_init_on_alloc(w) == HS_OFF || hs_rule_poison(w) != HS_POISON_OFF)
        return;
    for (unsigned i = p; i < p + block_size(w); i++)
        hs_page_zero(w, i);
}

void hs_driver_hint_page(struct hs_world w, unsigned p)
{
    assert(hs_has_page(w, p));
    struct hs_driver *driver = &w.state->driver;
    collect_all(w);
    if (!iterates(w)) {
        hs_driver_note_use(w, p, w.config->hint_order);
        hs_buddy_allocate(w, p, w.config->hint_order, HS_OWNER_HELD);
        zero_block(w, p);
        if (hs_rule_hint_wait(w) != HS_WAIT_EACH)
            hold(w, p);
    }
    for (unsigned i = p; i < p + block_size(w); i++) {
        hs_page(w, i)->listed = 0;
        if (hs_page(w, i)->relies != HS_RELIES_NOTHING)
            hs_break(w, HS_HINT_DRIVER_8);
    }
    if (driver->start_lost)
        hs_break(w, HS_HINT_DRIVER_2);
    if (driver->active_id < HS_COMMAND_FIRST_ID)
        hs_break(w, HS_HINT_DRIVER_5);
    hs_virtqueue_add(hs_queue(w, HS_QUEUE_FREE_PAGE),
        (struct hs_element){.kind = HS_ELEMENT_PAGES, .page = p & 63u, .id = driver->active_id});
    hs_device_kick(w);
}

static bool has_more_to_hint(struct hs_world w)
{
    for (unsigned p = 0; p < w.config->pages; p++) {
        if (can_pick(w, p, NULL))
            return true;
    }
    return false;
}

bool hs_driver_can_end_round(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    const struct hs_driver *driver = &w.state->driver;
    return runs(w, why) &&
           HS_NEED(in_phase(w, HS_DRIVER_HINTING), why, "only while the driver is in a round") &&
           is_awake(w, why) &&
           HS_NEED(!driver->read_again, why,
               "only after the driver read the field again (it changed)") &&
           HS_NEED(driver->cached_id != driver->active_id || !has_more_to_hint(w), why,
               "only if the id read last is another, or no free page is left to hint");
}

void hs_driver_end_round(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_FREE_PAGE);
    bool sends_stop = hs_rule_round_end(w) == HS_END_SENDS_STOP;
    collect_all(w);
    if (sends_stop && hs_virtqueue_free_slots(q) > 0)
        hs_virtqueue_add(q, (struct hs_element){.kind = HS_ELEMENT_STOP});
    else if (w.state->driver.cached_id == w.state->driver.active_id)
        hs_break(w, HS_HINT_DRIVER_6); /* of a round that the device ended, no STOP is asked */
    for (unsigned i = 0; i < w.config->pages; i++)
        hs_page(w, i)->listed = 0; /* the walk is over */
    w.state->driver.phase = HS_DRIVER_IDLE;
    hs_device_kick(w);
}

bool hs_driver_can_collect_used(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_FREE_PAGE);
    return runs(w, why) &&
           HS_NEED(q.size, why, "only with the queue free_page_vq (there is none)") &&
           HS_NEED(!q.ring->interrupts_suppressed, why,
               "only with a callback on free_page_vq (the driver has none: it collects as it "
               "starts a round or hints a page)") &&
           HS_NEED(q.ring->interrupt_pending, why, "only after the device used another element");
}

void hs_driver_collect_used(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    collect_all(w);
}

/* ---- giving held pages back ----------------------------------------------------------------- */

/* Is the hint of every held page known to be used? */
static bool all_acked(struct hs_world w)
{
    for (unsigned i = 0; i < w.state->driver.held; i++) {
        if (!hs_page(w, hs_held(w)[i])->acked)
            return false;
    }
    return true;
}

/* Has the work item that gives everything back begun?  `instead` says what goes until then. */
static bool has_read_done(struct hs_world w, const char *instead, struct hs_refusal *why)
{
    bool releasing = in_phase(w, HS_DRIVER_RELEASING);
    return HS_NEED(releasing || hs_device_field(w) == HS_COMMAND_DONE, why,
               "only after the device said DONE (status: %s; %s)",
               hs_machine_state_name(w, HS_MACHINE_STATUS), instead) &&
           HS_NEED(releasing, why, "only after the driver read DONE (%s)", instead);
}

/* Does the rule release let the held block at page `p` go back now? */
static bool may_go_back(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    unsigned position = hs_virtqueue_position(hs_queue(w, HS_QUEUE_FREE_PAGE), p);
    switch (hs_rule_release(w)) {
    case HS_RELEASE_ANY_TIME:
        return true; /* hint-driver-7 */
    case HS_RELEASE_AFTER_USED:
        return HS_NEED(hs_page(w, p)->acked || !position, why,
                   "only after the hint of page %u was used (release=after-used; the hint is "
                   "element %u in the queue)",
                   p, position) &&
               HS_NEED(hs_page(w, p)->acked, why,
                   "only after the driver collected the used hint of page %u (release=after-used)",
                   p);
    case HS_RELEASE_AFTER_ALL_USED:
        return HS_NEED(all_acked(w), why,
            "only after the driver collected the used hint of every held page "
            "(release=after-all-used)");
    case HS_RELEASE_AFTER_DONE:
        return has_read_done(w, "release=after-done", why);
    }
    return false; /* hs_rules_check lets no other value in */
}

/* Is page `p` held, as part of a block that the driver no longer knows of? */
static bool is_forgotten(struct hs_world w, unsigned p)
{
    bool known = hs_page(w, p)->owner != HS_OWNER_HELD;
    for (unsigned i = 0; i < w.state->driver.held && !known; i++)
        known = p >= hs_held(w)[i] && p < hs_held(w)[i] + block_size(w);
    return !known;
}

/* Does the driver sleep until the hint of the block at page `p` was used?  The block is on no list
 * then. */
static bool sleeps_for(struct hs_world w, unsigned p)
{
    if (hs_rule_hint_wait(w) != HS_WAIT_EACH || !hs_driver_sleeps(w))
        return false;
    struct hs_element element = hs_virtqueue_oldest(hs_queue(w, HS_QUEUE_FREE_PAGE));
    return element.kind == HS_ELEMENT_PAGES && element.page == p;
}

static bool is_held(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    bool held = false;
    for (unsigned i = 0; i < w.state->driver.held; i++)
        held = held || hs_held(w)[i] == p;
    return HS_NEED(!sleeps_for(w, p), why,
               "only after the driver collected the used hint of page %u (hint-wait=each)", p) &&
           HS_NEED(held || !is_forgotten(w, p), why,
               "only while the driver knows of the block that it holds at page %u "
               "(reset-returns=off: driver.freeze forgot it)",
               p) &&
           HS_NEED(held, why, "only while the driver holds a block that begins at page %u", p);
}

/* Of the held blocks that may go back: is the one at page `p` the newest? */
static bool is_newest(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    unsigned newest = p;
    for (unsigned i = 0; i < w.state->driver.held; i++) {
        if (may_go_back(w, hs_held(w)[i], NULL))
            newest = hs_held(w)[i];
    }
    return HS_NEED(
        newest == p, why, "only after page %u went back (the held list is a stack)", newest);
}

static bool has_shrinker(struct hs_world w)
{
    return hs_rule_shrinker(w) == HS_ON;
}

bool hs_driver_can_shrink(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(hs_has_page(w, p));
    return runs(w, why) && is_held(w, p, why) &&
           HS_NEED(has_shrinker(w), why, "only with the rule shrinker=on") &&
           may_go_back(w, p, why) && is_newest(w, p, why);
}

bool hs_driver_can_release(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(hs_has_page(w, p));
    bool shrinks = has_shrinker(w);
    return is_held(w, p, why) &&
           (!shrinks || has_read_done(w, "until then only the shrinker gives pages back", why)) &&
           may_go_back(w, p, why) && runs(w, why) && (!shrinks || is_newest(w, p, why));
}

/* The held block at page `p` goes back to the allocator. */
void hs_driver_give_back(struct hs_world w, unsigned p)
{
    assert(hs_has_page(w, p));
    struct hs_driver *driver = &w.state->driver;
    uint8_t *held = hs_held(w);
    unsigned at = 0;
    while (at < driver->held && held[at] != p)
        at++;
    assert(at < driver->held);
    memmove(&held[at], &held[at + 1], driver->held - at - 1u);
    held[--driver->held] = 0;
    hs_buddy_free(w, p, w.config->hint_order);
    if (in_phase(w, HS_DRIVER_RELEASING) && !driver->held)
        driver->phase = HS_DRIVER_IDLE;
}

/* ---- reporting ------------------------------------------------------------------------------ */

static bool may_report(struct hs_world w, struct hs_refusal *why)
{
    bool keeps_value = hs_rule_poison(w) != HS_POISON_OFF;
    bool negotiated = hs_rule_poison_negotiated(w) == HS_ON;
    return HS_NEED(hs_queue(w, HS_QUEUE_REPORTING).size, why,
               "only with the queue reporting_vq (there is none)") &&
           HS_NEED(!keeps_value || negotiated || hs_rule_report_unpoisoned(w) == HS_ON, why,
               "only with the rule report-unpoisoned=on (free pages keep a value, and PAGE_POISON "
               "was not negotiated)");
}

static bool report_phase_is(struct hs_world w, enum hs_report_phase phase, struct hs_refusal *why)
{
    return HS_NEED(w.state->driver.report_phase == phase, why,
        "only while the report worker is %s (it is %s)",
        hs_machine_rows[HS_MACHINE_REPORT].states[phase],
        hs_machine_state_name(w, HS_MACHINE_REPORT));
}

bool hs_driver_can_isolate_batch(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    return runs(w, why) && not_resetting(w, why) && may_report(w, why) &&
           report_phase_is(w, HS_REPORT_REST, why) &&
           HS_NEED(hs_buddy_next_unreported(w, HS_NO_PAGE) != HS_NO_PAGE, why,
               "only while a free block of order %u or more is unreported", w.config->report_order);
}

void hs_driver_isolate_batch(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    struct hs_driver *driver = &w.state->driver;
    unsigned next = hs_buddy_next_unreported(w, HS_NO_PAGE);
    while (next != HS_NO_PAGE && driver->batch < w.config->report_batch) {
        hs_batch(w)[driver->batch++] =
            (struct hs_block){(uint8_t)next, (uint8_t)hs_page(w, next)->order};
        hs_buddy_isolate(w, next);
        next = hs_buddy_next_unreported(w, next);
    }
    driver->report_phase = HS_REPORT_ISOLATED;
}

bool hs_driver_can_report_batch(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    return runs(w, why) && report_phase_is(w, HS_REPORT_ISOLATED, why);
}

void hs_driver_report_batch(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    bool keeps_value = hs_rule_poison(w) != HS_POISON_OFF;
    if (keeps_value && hs_rule_poison_negotiated(w) == HS_OFF)
        hs_break(w, HS_FEATURE_DRIVER_1);
    hs_virtqueue_add(hs_queue(w, HS_QUEUE_REPORTING),
        (struct hs_element){.kind = HS_ELEMENT_PAGES, .page = hs_batch(w)[0].page & 63u});
    w.state->driver.report_phase = HS_REPORT_REPORTED;
}

bool hs_driver_can_collect_report(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    return runs(w, why) && report_phase_is(w, HS_REPORT_REPORTED, why) &&
           HS_NEED(hs_virtqueue_used(hs_queue(w, HS_QUEUE_REPORTING)) > 0, why,
               "only after the device used the report");
}

static void finish_report(struct hs_world w)
{
    struct hs_driver *driver = &w.state->driver;
    memset(hs_batch(w), 0, driver->batch * sizeof(struct hs_block));
    driver->batch = 0;
    driver->put_back = 0;
    driver->report_phase = HS_REPORT_REST;
}

void hs_driver_collect_report(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    hs_virtqueue_collect(hs_queue(w, HS_QUEUE_REPORTING));
    w.state->driver.report_phase = HS_REPORT_ACKED;
    if (w.state->driver.put_back)
        finish_report(w);
}

bool hs_driver_can_put_back(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    const struct hs_driver *driver = &w.state->driver;
    bool early = hs_rule_report_reuse(w) == HS_REPORT_REUSE_ANY_TIME;
    return runs(w, why) &&
           HS_NEED(driver->report_phase >= HS_REPORT_REPORTED, why,
               "only after a batch was reported") &&
           HS_NEED(!driver->put_back, why, "only while the batch is isolated (it went back)") &&
           HS_NEED(early || driver->report_phase == HS_REPORT_ACKED, why,
               "only after the driver collected the used report (report-reuse=after-used)");
}

void hs_driver_put_back(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    struct hs_driver *driver = &w.state->driver;
    for (unsigned i = 0; i < driver->batch; i++)
        hs_buddy_put_back(w, hs_batch(w)[i].page, driver->report_phase == HS_REPORT_ACKED);
    driver->put_back = 1;
    if (driver->report_phase == HS_REPORT_ACKED)
        finish_report(w);
}

/* Is page `p` part of a report that the device has not used yet? */
static bool report_outstanding(struct hs_world w, unsigned p)
{
    const struct hs_driver *driver = &w.state->driver;
    if (driver->report_phase != HS_REPORT_REPORTED ||
        hs_virtqueue_used(hs_queue(w, HS_QUEUE_REPORTING)) > 0)
        return false;
    for (unsigned i = 0; i < driver->batch; i++) {
        struct hs_block block = hs_batch(w)[i];
        if (p >= block.page && p < block.page + (1u << block.order))
            return true;
    }
    return false;
}

void hs_driver_note_use(struct hs_world w, unsigned p, unsigned order)
{
    assert(hs_has_page(w, p) && order <= HS_ORDER_MAX && p + (1u << order) <= w.config->pages);
    for (unsigned i = p; i < p + (1u << order); i++) {
        if (report_outstanding(w, i))
            hs_break(w, HS_REPORT_DRIVER_3);
    }
}

/* ---- inflating and deflating ---------------------------------------------------------------- */

static bool balloon_rests(struct hs_world w, struct hs_refusal *why)
{
    const struct hs_driver *driver = &w.state->driver;
    return HS_NEED(!driver->inflating, why,
               "only after the driver collected the used inflate of page %u",
               driver->inflating - 1u) &&
           HS_NEED(!driver->deflating, why,
               "only after the driver collected the used deflate of page %u",
               driver->deflating - 1u);
}

bool hs_driver_can_inflate(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(hs_has_page(w, p));
    return runs(w, why) && not_resetting(w, why) &&
           HS_NEED(hs_queue(w, HS_QUEUE_INFLATE).size, why,
               "only with the queue inflateq (there is none)") &&
           balloon_rests(w, why) && hs_buddy_can_allocate(w, p, 0, why);
}

void hs_driver_inflate(struct hs_world w, unsigned p)
{
    assert(hs_has_page(w, p));
    hs_driver_note_use(w, p, 0);
    hs_buddy_allocate(w, p, 0, HS_OWNER_BALLOON);
    w.state->driver.inflating = (uint8_t)(p + 1);
    hs_virtqueue_add(hs_queue(w, HS_QUEUE_INFLATE),
        (struct hs_element){.kind = HS_ELEMENT_PAGES, .page = p & 63u});
}

bool hs_driver_can_collect_inflate(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_INFLATE);
    return runs(w, why) && HS_NEED(q.size && hs_virtqueue_used(q) > 0, why,
                               "only after the device used an inflate request");
}

void hs_driver_collect_inflate(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    hs_virtqueue_collect(hs_queue(w, HS_QUEUE_INFLATE));
    w.state->driver.inflating = 0;
}

bool hs_driver_can_deflate(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(hs_has_page(w, p));
    const struct hs_driver *driver = &w.state->driver;
    bool early = hs_rule_inflate_reuse(w) == HS_INFLATE_REUSE_ANY_TIME;
    return runs(w, why) && not_resetting(w, why) &&
           HS_NEED(hs_queue(w, HS_QUEUE_DEFLATE).size, why,
               "only with the queue deflateq (there is none)") &&
           HS_NEED(hs_page(w, p)->owner == HS_OWNER_BALLOON, why,
               "only while page %u is in the balloon", p) &&
           HS_NEED(!driver->inflating || early, why,
               "only after the driver collected the used inflate of page %u "
               "(inflate-reuse=after-used)",
               driver->inflating - 1u) &&
           HS_NEED(!driver->deflating, why,
               "only after the driver collected the used deflate of page %u",
               driver->deflating - 1u);
}

void hs_driver_deflate(struct hs_world w, unsigned p)
{
    assert(hs_has_page(w, p));
    bool unacknowledged = w.state->driver.inflating == p + 1;
    w.state->driver.deflating = (uint8_t)(p + 1);
    hs_virtqueue_add(hs_queue(w, HS_QUEUE_DEFLATE),
        (struct hs_element){.kind = HS_ELEMENT_PAGES, .page = p & 63u});
    if (unacknowledged)
        hs_break(w, HS_BALLOON_DRIVER_5);
    if (hs_rule_tell_host(w) == HS_OFF) {
        hs_buddy_free(w, p, 0); /* balloon-driver-3 */
        if (unacknowledged)
            hs_break(w, HS_BALLOON_DRIVER_4);
    }
}

bool hs_driver_can_collect_deflate(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_DEFLATE);
    return runs(w, why) && HS_NEED(q.size && hs_virtqueue_used(q) > 0, why,
                               "only after the device used a deflate request");
}

void hs_driver_collect_deflate(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    struct hs_driver *driver = &w.state->driver;
    unsigned page = hs_virtqueue_collect(hs_queue(w, HS_QUEUE_DEFLATE)).page;
    driver->deflating = 0;
    if (hs_rule_tell_host(w) == HS_ON) {
        if (driver->inflating == page + 1)
            hs_break(w, HS_BALLOON_DRIVER_4);
        hs_buddy_free(w, page, 0); /* balloon-driver-2 */
    }
}

/* ---- suspend and resume, or removal and probing --------------------------------------------- */

/* remove_common tells the device of every page in the balloon, and waits for each answer: the steps
 * that deflate them come first. */
static bool balloon_is_empty(struct hs_world w, struct hs_refusal *why)
{
    unsigned p = 0;
    while (p < w.config->pages && hs_page(w, p)->owner != HS_OWNER_BALLOON)
        p++;
    return HS_NEED(
        p == w.config->pages, why, "only after page %u was deflated (it is in the balloon)", p);
}

bool hs_driver_can_freeze(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    return runs(w, why) &&
           HS_NEED(in_phase(w, HS_DRIVER_IDLE), why, "only after the hinting work item finished") &&
           is_awake(w, why) && report_phase_is(w, HS_REPORT_REST, why) && balloon_rests(w, why) &&
           balloon_is_empty(w, why);
}

/* What the driver forgets without giving it back stays allocated for ever. */
static void forget_held(struct hs_world w)
{
    for (unsigned p = 0; p < w.config->pages; p++)
        hs_page(w, p)->acked = 0;
    memset(hs_held(w), 0, w.state->driver.held);
    w.state->driver.held = 0;
}

void hs_driver_freeze(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    struct hs_driver *driver = &w.state->driver;
    while (hs_rule_reset_returns(w) == HS_ON && driver->held)
        hs_driver_give_back(w, hs_held(w)[driver->held - 1]);
    if (hs_queue(w, HS_QUEUE_FREE_PAGE).size)
        forget_held(w);
    driver->phase = HS_DRIVER_RESETTING;
}

bool hs_driver_can_reset(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    return runs(w, why) && HS_NEED(in_phase(w, HS_DRIVER_RESETTING), why,
                               "only after the driver let go of what it held (driver.freeze)");
}

void hs_driver_reset(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    struct hs_driver *driver = &w.state->driver;
    driver->phase = HS_DRIVER_IDLE;
    driver->read_again = driver->work_queued = 0;
    hs_device_reset(w);
    bool poisons = hs_rule_poison(w) != HS_POISON_OFF && hs_rule_poison_negotiated(w) == HS_ON;
    if (poisons && hs_rule_poison_after_reset(w) == HS_ON)
        w.state->device.poison_set = 1;
    else if (poisons)
        hs_break(w, HS_POISON_DRIVER_2);
}

/* ---- invariants ----------------------------------------------------------------------------- */

const char *hs_driver_check(struct hs_world w)
{
    assert(w.config && w.state);
    const struct hs_driver *driver = &w.state->driver;
    if (driver->phase >= HS_DRIVER_PHASE_COUNT || driver->report_phase >= HS_REPORT_PHASE_COUNT)
        return "driver: every field holds one of its values";
    if (driver->held > w.config->layout.free_list - w.config->layout.held)
        return "driver: no more blocks are held than there are";
    if (driver->batch &&
        (!w.config->queue_size[HS_QUEUE_REPORTING] || driver->batch > w.config->report_batch))
        return "driver: a batch is not larger than a report";
    if (in_phase(w, HS_DRIVER_RELEASING) && !driver->held)
        return "driver: it releases while it holds something";
    if (driver->read_again && in_phase(w, HS_DRIVER_IDLE) && !driver->work_queued)
        return "driver: a field to be read has a work item that will read it";
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_FREE_PAGE);
    bool waits_for_each = hs_rule_hint_wait(w) == HS_WAIT_EACH;
    if (waits_for_each && hs_driver_sleeps(w) && hs_virtqueue_free_slots(q) + 1u < q.size)
        return "driver: with hint-wait=each no more than one element is queued";
    if (!waits_for_each && hs_driver_sleeps(w) && !in_phase(w, HS_DRIVER_HINTING))
        return "driver: with hint-wait=start it sleeps in a round";
    if (hs_driver_sleeps(w) && !in_phase(w, HS_DRIVER_HINTING) && !in_phase(w, HS_DRIVER_IDLE))
        return "driver: it sleeps in a round, or as a round ends";
    for (unsigned i = 0; i < driver->held; i++) {
        for (unsigned j = hs_held(w)[i]; j < hs_held(w)[i] + block_size(w); j++) {
            if (hs_page(w, j)->owner != HS_OWNER_HELD)
                return "driver: all pages of blocks on the held list are held";
        }
    }
    if ((driver->report_phase == HS_REPORT_REST) != (driver->batch == 0))
        return "driver: a batch exists exactly while a report is under way";
    for (unsigned i = 0; i < driver->batch && !driver->put_back; i++) {
        if (hs_page(w, hs_batch(w)[i].page)->owner != HS_OWNER_ISOLATED)
            return "driver: a batch is isolated until it is put back";
    }
    return NULL;
}
