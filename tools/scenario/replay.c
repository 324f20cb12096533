/* Replaying a schedule. */
#include "replay.h"

#include "reach.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILL_IN_BOUND = 100000, ENDING_BOUND = 400000 }; /* states */

/* ---- the actors' duties as a space to search ------------------------------------------------ */

struct duties {
    const struct hs_config *config;
    uint32_t actors;      /* bit hs_actor: whose */
    struct hs_step until; /* fill in until this is enabled */
};

static struct hs_world world_of(const struct duties *duties, const void *state)
{
    /* The search hands out states that it will not see changed; the model only reads them here. */
    return (struct hs_world){duties->config, (struct hs_state *)(uintptr_t)state};
}

static unsigned list_duties(void *context, const void *state, uint32_t *labels)
{
    const struct duties *duties = context;
    struct hs_step steps[HS_STEPS_MAX];
    unsigned count = 0;
    unsigned enabled = hs_world_steps(world_of(duties, state), steps);
    for (unsigned i = 0; i < enabled; i++) {
        const struct hs_step_row *row = &hs_step_rows[steps[i].kind];
        if (row->motive == HS_DUTY && duties->actors >> row->actor & 1u)
            labels[count++] = steps[i].kind * 256u + steps[i].page;
    }
    return count;
}

static struct hs_step step_of(uint32_t label)
{
    return (struct hs_step){(uint8_t)(label / 256), (uint8_t)(label % 256)};
}

static void take_duty(void *context, void *state, uint32_t label)
{
    hs_world_take(world_of(context, state), step_of(label));
}

static bool until_enabled(void *context, const void *state)
{
    const struct duties *duties = context;
    return hs_world_enabled(world_of(duties, state), duties->until, NULL);
}

static bool nothing_held(void *context, const void *state)
{
    return !hs_pages_held(world_of(context, state));
}

static bool nobody_waits(void *context, const void *state)
{
    return !hs_somebody_waits(world_of(context, state));
}

static struct hs_space space_of(struct duties *duties, bool (*goal)(void *, const void *))
{
    return (struct hs_space){
        .state_size = duties->config->layout.size,
        .labels = HS_STEPS_MAX,
        .context = duties,
        .list = list_duties,
        .take = take_duty,
        .is_goal = goal,
    };
}

/* ---- a run that grows ----------------------------------------------------------------------- */

struct hs_world hs_run_world(const struct hs_run *run, unsigned moment)
{
    uint8_t *state = run->states + (size_t)moment * run->config.layout.size;
    return (struct hs_world){&run->config, (struct hs_state *)(void *)state};
}

static void append(struct hs_run *run, struct hs_step step, bool filled_in)
{
    size_t size = run->config.layout.size;
    run->moments = hs_must(realloc(run->moments, (run->length + 1) * sizeof(*run->moments)));
    run->states = hs_must(realloc(run->states, (run->length + 2) * size));
    run->moments[run->length] = (struct hs_moment){step, filled_in};
    memcpy(run->states + (run->length + 1) * size, run->states + run->length * size, size);
    run->length++;
    hs_world_take(hs_run_world(run, run->length), step);
}

void hs_step_write(struct hs_step step, char *text, size_t size)
{
    const struct hs_step_row *row = &hs_step_rows[step.kind];
    if (row->has_page)
        snprintf(text, size, "%s %u", row->name, step.page);
    else
        snprintf(text, size, "%s", row->name);
}

/* ---- refusals ------------------------------------------------------------------------------- */

static bool refuse(const struct hs_run *run, const struct hs_entry *entry, const char *problem,
    struct hs_error *error)
{
    char step[80];
    hs_step_write(entry->step, step, sizeof(step));
    snprintf(error->text, sizeof(error->text), "%s:%u:%u: %s: %s", run->variant->scenario->path,
        entry->line, entry->column, step, problem);
    return false;
}

/* The step is not enabled: which guard failed, and what could be done instead. */
static bool refuse_step(const struct hs_run *run, const struct hs_entry *entry, const char *before,
    struct hs_error *error)
{
    char problem[900];
    struct hs_refusal why = {""};
    struct hs_step steps[HS_STEPS_MAX];
    struct hs_world now = hs_run_world(run, run->length);
    hs_world_enabled(now, entry->step, &why);
    int used = snprintf(problem, sizeof(problem), "%s%s\n  enabled here:", before, why.text);
    unsigned count = hs_world_steps(now, steps);
    for (unsigned i = 0; i < count && used < 800; i++) {
        char step[80];
        hs_step_write(steps[i], step, sizeof(step));
        used +=
            snprintf(problem + used, sizeof(problem) - (size_t)used, "%s %s", i ? "," : "", step);
    }
    return refuse(run, entry, problem, error);
}

static bool refuse_ambiguous(const struct hs_run *run, const struct hs_entry *entry,
    const struct hs_way *way, const struct hs_way *other, struct hs_error *error)
{
    char first[80];
    char second[80];
    unsigned at = 0;
    while (at + 1 < way->length && way->labels[at] == other->labels[at])
        at++;
    hs_step_write(step_of(way->labels[at]), first, sizeof(first));
    hs_step_write(step_of(other->labels[at]), second, sizeof(second));
    char problem[300];
    snprintf(problem, sizeof(problem),
        "the steps left out before it can be filled in in more than one way: with %s, or with %s; "
        "write the one that is meant",
        first, second);
    return refuse(run, entry, problem, error);
}

/* ---- the replay ----------------------------------------------------------------------------- */

/* Take the duties of `actors` until the entry's step is enabled. */
static bool fill_in(
    struct hs_run *run, const struct hs_entry *entry, uint32_t actors, struct hs_error *error)
{
    struct hs_way way;
    struct hs_way other;
    struct duties duties = {&run->config, actors, entry->step};
    struct hs_space space = space_of(&duties, until_enabled);
    struct hs_world now = hs_run_world(run, run->length);
    switch (hs_reach(&space, now.state, FILL_IN_BOUND, &way, &other)) {
    case HS_REACHED:
        break;
    case HS_UNREACHABLE:
        return refuse_step(
            run, entry, "what the actors do by themselves never enables it: ", error);
    case HS_GAVE_UP:
        return refuse_step(run, entry, "no short way leads to it: ", error);
    }
    if (other.length)
        return refuse_ambiguous(run, entry, &way, &other, error);
    for (unsigned i = 0; i < way.length; i++)
        append(run, step_of(way.labels[i]), true);
    return true;
}

static bool replay_schedule(struct hs_run *run, struct hs_error *error)
{
    const struct hs_scenario *scenario = run->variant->scenario;
    bool gap = false;
    for (unsigned i = 0; i < scenario->schedule_length; i++) {
        const struct hs_entry *entry = &scenario->schedule[i];
        if (entry->is_gap) {
            gap = true;
            continue;
        }
        uint32_t actors = gap ? UINT32_MAX : scenario->automatic;
        struct hs_world now = hs_run_world(run, run->length);
        if (!hs_world_enabled(now, entry->step, NULL)) {
            if (!actors)
                return refuse_step(run, entry, "", error);
            if (!fill_in(run, entry, actors, error))
                return false;
        }
        append(run, entry->step, false);
        gap = false;
    }
    return true;
}

/* Decide the properties of all continuations for the last state: what the actors do by themselves,
 * with one more round and nothing new from outside. */
static void judge_ending(struct hs_run *run)
{
    static const struct {
        enum hs_property property;
        bool (*goal)(void *, const void *);
    } questions[] = {{HS_PAGE_STUCK, nothing_held}, {HS_GUEST_STALLED, nobody_waits}};
    struct hs_config config = run->config;
    memset(config.limits, 0, sizeof(config.limits));
    config.limits[HS_LIMIT_ROUNDS] = 1;
    struct duties duties = {.config = &config, .actors = UINT32_MAX};
    const void *last = hs_run_world(run, run->length).state;
    for (unsigned i = 0; i < 2; i++) {
        struct hs_space space = space_of(&duties, questions[i].goal);
        enum hs_reach answer = hs_reach_any(&space, last, ENDING_BOUND);
        if (answer == HS_UNREACHABLE)
            run->broken |= 1u << questions[i].property;
        if (answer == HS_GAVE_UP)
            run->unknown |= 1u << questions[i].property;
    }
}

static struct hs_run *begin_run(const struct hs_variant *variant)
{
    struct hs_run *run = hs_must(calloc(1, sizeof(*run)));
    run->variant = variant;
    run->config = variant->config;
    memset(run->config.limits, HS_UNLIMITED, sizeof(run->config.limits));
    run->states = hs_must(calloc(1, run->config.layout.size));
    hs_world_init(hs_run_world(run, 0));
    return run;
}

static void end_run(struct hs_run *run)
{
    run->broken = hs_run_world(run, run->length).state->broken;
    judge_ending(run);
}

struct hs_run *hs_run_follow(
    const struct hs_variant *variant, const struct hs_step *steps, unsigned count)
{
    struct hs_run *run = begin_run(variant);
    for (unsigned i = 0; i < count; i++)
        append(run, steps[i], false);
    end_run(run);
    return run;
}

struct hs_run *hs_replay(const struct hs_variant *variant, struct hs_error *error)
{
    struct hs_run *run = begin_run(variant);
    if (!replay_schedule(run, error)) {
        hs_run_free(run);
        return NULL;
    }
    end_run(run);
    return run;
}

void hs_run_free(struct hs_run *run)
{
    if (!run)
        return;
    free(run->moments);
    free(run->states);
    free(run);
}

enum hs_step_kind hs_run_uncovered(const struct hs_run *run)
{
    bool fired[HS_STEP_KIND_COUNT] = {false};
    for (unsigned i = 0; i < run->length; i++)
        fired[run->moments[i].step.kind] = true;
    for (unsigned kind = 0; kind < HS_STEP_KIND_COUNT; kind++) {
        if (run->variant->scenario->cover[kind] && !fired[kind])
            return (enum hs_step_kind)kind;
    }
    return HS_STEP_KIND_COUNT;
}
