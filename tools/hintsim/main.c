/* SPDX-License-Identifier: BSD-3-Clause */
/* hintsim: the command line. */
#include "commands.h"
#include "file.h"
#include "replay.h"
#include "version.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct hs_command *const hs_commands[] = {&hs_command_run, &hs_command_explore,
    &hs_command_prove, &hs_command_matrix, &hs_command_check, &hs_command_draw, &hs_command_drive,
    &hs_command_trace, &hs_command_list, &hs_command_doctor, &hs_command_help, NULL};

int hs_exit_of(enum hs_answer answer)
{
    switch (answer) {
    case HS_AS_EXPECTED:
        return HS_EXIT_AS_EXPECTED;
    case HS_NOT_EXPECTED:
        return HS_EXIT_NOT_EXPECTED;
    case HS_INCONCLUSIVE:
        break;
    }
    return HS_EXIT_INCONCLUSIVE;
}

int hs_usage_error(const struct hs_command *command, const char *format, ...)
{
    va_list arguments;
    fputs("hintsim: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    if (command)
        fprintf(stderr, "\nusage: hintsim %s %s\n", command->name, command->usage);
    else
        fputs("\n'hintsim help' lists the commands\n", stderr);
    return HS_EXIT_BAD_INPUT;
}

int hs_input_error(const struct hs_error *error)
{
    fprintf(stderr, "%s\n", error->text);
    return HS_EXIT_BAD_INPUT;
}

bool hs_format_read(const struct hs_command *command, const char *text, enum hs_format *format)
{
    if (strcmp(text, "text") != 0 && strcmp(text, "json") != 0) {
        hs_usage_error(command, "unknown format '%s'; allowed: text, json", text);
        return false;
    }
    *format = strcmp(text, "json") == 0 ? HS_FORMAT_JSON : HS_FORMAT_TEXT;
    return true;
}

bool hs_output_is_apart(const struct hs_command *command, const char *output, const char *input)
{
    if (!output || !hs_file_is_same(output, input))
        return true;
    hs_usage_error(command, "'%s' is read: it is not written over", output);
    return false;
}

/* The variant that is called so; the first if `wanted` is NULL. */
static bool find_variant(const struct hs_scenario *scenario, const char *wanted,
    struct hs_variant *variant, struct hs_error *error)
{
    unsigned count = hs_scenario_variant_count(scenario);
    if (!wanted)
        return hs_scenario_variant(scenario, 0, variant, error);
    for (unsigned i = 0; i < count; i++) {
        if (!hs_scenario_variant(scenario, i, variant, error))
            return false;
        const char *bracket = strchr(variant->name, '[');
        size_t length = bracket ? strlen(bracket + 1) - 1 : 0;
        if (bracket && strlen(wanted) == length && memcmp(bracket + 1, wanted, length) == 0)
            return true;
    }
    return hs_fail(
        error, "%s: no variant '%.100s'; 'hintsim check' lists them", scenario->path, wanted);
}

bool hs_pick_variant(const struct hs_scenario *scenario, const char *wanted,
    struct hs_variant *variant, struct hs_error *error)
{
    return find_variant(scenario, wanted, variant, error) &&
           hs_schedule_is_possible(variant, error);
}

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* Look at all options, and run the command if none is wrong and none asks for help. */
static int obey_command(const struct hs_command *command, int argc, char **argv)
{
    int option = 0;
    while (option != -1 && option != '?' && option != HS_HELP_LETTER)
        option = hs_option_next(command, argc, argv);
    if (option == '?')
        return hs_usage_error(command, "the command line is not understood");
    if (option == HS_HELP_LETTER) {
        hs_print_help(command);
        return HS_EXIT_AS_EXPECTED;
    }
    hs_options_restart();
    return command->run(argc, argv);
}

/* The exit status of what the command line asks for; what it prints may still be in the buffer. */
static int obey(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : NULL;
    if (!name)
        return hs_usage_error(NULL, "a command is missing");
    if (strcmp(name, "--version") == 0) {
        puts(HINTSIM_VERSION);
        return HS_EXIT_AS_EXPECTED;
    }
    const struct hs_command *command = is_help(name) ? &hs_command_help : hs_command_read(name);
    return command ? obey_command(command, argc - 1, argv + 1) : HS_EXIT_BAD_INPUT;
}

int main(int argc, char **argv)
{
    int status = obey(argc, argv);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fputs("hintsim: cannot write the output\n", stderr);
        return HS_EXIT_BAD_INPUT;
    }
    return status;
}
