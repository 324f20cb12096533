/* SPDX-License-Identifier: BSD-3-Clause */
/* Bounds for the distance between clocks. */
#include "clocks.h"

#include <assert.h>
#include <inttypes.h>

static const int64_t far = INT64_C(1) << 61;

/* `cause` came before `effect`: narrow the bounds, if one of them is of the first clock. */
static void note_order(
    struct hs_clocks *clocks, const struct hs_happening *cause, const struct hs_happening *effect)
{
    unsigned a = cause->clock;
    unsigned b = effect->clock;
    if (a != b && a == 0 && cause->ns - effect->ns > clocks->least[b])
        clocks->least[b] = cause->ns - effect->ns;
    if (a != b && b == 0 && effect->ns - cause->ns < clocks->most[a])
        clocks->most[a] = effect->ns - cause->ns;
}

/* Is every event there, from the first on? */
static bool is_whole(const struct hs_recording *recording, const struct hs_elements *elements)
{
    bool whole = !recording->begins_in_middle && !elements->gap_count;
    for (size_t i = 0; i < recording->count; i++)
        whole = whole && recording->events[i].kind != HS_EVENT_LOST;
    return whole;
}

/* The k-th new id that the driver reads was issued after the k-th sync, at the earliest, if each is
 * issued after one. */
static void note_ids(struct hs_clocks *clocks, const struct hs_recording *recording)
{
    uint64_t newest = HS_COMMAND_DONE;
    size_t sync = 0;
    for (size_t i = 0; i < recording->count; i++) {
        const struct hs_happening *read = &recording->events[i];
        if (read->kind != HS_EVENT_READ_COMMAND || read->value <= newest)
            continue;
        newest = read->value;
        while (sync < recording->count && recording->events[sync].kind != HS_EVENT_END_SYNC)
            sync++;
        if (sync == recording->count)
            return;
        note_order(clocks, &recording->events[sync++], read);
    }
}

static void note_elements(struct hs_clocks *clocks, const struct hs_recording *recording,
    const struct hs_elements *elements)
{
    for (uint32_t i = 0; i < elements->count; i++) {
        const struct hs_recorded_element *element = &elements->elements[i];
        if (element->queued != HS_NOT_RECORDED && element->taken != HS_NOT_RECORDED)
            note_order(
                clocks, &recording->events[element->queued], &recording->events[element->taken]);
    }
}

bool hs_clocks_find(const struct hs_recording *recording, const struct hs_elements *elements,
    const struct hs_rules *rules, struct hs_clocks *clocks, struct hs_error *error)
{
    assert(recording && elements && rules && clocks && error);
    *clocks = (struct hs_clocks){.count = recording->clock_count};
    for (unsigned i = 1; i < clocks->count; i++) {
        const struct hs_clock *clock = &recording->clocks[i];
        clocks->least[i] = clock->has_offset ? clock->offset - clock->within : -far;
        clocks->most[i] = clock->has_offset ? clock->offset + clock->within : far;
    }
    note_elements(clocks, recording, elements);
    if (hs_rules_hint_trigger(rules) == HS_TRIGGER_MIGRATION && is_whole(recording, elements) &&
        hs_is_recorded(recording, HS_EVENT_END_SYNC))
        note_ids(clocks, recording);
    for (unsigned i = 1; i < clocks->count; i++) {
        if (clocks->least[i] > clocks->most[i])
            return hs_fail(error,
                "clock %s would have to be at least %" PRId64 " ns and at most %" PRId64
                " ns behind clock %s, for each element to be taken after it was queued, and each id "
                "to be read after it was issued",
                recording->clocks[i].name, clocks->least[i], clocks->most[i],
                recording->clocks[0].name);
    }
    return true;
}

int64_t hs_time_of(const struct hs_clocks *clocks, const struct hs_happening *event)
{
    assert(clocks && event && event->clock < clocks->count);
    int64_t least = clocks->least[event->clock];
    return event->ns + least + (clocks->most[event->clock] - least) / 2;
}

bool hs_surely_before(const struct hs_clocks *clocks, const struct hs_happening *one,
    const struct hs_happening *other)
{
    assert(clocks && one && other);
    return one->ns + clocks->most[one->clock] < other->ns + clocks->least[other->clock];
}
