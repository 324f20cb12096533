/* SPDX-License-Identifier: BSD-3-Clause */
/* Proofs: text and JSON. */
#include "prove_report.h"

#include "explore_report.h"
#include "in_play_report.h"
#include "ladder.h"
#include "questions.h"
#include "story.h"
#include "text.h"

#include <inttypes.h>

/* ---- text ------------------------------------------------------------------------------------ */

static const char *reason(const struct hs_proof *proof, unsigned property)
{
    if (!hs_proof_covers(property))
        return "not a question of one page: allowing more steps hides what is stuck";
    static const char *const ends[] = {[HS_SEARCH_COMPLETE] = "the abstract trace is too long",
        [HS_SEARCH_OUT_OF_MEMORY] = "memory ran out",
        [HS_SEARCH_TIMED_OUT] = "time ran out",
        [HS_SEARCH_INTERRUPTED] = "interrupted"};
    enum hs_search_end end = proof->evidence.end;
    if (!proof->evidence.trace[property])
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
    hs_no_questions_print(&proof->variant->config, out);
    fprintf(out, "states: %u abstract, %" PRIu64 " steps\n", proof->evidence.count,
        proof->evidence.taken);
    if (proof->evidence.end != HS_SEARCH_COMPLETE)
        fprintf(out, "NOT COMPLETE: %s\n", hs_search_end_names[proof->evidence.end]);
}

static void print_trace(const struct hs_trace *trace, FILE *out)
{
    for (unsigned i = 0; i < trace->length; i++) {
        uint32_t label = trace->labels[i];
        fprintf(out, "    %s\n", hs_label_name(label));
        if (!hs_label_is_step(label))
            hs_print_wrapped(hs_widening_rows[hs_label_widening(label)].summary, 8, out);
    }
}

/* The runs that are not shown. */
static void print_others(const struct hs_proof *proof, unsigned shown, FILE *out)
{
    struct hs_text list = {0};
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        const struct hs_run *run = hs_proof_witness(proof, i);
        if (run && i != shown)
            hs_text_item(&list, ", ", "%s in %u steps", hs_property_rows[i].name, run->length);
    }
    if (!list.length)
        return;
    fputs("\nother witnesses, which --property NAME shows:\n", out);
    hs_text_print(&list, 2, out);
}

static void print_unknowns(const struct hs_proof *proof, FILE *out)
{
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (hs_evidence_verdict(&proof->evidence, i) != HS_UNKNOWN)
            continue;
        fprintf(out, "\n%s is unknown:\n", hs_property_rows[i].name);
        hs_print_wrapped(reason(proof, i), 2, out);
        if (!proof->evidence.trace[i])
            continue;
        fputs("  abstract trace:\n", out);
        print_trace(proof->evidence.trace[i], out);
        if (proof->evidence.end == HS_SEARCH_COMPLETE)
            fprintf(out,
                "  tried: %u small worlds of 1 and 2 pages, 2 and 4 slots, up to %d\n"
                "         states each\n",
                hs_attempt_count, HS_ATTEMPT_STATES);
    }
}

static void print_witness(const struct hs_race *race, enum hs_property property, FILE *out)
{
    const struct hs_config *config = &race->run->config;
    fprintf(out, "\nwitness: %s, in %u steps with %u page%s\n\n", hs_property_rows[property].name,
        race->run->length, config->pages, config->pages == 1 ? "" : "s");
    hs_ladder_print(race, out);
    fputc('\n', out);
    hs_ladder_print_fates(race, out);
    fputc('\n', out);
    hs_ladder_print_told(race, property, out);
}

static void print_observations(const struct hs_proof *proof, FILE *out)
{
    struct hs_text in_play = {0};
    hs_in_play_add(&proof->abstraction.config, &in_play);
    fputc('\n', out);
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (proof->evidence.asked >> i & 1u)
            fprintf(out, "Observation %s %s %s in-play=%s\n", proof->variant->name,
                hs_property_rows[i].name,
                hs_verdict_names[hs_evidence_verdict(&proof->evidence, i)],
                in_play.length ? hs_text_string(&in_play) : "nothing");
    }
    hs_text_free(&in_play);
}

void hs_proof_print(const struct hs_proof *proof, unsigned shown, FILE *out)
{
    const struct hs_run *witness = hs_proof_witness(proof, shown);
    hs_header_print(proof->variant, out);
    print_scope(proof, out);
    if (witness) {
        struct hs_race *race = hs_race_tell(witness);
        print_witness(race, (enum hs_property)hs_proof_shown(proof, shown), out);
        hs_race_free(race);
    }
    print_others(proof, hs_proof_shown(proof, shown), out);
    print_unknowns(proof, out);
    print_observations(proof, out);
}

void hs_proof_print_all(const struct hs_proof *proof, FILE *out)
{
    hs_header_print(proof->variant, out);
    print_scope(proof, out);
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (!proof->evidence.finding[i])
            continue;
        char story[HS_STORY_SIZE];
        struct hs_race *race = hs_race_tell(proof->evidence.finding[i]->run);
        print_witness(race, (enum hs_property)i, out);
        hs_story_write(race, (enum hs_property)i, story);
        fputs("\nstory:\n", out);
        hs_print_wrapped(story, 2, out);
        hs_race_free(race);
    }
    print_unknowns(proof, out);
    print_observations(proof, out);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static json_t *trace_json(const struct hs_trace *trace)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < trace->length; i++)
        json_array_append_new(list, json_string(hs_label_name(trace->labels[i])));
    return list;
}

/* Add the run that breaks a property, and its story. */
static void add_run(const struct hs_run *run, unsigned property, json_t *json)
{
    char story[HS_STORY_SIZE];
    struct hs_race *race = hs_race_tell(run);
    hs_story_write(race, (enum hs_property)property, story);
    json_object_set_new(json, "story", json_string(story));
    json_object_set_new(json, "run", hs_run_json(race, (enum hs_property)property));
    hs_race_free(race);
}

static json_t *observation(const struct hs_proof *proof, unsigned property)
{
    json_t *json = json_pack("{s:s, s:s}", "property", hs_property_rows[property].name, "verdict",
        hs_verdict_names[hs_evidence_verdict(&proof->evidence, property)]);
    if (hs_evidence_verdict(&proof->evidence, property) == HS_UNKNOWN)
        json_object_set_new(json, "reason", json_string(reason(proof, property)));
    if (proof->evidence.trace[property])
        json_object_set_new(json, "abstract_trace", trace_json(proof->evidence.trace[property]));
    if (proof->evidence.finding[property])
        add_run(proof->evidence.finding[property]->run, property, json);
    return json;
}

json_t *hs_proof_json(const struct hs_proof *proof)
{
    char hash[20];
    json_t *observations = json_array();
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (proof->evidence.asked >> i & 1u)
            json_array_append_new(observations, observation(proof, i));
    }
    snprintf(hash, sizeof(hash), "%016" PRIx64, hs_variant_hash(proof->variant));
    return json_pack("{s:s, s:s, s:s, s:o, s:I, s:I, s:o, s:s}", "name", proof->variant->name,
        "hash", hash, "search", hs_search_end_names[proof->evidence.end], "in_play",
        hs_in_play_json(&proof->abstraction.config), "states", (json_int_t)proof->evidence.count,
        "steps", (json_int_t)proof->evidence.taken, "observations", observations, "answer",
        hs_answer_names[hs_proof_answer(proof)]);
}
