/* SPDX-License-Identifier: BSD-3-Clause */
/* One page frame: how its content and the records of writes change, and its invariants. */
#include "page.h"

#include "dirty_log.h"

/* The content of page `p` changes where the guest runs. */
static void content_changes(struct hs_world w, unsigned p)
{
    struct hs_page *page = hs_page(w, p);
    if (w.state->migration.vm == HS_VM_DESTINATION) {
        page->copy = HS_COPY_EQUAL; /* the destination's copy is the guest's memory now */
        return;
    }
    if (page->copy == HS_COPY_EQUAL)
        page->copy = HS_COPY_OLDER;
    if (page->late == HS_LATE_CURRENT)
        page->late = HS_LATE_OLDER;
    if (w.state->migration.sending == p + 1)
        w.state->migration.read_current = 0;
}

/* Zeros over zeros, and the poison value over itself, change nothing. */
static void set_content(struct hs_world w, unsigned p, enum hs_content content)
{
    struct hs_page *page = hs_page(w, p);
    bool stays = content != HS_CONTENT_DATA && page->content == (unsigned)content &&
                 w.state->migration.vm != HS_VM_DESTINATION;
    if (!stays)
        content_changes(w, p);
    page->content = content & 3u;
}

enum hs_content hs_page_free_content(struct hs_world w)
{
    assert(w.config && w.state);
    switch (hs_rule_poison(w)) {
    case HS_POISON_ZERO:
        return HS_CONTENT_ZEROS;
    case HS_POISON_VALUE:
        return HS_CONTENT_VALUE;
    case HS_POISON_OFF:
        break;
    }
    return HS_CONTENT_DATA; /* left as it was */
}

bool hs_page_is_missing(struct hs_world w, unsigned p)
{
    assert(hs_has_page(w, p));
    return w.state->migration.phase == HS_MIGRATION_POSTCOPY && hs_page(w, p)->copy == HS_COPY_NONE;
}

/* Can an id be issued on the side where the guest runs, now or after a hop?  An operator asks for
 * hints wherever that is, a migration on its source.  What is written there counts as written since
 * the id. */
static bool ids_are_issued(struct hs_world w)
{
    return hs_on_source(w) || hs_may_hop(w) || hs_rule_hint_trigger(w) == HS_TRIGGER_REQUEST;
}

/* Does a host that refuses hints for written pages watch them there? */
static bool faults_are_noted(struct hs_world w)
{
    return hs_on_source(w) || hs_rule_hint_trigger(w) == HS_TRIGGER_REQUEST;
}

static void vcpu_write(
    struct hs_world w, unsigned p, enum hs_reliance relies, enum hs_content content)
{
    struct hs_page *page = hs_page(w, p);
    bool missing = hs_page_is_missing(w, p);
    if (missing && !page->bitmap)
        page->awaited = 1; /* the writer sleeps until the page is pulled, which never happens */
    if (missing)
        page->bitmap = 0; /* pulled on demand */
    set_content(w, p, content);
    page->relies = relies & 3u;
    if (ids_are_issued(w))
        page->modified = 1;
    if (faults_are_noted(w))
        hs_log_note_write(w, p);
    if (hs_on_source(w) || hs_may_hop(w))
        hs_log_vcpu_write(w, p);
}

void hs_page_vcpu_write(struct hs_world w, unsigned p, enum hs_reliance relies)
{
    assert(hs_has_page(w, p) && relies < HS_RELIES_COUNT);
    vcpu_write(w, p, relies, relies == HS_RELIES_VALUE ? hs_page_free_content(w) : HS_CONTENT_DATA);
}

void hs_page_zero(struct hs_world w, unsigned p)
{
    assert(hs_has_page(w, p));
    vcpu_write(w, p, HS_RELIES_NOTHING, HS_CONTENT_ZEROS);
}

void hs_page_host_write(struct hs_world w, unsigned p)
{
    assert(hs_has_page(w, p));
    struct hs_page *page = hs_page(w, p);
    set_content(w, p, HS_CONTENT_DATA);
    page->relies = HS_RELIES_DATA;
    if (ids_are_issued(w))
        page->modified = 1;
}

void hs_page_host_mark(struct hs_world w, unsigned p)
{
    assert(hs_has_page(w, p));
    if (faults_are_noted(w))
        hs_log_note_write(w, p);
    if (hs_on_source(w))
        hs_log_host_write(w, p);
}

/* Page `p` is wiped on the side where the guest runs: note what that breaks. */
static void judge_discard(struct hs_world w, unsigned p)
{
    switch ((enum hs_reliance)hs_page(w, p)->relies) {
    case HS_RELIES_DATA:
        hs_break(w, HS_PAGE_CORRUPTED);
        break;
    case HS_RELIES_VALUE:
        if (hs_rule_poison(w) == HS_POISON_VALUE)
            hs_break(w, HS_VALUE_BROKEN);
        break;
    case HS_RELIES_NOTHING:
    case HS_RELIES_COUNT:
        break;
    }
}

void hs_page_discard(struct hs_world w, unsigned p)
{
    assert(hs_has_page(w, p));
    set_content(w, p, HS_CONTENT_ZEROS);
    bool on_source = w.state->migration.vm != HS_VM_DESTINATION && hs_device_runs(w);
    if (on_source && hs_rule_discard_marks_dirty(w) == HS_ON)
        hs_log_host_write(w, p);
    judge_discard(w, p);
}

void hs_page_send(struct hs_world w, unsigned p, bool current)
{
    assert(hs_has_page(w, p));
    struct hs_page *page = hs_page(w, p);
    /* One copy of a page is under way at most: a second one comes before it. */
    bool waits = hs_rule_channels(w) != HS_CHANNELS_IN_ORDER && page->late == HS_LATE_NONE;
    if (waits)
        page->late = current ? HS_LATE_CURRENT : HS_LATE_OLDER;
    else
        page->copy = current ? HS_COPY_EQUAL : HS_COPY_OLDER;
}

unsigned hs_page_first_late(struct hs_world w)
{
    assert(w.config && w.state);
    unsigned p = 0;
    while (p < w.config->pages && hs_page(w, p)->late == HS_LATE_NONE)
        p++;
    return p;
}

bool hs_page_arrived(struct hs_world w, unsigned p)
{
    assert(hs_has_page(w, p));
    const struct hs_page *page = hs_page(w, p);
    return page->copy == HS_COPY_EQUAL ||
           (page->copy == HS_COPY_NONE && page->content == HS_CONTENT_ZEROS);
}

/* Will what is being sent bring page `p` over as it is now? */
static bool arriving(struct hs_world w, unsigned p)
{
    const struct hs_migration *m = &w.state->migration;
    bool being_sent = m->sending == p + 1 &&
                      (hs_rule_send_order(w) == HS_SEND_CLEAR_THEN_COPY || m->read_current);
    return being_sent || hs_page(w, p)->late == HS_LATE_CURRENT;
}

bool hs_page_is_unrecorded(struct hs_world w, unsigned p)
{
    assert(hs_has_page(w, p));
    const struct hs_page *page = hs_page(w, p);
    return hs_migration_active(w) && page->relies != HS_RELIES_NOTHING && !hs_page_arrived(w, p) &&
           !page->bitmap && !hs_log_remembers(w, p) && !arriving(w, p);
}

/* Was page `p` written since it was read to be sent (copy-then-clear)? */
static bool is_read_too_early(struct hs_world w, unsigned p)
{
    const struct hs_migration *m = &w.state->migration;
    return m->sending == p + 1 && !m->read_current &&
           hs_rule_send_order(w) == HS_SEND_COPY_THEN_CLEAR;
}

/* Is a page protected whenever its log bit is taken?  A ring's bit is an entry, taken by
 * harvesting; between switching the log on and the first write there may be neither. */
static bool protects_again(struct hs_world w)
{
    switch (hs_rule_log(w)) {
    case HS_LOG_LEGACY:
        return hs_rule_rearm_at_sync(w) == HS_REARM_ON;
    case HS_LOG_MANUAL:
        return true;
    case HS_LOG_RING:
        break;
    }
    return false;
}

/* The invariants of what the log knows of page `p`. */
static const char *check_log(struct hs_world w, unsigned p)
{
    const struct hs_page *page = hs_page(w, p);
    const struct hs_migration *m = &w.state->migration;
    enum hs_log mode = hs_rule_log(w);
    bool pending = *hs_chunk_pending(w, p);
    if (!m->log_on && (page->log || page->protected || page->known || page->host_log))
        return "page: no record in the log while logging is off";
    if (mode != HS_LOG_RING && page->log && page->protected && !m->protects)
        return "page: protected only while its log bit is 0";
    if (m->log_on && protects_again(w) && !page->log && !page->protected)
        return "page: protected while its log bit is 0";
    if (page->known && mode == HS_LOG_LEGACY)
        return "page: the legacy log needs no known bits";
    if (pending && !(m->log_on && mode == HS_LOG_MANUAL))
        return "page: the manual log alone, while it is on, is cleared later";
    if (page->known && mode == HS_LOG_MANUAL && !page->log)
        return "page: what the last GET returned stays in the manual log until CLEAR";
    if (page->known && mode == HS_LOG_MANUAL && !pending && m->phase != HS_MIGRATION_SYNCING)
        return "page: what the last GET returned is forgotten by CLEAR";
    return NULL;
}

/* Is page `p` sent once between two syncs?  Its bit is cleared before it is under way, and set by a
 * sync alone. */
static bool is_sent_once(struct hs_world w, unsigned p)
{
    const struct hs_page *page = hs_page(w, p);
    bool being_sent = w.state->migration.sending == p + 1;
    bool cleared_first = hs_rule_send_order(w) == HS_SEND_CLEAR_THEN_COPY;
    if (!page->late)
        return !(page->bitmap && being_sent && cleared_first);
    return !page->bitmap && !being_sent &&
           !(page->late == HS_LATE_OLDER && page->copy == HS_COPY_EQUAL);
}

/* The invariants of a copy that is under way. */
static const char *check_late(struct hs_world w, unsigned p)
{
    const struct hs_page *page = hs_page(w, p);
    const struct hs_migration *m = &w.state->migration;
    bool in_order = hs_rule_channels(w) == HS_CHANNELS_IN_ORDER;
    if (page->late && (in_order || !hs_migration_active(w)))
        return "page: copies are under way during a migration, if channels have no order";
    if (hs_rule_channels(w) != HS_CHANNELS_PER_ROUND_SYNC)
        return NULL;
    if (page->late && m->phase != HS_MIGRATION_SENDING && m->phase != HS_MIGRATION_READY)
        return "page: what was sent arrives before the next sync begins";
    return is_sent_once(w, p) ? NULL : "page: no page is sent twice between two syncs";
}

const char *hs_page_check(struct hs_world w, unsigned p)
{
    assert(hs_has_page(w, p));
    const struct hs_page *page = hs_page(w, p);
    if (page->owner >= HS_OWNER_COUNT || page->relies >= HS_RELIES_COUNT ||
        page->copy >= HS_COPY_COUNT || page->content >= HS_CONTENT_COUNT ||
        page->late >= HS_LATE_COUNT || page->unused)
        return "page: every field holds one of its values";
    if (page->order && !page->head)
        return "page: only a block's head carries an order";
    if (page->head && page->owner != HS_OWNER_FREE && page->owner != HS_OWNER_ISOLATED)
        return "page: only free and isolated blocks have a head";
    if (page->reported && !(page->head && page->owner == HS_OWNER_FREE))
        return "page: only a free block is marked reported";
    if (page->acked && page->owner != HS_OWNER_HELD)
        return "page: only a held block's hint can have been seen used";
    if (page->relies == HS_RELIES_DATA && page->owner != HS_OWNER_APP)
        return "page: only an application relies on data";
    if (page->relies == HS_RELIES_VALUE && hs_rule_poison(w) == HS_POISON_OFF &&
        !hs_config_trusts_zeroes(w.config))
        return "page: nobody relies on a value unless free pages keep one, or reported ones are zeros";
    if (page->owner == HS_OWNER_FREE && page->relies == HS_RELIES_NOTHING &&
        hs_rule_poison(w) != HS_POISON_OFF)
        return "page: the allocator relies on the value of a free page";
    if (page->faulted && hs_rule_refuse_written(w) == HS_OFF)
        return "page: faults are noted for the rule refuse-written alone";
    if (page->faulted && !page->modified && !page->dma)
        return "page: a noted fault is a modification, or one is to come";
    if (page->dma && (page->owner != HS_OWNER_APP || !hs_on_source(w)))
        return "page: a device writes pages in use, while the VM runs on the source";
    if (page->ballooned && hs_rule_ballooned_pages(w) == HS_BALLOONED_SENT)
        return "page: the host notes who is in the balloon to skip it alone";
    if (page->dma && hs_rule_dma_log(w) != HS_DMA_MARKED_FIRST)
        return "page: what a device writes arrives at once, unless the page is marked first";
    if (page->awaited && w.state->migration.phase != HS_MIGRATION_POSTCOPY)
        return "page: threads wait for pages in postcopy alone";
    if (page->copy == HS_COPY_EQUAL && is_read_too_early(w, p))
        return "page: what was read before the last write is not what the destination has";
    const char *broken = check_late(w, p);
    return broken ? broken : check_log(w, p);
}
