/* SPDX-License-Identifier: BSD-3-Clause */
/* The world: the table of steps, sizes and layout, limits, enumeration, purity. */
#include "bench.h"

#include <string.h>

static void no_row_of_the_table_of_steps_is_empty(void **state)
{
    (void)state;
    for (unsigned i = 0; i < HS_STEP_KIND_COUNT; i++) {
        const struct hs_step_row *row = &hs_step_rows[i];
        assert_non_null(row->name);
        assert_non_null(row->guard);
        assert_non_null(row->effect);
        assert_non_null(row->clauses);
        assert_non_null(row->code);
        assert_true(row->words[0] && row->summary[0]);
        assert_true(row->actor < HS_ACTOR_COUNT);
        assert_true(row->limit <= HS_LIMIT_COUNT);
    }
}

static void a_step_is_named_actor_verb_object(void **state)
{
    (void)state;
    for (unsigned i = 0; i < HS_STEP_KIND_COUNT; i++) {
        const char *name = hs_step_rows[i].name;
        const char *actor = hs_actor_names[hs_step_rows[i].actor];
        size_t length = strlen(actor);
        assert_memory_equal(name, actor, length);
        assert_int_equal(name[length], '.');
        assert_true(name[length + 1] != '\0');
        assert_int_equal(
            strspn(name + length + 1, "abcdefghijklmnopqrstuvwxyz-"), strlen(name + length + 1));
        assert_int_equal(hs_step_find(name), i);
    }
    assert_int_equal(hs_step_find("app.sing"), HS_STEP_KIND_COUNT);
}

static void every_limit_has_a_name_and_a_step_that_spends_it(void **state)
{
    (void)state;
    for (unsigned limit = 0; limit < HS_LIMIT_COUNT; limit++) {
        bool spent = false;
        assert_non_null(hs_limit_rows[limit].name);
        for (unsigned i = 0; i < HS_STEP_KIND_COUNT; i++)
            spent = spent || hs_step_rows[i].limit == limit;
        assert_true(spent);
    }
}

static void every_machine_names_each_of_its_states(void **state)
{
    (void)state;
    static const unsigned counts[HS_MACHINE_COUNT] = {
        [HS_MACHINE_STATUS] = HS_STATUS_COUNT,
        [HS_MACHINE_LOOP] = HS_LOOP_COUNT,
        [HS_MACHINE_DRIVER] = HS_DRIVER_PHASE_COUNT,
        [HS_MACHINE_REPORT] = HS_REPORT_PHASE_COUNT,
        [HS_MACHINE_MIGRATION] = HS_MIGRATION_PHASE_COUNT,
        [HS_MACHINE_VM] = HS_VM_COUNT,
    };
    for (unsigned m = 0; m < HS_MACHINE_COUNT; m++) {
        assert_non_null(hs_machine_rows[m].name);
        for (unsigned s = 0; s < counts[m]; s++)
            assert_non_null(hs_machine_rows[m].states[s]);
        assert_null(hs_machine_rows[m].states[counts[m]]);
    }
}

static void a_machine_is_in_the_state_that_it_names(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "");
    bench_run(&b, "driver.isolate-batch " SETUP ASK HEAR "driver.start-round device.wake "
                  "migration.stop-vm");
    assert_string_equal(hs_machine_state_name(b.w, HS_MACHINE_STATUS), "REQUESTED");
    assert_string_equal(hs_machine_state_name(b.w, HS_MACHINE_LOOP), "running");
    assert_string_equal(hs_machine_state_name(b.w, HS_MACHINE_DRIVER), "hinting");
    assert_string_equal(hs_machine_state_name(b.w, HS_MACHINE_REPORT), "ready to report");
    assert_string_equal(hs_machine_state_name(b.w, HS_MACHINE_MIGRATION), "before a sync");
    assert_string_equal(hs_machine_state_name(b.w, HS_MACHINE_VM), "stopped");
}

/* ---- sizes ---------------------------------------------------------------------------------- */

static struct hs_config sizes(void)
{
    return (struct hs_config){
        .rules = hs_rules_default(), .pages = 4, .max_order = 2, .report_batch = 1};
}

static void refused(struct hs_config config, const char *words)
{
    const char *wrong = hs_config_finish(&config);
    assert_non_null(wrong);
    assert_string_equal(wrong, words);
}

static void sizes_out_of_range_are_refused_in_words(void **state)
{
    (void)state;
    struct hs_config config = sizes();
    assert_null(hs_config_finish(&config));
    config = sizes(), config.pages = 0;
    refused(config, "pages: 1 to 64");
    config = sizes(), config.pages = 65;
    refused(config, "pages: 1 to 64");
    config = sizes(), config.max_order = 3;
    refused(config, "max-order: a block of that order must fit into the pages");
    config = sizes(), config.max_order = 7;
    refused(config, "max-order: a block of that order must fit into the pages");
    config = sizes(), config.hint_order = 3;
    refused(config, "hint-order and report-order: not above max-order");
    config = sizes(), config.report_order = 3;
    refused(config, "hint-order and report-order: not above max-order");
    config = sizes(), config.report_batch = 0;
    refused(config, "report-batch: 1 to 32");
    config = sizes(), config.report_batch = 33;
    refused(config, "report-batch: 1 to 32");
    config = sizes(), config.queue_size[HS_QUEUE_DEFLATE] = 3;
    refused(config, "queue: a power of two up to 64");
    config = sizes(), config.queue_size[HS_QUEUE_FREE_PAGE] = 128;
    refused(config, "queue: a power of two up to 64");
    config = sizes(), config.free_at_start = 1u << 4;
    refused(config, "free: pages that exist");
    config = sizes(), config.rules.value[HS_RULE_LOG_CHUNK] = 0;
    refused(config, "log-chunk: 1 to 64");
    config = sizes(), config.rules.value[HS_RULE_LOG] = HS_LOG_RING + 1;
    refused(config, "rules: every rule has one of its values");
    config = sizes(), config.policy = HS_POLICY_COUNT;
    refused(config, "policy: any or lifo");
}

static void the_largest_sizes_fit_or_are_refused(void **state)
{
    (void)state;
    struct hs_config config = sizes();
    config.pages = HS_PAGES_MAX;
    config.max_order = HS_ORDER_MAX;
    config.report_batch = HS_BATCH_MAX;
    config.free_at_start = UINT64_MAX;
    memset(config.queue_size, HS_QUEUE_SIZE_MAX, sizeof(config.queue_size));
    assert_null(hs_config_finish(&config));
    assert_true(config.layout.size <= HS_STATE_SIZE_MAX);
    config.policy = HS_POLICY_LIFO;
    refused(config, "the scenario is too large for one state");
}

static void four_pages_and_one_queue_of_four_stay_within_96_bytes(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=4 hintq=4 reportq=0 inflateq=0 deflateq=0 policy=any");
    assert_in_range(b.config.layout.size, sizeof(struct hs_state), 96);
    bench_set(&b, "pages=4 hintq=4 reportq=0 inflateq=0 deflateq=0 policy=lifo");
    assert_in_range(b.config.layout.size, sizeof(struct hs_state), 96);
}

struct part {
    unsigned from, bytes;
};

static void no_two_parts_of_a_state_overlap(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=5 policy=lifo log-chunk=2 max-order=1 hint-order=1 hintq=2 reportq=1 "
                  "inflateq=4 deflateq=8");
    const struct hs_layout *l = &b.config.layout;
    const struct part parts[] = {{0, sizeof(struct hs_state)}, {l->pages, 5 * 4}, {l->chunks, 3},
        {l->ring[0], 6}, {l->ring[1], 6}, {l->ring[2], 6}, {l->ring[3], 6}, {l->slots[0], 2 * 2},
        {l->slots[1], 2}, {l->slots[2], 4 * 2}, {l->slots[3], 8 * 2}, {l->held, 2},
        {l->batch, 4 * 2}, {l->free_list, 6}};
    for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        assert_true(parts[i].from + parts[i].bytes <= l->size);
        for (unsigned j = 0; j < i; j++)
            assert_true(parts[i].from >= parts[j].from + parts[j].bytes ||
                        parts[j].from >= parts[i].from + parts[i].bytes);
    }
    assert_int_equal(l->size % 8, 0);
}

static void at_the_start_pages_in_use_hold_data_and_hints_are_stopped(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=1,3");
    for (unsigned p = 0; p < 4; p++) {
        assert_int_equal(bench_page(&b, p)->owner, p % 2 ? HS_OWNER_FREE : HS_OWNER_APP);
        assert_int_equal(bench_page(&b, p)->relies, p % 2 ? HS_RELIES_NOTHING : HS_RELIES_DATA);
    }
    assert_int_equal(hs_device_field(b.w), HS_COMMAND_STOP);
    assert_int_equal(b.memory.state.migration.phase, HS_MIGRATION_NONE);
}

static void what_stood_in_memory_before_the_start_is_forgotten(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "max-order=1 policy=lifo free=0,1");
    union hs_state_buffer start = b.memory;
    memset(&b.memory, 0x5a, b.config.layout.size);
    hs_world_init(b.w);
    assert_memory_equal(&start, &b.memory, sizeof(start));
}

static void only_a_driver_that_follows_used_buffers_wants_interrupts(void **state)
{
    (void)state;
    static const char *const words[] = {
        "release=any-time", "release=after-used", "release=after-all-used", "release=after-done"};
    for (unsigned i = 0; i < 4; i++) {
        struct bench b;
        bench_set(&b, words[i]);
        assert_int_equal(
            hs_queue(b.w, HS_QUEUE_FREE_PAGE).ring->interrupts_suppressed, i == 0 || i == 3);
    }
}

/* ---- limits --------------------------------------------------------------------------------- */

static void a_spent_limit_refuses_the_step(void **state)
{
    (void)state;
    static const struct {
        const char *words, *story, *step, *refusal;
    } cases[] = {
        {"writes=1 free=none", "app.write 0", "app.write 1",
            "only while the limit writes is not spent (it is 1)"},
        {"rounds=2", SETUP ASK SYNC "migration.start-hints", "migration.stop-hints",
            "only while the limit rounds is not spent (it is 2)"},
        {"rounds=0 hint-trigger=request", "", "device.request-hints",
            "only while the limit rounds is not spent (it is 0)"},
        {"migrations=1", "migration.start migration.cancel", "migration.start",
            "only while the limit migrations is not spent (it is 1)"},
        {"dma=1 free=none", "device.dma-write 0", "device.dma-write 0",
            "only while the limit dma is not spent (it is 1)"},
        {"changes=1", "device.change-target", "device.change-target",
            "only while the limit changes is not spent (it is 1)"},
        {"resets=0", "", "driver.freeze", "only while the limit resets is not spent (it is 0)"},
        {"cancels=0", "migration.start", "migration.cancel",
            "only while the limit cancels is not spent (it is 0)"},
    };
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bench b;
        bench_set(&b, cases[i].words);
        bench_run(&b, cases[i].story);
        bench_refused(&b, cases[i].step, cases[i].refusal);
    }
}

static void no_limit_keeps_a_migration_from_its_final_sync(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "rounds=1 free=all");
    bench_run(&b, SETUP ASK);
    bench_finish(&b);
    assert_int_equal(b.memory.state.migration.phase, HS_MIGRATION_SWITCHED_OVER);
    assert_int_equal(b.memory.state.spent[HS_LIMIT_ROUNDS], 1);
}

static void no_limit_keeps_a_migration_from_the_sync_before_its_stop(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "rounds=1 free=none sync-before-stop=on");
    bench_run(&b, SETUP ASK);
    bench_refused(&b, "migration.stop-hints", "only while the limit rounds is not spent (it is 1)");
    bench_send_all(&b);
    bench_refused(&b, "migration.stop-vm",
        "only right after a sync (sync-before-stop=on, and a page was sent since)");
    bench_run(&b, "app.write 0 " ASK);
    assert_int_equal(b.memory.state.device.id, 3);
    assert_int_equal(b.memory.state.spent[HS_LIMIT_ROUNDS], 2);
    bench_refused(&b, "migration.begin-page 0",
        "only while the VM is stopped (sync-before-stop=on, and the last sync was beyond the limit "
        "rounds)");
    bench_refused(&b, "migration.stop-hints", "only while the limit rounds is not spent (it is 1)");
    bench_run(&b, FINAL "migration.begin-page 0 migration.finish-page 0 migration.switch-over");
}

static void no_limit_keeps_a_sync_that_has_begun_from_its_end(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "rounds=2 hint-trigger=request moves=live log=legacy rearm-at-sync=first "
                  "stop-before-sync=off");
    bench_run(&b, SETUP "migration.protect-pages migration.sync migration.merge-log "
                        "migration.start-hints migration.protect-pages device.request-hints "
                        "migration.sync migration.merge-log migration.start-hints "
                        "migration.stop-vm");
    assert_int_equal(b.memory.state.spent[HS_LIMIT_ROUNDS], 3);
}

static void without_a_limit_nothing_is_counted(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=none");
    for (unsigned i = 0; i < 300; i++)
        bench_run(&b, "app.write 0");
    assert_int_equal(b.memory.state.spent[HS_LIMIT_WRITES], 0);
    assert_true(hs_limit_left(b.w, HS_LIMIT_COUNT, NULL));
}

/* ---- steps ---------------------------------------------------------------------------------- */

static void steps_are_listed_in_the_order_of_the_table_and_by_page(void **state)
{
    (void)state;
    static struct hs_step steps[HS_STEPS_MAX];
    struct bench b;
    bench_set(&b, "free=0,2");
    unsigned count = hs_world_steps(b.w, steps);
    assert_int_equal(steps[0].kind, HS_APP_ALLOCATE);
    assert_int_equal(steps[0].page, 0);
    assert_int_equal(steps[1].page, 2);
    assert_true(count > 2);
    for (unsigned i = 1; i < count; i++) {
        assert_true(steps[i - 1].kind < steps[i].kind ||
                    (steps[i - 1].kind == steps[i].kind && steps[i - 1].page < steps[i].page));
        assert_true(hs_world_enabled(b.w, steps[i], NULL));
    }
}

/* Ask every step of a state, with and without the reason: nothing may change. */
static void ask_everything(struct bench *b)
{
    union hs_state_buffer before = b->memory;
    for (unsigned kind = 0; kind < HS_STEP_KIND_COUNT; kind++) {
        for (unsigned p = 0; p < b->config.pages; p++) {
            struct hs_step step = {(uint8_t)kind, (uint8_t)(hs_step_rows[kind].has_page ? p : 0)};
            struct hs_refusal why = {0};
            bool enabled = hs_world_enabled(b->w, step, &why);
            assert_int_equal(enabled, hs_world_enabled(b->w, step, NULL));
            assert_int_equal(enabled, why.text[0] == '\0');
        }
    }
    assert_memory_equal(&before, &b->memory, sizeof(before));
}

static void guards_change_nothing(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "max-order=1 policy=lifo release=any-time");
    ask_everything(&b);
    bench_run(&b, SETUP ASK ROUND "device.wake device.take-element driver.hint-page 0");
    ask_everything(&b);
    bench_run(&b, "driver.isolate-batch driver.report-batch device.take-report");
    ask_everything(&b);
    bench_run(&b, "device.discard 1 device.discard 2 device.use-element");
    bench_run(&b, FINAL);
    ask_everything(&b);
}

static void the_same_step_leads_from_the_same_state_to_the_same_bytes(void **state)
{
    (void)state;
    static struct hs_step steps[HS_STEPS_MAX];
    struct bench b;
    bench_set(&b, "max-order=1 policy=lifo release=any-time");
    bench_run(&b, SETUP ASK ROUND "device.wake device.take-element driver.hint-page 0");
    union hs_state_buffer start = b.memory;
    unsigned count = hs_world_steps(b.w, steps);
    for (unsigned i = 0; i < count; i++) {
        b.memory = start;
        hs_world_take(b.w, steps[i]);
        union hs_state_buffer first = b.memory;
        uint64_t hash = hs_state_hash(b.w);
        b.memory = start;
        hs_world_take(b.w, steps[i]);
        assert_memory_equal(&first, &b.memory, sizeof(first));
        assert_true(hs_state_hash(b.w) == hash);
    }
}

static void other_states_have_other_hashes(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "");
    uint64_t hash = hs_state_hash(b.w);
    bench_run(&b, "app.allocate 0");
    assert_true(hs_state_hash(b.w) != hash);
    bench_run(&b, "app.free 0");
    assert_true(hs_state_hash(b.w) == hash);
}

static void the_check_covers_every_machine(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "");
    bench_page(&b, 0)->head = 0;
    assert_string_equal(hs_world_check(b.w), "buddy: every free page belongs to one block");
    bench_set(&b, "");
    b.memory.state.driver.phase = HS_DRIVER_PHASE_COUNT;
    assert_string_equal(hs_world_check(b.w), "driver: every field holds one of its values");
    bench_set(&b, "");
    b.memory.state.device.unused = 1;
    assert_string_equal(hs_world_check(b.w), "device: every field holds one of its values");
    bench_set(&b, "");
    b.memory.state.migration.unused = 1;
    assert_string_equal(hs_world_check(b.w), "migration: every field holds one of its values");
    bench_set(&b, "");
    b.memory.state.migration.sent = 1;
    assert_string_equal(hs_world_check(b.w),
        "migration: what was sent since a sync is noted for the rule sync-before-stop alone");
    bench_set(&b, "rounds=1 sync-before-stop=on");
    b.memory.state.migration.sent = 1;
    b.memory.state.spent[HS_LIMIT_ROUNDS] = 2;
    assert_string_equal(hs_world_check(b.w),
        "migration: no page is sent between a sync beyond the limit and the stop");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_row_of_the_table_of_steps_is_empty),
        cmocka_unit_test(a_step_is_named_actor_verb_object),
        cmocka_unit_test(every_limit_has_a_name_and_a_step_that_spends_it),
        cmocka_unit_test(every_machine_names_each_of_its_states),
        cmocka_unit_test(a_machine_is_in_the_state_that_it_names),
        cmocka_unit_test(sizes_out_of_range_are_refused_in_words),
        cmocka_unit_test(the_largest_sizes_fit_or_are_refused),
        cmocka_unit_test(four_pages_and_one_queue_of_four_stay_within_96_bytes),
        cmocka_unit_test(no_two_parts_of_a_state_overlap),
        cmocka_unit_test(at_the_start_pages_in_use_hold_data_and_hints_are_stopped),
        cmocka_unit_test(what_stood_in_memory_before_the_start_is_forgotten),
        cmocka_unit_test(only_a_driver_that_follows_used_buffers_wants_interrupts),
        cmocka_unit_test(a_spent_limit_refuses_the_step),
        cmocka_unit_test(no_limit_keeps_a_migration_from_its_final_sync),
        cmocka_unit_test(no_limit_keeps_a_migration_from_the_sync_before_its_stop),
        cmocka_unit_test(no_limit_keeps_a_sync_that_has_begun_from_its_end),
        cmocka_unit_test(without_a_limit_nothing_is_counted),
        cmocka_unit_test(steps_are_listed_in_the_order_of_the_table_and_by_page),
        cmocka_unit_test(guards_change_nothing),
        cmocka_unit_test(the_same_step_leads_from_the_same_state_to_the_same_bytes),
        cmocka_unit_test(other_states_have_other_hashes),
        cmocka_unit_test(the_check_covers_every_machine),
    };
    return cmocka_run_group_tests_name("world", tests, NULL, NULL);
}
