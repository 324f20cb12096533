/* SPDX-License-Identifier: BSD-3-Clause */
/* The commands of hintsim, and what they share. */
#ifndef HS_COMMANDS_H
#define HS_COMMANDS_H

#include "explore_report.h"
#include "run_report.h"
#include "scenario.h"
#include "search.h"
#include "text.h"

enum hs_exit {
    HS_EXIT_AS_EXPECTED = 0,
    HS_EXIT_NOT_EXPECTED = 1, /* a verdict differs, or something broke unexpectedly */
    HS_EXIT_BAD_INPUT = 2,    /* a file or the command line */
    HS_EXIT_INCONCLUSIVE = 3, /* a bound was hit */
    HS_EXIT_BUG = 70,
    HS_EXIT_TIMED_OUT = 124, /* the time-out that was asked for */
};

/* The exit status for an answer: an enum hs_exit. */
int hs_exit_of(enum hs_answer answer);

/* An option of a command, or a paragraph between two of them.  From a command's table of these come
 * the reading of its command line, its help, its part of the manual, and what shells complete. */
struct hs_option {
    int letter;           /* of its short form; HS_OPTION_LONG or more: it has none */
    const char *name;     /* NULL: not an option, but a paragraph with the lines of `help` */
    const char *argument; /* what its argument is called (see completion.c); NULL: it takes none */
    const char *help;     /* not broken into lines; NULL behind the last row */
    const char *values;   /* the words that its argument may be, with spaces between; or NULL */
};

/* Options without a letter: those that several commands have, and the first of a command's own. */
enum {
    HS_OPTION_LONG = 256,
    HS_OPTION_TIMEOUT = HS_OPTION_LONG,
    HS_OPTION_WITH,
    HS_OPTION_WITHOUT,
    HS_OPTION_OWN
};
enum { HS_OPTION_THREADS = 't', HS_OPTION_MEMORY = 'm' };

/* Rows that several commands have. */
#define HS_ROW_THREADS                                                      \
    {                                                                       \
        HS_OPTION_THREADS, "threads", "N", "threads (all processors)", NULL \
    }
#define HS_ROW_MEMORY                                                                              \
    {                                                                                              \
        HS_OPTION_MEMORY, "memory", "BYTES", "memory, with K, M or G (80 % of what is free)", NULL \
    }
#define HS_ROW_TIMEOUT                                                                   \
    {                                                                                    \
        HS_OPTION_TIMEOUT, "timeout", "SECONDS", "stop then, with exit status 124", NULL \
    }
#define HS_ROW_FORMAT                                                                         \
    {                                                                                         \
        'f', "format", "text|json", "text for people, or the same facts as JSON", "text json" \
    }
#define HS_ROW_VARIANT                                                                     \
    {                                                                                      \
        'v', "variant", "V", "which member of a family, as 'hintsim check' names it", NULL \
    }

/* The values of --with and --without. */
#define HS_IN_PLAY_VALUES \
    "writes rounds migrations dma changes resets cancels hops postcopy reporting inflate"

/* What the overview and the manual say. */
#define HS_TITLE "what happens to a page between its hint and its reuse"
#define HS_EXIT_HELP                                                            \
    "0 as expected; 1 a verdict differs, or something broke that was not\n"     \
    "expected to; 2 bad input or usage; 3 inconclusive; 70 a bug in hintsim;\n" \
    "124 the time-out that was asked for\n"

/* Every command has this option, and none has it in its table. */
enum { HS_HELP_LETTER = 'h' };
#define HS_HELP_NAME "help"

struct hs_command {
    const char *name;
    const char *usage;   /* what follows `hintsim NAME` */
    const char *summary; /* one line */
    const char *help;    /* what `--help` adds, in lines; it may be empty */
    const struct hs_option *options;
    const char *operands;              /* FILE, COMMANDS, or the words that they may be; or NULL */
    int (*run)(int argc, char **argv); /* argv[0] is the command's name; returns enum hs_exit */
};

extern const struct hs_command hs_command_run;
extern const struct hs_command hs_command_explore;
extern const struct hs_command hs_command_prove;
extern const struct hs_command hs_command_matrix;
extern const struct hs_command hs_command_check;
extern const struct hs_command hs_command_draw;
extern const struct hs_command hs_command_drive;
extern const struct hs_command hs_command_trace;
extern const struct hs_command hs_command_list;
extern const struct hs_command hs_command_doctor;
extern const struct hs_command hs_command_help;
extern const struct hs_command *const hs_commands[]; /* NULL behind the last */

/* Say what is wrong with the command line, and where help is.  Returns HS_EXIT_BAD_INPUT. */
__attribute__((format(printf, 2, 3))) int hs_usage_error(
    const struct hs_command *command, const char *format, ...);
/* Say that the property is no question in a world, and what that lacks.  Returns HS_EXIT_BAD_INPUT.
 */
int hs_no_question(
    const struct hs_command *command, const struct hs_config *config, enum hs_property property);
/* Say that none is, and what the first lacks.  Returns HS_EXIT_BAD_INPUT. */
int hs_no_question_at_all(const struct hs_command *command, const struct hs_config *config);
/* Say what is wrong with a file.  Returns HS_EXIT_BAD_INPUT. */
int hs_input_error(const struct hs_error *error);
/* Print what `--help` prints. */
void hs_print_help(const struct hs_command *command);
/* Print the manual, for man. */
void hs_man_print(void);
/* Print what makes a shell complete command lines of hintsim.  False, if it is none that is known.
 */
bool hs_completion_print(const char *shell);
/* The command with that name.  NULL, if there is none. */
const struct hs_command *hs_command_find(const char *name);
/* The same, but if there is none it is said, and which may be meant. */
const struct hs_command *hs_command_read(const char *name);

/* The letter of the next option on the command line, with its argument in `optarg`; HS_HELP_LETTER;
 * '?' for what is none, which is said; -1 behind the last, with the first operand at `optind`. main
 * reads all of them once before the command runs: it meets no '?' and no HS_HELP_LETTER. */
int hs_option_next(const struct hs_command *command, int argc, char **argv);
/* Begin again with the first. */
void hs_options_restart(void);
/* Add an option as help shows it: "-f, --format text|json". */
void hs_option_label(const struct hs_option *option, struct hs_text *label);
/* Does the table tell about the option before, too? */
bool hs_option_is_repeated(const struct hs_command *command, const struct hs_option *option);

/* A search with all processors, 80 % of the memory that is free, and every reduction. */
struct hs_plan hs_usual_plan(void);

/* Read the value of --threads, --memory or --timeout.  False, if it is wrong, which is said. */
bool hs_search_option(const struct hs_command *command, int option, const char *text,
    struct hs_search_options *search);
/* A number, which may end in K, M or G.  False, if it is none, which is said. */
bool hs_number_read(const struct hs_command *command, const char *text, double *number);
/* From now on Ctrl-C stops a search with these options. */
void hs_stop_on_interrupt(struct hs_search_options *search);

/* What --with (`on`) or --without lists, with commas, is in play, or is not.  False, if a name is
 * wrong, which is said. */
bool hs_in_play_read(
    const struct hs_command *command, const char *list, bool on, struct hs_config *config);

/* The preset of that name.  NULL, if there is none, which is said with the names that there are. */
const struct hs_preset *hs_preset_read(
    const struct hs_command *command, enum hs_side side, const char *name);
/* Read `NAME=VALUE` into the rules, and note that the rule is named.  False, if it is wrong, which
 * is said. */
bool hs_rule_read(const struct hs_command *command, const char *text, struct hs_rules *rules,
    bool is_named[HS_RULE_COUNT]);

/* Write a run as a scenario that is named as its file is. */
bool hs_run_save(const struct hs_run *run, const char *path, struct hs_error *error);
/* Where the ending of a file's name begins: its last dot, or its end. */
size_t hs_ending_of(const char *path);

/* May `output`, unless it is NULL, be written while `input` is read?  False, if they are one file,
 * which is said. */
bool hs_output_is_apart(const struct hs_command *command, const char *output, const char *input);

/* The value of `--format`: text or json. */
enum hs_format { HS_FORMAT_TEXT, HS_FORMAT_JSON };
bool hs_format_read(const struct hs_command *command, const char *text, enum hs_format *format);

/* The variant of `scenario` that `wanted` names ("release=any-time,pages=3" or NULL for the first).
 * False, with `error`, if there is none, or if its schedule cannot be replayed. */
bool hs_pick_variant(const struct hs_scenario *scenario, const char *wanted,
    struct hs_variant *variant, struct hs_error *error);

#endif
