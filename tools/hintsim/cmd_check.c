/* hintsim check: the conformance gate over many scenarios. */
#include "commands.h"
#include "explore_report.h"

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

/* One row: the outcome, the name, and what was found, on the same line if 80 columns allow. */
static void print_row(const char *name, const char *outcome, const char *what, const char *note)
{
    enum { OUTCOME_WIDTH = 10, NAME_WIDTH = 38, LINE_WIDTH = 80 };
    size_t told = strlen(what) + strlen(note);
    bool fits = strlen(name) < NAME_WIDTH && OUTCOME_WIDTH + NAME_WIDTH + told <= LINE_WIDTH;
    if (fits)
        printf("%-*s%-*s%s%s\n", OUTCOME_WIDTH, outcome, NAME_WIDTH, name, what, note);
    else
        printf("%-*s%s\n%*s  %s%s\n", OUTCOME_WIDTH, outcome, name, OUTCOME_WIDTH, "", what, note);
}

/* Count an answer and print its row. */
static void note(struct tally *tally, const char *name, enum hs_answer answer, const char *what,
    const char *expected)
{
    switch (answer) {
    case HS_AS_EXPECTED:
        tally->passed++;
        print_row(name, "ok", what, "");
        break;
    case HS_NOT_EXPECTED:
        tally->failed++;
        print_row(name, "NOT OK", what, expected);
        break;
    case HS_INCONCLUSIVE:
        tally->inconclusive++;
        print_row(name, "UNKNOWN", what, "; a bound was hit");
        break;
    }
}

static void check_run(const struct hs_variant *variant, struct tally *tally, struct hs_error *error)
{
    char text[400];
    char expected[500] = "; expected: ";
    struct hs_run *run = hs_replay(variant, error);
    if (!run) {
        tally->bad++;
        hs_input_error(error);
        print_row(variant->name, "BAD INPUT", "see the message", "");
        return;
    }
    hs_broken_write(run->broken, text, sizeof(text));
    hs_broken_write(
        variant->expected_broken, expected + strlen(expected), sizeof(expected) - strlen(expected));
    if (hs_run_uncovered(run) != HS_STEP_KIND_COUNT)
        snprintf(expected, sizeof(expected), "; cover: %s was never taken",
            hs_step_rows[hs_run_uncovered(run)].name);
    note(tally, variant->name, hs_run_answer(run), text, expected);
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

static void check_exploration(const struct hs_variant *variant, struct tally *tally)
{
    char text[900];
    char expected[1000] = "; expected: ";
    const uint8_t *wanted = variant->scenario->expect_explore;
    struct hs_plan plan = hs_usual_plan();
    struct hs_exploration exploration;
    plan.wish.property = HS_PROPERTY_NONE;
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++)
        plan.reduction.properties |= (uint32_t)(wanted[i] != HS_VERDICT_NONE) << i;
    plan.reduction.slice = true; /* what is not expected is not asked for */
    hs_explore(variant, &plan, &exploration);
    write_verdicts(exploration.verdict, wanted, text, sizeof(text));
    write_verdicts(
        wanted, wanted, expected + strlen(expected), sizeof(expected) - strlen(expected));
    note(tally, variant->name, hs_exploration_answer(&exploration), text, expected);
    hs_exploration_close(&exploration);
}

static void check_variant(
    const struct hs_variant *variant, struct tally *tally, struct hs_error *error)
{
    bool explores = hs_expects_exploration(variant->scenario);
    if (!variant->has_expected_run && !explores) {
        tally->skipped++;
        print_row(variant->name, "skipped", "nothing is expected of it", "");
    }
    if (variant->has_expected_run)
        check_run(variant, tally, error);
    if (explores)
        check_exploration(variant, tally);
}

static void check_file(const char *path, struct tally *tally)
{
    struct hs_error error;
    struct hs_scenario *scenario = hs_scenario_load(path, &error);
    if (!scenario) {
        tally->bad++;
        hs_input_error(&error);
        print_row(path, "BAD INPUT", "see the message", "");
        return;
    }
    for (unsigned i = 0; i < hs_scenario_variant_count(scenario); i++) {
        struct hs_variant variant;
        if (hs_scenario_variant(scenario, i, &variant, &error)) {
            check_variant(&variant, tally, &error);
            continue;
        }
        tally->bad++;
        hs_input_error(&error);
        print_row(variant.name, "BAD INPUT", "see the message", "");
    }
    hs_scenario_free(scenario);
}

static int check_files(const struct files *files)
{
    struct tally tally = {0};
    for (unsigned i = 0; i < files->count; i++)
        check_file(files->paths[i], &tally);
    printf("\n%u as expected, %u not, %u bad input, %u inconclusive, %u skipped\n", tally.passed,
        tally.failed, tally.bad, tally.inconclusive, tally.skipped);
    return tally.bad            ? HS_EXIT_BAD_INPUT
           : tally.failed       ? HS_EXIT_NOT_EXPECTED
           : tally.inconclusive ? HS_EXIT_INCONCLUSIVE
                                : HS_EXIT_AS_EXPECTED;
}

static int check_paths(int count, char **paths)
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
    status = check_files(&files);
out:
    for (unsigned i = 0; i < files.count; i++)
        free(files.paths[i]);
    free(files.paths);
    return status;
}

static int check_command(int argc, char **argv)
{
    static const struct option long_options[] = {{"help", no_argument, NULL, 'h'}, {0}};
    int option;
    while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
        if (option == 'h') {
            hs_print_help(&hs_command_check);
            return HS_EXIT_AS_EXPECTED;
        }
        return hs_usage_error(&hs_command_check, "the command line is not understood");
    }
    if (optind == argc)
        return hs_usage_error(&hs_command_check, "a file or folder is missing");
    return check_paths(argc - optind, argv + optind);
}

const struct hs_command hs_command_check = {
    .name = "check",
    .usage = "PATH...",
    .summary = "check that every scenario below PATH ends as it expects",
    .help = "Replays and explores every scenario, every member of a family, as it expects,\n"
            "and prints what was found. The exit status is that of the worst:\n"
            "bad input (2), not as expected (1), inconclusive (3), as expected (0).\n",
    .run = check_command,
};
