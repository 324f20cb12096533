/* SPDX-License-Identifier: BSD-3-Clause */
/* Precopy, its notifications to the device, the final round, cancel, and postcopy. */
#include "migration.h"

#include "bitmap.h"
#include "device.h"
#include "dirty_log.h"
#include "page.h"

static bool in_phase(struct hs_world w, enum hs_migration_phase phase)
{
    return w.state->migration.phase == phase;
}

static const char *phase_name(struct hs_world w)
{
    return hs_machine_state_name(w, HS_MACHINE_MIGRATION);
}

bool hs_migration_hints(const struct hs_config *config)
{
    assert(config);
    return config->queue_size[HS_QUEUE_FREE_PAGE] &&
           hs_rules_hint_trigger(&config->rules) == HS_TRIGGER_MIGRATION &&
           (!config->postcopy || hs_rules_hint_with_postcopy(&config->rules) == HS_ON);
}

static bool hints(struct hs_world w)
{
    return hs_migration_hints(w.config);
}

/* ---- setting up ----------------------------------------------------------------------------- */

/* Before the VM is stopped, devices finish what they write. */
static bool devices_rest(struct hs_world w, struct hs_refusal *why)
{
    return HS_NEED(hs_device_dma_first(w) == w.config->pages, why,
        "only after what a device writes to page %u has arrived (devices stop first)",
        hs_device_dma_first(w));
}

bool hs_migration_can_start(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    return HS_NEED(in_phase(w, HS_MIGRATION_NONE) || in_phase(w, HS_MIGRATION_CANCELLED), why,
               "only while no migration is under way or complete (phase: %s)", phase_name(w)) &&
           HS_NEED(!hs_moves_as_snapshot(w) || !hs_device_serves_report(w), why,
               "only after the device used the report in its hand (it holds the thread that this "
               "takes)") &&
           (!hs_moves_as_snapshot(w) || devices_rest(w, why)) &&
           (hs_moves_as_snapshot(w) ||
               hs_limit_left(w, HS_LIMIT_ROUNDS, why)); /* for its first sync, or it would hang */
}

/* Stop the VM.  Its snapshot can be written. */
static void pause_vm(struct hs_world w)
{
    w.state->migration.vm = HS_VM_STOPPED;
    w.state->migration.sent = 0;
    w.state->migration.phase = HS_MIGRATION_READY;
}

void hs_migration_start(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    bool logs = w.state->migration.log_on; /* first-pass=dirty: it never stopped */
    bool log_first = hs_rule_log_before_first_id(w) == HS_ON && !logs;
    w.state->migration.phase = log_first ? HS_MIGRATION_STARTING : HS_MIGRATION_READY;
    if (hs_moves_as_snapshot(w))
        pause_vm(w);
    if (!logs)
        hs_bitmap_fill(w);
    for (unsigned i = 0; i < w.config->pages; i++)
        hs_page(w, i)->copy = HS_COPY_NONE;
}

bool hs_migration_can_enable_log(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    bool late = hs_rule_log_before_first_id(w) == HS_OFF && in_phase(w, HS_MIGRATION_SENDING) &&
                !w.state->migration.log_on && !hs_moves_as_snapshot(w);
    return HS_NEED(in_phase(w, HS_MIGRATION_STARTING) || late, why,
        "only while logging is to be switched on (phase: %s, logging %s)", phase_name(w),
        w.state->migration.log_on ? "on" : "off");
}

void hs_migration_enable_log(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    hs_log_enable(w);
    if (in_phase(w, HS_MIGRATION_STARTING))
        w.state->migration.phase = HS_MIGRATION_READY;
}

/* ---- one sync ------------------------------------------------------------------------------- */

/* Is no copy of a page under way? */
static bool has_arrived(struct hs_world w, struct hs_refusal *why)
{
    unsigned late = hs_page_first_late(w);
    return HS_NEED(
        late == w.config->pages, why, "only after what was sent of page %u has arrived", late);
}

/* Does a limit of rounds bind the next sync?  Not the final one, so that no limit leaves a
 * migration hanging; nor one for which pages are protected; nor the one that sync-before-stop asks
 * for, after which no page is begun until the VM is stopped. */
static bool takes_round(const struct hs_migration *m)
{
    return m->vm != HS_VM_STOPPED && !m->protects && !m->sent;
}

/* May the next sync begin: at the start, for the final round, or between two pages? */
static bool may_begin_sync(struct hs_world w, struct hs_refusal *why)
{
    const struct hs_migration *m = &w.state->migration;
    bool next_round = in_phase(w, HS_MIGRATION_SENDING) && m->vm == HS_VM_SOURCE;
    return HS_NEED(!hs_moves_as_snapshot(w), why,
               "only with the rule moves=live (a snapshot is written without a log)") &&
           HS_NEED(in_phase(w, HS_MIGRATION_READY) || next_round, why,
               "only while migration has just begun, sends pages of a running VM, or has just "
               "stopped it (phase: %s, VM %s)",
               phase_name(w), m->vm == HS_VM_STOPPED ? "stopped" : "running") &&
           HS_NEED(!m->sending, why, "only after page %u was sent (it is being sent)",
               m->sending - 1u) &&
           HS_NEED(!next_round || m->log_on, why, "only after logging was switched on") &&
           HS_NEED(hs_rule_channels(w) != HS_CHANNELS_PER_ROUND_SYNC || has_arrived(w, NULL), why,
               "only after what was sent of page %u has arrived (channels=per-round-sync)",
               hs_page_first_late(w)) &&
           (!takes_round(m) || hs_limit_left(w, HS_LIMIT_ROUNDS, why));
}

bool hs_migration_can_stop_hints(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    return HS_NEED(hs_rule_stop_before_sync(w) == HS_ON, why,
               "only with the rule stop-before-sync=on (hints run on through the sync)") &&
           may_begin_sync(w, why);
}

void hs_migration_stop_hints(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    if (hints(w))
        hs_device_stop(w);
    w.state->migration.phase = HS_MIGRATION_HINTS_STOPPED;
}

/* May the log be read now? */
static bool may_read_log(struct hs_world w, struct hs_refusal *why)
{
    if (hs_rule_stop_before_sync(w) == HS_OFF)
        return may_begin_sync(w, why);
    return HS_NEED(in_phase(w, HS_MIGRATION_HINTS_STOPPED), why,
        "only right after hints were stopped (stop-before-sync=on; phase: %s)", phase_name(w));
}

/* Are pages protected before their bits are taken, in a step of its own? */
static bool protects_first(struct hs_world w)
{
    return hs_rule_log(w) == HS_LOG_LEGACY && hs_rule_rearm_at_sync(w) == HS_REARM_FIRST;
}

bool hs_migration_can_protect_pages(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    return HS_NEED(
               protects_first(w), why, "only with the rules log=legacy and rearm-at-sync=first") &&
           may_read_log(w, why) &&
           HS_NEED(!w.state->migration.protects, why,
               "only after the log was read (pages are protected for that)");
}

void hs_migration_protect_pages(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    hs_log_protect(w);
    w.state->migration.protects = 1;
}

bool hs_migration_can_sync(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    return may_read_log(w, why) && HS_NEED(!protects_first(w) || w.state->migration.protects, why,
                                       "only after pages were protected (rearm-at-sync=first)");
}

void hs_migration_sync(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    if (hs_on_source(w))
        hs_limit_spend(w, HS_LIMIT_ROUNDS);
    hs_log_get(w);
    w.state->migration.protects = w.state->migration.sent = 0;
    w.state->migration.phase = HS_MIGRATION_SYNCING;
}

bool hs_migration_can_merge_log(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    return HS_NEED(in_phase(w, HS_MIGRATION_SYNCING), why,
        "only right after the log was read (phase: %s)", phase_name(w));
}

void hs_migration_merge_log(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    hs_bitmap_merge(w);
    hs_log_mark_pending(w);
    w.state->migration.phase = HS_MIGRATION_AFTER_SYNC;
}

bool hs_migration_can_start_hints(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    return HS_NEED(in_phase(w, HS_MIGRATION_AFTER_SYNC), why, "only right after a sync (phase: %s)",
               phase_name(w)) &&
           HS_NEED(hs_on_source(w), why,
               "only while the VM runs (it is stopped: hints are done, not asked for)") &&
           HS_NEED(!hints(w) || w.state->device.id < HS_COMMAND_LAST_ID, why,
               "only while command ids are left");
}

void hs_migration_start_hints(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    if (hints(w))
        hs_device_request(w);
    w.state->migration.phase = HS_MIGRATION_SENDING;
}

bool hs_migration_can_done_hints(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    return HS_NEED(in_phase(w, HS_MIGRATION_AFTER_SYNC), why, "only right after a sync (phase: %s)",
               phase_name(w)) &&
           HS_NEED(w.state->migration.vm == HS_VM_STOPPED, why,
               "only while the VM is stopped (it runs: hints are asked for, not done)");
}

void hs_migration_done_hints(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    if (hints(w) && hs_rule_done_at_end(w) != HS_DONE_OFF)
        hs_device_done(w);
    w.state->migration.phase = HS_MIGRATION_SENDING;
}

/* ---- sending -------------------------------------------------------------------------------- */

/* Was the last sync beyond the limit, for the stop that it comes before? */
static bool only_stops(struct hs_world w)
{
    return hs_rule_sync_before_stop(w) == HS_ON && w.state->migration.vm == HS_VM_SOURCE &&
           hs_limit_is_passed(w, HS_LIMIT_ROUNDS);
}

bool hs_migration_can_begin_page(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(hs_has_page(w, p));
    const struct hs_migration *m = &w.state->migration;
    bool paused = hs_moves_as_snapshot(w) && in_phase(w, HS_MIGRATION_READY);
    return HS_NEED(in_phase(w, HS_MIGRATION_SENDING) || paused, why,
               "only while pages are being sent (phase: %s)", phase_name(w)) &&
           HS_NEED(
               m->log_on || hs_moves_as_snapshot(w), why, "only after logging was switched on") &&
           HS_NEED(
               !m->protects, why, "only after the log was read (pages are protected for that)") &&
           HS_NEED(!paused || !hs_device_is_busy(w), why,
               "only after the device used the element in its hand (it holds the thread that this "
               "takes)") &&
           HS_NEED(!m->sending, why, "only after page %u was sent (it is being sent)",
               m->sending - 1u) &&
           HS_NEED(!only_stops(w), why,
               "only while the VM is stopped (sync-before-stop=on, and the last sync was beyond the "
               "limit rounds)") &&
           HS_NEED(hs_page(w, p)->bitmap, why,
               "only while page %u is to be sent (its bit is clear)", p);
}

void hs_migration_begin_page(struct hs_world w, unsigned p)
{
    assert(hs_has_page(w, p));
    if (hs_page(w, p)->ballooned && !hs_moves_as_snapshot(w)) { /* ballooned-pages=skipped */
        hs_bitmap_take(w, p);
        return;
    }
    w.state->migration.sending = (uint8_t)(p + 1);
    w.state->migration.sent = hs_on_source(w) && hs_rule_sync_before_stop(w) == HS_ON;
    w.state->migration.phase = HS_MIGRATION_SENDING; /* a snapshot's first page: it is paused */
    if (hs_rule_send_order(w) == HS_SEND_CLEAR_THEN_COPY)
        hs_bitmap_take(w, p);
    else
        w.state->migration.read_current = 1;
}

bool hs_migration_can_finish_page(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(hs_has_page(w, p));
    return HS_NEED(w.state->migration.sending == p + 1, why, "only while page %u is being sent", p);
}

void hs_migration_finish_page(struct hs_world w, unsigned p)
{
    assert(hs_has_page(w, p));
    struct hs_migration *m = &w.state->migration;
    bool current = true;
    if (hs_rule_send_order(w) == HS_SEND_COPY_THEN_CLEAR) {
        current = m->read_current;
        hs_bitmap_take(w, p);
    }
    hs_page_send(w, p, current);
    m->sending = 0;
    m->read_current = 0;
}

bool hs_migration_can_arrive(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(hs_has_page(w, p));
    return HS_NEED(hs_rule_channels(w) != HS_CHANNELS_IN_ORDER, why,
               "only with the rule channels=per-round-sync or unordered (pages arrive as they are "
               "sent)") &&
           HS_NEED(hs_page(w, p)->late, why, "only while a copy of page %u is under way", p);
}

void hs_migration_arrive(struct hs_world w, unsigned p)
{
    assert(hs_has_page(w, p));
    struct hs_page *page = hs_page(w, p);
    page->copy = page->late == HS_LATE_CURRENT ? HS_COPY_EQUAL : HS_COPY_OLDER;
    page->late = HS_LATE_NONE;
}

/* ---- the end -------------------------------------------------------------------------------- */

bool hs_migration_can_stop_vm(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    const struct hs_migration *m = &w.state->migration;
    return HS_NEED(in_phase(w, HS_MIGRATION_SENDING), why,
               "only while pages are being sent (phase: %s)", phase_name(w)) &&
           HS_NEED(m->vm == HS_VM_SOURCE, why, "only while the VM runs (it is stopped)") &&
           HS_NEED(m->log_on, why, "only after logging was switched on") &&
           HS_NEED(
               !m->protects, why, "only after the log was read (pages are protected for that)") &&
           HS_NEED(!m->sending, why, "only after page %u was sent (it is being sent)",
               m->sending - 1u) &&
           HS_NEED(!hs_device_serves_report(w), why,
               "only after the device used the report in its hand (it holds the lock that this "
               "takes)") &&
           HS_NEED(!m->sent, why,
               "only right after a sync (sync-before-stop=on, and a page was sent since)") &&
           devices_rest(w, why);
}

void hs_migration_stop_vm(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    pause_vm(w);
}

/* ---- what a takeover breaks ----------------------------------------------------------------- */

/* Does the destination's copy hold the value that the allocator relies on? */
static bool holds_value(struct hs_world w, unsigned p)
{
    bool zeros = hs_config_trusts_zeroes(w.config);
    enum hs_content wanted = zeros ? HS_CONTENT_ZEROS : hs_page_free_content(w);
    switch ((enum hs_copy)hs_page(w, p)->copy) {
    case HS_COPY_NONE:
        return wanted == HS_CONTENT_ZEROS;
    case HS_COPY_EQUAL:
        return hs_page(w, p)->content == (unsigned)wanted;
    case HS_COPY_OLDER:
    case HS_COPY_COUNT:
        break;
    }
    return false;
}

/* The destination takes page `p` over as it stands there: note what that breaks. */
static void judge_takeover(struct hs_world w, unsigned p)
{
    switch ((enum hs_reliance)hs_page(w, p)->relies) {
    case HS_RELIES_DATA:
        if (!hs_page_arrived(w, p))
            hs_break(w, HS_DIRTY_PAGE_LOST);
        break;
    case HS_RELIES_VALUE:
        if (!holds_value(w, p))
            hs_break(w, HS_VALUE_BROKEN);
        break;
    case HS_RELIES_NOTHING:
    case HS_RELIES_COUNT:
        break;
    }
}

/* A migration has ended in whichever way: has the field said so? */
static void judge_done(struct hs_world w)
{
    if (hints(w) && w.state->device.id && w.state->device.status != HS_STATUS_DONE)
        hs_break(w, HS_HINT_DEVICE_6);
}

/* The source's log and bitmap are no more; the guest runs at the destination. */
static void hand_over(struct hs_world w, enum hs_migration_phase phase)
{
    hs_log_disable(w);
    bool goes_on = phase == HS_MIGRATION_SWITCHED_OVER && hs_limit_left(w, HS_LIMIT_HOPS, NULL) &&
                   hs_rule_first_pass(w) == HS_FIRST_PASS_DIRTY;
    if (goes_on)
        hs_log_enable(w); /* what is written there is dirty there */
    hs_device_move(w);
    w.state->migration.vm = HS_VM_DESTINATION;
    w.state->migration.phase = (uint8_t)phase;
    judge_done(w);
}

bool hs_migration_can_switch_over(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    const struct hs_migration *m = &w.state->migration;
    unsigned left = hs_bitmap_first(w);
    return HS_NEED(in_phase(w, HS_MIGRATION_SENDING) && m->vm == HS_VM_STOPPED, why,
               "only after the final sync, with the VM stopped (phase: %s, VM %s)", phase_name(w),
               m->vm == HS_VM_STOPPED ? "stopped" : "running") &&
           HS_NEED(!m->sending, why, "only after page %u was sent (it is being sent)",
               m->sending - 1u) &&
           HS_NEED(left == w.config->pages, why, "only after page %u was sent (its bit is set)",
               left) &&
           has_arrived(w, why);
}

void hs_migration_switch_over(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    for (unsigned i = 0; i < w.config->pages; i++)
        judge_takeover(w, i);
    hand_over(w, HS_MIGRATION_SWITCHED_OVER);
}

bool hs_migration_can_cancel(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    return HS_NEED(hs_migration_active(w), why, "only while a migration is under way (phase: %s)",
        phase_name(w));
}

void hs_migration_cancel(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    if (hints(w)) {
        if (hs_rule_done_at_end(w) == HS_DONE_ON)
            hs_device_done(w);
        else
            hs_device_stop(w);
    }
    if (w.state->migration.vm == HS_VM_STOPPED)
        hs_device_resume(w);
    switch (hs_rule_first_pass(w)) {
    case HS_FIRST_PASS_ALL:
        hs_log_disable(w);
        break;
    case HS_FIRST_PASS_DIRTY:
        hs_log_keep(w);
        break;
    }
    for (unsigned i = 0; i < w.config->pages; i++) {
        hs_page(w, i)->bitmap = 0;
        hs_page(w, i)->copy = HS_COPY_NONE; /* the destination is thrown away */
        hs_page(w, i)->late = HS_LATE_NONE;
    }
    w.state->migration.sending = w.state->migration.read_current = 0;
    w.state->migration.protects = w.state->migration.sent = 0;
    w.state->migration.phase = HS_MIGRATION_CANCELLED;
    w.state->migration.vm = HS_VM_SOURCE;
    judge_done(w);
}

/* What the source held is gone: the guest's memory is what page `p` has there. */
static void become_source(struct hs_world w, unsigned p)
{
    struct hs_page *page = hs_page(w, p);
    switch ((enum hs_copy)page->copy) {
    case HS_COPY_NONE:
        page->content = HS_CONTENT_ZEROS;
        break;
    case HS_COPY_OLDER: /* nobody may rely on it; if somebody does, that was noted */
        page->content = HS_CONTENT_DATA;
        break;
    case HS_COPY_EQUAL:
    case HS_COPY_COUNT:
        break;
    }
    page->copy = HS_COPY_NONE;
    page->faulted = 0; /* what another host has noticed */
}

bool hs_migration_can_next_hop(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    return HS_NEED(in_phase(w, HS_MIGRATION_SWITCHED_OVER), why,
        "only after the switch-over (phase: %s)", phase_name(w));
}

void hs_migration_next_hop(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    for (unsigned i = 0; i < w.config->pages; i++)
        become_source(w, i);
    w.state->migration.vm = HS_VM_SOURCE;
    w.state->migration.phase = HS_MIGRATION_NONE;
}

bool hs_migration_can_go_postcopy(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    const struct hs_migration *m = &w.state->migration;
    return HS_NEED(w.config->postcopy, why, "only with postcopy enabled") &&
           HS_NEED(in_phase(w, HS_MIGRATION_AFTER_SYNC) && m->vm == HS_VM_STOPPED, why,
               "only right after the final sync, with the VM stopped (phase: %s, VM %s)",
               phase_name(w), m->vm == HS_VM_STOPPED ? "stopped" : "running") &&
           has_arrived(w, why);
}

void hs_migration_go_postcopy(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    /* no notification follows postcopy's own sync: hints are not done
                   (ram_postcopy_send_discard_bitmap) */
    for (unsigned i = 0; i < w.config->pages; i++) {
        if (hs_page(w, i)->bitmap)
            hs_page(w, i)->copy = HS_COPY_NONE; /* discarded there, to be pulled */
        else if (hs_page(w, i)->copy != HS_COPY_NONE)
            judge_takeover(w, i); /* taken as already sent; a page that never came stalls */
    }
    hand_over(w, HS_MIGRATION_POSTCOPY);
}

bool hs_migration_can_pull_page(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(hs_has_page(w, p));
    return HS_NEED(in_phase(w, HS_MIGRATION_POSTCOPY), why,
               "only while the migration is in postcopy") &&
           HS_NEED(hs_page(w, p)->bitmap, why,
               "only while the source has page %u to send (its bit is clear: it counts as sent)",
               p);
}

void hs_migration_pull_page(struct hs_world w, unsigned p)
{
    assert(hs_has_page(w, p));
    struct hs_page *page = hs_page(w, p);
    page->copy = HS_COPY_EQUAL;
    page->bitmap = 0;
    page->awaited = 0;
}

const char *hs_migration_check(struct hs_world w)
{
    assert(w.config && w.state);
    const struct hs_migration *m = &w.state->migration;
    if (m->phase >= HS_MIGRATION_PHASE_COUNT || m->vm >= HS_VM_COUNT || m->unused)
        return "migration: every field holds one of its values";
    if (m->sent && !(hs_rule_sync_before_stop(w) == HS_ON && hs_on_source(w)))
        return "migration: what was sent since a sync is noted for the rule sync-before-stop alone";
    if (m->sent && hs_limit_is_passed(w, HS_LIMIT_ROUNDS))
        return "migration: no page is sent between a sync beyond the limit and the stop";
    bool over = in_phase(w, HS_MIGRATION_SWITCHED_OVER) || in_phase(w, HS_MIGRATION_POSTCOPY);
    if (over != (m->vm == HS_VM_DESTINATION))
        return "migration: the guest runs at the destination exactly after the switch";
    if (m->vm == HS_VM_STOPPED && !hs_migration_active(w))
        return "migration: the VM is stopped by a migration under way alone";
    if (m->sending && !in_phase(w, HS_MIGRATION_SENDING))
        return "migration: a page is sent in the phase sending";
    if (m->read_current && !m->sending)
        return "migration: what was read belongs to the page being sent";
    bool goes_on =
        hs_rule_first_pass(w) == HS_FIRST_PASS_DIRTY && (m->vm == HS_VM_SOURCE || hs_may_hop(w));
    if (m->protects && (!protects_first(w) || !hs_migration_active(w)))
        return "migration: pages are protected before a sync, and only if the rule says so";
    if (m->log_on && !hs_migration_active(w) && !goes_on)
        return "migration: logging is on during a migration, and after a cancel if it goes on";
    if (in_phase(w, HS_MIGRATION_SWITCHED_OVER) && hs_bitmap_first(w) != w.config->pages)
        return "migration: nothing is left to send after the switch-over";
    return NULL;
}
