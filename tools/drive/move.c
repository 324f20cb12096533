/* SPDX-License-Identifier: BSD-3-Clause */
/* A migration, page by page. */
#include "move.h"

#include <assert.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* ---- frames --------------------------------------------------------------------------------- */

/* How many frames are made dirty before a sync: more than those with which QEMU ends. */
enum { TOUCHED_LOW = 200, TOUCHED_HIGH = 8 };

void hs_frames_begin(
    struct hs_frames *frames, const struct hs_blocks *blocks, struct hs_span tested)
{
    assert(frames && blocks && blocks->ram + blocks->others <= HS_FRAMES_MAX);
    assert(blocks->ahead <= blocks->others && tested.end <= blocks->ram);
    unsigned high_end = tested.end + TOUCHED_HIGH;
    *frames = (struct hs_frames){
        .count = blocks->ram + blocks->others,
        .next = (blocks->ram + blocks->others - blocks->ahead) % (blocks->ram + blocks->others),
        .touched = {{HS_GUEST_BUSY_FIRST, HS_GUEST_BUSY_END},
            {HS_GUEST_BALLAST_FIRST, HS_GUEST_BALLAST_FIRST + TOUCHED_LOW},
            {tested.end, high_end < blocks->ram ? high_end : blocks->ram}},
    };
    memset(frames->is_dirty, true, frames->count * sizeof(frames->is_dirty[0]));
}

unsigned hs_frames_dirty(const struct hs_frames *frames)
{
    assert(frames);
    unsigned dirty = 0;
    for (unsigned i = 0; i < frames->count; i++)
        dirty += frames->is_dirty[i];
    return dirty;
}

unsigned hs_frames_next(const struct hs_frames *frames)
{
    assert(frames);
    for (unsigned i = 0; i < frames->count; i++) {
        unsigned frame = (frames->next + i) % frames->count;
        if (frames->is_dirty[frame])
            return frame;
    }
    return HS_FRAMES_MAX;
}

void hs_frames_send(struct hs_frames *frames)
{
    unsigned frame = hs_frames_next(frames);
    assert(frame != HS_FRAMES_MAX);
    frames->is_dirty[frame] = false;
    frames->next = frame + 1;
}

void hs_frames_touch(struct hs_frames *frames)
{
    assert(frames);
    for (unsigned r = 0; r < sizeof(frames->touched) / sizeof(frames->touched[0]); r++) {
        for (unsigned i = frames->touched[r].first; i < frames->touched[r].end; i++)
            frames->is_dirty[i] = true;
    }
}

/* ---- parameters ----------------------------------------------------------------------------- */

static bool set(struct hs_move *move, const char *name, json_int_t value, struct hs_error *error)
{
    return hs_monitor_tell(
        &move->source->monitor, "migrate-set-parameters", json_pack("{s:I}", name, value), error);
}

/* Bytes that may go out in a tenth of a second.  QEMU divides by ten. */
static bool set_budget(struct hs_move *move, json_int_t bytes, struct hs_error *error)
{
    return set(move, "max-bandwidth", 10 * bytes, error);
}

/* Bytes that are counted for a frame, at least. */
enum { FRAME_BYTES = HS_FRAME };
/* A budget that not even the header of a part fits into: no frame goes out.  One that the header
 * fits into alone: one does.  And one without a bound.  A mapped RAM has no headers: one frame goes
 * out with either of the first two. */
enum { NO_FRAME = 1, ONE_FRAME = 6, ANY_FRAMES = 1 << 28 };
/* Milliseconds. */
enum { DOWNTIME_MOST = 2000000 };

/* ---- beginning ------------------------------------------------------------------------------ */

static bool set_capabilities(struct hs_move *move, struct hs_qemu *qemu, struct hs_error *error)
{
    static const char *const names[] = {"events", "pause-before-switchover", "mapped-ram"};
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) - !move->is_mapped; i++)
        json_array_append_new(list, json_pack("{s:s, s:b}", "capability", names[i], "state", 1));
    return hs_monitor_tell(&qemu->monitor, "migrate-set-capabilities",
        json_pack("{s:o}", "capabilities", list), error);
}

/* QEMU sends to a file in memory. */
static bool migrate(struct hs_move *move, struct hs_error *error)
{
    char uri[64] = "fd:onward";
    move->file = memfd_create("migration", MFD_CLOEXEC);
    if (move->file < 0)
        return hs_fail(error, "no descriptors are left");
    if (move->is_mapped)
        snprintf(uri, sizeof(uri), "file:/proc/%d/fd/%d", (int)getpid(), move->file);
    else if (!hs_monitor_give(&move->source->monitor, "onward", move->file, error))
        return false;
    return hs_monitor_tell(
        &move->source->monitor, "migrate", json_pack("{s:s}", "uri", uri), error);
}

/* Hold it between bursts.  Where that is forbidden the budget must do, which bounds nothing since
 * 9.0. */
static bool pace(struct hs_move *move, struct hs_error *error)
{
    struct hs_qemu *source = move->source;
    bool is_paced = hs_pace_begin(
        &move->pace, source->poller, source->process, &source->monitor.migrates, error);
    move->drifts = move->pace.is_forbidden && !move->is_mapped;
    return is_paced || move->drifts;
}

bool hs_move_begin(
    struct hs_move *move, struct hs_qemu *source, bool is_mapped, struct hs_error *error)
{
    assert(move && source && error);
    *move = (struct hs_move){.source = source, .file = -1, .is_mapped = is_mapped};
    return set_capabilities(move, source, error) && set(move, "downtime-limit", 0, error) &&
           set_budget(move, NO_FRAME, error) && migrate(move, error) && pace(move, error) &&
           hs_move_look(move, error);
}

bool hs_move_sent(const struct hs_move *move, struct hs_text *bytes, struct hs_error *error)
{
    assert(move && bytes && error);
    static char piece[1 << 16];
    ssize_t count = 0;
    for (off_t at = 0; (count = pread(move->file, piece, sizeof(piece), at)) > 0; at += count)
        hs_text_add_bytes(bytes, piece, (size_t)count);
    return count == 0 || hs_fail(error, "what was sent cannot be read");
}

bool hs_move_look(struct hs_move *move, struct hs_error *error)
{
    assert(move && error);
    json_t *answer = hs_monitor_ask(&move->source->monitor, "query-migrate", NULL, error);
    const json_t *ram = json_object_get(answer, "ram");
    if (!answer)
        return false;
    move->remaining = (unsigned)(json_integer_value(json_object_get(ram, "remaining")) / HS_FRAME);
    move->syncs = (unsigned)json_integer_value(json_object_get(ram, "dirty-sync-count"));
    move->clock = (unsigned)json_integer_value(json_object_get(answer, "total-time"));
    json_decref(answer);
    return true;
}

/* ---- sending -------------------------------------------------------------------------------- */

/* Something that QEMU counts is awaited. */
struct count {
    struct hs_move *move;
    struct hs_error *error;
    unsigned below;  /* frames */
    unsigned beyond; /* milliseconds, by QEMU's clock */
    bool is_lost;    /* QEMU does not tell */
};

static bool is_counted(void *context)
{
    struct count *count = (struct count *)context;
    count->is_lost = !hs_move_look(count->move, count->error);
    return count->is_lost ||
           (count->move->remaining < count->below && count->move->clock > count->beyond);
}

static bool await_count(struct count count)
{
    enum { SECONDS = 60 };
    if (!hs_poller_until(count.move->source->poller, is_counted, &count, SECONDS))
        return hs_fail(count.error, "the migration does not go on");
    return !count.is_lost;
}

/* A burst of a thread that is not held.  The next ones, each a tenth of a second later, must find
 * that no frame may go out; and the first of these counts what the burst has left of its tenth. */
static bool drift(struct hs_move *move, json_int_t budget, struct hs_error *error)
{
    enum { WINDOWS = 200 };
    if (budget != NO_FRAME &&
        !(await_count((struct count){move, error, .below = move->remaining}) &&
            set_budget(move, NO_FRAME, error)))
        return false;
    return await_count(
        (struct count){move, error, .below = UINT_MAX, .beyond = move->clock + WINDOWS});
}

static bool burst(struct hs_move *move, json_int_t budget, struct hs_error *error)
{
    move->quiet = budget == NO_FRAME ? move->quiet + 1 : 0;
    return set_budget(move, budget, error) &&
           (move->drifts ? drift(move, budget, error) : hs_pace_burst(&move->pace, error)) &&
           hs_move_look(move, error);
}

bool hs_move_send(struct hs_move *move, unsigned count, struct hs_error *error)
{
    assert(move && error);
    /* Two bursts go out where the budget grows: what the old one left, and the new one. */
    enum { MANY = 16 };
    unsigned target = move->remaining > count ? move->remaining - count : 0;
    while (move->remaining > target) {
        unsigned left = move->remaining - target;
        json_int_t half = (json_int_t)(left / 2 - 4) * FRAME_BYTES;
        if (!burst(move, left < MANY ? ONE_FRAME : half, error))
            return false;
        if (left >= MANY && move->remaining > target && !burst(move, ONE_FRAME, error))
            return false; /* so that the next budget is not added to what is left of this one */
    }
    return true;
}

bool hs_move_flush(struct hs_move *move, struct hs_error *error)
{
    assert(move && error);
    return move->is_mapped || !move->remaining || burst(move, NO_FRAME, error);
}

/* ---- syncs ---------------------------------------------------------------------------------- */

/* Write a byte of a frame that nobody looks at, in each of the frames. */
static bool touch(struct hs_move *move, const struct hs_frames *frames, struct hs_error *error)
{
    uint8_t value = (uint8_t)(1 + move->syncs % 251);
    for (unsigned r = 0; r < sizeof(frames->touched) / sizeof(frames->touched[0]); r++) {
        for (unsigned i = frames->touched[r].first; i < frames->touched[r].end; i++) {
            uint64_t address = (uint64_t)i * HS_FRAME + HS_GUEST_NOBODY_LOOKS;
            if (!hs_qemu_fill(move->source, address, 1, value, error))
                return false;
        }
    }
    return true;
}

/* Since 8.2 the rate that counts can be told.  The burst in which QEMU syncs sends a frame. */
static bool sync_as_told(struct hs_move *move, unsigned most, struct hs_error *error)
{
    enum { DOWNTIME = 1000 };
    return set(move, "avail-switchover-bandwidth", (json_int_t)most * HS_FRAME, error) &&
           set(move, "downtime-limit", DOWNTIME, error) && burst(move, ONE_FRAME, error);
}

/* Before, QEMU takes the rate of the last burst: 88 frames remain in the longest downtime, if it
 * took a tenth of a second and sent none. */
static bool sync_by_rate(struct hs_move *move, struct hs_error *error)
{
    enum { TRIES = 40 };
    unsigned syncs = move->syncs;
    if (!set(move, "downtime-limit", DOWNTIME_MOST, error))
        return false;
    for (unsigned i = 0; i < TRIES && move->syncs == syncs; i++) {
        if (!burst(move, NO_FRAME, error))
            return false;
    }
    return true;
}

bool hs_move_sync(struct hs_move *move, const struct hs_frames *frames, struct hs_error *error)
{
    assert(move && frames && move->remaining < HS_SYNC_MOST && error);
    enum { QUIET_NEEDED = 2 };
    unsigned syncs = move->syncs;
    while (!move->is_mapped && move->quiet < QUIET_NEEDED) {
        if (!burst(move, NO_FRAME, error))
            return false;
    }
    if (!touch(move, frames, error) ||
        !(move->is_mapped ? sync_as_told(move, HS_SYNC_MOST, error) : sync_by_rate(move, error)))
        return false;
    if (move->syncs != syncs + 1)
        return hs_fail(error, "%u syncs where one was asked for", move->syncs - syncs);
    return set(move, "downtime-limit", 0, error);
}

/* ---- the end -------------------------------------------------------------------------------- */

struct awaited {
    const struct hs_monitor *monitor;
    const char *status;
};

static bool has_status(void *context)
{
    const struct awaited *awaited = (const struct awaited *)context;
    return awaited->monitor->closed || strcmp(awaited->monitor->migration, awaited->status) == 0;
}

static bool await(struct hs_qemu *vm, const char *status, struct hs_error *error)
{
    enum { SECONDS = 60 };
    struct awaited awaited = {&vm->monitor, status};
    if (!hs_poller_until(vm->poller, has_status, &awaited, SECONDS))
        return hs_fail(
            error, "the migration is %s, and does not become %s", vm->monitor.migration, status);
    return !vm->monitor.closed || hs_fail(error, "QEMU is gone");
}

bool hs_move_stop(struct hs_move *move, struct hs_error *error)
{
    assert(move && error);
    if (!set_budget(move, ANY_FRAMES, error))
        return false;
    hs_pace_end(&move->pace);
    return await(move->source, "pre-switchover", error) && hs_move_look(move, error);
}

/* The destination reads all that was sent, from the beginning. */
static bool arrive(struct hs_move *move, struct hs_qemu *destination, struct hs_error *error)
{
    char uri[64];
    snprintf(
        uri, sizeof(uri), move->is_mapped ? "file:/proc/self/fd/%d" : "fd:%d", HS_QEMU_INCOMING);
    return set_capabilities(move, destination, error) &&
           hs_monitor_tell(
               &destination->monitor, "migrate-incoming", json_pack("{s:s}", "uri", uri), error) &&
           await(destination, "completed", error);
}

bool hs_move_complete(struct hs_move *move, struct hs_qemu *destination,
    const struct hs_qemu_plan *plan, struct hs_error *error)
{
    assert(move && destination && plan && error);
    char path[40];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", move->file);
    if (!hs_monitor_tell(&move->source->monitor, "migrate-continue",
            json_pack("{s:s}", "state", "pre-switchover"), error) ||
        !await(move->source, "completed", error))
        return false;
    int incoming = open(path, O_RDONLY | O_CLOEXEC);
    return incoming < 0 ? hs_fail(error, "no descriptors are left")
                        : hs_qemu_begin(destination, move->source->poller, plan, incoming, error) &&
                              arrive(move, destination, error);
}

bool hs_move_cancel(struct hs_move *move, struct hs_error *error)
{
    assert(move && error);
    if (!hs_monitor_tell(&move->source->monitor, "migrate_cancel", NULL, error))
        return false;
    hs_pace_end(&move->pace);
    return await(move->source, "cancelled", error);
}

void hs_move_release(struct hs_move *move)
{
    assert(move);
    if (move->source)
        hs_pace_end(&move->pace);
}

void hs_move_end(struct hs_move *move)
{
    assert(move);
    if (!move->source)
        return;
    hs_move_release(move);
    if (move->file >= 0)
        close(move->file);
    *move = (struct hs_move){0};
}
