/* SPDX-License-Identifier: BSD-3-Clause */
/* hintsim draw: the race as a picture or as text, by the ending of the output. */
#include "commands.h"
#include "file.h"
#include "graph.h"
#include "run_report.h"
#include "text.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool draw_text(const struct hs_race *race, const char *path, struct hs_error *error)
{
    struct hs_text text = {0};
    FILE *out = hs_text_stream(&text);
    hs_run_print(race, false, out);
    fclose(out);
    bool good = hs_file_write(path, hs_text_string(&text), text.length, error);
    hs_text_free(&text);
    return good;
}

/* What to draw, by the ending of `path`; NULL if it is none that is known. */
static const char *format_of(const char *path)
{
    static const char *const formats[] = {"txt", "svg", "png", "dot"};
    const char *dot = strrchr(path, '.');
    for (unsigned i = 0; dot && i < sizeof(formats) / sizeof(formats[0]); i++) {
        if (strcmp(dot + 1, formats[i]) == 0)
            return formats[i];
    }
    return NULL;
}

static bool draw_variant(const struct hs_variant *variant, const char *path, struct hs_error *error)
{
    if (!variant->scenario->schedule_length)
        return hs_fail_at(error, variant->scenario->path, 1, 1,
            "there is no schedule to draw; 'hintsim explore' tries every order within the limits");
    struct hs_run *run = hs_replay(variant, error);
    if (!run)
        return false;
    struct hs_race *race = hs_race_tell(run);
    const char *format = format_of(path);
    bool good = strcmp(format, "txt") == 0 ? draw_text(race, path, error)
                                           : hs_graph_draw(race, path, format, error);
    hs_race_free(race);
    hs_run_free(run);
    return good;
}

static int draw_file(const char *file, const char *wanted, const char *path)
{
    struct hs_error error;
    struct hs_variant variant;
    struct hs_scenario *scenario = hs_scenario_load(file, &error);
    if (!scenario)
        return hs_input_error(&error);
    bool good =
        hs_pick_variant(scenario, wanted, &variant, &error) && draw_variant(&variant, path, &error);
    hs_scenario_free(scenario);
    return good ? HS_EXIT_AS_EXPECTED : hs_input_error(&error);
}

static int draw_command(int argc, char **argv)
{
    const char *path = NULL;
    const char *variant = NULL;
    int option;
    while ((option = hs_option_next(&hs_command_draw, argc, argv)) != -1) {
        switch (option) {
        case 'o':
            path = optarg;
            break;
        case 'v':
            variant = optarg;
            break;
        default:
            abort(); /* the table has no other */
        }
    }
    if (!path)
        return hs_usage_error(&hs_command_draw, "-o OUT is missing");
    if (!format_of(path))
        return hs_usage_error(
            &hs_command_draw, "'%s': the ending is none of .txt, .svg, .png, .dot", path);
    if (optind + 1 != argc)
        return hs_usage_error(&hs_command_draw, "one scenario file is expected");
    if (!hs_output_is_apart(&hs_command_draw, path, argv[optind]))
        return HS_EXIT_BAD_INPUT;
    return draw_file(argv[optind], variant, path);
}

static const struct hs_option option_rows[] = {
    {'o', "output", "OUT", "where to write; nothing is left there if drawing fails", NULL},
    HS_ROW_VARIANT,
    {0},
};

const struct hs_command hs_command_draw = {
    .name = "draw",
    .usage = "[--variant NAME=VALUE,...] FILE -o OUT.txt|svg|png|dot",
    .summary = "draw a scenario's race, as text or as a picture",
    .help = "One column per actor, time downwards, messages between the columns, the lost\n"
            "page's story highlighted. The ending of OUT chooses the format.\n",
    .options = option_rows,
    .operands = "FILE",
    .run = draw_command,
};
