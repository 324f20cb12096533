/* SPDX-License-Identifier: BSD-3-Clause */
/* hintsim check, as SARIF 2.1.0: an alert for each finding that is not as expected.  Who shows such
 * files takes every result for a problem, so that what is ok stands in a property of the run. */
#include "check_report.h"
#include "text.h"

#include <jansson.h>
#include <string.h>

/* Rules beside the properties and clauses. */
static const struct {
    const char *id;
    const char *words;
} other_rules[] = {
    {"cover",
        "a step that the scenario lists under cover is taken by no order, or was not seen to be"},
    {"end", "a run that was expected to end does not, or the other way round"},
    {"bound", "a bound or a time-out kept the question from an answer"},
    {"bad-input", "the file cannot be checked"},
};
enum { OTHER_RULES = sizeof(other_rules) / sizeof(*other_rules) };

static json_t *clean_json(const char *string)
{
    struct hs_text clean = {0};
    hs_text_add_clean(&clean, string);
    json_t *json = json_string(hs_text_string(&clean));
    hs_text_free(&clean);
    return json;
}

static json_t *message_json(const char *string)
{
    return json_pack("{s:o}", "text", clean_json(string));
}

/* ---- rules ----------------------------------------------------------------------------------- */

static const char *demand_of(const char *clause)
{
    for (unsigned i = 0; i < hs_clause_count; i++) {
        if (strcmp(hs_clause_rows[i].id, clause) == 0)
            return hs_clause_rows[i].demand;
    }
    return NULL;
}

static json_t *rule_json(const char *id, const char *words)
{
    const char *demand = demand_of(id);
    json_t *rule = json_pack("{s:s, s:o}", "id", id, "shortDescription", message_json(words));
    if (demand)
        json_object_set_new(rule, "fullDescription", message_json(demand));
    return rule;
}

static json_t *rules_json(void)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++)
        json_array_append_new(
            list, rule_json(hs_property_rows[i].name, hs_property_rows[i].broken));
    for (unsigned i = 0; i < OTHER_RULES; i++)
        json_array_append_new(list, rule_json(other_rules[i].id, other_rules[i].words));
    return list;
}

static unsigned rule_index(const char *id)
{
    enum hs_property property = hs_property_find(id);
    unsigned i = 0;
    while (
        property == HS_PROPERTY_COUNT && i + 1 < OTHER_RULES && strcmp(other_rules[i].id, id) != 0)
        i++;
    return (unsigned)property + i;
}

/* ---- places ---------------------------------------------------------------------------------- */

/* The path as a URI: relative to where hintsim was started, if it is. */
static json_t *uri_json(const char *path)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
    struct hs_text uri = {0};
    while (strncmp(path, "./", 2) == 0)
        path += 2;
    hs_text_add(&uri, "%s", *path == '/' ? "file://" : "");
    for (; *path; path++)
        hs_text_add(&uri, strchr(plain, *path) ? "%c" : "%%%02X", (unsigned char)*path);
    json_t *json = json_string(hs_text_string(&uri));
    hs_text_free(&uri);
    return json;
}

static json_t *place_json(const char *path, unsigned line, unsigned column)
{
    json_t *region = json_pack("{s:i}", "startLine", (int)(line ? line : 1));
    if (column)
        json_object_set_new(region, "startColumn", json_integer(column));
    return json_pack("{s:{s:{s:o}, s:o}}", "physicalLocation", "artifactLocation", "uri",
        uri_json(path), "region", region);
}

static json_t *files_json(const struct hs_check_report *report)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < report->file_count; i++) {
        const struct hs_check_file *file = &report->files[i];
        json_t *json = json_pack("{s:{s:o}}", "location", "uri", uri_json(file->path));
        if (file->sha256[0])
            json_object_set_new(json, "hashes", json_pack("{s:s}", "sha-256", file->sha256));
        json_array_append_new(list, json);
    }
    return list;
}

/* ---- results --------------------------------------------------------------------------------- */

/* A step that the schedule does not have stands where the expectation does. */
static json_t *flow_json(
    const struct hs_check_row *row, const struct hs_check_witness *witness, unsigned line)
{
    json_t *steps = json_array();
    for (unsigned i = 0; i < witness->count; i++) {
        const struct hs_check_step *step = &witness->steps[i];
        struct hs_text words = {0};
        hs_check_step_add(step, &words);
        json_t *place = place_json(row->path, step->line ? step->line : line, 0);
        json_object_set_new(place, "message", message_json(hs_text_string(&words)));
        json_array_append_new(
            steps, json_pack("{s:o, s:i, s:s}", "location", place, "executionOrder", (int)i + 1,
                       "importance", step->decides ? "essential" : "important"));
        hs_text_free(&words);
    }
    return json_pack("[{s:[{s:o}]}]", "threadFlows", "locations", steps);
}

static const struct hs_check_witness *witness_of(const struct hs_check_row *row, const char *about)
{
    for (unsigned i = 0; i < row->witness_count; i++) {
        if (strcmp(row->witnesses[i].about, about) == 0)
            return &row->witnesses[i];
    }
    return NULL;
}

static json_t *result_json(const struct hs_check_row *row, const char *rule, const char *words,
    bool is_open, json_t *place)
{
    struct hs_text text = {0};
    struct hs_text print = {0};
    const char *question = hs_check_question_names[row->question];
    hs_text_add(&text, "%s %s: %s", question, row->name, words);
    hs_text_add(&print, "%s %s %s", question, row->name, rule);
    json_t *json = json_pack("{s:s, s:i, s:s, s:s, s:o, s:[o], s:{s:o}}", "ruleId", rule,
        "ruleIndex", (int)rule_index(rule), "kind", is_open ? "open" : "fail", "level",
        is_open ? "none" : "error", "message", message_json(hs_text_string(&text)), "locations",
        place, "partialFingerprints", "hintsim/v1", clean_json(hs_text_string(&print)));
    hs_text_free(&print);
    hs_text_free(&text);
    return json;
}

static json_t *finding_json(const struct hs_check_row *row, const struct hs_check_finding *finding)
{
    const struct hs_check_witness *witness = witness_of(row, finding->about);
    struct hs_text words = {0};
    hs_text_add(&words, "%s: %s; expected: %s", finding->about, finding->found, finding->expected);
    if (row->bounds)
        hs_text_add(&words, " (%s)", row->bounds);
    json_t *json = result_json(row, finding->about, hs_text_string(&words),
        finding->answer == HS_INCONCLUSIVE, place_json(row->path, finding->line, 0));
    if (witness)
        json_object_set_new(json, "codeFlows", flow_json(row, witness, finding->line));
    hs_text_free(&words);
    return json;
}

static void add_results(const struct hs_check_row *row, json_t *list)
{
    if (row->status == HS_CHECK_BAD_INPUT)
        json_array_append_new(list, result_json(row, "bad-input", row->message, false,
                                        place_json(row->path, row->line, row->column)));
    for (unsigned i = 0; i < row->finding_count; i++) {
        if (row->findings[i].answer != HS_AS_EXPECTED)
            json_array_append_new(list, finding_json(row, &row->findings[i]));
    }
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* What the text says of the row. */
static json_t *row_json(const struct hs_check_row *row)
{
    struct hs_text words = {0};
    hs_check_words_add(row, &words);
    json_t *json = json_pack("{s:s, s:s, s:o, s:o, s:I}", "status",
        hs_check_status_names[row->status], "question", hs_check_question_names[row->question],
        "name", clean_json(row->name), "words", clean_json(hs_text_string(&words)), "milliseconds",
        (json_int_t)hs_check_milliseconds(row->seconds));
    hs_text_free(&words);
    return json;
}

void hs_check_print_sarif(const struct hs_check_report *report, FILE *out)
{
    struct hs_check_tally tally;
    json_t *results = json_array();
    json_t *rows = json_array();
    hs_check_count(report, &tally);
    for (unsigned i = 0; i < report->row_count; i++) {
        add_results(&report->rows[i], results);
        json_array_append_new(rows, row_json(&report->rows[i]));
    }
    json_t *driver = json_pack("{s:s, s:s, s:o, s:{s:s}}", "name", "hintsim", "version",
        report->release, "rules", rules_json(), "properties", "commit", report->commit);
    json_t *run = json_pack("{s:{s:o}, s:s, s:[{s:b}], s:o, s:o, s:{s:o}}", "tool", "driver",
        driver, "columnKind", "unicodeCodePoints", "invocations", "executionSuccessful",
        tally.count[HS_CHECK_BAD_INPUT] == 0, "artifacts", files_json(report), "results", results,
        "properties", "rows", rows);
    json_t *json = json_pack("{s:s, s:s, s:[o]}", "$schema",
        "https://json.schemastore.org/sarif-2.1.0.json", "version", "2.1.0", "runs", run);
    json_dumpf(json, out, JSON_INDENT(1));
    fputc('\n', out);
    json_decref(json);
}
