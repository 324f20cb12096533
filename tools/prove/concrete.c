/* SPDX-License-Identifier: BSD-3-Clause */
/* Looking for an abstract trace in small worlds: a search of states and places in the trace. */
#include "concrete.h"

#include "distance.h"
#include "kinds.h"
#include "reduction.h"
#include "world_graph.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define GUIDED(pages_, slots_, order_, extras_)                                  \
    {                                                                            \
        .pages = (pages_), .slots = (slots_), .order = (order_), .guided = true, \
        .extras = (extras_)                                                      \
    }
#define WITHIN(pages_, slots_, writes_, rounds_, others_)                               \
    {                                                                                   \
        .pages = (pages_), .slots = (slots_), .writes = (writes_), .rounds = (rounds_), \
        .others = (others_)                                                             \
    }

/* What is searched soon comes first: few extra steps, small worlds. */
const struct hs_attempt hs_attempts[] = {
    GUIDED(1, 4, 0, 0),
    GUIDED(1, 4, 0, 2),
    GUIDED(2, 4, 0, 2),
    GUIDED(1, 2, 0, 3),
    WITHIN(1, 2, 0, 2, 0),
    WITHIN(1, 4, 1, 2, 0),
    WITHIN(1, 2, 0, 4, 0),
    GUIDED(2, 4, 0, 4),
    GUIDED(1, 4, 0, 5),
    WITHIN(1, 2, 0, 2, 1),
    GUIDED(2, 2, 0, 5),
    GUIDED(2, 4, 1, 5),
    WITHIN(1, 4, 1, 2, 1),
    WITHIN(2, 4, 1, 1, 0),
};
const unsigned hs_attempt_count = sizeof(hs_attempts) / sizeof(hs_attempts[0]);

/* Where in the trace a state of the small world stands; behind the state. */
struct place {
    uint16_t next; /* the trace's step that comes next */
    uint16_t extras;
    uint32_t unused;
};
static_assert(sizeof(struct place) == sizeof(uint64_t), "one word");

struct guide {
    const struct hs_config *config;
    const struct hs_trace *trace;
    enum hs_property property; /* to be broken */
    unsigned followed;         /* the page that the trace is about */
    unsigned extras;           /* allowed */
    bool guided;
    struct hs_distances *distances; /* or NULL */
};

enum { SKIP = HS_STEP_KIND_COUNT * 256 }; /* a label: leave out the trace's next step */

static struct hs_world world_of(const struct guide *guide, const void *state)
{
    return (struct hs_world){guide->config, (struct hs_state *)(uintptr_t)state};
}

static struct place *place_of(const struct guide *guide, const void *state)
{
    return (struct place *)(void *)((uint8_t *)(uintptr_t)state + guide->config->layout.size);
}

/* The step of the small world that a widening stands for. */
static enum hs_step_kind kind_behind(enum hs_widening widening)
{
    switch (widening) {
    case HS_OTHERS_SEND_PAGE:
        return HS_MIGRATION_BEGIN_PAGE;
    case HS_OTHERS_FILL_START:
        return HS_DRIVER_START_ROUND;
    case HS_OTHERS_FILL_END:
    case HS_OTHERS_BREAK_BLOCK:
        return HS_DRIVER_END_ROUND;
    case HS_OTHERS_MERGE_BLOCK:
        return HS_APP_FREE;
    case HS_OTHERS_APPLY_HINT:
    case HS_OTHERS_TAKE_ONE:
    case HS_OTHERS_TAKE_ANY:
    case HS_OTHERS_LEAD_BLOCK: /* no step: it chooses the world */
    case HS_WIDENING_COUNT:
        break;
    }
    return HS_DEVICE_TAKE_ELEMENT;
}

/* Is `step` what the trace's label stands for?  A step that names the block of the followed page,
 * by its first page, is about the followed page. */
static bool follows(const struct guide *guide, uint32_t label, struct hs_step step)
{
    unsigned order = guide->config->hint_order;
    bool other = hs_step_rows[step.kind].has_page && step.page != guide->followed;
    bool beside = other && step.page != guide->followed >> order << order;
    if (hs_label_is_step(label))
        return label / 256 == step.kind && !beside;
    enum hs_widening widening = hs_label_widening(label);
    return kind_behind(widening) == (enum hs_step_kind)step.kind &&
           other == (widening == HS_OTHERS_SEND_PAGE || widening == HS_OTHERS_MERGE_BLOCK);
}

/* Steps that the abstraction does without. */
static bool comes_free(enum hs_step_kind kind)
{
    return kind == HS_DEVICE_WAKE || kind == HS_DRIVER_CONFIG_INTERRUPT ||
           kind == HS_DEVICE_CHANGE_TARGET;
}

static bool is_next(const struct guide *guide, const struct place *place, struct hs_step step)
{
    return place->next < guide->trace->length &&
           follows(guide, guide->trace->labels[place->next], step);
}

static unsigned list_steps(void *context, const void *state, uint32_t *labels)
{
    const struct guide *guide = context;
    const struct place *place = place_of(guide, state);
    struct hs_step steps[HS_STEPS_MAX];
    unsigned enabled = hs_world_steps(world_of(guide, state), steps);
    bool may_stray = !guide->guided || place->extras < guide->extras;
    unsigned count = 0;
    for (unsigned i = 0; i < enabled; i++) {
        if (may_stray || comes_free((enum hs_step_kind)steps[i].kind) ||
            is_next(guide, place, steps[i]))
            labels[count++] = steps[i].kind * 256u + steps[i].page;
    }
    if (guide->guided && may_stray && place->next < guide->trace->length)
        labels[count++] = SKIP;
    return count;
}

static void take_step(void *context, void *state, uint32_t label)
{
    const struct guide *guide = context;
    struct place *place = place_of(guide, state);
    struct hs_step step = {(uint8_t)(label / 256), (uint8_t)(label % 256)};
    if (label == SKIP) {
        place->next++;
        place->extras++;
        return;
    }
    if (guide->guided && is_next(guide, place, step))
        place->next++;
    else if (guide->guided && !comes_free((enum hs_step_kind)step.kind))
        place->extras++;
    hs_world_take(world_of(guide, state), step);
}

static uint32_t flags_of(void *context, const void *state, const uint32_t *labels, unsigned count)
{
    (void)labels;
    (void)count;
    return world_of(context, state).state->broken;
}

/* What only other properties ask about makes no difference. */
static void make_canonical(void *context, void *state)
{
    const struct guide *guide = context;
    hs_dead_values_forget(world_of(guide, state), 1u << guide->property);
}

static void used_bits(void *context, uint64_t *bits)
{
    const struct guide *guide = context;
    hs_state_widest(world_of(guide, bits));
    *place_of(guide, bits) = (struct place){UINT16_MAX, UINT16_MAX, 0};
}

static struct hs_graph graph_of(const struct guide *guide)
{
    return (struct hs_graph){
        .words = guide->config->layout.size / 8u + 1,
        .context = (void *)(uintptr_t)guide,
        .used = used_bits,
        .list = list_steps,
        .take = take_step,
        .canonical = make_canonical,
        .flags = flags_of,
    };
}

static uint8_t limit_of(const struct hs_attempt *attempt, enum hs_limit limit)
{
    if (attempt->guided)
        return HS_UNLIMITED;
    switch (limit) {
    case HS_LIMIT_WRITES:
        return attempt->writes;
    case HS_LIMIT_ROUNDS:
        return attempt->rounds;
    case HS_LIMIT_MIGRATIONS:
        return (uint8_t)(1 + attempt->others);
    case HS_LIMIT_DMA:
    case HS_LIMIT_CHANGES:
    case HS_LIMIT_RESETS:
    case HS_LIMIT_CANCELS:
    case HS_LIMIT_HOPS:
    case HS_LIMIT_COUNT:
        break;
    }
    return attempt->others;
}

void hs_small_world(
    const struct hs_variant *variant, const struct hs_small *small, struct hs_variant *world)
{
    assert(variant && small && world);
    struct hs_config *config = &world->config;
    *world = *variant;
    config->pages = small->pages;
    config->max_order = config->hint_order = small->order;
    config->report_order = 0;
    config->report_batch = 1;
    config->policy = HS_POLICY_ANY;
    config->free_at_start = small->free;
    for (unsigned queue = 0; queue < HS_QUEUE_COUNT; queue++) {
        unsigned slots = queue == HS_QUEUE_FREE_PAGE ? small->slots : 1;
        config->queue_size[queue] = variant->config.queue_size[queue] ? (uint8_t)slots : 0;
    }
    for (unsigned i = 0; i < HS_LIMIT_COUNT; i++)
        config->limits[i] = variant->config.limits[i] ? HS_UNLIMITED : 0;
}

/* The small world of an attempt.  To follow a later page it has a page more, before the others and
 * free, so that the first two are a block.  False if its sizes do not fit the rules. */
static bool set_world(const struct hs_variant *variant, const struct hs_attempt *attempt,
    unsigned followed, struct hs_variant *world)
{
    unsigned more = followed && !attempt->order;
    const struct hs_small small = {.pages = (uint8_t)(attempt->pages + more),
        .order = (uint8_t)(attempt->order + more),
        .slots = attempt->slots,
        .free = more /* page 0 */};
    hs_small_world(variant, &small, world);
    for (unsigned i = 0; i < HS_LIMIT_COUNT; i++) {
        if (world->config.limits[i])
            world->config.limits[i] = limit_of(attempt, (enum hs_limit)i);
    }
    return !hs_config_finish(&world->config);
}

/* The run that a way of labels stands for. */
static struct hs_run *run_along(const struct hs_variant *world, const struct hs_witness *way)
{
    struct hs_step *steps = hs_must(malloc((way->length + 1) * sizeof(*steps)));
    unsigned count = 0;
    for (unsigned i = 0; i < way->length; i++) {
        if (way->labels[i] != SKIP)
            steps[count++] =
                (struct hs_step){(uint8_t)(way->labels[i] / 256), (uint8_t)(way->labels[i] % 256)};
    }
    struct hs_run *run = hs_run_follow(world, steps, count);
    free(steps);
    return run;
}

/* Which page is followed, of a block that has two?  What the trace says of that is taken out. */
static unsigned take_place_out(struct hs_trace *trace)
{
    unsigned kept = 0;
    unsigned followed = 0;
    for (unsigned i = 0; i < trace->length; i++) {
        uint32_t label = trace->labels[i];
        if (!hs_label_is_step(label) && hs_label_widening(label) == HS_OTHERS_LEAD_BLOCK)
            followed = 1;
        else
            trace->labels[kept++] = label;
    }
    trace->length = kept;
    return followed;
}

/* Look in the world of this attempt along the guide's trace. */
static struct hs_run *try_world(const struct hs_variant *world, const struct hs_attempt *attempt,
    struct guide guide, const struct hs_effort *effort)
{
    enum { FIRST_PAGE_IS_SENT = 2 }; /* begun and finished: steps that the trace does not have */
    enum hs_property property = guide.property;
    guide.config = &world->config;
    guide.extras = attempt->extras + (guide.followed ? FIRST_PAGE_IS_SENT : 0u);
    guide.guided = attempt->guided;
    struct hs_graph graph = graph_of(&guide);
    uint64_t start[HS_STATE_SIZE_MAX / sizeof(uint64_t) + 1] = {0};
    struct hs_witness *way = hs_must(malloc(sizeof(*way)));
    struct hs_run *run = NULL;
    hs_world_init((struct hs_world){&world->config, (struct hs_state *)(void *)start});
    const struct hs_goal goal = {.flag = property};
    if (hs_witness_find(&graph, start, &goal, effort, way) == HS_WITNESS_FOUND)
        run = run_along(world, way);
    free(way);
    assert(!run || run->broken >> property & 1u);
    return run;
}

/* ---- no step too many -------------------------------------------------------------------------
 */

/* The labels of a run, as list_steps has them. */
static void note_steps(const struct hs_run *run, struct hs_witness *way)
{
    assert(run->length <= HS_WITNESS_MAX);
    for (unsigned i = 0; i < run->length; i++) {
        struct hs_step step = run->moments[i].step;
        way->labels[i] = step.kind * 256u + step.page;
    }
    way->length = run->length;
}

static unsigned distance_of(const void *context, const void *state)
{
    const struct guide *guide = context;
    bool breaks = world_of(guide, state).state->broken >> guide->property & 1u;
    return breaks ? 0 : hs_distance(guide->distances, world_of(guide, state));
}

/* A shortest way to the goal, and in the order with the fewest switches; false if the effort does
 * not suffice.  `way` is one that is perhaps not shortest. */
static bool find_shortest(const struct hs_graph *graph, const void *start, struct guide *guide,
    const struct hs_effort *effort, struct hs_witness *way)
{
    /* Measuring distances takes longer than looking at so many states. */
    enum { ORDER_BOUND = 1 << 16, FEW = 1 << 16 };
    struct hs_goal goal = {.flag = guide->property, .most = way->length};
    struct hs_effort soon = *effort;
    bool few = effort->states && effort->states <= FEW;
    soon.states = few ? effort->states : FEW;
    bool found = hs_kinds_find(graph, start, &goal, &soon, 1, ORDER_BOUND, 1, way) > 0;
    if (found || few)
        return found;
    struct hs_distances *distances = hs_distances_new(guide->config, guide->property, effort);
    guide->distances = distances;
    goal.context = guide;
    goal.least = distances ? distance_of : NULL;
    found = hs_kinds_find(graph, start, &goal, effort, 1, ORDER_BOUND, 1, way) > 0;
    guide->distances = NULL;
    hs_distances_free(distances);
    return found;
}

/* A shortest of the runs that spend no more than this one, which is used up; if the effort does not
 * suffice for it, this one without the steps that can be left out.  The world's limits become what
 * it may spend. */
static struct hs_run *shortened(struct hs_run *run, enum hs_property property,
    const struct hs_effort *effort, struct hs_variant *world)
{
    uint64_t start[HS_STATE_SIZE_MAX / sizeof(uint64_t) + 1] = {0};
    struct guide guide = {.config = &world->config, .property = property, .guided = false};
    const struct hs_goal goal = {.flag = property};
    struct hs_witness *way = hs_must(malloc(sizeof(*way)));
    struct hs_graph graph = graph_of(&guide);
    const struct hs_graph plain = hs_world_graph(&world->config);
    graph.kind = plain.kind;
    graph.actor = plain.actor;
    graph.thing = plain.thing;
    note_steps(run, way);
    hs_run_limits(run, world->config.limits);
    hs_run_free(run);
    const char *misfit = hs_config_finish(&world->config);
    assert(!misfit);
    (void)misfit;
    hs_world_init((struct hs_world){&world->config, (struct hs_state *)(void *)start});
    hs_leave_out_all(&graph, start, &goal, way);
    find_shortest(&graph, start, &guide, effort, way);
    run = run_along(world, way);
    free(way);
    assert(run->broken >> property & 1u);
    return run;
}

struct hs_run *hs_concrete_run(const struct hs_variant *variant, const struct hs_trace *trace,
    enum hs_property property, const struct hs_effort *effort, bool any, struct hs_variant *world)
{
    /* What is not found soon in one world often is in another; so the patience grows for all.  A
     * page more is twice as many states, at least. */
    const uint32_t most = effort->states ? effort->states : HS_ATTEMPT_STATES;
    struct hs_effort each = *effort;
    struct hs_trace *way = hs_must(malloc(sizeof(*way)));
    *way = *trace;
    const struct guide guide = {
        .trace = way, .property = property, .followed = take_place_out(way)};
    const unsigned times = guide.followed ? 4 : 8;
    const uint32_t soon = HS_ATTEMPT_STATES / times;
    struct hs_run *run = NULL;
    bool interrupted = false;
    for (each.states = soon < most ? soon : most; each.states <= most && !run;
         each.states *= times) {
        for (unsigned i = 0; i < hs_attempt_count && !run && !interrupted; i++) {
            interrupted = effort->interrupted && *effort->interrupted;
            if (!interrupted && set_world(variant, &hs_attempts[i], guide.followed, world))
                run = try_world(world, &hs_attempts[i], guide, &each);
        }
    }
    free(way);
    each.states = 2 * most; /* a shortest run takes longer to find than a run */
    return run && !any ? shortened(run, property, &each, world) : run;
}
