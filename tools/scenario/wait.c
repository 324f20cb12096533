/* SPDX-License-Identifier: BSD-3-Clause */
/* Waits, explained by what the guards say and by what could have changed it. */
#include "wait.h"

#include "duties.h"
#include "migration.h"

#include <string.h>

enum { SETTLE_BOUND = 20000, REMEDY_BOUND = 20000 }; /* states */

/* ---- what is refused ------------------------------------------------------------------------- */

/* The condition alone, without what stands in parentheses behind it. */
static size_t condition_length(const struct hs_refusal *why)
{
    const char *instead = strstr(why->text, " (");
    return instead ? (size_t)(instead - why->text) : strlen(why->text);
}

static bool same_condition(const struct hs_refusal *a, const struct hs_refusal *b)
{
    size_t length = condition_length(a);
    return length == condition_length(b) && memcmp(a->text, b->text, length) == 0;
}

/* Does the second say no more of how things are than the first, in parentheses, did? */
static bool same_remark(const struct hs_refusal *a, const struct hs_refusal *b)
{
    const char *remark = a->text + condition_length(a);
    return *remark && strcmp(remark, b->text + condition_length(b)) == 0;
}

static bool same_step(struct hs_step a, struct hs_step b)
{
    return a.kind == b.kind && a.page == b.page;
}

/* Is `step` one of those that are waited for? */
static bool is_awaited(struct hs_world w, struct hs_step step)
{
    struct hs_step steps[HS_AWAITED_MAX];
    for (unsigned property = HS_ENDING_FIRST; property <= HS_ENDING_LAST; property++) {
        unsigned count = hs_awaited(w, (enum hs_property)property, steps);
        for (unsigned i = 0; i < count; i++) {
            if (same_step(steps[i], step))
                return true;
        }
    }
    return false;
}

/* ---- a step that could change it ------------------------------------------------------------- */

/* A condition, and the steps that are refused for it: what one of them does not show, since other
 * conditions stand before this one in its guard, another may. */
struct remedy {
    struct hs_step awaited; /* what is waited for, all the time */
    struct {
        struct hs_step step;
        unsigned passed;
    } refused[HS_STEPS_MAX];
    unsigned count;
};

/* The steps that are refused for the link's condition in the state in which all is done. */
static void list_refused(
    struct hs_world settled, const struct hs_wait_link *link, struct remedy *remedy)
{
    remedy->count = 0;
    for (unsigned kind = 0; kind < HS_STEP_KIND_COUNT; kind++) {
        for (unsigned p = 0; hs_world_has(settled, (struct hs_step){(uint8_t)kind, (uint8_t)p});
             p++) {
            struct hs_refusal why = {0};
            struct hs_step step = {(uint8_t)kind, (uint8_t)p};
            if (hs_world_enabled(settled, step, &why) || !same_condition(&why, &link->why))
                continue;
            remedy->refused[remedy->count].step = step;
            remedy->refused[remedy->count++].passed = why.passed;
        }
    }
}

/* Does the last step of the way bring the condition, and not only what hid it?  Then one of the
 * steps is refused for it before, and is not refused for it afterwards. */
static bool brings_it(const struct remedy *remedy, const struct hs_refusal *condition,
    struct hs_world then, const struct hs_way *way)
{
    union hs_state_buffer memory;
    struct hs_world w = {then.config, &memory.state};
    bool refused[HS_STEPS_MAX];
    memcpy(&memory, then.state, then.config->layout.size);
    for (unsigned i = 0; i + 1 < way->length; i++)
        hs_world_take(w, hs_duties_step(way->labels[i]));
    for (unsigned i = 0; i < remedy->count; i++) {
        struct hs_refusal why = {0};
        refused[i] =
            !hs_world_enabled(w, remedy->refused[i].step, &why) && same_condition(&why, condition);
    }
    hs_world_take(w, hs_duties_step(way->labels[way->length - 1]));
    for (unsigned i = 0; i < remedy->count; i++) {
        struct hs_refusal why = {0};
        bool enabled = hs_world_enabled(w, remedy->refused[i].step, &why);
        if (refused[i] && (enabled || why.passed > remedy->refused[i].passed))
            return true;
    }
    return false;
}

/* Does the condition hold?  Then one of the steps is refused for a later one, if at all. */
static bool is_remedied(struct hs_world w, const void *asked)
{
    const struct remedy *remedy = asked;
    for (unsigned i = 0; i < remedy->count; i++) {
        struct hs_refusal why = {0};
        bool enabled = hs_world_enabled(w, remedy->refused[i].step, &why);
        if (enabled || why.passed > remedy->refused[i].passed)
            return is_awaited(w, remedy->awaited);
    }
    return false;
}

/*
 * The step that brings what the link needs.  The last moment of the run at which it could still
 * come while there was the wait is looked for, and of a shortest way from there the last step.
 */
static bool find_remedy(const struct hs_run *run, const struct hs_config *config,
    const struct hs_wait_link *link, const struct remedy *remedy, struct hs_step *step)
{
    struct hs_duties duties = {config, UINT32_MAX, is_remedied, remedy, false};
    struct hs_space space = hs_duties_space(&duties);
    for (unsigned at = run->length + 1; at > 0; at--) {
        struct hs_world then = hs_run_world(run, at - 1);
        struct hs_way way;
        if (!is_awaited(then, remedy->awaited))
            return false;
        switch (hs_reach(&space, then.state, REMEDY_BOUND, &way, NULL)) {
        case HS_REACHED:
            if (way.length > HS_WAY_MAX)
                return false;
            if (!way.length)
                break; /* it is there, and the run takes it away: who had brought it? */
            then.config = config;
            if (!brings_it(remedy, &link->why, then, &way))
                break;
            *step = hs_duties_step(way.labels[way.length - 1]);
            return true;
        case HS_UNREACHABLE:
            break;
        case HS_GAVE_UP:
            return false;
        }
    }
    return false;
}

static bool has_link(const struct hs_wait *wait, struct hs_step step)
{
    for (unsigned i = 0; i < wait->count; i++) {
        if (same_step(wait->links[i].step, step))
            return true;
    }
    return false;
}

/* From the step that is waited for on: what each step needs, in the state in which all is done. */
static void follow_links(const struct hs_run *run, const struct hs_config *config,
    struct hs_world settled, struct hs_wait *wait)
{
    struct hs_step step = wait->links[0].step;
    struct remedy remedy;
    do {
        struct hs_wait_link *link = &wait->links[wait->count];
        link->step = step;
        if (hs_world_enabled(settled, step, &link->why) ||
            (wait->count && same_remark(&link[-1].why, &link->why)))
            return;
        wait->count++;
        remedy.awaited = wait->links[0].step;
        list_refused(settled, link, &remedy);
        if (wait->count == HS_WAIT_LINKS_MAX || !find_remedy(run, config, link, &remedy, &step))
            return;
    } while (!has_link(wait, step));
}

/* ---- the waits of a run ---------------------------------------------------------------------- */

static bool nothing_to_do(struct hs_world w, const void *asked)
{
    struct hs_step steps[HS_STEPS_MAX];
    unsigned count = hs_world_steps(w, steps);
    (void)asked;
    for (unsigned i = 0; i < count; i++) {
        if (hs_step_rows[steps[i].kind].motive == HS_DUTY)
            return false;
    }
    return true;
}

/* Does every duty that is left withdraw the request, stop the VM or ask anew? */
static bool nothing_answers(struct hs_world w, const void *asked)
{
    struct hs_step steps[HS_STEPS_MAX];
    unsigned count = hs_world_steps(w, steps);
    bool answers = !hs_request_is_open(w);
    (void)asked;
    for (unsigned i = 0; i < count && !answers; i++) {
        union hs_state_buffer memory;
        struct hs_world then = {w.config, &memory.state};
        bool asks_anew = steps[i].kind == HS_MIGRATION_START_HINTS && hs_migration_hints(w.config);
        if (hs_step_rows[steps[i].kind].motive != HS_DUTY || asks_anew)
            continue;
        memcpy(&memory, w.state, w.config->layout.size);
        hs_world_take(then, steps[i]);
        answers = hs_request_is_open(then);
    }
    return !answers;
}

/* A state in which the actors have done whatever they do by themselves; or, for a request, whatever
 * they do while it is open. */
static bool settle(const struct hs_config *config, struct hs_world w, bool asks)
{
    struct hs_duties duties = {
        config, UINT32_MAX, asks ? nothing_answers : nothing_to_do, NULL, asks};
    struct hs_space space = hs_duties_space(&duties);
    struct hs_way way;
    if (hs_reach(&space, w.state, SETTLE_BOUND, &way, NULL) != HS_REACHED ||
        way.length > HS_WAY_MAX)
        return false;
    for (unsigned i = 0; i < way.length; i++)
        hs_world_take(w, hs_duties_step(way.labels[i]));
    return true;
}

static struct hs_wait *wait_for(struct hs_wait *waits, unsigned *count, struct hs_step step)
{
    for (unsigned i = 0; i < *count; i++) {
        if (same_step(waits[i].links[0].step, step))
            return &waits[i];
    }
    waits[*count] = (struct hs_wait){.links[0].step = step};
    return &waits[(*count)++];
}

/* The waits for what the properties in `asked` ask about, behind the first `count`; returns how
 * many there are then. */
static unsigned find_waits(const struct hs_run *run, const struct hs_config *config, uint32_t asked,
    struct hs_wait *waits, unsigned count)
{
    union hs_state_buffer memory;
    struct hs_world settled = {config, &memory.state};
    struct hs_step steps[HS_AWAITED_MAX];
    unsigned first = count;
    memcpy(&memory, hs_run_world(run, run->length).state, config->layout.size);
    if (!asked || !settle(config, settled, asked >> HS_REQUEST_UNANSWERED & 1u))
        return count;
    for (unsigned property = HS_ENDING_FIRST; property <= HS_ENDING_LAST; property++) {
        unsigned awaited = hs_awaited(settled, (enum hs_property)property, steps);
        for (unsigned i = 0; i < awaited && asked >> property & 1u; i++)
            wait_for(waits, &count, steps[i])->properties |= 1u << property;
    }
    for (unsigned i = first; i < count; i++)
        follow_links(run, config, settled, &waits[i]);
    return count;
}

unsigned hs_waits_find(const struct hs_run *run, struct hs_wait waits[HS_AWAITED_MAX])
{
    assert(run && waits);
    const uint32_t of_request = 1u << HS_REQUEST_UNANSWERED;
    struct hs_config config = hs_duties_config(&run->config);
    uint32_t asked = run->broken & HS_ENDINGS;
    unsigned count = find_waits(run, &config, asked & ~of_request, waits, 0);
    return find_waits(run, &config, asked & of_request, waits, count);
}

int hs_hope_lost(const struct hs_run *run, enum hs_property property)
{
    assert(run && run->broken >> property & 1u);
    for (unsigned at = run->length; at > 0; at--) {
        const void *before = hs_run_world(run, at - 1).state;
        enum hs_reach answer = hs_duties_end(&run->config, before, property);
        if (answer == HS_REACHED)
            return (int)at - 1;
        if (answer == HS_GAVE_UP)
            return HS_NO_STEP;
    }
    return HS_NO_STEP;
}
