/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * free_page_vq as the proof sees it: what the followed page and the commands have in it, in order,
 * in a form of which there are finitely many.
 *
 * The elements of other pages are left out.  What is left may still be any number, so that the
 * queue is kept short by three means, from exact to coarse:
 *
 *   - what cannot have an effect any more is dropped; of two equal commands in a row one does the
 *     work of both (exact);
 *   - two hints in a row become "one hint or more" (the device may take one and leave it there);
 *   - beyond so many elements (hs_queue_longest) the oldest are thrown into a bag, and all of them
 * where the order tells little; the device takes any kind that was thrown in, in any order and
 *     number.
 */
#ifndef HS_ABSTRACT_QUEUE_H
#define HS_ABSTRACT_QUEUE_H

#include "world.h"

/* Command ids have fixed names after each step; only equality matters. */
enum {
    HS_ID_OLD = HS_COMMAND_FIRST_ID, /* none of the following, and never again in force */
    HS_ID_CACHED,                    /* what the driver read last, if it is another one */
    HS_ID_ACTIVE,                    /* what the driver started last, if it is another one */
    HS_ID_NEWEST,                    /* what the device issued last; the next is free */
};

/* What can be in the bag: a bit each. */
enum hs_bag {
    HS_BAG_HINT_ONCE,
    HS_BAG_HINTS, /* any number */
    HS_BAG_STOP,
    HS_BAG_START_ONCE, /* with the newest id */
    HS_BAG_START,      /* one bit for each id from 0 to HS_ID_NEWEST */
    HS_BAG_COUNT = HS_BAG_START + HS_ID_NEWEST + 1
};

enum { HS_ABSTRACT_QUEUE_SLOTS = 8, HS_ABSTRACT_QUEUE_MAX = 4 };
/* The mark of "one hint or more" stands in the element's id, which no device reads in a hint. */
enum { HS_HINT_ONE = 0, HS_HINT_OR_MORE = HS_COMMAND_LAST_ID };

/* Can the word that a start element refers to change while the element waits?  Not if the driver
 * sleeps until it was used. */
bool hs_word_changes(const struct hs_rules *rules);
/* Is the order of what waits followed?  Not where it tells little: a shared word is read as it is
 * by then, to a host that checks no ids every start is the current one, and where every start with
 * the current id counts, no command is ever idle.  There all goes into the bag (allows more): a
 * seventh of the states for a pair with firecracker-uffd, and the same verdicts.  A driver that
 * sleeps after each element has no more than one queued. */
bool hs_queue_has_order(const struct hs_rules *rules);

/* How many elements wait in order, 0..HS_ABSTRACT_QUEUE_MAX; older ones are in the bag.  Where no
 * command is ever idle, and yet there is an order, since the driver sleeps for some, fewer are
 * kept.
 */
unsigned hs_queue_longest(const struct hs_rules *rules);

/* The queue, spread out. */
struct hs_abstract_queue {
    bool used_hint; /* the page's hint was used, and the driver has not collected it */
    bool hand_hint; /* the page's hint is in the device's hand */
    uint16_t bag;   /* older than everything that waits */
    unsigned count;
    struct hs_element waiting[HS_ABSTRACT_QUEUE_SLOTS]; /* the oldest first */
};

/* The bag stands behind the model's state. */
static inline uint16_t *hs_bag(struct hs_world w)
{
    return (uint16_t *)(void *)((uint8_t *)w.state + w.config->layout.size);
}

/* Behind the bag: is another page the first of the block that the followed page is part of? */
static inline uint16_t *hs_is_later(struct hs_world w)
{
    return hs_bag(w) + 1;
}

/* Read the queue, which must exist. */
void hs_abstract_queue_read(struct hs_world w, struct hs_abstract_queue *queue);
/* Write it: the oldest element in slot 0. */
void hs_abstract_queue_write(struct hs_world w, const struct hs_abstract_queue *queue);

/* Give the ids their names, in the whole state. */
void hs_ids_rename(struct hs_world w);
/* Make the queue short. */
void hs_abstract_queue_shorten(struct hs_world w, struct hs_abstract_queue *queue);

/* The element that a kind in the bag stands for. */
struct hs_element hs_bag_element(enum hs_bag kind);
/* What the bag holds after an element was thrown in. */
uint16_t hs_bag_throw(uint16_t bag, struct hs_element element);

/* Is it ever asked whether a STOP was taken since the current id (hint-device-2)? */
bool hs_stop_matters(struct hs_world w);

#endif
