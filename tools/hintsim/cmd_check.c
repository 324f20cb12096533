/* SPDX-License-Identifier: BSD-3-Clause */
/* hintsim check: the conformance gate over many scenarios. */
#include "check_select.h"
#include "clock.h"
#include "commands.h"
#include "crew.h"
#include "file.h"
#include "reduction.h"
#include "text.h"
#include "version.h"

#include <errno.h>
#include <ftw.h>
#include <getopt.h>
#include <libgen.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the files below the paths -------------------------------------------------------------- */

struct paths {
    char **all;
    unsigned count;
};

static void add_path(struct paths *paths, const char *path)
{
    paths->all = hs_must(realloc(paths->all, (paths->count + 1) * sizeof(*paths->all)));
    paths->all[paths->count++] = hs_must(strdup(path));
}

static void free_paths(struct paths *paths)
{
    for (unsigned i = 0; i < paths->count; i++)
        free(paths->all[i]);
    free(paths->all);
}

struct files {
    struct paths scenarios;
    struct paths passed_by; /* YAML that is no scenario */
};

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
        add_path(&found->passed_by, path);
        return 0;
    }
    add_path(&found->scenarios, path);
    return 0;
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
    unsigned before = files->scenarios.count;
    if (stat(path, &status) != 0)
        return hs_fail(error, "%s: %s", path, strerror(errno));
    if (!S_ISDIR(status.st_mode)) {
        add_path(&files->scenarios, path);
        return true;
    }
    found = files;
    unread = error;
    hs_fail(error, "%s: %s", path, strerror(EIO));
    if (nftw(path, visit_file, 16, 0) != 0)
        return false;
    if (files->scenarios.count == before)
        return hs_fail(error, "%s: no scenario (*.yaml, *.yml) below it", path);
    qsort(files->scenarios.all + before, files->scenarios.count - before, sizeof(char *),
        compare_paths);
    return true;
}

/* ---- what the command line asks for -----------------------------------------------------------
 */

enum format { TEXT, JSON, JUNIT, SARIF, KTAP, FORMAT_COUNT };

/* The names of the formats, and the endings of files that are written in them. */
static const struct {
    const char *name;
    const char *endings[2];
} formats[FORMAT_COUNT] = {
    [TEXT] = {"text", {".txt"}},
    [JSON] = {"json", {".json"}},
    [JUNIT] = {"junit", {".xml"}},
    [SARIF] = {"sarif", {".sarif", ".sarif.json"}},
    [KTAP] = {"ktap", {".ktap", ".tap"}},
};

struct output {
    const char *path;
    enum format format;
};

/* Options without a letter. */
enum { ONLY = HS_OPTION_OWN, EXCLUDE, LIST, FAIL_FAST, TIMEOUT_ALL, TIMES, BY_CLAUSE };

struct options {
    struct hs_check_selection selection;
    struct hs_check_plan plan;
    enum format format; /* of what is printed */
    unsigned output_count;
    struct output *outputs; /* beside it */
    bool lists;
    bool is_quiet; /* only what is not ok */
    bool times;
    bool clauses;
};

static enum format find_format(const char *name)
{
    unsigned i = 0;
    while (i < FORMAT_COUNT && strcmp(formats[i].name, name) != 0)
        i++;
    return (enum format)i;
}

/* The format with the longest ending that the path has. */
static enum format format_of(const char *path)
{
    enum format best = FORMAT_COUNT;
    size_t most = 0;
    for (unsigned i = 0; i < FORMAT_COUNT * 2; i++) {
        const char *ending = formats[i / 2].endings[i % 2];
        size_t length = ending ? strlen(ending) : 0;
        if (length > most && strlen(path) >= length &&
            strcasecmp(path + strlen(path) - length, ending) == 0) {
            best = (enum format)(i / 2);
            most = length;
        }
    }
    return best;
}

/* ---- all jobs ------------------------------------------------------------------------------- */

struct jobs {
    struct hs_check_job **all;
    unsigned count;
    struct hs_scenario **scenarios; /* theirs */
    unsigned scenario_count;
    const struct options *options;
    atomic_uint first_failed; /* job, as far as is known */
    bool is_over;             /* nothing more is said, by --fail-fast */
    struct hs_check_report report;
};

static struct hs_check_job *add_job(struct jobs *jobs)
{
    struct hs_check_job *job = hs_must(calloc(1, sizeof(*job)));
    jobs->all = hs_must(realloc(jobs->all, (jobs->count + 1) * sizeof(*jobs->all)));
    jobs->all[jobs->count++] = job;
    return job;
}

/* A job for each member of a family. */
static void add_file_jobs(struct jobs *jobs, const char *path)
{
    struct hs_error error;
    struct hs_scenario *scenario = hs_scenario_load(path, &error);
    if (!scenario) {
        hs_check_job_begin_bad(add_job(jobs), path, &error);
        return;
    }
    jobs->scenarios =
        hs_must(realloc(jobs->scenarios, (jobs->scenario_count + 1) * sizeof(*jobs->scenarios)));
    jobs->scenarios[jobs->scenario_count++] = scenario;
    for (unsigned i = 0; i < hs_scenario_variant_count(scenario); i++)
        hs_check_job_begin(add_job(jobs), scenario, i);
}

static void free_jobs(struct jobs *jobs)
{
    struct hs_check_report *report = &jobs->report;
    for (unsigned i = 0; i < report->row_count; i++)
        hs_check_row_free(&report->rows[i]);
    free(report->rows);
    free(report->files);
    for (unsigned i = 0; i < jobs->count; i++)
        free(jobs->all[i]);
    free(jobs->all);
    for (unsigned i = 0; i < jobs->scenario_count; i++)
        hs_scenario_free(jobs->scenarios[i]);
    free(jobs->scenarios);
}

/* Keep the jobs of which something is selected.  False, if a word means nothing, or nothing is
 * left. */
static bool select_jobs(struct jobs *jobs)
{
    const struct hs_check_selection *selection = &jobs->options->selection;
    struct hs_error error;
    unsigned kept = 0;
    if (!hs_check_selection_is_known(selection, jobs->all, jobs->count, &error)) {
        hs_input_error(&error);
        return false;
    }
    for (unsigned i = 0; i < jobs->count; i++) {
        if (hs_check_select(selection, jobs->all[i]))
            jobs->all[kept++] = jobs->all[i];
        else
            free(jobs->all[i]);
    }
    jobs->count = kept;
    if (kept)
        return true;
    hs_fail(&error, "hintsim: nothing is left of what --only and --exclude say");
    hs_input_error(&error);
    return false;
}

/* ---- the longest first ------------------------------------------------------------------------
 *
 * One exploration takes a quarter of the time of all of `hintsim check scenarios`.  Begun last, it
 * kept one of two processors waiting for ten seconds.
 */

/* How long a job may take, roughly, beside others. */
static double effort_of(const struct hs_check_job *job)
{
    enum { WITHOUT_SLICE = 16 };
    const struct hs_config *config = &job->variant.config;
    uint32_t asked = job->is_bad ? 0 : hs_expected_properties(job->asked.expect_explore);
    struct hs_reduction reduction = {.config = config, .slice = true, .properties = asked};
    if (!asked)
        return 0;
    double effort = hs_slice_holds(&reduction) ? 1 : WITHOUT_SLICE;
    effort *= config->pages * (1 + config->queue_size[HS_QUEUE_FREE_PAGE]);
    for (unsigned i = 0; i < HS_LIMIT_COUNT; i++)
        effort *= 1 + config->limits[i];
    return effort;
}

static struct hs_check_job **compared; /* qsort hands its callback no context */

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

/* ---- doing them ------------------------------------------------------------------------------ */

static void work_on(void *context, unsigned index)
{
    struct jobs *jobs = context;
    const struct hs_check_plan *plan = &jobs->options->plan;
    unsigned first = atomic_load(&jobs->first_failed);
    if (plan->fails_fast && index > first)
        return;
    hs_check_job_do(jobs->all[index], plan);
    if (!hs_check_job_failed(jobs->all[index]))
        return;
    while (index < first && !atomic_compare_exchange_weak(&jobs->first_failed, &first, index)) {
    }
}

static void print_row(const struct options *options, const struct hs_check_row *row, FILE *out)
{
    bool is_fine = row->status == HS_CHECK_OK || row->status == HS_CHECK_PASSED_BY;
    if (!options->is_quiet || !is_fine)
        hs_check_print_row(row, options->times, out);
}

/* The row is the report's from now on. */
static void take_row(struct jobs *jobs, const struct hs_check_row *row)
{
    struct hs_check_report *report = &jobs->report;
    report->rows = hs_must(realloc(report->rows, (report->row_count + 1) * sizeof(*row)));
    report->rows[report->row_count++] = *row;
    if (jobs->options->format == TEXT)
        print_row(jobs->options, row, stdout);
}

/* How many questions of a job that was not done, or not to the end, are open. */
static unsigned questions_left(const struct hs_check_job *job)
{
    enum hs_check_question questions[HS_CHECK_ROWS_MAX];
    return job->is_bad && job->row_count ? 0
                                         : hs_check_job_questions(job, questions) - job->row_count;
}

static void take_job(void *context, unsigned index)
{
    struct jobs *jobs = context;
    struct hs_check_job *job = jobs->all[index];
    for (unsigned i = 0; i < job->row_count && jobs->is_over; i++)
        hs_check_row_free(&job->rows[i]);
    if (jobs->is_over) {
        job->row_count = 0;
    } else {
        if (job->is_bad)
            hs_input_error(&job->error);
        for (unsigned i = 0; i < job->row_count; i++)
            take_row(jobs, &job->rows[i]);
        fflush(stdout);
    }
    jobs->report.left_out += questions_left(job);
    jobs->is_over = jobs->is_over || (jobs->options->plan.fails_fast && hs_check_job_failed(job));
}

static void take_passed_by(struct jobs *jobs, const struct paths *paths)
{
    for (unsigned i = 0; i < paths->count; i++) {
        take_row(jobs, &(struct hs_check_row){.path = paths->all[i],
                           .name = paths->all[i],
                           .question = HS_CHECK_READ,
                           .status = HS_CHECK_PASSED_BY});
    }
}

/* Add the file of a job to the report, if it is not that of the job before. */
static void add_file(struct hs_check_report *report, const char *path)
{
    if (report->file_count && strcmp(report->files[report->file_count - 1].path, path) == 0)
        return;
    struct hs_error error;
    size_t length;
    char *data = hs_file_read(path, HS_FILE_SIZE_MAX, &length, &error);
    report->files =
        hs_must(realloc(report->files, (report->file_count + 1) * sizeof(*report->files)));
    struct hs_check_file *file = &report->files[report->file_count++];
    *file = (struct hs_check_file){.path = path};
    if (data)
        hs_sha256(data, length, file->sha256);
    free(data);
}

/* ---- output ---------------------------------------------------------------------------------- */

/* What stands behind the rows of the text. */
static void print_end(const struct jobs *jobs, FILE *out)
{
    if (jobs->options->clauses)
        hs_check_print_clauses(&jobs->report, out);
    hs_check_print_sum(&jobs->report, jobs->options->times, out);
}

static void print_all(const struct jobs *jobs, enum format format, FILE *out)
{
    switch (format) {
    case JSON:
        hs_check_print_json(&jobs->report, out);
        break;
    case JUNIT:
        hs_check_print_junit(&jobs->report, out);
        break;
    case SARIF:
        hs_check_print_sarif(&jobs->report, out);
        break;
    case KTAP:
        hs_check_print_ktap(&jobs->report, out);
        break;
    default:
        for (unsigned i = 0; i < jobs->report.row_count; i++)
            print_row(jobs->options, &jobs->report.rows[i], out);
        print_end(jobs, out);
    }
}

/* All files that are asked for; those that can be written are, even if others cannot. */
static bool write_outputs(const struct jobs *jobs)
{
    bool good = true;
    for (unsigned i = 0; i < jobs->options->output_count; i++) {
        const struct output *output = &jobs->options->outputs[i];
        struct hs_error error;
        struct hs_text text = {0};
        FILE *out = hs_text_stream(&text);
        print_all(jobs, output->format, out);
        fclose(out);
        if (!hs_file_write(output->path, hs_text_string(&text), text.length, &error)) {
            hs_input_error(&error);
            good = false;
        }
        hs_text_free(&text);
    }
    return good;
}

/* That of the worst row. */
static int status_of(const struct hs_check_report *report)
{
    struct hs_check_tally tally;
    bool timed_out = false;
    hs_check_count(report, &tally);
    for (unsigned i = 0; i < report->row_count; i++)
        timed_out = timed_out || report->rows[i].timed_out;
    return tally.count[HS_CHECK_BAD_INPUT]       ? HS_EXIT_BAD_INPUT
           : tally.count[HS_CHECK_FAILED]        ? HS_EXIT_NOT_EXPECTED
           : !tally.count[HS_CHECK_INCONCLUSIVE] ? HS_EXIT_AS_EXPECTED
           : timed_out                           ? HS_EXIT_TIMED_OUT
                                                 : HS_EXIT_INCONCLUSIVE;
}

/* ---- checking and listing -------------------------------------------------------------------- */

/* Check everything, so many jobs at a time, each with one thread and its share of the memory. */
static int check_jobs(struct jobs *jobs, const struct files *files, unsigned threads)
{
    double begin = hs_now();
    jobs->report.release = HINTSIM_RELEASE;
    jobs->report.commit = HINTSIM_COMMIT;
    for (unsigned i = 0; i < jobs->count; i++)
        add_file(&jobs->report, jobs->all[i]->path);
    take_passed_by(jobs, &files->passed_by);
    unsigned *order = jobs->options->plan.fails_fast ? NULL : longest_first(jobs);
    hs_crew_do(threads, &(struct hs_pieces){.count = jobs->count,
                            .context = jobs,
                            .order = order,
                            .work = work_on,
                            .done = take_job});
    free(order);
    jobs->report.seconds = hs_now() - begin;
    if (jobs->options->format == TEXT)
        print_end(jobs, stdout);
    else
        print_all(jobs, jobs->options->format, stdout);
    return write_outputs(jobs) ? status_of(&jobs->report) : HS_EXIT_BAD_INPUT;
}

/* What would be checked: the question, the name, where the expectation stands, and what it is. */
static int list_jobs(const struct jobs *jobs)
{
    int status = HS_EXIT_AS_EXPECTED;
    for (unsigned i = 0; i < jobs->count; i++) {
        const struct hs_check_job *job = jobs->all[i];
        enum hs_check_question questions[HS_CHECK_ROWS_MAX];
        unsigned count = hs_check_job_questions(job, questions);
        if (job->is_bad)
            status = hs_input_error(&job->error);
        for (unsigned q = 0; q < count; q++) {
            struct hs_text expected = {0};
            unsigned line = 0;
            if (questions[q] != HS_CHECK_READ)
                line = hs_check_job_expected_add(job, questions[q], &expected);
            printf("%-8s %-40s %s:%u", hs_check_question_names[questions[q]], job->name, job->path,
                line ? line : 1);
            printf("%s%s\n", expected.length ? " " : "", hs_text_string(&expected));
            hs_text_free(&expected);
        }
    }
    return status;
}

static int check_files(const struct files *files, const struct options *options)
{
    struct jobs jobs = {.options = options, .first_failed = UINT_MAX};
    int status = HS_EXIT_BAD_INPUT;
    for (unsigned i = 0; i < files->scenarios.count; i++)
        add_file_jobs(&jobs, files->scenarios.all[i]);
    if (select_jobs(&jobs))
        status = options->lists ? list_jobs(&jobs)
                                : check_jobs(&jobs, files, options->plan.usual.search.threads);
    free_jobs(&jobs);
    return status;
}

static int check_paths(int count, char **paths, const struct options *options)
{
    struct files files = {{0}, {0}};
    struct hs_error error;
    int status = HS_EXIT_AS_EXPECTED;
    for (int i = 0; i < count && status == HS_EXIT_AS_EXPECTED; i++) {
        if (!find_files(&files, paths[i], &error))
            status = hs_input_error(&error);
    }
    if (status == HS_EXIT_AS_EXPECTED)
        status = check_files(&files, options);
    free_paths(&files.scenarios);
    free_paths(&files.passed_by);
    return status;
}

/* ---- the command line ------------------------------------------------------------------------ */

/* How many jobs at a time; 0 if the text is no such number. */
static unsigned read_threads(const char *text)
{
    char *end;
    long number = strtol(text, &end, 10);
    bool good = end != text && !*end && number >= 1 && number <= HS_THREADS_MAX;
    return good ? (unsigned)number : 0;
}

/* Can a file be written there?  Known before hours are spent on what is to stand in it. */
static bool can_be_written(const char *path)
{
    struct stat status;
    char *copy = hs_must(strdup(path));
    bool good = access(dirname(copy), W_OK) == 0;
    free(copy);
    if (good && stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        good = false;
    }
    return good;
}

/* A file to be written, in the format that was named before it, or else in that of its ending. */
static bool add_output(struct options *options, const char *path, enum format named)
{
    enum format format = named != FORMAT_COUNT ? named : format_of(path);
    if (format == FORMAT_COUNT) {
        hs_usage_error(&hs_command_check,
            "output: the ending of '%s' says no format: .txt, .json, .xml (junit), .sarif, .ktap; "
            "or name it before, --format FORMAT --output FILE",
            path);
        return false;
    }
    for (unsigned i = 0; i < options->output_count; i++) {
        if (strcmp(options->outputs[i].path, path) == 0) {
            hs_usage_error(&hs_command_check, "output: '%s' is to be written twice", path);
            return false;
        }
    }
    if (!can_be_written(path)) {
        fprintf(stderr, "%s: cannot be written: %s\n", path, strerror(errno));
        return false;
    }
    options->outputs =
        hs_must(realloc(options->outputs, (options->output_count + 1) * sizeof(*options->outputs)));
    options->outputs[options->output_count++] = (struct output){path, format};
    return true;
}

static bool read_format(const char *text, enum format *format)
{
    *format = find_format(text);
    if (*format == FORMAT_COUNT)
        hs_usage_error(&hs_command_check,
            "unknown format '%s'; allowed: text, json, junit, sarif, ktap", text);
    return *format != FORMAT_COUNT;
}

/* One option; `named` is the format that the next output will have.  False, if it is wrong, which
 * is said. */
static bool read_option(struct options *options, enum format *named, int option, const char *value)
{
    unsigned threads;
    switch (option) {
    case 'j':
        threads = read_threads(value);
        if (!threads)
            hs_usage_error(
                &hs_command_check, "jobs: 1 to %d are allowed, not '%s'", HS_THREADS_MAX, value);
        options->plan.usual.search.threads = threads;
        return threads > 0;
    case 'f':
        return read_format(value, named);
    case 'o':
        if (!add_output(options, value, *named))
            return false;
        *named = FORMAT_COUNT;
        return true;
    case ONLY:
        hs_check_words_take(&options->selection.only, value);
        return true;
    case EXCLUDE:
        hs_check_words_take(&options->selection.exclude, value);
        return true;
    case HS_OPTION_TIMEOUT:
        return hs_number_read(&hs_command_check, value, &options->plan.timeout);
    case TIMEOUT_ALL:
        return hs_number_read(&hs_command_check, value, &options->plan.until);
    case LIST:
        options->lists = true;
        return true;
    case FAIL_FAST:
        options->plan.fails_fast = true;
        return true;
    case 'q':
        options->is_quiet = true;
        return true;
    case TIMES:
        options->times = true;
        return true;
    case BY_CLAUSE:
        options->clauses = true;
        return true;
    default:
        abort(); /* the table has no other */
    }
}

/* What follows from all options together.  `named` is the format that no output took. */
static bool finish_options(struct options *options, enum format named)
{
    struct hs_check_plan *plan = &options->plan;
    options->format = named != FORMAT_COUNT ? named : TEXT;
    plan->until = hs_time_out(plan->until);
    plan->usual.search.memory /= plan->usual.search.threads;
    plan->wants_witnesses = options->format != TEXT;
    for (unsigned i = 0; i < options->output_count; i++)
        plan->wants_witnesses = plan->wants_witnesses || options->outputs[i].format != TEXT;
    if (!options->lists || (options->format == TEXT && !options->output_count))
        return true;
    hs_usage_error(&hs_command_check, "a list has one format, and goes to no file");
    return false;
}

static void free_options(struct options *options)
{
    free(options->selection.only.words);
    free(options->selection.exclude.words);
    free(options->outputs);
}

static int obey(struct options *options, int argc, char **argv)
{
    enum format named = FORMAT_COUNT;
    int option;
    while ((option = hs_option_next(&hs_command_check, argc, argv)) != -1) {
        if (!read_option(options, &named, option, optarg))
            return HS_EXIT_BAD_INPUT;
    }
    if (optind == argc)
        return hs_usage_error(&hs_command_check, "a file or folder is missing");
    if (!finish_options(options, named))
        return HS_EXIT_BAD_INPUT;
    return check_paths(argc - optind, argv + optind, options);
}

static int check_command(int argc, char **argv)
{
    struct options options = {.plan.usual = hs_usual_plan()};
    int status = obey(&options, argc, argv);
    free_options(&options);
    return status;
}

static const struct hs_option option_rows[] = {
    {ONLY, "only", "WORD",
        "only these rows: run, explore or prove; a property or a clause; or the name "
        "of a scenario or of a member.  Of each of these three kinds that is named, "
        "one must fit",
        NULL},
    {EXCLUDE, "exclude", "WORD", "without these rows", NULL},
    {LIST, "list", NULL, "what would be checked, where it stands, what is expected", NULL},
    {FAIL_FAST, "fail-fast", NULL,
        "say nothing behind the first row that is not ok; what is under way then is "
        "finished",
        NULL},
    {HS_OPTION_TIMEOUT, "timeout", "SECONDS", "for one row; then it is inconclusive", NULL},
    {TIMEOUT_ALL, "timeout-all", "SECONDS", "for all; rows that are not begun then are, too", NULL},
    {'j', "jobs", "N",
        "so many at a time (one for each processor); what is printed is the same for "
        "any number",
        NULL},
    {'q', "quiet", NULL, "print only the rows that are not ok, and the sum", NULL},
    {TIMES, "times", NULL, "print the time that each row took, and all", NULL},
    {BY_CLAUSE, "by-clause", NULL, "print how many rows are about each property and clause", NULL},
    {'o', "output", "FILE",
        "write all rows to FILE, beside what is printed, whole or not at all; may be "
        "given again.  Its ending says how: .txt, .json, .xml (junit), .sarif, .ktap",
        NULL},
    {'f', "format", "FORMAT",
        "text, json, junit, sarif or ktap: how the next --output is written, "
        "whatever its ending; behind the last, how the rows are printed",
        "text json junit sarif ktap"},
    {0},
};

const struct hs_command hs_command_check = {
    .name = "check",
    .usage = "[--only WORD]... [--exclude WORD]... [--list] [--fail-fast]\n"
             "       [--timeout SECONDS] [--timeout-all SECONDS] [--jobs N]\n"
             "       [--quiet] [--times] [--by-clause]\n"
             "       [--format FORMAT] [[--format FORMAT] --output FILE]... PATH...",
    .summary = "check that every scenario below PATH ends as it expects",
    .help = "Replays, explores and proves every scenario, every member of a family, as it\n"
            "expects, and prints what was found: one row for each.  The exit status is that\n"
            "of the worst: bad input (2), not as expected (1), inconclusive (3, or 124 if a\n"
            "time-out that was asked for was over), as expected (0).\n",
    .options = option_rows,
    .operands = "FILE",
    .run = check_command,
};
