/* The abstract queue: names for ids, what may be dropped, what is merged, the pot. */
#include "abstract_queue.h"

#include <string.h>

bool hs_follows_used(struct hs_world w)
{
    unsigned release = hs_rule(w, HS_RULE_RELEASE);
    return release == HS_RELEASE_AFTER_USED || release == HS_RELEASE_AFTER_ALL_USED;
}

bool hs_stop_matters(struct hs_world w)
{
    return hs_rule(w, HS_RULE_RESTART_ON_SAME_ID) == HS_ON ||
           hs_rule(w, HS_RULE_NEW_ID_AFTER_SYNC) == HS_OFF;
}

static bool word_is_shared(struct hs_world w)
{
    return hs_rule(w, HS_RULE_COMMAND_WORD) == HS_WORD_SHARED;
}

/* ---- reading and writing --------------------------------------------------------------------- */

void hs_line_read(struct hs_world w, struct hs_line *line)
{
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_FREE_PAGE);
    unsigned used = hs_virtqueue_used(q);
    unsigned hand = hs_virtqueue_in_hand(q);
    unsigned total = used + hand + hs_virtqueue_available(q);
    memset(line, 0, sizeof(*line));
    line->pot = *hs_pot(w);
    for (unsigned i = 0; i < total; i++) {
        struct hs_element element = q.slots[(q.ring->collected + i) & (q.size - 1)];
        bool is_hint = element.kind == HS_ELEMENT_PAGES;
        if (is_hint && element.id != HS_HINT_OR_MORE)
            element.id = HS_HINT_ONE;
        if (i < used)
            line->used_hint = line->used_hint || is_hint;
        else if (i < used + hand)
            line->hand_hint = true;
        else
            line->waiting[line->count++] = element;
    }
}

void hs_line_write(struct hs_world w, const struct hs_line *line)
{
    static const struct hs_element hint = {.kind = HS_ELEMENT_PAGES};
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_FREE_PAGE);
    unsigned at = 0;
    memset(q.slots, 0, q.size * sizeof(*q.slots));
    if (line->used_hint)
        q.slots[at++] = hint;
    q.ring->collected = 0;
    q.ring->used = (uint8_t)at;
    if (line->hand_hint)
        q.slots[at++] = hint;
    q.ring->taken = (uint8_t)at;
    for (unsigned i = 0; i < line->count; i++)
        q.slots[at++] = line->waiting[i];
    q.ring->avail = (uint8_t)at;
    q.ring->interrupt_pending = line->used_hint && !q.ring->interrupts_suppressed;
    *hs_pot(w) = line->pot;
}

/* ---- ids ------------------------------------------------------------------------------------- */

/* The name of id `id`: STOP and DONE keep theirs. */
static uint8_t name_of(struct hs_world w, unsigned id)
{
    const struct hs_driver *driver = &w.state->driver;
    if (id < HS_COMMAND_FIRST_ID)
        return (uint8_t)id;
    return id == w.state->device.id  ? HS_ID_NEWEST
           : id == driver->cached_id ? HS_ID_CACHED
           : id == driver->active_id ? HS_ID_ACTIVE
                                     : HS_ID_OLD;
}

/* Does it matter to the device which word it reads, if it is not the newest id? */
static bool old_words_differ(struct hs_world w)
{
    return word_is_shared(w) &&
           (hs_rule(w, HS_RULE_CHECK_COMMAND_ID) == HS_OFF || hs_stop_matters(w));
}

/* The name of the id started last.  Between rounds it is compared with the id read next, and that
 * is the newest, or no id at all, in which case the comparison is not made. */
static uint8_t name_active(struct hs_world w)
{
    const struct hs_driver *driver = &w.state->driver;
    bool is_newest = driver->active_id && driver->active_id == w.state->device.id;
    if (old_words_differ(w) || is_newest || driver->phase == HS_DRIVER_HINTING)
        return name_of(w, driver->active_id);
    bool is_compared = driver->phase == HS_DRIVER_IDLE && !driver->read_again;
    return is_compared && driver->active_id == driver->cached_id ? name_of(w, driver->active_id)
                                                                 : HS_COMMAND_STOP;
}

/* The name of the id in a start element.  A word of its own is compared with the newest id alone,
 * and an id that is not the newest never becomes it again.  With a shared word the id only tells
 * whether the word has changed since (hint-driver-2; allows more: it may change back). */
static uint8_t name_in_element(struct hs_world w, unsigned id)
{
    uint8_t name = name_of(w, id);
    if (word_is_shared(w))
        return id == w.state->driver.active_id ? name_active(w) : HS_ID_OLD;
    return name >= HS_COMMAND_FIRST_ID && name != HS_ID_NEWEST ? HS_ID_OLD : name;
}

static uint16_t rename_pot(struct hs_world w, uint16_t pot)
{
    unsigned named = pot & ((1u << HS_POT_START) - 1);
    for (unsigned id = 0; id <= HS_ID_NEWEST; id++) {
        if (pot >> (HS_POT_START + id) & 1u)
            named |= 1u << (HS_POT_START + name_in_element(w, id));
    }
    return (uint16_t)named;
}

void hs_ids_rename(struct hs_world w)
{
    struct hs_driver *driver = &w.state->driver;
    struct hs_device *device = &w.state->device;
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_FREE_PAGE);
    for (unsigned i = 0; i < q.size; i++) {
        if (q.slots[i].kind == HS_ELEMENT_START)
            q.slots[i].id = name_in_element(w, q.slots[i].id);
    }
    if (q.size)
        *hs_pot(w) = rename_pot(w, *hs_pot(w));
    uint8_t last_word = name_of(w, device->last_word);
    uint8_t active = name_active(w);
    driver->cached_id = name_of(w, driver->cached_id);
    driver->active_id = active;
    device->last_word = last_word;
    device->id = device->id ? HS_ID_NEWEST : 0;
}

/* ---- what cannot have an effect any more ------------------------------------------------------
 *
 * While the status is not START, the elements before the first that can make it START are taken
 * without it.  Of those, a hint is only handed back (which matters to a driver that waits for
 * that), and a command changes nothing but the ghosts of hint-device-2 and hint-driver-3.
 */

/* Can taking it make the status START, now or later?  Later the status may be any that steps which
 * take no element lead to: STOP, DONE, or REQUESTED, under the next id or the same. */
static bool can_start(struct hs_world w, struct hs_element element)
{
    const struct hs_device *device = &w.state->device;
    if (element.kind != HS_ELEMENT_START)
        return false;
    if (word_is_shared(w))
        return true; /* its word may be any id by then */
    if (element.id < HS_COMMAND_FIRST_ID)
        return false;
    if (hs_rule(w, HS_RULE_CHECK_COMMAND_ID) == HS_OFF)
        return true;
    return element.id == device->id && (device->status == HS_STATUS_REQUESTED ||
                                           hs_rule(w, HS_RULE_RESTART_ON_SAME_ID) == HS_ON ||
                                           hs_rule(w, HS_RULE_NEW_ID_AFTER_SYNC) == HS_OFF);
}

/* An element that is taken while the status is not START: may it be left out?  `marked`: the
 * current id was taken by then. */
static bool is_idle(struct hs_world w, struct hs_element element, bool marked)
{
    bool stops_late = marked && hs_stop_matters(w) && !w.state->device.stop_taken;
    switch ((enum hs_element_kind)element.kind) {
    case HS_ELEMENT_PAGES:
        return !hs_follows_used(w);
    case HS_ELEMENT_STOP:
        return !stops_late;
    case HS_ELEMENT_START:
        if (element.id == HS_COMMAND_STOP)
            return !stops_late;
        return element.id != w.state->device.id;
    case HS_ELEMENT_NONE:
    case HS_ELEMENT_KIND_COUNT:
        break;
    }
    return true;
}

static bool marks(struct hs_world w, struct hs_element element)
{
    return element.kind == HS_ELEMENT_START && element.id == w.state->device.id;
}

/* Leave out what is idle in the pot.  False if something in it can start hinting. */
static bool drop_idle_in_pot(struct hs_world w, struct hs_line *line, bool *marked)
{
    unsigned pot = line->pot;
    for (unsigned kind = 0; kind < HS_POT_COUNT; kind++) {
        if (pot >> kind & 1u && can_start(w, hs_pot_element((enum hs_pot)kind)))
            return false;
    }
    for (unsigned kind = 0; kind < HS_POT_COUNT; kind++)
        *marked = *marked || (pot >> kind & 1u && marks(w, hs_pot_element((enum hs_pot)kind)));
    for (unsigned kind = 0; kind < HS_POT_COUNT; kind++) {
        if (pot >> kind & 1u && is_idle(w, hs_pot_element((enum hs_pot)kind), *marked))
            pot &= ~(1u << kind);
    }
    line->pot = (uint16_t)pot;
    return true;
}

static void drop_idle(struct hs_world w, struct hs_line *line)
{
    bool marked = w.state->device.id_taken;
    unsigned kept = 0;
    unsigned i = 0;
    if (w.state->device.status == HS_STATUS_START || !drop_idle_in_pot(w, line, &marked))
        return;
    for (; i < line->count && !can_start(w, line->waiting[i]); i++) {
        if (!is_idle(w, line->waiting[i], marked)) {
            marked = marked || marks(w, line->waiting[i]);
            line->waiting[kept++] = line->waiting[i];
        }
    }
    for (; i < line->count; i++)
        line->waiting[kept++] = line->waiting[i];
    memset(&line->waiting[kept], 0, (line->count - kept) * sizeof(line->waiting[0]));
    line->count = kept;
}

/* ---- merging, and the pot -------------------------------------------------------------------- */

static void merge_equal(struct hs_line *line)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < line->count; i++) {
        struct hs_element element = line->waiting[i];
        bool again = kept && line->waiting[kept - 1].kind == element.kind;
        if (again && element.kind == HS_ELEMENT_PAGES)
            line->waiting[kept - 1].id = HS_HINT_OR_MORE;
        else if (!again || element.kind != HS_ELEMENT_STOP)
            line->waiting[kept++] = element;
    }
    memset(&line->waiting[kept], 0, (line->count - kept) * sizeof(line->waiting[0]));
    line->count = kept;
}

struct hs_element hs_pot_element(enum hs_pot kind)
{
    switch (kind) {
    case HS_POT_HINT_ONCE:
    case HS_POT_HINTS:
        return (struct hs_element){.kind = HS_ELEMENT_PAGES};
    case HS_POT_STOP:
        return (struct hs_element){.kind = HS_ELEMENT_STOP};
    case HS_POT_START:
    case HS_POT_COUNT:
        break;
    }
    return (struct hs_element){
        .kind = HS_ELEMENT_START, .id = (uint8_t)((unsigned)kind - HS_POT_START)};
}

/* What the pot holds after an element was thrown in. */
static uint16_t thrown_in(uint16_t pot, struct hs_element element)
{
    unsigned hints = 1u << HS_POT_HINT_ONCE | 1u << HS_POT_HINTS;
    unsigned added = 0;
    if (element.kind == HS_ELEMENT_STOP)
        added = 1u << HS_POT_STOP;
    else if (element.kind == HS_ELEMENT_START)
        added = 1u << (HS_POT_START + element.id);
    else if (element.id == HS_HINT_ONE && !(pot & hints))
        added = 1u << HS_POT_HINT_ONCE;
    else
        return (uint16_t)((pot & ~hints) | 1u << HS_POT_HINTS);
    return (uint16_t)(pot | added);
}

/* With a shared word every start command is read as the word is by then, so that the order of
 * commands in the queue tells little: once one was queued, any may come at any time (allows more).
 */
static uint16_t with_any_command(struct hs_world w, uint16_t pot)
{
    unsigned hints = pot & (1u << HS_POT_HINT_ONCE | 1u << HS_POT_HINTS);
    if (pot == hints)
        return pot;
    return (uint16_t)(hints | 1u << HS_POT_STOP | 1u << (HS_POT_START + HS_ID_OLD) |
                      1u << (HS_POT_START + w.state->driver.active_id));
}

void hs_line_shorten(struct hs_world w, struct hs_line *line)
{
    if (!hs_follows_used(w) || hs_page(w, 0)->owner != HS_OWNER_HELD)
        line->used_hint = false; /* collecting it would change nothing */
    drop_idle(w, line);
    merge_equal(line);
    unsigned longest = word_is_shared(w) ? 0 : HS_LINE_MAX;
    while (line->count > longest) {
        line->pot = thrown_in(line->pot, line->waiting[0]);
        line->count--;
        memmove(&line->waiting[0], &line->waiting[1], line->count * sizeof(line->waiting[0]));
        memset(&line->waiting[line->count], 0, sizeof(line->waiting[0]));
    }
    if (word_is_shared(w))
        line->pot = with_any_command(w, line->pot);
}
