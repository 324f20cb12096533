/* Files that are written whole or not at all. */
#include "whole_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool hs_whole_file_write(const char *path, const char *data, size_t length, struct hs_error *error)
{
    size_t size = strlen(path) + 32;
    char *part = hs_must(malloc(size));
    snprintf(part, size, "%s.%ld.part", path, (long)getpid());
    FILE *out = fopen(part, "wbx");
    bool good = out && fwrite(data, 1, length, out) == length;
    if (out && fclose(out) != 0)
        good = false;
    good = good && rename(part, path) == 0;
    if (!good) {
        snprintf(
            error->text, sizeof(error->text), "%s: cannot be written: %s", path, strerror(errno));
        if (out)
            unlink(part);
    }
    free(part);
    return good;
}
