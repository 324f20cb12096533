/* SPDX-License-Identifier: BSD-3-Clause */
/* A race in one sentence: the steps that decide it, in order, and what the last of them does. */
#ifndef HS_STORY_H
#define HS_STORY_H

#include "race.h"

enum { HS_STORY_SIZE = 400 };

/* How `race` breaks `property`, which it does. */
void hs_story_write(
    const struct hs_race *race, enum hs_property property, char text[HS_STORY_SIZE]);

#endif
