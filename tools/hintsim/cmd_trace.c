/* SPDX-License-Identifier: BSD-3-Clause */
/* hintsim trace: can the model have done what was recorded? */
#include "commands.h"
#include "pair.h"
#include "trace_report.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
    enum hs_format format;
    const char *picture;  /* where the windows are drawn to */
    bool has_page;        /* a page's story is to be written as a scenario */
    uint64_t page;        /* its frame number */
    const char *scenario; /* the file */
    const struct hs_preset *guest;
    const struct hs_preset *host;
    struct hs_pair pair;
    char name[128];
};

/* A recording, and all that is found out about it. */
struct work {
    struct hs_recording *recording;
    struct hs_elements elements;
    struct hs_clocks clocks;
    struct hs_page_stories stories;
    struct hs_fit fit;
    struct hs_windows windows;
    struct hs_closing closings[HS_CLOSINGS_MAX];
    struct hs_error error;
};

/* What can befall a page of this class, the longest window first.  False: nothing can. */
static bool find_harm(
    const struct work *work, const struct hs_page_class *class, enum hs_property *harm)
{
    uint32_t number = (uint32_t)(class - work->stories.classes);
    for (uint32_t i = 0; i < work->windows.count; i++) {
        if (work->windows.windows[i].class == number) {
            *harm = work->windows.windows[i].harm;
            return true;
        }
    }
    return false;
}

/* Write the story of a page as a scenario.  Returns an enum hs_exit. */
static int tell(struct work *work, struct options *options, const struct hs_page_class *class,
    struct hs_page_scenario *written)
{
    static char question[80];
    struct hs_variant world;
    struct hs_run *run = NULL;
    struct hs_story_goal goal = {.is_harmed = false};
    const struct hs_variant *variant = &options->pair.variant;
    snprintf(question, sizeof(question), "What befell page frame 0x%" PRIx64 " of a recording?",
        options->page);
    options->pair.scenario.question = question;
    goal.is_harmed = find_harm(work, class, &goal.harm);
    enum hs_story_end end =
        hs_story_run_find(variant, &work->stories, class, goal, &world, &run, &written->number);
    written->is_harmed = goal.is_harmed && run;
    if (goal.is_harmed && !run)
        end = hs_story_run_find(variant, &work->stories, class,
            (struct hs_story_goal){.is_harmed = false}, &world, &run, &written->number);
    written->gave_up = end == HS_STORY_GAVE_UP;
    if (!run)
        return HS_EXIT_INCONCLUSIVE;
    written->steps = run->length;
    bool is_saved = hs_run_save(run, options->scenario, &work->error);
    hs_run_free(run);
    if (!is_saved)
        return hs_input_error(&work->error);
    written->file = options->scenario;
    return HS_EXIT_AS_EXPECTED;
}

/* The same, of the page that --page names.  Returns an enum hs_exit. */
static int tell_page(struct work *work, struct options *options, struct hs_traced *traced)
{
    static struct hs_page_scenario written;
    uint32_t page_size = work->recording->page_size;
    written.page = options->page * page_size;
    const struct hs_page_class *class = options->page <= UINT64_MAX / page_size
                                            ? hs_page_class_of(&work->stories, written.page)
                                            : NULL;
    if (!class)
        return hs_usage_error(&hs_command_trace,
            "--page 0x%" PRIx64 ": no event of the recording is about this page", options->page);
    if (hs_traced_is_refused(traced)) {
        fprintf(stderr, "hintsim: there is no run to write to %s\n", options->scenario);
        return HS_EXIT_NOT_EXPECTED;
    }
    traced->scenario = &written;
    return tell(work, options, class, &written);
}

/* Judge the stories of all pages, and find windows if they fit. */
static void judge(struct work *work, const struct hs_config *config, struct hs_traced *traced)
{
    struct hs_automaton *automaton = hs_automaton_new(config, work->recording->recorded);
    hs_fit_find(automaton, &work->stories, &work->fit);
    traced->fit = &work->fit;
    if (!work->fit.is_refused) {
        hs_windows_find(automaton, &work->stories, &work->windows);
        traced->windows = &work->windows;
        if (work->windows.count)
            traced->closing_count =
                hs_closings_find(config, &work->stories, &work->windows.windows[0], work->closings);
        traced->closings = work->closings;
    }
    hs_automaton_free(automaton);
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

/* Draw the windows.  Returns an enum hs_exit. */
static int draw(const struct hs_traced *traced, const char *path)
{
    struct hs_error error;
    if (!traced->windows || !traced->windows->count) {
        fprintf(stderr, "hintsim: there is no window to draw to %s\n", path);
        return HS_EXIT_AS_EXPECTED;
    }
    return hs_windows_draw(traced, path, picture_format(path), &error) ? HS_EXIT_AS_EXPECTED
                                                                       : hs_input_error(&error);
}

/* Find out, and tell.  Returns an enum hs_exit. */
static int trace_elements(struct work *work, const char *path, struct options *options)
{
    int status = HS_EXIT_AS_EXPECTED;
    const struct hs_config *config = &options->pair.variant.config;
    struct hs_traced traced = {.path = path,
        .guest = options->guest->name,
        .host = options->host->name,
        .recording = work->recording,
        .elements = &work->elements,
        .wrong = &work->error};
    if (hs_clocks_find(
            work->recording, &work->elements, &config->rules, &work->clocks, &work->error)) {
        traced.clocks = &work->clocks;
        if (!hs_page_stories_find(work->recording, &work->elements, &work->clocks, &config->rules,
                &work->stories, &work->error))
            return hs_input_error(&work->error);
        judge(work, config, &traced);
        status = options->scenario ? tell_page(work, options, &traced) : HS_EXIT_AS_EXPECTED;
        if (status == HS_EXIT_BAD_INPUT)
            return status;
    }
    if (options->format == HS_FORMAT_JSON)
        hs_json_print(hs_traced_json(&traced), stdout);
    else
        hs_traced_print(&traced, stdout);
    if (options->picture && draw(&traced, options->picture) != HS_EXIT_AS_EXPECTED)
        return HS_EXIT_BAD_INPUT;
    bool is_good = !hs_traced_is_refused(&traced) && !hs_traced_breaks_clause(&traced);
    return is_good ? status : HS_EXIT_NOT_EXPECTED;
}

static int trace_file(const char *path, struct options *options)
{
    static struct work work;
    work.recording = hs_recording_load(path, &work.error);
    int status =
        work.recording && hs_elements_find(work.recording, path, &work.elements, &work.error)
            ? trace_elements(&work, path, options)
            : hs_input_error(&work.error);
    hs_windows_close(&work.windows);
    hs_page_stories_close(&work.stories);
    hs_elements_close(&work.elements);
    hs_recording_free(work.recording);
    return status;
}

/* A page frame number: decimal, or with 0x. */
static bool read_page(struct options *options, const char *value)
{
    char *end;
    errno = 0;
    options->page = strtoull(value, &end, 0);
    options->has_page = true;
    if (*value >= '0' && *value <= '9' && !*end && !errno)
        return true;
    hs_usage_error(&hs_command_trace, "'%s' is no page frame number: 1024 and 0x400 are", value);
    return false;
}

static bool read_option(struct options *options, int option, const char *value)
{
    struct hs_config *config = &options->pair.variant.config;
    switch (option) {
    case 'g':
    case 'H':
        return true;
    case 'r':
        return hs_rule_read(&hs_command_trace, value, &config->rules, (bool[HS_RULE_COUNT]){false});
    case HS_OPTION_WITH:
    case HS_OPTION_WITHOUT:
        return hs_in_play_read(&hs_command_trace, value, option == HS_OPTION_WITH, config);
    case 'o':
        options->picture = value;
        if (picture_format(value))
            return true;
        hs_usage_error(&hs_command_trace, "'%s': the ending is none of .svg, .png, .dot", value);
        return false;
    case 'p':
        return read_page(options, value);
    case 's':
        options->scenario = value;
        return true;
    case 'f':
        return hs_format_read(&hs_command_trace, value, &options->format);
    default:
        abort(); /* the table has no other */
    }
}

static bool read_presets(struct options *options, int option, const char *value)
{
    if (option == 'g')
        options->guest = hs_preset_read(&hs_command_trace, HS_SIDE_GUEST, value);
    if (option == 'H')
        options->host = hs_preset_read(&hs_command_trace, HS_SIDE_HOST, value);
    return (option != 'g' || options->guest) && (option != 'H' || options->host);
}

/* The guest and the host; config changes are none of hinting's, and in no recording but as
 * interrupts that nothing else explains. */
static bool begin_pair(struct options *options)
{
    char wrong[HS_IN_PLAY_NAME];
    if (!options->guest || !options->host) {
        hs_usage_error(&hs_command_trace, "--guest and --host are expected");
        return false;
    }
    snprintf(
        options->name, sizeof(options->name), "%s*%s", options->guest->name, options->host->name);
    hs_pair_begin(&options->pair, options->guest, options->host, options->name);
    return hs_in_play_set(&options->pair.variant.config, "changes", false, wrong);
}

static int trace_command(int argc, char **argv)
{
    static struct options options;
    for (int pass = 0; pass < 2; pass++) {
        int option;
        hs_options_restart();
        if (pass == 1 && !begin_pair(&options))
            return HS_EXIT_BAD_INPUT;
        while ((option = hs_option_next(&hs_command_trace, argc, argv)) != -1) {
            if (pass == 0 ? !read_presets(&options, option, optarg)
                          : !read_option(&options, option, optarg))
                return HS_EXIT_BAD_INPUT;
        }
    }
    if (optind + 1 != argc)
        return hs_usage_error(&hs_command_trace, "one recording is expected");
    if (options.has_page != (options.scenario != NULL))
        return hs_usage_error(&hs_command_trace, "--page and --scenario go together");
    const char *wrong = hs_config_finish(&options.pair.variant.config);
    if (wrong)
        return hs_usage_error(&hs_command_trace, "%s", wrong);
    if (!hs_output_is_apart(&hs_command_trace, options.picture, argv[optind]) ||
        !hs_output_is_apart(&hs_command_trace, options.scenario, argv[optind]))
        return HS_EXIT_BAD_INPUT;
    return trace_file(argv[optind], &options);
}

static const struct hs_option option_rows[] = {
    {'g', "guest", "G", "a guest preset", NULL},
    {'H', "host", "H", "a host preset", NULL},
    {'r', "rule", "NAME=VALUE", "change a rule of the pair", NULL},
    {HS_OPTION_WITH, "with", "LIST",
        "in play: changes (of the balloon's target), resets, hops, postcopy, "
        "reporting, inflate",
        HS_IN_PLAY_VALUES},
    {HS_OPTION_WITHOUT, "without", "LIST", "not in play: writes, rounds, migrations, dma, cancels",
        HS_IN_PLAY_VALUES},
    {'o', "output", "OUT", "draw the windows: time across, one below the other", NULL},
    {'p', "page", "PFN",
        "write a run with the story of this page frame, in which a write of it is "
        "lost or wiped, if it has a window,",
        NULL},
    {'s', "scenario", "OUT",
        "to this file, as a scenario that run replays; status 3 if no small world "
        "has such a run",
        NULL},
    HS_ROW_FORMAT,
    {0},
};

const struct hs_command hs_command_trace = {
    .name = "trace",
    .usage = "--guest G --host H [--rule NAME=VALUE]... [--with LIST]\n"
             "       [--without LIST] [--output OUT.svg|png|dot]\n"
             "       [--page PFN --scenario OUT.yaml] [--format text|json] FILE",
    .summary = "can the model have done what was recorded of a real migration?",
    .help = "FILE has an event a line, as spec/trace.md says; - is the standard input.  For\n"
            "each page that occurs a run of the model is looked for that has these events,\n"
            "in an order that the clocks allow, whatever other pages do.  If there is none\n"
            "for one of them the recording is refused: guest and host are not as these\n"
            "presets say.  Else it is not refuted.  And the elements are checked by\n"
            "themselves: lengths, directions, order of commands.  Exit status 1: refused, or\n"
            "a clause is broken.\n",
    .options = option_rows,
    .operands = "FILE",
    .run = trace_command,
};
