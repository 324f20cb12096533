/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Pacing: the migration thread of a QEMU, held and let go.
 *
 * Between two bursts the thread sleeps in its rate limiter: a futex with a time-out, and no lock in
 * its hands.  There it is held by ptrace, as a child of this program, which needs no privilege; the
 * monitor, the device and the vCPU go on meanwhile.  Let go, it is held again as it enters that
 * sleep the next time, so that a burst is all that happens in between.  Where ptrace is forbidden
 * it is not held: the budget of bytes alone says how far it gets (drive/move.c).
 */
#ifndef HS_PACE_H
#define HS_PACE_H

#include "error.h"
#include "poller.h"

#include <stdint.h>
#include <sys/types.h>

struct hs_pace {
    struct hs_poller *poller;
    const bool *migrates; /* is there a burst to come, as the monitor tells? */
    pid_t thread;         /* 0: none is held */
    bool is_forbidden;    /* to hold it */
    bool is_held;         /* as it enters its sleep */
    bool is_gone;         /* it ended, or its QEMU did */
    uint64_t futex;       /* of its rate limiter */
};

/* Find the migration thread of `process`, whose monitor sets `migrates`, once it sleeps in its rate
 * limiter, and hold it.  False, with `error`: there is none, or pace->is_forbidden. */
bool hs_pace_begin(struct hs_pace *pace, struct hs_poller *poller, pid_t process,
    const bool *migrates, struct hs_error *error);
/* Let it go, until it is about to sleep again.  False, with `error`: it ended, or the migration
 * went on to its end. */
bool hs_pace_burst(struct hs_pace *pace, struct hs_error *error);
/* Let it go for good. */
void hs_pace_end(struct hs_pace *pace);

#endif
