/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of steps, enumeration, the start, and all invariants. */
#include "world.h"

#include "buddy.h"
#include "device.h"
#include "driver.h"
#include "migration.h"
#include "page.h"

#include <string.h>

const char *const hs_actor_names[HS_ACTOR_COUNT] = {
    [HS_ACTOR_APP] = "app",
    [HS_ACTOR_DRIVER] = "driver",
    [HS_ACTOR_DEVICE] = "device",
    [HS_ACTOR_MIGRATION] = "migration",
    [HS_ACTOR_LOG] = "log",
    [HS_ACTOR_DESTINATION] = "destination",
};

/* ---- the table of steps --------------------------------------------------------------------- */

/* What the words in the columns of steps.def stand for. */
#define ONE false
#define PAGE true
enum { HS_LIMIT_FREE = HS_LIMIT_COUNT };
#define NEEDS(...) __VA_ARGS__

#define STEP(ID, name, actor, argument, motive, limit, guard, effect, words, told, summary,      \
    clauses, code, needs)                                                                        \
    [HS_##ID] = {name, HS_ACTOR_##actor, argument, HS_##motive, (enum hs_limit)HS_LIMIT_##limit, \
        guard, effect, words, told, summary, clauses, code, {needs}},

const struct hs_step_row hs_step_rows[HS_STEP_KIND_COUNT] = {
#include "steps.def"
};

enum hs_step_kind hs_step_find(const char *name)
{
    assert(name);
    for (unsigned kind = 0; kind < HS_STEP_KIND_COUNT; kind++) {
        if (strcmp(hs_step_rows[kind].name, name) == 0)
            return (enum hs_step_kind)kind;
    }
    return HS_STEP_KIND_COUNT;
}

/* ---- enabled steps -------------------------------------------------------------------------- */

bool hs_world_has(struct hs_world w, struct hs_step step)
{
    assert(w.config);
    return step.kind < HS_STEP_KIND_COUNT &&
           step.page < (hs_step_rows[step.kind].has_page ? w.config->pages : 1);
}

bool hs_world_enabled(struct hs_world w, struct hs_step step, struct hs_refusal *why)
{
    assert(w.config && w.state && hs_world_has(w, step));
    const struct hs_step_row *row = &hs_step_rows[step.kind];
    return row->guard(w, step.page, why) && hs_limit_left(w, row->limit, why);
}

/* List one kind, which is a constant: the row's guard is then called directly, or inlined. */
static inline __attribute__((always_inline)) unsigned list_kind(
    struct hs_world w, unsigned kind, struct hs_step *steps, unsigned count)
{
    const struct hs_step_row *row = &hs_step_rows[kind];
    unsigned pages = row->has_page ? w.config->pages : 1;
    if (!hs_step_kinds_have(w.config->possible, kind) || !hs_limit_left(w, row->limit, NULL))
        return count;
    for (unsigned p = 0; p < pages; p++) {
        if (row->guard(w, p, NULL))
            steps[count++] = (struct hs_step){(uint8_t)kind, (uint8_t)p};
    }
    return count;
}

/* A search spends much of its time here.  Written without a loop, so that the guards are known
 * early enough to be inlined; what they share is then computed once. */
__attribute__((flatten)) unsigned hs_world_steps(
    struct hs_world w, struct hs_step steps[HS_STEPS_MAX])
{
    assert(w.config && w.state && steps);
    unsigned count = 0;
#define STEP(ID, ...) count = list_kind(w, HS_##ID, steps, count);
#include "steps.def"
    return count;
}

void hs_world_take(struct hs_world w, struct hs_step step)
{
    assert(w.config && w.state && hs_world_has(w, step));
    assert(hs_world_enabled(w, step, NULL));
    const struct hs_step_row *row = &hs_step_rows[step.kind];
    hs_limit_spend(w, row->limit);
    row->effect(w, step.page);
}

/* ---- the start ------------------------------------------------------------------------------ */

/* Do rules and sizes rule steps of this kind out, whatever happens?  What their guards ask of the
 * configuration alone is asked here once for all. */
static bool is_ruled_out(const struct hs_config *config, unsigned kind)
{
    for (unsigned i = 0; i < HS_STEP_NEEDS_MAX; i++) {
        if (!hs_config_meets(config, hs_step_rows[kind].needs[i]))
            return true;
    }
    return false;
}

const char *hs_config_finish(struct hs_config *config)
{
    assert(config);
    const char *wrong = hs_rules_check(&config->rules);
    if (!wrong)
        wrong = hs_config_shape(config);
    if (wrong)
        return wrong;
    memset(&config->possible, 0, sizeof(config->possible));
    for (unsigned kind = 0; kind < HS_STEP_KIND_COUNT; kind++) {
        if (!is_ruled_out(config, kind))
            hs_step_kinds_add(&config->possible, kind);
    }
    return NULL;
}

void hs_world_init(struct hs_world w)
{
    assert(w.config && w.state);
    bool poisons = hs_rule_poison(w) != HS_POISON_OFF;
    memset(w.state, 0, w.config->layout.size);
    for (unsigned p = 0; p < w.config->pages; p++) {
        struct hs_page *page = hs_page(w, p);
        bool is_free = w.config->free_at_start >> p & 1u;
        page->owner = is_free ? HS_OWNER_FREE : HS_OWNER_APP;
        page->content = is_free ? hs_page_free_content(w) & 3u : HS_CONTENT_DATA;
        page->relies = !is_free ? HS_RELIES_DATA : poisons ? HS_RELIES_VALUE : HS_RELIES_NOTHING;
    }
    hs_buddy_build(w);
    w.state->device.poison_set = poisons && hs_rule_poison_negotiated(w) == HS_ON;
    if (w.config->queue_size[HS_QUEUE_FREE_PAGE]) {
        bool callback = hs_rules_follow_used(&w.config->rules);
        hs_queue(w, HS_QUEUE_FREE_PAGE).ring->interrupts_suppressed = !callback;
    }
}

/* ---- what is asked of a whole state --------------------------------------------------------- */

bool hs_pages_held(struct hs_world w)
{
    assert(w.config && w.state);
    for (unsigned p = 0; p < w.config->pages; p++) {
        if (hs_page(w, p)->owner == HS_OWNER_HELD)
            return true;
    }
    return false;
}

bool hs_somebody_waits(struct hs_world w)
{
    assert(w.config && w.state);
    const struct hs_driver *driver = &w.state->driver;
    bool report_waits = driver->report_phase == HS_REPORT_REPORTED;
    if (driver->phase != HS_DRIVER_IDLE || hs_driver_sleeps(w) || report_waits ||
        driver->inflating || driver->deflating)
        return true;
    for (unsigned p = 0; p < w.config->pages; p++) {
        if (hs_page(w, p)->awaited)
            return true;
    }
    return false;
}

bool hs_request_is_open(struct hs_world w)
{
    assert(w.config && w.state);
    const struct hs_device *device = &w.state->device;
    return device->status == HS_STATUS_REQUESTED && !device->id_taken && hs_guest_runs(w) &&
           w.state->driver.phase != HS_DRIVER_RESETTING;
}

struct awaited {
    struct hs_step *steps;
    unsigned count;
};

static void await(struct awaited *awaited, enum hs_step_kind kind, unsigned page)
{
    assert(awaited->count < HS_AWAITED_MAX);
    awaited->steps[awaited->count++] = (struct hs_step){(uint8_t)kind, (uint8_t)page};
}

/* Every block that is held goes back, whether the driver still knows of it or not. */
static void await_releases(struct hs_world w, struct awaited *awaited)
{
    for (unsigned p = 0; p < w.config->pages; p += 1u << w.config->hint_order) {
        if (hs_page(w, p)->owner == HS_OWNER_HELD)
            await(awaited, HS_DRIVER_RELEASE, p);
    }
}

static void await_work_item(struct hs_world w, struct awaited *awaited)
{
    if (hs_driver_sleeps(w)) {
        await(awaited, HS_DRIVER_COLLECT_USED, 0);
        return;
    }
    switch ((enum hs_driver_phase)w.state->driver.phase) {
    case HS_DRIVER_IDLE:
    case HS_DRIVER_PHASE_COUNT:
        break;
    case HS_DRIVER_STARTING:
        await(awaited, HS_DRIVER_START_ROUND, 0);
        break;
    case HS_DRIVER_HINTING:
        await(awaited, HS_DRIVER_END_ROUND, 0);
        break;
    case HS_DRIVER_RELEASING:
        await_releases(w, awaited);
        break;
    case HS_DRIVER_RESETTING:
        await(awaited, HS_DRIVER_RESET, 0);
        break;
    }
}

/* Everything that somebody waits for. */
static void await_answers(struct hs_world w, struct awaited *awaited)
{
    const struct hs_driver *driver = &w.state->driver;
    await_work_item(w, awaited);
    if (driver->report_phase == HS_REPORT_REPORTED)
        await(awaited, HS_DRIVER_COLLECT_REPORT, 0);
    if (driver->inflating)
        await(awaited, HS_DRIVER_COLLECT_INFLATE, 0);
    if (driver->deflating)
        await(awaited, HS_DRIVER_COLLECT_DEFLATE, 0);
    for (unsigned p = 0; p < w.config->pages; p++) {
        if (hs_page(w, p)->awaited)
            await(awaited, HS_MIGRATION_PULL_PAGE, p);
    }
}

unsigned hs_awaited(
    struct hs_world w, enum hs_property property, struct hs_step steps[HS_AWAITED_MAX])
{
    assert(w.config && w.state && steps);
    assert(property >= HS_ENDING_FIRST && property <= HS_ENDING_LAST);
    struct awaited awaited = {steps, 0};
    switch ((unsigned)property) {
    case HS_PAGE_STUCK:
        await_releases(w, &awaited);
        break;
    case HS_GUEST_STALLED:
        await_answers(w, &awaited);
        break;
    case HS_REQUEST_UNANSWERED:
        if (hs_request_is_open(w))
            await(&awaited,
                hs_device_will_start(w) ? HS_DEVICE_TAKE_ELEMENT : HS_DRIVER_START_ROUND, 0);
        break;
    }
    return awaited.count;
}
const char *hs_world_check(struct hs_world w)
{
    assert(w.config && w.state);
    const char *broken = NULL;
    for (unsigned p = 0; p < w.config->pages && !broken; p++)
        broken = hs_page_check(w, p);
    if (!broken)
        broken = hs_buddy_check(w);
    if (!broken)
        broken = hs_driver_check(w);
    if (!broken)
        broken = hs_device_check(w);
    if (!broken)
        broken = hs_migration_check(w);
    return broken;
}
