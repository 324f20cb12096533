/* SPDX-License-Identifier: BSD-3-Clause */
/* A run of the model, played on a real QEMU and compared with it. */
#include "drive.h"

#include "clock.h"
#include "stage.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

const char *const hs_drive_end_names[HS_DRIVE_END_COUNT] = {
    [HS_DRIVE_AGREES] = "agrees",
    [HS_DRIVE_DIFFERS] = "differs",
    [HS_DRIVE_DIED] = "QEMU died",
    [HS_DRIVE_CANNOT] = "cannot be driven",
    [HS_DRIVE_NO_ANSWER] = "no answer",
};

/* ---- the model ------------------------------------------------------------------------------ */

static bool begin_model(struct hs_stage *stage)
{
    char why[HINTMODEL_WHY];
    if (!hintmodel_begin(&stage->model, NULL, NULL, why))
        return hs_stage_fail(stage, HS_DRIVE_CANNOT, "%s", why);
    for (unsigned i = 0; i < stage->job->setting_count; i++) {
        const struct hs_setting *setting = &stage->job->settings[i];
        if (!hintmodel_set(&stage->model, setting->name, setting->value, why))
            return hs_stage_fail(stage, HS_DRIVE_CANNOT, "%s", why);
    }
    return hintmodel_start(&stage->model, why) || hs_stage_fail(stage, HS_DRIVE_CANNOT, "%s", why);
}

/* The queues of the model, by the names of its fields. */
static const struct {
    enum hs_vq vq;
    const char *used;
} queues[] = {
    {HS_VQ_FREE_PAGE, "free_page_vq.used"},
    {HS_VQ_REPORTING, "reporting_vq.used"},
    {HS_VQ_INFLATE, "inflateq.used"},
    {HS_VQ_DEFLATE, "deflateq.used"},
};
enum { QUEUES = sizeof(queues) / sizeof(queues[0]) };

/* How many elements the model used in the step, added up: its indices wrap at twice the size. */
static void count_used(struct hs_stage *stage, const unsigned before[QUEUES])
{
    for (unsigned i = 0; i < QUEUES; i++) {
        unsigned size = stage->job->queue_size[queues[i].vq];
        if (size)
            stage->used[queues[i].vq] +=
                (hs_stage_read(stage, queues[i].used, 0) - before[i]) & (2 * size - 1);
    }
}

static void read_used(const struct hs_stage *stage, unsigned used[QUEUES])
{
    for (unsigned i = 0; i < QUEUES; i++)
        used[i] =
            stage->job->queue_size[queues[i].vq] ? hs_stage_read(stage, queues[i].used, 0) : 0;
}

/* ---- comparing ------------------------------------------------------------------------------ */

#define DIFFERS(stage, ...) hs_stage_fail(stage, HS_DRIVE_DIFFERS, __VA_ARGS__)

/* The ids of QEMU begin anywhere: the first one seen says where. */
static bool compare_field(struct hs_stage *stage)
{
    enum { FIRST_ID = 2 };
    unsigned expected = hs_stage_read(stage, "device.field", 0);
    uint32_t field = 0;
    if (!hs_balloon_field(&stage->balloon, &field, stage->what))
        return hs_stage_failed(stage);
    if (expected >= FIRST_ID && !stage->has_id_base && field >= FIRST_ID) {
        stage->id_base = field - expected;
        stage->has_id_base = true;
    }
    uint32_t wanted = expected >= FIRST_ID ? expected + stage->id_base : expected;
    return field == wanted ||
           DIFFERS(
               stage, "free_page_hint_cmd_id: model 0x%" PRIx32 ", QEMU 0x%" PRIx32, wanted, field);
}

static bool compare_interrupt(struct hs_stage *stage)
{
    bool is_pending = false;
    unsigned expected = hs_stage_read(stage, "device.config_interrupt", 0);
    if (!hs_balloon_config_interrupt(&stage->balloon, &is_pending, stage->what))
        return hs_stage_failed(stage);
    return is_pending == expected ||
           DIFFERS(stage, "config interrupt: model %u, QEMU %u", expected, is_pending);
}

static bool compare_used(struct hs_stage *stage)
{
    for (unsigned i = 0; i < QUEUES; i++) {
        enum hs_vq vq = queues[i].vq;
        uint16_t used = hs_balloon_used(&stage->balloon, vq);
        if (stage->job->queue_size[vq] && used != (uint16_t)stage->used[vq])
            return DIFFERS(stage, "%s: model %u, QEMU %u", queues[i].used, stage->used[vq], used);
    }
    return true;
}

/* The length that the used ring has of the last element, if that is a hint: of no other the model
 * knows one. */
static bool compare_length(struct hs_stage *stage)
{
    unsigned used = stage->used[HS_VQ_FREE_PAGE];
    if (!used || stage->hints[used - 1].kind != HS_HINT_PAGES)
        return true;
    uint32_t length = hs_balloon_written(&stage->balloon, HS_VQ_FREE_PAGE);
    return length == stage->job->used_length ||
           DIFFERS(stage, "used length of a hint: model %u, QEMU %" PRIu32, stage->job->used_length,
               length);
}

static bool compare_queues(struct hs_stage *stage)
{
    return compare_used(stage) && compare_length(stage);
}

static bool compare_remaining(struct hs_stage *stage)
{
    unsigned expected = hs_stage_remaining(stage);
    if (!hs_move_look(&stage->move, stage->what))
        return hs_stage_failed(stage);
    /* Where RAM is mapped the frame that goes out with a sync is not seen: if QEMU is slow, it may
     * be none, or two. */
    stage->is_doubtful = stage->plan->qemu.maps_ram && stage->move.remaining != expected;
    return stage->move.remaining == expected ||
           DIFFERS(stage, "frames to be sent: model %u, QEMU %u", expected, stage->move.remaining);
}

/* May QEMU be looked at now: is nothing under way, and does the VM run? */
static bool is_comparable(const struct hs_stage *stage)
{
    enum { STOPPED = 1 };
    return stage->section == HS_SECTION_NONE && hs_stage_read(stage, "migration.vm", 0) != STOPPED;
}

/* Has the model's device served all of free_page_vq? */
static bool has_served(const struct hs_stage *stage)
{
    return !stage->job->queue_size[HS_VQ_FREE_PAGE] ||
           hs_stage_read(stage, "free_page_vq.avail", 0) ==
               hs_stage_read(stage, "free_page_vq.taken", 0);
}

/* How many of free_page_vq's elements QEMU used, where that is not `most` at most, or fewer than
 * the model's device. */
static bool compare_served(struct hs_stage *stage, unsigned most)
{
    unsigned expected = stage->used[HS_VQ_FREE_PAGE];
    unsigned used = hs_balloon_used(&stage->balloon, HS_VQ_FREE_PAGE);
    return (used >= expected && used <= most) ||
           DIFFERS(stage, "free_page_vq.used: model %u, QEMU %u", expected, used);
}

/* At the destination the device serves its queue in one go: QEMU may be ahead of the model's, until
 * that has served all as well. */
static bool compare_destination(struct hs_stage *stage)
{
    return compare_field(stage) &&
           (has_served(stage) ? compare_queues(stage)
                              : compare_served(stage, stage->hints_published));
}

/* At the end: what waits at the destination, where nothing wakes the model's device, waits in QEMU
 * as well.  One that serves it does so in a few milliseconds. */
static bool compare_waiting(struct hs_stage *stage)
{
    enum { SLEEPS = 0 };
    const double seconds = 0.5;
    bool waits = !has_served(stage) && hs_stage_read(stage, "device.loop", 0) == SLEEPS &&
                 !hs_stage_read(stage, "free_page_vq.kick_pending", 0);
    unsigned expected = stage->used[HS_VQ_FREE_PAGE];
    struct hs_error ignored;
    if (!waits)
        return true;
    hs_balloon_await_used(
        &stage->balloon, HS_VQ_FREE_PAGE, (uint16_t)(expected + 1), seconds, &ignored);
    return compare_served(stage, expected);
}

static bool compare(struct hs_stage *stage)
{
    if (!is_comparable(stage))
        return true;
    if (stage->guest == &stage->destination)
        return compare_destination(stage);
    return compare_field(stage) && compare_interrupt(stage) && compare_queues(stage) &&
           (!stage->is_moving || compare_remaining(stage));
}

static bool is_zero(const uint8_t *frame)
{
    return frame[0] == 0 && memcmp(frame, frame + 1, HS_FRAME - 1) == 0;
}

/* What the model's page.copy says. */
enum { COPY_NONE = 0, COPY_EQUAL = 1, COPY_OLDER = 2 };

static bool compare_source_page(struct hs_stage *stage, unsigned page)
{
    const uint8_t *frame = stage->source.ram + (size_t)hs_stage_frame(stage, page) * HS_FRAME;
    bool zeros = hs_stage_read(stage, "page.content", page) == HS_CONTENT_IS_ZEROS;
    return zeros == is_zero(frame) || DIFFERS(stage, "page %u of the source: model %s, QEMU %s",
                                          page, zeros ? "zeros" : "data", zeros ? "data" : "zeros");
}

static const char *copy_name(unsigned copy)
{
    return copy == COPY_NONE ? "nothing" : copy == COPY_EQUAL ? "the same" : "something older";
}

static bool compare_copy(struct hs_stage *stage, unsigned page)
{
    size_t at = (size_t)hs_stage_frame(stage, page) * HS_FRAME;
    const uint8_t *source = stage->source.ram + at;
    const uint8_t *destination = stage->destination.ram + at;
    unsigned expected = hs_stage_read(stage, "page.copy", page);
    bool is_equal = memcmp(source, destination, HS_FRAME) == 0;
    unsigned seen = is_equal ? COPY_EQUAL : is_zero(destination) ? COPY_NONE : COPY_OLDER;
    /* zeros that were not sent look like zeros that were */
    bool agrees = seen == expected || (expected == COPY_NONE && is_zero(destination));
    return agrees || DIFFERS(stage, "page %u of the destination: model %s, QEMU %s", page,
                         copy_name(expected), copy_name(seen));
}

/* How often each page was sent. */
static bool compare_sent(struct hs_stage *stage)
{
    static struct hs_sent sent;
    if (stage->plan->qemu.maps_ram)
        return true; /* there each frame has one place, however often it is sent */
    if (!hs_stage_sent(stage, &sent))
        return hs_stage_failed(stage);
    for (unsigned p = 0; p < stage->job->pages; p++) {
        unsigned times = sent.times[hs_stage_frame(stage, p)];
        if (times != stage->sent[p])
            return DIFFERS(
                stage, "page %u: the model sent it %u times, QEMU %u", p, stage->sent[p], times);
    }
    return true;
}

/* Each page, at the end: before the destination writes any. */
static bool compare_pages(struct hs_stage *stage)
{
    bool has_moved = stage->guest == &stage->destination;
    for (unsigned p = 0; p < stage->job->pages; p++) {
        if (!compare_source_page(stage, p) || (has_moved && !compare_copy(stage, p)))
            return false;
    }
    return !has_moved || compare_sent(stage);
}

/* ---- playing -------------------------------------------------------------------------------- */

static const char *section_name(enum hs_section section)
{
    switch (section) {
    case HS_SECTION_SYNC:
        return "a step inside a sync";
    case HS_SECTION_REPORT:
        return "a step while a report is served";
    case HS_SECTION_STOP:
        return "a step between the last sync and the stop";
    case HS_SECTION_PAGE:
    case HS_SECTION_NONE:
        break;
    }
    return "a step while a page is being sent";
}

/* Would the migration end by itself here?  Where it syncs before that, it may go on with a sync. */
static bool would_end(const struct hs_stage *stage, const struct hs_action *action)
{
    return stage->is_moving && is_comparable(stage) && hs_stage_remaining(stage) == 0 &&
           action->part != HS_SECTION_STOP &&
           !(stage->job->syncs_before_stop && action->part == HS_SECTION_SYNC);
}

/* May the step come now, or does it stand in what QEMU does in one go? */
static bool may_come(const struct hs_stage *stage, const struct hs_action *action)
{
    return stage->section == HS_SECTION_NONE || action->part == stage->section ||
           (stage->section == HS_SECTION_STOP && hs_action_is_idle(action));
}

bool hs_stage_play(struct hs_stage *stage, const char *text)
{
    char why[HINTMODEL_WHY];
    struct hintmodel_step step;
    unsigned used[QUEUES];
    const struct hs_action *action = hs_action_find(text);
    if (!action || !hintmodel_step_find(&stage->model, text, &step, why))
        return hs_stage_fail(stage, HS_DRIVE_CANNOT, "there is no step '%s'", text);
    if (would_end(stage, action))
        return hs_stage_fail(stage, HS_DRIVE_CANNOT, "the migration goes on with nothing to send");
    if (!may_come(stage, action))
        return hs_stage_fail(stage, HS_DRIVE_CANNOT, "%s", section_name(stage->section));
    if (action->may && !action->may(stage, step.page))
        return false;
    read_used(stage, used);
    stage->avail =
        stage->job->queue_size[HS_VQ_FREE_PAGE] ? hs_stage_read(stage, "free_page_vq.avail", 0) : 0;
    if (!hintmodel_take(&stage->model, step, why))
        return hs_stage_fail(stage, HS_DRIVE_CANNOT, "%s: %s", text, why);
    count_used(stage, used);
    return !action->play || action->play(stage, step.page);
}

static bool play_all(struct hs_stage *stage, unsigned *at)
{
    for (*at = 0; *at < stage->job->step_count; (*at)++) {
        stage->at = *at;
        bool ends = strcmp(stage->job->steps[*at], "migration.switch-over") == 0;
        if (!hs_stage_play(stage, stage->job->steps[*at]) || (stage->is_played && !compare(stage)))
            return false;
        if (stage->is_played && ends && !compare_pages(stage))
            return false;
    }
    bool has_moved = stage->guest == &stage->destination;
    return !stage->is_played || (has_moved ? compare_waiting(stage) : compare_pages(stage));
}

/* ---- where pages lie ------------------------------------------------------------------------ */

/* Those under test lie at the end of the RAM, but for a few: then all others come before them.  A
 * manual log is cleared by chunks, of which one is theirs: they begin it. */
static unsigned first_frame(const struct hs_job *job, const struct hs_drive_plan *plan)
{
    enum { BEHIND = 8, ALIGNMENT = 8 };
    unsigned ram = plan->qemu.ram / 4;
    if (plan->qemu.accelerator != HS_ACCELERATOR_TCG)
        return (ram - 1) / HS_GUEST_CHUNK * HS_GUEST_CHUNK;
    unsigned alignment = job->block_pages > ALIGNMENT ? job->block_pages : ALIGNMENT;
    return (ram - BEHIND - job->pages) / alignment * alignment;
}

static void begin_stage(struct hs_stage *stage, const struct hs_job *job,
    const struct hs_drive_plan *plan, struct hs_error *what)
{
    *stage =
        (struct hs_stage){.job = job, .plan = plan, .what = what, .tested = first_frame(job, plan)};
    stage->guest = &stage->source;
    for (unsigned p = 0; p < job->pages; p++)
        stage->place[p] = p;
}

bool hs_stage_begin(struct hs_stage *stage, const struct hs_job *job,
    const struct hs_drive_plan *plan, struct hs_error *what)
{
    assert(stage && job && plan && what);
    begin_stage(stage, job, plan, what);
    return begin_model(stage);
}

/* The next order of the blocks; false behind the last.  Knuth, 7.2.1.2 L. */
static bool permute(unsigned *order, unsigned count)
{
    unsigned i = count;
    for (i = count; i >= 2 && order[i - 2] >= order[i - 1]; i--)
        ;
    if (i < 2)
        return false;
    unsigned j = count - 1;
    while (order[j] <= order[i - 2])
        j--;
    unsigned swapped = order[i - 2];
    order[i - 2] = order[j];
    order[j] = swapped;
    for (unsigned low = i - 1, high = count - 1; low < high; low++, high--) {
        swapped = order[low];
        order[low] = order[high];
        order[high] = swapped;
    }
    return true;
}

/* Play all of it without a QEMU, with blocks of pages in this order. */
static bool rehearse(struct hs_stage *stage, const struct hs_job *job,
    const struct hs_drive_plan *plan, const unsigned *order, struct hs_drive_result *result)
{
    if (!hs_stage_begin(stage, job, plan, &result->what))
        return false;
    for (unsigned p = 0; p < job->pages; p++)
        stage->place[p] = order[p / job->block_pages] * job->block_pages + p % job->block_pages;
    if (play_all(stage, &result->step))
        return true;
    result->end = stage->trouble;
    return false;
}

/* Find where the pages must lie, so that they are sent in the order that the steps have. */
static bool find_places(struct hs_stage *stage, const struct hs_job *job,
    const struct hs_drive_plan *plan, struct hs_drive_result *result)
{
    enum { PERMUTED_MAX = 6 };
    unsigned blocks = (job->pages + job->block_pages - 1) / job->block_pages;
    bool are_whole = job->pages % job->block_pages == 0;
    unsigned order[HS_DRIVE_PAGES_MAX] = {0};
    for (unsigned i = 0; i < blocks; i++)
        order[i] = i;
    /* the refusal that comes latest says most */
    struct hs_drive_result best = {0};
    do {
        if (rehearse(stage, job, plan, order, result))
            return true;
        if (result->step >= best.step)
            best = *result;
    } while (are_whole && blocks <= PERMUTED_MAX && permute(order, blocks));
    *result = best;
    return false;
}

/* Can the job be played with pages in some order, in which `stage` then has them? */
static bool is_possible(struct hs_stage *stage, const struct hs_job *job,
    const struct hs_drive_plan *plan, struct hs_drive_result *result)
{
    *result = (struct hs_drive_result){.end = HS_DRIVE_CANNOT};
    if (job->pages > HS_DRIVE_PAGES_MAX)
        return hs_fail(&result->what, "more pages than %d", HS_DRIVE_PAGES_MAX);
    if (job->fills_free_pages)
        return hs_fail(&result->what, "a guest that fills free pages");
    if (job->may_postcopy)
        return hs_fail(&result->what, "postcopy");
    return find_places(stage, job, plan, result);
}

bool hs_drive_is_possible(
    const struct hs_job *job, const struct hs_drive_plan *plan, struct hs_drive_result *result)
{
    assert(job && plan && result);
    static struct hs_stage stage;
    return is_possible(&stage, job, plan, result);
}

/* ---- a run ---------------------------------------------------------------------------------- */

static void end_stage(struct hs_stage *stage)
{
    hs_move_end(&stage->move);
    hs_qemu_end(&stage->destination);
    hs_qemu_end(&stage->source);
    hs_poller_end(&stage->poller);
}

/* Add what a QEMU said that died. */
static void add_last_words(const struct hs_stage *stage, struct hs_error *what)
{
    const struct hs_qemu *dead = stage->source.process ? &stage->destination : &stage->source;
    struct hs_text words = {0};
    hs_text_add(&words, "%s", what->text);
    if (dead->poller) {
        hs_text_add(&words, ": ");
        hs_qemu_last_words(dead, &words);
    }
    hs_fail(what, "%s", hs_text_string(&words));
    hs_text_free(&words);
}

/* One try.  False, with `error`, if QEMU does not start, or is not fit for it. */
static bool play_once(struct hs_stage *stage, const struct hs_job *job,
    const struct hs_drive_plan *plan, const unsigned *place, struct hs_drive_result *result,
    struct hs_error *error)
{
    begin_stage(stage, job, plan, &result->what);
    memcpy(stage->place, place, sizeof(stage->place));
    stage->is_played = true;
    if (!hs_poller_begin(&stage->poller))
        return hs_fail(error, "no descriptors are left");
    if (!hs_qemu_begin(&stage->source, &stage->poller, &plan->qemu, -1, error))
        return false;
    if (!hs_stage_set_up(stage))
        return hs_fail(error, "%s", result->what.text);
    bool agrees = begin_model(stage) && play_all(stage, &result->step);
    result->end = agrees ? HS_DRIVE_AGREES : stage->trouble;
    result->drifts = stage->move.drifts;
    if (result->end == HS_DRIVE_DIED)
        add_last_words(stage, &result->what);
    return true;
}

/* Is it to be begun anew?  A difference that may be the pacing's must be seen twice running. */
static bool is_open(const struct hs_stage *stage, const struct hs_drive_result *before,
    const struct hs_drive_result *result)
{
    bool is_same = before->end == result->end && before->step == result->step &&
                   strcmp(before->what.text, result->what.text) == 0;
    return result->end == HS_DRIVE_NO_ANSWER ||
           (result->end == HS_DRIVE_DIFFERS && stage->is_doubtful && !is_same);
}

bool hs_drive(const struct hs_job *job, const struct hs_drive_plan *plan,
    struct hs_drive_result *result, struct hs_error *error)
{
    assert(job && plan && plan->tries && result && error);
    static struct hs_stage stage;
    if (!is_possible(&stage, job, plan, result))
        return true;
    unsigned place[HS_DRIVE_PAGES_MAX];
    memcpy(place, stage.place, sizeof(place));
    double start = hs_now();
    bool has_started = true;
    struct hs_drive_result before;
    do {
        before = *result;
        result->attempts++;
        has_started = play_once(&stage, job, plan, place, result, error);
        end_stage(&stage);
    } while (has_started && is_open(&stage, &before, result) && result->attempts < plan->tries);
    result->seconds = hs_now() - start;
    if (result->end == HS_DRIVE_AGREES)
        result->what = (struct hs_error){.text = ""}; /* what else was tried does not matter */
    return has_started;
}
