/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The cheapest way through a space of nodes: uniform-cost search, exact, by one thread and in one
 * fixed order.  A node is a row of words: a state, and what is to be remembered of the way to it.
 */
#ifndef HS_ROUTE_H
#define HS_ROUTE_H

#include "witness.h"

/* One way on from a node. */
struct hs_branch {
    uint32_t label;
    uint64_t cost;
};

/* What is searched.  The functions only read `context`. */
struct hs_route_space {
    unsigned words; /* of a node, 1..HS_STORE_WORDS_MAX */
    void *context;
    /* The ways on, in a fixed order; returns how many, at most HS_LABELS_MAX. */
    unsigned (*list)(void *context, const uint64_t *node, struct hs_branch *branches);
    /* Take one: changes `node`. */
    void (*take)(void *context, uint64_t *node, uint32_t label);
    bool (*is_goal)(void *context, const uint64_t *node);
};

enum hs_route {
    HS_ROUTE_FOUND,
    HS_ROUTE_NONE,    /* every node was looked at: there is none */
    HS_ROUTE_GAVE_UP, /* the bound was hit first, or memory */
};

/* The first of the cheapest ways from `start` to a goal, looking at `bound` nodes at most.  `way`
 * is untouched unless one was found. */
enum hs_route hs_route_find(const struct hs_route_space *space, const uint64_t *start,
    uint32_t bound, struct hs_witness *way);

#endif
