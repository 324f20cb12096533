/* SPDX-License-Identifier: BSD-3-Clause */
/* What `hintsim drive --wire` says. */
#ifndef HS_WIRE_REPORT_H
#define HS_WIRE_REPORT_H

#include "drive_report.h"
#include "wire.h"

struct hs_wire_told {
    const struct hs_driven *driven; /* on which QEMU */
    json_t *facts;                  /* one object for each row so far; the caller owns it */
    unsigned ends[HS_DRIVE_END_COUNT];
};

void hs_wire_print_head(const struct hs_wire_told *told, FILE *out);
/* Play a row, note it, and print a line of it to `out` unless that is NULL: it agrees, differs, or
 * there is no answer. */
enum hs_drive_end hs_wire_tell(struct hs_wire_told *told, const struct hs_wire_row *row,
    const struct hs_drive_plan *plan, FILE *out);
void hs_wire_print_sum(const struct hs_wire_told *told, FILE *out);
/* All of it (tools/report/wire.schema.json); the caller owns it. */
json_t *hs_wire_json(const struct hs_wire_told *told);

#endif
