/* SPDX-License-Identifier: BSD-3-Clause */
/* The answer of a matrix of guests and hosts. */
#ifndef HS_MATRIX_ANSWER_H
#define HS_MATRIX_ANSWER_H

#include "judgement.h"
#include "matrix.h"

/*
 * Do the expectations of `matrix` fit it?  They must name every cell and no other, and in each
 * every property that is asked about and is a question there, and no other.  False, with `error`,
 * otherwise.
 */
bool hs_matrix_expects(const struct hs_matrix *matrix, struct hs_error *error);

/* What is expected of a cell, and what was found: without expectations Never, as prove has it; of a
 * property that was not asked about nothing, and of what is no pair nothing either. */
struct hs_comparison hs_matrix_compare(
    const struct hs_matrix *matrix, const struct hs_cell *cell, unsigned property);

/* The worst answer of all cells. */
enum hs_answer hs_matrix_answer(const struct hs_matrix *matrix);

#endif
