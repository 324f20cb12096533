/* SPDX-License-Identifier: BSD-3-Clause */
/* One member of a family, checked: from what its scenario expects to rows. */
#ifndef HS_CHECK_JOB_H
#define HS_CHECK_JOB_H

#include "check_report.h"
#include "exploration.h"

enum { HS_CHECK_ROWS_MAX = 4 };

/* What is checked on its own: a member of a family, or a file that cannot be read.  One thread
 * works on a job; what it has to say waits in the job until everything before it is printed. */
struct hs_check_job {
    const char *path;
    const char *name;             /* of the variant, or the path */
    struct hs_scenario *scenario; /* NULL: the file cannot be read */
    struct hs_scenario asked;     /* the scenario without the expectations that are not selected;
                                     what it points to is the scenario's */
    struct hs_variant variant;    /* of `asked` */
    bool is_bad;                  /* as `error` says, from the start or as it was found to be */
    struct hs_error error;
    unsigned row_count;
    struct hs_check_row rows[HS_CHECK_ROWS_MAX];
};

/* How to check. */
struct hs_check_plan {
    struct hs_plan usual; /* of each exploration */
    double timeout;       /* of one row, in seconds; 0: none */
    double until;         /* when all is to be over; 0: never */
    bool fails_fast;      /* no row behind the first that is not ok */
    bool wants_witnesses; /* of what is not as expected */
};

/* A job for each member `index` of a family.  The scenario must outlive it. */
void hs_check_job_begin(struct hs_check_job *job, struct hs_scenario *scenario, unsigned index);
/* A job that says what is wrong with the file. */
void hs_check_job_begin_bad(
    struct hs_check_job *job, const char *path, const struct hs_error *error);

/* The questions of the job: the rows that it is going to have if all can be asked. */
unsigned hs_check_job_questions(
    const struct hs_check_job *job, enum hs_check_question questions[HS_CHECK_ROWS_MAX]);
/* What is expected of a question, "dirty-page-lost Sometimes, ...", and the line of the first
 * expectation. */
unsigned hs_check_job_expected_add(
    const struct hs_check_job *job, enum hs_check_question question, struct hs_text *text);

/* Do the job.  Its rows belong to whoever takes them. */
void hs_check_job_do(struct hs_check_job *job, const struct hs_check_plan *plan);

/* Was a row of the job not ok? */
bool hs_check_job_failed(const struct hs_check_job *job);

#endif
