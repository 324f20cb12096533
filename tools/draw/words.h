/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A step in the words of its row in steps.def: what stands there in braces is filled in from the
 * states before and after it.
 */
#ifndef HS_WORDS_H
#define HS_WORDS_H

#include "text.h"
#include "world.h"

enum { HS_WORDS_SIZE = 64 };

/* A step that was taken, and what only its teller knows of the page that it is about. */
struct hs_telling {
    struct hs_step step;
    struct hs_world before;
    struct hs_world after;
    const char *source;      /* the content of the page at the source: v2, zeros, poison, - */
    const char *destination; /* the same, of the destination */
    unsigned version;        /* that a write makes of it */
    unsigned page;           /* whose story is told */
};

/* Tell the step.  `pages` becomes the set of pages that it is about. */
void hs_words_tell(const struct hs_telling *telling, char text[HS_WORDS_SIZE], uint64_t *pages);

/* Add these words to a text, with what stands there in braces filled in. */
void hs_words_fill(const char *words, const struct hs_telling *telling, struct hs_text *text);

/* Can everything in braces in these words be filled in? */
bool hs_words_are_known(const char *words);

/* A set of pages: P0,P2-5 */
void hs_words_write_pages(uint64_t pages, char *text, size_t size);

#endif
