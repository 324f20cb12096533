/* SPDX-License-Identifier: BSD-3-Clause */
/* Ordering inference, for people and for machines. */
#ifndef HS_ORDERING_REPORT_H
#define HS_ORDERING_REPORT_H

#include "matrix_report.h"
#include "ordering_answer.h"
#include "text.h"

void hs_ordering_print_text(const struct hs_ordering *ordering, FILE *out);
void hs_ordering_print_markdown(const struct hs_ordering *ordering, FILE *out);
/* One JSON object (tools/report/ordering.schema.json); the caller owns it. */
json_t *hs_ordering_json(const struct hs_ordering *ordering);
/* The frontier of the lattice as SVG, drawn with Graphviz.  False, with `error`, if that fails. */
bool hs_ordering_print_svg(const struct hs_ordering *ordering, FILE *out, struct hs_error *error);

/* The rules that are neither members nor contexts, with the value that every set rests on. */
void hs_held_fixed_add(const struct hs_ordering *ordering, const char *joint, struct hs_text *text);
/* The settings that are chosen. */
void hs_settings_add(const struct hs_ordering *ordering, const char *joint, struct hs_text *text);
/* The other settings with which a minimal set does not suffice (`settings`: their bits), joined. */
void hs_elsewhere_add(
    const struct hs_ordering *ordering, uint32_t settings, const char *joint, struct hs_text *text);
/* hint-effect=skip, log=legacy, joined by `joint`; a setting only if it is not the default. */
void hs_context_add(const struct hs_context_sets *sets, const char *joint, struct hs_text *text);
/* The members of a minimal set with their values, joined by `joint`; "nothing" if there are none.
 */
void hs_set_add(
    const struct hs_context_sets *sets, unsigned set, const char *joint, struct hs_text *text);
/* The rules that a combination is cited by, hint-source=iterate, log=ring, ...: its context, and
 * the members that are not as weak as they can be. */
void hs_combination_add(
    const struct hs_context_sets *sets, unsigned combination, struct hs_text *text);
/* The story of the run that shows what was dropped, or why there is none. */
void hs_dropped_story(const struct hs_dropped *dropped, char story[HS_STORY_SIZE]);
/* release=any-time: what is left of the member. */
void hs_dropped_add(
    const struct hs_context_sets *sets, const struct hs_dropped *dropped, struct hs_text *text);

#endif
