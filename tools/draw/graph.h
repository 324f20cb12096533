/* A race as a picture, laid out by Graphviz. */
#ifndef HS_GRAPH_H
#define HS_GRAPH_H

#include "race.h"

/* Draw the race to `path` as `format`: svg, png or dot.  False, with `error`, and nothing left at
 * `path` if that fails. */
bool hs_graph_draw(
    const struct hs_race *race, const char *path, const char *format, struct hs_error *error);

#endif
