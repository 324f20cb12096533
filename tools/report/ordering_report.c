/* Minimal sufficient sets: text, Markdown, JSON. */
#include "ordering_report.h"

#include <string.h>

enum { LINE = 400 };

enum hs_answer hs_ordering_answer(const struct hs_ordering *ordering)
{
    enum hs_answer answer = ordering->end == HS_SEARCH_COMPLETE ? HS_AS_EXPECTED : HS_INCONCLUSIVE;
    for (unsigned i = 0; i < ordering->context_count; i++) {
        const struct hs_context_sets *sets = &ordering->contexts[i];
        if (!sets->lattice.monotone)
            return HS_NOT_EXPECTED;
        for (unsigned d = 0; d < sets->dropped_count; d++) {
            if (sets->dropped[d].verdict == HS_UNKNOWN)
                answer = HS_INCONCLUSIVE;
        }
    }
    return answer;
}

/* ---- words ------------------------------------------------------------------------------------
 */

static void add_value(enum hs_rule rule, unsigned value, const char *joint, char *text, size_t size)
{
    char number[8];
    size_t used = strlen(text);
    snprintf(text + used, size - used, "%s%s=%s", used ? joint : "", hs_rule_rows[rule].name,
        hs_rule_value_name(rule, value, number));
}

void hs_context_write(const struct hs_context_sets *sets, char *text, size_t size)
{
    bool chunks = sets->rules.value[HS_RULE_LOG] == HS_LOG_MANUAL;
    text[0] = '\0';
    for (unsigned i = 0; i < hs_context_rule_count; i++) {
        enum hs_rule rule = hs_context_rules[i].rule;
        if (rule != HS_RULE_LOG_CHUNK || chunks)
            add_value(rule, sets->rules.value[rule], ", ", text, size);
    }
}

static void add_member(const struct hs_context_sets *sets, unsigned member, unsigned value,
    const char *joint, char *text, size_t size)
{
    const struct hs_strength *row = sets->strengths[member];
    add_value(row->rule, row->values[value], joint, text, size);
}

void hs_set_write(
    const struct hs_context_sets *sets, unsigned set, const char *joint, char *text, size_t size)
{
    text[0] = '\0';
    for (unsigned i = 0; i < sets->lattice.count; i++) {
        unsigned value = hs_lattice_value(&sets->lattice, sets->lattice.minimal[set], i);
        if (sets->members[i].guarantees[value])
            add_member(sets, i, value, joint, text, size);
    }
    if (!text[0])
        snprintf(text, size, "nothing");
}

void hs_dropped_write(
    const struct hs_context_sets *sets, const struct hs_dropped *dropped, char *text, size_t size)
{
    text[0] = '\0';
    add_member(sets, dropped->member, dropped->value, "", text, size);
}

enum hs_property hs_dropped_property(const struct hs_dropped *dropped)
{
    unsigned p = 0;
    while (p < HS_PROPERTY_COUNT && !dropped->settled.finding[p])
        p++;
    return (enum hs_property)p;
}

void hs_dropped_story(const struct hs_dropped *dropped, char story[HS_STORY_SIZE])
{
    enum hs_property property = hs_dropped_property(dropped);
    if (property == HS_PROPERTY_COUNT) {
        snprintf(story, HS_STORY_SIZE, "unknown: neither proved, nor was a run found");
        return;
    }
    struct hs_race *race = hs_race_tell(dropped->settled.finding[property]->run);
    hs_story_write(race, property, story);
    hs_race_free(race);
}

/* Everything as strong as it gets, and still not proved. */
static bool has_none(const struct hs_context_sets *sets)
{
    return sets->lattice.minimal_count == 0;
}

static void write_violation(const struct hs_context_sets *sets, char *text, size_t size)
{
    snprintf(text, size,
        "guarantees can do harm here: combination %u is safe and %u, which guarantees more, is "
        "not; nothing was inferred, all were proved",
        sets->lattice.weaker, sets->lattice.stronger);
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

static void write_properties(const struct hs_ordering *ordering, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (unsigned p = 0; p < HS_PROPERTY_COUNT && used < size; p++) {
        if (ordering->asked >> p & 1u)
            used += (size_t)snprintf(
                text + used, size - used, "%s%s", used ? ", " : "", hs_property_rows[p].name);
    }
}

static void write_sum(const struct hs_ordering *ordering, char *text, size_t size)
{
    struct sum sum = sum_up(ordering);
    snprintf(text, size,
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

static void print_dropped(
    const struct hs_context_sets *sets, const struct hs_dropped *dropped, FILE *out)
{
    char left[80];
    char text[HS_STORY_SIZE + 120];
    char story[HS_STORY_SIZE];
    hs_dropped_write(sets, dropped, left, sizeof(left));
    hs_dropped_story(dropped, story);
    snprintf(text, sizeof(text), "%s: %c %u: %s", left, hs_verdict_letter(dropped->verdict),
        dropped->number, story);
    hs_print_labelled("    with", text, out);
}

static void print_context(const struct hs_context_sets *sets, FILE *out)
{
    char text[LINE];
    hs_context_write(sets, text, sizeof(text));
    fprintf(out, "\n%s\n", text);
    if (!sets->lattice.monotone) {
        write_violation(sets, text, sizeof(text));
        hs_print_labelled("  !", text, out);
    }
    if (has_none(sets))
        hs_print_labelled("  -", "no set suffices", out);
    for (unsigned set = 0; set < sets->lattice.minimal_count; set++) {
        char label[16];
        hs_set_write(sets, set, " + ", text, sizeof(text));
        snprintf(label, sizeof(label), "  %u.", set + 1);
        hs_print_labelled(label, text, out);
        for (unsigned d = sets->first_dropped[set]; d < sets->first_dropped[set + 1]; d++)
            print_dropped(sets, &sets->dropped[d], out);
    }
}

void hs_ordering_print_text(const struct hs_ordering *ordering, FILE *out)
{
    char text[LINE];
    write_properties(ordering, text, sizeof(text));
    fprintf(out, "never broken: %s\n", text);
    fputs("Each set suffices, with all other rules as weak as they can be, for any number\n"
          "of pages; if one of its rules is weakened, it does not: then S is a run that\n"
          "'hintsim matrix --rules --cell NUMBER' shows, and ? neither proof nor run.\n",
        out);
    write_sum(ordering, text, sizeof(text));
    hs_print_labelled("settled:", text, out);
    for (unsigned i = 0; i < ordering->context_count; i++)
        print_context(&ordering->contexts[i], out);
}

/* ---- Markdown ---------------------------------------------------------------------------------
 */

static void print_markdown_context(const struct hs_context_sets *sets, FILE *out)
{
    char text[LINE];
    hs_context_write(sets, text, sizeof(text));
    fprintf(out, "\n### %s\n\n", text);
    if (!sets->lattice.monotone) {
        write_violation(sets, text, sizeof(text));
        fprintf(out, "**Note:** %s.\n\n", text);
    }
    if (has_none(sets))
        fputs("No set suffices.\n", out);
    for (unsigned set = 0; set < sets->lattice.minimal_count; set++) {
        hs_set_write(sets, set, "`, `", text, sizeof(text));
        fprintf(out, "%u. `%s`\n", set + 1, text);
        for (unsigned d = sets->first_dropped[set]; d < sets->first_dropped[set + 1]; d++) {
            char story[HS_STORY_SIZE];
            const struct hs_dropped *dropped = &sets->dropped[d];
            hs_dropped_write(sets, dropped, text, sizeof(text));
            hs_dropped_story(dropped, story);
            fprintf(out, "   - with `%s`: %s %u: %s\n", text, hs_verdict_names[dropped->verdict],
                dropped->number, story);
        }
    }
}

void hs_ordering_print_markdown(const struct hs_ordering *ordering, FILE *out)
{
    char text[LINE];
    write_properties(ordering, text, sizeof(text));
    fprintf(out,
        "Minimal sufficient sets for *%s*: each suffices with all other rules as weak as they "
        "can be; weakened by one member it does not.  `hintsim matrix --rules --cell NUMBER` "
        "shows the run.\n\n",
        text);
    write_sum(ordering, text, sizeof(text));
    fprintf(out, "%s\n", text);
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
    const struct hs_strength *row = sets->strengths[dropped->member];
    enum hs_property property = hs_dropped_property(dropped);
    json_t *json = value_json(row->rule, row->values[dropped->value]);
    hs_dropped_story(dropped, story);
    json_object_set_new(json, "verdict", json_string(hs_verdict_names[dropped->verdict]));
    json_object_set_new(json, "number", json_integer(dropped->number));
    if (property != HS_PROPERTY_COUNT)
        json_object_set_new(json, "property", json_string(hs_property_rows[property].name));
    json_object_set_new(json, "story", json_string(story));
    return json;
}

static json_t *set_json(const struct hs_context_sets *sets, unsigned set)
{
    json_t *members = json_array();
    json_t *dropped = json_array();
    for (unsigned i = 0; i < sets->lattice.count; i++) {
        const struct hs_strength *row = sets->strengths[i];
        unsigned value = hs_lattice_value(&sets->lattice, sets->lattice.minimal[set], i);
        if (sets->members[i].guarantees[value])
            json_array_append_new(members, value_json(row->rule, row->values[value]));
    }
    for (unsigned d = sets->first_dropped[set]; d < sets->first_dropped[set + 1]; d++)
        json_array_append_new(dropped, dropped_json(sets, &sets->dropped[d]));
    return json_pack("{s:o, s:o}", "members", members, "weakened", dropped);
}

static json_t *context_json(const struct hs_context_sets *sets)
{
    json_t *context = json_array();
    json_t *list = json_array();
    for (unsigned i = 0; i < hs_context_rule_count; i++)
        json_array_append_new(context,
            value_json(hs_context_rules[i].rule, sets->rules.value[hs_context_rules[i].rule]));
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
    return json_pack("{s:o, s:o}", "never_broken", properties, "contexts", contexts);
}
