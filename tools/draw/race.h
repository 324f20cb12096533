/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A race, laid out once: what every step of a run said and changed, in which column, which message
 * it answers, which step loses the page, and what became of every page.  Text and pictures are
 * drawn from this alone.
 */
#ifndef HS_RACE_H
#define HS_RACE_H

#include "replay.h"
#include "wait.h"
#include "words.h"

enum hs_column {
    HS_COLUMN_GUEST,
    HS_COLUMN_DRIVER,
    HS_COLUMN_DEVICE,
    HS_COLUMN_MIGRATION,
    HS_COLUMN_COUNT
};
extern const char *const hs_column_names[HS_COLUMN_COUNT];

enum { HS_DETAILS_MAX = 16, HS_DETAIL_SIZE = 64, HS_TOLD_SIZE = 160, HS_NO_EVENT = -1 };

/* One step, told. */
struct hs_event {
    enum hs_column column;
    struct hs_step step;
    bool filled_in;                               /* not written in the schedule */
    char headline[HS_WORDS_SIZE];                 /* what happened, in a few words */
    char told[HS_TOLD_SIZE];                      /* the same, as a sentence */
    char details[HS_DETAILS_MAX][HS_DETAIL_SIZE]; /* what changed */
    unsigned detail_count;
    uint32_t breaks; /* bit hs_property: broken at this step */
    uint64_t pages;  /* bit p: the step is about page p */
    uint64_t loses;  /* bit p: this step loses page p */
    uint32_t dooms;  /* bit hs_property: a property of all continuations: from here on nobody ends
                        what it asks about */
    int sender;      /* the earlier event whose message this one takes, or HS_NO_EVENT */
    unsigned drops;  /* used buffers that the driver takes out of the queue without a look */
};

/* What became of a page. */
struct hs_fate {
    char source[16];      /* v2, zeros, poison, - */
    char destination[16]; /* the same, or - if nothing arrived */
    char relied_on[16];   /* yes, as zeros, as poison, no */
    char fate[48];        /* LOST, CORRUPTED, BROKEN, held, arrived, "v1 sent, v2 not yet", ... */
};

struct hs_race {
    const struct hs_run *run;
    struct hs_event *events; /* one per moment of the run */
    struct hs_fate *fates;   /* one per page */
    uint64_t lost;           /* bit p: page p is lost, corrupted, or its value broken */
    uint64_t stuck;          /* bit p: page p is held for good, or awaited and never comes */
    struct hs_wait *waits;   /* what is waited for that nobody will do */
    unsigned wait_count;
};

/* Tell the run.  The race refers to the run, which must outlive it. */
struct hs_race *hs_race_tell(const struct hs_run *run);
void hs_race_free(struct hs_race *race);

/* What the event, which loses a page, does to it: "lost", or "wiped" where the guest runs. */
const char *hs_event_deed(const struct hs_event *event);

/* What the run is from an event on that dooms it to break the property, one of all continuations.
 */
const char *hs_doom_word(enum hs_property property);

/* What stands among the changes of events, explained: the legend of ladders and pictures. */
struct hs_mark {
    const char *word; /* with which the change begins */
    const char *meaning;
};
enum { HS_MARK_COUNT = 9 };
extern const struct hs_mark hs_marks[HS_MARK_COUNT];
/* Does the mark occur in the race? */
bool hs_race_has_mark(const struct hs_race *race, const struct hs_mark *mark);

/* Is the event one that people are to see first: it loses a page, or ends all hope for one? */
bool hs_event_decides(const struct hs_event *event);

/* Is the event part of the story of a page that is lost or stuck? */
bool hs_race_in_story(const struct hs_race *race, unsigned event);

#endif
