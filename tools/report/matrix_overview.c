/* SPDX-License-Identifier: BSD-3-Clause */
/* The matrix on one screen: a letter for each verdict, rows and columns for what is alike. */
#include "in_play_report.h"
#include "matrix_report.h"
#include "sightings.h"

#include <string.h>

enum { GAP = 2, COLUMN = 2, BETWEEN = 2 };

static char column_letter(unsigned column)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@#";
    static_assert(sizeof(letters) > HS_MATRIX_SIDE_MAX, "one for each host");
    return letters[column];
}

/* The first of them, and how many more there are. */
static void add_row_name(
    const struct hs_matrix *matrix, const struct hs_alike *alike, struct hs_text *text)
{
    hs_text_add(text, "%s", matrix->guests[alike->members[0]]->name);
    if (alike->count > 1)
        hs_text_add(text, " (%u more)", alike->count - 1);
}

static unsigned left_width(const struct hs_matrix *matrix, const struct hs_shape *shape)
{
    unsigned width = 0;
    for (unsigned row = 0; row < shape->guest_count; row++) {
        struct hs_text text = {0};
        add_row_name(matrix, &shape->guests[row], &text);
        width = text.length > width ? (unsigned)text.length : width;
        hs_text_free(&text);
    }
    return width + GAP;
}

/* What the letters of the columns and the first names of the rows stand for. */
static void print_names(const struct hs_matrix *matrix, const struct hs_shape *shape, FILE *out)
{
    fputs("\nhosts:\n", out);
    for (unsigned column = 0; column < shape->host_count; column++) {
        char label[] = {' ', ' ', column_letter(column), '\0'};
        struct hs_text text = {0};
        hs_alike_add(&shape->hosts[column], matrix->hosts, &text);
        hs_print_labelled(label, hs_text_string(&text), HS_TEXT_WIDTH, out);
        hs_text_free(&text);
    }
    fputs("guests that are alike:\n", out);
    for (unsigned row = 0; row < shape->guest_count; row++) {
        struct hs_text text = {0};
        hs_alike_add(&shape->guests[row], matrix->guests, &text);
        if (shape->guests[row].count > 1)
            hs_print_labelled(" ", hs_text_string(&text), HS_TEXT_WIDTH, out);
        hs_text_free(&text);
    }
}

/* ---- the tables: side by side as far as there is room -----------------------------------------
 */

struct tables {
    const struct hs_matrix *matrix;
    const struct hs_shape *shape;
    unsigned left;
    unsigned properties[HS_PROPERTY_COUNT];
    unsigned count;
};

static unsigned table_width(const struct tables *tables, unsigned table)
{
    unsigned name = (unsigned)strlen(hs_property_rows[tables->properties[table]].name);
    unsigned columns = tables->shape->host_count * COLUMN;
    return (name > columns ? name : columns) + BETWEEN;
}

/* The table behind the last one, from `first` on, that there is room for. */
static unsigned tables_end(const struct tables *tables, unsigned first)
{
    unsigned end = first;
    unsigned width = tables->left;
    do
        width += table_width(tables, end++);
    while (end < tables->count &&
           width + table_width(tables, end) <= (unsigned)HS_TEXT_WIDTH + BETWEEN);
    return end;
}

/* Print a line without spaces at its end. */
static void print_line(struct hs_text *text, FILE *out)
{
    const char *line = hs_text_string(text);
    size_t length = strlen(line);
    while (length && line[length - 1] == ' ')
        length--;
    fprintf(out, "%.*s\n", (int)length, line);
    hs_text_free(text);
}

static void fill(struct hs_text *text, size_t width)
{
    while (text->length < width)
        hs_text_add(text, " ");
}

static void print_heads(const struct tables *tables, unsigned first, unsigned end, FILE *out)
{
    struct hs_text names = {0};
    struct hs_text letters = {0};
    size_t at = tables->left;
    for (unsigned table = first; table < end; table++) {
        fill(&names, at);
        fill(&letters, at);
        hs_text_add(&names, "%s", hs_property_rows[tables->properties[table]].name);
        for (unsigned column = 0; column < tables->shape->host_count; column++)
            hs_text_add(&letters, "%-*c", COLUMN, column_letter(column));
        at += table_width(tables, table);
    }
    print_line(&names, out);
    print_line(&letters, out);
}

static void print_row(
    const struct tables *tables, unsigned first, unsigned end, unsigned row, FILE *out)
{
    struct hs_text text = {0};
    size_t at = tables->left;
    add_row_name(tables->matrix, &tables->shape->guests[row], &text);
    for (unsigned table = first; table < end; table++) {
        fill(&text, at);
        for (unsigned column = 0; column < tables->shape->host_count; column++) {
            const struct hs_cell *cell = hs_shape_cell(tables->matrix, tables->shape, row, column);
            unsigned property = tables->properties[table];
            bool has_sighting =
                hs_shape_has_sighting(tables->matrix, tables->shape, row, column, property);
            static_assert(COLUMN == 2, "a letter and a mark");
            hs_text_add(&text, "%c%c", hs_cell_letter(cell, property), has_sighting ? '*' : ' ');
        }
        at += table_width(tables, table);
    }
    print_line(&text, out);
}

static void print_tables(const struct tables *tables, FILE *out)
{
    for (unsigned first = 0, end; first < tables->count; first = end) {
        end = tables_end(tables, first);
        fputc('\n', out);
        print_heads(tables, first, end, out);
        for (unsigned row = 0; row < tables->shape->guest_count; row++)
            print_row(tables, first, end, row, out);
    }
}

/* ---- all of it --------------------------------------------------------------------------------
 */

static void print_how(const struct hs_matrix *matrix, FILE *out)
{
    struct hs_text text = {0};
    fputs("N  Never: proved for any sizes      S  Sometimes: a run shows it\n"
          "?  Unknown: neither of the two      -  nothing there could break it\n",
        out);
    hs_matrix_print_sighting_mark(matrix, out);
    fputs("One cell, and how; --all has every preset by itself, and how:\n", out);
    hs_matrix_cell_add(matrix, "GUEST*HOST", &text);
    hs_print_command(hs_text_string(&text), 2, out);
    hs_text_free(&text);
}

static void print_set_rules(const struct hs_matrix *matrix, FILE *out)
{
    struct hs_text text = {0};
    hs_matrix_rules_add(matrix, &text);
    hs_print_labelled("rules:", hs_text_string(&text), HS_TEXT_WIDTH, out);
    hs_text_free(&text);
}

void hs_matrix_print_overview(const struct hs_matrix *matrix, FILE *out)
{
    static struct hs_shape shape;
    struct tables tables = {.matrix = matrix, .shape = &shape};
    hs_matrix_shape(matrix, &shape);
    tables.left = left_width(matrix, &shape);
    for (unsigned p = 0; p < HS_PROPERTY_COUNT; p++) {
        if (matrix->asked >> p & 1u)
            tables.properties[tables.count++] = p;
    }
    print_how(matrix, out);
    print_set_rules(matrix, out);
    hs_in_play_print(&matrix->cells[0].pair.variant.config, out);
    hs_matrix_print_not_asked(matrix, out);
    hs_matrix_print_needs(matrix, out);
    print_names(matrix, &shape, out);
    print_tables(&tables, out);
    if (matrix->expected)
        hs_matrix_print_differences(matrix, out);
}
