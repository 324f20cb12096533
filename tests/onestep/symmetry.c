/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Symmetry, one step at a time: exchanging pages leads to the same sorted state; the sorted state
 * has as many steps of each kind, and they lead to the same sorted states; so do the steps of
 * twins.
 */
#include "trial.h"

#include <string.h>

static bool serves(const struct hs_config *config)
{
    return hs_symmetry_holds(config);
}

static bool shape(const struct trial *trial, struct hs_config *config, struct chance *chance)
{
    (void)trial;
    (void)chance;
    config->queue_size[HS_QUEUE_REPORTING] = 0;
    config->policy = HS_POLICY_ANY;
    return !hs_config_finish(config) && serves(config);
}

static void open(struct trial *trial)
{
    (void)trial;
}

/*
 * What the reduction keeps though nobody reads it: `acked` of a block that the driver has forgotten
 * (reset-returns=off) and that never goes back.  The first page of such a block alone has it, so
 * that it is lost where the block's pages are exchanged.
 */
static void forget_as_well(struct hs_world w)
{
    for (unsigned p = 0; p < w.config->pages; p++) {
        bool held = false;
        for (unsigned i = 0; i < w.state->driver.held; i++)
            held = held || hs_held(w)[i] == p;
        if (!held)
            hs_page(w, p)->acked = 0;
    }
}

static void sort(const struct trial *trial, struct hs_state *state)
{
    struct hs_world w = trial_world(trial, state);
    union hs_state_buffer was;
    if (trial->fault)
        memcpy(&was, state, trial->config.layout.size);
    forget_as_well(w);
    hs_symmetry_sort(w);
    if (trial->fault && trial->fault->harm)
        trial->fault->harm(trial_world(trial, &was), w);
}

static uint64_t twins_of(const struct trial *trial, struct hs_world w)
{
    return trial->fault && trial->fault->twins ? trial->fault->twins(w) : hs_symmetry_twins(w);
}

/* ---- exchanging two groups of pages, written once more --------------------------------------- */

struct exchange {
    unsigned a;
    unsigned b;
    unsigned size;
};

static unsigned moved(struct exchange e, unsigned page)
{
    if (page >= e.a && page < e.a + e.size)
        return page - e.a + e.b;
    if (page >= e.b && page < e.b + e.size)
        return page - e.b + e.a;
    return page;
}

/* The first page of the block of that order that the block at page `first` becomes. */
static unsigned moved_block(struct exchange e, unsigned first, unsigned order)
{
    return moved(e, first) >> order << order;
}

/* Pages, and what the first page of a block says for all of it. */
static void exchange_pages(struct hs_world from, struct exchange e, struct hs_world to)
{
    unsigned hint_order = from.config->hint_order;
    for (unsigned p = 0; p < from.config->pages; p++) {
        struct hs_page *page = hs_page(to, moved(e, p));
        *page = *hs_page(from, p);
        page->head = page->acked = 0;
        page->order = 0;
        *hs_chunk_pending(to, moved(e, p)) = *hs_chunk_pending(from, p);
    }
    for (unsigned p = 0; p < from.config->pages; p++) {
        const struct hs_page *page = hs_page(from, p);
        if (page->head) {
            hs_page(to, moved_block(e, p, page->order))->head = 1;
            hs_page(to, moved_block(e, p, page->order))->order = page->order;
        }
        if (page->acked)
            hs_page(to, moved_block(e, p, hint_order))->acked = 1;
    }
}

static void exchange_name(struct exchange e, uint8_t *page_plus_1)
{
    if (*page_plus_1)
        *page_plus_1 = (uint8_t)(moved(e, *page_plus_1 - 1u) + 1);
}

static void exchange_names(struct hs_world w, struct exchange e)
{
    unsigned hint_order = w.config->hint_order;
    exchange_name(e, &w.state->migration.sending);
    exchange_name(e, &w.state->driver.inflating);
    exchange_name(e, &w.state->driver.deflating);
    for (unsigned i = 0; i < w.state->driver.held; i++)
        hs_held(w)[i] = (uint8_t)moved_block(e, hs_held(w)[i], hint_order);
    for (unsigned queue = 0; queue < HS_QUEUE_COUNT; queue++) {
        struct hs_virtqueue q = hs_queue(w, (enum hs_queue)queue);
        unsigned order = queue == HS_QUEUE_FREE_PAGE ? hint_order : 0;
        for (unsigned i = 0; i < q.size; i++) {
            if (q.slots[i].kind == HS_ELEMENT_PAGES)
                q.slots[i].page = moved_block(e, q.slots[i].page, order) & 63u;
        }
    }
}

static bool exchanged_is_same(
    struct trial *trial, const void *state, const void *sorted, struct exchange e)
{
    union hs_state_buffer other;
    struct hs_world from = trial_world(trial, state);
    struct hs_world to = trial_world(trial, &other);
    memcpy(&other, state, trial->config.layout.size);
    exchange_pages(from, e, to);
    exchange_names(to, e);
    sort(trial, &other.state);
    if (memcmp(&other, sorted, trial->config.layout.size) == 0)
        return true;
    return trial_differs(trial, "exchanging two pages leads to another sorted state", HS_NO_LABEL,
        to, trial_world(trial, sorted));
}

/* All exchanges of neighbours among the groups of `size` pages within `span` pages. */
static bool exchange_in(
    struct trial *trial, const void *state, const void *sorted, unsigned span, unsigned size)
{
    unsigned pages = trial->config.pages;
    for (unsigned at = 0; at + 2 * size <= pages; at += size) {
        bool together = at / span == (at + 2 * size - 1) / span;
        if (together &&
            !exchanged_is_same(trial, state, sorted, (struct exchange){at, at + size, size}))
            return false;
    }
    return true;
}

/* Halves of blocks, blocks of a chunk, and chunks.  The first page of a hinted block is another
 * page than the next if the used length is about the first. */
static bool all_exchanges_are_same(struct trial *trial, const void *state, const void *sorted)
{
    unsigned block = 1u << trial->config.max_order;
    unsigned chunk = trial->config.rules.value[HS_RULE_LOG_CHUNK];
    unsigned larger = chunk > block ? chunk : block;
    bool first_differs = trial->config.rules.value[HS_RULE_USED_LENGTH] == HS_USED_LENGTH_ONE;
    for (unsigned half = first_differs ? 1u << trial->config.hint_order : 1; half < block;
         half *= 2) {
        if (!exchange_in(trial, state, sorted, 2 * half, half))
            return false;
    }
    return exchange_in(trial, state, sorted, larger, block) &&
           exchange_in(trial, state, sorted, HS_PAGES_MAX, larger);
}

/* ---- steps ----------------------------------------------------------------------------------- */

/* Where a step leads to: its kind, and a hash of the sorted state. */
struct outcome {
    unsigned kind;
    uint64_t hash;
};

static struct outcome outcome_of(struct trial *trial, const void *state, struct hs_step step)
{
    union hs_state_buffer next;
    struct hs_world w = trial_world(trial, &next);
    memcpy(&next, state, trial->config.layout.size);
    hs_world_take(w, step);
    sort(trial, &next.state);
    return (struct outcome){step.kind, hs_state_hash(w)};
}

static bool is_less(struct outcome a, struct outcome b)
{
    return a.kind != b.kind ? a.kind < b.kind : a.hash < b.hash;
}

static void put_in_order(struct outcome *outcomes, unsigned count)
{
    for (unsigned end = 1; end < count; end++) {
        struct outcome last = outcomes[end];
        unsigned at = end;
        for (; at > 0 && is_less(last, outcomes[at - 1]); at--)
            outcomes[at] = outcomes[at - 1];
        outcomes[at] = last;
    }
}

/* Steps of a twin have a like step of the page before it. */
static bool twins_are_alike(struct trial *trial, const void *state, const struct hs_step *steps,
    const struct outcome *outcomes, unsigned count)
{
    struct hs_world w = trial_world(trial, state);
    uint64_t twins = twins_of(trial, w);
    for (unsigned i = 0; i < count; i++) {
        unsigned before = steps[i].page - 1u;
        bool alike = !(twins >> steps[i].page & 1u);
        for (unsigned j = 0; j < i && !alike; j++)
            alike = steps[j].kind == steps[i].kind && steps[j].page == before &&
                    outcomes[j].hash == outcomes[i].hash;
        if (!alike)
            return trial_fails(
                trial, "the step of a twin leads elsewhere", steps[i].kind * 256u + steps[i].page);
    }
    return true;
}

static uint32_t flags(struct trial *trial, const void *state)
{
    uint32_t labels[HS_LABELS_MAX];
    unsigned count = trial->plain.list(trial->plain.context, state, labels);
    return trial->plain.flags(trial->plain.context, state, labels, count);
}

/* What the reduction makes of a state, and the sorted state, are sorted to the same. */
static bool stands_for_itself(
    struct trial *trial, const void *state, const union hs_state_buffer *sorted)
{
    size_t size = trial->config.layout.size;
    union hs_state_buffer reduced;
    union hs_state_buffer twice;
    memcpy(&reduced, state, size);
    hs_symmetry_sort(trial_world(trial, &reduced));
    sort(trial, &reduced.state);
    memcpy(&twice, sorted, size);
    sort(trial, &twice.state);
    return (memcmp(&reduced, sorted, size) == 0 && memcmp(&twice, sorted, size) == 0) ||
           trial_fails(trial, "what was sorted can be sorted once more", HS_NO_LABEL);
}

static bool check(struct trial *trial, const void *state)
{
    struct hs_step steps[2][HS_STEPS_MAX];
    struct outcome outcomes[2][HS_LABELS_MAX];
    union hs_state_buffer sorted;
    const void *states[2] = {state, &sorted};
    unsigned count[2];
    memcpy(&sorted, state, trial->config.layout.size);
    sort(trial, &sorted.state);
    for (unsigned side = 0; side < 2; side++) {
        struct hs_world w = trial_world(trial, states[side]);
        count[side] = hs_world_steps(w, steps[side]);
        for (unsigned i = 0; i < count[side]; i++)
            outcomes[side][i] = outcome_of(trial, states[side], steps[side][i]);
    }
    for (unsigned i = 0; i < count[0]; i++)
        trial_counts(trial, steps[0][i].kind * 256u);
    if (flags(trial, state) != flags(trial, &sorted))
        return trial_fails(trial, "other flags hold in the sorted state", HS_NO_LABEL);
    if (!twins_are_alike(trial, state, steps[0], outcomes[0], count[0]))
        return false;
    if (count[0] != count[1])
        return trial_fails(trial, "the sorted state has more steps, or fewer", HS_NO_LABEL);
    put_in_order(outcomes[0], count[0]);
    put_in_order(outcomes[1], count[1]);
    for (unsigned i = 0; i < count[0]; i++) {
        if (outcomes[0][i].kind != outcomes[1][i].kind ||
            outcomes[0][i].hash != outcomes[1][i].hash)
            return trial_fails(
                trial, "the step leads to another sorted state", outcomes[0][i].kind * 256u);
    }
    return stands_for_itself(trial, state, &sorted) &&
           all_exchanges_are_same(trial, state, &sorted);
}

static const char *const never[] = {"driver.isolate-batch", "driver.report-batch",
    "driver.collect-report", "driver.put-back", "device.take-report", "device.discard",
    "device.use-element", NULL};

const struct check check_symmetry = {.never = never,
    /* Reports and lists of free pages tell pages apart (hs_symmetry_holds). */
    .beyond = 1u << EXTRA_LIFO | 1u << EXTRA_REPORTS | 1u << EXTRA_REPORT_ORDER |
              1u << EXTRA_REPORT_BATCH,
    .name = "symmetry",
    .schedules = 128,
    .shape = shape,
    .serves = serves,
    .open = open,
    .state = check};
