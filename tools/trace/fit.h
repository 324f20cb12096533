/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Can the model have done what was recorded?  For each page that occurs: is there a run in which
 * that page has this story, and all others do what they like?  If there is none for one of them,
 * the recording is refused, and that is sound.  Else it is not refuted.
 */
#ifndef HS_FIT_H
#define HS_FIT_H

#include "reading.h"

/* A way in which the model could have been there, and why the event was not possible then. */
struct hs_way {
    char text[280];
    uint32_t states; /* of the abstraction in which it is the reason */
};
enum { HS_WAYS_MAX = 64 };

struct hs_fit {
    bool is_refused;
    uint32_t stories; /* that differ */
    uint64_t pages;   /* that occur */
    uint64_t refused; /* pages that have no run */
    /* if it is refused: */
    uint64_t page;                   /* that the fewest events fit of */
    uint32_t fitted;                 /* events of its story */
    uint32_t length;                 /* of the story */
    uint32_t last;                   /* event that fits, the last one; HS_NOT_RECORDED: none does */
    struct hs_seen at;               /* what does not fit */
    struct hs_way ways[HS_WAYS_MAX]; /* the most frequent first */
    unsigned way_count;
};

/* Judge all stories, with the rules of `config`, which must outlive the automaton. */
void hs_fit_find(
    struct hs_automaton *automaton, const struct hs_page_stories *stories, struct hs_fit *fit);

#endif
