/* SPDX-License-Identifier: BSD-3-Clause */
/* Which guard is dropped in this run: the one that the environment variable HINTSIM_MUTANT names.
 */
#include "refusal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char dropped_file[64];
static int dropped_line; /* 0: every guard stays */

/*
 * HINTSIM_MUTANT is FILE:LINE, e.g. driver.c:123, the line on which the guard's HS_NEED begins.
 * Read before main: a search asks from many threads, and asks often.
 */
__attribute__((constructor)) static void read_mutant(void)
{
    const char *mutant = getenv("HINTSIM_MUTANT");
    if (!mutant)
        return;
    if (sscanf(mutant, "%63[^:]:%d", dropped_file, &dropped_line) != 2) {
        fprintf(stderr, "HINTSIM_MUTANT=%s is not FILE:LINE\n", mutant);
        exit(70);
    }
}

bool hs_guard_dropped(const char *file, int line)
{
    if (line != dropped_line)
        return false;
    const char *slash = strrchr(file, '/');
    return strcmp(slash ? slash + 1 : file, dropped_file) == 0;
}
