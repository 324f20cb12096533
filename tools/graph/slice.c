/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The slice: when dirty-page-lost alone is asked for, much of what the guest and the device do
 * makes no difference to the answer, and states that differ in nothing else are one.
 *
 * Two arguments serve below (spec/reductions.md has them in full).  *To and fro*: steps that the
 * property does not see lead from either state to the other.  *Latitude*: one state can do all that
 * the other can, and the other can come to it by steps that the property does not see; then the one
 * with more latitude stands for both, because whatever loses a page loses it from there as well.
 */
#include "reduction.h"

#include "driver.h"
#include "virtqueue.h"

#include <string.h>

bool hs_slice_holds(const struct hs_reduction *reduction)
{
    const struct hs_config *config = reduction->config;
    const struct hs_rules *rules = &config->rules;
    /* With orders, filling, zeroing, reports or lists of free pages, freeing a page does more than
     * free it; in postcopy pages are judged one by one; without the lock, a hint that was accepted
     * can take effect when hints are over; with used-length=one every hint does, and with
     * other-word=answered every stop command; and a driver that sleeps for its start command can
     * tell it from others. */
    bool walks_as_it_goes = hs_rules_hint_source(rules) == HS_SOURCE_ALLOCATE ||
                            hs_rules_hint_only_free(rules) == HS_ON;
    return reduction->slice && reduction->properties == 1u << HS_DIRTY_PAGE_LOST &&
           config->max_order == 0 && config->policy == HS_POLICY_ANY && walks_as_it_goes &&
           hs_rules_poison(rules) == HS_POISON_OFF && hs_rules_init_on_alloc(rules) == HS_OFF &&
           hs_rules_hint_under_lock(rules) == HS_ON &&
           hs_rules_used_length(rules) == HS_USED_LENGTH_ZERO &&
           hs_rules_hint_wait(rules) != HS_WAIT_START &&
           (hs_rules_hint_trigger(rules) == HS_TRIGGER_MIGRATION ||
               hs_rules_moving(rules) == HS_MOVES_LIVE) &&
           hs_rules_other_word(rules) != HS_OTHER_WORD_ANSWERED &&
           !config->queue_size[HS_QUEUE_REPORTING] && !config->queue_size[HS_QUEUE_INFLATE] &&
           !config->postcopy && !config->limits[HS_LIMIT_HOPS] &&
           config->queue_size[HS_QUEUE_FREE_PAGE];
}

/* Not if the driver sleeps for a hint, whose page it does not hold yet. */
static bool releases_at_any_time(struct hs_world w)
{
    return hs_rule_release(w) == HS_RELEASE_ANY_TIME && hs_rule_hint_wait(w) == HS_WAIT_NONE;
}

/* ---- pages ----------------------------------------------------------------------------------- */

bool hs_page_is_idle(struct hs_world w, unsigned p)
{
    const struct hs_page *page = hs_page(w, p);
    return page->owner == HS_OWNER_APP && page->relies == HS_RELIES_NOTHING && !page->dma;
}

/* To and fro: app.allocate and app.free lead from a free page to an idle one and back whenever the
 * guest runs, and while it does not, nobody can tell them apart.  What can be done to either is
 * done to the idle one: to hint it, it is freed first (world_graph.c). */
static void free_pages_are_idle(struct hs_world w)
{
    for (unsigned p = 0; p < w.config->pages; p++) {
        struct hs_page *page = hs_page(w, p);
        if (page->owner == HS_OWNER_FREE) {
            page->owner = HS_OWNER_APP;
            page->head = 0;
        }
    }
}

/* Latitude: a driver that may give a page back at any time may do so at once, and the page can then
 * be written, hinted again, or left alone as if it were still held. */
static void held_pages_go_back(struct hs_world w)
{
    struct hs_driver *driver = &w.state->driver;
    while (releases_at_any_time(w) && driver->held) {
        struct hs_page *page = hs_page(w, hs_held(w)[--driver->held]);
        page->owner = HS_OWNER_APP;
        page->acked = 0;
        hs_held(w)[driver->held] = 0;
    }
    if (driver->phase == HS_DRIVER_RELEASING && !driver->held)
        driver->phase = HS_DRIVER_IDLE;
}

/* ---- driver and device ----------------------------------------------------------------------- */

/* To and fro: a work item that will do nothing might as well have run; a config interrupt queues
 * it again. */
static void idle_work_is_done(struct hs_world w)
{
    struct hs_driver *driver = &w.state->driver;
    if (driver->phase == HS_DRIVER_IDLE && driver->work_queued && !driver->read_again &&
        hs_driver_answer(w) == HS_DRIVER_IDLE) {
        driver->work_queued = 0;
        driver->cached_id = HS_COMMAND_STOP;
    }
}

/* Latitude: a device that looks at the queue can leave it alone as if it slept; one that sleeps
 * will be told when an element is added, or has been told. */
static void device_looks(struct hs_world w)
{
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_FREE_PAGE);
    struct hs_device *device = &w.state->device;
    if (hs_rule_serve(w) == HS_SERVE_IN_KICK)
        return; /* it never looks */
    bool sleeps_on = device->loop == HS_LOOP_SLEEPING || hs_rule_serve(w) == HS_SERVE_POLL;
    if (hs_virtqueue_available(q) > 0 && !q.ring->kick_pending && sleeps_on)
        return; /* an element of which the device has not been told waits until the next */
    device->loop = HS_LOOP_RUNNING;
    q.ring->kick_pending = 0;
    q.ring->kicks_suppressed = hs_rule_serve(w) == HS_SERVE_POLL;
}

/* Can taking this start command, now or later, make the device accept hints? */
static bool may_start(struct hs_world w, struct hs_element element)
{
    return element.kind == HS_ELEMENT_START &&
           (element.id == w.state->device.id || hs_rule_command_word(w) == HS_WORD_SHARED ||
               hs_rule_check_command_id(w) == HS_OFF);
}

/* A hint that is taken while none is accepted, and a start command that starts nothing, do what a
 * stop command does, or nothing: stop them if they are started. */
static void inert_elements_are_alike(struct hs_world w)
{
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_FREE_PAGE);
    bool accepts = w.state->device.status == HS_STATUS_START;
    for (unsigned i = 0; i < hs_virtqueue_available(q); i++) {
        struct hs_element *element = &q.slots[(q.ring->taken + i) & (q.size - 1)];
        if (may_start(w, *element))
            accepts = true;
        else if (element->kind != HS_ELEMENT_PAGES)
            accepts = false;
        /* A driver that looks at used hints learns from one of a page that it holds, or will hold
         * then. */
        bool teaches = element->kind == HS_ELEMENT_PAGES &&
                       hs_rules_follow_used(&w.config->rules) &&
                       (w.state->driver.held || hs_driver_sleeps(w));
        if (!accepts && !teaches)
            *element = (struct hs_element){.kind = HS_ELEMENT_STOP};
    }
}

/* ---- when hints are over --------------------------------------------------------------------- */

/* The guest does not run on the source, and will not again. */
static bool has_left_the_source(struct hs_world w)
{
    enum hs_vm vm = w.state->migration.vm;
    return vm == HS_VM_DESTINATION ||
           (vm == HS_VM_STOPPED && !hs_device_runs(w) && !hs_limit_left(w, HS_LIMIT_CANCELS, NULL));
}

/* No hint can be accepted any longer, and what the driver holds may go back at any time. */
static bool hints_are_over(struct hs_world w)
{
    enum hs_status status = w.state->device.status;
    enum hs_migration_phase phase = w.state->migration.phase;
    bool asked = status == HS_STATUS_START || status == HS_STATUS_REQUESTED ||
                 hs_rule_restart(w) != HS_RESTART_NEVER;
    bool sync_is_free =
        hs_rule_sync_before_stop(w) == HS_ON && !hs_limit_is_passed(w, HS_LIMIT_ROUNDS);
    bool asked_again = hs_limit_left(w, HS_LIMIT_ROUNDS, NULL) || sync_is_free ||
                       phase == HS_MIGRATION_SYNCING || phase == HS_MIGRATION_AFTER_SYNC;
    return !asked && !asked_again && w.state->migration.vm == HS_VM_SOURCE &&
           releases_at_any_time(w);
}

/* Zero a part of the state's tail. */
static void zero(struct hs_world w, unsigned from, unsigned to)
{
    memset((uint8_t *)w.state + from, 0, to - from);
}

/* What the guest, its driver and the device are doing matters to migration no longer. */
static void forget_guest(struct hs_world w)
{
    const struct hs_migration *m = &w.state->migration;
    if (m->vm != HS_VM_SOURCE)
        w.state->spent[HS_LIMIT_WRITES] = 0;
    memset(&w.state->driver, 0, sizeof(w.state->driver));
    memset(&w.state->device, 0, sizeof(w.state->device));
    zero(w, w.config->layout.batch, w.config->layout.chunks);
    zero(w, w.config->layout.held, w.config->layout.size);
    for (unsigned queue = 0; queue < HS_QUEUE_COUNT; queue++) {
        if (w.config->queue_size[queue])
            hs_virtqueue_reset(hs_queue(w, (enum hs_queue)queue));
    }
    for (unsigned p = 0; p < w.config->pages; p++) {
        struct hs_page *page = hs_page(w, p);
        bool matters = m->vm != HS_VM_DESTINATION && page->relies != HS_RELIES_NOTHING;
        page->owner = HS_OWNER_APP;
        page->relies = matters ? HS_RELIES_DATA : HS_RELIES_NOTHING;
        page->head = 0;
        page->order = 0;
        page->listed = 0;
        page->acked = 0;
        page->faulted = 0;
        page->modified = 0;
    }
}

/* ---- all of it ------------------------------------------------------------------------------- */

void hs_slice_forget(struct hs_world w)
{
    if (has_left_the_source(w) || hints_are_over(w)) {
        forget_guest(w);
        return;
    }
    free_pages_are_idle(w);
    held_pages_go_back(w);
    idle_work_is_done(w);
    device_looks(w);
    inert_elements_are_alike(w);
}
