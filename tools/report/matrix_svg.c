/* SPDX-License-Identifier: BSD-3-Clause */
/* The matrix as a coloured table; the words say as much as the colours. */
#include "matrix_report.h"

#include "in_play_report.h"
#include "sightings.h"

enum {
    LEFT = 190,
    CELL_WIDTH = 132,
    CELL_HEIGHT = 30,
    MARGIN = 20,
    TITLE = 26,
    NAME = 15, /* a line of the names in a column's head, or in a row's */
    BELOW = 30,
    WIDTH_LEAST = 860,
    WORDS = 8, /* lines below the tables */
    LINE = 20
};

struct look {
    const char *fill;
    const char *border;
    const char *ink;
};

static struct look look_of(enum hs_verdict verdict)
{
    static const struct look never = {"#DCEFE0", "#5B9A6B", "#1E4D2B"};
    static const struct look sometimes = {"#F9D9D3", "#B8402A", "#7A1F0E"};
    static const struct look unknown = {"#F3EBCB", "#A08A2C", "#5A4B0E"};
    static const struct look no_question = {"#FFFFFF", "#C8C8C8", "#5A5A5A"};
    if (verdict == HS_VERDICT_NONE)
        return no_question;
    return verdict == HS_NEVER ? never : verdict == HS_SOMETIMES ? sometimes : unknown;
}

static void put_text(FILE *out, int x, int y, const char *anchor, const char *ink, const char *more,
    const char *text)
{
    fprintf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\" fill=\"%s\"%s>%s</text>\n", x, y,
        anchor, ink, more, text);
}

static void put_cell(FILE *out, int x, int y, int height, const struct hs_cell *cell,
    unsigned property, bool has_sighting)
{
    char word[32];
    enum hs_verdict verdict =
        cell->lacks ? HS_VERDICT_NONE : hs_evidence_verdict(&cell->evidence, property);
    struct look look = look_of(verdict);
    fprintf(out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\" stroke=\"%s\"/>\n",
        x + 2, y + 2, CELL_WIDTH - 4, height - 4, look.fill, look.border);
    snprintf(word, sizeof(word), "%s%s", hs_cell_word(cell, property),
        has_sighting ? HS_SIGHTING_MARK : "");
    put_text(out, x + CELL_WIDTH / 2, y + height / 2 + 5, "middle", look.ink,
        verdict == HS_SOMETIMES ? " font-weight=\"bold\"" : "", word);
}

/* The names of what shares a row or a column, one below the other; the last one's line ends at `y`.
 */
static void put_names(FILE *out, int x, int y, const char *anchor, const char *more,
    const struct hs_alike *alike, const struct hs_preset *const *presets)
{
    for (unsigned i = 0; i < alike->count; i++)
        put_text(out, x, y - (int)(alike->count - 1 - i) * NAME, anchor, "#222222", more,
            presets[alike->members[i]]->name);
}

static unsigned most_names(const struct hs_alike *groups, unsigned count)
{
    unsigned most = 1;
    for (unsigned i = 0; i < count; i++)
        most = groups[i].count > most ? groups[i].count : most;
    return most;
}

static int head_height(const struct hs_shape *shape)
{
    return TITLE + (int)most_names(shape->hosts, shape->host_count) * NAME + 10;
}

static int row_height(const struct hs_alike *alike)
{
    int names = (int)alike->count * NAME + 6;
    return names > CELL_HEIGHT ? names : CELL_HEIGHT;
}

static int table_height(const struct hs_shape *shape)
{
    int height = head_height(shape) + BELOW;
    for (unsigned row = 0; row < shape->guest_count; row++)
        height += row_height(&shape->guests[row]);
    return height;
}

static void put_table(FILE *out, int top, const struct hs_matrix *matrix,
    const struct hs_shape *shape, unsigned property)
{
    int y = top + head_height(shape);
    put_text(out, MARGIN, top + 16, "start", "#222222", " font-size=\"17\" font-weight=\"bold\"",
        hs_property_rows[property].name);
    for (unsigned column = 0; column < shape->host_count; column++)
        put_names(out, MARGIN + LEFT + (int)column * CELL_WIDTH + CELL_WIDTH / 2, y - 8, "middle",
            " font-size=\"11\"", &shape->hosts[column], matrix->hosts);
    for (unsigned row = 0; row < shape->guest_count; row++) {
        const struct hs_alike *guests = &shape->guests[row];
        int height = row_height(guests);
        put_names(out, MARGIN, y + height / 2 + 5 + (int)(guests->count - 1) * NAME / 2, "start",
            "", guests, matrix->guests);
        for (unsigned column = 0; column < shape->host_count; column++)
            put_cell(out, MARGIN + LEFT + (int)column * CELL_WIDTH, y, height,
                hs_shape_cell(matrix, shape, row, column), property,
                hs_shape_has_sighting(matrix, shape, row, column, property));
        y += height;
    }
}

static unsigned tables(const struct hs_matrix *matrix)
{
    return (unsigned)__builtin_popcount(matrix->asked);
}

/* What the words mean, and what shapes the table. */
static void put_words(FILE *out, int top, const struct hs_matrix *matrix)
{
    struct hs_text lines[WORDS] = {{0}};
    hs_text_add(&lines[0], "Rows are guests, columns are hosts.  Never: proved for any number of "
                           "pages.  Sometimes: a run shows it.");
    hs_text_add(
        &lines[1], "Unknown: neither proved, nor was a run found.  A cell is what this shows:");
    hs_matrix_cell_add(matrix, "GUEST*HOST", &lines[2]);
    hs_text_add(&lines[3], "Rules: ");
    hs_matrix_rules_add(matrix, &lines[3]);
    hs_text_add(&lines[4], "In play without limit: ");
    hs_in_play_add(&matrix->cells[0].pair.variant.config, &lines[4]);
    hs_text_add(&lines[5], "Not in play: ");
    hs_not_in_play_add(&matrix->cells[0].pair.variant.config, &lines[5]);
    hs_matrix_add_needs(matrix, &lines[6]);
    if (hs_matrix_has_sighting(matrix))
        hs_text_add(&lines[7], HS_SIGHTING_MARK ": seen in a run of a real QEMU, of a pair there.");
    for (int i = 0; i < WORDS; i++) {
        put_text(out, MARGIN, top + 6 + i * LINE, "start", "#444444", " font-size=\"13\"",
            hs_text_string(&lines[i]));
        hs_text_free(&lines[i]);
    }
}

void hs_matrix_print_svg(const struct hs_matrix *matrix, FILE *out)
{
    static struct hs_shape shape;
    hs_matrix_shape(matrix, &shape);
    int table = table_height(&shape);
    int table_width = 2 * MARGIN + LEFT + (int)shape.host_count * CELL_WIDTH;
    int width = table_width > WIDTH_LEAST ? table_width : WIDTH_LEAST; /* the words below fit */
    int height = 2 * MARGIN + (int)tables(matrix) * table + WORDS * LINE;
    int top = MARGIN;
    fprintf(out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
        "viewBox=\"0 0 %d %d\" font-family=\"DejaVu Sans, sans-serif\" font-size=\"14\">\n"
        "<title>Guests and hosts: can it happen?</title>\n"
        "<rect width=\"100%%\" height=\"100%%\" fill=\"#FFFFFF\"/>\n",
        width, height, width, height);
    for (unsigned p = 0; p < HS_PROPERTY_COUNT; p++) {
        if (!(matrix->asked >> p & 1u))
            continue;
        put_table(out, top, matrix, &shape, p);
        top += table;
    }
    put_words(out, top, matrix);
    fputs("</svg>\n", out);
}
