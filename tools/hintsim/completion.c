/* SPDX-License-Identifier: BSD-3-Clause */
/* What shells complete, made of the commands' tables. */
#include "commands.h"
#include "presets.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* ---- what an argument may be ------------------------------------------------------------------
 */

/* What a word is completed from. */
enum source { SOURCE_NOTHING, SOURCE_FILES, SOURCE_WORDS, SOURCE_LIST /* of words, with commas */ };

static void add_presets(enum hs_side side, struct hs_text *words)
{
    for (unsigned i = 0; i < hs_preset_count; i++) {
        if (hs_presets[i].side == side)
            hs_text_item(words, " ", "%s", hs_presets[i].name);
    }
}

static void add_guests(struct hs_text *words)
{
    add_presets(HS_SIDE_GUEST, words);
}

static void add_hosts(struct hs_text *words)
{
    add_presets(HS_SIDE_HOST, words);
}

static void add_properties(struct hs_text *words)
{
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++)
        hs_text_item(words, " ", "%s", hs_property_rows[i].name);
}

static void add_rules(struct hs_text *words)
{
    for (unsigned i = 0; i < HS_RULE_COUNT; i++) {
        enum hs_rule rule = (enum hs_rule)i;
        for (unsigned place = 0; place < hs_rule_value_count(rule); place++) {
            char number[HS_RULE_NUMBER_SIZE];
            hs_text_item(words, " ", "%s=%s", hs_rule_rows[i].name,
                hs_rule_value_name(rule, hs_rule_value_at(rule, place), number));
        }
    }
}

static void add_commands(struct hs_text *words)
{
    for (unsigned i = 0; hs_commands[i]; i++)
        hs_text_item(words, " ", "%s", hs_commands[i]->name);
}

/* What the name of an argument, or of operands, says about it. */
static const struct {
    const char *name;
    enum source source;
    void (*add)(
        struct hs_text *words); /* NULL: there are none, or they stand in the option's row */
} arguments[] = {
    {"FILE", SOURCE_FILES, NULL},
    {"OUT", SOURCE_FILES, NULL},
    {"G", SOURCE_WORDS, add_guests},
    {"H", SOURCE_WORDS, add_hosts},
    {"NAME", SOURCE_WORDS, add_properties},
    {"NAME=VALUE", SOURCE_WORDS, add_rules},
    {"COMMANDS", SOURCE_WORDS, add_commands},
    {"LIST", SOURCE_LIST, NULL},
};

/* What is completed for an argument with that name and those values, and its words. */
static enum source find_source(const char *name, const char *values, struct hs_text *words)
{
    if (values)
        hs_text_add(words, "%s", values);
    for (unsigned i = 0; i < sizeof(arguments) / sizeof(arguments[0]); i++) {
        if (strcmp(arguments[i].name, name) != 0)
            continue;
        if (arguments[i].add)
            arguments[i].add(words);
        return arguments[i].source;
    }
    return values ? SOURCE_WORDS : SOURCE_NOTHING;
}

static enum source find_operands(const struct hs_command *command, struct hs_text *words)
{
    const char *operands = command->operands;
    if (!operands)
        return SOURCE_NOTHING;
    return find_source(operands, strchr(operands, ' ') ? operands : NULL, words);
}

/* ---- bash -------------------------------------------------------------------------------------
 */

static const char *const bash_names[] = {
    [SOURCE_NOTHING] = "nothing",
    [SOURCE_FILES] = "files",
    [SOURCE_WORDS] = "words",
    [SOURCE_LIST] = "list",
};

static void print_bash_source(enum source source, struct hs_text *words)
{
    printf("source=%s", bash_names[source]);
    if (words->length)
        printf(" words='%s'", hs_text_string(words));
    puts(" ;;");
    hs_text_free(words);
}

static void print_bash_command(const struct hs_command *command)
{
    struct hs_text words = {0};
    printf("    %s)\n        options='", command->name);
    for (const struct hs_option *option = command->options; option->help; option++) {
        if (option->name && !hs_option_is_repeated(command, option))
            printf("--%s ", option->name);
    }
    puts("--" HS_HELP_NAME "'\n        case $option in");
    for (const struct hs_option *option = command->options; option->help; option++) {
        words = (struct hs_text){0};
        if (!option->argument || hs_option_is_repeated(command, option))
            continue;
        fputs("        ", stdout);
        if (option->letter < HS_OPTION_LONG)
            printf("-%c | ", (char)option->letter);
        printf("--%s) ", option->name);
        enum source source = find_source(option->argument, option->values, &words);
        print_bash_source(source, &words);
    }
    words = (struct hs_text){0};
    enum source source = find_operands(command, &words);
    fputs("        *) ", stdout);
    print_bash_source(source, &words);
    puts("        esac\n        ;;");
}

static void print_bash(void)
{
    struct hs_text commands = {0};
    add_commands(&commands);
    printf("# bash completion for hintsim: hintsim help --completion bash\n"
           "_hintsim()\n"
           "{\n"
           "    # The words as they stand there: bash takes = for a word of its own.\n"
           "    local line=${COMP_LINE:0:COMP_POINT} typed word option all before\n"
           "    local source=words words= options=\n"
           "    read -ra all <<<\"$line\"\n"
           "    [[ $line != *[[:space:]] ]] || all+=('')\n"
           "    typed=${all[-1]} option=${all[-2]-} word=$typed\n"
           "    if [[ $typed == --*=* ]]; then\n"
           "        option=${typed%%%%=*} word=${typed#*=}\n"
           "    fi\n"
           "    if ((${#all[@]} < 3)); then\n"
           "        words='%s --" HS_HELP_NAME " --version'\n"
           "    else\n"
           "    case ${all[1]} in\n",
        hs_text_string(&commands));
    hs_text_free(&commands);
    for (unsigned i = 0; hs_commands[i]; i++)
        print_bash_command(hs_commands[i]);
    puts("    *) return ;;\n"
         "    esac\n"
         "    fi\n"
         "    if [[ $word == -* && $word == \"$typed\" && -n $options ]]; then\n"
         "        source=words words=$options\n"
         "    fi\n"
         "    [[ $source != list ]] || word=${word##*,}\n"
         "    before=${typed%\"$word\"}\n"
         "    if [[ $source == files ]]; then\n"
         "        compopt -o filenames 2>/dev/null\n"
         "        mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
         "    else\n"
         "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
         "    fi\n"
         "    # What stands before the last = is not replaced.\n"
         "    [[ $COMP_WORDBREAKS != *=* ]] || typed=${typed##*=}\n"
         "    word=${before}${word}\n"
         "    word=${word%\"$typed\"}\n"
         "    local i\n"
         "    for i in \"${!COMPREPLY[@]}\"; do\n"
         "        COMPREPLY[i]=${before}${COMPREPLY[i]}\n"
         "        COMPREPLY[i]=${COMPREPLY[i]#\"$word\"}\n"
         "    done\n"
         "}\n"
         "complete -F _hintsim hintsim");
}

/* ---- zsh --------------------------------------------------------------------------------------
 */

/* Print a text that stands in single quotes, and between brackets or colons. */
static void print_zsh_text(const char *text)
{
    for (const char *c = text; *c; c++) {
        if (*c == '\'') {
            fputs("'\\''", stdout);
        } else {
            if (strchr("[]:\\", *c))
                putchar('\\');
            putchar(*c);
        }
    }
}

/* Print what follows an option or stands for operands: its name, and what it may be. */
static void print_zsh_source(const char *name, enum source source, struct hs_text *words)
{
    putchar(':');
    print_zsh_text(name);
    putchar(':');
    switch (source) {
    case SOURCE_NOTHING:
        putchar(' ');
        break;
    case SOURCE_FILES:
        fputs("_files", stdout);
        break;
    case SOURCE_WORDS:
        printf("(%s)", hs_text_string(words));
        break;
    case SOURCE_LIST:
        printf(" _values -s , words %s", hs_text_string(words));
        break;
    }
    hs_text_free(words);
}

static void print_zsh_option(const struct hs_option *option, bool by_letter)
{
    struct hs_text words = {0};
    if (by_letter)
        printf(" \\\n            '*-%c%s[", (char)option->letter, option->argument ? "+" : "");
    else
        printf(" \\\n            '*--%s%s[", option->name, option->argument ? "=" : "");
    print_zsh_text(option->help);
    putchar(']');
    if (option->argument) {
        enum source source = find_source(option->argument, option->values, &words);
        print_zsh_source(option->argument, source, &words);
    }
    putchar('\'');
}

static void print_zsh_command(const struct hs_command *command)
{
    struct hs_text words = {0};
    printf("    %s)\n        _arguments -s", command->name);
    for (const struct hs_option *option = command->options; option->help; option++) {
        if (!option->name || hs_option_is_repeated(command, option))
            continue;
        if (option->letter < HS_OPTION_LONG)
            print_zsh_option(option, true);
        print_zsh_option(option, false);
    }
    fputs(" \\\n            '(-h --help)'{-h,--help}'[tell about this command]'", stdout);
    if (command->operands) {
        enum source source = find_operands(command, &words);
        fputs(" \\\n            '*", stdout);
        print_zsh_source(
            strchr(command->operands, ' ') ? "what" : command->operands, source, &words);
        putchar('\'');
    }
    puts("\n        ;;");
}

static void print_zsh(void)
{
    puts("#compdef hintsim\n"
         "# zsh completion for hintsim: hintsim help --completion zsh\n"
         "_hintsim()\n"
         "{\n"
         "    local -a commands=(");
    for (unsigned i = 0; hs_commands[i]; i++) {
        printf("        '%s:", hs_commands[i]->name);
        print_zsh_text(hs_commands[i]->summary);
        puts("'");
    }
    puts("    )\n"
         "    if ((CURRENT == 2)); then\n"
         "        _describe command commands\n"
         "        _arguments '(-h --help)'{-h,--help}'[tell about all commands]' \\\n"
         "            '--version[say which hintsim this is]'\n"
         "        return\n"
         "    fi\n"
         "    shift words\n"
         "    ((CURRENT--))\n"
         "    case $words[1] in");
    for (unsigned i = 0; hs_commands[i]; i++)
        print_zsh_command(hs_commands[i]);
    puts("    esac\n"
         "}\n"
         "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then\n"
         "    _hintsim \"$@\"\n"
         "else\n"
         "    compdef _hintsim hintsim\n"
         "fi");
}

bool hs_completion_print(const char *shell)
{
    bool is_bash = strcmp(shell, "bash") == 0;
    bool is_known = is_bash || strcmp(shell, "zsh") == 0;
    if (is_bash)
        print_bash();
    else if (is_known)
        print_zsh();
    return is_known;
}
