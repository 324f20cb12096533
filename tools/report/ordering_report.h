/* Ordering inference, for people and for machines. */
#ifndef HS_ORDERING_REPORT_H
#define HS_ORDERING_REPORT_H

#include "matrix_report.h"
#include "ordering.h"

/* Inconclusive if a dropped member is Unknown; not as expected if guarantees can do harm. */
enum hs_answer hs_ordering_answer(const struct hs_ordering *ordering);

void hs_ordering_print_text(const struct hs_ordering *ordering, FILE *out);
void hs_ordering_print_markdown(const struct hs_ordering *ordering, FILE *out);
/* One JSON object (tools/report/ordering.schema.json); the caller owns it. */
json_t *hs_ordering_json(const struct hs_ordering *ordering);
/* The frontier of the lattice as SVG, drawn with Graphviz.  False, with `error`, if that fails. */
bool hs_ordering_print_svg(const struct hs_ordering *ordering, FILE *out, struct hs_error *error);

/* hint-effect=skip, log=legacy */
void hs_context_write(const struct hs_context_sets *sets, char *text, size_t size);
/* The members of a minimal set with their values, joined by `joint`; "nothing" if there are none.
 */
void hs_set_write(
    const struct hs_context_sets *sets, unsigned set, const char *joint, char *text, size_t size);
/* The property whose run shows what was dropped; HS_PROPERTY_COUNT if there is no run. */
enum hs_property hs_dropped_property(const struct hs_dropped *dropped);
/* Its story, or why there is none. */
void hs_dropped_story(const struct hs_dropped *dropped, char story[HS_STORY_SIZE]);
/* release=any-time: what is left of the member. */
void hs_dropped_write(
    const struct hs_context_sets *sets, const struct hs_dropped *dropped, char *text, size_t size);

#endif
