/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The runs that an exploration shows: witnesses of a property that can break, each with what would
 * have saved it, or an example if nothing breaks.
 */
#ifndef HS_SHOWN_H
#define HS_SHOWN_H

#include "kinds.h"
#include "nearest.h"
#include "reduction.h"
#include "replay.h"

enum { HS_PROPERTY_NONE = HS_PROPERTY_COUNT + 1 };

/* What is to be shown. */
struct hs_wish {
    unsigned property;  /* whose witnesses; HS_PROPERTY_COUNT: of the first that can break;
                           HS_PROPERTY_NONE: nothing is to be shown */
    unsigned witnesses; /* how many of different kinds, 1..HS_KINDS_LIMIT */
    bool nearest;       /* the text shows the nearest run that does without as a ladder, too */
};

struct hs_shown_witness {
    struct hs_run *run;
    enum hs_nearest_end nearest_end; /* HS_NEAREST_GAVE_UP for properties of all continuations */
    struct hs_run *nearest;          /* the nearest run that does without, or NULL */
    unsigned sooner;                 /* what decides, as steps of `run`: there, `sooner` comes */
    unsigned later;                  /* before `later` */
};

struct hs_shown {
    struct hs_wish wish;
    struct hs_reduction reduction; /* for the searches for runs: none that lengthens them */
    enum hs_property property;     /* whose witnesses they are */
    bool breaks;                   /* it can break, and witnesses were looked for */
    bool may_be_longer;            /* the witness is perhaps not a shortest one */
    unsigned count;                /* 0 although it breaks: the effort did not suffice */
    struct hs_shown_witness witnesses[HS_KINDS_LIMIT];
    bool asks_example; /* nothing breaks, and the scenario has steps to cover */
    enum hs_witness_end example_end;
    struct hs_run *example; /* a run that takes every step in `cover`, or NULL */
};

/* Find the witnesses of a property.  `set` is NULL for one that is noticed at a step. */
void hs_shown_find_witnesses(struct hs_shown *shown, const struct hs_variant *variant,
    enum hs_property property, const struct hs_search *search, const uint64_t *set,
    const struct hs_effort *effort);
/* Find one witness along a shortest run of the slice, which the reduction has. */
void hs_shown_find_along_slice(struct hs_shown *shown, const struct hs_variant *variant,
    enum hs_property property, const struct hs_reduction *sliced, const struct hs_effort *effort);
/* Find the example, if the scenario has steps to cover. */
void hs_shown_find_example(
    struct hs_shown *shown, const struct hs_variant *variant, const struct hs_effort *effort);
/* Can a step of this kind be taken at all?  HS_WITNESS_GAVE_UP: not known. */
enum hs_witness_end hs_can_be_taken(const struct hs_variant *variant,
    const struct hs_reduction *reduction, enum hs_step_kind kind, const struct hs_effort *effort);
void hs_shown_free(struct hs_shown *shown);

/* How many runs are shown, and each: the witnesses, or the example. */
unsigned hs_shown_runs(const struct hs_shown *shown);
const struct hs_run *hs_shown_run(const struct hs_shown *shown, unsigned index);

#endif
