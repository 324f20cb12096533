/* SPDX-License-Identifier: BSD-3-Clause */
/* Worlds that a reduction was wrong about once, too rare to be met by drawing. */
#include "once_wrong.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void set_rule(struct hs_config *config, const char *rule, const char *value)
{
    enum hs_rule which = hs_rule_find(rule);
    assert(which < HS_RULE_COUNT && hs_rule_value_find(which, value) >= 0);
    config->rules.value[which] = (uint8_t)hs_rule_value_find(which, value);
}

static void finish(struct hs_config *config)
{
    const char *wrong = hs_config_finish(config);
    assert(!wrong);
    (void)wrong;
}

/* Take a step as it is written in a schedule, with a page of one digit. */
static void go(struct hs_world w, const char *text)
{
    struct hs_step step = {HS_STEP_KIND_COUNT, 0};
    for (unsigned kind = 0; kind < HS_STEP_KIND_COUNT; kind++) {
        size_t length = strlen(hs_step_rows[kind].name);
        if (strncmp(hs_step_rows[kind].name, text, length) == 0 && strchr(" ", text[length])) {
            step.kind = (uint8_t)kind;
            step.page = (uint8_t)(text[length] ? text[length + 1] - '0' : 0);
        }
    }
    assert(step.kind < HS_STEP_KIND_COUNT && hs_world_enabled(w, step, NULL));
    hs_world_take(w, step);
}

/* Both pages of a block have been sent, and hints are asked for once more.  Whether a hint takes
 * the last record of the second page was looked at when the first had cleared their chunk's log. */
static const char *const second_round[] = {"migration.start", "migration.enable-log",
    "migration.stop-hints", "migration.sync", "migration.merge-log", "migration.start-hints",
    "migration.begin-page 0", "migration.finish-page 0", "migration.begin-page 1",
    "migration.finish-page 1", "migration.stop-hints", "migration.sync", "migration.merge-log",
    "migration.start-hints"};
static void block_of_two_pages(struct hs_config *config)
{
    memset(config, 0, sizeof(*config));
    config->rules = hs_rules_default();
    set_rule(config, "release", "any-time");
    set_rule(config, "shrinker", "off");
    set_rule(config, "hint-effect", "skip-and-clear-log");
    set_rule(config, "log", "manual");
    set_rule(config, "initially-all-set", "off");
    set_rule(config, "log-chunk", "2");
    set_rule(config, "clear-mask", "all");
    config->pages = 2;
    config->max_order = config->hint_order = 1;
    config->report_batch = 1;
    config->queue_size[HS_QUEUE_FREE_PAGE] = 4;
    config->free_at_start = 3;
    config->limits[HS_LIMIT_WRITES] = config->limits[HS_LIMIT_MIGRATIONS] = 1;
    config->limits[HS_LIMIT_ROUNDS] = 2;
    finish(config);
}

/* The field said DONE before the round began, so that it began under DONE; a page is held, and the
 * work item is queued and will look at the DONE that was read last.  The slice took it for idle. */
static const char *const round_under_done[] = {"app.free 0", "device.request-hints",
    "driver.config-interrupt", "driver.read-command", "device.end-hints", "driver.config-interrupt",
    "driver.read-command", "driver.start-round", "driver.hint-page 0", "driver.end-round"};

static void page_held_until_done(struct hs_config *config)
{
    memset(config, 0, sizeof(*config));
    config->rules = hs_rules_default();
    set_rule(config, "release", "after-done");
    set_rule(config, "hint-trigger", "request");
    config->pages = 1;
    config->report_batch = 1;
    config->queue_size[HS_QUEUE_FREE_PAGE] = 4;
    config->limits[HS_LIMIT_WRITES] = config->limits[HS_LIMIT_MIGRATIONS] = 1;
    config->limits[HS_LIMIT_ROUNDS] = 2;
    finish(config);
}

/* ---- all of them ----------------------------------------------------------------------------- */

struct once {
    const struct check *check;
    void (*world)(struct hs_config *config);
    const char *const *way; /* from its start */
    unsigned length;
    uint64_t states; /* from there on: all of them, and no fewer are checked */
};

static const struct once once_wrong[] = {
    {&check_symmetry, block_of_two_pages, second_round,
        sizeof(second_round) / sizeof(second_round[0]), 171382},
    {&check_slice, page_held_until_done, round_under_done,
        sizeof(round_under_done) / sizeof(round_under_done[0]), 153697},
};
enum { ONCE_COUNT = sizeof(once_wrong) / sizeof(once_wrong[0]) };

static bool is_right(const struct once *once, struct tally *tally)
{
    struct trial trial = {.check = once->check, .tally = tally};
    union hs_state_buffer start;
    once->world(&trial.config);
    struct hs_world w = trial_world(&trial, &start);
    hs_world_init(w);
    for (unsigned i = 0; i < once->length; i++)
        go(w, once->way[i]);
    uint64_t before = tally->states;
    bool right = trial_from(&trial, &start, (uint32_t)once->states + 1);
    if (right && tally->states - before != once->states) {
        printf("%s: %" PRIu64 " states were checked, not %" PRIu64 "\n", once->check->name,
            tally->states - before, once->states);
        return false;
    }
    return right;
}

bool once_wrong_are_right(struct tally *tally)
{
    bool good = true;
    for (unsigned i = 0; i < ONCE_COUNT; i++)
        good = is_right(&once_wrong[i], tally) && good;
    return good;
}
