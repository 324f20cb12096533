/* SPDX-License-Identifier: BSD-3-Clause */
/* hintsim list: what exists, with a line on each. */
#include "commands.h"
#include "questions.h"
#include "run_report.h"
#include "text.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- as JSON -------------------------------------------------------------------------------- */

static json_t *rule_values(enum hs_rule rule)
{
    json_t *values = json_array();
    for (unsigned place = 0; place < hs_rule_value_count(rule); place++) {
        char number[HS_RULE_NUMBER_SIZE];
        unsigned value = hs_rule_value_at(rule, place);
        json_array_append_new(values, json_string(hs_rule_value_name(rule, value, number)));
    }
    return values;
}

static json_t *rule_meanings(const struct hs_rule_row *row)
{
    json_t *meanings = json_object();
    for (const struct hs_rule_value *value = row->values; value->name; value++)
        json_object_set_new(meanings, value->name, json_string(value->meaning));
    return meanings;
}

/* The values that are asked for, as "rule=value", one string each. */
static void add_values(json_t *list, struct hs_need need)
{
    const struct hs_rule_row *row = &hs_rule_rows[need.which];
    for (const struct hs_rule_value *value = row->values; value->name; value++) {
        if (need.values >> value->number & 1u)
            json_array_append_new(list, json_sprintf("%s=%s", row->name, value->name));
    }
}

static const char *const queue_names[HS_QUEUE_COUNT] = {
    [HS_QUEUE_FREE_PAGE] = "free-page",
    [HS_QUEUE_REPORTING] = "reporting",
    [HS_QUEUE_INFLATE] = "inflate",
    [HS_QUEUE_DEFLATE] = "deflate",
};

static void add_need(json_t *list, struct hs_need need)
{
    switch ((enum hs_need_kind)need.kind) {
    case HS_NEED_NONE:
        break;
    case HS_NEED_QUEUE:
        json_array_append_new(list, json_sprintf("queue %s", queue_names[need.which]));
        break;
    case HS_NEED_LIMIT:
        json_array_append_new(list, json_sprintf("limit %s", hs_limit_rows[need.which].name));
        break;
    case HS_NEED_RULE:
        add_values(list, need);
        break;
    case HS_NEED_POSTCOPY:
        json_array_append_new(list, json_string("postcopy"));
        break;
    case HS_NEED_PRECOPY:
        json_array_append_new(list, json_string("no postcopy"));
        break;
    case HS_NEED_CALLBACK:
        json_array_append_new(list, json_string("a callback on free_page_vq"));
        break;
    case HS_NEED_PARTIAL:
        json_array_append_new(list, json_string("first-pass=dirty in a later migration"));
        break;
    case HS_NEED_ZEROES:
        json_array_append_new(list, json_string("report-zeroes=trusted with reporting_vq"));
        break;
    }
}

/* What keeps the rule from being idle, each by itself; empty: it never is. */
static json_t *rule_idle_without(const struct hs_rule_row *row)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < HS_RULE_NEEDS_MAX; i++)
        add_need(list, row->live_if[i]);
    return list;
}

static const char *order_name(enum hs_rule_order order)
{
    switch (order) {
    case HS_ORDER_PARTIAL:
        return "partial";
    case HS_ORDER_CONTEXT:
        return "context";
    case HS_ORDER_SETTING:
        return "setting";
    case HS_ORDER_NONE:
        break;
    }
    return "none";
}

static const char *side_name(enum hs_side side)
{
    return side == HS_SIDE_GUEST ? "guest" : "host";
}

static json_t *rules_json(void)
{
    json_t *list = json_array();
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        char number[HS_RULE_NUMBER_SIZE];
        enum hs_rule rule = (enum hs_rule)r;
        const struct hs_rule_row *row = &hs_rule_rows[r];
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:o, s:s, s:s, s:o, s:s, s:o}", "name", row->name, "side",
                      side_name(row->side), "values", rule_values(rule), "default",
                      hs_rule_value_name(rule, row->usual, number), "meaning", row->meaning,
                      "meanings", rule_meanings(row), "order", order_name(row->order),
                      "idle_without", rule_idle_without(row)));
    }
    return list;
}

static json_t *steps_json(void)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < HS_STEP_KIND_COUNT; i++) {
        const struct hs_step_row *row = &hs_step_rows[i];
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:b, s:s, s:s, s:s, s:s}", "name", row->name, "actor",
                      hs_actor_names[row->actor], "has_page", row->has_page, "motive",
                      row->motive == HS_DUTY ? "duty" : "choice", "clause", row->clauses, "code",
                      row->code, "summary", row->summary));
    }
    return list;
}

static json_t *preset_values(const struct hs_preset *preset)
{
    json_t *values = json_array();
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        char number[8];
        const struct hs_preset_value *value = hs_preset_value(preset, (enum hs_rule)r);
        if (!value)
            continue;
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
        json_array_append_new(list,
            json_pack("{s:s, s:s, s:s, s:b, s:o}", "name", hs_presets[i].name, "side",
                side_name(hs_presets[i].side), "stands_for", hs_presets[i].stands_for, "hints",
                !hs_presets[i].without_hints, "rules", preset_values(&hs_presets[i])));
    return list;
}

static json_t *properties_json(void)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++)
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:b}", "name", hs_property_rows[i].name, "broken",
                      hs_property_rows[i].broken, "by_proof", hs_proof_covers(i)));
    return list;
}

static json_t *clauses_json(void)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < hs_clause_count; i++) {
        const struct hs_clause_row *row = &hs_clause_rows[i];
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:s?, s:s, s:s, s:s}", "id", row->id, "level",
                      hs_level_names[row->level], "demand", row->demand, "not_observed",
                      row->not_observed, "versions", HS_VIRTIO_VERSIONS, "section",
                      hs_clause_section(row)->number, "label", hs_clause_section(row)->label));
    }
    return list;
}

/* ---- as text -------------------------------------------------------------------------------- */

/* The first line of an entry, or more if it is long: its name, and `text`. */
static void print_head(struct hs_text *name, const char *text)
{
    hs_print_labelled(hs_text_string(name), text, HS_TEXT_WIDTH, stdout);
    hs_text_free(name);
}

static void print_rules(void)
{
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        struct hs_text name = {0};
        struct hs_text values = {0};
        const struct hs_rule_row *row = &hs_rule_rows[r];
        hs_text_add(&name, "%s (%s):", row->name, side_name(row->side));
        for (const struct hs_rule_value *value = row->values; value->name; value++)
            hs_text_item(&values, ", ", "%s", value->name);
        if (!hs_rule_has_names((enum hs_rule)r))
            hs_text_add(&values, "%u to %u", row->least, row->most);
        print_head(&name, hs_text_string(&values));
        hs_text_free(&values);
        hs_print_wrapped(row->meaning, 4, stdout);
    }
}

static void print_steps(void)
{
    for (unsigned i = 0; i < HS_STEP_KIND_COUNT; i++) {
        struct hs_text name = {0};
        struct hs_text about = {0};
        const struct hs_step_row *row = &hs_step_rows[i];
        hs_text_add(&name, "%s%s", row->name, row->has_page ? " PAGE" : "");
        hs_text_add(&about, "(%s%s%s)", row->motive == HS_DUTY ? "duty" : "choice",
            *row->clauses ? "; " : "", row->clauses);
        print_head(&name, hs_text_string(&about));
        hs_text_free(&about);
        hs_print_wrapped(row->summary, 4, stdout);
        if (*row->code)
            hs_print_wrapped(row->code, 8, stdout);
    }
}

static void print_presets(void)
{
    for (unsigned i = 0; i < hs_preset_count; i++) {
        struct hs_text name = {0};
        const struct hs_preset *preset = &hs_presets[i];
        hs_text_add(&name, "%s (%s):", preset->name, side_name(preset->side));
        print_head(&name, preset->stands_for);
        for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
            char number[8];
            const struct hs_preset_value *value = hs_preset_value(preset, (enum hs_rule)r);
            if (!value)
                continue;
            printf("    %s=%s\n", hs_rule_rows[value->rule].name,
                hs_rule_value_name(value->rule, value->value, number));
            hs_print_wrapped(value->stands_for, 8, stdout);
        }
    }
}

static void print_properties(void)
{
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        puts(hs_property_rows[i].name);
        hs_print_wrapped(hs_property_rows[i].broken, 4, stdout);
    }
}

static void print_clauses(void)
{
    puts("The sections are those of VIRTIO " HS_VIRTIO_VERSIONS ".");
    for (unsigned i = 0; i < hs_clause_count; i++) {
        struct hs_text name = {0};
        struct hs_text not_observed = {0};
        const struct hs_clause_row *row = &hs_clause_rows[i];
        hs_text_add(&name, "%s (%s, %s):", row->id, hs_clause_section(row)->number,
            hs_level_names[row->level]);
        print_head(&name, row->demand);
        if (row->not_observed)
            hs_text_add(&not_observed, "not watched: %s", row->not_observed);
        hs_text_print(&not_observed, 4, stdout);
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
    enum hs_format format = HS_FORMAT_TEXT;
    int option;
    while ((option = hs_option_next(&hs_command_list, argc, argv)) != -1) {
        switch (option) {
        case 'f':
            if (!hs_format_read(&hs_command_list, optarg, &format))
                return HS_EXIT_BAD_INPUT;
            break;
        default:
            abort(); /* the table has no other */
        }
    }
    if (optind + 1 != argc)
        return hs_usage_error(&hs_command_list, "what to list is missing");
    return print_list(argv[optind], format);
}

static const struct hs_option option_rows[] = {
    {'f', "format", "text|json", "text for people, or JSON", "text json"},
    {0},
};

const struct hs_command hs_command_list = {
    .name = "list",
    .usage = "[--format text|json] rules|steps|presets|properties|clauses",
    .summary = "list what exists, with a line on each",
    .help = "",
    .options = option_rows,
    .operands = "rules steps presets properties clauses",
    .run = list_command,
};
