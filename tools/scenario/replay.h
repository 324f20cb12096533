/* SPDX-License-Identifier: BSD-3-Clause */
/* Replaying a schedule: one interleaving, step by step, with the duties that it leaves out filled
 * in. */
#ifndef HS_REPLAY_H
#define HS_REPLAY_H

#include "scenario.h"
#include "text.h"

/* One step of a run. */
struct hs_moment {
    struct hs_step step;
    bool filled_in; /* not written in the schedule; behind `finish`: chosen by it */
    unsigned entry; /* of the schedule: that step, or the one that it was filled in for */
};

/* How a run stands after its last step. */
enum hs_run_end {
    HS_RUN_NO_MIGRATION, /* none began: it is judged as it stands */
    HS_RUN_UNFINISHED,   /* the migration goes on, somebody waits for a page, or it was cancelled
                            and device, driver or migration have something left to do */
    HS_RUN_ENDED         /* switched over, in postcopy with nothing awaited; or cancelled */
};

struct hs_run {
    const struct hs_variant *variant;
    struct hs_config config; /* the variant's, without limits */
    struct hs_moment *moments;
    unsigned length; /* of moments */
    uint8_t *states; /* length + 1 of them: before the first step, and after each */
    uint32_t broken; /* bit hs_property, those of all continuations judged for the last state */
    enum hs_run_end end;
    uint32_t unknown; /* bit hs_property: those of all continuations where the search gave up */
};

/* The state after `moment` steps. */
struct hs_world hs_run_world(const struct hs_run *run, unsigned moment);

/*
 * Replay the schedule of `variant`, which must have one.  NULL with `error` if a step is not
 * enabled where it stands, if the scenario's limits rule it out there, or if steps that were left
 * out can be filled in in more than one way.
 */
struct hs_run *hs_replay(const struct hs_variant *variant, struct hs_error *error);
/* Can the schedule of `variant`, if it has one, be replayed?  False, with `error`, if not. */
bool hs_schedule_is_possible(const struct hs_variant *variant, struct hs_error *error);
/* Limits within which the run stays, none below the variant's: what a scenario has to say that has
 * the run for its schedule. */
void hs_run_limits(const struct hs_run *run, uint8_t limits[HS_LIMIT_COUNT]);
/* The run that takes these steps from the start, all of which must be enabled where they stand. */
struct hs_run *hs_run_follow(
    const struct hs_variant *variant, const struct hs_step *steps, unsigned count);
void hs_run_free(struct hs_run *run);

/* What is missing, in words: "page 1 is to be sent; the VM runs on the source". */
void hs_run_missing_add(const struct hs_run *run, struct hs_text *text);
/* Does the schedule end with `finish`? */
bool hs_run_finishes(const struct hs_run *run);

/* The steps in the scenario's `cover` that are not part of the run. */
struct hs_kind_set hs_run_uncovered(const struct hs_run *run);

/* `step` as it is written in a schedule. */
void hs_step_write(struct hs_step step, char *text, size_t size);

#endif
