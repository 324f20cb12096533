/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading stories. */
#include "fit.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How far each clock's events were read, and the states that the page can be in then. */
struct cell {
    uint32_t at[HS_CLOCKS_MAX];
    hs_set set;
};

/* All ways to have read so many events: one, but where the order of two clocks is open. */
struct layer {
    struct cell *cells;
    uint32_t count;
    uint32_t room;
};

struct reading {
    struct hs_automaton *automaton;
    const struct hs_page_stories *stories;
    struct hs_page_story story;
    struct layer now;
    struct layer next;
    uint32_t read; /* events */
};

/* ---- one event more ------------------------------------------------------------------------- */

static const struct hs_happening *event_of(
    const struct reading *reading, const struct cell *cell, unsigned clock)
{
    const struct hs_page_story *story = &reading->story;
    return &reading->stories->recording->events[story->seen[clock][cell->at[clock]].event];
}

static bool is_left(const struct reading *reading, const struct cell *cell, unsigned clock)
{
    return cell->at[clock] < reading->story.count[clock];
}

/* May the next event of this clock come before the next ones of all others? */
static bool may_come(const struct reading *reading, const struct cell *cell, unsigned clock)
{
    if (!is_left(reading, cell, clock))
        return false;
    for (unsigned other = 0; other < reading->stories->recording->clock_count; other++) {
        if (other != clock && is_left(reading, cell, other) &&
            hs_surely_before(reading->stories->clocks, event_of(reading, cell, other),
                event_of(reading, cell, clock)))
            return false;
    }
    return true;
}

static void add_cell(struct reading *reading, const struct cell *cell)
{
    struct layer *layer = &reading->next;
    for (uint32_t i = 0; i < layer->count; i++) {
        if (memcmp(layer->cells[i].at, cell->at, sizeof(cell->at)) == 0) {
            layer->cells[i].set =
                hs_automaton_join(reading->automaton, layer->cells[i].set, cell->set);
            return;
        }
    }
    if (layer->count == layer->room) {
        layer->room = layer->room ? 2 * layer->room : 16;
        layer->cells =
            (struct cell *)hs_must(realloc(layer->cells, layer->room * sizeof(*layer->cells)));
    }
    layer->cells[layer->count++] = *cell;
}

static void read_from(struct reading *reading, struct cell cell)
{
    for (unsigned clock = 0; clock < reading->stories->recording->clock_count; clock++) {
        if (!may_come(reading, &cell, clock))
            continue;
        struct cell behind = cell;
        behind.set = hs_automaton_read(
            reading->automaton, cell.set, reading->story.seen[clock][cell.at[clock]].letter);
        behind.at[clock]++;
        if (behind.set != HS_SET_EMPTY)
            add_cell(reading, &behind);
    }
}

static uint32_t length_of(const struct reading *reading)
{
    uint32_t length = 0;
    for (unsigned clock = 0; clock < HS_CLOCKS_MAX; clock++)
        length += reading->story.count[clock];
    return length;
}

/* Read the story as far as it goes.  Returns how many events fit; reading->now has where it stands
 * then. */
static uint32_t read_story(struct reading *reading)
{
    struct cell start = {.set = hs_automaton_start(
                             reading->automaton, reading->stories->recording->begins_in_middle)};
    uint32_t length = length_of(reading);
    reading->next.count = 0;
    add_cell(reading, &start);
    for (uint32_t read = 0;; read++) {
        struct layer empty = reading->now;
        reading->now = reading->next;
        reading->next = empty;
        reading->next.count = 0;
        if (read == length)
            return read;
        for (uint32_t i = 0; i < reading->now.count; i++)
            read_from(reading, reading->now.cells[i]);
        if (!reading->next.count)
            return read;
    }
}

/* ---- why it does not go on ------------------------------------------------------------------ */

static void add_way(struct hs_fit *fit, const char *text)
{
    for (unsigned i = 0; i < fit->way_count; i++) {
        if (strcmp(fit->ways[i].text, text) == 0) {
            fit->ways[i].states++;
            return;
        }
    }
    if (fit->way_count == HS_WAYS_MAX)
        return;
    struct hs_way *way = &fit->ways[fit->way_count++];
    snprintf(way->text, sizeof(way->text), "%s", text);
    way->states = 1;
}

/* Why the step is not possible, or shows something else, in this state. */
static void explain_step(
    struct hs_fit *fit, struct hs_world w, enum hs_step_kind kind, enum hs_letter letter)
{
    char text[sizeof(fit->ways[0].text)];
    struct hs_refusal why = {{0}, 0};
    struct hs_step step = {(uint8_t)kind, 0};
    if (!hs_world_has(w, step))
        return;
    if (!hs_world_enabled(w, step, &why))
        snprintf(text, sizeof(text), "%s: %s", hs_step_rows[kind].name, why.text);
    else
        snprintf(text, sizeof(text), "%s: possible, but then %s", hs_step_rows[kind].name,
            hs_letter_words(hs_letter_of(w, kind * 256u)));
    if (hs_letter_of(w, kind * 256u) != letter || why.text[0])
        add_way(fit, text);
}

static void explain_cell(
    struct reading *reading, const struct cell *cell, unsigned clock, struct hs_fit *fit)
{
    enum hs_letter letter = reading->story.seen[clock][cell->at[clock]].letter;
    uint32_t size = hs_automaton_size(reading->automaton, cell->set);
    for (uint32_t i = 0; i < size; i++) {
        struct hs_world w = hs_automaton_world(reading->automaton, cell->set, i);
        for (unsigned nth = 0; hs_letter_step(letter, nth) != HS_STEP_KIND_COUNT; nth++)
            explain_step(fit, w, hs_letter_step(letter, nth), letter);
    }
}

static int compare_ways(const void *a, const void *b)
{
    const struct hs_way *x = (const struct hs_way *)a;
    const struct hs_way *y = (const struct hs_way *)b;
    if (x->states != y->states)
        return x->states > y->states ? -1 : 1;
    return strcmp(x->text, y->text);
}

/* What comes next, of the first clock that may go on, and what was last. */
static void explain(struct reading *reading, struct hs_fit *fit)
{
    const struct cell *cell = &reading->now.cells[0];
    unsigned clock = 0;
    while (!may_come(reading, cell, clock))
        clock++;
    fit->at = reading->story.seen[clock][cell->at[clock]];
    fit->last = HS_NOT_RECORDED;
    for (unsigned other = 0; other < reading->stories->recording->clock_count; other++) {
        if (cell->at[other] &&
            (fit->last == HS_NOT_RECORDED ||
                reading->story.seen[other][cell->at[other] - 1].event > fit->last))
            fit->last = reading->story.seen[other][cell->at[other] - 1].event;
    }
    fit->way_count = 0;
    for (uint32_t i = 0; i < reading->now.count; i++) {
        for (unsigned c = 0; c < reading->stories->recording->clock_count; c++) {
            if (may_come(reading, &reading->now.cells[i], c) &&
                reading->story.seen[c][reading->now.cells[i].at[c]].event == fit->at.event)
                explain_cell(reading, &reading->now.cells[i], c, fit);
        }
    }
    qsort(fit->ways, fit->way_count, sizeof(fit->ways[0]), compare_ways);
}

/* ---- all stories ---------------------------------------------------------------------------- */

static void judge_class(
    struct reading *reading, const struct hs_page_class *class, struct hs_fit *fit)
{
    hs_page_story_tell(reading->stories, class, &reading->story);
    uint32_t length = length_of(reading);
    uint32_t read = read_story(reading);
    if (read == length)
        return;
    fit->refused += class->pages;
    if (fit->is_refused && read >= fit->fitted)
        return;
    fit->is_refused = true;
    fit->page = class->page;
    fit->fitted = read;
    fit->length = length;
    explain(reading, fit);
}

void hs_fit_find(
    struct hs_automaton *automaton, const struct hs_page_stories *stories, struct hs_fit *fit)
{
    assert(automaton && stories && fit);
    struct reading reading = {.automaton = automaton, .stories = stories};
    *fit = (struct hs_fit){.stories = stories->class_count, .pages = stories->pages};
    for (uint32_t i = 0; i < stories->class_count; i++)
        judge_class(&reading, &stories->classes[i], fit);
    hs_page_story_close(&reading.story);
    free(reading.now.cells);
    free(reading.next.cells);
}
