/* SPDX-License-Identifier: BSD-3-Clause */
/* A world on the table: words to a configuration, words to steps. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORD_MAX = 64 };

/* Copy the next word of `*text` and move behind it; false at the end. */
static bool next_word(const char **text, char word[WORD_MAX])
{
    *text += strspn(*text, " \n");
    size_t length = strcspn(*text, " \n");
    assert_true(length < WORD_MAX);
    memcpy(word, *text, length);
    word[length] = '\0';
    *text += length;
    return length > 0;
}

static uint64_t pages_of(const char *list, unsigned pages)
{
    uint64_t mask = 0;
    if (strcmp(list, "all") == 0)
        return pages == HS_PAGES_MAX ? UINT64_MAX : ((uint64_t)1 << pages) - 1;
    if (strcmp(list, "none") == 0)
        return 0;
    while (*list) {
        char *end;
        mask |= (uint64_t)1 << strtoul(list, &end, 10);
        list = *end ? end + 1 : end;
    }
    return mask;
}

static bool set_rule(struct bench *b, const char *key, const char *value)
{
    enum hs_rule rule = hs_rule_find(key);
    if (rule == HS_RULE_COUNT)
        return false;
    int number = hs_rule_value_find(rule, value);
    if (number < 0)
        fail_msg("the rule %s has no value %s", key, value);
    b->config.rules.value[rule] = (uint8_t)number;
    return true;
}

static bool set_preset(struct bench *b, const char *key, const char *value)
{
    bool guest = strcmp(key, "guest") == 0;
    if (!guest && strcmp(key, "host") != 0)
        return false;
    const struct hs_preset *preset = hs_preset_find(guest ? HS_SIDE_GUEST : HS_SIDE_HOST, value);
    if (!preset)
        fail_msg("no preset %s=%s", key, value);
    hs_rules_apply_preset(&b->config.rules, preset);
    return true;
}

static bool set_size(struct bench *b, const char *key, const char *value)
{
    struct hs_config *c = &b->config;
    const struct {
        const char *name;
        uint8_t *size;
    } sizes[] = {{"pages", &c->pages}, {"max-order", &c->max_order}, {"hint-order", &c->hint_order},
        {"report-order", &c->report_order}, {"batch", &c->report_batch},
        {"hintq", &c->queue_size[HS_QUEUE_FREE_PAGE]},
        {"reportq", &c->queue_size[HS_QUEUE_REPORTING]},
        {"inflateq", &c->queue_size[HS_QUEUE_INFLATE]},
        {"deflateq", &c->queue_size[HS_QUEUE_DEFLATE]}};
    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        if (strcmp(sizes[i].name, key) == 0) {
            *sizes[i].size = (uint8_t)atoi(value);
            return true;
        }
    }
    for (unsigned i = 0; i < HS_LIMIT_COUNT; i++) {
        if (strcmp(hs_limit_rows[i].name, key) == 0) {
            c->limits[i] = (uint8_t)atoi(value);
            return true;
        }
    }
    return false;
}

static void set_word(struct bench *b, char word[WORD_MAX])
{
    char *value = strchr(word, '=');
    assert_non_null(value);
    *value++ = '\0';
    if (strcmp(word, "free") == 0)
        b->config.free_at_start = pages_of(value, b->config.pages);
    else if (strcmp(word, "policy") == 0)
        b->config.policy = strcmp(value, "lifo") == 0 ? HS_POLICY_LIFO : HS_POLICY_ANY;
    else if (strcmp(word, "postcopy") == 0)
        b->config.postcopy = strcmp(value, "on") == 0;
    else if (!set_rule(b, word, value) && !set_preset(b, word, value) && !set_size(b, word, value))
        fail_msg("no key %s", word);
}

void bench_set(struct bench *b, const char *words)
{
    char word[WORD_MAX];
    memset(b, 0, sizeof(*b));
    b->config.rules = hs_rules_default();
    b->config.pages = 4;
    b->config.report_batch = 4;
    b->config.free_at_start = UINT64_MAX;
    memset(b->config.queue_size, 4, sizeof(b->config.queue_size));
    memset(b->config.limits, HS_UNLIMITED, sizeof(b->config.limits));
    b->config.limits[HS_LIMIT_HOPS] = 0;
    while (next_word(&words, word))
        set_word(b, word);
    if (b->config.free_at_start == UINT64_MAX)
        b->config.free_at_start = pages_of("all", b->config.pages);
    const char *wrong = hs_config_finish(&b->config);
    if (wrong)
        fail_msg("the configuration is refused: %s", wrong);
    b->w = (struct hs_world){&b->config, &b->memory.state};
    hs_world_init(b->w);
    const char *broken = hs_world_check(b->w);
    if (broken)
        fail_msg("before the first step: %s", broken);
}

/* Read one step; false at the end of the story. */
static bool next_step(const char **story, struct hs_step *step)
{
    char word[WORD_MAX];
    if (!next_word(story, word))
        return false;
    enum hs_step_kind kind = hs_step_find(word);
    if (kind == HS_STEP_KIND_COUNT)
        fail_msg("no step %s", word);
    *step = (struct hs_step){(uint8_t)kind, 0};
    if (hs_step_rows[kind].has_page) {
        assert_true(next_word(story, word));
        step->page = (uint8_t)atoi(word);
    }
    return true;
}

void bench_run(struct bench *b, const char *story)
{
    struct hs_step step;
    while (next_step(&story, &step)) {
        struct hs_refusal why = {0};
        b->told++;
        if (!hs_world_enabled(b->w, step, &why))
            fail_msg("step %u, %s %u, is refused: %s", b->told, hs_step_rows[step.kind].name,
                step.page, why.text);
        hs_world_take(b->w, step);
        const char *broken = hs_world_check(b->w);
        if (broken)
            fail_msg("after step %u, %s %u: %s", b->told, hs_step_rows[step.kind].name, step.page,
                broken);
    }
}

void bench_refused(struct bench *b, const char *text, const char *words)
{
    struct hs_refusal why = {0};
    struct hs_step step;
    union hs_state_buffer before = b->memory;
    assert_true(next_step(&text, &step));
    if (hs_world_enabled(b->w, step, &why))
        fail_msg("%s %u is enabled", hs_step_rows[step.kind].name, step.page);
    assert_string_equal(why.text, words);
    assert_false(hs_world_enabled(b->w, step, NULL));
    assert_memory_equal(&before, &b->memory, sizeof(before));
}

void bench_send_all(struct bench *b)
{
    for (unsigned p = 0; p < b->config.pages; p++) {
        char story[2 * WORD_MAX];
        if (!bench_page(b, p)->bitmap)
            continue;
        snprintf(story, sizeof(story), "migration.begin-page %u migration.finish-page %u", p, p);
        bench_run(b, story);
    }
}

void bench_finish(struct bench *b)
{
    bench_run(b, FINAL);
    bench_send_all(b);
    bench_run(b, "migration.switch-over");
}

const char *bench_broken(struct bench *b)
{
    static char text[512];
    text[0] = '\0';
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (!hs_is_broken(b->w, (enum hs_property)i))
            continue;
        size_t length = strlen(text);
        snprintf(text + length, sizeof(text) - length, "%s%s", length ? " " : "",
            hs_property_rows[i].name);
    }
    return text;
}
