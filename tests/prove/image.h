/* SPDX-License-Identifier: BSD-3-Clause */
/* What one page of a world sees, as a state of the abstraction (spec/proof.md, "The claim"). */
#ifndef HS_IMAGE_H
#define HS_IMAGE_H

#include "abstract_graph.h"

/* One page of a world, and where what it sees is written. */
struct view {
    struct hs_world world;
    unsigned page;
    const struct hs_abstraction *abstraction;
    union hs_abstract_state *image;
};

/* Leave out what is more than one page sees.  The newest elements of a queue of more than
 * HS_ABSTRACT_QUEUE_SLOTS are left out if there is no room. */
void image_see_raw(const struct view *view);
/* The same, in its normal form. */
void image_see(const struct view *view);

#endif
