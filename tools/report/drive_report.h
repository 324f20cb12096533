/* SPDX-License-Identifier: BSD-3-Clause */
/* What `hintsim drive` says. */
#ifndef HS_DRIVE_REPORT_H
#define HS_DRIVE_REPORT_H

#include "drive.h"
#include "race.h"
#include "stand_in.h"

#include <jansson.h>
#include <stdio.h>

/* What was driven on what. */
struct hs_driven {
    const char *name;
    const struct hs_qemu_plan *plan;
    struct hs_version version;
    const struct hs_stand_in *stand_in; /* or NULL */
    bool has_odd_ram;
    bool is_this_host; /* the model's host stands for this QEMU */
    bool is_alone;     /* the only file: told at length */
    struct hs_drive_result result;
};

/* Which QEMU it was, the ladder with a mark where it differs, and how it ended; a line if it is not
 * alone.  `race` is the model's run, or NULL if there is none. */
void hs_driven_print(struct hs_race *race, const struct hs_driven *driven, FILE *out);
/* The same as one JSON object (tools/report/drive.schema.json); the caller owns it. */
json_t *hs_driven_json(const struct hs_race *race, const struct hs_driven *driven);

#endif
