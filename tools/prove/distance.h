/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How far is it, at least, from a state of a small world to one that breaks a property?  Each run
 * of the world is, seen from one of its pages, a run of the abstraction, with at most one step for
 * each of its own; so what the abstraction needs, the world needs as well.
 */
#ifndef HS_DISTANCE_H
#define HS_DISTANCE_H

#include "abstract_graph.h"
#include "witness.h"

enum { HS_TOO_FAR = UINT8_MAX }; /* a distance: it cannot be broken from there, or not soon */

struct hs_distances;
/* The distances to a state that breaks `property`, in the abstraction of the worlds with the rules
 * of `config`.  NULL if the abstraction is too large for the effort, or if it was interrupted. */
struct hs_distances *hs_distances_new(
    const struct hs_config *config, enum hs_property property, const struct hs_effort *effort);
void hs_distances_free(struct hs_distances *distances);

/* At most the number of steps that lead from the state of `w`, which may have forgotten its dead
 * values, to one that breaks the property. */
unsigned hs_distance(struct hs_distances *distances, struct hs_world w);

#endif
