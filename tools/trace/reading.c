/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading stories. */
#include "reading.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* ---- fronts ---------------------------------------------------------------------------------- */

void hs_layer_add(struct hs_automaton *automaton, struct hs_layer *layer, struct hs_front front)
{
    assert(automaton && layer);
    for (uint32_t i = 0; i < layer->count; i++) {
        struct hs_front *other = &layer->fronts[i];
        if (memcmp(other->at, front.at, sizeof(front.at)) == 0) {
            other->set = hs_automaton_join(automaton, other->set, front.set);
            other->harmed = hs_automaton_join(automaton, other->harmed, front.harmed);
            return;
        }
    }
    if (layer->count == layer->room) {
        layer->room = layer->room ? 2 * layer->room : 16;
        layer->fronts = (struct hs_front *)hs_must(
            realloc(layer->fronts, layer->room * sizeof(*layer->fronts)));
    }
    layer->fronts[layer->count++] = front;
}

static bool is_left(const struct hs_reading *reading, const struct hs_front *front, unsigned clock)
{
    return front->at[clock] < reading->story.count[clock];
}

struct hs_seen hs_reading_next(
    const struct hs_reading *reading, const struct hs_front *front, unsigned clock)
{
    assert(reading && front && is_left(reading, front, clock));
    return reading->story.seen[clock][front->at[clock]];
}

uint32_t hs_reading_last(const struct hs_reading *reading, const struct hs_front *front)
{
    assert(reading && front);
    const struct hs_page_stories *stories = reading->stories;
    const struct hs_happening *events = stories->recording->events;
    uint32_t last = HS_NOT_RECORDED;
    for (unsigned clock = 0; clock < stories->recording->clock_count; clock++) {
        uint32_t at = front->at[clock];
        uint32_t event = at ? reading->story.seen[clock][at - 1].event : HS_NOT_RECORDED;
        if (at && (last == HS_NOT_RECORDED || hs_time_of(stories->clocks, &events[event]) >
                                                  hs_time_of(stories->clocks, &events[last])))
            last = event;
    }
    return last;
}

static const struct hs_happening *next_event(
    const struct hs_reading *reading, const struct hs_front *front, unsigned clock)
{
    return &reading->stories->recording->events[hs_reading_next(reading, front, clock).event];
}

bool hs_reading_may_come(
    const struct hs_reading *reading, const struct hs_front *front, unsigned clock)
{
    assert(reading && front && clock < HS_CLOCKS_MAX);
    if (!is_left(reading, front, clock))
        return false;
    for (unsigned other = 0; other < reading->stories->recording->clock_count; other++) {
        if (other != clock && is_left(reading, front, other) &&
            hs_surely_before(reading->stories->clocks, next_event(reading, front, other),
                next_event(reading, front, clock)))
            return false;
    }
    return true;
}

/* ---- going on ------------------------------------------------------------------------------- */

/* Read the next event of a clock, in a front that is then behind it. */
static void read_event(
    struct hs_reading *reading, struct hs_front *front, unsigned clock, struct hs_watch watch)
{
    struct hs_automaton *automaton = reading->automaton;
    enum hs_letter letter = hs_reading_next(reading, front, clock).letter;
    front->at[clock]++;
    if (!watch.is_quiet) {
        front->set = hs_automaton_read(automaton, front->set, letter);
        return;
    }
    front->set = hs_automaton_read_quietly(automaton, front->set, letter);
    front->harmed =
        hs_automaton_join(automaton, hs_automaton_read_quietly(automaton, front->harmed, letter),
            hs_automaton_broken(automaton, front->set, watch.harm));
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
            struct hs_front front = reading->now.fronts[i];
            if (!hs_reading_may_come(reading, &front, clock))
                continue;
            read_event(reading, &front, clock, watch);
            if (front.set != HS_SET_EMPTY || front.harmed != HS_SET_EMPTY)
                hs_layer_add(reading->automaton, &reading->next, front);
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
    free(reading->now.fronts);
    free(reading->next.fronts);
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
        (struct hs_front){.set = hs_automaton_start(reading->automaton, in_middle)});
}

void hs_reading_put(struct hs_reading *reading, uint32_t read, const struct hs_layer *layer)
{
    assert(reading && layer && read <= reading->length);
    reading->read = read;
    reading->now.count = 0;
    for (uint32_t i = 0; i < layer->count; i++)
        hs_layer_add(reading->automaton, &reading->now, layer->fronts[i]);
}
