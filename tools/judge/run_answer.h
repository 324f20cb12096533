/* SPDX-License-Identifier: BSD-3-Clause */
/* The verdicts and the answer of one run. */
#ifndef HS_RUN_ANSWER_H
#define HS_RUN_ANSWER_H

#include "judgement.h"
#include "replay.h"

/* What the run says of the scenario: that something can happen, never that it cannot. */
enum hs_verdict hs_run_verdict(const struct hs_run *run, unsigned property);

/* What the scenario expects of this one run, and what it did: Sometimes is written for a property
 * that it breaks, and None-within for one that it does not.  Without an expectation nothing may
 * break; every step in `cover` must have been taken.  A run that does not end meets no `safe`. */
struct hs_judgement hs_run_judgement(const struct hs_run *run);
enum hs_answer hs_run_answer(const struct hs_run *run);

#endif
