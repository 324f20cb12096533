/* SPDX-License-Identifier: BSD-3-Clause */
/* The answer of an ordering inference. */
#ifndef HS_ORDERING_ANSWER_H
#define HS_ORDERING_ANSWER_H

#include "judgement.h"
#include "ordering.h"

/* Of the rules with a member weakened: Sometimes with a run, or Unknown. */
enum hs_verdict hs_dropped_verdict(const struct hs_dropped *dropped);

/* Not as expected if guarantees can do harm; inconclusive if a weakened member's verdict is
 * Unknown, or the inference was cut short. */
enum hs_answer hs_ordering_answer(const struct hs_ordering *ordering);

#endif
