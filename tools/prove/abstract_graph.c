/* SPDX-License-Identifier: BSD-3-Clause */
/* The abstraction: normal form, widenings, and the graph for the search engine. */
#include "abstract_graph.h"

#include "device.h"
#include "dirty_log.h"
#include "driver.h"
#include "virtqueue.h"

#include <string.h>

const struct hs_widening_row hs_widening_rows[HS_WIDENING_COUNT] = {
    [HS_OTHERS_SEND_PAGE] = {"others.send-page",
        "another page is sent: the log of its chunk is cleared first, or a snapshot is begun"},
    [HS_OTHERS_APPLY_HINT] = {"others.apply-hint",
        "a hint for another page of the same log chunk is applied, and clears the chunk's log"},
    [HS_OTHERS_FILL_START] = {"others.fill-queue-at-start",
        "a round starts while the queue is full: the start command is lost"},
    [HS_OTHERS_FILL_END] = {"others.fill-queue-at-end",
        "a round ends while the queue is full: the stop command is lost"},
    [HS_OTHERS_BREAK_BLOCK] = {"others.break-block",
        "a round ends although the page is free: the rest of its block is not"},
    [HS_OTHERS_TAKE_ONE] = {"others.take-one-hint",
        "the device takes a hint of the page, and another one follows"},
    [HS_OTHERS_TAKE_ANY] = {"others.take-from-bag",
        "the device takes an element that was queued long ago"},
    [HS_OTHERS_LEAD_BLOCK] = {"others.lead-block",
        "another page is the first of the block, and the used length is about that one"},
    [HS_OTHERS_MERGE_BLOCK] = {"others.merge-block",
        "the free page's block merges with another, and is not taken for zeros any longer"},
};

/* ---- the normal form --------------------------------------------------------------------------
 *
 * Each line forgets what no guard and no effect will read before it is written again, or replaces
 * it by a value that allows more (said so).  spec/proof.md argues each.
 */

static bool config_changes(struct hs_world w)
{
    return w.config->limits[HS_LIMIT_CHANGES] != 0;
}

static void normalise_driver(struct hs_world w)
{
    struct hs_driver *driver = &w.state->driver;
    if (driver->phase == HS_DRIVER_RESETTING) {
        w.state->device.config_interrupt = 0; /* nothing reads these before the reset clears them */
        driver->read_again = driver->work_queued = 0;
    } else if (config_changes(w)) {
        w.state->device.config_interrupt = 1; /* one can come at any time */
        if (driver->phase == HS_DRIVER_IDLE && !driver->work_queued)
            driver->read_again = 1;
        driver->work_queued = 1; /* allows more: the cached id may be looked at once again */
    }
    bool idle = driver->phase == HS_DRIVER_IDLE && !driver->work_queued;
    bool rereads = driver->read_again || driver->phase == HS_DRIVER_RELEASING ||
                   driver->phase == HS_DRIVER_RESETTING;
    if (idle || rereads)
        driver->cached_id = 0;
    if (driver->phase != HS_DRIVER_HINTING)
        driver->start_lost = 0;
}

static bool in_hand(struct hs_world w)
{
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_FREE_PAGE);
    return q.size && hs_virtqueue_in_hand(q) > 0;
}

static void normalise_device(struct hs_world w)
{
    struct hs_device *device = &w.state->device;
    bool restarts = hs_rule_restart(w) != HS_RESTART_NEVER;
    if (device->status != HS_STATUS_START)
        device->last_word = device->unasked = 0;
    if (!restarts && !in_hand(w))
        device->said_done = 0;
    if (!hs_stop_matters(w))
        device->stop_taken = 0;
}

/* Nobody relies on the page, and who does so next writes it first. */
static bool content_is_open(struct hs_world w)
{
    return hs_page(w, 0)->relies == HS_RELIES_NOTHING && hs_rule_poison(w) == HS_POISON_OFF &&
           !hs_config_trusts_zeroes(w.config);
}

static void normalise_page(struct hs_world w)
{
    struct hs_page *page = hs_page(w, 0);
    struct hs_migration *migration = &w.state->migration;
    migration->sent = 0; /* allows more: the VM is stopped without another sync */
    page->reported = 0;  /* allows more: its block may have been split or merged since */
    if (!w.state->device.id)
        page->modified = page->faulted = 0;
    if (migration->phase == HS_MIGRATION_SWITCHED_OVER && !hs_may_hop(w))
        page->copy = HS_COPY_EQUAL;
    if (migration->phase == HS_MIGRATION_CANCELLED)
        migration->phase = HS_MIGRATION_NONE;
    if (content_is_open(w)) {
        page->content = HS_CONTENT_DATA;
        migration->read_current = 0;
        if (page->copy == HS_COPY_EQUAL)
            page->copy = HS_COPY_OLDER;
        if (page->late == HS_LATE_CURRENT)
            page->late = HS_LATE_OLDER;
    }
}

/* The device looks at the queue at any time (allows more: no kick is needed). */
static void keep_awake(struct hs_world w)
{
    struct hs_ring *ring = hs_queue(w, HS_QUEUE_FREE_PAGE).ring;
    if (hs_rule_serve(w) != HS_SERVE_IN_KICK)
        w.state->device.loop = HS_LOOP_RUNNING;
    ring->kick_pending = 0;
    ring->kicks_suppressed = hs_rule_serve(w) == HS_SERVE_POLL;
}

/* The other queues never hold more than one element: turn them so that it stands in slot 0. */
static void turn_queue(struct hs_world w, enum hs_queue which)
{
    struct hs_virtqueue q = hs_queue(w, which);
    struct hs_ring *ring = q.ring;
    uint8_t turn = ring->collected;
    uint8_t mask = (uint8_t)(2 * q.size - 1);
    ring->avail = (uint8_t)(ring->avail - turn) & mask;
    ring->taken = (uint8_t)(ring->taken - turn) & mask;
    ring->used = (uint8_t)(ring->used - turn) & mask;
    ring->collected = 0;
}

void hs_abstract_normalise(struct hs_world w)
{
    normalise_driver(w);
    normalise_device(w);
    normalise_page(w);
    hs_ids_rename(w);
    for (unsigned queue = 0; queue < HS_QUEUE_COUNT; queue++) {
        if (queue != HS_QUEUE_FREE_PAGE && w.config->queue_size[queue])
            turn_queue(w, (enum hs_queue)queue);
    }
    if (w.config->queue_size[HS_QUEUE_FREE_PAGE]) {
        struct hs_abstract_queue queue;
        hs_abstract_queue_read(w, &queue);
        hs_abstract_queue_shorten(w, &queue);
        keep_awake(w);
        hs_abstract_queue_write(w, &queue);
    }
}

/* ---- the widenings: when ----------------------------------------------------------------------
 */

static bool has_queue(struct hs_world w)
{
    return w.config->queue_size[HS_QUEUE_FREE_PAGE] != 0;
}

/* Is the chunk's log still to be cleared, and may another page of the chunk see to that? */
static bool others_share_pending_chunk(struct hs_world w)
{
    return hs_rule_log_chunk(w) > 1 && *hs_chunk_pending(w, 0) && w.state->migration.log_on &&
           hs_migration_active(w);
}

/* Can the first page of a snapshot be written?  The device does not run from then on. */
static bool can_begin_snapshot(struct hs_world w)
{
    const struct hs_migration *migration = &w.state->migration;
    return hs_moves_as_snapshot(w) && migration->vm == HS_VM_STOPPED &&
           migration->phase == HS_MIGRATION_READY && !hs_device_is_busy(w);
}

static bool can_send_other(struct hs_world w)
{
    if (can_begin_snapshot(w))
        return true;
    return others_share_pending_chunk(w) && w.state->migration.phase == HS_MIGRATION_SENDING &&
           !w.state->migration.sending;
}

static bool can_apply_other(struct hs_world w)
{
    bool locked = hs_rule_hint_under_lock(w) == HS_ON;
    bool accepted = w.state->device.status == HS_STATUS_START && hs_device_runs(w);
    return has_queue(w) && others_share_pending_chunk(w) &&
           hs_rule_hint_effect(w) == HS_EFFECT_SKIP_AND_CLEAR_LOG &&
           hs_virtqueue_in_hand(hs_queue(w, HS_QUEUE_FREE_PAGE)) == 0 && (accepted || !locked);
}

static bool round_can_end(struct hs_world w)
{
    const struct hs_driver *driver = &w.state->driver;
    return hs_guest_runs(w) && driver->phase == HS_DRIVER_HINTING && !driver->read_again &&
           !hs_driver_sleeps(w);
}

/* A driver that sleeps after each element finds the queue empty, as does one that is served in the
 * kick. */
static bool queue_may_be_full(struct hs_world w)
{
    return hs_rule_hint_wait(w) != HS_WAIT_EACH && hs_rule_serve(w) != HS_SERVE_IN_KICK;
}

static bool can_take(struct hs_world w)
{
    return hs_device_runs(w) && hs_virtqueue_in_hand(hs_queue(w, HS_QUEUE_FREE_PAGE)) == 0;
}

static bool several_hints_next(struct hs_world w)
{
    struct hs_abstract_queue queue;
    hs_abstract_queue_read(w, &queue);
    return !(queue.bag >> HS_BAG_HINT_ONCE & 1u) && queue.count > 0 &&
           queue.waiting[0].kind == HS_ELEMENT_PAGES && queue.waiting[0].id == HS_HINT_OR_MORE;
}

/* What a used length says of a block it says of the first page.  A page's place in its block is as
 * it is; it is chosen at leisure, until a hint could be queued. */
static bool place_is_open(struct hs_world w)
{
    return has_queue(w) && hs_rule_used_length(w) == HS_USED_LENGTH_ONE && !w.state->device.id;
}

/* Is the page taken for zeros that another block could merge with? */
static bool can_merge(struct hs_world w)
{
    const struct hs_page *page = hs_page(w, 0);
    return hs_config_trusts_zeroes(w.config) && hs_guest_runs(w) && page->owner == HS_OWNER_FREE &&
           page->relies == HS_RELIES_VALUE;
}

static bool widening_enabled(struct hs_world w, enum hs_widening widening, unsigned what)
{
    switch (widening) {
    case HS_OTHERS_SEND_PAGE:
        return can_send_other(w);
    case HS_OTHERS_APPLY_HINT:
        return can_apply_other(w);
    case HS_OTHERS_FILL_START:
        return queue_may_be_full(w) && hs_driver_can_start_round(w, 0, NULL);
    case HS_OTHERS_FILL_END:
        return queue_may_be_full(w) && round_can_end(w) &&
               hs_rule_round_end(w) == HS_END_SENDS_STOP;
    case HS_OTHERS_BREAK_BLOCK:
        return round_can_end(w) && !hs_driver_can_end_round(w, 0, NULL);
    case HS_OTHERS_TAKE_ONE:
        return has_queue(w) && can_take(w) && several_hints_next(w);
    case HS_OTHERS_TAKE_ANY:
        return has_queue(w) && can_take(w) && *hs_bag(w) >> what & 1u;
    case HS_OTHERS_LEAD_BLOCK:
        return place_is_open(w);
    case HS_OTHERS_MERGE_BLOCK:
        return can_merge(w);
    case HS_WIDENING_COUNT:
        break;
    }
    return false;
}

/* ---- the widenings: what ----------------------------------------------------------------------
 */

/* Take a step of the driver while no slot of the queue is free. */
static void with_full_queue(struct hs_world w, void (*effect)(struct hs_world w, unsigned p))
{
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_FREE_PAGE);
    hs_driver_collect_used(w, 0); /* as the step does first */
    uint8_t avail = q.ring->avail;
    q.ring->avail = (uint8_t)(q.ring->collected + q.size) & (uint8_t)(2 * q.size - 1);
    effect(w, 0);
    q.ring->avail = avail;
}

/* Let the device take `element`, which stands before everything else. */
static void take_first(struct hs_world w, struct hs_element element)
{
    struct hs_abstract_queue queue;
    hs_abstract_queue_read(w, &queue);
    memmove(&queue.waiting[1], &queue.waiting[0], queue.count * sizeof(queue.waiting[0]));
    queue.waiting[0] = element;
    queue.count++;
    hs_abstract_queue_write(w, &queue);
    hs_device_take_element(w, 0);
}

static void take_widening(struct hs_world w, enum hs_widening widening, unsigned what)
{
    switch (widening) {
    case HS_OTHERS_SEND_PAGE:
        w.state->migration.phase = HS_MIGRATION_SENDING;
        hs_log_clear_pending(w, 0);
        break;
    case HS_OTHERS_APPLY_HINT:
        hs_log_clear_pending(w, 0);
        break;
    case HS_OTHERS_FILL_START:
        with_full_queue(w, hs_driver_start_round);
        break;
    case HS_OTHERS_FILL_END:
        with_full_queue(w, hs_driver_end_round);
        break;
    case HS_OTHERS_BREAK_BLOCK:
        hs_driver_end_round(w, 0);
        break;
    case HS_OTHERS_TAKE_ONE:
        take_first(w, (struct hs_element){.kind = HS_ELEMENT_PAGES});
        break;
    case HS_OTHERS_TAKE_ANY:
        if (what == HS_BAG_HINT_ONCE || what == HS_BAG_START_ONCE)
            *hs_bag(w) &= (uint16_t) ~(1u << what);
        take_first(w, hs_bag_element((enum hs_bag)what));
        break;
    case HS_OTHERS_LEAD_BLOCK:
        *hs_is_later(w) = 1;
        break;
    case HS_OTHERS_MERGE_BLOCK:
        hs_page(w, 0)->relies = HS_RELIES_NOTHING;
        break;
    case HS_WIDENING_COUNT:
        break;
    }
}

/* ---- the graph ------------------------------------------------------------------------------- */

struct hs_world hs_abstract_world(const struct hs_abstraction *abstraction, const void *state)
{
    /* The model only reads a state that it is asked about. */
    struct hs_world w = {&abstraction->config, (struct hs_state *)(uintptr_t)state};
    if (*hs_is_later(w))
        w.config = &abstraction->later;
    return w;
}

static struct hs_world world_of(void *context, const void *state)
{
    return hs_abstract_world(context, state);
}

/* Steps that lead nowhere here: reading changes nothing, and the device is always awake, so that
 * finding the queue empty matters if DONE is owed. */
static bool leads_nowhere(struct hs_world w, enum hs_step_kind kind)
{
    return kind == HS_APP_READ || kind == HS_DEVICE_WAKE || kind == HS_DEVICE_SLEEP ||
           (kind == HS_DEVICE_FIND_EMPTY && !w.state->device.owes_done);
}

/* What was thrown into the bag comes before what waits in queue; a single hint certainly. */
static bool overtakes(struct hs_world w, enum hs_step_kind kind)
{
    return kind == HS_DEVICE_TAKE_ELEMENT && *hs_bag(w) >> HS_BAG_HINT_ONCE & 1u;
}

static void used_bits(void *context, uint64_t *bits)
{
    struct hs_world w = world_of(context, bits);
    hs_state_widest(w);
    *hs_bag(w) = UINT16_MAX;
    *hs_is_later(w) = 1;
}

static unsigned list_steps(void *context, const void *state, uint32_t *labels)
{
    struct hs_world w = world_of(context, state);
    const struct hs_abstraction *abstraction = context;
    bool started = w.state->device.status == HS_STATUS_START;
    uint32_t without = abstraction->without | (started ? 0 : abstraction->only_in_start);
    struct hs_step steps[HS_STEPS_MAX];
    unsigned enabled = hs_world_steps(w, steps);
    unsigned count = 0;
    for (unsigned i = 0; i < enabled; i++) {
        enum hs_step_kind kind = (enum hs_step_kind)steps[i].kind;
        if (!leads_nowhere(w, kind) && !overtakes(w, kind))
            labels[count++] = steps[i].kind * 256u;
    }
    for (unsigned i = 0; i < HS_WIDENING_COUNT; i++) {
        unsigned whats = i == HS_OTHERS_TAKE_ANY ? HS_BAG_COUNT : 1;
        for (unsigned what = 0; what < whats && !(without >> i & 1u); what++) {
            if (widening_enabled(w, (enum hs_widening)i, what))
                labels[count++] = (HS_STEP_KIND_COUNT + i) * 256u + what;
        }
    }
    return count;
}

/* Does the step hand back unread what was queued before the id that it issues? */
static bool drains(struct hs_world w, enum hs_step_kind kind)
{
    bool by_request = hs_rule_hint_trigger(w) == HS_TRIGGER_REQUEST;
    return kind == (by_request ? HS_DEVICE_REQUEST_HINTS : HS_MIGRATION_START_HINTS) &&
           hs_rule_drain_before_id(w) == HS_ON && has_queue(w) &&
           hs_virtqueue_in_hand(hs_queue(w, HS_QUEUE_FREE_PAGE)) == 0;
}

/* What was thrown into the bag is handed back, too. */
static void drain_bag(struct hs_world w)
{
    struct hs_abstract_queue queue;
    hs_abstract_queue_read(w, &queue);
    queue.used_hint =
        queue.used_hint || queue.bag >> HS_BAG_HINT_ONCE & 1u || queue.bag >> HS_BAG_HINTS & 1u;
    queue.bag = 0;
    hs_abstract_queue_write(w, &queue);
}

void hs_abstract_empty_bag(struct hs_world w, enum hs_step_kind kind)
{
    if (kind == HS_DEVICE_TAKE_ELEMENT || kind == HS_DRIVER_RESET)
        *hs_bag(w) = 0; /* whatever was in the bag has been taken, or forgotten */
    else if (drains(w, kind))
        drain_bag(w);
}

static void take_step(void *context, void *state, uint32_t label)
{
    struct hs_world w = world_of(context, state);
    w.state->broken = 0; /* so that the flags of a state are those of the step into it */
    if (!hs_label_is_step(label)) {
        take_widening(w, hs_label_widening(label), label % 256);
    } else {
        hs_abstract_empty_bag(w, (enum hs_step_kind)(label / 256));
        hs_world_take(w, (struct hs_step){(uint8_t)(label / 256), 0});
    }
    hs_abstract_normalise(world_of(context, state));
}

static uint32_t flags_of(void *context, const void *state, const uint32_t *labels, unsigned count)
{
    (void)labels;
    (void)count;
    return world_of(context, state).state->broken;
}

static unsigned kind_of(uint32_t label)
{
    return label / 256;
}

static unsigned actor_of(uint32_t label)
{
    return hs_label_is_step(label) ? hs_step_rows[label / 256].actor : HS_ACTOR_COUNT;
}

static bool is_duty(uint32_t label)
{
    return hs_label_is_step(label) && hs_step_rows[label / 256].motive == HS_DUTY;
}

static_assert(
    (int)HS_STEP_KIND_COUNT + (int)HS_WIDENING_COUNT <= (int)HS_KINDS_MAX, HS_TOO_MANY_KINDS);
static_assert(HS_ABSTRACT_QUEUE_MAX + 4 <= HS_ABSTRACT_QUEUE_SLOTS,
    "room for a used hint, one in hand, what a step adds, and the slot kept for a command");

struct hs_graph hs_abstract_graph(const struct hs_abstraction *abstraction)
{
    return (struct hs_graph){
        .words = abstraction->config.layout.size / 8u + 1,
        .context = (void *)(uintptr_t)abstraction,
        .used = used_bits,
        .list = list_steps,
        .take = take_step,
        .flags = flags_of,
        .kind = kind_of,
        .actor = actor_of,
        .is_duty = is_duty,
    };
}

const char *hs_label_name(uint32_t label)
{
    return hs_label_is_step(label) ? hs_step_rows[label / 256].name
                                   : hs_widening_rows[hs_label_widening(label)].name;
}

/* ---- the world of one page ------------------------------------------------------------------- */

void hs_abstraction_set(struct hs_abstraction *abstraction, const struct hs_config *config)
{
    struct hs_config *one = &abstraction->config;
    memset(abstraction, 0, sizeof(*abstraction));
    one->rules = config->rules;
    one->postcopy = config->postcopy;
    one->pages = 1;
    one->report_batch = 1;
    for (unsigned queue = 0; queue < HS_QUEUE_COUNT; queue++) {
        unsigned slots = queue == HS_QUEUE_FREE_PAGE ? HS_ABSTRACT_QUEUE_SLOTS : 1;
        one->queue_size[queue] = config->queue_size[queue] ? (uint8_t)slots : 0;
    }
    for (unsigned i = 0; i < HS_LIMIT_COUNT; i++)
        one->limits[i] = config->limits[i] ? HS_UNLIMITED : 0;
    const char *wrong = hs_config_finish(one);
    assert(!wrong && one->layout.size + 8u <= HS_ABSTRACT_SIZE_MAX);
    (void)wrong;
    /* The model marks the first page of a block, and the followed page is no such page. */
    abstraction->later = *one;
    abstraction->later.rules.value[HS_RULE_USED_LENGTH] = HS_USED_LENGTH_ZERO;
}

void hs_abstract_start(const struct hs_abstraction *abstraction, union hs_abstract_state *start)
{
    struct hs_world w = {&abstraction->config, &start->state};
    memset(start, 0, sizeof(*start));
    hs_world_init(w);
    hs_abstract_normalise(w);
}
