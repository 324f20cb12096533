/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Does the abstraction have every state that one page of a small world sees?  Random walks through
 * worlds of several pages: each state, seen from each page, must be among the abstract ones
 * (spec/proof.md, "The claim"), and what a step breaks must be broken there, too.
 *
 *   images COUNT               COUNT random rule sets, each with one of the extras of
 *                              tests/chance/extras.h: each must have been in a world
 *   images COUNT FIRST         the same, from seed FIRST on
 *   images without W           the widening number W is left out: succeeds if that is noticed
 *
 * Images are compared but for what the queue holds where that is not a function of the state: with
 * command-word=shared, and with more slots than the abstract queue keeps in order.
 */
#include "abstract_graph.h"
#include "extras.h"
#include "image.h"
#include "random_rules.h"
#include "scenario.h"
#include "sweep.h"
#include "virtqueue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A small world. */
struct small {
    const char *name;
    uint8_t pages;
    uint8_t order; /* of a hinted block */
    uint8_t chunk;
    uint8_t slots; /* of free_page_vq; 0: no hints */
    bool balloon;  /* reporting, inflating and deflating */
    bool postcopy;
    bool resets;
    bool changes;
};

static const struct small worlds[] = {
    {"page", 1, 0, 1, 4, false, false, false, false},
    {"pages", 3, 0, 2, 4, false, false, false, false},
    {"blocks", 4, 1, 4, 4, false, false, false, false},
    {"changes", 2, 0, 2, 4, false, false, true, true},
    {"small queue", 2, 0, 2, 2, false, false, false, false},
    {"large queue", 2, 0, 2, 16, false, false, false, true},
    {"postcopy", 2, 0, 2, 4, false, true, false, false},
    {"balloon", 3, 0, 2, 0, true, true, true, false},
    {"all", 4, 1, 2, 4, true, false, false, false},
};
enum { WORLD_COUNT = sizeof(worlds) / sizeof(worlds[0]) };

static void set_config(
    const struct hs_rules *rules, const struct small *small, struct hs_config *config)
{
    memset(config, 0, sizeof(*config));
    config->rules = *rules;
    config->rules.value[HS_RULE_LOG_CHUNK] = small->chunk;
    config->pages = small->pages;
    config->max_order = config->hint_order = small->order;
    config->report_batch = 2;
    config->queue_size[HS_QUEUE_FREE_PAGE] = small->slots;
    for (unsigned queue = HS_QUEUE_REPORTING; queue < HS_QUEUE_COUNT; queue++)
        config->queue_size[queue] = small->balloon;
    config->postcopy = small->postcopy;
    config->free_at_start = 1; /* page 0; the others are in use */
    memset(config->limits, HS_UNLIMITED, sizeof(config->limits));
    if (!small->changes)
        config->limits[HS_LIMIT_CHANGES] = 0;
    if (!small->resets)
        config->limits[HS_LIMIT_RESETS] = 0;
}

/* ---- comparing images --------------------------------------------------------------------------
 */

/* What two images need not agree in. */
static void blur(struct hs_world image, bool in_order)
{
    struct hs_abstract_queue queue;
    image.state->broken = 0;
    if (!image.config->queue_size[HS_QUEUE_FREE_PAGE])
        return;
    hs_abstract_queue_read(image, &queue);
    queue.bag = 0;
    if (!in_order)
        queue.count = 0;
    for (unsigned i = 0; i < queue.count; i++) {
        if (queue.waiting[i].kind == HS_ELEMENT_PAGES)
            queue.waiting[i].id = HS_HINT_ONE; /* one, or one and more */
    }
    hs_abstract_queue_write(image, &queue);
}

/* ---- the set of images ------------------------------------------------------------------------
 */

/* Hashes, by open addressing; 0 stands for no entry.  Two images of one hash would hide a gap, and
 * never show one that is not there. */
struct set {
    uint64_t *places;
    uint64_t mask;
};

static uint64_t hash_of(const union hs_abstract_state *image)
{
    uint64_t hash = 0x9e3779b97f4a7c15u;
    for (unsigned i = 0; i < HS_ABSTRACT_SIZE_MAX / sizeof(uint64_t); i++) {
        hash = (hash ^ image->words[i]) * 0xff51afd7ed558ccdu;
        hash ^= hash >> 32;
    }
    return hash ? hash : 1;
}

static uint64_t *place_of(const struct set *set, uint64_t hash)
{
    uint64_t at = hash & set->mask;
    while (set->places[at] && set->places[at] != hash)
        at = (at + 1) & set->mask;
    return &set->places[at];
}

/* Is the queue's order a function of the state? */
static bool is_in_order(const struct hs_config *config)
{
    return hs_queue_has_order(&config->rules) &&
           config->queue_size[HS_QUEUE_FREE_PAGE] <= hs_queue_longest(&config->rules);
}

/* The images of all abstract states, and what is broken in them.  False if there are too many. */
static bool collect(
    const struct hs_abstraction *abstraction, bool in_order, struct set *set, uint32_t *flags)
{
    union hs_abstract_state state;
    enum { MEMORY = 24 << 20 }; /* bounds the states, whatever else the machine does */
    struct hs_search_options options = {.memory = MEMORY};
    struct hs_sweep sweep;
    struct hs_tree tree;
    hs_abstract_start(abstraction, &state);
    struct hs_graph graph = hs_abstract_graph(abstraction);
    hs_sweep_run(&graph, &state, &options, &sweep);
    bool complete = sweep.complete;
    *flags = sweep.flags;
    set->mask = 1;
    while (set->mask < 2 * (uint64_t)sweep.count)
        set->mask = 2 * set->mask + 1;
    set->places = complete ? hs_must(calloc(set->mask + 1, sizeof(*set->places))) : NULL;
    for (uint32_t number = 0; number < sweep.count && complete; number++) {
        hs_store_get(sweep.store, sweep.roots[number], &tree);
        memset(&state, 0, sizeof(state));
        memcpy(&state, tree.words, graph.words * sizeof(uint64_t));
        blur(hs_abstract_world(abstraction, &state), in_order);
        uint64_t hash = hash_of(&state);
        *place_of(set, hash) = hash;
    }
    hs_sweep_close(&sweep);
    return complete;
}

/* ---- walks ------------------------------------------------------------------------------------
 */

enum { WALKS = 300, LENGTH = 200 };

struct case_ {
    const struct small *small;
    struct hs_config config;
    struct hs_abstraction abstraction;
    struct set set;
    uint32_t flags;
    bool in_order;
    bool quiet;
};

/* The first page from which the state has no abstract image, or the number of pages. */
static unsigned find_gap(const struct case_ *c, struct hs_state *state)
{
    union hs_abstract_state image;
    struct view view = {{&c->config, state}, 0, &c->abstraction, &image};
    for (; view.page < c->config.pages; view.page++) {
        image_see(&view);
        blur(hs_abstract_world(&c->abstraction, &image), c->in_order);
        if (!*place_of(&c->set, hash_of(&image)))
            break;
    }
    return view.page;
}

static void tell(const struct case_ *c, const struct hs_step *steps, unsigned count, unsigned page)
{
    if (c->quiet)
        return;
    printf("NOT OK: world '%s'", c->small->name);
    if (page < c->config.pages)
        printf(": no abstract state for what page %u sees", page);
    putchar('\n');
    print_config(&c->config);
    for (unsigned i = 0; i < count; i++)
        printf("%s %s %u", i ? "," : "  steps:", hs_step_rows[steps[i].kind].name, steps[i].page);
    putchar('\n');
}

/* Half of the time a duty, if there is one, so that migrations get on; reading changes nothing. */
static unsigned choose(const struct hs_step *enabled, unsigned count, uint64_t *seed)
{
    bool duty = hs_next_random(seed) >> 16 & 1u;
    unsigned chosen = count;
    unsigned met = 0;
    for (unsigned i = 0; i < count; i++) {
        bool is_duty = hs_step_rows[enabled[i].kind].motive == HS_DUTY;
        bool fits = is_duty == duty && enabled[i].kind != HS_APP_READ;
        if (fits && (hs_next_random(seed) >> 16) % ++met == 0)
            chosen = i;
    }
    return chosen < count ? chosen : (unsigned)((hs_next_random(seed) >> 16) % count);
}

/* A way that chance hardly finds: a page hinted twice in a round, and written before either hint is
 * taken.  Followed as far as its steps are enabled. */
static const struct hs_step twice_hinted[] = {{HS_MIGRATION_START, 0}, {HS_MIGRATION_ENABLE_LOG, 0},
    {HS_MIGRATION_STOP_HINTS, 0}, {HS_MIGRATION_SYNC, 0}, {HS_MIGRATION_MERGE_LOG, 0},
    {HS_MIGRATION_START_HINTS, 0}, {HS_DRIVER_CONFIG_INTERRUPT, 0}, {HS_DRIVER_READ_COMMAND, 0},
    {HS_DRIVER_START_ROUND, 0}, {HS_DRIVER_HINT_PAGE, 0}, {HS_DRIVER_RELEASE, 0},
    {HS_DRIVER_HINT_PAGE, 0}, {HS_DRIVER_RELEASE, 0}, {HS_APP_ALLOCATE, 0}, {HS_APP_WRITE, 0},
    {HS_DEVICE_WAKE, 0}, {HS_DEVICE_TAKE_ELEMENT, 0}, {HS_DEVICE_TAKE_ELEMENT, 0}};
enum { WAY = sizeof(twice_hinted) / sizeof(twice_hinted[0]) };

/* Walk, at first along the way if told so; false if a state has no image, or something breaks that
 * never breaks there. */
static bool walk(const struct case_ *c, bool along, uint64_t *seed)
{
    union hs_state_buffer state;
    struct hs_world w = {&c->config, &state.state};
    struct hs_step enabled[HS_STEPS_MAX];
    struct hs_step taken[LENGTH];
    unsigned count = 1;
    hs_world_init(w);
    for (unsigned i = 0; i < LENGTH && count; i++) {
        unsigned gap = find_gap(c, w.state);
        if (gap < c->config.pages || w.state->broken & ~c->flags) {
            tell(c, taken, i, gap);
            return false;
        }
        along = along && i < WAY && hs_world_enabled(w, twice_hinted[i], NULL);
        count = hs_world_steps(w, enabled);
        if (count) {
            taken[i] = along ? twice_hinted[i] : enabled[choose(enabled, count, seed)];
            hs_world_take(w, taken[i]);
        }
    }
    return true;
}

/* Walk through one world, which is finished here.  -1: the abstraction is too large to be searched.
 */
static int check(const struct hs_config *config, unsigned world, uint32_t without, uint64_t *seed)
{
    struct case_ c = {.small = &worlds[world], .config = *config, .quiet = without != 0};
    int good = -1;
    if (hs_config_finish(&c.config))
        abort();
    c.in_order = is_in_order(&c.config);
    hs_abstraction_set(&c.abstraction, &c.config);
    c.abstraction.without = without;
    if (collect(&c.abstraction, c.in_order, &c.set, &c.flags)) {
        good = 1;
        for (unsigned i = 0; i < WALKS && good; i++)
            good = walk(&c, i == 0, seed);
    }
    free(c.set.places);
    return good;
}

/* Rules by chance, and every second time the pair of presets in which most can happen. */
static bool is_noticed(unsigned widening)
{
    for (unsigned i = 0; i < 10 * WORLD_COUNT; i++) {
        uint64_t seed = hs_random_seed(i + 1);
        struct hs_rules rules = hs_random_rules(&seed);
        struct hs_config config;
        if (i / WORLD_COUNT % 2 == 0) {
            hs_rules_apply_preset(&rules, hs_preset_find(HS_SIDE_GUEST, "spec-latitude"));
            hs_rules_apply_preset(&rules, hs_preset_find(HS_SIDE_HOST, "qemu-7.2-kvm"));
        }
        rules.value[HS_RULE_LOG] = HS_LOG_MANUAL;
        rules.value[HS_RULE_HINT_EFFECT] = HS_EFFECT_SKIP_AND_CLEAR_LOG;
        rules.value[HS_RULE_USED_LENGTH] = HS_USED_LENGTH_ONE;
        rules.value[HS_RULE_POISON] = i % 2 ? HS_POISON_OFF : HS_POISON_VALUE;
        set_config(&rules, &worlds[i % WORLD_COUNT], &config);
        if (check(&config, i % WORLD_COUNT, 1u << widening, &seed) == 0)
            return true;
    }
    return false;
}

int main(int argc, char **argv)
{
    unsigned checked = 0;
    unsigned wrong = 0;
    struct extras_met met = {{0}, {0}};
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc == 3 && strcmp(argv[1], "without") == 0) {
        unsigned widening = (unsigned)atoi(argv[2]);
        bool noticed = is_noticed(widening);
        printf("without %s: %s\n", hs_widening_rows[widening].name,
            noticed ? "noticed" : "NOT NOTICED");
        return !noticed;
    }
    unsigned count = argc > 1 ? (unsigned)atoi(argv[1]) : 16;
    unsigned first = argc > 2 ? (unsigned)atoi(argv[2]) : 1;
    /* Rules are drawn until so many were walked: the abstraction of some is too large. */
    for (unsigned i = first; i < first + 4 * count && checked < count; i++) {
        uint64_t seed = hs_random_seed(i);
        struct hs_rules rules = hs_random_rules(&seed);
        struct hs_config config;
        struct chance chance = {i};
        unsigned world = checked % WORLD_COUNT;
        set_config(&rules, &worlds[world], &config);
        extras_draw_missed(&config, 1, &met, &chance);
        int good = check(&config, world, 0, &seed);
        checked += good >= 0;
        if (good >= 0)
            extras_compared(&met, &config);
        wrong += good == 0;
    }
    printf("%u of %u rule sets walked, %u with a gap\n", checked, count, wrong);
    return !extras_all_compared(&met, 0) || wrong != 0 || checked < count;
}
