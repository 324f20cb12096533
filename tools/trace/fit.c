/* SPDX-License-Identifier: BSD-3-Clause */
/* Is there a run for each story? */
#include "fit.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static void explain_front(
    struct hs_reading *reading, const struct hs_front *front, unsigned clock, struct hs_fit *fit)
{
    enum hs_letter letter = hs_reading_next(reading, front, clock).letter;
    uint32_t size = hs_automaton_size(reading->automaton, front->set);
    for (uint32_t i = 0; i < size; i++) {
        struct hs_world w = hs_automaton_world(reading->automaton, front->set, i);
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
static void explain(struct hs_reading *reading, struct hs_fit *fit)
{
    const struct hs_front *front = &reading->now.fronts[0];
    unsigned clock = 0;
    while (!hs_reading_may_come(reading, front, clock))
        clock++;
    fit->at = hs_reading_next(reading, front, clock);
    fit->last = hs_reading_last(reading, front);
    fit->way_count = 0;
    for (uint32_t i = 0; i < reading->now.count; i++) {
        front = &reading->now.fronts[i];
        for (unsigned c = 0; c < reading->stories->recording->clock_count; c++) {
            if (hs_reading_may_come(reading, front, c) &&
                hs_reading_next(reading, front, c).event == fit->at.event)
                explain_front(reading, front, c, fit);
        }
    }
    qsort(fit->ways, fit->way_count, sizeof(fit->ways[0]), compare_ways);
}

/* ---- all stories ---------------------------------------------------------------------------- */

static void judge_class(
    struct hs_reading *reading, const struct hs_page_class *class, struct hs_fit *fit)
{
    const struct hs_watch nothing = {.is_quiet = false};
    hs_reading_tell(reading, class);
    while (hs_reading_go_on(reading, nothing))
        ;
    if (reading->read == reading->length)
        return;
    fit->refused += class->pages;
    if (fit->is_refused && reading->read >= fit->fitted)
        return;
    fit->is_refused = true;
    fit->page = class->page;
    fit->fitted = reading->read;
    fit->length = reading->length;
    explain(reading, fit);
}

void hs_fit_find(
    struct hs_automaton *automaton, const struct hs_page_stories *stories, struct hs_fit *fit)
{
    assert(automaton && stories && fit);
    struct hs_reading reading = hs_reading_begin(automaton, stories);
    *fit = (struct hs_fit){.stories = stories->class_count, .pages = stories->pages};
    for (uint32_t i = 0; i < stories->class_count; i++)
        judge_class(&reading, &stories->classes[i], fit);
    hs_reading_close(&reading);
}
