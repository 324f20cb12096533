/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The story of a page: it begins where the message that undoes the page was sent, or with the write
 * that gets lost, whichever comes first; it ends with the step that loses the page; in between
 * stand the steps that are about the page or move one of its records.
 */
#include "story.h"

#include "effects.h"
#include "page.h"
#include "text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STORY_STEPS_MAX = 12 };

struct story {
    const struct hs_race *race;
    unsigned page;
    int losing; /* event */
    int write;  /* the last write to the page up to there, or HS_NO_EVENT */
    int sender; /* of the message that the losing step takes, or HS_NO_EVENT */
    struct hs_text text;
};

__attribute__((format(printf, 2, 3))) static void say(struct story *story, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    hs_text_addv(&story->text, format, arguments);
    va_end(arguments);
}

/* A step as it is written in a schedule; an element that is taken on the way, with what it is. */
static void say_step(struct story *story, int event)
{
    char step[80];
    const struct hs_event *e = &story->race->events[event];
    hs_step_write(e->step, step, sizeof(step));
    if (e->step.kind == HS_DEVICE_TAKE_ELEMENT && event != story->losing)
        say(story, "%s (%s)", step, e->headline);
    else
        say(story, "%s", step);
}

/* ---- what an event has to do with the page --------------------------------------------------- */

/* Is the page marked for a device, which has written nothing yet? */
static bool is_marked_first(const struct story *story, int event)
{
    struct hs_world after = hs_run_world(story->race->run, (unsigned)event + 1);
    return story->race->events[event].step.kind == HS_DEVICE_DMA_WRITE &&
           hs_page(after, story->page)->dma;
}

static bool is_write(const struct story *story, int event)
{
    struct hs_step step = story->race->events[event].step;
    bool writes = step.kind == HS_APP_WRITE || step.kind == HS_DEVICE_DMA_ARRIVE ||
                  step.kind == HS_DEVICE_DMA_WRITE || step.kind == HS_DESTINATION_WRITE;
    return writes && step.page == story->page && !is_marked_first(story, event);
}

/* The records of a write, a bit each. */
static unsigned records(const struct story *story, int moment)
{
    const struct hs_page *page =
        hs_page(hs_run_world(story->race->run, (unsigned)moment), story->page);
    return page->log | (unsigned)page->known << 1 | (unsigned)page->host_log << 2 |
           (unsigned)page->bitmap << 3;
}

static unsigned cleared(const struct story *story, int event)
{
    return records(story, event) & ~records(story, event + 1);
}

static unsigned owner(const struct story *story, int moment)
{
    return hs_page(hs_run_world(story->race->run, (unsigned)moment), story->page)->owner;
}

static bool is_about_page(const struct story *story, int event)
{
    const struct hs_event *e = &story->race->events[event];
    bool named = hs_step_rows[e->step.kind].has_page && e->step.page == story->page;
    return named || e->pages >> story->page & 1u ||
           records(story, event) != records(story, event + 1) ||
           owner(story, event) != owner(story, event + 1);
}

/* Hints are asked for, refused, or let in again: that matters to a story which goes through it. */
static bool changes_status(const struct story *story, int event)
{
    struct hs_world before = hs_run_world(story->race->run, (unsigned)event);
    struct hs_world after = hs_run_world(story->race->run, (unsigned)event + 1);
    return before.state->device.status != after.state->device.status;
}

static int last_write(const struct story *story, int before)
{
    int event = before;
    while (event >= 0 && !is_write(story, event))
        event--;
    return event;
}

static int last_clearing(const struct story *story, int before)
{
    int event = before;
    while (event >= 0 && !cleared(story, event))
        event--;
    return event;
}

/* ---- the sentence -----------------------------------------------------------------------------
 */

static int losing_event(const struct hs_race *race, enum hs_property property, unsigned *page)
{
    uint64_t at_once = 0;
    for (unsigned i = 0; i < race->run->length; i++) {
        const struct hs_event *event = &race->events[i];
        bool takes_over = event->step.kind == HS_MIGRATION_SWITCH_OVER ||
                          event->step.kind == HS_MIGRATION_GO_POSTCOPY;
        if (!takes_over && event->breaks >> property & 1u) {
            at_once = event->loses ? event->loses : event->pages;
            *page = at_once ? (unsigned)__builtin_ctzll(at_once) : 0;
            return (int)i;
        }
    }
    for (int i = (int)race->run->length - 1; i >= 0; i--) {
        if (race->events[i].loses || race->events[i].breaks >> property & 1u) {
            at_once = race->events[i].loses;
            *page = at_once ? (unsigned)__builtin_ctzll(at_once) : 0;
            if (at_once || (unsigned)property >= HS_PROPERTY_FIRST_CLAUSE)
                return i;
        }
    }
    return (int)race->run->length - 1;
}

static void say_deed(struct story *story)
{
    static const char *const names[] = {"log", "known", "host log", "bitmap"};
    const struct hs_event *event = &story->race->events[story->losing];
    unsigned gone = cleared(story, story->losing);
    bool first = true;
    if (event->loses && strcmp(hs_event_deed(event), "wiped") == 0) {
        say(story, " wipes P%u", story->page);
    } else if (event->step.kind == HS_MIGRATION_SWITCH_OVER ||
               event->step.kind == HS_MIGRATION_GO_POSTCOPY) {
        say(story, " takes P%u over as it stands there", story->page);
    } else if (gone) {
        say(story, " clears P%u's ", story->page);
        for (unsigned i = 0; i < 4; i++) {
            if (gone >> i & 1u) {
                say(story, "%s%s", first ? "" : ", ", names[i]);
                first = false;
            }
        }
    } else {
        say(story, " leaves no record of P%u", story->page);
    }
}

static int beginning(const struct story *story)
{
    int cause = story->losing;
    int start = story->losing;
    if (story->write >= 0 && story->sender == HS_NO_EVENT) {
        int clearing = last_clearing(story, story->write - 1);
        cause = start = clearing >= 0 ? clearing : story->losing;
    }
    int sender = story->race->events[cause].sender;
    if (sender != HS_NO_EVENT && sender < start)
        start = sender;
    if (story->write >= 0 && story->write < start)
        start = story->write;
    return start;
}

/* Are hints asked for anew between the two events? */
static bool goes_through_request(const struct story *story, int start)
{
    for (int i = start; i < story->losing; i++) {
        if (changes_status(story, i) &&
            hs_run_world(story->race->run, (unsigned)i + 1).state->device.status ==
                HS_STATUS_REQUESTED)
            return true;
    }
    return false;
}

/* Does an event between the first and the last belong to the story? */
static bool belongs(const struct story *story, int event, bool anew)
{
    return is_about_page(story, event) || (anew && changes_status(story, event));
}

/* The events of the story but the last; the newest of them if they are many. */
static unsigned list_events(const struct story *story, int start, int list[STORY_STEPS_MAX])
{
    unsigned count = 0;
    bool anew = goes_through_request(story, start);
    for (int i = start; i < story->losing; i++) {
        if (i != start && !belongs(story, i, anew))
            continue;
        if (count == STORY_STEPS_MAX)
            memmove(list + 1, list + 2, (--count - 1) * sizeof(list[0]));
        list[count++] = i;
    }
    return count;
}

static void say_in_order(struct story *story, const int *list, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        say(story, "%s", i ? ", " : "");
        say_step(story, list[i]);
    }
}

/* Where the race breaks the property, and what that takes. */
static struct story find_story(const struct hs_race *race, enum hs_property property)
{
    struct story story = {.race = race};
    story.losing = losing_event(race, property, &story.page);
    story.write = last_write(&story, story.losing);
    story.sender = race->events[story.losing].sender;
    return story;
}

void hs_story_write(const struct hs_race *race, enum hs_property property, char text[HS_STORY_SIZE])
{
    struct story story = find_story(race, property);
    int list[STORY_STEPS_MAX];
    story.text = hs_text_in(text, HS_STORY_SIZE);
    int start = beginning(&story);
    unsigned count = list_events(&story, start, list);
    bool overtaken = story.sender == start && count > 1;
    if (overtaken) {
        say_in_order(&story, list + 1, count - 1);
        say(&story, count > 2 ? " come between " : " comes between ");
        say_step(&story, start);
        say(&story, " and ");
    } else if (count) {
        say_in_order(&story, list, count);
        say(&story, ", then ");
    }
    say_step(&story, story.losing);
    say(&story, overtaken ? ", which" : "");
    say_deed(&story);
}

/* ---- told in words ----------------------------------------------------------------------------
 */

/* A sentence in the making. */
struct sentence {
    int event;
    unsigned weight; /* of the effects; the first, the last, and the write weigh most */
    struct hs_text text;
};
enum { WEIGHT_MOST = HS_WEIGHT_RULE + 1 };

static bool is_ending(enum hs_property property)
{
    return property >= HS_ENDING_FIRST && property <= HS_ENDING_LAST;
}

/* The step after which nobody ends what the property asks about; the last one if none is known. */
static int dooming_event(const struct hs_race *race, enum hs_property property)
{
    for (unsigned i = 0; i < race->run->length; i++) {
        if (race->events[i].dooms >> property & 1u)
            return (int)i;
    }
    return (int)race->run->length - 1;
}

/* Of a property of all continuations: it begins as the page that is stuck comes to be held, or as
 * what undid the record of one that is awaited was sent; or as hints are asked for. */
static int beginning_of_wait(const struct story *story)
{
    bool of_page = story->race->stuck != 0;
    struct hs_world last = hs_run_world(story->race->run, story->race->run->length);
    int clearing = last_clearing(story, story->losing - 1);
    if (of_page && hs_page(last, story->page)->awaited && clearing != HS_NO_EVENT) {
        int sender = story->race->events[clearing].sender;
        return sender != HS_NO_EVENT ? sender : clearing;
    }
    for (int i = story->losing - 1; i >= 0; i--) {
        struct hs_world after = hs_run_world(story->race->run, (unsigned)i + 1);
        bool asked = changes_status(story, i) && after.state->device.status == HS_STATUS_REQUESTED;
        if (of_page ? owner(story, i) != owner(story, i + 1) : asked)
            return i;
    }
    return story->losing;
}

static struct story find_wait(const struct hs_race *race, enum hs_property property)
{
    struct story story = {.race = race, .write = HS_NO_EVENT};
    story.page = race->stuck ? (unsigned)__builtin_ctzll(race->stuck) : 0;
    story.losing = dooming_event(race, property);
    story.sender = HS_NO_EVENT;
    return story;
}

/* The event whose message the device acts on at `event`: it took it there, or has it in hand. */
static int sender_at(const struct story *story, int event)
{
    const struct hs_event *events = story->race->events;
    enum hs_step_kind kind = (enum hs_step_kind)events[event].step.kind;
    bool in_hand = kind == HS_DEVICE_APPLY_HINT || kind == HS_DEVICE_DISCARD;
    enum hs_step_kind taking =
        kind == HS_DEVICE_DISCARD ? HS_DEVICE_TAKE_REPORT : HS_DEVICE_TAKE_ELEMENT;
    int taken = event;
    while (in_hand && taken > 0 && events[taken].step.kind != taking)
        taken--;
    return events[taken].sender;
}

/* Where it begins to be told: as in one sentence; but if a message is in the device's hand, where
 * that was sent, and if all is in the last step, where a record of the page went. */
static int beginning_of_told(const struct story *story)
{
    int start = beginning(story);
    if (story->sender != HS_NO_EVENT && story->sender < start)
        start = story->sender;
    if (start == story->losing && last_clearing(story, start - 1) != HS_NO_EVENT)
        start = last_clearing(story, start - 1);
    return start;
}

static void write_sentence(const struct story *story, int event, struct sentence *sentence)
{
    const struct hs_event *e = &story->race->events[event];
    struct hs_telling telling = {.step = e->step,
        .before = hs_run_world(story->race->run, (unsigned)event),
        .after = hs_run_world(story->race->run, (unsigned)event + 1),
        .source = "",
        .destination = "",
        .page = story->page};
    *sentence = (struct sentence){.event = event};
    hs_text_add(&sentence->text, "%c%s", toupper((unsigned char)e->told[0]), e->told + 1);
    sentence->weight = hs_effects_add(&telling, &sentence->text);
    hs_text_add(&sentence->text, ".");
    if (event == story->losing || event == story->write || event == story->sender)
        sentence->weight = WEIGHT_MOST;
}

/* A step that has nothing to do with the page is told if a rule makes it what it is; one that is
 * not about a page, and does nothing to this one, is not. */
static bool is_worth_telling(const struct story *story, const struct sentence *sentence, bool anew)
{
    const struct hs_event *event = &story->race->events[sentence->event];
    if (sentence->weight >= HS_WEIGHT_RULE)
        return true;
    if (!event->pages && sentence->weight == HS_WEIGHT_NONE &&
        !changes_status(story, sentence->event))
        return false;
    return belongs(story, sentence->event, anew);
}

/* Leave out the lightest sentence, the oldest of those. */
static void drop_lightest(struct sentence *sentences, unsigned *count)
{
    unsigned lightest = 0;
    for (unsigned i = 1; i < *count; i++) {
        if (sentences[i].weight < sentences[lightest].weight)
            lightest = i;
    }
    hs_text_free(&sentences[lightest].text);
    memmove(&sentences[lightest], &sentences[lightest + 1],
        (*count - lightest - 1) * sizeof(sentences[0]));
    --*count;
}

/* What is waited for, as the guards say it. */
static void add_wait(const struct story *story, enum hs_property property, struct hs_text *text)
{
    char step[80];
    for (unsigned i = 0; i < story->race->wait_count; i++) {
        const struct hs_wait *wait = &story->race->waits[i];
        if (!(wait->properties >> property & 1u))
            continue;
        hs_step_write(wait->links[0].step, step, sizeof(step));
        hs_text_add(text, ": %s (%s) is possible %s", step,
            hs_step_rows[wait->links[0].step.kind].summary, wait->links[0].why.text);
        return;
    }
}

/* What came of it. */
static void add_outcome(const struct story *story, enum hs_property property, struct hs_text *text)
{
    const struct hs_event *losing = &story->race->events[story->losing];
    const struct hs_fate *fate = &story->race->fates[story->page];
    bool takes_over = losing->step.kind == HS_MIGRATION_SWITCH_OVER ||
                      losing->step.kind == HS_MIGRATION_GO_POSTCOPY;
    bool lost = losing->loses >> story->page & 1u && strcmp(hs_event_deed(losing), "lost") == 0;
    if (is_ending(property)) {
        hs_text_add(text, "From here on it is %s", hs_doom_word(property));
        add_wait(story, property, text);
        hs_text_add(text, ".");
    } else if (lost) {
        if (!takes_over)
            hs_text_add(
                text, "No record of page %u is left that would have it sent. ", story->page);
        hs_text_add(text, "The source has %s, the destination %s: page %u is lost.", fate->source,
            strcmp(fate->destination, "-") == 0 ? "nothing" : fate->destination, story->page);
    } else {
        hs_text_add(text, "That breaks %s: %s.", hs_property_rows[property].name,
            hs_property_rows[property].broken);
    }
}

enum hs_property hs_story_property(const struct hs_race *race)
{
    assert(race);
    unsigned property = 0;
    while (property < HS_PROPERTY_COUNT && !(race->run->broken >> property & 1u))
        property++;
    return (enum hs_property)property;
}

struct hs_told hs_story_tell(const struct hs_race *race, enum hs_property property)
{
    assert(race && property < HS_PROPERTY_COUNT);
    struct hs_told told = {.count = 0};
    if (!race->run->length)
        return told;
    struct sentence sentences[HS_TOLD_MAX];
    bool waits = is_ending(property);
    struct story story = waits ? find_wait(race, property) : find_story(race, property);
    if (!waits)
        story.sender = sender_at(&story, story.losing);
    int start = waits ? beginning_of_wait(&story) : beginning_of_told(&story);
    bool anew = goes_through_request(&story, start) || (waits && !race->stuck);
    unsigned count = 0;
    for (int i = start; i <= story.losing; i++) {
        struct sentence *sentence = &sentences[count++];
        write_sentence(&story, i, sentence);
        if (!is_worth_telling(&story, sentence, anew))
            hs_text_free(&sentences[--count].text);
        else if (count == HS_TOLD_MAX)
            drop_lightest(sentences, &count);
    }
    struct hs_text outcome = {0};
    add_outcome(&story, property, &outcome);
    for (unsigned i = 0; i < count; i++)
        told.sentences[told.count++] = sentences[i].text.at;
    told.sentences[told.count++] = outcome.at;
    return told;
}

void hs_told_free(struct hs_told *told)
{
    assert(told);
    for (unsigned i = 0; i < told->count; i++)
        free(told->sentences[i]);
    told->count = 0;
}
