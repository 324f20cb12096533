/* SPDX-License-Identifier: BSD-3-Clause */
/* The rows of hintsim check: what all formats ask of them. */
#include "check_report.h"

#include "text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const char *const hs_check_status_names[HS_CHECK_STATUS_COUNT] = {
    [HS_CHECK_OK] = "ok",
    [HS_CHECK_FAILED] = "failed",
    [HS_CHECK_BAD_INPUT] = "bad input",
    [HS_CHECK_INCONCLUSIVE] = "inconclusive",
    [HS_CHECK_PASSED_BY] = "passed by",
};

const char *const hs_check_question_names[HS_CHECK_QUESTION_COUNT] = {
    [HS_CHECK_READ] = "read",
    [HS_CHECK_RUN] = "run",
    [HS_CHECK_EXPLORE] = "explore",
    [HS_CHECK_PROVE] = "prove",
};

void hs_check_row_free(struct hs_check_row *row)
{
    for (unsigned i = 0; i < row->witness_count; i++)
        free(row->witnesses[i].steps);
    free(row->witnesses);
    free(row->findings);
    free(row->found);
    free(row->reason);
    free(row->message);
    free(row->bounds);
}

/* ---- counting -------------------------------------------------------------------------------- */

void hs_check_count(const struct hs_check_report *report, struct hs_check_tally *tally)
{
    *tally = (struct hs_check_tally){{0}};
    for (unsigned i = 0; i < report->row_count; i++)
        tally->count[report->rows[i].status]++;
}

unsigned hs_check_subjects(const char *subjects[HS_CHECK_SUBJECTS_MAX])
{
    unsigned count = 0;
    assert(HS_PROPERTY_FIRST_CLAUSE + hs_clause_count <= HS_CHECK_SUBJECTS_MAX);
    while (count < HS_PROPERTY_FIRST_CLAUSE) {
        subjects[count] = hs_property_rows[count].name;
        count++;
    }
    for (unsigned i = 0; i < hs_clause_count; i++)
        subjects[count++] = hs_clause_rows[i].id;
    return count;
}

bool hs_check_is_about(const struct hs_check_row *row, const char *subject)
{
    for (unsigned i = 0; i < row->finding_count; i++) {
        if (strcmp(row->findings[i].about, subject) == 0)
            return true;
    }
    for (unsigned i = 0; row->scenario && i < row->scenario->clause_count; i++) {
        if (strcmp(row->scenario->clauses[i], subject) == 0)
            return true;
    }
    return false;
}

bool hs_check_count_about(
    const struct hs_check_report *report, const char *subject, struct hs_check_tally *tally)
{
    bool any = false;
    *tally = (struct hs_check_tally){{0}};
    for (unsigned i = 0; i < report->row_count; i++) {
        bool is_about = hs_check_is_about(&report->rows[i], subject);
        tally->count[report->rows[i].status] += is_about;
        any = any || is_about;
    }
    return any;
}

/* ---- words ----------------------------------------------------------------------------------- */

void hs_check_words_add(const struct hs_check_row *row, struct hs_text *text)
{
    const char *words[] = {row->message, row->found, row->reason};
    hs_text_begin_list(text);
    for (unsigned i = 0; i < sizeof(words) / sizeof(*words); i++) {
        struct hs_text clean = {0};
        hs_text_add_clean(&clean, words[i] ? words[i] : "");
        if (clean.length)
            hs_text_item(text, "; ", "%s", hs_text_string(&clean));
        hs_text_free(&clean);
    }
}

unsigned hs_check_rows_of_file(const struct hs_check_report *report, unsigned first)
{
    const struct hs_check_row *rows = report->rows;
    unsigned count = 0;
    while (first + count < report->row_count &&
           strcmp(rows[first + count].path, rows[first].path) == 0)
        count++;
    return count;
}

void hs_check_step_add(const struct hs_check_step *step, struct hs_text *text)
{
    hs_text_add(text, "%s: %s: %s", step->column, step->step, step->headline);
}

unsigned long hs_check_milliseconds(double seconds)
{
    assert(seconds >= 0);
    return (unsigned long)(seconds * 1000 + 0.5);
}
