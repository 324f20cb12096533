/* SPDX-License-Identifier: BSD-3-Clause */
/* The abstract queue: names for ids, what may be dropped, what is merged, the bag. */
#include "abstract_queue.h"

#include "virtqueue.h"

#include <string.h>

bool hs_stop_matters(struct hs_world w)
{
    return hs_rule_restart(w) != HS_RESTART_NEVER || hs_rule_new_id_after_sync(w) == HS_OFF;
}

bool hs_word_changes(const struct hs_rules *rules)
{
    return hs_rules_command_word(rules) == HS_WORD_SHARED &&
           hs_rules_hint_wait(rules) == HS_WAIT_NONE;
}

static bool word_changes(struct hs_world w)
{
    return hs_word_changes(&w.config->rules);
}

/* Does a start command count whenever it comes, unless the status is DONE?  No command is ever idle
 * then. */
static bool any_start_counts(const struct hs_rules *rules)
{
    return hs_rules_restart(rules) == HS_RESTART_ANY_CURRENT;
}

bool hs_queue_has_order(const struct hs_rules *rules)
{
    bool by_id = hs_rules_check_command_id(rules) == HS_ON;
    switch (hs_rules_hint_wait(rules)) {
    case HS_WAIT_EACH:
        return true;
    case HS_WAIT_START:
        return by_id;
    case HS_WAIT_NONE:
        break;
    }
    return by_id && !hs_word_changes(rules) && !any_start_counts(rules);
}

unsigned hs_queue_longest(const struct hs_rules *rules)
{
    enum { WHERE_NONE_IS_IDLE = 2 };
    if (!hs_queue_has_order(rules))
        return 0;
    return any_start_counts(rules) ? WHERE_NONE_IS_IDLE : HS_ABSTRACT_QUEUE_MAX;
}

/* ---- reading and writing --------------------------------------------------------------------- */

void hs_abstract_queue_read(struct hs_world w, struct hs_abstract_queue *queue)
{
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_FREE_PAGE);
    unsigned used = hs_virtqueue_used(q);
    unsigned hand = hs_virtqueue_in_hand(q);
    unsigned total = used + hand + hs_virtqueue_available(q);
    memset(queue, 0, sizeof(*queue));
    queue->bag = *hs_bag(w);
    for (unsigned i = 0; i < total; i++) {
        struct hs_element element = q.slots[(q.ring->collected + i) & (q.size - 1)];
        bool is_hint = element.kind == HS_ELEMENT_PAGES;
        if (is_hint && element.id != HS_HINT_OR_MORE)
            element.id = HS_HINT_ONE;
        if (i < used)
            queue->used_hint = queue->used_hint || is_hint;
        else if (i < used + hand)
            queue->hand_hint = true;
        else
            queue->waiting[queue->count++] = element;
    }
}

void hs_abstract_queue_write(struct hs_world w, const struct hs_abstract_queue *queue)
{
    static const struct hs_element hint = {.kind = HS_ELEMENT_PAGES};
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_FREE_PAGE);
    unsigned at = 0;
    memset(q.slots, 0, q.size * sizeof(*q.slots));
    if (queue->used_hint)
        q.slots[at++] = hint;
    q.ring->collected = 0;
    q.ring->used = (uint8_t)at;
    if (queue->hand_hint)
        q.slots[at++] = hint;
    q.ring->taken = (uint8_t)at;
    for (unsigned i = 0; i < queue->count; i++)
        q.slots[at++] = queue->waiting[i];
    q.ring->avail = (uint8_t)at;
    q.ring->interrupt_pending = queue->used_hint && !q.ring->interrupts_suppressed;
    *hs_bag(w) = queue->bag;
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
    bool may_change =
        hs_rule_command_word(w) == HS_WORD_SHARED && hs_rule_hint_wait(w) != HS_WAIT_EACH;
    return hs_rule_other_word(w) == HS_OTHER_WORD_ANSWERED ||
           (may_change && (hs_rule_check_command_id(w) == HS_OFF || hs_stop_matters(w)));
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
    if (hs_rule_command_word(w) == HS_WORD_SHARED)
        return id == w.state->driver.active_id ? name_active(w) : HS_ID_OLD;
    return name >= HS_COMMAND_FIRST_ID && name != HS_ID_NEWEST ? HS_ID_OLD : name;
}

static uint16_t rename_bag(struct hs_world w, uint16_t bag)
{
    const unsigned once = 1u << HS_BAG_START_ONCE;
    unsigned named = bag & ((1u << HS_BAG_START) - 1);
    if (bag & once && name_in_element(w, HS_ID_NEWEST) != HS_ID_NEWEST)
        named = (named & ~once) | 1u << (HS_BAG_START + name_in_element(w, HS_ID_NEWEST));
    for (unsigned id = 0; id <= HS_ID_NEWEST; id++) {
        if (bag >> (HS_BAG_START + id) & 1u)
            named |= 1u << (HS_BAG_START + name_in_element(w, id));
    }
    return (uint16_t)named;
}

/* The word taken last is compared with the newest id alone: all others are one. */
static uint8_t name_last_word(struct hs_world w)
{
    const struct hs_device *device = &w.state->device;
    if (device->last_word == device->id)
        return name_of(w, device->id);
    return device->id ? HS_COMMAND_STOP : HS_ID_OLD;
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
        *hs_bag(w) = rename_bag(w, *hs_bag(w));
    uint8_t last_word = name_last_word(w);
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
 * that, and to a dirty log that takes what is handed back for written), and a command changes
 * nothing but the ghosts of hint-device-2 and hint-driver-3.
 */

/* Can taking it make the status START, now or later?  Later the status may be any that steps which
 * take no element lead to: STOP, DONE, or REQUESTED, under the next id or the same. */
static bool can_start(struct hs_world w, struct hs_element element)
{
    const struct hs_device *device = &w.state->device;
    if (element.kind != HS_ELEMENT_START)
        return false;
    if (word_changes(w))
        return true; /* its word may be any id by then */
    if (element.id < HS_COMMAND_FIRST_ID)
        return false;
    if (hs_rule_check_command_id(w) == HS_OFF)
        return true;
    return element.id == device->id &&
           (device->status == HS_STATUS_REQUESTED || hs_rule_restart(w) != HS_RESTART_NEVER ||
               hs_rule_new_id_after_sync(w) == HS_OFF);
}

/* An element that is taken while the status is not START: may it be left out?  `marked`: the
 * current id was taken by then. */
static bool is_idle(struct hs_world w, struct hs_element element, bool marked)
{
    bool stops_late = marked && hs_stop_matters(w) && !w.state->device.stop_taken;
    if (element.kind != HS_ELEMENT_PAGES && hs_rule_other_word(w) == HS_OTHER_WORD_ANSWERED)
        return false; /* each command says whether DONE is owed */
    switch ((enum hs_element_kind)element.kind) {
    case HS_ELEMENT_PAGES:
        return !hs_rules_follow_used(&w.config->rules) &&
               hs_rule_used_length(w) == HS_USED_LENGTH_ZERO;
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

/* Leave out what is idle in the bag.  False if something in it can start hinting. */
static bool drop_idle_in_bag(struct hs_world w, struct hs_abstract_queue *queue, bool *marked)
{
    unsigned bag = queue->bag;
    for (unsigned kind = 0; kind < HS_BAG_COUNT; kind++) {
        if (bag >> kind & 1u && can_start(w, hs_bag_element((enum hs_bag)kind)))
            return false;
    }
    for (unsigned kind = 0; kind < HS_BAG_COUNT; kind++)
        *marked = *marked || (bag >> kind & 1u && marks(w, hs_bag_element((enum hs_bag)kind)));
    for (unsigned kind = 0; kind < HS_BAG_COUNT; kind++) {
        if (bag >> kind & 1u && is_idle(w, hs_bag_element((enum hs_bag)kind), *marked))
            bag &= ~(1u << kind);
    }
    queue->bag = (uint16_t)bag;
    return true;
}

static void drop_idle(struct hs_world w, struct hs_abstract_queue *queue)
{
    bool marked = w.state->device.id_taken;
    unsigned kept = 0;
    unsigned i = 0;
    if (w.state->device.status == HS_STATUS_START || !drop_idle_in_bag(w, queue, &marked))
        return;
    for (; i < queue->count && !can_start(w, queue->waiting[i]); i++) {
        if (!is_idle(w, queue->waiting[i], marked)) {
            marked = marked || marks(w, queue->waiting[i]);
            queue->waiting[kept++] = queue->waiting[i];
        }
    }
    for (; i < queue->count; i++)
        queue->waiting[kept++] = queue->waiting[i];
    memset(&queue->waiting[kept], 0, (queue->count - kept) * sizeof(queue->waiting[0]));
    queue->count = kept;
}

/* ---- merging, and the bag -------------------------------------------------------------------- */

/* Two hints in a row, and two stop commands; but not where DONE is owed after the last command,
 * once the queue is empty. */
static void merge_equal(struct hs_world w, struct hs_abstract_queue *queue)
{
    bool stops_alike = hs_rule_other_word(w) != HS_OTHER_WORD_ANSWERED;
    unsigned kept = 0;
    for (unsigned i = 0; i < queue->count; i++) {
        struct hs_element element = queue->waiting[i];
        bool again = kept && queue->waiting[kept - 1].kind == element.kind;
        if (again && element.kind == HS_ELEMENT_PAGES)
            queue->waiting[kept - 1].id = HS_HINT_OR_MORE;
        else if (!again || element.kind != HS_ELEMENT_STOP || !stops_alike)
            queue->waiting[kept++] = element;
    }
    memset(&queue->waiting[kept], 0, (queue->count - kept) * sizeof(queue->waiting[0]));
    queue->count = kept;
}

struct hs_element hs_bag_element(enum hs_bag kind)
{
    switch (kind) {
    case HS_BAG_HINT_ONCE:
    case HS_BAG_HINTS:
        return (struct hs_element){.kind = HS_ELEMENT_PAGES};
    case HS_BAG_STOP:
        return (struct hs_element){.kind = HS_ELEMENT_STOP};
    case HS_BAG_START_ONCE:
        return (struct hs_element){.kind = HS_ELEMENT_START, .id = HS_ID_NEWEST};
    case HS_BAG_START:
    case HS_BAG_COUNT:
        break;
    }
    return (struct hs_element){
        .kind = HS_ELEMENT_START, .id = (uint8_t)((unsigned)kind - HS_BAG_START)};
}

/* A bag into which something was thrown of which it counts one: it was there once, or more often.
 */
static unsigned thrown_again(unsigned bag, bool one, unsigned once, unsigned more)
{
    bool first = one && !(bag >> once & 1u) && !(bag >> more & 1u);
    return (bag & ~(1u << once)) | 1u << (first ? once : more);
}

uint16_t hs_bag_throw(uint16_t bag, struct hs_element element)
{
    if (element.kind == HS_ELEMENT_STOP)
        return (uint16_t)(bag | 1u << HS_BAG_STOP);
    if (element.kind != HS_ELEMENT_START)
        return (uint16_t)thrown_again(
            bag, element.id == HS_HINT_ONE, HS_BAG_HINT_ONCE, HS_BAG_HINTS);
    if (element.id == HS_ID_NEWEST)
        return (uint16_t)thrown_again(bag, true, HS_BAG_START_ONCE, HS_BAG_START + HS_ID_NEWEST);
    return (uint16_t)(bag | 1u << (HS_BAG_START + element.id));
}

/* With a shared word every start command is read as the word is by then, so that the order of
 * commands in the queue tells little: once one was queued, any may come at any time (allows more).
 */
static uint16_t with_any_command(struct hs_world w, uint16_t bag)
{
    unsigned hints = bag & (1u << HS_BAG_HINT_ONCE | 1u << HS_BAG_HINTS);
    if (bag == hints)
        return bag;
    return (uint16_t)(hints | 1u << HS_BAG_STOP | 1u << (HS_BAG_START + HS_ID_OLD) |
                      1u << (HS_BAG_START + w.state->driver.active_id));
}

void hs_abstract_queue_shorten(struct hs_world w, struct hs_abstract_queue *queue)
{
    if (!hs_rules_follow_used(&w.config->rules) || hs_page(w, 0)->owner != HS_OWNER_HELD)
        queue->used_hint = false; /* collecting it would change nothing */
    drop_idle(w, queue);
    merge_equal(w, queue);
    unsigned longest = hs_queue_longest(&w.config->rules);
    while (queue->count > longest) {
        queue->bag = hs_bag_throw(queue->bag, queue->waiting[0]);
        queue->count--;
        memmove(&queue->waiting[0], &queue->waiting[1], queue->count * sizeof(queue->waiting[0]));
        memset(&queue->waiting[queue->count], 0, sizeof(queue->waiting[0]));
    }
    if (word_changes(w))
        queue->bag = with_any_command(w, queue->bag);
}
