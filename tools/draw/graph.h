/* SPDX-License-Identifier: BSD-3-Clause */
/* A race as a picture for people who have never seen the tool, drawn with Graphviz. */
#ifndef HS_GRAPH_H
#define HS_GRAPH_H

#include "race.h"

/*
 * Draw the race to `path` as `format`: svg, png or dot (which keeps the layout).  The same race
 * gives the same bytes.  False, with `error`, if that fails; `path` is then as it was before.
 */
bool hs_graph_draw(
    const struct hs_race *race, const char *path, const char *format, struct hs_error *error);

#endif
