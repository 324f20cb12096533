/* SPDX-License-Identifier: BSD-3-Clause */
/* The duties that are enabled, as labels of a search. */
#include "duties.h"

#include "migration.h"

#include <string.h>

enum { ENDING_BOUND = 400000 }; /* states */

static struct hs_world world_of(const struct hs_duties *duties, const void *state)
{
    /* The search hands out states that it will not see changed; the model only reads them here. */
    return (struct hs_world){duties->config, (struct hs_state *)(uintptr_t)state};
}

static unsigned list_duties(void *context, const void *state, uint32_t *labels)
{
    const struct hs_duties *duties = context;
    struct hs_step steps[HS_STEPS_MAX];
    unsigned count = 0;
    unsigned enabled = hs_world_steps(world_of(duties, state), steps);
    if (duties->asks && world_of(duties, state).state->device.status != HS_STATUS_REQUESTED)
        return 0;
    for (unsigned i = 0; i < enabled; i++) {
        const struct hs_step_row *row = &hs_step_rows[steps[i].kind];
        bool asks_anew = duties->asks && steps[i].kind == HS_MIGRATION_START_HINTS &&
                         hs_migration_hints(duties->config);
        if (row->motive == HS_DUTY && duties->actors >> row->actor & 1u && !asks_anew)
            labels[count++] = steps[i].kind * 256u + steps[i].page;
    }
    return count;
}

struct hs_step hs_duties_step(uint32_t label)
{
    return (struct hs_step){(uint8_t)(label / 256), (uint8_t)(label % 256)};
}

static void take_duty(void *context, void *state, uint32_t label)
{
    hs_world_take(world_of(context, state), hs_duties_step(label));
}

static bool is_goal(void *context, const void *state)
{
    const struct hs_duties *duties = context;
    return duties->is_goal(world_of(duties, state), duties->asked);
}

struct hs_space hs_duties_space(struct hs_duties *duties)
{
    assert(duties && duties->config && duties->is_goal);
    return (struct hs_space){
        .state_size = duties->config->layout.size,
        .labels = HS_STEPS_MAX,
        .context = duties,
        .list = list_duties,
        .take = take_duty,
        .is_goal = is_goal,
    };
}

/* ---- what may follow ------------------------------------------------------------------------ */

struct hs_config hs_duties_config(const struct hs_config *config)
{
    assert(config);
    struct hs_config limited = *config;
    memset(limited.limits, 0, sizeof(limited.limits));
    limited.limits[HS_LIMIT_ROUNDS] = 1;
    return limited;
}

static bool nothing_held(struct hs_world w, const void *asked)
{
    (void)asked;
    return !hs_pages_held(w);
}

static bool nobody_waits(struct hs_world w, const void *asked)
{
    (void)asked;
    return !hs_somebody_waits(w);
}

static bool hints_started(struct hs_world w, const void *asked)
{
    (void)asked;
    return w.state->device.status == HS_STATUS_START;
}

enum hs_reach hs_duties_end(
    const struct hs_config *config, const void *state, enum hs_property property)
{
    assert(property >= HS_ENDING_FIRST && property <= HS_ENDING_LAST);
    struct hs_config limited = hs_duties_config(config);
    struct hs_duties duties = {.config = &limited, .actors = UINT32_MAX};
    switch ((unsigned)property) {
    case HS_PAGE_STUCK:
        duties.is_goal = nothing_held;
        break;
    case HS_GUEST_STALLED:
        duties.is_goal = nobody_waits;
        break;
    case HS_REQUEST_UNANSWERED:
        if (!hs_request_is_open(world_of(&duties, state)))
            return HS_REACHED;
        duties.is_goal = hints_started;
        duties.asks = true;
        break;
    }
    struct hs_space space = hs_duties_space(&duties);
    return hs_reach_any(&space, state, ENDING_BOUND);
}
