/* SPDX-License-Identifier: BSD-3-Clause */
/* Which verdicts were seen on a real QEMU. */
#include "sightings.h"

#include "proof.h"

#include <assert.h>
#include <string.h>

/* Those of a pair stand together. */
static const struct hs_sighting sightings[] = {
#define HS_SIGHTING(guest, host, version, accelerator, ram) \
    {guest, host, version, accelerator, ram},
#include "sightings.def"
#undef HS_SIGHTING
    {NULL, NULL, NULL, NULL, 0} /* the table may be empty */
};

/* Is everything as it is when a scenario of two presets is driven? */
static bool is_as_driven(const struct hs_matrix *matrix, const struct hs_cell *cell)
{
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        if (matrix->is_set[r])
            return false;
    }
    return !matrix->in_play.with && !matrix->in_play.without && !cell->pair.scenario.guest->needs;
}

static bool is_of(const struct hs_sighting *sighting, const struct hs_scenario *pair)
{
    return sighting->guest && strcmp(sighting->guest, pair->guest->name) == 0 &&
           strcmp(sighting->host, pair->host->name) == 0;
}

struct hs_sightings hs_cell_sightings(
    const struct hs_matrix *matrix, const struct hs_cell *cell, unsigned property)
{
    assert(matrix && cell && property < HS_PROPERTY_COUNT);
    struct hs_sightings seen = {.first = sightings};
    if (property != HS_DIRTY_PAGE_LOST || !is_as_driven(matrix, cell) ||
        hs_evidence_verdict(&cell->evidence, property) != HS_SOMETIMES)
        return seen;
    while (seen.first->guest && !is_of(seen.first, &cell->pair.scenario))
        seen.first++;
    while (is_of(&seen.first[seen.count], &cell->pair.scenario))
        seen.count++;
    return seen;
}

bool hs_shape_has_sighting(const struct hs_matrix *matrix, const struct hs_shape *shape,
    unsigned row, unsigned column, unsigned property)
{
    assert(matrix && shape && row < shape->guest_count && column < shape->host_count);
    const struct hs_alike *guests = &shape->guests[row];
    const struct hs_alike *hosts = &shape->hosts[column];
    for (unsigned g = 0; g < guests->count; g++) {
        for (unsigned h = 0; h < hosts->count; h++) {
            const struct hs_cell *cell =
                hs_matrix_cell(matrix, guests->members[g], hosts->members[h]);
            if (hs_cell_sightings(matrix, cell, property).count)
                return true;
        }
    }
    return false;
}

bool hs_matrix_has_sighting(const struct hs_matrix *matrix)
{
    assert(matrix && matrix->cells);
    for (unsigned i = 0; i < matrix->guest_count * matrix->host_count; i++) {
        for (unsigned p = 0; p < HS_PROPERTY_COUNT; p++) {
            if (hs_cell_sightings(matrix, &matrix->cells[i], p).count)
                return true;
        }
    }
    return false;
}
