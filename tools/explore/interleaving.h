/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Other orders of a run's steps.  Each actor keeps its own order, so that an order is told by whose
 * step comes next.
 */
#ifndef HS_INTERLEAVING_H
#define HS_INTERLEAVING_H

#include "route.h"

enum {
    HS_INTERLEAVING_ACTORS_MAX = 16,
    HS_INTERLEAVING_WORDS = HS_INTERLEAVING_ACTORS_MAX * sizeof(uint16_t) / sizeof(uint64_t)
};

/* A run's steps, dealt out to their actors.  A node of a search for an order is a state, and behind
 * it HS_INTERLEAVING_WORDS words that say which step of each actor is next. */
struct hs_interleaving {
    const struct hs_graph *graph;
    const struct hs_witness *run;
    unsigned actors; /* in the order in which they come up in the run */
    unsigned names[HS_INTERLEAVING_ACTORS_MAX];
    uint16_t first[HS_INTERLEAVING_ACTORS_MAX]; /* each actor's first step */
    uint8_t actor[HS_WITNESS_MAX];              /* each step's actor, below `actors` */
    uint16_t after[HS_WITNESS_MAX]; /* that actor's step after this one, or the run's length */
};

/* Deal the run's steps out.  False if there are too many actors, or if a node with `more` words of
 * the caller's behind it is too large for a store. */
bool hs_interleaving_deal(struct hs_interleaving *interleaving, const struct hs_graph *graph,
    const struct hs_witness *run, unsigned more);
/* The node before the first step. */
void hs_interleaving_begin(
    const struct hs_interleaving *interleaving, const void *start, uint64_t *node);
/* Which step of an actor is next; the run's length if it has none left. */
unsigned hs_interleaving_next(
    const struct hs_interleaving *interleaving, const uint64_t *node, unsigned actor);
/* Take the step, which is its actor's next and enabled. */
void hs_interleaving_take(
    const struct hs_interleaving *interleaving, uint64_t *node, unsigned step);
/* Were all steps taken? */
bool hs_interleaving_is_done(const struct hs_interleaving *interleaving, const uint64_t *node);

/*
 * Of all orders of the run's steps that can be taken and lead to a goal, one with the fewest
 * switches from one actor to another; of those, the first in a fixed order.  The run stays as it is
 * if more than `bound` nodes would have to be looked at.
 */
void hs_interleaving_least_switches(const struct hs_graph *graph, const void *start,
    const struct hs_goal *goal, uint32_t bound, struct hs_witness *run);

#endif
