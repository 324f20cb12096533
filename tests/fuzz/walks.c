/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Random walks: seeded runs under random rules and sizes, with every invariant checked after every
 * step.
 *
 *   walks [how many, 100000] [seed of the first, 1]
 *
 * Walk i is made from seed + i alone, so `walks 1 SEED` replays the one walk that a failure names.
 */
#include "world.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    USUAL_WALKS = 100000,
    USUAL_SEED = 1,
    LENGTH_MAX = 120,   /* steps of a walk; half of it on average */
    PAGES_MAX = 8,      /* of a walk, so that a walk meets the same page again */
    LISTS_EVERY = 4,    /* states of a walk between two whose list is checked for gaps */
    REASONS_EVERY = 32, /* and between two that are asked for every reason; a multiple of it */
    UNTOUCHED = 0xa5,   /* what stands behind the state and must stay there */
    MISUSED = 2,        /* exit code: bad arguments */
};

struct walk {
    uint64_t seed;
    uint64_t random; /* of the generator */
    struct hs_config config;
    union hs_state_buffer memory;
    struct hs_step story[LENGTH_MAX];
    unsigned length;
};

/* The walk under way, for the report when an assertion of the model stops it. */
static struct walk walk;
static uint64_t fired[HS_STEP_KIND_COUNT];
static uint64_t refused[HS_STEP_KIND_COUNT];

/* ---- chance --------------------------------------------------------------------------------- */

/* splitmix64 */
static uint64_t next_random(void)
{
    uint64_t z = walk.random += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static unsigned below(unsigned bound)
{
    return (unsigned)(next_random() % bound);
}

static bool one_in(unsigned chances)
{
    return below(chances) == 0;
}

/* ---- a random world ------------------------------------------------------------------------- */

static void choose_rules(struct hs_rules *rules)
{
    bool near_default = one_in(4);
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        if (!near_default || one_in(4))
            rules->value[r] = (uint8_t)hs_rule_value_at(
                (enum hs_rule)r, below(hs_rule_value_count((enum hs_rule)r)));
    }
    rules->value[HS_RULE_LOG_CHUNK] =
        (uint8_t)(1 + below(one_in(8) ? HS_LOG_CHUNK_MAX : PAGES_MAX));
}

static void choose_sizes(struct hs_config *config)
{
    unsigned orders = 0;
    config->pages = (uint8_t)(1 + below(PAGES_MAX));
    while (2u << orders <= config->pages)
        orders++;
    config->max_order = (uint8_t)below(orders + 1);
    config->hint_order = (uint8_t)(one_in(2) ? 0 : below(config->max_order + 1u));
    config->report_order = (uint8_t)(one_in(2) ? 0 : below(config->max_order + 1u));
    config->report_batch = (uint8_t)(1 + below(4));
    config->policy = (uint8_t)below(HS_POLICY_COUNT);
    config->postcopy = one_in(3);
    config->free_at_start = next_random() & ((1u << config->pages) - 1);
    for (unsigned queue = 0; queue < HS_QUEUE_COUNT; queue++)
        config->queue_size[queue] = (uint8_t)(one_in(5) ? 0 : 1u << below(4));
    for (unsigned limit = 0; limit < HS_LIMIT_COUNT; limit++)
        config->limits[limit] = (uint8_t)(one_in(3) ? below(4) : HS_UNLIMITED);
}

/* ---- what to say of a walk that fails ------------------------------------------------------- */

static void print_rules(void)
{
    struct hs_rules usual = hs_rules_default();
    printf("rules that differ from the defaults:");
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        char number[8];
        unsigned value = walk.config.rules.value[r];
        if (value != usual.value[r])
            printf(
                " %s=%s", hs_rule_rows[r].name, hs_rule_value_name((enum hs_rule)r, value, number));
    }
    printf("\n");
}

static void print_sizes(void)
{
    const struct hs_config *c = &walk.config;
    printf("sizes: pages=%u free=0x%llx max-order=%u hint-order=%u report-order=%u report-batch=%u "
           "policy=%s postcopy=%s\n",
        c->pages, (unsigned long long)c->free_at_start, c->max_order, c->hint_order,
        c->report_order, c->report_batch, c->policy == HS_POLICY_LIFO ? "lifo" : "any",
        c->postcopy ? "on" : "off");
    printf("queues: free_page_vq=%u reporting_vq=%u inflateq=%u deflateq=%u\nlimits:",
        c->queue_size[HS_QUEUE_FREE_PAGE], c->queue_size[HS_QUEUE_REPORTING],
        c->queue_size[HS_QUEUE_INFLATE], c->queue_size[HS_QUEUE_DEFLATE]);
    for (unsigned limit = 0; limit < HS_LIMIT_COUNT; limit++) {
        if (c->limits[limit] != HS_UNLIMITED)
            printf(" %s=%u", hs_limit_rows[limit].name, c->limits[limit]);
    }
    printf("\n");
}

static void print_step(struct hs_step step)
{
    const struct hs_step_row *row = &hs_step_rows[step.kind];
    if (row->has_page)
        printf("%s %u\n", row->name, step.page);
    else
        printf("%s\n", row->name);
}

static void print_walk(void)
{
    printf("replay: walks 1 %llu\n", (unsigned long long)walk.seed);
    print_sizes();
    print_rules();
    printf("steps, %u:\n", walk.length);
    for (unsigned i = 0; i < walk.length; i++)
        print_step(walk.story[i]);
    fflush(stdout);
}

static _Noreturn void fail(const char *what, const char *detail)
{
    printf("FAILED: %s%s%s\n", what, *detail ? ": " : "", detail);
    print_walk();
    exit(EXIT_FAILURE);
}

/* An assertion of the model, or worse: the walk is told all the same. */
static void on_crash(int number)
{
    signal(number, SIG_DFL);
    printf("FAILED: the model stopped with signal %d\n", number);
    print_walk();
    raise(number);
}

/* ---- checks --------------------------------------------------------------------------------- */

/* A search stores the bits of hs_state_widest alone. */
static void check_widest(struct hs_world w)
{
    union hs_state_buffer widest;
    const uint8_t *bits = (const uint8_t *)&widest;
    const uint8_t *state = (const uint8_t *)w.state;
    char where[60];
    hs_state_widest((struct hs_world){w.config, &widest.state});
    for (unsigned i = 0; i < w.config->layout.size; i++) {
        if (!(state[i] & ~bits[i]))
            continue;
        snprintf(where, sizeof(where), "byte %u is %02x, its bits are %02x", i, state[i], bits[i]);
        fail("a bit is set that is never set", where);
    }
}

static void check_behind(const union hs_state_buffer *memory)
{
    static uint8_t untouched[sizeof(*memory)];
    unsigned size = walk.config.layout.size;
    if (!untouched[0])
        memset(untouched, UNTOUCHED, sizeof(untouched));
    if (memcmp((const uint8_t *)memory + size, untouched, sizeof(*memory) - size) != 0)
        fail("memory behind the state was written", "");
}

static void check_reason(struct hs_world w, struct hs_step step)
{
    struct hs_refusal why = {0};
    if (hs_world_enabled(w, step, &why))
        fail("a step is enabled if the reason is asked for", hs_step_rows[step.kind].name);
    if (!why.text[0])
        fail("a step is refused without a reason", hs_step_rows[step.kind].name);
    if (!memchr(why.text, '\0', sizeof(why.text) - 1))
        fail("a reason is too long to be told in full", why.text);
    refused[step.kind]++;
}

/* Every listed step is enabled, and they stand in the order of the table and of the pages. */
static void check_listed(struct hs_world w, const struct hs_step *steps, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (!hs_world_enabled(w, steps[i], NULL))
            fail("a step is listed and not enabled", hs_step_rows[steps[i].kind].name);
        if (i > 0 && (steps[i - 1].kind > steps[i].kind || (steps[i - 1].kind == steps[i].kind &&
                                                               steps[i - 1].page >= steps[i].page)))
            fail("the list holds each step once, in order", hs_step_rows[steps[i].kind].name);
    }
}

/* Exactly the listed steps are enabled. */
static void check_list(
    struct hs_world w, const struct hs_step *steps, unsigned count, bool ask_reasons)
{
    unsigned at = 0;
    for (unsigned kind = 0; kind < HS_STEP_KIND_COUNT; kind++) {
        unsigned pages = hs_step_rows[kind].has_page ? walk.config.pages : 1;
        for (unsigned p = 0; p < pages; p++) {
            struct hs_step step = {(uint8_t)kind, (uint8_t)p};
            bool listed = at < count && steps[at].kind == kind && steps[at].page == p;
            at += listed;
            if (hs_world_enabled(w, step, NULL) != listed)
                fail("a step is enabled or listed, but not both", hs_step_rows[kind].name);
            if (!listed && ask_reasons)
                check_reason(w, step);
        }
    }
    if (at != count)
        fail("the list holds each step once, in order", "");
}

/* A limit refuses, and allows nothing: what can be done within the limits can be done without, or
 * no schedule could be replayed of what a search finds.  The limit of hops is a need of its step.
 */
static void check_limits(struct hs_world w, const struct hs_step *steps, unsigned count)
{
    struct hs_config lifted = *w.config;
    for (unsigned limit = 0; limit < HS_LIMIT_COUNT; limit++)
        lifted.limits[limit] = lifted.limits[limit] ? HS_UNLIMITED : 0;
    for (unsigned i = 0; i < count; i++) {
        if (!hs_world_enabled((struct hs_world){&lifted, w.state}, steps[i], NULL))
            fail("a step is possible for a limit alone", hs_step_rows[steps[i].kind].name);
    }
}

/* A step is awaited exactly if something is held, or somebody waits. */
static void check_awaited(struct hs_world w)
{
    struct hs_step steps[HS_AWAITED_MAX];
    if ((hs_awaited(w, HS_PAGE_STUCK, steps) > 0) != hs_pages_held(w))
        fail("a page is held, and no step is awaited that gives it back, or the other way round",
            "");
    if ((hs_awaited(w, HS_GUEST_STALLED, steps) > 0) != hs_somebody_waits(w))
        fail("somebody waits, and no step is awaited that ends it, or the other way round", "");
    if ((hs_awaited(w, HS_REQUEST_UNANSWERED, steps) > 0) != hs_request_is_open(w))
        fail("a request is open, and no step is awaited that answers it, or the other way round",
            "");
}

/* Asking changes nothing, and the same step leads to the same state from a copy. */
static void take_twice(struct hs_world w, struct hs_step step)
{
    static union hs_state_buffer copy;
    memcpy(&copy, &walk.memory, sizeof(copy));
    hs_world_take(w, step);
    hs_world_take((struct hs_world){&walk.config, &copy.state}, step);
    if (memcmp(&copy, &walk.memory, sizeof(copy)) != 0)
        fail("the same step led to two states", hs_step_rows[step.kind].name);
}

/* ---- one walk ------------------------------------------------------------------------------- */

/* Choose a kind, so that steps with a page have no more chances than others; then one of its
 * pages.  Duties go first most of the time, or a walk would seldom get anywhere. */
static struct hs_step choose(const struct hs_step *steps, unsigned count, unsigned duties_of_4)
{
    bool want_duty = below(4) < duties_of_4;
    struct hs_step chosen = steps[below(count)];
    unsigned kinds = 0;
    for (unsigned i = 0; i < count; i++) {
        bool first = i == 0 || steps[i - 1].kind != steps[i].kind;
        bool fits = !want_duty || hs_step_rows[steps[i].kind].motive == HS_DUTY;
        if (first && fits && one_in(++kinds))
            chosen = steps[i];
    }
    unsigned same = 0;
    struct hs_step result = chosen;
    for (unsigned i = 0; i < count; i++) {
        if (steps[i].kind == chosen.kind && one_in(++same))
            result = steps[i];
    }
    return result;
}

static struct hs_world set_out(uint64_t seed)
{
    walk.seed = walk.random = seed;
    walk.length = 0;
    walk.config = (struct hs_config){.rules = hs_rules_default()};
    choose_rules(&walk.config.rules);
    choose_sizes(&walk.config);
    const char *wrong = hs_config_finish(&walk.config);
    if (wrong)
        fail("the sizes are refused", wrong);
    memset(&walk.memory, UNTOUCHED, sizeof(walk.memory));
    struct hs_world w = {&walk.config, &walk.memory.state};
    hs_world_init(w);
    return w;
}

static uint64_t take_a_walk(uint64_t seed)
{
    static struct hs_step steps[HS_STEPS_MAX];
    static union hs_state_buffer before;
    struct hs_world w = set_out(seed);
    unsigned length = 1 + below(LENGTH_MAX);
    unsigned duties_of_4 = below(5);
    unsigned phase = below(REASONS_EVERY);
    for (;;) {
        const char *broken = hs_world_check(w);
        if (broken)
            fail("an invariant does not hold", broken);
        check_behind(&walk.memory);
        check_widest(w);
        check_awaited(w);
        memcpy(&before, &walk.memory, sizeof(before));
        unsigned count = hs_world_steps(w, steps);
        check_listed(w, steps, count);
        check_limits(w, steps, count);
        if (walk.length % LISTS_EVERY == phase % LISTS_EVERY)
            check_list(w, steps, count, walk.length % REASONS_EVERY == phase);
        if (memcmp(&before, &walk.memory, sizeof(before)) != 0)
            fail("asking what is enabled changed the state", "");
        if (walk.length == length || count == 0)
            return walk.length;
        struct hs_step step = choose(steps, count, duties_of_4);
        walk.story[walk.length++] = step;
        take_twice(w, step);
        fired[step.kind]++;
    }
}

/* Did every kind of step fire, and was every kind refused, at least once? */
static bool covers(void)
{
    bool all = true;
    for (unsigned kind = 0; kind < HS_STEP_KIND_COUNT; kind++) {
        if (!fired[kind])
            printf("FAILED: %s never fired\n", hs_step_rows[kind].name);
        if (!refused[kind])
            printf("FAILED: %s was never refused\n", hs_step_rows[kind].name);
        all = all && fired[kind] && refused[kind];
    }
    return all;
}

static bool read_number(const char *text, uint64_t *number)
{
    char *end;
    *number = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && !*end;
}

int main(int argc, char **argv)
{
    uint64_t walks = USUAL_WALKS;
    uint64_t seed = USUAL_SEED;
    if (argc > 3 || (argc > 1 && !read_number(argv[1], &walks)) ||
        (argc > 2 && !read_number(argv[2], &seed))) {
        fprintf(stderr, "usage: walks [how many] [seed of the first]\n");
        return MISUSED;
    }
    signal(SIGABRT, on_crash);
    signal(SIGSEGV, on_crash);
    signal(SIGFPE, on_crash);
    signal(SIGTERM, on_crash); /* a step that never ends, and somebody who ends it */
    uint64_t steps = 0;
    for (uint64_t i = 0; i < walks; i++)
        steps += take_a_walk(seed + i);
    bool covered = walks < USUAL_WALKS || covers();
    printf("%llu walks from seed %llu, %llu steps, %s\n", (unsigned long long)walks,
        (unsigned long long)seed, (unsigned long long)steps,
        walks < USUAL_WALKS ? "too few to ask for every kind of step"
        : covered           ? "every kind of step fired and was refused"
                            : "not every kind of step fired and was refused");
    return covered ? EXIT_SUCCESS : EXIT_FAILURE;
}
