/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The table of steps at work: which are enabled, why one is not, and taking one.  Above all
 * machines.
 */
#ifndef HS_WORLD_H
#define HS_WORLD_H

#include "presets.h"
#include "state.h"

/*
 * Check `config`, whose layout and possible steps are filled in; everything else must be set.
 * Returns NULL, or what is wrong, in words.
 */
const char *hs_config_finish(struct hs_config *config);

/* The state before the first step: hints stopped, no migration, applications' pages written. */
void hs_world_init(struct hs_world w);

extern const char *const hs_actor_names[HS_ACTOR_COUNT];

enum { HS_STEP_NEEDS_MAX = 2 };

/* One row of the table of steps, made from steps.def, which says what each column is.  `p` is the
 * step's page, or 0 for a step without one. */
struct hs_step_row {
    const char *name;
    enum hs_actor actor;
    bool has_page;
    enum hs_motive motive;
    enum hs_limit limit; /* HS_LIMIT_COUNT: it spends nothing */
    bool (*guard)(struct hs_world w, unsigned p, struct hs_refusal *why);
    void (*effect)(struct hs_world w, unsigned p);
    const char *words; /* in the ladder */
    const char *told;  /* as a sentence */
    const char *summary;
    const char *clauses; /* or "" */
    const char *code;    /* or "" */
    struct hs_need needs[HS_STEP_NEEDS_MAX];
};
extern const struct hs_step_row hs_step_rows[HS_STEP_KIND_COUNT];

/* The kind of that name, or HS_STEP_KIND_COUNT. */
enum hs_step_kind hs_step_find(const char *name);

/* Is this a step of the world: a kind that there is, and a page that it has, or 0? */
bool hs_world_has(struct hs_world w, struct hs_step step);

/*
 * Is `step` enabled?  If not and `why` is given, it names the guard that failed and the state that
 * made it fail.  The world must have the step.
 */
bool hs_world_enabled(struct hs_world w, struct hs_step step, struct hs_refusal *why);

enum { HS_STEPS_MAX = HS_STEP_KIND_COUNT * HS_PAGES_MAX };
/* List the enabled steps in the table's order, then by page.  Returns how many. */
unsigned hs_world_steps(struct hs_world w, struct hs_step steps[HS_STEPS_MAX]);

/* Take `step`, which must be enabled. */
void hs_world_take(struct hs_world w, struct hs_step step);

/* Does the driver hold hinted pages?  page-stuck asks whether this can end. */
bool hs_pages_held(struct hs_world w);
/* Does the driver, or a thread on the destination, sleep until somebody else acts?  guest-stalled
 * asks whether this can end. */
bool hs_somebody_waits(struct hs_world w);

/* Does a request for hints wait for the driver's start command?  request-unanswered asks whether
 * one will be taken.  A stopped VM answers nothing, and a reset takes the request away with it. */
bool hs_request_is_open(struct hs_world w);

/* Blocks to be given back, pages to be pulled, and one step each for the work item, the report, the
 * inflate, the deflate and the request. */
enum { HS_AWAITED_MAX = 2 * HS_PAGES_MAX + 5 };
/*
 * The steps that would end what `property`, one of all continuations, asks about: one for each
 * thing that is held or waited for.  Returns how many; none exactly if nothing is.
 */
unsigned hs_awaited(
    struct hs_world w, enum hs_property property, struct hs_step steps[HS_AWAITED_MAX]);

/* Every machine's invariants; NULL, or the first that does not hold, in words. */
const char *hs_world_check(struct hs_world w);

#endif
