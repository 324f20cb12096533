/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a real guest and a real host recorded while they migrated: a line of JSON for each event
 * (spec/trace.md).  It is partial: an event that no recorder writes is not there, and the first
 * line says which are written.  Each clock's events are in order; those of two clocks are not.
 */
#ifndef HS_RECORDING_H
#define HS_RECORDING_H

#include "error.h"
#include "world.h"

#include <stddef.h>
#include <stdint.h>

enum hs_event_kind {
    HS_EVENT_CONFIG_INTERRUPT,
    HS_EVENT_READ_COMMAND,
    HS_EVENT_QUEUE_ELEMENT,
    HS_EVENT_TAKE_ELEMENT,
    HS_EVENT_USE_ELEMENT,
    HS_EVENT_RELEASE,
    HS_EVENT_BEGIN_MIGRATION,
    HS_EVENT_BEGIN_SYNC,
    HS_EVENT_END_SYNC,
    HS_EVENT_SEND_PAGE,
    HS_EVENT_STOP_VM,
    HS_EVENT_END_MIGRATION,
    HS_EVENT_STATUS,
    HS_EVENT_LOST, /* the recorder lost events here */
    HS_EVENT_KIND_COUNT
};
extern const char *const hs_event_names[HS_EVENT_KIND_COUNT];

/* How a migration ended: the value of HS_EVENT_END_MIGRATION. */
enum hs_migration_end { HS_ENDED_COMPLETED, HS_ENDED_CANCELLED, HS_MIGRATION_END_COUNT };

/* What the directions of an element's buffers make of it on free_page_vq. */
enum hs_element_role { HS_ROLE_UNKNOWN, HS_ROLE_COMMAND, HS_ROLE_PAGES };

/* A buffer of an element. */
struct hs_range {
    uint64_t address;
    uint64_t length; /* bytes */
    bool is_writable;
    bool has_word; /* it held a word as it was queued, and the recorder saw it */
    uint32_t word;
};

struct hs_happening {
    enum hs_event_kind kind;
    uint8_t clock;             /* its place among the recording's */
    enum hs_queue queue;       /* of an element */
    unsigned line;             /* of the file, from 1 on */
    int64_t ns;                /* by its clock */
    uint64_t value;            /* an id, a count, a used length, an address, a status, an end */
    uint32_t number;           /* of an element: from 0 on, for each queue */
    uint32_t range;            /* its buffers: the first */
    uint32_t ranges;           /* how many; 0: not recorded */
    enum hs_element_role role; /* that the device saw as it took the element */
};

enum { HS_CLOCKS_MAX = 4, HS_CLOCK_NAME = 24 };
struct hs_clock {
    char name[HS_CLOCK_NAME];
    bool has_offset;
    int64_t offset; /* ns to be added to have the first clock's time */
    int64_t within; /* ns that this may be wrong */
};

struct hs_recording {
    char *guest; /* what was recorded, in words; may be NULL */
    char *host;
    uint32_t page_size;
    bool begins_in_middle; /* something happened before the first event */
    uint32_t recorded;     /* bit hs_event_kind: each that happened is here */
    unsigned clock_count;
    struct hs_clock clocks[HS_CLOCKS_MAX];
    struct hs_happening *events; /* as in the file */
    size_t count;
    struct hs_range *ranges;
    size_t range_count;
};

/* Read a file; "-" is the standard input.  NULL, with `error`: the line, and what is wrong in it.
 */
struct hs_recording *hs_recording_load(const char *path, struct hs_error *error);
void hs_recording_free(struct hs_recording *recording);

/* Is events of this kind whole: would each that happened be there? */
static inline bool hs_is_recorded(const struct hs_recording *recording, enum hs_event_kind kind)
{
    return recording->recorded >> kind & 1u;
}

#endif
