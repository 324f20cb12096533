/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A search of a graph that is small enough to remember how each state was found: one pass gives
 * every state, and a shortest way to the first in which each flag holds.
 */
#ifndef HS_SWEEP_H
#define HS_SWEEP_H

#include "search.h"

enum { HS_TRACE_MAX = 1024 };
enum { HS_SWEEP_START = UINT32_MAX };

struct hs_sweep {
    bool complete;            /* memory and time sufficed */
    enum hs_search_end end;   /* why not, if it is not */
    uint32_t count;           /* states, numbered from 0 in breadth-first order */
    uint64_t taken;           /* steps */
    uint32_t flags;           /* that hold in some state */
    uint64_t *roots;          /* in the store, by number */
    uint32_t *parents;        /* by number; the start's is HS_SWEEP_START */
    uint32_t *labels;         /* of the step that found it */
    uint32_t first[HS_FLAGS]; /* number of the first state in which a flag holds */
    struct hs_store *store;
};

/* A way through the graph. */
struct hs_trace {
    unsigned length;
    uint32_t labels[HS_TRACE_MAX];
};

/* Sweep everything that can be reached from `start`.  The result is to be closed. */
void hs_sweep_run(const struct hs_graph *graph, const void *start,
    const struct hs_search_options *options, struct hs_sweep *sweep);
void hs_sweep_close(struct hs_sweep *sweep);

/* The way on which the first state with `flag`, which some state has, was found.  False if it is
 * longer than HS_TRACE_MAX. */
bool hs_sweep_trace(const struct hs_sweep *sweep, unsigned flag, struct hs_trace *trace);

#endif
