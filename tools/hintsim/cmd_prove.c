/* SPDX-License-Identifier: BSD-3-Clause */
/* hintsim prove: the verdict for any number of pages, and of what is in play. */
#include "commands.h"
#include "explain_report.h"
#include "pair.h"
#include "prove_report.h"
#include "questions.h"
#include "text.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
    enum hs_format format;
    const char *variant_name;
    const char *witness;
    enum hs_property property; /* that is asked about; HS_PROPERTY_COUNT: all are */
    bool explains;
    struct hs_search_options search;
    /* instead of a file */
    const struct hs_preset *guest;
    const struct hs_preset *host;
    struct hs_pair pair;
    char pair_name[128];
    bool has_pair;
};

static bool set_preset(struct options *options, enum hs_side side, const char *name)
{
    const struct hs_preset *preset = hs_preset_read(&hs_command_prove, side, name);
    options->has_pair = true;
    if (!preset)
        return false;
    if (side == HS_SIDE_GUEST)
        options->guest = preset;
    else
        options->host = preset;
    return true;
}

/* The guest and the host that were named. */
static void begin_pair(struct options *options)
{
    snprintf(options->pair_name, sizeof(options->pair_name), "%s*%s",
        options->guest ? options->guest->name : "default",
        options->host ? options->host->name : "default");
    hs_pair_begin(&options->pair, options->guest, options->host, options->pair_name);
}

/* Print the proof and, if it was asked for, the explanation. */
static void print_proof(const struct hs_proof *proof, const struct options *options)
{
    struct hs_explanation explanation = {.complete = false};
    bool is_text = options->format == HS_FORMAT_TEXT;
    json_t *json = is_text ? NULL : hs_proof_json(proof);
    if (is_text)
        hs_proof_print(proof, options->property, stdout);
    if (options->explains) {
        hs_explain(&proof->variant->config, &options->search, &explanation);
        if (is_text)
            hs_explanation_print(&explanation, stdout);
        else
            json_object_set_new(json, "explanation", hs_explanation_json(&explanation));
        hs_explanation_close(&explanation);
    }
    if (!is_text)
        hs_json_print(json, stdout);
}

/* Is there a question among these that a proof decides? */
static bool can_answer(const struct hs_config *config, uint32_t asked)
{
    uint32_t questions = hs_config_questions(config, asked);
    unsigned i = 0;
    while (i < HS_PROPERTY_COUNT && !(questions >> i & 1u && hs_proof_covers(i)))
        i++;
    return i < HS_PROPERTY_COUNT;
}

static int prove_variant(
    const struct hs_variant *variant, const struct options *options, struct hs_error *error)
{
    struct hs_proof proof;
    const uint32_t all = (1u << HS_PROPERTY_COUNT) - 1;
    uint32_t asked = options->property < HS_PROPERTY_COUNT ? 1u << options->property : all;
    if (!can_answer(&variant->config, asked))
        return asked == all
                   ? hs_no_question_at_all(&hs_command_prove, &variant->config)
                   : hs_no_question(&hs_command_prove, &variant->config, options->property);
    hs_prove(variant, asked, &options->search, &proof);
    print_proof(&proof, options);
    int answer = hs_exit_of(hs_proof_answer(&proof));
    if (proof.evidence.end == HS_SEARCH_TIMED_OUT && answer == HS_EXIT_INCONCLUSIVE)
        answer = HS_EXIT_TIMED_OUT;
    const struct hs_run *witness = hs_proof_witness(&proof, options->property);
    if (options->witness && !witness)
        fprintf(stderr, "hintsim: there is no run to write to %s\n", options->witness);
    if (options->witness && witness && !hs_run_save(witness, options->witness, error))
        answer = hs_input_error(error);
    hs_proof_close(&proof);
    return answer;
}

static int prove_file(const char *path, const struct options *options)
{
    struct hs_error error;
    struct hs_variant variant;
    struct hs_scenario *scenario = hs_scenario_load(path, &error);
    if (!scenario)
        return hs_input_error(&error);
    int status = hs_pick_variant(scenario, options->variant_name, &variant, &error)
                     ? prove_variant(&variant, options, &error)
                     : hs_input_error(&error);
    hs_scenario_free(scenario);
    return status;
}

static int prove_pair(struct options *options)
{
    struct hs_error error;
    const char *wrong = hs_config_finish(&options->pair.variant.config);
    if (wrong)
        return hs_usage_error(&hs_command_prove, "%s", wrong);
    return prove_variant(&options->pair.variant, options, &error);
}

/* Presets come first, whatever the order on the command line. */
static bool read_presets(struct options *options, int option, const char *value)
{
    return option == 'g'   ? set_preset(options, HS_SIDE_GUEST, value)
           : option == 'H' ? set_preset(options, HS_SIDE_HOST, value)
                           : true;
}

/* One other option; HS_EXIT_AS_EXPECTED if it is understood. */
static bool read_option(struct options *options, int option, const char *value)
{
    struct hs_config *config = &options->pair.variant.config;
    switch (option) {
    case 'g':
    case 'H':
        return true;
    case 'r':
        options->has_pair = true;
        return hs_rule_read(&hs_command_prove, value, &config->rules, (bool[HS_RULE_COUNT]){false});
    case 'W':
    case 'O':
        options->has_pair = true;
        return hs_in_play_read(&hs_command_prove, value, option == 'W', config);
    case 'f':
        return hs_format_read(&hs_command_prove, value, &options->format);
    case 'v':
        options->variant_name = value;
        return true;
    case 'w':
        options->witness = value;
        return true;
    case 'e':
        options->explains = true;
        return true;
    case HS_OPTION_MEMORY:
    case HS_OPTION_TIMEOUT:
        return hs_search_option(&hs_command_prove, option, value, &options->search);
    case 'p':
        options->property = hs_property_find(value);
        if (options->property == HS_PROPERTY_COUNT)
            hs_usage_error(&hs_command_prove,
                "unknown property '%s'; 'hintsim list properties' lists them", value);
        else if (!hs_proof_covers(options->property))
            hs_usage_error(&hs_command_prove, "%s: " HS_NO_PROOF, value);
        else
            return true;
        return false;
    default:
        hs_usage_error(&hs_command_prove, "the command line is not understood");
        return false;
    }
}

static int prove_command(int argc, char **argv)
{
    static const struct option long_options[] = {{"guest", required_argument, NULL, 'g'},
        {"host", required_argument, NULL, 'H'}, {"rule", required_argument, NULL, 'r'},
        {"with", required_argument, NULL, 'W'}, {"without", required_argument, NULL, 'O'},
        {"format", required_argument, NULL, 'f'}, {"variant", required_argument, NULL, 'v'},
        {"witness", required_argument, NULL, 'w'}, {"property", required_argument, NULL, 'p'},
        {"explain", no_argument, NULL, 'e'}, {"memory", required_argument, NULL, HS_OPTION_MEMORY},
        {"timeout", required_argument, NULL, HS_OPTION_TIMEOUT}, {"help", no_argument, NULL, 'h'},
        {0}};
    static struct options options;
    options.property = HS_PROPERTY_COUNT;
    options.search = hs_usual_plan().search;
    hs_stop_on_interrupt(&options.search);
    for (int pass = 0; pass < 2; pass++) {
        int option;
        optind = 1;
        if (pass == 1)
            begin_pair(&options);
        while ((option = getopt_long(argc, argv, "g:H:r:f:v:w:p:m:eh", long_options, NULL)) != -1) {
            if (option == 'h') {
                hs_print_help(&hs_command_prove);
                return HS_EXIT_AS_EXPECTED;
            }
            if (pass == 0 ? !read_presets(&options, option, optarg)
                          : !read_option(&options, option, optarg))
                return HS_EXIT_BAD_INPUT;
        }
    }
    if (options.has_pair ? optind != argc : optind + 1 != argc)
        return hs_usage_error(
            &hs_command_prove, "either one scenario file, or a guest and a host, is expected");
    if (!options.has_pair && !hs_output_is_apart(&hs_command_prove, options.witness, argv[optind]))
        return HS_EXIT_BAD_INPUT;
    return options.has_pair ? prove_pair(&options) : prove_file(argv[optind], &options);
}

const struct hs_command hs_command_prove = {
    .name = "prove",
    .usage = "[--property NAME] [--witness FILE] [--explain]\n"
             "       [--format text|json] [--memory BYTES] [--timeout SECONDS]\n"
             "       [--variant NAME=VALUE,...] FILE\n"
             "   or: hintsim prove --guest G --host H [--rule NAME=VALUE]... [--with LIST]\n"
             "       [--without LIST] [the same]",
    .summary = "the verdict for any number of pages, and of what is in play",
    .help = "One page is followed exactly, and everything else may do whatever it could\n"
            "(spec/proof.md).  Never: proved for all sizes.  Sometimes: with a run that shows\n"
            "it, told in words too.  Unknown: neither.  Sizes and limits of the scenario do\n"
            "not matter, except that a queue of 0 slots stays away and a limit of 0 stays 0.\n"
            "A pair has no resets, postcopy, reporting or inflating unless --with names them.\n"
            "A property that nothing in play could break is no question, and has no\n"
            "verdict; it is bad input to ask where none is one.  page-stuck, guest-stalled\n"
            "and request-unanswered, which no proof decides, are Unknown and do not change\n"
            "the exit status; alone they cannot be asked for.\n"
            "\n"
            "  -g, --guest G          a guest preset, instead of a file\n"
            "  -H, --host H           a host preset\n"
            "  -r, --rule NAME=VALUE  change a rule of the pair\n"
            "      --with LIST        in play: writes, rounds, migrations, dma, changes,\n"
            "                         resets, cancels, hops, postcopy, reporting, inflate\n"
            "      --without LIST     not in play\n"
            "  -p, --property NAME    ask about this one alone, which is quicker\n"
            "  -w, --witness FILE     write the run as a scenario that run replays\n"
            "  -e, --explain          say why no dirty page is lost, as a statement that is\n"
            "                         checked to be inductive; or where none holds\n"
            "  -m, --memory BYTES     memory, with K, M or G (80 % of what is free)\n"
            "      --timeout SECONDS  stop then, with exit status 124\n"
            "  -f, --format text|json text for people, or the same facts as JSON\n"
            "  -v, --variant V        which member of a family, as 'hintsim check' names it\n",
    .run = prove_command,
};
