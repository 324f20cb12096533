/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The slice, one step at a time: what the state that stands for another cannot do, and what else
 * comes of what both can.
 *
 * A step of a state is answered by the one that stands for it in one of three ways.  It takes the
 * same step, and the states after it stand for each other.  Or it has no such step, and where the
 * step leads to is stood for by the same state still.  Or it takes the step, and comes to a state
 * with more latitude than the one that stands for the other outcome.  The second and the third are
 * listed below, with the reason for each kind of step; what is not listed is a failure.
 */
#include "driver.h"
#include "fields.h"
#include "trial.h"
#include "virtqueue.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum outcome {
    OUTCOME_SAME,
    OUTCOME_NOTHING, /* there is no such step, and nothing changes */
    OUTCOME_OTHER,   /* the step leads to another state */
    OUTCOME_LOST,    /* there is no such step, and something would change */
    OUTCOME_MORE,    /* there is such a step in the state that stands for the other alone */
    OUTCOME_COUNT
};

struct line {
    enum hs_step_kind kind;
    enum outcome outcome;
    const char *why;
    const char *differs; /* OUTCOME_OTHER: the parts, or fields, that may differ then */
    bool if_forgotten;   /* only if the driver has forgotten a page that it held */
};

#define OVER "once hints are over or the guest has left, what guest and device do is forgotten"
#define LOOKS "the device looks at the queue all the time, and leaves it alone as if it slept"
#define IDLE "a free page is one in use that holds nothing"
#define BACK "what may go back at any time has gone back"
#define GUEST \
    "device driver ring element page.owner page.listed page.acked page.faulted page.modified"

static const struct line lines[] = {
    {HS_APP_ALLOCATE, OUTCOME_NOTHING, IDLE ": it is in use already", NULL, false},
    {HS_APP_FREE, OUTCOME_NOTHING, IDLE ": it stands for the free one", NULL, false},
    {HS_DRIVER_CONFIG_INTERRUPT, OUTCOME_NOTHING, OVER, NULL, false},
    {HS_DRIVER_READ_COMMAND, OUTCOME_NOTHING, "work that will do nothing is done; " OVER, NULL,
        false},
    {HS_DRIVER_START_ROUND, OUTCOME_NOTHING, OVER, NULL, false},
    {HS_DRIVER_HINT_PAGE, OUTCOME_NOTHING, OVER, NULL, false},
    {HS_DRIVER_END_ROUND, OUTCOME_NOTHING, OVER, NULL, false},
    {HS_DRIVER_COLLECT_USED, OUTCOME_NOTHING, OVER, NULL, false},
    {HS_DRIVER_SHRINK, OUTCOME_NOTHING, BACK "; " OVER, NULL, false},
    {HS_DRIVER_RELEASE, OUTCOME_NOTHING, BACK "; " OVER, NULL, false},
    {HS_DRIVER_RESET, OUTCOME_NOTHING, OVER, NULL, false},
    {HS_DEVICE_WAKE, OUTCOME_NOTHING, LOOKS, NULL, false},
    {HS_DEVICE_TAKE_ELEMENT, OUTCOME_NOTHING, OVER, NULL, false},
    {HS_DEVICE_FIND_EMPTY, OUTCOME_NOTHING, LOOKS, NULL, false},
    {HS_DEVICE_SLEEP, OUTCOME_NOTHING, LOOKS, NULL, false},
    {HS_DEVICE_END_HINTS, OUTCOME_NOTHING, OVER, NULL, false},
    {HS_DESTINATION_READ, OUTCOME_NOTHING, OVER, NULL, false},

    {HS_DRIVER_START_ROUND, OUTCOME_OTHER,
        LOOKS ": it sees the element at once of which one that leaves is not told", "device.loop",
        false},
    {HS_DRIVER_HINT_PAGE, OUTCOME_OTHER, LOOKS ": likewise", "device.loop", false},
    {HS_DRIVER_END_ROUND, OUTCOME_OTHER, LOOKS ": likewise", "device.loop", false},
    {HS_DRIVER_FREEZE, OUTCOME_OTHER,
        BACK ", and a driver that is reset does not keep it; the reset clears what work is queued, "
             "which was done before",
        "driver.work_queued driver.cached_id driver.active_id device.id page.owner element.id",
        false},
    {HS_DEVICE_TAKE_ELEMENT, OUTCOME_OTHER,
        "a used hint of a page that the driver has forgotten teaches nothing", "element", true},
    {HS_MIGRATION_SYNC, OUTCOME_OTHER,
        "hints were over, and on request they stay so although a sync is under way", GUEST, false},
    {HS_MIGRATION_STOP_VM, OUTCOME_OTHER, "hints were over, and stay so if the stop is cancelled",
        GUEST, false},

    {HS_APP_WRITE, OUTCOME_MORE, IDLE ": allocate it first; " BACK, NULL, false},
    {HS_DEVICE_DMA_WRITE, OUTCOME_MORE, IDLE ": allocate it first; " BACK, NULL, false},
    {HS_DESTINATION_WRITE, OUTCOME_MORE, OVER ": nothing is asked of the destination", NULL, false},
    {HS_DRIVER_HINT_PAGE, OUTCOME_MORE, BACK ": the page is hinted again", NULL, false},
    {HS_DRIVER_READ_COMMAND, OUTCOME_MORE, BACK ": the driver need not release it first", NULL,
        false},
    {HS_DRIVER_FREEZE, OUTCOME_MORE, BACK ": likewise; " OVER, NULL, false},
    {HS_DRIVER_END_ROUND, OUTCOME_MORE, IDLE ", and that keeps no round from ending", NULL, false},
    {HS_DEVICE_TAKE_ELEMENT, OUTCOME_MORE, LOOKS ": it was told, and wakes first", NULL, false},
    {HS_DEVICE_REQUEST_HINTS, OUTCOME_MORE, OVER ": nothing is asked of the destination", NULL,
        false},
};
enum { LINE_COUNT = sizeof(lines) / sizeof(lines[0]) };

/* What is counted: how often each line was needed, and classes that were searched. */
enum { NOTE_CLASSES = LINE_COUNT, NOTE_LARGE };

static const struct line *find_line(unsigned kind, enum outcome outcome)
{
    for (unsigned i = 0; i < LINE_COUNT; i++) {
        if (lines[i].kind == kind && lines[i].outcome == outcome)
            return &lines[i];
    }
    return NULL;
}

/* ---- which worlds ---------------------------------------------------------------------------- */

static bool serves(const struct hs_config *config)
{
    struct hs_reduction reduction = {
        .config = config, .slice = true, .properties = 1u << HS_DIRTY_PAGE_LOST};
    return hs_slice_holds(&reduction);
}

/* What is rare by chance: a driver that forgets what it holds, one that is told of a change while
 * it gives pages back, one that sleeps for hints of pages that it holds at no time before, and a
 * device that marks a page before it writes it. */
static void make_rare(struct hs_config *config, struct chance *chance)
{
    uint8_t *rules = config->rules.value;
    if (chance_one_in(chance, 3)) {
        rules[HS_RULE_RELEASE] = HS_RELEASE_AFTER_USED;
        rules[HS_RULE_RESET_RETURNS] = HS_OFF;
        config->limits[HS_LIMIT_RESETS] = 1;
    } else if (chance_one_in(chance, 2)) {
        rules[HS_RULE_RELEASE] = HS_RELEASE_ANY_TIME;
        rules[HS_RULE_HINT_TRIGGER] = HS_TRIGGER_REQUEST;
        rules[HS_RULE_MOVES] = HS_MOVES_LIVE;
        config->limits[HS_LIMIT_CHANGES] = 1;
    } else if (chance_one_in(chance, 2)) {
        rules[HS_RULE_HINT_SOURCE] = HS_SOURCE_ALLOCATE;
        rules[HS_RULE_HINT_WAIT] = HS_WAIT_EACH;
        rules[HS_RULE_RELEASE] = HS_RELEASE_ANY_TIME;
    } else {
        rules[HS_RULE_DMA_LOG] = HS_DMA_MARKED_FIRST;
        config->limits[HS_LIMIT_DMA] = 1;
    }
}

static bool shape(const struct trial *trial, struct hs_config *config, struct chance *chance)
{
    (void)trial;
    if (config->pages > 1)
        make_rare(config, chance);
    config->max_order = config->hint_order = config->report_order = 0;
    config->policy = HS_POLICY_ANY;
    config->postcopy = false;
    config->rules.value[HS_RULE_POISON] = HS_POISON_OFF;
    config->rules.value[HS_RULE_HINT_UNDER_LOCK] = HS_ON;
    uint8_t slots = config->queue_size[HS_QUEUE_FREE_PAGE];
    memset(config->queue_size, 0, sizeof(config->queue_size));
    config->queue_size[HS_QUEUE_FREE_PAGE] = slots ? slots : 2;
    return !hs_config_finish(config) && serves(config);
}

enum {
    CLASS_MAX = 300,
    CLASSES_EVERY = 8,
    LARGE_ONE_IN = 100, /* fewer than one class in so many is too large */
};
static struct states class; /* states for which one stands, reached from each other */

static void open(struct trial *trial)
{
    if (!class.most)
        states_open(&class, sizeof(union hs_state_buffer), CLASS_MAX);
    trial->reduction = (struct hs_reduction){.config = &trial->config,
        .slice = true,
        .dead_values = true,
        .properties = 1u << HS_DIRTY_PAGE_LOST};
}

/* ---- one step -------------------------------------------------------------------------------- */

static void stand_for(const struct trial *trial, const struct hs_graph *graph, void *state)
{
    union hs_state_buffer was;
    if (trial->fault)
        memcpy(&was, state, trial->config.layout.size);
    graph->canonical(graph->context, state);
    if (trial->fault)
        trial->fault->harm(trial_world(trial, &was), trial_world(trial, state));
}

/* A label of the slice's graph is a step of its own, or one that frees its page first. */
static bool is_step(const struct hs_graph *graph, uint32_t label, uint32_t step)
{
    return graph->kind(label) == step / 256 && label % 256 == step % 256;
}

/* Is the field named in a list of parts and fields? */
static bool is_listed(const char *list, const struct field *field)
{
    char name[40];
    const char *part = part_names[field->part];
    int length = snprintf(name, sizeof(name), "%s.%s", part, field->name);
    for (const char *at = list; *at; at += strcspn(at, " "), at += *at == ' ') {
        size_t size = strcspn(at, " ");
        bool whole_part = size == strlen(part) && strncmp(at, part, size) == 0;
        if (whole_part || (size == (size_t)length && strncmp(at, name, size) == 0))
            return true;
    }
    return false;
}

/* Do two states differ in nothing but what is listed? */
static bool differ_in(const char *list, struct hs_world a, struct hs_world b)
{
    for (unsigned f = 0; f < field_count; f++) {
        for (unsigned i = 0; i < part_count(a.config, fields[f].part); i++) {
            if (field_get(a, &fields[f], i) != field_get(b, &fields[f], i) &&
                !is_listed(list, &fields[f]))
                return false;
        }
    }
    return true;
}

/* The driver has forgotten a page that it held (reset-returns=off).  It could have given the page
 * back before: the state that stands for both is come to in another way, not from here. */
static bool has_forgotten(struct hs_world w)
{
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_FREE_PAGE);
    struct hs_element last = {0}; /* a hint that the driver sleeps for: it will hold the page */
    if (hs_driver_sleeps(w))
        last = hs_virtqueue_oldest(q);
    for (unsigned p = 0; p < w.config->pages; p++) {
        bool held = hs_page(w, p)->owner != HS_OWNER_HELD ||
                    (last.kind == HS_ELEMENT_PAGES && last.page == p);
        for (unsigned i = 0; i < w.state->driver.held && !held; i++)
            held = hs_held(w)[i] == p;
        if (!held)
            return true;
    }
    return false;
}

/* Are two outcomes of a step the same, or do they differ in nothing but what is listed? */
static bool is_outcome(const struct trial *trial, uint32_t step, const union hs_state_buffer *a,
    const union hs_state_buffer *b)
{
    const struct line *line = find_line(step / 256, OUTCOME_OTHER);
    return memcmp(a, b, trial->config.layout.size) == 0 ||
           (line && differ_in(line->differs, trial_world(trial, a), trial_world(trial, b)));
}

/* The state that stands for the other, and its steps. */
struct smaller {
    struct hs_graph graph;
    union hs_state_buffer state;
    unsigned count;
    uint32_t labels[HS_LABELS_MAX];
};

/* How is a step answered that leads to a state for which `after` stands?  If by another state, that
 * is the last that was tried. */
static enum outcome answer(const struct trial *trial, const struct smaller *smaller, uint32_t step,
    const union hs_state_buffer *after, union hs_state_buffer *other)
{
    const struct hs_graph *graph = &smaller->graph;
    size_t size = trial->config.layout.size;
    bool has = false;
    for (unsigned i = 0; i < smaller->count; i++) {
        if (!is_step(graph, smaller->labels[i], step))
            continue;
        has = true;
        memcpy(other, &smaller->state, size);
        graph->take(graph->context, other, smaller->labels[i]);
        stand_for(trial, graph, other);
        if (memcmp(other, after, size) == 0)
            return OUTCOME_SAME;
    }
    if (memcmp(&smaller->state, after, size) == 0)
        return OUTCOME_NOTHING;
    return has ? OUTCOME_OTHER : OUTCOME_LOST;
}

static bool check_step(
    struct trial *trial, const void *state, const struct smaller *smaller, uint32_t step)
{
    union hs_state_buffer after;
    union hs_state_buffer other;
    memcpy(&after, state, trial->config.layout.size);
    trial->plain.take(trial->plain.context, &after, step);
    stand_for(trial, &smaller->graph, &after);
    trial_counts(trial, step);
    enum outcome outcome = answer(trial, smaller, step, &after, &other);
    const struct line *line = find_line(step / 256, outcome);
    if (line)
        trial->tally->special[line - lines]++;
    if (outcome == OUTCOME_SAME || (outcome == OUTCOME_NOTHING && line))
        return true;
    if (outcome == OUTCOME_NOTHING)
        return trial_fails(trial, "the slice leaves the step out, and has no reason to", step);
    if (outcome == OUTCOME_LOST)
        return trial_differs(trial, "the slice cannot take the step", step,
            trial_world(trial, state), trial_world(trial, &smaller->state));
    bool listed = line && (!line->if_forgotten || has_forgotten(trial_world(trial, state))) &&
                  differ_in(line->differs, trial_world(trial, &after), trial_world(trial, &other));
    return listed || trial_differs(trial, "the slice comes to another state", step,
                         trial_world(trial, &after), trial_world(trial, &other));
}

/* ---- what it can do beyond the other --------------------------------------------------------- */

static bool is_in_class(
    const struct trial *trial, const struct smaller *smaller, const union hs_state_buffer *state)
{
    union hs_state_buffer stands = *state;
    stand_for(trial, &smaller->graph, &stands);
    return memcmp(&stands, &smaller->state, trial->config.layout.size) == 0;
}

/* Does the state take the step that the label is about, with the outcome that it has there? */
static bool takes(const struct trial *trial, const struct smaller *smaller, uint32_t label,
    const void *state, const union hs_state_buffer *outcome)
{
    uint32_t step = smaller->graph.kind(label) * 256u + label % 256;
    union hs_state_buffer after;
    if (!hs_world_enabled(trial_world(trial, state), hs_label_step(step), NULL))
        return false;
    memcpy(&after, state, trial->config.layout.size);
    trial->plain.take(trial->plain.context, &after, step);
    stand_for(trial, &smaller->graph, &after);
    return is_outcome(trial, step, &after, outcome);
}

/* Put what a state of the class leads to in one step, and stays within it. */
static void put_neighbours(const struct trial *trial, const struct smaller *smaller, uint32_t index)
{
    uint32_t steps[HS_LABELS_MAX];
    size_t size = trial->config.layout.size;
    unsigned count = trial->plain.list(trial->plain.context, states_at(&class, index), steps);
    for (unsigned i = 0; i < count; i++) {
        union hs_state_buffer next;
        memcpy(&next, states_at(&class, index), size);
        trial->plain.take(trial->plain.context, &next, steps[i]);
        if (is_in_class(trial, smaller, &next))
            states_put(&class, &next, (struct found){index, steps[i]});
    }
}

/* Does the state come, by steps that change nothing, to one that takes that step?  Up to so many
 * states are tried; if they do not suffice, it may. */
static bool comes_to(
    struct trial *trial, const struct smaller *smaller, uint32_t label, const void *state)
{
    union hs_state_buffer outcome;
    size_t size = trial->config.layout.size;
    memcpy(&outcome, &smaller->state, size);
    smaller->graph.take(smaller->graph.context, &outcome, label);
    stand_for(trial, &smaller->graph, &outcome);
    trial->tally->special[NOTE_CLASSES]++;
    states_clear(&class, size);
    states_put(&class, state, (struct found){STATES_NO_PARENT, 0});
    for (uint32_t i = 0; i < class.count; i++) {
        if (takes(trial, smaller, label, states_at(&class, i), &outcome))
            return true;
        put_neighbours(trial, smaller, i);
    }
    trial->tally->special[NOTE_LARGE] += class.count == CLASS_MAX;
    return class.count == CLASS_MAX;
}

/* Nothing is asked of what happens once the guest has left the source for good. */
static bool has_left(struct hs_world w)
{
    enum hs_vm vm = w.state->migration.vm;
    return vm == HS_VM_DESTINATION ||
           (vm == HS_VM_STOPPED && !hs_limit_left(w, HS_LIMIT_CANCELS, NULL));
}

/* What the smaller state can do beyond the other, the other comes to. */
static bool has_reason_for_more(struct trial *trial, const struct smaller *smaller,
    const void *state, const uint32_t *steps, unsigned count)
{
    struct hs_world w = trial_world(trial, state);
    bool asks = trial->tally->states % CLASSES_EVERY == 0 && !has_left(w) && !has_forgotten(w);
    for (unsigned i = 0; i < smaller->count; i++) {
        uint32_t label = smaller->labels[i];
        uint32_t step = smaller->graph.kind(label) * 256u + label % 256;
        bool both = false;
        for (unsigned j = 0; j < count && !both; j++)
            both = is_step(&smaller->graph, label, steps[j]);
        if (both)
            continue;
        const struct line *line = find_line(step / 256, OUTCOME_MORE);
        if (!line)
            return trial_fails(trial, "the slice does what the state does not", step);
        trial->tally->special[line - lines]++;
        if (asks && !comes_to(trial, smaller, label, state))
            return trial_differs(trial, "the slice does what the state never comes to", step, w,
                trial_world(trial, &smaller->state));
    }
    return true;
}

/* ---- one state ------------------------------------------------------------------------------- */

static bool check(struct trial *trial, const void *state)
{
    const uint32_t lost = 1u << HS_DIRTY_PAGE_LOST;
    struct smaller smaller = {.graph = hs_world_graph_reduced(&trial->reduction)};
    uint32_t steps[HS_LABELS_MAX];
    memcpy(&smaller.state, state, trial->config.layout.size);
    stand_for(trial, &smaller.graph, &smaller.state);
    if ((trial_world(trial, state).state->broken ^ smaller.state.state.broken) & lost)
        return trial_fails(trial, "the slice is wrong about dirty-page-lost", HS_NO_LABEL);
    smaller.count = smaller.graph.list(smaller.graph.context, &smaller.state, smaller.labels);
    unsigned count = trial->plain.list(trial->plain.context, state, steps);
    for (unsigned i = 0; i < count; i++) {
        if (!check_step(trial, state, &smaller, steps[i]))
            return false;
    }
    return has_reason_for_more(trial, &smaller, state, steps, count);
}

/* The list is as short as it can be. */
static bool close(const struct tally *tally, bool all)
{
    static const char *const words[OUTCOME_COUNT] = {
        [OUTCOME_NOTHING] = "left out", [OUTCOME_OTHER] = "elsewhere", [OUTCOME_MORE] = "more"};
    bool good = true;
    for (unsigned i = 0; i < LINE_COUNT && all; i++) {
        printf("%s: %s, %" PRIu64 " times: %s\n", hs_step_rows[lines[i].kind].name,
            words[lines[i].outcome], tally->special[i], lines[i].why);
        good = good && tally->special[i];
    }
    uint64_t classes = tally->special[NOTE_CLASSES];
    uint64_t large = tally->special[NOTE_LARGE];
    if (!good)
        puts("a line of the list was never needed");
    printf("%" PRIu64 " classes, %" PRIu64 " of them too large to be searched\n", classes, large);
    if (classes <= large * LARGE_ONE_IN) {
        printf("NOT OK: less than one in %d may be\n", LARGE_ONE_IN);
        return false;
    }
    return good;
}

static const char *const never[] = {"driver.isolate-batch", "driver.report-batch",
    "driver.collect-report", "driver.put-back", "device.take-report", "device.discard",
    "device.use-element", "driver.inflate", "driver.collect-inflate", "device.take-inflate",
    "driver.deflate", "driver.collect-deflate", "device.take-deflate", "device.apply-hint",
    "driver.list-free", "migration.go-postcopy", "migration.pull-page", "migration.next-hop", NULL};

const struct check check_slice = {.never = never,
    /* Nothing but hints, of single pages (hs_slice_holds). */
    .beyond = 1u << EXTRA_NO_HINTS | 1u << EXTRA_HINT_ORDER | 1u << EXTRA_MAX_ORDER |
              1u << EXTRA_LIFO | 1u << EXTRA_REPORTS | 1u << EXTRA_REPORT_ORDER |
              1u << EXTRA_REPORT_BATCH | 1u << EXTRA_INFLATES | 1u << EXTRA_POISON |
              1u << EXTRA_POSTCOPY | 1u << EXTRA_HOPS,
    .name = "slice",
    .schedules = 109,
    .shape = shape,
    .serves = serves,
    .open = open,
    .state = check,
    .close = close};
