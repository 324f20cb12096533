/* SPDX-License-Identifier: BSD-3-Clause */
/* The way of a recording, from the file to the answer. */
#include "judged.h"

#include "fit.h"

#include <stdio.h>
#include <unistd.h>

static bool judge_stories(const struct hs_config *config, const struct hs_page_stories *stories,
    struct hs_windows *windows, struct hs_error *why)
{
    static struct hs_fit fit;
    struct hs_automaton *automaton = hs_automaton_new(config, stories->recording->recorded);
    hs_fit_find(automaton, stories, &fit);
    if (fit.is_refused)
        hs_fail(why, "page 0x%llx: line %u: %s: %s", (unsigned long long)fit.page,
            stories->recording->events[fit.at.event].line, hs_letter_words(fit.at.letter),
            fit.way_count ? fit.ways[0].text : "");
    else if (windows)
        hs_windows_find(automaton, stories, windows);
    hs_automaton_free(automaton);
    return fit.is_refused;
}

bool judge_reread(const struct hs_config *config, const struct reread *reread,
    struct hs_windows *windows, struct hs_error *why)
{
    return !reread->has_stories || judge_stories(config, &reread->stories, windows, why);
}

void reread_made(const struct hs_rules *rules, const struct made_recording *made,
    struct reread *reread, struct hs_error *why)
{
    char path[40];
    *reread = (struct reread){.has_stories = false};
    snprintf(path, sizeof(path), "made-%d.ndjson", (int)getpid()); /* tests run side by side */
    made_save(made, path);
    reread->recording = hs_recording_load(path, why);
    remove(path);
    reread->has_stories =
        reread->recording && hs_elements_find(reread->recording, path, &reread->elements, why) &&
        hs_clocks_find(reread->recording, &reread->elements, rules, &reread->clocks, why) &&
        hs_page_stories_find(
            reread->recording, &reread->elements, &reread->clocks, rules, &reread->stories, why);
}

void reread_close(struct reread *reread)
{
    hs_page_stories_close(&reread->stories);
    hs_elements_close(&reread->elements);
    hs_recording_free(reread->recording);
}

bool judge_made(
    const struct hs_config *config, const struct made_recording *made, struct hs_error *why)
{
    struct reread reread;
    reread_made(&config->rules, made, &reread, why);
    bool refused = judge_reread(config, &reread, NULL, why);
    reread_close(&reread);
    return refused;
}
