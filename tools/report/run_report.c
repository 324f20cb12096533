/* The report of one run. */
#include "run_report.h"

#include "ladder.h"

#include <inttypes.h>
#include <string.h>

enum hs_answer hs_run_answer(const struct hs_run *run)
{
    const struct hs_variant *variant = run->variant;
    uint32_t expected = variant->has_expected_run ? variant->expected_broken : 0;
    if ((run->broken & ~run->unknown) != (expected & ~run->unknown))
        return HS_NOT_EXPECTED;
    if (hs_run_uncovered(run) != HS_STEP_KIND_COUNT)
        return HS_NOT_EXPECTED;
    return run->unknown ? HS_INCONCLUSIVE : HS_AS_EXPECTED;
}

void hs_broken_write(uint32_t broken, char *text, size_t size)
{
    size_t used = 0;
    snprintf(text, size, "safe");
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (broken >> i & 1u && used < size)
            used += (size_t)snprintf(
                text + used, size - used, "%s%s", used ? ", " : "", hs_property_rows[i].name);
    }
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
    hs_ladder_print_wrapped(variant->scenario->question, 2, out);
    fputc('\n', out);
    print_rules(variant, out);
    fprintf(out, "hash:  %016" PRIx64 "\n", hs_variant_hash(variant));
}

/* ---- the observations ----------------------------------------------------------------------- */

/* One interleaving shows that something can happen, never that it cannot. */
static enum hs_verdict verdict_of(const struct hs_run *run, unsigned property)
{
    return run->broken >> property & 1u ? HS_SOMETIMES : HS_UNKNOWN;
}

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
                hs_property_rows[i].name, hs_verdict_names[verdict_of(run, i)], broken, !broken);
    }
}

static void print_expectation(const struct hs_run *run, FILE *out)
{
    char expected[400];
    enum hs_step_kind uncovered = hs_run_uncovered(run);
    if (run->variant->has_expected_run) {
        hs_broken_write(run->variant->expected_broken, expected, sizeof(expected));
        fprintf(out, "expected: %s: %s\n", expected,
            (run->broken & ~run->unknown) == (run->variant->expected_broken & ~run->unknown)
                ? "as found"
                : "NOT AS FOUND");
    }
    if (uncovered != HS_STEP_KIND_COUNT)
        fprintf(out, "cover: %s was never taken\n", hs_step_rows[uncovered].name);
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (run->unknown >> i & 1u)
            fprintf(out, "%s: unknown, too many states follow\n", hs_property_rows[i].name);
    }
}

void hs_run_print(const struct hs_race *race, FILE *out)
{
    hs_header_print(race->run->variant, out);
    fputc('\n', out);
    hs_ladder_print(race, out);
    fputc('\n', out);
    hs_ladder_print_fates(race, out);
    fputc('\n', out);
    hs_ladder_print_verdict(race, out);
    print_expectation(race->run, out);
    print_observations(race->run, out);
}

void hs_json_print(json_t *json, FILE *out)
{
    json_dumpf(json, out, JSON_INDENT(2));
    fputc('\n', out);
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
    return json_pack("{s:s, s:s, s:b, s:s, s:o, s:o, s:o}", "step", step, "column",
        hs_column_names[event->column], "filled_in", event->filled_in, "headline", event->headline,
        "changes", details, "breaks", broken_json(event->breaks), "loses",
        pages_json(event->loses));
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
            json_array_append_new(list,
                json_pack("{s:s, s:s, s:i, s:i}", "property", hs_property_rows[i].name, "verdict",
                    hs_verdict_names[verdict_of(run, i)], "positive", broken, "negative", !broken));
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

json_t *hs_run_json(const struct hs_race *race)
{
    static const char *const answers[] = {"as expected", "not as expected", "inconclusive"};
    const struct hs_run *run = race->run;
    const struct hs_variant *variant = run->variant;
    char hash[20];
    json_t *events = json_array();
    json_t *fates = json_array();
    snprintf(hash, sizeof(hash), "%016" PRIx64, hs_variant_hash(variant));
    for (unsigned i = 0; i < run->length; i++)
        json_array_append_new(events, event_json(&race->events[i]));
    for (unsigned p = 0; p < run->config.pages; p++)
        json_array_append_new(fates, fate_json(&race->fates[p], p));
    json_t *json = json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:s}", "name", variant->name,
        "hash", hash, "steps", events, "pages", fates, "broken", broken_json(run->broken),
        "expected", variant->has_expected_run ? broken_json(variant->expected_broken) : json_null(),
        "observations", observations_json(run), "answer", answers[hs_run_answer(run)]);
    hs_header_json(variant, json);
    return json;
}
