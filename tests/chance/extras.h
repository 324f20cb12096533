/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The extras of a world: what it may have beside a page, a write, a round of hints and a migration.
 *
 * Tests that compare drawn worlds draw them here, and count those that a world had which was really
 * compared whole.  An extra that was drawn for a world too large to be compared counts for nothing.
 */
#ifndef HS_EXTRAS_H
#define HS_EXTRAS_H

#include "chance.h"
#include "state.h"

enum extra {
    EXTRA_NO_HINTS,     /* no free_page_vq */
    EXTRA_SLOTS,        /* more than two in it */
    EXTRA_HINT_ORDER,   /* a hint is for a block */
    EXTRA_MAX_ORDER,    /* above hint-order: the allocator merges what was hinted alone */
    EXTRA_LIFO,         /* the newest free block is allocated */
    EXTRA_REPORTS,      /* free page reporting */
    EXTRA_REPORT_ORDER, /* blocks are reported */
    EXTRA_REPORT_BATCH, /* several in one report */
    EXTRA_INFLATES,     /* inflating and deflating */
    EXTRA_POISON,       /* free pages keep a value, or zeros */
    EXTRA_POSTCOPY,
    EXTRA_WRITES, /* more than one */
    EXTRA_ROUNDS, /* likewise */
    EXTRA_DMA,
    EXTRA_CHANGES,
    EXTRA_RESETS,
    EXTRA_CANCELS,
    EXTRA_MIGRATIONS, /* more than one: the one before was cancelled */
    EXTRA_HOPS,       /* more than one: from where the one before led */
    EXTRA_COUNT
};

/* In how many worlds. */
struct extras_met {
    unsigned drawn[EXTRA_COUNT];    /* by extras_draw_missed */
    unsigned compared[EXTRA_COUNT]; /* whole */
};

/* Does the world have the extra, so that it makes a difference? */
bool extra_has(const struct hs_config *config, enum extra extra);
/* Give it to the world, at its least, with pages, blocks or a queue that it needs.  The world is
 * not finished by that. */
void extra_give(struct hs_config *config, enum extra extra, struct chance *chance);

/* Give the extra whose turn it is by the number of the world, and now and then another one, so that
 * the world is made from its number alone.  Bits of `beyond` (1 << extra) are not given. */
void extras_draw(struct hs_config *config, uint64_t number, uint32_t beyond, struct chance *chance);
/* Where few worlds are compared: give `count` of the extras that were compared least, and of these
 * the ones drawn least. */
void extras_draw_missed(
    struct hs_config *config, unsigned count, struct extras_met *met, struct chance *chance);

/* This world was compared whole. */
void extras_compared(struct extras_met *met, const struct hs_config *config);
/* Is there one, not in `beyond` (1 << extra), that was never?  Then more worlds are to be drawn. */
bool extras_lack(const struct extras_met *met, uint32_t beyond);
/* Print how often each was.  False, and those are named, if one was never; or if one was that is in
 * `beyond` (1 << extra), since the worlds compared there cannot have it. */
bool extras_all_compared(const struct extras_met *met, uint32_t beyond);

/* Everything that makes up a world, so that a failure can be seen again. */
void print_config(const struct hs_config *config);

#endif
