/* SPDX-License-Identifier: BSD-3-Clause */
/* The model as a graph: states are opaque to the search, and labels are steps. */
#include "world_graph.h"

#include "buddy.h"
#include "migration.h"

#include <string.h>

static struct hs_world world_of(void *context, const void *state)
{
    const struct hs_config *config = context;
    /* The model only reads a state that it is asked about. */
    return (struct hs_world){config, (struct hs_state *)(uintptr_t)state};
}

static struct hs_world reduced_world_of(void *context, const void *state)
{
    const struct hs_reduction *reduction = context;
    return world_of((void *)(uintptr_t)reduction->config, state);
}

struct hs_step hs_label_step(uint32_t label)
{
    return (struct hs_step){(uint8_t)(label / 256), (uint8_t)(label % 256)};
}

static uint32_t label_of(struct hs_step step)
{
    return step.kind * 256u + step.page;
}

/* ---- every interleaving ---------------------------------------------------------------------- */

static void used_by_world(void *context, uint64_t *bits)
{
    hs_state_widest(world_of(context, bits));
}

static unsigned list_steps(void *context, const void *state, uint32_t *labels)
{
    struct hs_step steps[HS_STEPS_MAX];
    unsigned count = hs_world_steps(world_of(context, state), steps);
    for (unsigned i = 0; i < count; i++)
        labels[i] = label_of(steps[i]);
    return count;
}

static void take_step(void *context, void *state, uint32_t label)
{
    hs_world_take(world_of(context, state), hs_label_step(label));
}

static unsigned kind_of(uint32_t label)
{
    return label / 256;
}

static unsigned actor_of(uint32_t label)
{
    return hs_step_rows[label / 256].actor;
}

static bool is_duty(uint32_t label)
{
    return hs_step_rows[label / 256].motive == HS_DUTY;
}

static unsigned page_of(uint32_t label)
{
    return hs_step_rows[label / 256].has_page ? label % 256 : (unsigned)HS_NO_THING;
}

static bool run_ends(const uint32_t *labels, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        unsigned kind = hs_label_step(labels[i]).kind;
        if (hs_step_rows[kind].motive == HS_DUTY || kind == HS_MIGRATION_START)
            return false;
    }
    return true;
}

static uint32_t flags_of_world(struct hs_world w, const uint32_t *labels, unsigned count)
{
    uint32_t flags = w.state->broken;
    flags |= (uint32_t)hs_request_is_open(w) << HS_FLAG_OPEN;
    flags |= (uint32_t)(w.state->device.status == HS_STATUS_REQUESTED) << HS_FLAG_ASKED;
    flags |= (uint32_t)(w.state->device.status == HS_STATUS_START) << HS_FLAG_BEGUN;
    flags |= (uint32_t)hs_pages_held(w) << HS_FLAG_HOLDS;
    flags |= (uint32_t)hs_somebody_waits(w) << HS_FLAG_WAITS;
    if (labels && run_ends(labels, count))
        flags |= 1u << HS_FLAG_END;
    return flags;
}

static uint32_t flags_of(void *context, const void *state, const uint32_t *labels, unsigned count)
{
    return flags_of_world(world_of(context, state), labels, count);
}

static_assert((int)HS_STEP_KIND_COUNT <= (int)HS_KINDS_MAX, HS_TOO_MANY_KINDS);
static_assert((int)HS_PROPERTY_COUNT <= (int)HS_FLAG_OPEN, "one bit for each property");
static_assert((int)HS_STEPS_MAX <= (int)HS_LABELS_MAX, "room for all steps of a state");
static_assert(HS_STATE_SIZE_MAX / 8 <= HS_STORE_WORDS_MAX, "room for the largest state");

struct hs_hope hs_hope_of(const struct hs_config *config, enum hs_property property)
{
    assert(config && property >= HS_ENDING_FIRST && property <= HS_ENDING_LAST);
    struct hs_hope hope = {HS_FLAG_HOLDS, HS_FLAG_HOLDS, HS_FLAGS, HS_KINDS_MAX};
    switch ((unsigned)property) {
    case HS_GUEST_STALLED:
        hope.flag = hope.along = HS_FLAG_WAITS;
        break;
    case HS_REQUEST_UNANSWERED: /* one that is withdrawn, or asked anew, is not answered by that */
        hope.flag = HS_FLAG_OPEN;
        hope.along = HS_FLAG_ASKED;
        hope.end = HS_FLAG_BEGUN;
        if (hs_migration_hints(config))
            hope.but = HS_MIGRATION_START_HINTS;
        break;
    }
    return hope;
}

struct hs_graph hs_world_graph(const struct hs_config *config)
{
    return (struct hs_graph){
        .words = config->layout.size / 8u,
        .context = (void *)(uintptr_t)config,
        .used = used_by_world,
        .list = list_steps,
        .take = take_step,
        .flags = flags_of,
        .kind = kind_of,
        .actor = actor_of,
        .is_duty = is_duty,
        .thing = page_of,
    };
}

/* ---- reductions ------------------------------------------------------------------------------ */

const char *const hs_reduction_names[HS_REDUCTION_COUNT] = {
    "dead-values", "symmetry", "partial-order"};

bool *hs_reduction_switch(struct hs_reduction *reduction, unsigned which)
{
    bool *const switches[HS_REDUCTION_COUNT] = {
        &reduction->dead_values, &reduction->symmetry, &reduction->partial_order};
    return switches[which];
}

/* ---- the smaller graph ----------------------------------------------------------------------- */

/* A label of two steps: the page is freed first. */
enum { FREE_FIRST = 1u << 16 };
static_assert(HS_KINDS_MAX * 256 <= FREE_FIRST,
    "HS_KINDS_MAX is too large: a label of one step would have the bit that tells two");

static struct hs_step step_of(uint32_t label)
{
    return hs_label_step(label & (FREE_FIRST - 1));
}

static void used_by_reduced(void *context, uint64_t *bits)
{
    hs_state_widest(reduced_world_of(context, bits));
}

static bool sorts(const struct hs_reduction *reduction)
{
    return reduction->symmetry && hs_symmetry_holds(reduction->config);
}

static void make_canonical(void *context, void *state)
{
    const struct hs_reduction *reduction = context;
    struct hs_world w = reduced_world_of(context, state);
    if (reduction->slice)
        w.state->broken &= reduction->properties;
    if (hs_slice_holds(reduction))
        hs_slice_forget(w);
    if (reduction->dead_values)
        hs_dead_values_forget(w, reduction->slice ? reduction->properties : UINT32_MAX);
    if (sorts(reduction))
        hs_symmetry_sort(w);
}

/* Hints of idle pages: what is enabled if all of them are freed first. */
static unsigned list_hints_of_idle(struct hs_world w, uint64_t twins, uint32_t *labels)
{
    union hs_state_buffer freed;
    struct hs_world if_freed = {w.config, &freed.state};
    unsigned count = 0;
    if (w.state->driver.phase != HS_DRIVER_HINTING)
        return 0;
    memcpy(&freed, w.state, w.config->layout.size);
    for (unsigned p = 0; p < w.config->pages; p++) {
        if (hs_page_is_idle(w, p))
            hs_buddy_free(if_freed, p, 0);
    }
    for (unsigned p = 0; p < w.config->pages; p++) {
        struct hs_step hint = {HS_DRIVER_HINT_PAGE, (uint8_t)p};
        if (hs_page_is_idle(w, p) && !(twins >> p & 1u) && hs_world_enabled(if_freed, hint, NULL))
            labels[count++] = label_of(hint) | FREE_FIRST;
    }
    return count;
}

/* Does the step lead back to where it was, in the slice? */
static bool turns_back(struct hs_world w, struct hs_step step)
{
    return step.kind == HS_DEVICE_FIND_EMPTY ||
           (step.kind == HS_APP_FREE && hs_page_is_idle(w, step.page));
}

static unsigned list_reduced(void *context, const void *state, uint32_t *labels)
{
    const struct hs_reduction *reduction = context;
    struct hs_world w = reduced_world_of(context, state);
    struct hs_step steps[HS_STEPS_MAX];
    unsigned count = hs_world_steps(w, steps);
    bool slices = hs_slice_holds(reduction);
    unsigned left = 0;
    bool skips_twins = sorts(reduction) && !reduction->lists_twins;
    uint64_t twins = skips_twins ? hs_symmetry_twins(w) : 0;
    unsigned alone = reduction->partial_order ? hs_partial_order_pick(w, steps, count) : count;
    if (alone < count) {
        labels[0] = label_of(steps[alone]);
        return 1;
    }
    for (unsigned i = 0; i < count; i++) {
        bool twin = twins >> steps[i].page & 1u; /* a step without a page has page 0 */
        if (!twin && (!slices || !turns_back(w, steps[i])))
            labels[left++] = label_of(steps[i]);
    }
    return slices ? left + list_hints_of_idle(w, twins, labels + left) : left;
}

static void take_reduced(void *context, void *state, uint32_t label)
{
    struct hs_world w = reduced_world_of(context, state);
    if (label & FREE_FIRST)
        hs_buddy_free(w, step_of(label).page, 0);
    hs_world_take(w, step_of(label));
}

static unsigned kind_of_reduced(uint32_t label)
{
    return step_of(label).kind;
}

static unsigned actor_of_reduced(uint32_t label)
{
    return hs_step_rows[step_of(label).kind].actor;
}

static bool is_duty_reduced(uint32_t label)
{
    return hs_step_rows[step_of(label).kind].motive == HS_DUTY;
}

static unsigned page_of_reduced(uint32_t label)
{
    return page_of(label_of(step_of(label)));
}

static uint32_t flags_of_reduced(
    void *context, const void *state, const uint32_t *labels, unsigned count)
{
    return flags_of_world(reduced_world_of(context, state), labels, count);
}

struct hs_graph hs_world_graph_reduced(const struct hs_reduction *reduction)
{
    return (struct hs_graph){
        .words = reduction->config->layout.size / 8u,
        .context = (void *)(uintptr_t)reduction,
        .used = used_by_reduced,
        .list = list_reduced,
        .take = take_reduced,
        .canonical = make_canonical,
        .flags = flags_of_reduced,
        .kind = kind_of_reduced,
        .actor = actor_of_reduced,
        .is_duty = is_duty_reduced,
        .thing = page_of_reduced,
    };
}
