/* SPDX-License-Identifier: BSD-3-Clause */
/* Minimal sufficient sets: text, Markdown, JSON. */
#include "ordering_report.h"

#include "in_play_report.h"

#include <string.h>

/* ---- words ------------------------------------------------------------------------------------
 */

static void add_value(enum hs_rule rule, unsigned value, const char *joint, struct hs_text *text)
{
    char number[8];
    hs_text_item(
        text, joint, "%s=%s", hs_rule_rows[rule].name, hs_rule_value_name(rule, value, number));
}

void hs_context_add(const struct hs_context_sets *sets, const char *joint, struct hs_text *text)
{
    const struct hs_config config = {.rules = sets->rules};
    hs_text_begin_list(text);
    for (unsigned rule = 0; rule < HS_RULE_COUNT; rule++) {
        bool is_context = hs_rule_is_context((enum hs_rule)rule);
        bool is_chosen = hs_rule_is_setting((enum hs_rule)rule) &&
                         sets->rules.value[rule] != hs_rule_rows[rule].usual;
        if (is_chosen || (is_context && hs_config_reads(&config, (enum hs_rule)rule)))
            add_value((enum hs_rule)rule, sets->rules.value[rule], joint, text);
    }
}

/* Is the rule read in one of the worlds that were asked about, and is it neither member, context
 * nor setting?  Then the sets say nothing of its other values. */
static bool is_held_fixed(const struct hs_ordering *ordering, enum hs_rule rule)
{
    return hs_rule_rows[rule].order == HS_ORDER_NONE && hs_ordering_reads(ordering, rule);
}

void hs_held_fixed_add(const struct hs_ordering *ordering, const char *joint, struct hs_text *text)
{
    const struct hs_config *config = &ordering->usual.variant.config;
    hs_text_begin_list(text);
    for (unsigned rule = 0; rule < HS_RULE_COUNT; rule++) {
        if (is_held_fixed(ordering, (enum hs_rule)rule))
            add_value((enum hs_rule)rule, config->rules.value[rule], joint, text);
    }
}

void hs_settings_add(const struct hs_ordering *ordering, const char *joint, struct hs_text *text)
{
    const struct hs_config *config = &ordering->usual.variant.config;
    hs_text_begin_list(text);
    for (unsigned rule = 0; rule < HS_RULE_COUNT; rule++) {
        if (hs_rule_is_setting((enum hs_rule)rule))
            add_value((enum hs_rule)rule, config->rules.value[rule], joint, text);
    }
}

void hs_elsewhere_add(
    const struct hs_ordering *ordering, uint32_t settings, const char *joint, struct hs_text *text)
{
    hs_text_begin_list(text);
    for (unsigned i = 0; i < ordering->setting_count; i++) {
        const struct hs_setting *setting = &ordering->settings[i];
        if (!(settings >> i & 1u))
            continue;
        if (setting->rule != HS_RULE_COUNT)
            add_value(setting->rule, setting->value, joint, text);
        else
            hs_text_item(text, joint, "%s", setting->in_play);
    }
}

static void add_member(const struct hs_context_sets *sets, unsigned member, unsigned value,
    const char *joint, struct hs_text *text)
{
    const struct hs_strength *row = &sets->strengths[member];
    add_value(row->rule, row->values[value], joint, text);
}

void hs_set_add(
    const struct hs_context_sets *sets, unsigned set, const char *joint, struct hs_text *text)
{
    hs_text_begin_list(text);
    for (unsigned i = 0; i < sets->lattice.count; i++) {
        unsigned value = hs_lattice_value(&sets->lattice, sets->lattice.minimal[set], i);
        if (sets->members[i].guarantees[value])
            add_member(sets, i, value, joint, text);
    }
    if (text->length == text->list)
        hs_text_add(text, "nothing");
}

void hs_dropped_add(
    const struct hs_context_sets *sets, const struct hs_dropped *dropped, struct hs_text *text)
{
    hs_text_begin_list(text);
    add_member(sets, dropped->member, dropped->value, "", text);
}

void hs_combination_add(
    const struct hs_context_sets *sets, unsigned combination, struct hs_text *text)
{
    hs_context_add(sets, ", ", text);
    for (unsigned i = 0; i < sets->lattice.count; i++) {
        unsigned value = hs_lattice_value(&sets->lattice, combination, i);
        if (value)
            add_member(sets, i, value, ", ", text);
    }
}

void hs_dropped_story(const struct hs_dropped *dropped, char story[HS_STORY_SIZE])
{
    enum hs_property property = hs_evidence_broken(&dropped->evidence);
    if (property == HS_PROPERTY_COUNT) {
        snprintf(story, HS_STORY_SIZE, "unknown: neither proved, nor was a run found");
        return;
    }
    struct hs_race *race = hs_race_tell(dropped->evidence.finding[property]->run);
    hs_story_write(race, property, story);
    hs_race_free(race);
}

/* Everything as strong as it gets, and still not proved. */
static bool has_none(const struct hs_context_sets *sets)
{
    return sets->lattice.minimal_count == 0;
}

static void add_violation(const struct hs_context_sets *sets, struct hs_text *text)
{
    hs_text_add(text, "guarantees can do harm here: this is safe: ");
    hs_combination_add(sets, sets->lattice.weaker, text);
    hs_text_add(text, "; and this, which guarantees more, is not: ");
    hs_combination_add(sets, sets->lattice.stronger, text);
    hs_text_add(text, "; nothing was inferred, all were proved");
}

/* The command that shows a combination, with the properties that are asked about. */
static void add_command(
    const struct hs_ordering *ordering, const char *combination, struct hs_text *text)
{
    hs_text_add(text, "hintsim matrix --rules --cell '%s'", combination);
    for (unsigned p = 0; ordering->asked != 1u << HS_DIRTY_PAGE_LOST && p < HS_PROPERTY_COUNT;
         p++) {
        if (ordering->asked >> p & 1u)
            hs_text_add(text, " --property=%s", hs_property_rows[p].name);
    }
    hs_in_play_options_add(&ordering->in_play, text);
}

/* The command that shows a member of the set weakened, which --rule says. */
static void add_set_command(const struct hs_context_sets *sets, unsigned set, struct hs_text *text)
{
    struct hs_text combination = {0};
    hs_combination_add(sets, sets->lattice.minimal[set], &combination);
    add_command(sets->ordering, hs_text_string(&combination), text);
    hs_text_add(text, " --rule=NAME=VALUE");
    hs_text_free(&combination);
}

/* ---- the sum ----------------------------------------------------------------------------------
 */

struct sum {
    unsigned combinations;
    unsigned asked;
    unsigned too_large;
    bool monotone;
};

static struct sum sum_up(const struct hs_ordering *ordering)
{
    struct sum sum = {0, 0, 0, true};
    for (unsigned i = 0; i < ordering->context_count; i++) {
        const struct hs_lattice *lattice = &ordering->contexts[i].lattice;
        sum.combinations += lattice->combinations;
        sum.asked += lattice->asked;
        sum.too_large += lattice->too_large;
        sum.monotone = sum.monotone && lattice->monotone;
    }
    return sum;
}

static void add_properties(const struct hs_ordering *ordering, struct hs_text *text)
{
    hs_text_begin_list(text);
    for (unsigned p = 0; p < HS_PROPERTY_COUNT; p++) {
        if (ordering->asked >> p & 1u)
            hs_text_item(text, ", ", "%s", hs_property_rows[p].name);
    }
}

static void add_sum(const struct hs_ordering *ordering, struct hs_text *text)
{
    struct sum sum = sum_up(ordering);
    hs_text_add(text,
        "%u combinations in %u context%s; %u were proved or broken, %u more were too large to be "
        "asked about, and the others follow if a stronger rule never does harm: %s.",
        sum.combinations, ordering->context_count, ordering->context_count == 1 ? "" : "s",
        sum.asked - sum.too_large, sum.too_large,
        sum.monotone ? "no answer, neighbours of the sets and a sample of the others included, "
                       "contradicted that"
                     : "that was contradicted, see below");
}

/* ---- text -------------------------------------------------------------------------------------
 */

/* Print a text that grew behind its label, and free it. */
static void print_labelled(const char *label, struct hs_text *text, FILE *out)
{
    hs_print_labelled(label, hs_text_string(text), HS_TEXT_WIDTH, out);
    hs_text_free(text);
}

static void print_dropped(
    const struct hs_context_sets *sets, const struct hs_dropped *dropped, FILE *out)
{
    char story[HS_STORY_SIZE];
    struct hs_text text = {0};
    hs_dropped_add(sets, dropped, &text);
    hs_dropped_story(dropped, story);
    hs_text_add(&text, ": %c: %s", hs_verdict_letter(hs_dropped_verdict(dropped)), story);
    print_labelled("    with", &text, out);
}

/* With which other settings a set does not suffice, or may not. */
static void print_elsewhere(const struct hs_context_sets *sets, unsigned set, FILE *out)
{
    const struct hs_elsewhere *elsewhere = &sets->elsewhere[set];
    struct hs_text text = {0};
    hs_elsewhere_add(sets->ordering, elsewhere->breaks, ", ", &text);
    if (elsewhere->breaks)
        print_labelled("    not with", &text, out);
    hs_elsewhere_add(sets->ordering, elsewhere->unknown, ", ", &text);
    if (elsewhere->unknown)
        print_labelled("    not known with", &text, out);
}

static void print_set(const struct hs_context_sets *sets, unsigned set, FILE *out)
{
    char label[16];
    struct hs_text text = {0};
    snprintf(label, sizeof(label), "  %u.", set + 1);
    hs_set_add(sets, set, " + ", &text);
    print_labelled(label, &text, out);
    for (unsigned d = sets->first_dropped[set]; d < sets->first_dropped[set + 1]; d++)
        print_dropped(sets, &sets->dropped[d], out);
    print_elsewhere(sets, set, out);
    if (sets->first_dropped[set] == sets->first_dropped[set + 1])
        return;
    add_set_command(sets, set, &text);
    hs_print_command(hs_text_string(&text), 4, out);
    hs_text_free(&text);
}

static void print_context(const struct hs_context_sets *sets, FILE *out)
{
    struct hs_text text = {0};
    fputc('\n', out);
    hs_context_add(sets, ", ", &text);
    hs_text_print(&text, 0, out);
    if (!sets->lattice.monotone) {
        add_violation(sets, &text);
        print_labelled("  !", &text, out);
    }
    if (has_none(sets))
        hs_print_labelled("  -", "no set suffices", HS_TEXT_WIDTH, out);
    for (unsigned set = 0; set < sets->lattice.minimal_count; set++)
        print_set(sets, set, out);
}

void hs_ordering_print_text(const struct hs_ordering *ordering, FILE *out)
{
    struct hs_text text = {0};
    add_properties(ordering, &text);
    print_labelled("never broken:", &text, out);
    fputs("Each set suffices for any number of pages, with all other rules that\n"
          "compare as weak as they can be, and with what is held fixed.  If one of\n"
          "its rules is weakened, it does not: S is a run, which the command under\n"
          "the set shows, with the weakened rule for NAME=VALUE; and ? is neither\n"
          "proof nor run.  \"Not with\" names the other settings, each by itself,\n"
          "with which the set does not suffice: a rule that says what is done\n"
          "(--rule=NAME=VALUE), or more in play (--with=LIST).\n",
        out);
    hs_settings_add(ordering, ", ", &text);
    print_labelled("settings:", &text, out);
    hs_elsewhere_add(ordering, UINT32_MAX, ", ", &text);
    print_labelled("other settings:", &text, out);
    hs_held_fixed_add(ordering, ", ", &text);
    print_labelled("held fixed:", &text, out);
    hs_in_play_print(&ordering->usual.variant.config, out);
    add_sum(ordering, &text);
    print_labelled("settled:", &text, out);
    for (unsigned i = 0; i < ordering->context_count; i++)
        print_context(&ordering->contexts[i], out);
}

/* ---- Markdown ---------------------------------------------------------------------------------
 */

static void print_markdown_dropped(
    const struct hs_context_sets *sets, const struct hs_dropped *dropped, FILE *out)
{
    char story[HS_STORY_SIZE];
    struct hs_text text = {0};
    hs_dropped_add(sets, dropped, &text);
    hs_dropped_story(dropped, story);
    fprintf(out, "   - with `%s`: %s: %s\n", hs_text_string(&text),
        hs_verdict_names[hs_dropped_verdict(dropped)], story);
    hs_text_free(&text);
}

static void print_markdown_elsewhere(const struct hs_context_sets *sets, unsigned set, FILE *out)
{
    const struct hs_elsewhere *elsewhere = &sets->elsewhere[set];
    struct hs_text text = {0};
    hs_elsewhere_add(sets->ordering, elsewhere->breaks, "`, `", &text);
    if (elsewhere->breaks)
        fprintf(out, "   - not with `%s`\n", hs_text_string(&text));
    hs_text_free(&text);
    hs_elsewhere_add(sets->ordering, elsewhere->unknown, "`, `", &text);
    if (elsewhere->unknown)
        fprintf(out, "   - not known with `%s`\n", hs_text_string(&text));
    hs_text_free(&text);
}

static void print_markdown_set(const struct hs_context_sets *sets, unsigned set, FILE *out)
{
    struct hs_text text = {0};
    hs_set_add(sets, set, "`, `", &text);
    fprintf(out, "%u. `%s`\n", set + 1, hs_text_string(&text));
    hs_text_free(&text);
    for (unsigned d = sets->first_dropped[set]; d < sets->first_dropped[set + 1]; d++)
        print_markdown_dropped(sets, &sets->dropped[d], out);
    print_markdown_elsewhere(sets, set, out);
    if (sets->first_dropped[set] == sets->first_dropped[set + 1])
        return;
    add_set_command(sets, set, &text);
    fprintf(out, "   - `%s`\n", hs_text_string(&text));
    hs_text_free(&text);
}

static void print_markdown_context(const struct hs_context_sets *sets, FILE *out)
{
    struct hs_text text = {0};
    hs_context_add(sets, ", ", &text);
    fprintf(out, "\n### %s\n\n", hs_text_string(&text));
    hs_text_free(&text);
    if (!sets->lattice.monotone) {
        add_violation(sets, &text);
        fprintf(out, "**Note:** %s.\n\n", hs_text_string(&text));
        hs_text_free(&text);
    }
    if (has_none(sets))
        fputs("No set suffices.\n", out);
    for (unsigned set = 0; set < sets->lattice.minimal_count; set++)
        print_markdown_set(sets, set, out);
}

void hs_ordering_print_markdown(const struct hs_ordering *ordering, FILE *out)
{
    struct hs_text text = {0};
    add_properties(ordering, &text);
    fprintf(out,
        "Minimal sufficient sets for *%s*: each suffices with all other rules that compare as weak "
        "as they can be, and with what is held fixed; weakened by one member it does not.  The "
        "command under a set shows that, with the weakened rule for NAME=VALUE.\n\n",
        hs_text_string(&text));
    hs_text_free(&text);
    hs_settings_add(ordering, "`, `", &text);
    fprintf(out, "Settings: `%s`.  ", hs_text_string(&text));
    hs_text_free(&text);
    hs_elsewhere_add(ordering, UINT32_MAX, "`, `", &text);
    fprintf(out,
        "Others: `%s`; \"not with\" names those, each by itself, with which a set does not "
        "suffice.\n\n",
        hs_text_string(&text));
    hs_text_free(&text);
    hs_held_fixed_add(ordering, "`, `", &text);
    fprintf(out, "Held fixed: `%s`.\n", hs_text_string(&text));
    hs_text_free(&text);
    hs_in_play_print_markdown(&ordering->usual.variant.config, out);
    fputc('\n', out);
    add_sum(ordering, &text);
    fprintf(out, "%s\n", hs_text_string(&text));
    hs_text_free(&text);
    for (unsigned i = 0; i < ordering->context_count; i++)
        print_markdown_context(&ordering->contexts[i], out);
}

/* ---- JSON -------------------------------------------------------------------------------------
 */

static json_t *value_json(enum hs_rule rule, unsigned value)
{
    char number[8];
    return json_pack("{s:s, s:s}", "rule", hs_rule_rows[rule].name, "value",
        hs_rule_value_name(rule, value, number));
}

static json_t *dropped_json(const struct hs_context_sets *sets, const struct hs_dropped *dropped)
{
    char story[HS_STORY_SIZE];
    struct hs_text cell = {0};
    const struct hs_strength *row = &sets->strengths[dropped->member];
    enum hs_property property = hs_evidence_broken(&dropped->evidence);
    json_t *json = value_json(row->rule, row->values[dropped->value]);
    hs_dropped_story(dropped, story);
    json_object_set_new(
        json, "verdict", json_string(hs_verdict_names[hs_dropped_verdict(dropped)]));
    hs_combination_add(sets, dropped->combination, &cell);
    json_object_set_new(json, "cell", json_string(hs_text_string(&cell)));
    hs_text_free(&cell);
    if (property != HS_PROPERTY_COUNT)
        json_object_set_new(json, "property", json_string(hs_property_rows[property].name));
    json_object_set_new(json, "story", json_string(story));
    return json;
}

static json_t *setting_json(const struct hs_setting *setting)
{
    return setting->rule != HS_RULE_COUNT ? value_json(setting->rule, setting->value)
                                          : json_pack("{s:s}", "in_play", setting->in_play);
}

static json_t *elsewhere_json(const struct hs_context_sets *sets, unsigned set)
{
    const struct hs_elsewhere *elsewhere = &sets->elsewhere[set];
    json_t *list = json_array();
    for (unsigned i = 0; i < sets->ordering->setting_count; i++) {
        bool breaks = elsewhere->breaks >> i & 1u;
        if (!breaks && !(elsewhere->unknown >> i & 1u))
            continue;
        json_t *one = setting_json(&sets->ordering->settings[i]);
        json_object_set_new(
            one, "verdict", json_string(hs_verdict_names[breaks ? HS_SOMETIMES : HS_UNKNOWN]));
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *set_json(const struct hs_context_sets *sets, unsigned set)
{
    json_t *members = json_array();
    json_t *dropped = json_array();
    for (unsigned i = 0; i < sets->lattice.count; i++) {
        const struct hs_strength *row = &sets->strengths[i];
        unsigned value = hs_lattice_value(&sets->lattice, sets->lattice.minimal[set], i);
        if (sets->members[i].guarantees[value])
            json_array_append_new(members, value_json(row->rule, row->values[value]));
    }
    for (unsigned d = sets->first_dropped[set]; d < sets->first_dropped[set + 1]; d++)
        json_array_append_new(dropped, dropped_json(sets, &sets->dropped[d]));
    return json_pack("{s:o, s:o, s:o}", "members", members, "weakened", dropped, "not_with",
        elsewhere_json(sets, set));
}

static json_t *settings_json(const struct hs_ordering *ordering)
{
    const struct hs_rules *rules = &ordering->usual.variant.config.rules;
    json_t *list = json_array();
    for (unsigned rule = 0; rule < HS_RULE_COUNT; rule++) {
        if (hs_rule_is_setting((enum hs_rule)rule))
            json_array_append_new(list, value_json((enum hs_rule)rule, rules->value[rule]));
    }
    return list;
}

static json_t *other_settings_json(const struct hs_ordering *ordering)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < ordering->setting_count; i++)
        json_array_append_new(list, setting_json(&ordering->settings[i]));
    return list;
}

static json_t *fixed_json(const struct hs_ordering *ordering)
{
    const struct hs_rules *rules = &ordering->usual.variant.config.rules;
    json_t *list = json_array();
    for (unsigned rule = 0; rule < HS_RULE_COUNT; rule++) {
        if (is_held_fixed(ordering, (enum hs_rule)rule))
            json_array_append_new(list, value_json((enum hs_rule)rule, rules->value[rule]));
    }
    return list;
}

static json_t *context_json(const struct hs_context_sets *sets)
{
    json_t *context = json_array();
    json_t *list = json_array();
    for (unsigned rule = 0; rule < HS_RULE_COUNT; rule++) {
        if (hs_rule_is_context((enum hs_rule)rule))
            json_array_append_new(context, value_json((enum hs_rule)rule, sets->rules.value[rule]));
    }
    for (unsigned set = 0; set < sets->lattice.minimal_count; set++)
        json_array_append_new(list, set_json(sets, set));
    return json_pack("{s:o, s:b, s:i, s:i, s:i, s:o}", "context", context, "monotone",
        sets->lattice.monotone, "combinations", (int)sets->lattice.combinations, "settled",
        (int)(sets->lattice.asked - sets->lattice.too_large), "too_large",
        (int)sets->lattice.too_large, "sets", list);
}

json_t *hs_ordering_json(const struct hs_ordering *ordering)
{
    json_t *properties = json_array();
    json_t *contexts = json_array();
    for (unsigned p = 0; p < HS_PROPERTY_COUNT; p++) {
        if (ordering->asked >> p & 1u)
            json_array_append_new(properties, json_string(hs_property_rows[p].name));
    }
    for (unsigned i = 0; i < ordering->context_count; i++)
        json_array_append_new(contexts, context_json(&ordering->contexts[i]));
    const struct hs_config *config = &ordering->usual.variant.config;
    return json_pack("{s:i, s:o, s:o, s:o, s:o, s:o, s:o}", "version", HS_MATRIX_JSON_VERSION,
        "never_broken", properties, "settings", settings_json(ordering), "other_settings",
        other_settings_json(ordering), "held_fixed", fixed_json(ordering), "in_play",
        hs_in_play_json(config), "contexts", contexts);
}
