/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading stories. */
#include "reading.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* ---- cells ---------------------------------------------------------------------------------- */

void hs_layer_add(struct hs_automaton *automaton, struct hs_layer *layer, struct hs_cell cell)
{
    assert(automaton && layer);
    for (uint32_t i = 0; i < layer->count; i++) {
        struct hs_cell *other = &layer->cells[i];
        if (memcmp(other->at, cell.at, sizeof(cell.at)) == 0) {
            other->set = hs_automaton_join(automaton, other->set, cell.set);
            other->harmed = hs_automaton_join(automaton, other->harmed, cell.harmed);
            return;
        }
    }
    if (layer->count == layer->room) {
        layer->room = layer->room ? 2 * layer->room : 16;
        layer->cells =
            (struct hs_cell *)hs_must(realloc(layer->cells, layer->room * sizeof(*layer->cells)));
    }
    layer->cells[layer->count++] = cell;
}

static bool is_left(const struct hs_reading *reading, const struct hs_cell *cell, unsigned clock)
{
    return cell->at[clock] < reading->story.count[clock];
}

struct hs_seen hs_reading_next(
    const struct hs_reading *reading, const struct hs_cell *cell, unsigned clock)
{
    assert(reading && cell && is_left(reading, cell, clock));
    return reading->story.seen[clock][cell->at[clock]];
}

uint32_t hs_reading_last(const struct hs_reading *reading, const struct hs_cell *cell)
{
    assert(reading && cell);
    const struct hs_page_stories *stories = reading->stories;
    const struct hs_happening *events = stories->recording->events;
    uint32_t last = HS_NOT_RECORDED;
    for (unsigned clock = 0; clock < stories->recording->clock_count; clock++) {
        uint32_t at = cell->at[clock];
        uint32_t event = at ? reading->story.seen[clock][at - 1].event : HS_NOT_RECORDED;
        if (at && (last == HS_NOT_RECORDED || hs_time_of(stories->clocks, &events[event]) >
                                                  hs_time_of(stories->clocks, &events[last])))
            last = event;
    }
    return last;
}

static const struct hs_happening *next_event(
    const struct hs_reading *reading, const struct hs_cell *cell, unsigned clock)
{
    return &reading->stories->recording->events[hs_reading_next(reading, cell, clock).event];
}

bool hs_reading_may_come(
    const struct hs_reading *reading, const struct hs_cell *cell, unsigned clock)
{
    assert(reading && cell && clock < HS_CLOCKS_MAX);
    if (!is_left(reading, cell, clock))
        return false;
    for (unsigned other = 0; other < reading->stories->recording->clock_count; other++) {
        if (other != clock && is_left(reading, cell, other) &&
            hs_surely_before(reading->stories->clocks, next_event(reading, cell, other),
                next_event(reading, cell, clock)))
            return false;
    }
    return true;
}

/* ---- going on ------------------------------------------------------------------------------- */

/* Read the next event of a clock, in a cell that is then behind it. */
static void read_event(
    struct hs_reading *reading, struct hs_cell *cell, unsigned clock, struct hs_watch watch)
{
    struct hs_automaton *automaton = reading->automaton;
    enum hs_letter letter = hs_reading_next(reading, cell, clock).letter;
    cell->at[clock]++;
    if (!watch.is_quiet) {
        cell->set = hs_automaton_read(automaton, cell->set, letter);
        return;
    }
    cell->set = hs_automaton_read_quietly(automaton, cell->set, letter);
    cell->harmed =
        hs_automaton_join(automaton, hs_automaton_read_quietly(automaton, cell->harmed, letter),
            hs_automaton_broken(automaton, cell->set, watch.harm));
}

static void exchange_layers(struct hs_reading *reading)
{
    struct hs_layer next = reading->next;
    reading->next = reading->now;
    reading->now = next;
}

bool hs_reading_go_on(struct hs_reading *reading, struct hs_watch watch)
{
    assert(reading && reading->automaton);
    reading->next.count = 0;
    for (uint32_t i = 0; i < reading->now.count; i++) {
        for (unsigned clock = 0; clock < reading->stories->recording->clock_count; clock++) {
            struct hs_cell cell = reading->now.cells[i];
            if (!hs_reading_may_come(reading, &cell, clock))
                continue;
            read_event(reading, &cell, clock, watch);
            if (cell.set != HS_SET_EMPTY || cell.harmed != HS_SET_EMPTY)
                hs_layer_add(reading->automaton, &reading->next, cell);
        }
    }
    if (!reading->next.count)
        return false;
    exchange_layers(reading);
    reading->read++;
    return true;
}

/* ---- beginning and end ---------------------------------------------------------------------- */

struct hs_reading hs_reading_begin(
    struct hs_automaton *automaton, const struct hs_page_stories *stories)
{
    assert(automaton && stories);
    return (struct hs_reading){.automaton = automaton, .stories = stories};
}

void hs_reading_close(struct hs_reading *reading)
{
    assert(reading);
    hs_page_story_close(&reading->story);
    free(reading->now.cells);
    free(reading->next.cells);
    *reading = (struct hs_reading){0};
}

void hs_reading_tell(struct hs_reading *reading, const struct hs_page_class *class)
{
    assert(reading && class);
    hs_page_story_tell(reading->stories, class, &reading->story);
    reading->length = reading->read = 0;
    for (unsigned clock = 0; clock < HS_CLOCKS_MAX; clock++)
        reading->length += reading->story.count[clock];
    bool in_middle = reading->stories->recording->begins_in_middle;
    reading->now.count = 0;
    hs_layer_add(reading->automaton, &reading->now,
        (struct hs_cell){.set = hs_automaton_start(reading->automaton, in_middle)});
}

void hs_reading_put(struct hs_reading *reading, uint32_t read, const struct hs_layer *layer)
{
    assert(reading && layer && read <= reading->length);
    reading->read = read;
    reading->now.count = 0;
    for (uint32_t i = 0; i < layer->count; i++)
        hs_layer_add(reading->automaton, &reading->now, layer->cells[i]);
}
