/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From an abstract trace to a run of the model: a small world in which the same steps come in the
 * same order, with a few between them.
 */
#ifndef HS_CONCRETE_H
#define HS_CONCRETE_H

#include "abstract_graph.h"
#include "replay.h"
#include "sweep.h"
#include "witness.h"

/* A world in which a run was looked for. */
struct hs_attempt {
    uint8_t pages;
    uint8_t slots;  /* of free_page_vq */
    uint8_t order;  /* of a hinted block */
    bool guided;    /* along the trace; otherwise any run within small limits */
    uint8_t extras; /* guided: steps that the trace does not have, left-out steps of it included */
    uint8_t writes; /* not guided: the limits */
    uint8_t rounds;
    uint8_t others; /* of everything else that is in play */
};
extern const struct hs_attempt hs_attempts[];
extern const unsigned hs_attempt_count;
/* In each of these worlds a search ends after so many states at the latest. */
enum { HS_ATTEMPT_STATES = 1 << 21 };

/* The sizes of a small world. */
struct hs_small {
    uint8_t pages;
    uint8_t order; /* of a hinted block */
    uint8_t slots; /* of free_page_vq */
    uint64_t free; /* bit page: free at the start */
};
/* The world of `variant` in these sizes; what is in play has no limit.  Its config is to be
 * finished. */
void hs_small_world(
    const struct hs_variant *variant, const struct hs_small *small, struct hs_variant *world);

/*
 * A run in which `property` breaks, found along `trace`; `variant` gives rules and which limits are
 * 0.  On success `world` is the variant of the small world, and the run, which refers to it, is the
 * caller's; otherwise NULL.  The effort is for each of the worlds, with HS_ATTEMPT_STATES
 * if it bounds no states, and twice as many to make the run short, unless `any` run will do; once
 * it was interrupted, no world is looked at.
 */
struct hs_run *hs_concrete_run(const struct hs_variant *variant, const struct hs_trace *trace,
    enum hs_property property, const struct hs_effort *effort, bool any, struct hs_variant *world);

#endif
