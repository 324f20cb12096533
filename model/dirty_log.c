/* The dirty log in its three modes. */
#include "world.h"

void hs_log_enable(struct hs_world w)
{
    bool all_set = hs_rule(w, HS_RULE_INITIALLY_ALL_SET) == HS_ON;
    bool ring = hs_rule(w, HS_RULE_LOG) == HS_LOG_RING;
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
    for (unsigned p = 0; p < w.config->pages; p++) {
        struct hs_page *page = hs_page(w, p);
        page->log = page->protected = page->known = page->host_log = 0;
        *hs_chunk_pending(w, p) = 0;
    }
    w.state->migration.log_on = 0;
}

void hs_log_note_write(struct hs_world w, unsigned p)
{
    bool armed =
        w.state->migration.log_on || hs_rule(w, HS_RULE_HINT_TRIGGER) == HS_TRIGGER_REQUEST;
    if (armed && hs_rule(w, HS_RULE_REFUSE_WRITTEN) == HS_ON)
        hs_page(w, p)->faulted = 1;
}

void hs_log_vcpu_write(struct hs_world w, unsigned p)
{
    struct hs_page *page = hs_page(w, p);
    if (w.state->migration.log_on && page->protected) {
        page->protected = 0;
        page->log = 1;
    }
}

void hs_log_host_write(struct hs_world w, unsigned p)
{
    if (w.state->migration.log_on) /* global_dirty_tracking */
        hs_page(w, p)->host_log = 1;
}

bool hs_log_can_harvest(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    (void)p;
    bool entries = false;
    for (unsigned i = 0; i < w.config->pages; i++)
        entries = entries || hs_page(w, i)->log;
    return HS_NEED(hs_rule(w, HS_RULE_LOG) == HS_LOG_RING, why,
               "only a ring is harvested; the rule log is not ring") &&
           HS_NEED(entries, why, "no entry waits in the ring");
}

void hs_log_harvest(struct hs_world w, unsigned p)
{
    (void)p;
    for (unsigned i = 0; i < w.config->pages; i++) {
        struct hs_page *page = hs_page(w, i);
        if (page->log) {
            page->known = 1;
            page->log = 0;
            page->protected = 1;
        }
    }
}

void hs_log_get(struct hs_world w)
{
    if (!w.state->migration.log_on)
        return;
    enum { NO_PAGE_NEEDED = 0 };
    if (hs_rule(w, HS_RULE_LOG) == HS_LOG_RING)
        hs_log_harvest(w, NO_PAGE_NEEDED);
    for (unsigned p = 0; p < w.config->pages; p++) {
        struct hs_page *page = hs_page(w, p);
        switch (hs_rule(w, HS_RULE_LOG)) {
        case HS_LOG_LEGACY:
            page->host_log |= page->log;
            page->log = 0;
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
    if (hs_rule(w, HS_RULE_LOG) != HS_LOG_MANUAL || !*hs_chunk_pending(w, p))
        return;
    unsigned chunk = hs_rule(w, HS_RULE_LOG_CHUNK);
    unsigned first = p / chunk * chunk;
    *hs_chunk_pending(w, p) = 0;
    for (unsigned i = first; i < first + chunk && i < w.config->pages; i++) {
        struct hs_page *page = hs_page(w, i);
        if (page->log && (page->known || hs_rule(w, HS_RULE_CLEAR_MASK) == HS_MASK_ALL)) {
            page->log = 0;
            page->protected = 1;
        }
        page->known = 0;
    }
}

void hs_log_mark_pending(struct hs_world w)
{
    if (hs_rule(w, HS_RULE_LOG) != HS_LOG_MANUAL || !w.state->migration.log_on)
        return;
    for (unsigned p = 0; p < w.config->pages; p++)
        *hs_chunk_pending(w, p) = 1;
}

bool hs_log_remembers(struct hs_world w, unsigned p)
{
    const struct hs_page *page = hs_page(w, p);
    const struct hs_migration *m = &w.state->migration;
    bool get_to_come = m->vm == HS_VM_SOURCE || m->phase < HS_MIGRATION_SYNCING;
    bool merge_to_come = get_to_come || m->phase == HS_MIGRATION_SYNCING;
    bool harvested = page->known && hs_rule(w, HS_RULE_LOG) == HS_LOG_RING;
    return (get_to_come && (page->log || harvested)) || (merge_to_come && page->host_log);
}
