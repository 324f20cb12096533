/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Dead values: what no step and no wanted property will read before it is written again.
 *
 * Each function below belongs to one machine and says, for each value that it forgets, who would
 * have read it and why nobody does.  `wanted` are the properties that are asked for and not yet
 * broken: a monitor that has fired needs no ghost any longer.
 */
#include "reduction.h"

#include "virtqueue.h"

#include <string.h>

static bool wants(uint32_t wanted, enum hs_property property)
{
    return wanted >> property & 1u;
}

static bool phase_is(struct hs_world w, enum hs_migration_phase phase)
{
    return w.state->migration.phase == phase;
}

/* Can a page's content ever become zeros under the guest's feet? */
static bool may_discard(struct hs_world w)
{
    return w.config->queue_size[HS_QUEUE_REPORTING] || w.config->queue_size[HS_QUEUE_INFLATE] ||
           hs_rule_hint_effect(w) == HS_EFFECT_DISCARD;
}

/* ---- device and driver ----------------------------------------------------------------------- */

static void forget_device(struct hs_world w, uint32_t wanted)
{
    struct hs_device *device = &w.state->device;
    if (!wants(wanted, HS_HINT_DEVICE_3))
        device->last_word = device->unasked = 0;
    if (!wants(wanted, HS_HINT_DEVICE_5))
        device->said_done = 0;
    if (!wants(wanted, HS_HINT_DEVICE_2))
        device->stop_taken = 0;
    /* A STOP can make the status REQUESTED again: was that request answered? */
    bool requested_again = hs_rule_other_word(w) != HS_OTHER_WORD_STOPS;
    if (!wants(wanted, HS_HINT_DEVICE_2) && !wants(wanted, HS_HINT_DRIVER_3) && !requested_again)
        device->id_taken = 0;
}

/* May the device still read the driver's word, or what stood there? */
static bool word_is_referred_to(struct hs_world w)
{
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_FREE_PAGE);
    for (unsigned i = 0; i < q.size; i++) {
        if (q.slots[i].kind == HS_ELEMENT_START)
            return hs_rule_command_word(w) == HS_WORD_SHARED;
    }
    return false;
}

static void forget_driver(struct hs_world w, uint32_t wanted)
{
    struct hs_driver *driver = &w.state->driver;
    bool rests = driver->phase != HS_DRIVER_STARTING && driver->phase != HS_DRIVER_HINTING;
    bool compares_cached = !driver->read_again && (!rests || driver->work_queued);
    /* The cached id is read by a work item that need not read the field again. */
    if (!compares_cached)
        driver->cached_id = HS_COMMAND_STOP;
    /* The id started last is overwritten by start-round; at rest it is compared with what the
     * field says next, which an old id never is. */
    bool is_old = driver->active_id != w.state->device.id;
    bool overwritten = driver->phase == HS_DRIVER_STARTING || (rests && !compares_cached && is_old);
    if (overwritten && !word_is_referred_to(w))
        driver->active_id = HS_COMMAND_STOP;
    if (driver->phase != HS_DRIVER_HINTING || !wants(wanted, HS_HINT_DRIVER_2))
        driver->start_lost = 0; /* set anew by every start-round */
}

/* ---- queues ---------------------------------------------------------------------------------- */

/* Turn a ring until its oldest slot is the first: all indices are compared with each other only. */
static void turn_ring(struct hs_virtqueue q)
{
    struct hs_ring *ring = q.ring;
    unsigned by = ring->collected;
    struct hs_element turned[HS_QUEUE_SIZE_MAX];
    if (by == 0)
        return;
    for (unsigned i = 0; i < q.size; i++)
        turned[i] = q.slots[(i + by) & (q.size - 1)];
    memcpy(q.slots, turned, q.size * sizeof(*q.slots));
    ring->avail = (uint8_t)((ring->avail - by) & (2 * q.size - 1));
    ring->taken = (uint8_t)((ring->taken - by) & (2 * q.size - 1));
    ring->used = (uint8_t)((ring->used - by) & (2 * q.size - 1));
    ring->collected = 0;
}

/* Does the driver learn something from this used element?  Only that a page it holds is used; or
 * that it need not sleep for its start command any more. */
static bool teaches(struct hs_world w, struct hs_element element)
{
    if (element.kind == HS_ELEMENT_START)
        return hs_rule_hint_wait(w) == HS_WAIT_START;
    return element.kind == HS_ELEMENT_PAGES && hs_page(w, element.page)->owner == HS_OWNER_HELD &&
           !hs_page(w, element.page)->acked;
}

/* The driver collects all used elements before it looks for a free slot; what it does not learn
 * from might as well have been collected, or be any other. */
static void forget_used(struct hs_world w, struct hs_virtqueue q)
{
    while (!hs_rules_follow_used(&w.config->rules) && hs_virtqueue_used(q) > 0)
        hs_virtqueue_collect(q);
    for (unsigned i = 0; i < hs_virtqueue_used(q); i++) {
        struct hs_element *element = &q.slots[(q.ring->collected + i) & (q.size - 1)];
        if (!teaches(w, *element))
            *element = (struct hs_element){.kind = HS_ELEMENT_STOP};
    }
}

/* The id in an element is what the device reads of a start command, unless the word is shared; then
 * a monitor alone compares it.  That of a block of pages is for people. */
static void forget_element_ids(struct hs_world w, struct hs_virtqueue q, uint32_t wanted)
{
    bool shared = hs_rule_command_word(w) == HS_WORD_SHARED;
    for (unsigned i = 0; i < q.size; i++) {
        if (q.slots[i].kind != HS_ELEMENT_START || (shared && !wants(wanted, HS_HINT_DRIVER_2)))
            q.slots[i].id = 0;
    }
}

/* ---- command ids ----------------------------------------------------------------------------- */

/* Ids are compared for equality, and the next is one that nobody has seen: number those in use from
 * the first on, in their order; the device's own is the highest. */
static void renumber_ids(struct hs_world w)
{
    struct hs_device *device = &w.state->device;
    struct hs_driver *driver = &w.state->driver;
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_FREE_PAGE);
    if (device->id <= HS_COMMAND_FIRST_ID)
        return;
    bool used[HS_COMMAND_LAST_ID + 1];
    uint8_t renamed[HS_COMMAND_LAST_ID + 1];
    memset(used, 0, device->id + 1u);
    used[device->id] = used[device->last_word] = true;
    used[driver->cached_id] = used[driver->active_id] = true;
    for (unsigned i = 0; i < q.size; i++)
        used[q.slots[i].id] = true;
    uint8_t next = HS_COMMAND_FIRST_ID;
    for (unsigned id = 0; id <= device->id; id++) {
        renamed[id] = id < HS_COMMAND_FIRST_ID ? (uint8_t)id : next;
        next = (uint8_t)(next + (id >= HS_COMMAND_FIRST_ID && used[id]));
    }
    device->id = renamed[device->id];
    device->last_word = renamed[device->last_word];
    driver->cached_id = renamed[driver->cached_id];
    driver->active_id = renamed[driver->active_id];
    for (unsigned i = 0; i < q.size; i++)
        q.slots[i].id = renamed[q.slots[i].id];
}

/* ---- pages ----------------------------------------------------------------------------------- */

/* Will what the destination holds be the source of another migration? */
static bool hop_is_left(struct hs_world w)
{
    return hs_limit_left(w, HS_LIMIT_HOPS, NULL);
}

/* The destination's copy is compared when it takes over a page that the guest relies on, and in
 * postcopy. */
static void forget_copy(struct hs_world w, struct hs_page *page)
{
    if (w.config->postcopy || hs_rule_poison(w) != HS_POISON_OFF ||
        hs_config_trusts_zeroes(w.config) || hop_is_left(w))
        return;
    /* A page comes to be relied on by a write of data, which makes an equal copy an older one. */
    if (page->relies == HS_RELIES_NOTHING && page->copy == HS_COPY_EQUAL)
        page->copy = HS_COPY_OLDER;
    /* No copy is as good as an older one, unless zeros are what the source holds. */
    if (!may_discard(w) && page->copy == HS_COPY_OLDER)
        page->copy = HS_COPY_NONE;
}

/* Once the VM is stopped and the log is read for the last time, nobody reads it again; but the next
 * migration does, if this one can be cancelled and logging goes on. */
static bool log_was_read(struct hs_world w)
{
    const struct hs_migration *m = &w.state->migration;
    bool goes_on =
        hs_rule_first_pass(w) == HS_FIRST_PASS_DIRTY && hs_limit_left(w, HS_LIMIT_CANCELS, NULL);
    return m->log_on && m->vm == HS_VM_STOPPED && m->phase >= HS_MIGRATION_SYNCING && !goes_on &&
           !hs_device_runs(w);
}

static void forget_log(struct hs_world w, unsigned p)
{
    struct hs_page *page = hs_page(w, p);
    page->log = page->known = 0;
    page->protected = 1;
    *hs_chunk_pending(w, p) = 0;
}

static void forget_page(struct hs_world w, unsigned p, uint32_t wanted)
{
    struct hs_page *page = hs_page(w, p);
    forget_copy(w, page);
    if (log_was_read(w))
        forget_log(w, p);
    if (phase_is(w, HS_MIGRATION_SWITCHED_OVER) && !hop_is_left(w)) {
        page->copy = HS_COPY_EQUAL; /* the destination's copy is the guest's memory */
        page->content = HS_CONTENT_DATA;
    }
    /* Only a page that is relied on is missed; every way to be that again is a modification, or a
     * report after which the guest takes it for zeros. */
    bool wipes = hs_rule_hint_effect(w) == HS_EFFECT_DISCARD || hs_config_trusts_zeroes(w.config);
    if (!wants(wanted, HS_HINT_DEVICE_4) || (page->relies == HS_RELIES_NOTHING && !wipes))
        page->modified = page->faulted; /* a noted fault is a modification */
}

/* ---- all of it ------------------------------------------------------------------------------- */

/* What an exploration has spent counts while it may be spent again. */
static void forget_spent(struct hs_world w)
{
    if (w.state->migration.vm == HS_VM_SOURCE || hs_limit_left(w, HS_LIMIT_CANCELS, NULL) ||
        hop_is_left(w))
        return;
    w.state->spent[HS_LIMIT_MIGRATIONS] = 0;
    w.state->spent[HS_LIMIT_DMA] = 0;
    if (hs_rule_hint_trigger(w) == HS_TRIGGER_MIGRATION)
        w.state->spent[HS_LIMIT_ROUNDS] = 0;
}

void hs_dead_values_forget(struct hs_world w, uint32_t properties)
{
    w.state->broken &= properties;
    uint32_t wanted = properties & ~w.state->broken;
    forget_device(w, wanted);
    for (unsigned queue = 0; queue < HS_QUEUE_COUNT; queue++) {
        struct hs_virtqueue q = hs_queue(w, (enum hs_queue)queue);
        if (!q.size)
            continue;
        if (queue == HS_QUEUE_FREE_PAGE) {
            forget_used(w, q);
            forget_element_ids(w, q, wanted);
        }
        turn_ring(q);
    }
    forget_driver(w, wanted); /* after the used commands are gone, which nobody reads */
    renumber_ids(w);
    for (unsigned p = 0; p < w.config->pages; p++)
        forget_page(w, p, wanted);
    forget_spent(w);
}
