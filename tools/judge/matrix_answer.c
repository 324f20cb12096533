/* SPDX-License-Identifier: BSD-3-Clause */
/* Matrices: what is expected of each cell, and the worst answer of all. */
#include "matrix_answer.h"

#include "proof.h"

static bool refuse(const struct hs_matrix *matrix, const struct hs_expected_cell *cell,
    const char *what, unsigned property, struct hs_error *error)
{
    return hs_fail_at(error, matrix->expected->path, cell->line, cell->column, "%s*%s: %s %s",
        cell->guest->name, cell->host->name, hs_property_rows[property].name, what);
}

static bool fits(
    const struct hs_matrix *matrix, const struct hs_expected_cell *cell, struct hs_error *error)
{
    bool in_table = false;
    for (unsigned i = 0; i < matrix->guest_count * matrix->host_count; i++)
        in_table = in_table || (matrix->guests[i / matrix->host_count] == cell->guest &&
                                   matrix->hosts[i % matrix->host_count] == cell->host);
    if (!in_table)
        return hs_fail_at(error, matrix->expected->path, cell->line, cell->column,
            "%s*%s is no cell of this table", cell->guest->name, cell->host->name);
    uint32_t questions = hs_matrix_questions(matrix, cell->guest, cell->host);
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        bool is_named = cell->verdicts[i] != HS_VERDICT_NONE;
        if (is_named && !(matrix->asked >> i & 1u))
            return refuse(matrix, cell, "is not asked about", i, error);
        if (is_named && !(questions >> i & 1u))
            return refuse(matrix, cell, "is no question there: nothing could break it", i, error);
        if (questions >> i & 1u && !is_named)
            return refuse(matrix, cell, "is asked about, and no verdict is expected", i, error);
    }
    return true;
}

bool hs_matrix_expects(const struct hs_matrix *matrix, struct hs_error *error)
{
    const struct hs_expected_cells *expected = matrix->expected;
    for (unsigned i = 0; i < expected->count; i++) {
        if (!fits(matrix, &expected->cells[i], error))
            return false;
    }
    for (unsigned i = 0; i < matrix->guest_count * matrix->host_count; i++) {
        const struct hs_preset *guest = matrix->guests[i / matrix->host_count];
        const struct hs_preset *host = matrix->hosts[i % matrix->host_count];
        if (!hs_expected_cell_of(expected, guest, host))
            return hs_fail(error, "%s: %s*%s, a cell of this table, is missing", expected->path,
                guest->name, host->name);
    }
    return true;
}

struct hs_comparison hs_matrix_compare(
    const struct hs_matrix *matrix, const struct hs_cell *cell, unsigned property)
{
    const struct hs_scenario *pair = &cell->pair.scenario;
    struct hs_comparison comparison = {
        .found = (uint8_t)hs_evidence_verdict(&cell->evidence, property), .expected = HS_NEVER};
    if (!matrix->expected && cell->lacks)
        comparison.found = HS_VERDICT_NONE;
    if (matrix->expected)
        comparison.expected =
            hs_expected_cell_of(matrix->expected, pair->guest, pair->host)->verdicts[property];
    return comparison;
}

enum hs_answer hs_matrix_answer(const struct hs_matrix *matrix)
{
    enum hs_answer answer = HS_AS_EXPECTED;
    for (unsigned i = 0; i < matrix->guest_count * matrix->host_count; i++) {
        for (unsigned p = 0; p < HS_PROPERTY_COUNT; p++)
            answer = hs_worse(answer, hs_compare(hs_matrix_compare(matrix, &matrix->cells[i], p)));
    }
    return answer;
}
