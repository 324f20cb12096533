/* SPDX-License-Identifier: BSD-3-Clause */
/* The split virtqueue, both ends (VIRTIO 1.x, 2.7 Split Virtqueues). */
#include "virtqueue.h"

#include <stddef.h>
#include <string.h>

/* How far index `to` is ahead of index `from`, both modulo twice the size. */
static unsigned ahead(struct hs_virtqueue q, unsigned to, unsigned from)
{
    return (to - from) & (2 * q.size - 1);
}

static struct hs_element *slot(struct hs_virtqueue q, unsigned index)
{
    return &q.slots[index & (q.size - 1)];
}

static uint8_t next(struct hs_virtqueue q, unsigned index)
{
    return (uint8_t)((index + 1) & (2 * q.size - 1));
}

unsigned hs_virtqueue_free_slots(struct hs_virtqueue q)
{
    HS_INNER_ASSERT(q.size > 0);
    return q.size - ahead(q, q.ring->avail, q.ring->collected);
}

unsigned hs_virtqueue_available(struct hs_virtqueue q)
{
    HS_INNER_ASSERT(q.size > 0);
    return ahead(q, q.ring->avail, q.ring->taken);
}

unsigned hs_virtqueue_in_hand(struct hs_virtqueue q)
{
    HS_INNER_ASSERT(q.size > 0);
    return ahead(q, q.ring->taken, q.ring->used);
}

unsigned hs_virtqueue_used(struct hs_virtqueue q)
{
    HS_INNER_ASSERT(q.size > 0);
    return ahead(q, q.ring->used, q.ring->collected);
}

void hs_virtqueue_add(struct hs_virtqueue q, struct hs_element element)
{
    assert(hs_virtqueue_free_slots(q) > 0);
    *slot(q, q.ring->avail) = element;
    q.ring->avail = next(q, q.ring->avail);
    if (!q.ring->kicks_suppressed)
        q.ring->kick_pending = 1;
}

struct hs_element hs_virtqueue_collect(struct hs_virtqueue q)
{
    assert(hs_virtqueue_used(q) > 0);
    struct hs_element *oldest = slot(q, q.ring->collected);
    struct hs_element element = *oldest;
    memset(oldest, 0, sizeof(*oldest)); /* one state, one representation */
    q.ring->collected = next(q, q.ring->collected);
    if (hs_virtqueue_used(q) == 0)
        q.ring->interrupt_pending = 0;
    return element;
}

struct hs_element hs_virtqueue_oldest(struct hs_virtqueue q)
{
    assert(hs_virtqueue_free_slots(q) < q.size);
    return *slot(q, q.ring->collected);
}

bool hs_virtqueue_holds(struct hs_virtqueue q, enum hs_element_kind kind)
{
    assert(q.size > 0 && kind < HS_ELEMENT_KIND_COUNT);
    for (unsigned i = 0; i < q.size; i++) {
        if (q.slots[i].kind == kind)
            return true;
    }
    return false;
}

struct hs_element hs_virtqueue_take(struct hs_virtqueue q)
{
    assert(hs_virtqueue_available(q) > 0);
    struct hs_element element = *slot(q, q.ring->taken);
    q.ring->taken = next(q, q.ring->taken);
    if (hs_virtqueue_available(q) == 0)
        q.ring->kick_pending = 0; /* the device has seen all that it was told of */
    return element;
}

struct hs_element hs_virtqueue_hand(struct hs_virtqueue q)
{
    assert(hs_virtqueue_in_hand(q) > 0);
    return *slot(q, q.ring->used);
}

void hs_virtqueue_use(struct hs_virtqueue q)
{
    assert(hs_virtqueue_in_hand(q) > 0);
    q.ring->used = next(q, q.ring->used);
    if (!q.ring->interrupts_suppressed)
        q.ring->interrupt_pending = 1;
}

unsigned hs_virtqueue_position(struct hs_virtqueue q, unsigned page)
{
    assert(q.size > 0 && page < HS_PAGES_MAX);
    unsigned waiting = hs_virtqueue_in_hand(q) + hs_virtqueue_available(q);
    for (unsigned i = 0; i < waiting; i++) {
        const struct hs_element *element = slot(q, q.ring->used + i);
        if (element->kind == HS_ELEMENT_PAGES && element->page == page)
            return i + 1;
    }
    return 0;
}

void hs_virtqueue_reset(struct hs_virtqueue q)
{
    assert(q.size > 0);
    uint8_t suppressed = q.ring->interrupts_suppressed;
    memset(q.slots, 0, q.size * sizeof(*q.slots));
    memset(q.ring, 0, sizeof(*q.ring));
    q.ring->interrupts_suppressed = suppressed & 1u;
}

const char *hs_virtqueue_check(struct hs_virtqueue q)
{
    assert(q.size > 0);
    unsigned filled = ahead(q, q.ring->avail, q.ring->collected);
    if (filled > q.size)
        return "virtqueue: more elements than slots";
    if (hs_virtqueue_used(q) + hs_virtqueue_in_hand(q) + hs_virtqueue_available(q) != filled)
        return "virtqueue: collected <= used <= taken <= avail";
    for (unsigned i = 0; i < q.size; i++) {
        bool full = slot(q, q.ring->collected + i)->kind != HS_ELEMENT_NONE;
        if (full != (i < filled))
            return "virtqueue: a slot holds an element exactly between collected and avail";
    }
    if (q.ring->interrupts_suppressed && q.ring->interrupt_pending)
        return "virtqueue: no interrupt is raised while the driver suppresses them";
    return NULL;
}
