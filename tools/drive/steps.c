/* SPDX-License-Identifier: BSD-3-Clause */
/* What QEMU, or its guest, does for each step of the model. */
#include "stage.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* Phases and places of the model (hintmodel_field_meaning). */
enum { PHASE_NONE = 0, PHASE_SENDING = 6, PHASE_SWITCHED_OVER = 7 };
enum { VM_ON_SOURCE = 0, VM_STOPPED = 1, VM_ON_DESTINATION = 2 };
enum { OWNER_ISOLATED = 3 };

static bool cannot(struct hs_stage *stage, const char *why)
{
    return hs_stage_fail(stage, HS_DRIVE_CANNOT, "%s", why);
}

static bool is_on_source(const struct hs_stage *stage)
{
    return hs_stage_read(stage, "migration.vm", 0) == VM_ON_SOURCE;
}

static bool is_stopped(const struct hs_stage *stage)
{
    return hs_stage_read(stage, "migration.vm", 0) == VM_STOPPED;
}

/* ---- memory --------------------------------------------------------------------------------- */

static bool play_write(struct hs_stage *stage, unsigned page)
{
    uint32_t address = hs_stage_frame(stage, page) * HS_FRAME;
    stage->version++;
    return !stage->is_played || hs_qemu_store(stage->guest, address, stage->version, stage->what) ||
           hs_stage_failed(stage);
}

static bool play_dma(struct hs_stage *stage, unsigned page)
{
    uint64_t address = (uint64_t)hs_stage_frame(stage, page) * HS_FRAME;
    stage->version++;
    return !stage->is_played ||
           hs_qemu_write32(stage->guest, address, stage->version, stage->what) ||
           hs_stage_failed(stage);
}

static bool may_dma(struct hs_stage *stage, unsigned page)
{
    (void)page;
    return !is_stopped(stage) || cannot(stage, "a device writes while the VM is stopped");
}

/* ---- the driver ----------------------------------------------------------------------------- */

static bool play_config_interrupt(struct hs_stage *stage, unsigned page)
{
    (void)page;
    return !stage->is_played || hs_balloon_acknowledge_config(&stage->balloon, stage->what) ||
           hs_stage_failed(stage);
}

/* An element that the model queued; it is published when the model's device takes it. */
static bool queue(struct hs_stage *stage, struct hs_hint hint)
{
    if (stage->hint_count == HS_HINTS_MAX)
        return cannot(stage, "more elements than this can hold");
    stage->hints[stage->hint_count++] = hint;
    return true;
}

/* Where the word of a new start command lies. */
static uint64_t place_of_word(struct hs_stage *stage)
{
    enum { SHARED = 0, FIRST_OWN = 4 };
    unsigned place = stage->job->word_is_shared ? SHARED : FIRST_OWN + stage->words++;
    return HS_GUEST_WORDS + 4 * (uint64_t)place;
}

/* The driver writes its word even if there is no slot for the command. */
static bool play_start_round(struct hs_stage *stage, unsigned page)
{
    (void)page;
    enum { WORDS_MAX = HS_FRAME / 4 - 64 };
    uint64_t address = place_of_word(stage);
    uint32_t word = stage->id_base + hs_stage_read(stage, "driver.active_id", 0);
    if (stage->words > WORDS_MAX)
        return cannot(stage, "more command words than this can hold");
    if (stage->is_played && !hs_qemu_write32(stage->guest, address, word, stage->what))
        return hs_stage_failed(stage);
    return hs_stage_read(stage, "driver.start_lost", 0) ||
           queue(stage, (struct hs_hint){.kind = HS_HINT_START, .address = address});
}

static bool play_hint_page(struct hs_stage *stage, unsigned page)
{
    return queue(stage, (struct hs_hint){.kind = HS_HINT_PAGES, .page = page});
}

enum { STOP_WORD = HS_GUEST_WORDS + 4 }; /* always 0 */

static bool play_end_round(struct hs_stage *stage, unsigned page)
{
    (void)page;
    /* a round may end silently, or the command find no slot: only what was queued counts */
    unsigned avail = hs_stage_read(stage, "free_page_vq.avail", 0);
    return avail == stage->avail ||
           queue(stage, (struct hs_hint){.kind = HS_HINT_STOP, .address = STOP_WORD});
}

static bool play_reset(struct hs_stage *stage, unsigned page)
{
    (void)page;
    stage->hint_count = stage->hints_published = 0;
    memset(stage->used, 0, sizeof(stage->used));
    return !stage->is_played || hs_stage_set_up(stage) || hs_stage_failed(stage);
}

/* The pages that are isolated, as the buffers of a report. */
static bool play_report_batch(struct hs_stage *stage, unsigned page)
{
    (void)page;
    stage->report_count = 0;
    for (unsigned p = 0; p < stage->job->pages; p++) {
        if (hs_stage_read(stage, "page.owner", p) != OWNER_ISOLATED ||
            !hs_stage_read(stage, "page.head", p))
            continue;
        unsigned frames = 1u << hs_stage_read(stage, "page.order", p);
        stage->report[stage->report_count++] = (struct hs_buffer){
            (uint64_t)hs_stage_frame(stage, p) * HS_FRAME, frames * HS_FRAME, true};
    }
    return true;
}

/* ---- the device ----------------------------------------------------------------------------- */

static bool publish_hint(struct hs_stage *stage, bool kicks)
{
    const struct hs_hint *hint = &stage->hints[stage->hints_published++];
    struct hs_buffer buffer = {.address = hint->address, .length = 4};
    if (hint->kind == HS_HINT_PAGES)
        buffer = (struct hs_buffer){(uint64_t)hs_stage_frame(stage, hint->page) * HS_FRAME,
            stage->job->hint_pages * HS_FRAME, true};
    return hs_balloon_publish(&stage->balloon, HS_VQ_FREE_PAGE, &buffer, 1, kicks, stage->what);
}

/* In which a device uses what it is kicked for, and what it found as the VM started. */
enum { KICKED_SECONDS = 20, SERVED_SECONDS = 5 };

/* Wait until QEMU has used what the model has.  What it does not use is noticed by whoever
 * compares. */
static void await_used(struct hs_stage *stage, enum hs_vq vq, double seconds)
{
    hs_balloon_await_used(&stage->balloon, vq, (uint16_t)stage->used[vq], seconds, stage->what);
}

static bool play_take_element(struct hs_stage *stage, unsigned page)
{
    (void)page;
    if (!stage->is_played)
        return true;
    /* what waited when the VM stopped was published then */
    bool is_published = hs_stage_read(stage, "migration.vm", 0) == VM_ON_DESTINATION &&
                        hs_stage_read(stage, "free_page_vq.taken", 0) <= stage->hints_published;
    if (!is_published && !publish_hint(stage, true))
        return hs_stage_failed(stage);
    await_used(stage, HS_VQ_FREE_PAGE, is_published ? SERVED_SECONDS : KICKED_SECONDS);
    return true;
}

/* QEMU takes a report, discards all of it and uses it in one go. */
static bool play_take_report(struct hs_stage *stage, unsigned page)
{
    (void)page;
    stage->section = HS_SECTION_REPORT;
    return true;
}

static bool play_use_element(struct hs_stage *stage, unsigned page)
{
    (void)page;
    stage->section = HS_SECTION_NONE;
    if (!stage->is_played)
        return true;
    if (!hs_balloon_publish(&stage->balloon, HS_VQ_REPORTING, stage->report, stage->report_count,
            true, stage->what))
        return hs_stage_failed(stage);
    await_used(stage, HS_VQ_REPORTING, KICKED_SECONDS);
    return true;
}

/* A page frame number for the balloon. */
static bool tell_page(struct hs_stage *stage, enum hs_vq vq, unsigned page)
{
    enum { PFN_WORD = HS_GUEST_WORDS + 8 };
    struct hs_buffer buffer = {.address = PFN_WORD, .length = 4};
    if (!stage->is_played)
        return true;
    if (!hs_qemu_write32(stage->guest, PFN_WORD, hs_stage_frame(stage, page), stage->what) ||
        !hs_balloon_publish(&stage->balloon, vq, &buffer, 1, true, stage->what))
        return hs_stage_failed(stage);
    await_used(stage, vq, KICKED_SECONDS);
    return true;
}

static bool play_inflate(struct hs_stage *stage, unsigned page)
{
    stage->inflated = page;
    return true;
}

static bool play_take_inflate(struct hs_stage *stage, unsigned page)
{
    (void)page;
    return tell_page(stage, HS_VQ_INFLATE, stage->inflated);
}

static bool play_deflate(struct hs_stage *stage, unsigned page)
{
    stage->deflated = page;
    return true;
}

static bool play_take_deflate(struct hs_stage *stage, unsigned page)
{
    (void)page;
    return tell_page(stage, HS_VQ_DEFLATE, stage->deflated);
}

static bool play_change_target(struct hs_stage *stage, unsigned page)
{
    (void)page;
    json_int_t target = (json_int_t)stage->plan->qemu.ram << 10;
    stage->targets++;
    return !stage->is_played ||
           hs_monitor_tell(&stage->guest->monitor, "balloon",
               json_pack("{s:I}", "value", target - (json_int_t)stage->targets * HS_FRAME),
               stage->what) ||
           hs_stage_failed(stage);
}

/* ---- migration ------------------------------------------------------------------------------ */

static bool may_start(struct hs_stage *stage, unsigned page)
{
    (void)page;
    return is_on_source(stage) || cannot(stage, "the destination is migrated on");
}

static bool play_start(struct hs_stage *stage, unsigned page)
{
    (void)page;
    stage->section = HS_SECTION_SYNC;
    stage->is_moving = stage->begins = true;
    memset(stage->sent, 0, sizeof(stage->sent));
    hs_move_end(&stage->move);
    if (stage->is_played &&
        !hs_move_begin(&stage->move, &stage->source, stage->plan->qemu.maps_ram, stage->what))
        return hs_stage_failed(stage);
    return hs_stage_frames_begin(stage);
}

/* Send so many frames, which are noted as sent.  If QEMU is slow, more go out than was asked for:
 * that is noted, too, if nobody cares for them. */
static bool send_frames(struct hs_stage *stage, unsigned count)
{
    if (!stage->is_played || !count)
        return true;
    if (!hs_move_send(&stage->move, count, stage->what))
        return hs_stage_failed(stage);
    while (stage->move.remaining < hs_stage_remaining(stage)) {
        struct hs_frames frames = hs_stage_frames(stage);
        if (hs_stage_is_tested(stage, hs_frames_next(&frames)))
            return hs_stage_fail(stage, HS_DRIVE_NO_ANSWER, "a page was sent too early");
        hs_frames_send(&stage->frames);
    }
    return true;
}

/* Send frames that nobody cares for, those that come next and lie before `end`, until `most` frames
 * remain, or one under test comes next. */
static bool send_ballast(struct hs_stage *stage, unsigned end, unsigned most)
{
    struct hs_frames frames = hs_stage_frames(stage);
    unsigned count = 0;
    for (unsigned next = hs_frames_next(&frames);
         next < end && hs_frames_dirty(&frames) > most && !hs_stage_is_tested(stage, next);
         next = hs_frames_next(&frames)) {
        hs_frames_send(&frames);
        hs_frames_send(&stage->frames);
        count++;
    }
    return send_frames(stage, count);
}

/* Does the VM stop after the sync that begins here, before QEMU does anything else?  Then it is the
 * one that QEMU makes by itself. */
static bool stops_after_sync(const struct hs_stage *stage)
{
    const struct hs_job *job = stage->job;
    bool is_over = false;
    for (unsigned i = stage->at; job->syncs_before_stop && i < job->step_count; i++) {
        const struct hs_action *action = hs_action_find(job->steps[i]);
        if (action->part == HS_SECTION_STOP)
            return true;
        bool is_part = !is_over && action->part == HS_SECTION_SYNC;
        if (!is_part && !hs_action_is_idle(action))
            return false;
        is_over = is_over || strcmp(action->step, "migration.start-hints") == 0;
    }
    return false; /* or nobody knows: it is being invented */
}

/* The first part of a sync that comes while the VM runs: QEMU does all of it. */
static bool begin_sync(struct hs_stage *stage)
{
    stage->section = HS_SECTION_SYNC;
    stage->stops_then = stops_after_sync(stage);
    if (stage->stops_then)
        return true;
    if (!send_ballast(stage, HS_FRAMES_MAX, HS_SYNC_MOST - 1))
        return false;
    if (hs_stage_remaining(stage) >= HS_SYNC_MOST)
        return cannot(stage, "a sync while too many frames are left");
    if (stage->is_played && !hs_move_sync(&stage->move, &stage->frames, stage->what))
        return hs_stage_failed(stage);
    hs_frames_touch(&stage->frames);
    stage->sends_at_sync = stage->plan->qemu.maps_ram;
    return true;
}

static bool may_sync_part(struct hs_stage *stage, unsigned page)
{
    (void)page;
    return stage->section == HS_SECTION_SYNC || !is_on_source(stage) || begin_sync(stage);
}

/* Does the job send the page in that frame right after the sync that ends here?  Pages of zeros
 * take no room: with such a one the next frame goes out, too. */
static bool sends_then(const struct hs_stage *stage, unsigned frame)
{
    const struct hs_job *job = stage->job;
    char begins[64];
    char ends[64];
    unsigned page = 0;
    while (hs_stage_frame(stage, page) != frame)
        page++;
    snprintf(begins, sizeof(begins), "migration.begin-page %u", page);
    snprintf(ends, sizeof(ends), "migration.finish-page %u", page);
    return stage->at + 2 < job->step_count && strcmp(job->steps[stage->at + 1], begins) == 0 &&
           strcmp(job->steps[stage->at + 2], ends) == 0 &&
           hs_stage_read(stage, "page.content", page) != HS_CONTENT_IS_ZEROS;
}

/* A frame went out as QEMU synced. */
static bool send_at_sync(struct hs_stage *stage)
{
    struct hs_frames frames = hs_stage_frames(stage);
    unsigned next = hs_frames_next(&frames);
    stage->sends_at_sync = false;
    if (hs_stage_is_tested(stage, next)) {
        stage->has_gone = sends_then(stage, next);
        stage->section = HS_SECTION_PAGE;
        return stage->has_gone || cannot(stage, "a page is sent as soon as the sync is over");
    }
    hs_frames_send(&stage->frames);
    return true;
}

/* The sync that QEMU makes by itself is over: it stops the VM if it found nothing to be sent. */
static bool end_last_sync(struct hs_stage *stage)
{
    stage->stops_then = false;
    stage->section = HS_SECTION_STOP;
    for (unsigned p = 0; p < stage->job->pages; p++) {
        if (hs_stage_read(stage, "page.bitmap", p))
            return cannot(stage, "the sync before the stop finds pages to be sent");
    }
    return true;
}

/* Is the sync over?  The first of a migration is followed by all frames that nobody cares for and
 * that come before those under test, but for a few: then those come soon. */
static bool play_sync_part(struct hs_stage *stage, unsigned page)
{
    (void)page;
    enum { BALLAST_LEFT = 4 };
    if (hs_stage_read(stage, "migration.phase", 0) != PHASE_SENDING)
        return true;
    if (stage->stops_then)
        return end_last_sync(stage);
    stage->section = HS_SECTION_NONE;
    if (stage->sends_at_sync && !send_at_sync(stage))
        return false;
    if (!stage->begins || !is_on_source(stage))
        return true;
    stage->begins = false;
    return send_ballast(stage, stage->tested - BALLAST_LEFT, 0);
}

static bool may_begin_page(struct hs_stage *stage, unsigned page)
{
    if (!is_on_source(stage))
        return true;
    unsigned wanted = hs_stage_frame(stage, page);
    struct hs_frames frames = hs_stage_frames(stage);
    stage->ahead = 0;
    while (!hs_stage_is_tested(stage, hs_frames_next(&frames))) {
        hs_frames_send(&frames);
        hs_frames_send(&stage->frames);
        stage->ahead++;
    }
    stage->section = HS_SECTION_PAGE;
    stage->frames.next = wanted + 1;
    return hs_frames_next(&frames) == wanted ||
           cannot(stage, "pages in another order than that of addresses");
}

/* A page of zeros takes no room where RAM is mapped: the next frame goes out with it. */
static bool may_send_alone(struct hs_stage *stage, unsigned page)
{
    struct hs_frames frames = hs_stage_frames(stage);
    return !stage->plan->qemu.maps_ram ||
           hs_stage_read(stage, "page.content", page) != HS_CONTENT_IS_ZEROS ||
           !hs_stage_is_tested(stage, hs_frames_next(&frames)) ||
           cannot(stage, "a page of zeros is sent before another page");
}

/* Send the page, and what comes before it. */
static bool send_page(struct hs_stage *stage)
{
    return send_frames(stage, stage->ahead + 1) &&
           (!stage->is_played || hs_move_flush(&stage->move, stage->what) ||
               hs_stage_failed(stage));
}

static bool play_finish_page(struct hs_stage *stage, unsigned page)
{
    stage->sent[page]++;
    if (!is_on_source(stage))
        return true;
    stage->section = HS_SECTION_NONE;
    if (stage->has_gone) {
        stage->has_gone = false;
        return true;
    }
    return may_send_alone(stage, page) && send_page(stage);
}

static bool may_stop(struct hs_stage *stage, unsigned page)
{
    (void)page;
    for (unsigned p = 0; p < stage->job->pages; p++) {
        if (hs_stage_read(stage, "page.bitmap", p))
            return cannot(stage, "the VM stops with pages left to be sent");
    }
    return true;
}

/* Let QEMU send what is left, and stop the VM.  Frames that nobody asks about are left in any case:
 * so it syncs then if it ever does. */
static bool stop(struct hs_stage *stage)
{
    unsigned syncs = stage->move.syncs;
    if (!hs_move_stop(&stage->move, stage->what))
        return hs_stage_failed(stage);
    syncs = stage->move.syncs - syncs;
    return stage->job->syncs_before_stop == (syncs > 0) ||
           hs_stage_fail(stage, HS_DRIVE_DIFFERS, "a sync as nothing is left: model %s, QEMU %u",
               stage->job->syncs_before_stop ? "1 or more" : "none", syncs);
}

/* What waits in the queue is there when the VM has stopped; the device looks no more. */
static bool play_stop(struct hs_stage *stage, unsigned page)
{
    (void)page;
    stage->section = HS_SECTION_NONE;
    memset(stage->frames.is_dirty, 0, sizeof(stage->frames.is_dirty));
    if (!stage->is_played)
        return true;
    if (!stop(stage))
        return false;
    while (stage->hints_published < stage->hint_count) {
        if (!publish_hint(stage, false))
            return hs_stage_failed(stage);
    }
    return true;
}

static bool play_switch_over(struct hs_stage *stage, unsigned page)
{
    (void)page;
    stage->is_moving = false;
    if (!stage->is_played)
        return true;
    if (!hs_move_complete(&stage->move, &stage->destination, &stage->plan->qemu, stage->what))
        return hs_stage_failed(stage);
    stage->guest = &stage->destination;
    stage->balloon.vm = &stage->destination;
    return true;
}

static bool may_cancel(struct hs_stage *stage, unsigned page)
{
    (void)page;
    return is_on_source(stage) || cannot(stage, "a cancel while the VM is stopped");
}

static bool play_cancel(struct hs_stage *stage, unsigned page)
{
    (void)page;
    stage->is_moving = false;
    return !stage->is_played || hs_move_cancel(&stage->move, stage->what) || hs_stage_failed(stage);
}

/* ---- what cannot be played ------------------------------------------------------------------ */

#define CANNOT(name, why)                                   \
    static bool name(struct hs_stage *stage, unsigned page) \
    {                                                       \
        (void)page;                                         \
        return cannot(stage, why);                          \
    }
CANNOT(may_not_apply, "a hint is taken, and applied later")
CANNOT(may_not_arrive, "a device's write, or a page, arrives later")
CANNOT(may_not_request, "hints are asked for by an operator")
CANNOT(may_not_postcopy, "postcopy")
CANNOT(may_not_hop, "the destination is migrated on")
CANNOT(may_not_harvest, "the ring is harvested at a chosen moment")
CANNOT(may_not_protect, "the log is protected before it is read")

static const struct hs_action actions[] = {
    {.step = "app.allocate"},
    {.step = "app.write", .play = play_write},
    {.step = "app.free"},
    {.step = "app.read"},
    {.step = "driver.config-interrupt", .play = play_config_interrupt},
    {.step = "driver.read-command"},
    {.step = "driver.start-round", .play = play_start_round},
    {.step = "driver.list-free"},
    {.step = "driver.hint-page", .play = play_hint_page},
    {.step = "driver.end-round", .play = play_end_round},
    {.step = "driver.collect-used"},
    {.step = "driver.shrink"},
    {.step = "driver.release"},
    {.step = "driver.isolate-batch"},
    {.step = "driver.report-batch", .play = play_report_batch},
    {.step = "driver.collect-report"},
    {.step = "driver.put-back"},
    {.step = "driver.inflate", .play = play_inflate},
    {.step = "driver.collect-inflate"},
    {.step = "driver.deflate", .play = play_deflate},
    {.step = "driver.collect-deflate"},
    {.step = "driver.freeze"},
    {.step = "driver.reset", .play = play_reset},
    {.step = "device.wake"},
    {.step = "device.take-element", .play = play_take_element},
    {.step = "device.apply-hint", .may = may_not_apply},
    {.step = "device.find-empty"},
    {.step = "device.sleep"},
    {.step = "device.take-report", .play = play_take_report},
    {.step = "device.discard", .part = HS_SECTION_REPORT},
    {.step = "device.use-element", .play = play_use_element, .part = HS_SECTION_REPORT},
    {.step = "device.take-inflate", .play = play_take_inflate},
    {.step = "device.take-deflate", .play = play_take_deflate},
    {.step = "device.dma-write", .may = may_dma, .play = play_dma},
    {.step = "device.dma-arrive", .may = may_not_arrive},
    {.step = "device.change-target", .play = play_change_target},
    {.step = "device.request-hints", .may = may_not_request},
    {.step = "device.end-hints", .may = may_not_request},
    {.step = "migration.start", .may = may_start, .play = play_start},
    {.step = "migration.enable-log", .play = play_sync_part, .part = HS_SECTION_SYNC},
    {.step = "migration.stop-hints", may_sync_part, play_sync_part, HS_SECTION_SYNC},
    {.step = "migration.protect-pages", .may = may_not_protect},
    {.step = "migration.sync", may_sync_part, play_sync_part, HS_SECTION_SYNC},
    {.step = "migration.merge-log", may_sync_part, play_sync_part, HS_SECTION_SYNC},
    {.step = "migration.start-hints", may_sync_part, play_sync_part, HS_SECTION_SYNC},
    {.step = "migration.done-hints", .play = play_sync_part, .part = HS_SECTION_SYNC},
    {.step = "migration.begin-page", .may = may_begin_page, .part = HS_SECTION_PAGE},
    {.step = "migration.finish-page", .play = play_finish_page, .part = HS_SECTION_PAGE},
    {.step = "migration.arrive", .may = may_not_arrive},
    {.step = "migration.stop-vm", may_stop, play_stop, HS_SECTION_STOP},
    {.step = "migration.switch-over", .play = play_switch_over},
    {.step = "migration.go-postcopy", .may = may_not_postcopy},
    {.step = "migration.pull-page", .may = may_not_postcopy},
    {.step = "migration.cancel", .may = may_cancel, .play = play_cancel},
    {.step = "migration.next-hop", .may = may_not_hop},
    {.step = "log.harvest", .may = may_not_harvest},
    {.step = "destination.read"},
    {.step = "destination.write", .play = play_write},
};

bool hs_action_is_idle(const struct hs_action *action)
{
    assert(action);
    return !action->may && !action->play;
}

const struct hs_action *hs_action_find(const char *step)
{
    assert(step);
    size_t length = strcspn(step, " ");
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        if (strlen(actions[i].step) == length && strncmp(actions[i].step, step, length) == 0)
            return &actions[i];
    }
    return NULL;
}
