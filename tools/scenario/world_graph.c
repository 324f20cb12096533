/* The model as a graph: states are opaque to the search, and labels are steps. */
#include "world_graph.h"

static struct hs_world world_of(void *context, const void *state)
{
    /* The model only reads a state that it is asked about. */
    return (struct hs_world){context, (struct hs_state *)(uintptr_t)state};
}

struct hs_step hs_label_step(uint32_t label)
{
    return (struct hs_step){(uint8_t)(label / 256), (uint8_t)(label % 256)};
}

static unsigned list_steps(void *context, const void *state, uint32_t *labels)
{
    struct hs_step steps[HS_STEPS_MAX];
    unsigned count = hs_world_steps(world_of(context, state), steps);
    for (unsigned i = 0; i < count; i++)
        labels[i] = steps[i].kind * 256u + steps[i].page;
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
        if (is_duty(labels[i]) || kind_of(labels[i]) == HS_MIGRATION_START)
            return false;
    }
    return true;
}

static uint32_t flags_of(void *context, const void *state, const uint32_t *labels, unsigned count)
{
    struct hs_world w = world_of(context, state);
    uint32_t flags = w.state->broken;
    flags |= (uint32_t)hs_pages_held(w) << HS_FLAG_HOLDS;
    flags |= (uint32_t)hs_somebody_waits(w) << HS_FLAG_WAITS;
    if (labels && run_ends(labels, count))
        flags |= 1u << HS_FLAG_END;
    return flags;
}

static_assert((int)HS_STEP_KIND_COUNT <= (int)HS_KINDS_MAX, "one bit for each kind of step");
static_assert((int)HS_PROPERTY_COUNT <= (int)HS_FLAG_HOLDS, "one bit for each property");
static_assert((int)HS_STEPS_MAX <= (int)HS_LABELS_MAX, "room for all steps of a state");
static_assert(HS_STATE_SIZE_MAX / 8 <= HS_STORE_WORDS_MAX, "room for the largest state");

struct hs_graph hs_world_graph(const struct hs_config *config)
{
    return (struct hs_graph){
        .words = config->layout.size / 8u,
        .context = (void *)(uintptr_t)config,
        .list = list_steps,
        .take = take_step,
        .flags = flags_of,
        .kind = kind_of,
        .actor = actor_of,
        .is_duty = is_duty,
        .thing = page_of,
    };
}
