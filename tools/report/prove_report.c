/* Proofs: the answer, text and JSON. */
#include "prove_report.h"

#include "explore_report.h"
#include "in_play_report.h"
#include "ladder.h"

#include <inttypes.h>

/* ---- the answer ------------------------------------------------------------------------------ */

bool hs_expects_proof(const struct hs_scenario *scenario)
{
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (scenario->expect_prove[i] != HS_VERDICT_NONE)
            return true;
    }
    return false;
}

enum hs_answer hs_proof_answer(const struct hs_proof *proof)
{
    const struct hs_scenario *scenario = proof->variant->scenario;
    bool expects = hs_expects_proof(scenario);
    bool unknown = false;
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        uint8_t usual = hs_proof_covers(i) ? HS_NEVER : HS_VERDICT_NONE;
        uint8_t wanted = expects ? scenario->expect_prove[i] : usual;
        uint8_t found = proof->settled.verdict[i];
        if (!(proof->asked >> i & 1u) || wanted == HS_VERDICT_NONE || wanted == found)
            continue;
        if (found != HS_UNKNOWN)
            return HS_NOT_EXPECTED;
        unknown = true;
    }
    return unknown ? HS_INCONCLUSIVE : HS_AS_EXPECTED;
}

/* The property whose witness is shown, or HS_PROPERTY_COUNT. */
static unsigned shown_property(const struct hs_proof *proof, unsigned shown)
{
    if (shown < HS_PROPERTY_COUNT)
        return proof->settled.finding[shown] ? shown : HS_PROPERTY_COUNT;
    unsigned i = 0;
    while (i < HS_PROPERTY_COUNT && !proof->settled.finding[i])
        i++;
    return i;
}

const struct hs_run *hs_proof_witness(const struct hs_proof *proof, unsigned shown)
{
    unsigned property = shown_property(proof, shown);
    return property < HS_PROPERTY_COUNT ? proof->settled.finding[property]->run : NULL;
}

/* ---- text ------------------------------------------------------------------------------------ */

static const char *reason(const struct hs_proof *proof, unsigned property)
{
    if (!hs_proof_covers(property))
        return "not a question of one page: allowing more steps hides what is stuck";
    static const char *const ends[] = {[HS_SEARCH_COMPLETE] = "the abstract trace is too long",
        [HS_SEARCH_OUT_OF_MEMORY] = "memory ran out",
        [HS_SEARCH_TIMED_OUT] = "time ran out",
        [HS_SEARCH_INTERRUPTED] = "interrupted"};
    enum hs_search_end end = proof->settled.end;
    if (!proof->settled.trace[property])
        return ends[end];
    if (end == HS_SEARCH_TIMED_OUT)
        return "the abstraction breaks it, and time ran out before a run was found";
    if (end == HS_SEARCH_INTERRUPTED)
        return "the abstraction breaks it; interrupted before a run was found";
    return "the abstraction breaks it, and no run of a small world was found that does";
}

static void print_scope(const struct hs_proof *proof, FILE *out)
{
    fputs("for any number of pages, any sizes of blocks and of queues\n", out);
    hs_in_play_print(&proof->abstraction.config, out);
    fprintf(out, "states: %u abstract, %" PRIu64 " steps\n", proof->settled.count,
        proof->settled.taken);
    if (proof->settled.end != HS_SEARCH_COMPLETE)
        fprintf(out, "NOT COMPLETE: %s\n", hs_search_end_names[proof->settled.end]);
}

static void print_trace(const struct hs_trace *trace, FILE *out)
{
    for (unsigned i = 0; i < trace->length; i++) {
        uint32_t label = trace->labels[i];
        fprintf(out, "    %s\n", hs_label_name(label));
        if (!hs_label_is_step(label))
            hs_ladder_print_wrapped(hs_widening_rows[hs_label_widening(label)].summary, 8, out);
    }
}

/* The runs that are not shown. */
static void print_others(const struct hs_proof *proof, unsigned shown, FILE *out)
{
    char list[2048] = "";
    size_t used = 0;
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        const struct hs_run *run = hs_proof_witness(proof, i);
        if (run && i != shown)
            used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s in %u steps",
                used ? ", " : "", hs_property_rows[i].name, run->length);
    }
    if (!used)
        return;
    fputs("\nother witnesses, which --property NAME shows:\n", out);
    hs_ladder_print_wrapped(list, 2, out);
}

static void print_unknowns(const struct hs_proof *proof, FILE *out)
{
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (!(proof->asked >> i & 1u) || proof->settled.verdict[i] != HS_UNKNOWN)
            continue;
        fprintf(out, "\n%s is unknown:\n", hs_property_rows[i].name);
        hs_ladder_print_wrapped(reason(proof, i), 2, out);
        if (!proof->settled.trace[i])
            continue;
        fputs("  abstract trace:\n", out);
        print_trace(proof->settled.trace[i], out);
        if (proof->settled.end == HS_SEARCH_COMPLETE)
            fprintf(out,
                "  tried: %u small worlds of 1 and 2 pages, 2 and 4 slots, up to %d\n"
                "         states each\n",
                hs_attempt_count, HS_ATTEMPT_STATES);
    }
}

void hs_proof_print(const struct hs_proof *proof, unsigned shown, FILE *out)
{
    const struct hs_run *witness = hs_proof_witness(proof, shown);
    hs_header_print(proof->variant, out);
    print_scope(proof, out);
    if (witness) {
        struct hs_race *race = hs_race_tell(witness);
        fprintf(out, "\nwitness: %s, in %u steps with %u page%s\n\n",
            hs_property_rows[shown_property(proof, shown)].name, witness->length,
            witness->config.pages, witness->config.pages == 1 ? "" : "s");
        hs_ladder_print(race, out);
        fputc('\n', out);
        hs_ladder_print_fates(race, out);
        hs_race_free(race);
    }
    print_others(proof, shown_property(proof, shown), out);
    print_unknowns(proof, out);
    fputc('\n', out);
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (proof->asked >> i & 1u)
            fprintf(out, "Observation %s %s %s\n", proof->variant->name, hs_property_rows[i].name,
                hs_verdict_names[proof->settled.verdict[i]]);
    }
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static json_t *trace_json(const struct hs_trace *trace)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < trace->length; i++)
        json_array_append_new(list, json_string(hs_label_name(trace->labels[i])));
    return list;
}

static json_t *run_json(const struct hs_run *run)
{
    struct hs_race *race = hs_race_tell(run);
    json_t *json = hs_run_json(race);
    hs_race_free(race);
    return json;
}

static json_t *observation(const struct hs_proof *proof, unsigned property)
{
    json_t *json = json_pack("{s:s, s:s}", "property", hs_property_rows[property].name, "verdict",
        hs_verdict_names[proof->settled.verdict[property]]);
    if (proof->settled.verdict[property] == HS_UNKNOWN)
        json_object_set_new(json, "reason", json_string(reason(proof, property)));
    if (proof->settled.trace[property])
        json_object_set_new(json, "abstract_trace", trace_json(proof->settled.trace[property]));
    if (proof->settled.finding[property])
        json_object_set_new(json, "run", run_json(proof->settled.finding[property]->run));
    return json;
}

json_t *hs_proof_json(const struct hs_proof *proof)
{
    static const char *const answers[] = {"as expected", "not as expected", "inconclusive"};
    char hash[20];
    json_t *observations = json_array();
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (proof->asked >> i & 1u)
            json_array_append_new(observations, observation(proof, i));
    }
    snprintf(hash, sizeof(hash), "%016" PRIx64, hs_variant_hash(proof->variant));
    return json_pack("{s:s, s:s, s:s, s:o, s:I, s:I, s:o, s:s}", "name", proof->variant->name,
        "hash", hash, "search", hs_search_end_names[proof->settled.end], "in_play",
        hs_in_play_json(&proof->abstraction.config), "states", (json_int_t)proof->settled.count,
        "steps", (json_int_t)proof->settled.taken, "observations", observations, "answer",
        answers[hs_proof_answer(proof)]);
}
