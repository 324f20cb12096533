/*
 * Does the abstraction have every state that one page of a small world sees?  Random walks through
 * worlds of several pages: each state, seen from each page, must be among the abstract ones
 * (spec/proof.md, "The claim"), and what a step breaks must be broken there, too.
 *
 *   images COUNT               COUNT random rule sets
 *   images COUNT FIRST         the same, from seed FIRST on
 *   images without W           the widening number W is left out: succeeds if that is noticed
 *
 * Images are compared but for what the queue holds where that is not a function of the state: with
 * command-word=shared, and with more slots than the abstract line keeps in order.
 */
#include "prove.h"
#include "random_rules.h"

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
    if (hs_config_finish(config))
        abort();
}

/* ---- the image of a state ---------------------------------------------------------------------
 */

/* One page of a world, and where what it sees is written. */
struct view {
    struct hs_world world;
    unsigned page;
    struct hs_world image;
};

static bool contains(struct hs_block block, unsigned page)
{
    return page >= block.page && page < block.page + (1u << block.order);
}

/* The hinted block of which the page is part. */
static struct hs_block hinted_block(const struct view *view)
{
    unsigned order = view->world.config->hint_order;
    return (struct hs_block){
        .page = (uint8_t)(view->page >> order << order), .order = (uint8_t)order};
}

static void see_page(const struct view *view)
{
    struct hs_page *page = hs_page(view->image, 0);
    struct hs_migration *migration = &view->image.state->migration;
    *page = *hs_page(view->world, view->page);
    page->head = page->owner == HS_OWNER_FREE || page->owner == HS_OWNER_ISOLATED;
    page->order = 0;
    if (page->owner == HS_OWNER_HELD)
        page->acked = hs_page(view->world, hinted_block(view).page)->acked;
    *hs_chunk_pending(view->image, 0) = *hs_chunk_pending(view->world, view->page);
    migration->sending = migration->sending == view->page + 1;
    if (!migration->sending)
        migration->read_current = 0;
}

static void see_held(const struct view *view)
{
    struct hs_driver *driver = &view->image.state->driver;
    bool held = false;
    for (unsigned i = 0; i < driver->held; i++)
        held = held || hs_held(view->world)[i] == hinted_block(view).page;
    driver->held = held;
    if (driver->phase == HS_DRIVER_RELEASING && !held)
        driver->phase = HS_DRIVER_IDLE;
}

/* A queue of one slot, whose element names the page, or nothing that concerns it. */
static void see_request(const struct view *view, enum hs_queue queue, bool concerns)
{
    if (!view->world.config->queue_size[queue] || !concerns)
        return;
    struct hs_virtqueue q = hs_queue(view->image, queue);
    *q.ring = *hs_queue(view->world, queue).ring;
    q.slots[0] = hs_queue(view->world, queue).slots[0];
    q.slots[0].page = 0;
}

static void see_report(const struct view *view)
{
    struct hs_driver *driver = &view->image.state->driver;
    struct hs_device *device = &view->image.state->device;
    unsigned at = 0;
    while (at < driver->batch && !contains(hs_batch(view->world)[at], view->page))
        at++;
    bool concerns = at < driver->batch;
    driver->batch = concerns;
    device->report_discarded = device->report_discarded > at && concerns;
    if (!concerns)
        driver->put_back = driver->report_phase = HS_REPORT_REST;
    see_request(view, HS_QUEUE_REPORTING, concerns);
}

static void see_balloon(const struct view *view)
{
    struct hs_driver *driver = &view->image.state->driver;
    driver->inflating = driver->inflating == view->page + 1;
    driver->deflating = driver->deflating == view->page + 1;
    see_request(view, HS_QUEUE_INFLATE, driver->inflating);
    see_request(view, HS_QUEUE_DEFLATE, driver->deflating);
}

static void see_queue(const struct view *view)
{
    struct hs_virtqueue q = hs_queue(view->world, HS_QUEUE_FREE_PAGE);
    unsigned used = hs_virtqueue_used(q);
    unsigned taken = used + hs_virtqueue_in_hand(q);
    struct hs_line line = {0};
    if (!q.size)
        return;
    for (unsigned i = 0; i < taken + hs_virtqueue_available(q); i++) {
        struct hs_element element = q.slots[(q.ring->collected + i) & (q.size - 1)];
        bool hint = element.kind == HS_ELEMENT_PAGES;
        if (hint && element.page != hinted_block(view).page)
            continue;
        if (i < used)
            line.used_hint = line.used_hint || hint;
        else if (i < taken)
            line.hand_hint = true;
        else if (line.count < HS_LINE_MAX)
            line.waiting[line.count++] = element;
    }
    for (unsigned i = 0; i < line.count; i++)
        line.waiting[i].page = 0;
    hs_queue(view->image, HS_QUEUE_FREE_PAGE).ring->interrupts_suppressed =
        q.ring->interrupts_suppressed;
    hs_line_write(view->image, &line);
}

/* Leave out what is more than one page sees. */
static void see(const struct view *view)
{
    struct hs_state *state = view->image.state;
    memset(state, 0, HS_ABSTRACT_SIZE_MAX);
    state->device = view->world.state->device;
    state->driver = view->world.state->driver;
    state->migration = view->world.state->migration;
    see_page(view);
    see_held(view);
    see_report(view);
    see_balloon(view);
    see_queue(view);
    hs_abstract_normalise(view->image);
}

/* What two images need not agree in. */
static void blur(struct hs_world image, bool in_order)
{
    struct hs_line line;
    image.state->broken = 0;
    if (!image.config->queue_size[HS_QUEUE_FREE_PAGE])
        return;
    hs_line_read(image, &line);
    line.pot = 0;
    if (!in_order)
        line.count = 0;
    for (unsigned i = 0; i < line.count; i++) {
        if (line.waiting[i].kind == HS_ELEMENT_PAGES)
            line.waiting[i].id = HS_HINT_ONE; /* one, or one and more */
    }
    hs_line_write(image, &line);
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
    return config->rules.value[HS_RULE_COMMAND_WORD] == HS_WORD_ONE_PER_ROUND &&
           config->queue_size[HS_QUEUE_FREE_PAGE] <= HS_LINE_MAX;
}

/* The images of all abstract states, and what is broken in them.  False if there are too many. */
static bool collect(
    const struct hs_abstraction *abstraction, bool in_order, struct set *set, uint32_t *flags)
{
    union hs_abstract_state state;
    struct hs_search_options options = {.memory = (size_t)1 << 30, .timeout = 10};
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
        blur((struct hs_world){&abstraction->config, &state.state}, in_order);
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
    struct view view = {{&c->config, state}, 0, {&c->abstraction.config, &image.state}};
    for (; view.page < c->config.pages; view.page++) {
        see(&view);
        blur(view.image, c->in_order);
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
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        char number[8];
        printf("%s %s=%s", r ? "" : "\n  rules:", hs_rule_rows[r].name,
            hs_rule_value_name((enum hs_rule)r, c->config.rules.value[r], number));
    }
    for (unsigned i = 0; i < count; i++)
        printf("%s %s %u", i ? "," : "\n  steps:", hs_step_rows[steps[i].kind].name, steps[i].page);
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

/* Walk through one world under these rules.  -1: the abstraction is too large to be searched. */
static int check(const struct hs_rules *rules, unsigned world, uint32_t without, uint64_t *seed)
{
    struct case_ c = {.small = &worlds[world], .quiet = without != 0};
    int good = -1;
    set_config(rules, c.small, &c.config);
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
        if (i / WORLD_COUNT % 2 == 0) {
            hs_rules_apply_preset(&rules, hs_preset_find(HS_SIDE_GUEST, "spec-latitude"));
            hs_rules_apply_preset(&rules, hs_preset_find(HS_SIDE_HOST, "qemu-7.2-kvm"));
        }
        rules.value[HS_RULE_LOG] = HS_LOG_MANUAL;
        rules.value[HS_RULE_HINT_EFFECT] = HS_EFFECT_SKIP_AND_CLEAR_LOG;
        rules.value[HS_RULE_POISON] = i % 2 ? HS_POISON_OFF : HS_POISON_VALUE;
        if (check(&rules, i % WORLD_COUNT, 1u << widening, &seed) == 0)
            return true;
    }
    return false;
}

int main(int argc, char **argv)
{
    unsigned checked = 0;
    unsigned wrong = 0;
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
    for (unsigned i = first; i < first + count; i++) {
        uint64_t seed = hs_random_seed(i);
        struct hs_rules rules = hs_random_rules(&seed);
        int good = check(&rules, i % WORLD_COUNT, 0, &seed);
        checked += good >= 0;
        wrong += good == 0;
    }
    printf("%u of %u rule sets walked, %u with a gap\n", checked, count, wrong);
    return wrong != 0 || checked == 0;
}
