/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading a command line by the command's table of options. */
#include "commands.h"

#include <assert.h>
#include <getopt.h>

static bool is_letter(const struct hs_option *option)
{
    return option->letter < HS_OPTION_LONG;
}

int hs_option_next(const struct hs_command *command, int argc, char **argv)
{
    enum { MOST = 32 };
    struct option all[MOST + 2] = {{HS_HELP_NAME, no_argument, NULL, HS_HELP_LETTER}};
    char letters[2 * MOST + 2] = {HS_HELP_LETTER};
    unsigned count = 1;
    unsigned length = 1;
    for (const struct hs_option *option = command->options; option->help; option++) {
        assert(count <= MOST);
        if (!option->name || hs_option_is_repeated(command, option))
            continue;
        all[count++] = (struct option){
            option->name, option->argument ? required_argument : no_argument, NULL, option->letter};
        if (is_letter(option))
            letters[length++] = (char)option->letter;
        if (is_letter(option) && option->argument)
            letters[length++] = ':';
    }
    return getopt_long(argc, argv, letters, all, NULL);
}

void hs_options_restart(void)
{
    optind = 0; /* as glibc wants it: 1 would keep what it knows of words that are no options */
}

void hs_option_label(const struct hs_option *option, struct hs_text *label)
{
    assert(option->name);
    if (is_letter(option))
        hs_text_add(label, "-%c, ", (char)option->letter);
    hs_text_add(label, "--%s", option->name);
    if (option->argument)
        hs_text_add(label, " %s", option->argument);
}

bool hs_option_is_repeated(const struct hs_command *command, const struct hs_option *option)
{
    const struct hs_option *first = command->options;
    assert(option->name);
    while (first < option && !(first->name && first->letter == option->letter))
        first++;
    return first < option;
}
