/* SPDX-License-Identifier: BSD-3-Clause */
/* hintsim check, as the XML of JUnit that Jenkins and GitLab read. */
#include "check_report.h"
#include "text.h"

#include <string.h>

/* The string as an attribute, or between tags. */
static void print_escaped(const char *string, FILE *out)
{
    struct hs_text clean = {0};
    hs_text_add_clean(&clean, string);
    for (const char *at = hs_text_string(&clean); *at; at++) {
        switch (*at) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        default:
            fputc(*at, out);
        }
    }
    hs_text_free(&clean);
}

static void print_attribute(const char *name, const char *value, FILE *out)
{
    fprintf(out, " %s=\"", name);
    print_escaped(value, out);
    fputc('"', out);
}

/* How many rows from `first` on count as what; and the time they took. */
static void print_counts(
    const struct hs_check_report *report, unsigned first, unsigned count, double seconds, FILE *out)
{
    struct hs_check_tally tally = {{0}};
    for (unsigned i = first; i < first + count; i++)
        tally.count[report->rows[i].status]++;
    fprintf(out, " tests=\"%u\" failures=\"%u\" errors=\"%u\" skipped=\"%u\" time=\"%.3f\">\n",
        count, tally.count[HS_CHECK_FAILED],
        tally.count[HS_CHECK_BAD_INPUT] + tally.count[HS_CHECK_INCONCLUSIVE],
        tally.count[HS_CHECK_PASSED_BY], seconds);
}

/* The path as Jenkins reads a class in a package: dots for slashes, without the ending. */
static void class_add(const char *path, struct hs_text *text)
{
    const char *dot = strrchr(path, '.');
    const char *end = dot && dot > path && !strchr(dot, '/') ? dot : path + strlen(path);
    while (*path == '/' || (*path == '.' && strchr("./", path[1])))
        path++;
    for (; path < end; path++)
        hs_text_add(text, "%c", *path == '/' ? '.' : *path);
}

static void print_property(const char *name, const char *value, FILE *out)
{
    fputs("   <property", out);
    print_attribute("name", name, out);
    print_attribute("value", value, out);
    fputs("/>\n", out);
}

/* What it takes to ask again: which hintsim, and which file. */
static void print_properties(const struct hs_check_report *report, const char *path, FILE *out)
{
    const char *hash = "";
    for (unsigned i = 0; i < report->file_count; i++) {
        if (strcmp(report->files[i].path, path) == 0)
            hash = report->files[i].sha256;
    }
    fputs("  <properties>\n", out);
    print_property("hintsim", report->release, out);
    print_property("commit", report->commit, out);
    print_property("sha256", hash, out);
    fputs("  </properties>\n", out);
}

static void print_witnesses(const struct hs_check_row *row, FILE *out)
{
    for (unsigned i = 0; i < row->witness_count; i++) {
        const struct hs_check_witness *witness = &row->witnesses[i];
        fprintf(out, "\n%s:", witness->about);
        for (unsigned s = 0; s < witness->count; s++) {
            struct hs_text text = {0};
            hs_check_step_add(&witness->steps[s], &text);
            fprintf(out, "\n%c %u. ", witness->steps[s].decides ? '*' : ' ', s + 1);
            print_escaped(hs_text_string(&text), out);
            hs_text_free(&text);
        }
    }
}

/* What is wrong, for a reader who sees no more than this. */
static void print_problem(
    const struct hs_check_row *row, const char *tag, const char *words, FILE *out)
{
    fprintf(out, "   <%s", tag);
    print_attribute("message", words, out);
    print_attribute("type", hs_check_status_names[row->status], out);
    fputc('>', out);
    if (!row->message) { /* which says the place itself */
        print_escaped(row->path, out);
        fprintf(out, ":%u: ", row->line ? row->line : 1);
    }
    print_escaped(words, out);
    print_witnesses(row, out);
    fprintf(out, "</%s>\n", tag);
}

static void print_row(const struct hs_check_row *row, FILE *out)
{
    struct hs_text class = {0};
    struct hs_text name = {0};
    struct hs_text words = {0};
    hs_text_add(&name, "%s %s", hs_check_question_names[row->question], row->name);
    class_add(row->path, &class);
    hs_check_words_add(row, &words);
    fputs("  <testcase", out);
    print_attribute("name", hs_text_string(&name), out);
    print_attribute("classname", hs_text_string(&class), out);
    print_attribute("file", row->path, out);
    fprintf(out, " time=\"%.3f\">\n", row->seconds);
    switch (row->status) {
    case HS_CHECK_FAILED:
        print_problem(row, "failure", hs_text_string(&words), out);
        break;
    case HS_CHECK_BAD_INPUT:
    case HS_CHECK_INCONCLUSIVE:
        print_problem(row, "error", hs_text_string(&words), out);
        break;
    case HS_CHECK_PASSED_BY:
        fputs("   <skipped message=\"no scenario\"/>\n", out);
        break;
    default:
        fputs("   <system-out>", out);
        print_escaped(hs_text_string(&words), out);
        fputs("</system-out>\n", out);
    }
    fputs("  </testcase>\n", out);
    hs_text_free(&words);
    hs_text_free(&name);
    hs_text_free(&class);
}

static void print_suite(
    const struct hs_check_report *report, unsigned first, unsigned count, FILE *out)
{
    const char *path = report->rows[first].path;
    double seconds = 0;
    for (unsigned i = first; i < first + count; i++)
        seconds += report->rows[i].seconds;
    fputs(" <testsuite", out);
    print_attribute("name", path, out);
    print_attribute("file", path, out);
    print_counts(report, first, count, seconds, out);
    print_properties(report, path, out);
    for (unsigned i = first; i < first + count; i++)
        print_row(&report->rows[i], out);
    fputs(" </testsuite>\n", out);
}

void hs_check_print_junit(const struct hs_check_report *report, FILE *out)
{
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"hintsim check\"", out);
    print_counts(report, 0, report->row_count, report->seconds, out);
    for (unsigned i = 0; i < report->row_count;) {
        unsigned count = hs_check_rows_of_file(report, i);
        print_suite(report, i, count, out);
        i += count;
    }
    fputs("</testsuites>\n", out);
}
