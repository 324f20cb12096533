/* SPDX-License-Identifier: BSD-3-Clause */
/* hintsim check, as KTAP (Documentation/dev-tools/ktap.rst of the kernel). */
#include "check_report.h"
#include "text.h"

/* A description ends where a # is. */
static void print_description(const char *string, FILE *out)
{
    struct hs_text clean = {0};
    hs_text_add_clean(&clean, string);
    for (const char *at = hs_text_string(&clean); *at; at++) {
        if (*at == '#')
            fputs("\\x23", out);
        else
            fputc(*at, out);
    }
    hs_text_free(&clean);
}

static const char *directive_of(const struct hs_check_row *row)
{
    switch (row->status) {
    case HS_CHECK_PASSED_BY:
        return "SKIP no scenario";
    case HS_CHECK_BAD_INPUT:
        return "ERROR ";
    case HS_CHECK_INCONCLUSIVE:
        return row->timed_out ? "TIMEOUT " : "ERROR ";
    default:
        return "";
    }
}

static bool is_ok(const struct hs_check_row *row)
{
    return row->status == HS_CHECK_OK || row->status == HS_CHECK_PASSED_BY;
}

/* The race, and the time, as diagnostics; then the result. */
static void print_row(const struct hs_check_row *row, unsigned number, FILE *out)
{
    struct hs_text words = {0};
    for (unsigned i = 0; i < row->witness_count; i++) {
        const struct hs_check_witness *witness = &row->witnesses[i];
        fprintf(out, "  # %s:\n", witness->about);
        for (unsigned s = 0; s < witness->count; s++) {
            struct hs_text step = {0};
            hs_check_step_add(&witness->steps[s], &step);
            fprintf(out, "  # %c %u. %s\n", witness->steps[s].decides ? '*' : ' ', s + 1,
                hs_text_string(&step));
            hs_text_free(&step);
        }
    }
    fprintf(out, "  # time: %lu ms\n", hs_check_milliseconds(row->seconds));
    hs_check_words_add(row, &words);
    fprintf(out, "  %s %u %s ", is_ok(row) ? "ok" : "not ok", number,
        hs_check_question_names[row->question]);
    print_description(row->name, out);
    fprintf(out, " # %s%s\n", directive_of(row), hs_text_string(&words));
    hs_text_free(&words);
}

/* The rows of a file, and then its own result. */
static void print_file(const struct hs_check_report *report, unsigned first, unsigned count,
    unsigned number, FILE *out)
{
    bool all = true;
    bool any = false;
    fprintf(out, "  KTAP version 1\n  1..%u\n", count);
    for (unsigned i = 0; i < count; i++) {
        const struct hs_check_row *row = &report->rows[first + i];
        print_row(row, i + 1, out);
        all = all && is_ok(row);
        any = any || row->status != HS_CHECK_PASSED_BY;
    }
    fprintf(out, "%s %u ", all ? "ok" : "not ok", number);
    print_description(report->rows[first].path, out);
    fputs(any ? "\n" : " # SKIP no scenario\n", out);
}

void hs_check_print_ktap(const struct hs_check_report *report, FILE *out)
{
    unsigned files = 0;
    for (unsigned i = 0; i < report->row_count; i += hs_check_rows_of_file(report, i))
        files++;
    fprintf(out, "KTAP version 1\n1..%u\n", files);
    unsigned number = 0;
    for (unsigned i = 0; i < report->row_count;) {
        unsigned count = hs_check_rows_of_file(report, i);
        print_file(report, i, count, ++number, out);
        i += count;
    }
}
