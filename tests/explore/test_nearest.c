/* SPDX-License-Identifier: BSD-3-Clause */
/* The nearest run that does without, on a page that is written, whose mark is cleared, and that is
 * lost if nothing shows the write when the book is closed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "nearest.h"

#include <string.h>

enum { WRITE, OPEN, CLEAR, CLOSE, TEAR_UP, SEND, FORGET, LABELS };
enum { DIRTY, MARKED, OPENED, CLOSED, LOST, FORGOTTEN, WORDS };
enum { FLAG_LOST = 7, PLENTY = 1 << 20 };

/* Whose steps they are. */
struct desk {
    unsigned actors[LABELS];
};
static struct desk desk;

static bool is_enabled(const uint64_t *page, uint32_t label)
{
    switch (label) {
    case WRITE:
        return true;
    case OPEN:
        return !page[OPENED];
    case CLEAR:
        return page[OPENED] && !page[CLOSED];
    case CLOSE:
        return !page[MARKED] && !page[CLOSED];
    case FORGET:
        return page[CLOSED] && !page[FORGOTTEN];
    default: /* TEAR_UP and SEND */
        return page[MARKED] && !page[CLOSED];
    }
}

static unsigned list(void *context, const void *state, uint32_t *labels)
{
    (void)context;
    unsigned count = 0;
    for (uint32_t label = 0; label < LABELS; label++) {
        if (is_enabled(state, label))
            labels[count++] = label;
    }
    return count;
}

static void take(void *context, void *state, uint32_t label)
{
    (void)context;
    uint64_t *page = state;
    switch (label) {
    case WRITE:
        page[DIRTY] = page[MARKED] = 1;
        break;
    case OPEN:
        page[OPENED] = 1;
        break;
    case CLEAR:
        page[MARKED] = 0;
        break;
    case CLOSE:
        page[CLOSED] = 1;
        page[LOST] = page[DIRTY];
        break;
    case FORGET:
        page[FORGOTTEN] = 1;
        page[LOST] = 0;
        break;
    default:
        page[DIRTY] = page[MARKED] = 0;
        break;
    }
}

static uint32_t flags(void *context, const void *state, const uint32_t *labels, unsigned count)
{
    (void)context;
    (void)labels;
    (void)count;
    const uint64_t *page = state;
    return (uint32_t)page[LOST] << FLAG_LOST;
}

static unsigned actor(uint32_t label)
{
    return desk.actors[label];
}

static bool is_duty(uint32_t label)
{
    return label == SEND || label == CLOSE || label == FORGET;
}

static const struct hs_graph graph = {.words = WORDS,
    .list = list,
    .take = take,
    .flags = flags,
    .kind = actor,
    .actor = actor,
    .is_duty = is_duty};
static const uint64_t start[WORDS] = {[MARKED] = 1};
static const struct hs_witness witness = {4, {WRITE, OPEN, CLEAR, CLOSE}};

static struct hs_nearest nearest;

static enum hs_nearest_end find(struct desk actors, uint32_t bound)
{
    desk = actors;
    memset(&nearest, 0, sizeof(nearest));
    return hs_nearest_find(&graph, start, FLAG_LOST, &witness, bound, &nearest);
}

static void the_pair_that_decides_is_the_last_that_has_to_change(void **state)
{
    (void)state;
    assert_int_equal(find((struct desk){{0, 1, 1, 2, 2, 2, 2}}, PLENTY), HS_NEAREST_FOUND);
    assert_int_equal(witness.labels[nearest.sooner], CLEAR);
    assert_int_equal(witness.labels[nearest.later], WRITE);
}

static void duties_are_put_in_where_nothing_else_goes_on_and_not_to_save_the_page(void **state)
{
    (void)state;
    /* The page could be sent between WRITE and CLEAR, and nothing would be lost in the order of the
     * witness; but that says nothing about order.  That it is torn up is nobody's duty; that it is
     * forgotten comes too late for the witness, and ends this run. */
    static const uint32_t expected[] = {OPEN, CLEAR, WRITE, SEND, CLOSE, FORGET};
    assert_int_equal(find((struct desk){{0, 1, 1, 2, 2, 2, 2}}, PLENTY), HS_NEAREST_FOUND);
    assert_int_equal(nearest.run.length, 6);
    assert_memory_equal(nearest.run.labels, expected, sizeof(expected));
}

static void each_actor_keeps_its_own_order(void **state)
{
    (void)state;
    /* Whoever writes clears, too. */
    assert_int_equal(find((struct desk){{0, 1, 0, 2, 2, 2, 2}}, PLENTY), HS_NEAREST_NONE);
    /* Whoever clears closes, too: CLEAR can still come before WRITE. */
    assert_int_equal(find((struct desk){{0, 1, 2, 2, 2, 2, 2}}, PLENTY), HS_NEAREST_FOUND);
    assert_int_equal(witness.labels[nearest.sooner], CLEAR);
}

static void a_bound_is_no_answer(void **state)
{
    (void)state;
    assert_int_equal(find((struct desk){{0, 1, 1, 2, 2, 2, 2}}, 3), HS_NEAREST_GAVE_UP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_pair_that_decides_is_the_last_that_has_to_change),
        cmocka_unit_test(duties_are_put_in_where_nothing_else_goes_on_and_not_to_save_the_page),
        cmocka_unit_test(each_actor_keeps_its_own_order),
        cmocka_unit_test(a_bound_is_no_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
