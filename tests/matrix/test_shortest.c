/* SPDX-License-Identifier: BSD-3-Clause */
/* The run behind a cell: none that spends no more is shorter, and each of its steps is needed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "matrix.h"
#include "world_graph.h"

#include <stdlib.h>
#include <string.h>

static const struct hs_search_options options = {.threads = 1, .memory = (size_t)512 << 20};

/* Does the run still break the property without that step?  Not if a later one is refused. */
static bool breaks_without(
    const struct hs_finding *finding, enum hs_property property, unsigned without)
{
    union hs_state_buffer buffer;
    struct hs_world w = {&finding->world.config, &buffer.state};
    memset(&buffer, 0, sizeof(buffer));
    hs_world_init(w);
    for (unsigned i = 0; i < finding->run->length; i++) {
        struct hs_step step = finding->run->moments[i].step;
        if (i == without)
            continue;
        if (!hs_world_enabled(w, step, NULL))
            return false;
        hs_world_take(w, step);
    }
    return w.state->broken >> property & 1u;
}

/* The length of a shortest run in the same world, found with nothing but the model. */
static unsigned shortest_length(const struct hs_finding *finding, enum hs_property property)
{
    union hs_state_buffer start;
    const struct hs_graph graph = hs_world_graph(&finding->world.config);
    const struct hs_goal goal = {.flag = property};
    const struct hs_effort effort = {.memory = options.memory};
    struct hs_witness *way = malloc(sizeof(*way));
    assert_non_null(way);
    memset(&start, 0, sizeof(start));
    hs_world_init((struct hs_world){&finding->world.config, &start.state});
    assert_int_equal(hs_witness_find(&graph, &start, &goal, &effort, way), HS_WITNESS_FOUND);
    unsigned length = way->length;
    free(way);
    return length;
}

static void check_run(const struct hs_cell *cell, enum hs_property property)
{
    const struct hs_finding *finding = cell->evidence.finding[property];
    const char *what = hs_property_rows[property].name;
    for (unsigned i = 0; i < HS_LIMIT_COUNT; i++)
        assert_int_not_equal(finding->world.config.limits[i], HS_UNLIMITED);
    assert_true(breaks_without(finding, property, finding->run->length));
    for (unsigned i = 0; i < finding->run->length; i++) {
        if (breaks_without(finding, property, i))
            fail_msg("%s, %s: step %u does not matter", cell->name, what, i + 1);
    }
    unsigned shortest = shortest_length(finding, property);
    if (shortest != finding->run->length)
        fail_msg("%s, %s: %u steps, and %u do", cell->name, what, finding->run->length, shortest);
}

static void every_run_of_the_matrix_is_shortest(void **state)
{
    (void)state;
    struct hs_matrix matrix = {
        .asked = 1u << HS_DIRTY_PAGE_LOST | 1u << HS_PAGE_CORRUPTED | 1u << HS_VALUE_BROKEN};
    unsigned runs = 0;
    matrix.guest_count = hs_presets_that_hint(HS_SIDE_GUEST, matrix.guests, HS_MATRIX_SIDE_MAX);
    matrix.host_count = hs_presets_that_hint(HS_SIDE_HOST, matrix.hosts, HS_MATRIX_SIDE_MAX);
    hs_matrix_run(&matrix, &options);
    for (unsigned i = 0; i < matrix.guest_count * matrix.host_count; i++) {
        struct hs_cell *cell = &matrix.cells[i];
        for (unsigned p = 0; cell->same_as == i && p < HS_PROPERTY_COUNT; p++) {
            if (!cell->evidence.finding[p])
                continue;
            check_run(cell, (enum hs_property)p);
            runs++;
        }
    }
    assert_true(runs > 0);
    hs_matrix_close(&matrix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_run_of_the_matrix_is_shortest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
