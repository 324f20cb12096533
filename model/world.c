/* All machines as one value: layout, the table of steps, enumeration, hash and invariants. */
#include "world.h"

#include <string.h>

const char *const hs_actor_names[HS_ACTOR_COUNT] = {
    [HS_ACTOR_APP] = "app",
    [HS_ACTOR_DRIVER] = "driver",
    [HS_ACTOR_DEVICE] = "device",
    [HS_ACTOR_MIGRATION] = "migration",
    [HS_ACTOR_LOG] = "log",
    [HS_ACTOR_DESTINATION] = "destination",
};

const struct hs_limit_row hs_limit_rows[HS_LIMIT_COUNT] = {
    [HS_LIMIT_WRITES] = {"writes", "app.write and destination.write", 1},
    [HS_LIMIT_ROUNDS] = {"rounds", "migration.sync while the VM runs, and device.request-hints", 2},
    [HS_LIMIT_MIGRATIONS] = {"migrations", "migration.start", 1},
    [HS_LIMIT_DMA] = {"dma", "device.dma-write", 0},
    [HS_LIMIT_CHANGES] = {"changes", "device.change-target", 0},
    [HS_LIMIT_RESETS] = {"resets", "driver.freeze", 0},
    [HS_LIMIT_CANCELS] = {"cancels", "migration.cancel", 0},
};

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
    return hs_machine_rows[machine].states[hs_machine_state(w, machine)];
}

/* ---- the table of steps --------------------------------------------------------------------- */

#define ONE false
#define PAGE true
#define FREE HS_LIMIT_COUNT

const struct hs_step_row hs_step_rows[HS_STEP_KIND_COUNT] = {
    [HS_APP_ALLOCATE] = {"app.allocate", HS_ACTOR_APP, PAGE, HS_CHOICE, hs_app_can_allocate,
        hs_app_allocate, FREE, "report-driver-3", "take a free page"},
    [HS_APP_WRITE] = {"app.write", HS_ACTOR_APP, PAGE, HS_CHOICE, hs_app_can_write, hs_app_write,
        HS_LIMIT_WRITES, "dirty logging of a vCPU write", "write a page, and rely on the data"},
    [HS_APP_FREE] = {"app.free", HS_ACTOR_APP, PAGE, HS_CHOICE, hs_app_can_free, hs_app_free, FREE,
        "__free_one_page", "give a page back to the allocator"},
    [HS_APP_READ] = {"app.read", HS_ACTOR_APP, PAGE, HS_CHOICE, hs_app_can_read, hs_app_read, FREE,
        "hint-driver-8", "read back what was written"},
    [HS_DRIVER_CONFIG_INTERRUPT] = {"driver.config-interrupt", HS_ACTOR_DRIVER, ONE, HS_DUTY,
        hs_driver_can_take_config_interrupt, hs_driver_take_config_interrupt, FREE,
        "virtballoon_changed", "note that the field must be read again, and queue the work item"},
    [HS_DRIVER_READ_COMMAND] = {"driver.read-command", HS_ACTOR_DRIVER, ONE, HS_DUTY,
        hs_driver_can_read_command, hs_driver_read_command, FREE, "report_free_page_func",
        "read free_page_hint_cmd_id and decide what to do"},
    [HS_DRIVER_START_ROUND] = {"driver.start-round", HS_ACTOR_DRIVER, ONE, HS_DUTY,
        hs_driver_can_start_round, hs_driver_start_round, FREE, "hint-driver-2, hint-driver-3",
        "queue an output buffer that refers to the command id"},
    [HS_DRIVER_LIST_FREE] = {"driver.list-free", HS_ACTOR_DRIVER, ONE, HS_CHOICE,
        hs_driver_can_list_free, hs_driver_list_free, FREE, "hint-driver-8 (2016 patches)",
        "list the pages that are free now, to hint them later"},
    [HS_DRIVER_HINT_PAGE] = {"driver.hint-page", HS_ACTOR_DRIVER, PAGE, HS_DUTY,
        hs_driver_can_hint_page, hs_driver_hint_page, FREE,
        "hint-driver-4, hint-driver-5, hint-driver-8", "queue a free block as an input buffer"},
    [HS_DRIVER_END_ROUND] = {"driver.end-round", HS_ACTOR_DRIVER, ONE, HS_DUTY,
        hs_driver_can_end_round, hs_driver_end_round, FREE, "hint-driver-6",
        "queue an output buffer that holds STOP"},
    [HS_DRIVER_COLLECT_USED] = {"driver.collect-used", HS_ACTOR_DRIVER, ONE, HS_DUTY,
        hs_driver_can_collect_used, hs_driver_collect_used, FREE, "virtqueue_get_buf",
        "take used buffers back and learn from their tokens"},
    [HS_DRIVER_SHRINK] = {"driver.shrink", HS_ACTOR_DRIVER, PAGE, HS_CHOICE, hs_driver_can_shrink,
        hs_driver_give_back, FREE, "hint-driver-7, hint-driver-9",
        "memory pressure: give a held block back early"},
    [HS_DRIVER_RELEASE] = {"driver.release", HS_ACTOR_DRIVER, PAGE, HS_DUTY, hs_driver_can_release,
        hs_driver_give_back, FREE, "hint-driver-7, hint-driver-10",
        "give a held block back to the allocator"},
    [HS_DRIVER_ISOLATE_BATCH] = {"driver.isolate-batch", HS_ACTOR_DRIVER, ONE, HS_CHOICE,
        hs_driver_can_isolate_batch, hs_driver_isolate_batch, FREE,
        "report-driver-4, report-driver-5", "take unreported free blocks off the free list"},
    [HS_DRIVER_REPORT_BATCH] = {"driver.report-batch", HS_ACTOR_DRIVER, ONE, HS_DUTY,
        hs_driver_can_report_batch, hs_driver_report_batch, FREE,
        "report-driver-2, feature-driver-1", "queue the batch as one report"},
    [HS_DRIVER_COLLECT_REPORT] = {"driver.collect-report", HS_ACTOR_DRIVER, ONE, HS_DUTY,
        hs_driver_can_collect_report, hs_driver_collect_report, FREE, "report-driver-3",
        "learn that the report was used"},
    [HS_DRIVER_PUT_BACK] = {"driver.put-back", HS_ACTOR_DRIVER, ONE, HS_DUTY,
        hs_driver_can_put_back, hs_driver_put_back, FREE, "report-driver-3",
        "put the batch back on the free list, marked"},
    [HS_DRIVER_INFLATE] = {"driver.inflate", HS_ACTOR_DRIVER, PAGE, HS_CHOICE,
        hs_driver_can_inflate, hs_driver_inflate, FREE, "balloon-driver-4",
        "put a free page into the balloon, tell the device"},
    [HS_DRIVER_COLLECT_INFLATE] = {"driver.collect-inflate", HS_ACTOR_DRIVER, ONE, HS_DUTY,
        hs_driver_can_collect_inflate, hs_driver_collect_inflate, FREE, "balloon-driver-4",
        "learn that the inflate was used"},
    [HS_DRIVER_DEFLATE] = {"driver.deflate", HS_ACTOR_DRIVER, PAGE, HS_CHOICE,
        hs_driver_can_deflate, hs_driver_deflate, FREE,
        "balloon-driver-1, balloon-driver-3, balloon-driver-5",
        "ask for a page of the balloon back"},
    [HS_DRIVER_COLLECT_DEFLATE] = {"driver.collect-deflate", HS_ACTOR_DRIVER, ONE, HS_DUTY,
        hs_driver_can_collect_deflate, hs_driver_collect_deflate, FREE,
        "balloon-driver-2, poison-driver-1", "learn that the deflate was used"},
    [HS_DRIVER_FREEZE] = {"driver.freeze", HS_ACTOR_DRIVER, ONE, HS_CHOICE, hs_driver_can_freeze,
        hs_driver_freeze, HS_LIMIT_RESETS, "remove_common",
        "suspend or removal begins: give everything back"},
    [HS_DRIVER_RESET] = {"driver.reset", HS_ACTOR_DRIVER, ONE, HS_DUTY, hs_driver_can_reset,
        hs_driver_reset, FREE, "poison-driver-2 (virtballoon_restore)",
        "reset the device and set it up again"},
    [HS_DEVICE_WAKE] = {"device.wake", HS_ACTOR_DEVICE, ONE, HS_DUTY, hs_device_can_wake,
        hs_device_wake, FREE, "virtio_balloon_handle_free_page_vq",
        "answer a kick: serve free_page_vq, and suppress further kicks"},
    [HS_DEVICE_TAKE_ELEMENT] = {"device.take-element", HS_ACTOR_DEVICE, ONE, HS_DUTY,
        hs_device_can_take_element, hs_device_take_element, FREE,
        "hint-device-2, hint-device-3, hint-device-4, hint-device-5",
        "take the next element of free_page_vq and act on it"},
    [HS_DEVICE_APPLY_HINT] = {"device.apply-hint", HS_ACTOR_DEVICE, ONE, HS_DUTY,
        hs_device_can_apply_hint, hs_device_apply_hint, FREE,
        "hint-device-3, hint-device-4, hint-device-5", "apply the hint in hand (without the lock)"},
    [HS_DEVICE_FIND_EMPTY] = {"device.find-empty", HS_ACTOR_DEVICE, ONE, HS_DUTY,
        hs_device_can_find_empty, hs_device_find_empty, FREE, "virtio_ballloon_get_free_page_hints",
        "find free_page_vq empty and leave the loop"},
    [HS_DEVICE_SLEEP] = {"device.sleep", HS_ACTOR_DEVICE, ONE, HS_DUTY, hs_device_can_sleep,
        hs_device_sleep, FREE, "virtio_queue_set_notification", "ask for kicks again"},
    [HS_DEVICE_TAKE_REPORT] = {"device.take-report", HS_ACTOR_DEVICE, ONE, HS_DUTY,
        hs_device_can_take_report, hs_device_take_report, FREE, "report-device-1", "take a report"},
    [HS_DEVICE_DISCARD] = {"device.discard", HS_ACTOR_DEVICE, PAGE, HS_DUTY, hs_device_can_discard,
        hs_device_discard, FREE, "report-device-1, report-device-2",
        "discard one page range of the report in hand"},
    [HS_DEVICE_USE_ELEMENT] = {"device.use-element", HS_ACTOR_DEVICE, ONE, HS_DUTY,
        hs_device_can_use_element, hs_device_use_element, FREE, "report-driver-3",
        "put the report on the used ring"},
    [HS_DEVICE_TAKE_INFLATE] = {"device.take-inflate", HS_ACTOR_DEVICE, ONE, HS_DUTY,
        hs_device_can_take_inflate, hs_device_take_inflate, FREE, "balloon-device-1",
        "discard the page of an inflate request and use the request"},
    [HS_DEVICE_TAKE_DEFLATE] = {"device.take-deflate", HS_ACTOR_DEVICE, ONE, HS_DUTY,
        hs_device_can_take_deflate, hs_device_take_deflate, FREE, "balloon-device-2",
        "use a deflate request"},
    [HS_DEVICE_DMA_WRITE] = {"device.dma-write", HS_ACTOR_DEVICE, PAGE, HS_CHOICE,
        hs_device_can_dma_write, hs_page_host_write, HS_LIMIT_DMA, "QEMU's own dirty bitmap",
        "a device writes a page in use"},
    [HS_DEVICE_CHANGE_TARGET] = {"device.change-target", HS_ACTOR_DEVICE, ONE, HS_CHOICE,
        hs_device_can_change_target, hs_device_change_target, HS_LIMIT_CHANGES,
        "virtio_notify_config", "a config change that has nothing to do with hinting"},
    [HS_DEVICE_REQUEST_HINTS] = {"device.request-hints", HS_ACTOR_DEVICE, ONE, HS_CHOICE,
        hs_device_can_request_hints, hs_device_request_hints, HS_LIMIT_ROUNDS, "hint-device-2",
        "the operator asks for a round of hints"},
    [HS_DEVICE_END_HINTS] = {"device.end-hints", HS_ACTOR_DEVICE, ONE, HS_DUTY,
        hs_device_can_end_hints, hs_device_end_hints, FREE, "hint-device-6",
        "the operator's round is over: DONE"},
    [HS_MIGRATION_START] = {"migration.start", HS_ACTOR_MIGRATION, ONE, HS_CHOICE,
        hs_migration_can_start, hs_migration_start, HS_LIMIT_MIGRATIONS, "ram_init_bitmaps",
        "every page is to be sent, to an empty destination"},
    [HS_MIGRATION_ENABLE_LOG] = {"migration.enable-log", HS_ACTOR_MIGRATION, ONE, HS_DUTY,
        hs_migration_can_enable_log, hs_migration_enable_log, FREE, "memory_global_dirty_log_start",
        "switch dirty logging on"},
    [HS_MIGRATION_STOP_HINTS] = {"migration.stop-hints", HS_ACTOR_MIGRATION, ONE, HS_DUTY,
        hs_migration_can_stop_hints, hs_migration_stop_hints, FREE, "hint-device-1",
        "before a sync: refuse hints"},
    [HS_MIGRATION_SYNC] = {"migration.sync", HS_ACTOR_MIGRATION, ONE, HS_DUTY,
        hs_migration_can_sync, hs_migration_sync, FREE, "memory_global_dirty_log_sync",
        "GET: read the log into the known bits and the host log"},
    [HS_MIGRATION_MERGE_LOG] = {"migration.merge-log", HS_ACTOR_MIGRATION, ONE, HS_DUTY,
        hs_migration_can_merge_log, hs_migration_merge_log, FREE, "ramblock_sync_dirty_bitmap",
        "move the host log into the bitmap; every chunk's log is to be cleared"},
    [HS_MIGRATION_START_HINTS] = {"migration.start-hints", HS_ACTOR_MIGRATION, ONE, HS_DUTY,
        hs_migration_can_start_hints, hs_migration_start_hints, FREE, "hint-device-2",
        "after a sync: ask for hints under a new id"},
    [HS_MIGRATION_DONE_HINTS] = {"migration.done-hints", HS_ACTOR_MIGRATION, ONE, HS_DUTY,
        hs_migration_can_done_hints, hs_migration_done_hints, FREE, "hint-device-6",
        "after the final sync: hinted pages are needed no longer"},
    [HS_MIGRATION_BEGIN_PAGE] = {"migration.begin-page", HS_ACTOR_MIGRATION, PAGE, HS_DUTY,
        hs_migration_can_begin_page, hs_migration_begin_page, FREE, "migration_bitmap_clear_dirty",
        "begin to send a page: clear its records, or read it (send-order)"},
    [HS_MIGRATION_FINISH_PAGE] = {"migration.finish-page", HS_ACTOR_MIGRATION, PAGE, HS_DUTY,
        hs_migration_can_finish_page, hs_migration_finish_page, FREE, "ram_save_page",
        "finish: read it and send it, or clear its records (send-order)"},
    [HS_MIGRATION_STOP_VM] = {"migration.stop-vm", HS_ACTOR_MIGRATION, ONE, HS_DUTY,
        hs_migration_can_stop_vm, hs_migration_stop_vm, FREE, "migration_completion",
        "stop the VM for the final round"},
    [HS_MIGRATION_SWITCH_OVER] = {"migration.switch-over", HS_ACTOR_MIGRATION, ONE, HS_DUTY,
        hs_migration_can_switch_over, hs_migration_switch_over, FREE, "hint-device-6",
        "the destination takes over"},
    [HS_MIGRATION_GO_POSTCOPY] = {"migration.go-postcopy", HS_ACTOR_MIGRATION, ONE, HS_CHOICE,
        hs_migration_can_go_postcopy, hs_migration_go_postcopy, FREE, "postcopy_start",
        "the destination takes over and pulls what is missing"},
    [HS_MIGRATION_PULL_PAGE] = {"migration.pull-page", HS_ACTOR_MIGRATION, PAGE, HS_DUTY,
        hs_migration_can_pull_page, hs_migration_pull_page, FREE, "ram_save_queue_pages",
        "send a page to the destination that runs"},
    [HS_MIGRATION_CANCEL] = {"migration.cancel", HS_ACTOR_MIGRATION, ONE, HS_CHOICE,
        hs_migration_can_cancel, hs_migration_cancel, HS_LIMIT_CANCELS, "hint-device-6",
        "give up: the source runs on"},
    [HS_LOG_HARVEST] = {"log.harvest", HS_ACTOR_LOG, ONE, HS_DUTY, hs_log_can_harvest,
        hs_log_harvest, FREE, "kvm_dirty_ring_reap",
        "take the ring's entries out and protect those pages again"},
    [HS_DESTINATION_READ] = {"destination.read", HS_ACTOR_DESTINATION, PAGE, HS_CHOICE,
        hs_destination_can_read, hs_destination_read, FREE, "hint-driver-8",
        "the guest, at the destination, reads what it had written"},
    [HS_DESTINATION_WRITE] = {"destination.write", HS_ACTOR_DESTINATION, PAGE, HS_CHOICE,
        hs_destination_can_write, hs_destination_write, HS_LIMIT_WRITES, "-",
        "the guest, at the destination, writes a page"},
};

enum hs_step_kind hs_step_find(const char *name)
{
    for (unsigned kind = 0; kind < HS_STEP_KIND_COUNT; kind++) {
        if (strcmp(hs_step_rows[kind].name, name) == 0)
            return (enum hs_step_kind)kind;
    }
    return HS_STEP_KIND_COUNT;
}

bool hs_limit_left(struct hs_world w, enum hs_limit limit, struct hs_refusal *why)
{
    if (limit == HS_LIMIT_COUNT || w.config->limits[limit] == HS_UNLIMITED)
        return true;
    return HS_NEED(w.state->spent[limit] < w.config->limits[limit], why,
        "the limit %s is spent (%u)", hs_limit_rows[limit].name, w.config->limits[limit]);
}

void hs_limit_spend(struct hs_world w, enum hs_limit limit)
{
    if (limit != HS_LIMIT_COUNT && w.config->limits[limit] != HS_UNLIMITED)
        w.state->spent[limit]++;
}

bool hs_world_enabled(struct hs_world w, struct hs_step step, struct hs_refusal *why)
{
    const struct hs_step_row *row = &hs_step_rows[step.kind];
    return row->guard(w, step.page, why) && hs_limit_left(w, row->limit, why);
}

/* List one kind, which is a constant: the row's guard is then called directly, or inlined. */
static inline __attribute__((always_inline)) unsigned list_kind(
    struct hs_world w, unsigned kind, struct hs_step *steps, unsigned count)
{
    if (kind >= HS_STEP_KIND_COUNT)
        return count;
    const struct hs_step_row *row = &hs_step_rows[kind];
    unsigned pages = row->has_page ? w.config->pages : 1;
    if (!(w.config->possible >> kind & 1u) || !hs_limit_left(w, row->limit, NULL))
        return count;
    for (unsigned p = 0; p < pages; p++) {
        if (row->guard(w, p, NULL))
            steps[count++] = (struct hs_step){(uint8_t)kind, (uint8_t)p};
    }
    return count;
}

/* Eight kinds in a row. */
static inline __attribute__((always_inline)) unsigned list_eight(
    struct hs_world w, unsigned kind, struct hs_step *steps, unsigned count)
{
    count = list_kind(w, kind, steps, count);
    count = list_kind(w, kind + 1, steps, count);
    count = list_kind(w, kind + 2, steps, count);
    count = list_kind(w, kind + 3, steps, count);
    count = list_kind(w, kind + 4, steps, count);
    count = list_kind(w, kind + 5, steps, count);
    count = list_kind(w, kind + 6, steps, count);
    return list_kind(w, kind + 7, steps, count);
}

/* A search spends much of its time here.  Written without a loop, so that the guards are known
 * early enough to be inlined; what they share is then computed once. */
__attribute__((flatten)) unsigned hs_world_steps(
    struct hs_world w, struct hs_step steps[HS_STEPS_MAX])
{
    unsigned count = 0;
    static_assert(HS_STEP_KIND_COUNT <= 56, "all kinds are listed");
    count = list_eight(w, 0, steps, count);
    count = list_eight(w, 8, steps, count);
    count = list_eight(w, 16, steps, count);
    count = list_eight(w, 24, steps, count);
    count = list_eight(w, 32, steps, count);
    count = list_eight(w, 40, steps, count);
    return list_eight(w, 48, steps, count);
}

void hs_world_take(struct hs_world w, struct hs_step step)
{
    const struct hs_step_row *row = &hs_step_rows[step.kind];
    hs_limit_spend(w, row->limit);
    row->effect(w, step.page);
}

/* ---- layout and start ----------------------------------------------------------------------- */

static const char *check_rules(const struct hs_config *config)
{
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        if (config->rules.value[r] >= hs_rule_value_count((enum hs_rule)r))
            return "rules: every rule has one of its values";
    }
    if (config->rules.value[HS_RULE_LOG_CHUNK] == 0)
        return "log-chunk: 1 to 64";
    return config->policy < HS_POLICY_COUNT ? NULL : "policy: any or lifo";
}

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
    return NULL;
}

/* Reserve `bytes`, aligned; returns where they stand. */
static uint16_t reserve(size_t *size, size_t bytes, size_t alignment)
{
    size_t at = (*size + alignment - 1) / alignment * alignment;
    *size = at + bytes;
    return (uint16_t)at;
}

/* Do rules and sizes rule steps of this kind out, whatever happens?  What their guards ask of the
 * configuration alone is asked here once for all. */
static bool is_ruled_out(const struct hs_config *config, enum hs_step_kind kind)
{
    const uint8_t *rules = config->rules.value;
    bool follows_used = rules[HS_RULE_RELEASE] == HS_RELEASE_AFTER_USED ||
                        rules[HS_RULE_RELEASE] == HS_RELEASE_AFTER_ALL_USED;
    switch (kind) {
    case HS_DRIVER_LIST_FREE:
        return rules[HS_RULE_HINT_SOURCE] != HS_SOURCE_ITERATE ||
               rules[HS_RULE_HINT_ONLY_FREE] == HS_ON;
    case HS_DRIVER_COLLECT_USED:
        return !config->queue_size[HS_QUEUE_FREE_PAGE] || !follows_used;
    case HS_DRIVER_ISOLATE_BATCH:
    case HS_DRIVER_REPORT_BATCH:
    case HS_DRIVER_COLLECT_REPORT:
    case HS_DRIVER_PUT_BACK:
    case HS_DEVICE_TAKE_REPORT:
    case HS_DEVICE_DISCARD:
    case HS_DEVICE_USE_ELEMENT:
        return !config->queue_size[HS_QUEUE_REPORTING];
    case HS_DRIVER_INFLATE:
    case HS_DRIVER_COLLECT_INFLATE:
    case HS_DEVICE_TAKE_INFLATE:
        return !config->queue_size[HS_QUEUE_INFLATE];
    case HS_DRIVER_DEFLATE:
    case HS_DRIVER_COLLECT_DEFLATE:
    case HS_DEVICE_TAKE_DEFLATE:
        return !config->queue_size[HS_QUEUE_DEFLATE];
    case HS_DEVICE_WAKE:
    case HS_DEVICE_TAKE_ELEMENT:
    case HS_DEVICE_FIND_EMPTY:
        return !config->queue_size[HS_QUEUE_FREE_PAGE];
    case HS_DEVICE_APPLY_HINT:
        return rules[HS_RULE_HINT_UNDER_LOCK] == HS_ON;
    case HS_DEVICE_REQUEST_HINTS:
    case HS_DEVICE_END_HINTS:
        return rules[HS_RULE_HINT_TRIGGER] != HS_TRIGGER_REQUEST;
    case HS_MIGRATION_STOP_HINTS:
        return rules[HS_RULE_STOP_BEFORE_SYNC] == HS_OFF;
    case HS_MIGRATION_GO_POSTCOPY:
    case HS_MIGRATION_PULL_PAGE:
        return !config->postcopy;
    case HS_LOG_HARVEST:
        return rules[HS_RULE_LOG] != HS_LOG_RING;
    default:
        return false;
    }
}

static uint64_t possible_kinds(const struct hs_config *config)
{
    uint64_t possible = 0;
    for (unsigned kind = 0; kind < HS_STEP_KIND_COUNT; kind++)
        possible |= (uint64_t)!is_ruled_out(config, (enum hs_step_kind)kind) << kind;
    return possible;
}

const char *hs_config_finish(struct hs_config *config)
{
    const char *wrong = check_rules(config);
    if (!wrong)
        wrong = check_sizes(config);
    if (wrong)
        return wrong;
    unsigned chunk = config->rules.value[HS_RULE_LOG_CHUNK];
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
    config->possible = possible_kinds(config);
    return NULL;
}

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
        .log_on = 1};
    /* A round begun before the last was spent on request is spent as well: one more. */
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
        hs_page(w, p)->listed = hs_rule(w, HS_RULE_HINT_SOURCE) == HS_SOURCE_ITERATE;
        hs_page(w, p)->faulted = hs_rule(w, HS_RULE_REFUSE_WRITTEN) == HS_ON;
        hs_page(w, p)->awaited = w.config->postcopy;
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

void hs_world_widest(struct hs_world w)
{
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

void hs_world_init(struct hs_world w)
{
    bool poisons = hs_rule(w, HS_RULE_POISON) != HS_POISON_OFF;
    memset(w.state, 0, w.config->layout.size);
    for (unsigned p = 0; p < w.config->pages; p++) {
        struct hs_page *page = hs_page(w, p);
        bool is_free = w.config->free_at_start >> p & 1u;
        page->owner = is_free ? HS_OWNER_FREE : HS_OWNER_APP;
        page->content = is_free ? hs_page_free_content(w) & 3u : HS_CONTENT_DATA;
        page->relies = !is_free ? HS_RELIES_DATA : poisons ? HS_RELIES_VALUE : HS_RELIES_NOTHING;
    }
    hs_buddy_build(w);
    w.state->device.poison_set = poisons && hs_rule(w, HS_RULE_POISON_NEGOTIATED) == HS_ON;
    if (w.config->queue_size[HS_QUEUE_FREE_PAGE]) {
        unsigned release = hs_rule(w, HS_RULE_RELEASE);
        bool callback = release == HS_RELEASE_AFTER_USED || release == HS_RELEASE_AFTER_ALL_USED;
        hs_queue(w, HS_QUEUE_FREE_PAGE).ring->interrupts_suppressed = !callback;
    }
}

uint64_t hs_world_hash(struct hs_world w)
{
    const uint64_t *words = (const uint64_t *)(const void *)w.state;
    uint64_t hash = 0x9e3779b97f4a7c15u;
    for (unsigned i = 0; i < w.config->layout.size / 8u; i++) {
        hash = (hash ^ words[i]) * 0xff51afd7ed558ccdu;
        hash ^= hash >> 32;
    }
    return hash;
}

const char *hs_world_check(struct hs_world w)
{
    const char *broken = NULL;
    for (unsigned p = 0; p < w.config->pages && !broken; p++)
        broken = hs_page_check(w, p);
    if (!broken)
        broken = hs_buddy_check(w);
    if (!broken)
        broken = hs_driver_check(w);
    if (!broken)
        broken = hs_device_check(w);
    if (!broken)
        broken = hs_migration_check(w);
    return broken;
}
