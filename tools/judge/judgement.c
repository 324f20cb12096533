/* SPDX-License-Identifier: BSD-3-Clause */
/* From expectations and findings to an answer. */
#include "judgement.h"

#include <assert.h>

const char *const hs_answer_names[HS_ANSWER_COUNT] = {
    [HS_AS_EXPECTED] = "as expected",
    [HS_INCONCLUSIVE] = "inconclusive",
    [HS_NOT_EXPECTED] = "not as expected",
};

enum hs_answer hs_compare(struct hs_comparison comparison)
{
    unsigned expected = comparison.expected;
    unsigned found = comparison.found;
    assert(expected <= HS_ANY_VERDICT && found < HS_VERDICT_COUNT);
    if (expected == HS_VERDICT_NONE || found == HS_VERDICT_NONE || found == expected)
        return HS_AS_EXPECTED;
    if (found == HS_UNKNOWN)
        return HS_INCONCLUSIVE;
    return expected == HS_ANY_VERDICT ? HS_AS_EXPECTED : HS_NOT_EXPECTED;
}

enum hs_answer hs_compare_all(const struct hs_comparison properties[HS_PROPERTY_COUNT])
{
    enum hs_answer answer = HS_AS_EXPECTED;
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++)
        answer = hs_worse(answer, hs_compare(properties[i]));
    return answer;
}

enum hs_answer hs_judge(const struct hs_judgement *judgement)
{
    if (!hs_kind_set_is_empty(&judgement->uncovered) || judgement->ends_otherwise)
        return HS_NOT_EXPECTED;
    return hs_worse(hs_compare_all(judgement->properties),
        judgement->is_open ? HS_INCONCLUSIVE : HS_AS_EXPECTED);
}

uint32_t hs_expected_properties(const uint8_t expected[HS_PROPERTY_COUNT])
{
    uint32_t properties = 0;
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++)
        properties |= (uint32_t)(expected[i] != HS_VERDICT_NONE) << i;
    return properties;
}
