/* SPDX-License-Identifier: BSD-3-Clause */
/* The buddy allocator: split, merge, isolation, the reported mark, and the two policies. */
#include "buddy.h"

#include "page.h"

#include <string.h>

static bool lifo(struct hs_world w)
{
    return w.config->policy == HS_POLICY_LIFO;
}

/* ---- the free list, kept for the LIFO policy only ------------------------------------------- */

/* Blocks stand by rising order; within an order, the newest first. */
static void list_insert(struct hs_world w, unsigned head, unsigned order, enum hs_list_end end)
{
    if (!lifo(w))
        return;
    uint8_t *list = hs_free_list(w);
    unsigned count = list[0];
    assert(count < w.config->pages);
    unsigned at = 0;
    while (at < count) {
        unsigned other = hs_page(w, list[1 + at] - 1u)->order;
        if (end == HS_LIST_HEAD ? other >= order : other > order)
            break;
        at++;
    }
    memmove(&list[2 + at], &list[1 + at], count - at);
    list[1 + at] = (uint8_t)(head + 1);
    list[0]++;
}

static void list_remove(struct hs_world w, unsigned head)
{
    if (!lifo(w))
        return;
    uint8_t *list = hs_free_list(w);
    unsigned at = 0;
    while (at < list[0] && list[1 + at] != head + 1)
        at++;
    assert(at < list[0]); /* every free block is on the list */
    memmove(&list[1 + at], &list[2 + at], list[0] - at - 1u);
    list[list[0]--] = 0;
}

/* ---- blocks --------------------------------------------------------------------------------- */

/* The head of the free block that contains page `p`, or HS_NO_PAGE. */
static unsigned block_of(struct hs_world w, unsigned p)
{
    if (hs_page(w, p)->owner != HS_OWNER_FREE)
        return HS_NO_PAGE;
    for (unsigned order = 0; order <= w.config->max_order; order++) {
        unsigned head = p & ~((1u << order) - 1);
        const struct hs_page *page = hs_page(w, head);
        if (page->owner == HS_OWNER_FREE && page->head && page->order >= order &&
            p - head < (1u << page->order))
            return head;
    }
    return HS_NO_PAGE;
}

static void add_block(struct hs_world w, unsigned head, unsigned order, enum hs_list_end end)
{
    list_insert(w, head, order, end);
    struct hs_page *page = hs_page(w, head);
    page->head = 1;
    page->order = order & 7u;
}

static void remove_block(struct hs_world w, unsigned head)
{
    list_remove(w, head);
    struct hs_page *page = hs_page(w, head);
    page->head = 0;
    page->order = 0;
    page->reported = 0; /* del_page_from_free_list clears PageReported */
}

/* What is not reported as a whole is not taken for zeros. */
static void stop_trusting(struct hs_world w, unsigned p, unsigned order)
{
    for (unsigned i = p; hs_config_trusts_zeroes(w.config) && i < p + (1u << order); i++)
        hs_page(w, i)->relies = HS_RELIES_NOTHING;
}

/* Add a free block and merge it with its buddy while that is free and whole (__free_one_page).
 * Returns the order that the block ends up with. */
static unsigned add_and_merge(struct hs_world w, unsigned p, unsigned order, enum hs_list_end end)
{
    while (order < w.config->max_order) {
        unsigned buddy = p ^ (1u << order);
        if (buddy + (1u << order) > w.config->pages)
            break;
        const struct hs_page *page = hs_page(w, buddy);
        if (page->owner != HS_OWNER_FREE || !page->head || page->order != order)
            break;
        remove_block(w, buddy);
        p &= ~(1u << order);
        order++;
        stop_trusting(w, p, order);
    }
    add_block(w, p, order, end);
    return order;
}

void hs_buddy_build(struct hs_world w)
{
    assert(w.config && w.state);
    if (lifo(w))
        hs_free_list(w)[0] = 0;
    /* From the highest page down, so that with LIFO the lowest block is handed out first. */
    for (unsigned p = w.config->pages; p-- > 0;) {
        if (hs_page(w, p)->owner == HS_OWNER_FREE)
            add_and_merge(w, p, 0, HS_LIST_HEAD);
    }
}

/* LIFO: the page that the next allocation of this order hands out, or HS_NO_PAGE: the newest block
 * of the smallest order that is large enough, and of that the lower end (expand). */
static unsigned lifo_choice(struct hs_world w, unsigned order)
{
    const uint8_t *list = hs_free_list(w);
    for (unsigned i = 0; i < list[0]; i++) {
        if (hs_page(w, list[1 + i] - 1u)->order >= order)
            return list[1 + i] - 1u;
    }
    return HS_NO_PAGE;
}

bool hs_buddy_can_allocate(struct hs_world w, unsigned p, unsigned order, struct hs_refusal *why)
{
    assert(hs_has_page(w, p) && order <= w.config->max_order);
    unsigned head = block_of(w, p);
    return HS_NEED((p & ((1u << order) - 1)) == 0, why,
               "only if a block of order %u begins at page %u", order, p) &&
           HS_NEED(head != HS_NO_PAGE, why, "only while page %u is free", p) &&
           HS_NEED(hs_page(w, head)->order >= order, why,
               "only while the whole block of order %u at page %u is free", order, p) &&
           HS_NEED(!lifo(w) || lifo_choice(w, order) == p, why,
               "only if it is first in the allocator's list (policy lifo: page %u is)",
               lifo_choice(w, order));
}

void hs_buddy_allocate(struct hs_world w, unsigned p, unsigned order, enum hs_owner owner)
{
    assert(hs_has_page(w, p) && order <= w.config->max_order && owner < HS_OWNER_COUNT);
    unsigned head = block_of(w, p);
    assert(head != HS_NO_PAGE && (p & ((1u << order) - 1)) == 0);
    unsigned size_order = hs_page(w, head)->order;
    assert(size_order >= order);
    remove_block(w, head);
    while (size_order > order) { /* keep the half that holds p, free the other */
        size_order--;
        unsigned upper = head + (1u << size_order);
        bool in_upper = p >= upper;
        add_block(w, in_upper ? head : upper, size_order, HS_LIST_HEAD);
        head = in_upper ? upper : head;
    }
    /* With init_on_free, and of reported pages that are taken for zeros, post_alloc_hook trusts the
     * zeros instead of writing them again. */
    bool trusts = hs_rule_poison(w) == HS_POISON_ZERO || hs_config_trusts_zeroes(w.config);
    bool keeps_zeros = owner == HS_OWNER_APP && trusts;
    for (unsigned i = p; i < p + (1u << order); i++) {
        struct hs_page *page = hs_page(w, i);
        page->owner = owner & 7u;
        if (!keeps_zeros)
            page->relies = HS_RELIES_NOTHING;
    }
}

void hs_buddy_free(struct hs_world w, unsigned p, unsigned order)
{
    assert(
        hs_has_page(w, p) && order <= w.config->max_order && p + (1u << order) <= w.config->pages);
    for (unsigned i = p; i < p + (1u << order); i++) {
        struct hs_page *page = hs_page(w, i);
        page->owner = HS_OWNER_FREE;
        page->acked = 0;
        if (hs_rule_poison(w) == HS_POISON_OFF)
            page->relies = HS_RELIES_NOTHING;
        else
            hs_page_vcpu_write(w, i, HS_RELIES_VALUE); /* free_pages_prepare fills the page */
    }
    add_and_merge(w, p, order, HS_LIST_HEAD);
}

void hs_buddy_isolate(struct hs_world w, unsigned p)
{
    assert(hs_has_page(w, p));
    assert(hs_page(w, p)->owner == HS_OWNER_FREE && hs_page(w, p)->head);
    unsigned order = hs_page(w, p)->order;
    remove_block(w, p);
    for (unsigned i = p; i < p + (1u << order); i++)
        hs_page(w, i)->owner = HS_OWNER_ISOLATED;
    hs_page(w, p)->head = 1;
    hs_page(w, p)->order = order & 7u;
}

void hs_buddy_put_back(struct hs_world w, unsigned p, bool used)
{
    assert(hs_has_page(w, p));
    assert(hs_page(w, p)->owner == HS_OWNER_ISOLATED && hs_page(w, p)->head);
    unsigned order = hs_page(w, p)->order;
    hs_page(w, p)->head = 0;
    hs_page(w, p)->order = 0;
    for (unsigned i = p; i < p + (1u << order); i++)
        hs_page(w, i)->owner = HS_OWNER_FREE;
    bool whole = add_and_merge(w, p, order, HS_LIST_TAIL) == order;
    hs_page(w, p)->reported = whole;
    for (unsigned i = p;
         whole && used && hs_config_trusts_zeroes(w.config) && i < p + (1u << order); i++)
        hs_page(w, i)->relies = HS_RELIES_VALUE;
}

static bool unreported(struct hs_world w, unsigned p)
{
    const struct hs_page *page = hs_page(w, p);
    return page->owner == HS_OWNER_FREE && page->head && !page->reported &&
           page->order >= w.config->report_order;
}

unsigned hs_buddy_next_unreported(struct hs_world w, unsigned previous)
{
    assert(w.config && w.state && (previous == HS_NO_PAGE || previous < w.config->pages));
    unsigned first = previous == HS_NO_PAGE ? 0 : previous + 1;
    for (unsigned p = first; p < w.config->pages; p++) {
        if (unreported(w, p))
            return p;
    }
    return HS_NO_PAGE;
}

static const char *check_list(struct hs_world w, unsigned blocks)
{
    const uint8_t *list = hs_free_list(w);
    if (list[0] != blocks)
        return "buddy: the free list holds every free block once";
    for (unsigned i = 0; i < blocks; i++) {
        const struct hs_page *page = hs_page(w, list[1 + i] - 1u);
        if (!page->head || page->owner != HS_OWNER_FREE)
            return "buddy: the free list holds heads of free blocks";
        if (i && hs_page(w, list[i] - 1u)->order > page->order)
            return "buddy: the free list stands by rising order";
        for (unsigned j = 0; j < i; j++) {
            if (list[1 + j] == list[1 + i])
                return "buddy: no block stands twice on the free list";
        }
    }
    return NULL;
}

const char *hs_buddy_check(struct hs_world w)
{
    assert(w.config && w.state);
    unsigned blocks = 0;
    unsigned covered = 0;
    unsigned free_pages = 0;
    for (unsigned p = 0; p < w.config->pages; p++) {
        const struct hs_page *page = hs_page(w, p);
        free_pages += page->owner == HS_OWNER_FREE;
        if (page->owner != HS_OWNER_FREE || !page->head)
            continue;
        unsigned size = 1u << page->order;
        blocks++;
        covered += size;
        if (p & (size - 1) || p + size > w.config->pages)
            return "buddy: a block is aligned to its size";
        for (unsigned i = p + 1; i < p + size; i++) {
            if (hs_page(w, i)->owner != HS_OWNER_FREE || hs_page(w, i)->head)
                return "buddy: all pages of a free block are free and only the first is its head";
        }
        unsigned buddy = p ^ size;
        if (page->order < w.config->max_order && buddy + size <= w.config->pages &&
            hs_page(w, buddy)->owner == HS_OWNER_FREE && hs_page(w, buddy)->head &&
            hs_page(w, buddy)->order == page->order)
            return "buddy: no two free buddies stay apart";
    }
    if (covered != free_pages)
        return "buddy: every free page belongs to one block";
    return lifo(w) ? check_list(w, blocks) : NULL;
}
