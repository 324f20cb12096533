/* SPDX-License-Identifier: BSD-3-Clause */
/* Small worlds by chance. */
#include "draw.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { CHUNK_MAX = 4, PAGES_MAX = 4, CHANGED_RULES_MAX = 6 };

/* ---- rules ----------------------------------------------------------------------------------- */

static const struct hs_preset *draw_preset(struct chance *chance, enum hs_side side)
{
    const struct hs_preset *preset;
    do
        preset = &hs_presets[chance_below(chance, hs_preset_count)];
    while (preset->side != side);
    return preset;
}

static void draw_rule(struct chance *chance, struct hs_rules *rules, unsigned rule)
{
    rules->value[rule] =
        (uint8_t)(rule == HS_RULE_LOG_CHUNK
                      ? 1 + chance_below(chance, CHUNK_MAX)
                      : chance_below(chance, hs_rule_value_count((enum hs_rule)rule)));
}

struct hs_rules draw_rules(struct chance *chance)
{
    struct hs_rules rules = hs_rules_default();
    bool all = chance_one_in(chance, 2);
    hs_rules_apply_preset(&rules, draw_preset(chance, HS_SIDE_GUEST));
    hs_rules_apply_preset(&rules, draw_preset(chance, HS_SIDE_HOST));
    draw_rule(chance, &rules, HS_RULE_LOG_CHUNK); /* that of a preset is all of a small guest */
    for (unsigned rule = 0; all && rule < HS_RULE_COUNT; rule++)
        draw_rule(chance, &rules, rule);
    for (unsigned change = chance_below(chance, CHANGED_RULES_MAX); change > 0; change--)
        draw_rule(chance, &rules, chance_below(chance, HS_RULE_COUNT));
    return rules;
}

/* ---- sizes and limits ------------------------------------------------------------------------ */

static void draw_sizes(struct chance *chance, struct hs_config *config)
{
    static const uint8_t pages[] = {1, 2, 2, 2, 3, PAGES_MAX};
    config->pages = pages[chance_below(chance, sizeof(pages))];
    if (config->pages > 1 && chance_one_in(chance, 3))
        config->max_order = (uint8_t)(1 + (config->pages == 4 && chance_one_in(chance, 3)));
    config->hint_order = (uint8_t)(config->max_order ? chance_below(chance, 2) : 0);
    config->report_order = (uint8_t)(config->max_order ? chance_below(chance, 2) : 0);
    config->report_batch = (uint8_t)(1 + chance_below(chance, 2));
    config->policy = (uint8_t)(chance_one_in(chance, 5) ? HS_POLICY_LIFO : HS_POLICY_ANY);
    config->postcopy = chance_one_in(chance, 6);
    config->free_at_start = chance_next(chance) & ((1u << config->pages) - 1);
}

static void draw_queues(struct chance *chance, struct hs_config *config)
{
    static const uint8_t slots[] = {2, 2, 4};
    bool hints = !chance_one_in(chance, 10);
    config->queue_size[HS_QUEUE_FREE_PAGE] = hints ? slots[chance_below(chance, sizeof(slots))] : 0;
    if (chance_one_in(chance, 4))
        config->queue_size[HS_QUEUE_REPORTING] = (uint8_t)(1 + chance_below(chance, 2));
    if (chance_one_in(chance, 5))
        config->queue_size[HS_QUEUE_INFLATE] = config->queue_size[HS_QUEUE_DEFLATE] =
            (uint8_t)(1 + chance_below(chance, 2));
}

static void draw_limits(struct chance *chance, struct hs_config *config)
{
    memset(config->limits, 0, sizeof(config->limits));
    config->limits[HS_LIMIT_WRITES] = (uint8_t)(1 + chance_one_in(chance, 4));
    config->limits[HS_LIMIT_ROUNDS] = (uint8_t)(1 + chance_one_in(chance, 3));
    config->limits[HS_LIMIT_MIGRATIONS] = 1;
    config->limits[HS_LIMIT_DMA] = chance_one_in(chance, 5);
    config->limits[HS_LIMIT_CHANGES] = chance_one_in(chance, 6);
    config->limits[HS_LIMIT_RESETS] = chance_one_in(chance, 5);
    config->limits[HS_LIMIT_CANCELS] = chance_one_in(chance, 5);
    config->limits[HS_LIMIT_HOPS] = chance_one_in(chance, 8);
    if ((config->limits[HS_LIMIT_CANCELS] || config->limits[HS_LIMIT_HOPS]) &&
        chance_one_in(chance, 2))
        config->limits[HS_LIMIT_MIGRATIONS] = 2;
}

void draw_world(struct chance *chance, struct hs_config *config)
{
    const char *wrong;
    do {
        memset(config, 0, sizeof(*config));
        config->rules = draw_rules(chance);
        draw_sizes(chance, config);
        draw_queues(chance, config);
        draw_limits(chance, config);
        wrong = hs_config_finish(config);
    } while (wrong);
}

/* ---- worlds that are small enough to be seen whole ------------------------------------------- */

void draw_small_world(
    uint64_t number, uint32_t beyond, struct chance *chance, struct hs_config *config)
{
    const char *wrong;
    do {
        memset(config, 0, sizeof(*config));
        config->rules = draw_rules(chance);
        config->pages = (uint8_t)(1 + chance_one_in(chance, 3));
        config->report_batch = 1;
        config->queue_size[HS_QUEUE_FREE_PAGE] = 2;
        config->limits[HS_LIMIT_WRITES] = config->pages == 1 && chance_one_in(chance, 2);
        config->limits[HS_LIMIT_ROUNDS] = config->limits[HS_LIMIT_MIGRATIONS] = 1;
        extras_draw(config, number, beyond, chance);
        config->free_at_start = chance_next(chance) & ((1u << config->pages) - 1);
        wrong = hs_config_finish(config);
    } while (wrong);
}

/* ---- telling --------------------------------------------------------------------------------- */

void print_step(struct hs_step step)
{
    const struct hs_step_row *row = &hs_step_rows[step.kind];
    if (row->has_page)
        printf("%s %u", row->name, step.page);
    else
        printf("%s", row->name);
}
