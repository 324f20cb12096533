/* SPDX-License-Identifier: BSD-3-Clause */
/* The rules: names, values, defaults, presets. */
#include "bench.h"

#include <string.h>

static void every_rule_has_a_name_of_its_own_and_a_meaning(void **state)
{
    (void)state;
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        assert_non_null(hs_rule_rows[r].name);
        assert_non_null(hs_rule_rows[r].meaning);
        assert_int_equal(hs_rule_find(hs_rule_rows[r].name), r);
    }
    assert_int_equal(hs_rule_find("no-such-rule"), HS_RULE_COUNT);
}

static void every_value_is_found_by_its_name(void **state)
{
    (void)state;
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        enum hs_rule rule = (enum hs_rule)r;
        assert_true(hs_rule_value_count(rule) >= 2);
        for (unsigned place = 0; place < hs_rule_value_count(rule); place++) {
            char number[HS_RULE_NUMBER_SIZE];
            unsigned value = hs_rule_value_at(rule, place);
            assert_int_equal(
                hs_rule_value_find(rule, hs_rule_value_name(rule, value, number)), (int)value);
        }
        assert_int_equal(hs_rule_value_find(rule, "no-such-value"), -1);
    }
}

static void the_number_of_values_is_that_of_the_row(void **state)
{
    (void)state;
    assert_int_equal(hs_rule_value_count(HS_RULE_RELEASE), 4);
    assert_int_equal(hs_rule_value_count(HS_RULE_LOG), 3);
    assert_int_equal(hs_rule_value_count(HS_RULE_SHRINKER), 2);
    assert_int_equal(hs_rule_value_count(HS_RULE_LOG_CHUNK), HS_LOG_CHUNK_MAX);
}

static void a_chunk_is_a_number_from_1_to_64(void **state)
{
    (void)state;
    assert_int_equal(hs_rule_value_find(HS_RULE_LOG_CHUNK, "1"), 1);
    assert_int_equal(hs_rule_value_find(HS_RULE_LOG_CHUNK, "64"), 64);
    assert_int_equal(hs_rule_value_find(HS_RULE_LOG_CHUNK, "0"), -1);
    assert_int_equal(hs_rule_value_find(HS_RULE_LOG_CHUNK, "65"), -1);
    assert_int_equal(hs_rule_value_find(HS_RULE_LOG_CHUNK, ""), -1);
    assert_int_equal(hs_rule_value_find(HS_RULE_LOG_CHUNK, "4k"), -1);
}

static void the_defaults_are_values_of_their_rules(void **state)
{
    (void)state;
    struct hs_rules rules = hs_rules_default();
    assert_null(hs_rules_check(&rules));
    assert_int_equal(rules.value[HS_RULE_LOG_CHUNK], 1);
    assert_int_equal(rules.value[HS_RULE_RELEASE], HS_RELEASE_AFTER_USED);
}

static void a_preset_names_values_of_its_own_side_once_each(void **state)
{
    (void)state;
    for (unsigned i = 0; i < hs_preset_count; i++) {
        const struct hs_preset *preset = &hs_presets[i];
        bool seen[HS_RULE_COUNT] = {false};
        assert_ptr_equal(hs_preset_find(preset->side, preset->name), preset);
        assert_non_null(preset->stands_for);
        for (unsigned v = 0; v < preset->count; v++) {
            enum hs_rule rule = preset->values[v].rule;
            assert_int_equal(hs_rule_rows[rule].side, preset->side);
            char number[HS_RULE_NUMBER_SIZE];
            assert_non_null(hs_rule_value_name(rule, preset->values[v].value, number));
            assert_non_null(preset->values[v].stands_for);
            assert_false(seen[rule]);
            seen[rule] = true;
        }
    }
}

/* A row that repeats the base says nothing: it differs in its value, or in what that stands for. */
static void a_preset_says_only_what_its_base_does_not(void **state)
{
    (void)state;
    unsigned based = 0;
    for (unsigned i = 0; i < hs_preset_count; i++) {
        const struct hs_preset *preset = &hs_presets[i];
        const struct hs_preset *base = hs_preset_base(preset);
        based += base != NULL;
        for (unsigned v = 0; base && v < preset->count; v++) {
            const struct hs_preset_value *own = &preset->values[v];
            const struct hs_preset_value *its = hs_preset_value(base, own->rule);
            if (its && its->value == own->value)
                assert_string_not_equal(own->stands_for, its->stands_for);
        }
    }
    assert_true(based >= 10);
}

static void a_preset_has_what_its_base_says(void **state)
{
    (void)state;
    const struct hs_preset *qemu_5_0 = hs_preset_find(HS_SIDE_HOST, "qemu-5.0");
    const struct hs_preset *qemu_4_0 = hs_preset_find(HS_SIDE_HOST, "qemu-4.0");
    assert_ptr_equal(hs_preset_base(hs_preset_base(qemu_5_0)), qemu_4_0);
    assert_ptr_equal(
        hs_preset_value(qemu_5_0, HS_RULE_RESTART), hs_preset_value(qemu_4_0, HS_RULE_RESTART));
    assert_int_equal(hs_preset_value(qemu_4_0, HS_RULE_LOG)->value, HS_LOG_LEGACY);
    assert_int_equal(hs_preset_value(qemu_5_0, HS_RULE_LOG)->value, HS_LOG_MANUAL);
    assert_null(hs_preset_value(qemu_5_0, HS_RULE_SERVE));
    struct hs_rules rules = hs_rules_default();
    hs_rules_apply_preset(&rules, qemu_5_0);
    assert_int_equal(rules.value[HS_RULE_RESTART], HS_RESTART_SAME_ID);
    assert_int_equal(rules.value[HS_RULE_LOG], HS_LOG_MANUAL);
}

static bool says_one_of(const char *text, const char *const *words, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (strstr(text, words[i]))
            return true;
    }
    return false;
}

static void a_preset_says_how_it_was_compared(void **state)
{
    static const char *const how[] = {
        "(read", "read)", "measured", "function by function", "a design"};
    static const char *const transports[] = {"virtio-pci (", "any transport ("};
    static const char *const sizes[] = {"; RAM is a multiple of 256 KiB,",
        "; RAM is no multiple of 256 KiB,", "; RAM of any size,"};
    (void)state;
    unsigned qemus = 0;
    for (unsigned i = 0; i < hs_preset_count; i++) {
        const char *text = hs_presets[i].stands_for;
        bool is_qemu = strncmp(hs_presets[i].name, "qemu-", 5) == 0;
        bool good = says_one_of(text, how, 5) &&
                    (!is_qemu || (says_one_of(text, transports, 2) && says_one_of(text, sizes, 3)));
        if (!good)
            fail_msg("%s: %s", hs_presets[i].name, text);
        qemus += is_qemu;
    }
    assert_true(qemus >= 20);
}

static void a_preset_is_found_on_its_side_alone(void **state)
{
    (void)state;
    assert_non_null(hs_preset_find(HS_SIDE_GUEST, "linux-6.1"));
    assert_null(hs_preset_find(HS_SIDE_HOST, "linux-6.1"));
    assert_null(hs_preset_find(HS_SIDE_GUEST, "qemu-7.2-kvm"));
    assert_null(hs_preset_find(HS_SIDE_GUEST, "no-such-guest"));
}

static void a_preset_overwrites_the_rules_of_its_side_alone(void **state)
{
    (void)state;
    struct hs_rules rules = hs_rules_default();
    rules.value[HS_RULE_SHRINKER] = HS_OFF;
    rules.value[HS_RULE_SEND_ORDER] = HS_SEND_COPY_THEN_CLEAR;
    hs_rules_apply_preset(&rules, hs_preset_find(HS_SIDE_GUEST, "linux-6.1"));
    assert_int_equal(rules.value[HS_RULE_RELEASE], HS_RELEASE_ANY_TIME);
    assert_int_equal(rules.value[HS_RULE_SHRINKER], HS_ON);
    assert_int_equal(rules.value[HS_RULE_SEND_ORDER], HS_SEND_COPY_THEN_CLEAR);
    hs_rules_apply_preset(&rules, hs_preset_find(HS_SIDE_HOST, "qemu-4.0"));
    assert_int_equal(rules.value[HS_RULE_SEND_ORDER], HS_SEND_CLEAR_THEN_COPY);
    assert_int_equal(rules.value[HS_RULE_RESTART], HS_RESTART_SAME_ID);
    assert_int_equal(rules.value[HS_RULE_RELEASE], HS_RELEASE_ANY_TIME);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule_has_a_name_of_its_own_and_a_meaning),
        cmocka_unit_test(every_value_is_found_by_its_name),
        cmocka_unit_test(the_number_of_values_is_that_of_the_row),
        cmocka_unit_test(a_chunk_is_a_number_from_1_to_64),
        cmocka_unit_test(the_defaults_are_values_of_their_rules),
        cmocka_unit_test(a_preset_names_values_of_its_own_side_once_each),
        cmocka_unit_test(a_preset_says_only_what_its_base_does_not),
        cmocka_unit_test(a_preset_has_what_its_base_says),
        cmocka_unit_test(a_preset_says_how_it_was_compared),
        cmocka_unit_test(a_preset_is_found_on_its_side_alone),
        cmocka_unit_test(a_preset_overwrites_the_rules_of_its_side_alone),
    };
    return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
