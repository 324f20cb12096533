/* SPDX-License-Identifier: BSD-3-Clause */
/* Explorations: every interleaving within the limits, judged, and the runs that show it. */
#ifndef HS_EXPLORATION_H
#define HS_EXPLORATION_H

#include "judgement.h"
#include "shown.h"
#include "world_graph.h"

/* What is known of a property beyond the limits, for any number of pages, and of what is in play.
 */
enum hs_beyond {
    HS_BEYOND_NOT_ASKED, /* it is broken within them, is no question in this world or of one page,
                            or was not asked */
    HS_BEYOND_PROVED,    /* never broken there either */
    HS_BEYOND_BROKEN,    /* a run in a larger world breaks it */
    HS_BEYOND_NOT_KNOWN, /* a short search for a proof, or for such a run, did not suffice */
    HS_BEYOND_COUNT
};

/* A finished exploration: the verdict of each property, and the runs that show it. */
struct hs_exploration {
    const struct hs_variant *variant;
    struct hs_reduction reduction;
    struct hs_search search;
    struct hs_kind_set not_known; /* of the slice, whether it can be taken is not known */
    struct hs_kind_set fired;     /* taken by some order; of the slice, with what is covered */
    uint8_t verdict[HS_PROPERTY_COUNT];   /* enum hs_verdict */
    uint8_t beyond[HS_PROPERTY_COUNT];    /* enum hs_beyond */
    uint64_t positive[HS_PROPERTY_COUNT]; /* different ends, or states for a property
                                             of all continuations */
    uint64_t negative[HS_PROPERTY_COUNT];
    struct hs_shown shown;
};

/* How to explore. */
struct hs_plan {
    struct hs_search_options search;
    struct hs_reduction reduction; /* without a config; with the slice, `properties` is what is
                                      asked for, and the others stay Unknown */
    struct hs_wish wish;
    bool until_decided; /* the search may end as soon as it is certain that all is as the scenario
                           expects; there must be an expectation */
    bool looks_beyond;  /* asks for a proof where nothing is broken within the limits */
};

/*
 * Explore every interleaving of `variant` within its limits, and find the runs that are wished for.
 * The exploration refers to the variant and is to be closed.
 */
void hs_explore(const struct hs_variant *variant, const struct hs_plan *plan,
    struct hs_exploration *exploration);
void hs_exploration_close(struct hs_exploration *exploration);

bool hs_exploration_is_complete(const struct hs_exploration *exploration);
/* Is it known that no order takes a step of this kind? */
bool hs_exploration_never_takes(const struct hs_exploration *exploration, unsigned kind);

/* What the scenario expects of an exploration, and what was found.  A search that hit a bound is
 * never a pass; without an expectation nothing may break. */
struct hs_judgement hs_exploration_judgement(const struct hs_exploration *exploration);
enum hs_answer hs_exploration_answer(const struct hs_exploration *exploration);

#endif
