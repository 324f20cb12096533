/* SPDX-License-Identifier: BSD-3-Clause */
/* A recording of a walk of the model: what would have been recorded of it. */
#ifndef HS_MADE_H
#define HS_MADE_H

#include "chance.h"
#include "recording.h"

enum { MADE_MAX = 512 };

/* An event, without the number of its element, which is its place among those of its kind. */
struct made {
    enum hs_event_kind kind;
    bool is_host; /* whose clock */
    bool is_command;
    uint64_t value; /* an id, a word, a count, a page, an end */
};

struct made_recording {
    struct made events[MADE_MAX];
    unsigned count;
    unsigned before[MADE_MAX]; /* of a run: how many events came before each of its steps */
    uint32_t recorded;         /* bit hs_event_kind */
    uint32_t block;            /* bytes of a hint */
    int64_t offset;            /* of the guest's clock, ns */
    bool tells_offset;
};

/* Walk through a world, at most so many steps. */
void made_walk(const struct hs_config *config, unsigned steps, struct chance *chance,
    struct made_recording *made);
/* The recording of a run: all kinds of events. */
struct hs_run;
void made_of_run(const struct hs_run *run, struct made_recording *made);
/* Write it to a file. */
void made_save(const struct made_recording *made, const char *path);

#endif
