/* SPDX-License-Identifier: BSD-3-Clause */
/* Who sees what. */
#include "page_story.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { OWN_MOST = 1 << 26 }; /* events of single pages: a gigabyte */

/* ---- letters of events ---------------------------------------------------------------------- */

static enum hs_letter letter_of_id(enum hs_letter stop, uint64_t id)
{
    return (enum hs_letter)(stop + (id < HS_COMMAND_FIRST_ID ? id : HS_COMMAND_FIRST_ID));
}

/* A command, as it is queued or taken. */
static enum hs_letter letter_of_command(
    const struct hs_recording *recording, const struct hs_recorded_element *element, bool is_taken)
{
    uint32_t word = 0;
    if (is_taken)
        return HS_LETTER_TAKE_COMMAND;
    return hs_element_word(recording, element, &word) ? letter_of_id(HS_LETTER_SEND_STOP, word)
                                                      : HS_LETTER_SEND_ANY;
}

/* The element that a device obeys in this event, or NULL.  Where taking and applying is one step
 * (hint-under-lock=on), this is seen as the element is used: a hint may wait long for the bitmap
 * after it was taken, and what befalls the page meanwhile comes before it. */
static const struct hs_recorded_element *obeyed_in(const struct hs_page_stories *stories,
    const struct hs_elements *elements, const struct hs_happening *event)
{
    bool is_taken = event->kind == HS_EVENT_TAKE_ELEMENT;
    if (!is_taken && event->kind != HS_EVENT_USE_ELEMENT)
        return NULL;
    const struct hs_recorded_element *element = hs_element_at(elements, event);
    if (!element || element->taken == HS_NOT_RECORDED)
        return NULL;
    bool at_use = stories->is_locked && element->used != HS_NOT_RECORDED;
    uint32_t at = at_use ? element->used : element->taken;
    return &stories->recording->events[at] == event ? element : NULL;
}

/* What every page sees of an event; HIDDEN: nothing. */
static enum hs_letter letter_for_all(const struct hs_page_stories *stories,
    const struct hs_elements *elements, const struct hs_happening *event)
{
    const struct hs_recording *recording = stories->recording;
    const struct hs_recorded_element *element = NULL;
    bool is_queued = false;
    switch (event->kind) {
    case HS_EVENT_CONFIG_INTERRUPT:
        return HS_LETTER_INTERRUPT;
    case HS_EVENT_READ_COMMAND:
        return letter_of_id(HS_LETTER_READ_STOP, event->value);
    case HS_EVENT_QUEUE_ELEMENT:
    case HS_EVENT_TAKE_ELEMENT:
    case HS_EVENT_USE_ELEMENT:
        is_queued = event->kind == HS_EVENT_QUEUE_ELEMENT;
        element = is_queued ? hs_element_at(elements, event) : obeyed_in(stories, elements, event);
        return element && element->role == HS_ROLE_COMMAND
                   ? letter_of_command(recording, element, !is_queued)
                   : HS_LETTER_HIDDEN;
    case HS_EVENT_RELEASE:
        return event->value ? HS_LETTER_RELEASE : HS_LETTER_HIDDEN;
    case HS_EVENT_BEGIN_MIGRATION:
        return HS_LETTER_BEGIN_MIGRATION;
    case HS_EVENT_BEGIN_SYNC:
        return HS_LETTER_BEGIN_SYNC;
    case HS_EVENT_END_SYNC:
        return HS_LETTER_END_SYNC;
    case HS_EVENT_STOP_VM:
        return HS_LETTER_STOP_VM;
    case HS_EVENT_END_MIGRATION:
        return event->value == HS_ENDED_COMPLETED ? HS_LETTER_COMPLETE : HS_LETTER_CANCEL;
    case HS_EVENT_STATUS:
        return (enum hs_letter)(HS_LETTER_STATUS_STOP + event->value);
    case HS_EVENT_LOST:
        return HS_LETTER_GAP;
    case HS_EVENT_SEND_PAGE:
    case HS_EVENT_KIND_COUNT:
        break;
    }
    return HS_LETTER_HIDDEN;
}

static void add(struct hs_page_story *story, unsigned clock, struct hs_seen seen)
{
    if (story->count[clock] == story->room[clock]) {
        story->room[clock] = story->room[clock] ? 2 * story->room[clock] : 256;
        story->seen[clock] = (struct hs_seen *)hs_must(
            realloc(story->seen[clock], story->room[clock] * sizeof(seen)));
    }
    story->seen[clock][story->count[clock]++] = seen;
}

void hs_page_story_close(struct hs_page_story *story)
{
    assert(story);
    for (unsigned i = 0; i < HS_CLOCKS_MAX; i++)
        free(story->seen[i]);
    *story = (struct hs_page_story){0};
}

/* ---- events of single pages ----------------------------------------------------------------- */

struct gather {
    struct hs_page_stories *stories;
    uint32_t room;
};

static bool add_own(struct gather *gather, uint64_t page, struct hs_seen seen)
{
    struct hs_page_stories *stories = gather->stories;
    if (stories->own_count == gather->room) {
        if (gather->room == OWN_MOST)
            return false;
        gather->room = gather->room ? 2 * gather->room : 1024;
        stories->own =
            (struct hs_own *)hs_must(realloc(stories->own, gather->room * sizeof(*stories->own)));
    }
    stories->own[stories->own_count++] = (struct hs_own){page, seen};
    return true;
}

/* Each page of the buffers that an element offers. */
static bool add_pages(
    struct gather *gather, const struct hs_recorded_element *element, struct hs_seen seen)
{
    const struct hs_recording *recording = gather->stories->recording;
    uint32_t at = element->queued != HS_NOT_RECORDED ? element->queued : element->taken;
    const struct hs_happening *event = &recording->events[at];
    for (uint32_t i = 0; i < event->ranges; i++) {
        const struct hs_range *range = &recording->ranges[event->range + i];
        uint64_t page = range->address & ~(uint64_t)(recording->page_size - 1);
        for (; range->is_writable && page < range->address + range->length;
             page += recording->page_size) {
            if (!add_own(gather, page, seen))
                return false;
        }
    }
    return true;
}

static bool add_event(struct gather *gather, const struct hs_elements *elements, uint32_t at)
{
    const struct hs_recording *recording = gather->stories->recording;
    const struct hs_happening *event = &recording->events[at];
    if (event->kind == HS_EVENT_SEND_PAGE)
        return add_own(gather, event->value & ~(uint64_t)(recording->page_size - 1),
            (struct hs_seen){at, HS_LETTER_SEND_PAGE});
    bool is_queued = event->kind == HS_EVENT_QUEUE_ELEMENT;
    const struct hs_recorded_element *element =
        is_queued ? hs_element_at(elements, event) : obeyed_in(gather->stories, elements, event);
    if (!element || element->role != HS_ROLE_PAGES)
        return true;
    return add_pages(
        gather, element, (struct hs_seen){at, is_queued ? HS_LETTER_HINT : HS_LETTER_TAKE_HINT});
}

static int compare_own(const void *a, const void *b)
{
    const struct hs_own *x = (const struct hs_own *)a;
    const struct hs_own *y = (const struct hs_own *)b;
    if (x->page != y->page)
        return x->page < y->page ? -1 : 1;
    return x->seen.event < y->seen.event ? -1 : x->seen.event > y->seen.event;
}

/* ---- stories that are alike ----------------------------------------------------------------- */

/* How many of the events that all see, of a clock, come before this one for sure; and how many may.
 */
struct rank {
    uint32_t surely;
    uint32_t perhaps;
};

/* How many of `count` events are before `event`; by its own clock, or if `surely`, or if they may
 * be.
 */
static uint32_t count_before(
    const struct hs_page_stories *stories, unsigned clock, uint32_t at, bool surely)
{
    const struct hs_happening *events = stories->recording->events;
    const struct hs_page_story *all = &stories->all;
    uint32_t low = 0;
    uint32_t high = all->count[clock];
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        uint32_t other = all->seen[clock][middle].event;
        bool is_before = clock == events[at].clock ? other < at
                         : surely ? hs_surely_before(stories->clocks, &events[other], &events[at])
                                  : !hs_surely_before(stories->clocks, &events[at], &events[other]);
        if (is_before)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct rank rank_of(const struct hs_page_stories *stories, unsigned clock, uint32_t at)
{
    return (struct rank){
        count_before(stories, clock, at, true), count_before(stories, clock, at, false)};
}

/* What is compared of a page's own events. */
struct key {
    struct rank *ranks; /* of all own events, for each clock */
    const struct hs_page_stories *stories;
};

static bool are_own_alike(
    const struct hs_page_stories *stories, const struct rank *ranks, uint32_t a, uint32_t b)
{
    const struct hs_happening *events = stories->recording->events;
    const struct hs_seen *x = &stories->own[a].seen;
    const struct hs_seen *y = &stories->own[b].seen;
    size_t clocks = stories->recording->clock_count;
    return x->letter == y->letter && events[x->event].clock == events[y->event].clock &&
           memcmp(&ranks[a * clocks], &ranks[b * clocks], clocks * sizeof(*ranks)) == 0;
}

/* The order of a page's own events on different clocks. */
static bool is_order_alike(const struct hs_page_stories *stories, const struct hs_page_class *one,
    const struct hs_page_class *other, uint32_t i, uint32_t j)
{
    const struct hs_happening *events = stories->recording->events;
    const struct hs_happening *a = &events[stories->own[one->own + i].seen.event];
    const struct hs_happening *b = &events[stories->own[one->own + j].seen.event];
    const struct hs_happening *c = &events[stories->own[other->own + i].seen.event];
    const struct hs_happening *d = &events[stories->own[other->own + j].seen.event];
    return a->clock == b->clock ||
           (hs_surely_before(stories->clocks, a, b) == hs_surely_before(stories->clocks, c, d) &&
               hs_surely_before(stories->clocks, b, a) == hs_surely_before(stories->clocks, d, c));
}

static bool are_alike(const struct hs_page_stories *stories, const struct rank *ranks,
    const struct hs_page_class *one, const struct hs_page_class *other)
{
    if (one->own_count != other->own_count)
        return false;
    for (uint32_t i = 0; i < one->own_count; i++) {
        if (!are_own_alike(stories, ranks, one->own + i, other->own + i))
            return false;
        for (uint32_t j = 0; j < i; j++) {
            if (!is_order_alike(stories, one, other, j, i))
                return false;
        }
    }
    return true;
}

static uint64_t hash_of(const struct hs_page_stories *stories, const struct rank *ranks,
    const struct hs_page_class *class)
{
    uint64_t sum = class->own_count;
    size_t clocks = stories->recording->clock_count;
    for (uint32_t i = class->own; i < class->own + class->own_count; i++) {
        sum = (sum ^ stories->own[i].seen.letter) * 0x9e3779b97f4a7c15u;
        for (size_t c = 0; c < clocks; c++)
            sum = (sum ^ ranks[i * clocks + c].surely ^
                      (uint64_t)ranks[i * clocks + c].perhaps << 32) *
                  0x9e3779b97f4a7c15u;
    }
    return sum >> 20;
}

/* Put each page into the class of those like it. */
static void classify(struct hs_page_stories *stories, const struct rank *ranks)
{
    size_t size = 1;
    while (size < 2 * ((size_t)stories->own_count + 1))
        size *= 2;
    uint32_t *table = (uint32_t *)hs_must(calloc(size, sizeof(*table)));
    stories->classes =
        (struct hs_page_class *)hs_must(calloc(stories->own_count + 1u, sizeof(*stories->classes)));
    stories->class_of =
        (uint32_t *)hs_must(calloc(stories->own_count + 1u, sizeof(*stories->class_of)));
    for (uint32_t i = 0; i < stories->own_count;) {
        struct hs_page_class class = {.page = stories->own[i].page, .pages = 1, .own = i};
        for (; i < stories->own_count && stories->own[i].page == class.page; i++)
            class.own_count++;
        size_t at = hash_of(stories, ranks, &class) & (size - 1);
        while (table[at] && !are_alike(stories, ranks, &stories->classes[table[at] - 1], &class))
            at = (at + 1) & (size - 1);
        if (table[at]) {
            stories->classes[table[at] - 1].pages++;
        } else {
            stories->classes[stories->class_count++] = class;
            table[at] = stories->class_count;
        }
        for (uint32_t j = class.own; j < i; j++)
            stories->class_of[j] = table[at] - 1;
        stories->pages++;
    }
    free(table);
}

static void rank_all(struct hs_page_stories *stories)
{
    size_t clocks = stories->recording->clock_count;
    struct rank *ranks =
        (struct rank *)hs_must(calloc(stories->own_count * clocks + 1, sizeof(*ranks)));
    for (uint32_t i = 0; i < stories->own_count; i++) {
        for (unsigned c = 0; c < clocks; c++)
            ranks[i * clocks + c] = rank_of(stories, c, stories->own[i].seen.event);
    }
    classify(stories, ranks);
    free(ranks);
}

/* ---- all of it ------------------------------------------------------------------------------ */

bool hs_page_stories_find(const struct hs_recording *recording, const struct hs_elements *elements,
    const struct hs_clocks *clocks, const struct hs_rules *rules, struct hs_page_stories *stories,
    struct hs_error *error)
{
    assert(recording && elements && clocks && rules && stories && error);
    *stories = (struct hs_page_stories){.recording = recording,
        .clocks = clocks,
        .is_locked = hs_rules_hint_under_lock(rules) == HS_ON};
    struct gather gather = {.stories = stories};
    uint32_t gap = 0;
    for (uint32_t i = 0; i < recording->count; i++) {
        const struct hs_happening *event = &recording->events[i];
        enum hs_letter letter = letter_for_all(stories, elements, event);
        for (; gap < elements->gap_count && elements->gaps[gap] == i; gap++)
            add(&stories->all, event->clock, (struct hs_seen){i, HS_LETTER_GAP});
        if (letter)
            add(&stories->all, event->clock, (struct hs_seen){i, letter});
        if (!add_event(&gather, elements, i)) {
            hs_page_stories_close(stories);
            return hs_fail(error, "more than %d events of single pages", OWN_MOST);
        }
    }
    if (stories->own_count)
        qsort(stories->own, stories->own_count, sizeof(*stories->own), compare_own);
    rank_all(stories);
    if (!stories->class_count) /* no page occurs: what all see must be possible */
        stories->classes[stories->class_count++] = (struct hs_page_class){0};
    return true;
}

void hs_page_stories_close(struct hs_page_stories *stories)
{
    assert(stories);
    hs_page_story_close(&stories->all);
    free(stories->own);
    free(stories->classes);
    free(stories->class_of);
    *stories = (struct hs_page_stories){0};
}

const struct hs_page_class *hs_page_class_of(
    const struct hs_page_stories *stories, uint64_t address)
{
    assert(stories);
    uint32_t low = 0;
    uint32_t high = stories->own_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (stories->own[middle].page < address)
            low = middle + 1;
        else
            high = middle;
    }
    bool occurs = low < stories->own_count && stories->own[low].page == address;
    return occurs ? &stories->classes[stories->class_of[low]] : NULL;
}

void hs_page_story_tell(const struct hs_page_stories *stories, const struct hs_page_class *class,
    struct hs_page_story *story)
{
    assert(stories && class && story);
    for (unsigned clock = 0; clock < stories->recording->clock_count; clock++) {
        const struct hs_page_story *all = &stories->all;
        uint32_t own = class->own;
        story->count[clock] = 0;
        for (uint32_t i = 0; i <= all->count[clock]; i++) {
            uint32_t next = i < all->count[clock] ? all->seen[clock][i].event : UINT32_MAX;
            for (; own < class->own + class->own_count && stories->own[own].seen.event < next;
                 own++) {
                if (stories->recording->events[stories->own[own].seen.event].clock == clock)
                    add(story, clock, stories->own[own].seen);
            }
            if (i < all->count[clock])
                add(story, clock, all->seen[clock][i]);
        }
    }
}
