/* SPDX-License-Identifier: BSD-3-Clause */
/* The dirty log in its three modes. */
#include "dirty_log.h"

void hs_log_enable(struct hs_world w)
{
    assert(w.config && w.state);
    bool all_set = hs_rule_initially_all_set(w) == HS_ON;
    bool ring = hs_rule_log(w) == HS_LOG_RING;
    for (unsigned p = 0; p < w.config->pages; p++) {
        struct hs_page *page = hs_page(w, p);
        page->protected = !all_set;
        /* With a ring the "set" bits are nobody's: no page is protected, and no entry waits. */
        page->log = all_set && !ring;
    }
    w.state->migration.log_on = 1;
}

void hs_log_disable(struct hs_world w)
{
    assert(w.config && w.state);
    for (unsigned p = 0; p < w.config->pages; p++) {
        struct hs_page *page = hs_page(w, p);
        page->log = page->protected = page->known = page->host_log = 0;
        *hs_chunk_pending(w, p) = 0;
    }
    w.state->migration.log_on = 0;
}

void hs_log_keep(struct hs_world w)
{
    assert(w.config && w.state);
    for (unsigned p = 0; p < w.config->pages; p++) {
        struct hs_page *page = hs_page(w, p);
        if (page->log)
            page->protected = 0; /* the next write would set the bit again */
        if (hs_rule_log(w) == HS_LOG_MANUAL)
            page->known = 0; /* what was read is read again, unless it was cleared */
        *hs_chunk_pending(w, p) = 0;
    }
}

void hs_log_note_write(struct hs_world w, unsigned p)
{
    assert(hs_has_page(w, p));
    bool armed = w.state->migration.log_on || hs_rule_hint_trigger(w) == HS_TRIGGER_REQUEST;
    if (armed && hs_rule_refuse_written(w) == HS_ON)
        hs_page(w, p)->faulted = 1;
}

void hs_log_vcpu_write(struct hs_world w, unsigned p)
{
    assert(hs_has_page(w, p));
    struct hs_page *page = hs_page(w, p);
    if (w.state->migration.log_on && page->protected) {
        page->protected = 0;
        page->log = 1;
    }
}

void hs_log_host_write(struct hs_world w, unsigned p)
{
    assert(hs_has_page(w, p));
    if (w.state->migration.log_on) /* global_dirty_tracking */
        hs_page(w, p)->host_log = 1;
}

bool hs_log_can_harvest(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(w.config && w.state && p == 0);
    bool entries = false;
    for (unsigned i = 0; i < w.config->pages; i++)
        entries = entries || hs_page(w, i)->log;
    return HS_NEED(hs_rule_log(w) == HS_LOG_RING, why, "only with the rule log=ring") &&
           HS_NEED(entries, why, "only while an entry waits in the ring");
}

void hs_log_harvest(struct hs_world w, unsigned p)
{
    assert(w.config && w.state && p == 0);
    for (unsigned i = 0; i < w.config->pages; i++) {
        struct hs_page *page = hs_page(w, i);
        if (page->log) {
            page->known = 1;
            page->log = 0;
            page->protected = 1;
        }
    }
}

void hs_log_protect(struct hs_world w)
{
    assert(w.config && w.state);
    for (unsigned p = 0; p < w.config->pages && w.state->migration.log_on; p++)
        hs_page(w, p)->protected = 1;
}

void hs_log_get(struct hs_world w)
{
    assert(w.config && w.state);
    if (!w.state->migration.log_on)
        return;
    enum { NO_PAGE_NEEDED = 0 };
    if (hs_rule_log(w) == HS_LOG_RING)
        hs_log_harvest(w, NO_PAGE_NEEDED);
    for (unsigned p = 0; p < w.config->pages; p++) {
        struct hs_page *page = hs_page(w, p);
        switch (hs_rule_log(w)) {
        case HS_LOG_LEGACY:
            page->host_log |= page->log;
            page->log = 0;
            if (hs_rule_rearm_at_sync(w) == HS_REARM_ON)
                page->protected = 1;
            break;
        case HS_LOG_MANUAL:
            page->host_log |= page->log;
            page->known = page->log;
            break;
        case HS_LOG_RING:
            page->host_log |= page->known;
            page->known = 0;
            break;
        }
    }
}

void hs_log_clear_pending(struct hs_world w, unsigned p)
{
    assert(hs_has_page(w, p));
    if (hs_rule_log(w) != HS_LOG_MANUAL || !*hs_chunk_pending(w, p))
        return;
    unsigned chunk = hs_rule_log_chunk(w);
    unsigned first = p / chunk * chunk;
    *hs_chunk_pending(w, p) = 0;
    for (unsigned i = first; i < first + chunk && i < w.config->pages; i++) {
        struct hs_page *page = hs_page(w, i);
        if (page->log && (page->known || hs_rule_clear_mask(w) == HS_MASK_ALL)) {
            page->log = 0;
            page->protected = 1;
        }
        page->known = 0;
    }
}

void hs_log_clear_all(struct hs_world w)
{
    assert(w.config && w.state);
    for (unsigned p = 0; p < w.config->pages; p++)
        hs_log_clear_pending(w, p);
}

void hs_log_mark_pending(struct hs_world w)
{
    assert(w.config && w.state);
    if (hs_rule_log(w) != HS_LOG_MANUAL || !w.state->migration.log_on)
        return;
    for (unsigned p = 0; p < w.config->pages; p++)
        *hs_chunk_pending(w, p) = 1;
}

bool hs_log_remembers(struct hs_world w, unsigned p)
{
    assert(hs_has_page(w, p));
    const struct hs_page *page = hs_page(w, p);
    const struct hs_migration *m = &w.state->migration;
    bool get_to_come = m->vm == HS_VM_SOURCE || m->phase < HS_MIGRATION_SYNCING;
    bool merge_to_come = get_to_come || m->phase == HS_MIGRATION_SYNCING;
    bool harvested = page->known && hs_rule_log(w) == HS_LOG_RING;
    return (get_to_come && (page->log || harvested)) || (merge_to_come && page->host_log);
}
