/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Witnesses of different kinds: with other steps, or with their steps in an order that matters.
 */
#ifndef HS_KINDS_H
#define HS_KINDS_H

#include "witness.h"

/* Leave steps out of a witness, each with whatever is then no longer enabled, until it takes every
 * one that is left to come to the goal. */
void hs_leave_out_all(const struct hs_graph *graph, const void *start, const struct hs_goal *goal,
    struct hs_witness *witness);

enum { HS_KINDS_LIMIT = 16 }; /* witnesses at most */

/*
 * Up to `most` witnesses (1..HS_KINDS_LIMIT), the shortest first, each without a step that could be
 * left out and with the fewest switches.  Two are of one kind if they differ only in which things
 * (pages, say) they are about, or if they are the same steps and end in the same state, so that
 * they differ in an order that makes no difference.  Looks at `candidates` goals and for each
 * reordering at `bound` nodes, at most.  Returns how many were found.
 */
unsigned hs_kinds_find(const struct hs_graph *graph, const void *start, const struct hs_goal *goal,
    const struct hs_effort *effort, unsigned candidates, uint32_t bound, unsigned most,
    struct hs_witness *witnesses);

#endif
