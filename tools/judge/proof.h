/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Proofs: from evidence to the verdict on each property, and to an answer.
 *
 *   Never      no state of the abstraction breaks the property, so no real system does
 *   Sometimes  there is a run of the model that breaks it
 *   Unknown    the abstraction breaks it, and no such run was found; or the search hit a bound; or
 *              the abstraction says nothing of this property
 */
#ifndef HS_PROOF_H
#define HS_PROOF_H

#include "evidence.h"
#include "judgement.h"

/* HS_VERDICT_NONE, if the property was not asked about. */
enum hs_verdict hs_evidence_verdict(const struct hs_evidence *evidence, unsigned property);
/* The first property that a run breaks; HS_PROPERTY_COUNT if there is no run. */
enum hs_property hs_evidence_broken(const struct hs_evidence *evidence);

struct hs_proof {
    const struct hs_variant *variant;
    struct hs_abstraction abstraction;
    struct hs_evidence evidence;
};

/*
 * Prove those of the questions in `asked` (bit hs_property) that can be proved of `variant`, which
 * must outlive the proof, and look for runs that break the others.  The proof is to be closed.
 */
void hs_prove(const struct hs_variant *variant, uint32_t asked,
    const struct hs_search_options *options, struct hs_proof *proof);
void hs_proof_close(struct hs_proof *proof);

/* What the scenario expects, and what was found.  Without an expectation nothing may break, and
 * everything that a proof covers must be decided. */
struct hs_judgement hs_proof_judgement(const struct hs_proof *proof);
enum hs_answer hs_proof_answer(const struct hs_proof *proof);

/* The property whose witness is shown if that of `shown` is asked for (HS_PROPERTY_COUNT: that of
 * any); HS_PROPERTY_COUNT if there is none. */
enum hs_property hs_proof_shown(const struct hs_proof *proof, unsigned shown);
/* That witness, or NULL. */
const struct hs_run *hs_proof_witness(const struct hs_proof *proof, unsigned shown);

#endif
