/*
 * Examples: a run that takes a step of every kind that is asked for.
 */
#ifndef HS_EXAMPLE_H
#define HS_EXAMPLE_H

#include "witness.h"

/* The first shortest run from `start` that takes a step of each kind in `kinds` (bit kind; not 0).
 */
enum hs_hunt_end hs_example_find(const struct hs_graph *graph, const void *start, uint64_t kinds,
    const struct hs_effort *effort, struct hs_witness *example);

#endif
