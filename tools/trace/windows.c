/* SPDX-License-Identifier: BSD-3-Clause */
/* When would a write have been lost? */
#include "windows.h"

#include "ordering.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* All layers of a story, as it was read. */
struct track {
    struct hs_layer *layers;
    uint32_t count;
};

static void keep_layer(struct hs_reading *reading, struct track *track)
{
    struct hs_layer *layer = &track->layers[track->count++];
    *layer = (struct hs_layer){0};
    for (uint32_t i = 0; i < reading->now.count; i++)
        hs_layer_add(reading->automaton, layer, reading->now.fronts[i]);
}

static struct track track_story(struct hs_reading *reading)
{
    const struct hs_watch nothing = {.is_quiet = false};
    struct track track = {
        .layers = (struct hs_layer *)hs_must(calloc(reading->length + 1u, sizeof(*track.layers)))};
    do
        keep_layer(reading, &track);
    while (hs_reading_go_on(reading, nothing));
    return track;
}

static void free_track(struct track *track)
{
    for (uint32_t i = 0; i < track->count; i++)
        free(track->layers[i].fronts);
    free(track->layers);
}

/* ---- one moment ----------------------------------------------------------------------------- */

/* Was the page harmed in one of the fronts, at the end of what was recorded? */
static bool is_harmed(const struct hs_reading *reading, enum hs_property harm)
{
    for (uint32_t i = 0; i < reading->now.count; i++) {
        const struct hs_front *front = &reading->now.fronts[i];
        if (front->harmed != HS_SET_EMPTY ||
            (harm == HS_DIRTY_PAGE_LOST &&
                hs_automaton_unrecorded(reading->automaton, front->set) != HS_SET_EMPTY))
            return true;
    }
    return false;
}

/* Would a write where so many events are read, the last one, do harm? */
static bool does_harm(
    struct hs_reading *reading, const struct track *track, uint32_t read, enum hs_property harm)
{
    const struct hs_watch watch = {.is_quiet = true, .harm = harm};
    struct hs_layer written = {0};
    for (uint32_t i = 0; i < track->layers[read].count; i++) {
        struct hs_front front = track->layers[read].fronts[i];
        front.set = hs_automaton_write(reading->automaton, front.set);
        front.harmed = hs_automaton_broken(reading->automaton, front.set, harm);
        if (front.set != HS_SET_EMPTY)
            hs_layer_add(reading->automaton, &written, front);
    }
    hs_reading_put(reading, read, &written);
    free(written.fronts);
    while (hs_reading_go_on(reading, watch))
        ;
    return reading->read == reading->length && is_harmed(reading, harm);
}

/* ---- times ---------------------------------------------------------------------------------- */

static int64_t time_of(const struct hs_page_stories *stories, uint32_t event)
{
    return hs_time_of(stories->clocks, &stories->recording->events[event]);
}

/* The event that was read last, in any front; the earliest of them. */
static uint32_t last_read(const struct hs_reading *reading, const struct hs_layer *layer)
{
    uint32_t found = HS_NOT_RECORDED;
    for (uint32_t i = 0; i < layer->count; i++) {
        uint32_t last = hs_reading_last(reading, &layer->fronts[i]);
        if (last == HS_NOT_RECORDED)
            return HS_NOT_RECORDED;
        if (found == HS_NOT_RECORDED ||
            time_of(reading->stories, last) < time_of(reading->stories, found))
            found = last;
    }
    return found;
}

/* The event that is read next, in any front; the latest of them. */
static uint32_t next_read(const struct hs_reading *reading, const struct hs_layer *layer)
{
    uint32_t found = HS_NOT_RECORDED;
    for (uint32_t i = 0; i < layer->count; i++) {
        for (unsigned clock = 0; clock < reading->stories->recording->clock_count; clock++) {
            if (!hs_reading_may_come(reading, &layer->fronts[i], clock))
                continue;
            uint32_t event = hs_reading_next(reading, &layer->fronts[i], clock).event;
            if (found == HS_NOT_RECORDED ||
                time_of(reading->stories, event) > time_of(reading->stories, found))
                found = event;
        }
    }
    return found;
}

/* ---- windows -------------------------------------------------------------------------------- */

static void add_window(struct hs_windows *windows, struct hs_window window)
{
    if (windows->count == windows->room) {
        windows->room = windows->room ? 2 * windows->room : 16;
        windows->windows = (struct hs_window *)hs_must(
            realloc(windows->windows, windows->room * sizeof(*windows->windows)));
    }
    windows->windows[windows->count++] = window;
}

/* The window between two places of a story, the first and the last one in which a write does harm.
 */
static struct hs_window make_window(struct hs_reading *reading, const struct track *track,
    const struct hs_page_class *class, uint32_t first, uint32_t last, enum hs_property harm)
{
    struct hs_window window = {.class = (uint32_t)(class - reading->stories->classes),
        .page = class->page,
        .pages = class->pages,
        .harm = harm,
        .from = last_read(reading, &track->layers[first]),
        .to = next_read(reading, &track->layers[last]),
        .first = first,
        .last = last};
    if (window.from != HS_NOT_RECORDED && window.to != HS_NOT_RECORDED)
        window.ns = time_of(reading->stories, window.to) - time_of(reading->stories, window.from);
    return window;
}

static void find_of_harm(struct hs_reading *reading, const struct track *track,
    const struct hs_page_class *class, enum hs_property harm, struct hs_windows *windows)
{
    uint32_t first = UINT32_MAX;
    for (uint32_t read = 0; read <= track->count; read++) {
        bool harms = read < track->count && does_harm(reading, track, read, harm);
        if (harms && first == UINT32_MAX)
            first = read;
        if (!harms && first != UINT32_MAX) {
            add_window(windows, make_window(reading, track, class, first, read - 1, harm));
            first = UINT32_MAX;
        }
    }
}

static bool is_hinted(const struct hs_page_stories *stories, const struct hs_page_class *class)
{
    for (uint32_t i = 0; i < class->own_count; i++) {
        enum hs_letter letter = stories->own[class->own + i].seen.letter;
        if (letter == HS_LETTER_HINT || letter == HS_LETTER_TAKE_HINT)
            return true;
    }
    return false;
}

static void find_of_class(
    struct hs_reading *reading, const struct hs_page_class *class, struct hs_windows *windows)
{
    uint32_t before = windows->count;
    if (!is_hinted(reading->stories, class))
        return;
    hs_reading_tell(reading, class);
    struct track track = track_story(reading);
    if (track.count == reading->length + 1) {
        find_of_harm(reading, &track, class, HS_DIRTY_PAGE_LOST, windows);
        find_of_harm(reading, &track, class, HS_PAGE_CORRUPTED, windows);
    }
    free_track(&track);
    windows->hinted += class->pages;
    windows->pages += windows->count > before ? class->pages : 0;
}

static int compare_windows(const void *a, const void *b)
{
    const struct hs_window *x = (const struct hs_window *)a;
    const struct hs_window *y = (const struct hs_window *)b;
    if (x->ns != y->ns)
        return x->ns > y->ns ? -1 : 1;
    return x->page < y->page ? -1 : x->page > y->page;
}

void hs_windows_find(struct hs_automaton *automaton, const struct hs_page_stories *stories,
    struct hs_windows *windows)
{
    assert(automaton && stories && windows);
    struct hs_reading reading = hs_reading_begin(automaton, stories);
    *windows = (struct hs_windows){0};
    for (uint32_t i = 0; i < stories->class_count; i++)
        find_of_class(&reading, &stories->classes[i], windows);
    if (windows->count)
        qsort(windows->windows, windows->count, sizeof(*windows->windows), compare_windows);
    hs_reading_close(&reading);
}

/* ---- rules that close a window -------------------------------------------------------------- */

/* With these rules: is there a run, and does a write at no place of the window do harm? */
static bool closes(const struct hs_config *config, const struct hs_page_stories *stories,
    const struct hs_window *window)
{
    struct hs_automaton *automaton = hs_automaton_new(config, stories->recording->recorded);
    struct hs_reading reading = hs_reading_begin(automaton, stories);
    hs_reading_tell(&reading, &stories->classes[window->class]);
    struct track track = track_story(&reading);
    bool is_closed = track.count == reading.length + 1;
    for (uint32_t read = window->first; is_closed && read <= window->last; read++)
        is_closed = !does_harm(&reading, &track, read, window->harm);
    free_track(&track);
    hs_reading_close(&reading);
    hs_automaton_free(automaton);
    return is_closed;
}

unsigned hs_closings_find(const struct hs_config *config, const struct hs_page_stories *stories,
    const struct hs_window *window, struct hs_closing closings[HS_CLOSINGS_MAX])
{
    assert(config && stories && window && window->class < stories->class_count && closings);
    unsigned count = 0;
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        enum hs_rule rule = (enum hs_rule)r;
        if (!hs_rule_is_member(rule) || !hs_config_reads(config, rule))
            continue; /* it makes no difference there */
        struct hs_strength strength = hs_strength_of(rule);
        for (unsigned i = 0; i < strength.count && count < HS_CLOSINGS_MAX; i++) {
            struct hs_config other = *config;
            other.rules.value[rule] = strength.values[i];
            if (other.rules.value[rule] != config->rules.value[rule] && !hs_config_finish(&other) &&
                closes(&other, stories, window))
                closings[count++] = (struct hs_closing){rule, strength.values[i]};
        }
    }
    return count;
}

void hs_windows_close(struct hs_windows *windows)
{
    assert(windows);
    free(windows->windows);
    *windows = (struct hs_windows){0};
}
