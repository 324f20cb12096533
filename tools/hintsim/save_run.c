/* A run as a file that `hintsim run` replays. */
#include "commands.h"
#include "whole_file.h"
#include "write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t hs_ending_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash ? slash : path, '.');
    return dot ? (size_t)(dot - path) : strlen(path);
}

bool hs_run_save(const struct hs_run *run, const char *path, struct hs_error *error)
{
    char name[200];
    char *text = NULL;
    size_t length = 0;
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    FILE *out = hs_must(open_memstream(&text, &length));
    snprintf(name, sizeof(name), "%.*s", (int)hs_ending_of(base), base);
    hs_run_write(run, name, out);
    fclose(out);
    bool good = hs_whole_file_write(path, text, length, error);
    free(text);
    return good;
}
