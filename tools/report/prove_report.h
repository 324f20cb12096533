/* SPDX-License-Identifier: BSD-3-Clause */
/* What `hintsim prove` says. */
#ifndef HS_PROVE_REPORT_H
#define HS_PROVE_REPORT_H

#include "proof.h"
#include "run_report.h"

/* Text: the header, what is covered, a witness of `shown` (or, if it is HS_PROPERTY_COUNT, of the
 * first property that has one), what is unknown and why, and a line `Observation` per property. */
void hs_proof_print(const struct hs_proof *proof, unsigned shown, FILE *out);
/* The same with a witness of every property that has one, each with its story. */
void hs_proof_print_all(const struct hs_proof *proof, FILE *out);
/* One JSON object (tools/report/prove.schema.json); the caller owns it. */
json_t *hs_proof_json(const struct hs_proof *proof);

#endif
