/* The rules' names and values, and the presets with the real behaviour that each value stands for.
 */
#include "rules.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct hs_rule_row hs_rule_rows[HS_RULE_COUNT] = {
    [HS_RULE_RELEASE] = {"release", HS_SIDE_GUEST,
        {"any-time", "after-used", "after-all-used", "after-done"},
        "when a hinted page may go back to the guest: at any time, when its own hint was used, "
        "when all hints of held pages were used, or when the field says DONE"},
    [HS_RULE_SHRINKER] = {"shrinker", HS_SIDE_GUEST, {"on", "off"},
        "held pages go back early only under memory pressure, newest first; off: the driver "
        "gives back any held page by itself as soon as release allows it"},
    [HS_RULE_HINT_SOURCE] = {"hint-source", HS_SIDE_GUEST, {"allocate", "iterate"},
        "take pages off the free list to hint them, or walk the list and leave them there"},
    [HS_RULE_HINT_ONLY_FREE] = {"hint-only-free", HS_SIDE_GUEST, {"on", "off"},
        "a hinted page is free at some moment after the id was read; off: an iterating driver "
        "walks a list that it took earlier"},
    [HS_RULE_COMMAND_WORD] = {"command-word", HS_SIDE_GUEST, {"one-per-round", "shared"},
        "where the id of a start buffer lives: a word of its own, or one word for every round"},
    [HS_RULE_ROUND_END] = {"round-end", HS_SIDE_GUEST, {"sends-stop", "silent"},
        "a round ends with an output buffer that holds STOP, or with nothing (hint-driver-6)"},
    [HS_RULE_REPORT_REUSE] = {"report-reuse", HS_SIDE_GUEST, {"after-used", "any-time"},
        "when reported pages go back to the free list (report-driver-3)"},
    [HS_RULE_INFLATE_REUSE] = {"inflate-reuse", HS_SIDE_GUEST, {"after-used", "any-time"},
        "when an inflated page may be deflated: once the inflate was used, or at once "
        "(balloon-driver-4, balloon-driver-5)"},
    [HS_RULE_TELL_HOST] = {"tell-host", HS_SIDE_GUEST, {"on", "off"},
        "MUST_TELL_HOST: a deflated page goes back once the host has used the request; off: at once"},
    [HS_RULE_POISON] = {"poison", HS_SIDE_GUEST, {"off", "zero", "value"},
        "free pages hold nothing of interest, zeros (init_on_free) or a value (page poisoning)"},
    [HS_RULE_POISON_NEGOTIATED] = {"poison-negotiated", HS_SIDE_GUEST, {"on", "off"},
        "the driver accepted PAGE_POISON and wrote poison_val before DRIVER_OK"},
    [HS_RULE_POISON_AFTER_RESET] = {"poison-after-reset", HS_SIDE_GUEST, {"on", "off"},
        "the driver writes poison_val again after a device reset (poison-driver-2)"},
    [HS_RULE_REPORT_UNPOISONED] = {"report-unpoisoned", HS_SIDE_GUEST, {"on", "off"},
        "a guest whose free pages keep a value reports them though PAGE_POISON was not negotiated "
        "(feature-driver-1)"},
    [HS_RULE_RESET_RETURNS] = {"reset-returns", HS_SIDE_GUEST, {"on", "off"},
        "before it resets the device the driver gives all held pages back"},
    [HS_RULE_HINT_TRIGGER] = {"hint-trigger", HS_SIDE_HOST, {"migration", "request"},
        "hints are asked for by migration, or by a request of the operator"},
    [HS_RULE_CHECK_COMMAND_ID] = {"check-command-id", HS_SIDE_HOST, {"on", "off"},
        "pages supplied under another id than the current one are ignored (hint-device-3)"},
    [HS_RULE_STOP_BEFORE_SYNC] = {"stop-before-sync", HS_SIDE_HOST, {"on", "off"},
        "hints are refused from before a bitmap sync until a new request"},
    [HS_RULE_NEW_ID_AFTER_SYNC] = {"new-id-after-sync", HS_SIDE_HOST, {"on", "off"},
        "hints are asked for again under a new id after each sync; off: under the same id"},
    [HS_RULE_HINT_UNDER_LOCK] = {"hint-under-lock", HS_SIDE_HOST, {"on", "off"},
        "checking the status and applying the hint are one step, or two"},
    [HS_RULE_HINT_EFFECT] = {"hint-effect", HS_SIDE_HOST, {"skip", "skip-and-clear-log", "discard"},
        "an accepted hint clears the page's bit in the migration bitmap; and clears the log of the "
        "page's pending chunk first; or wipes the page"},
    [HS_RULE_REFUSE_WRITTEN] = {"refuse-written", HS_SIDE_HOST, {"on", "off"},
        "all memory is write-protected before an id is issued, and a hint for a page written since is ignored"},
    [HS_RULE_RESTART_ON_SAME_ID] = {"restart-on-same-id", HS_SIDE_HOST, {"on", "off"},
        "a start buffer with the last id starts hinting again, whatever the status"},
    [HS_RULE_FIELD_WHILE_STARTED] = {"field-while-started", HS_SIDE_HOST, {"stop", "id"},
        "what the driver reads in free_page_hint_cmd_id while the status is START"},
    [HS_RULE_DONE_AT_END] = {"done-at-end", HS_SIDE_HOST, {"on", "completed", "off"},
        "every way out of a migration says DONE, and says so before device state is saved; or only a migration that completes; or none"},
    [HS_RULE_HINT_WITH_POSTCOPY] = {"hint-with-postcopy", HS_SIDE_HOST, {"on", "off"},
        "hints are asked for even if the migration may switch to postcopy"},
    [HS_RULE_LOG] = {"log", HS_SIDE_HOST, {"legacy", "manual", "ring"},
        "GET clears the log and protects again; GET only reads and CLEAR follows chunk by chunk; "
        "or each first write pushes an entry into a ring"},
    [HS_RULE_INITIALLY_ALL_SET] = {"initially-all-set", HS_SIDE_HOST, {"on", "off"},
        "when logging starts every log bit is 1 and no page is protected"},
    [HS_RULE_LOG_CHUNK] = {"log-chunk", HS_SIDE_HOST, {NULL},
        "pages whose log is cleared together (manual log)"},
    [HS_RULE_CLEAR_MASK] = {"clear-mask", HS_SIDE_HOST, {"known", "all"},
        "CLEAR takes only bits that the last GET returned, or every bit of the chunk"},
    [HS_RULE_SEND_ORDER] = {"send-order", HS_SIDE_HOST, {"clear-then-copy", "copy-then-clear"},
        "a page's bit is cleared before the page is read, or afterwards"},
    [HS_RULE_LOG_BEFORE_FIRST_ID] = {"log-before-first-id", HS_SIDE_HOST, {"on", "off"},
        "logging is switched on before the first id is issued"},
    [HS_RULE_DISCARD_MARKS_DIRTY] = {"discard-marks-dirty", HS_SIDE_HOST, {"on", "off"},
        "a discard sets the page's bit in the host log"},
    [HS_RULE_INHIBIT_DISCARD] = {"inhibit-discard", HS_SIDE_HOST, {"on", "off"},
        "reports and inflates do not discard (assigned devices, background snapshot)"},
};

static const struct hs_rules default_rules = {{
    [HS_RULE_RELEASE] = HS_RELEASE_AFTER_USED,
    [HS_RULE_SHRINKER] = HS_ON,
    [HS_RULE_HINT_SOURCE] = HS_SOURCE_ALLOCATE,
    [HS_RULE_HINT_ONLY_FREE] = HS_ON,
    [HS_RULE_COMMAND_WORD] = HS_WORD_ONE_PER_ROUND,
    [HS_RULE_ROUND_END] = HS_END_SENDS_STOP,
    [HS_RULE_REPORT_REUSE] = HS_REUSE_AFTER_USED,
    [HS_RULE_INFLATE_REUSE] = HS_REUSE_AFTER_USED,
    [HS_RULE_TELL_HOST] = HS_ON,
    [HS_RULE_POISON] = HS_POISON_OFF,
    [HS_RULE_POISON_NEGOTIATED] = HS_ON,
    [HS_RULE_POISON_AFTER_RESET] = HS_ON,
    [HS_RULE_REPORT_UNPOISONED] = HS_OFF,
    [HS_RULE_RESET_RETURNS] = HS_ON,
    [HS_RULE_HINT_TRIGGER] = HS_TRIGGER_MIGRATION,
    [HS_RULE_CHECK_COMMAND_ID] = HS_ON,
    [HS_RULE_STOP_BEFORE_SYNC] = HS_ON,
    [HS_RULE_NEW_ID_AFTER_SYNC] = HS_ON,
    [HS_RULE_HINT_UNDER_LOCK] = HS_ON,
    [HS_RULE_HINT_EFFECT] = HS_EFFECT_SKIP,
    [HS_RULE_REFUSE_WRITTEN] = HS_OFF,
    [HS_RULE_RESTART_ON_SAME_ID] = HS_OFF,
    [HS_RULE_FIELD_WHILE_STARTED] = HS_FIELD_STOP,
    [HS_RULE_DONE_AT_END] = HS_DONE_ON,
    [HS_RULE_HINT_WITH_POSTCOPY] = HS_OFF,
    [HS_RULE_LOG] = HS_LOG_LEGACY,
    [HS_RULE_INITIALLY_ALL_SET] = HS_OFF,
    [HS_RULE_LOG_CHUNK] = 1,
    [HS_RULE_CLEAR_MASK] = HS_MASK_KNOWN,
    [HS_RULE_SEND_ORDER] = HS_SEND_CLEAR_THEN_COPY,
    [HS_RULE_LOG_BEFORE_FIRST_ID] = HS_ON,
    [HS_RULE_DISCARD_MARKS_DIRTY] = HS_OFF,
    [HS_RULE_INHIBIT_DISCARD] = HS_OFF,
}};

/* ---- guests --------------------------------------------------------------------------------- */

static const struct hs_preset_value linux_4_20[] = {
    {HS_RULE_RELEASE, HS_RELEASE_ANY_TIME, "the shrinker never looks at the queue"},
    {HS_RULE_SHRINKER, HS_ON, "virtio_balloon_shrinker_scan pops the held list, a stack"},
    {HS_RULE_HINT_SOURCE, HS_SOURCE_ALLOCATE, "alloc_pages, never waiting, never reclaiming"},
    {HS_RULE_COMMAND_WORD, HS_WORD_SHARED, "cmd_id_active serves every start buffer"},
    {HS_RULE_ROUND_END, HS_END_SENDS_STOP, "send_cmd_id_stop"},
    {HS_RULE_RESET_RETURNS, HS_OFF, "before 5.6 removal left the held blocks allocated"},
    {HS_RULE_POISON_NEGOTIATED, HS_OFF, "a 4.20 guest may poison without the host knowing"},
    {HS_RULE_POISON_AFTER_RESET, HS_OFF, "restore does not write poison_val again"},
};
static const struct hs_preset_value linux_5_7[] = {
    {HS_RULE_RELEASE, HS_RELEASE_ANY_TIME, "the shrinker never looks at the queue"},
    {HS_RULE_SHRINKER, HS_ON, "a shrinker for hinted blocks alone (71994620bb25)"},
    {HS_RULE_HINT_SOURCE, HS_SOURCE_ALLOCATE, "alloc_pages, never waiting, never reclaiming"},
    {HS_RULE_COMMAND_WORD, HS_WORD_SHARED, "cmd_id_active serves every start buffer"},
    {HS_RULE_ROUND_END, HS_END_SENDS_STOP, "send_cmd_id_stop"},
    {HS_RULE_REPORT_REUSE, HS_REUSE_AFTER_USED,
        "the report worker sleeps until the request is used"},
    {HS_RULE_POISON_NEGOTIATED, HS_OFF, "a host of the time may lack PAGE_POISON"},
    {HS_RULE_REPORT_UNPOISONED, HS_ON, "before 5.8 (fb69c2c896fc) reporting asks for nothing"},
    {HS_RULE_RESET_RETURNS, HS_ON, "remove_common returns the held blocks, then resets"},
    {HS_RULE_POISON_AFTER_RESET, HS_OFF, "restore does not write poison_val again"},
};
static const struct hs_preset_value linux_6_1[] = {
    {HS_RULE_RELEASE, HS_RELEASE_ANY_TIME, "the shrinker never looks at the queue"},
    {HS_RULE_SHRINKER, HS_ON, "virtio_balloon_shrinker_scan pops the held list, a stack"},
    {HS_RULE_HINT_SOURCE, HS_SOURCE_ALLOCATE, "alloc_pages, never waiting, never reclaiming"},
    {HS_RULE_COMMAND_WORD, HS_WORD_SHARED, "cmd_id_active serves every start buffer"},
    {HS_RULE_ROUND_END, HS_END_SENDS_STOP, "send_cmd_id_stop"},
    {HS_RULE_REPORT_REUSE, HS_REUSE_AFTER_USED,
        "the report worker sleeps until the request is used"},
    {HS_RULE_TELL_HOST, HS_ON, "leak_balloon tells the host first, negotiated or not"},
    {HS_RULE_POISON_NEGOTIATED, HS_ON, "QEMU offers PAGE_POISON"},
    {HS_RULE_REPORT_UNPOISONED, HS_OFF, "virtballoon_validate clears PAGE_REPORTING (5.8)"},
    {HS_RULE_POISON_AFTER_RESET, HS_OFF, "restore does not write poison_val again"},
    {HS_RULE_RESET_RETURNS, HS_ON, "remove_common returns the held blocks, then resets"},
};
static const struct hs_preset_value linux_wait_on_ack[] = {
    {HS_RULE_RELEASE, HS_RELEASE_AFTER_USED,
        "RFC of January 2026, bit 6: wait until the hint is used"},
    {HS_RULE_SHRINKER, HS_ON, "as 6.1, but passing over blocks whose hint is not used"},
    {HS_RULE_HINT_SOURCE, HS_SOURCE_ALLOCATE, "as 6.1"},
    {HS_RULE_COMMAND_WORD, HS_WORD_SHARED, "as 6.1"},
    {HS_RULE_ROUND_END, HS_END_SENDS_STOP, "as 6.1"},
    {HS_RULE_REPORT_REUSE, HS_REUSE_AFTER_USED, "as 6.1"},
    {HS_RULE_TELL_HOST, HS_ON, "as 6.1"},
    {HS_RULE_POISON_NEGOTIATED, HS_ON, "as 6.1"},
    {HS_RULE_POISON_AFTER_RESET, HS_OFF, "as 6.1"},
    {HS_RULE_RESET_RETURNS, HS_ON, "as 6.1"},
};
static const struct hs_preset_value spec_latitude[] = {
    {HS_RULE_RELEASE, HS_RELEASE_ANY_TIME, "hint-driver-7 (MAY)"},
    {HS_RULE_SHRINKER, HS_OFF, "hint-driver-7: in any order"},
    {HS_RULE_HINT_SOURCE, HS_SOURCE_ALLOCATE, "where hinted pages come from is left open"},
    {HS_RULE_HINT_ONLY_FREE, HS_ON, "hint-driver-8, hint-driver-2"},
    {HS_RULE_COMMAND_WORD, HS_WORD_ONE_PER_ROUND, "hint-driver-2: the buffer holds the id"},
    {HS_RULE_ROUND_END, HS_END_SENDS_STOP, "hint-driver-6 (MUST)"},
    {HS_RULE_REPORT_REUSE, HS_REUSE_AFTER_USED, "report-driver-3 (MUST NOT)"},
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
    {HS_RULE_REPORT_REUSE, HS_REUSE_AFTER_USED,
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
    {HS_RULE_RESTART_ON_SAME_ID, HS_ON, "before 20a4da0f23 an equal id always started"},
    {HS_RULE_DONE_AT_END, HS_DONE_COMPLETED, "before dd8eeb9671 cancel and failure said STOP"},
    {HS_RULE_HINT_WITH_POSTCOPY, HS_ON, "before fd51e54fa1 postcopy was no obstacle"},
    {HS_RULE_LOG, HS_LOG_LEGACY, "manual protection came with 4.1"},
    {HS_RULE_INITIALLY_ALL_SET, HS_OFF, "needs the manual log"},
};
static const struct hs_preset_value qemu_4_1[] = {
    {HS_RULE_HINT_EFFECT, HS_EFFECT_SKIP, "the hint clears the migration bitmap alone"},
    {HS_RULE_RESTART_ON_SAME_ID, HS_ON, "before 20a4da0f23 an equal id always started"},
    {HS_RULE_DONE_AT_END, HS_DONE_COMPLETED, "before dd8eeb9671 cancel and failure said STOP"},
    {HS_RULE_HINT_WITH_POSTCOPY, HS_ON, "before fd51e54fa1 postcopy was no obstacle"},
    {HS_RULE_LOG, HS_LOG_MANUAL, "KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2 where the kernel has it"},
    {HS_RULE_INITIALLY_ALL_SET, HS_OFF, "4.1 did not ask for it"},
    {HS_RULE_LOG_CHUNK, HS_LOG_CHUNK_MAX, "a chunk is 1 GiB: all of a small guest"},
};
static const struct hs_preset_value qemu_5_0[] = {
    {HS_RULE_HINT_EFFECT, HS_EFFECT_SKIP, "the hint clears the migration bitmap alone"},
    {HS_RULE_RESTART_ON_SAME_ID, HS_ON, "before 20a4da0f23 an equal id always started"},
    {HS_RULE_DONE_AT_END, HS_DONE_COMPLETED, "before dd8eeb9671 cancel and failure said STOP"},
    {HS_RULE_HINT_WITH_POSTCOPY, HS_ON, "before fd51e54fa1 postcopy was no obstacle"},
    {HS_RULE_LOG, HS_LOG_MANUAL, "KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2 where the kernel has it"},
    {HS_RULE_INITIALLY_ALL_SET, HS_ON, "KVM_DIRTY_LOG_INITIALLY_SET where the kernel has it"},
    {HS_RULE_LOG_CHUNK, HS_LOG_CHUNK_MAX, "a chunk is 1 GiB: all of a small guest"},
};
static const struct hs_preset_value qemu_7_2_kvm[] = {
    {HS_RULE_STOP_BEFORE_SYNC, HS_ON, "PRECOPY_NOTIFY_BEFORE_BITMAP_SYNC stops"},
    {HS_RULE_NEW_ID_AFTER_SYNC, HS_ON, "PRECOPY_NOTIFY_AFTER_BITMAP_SYNC starts with the next id"},
    {HS_RULE_HINT_UNDER_LOCK, HS_ON, "free_page_lock covers taking and applying"},
    {HS_RULE_HINT_EFFECT, HS_EFFECT_SKIP_AND_CLEAR_LOG, "since 6.1 the chunk's log is cleared too"},
    {HS_RULE_RESTART_ON_SAME_ID, HS_OFF, "only REQUESTED becomes START (20a4da0f23)"},
    {HS_RULE_FIELD_WHILE_STARTED, HS_FIELD_STOP, "nothing fills the field in START (measured)"},
    {HS_RULE_DONE_AT_END, HS_DONE_ON, "cleanup says DONE (dd8eeb9671)"},
    {HS_RULE_HINT_WITH_POSTCOPY, HS_OFF, "the notifier does nothing (fd51e54fa1)"},
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
    {HS_RULE_INITIALLY_ALL_SET, HS_OFF, "a KVM feature"},
};
static const struct hs_preset_value firecracker_1_14[] = {
    {HS_RULE_HINT_TRIGGER, HS_TRIGGER_REQUEST, "an API call starts and stops a round"},
    {HS_RULE_HINT_EFFECT, HS_EFFECT_DISCARD, "ranges are discarded at once, then marked used"},
    {HS_RULE_LOG, HS_LOG_LEGACY, "KVM_GET_DIRTY_LOG for diff snapshots"},
    {HS_RULE_FIELD_WHILE_STARTED, HS_FIELD_ID, "the field is stored, not computed"},
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

#define GUEST(name_, text, rows)                                           \
    {                                                                      \
        name_, HS_SIDE_GUEST, text, rows, sizeof(rows) / sizeof((rows)[0]) \
    }
#define HOST(name_, text, rows)                                           \
    {                                                                     \
        name_, HS_SIDE_HOST, text, rows, sizeof(rows) / sizeof((rows)[0]) \
    }

const struct hs_preset hs_presets[] = {
    GUEST("linux-4.20", "the first Linux with free page hinting", linux_4_20),
    GUEST("linux-5.7", "Linux with page reporting, before 5.8 tied it to PAGE_POISON", linux_5_7),
    GUEST("linux-6.1", "Linux 6.1", linux_6_1),
    GUEST("linux-6.1+wait-on-ack", "Linux 6.1 with the proposed WAIT_ON_ACK", linux_wait_on_ack),
    GUEST("spec-latitude", "a driver that does everything that the specification's MAYs allow",
        spec_latitude),
    GUEST("thread-iterator", "2019 thread: iterate, push, use at once", thread_iterator),
    GUEST("thread-aerating", "2019 thread: the series under review, batches and one completion",
        thread_aerating),
    GUEST("thread-rx-ring", "2019 thread: one buffer a page, each back when used", thread_rx_ring),
    HOST("qemu-4.0", "QEMU 4.0 with KVM", qemu_4_0),
    HOST("qemu-4.1", "QEMU 4.1 with KVM and the manual log", qemu_4_1),
    HOST("qemu-5.0", "QEMU 5.0 with KVM, manual log initially all set", qemu_5_0),
    HOST(
        "qemu-7.2-kvm", "QEMU 7.2 with KVM's default: manual log, initially all set", qemu_7_2_kvm),
    HOST("qemu-7.2-kvm-legacy", "QEMU 7.2 with KVM without the manual log", qemu_7_2_legacy),
    HOST("qemu-7.2-ring", "QEMU 7.2 with KVM's dirty ring", qemu_7_2_ring),
    HOST("qemu-7.2-tcg", "QEMU 7.2 without KVM", qemu_7_2_tcg),
    HOST("firecracker-1.14", "Firecracker 1.14: a hint is a discard", firecracker_1_14),
    HOST("thread-write-protect", "2019 thread: the host called a valid implementation",
        thread_write_protect),
    HOST("thread-madvise", "2019 thread: a host that calls MADV_DONTNEED", thread_madvise),
};
const unsigned hs_preset_count = sizeof(hs_presets) / sizeof(hs_presets[0]);

struct hs_rules hs_rules_default(void)
{
    return default_rules;
}

void hs_rules_apply_preset(struct hs_rules *rules, const struct hs_preset *preset)
{
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        if (hs_rule_rows[r].side == preset->side)
            rules->value[r] = default_rules.value[r];
    }
    for (unsigned i = 0; i < preset->count; i++)
        rules->value[preset->values[i].rule] = preset->values[i].value;
}

const struct hs_preset *hs_preset_find(enum hs_side side, const char *name)
{
    for (unsigned i = 0; i < hs_preset_count; i++) {
        if (hs_presets[i].side == side && strcmp(hs_presets[i].name, name) == 0)
            return &hs_presets[i];
    }
    return NULL;
}

enum hs_rule hs_rule_find(const char *name)
{
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        if (strcmp(hs_rule_rows[r].name, name) == 0)
            return (enum hs_rule)r;
    }
    return HS_RULE_COUNT;
}

unsigned hs_rule_value_count(enum hs_rule rule)
{
    const struct hs_rule_row *row = &hs_rule_rows[rule];
    if (!row->values[0])
        return HS_LOG_CHUNK_MAX + 1;
    unsigned count = 0;
    while (count < HS_RULE_VALUES_MAX && row->values[count])
        count++;
    return count;
}

int hs_rule_value_find(enum hs_rule rule, const char *text)
{
    const struct hs_rule_row *row = &hs_rule_rows[rule];
    if (!row->values[0]) {
        char *end;
        long number = strtol(text, &end, 10);
        return *text && !*end && number >= 1 && number <= HS_LOG_CHUNK_MAX ? (int)number : -1;
    }
    for (unsigned v = 0; v < hs_rule_value_count(rule); v++) {
        if (strcmp(row->values[v], text) == 0)
            return (int)v;
    }
    return -1;
}

const char *hs_rule_value_name(enum hs_rule rule, unsigned value, char buffer[8])
{
    const struct hs_rule_row *row = &hs_rule_rows[rule];
    if (row->values[0])
        return row->values[value];
    snprintf(buffer, 8, "%u", value % 1000);
    return buffer;
}
