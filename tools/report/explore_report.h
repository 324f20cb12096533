/* SPDX-License-Identifier: BSD-3-Clause */
/* What `hintsim explore` says. */
#ifndef HS_EXPLORE_REPORT_H
#define HS_EXPLORE_REPORT_H

#include "exploration.h"
#include "run_report.h"

#include <jansson.h>
#include <stdio.h>

/* By enum hs_search_end: how reports name it. */
extern const char *const hs_search_end_names[];

void hs_exploration_print(const struct hs_exploration *exploration, FILE *out);
/* One JSON object (tools/report/explore.schema.json); the caller owns it. */
json_t *hs_exploration_json(const struct hs_exploration *exploration);

#endif
