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

bool judge_made(const struct hs_config *config, const struct made_recording *made,
    struct hs_windows *windows, struct hs_error *why)
{
    struct hs_elements elements;
    struct hs_clocks clocks;
    struct hs_page_stories stories;
    char path[40];
    snprintf(path, sizeof(path), "made-%d.ndjson", (int)getpid()); /* tests run side by side */
    made_save(made, path);
    struct hs_recording *recording = hs_recording_load(path, why);
    remove(path);
    if (!recording)
        return true;
    bool refused = true;
    if (hs_elements_find(recording, path, &elements, why)) {
        if (hs_clocks_find(recording, &elements, &config->rules, &clocks, why) &&
            hs_page_stories_find(recording, &elements, &clocks, &stories, why)) {
            refused = judge_stories(config, &stories, windows, why);
            hs_page_stories_close(&stories);
        }
        hs_elements_close(&elements);
    }
    hs_recording_free(recording);
    return refused;
}
