/* SPDX-License-Identifier: BSD-3-Clause */
/* --only and --exclude. */
#include "check_select.h"

#include "nodes.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

enum kind { A_QUESTION, A_SUBJECT, A_NAME };

void hs_check_words_take(struct hs_check_words *words, const char *word)
{
    words->words = hs_must(realloc(words->words, (words->count + 1) * sizeof(*words->words)));
    words->words[words->count++] = word;
}

static enum hs_check_question find_question(const char *word)
{
    unsigned i = HS_CHECK_RUN;
    while (i < HS_CHECK_QUESTION_COUNT && strcmp(hs_check_question_names[i], word) != 0)
        i++;
    return (enum hs_check_question)i;
}

static bool is_subject(const char *word)
{
    const char *subjects[HS_CHECK_SUBJECTS_MAX];
    unsigned count = hs_check_subjects(subjects);
    while (count-- > 0) {
        if (strcmp(subjects[count], word) == 0)
            return true;
    }
    return false;
}

static enum kind kind_of(const char *word)
{
    if (find_question(word) != HS_CHECK_QUESTION_COUNT)
        return A_QUESTION;
    return is_subject(word) ? A_SUBJECT : A_NAME;
}

/* ---- names ----------------------------------------------------------------------------------- */

/* Is the job called so: as its member, or as its file without the ending? */
static bool is_called(const struct hs_check_job *job, const char *word)
{
    const char *slash = strrchr(job->path, '/');
    const char *stem = slash ? slash + 1 : job->path;
    const char *dot = strrchr(stem, '.');
    size_t length = dot ? (size_t)(dot - stem) : strlen(stem);
    return strcmp(job->name, word) == 0 ||
           (strlen(word) == length && memcmp(stem, word, length) == 0);
}

/* What may be meant instead; the names of the files are those of the jobs. */
static bool refuse(
    const char *word, struct hs_check_job *const *jobs, unsigned count, struct hs_error *error)
{
    const char *subjects[HS_CHECK_SUBJECTS_MAX];
    unsigned known = hs_check_subjects(subjects);
    const char **words = hs_must(calloc(known + HS_CHECK_QUESTION_COUNT + count, sizeof(*words)));
    unsigned total = 0;
    for (unsigned i = HS_CHECK_RUN; i < HS_CHECK_QUESTION_COUNT; i++)
        words[total++] = hs_check_question_names[i];
    for (unsigned i = 0; i < known; i++)
        words[total++] = subjects[i];
    for (unsigned i = 0; i < count; i++)
        words[total++] = jobs[i]->scenario ? jobs[i]->scenario->name : jobs[i]->name;
    const char *nearest = hs_nearest(word, words, total);
    hs_fail(error,
        "hintsim: '%.100s' is none of run, explore, prove, no property or clause, and no scenario "
        "here%s%s%s",
        word, nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
    free(words);
    return false;
}

static bool are_known(const struct hs_check_words *words, struct hs_check_job *const *jobs,
    unsigned count, struct hs_error *error)
{
    for (unsigned i = 0; i < words->count; i++) {
        bool known = kind_of(words->words[i]) != A_NAME;
        for (unsigned j = 0; j < count && !known; j++)
            known = is_called(jobs[j], words->words[i]);
        if (!known)
            return refuse(words->words[i], jobs, count, error);
    }
    return true;
}

bool hs_check_selection_is_known(const struct hs_check_selection *selection,
    struct hs_check_job *const *jobs, unsigned count, struct hs_error *error)
{
    return are_known(&selection->only, jobs, count, error) &&
           are_known(&selection->exclude, jobs, count, error);
}

/* ---- selecting ------------------------------------------------------------------------------- */

static bool has_kind(const struct hs_check_words *words, enum kind kind)
{
    for (unsigned i = 0; i < words->count; i++) {
        if (kind_of(words->words[i]) == kind)
            return true;
    }
    return false;
}

static bool names_job(const struct hs_check_words *words, const struct hs_check_job *job)
{
    for (unsigned i = 0; i < words->count; i++) {
        if (kind_of(words->words[i]) == A_NAME && is_called(job, words->words[i]))
            return true;
    }
    return false;
}

static bool names_question(const struct hs_check_words *words, enum hs_check_question question)
{
    for (unsigned i = 0; i < words->count; i++) {
        if (find_question(words->words[i]) == question)
            return true;
    }
    return false;
}

/* The properties (bit hs_property) among the words; all, if the scenario speaks of a clause among
 * them. */
static uint32_t named_subjects(
    const struct hs_check_words *words, const struct hs_scenario *scenario)
{
    uint32_t properties = 0;
    for (unsigned i = 0; i < words->count; i++) {
        enum hs_property property = hs_property_find(words->words[i]);
        if (property != HS_PROPERTY_COUNT)
            properties |= 1U << (unsigned)property;
        for (unsigned c = 0; c < scenario->clause_count; c++) {
            if (strcmp(scenario->clauses[c], words->words[i]) == 0)
                return UINT32_MAX;
        }
    }
    return properties;
}

static void drop_others(uint8_t expected[HS_PROPERTY_COUNT], uint32_t kept)
{
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (!(kept >> i & 1U))
            expected[i] = HS_VERDICT_NONE;
    }
}

static bool asks_question(
    const struct hs_check_selection *selection, enum hs_check_question question)
{
    return (!has_kind(&selection->only, A_QUESTION) ||
               names_question(&selection->only, question)) &&
           !names_question(&selection->exclude, question);
}

/* A run is about what it breaks, and about what its scenario speaks of. */
static bool run_is_selected(
    const struct hs_check_selection *selection, const struct hs_check_job *job)
{
    uint32_t only = named_subjects(&selection->only, job->scenario);
    uint32_t exclude = named_subjects(&selection->exclude, job->scenario);
    uint32_t broken = job->variant.expected_broken;
    bool is_in = !has_kind(&selection->only, A_SUBJECT) || only == UINT32_MAX || (only & broken);
    bool is_out = exclude == UINT32_MAX || (exclude & broken);
    return asks_question(selection, HS_CHECK_RUN) && is_in && !is_out;
}

bool hs_check_select(const struct hs_check_selection *selection, struct hs_check_job *job)
{
    if ((has_kind(&selection->only, A_NAME) && !names_job(&selection->only, job)) ||
        names_job(&selection->exclude, job))
        return false;
    struct hs_scenario *asked = &job->asked;
    bool expects = job->scenario &&
                   (asked->expected_run_count || hs_expected_properties(asked->expect_explore) ||
                       hs_expected_properties(asked->expect_prove));
    if (job->is_bad || !expects)
        return true;
    uint32_t kept = has_kind(&selection->only, A_SUBJECT)
                        ? named_subjects(&selection->only, job->scenario)
                        : UINT32_MAX;
    kept &= ~named_subjects(&selection->exclude, job->scenario);
    if (!run_is_selected(selection, job)) {
        asked->expected_run_count = 0;
        job->variant.has_expected_run = false;
    }
    drop_others(asked->expect_explore, asks_question(selection, HS_CHECK_EXPLORE) ? kept : 0);
    drop_others(asked->expect_prove, asks_question(selection, HS_CHECK_PROVE) ? kept : 0);
    return asked->expected_run_count || hs_expected_properties(asked->expect_explore) ||
           hs_expected_properties(asked->expect_prove);
}
