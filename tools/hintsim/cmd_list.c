/* hintsim list: what exists, with a line on each. */
#include "commands.h"
#include "ladder.h"
#include "run_report.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

/* ---- as JSON -------------------------------------------------------------------------------- */

static json_t *rule_values(enum hs_rule rule)
{
    json_t *values = json_array();
    unsigned first = hs_rule_rows[rule].values[0] ? 0 : 1;
    for (unsigned v = first; v < hs_rule_value_count(rule); v++) {
        char number[8];
        json_array_append_new(values, json_string(hs_rule_value_name(rule, v, number)));
    }
    return values;
}

static const char *side_name(enum hs_side side)
{
    return side == HS_SIDE_GUEST ? "guest" : "host";
}

static json_t *rules_json(void)
{
    json_t *list = json_array();
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        const struct hs_rule_row *row = &hs_rule_rows[r];
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:o, s:s}", "name", row->name, "side", side_name(row->side),
                      "values", rule_values((enum hs_rule)r), "meaning", row->meaning));
    }
    return list;
}

static json_t *steps_json(void)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < HS_STEP_KIND_COUNT; i++) {
        const struct hs_step_row *row = &hs_step_rows[i];
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:b, s:s, s:s, s:s}", "name", row->name, "actor",
                      hs_actor_names[row->actor], "has_page", row->has_page, "motive",
                      row->motive == HS_DUTY ? "duty" : "choice", "clause", row->clause, "summary",
                      row->summary));
    }
    return list;
}

static json_t *preset_values(const struct hs_preset *preset)
{
    json_t *values = json_array();
    for (unsigned v = 0; v < preset->count; v++) {
        char number[8];
        const struct hs_preset_value *value = &preset->values[v];
        json_array_append_new(
            values, json_pack("{s:s, s:s, s:s}", "rule", hs_rule_rows[value->rule].name, "value",
                        hs_rule_value_name(value->rule, value->value, number), "stands_for",
                        value->stands_for));
    }
    return values;
}

static json_t *presets_json(void)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < hs_preset_count; i++)
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:o}", "name", hs_presets[i].name, "side",
                      side_name(hs_presets[i].side), "stands_for", hs_presets[i].stands_for,
                      "rules", preset_values(&hs_presets[i])));
    return list;
}

static json_t *properties_json(void)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++)
        json_array_append_new(list, json_pack("{s:s, s:s}", "name", hs_property_rows[i].name,
                                        "broken", hs_property_rows[i].broken));
    return list;
}

static json_t *clauses_json(void)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < hs_clause_count; i++) {
        const struct hs_clause_row *row = &hs_clause_rows[i];
        json_array_append_new(list,
            json_pack("{s:s, s:s, s:s, s:s?}", "id", row->id, "level", hs_level_names[row->level],
                "demand", row->demand, "not_observed", row->not_observed));
    }
    return list;
}

/* ---- as text -------------------------------------------------------------------------------- */

static void print_rules(void)
{
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        const struct hs_rule_row *row = &hs_rule_rows[r];
        printf("%s (%s):", row->name, side_name(row->side));
        for (unsigned v = 0; row->values[0] && v < hs_rule_value_count((enum hs_rule)r); v++)
            printf("%s %s", v ? "," : "", row->values[v]);
        puts(row->values[0] ? "" : " 1 to 64");
        hs_ladder_print_wrapped(row->meaning, 4, stdout);
    }
}

static void print_steps(void)
{
    for (unsigned i = 0; i < HS_STEP_KIND_COUNT; i++) {
        const struct hs_step_row *row = &hs_step_rows[i];
        printf("%s%s (%s; %s)\n", row->name, row->has_page ? " PAGE" : "",
            row->motive == HS_DUTY ? "duty" : "choice", row->clause);
        hs_ladder_print_wrapped(row->summary, 4, stdout);
    }
}

static void print_presets(void)
{
    for (unsigned i = 0; i < hs_preset_count; i++) {
        const struct hs_preset *preset = &hs_presets[i];
        printf("%s (%s): %s\n", preset->name, side_name(preset->side), preset->stands_for);
        for (unsigned v = 0; v < preset->count; v++) {
            char number[8];
            const struct hs_preset_value *value = &preset->values[v];
            printf("    %s=%s\n", hs_rule_rows[value->rule].name,
                hs_rule_value_name(value->rule, value->value, number));
            hs_ladder_print_wrapped(value->stands_for, 8, stdout);
        }
    }
}

static void print_properties(void)
{
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        puts(hs_property_rows[i].name);
        hs_ladder_print_wrapped(hs_property_rows[i].broken, 4, stdout);
    }
}

static void print_clauses(void)
{
    for (unsigned i = 0; i < hs_clause_count; i++) {
        const struct hs_clause_row *row = &hs_clause_rows[i];
        printf("%s (%s): %s\n", row->id, hs_level_names[row->level], row->demand);
        if (row->not_observed) {
            fputs("    not watched: ", stdout);
            puts(row->not_observed);
        }
    }
}

/* ---- the command ---------------------------------------------------------------------------- */

static const struct {
    const char *name;
    void (*print)(void);
    json_t *(*json)(void);
} lists[] = {
    {"rules", print_rules, rules_json},
    {"steps", print_steps, steps_json},
    {"presets", print_presets, presets_json},
    {"properties", print_properties, properties_json},
    {"clauses", print_clauses, clauses_json},
};
enum { LIST_COUNT = sizeof(lists) / sizeof(lists[0]) };

static int print_list(const char *name, enum hs_format format)
{
    for (unsigned i = 0; i < LIST_COUNT; i++) {
        if (strcmp(lists[i].name, name) != 0)
            continue;
        if (format == HS_FORMAT_TEXT) {
            lists[i].print();
            return HS_EXIT_AS_EXPECTED;
        }
        hs_json_print(lists[i].json(), stdout);
        return HS_EXIT_AS_EXPECTED;
    }
    return hs_usage_error(&hs_command_list, "unknown list '%s'", name);
}

static int list_command(int argc, char **argv)
{
    static const struct option long_options[] = {
        {"format", required_argument, NULL, 'f'}, {"help", no_argument, NULL, 'h'}, {0}};
    enum hs_format format = HS_FORMAT_TEXT;
    int option;
    while ((option = getopt_long(argc, argv, "f:h", long_options, NULL)) != -1) {
        switch (option) {
        case 'f':
            if (!hs_format_read(&hs_command_list, optarg, &format))
                return HS_EXIT_BAD_INPUT;
            break;
        case 'h':
            hs_print_help(&hs_command_list);
            return HS_EXIT_AS_EXPECTED;
        default:
            return hs_usage_error(&hs_command_list, "the command line is not understood");
        }
    }
    if (optind + 1 != argc)
        return hs_usage_error(&hs_command_list, "what to list is missing");
    return print_list(argv[optind], format);
}

const struct hs_command hs_command_list = {
    .name = "list",
    .usage = "[--format text|json] rules|steps|presets|properties|clauses",
    .summary = "list what exists, with a line on each",
    .help = "  -f, --format text|json   text for people, or JSON\n",
    .run = list_command,
};
