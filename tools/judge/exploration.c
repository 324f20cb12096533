/* SPDX-License-Identifier: BSD-3-Clause */
/* Explorations: from a search to verdicts, runs to be shown, and the answer. */
#include "exploration.h"

#include "clock.h"
#include "evidence.h"
#include "questions.h"
#include "verdict.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { SLICED_RUN_STATES = 1000000 };

/* ---- verdicts -------------------------------------------------------------------------------- */

bool hs_exploration_is_complete(const struct hs_exploration *exploration)
{
    return exploration->search.end == HS_SEARCH_COMPLETE;
}

static bool asks_about(const struct hs_exploration *exploration, unsigned property)
{
    return exploration->reduction.properties >> property & 1u;
}

/* Of what is no question there is no verdict; the others are unknown as yet.  Can one be found? */
static bool begin_verdict(struct hs_exploration *exploration, unsigned property)
{
    bool is_question = hs_config_asks(&exploration->variant->config, (enum hs_property)property);
    exploration->verdict[property] = is_question ? HS_UNKNOWN : HS_VERDICT_NONE;
    return is_question && asks_about(exploration, property);
}

/* A property noticed at a step: over the different states in which a run ends. */
static void judge_ends(struct hs_exploration *exploration, unsigned property)
{
    const struct hs_search *search = &exploration->search;
    uint64_t positive = search->ends_with[property];
    if (!begin_verdict(exploration, property))
        return;
    exploration->positive[property] = positive;
    exploration->negative[property] = search->ends - positive;
    exploration->verdict[property] = (uint8_t)hs_verdict_of((struct hs_seen){
        .somewhere = search->states[property] > 0,
        .everywhere = positive > 0 && positive == search->ends,
        .complete = hs_exploration_is_complete(exploration),
    });
}

/* A property of all continuations: over all states.  The set of those that are stuck, or NULL. */
static uint64_t *judge_states(
    struct hs_exploration *exploration, const struct hs_graph *graph, unsigned property)
{
    struct hs_search *search = &exploration->search;
    struct hs_hope hope = hs_hope_of(&exploration->variant->config, (enum hs_property)property);
    uint64_t *set = NULL;
    if (!begin_verdict(exploration, property) || !hs_exploration_is_complete(exploration))
        return NULL;
    uint64_t stuck = hs_search_stuck(graph, search, &hope, &set);
    if (!set)
        return NULL;
    exploration->positive[property] = stuck;
    exploration->negative[property] = search->distinct - stuck;
    exploration->verdict[property] = (uint8_t)hs_verdict_of((struct hs_seen){
        .somewhere = stuck > 0,
        .everywhere = stuck == search->distinct,
        .complete = true,
    });
    return set;
}

/* The steps in the scenario's `cover` that no order was seen to take. */
static struct hs_kind_set uncovered(const struct hs_exploration *exploration)
{
    struct hs_kind_set steps = exploration->variant->scenario->cover;
    hs_kind_set_drop_all(&steps, &exploration->fired);
    return steps;
}

bool hs_exploration_never_takes(const struct hs_exploration *exploration, unsigned kind)
{
    return hs_exploration_is_complete(exploration) && !hs_kind_set_has(&exploration->fired, kind) &&
           !hs_kind_set_has(&exploration->not_known, kind);
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
        bool holds =
            exploration->verdict[i] == HS_NONE_WITHIN || exploration->verdict[i] == HS_VERDICT_NONE;
        if (is_asked_for(exploration, i) && !holds)
            return false;
    }
    struct hs_kind_set missing = uncovered(exploration);
    return exploration->shown.wish.property != HS_PROPERTY_NONE && hs_kind_set_is_empty(&missing);
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
    return (struct hs_effort){.memory = memory_left(exploration, options),
        .until = hs_time_out(options->timeout),
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
        if (!hs_kind_set_has(&variant->scenario->cover, kind) ||
            hs_kind_set_has(&exploration->fired, kind))
            continue;
        enum hs_witness_end end =
            hs_can_be_taken(variant, &reduction, (enum hs_step_kind)kind, effort);
        if (end == HS_WITNESS_FOUND)
            hs_kind_set_add(&exploration->fired, kind);
        if (end == HS_WITNESS_GAVE_UP)
            hs_kind_set_add(&exploration->not_known, kind);
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

/* ---- beyond the limits ----------------------------------------------------------------------- */

/* Ask about some of the properties of which nothing was found.  The bounds are counts, so that the
 * answer does not depend on the machine. */
static void look_beyond_for(struct hs_exploration *exploration, uint32_t some,
    struct hs_bounds bounds, const struct hs_search_options *options)
{
    struct hs_search_options own = *options;
    struct hs_evidence evidence;
    own.memory = memory_left(exploration, options);
    own.progress = NULL;
    hs_gather(exploration->variant, some, some, bounds, &own, &evidence);
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (some >> i & 1u)
            exploration->beyond[i] = evidence.finding[i]        ? HS_BEYOND_BROKEN
                                     : evidence.never >> i & 1u ? HS_BEYOND_PROVED
                                                                : HS_BEYOND_NOT_KNOWN;
    }
    hs_evidence_close(&evidence);
}

/* Properties and clauses that read no ghosts share a sweep.  The others' ghosts make many times the
 * states, so each of them has one of its own. */
static void look_beyond(struct hs_exploration *exploration, const struct hs_search_options *options)
{
    static const struct hs_bounds shared = {.sweep = 200000, .run = 6000};
    static const struct hs_bounds alone = {.sweep = 60000, .run = 6000};
    uint32_t asked = 0;
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++)
        asked |= (uint32_t)(exploration->verdict[i] == HS_NONE_WITHIN && hs_proof_covers(i)) << i;
    if (asked & ~hs_ghost_readers)
        look_beyond_for(exploration, asked & ~hs_ghost_readers, shared, options);
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (asked & hs_ghost_readers & 1u << i)
            look_beyond_for(exploration, 1u << i, alone, options);
    }
}

/* ---- ending early -----------------------------------------------------------------------------
 *
 * A property that was seen to be broken in one state, and not in one in which a run ends, is broken
 * sometimes, whatever else there is.  Where a scenario expects no more than that, most of its
 * states need not be looked at: half of `hintsim check scenarios` was spent on them.
 */

/* Never of a property of all continuations: no state has its flag. */
static bool is_surely_sometimes(const struct hs_search *search, unsigned property)
{
    return search->states[property] > 0 && search->ends > search->ends_with[property];
}

/* Is all as the scenario expects, and every step in its `cover` taken, whatever the rest of the
 * search would find? */
static bool is_decided(const struct hs_search *search, const void *context)
{
    const struct hs_variant *variant = context;
    const uint8_t *expected = variant->scenario->expect_explore;
    struct hs_kind_set missing = variant->scenario->cover;
    hs_kind_set_drop_all(&missing, &search->fired);
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        bool is_certain = expected[i] == HS_VERDICT_NONE ||
                          (expected[i] == HS_SOMETIMES && is_surely_sometimes(search, i));
        if (!is_certain)
            return false;
    }
    assert(hs_expected_properties(expected));
    return hs_kind_set_is_empty(&missing);
}

/* ---- exploring ------------------------------------------------------------------------------- */

void hs_explore(const struct hs_variant *variant, const struct hs_plan *plan,
    struct hs_exploration *exploration)
{
    union hs_state_buffer start;
    memset(exploration, 0, sizeof(*exploration));
    exploration->variant = variant;
    exploration->reduction = plan->reduction;
    exploration->reduction.config = &variant->config;
    if (!plan->reduction.slice)
        exploration->reduction.properties = UINT32_MAX;
    exploration->shown.wish = plan->wish;
    exploration->shown.reduction = for_runs(&exploration->reduction);
    struct hs_graph graph = hs_world_graph_reduced(&exploration->reduction);
    hs_world_init((struct hs_world){&variant->config, &start.state});
    struct hs_search_options options = plan->search;
    options.enough = plan->until_decided ? is_decided : NULL;
    options.context = variant;
    hs_search_run(&graph, &start, &options, &exploration->search);
    exploration->fired = exploration->search.fired;
    const struct hs_effort effort = effort_of(exploration, &plan->search);
    look_for_covers(exploration, &effort);
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        uint64_t *set = NULL;
        if (i >= HS_ENDING_FIRST && i <= HS_ENDING_LAST)
            set = judge_states(exploration, &graph, i);
        else
            judge_ends(exploration, i);
        if (breaks(exploration, i) && is_asked_for(exploration, i) && !exploration->shown.breaks)
            find_witnesses(exploration, (enum hs_property)i, plan, set);
        free(set);
    }
    if (wants_example(exploration))
        hs_shown_find_example(&exploration->shown, variant, &effort);
    if (plan->looks_beyond)
        look_beyond(exploration, &plan->search);
}

void hs_exploration_close(struct hs_exploration *exploration)
{
    hs_shown_free(&exploration->shown);
    hs_search_close(&exploration->search);
}

/* ---- the answer ------------------------------------------------------------------------------ */

/* Did the search see all that there is, or all that was asked about? */
static bool is_over(const struct hs_exploration *exploration)
{
    return hs_exploration_is_complete(exploration) || exploration->search.end == HS_SEARCH_ENOUGH;
}

/* Without an expectation nothing may break; but a search that is not complete says nothing then. */
static uint8_t expected_of(const struct hs_exploration *exploration, unsigned property)
{
    const uint8_t *wanted = exploration->variant->scenario->expect_explore;
    if (hs_expected_properties(wanted))
        return wanted[property];
    return hs_exploration_is_complete(exploration) ? HS_NONE_WITHIN : HS_VERDICT_NONE;
}

struct hs_judgement hs_exploration_judgement(const struct hs_exploration *exploration)
{
    struct hs_judgement judgement = {
        .is_open = !is_over(exploration) || !hs_kind_set_is_empty(&exploration->not_known),
    };
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        uint8_t found = exploration->verdict[i];
        judgement.properties[i] = (struct hs_comparison){
            .expected = expected_of(exploration, i),
            .found = asks_about(exploration, i) ? found : (uint8_t)HS_VERDICT_NONE,
        };
    }
    /* As long as anything is open, no step is said to be never taken. */
    if (!judgement.is_open)
        judgement.uncovered = uncovered(exploration);
    return judgement;
}

enum hs_answer hs_exploration_answer(const struct hs_exploration *exploration)
{
    struct hs_judgement judgement = hs_exploration_judgement(exploration);
    return hs_judge(&judgement);
}
