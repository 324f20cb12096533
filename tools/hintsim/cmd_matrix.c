/* SPDX-License-Identifier: BSD-3-Clause */
/* hintsim matrix: verdicts for guests times hosts, and the run behind each cell. */
#include "commands.h"
#include "expected_cells.h"
#include "graph.h"
#include "matrix_answer.h"
#include "matrix_report.h"
#include "ordering_report.h"
#include "prove_report.h"
#include "questions.h"
#include "text.h"

#include <fnmatch.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum format { FORMAT_TEXT, FORMAT_MARKDOWN, FORMAT_JSON, FORMAT_SVG };

/* Options without a letter. */
enum { EXPECT = HS_OPTION_OWN };

struct options {
    enum format format;
    const char *cell; /* NULL: the whole matrix */
    const char *expect;
    const char *witness;
    const char *picture;
    struct hs_text with; /* --with and --without, joined */
    struct hs_text without;
    struct hs_search_options search;
    struct hs_matrix matrix;
    bool infers;    /* --rules */
    bool shows_all; /* --all */
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

/* One side of a matrix. */
struct side {
    const struct hs_preset **presets;
    bool *is_named; /* or NULL */
    unsigned *count;
};

static struct side side_of(struct hs_matrix *matrix, enum hs_side side)
{
    return side == HS_SIDE_GUEST
               ? (struct side){matrix->guests, matrix->is_named, &matrix->guest_count}
               : (struct side){matrix->hosts, NULL, &matrix->host_count};
}

static void add_preset(struct side side, const struct hs_preset *preset, bool is_named)
{
    unsigned at = 0;
    while (at < *side.count && side.presets[at] != preset)
        at++;
    if (at == *side.count) {
        assert(at < HS_MATRIX_SIDE_MAX);
        side.presets[at] = preset;
        (*side.count)++;
    }
    if (side.is_named)
        side.is_named[at] = side.is_named[at] || is_named;
}

/* Those that hint and whose names have the pattern. */
static bool add_pattern(struct side side, enum hs_side which, const char *pattern)
{
    const struct hs_preset *presets[HS_MATRIX_SIDE_MAX];
    unsigned count = hs_presets_that_hint(which, presets, HS_MATRIX_SIDE_MAX);
    bool any = false;
    for (unsigned i = 0; i < count; i++) {
        if (fnmatch(pattern, presets[i]->name, 0) != 0)
            continue;
        add_preset(side, presets[i], false);
        any = true;
    }
    if (!any)
        hs_usage_error(&hs_command_matrix,
            "no %s that hints has a name like '%s'; 'hintsim list presets' lists them",
            which == HS_SIDE_GUEST ? "guest" : "host", pattern);
    return any;
}

static bool add_name(struct hs_matrix *matrix, enum hs_side side, const char *name)
{
    const struct hs_preset *preset = hs_preset_read(&hs_command_matrix, side, name);
    if (preset)
        add_preset(side_of(matrix, side), preset, true);
    return preset != NULL;
}

/* What --guest or --host says. */
static bool add_some(struct hs_matrix *matrix, enum hs_side side, const char *name)
{
    if (name[strcspn(name, "*?[")])
        return add_pattern(side_of(matrix, side), side, name);
    return add_name(matrix, side, name);
}

/* One more list of --with or --without. */
static bool add_in_play(const char *list, bool on, struct hs_text *lists)
{
    struct hs_config unused = {.postcopy = false};
    hs_text_item(lists, ",", "%s", list);
    return hs_in_play_read(&hs_command_matrix, list, on, &unused);
}

static bool add_property(uint32_t *asked, const char *name)
{
    enum hs_property property = hs_property_find(name);
    if (property == HS_PROPERTY_COUNT)
        hs_usage_error(&hs_command_matrix,
            "unknown property '%s'; 'hintsim list properties' lists them", name);
    else if (!hs_proof_covers(property))
        hs_usage_error(&hs_command_matrix, "%s: " HS_NO_PROOF, name);
    else {
        *asked |= 1u << property;
        return true;
    }
    return false;
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

/* ---- one cell ---------------------------------------------------------------------------------
 */

/* What is known of a variant: of every property that breaks, the run.  Writes and draws the first
 * of the runs, if that is wanted.  Returns HS_EXIT_BAD_INPUT if it cannot, else `status`. */
static int show_evidence(const struct options *options, const struct hs_variant *variant,
    const struct hs_evidence *evidence, int status)
{
    struct hs_error error;
    struct hs_proof proof = {.variant = variant, .evidence = *evidence};
    const struct hs_run *run = hs_proof_witness(&proof, HS_PROPERTY_COUNT);
    bool good = true;
    hs_abstraction_set(&proof.abstraction, &variant->config);
    if (options->format != FORMAT_JSON && options->matrix.cells) {
        hs_matrix_print_needs(&options->matrix, stdout);
        hs_matrix_print_sightings(&options->matrix, stdout);
    }
    if (options->format == FORMAT_JSON)
        hs_json_print(hs_proof_json(&proof), stdout);
    else
        hs_proof_print_all(&proof, stdout);
    if (!run && (options->witness || options->picture))
        fprintf(stderr, "hintsim: there is no run to write to %s\n",
            options->witness ? options->witness : options->picture);
    if (run && options->picture) {
        struct hs_race *race = hs_race_tell(run);
        good = hs_graph_draw(race, options->picture, picture_format(options->picture), &error);
        hs_race_free(race);
    }
    if (good && run && options->witness)
        good = hs_run_save(run, options->witness, &error);
    return good ? status : hs_input_error(&error);
}

/* The cell GUEST*HOST becomes the whole matrix. */
static bool pick_cell(struct hs_matrix *matrix, const char *cell)
{
    char guest[64];
    struct hs_text name = hs_text_in(guest, sizeof(guest));
    const char *star = strchr(cell, '*');
    if (!star) {
        hs_usage_error(&hs_command_matrix,
            "--cell: '%s' is not GUEST*HOST, as in 'linux-6.1*qemu-7.2-kvm'", cell);
        return false;
    }
    hs_text_add_bytes(&name, cell, (size_t)(star - cell));
    return add_name(matrix, HS_SIDE_GUEST, guest) && add_name(matrix, HS_SIDE_HOST, star + 1);
}

/* ---- the rules --------------------------------------------------------------------------------
 */

/* Does the rule say what is done? */
static bool says_what(enum hs_rule rule)
{
    return hs_rule_is_context(rule) || hs_rule_is_setting(rule);
}

static bool refuse_to_fix(enum hs_rule rule)
{
    struct hs_text allowed = {0};
    hs_text_begin_list(&allowed);
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        if (says_what((enum hs_rule)r))
            hs_text_item(&allowed, ", ", "%s", hs_rule_rows[r].name);
    }
    hs_usage_error(&hs_command_matrix, "'%s' is not a rule that says what is done: %s",
        hs_rule_rows[rule].name, hs_text_string(&allowed));
    hs_text_free(&allowed);
    return false;
}

/* Of the rules that --rule names, contexts and settings are fixed; others cannot be. */
static bool fix_contexts(const struct hs_matrix *matrix, struct hs_ordering *ordering)
{
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        if (matrix->is_set[r] && !says_what((enum hs_rule)r))
            return refuse_to_fix((enum hs_rule)r);
        ordering->is_fixed[r] = matrix->is_set[r];
    }
    ordering->fixed = matrix->rules;
    return true;
}

/* Read the rules of a combination: NAME=VALUE, with commas, spaces or line breaks between. */
static bool read_combination(const char *cell, struct hs_rules *rules, bool is_named[HS_RULE_COUNT])
{
    static const char between[] = ", \n\t";
    for (cell += strspn(cell, between); *cell; cell += strspn(cell, between)) {
        char one[80];
        bool is_new[HS_RULE_COUNT] = {false};
        struct hs_text text = hs_text_in(one, sizeof(one));
        size_t length = strcspn(cell, between);
        hs_text_add_bytes(&text, cell, length);
        cell += length;
        if (!hs_rule_read(&hs_command_matrix, one, rules, is_new))
            return false;
        for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
            if (is_new[r] && is_named[r]) {
                hs_usage_error(
                    &hs_command_matrix, "--cell: '%s' stands twice", hs_rule_rows[r].name);
                return false;
            }
            is_named[r] = is_named[r] || is_new[r];
        }
    }
    return true;
}

/* Of a combination only contexts, settings and members can be said. */
static bool is_combination(const bool is_named[HS_RULE_COUNT])
{
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        if (!is_named[r] || hs_rule_rows[r].order != HS_ORDER_NONE)
            continue;
        hs_usage_error(&hs_command_matrix, "'%s' is held fixed by --rules", hs_rule_rows[r].name);
        return false;
    }
    return true;
}

/* Say that the first property of `empty` is no question, as one of the worlds shows. */
static int refuse_question(const struct hs_config *config, uint32_t empty)
{
    return hs_no_question(&hs_command_matrix, config, (enum hs_property)__builtin_ctz(empty));
}

/* The combination that --cell names, changed by --rule. */
static int show_combination(const struct options *options)
{
    struct hs_rules named = hs_rules_default();
    bool is_named[HS_RULE_COUNT] = {false};
    struct hs_rules rules;
    struct hs_pair pair;
    struct hs_evidence evidence;
    if (!read_combination(options->cell, &named, is_named))
        return HS_EXIT_BAD_INPUT;
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        if (options->matrix.is_set[r])
            named.value[r] = options->matrix.rules.value[r];
        is_named[r] = is_named[r] || options->matrix.is_set[r];
    }
    if (!is_combination(is_named))
        return HS_EXIT_BAD_INPUT;
    enum hs_rule missing = hs_ordering_rules(&named, is_named, &options->matrix.in_play, &rules);
    if (missing != HS_RULE_COUNT)
        return hs_usage_error(&hs_command_matrix,
            "--cell: %s=VALUE is missing: its values do "
            "different things",
            hs_rule_rows[missing].name);
    hs_ordering_pair(&pair, &rules, &options->matrix.in_play);
    const struct hs_config *config = &pair.variant.config;
    uint32_t empty = options->matrix.asked & ~hs_config_questions(config, options->matrix.asked);
    if (empty)
        return refuse_question(config, empty);
    hs_ordering_gather(&pair, options->matrix.asked, &options->search, &evidence);
    const struct hs_proof proof = {.variant = &pair.variant, .evidence = evidence};
    int status = exit_of(hs_proof_answer(&proof), evidence.end);
    status = show_evidence(options, &pair.variant, &evidence, status);
    hs_evidence_close(&evidence);
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
    static struct hs_ordering inference;
    struct hs_error error;
    struct hs_ordering *ordering = &inference;
    if (!options->matrix.asked)
        options->matrix.asked = 1u << HS_DIRTY_PAGE_LOST;
    if (options->cell)
        return show_combination(options);
    if (!fix_contexts(&options->matrix, ordering))
        return HS_EXIT_BAD_INPUT;
    ordering->asked = options->matrix.asked;
    ordering->in_play = options->matrix.in_play;
    hs_ordering_begin(ordering);
    uint32_t empty = ordering->asked & ~ordering->questions;
    if (empty) {
        hs_ordering_close(ordering);
        return refuse_question(&ordering->usual.variant.config, empty);
    }
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
        if (matrix->is_overview)
            hs_matrix_print_overview(matrix, stdout);
        else
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

/* What was not restricted is complete. */
static void set_usual(struct hs_matrix *matrix)
{
    if (!matrix->guest_count)
        matrix->guest_count =
            hs_presets_that_hint(HS_SIDE_GUEST, matrix->guests, HS_MATRIX_SIDE_MAX);
    if (!matrix->host_count)
        matrix->host_count = hs_presets_that_hint(HS_SIDE_HOST, matrix->hosts, HS_MATRIX_SIDE_MAX);
    matrix->asks_usual = !matrix->asked;
    if (!matrix->asked)
        matrix->asked = HS_MATRIX_USUAL;
}

/* Has every cell a world, and is all that is asked about a question in one of them?  Of the usual,
 * what is in none is not asked about.  HS_EXIT_AS_EXPECTED if so. */
static int check_cells(struct hs_matrix *matrix)
{
    static struct hs_cell cell;
    uint32_t questions = 0;
    for (unsigned i = 0; i < matrix->guest_count * matrix->host_count; i++) {
        const char *misfit = hs_matrix_begin_cell(matrix, &cell,
            matrix->guests[i / matrix->host_count], matrix->hosts[i % matrix->host_count]);
        if (misfit)
            return hs_usage_error(&hs_command_matrix, "%s: %s", cell.name, misfit);
        questions |= hs_config_questions(&cell.pair.variant.config, matrix->asked);
    }
    uint32_t empty = matrix->asked & ~questions;
    if (empty && !(matrix->asks_usual && questions))
        return refuse_question(&cell.pair.variant.config, empty);
    matrix->asked = questions;
    return HS_EXIT_AS_EXPECTED;
}

/* Read what is expected of the cells, which must be all of them; without --property, what they name
 * is asked about.  HS_EXIT_AS_EXPECTED if so. */
static int read_expected(
    const char *path, struct hs_matrix *matrix, struct hs_expected_cells *expected)
{
    struct hs_error error;
    if (!hs_expected_cells_load(path, expected, &error))
        return hs_input_error(&error);
    uint32_t named = 0;
    for (unsigned i = 0; i < expected->count; i++)
        named |= hs_expected_properties(expected->cells[i].verdicts);
    if (!matrix->asked)
        matrix->asked = named;
    matrix->expected = expected;
    return HS_EXIT_AS_EXPECTED;
}

/* Gather for all cells, and print them. */
static int gather_and_print(struct options *options)
{
    struct hs_matrix *matrix = &options->matrix;
    struct hs_error error;
    if (matrix->expected && !hs_matrix_expects(matrix, &error))
        return hs_input_error(&error);
    int status = check_cells(matrix);
    if (status != HS_EXIT_AS_EXPECTED)
        return status;
    hs_matrix_run(matrix, &options->search);
    status = exit_of(hs_matrix_answer(matrix), matrix->end);
    if (options->cell)
        status = show_evidence(
            options, &matrix->cells[0].pair.variant, &matrix->cells[0].evidence, status);
    else
        print_matrix(matrix, options->format);
    hs_matrix_close(matrix);
    return status;
}

static int run_matrix(struct options *options)
{
    struct hs_matrix *matrix = &options->matrix;
    struct hs_expected_cells expected = {.path = NULL};
    if (options->cell && !pick_cell(matrix, options->cell))
        return HS_EXIT_BAD_INPUT;
    int status =
        options->expect ? read_expected(options->expect, matrix, &expected) : HS_EXIT_AS_EXPECTED;
    matrix->is_overview = !options->shows_all && !matrix->guest_count && !matrix->host_count;
    matrix->tells_no_story = matrix->is_overview && options->format != FORMAT_JSON;
    set_usual(matrix);
    if (status == HS_EXIT_AS_EXPECTED)
        status = gather_and_print(options);
    hs_expected_cells_free(&expected);
    return status;
}

static bool read_option(struct options *options, int option, const char *value)
{
    struct hs_matrix *matrix = &options->matrix;
    switch (option) {
    case 'g':
        return add_some(matrix, HS_SIDE_GUEST, value);
    case 'H':
        return add_some(matrix, HS_SIDE_HOST, value);
    case 'a':
        options->shows_all = true;
        return true;
    case 'p':
        return add_property(&matrix->asked, value);
    case 'R':
        options->infers = true;
        return true;
    case 'r':
        return hs_rule_read(&hs_command_matrix, value, &matrix->rules, matrix->is_set);
    case HS_OPTION_WITH:
        return add_in_play(value, true, &options->with);
    case HS_OPTION_WITHOUT:
        return add_in_play(value, false, &options->without);
    case HS_OPTION_THREADS:
    case HS_OPTION_MEMORY:
    case HS_OPTION_TIMEOUT:
        return hs_search_option(&hs_command_matrix, option, value, &options->search);
    case 'f':
        return read_format(value, &options->format);
    case 'c':
        options->cell = value;
        return true;
    case EXPECT:
        options->expect = value;
        return true;
    case 'w':
        options->witness = value;
        return true;
    case 'o':
        return read_picture(value, &options->picture);
    default:
        abort(); /* the table has no other */
    }
}

static bool is_consistent(const struct options *options)
{
    bool has_sides = options->matrix.guest_count || options->matrix.host_count;
    if ((options->witness || options->picture) && !options->cell)
        hs_usage_error(&hs_command_matrix, "--witness and --output need --cell");
    else if (options->cell && options->format != FORMAT_TEXT && options->format != FORMAT_JSON)
        hs_usage_error(&hs_command_matrix, "with --cell the formats are text and json");
    else if (options->expect && (options->cell || options->infers))
        hs_usage_error(&hs_command_matrix, "--expect goes without --cell and --rules");
    else if (options->expect && options->format != FORMAT_TEXT && options->format != FORMAT_JSON)
        hs_usage_error(&hs_command_matrix, "with --expect the formats are text and json");
    else if (options->infers && has_sides)
        hs_usage_error(&hs_command_matrix, "--rules goes without --guest and --host");
    else if (options->shows_all && (options->cell || options->infers || has_sides))
        hs_usage_error(
            &hs_command_matrix, "--all goes without --guest, --host, --cell and --rules");
    else if (options->cell && has_sides)
        hs_usage_error(&hs_command_matrix, "--cell goes without --guest and --host: it names them");
    else
        return true;
    return false;
}

static int matrix_command(int argc, char **argv)
{
    static struct options options;
    int option;
    options.search = hs_usual_plan().search;
    hs_stop_on_interrupt(&options.search);
    while ((option = hs_option_next(&hs_command_matrix, argc, argv)) != -1) {
        if (!read_option(&options, option, optarg))
            return HS_EXIT_BAD_INPUT;
    }
    if (optind != argc)
        return hs_usage_error(&hs_command_matrix, "'%s' is not expected", argv[optind]);
    if (!is_consistent(&options))
        return HS_EXIT_BAD_INPUT;
    options.matrix.in_play = (struct hs_in_play){
        .with = options.with.length ? hs_text_string(&options.with) : NULL,
        .without = options.without.length ? hs_text_string(&options.without) : NULL,
    };
    int status = options.infers ? run_ordering(&options) : run_matrix(&options);
    hs_text_free(&options.with);
    hs_text_free(&options.without);
    return status;
}

static const struct hs_option option_rows[] = {
    {'a', "all", NULL, "every guest and every host by itself, and how", NULL},
    {'g', "guest", "G",
        "only this guest, or those with names like G, as in 'linux-*'; may be repeated", NULL},
    {'H', "host", "H", "only this host, or those like H; may be repeated", NULL},
    {'p', "property", "NAME",
        "this property or clause, instead of the usual three; may be repeated", NULL},
    {'r', "rule", "NAME=VALUE", "change a rule of every guest or host; may be repeated", NULL},
    {HS_OPTION_WITH, "with", "LIST",
        "in play: writes, rounds, migrations, dma, changes, resets, cancels, hops, "
        "postcopy, reporting, inflate",
        HS_IN_PLAY_VALUES},
    {HS_OPTION_WITHOUT, "without", "LIST", "not in play", HS_IN_PLAY_VALUES},
    {'c', "cell", "'GUEST*HOST'",
        "show one cell: its rules, what is in play, its verdicts, and the run behind "
        "each that can break; they are those of the table with the same options",
        NULL},
    {EXPECT, "expect", "FILE",
        "compare with what is expected of every cell (spec/proof.md, "
        "examples/matrix.expect.yaml)",
        NULL},
    {'w', "witness", "FILE", "write the first of the runs, for 'hintsim run'", NULL},
    {'o', "output", "FILE", "draw it, as 'hintsim draw' does", NULL},
    {'f', "format", "F", "text, md, json or svg", "text md json svg"},
    HS_ROW_THREADS,
    HS_ROW_MEMORY,
    HS_ROW_TIMEOUT,
    {.help = "With --rules: which rules, together, suffice?  All minimal sets, for each\n"
             "combination of the rules that only say what is done; and the run that appears\n"
             "when a member of a set is weakened.  Settings, such as hint-trigger, say what\n"
             "is done, too: one is chosen, and with which others a set does not suffice is\n"
             "said.  The property is dirty-page-lost unless --property says another.\n"},
    {'R', "rules", NULL, "infer the sets", NULL},
    {'r', "rule", "NAME=VALUE",
        "only this value of hint-source, hint-effect, log or log-chunk; this setting "
        "of hint-wait, hint-trigger, used-length, done-at-end or initially-all-set; "
        "with --cell, change the combination",
        NULL},
    {'c', "cell", "'NAME=VALUE, ...'",
        "show the combination of these rules; the others that compare are as weak as "
        "they can be",
        NULL},
    {0},
};

const struct hs_command hs_command_matrix = {
    .name = "matrix",
    .usage = "[--all | [--guest G]... [--host H]...]\n"
             "       [--property NAME]... [--rule NAME=VALUE]...\n"
             "       [--with LIST] [--without LIST]\n"
             "       [--expect FILE] [--format text|md|json|svg] [--threads N]\n"
             "       [--memory BYTES] [--timeout SECONDS]\n"
             "   or: hintsim matrix --cell 'GUEST*HOST' [--witness FILE]\n"
             "       [--output FILE.svg|png|dot]\n"
             "       [the same without --all, --guest, --host and --expect]\n"
             "   or: hintsim matrix --rules [--property NAME]... [--rule NAME=VALUE]...\n"
             "       [--with LIST] [--without LIST] [--cell 'NAME=VALUE, ...']\n"
             "       [the same]",
    .summary = "verdicts for guests times hosts, and the run behind each",
    .help = "Each guest with each host, proved as 'hintsim prove' does.  All of them are one\n"
            "screen: those with the same verdicts share a row or a column, and what people\n"
            "run today comes first.  With --all, --guest or --host each is by itself, and\n"
            "where something can happen, a letter and a sentence say how.  A guest that\n"
            "needs what no released host offers is in no pair (/, n/a), unless it is named:\n"
            "then the hosts are patched to offer it.  A mark (*) says that a verdict was\n"
            "seen on a real QEMU, of presets as they are.  The text is at most 72 columns\n"
            "wide, so that it survives in a mail.  Exit status: 0 as expected, 1 if a verdict\n"
            "is another, 2 for bad input, 3 if one is Unknown; without --expect, Never is\n"
            "expected everywhere.  Where nothing could break a property it is no question\n"
            "(-), and what no proof decides cannot be asked for.\n",
    .options = option_rows,
    .operands = NULL,
    .run = matrix_command,
};
