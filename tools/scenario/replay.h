/* Replaying a schedule: one interleaving, step by step, with the duties that it leaves out filled
 * in. */
#ifndef HS_REPLAY_H
#define HS_REPLAY_H

#include "scenario.h"

/* One step of a run. */
struct hs_moment {
    struct hs_step step;
    bool filled_in; /* not written in the schedule */
};

struct hs_run {
    const struct hs_variant *variant;
    struct hs_config config; /* the variant's, without limits */
    struct hs_moment *moments;
    unsigned length;  /* of moments */
    uint8_t *states;  /* length + 1 of them: before the first step, and after each */
    uint32_t broken;  /* bit hs_property, page-stuck and guest-stalled of the last state included */
    uint32_t unknown; /* bit hs_property: page-stuck or guest-stalled where the search gave up */
};

/* The state after `moment` steps. */
struct hs_world hs_run_world(const struct hs_run *run, unsigned moment);

/*
 * Replay the schedule of `variant`, which must have one.  NULL with `error` if a step is not
 * enabled where it stands, or if steps that were left out can be filled in in more than one way.
 */
struct hs_run *hs_replay(const struct hs_variant *variant, struct hs_error *error);
/* The run that takes these steps from the start, all of which must be enabled where they stand. */
struct hs_run *hs_run_follow(
    const struct hs_variant *variant, const struct hs_step *steps, unsigned count);
void hs_run_free(struct hs_run *run);

/* Is every step in the scenario's `cover` part of the run?  Otherwise the first that is not. */
enum hs_step_kind hs_run_uncovered(const struct hs_run *run);

/* `step` as it is written in a schedule. */
void hs_step_write(struct hs_step step, char *text, size_t size);

#endif
