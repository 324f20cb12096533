/* SPDX-License-Identifier: BSD-3-Clause */
/* The dirty log: three modes, initially-all-set, chunks, the mask of CLEAR, and the harvest. */
#include "bench.h"

#include <stdio.h>
#include <string.h>

/* The four records of page `p`, and its protection, as a word: one letter each, `-` if unset. */
static const char *records(struct bench *b, unsigned p)
{
    static char text[6];
    const struct hs_page *page = bench_page(b, p);
    text[0] = page->log ? 'l' : '-';
    text[1] = page->known ? 'k' : '-';
    text[2] = page->host_log ? 'h' : '-';
    text[3] = page->bitmap ? 'b' : '-';
    text[4] = page->protected ? 'p' : '-';
    return text;
}

#define SEND_0 "migration.begin-page 0 migration.finish-page 0 "
#define SEND_1 "migration.begin-page 1 migration.finish-page 1 "

static void while_logging_is_off_no_write_is_recorded(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=none log-before-first-id=off");
    bench_run(&b, "app.write 0 device.dma-write 1 migration.start app.write 0 device.dma-write 1 "
                  "migration.stop-hints migration.sync");
    assert_string_equal(records(&b, 0), "---b-");
    assert_string_equal(records(&b, 1), "---b-");
}

static void a_protected_page_logs_its_first_write_and_loses_protection(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=none log=legacy");
    bench_run(&b, SETUP);
    assert_string_equal(records(&b, 0), "---bp");
    bench_run(&b, "app.write 0 app.write 0");
    assert_string_equal(records(&b, 0), "l--b-");
}

static void a_write_by_the_host_leaves_protection_alone(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=none");
    bench_run(&b, SETUP "device.dma-write 0");
    assert_string_equal(records(&b, 0), "--hbp");
}

static void the_legacy_get_clears_the_log_and_protects_at_once(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=none log=legacy");
    bench_run(&b, SETUP ASK SEND_0 "app.write 0 migration.stop-hints migration.sync");
    assert_string_equal(records(&b, 0), "--h-p");
    bench_run(&b, "app.write 0"); /* between GET and merge */
    assert_string_equal(records(&b, 0), "l-h--");
    bench_run(&b, "migration.merge-log");
    assert_string_equal(records(&b, 0), "l--b-");
}

static void without_rearming_only_the_first_write_is_recorded(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        const char *synced;
        const char *written;
    } cases[] = {{"on", "--h-p", "l----"}, {"off", "--h--", "-----"}};
    for (unsigned i = 0; i < 2; i++) {
        struct bench b;
        char words[64];
        snprintf(words, sizeof(words), "free=none log=legacy rearm-at-sync=%s", cases[i].value);
        bench_set(&b, words);
        bench_run(&b, SETUP ASK SEND_0 "app.write 0");
        assert_string_equal(records(&b, 0), "l----"); /* protected when logging began */
        bench_run(&b, "migration.stop-hints migration.sync");
        assert_string_equal(records(&b, 0), cases[i].synced);
        bench_run(&b, "migration.merge-log migration.start-hints " SEND_0 "app.write 0");
        assert_string_equal(records(&b, 0), cases[i].written);
    }
}

static void a_write_while_the_log_is_read_is_the_last_that_is_recorded(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=none rearm-at-sync=first stop-before-sync=off");
    bench_refused(&b, "migration.protect-pages",
        "only while migration has just begun, sends pages of a running VM, or has just "
        "stopped it (phase: none, VM running)");
    bench_run(&b, SETUP);
    bench_refused(&b, "migration.sync", "only after pages were protected (rearm-at-sync=first)");
    bench_run(&b, "migration.protect-pages migration.sync migration.merge-log "
                  "migration.start-hints " SEND_0 "app.write 1");
    assert_string_equal(records(&b, 1), "l--b-");
    bench_run(&b, "migration.protect-pages");
    assert_string_equal(records(&b, 1), "l--bp");
    const char *halfway = "only after the log was read (pages are protected for that)";
    bench_refused(&b, "migration.protect-pages", halfway);
    bench_refused(&b, "migration.begin-page 1", halfway);
    bench_refused(&b, "migration.stop-vm", halfway);
    bench_run(&b, "app.write 0");
    assert_string_equal(records(&b, 0), "l----");
    bench_run(&b, "migration.sync");
    assert_string_equal(records(&b, 0), "--h--");
    assert_string_equal(records(&b, 1), "--hbp");
    bench_run(&b, "migration.merge-log migration.start-hints app.write 0 app.write 1");
    assert_string_equal(records(&b, 0), "---b-");
    assert_string_equal(records(&b, 1), "l--b-");
    bench_set(&b, "rearm-at-sync=first log=manual");
    bench_refused(
        &b, "migration.protect-pages", "only with the rules log=legacy and rearm-at-sync=first");
}

static void a_cancel_ends_what_the_sync_began(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=none rearm-at-sync=first first-pass=dirty");
    bench_run(&b, SETUP "app.write 0 migration.stop-hints migration.protect-pages");
    assert_string_equal(records(&b, 0), "l--bp");
    bench_run(&b, "migration.cancel");
    assert_string_equal(records(&b, 0), "l----");
    assert_int_equal(b.memory.state.migration.protects, 0);
}

static void the_manual_get_only_reads(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=none log=manual");
    bench_run(&b, SETUP ASK SEND_0 "app.write 0 migration.stop-hints migration.sync");
    assert_string_equal(records(&b, 0), "lkh--");
    bench_run(&b, "migration.merge-log migration.start-hints");
    assert_string_equal(records(&b, 0), "lk-b-");
    assert_int_equal(*hs_chunk_pending(b.w, 0), 1);
    bench_run(&b, "migration.begin-page 0");
    assert_string_equal(records(&b, 0), "----p");
    assert_int_equal(*hs_chunk_pending(b.w, 0), 0);
}

static void clear_with_the_known_mask_spares_a_write_since_get(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=none log=manual clear-mask=known");
    bench_run(&b, SETUP ASK "app.write 0 migration.begin-page 0");
    assert_string_equal(records(&b, 0), "l----"); /* it was clean at GET: its bit stays */
    bench_set(&b, "free=none log=manual clear-mask=all");
    bench_run(&b, SETUP ASK "app.write 0 migration.begin-page 0");
    assert_string_equal(records(&b, 0), "----p");
}

static void a_chunk_is_cleared_together_and_once(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=none log=manual log-chunk=2 initially-all-set=on");
    bench_run(&b, SETUP ASK "migration.begin-page 1");
    assert_string_equal(records(&b, 0), "---bp"); /* cleared with its neighbour */
    assert_string_equal(records(&b, 1), "----p");
    assert_string_equal(records(&b, 2), "lk-b-"); /* the other chunk is pending still */
    bench_run(&b, "migration.finish-page 1 app.write 0 migration.begin-page 0");
    assert_string_equal(records(&b, 0), "l----"); /* not pending: nothing more is cleared */
}

static void clearing_before_an_id_protects_what_the_sync_found(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=none log=manual log-chunk=2 initially-all-set=on clear-log-before-id=on");
    bench_run(&b, SETUP SYNC "app.write 0");
    assert_string_equal(records(&b, 0), "lk-b-"); /* its bit is set already */
    bench_run(&b, "migration.start-hints");
    assert_string_equal(records(&b, 0), "---bp");
    assert_string_equal(records(&b, 2), "---bp"); /* every chunk */
    bench_run(&b, "app.write 0");
    assert_string_equal(records(&b, 0), "l--b-");
}

static void a_chunk_that_is_not_pending_is_not_cleared(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=none log=manual log-chunk=2 clear-mask=all");
    bench_run(&b, SETUP ASK SEND_1 "app.write 0 app.write 1 migration.begin-page 0");
    assert_string_equal(records(&b, 0), "l----");
    assert_string_equal(records(&b, 1), "l----");
}

static void only_the_manual_log_has_pending_chunks(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=none log=legacy");
    bench_run(&b, SETUP SYNC);
    assert_int_equal(*hs_chunk_pending(b.w, 0), 0);
    bench_set(&b, "free=none log=manual log-before-first-id=off");
    bench_run(&b, "migration.start " SYNC);
    assert_int_equal(*hs_chunk_pending(b.w, 0), 0); /* logging is off */
}

static void the_next_sync_marks_every_chunk_pending_again(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=none log=manual");
    bench_run(&b, SETUP ASK SEND_0);
    assert_int_equal(*hs_chunk_pending(b.w, 0), 0);
    bench_run(&b, SYNC);
    assert_int_equal(*hs_chunk_pending(b.w, 0), 1);
}

static void the_last_chunk_may_be_cut_short(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "pages=3 free=none log=manual log-chunk=2 initially-all-set=on");
    bench_run(&b, SETUP ASK "migration.begin-page 2");
    assert_string_equal(records(&b, 2), "----p");
}

static void initially_all_set_protects_nothing_until_the_first_clear(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=none log=manual initially-all-set=on");
    bench_run(&b, SETUP);
    assert_string_equal(records(&b, 0), "l--b-");
    bench_run(&b, "app.write 0");
    assert_string_equal(records(&b, 0), "l--b-");
    bench_run(&b, ASK SEND_0);
    assert_string_equal(records(&b, 0), "----p");
}

static void initially_all_set_leaves_a_legacy_log_set_until_get(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=none log=legacy initially-all-set=on");
    bench_run(&b, SETUP);
    assert_string_equal(records(&b, 0), "l--b-");
    bench_run(&b, SYNC);
    assert_string_equal(records(&b, 0), "---bp");
}

static void a_ring_takes_no_initially_set_bits(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=none log=ring initially-all-set=on");
    bench_run(&b, SETUP "app.write 0");
    assert_string_equal(records(&b, 0), "---b-"); /* not protected, so never caught */
    bench_refused(&b, "log.harvest", "only while an entry waits in the ring");
}

static void a_harvest_takes_entries_out_and_protects_those_pages(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=none log=ring");
    bench_run(&b, SETUP ASK SEND_0);
    bench_refused(&b, "log.harvest", "only while an entry waits in the ring");
    bench_run(&b, "app.write 0");
    assert_string_equal(records(&b, 0), "l----");
    bench_run(&b, "log.harvest");
    assert_string_equal(records(&b, 0), "-k--p");
    bench_run(&b, "app.write 0");
    assert_string_equal(records(&b, 0), "lk---");
    bench_run(&b, "migration.stop-hints migration.sync");
    assert_string_equal(records(&b, 0), "--h-p");
    bench_run(&b, "migration.merge-log");
    assert_string_equal(records(&b, 0), "---bp");
}

static void only_a_ring_is_harvested(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=none log=manual");
    bench_run(&b, SETUP "app.write 0");
    bench_refused(&b, "log.harvest", "only with the rule log=ring");
}

static void what_was_harvested_counts_as_remembered(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=none log=ring");
    bench_run(&b, SETUP ASK SEND_0);
    assert_false(hs_log_remembers(b.w, 0));
    bench_run(&b, "app.write 0");
    assert_true(hs_log_remembers(b.w, 0));
    bench_run(&b, "log.harvest");
    assert_true(hs_log_remembers(b.w, 0));
    assert_false(hs_page_is_unrecorded(b.w, 0));
}

static void after_the_final_merge_no_record_of_the_log_helps(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=none log=legacy");
    bench_run(&b, SETUP ASK SEND_0 SEND_1 "app.write 0 device.dma-write 1 migration.stop-vm "
                                          "migration.stop-hints");
    assert_true(hs_log_remembers(b.w, 0)); /* the final GET is to come */
    bench_page(&b, 1)->log = 1;
    bench_page(&b, 1)->protected = 0;
    bench_run(&b, "migration.sync");
    assert_true(hs_log_remembers(b.w, 0)); /* by the host log, until it is merged */
    bench_run(&b, "migration.merge-log");
    bench_page(&b, 0)->host_log = bench_page(&b, 0)->log = 1;
    assert_false(hs_log_remembers(b.w, 0));
}

static void the_end_of_logging_drops_every_record(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=none log=manual initially-all-set=on");
    bench_run(&b, SETUP ASK "app.write 0 device.dma-write 1 migration.cancel");
    assert_string_equal(records(&b, 0), "-----");
    assert_string_equal(records(&b, 1), "-----");
    assert_int_equal(*hs_chunk_pending(b.w, 0), 0);
}

static void a_host_that_is_asked_for_hints_arms_memory_by_itself(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=none refuse-written=on hint-trigger=request");
    bench_run(&b, "app.write 0 device.dma-write 1");
    assert_int_equal(bench_page(&b, 0)->faulted, 1);
    assert_int_equal(bench_page(&b, 1)->faulted, 1);
    bench_set(&b, "free=none refuse-written=on hint-trigger=migration");
    bench_run(&b, "app.write 0");
    assert_int_equal(bench_page(&b, 0)->faulted, 0); /* logging is off */
}

static void a_host_that_is_asked_for_hints_arms_the_destination_as_well(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=none pages=1 refuse-written=on hint-trigger=request");
    bench_run(&b, SETUP ASK SEND_0 FINAL "migration.switch-over device.request-hints");
    assert_int_equal(bench_page(&b, 0)->faulted, 0);
    bench_run(&b, "destination.write 0");
    assert_int_equal(bench_page(&b, 0)->faulted, 1);
    assert_int_equal(bench_page(&b, 0)->modified, 1);
    assert_int_equal(bench_page(&b, 0)->log, 0); /* no migration, no dirty log */
}

static void refuse_written_notes_faults_since_the_id_alone(void **state)
{
    (void)state;
    struct bench b;
    bench_set(&b, "free=none refuse-written=on");
    bench_run(&b, SETUP "app.write 0 device.dma-write 1");
    assert_int_equal(bench_page(&b, 0)->faulted, 1);
    assert_int_equal(bench_page(&b, 1)->faulted, 1);
    bench_run(&b, ASK);
    assert_int_equal(bench_page(&b, 0)->faulted, 0);
    assert_int_equal(bench_page(&b, 1)->faulted, 0);
    bench_run(&b, "app.write 0 device.dma-write 1");
    assert_int_equal(bench_page(&b, 0)->faulted, 1);
    assert_int_equal(bench_page(&b, 1)->faulted, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(while_logging_is_off_no_write_is_recorded),
        cmocka_unit_test(a_protected_page_logs_its_first_write_and_loses_protection),
        cmocka_unit_test(a_write_by_the_host_leaves_protection_alone),
        cmocka_unit_test(the_legacy_get_clears_the_log_and_protects_at_once),
        cmocka_unit_test(without_rearming_only_the_first_write_is_recorded),
        cmocka_unit_test(a_write_while_the_log_is_read_is_the_last_that_is_recorded),
        cmocka_unit_test(a_cancel_ends_what_the_sync_began),
        cmocka_unit_test(the_manual_get_only_reads),
        cmocka_unit_test(clear_with_the_known_mask_spares_a_write_since_get),
        cmocka_unit_test(a_chunk_is_cleared_together_and_once),
        cmocka_unit_test(clearing_before_an_id_protects_what_the_sync_found),
        cmocka_unit_test(a_chunk_that_is_not_pending_is_not_cleared),
        cmocka_unit_test(only_the_manual_log_has_pending_chunks),
        cmocka_unit_test(the_next_sync_marks_every_chunk_pending_again),
        cmocka_unit_test(the_last_chunk_may_be_cut_short),
        cmocka_unit_test(initially_all_set_protects_nothing_until_the_first_clear),
        cmocka_unit_test(initially_all_set_leaves_a_legacy_log_set_until_get),
        cmocka_unit_test(a_ring_takes_no_initially_set_bits),
        cmocka_unit_test(a_harvest_takes_entries_out_and_protects_those_pages),
        cmocka_unit_test(only_a_ring_is_harvested),
        cmocka_unit_test(what_was_harvested_counts_as_remembered),
        cmocka_unit_test(after_the_final_merge_no_record_of_the_log_helps),
        cmocka_unit_test(the_end_of_logging_drops_every_record),
        cmocka_unit_test(a_host_that_is_asked_for_hints_arms_memory_by_itself),
        cmocka_unit_test(a_host_that_is_asked_for_hints_arms_the_destination_as_well),
        cmocka_unit_test(refuse_written_notes_faults_since_the_id_alone),
    };
    return cmocka_run_group_tests_name("dirty log", tests, NULL, NULL);
}
