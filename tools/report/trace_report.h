/* SPDX-License-Identifier: BSD-3-Clause */
/* What is said of a recording. */
#ifndef HS_TRACE_REPORT_H
#define HS_TRACE_REPORT_H

#include "fit.h"
#include "story_run.h"
#include "windows.h"

#include <jansson.h>

/* A run with the story of one page, as a scenario. */
struct hs_page_scenario {
    uint64_t page;    /* its address */
    const char *file; /* where it was written; NULL: none was found */
    unsigned steps;   /* of the run */
    unsigned number;  /* of the page in it */
    bool is_harmed;   /* a write of the page is lost in it, or wiped */
    bool gave_up;     /* none was found: the search got too large */
};

/* A recording, and what came of judging it. */
struct hs_traced {
    const char *path;
    const char *guest; /* the model's: names of presets */
    const char *host;
    const struct hs_recording *recording;
    const struct hs_elements *elements;
    const struct hs_clocks *clocks;    /* NULL: no distance of the clocks fits, as `wrong` says */
    const struct hs_fit *fit;          /* NULL as well then */
    const struct hs_windows *windows;  /* NULL if it is refused */
    const struct hs_closing *closings; /* of the longest window */
    unsigned closing_count;
    const struct hs_page_scenario *scenario; /* NULL: no page was asked for */
    const struct hs_error *wrong;
};

/* Does the recording contradict the model? */
bool hs_traced_is_refused(const struct hs_traced *traced);
/* Does an element break a clause? */
bool hs_traced_breaks_clause(const struct hs_traced *traced);

void hs_traced_print(const struct hs_traced *traced, FILE *out);
json_t *hs_traced_json(const struct hs_traced *traced);
/* Draw the windows, which there must be, to `path` as `format`: svg, png or dot.  False, with
 * `error`, if that fails; `path` is then as it was before. */
bool hs_windows_draw(
    const struct hs_traced *traced, const char *path, const char *format, struct hs_error *error);

#endif
