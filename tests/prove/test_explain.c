/* SPDX-License-Identifier: BSD-3-Clause */
/* Explanations: complete for every pair that is proved, and checks that can fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "explain_report.h"
#include "matrix.h"
#include "scenario.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

enum { LINES_MAX = 46 };

static const struct hs_search_options options = {.threads = 1, .memory = (size_t)512 << 20};
static char name[] = "test";
static unsigned one_of = 1; /* of so many pairs one is explained */

static void explain(const char *guest, const char *host, struct hs_explanation *explanation)
{
    struct hs_pair pair;
    hs_pair_begin(
        &pair, hs_preset_find(HS_SIDE_GUEST, guest), hs_preset_find(HS_SIDE_HOST, host), name);
    hs_explain(&pair.variant.config, &options, explanation);
}

/* What is printed; the caller frees it. */
static struct hs_text printed(const struct hs_explanation *explanation)
{
    struct hs_text text = {0};
    FILE *out = hs_text_stream(&text);
    hs_explanation_print(explanation, out);
    fclose(out);
    return text;
}

static void fits_a_screen(const struct hs_explanation *explanation)
{
    struct hs_text text = printed(explanation);
    unsigned lines = 0;
    for (const char *line = hs_text_string(&text); *line; lines++) {
        size_t length = strcspn(line, "\n");
        assert_true(length <= 72 && (!length || line[length - 1] != ' '));
        line += length + (line[length] == '\n');
    }
    assert_true(lines <= LINES_MAX);
    hs_text_free(&text);
}

/* Every control with a migration under way in which P was seen at risk says by what it is covered.
 */
static void covers_every_phase(const struct hs_explanation *explanation)
{
    for (size_t i = 0; i < explanation->seen.count; i++) {
        struct hs_view to = hs_moves_get(&explanation->seen, i).to;
        uint8_t clauses[HS_CLAUSES_MAX];
        if (!to.at_risk)
            continue;
        assert_int_not_equal(
            hs_clauses_minimal(explanation->statement.claims[to.control].at_risk, clauses), 0);
        assert_int_not_equal(clauses[0], 0);
    }
}

/* Hints may be taken before logging is on (restart).  Nothing is lost by that if the
 * guest holds its pages until DONE, which the table says nothing of. */
static bool rests_on_the_guest(const struct hs_rules *rules)
{
    return hs_rules_restart(rules) != HS_RESTART_NEVER &&
           hs_rules_release(rules) == HS_RELEASE_AFTER_DONE;
}

static void explain_as_gathered(const struct hs_pair *pair, unsigned *safe)
{
    struct hs_evidence evidence;
    struct hs_explanation explanation;
    hs_gather(
        &pair->variant, 1u << HS_DIRTY_PAGE_LOST, 0, (struct hs_bounds){0}, &options, &evidence);
    hs_explain(&pair->variant.config, &options, &explanation);
    assert_true(explanation.complete);
    assert_int_equal(explanation.loses, !(evidence.never >> HS_DIRTY_PAGE_LOST & 1u));
    if (!explanation.loses) {
        assert_true(explanation.holds);
        assert_int_equal(explanation.inductive, !rests_on_the_guest(&pair->variant.config.rules));
        covers_every_phase(&explanation);
        (*safe)++;
    }
    fits_a_screen(&explanation);
    hs_explanation_close(&explanation);
    hs_evidence_close(&evidence);
}

/* The matrix: what is proved is explained, and what is not has a gap.  Pairs with the same rules
 * are one. */
static void every_pair_has_its_reason(void **state)
{
    static struct hs_rules seen[HS_MATRIX_SIDE_MAX * HS_MATRIX_SIDE_MAX];
    const struct hs_preset *guests[HS_MATRIX_SIDE_MAX];
    const struct hs_preset *hosts[HS_MATRIX_SIDE_MAX];
    unsigned guest_count = hs_presets_of(HS_SIDE_GUEST, guests, HS_MATRIX_SIDE_MAX);
    unsigned host_count = hs_presets_of(HS_SIDE_HOST, hosts, HS_MATRIX_SIDE_MAX);
    unsigned different = 0;
    unsigned explained = 0;
    unsigned safe = 0;
    (void)state;
    for (unsigned i = 0; i < guest_count * host_count; i++) {
        struct hs_pair pair;
        unsigned known = 0;
        hs_pair_begin(&pair, guests[i / host_count], hosts[i % host_count], name);
        seen[different] = hs_rules_that_matter(&pair.variant.config);
        while (memcmp(&seen[known], &seen[different], sizeof(seen[0])) != 0)
            known++;
        if (known < different || !hs_config_asks(&pair.variant.config, HS_DIRTY_PAGE_LOST))
            continue;
        if (different++ % one_of == 0) {
            explain_as_gathered(&pair, &safe);
            explained++;
        }
    }
    assert_true(safe > 0 && safe < explained);
}

/* Leave `record` out of each clause. */
static uint64_t without(uint64_t clauses, enum hs_record record)
{
    uint64_t left = clauses;
    for (unsigned clause = 0; clause < HS_CLAUSES_MAX; clause++) {
        if (clauses >> clause & 1u)
            left |= UINT64_C(1) << (clause & ~(1u << record));
    }
    return left;
}

static void without_one_record_the_checks_fail(void **state)
{
    static const enum hs_record records[] = {
        HS_RECORD_BITMAP, HS_RECORD_SENDING, HS_RECORD_HOST_LOG, HS_RECORD_LOG};
    struct hs_explanation explanation;
    (void)state;
    explain("thread-rx-ring", "qemu-7.2-kvm", &explanation);
    const struct hs_statement statement = explanation.statement;
    for (unsigned i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
        explanation.statement = statement;
        for (unsigned c = 0; c < HS_CONTROL_COUNT; c++)
            explanation.statement.claims[c].at_risk =
                without(statement.claims[c].at_risk, records[i]);
        hs_explanation_check(&explanation);
        assert_false(explanation.holds);
        assert_false(explanation.inductive);
        struct hs_text text = printed(&explanation);
        assert_non_null(strstr(hs_text_string(&text), "does NOT hold"));
        assert_non_null(strstr(hs_text_string(&text), "NOT inductive"));
        hs_text_free(&text);
    }
    explanation.statement = statement;
    hs_explanation_check(&explanation);
    assert_true(explanation.holds && explanation.inductive);
    hs_explanation_close(&explanation);
}

/* It claims no more than it has to: with any clause less, a page could be lost. */
static void each_claim_is_needed(void **state)
{
    struct hs_explanation explanation;
    (void)state;
    explain("thread-rx-ring", "qemu-7.2-kvm", &explanation);
    const struct hs_statement statement = explanation.statement;
    for (unsigned c = 0; c < HS_CONTROL_COUNT; c++) {
        bool has_claim = statement.claims[c].on_write != 0;
        explanation.statement = statement;
        explanation.statement.claims[c].on_write = 0;
        hs_explanation_check(&explanation);
        assert_int_equal(explanation.inductive, !has_claim);
        assert_true(explanation.holds);
    }
    hs_explanation_close(&explanation);
}

/* A guest that hints what is in use, and a host that must find a record for it. */
static void a_hint_of_a_page_relied_on_leaves_a_record(void **state)
{
    struct hs_explanation explanation;
    uint8_t clauses[HS_CLAUSES_MAX];
    (void)state;
    explain("spec-latitude", "qemu-7.2-kvm-legacy", &explanation);
    const struct hs_effect *effect = &explanation.effects[HS_REQUEST_HINT];
    assert_int_equal(effect->takes, 1u << HS_RECORD_BITMAP);
    assert_int_not_equal(effect->at_risk, 0);
    assert_int_equal(effect->at_risk & (effect->at_risk - 1), 0); /* while sending alone */
    unsigned control = (unsigned)__builtin_ctzll(effect->at_risk);
    assert_int_equal(hs_control_phase(control), HS_MIGRATION_SENDING);
    assert_int_equal(hs_clauses_minimal(effect->left[control], clauses), 1);
    assert_int_equal(clauses[0], 1u << HS_RECORD_HOST_LOG | 1u << HS_RECORD_KEPT_LOG);
    hs_explanation_close(&explanation);
}

static void where_a_page_is_lost_the_last_record_is_named(void **state)
{
    struct hs_pair pair;
    struct hs_explanation explanation;
    (void)state;
    hs_pair_begin(&pair, hs_preset_find(HS_SIDE_GUEST, "linux-6.1+pipelined-ack"),
        hs_preset_find(HS_SIDE_HOST, "qemu-5.0"), name);
    /* With one, a way by a cancelled migration is as short. */
    pair.variant.config.rules.value[HS_RULE_USED_LENGTH] = HS_USED_LENGTH_ZERO;
    hs_explain(&pair.variant.config, &options, &explanation);
    assert_true(explanation.loses);
    assert_string_equal(hs_label_name(explanation.gap.label), "others.send-page");
    assert_int_equal(explanation.gap.status, HS_STATUS_START);
    struct hs_text text = printed(&explanation);
    assert_non_null(
        strstr(hs_text_string(&text), "The last step is others.send-page, which takes log.\n"));
    hs_text_free(&text);
    hs_explanation_close(&explanation);
}

/* Before logging is on, only being held keeps a page from being written, which no record shows. */
static void what_rests_on_the_guest_is_said_to(void **state)
{
    struct hs_pair pair;
    struct hs_explanation explanation;
    (void)state;
    hs_pair_begin(&pair, NULL, NULL, name);
    struct hs_rules *rules = &pair.variant.config.rules;
    rules->value[HS_RULE_RELEASE] = HS_RELEASE_AFTER_DONE;
    rules->value[HS_RULE_LOG_BEFORE_FIRST_ID] = HS_OFF;
    hs_explain(&pair.variant.config, &options, &explanation);
    assert_true(explanation.complete && !explanation.loses && explanation.holds);
    assert_false(explanation.inductive);
    assert_false(hs_control_logs(explanation.failing.from.control));
    struct hs_text text = printed(&explanation);
    assert_non_null(strstr(hs_text_string(&text), "NOT inductive by itself"));
    assert_null(strstr(hs_text_string(&text), "does NOT hold"));
    hs_text_free(&text);
    hs_explanation_close(&explanation);
}

static void without_time_nothing_is_explained(void **state)
{
    struct hs_pair pair;
    struct hs_explanation explanation;
    const struct hs_search_options little = {
        .threads = 1, .memory = (size_t)64 << 20, .timeout = 1e-9};
    (void)state;
    hs_pair_begin(&pair, NULL, NULL, name);
    hs_explain(&pair.variant.config, &little, &explanation);
    assert_false(explanation.complete);
    struct hs_text text = printed(&explanation);
    assert_string_equal(
        hs_text_string(&text), "\nWhy dirty-page-lost is unknown: memory or time ran out\n");
    hs_text_free(&text);
    hs_explanation_close(&explanation);
}

/* What is counted as a record is the model's matter, bit by bit. */
static void a_record_is_what_the_model_counts(void **state)
{
    struct hs_abstraction abstraction;
    union hs_abstract_state memory;
    struct hs_config config = {.rules = hs_rules_default(), .pages = 1};
    (void)state;
    config.rules.value[HS_RULE_LOG] = HS_LOG_MANUAL;
    hs_abstraction_set(&abstraction, &config);
    hs_abstract_start(&abstraction, &memory);
    struct hs_world w = {&abstraction.config, &memory.state};
    struct hs_page *page = hs_page(w, 0);
    assert_int_equal(hs_view_of(w).records, 0); /* no migration */
    w.state->migration.phase = HS_MIGRATION_SENDING;
    w.state->migration.log_on = 1;
    page->log = 1;
    assert_int_equal(hs_view_of(w).records, 1u << HS_RECORD_LOG | 1u << HS_RECORD_KEPT_LOG);
    page->known = 1;
    assert_int_equal(hs_view_of(w).records, 1u << HS_RECORD_LOG);
    w.state->migration.vm = HS_VM_STOPPED; /* no GET is to come */
    assert_int_equal(hs_view_of(w).records, 0);
    page->bitmap = 1;
    assert_int_equal(hs_view_of(w).records, 1u << HS_RECORD_BITMAP);
    page->bitmap = 0;
    w.state->migration.sending = 1;
    assert_int_equal(hs_view_of(w).records, 1u << HS_RECORD_SENDING);
}

int main(int argc, char **argv)
{
    if (argc == 2)
        one_of = (unsigned)strtoul(argv[1], NULL, 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_has_its_reason),
        cmocka_unit_test(without_one_record_the_checks_fail),
        cmocka_unit_test(each_claim_is_needed),
        cmocka_unit_test(a_hint_of_a_page_relied_on_leaves_a_record),
        cmocka_unit_test(where_a_page_is_lost_the_last_record_is_named),
        cmocka_unit_test(what_rests_on_the_guest_is_said_to),
        cmocka_unit_test(without_time_nothing_is_explained),
        cmocka_unit_test(a_record_is_what_the_model_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
