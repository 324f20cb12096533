/* What `hintsim run` says: the run for people, and the same facts for machines. */
#ifndef HS_RUN_REPORT_H
#define HS_RUN_REPORT_H

#include "race.h"

#include <jansson.h>
#include <stdio.h>

enum hs_answer { HS_AS_EXPECTED, HS_NOT_EXPECTED, HS_INCONCLUSIVE };

/* Does the run end as its scenario expects?  Without an expectation: does nothing break?  Every
 * step in `cover` must have been taken. */
enum hs_answer hs_run_answer(const struct hs_run *run);

/* The properties in `broken`, comma-separated; `safe` if there are none. */
void hs_broken_write(uint32_t broken, char *text, size_t size);

/* Header, ladder, table of pages, verdict, and a line `Observation` per property. */
void hs_run_print(const struct hs_race *race, FILE *out);
/* Add the question, the presets and the rules to a JSON object. */
void hs_header_json(const struct hs_variant *variant, json_t *json);
/* The same as one JSON object (tools/report/run.schema.json); the caller owns it. */
json_t *hs_run_json(const struct hs_race *race);

/* Name, question, rules in force, hash. */
void hs_header_print(const struct hs_variant *variant, FILE *out);

/* Print a JSON value, indented, and give it back. */
void hs_json_print(json_t *json, FILE *out);

#endif
