/* The matrix, for people and for machines. */
#include "matrix_report.h"

#include "in_play_report.h"

#include <stdlib.h>
#include <string.h>

enum hs_answer hs_matrix_answer(const struct hs_matrix *matrix)
{
    for (unsigned i = 0; i < matrix->guest_count * matrix->host_count; i++) {
        for (unsigned p = 0; p < HS_PROPERTY_COUNT; p++) {
            if (matrix->cells[i].settled.verdict[p] == HS_UNKNOWN)
                return HS_INCONCLUSIVE;
        }
    }
    return HS_AS_EXPECTED;
}

char hs_verdict_letter(uint8_t verdict)
{
    if (verdict == HS_NEVER)
        return 'N';
    return verdict == HS_SOMETIMES ? 'S' : '?';
}

/* ---- lines ------------------------------------------------------------------------------------
 */

void hs_print_labelled(const char *label, const char *text, FILE *out)
{
    size_t indent = strlen(label) + 2;
    size_t width = HS_MATRIX_WIDTH - indent;
    fprintf(out, "%s  ", label);
    for (bool first = true; *text; first = false) {
        size_t length = strlen(text);
        if (length > width) {
            length = width;
            while (length > 0 && text[length] != ' ')
                length--;
            if (length == 0)
                length = strcspn(text, " ");
        }
        fprintf(out, "%*s%.*s\n", first ? 0 : (int)indent, "", (int)length, text);
        text += length + (text[length] == ' ');
    }
}

/* ---- stories ----------------------------------------------------------------------------------
 */

void hs_cell_story(const struct hs_cell *cell, enum hs_property property, char story[HS_STORY_SIZE])
{
    struct hs_race *race = hs_race_tell(cell->settled.finding[property]->run);
    hs_story_write(race, property, story);
    hs_race_free(race);
}

/* One number and its story. */
struct told {
    unsigned number;
    char story[HS_STORY_SIZE];
};

/* The stories of `property`, in the order of their numbers; the caller frees them. */
static struct told *tell_stories(
    const struct hs_matrix *matrix, enum hs_property property, unsigned *count)
{
    unsigned cells = matrix->guest_count * matrix->host_count;
    struct told *told = hs_must(calloc(cells + 1, sizeof(*told)));
    *count = 0;
    for (unsigned i = 0; i < cells; i++) {
        const struct hs_cell *cell = &matrix->cells[i];
        if (!cell->settled.finding[property])
            continue;
        told[*count].number = cell->number;
        hs_cell_story(cell, property, told[(*count)++].story);
    }
    return told;
}

static bool is_told_before(const struct told *told, unsigned index)
{
    for (unsigned i = 0; i < index; i++) {
        if (strcmp(told[i].story, told[index].story) == 0)
            return true;
    }
    return false;
}

/* 1-3,7: the numbers that share a story. */
static void write_numbers(
    const struct told *told, unsigned count, unsigned index, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (unsigned i = index; i < count && used + 12 < size; i++) {
        if (strcmp(told[i].story, told[index].story) != 0)
            continue;
        unsigned last = i;
        while (last + 1 < count && told[last + 1].number == told[last].number + 1 &&
               strcmp(told[last + 1].story, told[index].story) == 0)
            last++;
        used +=
            (size_t)snprintf(text + used, size - used, "%s%u", used ? ", " : "", told[i].number);
        if (last > i)
            used += (size_t)snprintf(text + used, size - used, "-%u", told[last].number);
        i = last;
    }
}

/* Call `print` with the numbers and the words of each different story. */
static void each_story(const struct hs_matrix *matrix, enum hs_property property,
    void (*print)(const char *numbers, const char *story, FILE *out), FILE *out)
{
    unsigned count;
    struct told *told = tell_stories(matrix, property, &count);
    for (unsigned i = 0; i < count; i++) {
        char numbers[400];
        if (is_told_before(told, i))
            continue;
        write_numbers(told, count, i, numbers, sizeof(numbers));
        print(numbers, told[i].story, out);
    }
    free(told);
}

/* ---- what can be said of all cells ------------------------------------------------------------
 */

static bool is_asked(const struct hs_matrix *matrix, unsigned property)
{
    return matrix->asked >> property & 1u;
}

static unsigned count_verdicts(
    const struct hs_matrix *matrix, unsigned property, enum hs_verdict verdict)
{
    unsigned count = 0;
    for (unsigned i = 0; i < matrix->guest_count * matrix->host_count; i++)
        count += matrix->cells[i].settled.verdict[property] == (uint8_t)verdict;
    return count;
}

/* Never in every cell: a sentence tells as much as a table. */
static bool all_never(const struct hs_matrix *matrix, unsigned property)
{
    return count_verdicts(matrix, property, HS_NEVER) == matrix->guest_count * matrix->host_count;
}

static void write_cell(const struct hs_cell *cell, unsigned property, char text[16])
{
    char letter = hs_verdict_letter(cell->settled.verdict[property]);
    if (cell->settled.finding[property])
        snprintf(text, 16, "%c %u", letter, cell->number);
    else
        snprintf(text, 16, "%c", letter);
}

/* ---- text -------------------------------------------------------------------------------------
 */

enum { COLUMN = 13, GAP = 2 };

/* One of the lines that a name is broken into, behind its dashes: how long is it? */
static size_t name_line(const char *name)
{
    size_t length = strlen(name);
    if (length <= COLUMN - 1)
        return length;
    size_t end = 0;
    for (size_t i = 0; i < COLUMN - 1; i++) {
        if (name[i] == '-' || name[i] == '+')
            end = i + 1;
    }
    return end ? end : COLUMN - 1;
}

/* The names of the hosts from `first` on, broken into as many lines as they need. */
static void print_hosts(
    const struct hs_matrix *matrix, unsigned first, unsigned end, unsigned left, FILE *out)
{
    const char *rest[HS_MATRIX_SIDE_MAX];
    bool more = true;
    for (unsigned h = first; h < end; h++)
        rest[h] = matrix->hosts[h]->name;
    while (more) {
        char line[HS_MATRIX_WIDTH + 1];
        size_t used = 0;
        more = false;
        for (unsigned h = first; h < end; h++) {
            size_t length = name_line(rest[h]);
            size_t at = left + (size_t)(h - first) * COLUMN;
            if (length)
                used = (size_t)snprintf(line + used, sizeof(line) - used, "%*s%.*s",
                           (int)(at - used), "", (int)length, rest[h]) +
                       used;
            rest[h] += length;
            more = more || *rest[h];
        }
        fprintf(out, "%s\n", line);
    }
}

static unsigned longest_guest(const struct hs_matrix *matrix)
{
    size_t longest = 0;
    for (unsigned g = 0; g < matrix->guest_count; g++) {
        size_t length = strlen(matrix->guests[g]->name);
        longest = length > longest ? length : longest;
    }
    return (unsigned)longest;
}

static void print_row(const struct hs_matrix *matrix, unsigned property, unsigned guest,
    unsigned first, unsigned end, unsigned left, FILE *out)
{
    fprintf(out, "%-*s", (int)left, matrix->guests[guest]->name);
    for (unsigned h = first; h < end; h++) {
        char text[16];
        write_cell(hs_matrix_cell(matrix, guest, h), property, text);
        fprintf(out, "%-*s", h + 1 < end ? COLUMN : 0, text);
    }
    fputc('\n', out);
}

static void print_story(const char *numbers, const char *story, FILE *out)
{
    char label[400];
    if (strlen(numbers) < 24) {
        snprintf(label, sizeof(label), "%6s", numbers);
        hs_print_labelled(label, story, out);
    } else {
        hs_print_labelled("", numbers, out);
        hs_print_labelled("      ", story, out);
    }
}

static void print_table(const struct hs_matrix *matrix, unsigned property, FILE *out)
{
    unsigned left = longest_guest(matrix) + GAP;
    unsigned block = (HS_MATRIX_WIDTH - left) / COLUMN;
    for (unsigned first = 0; first < matrix->host_count; first += block) {
        unsigned end = first + block < matrix->host_count ? first + block : matrix->host_count;
        fputc('\n', out);
        print_hosts(matrix, first, end, left, out);
        for (unsigned g = 0; g < matrix->guest_count; g++)
            print_row(matrix, property, g, first, end, left, out);
    }
    if (!count_verdicts(matrix, property, HS_SOMETIMES))
        return;
    fputs("\nhow:\n", out);
    each_story(matrix, (enum hs_property)property, print_story, out);
}

void hs_matrix_print_text(const struct hs_matrix *matrix, FILE *out)
{
    fputs("N  Never: proved for any number of pages, any sizes of blocks and of queues\n"
          "S  Sometimes: 'hintsim matrix --cell NUMBER' shows a run\n"
          "?  Unknown: neither proved, nor was a run found\n",
        out);
    hs_in_play_print(&matrix->cells[0].pair.variant.config, out);
    for (unsigned p = 0; p < HS_PROPERTY_COUNT; p++) {
        if (!is_asked(matrix, p))
            continue;
        fprintf(out, "\n%s%s\n", hs_property_rows[p].name,
            all_never(matrix, p) ? ": N in every cell" : "");
        if (!all_never(matrix, p))
            print_table(matrix, p, out);
    }
}

/* ---- Markdown ---------------------------------------------------------------------------------
 */

static void print_markdown_story(const char *numbers, const char *story, FILE *out)
{
    fprintf(out, "- **%s**: %s\n", numbers, story);
}

static void print_markdown_table(const struct hs_matrix *matrix, unsigned property, FILE *out)
{
    fputs("| guest |", out);
    for (unsigned h = 0; h < matrix->host_count; h++)
        fprintf(out, " %s |", matrix->hosts[h]->name);
    fputs("\n| --- |", out);
    for (unsigned h = 0; h < matrix->host_count; h++)
        fputs(" --- |", out);
    for (unsigned g = 0; g < matrix->guest_count; g++) {
        fprintf(out, "\n| %s |", matrix->guests[g]->name);
        for (unsigned h = 0; h < matrix->host_count; h++) {
            const struct hs_cell *cell = hs_matrix_cell(matrix, g, h);
            fprintf(out, " %s", hs_verdict_names[cell->settled.verdict[property]]);
            if (cell->settled.finding[property])
                fprintf(out, " %u", cell->number);
            fputs(" |", out);
        }
    }
    fputs("\n\n", out);
    each_story(matrix, (enum hs_property)property, print_markdown_story, out);
}

void hs_matrix_print_markdown(const struct hs_matrix *matrix, FILE *out)
{
    fputs("Never: proved for any number of pages, any sizes of blocks and of queues.\n"
          "Sometimes: `hintsim matrix --cell NUMBER` shows a run.\n"
          "Unknown: neither.\n",
        out);
    for (unsigned p = 0; p < HS_PROPERTY_COUNT; p++) {
        if (!is_asked(matrix, p))
            continue;
        fprintf(out, "\n### %s\n\n", hs_property_rows[p].name);
        if (all_never(matrix, p))
            fputs("Never, in every cell.\n", out);
        else
            print_markdown_table(matrix, p, out);
    }
}

/* ---- JSON -------------------------------------------------------------------------------------
 */

static json_t *verdict_json(const struct hs_cell *cell, unsigned property)
{
    json_t *json = json_pack("{s:s, s:s}", "property", hs_property_rows[property].name, "verdict",
        hs_verdict_names[cell->settled.verdict[property]]);
    if (cell->settled.finding[property]) {
        char story[HS_STORY_SIZE];
        hs_cell_story(cell, (enum hs_property)property, story);
        json_object_set_new(json, "story", json_string(story));
    }
    return json;
}

static json_t *cell_json(const struct hs_matrix *matrix, const struct hs_cell *cell)
{
    json_t *verdicts = json_array();
    for (unsigned p = 0; p < HS_PROPERTY_COUNT; p++) {
        if (is_asked(matrix, p))
            json_array_append_new(verdicts, verdict_json(cell, p));
    }
    return json_pack("{s:I, s:s, s:s, s:b, s:I, s:o}", "number", (json_int_t)cell->number, "guest",
        cell->pair.scenario.guest->name, "host", cell->pair.scenario.host->name, "complete",
        cell->settled.complete, "states", (json_int_t)cell->settled.count, "verdicts", verdicts);
}

static json_t *names_json(const struct hs_preset *const *presets, unsigned count)
{
    json_t *names = json_array();
    for (unsigned i = 0; i < count; i++)
        json_array_append_new(names, json_string(presets[i]->name));
    return names;
}

json_t *hs_matrix_json(const struct hs_matrix *matrix)
{
    json_t *cells = json_array();
    for (unsigned i = 0; i < matrix->guest_count * matrix->host_count; i++)
        json_array_append_new(cells, cell_json(matrix, &matrix->cells[i]));
    return json_pack("{s:o, s:o, s:o, s:o}", "in_play",
        hs_in_play_json(&matrix->cells[0].pair.variant.config), "guests",
        names_json(matrix->guests, matrix->guest_count), "hosts",
        names_json(matrix->hosts, matrix->host_count), "cells", cells);
}
