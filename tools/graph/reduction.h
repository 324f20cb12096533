/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What makes the graph of a world smaller without changing any verdict (spec/reductions.md has the
 * proofs).  Each replaces a state, in place, by one that stands for it.
 */
#ifndef HS_REDUCTION_H
#define HS_REDUCTION_H

#include "world.h"

/* Which reductions are on, and what is asked for. */
struct hs_reduction {
    const struct hs_config *config; /* must outlive the graph */
    bool dead_values;
    bool symmetry;
    bool partial_order;
    bool lists_twins;    /* with symmetry: steps of exchangeable pages are listed all the same */
    bool slice;          /* only `properties` are asked for */
    uint32_t properties; /* bit hs_property; without slice, all of them */
};

/* The reductions that are switched one by one: their public names, and the switches in a plan. */
enum { HS_REDUCTION_COUNT = 3 };
extern const char *const hs_reduction_names[HS_REDUCTION_COUNT];
bool *hs_reduction_switch(struct hs_reduction *reduction, unsigned which);

/* dead_values.c: put a fixed value in place of every value that no step and none of the wanted
 * properties reads before it is written again; turn the rings so that their oldest slot is the
 * first, and number the command ids anew. */
void hs_dead_values_forget(struct hs_world w, uint32_t properties);

/* symmetry.c: can pages, or blocks of them, be exchanged without any rule telling the difference?
 */
bool hs_symmetry_holds(const struct hs_config *config);
/* Sort what can be exchanged.  Needs hs_symmetry_holds. */
void hs_symmetry_sort(struct hs_world w);
/* Bit p: page p, p > 0, can be exchanged with the page before it without any change, so that what
 * can be done to either leads to states that stand for each other.  Needs hs_symmetry_holds. */
uint64_t hs_symmetry_twins(struct hs_world w);

/* partial_order.c: which of the enabled steps may be taken alone, because whatever else may happen
 * before it happens as well after it?  Returns its index, or `count` if there is none. */
unsigned hs_partial_order_pick(struct hs_world w, const struct hs_step *steps, unsigned count);

/* slice.c: is dirty-page-lost alone asked for, of a world that the slice can serve? */
bool hs_slice_holds(const struct hs_reduction *reduction);
/* Let what makes no difference to dirty-page-lost be the same.  Needs hs_slice_holds. */
void hs_slice_forget(struct hs_world w);
/* Is page `p` in use without holding anything? */
bool hs_page_is_idle(struct hs_world w, unsigned p);

#endif
