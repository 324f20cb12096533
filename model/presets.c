/* SPDX-License-Identifier: BSD-3-Clause */
/* The presets, and the real behaviour that each of their values stands for. */
#include "presets.h"

#include <stddef.h>
#include <string.h>

/* ---- guests --------------------------------------------------------------------------------- */

static const struct hs_preset_value linux_5_0[] = {
    {HS_RULE_RELEASE, HS_RELEASE_AFTER_DONE,
        "without DEFLATE_ON_OOM, which QEMU does not offer by default, there is no shrinker"},
    {HS_RULE_SHRINKER, HS_OFF, "there is none; here blocks go back in any order after DONE"},
    {HS_RULE_HINT_SOURCE, HS_SOURCE_ALLOCATE, "alloc_pages, never waiting, never reclaiming"},
    {HS_RULE_COMMAND_WORD, HS_WORD_SHARED, "cmd_id_active serves every start buffer"},
    {HS_RULE_ROUND_END, HS_END_SENDS_STOP, "send_cmd_id_stop"},
    {HS_RULE_RESET_RETURNS, HS_OFF, "removal leaves the held blocks allocated (5.6 returns them)"},
    {HS_RULE_POISON_NEGOTIATED, HS_OFF, "a guest of the time may poison without the host knowing"},
    {HS_RULE_POISON_AFTER_RESET, HS_OFF, "restore does not write poison_val again"},
};
/* As linux-5.0, but: */
static const struct hs_preset_value linux_5_0_deflate_on_oom[] = {
    {HS_RULE_RELEASE, HS_RELEASE_ANY_TIME,
        "with DEFLATE_ON_OOM a shrinker is registered; it never looks at the queue"},
    {HS_RULE_SHRINKER, HS_ON, "virtio_balloon_shrinker_scan pops the held list, a stack"},
};
/* As linux-5.0, but: */
static const struct hs_preset_value linux_5_7[] = {
    {HS_RULE_RELEASE, HS_RELEASE_ANY_TIME, "the shrinker never looks at the queue"},
    {HS_RULE_SHRINKER, HS_ON, "a shrinker for hinted blocks alone (71994620bb25)"},
    {HS_RULE_REPORT_REUSE, HS_REPORT_REUSE_AFTER_USED,
        "the report worker sleeps until the request is used"},
    {HS_RULE_POISON_NEGOTIATED, HS_OFF, "a host of the time may lack PAGE_POISON"},
    {HS_RULE_REPORT_UNPOISONED, HS_ON, "before 5.8 (fb69c2c896fc) reporting asks for nothing"},
    {HS_RULE_RESET_RETURNS, HS_ON, "remove_common returns the held blocks, then resets"},
};
/* As linux-5.7, but: */
static const struct hs_preset_value linux_6_1[] = {
    {HS_RULE_SHRINKER, HS_ON, "virtio_balloon_shrinker_scan pops the held list, a stack"},
    {HS_RULE_TELL_HOST, HS_ON, "leak_balloon tells the host first, negotiated or not"},
    {HS_RULE_POISON_NEGOTIATED, HS_ON, "QEMU offers PAGE_POISON"},
    {HS_RULE_REPORT_UNPOISONED, HS_OFF, "virtballoon_validate clears PAGE_REPORTING (5.8)"},
};
/* As linux-6.1, but: */
static const struct hs_preset_value linux_wait_on_ack[] = {
    {HS_RULE_RELEASE, HS_RELEASE_ANY_TIME, "the shrinker never looks at the queue, as in 6.1"},
    {HS_RULE_COMMAND_WORD, HS_WORD_SHARED, "as 6.1; it does not change while a start waits"},
    {HS_RULE_HINT_WAIT, HS_WAIT_EACH,
        "it sleeps until start, each hint and stop are used; a page is held from then on"},
    {HS_RULE_RESET_RETURNS, HS_ON, "as 6.1; the work item is awaited first, and so what it queued"},
};
/* As linux-6.1, but: */
static const struct hs_preset_value linux_pipelined_ack[] = {
    {HS_RULE_RELEASE, HS_RELEASE_AFTER_USED, "a page goes back once its own hint was used"},
    {HS_RULE_SHRINKER, HS_ON, "as 6.1, but passing over blocks whose hint is not used"},
    {HS_RULE_HINT_WAIT, HS_WAIT_NONE, "many hints are queued at once, as in 6.1"},
};
static const struct hs_preset_value rcore[] = {
    {HS_RULE_RELEASE, HS_RELEASE_ANY_TIME, "the caller has its pages back as the call returns"},
    {HS_RULE_SHRINKER, HS_OFF, "the caller takes them, in any order"},
    {HS_RULE_COMMAND_WORD, HS_WORD_ONE_PER_ROUND, "each call hands over the id that it was given"},
    {HS_RULE_HINT_WAIT, HS_WAIT_EACH, "add_notify_wait_pop returns once the element was used"},
    {HS_RULE_REPORT_REUSE, HS_REPORT_REUSE_AFTER_USED, "report_unused_pages waits for its use"},
    {HS_RULE_INFLATE_REUSE, HS_INFLATE_REUSE_AFTER_USED, "inflate waits for its use"},
    {HS_RULE_TELL_HOST, HS_ON, "deflate waits for its use"},
    {HS_RULE_POISON_NEGOTIATED, HS_OFF, "it accepts PAGE_POISON, and writes no poison_val"},
};
static const struct hs_preset_value virtio_win[] = {
    {HS_RULE_TELL_HOST, HS_OFF, "BalloonLeak frees the pages, and tells the host afterwards"},
    {HS_RULE_INFLATE_REUSE, HS_INFLATE_REUSE_ANY_TIME,
        "BalloonTellHost waits a second, and goes on without an answer"},
    {HS_RULE_REPORT_REUSE, HS_REPORT_REUSE_ANY_TIME,
        "BalloonReportHold lists a page before it reports it; low memory empties the list"},
};
static const struct hs_preset_value spec_latitude[] = {
    {HS_RULE_RELEASE, HS_RELEASE_ANY_TIME, "hint-driver-7 (MAY)"},
    {HS_RULE_SHRINKER, HS_OFF, "hint-driver-7: in any order"},
    {HS_RULE_HINT_SOURCE, HS_SOURCE_ALLOCATE, "where hinted pages come from is left open"},
    {HS_RULE_HINT_ONLY_FREE, HS_ON, "hint-driver-8, hint-driver-2"},
    {HS_RULE_COMMAND_WORD, HS_WORD_ONE_PER_ROUND, "hint-driver-2: the buffer holds the id"},
    {HS_RULE_ROUND_END, HS_END_SENDS_STOP, "hint-driver-6 (MUST)"},
    {HS_RULE_REPORT_REUSE, HS_REPORT_REUSE_AFTER_USED, "report-driver-3 (MUST NOT)"},
    {HS_RULE_TELL_HOST, HS_OFF, "balloon-driver-3 (MAY)"},
};
static const struct hs_preset_value thread_iterator[] = {
    {HS_RULE_RELEASE, HS_RELEASE_ANY_TIME, "push a page and let Linux use it immediately"},
    {HS_RULE_SHRINKER, HS_OFF, "nothing is held, so nothing is shrunk"},
    {HS_RULE_HINT_SOURCE, HS_SOURCE_ITERATE,
        "hinting need not allocate; it iterates over free pages"},
    {HS_RULE_HINT_ONLY_FREE, HS_ON, "the page was free after the request was received"},
};
static const struct hs_preset_value thread_aerating[] = {
    {HS_RULE_RELEASE, HS_RELEASE_AFTER_ALL_USED,
        "one completion says that all pages are processed"},
    {HS_RULE_SHRINKER, HS_OFF, "a batch goes back when it was processed"},
    {HS_RULE_REPORT_REUSE, HS_REPORT_REUSE_AFTER_USED,
        "memory is unused until the host has used the buffer"},
};
static const struct hs_preset_value thread_rx_ring[] = {
    {HS_RULE_RELEASE, HS_RELEASE_AFTER_USED,
        "page and buffer are associated one to one by the token"},
    {HS_RULE_SHRINKER, HS_OFF, "each page goes back when its own buffer was used"},
    {HS_RULE_HINT_SOURCE, HS_SOURCE_ALLOCATE, "as a network driver posts receive buffers"},
};

/* ---- hosts ---------------------------------------------------------------------------------- */

static const struct hs_preset_value qemu_4_0[] = {
    {HS_RULE_HINT_EFFECT, HS_EFFECT_SKIP, "the hint clears the migration bitmap alone"},
    {HS_RULE_USED_LENGTH, HS_USED_LENGTH_ONE, "before 7.0 virtqueue_push(vq, elem, 1) (measured)"},
    {HS_RULE_RESTART, HS_RESTART_SAME_ID, "before 20a4da0f23 an equal id always started"},
    {HS_RULE_DONE_AT_END, HS_DONE_COMPLETED, "before dd8eeb9671 cancel and failure said STOP"},
    {HS_RULE_HINT_WITH_POSTCOPY, HS_ON, "before fd51e54fa1 postcopy was no obstacle"},
    {HS_RULE_LOG, HS_LOG_LEGACY, "manual protection came with 4.1"},
    {HS_RULE_INITIALLY_ALL_SET, HS_OFF, "needs the manual log"},
};
/* As qemu-4.0, but: */
static const struct hs_preset_value qemu_4_1[] = {
    {HS_RULE_LOG, HS_LOG_MANUAL, "KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2 where the kernel has it"},
    {HS_RULE_INITIALLY_ALL_SET, HS_OFF, "4.1 did not ask for it"},
    {HS_RULE_LOG_CHUNK, HS_LOG_CHUNK_MAX, "a chunk is 1 GiB: all of a small guest"},
};
/* As qemu-4.1, but: */
static const struct hs_preset_value qemu_5_0[] = {
    {HS_RULE_INITIALLY_ALL_SET, HS_ON, "KVM_DIRTY_LOG_INITIALLY_SET where the kernel has it"},
};
/* As qemu-7.2-kvm but for what stands here. */
static const struct hs_preset_value qemu_5_2_kvm[] = {
    {HS_RULE_HINT_EFFECT, HS_EFFECT_SKIP,
        "before 6.1 the hint clears the migration bitmap alone (measured on 5.2)"},
    {HS_RULE_USED_LENGTH, HS_USED_LENGTH_ONE, "before 7.0 virtqueue_push(vq, elem, 1) (measured)"},
    {HS_RULE_HINT_WITH_POSTCOPY, HS_ON, "before fd51e54fa1 postcopy was no obstacle (measured)"},
    {HS_RULE_LOG, HS_LOG_MANUAL, "KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, the default"},
    {HS_RULE_INITIALLY_ALL_SET, HS_ON,
        "KVM_DIRTY_LOG_INITIALLY_SET, the default; off with kernels before 5.7"},
    {HS_RULE_LOG_CHUNK, HS_LOG_CHUNK_MAX, "a chunk is 1 GiB: all of a small guest"},
};
static const struct hs_preset_value qemu_5_2_tcg[] = {
    {HS_RULE_HINT_EFFECT, HS_EFFECT_SKIP, "before 6.1 the hint clears the migration bitmap alone"},
    {HS_RULE_USED_LENGTH, HS_USED_LENGTH_ONE, "before 7.0 virtqueue_push(vq, elem, 1) (measured)"},
    {HS_RULE_HINT_WITH_POSTCOPY, HS_ON, "before fd51e54fa1 postcopy was no obstacle (measured)"},
    {HS_RULE_LOG, HS_LOG_LEGACY, "the guest's writes set QEMU's own bitmap; reading it clears it"},
    {HS_RULE_REARM_AT_SYNC, HS_REARM_OFF,
        "whole words are read at once, and no TLB entry is made to trap again (measured)"},
    {HS_RULE_INITIALLY_ALL_SET, HS_OFF, "a KVM feature"},
};
/* As qemu-5.2-kvm, but: */
static const struct hs_preset_value qemu_6_1[] = {
    {HS_RULE_HINT_EFFECT, HS_EFFECT_SKIP_AND_CLEAR_LOG, "since 6.1 the chunk's log is cleared too"},
    {HS_RULE_USED_LENGTH, HS_USED_LENGTH_ONE, "before 7.0 virtqueue_push(vq, elem, 1)"},
    {HS_RULE_HINT_WITH_POSTCOPY, HS_ON, "before fd51e54fa1 postcopy was no obstacle"},
};
/* As qemu-6.1, but: */
static const struct hs_preset_value qemu_6_2[] = {
    {HS_RULE_HINT_WITH_POSTCOPY, HS_OFF, "the notifier does nothing (fd51e54fa1)"},
};
static const struct hs_preset_value qemu_7_2_kvm[] = {
    {HS_RULE_STOP_BEFORE_SYNC, HS_ON, "PRECOPY_NOTIFY_BEFORE_BITMAP_SYNC stops"},
    {HS_RULE_NEW_ID_AFTER_SYNC, HS_ON, "PRECOPY_NOTIFY_AFTER_BITMAP_SYNC starts with the next id"},
    {HS_RULE_HINT_UNDER_LOCK, HS_ON, "free_page_lock covers taking and applying"},
    {HS_RULE_HINT_EFFECT, HS_EFFECT_SKIP_AND_CLEAR_LOG, "since 6.1 the chunk's log is cleared too"},
    {HS_RULE_USED_LENGTH, HS_USED_LENGTH_ZERO, "since 7.0 virtqueue_push(vq, elem, 0)"},
    {HS_RULE_RESTART, HS_RESTART_NEVER, "only REQUESTED becomes START (20a4da0f23)"},
    {HS_RULE_FIELD_WHILE_STARTED, HS_FIELD_STOP, "nothing fills the field in START (measured)"},
    {HS_RULE_DONE_AT_END, HS_DONE_ON, "cleanup says DONE (dd8eeb9671)"},
    {HS_RULE_HINT_WITH_POSTCOPY, HS_OFF, "the notifier does nothing (fd51e54fa1)"},
    {HS_RULE_KICK_AT_START, HS_OFF,
        "virtio-balloon-pci has no eventfd (measured); virtio-mmio with KVM has one"},
    {HS_RULE_LOG, HS_LOG_MANUAL, "KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, the default"},
    {HS_RULE_INITIALLY_ALL_SET, HS_ON, "KVM_DIRTY_LOG_INITIALLY_SET, the default"},
    {HS_RULE_CLEAR_MASK, HS_MASK_KNOWN, "kvm_log_clear_one_slot masks with the slot's bitmap"},
    {HS_RULE_SEND_ORDER, HS_SEND_CLEAR_THEN_COPY, "migration_bitmap_clear_dirty precedes the read"},
    {HS_RULE_LOG_CHUNK, HS_LOG_CHUNK_MAX, "a chunk is 1 GiB: all of a small guest"},
};
static const struct hs_preset_value qemu_7_2_legacy[] = {
    {HS_RULE_HINT_EFFECT, HS_EFFECT_SKIP_AND_CLEAR_LOG,
        "CLEAR has no effect without manual protection"},
    {HS_RULE_LOG, HS_LOG_LEGACY, "a kernel without manual protection: GET clears and protects"},
    {HS_RULE_INITIALLY_ALL_SET, HS_OFF, "needs manual protection"},
};
static const struct hs_preset_value qemu_7_2_ring[] = {
    {HS_RULE_HINT_EFFECT, HS_EFFECT_SKIP_AND_CLEAR_LOG, "no log_clear is registered with the ring"},
    {HS_RULE_LOG, HS_LOG_RING, "-accel kvm,dirty-ring-size=N"},
    {HS_RULE_INITIALLY_ALL_SET, HS_OFF, "never together with the ring (comment at KVM init)"},
};
static const struct hs_preset_value qemu_7_2_tcg[] = {
    {HS_RULE_HINT_EFFECT, HS_EFFECT_SKIP_AND_CLEAR_LOG, "TCG has no log_clear"},
    {HS_RULE_LOG, HS_LOG_LEGACY, "the guest's writes set QEMU's own bitmap; reading it clears it"},
    {HS_RULE_REARM_AT_SYNC, HS_REARM_OFF,
        "whole words are read at once, and no TLB entry is made to trap again (measured; 9.0 does)"},
    {HS_RULE_INITIALLY_ALL_SET, HS_OFF, "a KVM feature"},
};
/* As qemu-7.2-tcg, but: */
static const struct hs_preset_value qemu_7_2_tcg_odd_ram[] = {
    {HS_RULE_REARM_AT_SYNC, HS_REARM_ON,
        "page by page, each page's TLB entries trap again (measured)"},
};
static const struct hs_preset_value qemu_7_2_kvm_odd_ram[] = {
    {HS_RULE_HINT_EFFECT, HS_EFFECT_SKIP_AND_CLEAR_LOG, "no chunk is ever pending"},
    {HS_RULE_LOG, HS_LOG_LEGACY,
        "page by page, a sync clears each page's bit at once in KVM's log, too (measured)"},
    {HS_RULE_INITIALLY_ALL_SET, HS_ON, "KVM_DIRTY_LOG_INITIALLY_SET, the default"},
    {HS_RULE_LOG_CHUNK, HS_LOG_CHUNK_MAX, "a chunk is 1 GiB, and none is ever pending"},
};
/* QEMU 10.0.13 and 10.2.2 beside 7.2.22, function by function where a value says so. */
static const struct hs_preset_value qemu_10_2_kvm[] = {
    {HS_RULE_STOP_BEFORE_SYNC, HS_ON, "virtio_balloon_free_page_hint_notify is as in 7.2"},
    {HS_RULE_NEW_ID_AFTER_SYNC, HS_ON, "virtio_balloon_free_page_start is as in 7.2"},
    {HS_RULE_HINT_UNDER_LOCK, HS_ON, "virtio_ballloon_get_free_page_hints is as in 7.2"},
    {HS_RULE_HINT_EFFECT, HS_EFFECT_SKIP_AND_CLEAR_LOG,
        "qemu_guest_free_page_hint is as in 7.2, but for a migration being cancelled"},
    {HS_RULE_RESTART, HS_RESTART_NEVER, "get_free_page_hints is as in 7.2"},
    {HS_RULE_FIELD_WHILE_STARTED, HS_FIELD_STOP, "virtio_balloon_get_config is as in 7.2"},
    {HS_RULE_DONE_AT_END, HS_DONE_ON, "virtio_balloon_free_page_hint_notify is as in 7.2"},
    {HS_RULE_HINT_WITH_POSTCOPY, HS_OFF, "virtio_balloon_free_page_hint_notify is as in 7.2"},
    {HS_RULE_KICK_AT_START, HS_ON,
        "virtio-balloon-pci has ioeventfd=on, as virtio-mmio, and without KVM, too (measured)"},
    {HS_RULE_LOG, HS_LOG_MANUAL, "KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, the default (measured)"},
    {HS_RULE_INITIALLY_ALL_SET, HS_ON, "KVM_DIRTY_LOG_INITIALLY_SET, the default"},
    {HS_RULE_CLEAR_MASK, HS_MASK_KNOWN, "kvm_log_clear_one_slot is as in 7.2"},
    {HS_RULE_SEND_ORDER, HS_SEND_CLEAR_THEN_COPY,
        "migration_bitmap_clear_dirty is as in 7.2; 10.2 clears no log once the VM is stopped"},
    {HS_RULE_LOG_CHUNK, HS_LOG_CHUNK_MAX, "a chunk is 1 GiB: all of a small guest"},
};
/* As qemu-7.2-kvm-legacy, but: */
static const struct hs_preset_value qemu_10_2_legacy[] = {
    {HS_RULE_KICK_AT_START, HS_ON, "virtio_device_start_ioeventfd_impl (measured)"},
    {HS_RULE_LOG, HS_LOG_LEGACY,
        "a kernel without manual protection: GET clears and protects (read)"},
};
/* As qemu-7.2-ring, but: */
static const struct hs_preset_value qemu_10_2_ring[] = {
    {HS_RULE_KICK_AT_START, HS_ON, "virtio_device_start_ioeventfd_impl (measured)"},
    {HS_RULE_LOG, HS_LOG_RING, "-accel kvm,dirty-ring-size=N (measured)"},
};
/* As qemu-7.2-tcg, but: */
static const struct hs_preset_value qemu_10_2_tcg[] = {
    {HS_RULE_KICK_AT_START, HS_ON, "an ioeventfd needs no KVM any more (measured)"},
    {HS_RULE_REARM_AT_SYNC, HS_REARM_ON,
        "TLB entries trap again after each sync (measured; since 9.0)"},
};
/* QEMU 11.1.3: measured where a value says so, else as 10.2. */
/* As qemu-10.2-kvm, but: */
static const struct hs_preset_value qemu_11_1_kvm[] = {
    {HS_RULE_KICK_AT_START, HS_ON, "served on mmio and pci (measured)"},
    {HS_RULE_SYNC_BEFORE_STOP, HS_ON,
        "one more sync when nothing is left, with a downtime of 0, too (measured)"},
};
/* As qemu-10.2-ring, but: */
static const struct hs_preset_value qemu_11_1_ring[] = {
    {HS_RULE_KICK_AT_START, HS_ON, "served on mmio and pci (measured)"},
    {HS_RULE_SYNC_BEFORE_STOP, HS_ON,
        "one more sync when nothing is left, with a downtime of 0, too (measured)"},
};
/* As qemu-10.2-tcg, but: */
static const struct hs_preset_value qemu_11_1_tcg[] = {
    {HS_RULE_KICK_AT_START, HS_ON, "served on mmio and pci (measured)"},
    {HS_RULE_SYNC_BEFORE_STOP, HS_ON,
        "one more sync when nothing is left, with a downtime of 0, too (measured)"},
    {HS_RULE_REARM_AT_SYNC, HS_ON, "TLB entries trap again after each sync (measured)"},
};
static const struct hs_preset_value firecracker_1_14[] = {
    {HS_RULE_HINT_TRIGGER, HS_TRIGGER_REQUEST,
        "an API call starts a round, in any status, or ends it"},
    {HS_RULE_HINT_EFFECT, HS_EFFECT_DISCARD, "ranges are discarded at once, then marked used"},
    {HS_RULE_MOVES, HS_MOVES_SNAPSHOT, "there is no live migration: pause, snapshot, restore"},
    {HS_RULE_RESTART, HS_RESTART_ANY_CURRENT,
        "a range is discarded if the last command is the current id, however often that came"},
    {HS_RULE_OTHER_WORD, HS_OTHER_WORD_ANSWERED,
        "acknowledge_on_stop, the default: DONE once a STOP was taken and the queue is empty"},
    {HS_RULE_SERVE, HS_SERVE_KICK,
        "process_free_page_hinting_queue_event reads the eventfd and pops until empty"},
    {HS_RULE_WHILE_PAUSED, HS_PAUSED_DEVICE_RUNS,
        "pause_vm stops the vCPUs; the device's events are served until the snapshot is written"},
    {HS_RULE_KICK_AT_START, HS_ON, "resume_vm: kick serves every queue before the vCPUs run"},
    {HS_RULE_DONE_AT_START, HS_START_DONE_THERE,
        "restore sets DONE, and activate says so; a VM that was paused runs on without"},
    {HS_RULE_LOG, HS_LOG_LEGACY, "KVM_GET_DIRTY_LOG for diff snapshots"},
    {HS_RULE_FIELD_WHILE_STARTED, HS_FIELD_ID, "the field is stored, not computed"},
};
/* As firecracker-1.14, but: */
static const struct hs_preset_value firecracker_1_16[] = {
    {HS_RULE_HINT_TRIGGER, HS_TRIGGER_REQUEST, "start_hinting and stop_hinting are as in 1.14"},
    {HS_RULE_HINT_EFFECT, HS_EFFECT_DISCARD, "process_free_page_hinting_queue is as in 1.14"},
    {HS_RULE_RESTART, HS_RESTART_ANY_CURRENT, "process_free_page_hinting_queue is as in 1.14"},
    {HS_RULE_OTHER_WORD, HS_OTHER_WORD_ANSWERED, "acknowledge_on_stop is as in 1.14"},
    {HS_RULE_SERVE, HS_SERVE_KICK, "process_free_page_hinting_queue_event is as in 1.14"},
    {HS_RULE_WHILE_PAUSED, HS_PAUSED_DEVICE_RUNS, "pause_vm is as in 1.14"},
    {HS_RULE_KICK_AT_START, HS_ON,
        "resume_vm: kick signals every queue (1.15; 1.14 serves them there)"},
    {HS_RULE_DONE_AT_START, HS_START_DONE,
        "kick says DONE as the VM is restored or resumed (1.15)"},
};
/* As firecracker-1.16, but: */
static const struct hs_preset_value firecracker_uffd[] = {
    {HS_RULE_REFUSE_WRITTEN, HS_ON,
        "the recipe: write-protect before a round is asked for, and skip a range written since"},
};
/* What the device's clauses allow: MAY, what a SHOULD leaves open, and what the text does not say.
 * Of the log it says nothing; a write that was never hinted must not be lost. */
static const struct hs_preset_value spec_latitude_host[] = {
    {HS_RULE_HINT_TRIGGER, HS_TRIGGER_MIGRATION, "who asks is left open; hinting is for migration"},
    {HS_RULE_CHECK_COMMAND_ID, HS_ON, "hint-device-3 (MUST)"},
    {HS_RULE_STOP_BEFORE_SYNC, HS_OFF, "hint-device-1: STOP is a SHOULD"},
    {HS_RULE_NEW_ID_AFTER_SYNC, HS_ON, "hint-device-2 (MUST NOT): STOP may not have arrived"},
    {HS_RULE_HINT_UNDER_LOCK, HS_ON,
        "hint-device-3, hint-device-5 (MUST NOT change it after DONE)"},
    {HS_RULE_HINT_EFFECT, HS_EFFECT_DISCARD, "hint-device-4 (MAY change the page)"},
    {HS_RULE_REFUSE_WRITTEN, HS_ON, "hint-device-4: if it was not modified since the id"},
    {HS_RULE_RESTART, HS_RESTART_NEVER, "hint-device-3: under STOP or DONE no id is current"},
    {HS_RULE_FIELD_WHILE_STARTED, HS_FIELD_ID,
        "hint-device-3: hints count under the field's value"},
    {HS_RULE_DONE_AT_END, HS_DONE_ON, "hint-device-6 (MUST)"},
    {HS_RULE_HINT_WITH_POSTCOPY, HS_ON, "not forbidden"},
    {HS_RULE_KICK_AT_START, HS_OFF, "not asked for"},
    {HS_RULE_LOG_BEFORE_FIRST_ID, HS_ON,
        "hint-device-4: it must know what was modified since the id"},
    {HS_RULE_DISCARD_MARKS_DIRTY, HS_OFF, "hinted and reported pages hold nothing (hint-driver-8)"},
    {HS_RULE_INHIBIT_DISCARD, HS_OFF, "report-device-1, balloon-device-1 (MAY change the page)"},
};
static const struct hs_preset_value v86[] = {
    {HS_RULE_HINT_TRIGGER, HS_TRIGGER_REQUEST, "VirtioBalloon.Cleanup asks for a round"},
    {HS_RULE_CHECK_COMMAND_ID, HS_OFF, "a command is compared with STOP alone"},
    {HS_RULE_NEW_ID_AFTER_SYNC, HS_OFF, "each round has the id 2"},
    {HS_RULE_HINT_EFFECT, HS_EFFECT_DISCARD, "zero_memory, as the notification is handled"},
    {HS_RULE_SERVE, HS_SERVE_IN_KICK, "the handler of the notification pops until empty"},
    {HS_RULE_MOVES, HS_MOVES_SNAPSHOT,
        "save_state and restore_state, while the machine is stopped"},
    {HS_RULE_RESTART, HS_RESTART_SAME_ID, "nothing is asked of the status"},
    {HS_RULE_OTHER_WORD, HS_OTHER_WORD_ANSWERED, "STOP sets the field to DONE"},
    {HS_RULE_FIELD_WHILE_STARTED, HS_FIELD_ID, "the field is stored, not computed"},
    {HS_RULE_INHIBIT_DISCARD, HS_ON,
        "an inflate is counted, and nothing is discarded; reports are not offered"},
};
static const struct hs_preset_value cloud_hypervisor[] = {
    {HS_RULE_INHIBIT_DISCARD, HS_OFF, "each range is discarded, and then the request is used"},
    {HS_RULE_WHILE_PAUSED, HS_PAUSED_DEVICE_STOPS, "a pause stops the device's thread, too"},
    {HS_RULE_LOG, HS_LOG_LEGACY, "KVM_GET_DIRTY_LOG during a live migration"},
};
static const struct hs_preset_value crosvm[] = {
    {HS_RULE_INHIBIT_DISCARD, HS_OFF, "each range is discarded, and then the request is used"},
    {HS_RULE_WHILE_PAUSED, HS_PAUSED_DEVICE_STOPS, "a suspended VM's devices sleep"},
};
static const struct hs_preset_value libkrun[] = {
    {HS_RULE_INHIBIT_DISCARD, HS_OFF, "process_frq discards each range, and then uses the report"},
};
static const struct hs_preset_value thread_write_protect[] = {
    {HS_RULE_REFUSE_WRITTEN, HS_ON, "if the page has since been modified, the hint is ignored"},
    {HS_RULE_HINT_EFFECT, HS_EFFECT_SKIP, "the hint clears the bit to migrate"},
    {HS_RULE_LOG, HS_LOG_LEGACY, "write-protects all memory, and logs all write faults"},
    {HS_RULE_LOG_BEFORE_FIRST_ID, HS_ON, "before asking for hints"},
};
static const struct hs_preset_value thread_madvise[] = {
    {HS_RULE_HINT_EFFECT, HS_EFFECT_DISCARD, "MADV_DONTNEED on each range"},
    {HS_RULE_LOG, HS_LOG_LEGACY, "KVM of 2019"},
};

#define PRESET(side, base, name, text, rows, without_hints, needs)                           \
    {                                                                                        \
        name, side, text, base, rows, sizeof(rows) / sizeof((rows)[0]), without_hints, needs \
    }
#define GUEST(name, text, rows) PRESET(HS_SIDE_GUEST, NULL, name, text, rows, false, NULL)
#define GUEST_AS(base, name, text, rows) PRESET(HS_SIDE_GUEST, base, name, text, rows, false, NULL)
#define GUEST_WITHOUT_HINTS(name, text, rows) \
    PRESET(HS_SIDE_GUEST, NULL, name, text, rows, true, NULL)
#define GUEST_THAT_NEEDS(needs, base, name, text, rows) \
    PRESET(HS_SIDE_GUEST, base, name, text, rows, false, needs)
#define HOST(name, text, rows) PRESET(HS_SIDE_HOST, NULL, name, text, rows, false, NULL)
#define HOST_AS(base, name, text, rows) PRESET(HS_SIDE_HOST, base, name, text, rows, false, NULL)
#define HOST_WITHOUT_HINTS(name, text, rows) \
    PRESET(HS_SIDE_HOST, NULL, name, text, rows, true, NULL)

const struct hs_preset hs_presets[] = {
    GUEST("linux-5.0", "Linux 4.20 to 5.6 without DEFLATE_ON_OOM (read)", linux_5_0),
    GUEST_AS("linux-5.0", "linux-5.0+deflate-on-oom",
        "Linux 4.20 to 5.6 with DEFLATE_ON_OOM negotiated (read)", linux_5_0_deflate_on_oom),
    GUEST_AS("linux-5.0", "linux-5.7",
        "Linux 5.7: a shrinker for hinted blocks, and reporting that asks for nothing (read)",
        linux_5_7),
    GUEST_AS("linux-5.7", "linux-6.1",
        "Linux 5.8 to 6.12 (6.1.192 and 6.12.117 compared function by function, 5.8 read)",
        linux_6_1),
    GUEST_THAT_NEEDS("feature bit 6", "linux-6.1", "linux-6.1+wait-on-ack",
        "Linux 6.1 with the RFC of January 2026 (read), on a host patched to offer its bit 6",
        linux_wait_on_ack),
    GUEST_AS("linux-6.1", "linux-6.1+pipelined-ack",
        "a design: Linux 6.1 that queues many hints, and lets a page go once its hint was used",
        linux_pipelined_ack),
    GUEST("rcore", "the balloon driver of rcore-os/virtio-drivers of June 2026 (read)", rcore),
    GUEST_WITHOUT_HINTS("virtio-win",
        "the balloon driver of virtio-win of 2026, which does not hint (read)", virtio_win),
    GUEST("spec-latitude",
        "a design: a driver that does everything that the specification's MAYs allow",
        spec_latitude),
    GUEST("thread-iterator", "a design of the 2019 thread: iterate, push, use at once",
        thread_iterator),
    GUEST("thread-aerating",
        "a design of the 2019 thread: the series under review, batches and one completion",
        thread_aerating),
    GUEST("thread-rx-ring", "a design of the 2019 thread: one buffer a page, each back when used",
        thread_rx_ring),
    HOST("qemu-4.0", "QEMU 4.0 with KVM; RAM of any size, virtio-pci (read)", qemu_4_0),
    HOST_AS("qemu-4.0", "qemu-4.1",
        "QEMU 4.1 and 4.2 with KVM and the manual log; RAM is a multiple of 256 KiB, "
        "virtio-pci (read)",
        qemu_4_1),
    HOST_AS("qemu-4.1", "qemu-5.0",
        "QEMU 5.0.0 with KVM, manual log initially all set; RAM is a multiple of 256 KiB, "
        "virtio-pci (read)",
        qemu_5_0),
    HOST("qemu-5.2-kvm",
        "QEMU 5.1 to 6.0 with KVM's default (5.0.1 as well); RAM is a multiple of 256 KiB, "
        "any transport (5.2 read and measured)",
        qemu_5_2_kvm),
    HOST("qemu-5.2-tcg",
        "QEMU 5.1 to 6.0 without KVM; RAM is a multiple of 256 KiB, any transport (5.2 read "
        "and measured)",
        qemu_5_2_tcg),
    HOST_AS("qemu-5.2-kvm", "qemu-6.1",
        "QEMU 6.1 with KVM's default; RAM is a multiple of 256 KiB, virtio-pci (read)", qemu_6_1),
    HOST_AS("qemu-6.1", "qemu-6.2",
        "QEMU 6.2 with KVM's default; RAM is a multiple of 256 KiB, virtio-pci (read)", qemu_6_2),
    HOST("qemu-7.2-kvm",
        "QEMU 7.2 with KVM's default: manual log, initially all set; RAM is a multiple of "
        "256 KiB, virtio-pci (read and measured)",
        qemu_7_2_kvm),
    HOST("qemu-7.2-kvm-legacy",
        "QEMU 7.2 with KVM without the manual log; RAM of any size, virtio-pci (read)",
        qemu_7_2_legacy),
    HOST("qemu-7.2-ring",
        "QEMU 7.2 with KVM's dirty ring; RAM of any size, virtio-pci (read and measured)",
        qemu_7_2_ring),
    HOST("qemu-7.2-kvm-odd-ram",
        "QEMU 7.2 with KVM; RAM is no multiple of 256 KiB, virtio-pci (read and measured)",
        qemu_7_2_kvm_odd_ram),
    HOST("qemu-7.2-tcg",
        "QEMU 7.2 without KVM; RAM is a multiple of 256 KiB, any transport (read and "
        "measured)",
        qemu_7_2_tcg),
    HOST_AS("qemu-7.2-tcg", "qemu-7.2-tcg-odd-ram",
        "QEMU 7.2 without KVM; RAM is no multiple of 256 KiB, any transport (read and "
        "measured)",
        qemu_7_2_tcg_odd_ram),
    HOST("qemu-10.2-kvm",
        "QEMU 10.0 to 10.2 with KVM's default: manual log, initially all set; RAM is a "
        "multiple of 256 KiB, any transport (compared with 7.2 function by function, and "
        "measured)",
        qemu_10_2_kvm),
    HOST_AS("qemu-7.2-kvm-legacy", "qemu-10.2-kvm-legacy",
        "QEMU 10.0 to 10.2 with KVM without the manual log; RAM of any size, any transport "
        "(compared with 7.2 function by function)",
        qemu_10_2_legacy),
    HOST_AS("qemu-7.2-ring", "qemu-10.2-ring",
        "QEMU 10.0 to 10.2 with KVM's dirty ring; RAM of any size, any transport (compared "
        "with 7.2 function by function, and measured)",
        qemu_10_2_ring),
    HOST_AS("qemu-7.2-tcg", "qemu-10.2-tcg",
        "QEMU 10.0 to 10.2 without KVM; RAM of any size, any transport (compared with 7.2 "
        "function by function, and measured)",
        qemu_10_2_tcg),
    HOST_AS("qemu-10.2-kvm", "qemu-11.1-kvm",
        "QEMU 11.1 with KVM's default: as 10.2, and a sync before every stop; RAM is a "
        "multiple of 256 KiB, any transport (measured in part)",
        qemu_11_1_kvm),
    HOST_AS("qemu-10.2-ring", "qemu-11.1-ring",
        "QEMU 11.1 with KVM's dirty ring; RAM of any size, any transport (measured in part)",
        qemu_11_1_ring),
    HOST_AS("qemu-10.2-tcg", "qemu-11.1-tcg",
        "QEMU 11.1 without KVM; RAM of any size, any transport (measured in part)", qemu_11_1_tcg),
    HOST("firecracker-1.14", "Firecracker 1.14: a hint is a discard (read)", firecracker_1_14),
    HOST_AS("firecracker-1.14", "firecracker-1.16",
        "Firecracker 1.15, 1.16 and later: a restored or resumed VM begins with DONE (read)",
        firecracker_1_16),
    HOST_AS("firecracker-1.16", "firecracker-uffd",
        "Firecracker 1.16 by its documented recipe: written ranges are skipped (read)",
        firecracker_uffd),
    HOST("spec-latitude",
        "a design: a device that does everything that the specification's MAYs allow",
        spec_latitude_host),
    HOST("v86", "copy/v86 of summer 2026: hints are served in the notification (read)", v86),
    HOST_WITHOUT_HINTS("cloud-hypervisor",
        "cloud-hypervisor of summer 2026, which serves reports and inflates (read)",
        cloud_hypervisor),
    HOST_WITHOUT_HINTS(
        "crosvm", "crosvm of summer 2026, which serves reports and inflates (read)", crosvm),
    HOST_WITHOUT_HINTS("libkrun",
        "libkrun of summer 2026 on Linux, which offers hints and never asks for one (read)",
        libkrun),
    HOST("thread-write-protect",
        "a design of the 2019 thread: the host called a valid implementation",
        thread_write_protect),
    HOST("thread-madvise", "a design of the 2019 thread: a host that calls MADV_DONTNEED",
        thread_madvise),
};
const unsigned hs_preset_count = sizeof(hs_presets) / sizeof(hs_presets[0]);

const struct hs_preset *hs_preset_base(const struct hs_preset *preset)
{
    assert(preset);
    if (!preset->base)
        return NULL;
    const struct hs_preset *base = hs_preset_find(preset->side, preset->base);
    assert(base && base < preset);
    return base;
}

const struct hs_preset_value *hs_preset_value(const struct hs_preset *preset, enum hs_rule rule)
{
    assert(preset && rule < HS_RULE_COUNT);
    for (; preset; preset = hs_preset_base(preset)) {
        for (unsigned i = 0; i < preset->count; i++) {
            if (preset->values[i].rule == rule)
                return &preset->values[i];
        }
    }
    return NULL;
}

void hs_rules_apply_preset(struct hs_rules *rules, const struct hs_preset *preset)
{
    assert(rules && preset);
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        if (hs_rule_rows[r].side != preset->side)
            continue;
        const struct hs_preset_value *value = hs_preset_value(preset, (enum hs_rule)r);
        rules->value[r] = value ? value->value : hs_rule_rows[r].usual;
    }
}

const struct hs_preset *hs_preset_find(enum hs_side side, const char *name)
{
    assert(side < HS_SIDE_COUNT && name);
    for (unsigned i = 0; i < hs_preset_count; i++) {
        if (hs_presets[i].side == side && strcmp(hs_presets[i].name, name) == 0)
            return &hs_presets[i];
    }
    return NULL;
}
