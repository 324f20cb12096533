/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The nearest run that does without: the smallest change in the order of a run's steps after which
 * a flag no longer comes to hold.
 */
#ifndef HS_NEAREST_H
#define HS_NEAREST_H

#include "witness.h"

struct hs_nearest {
    struct hs_witness run;
    /* What decides, as numbers of steps of the witness: in the run, `sooner` comes before `later`.
     * With these two as they were, and all others as in the run, the flag holds again. */
    unsigned sooner;
    unsigned later;
};

enum hs_nearest_end {
    HS_NEAREST_FOUND,
    HS_NEAREST_NONE,    /* whatever the order, the flag holds, or a step becomes impossible */
    HS_NEAREST_GAVE_UP, /* the bound was hit, or no single pair decides */
};

/*
 * A run to a state in which `flag` holds is given.  Of all orders of its steps in which each actor
 * keeps its own order, find the one with the fewest pairs exchanged after which the flag does not
 * hold when no duty is left.  Duties that are not in the witness are taken only where none of its
 * steps can be, or after them; of equal orders the one with the fewest of those is taken.
 */
enum hs_nearest_end hs_nearest_find(const struct hs_graph *graph, const void *start, unsigned flag,
    const struct hs_witness *witness, uint32_t bound, struct hs_nearest *nearest);

#endif
