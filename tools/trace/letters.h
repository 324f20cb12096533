/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What of a run is seen in a recording, from one page: the letters of its story.  A step that shows
 * none is hidden; a step shows one at most.
 */
#ifndef HS_LETTERS_H
#define HS_LETTERS_H

#include "abstract_graph.h"
#include "recording.h"

enum hs_letter {
    HS_LETTER_HIDDEN,
    HS_LETTER_INTERRUPT,
    HS_LETTER_READ_STOP, /* the driver reads the field: what it finds */
    HS_LETTER_READ_DONE,
    HS_LETTER_READ_ID,
    HS_LETTER_SEND_STOP, /* the driver queues a command: its word */
    HS_LETTER_SEND_DONE,
    HS_LETTER_SEND_ID,
    HS_LETTER_SEND_ANY,     /* nobody recorded it */
    HS_LETTER_HINT,         /* it queues the page */
    HS_LETTER_TAKE_COMMAND, /* the device takes a command */
    HS_LETTER_TAKE_HINT,    /* it takes the page's hint */
    HS_LETTER_RELEASE,      /* the driver gives back pages, among them perhaps this one */
    HS_LETTER_BEGIN_MIGRATION,
    HS_LETTER_BEGIN_SYNC,
    HS_LETTER_END_SYNC,
    HS_LETTER_SEND_PAGE, /* migration sends the page */
    HS_LETTER_STOP_VM,
    HS_LETTER_COMPLETE,
    HS_LETTER_CANCEL,
    HS_LETTER_STATUS_STOP, /* the device's status is told */
    HS_LETTER_STATUS_REQUESTED,
    HS_LETTER_STATUS_START,
    HS_LETTER_STATUS_DONE,
    HS_LETTER_GAP, /* events were lost: anything may have happened */
    HS_LETTER_COUNT
};

/* The event that a letter is seen in. */
enum hs_event_kind hs_letter_event(enum hs_letter letter);
/* In words, as what happens: "reads an id". */
const char *hs_letter_words(enum hs_letter letter);

/* The letter that a label of the abstraction shows as it is taken in `w`. */
enum hs_letter hs_letter_of(struct hs_world w, uint32_t label);
/* Is a step that shows `shown` one that shows the letter? */
bool hs_letter_fits(enum hs_letter letter, enum hs_letter shown);
/* Can the letter be seen while this page's state stays as it is? */
bool hs_letter_stays(struct hs_world w, enum hs_letter letter);
/* The step of the model that shows the letter, HS_STEP_KIND_COUNT if none does; the `nth`, from 0
 * on. */
enum hs_step_kind hs_letter_step(enum hs_letter letter, unsigned nth);

#endif
