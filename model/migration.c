/* Precopy, its notifications to the device, the final round, cancel, and postcopy. */
#include "world.h"

static bool in_phase(struct hs_world w, enum hs_migration_phase phase)
{
    return w.state->migration.phase == phase;
}

static const char *phase_name(struct hs_world w)
{
    return hs_machine_state_name(w, HS_MACHINE_MIGRATION);
}

bool hs_migration_active(struct hs_world w)
{
    return !in_phase(w, HS_MIGRATION_NONE) && !in_phase(w, HS_MIGRATION_CANCELLED) &&
           w.state->migration.vm != HS_VM_DESTINATION;
}

bool hs_migration_keeps_round(struct hs_world w)
{
    uint8_t rounds = w.config->limits[HS_LIMIT_ROUNDS];
    bool begun = in_phase(w, HS_MIGRATION_STARTING) || in_phase(w, HS_MIGRATION_READY);
    return begun && rounds != HS_UNLIMITED && w.state->spent[HS_LIMIT_ROUNDS] + 1 >= rounds;
}

void hs_migration_skip_page(struct hs_world w, unsigned p, bool clear_log)
{
    if (!hs_migration_active(w))
        return; /* qemu_guest_free_page_hint asks for an active migration */
    if (clear_log && w.state->migration.log_on)
        hs_log_clear_pending(w, p);
    hs_page(w, p)->bitmap = 0;
}

/* Does migration take part in hinting at all?  (fd51e54fa1: not if it may switch to postcopy.) */
static bool hints(struct hs_world w)
{
    return w.config->queue_size[HS_QUEUE_FREE_PAGE] &&
           hs_rule(w, HS_RULE_HINT_TRIGGER) == HS_TRIGGER_MIGRATION &&
           (!w.config->postcopy || hs_rule(w, HS_RULE_HINT_WITH_POSTCOPY) == HS_ON);
}

/* ---- setting up ----------------------------------------------------------------------------- */

bool hs_migration_can_start(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    (void)p;
    return HS_NEED(in_phase(w, HS_MIGRATION_NONE) || in_phase(w, HS_MIGRATION_CANCELLED), why,
               "a migration is under way or complete (phase: %s)", phase_name(w)) &&
           hs_limit_left(w, HS_LIMIT_ROUNDS, why); /* for its first sync, or it would hang */
}

void hs_migration_start(struct hs_world w, unsigned p)
{
    (void)p;
    bool log_first = hs_rule(w, HS_RULE_LOG_BEFORE_FIRST_ID) == HS_ON;
    w.state->migration.phase = log_first ? HS_MIGRATION_STARTING : HS_MIGRATION_READY;
    for (unsigned i = 0; i < w.config->pages; i++) {
        hs_page(w, i)->bitmap = 1; /* bitmap_set(rb->bmap, 0, pages) */
        hs_page(w, i)->copy = HS_COPY_NONE;
    }
}

bool hs_migration_can_enable_log(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    (void)p;
    bool late = hs_rule(w, HS_RULE_LOG_BEFORE_FIRST_ID) == HS_OFF &&
                in_phase(w, HS_MIGRATION_SENDING) && !w.state->migration.log_on;
    return HS_NEED(in_phase(w, HS_MIGRATION_STARTING) || late, why,
        "logging is not to be switched on now (phase: %s, logging %s)", phase_name(w),
        w.state->migration.log_on ? "on" : "off");
}

void hs_migration_enable_log(struct hs_world w, unsigned p)
{
    (void)p;
    hs_log_enable(w);
    if (in_phase(w, HS_MIGRATION_STARTING))
        w.state->migration.phase = HS_MIGRATION_READY;
}

/* ---- one sync ------------------------------------------------------------------------------- */

/* May the next sync begin: at the start, for the final round, or between two pages? */
static bool may_begin_sync(struct hs_world w, struct hs_refusal *why)
{
    const struct hs_migration *m = &w.state->migration;
    bool next_round = in_phase(w, HS_MIGRATION_SENDING) && m->vm == HS_VM_SOURCE;
    return HS_NEED(in_phase(w, HS_MIGRATION_READY) || next_round, why,
               "no sync is due (phase: %s, VM %s)", phase_name(w),
               m->vm == HS_VM_STOPPED ? "stopped" : "running") &&
           HS_NEED(!m->sending, why, "page %u is being sent", m->sending - 1u) &&
           HS_NEED(!next_round || m->log_on, why, "logging is to be switched on first") &&
           (m->vm == HS_VM_STOPPED || hs_limit_left(w, HS_LIMIT_ROUNDS, why));
}

bool hs_migration_can_stop_hints(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    (void)p;
    return HS_NEED(hs_rule(w, HS_RULE_STOP_BEFORE_SYNC) == HS_ON, why,
               "the rule stop-before-sync=off lets hints run on through the sync") &&
           may_begin_sync(w, why);
}

void hs_migration_stop_hints(struct hs_world w, unsigned p)
{
    (void)p;
    if (hints(w))
        hs_device_stop(w);
    w.state->migration.phase = HS_MIGRATION_HINTS_STOPPED;
}

bool hs_migration_can_sync(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    (void)p;
    if (hs_rule(w, HS_RULE_STOP_BEFORE_SYNC) == HS_OFF)
        return may_begin_sync(w, why);
    return HS_NEED(in_phase(w, HS_MIGRATION_HINTS_STOPPED), why,
        "the rule stop-before-sync wants hints stopped first (phase: %s)", phase_name(w));
}

void hs_migration_sync(struct hs_world w, unsigned p)
{
    (void)p;
    if (hs_on_source(w)) /* the final sync is free, so that no limit leaves a migration hanging */
        hs_limit_spend(w, HS_LIMIT_ROUNDS);
    hs_log_get(w);
    w.state->migration.phase = HS_MIGRATION_SYNCING;
}

bool hs_migration_can_merge_log(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    (void)p;
    return HS_NEED(in_phase(w, HS_MIGRATION_SYNCING), why,
        "the log has not just been read (phase: %s)", phase_name(w));
}

void hs_migration_merge_log(struct hs_world w, unsigned p)
{
    (void)p;
    for (unsigned i = 0; i < w.config->pages; i++) {
        hs_page(w, i)->bitmap |= hs_page(w, i)->host_log;
        hs_page(w, i)->host_log = 0;
    }
    hs_log_mark_pending(w);
    w.state->migration.phase = HS_MIGRATION_AFTER_SYNC;
}

bool hs_migration_can_start_hints(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    (void)p;
    return HS_NEED(in_phase(w, HS_MIGRATION_AFTER_SYNC), why, "no sync has just ended (phase: %s)",
               phase_name(w)) &&
           HS_NEED(hs_on_source(w), why, "the VM is stopped: hints are done, not asked for") &&
           HS_NEED(!hints(w) || w.state->device.id < HS_COMMAND_LAST_ID, why,
               "the command ids are used up");
}

void hs_migration_start_hints(struct hs_world w, unsigned p)
{
    (void)p;
    if (hints(w))
        hs_device_request(w);
    w.state->migration.phase = HS_MIGRATION_SENDING;
}

bool hs_migration_can_done_hints(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    (void)p;
    return HS_NEED(in_phase(w, HS_MIGRATION_AFTER_SYNC), why, "no sync has just ended (phase: %s)",
               phase_name(w)) &&
           HS_NEED(w.state->migration.vm == HS_VM_STOPPED, why,
               "the VM runs: hints are asked for, not done");
}

void hs_migration_done_hints(struct hs_world w, unsigned p)
{
    (void)p;
    if (hints(w) && hs_rule(w, HS_RULE_DONE_AT_END) != HS_DONE_OFF)
        hs_device_done(w);
    w.state->migration.phase = HS_MIGRATION_SENDING;
}

/* ---- sending -------------------------------------------------------------------------------- */

bool hs_migration_can_begin_page(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    const struct hs_migration *m = &w.state->migration;
    return HS_NEED(in_phase(w, HS_MIGRATION_SENDING), why, "pages are not being sent (phase: %s)",
               phase_name(w)) &&
           HS_NEED(m->log_on, why, "logging is to be switched on first") &&
           HS_NEED(!m->sending, why, "page %u is being sent", m->sending - 1u) &&
           HS_NEED(hs_page(w, p)->bitmap, why, "page %u is not to be sent: its bit is clear", p);
}

/* Take page `p` off the list of pages to send. */
static void clear_before_send(struct hs_world w, unsigned p)
{
    hs_log_clear_pending(w, p);
    hs_page(w, p)->bitmap = 0;
}

void hs_migration_begin_page(struct hs_world w, unsigned p)
{
    w.state->migration.sending = (uint8_t)(p + 1);
    if (hs_rule(w, HS_RULE_SEND_ORDER) == HS_SEND_CLEAR_THEN_COPY)
        clear_before_send(w, p);
    else
        w.state->migration.read_current = 1;
}

bool hs_migration_can_finish_page(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    return HS_NEED(w.state->migration.sending == p + 1, why, "page %u is not being sent", p);
}

void hs_migration_finish_page(struct hs_world w, unsigned p)
{
    struct hs_migration *m = &w.state->migration;
    bool current = true;
    if (hs_rule(w, HS_RULE_SEND_ORDER) == HS_SEND_COPY_THEN_CLEAR) {
        current = m->read_current;
        clear_before_send(w, p);
    }
    hs_page(w, p)->copy = current ? HS_COPY_EQUAL : HS_COPY_OLDER;
    m->sending = 0;
    m->read_current = 0;
}

/* ---- the end -------------------------------------------------------------------------------- */

bool hs_migration_can_stop_vm(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    (void)p;
    const struct hs_migration *m = &w.state->migration;
    return HS_NEED(in_phase(w, HS_MIGRATION_SENDING), why,
               "the VM is stopped while pages are being sent (phase: %s)", phase_name(w)) &&
           HS_NEED(m->vm == HS_VM_SOURCE, why, "the VM is stopped already") &&
           HS_NEED(m->log_on, why, "logging is to be switched on first") &&
           HS_NEED(!m->sending, why, "page %u is being sent", m->sending - 1u) &&
           HS_NEED(!hs_device_serves_report(w), why,
               "the device is serving a report under the lock that stopping the VM takes");
}

void hs_migration_stop_vm(struct hs_world w, unsigned p)
{
    (void)p;
    w.state->migration.vm = HS_VM_STOPPED;
    w.state->migration.phase = HS_MIGRATION_READY;
}

static unsigned first_to_send(struct hs_world w)
{
    unsigned p = 0;
    while (p < w.config->pages && !hs_page(w, p)->bitmap)
        p++;
    return p;
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
    hs_device_move(w);
    w.state->migration.vm = HS_VM_DESTINATION;
    w.state->migration.phase = (uint8_t)phase;
    judge_done(w);
}

bool hs_migration_can_switch_over(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    (void)p;
    const struct hs_migration *m = &w.state->migration;
    unsigned left = first_to_send(w);
    return HS_NEED(in_phase(w, HS_MIGRATION_SENDING) && m->vm == HS_VM_STOPPED, why,
               "the final sync, with the VM stopped, has not been done (phase: %s, VM %s)",
               phase_name(w), m->vm == HS_VM_STOPPED ? "stopped" : "running") &&
           HS_NEED(!m->sending, why, "page %u is being sent", m->sending - 1u) &&
           HS_NEED(left == w.config->pages, why, "page %u is still to be sent", left);
}

void hs_migration_switch_over(struct hs_world w, unsigned p)
{
    (void)p;
    for (unsigned i = 0; i < w.config->pages; i++)
        hs_judge_takeover(w, i);
    hand_over(w, HS_MIGRATION_SWITCHED_OVER);
}

bool hs_migration_can_cancel(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    (void)p;
    return HS_NEED(
        hs_migration_active(w), why, "no migration is under way (phase: %s)", phase_name(w));
}

void hs_migration_cancel(struct hs_world w, unsigned p)
{
    (void)p;
    if (hints(w)) {
        if (hs_rule(w, HS_RULE_DONE_AT_END) == HS_DONE_ON)
            hs_device_done(w);
        else
            hs_device_stop(w);
    }
    hs_log_disable(w);
    for (unsigned i = 0; i < w.config->pages; i++) {
        hs_page(w, i)->bitmap = 0;
        hs_page(w, i)->copy = HS_COPY_NONE; /* the destination is thrown away */
    }
    w.state->migration.sending = w.state->migration.read_current = 0;
    w.state->migration.phase = HS_MIGRATION_CANCELLED;
    w.state->migration.vm = HS_VM_SOURCE;
    judge_done(w);
}

bool hs_migration_can_go_postcopy(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    (void)p;
    const struct hs_migration *m = &w.state->migration;
    return HS_NEED(w.config->postcopy, why, "postcopy is not enabled for this migration") &&
           HS_NEED(in_phase(w, HS_MIGRATION_AFTER_SYNC) && m->vm == HS_VM_STOPPED, why,
               "the final sync, with the VM stopped, has not just been done (phase: %s, VM %s)",
               phase_name(w), m->vm == HS_VM_STOPPED ? "stopped" : "running");
}

void hs_migration_go_postcopy(struct hs_world w, unsigned p)
{
    (void)p; /* no notification follows postcopy's own sync: hints are not done
                (ram_postcopy_send_discard_bitmap) */
    for (unsigned i = 0; i < w.config->pages; i++) {
        if (hs_page(w, i)->bitmap)
            hs_page(w, i)->copy = HS_COPY_NONE; /* discarded there, to be pulled */
        else if (hs_page(w, i)->copy != HS_COPY_NONE)
            hs_judge_takeover(w, i); /* taken as already sent; a page that never came stalls */
    }
    hand_over(w, HS_MIGRATION_POSTCOPY);
}

bool hs_migration_can_pull_page(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    return HS_NEED(in_phase(w, HS_MIGRATION_POSTCOPY), why, "the migration is not in postcopy") &&
           HS_NEED(hs_page(w, p)->bitmap, why,
               "the source takes page %u as already sent: its bit is clear", p);
}

void hs_migration_pull_page(struct hs_world w, unsigned p)
{
    struct hs_page *page = hs_page(w, p);
    page->copy = HS_COPY_EQUAL;
    page->bitmap = 0;
    page->awaited = 0;
}

const char *hs_migration_check(struct hs_world w)
{
    const struct hs_migration *m = &w.state->migration;
    if (m->phase >= HS_MIGRATION_PHASE_COUNT || m->vm >= HS_VM_COUNT || m->unused)
        return "migration: every field holds one of its values";
    bool over = in_phase(w, HS_MIGRATION_SWITCHED_OVER) || in_phase(w, HS_MIGRATION_POSTCOPY);
    if (over != (m->vm == HS_VM_DESTINATION))
        return "migration: the guest runs at the destination exactly after the switch";
    if (m->vm == HS_VM_STOPPED && !hs_migration_active(w))
        return "migration: the VM is stopped by a migration under way alone";
    if (m->sending && !in_phase(w, HS_MIGRATION_SENDING))
        return "migration: a page is sent in the phase sending";
    if (m->read_current && !m->sending)
        return "migration: what was read belongs to the page being sent";
    if (m->log_on && !hs_migration_active(w))
        return "migration: logging is on during a migration alone";
    if (in_phase(w, HS_MIGRATION_SWITCHED_OVER) && first_to_send(w) != w.config->pages)
        return "migration: nothing is left to send after the switch-over";
    return NULL;
}
