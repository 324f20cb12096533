/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Witnesses: runs to the states that are looked for, shortest first.
 */
#ifndef HS_WITNESS_H
#define HS_WITNESS_H

#include "search.h"

enum { HS_WITNESS_MAX = 4096 };
struct hs_witness {
    unsigned length;
    uint32_t labels[HS_WITNESS_MAX];
};

/* Which states are looked for: those in which a flag holds that does not depend on the enabled
 * steps; or, if `set` is given, those of that set of the search, which is complete; or, if `state`
 * is given, that one. */
struct hs_goal {
    unsigned flag;
    const uint64_t *state;
    const uint64_t *set;
    const struct hs_search *search; /* whose places `set` holds; not needed without one */
    /* NULL, or at most the number of steps from a state to a goal: states from which it is more
     * than `most` from the start are not looked at.  A run of up to that many steps is found all
     * the same, and it is the same one: all states before one of a shortest run, a step nearer to
     * the start, are on a shortest run themselves. */
    unsigned (*least)(const void *context, const void *state);
    const void *context;
    unsigned most;
};

/* Is a step among those that are listed? */
bool hs_label_listed(const uint32_t *labels, unsigned count, uint32_t label);

bool hs_is_goal(const struct hs_graph *graph, const struct hs_goal *goal, const void *state);

/* Take the steps from `state` on, which is changed.  False, at the first that is not enabled. */
bool hs_witness_replay(const struct hs_graph *graph, const struct hs_witness *witness, void *state);

/* What a search for runs may take. */
struct hs_effort {
    size_t memory;                   /* bytes */
    double until;                    /* as hs_time_out says; 0: no end */
    uint32_t states;                 /* to be looked at, at most; 0: no bound */
    const volatile int *interrupted; /* when it rises, stop soon; may be NULL */
};

/*
 * A breadth-first search for one goal after the other, by one thread and in one fixed order, so
 * that the runs are always the same.  A run ends in its first goal: what lies behind is not looked
 * at.  The graph's `canonical` is used.  NULL if there is no memory; `graph`,
 * `goal` and `effort` must outlive it.
 */
struct hs_witness_search;
struct hs_witness_search *hs_witness_search_new(const struct hs_graph *graph, const void *start,
    const struct hs_goal *goal, const struct hs_effort *effort);
void hs_witness_search_free(struct hs_witness_search *search);

enum hs_witness_end {
    HS_WITNESS_FOUND,
    HS_WITNESS_NONE,    /* every state was looked at: there is no further goal */
    HS_WITNESS_GAVE_UP, /* the effort did not suffice, or a run is longer than HS_WITNESS_MAX */
};
/* A shortest run to the next goal; with a `finer` graph, a run of that one along a shortest. */
enum hs_witness_end hs_witness_search_next(
    struct hs_witness_search *search, struct hs_witness *witness);

/* The first of them. */
enum hs_witness_end hs_witness_find(const struct hs_graph *graph, const void *start,
    const struct hs_goal *goal, const struct hs_effort *effort, struct hs_witness *witness);

#endif
