/* A race as a text ladder: 72 columns, ASCII, spaces only, time downwards, only what changed. */
#ifndef HS_LADDER_H
#define HS_LADDER_H

#include "race.h"

#include <stdio.h>

enum { HS_LADDER_WIDTH = 72 };

/* The ladder: one column per actor, carets under the step that loses a page. */
void hs_ladder_print(const struct hs_race *race, FILE *out);
/* The table of pages: source and destination version, relied on or not, fate. */
void hs_ladder_print_fates(const struct hs_race *race, FILE *out);
/* The verdict in a sentence or two. */
void hs_ladder_print_verdict(const struct hs_race *race, FILE *out);
/* `text` wrapped to the ladder's width, each line after `indent` spaces. */
void hs_ladder_print_wrapped(const char *text, unsigned indent, FILE *out);

#endif
