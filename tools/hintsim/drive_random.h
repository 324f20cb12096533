/* SPDX-License-Identifier: BSD-3-Clause */
/* Random schedules on a real QEMU. */
#ifndef HS_DRIVE_RANDOM_H
#define HS_DRIVE_RANDOM_H

#include "commands.h"
#include "drive_job.h"

/* What is drawn. */
struct hs_random_plan {
    unsigned count; /* 0: nothing */
    uint64_t seed;  /* of the first; the others follow */
    const struct hs_preset *guest;
    const struct hs_preset *host; /* NULL: the one that stands for QEMU */
    bool anyway;                  /* also if it is another */
    enum hs_format format;
};

/* Drive them, and tell of each; a disagreement is made as short as can be, and written as a
 * scenario to the current folder.  As JSON it is told as it was driven first.  Returns an enum
 * hs_exit. */
int hs_drive_random(const struct hs_random_plan *random, const struct hs_drive_plan *plan,
    struct hs_driven *driven);
/* The exit status for an end: an enum hs_exit. */
int hs_driven_exit(const struct hs_driven *driven);
/* The worse of two of them: bad input, a difference, no answer, agreement. */
int hs_worse_exit(int a, int b);

#endif
