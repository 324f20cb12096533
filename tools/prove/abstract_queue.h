/*
 * free_page_vq as the proof sees it: what the followed page and the commands have in it, in order,
 * in a form of which there are finitely many.
 *
 * The elements of other pages are left out.  What is left may still be any number, so that the line
 * is kept short by three means, from exact to coarse:
 *
 *   - what cannot have an effect any more is dropped; of two equal commands in a row one does the
 *     work of both (exact);
 *   - two hints in a row become "one hint or more" (the device may take one and leave it there);
 *   - beyond HS_LINE_MAX elements the oldest are thrown into a pot, from which the device takes any
 *     kind that was thrown in, in any order and number.
 */
#ifndef HS_ABSTRACT_QUEUE_H
#define HS_ABSTRACT_QUEUE_H

#include "hintmodel.h"

/* Command ids have fixed names after each step; only equality matters. */
enum {
    HS_ID_OLD = HS_COMMAND_FIRST_ID, /* none of the following, and never again in force */
    HS_ID_CACHED,                    /* what the driver read last, if it is another one */
    HS_ID_ACTIVE,                    /* what the driver started last, if it is another one */
    HS_ID_NEWEST,                    /* what the device issued last; the next is free */
};

/* What can be in the pot: a bit each. */
enum hs_pot {
    HS_POT_HINT_ONCE,
    HS_POT_HINTS, /* any number */
    HS_POT_STOP,
    HS_POT_START, /* one bit for each id from 0 to HS_ID_NEWEST */
    HS_POT_COUNT = HS_POT_START + HS_ID_NEWEST + 1
};

enum { HS_LINE_SLOTS = 8, HS_LINE_MAX = 4 };
/* The mark of "one hint or more" stands in the element's id, which no device reads in a hint. */
enum { HS_HINT_ONE = 0, HS_HINT_OR_MORE = HS_COMMAND_LAST_ID };

/* The queue, spread out. */
struct hs_line {
    bool used_hint; /* the page's hint was used, and the driver has not collected it */
    bool hand_hint; /* the page's hint is in the device's hand */
    uint16_t pot;   /* older than everything that waits */
    unsigned count;
    struct hs_element waiting[HS_LINE_SLOTS]; /* the oldest first */
};

/* The pot stands behind the model's state. */
static inline uint16_t *hs_pot(struct hs_world w)
{
    return (uint16_t *)(void *)((uint8_t *)w.state + w.config->layout.size);
}

/* Read the queue, which must exist. */
void hs_line_read(struct hs_world w, struct hs_line *line);
/* Write it: the oldest element in slot 0. */
void hs_line_write(struct hs_world w, const struct hs_line *line);

/* Give the ids their names, in the whole state. */
void hs_ids_rename(struct hs_world w);
/* Make the queue short. */
void hs_line_shorten(struct hs_world w, struct hs_line *line);

/* The element that a kind in the pot stands for. */
struct hs_element hs_pot_element(enum hs_pot kind);

/* Is it ever asked whether a STOP was taken since the current id (hint-device-2)? */
bool hs_stop_matters(struct hs_world w);

/* Does the driver learn from the tokens which hints were used? */
bool hs_follows_used(struct hs_world w);

#endif
