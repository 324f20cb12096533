/* SPDX-License-Identifier: BSD-3-Clause */
/* Errors: their words, and the end of memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "error.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void an_error_says_what_it_was_told(void **state)
{
    (void)state;
    struct hs_error error = {.text = "something else before", .line = 7, .column = 7};
    assert_false(hs_fail(&error, "%s: %d of %s", "a.yaml", 3, "them"));
    assert_string_equal(error.text, "a.yaml: 3 of them");
    assert_int_equal(error.line, 0);
}

static void a_place_is_file_line_column(void **state)
{
    (void)state;
    struct hs_error error;
    assert_false(hs_fail_at(&error, "dir/a.yaml", 12, 5, "unknown key '%s'", "memorry"));
    assert_string_equal(error.text, "dir/a.yaml:12:5: unknown key 'memorry'");
    assert_int_equal(error.line, 12);
    assert_int_equal(error.column, 5);
}

static void what_is_too_long_is_cut(void **state)
{
    (void)state;
    struct hs_error error;
    char path[3000];
    memset(path, 'p', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    hs_fail(&error, "%s: missing", path);
    assert_int_equal(strlen(error.text), sizeof(error.text) - 1);
    assert_memory_equal(error.text, path, sizeof(error.text) - 1);
    hs_fail_at(&error, path, 1, 1, "missing");
    assert_int_equal(strlen(error.text), sizeof(error.text) - 1);
}

static void memory_that_is_there_is_handed_on(void **state)
{
    (void)state;
    int memory = 0;
    assert_ptr_equal(hs_must(&memory), &memory);
}

/* In a process of its own, which says so and ends with the status of a bug. */
static void without_memory_the_program_ends_with_70(void **state)
{
    (void)state;
    static const char words[] = "hintsim: out of memory\n";
    char said[100];
    int pipes[2];
    int status;
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(pipes[1], STDERR_FILENO);
        hs_must(NULL);
        _exit(0);
    }
    close(pipes[1]);
    ssize_t count = read(pipes[0], said, sizeof(said));
    close(pipes[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 70);
    assert_int_equal(count, sizeof(words) - 1);
    assert_memory_equal(said, words, sizeof(words) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_says_what_it_was_told),
        cmocka_unit_test(a_place_is_file_line_column),
        cmocka_unit_test(what_is_too_long_is_cut),
        cmocka_unit_test(memory_that_is_there_is_handed_on),
        cmocka_unit_test(without_memory_the_program_ends_with_70),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
