/* SPDX-License-Identifier: BSD-3-Clause */
/* What is on stage. */
#include "stage.h"

#include <assert.h>

unsigned hs_stage_read(const struct hs_stage *stage, const char *field, unsigned page)
{
    assert(stage && field);
    unsigned number = 0;
    char why[HINTMODEL_WHY];
    bool is_read = hintmodel_read(&stage->model, field, page, &number, why);
    assert(is_read);
    (void)is_read;
    return number;
}

unsigned hs_stage_frame(const struct hs_stage *stage, unsigned page)
{
    assert(stage && page < stage->job->pages);
    return stage->tested + stage->place[page];
}

struct hs_frames hs_stage_frames(const struct hs_stage *stage)
{
    assert(stage);
    struct hs_frames frames = stage->frames;
    for (unsigned p = 0; p < stage->job->pages; p++)
        frames.is_dirty[hs_stage_frame(stage, p)] = hs_stage_read(stage, "page.bitmap", p);
    return frames;
}

unsigned hs_stage_remaining(const struct hs_stage *stage)
{
    struct hs_frames frames = hs_stage_frames(stage);
    return hs_frames_dirty(&frames);
}

bool hs_stage_is_tested(const struct hs_stage *stage, unsigned frame)
{
    assert(stage);
    return frame >= stage->tested && frame < stage->tested + stage->job->pages;
}

bool hs_stage_sent(struct hs_stage *stage, struct hs_sent *sent)
{
    assert(stage && sent);
    struct hs_text bytes = {0};
    bool is_read = hs_move_sent(&stage->move, &bytes, stage->what);
    hs_stream_read(&bytes, sent);
    hs_text_free(&bytes);
    return is_read;
}

/* See what QEMU has to send; a mapped RAM does not tell which blocks come first. */
static bool see_blocks(struct hs_stage *stage, struct hs_blocks *blocks)
{
    static struct hs_sent sent;
    if (stage->move.remaining < blocks->ram + blocks->ahead)
        return hs_stage_fail(stage, HS_DRIVE_NO_ANSWER, "less remains to be sent than all");
    blocks->others = stage->move.remaining - blocks->ram;
    if (stage->plan->qemu.maps_ram)
        return true;
    if (!hs_stage_sent(stage, &sent))
        return false;
    blocks->ahead = sent.ahead;
    return (sent.has_blocks && sent.ram == blocks->ram) ||
           hs_stage_fail(stage, HS_DRIVE_NO_ANSWER, "the blocks of RAM are not as they should be");
}

bool hs_stage_frames_begin(struct hs_stage *stage)
{
    assert(stage);
    /* As a microvm has them: a table of ACPI before the RAM, then the firmware, and two tables. */
    enum { FIRMWARE = (HS_GUEST_FIRMWARE_SIZE >> 10) / 4 };
    struct hs_blocks blocks = {
        .ram = stage->plan->qemu.ram / 4, .others = FIRMWARE + 3, .ahead = 1};
    struct hs_span tested = {stage->tested, stage->tested + stage->job->pages};
    if (stage->is_played && !see_blocks(stage, &blocks))
        return false;
    hs_frames_begin(&stage->frames, &blocks, tested);
    for (unsigned frame = tested.first; frame < tested.end; frame++)
        stage->frames.is_dirty[frame] = false; /* of these the model knows */
    return true;
}

bool hs_stage_set_up(struct hs_stage *stage)
{
    static_assert(
        (int)HS_DRIVE_PAGES_MAX <= (int)HS_VQ_REPORTING_SIZE_MAX, "each page may be a range");
    assert(stage && stage->is_played);
    const unsigned sizes[HS_VQ_COUNT] = {
        [HS_VQ_INFLATE] = stage->job->queue_size[HS_VQ_INFLATE],
        [HS_VQ_DEFLATE] = stage->job->queue_size[HS_VQ_DEFLATE],
        [HS_VQ_FREE_PAGE] = stage->job->queue_size[HS_VQ_FREE_PAGE],
        [HS_VQ_REPORTING] = HS_VQ_REPORTING_SIZE_MAX, /* a report of all pages fits */
    };
    struct hs_accepted accepted = {
        .hints = stage->job->queue_size[HS_VQ_FREE_PAGE], .poison = stage->plan->qemu.has_poison};
    return hs_qemu_fill(stage->guest, HS_GUEST_WORDS, HS_GUEST_NOBODY_LOOKS, 0, stage->what) &&
           hs_balloon_begin(&stage->balloon, stage->guest, sizes, accepted, stage->what);
}

bool hs_stage_fail(struct hs_stage *stage, enum hs_drive_end trouble, const char *format, ...)
{
    assert(stage && format);
    struct hs_text text = hs_text_in(stage->what->text, sizeof(stage->what->text));
    va_list arguments;
    va_start(arguments, format);
    hs_text_addv(&text, format, arguments);
    va_end(arguments);
    stage->trouble = trouble;
    return false;
}

/* Has this QEMU, if it began, ended by itself? */
static bool has_died(struct hs_qemu *qemu)
{
    return qemu->poller && hs_qemu_has_died(qemu);
}

bool hs_stage_failed(struct hs_stage *stage)
{
    assert(stage);
    hs_move_release(&stage->move);
    stage->trouble = has_died(&stage->source) || has_died(&stage->destination) ? HS_DRIVE_DIED
                                                                               : HS_DRIVE_NO_ANSWER;
    return false;
}
