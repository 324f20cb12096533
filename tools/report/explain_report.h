/* SPDX-License-Identifier: BSD-3-Clause */
/* What `hintsim prove --explain` says. */
#ifndef HS_EXPLAIN_REPORT_H
#define HS_EXPLAIN_REPORT_H

#include "explain.h"

#include <jansson.h>
#include <stdio.h>

/* Text: the statement, what the host does on the guest's word, how records change hands, and what
 * was checked; or where a write is first left without a record. */
void hs_explanation_print(const struct hs_explanation *explanation, FILE *out);
/* The same facts ("explanation" in tools/report/prove.schema.json); the caller owns it. */
json_t *hs_explanation_json(const struct hs_explanation *explanation);

#endif
