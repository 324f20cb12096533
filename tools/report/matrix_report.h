/* The matrix of guests and hosts: text, Markdown, JSON, and a coloured table. */
#ifndef HS_MATRIX_REPORT_H
#define HS_MATRIX_REPORT_H

#include "matrix.h"
#include "run_report.h"
#include "story.h"

enum { HS_MATRIX_WIDTH = 80 };

/* Inconclusive if a verdict is Unknown; else as expected, for a matrix expects nothing. */
enum hs_answer hs_matrix_answer(const struct hs_matrix *matrix);

void hs_matrix_print_text(const struct hs_matrix *matrix, FILE *out);
void hs_matrix_print_markdown(const struct hs_matrix *matrix, FILE *out);
void hs_matrix_print_svg(const struct hs_matrix *matrix, FILE *out);
/* One JSON object (tools/report/matrix.schema.json); the caller owns it. */
json_t *hs_matrix_json(const struct hs_matrix *matrix);

/* The story of the run behind a cell's verdict. */
void hs_cell_story(
    const struct hs_cell *cell, enum hs_property property, char story[HS_STORY_SIZE]);

/* N, S or ?. */
char hs_verdict_letter(uint8_t verdict);

/* `text` wrapped to HS_MATRIX_WIDTH, the first line after `label`, the others indented as much. */
void hs_print_labelled(const char *label, const char *text, FILE *out);

#endif
