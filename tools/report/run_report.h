/* SPDX-License-Identifier: BSD-3-Clause */
/* What `hintsim run` says: the run for people, and the same facts for machines. */
#ifndef HS_RUN_REPORT_H
#define HS_RUN_REPORT_H

#include "race.h"
#include "run_answer.h"
#include "text.h"

#include <jansson.h>
#include <stdio.h>

/* The properties in `broken`, comma-separated; `safe` if there are none. */
void hs_broken_add(uint32_t broken, bool unfinished, struct hs_text *text);
extern const char *const hs_run_end_names[]; /* by enum hs_run_end: no migration, ... */

/* Header, ladder, table of pages, the race in words if anything is broken, verdict, and a line
 * `Observation` per property; with `source`, the functions that each step stands for. */
void hs_run_print(const struct hs_race *race, bool source, FILE *out);
/* Add the question, the presets and the rules to a JSON object. */
void hs_header_json(const struct hs_variant *variant, json_t *json);
/* The same as one JSON object (tools/report/run.schema.json); the caller owns it.  `property`,
 * which the race breaks, is told of, or HS_PROPERTY_COUNT: none is. */
json_t *hs_run_json(const struct hs_race *race, enum hs_property property);
/* Add the functions that each step stands for. */
void hs_source_json(const struct hs_race *race, json_t *json);

/* Name, question, rules in force, hash. */
void hs_header_print(const struct hs_variant *variant, FILE *out);

/* Print a JSON value, indented, and give it back.  An object says the version of its format, which
 * changes when a field goes or means something else. */
enum { HS_JSON_VERSION = 2 };
void hs_json_print(json_t *json, FILE *out);

#endif
