/* SPDX-License-Identifier: BSD-3-Clause */
/* The wire: elements as no driver should shape them. */
#include "wire.h"

#include "move.h"

#include <assert.h>
#include <string.h>

/* ---- the rows ------------------------------------------------------------------------------- */

#define READS(place, offset, length) \
    {                                \
        place, offset, length, false \
    }
#define WRITES(place, offset, length) \
    {                                 \
        place, offset, length, true   \
    }
/* Effects.  Whatever else comes of an element, a reset mends the device and the migration ends. */
#define WELL .heals = true, .ends = true
#define USED .is_used = true, WELL
#define BROKEN .is_broken = true, WELL
#define HINTING .is_hinting = true
#define ALWAYS(...)                \
    {                              \
        {.effect = {__VA_ARGS__}}, \
        {                          \
            0                      \
        }                          \
    }

/* Old devices say to have written into what they used: one byte of free_page_vq's, and of the
 * balloon's queues as many as they have read.  5.2 does, and 7.2 does not; those between were not
 * looked at. */
#define SINCE(...)      \
    {                   \
        7, 2,           \
        {               \
            __VA_ARGS__ \
        }               \
    }
#define HINT(...)                                                   \
    {                                                               \
        {.effect = {__VA_ARGS__, .written = 1}}, SINCE(__VA_ARGS__) \
    }
#define PFNS(bytes, ...)                                                \
    {                                                                   \
        {.effect = {__VA_ARGS__, .written = bytes}}, SINCE(__VA_ARGS__) \
    }

#define FREE_PAGE HS_VQ_FREE_PAGE
#define REPORTING HS_VQ_REPORTING
#define INFLATE HS_VQ_INFLATE
#define NO_MIGRATION HS_WIRE_NO_MIGRATION
#define ASKED HS_WIRE_ASKED
#define STARTED HS_WIRE_STARTED
#define ID HS_WIRE_ID
#define A HS_WIRE_A
#define B HS_WIRE_B
#define LAST HS_WIRE_LAST
#define BEHIND HS_WIRE_BEHIND

const struct hs_wire_row hs_wire_rows[] = {
    /* the start command: a device reads its first four bytes, wherever they lie */
    {"start, 4 bytes", "-", ASKED, FREE_PAGE, {READS(ID, 0, 4)}, HINT(USED, HINTING)},
    {"start, 1 byte", "hint-driver-1", ASKED, FREE_PAGE, {READS(ID, 0, 1)}, ALWAYS(BROKEN)},
    {"start, 2 bytes", "hint-driver-1", ASKED, FREE_PAGE, {READS(ID, 0, 2)}, ALWAYS(BROKEN)},
    {"start, 8 bytes", "hint-driver-1", ASKED, FREE_PAGE, {READS(ID, 0, 8)}, HINT(USED, HINTING)},
    {"start, 2 + 2 bytes", "-", ASKED, FREE_PAGE, {READS(ID, 0, 2), READS(ID, 2, 2)},
        HINT(USED, HINTING)},
    {"start, writable", "hint-driver-2", ASKED, FREE_PAGE, {WRITES(ID, 0, 4)}, HINT(USED)},
    {"start, unknown id", "hint-driver-2", ASKED, FREE_PAGE, {READS(HS_WIRE_OTHER, 0, 4)},
        HINT(USED)},
    {"start and a page", "-", ASKED, FREE_PAGE, {READS(ID, 0, 4), WRITES(A, 0, HS_FRAME)},
        HINT(USED, HINTING, .unlogged = 1)},
    {"a page, then start", "-", ASKED, FREE_PAGE, {WRITES(A, 0, HS_FRAME), READS(ID, 0, 4)},
        ALWAYS(BROKEN)},

    /* the stop command: any word ends a round that has begun */
    {"stop, 4 bytes", "-", STARTED, FREE_PAGE, {READS(HS_WIRE_STOP, 0, 4)}, HINT(USED)},
    {"stop, 2 bytes", "hint-driver-1", STARTED, FREE_PAGE, {READS(HS_WIRE_STOP, 0, 2)},
        ALWAYS(BROKEN)},
    {"stop, 8 bytes", "hint-driver-1", STARTED, FREE_PAGE, {READS(HS_WIRE_STOP, 0, 8)}, HINT(USED)},
    {"the id again", "hint-driver-3", STARTED, FREE_PAGE, {READS(ID, 0, 4)}, HINT(USED)},
    {"unknown id in a round", "hint-driver-6", STARTED, FREE_PAGE, {READS(HS_WIRE_OTHER, 0, 4)},
        HINT(USED)},
    {"stop and a page", "hint-driver-5", STARTED, FREE_PAGE,
        {READS(HS_WIRE_STOP, 0, 4), WRITES(A, 0, HS_FRAME)}, HINT(USED)},

    /* hints: whole frames are counted from the frame of the first byte on */
    {"page", "-", STARTED, FREE_PAGE, {WRITES(A, 0, HS_FRAME)}, HINT(USED, HINTING, .unlogged = 1)},
    {"page, no migration", "hint-driver-2", NO_MIGRATION, FREE_PAGE, {WRITES(A, 0, HS_FRAME)},
        HINT(USED)},
    {"page before start", "hint-driver-2", ASKED, FREE_PAGE, {WRITES(A, 0, HS_FRAME)}, HINT(USED)},
    {"page, readable", "-", STARTED, FREE_PAGE, {READS(A, 0, HS_FRAME)}, HINT(USED)},
    {"page at an odd address", "-", STARTED, FREE_PAGE, {WRITES(A, 1, HS_FRAME)},
        HINT(USED, HINTING, .unlogged = 1)},
    {"half a page", "-", STARTED, FREE_PAGE, {WRITES(A, 0, HS_FRAME / 2)}, HINT(USED, HINTING)},
    {"a page and a half", "-", STARTED, FREE_PAGE, {WRITES(A, 0, HS_FRAME * 3 / 2)},
        HINT(USED, HINTING, .unlogged = 1)},
    {"a page and a byte, odd", "-", STARTED, FREE_PAGE, {WRITES(A, HS_FRAME - 1, HS_FRAME + 1)},
        HINT(USED, HINTING, .unlogged = 1)},
    {"three pages", "-", STARTED, FREE_PAGE, {WRITES(A, 0, 3 * HS_FRAME)},
        HINT(USED, HINTING, .unlogged = 3)},
    {"two ranges", "-", STARTED, FREE_PAGE, {WRITES(A, 0, HS_FRAME), WRITES(B, 0, HS_FRAME)},
        {{.effect = {USED, HINTING, .unlogged = 1, .written = 1}}, /* the first range alone */
            SINCE(USED, HINTING, .unlogged = 2)}},
    {"last page, one behind", "-", STARTED, FREE_PAGE, {WRITES(LAST, 0, 2 * HS_FRAME)},
        HINT(USED, HINTING, .unlogged = 1)},
    {"last page, two behind", "-", STARTED, FREE_PAGE, {WRITES(LAST, 0, 3 * HS_FRAME)},
        ALWAYS(BROKEN)},
    {"page behind the RAM", "-", STARTED, FREE_PAGE, {WRITES(BEHIND, 0, HS_FRAME)},
        HINT(USED, HINTING)},
    {"range of no bytes", "-", STARTED, FREE_PAGE, {WRITES(A, 0, 0)}, ALWAYS(BROKEN)},

    /* reports: a range that is not of whole pages is passed over */
    {"report", "-", NO_MIGRATION, REPORTING, {WRITES(A, 0, HS_FRAME)}, ALWAYS(USED, .zeroed = 1)},
    {"report, readable", "-", NO_MIGRATION, REPORTING, {READS(A, 0, HS_FRAME)}, ALWAYS(USED)},
    {"report, odd address", "-", NO_MIGRATION, REPORTING, {WRITES(A, 1, HS_FRAME)}, ALWAYS(USED)},
    {"report, odd length", "-", NO_MIGRATION, REPORTING, {WRITES(A, 0, HS_FRAME + 1)},
        ALWAYS(USED)},
    {"report, two ranges", "-", NO_MIGRATION, REPORTING,
        {WRITES(A, 0, HS_FRAME), WRITES(B, 0, 2 * HS_FRAME)}, ALWAYS(USED, .zeroed = 3)},
    {"report, one behind", "-", NO_MIGRATION, REPORTING, {WRITES(LAST, 0, 2 * HS_FRAME)},
        ALWAYS(USED, .zeroed = 1)},
    {"report, two behind", "-", NO_MIGRATION, REPORTING, {WRITES(LAST, 0, 3 * HS_FRAME)},
        ALWAYS(BROKEN)},

    /* the balloon: whole numbers are read, and those that name no RAM are passed over */
    {"inflate", "-", NO_MIGRATION, INFLATE, {READS(HS_WIRE_PFNS, 0, 4)},
        PFNS(4, USED, .zeroed = 1)},
    {"inflate, 2 bytes", "-", NO_MIGRATION, INFLATE, {READS(HS_WIRE_PFNS, 0, 2)}, ALWAYS(USED)},
    {"inflate, 6 bytes", "-", NO_MIGRATION, INFLATE, {READS(HS_WIRE_PFNS, 0, 6)},
        PFNS(4, USED, .zeroed = 1)},
    {"inflate, two pages", "-", NO_MIGRATION, INFLATE, {READS(HS_WIRE_PFNS, 0, 8)},
        PFNS(8, USED, .zeroed = 2)},
    {"inflate behind the RAM", "-", NO_MIGRATION, INFLATE, {READS(HS_WIRE_PFN_OUT, 0, 4)},
        PFNS(4, USED)},
    {"inflate, writable", "-", NO_MIGRATION, INFLATE, {WRITES(HS_WIRE_PFNS, 0, 4)}, ALWAYS(USED)},
};
const unsigned hs_wire_row_count = sizeof(hs_wire_rows) / sizeof(hs_wire_rows[0]);

const struct hs_wire_effect *hs_wire_expect(
    const struct hs_wire_row *row, const struct hs_version *version)
{
    assert(row && version);
    const struct hs_wire_expected *expected = &row->expected[0];
    for (unsigned i = 1; i < HS_WIRE_EXPECTED_MAX && row->expected[i].major; i++) {
        const struct hs_wire_expected *later = &row->expected[i];
        if (version->major > later->major ||
            (version->major == later->major && version->minor >= later->minor))
            expected = later;
    }
    return &expected->effect;
}

bool hs_wire_is_equal(const struct hs_wire_effect *a, const struct hs_wire_effect *b)
{
    assert(a && b);
    if (a->dies || b->dies)
        return a->dies == b->dies;
    return a->destination_dies == b->destination_dies && a->is_used == b->is_used &&
           a->written == b->written && a->is_broken == b->is_broken && a->unlogged == b->unlogged &&
           a->zeroed == b->zeroed && a->is_hinting == b->is_hinting && a->heals == b->heals &&
           a->ends == b->ends;
}

/* ---- on stage ------------------------------------------------------------------------------- */

struct wire {
    const struct hs_wire_row *row;
    const struct hs_qemu_plan *plan;
    struct hs_poller poller;
    struct hs_qemu vm;
    struct hs_qemu destination;
    struct hs_balloon balloon;
    struct hs_move move;
    uint32_t id;
    struct hs_error *error;
};

/* The words, two of four bytes at each place; and frames near the end of the RAM, so that a burst
 * that sends one of the first frames does not send them. */
enum { WORD_ROOM = 16, STOP = 0, FRAMES_A = 16, FRAMES_B = 10, FRAMES_PROBE = 6 };

static uint64_t address_of(const struct wire *wire, enum hs_wire_place place)
{
    uint64_t end = (uint64_t)wire->plan->ram << 10;
    switch (place) {
    case HS_WIRE_A:
        return end - (uint64_t)FRAMES_A * HS_FRAME;
    case HS_WIRE_B:
        return end - (uint64_t)FRAMES_B * HS_FRAME;
    case HS_WIRE_LAST:
        return end - HS_FRAME;
    case HS_WIRE_BEHIND:
        return end;
    case HS_WIRE_ID:
    case HS_WIRE_OTHER:
    case HS_WIRE_STOP:
    case HS_WIRE_PFNS:
    case HS_WIRE_PFN_OUT:
        break;
    }
    return HS_GUEST_WORDS + (uint64_t)place * WORD_ROOM;
}

static bool write_word(struct wire *wire, enum hs_wire_place place, uint32_t a, uint32_t b)
{
    uint64_t address = address_of(wire, place);
    return hs_qemu_write32(&wire->vm, address, a, wire->error) &&
           hs_qemu_write32(&wire->vm, address + 4, b, wire->error);
}

static uint32_t pfn_of(const struct wire *wire, enum hs_wire_place place)
{
    return (uint32_t)(address_of(wire, place) / HS_FRAME);
}

static bool write_words(struct wire *wire)
{
    return write_word(wire, HS_WIRE_ID, wire->id, 0) &&
           write_word(wire, HS_WIRE_OTHER, wire->id + 1, 0) &&
           write_word(wire, HS_WIRE_STOP, STOP, 0) &&
           write_word(wire, HS_WIRE_PFNS, pfn_of(wire, HS_WIRE_A), pfn_of(wire, HS_WIRE_B)) &&
           write_word(wire, HS_WIRE_PFN_OUT, pfn_of(wire, HS_WIRE_BEHIND), 0);
}

static bool set_up(struct wire *wire, struct hs_qemu *vm)
{
    enum { SLOTS = 8 };
    static const unsigned sizes[HS_VQ_COUNT] = {SLOTS, SLOTS, SLOTS, SLOTS, SLOTS};
    struct hs_accepted accepted = {.hints = true, .poison = wire->plan->has_poison};
    return hs_balloon_begin(&wire->balloon, vm, sizes, accepted, wire->error);
}

/* ---- an element, and what becomes of it ----------------------------------------------------- */

struct answer {
    struct wire *wire;
    enum hs_vq vq;
    uint16_t used;
    bool is_used;
    bool is_broken;
    bool is_lost; /* QEMU does not tell */
};

static bool is_answered(void *context)
{
    struct answer *answer = (struct answer *)context;
    struct hs_balloon *balloon = &answer->wire->balloon;
    answer->is_lost = !hs_balloon_is_broken(balloon, &answer->is_broken, answer->wire->error);
    answer->is_used = hs_balloon_used(balloon, answer->vq) == answer->used;
    return answer->is_lost || answer->is_used || answer->is_broken;
}

/* Publish an element, and wait until it is used, or the device asks to be reset. */
static bool publish(struct wire *wire, enum hs_vq vq, const struct hs_buffer *buffers,
    unsigned count, struct answer *answer)
{
    enum { SECONDS = 20 };
    *answer = (struct answer){.wire = wire, .vq = vq};
    answer->used = (uint16_t)(hs_balloon_used(&wire->balloon, vq) + 1);
    if (!hs_balloon_publish(&wire->balloon, vq, buffers, count, true, wire->error))
        return false;
    if (!hs_poller_until(&wire->poller, is_answered, answer, SECONDS))
        return hs_fail(wire->error, "the element is not used, and the device asks for no reset");
    return !answer->is_lost;
}

static bool publish_row(struct wire *wire, struct hs_wire_effect *seen)
{
    struct hs_buffer buffers[HS_WIRE_BUFFERS_MAX];
    struct answer answer;
    unsigned count = 0;
    for (unsigned i = 0; i < HS_WIRE_BUFFERS_MAX; i++) {
        const struct hs_wire_buffer *buffer = &wire->row->buffers[i];
        if (i && !buffer->length)
            break;
        buffers[count++] = (struct hs_buffer){address_of(wire, buffer->place) + buffer->offset,
            buffer->length, buffer->device_writes};
    }
    if (!publish(wire, wire->row->vq, buffers, count, &answer))
        return false;
    seen->is_used = answer.is_used;
    seen->is_broken = answer.is_broken;
    seen->written = answer.is_used ? hs_balloon_written(&wire->balloon, wire->row->vq) : 0;
    return true;
}

/* ---- the acts ------------------------------------------------------------------------------- */

/* A migration, and what the row wants before its element. */
static bool begin_round(struct wire *wire)
{
    struct answer answer;
    struct hs_buffer start = {address_of(wire, HS_WIRE_ID), 4, false};
    if (wire->row->before != HS_WIRE_NO_MIGRATION &&
        (!hs_move_begin(&wire->move, &wire->vm, wire->plan->maps_ram, wire->error) ||
            !hs_balloon_field(&wire->balloon, &wire->id, wire->error)))
        return false;
    if (!write_words(wire))
        return false;
    if (wire->row->before != HS_WIRE_STARTED)
        return true;
    return publish(wire, HS_VQ_FREE_PAGE, &start, 1, &answer) &&
           (answer.is_used || hs_fail(wire->error, "the start command was not used"));
}

/* How many frames are to be sent; 0 without a migration. */
static bool look(struct wire *wire, unsigned *remaining)
{
    bool moves = wire->row->before != HS_WIRE_NO_MIGRATION;
    if (moves && !hs_move_look(&wire->move, wire->error))
        return false;
    *remaining = moves ? wire->move.remaining : 0;
    return true;
}

static unsigned count_zeroed(const struct hs_qemu *vm)
{
    unsigned count = 0;
    for (size_t at = 0; at < vm->ram_size; at += HS_FRAME)
        count += vm->ram[at] == 0 && memcmp(vm->ram + at, vm->ram + at + 1, HS_FRAME - 1) == 0;
    return count;
}

static bool play_element(struct wire *wire, struct hs_wire_effect *seen)
{
    unsigned before = 0;
    unsigned after = 0;
    unsigned zeroed = count_zeroed(&wire->vm);
    if (!look(wire, &before) || !publish_row(wire, seen) || !look(wire, &after))
        return false;
    seen->unlogged = before - after;
    seen->zeroed = count_zeroed(&wire->vm) - zeroed;
    return true;
}

/* Does the round go on?  A hint tells. */
static bool probe(struct wire *wire, struct hs_wire_effect *seen)
{
    struct answer answer;
    unsigned before = 0;
    unsigned after = 0;
    struct hs_buffer hint = {
        ((uint64_t)wire->plan->ram << 10) - (uint64_t)FRAMES_PROBE * HS_FRAME, HS_FRAME, true};
    if (wire->row->before == HS_WIRE_NO_MIGRATION || seen->is_broken)
        return true;
    if (!look(wire, &before) || !publish(wire, HS_VQ_FREE_PAGE, &hint, 1, &answer) ||
        !look(wire, &after))
        return false;
    seen->is_hinting = before != after;
    return true;
}

/* The destination takes over, whatever state the device is in. */
static bool end(struct wire *wire, struct hs_wire_effect *seen)
{
    if (wire->row->before == HS_WIRE_NO_MIGRATION &&
        !hs_move_begin(&wire->move, &wire->vm, wire->plan->maps_ram, wire->error))
        return false;
    if (!hs_move_stop(&wire->move, wire->error) ||
        !hs_move_complete(&wire->move, &wire->destination, wire->plan, wire->error))
        return false;
    seen->ends = true;
    return true;
}

/* There a driver resets the device, and goes on. */
static bool heal(struct wire *wire, struct hs_wire_effect *seen)
{
    struct answer answer;
    struct hs_buffer pfn = {address_of(wire, HS_WIRE_PFNS), 4, false};
    if (!set_up(wire, &wire->destination) || !publish(wire, HS_VQ_INFLATE, &pfn, 1, &answer))
        return false;
    seen->heals = answer.is_used && !answer.is_broken;
    return true;
}

/* Has a QEMU ended by itself?  That is an effect as any other. */
static bool has_died(struct wire *wire, struct hs_wire_effect *seen)
{
    hs_move_release(&wire->move);
    if (hs_qemu_has_died(&wire->vm)) {
        *seen = (struct hs_wire_effect){.dies = true};
        return true;
    }
    seen->destination_dies = wire->destination.poller && hs_qemu_has_died(&wire->destination);
    return seen->destination_dies;
}

static bool play(struct wire *wire, struct hs_wire_effect *seen)
{
    if (!hs_qemu_begin(&wire->vm, &wire->poller, wire->plan, -1, wire->error) ||
        !set_up(wire, &wire->vm) || !begin_round(wire))
        return false;
    bool is_seen =
        play_element(wire, seen) && probe(wire, seen) && end(wire, seen) && heal(wire, seen);
    return is_seen || has_died(wire, seen);
}

bool hs_wire_play(const struct hs_wire_row *row, const struct hs_qemu_plan *plan,
    struct hs_wire_effect *seen, struct hs_error *error)
{
    assert(row && plan && seen && error);
    struct wire wire = {.row = row, .plan = plan, .error = error};
    *seen = (struct hs_wire_effect){0};
    if (!hs_poller_begin(&wire.poller))
        return hs_fail(error, "no descriptors are left");
    bool is_answered = play(&wire, seen);
    hs_move_end(&wire.move);
    hs_qemu_end(&wire.destination);
    hs_qemu_end(&wire.vm);
    hs_poller_end(&wire.poller);
    return is_answered;
}
