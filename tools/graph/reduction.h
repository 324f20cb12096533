/*
 * What makes the graph of a world smaller without changing any verdict (spec/search.md has the
 * proofs).  Each replaces a state, in place, by one that stands for it.
 */
#ifndef HS_REDUCTION_H
#define HS_REDUCTION_H

#include "hintmodel.h"

/* Which reductions are on, and what is asked for. */
struct hs_reduction {
    const struct hs_config *config; /* must outlive the graph */
    uint32_t properties;            /* bit hs_property: whose verdicts are wanted */
    bool dead_values;
    bool symmetry;
    bool partial_order;
};

/* Can pages, or blocks of them, be exchanged without any rule telling the difference? */
bool hs_symmetry_holds(const struct hs_config *config);
/* Sort what can be exchanged.  Needs hs_symmetry_holds. */
void hs_symmetry_sort(struct hs_world w);

/* Put a fixed value in place of every value that no step and no wanted property reads before it is
 * written again; turn the rings so that their oldest slot is the first, and number the command ids
 * anew. */
void hs_dead_values_forget(struct hs_world w, uint32_t properties);

/* May a page that is free and one that is in use, but holds nothing, stand for each other? */
bool hs_idle_pages_fold(const struct hs_reduction *reduction);
/* Let every free page be one in use that holds nothing.  Needs hs_idle_pages_fold. */
void hs_idle_pages_take(struct hs_world w);
/* Is page `p` in use without holding anything? */
bool hs_idle_page(struct hs_world w, unsigned p);

/* A step that may be taken at once and alone: nothing that can come before it, whatever is done
 * meanwhile, makes a difference to it or it to that.  False if there is none. */
bool hs_independent_step(const struct hs_reduction *reduction, struct hs_world w,
    const struct hs_step *steps, unsigned count, unsigned *which);

#endif
