/* SPDX-License-Identifier: BSD-3-Clause */
/* hintsim explore: every interleaving within the limits. */
#include "commands.h"
#include "explore_report.h"
#include "text.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct options {
    enum hs_format format;
    const char *variant;
    const char *witness; /* where to write it, or NULL */
    struct hs_plan plan;
};

static bool progress_shown;

static void show_progress(const struct hs_search *search)
{
    double rate = search->seconds > 0 ? (double)search->distinct / search->seconds : 0;
    progress_shown =
        fprintf(stderr, "\r%.0f s: %llu states, %llu waiting, depth %u, %.0f/s, %zu MiB ",
            search->seconds, (unsigned long long)search->distinct,
            (unsigned long long)search->waiting, search->depth, rate, search->bytes >> 20) > 0;
}

/* FILE.yaml for the first, which is number 0, FILE-2.yaml for the second, and so on. */
static struct hs_text numbered_path(const char *path, unsigned number)
{
    struct hs_text numbered = {0};
    size_t stem = hs_ending_of(path);
    hs_text_add_bytes(&numbered, path, stem);
    if (number > 0)
        hs_text_add(&numbered, "-%u", number + 1);
    hs_text_add(&numbered, "%s", path + stem);
    return numbered;
}

/* Is the scenario none of the files that its witnesses may be written to? */
static bool are_apart(const struct options *options, const char *scenario)
{
    bool apart = true;
    for (unsigned i = 0; apart && options->witness && i < options->plan.wish.witnesses; i++) {
        struct hs_text numbered = numbered_path(options->witness, i);
        apart = hs_output_is_apart(&hs_command_explore, hs_text_string(&numbered), scenario);
        hs_text_free(&numbered);
    }
    return apart;
}

/* The first to FILE.yaml, the second to FILE-2.yaml, and so on. */
static bool write_runs(const struct hs_shown *shown, const char *path, struct hs_error *error)
{
    bool good = true;
    if (!hs_shown_runs(shown))
        fprintf(stderr, "hintsim: there is no run to write to %s\n", path);
    for (unsigned i = 0; good && i < hs_shown_runs(shown); i++) {
        struct hs_text numbered = numbered_path(path, i);
        good = hs_run_save(hs_shown_run(shown, i), hs_text_string(&numbered), error);
        hs_text_free(&numbered);
    }
    return good;
}

static void print(const struct hs_exploration *exploration, enum hs_format format)
{
    if (format == HS_FORMAT_TEXT) {
        hs_exploration_print(exploration, stdout);
        return;
    }
    hs_json_print(hs_exploration_json(exploration), stdout);
}

/* The properties (bit hs_property) that the command line names. */
static uint32_t named(const struct hs_plan *plan)
{
    uint32_t shown =
        plan->wish.property < HS_PROPERTY_COUNT ? 1u << (unsigned)plan->wish.property : 0;
    return shown | (plan->reduction.slice ? plan->reduction.properties : 0);
}

static int explore_variant(
    const struct hs_scenario *scenario, const struct options *options, struct hs_error *error)
{
    struct hs_variant variant;
    struct hs_exploration exploration;
    if (!hs_pick_variant(scenario, options->variant, &variant, error))
        return hs_input_error(error);
    uint32_t questions = hs_config_questions(&variant.config, (1u << HS_PROPERTY_COUNT) - 1);
    uint32_t empty = named(&options->plan) & ~questions;
    if (empty)
        return hs_no_question(
            &hs_command_explore, &variant.config, (enum hs_property)__builtin_ctz(empty));
    if (!questions && hs_kind_set_is_empty(&scenario->cover))
        return hs_no_question_at_all(&hs_command_explore, &variant.config);
    hs_explore(&variant, &options->plan, &exploration);
    if (progress_shown)
        fputc('\n', stderr);
    print(&exploration, options->format);
    int answer = hs_exit_of(hs_exploration_answer(&exploration));
    if (exploration.search.end == HS_SEARCH_TIMED_OUT && answer == HS_EXIT_INCONCLUSIVE)
        answer = HS_EXIT_TIMED_OUT;
    if (options->witness && !write_runs(&exploration.shown, options->witness, error))
        answer = hs_input_error(error);
    hs_exploration_close(&exploration);
    return answer;
}

/* Whose witness is wanted, or which property alone is asked for. */
static int read_property(struct options *options, bool alone, const char *value)
{
    enum hs_property property = hs_property_find(value);
    if (property == HS_PROPERTY_COUNT)
        return hs_usage_error(&hs_command_explore,
            "unknown property '%s'; 'hintsim list properties' lists them", value);
    options->plan.wish.property = property;
    if (alone) {
        options->plan.reduction.slice = true;
        options->plan.reduction.properties = 1u << property;
    }
    return HS_EXIT_AS_EXPECTED;
}

/* The name of a reduction that is not wanted. */
static int read_reduction(struct options *options, const char *value)
{
    for (unsigned i = 0; i < HS_REDUCTION_COUNT; i++) {
        if (strcmp(value, hs_reduction_names[i]) == 0) {
            *hs_reduction_switch(&options->plan.reduction, i) = false;
            return HS_EXIT_AS_EXPECTED;
        }
    }
    return hs_usage_error(&hs_command_explore,
        "unknown reduction '%s'; allowed: dead-values, symmetry, partial-order", value);
}

/* One option; HS_EXIT_AS_EXPECTED if it is understood. */
static int read_option(struct options *options, int option, const char *value)
{
    double number;
    switch (option) {
    case 'f':
        return hs_format_read(&hs_command_explore, value, &options->format) ? HS_EXIT_AS_EXPECTED
                                                                            : HS_EXIT_BAD_INPUT;
    case 'v':
        options->variant = value;
        return HS_EXIT_AS_EXPECTED;
    case 'w':
        options->witness = value;
        return HS_EXIT_AS_EXPECTED;
    case 'p':
    case 'o':
        return read_property(options, option == 'o', value);
    case 'r':
        return read_reduction(options, value);
    case 'R':
        for (unsigned i = 0; i < HS_REDUCTION_COUNT; i++)
            *hs_reduction_switch(&options->plan.reduction, i) = false;
        return HS_EXIT_AS_EXPECTED;
    case 'a':
        if (!hs_number_read(&hs_command_explore, value, &number))
            return HS_EXIT_BAD_INPUT;
        if (number < 1 || number > HS_KINDS_LIMIT || number != (unsigned)number)
            return hs_usage_error(&hs_command_explore,
                "witnesses: whole numbers from 1 to %d are allowed", HS_KINDS_LIMIT);
        options->plan.wish.witnesses = (unsigned)number;
        return HS_EXIT_AS_EXPECTED;
    case 'n':
        options->plan.wish.nearest = true;
        return HS_EXIT_AS_EXPECTED;
    case 'P':
        options->plan.looks_beyond = false;
        return HS_EXIT_AS_EXPECTED;
    case HS_OPTION_THREADS:
    case HS_OPTION_MEMORY:
    case HS_OPTION_TIMEOUT:
        return hs_search_option(&hs_command_explore, option, value, &options->plan.search)
                   ? HS_EXIT_AS_EXPECTED
                   : HS_EXIT_BAD_INPUT;
    default:
        return hs_usage_error(&hs_command_explore, "the command line is not understood");
    }
}

static int explore_command(int argc, char **argv)
{
    static const struct option long_options[] = {{"format", required_argument, NULL, 'f'},
        {"variant", required_argument, NULL, 'v'}, {"witness", required_argument, NULL, 'w'},
        {"property", required_argument, NULL, 'p'},
        {"threads", required_argument, NULL, HS_OPTION_THREADS},
        {"memory", required_argument, NULL, HS_OPTION_MEMORY},
        {"timeout", required_argument, NULL, HS_OPTION_TIMEOUT},
        {"all-witnesses", required_argument, NULL, 'a'}, {"nearest", no_argument, NULL, 'n'},
        {"only", required_argument, NULL, 'o'}, {"no-reduction", required_argument, NULL, 'r'},
        {"no-reductions", no_argument, NULL, 'R'}, {"no-proof", no_argument, NULL, 'P'},
        {"help", no_argument, NULL, 'h'}, {0}};
    struct options options = {.plan = hs_usual_plan()};
    struct hs_error error;
    int option;
    options.plan.looks_beyond = true;
    hs_stop_on_interrupt(&options.plan.search);
    while ((option = getopt_long(argc, argv, "f:v:w:p:o:t:m:a:nh", long_options, NULL)) != -1) {
        if (option == 'h') {
            hs_print_help(&hs_command_explore);
            return HS_EXIT_AS_EXPECTED;
        }
        if (read_option(&options, option, optarg) != HS_EXIT_AS_EXPECTED)
            return HS_EXIT_BAD_INPUT;
    }
    if (optind + 1 != argc)
        return hs_usage_error(&hs_command_explore, "one scenario file is expected");
    if (!are_apart(&options, argv[optind]))
        return HS_EXIT_BAD_INPUT;
    struct hs_scenario *scenario = hs_scenario_load(argv[optind], &error);
    if (!scenario)
        return hs_input_error(&error);
    if (isatty(STDERR_FILENO))
        options.plan.search.progress = show_progress;
    int status = explore_variant(scenario, &options, &error);
    hs_scenario_free(scenario);
    return status;
}

const struct hs_command hs_command_explore = {
    .name = "explore",
    .usage = "[--threads N] [--memory BYTES] [--timeout SECONDS]\n"
             "       [--property NAME | --only NAME] [--all-witnesses N] [--nearest]\n"
             "       [--no-reduction NAME | --no-reductions] [--no-proof] [--witness FILE]\n"
             "       [--format text|json] [--variant NAME=VALUE,...] FILE",
    .summary = "search every interleaving within a scenario's limits",
    .help = "A schedule must be possible; what it says is ignored.  Prints a verdict for each\n"
            "property: None-within the limits, Sometimes, Always, or Unknown if a bound was\n"
            "hit; how many different ends have it; and a shortest witness, told in words too,\n"
            "with the change of order that saves the page.  If a property breaks in no run,\n"
            "a short search for a proof says whether it breaks in none of any size.  If\n"
            "nothing breaks, an example takes every step in cover.  page-stuck,\n"
            "guest-stalled and request-unanswered count states, not ends.\n"
            "\n"
            "  -t, --threads N        threads (all processors)\n"
            "  -m, --memory BYTES     memory, with K, M or G (80 % of what is free)\n"
            "      --timeout SECONDS  stop then, with exit status 124\n"
            "  -p, --property NAME    whose witness to show (the first that can break)\n"
            "  -o, --only NAME        decide this property alone, without what it cannot see\n"
            "  -a, --all-witnesses N  up to N witnesses of different kinds (1)\n"
            "  -n, --nearest          show the nearest run that saves the page, too\n"
            "  -w, --witness FILE     write what is shown, a witness or the example, as a\n"
            "                         scenario that run replays; further ones to FILE-2, ...\n"
            "      --no-reduction R   do without dead-values, symmetry or partial-order\n"
            "      --no-reductions    do without any: every state is looked at\n"
            "      --no-proof         do not ask what holds beyond the limits\n"
            "  -f, --format text|json text for people, or the same facts as JSON\n"
            "  -v, --variant V        which member of a family, as 'hintsim check' names it\n",
    .run = explore_command,
};
