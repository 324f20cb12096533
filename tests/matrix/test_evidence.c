/* SPDX-License-Identifier: BSD-3-Clause */
/* What makes the matrix quick changes no verdict: forgetting ghosts, and rules that nothing reads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "ordering.h"

#include <string.h>

static const struct hs_search_options options = {.threads = 1, .memory = (size_t)512 << 20};
static const uint32_t pages =
    1u << HS_DIRTY_PAGE_LOST | 1u << HS_PAGE_CORRUPTED | 1u << HS_VALUE_BROKEN;
static const uint32_t all = (1u << HS_PROPERTY_COUNT) - 1;
static char name[] = "test";

/* The properties that some state breaks, with nothing forgotten. */
static uint32_t swept(const struct hs_config *config)
{
    struct hs_abstraction abstraction;
    union hs_abstract_state start;
    struct hs_sweep sweep;
    hs_abstraction_set(&abstraction, config);
    hs_abstract_start(&abstraction, &start);
    struct hs_graph graph = hs_abstract_graph(&abstraction);
    hs_sweep_run(&graph, &start, &options, &sweep);
    assert_true(sweep.complete);
    uint32_t flags = sweep.flags;
    hs_sweep_close(&sweep);
    return flags;
}

/* The same as evidence has it; and how many states were left. */
static uint32_t gathered(const struct hs_pair *pair, uint32_t asked, uint32_t *count)
{
    struct hs_evidence found;
    hs_gather(&pair->variant, asked, 0, (struct hs_bounds){0}, &options, &found);
    assert_true(found.complete);
    uint32_t flags = found.flags;
    *count = found.count;
    hs_evidence_close(&found);
    return flags;
}

/* Between them these pairs break every clause of hinting that has a ghost, and keep most. */
static void forgetting_the_ghosts_changes_no_verdict(void **state)
{
    (void)state;
    static const char *const guests[] = {
        "linux-6.1+pipelined-ack", "spec-latitude", "thread-iterator", "thread-rx-ring"};
    static const char *const hosts[] = {"qemu-4.0", "qemu-7.2-ring", "thread-madvise"};
    const uint32_t ghosts = 1u << HS_HINT_DRIVER_2 | 1u << HS_HINT_DRIVER_3 |
                            1u << HS_HINT_DEVICE_2 | 1u << HS_HINT_DEVICE_3 |
                            1u << HS_HINT_DEVICE_4 | 1u << HS_HINT_DEVICE_5;
    uint32_t broken = 0;
    uint32_t kept = 0;
    for (unsigned i = 0; i < 4 * 3; i++) {
        struct hs_pair pair;
        uint32_t few;
        uint32_t more;
        hs_pair_begin(&pair, hs_preset_find(HS_SIDE_GUEST, guests[i / 3]),
            hs_preset_find(HS_SIDE_HOST, hosts[i % 3]), name);
        uint32_t flags = swept(&pair.variant.config);
        assert_int_equal(gathered(&pair, pages, &few), flags & pages);
        assert_int_equal(gathered(&pair, all, &more), flags);
        assert_true(few <= more);
        broken |= flags;
        kept |= ~flags;
    }
    assert_int_equal(broken & ghosts, ghosts);
    assert_int_equal(
        kept & ghosts, ghosts & ~(1u << HS_HINT_DRIVER_2)); /* a full queue breaks it */
}

static bool same_rules_matter(const struct hs_config *a, const struct hs_config *b)
{
    struct hs_rules left = hs_rules_that_matter(a);
    struct hs_rules right = hs_rules_that_matter(b);
    return memcmp(&left, &right, sizeof(left)) == 0;
}

/* Change the world so that it lacks what a rule needs. */
static void unmeet(struct hs_config *config, struct hs_need need)
{
    switch ((enum hs_need_kind)need.kind) {
    case HS_NEED_NONE:
        break;
    case HS_NEED_QUEUE:
        config->queue_size[need.which] = 0;
        break;
    case HS_NEED_LIMIT:
        config->limits[need.which] = 0;
        break;
    case HS_NEED_RULE:
        for (unsigned place = 0; hs_config_meets(config, need); place++)
            config->rules.value[need.which] =
                (uint8_t)hs_rule_value_at((enum hs_rule)need.which, place);
        break;
    case HS_NEED_POSTCOPY:
        config->postcopy = false;
        break;
    case HS_NEED_PRECOPY:
        config->postcopy = true;
        break;
    case HS_NEED_CALLBACK:
        config->rules.value[HS_RULE_HINT_WAIT] = HS_WAIT_NONE;
        config->rules.value[HS_RULE_RELEASE] = HS_RELEASE_ANY_TIME;
        break;
    case HS_NEED_PARTIAL:
        config->rules.value[HS_RULE_FIRST_PASS] = HS_FIRST_PASS_ALL;
        break;
    case HS_NEED_ZEROES:
        config->rules.value[HS_RULE_REPORT_ZEROES] = HS_REPORT_ZEROES_IGNORED;
        break;
    }
}

/* Try the values of a rule that, as `usual` has it, changes nothing; returns how many. */
static unsigned try_values(enum hs_rule rule, const struct hs_pair *usual)
{
    unsigned count_of_values = hs_rule_value_count(rule);
    unsigned first = hs_rule_has_names(rule) ? 0 : count_of_values - 2;
    unsigned tried = 0;
    uint32_t expected = 0;
    uint32_t expected_count = 0;
    for (unsigned place = first; place < count_of_values; place++) {
        unsigned v = hs_rule_value_at(rule, place);
        struct hs_pair pair;
        uint32_t count;
        hs_pair_begin(&pair, NULL, NULL, name);
        pair.variant.config = usual->variant.config;
        pair.variant.config.rules.value[rule] = (uint8_t)v;
        if (v == usual->variant.config.rules.value[rule] ||
            !same_rules_matter(&usual->variant.config, &pair.variant.config))
            continue;
        if (!tried++)
            expected = gathered(usual, all, &expected_count);
        assert_int_equal(gathered(&pair, all, &count), expected);
        /* release says when the driver looks at used buffers, too, which the queue of the
         * abstraction remembers or not; it is of any size, so that nothing comes of that. */
        if (rule != HS_RULE_RELEASE)
            assert_int_equal(count, expected_count);
    }
    return tried;
}

static void rules_that_nothing_reads_change_nothing(void **state)
{
    (void)state;
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        const struct hs_need *needs = hs_rule_rows[r].live_if;
        struct hs_pair pair;
        if (needs[0].kind == HS_NEED_NONE)
            continue; /* it is always read */
        hs_pair_begin(&pair, NULL, NULL, name);
        for (unsigned i = 0; i < HS_RULE_NEEDS_MAX; i++)
            unmeet(&pair.variant.config, needs[i]);
        assert_null(hs_config_finish(&pair.variant.config));
        if (!try_values((enum hs_rule)r, &pair))
            fail_msg("no value of %s was tried", hs_rule_rows[r].name);
    }
}

static void rules_that_are_not_named_are_as_weak_as_they_can_be(void **state)
{
    (void)state;
    struct hs_rules named = hs_rules_default();
    struct hs_rules rules;
    const struct hs_in_play usual = {NULL, NULL};
    bool is_named[HS_RULE_COUNT] = {false};
    assert_int_equal(hs_ordering_rules(&named, is_named, &usual, &rules), HS_RULE_HINT_SOURCE);
    for (unsigned r = 0; r < HS_RULE_COUNT; r++)
        is_named[r] = hs_rule_is_context((enum hs_rule)r);
    assert_int_equal(hs_ordering_rules(&named, is_named, &usual, &rules), HS_RULE_COUNT);
    assert_int_equal(rules.value[HS_RULE_LOG], named.value[HS_RULE_LOG]);
    assert_int_equal(rules.value[HS_RULE_RELEASE], hs_strength_of(HS_RULE_RELEASE).values[0]);
    named.value[HS_RULE_RELEASE] = HS_RELEASE_AFTER_USED;
    is_named[HS_RULE_RELEASE] = true;
    assert_int_equal(hs_ordering_rules(&named, is_named, &usual, &rules), HS_RULE_COUNT);
    assert_int_equal(rules.value[HS_RULE_RELEASE], HS_RELEASE_AFTER_USED);
}

/* Of the hundreds of combinations that are left when an interrupt comes none takes time. */
static void once_interrupted_nothing_is_begun(void **state)
{
    (void)state;
    const volatile int interrupted = 1;
    struct hs_search_options late = options;
    struct hs_evidence found;
    static struct hs_pair pair;
    late.interrupted = &interrupted;
    hs_pair_begin(&pair, NULL, NULL, name);
    hs_gather(&pair.variant, pages, pages, (struct hs_bounds){0}, &late, &found);
    assert_int_equal(found.count, 0);
    assert_false(found.complete);
    assert_int_equal(found.end, HS_SEARCH_INTERRUPTED);
    hs_evidence_close(&found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forgetting_the_ghosts_changes_no_verdict),
        cmocka_unit_test(rules_that_nothing_reads_change_nothing),
        cmocka_unit_test(rules_that_are_not_named_are_as_weak_as_they_can_be),
        cmocka_unit_test(once_interrupted_nothing_is_begun),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
