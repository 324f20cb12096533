/* Explorations: from a search to verdicts, and the report. */
#include "explore_report.h"

#include "ladder.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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

/* The first step in the scenario's `cover` that no interleaving takes; HS_STEP_KIND_COUNT if there
 * is none. */
static enum hs_step_kind uncovered(const struct hs_exploration *exploration)
{
    for (unsigned kind = 0; kind < HS_STEP_KIND_COUNT; kind++) {
        if (exploration->variant->scenario->cover[kind] &&
            !(exploration->search.fired >> kind & 1u))
            return (enum hs_step_kind)kind;
    }
    return HS_STEP_KIND_COUNT;
}

static bool breaks(const struct hs_exploration *exploration, unsigned property)
{
    return exploration->verdict[property] == HS_SOMETIMES ||
           exploration->verdict[property] == HS_ALWAYS;
}

static bool is_asked_for(const struct hs_exploration *exploration, unsigned property)
{
    unsigned asked = exploration->shown.wish.property;
    return asked == HS_PROPERTY_COUNT || asked == property;
}

/* Is an example all that can be shown?  Every property that is asked for holds in every run. */
static bool wants_example(const struct hs_exploration *exploration)
{
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (is_asked_for(exploration, i) && exploration->verdict[i] != HS_NEVER)
            return false;
    }
    return exploration->shown.wish.property != HS_PROPERTY_NONE &&
           uncovered(exploration) == HS_STEP_KIND_COUNT;
}

/* The runs to be shown may take as much again as the search, and another interrupt to stop. */
static struct hs_effort effort_of(const struct hs_search_options *options)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (struct hs_effort){.memory = options->memory,
        .until = options->timeout > 0
                     ? (double)now.tv_sec + (double)now.tv_nsec * 1e-9 + options->timeout
                     : 0,
        .interrupted = options->interrupted};
}

void hs_explore(const struct hs_variant *variant, const struct hs_search_options *options,
    struct hs_wish wish, struct hs_exploration *exploration)
{
    union hs_state_buffer start;
    struct hs_graph graph = hs_world_graph(&variant->config);
    memset(exploration, 0, sizeof(*exploration));
    exploration->variant = variant;
    exploration->threads = options->threads;
    exploration->shown.wish = wish;
    hs_world_init((struct hs_world){&variant->config, &start.state});
    hs_search_run(&graph, &start, options, &exploration->search);
    const struct hs_effort effort = effort_of(options);
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        uint64_t *set = NULL;
        if (i == HS_PAGE_STUCK || i == HS_GUEST_STALLED)
            set = judge_states(exploration, &graph, i);
        else
            judge_ends(exploration, i);
        if (breaks(exploration, i) && is_asked_for(exploration, i) && !exploration->shown.breaks)
            hs_shown_find_witnesses(&exploration->shown, variant, (enum hs_property)i,
                &exploration->search, set, &effort);
        free(set);
    }
    if (wants_example(exploration))
        hs_shown_find_example(&exploration->shown, variant, &effort);
}

void hs_exploration_close(struct hs_exploration *exploration)
{
    hs_shown_free(&exploration->shown);
    hs_search_close(&exploration->search);
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

/* The steps of these kinds (bit hs_step_kind), wrapped under a title. */
static void print_kinds(const char *title, uint64_t kinds, FILE *out)
{
    char list[4096] = "";
    size_t used = 0;
    for (unsigned kind = 0; kind < HS_STEP_KIND_COUNT; kind++) {
        if (kinds >> kind & 1u)
            used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s", used ? ", " : "",
                hs_step_rows[kind].name);
    }
    fprintf(out, "%s:\n", title);
    hs_ladder_print_wrapped(used ? list : "none", 2, out);
}

static void print_cover(const struct hs_exploration *exploration, FILE *out)
{
    uint64_t asked = 0;
    for (unsigned kind = 0; kind < HS_STEP_KIND_COUNT; kind++)
        asked |= (uint64_t)exploration->variant->scenario->cover[kind] << kind;
    if (!asked)
        return;
    print_kinds("cover, taken by some order", asked & exploration->search.fired, out);
    for (unsigned kind = 0; kind < HS_STEP_KIND_COUNT; kind++) {
        if ((asked & ~exploration->search.fired) >> kind & 1u)
            fprintf(out, "cover: %s was never taken\n", hs_step_rows[kind].name);
    }
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
    print_kinds("steps that never fired", ~exploration->search.fired, out);
    print_cover(exploration, out);
    hs_shown_print(&exploration->shown, out);
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

static json_t *cover_json(const struct hs_exploration *exploration)
{
    json_t *list = json_array();
    for (unsigned kind = 0; kind < HS_STEP_KIND_COUNT; kind++) {
        bool taken = exploration->search.fired >> kind & 1u;
        if (exploration->variant->scenario->cover[kind])
            json_array_append_new(
                list, json_pack("{s:s, s:b}", "step", hs_step_rows[kind].name, "taken", taken));
    }
    return list;
}

json_t *hs_exploration_json(const struct hs_exploration *exploration)
{
    static const char *const answers[] = {"as expected", "not as expected", "inconclusive"};
    const struct hs_search *search = &exploration->search;
    char hash[20];
    snprintf(hash, sizeof(hash), "%016" PRIx64, hs_variant_hash(exploration->variant));
    return json_pack("{s:s, s:s, s:s, s:o, s:I, s:I, s:I, s:i, s:o, s:o, s:o, s:o, s:o, s:s}",
        "name", exploration->variant->name, "hash", hash, "search", end_names[search->end],
        "limits", limits_json(&exploration->variant->config), "distinct",
        (json_int_t)search->distinct, "generated", (json_int_t)search->generated, "ends",
        (json_int_t)search->ends, "depth", (int)search->depth, "never_fired", never_fired(search),
        "cover", cover_json(exploration), "witnesses", hs_shown_witnesses_json(&exploration->shown),
        "example", hs_shown_example_json(&exploration->shown), "observations",
        observations(exploration), "answer", answers[hs_exploration_answer(exploration)]);
}
