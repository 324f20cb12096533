/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A small exhaustive search: can a goal be reached from here, and how?  Breadth-first over states
 * that are opaque bytes; it knows nothing of what they mean.
 */
#ifndef HS_REACH_H
#define HS_REACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is searched.  A label names a step between two states. */
struct hs_space {
    size_t state_size; /* bytes */
    unsigned labels;   /* at most so many are listed in one state */
    void *context;     /* handed to the functions below */
    unsigned (*list)(void *context, const void *state, uint32_t *labels); /* returns how many */
    void (*take)(void *context, void *state, uint32_t label);             /* changes `state` */
    bool (*is_goal)(void *context, const void *state);
};

enum hs_reach {
    HS_REACHED,     /* there is a way */
    HS_UNREACHABLE, /* every state was looked at: there is none */
    HS_GAVE_UP,     /* the bound was hit first, or memory */
};

enum { HS_WAY_MAX = 256 };

struct hs_way {
    unsigned length;
    uint32_t labels[HS_WAY_MAX];
};

/*
 * Look for a shortest way from `start` to a goal, looking at `bound` states at most.  If there is
 * one, `way` holds the first in the order of the labels; if a way of the same length leads to a
 * different goal state, `other` holds it, otherwise its length is 0.  `way` and `other` may be
 * NULL.
 */
enum hs_reach hs_reach(const struct hs_space *space, const void *start, size_t bound,
    struct hs_way *way, struct hs_way *other);

/*
 * Is there any way at all?  Depth-first, which finds a long way sooner than a shortest one.
 */
enum hs_reach hs_reach_any(const struct hs_space *space, const void *start, size_t bound);

#endif
