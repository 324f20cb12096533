/* SPDX-License-Identifier: BSD-3-Clause */
/* The runs that an exploration shows, for people and for machines. */
#ifndef HS_WITNESS_REPORT_H
#define HS_WITNESS_REPORT_H

#include "shown.h"

#include <jansson.h>
#include <stdio.h>

void hs_shown_print(const struct hs_shown *shown, FILE *out);
/* As explore.schema.json has them; the caller owns what is returned. */
json_t *hs_shown_witnesses_json(const struct hs_shown *shown);
json_t *hs_shown_example_json(const struct hs_shown *shown);

#endif
