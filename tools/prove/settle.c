/* Sweeps that end early, and forget what nobody asked about. */
#include "settle.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

double hs_time_out(double seconds)
{
    return seconds > 0 ? now() + seconds : 0;
}

double hs_time_left(double until)
{
    static const double least = 1e-9; /* not 0, which would be for ever */
    double left = until - now();
    return until <= 0 ? 0 : left > least ? left : least;
}

bool hs_proof_covers(unsigned property)
{
    /* Whether a state has a way out is not preserved by allowing more steps. */
    return property != HS_PAGE_STUCK && property != HS_GUEST_STALLED;
}

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
    const unsigned starts = (unsigned)UINT16_MAX << HS_POT_START & UINT16_MAX;
    uint16_t *pot = hs_pot(w);
    if (hs_rule(w, HS_RULE_COMMAND_WORD) == HS_WORD_SHARED && *pot & starts)
        *pot = (uint16_t)((*pot & ~starts) | 1u << (HS_POT_START + w.state->driver.active_id));
}

static void forget_ghosts(struct hs_world w, uint32_t open)
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
    struct hs_world w = {&abstraction->config, state};
    hs_abstract_graph(abstraction).take(context, state, label);
    forget_ghosts(w, ~(UINT32_MAX << HS_PROPERTY_FIRST_CLAUSE));
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
struct hunt {
    const struct hs_config *config;
    struct hs_graph graph;
    uint32_t asked;
    uint32_t seen;
    uint32_t most;     /* states; 0: no limit */
    uint32_t count;    /* of states */
    volatile int over; /* all is seen, or the caller was interrupted */
    const volatile int *interrupted;
};

static void hunt_used(void *context, uint64_t *bits)
{
    const struct hunt *hunt = context;
    hunt->graph.used(hunt->graph.context, bits);
}

static unsigned hunt_list(void *context, const void *state, uint32_t *labels)
{
    const struct hunt *hunt = context;
    return hunt->graph.list(hunt->graph.context, state, labels);
}

/* A property that was seen to be broken is open no more. */
static void hunt_take(void *context, void *state, uint32_t label)
{
    const struct hunt *hunt = context;
    hunt->graph.take(hunt->graph.context, state, label);
    forget_ghosts((struct hs_world){hunt->config, state}, hunt->asked & ~hunt->seen);
}

static uint32_t hunt_flags(void *context, const void *state, const uint32_t *labels, unsigned count)
{
    struct hunt *hunt = context;
    uint32_t flags = hunt->graph.flags(hunt->graph.context, state, labels, count);
    hunt->seen |= flags;
    hunt->count++;
    if ((hunt->most && hunt->count > hunt->most) || (hunt->seen & hunt->asked) == hunt->asked ||
        (hunt->interrupted && *hunt->interrupted))
        hunt->over = 1;
    return flags;
}

static void sweep_until_seen(struct hunt *hunt, const void *start,
    const struct hs_search_options *options, struct hs_sweep *sweep)
{
    struct hs_graph graph = hunt->graph;
    struct hs_search_options own = *options;
    graph.context = hunt;
    graph.used = hunt_used;
    graph.list = hunt_list;
    graph.take = hunt_take;
    graph.flags = hunt_flags;
    hunt->interrupted = options->interrupted;
    own.interrupted = &hunt->over;
    hs_sweep_run(&graph, start, &own, sweep);
}

/* ---- verdicts ---------------------------------------------------------------------------------
 */

/* Let the run serve every property asked about that it breaks and that has none yet. */
static void share(struct hs_settled *settled, struct hs_finding *finding, uint32_t asked)
{
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (asked & finding->run->broken & 1u << i && !settled->finding[i]) {
            assert(settled->verdict[i] != HS_NEVER);
            settled->finding[i] = finding;
            settled->verdict[i] = HS_SOMETIMES;
        }
    }
}

static void look_for_run(const struct hs_variant *variant, unsigned property, uint32_t asked,
    const struct hs_effort *effort, struct hs_settled *settled)
{
    struct hs_finding *finding = hs_must(calloc(1, sizeof(*finding)));
    finding->run = hs_concrete_run(
        variant, settled->trace[property], (enum hs_property)property, effort, &finding->world);
    if (finding->run)
        share(settled, finding, asked);
    else
        free(finding);
}

/* Why a search for a run may have been cut short. */
static enum hs_search_end end_of(const struct hs_effort *effort)
{
    if (effort->interrupted && *effort->interrupted)
        return HS_SEARCH_INTERRUPTED;
    return effort->until > 0 && now() > effort->until ? HS_SEARCH_TIMED_OUT : HS_SEARCH_COMPLETE;
}

/* Of the properties for which a run is to be looked for, and that have none and were not tried, the
 * one with the shortest abstract trace; HS_PROPERTY_COUNT if there is none. */
static unsigned next_to_find(const struct hs_settled *settled, uint32_t runs)
{
    unsigned next = HS_PROPERTY_COUNT;
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        bool open = runs >> i & 1u && settled->trace[i] && !settled->finding[i];
        if (open &&
            (next == HS_PROPERTY_COUNT || settled->trace[i]->length < settled->trace[next]->length))
            next = i;
    }
    return next;
}

/* The shortest trace first: a run for a longer one may break that property as well, but on a
 * detour. */
static void look_for_runs(const struct hs_variant *variant, uint32_t asked, uint32_t runs,
    const struct hs_effort *effort, struct hs_settled *settled)
{
    for (unsigned i; (i = next_to_find(settled, runs)) < HS_PROPERTY_COUNT; runs &= ~(1u << i)) {
        look_for_run(variant, i, asked, effort, settled);
        if (!settled->finding[i] && settled->end == HS_SEARCH_COMPLETE)
            settled->end = end_of(effort);
    }
}

static void judge(
    const struct hs_sweep *sweep, unsigned property, bool is_asked, struct hs_settled *settled)
{
    bool breaks = sweep->flags >> property & 1u;
    bool never = is_asked && sweep->complete && !breaks;
    settled->verdict[property] = never ? HS_NEVER : HS_UNKNOWN;
    if (!is_asked || !breaks)
        return;
    free(settled->trace[property]); /* of a sweep that did not come to its end */
    settled->trace[property] = NULL;
    struct hs_trace *trace = hs_must(malloc(sizeof(*trace)));
    if (hs_sweep_trace(sweep, property, trace))
        settled->trace[property] = trace;
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

/* Sweep for some of the properties, judge them, and look for runs. */
static void settle_some(const struct hs_variant *variant, uint32_t some, uint32_t asked,
    uint32_t runs, uint32_t most, const struct hs_search_options *options,
    struct hs_settled *settled)
{
    struct hs_abstraction abstraction;
    union hs_abstract_state start;
    struct hs_sweep sweep;
    struct hunt hunt = {.asked = covered(some), .most = most};
    hs_abstraction_set(&abstraction, &variant->config);
    hs_abstract_start(&abstraction, &start);
    hunt.config = &abstraction.config;
    hunt.graph = hs_abstract_graph(&abstraction);
    sweep_until_seen(&hunt, &start, options, &sweep);
    bool complete = sweep.complete || (sweep.flags & hunt.asked) == hunt.asked;
    settled->complete = settled->complete && complete;
    if (!complete && settled->end == HS_SEARCH_COMPLETE)
        settled->end = sweep.end;
    settled->count += sweep.count;
    settled->taken += sweep.taken;
    settled->flags |= sweep.flags & hunt.asked;
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (some >> i & 1u)
            judge(&sweep, i, hunt.asked >> i & 1u, settled);
    }
    hs_sweep_close(&sweep);
    /* What was seen to be broken before the time was up is worth a run: as much time again. */
    const struct hs_effort effort = {.memory = options->memory,
        .until = hs_time_out(options->timeout),
        .interrupted = options->interrupted};
    look_for_runs(variant, covered(asked), runs & some, &effort, settled);
}

/* Those of the properties that no run was found for yet. */
static uint32_t open_ones(uint32_t asked, const struct hs_settled *settled)
{
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (settled->finding[i])
            asked &= ~(1u << i);
    }
    return asked;
}

void hs_settle(const struct hs_variant *variant, uint32_t asked, uint32_t runs, uint32_t most,
    const struct hs_search_options *options, struct hs_settled *settled)
{
    enum { FEW = 1 << 19 };
    const uint32_t clauses = UINT32_MAX << HS_PROPERTY_FIRST_CLAUSE;
    struct hs_search_options own = *options;
    double until = hs_time_out(options->timeout);
    bool both = asked & clauses && asked & ~clauses;
    memset(settled, 0, sizeof(*settled));
    settled->complete = true;
    settle_some(variant, asked, asked, runs, both && !most ? FEW : most, &own, settled);
    if (settled->complete || !both || most || settled->count < FEW)
        return;
    /* The clauses' ghosts can make many times the states.  What is asked about pages is settled
     * without them then, and stays so even if the sweep for the clauses does not come to its end.
     */
    settled->complete = true;
    settled->end = HS_SEARCH_COMPLETE;
    own.timeout = hs_time_left(until);
    asked = open_ones(asked, settled);
    settle_some(variant, asked & ~clauses, asked, runs, 0, &own, settled);
    own.timeout = hs_time_left(until);
    asked = open_ones(asked, settled);
    settle_some(variant, asked & clauses, asked, runs, 0, &own, settled);
}

void hs_settled_close(struct hs_settled *settled)
{
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        struct hs_finding *finding = settled->finding[i];
        free(settled->trace[i]);
        for (unsigned j = i; finding && j < HS_PROPERTY_COUNT; j++) {
            if (settled->finding[j] == finding)
                settled->finding[j] = NULL;
        }
        if (finding)
            hs_run_free(finding->run);
        free(finding);
    }
}
