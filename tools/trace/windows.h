/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Windows: when, in the recorded time, would a write have been lost?  A window of a page is a time
 * in which a write of it, by the guest or a device, can have left no record by the end of what was
 * recorded, or lies in memory that is wiped afterwards; if nobody writes the page again.  "Can": in
 * a run of the model with the recorded events.  Whether the page was written then, no recording
 * tells.
 */
#ifndef HS_WINDOWS_H
#define HS_WINDOWS_H

#include "reading.h"

struct hs_window {
    uint32_t class;        /* the pages': its place in hs_page_stories.classes */
    uint64_t page;         /* the address of the first of them */
    uint32_t pages;        /* with this story */
    enum hs_property harm; /* HS_DIRTY_PAGE_LOST or HS_PAGE_CORRUPTED */
    uint32_t from;         /* the event that it begins behind; HS_NOT_RECORDED: the beginning */
    uint32_t to;           /* the event that it ends before; HS_NOT_RECORDED: the end */
    int64_t ns;            /* how long; 0 if it has no beginning or no end */
    uint32_t first; /* places of the story in which a write does harm: so many events of it */
    uint32_t last;  /* are read */
};

struct hs_windows {
    struct hs_window *windows; /* the longest first */
    uint32_t count;
    uint32_t room;
    uint64_t hinted; /* pages that were hinted */
    uint64_t pages;  /* of them, that have a window */
};

/* Find the windows of all pages that were hinted; the recording must fit. */
void hs_windows_find(struct hs_automaton *automaton, const struct hs_page_stories *stories,
    struct hs_windows *windows);
void hs_windows_close(struct hs_windows *windows);

/* A rule that would have closed a window. */
struct hs_closing {
    enum hs_rule rule;
    uint8_t value;
};
enum { HS_CLOSINGS_MAX = 32 };
/* Which single rule, stronger than that of `config`, has runs with these events as well, and no
 * such window of the page?  Returns how many. */
unsigned hs_closings_find(const struct hs_config *config, const struct hs_page_stories *stories,
    const struct hs_window *window, struct hs_closing closings[HS_CLOSINGS_MAX]);

#endif
