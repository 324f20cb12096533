/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What decides a race: which steps, in order; in one sentence that names them, and in sentences
 * that can be read aloud.
 */
#ifndef HS_STORY_H
#define HS_STORY_H

#include "race.h"

enum { HS_STORY_SIZE = 400, HS_TOLD_MAX = 8 };

/* How `race` breaks `property`, which it does. */
void hs_story_write(
    const struct hs_race *race, enum hs_property property, char text[HS_STORY_SIZE]);

/* A race told in words: a sentence for each step that matters, and what came of it. */
struct hs_told {
    char *sentences[HS_TOLD_MAX];
    unsigned count;
};

/* The property of `race` that is told of if none is asked for: the first that it breaks;
 * HS_PROPERTY_COUNT if it breaks none. */
enum hs_property hs_story_property(const struct hs_race *race);
/* How `race` breaks `property`, which it does.  To be freed. */
struct hs_told hs_story_tell(const struct hs_race *race, enum hs_property property);
void hs_told_free(struct hs_told *told);

#endif
