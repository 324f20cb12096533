/* SPDX-License-Identifier: BSD-3-Clause */
/* Ordering inferences: the worst answer of all contexts. */
#include "ordering_answer.h"

#include "proof.h"
#include "verdict.h"

enum hs_verdict hs_dropped_verdict(const struct hs_dropped *dropped)
{
    bool has_run = hs_evidence_broken(&dropped->evidence) != HS_PROPERTY_COUNT;
    return hs_verdict_of((struct hs_seen){.somewhere = has_run});
}

static enum hs_answer context_answer(const struct hs_context_sets *sets)
{
    enum hs_answer answer = sets->lattice.monotone ? HS_AS_EXPECTED : HS_NOT_EXPECTED;
    for (unsigned d = 0; d < sets->dropped_count; d++) {
        uint8_t found = (uint8_t)hs_dropped_verdict(&sets->dropped[d]);
        answer = hs_worse(answer, hs_compare((struct hs_comparison){HS_ANY_VERDICT, found}));
    }
    return answer;
}

enum hs_answer hs_ordering_answer(const struct hs_ordering *ordering)
{
    enum hs_answer answer = ordering->end == HS_SEARCH_COMPLETE ? HS_AS_EXPECTED : HS_INCONCLUSIVE;
    for (unsigned i = 0; i < ordering->context_count; i++)
        answer = hs_worse(answer, context_answer(&ordering->contexts[i]));
    return answer;
}
