/* SPDX-License-Identifier: BSD-3-Clause */
/* Replaying a schedule. */
#include "replay.h"

#include "bitmap.h"
#include "dirty_log.h"
#include "duties.h"
#include "page.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILL_IN_BOUND = 100000 }; /* states */

/* ---- a run that grows ----------------------------------------------------------------------- */

struct hs_world hs_run_world(const struct hs_run *run, unsigned moment)
{
    uint8_t *state = run->states + (size_t)moment * run->config.layout.size;
    return (struct hs_world){&run->config, (struct hs_state *)(void *)state};
}

static void append(struct hs_run *run, struct hs_step step, bool filled_in, unsigned entry)
{
    size_t size = run->config.layout.size;
    run->moments = hs_must(realloc(run->moments, (run->length + 1) * sizeof(*run->moments)));
    run->states = hs_must(realloc(run->states, (run->length + 2) * size));
    run->moments[run->length] = (struct hs_moment){step, filled_in, entry};
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
    char step[80] = "finish";
    if (!entry->is_finish)
        hs_step_write(entry->step, step, sizeof(step));
    return hs_fail_at(
        error, run->variant->scenario->path, entry->line, entry->column, "%s: %s", step, problem);
}

/* Take the run's steps where the limits of `config` count, as far as they let it: how many those
 * are, and of the next, why not. */
static unsigned take_within(const struct hs_run *run, const struct hs_config *config,
    struct hs_state *end, struct hs_refusal *why)
{
    struct hs_world w = {config, end};
    unsigned i = 0;
    hs_world_init(w);
    for (; i < run->length && hs_world_enabled(w, run->moments[i].step, why); i++)
        hs_world_take(w, run->moments[i].step);
    return i;
}

/* False, with `error`, if the scenario's limits rule out a step of the run. */
static bool keeps_limits(const struct hs_run *run, struct hs_error *error)
{
    union hs_state_buffer end;
    struct hs_refusal why = {0};
    unsigned beyond = take_within(run, &run->variant->config, &end.state, &why);
    if (beyond == run->length)
        return true;
    char step[80] = "it";
    char problem[sizeof(why.text) + sizeof(step) + 40];
    const struct hs_moment *moment = &run->moments[beyond];
    if (moment->filled_in)
        hs_step_write(moment->step, step, sizeof(step));
    snprintf(problem, sizeof(problem), "%s%s is possible %s", step,
        moment->filled_in ? ", which is filled in," : "", why.text);
    return refuse(run, &run->variant->scenario->schedule[moment->entry], problem, error);
}

static bool was_filled_in(const struct hs_run *run, unsigned at)
{
    bool filled_in = false;
    for (unsigned i = 0; i < run->length; i++)
        filled_in = filled_in || (run->moments[i].filled_in && run->moments[i].entry == at);
    return filled_in;
}

/* A `...` that added no step, before entry `at`, which is refused, or before the step before it:
 * whoever wrote it may have thought that it would. */
static void add_idle_gap(const struct hs_run *run, unsigned at, struct hs_text *problem)
{
    const struct hs_entry *entries = run->variant->scenario->schedule;
    if (at >= 1 && entries[at - 1].is_gap) {
        hs_text_add(problem, "\n  '...' before it (line %u) added no step", entries[at - 1].line);
    } else if (at >= 2 && entries[at - 2].is_gap && !was_filled_in(run, at - 1)) {
        char step[80];
        hs_step_write(entries[at - 1].step, step, sizeof(step));
        hs_text_add(problem, "\n  '...' in line %u added no step: %s was enabled without it",
            entries[at - 2].line, step);
    }
}

/* Entry `at` is not enabled: what would have to hold, and what could be done instead. */
static bool refuse_step(const struct hs_run *run, unsigned at, const char *before,
    const struct hs_refusal *why, struct hs_error *error)
{
    const struct hs_entry *entry = &run->variant->scenario->schedule[at];
    enum { MOST = 800 }; /* characters, but for the last step: an error has no room for more */
    struct hs_text problem = {0};
    struct hs_step steps[HS_STEPS_MAX];
    union hs_state_buffer limited;
    hs_text_add(&problem, "%sit is possible %s", before, why->text);
    add_idle_gap(run, at, &problem);
    hs_text_add(&problem, "\n  enabled here:");
    take_within(run, &run->variant->config, &limited.state, NULL);
    unsigned count =
        hs_world_steps((struct hs_world){&run->variant->config, &limited.state}, steps);
    for (unsigned i = 0; i < count && problem.length < MOST; i++) {
        char step[80];
        hs_step_write(steps[i], step, sizeof(step));
        hs_text_add(&problem, "%s %s", i ? "," : "", step);
    }
    refuse(run, entry, hs_text_string(&problem), error);
    hs_text_free(&problem);
    return false;
}

static bool refuse_ambiguous(const struct hs_run *run, const struct hs_entry *entry,
    const struct hs_way *way, const struct hs_way *other, struct hs_error *error)
{
    char first[80];
    char second[80];
    unsigned at = 0;
    while (at + 1 < way->length && way->labels[at] == other->labels[at])
        at++;
    hs_step_write(hs_duties_step(way->labels[at]), first, sizeof(first));
    hs_step_write(hs_duties_step(other->labels[at]), second, sizeof(second));
    char problem[300];
    snprintf(problem, sizeof(problem),
        "the steps left out before it can be filled in in more than one way: with %s, or with %s; "
        "write the one that is meant",
        first, second);
    return refuse(run, entry, problem, error);
}

/* ---- the replay ----------------------------------------------------------------------------- */

/* A step that is looked for, and its refusal in the first state in which most of its guard holds.
 */
struct wanted {
    struct hs_step step;
    struct hs_refusal *nearest; /* without text as long as there was none */
};

static bool is_enabled(struct hs_world w, const void *asked)
{
    const struct wanted *wanted = asked;
    struct hs_refusal why = {0};
    bool enabled = hs_world_enabled(w, wanted->step, &why);
    if (!enabled && (!*wanted->nearest->text || why.passed > wanted->nearest->passed))
        *wanted->nearest = why;
    return enabled;
}

/* No way was found to entry `at`: what is in the way where the actors, by themselves, come nearest.
 */
static bool refuse_way(const struct hs_run *run, unsigned at, const char *before,
    const struct hs_refusal *nearest, struct hs_error *error)
{
    char words[120];
    struct hs_refusal here = {0};
    hs_world_enabled(
        hs_run_world(run, run->length), run->variant->scenario->schedule[at].step, &here);
    bool comes_nearer = nearest->passed > here.passed;
    snprintf(
        words, sizeof(words), "%s; %s", before, comes_nearer ? "where they come nearest, " : "");
    return refuse_step(run, at, words, nearest, error);
}

/* Take the duties of `actors` until the entry's step is enabled. */
static bool fill_in(struct hs_run *run, unsigned at, uint32_t actors, struct hs_error *error)
{
    const struct hs_entry *entry = &run->variant->scenario->schedule[at];
    struct hs_way way;
    struct hs_way other;
    struct hs_refusal nearest = {0};
    struct wanted wanted = {entry->step, &nearest};
    struct hs_duties duties = {&run->config, actors, is_enabled, &wanted, false};
    struct hs_space space = hs_duties_space(&duties);
    struct hs_world now = hs_run_world(run, run->length);
    switch (hs_reach(&space, now.state, FILL_IN_BOUND, &way, &other)) {
    case HS_REACHED:
        break;
    case HS_UNREACHABLE:
        return refuse_way(
            run, at, "what the actors do by themselves never enables it", &nearest, error);
    case HS_GAVE_UP:
        return refuse_way(run, at, "no short way of the actors leads to it", &nearest, error);
    }
    if (other.length)
        return refuse_ambiguous(run, entry, &way, &other, error);
    for (unsigned i = 0; i < way.length; i++)
        append(run, hs_duties_step(way.labels[i]), true, at);
    return true;
}

/* The first step of the actor that is enabled and a duty. */
static bool first_duty(const struct hs_run *run, enum hs_actor actor, struct hs_step *step)
{
    struct hs_step steps[HS_STEPS_MAX];
    unsigned count = hs_world_steps(hs_run_world(run, run->length), steps);
    for (unsigned i = 0; i < count; i++) {
        const struct hs_step_row *row = &hs_step_rows[steps[i].kind];
        if (row->actor == actor && row->motive == HS_DUTY) {
            *step = steps[i];
            return true;
        }
    }
    return false;
}

/* Who must have nothing left to do once a migration was cancelled. */
static const enum hs_actor finishers[] = {HS_ACTOR_DEVICE, HS_ACTOR_DRIVER, HS_ACTOR_MIGRATION};
enum { FINISHERS = sizeof(finishers) / sizeof(finishers[0]) };

static bool something_is_left(const struct hs_run *run)
{
    struct hs_step step;
    for (unsigned i = 0; i < FINISHERS; i++) {
        if (first_duty(run, finishers[i], &step))
            return true;
    }
    return false;
}

/* How the run stands after its last step by now. */
static enum hs_run_end end_of(const struct hs_run *run)
{
    struct hs_world last = hs_run_world(run, run->length);
    switch ((enum hs_migration_phase)last.state->migration.phase) {
    case HS_MIGRATION_NONE:
        return HS_RUN_NO_MIGRATION;
    case HS_MIGRATION_SWITCHED_OVER:
        return HS_RUN_ENDED;
    case HS_MIGRATION_CANCELLED:
        return something_is_left(run) ? HS_RUN_UNFINISHED : HS_RUN_ENDED;
    case HS_MIGRATION_POSTCOPY:
        for (unsigned p = 0; p < run->config.pages; p++) {
            if (hs_page(last, p)->awaited)
                return HS_RUN_UNFINISHED;
        }
        return HS_RUN_ENDED;
    case HS_MIGRATION_STARTING:
    case HS_MIGRATION_READY:
    case HS_MIGRATION_HINTS_STOPPED:
    case HS_MIGRATION_SYNCING:
    case HS_MIGRATION_AFTER_SYNC:
    case HS_MIGRATION_SENDING:
    case HS_MIGRATION_PHASE_COUNT:
        break;
    }
    return HS_RUN_UNFINISHED;
}

/* ---- finish ---------------------------------------------------------------------------------- */

/* Of migration: what is under way arrives, the page that is being sent, the first that is to be
 * sent, the switch-over, and once no page is left the last round; else whatever leads there. */
static bool next_of_migration(const struct hs_run *run, struct hs_step *step)
{
    struct hs_world now = hs_run_world(run, run->length);
    unsigned sending = now.state->migration.sending;
    unsigned first = hs_bitmap_first(now);
    bool none_left = !sending && first == run->config.pages;
    unsigned late = hs_page_first_late(now);
    const struct hs_step wanted[] = {
        {HS_MIGRATION_ARRIVE, (uint8_t)(late < run->config.pages ? late : 0)},
        {HS_MIGRATION_FINISH_PAGE, (uint8_t)(sending ? sending - 1 : 0)},
        {HS_MIGRATION_BEGIN_PAGE, (uint8_t)(first < run->config.pages ? first : 0)},
        {HS_MIGRATION_SWITCH_OVER, 0},
        {HS_MIGRATION_STOP_VM, 0},
    };
    for (unsigned i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        bool too_early = wanted[i].kind == HS_MIGRATION_STOP_VM && !none_left;
        if (!too_early && hs_world_enabled(now, wanted[i], NULL)) {
            *step = wanted[i];
            return true;
        }
    }
    return first_duty(run, HS_ACTOR_MIGRATION, step);
}

/* The device does all that it can, until it sleeps; then the driver; then migration, if one began.
 * False: nothing is left to do. */
static bool next_to_finish(const struct hs_run *run, struct hs_step *step)
{
    enum hs_run_end end = end_of(run);
    return end != HS_RUN_ENDED &&
           (first_duty(run, HS_ACTOR_DEVICE, step) || first_duty(run, HS_ACTOR_DRIVER, step) ||
               (end == HS_RUN_UNFINISHED && next_of_migration(run, step)));
}

static bool finish(struct hs_run *run, unsigned at, struct hs_error *error)
{
    const struct hs_entry *entry = &run->variant->scenario->schedule[at];
    struct hs_step step;
    unsigned begin = run->length;
    while (run->length - begin < HS_SCHEDULE_MAX && next_to_finish(run, &step))
        append(run, step, true, at);
    if (end_of(run) != HS_RUN_UNFINISHED && !next_to_finish(run, &step))
        return true;
    struct hs_text missing = {0};
    hs_run_missing_add(run, &missing);
    hs_fail_at(error, run->variant->scenario->path, entry->line, entry->column,
        "finish: nothing that is left to do ends it: %s", hs_text_string(&missing));
    hs_text_free(&missing);
    return false;
}

/* Of a migration that was cancelled: what each actor would do next. */
static void missing_of_cancelled_add(const struct hs_run *run, struct hs_text *text)
{
    for (unsigned i = 0; i < FINISHERS; i++) {
        char name[80];
        struct hs_step step;
        if (!first_duty(run, finishers[i], &step))
            continue;
        hs_step_write(step, name, sizeof(name));
        hs_text_item(text, "; ", "%s is left to do", name);
    }
}

/* Of page `p`, while precopy is under way or somebody waits for it. */
static void missing_of_page_add(struct hs_world last, unsigned p, struct hs_text *text)
{
    const struct hs_page *page = hs_page(last, p);
    bool postcopy = last.state->migration.phase == HS_MIGRATION_POSTCOPY;
    bool being_sent = last.state->migration.sending == p + 1;
    bool to_be_sent = page->bitmap && !postcopy && !being_sent;
    if (page->awaited)
        hs_text_item(text, "; ", "page %u is awaited", p);
    if (being_sent)
        hs_text_item(text, "; ", "page %u is being sent", p);
    if (page->late)
        hs_text_item(text, "; ", "what was sent of page %u is under way", p);
    if (to_be_sent)
        hs_text_item(text, "; ", "page %u is to be sent", p);
    else if (hs_log_remembers(last, p))
        hs_text_item(text, "; ", "page %u is in the log, and no sync has merged it", p);
    if (hs_page_is_unrecorded(last, p))
        hs_text_item(text, "; ", "page %u has no record left", p);
}

void hs_run_missing_add(const struct hs_run *run, struct hs_text *text)
{
    struct hs_world last = hs_run_world(run, run->length);
    hs_text_begin_list(text);
    if (last.state->migration.phase == HS_MIGRATION_CANCELLED) {
        missing_of_cancelled_add(run, text);
        return;
    }
    for (unsigned p = 0; p < run->config.pages; p++)
        missing_of_page_add(last, p, text);
    if (last.state->migration.phase != HS_MIGRATION_POSTCOPY)
        hs_text_item(text, "; ", "%s",
            last.state->migration.vm == HS_VM_SOURCE
                ? "the VM runs on the source"
                : "the VM is stopped and was not switched over");
}

bool hs_run_finishes(const struct hs_run *run)
{
    const struct hs_scenario *scenario = run->variant->scenario;
    return scenario->schedule_length && scenario->schedule[scenario->schedule_length - 1].is_finish;
}

/* ---- the whole schedule ---------------------------------------------------------------------- */

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
        if (entry->is_finish)
            return finish(run, i, error);
        uint32_t actors = gap ? UINT32_MAX : scenario->automatic;
        struct hs_refusal why = {0};
        if (!hs_world_enabled(hs_run_world(run, run->length), entry->step, &why)) {
            if (!actors)
                return refuse_step(run, i, "", &why, error);
            if (!fill_in(run, i, actors, error))
                return false;
        }
        append(run, entry->step, false, i);
        gap = false;
    }
    return true;
}

/* Decide the properties of all continuations for the last state. */
static void judge_ending(struct hs_run *run)
{
    const void *last = hs_run_world(run, run->length).state;
    for (unsigned i = HS_ENDING_FIRST; i <= HS_ENDING_LAST; i++) {
        enum hs_reach answer = hs_duties_end(&run->config, last, (enum hs_property)i);
        if (answer == HS_UNREACHABLE)
            run->broken |= 1u << i;
        if (answer == HS_GAVE_UP)
            run->unknown |= 1u << i;
    }
}

static struct hs_run *begin_run(const struct hs_variant *variant)
{
    struct hs_run *run = hs_must(calloc(1, sizeof(*run)));
    run->variant = variant;
    run->config = variant->config;
    memset(run->config.limits, HS_UNLIMITED, sizeof(run->config.limits));
    if (!variant->config.limits[HS_LIMIT_HOPS])
        run->config.limits[HS_LIMIT_HOPS] = 0; /* it says what a destination keeps */
    run->states = hs_must(calloc(1, run->config.layout.size));
    hs_world_init(hs_run_world(run, 0));
    return run;
}

static void end_run(struct hs_run *run)
{
    run->broken = hs_run_world(run, run->length).state->broken;
    run->end = end_of(run);
    judge_ending(run);
}

struct hs_run *hs_run_follow(
    const struct hs_variant *variant, const struct hs_step *steps, unsigned count)
{
    struct hs_run *run = begin_run(variant);
    for (unsigned i = 0; i < count; i++)
        append(run, steps[i], false, i);
    end_run(run);
    return run;
}

/* Replay the schedule, without a look at how the run ends. */
static struct hs_run *replay(const struct hs_variant *variant, struct hs_error *error)
{
    struct hs_run *run = begin_run(variant);
    bool possible = replay_schedule(run, error);
    if (keeps_limits(run, error) && possible) /* what the limits rule out stands first */
        return run;
    hs_run_free(run);
    return NULL;
}

struct hs_run *hs_replay(const struct hs_variant *variant, struct hs_error *error)
{
    struct hs_run *run = replay(variant, error);
    if (run)
        end_run(run);
    return run;
}

bool hs_schedule_is_possible(const struct hs_variant *variant, struct hs_error *error)
{
    if (!variant->scenario->schedule_length)
        return true;
    struct hs_run *run = replay(variant, error);
    hs_run_free(run);
    return run != NULL;
}

void hs_run_limits(const struct hs_run *run, uint8_t limits[HS_LIMIT_COUNT])
{
    union hs_state_buffer end;
    struct hs_refusal why = {0};
    struct hs_config config = run->config;
    memset(config.limits, HS_UNLIMITED - 1, sizeof(config.limits));
    if (!run->config.limits[HS_LIMIT_HOPS])
        config.limits[HS_LIMIT_HOPS] = 0;
    take_within(run, &config, &end.state, &why);
    for (unsigned i = 0; i < HS_LIMIT_COUNT; i++) {
        uint8_t asked = run->variant->config.limits[i];
        uint8_t spent = end.state.spent[i];
        config.limits[i] = asked != HS_UNLIMITED && asked > spent ? asked : spent;
    }
    /* A round that has begun keeps the last one for itself, so one more may be needed. */
    while (take_within(run, &config, &end.state, &why) < run->length &&
           config.limits[HS_LIMIT_ROUNDS] < HS_UNLIMITED - 1)
        config.limits[HS_LIMIT_ROUNDS]++;
    memcpy(limits, config.limits, sizeof(config.limits));
}

void hs_run_free(struct hs_run *run)
{
    if (!run)
        return;
    free(run->moments);
    free(run->states);
    free(run);
}

struct hs_kind_set hs_run_uncovered(const struct hs_run *run)
{
    struct hs_kind_set taken = {{0}};
    struct hs_kind_set uncovered = run->variant->scenario->cover;
    for (unsigned i = 0; i < run->length; i++)
        hs_kind_set_add(&taken, run->moments[i].step.kind);
    hs_kind_set_drop_all(&uncovered, &taken);
    return uncovered;
}
