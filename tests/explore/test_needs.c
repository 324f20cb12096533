/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a property needs (model/properties.c): a world that meets none of it cannot break the
 * property.  Looked for by searching all of many small worlds drawn by chance, with what it needs
 * taken away.  That the search would find a break is shown as well: each need, met alone, lets one
 * be found, and so does each need that is invented here.
 *
 *   test_needs [how many worlds, 80]
 *
 * World i is drawn from its number alone.  Those that are too large are left out.
 */
#include "draw.h"
#include "verdicts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FIRST_WORLD = 100, /* from here on, few worlds show all that must be seen */
    USUAL_WORLDS = 80,
    WHOLE_LEAST = 75, /* worlds searched whole, of each property that needs something */
    MEMORY = 3 << 20, /* bytes for one search */
    FAILED = 1,
};

/* Needs that no property has: the search must refute each. */
static const struct invented {
    enum hs_property property;
    struct hs_need need;
    const char *name;
} invented[] = {
    {HS_HINT_DEVICE_2, NEED_LIMIT(WRITES), "writes"},
    {HS_HINT_DRIVER_5, NEED_LIMIT(WRITES), "writes"},
    {HS_HINT_DEVICE_4, NEED_LIMIT(CANCELS), "cancels"},
    {HS_DIRTY_PAGE_LOST, NEED_LIMIT(DMA), "dma"},
    {HS_DIRTY_PAGE_LOST, NEED_LIMIT(CHANGES), "changes"},
    {HS_REPORT_DRIVER_3, NEED_LIMIT(ROUNDS), "rounds"},
    {HS_BALLOON_DRIVER_4, NEED_QUEUE(REPORTING), "a queue for reporting"},
    {HS_BALLOON_DRIVER_5, NEED_LIMIT(ROUNDS), "rounds"},
};
enum { INVENTED = sizeof(invented) / sizeof(invented[0]) };

struct tally {
    unsigned whole[HS_PROPERTY_COUNT]; /* worlds that meet none of its needs */
    unsigned broken[HS_PROPERTY_COUNT];
    bool lets[HS_PROPERTY_COUNT][HS_PROPERTY_NEEDS_MAX]; /* that need alone lets it break */
    bool refuted[INVENTED];
};

/* ---- worlds ---------------------------------------------------------------------------------- */

/* Some clauses take two rounds: a limit that is met is 1 or, in the other half of the worlds, 2. */
static void set_need(struct hs_config *config, struct hs_need need, unsigned number, bool met)
{
    switch ((enum hs_need_kind)need.kind) {
    case HS_NEED_QUEUE:
        if (!met || !config->queue_size[need.which])
            config->queue_size[need.which] = met ? 2 : 0;
        break;
    case HS_NEED_LIMIT:
        config->limits[need.which] = (uint8_t)(met ? 1 + number % 2 : 0);
        break;
    case HS_NEED_NONE:
        break;
    case HS_NEED_RULE:
    case HS_NEED_POSTCOPY:
    case HS_NEED_CALLBACK:
        printf("a property needs a rule or postcopy: say here how to take it away\n");
        exit(FAILED);
    }
}

/* A queue for inflate is of no use without the other. */
static void complete(struct hs_config *config)
{
    if (config->queue_size[HS_QUEUE_INFLATE] && !config->queue_size[HS_QUEUE_DEFLATE])
        config->queue_size[HS_QUEUE_DEFLATE] = 2;
}

static bool needs_something(unsigned property)
{
    return hs_property_rows[property].needs[0].kind != HS_NEED_NONE;
}

/* Does an earlier property need the same? */
static bool is_repeated(unsigned property)
{
    const struct hs_property_row *rows = hs_property_rows;
    for (unsigned i = 0; i < property; i++) {
        if (memcmp(rows[i].needs, rows[property].needs, sizeof(rows[i].needs)) == 0)
            return true;
    }
    return false;
}

/* What breaks in some run of the world; false if it is too large. */
static bool search(struct hs_config *config, unsigned number, uint32_t *seen)
{
    struct verdicts verdicts;
    unsigned set = number % 8 ? SET_REDUCTIONS : SET_PLAIN;
    if (hs_config_finish(config))
        return false;
    struct hs_reduction reduction = reduction_of_set(config, set);
    struct hs_graph graph = hs_world_graph_reduced(&reduction);
    bool whole = verdicts_of(&graph, config, 1, MEMORY, &verdicts);
    *seen = verdicts.seen | verdicts.stuck;
    return whole;
}

/* ---- the needs of the table ------------------------------------------------------------------ */

static void without_needs(
    const struct hs_config *drawn, unsigned number, unsigned property, struct tally *tally)
{
    struct hs_config config = *drawn;
    uint32_t seen;
    for (unsigned i = 0; i < HS_PROPERTY_NEEDS_MAX; i++)
        set_need(&config, hs_property_rows[property].needs[i], number, false);
    if (!search(&config, number, &seen))
        return;
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (hs_config_asks(&config, (enum hs_property)i))
            continue;
        tally->whole[i]++;
        tally->broken[i] += seen >> i & 1u;
        if (seen >> i & 1u) {
            printf("world %u breaks %s, which nothing in it could: ", number,
                hs_property_rows[i].name);
            print_world(&config);
        }
    }
}

/* With this need alone of those that the property has. */
static void with_need(const struct hs_config *drawn, unsigned number, unsigned property,
    unsigned need, struct tally *tally)
{
    struct hs_config config = *drawn;
    const struct hs_need *needs = hs_property_rows[property].needs;
    uint32_t seen;
    if (tally->lets[property][need])
        return;
    for (unsigned i = 0; i < HS_PROPERTY_NEEDS_MAX; i++)
        set_need(&config, needs[i], number, i == need);
    complete(&config);
    if (search(&config, number, &seen))
        tally->lets[property][need] = seen >> property & 1u;
}

static void try_invented(
    const struct hs_config *drawn, unsigned number, unsigned which, struct tally *tally)
{
    struct hs_config config = *drawn;
    const struct hs_need *needs = hs_property_rows[invented[which].property].needs;
    uint32_t seen;
    if (tally->refuted[which])
        return;
    for (unsigned i = 0; i < HS_PROPERTY_NEEDS_MAX; i++)
        set_need(&config, needs[i], number, true);
    set_need(&config, invented[which].need, number, false);
    complete(&config);
    if (search(&config, number, &seen))
        tally->refuted[which] = seen >> invented[which].property & 1u;
}

static void look_at(unsigned number, struct tally *tally)
{
    struct chance chance = {number};
    struct hs_config config;
    draw_small_world(number, 0, &chance, &config);
    config.limits[HS_LIMIT_ROUNDS] = (uint8_t)(1 + number % 2);
    for (unsigned p = 0; p < HS_PROPERTY_COUNT; p++) {
        if (!needs_something(p))
            continue;
        if (!is_repeated(p))
            without_needs(&config, number, p, tally);
        for (unsigned i = 0; i < HS_PROPERTY_NEEDS_MAX; i++) {
            if (hs_property_rows[p].needs[i].kind != HS_NEED_NONE)
                with_need(&config, number, p, i, tally);
        }
    }
    for (unsigned i = 0; i < INVENTED; i++)
        try_invented(&config, number, i, tally);
}

/* ---- what came of it ------------------------------------------------------------------------- */

static bool property_is_good(const struct tally *tally, unsigned p)
{
    bool good = !tally->broken[p] && tally->whole[p] >= WHOLE_LEAST;
    if (!good)
        printf("%s: %u worlds without its needs were searched whole, %u of them break it\n",
            hs_property_rows[p].name, tally->whole[p], tally->broken[p]);
    for (unsigned i = 0; i < HS_PROPERTY_NEEDS_MAX; i++) {
        if (hs_property_rows[p].needs[i].kind == HS_NEED_NONE || tally->lets[p][i])
            continue;
        printf("%s: no world breaks it with need %u alone\n", hs_property_rows[p].name, i);
        good = false;
    }
    return good;
}

int main(int argc, char **argv)
{
    unsigned worlds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : USUAL_WORLDS;
    struct tally tally = {0};
    unsigned least = UINT32_MAX;
    bool good = true;
    for (unsigned i = 0; i < worlds; i++)
        look_at(FIRST_WORLD + i, &tally);
    for (unsigned p = 0; p < HS_PROPERTY_COUNT; p++) {
        if (!needs_something(p))
            continue;
        good = property_is_good(&tally, p) && good;
        least = tally.whole[p] < least ? tally.whole[p] : least;
    }
    for (unsigned i = 0; i < INVENTED; i++) {
        if (!tally.refuted[i]) {
            printf("%s: that it needs %s was not refuted\n",
                hs_property_rows[invented[i].property].name, invented[i].name);
            good = false;
        }
    }
    printf("%u worlds; of each property at least %u without its needs searched whole\n", worlds,
        least);
    return good ? 0 : FAILED;
}
