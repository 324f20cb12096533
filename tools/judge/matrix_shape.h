/* SPDX-License-Identifier: BSD-3-Clause */
/* The shape of a matrix that fits a screen: presets with the same verdicts share a row or a column.
 */
#ifndef HS_MATRIX_SHAPE_H
#define HS_MATRIX_SHAPE_H

#include "matrix.h"

/* Guests, or hosts, of a matrix by their index there: those that differ in no verdict. */
struct hs_alike {
    unsigned count;
    unsigned members[HS_MATRIX_SIDE_MAX];
};

struct hs_shape {
    unsigned guest_count;
    unsigned host_count;
    struct hs_alike guests[HS_MATRIX_SIDE_MAX]; /* the rows; the first member stands for all */
    struct hs_alike hosts[HS_MATRIX_SIDE_MAX];  /* the columns */
};

/* An overview has first what people run today: released programs, the newest version first; then
 * what was patched, and designs; last what is in no pair.  Otherwise every preset is by itself, in
 * the order of the matrix. */
void hs_matrix_shape(const struct hs_matrix *matrix, struct hs_shape *shape);

/* The cell of a row and a column. */
const struct hs_cell *hs_shape_cell(
    const struct hs_matrix *matrix, const struct hs_shape *shape, unsigned row, unsigned column);

#endif
