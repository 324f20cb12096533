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

/* The same as it is settled; and how many states were left. */
static uint32_t settled(const struct hs_pair *pair, uint32_t asked, uint32_t *count)
{
    struct hs_settled found;
    hs_settle(&pair->variant, asked, 0, 0, &options, &found);
    assert_true(found.complete);
    uint32_t flags = found.flags;
    *count = found.count;
    hs_settled_close(&found);
    return flags;
}

/* Between them these pairs break every clause of hinting that has a ghost, and keep most. */
static void forgetting_the_ghosts_changes_no_verdict(void **state)
{
    (void)state;
    static const char *const guests[] = {
        "linux-6.1+wait-on-ack", "spec-latitude", "thread-iterator", "thread-rx-ring"};
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
        assert_int_equal(settled(&pair, pages, &few), flags & pages);
        assert_int_equal(settled(&pair, all, &more), flags);
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

/* Try the values of a rule that, as `usual` has it, changes nothing; returns how many. */
static unsigned try_values(enum hs_rule rule, const struct hs_pair *usual)
{
    unsigned first = hs_rule_rows[rule].values[0] ? 0 : HS_LOG_CHUNK_MAX - 1;
    unsigned tried = 0;
    uint32_t expected = 0;
    uint32_t expected_count = 0;
    for (unsigned v = first; v < hs_rule_value_count(rule); v++) {
        struct hs_pair pair;
        uint32_t count;
        hs_pair_begin(&pair, NULL, NULL, name);
        pair.variant.config.rules = usual->variant.config.rules;
        pair.variant.config.rules.value[rule] = (uint8_t)v;
        if (v == usual->variant.config.rules.value[rule] ||
            !same_rules_matter(&usual->variant.config, &pair.variant.config))
            continue;
        if (!tried++)
            expected = settled(usual, all, &expected_count);
        assert_int_equal(settled(&pair, all, &count), expected);
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
    unsigned tried = 0;
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        struct hs_pair pair;
        hs_pair_begin(&pair, NULL, NULL, name);
        if (r == HS_RULE_RELEASE || r == HS_RULE_SHRINKER)
            pair.variant.config.rules.value[HS_RULE_HINT_SOURCE] = HS_SOURCE_ITERATE;
        tried += try_values((enum hs_rule)r, &pair);
    }
    assert_true(tried >= 10);
}

static void a_number_stands_for_its_rules(void **state)
{
    (void)state;
    struct hs_rules rules;
    assert_false(hs_ordering_rules(0, &rules));
    assert_false(hs_ordering_rules(hs_ordering_numbers() + 1, &rules));
    assert_true(hs_ordering_rules(1, &rules));
    for (unsigned i = 0; i < hs_strength_count; i++)
        assert_int_equal(rules.value[hs_strengths[i].rule], hs_strengths[i].values[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forgetting_the_ghosts_changes_no_verdict),
        cmocka_unit_test(rules_that_nothing_reads_change_nothing),
        cmocka_unit_test(a_number_stands_for_its_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
