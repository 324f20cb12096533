/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The proof's normal form, one step at a time: a state of the abstraction as the model's step
 * leaves it, and the same in its normal form.
 *
 * Where a line of the normal form is exact, both have the same steps, which lead to the same normal
 * forms and break the same.  What is dropped because taking it has no effect is taken first, and
 * nothing changes.  Where a line allows more (see `lines`), the normal form does at least what the
 * state does, and beyond that what the line says.
 */
#include "abstract.h"
#include "driver.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The lines that allow more. */
enum line {
    LINE_REPORTED, /* the reported mark is forgotten */
    LINE_AWAKE,    /* the device looks at the queue at any time */
    LINE_CHANGES,  /* a config change may come at any time */
    LINE_HINTS,    /* two hints in a row become one or more */
    LINE_BAG,      /* the oldest elements are thrown into the bag, and with a shared word all */
    LINE_SLEEP,    /* a command that the driver sleeps for is left out */
    LINE_COUNT
};
static const char *const line_names[LINE_COUNT] = {/* as in spec/proof.md */
    [LINE_REPORTED] = "the reported mark",
    [LINE_AWAKE] = "sleeping, kicks",
    [LINE_CHANGES] = "config interrupt, work queued",
    [LINE_HINTS] = "one or more",
    [LINE_BAG] = "the bag",
    [LINE_SLEEP] = "a command that the driver sleeps for"};

/* May the line add a step of that kind?  Whatever follows from it is more as well. */
static bool adds(enum line line, unsigned kind)
{
    switch (line) {
    case LINE_REPORTED:
        return kind == HS_DRIVER_ISOLATE_BATCH;
    case LINE_AWAKE:
        return kind == HS_DEVICE_TAKE_ELEMENT || kind == WIDENING(HS_OTHERS_TAKE_ONE) ||
               kind == WIDENING(HS_OTHERS_TAKE_ANY);
    case LINE_CHANGES:
    case LINE_HINTS:
    case LINE_BAG:
    case LINE_SLEEP:
    case LINE_COUNT:
        break;
    }
    return true;
}

/* What is counted. */
enum note { NOTE_EXACT, NOTE_MORE, NOTE_PAIRS, NOTE_PAIRS_LEFT_OUT, NOTE_LINES };

/* A planted fault spoils what the normal form made. */
static void spoil(const struct trial *trial, union hs_abstract_state *state)
{
    if (trial->fault)
        trial->fault->harm(abstract_world(trial, state), abstract_world(trial, state));
}

/* ---- which lines are at work ----------------------------------------------------------------- */

static bool has_more_hints(const struct hs_abstract_queue *queue)
{
    for (unsigned i = 0; i < queue->count; i++) {
        if (queue->waiting[i].kind == HS_ELEMENT_PAGES && queue->waiting[i].id == HS_HINT_OR_MORE)
            return true;
    }
    return false;
}

static bool is_awake(struct hs_world w)
{
    const struct hs_ring *ring = hs_queue(w, HS_QUEUE_FREE_PAGE).ring;
    return w.state->device.loop == HS_LOOP_RUNNING && !ring->kick_pending && ring->kicks_suppressed;
}

/* Bits of enum line: those that may have made the normal form allow more. */
static unsigned lines_at_work(const struct trial *trial, const union hs_abstract_state *raw,
    const union hs_abstract_state *normal)
{
    const struct hs_config *config = &trial->abstraction.config;
    struct hs_world before = abstract_world(trial, raw);
    struct hs_abstract_queue queue;
    bool changes = config->limits[HS_LIMIT_CHANGES] != 0;
    unsigned at_work =
        (unsigned)hs_page(before, 0)->reported << LINE_REPORTED | (unsigned)changes << LINE_CHANGES;
    if (!config->queue_size[HS_QUEUE_FREE_PAGE])
        return at_work;
    hs_abstract_queue_read(abstract_world(trial, normal), &queue);
    at_work |= (unsigned)!is_awake(before) << LINE_AWAKE;
    at_work |= (unsigned)has_more_hints(&queue) << LINE_HINTS;
    at_work |= (unsigned)(queue.bag != 0) << LINE_BAG;
    at_work |=
        (unsigned)(hs_driver_sleeps(before) && !hs_driver_sleeps(abstract_world(trial, normal)))
        << LINE_SLEEP;
    return at_work;
}

static bool any_adds(unsigned at_work, unsigned kind)
{
    for (unsigned line = 0; line < LINE_COUNT; line++) {
        if (at_work >> line & 1u && adds((enum line)line, kind))
            return true;
    }
    return false;
}

/* ---- one state covers another ----------------------------------------------------------------
 *
 * A state that covers another must be able to do what the other can, again and again.  Pairs of
 * such states are met where the normal form allows more; some of each world are looked at as well.
 */

enum { PAIRS_MAX = 500 };

struct pair {
    union hs_abstract_state large;
    union hs_abstract_state small;
};

static struct states pairs;
static uint32_t pairs_done;

static void open(struct trial *trial)
{
    abstract_open(trial);
    if (!pairs.most)
        states_open(&pairs, sizeof(struct pair), PAIRS_MAX);
    states_clear(&pairs, sizeof(struct pair));
    pairs_done = 0;
}

/* Does the larger cover the smaller, and did the step into it break as much? */
static bool is_covered(const struct trial *trial, const union hs_abstract_state *large,
    const union hs_abstract_state *small)
{
    struct pair pair = {*large, *small};
    if (small->state.broken & ~large->state.broken)
        return false;
    pair.large.state.broken = pair.small.state.broken = 0;
    if (memcmp(&pair.large, &pair.small, sizeof(pair.large)) == 0)
        return true;
    if (!covers(&trial->abstraction, &pair.large, &pair.small))
        return false;
    if (states_put(&pairs, &pair, (struct found){STATES_NO_PARENT, 0}) == UINT32_MAX)
        trial->tally->special[NOTE_PAIRS_LEFT_OUT]++;
    return true;
}

/* Where there may be any config change, the normal form has the work item queued, which then looks
 * at the id read last.  It looks at the field, as it should, once the interrupt was taken. */
static bool is_covered_once_told(const struct trial *trial, const union hs_abstract_state *large,
    const union hs_abstract_state *small)
{
    const struct hs_graph *graph = &trial->graph;
    const struct hs_step told = {HS_DRIVER_CONFIG_INTERRUPT, 0};
    union hs_abstract_state next = *large;
    if (!trial->abstraction.config.limits[HS_LIMIT_CHANGES] ||
        !hs_world_enabled(abstract_world(trial, large), told, NULL))
        return false;
    graph->take(graph->context, &next, told.kind * 256u);
    next.state.broken |= large->state.broken;
    return is_covered(trial, &next, small);
}

/* Does the state, or the same step of it, or another step, lead to one that covers `next`? */
static bool answers_at_once(const struct trial *trial, const union hs_abstract_state *large,
    const struct steps *steps, uint32_t label, const union hs_abstract_state *next)
{
    unsigned same = steps_find(steps, label);
    bool has_same = same < steps->count;
    if ((has_same && is_covered(trial, &steps->next[same], next)) || is_covered(trial, large, next))
        return true;
    for (unsigned i = 0; i < steps->count; i++) {
        if (is_covered(trial, &steps->next[i], next))
            return true;
    }
    return has_same && is_covered_once_told(trial, &steps->next[same], next);
}

/* What the device takes first: a hint that was thrown into the bag once, or what waits. */
static unsigned first_taken(const struct steps *steps)
{
    uint32_t take_any = (HS_STEP_KIND_COUNT + HS_OTHERS_TAKE_ANY) * 256u;
    unsigned once = steps_find(steps, take_any + HS_BAG_HINT_ONCE);
    return once < steps->count ? once : steps_find(steps, HS_DEVICE_TAKE_ELEMENT * 256u);
}

/* The same, or after the device has taken what the smaller state does not have. */
static bool answers(const struct trial *trial, const union hs_abstract_state *large,
    const struct steps *steps, uint32_t label, const union hs_abstract_state *next)
{
    static struct steps later;
    union hs_abstract_state at = *large;
    bool good = answers_at_once(trial, large, steps, label, next);
    for (unsigned taken = 0; taken < HS_ABSTRACT_QUEUE_MAX && !good; taken++) {
        steps_list(trial, spoil, &at, &later);
        unsigned i = first_taken(&later);
        if (i == later.count)
            break;
        at = later.next[i];
        steps_list(trial, spoil, &at, &later);
        good = answers_at_once(trial, &at, &later, label, next);
    }
    return good;
}

/* Everything that the smaller state can do, the larger answers. */
static bool larger_answers(struct trial *trial, const union hs_abstract_state *large,
    const struct steps *of_large, const struct steps *of_small)
{
    for (unsigned i = 0; i < of_small->count; i++) {
        uint32_t label = of_small->labels[i];
        trial_counts(trial, label);
        if (!answers(trial, large, of_large, label, &of_small->next[i]))
            return trial_fails(trial, "what the state can do, its normal form cannot", label);
    }
    return true;
}

static bool pairs_hold(struct trial *trial)
{
    static struct steps of_small;
    static struct steps of_large;
    for (; pairs_done < pairs.count; pairs_done++) {
        struct pair pair;
        memcpy(&pair, states_at(&pairs, pairs_done), sizeof(pair));
        steps_list(trial, spoil, &pair.small, &of_small);
        steps_list(trial, spoil, &pair.large, &of_large);
        trial->tally->special[NOTE_PAIRS]++;
        if (!larger_answers(trial, &pair.large, &of_large, &of_small))
            return trial_differs(trial, "a state that covers another cannot do what it can",
                HS_NO_LABEL, abstract_world(trial, &pair.large),
                abstract_world(trial, &pair.small));
    }
    return true;
}

/* ---- one state ------------------------------------------------------------------------------- */

/* What the normal form does, the state does as well; or a line that allows more is at work. */
static bool adds_no_more(struct trial *trial, const union hs_abstract_state *raw,
    const union hs_abstract_state *normal, const struct steps *of_raw,
    const struct steps *of_normal)
{
    unsigned at_work = lines_at_work(trial, raw, normal);
    for (unsigned i = 0; i < of_normal->count; i++) {
        uint32_t label = of_normal->labels[i];
        const union hs_abstract_state *next = &of_normal->next[i];
        bool exact = steps_lead(of_raw, label, next) ||
                     takes_in_the_end(trial, spoil, *raw, normal, label, next);
        trial->tally->special[exact ? NOTE_EXACT : NOTE_MORE]++;
        if (!exact && !any_adds(at_work, label / 256))
            return trial_differs(trial, "the normal form does what the state does not", label,
                abstract_world(trial, raw), abstract_world(trial, normal));
    }
    for (unsigned line = 0; line < LINE_COUNT; line++)
        trial->tally->special[NOTE_LINES + line] += at_work >> line & 1u;
    return true;
}

static bool compare(
    struct trial *trial, const union hs_abstract_state *raw, const union hs_abstract_state *normal)
{
    static struct steps of_raw;
    static struct steps of_normal;
    steps_list(trial, spoil, raw, &of_raw);
    steps_list(trial, spoil, normal, &of_normal);
    if (!larger_answers(trial, normal, &of_normal, &of_raw))
        return trial_differs(trial, "the state and its normal form", HS_NO_LABEL,
            abstract_world(trial, raw), abstract_world(trial, normal));
    return adds_no_more(trial, raw, normal, &of_raw, &of_normal);
}

/* The state as the model's step leaves it. */
static void take_raw(const struct trial *trial, union hs_abstract_state *state, unsigned kind)
{
    struct hs_world w = abstract_world(trial, state);
    state->state.broken = 0;
    hs_abstract_empty_bag(w, (enum hs_step_kind)kind);
    hs_world_take(w, (struct hs_step){(uint8_t)kind, 0});
    state->state.broken = 0;
}

static bool check(struct trial *trial, const void *state)
{
    const struct hs_graph *graph = &trial->graph;
    uint32_t labels[HS_LABELS_MAX];
    unsigned count = graph->list(graph->context, state, labels);
    for (unsigned i = 0; i < count; i++) {
        union hs_abstract_state raw = {.words = {0}};
        if (!hs_label_is_step(labels[i]))
            continue; /* a widening leaves nothing that no step leaves */
        memcpy(&raw, state, graph->words * sizeof(uint64_t));
        take_raw(trial, &raw, labels[i] / 256);
        union hs_abstract_state normal = raw;
        hs_abstract_normalise(abstract_world(trial, &normal));
        spoil(trial, &normal);
        bool forgets = memcmp(&raw, &normal, sizeof(raw)) != 0;
        if (forgets && !compare(trial, &raw, &normal))
            return false;
    }
    return pairs_hold(trial);
}

static bool close(const struct tally *tally, bool all)
{
    const uint64_t *notes = tally->special;
    bool good = true;
    printf("%" PRIu64 " steps are exact, %" PRIu64 " more than that; %" PRIu64
           " pairs of states cover each other, of %" PRIu64 "\n",
        notes[NOTE_EXACT], notes[NOTE_MORE], notes[NOTE_PAIRS],
        notes[NOTE_PAIRS] + notes[NOTE_PAIRS_LEFT_OUT]);
    for (unsigned line = 0; line < LINE_COUNT && all; line++) {
        if (!notes[NOTE_LINES + line])
            printf("never at work: %s\n", line_names[line]);
        good = good && notes[NOTE_LINES + line];
    }
    return good;
}

const struct check check_normal_form = {.never = abstract_never,
    .beyond = ABSTRACT_BEYOND,
    .name = "normal-form",
    .schedules = 140,
    .shape = abstract_shape,
    .serves = abstract_serves,
    .open = open,
    .state = check,
    .see = abstract_see,
    .close = close};
