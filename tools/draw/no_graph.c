/* SPDX-License-Identifier: BSD-3-Clause */
/* In place of graph.c, where hintsim is built without Graphviz. */
#include "graph.h"

bool hs_graph_draw(
    const struct hs_race *race, const char *path, const char *format, struct hs_error *error)
{
    (void)race;
    (void)format;
    return hs_fail(error, "%s: " HS_NO_GRAPHVIZ, path);
}

bool hs_graphviz_try(struct hs_text *version, struct hs_error *error)
{
    (void)version;
    return hs_fail(error, HS_NO_GRAPHVIZ);
}
