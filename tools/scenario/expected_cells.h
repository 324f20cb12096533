/* SPDX-License-Identifier: BSD-3-Clause */
/* What somebody expects of the cells of the matrix: a file, read defensively as scenarios are. */
#ifndef HS_EXPECTED_CELLS_H
#define HS_EXPECTED_CELLS_H

#include "scenario.h"

/* One entry `GUEST*HOST: {PROPERTY: VERDICT, ...}`. */
struct hs_expected_cell {
    const struct hs_preset *guest;
    const struct hs_preset *host;
    uint8_t verdicts[HS_PROPERTY_COUNT]; /* HS_NEVER, HS_SOMETIMES; HS_VERDICT_NONE: nothing */
    unsigned line;                       /* where it stands, from 1 on */
    unsigned column;
};

struct hs_expected_cells {
    const char *path; /* of the file; the caller's */
    unsigned count;
    struct hs_expected_cell *cells; /* no pair stands twice */
};

/* Read the file at `path`, which must outlive what is read.  At least one cell, and for each at
 * least one property.  False, with `error`, otherwise.  To be freed only if it was read. */
bool hs_expected_cells_load(
    const char *path, struct hs_expected_cells *expected, struct hs_error *error);
void hs_expected_cells_free(struct hs_expected_cells *expected);

/* The entry of a pair, or NULL. */
const struct hs_expected_cell *hs_expected_cell_of(const struct hs_expected_cells *expected,
    const struct hs_preset *guest, const struct hs_preset *host);

#endif
