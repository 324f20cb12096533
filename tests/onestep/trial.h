/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One world on trial: a reduction is checked one step at a time in each of its states.
 *
 * A check says what is to hold in one state.  Where states come from is the trial's: all states of
 * small worlds, or walks that start along the schedules of the corpus.
 */
#ifndef ONESTEP_TRIAL_H
#define ONESTEP_TRIAL_H

#include "abstract_graph.h"
#include "kind_set.h"
#include "states.h"
#include "world_graph.h"

/* What was done, and what it is measured by. */
struct tally {
    uint64_t worlds;
    uint64_t complete; /* worlds of which every state was checked */
    uint64_t states;
    uint64_t steps;           /* each was taken before and after forgetting, and compared */
    struct hs_kind_set kinds; /* of steps that were compared */
    uint64_t failures;
    struct extras_met extras; /* of the worlds of which every state from the start on was checked */
    uint64_t special[128];    /* what a check counts for itself */
};

struct trial;

/* A planted fault: what a reduction might do wrong.  Applied to what the real one made. */
struct fault {
    const char *name;
    const char *check; /* the check that has to notice it */
    /* `was` is the state before the reduction, `is` the one after; NULL: no harm is done to it. */
    void (*harm)(struct hs_world was, struct hs_world is);
    uint32_t without;                       /* widenings that are left out of the abstraction */
    uint32_t only_in_start;                 /* or offered only while the status is START */
    uint64_t (*twins)(struct hs_world was); /* instead of hs_symmetry_twins; NULL: that */
};
struct check {
    const char *name;
    /* Make a drawn world one that the check has something to say of, and finish it.  False: there
     * is no way. */
    bool (*shape)(const struct trial *trial, struct hs_config *config, struct chance *chance);
    /* Does the check have something to say of a world that is given? */
    bool (*serves)(const struct hs_config *config);
    /* Set up for `trial->config`; whatever is needed for it stands in the trial. */
    void (*open)(struct trial *trial);
    /* Check one state.  False if something does not hold; says so by trial_fails. */
    bool (*state)(struct trial *trial, const void *state);
    /* For a check of states of the abstraction: the image of a state of the world, seen from page
     * `page`.  NULL: the states are those of the world. */
    void (*see)(struct trial *trial, const void *state, unsigned page, void *image);
    /* How many schedules of the corpus it serves at least: nine tenths of those that it does. */
    unsigned schedules;
    /* Kinds of steps, by name, that there are none of in the states on trial; ends with NULL. */
    const char *const *never;
    /* Extras (bits, 1 << extra) that no world which it compares can have. */
    uint32_t beyond;
    /* All done.  False, with a sentence, if something that was to be met was not.  May be NULL. */
    bool (*close)(const struct tally *tally, bool all);
};

extern const struct check check_dead_values;
extern const struct check check_symmetry;
extern const struct check check_normal_form;
extern const struct check check_ghosts;
extern const struct check check_widenings;
extern const struct check check_slice;

struct trial {
    const struct check *check;
    const struct fault *fault; /* planted, or NULL */
    bool quiet;                /* nothing is printed */
    struct tally *tally;
    struct hs_config config;
    uint32_t properties; /* that are asked for */
    struct hs_reduction reduction;
    struct hs_abstraction abstraction;
    struct hs_graph graph; /* whose states are checked */
    struct hs_graph plain; /* of the world */
    /* Where the state that is being checked comes from. */
    const struct states *states; /* of a small world, or NULL */
    uint32_t index;              /* in them */
    const char *name;            /* of the scenario, or NULL */
    uint64_t number;             /* of the drawn world, or the moment of the schedule */
    const uint32_t *walked;      /* labels of the walk from there */
    unsigned walked_count;
};

/* A state of the world; it is only read by whom it is `const` to. */
static inline struct hs_world trial_world(const struct trial *trial, const void *state)
{
    return (struct hs_world){&trial->config, (struct hs_state *)(uintptr_t)state};
}

/* Say what does not hold in this state, at a step or HS_NO_LABEL; returns false. */
enum { HS_NO_LABEL = UINT32_MAX };
bool trial_fails(struct trial *trial, const char *what, uint32_t label);
/* The same where two states are not the same, and what differs between them. */
bool trial_differs(
    struct trial *trial, const char *what, uint32_t label, struct hs_world a, struct hs_world b);
/* A step was compared. */
void trial_counts(struct trial *trial, uint32_t label);

/* All states from `start` on, which is one of `trial->config`, but no more than `most`. */
bool trial_from(struct trial *trial, const void *start, uint32_t most);
/* All states of drawn worlds, from number `first` on, until `states` have been checked.  True if
 * all is as it should be, and as much was done as was to be done. */
bool trial_worlds(struct trial *trial, uint64_t states, uint64_t first);
/* So many walks from each state along each schedule of the scenarios in a folder, of which the
 * check has something to say.  True as above. */
bool trial_corpus(struct trial *trial, const char *folder, unsigned walks);

#endif
