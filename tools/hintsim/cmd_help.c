/* SPDX-License-Identifier: BSD-3-Clause */
/* hintsim help: what the commands do. */
#include "commands.h"
#include "nodes.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    puts("hintsim: what happens to a page between its hint and its reuse\n"
         "\n"
         "usage: hintsim COMMAND ...\n");
    for (unsigned i = 0; hs_commands[i]; i++)
        printf("  %-8s%s\n", hs_commands[i]->name, hs_commands[i]->summary);
    puts("\n"
         "'hintsim --version' says which hintsim this is.\n"
         "\n"
         "exit status: 0 as expected; 1 a verdict differs, or something broke that was not\n"
         "expected to; 2 bad input or usage; 3 inconclusive; 70 a bug in hintsim;\n"
         "124 the time-out that was asked for");
}

static int help_command(int argc, char **argv)
{
    if (hs_option_next(&hs_command_help, argc, argv) != -1)
        abort(); /* it has none */
    const char *name = optind < argc ? argv[optind] : NULL;
    if (optind + 1 < argc)
        return hs_usage_error(&hs_command_help, "'%s' is not expected", argv[optind + 1]);
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
    {0},
};

const struct hs_command hs_command_help = {
    .name = "help",
    .usage = "[COMMAND]",
    .summary = "this text; 'hintsim COMMAND --help' tells more",
    .help = "Without COMMAND: all commands, with a line on each.  'hintsim help COMMAND' is\n"
            "'hintsim COMMAND --help'; -h is --help.\n",
    .options = option_rows,
    .operands = "COMMAND",
    .run = help_command,
};
