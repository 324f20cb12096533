/* SPDX-License-Identifier: BSD-3-Clause */
/* hintsim check: the conformance gate over many scenarios. */
#include "commands.h"
#include "crew.h"
#include "exploration.h"
#include "in_play_report.h"
#include "proof.h"
#include "reduction.h"
#include "text.h"

#include <errno.h>
#include <ftw.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/* ---- the files below the paths -------------------------------------------------------------- */

struct files {
    char **paths;
    unsigned count;
};

static bool add_file(struct files *files, const char *path)
{
    char **paths = realloc(files->paths, (files->count + 1) * sizeof(*paths));
    char *copy = strdup(path);
    if (paths)
        files->paths = paths;
    if (!paths || !copy) {
        free(copy);
        return false;
    }
    files->paths[files->count++] = copy;
    return true;
}

static bool is_yaml(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot && (strcasecmp(dot, ".yaml") == 0 || strcasecmp(dot, ".yml") == 0);
}

/* nftw hands its callback no context. */
static struct files *found;
static struct hs_error *unread; /* what could not be read */

static int visit_file(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status;
    (void)place;
    if (type == FTW_DNR)
        return !hs_fail(unread, "%s: the folder cannot be read", path);
    if (!is_yaml(path))
        return 0;
    if (type == FTW_NS || type == FTW_SLN)
        return !hs_fail(unread, "%s: %s", path, strerror(ENOENT));
    if (type != FTW_F)
        return 0;
    if (!hs_scenario_is_one(path)) {
        printf("%-9s %-8s %s\n", "passed by", "read", path);
        return 0;
    }
    return !add_file(found, path) && !hs_fail(unread, "%s: %s", path, strerror(ENOMEM));
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All scenarios below `path`, sorted; a file that is named is one whatever its ending.  YAML files
 * below a folder that are no scenarios are named and passed by. */
static bool find_files(struct files *files, const char *path, struct hs_error *error)
{
    struct stat status;
    unsigned before = files->count;
    if (stat(path, &status) != 0)
        return hs_fail(error, "%s: %s", path, strerror(errno));
    if (!S_ISDIR(status.st_mode))
        return add_file(files, path) || hs_fail(error, "%s: %s", path, strerror(ENOMEM));
    found = files;
    unread = error;
    hs_fail(error, "%s: %s", path, strerror(EIO));
    if (nftw(path, visit_file, 16, 0) != 0)
        return false;
    if (files->count == before)
        return hs_fail(error, "%s: no scenario (*.yaml, *.yml) below it", path);
    qsort(files->paths + before, files->count - before, sizeof(char *), compare_paths);
    return true;
}

/* ---- checking ------------------------------------------------------------------------------- */

struct tally {
    unsigned passed;
    unsigned failed;
    unsigned inconclusive;
    unsigned bad;
};

/* What is checked on its own: a member of a family, or a file that cannot be read.  One thread
 * works on a job; what it has to say waits in the job until everything before it is printed. */
struct job {
    const char *name;             /* of the variant, or the path */
    struct hs_scenario *scenario; /* NULL: the file cannot be read */
    struct hs_variant variant;
    bool is_bad;
    struct hs_error error; /* what is wrong with the input */
    struct tally tally;
    struct hs_text rows;
};

/* One row, one line: the outcome, what was done, the name, and what was found. */
static void add_row(struct job *job, const char *outcome, const char *deed, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static void add_row(struct job *job, const char *outcome, const char *deed, const char *format, ...)
{
    enum { OUTCOME_WIDTH = 9, DEED_WIDTH = 8, NAME_WIDTH = 40 };
    va_list arguments;
    hs_text_add(&job->rows, "%-*s %-*s %-*s ", OUTCOME_WIDTH, outcome, DEED_WIDTH, deed, NAME_WIDTH,
        job->name);
    va_start(arguments, format);
    hs_text_addv(&job->rows, format, arguments);
    va_end(arguments);
    hs_text_add(&job->rows, "\n");
}

/* Count an answer and add its row.  The texts are used up. */
static void note(struct job *job, const char *deed, enum hs_answer answer, struct hs_text *what,
    struct hs_text *expected)
{
    switch (answer) {
    case HS_AS_EXPECTED:
        job->tally.passed++;
        add_row(job, "ok", deed, "%s", hs_text_string(what));
        break;
    case HS_NOT_EXPECTED:
        job->tally.failed++;
        add_row(job, "NOT OK", deed, "%s; %s", hs_text_string(what), hs_text_string(expected));
        break;
    case HS_INCONCLUSIVE:
        job->tally.inconclusive++;
        add_row(job, "UNKNOWN", deed, "%s; a bound was hit", hs_text_string(what));
        break;
    }
    hs_text_free(what);
    hs_text_free(expected);
}

/* The job's error says what is wrong. */
static void note_bad_input(struct job *job)
{
    job->is_bad = true;
    job->tally.bad++;
    add_row(job, "BAD INPUT", "read", "see the message");
}

static void check_run(struct job *job)
{
    struct hs_text what = {0};
    struct hs_text expected = {0};
    const struct hs_variant *variant = &job->variant;
    struct hs_run *run = hs_replay(variant, &job->error);
    if (!run) {
        note_bad_input(job);
        return;
    }
    const struct hs_judgement judgement = hs_run_judgement(run);
    hs_broken_add(run->broken, run->end == HS_RUN_UNFINISHED, &what);
    if (hs_kind_set_is_empty(&judgement.uncovered)) {
        hs_text_add(&expected, "expected: ");
        hs_broken_add(variant->expected_broken, variant->expected_unfinished, &expected);
    } else {
        hs_text_add(&expected, "cover: %s was never taken",
            hs_step_rows[hs_kind_set_first(&judgement.uncovered)].name);
    }
    note(job, "run", hs_judge(&judgement), &what, &expected);
    hs_run_free(run);
}

/* "dirty-page-lost Sometimes, ...": what was found, or what was expected, of each property of which
 * anything was. */
static void add_verdicts(const struct hs_judgement *judgement, bool is_found, struct hs_text *text)
{
    hs_text_begin_list(text);
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        struct hs_comparison property = judgement->properties[i];
        if (property.expected != HS_VERDICT_NONE)
            hs_text_item(text, ", ", "%s %s", hs_property_rows[i].name,
                hs_verdict_names[is_found ? property.found : property.expected]);
    }
}

/* Count the answer, and print the verdicts that it rests on, and what they are bounded by. */
static void note_judgement(struct job *job, const char *deed, const struct hs_judgement *judgement,
    const struct hs_text *bounds)
{
    struct hs_text what = {0};
    struct hs_text expected = {0};
    add_verdicts(judgement, true, &what);
    hs_text_add(&what, " (%s)", hs_text_string(bounds));
    hs_text_add(&expected, "expected: ");
    add_verdicts(judgement, false, &expected);
    note(job, deed, hs_judge(judgement), &what, &expected);
}

/* What is not expected is not asked for. */
static void check_exploration(struct job *job, const struct hs_plan *usual)
{
    struct hs_plan plan = *usual;
    struct hs_exploration exploration;
    plan.wish.property = HS_PROPERTY_NONE;
    plan.looks_beyond = false;
    plan.until_decided = true;
    plan.reduction.properties = hs_expected_properties(job->scenario->expect_explore);
    plan.reduction.slice = true;
    hs_explore(&job->variant, &plan, &exploration);
    struct hs_judgement judgement = hs_exploration_judgement(&exploration);
    struct hs_text bounds = {0};
    hs_bounds_add(&job->variant.config, &bounds);
    note_judgement(job, "explore", &judgement, &bounds);
    hs_text_free(&bounds);
    hs_exploration_close(&exploration);
}

static void check_proof(struct job *job, const struct hs_plan *usual)
{
    struct hs_proof proof;
    uint32_t asked = hs_expected_properties(job->scenario->expect_prove);
    hs_prove(&job->variant, asked, &usual->search, &proof);
    struct hs_judgement judgement = hs_proof_judgement(&proof);
    struct hs_text bounds = {0};
    hs_text_add(&bounds, "any size; in play: ");
    hs_in_play_add(&proof.abstraction.config, &bounds);
    note_judgement(job, "prove", &judgement, &bounds);
    hs_text_free(&bounds);
    hs_proof_close(&proof);
}

static void check_variant(struct job *job, const struct hs_plan *plan)
{
    bool explores = hs_expected_properties(job->scenario->expect_explore) != 0;
    bool proves = hs_expected_properties(job->scenario->expect_prove) != 0;
    if (!hs_scenario_check_name(job->scenario, &job->error) ||
        !hs_schedule_is_possible(&job->variant, &job->error)) {
        note_bad_input(job);
        return;
    }
    if (!job->variant.has_expected_run && job->scenario->expected_run_count) {
        hs_fail(&job->error, "%s: %s: no 'when' of expect: run fits it", job->scenario->path,
            job->name);
        note_bad_input(job);
    } else if (!job->variant.has_expected_run && !explores && !proves) {
        hs_fail(&job->error, "%s: expect: nothing is expected, so nothing can be checked",
            job->scenario->path);
        note_bad_input(job);
    }
    if (job->variant.has_expected_run)
        check_run(job);
    if (explores)
        check_exploration(job, plan);
    if (proves)
        check_proof(job, plan);
}

/* ---- all jobs ------------------------------------------------------------------------------- */

struct jobs {
    struct job **all;
    unsigned count;
    struct hs_plan plan; /* of each exploration */
    struct tally tally;
};

static struct job *add_job(struct jobs *jobs, const char *name, struct hs_scenario *scenario)
{
    struct job *job = hs_must(calloc(1, sizeof(*job)));
    job->name = name;
    job->scenario = scenario;
    jobs->all = hs_must(realloc(jobs->all, (jobs->count + 1) * sizeof(struct job *)));
    jobs->all[jobs->count++] = job;
    return job;
}

/* A job for each member of a family.  The scenario belongs to the last. */
static void add_file_jobs(struct jobs *jobs, const char *path)
{
    struct hs_error error;
    struct hs_scenario *scenario = hs_scenario_load(path, &error);
    if (!scenario) {
        struct job *job = add_job(jobs, path, NULL);
        job->is_bad = true;
        job->error = error;
        return;
    }
    for (unsigned i = 0; i < hs_scenario_variant_count(scenario); i++) {
        struct job *job = add_job(jobs, NULL, scenario);
        job->is_bad = !hs_scenario_variant(scenario, i, &job->variant, &job->error);
        job->name = job->variant.name;
    }
}

static void work_on(void *context, unsigned index)
{
    const struct jobs *jobs = context;
    struct job *job = jobs->all[index];
    if (job->is_bad)
        note_bad_input(job);
    else
        check_variant(job, &jobs->plan);
}

/* ---- the longest first ------------------------------------------------------------------------
 *
 * One exploration takes a quarter of the time of all of `hintsim check scenarios`.  Begun last, it
 * kept one of two processors waiting for ten seconds.
 */

/* How long a job may take, roughly, beside others. */
static double effort_of(const struct job *job)
{
    enum { WITHOUT_SLICE = 16 };
    const struct hs_config *config = &job->variant.config;
    uint32_t asked = job->is_bad ? 0 : hs_expected_properties(job->scenario->expect_explore);
    struct hs_reduction reduction = {.config = config, .slice = true, .properties = asked};
    if (!asked)
        return 0;
    double effort = hs_slice_holds(&reduction) ? 1 : WITHOUT_SLICE;
    effort *= config->pages * (1 + config->queue_size[HS_QUEUE_FREE_PAGE]);
    for (unsigned i = 0; i < HS_LIMIT_COUNT; i++)
        effort *= 1 + config->limits[i];
    return effort;
}

static struct job **compared; /* qsort hands its callback no context */

static int compare_efforts(const void *a, const void *b)
{
    unsigned left = *(const unsigned *)a;
    unsigned right = *(const unsigned *)b;
    double more = effort_of(compared[right]) - effort_of(compared[left]);
    return more > 0 ? 1 : more < 0 ? -1 : left < right ? -1 : 1;
}

/* The numbers of all jobs, those that may take longest first.  The caller frees them. */
static unsigned *longest_first(const struct jobs *jobs)
{
    unsigned *order = hs_must(calloc(jobs->count + 1, sizeof(*order)));
    for (unsigned i = 0; i < jobs->count; i++)
        order[i] = i;
    compared = jobs->all;
    qsort(order, jobs->count, sizeof(*order), compare_efforts);
    return order;
}

static void add_tally(struct tally *sum, const struct tally *tally)
{
    sum->passed += tally->passed;
    sum->failed += tally->failed;
    sum->inconclusive += tally->inconclusive;
    sum->bad += tally->bad;
}

static void print_job(void *context, unsigned index)
{
    struct jobs *jobs = context;
    const struct job *job = jobs->all[index];
    if (job->is_bad)
        hs_input_error(&job->error);
    fputs(hs_text_string(&job->rows), stdout);
    fflush(stdout);
    add_tally(&jobs->tally, &job->tally);
}

static void free_jobs(struct jobs *jobs)
{
    for (unsigned i = 0; i < jobs->count; i++) {
        if (i + 1 == jobs->count || jobs->all[i + 1]->scenario != jobs->all[i]->scenario)
            hs_scenario_free(jobs->all[i]->scenario);
        hs_text_free(&jobs->all[i]->rows);
    }
    for (unsigned i = 0; i < jobs->count; i++)
        free(jobs->all[i]);
    free(jobs->all);
}

/* Check everything, `threads` jobs at a time, each with one thread and its share of the memory. */
static int check_files(const struct files *files, unsigned threads)
{
    struct jobs jobs = {.plan = hs_usual_plan()};
    const struct tally *tally = &jobs.tally;
    for (unsigned i = 0; i < files->count; i++)
        add_file_jobs(&jobs, files->paths[i]);
    jobs.plan.search.threads = 1;
    jobs.plan.search.memory /= threads;
    unsigned *order = longest_first(&jobs);
    hs_crew_do(threads, &(struct hs_pieces){.count = jobs.count,
                            .context = &jobs,
                            .order = order,
                            .work = work_on,
                            .done = print_job});
    free(order);
    free_jobs(&jobs);
    printf("\n%u as expected, %u not, %u bad input, %u inconclusive\n", tally->passed,
        tally->failed, tally->bad, tally->inconclusive);
    return tally->bad            ? HS_EXIT_BAD_INPUT
           : tally->failed       ? HS_EXIT_NOT_EXPECTED
           : tally->inconclusive ? HS_EXIT_INCONCLUSIVE
                                 : HS_EXIT_AS_EXPECTED;
}

static int check_paths(int count, char **paths, unsigned threads)
{
    struct files files = {0};
    struct hs_error error;
    int status = HS_EXIT_BAD_INPUT;
    for (int i = 0; i < count; i++) {
        if (!find_files(&files, paths[i], &error)) {
            hs_input_error(&error);
            goto out;
        }
    }
    status = check_files(&files, threads);
out:
    for (unsigned i = 0; i < files.count; i++)
        free(files.paths[i]);
    free(files.paths);
    return status;
}

/* How many jobs at a time; 0 if the text is no such number. */
static unsigned read_threads(const char *text)
{
    char *end;
    long number = strtol(text, &end, 10);
    bool good = end != text && !*end && number >= 1 && number <= HS_THREADS_MAX;
    return good ? (unsigned)number : 0;
}

static int check_command(int argc, char **argv)
{
    static const struct option long_options[] = {
        {"jobs", required_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {0}};
    unsigned threads = hs_usual_plan().search.threads;
    int option;
    while ((option = getopt_long(argc, argv, "j:h", long_options, NULL)) != -1) {
        if (option == 'h') {
            hs_print_help(&hs_command_check);
            return HS_EXIT_AS_EXPECTED;
        }
        if (option != 'j')
            return hs_usage_error(&hs_command_check, "the command line is not understood");
        threads = read_threads(optarg);
        if (!threads)
            return hs_usage_error(
                &hs_command_check, "jobs: 1 to %d are allowed, not '%s'", HS_THREADS_MAX, optarg);
    }
    if (optind == argc)
        return hs_usage_error(&hs_command_check, "a file or folder is missing");
    return check_paths(argc - optind, argv + optind, threads);
}

const struct hs_command hs_command_check = {
    .name = "check",
    .usage = "[--jobs N] PATH...",
    .summary = "check that every scenario below PATH ends as it expects",
    .help = "Replays, explores and proves every scenario, every member of a family, as it\n"
            "expects, and prints what was found. The exit status is that of the worst:\n"
            "bad input (2), not as expected (1), inconclusive (3), as expected (0).\n"
            "\n"
            "  -j, --jobs N  so many at a time (one for each processor); what is printed\n"
            "                is the same for any number\n",
    .run = check_command,
};
