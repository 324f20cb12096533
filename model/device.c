/* SPDX-License-Identifier: BSD-3-Clause */
/* The balloon device: status and command ids, the loop over free_page_vq, hints, reports, inflate.
 */
#include "device.h"

#include "bitmap.h"
#include "dirty_log.h"
#include "page.h"
#include "virtqueue.h"

#include <string.h>

static bool status_is(struct hs_world w, enum hs_status status)
{
    return w.state->device.status == status;
}

unsigned hs_device_field(struct hs_world w)
{
    assert(w.config && w.state);
    const struct hs_device *device = &w.state->device;
    switch ((enum hs_status)device->status) {
    case HS_STATUS_STOP:
        return HS_COMMAND_STOP;
    case HS_STATUS_REQUESTED:
        return device->id;
    case HS_STATUS_START: /* exception: QEMU fills in nothing here, so the driver reads STOP */
        return hs_rule_field_while_started(w) == HS_FIELD_ID ? device->id : HS_COMMAND_STOP;
    case HS_STATUS_DONE:
    case HS_STATUS_COUNT:
        break;
    }
    return HS_COMMAND_DONE;
}

static bool in_postcopy(struct hs_world w)
{
    return w.state->migration.phase == HS_MIGRATION_POSTCOPY;
}

/* Of reports and inflates. */
static bool discards_inhibited(struct hs_world w)
{
    return hs_rule_inhibit_discard(w) == HS_ON || in_postcopy(w);
}

/* ---- changes of status ---------------------------------------------------------------------- */

void hs_device_stop(struct hs_world w)
{
    assert(w.config && w.state);
    if (status_is(w, HS_STATUS_STOP))
        return;
    w.state->device.status = HS_STATUS_STOP;
    w.state->device.config_interrupt = 1;
}

void hs_device_done(struct hs_world w)
{
    assert(w.config && w.state);
    w.state->device.said_done = 1;
    if (status_is(w, HS_STATUS_DONE))
        return;
    w.state->device.status = HS_STATUS_DONE;
    w.state->device.config_interrupt = 1;
}

/* Hand back what waits in free_page_vq; nobody reads it. */
static void drain(struct hs_world w)
{
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_FREE_PAGE);
    while (hs_virtqueue_in_hand(q) == 0 && hs_virtqueue_available(q) > 0) {
        hs_virtqueue_take(q);
        hs_virtqueue_use(q);
    }
}

/* Issue the next id.  What the guest writes from now on counts as written since (hint-device-4). */
static void issue_id(struct hs_world w)
{
    struct hs_device *device = &w.state->device;
    device->id = device->id ? (uint8_t)(device->id + 1) : HS_COMMAND_FIRST_ID;
    device->id_taken = device->stop_taken = device->said_done = 0;
    for (unsigned p = 0; p < w.config->pages; p++) {
        hs_page(w, p)->modified = 0;
        hs_page(w, p)->faulted = 0;
    }
}

/* Ask again under the id that was issued last (new-id-after-sync=off). */
static void reuse_id(struct hs_world w)
{
    struct hs_device *device = &w.state->device;
    if (!device->stop_taken)
        hs_break(w, HS_HINT_DEVICE_2);
    device->id_taken = device->stop_taken = device->said_done = 0;
}

void hs_device_request(struct hs_world w)
{
    assert(w.config && w.state && w.config->queue_size[HS_QUEUE_FREE_PAGE] > 0);
    struct hs_device *device = &w.state->device;
    assert(device->id < HS_COMMAND_LAST_ID);
    if (hs_rule_clear_log_before_id(w) == HS_ON)
        hs_log_clear_all(w);
    if (hs_rule_drain_before_id(w) == HS_ON)
        drain(w);
    if (!device->id || hs_rule_new_id_after_sync(w) == HS_ON)
        issue_id(w);
    else
        reuse_id(w);
    device->unasked = 0;
    device->status = HS_STATUS_REQUESTED;
    device->config_interrupt = 1;
}

bool hs_device_can_request_hints(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    return HS_NEED(hs_rule_hint_trigger(w) == HS_TRIGGER_REQUEST, why,
               "only with the rule hint-trigger=request (migration asks for hints)") &&
           HS_NEED(hs_queue(w, HS_QUEUE_FREE_PAGE).size, why,
               "only with the queue free_page_vq (there is none)") &&
           HS_NEED(hs_guest_runs(w), why, "only while the guest runs (the VM is stopped)") &&
           HS_NEED(
               w.state->device.id < HS_COMMAND_LAST_ID, why, "only while command ids are left") &&
           HS_NEED(!hs_limit_keeps_round(w), why,
               "only while two rounds are left (the last is kept for the migration's first sync)");
}

void hs_device_request_hints(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    hs_device_request(w);
}

bool hs_device_can_end_hints(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    return HS_NEED(hs_rule_hint_trigger(w) == HS_TRIGGER_REQUEST, why,
               "only with the rule hint-trigger=request (migration ends hints)") &&
           HS_NEED(w.state->device.id, why, "only after hints were asked for") &&
           HS_NEED(!status_is(w, HS_STATUS_DONE), why, "only while the status is not DONE");
}

void hs_device_end_hints(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    hs_device_done(w);
}

/* ---- the loop over free_page_vq ------------------------------------------------------------- */

/* Was a kick that was pending on the source lost with it? */
static bool no_kick_moved(struct hs_world w)
{
    return w.state->migration.vm == HS_VM_DESTINATION && hs_rule_kick_at_start(w) == HS_OFF;
}

/* Is free_page_vq there, and does the device look at it by itself? */
static bool looks(struct hs_world w, struct hs_refusal *why)
{
    return HS_NEED(hs_queue(w, HS_QUEUE_FREE_PAGE).size, why,
               "only with the queue free_page_vq (there is none)") &&
           HS_NEED(hs_rule_serve(w) != HS_SERVE_IN_KICK, why,
               "only with the rule serve=poll or serve=kick (the driver's kick serves the queue)");
}

bool hs_device_can_wake(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_FREE_PAGE);
    return looks(w, why) &&
           HS_NEED(w.state->device.loop == HS_LOOP_SLEEPING, why,
               "only while the device sleeps (it is awake)") &&
           HS_NEED(q.ring->kick_pending, why,
               "only after a kick of free_page_vq (none is pending%s)",
               no_kick_moved(w)
                   ? " at the destination: kick-at-start=off, and a kick does not move with the VM"
                   : "") &&
           HS_NEED(hs_device_runs(w), why,
               "only while the guest runs (the VM is stopped, and with it the device)");
}

void hs_device_wake(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    struct hs_ring *ring = hs_queue(w, HS_QUEUE_FREE_PAGE).ring;
    w.state->device.loop = HS_LOOP_RUNNING;
    ring->kick_pending = 0;
    ring->kicks_suppressed = hs_rule_serve(w) == HS_SERVE_POLL;
}

bool hs_device_can_take_element(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_FREE_PAGE);
    return looks(w, why) &&
           HS_NEED(w.state->device.loop == HS_LOOP_RUNNING, why,
               "only while the device looks at free_page_vq (it %s)",
               w.state->device.loop == HS_LOOP_SLEEPING ? "sleeps until it is kicked"
                                                        : "is about to sleep") &&
           HS_NEED(hs_virtqueue_available(q) > 0, why,
               "only while an element is available in free_page_vq") &&
           HS_NEED(hs_virtqueue_in_hand(q) == 0, why, "only after the element in hand was used") &&
           HS_NEED(hs_device_runs(w), why,
               "only while the guest runs (the VM is stopped: the device waits)");
}

/* The word that an output buffer refers to, as it is now. */
static uint8_t command_word(struct hs_world w, struct hs_element element)
{
    bool shared = hs_rule_command_word(w) == HS_WORD_SHARED;
    return element.kind == HS_ELEMENT_STOP ? HS_COMMAND_STOP
           : shared                        ? w.state->driver.active_id
                                           : (uint8_t)element.id;
}

/* Does the word count as the current id? */
static bool is_current(struct hs_world w, uint8_t word)
{
    return word >= HS_COMMAND_FIRST_ID &&
           (word == w.state->device.id || hs_rule_check_command_id(w) == HS_OFF);
}

/* Does a start command with the current id count although it is not asked for? */
static bool restarts(struct hs_world w)
{
    switch (hs_rule_restart(w)) {
    case HS_RESTART_SAME_ID:
        return true;
    case HS_RESTART_ANY_CURRENT:
        return !status_is(w, HS_STATUS_DONE);
    case HS_RESTART_NEVER:
        break;
    }
    return false;
}

/* An output buffer: the device reads the word that it refers to, now. */
static void take_command(struct hs_world w, struct hs_element element)
{
    struct hs_device *device = &w.state->device;
    uint8_t word = command_word(w, element);
    bool is_id = word >= HS_COMMAND_FIRST_ID;
    bool current = is_current(w, word);

    if (word != element.id)
        hs_break(w, HS_HINT_DRIVER_2); /* not the id that the round was started with */
    bool again = device->id_taken;
    if (word == HS_COMMAND_STOP && again)
        device->stop_taken = 1;
    if (is_id && word == device->id) {
        if (again)
            hs_break(w, HS_HINT_DRIVER_3);
        device->id_taken = 1;
    }
    device->last_word = word;

    bool wanted = status_is(w, HS_STATUS_REQUESTED) || restarts(w) ||
                  (status_is(w, HS_STATUS_START) && hs_rule_check_command_id(w) == HS_OFF);
    if (current && wanted) {
        bool over = status_is(w, HS_STATUS_STOP) || status_is(w, HS_STATUS_DONE);
        if (over && again && !device->stop_taken)
            hs_break(w, HS_HINT_DEVICE_2); /* the id serves again */
        device->unasked = over; /* the field says STOP or DONE, and yet hints are taken */
        /* The only way into START.  The proof drops elements that can never get here: can_start
         * in tools/prove/abstract_queue.c must allow all that these conditions do. */
        device->status = HS_STATUS_START;
    } else if (status_is(w, HS_STATUS_START)) {
        /* any other word, and in QEMU even the current id */
        bool stops = hs_rule_other_word(w) == HS_OTHER_WORD_STOPS;
        device->status = stops ? HS_STATUS_STOP : HS_STATUS_REQUESTED;
    }
    device->owes_done = !is_id && hs_rule_other_word(w) == HS_OTHER_WORD_ANSWERED;
}

/* The service of free_page_vq is over: answer the STOP that ended what was taken. */
static void end_service(struct hs_world w)
{
    if (w.state->device.owes_done)
        hs_device_done(w);
    w.state->device.owes_done = 0;
}

bool hs_device_will_start(struct hs_world w)
{
    assert(w.config && w.state);
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_FREE_PAGE);
    for (unsigned i = 0; i < hs_virtqueue_available(q); i++) {
        struct hs_element element = q.slots[(q.ring->taken + i) & (q.size - 1)];
        uint8_t word = command_word(w, element);
        if (element.kind == HS_ELEMENT_START && is_current(w, word))
            return status_is(w, HS_STATUS_REQUESTED);
    }
    return false;
}

/* Is the page passed over by an accepted hint? */
static bool is_refused(struct hs_world w, unsigned p)
{
    return hs_rule_refuse_written(w) == HS_ON && hs_page(w, p)->faulted;
}

/* Apply an accepted hint to one page.  True: its content is wiped. */
static bool apply_to_page(struct hs_world w, unsigned p)
{
    if (is_refused(w, p))
        return false;
    switch (hs_rule_hint_effect(w)) {
    case HS_EFFECT_SKIP:
        hs_bitmap_skip(w, p, false);
        return false;
    case HS_EFFECT_SKIP_AND_CLEAR_LOG:
        hs_bitmap_skip(w, p, true);
        return false;
    case HS_EFFECT_DISCARD:
        if (in_postcopy(w))
            return false;
        hs_page_discard(w, p);
        return true;
    }
    return false;
}

/* The hint of the block from page `first` on is used, accepted or not.  A used length says how much
 * of the block the device wrote. */
static void use_hint(struct hs_world w, unsigned first)
{
    switch (hs_rule_used_length(w)) {
    case HS_USED_LENGTH_ONE: /* virtqueue_push(vq, elem, 1) marks what it takes for written */
        hs_log_host_write(w, first);
        break;
    case HS_USED_LENGTH_ZERO:
        break;
    }
    hs_virtqueue_use(hs_queue(w, HS_QUEUE_FREE_PAGE));
}

/* Apply an accepted hint, and use it. */
static void apply_hint(struct hs_world w, unsigned first)
{
    const struct hs_device *device = &w.state->device;
    if (device->last_word != device->id || !status_is(w, HS_STATUS_START) || device->unasked)
        hs_break(w, HS_HINT_DEVICE_3);
    if (device->said_done)
        hs_break(w, HS_HINT_DEVICE_5);
    /* Clearing the log of a chunk takes records of every page in it, so all pages are looked at
     * before the hint is applied to the first, and again after the last.  Of a page that is refused
     * the hint changes nothing; what clearing its chunk does to it, any page of the chunk can do.
     */
    unsigned end = first + (1u << w.config->hint_order);
    uint64_t recorded = 0;
    uint64_t wiped = 0;
    for (unsigned p = first; p < end; p++)
        recorded |= (uint64_t)(!is_refused(w, p) && !hs_page_is_unrecorded(w, p)) << p;
    for (unsigned p = first; p < end; p++)
        wiped |= (uint64_t)apply_to_page(w, p) << p;
    use_hint(w, first);
    for (unsigned p = first; p < end; p++) {
        bool loses_record = (recorded >> p & 1u) && hs_page_is_unrecorded(w, p);
        if (hs_page(w, p)->modified && ((wiped >> p & 1u) || loses_record))
            hs_break(w, HS_HINT_DEVICE_4);
    }
}

void hs_device_take_element(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_FREE_PAGE);
    struct hs_element element = hs_virtqueue_take(q);
    if (element.kind != HS_ELEMENT_PAGES) {
        take_command(w, element);
        hs_virtqueue_use(q);
        return;
    }
    if (!status_is(w, HS_STATUS_START))
        use_hint(w, element.page);
    else if (hs_rule_hint_under_lock(w) == HS_ON)
        apply_hint(w, element.page);
    /* else it is checked; device.apply-hint follows, and anything may come between */
}

bool hs_device_can_apply_hint(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_FREE_PAGE);
    return HS_NEED(q.size && hs_virtqueue_in_hand(q) > 0, why,
        "only while a hint is in the device's hand%s",
        hs_rule_hint_under_lock(w) == HS_ON
            ? " (the rule hint-under-lock=on applies it as it is taken)"
            : "");
}

void hs_device_apply_hint(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    apply_hint(w, hs_virtqueue_hand(hs_queue(w, HS_QUEUE_FREE_PAGE)).page);
}

bool hs_device_can_find_empty(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_FREE_PAGE);
    return looks(w, why) &&
           HS_NEED(w.state->device.loop == HS_LOOP_RUNNING, why,
               "only while the device looks at free_page_vq") &&
           HS_NEED(hs_virtqueue_available(q) == 0, why,
               "only while no element is available in free_page_vq") &&
           HS_NEED(hs_virtqueue_in_hand(q) == 0, why, "only after the element in hand was used") &&
           HS_NEED(hs_rule_serve(w) != HS_SERVE_POLL || !status_is(w, HS_STATUS_START), why,
               "only while the status is not START (the device polls)") &&
           HS_NEED(hs_device_runs(w), why,
               "only while the guest runs (the VM is stopped: the device waits)");
}

void hs_device_find_empty(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    w.state->device.loop = hs_rule_serve(w) == HS_SERVE_POLL ? HS_LOOP_LEAVING : HS_LOOP_SLEEPING;
    end_service(w);
}

bool hs_device_can_sleep(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    return HS_NEED(w.state->device.loop == HS_LOOP_LEAVING, why,
        "only right after the device found free_page_vq empty");
}

void hs_device_sleep(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    /* exception: QEMU does not look at the queue again after this; an element added since it was
     * found empty waits for the next kick. */
    w.state->device.loop = HS_LOOP_SLEEPING;
    hs_queue(w, HS_QUEUE_FREE_PAGE).ring->kicks_suppressed = 0;
}

void hs_device_kick(struct hs_world w)
{
    assert(w.config && w.state);
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_FREE_PAGE);
    if (hs_rule_serve(w) != HS_SERVE_IN_KICK)
        return; /* the device comes to it in steps of its own */
    while (q.size && hs_virtqueue_available(q) > 0) {
        hs_device_take_element(w, 0);
        if (hs_virtqueue_in_hand(q) > 0)
            hs_device_apply_hint(w, 0);
    }
    end_service(w);
}

/* ---- reports -------------------------------------------------------------------------------- */

/* poison_val as the device has it is not zero: it leaves reported pages alone. */
static bool knows_poison(struct hs_world w)
{
    return w.state->device.poison_set && hs_rule_poison(w) == HS_POISON_VALUE;
}

static bool in_hand(struct hs_world w, enum hs_queue queue)
{
    struct hs_virtqueue q = hs_queue(w, queue);
    return q.size && hs_virtqueue_in_hand(q) > 0;
}

/* A handler that was kicked takes what is available, one element at a time. */
static bool can_take(
    struct hs_world w, enum hs_queue queue, const char *name, struct hs_refusal *why)
{
    struct hs_virtqueue q = hs_queue(w, queue);
    return HS_NEED(q.size, why, "only with the queue %s (there is none)", name) &&
           HS_NEED(q.ring->kick_pending, why, "only after a kick of %s (none is pending)", name) &&
           HS_NEED(!in_hand(w, queue), why, "only after the element in hand was used") &&
           HS_NEED(hs_device_runs(w), why,
               "only while the guest runs (the VM is stopped, and with it the device)");
}

bool hs_device_serves_report(struct hs_world w)
{
    assert(w.config && w.state);
    return in_hand(w, HS_QUEUE_REPORTING);
}

bool hs_device_is_busy(struct hs_world w)
{
    assert(w.config && w.state);
    for (unsigned queue = 0; queue < HS_QUEUE_COUNT; queue++) {
        if (in_hand(w, (enum hs_queue)queue))
            return true;
    }
    return false;
}

bool hs_device_can_take_report(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    return can_take(w, HS_QUEUE_REPORTING, "reporting_vq", why);
}

void hs_device_take_report(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    hs_virtqueue_take(hs_queue(w, HS_QUEUE_REPORTING));
    w.state->device.report_discarded = 0;
}

bool hs_device_can_discard(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(hs_has_page(w, p));
    unsigned next = w.state->device.report_discarded;
    return HS_NEED(in_hand(w, HS_QUEUE_REPORTING), why,
               "only while a report is in the device's hand") &&
           HS_NEED(!discards_inhibited(w), why, "only while discards are not inhibited") &&
           HS_NEED(!knows_poison(w), why,
               "only while no poison_val but zero is known (reported pages are left alone)") &&
           HS_NEED(next < w.state->driver.batch, why,
               "only while a range of the report is left (all are discarded)") &&
           HS_NEED(hs_batch(w)[next].page == p, why,
               "only after the range at page %u was discarded", hs_batch(w)[next].page);
}

void hs_device_discard(struct hs_world w, unsigned p)
{
    assert(hs_has_page(w, p));
    unsigned order = hs_batch(w)[w.state->device.report_discarded].order;
    for (unsigned i = p; i < p + (1u << order); i++)
        hs_page_discard(w, i);
    w.state->device.report_discarded++;
}

bool hs_device_can_use_element(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    bool nothing_to_discard = discards_inhibited(w) || knows_poison(w);
    unsigned left = w.state->driver.batch - w.state->device.report_discarded;
    return HS_NEED(in_hand(w, HS_QUEUE_REPORTING), why,
               "only while a report is in the device's hand") &&
           HS_NEED(nothing_to_discard || left == 0, why,
               "only after every range of the report was discarded (ranges left: %u)", left);
}

void hs_device_use_element(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    hs_virtqueue_use(hs_queue(w, HS_QUEUE_REPORTING));
    w.state->device.report_discarded = 0;
}

/* ---- inflate and deflate -------------------------------------------------------------------- */

bool hs_device_can_take_inflate(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    return can_take(w, HS_QUEUE_INFLATE, "inflateq", why);
}

void hs_device_take_inflate(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_INFLATE);
    struct hs_element element = hs_virtqueue_take(q);
    if (!discards_inhibited(w))
        hs_page_discard(w, element.page);
    hs_page(w, element.page)->ballooned = hs_rule_ballooned_pages(w) == HS_BALLOONED_SKIPPED;
    hs_virtqueue_use(q);
}

bool hs_device_can_take_deflate(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    return can_take(w, HS_QUEUE_DEFLATE, "deflateq", why);
}

void hs_device_take_deflate(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_DEFLATE);
    hs_page(w, hs_virtqueue_take(q).page)->ballooned = 0;
    hs_virtqueue_use(q);
}

/* ---- the rest ------------------------------------------------------------------------------- */

bool hs_device_can_dma_write(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(hs_has_page(w, p));
    return HS_NEED(hs_on_source(w), why, "only while the guest runs on the source") &&
           HS_NEED(hs_page(w, p)->owner == HS_OWNER_APP, why,
               "only while an application uses page %u (nobody else asks a device to write it)",
               p) &&
           HS_NEED(!hs_page(w, p)->dma, why,
               "only after what a device writes to page %u has arrived", p);
}

void hs_device_dma_write(struct hs_world w, unsigned p)
{
    assert(hs_has_page(w, p));
    switch (hs_rule_dma_log(w)) {
    case HS_DMA_MARKED:
        hs_page_host_write(w, p);
        hs_page_host_mark(w, p);
        break;
    case HS_DMA_MARKED_FIRST:
        hs_page_host_mark(w, p);
        hs_page(w, p)->dma = 1;
        break;
    case HS_DMA_UNMARKED:
        hs_page_host_write(w, p);
        break;
    }
}

unsigned hs_device_dma_first(struct hs_world w)
{
    assert(w.config && w.state);
    unsigned p = 0;
    while (p < w.config->pages && !hs_page(w, p)->dma)
        p++;
    return p;
}

bool hs_device_can_dma_arrive(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(hs_has_page(w, p));
    return HS_NEED(hs_rule_dma_log(w) == HS_DMA_MARKED_FIRST, why,
               "only with the rule dma-log=marked-first (what a device writes arrives at once)") &&
           HS_NEED(hs_page(w, p)->dma, why, "only after page %u was marked for a device", p);
}

void hs_device_dma_arrive(struct hs_world w, unsigned p)
{
    assert(hs_has_page(w, p));
    hs_page_host_write(w, p);
    hs_page(w, p)->dma = 0;
}

bool hs_device_can_change_target(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    return HS_NEED(hs_guest_runs(w), why, "only while the guest runs (the VM is stopped)");
}

void hs_device_change_target(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    w.state->device.config_interrupt = 1;
}

/* Who is in the balloon is what this device was told. */
static void forget_balloon(struct hs_world w)
{
    for (unsigned p = 0; p < w.config->pages; p++)
        hs_page(w, p)->ballooned = 0;
}

void hs_device_move(struct hs_world w)
{
    assert(w.config && w.state);
    forget_balloon(w);
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_FREE_PAGE);
    if (!q.size)
        return;
    if (hs_virtqueue_in_hand(q) > 0)
        hs_virtqueue_use(q);
    end_service(w);
    w.state->device.loop = HS_LOOP_SLEEPING;
    q.ring->kick_pending = hs_rule_kick_at_start(w) == HS_ON;
    /* kicks_suppressed stands in guest memory, and moves as it is */
    if (hs_rule_done_at_start(w) != HS_START_AS_IT_WAS)
        hs_device_done(w);
}

void hs_device_resume(struct hs_world w)
{
    assert(w.config && w.state);
    if (w.config->queue_size[HS_QUEUE_FREE_PAGE] && hs_rule_done_at_start(w) == HS_START_DONE)
        hs_device_done(w);
}

void hs_device_reset(struct hs_world w)
{
    assert(w.config && w.state);
    struct hs_device *device = &w.state->device;
    device->status = HS_STATUS_STOP;
    device->loop = HS_LOOP_SLEEPING;
    device->config_interrupt = 0; /* the device status is 0: no notification leaves the device */
    device->poison_set = 0;
    device->owes_done = 0;
    device->report_discarded = 0;
    for (unsigned queue = 0; queue < HS_QUEUE_COUNT; queue++) {
        if (w.config->queue_size[queue])
            hs_virtqueue_reset(hs_queue(w, (enum hs_queue)queue));
    }
}

const char *hs_device_check(struct hs_world w)
{
    assert(w.config && w.state);
    const struct hs_device *device = &w.state->device;
    if (device->status >= HS_STATUS_COUNT || device->loop >= HS_LOOP_COUNT || device->unused)
        return "device: every field holds one of its values";
    if ((status_is(w, HS_STATUS_START) || status_is(w, HS_STATUS_REQUESTED)) && !device->id)
        return "device: hints are wanted under an id only";
    bool polls = hs_rule_serve(w) == HS_SERVE_POLL;
    if (polls && status_is(w, HS_STATUS_START) && device->loop == HS_LOOP_SLEEPING &&
        w.state->migration.vm != HS_VM_DESTINATION && !hs_may_hop(w))
        return "device: it polls while the status is START";
    if (device->owes_done && device->loop != HS_LOOP_RUNNING)
        return "device: DONE is owed until the queue is found empty";
    if (!polls && device->loop == HS_LOOP_LEAVING)
        return "device: it asks for kicks in a step of its own if it polls";
    if (hs_rule_serve(w) == HS_SERVE_IN_KICK && device->loop != HS_LOOP_SLEEPING)
        return "device: served in the kick, the queue wakes nobody";
    for (unsigned queue = 0; queue < HS_QUEUE_COUNT; queue++) {
        if (!w.config->queue_size[queue])
            continue;
        const char *broken = hs_virtqueue_check(hs_queue(w, (enum hs_queue)queue));
        if (broken)
            return broken;
        if (hs_virtqueue_in_hand(hs_queue(w, (enum hs_queue)queue)) > 1)
            return "device: at most one element is in its hand";
    }
    if (device->report_discarded > w.state->driver.batch)
        return "device: no more ranges are discarded than were reported";
    if (w.config->queue_size[HS_QUEUE_FREE_PAGE]) {
        bool awake = device->loop != HS_LOOP_SLEEPING;
        bool suppressed = hs_queue(w, HS_QUEUE_FREE_PAGE).ring->kicks_suppressed;
        bool moved = w.state->migration.vm == HS_VM_DESTINATION || hs_may_hop(w);
        if (polls && suppressed != awake && !(suppressed && moved))
            return "device: kicks are suppressed exactly while the loop runs, or ran on the source";
        if (!polls && suppressed)
            return "device: kicks are suppressed by a device that polls alone";
    }
    return NULL;
}
