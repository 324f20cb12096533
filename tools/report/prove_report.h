/* What `hintsim prove` says. */
#ifndef HS_PROVE_REPORT_H
#define HS_PROVE_REPORT_H

#include "prove.h"
#include "run_report.h"

/* Does the scenario expect anything of a proof? */
bool hs_expects_proof(const struct hs_scenario *scenario);

/* Is what the scenario expects what was found?  Without an expectation nothing may break, and
 * everything that a proof covers must be decided.  page-stuck and guest-stalled count only if the
 * scenario names them. */
enum hs_answer hs_proof_answer(const struct hs_proof *proof);

/* Text: the header, what is covered, a witness of `shown` (or, if it is HS_PROPERTY_COUNT, of the
 * first property that has one), what is unknown and why, and a line `Observation` per property. */
void hs_proof_print(const struct hs_proof *proof, unsigned shown, FILE *out);
/* One JSON object (tools/report/prove.schema.json); the caller owns it. */
json_t *hs_proof_json(const struct hs_proof *proof);

/* The run that serves as witness of `shown`, chosen as above, or NULL. */
const struct hs_run *hs_proof_witness(const struct hs_proof *proof, unsigned shown);

#endif
