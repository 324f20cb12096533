/* SPDX-License-Identifier: BSD-3-Clause */
/* What may happen in an exploration or a proof, how often, and what is left out. */
#ifndef HS_IN_PLAY_REPORT_H
#define HS_IN_PLAY_REPORT_H

#include "pair.h"
#include "text.h"
#include "world.h"

#include <jansson.h>
#include <stdio.h>

/* Two lists in words, by the names that --with and --without know; and a warning where postcopy
 * leaves hints out. */
void hs_in_play_print(const struct hs_config *config, FILE *out);
void hs_in_play_print_markdown(const struct hs_config *config, FILE *out);
/* The names of what is in play, or not; with commas. */
json_t *hs_in_play_json(const struct hs_config *config);
void hs_in_play_add(const struct hs_config *config, struct hs_text *text);
void hs_not_in_play_add(const struct hs_config *config, struct hs_text *text);
/* The options that put it in play: --with=LIST --without=LIST, each with a space before. */
void hs_in_play_options_add(const struct hs_in_play *in_play, struct hs_text *text);
/* The second of the two lists alone. */
void hs_not_in_play_print(const struct hs_config *config, FILE *out);

/* The properties that are no question, and what they need; nothing if all are. */
void hs_no_questions_print(const struct hs_config *config, FILE *out);

/* The limits that are not 0, "writes 1 rounds 2", and all of them. */
void hs_limits_add(const struct hs_config *config, struct hs_text *text);
/* What a proof says of the limits that are not 0, and what it says nothing of: "for any number of
 * pages, writes; without rounds, dma". */
void hs_any_number_add(const struct hs_config *config, struct hs_text *text);
json_t *hs_limits_json(const struct hs_config *config);
/* What an exploration is bounded by, "writes=1 rounds=1 pages=2 queue=4": writes and rounds even if
 * they are 0, every other limit that is not the usual one, pages, slots, postcopy. */
void hs_bounds_add(const struct hs_config *config, struct hs_text *text);

#endif
