/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a step does, or is, beyond its usual: found by comparing the states before and after it, and
 * told in words, with the rule and the value that make it so.
 */
#ifndef HS_EFFECTS_H
#define HS_EFFECTS_H

#include "words.h"

/* How much an effect matters to the story. */
enum hs_weight { HS_WEIGHT_NONE, HS_WEIGHT_CHANGE, HS_WEIGHT_RULE };

/* Add what the step does to its story's page, behind the sentence of the step.  Returns the weight
 * of the heaviest. */
enum hs_weight hs_effects_add(const struct hs_telling *telling, struct hs_text *text);

/* Can everything in braces in the words of every effect be filled in? */
bool hs_effects_are_known(void);

#endif
