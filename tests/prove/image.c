/* SPDX-License-Identifier: BSD-3-Clause */
/* What one page of a world sees. */
#include "image.h"

#include "virtqueue.h"

#include <string.h>

static bool contains(struct hs_block block, unsigned page)
{
    return page >= block.page && page < block.page + (1u << block.order);
}

/* Its configuration depends on what is seen of the page's place. */
static struct hs_world image_of(const struct view *view)
{
    return hs_abstract_world(view->abstraction, view->image);
}

/* The hinted block of which the page is part. */
static struct hs_block hinted_block(const struct view *view)
{
    unsigned order = view->world.config->hint_order;
    return (struct hs_block){
        .page = (uint8_t)(view->page >> order << order), .order = (uint8_t)order};
}

/* A place that no used length is about makes no difference. */
static void see_place(const struct view *view)
{
    const struct hs_config *config = view->world.config;
    bool matters = config->queue_size[HS_QUEUE_FREE_PAGE] &&
                   hs_rules_used_length(&config->rules) == HS_USED_LENGTH_ONE;
    *hs_is_later(image_of(view)) = matters && view->page != hinted_block(view).page;
}

static void see_page(const struct view *view)
{
    struct hs_page *page = hs_page(image_of(view), 0);
    struct hs_migration *migration = &image_of(view).state->migration;
    *page = *hs_page(view->world, view->page);
    page->head = page->owner == HS_OWNER_FREE || page->owner == HS_OWNER_ISOLATED;
    page->order = 0;
    if (page->owner == HS_OWNER_HELD)
        page->acked = hs_page(view->world, hinted_block(view).page)->acked;
    *hs_chunk_pending(image_of(view), 0) = *hs_chunk_pending(view->world, view->page);
    migration->sending = migration->sending == view->page + 1;
    if (!migration->sending)
        migration->read_current = 0;
}

static void see_held(const struct view *view)
{
    struct hs_driver *driver = &image_of(view).state->driver;
    bool held = false;
    for (unsigned i = 0; i < driver->held; i++)
        held = held || hs_held(view->world)[i] == hinted_block(view).page;
    driver->held = held;
    if (driver->phase == HS_DRIVER_RELEASING && !held)
        driver->phase = HS_DRIVER_IDLE;
}

/* A queue of one slot, which has the element that names the page, or is empty. */
static void see_request(const struct view *view, enum hs_queue queue, bool concerns)
{
    if (!view->world.config->queue_size[queue] || !concerns)
        return;
    struct hs_virtqueue seen = hs_queue(image_of(view), queue);
    struct hs_virtqueue q = hs_queue(view->world, queue);
    struct hs_ring *ring = seen.ring;
    *ring = *q.ring;
    seen.slots[0] = q.slots[q.ring->collected & (q.size - 1)];
    seen.slots[0].page = 0;
    ring->collected = 0;
    ring->used = (uint8_t)hs_virtqueue_used(q);
    ring->taken = (uint8_t)(ring->used + hs_virtqueue_in_hand(q));
    ring->avail = (uint8_t)(ring->taken + hs_virtqueue_available(q));
}

static void see_report(const struct view *view)
{
    struct hs_driver *driver = &image_of(view).state->driver;
    struct hs_device *device = &image_of(view).state->device;
    unsigned at = 0;
    while (at < driver->batch && !contains(hs_batch(view->world)[at], view->page))
        at++;
    bool concerns = at < driver->batch;
    driver->batch = concerns;
    device->report_discarded = device->report_discarded > at && concerns;
    if (!concerns)
        driver->put_back = driver->report_phase = HS_REPORT_REST;
    see_request(view, HS_QUEUE_REPORTING, concerns);
}

static void see_balloon(const struct view *view)
{
    struct hs_driver *driver = &image_of(view).state->driver;
    driver->inflating = driver->inflating == view->page + 1;
    driver->deflating = driver->deflating == view->page + 1;
    see_request(view, HS_QUEUE_INFLATE, driver->inflating);
    see_request(view, HS_QUEUE_DEFLATE, driver->deflating);
}

static void see_queue(const struct view *view)
{
    struct hs_virtqueue q = hs_queue(view->world, HS_QUEUE_FREE_PAGE);
    if (!q.size)
        return;
    unsigned used = hs_virtqueue_used(q);
    unsigned taken = used + hs_virtqueue_in_hand(q);
    unsigned first = (used > 0 ? 1u : 0) + (taken > used ? 1u : 0); /* a slot each for these */
    unsigned room = HS_ABSTRACT_QUEUE_SLOTS - first;
    struct hs_abstract_queue queue = {0};
    for (unsigned i = 0; i < taken + hs_virtqueue_available(q); i++) {
        struct hs_element element = q.slots[(q.ring->collected + i) & (q.size - 1)];
        bool hint = element.kind == HS_ELEMENT_PAGES;
        if (hint && element.page != hinted_block(view).page)
            continue;
        if (i < used)
            queue.used_hint = queue.used_hint || hint;
        else if (i < taken)
            queue.hand_hint = true;
        else if (queue.count < room)
            queue.waiting[queue.count++] = element;
    }
    for (unsigned i = 0; i < queue.count; i++)
        queue.waiting[i].page = 0;
    hs_queue(image_of(view), HS_QUEUE_FREE_PAGE).ring->interrupts_suppressed =
        q.ring->interrupts_suppressed;
    hs_abstract_queue_write(image_of(view), &queue);
}

void image_see_raw(const struct view *view)
{
    struct hs_state *state = &view->image->state;
    memset(view->image, 0, sizeof(*view->image));
    state->device = view->world.state->device;
    state->driver = view->world.state->driver;
    state->migration = view->world.state->migration;
    see_place(view);
    see_page(view);
    see_held(view);
    see_report(view);
    see_balloon(view);
    see_queue(view);
}

void image_see(const struct view *view)
{
    image_see_raw(view);
    hs_abstract_normalise(image_of(view));
}
