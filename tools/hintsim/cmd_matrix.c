/* hintsim matrix: verdicts for guests times hosts, and the run behind each number. */
#include "commands.h"
#include "graph.h"
#include "ladder.h"
#include "matrix_report.h"
#include "ordering_report.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum format { FORMAT_TEXT, FORMAT_MARKDOWN, FORMAT_JSON, FORMAT_SVG };

struct options {
    enum format format;
    unsigned cell; /* 0: the whole matrix */
    const char *witness;
    const char *picture;
    struct hs_search_options search;
    struct hs_matrix matrix;
    bool infers; /* --rules */
    struct hs_ordering ordering;
};

static int exit_of(enum hs_answer answer, enum hs_search_end end)
{
    int status = hs_exit_of(answer);
    if (end != HS_SEARCH_COMPLETE)
        fprintf(stderr, "hintsim: not complete: %s\n", hs_search_end_names[end]);
    return end == HS_SEARCH_TIMED_OUT && status == HS_EXIT_INCONCLUSIVE ? HS_EXIT_TIMED_OUT
                                                                        : status;
}

static bool read_format(const char *text, enum format *format)
{
    static const char *const names[] = {"text", "md", "json", "svg"};
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(text, names[i]) == 0) {
            *format = (enum format)i;
            return true;
        }
    }
    hs_usage_error(&hs_command_matrix, "unknown format '%s'; allowed: text, md, json, svg", text);
    return false;
}

static bool add_preset(
    enum hs_side side, const char *name, const struct hs_preset **presets, unsigned *count)
{
    const struct hs_preset *preset = hs_preset_find(side, name);
    if (!preset)
        hs_usage_error(&hs_command_matrix, "unknown %s '%s'; 'hintsim list presets' lists them",
            side == HS_SIDE_GUEST ? "guest" : "host", name);
    for (unsigned i = 0; preset && i < *count; i++) {
        if (presets[i] == preset)
            return true;
    }
    if (preset)
        presets[(*count)++] = preset;
    return preset != NULL;
}

static bool add_property(uint32_t *asked, const char *name)
{
    enum hs_property property = hs_property_find(name);
    if (property == HS_PROPERTY_COUNT)
        hs_usage_error(&hs_command_matrix,
            "unknown property '%s'; 'hintsim list properties' lists them", name);
    else
        *asked |= 1u << property;
    return property != HS_PROPERTY_COUNT;
}

static bool read_cell(const char *text, unsigned *cell)
{
    char *end;
    errno = 0;
    unsigned long number = strtoul(text, &end, 10);
    bool good =
        text[0] >= '0' && text[0] <= '9' && !*end && !errno && number > 0 && number <= UINT32_MAX;
    if (good)
        *cell = (unsigned)number;
    else
        hs_usage_error(&hs_command_matrix, "--cell: '%s' is not a number from 1 on", text);
    return good;
}

static const char *picture_format(const char *path)
{
    static const char *const formats[] = {"svg", "png", "dot"};
    const char *dot = strrchr(path, '.');
    for (unsigned i = 0; dot && i < sizeof(formats) / sizeof(formats[0]); i++) {
        if (strcmp(dot + 1, formats[i]) == 0)
            return formats[i];
    }
    return NULL;
}

static bool read_picture(const char *path, const char **picture)
{
    *picture = path;
    if (picture_format(path))
        return true;
    hs_usage_error(&hs_command_matrix, "'%s': the ending is none of .svg, .png, .dot", path);
    return false;
}

/* ---- the run behind a number ------------------------------------------------------------------
 */

static void print_run(
    const struct options *options, const struct hs_race *race, enum hs_property property)
{
    char story[HS_STORY_SIZE];
    if (options->format == FORMAT_JSON) {
        hs_json_print(hs_run_json(race), stdout);
        return;
    }
    hs_story_write(race, property, story);
    hs_run_print(race, stdout);
    fputs("story:\n", stdout);
    hs_ladder_print_wrapped(story, 2, stdout);
}

static int show_run(
    const struct options *options, const struct hs_run *run, enum hs_property property)
{
    struct hs_error error;
    struct hs_race *race = hs_race_tell(run);
    bool good = true;
    print_run(options, race, property);
    if (options->picture)
        good = hs_graph_draw(race, options->picture, picture_format(options->picture), &error);
    if (good && options->witness)
        good = hs_run_save(run, options->witness, &error);
    hs_race_free(race);
    return good ? HS_EXIT_AS_EXPECTED : hs_input_error(&error);
}

/* The first property asked about that a run breaks; HS_PROPERTY_COUNT if there is none. */
static enum hs_property broken_property(const struct hs_settled *settled)
{
    unsigned p = 0;
    while (p < HS_PROPERTY_COUNT && !settled->finding[p])
        p++;
    return (enum hs_property)p;
}

static int show_cell(const struct options *options)
{
    const struct hs_cell *cell = &options->matrix.cells[0];
    enum hs_property property = broken_property(&cell->settled);
    if (property < HS_PROPERTY_COUNT)
        return show_run(options, cell->settled.finding[property]->run, property);
    if (hs_matrix_answer(&options->matrix) == HS_INCONCLUSIVE) {
        fprintf(stderr, "hintsim: --cell %u: no run of %s was found\n", cell->number, cell->name);
        return exit_of(HS_INCONCLUSIVE, options->matrix.end);
    }
    return hs_usage_error(
        &hs_command_matrix, "--cell: no run of %s breaks what is asked about", cell->name);
}

/* ---- the rules --------------------------------------------------------------------------------
 */

static bool fix_rule(struct hs_ordering *ordering, const char *text)
{
    char name[64];
    size_t length = strcspn(text, "=");
    snprintf(name, sizeof(name), "%.*s", (int)(length < 63 ? length : 63), text);
    enum hs_rule rule = hs_rule_find(name);
    bool is_context = false;
    for (unsigned i = 0; i < hs_context_rule_count; i++)
        is_context = is_context || hs_context_rules[i].rule == rule;
    int value = is_context && text[length] ? hs_rule_value_find(rule, text + length + 1) : -1;
    if (!is_context)
        hs_usage_error(&hs_command_matrix,
            "'%s' is not a rule that says what is done: hint-source, hint-effect, log, log-chunk",
            name);
    else if (value < 0)
        hs_usage_error(&hs_command_matrix,
            "'%s': not a value of %s; 'hintsim list rules' lists them", text, name);
    if (value < 0)
        return false;
    ordering->is_fixed[rule] = true;
    ordering->fixed.value[rule] = (uint8_t)value;
    return true;
}

/* The number says which rules; proving these again is quick. */
static int show_combination(const struct options *options)
{
    static char name[32];
    struct hs_rules rules;
    struct hs_pair pair;
    struct hs_settled settled;
    if (!hs_ordering_rules(options->cell, &rules))
        return hs_usage_error(&hs_command_matrix,
            "--cell: there is no number %u; the rules have 1 to %u", options->cell,
            hs_ordering_numbers());
    snprintf(name, sizeof(name), "ordering-%u", options->cell);
    hs_ordering_pair(&pair, &rules, name);
    hs_settle(
        &pair.variant, options->matrix.asked, options->matrix.asked, 0, &options->search, &settled);
    enum hs_property p = broken_property(&settled);
    int status =
        p < HS_PROPERTY_COUNT
            ? show_run(options, settled.finding[p]->run, p)
            : hs_usage_error(&hs_command_matrix,
                  "--cell: no run of the rules with number %u breaks anything", options->cell);
    hs_settled_close(&settled);
    return status;
}

static bool print_ordering(
    const struct hs_ordering *ordering, enum format format, struct hs_error *error)
{
    switch (format) {
    case FORMAT_TEXT:
        hs_ordering_print_text(ordering, stdout);
        break;
    case FORMAT_MARKDOWN:
        hs_ordering_print_markdown(ordering, stdout);
        break;
    case FORMAT_JSON:
        hs_json_print(hs_ordering_json(ordering), stdout);
        break;
    case FORMAT_SVG:
        return hs_ordering_print_svg(ordering, stdout, error);
    }
    return true;
}

static int run_ordering(struct options *options)
{
    enum { SAMPLES = 16 };
    struct hs_error error;
    struct hs_ordering *ordering = &options->ordering;
    if (!options->matrix.asked)
        options->matrix.asked = 1u << HS_DIRTY_PAGE_LOST;
    if (options->cell)
        return show_combination(options);
    ordering->asked = options->matrix.asked;
    ordering->samples = SAMPLES;
    ordering->shows_progress = isatty(STDERR_FILENO);
    ordering->options = options->search;
    hs_ordering_run(ordering);
    /* Of sets that suffice, or do not, nothing is known before all is. */
    bool good =
        ordering->end != HS_SEARCH_COMPLETE || print_ordering(ordering, options->format, &error);
    int status =
        good ? exit_of(hs_ordering_answer(ordering), ordering->end) : hs_input_error(&error);
    hs_ordering_close(ordering);
    return status;
}

/* ---- the command ------------------------------------------------------------------------------
 */

static void print_matrix(const struct hs_matrix *matrix, enum format format)
{
    switch (format) {
    case FORMAT_TEXT:
        hs_matrix_print_text(matrix, stdout);
        break;
    case FORMAT_MARKDOWN:
        hs_matrix_print_markdown(matrix, stdout);
        break;
    case FORMAT_JSON:
        hs_json_print(hs_matrix_json(matrix), stdout);
        break;
    case FORMAT_SVG:
        hs_matrix_print_svg(matrix, stdout);
        break;
    }
}

/* The pair with that number alone. */
static bool pick_cell(struct hs_matrix *matrix, unsigned number)
{
    matrix->guest_count = matrix->host_count = 1;
    return hs_pair_numbered(number, &matrix->guests[0], &matrix->hosts[0]);
}

/* What was not restricted is complete. */
static void set_usual(struct hs_matrix *matrix)
{
    if (!matrix->guest_count)
        matrix->guest_count = hs_presets_of(HS_SIDE_GUEST, matrix->guests, HS_MATRIX_SIDE_MAX);
    if (!matrix->host_count)
        matrix->host_count = hs_presets_of(HS_SIDE_HOST, matrix->hosts, HS_MATRIX_SIDE_MAX);
    if (!matrix->asked)
        matrix->asked = 1u << HS_DIRTY_PAGE_LOST | 1u << HS_PAGE_CORRUPTED | 1u << HS_VALUE_BROKEN;
}

static int run_matrix(struct options *options)
{
    struct hs_matrix *matrix = &options->matrix;
    if (options->cell && !pick_cell(matrix, options->cell))
        return hs_usage_error(&hs_command_matrix,
            "--cell: there is no number %u; there are 1 to %u", options->cell, hs_pair_numbers());
    set_usual(matrix);
    hs_matrix_run(matrix, &options->search);
    int status = HS_EXIT_AS_EXPECTED;
    if (options->cell) {
        status = show_cell(options);
    } else {
        print_matrix(matrix, options->format);
        status = exit_of(hs_matrix_answer(matrix), matrix->end);
    }
    hs_matrix_close(matrix);
    return status;
}

static bool read_option(struct options *options, int option, const char *value)
{
    struct hs_matrix *matrix = &options->matrix;
    switch (option) {
    case 'g':
        return add_preset(HS_SIDE_GUEST, value, matrix->guests, &matrix->guest_count);
    case 'H':
        return add_preset(HS_SIDE_HOST, value, matrix->hosts, &matrix->host_count);
    case 'p':
        return add_property(&matrix->asked, value);
    case 'R':
        options->infers = true;
        return true;
    case 'r':
        return fix_rule(&options->ordering, value);
    case 'W':
        options->matrix.with = value;
        return hs_in_play_read(&hs_command_matrix, value, true, &(struct hs_config){0});
    case HS_OPTION_THREADS:
    case HS_OPTION_MEMORY:
    case HS_OPTION_TIMEOUT:
        return hs_search_option(&hs_command_matrix, option, value, &options->search);
    case 'f':
        return read_format(value, &options->format);
    case 'c':
        return read_cell(value, &options->cell);
    case 'w':
        options->witness = value;
        return true;
    case 'o':
        return read_picture(value, &options->picture);
    default:
        hs_usage_error(&hs_command_matrix, "the command line is not understood");
        return false;
    }
}

static bool fixes_rules(const struct hs_ordering *ordering)
{
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        if (ordering->is_fixed[r])
            return true;
    }
    return false;
}

static bool is_consistent(const struct options *options)
{
    if ((options->witness || options->picture) && !options->cell)
        hs_usage_error(&hs_command_matrix, "--witness and --output need --cell NUMBER");
    else if (options->cell && options->format != FORMAT_TEXT && options->format != FORMAT_JSON)
        hs_usage_error(&hs_command_matrix, "with --cell the formats are text and json");
    else if (options->infers &&
             (options->matrix.guest_count || options->matrix.host_count || options->matrix.with))
        hs_usage_error(&hs_command_matrix, "--rules goes without --guest, --host and --with");
    else if (options->cell && (options->matrix.guest_count || options->matrix.host_count))
        hs_usage_error(
            &hs_command_matrix, "--cell goes without --guest and --host: the number says which");
    else if (fixes_rules(&options->ordering) && (!options->infers || options->cell))
        hs_usage_error(&hs_command_matrix, "--rule needs --rules, and goes without --cell");
    else
        return true;
    return false;
}

static int matrix_command(int argc, char **argv)
{
    static const struct option long_options[] = {{"guest", required_argument, NULL, 'g'},
        {"host", required_argument, NULL, 'H'}, {"property", required_argument, NULL, 'p'},
        {"format", required_argument, NULL, 'f'}, {"cell", required_argument, NULL, 'c'},
        {"witness", required_argument, NULL, 'w'}, {"output", required_argument, NULL, 'o'},
        {"threads", required_argument, NULL, HS_OPTION_THREADS},
        {"memory", required_argument, NULL, HS_OPTION_MEMORY},
        {"timeout", required_argument, NULL, HS_OPTION_TIMEOUT},
        {"with", required_argument, NULL, 'W'}, {"rules", no_argument, NULL, 'R'},
        {"rule", required_argument, NULL, 'r'}, {"help", no_argument, NULL, 'h'}, {0}};
    static struct options options;
    int option;
    options.search = hs_usual_plan().search;
    hs_stop_on_interrupt(&options.search);
    while ((option = getopt_long(argc, argv, "g:H:p:f:c:w:o:t:m:Rr:h", long_options, NULL)) != -1) {
        if (option == 'h') {
            hs_print_help(&hs_command_matrix);
            return HS_EXIT_AS_EXPECTED;
        }
        if (!read_option(&options, option, optarg))
            return HS_EXIT_BAD_INPUT;
    }
    if (optind != argc)
        return hs_usage_error(&hs_command_matrix, "'%s' is not expected", argv[optind]);
    if (!is_consistent(&options))
        return HS_EXIT_BAD_INPUT;
    return options.infers ? run_ordering(&options) : run_matrix(&options);
}

const struct hs_command hs_command_matrix = {
    .name = "matrix",
    .usage = "[--guest G]... [--host H]... [--property NAME]...\n"
             "       [--format text|md|json|svg] [--with LIST] [--threads N]\n"
             "       [--memory BYTES] [--timeout SECONDS]\n"
             "       [--cell NUMBER [--witness FILE] [--output FILE.svg|png|dot]]\n"
             "   or: hintsim matrix --rules [--rule NAME=VALUE]... [the same]",
    .summary = "verdicts for guests times hosts, and the run behind each",
    .help = "Each guest with each host, proved as 'hintsim prove' does; for what can happen,\n"
            "a number and a sentence.  A guest and a host have the same number in every\n"
            "matrix.\n"
            "\n"
            "  -g, --guest G        only this guest; may be repeated\n"
            "  -H, --host H         only this host; may be repeated\n"
            "  -p, --property NAME  this property or clause, instead of the usual three; may\n"
            "                       be repeated\n"
            "      --with LIST      in play, too: resets, postcopy, reporting, inflate\n"
            "  -c, --cell NUMBER    show the run behind a number, as 'hintsim run' does: of\n"
            "                       the first property that breaks, or of --property; with\n"
            "                       the same --with\n"
            "  -w, --witness FILE   write it as a scenario that 'hintsim run' replays\n"
            "  -o, --output FILE    draw it, as 'hintsim draw' does\n"
            "  -f, --format F       text, md, json or svg\n"
            "  -t, --threads N      threads (all processors)\n"
            "  -m, --memory BYTES   memory, with K, M or G (80 % of what is free)\n"
            "      --timeout SECONDS  stop then, with exit status 124\n"
            "\n"
            "With --rules: which rules, together, suffice?  All minimal sets, for each\n"
            "combination of the rules that only say what is done; and the run that appears\n"
            "when a member of a set is weakened.  The property is dirty-page-lost unless\n"
            "--property says another.\n"
            "\n"
            "  -R, --rules            infer the sets\n"
            "  -r, --rule NAME=VALUE  only this value of hint-source, hint-effect, log or\n"
            "                         log-chunk\n",
    .run = matrix_command,
};
