/* SPDX-License-Identifier: BSD-3-Clause */
/* Files that are read and written whole. */
#include "file.h"

#include "text.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- reading -----------------------------------------------------------------------------------
 */

static bool is_regular(FILE *file, size_t *size)
{
    struct stat status;
    if (fstat(fileno(file), &status) != 0 || !S_ISREG(status.st_mode))
        return false;
    *size = (size_t)status.st_size;
    return true;
}

/* Up to `most` bytes into `data`, and one more: it shows that the file is too large.  A file that
 * grows, and those of /proc, have more bytes than they say. */
static bool read_all(
    FILE *file, const char *path, size_t most, char *data, size_t *length, struct hs_error *error)
{
    size_t size = 0;
    if (!is_regular(file, &size))
        return hs_fail_at(error, path, 1, 1, "not a regular file");
    size_t count = fread(data, 1, most + 1, file);
    if (ferror(file))
        return hs_fail(error, "%s: cannot be read: %s", path, strerror(errno));
    if (size < count)
        size = count;
    if (size > most)
        return hs_fail_at(
            error, path, 1, 1, "the file has %zu bytes; at most %zu are allowed", size, most);
    data[count] = '\0';
    *length = count;
    return true;
}

char *hs_file_read(const char *path, size_t most, size_t *length, struct hs_error *error)
{
    assert(most < SIZE_MAX / 2);
    FILE *file = fopen(path, "rb");
    if (!file) {
        hs_fail(error, "%s: %s", path, strerror(errno));
        return NULL;
    }
    char *data = hs_must(malloc(most + 2));
    if (!read_all(file, path, most, data, length, error)) {
        free(data);
        data = NULL;
    }
    fclose(file);
    return data;
}

/* ---- writing -----------------------------------------------------------------------------------
 */

/* The data into a new file at `part`, which then takes the name `path`. */
static bool write_and_rename(const char *part, const char *path, const char *data, size_t length)
{
    FILE *out = fopen(part, "wbx");
    if (!out)
        return false;
    bool good = fwrite(data, 1, length, out) == length;
    if (fclose(out) != 0)
        good = false;
    good = good && rename(part, path) == 0;
    if (!good) {
        int why = errno;
        unlink(part);
        errno = why;
    }
    return good;
}

bool hs_file_write(const char *path, const char *data, size_t length, struct hs_error *error)
{
    struct hs_text part = {0};
    hs_text_add(&part, "%s.%ld.part", path, (long)getpid());
    bool good = write_and_rename(hs_text_string(&part), path, data, length);
    if (!good)
        hs_fail(error, "%s: cannot be written: %s", path, strerror(errno));
    hs_text_free(&part);
    return good;
}
