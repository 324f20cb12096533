/* SPDX-License-Identifier: BSD-3-Clause */
/* Schedules that nobody wrote. */
#include "invent.h"

#include "stage.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* How likely a step is while the story goes on, for a page that was never hinted (or no page), for
 * one that was, and once the story is to end.  Others: 1 each. */
static const struct {
    const char *step;
    unsigned early;
    unsigned hinted;
    unsigned late;
} chances[] = {
    {"app.allocate", 1, 40, 0},
    {"app.write", 1, 40, 0},
    {"app.free", 8, 0, 0},
    {"app.read", 0, 0, 0},
    {"driver.config-interrupt", 40, 0, 4},
    {"driver.read-command", 40, 0, 4},
    {"driver.start-round", 40, 0, 8},
    {"driver.hint-page", 40, 4, 0},
    {"driver.end-round", 1, 0, 1},
    {"driver.shrink", 0, 40, 0},
    {"driver.freeze", 0, 0, 0},
    {"device.wake", 1, 0, 40},
    {"device.take-element", 1, 0, 80},
    {"device.change-target", 0, 0, 0},
    {"device.dma-write", 1, 0, 0},
    {"migration.start", 8, 0, 8},
    {"migration.cancel", 0, 0, 0},
    {"migration.begin-page", 1, 0, 2},
    {"migration.stop-hints", 4, 0, 0},
    {"migration.stop-vm", 0, 0, 1},
    {"migration.switch-over", 12, 0, 12},
    {"migration.next-hop", 0, 0, 0},
};
enum { WRITES_MOST = 4, SYNCS_MOST = 3, STORY = 36 };

/* The next number of a sequence (splitmix64). */
static uint64_t draw(uint64_t *seed)
{
    uint64_t z = *seed += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

struct inventor {
    struct hs_job *job;
    const struct hs_drive_plan *plan;
    struct hs_stage stage;
    struct hs_error what;
    uint64_t seed;
    bool was_hinted[HS_DRIVE_PAGES_MAX + 1]; /* the last is no page */
    unsigned writes;
    unsigned syncs;
    char **steps;
    unsigned count;
};

/* The chance of a step; `page` is HS_DRIVE_PAGES_MAX if it has none. */
static unsigned chance_of(const struct inventor *inventor, const char *step, unsigned page)
{
    bool is_late = inventor->count > STORY;
    bool writes = strcmp(step, "app.write") == 0;
    bool syncs = strcmp(step, "migration.stop-hints") == 0 &&
                 inventor->stage.section == HS_SECTION_NONE && !is_late;
    if ((writes && inventor->writes == WRITES_MOST) || (syncs && inventor->syncs == SYNCS_MOST))
        return 0;
    if (inventor->stage.section == HS_SECTION_SYNC ||
        hs_stage_read(&inventor->stage, "migration.vm", 0))
        return 1; /* what belongs to it */
    for (size_t i = 0; i < sizeof(chances) / sizeof(chances[0]); i++) {
        if (strcmp(chances[i].step, step) == 0)
            return is_late                      ? chances[i].late
                   : inventor->was_hinted[page] ? chances[i].hinted
                                                : chances[i].early;
    }
    return 1;
}

static void note(struct inventor *inventor, const char *step, unsigned page)
{
    inventor->was_hinted[page] |= strcmp(step, "driver.hint-page") == 0;
    inventor->writes += strcmp(step, "app.write") == 0;
    inventor->syncs += strcmp(step, "migration.merge-log") == 0;
}

/* A step as a job writes it; its page is then HS_DRIVE_PAGES_MAX if it has none. */
static void write_step(const struct inventor *inventor, struct hintmodel_step *step, char text[64])
{
    char why[HINTMODEL_WHY];
    struct hintmodel_step found;
    const char *name = hintmodel_step_name(step->kind);
    snprintf(text, 64, "%s %u", name, step->page);
    if (hintmodel_step_find(&inventor->stage.model, text, &found, why))
        return;
    snprintf(text, 64, "%s", name);
    step->page = HS_DRIVE_PAGES_MAX;
}

/* Take a step that can be played.  False: there is none. */
static bool invent_step(struct inventor *inventor)
{
    enum { STEPS_MAX = 512 };
    static struct hintmodel_step steps[STEPS_MAX];
    static char texts[STEPS_MAX][64];
    static struct hs_stage before;
    unsigned chance[STEPS_MAX] = {0};
    unsigned sum = 0;
    unsigned count = hintmodel_steps(&inventor->stage.model, steps, STEPS_MAX);
    assert(count <= STEPS_MAX);
    for (unsigned i = 0; i < count; i++) {
        write_step(inventor, &steps[i], texts[i]);
        chance[i] = chance_of(inventor, hintmodel_step_name(steps[i].kind), steps[i].page);
        sum += chance[i];
    }
    before = inventor->stage;
    while (sum) {
        unsigned at = (unsigned)(draw(&inventor->seed) % sum);
        unsigned i = 0;
        for (; at >= chance[i]; i++)
            at -= chance[i];
        if (hs_stage_play(&inventor->stage, texts[i])) {
            note(inventor, hintmodel_step_name(steps[i].kind), steps[i].page);
            inventor->steps[inventor->count++] = (char *)hs_must(strdup(texts[i]));
            return true;
        }
        inventor->stage = before;
        sum -= chance[i];
        chance[i] = 0;
    }
    return false;
}

static bool has_ended(const struct inventor *inventor)
{
    enum { ON_DESTINATION = 2 };
    return hs_stage_read(&inventor->stage, "migration.vm", 0) == ON_DESTINATION;
}

static void forget(struct inventor *inventor)
{
    while (inventor->count)
        free(inventor->steps[--inventor->count]);
    memset(inventor->was_hinted, 0, sizeof(inventor->was_hinted));
    inventor->writes = inventor->syncs = 0;
}

/* One story, to its end if there is one. */
static bool invent(struct inventor *inventor)
{
    forget(inventor);
    if (!hs_stage_begin(&inventor->stage, inventor->job, inventor->plan, &inventor->what))
        return false;
    while (inventor->count < HS_INVENTED_MAX && !has_ended(inventor) && invent_step(inventor))
        ;
    return has_ended(inventor);
}

bool hs_invent(struct hs_job *job, const struct hs_drive_plan *plan, uint64_t seed)
{
    assert(job && !job->steps && plan);
    enum { TRIES = 200 };
    static struct inventor inventor;
    inventor = (struct inventor){.job = job, .plan = plan, .seed = seed};
    inventor.steps = (char **)hs_must(calloc(HS_INVENTED_MAX, sizeof(*inventor.steps)));
    bool is_done = false;
    for (unsigned i = 0; i < TRIES && !is_done; i++)
        is_done = invent(&inventor);
    if (!is_done)
        forget(&inventor);
    job->steps = (const char *const *)inventor.steps;
    job->step_count = inventor.count;
    return is_done;
}

void hs_invention_free(struct hs_job *job)
{
    assert(job);
    for (unsigned i = 0; i < job->step_count; i++)
        free((void *)(uintptr_t)job->steps[i]);
    free((void *)(uintptr_t)job->steps);
    job->steps = NULL;
    job->step_count = 0;
}

bool hs_invention_cut(
    struct hs_job *job, const struct hs_drive_plan *plan, unsigned first, unsigned count)
{
    assert(job && plan && count && first + count <= job->step_count);
    struct hs_job shorter = *job;
    struct hs_drive_result result;
    const char **left = (const char **)hs_must(calloc(job->step_count, sizeof(*left)));
    memcpy(left, job->steps, first * sizeof(*left));
    memcpy(left + first, job->steps + first + count,
        (job->step_count - first - count) * sizeof(*left));
    shorter.steps = left;
    shorter.step_count = job->step_count - count;
    bool fits = shorter.step_count && hs_drive_is_possible(&shorter, plan, &result);
    if (fits) {
        for (unsigned i = first; i < first + count; i++)
            free((void *)(uintptr_t)job->steps[i]);
        memcpy((void *)(uintptr_t)job->steps, left, shorter.step_count * sizeof(*left));
        job->step_count = shorter.step_count;
    }
    free(left);
    return fits;
}
