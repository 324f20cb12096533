/* SPDX-License-Identifier: BSD-3-Clause */
/* What a search says of a world, and whether the reductions say the same. */
#ifndef VERDICTS_H
#define VERDICTS_H

#include "naive.h"
#include "world_graph.h"

struct verdicts {
    uint32_t seen;   /* bit property: in some state */
    uint32_t ends;   /* in some end of a run */
    uint32_t always; /* in every end of a run, and there is one */
    uint32_t stuck;  /* those of all continuations: from some state */
    struct hs_kind_set fired;
    uint64_t distinct;
    uint64_t ends_counted;
    uint64_t ends_with[HS_PROPERTY_COUNT];
};

/* Search all of `graph`.  False if `memory` (bytes) does not suffice. */
bool verdicts_of(const struct hs_graph *graph, const struct hs_config *config, unsigned threads,
    size_t memory, struct verdicts *verdicts);

/* Does the naive search count what the plain search did?  What differs is printed. */
bool naive_agrees(const struct naive_counts *counts, const struct verdicts *plain);

/* A set of reductions: bits. */
enum {
    SET_PLAIN = 0,
    SET_DEAD_VALUES = 1,
    SET_SYMMETRY = 2,
    SET_PARTIAL_ORDER = 4,
    SET_REDUCTIONS = 7, /* the first three */
    SET_SLICE = 8,      /* dirty-page-lost alone is asked for */
    SET_ALL = 15,
    SET_COUNT = 16,
};
struct hs_reduction reduction_of_set(const struct hs_config *config, unsigned set);

/* States of all worlds that were compared, by set of reductions. */
struct state_sums {
    uint64_t states[SET_COUNT];
};

/* Does every reduction alone, the first three, and all together, say of this world what the plain
 * search does?  What differs is printed. */
bool reductions_agree(
    const struct hs_config *config, const struct verdicts *plain, struct state_sums *sums);

/* Where all reductions together find dirty-page-lost: is a run of the world found along theirs,
 * which loses a page when it is replayed?  Says so if not. */
bool slice_has_a_run(const struct hs_config *config, const struct verdicts *plain);

void print_sums(const struct state_sums *sums);
/* Everything that decides what a search finds, to see a world again that differs. */
void print_world(const struct hs_config *config);

#endif
