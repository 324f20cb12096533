/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A migration from one VM to another, page by page: begun, held between two bursts, told to send
 * so many pages, to sync once, to end or to be cancelled.
 *
 * Frames are sent in the order of their addresses, from where the last one was sent, and from the
 * end to the beginning.  Only so much can be chosen: when.  struct hs_frames knows which frames of
 * the VM are to be sent, as the model predicts it for those under test, and as this program makes
 * them dirty itself for all others.
 */
#ifndef HS_MOVE_H
#define HS_MOVE_H

#include "pace.h"
#include "qemu.h"
#include "text.h"

enum { HS_FRAMES_MAX = 512 };

/* Frames, from `first` to `end` - 1. */
struct hs_span {
    unsigned first;
    unsigned end;
};

/* What there is to be migrated: the VM's RAM, and small blocks of firmware and tables, of which
 * some come before it. */
struct hs_blocks {
    unsigned ram;    /* frames */
    unsigned others; /* frames of all other blocks */
    unsigned ahead;  /* of these, before the RAM */
};

/* What migration has to send.  Frames of the RAM have their own numbers; behind them come those of
 * the blocks that follow, and of the blocks that come first. */
struct hs_frames {
    unsigned count;
    unsigned next;             /* where the search for the next one begins */
    struct hs_span touched[3]; /* written before each sync */
    bool is_dirty[HS_FRAMES_MAX];
};

/* All frames are to be sent; those from `tested.first` to `tested.end` - 1 are under test. */
void hs_frames_begin(
    struct hs_frames *frames, const struct hs_blocks *blocks, struct hs_span tested);
unsigned hs_frames_dirty(const struct hs_frames *frames);
/* The frame that is sent next; HS_FRAMES_MAX: none is dirty. */
unsigned hs_frames_next(const struct hs_frames *frames);
/* It is sent. */
void hs_frames_send(struct hs_frames *frames);
/* What is written before a sync is dirty: the sync found it so. */
void hs_frames_touch(struct hs_frames *frames);

struct hs_move {
    struct hs_qemu *source;
    struct hs_pace pace;
    int file;           /* in memory: what is sent */
    bool is_mapped;     /* each frame has its place in the file (mapped-ram, since 9.0) */
    bool drifts;        /* ptrace is forbidden: it is paced by its bandwidth alone */
    unsigned quiet;     /* bursts, the last ones, that sent nothing */
    unsigned remaining; /* frames, as QEMU counts them */
    unsigned clock;     /* milliseconds since it began, as QEMU counts them */
    unsigned syncs;
};

/* Begin it, and hold it behind its first sync.  Since 9.0 `is_mapped`: frames that are sent one
 * after the other are counted late there. */
bool hs_move_begin(
    struct hs_move *move, struct hs_qemu *source, bool is_mapped, struct hs_error *error);
/* All that was sent by now. */
bool hs_move_sent(const struct hs_move *move, struct hs_text *bytes, struct hs_error *error);
/* Ask how many frames remain, and how many syncs there were. */
bool hs_move_look(struct hs_move *move, struct hs_error *error);
/* Send `count` frames, neither more nor less unless it is too slow: move.remaining tells. */
bool hs_move_send(struct hs_move *move, unsigned count, struct hs_error *error);
/* Have it read what it counts as sent.  QEMU 5.2 sleeps between counting a frame and reading it; if
 * no frame remains that is left to the end. */
bool hs_move_flush(struct hs_move *move, struct hs_error *error);
/* Fewer frames than this may remain for a sync. */
enum { HS_SYNC_MOST = 85 };
/* Sync once.  Nothing is sent, or one frame if RAM is mapped.  Many frames that nobody cares for
 * are made dirty before, those that `frames` names, so that the sync does not end the migration. */
bool hs_move_sync(struct hs_move *move, const struct hs_frames *frames, struct hs_error *error);
/* Send what is left.  The VM stops, and migration waits before the last sync. */
bool hs_move_stop(struct hs_move *move, struct hs_error *error);
/* Let a new VM take over, the destination. */
bool hs_move_complete(struct hs_move *move, struct hs_qemu *destination,
    const struct hs_qemu_plan *plan, struct hs_error *error);
bool hs_move_cancel(struct hs_move *move, struct hs_error *error);
/* Let the migration thread go, wherever it is. */
void hs_move_release(struct hs_move *move);
void hs_move_end(struct hs_move *move);

#endif
