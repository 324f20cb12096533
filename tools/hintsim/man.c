/* SPDX-License-Identifier: BSD-3-Clause */
/* The manual, made of the commands' tables.  In roff, the language of man, a line that begins with
 * a dot or a quote is an order. */
#include "commands.h"
#include "version.h"

#include <stdio.h>
#include <string.h>

/* Print a text so that roff takes every character for itself; an empty line is a new paragraph. */
static void print_text(const char *text)
{
    bool at_start = true;
    for (const char *c = text; *c; c++) {
        if (at_start && *c == '\n') {
            fputs(".PP\n", stdout);
            continue;
        }
        if (at_start && *c == '.')
            fputs("\\&", stdout);
        if (*c == '\\')
            fputs("\\e", stdout);
        else if (*c == '-')
            fputs("\\-", stdout);
        else if (*c == '\'')
            fputs("\\(aq", stdout);
        else
            putchar(*c);
        at_start = *c == '\n';
    }
    if (!at_start)
        putchar('\n');
}

/* A text whose lines stay as they are. */
static void print_lines(const char *before, const char *text)
{
    printf(".PP\n.nf\n%s", before);
    print_text(text);
    puts(".fi");
}

static void print_options(const struct hs_command *command)
{
    for (const struct hs_option *option = command->options; option->help; option++) {
        puts(option->name ? ".TP" : ".PP");
        if (option->name) {
            struct hs_text label = {0};
            hs_option_label(option, &label);
            fputs("\\fB", stdout);
            hs_text_add(&label, "\n");
            print_text(hs_text_string(&label));
            fputs("\\fR", stdout);
            hs_text_free(&label);
        }
        print_text(option->help);
    }
}

static void print_command(const struct hs_command *command)
{
    struct hs_text before = {0};
    hs_text_add(&before, "hintsim %s ", command->name);
    printf(".SS hintsim %s\n", command->name);
    print_text(command->summary);
    print_lines(hs_text_string(&before), command->usage);
    if (*command->help)
        puts(".PP");
    print_text(command->help);
    print_options(command);
    hs_text_free(&before);
}

void hs_man_print(void)
{
    puts(".TH HINTSIM 1 \"\" \"hintsim " HINTSIM_RELEASE "\" \"User Commands\"\n"
         ".SH NAME\n"
         "hintsim \\- " HS_TITLE "\n"
         ".SH SYNOPSIS\n"
         ".B hintsim\n"
         ".I COMMAND\n"
         ".RI [ OPTION ...]\n"
         ".RI [ OPERAND ...]\n"
         ".SH DESCRIPTION\n"
         "During live migration a guest tells the hypervisor which pages are free, so that\n"
         "they need not be sent.\n"
         "Hintsim is a reference model of this: it replays, searches and proves what becomes\n"
         "of a page that the guest uses again before its hint was processed, and compares\n"
         "real guests and hosts with the model.\n"
         ".PP\n"
         "A scenario is a file in YAML: a question, a guest and a host, a schedule of steps,\n"
         "and what is expected.\n"
         ".SH COMMANDS");
    for (unsigned i = 0; hs_commands[i]; i++)
        print_command(hs_commands[i]);
    puts(".SH OPTIONS\n"
         ".TP\n"
         ".B \\-h, \\-\\-help\n"
         "Tell about all commands; behind a command, about that.\n"
         ".TP\n"
         ".B \\-\\-version\n"
         "Say which hintsim this is.\n"
         ".SH EXIT STATUS");
    print_text(HS_EXIT_HELP);
    puts(".SH SEE ALSO\n"
         ".BR dot (1),\n"
         ".BR qemu\\-system\\-x86_64 (1)");
}
