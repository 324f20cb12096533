/* SPDX-License-Identifier: BSD-3-Clause */
/* The help of a command, as --help prints it. */
#include "commands.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

/* An option, and at COLUMN what it does. */
static void print_option(const struct hs_option *option)
{
    enum { COLUMN = 25, WIDTH = 80, LETTER = 4 };
    struct hs_text label = {0};
    const char *rest = option->help;
    hs_text_add(&label, "%*s", option->letter < HS_OPTION_LONG ? 2 : 2 + LETTER, "");
    hs_option_label(option, &label);
    unsigned at = label.length < COLUMN ? COLUMN : (unsigned)label.length + 2;
    printf("%-*s", (int)at, hs_text_string(&label));
    hs_text_free(&label);
    for (unsigned begin = at; *rest; begin = COLUMN) {
        size_t length = hs_line_length(rest, &(struct hs_lines){.width = WIDTH - begin});
        printf("%*s%.*s\n", rest == option->help ? 0 : (int)begin, "", (int)length, rest);
        rest = hs_line_rest(rest, length);
    }
}

void hs_print_help(const struct hs_command *command)
{
    printf("usage: hintsim %s %s\n\n%s\n", command->name, command->usage, command->summary);
    if (*command->help)
        printf("\n%s", command->help);
    bool is_list = false;
    for (const struct hs_option *option = command->options; option->help; option++) {
        if (!option->name || !is_list)
            putchar('\n');
        if (option->name)
            print_option(option);
        else
            fputs(option->help, stdout);
        is_list = option->name != NULL;
    }
}
