/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Of two states of the abstraction, does one allow all that the other does?
 *
 * They are the same but for free_page_vq.  There the larger may have "one hint or more" where the
 * other has one; more in the bag; in the bag what waits longest in the other; and, where the other
 * has left out what has no effect, may have it still.  A hint that was thrown into the bag once
 * must be taken before what waits, so that it is in both or in neither, unless it has no effect.
 *
 * That the larger can then do all that the other can is checked by normal_form.c.
 */
#ifndef ONESTEP_COVERS_H
#define ONESTEP_COVERS_H

#include "abstract_graph.h"

bool covers(const struct hs_abstraction *abstraction, const union hs_abstract_state *large,
    const union hs_abstract_state *small);

#endif
