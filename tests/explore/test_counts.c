/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Pinned counts of states: what the engine finds of small worlds, without and with reductions, and
 * for any number of threads; a naive search finds the same without them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "naive.h"
#include "verdicts.h"

#include <inttypes.h>
#include <string.h>

/* A small world, and the states that are found of it. */
struct pinned {
    const char *guest;
    const char *host;
    unsigned pages;
    unsigned queue;  /* slots for hints */
    unsigned writes; /* limits */
    unsigned rounds;
    struct {
        unsigned log_chunk; /* 0: as the host's preset has it */
        unsigned max_order;
        unsigned hint_order;
        unsigned cancels;
        unsigned reporting; /* slots */
        bool postcopy;
        bool lifo;
    } with;
    struct {
        uint64_t states; /* the plain search */
        uint64_t ends;
        uint64_t lost; /* ends in which a dirty page is lost */
    } plain;
    uint64_t dead_values; /* states with one reduction only */
    uint64_t symmetry;
    uint64_t partial_order;
    uint64_t reduced; /* with these three */
    uint64_t sliced;  /* and with dirty-page-lost asked for alone */
};

static const struct pinned rows[] = {
#include "counts.inc"
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]), THREADS = 3 };

static struct hs_config config_of(const struct pinned *row)
{
    struct hs_config config = {.pages = row->pages & 255u,
        .max_order = row->with.max_order & 255u,
        .hint_order = row->with.hint_order & 255u,
        .report_batch = 1,
        .policy = row->with.lifo ? HS_POLICY_LIFO : HS_POLICY_ANY,
        .postcopy = row->with.postcopy};
    config.rules = hs_rules_default();
    hs_rules_apply_preset(&config.rules, hs_preset_find(HS_SIDE_GUEST, row->guest));
    hs_rules_apply_preset(&config.rules, hs_preset_find(HS_SIDE_HOST, row->host));
    if (row->with.log_chunk)
        config.rules.value[HS_RULE_LOG_CHUNK] = row->with.log_chunk & 255u;
    config.queue_size[HS_QUEUE_FREE_PAGE] = row->queue & 255u;
    config.queue_size[HS_QUEUE_REPORTING] = row->with.reporting & 255u;
    for (unsigned i = 0; i < HS_LIMIT_COUNT; i++)
        config.limits[i] = hs_limit_rows[i].usual;
    config.limits[HS_LIMIT_WRITES] = row->writes & 255u;
    config.limits[HS_LIMIT_ROUNDS] = row->rounds & 255u;
    config.limits[HS_LIMIT_CANCELS] = row->with.cancels & 255u;
    assert_null(hs_config_finish(&config));
    return config;
}

/* The states that are found under a set of reductions, by 1 to THREADS threads. */
static void explore(const struct hs_config *config, unsigned set, struct verdicts *found)
{
    for (unsigned threads = 1; threads <= THREADS; threads++) {
        struct verdicts again;
        struct hs_reduction reduction = reduction_of_set(config, set);
        struct hs_graph graph =
            set == SET_PLAIN ? hs_world_graph(config) : hs_world_graph_reduced(&reduction);
        assert_true(verdicts_of(&graph, config, threads, (size_t)1 << 30, &again));
        if (threads == 1)
            *found = again;
        assert_memory_equal(found, &again, sizeof(again));
    }
}

/* The row as it would have to be. */
static void print_row(const struct pinned *row, const struct pinned *found)
{
    print_error("%s + %s, %u pages: .plain = {%" PRIu64 ", %" PRIu64 ", %" PRIu64
                "}, .dead_values = %" PRIu64 ", .symmetry = %" PRIu64 ", .partial_order = %" PRIu64
                ", .reduced = %" PRIu64 ", .sliced = %" PRIu64 "\n",
        row->guest, row->host, row->pages, found->plain.states, found->plain.ends,
        found->plain.lost, found->dead_values, found->symmetry, found->partial_order,
        found->reduced, found->sliced);
}

static bool row_is_as_pinned(const struct pinned *row)
{
    const struct hs_config config = config_of(row);
    struct pinned found = *row;
    struct verdicts verdicts;
    const struct {
        unsigned set;
        uint64_t *states;
    } sets[] = {{SET_DEAD_VALUES, &found.dead_values}, {SET_SYMMETRY, &found.symmetry},
        {SET_PARTIAL_ORDER, &found.partial_order}, {SET_REDUCTIONS, &found.reduced},
        {SET_ALL, &found.sliced}};
    explore(&config, SET_PLAIN, &verdicts);
    found.plain.states = verdicts.distinct;
    found.plain.ends = verdicts.ends_counted;
    found.plain.lost = verdicts.ends_with[HS_DIRTY_PAGE_LOST];
    for (unsigned i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
        explore(&config, sets[i].set, &verdicts);
        *sets[i].states = verdicts.distinct;
    }
    bool same = memcmp(row, &found, sizeof(found)) == 0;
    if (!same)
        print_row(row, &found);
    return same;
}

static void counts_are_as_pinned(void **state)
{
    (void)state;
    unsigned bad = 0;
    for (unsigned i = 0; i < ROWS; i++)
        bad += !row_is_as_pinned(&rows[i]);
    assert_int_equal(bad, 0);
}

static void a_naive_search_agrees(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ROWS; i++) {
        const struct hs_config config = config_of(&rows[i]);
        struct naive_counts counts;
        assert_true(naive_search(&config, rows[i].plain.states, &counts));
        assert_int_equal(counts.states, rows[i].plain.states);
        assert_int_equal(counts.ends, rows[i].plain.ends);
        assert_int_equal(counts.ends_with[HS_DIRTY_PAGE_LOST], rows[i].plain.lost);
    }
}

/* There is something to pin: each reduction makes some world smaller, and none a larger one. */
static void reductions_make_worlds_smaller(void **state)
{
    (void)state;
    unsigned smaller[5] = {0};
    for (unsigned i = 0; i < ROWS; i++) {
        const struct pinned *row = &rows[i];
        const uint64_t counts[] = {
            row->dead_values, row->symmetry, row->partial_order, row->reduced, row->sliced};
        for (unsigned c = 0; c < 5; c++) {
            assert_true(counts[c] <= row->plain.states);
            smaller[c] += counts[c] < row->plain.states;
        }
    }
    for (unsigned c = 0; c < 5; c++)
        assert_true(smaller[c] > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_as_pinned),
        cmocka_unit_test(a_naive_search_agrees),
        cmocka_unit_test(reductions_make_worlds_smaller),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
