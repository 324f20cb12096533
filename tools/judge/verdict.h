/* SPDX-License-Identifier: BSD-3-Clause */
/* Verdicts: what may be said of a property, after what was seen. */
#ifndef HS_VERDICT_H
#define HS_VERDICT_H

#include "scenario.h"

/* What was seen of a property: by a run, by an exploration, or by a proof. */
struct hs_seen {
    bool somewhere;  /* it is broken in a case that was looked at */
    bool everywhere; /* in each of them, and there is one; only if `somewhere` */
    bool complete;   /* there are no other cases, within the limits if there are any */
    bool unlimited;  /* there were no limits: it is a proof */
};

/* Never needs a proof; None-within and Always need that all within the limits was looked at;
 * Sometimes needs one case. */
enum hs_verdict hs_verdict_of(struct hs_seen seen);

#endif
