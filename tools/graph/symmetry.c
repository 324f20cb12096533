/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Page symmetry: pages that no rule tells apart can be exchanged.
 *
 * Pages are told apart by nothing but what the state says of them, by the log chunk that they
 * share, and by the blocks of the allocator.  So the pages of a chunk can be exchanged, and chunks
 * of the same size; with orders above 0, the halves of every block, and whole blocks.  With
 * used-length=one a hint does something to the first page of its block alone: then hinted blocks
 * are exchanged whole.  Of all states that differ by such exchanges, the one whose pages stand in
 * rising order stands for all.
 *
 * The order is by everything that is known of a page, the places in queues and lists where it is
 * named included.  A place names one page, so two pages that compare equal are named nowhere and
 * are the same in everything: the sorted state is the same whichever comes first.
 */
#include "reduction.h"

#include <string.h>

enum { PAGES = HS_PAGES_MAX };

/* The permutation being built: which page comes where, and what is compared. */
struct permutation {
    unsigned count;
    bool moved;
    uint8_t page[PAGES]; /* the page that comes to stand here */
    uint64_t key[PAGES]; /* of that page */
};

bool hs_symmetry_holds(const struct hs_config *config)
{
    unsigned block = 1u << config->max_order;
    unsigned chunk = hs_rules_log_chunk(&config->rules);
    bool chunks_fit = chunk % block == 0 || block % chunk == 0;
    /* Batches are gathered by page number, and the LIFO lists of the allocator keep the lower
     * half of a block. */
    return config->pages > 1 && !config->queue_size[HS_QUEUE_REPORTING] &&
           config->policy == HS_POLICY_ANY && chunks_fit;
}

/* ---- what is compared ------------------------------------------------------------------------ */

/* Bits above the page's own 32: the log chunk, and the places where the page is named. */
enum {
    KEY_PENDING = 32,
    KEY_SENDING = 33,
    KEY_INFLATING = 34,
    KEY_DEFLATING = 35,
    KEY_HELD = 36, /* place on the held list, from 1; 7 bits */
    KEY_SLOT = 43 /* first slot of each queue but the reports' that names it, from 1; 7 bits each */
};

/* How many pages an element of that queue, or a place on the held list, stands for. */
static unsigned block_named(struct hs_world w, enum hs_queue queue)
{
    return queue == HS_QUEUE_FREE_PAGE ? 1u << w.config->hint_order : 1;
}

/* Note a place in the keys of all pages of the block that is named there. */
static void add_place(
    struct permutation *permutation, unsigned first, unsigned size, unsigned place, unsigned shift)
{
    for (unsigned p = first; p < first + size; p++) {
        uint64_t rest = permutation->key[p] & ~(UINT64_C(127) << shift);
        permutation->key[p] = rest | (uint64_t)(place + 1) << shift;
    }
}

static void add_slots(
    struct hs_world w, struct permutation *permutation, enum hs_queue queue, unsigned shift)
{
    struct hs_virtqueue q = hs_queue(w, queue);
    for (unsigned i = q.size; i-- > 0;) {
        if (q.slots[i].kind == HS_ELEMENT_PAGES)
            add_place(permutation, q.slots[i].page, block_named(w, queue), i, shift);
    }
}

/* What a block's first page says for the whole block: a free block's order, and that the hint of a
 * held one is known to be used.  While pages are exchanged, all its pages say so. */
static void spread_blocks(struct hs_world w)
{
    unsigned size = block_named(w, HS_QUEUE_FREE_PAGE);
    for (unsigned i = 0; w.config->max_order && i < w.state->driver.held; i++) {
        unsigned first = hs_held(w)[i];
        for (unsigned other = first; other < first + size; other++)
            hs_page(w, other)->acked = hs_page(w, first)->acked;
    }
    unsigned p = 0;
    while (w.config->max_order && p < w.config->pages) {
        struct hs_page head = *hs_page(w, p);
        unsigned end = p + (head.head ? 1u << head.order : 1);
        for (; p < end; p++) {
            hs_page(w, p)->head = head.head;
            hs_page(w, p)->order = head.order;
        }
    }
}

static void gather_blocks(struct hs_world w)
{
    unsigned size = block_named(w, HS_QUEUE_FREE_PAGE);
    for (unsigned p = 0; w.config->max_order && p < w.config->pages; p++) {
        struct hs_page *page = hs_page(w, p);
        page->head = page->owner == HS_OWNER_FREE && (p & ((1u << page->order) - 1)) == 0;
        if (!page->head)
            page->order = 0;
        if (p & (size - 1))
            page->acked = 0;
    }
}

static void read_keys(struct hs_world w, struct permutation *permutation)
{
    const struct hs_state *s = w.state;
    permutation->count = w.config->pages;
    permutation->moved = false;
    for (unsigned p = 0; p < permutation->count; p++) {
        uint32_t word;
        memcpy(&word, hs_page(w, p), sizeof(word));
        permutation->page[p] = (uint8_t)p;
        permutation->key[p] = word | (uint64_t)*hs_chunk_pending(w, p) << KEY_PENDING;
    }
    if (s->migration.sending)
        permutation->key[s->migration.sending - 1] |= UINT64_C(1) << KEY_SENDING;
    if (s->driver.inflating)
        permutation->key[s->driver.inflating - 1] |= UINT64_C(1) << KEY_INFLATING;
    if (s->driver.deflating)
        permutation->key[s->driver.deflating - 1] |= UINT64_C(1) << KEY_DEFLATING;
    for (unsigned i = 0; i < s->driver.held; i++)
        add_place(permutation, hs_held(w)[i], block_named(w, HS_QUEUE_FREE_PAGE), i, KEY_HELD);
    add_slots(w, permutation, HS_QUEUE_FREE_PAGE, KEY_SLOT);
    add_slots(w, permutation, HS_QUEUE_INFLATE, KEY_SLOT + 7);
    add_slots(w, permutation, HS_QUEUE_DEFLATE, KEY_SLOT + 14);
}

/* ---- sorting --------------------------------------------------------------------------------- */

static bool after(const struct permutation *permutation, unsigned a, unsigned b, unsigned size)
{
    for (unsigned i = 0; i < size; i++) {
        if (permutation->key[a + i] != permutation->key[b + i])
            return permutation->key[a + i] > permutation->key[b + i];
    }
    return false;
}

static void exchange(struct permutation *permutation, unsigned a, unsigned b, unsigned size)
{
    permutation->moved = true;
    for (unsigned i = 0; i < size; i++) {
        uint8_t page = permutation->page[a + i];
        uint64_t key = permutation->key[a + i];
        permutation->page[a + i] = permutation->page[b + i];
        permutation->key[a + i] = permutation->key[b + i];
        permutation->page[b + i] = page;
        permutation->key[b + i] = key;
    }
}

/* Sort the groups of `size` pages that lie whole within [from, to); few, and nearly sorted. */
static void sort_groups(struct permutation *permutation, unsigned from, unsigned to, unsigned size)
{
    for (unsigned end = from + size; end <= to && size <= to - end; end += size) {
        for (unsigned at = end; at > from && after(permutation, at - size, at, size); at -= size)
            exchange(permutation, at - size, at, size);
    }
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static void sort_all(struct hs_world w, struct permutation *permutation)
{
    unsigned block = 1u << w.config->max_order;
    unsigned chunk = hs_rule_log_chunk(w);
    unsigned pages = permutation->count;
    unsigned least_half =
        hs_rule_used_length(w) == HS_USED_LENGTH_ONE ? 1u << w.config->hint_order : 1;
    for (unsigned half = least_half; half < block; half *= 2) {
        for (unsigned at = 0; at + 2 * half <= pages; at += 2 * half)
            sort_groups(permutation, at, at + 2 * half, half);
    }
    if (chunk < block)
        chunk = block;
    for (unsigned at = 0; at < pages; at += chunk)
        sort_groups(permutation, at, least(at + chunk, pages), block);
    sort_groups(permutation, 0, pages, chunk);
}

/* ---- exchanging ------------------------------------------------------------------------------ */

/* The first page of the block that page `p`, the first of its block, has become part of. */
static unsigned new_first(const uint8_t *new_page, unsigned p, unsigned size)
{
    return new_page[p] & ~(size - 1);
}

static void rename_slots(struct hs_world w, enum hs_queue queue, const uint8_t *new_page)
{
    struct hs_virtqueue q = hs_queue(w, queue);
    unsigned size = block_named(w, queue);
    for (unsigned i = 0; i < q.size; i++) {
        if (q.slots[i].kind == HS_ELEMENT_PAGES)
            q.slots[i].page = new_first(new_page, q.slots[i].page, size) & 63u;
    }
}

static void rename_one(uint8_t *page_plus_1, const uint8_t *new_page)
{
    if (*page_plus_1)
        *page_plus_1 = (uint8_t)(new_page[*page_plus_1 - 1] + 1);
}

static void rename_all(struct hs_world w, const struct permutation *permutation)
{
    uint8_t new_page[PAGES];
    for (unsigned p = 0; p < permutation->count; p++) {
        uint32_t word = (uint32_t)permutation->key[p];
        memcpy(hs_page(w, p), &word, sizeof(word));
        *hs_chunk_pending(w, p) = permutation->key[p] >> KEY_PENDING & 1u;
        new_page[permutation->page[p]] = (uint8_t)p;
    }
    for (unsigned i = 0; i < w.state->driver.held; i++)
        hs_held(w)[i] =
            (uint8_t)new_first(new_page, hs_held(w)[i], block_named(w, HS_QUEUE_FREE_PAGE));
    rename_one(&w.state->migration.sending, new_page);
    rename_one(&w.state->driver.inflating, new_page);
    rename_one(&w.state->driver.deflating, new_page);
    for (unsigned queue = 0; queue < HS_QUEUE_COUNT; queue++)
        rename_slots(w, (enum hs_queue)queue, new_page);
}

uint64_t hs_symmetry_twins(struct hs_world w)
{
    struct permutation permutation;
    uint64_t twins = 0;
    unsigned chunk = hs_rule_log_chunk(w);
    if (w.config->max_order)
        return 0;
    read_keys(w, &permutation);
    for (unsigned p = 1; p < permutation.count; p++)
        twins |= (uint64_t)(p % chunk != 0 && permutation.key[p] == permutation.key[p - 1]) << p;
    return twins;
}

void hs_symmetry_sort(struct hs_world w)
{
    struct permutation permutation;
    spread_blocks(w);
    read_keys(w, &permutation);
    sort_all(w, &permutation);
    if (permutation.moved)
        rename_all(w, &permutation);
    gather_blocks(w);
}
