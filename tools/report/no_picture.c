/* SPDX-License-Identifier: BSD-3-Clause */
/* In place of windows_picture.c and ordering_picture.c, where hintsim is built without Graphviz. */
#include "graph.h"
#include "ordering_report.h"
#include "trace_report.h"

bool hs_windows_draw(
    const struct hs_traced *traced, const char *path, const char *format, struct hs_error *error)
{
    (void)traced;
    (void)format;
    return hs_fail(error, "%s: " HS_NO_GRAPHVIZ, path);
}

bool hs_ordering_print_svg(const struct hs_ordering *ordering, FILE *out, struct hs_error *error)
{
    (void)ordering;
    (void)out;
    return hs_fail(error, HS_NO_GRAPHVIZ);
}
