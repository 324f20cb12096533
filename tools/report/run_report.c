/* SPDX-License-Identifier: BSD-3-Clause */
/* The report of one run. */
#include "run_report.h"

#include "ladder.h"
#include "source.h"
#include "story.h"
#include "text.h"

#include <inttypes.h>
#include <string.h>

const char *const hs_run_end_names[] = {[HS_RUN_NO_MIGRATION] = "no migration",
    [HS_RUN_UNFINISHED] = "unfinished",
    [HS_RUN_ENDED] = "ended"};

void hs_broken_add(uint32_t broken, bool unfinished, struct hs_text *text)
{
    hs_text_begin_list(text);
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (broken >> i & 1u)
            hs_text_item(text, ", ", "%s", hs_property_rows[i].name);
    }
    if (!broken)
        hs_text_add(text, unfinished ? "unfinished" : "safe");
}

/* ---- the header ----------------------------------------------------------------------------- */

static void print_side(const struct hs_variant *variant, enum hs_side side, FILE *out)
{
    const struct hs_scenario *scenario = variant->scenario;
    const struct hs_preset *preset = side == HS_SIDE_GUEST ? scenario->guest : scenario->host;
    struct hs_rules usual = hs_scenario_preset_rules(scenario);
    fprintf(out, "%-6s %s",
        side == HS_SIDE_GUEST ? "guest:" : "host:", preset ? preset->name : "the default rules");
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        char now[8];
        char before[8];
        unsigned value = variant->config.rules.value[r];
        if (hs_rule_rows[r].side != side || value == usual.value[r])
            continue;
        fprintf(out, "\n         but %s=%s (instead of %s)", hs_rule_rows[r].name,
            hs_rule_value_name((enum hs_rule)r, value, now),
            hs_rule_value_name((enum hs_rule)r, usual.value[r], before));
    }
    fputc('\n', out);
}

static void print_rules(const struct hs_variant *variant, FILE *out)
{
    print_side(variant, HS_SIDE_GUEST, out);
    print_side(variant, HS_SIDE_HOST, out);
}

void hs_header_print(const struct hs_variant *variant, FILE *out)
{
    fprintf(out, "%s\n\n", variant->name);
    hs_print_wrapped(variant->scenario->question, 2, out);
    fputc('\n', out);
    print_rules(variant, out);
    fprintf(out, "hash:  %016" PRIx64 "\n", hs_variant_hash(variant));
}

/* ---- the observations ----------------------------------------------------------------------- */

/* Every property, and the clauses that broke. */
static bool is_observed(const struct hs_run *run, unsigned property)
{
    return property < HS_PROPERTY_FIRST_CLAUSE || run->broken >> property & 1u;
}

static void print_observations(const struct hs_run *run, FILE *out)
{
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        bool broken = run->broken >> i & 1u;
        if (is_observed(run, i))
            fprintf(out, "Observation %s %s %s %d %d\n", run->variant->name,
                hs_property_rows[i].name, hs_verdict_names[hs_run_verdict(run, i)], broken,
                !broken);
    }
}

static void print_expectation(const struct hs_run *run, FILE *out)
{
    struct hs_text expected = {0};
    const struct hs_judgement judgement = hs_run_judgement(run);
    if (run->variant->has_expected_run) {
        bool otherwise =
            hs_compare_all(judgement.properties) == HS_NOT_EXPECTED || judgement.ends_otherwise;
        hs_broken_add(run->variant->expected_broken, run->variant->expected_unfinished, &expected);
        fprintf(out, "expected: %s: %s\n", hs_text_string(&expected),
            otherwise ? "NOT AS FOUND" : "as found");
        hs_text_free(&expected);
    }
    if (!hs_kind_set_is_empty(&judgement.uncovered))
        fprintf(out, "cover: %s was never taken\n",
            hs_step_rows[hs_kind_set_first(&judgement.uncovered)].name);
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (run->unknown >> i & 1u)
            fprintf(out, "%s: unknown, too many states follow\n", hs_property_rows[i].name);
    }
}

/* The functions that each step stands for, behind its number. */
static void print_source(const struct hs_race *race, FILE *out)
{
    fputs("source: the functions, as Linux 6.1, QEMU 7.2 and KVM name them\n", out);
    for (unsigned i = 0; i < race->run->length; i++) {
        char step[80];
        char label[100];
        struct hs_text functions = {0};
        hs_step_write(race->events[i].step, step, sizeof(step));
        snprintf(label, sizeof(label), "%4u  %-26s", i + 1, step);
        hs_source_add(race->run->variant->scenario, race->events[i].step, &functions);
        hs_print_labelled(
            label, functions.length ? hs_text_string(&functions) : "-", HS_TEXT_WIDTH, out);
        hs_text_free(&functions);
    }
}

void hs_run_print(const struct hs_race *race, bool source, FILE *out)
{
    enum hs_property told = hs_story_property(race);
    hs_header_print(race->run->variant, out);
    fputc('\n', out);
    hs_ladder_print(race, out);
    fputc('\n', out);
    hs_ladder_print_fates(race, out);
    fputc('\n', out);
    if (told < HS_PROPERTY_COUNT) {
        hs_ladder_print_told(race, told, out);
        fputc('\n', out);
    }
    if (source) {
        print_source(race, out);
        fputc('\n', out);
    }
    hs_ladder_print_verdict(race, out);
    print_expectation(race->run, out);
    print_observations(race->run, out);
}

void hs_json_print(json_t *json, FILE *out)
{
    json_t *versioned = json_pack("{s:i}", "version", HS_JSON_VERSION);
    if (json_is_object(json))
        json_object_update(versioned, json);
    json_dumpf(json_is_object(json) ? versioned : json, out, JSON_INDENT(2));
    fputc('\n', out);
    json_decref(versioned);
    json_decref(json);
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static json_t *rules_json(const struct hs_variant *variant)
{
    json_t *rules = json_object();
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        char number[8];
        const char *value =
            hs_rule_value_name((enum hs_rule)r, variant->config.rules.value[r], number);
        json_object_set_new(rules, hs_rule_rows[r].name, json_string(value));
    }
    return rules;
}

static json_t *pages_json(uint64_t pages)
{
    json_t *list = json_array();
    for (unsigned p = 0; p < HS_PAGES_MAX; p++) {
        if (pages >> p & 1u)
            json_array_append_new(list, json_integer((json_int_t)p));
    }
    return list;
}

static json_t *broken_json(uint32_t broken)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (broken >> i & 1u)
            json_array_append_new(list, json_string(hs_property_rows[i].name));
    }
    return list;
}

static json_t *event_json(const struct hs_event *event)
{
    char step[80];
    hs_step_write(event->step, step, sizeof(step));
    json_t *details = json_array();
    for (unsigned d = 0; d < event->detail_count; d++)
        json_array_append_new(details, json_string(event->details[d]));
    return json_pack("{s:s, s:s, s:b, s:s, s:o, s:o, s:o, s:o}", "step", step, "column",
        hs_column_names[event->column], "filled_in", event->filled_in, "headline", event->headline,
        "changes", details, "breaks", broken_json(event->breaks), "loses", pages_json(event->loses),
        "dooms", broken_json(event->dooms));
}

/* What is waited for, and behind it what each step needs. */
static json_t *wait_json(const struct hs_wait *wait)
{
    json_t *links = json_array();
    for (unsigned i = 0; i < wait->count; i++) {
        char step[80];
        hs_step_write(wait->links[i].step, step, sizeof(step));
        json_array_append_new(
            links, json_pack("{s:s, s:s}", "step", step, "possible", wait->links[i].why.text));
    }
    return json_pack("{s:o, s:o}", "properties", broken_json(wait->properties), "needs", links);
}

static json_t *fate_json(const struct hs_fate *fate, unsigned p)
{
    return json_pack("{s:i, s:s, s:s, s:s, s:s}", "page", (int)p, "source", fate->source,
        "destination", fate->destination, "relied_on", fate->relied_on, "fate", fate->fate);
}

static json_t *observations_json(const struct hs_run *run)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        bool broken = run->broken >> i & 1u;
        if (is_observed(run, i))
            json_array_append_new(
                list, json_pack("{s:s, s:s, s:i, s:i}", "property", hs_property_rows[i].name,
                          "verdict", hs_verdict_names[hs_run_verdict(run, i)], "positive", broken,
                          "negative", !broken));
    }
    return list;
}

void hs_header_json(const struct hs_variant *variant, json_t *json)
{
    const struct hs_scenario *scenario = variant->scenario;
    json_t *header = json_pack("{s:s, s:s?, s:s?, s:o}", "question", scenario->question, "guest",
        scenario->guest ? scenario->guest->name : NULL, "host",
        scenario->host ? scenario->host->name : NULL, "rules", rules_json(variant));
    json_object_update(json, header);
    json_decref(header);
}

static json_t *told_json(const struct hs_race *race, enum hs_property property)
{
    json_t *list = json_array();
    if (property == HS_PROPERTY_COUNT)
        return list;
    struct hs_told told = hs_story_tell(race, property);
    for (unsigned i = 0; i < told.count; i++)
        json_array_append_new(list, json_string(told.sentences[i]));
    hs_told_free(&told);
    return list;
}

void hs_source_json(const struct hs_race *race, json_t *json)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < race->run->length; i++) {
        char step[80];
        struct hs_text functions = {0};
        hs_step_write(race->events[i].step, step, sizeof(step));
        hs_source_add(race->run->variant->scenario, race->events[i].step, &functions);
        json_array_append_new(
            list, json_pack("{s:s, s:s}", "step", step, "functions", hs_text_string(&functions)));
        hs_text_free(&functions);
    }
    json_object_set_new(json, "source", list);
}

json_t *hs_run_json(const struct hs_race *race, enum hs_property property)
{
    const struct hs_run *run = race->run;
    const struct hs_variant *variant = run->variant;
    char hash[20];
    json_t *events = json_array();
    json_t *fates = json_array();
    json_t *waits = json_array();
    snprintf(hash, sizeof(hash), "%016" PRIx64, hs_variant_hash(variant));
    for (unsigned i = 0; i < run->length; i++)
        json_array_append_new(events, event_json(&race->events[i]));
    for (unsigned p = 0; p < run->config.pages; p++)
        json_array_append_new(fates, fate_json(&race->fates[p], p));
    for (unsigned i = 0; i < race->wait_count; i++)
        json_array_append_new(waits, wait_json(&race->waits[i]));
    json_t *json = json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:s}", "name",
        variant->name, "hash", hash, "steps", events, "pages", fates, "waits", waits, "told",
        told_json(race, property), "end", hs_run_end_names[run->end], "broken",
        broken_json(run->broken), "expected",
        variant->has_expected_run ? broken_json(variant->expected_broken) : json_null(),
        "observations", observations_json(run), "answer", hs_answer_names[hs_run_answer(run)]);
    hs_header_json(variant, json);
    return json;
}
