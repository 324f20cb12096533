/* SPDX-License-Identifier: BSD-3-Clause */
/* Which questions `hintsim check` asks: --only and --exclude. */
#ifndef HS_CHECK_SELECT_H
#define HS_CHECK_SELECT_H

#include "check_job.h"

/* The words of an option.  Each is one of three kinds: run, explore or prove; a property or a
 * clause; the name of a scenario or of a member. */
struct hs_check_words {
    unsigned count;
    const char **words;
};

struct hs_check_selection {
    struct hs_check_words only;    /* of each kind that has words, one must fit */
    struct hs_check_words exclude; /* none must fit */
};

/* Add a word that stands as long as the selection does. */
void hs_check_words_take(struct hs_check_words *words, const char *word);

/* Is each word a question, a property, a clause, or the name of one of the jobs?  False, with
 * `error`, if not. */
bool hs_check_selection_is_known(const struct hs_check_selection *selection,
    struct hs_check_job *const *jobs, unsigned count, struct hs_error *error);

/* Drop what is not selected from what the job asks.  False, if nothing is left.  A file that cannot
 * be read is left out by its name alone. */
bool hs_check_select(const struct hs_check_selection *selection, struct hs_check_job *job);

#endif
