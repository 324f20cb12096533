/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The migration bitmap: the pages that are still to be sent (migration/ram.c).
 *
 *   0 --fill, merge: the host log has the page--> 1 --take, to be sent; skip, hinted--> 0
 *
 * Before a page's bit is cleared its log is, so that a write in between leaves a record.
 */
#ifndef HS_BITMAP_H
#define HS_BITMAP_H

#include "state.h"

/* Every page is to be sent (ram_init_bitmaps). */
void hs_bitmap_fill(struct hs_world w);
/* Move the host log into the bitmap (ramblock_sync_dirty_bitmap). */
void hs_bitmap_merge(struct hs_world w);
/* Take page `p` off, to send it: its chunk's log is cleared first (migration_bitmap_clear_dirty).
 */
void hs_bitmap_take(struct hs_world w, unsigned p);
/* A hint for page `p` is applied: it need not be sent (qemu_guest_free_page_hint).  Nothing, unless
 * a migration is under way.  `clear_log`: its chunk's log is cleared first. */
void hs_bitmap_skip(struct hs_world w, unsigned p, bool clear_log);
/* The first page that is still to be sent; config.pages if there is none. */
unsigned hs_bitmap_first(struct hs_world w);

#endif
