/* What a proof lets happen without limit, and what it leaves out. */
#ifndef HS_IN_PLAY_REPORT_H
#define HS_IN_PLAY_REPORT_H

#include "hintmodel.h"

#include <jansson.h>
#include <stdio.h>

/* Two lists in words, by the names that --with and --without know; and a warning where postcopy
 * leaves hints out. */
void hs_in_play_print(const struct hs_config *config, FILE *out);
/* The names of what is in play. */
json_t *hs_in_play_json(const struct hs_config *config);

#endif
