/* SPDX-License-Identifier: BSD-3-Clause */
/* The migration bitmap: filled, merged into, cleared. */
#include "bitmap.h"

#include "dirty_log.h"

void hs_bitmap_fill(struct hs_world w)
{
    assert(w.config && w.state);
    for (unsigned p = 0; p < w.config->pages; p++)
        hs_page(w, p)->bitmap = 1; /* bitmap_set(rb->bmap, 0, pages) */
}

void hs_bitmap_merge(struct hs_world w)
{
    assert(w.config && w.state);
    for (unsigned p = 0; p < w.config->pages; p++) {
        hs_page(w, p)->bitmap |= hs_page(w, p)->host_log;
        hs_page(w, p)->host_log = 0;
    }
}

void hs_bitmap_take(struct hs_world w, unsigned p)
{
    assert(hs_has_page(w, p));
    hs_log_clear_pending(w, p);
    hs_page(w, p)->bitmap = 0;
}

void hs_bitmap_skip(struct hs_world w, unsigned p, bool clear_log)
{
    assert(hs_has_page(w, p));
    if (hs_moves_as_snapshot(w))
        return; /* every page is written */
    if (!hs_migration_active(w))
        return; /* qemu_guest_free_page_hint asks for an active migration */
    if (clear_log && w.state->migration.log_on)
        hs_log_clear_pending(w, p);
    hs_page(w, p)->bitmap = 0;
}

unsigned hs_bitmap_first(struct hs_world w)
{
    assert(w.config && w.state);
    unsigned p = 0;
    while (p < w.config->pages && !hs_page(w, p)->bitmap)
        p++;
    return p;
}
