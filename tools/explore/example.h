/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Examples: a run that takes a step of every kind that is asked for.
 */
#ifndef HS_EXAMPLE_H
#define HS_EXAMPLE_H

#include "witness.h"

/* The first shortest run from `start` that takes a step of each kind in `kinds` (not empty).
 */
enum hs_witness_end hs_example_find(const struct hs_graph *graph, const void *start,
    const struct hs_kind_set *kinds, const struct hs_effort *effort, struct hs_witness *example);

#endif
