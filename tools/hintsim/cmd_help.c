/* SPDX-License-Identifier: BSD-3-Clause */
/* hintsim help: what the commands do; the manual, and what shells complete. */
#include "commands.h"
#include "nodes.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Options without a letter. */
enum { MAN = HS_OPTION_OWN, COMPLETION };

struct options {
    bool man;
    const char *shell; /* NULL: no completion is asked for */
};

const struct hs_command *hs_command_find(const char *name)
{
    for (unsigned i = 0; hs_commands[i]; i++) {
        if (strcmp(hs_commands[i]->name, name) == 0)
            return hs_commands[i];
    }
    return NULL;
}

const struct hs_command *hs_command_read(const char *name)
{
    enum { MOST = 16 };
    const char *names[MOST];
    unsigned count = 0;
    const struct hs_command *command = hs_command_find(name);
    if (command)
        return command;
    while (hs_commands[count] && count < MOST) {
        names[count] = hs_commands[count]->name;
        count++;
    }
    const char *nearest = hs_nearest(name, names, count);
    hs_usage_error(NULL, "unknown command '%s'%s%s%s", name, nearest ? "; did you mean '" : "",
        nearest ? nearest : "", nearest ? "'?" : "");
    return NULL;
}

static void print_overview(void)
{
    puts("hintsim: " HS_TITLE "\n\nusage: hintsim COMMAND ...\n");
    for (unsigned i = 0; hs_commands[i]; i++)
        printf("  %-8s%s\n", hs_commands[i]->name, hs_commands[i]->summary);
    fputs("\n"
          "'hintsim --version' says which hintsim this is.\n"
          "\n"
          "exit status: " HS_EXIT_HELP,
        stdout);
}

/* Print what is asked for beside help.  HS_EXIT_AS_EXPECTED if it can be. */
static int print_made(const struct options *options)
{
    if (options->man && options->shell)
        return hs_usage_error(&hs_command_help, "either --man, or --completion");
    if (options->man)
        hs_man_print();
    else if (!hs_completion_print(options->shell))
        return hs_usage_error(
            &hs_command_help, "unknown shell '%s'; allowed: bash, zsh", options->shell);
    return HS_EXIT_AS_EXPECTED;
}

static int help_command(int argc, char **argv)
{
    struct options options = {false, NULL};
    int option;
    while ((option = hs_option_next(&hs_command_help, argc, argv)) != -1) {
        if (option == MAN)
            options.man = true;
        else
            options.shell = optarg;
    }
    const char *name = optind < argc ? argv[optind] : NULL;
    if (optind + 1 < argc)
        return hs_usage_error(&hs_command_help, "'%s' is not expected", argv[optind + 1]);
    if (name && (options.man || options.shell))
        return hs_usage_error(&hs_command_help, "'%s' is not expected", name);
    if (options.man || options.shell)
        return print_made(&options);
    const struct hs_command *command = name ? hs_command_read(name) : NULL;
    if (name && !command)
        return HS_EXIT_BAD_INPUT;
    if (command)
        hs_print_help(command);
    else
        print_overview();
    return HS_EXIT_AS_EXPECTED;
}

static const struct hs_option option_rows[] = {
    {MAN, "man", NULL, "print the manual instead, for 'man -l'", NULL},
    {COMPLETION, "completion", "SHELL",
        "print what makes bash or zsh complete command lines: . <(hintsim help --completion bash)",
        "bash zsh"},
    {0},
};

const struct hs_command hs_command_help = {
    .name = "help",
    .usage = "[COMMAND | --man | --completion bash|zsh]",
    .summary = "this text; 'hintsim COMMAND --help' tells more",
    .help = "Without COMMAND: all commands, with a line on each.  'hintsim help COMMAND' is\n"
            "'hintsim COMMAND --help'; -h is --help.\n",
    .options = option_rows,
    .operands = "COMMANDS",
    .run = help_command,
};
