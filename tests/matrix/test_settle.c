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
static char name[] = "test";

/* The properties that some state breaks, of all states; and how many there are. */
static uint32_t sweep_all(const struct hs_config *config, bool plainly, uint32_t *count)
{
    struct hs_abstraction abstraction;
    union hs_abstract_state start;
    struct hs_sweep sweep;
    hs_abstraction_set(&abstraction, config);
    hs_abstract_start(&abstraction, &start);
    struct hs_graph graph =
        plainly ? hs_plain_graph(&abstraction) : hs_abstract_graph(&abstraction);
    hs_sweep_run(&graph, &start, &options, &sweep);
    assert_true(sweep.complete);
    uint32_t flags = sweep.flags & pages;
    if (count)
        *count = sweep.count;
    hs_sweep_close(&sweep);
    return flags;
}

/* Combinations of rules spread over all that ordering inference asks about. */
static void forgetting_the_ghosts_changes_no_verdict(void **state)
{
    (void)state;
    enum { STEP = 30011 };
    for (unsigned number = 1; number <= hs_ordering_numbers(); number += STEP) {
        struct hs_rules rules;
        struct hs_pair pair;
        assert_true(hs_ordering_rules(number, &rules));
        rules.value[HS_RULE_CHECK_COMMAND_ID] = HS_ON; /* off: too many states for a test */
        hs_ordering_pair(&pair, &rules, name);
        assert_int_equal(sweep_all(&pair.variant.config, true, NULL),
            sweep_all(&pair.variant.config, false, NULL));
    }
}

static void rules_that_nothing_reads_change_nothing(void **state)
{
    (void)state;
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        struct hs_pair pair;
        uint32_t expected_count;
        hs_pair_begin(&pair, NULL, NULL, name);
        struct hs_config *config = &pair.variant.config;
        if (r == HS_RULE_RELEASE || r == HS_RULE_SHRINKER)
            config->rules.value[HS_RULE_HINT_SOURCE] = HS_SOURCE_ITERATE;
        uint32_t expected = sweep_all(config, false, &expected_count);
        unsigned first = hs_rule_rows[r].values[0] ? 0 : HS_LOG_CHUNK_MAX - 1;
        for (unsigned v = first; v < hs_rule_value_count((enum hs_rule)r); v++) {
            struct hs_config other = *config;
            uint32_t count;
            other.rules.value[r] = (uint8_t)v;
            struct hs_rules a = hs_rules_that_matter(config);
            struct hs_rules b = hs_rules_that_matter(&other);
            if (memcmp(&a, &b, sizeof(a)) != 0)
                continue;
            assert_int_equal(sweep_all(&other, false, &count), expected);
            /* release says when the driver looks at used buffers, too, which the queue of the
             * abstraction remembers or not; it is of any size, so that nothing comes of that. */
            if (r != HS_RULE_RELEASE)
                assert_int_equal(count, expected_count);
        }
    }
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
