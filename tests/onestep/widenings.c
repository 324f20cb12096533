/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The claim of spec/proof.md, one step at a time: whatever happens in a world, each of its pages
 * sees a step of the abstraction, or nothing; and what the step breaks, the abstract step of one of
 * the pages breaks.
 *
 * What other pages, longer queues and further rounds do to a page are the widenings: leaving out
 * any is noticed here, but for the one that chooses a page's place in its block; what that
 * decides is noticed here, and prove.images looks for pages in every place.
 */
#include "abstract.h"
#include "evidence.h"
#include "image.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- worlds in which a widening is soon needed ----------------------------------------------- */

static void resize(struct hs_config *config, unsigned pages, unsigned order)
{
    config->pages = (uint8_t)pages;
    config->max_order = config->hint_order = config->report_order = (uint8_t)order;
    config->free_at_start &= (1u << pages) - 1;
}

/* Pages share a log chunk, which sending one of them and hinting one of them clears. */
static void share_a_chunk(struct hs_config *config)
{
    config->rules.value[HS_RULE_LOG] = HS_LOG_MANUAL;
    config->rules.value[HS_RULE_HINT_EFFECT] = HS_EFFECT_SKIP_AND_CLEAR_LOG;
    config->rules.value[HS_RULE_LOG_CHUNK] = config->pages;
}

/* A hint that is in hand as the status leaves START is applied all the same. */
static void hint_without_lock(struct hs_config *config)
{
    share_a_chunk(config);
    config->rules.value[HS_RULE_HINT_UNDER_LOCK] = HS_OFF;
}

/* A queue that is full before the second round begins. */
static void fill_the_queue(struct hs_config *config)
{
    resize(config, 1, 0);
    config->queue_size[HS_QUEUE_FREE_PAGE] = 2;
    config->limits[HS_LIMIT_ROUNDS] = 2;
}

static void break_a_block(struct hs_config *config)
{
    resize(config, 2, 1);
}

/* A hint for a block that spares a page, and clears its log all the same. */
static void spare_a_page(struct hs_config *config)
{
    resize(config, 2, 1);
    share_a_chunk(config);
    config->rules.value[HS_RULE_REFUSE_WRITTEN] = HS_ON;
    config->rules.value[HS_RULE_RELEASE] = HS_RELEASE_ANY_TIME;
}

/* A page that is hinted again while its first hint waits. */
static void hint_twice(struct hs_config *config)
{
    resize(config, 1, 0);
    config->rules.value[HS_RULE_COMMAND_WORD] = HS_WORD_ONE_PER_ROUND;
    config->rules.value[HS_RULE_RELEASE] = HS_RELEASE_ANY_TIME;
    config->rules.value[HS_RULE_SHRINKER] = HS_OFF;
    config->queue_size[HS_QUEUE_FREE_PAGE] = 4;
}

/* More elements wait than the abstraction keeps in order. */
static void fill_the_bag(struct hs_config *config)
{
    config->queue_size[HS_QUEUE_FREE_PAGE] = HS_ABSTRACT_QUEUE_SLOTS;
}

/* A used length is about the first page of a block, and there are others. */
static void mark_first_pages(struct hs_config *config)
{
    resize(config, 2, 1);
    config->rules.value[HS_RULE_USED_LENGTH] = HS_USED_LENGTH_ONE;
}

/* Reported pages are taken for zeros until their block merges. */
static void merge_a_block(struct hs_config *config)
{
    resize(config, 2, 0);
    config->max_order = 1;
    config->queue_size[HS_QUEUE_REPORTING] = 2;
    config->report_batch = 1;
    config->rules.value[HS_RULE_POISON] = HS_POISON_OFF;
    config->rules.value[HS_RULE_REPORT_ZEROES] = HS_REPORT_ZEROES_TRUSTED;
}

/* The worlds in which leaving out a widening is soon noticed, or one that is too narrow. */
enum { SPARE_A_PAGE = HS_WIDENING_COUNT, HINT_WITHOUT_LOCK, SHAPE_COUNT };
static void (*const shapes[SHAPE_COUNT])(struct hs_config *config) = {
    [HS_OTHERS_SEND_PAGE] = share_a_chunk,
    [HS_OTHERS_APPLY_HINT] = share_a_chunk,
    [HS_OTHERS_FILL_START] = fill_the_queue,
    [HS_OTHERS_FILL_END] = fill_the_queue,
    [HS_OTHERS_BREAK_BLOCK] = break_a_block,
    [HS_OTHERS_TAKE_ONE] = hint_twice,
    [HS_OTHERS_TAKE_ANY] = fill_the_bag,
    [HS_OTHERS_LEAD_BLOCK] = mark_first_pages,
    [HS_OTHERS_MERGE_BLOCK] = merge_a_block,
    [SPARE_A_PAGE] = spare_a_page,
    [HINT_WITHOUT_LOCK] = hint_without_lock,
};

/* Half of the worlds stay as they were drawn. */
static bool shape(const struct trial *trial, struct hs_config *config, struct chance *chance)
{
    unsigned chosen = chance_below(chance, 2 * SHAPE_COUNT);
    if (trial->fault && trial->fault->without)
        chosen = (unsigned)__builtin_ctz(trial->fault->without);
    else if (trial->fault)
        chosen = trial->fault->harm ? HS_OTHERS_LEAD_BLOCK : HINT_WITHOUT_LOCK;
    if (chosen < SHAPE_COUNT && config->queue_size[HS_QUEUE_FREE_PAGE])
        shapes[chosen](config);
    return !hs_config_finish(config) && abstract_serves(config);
}

/* ---- one page -------------------------------------------------------------------------------- */

/* What one page sees before the step, and what it could see next. */
struct sight {
    union hs_abstract_state image;
    unsigned count;
    uint32_t labels[HS_LABELS_MAX];
};

/* Ghosts that no wanted property reads are forgotten, as in a sweep, and what waits in the queue
 * for their sake alone is left out. */
static void forget(const struct trial *trial, union hs_abstract_state *state)
{
    struct hs_world w = abstract_world(trial, state);
    hs_forget_ghosts(w, trial->properties);
    hs_abstract_normalise(w);
    hs_forget_ghosts(w, trial->properties);
}

static void see(
    struct trial *trial, const void *state, unsigned page, union hs_abstract_state *image)
{
    struct view view = {trial_world(trial, state), page, &trial->abstraction, image};
    image_see_raw(&view);
    if (trial->fault && trial->fault->harm)
        trial->fault->harm(view.world, abstract_world(trial, image));
    forget(trial, image);
    image->state.broken = 0;
}

/* What a page may see of a step, beside nothing and the same step of the abstraction: something
 * instead of it, or after whatever it sees. */
enum when { INSTEAD, AFTER, WHEN_COUNT };

struct answer {
    enum hs_step_kind step;
    enum when when;
    unsigned seen; /* a kind of labels */
};

static const struct answer answers[] = {
    /* The driver collects everything that is used before it hints another page. */
    {HS_DRIVER_HINT_PAGE, INSTEAD, HS_DRIVER_COLLECT_USED},
    {HS_DRIVER_HINT_PAGE, INSTEAD, WIDENING(HS_OTHERS_APPLY_HINT)}, /* served in the kick */
    {HS_DRIVER_START_ROUND, INSTEAD, WIDENING(HS_OTHERS_FILL_START)},
    {HS_DRIVER_END_ROUND, INSTEAD, WIDENING(HS_OTHERS_FILL_END)},
    {HS_DRIVER_END_ROUND, INSTEAD, WIDENING(HS_OTHERS_BREAK_BLOCK)},
    /* A driver that comes to rest is told of a config change at once, where there may be any: the
     * work item that the normal form keeps queued would look at the cached id. */
    {HS_DRIVER_END_ROUND, AFTER, HS_DRIVER_CONFIG_INTERRUPT},
    {HS_DRIVER_SHRINK, AFTER, HS_DRIVER_CONFIG_INTERRUPT},
    {HS_DRIVER_RELEASE, AFTER, HS_DRIVER_CONFIG_INTERRUPT},
    /* A hint for a block may spare a page that was written (refuse-written), and another page of
     * the block clears the log of their chunk. */
    {HS_DEVICE_TAKE_ELEMENT, INSTEAD, WIDENING(HS_OTHERS_TAKE_ONE)},
    {HS_DEVICE_TAKE_ELEMENT, INSTEAD, WIDENING(HS_OTHERS_TAKE_ANY)},
    {HS_DEVICE_TAKE_ELEMENT, INSTEAD, WIDENING(HS_OTHERS_APPLY_HINT)},
    {HS_DEVICE_TAKE_ELEMENT, AFTER, WIDENING(HS_OTHERS_APPLY_HINT)},
    {HS_DEVICE_APPLY_HINT, INSTEAD, WIDENING(HS_OTHERS_APPLY_HINT)},
    {HS_DEVICE_APPLY_HINT, AFTER, WIDENING(HS_OTHERS_APPLY_HINT)},
    /* Whatever frees a page may merge its block with the followed page's. */
    {HS_APP_FREE, INSTEAD, WIDENING(HS_OTHERS_MERGE_BLOCK)},
    {HS_DRIVER_SHRINK, INSTEAD, WIDENING(HS_OTHERS_MERGE_BLOCK)},
    {HS_DRIVER_RELEASE, INSTEAD, WIDENING(HS_OTHERS_MERGE_BLOCK)},
    {HS_DRIVER_FREEZE, AFTER, WIDENING(HS_OTHERS_MERGE_BLOCK)},
    {HS_DRIVER_PUT_BACK, INSTEAD, WIDENING(HS_OTHERS_MERGE_BLOCK)},
    {HS_DRIVER_PUT_BACK, AFTER, WIDENING(HS_OTHERS_MERGE_BLOCK)},
    {HS_DRIVER_DEFLATE, INSTEAD, WIDENING(HS_OTHERS_MERGE_BLOCK)},
    {HS_DRIVER_COLLECT_DEFLATE, INSTEAD, WIDENING(HS_OTHERS_MERGE_BLOCK)},
    {HS_MIGRATION_BEGIN_PAGE, INSTEAD, WIDENING(HS_OTHERS_SEND_PAGE)},
    {HS_MIGRATION_FINISH_PAGE, INSTEAD, WIDENING(HS_OTHERS_SEND_PAGE)},
};
enum { ANSWER_COUNT = sizeof(answers) / sizeof(answers[0]) };

/* The same as sets of kinds, by step. */
static struct hs_kind_set answers_of[HS_STEP_KIND_COUNT][WHEN_COUNT];

static void sort_answers(void)
{
    for (unsigned i = 0; i < ANSWER_COUNT; i++)
        hs_kind_set_add(&answers_of[answers[i].step][answers[i].when], answers[i].seen);
}

/* An answer of the table was needed. */
static void note(struct tally *tally, unsigned step, enum when when, unsigned seen)
{
    for (unsigned i = 0; i < ANSWER_COUNT; i++)
        tally->special[i] +=
            answers[i].step == step && answers[i].when == when && answers[i].seen == seen;
}

static void open(struct trial *trial)
{
    abstract_open(trial);
    trial->graph = trial->plain; /* the states on trial are those of the world */
    sort_answers();
}

/* What a page could see of one step of the world. */
struct question {
    const struct hs_graph *graph; /* of the abstraction */
    uint32_t step;
    const union hs_abstract_state *after; /* what it does see then */
    uint32_t to_break;                    /* by the step of the world */
    uint32_t broken;                      /* by the abstract steps that fit */
    bool seen;
};

/* `next` is where abstract steps of which the last is `label` lead to; they broke `broken`. */
static bool fits(struct trial *trial, struct question *question, enum when when,
    union hs_abstract_state *next, uint32_t label, uint32_t broken)
{
    bool news = !question->seen || (broken & question->to_break & ~question->broken);
    if (!news || !covers(&trial->abstraction, next, question->after))
        return false;
    question->seen = true;
    question->broken |= broken;
    note(trial->tally, question->step / 256, when, label / 256);
    return true;
}

/* Take an abstract step; what it breaks is taken out of the state. */
static uint32_t take(const struct trial *trial, const struct question *question,
    union hs_abstract_state *state, uint32_t label)
{
    question->graph->take(question->graph->context, state, label);
    forget(trial, state);
    uint32_t broken = state->state.broken;
    state->state.broken = 0;
    return broken;
}

/* Does one step more, of those that may come after, lead to what the page sees? */
static void try_one_more(struct trial *trial, struct question *question,
    const union hs_abstract_state *state, uint32_t broken)
{
    uint32_t labels[HS_LABELS_MAX];
    unsigned count = question->graph->list(question->graph->context, state, labels);
    for (unsigned i = 0; i < count; i++) {
        union hs_abstract_state next = *state;
        if (!hs_kind_set_has(&answers_of[question->step / 256][AFTER], labels[i] / 256))
            continue;
        uint32_t breaks = take(trial, question, &next, labels[i]);
        fits(trial, question, AFTER, &next, labels[i], broken | breaks);
    }
}

/* Try the abstract steps of these kinds, and maybe one after each. */
static void try_steps(struct trial *trial, struct question *question, const struct sight *sight,
    const struct hs_kind_set *kinds, bool one_more)
{
    for (unsigned i = 0; i < sight->count; i++) {
        union hs_abstract_state next = sight->image;
        if (!hs_kind_set_has(kinds, sight->labels[i] / 256))
            continue;
        uint32_t broken = take(trial, question, &next, sight->labels[i]);
        if (one_more)
            try_one_more(trial, question, &next, broken);
        else
            fits(trial, question, INSTEAD, &next, sight->labels[i], broken);
    }
}

static bool is_settled(const struct question *question)
{
    return question->seen && !(question->to_break & ~question->broken);
}

/* Does the page see the step, and what do its abstract steps break? */
static void ask(struct trial *trial, struct question *question, const struct sight *sight)
{
    const struct hs_kind_set *others = answers_of[question->step / 256];
    struct hs_kind_set kinds = {{0}};
    hs_kind_set_add(&kinds, question->step / 256);
    question->seen = covers(&trial->abstraction, &sight->image, question->after);
    if (!is_settled(question))
        try_steps(trial, question, sight, &kinds, false);
    if (!is_settled(question))
        try_steps(trial, question, sight, &others[INSTEAD], false);
    if (!is_settled(question) && !hs_kind_set_is_empty(&others[AFTER])) {
        hs_kind_set_add_all(&kinds, &others[INSTEAD]);
        try_steps(trial, question, sight, &kinds, true);
        try_one_more(trial, question, &sight->image, 0);
    }
}

/* ---- one state ------------------------------------------------------------------------------- */

static bool check_step(
    struct trial *trial, const void *state, const struct sight *sights, uint32_t step)
{
    union hs_state_buffer next;
    union hs_abstract_state after;
    struct hs_graph graph = hs_abstract_graph(&trial->abstraction);
    struct question question = {.graph = &graph, .step = step, .after = &after};
    memcpy(&next, state, trial->config.layout.size);
    next.state.broken = 0;
    trial->plain.take(trial->plain.context, &next, step);
    question.to_break = next.state.broken & trial->properties;
    trial_counts(trial, step);
    for (unsigned page = 0; page < trial->config.pages; page++) {
        see(trial, &next, page, &after);
        ask(trial, &question, &sights[page]);
        if (!question.seen)
            return trial_differs(trial, "no abstract step is what a page sees", step,
                abstract_world(trial, &sights[page].image), abstract_world(trial, &after));
    }
    return is_settled(&question) ||
           trial_fails(trial, "what the step breaks, no abstract step breaks", step);
}

static bool check(struct trial *trial, const void *state)
{
    static struct sight sights[HS_PAGES_MAX];
    struct hs_graph graph = hs_abstract_graph(&trial->abstraction);
    uint32_t steps[HS_LABELS_MAX];
    for (unsigned page = 0; page < trial->config.pages; page++) {
        see(trial, state, page, &sights[page].image);
        sights[page].count = graph.list(graph.context, &sights[page].image, sights[page].labels);
    }
    unsigned count = trial->plain.list(trial->plain.context, state, steps);
    for (unsigned i = 0; i < count; i++) {
        if (!check_step(trial, state, sights, steps[i]))
            return false;
    }
    return true;
}

/* Every answer of the table was needed. */
static bool close(const struct tally *tally, bool all)
{
    bool good = true;
    for (unsigned i = 0; i < ANSWER_COUNT && all; i++) {
        if (!tally->special[i])
            printf("%s was never needed %s %s\n", hs_label_name(answers[i].seen * 256),
                answers[i].when == AFTER ? "after" : "instead of",
                hs_step_rows[answers[i].step].name);
        good = good && tally->special[i];
    }
    return good;
}

const struct check check_widenings = {.name = "widenings",
    .schedules = 140,
    .shape = shape,
    .serves = abstract_serves,
    .open = open,
    .state = check,
    .close = close};
