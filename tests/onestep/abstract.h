/* SPDX-License-Identifier: BSD-3-Clause */
/* What the checks of the proof share: states of the abstraction, and the steps of one. */
#ifndef ONESTEP_ABSTRACT_H
#define ONESTEP_ABSTRACT_H

#include "covers.h"
#include "trial.h"

/* Behind the kinds of the model's steps come those of widenings. */
#define WIDENING(widening_) ((unsigned)HS_STEP_KIND_COUNT + (widening_))

/* Worlds whose queue fits into that of the abstraction. */
bool abstract_serves(const struct hs_config *config);
bool abstract_shape(const struct trial *trial, struct hs_config *config, struct chance *chance);
/* Steps that lead nowhere in the abstraction, and are not there. */
extern const char *const abstract_never[];
/* Extras that are mapped away: the world of the abstraction has one page, and a queue of one size.
 */
#define ABSTRACT_BEYOND                                                  \
    (1u << EXTRA_HINT_ORDER | 1u << EXTRA_MAX_ORDER | 1u << EXTRA_LIFO | \
        1u << EXTRA_REPORT_ORDER | 1u << EXTRA_REPORT_BATCH)
/* The states on trial are those of the abstraction of `trial->config`. */
void abstract_open(struct trial *trial);
/* What the page sees of a state of the world. */
void abstract_see(struct trial *trial, const void *state, unsigned page, void *image);

static inline struct hs_world abstract_world(
    const struct trial *trial, const union hs_abstract_state *state)
{
    return hs_abstract_world(&trial->abstraction, state);
}

/* What is done to a state after each step, beside what the graph of the abstraction does. */
typedef void after_step(const struct trial *trial, union hs_abstract_state *state);

/* The steps of a state, and where each leads to; what is broken there is what the step broke. */
struct steps {
    unsigned count;
    uint32_t labels[HS_LABELS_MAX];
    union hs_abstract_state next[HS_LABELS_MAX];
};
void steps_list(const struct trial *trial, after_step *after, const union hs_abstract_state *state,
    struct steps *steps);
/* The index of a label, or the count. */
unsigned steps_find(const struct steps *steps, uint32_t label);
/* Is there that step, and does it lead to that state? */
bool steps_lead(const struct steps *steps, uint32_t label, const union hs_abstract_state *outcome);

/* Does a state take a step with that outcome, at once, or after the device has taken elements that
 * have no effect: ones that lead to the state `stands_for_it`? */
bool takes_in_the_end(const struct trial *trial, after_step *after, union hs_abstract_state state,
    const union hs_abstract_state *stands_for_it, uint32_t label,
    const union hs_abstract_state *outcome);

#endif
