/* SPDX-License-Identifier: BSD-3-Clause */
/* What is on stage while a job is played: the model, the VMs, the driver's side, the migration. */
#ifndef HS_STAGE_H
#define HS_STAGE_H

#include "drive.h"
#include "move.h"
#include "stream.h"

#include <stdbool.h>

/* An element of free_page_vq that the model queued. */
enum hs_hint_kind { HS_HINT_START, HS_HINT_STOP, HS_HINT_PAGES };
struct hs_hint {
    enum hs_hint_kind kind;
    unsigned page;    /* of pages: the first */
    uint64_t address; /* of a command: where its word lies */
};
enum { HS_HINTS_MAX = 512 };

/* What QEMU does in one go, so that nothing else comes between the model's steps. */
enum hs_section {
    HS_SECTION_NONE,
    HS_SECTION_SYNC,
    HS_SECTION_REPORT,
    HS_SECTION_PAGE,
    HS_SECTION_STOP /* from the sync that QEMU makes before it stops the VM, to the stop */
};

struct hs_stage {
    const struct hs_job *job;
    const struct hs_drive_plan *plan;
    struct hintmodel model;
    unsigned at;                        /* which step of the job is played */
    unsigned tested;                    /* the frame of place 0 */
    unsigned place[HS_DRIVE_PAGES_MAX]; /* of each page among those under test */
    struct hs_frames frames;            /* to be sent, all but those under test */
    enum hs_section section;            /* under way */
    bool is_moving;                     /* QEMU migrates */
    bool begins;                        /* its first sync is under way */
    bool is_played;                     /* there is a QEMU; else this is a rehearsal */
    bool sends_at_sync;                 /* the sync under way sends a frame */
    bool stops_then;                    /* the sync under way is QEMU's own, before the stop */
    bool is_doubtful;                   /* what differs may be the pacing's */
    bool has_gone;                      /* so the page that the model sends next was sent already */
    unsigned ahead;                     /* frames to be sent before the page that the model sends */
    unsigned avail;                     /* the index of free_page_vq before the step */

    struct hs_poller poller;
    struct hs_qemu source;
    struct hs_qemu destination;
    struct hs_qemu *guest; /* where the VM runs */
    struct hs_balloon balloon;
    struct hs_move move;
    uint32_t id_base; /* what QEMU's first id is to the model's */
    bool has_id_base;
    uint32_t version; /* what the next write stores */
    struct hs_hint hints[HS_HINTS_MAX];
    unsigned hint_count; /* queued since the last reset */
    unsigned hints_published;
    unsigned words;    /* command words that have a place of their own */
    unsigned inflated; /* the page told last */
    unsigned deflated;
    unsigned targets;                  /* how often the balloon's target changed */
    unsigned sent[HS_DRIVE_PAGES_MAX]; /* how often the model sent each page */
    struct hs_buffer report[HS_DRIVE_PAGES_MAX];
    unsigned report_count;
    unsigned used[HS_VQ_COUNT]; /* elements that the model used since the last reset */

    enum hs_drive_end trouble; /* what an action met with, if it returned false */
    struct hs_error *what;
};

/* What the model's page.content says of a page that was discarded (hintmodel_field_meaning). */
enum { HS_CONTENT_IS_ZEROS = 1 };

/* A number of the model. */
unsigned hs_stage_read(const struct hs_stage *stage, const char *field, unsigned page);
/* The frame of a page. */
unsigned hs_stage_frame(const struct hs_stage *stage, unsigned page);
/* Frames that QEMU should have to send: those of the model, and all others. */
unsigned hs_stage_remaining(const struct hs_stage *stage);
/* The same with those of the model marked: what comes next is known from it. */
struct hs_frames hs_stage_frames(const struct hs_stage *stage);

/* Is the frame that of a page? */
bool hs_stage_is_tested(const struct hs_stage *stage, unsigned frame);
/* A migration begins: all frames are to be sent, as many as QEMU says if there is one. */
bool hs_stage_frames_begin(struct hs_stage *stage);
/* What QEMU sent by now. */
bool hs_stage_sent(struct hs_stage *stage, struct hs_sent *sent);
/* Set the balloon up as its driver does after a reset. */
bool hs_stage_set_up(struct hs_stage *stage);

/* Begin a rehearsal of a job, with pages in their own order. */
bool hs_stage_begin(struct hs_stage *stage, const struct hs_job *job,
    const struct hs_drive_plan *plan, struct hs_error *what);
/* Take a step in the model, and play it.  False, as hs_stage_fail says. */
bool hs_stage_play(struct hs_stage *stage, const char *text);

/* Give up: returns false, with what is wrong in stage->what. */
__attribute__((format(printf, 3, 4))) bool hs_stage_fail(
    struct hs_stage *stage, enum hs_drive_end trouble, const char *format, ...);

/* The same for what failed on QEMU, as stage->what says: it died, or it was too slow. */
bool hs_stage_failed(struct hs_stage *stage);

/* ---- steps.c -------------------------------------------------------------------------------- */

/* What playing a step means. */
struct hs_action {
    const char *step; /* its name */
    /* Before the model takes it: can it be played here?  NULL: always. */
    bool (*may)(struct hs_stage *stage, unsigned page);
    /* After the model took it: play it.  NULL: QEMU does nothing. */
    bool (*play)(struct hs_stage *stage, unsigned page);
    enum hs_section part; /* of which it is a later part */
};
/* Is it one of which QEMU sees nothing? */
bool hs_action_is_idle(const struct hs_action *action);
/* The action of the step of that name, or NULL. */
const struct hs_action *hs_action_find(const char *step);

#endif
