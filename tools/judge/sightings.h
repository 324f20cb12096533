/* SPDX-License-Identifier: BSD-3-Clause */
/* Which verdicts of a matrix were seen on a real QEMU, by the record of spec/reality.json. */
#ifndef HS_SIGHTINGS_H
#define HS_SIGHTINGS_H

#include "matrix.h"
#include "matrix_shape.h"

/* A QEMU that lost a page of a guest, where the model of the pair loses it. */
struct hs_sighting {
    const char *guest; /* a preset */
    const char *host;  /* the preset that stands for this QEMU */
    const char *version;
    const char *accelerator;
    unsigned ram; /* KiB */
};

struct hs_sightings {
    const struct hs_sighting *first;
    unsigned count;
};

/*
 * What was seen of a verdict of a cell.  Nothing if it is not Sometimes; nor if a rule, or what is
 * in play, is not as it was when it was seen; nor of a guest with a host that is patched for it.
 */
struct hs_sightings hs_cell_sightings(
    const struct hs_matrix *matrix, const struct hs_cell *cell, unsigned property);

/* Was the verdict seen of any of the pairs that share this row and this column? */
bool hs_shape_has_sighting(const struct hs_matrix *matrix, const struct hs_shape *shape,
    unsigned row, unsigned column, unsigned property);

/* Was any verdict of the matrix seen? */
bool hs_matrix_has_sighting(const struct hs_matrix *matrix);

#endif
