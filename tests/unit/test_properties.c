/* SPDX-License-Identifier: BSD-3-Clause */
/* The properties and clauses: their names, and what is judged beside the steps. */
#include "bench.h"

#include <stdio.h>
#include <string.h>

static void every_property_has_a_name_of_its_own_and_a_meaning(void **state)
{
    (void)state;
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        assert_non_null(hs_property_rows[i].name);
        assert_non_null(hs_property_rows[i].broken);
        assert_int_equal(hs_property_find(hs_property_rows[i].name), i);
    }
    assert_int_equal(hs_property_find("hint-driver-99"), HS_PROPERTY_COUNT);
    assert_true(HS_PROPERTY_COUNT <= 32); /* one bit each */
}

static void a_clause_is_observed_or_says_why_not(void **state)
{
    (void)state;
    for (unsigned i = 0; i < hs_clause_count; i++) {
        const struct hs_clause_row *row = &hs_clause_rows[i];
        enum hs_property property = hs_property_find(row->id);
        assert_non_null(row->demand);
        assert_non_null(hs_level_names[row->level]);
        if (row->not_observed)
            assert_int_equal(property, HS_PROPERTY_COUNT);
        else
            assert_in_range(property, HS_PROPERTY_FIRST_CLAUSE, HS_PROPERTY_COUNT - 1);
        for (unsigned j = 0; j < i; j++)
            assert_string_not_equal(hs_clause_rows[j].id, row->id);
    }
}

static void every_observed_clause_stands_in_the_table_of_clauses(void **state)
{
    (void)state;
    for (unsigned i = HS_PROPERTY_FIRST_CLAUSE; i < HS_PROPERTY_COUNT; i++) {
        unsigned found = 0;
        for (unsigned j = 0; j < hs_clause_count; j++)
            found += strcmp(hs_clause_rows[j].id, hs_property_rows[i].name) == 0;
        assert_int_equal(found, 1);
    }
}

/* The number follows from the label: driver before device, in the order of the specification. */
static void every_clause_has_a_section_of_its_side(void **state)
{
    (void)state;
    for (unsigned i = 0; i < hs_clause_count; i++) {
        const struct hs_section_row *row = hs_clause_section(&hs_clause_rows[i]);
        bool is_driver = strstr(hs_clause_rows[i].id, "-driver-") != NULL;
        assert_true(
            strncmp(row->label, is_driver ? "drivernormative:" : "devicenormative:", 16) == 0);
        assert_int_equal(row->number[strlen(row->number) - 1], is_driver ? '1' : '2');
        assert_true(strncmp(row->number, "5.5.", 4) == 0);
    }
    for (unsigned s = 0; s < hs_section_count; s++) {
        unsigned used = 0;
        for (unsigned i = 0; i < hs_clause_count; i++)
            used += hs_clause_section(&hs_clause_rows[i]) == &hs_section_rows[s];
        assert_true(used > 0);
    }
}

static void a_page_that_is_not_offered_need_not_be_written(void **state)
{
    (void)state;
    static const struct {
        const char *words;
        bool asks;
    } cases[] = {{"writes=0 dma=0 cancels=1 migrations=2 first-pass=dirty", true},
        {"writes=0 dma=0 cancels=0 hops=1 migrations=2 first-pass=dirty", true},
        {"writes=0 dma=0 cancels=0 migrations=2 first-pass=dirty", false},
        {"writes=0 dma=0 cancels=1 migrations=1 first-pass=dirty", false},
        {"writes=0 dma=0 cancels=1 migrations=2", false}};
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bench b;
        bench_set(&b, cases[i].words);
        assert_int_equal(hs_config_asks(&b.config, HS_DIRTY_PAGE_LOST), cases[i].asks);
    }
}

static void what_a_device_writes_is_lost_if_it_is_not_marked(void **state)
{
    (void)state;
    static const struct {
        const char *words;
        bool asks;
    } cases[] = {{"", false}, {" dma-log=marked-first", true}, {" dma-log=unmarked", true},
        {" channels=unordered", true}, {" channels=per-round-sync", false}};
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bench b;
        char words[96];
        snprintf(words, sizeof(words), "writes=0 hintq=0 reportq=0 inflateq=0 deflateq=0%s",
            cases[i].words);
        bench_set(&b, words);
        assert_int_equal(hs_config_asks(&b.config, HS_DIRTY_PAGE_LOST), cases[i].asks);
    }
}

static void what_is_broken_stays_broken(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "");
    hs_break(b.w, HS_FEATURE_DRIVER_1);
    hs_break(b.w, HS_DIRTY_PAGE_LOST);
    bench_run(&b, "app.allocate 0 driver.freeze driver.reset");
    assert_string_equal(bench_broken(&b), "dirty-page-lost feature-driver-1");
    assert_false(hs_is_broken(b.w, HS_PAGE_CORRUPTED));
}

static void takeover(const char *words, enum hs_copy copy, bool wiped, const char *broken)
{
    struct bench b;
    bench_set(&b, words);
    for (unsigned p = 0; p < b.config.pages; p++) {
        bench_page(&b, p)->copy = copy & 3u;
        if (wiped)
            bench_page(&b, p)->content = HS_CONTENT_ZEROS;
    }
    hs_migration_switch_over(b.w, 0);
    assert_string_equal(bench_broken(&b), broken);
}

static void data_must_have_arrived_at_the_takeover(void **state)
{
    (void)state;
    takeover("free=none", HS_COPY_EQUAL, false, "");
    takeover("free=none", HS_COPY_OLDER, false, "dirty-page-lost");
    takeover("free=none", HS_COPY_NONE, false, "dirty-page-lost");
    takeover("free=none", HS_COPY_NONE, true, ""); /* zeros here and zeros there */
    takeover("free=all", HS_COPY_OLDER, false, "");
}

static void a_value_must_stand_at_the_destination(void **state)
{
    (void)state;
    takeover("poison=value", HS_COPY_EQUAL, false, "");
    takeover("poison=value", HS_COPY_EQUAL, true, "value-broken");
    takeover("poison=value", HS_COPY_NONE, false, "value-broken");
    takeover("poison=value", HS_COPY_OLDER, false, "value-broken");
    takeover("poison=zero", HS_COPY_NONE, false, "");
    takeover("poison=zero", HS_COPY_EQUAL, true, "");
    takeover("poison=zero", HS_COPY_OLDER, false, "value-broken");
}

static void discard(const char *words, const char *broken)
{
    struct bench b;
    bench_set(&b, words);
    hs_page_discard(b.w, 0);
    assert_string_equal(bench_broken(&b), broken);
}

static void a_discard_breaks_what_the_guest_relies_on(void **state)
{
    (void)state;
    discard("free=none", "page-corrupted");
    discard("free=all", "");
    discard("poison=value", "value-broken");
    discard("poison=zero", ""); /* zeros stay zeros */
}

static void the_driver_waits_for_whatever_it_has_asked_for(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "");
    assert_false(hs_somebody_waits(b.w));
    bench_run(&b, "driver.isolate-batch");
    assert_false(hs_somebody_waits(b.w)); /* the worker has work to do */
    bench_run(&b, "driver.report-batch");
    assert_true(hs_somebody_waits(b.w));
    bench_set(&b, "");
    bench_run(&b, "driver.inflate 0");
    assert_true(hs_somebody_waits(b.w));
    bench_run(&b, "device.take-inflate driver.collect-inflate");
    assert_false(hs_somebody_waits(b.w));
    bench_run(&b, "driver.deflate 0");
    assert_true(hs_somebody_waits(b.w));
    bench_set(&b, "");
    bench_run(&b, SETUP ASK HEAR);
    assert_true(hs_somebody_waits(b.w));
}

static void a_request_is_open_until_a_start_command_is_taken(void **state)
{
    (void)state;
    struct bench b;
    struct hs_step awaited[HS_AWAITED_MAX];
    bench_set(&b, "");
    assert_false(hs_request_is_open(b.w));
    bench_run(&b, SETUP ASK);
    assert_true(hs_request_is_open(b.w));
    assert_int_equal(hs_awaited(b.w, HS_REQUEST_UNANSWERED, awaited), 1);
    assert_int_equal(awaited[0].kind, HS_DRIVER_START_ROUND);
    bench_run(&b, HEAR "driver.start-round");
    assert_true(hs_request_is_open(b.w));
    hs_awaited(b.w, HS_REQUEST_UNANSWERED, awaited);
    assert_int_equal(awaited[0].kind, HS_DEVICE_TAKE_ELEMENT);
    bench_run(&b, "device.wake device.take-element");
    assert_false(hs_request_is_open(b.w));
    /* One that was answered stays so, whatever status its STOP leads to. */
    bench_set(&b, "pages=1 free=none host=firecracker-1.14");
    bench_run(&b, "device.request-hints " ROUND "driver.end-round device.wake device.take-element "
                  "device.take-element");
    assert_int_equal(b.memory.state.device.status, HS_STATUS_REQUESTED);
    assert_false(hs_request_is_open(b.w));
    /* A stopped VM answers nothing, and a reset takes the request away. */
    bench_set(&b, "");
    bench_run(&b, SETUP ASK "migration.stop-vm");
    assert_false(hs_request_is_open(b.w));
    bench_set(&b, "");
    bench_run(&b, SETUP ASK "driver.freeze");
    assert_false(hs_request_is_open(b.w));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_property_has_a_name_of_its_own_and_a_meaning),
        cmocka_unit_test(a_clause_is_observed_or_says_why_not),
        cmocka_unit_test(every_observed_clause_stands_in_the_table_of_clauses),
        cmocka_unit_test(every_clause_has_a_section_of_its_side),
        cmocka_unit_test(what_is_broken_stays_broken),
        cmocka_unit_test(a_page_that_is_not_offered_need_not_be_written),
        cmocka_unit_test(what_a_device_writes_is_lost_if_it_is_not_marked),
        cmocka_unit_test(data_must_have_arrived_at_the_takeover),
        cmocka_unit_test(a_value_must_stand_at_the_destination),
        cmocka_unit_test(a_discard_breaks_what_the_guest_relies_on),
        cmocka_unit_test(the_driver_waits_for_whatever_it_has_asked_for),
        cmocka_unit_test(a_request_is_open_until_a_start_command_is_taken),
    };
    return cmocka_run_group_tests_name("properties", tests, NULL, NULL);
}
