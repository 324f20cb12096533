/* SPDX-License-Identifier: BSD-3-Clause */
/* Planted faults, each done to what the real reduction made. */
#include "planted.h"

#include "virtqueue.h"

#include "abstract_queue.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool in_hand(struct hs_world w)
{
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_FREE_PAGE);
    return q.size && hs_virtqueue_in_hand(q) > 0;
}

/* ---- dead values ----------------------------------------------------------------------------- */

/* Forgotten while the driver hints, not only once it rests or begins. */
static void active_id_too_early(struct hs_world was, struct hs_world is)
{
    (void)was;
    if (is.state->driver.phase == HS_DRIVER_HINTING)
        is.state->driver.active_id = HS_COMMAND_STOP;
}

/* Forgotten though queued work reads it. */
static void cached_id_with_work(struct hs_world was, struct hs_world is)
{
    (void)was;
    if (is.state->driver.phase == HS_DRIVER_IDLE)
        is.state->driver.cached_id = HS_COMMAND_STOP;
}

/* The log is forgotten as the VM stops, one sync too early. */
static void log_before_last_sync(struct hs_world was, struct hs_world is)
{
    (void)was;
    for (unsigned p = 0; p < is.config->pages; p++) {
        if (is.state->migration.vm == HS_VM_STOPPED)
            hs_page(is, p)->known = hs_page(is, p)->log = 0;
    }
}

/* A used hint that teaches the driver something is taken for another element. */
static void used_hint(struct hs_world was, struct hs_world is)
{
    (void)was;
    struct hs_virtqueue q = hs_queue(is, HS_QUEUE_FREE_PAGE);
    if (q.size && hs_virtqueue_used(q) > 0)
        q.slots[q.ring->collected & (q.size - 1)] = (struct hs_element){.kind = HS_ELEMENT_STOP};
}

/* Only the ghost that hint-device-5 reads. */
static void said_done(struct hs_world was, struct hs_world is)
{
    (void)was;
    is.state->device.said_done = 0;
}

/* ---- symmetry -------------------------------------------------------------------------------- */

/* Pages come to stand elsewhere, and the queue goes on to name them as before. */
static void queue_keeps_names(struct hs_world was, struct hs_world is)
{
    struct hs_virtqueue q = hs_queue(is, HS_QUEUE_FREE_PAGE);
    if (q.size)
        memcpy(q.slots, hs_queue(was, HS_QUEUE_FREE_PAGE).slots, q.size * sizeof(*q.slots));
}

static bool same_page(struct hs_world w, unsigned a, unsigned b)
{
    return memcmp(hs_page(w, a), hs_page(w, b), sizeof(struct hs_page)) == 0 &&
           *hs_chunk_pending(w, a) == *hs_chunk_pending(w, b);
}

/* The key leaves out which page is being sent: of two that are the same beside, it stays. */
static void key_without_sending(struct hs_world was, struct hs_world is)
{
    uint8_t sent = was.state->migration.sending;
    if (sent && same_page(is, sent - 1u, is.state->migration.sending - 1u))
        is.state->migration.sending = sent;
}

/* The key leaves out all places: pages are twins though one of them is named somewhere. */
static uint64_t twins_without_places(struct hs_world w)
{
    uint64_t twins = 0;
    unsigned chunk = w.config->rules.value[HS_RULE_LOG_CHUNK];
    for (unsigned p = 1; p < w.config->pages && !w.config->max_order; p++)
        twins |= (uint64_t)(p % chunk != 0 && same_page(w, p, p - 1)) << p;
    return twins;
}

/* The first page of a hinted block is exchanged with the next, whatever the used length is. */
static void first_page_moves(struct hs_world was, struct hs_world is)
{
    struct hs_config alike = *is.config;
    (void)was;
    alike.rules.value[HS_RULE_USED_LENGTH] = HS_USED_LENGTH_ZERO;
    hs_symmetry_sort((struct hs_world){&alike, is.state});
}

/* ---- the proof ------------------------------------------------------------------------------- */

static void said_done_in_hand(struct hs_world was, struct hs_world is)
{
    (void)was;
    if (in_hand(is))
        is.state->device.said_done = 0;
}

static void start_lost_while_hinting(struct hs_world was, struct hs_world is)
{
    (void)was;
    if (is.state->driver.phase == HS_DRIVER_HINTING)
        is.state->driver.start_lost = 0;
}

static void read_current(struct hs_world was, struct hs_world is)
{
    (void)was;
    is.state->migration.read_current = 0;
}

/* What waits is dropped whatever the status is. */
static void hints_while_taken(struct hs_world was, struct hs_world is)
{
    struct hs_abstract_queue queue;
    (void)was;
    if (!is.config->queue_size[HS_QUEUE_FREE_PAGE])
        return;
    hs_abstract_queue_read(is, &queue);
    if (queue.count && queue.waiting[queue.count - 1].kind == HS_ELEMENT_PAGES)
        queue.waiting[--queue.count] = (struct hs_element){.kind = HS_ELEMENT_NONE};
    hs_abstract_queue_write(is, &queue);
}

/* A hint that is refused is dropped, although the dirty log takes its page for written. */
static void hints_while_refused(struct hs_world was, struct hs_world is)
{
    if (is.state->device.status != HS_STATUS_START && !hs_rules_follow_used(&is.config->rules))
        hints_while_taken(was, is);
}

/* Every page is taken for the first of its block. */
static void all_lead(struct hs_world was, struct hs_world is)
{
    (void)was;
    *hs_is_later(is) = 0;
}

static void modified(struct hs_world was, struct hs_world is)
{
    (void)was;
    hs_page(is, 0)->modified = 0;
}

static void id_taken(struct hs_world was, struct hs_world is)
{
    (void)was;
    is.state->device.id_taken = 0;
}

/* ---- the slice ------------------------------------------------------------------------------- */

/* Work that would do something is taken for done. */
static void work_is_done(struct hs_world was, struct hs_world is)
{
    (void)was;
    if (is.state->driver.phase == HS_DRIVER_IDLE)
        is.state->driver.work_queued = is.state->driver.read_again = 0;
}

/* Held pages go back although the driver waits for something. */
static void held_go_back(struct hs_world was, struct hs_world is)
{
    (void)was;
    for (unsigned i = 0; i < is.state->driver.held; i++) {
        hs_page(is, hs_held(is)[i])->owner = HS_OWNER_APP;
        hs_page(is, hs_held(is)[i])->acked = 0;
        hs_held(is)[i] = 0;
    }
    is.state->driver.held = 0;
}

/* A hint that is taken while hints are accepted does nothing. */
static void hints_are_inert(struct hs_world was, struct hs_world is)
{
    (void)was;
    struct hs_virtqueue q = hs_queue(is, HS_QUEUE_FREE_PAGE);
    for (unsigned i = 0; i < q.size; i++) {
        if (q.slots[i].kind == HS_ELEMENT_PAGES)
            q.slots[i] = (struct hs_element){.kind = HS_ELEMENT_STOP};
    }
}

static const struct fault planted_faults[] = {
    {"active-id-too-early", "dead-values", .harm = active_id_too_early},
    {"cached-id-with-work", "dead-values", .harm = cached_id_with_work},
    {"log-before-last-sync", "dead-values", .harm = log_before_last_sync},
    {"used-hint", "dead-values", .harm = used_hint},
    {"said-done", "dead-values", .harm = said_done},
    {"queue-keeps-names", "symmetry", .harm = queue_keeps_names},
    {"key-without-sending", "symmetry", .harm = key_without_sending},
    {"twins-without-places", "symmetry", .twins = twins_without_places},
    {"first-page-moves", "symmetry", .harm = first_page_moves},
    {"said-done-in-hand", "normal-form", .harm = said_done_in_hand},
    {"start-lost-while-hinting", "normal-form", .harm = start_lost_while_hinting},
    {"read-current", "normal-form", .harm = read_current},
    {"hints-while-taken", "normal-form", .harm = hints_while_taken},
    {"hints-while-refused", "normal-form", .harm = hints_while_refused},
    {"modified", "ghosts", .harm = modified},
    {"id-taken", "ghosts", .harm = id_taken},
    {"without others.send-page", "widenings", .without = 1u << HS_OTHERS_SEND_PAGE},
    {"without others.apply-hint", "widenings", .without = 1u << HS_OTHERS_APPLY_HINT},
    {"without others.fill-queue-at-start", "widenings", .without = 1u << HS_OTHERS_FILL_START},
    {"without others.fill-queue-at-end", "widenings", .without = 1u << HS_OTHERS_FILL_END},
    {"without others.break-block", "widenings", .without = 1u << HS_OTHERS_BREAK_BLOCK},
    {"without others.take-one-hint", "widenings", .without = 1u << HS_OTHERS_TAKE_ONE},
    {"without others.take-from-bag", "widenings", .without = 1u << HS_OTHERS_TAKE_ANY},
    {"without others.merge-block", "widenings", .without = 1u << HS_OTHERS_MERGE_BLOCK},
    {"others.apply-hint only in START", "widenings", .only_in_start = 1u << HS_OTHERS_APPLY_HINT},
    {"all-lead", "widenings", .harm = all_lead},
    {"work-is-done", "slice", .harm = work_is_done},
    {"held-go-back", "slice", .harm = held_go_back},
    {"hints-are-inert", "slice", .harm = hints_are_inert},
};
enum { FAULT_COUNT = sizeof(planted_faults) / sizeof(planted_faults[0]) };
static_assert(HS_WIDENING_COUNT == 9, "each widening is left out once, but the choice of a place");

static bool is_noticed(const struct fault *fault, const struct check *check, uint64_t states)
{
    struct tally tally = {0};
    struct trial trial = {.check = check, .fault = fault, .tally = &tally, .quiet = true};
    trial_worlds(&trial, states, 1);
    printf("%-11s %-34s %s after %" PRIu64 " states, %" PRIu64 " steps\n", fault->check,
        fault->name, tally.failures ? "noticed" : "NOT NOTICED", tally.states, tally.steps);
    return tally.failures != 0;
}

bool planted_are_noticed(const struct check *const *checks, unsigned count, uint64_t states)
{
    bool all = true;
    unsigned asked = 0;
    for (unsigned i = 0; i < FAULT_COUNT; i++) {
        const struct fault *fault = &planted_faults[i];
        for (unsigned c = 0; c < count; c++) {
            if (strcmp(checks[c]->name, fault->check) != 0)
                continue;
            asked++;
            all = is_noticed(fault, checks[c], states) && all;
        }
    }
    printf("%u of %u faults were planted\n", asked, (unsigned)FAULT_COUNT);
    return all && asked == FAULT_COUNT;
}
