/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What came before what, on several clocks.  Of each clock it is known within bounds how far it is
 * from the first one: as the recording says, and as its events tell, since an element is queued
 * before it is taken, and an id read after it was issued.  Two events are in order if they are for
 * every distance within these bounds; else both orders are possible.
 */
#ifndef HS_CLOCKS_H
#define HS_CLOCKS_H

#include "elements.h"

struct hs_clocks {
    unsigned count;
    int64_t least[HS_CLOCKS_MAX]; /* ns to be added, at least, to have the first clock's time */
    int64_t most[HS_CLOCKS_MAX];
};

/* With these rules.  False, with `error`: no distance of the clocks fits all events. */
bool hs_clocks_find(const struct hs_recording *recording, const struct hs_elements *elements,
    const struct hs_rules *rules, struct hs_clocks *clocks, struct hs_error *error);

/* When it was by the first clock, ns, as well as that is known. */
int64_t hs_time_of(const struct hs_clocks *clocks, const struct hs_happening *event);
/* Did `one` come before `other` for sure?  They are of different clocks. */
bool hs_surely_before(const struct hs_clocks *clocks, const struct hs_happening *one,
    const struct hs_happening *other);

#endif
