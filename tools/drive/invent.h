/* SPDX-License-Identifier: BSD-3-Clause */
/* Schedules that nobody wrote: random steps, each of which can be played on a QEMU. */
#ifndef HS_INVENT_H
#define HS_INVENT_H

#include "drive.h"

enum { HS_INVENTED_MAX = 400 };

/*
 * Invent steps for `job`, whose settings stand, and put them into it: to be freed with
 * hs_invention_free.  The same seed gives the same steps.  Writes come seldom, and to pages that
 * were hinted; memory pressure and allocations come early.  Then a write meets a hint that is still
 * queued, which steps of equal chance hardly do.  Returns false if no run came to its end in many
 * tries.
 */
bool hs_invent(struct hs_job *job, const struct hs_drive_plan *plan, uint64_t seed);
void hs_invention_free(struct hs_job *job);

/* Leave out steps `first` to `first` + `count` - 1, if what is left can be played.  False, and
 * nothing is changed, if not. */
bool hs_invention_cut(
    struct hs_job *job, const struct hs_drive_plan *plan, unsigned first, unsigned count);

#endif
