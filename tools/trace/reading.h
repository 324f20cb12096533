/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A page's story, read event by event.  Where the order of two clocks is open there are several
 * ways to have read so many events: a front each.
 */
#ifndef HS_READING_H
#define HS_READING_H

#include "automaton.h"
#include "page_story.h"

/* How far each clock's events were read, and the states that the page can be in then. */
struct hs_front {
    uint32_t at[HS_CLOCKS_MAX];
    hs_set set;
    hs_set harmed; /* read quietly: those in which a page was harmed on the way */
};

/* All ways to have read so many events: one, but where the order of two clocks is open. */
struct hs_layer {
    struct hs_front *fronts;
    uint32_t count;
    uint32_t room;
};

struct hs_reading {
    struct hs_automaton *automaton;
    const struct hs_page_stories *stories;
    struct hs_page_story story;
    uint32_t length; /* events of the story */
    uint32_t read;   /* of them */
    struct hs_layer now;
    struct hs_layer next;
};

/* What is looked for while it is read. */
struct hs_watch {
    bool is_quiet;         /* no write comes */
    enum hs_property harm; /* quiet: what is looked for */
};

/* A reading of any story of these; to be closed. */
struct hs_reading hs_reading_begin(
    struct hs_automaton *automaton, const struct hs_page_stories *stories);
void hs_reading_close(struct hs_reading *reading);

/* Begin with a story. */
void hs_reading_tell(struct hs_reading *reading, const struct hs_page_class *class);
/* Begin in the middle of it, where `read` events are read, with these fronts. */
void hs_reading_put(struct hs_reading *reading, uint32_t read, const struct hs_layer *layer);
/* Read one event more.  False: none fits, and it stays where it is; or all are read. */
bool hs_reading_go_on(struct hs_reading *reading, struct hs_watch watch);

/* May the next event of this clock come before the next ones of all others? */
bool hs_reading_may_come(
    const struct hs_reading *reading, const struct hs_front *front, unsigned clock);
/* The next event of a clock, which has one. */
struct hs_seen hs_reading_next(
    const struct hs_reading *reading, const struct hs_front *front, unsigned clock);

/* The event that was read last; HS_NOT_RECORDED: none was. */
uint32_t hs_reading_last(const struct hs_reading *reading, const struct hs_front *front);

/* Add a front to a layer; one that is as far is joined with it. */
void hs_layer_add(struct hs_automaton *automaton, struct hs_layer *layer, struct hs_front front);

#endif
