/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The story of one page: the events of a recording that are about it, or about no page, as letters,
 * for each clock in order.  Pages with the same story are told apart by nothing that was recorded.
 */
#ifndef HS_PAGE_STORY_H
#define HS_PAGE_STORY_H

#include "clocks.h"
#include "letters.h"

/* An event as a page sees it. */
struct hs_seen {
    uint32_t event; /* of the recording */
    enum hs_letter letter;
};

/* What is seen, by clock; the page's own events stand among those that all pages see. */
struct hs_page_story {
    struct hs_seen *seen[HS_CLOCKS_MAX];
    uint32_t count[HS_CLOCKS_MAX];
    uint32_t room[HS_CLOCKS_MAX];
};

/* Pages with one story: the first of them, and how many there are. */
struct hs_page_class {
    uint64_t page; /* its address */
    uint32_t pages;
    uint32_t own; /* the first of its own events among those of `hs_page_stories` */
    uint32_t own_count;
};

struct hs_own {
    uint64_t page;
    struct hs_seen seen;
};

struct hs_page_stories {
    const struct hs_recording *recording;
    const struct hs_clocks *clocks;
    bool is_locked;           /* the rule hint-under-lock */
    struct hs_page_story all; /* what every page sees */
    struct hs_own *own;       /* by page, then as recorded */
    uint32_t own_count;
    struct hs_page_class *classes; /* by the address of the first page */
    uint32_t class_count;
    uint32_t *class_of; /* of the page of each of `own` */
    uint64_t pages;     /* that occur */
};

/* Find the stories of all pages that occur; and of one that does not, which sees what all see.
 * False, with `error`, if they are too many. */
bool hs_page_stories_find(const struct hs_recording *recording, const struct hs_elements *elements,
    const struct hs_clocks *clocks, const struct hs_rules *rules, struct hs_page_stories *stories,
    struct hs_error *error);
void hs_page_stories_close(struct hs_page_stories *stories);
/* The class of the page at `address`, or NULL: it does not occur. */
const struct hs_page_class *hs_page_class_of(
    const struct hs_page_stories *stories, uint64_t address);

/* The story of a class, in the arrays of `story`, which may be of another class before. */
void hs_page_story_tell(const struct hs_page_stories *stories, const struct hs_page_class *class,
    struct hs_page_story *story);
void hs_page_story_close(struct hs_page_story *story);

#endif
