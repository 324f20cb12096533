/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One page frame: what a write and a discard do to its content and its records, and whether it
 * would arrive.
 */
#ifndef HS_PAGE_H
#define HS_PAGE_H

#include "state.h"

/*
 * A vCPU writes to page `p`: the content changes wherever the guest runs, and the dirty log sees
 * it if the page is protected.  `relies` is what the guest relies on from now on.
 */
void hs_page_vcpu_write(struct hs_world w, unsigned p, enum hs_reliance relies);

/* A vCPU writes zeros to page `p`, on which nobody relies (rule init-on-alloc). */
void hs_page_zero(struct hs_world w, unsigned p);

/* The host writes to page `p` on the guest's behalf (device DMA).  KVM's log does not see it; that
 * it is marked in the host log is another matter (hs_page_host_mark). */
void hs_page_host_write(struct hs_world w, unsigned p);
/* The host marks page `p` as written, whether it has been or will be. */
void hs_page_host_mark(struct hs_world w, unsigned p);

/*
 * The host discards page `p` (MADV_DONTNEED): the guest reads zeros from now on.  The log does not
 * see it (measured on QEMU 7.2) unless the rule discard-marks-dirty is on.
 */
void hs_page_discard(struct hs_world w, unsigned p);

/* What a free page holds: zeros or the poison value, if the rule poison says so. */
enum hs_content hs_page_free_content(struct hs_world w);

/* Has page `p` not arrived in postcopy, so that an access sleeps until it is pulled? */
bool hs_page_is_missing(struct hs_world w, unsigned p);

/* Page `p` was sent, as it is now or as it was before: it arrives, or is under way (channels). */
void hs_page_send(struct hs_world w, unsigned p, bool current);
/* The first page of which a copy is under way; the number of pages if there is none. */
unsigned hs_page_first_late(struct hs_world w);

/* Does the destination hold the same content for page `p` as the source? */
bool hs_page_arrived(struct hs_world w, unsigned p);

/*
 * Has the last write to page `p` left no trace: the guest relies on the page, the destination's
 * copy differs, and no record of it is left that would make migration send it?  Such a page is lost
 * unless it is written again.  False while no migration is under way.
 */
bool hs_page_is_unrecorded(struct hs_world w, unsigned p);

/* The invariants of one page frame; NULL, or the invariant that does not hold, in words. */
const char *hs_page_check(struct hs_world w, unsigned p);

#endif
