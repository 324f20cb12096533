/* SPDX-License-Identifier: BSD-3-Clause */
/* A race as a text ladder: 72 columns, ASCII, spaces only, time downwards, only what changed. */
#ifndef HS_LADDER_H
#define HS_LADDER_H

#include "race.h"

#include <stdio.h>

/* The ladder: one column per actor, carets under the step that loses a page, or ends all
 * hope for one; below it what the marks mean that occur. */
void hs_ladder_print(const struct hs_race *race, FILE *out);
/* The table of pages: source and destination version, relied on or not, fate. */
void hs_ladder_print_fates(const struct hs_race *race, FILE *out);
/* How the race breaks the property, which it does, in words. */
void hs_ladder_print_told(const struct hs_race *race, enum hs_property property, FILE *out);
/* What is waited for, what that needs, and the step after which nobody does it; nothing if nothing
 * is. */
void hs_ladder_print_waits(const struct hs_race *race, FILE *out);
/* The verdict in a sentence or two, with the waits. */
void hs_ladder_print_verdict(const struct hs_race *race, FILE *out);

#endif
