/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is noticed in a recording?  Each of its events is dropped, changes places with the next one
 * of its clock, and is put in once more elsewhere; each time the whole is judged.  As a recorder
 * would have numbered them, elements are numbered anew.
 *
 *   trace_mutants FILE GUEST HOST [SEED]
 *
 * Status 1 if the recording itself is refused, or if of one of the three less than 90 % are, those
 * left out that spec/trace.md names as what cannot be seen.  With SHOW in the environment: which
 * were not.
 */
#include "chance.h"
#include "fit.h"
#include "pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum change { DROPPED, SWAPPED, INVENTED, CHANGE_COUNT };
static const char *const change_names[CHANGE_COUNT] = {"dropped", "swapped", "invented"};

struct figures {
    unsigned made[CHANGE_COUNT][HS_EVENT_KIND_COUNT];
    unsigned refused[CHANGE_COUNT][HS_EVENT_KIND_COUNT];
    unsigned unseen[CHANGE_COUNT][HS_EVENT_KIND_COUNT]; /* left out: no recording shows it */
};

struct question {
    const struct hs_recording *recording;
    const struct hs_rules *rules;
    struct hs_automaton *automaton;
};

/* ---- one recording --------------------------------------------------------------------------- */

static bool are_stories_refused(
    struct hs_automaton *automaton, const struct hs_page_stories *stories)
{
    static struct hs_fit fit;
    hs_fit_find(automaton, stories, &fit);
    return fit.is_refused;
}

static bool is_refused(const struct question *question, const struct hs_recording *recording)
{
    struct hs_error why;
    struct hs_elements elements = {0};
    struct hs_clocks clocks;
    struct hs_page_stories stories = {0};
    bool refused =
        !hs_elements_find(recording, "", &elements, &why) ||
        !hs_clocks_find(recording, &elements, question->rules, &clocks, &why) ||
        !hs_page_stories_find(recording, &elements, &clocks, question->rules, &stories, &why) ||
        are_stories_refused(question->automaton, &stories);
    hs_page_stories_close(&stories);
    hs_elements_close(&elements);
    return refused;
}

/* ---- neighbours -------------------------------------------------------------------------------
 */

static bool is_element(const struct hs_happening *event)
{
    return event->kind == HS_EVENT_QUEUE_ELEMENT || event->kind == HS_EVENT_TAKE_ELEMENT ||
           event->kind == HS_EVENT_USE_ELEMENT;
}

/* Do two events differ in anything but their time? */
static bool are_alike(const struct hs_happening *one, const struct hs_happening *other)
{
    return one->kind == other->kind && one->value == other->value &&
           (!is_element(one) || (one->queue == other->queue && one->ranges == other->ranges &&
                                    (!one->ranges || one->range == other->range)));
}

static bool is_of_clock(const struct hs_recording *recording, size_t at, unsigned clock)
{
    return recording->events[at].clock == clock;
}

/* The next event of the same clock; `count`: there is none. */
static size_t next_of_clock(const struct hs_recording *recording, size_t at)
{
    size_t next = at + 1;
    while (next < recording->count && !is_of_clock(recording, next, recording->events[at].clock))
        next++;
    return next;
}

/* The nearest event of the kind before (-1) or behind (1); NULL: there is none. */
static const struct hs_happening *nearest(
    const struct hs_recording *recording, size_t at, int direction, enum hs_event_kind kind)
{
    for (size_t i = at + (size_t)direction; i < recording->count; i += (size_t)direction) {
        if (recording->events[i].kind == kind)
            return &recording->events[i];
    }
    return NULL;
}

/* ---- fewer pages -------------------------------------------------------------------------------
 */

/* Leave out the sendings of pages that tell the story of another: of each story one page stays.
 * A page that does not occur makes nothing possible or impossible. */
static void keep_one_of_each(struct hs_recording *recording, const struct hs_page_stories *stories)
{
    size_t kept = 0;
    for (size_t i = 0; i < recording->count; i++) {
        const struct hs_happening *event = &recording->events[i];
        const struct hs_page_class *class =
            event->kind == HS_EVENT_SEND_PAGE ? hs_page_class_of(stories, event->value) : NULL;
        if (!class || class->page == event->value)
            recording->events[kept++] = *event;
    }
    printf("%zu of %zu events: of each story one page is kept\n", kept, recording->count);
    recording->count = kept;
}

static bool thin(struct hs_recording *recording, const struct hs_rules *rules)
{
    struct hs_error why;
    struct hs_elements elements = {0};
    struct hs_clocks clocks;
    struct hs_page_stories stories = {0};
    bool good = hs_elements_find(recording, "", &elements, &why) &&
                hs_clocks_find(recording, &elements, rules, &clocks, &why) &&
                hs_page_stories_find(recording, &elements, &clocks, rules, &stories, &why);
    if (good)
        keep_one_of_each(recording, &stories);
    hs_page_stories_close(&stories);
    hs_elements_close(&elements);
    return good;
}

/* ---- what cannot be seen: as spec/trace.md lists it --------------------------------------------
 */

static bool is_same_read(const struct hs_recording *recording, size_t at, int direction)
{
    const struct hs_happening *read = nearest(recording, at, direction, HS_EVENT_READ_COMMAND);
    return read && read->value == recording->events[at].value;
}

/* The event in which the element was queued, of one that is queued or taken; else the event. */
static const struct hs_happening *queued_in(
    const struct hs_recording *recording, const struct hs_happening *event)
{
    for (size_t i = 0; event->kind == HS_EVENT_TAKE_ELEMENT && i < recording->count; i++) {
        const struct hs_happening *other = &recording->events[i];
        if (other->kind == HS_EVENT_QUEUE_ELEMENT && other->queue == event->queue &&
            other->number == event->number)
            return other;
    }
    return event;
}

/* A read that finds what the one before it found, or the one behind it. */
static bool is_read_again(const struct hs_recording *recording, size_t at)
{
    return recording->events[at].kind == HS_EVENT_READ_COMMAND &&
           (is_same_read(recording, at, -1) || is_same_read(recording, at, 1));
}

/* Is the event one of single pages, and which does it begin with? */
static bool is_of_pages(
    const struct hs_recording *recording, const struct hs_happening *event, uint64_t *first)
{
    const struct hs_happening *queued = queued_in(recording, event);
    bool is_hint = queued->kind == HS_EVENT_QUEUE_ELEMENT && queued->ranges &&
                   recording->ranges[queued->range].is_writable;
    if (event->kind == HS_EVENT_SEND_PAGE)
        *first = event->value;
    else if (is_hint)
        *first = recording->ranges[queued->range].address;
    return is_hint || event->kind == HS_EVENT_SEND_PAGE;
}

static bool has_page(
    const struct hs_recording *recording, const struct hs_happening *event, uint64_t page)
{
    const struct hs_happening *queued = queued_in(recording, event);
    for (uint32_t i = 0; queued->kind == HS_EVENT_QUEUE_ELEMENT && i < queued->ranges; i++) {
        const struct hs_range *range = &recording->ranges[queued->range + i];
        if (range->is_writable && page >= range->address && page - range->address < range->length)
            return true;
    }
    return event->kind == HS_EVENT_SEND_PAGE && event->value == page;
}

/* Between this place and the next sending of the page in a direction: can it have become dirty
 * again, since a sync begins there? */
static bool may_be_dirty(
    const struct hs_recording *recording, size_t at, int direction, uint64_t page)
{
    bool syncs = false;
    for (size_t i = at + (size_t)direction; i < recording->count; i += (size_t)direction) {
        const struct hs_happening *event = &recording->events[i];
        syncs = syncs || event->kind == HS_EVENT_BEGIN_SYNC;
        if (event->kind == HS_EVENT_SEND_PAGE && event->value == page)
            return syncs;
    }
    return true;
}

/* Is the event at `at`, which is missing or was put in, one that nothing tells of? */
static bool is_unseen_alone(const struct hs_recording *recording, size_t at, bool is_invented)
{
    const struct hs_happening *event = &recording->events[at];
    if (event->kind == HS_EVENT_RELEASE || next_of_clock(recording, at) == recording->count)
        return true;
    if (event->kind == HS_EVENT_READ_COMMAND)
        return is_read_again(recording, at);
    if (event->kind == HS_EVENT_SEND_PAGE)
        return !is_invented || (may_be_dirty(recording, at, -1, event->value) &&
                                   may_be_dirty(recording, at, 1, event->value));
    return false;
}

/* Do two events that follow each other tell the same in either order? */
static bool is_unseen_pair(const struct hs_recording *recording, size_t at, size_t next)
{
    uint64_t page;
    uint64_t other;
    const struct hs_happening *one = &recording->events[at];
    const struct hs_happening *two = &recording->events[next];
    bool is_again = is_read_again(recording, at) || is_read_again(recording, next);
    bool are_of_pages = is_of_pages(recording, one, &page) && is_of_pages(recording, two, &other) &&
                        !has_page(recording, one, other) && !has_page(recording, two, page);
    bool is_use = (one->kind == HS_EVENT_USE_ELEMENT && !is_element(two)) ||
                  (two->kind == HS_EVENT_USE_ELEMENT && !is_element(one));
    return are_of_pages || is_again || is_use || one->kind == HS_EVENT_RELEASE ||
           two->kind == HS_EVENT_RELEASE || next_of_clock(recording, next) == recording->count;
}

/* ---- changes ----------------------------------------------------------------------------------
 */

/* The k-th that is queued is the k-th that is taken, and the k-th that is used. */
static void number_anew(struct hs_recording *recording, const struct hs_recording *whole)
{
    uint32_t next[HS_EVENT_KIND_COUNT][HS_QUEUE_COUNT];
    memset(next, 0, sizeof(next));
    for (size_t i = whole->count; i-- > 0;) {
        if (is_element(&whole->events[i]))
            next[whole->events[i].kind][whole->events[i].queue] = whole->events[i].number;
    }
    for (size_t i = 0; i < recording->count; i++) {
        struct hs_happening *event = &recording->events[i];
        if (is_element(event))
            event->number = next[event->kind][event->queue]++;
    }
}

static void drop(struct hs_recording *recording, size_t at)
{
    memmove(&recording->events[at], &recording->events[at + 1],
        (recording->count - at - 1) * sizeof(recording->events[0]));
    recording->count--;
}

static void swap(struct hs_recording *recording, size_t at, size_t next)
{
    struct hs_happening one = recording->events[at];
    struct hs_happening two = recording->events[next];
    recording->events[at] = two;
    recording->events[at].ns = one.ns;
    recording->events[next] = one;
    recording->events[next].ns = two.ns;
}

/* Put a copy of the event at `from` in before `to`, at the time of the one before it there. */
static void invent(struct hs_recording *recording, size_t from, size_t to)
{
    struct hs_happening event = recording->events[from];
    size_t before = to;
    while (before > 0 && !is_of_clock(recording, before - 1, event.clock))
        before--;
    memmove(&recording->events[to + 1], &recording->events[to],
        (recording->count - to) * sizeof(event));
    recording->count++;
    size_t next = to + 1;
    while (next < recording->count && !is_of_clock(recording, next, event.clock))
        next++;
    event.ns = before > 0                ? recording->events[before - 1].ns
               : next < recording->count ? recording->events[next].ns
                                         : event.ns;
    recording->events[to] = event;
}

/* Change one event in `changed`, a copy of the whole with room for one more.  False: it would be
 * no change.  `unseen`: nothing can tell. */
static bool change(
    struct hs_recording *changed, enum change how, size_t at, struct chance *chance, bool *unseen)
{
    size_t to;
    switch (how) {
    case DROPPED:
        *unseen = is_unseen_alone(changed, at, false);
        drop(changed, at);
        return true;
    case SWAPPED:
        to = next_of_clock(changed, at);
        if (to == changed->count || are_alike(&changed->events[at], &changed->events[to]))
            return false;
        *unseen = is_unseen_pair(changed, at, to);
        swap(changed, at, to);
        return true;
    case INVENTED:
        to = chance_below(chance, (unsigned)changed->count + 1);
        invent(changed, at, to);
        *unseen = is_unseen_alone(changed, to, true);
        return true;
    case CHANGE_COUNT:
        break;
    }
    return false;
}

static void change_all(
    const struct question *question, struct chance *chance, struct figures *figures)
{
    const struct hs_recording *whole = question->recording;
    struct hs_recording changed = *whole;
    changed.events =
        (struct hs_happening *)hs_must(malloc((whole->count + 1) * sizeof(*changed.events)));
    for (unsigned how = 0; how < CHANGE_COUNT; how++) {
        for (size_t at = 0; at < whole->count; at++) {
            enum hs_event_kind kind = whole->events[at].kind;
            bool unseen = false;
            memcpy(changed.events, whole->events, whole->count * sizeof(*whole->events));
            changed.count = whole->count;
            if (!change(&changed, (enum change)how, at, chance, &unseen))
                continue;
            number_anew(&changed, whole);
            bool refused = is_refused(question, &changed);
            if (getenv("SHOW") && !refused && !unseen)
                printf("%s line %u\n", change_names[how], whole->events[at].line);
            figures->made[how][kind] += !unseen;
            figures->refused[how][kind] += !unseen && refused;
            figures->unseen[how][kind] += unseen;
        }
    }
    free(changed.events);
}

/* ---- the answer -------------------------------------------------------------------------------
 */

static bool print(const struct figures *figures)
{
    bool good = true;
    for (unsigned how = 0; how < CHANGE_COUNT; how++) {
        unsigned made = 0;
        unsigned refused = 0;
        unsigned unseen = 0;
        for (unsigned kind = 0; kind < HS_EVENT_KIND_COUNT; kind++) {
            if (!figures->made[how][kind] && !figures->unseen[how][kind])
                continue;
            made += figures->made[how][kind];
            refused += figures->refused[how][kind];
            unseen += figures->unseen[how][kind];
            printf("    %-8s %-17s %5u of %5u refused; %5u cannot be seen\n", change_names[how],
                hs_event_names[kind], figures->refused[how][kind], figures->made[how][kind],
                figures->unseen[how][kind]);
        }
        printf("%s: %u of %u refused, %.1f %%; and %u that cannot be seen\n", change_names[how],
            refused, made, 100.0 * refused / made, unseen);
        good = good && made && 10 * refused >= 9 * made;
    }
    return good;
}

int main(int argc, char **argv)
{
    static struct figures figures;
    static struct hs_pair pair;
    struct hs_error error;
    char wrong[HS_IN_PLAY_NAME];
    const struct hs_preset *guest = argc >= 4 ? hs_preset_find(HS_SIDE_GUEST, argv[2]) : NULL;
    const struct hs_preset *host = argc >= 4 ? hs_preset_find(HS_SIDE_HOST, argv[3]) : NULL;
    struct hs_recording *recording = guest && host ? hs_recording_load(argv[1], &error) : NULL;
    if (!recording)
        return 2;
    hs_pair_begin(&pair, guest, host, argv[1]);
    struct hs_config *config = &pair.variant.config;
    hs_in_play_set(config, "changes", false, wrong);
    if (hs_config_finish(config) || !thin(recording, &config->rules))
        return 2;
    struct chance chance = {argc > 4 ? strtoull(argv[4], NULL, 10) : 1};
    struct question question = {
        recording, &config->rules, hs_automaton_new(config, recording->recorded)};
    bool is_whole = is_refused(&question, recording);
    if (is_whole)
        printf("%s itself is refused\n", argv[1]);
    else
        change_all(&question, &chance, &figures);
    hs_automaton_free(question.automaton);
    hs_recording_free(recording);
    return is_whole || !print(&figures);
}
