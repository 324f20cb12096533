/* SPDX-License-Identifier: BSD-3-Clause */
/* Sweeps that end early, and forget what nobody asked about. */
#include "evidence.h"

#include "clock.h"
#include "questions.h"

#include <stdlib.h>
#include <string.h>

/* ---- without the monitors ---------------------------------------------------------------------
 *
 * Ghosts are written for the clauses' monitors, and no guard and no other effect reads them
 * (spec/properties.md).  So a state and the same state with other ghosts have the same steps, and
 * these lead again to states that differ in ghosts alone: one can stand for both, unless a property
 * that is still open reads them.  `open` has a bit for each of these.
 */

static bool is_open(uint32_t open, enum hs_property property)
{
    return open >> property & 1u;
}

/* With a shared word the device reads the active id whatever the element says; what the element
 * says is hint-driver-2's alone. */
static void forget_words(struct hs_world w)
{
    const unsigned starts = (unsigned)UINT16_MAX << HS_BAG_START & UINT16_MAX;
    uint16_t *bag = hs_bag(w);
    if (hs_word_changes(&w.config->rules) && *bag & starts)
        *bag = (uint16_t)((*bag & ~starts) | 1u << (HS_BAG_START + w.state->driver.active_id));
}

const uint32_t hs_ghost_readers = 1u << HS_HINT_DEVICE_2 | 1u << HS_HINT_DEVICE_3 |
                                  1u << HS_HINT_DEVICE_4 | 1u << HS_HINT_DEVICE_5 |
                                  1u << HS_HINT_DRIVER_2 | 1u << HS_HINT_DRIVER_3;

void hs_forget_ghosts(struct hs_world w, uint32_t open)
{
    struct hs_device *device = &w.state->device;
    w.state->broken &= open;
    if (!is_open(open, HS_HINT_DEVICE_3))
        device->last_word = device->unasked = 0;
    if (!is_open(open, HS_HINT_DEVICE_5))
        device->said_done = 0;
    if (!is_open(open, HS_HINT_DEVICE_2))
        device->stop_taken = hs_stop_matters(w);
    if (!is_open(open, HS_HINT_DEVICE_2) && !is_open(open, HS_HINT_DRIVER_3))
        device->id_taken = 0;
    if (!is_open(open, HS_HINT_DEVICE_4))
        hs_page(w, 0)->modified = 0;
    if (!is_open(open, HS_HINT_DRIVER_2)) {
        w.state->driver.start_lost = 0;
        if (w.config->queue_size[HS_QUEUE_FREE_PAGE])
            forget_words(w);
    }
}

static void take_plainly(void *context, void *state, uint32_t label)
{
    const struct hs_abstraction *abstraction = context;
    hs_abstract_graph(abstraction).take(context, state, label);
    hs_forget_ghosts(
        hs_abstract_world(abstraction, state), ~(UINT32_MAX << HS_PROPERTY_FIRST_CLAUSE));
}

struct hs_graph hs_plain_graph(const struct hs_abstraction *abstraction)
{
    struct hs_graph graph = hs_abstract_graph(abstraction);
    graph.take = take_plainly;
    return graph;
}

/* ---- ending early -----------------------------------------------------------------------------
 */

/* A graph whose sweep is told when there is nothing left to find. */
struct watch {
    const struct hs_config *config;
    struct hs_graph graph;
    uint32_t asked;
    uint32_t seen;
    uint32_t most;     /* states; 0: no limit */
    uint32_t count;    /* of states */
    volatile int over; /* all is seen, or the caller was interrupted */
    const volatile int *interrupted;
};

static void watch_used(void *context, uint64_t *bits)
{
    const struct watch *watch = context;
    watch->graph.used(watch->graph.context, bits);
}

static unsigned watch_list(void *context, const void *state, uint32_t *labels)
{
    const struct watch *watch = context;
    return watch->graph.list(watch->graph.context, state, labels);
}

/* A property that was seen to be broken is open no more. */
static void watch_take(void *context, void *state, uint32_t label)
{
    const struct watch *watch = context;
    watch->graph.take(watch->graph.context, state, label);
    hs_forget_ghosts((struct hs_world){watch->config, state}, watch->asked & ~watch->seen);
}

static uint32_t watch_flags(
    void *context, const void *state, const uint32_t *labels, unsigned count)
{
    struct watch *watch = context;
    uint32_t flags = watch->graph.flags(watch->graph.context, state, labels, count);
    watch->seen |= flags;
    watch->count++;
    if ((watch->most && watch->count > watch->most) ||
        (watch->seen & watch->asked) == watch->asked || (watch->interrupted && *watch->interrupted))
        watch->over = 1;
    return flags;
}

static void sweep_until_seen(struct watch *watch, const void *start,
    const struct hs_search_options *options, struct hs_sweep *sweep)
{
    struct hs_graph graph = watch->graph;
    struct hs_search_options own = *options;
    graph.context = watch;
    graph.used = watch_used;
    graph.list = watch_list;
    graph.take = watch_take;
    graph.flags = watch_flags;
    watch->interrupted = options->interrupted;
    own.interrupted = &watch->over;
    hs_sweep_run(&graph, start, &own, sweep);
}

/* ---- what a sweep shows, and runs
 * ---------------------------------------------------------------------------------
 */

/* Let the run serve every property asked about that it breaks and that has none yet. */
static void share(struct hs_evidence *evidence, struct hs_finding *finding, uint32_t asked)
{
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (asked & finding->run->broken & 1u << i && !evidence->finding[i]) {
            assert(!(evidence->never >> i & 1u));
            evidence->finding[i] = finding;
        }
    }
}

static void look_for_run(const struct hs_variant *variant, unsigned property, uint32_t asked,
    const struct hs_effort *effort, bool any, struct hs_evidence *evidence)
{
    struct hs_finding *finding = hs_must(calloc(1, sizeof(*finding)));
    finding->run = hs_concrete_run(variant, evidence->trace[property], (enum hs_property)property,
        effort, any, &finding->world);
    if (finding->run)
        share(evidence, finding, asked);
    else
        free(finding);
}

/* Why a search for a run may have been cut short. */
static enum hs_search_end end_of(const struct hs_effort *effort)
{
    if (effort->interrupted && *effort->interrupted)
        return HS_SEARCH_INTERRUPTED;
    return hs_time_is_over(effort->until) ? HS_SEARCH_TIMED_OUT : HS_SEARCH_COMPLETE;
}

/* Of the properties for which a run is to be looked for, and that have none and were not tried, the
 * one with the shortest abstract trace; HS_PROPERTY_COUNT if there is none. */
static unsigned next_to_find(const struct hs_evidence *evidence, uint32_t runs)
{
    unsigned next = HS_PROPERTY_COUNT;
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        bool open = runs >> i & 1u && evidence->trace[i] && !evidence->finding[i];
        if (open && (next == HS_PROPERTY_COUNT ||
                        evidence->trace[i]->length < evidence->trace[next]->length))
            next = i;
    }
    return next;
}

/* The shortest trace first: a run for a longer one may break that property as well, but on a
 * detour. */
static void look_for_runs(const struct hs_variant *variant, uint32_t asked, uint32_t runs,
    const struct hs_effort *effort, bool any, struct hs_evidence *evidence)
{
    for (unsigned i; (i = next_to_find(evidence, runs)) < HS_PROPERTY_COUNT; runs &= ~(1u << i)) {
        look_for_run(variant, i, asked, effort, any, evidence);
        if (!evidence->finding[i] && evidence->end == HS_SEARCH_COMPLETE)
            evidence->end = end_of(effort);
    }
}

/* What the sweep shows of a property that it was about. */
static void note(const struct hs_sweep *sweep, unsigned property, struct hs_evidence *evidence)
{
    bool breaks = sweep->flags >> property & 1u;
    evidence->never |= (uint32_t)(sweep->complete && !breaks) << property;
    if (!breaks)
        return;
    free(evidence->trace[property]); /* of a sweep that did not come to its end */
    evidence->trace[property] = NULL;
    struct hs_trace *trace = hs_must(malloc(sizeof(*trace)));
    if (hs_sweep_trace(sweep, property, trace))
        evidence->trace[property] = trace;
    else
        free(trace);
}

/* Those of the properties that the abstraction says something of. */
static uint32_t covered(uint32_t asked)
{
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (!hs_proof_covers(i))
            asked &= ~(1u << i);
    }
    return asked;
}

/* Sweep for some of the properties, and look for runs. */
static void gather_some(const struct hs_variant *variant, uint32_t some, uint32_t asked,
    uint32_t runs, struct hs_bounds bounds, const struct hs_search_options *options,
    struct hs_evidence *evidence)
{
    struct hs_abstraction abstraction;
    union hs_abstract_state start;
    struct hs_sweep sweep;
    struct watch watch = {.asked = covered(some), .most = bounds.sweep};
    hs_abstraction_set(&abstraction, &variant->config);
    hs_abstract_start(&abstraction, &start);
    watch.config = &abstraction.config;
    watch.graph = hs_abstract_graph(&abstraction);
    sweep_until_seen(&watch, &start, options, &sweep);
    bool complete = sweep.complete || (sweep.flags & watch.asked) == watch.asked;
    evidence->complete = evidence->complete && complete;
    if (!complete && evidence->end == HS_SEARCH_COMPLETE)
        evidence->end = sweep.end;
    evidence->count += sweep.count;
    evidence->taken += sweep.taken;
    evidence->flags |= sweep.flags & watch.asked;
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (watch.asked >> i & 1u)
            note(&sweep, i, evidence);
    }
    hs_sweep_close(&sweep);
    /* What was seen to be broken before the time was up is worth a run: as much time again. */
    const struct hs_effort effort = {.memory = options->memory,
        .until = hs_time_out(options->timeout),
        .states = bounds.run,
        .interrupted = options->interrupted};
    look_for_runs(variant, covered(asked), runs & some, &effort, bounds.any_run, evidence);
}

/* Those of the properties that no run was found for yet. */
static uint32_t open_ones(uint32_t asked, const struct hs_evidence *evidence)
{
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (evidence->finding[i])
            asked &= ~(1u << i);
    }
    return asked;
}

void hs_gather(const struct hs_variant *variant, uint32_t asked, uint32_t runs,
    struct hs_bounds bounds, const struct hs_search_options *options, struct hs_evidence *evidence)
{
    enum { FEW = 1 << 19 };
    const uint32_t clauses = UINT32_MAX << HS_PROPERTY_FIRST_CLAUSE;
    struct hs_search_options own = *options;
    double until = hs_time_out(options->timeout);
    bool both = asked & clauses && asked & ~clauses;
    memset(evidence, 0, sizeof(*evidence));
    evidence->asked = asked;
    if (options->interrupted && *options->interrupted) {
        evidence->end = HS_SEARCH_INTERRUPTED; /* a sweep that is not begun takes no time to end */
        return;
    }
    evidence->complete = true;
    const struct hs_bounds first = {.sweep = both && !bounds.sweep ? FEW : bounds.sweep,
        .run = bounds.run,
        .any_run = bounds.any_run};
    gather_some(variant, asked, asked, runs, first, &own, evidence);
    if (evidence->complete || !both || bounds.sweep || evidence->count < FEW)
        return;
    /* The clauses' ghosts can make many times the states.  What is asked about pages is decided
     * without them then, and stays so even if the sweep for the clauses does not come to its end.
     */
    evidence->complete = true;
    evidence->end = HS_SEARCH_COMPLETE;
    own.timeout = hs_time_left(until);
    asked = open_ones(asked, evidence);
    gather_some(variant, asked & ~clauses, asked, runs, bounds, &own, evidence);
    own.timeout = hs_time_left(until);
    asked = open_ones(asked, evidence);
    gather_some(variant, asked & clauses, asked, runs, bounds, &own, evidence);
}

void hs_evidence_close(struct hs_evidence *evidence)
{
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        struct hs_finding *finding = evidence->finding[i];
        free(evidence->trace[i]);
        for (unsigned j = i; finding && j < HS_PROPERTY_COUNT; j++) {
            if (evidence->finding[j] == finding)
                evidence->finding[j] = NULL;
        }
        if (finding)
            hs_run_free(finding->run);
        free(finding);
    }
}
