/* SPDX-License-Identifier: BSD-3-Clause */
/* Files that are read and written whole. */
#include "file.h"

#include "text.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
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
    /* A pipe that nobody writes to is no reason to wait. */
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "rb");
    if (!file && errno == ENXIO) {
        hs_fail_at(error, path, 1, 1, "not a regular file");
        return NULL;
    }
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

/* Give a new file the permissions and the owner of the one that it replaces. */
static bool is_made_alike(FILE *file, const struct stat *old)
{
    struct stat new;
    if (fstat(fileno(file), &new) != 0)
        return false;
    bool is_alike = new.st_uid == old->st_uid &&new.st_gid == old->st_gid;
    return (is_alike || fchown(fileno(file), old->st_uid, old->st_gid) == 0) &&
           fchmod(fileno(file), old->st_mode & 07777) == 0;
}

/* The data into a new file at `part`, which then takes the name `path`; `old` is what stands there,
 * or NULL. */
static bool write_and_rename(
    const char *part, const char *path, const struct stat *old, const char *data, size_t length)
{
    FILE *out = fopen(part, "wbxe");
    if (!out)
        return false;
    bool good = fwrite(data, 1, length, out) == length && (!old || is_made_alike(out, old));
    int why = errno;
    if (fclose(out) != 0) {
        good = false;
        why = errno;
    }
    if (good && rename(part, path) == 0)
        return true;
    why = good ? errno : why;
    unlink(part);
    errno = why;
    return false;
}

/* Where the links at `path` lead, as far as there are any; to be freed.  NULL: in a circle. */
static char *follow_links(const char *path)
{
    enum { LINKS_MOST = 40 };
    char *end = hs_must(strdup(path));
    for (unsigned i = 0; i < LINKS_MOST; i++) {
        char target[PATH_MAX];
        struct hs_text next = {0};
        ssize_t length = readlink(end, target, sizeof(target) - 1);
        if (length < 0)
            return end;
        const char *slash = strrchr(end, '/');
        if (target[0] != '/' && slash)
            hs_text_add_bytes(&next, end, (size_t)(slash - end) + 1);
        hs_text_add_bytes(&next, target, (size_t)length);
        free(end);
        end = hs_must(strdup(hs_text_string(&next)));
        hs_text_free(&next);
    }
    free(end);
    errno = ELOOP;
    return NULL;
}

static bool replace(const char *path, const struct stat *old, const char *data, size_t length)
{
    struct hs_text part = {0};
    char *end = follow_links(path);
    if (!end)
        return false;
    hs_text_add(&part, "%s.%ld.part", end, (long)getpid());
    bool good = write_and_rename(hs_text_string(&part), end, old, data, length);
    int why = errno;
    hs_text_free(&part);
    free(end);
    errno = why;
    return good;
}

/* Into a device or a pipe.  A pipe that nobody reads is no reason to wait. */
static bool write_into(const char *path, const char *data, size_t length)
{
    int descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (descriptor < 0 || fcntl(descriptor, F_SETFL, 0) != 0)
        return false;
    FILE *out = fdopen(descriptor, "wb");
    bool good = out && fwrite(data, 1, length, out) == length;
    return out && fclose(out) == 0 && good;
}

bool hs_file_write(const char *path, const char *data, size_t length, struct hs_error *error)
{
    struct stat old;
    bool exists = stat(path, &old) == 0;
    bool good = exists && !S_ISREG(old.st_mode) ? write_into(path, data, length)
                                                : replace(path, exists ? &old : NULL, data, length);
    return good || hs_fail(error, "%s: cannot be written: %s", path, strerror(errno));
}

bool hs_file_is_same(const char *path, const char *other)
{
    struct stat one;
    struct stat two;
    return stat(path, &one) == 0 && stat(other, &two) == 0 && one.st_dev == two.st_dev &&
           one.st_ino == two.st_ino;
}
