/* SPDX-License-Identifier: BSD-3-Clause */
/* The shape of a state: sizes, layout, the bits that may be set, limits, names of phases. */
#include "state.h"

#include <string.h>

/* ---- the machines' states ------------------------------------------------------------------- */

const struct hs_machine_row hs_machine_rows[HS_MACHINE_COUNT] = {
    [HS_MACHINE_STATUS] = {"device-status", {[HS_STATUS_STOP] = "STOP",
                                                [HS_STATUS_REQUESTED] = "REQUESTED",
                                                [HS_STATUS_START] = "START",
                                                [HS_STATUS_DONE] = "DONE"}},
    [HS_MACHINE_LOOP] = {"device-loop", {[HS_LOOP_SLEEPING] = "sleeping",
                                            [HS_LOOP_RUNNING] = "running",
                                            [HS_LOOP_LEAVING] = "leaving"}},
    [HS_MACHINE_DRIVER] = {"driver-hinting", {[HS_DRIVER_IDLE] = "idle",
                                                 [HS_DRIVER_STARTING] = "starting",
                                                 [HS_DRIVER_HINTING] = "hinting",
                                                 [HS_DRIVER_RELEASING] = "releasing",
                                                 [HS_DRIVER_RESETTING] = "resetting"}},
    [HS_MACHINE_REPORT] = {"driver-reporting", {[HS_REPORT_REST] = "at rest",
                                                   [HS_REPORT_ISOLATED] = "ready to report",
                                                   [HS_REPORT_REPORTED] = "waiting",
                                                   [HS_REPORT_ACKED] = "acknowledged"}},
    [HS_MACHINE_MIGRATION] = {"migration", {[HS_MIGRATION_NONE] = "none",
                                               [HS_MIGRATION_STARTING] = "starting",
                                               [HS_MIGRATION_READY] = "before a sync",
                                               [HS_MIGRATION_HINTS_STOPPED] = "hints stopped",
                                               [HS_MIGRATION_SYNCING] = "syncing",
                                               [HS_MIGRATION_AFTER_SYNC] = "after a sync",
                                               [HS_MIGRATION_SENDING] = "sending",
                                               [HS_MIGRATION_SWITCHED_OVER] = "switched over",
                                               [HS_MIGRATION_POSTCOPY] = "postcopy",
                                               [HS_MIGRATION_CANCELLED] = "cancelled"}},
    [HS_MACHINE_VM] = {"vm", {[HS_VM_SOURCE] = "on the source",
                                 [HS_VM_STOPPED] = "stopped",
                                 [HS_VM_DESTINATION] = "on the destination"}},
};

unsigned hs_machine_state(struct hs_world w, enum hs_machine machine)
{
    assert(w.config && w.state && machine < HS_MACHINE_COUNT);
    switch (machine) {
    case HS_MACHINE_STATUS:
        return w.state->device.status;
    case HS_MACHINE_LOOP:
        return w.state->device.loop;
    case HS_MACHINE_DRIVER:
        return w.state->driver.phase;
    case HS_MACHINE_REPORT:
        return w.state->driver.report_phase;
    case HS_MACHINE_MIGRATION:
        return w.state->migration.phase;
    case HS_MACHINE_VM:
    case HS_MACHINE_COUNT:
        break;
    }
    return w.state->migration.vm;
}

const char *hs_machine_state_name(struct hs_world w, enum hs_machine machine)
{
    assert(w.config && w.state && machine < HS_MACHINE_COUNT);
    return hs_machine_rows[machine].states[hs_machine_state(w, machine)];
}

/* ---- what a world has ------------------------------------------------------------------------ */

bool hs_config_trusts_zeroes(const struct hs_config *config)
{
    assert(config);
    return config->queue_size[HS_QUEUE_REPORTING] &&
           hs_rules_report_zeroes(&config->rules) == HS_REPORT_ZEROES_TRUSTED &&
           hs_rules_poison(&config->rules) == HS_POISON_OFF;
}

bool hs_config_meets(const struct hs_config *config, struct hs_need need)
{
    assert(config && need.kind <= HS_NEED_ZEROES);
    switch ((enum hs_need_kind)need.kind) {
    case HS_NEED_NONE:
        return true;
    case HS_NEED_QUEUE:
        assert(need.which < HS_QUEUE_COUNT);
        return config->queue_size[need.which] > 0;
    case HS_NEED_LIMIT:
        assert(need.which < HS_LIMIT_COUNT);
        return config->limits[need.which] > 0;
    case HS_NEED_RULE:
        assert(need.which < HS_RULE_COUNT);
        return need.values >> config->rules.value[need.which] & 1u;
    case HS_NEED_POSTCOPY:
        return config->postcopy;
    case HS_NEED_PRECOPY:
        return !config->postcopy;
    case HS_NEED_CALLBACK:
        return hs_rules_follow_used(&config->rules);
    case HS_NEED_PARTIAL:
        return hs_rules_first_pass(&config->rules) == HS_FIRST_PASS_DIRTY &&
               (config->limits[HS_LIMIT_CANCELS] > 0 || config->limits[HS_LIMIT_HOPS] > 0) &&
               config->limits[HS_LIMIT_MIGRATIONS] > 1;
    case HS_NEED_ZEROES:
        break;
    }
    return hs_config_trusts_zeroes(config);
}

bool hs_config_meets_one(
    const struct hs_config *config, const struct hs_need *needs, unsigned count)
{
    assert(config && needs && count > 0);
    bool met = hs_config_meets(config, needs[0]);
    for (unsigned i = 1; i < count; i++)
        met = met || (needs[i].kind != HS_NEED_NONE && hs_config_meets(config, needs[i]));
    return met;
}

bool hs_config_reads(const struct hs_config *config, enum hs_rule rule)
{
    assert(config && rule < HS_RULE_COUNT);
    return hs_config_meets_one(config, hs_rule_rows[rule].live_if, HS_RULE_NEEDS_MAX);
}

bool hs_config_asks(const struct hs_config *config, enum hs_property property)
{
    assert(config && property < HS_PROPERTY_COUNT);
    for (unsigned i = 0; i < HS_PROPERTY_NEEDS_MAX; i++) {
        if (!hs_config_meets_one(config, hs_property_rows[property].needs[i], HS_NEED_CHOICES_MAX))
            return false;
    }
    return true;
}

uint32_t hs_config_questions(const struct hs_config *config, uint32_t asked)
{
    assert(config);
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (!hs_config_asks(config, (enum hs_property)i))
            asked &= ~(1u << i);
    }
    return asked;
}

bool hs_limit_left(struct hs_world w, enum hs_limit limit, struct hs_refusal *why)
{
    assert(w.config && w.state && limit <= HS_LIMIT_COUNT);
    if (limit == HS_LIMIT_COUNT || w.config->limits[limit] == HS_UNLIMITED)
        return true;
    return HS_NEED(w.state->spent[limit] < w.config->limits[limit], why,
        "only while the limit %s is not spent (it is %u)", hs_limit_rows[limit].name,
        w.config->limits[limit]);
}

void hs_limit_spend(struct hs_world w, enum hs_limit limit)
{
    assert(w.config && w.state && limit <= HS_LIMIT_COUNT);
    if (limit != HS_LIMIT_COUNT && w.config->limits[limit] != HS_UNLIMITED)
        w.state->spent[limit]++;
}

bool hs_limit_is_passed(struct hs_world w, enum hs_limit limit)
{
    assert(w.config && w.state && limit < HS_LIMIT_COUNT);
    return w.state->spent[limit] > w.config->limits[limit];
}

bool hs_limit_keeps_round(struct hs_world w)
{
    assert(w.config && w.state);
    enum hs_migration_phase phase = (enum hs_migration_phase)w.state->migration.phase;
    uint8_t rounds = w.config->limits[HS_LIMIT_ROUNDS];
    bool begun = phase == HS_MIGRATION_STARTING || phase == HS_MIGRATION_READY;
    return begun && !hs_moves_as_snapshot(w) && rounds != HS_UNLIMITED &&
           w.state->spent[HS_LIMIT_ROUNDS] + 1 >= rounds;
}

/* ---- layout ---------------------------------------------------------------------------------- */

static const char *check_sizes(const struct hs_config *config)
{
    if (config->pages < 1 || config->pages > HS_PAGES_MAX)
        return "pages: 1 to 64";
    if (config->max_order > HS_ORDER_MAX || 1u << config->max_order > config->pages)
        return "max-order: a block of that order must fit into the pages";
    if (config->hint_order > config->max_order || config->report_order > config->max_order)
        return "hint-order and report-order: not above max-order";
    if (config->report_batch < 1 || config->report_batch > HS_BATCH_MAX)
        return "report-batch: 1 to 32";
    for (unsigned queue = 0; queue < HS_QUEUE_COUNT; queue++) {
        unsigned size = config->queue_size[queue];
        if (size & (size - 1) || size > HS_QUEUE_SIZE_MAX)
            return "queue: a power of two up to 64";
    }
    if (config->pages < HS_PAGES_MAX && config->free_at_start >> config->pages)
        return "free: pages that exist";
    return config->policy < HS_POLICY_COUNT ? NULL : "policy: any or lifo";
}

/* Reserve `bytes`, aligned; returns where they stand. */
static uint16_t reserve(size_t *size, size_t bytes, size_t alignment)
{
    size_t at = (*size + alignment - 1) / alignment * alignment;
    *size = at + bytes;
    return (uint16_t)at;
}

const char *hs_config_shape(struct hs_config *config)
{
    assert(config);
    const char *wrong = check_sizes(config);
    if (wrong)
        return wrong;
    assert(!hs_rules_check(&config->rules));
    unsigned chunk = hs_rules_log_chunk(&config->rules);
    bool hinting = config->queue_size[HS_QUEUE_FREE_PAGE];
    bool reporting = config->queue_size[HS_QUEUE_REPORTING];
    bool lifo = config->policy == HS_POLICY_LIFO;
    size_t size = sizeof(struct hs_state);
    struct hs_layout layout = {0};

    layout.pages = reserve(&size, config->pages * sizeof(struct hs_page), 4);
    for (unsigned queue = 0; queue < HS_QUEUE_COUNT; queue++) {
        unsigned slots = config->queue_size[queue];
        layout.ring[queue] = reserve(&size, slots ? sizeof(struct hs_ring) : 0, 2);
        layout.slots[queue] = reserve(&size, slots * sizeof(struct hs_element), 2);
    }
    layout.batch =
        reserve(&size, reporting ? config->report_batch * sizeof(struct hs_block) : 0, 2);
    layout.chunks = reserve(&size, (config->pages + chunk - 1) / chunk, 1);
    layout.held = reserve(&size, hinting ? (size_t)config->pages >> config->hint_order : 0, 1);
    layout.free_list = reserve(&size, lifo ? 1u + config->pages : 0, 1);
    layout.size = (uint16_t)((size + 7) / 8 * 8);
    if (layout.size > HS_STATE_SIZE_MAX)
        return "the scenario is too large for one state";
    config->layout = layout;
    return NULL;
}

/* ---- the bits that may be set ---------------------------------------------------------------- */

/* All bits that numbers from 0 to `most` need. */
static uint8_t bits_up_to(unsigned most)
{
    unsigned bits = most;
    for (unsigned shift = 1; shift < 8; shift *= 2)
        bits |= bits >> shift;
    return (uint8_t)bits;
}

static uint8_t command_bits(const struct hs_config *config)
{
    unsigned rounds = config->limits[HS_LIMIT_ROUNDS];
    unsigned last = HS_COMMAND_FIRST_ID + rounds;
    return bits_up_to(last < HS_COMMAND_LAST_ID ? last : HS_COMMAND_LAST_ID);
}

static void widest_machines(struct hs_world w)
{
    const struct hs_config *config = w.config;
    uint8_t page = bits_up_to(config->pages);
    uint8_t id = command_bits(config);
    w.state->broken = (1u << HS_PROPERTY_COUNT) - 1;
    w.state->device = (struct hs_device){.status = bits_up_to(HS_STATUS_COUNT - 1),
        .id = id,
        .loop = bits_up_to(HS_LOOP_COUNT - 1),
        .report_discarded = bits_up_to(config->report_batch),
        .config_interrupt = 1,
        .poison_set = 1,
        .id_taken = 1,
        .stop_taken = 1,
        .said_done = 1,
        .unasked = 1,
        .owes_done = 1,
        .last_word = id};
    w.state->driver = (struct hs_driver){.phase = bits_up_to(HS_DRIVER_PHASE_COUNT - 1),
        .work_queued = 1,
        .read_again = 1,
        .cached_id = id,
        .active_id = id,
        .held = page,
        .report_phase = bits_up_to(HS_REPORT_PHASE_COUNT - 1),
        .batch = bits_up_to(config->report_batch),
        .put_back = 1,
        .inflating = page,
        .deflating = page,
        .start_lost = 1};
    w.state->migration = (struct hs_migration){.phase = bits_up_to(HS_MIGRATION_PHASE_COUNT - 1),
        .vm = bits_up_to(HS_VM_COUNT - 1),
        .sending = page,
        .read_current = 1,
        .log_on = 1,
        .protects = hs_rule_rearm_at_sync(w) == HS_REARM_FIRST,
        .sent = hs_rule_sync_before_stop(w) == HS_ON};
    /* A round begun before the last was spent on request is spent as well, and so is the sync
     * before the stop: one more. */
    for (unsigned i = 0; i < HS_LIMIT_COUNT; i++)
        w.state->spent[i] = config->limits[i] == HS_UNLIMITED
                                ? 0
                                : bits_up_to(config->limits[i] + (i == HS_LIMIT_ROUNDS ? 1u : 0u));
}

static void widest_pages(struct hs_world w)
{
    bool reports = w.config->queue_size[HS_QUEUE_REPORTING];
    for (unsigned p = 0; p < w.config->pages; p++) {
        memset(hs_page(w, p), 255, sizeof(struct hs_page));
        hs_page(w, p)->unused = 0;
        hs_page(w, p)->order = bits_up_to(w.config->max_order) & 7u;
        hs_page(w, p)->reported = reports;
        hs_page(w, p)->listed = hs_rule_hint_source(w) == HS_SOURCE_ITERATE;
        hs_page(w, p)->faulted = hs_rule_refuse_written(w) == HS_ON;
        hs_page(w, p)->awaited = w.config->postcopy;
        hs_page(w, p)->late = hs_rule_channels(w) == HS_CHANNELS_IN_ORDER ? 0 : 3;
        hs_page(w, p)->ballooned = hs_rule_ballooned_pages(w) == HS_BALLOONED_SKIPPED;
        hs_page(w, p)->dma = hs_rule_dma_log(w) == HS_DMA_MARKED_FIRST;
        *hs_chunk_pending(w, p) = 1;
    }
}

static void widest_queue(struct hs_world w, enum hs_queue queue)
{
    struct hs_virtqueue q = hs_queue(w, queue);
    uint8_t index = bits_up_to(2 * q.size - 1);
    *q.ring = (struct hs_ring){.avail = index,
        .taken = index,
        .used = index,
        .collected = index,
        .kick_pending = 1,
        .kicks_suppressed = 1,
        .interrupt_pending = 1,
        .interrupts_suppressed = 1};
    for (unsigned i = 0; i < q.size; i++)
        q.slots[i] = (struct hs_element){.kind = 3,
            .page = bits_up_to(w.config->pages - 1u) & 63u,
            .id = command_bits(w.config)};
}

void hs_state_widest(struct hs_world w)
{
    assert(w.config && w.state);
    const struct hs_layout *layout = &w.config->layout;
    uint8_t *state = (uint8_t *)w.state;
    uint8_t page = bits_up_to(w.config->pages);
    memset(state, 0, layout->size);
    widest_machines(w);
    widest_pages(w);
    for (unsigned queue = 0; queue < HS_QUEUE_COUNT; queue++) {
        if (w.config->queue_size[queue])
            widest_queue(w, (enum hs_queue)queue);
    }
    for (unsigned i = layout->batch; i < layout->chunks; i++)
        state[i] = page | bits_up_to(w.config->max_order);
    memset(state + layout->held, page, layout->free_list - (size_t)layout->held);
    if (w.config->policy == HS_POLICY_LIFO)
        memset(state + layout->free_list, page, w.config->pages + 1u);
}

uint64_t hs_state_hash(struct hs_world w)
{
    assert(w.config && w.state);
    const uint64_t *words = (const uint64_t *)(const void *)w.state;
    uint64_t hash = 0x9e3779b97f4a7c15u;
    for (unsigned i = 0; i < w.config->layout.size / 8u; i++) {
        hash = (hash ^ words[i]) * 0xff51afd7ed558ccdu;
        hash ^= hash >> 32;
    }
    return hash;
}
