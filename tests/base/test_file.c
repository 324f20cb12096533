/* SPDX-License-Identifier: BSD-3-Clause */
/* Whole files: what is written is read, and what fails leaves everything as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "file.h"
#include "text.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST = 1000 };

static char folder[] = "/tmp/hintsim-test-XXXXXX";
static char path[100];

static int begin(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return 1;
    struct hs_text text = hs_text_in(path, sizeof(path));
    hs_text_add(&text, "%s/file", folder);
    return 0;
}

/* How many files are in the folder; they are removed. */
static unsigned clear_folder(void)
{
    unsigned count = 0;
    DIR *files = opendir(folder);
    assert_non_null(files);
    for (struct dirent *entry = readdir(files); entry; entry = readdir(files)) {
        if (entry->d_name[0] == '.')
            continue;
        count++;
        unlinkat(dirfd(files), entry->d_name, entry->d_type == DT_DIR ? AT_REMOVEDIR : 0);
    }
    closedir(files);
    return count;
}

static int end(void **state)
{
    (void)state;
    clear_folder();
    return rmdir(folder);
}

static void assert_holds(const char *data, size_t length)
{
    struct hs_error error = {.text = ""};
    size_t found;
    char *read = hs_file_read(path, MOST, &found, &error);
    assert_string_equal(error.text, "");
    assert_non_null(read);
    assert_int_equal(found, length);
    assert_memory_equal(read, data, length + 1); /* with the zero byte behind */
    free(read);
}

static void write_good(const char *data, size_t length)
{
    struct hs_error error = {.text = ""};
    assert_true(hs_file_write(path, data, length, &error));
    assert_string_equal(error.text, "");
}

static void assert_not_read(const char *where, size_t most, const char *words)
{
    struct hs_error error;
    size_t length = 77;
    assert_null(hs_file_read(where, most, &length, &error));
    assert_string_equal(error.text, words);
    assert_int_equal(length, 77);
}

/* `format` has one %s, for the folder. */
__attribute__((format(printf, 2, 0))) static void assert_not_written(
    const char *where, const char *format)
{
    struct hs_error error;
    struct hs_text words = {0};
    hs_text_add(&words, format, folder);
    assert_false(hs_file_write(where, "new", 3, &error));
    assert_string_equal(error.text, hs_text_string(&words));
    hs_text_free(&words);
}

/* ---- reading -----------------------------------------------------------------------------------
 */

static void what_is_written_is_read(void **state)
{
    (void)state;
    write_good("a\0b\n", 4);
    assert_holds("a\0b\n", 4);
    write_good("", 0);
    assert_holds("", 0);
    assert_int_equal(clear_folder(), 1);
}

static void as_many_bytes_as_are_allowed_are_read(void **state)
{
    (void)state;
    struct hs_error error;
    struct hs_text words = {0};
    size_t length;
    write_good("12345678", 8);
    char *data = hs_file_read(path, 8, &length, &error);
    assert_non_null(data);
    assert_string_equal(data, "12345678");
    free(data);
    hs_text_add(&words, "%s:1:1: the file has 8 bytes; at most 7 are allowed", path);
    assert_not_read(path, 7, hs_text_string(&words));
    hs_text_free(&words);
    clear_folder();
}

/* Files in /proc say that they have 0 bytes. */
static void a_file_that_has_more_than_it_says_is_not_too_large_for_that(void **state)
{
    (void)state;
    struct hs_error error;
    size_t length;
    char *data = hs_file_read("/proc/self/status", 1 << 16, &length, &error);
    assert_non_null(data);
    assert_true(length > 100);
    assert_non_null(strstr(data, "\nVmRSS:"));
    free(data);
    assert_not_read("/proc/self/status", 20,
        "/proc/self/status:1:1: the file has 21 bytes; at most 20 are allowed");
}

static void what_is_not_there_or_no_file_is_not_read(void **state)
{
    (void)state;
    assert_not_read("/nonsense/x", MOST, "/nonsense/x: No such file or directory");
    assert_not_read("/proc", MOST, "/proc:1:1: not a regular file");
    assert_not_read("/dev/zero", MOST, "/dev/zero:1:1: not a regular file");
}

/* At once, though nobody writes to it. */
static void a_pipe_is_no_file(void **state)
{
    (void)state;
    struct hs_text words = {0};
    assert_int_equal(mkfifo(path, 0600), 0);
    hs_text_add(&words, "%s:1:1: not a regular file", path);
    assert_not_read(path, MOST, hs_text_string(&words));
    hs_text_free(&words);
    assert_int_equal(clear_folder(), 1);
}

/* ---- writing -----------------------------------------------------------------------------------
 */

/* Who has the old file open keeps all of it: its bytes are never written over. */
static void a_file_is_replaced_whole(void **state)
{
    (void)state;
    char seen[20] = "";
    write_good("the old one", 11);
    int old = open(path, O_RDONLY);
    assert_true(old >= 0);
    write_good("new", 3);
    assert_int_equal(read(old, seen, sizeof(seen)), 11);
    assert_string_equal(seen, "the old one");
    close(old);
    assert_holds("new", 3);
    assert_int_equal(clear_folder(), 1);
}

/* A file of its own beside the others; what it is called is `name`. */
static const char *beside(const char *name, char place[120])
{
    struct hs_text text = hs_text_in(place, 120);
    hs_text_add(&text, "%s/%s", folder, name);
    return place;
}

static void permissions_are_kept(void **state)
{
    (void)state;
    struct stat status;
    write_good("old", 3);
    assert_int_equal(chmod(path, 0604), 0);
    if (geteuid() == 0) /* who is not root cannot give a file away */
        assert_int_equal(chown(path, 12345, 54321), 0);
    write_good("new", 3);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0604);
    assert_int_equal(status.st_uid, geteuid() == 0 ? 12345 : geteuid());
    clear_folder();
}

static void a_link_stays_one(void **state)
{
    (void)state;
    char place[120];
    char link[120];
    struct stat status;
    struct hs_error error;
    write_good("old", 3);
    assert_int_equal(symlink("file", beside("first", place)), 0);
    assert_int_equal(symlink("first", beside("second", link)), 0);
    assert_true(hs_file_write(link, "new", 3, &error));
    assert_holds("new", 3);
    assert_int_equal(lstat(link, &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    unlink(path);
    assert_true(hs_file_write(link, "newer", 5, &error)); /* what it points to is made */
    assert_holds("newer", 5);
    assert_true(hs_file_is_same(path, link));
    assert_false(hs_file_is_same(path, "/dev/null"));
    assert_false(hs_file_is_same(path, "/nonsense"));
    assert_int_equal(clear_folder(), 3);
    assert_int_equal(symlink("circle", beside("circle", link)), 0);
    assert_false(hs_file_write(link, "new", 3, &error));
    assert_non_null(strstr(error.text, "Too many levels of symbolic links"));
    assert_int_equal(clear_folder(), 1);
}

static void what_is_no_regular_file_is_written_into(void **state)
{
    (void)state;
    char read_back[8] = "";
    struct stat status;
    struct hs_error error;
    assert_true(hs_file_write("/dev/null", "new", 3, &error));
    assert_int_equal(stat("/dev/null", &status), 0);
    assert_true(S_ISCHR(status.st_mode));
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_not_written(path, "%s/file: cannot be written: No such device or address");
    int reader = open(path, O_RDONLY | O_NONBLOCK);
    assert_true(reader >= 0);
    write_good("new", 3);
    assert_int_equal(read(reader, read_back, sizeof(read_back)), 3);
    assert_string_equal(read_back, "new");
    close(reader);
    assert_int_equal(lstat(path, &status), 0);
    assert_true(S_ISFIFO(status.st_mode));
    assert_false(hs_file_write("/dev/full", "new", 3, &error));
    assert_non_null(strstr(error.text, "No space left on device"));
    assert_int_equal(clear_folder(), 1);
}

static void a_folder_that_is_not_there_is_no_place_to_write(void **state)
{
    (void)state;
    assert_not_written(
        "/nonsense/file", "/nonsense/file: cannot be written: No such file or directory");
    assert_int_equal(clear_folder(), 0);
}

static void where_a_folder_is_nothing_is_written(void **state)
{
    (void)state;
    assert_int_equal(mkdir(path, 0700), 0);
    assert_not_written(path, "%s/file: cannot be written: Is a directory");
    assert_int_equal(clear_folder(), 1); /* no part is left beside it */
}

/* A part that is there already is another's, or what a crash left. */
static void a_part_that_is_there_already_is_left_alone(void **state)
{
    (void)state;
    char part[120];
    struct stat status;
    struct hs_text text = hs_text_in(part, sizeof(part));
    hs_text_add(&text, "%s.%ld.part", path, (long)getpid());
    FILE *out = fopen(part, "w");
    assert_non_null(out);
    fputs("12345", out);
    fclose(out);
    assert_not_written(path, "%s/file: cannot be written: File exists");
    assert_int_equal(stat(part, &status), 0);
    assert_int_equal(status.st_size, 5);
    assert_int_equal(clear_folder(), 1);
}

/* The disk is full, here: files may have only so many bytes. */
static void what_cannot_be_written_whole_leaves_the_old_file(void **state)
{
    (void)state;
    struct rlimit usual;
    write_good("the old one", 11);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &usual), 0);
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){2, usual.rlim_max});
    struct hs_error error = {.text = ""};
    bool written = hs_file_write(path, "new", 3, &error);
    setrlimit(RLIMIT_FSIZE, &usual);
    signal(SIGXFSZ, SIG_DFL);
    assert_false(written);
    assert_non_null(strstr(error.text, "/file: cannot be written: File too large"));
    assert_holds("the old one", 11);
    assert_int_equal(clear_folder(), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(as_many_bytes_as_are_allowed_are_read),
        cmocka_unit_test(a_file_that_has_more_than_it_says_is_not_too_large_for_that),
        cmocka_unit_test(what_is_not_there_or_no_file_is_not_read),
        cmocka_unit_test(a_pipe_is_no_file),
        cmocka_unit_test(permissions_are_kept),
        cmocka_unit_test(a_link_stays_one),
        cmocka_unit_test(what_is_no_regular_file_is_written_into),
        cmocka_unit_test(a_file_is_replaced_whole),
        cmocka_unit_test(a_folder_that_is_not_there_is_no_place_to_write),
        cmocka_unit_test(where_a_folder_is_nothing_is_written),
        cmocka_unit_test(a_part_that_is_there_already_is_left_alone),
        cmocka_unit_test(what_cannot_be_written_whole_leaves_the_old_file),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
