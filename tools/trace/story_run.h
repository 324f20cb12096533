/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From the story of one page to a run of the model: the same events in an order that the clocks
 * allow, in a small world, with as few hidden steps as it takes.
 */
#ifndef HS_STORY_RUN_H
#define HS_STORY_RUN_H

#include "page_story.h"
#include "replay.h"

/* What the run is to show. */
struct hs_story_goal {
    bool is_harmed;        /* at its end `harm` is broken; the recording may end before */
    enum hs_property harm; /* HS_DIRTY_PAGE_LOST or HS_PAGE_CORRUPTED */
};

enum hs_story_end {
    HS_STORY_TOLD,
    HS_STORY_NOT_TOLD, /* no world that was looked at has such a run */
    HS_STORY_GAVE_UP   /* the search got too large, or the run too long */
};

/*
 * Look for a run with the story of `class`; the rules, and which limits are 0, are those of
 * `variant`, which must outlive the run.  If one is found, `world` is the variant of the small
 * world, `*run`, which refers to it, is the caller's, and `*page` is the page's number there.
 */
enum hs_story_end hs_story_run_find(const struct hs_variant *variant,
    const struct hs_page_stories *stories, const struct hs_page_class *class,
    struct hs_story_goal goal, struct hs_variant *world, struct hs_run **run, unsigned *page);

#endif
