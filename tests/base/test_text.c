/* SPDX-License-Identifier: BSD-3-Clause */
/* Text: cut at the bound, joined, and broken into lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "text.h"

#include <string.h>

/* ---- text in a buffer -------------------------------------------------------------------------
 */

/* A buffer with a byte behind it that must stay what it is. */
struct guarded {
    char buffer[6];
    char behind;
};

static void assert_whole(const struct guarded *guarded)
{
    assert_int_equal(guarded->behind, 'x');
}

static void a_text_in_a_buffer_begins_empty(void **state)
{
    (void)state;
    char buffer[6] = "before";
    struct hs_text text = hs_text_in(buffer, sizeof(buffer));
    assert_string_equal(buffer, "");
    assert_string_equal(hs_text_string(&text), "");
    assert_false(text.is_cut);
}

static void what_just_fits_is_not_cut(void **state)
{
    (void)state;
    struct guarded guarded = {.behind = 'x'};
    struct hs_text text = hs_text_in(guarded.buffer, sizeof(guarded.buffer));
    hs_text_add(&text, "%s", "ab");
    hs_text_add(&text, "%d", 123);
    assert_string_equal(guarded.buffer, "ab123");
    assert_int_equal(text.length, 5);
    assert_false(text.is_cut);
    hs_text_add(&text, "%s", "");
    assert_false(text.is_cut);
    assert_whole(&guarded);
}

static void what_does_not_fit_is_cut_and_told(void **state)
{
    (void)state;
    struct guarded guarded = {.behind = 'x'};
    struct hs_text text = hs_text_in(guarded.buffer, sizeof(guarded.buffer));
    hs_text_add(&text, "%s", "ab");
    hs_text_add(&text, "%d", 12345);
    assert_string_equal(guarded.buffer, "ab123");
    assert_int_equal(text.length, 5);
    assert_true(text.is_cut);
    hs_text_add(&text, "%s", "more");
    hs_text_item(&text, ", ", "%s", "more");
    hs_text_add_bytes(&text, "more", 4);
    assert_string_equal(guarded.buffer, "ab123");
    assert_int_equal(text.length, 5);
    assert_true(text.is_cut);
    assert_whole(&guarded);
}

static void bytes_are_cut_as_well(void **state)
{
    (void)state;
    struct guarded guarded = {.behind = 'x'};
    struct hs_text text = hs_text_in(guarded.buffer, sizeof(guarded.buffer));
    hs_text_add_bytes(&text, "abcdefghi", 5);
    assert_false(text.is_cut);
    assert_string_equal(guarded.buffer, "abcde");
    hs_text_add_bytes(&text, "f", 1);
    assert_true(text.is_cut);
    assert_string_equal(guarded.buffer, "abcde");
    assert_whole(&guarded);
}

static void a_buffer_of_one_byte_holds_nothing(void **state)
{
    (void)state;
    char buffer[1];
    struct hs_text text = hs_text_in(buffer, sizeof(buffer));
    hs_text_add(&text, "%s", "a");
    assert_string_equal(buffer, "");
    assert_true(text.is_cut);
}

/* ---- text that grows --------------------------------------------------------------------------
 */

static void a_text_that_grows_is_never_cut(void **state)
{
    (void)state;
    enum { COUNT = 5000 };
    struct hs_text text = {0};
    assert_string_equal(hs_text_string(&text), "");
    for (unsigned i = 0; i < COUNT; i++)
        hs_text_add(&text, "%04u,", i);
    assert_int_equal(text.length, 5 * COUNT);
    assert_int_equal(strlen(hs_text_string(&text)), 5 * COUNT);
    for (unsigned i = 0; i < COUNT; i++) {
        char expected[6];
        struct hs_text number = hs_text_in(expected, sizeof(expected));
        hs_text_add(&number, "%04u,", i);
        assert_memory_equal(hs_text_string(&text) + (size_t)5 * i, expected, 5);
    }
    assert_false(text.is_cut);
    hs_text_free(&text);
    assert_string_equal(hs_text_string(&text), "");
}

/* The first piece alone is larger than what is asked for first. */
static void a_text_grows_by_as_much_as_is_needed(void **state)
{
    (void)state;
    struct hs_text text = {0};
    hs_text_add(&text, "%1000d", 7);
    assert_int_equal(text.length, 1000);
    assert_string_equal(hs_text_string(&text) + 998, " 7");
    char bytes[3000];
    memset(bytes, 'b', sizeof(bytes));
    hs_text_add_bytes(&text, bytes, sizeof(bytes));
    assert_int_equal(text.length, 4000);
    assert_int_equal(strlen(hs_text_string(&text)), 4000);
    hs_text_free(&text);
}

/* ---- lists ------------------------------------------------------------------------------------
 */

static void a_joint_stands_between_items_alone(void **state)
{
    (void)state;
    struct hs_text text = {0};
    hs_text_item(&text, ", ", "%s", "one");
    assert_string_equal(hs_text_string(&text), "one");
    hs_text_item(&text, ", ", "%u", 2u);
    hs_text_item(&text, " or ", "%s", "three");
    assert_string_equal(hs_text_string(&text), "one, 2 or three");
    hs_text_free(&text);
}

static void a_list_may_begin_behind_other_words(void **state)
{
    (void)state;
    struct hs_text text = {0};
    hs_text_add(&text, "in play: ");
    hs_text_begin_list(&text);
    hs_text_item(&text, ", ", "writes");
    hs_text_item(&text, ", ", "rounds");
    hs_text_add(&text, "; not: ");
    hs_text_begin_list(&text);
    hs_text_item(&text, ", ", "resets");
    assert_string_equal(hs_text_string(&text), "in play: writes, rounds; not: resets");
    hs_text_free(&text);
}

/* ---- streams ----------------------------------------------------------------------------------
 */

static void what_is_printed_to_a_stream_is_added(void **state)
{
    (void)state;
    struct hs_text text = {0};
    hs_text_add(&text, "before ");
    FILE *out = hs_text_stream(&text);
    for (unsigned i = 0; i < 10000; i++)
        fputc('a' + (int)(i % 26), out);
    fputc('\0', out);
    fprintf(out, "%s", "end");
    assert_int_equal(fclose(out), 0);
    assert_int_equal(text.length, 7 + 10000 + 1 + 3);
    assert_memory_equal(text.at, "before abc", 10);
    assert_memory_equal(text.at + 7 + 10000, "\0end", 5);
    hs_text_free(&text);
}

static void a_stream_into_a_buffer_is_cut(void **state)
{
    (void)state;
    struct guarded guarded = {.behind = 'x'};
    struct hs_text text = hs_text_in(guarded.buffer, sizeof(guarded.buffer));
    FILE *out = hs_text_stream(&text);
    fputs("too much", out);
    fclose(out);
    assert_string_equal(guarded.buffer, "too m");
    assert_true(text.is_cut);
    assert_whole(&guarded);
}

/* ---- lines ------------------------------------------------------------------------------------
 */

static size_t line(const char *text, unsigned width)
{
    return hs_line_length(text, &(struct hs_lines){.width = width});
}

static void a_line_ends_at_the_last_space_that_fits(void **state)
{
    (void)state;
    assert_int_equal(line("", 5), 0);
    assert_int_equal(line("ab cd", 5), 5);
    assert_int_equal(line("ab cd ef", 4), 2);
    assert_int_equal(line("ab cd ef", 5), 5);
    assert_int_equal(line("ab cd ef", 7), 5);
    assert_int_equal(line("ab cd ef", 8), 8);
}

static void a_line_ends_at_a_newline(void **state)
{
    (void)state;
    assert_int_equal(line("ab cd\nef", 100), 5);
    assert_int_equal(line("ab\ncd ef", 4), 2);
    assert_int_equal(line("abcdef\ngh", 3), 6);
}

static void a_word_longer_than_the_line_sticks_out_or_is_cut(void **state)
{
    (void)state;
    assert_int_equal(line("abcdef gh", 3), 6);
    assert_int_equal(line("abcdef", 3), 6);
    const struct hs_lines cutting = {.width = 3, .cuts = true};
    assert_int_equal(hs_line_length("abcdef gh", &cutting), 3);
    assert_int_equal(hs_line_length("ab cdefg", &cutting), 2);
}

static void a_line_may_end_behind_other_characters(void **state)
{
    (void)state;
    const struct hs_lines lines = {.width = 6, .behind = ",-"};
    assert_int_equal(hs_line_length("ab,cd,ef", &lines), 6);
    assert_int_equal(hs_line_length("ab-cdefg", &lines), 3);
    assert_int_equal(hs_line_length("ab cdefg", &lines), 2);
    assert_int_equal(hs_line_length("abcdefgh,i", &lines), 9);
}

static void spaces_may_hold_words_together(void **state)
{
    (void)state;
    const struct hs_lines lines = {.width = 6, .behind = ",", .whole = true};
    assert_int_equal(hs_line_length("a 1, b 2, c 3", &lines), 4);
    assert_int_equal(hs_line_length("abc 12345, b 2", &lines), 10);
}

/* What a printer prints, as text; it has room for all of these. */
static char printed[400];
static struct hs_text printed_text;

static FILE *begin_print(void)
{
    printed_text = hs_text_in(printed, sizeof(printed));
    return hs_text_stream(&printed_text);
}

static void assert_printed(FILE *out, const char *expected)
{
    fclose(out);
    assert_false(printed_text.is_cut);
    assert_string_equal(printed, expected);
}

static void wrapped_text_is_indented_and_72_wide(void **state)
{
    (void)state;
    FILE *out = begin_print();
    hs_print_wrapped("  one two\n", 2, out);
    for (unsigned indent = 0; indent < 2; indent++)
        hs_print_wrapped(
            "0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 ends72 next", indent,
            out);
    assert_printed(out, "  one two\n"
                        "0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 ends72\n"
                        "next\n"
                        " 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789\n"
                        " ends72 next\n");
}

static void a_text_is_printed_and_is_empty_then(void **state)
{
    (void)state;
    struct hs_text text = {0};
    FILE *out = begin_print();
    hs_text_add(&text, "one");
    hs_text_print(&text, 1, out);
    hs_text_add(&text, "two");
    hs_text_print(&text, 1, out);
    assert_null(text.at);
    assert_printed(out, " one\n two\n");
}

static void of_several_spaces_none_ends_a_line(void **state)
{
    (void)state;
    static const struct hs_lines lines = {.width = 5};
    static const char *const text = "ab   cd  ef";
    FILE *out = begin_print();
    hs_print_cells(&text, &lines, 1, out);
    assert_printed(out, "ab\ncd\nef\n");
}

static void nothing_is_printed_of_nothing_but_space(void **state)
{
    (void)state;
    FILE *out = begin_print();
    hs_print_wrapped("", 2, out);
    hs_print_wrapped(" \n ", 2, out);
    assert_printed(out, "");
}

static void a_newline_in_a_text_ends_its_line(void **state)
{
    (void)state;
    FILE *out = begin_print();
    hs_print_wrapped("one\n\n two\tthree", 1, out);
    assert_printed(out, " one\n two\tthree\n");
}

static void a_label_stands_before_the_first_line_alone(void **state)
{
    (void)state;
    FILE *out = begin_print();
    hs_print_labelled("  1.", "one two three four", 16, out);
    hs_print_labelled("", "one two three four", 12, out);
    hs_print_labelled("a b", "x", 12, out);
    assert_printed(out, "  1.  one two\n"
                        "      three four\n"
                        "  one two\n"
                        "  three four\n"
                        "a b  x\n");
}

static void a_command_in_lines_can_be_pasted(void **state)
{
    (void)state;
    FILE *out = begin_print();
    hs_print_command("first", 2, out);
    hs_print_command(
        "command --with-a-long-option=of-its-own --and 'some quoted words, which go on, "
        "and on' --last",
        2, out);
    assert_printed(out, "  first\n"
                        "  command --with-a-long-option=of-its-own --and 'some quoted words,\n"
                        "  which go on, and on' --last\n");
    out = begin_print();
    hs_print_command("command --with-a-long-option=of-its-own --and=something-else-that-is-long "
                     "--last",
        2, out);
    assert_printed(out, "  command --with-a-long-option=of-its-own \\\n"
                        "  --and=something-else-that-is-long --last\n");
}

static void cells_stand_side_by_side(void **state)
{
    (void)state;
    static const struct hs_lines lines[] = {
        {.indent = 1, .width = 5}, {.indent = 7, .width = 6}, {.indent = 14, .width = 5}};
    static const char *const cells[] = {"a", "one two three", "x y z zzz"};
    FILE *out = begin_print();
    hs_print_cells(cells, lines, 3, out);
    assert_printed(out, " a     one    x y z\n"
                        "       two    zzz\n"
                        "       three\n");
}

static void a_word_that_sticks_out_is_kept_apart_from_the_next_cell(void **state)
{
    (void)state;
    static const struct hs_lines lines[] = {{.width = 3}, {.indent = 4, .width = 3}};
    static const char *const cells[] = {"abcdefgh", "x"};
    FILE *out = begin_print();
    hs_print_cells(cells, lines, 2, out);
    assert_printed(out, "abcdefgh x\n");
}

static void what_no_format_can_hold_is_written_as_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *string;
        const char *clean;
    } rows[] = {
        {"plain <&>'\"\\", "plain <&>'\"\\"},
        {"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x8b", "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x8b"},
        {"a\nb\tc\033d\x7f", "a\\x0Ab\\x09c\\x1Bd\\x7F"},
        {"\xc2\x85", "\\xC2\\x85"},                              /* a control character */
        {"\xff.\xc3", "\\xFF.\\xC3"},                            /* no UTF-8, and cut */
        {"\xc0\xaf \xe0\x80\xaf", "\\xC0\\xAF \\xE0\\x80\\xAF"}, /* longer than need be */
        {"\xed\xa0\x80", "\\xED\\xA0\\x80"},                     /* half of a pair */
        {"\xef\xbf\xbf", "\\xEF\\xBF\\xBF"},                     /* no character */
        {"\xf4\x90\x80\x80", "\\xF4\\x90\\x80\\x80"},            /* beyond the last */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct hs_text text = {0};
        hs_text_add_clean(&text, rows[i].string);
        assert_string_equal(hs_text_string(&text), rows[i].clean);
        hs_text_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_in_a_buffer_begins_empty),
        cmocka_unit_test(what_just_fits_is_not_cut),
        cmocka_unit_test(what_does_not_fit_is_cut_and_told),
        cmocka_unit_test(bytes_are_cut_as_well),
        cmocka_unit_test(a_buffer_of_one_byte_holds_nothing),
        cmocka_unit_test(a_text_that_grows_is_never_cut),
        cmocka_unit_test(a_text_grows_by_as_much_as_is_needed),
        cmocka_unit_test(a_joint_stands_between_items_alone),
        cmocka_unit_test(a_list_may_begin_behind_other_words),
        cmocka_unit_test(what_is_printed_to_a_stream_is_added),
        cmocka_unit_test(a_stream_into_a_buffer_is_cut),
        cmocka_unit_test(what_no_format_can_hold_is_written_as_numbers),
        cmocka_unit_test(a_line_ends_at_the_last_space_that_fits),
        cmocka_unit_test(a_line_ends_at_a_newline),
        cmocka_unit_test(a_word_longer_than_the_line_sticks_out_or_is_cut),
        cmocka_unit_test(a_line_may_end_behind_other_characters),
        cmocka_unit_test(spaces_may_hold_words_together),
        cmocka_unit_test(wrapped_text_is_indented_and_72_wide),
        cmocka_unit_test(a_text_is_printed_and_is_empty_then),
        cmocka_unit_test(of_several_spaces_none_ends_a_line),
        cmocka_unit_test(nothing_is_printed_of_nothing_but_space),
        cmocka_unit_test(a_newline_in_a_text_ends_its_line),
        cmocka_unit_test(a_label_stands_before_the_first_line_alone),
        cmocka_unit_test(a_command_in_lines_can_be_pasted),
        cmocka_unit_test(cells_stand_side_by_side),
        cmocka_unit_test(a_word_that_sticks_out_is_kept_apart_from_the_next_cell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
