/* Explorations: from a search to verdicts, and the report. */
#include "explore_report.h"

#include "ladder.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const char *const hs_search_end_names[] = {
    [HS_SEARCH_COMPLETE] = "complete",
    [HS_SEARCH_OUT_OF_MEMORY] = "memory",
    [HS_SEARCH_TIMED_OUT] = "time",
    [HS_SEARCH_INTERRUPTED] = "interrupted",
};

enum { SLICED_RUN_STATES = 1000000 };

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
    exploration->verdict[property] = HS_UNKNOWN;
    if (!(exploration->reduction.properties >> property & 1u))
        return; /* it was not asked for */
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
    if (!is_complete(exploration) || !(exploration->reduction.properties >> property & 1u))
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
        if (exploration->variant->scenario->cover[kind] && !(exploration->fired >> kind & 1u) &&
            !(exploration->not_known >> kind & 1u))
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
           uncovered(exploration) == HS_STEP_KIND_COUNT && !exploration->not_known;
}

/* What the search has left of the memory; a little, at least. */
static size_t memory_left(
    const struct hs_exploration *exploration, const struct hs_search_options *options)
{
    size_t used = exploration->search.bytes;
    size_t least = options->memory / 8;
    return used + least < options->memory ? options->memory - used : least;
}

/* The runs to be shown may take as long again as the search, and another interrupt to stop. */
static struct hs_effort effort_of(
    const struct hs_exploration *exploration, const struct hs_search_options *options)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (struct hs_effort){.memory = memory_left(exploration, options),
        .until = options->timeout > 0
                     ? (double)now.tv_sec + (double)now.tv_nsec * 1e-9 + options->timeout
                     : 0,
        /* The slice decides worlds that are far too large for a search that does without it. */
        .states = exploration->reduction.slice ? SLICED_RUN_STATES : 0,
        .interrupted = options->interrupted};
}

/* What is asked of the searches for runs: no reduction that makes runs longer, or that hides a step
 * which another order of the same steps takes. */
static struct hs_reduction for_runs(const struct hs_reduction *reduction)
{
    struct hs_reduction kept = *reduction;
    kept.partial_order = kept.slice = false;
    kept.lists_twins = true;
    kept.properties = UINT32_MAX;
    return kept;
}

/* The steps in `cover` that the slice did without may be taken all the same. */
static void look_for_covers(struct hs_exploration *exploration, const struct hs_effort *effort)
{
    const struct hs_variant *variant = exploration->variant;
    struct hs_reduction reduction = for_runs(&exploration->reduction);
    for (unsigned kind = 0; exploration->reduction.slice && kind < HS_STEP_KIND_COUNT; kind++) {
        if (variant->scenario->cover[kind] && !(exploration->fired >> kind & 1u)) {
            enum hs_hunt_end end =
                hs_can_be_taken(variant, &reduction, (enum hs_step_kind)kind, effort);
            exploration->fired |= (uint64_t)(end == HS_HUNT_FOUND) << kind;
            exploration->not_known |= (uint64_t)(end == HS_HUNT_GAVE_UP) << kind;
        }
    }
}

static void find_witnesses(struct hs_exploration *exploration, enum hs_property property,
    const struct hs_plan *plan, const uint64_t *set)
{
    struct hs_effort effort = effort_of(exploration, &plan->search);
    struct hs_exploration again;
    if (!set || (!exploration->reduction.partial_order && !exploration->reduction.slice)) {
        const int interrupts = effort.interrupted ? *effort.interrupted : 0;
        hs_shown_find_witnesses(&exploration->shown, exploration->variant, property,
            &exploration->search, set, &effort);
        bool was_stopped = effort.interrupted && *effort.interrupted > interrupts;
        effort.states = 0;
        if (exploration->reduction.slice && !exploration->shown.count && !was_stopped)
            hs_shown_find_along_slice(&exploration->shown, exploration->variant, property,
                &exploration->reduction, &effort);
        return;
    }
    /* A shortest way to a state of a set is asked for, so that no state may be left out, and the
     * states must be those of the search for the way. */
    struct hs_plan complete = *plan;
    complete.search.memory = memory_left(exploration, &plan->search);
    again = *exploration;
    again.reduction = exploration->shown.reduction;
    struct hs_graph graph = hs_world_graph_reduced(&again.reduction);
    union hs_state_buffer start;
    hs_world_init((struct hs_world){&exploration->variant->config, &start.state});
    hs_search_run(&graph, &start, &complete.search, &again.search);
    uint64_t *whole = judge_states(&again, &graph, property);
    if (whole)
        hs_shown_find_witnesses(
            &exploration->shown, exploration->variant, property, &again.search, whole, &effort);
    free(whole);
    hs_search_close(&again.search);
}

void hs_explore(const struct hs_variant *variant, const struct hs_plan *plan,
    struct hs_exploration *exploration)
{
    union hs_state_buffer start;
    memset(exploration, 0, sizeof(*exploration));
    exploration->variant = variant;
    exploration->threads = plan->search.threads;
    exploration->reduction = plan->reduction;
    exploration->reduction.config = &variant->config;
    if (!plan->reduction.slice)
        exploration->reduction.properties = UINT32_MAX;
    exploration->shown.wish = plan->wish;
    exploration->shown.reduction = for_runs(&exploration->reduction);
    struct hs_graph graph = hs_world_graph_reduced(&exploration->reduction);
    hs_world_init((struct hs_world){&variant->config, &start.state});
    hs_search_run(&graph, &start, &plan->search, &exploration->search);
    exploration->fired = exploration->search.fired;
    const struct hs_effort effort = effort_of(exploration, &plan->search);
    look_for_covers(exploration, &effort);
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        uint64_t *set = NULL;
        if (i == HS_PAGE_STUCK || i == HS_GUEST_STALLED)
            set = judge_states(exploration, &graph, i);
        else
            judge_ends(exploration, i);
        if (breaks(exploration, i) && is_asked_for(exploration, i) && !exploration->shown.breaks)
            find_witnesses(exploration, (enum hs_property)i, plan, set);
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
    if (!expects && !is_complete(exploration))
        return HS_INCONCLUSIVE;
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        uint8_t wanted = expects ? scenario->expect_explore[i] : (uint8_t)HS_NEVER;
        uint8_t found = exploration->verdict[i];
        bool asked = exploration->reduction.properties >> i & 1u;
        if (wanted == HS_VERDICT_NONE || wanted == found || !asked)
            continue;
        if (found != HS_UNKNOWN)
            return HS_NOT_EXPECTED;
        unknown = true;
    }
    if (unknown || !is_complete(exploration) || exploration->not_known)
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
    print_kinds("cover, taken by some order", asked & exploration->fired, out);
    for (unsigned kind = 0; kind < HS_STEP_KIND_COUNT; kind++) {
        if (!((asked & ~exploration->fired) >> kind & 1u))
            continue;
        const char *how = exploration->not_known >> kind & 1u ? "can be taken or not: not known"
                          : is_complete(exploration)          ? "was never taken"
                                                              : "was not taken so far";
        fprintf(out, "cover: %s %s\n", hs_step_rows[kind].name, how);
    }
}

/* Of the slice, which does without many steps, it is not known which can be taken. */
static void print_asked(const struct hs_exploration *exploration, FILE *out)
{
    fputs("asked for alone, without what it cannot see:\n", out);
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (exploration->reduction.properties >> i & 1u)
            fprintf(out, "  %s\n", hs_property_rows[i].name);
    }
}

static void print_figures(const struct hs_exploration *exploration, FILE *out)
{
    const struct hs_search *search = &exploration->search;
    struct hs_reduction reduction = exploration->reduction;
    bool reduces = reduction.dead_values || reduction.symmetry || reduction.partial_order;
    fprintf(out, "limits:");
    for (unsigned i = 0; i < HS_LIMIT_COUNT; i++) {
        if (exploration->variant->config.limits[i])
            fprintf(out, " %s %u", hs_limit_rows[i].name, exploration->variant->config.limits[i]);
    }
    fprintf(out, "\nreductions:");
    for (unsigned i = 0; i < HS_REDUCTION_COUNT; i++) {
        if (*hs_reduction_switch(&reduction, i))
            fprintf(out, " %s", hs_reduction_names[i]);
    }
    fprintf(out, "%s\nstates: %" PRIu64 " distinct, %" PRIu64 " generated, depth %u\n",
        reduces ? "" : " none", search->distinct, search->generated, search->depth);
    fprintf(out, "ends:   %" PRIu64 " different states in which a run ends\n", search->ends);
    if (!is_complete(exploration))
        fprintf(out, "NOT COMPLETE: %s; %" PRIu64 " states were waiting\n",
            hs_search_end_names[search->end], search->waiting);
}

void hs_exploration_print(const struct hs_exploration *exploration, FILE *out)
{
    const struct hs_variant *variant = exploration->variant;
    hs_header_print(variant, out);
    print_figures(exploration, out);
    if (exploration->reduction.slice)
        print_asked(exploration, out);
    else
        print_kinds(is_complete(exploration) ? "steps that never fired" : "steps not taken so far",
            ~exploration->fired, out);
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

static json_t *never_fired(const struct hs_exploration *exploration)
{
    json_t *list = json_array();
    for (unsigned kind = 0; kind < HS_STEP_KIND_COUNT && !exploration->reduction.slice; kind++) {
        if (is_complete(exploration) && !(exploration->fired >> kind & 1u))
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
        bool taken = exploration->fired >> kind & 1u;
        bool known = taken || (is_complete(exploration) && !(exploration->not_known >> kind & 1u));
        if (exploration->variant->scenario->cover[kind])
            json_array_append_new(list, json_pack("{s:s, s:o}", "step", hs_step_rows[kind].name,
                                            "taken", known ? json_boolean(taken) : json_null()));
    }
    return list;
}

static json_t *reductions_json(const struct hs_exploration *exploration)
{
    struct hs_reduction reduction = exploration->reduction;
    json_t *list = json_array();
    for (unsigned i = 0; i < HS_REDUCTION_COUNT; i++) {
        if (*hs_reduction_switch(&reduction, i))
            json_array_append_new(list, json_string(hs_reduction_names[i]));
    }
    return list;
}

/* The properties that are asked for alone; none: all are. */
static json_t *only_json(const struct hs_exploration *exploration)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < HS_PROPERTY_COUNT && exploration->reduction.slice; i++) {
        if (exploration->reduction.properties >> i & 1u)
            json_array_append_new(list, json_string(hs_property_rows[i].name));
    }
    return list;
}

json_t *hs_exploration_json(const struct hs_exploration *exploration)
{
    static const char *const answers[] = {"as expected", "not as expected", "inconclusive"};
    const struct hs_search *search = &exploration->search;
    char hash[20];
    snprintf(hash, sizeof(hash), "%016" PRIx64, hs_variant_hash(exploration->variant));
    json_t *json = json_pack(
        "{s:s, s:s, s:s, s:I, s:o, s:o, s:o, s:I, s:I, s:I, s:i, s:o, s:o, s:o, s:o, s:o, s:s}",
        "name", exploration->variant->name, "hash", hash, "search",
        hs_search_end_names[search->end], "waiting", (json_int_t)search->waiting, "limits",
        limits_json(&exploration->variant->config), "reductions", reductions_json(exploration),
        "only", only_json(exploration), "distinct", (json_int_t)search->distinct, "generated",
        (json_int_t)search->generated, "ends", (json_int_t)search->ends, "depth",
        (int)search->depth, "never_fired", never_fired(exploration), "cover",
        cover_json(exploration), "witnesses", hs_shown_witnesses_json(&exploration->shown),
        "example", hs_shown_example_json(&exploration->shown), "observations",
        observations(exploration), "answer", answers[hs_exploration_answer(exploration)]);
    hs_header_json(exploration->variant, json);
    return json;
}
