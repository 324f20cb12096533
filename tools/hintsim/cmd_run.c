/* SPDX-License-Identifier: BSD-3-Clause */
/* hintsim run: replay one schedule and tell the race. */
#include "commands.h"
#include "run_report.h"
#include "story.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

struct options {
    enum hs_format format;
    const char *variant;
    bool source;
};

static void print(const struct hs_race *race, const struct options *options)
{
    if (options->format == HS_FORMAT_TEXT) {
        hs_run_print(race, options->source, stdout);
        return;
    }
    json_t *json = hs_run_json(race, hs_story_property(race));
    if (options->source)
        hs_source_json(race, json);
    hs_json_print(json, stdout);
}

static int run_variant(
    const struct hs_scenario *scenario, const struct options *options, struct hs_error *error)
{
    struct hs_variant variant;
    if (!hs_pick_variant(scenario, options->variant, &variant, error))
        return hs_input_error(error);
    if (!scenario->schedule_length) {
        hs_fail_at(error, scenario->path, 1, 1,
            "there is no schedule to run; 'hintsim explore' tries every order within the limits");
        return hs_input_error(error);
    }
    struct hs_run *run = hs_replay(&variant, error);
    if (!run)
        return hs_input_error(error);
    struct hs_race *race = hs_race_tell(run);
    print(race, options);
    int answer = hs_exit_of(hs_run_answer(run));
    hs_race_free(race);
    hs_run_free(run);
    return answer;
}

static int run_command(int argc, char **argv)
{
    struct options options = {HS_FORMAT_TEXT, NULL, false};
    struct hs_error error;
    int option;
    while ((option = hs_option_next(&hs_command_run, argc, argv)) != -1) {
        switch (option) {
        case 'f':
            if (!hs_format_read(&hs_command_run, optarg, &options.format))
                return HS_EXIT_BAD_INPUT;
            break;
        case 'v':
            options.variant = optarg;
            break;
        case 's':
            options.source = true;
            break;
        default:
            abort(); /* the table has no other */
        }
    }
    if (optind + 1 != argc)
        return hs_usage_error(&hs_command_run, "one scenario file is expected");
    struct hs_scenario *scenario = hs_scenario_load(argv[optind], &error);
    if (!scenario)
        return hs_input_error(&error);
    int status = run_variant(scenario, &options, &error);
    hs_scenario_free(scenario);
    return status;
}

static const struct hs_option option_rows[] = {
    HS_ROW_FORMAT,
    HS_ROW_VARIANT,
    {'s', "source", NULL,
        "for each step the functions of Linux, QEMU and KVM that do it, if the presets stand for "
        "these",
        NULL},
    {0},
};

const struct hs_command hs_command_run = {
    .name = "run",
    .usage = "[--format text|json] [--variant NAME=VALUE,...] [--source]\n"
             "       FILE",
    .summary = "replay a scenario's schedule step by step and tell the race",
    .help = "Prints the question, the rules in force, the race as a ladder of 72 columns with\n"
            "carets under the step that loses a page, what became of every page, where\n"
            "something is broken the steps that led there in sentences ('told'), the\n"
            "verdict, and a line 'Observation NAME PROPERTY VERDICT POSITIVE NEGATIVE' per\n"
            "property. One interleaving can show that something happens (Sometimes), never\n"
            "that it cannot (Unknown).\n",
    .options = option_rows,
    .operands = "FILE",
    .run = run_command,
};
