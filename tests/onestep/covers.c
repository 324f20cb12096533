/* SPDX-License-Identifier: BSD-3-Clause */
/* One state of the abstraction covers another. */
#include "covers.h"

#include <string.h>

/* Are they the same in all but the queue? */
static bool same_beside(const struct hs_abstraction *abstraction,
    const union hs_abstract_state *large, const union hs_abstract_state *small)
{
    static const struct hs_abstract_queue empty;
    union hs_abstract_state a = *large;
    union hs_abstract_state b = *small;
    hs_abstract_queue_write(hs_abstract_world(abstraction, &a), &empty);
    hs_abstract_queue_write(hs_abstract_world(abstraction, &b), &empty);
    return memcmp(&a, &b, sizeof(a)) == 0;
}

static bool element_covers(struct hs_element large, struct hs_element small)
{
    bool more = large.kind == HS_ELEMENT_PAGES && large.id == HS_HINT_OR_MORE;
    return large.kind == small.kind && (large.id == small.id || more);
}

/* A start with the newest id, once or any number of times; it need not be taken. */
static bool starts_cover(unsigned large, unsigned small)
{
    const unsigned once = 1u << HS_BAG_START_ONCE;
    const unsigned many = 1u << (HS_BAG_START + HS_ID_NEWEST);
    return large & many || (!(small & many) && (!(small & once) || large & once));
}

/* With a shared word nothing waits beside the bag, so that nothing in it must be taken first. */
static bool bag_covers(unsigned large, unsigned small, bool shared)
{
    const unsigned newest = 1u << HS_BAG_START_ONCE | 1u << (HS_BAG_START + HS_ID_NEWEST);
    const unsigned once = 1u << HS_BAG_HINT_ONCE;
    const unsigned hints = 1u << HS_BAG_HINTS;
    if (!starts_cover(large, small))
        return false;
    small &= ~newest;
    if (shared)
        return !(small & ~large & ~once) && (!(small & once) || large & (once | hints));
    if (large & once)
        return small & once && !(small & ~large);
    return !(small & ~large & ~once) && (!(small & once) || large & hints);
}

static bool queue_covers(
    const struct hs_abstract_queue *large, const struct hs_abstract_queue *small, bool shared)
{
    bool good = large->used_hint == small->used_hint && large->hand_hint == small->hand_hint &&
                large->count == small->count && bag_covers(large->bag, small->bag, shared);
    for (unsigned i = 0; i < large->count && good; i++)
        good = element_covers(large->waiting[i], small->waiting[i]);
    return good;
}

/* A hint has no effect while none is accepted, unless the driver waits for its use. */
static bool once_is_idle(struct hs_world w)
{
    return w.state->device.status != HS_STATUS_START && !hs_rules_follow_used(&w.config->rules);
}

/* The larger need not take what it has more in the bag.  If it does not, what comes first in its
 * queue may have no effect, and be left out of the smaller. */
static void leave_bag(
    const struct hs_abstraction *abstraction, union hs_abstract_state *large, unsigned bag)
{
    *hs_bag(hs_abstract_world(abstraction, large)) = (uint16_t)bag;
    hs_abstract_normalise(hs_abstract_world(abstraction, large));
}

/* The same in all but what they may differ in. */
static bool covers_as_it_is(const struct hs_abstraction *abstraction,
    const union hs_abstract_state *large, const union hs_abstract_state *small)
{
    bool shared = hs_word_changes(&abstraction->config.rules);
    struct hs_abstract_queue queues[2];
    hs_abstract_queue_read(hs_abstract_world(abstraction, large), &queues[0]);
    hs_abstract_queue_read(hs_abstract_world(abstraction, small), &queues[1]);
    return queue_covers(&queues[0], &queues[1], shared) && same_beside(abstraction, large, small);
}

/* Does it if it leaves what it has more in the bag? */
static bool covers_without_bag(const struct hs_abstraction *abstraction,
    const union hs_abstract_state *large, const union hs_abstract_state *small)
{
    bool shared = hs_word_changes(&abstraction->config.rules);
    union hs_abstract_state left = *large;
    unsigned bag = *hs_bag(hs_abstract_world(abstraction, small));
    unsigned idle =
        once_is_idle(hs_abstract_world(abstraction, large)) ? 1u << HS_BAG_HINT_ONCE : 0;
    if (!bag_covers(*hs_bag(hs_abstract_world(abstraction, large)) & ~(idle & ~bag), bag, shared))
        return false;
    leave_bag(abstraction, &left, bag);
    return covers_as_it_is(abstraction, &left, small);
}

/* Throw the oldest element that waits into the bag: the normal form may have done so where there
 * were more.  False if none waits. */
static bool throw_oldest(struct hs_world w)
{
    struct hs_abstract_queue queue;
    hs_abstract_queue_read(w, &queue);
    if (!queue.count)
        return false;
    queue.bag = hs_bag_throw(queue.bag, queue.waiting[0]);
    queue.count--;
    memmove(&queue.waiting[0], &queue.waiting[1], queue.count * sizeof(queue.waiting[0]));
    hs_abstract_queue_write(w, &queue);
    return true;
}

bool covers(const struct hs_abstraction *abstraction, const union hs_abstract_state *large,
    const union hs_abstract_state *small)
{
    union hs_abstract_state thrown = *small;
    if (memcmp(large, small, sizeof(*large)) == 0)
        return true;
    if (!abstraction->config.queue_size[HS_QUEUE_FREE_PAGE])
        return false;
    do {
        if (covers_as_it_is(abstraction, large, &thrown) ||
            covers_without_bag(abstraction, large, &thrown))
            return true;
    } while (throw_oldest(hs_abstract_world(abstraction, &thrown)));
    return false;
}
