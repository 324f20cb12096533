/* SPDX-License-Identifier: BSD-3-Clause */
/* hintsim: the command line. */
#include "commands.h"
#include "file.h"
#include "nodes.h"
#include "replay.h"
#include "version.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct hs_command *const hs_commands[] = {&hs_command_run, &hs_command_explore,
    &hs_command_prove, &hs_command_matrix, &hs_command_check, &hs_command_draw, &hs_command_drive,
    &hs_command_trace, &hs_command_list, NULL};

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

void hs_print_help(const struct hs_command *command)
{
    printf("usage: hintsim %s %s\n\n%s\n\n%s", command->name, command->usage, command->summary,
        command->help);
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

static void print_overview(void)
{
    puts("hintsim: what happens to a page between its hint and its reuse\n"
         "\n"
         "usage: hintsim COMMAND ...\n");
    for (unsigned i = 0; hs_commands[i]; i++)
        printf("  %-8s%s\n", hs_commands[i]->name, hs_commands[i]->summary);
    puts("  help    this text; 'hintsim COMMAND --help' tells more\n"
         "\n"
         "'hintsim --version' says which hintsim this is.\n"
         "\n"
         "exit status: 0 as expected; 1 a verdict differs, or something broke that was not\n"
         "expected to; 2 bad input or usage; 3 inconclusive; 70 a bug in hintsim;\n"
         "124 the time-out that was asked for");
}

static const struct hs_command *find_command(const char *name)
{
    for (unsigned i = 0; hs_commands[i]; i++) {
        if (strcmp(hs_commands[i]->name, name) == 0)
            return hs_commands[i];
    }
    return NULL;
}

/* Say that there is no such command, and which may be meant.  Returns HS_EXIT_BAD_INPUT. */
static int refuse_command(const char *name)
{
    enum { MOST = 16 };
    const char *names[MOST] = {"help"};
    unsigned count = 1;
    for (unsigned i = 0; hs_commands[i] && count < MOST; i++)
        names[count++] = hs_commands[i]->name;
    const char *nearest = hs_nearest(name, names, count);
    return hs_usage_error(NULL, "unknown command '%s'%s%s%s", name,
        nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
}

static bool is_help(const char *word)
{
    return strcmp(word, "help") == 0 || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* Tell about the command with that name, or about all if there is none. */
static int help(const char *name)
{
    if (!name || is_help(name)) {
        print_overview();
        return HS_EXIT_AS_EXPECTED;
    }
    const struct hs_command *command = find_command(name);
    if (!command)
        return refuse_command(name);
    hs_print_help(command);
    return HS_EXIT_AS_EXPECTED;
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
    if (is_help(name))
        return help(argc > 2 ? argv[2] : NULL);
    const struct hs_command *command = find_command(name);
    return command ? command->run(argc - 1, argv + 1) : refuse_command(name);
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
