/* SPDX-License-Identifier: BSD-3-Clause */
/* Proofs: verdicts and the answer. */
#include "proof.h"

#include "questions.h"
#include "verdict.h"

#include <string.h>

/* ---- verdicts -------------------------------------------------------------------------------- */

enum hs_verdict hs_evidence_verdict(const struct hs_evidence *evidence, unsigned property)
{
    if (!(evidence->asked >> property & 1u))
        return HS_VERDICT_NONE;
    return hs_verdict_of((struct hs_seen){
        .somewhere = evidence->finding[property],
        .complete = evidence->never >> property & 1u,
        .unlimited = true,
    });
}

enum hs_property hs_evidence_broken(const struct hs_evidence *evidence)
{
    unsigned i = 0;
    while (i < HS_PROPERTY_COUNT && !evidence->finding[i])
        i++;
    return (enum hs_property)i;
}

/* ---- proofs ---------------------------------------------------------------------------------- */

void hs_prove(const struct hs_variant *variant, uint32_t asked,
    const struct hs_search_options *options, struct hs_proof *proof)
{
    memset(proof, 0, sizeof(*proof));
    proof->variant = variant;
    hs_abstraction_set(&proof->abstraction, &variant->config);
    asked = hs_config_questions(&variant->config, asked);
    hs_gather(variant, asked, asked, (struct hs_bounds){0}, options, &proof->evidence);
}

void hs_proof_close(struct hs_proof *proof)
{
    hs_evidence_close(&proof->evidence);
}

/* ---- the answer ------------------------------------------------------------------------------ */

struct hs_judgement hs_proof_judgement(const struct hs_proof *proof)
{
    const uint8_t *wanted = proof->variant->scenario->expect_prove;
    bool expects = hs_expected_properties(wanted) != 0;
    struct hs_judgement judgement = {.is_open = false};
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        bool is_asked = proof->evidence.asked >> i & 1u;
        uint8_t usual = is_asked && hs_proof_covers(i) ? HS_NEVER : HS_VERDICT_NONE;
        judgement.properties[i] = (struct hs_comparison){
            .expected = expects ? wanted[i] : usual,
            .found = (uint8_t)hs_evidence_verdict(&proof->evidence, i),
        };
    }
    return judgement;
}

enum hs_answer hs_proof_answer(const struct hs_proof *proof)
{
    struct hs_judgement judgement = hs_proof_judgement(proof);
    return hs_judge(&judgement);
}

/* ---- the witness ----------------------------------------------------------------------------- */

enum hs_property hs_proof_shown(const struct hs_proof *proof, unsigned shown)
{
    if (shown >= HS_PROPERTY_COUNT)
        return hs_evidence_broken(&proof->evidence);
    return proof->evidence.finding[shown] ? (enum hs_property)shown : HS_PROPERTY_COUNT;
}

const struct hs_run *hs_proof_witness(const struct hs_proof *proof, unsigned shown)
{
    enum hs_property property = hs_proof_shown(proof, shown);
    return property < HS_PROPERTY_COUNT ? proof->evidence.finding[property]->run : NULL;
}
