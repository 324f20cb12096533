/* hintsim prove: the verdict for any number of pages, writes and rounds. */
#include "commands.h"
#include "explain_report.h"
#include "prove_report.h"
#include "whole_file.h"
#include "write.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
    enum hs_format format;
    const char *variant_name;
    const char *witness;
    enum hs_property property; /* whose witness; HS_PROPERTY_COUNT: the first */
    bool explains;
    struct hs_search_options search;
    /* instead of a file */
    struct hs_scenario pair;
    struct hs_variant variant;
    bool has_pair;
};

static bool set_preset(struct options *options, enum hs_side side, const char *name)
{
    const struct hs_preset *preset = hs_preset_find(side, name);
    options->has_pair = true;
    if (!preset) {
        hs_usage_error(
            &hs_command_prove, "unknown preset '%s'; 'hintsim list presets' lists them", name);
        return false;
    }
    if (side == HS_SIDE_GUEST)
        options->pair.guest = preset;
    else
        options->pair.host = preset;
    hs_rules_apply_preset(&options->variant.config.rules, preset);
    return true;
}

/* One `name=value` of --rule. */
static bool set_rule(struct hs_rules *rules, const char *text)
{
    char name[64];
    size_t length = strcspn(text, "=");
    snprintf(name, sizeof(name), "%.*s", (int)(length < 63 ? length : 63), text);
    enum hs_rule rule = hs_rule_find(name);
    if (rule == HS_RULE_COUNT) {
        hs_usage_error(
            &hs_command_prove, "unknown rule '%s'; 'hintsim list rules' lists them", name);
        return false;
    }
    int value = text[length] ? hs_rule_value_find(rule, text + length + 1) : -1;
    if (value < 0) {
        hs_usage_error(&hs_command_prove,
            "'%s': not a value of %s; 'hintsim list rules' lists them", text, name);
        return false;
    }
    rules->value[rule] = (uint8_t)value;
    return true;
}

/* What --with names beyond the usual: a limit, a queue, or postcopy. */
static bool set_in_play(struct hs_config *config, const char *name, bool on)
{
    bool known = true;
    if (strcmp(name, "postcopy") == 0)
        config->postcopy = on;
    else if (strcmp(name, "reporting") == 0)
        config->queue_size[HS_QUEUE_REPORTING] = on;
    else if (strcmp(name, "inflate") == 0)
        config->queue_size[HS_QUEUE_INFLATE] = config->queue_size[HS_QUEUE_DEFLATE] = on;
    else
        known = false;
    for (unsigned i = 0; i < HS_LIMIT_COUNT && !known; i++) {
        known = strcmp(name, hs_limit_rows[i].name) == 0;
        if (known)
            config->limits[i] = on ? 1 : 0;
    }
    if (!known)
        hs_usage_error(&hs_command_prove,
            "'%s' is not one of writes, rounds, migrations, dma, changes, resets, cancels, "
            "postcopy, reporting, inflate",
            name);
    return known;
}

/* Each name of a list with commas. */
static bool set_each_in_play(struct hs_config *config, const char *list, bool on)
{
    while (*list) {
        char name[32];
        size_t length = strcspn(list, ",");
        snprintf(name, sizeof(name), "%.*s", (int)(length < 31 ? length : 31), list);
        if (!set_in_play(config, name, on))
            return false;
        list += length + (list[length] == ',');
    }
    return true;
}

/* The pair as a scenario without a file. */
static void begin_pair(struct options *options)
{
    static char name[] = "pair";
    static char question[] = "Does any run of any size break a property or a clause?";
    struct hs_config *config = &options->variant.config;
    options->pair.name = name;
    options->pair.question = question;
    options->variant.scenario = &options->pair;
    config->rules = hs_rules_default();
    config->pages = 1;
    config->report_batch = 1;
    config->queue_size[HS_QUEUE_FREE_PAGE] = 4;
    memset(config->limits, 1, sizeof(config->limits));
    config->limits[HS_LIMIT_RESETS] = 0;
}

static void name_pair(struct options *options)
{
    const struct hs_preset *guest = options->pair.guest;
    const struct hs_preset *host = options->pair.host;
    snprintf(options->variant.name, sizeof(options->variant.name), "%s+%s",
        guest ? guest->name : "default", host ? host->name : "default");
}

static bool write_witness(const struct hs_run *run, const char *path, struct hs_error *error)
{
    char name[200];
    char *text = NULL;
    size_t length = 0;
    const char *slash = strrchr(path, '/');
    snprintf(name, sizeof(name), "%s", slash ? slash + 1 : path);
    if (strrchr(name, '.'))
        *strrchr(name, '.') = '\0';
    FILE *out = hs_must(open_memstream(&text, &length));
    hs_run_write(run, name, out);
    fclose(out);
    bool good = hs_whole_file_write(path, text, length, error);
    free(text);
    return good;
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

static int prove_variant(
    const struct hs_variant *variant, const struct options *options, struct hs_error *error)
{
    struct hs_proof proof;
    uint32_t wanted = options->property < HS_PROPERTY_COUNT ? 1u << options->property : UINT32_MAX;
    hs_prove(variant, wanted, &options->search, &proof);
    print_proof(&proof, options);
    int answer = hs_exit_of(hs_proof_answer(&proof));
    const struct hs_run *witness = hs_proof_witness(&proof, options->property);
    if (options->witness && witness && !write_witness(witness, options->witness, error))
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
    const char *wrong = hs_config_finish(&options->variant.config);
    if (wrong)
        return hs_usage_error(&hs_command_prove, "%s", wrong);
    name_pair(options);
    return prove_variant(&options->variant, options, &error);
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
    struct hs_config *config = &options->variant.config;
    switch (option) {
    case 'g':
    case 'H':
        return true;
    case 'r':
        options->has_pair = true;
        return set_rule(&config->rules, value);
    case 'W':
    case 'O':
        options->has_pair = true;
        return set_each_in_play(config, value, option == 'W');
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
    case 'p':
        options->property = hs_property_find(value);
        if (options->property == HS_PROPERTY_COUNT)
            hs_usage_error(&hs_command_prove,
                "unknown property '%s'; 'hintsim list properties' lists them", value);
        return options->property != HS_PROPERTY_COUNT;
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
        {"explain", no_argument, NULL, 'e'}, {"help", no_argument, NULL, 'h'}, {0}};
    static struct options options;
    options.property = HS_PROPERTY_COUNT;
    options.search = hs_usual_plan().search;
    begin_pair(&options);
    for (int pass = 0; pass < 2; pass++) {
        int option;
        optind = 1;
        while ((option = getopt_long(argc, argv, "g:H:r:f:v:w:p:eh", long_options, NULL)) != -1) {
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
    return options.has_pair ? prove_pair(&options) : prove_file(argv[optind], &options);
}

const struct hs_command hs_command_prove = {
    .name = "prove",
    .usage = "[--property NAME] [--witness FILE] [--explain] [--format text|json]\n"
             "       [--variant NAME=VALUE,...] FILE\n"
             "   or: hintsim prove --guest G --host H [--rule NAME=VALUE]... [--with LIST]\n"
             "       [--without LIST]",
    .summary = "the verdict for any number of pages, writes and rounds",
    .help = "One page is followed exactly, and everything else may do whatever it could\n"
            "(spec/proof.md).  Never: proved for all sizes.  Sometimes: with a run that shows\n"
            "it.  Unknown: neither.  Sizes and limits of the scenario do not matter, except\n"
            "that a queue of 0 slots stays away and a limit of 0 stays 0.  A pair has no\n"
            "resets, postcopy, reporting or inflating unless --with names them.\n"
            "\n"
            "  -g, --guest G          a guest preset, instead of a file\n"
            "  -H, --host H           a host preset\n"
            "  -r, --rule NAME=VALUE  change a rule of the pair\n"
            "      --with LIST        in play: writes, rounds, migrations, dma, changes, resets,\n"
            "                         cancels, postcopy, reporting, inflate\n"
            "      --without LIST     not in play\n"
            "  -p, --property NAME    look for a run that breaks this one alone, and show it\n"
            "  -w, --witness FILE     write the run as a scenario that run replays\n"
            "  -e, --explain          say why no dirty page is lost, as a statement that is\n"
            "                         checked to be inductive; or where none holds\n"
            "  -f, --format text|json text for people, or the same facts as JSON\n"
            "  -v, --variant V        which member of a family, as 'hintsim check' names it\n",
    .run = prove_command,
};
