/* SPDX-License-Identifier: BSD-3-Clause */
/* Which verdicts were seen on a real QEMU: the pairs of the table, and when their mark vanishes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "sightings.h"

#include <string.h>

static const struct hs_sighting rows[] = {
#define HS_SIGHTING(guest, host, version, accelerator, ram) \
    {guest, host, version, accelerator, ram},
#include "sightings.def"
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

/* Two guests with one host; the second guest with it is the pair of the first row. */
static struct hs_matrix matrix;
static struct hs_cell cells[2];
static struct hs_finding finding;
static struct hs_preset other;

static int begin(void **state)
{
    (void)state;
    const struct hs_preset *guest = hs_preset_find(HS_SIDE_GUEST, rows[0].guest);
    const struct hs_preset *host = hs_preset_find(HS_SIDE_HOST, rows[0].host);
    other = *guest;
    other.name = "nobody";
    memset(cells, 0, sizeof(cells));
    matrix = (struct hs_matrix){.guests = {&other, guest},
        .hosts = {host},
        .guest_count = 2,
        .host_count = 1,
        .asked = 1u << HS_DIRTY_PAGE_LOST,
        .cells = cells};
    for (unsigned g = 0; g < 2; g++) {
        cells[g].pair.scenario.guest = matrix.guests[g];
        cells[g].pair.scenario.host = host;
        cells[g].evidence.asked = matrix.asked | 1u << HS_PAGE_CORRUPTED;
        cells[g].evidence.finding[HS_DIRTY_PAGE_LOST] = &finding;
        cells[g].evidence.finding[HS_PAGE_CORRUPTED] = &finding;
    }
    return 0;
}

static unsigned seen(unsigned property)
{
    return hs_cell_sightings(&matrix, &cells[1], property).count;
}

static void every_row_is_found(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ROWS; i++) {
        const struct hs_preset *guest = hs_preset_find(HS_SIDE_GUEST, rows[i].guest);
        const struct hs_preset *host = hs_preset_find(HS_SIDE_HOST, rows[i].host);
        unsigned found = 0;
        unsigned of_pair = 0;
        assert_non_null(guest);
        assert_non_null(host);
        cells[1].pair.scenario.guest = guest;
        cells[1].pair.scenario.host = host;
        struct hs_sightings all = hs_cell_sightings(&matrix, &cells[1], HS_DIRTY_PAGE_LOST);
        for (unsigned k = 0; k < ROWS; k++)
            of_pair +=
                strcmp(rows[k].guest, guest->name) == 0 && strcmp(rows[k].host, host->name) == 0;
        assert_int_equal(all.count, of_pair);
        for (unsigned k = 0; k < all.count; k++)
            found += strcmp(all.first[k].version, rows[i].version) == 0 &&
                     strcmp(all.first[k].accelerator, rows[i].accelerator) == 0 &&
                     all.first[k].ram == rows[i].ram;
        assert_int_equal(found, 1);
    }
}

static void what_was_not_seen_has_none(void **state)
{
    (void)state;
    assert_int_equal(hs_cell_sightings(&matrix, &cells[0], HS_DIRTY_PAGE_LOST).count, 0);
    assert_int_equal(seen(HS_PAGE_CORRUPTED), 0);
    assert_true(seen(HS_DIRTY_PAGE_LOST));
    cells[1].evidence.finding[HS_DIRTY_PAGE_LOST] = NULL;
    assert_int_equal(seen(HS_DIRTY_PAGE_LOST), 0);
}

static void what_is_changed_was_not_seen(void **state)
{
    (void)state;
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        matrix.is_set[r] = true;
        assert_int_equal(seen(HS_DIRTY_PAGE_LOST), 0);
        assert_false(hs_matrix_has_sighting(&matrix));
        matrix.is_set[r] = false;
    }
    matrix.in_play.with = "resets";
    assert_int_equal(seen(HS_DIRTY_PAGE_LOST), 0);
    matrix.in_play = (struct hs_in_play){.without = "dma"};
    assert_int_equal(seen(HS_DIRTY_PAGE_LOST), 0);
    matrix.in_play = (struct hs_in_play){.with = NULL};
    assert_true(hs_matrix_has_sighting(&matrix));
}

static void a_host_that_is_patched_is_no_real_one(void **state)
{
    (void)state;
    other = *matrix.guests[1];
    cells[1].pair.scenario.guest = &other;
    assert_true(seen(HS_DIRTY_PAGE_LOST));
    other.needs = "a bit";
    assert_int_equal(seen(HS_DIRTY_PAGE_LOST), 0);
}

static void one_pair_marks_all_that_share_its_place(void **state)
{
    (void)state;
    static struct hs_shape shape;
    shape = (struct hs_shape){.guest_count = 1,
        .host_count = 1,
        .guests = {{.count = 2, .members = {0, 1}}},
        .hosts = {{.count = 1, .members = {0}}}};
    assert_true(hs_shape_has_sighting(&matrix, &shape, 0, 0, HS_DIRTY_PAGE_LOST));
    assert_false(hs_shape_has_sighting(&matrix, &shape, 0, 0, HS_PAGE_CORRUPTED));
    shape.guests[0].count = 1;
    assert_false(hs_shape_has_sighting(&matrix, &shape, 0, 0, HS_DIRTY_PAGE_LOST));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_row_is_found, begin),
        cmocka_unit_test_setup(what_was_not_seen_has_none, begin),
        cmocka_unit_test_setup(what_is_changed_was_not_seen, begin),
        cmocka_unit_test_setup(a_host_that_is_patched_is_no_real_one, begin),
        cmocka_unit_test_setup(one_pair_marks_all_that_share_its_place, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
