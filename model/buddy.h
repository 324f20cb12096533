/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The guest's page allocator: a binary buddy allocator (mm/page_alloc.c).
 *
 * A free block of order k is 2^k free pages, aligned to its size; its first page is the head and
 * carries the order and the reported mark.  Freeing merges a block with its buddy as long as that
 * is free and whole; allocating splits.  All three clear the reported mark.  A block
 * that merges is not taken for zeros any longer (report-zeroes); one that is split still is.
 *
 * Which block an allocation takes is the policy: LIFO keeps one list per order, newest first, as
 * Linux does; any leaves the choice open, so that a search explores every one.
 */
#ifndef HS_BUDDY_H
#define HS_BUDDY_H

#include "state.h"

/* Which end of its list a freed block joins. */
enum hs_list_end { HS_LIST_HEAD, HS_LIST_TAIL };

enum { HS_NO_PAGE = 255 };

/* Build maximal free blocks from the pages whose owner is free.  Needs no block to exist. */
void hs_buddy_build(struct hs_world w);

/* May an allocation of 2^order pages, aligned, hand out those from page `p` on? */
bool hs_buddy_can_allocate(struct hs_world w, unsigned p, unsigned order, struct hs_refusal *why);
/* Take 2^order pages from `p` on off the free list for `owner`; splits the block around them.  The
 * allocator relies on nothing in them any longer, save for zeroed pages in an application's hands.
 */
void hs_buddy_allocate(struct hs_world w, unsigned p, unsigned order, enum hs_owner owner);

/* Give 2^order pages from `p` on back: merge them with their buddies; poison or zero them first if
 * the rule says so (a vCPU write). */
void hs_buddy_free(struct hs_world w, unsigned p, unsigned order);

/* Take the free block with head `p` off the list as it is (__isolate_free_page). */
void hs_buddy_isolate(struct hs_world w, unsigned p);
/* Put an isolated block back at the tail of its list and mark it reported if it stays whole
 * (page_reporting_drain).  A block that is marked is taken for zeros if the report was used and the
 * guest trusts that. */
void hs_buddy_put_back(struct hs_world w, unsigned p, bool used);

/* The next block to report after `previous` (HS_NO_PAGE at first): free, not yet reported, of at
 * least the reporting order; HS_NO_PAGE if there is none. */
unsigned hs_buddy_next_unreported(struct hs_world w, unsigned previous);

/* NULL, or the invariant that does not hold, in words. */
const char *hs_buddy_check(struct hs_world w);

#endif
