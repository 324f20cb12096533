/* SPDX-License-Identifier: BSD-3-Clause */
/* The extras of a world. */
#include "extras.h"

#include <inttypes.h>
#include <stdio.h>

static const char *const names[EXTRA_COUNT] = {[EXTRA_NO_HINTS] = "no-hints",
    [EXTRA_SLOTS] = "slots",
    [EXTRA_HINT_ORDER] = "hint-order",
    [EXTRA_MAX_ORDER] = "max-order",
    [EXTRA_LIFO] = "lifo",
    [EXTRA_REPORTS] = "reports",
    [EXTRA_REPORT_ORDER] = "report-order",
    [EXTRA_REPORT_BATCH] = "report-batch",
    [EXTRA_INFLATES] = "inflates",
    [EXTRA_POISON] = "poison",
    [EXTRA_POSTCOPY] = "postcopy",
    [EXTRA_WRITES] = "writes",
    [EXTRA_ROUNDS] = "rounds",
    [EXTRA_DMA] = "dma",
    [EXTRA_CHANGES] = "changes",
    [EXTRA_RESETS] = "resets",
    [EXTRA_CANCELS] = "cancels",
    [EXTRA_MIGRATIONS] = "migrations",
    [EXTRA_HOPS] = "hops"};

/* ---- whether a world has it ------------------------------------------------------------------ */

bool extra_has(const struct hs_config *config, enum extra extra)
{
    const uint8_t *limits = config->limits;
    bool hints = config->queue_size[HS_QUEUE_FREE_PAGE];
    bool reports = config->queue_size[HS_QUEUE_REPORTING];
    switch (extra) {
    case EXTRA_NO_HINTS:
        return !hints;
    case EXTRA_SLOTS:
        return config->queue_size[HS_QUEUE_FREE_PAGE] > 2;
    case EXTRA_HINT_ORDER:
        return hints && config->hint_order > 0;
    case EXTRA_MAX_ORDER:
        return hints && config->max_order > config->hint_order;
    case EXTRA_LIFO:
        return config->policy == HS_POLICY_LIFO && config->pages > 1;
    case EXTRA_REPORTS:
        return reports;
    case EXTRA_REPORT_ORDER:
        return reports && config->report_order > 0;
    case EXTRA_REPORT_BATCH:
        return reports && config->report_batch > 1 && config->pages >> config->report_order > 1;
    case EXTRA_INFLATES:
        return config->queue_size[HS_QUEUE_INFLATE] && config->queue_size[HS_QUEUE_DEFLATE];
    case EXTRA_POISON:
        return config->rules.value[HS_RULE_POISON] != HS_POISON_OFF;
    case EXTRA_POSTCOPY:
        return config->postcopy;
    case EXTRA_WRITES:
        return limits[HS_LIMIT_WRITES] > 1;
    case EXTRA_ROUNDS:
        return limits[HS_LIMIT_ROUNDS] > 1;
    case EXTRA_DMA:
        return limits[HS_LIMIT_DMA];
    case EXTRA_CHANGES:
        return limits[HS_LIMIT_CHANGES];
    case EXTRA_RESETS:
        return limits[HS_LIMIT_RESETS];
    case EXTRA_CANCELS:
        return limits[HS_LIMIT_CANCELS];
    case EXTRA_MIGRATIONS:
        return limits[HS_LIMIT_CANCELS] && limits[HS_LIMIT_MIGRATIONS] > 1;
    case EXTRA_HOPS:
        return limits[HS_LIMIT_HOPS] && limits[HS_LIMIT_MIGRATIONS] > 1;
    case EXTRA_COUNT:
        break;
    }
    return false;
}

/* ---- giving ---------------------------------------------------------------------------------- */

static void raise_to(uint8_t *size, unsigned least)
{
    if (*size < least)
        *size = (uint8_t)least;
}

/* The allocator has blocks of this order. */
static void allow_order(struct hs_config *config, unsigned order)
{
    raise_to(&config->max_order, order);
    raise_to(&config->pages, 1u << order);
}

static void allow_reports(struct hs_config *config)
{
    raise_to(&config->queue_size[HS_QUEUE_REPORTING], 1);
    raise_to(&config->report_batch, 1);
}

static void give_to_hints(struct hs_config *config, enum extra extra)
{
    raise_to(&config->queue_size[HS_QUEUE_FREE_PAGE], 2);
    if (extra == EXTRA_SLOTS)
        raise_to(&config->queue_size[HS_QUEUE_FREE_PAGE], 4);
    if (extra == EXTRA_HINT_ORDER)
        raise_to(&config->hint_order, 1);
    allow_order(config, config->hint_order + (extra == EXTRA_MAX_ORDER ? 1u : 0u));
}

static void give_to_reports(struct hs_config *config, enum extra extra)
{
    allow_reports(config);
    if (extra == EXTRA_REPORT_ORDER)
        raise_to(&config->report_order, 1);
    if (extra == EXTRA_REPORT_BATCH) {
        raise_to(&config->report_batch, 2);
        raise_to(&config->pages, 2u << config->report_order);
    }
    allow_order(config, config->report_order);
}

static void give_limit(struct hs_config *config, enum extra extra)
{
    static const struct {
        uint8_t limit;
        uint8_t least;
    } rows[EXTRA_COUNT] = {[EXTRA_WRITES] = {HS_LIMIT_WRITES, 2},
        [EXTRA_ROUNDS] = {HS_LIMIT_ROUNDS, 2},
        [EXTRA_DMA] = {HS_LIMIT_DMA, 1},
        [EXTRA_CHANGES] = {HS_LIMIT_CHANGES, 1},
        [EXTRA_RESETS] = {HS_LIMIT_RESETS, 1},
        [EXTRA_CANCELS] = {HS_LIMIT_CANCELS, 1},
        [EXTRA_MIGRATIONS] = {HS_LIMIT_MIGRATIONS, 2},
        [EXTRA_HOPS] = {HS_LIMIT_MIGRATIONS, 2}};
    raise_to(&config->limits[rows[extra].limit], rows[extra].least);
    if (extra == EXTRA_MIGRATIONS)
        raise_to(&config->limits[HS_LIMIT_CANCELS], 1);
    if (extra == EXTRA_HOPS)
        raise_to(&config->limits[HS_LIMIT_HOPS], 1);
}

void extra_give(struct hs_config *config, enum extra extra, struct chance *chance)
{
    switch (extra) {
    case EXTRA_NO_HINTS:
        config->queue_size[HS_QUEUE_FREE_PAGE] = 0;
        break;
    case EXTRA_SLOTS:
    case EXTRA_HINT_ORDER:
    case EXTRA_MAX_ORDER:
        give_to_hints(config, extra);
        break;
    case EXTRA_LIFO:
        config->policy = HS_POLICY_LIFO;
        raise_to(&config->pages, 2);
        break;
    case EXTRA_REPORTS:
    case EXTRA_REPORT_ORDER:
    case EXTRA_REPORT_BATCH:
        give_to_reports(config, extra);
        break;
    case EXTRA_INFLATES:
        raise_to(&config->queue_size[HS_QUEUE_INFLATE], 1);
        raise_to(&config->queue_size[HS_QUEUE_DEFLATE], 1);
        break;
    case EXTRA_POISON:
        config->rules.value[HS_RULE_POISON] =
            chance_one_in(chance, 2) ? HS_POISON_ZERO : HS_POISON_VALUE;
        break;
    case EXTRA_POSTCOPY:
        config->postcopy = true;
        break;
    case EXTRA_WRITES:
    case EXTRA_ROUNDS:
    case EXTRA_DMA:
    case EXTRA_CHANGES:
    case EXTRA_RESETS:
    case EXTRA_CANCELS:
    case EXTRA_MIGRATIONS:
    case EXTRA_HOPS:
        give_limit(config, extra);
        break;
    case EXTRA_COUNT:
        break;
    }
}

/* ---- drawing --------------------------------------------------------------------------------- */

void extras_draw(struct hs_config *config, uint64_t number, uint32_t beyond, struct chance *chance)
{
    enum { ANOTHER_EVERY = 4 };
    unsigned turn = (unsigned)(number % EXTRA_COUNT);
    unsigned other = chance_below(chance, ANOTHER_EVERY * EXTRA_COUNT);
    while (beyond >> turn & 1u)
        turn = (turn + 1) % EXTRA_COUNT;
    if (other < EXTRA_COUNT && !(beyond >> other & 1u))
        extra_give(config, (enum extra)other, chance);
    extra_give(config, (enum extra)turn, chance);
}

/* Is `a` to be drawn before `b`? */
static bool is_missed_more(const struct extras_met *met, unsigned a, unsigned b)
{
    if (met->compared[a] != met->compared[b])
        return met->compared[a] < met->compared[b];
    return met->drawn[a] < met->drawn[b];
}

void extras_draw_missed(
    struct hs_config *config, unsigned count, struct extras_met *met, struct chance *chance)
{
    uint32_t given = 0;
    for (unsigned i = 0; i < count; i++) {
        unsigned first = chance_below(chance, EXTRA_COUNT); /* of equals, any */
        unsigned best = EXTRA_COUNT;
        for (unsigned k = 0; k < EXTRA_COUNT; k++) {
            unsigned extra = (first + k) % EXTRA_COUNT;
            if (!(given >> extra & 1u) && (best == EXTRA_COUNT || is_missed_more(met, extra, best)))
                best = extra;
        }
        given |= 1u << best;
        met->drawn[best]++;
    }
    for (unsigned extra = 0; extra < EXTRA_COUNT; extra++) {
        if (given >> extra & 1u)
            extra_give(config, (enum extra)extra, chance);
    }
}

/* ---- counting -------------------------------------------------------------------------------- */

void extras_compared(struct extras_met *met, const struct hs_config *config)
{
    for (unsigned extra = 0; extra < EXTRA_COUNT; extra++)
        met->compared[extra] += extra_has(config, (enum extra)extra);
}

bool extras_lack(const struct extras_met *met, uint32_t beyond)
{
    for (unsigned extra = 0; extra < EXTRA_COUNT; extra++) {
        if (!(beyond >> extra & 1u) && !met->compared[extra])
            return true;
    }
    return false;
}

bool extras_all_compared(const struct extras_met *met, uint32_t beyond)
{
    bool good = true;
    printf("compared whole with");
    for (unsigned extra = 0; extra < EXTRA_COUNT; extra++) {
        if (!(beyond >> extra & 1u))
            printf(" %s %u", names[extra], met->compared[extra]);
    }
    printf("\n");
    for (unsigned extra = 0; extra < EXTRA_COUNT; extra++) {
        bool is_beyond = beyond >> extra & 1u;
        if (is_beyond != !met->compared[extra]) {
            printf("NOT OK: %s was %s in a world that was compared whole\n", names[extra],
                is_beyond ? "met, and is said never to be," : "never");
            good = false;
        }
    }
    return good;
}

void print_config(const struct hs_config *config)
{
    char number[8];
    printf("  pages %u, max-order %u, hint-order %u, report-order %u, report-batch %u, policy %s, "
           "postcopy %s, free %" PRIx64 "\n  queues",
        config->pages, config->max_order, config->hint_order, config->report_order,
        config->report_batch, config->policy == HS_POLICY_LIFO ? "lifo" : "any",
        config->postcopy ? "yes" : "no", config->free_at_start);
    for (unsigned queue = 0; queue < HS_QUEUE_COUNT; queue++)
        printf(" %u", config->queue_size[queue]);
    printf("; limits");
    for (unsigned i = 0; i < HS_LIMIT_COUNT; i++)
        printf(" %s=%u", hs_limit_rows[i].name, config->limits[i]);
    printf("\n  rules");
    for (unsigned r = 0; r < HS_RULE_COUNT; r++)
        printf(" %s=%s", hs_rule_rows[r].name,
            hs_rule_value_name((enum hs_rule)r, config->rules.value[r], number));
    printf("\n");
}
