/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The wire: elements as no driver should shape them, and what a device makes of each.
 *
 * A row is one element: what lies in its buffers, where, how long, and which way.  It is published
 * on a QEMU of its own.  What QEMU should do is written beside it, as its sources have it; what
 * QEMU does is seen from outside.
 */
#ifndef HS_WIRE_H
#define HS_WIRE_H

#include "balloon.h"
#include "error.h"
#include "stand_in.h"

#include <stdbool.h>

/* What comes before the element. */
enum hs_wire_before {
    HS_WIRE_NO_MIGRATION, /* nothing: the field says STOP */
    HS_WIRE_ASKED,        /* a migration, held behind its first sync: the field has an id */
    HS_WIRE_STARTED       /* and the start command with that id was used */
};

/* What a buffer begins at. */
enum hs_wire_place {
    HS_WIRE_ID,      /* a word with the id of the round, and 4 bytes of zeros */
    HS_WIRE_OTHER,   /* a word with an id that was never issued */
    HS_WIRE_STOP,    /* a word with STOP */
    HS_WIRE_PFNS,    /* the numbers of the frames A and B */
    HS_WIRE_PFN_OUT, /* the number of the first frame behind the RAM */
    HS_WIRE_A,       /* frames under test, A with the three behind it */
    HS_WIRE_B,
    HS_WIRE_LAST,   /* the last frame of the RAM */
    HS_WIRE_BEHIND, /* the first one behind it, where there is no memory */
};

struct hs_wire_buffer {
    enum hs_wire_place place;
    unsigned offset; /* of the first byte */
    unsigned length; /* bytes */
    bool device_writes;
};
enum { HS_WIRE_BUFFERS_MAX = 3 };

/* What a device does with an element. */
struct hs_wire_effect {
    bool dies; /* QEMU ends by itself; nothing else is known then */
    bool is_used;
    unsigned written;      /* bytes, as the used ring says */
    bool is_broken;        /* the device asks to be reset: DEVICE_NEEDS_RESET */
    unsigned unlogged;     /* frames that left the dirty log */
    unsigned zeroed;       /* frames of the RAM that were discarded */
    bool is_hinting;       /* a hint that follows, shaped as it should be, leaves the log */
    bool heals;            /* a reset mends it: an element that follows is used */
    bool destination_dies; /* the QEMU that takes over ends by itself, then or at the reset */
    bool ends;             /* the migration comes to its end, and a destination takes over */
};

/* What is expected since a version. */
struct hs_wire_expected {
    unsigned major, minor;
    struct hs_wire_effect effect;
};
enum { HS_WIRE_EXPECTED_MAX = 2 };

struct hs_wire_row {
    const char *name;
    const char *clause; /* that it breaks (spec/requirements.md); "-": none, it may be so */
    enum hs_wire_before before;
    enum hs_vq vq;
    struct hs_wire_buffer buffers[HS_WIRE_BUFFERS_MAX];
    struct hs_wire_expected expected[HS_WIRE_EXPECTED_MAX]; /* the first holds for all before */
};
extern const struct hs_wire_row hs_wire_rows[];
extern const unsigned hs_wire_row_count;

/* What is expected of a version. */
const struct hs_wire_effect *hs_wire_expect(
    const struct hs_wire_row *row, const struct hs_version *version);
bool hs_wire_is_equal(const struct hs_wire_effect *a, const struct hs_wire_effect *b);

/* Publish the row's element on a QEMU, and see.  False, with `error`: there is no answer. */
bool hs_wire_play(const struct hs_wire_row *row, const struct hs_qemu_plan *plan,
    struct hs_wire_effect *seen, struct hs_error *error);

#endif
