/* The balloon device: status and command ids, the loop over free_page_vq, hints, reports, inflate.
 */
#include "world.h"

#include <string.h>

static bool status_is(struct hs_world w, enum hs_status status)
{
    return w.state->device.status == status;
}

static const char *status_name(struct hs_world w)
{
    return hs_machine_state_name(w, HS_MACHINE_STATUS);
}

unsigned hs_device_field(struct hs_world w)
{
    const struct hs_device *device = &w.state->device;
    switch ((enum hs_status)device->status) {
    case HS_STATUS_STOP:
        return HS_COMMAND_STOP;
    case HS_STATUS_REQUESTED:
        return device->id;
    case HS_STATUS_START: /* exception: QEMU fills in nothing here, so the driver reads STOP */
        return hs_rule(w, HS_RULE_FIELD_WHILE_STARTED) == HS_FIELD_ID ? device->id
                                                                      : HS_COMMAND_STOP;
    case HS_STATUS_DONE:
    case HS_STATUS_COUNT:
        break;
    }
    return HS_COMMAND_DONE;
}

static bool discards_inhibited(struct hs_world w)
{
    return hs_rule(w, HS_RULE_INHIBIT_DISCARD) == HS_ON ||
           w.state->migration.phase == HS_MIGRATION_POSTCOPY;
}

/* ---- changes of status ---------------------------------------------------------------------- */

void hs_device_stop(struct hs_world w)
{
    if (status_is(w, HS_STATUS_STOP))
        return;
    w.state->device.status = HS_STATUS_STOP;
    w.state->device.config_interrupt = 1;
}

void hs_device_done(struct hs_world w)
{
    w.state->device.said_done = 1;
    if (status_is(w, HS_STATUS_DONE))
        return;
    w.state->device.status = HS_STATUS_DONE;
    w.state->device.config_interrupt = 1;
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
    struct hs_device *device = &w.state->device;
    if (!device->id || hs_rule(w, HS_RULE_NEW_ID_AFTER_SYNC) == HS_ON)
        issue_id(w);
    else
        reuse_id(w);
    device->unasked = 0;
    device->status = HS_STATUS_REQUESTED;
    device->config_interrupt = 1;
}

bool hs_device_can_request_hints(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    (void)p;
    return HS_NEED(hs_rule(w, HS_RULE_HINT_TRIGGER) == HS_TRIGGER_REQUEST, why,
               "the rule hint-trigger=migration leaves asking for hints to migration") &&
           HS_NEED(hs_queue(w, HS_QUEUE_FREE_PAGE).size, why, "the scenario has no free_page_vq") &&
           HS_NEED(hs_guest_runs(w), why, "the VM is stopped") &&
           HS_NEED(w.state->device.id < HS_COMMAND_LAST_ID, why, "the command ids are used up") &&
           HS_NEED(status_is(w, HS_STATUS_STOP) || status_is(w, HS_STATUS_DONE), why,
               "hints are being asked for already (status %s)", status_name(w)) &&
           HS_NEED(!hs_migration_keeps_round(w), why,
               "the last round of the limit is kept for the migration's first sync");
}

void hs_device_request_hints(struct hs_world w, unsigned p)
{
    (void)p;
    hs_device_request(w);
}

bool hs_device_can_end_hints(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    (void)p;
    return HS_NEED(hs_rule(w, HS_RULE_HINT_TRIGGER) == HS_TRIGGER_REQUEST, why,
               "the rule hint-trigger=migration leaves ending hints to migration") &&
           HS_NEED(w.state->device.id, why, "no hints have been asked for") &&
           HS_NEED(!status_is(w, HS_STATUS_DONE), why, "the status is DONE already");
}

void hs_device_end_hints(struct hs_world w, unsigned p)
{
    (void)p;
    hs_device_done(w);
}

/* ---- the loop over free_page_vq ------------------------------------------------------------- */

bool hs_device_can_wake(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    (void)p;
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_FREE_PAGE);
    return HS_NEED(q.size, why, "the scenario has no free_page_vq") &&
           HS_NEED(w.state->device.loop == HS_LOOP_SLEEPING, why, "the device is awake already") &&
           HS_NEED(q.ring->kick_pending, why, "nobody has kicked free_page_vq") &&
           HS_NEED(hs_guest_runs(w), why, "the VM is stopped, and with it the device");
}

void hs_device_wake(struct hs_world w, unsigned p)
{
    (void)p;
    struct hs_ring *ring = hs_queue(w, HS_QUEUE_FREE_PAGE).ring;
    w.state->device.loop = HS_LOOP_RUNNING;
    ring->kick_pending = 0;
    ring->kicks_suppressed = 1;
}

bool hs_device_can_take_element(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    (void)p;
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_FREE_PAGE);
    return HS_NEED(q.size, why, "the scenario has no free_page_vq") &&
           HS_NEED(w.state->device.loop == HS_LOOP_RUNNING, why,
               "the device does not look at free_page_vq: it %s",
               w.state->device.loop == HS_LOOP_SLEEPING ? "sleeps until it is kicked"
                                                        : "is about to sleep") &&
           HS_NEED(hs_virtqueue_available(q) > 0, why, "nothing is available in free_page_vq") &&
           HS_NEED(hs_virtqueue_in_hand(q) == 0, why, "the element in hand comes first") &&
           HS_NEED(hs_guest_runs(w), why,
               "the VM is stopped: the device waits before the next element");
}

/* An output buffer: the device reads the word that it refers to, now. */
static void take_command(struct hs_world w, struct hs_element element)
{
    struct hs_device *device = &w.state->device;
    bool shared = hs_rule(w, HS_RULE_COMMAND_WORD) == HS_WORD_SHARED;
    uint8_t word = element.kind == HS_ELEMENT_STOP ? HS_COMMAND_STOP
                   : shared                        ? w.state->driver.active_id
                                                   : (uint8_t)element.id;
    bool is_id = word >= HS_COMMAND_FIRST_ID;
    bool current = is_id && (word == device->id || hs_rule(w, HS_RULE_CHECK_COMMAND_ID) == HS_OFF);

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

    bool restarts = hs_rule(w, HS_RULE_RESTART_ON_SAME_ID) == HS_ON;
    bool wanted = status_is(w, HS_STATUS_REQUESTED) || restarts ||
                  (status_is(w, HS_STATUS_START) && hs_rule(w, HS_RULE_CHECK_COMMAND_ID) == HS_OFF);
    if (current && wanted) {
        bool over = status_is(w, HS_STATUS_STOP) || status_is(w, HS_STATUS_DONE);
        if (over && again && !device->stop_taken)
            hs_break(w, HS_HINT_DEVICE_2); /* the id serves again */
        device->unasked = over; /* the field says STOP or DONE, and yet hints are taken */
        /* The only way into START.  The proof drops elements that can never get here: can_start
         * in tools/prove/abstract_queue.c must allow all that these conditions do. */
        device->status = HS_STATUS_START;
    } else if (status_is(w, HS_STATUS_START)) {
        device->status = HS_STATUS_STOP; /* any other word, and in QEMU even the current id */
    }
}

/* Apply an accepted hint to one page. */
static void apply_to_page(struct hs_world w, unsigned p)
{
    const struct hs_page *page = hs_page(w, p);
    if (hs_rule(w, HS_RULE_REFUSE_WRITTEN) == HS_ON && page->faulted)
        return;
    bool was_recorded = !hs_page_is_unrecorded(w, p);
    bool wipes = false;
    switch (hs_rule(w, HS_RULE_HINT_EFFECT)) {
    case HS_EFFECT_SKIP:
        hs_migration_skip_page(w, p, false);
        break;
    case HS_EFFECT_SKIP_AND_CLEAR_LOG:
        hs_migration_skip_page(w, p, true);
        break;
    case HS_EFFECT_DISCARD:
        wipes = !discards_inhibited(w);
        if (wipes)
            hs_page_discard(w, p);
        break;
    }
    if (page->modified && (wipes || (was_recorded && hs_page_is_unrecorded(w, p))))
        hs_break(w, HS_HINT_DEVICE_4);
}

static void apply_hint(struct hs_world w, unsigned first)
{
    const struct hs_device *device = &w.state->device;
    if (device->last_word != device->id || !status_is(w, HS_STATUS_START) || device->unasked)
        hs_break(w, HS_HINT_DEVICE_3);
    if (device->said_done)
        hs_break(w, HS_HINT_DEVICE_5);
    for (unsigned p = first; p < first + (1u << w.config->hint_order); p++)
        apply_to_page(w, p);
}

void hs_device_take_element(struct hs_world w, unsigned p)
{
    (void)p;
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_FREE_PAGE);
    struct hs_element element = hs_virtqueue_take(q);
    if (element.kind == HS_ELEMENT_PAGES) {
        bool accepted = status_is(w, HS_STATUS_START);
        if (accepted && hs_rule(w, HS_RULE_HINT_UNDER_LOCK) == HS_OFF)
            return; /* checked; device.apply-hint follows, and anything may come between */
        if (accepted)
            apply_hint(w, element.page);
    } else {
        take_command(w, element);
    }
    hs_virtqueue_use(q);
}

bool hs_device_can_apply_hint(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    (void)p;
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_FREE_PAGE);
    return HS_NEED(q.size && hs_virtqueue_in_hand(q) > 0, why, "no hint is in the device's hand%s",
        hs_rule(w, HS_RULE_HINT_UNDER_LOCK) == HS_ON
            ? ": the rule hint-under-lock applies it as it is taken"
            : "");
}

void hs_device_apply_hint(struct hs_world w, unsigned p)
{
    (void)p;
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_FREE_PAGE);
    apply_hint(w, hs_virtqueue_hand(q).page);
    hs_virtqueue_use(q);
}

bool hs_device_can_find_empty(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    (void)p;
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_FREE_PAGE);
    return HS_NEED(q.size, why, "the scenario has no free_page_vq") &&
           HS_NEED(
               w.state->device.loop == HS_LOOP_RUNNING, why, "the device's loop does not run") &&
           HS_NEED(hs_virtqueue_available(q) == 0, why, "elements are available in free_page_vq") &&
           HS_NEED(hs_virtqueue_in_hand(q) == 0, why, "the element in hand comes first") &&
           HS_NEED(
               !status_is(w, HS_STATUS_START), why, "the device polls while the status is START") &&
           HS_NEED(hs_guest_runs(w), why,
               "the VM is stopped: the device waits before the next element");
}

void hs_device_find_empty(struct hs_world w, unsigned p)
{
    (void)p;
    w.state->device.loop = HS_LOOP_LEAVING;
}

bool hs_device_can_sleep(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    (void)p;
    return HS_NEED(w.state->device.loop == HS_LOOP_LEAVING, why,
        "the device has not just found free_page_vq empty");
}

void hs_device_sleep(struct hs_world w, unsigned p)
{
    (void)p;
    /* exception: QEMU does not look at the queue again after this; an element added since it was
     * found empty waits for the next kick. */
    w.state->device.loop = HS_LOOP_SLEEPING;
    hs_queue(w, HS_QUEUE_FREE_PAGE).ring->kicks_suppressed = 0;
}

/* ---- reports -------------------------------------------------------------------------------- */

/* poison_val as the device has it is not zero: it leaves reported pages alone. */
static bool knows_poison(struct hs_world w)
{
    return w.state->device.poison_set && hs_rule(w, HS_RULE_POISON) == HS_POISON_VALUE;
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
    return HS_NEED(q.size, why, "the scenario has no %s", name) &&
           HS_NEED(q.ring->kick_pending, why, "nobody has kicked %s", name) &&
           HS_NEED(!in_hand(w, queue), why, "the element in hand comes first") &&
           HS_NEED(hs_guest_runs(w), why, "the VM is stopped, and with it the device");
}

bool hs_device_serves_report(struct hs_world w)
{
    return in_hand(w, HS_QUEUE_REPORTING);
}

bool hs_device_can_take_report(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    (void)p;
    return can_take(w, HS_QUEUE_REPORTING, "reporting_vq", why);
}

void hs_device_take_report(struct hs_world w, unsigned p)
{
    (void)p;
    hs_virtqueue_take(hs_queue(w, HS_QUEUE_REPORTING));
    w.state->device.report_discarded = 0;
}

bool hs_device_can_discard(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    unsigned next = w.state->device.report_discarded;
    return HS_NEED(in_hand(w, HS_QUEUE_REPORTING), why, "no report is in the device's hand") &&
           HS_NEED(!discards_inhibited(w), why, "discards are inhibited") &&
           HS_NEED(
               !knows_poison(w), why, "poison_val is not zero: reported pages are left alone") &&
           HS_NEED(
               next < w.state->driver.batch, why, "every page range of the report is discarded") &&
           HS_NEED(hs_batch(w)[next].page == p, why, "the range at page %u comes first",
               hs_batch(w)[next].page);
}

void hs_device_discard(struct hs_world w, unsigned p)
{
    unsigned order = hs_batch(w)[w.state->device.report_discarded].order;
    for (unsigned i = p; i < p + (1u << order); i++)
        hs_page_discard(w, i);
    w.state->device.report_discarded++;
}

bool hs_device_can_use_element(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    (void)p;
    bool nothing_to_discard = discards_inhibited(w) || knows_poison(w);
    unsigned left = w.state->driver.batch - w.state->device.report_discarded;
    return HS_NEED(in_hand(w, HS_QUEUE_REPORTING), why, "no report is in the device's hand") &&
           HS_NEED(nothing_to_discard || left == 0, why,
               "%u page ranges of the report are still to be discarded", left);
}

void hs_device_use_element(struct hs_world w, unsigned p)
{
    (void)p;
    hs_virtqueue_use(hs_queue(w, HS_QUEUE_REPORTING));
    w.state->device.report_discarded = 0;
}

/* ---- inflate and deflate -------------------------------------------------------------------- */

bool hs_device_can_take_inflate(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    (void)p;
    return can_take(w, HS_QUEUE_INFLATE, "inflateq", why);
}

void hs_device_take_inflate(struct hs_world w, unsigned p)
{
    (void)p;
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_INFLATE);
    struct hs_element element = hs_virtqueue_take(q);
    if (!discards_inhibited(w))
        hs_page_discard(w, element.page);
    hs_virtqueue_use(q);
}

bool hs_device_can_take_deflate(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    (void)p;
    return can_take(w, HS_QUEUE_DEFLATE, "deflateq", why);
}

void hs_device_take_deflate(struct hs_world w, unsigned p)
{
    (void)p;
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_DEFLATE);
    hs_virtqueue_take(q);
    hs_virtqueue_use(q);
}

/* ---- the rest ------------------------------------------------------------------------------- */

bool hs_device_can_dma_write(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    return HS_NEED(hs_on_source(w), why, "the guest does not run on the source") &&
           HS_NEED(hs_page(w, p)->owner == HS_OWNER_APP, why,
               "page %u is not in use: nobody has asked a device to write it", p);
}

bool hs_device_can_change_target(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    (void)p;
    return HS_NEED(hs_guest_runs(w), why, "the VM is stopped");
}

void hs_device_change_target(struct hs_world w, unsigned p)
{
    (void)p;
    w.state->device.config_interrupt = 1;
}

void hs_device_move(struct hs_world w)
{
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_FREE_PAGE);
    if (!q.size)
        return;
    if (hs_virtqueue_in_hand(q) > 0)
        hs_virtqueue_use(q);
    w.state->device.loop = HS_LOOP_SLEEPING;
    q.ring->kick_pending = 0;
    q.ring->kicks_suppressed = 0;
}

void hs_device_reset(struct hs_world w)
{
    struct hs_device *device = &w.state->device;
    device->status = HS_STATUS_STOP;
    device->loop = HS_LOOP_SLEEPING;
    device->config_interrupt = 0; /* the device status is 0: no notification leaves the device */
    device->poison_set = 0;
    device->report_discarded = 0;
    for (unsigned queue = 0; queue < HS_QUEUE_COUNT; queue++) {
        if (w.config->queue_size[queue])
            hs_virtqueue_reset(hs_queue(w, (enum hs_queue)queue));
    }
}

const char *hs_device_check(struct hs_world w)
{
    const struct hs_device *device = &w.state->device;
    if (device->status >= HS_STATUS_COUNT || device->loop >= HS_LOOP_COUNT || device->unused)
        return "device: every field holds one of its values";
    if ((status_is(w, HS_STATUS_START) || status_is(w, HS_STATUS_REQUESTED)) && !device->id)
        return "device: hints are wanted under an id only";
    if (status_is(w, HS_STATUS_START) && device->loop == HS_LOOP_SLEEPING &&
        w.state->migration.vm != HS_VM_DESTINATION)
        return "device: it polls while the status is START";
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
        if (hs_queue(w, HS_QUEUE_FREE_PAGE).ring->kicks_suppressed != awake)
            return "device: kicks are suppressed exactly while the loop runs";
    }
    return NULL;
}
