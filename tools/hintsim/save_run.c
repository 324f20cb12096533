/* SPDX-License-Identifier: BSD-3-Clause */
/* A run as a file that `hintsim run` replays. */
#include "commands.h"
#include "file.h"
#include "text.h"
#include "write.h"

#include <stdio.h>
#include <string.h>

size_t hs_ending_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash ? slash : path, '.');
    return dot ? (size_t)(dot - path) : strlen(path);
}

bool hs_run_save(const struct hs_run *run, const char *path, struct hs_error *error)
{
    struct hs_text name = {0};
    struct hs_text text = {0};
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    hs_text_add_bytes(&name, base, hs_ending_of(base));
    FILE *out = hs_text_stream(&text);
    hs_run_write(run, hs_text_string(&name), out);
    fclose(out);
    bool good = hs_file_write(path, hs_text_string(&text), text.length, error);
    hs_text_free(&text);
    hs_text_free(&name);
    return good;
}
