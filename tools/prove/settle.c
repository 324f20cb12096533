/* Sweeps that end early, and forget what nobody asked about. */
#include "settle.h"

#include <stdlib.h>
#include <string.h>

/* ---- without the monitors ---------------------------------------------------------------------
 *
 * Ghosts are written for the clauses' monitors, and no guard and no other effect reads them
 * (spec/properties.md).  So a state and the same state with other ghosts have the same steps, and
 * these lead again to states that differ in ghosts alone: one can stand for both.
 */

static uint32_t clauses(void)
{
    return UINT32_MAX << HS_PROPERTY_FIRST_CLAUSE;
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

static void forget_ghosts(struct hs_world w)
{
    struct hs_device *device = &w.state->device;
    device->last_word = device->unasked = device->said_done = device->id_taken = 0;
    device->stop_taken = hs_stop_matters(w);
    hs_page(w, 0)->modified = 0;
    if (w.config->queue_size[HS_QUEUE_FREE_PAGE])
        forget_words(w);
}

static void take_plainly(void *context, void *state, uint32_t label)
{
    const struct hs_abstraction *abstraction = context;
    struct hs_world w = {&abstraction->config, state};
    hs_abstract_graph(abstraction).take(context, state, label);
    w.state->broken &= ~clauses();
    forget_ghosts(w);
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
    struct hs_graph graph;
    uint32_t asked;
    uint32_t seen;
    uint32_t most;     /* states; 0: no limit */
    uint32_t count;    /* of states */
    volatile int over; /* all is seen, or the caller was interrupted */
    const volatile int *interrupted;
};

static unsigned hunt_list(void *context, const void *state, uint32_t *labels)
{
    const struct hunt *hunt = context;
    return hunt->graph.list(hunt->graph.context, state, labels);
}

static void hunt_take(void *context, void *state, uint32_t label)
{
    const struct hunt *hunt = context;
    hunt->graph.take(hunt->graph.context, state, label);
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
            settled->finding[i] = finding;
            settled->verdict[i] = HS_SOMETIMES;
        }
    }
}

static void look_for_run(const struct hs_variant *variant, const struct hs_sweep *sweep,
    unsigned property, uint32_t asked, struct hs_settled *settled)
{
    enum { GUIDED_MEMORY = 96 << 20 };
    struct hs_trace *trace = hs_must(malloc(sizeof(*trace)));
    struct hs_finding *finding = hs_must(calloc(1, sizeof(*finding)));
    if (hs_sweep_trace(sweep, property, trace))
        finding->run = hs_concrete_run(
            variant, trace, (enum hs_property)property, GUIDED_MEMORY, &finding->world);
    free(trace);
    if (finding->run)
        share(settled, finding, asked);
    else
        free(finding);
}

static uint8_t verdict_of(const struct hs_sweep *sweep, unsigned property)
{
    bool never = hs_proof_covers(property) && sweep->complete && !(sweep->flags >> property & 1u);
    return never ? HS_NEVER : HS_UNKNOWN;
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

void hs_settle(const struct hs_variant *variant, uint32_t asked, uint32_t runs, uint32_t most,
    const struct hs_search_options *options, struct hs_settled *settled)
{
    struct hs_abstraction abstraction;
    union hs_abstract_state start;
    struct hs_sweep sweep;
    struct hunt hunt = {.asked = covered(asked), .most = most};
    memset(settled, 0, sizeof(*settled));
    hs_abstraction_set(&abstraction, &variant->config);
    hs_abstract_start(&abstraction, &start);
    hunt.graph = asked & clauses() ? hs_abstract_graph(&abstraction) : hs_plain_graph(&abstraction);
    sweep_until_seen(&hunt, &start, options, &sweep);
    settled->complete = sweep.complete || (sweep.flags & hunt.asked) == hunt.asked;
    settled->count = sweep.count;
    settled->taken = sweep.taken;
    settled->flags = sweep.flags & hunt.asked;
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++)
        settled->verdict[i] = asked >> i & 1u ? verdict_of(&sweep, i) : HS_VERDICT_NONE;
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (hunt.asked & runs & sweep.flags & 1u << i && !settled->finding[i])
            look_for_run(variant, &sweep, i, hunt.asked, settled);
    }
    hs_sweep_close(&sweep);
}

void hs_settled_close(struct hs_settled *settled)
{
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        struct hs_finding *finding = settled->finding[i];
        for (unsigned j = i; finding && j < HS_PROPERTY_COUNT; j++) {
            if (settled->finding[j] == finding)
                settled->finding[j] = NULL;
        }
        if (finding)
            hs_run_free(finding->run);
        free(finding);
    }
}
