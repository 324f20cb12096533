/* SPDX-License-Identifier: BSD-3-Clause */
/* hintsim check, for people. */
#include "check_report.h"
#include "text.h"

static const char *const outcomes[HS_CHECK_STATUS_COUNT] = {
    [HS_CHECK_OK] = "ok",
    [HS_CHECK_FAILED] = "NOT OK",
    [HS_CHECK_BAD_INPUT] = "BAD INPUT",
    [HS_CHECK_INCONCLUSIVE] = "UNKNOWN",
    [HS_CHECK_PASSED_BY] = "passed by",
};

void hs_check_print_row(const struct hs_check_row *row, bool times, FILE *out)
{
    enum { OUTCOME_WIDTH = 9, QUESTION_WIDTH = 8, NAME_WIDTH = 40 };
    bool is_passed_by = row->status == HS_CHECK_PASSED_BY;
    fprintf(out, "%-*s %-*s %-*s", OUTCOME_WIDTH, outcomes[row->status], QUESTION_WIDTH,
        hs_check_question_names[row->question], is_passed_by ? 0 : NAME_WIDTH, row->name);
    if (row->status == HS_CHECK_BAD_INPUT)
        fputs(" see the message", out);
    else if (!is_passed_by)
        fprintf(
            out, " %s%s%s", row->found, row->reason ? "; " : "", row->reason ? row->reason : "");
    if (times)
        fprintf(out, "; %.3f s", row->seconds);
    fputc('\n', out);
}

void hs_check_print_clauses(const struct hs_check_report *report, FILE *out)
{
    enum { NAME_WIDTH = 24, COUNT_WIDTH = 9 };
    const char *subjects[HS_CHECK_SUBJECTS_MAX];
    unsigned count = hs_check_subjects(subjects);
    fprintf(out, "\n%-*s", NAME_WIDTH, "property or clause");
    for (unsigned i = 0; i < HS_CHECK_PASSED_BY; i++)
        fprintf(out, " %*s", COUNT_WIDTH, outcomes[i]);
    fputc('\n', out);
    for (unsigned i = 0; i < count; i++) {
        struct hs_check_tally tally;
        if (!hs_check_count_about(report, subjects[i], &tally))
            continue;
        fprintf(out, "%-*s", NAME_WIDTH, subjects[i]);
        for (unsigned status = 0; status < HS_CHECK_PASSED_BY; status++)
            fprintf(out, " %*u", COUNT_WIDTH, tally.count[status]);
        fputc('\n', out);
    }
}

void hs_check_print_sum(const struct hs_check_report *report, bool times, FILE *out)
{
    struct hs_check_tally tally;
    hs_check_count(report, &tally);
    fprintf(out, "\n%u as expected, %u not, %u bad input, %u inconclusive",
        tally.count[HS_CHECK_OK], tally.count[HS_CHECK_FAILED], tally.count[HS_CHECK_BAD_INPUT],
        tally.count[HS_CHECK_INCONCLUSIVE]);
    if (report->left_out)
        fprintf(out, ", %u left out behind the first that is not", report->left_out);
    if (times)
        fprintf(out, ", in %.3f s", report->seconds);
    fputc('\n', out);
}
