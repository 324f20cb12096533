/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reductions, one step at a time.
 *
 *   onestep worlds CHECK [STATES [FIRST]]   all states of drawn worlds, from number FIRST on
 *   onestep corpus CHECK FOLDER [WALKS]     so many walks from each moment of each schedule
 *   onestep planted                         every planted fault is noticed
 *   onestep once-wrong                      all states of worlds that a check failed in once
 *
 * World i is made from its number alone, and the walks from none, so that a run is the same
 * everywhere.  Less than nine tenths of the states or walks that were asked for is a failure.
 */
#include "fields.h"
#include "once_wrong.h"
#include "planted.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    USUAL_STATES = 1000000,
    MANY_STATES = 8000000, /* in so many, everything that is rare is met as well */
    USUAL_WALKS = 2,
    FAILED = 1,
    MISUSED = 2,
};

static const struct check *const checks[] = {&check_dead_values, &check_symmetry,
    &check_normal_form, &check_ghosts, &check_widenings, &check_slice};
enum { CHECK_COUNT = sizeof(checks) / sizeof(checks[0]) };

static const struct check *find_check(const char *name)
{
    for (unsigned i = 0; i < CHECK_COUNT; i++) {
        if (strcmp(checks[i]->name, name) == 0)
            return checks[i];
    }
    return NULL;
}

static int misused(void)
{
    fputs("usage: onestep worlds CHECK [STATES [FIRST]] | corpus CHECK FOLDER [WALKS] | planted | "
          "once-wrong\nchecks:",
        stderr);
    for (unsigned i = 0; i < CHECK_COUNT; i++)
        fprintf(stderr, " %s", checks[i]->name);
    fputs("\n", stderr);
    return MISUSED;
}

static void print_tally(const struct tally *tally)
{
    printf("%" PRIu64 " worlds, %" PRIu64 " of them whole, %" PRIu64 " states, %" PRIu64 " steps\n",
        tally->worlds, tally->complete, tally->states, tally->steps);
}

static uint64_t number(char **argv, int argc, int at, uint64_t usual)
{
    return at < argc ? strtoull(argv[at], NULL, 10) : usual;
}

/* Check states of drawn worlds, or of the corpus; false if anything is not as it should be. */
static bool run(struct trial *trial, bool corpus, int argc, char **argv)
{
    uint64_t states = number(argv, argc, 3, USUAL_STATES);
    bool good = corpus ? trial_corpus(trial, argv[3], (unsigned)number(argv, argc, 4, USUAL_WALKS))
                       : trial_worlds(trial, states, number(argv, argc, 4, 1));
    print_tally(trial->tally);
    if (good && trial->check->close)
        good = trial->check->close(trial->tally, !corpus && states >= MANY_STATES);
    return good;
}

int main(int argc, char **argv)
{
    struct tally tally = {0};
    struct trial trial = {.tally = &tally};
    bool worlds = argc > 2 && strcmp(argv[1], "worlds") == 0;
    bool corpus = argc > 3 && strcmp(argv[1], "corpus") == 0;
    const char *wrong = fields_check();
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (wrong) {
        printf("tests/onestep/fields.c: %s\n", wrong);
        return FAILED;
    }
    if (worlds || corpus)
        trial.check = find_check(argv[2]);
    if (trial.check)
        return run(&trial, corpus, argc, argv) ? 0 : FAILED;
    if (argc == 2 && strcmp(argv[1], "planted") == 0)
        return planted_are_noticed(checks, CHECK_COUNT, USUAL_STATES) ? 0 : FAILED;
    if (argc == 2 && strcmp(argv[1], "once-wrong") == 0)
        return once_wrong_are_right(&tally) ? 0 : FAILED;
    return misused();
}
