/* hintsim check: the conformance gate over many scenarios. */
#include "commands.h"
#include "explore_report.h"
#include "in_order.h"
#include "prove_report.h"

#include <errno.h>
#include <ftw.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static bool is_scenario(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot && strcmp(dot, ".yaml") == 0;
}

static struct files *found; /* nftw hands its callback no context */

static int visit_file(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status;
    (void)place;
    return type == FTW_F && is_scenario(path) && !add_file(found, path);
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All scenarios below `path`, sorted; a file that is named is one whatever its ending. */
static bool find_files(struct files *files, const char *path, struct hs_error *error)
{
    struct stat status;
    unsigned before = files->count;
    if (stat(path, &status) != 0) {
        snprintf(error->text, sizeof(error->text), "%s: %s", path, strerror(errno));
        return false;
    }
    if (!S_ISDIR(status.st_mode))
        return add_file(files, path);
    found = files;
    bool good = nftw(path, visit_file, 16, 0) == 0;
    if (files->count > before)
        qsort(files->paths + before, files->count - before, sizeof(char *), compare_paths);
    if (!good || files->count == before) {
        snprintf(error->text, sizeof(error->text), "%s: no scenario (*.yaml) below it", path);
        return false;
    }
    return true;
}

/* ---- checking ------------------------------------------------------------------------------- */

struct tally {
    unsigned passed;
    unsigned failed;
    unsigned skipped;
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
    char *rows;
    size_t length; /* of the rows */
    FILE *out;     /* what writes them */
};

/* One row: the outcome, the name, and what was found, on the same line if 80 columns allow. */
static void print_row(
    const struct job *job, const char *outcome, const char *what, const char *note)
{
    enum { OUTCOME_WIDTH = 10, NAME_WIDTH = 38, LINE_WIDTH = 80 };
    const char *name = job->name;
    size_t told = strlen(what) + strlen(note);
    bool fits = strlen(name) < NAME_WIDTH && OUTCOME_WIDTH + NAME_WIDTH + told <= LINE_WIDTH;
    if (fits)
        fprintf(job->out, "%-*s%-*s%s%s\n", OUTCOME_WIDTH, outcome, NAME_WIDTH, name, what, note);
    else
        fprintf(job->out, "%-*s%s\n%*s  %s%s\n", OUTCOME_WIDTH, outcome, name, OUTCOME_WIDTH, "",
            what, note);
}

/* Count an answer and print its row. */
static void note(struct job *job, enum hs_answer answer, const char *what, const char *expected)
{
    switch (answer) {
    case HS_AS_EXPECTED:
        job->tally.passed++;
        print_row(job, "ok", what, "");
        break;
    case HS_NOT_EXPECTED:
        job->tally.failed++;
        print_row(job, "NOT OK", what, expected);
        break;
    case HS_INCONCLUSIVE:
        job->tally.inconclusive++;
        print_row(job, "UNKNOWN", what, "; a bound was hit");
        break;
    }
}

/* The job's error says what is wrong. */
static void note_bad_input(struct job *job)
{
    job->is_bad = true;
    job->tally.bad++;
    print_row(job, "BAD INPUT", "see the message", "");
}

static void check_run(struct job *job)
{
    char text[400];
    char expected[500] = "; expected: ";
    const struct hs_variant *variant = &job->variant;
    struct hs_run *run = hs_replay(variant, &job->error);
    if (!run) {
        note_bad_input(job);
        return;
    }
    hs_broken_write(run->broken, text, sizeof(text));
    hs_broken_write(
        variant->expected_broken, expected + strlen(expected), sizeof(expected) - strlen(expected));
    if (hs_run_uncovered(run) != HS_STEP_KIND_COUNT)
        snprintf(expected, sizeof(expected), "; cover: %s was never taken",
            hs_step_rows[hs_run_uncovered(run)].name);
    note(job, hs_run_answer(run), text, expected);
    hs_run_free(run);
}

/* "explored: dirty-page-lost Sometimes, ...": what can happen, or what was expected of it. */
static void write_verdicts(const uint8_t *verdicts, const uint8_t *wanted, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (unsigned i = 0; i < HS_PROPERTY_COUNT && used < size; i++) {
        if (wanted[i] != HS_VERDICT_NONE)
            used += (size_t)snprintf(text + used, size - used, "%s%s %s", used ? ", " : "",
                hs_property_rows[i].name, hs_verdict_names[verdicts[i]]);
    }
}

static void check_exploration(struct job *job, const struct hs_plan *usual)
{
    char text[900];
    char expected[1000] = "; expected: ";
    const uint8_t *wanted = job->variant.scenario->expect_explore;
    struct hs_plan plan = *usual;
    struct hs_exploration exploration;
    plan.wish.property = HS_PROPERTY_NONE;
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++)
        plan.reduction.properties |= (uint32_t)(wanted[i] != HS_VERDICT_NONE) << i;
    plan.reduction.slice = true; /* what is not expected is not asked for */
    hs_explore(&job->variant, &plan, &exploration);
    write_verdicts(exploration.verdict, wanted, text, sizeof(text));
    write_verdicts(
        wanted, wanted, expected + strlen(expected), sizeof(expected) - strlen(expected));
    note(job, hs_exploration_answer(&exploration), text, expected);
    hs_exploration_close(&exploration);
}

static void check_proof(struct job *job, const struct hs_plan *usual)
{
    char text[900];
    char expected[1000] = "; expected: ";
    const uint8_t *wanted = job->variant.scenario->expect_prove;
    struct hs_proof proof;
    uint32_t asked = 0;
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++)
        asked |= (uint32_t)(wanted[i] != HS_VERDICT_NONE) << i;
    hs_prove(&job->variant, asked, &usual->search, &proof);
    write_verdicts(proof.settled.verdict, wanted, text, sizeof(text));
    write_verdicts(
        wanted, wanted, expected + strlen(expected), sizeof(expected) - strlen(expected));
    note(job, hs_proof_answer(&proof), text, expected);
    hs_proof_close(&proof);
}

static void check_variant(struct job *job, const struct hs_plan *plan)
{
    bool explores = hs_expects_exploration(job->scenario);
    bool proves = hs_expects_proof(job->scenario);
    if (!job->variant.has_expected_run && !explores && !proves) {
        job->tally.skipped++;
        print_row(job, "skipped", "nothing is expected of it", "");
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
    job->out = hs_must(open_memstream(&job->rows, &job->length));
    if (job->is_bad)
        note_bad_input(job);
    else
        check_variant(job, &jobs->plan);
    fclose(job->out);
}

static void add_tally(struct tally *sum, const struct tally *tally)
{
    sum->passed += tally->passed;
    sum->failed += tally->failed;
    sum->skipped += tally->skipped;
    sum->inconclusive += tally->inconclusive;
    sum->bad += tally->bad;
}

static void print_job(void *context, unsigned index)
{
    struct jobs *jobs = context;
    const struct job *job = jobs->all[index];
    if (job->is_bad)
        hs_input_error(&job->error);
    fputs(job->rows, stdout);
    fflush(stdout);
    add_tally(&jobs->tally, &job->tally);
}

static void free_jobs(struct jobs *jobs)
{
    for (unsigned i = 0; i < jobs->count; i++) {
        if (i + 1 == jobs->count || jobs->all[i + 1]->scenario != jobs->all[i]->scenario)
            hs_scenario_free(jobs->all[i]->scenario);
        free(jobs->all[i]->rows);
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
    hs_in_order(&(struct hs_pieces){jobs.count, &jobs, work_on, print_job}, threads);
    free_jobs(&jobs);
    printf("\n%u as expected, %u not, %u bad input, %u inconclusive, %u skipped\n", tally->passed,
        tally->failed, tally->bad, tally->inconclusive, tally->skipped);
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
    bool good = end != text && !*end && number >= 1 && number <= HS_STORE_THREADS_MAX;
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
            return hs_usage_error(&hs_command_check, "jobs: 1 to %d are allowed, not '%s'",
                HS_STORE_THREADS_MAX, optarg);
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
