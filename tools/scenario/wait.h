/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Why a wait never ends.  The step that would end it is refused; a step that could change that is
 * refused as well; and so on.  Nothing here knows which step does what: the guards are asked.
 */
#ifndef HS_WAIT_H
#define HS_WAIT_H

#include "replay.h"

enum { HS_WAIT_LINKS_MAX = 4, HS_NO_STEP = -1 };

struct hs_wait_link {
    struct hs_step step;
    struct hs_refusal why; /* it is not possible once all that can be done is done */
};

/* What is waited for, and from there on what each step needs that the next would have brought. */
struct hs_wait {
    uint32_t properties; /* bit hs_property: those of all continuations that ask for it */
    struct hs_wait_link links[HS_WAIT_LINKS_MAX];
    unsigned count; /* of links, at least 1 */
};

/*
 * What is waited for after `run`, which breaks a property of all continuations.  Returns how many
 * waits there are; none if it breaks none of them, or if a search met its bound.
 */
unsigned hs_waits_find(const struct hs_run *run, struct hs_wait waits[HS_AWAITED_MAX]);

/* The step of `run`, an index, after which what the actors do by themselves no longer ends what
 * `property` asks about; HS_NO_STEP if a search met its bound.  The run must break it. */
int hs_hope_lost(const struct hs_run *run, enum hs_property property);

#endif
