/* SPDX-License-Identifier: BSD-3-Clause */
/* The matrix, for people and for machines. */
#include "matrix_report.h"

#include "in_play_report.h"
#include "matrix_answer.h"
#include "sightings.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

char hs_verdict_letter(enum hs_verdict verdict)
{
    if (verdict == HS_VERDICT_NONE)
        return '-';
    if (verdict == HS_NEVER)
        return 'N';
    return verdict == HS_SOMETIMES ? 'S' : '?';
}

char hs_cell_letter(const struct hs_cell *cell, unsigned property)
{
    if (cell->lacks)
        return '/';
    return hs_verdict_letter(hs_evidence_verdict(&cell->evidence, property));
}

const char *hs_cell_word(const struct hs_cell *cell, unsigned property)
{
    return cell->lacks ? "n/a" : hs_verdict_names[hs_evidence_verdict(&cell->evidence, property)];
}

/* ---- stories ----------------------------------------------------------------------------------
 */

void hs_cell_story(const struct hs_cell *cell, enum hs_property property, char story[HS_STORY_SIZE])
{
    struct hs_race *race = hs_race_tell(cell->evidence.finding[property]->run);
    hs_story_write(race, property, story);
    hs_race_free(race);
}

/* A story, and the first cell that tells it. */
struct told {
    const struct hs_cell *cell;
    char story[HS_STORY_SIZE];
};

/* The different stories of a property. */
struct stories {
    struct told *told;
    unsigned count;
    unsigned *of_cell; /* by cell: which of them; not set for a cell without a run */
};

static bool has_story(const struct hs_cell *cell, unsigned property)
{
    return cell->evidence.finding[property] && !cell->lacks;
}

static void tell_stories(
    const struct hs_matrix *matrix, enum hs_property property, struct stories *stories)
{
    unsigned cells = matrix->guest_count * matrix->host_count;
    stories->told = hs_must(calloc(cells + 1, sizeof(*stories->told)));
    stories->of_cell = hs_must(calloc(cells + 1, sizeof(*stories->of_cell)));
    stories->count = 0;
    for (unsigned i = 0; i < cells; i++) {
        struct told *next = &stories->told[stories->count];
        unsigned same = 0;
        if (!has_story(&matrix->cells[i], property))
            continue;
        next->cell = &matrix->cells[i];
        hs_cell_story(next->cell, property, next->story);
        while (strcmp(stories->told[same].story, next->story) != 0)
            same++;
        stories->of_cell[i] = same;
        stories->count += same == stories->count;
    }
}

static void free_stories(struct stories *stories)
{
    free(stories->told);
    free(stories->of_cell);
}

/* a, b, ..., z, aa, ab, ... */
static void add_letters(unsigned story, struct hs_text *text)
{
    enum { MOST = 8 };
    char letters[MOST + 1] = "";
    unsigned first = MOST;
    for (unsigned rest = story + 1; rest; rest = (rest - 1) / 26)
        letters[--first] = (char)('a' + (rest - 1) % 26);
    hs_text_add(text, "%s", letters + first);
}

/* ---- what shapes the table --------------------------------------------------------------------
 */

void hs_matrix_cell_add(const struct hs_matrix *matrix, const char *cell, struct hs_text *text)
{
    hs_text_add(text, "hintsim matrix --cell '%s'", cell);
    for (unsigned p = 0; !matrix->asks_usual && p < HS_PROPERTY_COUNT; p++) {
        if (matrix->asked >> p & 1u)
            hs_text_add(text, " --property=%s", hs_property_rows[p].name);
    }
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        char number[8];
        if (matrix->is_set[r])
            hs_text_add(text, " --rule=%s=%s", hs_rule_rows[r].name,
                hs_rule_value_name((enum hs_rule)r, matrix->rules.value[r], number));
    }
    hs_in_play_options_add(&matrix->in_play, text);
}

static void print_cell_command(
    const struct hs_matrix *matrix, const char *cell, unsigned indent, FILE *out)
{
    struct hs_text text = {0};
    hs_matrix_cell_add(matrix, cell, &text);
    hs_print_command(hs_text_string(&text), indent, out);
    hs_text_free(&text);
}

void hs_matrix_rules_add(const struct hs_matrix *matrix, struct hs_text *text)
{
    hs_text_begin_list(text);
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        char number[8];
        if (matrix->is_set[r])
            hs_text_item(text, ", ", "%s=%s", hs_rule_rows[r].name,
                hs_rule_value_name((enum hs_rule)r, matrix->rules.value[r], number));
    }
    if (text->length == text->list)
        hs_text_add(text, "the presets'");
}

/* ---- what can be said of all cells ------------------------------------------------------------
 */

static bool is_asked(const struct hs_matrix *matrix, unsigned property)
{
    return matrix->asked >> property & 1u;
}

/* Never in every cell: a sentence tells as much as a table. */
static bool all_never(const struct hs_matrix *matrix, unsigned property)
{
    for (unsigned i = 0; i < matrix->guest_count * matrix->host_count; i++) {
        if (hs_cell_letter(&matrix->cells[i], property) != 'N')
            return false;
    }
    return true;
}

/* ---- guests that no released host serves ------------------------------------------------------
 */

void hs_alike_add(
    const struct hs_alike *alike, const struct hs_preset *const *presets, struct hs_text *text)
{
    hs_text_begin_list(text);
    for (unsigned i = 0; i < alike->count; i++)
        hs_text_item(text, ", ", "%s", presets[alike->members[i]]->name);
}

static void add_needs(const struct hs_matrix *matrix, unsigned guest, struct hs_text *text)
{
    const struct hs_preset *preset = matrix->guests[guest];
    hs_text_add(text, "%s needs %s, ", preset->name, preset->needs);
    if (matrix->is_named[guest])
        hs_text_add(text, "which each host here is patched to offer");
    else
        hs_text_add(
            text, "which no host offers; '--guest %s' has hosts patched to offer it", preset->name);
}

void hs_matrix_print_needs(const struct hs_matrix *matrix, FILE *out)
{
    for (unsigned g = 0; g < matrix->guest_count; g++) {
        struct hs_text text = {0};
        if (!matrix->guests[g]->needs)
            continue;
        add_needs(matrix, g, &text);
        hs_print_labelled(
            matrix->is_named[g] ? "note:" : "/", hs_text_string(&text), HS_TEXT_WIDTH, out);
        hs_text_free(&text);
    }
}

void hs_matrix_add_needs(const struct hs_matrix *matrix, struct hs_text *text)
{
    hs_text_begin_list(text);
    for (unsigned g = 0; g < matrix->guest_count; g++) {
        struct hs_text one = {0};
        if (!matrix->guests[g]->needs)
            continue;
        add_needs(matrix, g, &one);
        hs_text_item(text, "; ", "%s", hs_text_string(&one));
        hs_text_free(&one);
    }
}

/* ---- what was seen on a real QEMU -------------------------------------------------------------
 */

void hs_matrix_print_sighting_mark(const struct hs_matrix *matrix, FILE *out)
{
    if (hs_matrix_has_sighting(matrix))
        fputs("*  seen in a run of a real QEMU, of a pair there (spec/reality.md)\n", out);
}

void hs_matrix_print_sightings(const struct hs_matrix *matrix, FILE *out)
{
    for (unsigned p = 0; p < HS_PROPERTY_COUNT; p++) {
        struct hs_sightings seen = hs_cell_sightings(matrix, &matrix->cells[0], p);
        struct hs_text text = {0};
        hs_text_add(&text, "%s, in a run, on ", hs_property_rows[p].name);
        hs_text_begin_list(&text);
        for (unsigned i = 0; i < seen.count; i++)
            hs_text_item(&text, ", ", "QEMU %s with %s and %u KiB of RAM", seen.first[i].version,
                seen.first[i].accelerator, seen.first[i].ram);
        if (seen.count)
            hs_print_labelled("seen:", hs_text_string(&text), HS_TEXT_WIDTH, out);
        hs_text_free(&text);
    }
}

static json_t *sightings_json(struct hs_sightings seen)
{
    json_t *json = json_array();
    for (unsigned i = 0; i < seen.count; i++)
        json_array_append_new(
            json, json_pack("{s:s, s:s, s:i}", "version", seen.first[i].version, "accelerator",
                      seen.first[i].accelerator, "ram", (int)seen.first[i].ram));
    return json;
}

/* ---- cells ------------------------------------------------------------------------------------
 */

static void add_story(const struct hs_matrix *matrix, unsigned cell, unsigned property,
    const struct stories *stories, struct hs_text *text)
{
    if (!has_story(&matrix->cells[cell], property))
        return;
    hs_text_add(text, " ");
    add_letters(stories->of_cell[cell], text);
}

/* ---- text -------------------------------------------------------------------------------------
 */

enum { GAP = 2 };

/* Names are whole, so that they can be copied: a column is as wide as its host's. */
static unsigned column_width(const struct hs_matrix *matrix, unsigned host)
{
    return (unsigned)strlen(matrix->hosts[host]->name) + GAP;
}

/* The host behind the last one, from `first` on, that there is room for. */
static unsigned block_end(const struct hs_matrix *matrix, unsigned first, unsigned left)
{
    unsigned end = first;
    unsigned width = left;
    do
        width += column_width(matrix, end++);
    while (end < matrix->host_count && width + column_width(matrix, end) - GAP <= HS_TEXT_WIDTH);
    return end;
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

static void print_hosts(
    const struct hs_matrix *matrix, unsigned first, unsigned end, unsigned left, FILE *out)
{
    fprintf(out, "%*s", (int)left, "");
    for (unsigned h = first; h < end; h++)
        fprintf(
            out, "%-*s", h + 1 < end ? (int)column_width(matrix, h) : 0, matrix->hosts[h]->name);
    fputc('\n', out);
}

static void print_row(const struct hs_matrix *matrix, unsigned property, unsigned guest,
    const struct stories *stories, unsigned first, unsigned end, unsigned left, FILE *out)
{
    fprintf(out, "%-*s", (int)left, matrix->guests[guest]->name);
    for (unsigned h = first; h < end; h++) {
        unsigned cell = guest * matrix->host_count + h;
        struct hs_text text = {0};
        hs_text_add(&text, "%c%s", hs_cell_letter(&matrix->cells[cell], property),
            hs_cell_sightings(matrix, &matrix->cells[cell], property).count ? "*" : "");
        add_story(matrix, cell, property, stories, &text);
        fprintf(out, "%-*s", h + 1 < end ? (int)column_width(matrix, h) : 0, hs_text_string(&text));
        hs_text_free(&text);
    }
    fputc('\n', out);
}

static void print_story(
    const struct hs_matrix *matrix, const struct stories *stories, unsigned story, FILE *out)
{
    struct hs_text label = {0};
    hs_text_add(&label, "  ");
    add_letters(story, &label);
    hs_print_labelled(hs_text_string(&label), stories->told[story].story, HS_TEXT_WIDTH, out);
    print_cell_command(matrix, stories->told[story].cell->name, (unsigned)label.length + GAP, out);
    hs_text_free(&label);
}

static void print_table(const struct hs_matrix *matrix, unsigned property, FILE *out)
{
    struct stories stories;
    unsigned left = longest_guest(matrix) + GAP;
    tell_stories(matrix, (enum hs_property)property, &stories);
    for (unsigned first = 0; first < matrix->host_count;) {
        unsigned end = block_end(matrix, first, left);
        fputc('\n', out);
        print_hosts(matrix, first, end, left, out);
        for (unsigned g = 0; g < matrix->guest_count; g++)
            print_row(matrix, property, g, &stories, first, end, left, out);
        first = end;
    }
    if (stories.count)
        fputs("\nhow:\n", out);
    for (unsigned i = 0; i < stories.count; i++)
        print_story(matrix, &stories, i, out);
    free_stories(&stories);
}

void hs_matrix_print_differences(const struct hs_matrix *matrix, FILE *out)
{
    unsigned count = 0;
    fputs("\nnot as expected:\n", out);
    for (unsigned i = 0; i < matrix->guest_count * matrix->host_count; i++) {
        for (unsigned p = 0; p < HS_PROPERTY_COUNT; p++) {
            const struct hs_comparison one = hs_matrix_compare(matrix, &matrix->cells[i], p);
            if (hs_compare(one) == HS_AS_EXPECTED)
                continue;
            fprintf(out, "  %s\n    %s: expected %s, found %s\n", matrix->cells[i].name,
                hs_property_rows[p].name, hs_verdict_names[one.expected],
                hs_verdict_names[one.found]);
            count++;
        }
    }
    if (!count)
        fputs("  nothing\n", out);
}

/* Of the usual, what nothing could break in any cell. */
static void add_not_asked(const struct hs_matrix *matrix, struct hs_text *text)
{
    for (unsigned p = 0; matrix->asks_usual && p < HS_PROPERTY_COUNT; p++) {
        if (HS_MATRIX_USUAL >> p & 1u && !is_asked(matrix, p))
            hs_text_item(text, ", ", "%s", hs_property_rows[p].name);
    }
}

void hs_matrix_print_not_asked(const struct hs_matrix *matrix, FILE *out)
{
    struct hs_text text = {0};
    add_not_asked(matrix, &text);
    if (text.length)
        hs_print_labelled("no question in any cell:", hs_text_string(&text), HS_TEXT_WIDTH, out);
    hs_text_free(&text);
}

void hs_matrix_print_text(const struct hs_matrix *matrix, FILE *out)
{
    struct hs_text rules = {0};
    fputs("N  Never: proved for any number of pages, and for any sizes\n"
          "S  Sometimes: a run shows it; the letter behind it says how\n"
          "?  Unknown: neither proved, nor was a run found\n"
          "-  no question: nothing there could break it\n",
        out);
    hs_matrix_print_sighting_mark(matrix, out);
    fputs("One cell, cited by the guest on its left and the host above:\n", out);
    print_cell_command(matrix, "GUEST*HOST", 2, out);
    hs_matrix_rules_add(matrix, &rules);
    hs_print_labelled("rules:", hs_text_string(&rules), HS_TEXT_WIDTH, out);
    hs_text_free(&rules);
    hs_in_play_print(&matrix->cells[0].pair.variant.config, out);
    hs_matrix_print_not_asked(matrix, out);
    hs_matrix_print_needs(matrix, out);
    for (unsigned p = 0; p < HS_PROPERTY_COUNT; p++) {
        if (!is_asked(matrix, p))
            continue;
        fprintf(out, "\n%s%s\n", hs_property_rows[p].name,
            all_never(matrix, p) ? ": N in every cell" : "");
        if (!all_never(matrix, p))
            print_table(matrix, p, out);
    }
    if (matrix->expected)
        hs_matrix_print_differences(matrix, out);
}

/* ---- Markdown ---------------------------------------------------------------------------------
 */

static void print_markdown_story(
    const struct hs_matrix *matrix, const struct stories *stories, unsigned story, FILE *out)
{
    struct hs_text text = {0};
    hs_text_add(&text, "- **");
    add_letters(story, &text);
    hs_text_add(&text, "**: %s.  `", stories->told[story].story);
    hs_matrix_cell_add(matrix, stories->told[story].cell->name, &text);
    fprintf(out, "%s`\n", hs_text_string(&text));
    hs_text_free(&text);
}

static void add_markdown_name(
    const struct hs_alike *alike, const struct hs_preset *const *presets, struct hs_text *text)
{
    for (unsigned i = 0; i < alike->count; i++)
        hs_text_add(text, "%s%s", i ? "<br>" : "", presets[alike->members[i]]->name);
}

static void print_markdown_row(const struct hs_matrix *matrix, const struct hs_shape *shape,
    unsigned property, unsigned row, const struct stories *stories, FILE *out)
{
    struct hs_text text = {0};
    hs_text_add(&text, "\n| ");
    add_markdown_name(&shape->guests[row], matrix->guests, &text);
    hs_text_add(&text, " |");
    for (unsigned column = 0; column < shape->host_count; column++) {
        const struct hs_cell *cell = hs_shape_cell(matrix, shape, row, column);
        hs_text_add(&text, " %s%s", hs_cell_word(cell, property),
            hs_shape_has_sighting(matrix, shape, row, column, property) ? HS_SIGHTING_MARK : "");
        if (!matrix->is_overview)
            add_story(matrix, (unsigned)(cell - matrix->cells), property, stories, &text);
        hs_text_add(&text, " |");
    }
    fputs(hs_text_string(&text), out);
    hs_text_free(&text);
}

static void print_markdown_head(
    const struct hs_matrix *matrix, const struct hs_shape *shape, FILE *out)
{
    struct hs_text text = {0};
    hs_text_add(&text, "| guest |");
    for (unsigned column = 0; column < shape->host_count; column++) {
        hs_text_add(&text, " ");
        add_markdown_name(&shape->hosts[column], matrix->hosts, &text);
        hs_text_add(&text, " |");
    }
    hs_text_add(&text, "\n| --- |");
    for (unsigned column = 0; column < shape->host_count; column++)
        hs_text_add(&text, " --- |");
    fputs(hs_text_string(&text), out);
    hs_text_free(&text);
}

static void print_markdown_table(const struct hs_matrix *matrix, unsigned property, FILE *out)
{
    static struct hs_shape shape;
    struct stories stories = {.told = NULL};
    hs_matrix_shape(matrix, &shape);
    if (!matrix->is_overview)
        tell_stories(matrix, (enum hs_property)property, &stories);
    print_markdown_head(matrix, &shape, out);
    for (unsigned row = 0; row < shape.guest_count; row++)
        print_markdown_row(matrix, &shape, property, row, &stories, out);
    fputs(stories.count ? "\n\n" : "\n", out);
    for (unsigned i = 0; i < stories.count; i++)
        print_markdown_story(matrix, &stories, i, out);
    free_stories(&stories);
}

void hs_matrix_print_markdown(const struct hs_matrix *matrix, FILE *out)
{
    struct hs_text text = {0};
    hs_text_add(&text,
        "Never: proved for any number of pages, any sizes of blocks and of queues.\n"
        "Sometimes: a run shows it%s.\n"
        "Unknown: neither.\n-: no question, since nothing there could break it.\nA cell is what `",
        matrix->is_overview ? "; `hintsim matrix --all --format md` says how"
                            : "; the letter behind it says how");
    hs_matrix_cell_add(matrix, "GUEST*HOST", &text);
    hs_text_add(&text, "` shows.\n%sRules: ",
        hs_matrix_has_sighting(matrix) ? HS_SIGHTING_MARK
            ": seen in a run of a real QEMU, of a pair there (spec/reality.md).\n"
                                       : "");
    hs_matrix_rules_add(matrix, &text);
    hs_text_add(&text, ".\n");
    size_t before = text.length;
    hs_text_begin_list(&text);
    add_not_asked(matrix, &text);
    if (text.length > before)
        hs_text_add(&text, ": no question in any cell.\n");
    before = text.length;
    hs_matrix_add_needs(matrix, &text);
    fprintf(out, "%s%s", hs_text_string(&text), text.length > before ? ".\n" : "");
    hs_text_free(&text);
    hs_in_play_print_markdown(&matrix->cells[0].pair.variant.config, out);
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

static json_t *verdict_json(
    const struct hs_matrix *matrix, const struct hs_cell *cell, unsigned property)
{
    json_t *json = json_pack("{s:s, s:s}", "property", hs_property_rows[property].name, "verdict",
        hs_verdict_names[hs_evidence_verdict(&cell->evidence, property)]);
    struct hs_sightings seen = hs_cell_sightings(matrix, cell, property);
    if (seen.count)
        json_object_set_new(json, "seen", sightings_json(seen));
    if (matrix->expected)
        json_object_set_new(json, "expected",
            json_string(hs_verdict_names[hs_matrix_compare(matrix, cell, property).expected]));
    if (cell->evidence.finding[property]) {
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
        if (cell->evidence.asked >> p & 1u)
            json_array_append_new(verdicts, verdict_json(matrix, cell, p));
    }
    json_t *json = json_pack("{s:s, s:s, s:s, s:b, s:I, s:o}", "cell", cell->name, "guest",
        cell->pair.scenario.guest->name, "host", cell->pair.scenario.host->name, "complete",
        cell->evidence.complete, "states", (json_int_t)cell->evidence.count, "verdicts", verdicts);
    if (cell->lacks)
        json_object_set_new(json, "lacks", json_string(cell->lacks));
    return json;
}

static json_t *names_json(const struct hs_preset *const *presets, unsigned count)
{
    json_t *names = json_array();
    for (unsigned i = 0; i < count; i++)
        json_array_append_new(names, json_string(presets[i]->name));
    return names;
}

/* The rules that are changed in every cell. */
static json_t *rules_json(const struct hs_matrix *matrix)
{
    json_t *rules = json_object();
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        char number[8];
        if (matrix->is_set[r])
            json_object_set_new(rules, hs_rule_rows[r].name,
                json_string(hs_rule_value_name((enum hs_rule)r, matrix->rules.value[r], number)));
    }
    return rules;
}

json_t *hs_matrix_json(const struct hs_matrix *matrix)
{
    json_t *cells = json_array();
    for (unsigned i = 0; i < matrix->guest_count * matrix->host_count; i++)
        json_array_append_new(cells, cell_json(matrix, &matrix->cells[i]));
    struct hs_text command = {0};
    hs_matrix_cell_add(matrix, "GUEST*HOST", &command);
    json_t *json = json_pack("{s:i, s:s, s:o, s:o, s:o, s:o, s:o, s:s}", "version",
        HS_MATRIX_JSON_VERSION, "cell_command", hs_text_string(&command), "rules",
        rules_json(matrix), "in_play", hs_in_play_json(&matrix->cells[0].pair.variant.config),
        "guests", names_json(matrix->guests, matrix->guest_count), "hosts",
        names_json(matrix->hosts, matrix->host_count), "cells", cells, "answer",
        hs_answer_names[hs_matrix_answer(matrix)]);
    hs_text_free(&command);
    return json;
}
