/* SPDX-License-Identifier: BSD-3-Clause */
/* A race as a picture for people who have never seen the tool, drawn with Graphviz. */
#ifndef HS_GRAPH_H
#define HS_GRAPH_H

#include "race.h"
#include "text.h"

/*
 * Draw the race to `path` as `format`: svg, png or dot (which keeps the layout).  The same race
 * gives the same bytes.  False, with `error`, if that fails; `path` is then as it was before.
 */
bool hs_graph_draw(
    const struct hs_race *race, const char *path, const char *format, struct hs_error *error);
/* Let Graphviz draw a word as svg and as png, to see whether it can.  False, with `error`, if it
 * cannot; else its version is added. */
bool hs_graphviz_try(struct hs_text *version, struct hs_error *error);

#define HS_NO_GRAPHVIZ "pictures need Graphviz, and this hintsim was built without"

#endif
