/* SPDX-License-Identifier: BSD-3-Clause */
/* The words of the ladder: what stands in braces in a row of steps.def can be filled in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "effects.h"
#include "words.h"

#include <ctype.h>
#include <string.h>

static void the_words_of_every_row_are_known(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < HS_STEP_KIND_COUNT; kind++) {
        if (!hs_words_are_known(hs_step_rows[kind].words))
            fail_msg("%s: '%s'", hs_step_rows[kind].name, hs_step_rows[kind].words);
    }
}

static void every_row_is_a_sentence(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < HS_STEP_KIND_COUNT; kind++) {
        const char *told = hs_step_rows[kind].told;
        if (!hs_words_are_known(told))
            fail_msg("%s: '%s'", hs_step_rows[kind].name, told);
        /* It begins as a sentence does whose capital is added, and has two words at least. */
        if (!(islower((unsigned char)told[0]) || told[0] == '{') || !strchr(told, ' '))
            fail_msg("%s: '%s' is no sentence", hs_step_rows[kind].name, told);
        assert_null(strchr(".,;", told[strlen(told) - 1]));
    }
}

static void the_words_of_every_effect_are_known(void **state)
{
    (void)state;
    assert_true(hs_effects_are_known());
}

static void a_word_that_is_not_known_is_noticed(void **state)
{
    (void)state;
    assert_true(hs_words_are_known("nothing in braces"));
    assert_true(hs_words_are_known("write {page}{written}"));
    assert_false(hs_words_are_known("write {pages}"));
    assert_false(hs_words_are_known("write {pag}"));
    assert_false(hs_words_are_known("write {page}{"));
    assert_false(hs_words_are_known("write {page"));
}

static void pages_are_written_as_ranges(void **state)
{
    (void)state;
    char text[32];
    hs_words_write_pages(0, text, sizeof(text));
    assert_string_equal(text, "");
    hs_words_write_pages(1u << 3, text, sizeof(text));
    assert_string_equal(text, "P3");
    hs_words_write_pages(0x3d, text, sizeof(text));
    assert_string_equal(text, "P0,P2-5");
    hs_words_write_pages(UINT64_MAX, text, sizeof(text));
    assert_string_equal(text, "P0-63");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_words_of_every_row_are_known),
        cmocka_unit_test(every_row_is_a_sentence),
        cmocka_unit_test(the_words_of_every_effect_are_known),
        cmocka_unit_test(a_word_that_is_not_known_is_noticed),
        cmocka_unit_test(pages_are_written_as_ranges),
    };
    return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
