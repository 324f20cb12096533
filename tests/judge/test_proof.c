/* SPDX-License-Identifier: BSD-3-Clause */
/* From evidence to verdicts, and to the answers of proofs, matrices and ordering inferences. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "matrix_answer.h"
#include "ordering_answer.h"
#include "proof.h"
#include "questions.h"

#include <string.h>

static struct hs_run run;
static struct hs_finding finding = {.run = &run};
static const uint32_t all = (1u << HS_PROPERTY_COUNT) - 1;

/* ---- evidence -------------------------------------------------------------------------------- */

static void a_verdict_rests_on_a_run_or_on_a_whole_sweep(void **state)
{
    (void)state;
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        struct hs_evidence evidence = {.asked = 0};
        assert_int_equal(hs_evidence_verdict(&evidence, i), HS_VERDICT_NONE);
        evidence.asked = 1u << i;
        assert_int_equal(hs_evidence_verdict(&evidence, i), HS_UNKNOWN);
        evidence.flags = 1u << i; /* of the abstraction; a run it is not */
        assert_int_equal(hs_evidence_verdict(&evidence, i), HS_UNKNOWN);
        evidence.finding[i] = &finding;
        assert_int_equal(hs_evidence_verdict(&evidence, i), HS_SOMETIMES);
        evidence.finding[i] = NULL;
        evidence.flags = 0;
        evidence.never = 1u << i;
        assert_int_equal(hs_evidence_verdict(&evidence, i), HS_NEVER);
    }
}

static void the_first_property_with_a_run_is_the_one_that_breaks(void **state)
{
    (void)state;
    struct hs_evidence evidence = {.asked = all};
    assert_int_equal(hs_evidence_broken(&evidence), HS_PROPERTY_COUNT);
    evidence.finding[HS_PROPERTY_COUNT - 1] = &finding;
    assert_int_equal(hs_evidence_broken(&evidence), HS_PROPERTY_COUNT - 1);
    evidence.finding[HS_PAGE_CORRUPTED] = &finding;
    assert_int_equal(hs_evidence_broken(&evidence), HS_PAGE_CORRUPTED);
}

/* ---- proofs ---------------------------------------------------------------------------------- */

static struct hs_scenario scenario;
static struct hs_variant variant = {.scenario = &scenario};

/* Everything was asked about, and all that a proof covers is proved; nothing is expected. */
static struct hs_proof all_proved(void)
{
    struct hs_proof proof = {.variant = &variant, .evidence = {.asked = all}};
    scenario = (struct hs_scenario){.path = NULL};
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++)
        proof.evidence.never |= (uint32_t)hs_proof_covers(i) << i;
    return proof;
}

static void without_an_expectation_all_that_a_proof_covers_is_to_be_proved(void **state)
{
    (void)state;
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        struct hs_proof proof = all_proved();
        assert_int_equal(hs_proof_answer(&proof), HS_AS_EXPECTED);
        proof.evidence.never &= ~(1u << i);
        assert_int_equal(
            hs_proof_answer(&proof), hs_proof_covers(i) ? HS_INCONCLUSIVE : HS_AS_EXPECTED);
        if (!hs_proof_covers(i))
            continue;
        proof.evidence.finding[i] = &finding;
        assert_int_equal(hs_proof_answer(&proof), HS_NOT_EXPECTED);
        proof.evidence.asked &= ~(1u << i);
        assert_int_equal(hs_proof_answer(&proof), HS_AS_EXPECTED);
    }
}

static void what_is_expected_is_compared_and_nothing_else(void **state)
{
    (void)state;
    struct hs_proof proof = all_proved();
    proof.evidence.never &= ~(1u << HS_HINT_DRIVER_3);
    scenario.expect_prove[HS_HINT_DRIVER_3] = HS_UNKNOWN;
    assert_int_equal(hs_proof_answer(&proof), HS_AS_EXPECTED);
    scenario.expect_prove[HS_HINT_DRIVER_3] = HS_NEVER;
    assert_int_equal(hs_proof_answer(&proof), HS_INCONCLUSIVE);
    scenario.expect_prove[HS_DIRTY_PAGE_LOST] = HS_SOMETIMES;
    assert_int_equal(hs_proof_answer(&proof), HS_NOT_EXPECTED);
    scenario.expect_prove[HS_HINT_DRIVER_3] = HS_VERDICT_NONE;
    proof.evidence.never &= ~(1u << HS_DIRTY_PAGE_LOST | 1u << HS_PAGE_CORRUPTED);
    proof.evidence.finding[HS_DIRTY_PAGE_LOST] = &finding;
    assert_int_equal(hs_proof_answer(&proof), HS_AS_EXPECTED);
}

static void the_witness_is_of_the_property_that_is_asked_for_or_of_the_first(void **state)
{
    (void)state;
    struct hs_proof proof = all_proved();
    assert_null(hs_proof_witness(&proof, HS_PROPERTY_COUNT));
    proof.evidence.finding[HS_PAGE_CORRUPTED] = &finding;
    assert_int_equal(hs_proof_shown(&proof, HS_PROPERTY_COUNT), HS_PAGE_CORRUPTED);
    assert_int_equal(hs_proof_shown(&proof, HS_PAGE_CORRUPTED), HS_PAGE_CORRUPTED);
    assert_int_equal(hs_proof_shown(&proof, HS_DIRTY_PAGE_LOST), HS_PROPERTY_COUNT);
    assert_ptr_equal(hs_proof_witness(&proof, HS_PROPERTY_COUNT), &run);
    assert_null(hs_proof_witness(&proof, HS_DIRTY_PAGE_LOST));
}

/* ---- matrices and inferences ----------------------------------------------------------------- */

enum { CELLS = 6 };

/* Two guests on three hosts, and one property, lost in every other cell. */
static void begin_matrix(struct hs_matrix *matrix, struct hs_cell cells[CELLS])
{
    const uint32_t lost = 1u << HS_DIRTY_PAGE_LOST;
    *matrix = (struct hs_matrix){.cells = cells, .guest_count = 2, .host_count = 3, .asked = lost};
    assert_true(hs_presets_of(HS_SIDE_GUEST, matrix->guests, 2) == 2);
    assert_true(hs_presets_of(HS_SIDE_HOST, matrix->hosts, 3) == 3);
    memset(cells, 0, CELLS * sizeof(*cells));
    for (unsigned i = 0; i < CELLS; i++) {
        cells[i].pair.scenario.guest = matrix->guests[i / 3];
        cells[i].pair.scenario.host = matrix->hosts[i % 3];
        cells[i].evidence.asked = lost;
        cells[i].evidence.never = i % 2 ? lost : 0;
        cells[i].evidence.finding[HS_DIRTY_PAGE_LOST] = i % 2 ? NULL : &finding;
    }
}

static void without_expectations_nothing_may_break_in_a_matrix(void **state)
{
    (void)state;
    static struct hs_cell cells[CELLS];
    struct hs_matrix matrix;
    begin_matrix(&matrix, cells);
    assert_int_equal(hs_matrix_answer(&matrix), HS_NOT_EXPECTED);
    for (unsigned i = 0; i < CELLS; i++) {
        cells[i].evidence.never = matrix.asked;
        cells[i].evidence.finding[HS_DIRTY_PAGE_LOST] = NULL;
    }
    assert_int_equal(hs_matrix_answer(&matrix), HS_AS_EXPECTED);
    for (unsigned i = 0; i < CELLS; i++) {
        cells[i].evidence.never = 0;
        assert_int_equal(hs_matrix_answer(&matrix), HS_INCONCLUSIVE);
        cells[i].evidence.never = matrix.asked;
    }
}

static void expectations_fit_the_whole_matrix_or_none_of_it(void **state)
{
    (void)state;
    static struct hs_cell cells[CELLS];
    static struct hs_expected_cell entries[CELLS + 1];
    struct hs_expected_cells expected = {.path = "file", .count = CELLS, .cells = entries};
    struct hs_matrix matrix;
    struct hs_error error;
    begin_matrix(&matrix, cells);
    matrix.expected = &expected;
    for (unsigned i = 0; i < CELLS; i++) {
        entries[i] = (struct hs_expected_cell){.guest = matrix.guests[i / 3],
            .host = matrix.hosts[i % 3],
            .verdicts = {[HS_DIRTY_PAGE_LOST] = i % 2 ? HS_NEVER : HS_SOMETIMES},
            .line = i + 1,
            .column = 1};
    }
    assert_true(hs_matrix_expects(&matrix, &error));
    assert_int_equal(hs_matrix_answer(&matrix), HS_AS_EXPECTED);
    entries[1].verdicts[HS_DIRTY_PAGE_LOST] = HS_SOMETIMES;
    assert_int_equal(hs_matrix_answer(&matrix), HS_NOT_EXPECTED);
    cells[1].evidence.never = 0; /* Unknown now */
    assert_int_equal(hs_matrix_answer(&matrix), HS_INCONCLUSIVE);
    expected.count--;
    assert_false(hs_matrix_expects(&matrix, &error)); /* a cell is missing */
    expected.count = CELLS + 1;
    entries[CELLS] = entries[0];
    entries[CELLS].host = hs_preset_find(HS_SIDE_HOST, "thread-madvise");
    assert_false(hs_matrix_expects(&matrix, &error)); /* one is too many */
    expected.count = CELLS;
    entries[2].verdicts[HS_PAGE_CORRUPTED] = HS_NEVER;
    assert_false(hs_matrix_expects(&matrix, &error)); /* nobody asks */
    entries[2].verdicts[HS_PAGE_CORRUPTED] = entries[2].verdicts[HS_DIRTY_PAGE_LOST] =
        HS_VERDICT_NONE;
    assert_false(hs_matrix_expects(&matrix, &error)); /* no verdict */
    entries[2].verdicts[HS_DIRTY_PAGE_LOST] = HS_NEVER;
    entries[2].verdicts[HS_PAGE_STUCK] = HS_NEVER;
    matrix.asked |= 1u << HS_PAGE_STUCK;
    assert_false(hs_matrix_expects(&matrix, &error)); /* no question for a proof */
}

/* Two contexts; a member of the second's sets is weakened. */
static void an_inference_is_as_good_as_its_worst_context(void **state)
{
    (void)state;
    static struct hs_dropped dropped[2];
    static struct hs_context_sets contexts[2];
    struct hs_ordering ordering = {
        .contexts = contexts, .context_count = 2, .end = HS_SEARCH_COMPLETE};
    contexts[0].lattice.monotone = contexts[1].lattice.monotone = true;
    contexts[1].dropped = dropped;
    contexts[1].dropped_count = 2;
    assert_int_equal(hs_dropped_verdict(&dropped[0]), HS_UNKNOWN);
    assert_int_equal(hs_ordering_answer(&ordering), HS_INCONCLUSIVE);
    dropped[0].evidence.finding[HS_PAGE_CORRUPTED] = &finding;
    assert_int_equal(hs_dropped_verdict(&dropped[0]), HS_SOMETIMES);
    assert_int_equal(hs_ordering_answer(&ordering), HS_INCONCLUSIVE);
    dropped[1].evidence.finding[HS_DIRTY_PAGE_LOST] = &finding;
    assert_int_equal(hs_ordering_answer(&ordering), HS_AS_EXPECTED);
    ordering.end = HS_SEARCH_TIMED_OUT;
    assert_int_equal(hs_ordering_answer(&ordering), HS_INCONCLUSIVE);
    contexts[0].lattice.monotone = false;
    assert_int_equal(hs_ordering_answer(&ordering), HS_NOT_EXPECTED);
    ordering.end = HS_SEARCH_COMPLETE;
    assert_int_equal(hs_ordering_answer(&ordering), HS_NOT_EXPECTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_verdict_rests_on_a_run_or_on_a_whole_sweep),
        cmocka_unit_test(the_first_property_with_a_run_is_the_one_that_breaks),
        cmocka_unit_test(without_an_expectation_all_that_a_proof_covers_is_to_be_proved),
        cmocka_unit_test(what_is_expected_is_compared_and_nothing_else),
        cmocka_unit_test(the_witness_is_of_the_property_that_is_asked_for_or_of_the_first),
        cmocka_unit_test(without_expectations_nothing_may_break_in_a_matrix),
        cmocka_unit_test(expectations_fit_the_whole_matrix_or_none_of_it),
        cmocka_unit_test(an_inference_is_as_good_as_its_worst_context),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
