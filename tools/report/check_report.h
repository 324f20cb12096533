/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What `hintsim check` says: rows, one for each question that a file asks, and the same rows for
 * people, and for the programs that gate a change.
 */
#ifndef HS_CHECK_REPORT_H
#define HS_CHECK_REPORT_H

#include "judgement.h"
#include "sha256.h"
#include "text.h"

#include <stdio.h>

enum hs_check_status {
    HS_CHECK_OK,
    HS_CHECK_FAILED,       /* not as expected */
    HS_CHECK_BAD_INPUT,    /* the row's message says what is wrong */
    HS_CHECK_INCONCLUSIVE, /* a bound was hit */
    HS_CHECK_PASSED_BY,    /* a file that is no scenario */
    HS_CHECK_STATUS_COUNT
};
extern const char *const hs_check_status_names[HS_CHECK_STATUS_COUNT]; /* ok, failed, ... */

enum hs_check_question {
    HS_CHECK_READ, /* is the file one that can be checked? */
    HS_CHECK_RUN,
    HS_CHECK_EXPLORE,
    HS_CHECK_PROVE,
    HS_CHECK_QUESTION_COUNT
};
extern const char *const hs_check_question_names[HS_CHECK_QUESTION_COUNT]; /* read, run, ... */

/* What is expected and was found of one property, or of something else that a row asks. */
struct hs_check_finding {
    const char *about; /* a property or clause; `cover`, `end`, `bound` */
    const char *expected;
    const char *found;
    enum hs_answer answer;
    unsigned line; /* of the expectation */
};

/* A step of a race. */
struct hs_check_step {
    char step[80]; /* as a schedule writes it */
    const char *column;
    char headline[80];
    bool decides;  /* it loses the page, ends all hope, or breaks a clause */
    unsigned line; /* of the schedule; 0: it does not stand there */
};

/* A run that shows why a finding is not as expected. */
struct hs_check_witness {
    const char *about; /* the finding's */
    unsigned count;
    struct hs_check_step *steps;
};

struct hs_check_row {
    const char *path;
    const char *name;                   /* the variant's; the path, if the file cannot be read */
    const struct hs_scenario *scenario; /* NULL, if the file cannot be read */
    unsigned line;                      /* of the first expectation, or of what is wrong; or 0 */
    unsigned column;                    /* of what is wrong; or 0 */
    enum hs_check_question question;
    enum hs_check_status status;
    bool timed_out;
    uint64_t hash;  /* of the variant, if there is one */
    double seconds; /* that it took */
    char *found;    /* as the text says it; or NULL */
    char *reason;   /* why it is not ok: what was expected, the bound; or NULL */
    char *message;  /* what is wrong with the input; or NULL */
    char *bounds;   /* of an exploration or a proof; or NULL */
    unsigned finding_count;
    struct hs_check_finding *findings;
    unsigned witness_count;
    struct hs_check_witness *witnesses;
};
void hs_check_row_free(struct hs_check_row *row);

struct hs_check_file {
    const char *path;
    char sha256[HS_SHA256_SIZE]; /* empty, if it cannot be read */
};

/* All rows, in the order of the files and of what they expect. */
struct hs_check_report {
    const char *release; /* of hintsim */
    const char *commit;  /* or empty */
    double seconds;      /* that all took */
    unsigned file_count;
    struct hs_check_file *files;
    unsigned row_count;
    struct hs_check_row *rows;
    unsigned left_out; /* rows behind the first that is not ok, with --fail-fast */
};

/* How many rows there are of each status. */
struct hs_check_tally {
    unsigned count[HS_CHECK_STATUS_COUNT];
};
void hs_check_count(const struct hs_check_report *report, struct hs_check_tally *tally);

/* The properties, then the clauses, in the order of the specification. */
enum { HS_CHECK_SUBJECTS_MAX = 80 };
unsigned hs_check_subjects(const char *subjects[HS_CHECK_SUBJECTS_MAX]);
/* Is the row about the property or clause: is anything expected of it, or found, or does the
 * scenario say that it speaks of it? */
bool hs_check_is_about(const struct hs_check_row *row, const char *subject);
/* How many rows that are about it there are of each status.  False, if there are none. */
bool hs_check_count_about(
    const struct hs_check_report *report, const char *subject, struct hs_check_tally *tally);

/* ---- the formats: all say the same ------------------------------------------------------------
 */

/* One row, one line: the outcome, the question, the name, and what was found; with the time that it
 * took, if that is asked for. */
void hs_check_print_row(const struct hs_check_row *row, bool times, FILE *out);
/* A table with a line for each property and clause that a row is about. */
void hs_check_print_clauses(const struct hs_check_report *report, FILE *out);
/* How many rows there are of each status. */
void hs_check_print_sum(const struct hs_check_report *report, bool times, FILE *out);

/* tools/report/check.schema.json */
void hs_check_print_json(const struct hs_check_report *report, FILE *out);
/* JUnit's XML, as Jenkins and GitLab read it: a suite for each file. */
void hs_check_print_junit(const struct hs_check_report *report, FILE *out);
/* SARIF 2.1.0: a result for each finding that is not as expected, and all rows as a property of the
 * run. */
void hs_check_print_sarif(const struct hs_check_report *report, FILE *out);
/* KTAP, version 1: a test for each file, with a subtest for each row. */
void hs_check_print_ktap(const struct hs_check_report *report, FILE *out);

/* ---- what the formats share -------------------------------------------------------------------
 */

/* What the text says behind the name: what was found, and why that is not ok. */
void hs_check_words_add(const struct hs_check_row *row, struct hs_text *text);
/* How many rows from `first` on are about the same file. */
unsigned hs_check_rows_of_file(const struct hs_check_report *report, unsigned first);
/* The step with its column and what happened. */
void hs_check_step_add(const struct hs_check_step *step, struct hs_text *text);
/* Milliseconds, rounded. */
unsigned long hs_check_milliseconds(double seconds);

#endif
