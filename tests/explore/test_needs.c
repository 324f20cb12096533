/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a property needs (model/properties.c) is all that it needs, and no more.  Looked for by
 * searching all of many small worlds drawn by chance:
 *
 *   - a world in which the property is no question, since one of its needs is taken away and
 *     everything else is in play, does not break it;
 *   - each smallest set of things with which it is a question, be they limits, queues or postcopy,
 *     is enough in some world for it to be broken.  So nothing else is needed, and none of them can
 *     be left out of the row.
 *
 * Of rules only the first is looked for: a rule that keeps a property from breaking is no need.
 *
 *   test_needs [how many worlds at least, 200]
 *
 * It draws on until each smallest set was broken, up to MOST_WORLDS.
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
    USUAL_WORLDS = 200,
    MOST_WORLDS = 2000,
    WHOLE_LEAST = 75, /* worlds searched whole in which a property is no question */
    MEMORY = 3 << 20, /* bytes for one search */
    FAILED = 1,
};

/* ---- things ---------------------------------------------------------------------------------- */

/* What can be in play: limits in their order, then queues, then postcopy.  A set has a bit for
 * each. */
enum { FREE_PAGE = HS_LIMIT_COUNT, REPORTING, INFLATE, POSTCOPY, THINGS, SETS = 1 << THINGS };

static const char *name_of(unsigned thing)
{
    static const char *const others[] = {"free_page_vq", "reporting_vq", "inflateq", "postcopy"};
    return thing < HS_LIMIT_COUNT ? hs_limit_rows[thing].name : others[thing - HS_LIMIT_COUNT];
}

/* Some clauses take two rounds, which the other half of the worlds has. */
static void put_into_play(struct hs_config *config, unsigned set, unsigned number)
{
    for (unsigned i = 0; i < HS_LIMIT_COUNT; i++)
        config->limits[i] = set >> i & 1u;
    if (config->limits[HS_LIMIT_ROUNDS])
        config->limits[HS_LIMIT_ROUNDS] = (uint8_t)(1 + number % 2);
    config->queue_size[HS_QUEUE_FREE_PAGE] = (uint8_t)(2 * (set >> FREE_PAGE & 1u));
    config->queue_size[HS_QUEUE_REPORTING] = set >> REPORTING & 1u;
    config->queue_size[HS_QUEUE_INFLATE] = set >> INFLATE & 1u;
    config->queue_size[HS_QUEUE_DEFLATE] = set >> INFLATE & 1u;
    config->postcopy = set >> POSTCOPY & 1u;
}

/* What breaks in some run of the world with these in play; false if it is too large. */
static bool search(const struct hs_config *drawn, unsigned set, unsigned number, uint32_t *broken)
{
    struct hs_config config = *drawn;
    struct verdicts verdicts;
    put_into_play(&config, set, number);
    if (hs_config_finish(&config))
        return false;
    struct hs_reduction reduction =
        reduction_of_set(&config, number % 8 ? SET_REDUCTIONS : SET_PLAIN);
    struct hs_graph graph = hs_world_graph_reduced(&reduction);
    bool whole = verdicts_of(&graph, &config, 1, MEMORY, &verdicts);
    *broken = verdicts.seen | verdicts.stuck;
    return whole;
}

/* ---- questions ------------------------------------------------------------------------------- */

/* Of each set, the properties that are a question in the drawn world with these in play. */
static void list_questions(const struct hs_config *drawn, uint32_t questions[SETS])
{
    struct hs_config config = *drawn;
    for (unsigned set = 0; set < SETS; set++) {
        put_into_play(&config, set, 0);
        questions[set] = hs_config_questions(&config, UINT32_MAX);
    }
}

/* The set is the smallest, or the largest: adding or removing any one thing makes the difference.
 */
static bool is_edge(
    const uint32_t questions[SETS], unsigned set, unsigned property, bool is_question)
{
    if ((questions[set] >> property & 1u) != is_question)
        return false;
    for (unsigned i = 0; i < THINGS; i++) {
        bool is_inside = set >> i & 1u;
        bool is_other = (questions[set ^ 1u << i] >> property & 1u) != is_question;
        if (is_inside == is_question && !is_other)
            return false;
    }
    return true;
}

/* Three states of each set with which a property is a question. */
enum { NOT_DRAWN, NOT_BROKEN, BROKEN };

struct tally {
    unsigned whole[HS_PROPERTY_COUNT]; /* worlds in which it is no question */
    unsigned broken[HS_PROPERTY_COUNT];
    uint8_t smallest[HS_PROPERTY_COUNT][SETS];
};

/* ---- what is taken away ---------------------------------------------------------------------- */

static void note_broken(struct tally *tally, const struct hs_config *drawn, unsigned set,
    unsigned number, uint32_t questions, uint32_t broken)
{
    for (unsigned p = 0; p < HS_PROPERTY_COUNT; p++) {
        if (questions >> p & 1u)
            continue;
        tally->whole[p]++;
        tally->broken[p] += broken >> p & 1u;
        if (broken >> p & 1u) {
            struct hs_config config = *drawn;
            put_into_play(&config, set, number);
            printf("world %u breaks %s, which nothing in it could: ", number,
                hs_property_rows[p].name);
            print_world(&config);
        }
    }
}

/* Take what is needed away from one property after the other, in one of the ways that there are. */
static void take_away(const struct hs_config *drawn, const uint32_t questions[SETS],
    unsigned number, struct tally *tally)
{
    struct chance chance = {number};
    unsigned property = number % HS_PROPERTY_COUNT;
    unsigned ways = 0;
    unsigned chosen = 0;
    for (unsigned set = 0; set < SETS; set++) {
        if (is_edge(questions, set, property, false) && chance_below(&chance, ++ways) == 0)
            chosen = set;
    }
    uint32_t broken;
    /* All at once is more than can be searched: of what is not needed, half. */
    unsigned fewer = chosen & ((unsigned)chance_next(&chance) | (unsigned)chance_next(&chance));
    if (ways && search(drawn, fewer, number, &broken))
        note_broken(tally, drawn, fewer, number, questions[fewer], broken);
}

/* ---- what is enough -------------------------------------------------------------------------- */

static void try_smallest(const struct hs_config *drawn, const uint32_t questions[SETS],
    unsigned number, struct tally *tally)
{
    for (unsigned set = 0; set < SETS; set++) {
        uint32_t open = 0;
        uint32_t broken = 0;
        for (unsigned p = 0; p < HS_PROPERTY_COUNT; p++) {
            bool wanted = tally->smallest[p][set] != BROKEN && is_edge(questions, set, p, true);
            open |= (uint32_t)wanted << p;
        }
        if (!open)
            continue;
        if (!search(drawn, set, number, &broken))
            broken = 0;
        else
            note_broken(tally, drawn, set, number, questions[set], broken);
        for (unsigned p = 0; p < HS_PROPERTY_COUNT; p++) {
            if (open >> p & 1u)
                tally->smallest[p][set] = broken >> p & 1u ? BROKEN : NOT_BROKEN;
        }
    }
}

static void look_at(unsigned number, struct tally *tally)
{
    static uint32_t questions[SETS];
    struct chance chance = {number};
    struct hs_config config;
    draw_small_world(number, 0, &chance, &config);
    list_questions(&config, questions);
    take_away(&config, questions, number, tally);
    try_smallest(&config, questions, number, tally);
}

/* ---- what came of it ------------------------------------------------------------------------- */

static void print_set(unsigned set)
{
    const char *joint = "";
    for (unsigned i = 0; i < THINGS; i++) {
        if (set >> i & 1u)
            printf("%s%s", joint, name_of(i));
        joint = set >> i & 1u ? ", " : joint;
    }
}

static bool property_is_good(const struct tally *tally, unsigned p, unsigned *sets)
{
    bool good = !tally->broken[p] && tally->whole[p] >= WHOLE_LEAST;
    if (!good)
        printf(
            "%s: %u worlds in which it is no question were searched whole, %u of them break it\n",
            hs_property_rows[p].name, tally->whole[p], tally->broken[p]);
    unsigned before = *sets;
    for (unsigned set = 0; set < SETS; set++) {
        *sets += tally->smallest[p][set] == BROKEN;
        if (tally->smallest[p][set] != NOT_BROKEN)
            continue;
        printf("%s: no world breaks it with no more in play than ", hs_property_rows[p].name);
        print_set(set);
        printf("\n");
        good = false;
    }
    if (*sets == before)
        printf("%s: no world breaks it\n", hs_property_rows[p].name);
    return good && *sets > before;
}

/* Has a smallest set been tried, and nothing broken? */
static bool lacks(const struct tally *tally)
{
    for (unsigned p = 0; p < HS_PROPERTY_COUNT; p++) {
        for (unsigned set = 0; set < SETS; set++) {
            if (tally->smallest[p][set] == NOT_BROKEN)
                return true;
        }
    }
    return false;
}

int main(int argc, char **argv)
{
    unsigned worlds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : USUAL_WORLDS;
    static struct tally tally;
    unsigned least = UINT32_MAX;
    unsigned sets = 0;
    bool good = true;
    unsigned looked_at = 0;
    while (looked_at < worlds || (looked_at < MOST_WORLDS && lacks(&tally)))
        look_at(FIRST_WORLD + looked_at++, &tally);
    for (unsigned p = 0; p < HS_PROPERTY_COUNT; p++) {
        good = property_is_good(&tally, p, &sets) && good;
        least = tally.whole[p] < least ? tally.whole[p] : least;
    }
    printf("%u worlds; each property was no question in at least %u of those searched whole, and "
           "is broken with each of %u smallest sets\n",
        looked_at, least, sets);
    return good ? 0 : FAILED;
}
