/* SPDX-License-Identifier: BSD-3-Clause */
/* Elements, and what is wrong with them. */
#include "elements.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORD_SIZE = 4 };

/* What the driver has done so far. */
struct driver {
    bool has_read;   /* a value of the field is known */
    uint32_t read;   /* the last one */
    bool in_round;   /* a start command was queued, and no stop command since */
    bool has_begun;  /* any command was queued, so that in_round is known */
    uint32_t *begun; /* ids of start commands */
    size_t begun_count;
    size_t begun_room;
};

/* ---- remarks -------------------------------------------------------------------------------- */

__attribute__((format(printf, 4, 5))) static void remark(
    struct hs_elements *elements, unsigned line, const char *clause, const char *format, ...)
{
    if ((elements->remark_count & (elements->remark_count - 1)) == 0) {
        size_t room = elements->remark_count ? 2 * elements->remark_count : 1;
        elements->remarks = (struct hs_remark *)hs_must(
            realloc(elements->remarks, room * sizeof(*elements->remarks)));
    }
    struct hs_remark *new = &elements->remarks[elements->remark_count++];
    *new = (struct hs_remark){.line = line, .clause = clause};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(new->text, sizeof(new->text), format, arguments);
    va_end(arguments);
}

static int compare_remarks(const void *a, const void *b)
{
    const struct hs_remark *x = (const struct hs_remark *)a;
    const struct hs_remark *y = (const struct hs_remark *)b;
    return x->line < y->line ? -1 : x->line > y->line;
}

/* ---- what an element is --------------------------------------------------------------------- */

static const struct hs_range *range_of(
    const struct hs_recording *recording, const struct hs_happening *event, uint32_t i)
{
    return &recording->ranges[event->range + i];
}

/* Pages are offered in buffers that the device may write, and a command in one that it may not. */
static enum hs_element_role role_of(
    const struct hs_recording *recording, const struct hs_happening *event)
{
    bool writes = false;
    for (uint32_t i = 0; i < event->ranges; i++)
        writes = writes || range_of(recording, event, i)->is_writable;
    return !event->ranges ? HS_ROLE_UNKNOWN : writes ? HS_ROLE_PAGES : HS_ROLE_COMMAND;
}

const struct hs_recorded_element *hs_element_at(
    const struct hs_elements *elements, const struct hs_happening *event)
{
    assert(elements && event);
    uint32_t index = event->number - elements->first;
    bool is_known = event->queue == HS_QUEUE_FREE_PAGE && event->number >= elements->first &&
                    index < elements->count;
    return is_known ? &elements->elements[index] : NULL;
}

static const struct hs_happening *where_queued(
    const struct hs_recording *recording, const struct hs_recorded_element *element)
{
    uint32_t at = element->queued != HS_NOT_RECORDED ? element->queued : element->taken;
    return at == HS_NOT_RECORDED ? NULL : &recording->events[at];
}

bool hs_element_has_page(const struct hs_recording *recording,
    const struct hs_recorded_element *element, uint64_t address)
{
    assert(recording && element);
    const struct hs_happening *event = where_queued(recording, element);
    for (uint32_t i = 0; event && i < event->ranges; i++) {
        const struct hs_range *range = range_of(recording, event, i);
        if (range->is_writable && address >= range->address &&
            address - range->address < range->length)
            return true;
    }
    return false;
}

bool hs_element_word(
    const struct hs_recording *recording, const struct hs_recorded_element *element, uint32_t *word)
{
    assert(recording && element && word);
    const struct hs_happening *event = where_queued(recording, element);
    bool has_word = event && event->ranges && range_of(recording, event, 0)->has_word;
    if (has_word)
        *word = range_of(recording, event, 0)->word;
    return has_word;
}

/* ---- clauses -------------------------------------------------------------------------------- */

static void check_command_buffer(struct hs_elements *elements, const struct hs_recording *recording,
    const struct hs_happening *event)
{
    const struct hs_range *range = range_of(recording, event, 0);
    if (event->ranges > 1)
        remark(elements, event->line, "hint-driver-1",
            "element %u: a command in %u buffers, and it is one of 4 bytes", event->number,
            event->ranges);
    else if (range->length >= recording->page_size)
        remark(elements, event->line, "hint-driver-1",
            "element %u: a buffer of %llu bytes that the device may not write: no command, and no "
            "pages either",
            event->number, (unsigned long long)range->length);
    else if (range->length != WORD_SIZE)
        remark(elements, event->line, "hint-driver-1",
            "element %u: a command of %llu bytes, and it must have 4", event->number,
            (unsigned long long)range->length);
}

static void check_page_buffers(struct hs_elements *elements, const struct hs_recording *recording,
    const struct hs_happening *event)
{
    for (uint32_t i = 0; i < event->ranges; i++) {
        const struct hs_range *range = range_of(recording, event, i);
        if (!range->is_writable)
            remark(elements, event->line, NULL,
                "element %u: a buffer that the device may not write beside pages", event->number);
        else if ((range->address | range->length) & (recording->page_size - 1) || !range->length)
            remark(elements, event->line, NULL,
                "element %u: 0x%llx and %llu bytes are no whole pages", event->number,
                (unsigned long long)range->address, (unsigned long long)range->length);
    }
}

/* Note that a start command has this id.  Returns whether one had it before. */
static bool is_begun_again(struct driver *driver, uint32_t id)
{
    for (size_t i = driver->begun_count; i-- > 0;) {
        if (driver->begun[i] == id)
            return true;
    }
    if (driver->begun_count == driver->begun_room) {
        driver->begun_room = driver->begun_room ? 2 * driver->begun_room : 64;
        driver->begun = (uint32_t *)hs_must(
            realloc(driver->begun, driver->begun_room * sizeof(*driver->begun)));
    }
    driver->begun[driver->begun_count++] = id;
    return false;
}

static void check_command(struct hs_elements *elements, const struct hs_recording *recording,
    const struct hs_happening *event, struct driver *driver)
{
    const struct hs_range *range = range_of(recording, event, 0);
    check_command_buffer(elements, recording, event);
    driver->has_begun = driver->has_begun || range->has_word;
    if (!range->has_word)
        return;
    driver->in_round = range->word != HS_COMMAND_STOP;
    if (range->word < HS_COMMAND_FIRST_ID)
        return;
    if (is_begun_again(driver, range->word))
        remark(elements, event->line, "hint-driver-3", "element %u: the id 0x%x was sent before",
            event->number, range->word);
    if (driver->has_read && driver->read != range->word)
        remark(elements, event->line, "hint-driver-2",
            "element %u: the id 0x%x, and the driver read 0x%x last", event->number, range->word,
            driver->read);
}

static void check_pages(struct hs_elements *elements, const struct hs_recording *recording,
    const struct hs_happening *event, const struct driver *driver)
{
    check_page_buffers(elements, recording, event);
    if (driver->has_begun && !driver->in_round)
        remark(elements, event->line, "hint-driver-2", "element %u: pages outside of a round",
            event->number);
    if (driver->has_read && driver->read < HS_COMMAND_FIRST_ID)
        remark(elements, event->line, "hint-driver-5", "element %u: pages, and the driver read %s",
            event->number, driver->read == HS_COMMAND_DONE ? "DONE" : "STOP");
}

/* An element as the driver queues it. */
static void check_queued(struct hs_elements *elements, const struct hs_recording *recording,
    const struct hs_happening *event, struct driver *driver)
{
    if (event->queue == HS_QUEUE_REPORTING)
        check_page_buffers(elements, recording, event);
    if (event->queue != HS_QUEUE_FREE_PAGE)
        return;
    if (role_of(recording, event) == HS_ROLE_COMMAND)
        check_command(elements, recording, event, driver);
    else
        check_pages(elements, recording, event, driver);
}

/* All of the guest's events, in the order of its clock. */
static void check_all(struct hs_elements *elements, const struct hs_recording *recording)
{
    struct driver driver = {0};
    for (size_t i = 0; i < recording->count; i++) {
        const struct hs_happening *event = &recording->events[i];
        if (event->kind == HS_EVENT_QUEUE_ELEMENT)
            check_queued(elements, recording, event, &driver);
        if (event->kind == HS_EVENT_READ_COMMAND) {
            driver.read = (uint32_t)event->value;
            driver.has_read = true;
        }
    }
    free(driver.begun);
}

/* ---- pairs ---------------------------------------------------------------------------------- */

static void add_gap(struct hs_elements *elements, uint32_t event)
{
    elements->gaps = (uint32_t *)hs_must(
        realloc(elements->gaps, (elements->gap_count + 1u) * sizeof(*elements->gaps)));
    elements->gaps[elements->gap_count++] = event;
}

/* Numbers go on by one, for each queue and event; a gap is events that were lost. */
static bool check_numbers(struct hs_elements *elements, const struct hs_recording *recording,
    const char *path, struct hs_error *error)
{
    int64_t next[HS_QUEUE_COUNT][HS_EVENT_KIND_COUNT];
    memset(next, 0xff, sizeof(next));
    for (size_t i = 0; i < recording->count; i++) {
        const struct hs_happening *event = &recording->events[i];
        if (event->kind != HS_EVENT_QUEUE_ELEMENT && event->kind != HS_EVENT_TAKE_ELEMENT)
            continue;
        int64_t *expected = &next[event->queue][event->kind];
        if (*expected >= 0 && event->number < *expected)
            return hs_fail_at(error, path, event->line, 1,
                "element %u again: each has a number of its own, in order", event->number);
        if (*expected >= 0 && event->number > *expected) {
            remark(elements, event->line, NULL, "elements %lld to %u are missing: events were lost",
                (long long)*expected, event->number - 1);
            add_gap(elements, (uint32_t)i);
        }
        *expected = (int64_t)event->number + 1;
    }
    return true;
}

/* The first and the last number of free_page_vq.  A number that is far from all others would ask
 * for too much memory. */
static bool measure(struct hs_elements *elements, const struct hs_recording *recording,
    const char *path, struct hs_error *error)
{
    uint32_t last = 0;
    bool is_first = true;
    for (size_t i = 0; i < recording->count; i++) {
        const struct hs_happening *event = &recording->events[i];
        bool is_ours =
            event->queue == HS_QUEUE_FREE_PAGE &&
            (event->kind == HS_EVENT_QUEUE_ELEMENT || event->kind == HS_EVENT_TAKE_ELEMENT);
        if (!is_ours)
            continue;
        if (is_first || event->number < elements->first)
            elements->first = event->number;
        if (is_first || event->number > last)
            last = event->number;
        is_first = false;
        if (last - elements->first >= 4 * recording->count + 1024)
            return hs_fail_at(error, path, event->line, 1,
                "element %u is too far from the others to be counted with them", event->number);
    }
    elements->count = is_first ? 0 : last - elements->first + 1;
    return true;
}

/* What was taken is what was queued. */
static bool is_alike(const struct hs_recording *recording, const struct hs_happening *queued,
    const struct hs_happening *taken)
{
    if (!taken->ranges)
        return true;
    bool alike = queued->ranges == taken->ranges;
    for (uint32_t i = 0; alike && i < queued->ranges; i++) {
        const struct hs_range *a = range_of(recording, queued, i);
        const struct hs_range *b = range_of(recording, taken, i);
        alike =
            a->length == b->length && a->is_writable == b->is_writable && a->address == b->address;
    }
    return alike;
}

static bool add_element(struct hs_elements *elements, const struct hs_recording *recording,
    uint32_t at, const char *path, struct hs_error *error)
{
    const struct hs_happening *event = &recording->events[at];
    struct hs_recorded_element *element = &elements->elements[event->number - elements->first];
    if (event->kind == HS_EVENT_QUEUE_ELEMENT)
        element->queued = at;
    else
        element->taken = at;
    if (element->queued != HS_NOT_RECORDED || event->ranges)
        element->role = role_of(recording, where_queued(recording, element));
    return element->queued == HS_NOT_RECORDED || element->taken == HS_NOT_RECORDED ||
           is_alike(recording, &recording->events[element->queued],
               &recording->events[element->taken]) ||
           hs_fail_at(error, path, event->line, 1,
               "element %u was queued with other buffers (line %u) than it was taken with (line %u)",
               event->number, recording->events[element->queued].line,
               recording->events[element->taken].line);
}

/* Note where an element is used that was taken. */
static void add_use(struct hs_elements *elements, const struct hs_recording *recording, uint32_t at)
{
    const struct hs_happening *event = &recording->events[at];
    const struct hs_recorded_element *known = hs_element_at(elements, event);
    if (known && known->taken != HS_NOT_RECORDED && known->used == HS_NOT_RECORDED &&
        recording->events[known->taken].clock == event->clock)
        elements->elements[event->number - elements->first].used = at;
}

/* Is the element taken as what it was queued as? */
static bool check_role(const struct hs_recorded_element *element,
    const struct hs_recording *recording, const char *path, struct hs_error *error)
{
    static const char *const words[] = {
        [HS_ROLE_UNKNOWN] = "", [HS_ROLE_COMMAND] = "a command", [HS_ROLE_PAGES] = "pages"};
    const struct hs_happening *taken = &recording->events[element->taken];
    const struct hs_happening *queued = &recording->events[element->queued];
    return !taken->role || taken->role == element->role ||
           hs_fail_at(error, path, taken->line, 1,
               "element %u is taken as %s, and was queued as %s (line %u)", element->number,
               words[taken->role], words[element->role], queued->line);
}

/* Each that is taken was queued, unless that is not recorded, or before the recording began. */
static bool check_taken(const struct hs_elements *elements, const struct hs_recording *recording,
    const char *path, struct hs_error *error)
{
    bool may_be_older = recording->begins_in_middle || elements->gap_count;
    for (uint32_t i = 0; i < elements->count; i++) {
        const struct hs_recorded_element *element = &elements->elements[i];
        if (element->taken != HS_NOT_RECORDED && element->queued == HS_NOT_RECORDED &&
            !may_be_older && hs_is_recorded(recording, HS_EVENT_QUEUE_ELEMENT))
            return hs_fail_at(error, path, recording->events[element->taken].line, 1,
                "element %u is taken, and was never queued", element->number);
        if (element->taken != HS_NOT_RECORDED && element->queued != HS_NOT_RECORDED &&
            !check_role(element, recording, path, error))
            return false;
    }
    return true;
}

/* The element of free_page_vq that a device has in its hand. */
struct hand {
    bool is_known; /* what was taken and used last */
    uint32_t taken;
    bool holds; /* it has not been used */
};

static bool hand_takes(struct hand *hand, const struct hs_happening *event, bool uses_are_recorded,
    const char *path, struct hs_error *error)
{
    bool is_free = !uses_are_recorded || !hand->is_known || !hand->holds;
    *hand = (struct hand){.is_known = true, .taken = event->number, .holds = true};
    return is_free ||
           hs_fail_at(error, path, event->line, 1,
               "element %u is taken before the one that was taken last was used", event->number);
}

static bool hand_uses(
    struct hand *hand, const struct hs_happening *event, const char *path, struct hs_error *error)
{
    bool is_held = !hand->is_known || (hand->holds && hand->taken == event->number);
    hand->holds = false;
    return is_held ||
           hs_fail_at(error, path, event->line, 1,
               "element %u is used, and it is not the one that was taken last", event->number);
}

/* Every device that is modelled uses an element before it takes the next one. */
static bool check_hand(const struct hs_elements *elements, const struct hs_recording *recording,
    const char *path, struct hs_error *error)
{
    struct hand hands[HS_CLOCKS_MAX]; /* a device has one clock */
    for (unsigned i = 0; i < HS_CLOCKS_MAX; i++)
        hands[i] = (struct hand){.is_known = !recording->begins_in_middle};
    bool uses = hs_is_recorded(recording, HS_EVENT_USE_ELEMENT);
    bool takes = hs_is_recorded(recording, HS_EVENT_TAKE_ELEMENT);
    uint32_t gap = 0;
    for (uint32_t i = 0; i < recording->count; i++) {
        const struct hs_happening *event = &recording->events[i];
        struct hand *hand = &hands[event->clock];
        bool is_lost = event->kind == HS_EVENT_LOST;
        for (; gap < elements->gap_count && elements->gaps[gap] == i; gap++)
            is_lost = true;
        if (is_lost)
            *hand = (struct hand){.is_known = false};
        if (event->queue != HS_QUEUE_FREE_PAGE)
            continue;
        if (event->kind == HS_EVENT_TAKE_ELEMENT && !hand_takes(hand, event, uses, path, error))
            return false;
        if (event->kind == HS_EVENT_USE_ELEMENT && takes && !hand_uses(hand, event, path, error))
            return false;
    }
    return true;
}

static bool pair_all(struct hs_elements *elements, const struct hs_recording *recording,
    const char *path, struct hs_error *error)
{
    elements->elements = (struct hs_recorded_element *)hs_must(
        calloc(elements->count + 1u, sizeof(*elements->elements)));
    for (uint32_t i = 0; i < elements->count; i++)
        elements->elements[i] = (struct hs_recorded_element){.number = elements->first + i,
            .queued = HS_NOT_RECORDED,
            .taken = HS_NOT_RECORDED,
            .used = HS_NOT_RECORDED};
    for (size_t i = 0; i < recording->count; i++) {
        const struct hs_happening *event = &recording->events[i];
        bool is_ours =
            event->queue == HS_QUEUE_FREE_PAGE &&
            (event->kind == HS_EVENT_QUEUE_ELEMENT || event->kind == HS_EVENT_TAKE_ELEMENT);
        if (is_ours && !add_element(elements, recording, (uint32_t)i, path, error))
            return false;
        if (event->kind == HS_EVENT_USE_ELEMENT)
            add_use(elements, recording, (uint32_t)i);
    }
    return check_taken(elements, recording, path, error) &&
           check_hand(elements, recording, path, error);
}

bool hs_elements_find(const struct hs_recording *recording, const char *path,
    struct hs_elements *elements, struct hs_error *error)
{
    assert(recording && path && elements && error);
    *elements = (struct hs_elements){0};
    if (!check_numbers(elements, recording, path, error) ||
        !measure(elements, recording, path, error) || !pair_all(elements, recording, path, error)) {
        hs_elements_close(elements);
        return false;
    }
    check_all(elements, recording);
    if (elements->remark_count)
        qsort(
            elements->remarks, elements->remark_count, sizeof(*elements->remarks), compare_remarks);
    return true;
}

void hs_elements_close(struct hs_elements *elements)
{
    assert(elements);
    free(elements->elements);
    free(elements->remarks);
    free(elements->gaps);
    *elements = (struct hs_elements){0};
}
