/* Explorations: from a search to verdicts, and the report. */
#include "explore_report.h"

#include "ladder.h"
#include "witness.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const end_names[] = {
    [HS_SEARCH_COMPLETE] = "complete",
    [HS_SEARCH_OUT_OF_MEMORY] = "memory",
    [HS_SEARCH_TIMED_OUT] = "time",
    [HS_SEARCH_INTERRUPTED] = "interrupted",
};

/* ---- verdicts -------------------------------------------------------------------------------- */

static bool is_complete(const struct hs_exploration *exploration)
{
    return exploration->search.end == HS_SEARCH_COMPLETE;
}

/* A property noticed at a step: over the different states in which a run ends. */
static void judge_ends(struct hs_exploration *exploration, unsigned property)
{
    const struct hs_search *search = &exploration->search;
    uint64_t positive = search->ends_with[property];
    exploration->positive[property] = positive;
    exploration->negative[property] = search->ends - positive;
    enum hs_verdict verdict = HS_NEVER;
    if (search->states[property])
        verdict = positive && positive == search->ends ? HS_ALWAYS : HS_SOMETIMES;
    if (!is_complete(exploration))
        verdict = verdict == HS_NEVER ? HS_UNKNOWN : HS_SOMETIMES;
    exploration->verdict[property] = (uint8_t)verdict;
}

/* A property of all continuations: over all states.  The set of those that are stuck, or NULL. */
static uint64_t *judge_states(
    struct hs_exploration *exploration, const struct hs_graph *graph, unsigned property)
{
    struct hs_search *search = &exploration->search;
    unsigned flag = property == HS_PAGE_STUCK ? HS_FLAG_HOLDS : HS_FLAG_WAITS;
    uint64_t *set = NULL;
    exploration->verdict[property] = HS_UNKNOWN;
    if (!is_complete(exploration))
        return NULL;
    uint64_t stuck = hs_search_stuck(graph, search, flag, &set);
    if (!set)
        return NULL;
    exploration->positive[property] = stuck;
    exploration->negative[property] = search->distinct - stuck;
    exploration->verdict[property] = stuck == 0                  ? HS_NEVER
                                     : stuck == search->distinct ? HS_ALWAYS
                                                                 : HS_SOMETIMES;
    return set;
}

static void find_witness(struct hs_exploration *exploration, const struct hs_graph *graph,
    const void *start, size_t memory, unsigned property, const uint64_t *set)
{
    struct hs_witness *witness = hs_must(malloc(sizeof(*witness)));
    struct hs_step *steps = hs_must(malloc(HS_WITNESS_MAX * sizeof(*steps)));
    struct hs_goal goal = {.flag = property, .set = set, .search = &exploration->search};
    if (hs_search_witness(graph, start, &goal, memory, witness) == HS_HUNT_FOUND) {
        for (unsigned i = 0; i < witness->length; i++)
            steps[i] = hs_label_step(witness->labels[i]);
        exploration->witness = hs_run_follow(exploration->variant, steps, witness->length);
        exploration->witness_of = (enum hs_property)property;
    }
    free(witness);
    free(steps);
}

void hs_explore(const struct hs_variant *variant, const struct hs_search_options *options,
    unsigned wanted, struct hs_exploration *exploration)
{
    union hs_state_buffer start;
    struct hs_graph graph = hs_world_graph(&variant->config);
    memset(exploration, 0, sizeof(*exploration));
    exploration->variant = variant;
    exploration->threads = options->threads;
    hs_world_init((struct hs_world){&variant->config, &start.state});
    hs_search_run(&graph, &start, options, &exploration->search);
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        bool of_states = i == HS_PAGE_STUCK || i == HS_GUEST_STALLED;
        uint64_t *set = NULL;
        if (of_states)
            set = judge_states(exploration, &graph, i);
        else
            judge_ends(exploration, i);
        bool breaks =
            exploration->verdict[i] == HS_SOMETIMES || exploration->verdict[i] == HS_ALWAYS;
        bool asked = wanted == HS_PROPERTY_COUNT || wanted == i;
        if (breaks && asked && !exploration->witness)
            find_witness(exploration, &graph, &start, options->memory, i, of_states ? set : NULL);
        free(set);
    }
}

void hs_exploration_close(struct hs_exploration *exploration)
{
    hs_run_free(exploration->witness);
    hs_search_close(&exploration->search);
}

/* The steps in the scenario's `cover` that no interleaving takes; HS_STEP_KIND_COUNT if there is
 * none. */
static enum hs_step_kind uncovered(const struct hs_exploration *exploration)
{
    for (unsigned kind = 0; kind < HS_STEP_KIND_COUNT; kind++) {
        if (exploration->variant->scenario->cover[kind] &&
            !(exploration->search.fired >> kind & 1u))
            return (enum hs_step_kind)kind;
    }
    return HS_STEP_KIND_COUNT;
}

bool hs_expects_exploration(const struct hs_scenario *scenario)
{
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (scenario->expect_explore[i] != HS_VERDICT_NONE)
            return true;
    }
    return false;
}

enum hs_answer hs_exploration_answer(const struct hs_exploration *exploration)
{
    const struct hs_scenario *scenario = exploration->variant->scenario;
    bool expects = hs_expects_exploration(scenario);
    bool unknown = false;
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        uint8_t wanted = expects ? scenario->expect_explore[i] : (uint8_t)HS_NEVER;
        uint8_t found = exploration->verdict[i];
        if (wanted == HS_VERDICT_NONE || wanted == found)
            continue;
        if (found != HS_UNKNOWN)
            return HS_NOT_EXPECTED;
        unknown = true;
    }
    if (unknown || !is_complete(exploration))
        return HS_INCONCLUSIVE;
    return uncovered(exploration) == HS_STEP_KIND_COUNT ? HS_AS_EXPECTED : HS_NOT_EXPECTED;
}

/* ---- text ------------------------------------------------------------------------------------ */

static void print_never_fired(const struct hs_search *search, FILE *out)
{
    char list[4096] = "";
    size_t used = 0;
    for (unsigned kind = 0; kind < HS_STEP_KIND_COUNT; kind++) {
        if (!(search->fired >> kind & 1u))
            used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s", used ? ", " : "",
                hs_step_rows[kind].name);
    }
    fputs("steps that never fired:\n", out);
    hs_ladder_print_wrapped(used ? list : "none", 2, out);
}

static void print_figures(const struct hs_exploration *exploration, FILE *out)
{
    const struct hs_search *search = &exploration->search;
    fprintf(out, "limits:");
    for (unsigned i = 0; i < HS_LIMIT_COUNT; i++) {
        if (exploration->variant->config.limits[i])
            fprintf(out, " %s %u", hs_limit_rows[i].name, exploration->variant->config.limits[i]);
    }
    fprintf(out, "\nstates: %" PRIu64 " distinct, %" PRIu64 " generated, depth %u\n",
        search->distinct, search->generated, search->depth);
    fprintf(out, "ends:   %" PRIu64 " different states in which a run ends\n", search->ends);
    if (!is_complete(exploration))
        fprintf(out, "NOT COMPLETE: %s; %" PRIu64 " states were waiting\n", end_names[search->end],
            search->waiting);
}

void hs_exploration_print(const struct hs_exploration *exploration, FILE *out)
{
    const struct hs_variant *variant = exploration->variant;
    hs_header_print(variant, out);
    print_figures(exploration, out);
    print_never_fired(&exploration->search, out);
    if (uncovered(exploration) != HS_STEP_KIND_COUNT)
        fprintf(out, "cover: %s was never taken\n", hs_step_rows[uncovered(exploration)].name);
    if (exploration->witness) {
        struct hs_race *race = hs_race_tell(exploration->witness);
        fprintf(out, "\nwitness: %s, in %u steps, and there is no shorter one\n\n",
            hs_property_rows[exploration->witness_of].name, exploration->witness->length);
        hs_ladder_print(race, out);
        fputc('\n', out);
        hs_ladder_print_fates(race, out);
        hs_race_free(race);
    }
    fputc('\n', out);
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++)
        fprintf(out, "Observation %s %s %s %" PRIu64 " %" PRIu64 "\n", variant->name,
            hs_property_rows[i].name, hs_verdict_names[exploration->verdict[i]],
            exploration->positive[i], exploration->negative[i]);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static json_t *observations(const struct hs_exploration *exploration)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++)
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:I, s:I}", "property", hs_property_rows[i].name, "verdict",
                      hs_verdict_names[exploration->verdict[i]], "positive",
                      (json_int_t)exploration->positive[i], "negative",
                      (json_int_t)exploration->negative[i]));
    return list;
}

static json_t *never_fired(const struct hs_search *search)
{
    json_t *list = json_array();
    for (unsigned kind = 0; kind < HS_STEP_KIND_COUNT; kind++) {
        if (!(search->fired >> kind & 1u))
            json_array_append_new(list, json_string(hs_step_rows[kind].name));
    }
    return list;
}

static json_t *limits_json(const struct hs_config *config)
{
    json_t *limits = json_object();
    for (unsigned i = 0; i < HS_LIMIT_COUNT; i++)
        json_object_set_new(limits, hs_limit_rows[i].name, json_integer(config->limits[i]));
    return limits;
}

static json_t *witness_json(const struct hs_exploration *exploration)
{
    if (!exploration->witness)
        return json_null();
    struct hs_race *race = hs_race_tell(exploration->witness);
    json_t *run = hs_run_json(race);
    hs_race_free(race);
    return json_pack(
        "{s:s, s:o}", "property", hs_property_rows[exploration->witness_of].name, "run", run);
}

json_t *hs_exploration_json(const struct hs_exploration *exploration)
{
    static const char *const answers[] = {"as expected", "not as expected", "inconclusive"};
    const struct hs_search *search = &exploration->search;
    char hash[20];
    snprintf(hash, sizeof(hash), "%016" PRIx64, hs_variant_hash(exploration->variant));
    return json_pack("{s:s, s:s, s:s, s:o, s:I, s:I, s:I, s:i, s:o, s:o, s:o, s:s}", "name",
        exploration->variant->name, "hash", hash, "search", end_names[search->end], "limits",
        limits_json(&exploration->variant->config), "distinct", (json_int_t)search->distinct,
        "generated", (json_int_t)search->generated, "ends", (json_int_t)search->ends, "depth",
        (int)search->depth, "never_fired", never_fired(search), "witness",
        witness_json(exploration), "observations", observations(exploration), "answer",
        answers[hs_exploration_answer(exploration)]);
}
