/* SPDX-License-Identifier: BSD-3-Clause */
/* Where the states on trial come from, and what is said of one in which something fails. */
#include "trial.h"

#include "fields.h"
#include "replay.h"

#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SMALL_WORLD = 40000,   /* states */
    SMALL_TRIES = 40,      /* of a world that has no more */
    LARGE_WORLD = 2000,    /* states that are looked at, of a world that may have more */
    SMALL_EVERY = 8,       /* one world in so many is seen whole */
    LEAST_OF_A_WORLD = 20, /* a trial gives up after so many worlds that are smaller */
    WALK_LENGTH = 12,
    WAY_LENGTH = 60,
    SOME_OF_ALL = 300000, /* in so many states, every kind of step is met */
    FAILURES_TOLD = 3,
};

/* ---- telling --------------------------------------------------------------------------------- */

static void print_label(uint32_t label)
{
    if (hs_label_is_step(label & UINT16_MAX))
        print_step(hs_label_step(label & UINT16_MAX));
    else
        printf("%s", hs_label_name(label));
}

/* The steps from the start of a small world. */
static void print_way(const struct states *states, uint32_t index)
{
    uint32_t way[HS_LABELS_MAX];
    unsigned length = 0;
    for (; states->found[index].parent != STATES_NO_PARENT && length < HS_LABELS_MAX;
         index = states->found[index].parent)
        way[length++] = states->found[index].label;
    while (length > 0) {
        printf(" ");
        print_label(way[--length]);
        printf(",");
    }
}

bool trial_fails(struct trial *trial, const char *what, uint32_t label)
{
    if (trial->quiet || trial->tally->failures >= FAILURES_TOLD)
        return false;
    printf("NOT OK: %s: %s", trial->check->name, what);
    if (label != HS_NO_LABEL) {
        printf(", at ");
        print_label(label);
    }
    if (trial->name)
        printf(
            "\n  in %s, after step %" PRIu64 " of its run, and then", trial->name, trial->number);
    else
        printf("\n  in world %" PRIu64 ", after", trial->number);
    for (unsigned i = 0; i < trial->walked_count; i++) {
        printf(" ");
        print_label(trial->walked[i]);
        printf(",");
    }
    if (trial->states)
        print_way(trial->states, trial->index);
    printf("\n  asked for: properties %" PRIx32 "\n", trial->properties);
    print_config(&trial->config);
    return false;
}

bool trial_differs(
    struct trial *trial, const char *what, uint32_t label, struct hs_world a, struct hs_world b)
{
    bool told = !trial->quiet && trial->tally->failures < FAILURES_TOLD;
    trial_fails(trial, what, label);
    if (told)
        print_difference(a, b);
    bool abstract = a.config == &trial->abstraction.config || a.config == &trial->abstraction.later;
    if (told && abstract)
        printf("  bag: %x and %x; later in its block: %u and %u\n", *hs_bag(a), *hs_bag(b),
            *hs_is_later(a), *hs_is_later(b));
    return false;
}

void trial_counts(struct trial *trial, uint32_t label)
{
    uint32_t kind = (label & UINT16_MAX) / 256;
    trial->tally->steps++;
    if (kind < HS_STEP_KIND_COUNT)
        hs_kind_set_add(&trial->tally->kinds, kind);
}

/* ---- one world ------------------------------------------------------------------------------- */

/* What is asked for: everything, one property that a search may be asked for alone, or any. */
static uint32_t draw_properties(struct chance *chance)
{
    switch (chance_below(chance, 4)) {
    case 0:
        return 1u << HS_DIRTY_PAGE_LOST;
    case 1:
        return 1u << chance_below(chance, HS_PROPERTY_COUNT);
    case 2:
        return (uint32_t)chance_next(chance) & ((1u << HS_PROPERTY_COUNT) - 1);
    default:
        return UINT32_MAX;
    }
}

static void open_world(struct trial *trial)
{
    trial->plain = hs_world_graph(&trial->config);
    trial->graph = trial->plain;
    trial->check->open(trial);
}

/* Each state is asked about something else. */
static bool check_state(struct trial *trial, const void *state)
{
    struct chance chance = {trial->tally->states++};
    trial->properties = draw_properties(&chance);
    bool good = trial->check->state(trial, state);
    trial->tally->failures += !good;
    return good;
}

/* A step by chance: half of the time a duty, if there is one, so that migrations get on. */
static uint32_t choose(
    const struct hs_graph *graph, const uint32_t *labels, unsigned count, struct chance *chance)
{
    bool duty = chance_one_in(chance, 2);
    uint32_t chosen = labels[chance_below(chance, count)];
    unsigned met = 0;
    for (unsigned i = 0; i < count && duty; i++) {
        if (graph->is_duty(labels[i]) && chance_one_in(chance, ++met))
            chosen = labels[i];
    }
    return chosen;
}

/* ---- small worlds ---------------------------------------------------------------------------- */

static void draw(struct trial *trial, struct chance *chance, bool small)
{
    do {
        if (small)
            draw_small_world(
                trial->number / SMALL_EVERY, trial->check->beyond, chance, &trial->config);
        else
            draw_world(chance, &trial->config);
    } while (!trial->check->shape(trial, &trial->config, chance));
}

static void start_of(struct trial *trial, void *start)
{
    union hs_state_buffer state;
    memset(start, 0, sizeof(state));
    hs_world_init(trial_world(trial, &state));
    if (trial->check->see)
        trial->check->see(trial, &state, 0, start);
    else
        memcpy(start, &state, trial->config.layout.size);
}

/* Room for what is yet to come after the way of go_ahead. */
static void allow_more(struct hs_config *config)
{
    config->limits[HS_LIMIT_WRITES]++;
    config->limits[HS_LIMIT_ROUNDS]++;
}

/* Go some way from the start, so that later phases of a large world are seen as well. */
static void go_ahead(struct trial *trial, void *start, uint32_t *way, struct chance *chance)
{
    const struct hs_graph *graph = &trial->graph;
    uint32_t labels[HS_LABELS_MAX];
    unsigned length = chance_below(chance, WAY_LENGTH + 1);
    unsigned count = graph->list(graph->context, start, labels);
    trial->walked = way;
    for (trial->walked_count = 0; trial->walked_count < length && count;) {
        way[trial->walked_count] = choose(graph, labels, count, chance);
        graph->take(graph->context, start, way[trial->walked_count++]);
        count = graph->list(graph->context, start, labels);
    }
}

/* All states that were found. */
static bool check_states(struct trial *trial, struct states *states)
{
    bool good = true;
    trial->tally->complete += states->complete;
    trial->states = states;
    for (trial->index = 0; trial->index < states->count && good; trial->index++)
        good = check_state(trial, states_at(states, trial->index));
    trial->states = NULL;
    return good;
}

bool trial_from(struct trial *trial, const void *start, uint32_t most)
{
    struct states set;
    struct chance chance = {1};
    states_open(&set, sizeof(union hs_state_buffer), most);
    open_world(trial);
    trial->tally->worlds++;
    states_explore(&set, &trial->graph, start, &chance);
    bool good = check_states(trial, &set);
    states_close(&set);
    return good;
}

/* A world of which all states are found: others are drawn in place of those that are too large. */
static void find_small_world(struct trial *trial, struct states *states, struct chance *chance)
{
    union hs_state_buffer start;
    states->most = SMALL_WORLD;
    for (unsigned tries = 0; tries < SMALL_TRIES; tries++) {
        draw(trial, chance, true);
        open_world(trial);
        start_of(trial, &start);
        states_explore(states, &trial->graph, &start, chance);
        if (states->complete)
            return;
    }
}

/* As many states of a world as there is room for, most of the time from somewhere on its way. */
static void find_large_world(
    struct trial *trial, struct states *states, uint32_t *way, struct chance *chance)
{
    union hs_state_buffer start;
    states->most = LARGE_WORLD;
    draw(trial, chance, false);
    bool ahead = !chance_one_in(chance, 4);
    if (ahead)
        allow_more(&trial->config);
    open_world(trial);
    start_of(trial, &start);
    if (ahead)
        go_ahead(trial, &start, way, chance);
    states_explore(states, &trial->graph, &start, chance);
}

static void check_world(struct trial *trial, uint64_t number, struct states *states)
{
    struct chance chance = {number};
    uint32_t way[WAY_LENGTH];
    struct tally *tally = trial->tally;
    trial->number = number;
    if (number % SMALL_EVERY == 0)
        find_small_world(trial, states, &chance);
    else
        find_large_world(trial, states, way, &chance);
    tally->worlds++;
    bool whole = states->complete && !trial->walked_count; /* from its start on */
    if (check_states(trial, states) && whole)
        extras_compared(&tally->extras, /* of the abstraction, the world is that of one page */
            trial->check->see ? &trial->abstraction.config : &trial->config);
    trial->walked_count = 0;
}

static bool is_never(const struct check *check, unsigned kind)
{
    for (const char *const *name = check->never; name && *name; name++) {
        if (hs_step_find(*name) == kind)
            return true;
    }
    return false;
}

/* Was every kind of step compared that the check has to do with, and no other? */
static bool compared_all(const struct trial *trial)
{
    bool good = true;
    for (unsigned kind = 0; kind < HS_STEP_KIND_COUNT; kind++) {
        bool compared = hs_kind_set_has(&trial->tally->kinds, kind);
        if (compared == is_never(trial->check, kind)) {
            printf("%s was %s\n", hs_step_rows[kind].name,
                compared ? "compared, and is said never to be" : "never compared");
            good = false;
        }
    }
    return good;
}

bool trial_worlds(struct trial *trial, uint64_t states, uint64_t first)
{
    struct states set;
    struct tally *tally = trial->tally;
    uint64_t most = states / LEAST_OF_A_WORLD + 1;
    states_open(&set, sizeof(union hs_state_buffer), SMALL_WORLD);
    bool asks_all = states >= SOME_OF_ALL;
    for (uint64_t i = 0; i < most && !tally->failures; i++) {
        bool lacks = asks_all && extras_lack(&tally->extras, trial->check->beyond);
        if (tally->states >= states && !lacks)
            break;
        check_world(trial, first + i, &set);
    }
    states_close(&set);
    if (!tally->failures && tally->states * 10 < states * 9) {
        printf("only %" PRIu64 " of %" PRIu64 " states were checked\n", tally->states, states);
        return false;
    }
    if (tally->failures || !asks_all)
        return !tally->failures;
    bool all = compared_all(trial);
    return extras_all_compared(&tally->extras, trial->check->beyond) && all;
}

/* ---- the corpus ------------------------------------------------------------------------------ */

struct corpus {
    struct trial *trial;
    struct chance chance;
    unsigned walks;    /* from each moment of each schedule */
    unsigned variants; /* with a schedule */
    unsigned served;
    uint64_t set_out; /* steps */
    uint64_t walked;
    bool good;
};

/* A walk from a state, which is lost.  False if a check failed. */
static bool walk(struct corpus *corpus, void *state)
{
    struct trial *trial = corpus->trial;
    uint32_t walked[WALK_LENGTH];
    uint32_t labels[HS_LABELS_MAX];
    const struct hs_graph *graph = &trial->graph;
    unsigned count = graph->list(graph->context, state, labels);
    trial->walked = walked;
    for (trial->walked_count = 0; trial->walked_count < WALK_LENGTH && count;) {
        uint32_t label = choose(graph, labels, count, &corpus->chance);
        graph->take(graph->context, state, label);
        walked[trial->walked_count++] = label;
        corpus->walked++;
        if (!check_state(trial, state))
            return false;
        count = graph->list(graph->context, state, labels);
    }
    trial->walked_count = 0;
    return true;
}

/* All walks from one state of the world, seen from one page or as it is. */
static void walk_from(struct corpus *corpus, const void *state, unsigned page)
{
    struct trial *trial = corpus->trial;
    union hs_state_buffer start;
    union hs_state_buffer on_the_way;
    memset(&start, 0, sizeof(start));
    if (trial->check->see)
        trial->check->see(trial, state, page, &start);
    else
        memcpy(&start, state, trial->config.layout.size);
    corpus->good = corpus->good && check_state(trial, &start);
    for (unsigned i = 0; i < corpus->walks && corpus->good; i++) {
        memcpy(&on_the_way, &start, sizeof(start));
        corpus->good = walk(corpus, &on_the_way);
    }
}

static void walk_along(struct corpus *corpus, const struct hs_run *run)
{
    struct trial *trial = corpus->trial;
    unsigned views = trial->check->see ? trial->config.pages : 1;
    corpus->set_out += (run->length + (uint64_t)1) * views * corpus->walks * WALK_LENGTH;
    for (unsigned moment = 0; moment <= run->length && corpus->good; moment++) {
        trial->number = moment;
        for (unsigned page = 0; page < views; page++)
            walk_from(corpus, hs_run_world(run, moment).state, page);
    }
}

static void walk_variant(struct corpus *corpus, const struct hs_variant *variant)
{
    struct trial *trial = corpus->trial;
    struct hs_error error;
    if (!variant->scenario->schedule_length)
        return;
    struct hs_run *run = hs_replay(variant, &error);
    if (!run) {
        printf("%s: %s\n", variant->name, error.text);
        corpus->good = false;
        return;
    }
    corpus->variants++;
    trial->config = run->config;
    trial->name = variant->name;
    if (trial->check->serves(&trial->config)) {
        corpus->served++;
        open_world(trial);
        trial->tally->worlds++;
        walk_along(corpus, run);
    }
    hs_run_free(run);
}

static void walk_file(struct corpus *corpus, const char *path)
{
    struct hs_error error;
    struct hs_variant variant;
    struct hs_scenario *scenario = hs_scenario_load(path, &error);
    bool good = scenario != NULL;
    for (unsigned i = 0; good && corpus->good && i < hs_scenario_variant_count(scenario); i++) {
        good = hs_scenario_variant(scenario, i, &variant, &error);
        if (good)
            walk_variant(corpus, &variant);
    }
    if (!good) {
        printf("%s\n", error.text);
        corpus->good = false;
    }
    hs_scenario_free(scenario);
}

bool trial_corpus(struct trial *trial, const char *folder, unsigned walks)
{
    static const char *const patterns[] = {"*.yaml", "*/*.yaml", "*/*/*.yaml"};
    struct corpus corpus = {.trial = trial, .chance = {1}, .walks = walks, .good = true};
    for (unsigned i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        char pattern[1000];
        glob_t found;
        snprintf(pattern, sizeof(pattern), "%s/%s", folder, patterns[i]);
        if (glob(pattern, 0, NULL, &found) != 0)
            continue;
        for (size_t f = 0; f < found.gl_pathc && corpus.good; f++)
            walk_file(&corpus, found.gl_pathv[f]);
        globfree(&found);
    }
    printf("%" PRIu64 " steps of walks from the moments of %u of %u schedules; ", corpus.walked,
        corpus.served, corpus.variants);
    bool whole =
        corpus.served >= trial->check->schedules && corpus.walked * 10 >= corpus.set_out * 9;
    if (corpus.good && !whole)
        printf("too few: %" PRIu64 " steps were to be taken, of %u schedules or more\n",
            corpus.set_out, trial->check->schedules);
    return corpus.good && whole;
}
