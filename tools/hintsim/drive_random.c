/* SPDX-License-Identifier: BSD-3-Clause */
/* Random schedules on a real QEMU. */
#include "drive_random.h"

#include "pair.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A world of a few pages, in which nothing runs out. */
static bool begin_world(struct hs_pair *pair, const struct hs_random_plan *random,
    const struct hs_stand_in *stand_in, char *name, struct hs_error *error)
{
    enum { PAGES = 4, SLOTS = 16 };
    const struct hs_preset *host = random->host ? random->host
                                   : stand_in   ? hs_preset_find(HS_SIDE_HOST, stand_in->preset)
                                                : NULL;
    if (!host)
        return hs_fail(error, "no preset stands for this QEMU; --host names one");
    hs_pair_begin(pair, random->guest, host, name);
    struct hs_config *config = &pair->variant.config;
    if (!random->host)
        hs_host_replace(&config->rules, stand_in);
    config->pages = PAGES;
    config->queue_size[HS_QUEUE_FREE_PAGE] = SLOTS;
    memset(config->limits, HS_UNLIMITED, sizeof(config->limits));
    const char *wrong = hs_config_finish(config);
    return !wrong || hs_fail(error, "%s", wrong);
}

/* Does what is left of the job still differ?  Nothing is known of what gets no answer. */
static bool still_differs(
    const struct hs_job *job, const struct hs_drive_plan *plan, struct hs_drive_result *result)
{
    struct hs_error error;
    struct hs_drive_result now;
    bool differs = hs_drive(job, plan, &now, &error) &&
                   (now.end == HS_DRIVE_DIFFERS || now.end == HS_DRIVE_DIED);
    if (differs)
        *result = now;
    return differs;
}

/* A copy with its own steps. */
static struct hs_job *copy_job(const struct hs_job *job)
{
    struct hs_job *copy = (struct hs_job *)hs_must(malloc(sizeof(*copy)));
    char **steps = (char **)hs_must(calloc(job->step_count + 1, sizeof(*steps)));
    *copy = *job;
    for (unsigned i = 0; i < job->step_count; i++)
        steps[i] = (char *)hs_must(strdup(job->steps[i]));
    copy->steps = (const char *const *)steps;
    return copy;
}

/* Leave steps out, many at a time and then single ones, as long as the rest differs.  What stands
 * behind the difference is left out first. */
static struct hs_job *shrink(
    struct hs_job *job, const struct hs_drive_plan *plan, struct hs_drive_result *result)
{
    enum { LARGEST = 16, DRIVES_MOST = 80 };
    unsigned drives = 0;
    for (unsigned size = LARGEST; size; size /= 2) {
        for (unsigned first = job->step_count; first-- > 0 && drives < DRIVES_MOST;) {
            if (first + size > job->step_count)
                continue;
            struct hs_job *shorter = copy_job(job);
            if (hs_invention_cut(shorter, plan, first, size) && ++drives &&
                still_differs(shorter, plan, result)) {
                hs_job_free(job);
                job = shorter;
            } else {
                hs_job_free(shorter);
            }
        }
    }
    return job;
}

/* Write what differs as a scenario. */
static bool save(const struct hs_job *job, const struct hs_variant *variant, bool is_text,
    struct hs_error *error)
{
    char path[sizeof(variant->name) + 8];
    struct hs_run *run = hs_run_of(job, variant);
    snprintf(path, sizeof(path), "%s.yaml", variant->name);
    bool good = hs_run_save(run, path, error);
    hs_run_free(run);
    if (good && is_text)
        printf("    written to %s\n", path);
    return good;
}

/* Tell of a schedule that was driven as it was invented. */
static void tell(const struct hs_job *job, const struct hs_variant *variant,
    const struct hs_driven *driven, enum hs_format format)
{
    struct hs_run *run = hs_run_of(job, variant);
    if (format == HS_FORMAT_JSON) {
        struct hs_race *race = hs_race_tell(run);
        hs_json_print(hs_driven_json(race, driven), stdout);
        hs_race_free(race);
    } else {
        hs_driven_print(NULL, driven, stdout);
        if (run->broken >> HS_DIRTY_PAGE_LOST & 1u)
            puts("    a page is lost");
    }
    hs_run_free(run);
}

/* Tell that there is no schedule. */
static int tell_none(struct hs_driven *driven, enum hs_format format)
{
    driven->result = (struct hs_drive_result){.end = HS_DRIVE_CANNOT};
    hs_fail(&driven->result.what, "no schedule comes to its end");
    if (format == HS_FORMAT_JSON)
        hs_json_print(hs_driven_json(NULL, driven), stdout);
    else
        hs_driven_print(NULL, driven, stdout);
    return HS_EXIT_INCONCLUSIVE;
}

/* One of them. */
static int drive_one(const struct hs_random_plan *random, uint64_t seed,
    const struct hs_drive_plan *plan, struct hs_driven *driven)
{
    struct hs_error error;
    static struct hs_pair pair;
    bool is_text = random->format == HS_FORMAT_TEXT;
    char name[40];
    snprintf(name, sizeof(name), "random-%" PRIu64, seed);
    if (!begin_world(&pair, random, driven->stand_in, name, &error))
        return hs_input_error(&error);
    driven->name = name;
    driven->is_this_host = hs_host_is_this(&pair.variant, driven->stand_in, &error);
    if (!driven->is_this_host && !random->anyway)
        return hs_input_error(&error);
    struct hs_job *job = hs_job_of_world(&pair.variant.config);
    int status = HS_EXIT_BAD_INPUT;
    if (!hs_invent(job, plan, seed)) {
        status = tell_none(driven, random->format);
    } else if (hs_drive(job, plan, &driven->result, &error)) {
        status = hs_driven_exit(driven);
        tell(job, &pair.variant, driven, random->format);
        if (status == HS_EXIT_NOT_EXPECTED) {
            job = shrink(job, plan, &driven->result);
            if (is_text)
                hs_driven_print(NULL, driven, stdout);
            if (!save(job, &pair.variant, is_text, &error))
                status = hs_input_error(&error);
        }
    } else {
        hs_input_error(&error);
    }
    hs_job_free(job);
    driven->name = NULL;
    return status;
}

int hs_drive_random(
    const struct hs_random_plan *random, const struct hs_drive_plan *plan, struct hs_driven *driven)
{
    assert(random && random->guest && plan && driven);
    int status = HS_EXIT_AS_EXPECTED;
    for (unsigned i = 0; i < random->count && status != HS_EXIT_BAD_INPUT; i++)
        status = hs_worse_exit(status, drive_one(random, random->seed + i, plan, driven));
    return status;
}
