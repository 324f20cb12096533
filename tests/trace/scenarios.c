/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The runs of all scenarios of a folder, as recordings: none is refused by its own rules; and where
 * a hinted page is lost or wiped, the write that went lies in one of its windows.  And back: of
 * each page that was hinted a run is looked for that has its story; recorded in turn, the page has
 * the same story there; and if it was lost or wiped, it is in that run, too.
 *
 *   trace_scenarios FOLDER
 *
 * Left out, and counted: runs with a reset, which numbers elements anew.
 */
#include "judged.h"
#include "page.h"
#include "replay.h"
#include "story_run.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>

enum {
    PAGE = 4096,
    EVENTS_ALL = (1 << HS_EVENT_LOST) - 1 - (1 << HS_EVENT_USE_ELEMENT) - (1 << HS_EVENT_STATUS)
};

static struct {
    unsigned runs;
    unsigned events;
    unsigned left_out;
    unsigned writes;  /* that were lost */
    unsigned stories; /* of which a run was found */
    unsigned harmed;  /* of them, that were to be lost or wiped */
    unsigned untold;  /* of which none was */
    unsigned bad;
} tally;

/* ---- writes that were lost ------------------------------------------------------------------ */

static bool is_write_of(struct hs_step step, unsigned page)
{
    return (step.kind == HS_APP_WRITE || step.kind == HS_DEVICE_DMA_WRITE) && step.page == page;
}

/* The write of the page that is the last one before a moment; false: there is none. */
static bool find_write(const struct hs_run *run, unsigned moment, unsigned page, unsigned *write)
{
    for (*write = moment; (*write)-- > 0;) {
        if (is_write_of(run->moments[*write].step, page))
            return true;
    }
    return false;
}

static bool is_hinted_before(const struct hs_run *run, unsigned moment, unsigned page)
{
    unsigned order = run->config.hint_order;
    for (unsigned i = 0; i < moment; i++) {
        struct hs_step step = run->moments[i].step;
        if (step.kind == HS_DRIVER_HINT_PAGE && (unsigned)step.page >> order == page >> order)
            return true;
    }
    return false;
}

static bool is_in_window(const struct hs_windows *windows, const struct made_recording *made,
    unsigned place, enum hs_property harm, unsigned page)
{
    for (uint32_t i = 0; i < windows->count; i++) {
        const struct hs_window *window = &windows->windows[i];
        unsigned first = window->from == HS_NOT_RECORDED ? 0 : window->from + 1;
        unsigned last = window->to == HS_NOT_RECORDED ? made->count : window->to;
        bool is_its = window->pages > 1 || window->page == (uint64_t)page * PAGE;
        if (window->harm == harm && is_its && place >= first && place <= last)
            return true;
    }
    return false;
}

static void check_write(const struct hs_run *run, const struct made_recording *made,
    const struct hs_windows *windows, unsigned moment, unsigned page, enum hs_property harm)
{
    unsigned write = 0;
    if (!find_write(run, moment, page, &write) || !is_hinted_before(run, moment, page))
        return;
    tally.writes++;
    if (is_in_window(windows, made, made->before[write], harm, page))
        return;
    tally.bad++;
    printf("%s: the write of page %u in step %u is %s, and in no window\n", run->variant->name,
        page, write + 1, harm == HS_DIRTY_PAGE_LOST ? "lost" : "wiped");
}

static bool breaks(const struct hs_run *run, unsigned moment, enum hs_property harm)
{
    uint32_t before = hs_run_world(run, moment).state->broken;
    return (hs_run_world(run, moment + 1).state->broken & ~before) >> harm & 1u;
}

/* Each page that a step takes from somebody who relies on it. */
static void check_moment(const struct hs_run *run, const struct made_recording *made,
    const struct hs_windows *windows, unsigned moment)
{
    struct hs_world w = hs_run_world(run, moment);
    bool loses = breaks(run, moment, HS_DIRTY_PAGE_LOST) &&
                 run->moments[moment].step.kind == HS_MIGRATION_SWITCH_OVER;
    for (unsigned p = 0; loses && p < run->config.pages; p++) {
        if (hs_page(w, p)->relies == HS_RELIES_DATA && !hs_page_arrived(w, p))
            check_write(run, made, windows, moment, p, HS_DIRTY_PAGE_LOST);
    }
}

/* ---- and back ------------------------------------------------------------------------------ */

/* Events that a page sees though they are about others, or tell nothing new. */
static bool is_perhaps_of_others(enum hs_letter letter)
{
    return letter == HS_LETTER_RELEASE || letter == HS_LETTER_READ_ID ||
           letter == HS_LETTER_READ_STOP || letter == HS_LETTER_READ_DONE;
}

/* Is one story the other without some of what may be about others? */
static bool is_same_story(const struct hs_page_story *found, const struct hs_page_story *told)
{
    for (unsigned clock = 0; clock < HS_CLOCKS_MAX; clock++) {
        uint32_t at = 0;
        for (uint32_t i = 0; i < told->count[clock]; i++) {
            enum hs_letter letter = told->seen[clock][i].letter;
            if (at < found->count[clock] && found->seen[clock][at].letter == letter)
                at++;
            else if (!is_perhaps_of_others(letter))
                return false;
        }
        if (at < found->count[clock])
            return false;
    }
    return true;
}

/* The story that the page has in the recording of a run, compared. */
static bool tells(const struct hs_run *run, unsigned page, const struct reread *of,
    const struct hs_page_story *told)
{
    static struct made_recording made;
    struct hs_error why;
    struct reread reread;
    struct hs_page_story found = {0};
    made.recorded = of->recording->recorded;
    made.tells_offset = true;
    made_of_run(run, &made);
    if (!made.count) /* no file without events */
        return !told->count[0] && !told->count[1];
    reread_made(&run->config.rules, &made, &reread, &why);
    const struct hs_page_class *class =
        reread.has_stories ? hs_page_class_of(&reread.stories, (uint64_t)page * PAGE) : NULL;
    if (class)
        hs_page_story_tell(&reread.stories, class, &found);
    bool is_same = class && is_same_story(&found, told);
    hs_page_story_close(&found);
    reread_close(&reread);
    return is_same;
}

static void check_story(const struct hs_run *run, const struct reread *reread,
    const struct hs_page_class *class, struct hs_story_goal goal)
{
    struct hs_variant world;
    struct hs_run *found = NULL;
    struct hs_page_story told = {0};
    unsigned page = 0;
    if (hs_story_run_find(run->variant, &reread->stories, class, goal, &world, &found, &page) !=
        HS_STORY_TOLD) {
        tally.untold++;
        printf("%s: page %u: no run is found%s\n", run->variant->name,
            (unsigned)(class->page / PAGE), goal.is_harmed ? " in which it is harmed" : "");
        return;
    }
    tally.stories++;
    tally.harmed += goal.is_harmed;
    hs_page_story_tell(&reread->stories, class, &told);
    if (!tells(found, page, reread, &told) ||
        (goal.is_harmed && !(found->broken >> goal.harm & 1u))) {
        tally.bad++;
        printf("%s: page %u: the run that is found has another story\n", run->variant->name,
            (unsigned)(class->page / PAGE));
    }
    hs_page_story_close(&told);
    hs_run_free(found);
}

/* Was a write of it lost at the end? */
static bool is_lost(const struct hs_run *run, unsigned page)
{
    struct hs_world w = hs_run_world(run, run->length);
    return run->broken >> HS_DIRTY_PAGE_LOST & 1u && hs_page(w, page)->relies == HS_RELIES_DATA &&
           !hs_page_arrived(w, page);
}

static void check_stories(const struct hs_run *run, const struct reread *reread)
{
    for (unsigned p = 0; p < run->config.pages; p++) {
        const struct hs_page_class *class = hs_page_class_of(&reread->stories, (uint64_t)p * PAGE);
        if (class && is_hinted_before(run, run->length, p))
            check_story(run, reread, class,
                (struct hs_story_goal){.is_harmed = is_lost(run, p), .harm = HS_DIRTY_PAGE_LOST});
    }
}

/* ---- runs ----------------------------------------------------------------------------------- */

static bool has_reset(const struct hs_run *run)
{
    for (unsigned i = 0; i < run->length; i++) {
        if (run->moments[i].step.kind == HS_DRIVER_RESET)
            return true;
    }
    return false;
}

static void judge_run(const struct hs_run *run)
{
    static struct made_recording made;
    struct hs_windows windows = {0};
    struct hs_error why = {.text = ""};
    const struct hs_config *config = &run->variant->config;
    made.recorded = EVENTS_ALL;
    if (config->limits[HS_LIMIT_CHANGES])
        made.recorded &= ~(1u << HS_EVENT_CONFIG_INTERRUPT);
    made.tells_offset = true;
    made_of_run(run, &made);
    if (!made.count || has_reset(run) || run->length > MADE_MAX) {
        tally.left_out++;
        return;
    }
    tally.runs++;
    tally.events += made.count;
    struct reread reread;
    reread_made(&config->rules, &made, &reread, &why);
    if (judge_reread(config, &reread, &windows, &why)) {
        tally.bad++;
        printf("%s: refused: %s\n", run->variant->name, why.text);
    } else {
        for (unsigned i = 0; i < run->length; i++)
            check_moment(run, &made, &windows, i);
        check_stories(run, &reread);
        hs_windows_close(&windows);
    }
    reread_close(&reread);
}

static void judge_file(const char *path)
{
    struct hs_error error;
    struct hs_scenario *scenario = hs_scenario_load(path, &error);
    if (!scenario) {
        printf("%s\n", error.text);
        tally.bad++;
        return;
    }
    for (unsigned i = 0; scenario->schedule_length && i < hs_scenario_variant_count(scenario);
         i++) {
        struct hs_variant variant;
        struct hs_run *run =
            hs_scenario_variant(scenario, i, &variant, &error) ? hs_replay(&variant, &error) : NULL;
        if (run)
            judge_run(run);
        hs_run_free(run);
    }
    hs_scenario_free(scenario);
}

int main(int argc, char **argv)
{
    glob_t found;
    char pattern[512];
    if (argc != 2)
        return 2;
    const char *const depths[] = {"*.yaml", "*/*.yaml", "*/*/*.yaml"};
    for (unsigned i = 0; i < 3; i++) {
        snprintf(pattern, sizeof(pattern), "%s/%s", argv[1], depths[i]);
        glob(pattern, i ? GLOB_APPEND : 0, NULL, &found);
    }
    for (size_t i = 0; i < found.gl_pathc; i++)
        judge_file(found.gl_pathv[i]);
    globfree(&found);
    printf(
        "%u runs with %u events, %u lost writes of hinted pages, all in windows; %u left out; %u bad\n",
        tally.runs, tally.events, tally.writes, tally.left_out, tally.bad);
    printf("%u stories told by runs of their own, %u of them of pages that are lost; %u not told\n",
        tally.stories, tally.harmed, tally.untold);
    /* Not told: where a host hands elements back unread, which is no event. */
    return tally.bad || tally.runs < 200 || tally.writes < 40 || tally.stories < 250 ||
           tally.harmed < 40 || tally.untold > 1;
}
