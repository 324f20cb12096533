/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every scenario of a folder, every member of a family: the engine finds what a naive search finds,
 * and every reduction has the same verdicts, and the same steps that never fire.
 *
 *   test_scenarios FOLDER [largest plain search, 12000 states]
 *
 * A world that is too large for that is made smaller, bit by bit, until it fits.
 */
#include "naive.h"
#include "scenario.h"
#include "verdicts.h"

#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { USUAL_STATES = 12000, FAILED = 1, WORLDS_MAX = 4096 };

/* ---- smaller worlds -------------------------------------------------------------------------- */

static void at_most(uint8_t *size, unsigned most)
{
    if (*size > most)
        *size = (uint8_t)most;
}

static void cut_limits(struct hs_config *config)
{
    at_most(&config->limits[HS_LIMIT_WRITES], 1);
    at_most(&config->limits[HS_LIMIT_ROUNDS], 1);
}

static void cut_queues(struct hs_config *config)
{
    for (unsigned queue = 0; queue < HS_QUEUE_COUNT; queue++)
        at_most(&config->queue_size[queue], 2);
    config->report_batch = 1;
}

static void cut_pages_to(struct hs_config *config, unsigned pages)
{
    if (config->max_order || config->pages <= pages)
        return;
    config->pages = (uint8_t)pages;
    config->free_at_start &= (1u << pages) - 1;
}

static void cut_to_two_pages(struct hs_config *config)
{
    cut_pages_to(config, 2);
}

static void cut_orders(struct hs_config *config)
{
    config->max_order = config->hint_order = config->report_order = 0;
    cut_pages_to(config, 2);
}

static void cut_to_one_page(struct hs_config *config)
{
    cut_pages_to(config, 1);
}

static void cut_writes(struct hs_config *config)
{
    config->limits[HS_LIMIT_WRITES] = 0;
}

static void cut_choices(struct hs_config *config)
{
    for (unsigned i = HS_LIMIT_DMA; i < HS_LIMIT_COUNT; i++)
        config->limits[i] = 0;
}

static void cut_rounds(struct hs_config *config)
{
    config->limits[HS_LIMIT_ROUNDS] = 0;
}

static void cut_migrations(struct hs_config *config)
{
    at_most(&config->limits[HS_LIMIT_MIGRATIONS], 1);
}

/* In this order, what matters least to a story first; each is made on top of those before. */
static void (*const cuts[])(struct hs_config *config) = {cut_limits, cut_queues, cut_to_two_pages,
    cut_migrations, cut_orders, cut_to_one_page, cut_writes, cut_choices, cut_rounds};
enum { CUT_COUNT = sizeof(cuts) / sizeof(cuts[0]) };

/* ---- comparing ------------------------------------------------------------------------------- */

struct tally {
    uint64_t most; /* states of a plain search */
    unsigned variants;
    unsigned took_part;
    unsigned as_written; /* of those, without a cut */
    unsigned bad;
    struct hs_config worlds[WORLDS_MAX]; /* that were compared */
    unsigned world_count;
    struct state_sums sums;
};

static bool was_compared(const struct tally *tally, const struct hs_config *config)
{
    for (unsigned i = 0; i < tally->world_count; i++) {
        if (memcmp(&tally->worlds[i], config, sizeof(*config)) == 0)
            return true;
    }
    return false;
}

static void compare(const struct hs_config *config, const struct naive_counts *counts,
    const char *name, struct tally *tally)
{
    struct verdicts plain;
    struct hs_graph graph = hs_world_graph(config);
    unsigned threads = 1 + tally->world_count % 3;
    bool good = verdicts_of(&graph, config, threads, (size_t)1 << 30, &plain) &&
                naive_agrees(counts, &plain) && reductions_agree(config, &plain, &tally->sums);
    if (!good) {
        printf("%s: ", name);
        print_world(config);
    }
    tally->bad += !good;
    if (tally->world_count < WORLDS_MAX)
        tally->worlds[tally->world_count++] = *config;
}

static void compare_variant(const struct hs_variant *variant, struct tally *tally)
{
    struct hs_config config = variant->config;
    struct naive_counts counts;
    unsigned cut = 0;
    bool known = was_compared(tally, &config);
    while (!known && !naive_search(&config, tally->most, &counts)) {
        if (cut == CUT_COUNT) {
            printf("%s: too large\n", variant->name);
            return;
        }
        cuts[cut++](&config);
        if (hs_config_finish(&config)) {
            printf("%s: cannot be cut\n", variant->name);
            return;
        }
        known = was_compared(tally, &config);
    }
    tally->took_part++;
    tally->as_written += cut == 0;
    if (!known)
        compare(&config, &counts, variant->name, tally);
}

static void compare_file(const char *path, struct tally *tally)
{
    struct hs_error error;
    struct hs_variant variant;
    struct hs_scenario *scenario = hs_scenario_load(path, &error);
    bool good = scenario != NULL;
    for (unsigned i = 0; good && i < hs_scenario_variant_count(scenario); i++) {
        good = hs_scenario_variant(scenario, i, &variant, &error);
        tally->variants++;
        if (good)
            compare_variant(&variant, tally);
    }
    if (!good) {
        printf("%s\n", error.text);
        tally->bad++;
    }
    hs_scenario_free(scenario);
}

static void compare_folder(const char *folder, struct tally *tally)
{
    static const char *const patterns[] = {"*.yaml", "*/*.yaml", "*/*/*.yaml"};
    for (unsigned i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        char pattern[1000];
        glob_t found;
        snprintf(pattern, sizeof(pattern), "%s/%s", folder, patterns[i]);
        if (glob(pattern, 0, NULL, &found) != 0)
            continue;
        for (size_t f = 0; f < found.gl_pathc; f++)
            compare_file(found.gl_pathv[f], tally);
        globfree(&found);
    }
}

int main(int argc, char **argv)
{
    struct tally *tally = hs_must(calloc(1, sizeof(*tally)));
    tally->most = argc > 2 ? strtoull(argv[2], NULL, 10) : USUAL_STATES;
    if (argc > 1)
        compare_folder(argv[1], tally);
    printf("%u of %u scenarios took part, %u as they are written; %u different worlds, %u bad; ",
        tally->took_part, tally->variants, tally->as_written, tally->world_count, tally->bad);
    print_sums(&tally->sums);
    bool good = !tally->bad && tally->variants && tally->took_part * 10 >= tally->variants * 9;
    free(tally);
    return good ? 0 : FAILED;
}
