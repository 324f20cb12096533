/* SPDX-License-Identifier: BSD-3-Clause */
/* What a migration sends: QEMU's stream, as far as its RAM goes. */
#ifndef HS_STREAM_H
#define HS_STREAM_H

#include "text.h"

#include <stdbool.h>
#include <stdint.h>

enum { HS_STREAM_FRAMES_MAX = 1024 };

/* What was found in a stream. */
struct hs_sent {
    bool has_blocks;                      /* the list of RAM blocks has come */
    unsigned ahead;                       /* frames of the blocks that come before the VM's RAM */
    unsigned ram;                         /* frames of the VM's RAM */
    unsigned times[HS_STREAM_FRAMES_MAX]; /* how often each frame of it was sent */
};

/* Read what has come by now. */
void hs_stream_read(const struct hs_text *stream, struct hs_sent *sent);

#endif
