/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is expected and what was found, property by property, and the answer that follows: the same
 * for a run, an exploration, a proof, a matrix and an ordering inference.
 */
#ifndef HS_JUDGEMENT_H
#define HS_JUDGEMENT_H

#include "kind_set.h"
#include "scenario.h"

/* From the best to the worst. */
enum hs_answer { HS_AS_EXPECTED, HS_INCONCLUSIVE, HS_NOT_EXPECTED };
enum { HS_ANSWER_COUNT = HS_NOT_EXPECTED + 1 };
extern const char *const hs_answer_names[HS_ANSWER_COUNT]; /* as expected, ... */

/* An expectation beside those of enum hs_verdict: any verdict will do, but for Unknown. */
enum { HS_ANY_VERDICT = HS_VERDICT_COUNT };

/* A property: what is expected of it, and what was found. */
struct hs_comparison {
    uint8_t expected; /* enum hs_verdict, or HS_ANY_VERDICT; HS_VERDICT_NONE: nothing */
    uint8_t found;    /* enum hs_verdict; HS_VERDICT_NONE: nobody asked */
};

/* All that an answer rests on. */
struct hs_judgement {
    struct hs_comparison properties[HS_PROPERTY_COUNT];
    struct hs_kind_set uncovered; /* were to be taken, and are known not to be */
    bool ends_otherwise;          /* it was to end, and did not; or the other way round */
    bool is_open;                 /* something else is not known */
};

/* As expected if nothing is expected, or nobody asked; inconclusive if only Unknown was found. */
enum hs_answer hs_compare(struct hs_comparison comparison);
/* The worst answer of all properties. */
enum hs_answer hs_compare_all(const struct hs_comparison properties[HS_PROPERTY_COUNT]);

/* What contradicts an expectation counts more than what is not known, and that more than what is as
 * expected. */
enum hs_answer hs_judge(const struct hs_judgement *judgement);

/* The properties (bit hs_property) of which a scenario's list of enum hs_verdict expects anything.
 */
uint32_t hs_expected_properties(const uint8_t expected[HS_PROPERTY_COUNT]);

/* The worse of two answers. */
static inline enum hs_answer hs_worse(enum hs_answer one, enum hs_answer other)
{
    return one > other ? one : other;
}

#endif
