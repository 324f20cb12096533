/* SPDX-License-Identifier: BSD-3-Clause */
/* Runs: what one interleaving shows, and whether that is as expected. */
#include "run_answer.h"

#include "verdict.h"

static bool has(uint32_t properties, unsigned property)
{
    return properties >> property & 1u;
}

enum hs_verdict hs_run_verdict(const struct hs_run *run, unsigned property)
{
    return hs_verdict_of((struct hs_seen){.somewhere = has(run->broken, property)});
}

struct hs_judgement hs_run_judgement(const struct hs_run *run)
{
    const struct hs_variant *variant = run->variant;
    uint32_t expected = variant->has_expected_run ? variant->expected_broken : 0;
    uint32_t broken = run->broken & ~run->unknown;
    bool unfinished = run->end == HS_RUN_UNFINISHED;
    struct hs_judgement judgement = {
        .uncovered = hs_run_uncovered(run),
        /* What is expected to break breaks whether the run ends or not. */
        .ends_otherwise =
            variant->has_expected_run && !expected && unfinished != variant->expected_unfinished,
        /* Without an expectation, what does not end is not known to be safe. */
        .is_open = !variant->has_expected_run && unfinished,
    };
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        struct hs_seen seen = {.somewhere = has(broken, i), .complete = !has(run->unknown, i)};
        judgement.properties[i] = (struct hs_comparison){
            .expected = has(expected, i) ? HS_SOMETIMES : HS_NONE_WITHIN,
            .found = (uint8_t)hs_verdict_of(seen),
        };
    }
    return judgement;
}

enum hs_answer hs_run_answer(const struct hs_run *run)
{
    struct hs_judgement judgement = hs_run_judgement(run);
    return hs_judge(&judgement);
}
