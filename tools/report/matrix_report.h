/* SPDX-License-Identifier: BSD-3-Clause */
/* The matrix of guests and hosts: text, Markdown, JSON, and a coloured table. */
#ifndef HS_MATRIX_REPORT_H
#define HS_MATRIX_REPORT_H

#include "matrix.h"
#include "matrix_shape.h"
#include "proof.h"
#include "run_report.h"
#include "story.h"

/* Of hs_matrix_json and hs_ordering_json. */
enum { HS_MATRIX_JSON_VERSION = 4 };

/* The command that shows a cell of this matrix, with every option that shapes it. */
void hs_matrix_cell_add(const struct hs_matrix *matrix, const char *cell, struct hs_text *text);
/* The rules that are changed in every cell. */
void hs_matrix_rules_add(const struct hs_matrix *matrix, struct hs_text *text);

/* Behind the word of a verdict that was seen on a real QEMU. */
#define HS_SIGHTING_MARK "\u2020"

/* A verdict in a table: its letter or its word, or what stands for no pair. */
char hs_cell_letter(const struct hs_cell *cell, unsigned property);
const char *hs_cell_word(const struct hs_cell *cell, unsigned property);
/* Which guests are in no pair, and which have each host patched; nothing if there are none of them.
 */
void hs_matrix_print_needs(const struct hs_matrix *matrix, FILE *out);
void hs_matrix_add_needs(const struct hs_matrix *matrix, struct hs_text *text);
/* What the mark behind a letter means, if there is one; and where the only cell's verdict was seen.
 */
void hs_matrix_print_sighting_mark(const struct hs_matrix *matrix, FILE *out);
void hs_matrix_print_sightings(const struct hs_matrix *matrix, FILE *out);
/* Of the usual properties, what nothing could break in any cell. */
void hs_matrix_print_not_asked(const struct hs_matrix *matrix, FILE *out);
/* The names of presets, with commas. */
void hs_alike_add(
    const struct hs_alike *alike, const struct hs_preset *const *presets, struct hs_text *text);
/* The verdicts that are not what was expected, cell by cell. */
void hs_matrix_print_differences(const struct hs_matrix *matrix, FILE *out);

/* A table for one screen, without stories. */
void hs_matrix_print_overview(const struct hs_matrix *matrix, FILE *out);
void hs_matrix_print_text(const struct hs_matrix *matrix, FILE *out);
void hs_matrix_print_markdown(const struct hs_matrix *matrix, FILE *out);
void hs_matrix_print_svg(const struct hs_matrix *matrix, FILE *out);
/* One JSON object (tools/report/matrix.schema.json); the caller owns it. */
json_t *hs_matrix_json(const struct hs_matrix *matrix);

/* The story of the run behind a cell's verdict. */
void hs_cell_story(
    const struct hs_cell *cell, enum hs_property property, char story[HS_STORY_SIZE]);

/* N, S or ?. */
char hs_verdict_letter(enum hs_verdict verdict);

#endif
