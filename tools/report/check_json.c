/* SPDX-License-Identifier: BSD-3-Clause */
/* hintsim check, as JSON (check.schema.json). */
#include "check_report.h"
#include "run_report.h"
#include "text.h"

#include <inttypes.h>

/* The string as JSON can hold it; null if there is none. */
static json_t *string_json(const char *string)
{
    struct hs_text clean = {0};
    if (!string)
        return json_null();
    hs_text_add_clean(&clean, string);
    json_t *json = json_string(hs_text_string(&clean));
    hs_text_free(&clean);
    return json;
}

/* null, if there is none. */
static json_t *line_json(unsigned line)
{
    return line ? json_integer(line) : json_null();
}

static json_t *findings_json(const struct hs_check_row *row)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < row->finding_count; i++) {
        const struct hs_check_finding *finding = &row->findings[i];
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:s, s:o}", "about", finding->about, "expected",
                      finding->expected, "found", finding->found, "answer",
                      hs_answer_names[finding->answer], "line", line_json(finding->line)));
    }
    return list;
}

static json_t *witness_json(const struct hs_check_witness *witness)
{
    json_t *steps = json_array();
    for (unsigned i = 0; i < witness->count; i++) {
        const struct hs_check_step *step = &witness->steps[i];
        json_array_append_new(steps, json_pack("{s:s, s:s, s:s, s:b, s:o}", "step", step->step,
                                         "column", step->column, "headline", step->headline,
                                         "decides", step->decides, "line", line_json(step->line)));
    }
    return json_pack("{s:s, s:o}", "about", witness->about, "steps", steps);
}

static json_t *witnesses_json(const struct hs_check_row *row)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < row->witness_count; i++)
        json_array_append_new(list, witness_json(&row->witnesses[i]));
    return list;
}

static json_t *clauses_json(const struct hs_check_row *row)
{
    json_t *list = json_array();
    for (unsigned i = 0; row->scenario && i < row->scenario->clause_count; i++)
        json_array_append_new(list, json_string(row->scenario->clauses[i]));
    return list;
}

static json_t *row_json(const struct hs_check_row *row)
{
    char hash[20];
    snprintf(hash, sizeof(hash), "%016" PRIx64, row->hash);
    return json_pack("{s:o, s:o, s:o, s:o, s:s, s:s, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
                     "s:I}",
        "file", string_json(row->path), "line", line_json(row->line), "column",
        line_json(row->column), "name", string_json(row->name), "question",
        hs_check_question_names[row->question], "status", hs_check_status_names[row->status],
        "timed_out", row->timed_out, "hash", row->hash ? json_string(hash) : json_null(), "found",
        string_json(row->found), "reason", string_json(row->reason), "message",
        string_json(row->message), "bounds", string_json(row->bounds), "clauses", clauses_json(row),
        "findings", findings_json(row), "witnesses", witnesses_json(row), "milliseconds",
        (json_int_t)hs_check_milliseconds(row->seconds));
}

static json_t *tally_json(const struct hs_check_tally *tally)
{
    json_t *json = json_object();
    for (unsigned i = 0; i < HS_CHECK_STATUS_COUNT; i++)
        json_object_set_new(json, hs_check_status_names[i], json_integer(tally->count[i]));
    return json;
}

static json_t *by_clause_json(const struct hs_check_report *report)
{
    const char *subjects[HS_CHECK_SUBJECTS_MAX];
    unsigned count = hs_check_subjects(subjects);
    json_t *json = json_object();
    for (unsigned i = 0; i < count; i++) {
        struct hs_check_tally tally;
        if (hs_check_count_about(report, subjects[i], &tally))
            json_object_set_new(json, subjects[i], tally_json(&tally));
    }
    return json;
}

static json_t *files_json(const struct hs_check_report *report)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < report->file_count; i++) {
        const struct hs_check_file *file = &report->files[i];
        json_array_append_new(
            list, json_pack("{s:o, s:o}", "path", string_json(file->path), "sha256",
                      file->sha256[0] ? json_string(file->sha256) : json_null()));
    }
    return list;
}

void hs_check_print_json(const struct hs_check_report *report, FILE *out)
{
    struct hs_check_tally tally;
    json_t *rows = json_array();
    hs_check_count(report, &tally);
    for (unsigned i = 0; i < report->row_count; i++)
        json_array_append_new(rows, row_json(&report->rows[i]));
    hs_json_print(json_pack("{s:{s:s, s:o}, s:o, s:o, s:o, s:o, s:i, s:I}", "hintsim", "version",
                      report->release, "commit",
                      report->commit[0] ? json_string(report->commit) : json_null(), "files",
                      files_json(report), "rows", rows, "sum", tally_json(&tally), "by_clause",
                      by_clause_json(report), "left_out", (int)report->left_out, "milliseconds",
                      (json_int_t)hs_check_milliseconds(report->seconds)),
        out);
}
