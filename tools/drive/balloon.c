/* SPDX-License-Identifier: BSD-3-Clause */
/* The driver's side of a balloon device (VIRTIO 1.x, 4.2 Virtio over MMIO, 2.7 Split
 * Virtqueues).
 */
#include "balloon.h"

#include <assert.h>
#include <inttypes.h>

/* Registers of virtio-mmio. */
enum {
    DRIVER_FEATURES = 0x20,
    DRIVER_FEATURES_SEL = 0x24,
    QUEUE_SEL = 0x30,
    QUEUE_NUM_MAX = 0x34,
    QUEUE_NUM = 0x38,
    QUEUE_READY = 0x44,
    QUEUE_NOTIFY = 0x50,
    INTERRUPT_STATUS = 0x60,
    INTERRUPT_ACK = 0x64,
    STATUS = 0x70,
    QUEUE_DESC_LOW = 0x80,
    QUEUE_AVAIL_LOW = 0x90,
    QUEUE_USED_LOW = 0xa0,
    CONFIG_CMD_ID = 0x108,
};
enum { ACKNOWLEDGE = 1, DRIVER = 2, DRIVER_OK = 4, FEATURES_OK = 8, NEEDS_RESET = 64 };
enum { INTERRUPT_CONFIG = 2 };
/* STATS_VQ, REPORTING: queues have the numbers of hs_vq, whatever is accepted. */
enum { FEATURES = 1 << 1 | 1 << 5, FREE_PAGE_HINT = 1 << 3, PAGE_POISON = 1 << 4 };
enum { VERSION_1 = 1 }; /* in the second word */
/* In the frame of a queue: descriptors, the available ring, the used ring. */
enum { AVAIL_AT = 0x400, USED_AT = 0x800 };
enum { NEXT = 1, WRITE = 2 };

static uint64_t frame_of(enum hs_vq vq)
{
    return HS_GUEST_RINGS + (uint64_t)vq * HS_FRAME;
}

static bool set(struct hs_balloon *balloon, unsigned at, uint32_t value, struct hs_error *error)
{
    return hs_qemu_write32(balloon->vm, balloon->vm->balloon + at, value, error);
}

static bool get(struct hs_balloon *balloon, unsigned at, uint32_t *value, struct hs_error *error)
{
    return hs_qemu_read32(balloon->vm, balloon->vm->balloon + at, value, error);
}

/* ---- setting up ----------------------------------------------------------------------------- */

/* Choose a queue and its size.  Older ones take any; 11.1 serves no queue of a device of which one
 * has more slots than allowed. */
static bool size_queue(struct hs_balloon *balloon, enum hs_vq vq, struct hs_error *error)
{
    uint32_t most = 0;
    if (!set(balloon, QUEUE_SEL, (uint32_t)vq, error) || !get(balloon, QUEUE_NUM_MAX, &most, error))
        return false;
    if (balloon->sizes[vq] > most)
        return hs_fail(error,
            "queue %d of this QEMU's balloon has %" PRIu32 " slots at most, not %u", vq, most,
            balloon->sizes[vq]);
    return set(balloon, QUEUE_NUM, balloon->sizes[vq], error);
}

static bool set_up_queue(struct hs_balloon *balloon, enum hs_vq vq, struct hs_error *error)
{
    uint32_t frame = (uint32_t)frame_of(vq);
    /* As a driver does: nothing of the rings of before is left.  The end stays as it is, for no
     * frame may be all zeros. */
    return hs_qemu_fill(balloon->vm, frame, HS_GUEST_NOBODY_LOOKS, 0, error) &&
           size_queue(balloon, vq, error) && set(balloon, QUEUE_DESC_LOW, frame, error) &&
           set(balloon, QUEUE_AVAIL_LOW, frame + AVAIL_AT, error) &&
           set(balloon, QUEUE_USED_LOW, frame + USED_AT, error) &&
           set(balloon, QUEUE_READY, 1, error);
}

static bool negotiate(
    struct hs_balloon *balloon, struct hs_accepted accepted, struct hs_error *error)
{
    uint32_t status = 0;
    uint32_t features = FEATURES | (accepted.hints ? (uint32_t)FREE_PAGE_HINT : 0) |
                        (accepted.poison ? (uint32_t)PAGE_POISON : 0);
    if (!set(balloon, STATUS, 0, error) || !set(balloon, STATUS, ACKNOWLEDGE | DRIVER, error) ||
        !set(balloon, DRIVER_FEATURES_SEL, 0, error) ||
        !set(balloon, DRIVER_FEATURES, features, error) ||
        !set(balloon, DRIVER_FEATURES_SEL, 1, error) ||
        !set(balloon, DRIVER_FEATURES, VERSION_1, error) ||
        !set(balloon, STATUS, ACKNOWLEDGE | DRIVER | FEATURES_OK, error) ||
        !get(balloon, STATUS, &status, error))
        return false;
    return status & FEATURES_OK ||
           hs_fail(error, "this QEMU's balloon lacks free page hinting, reporting or statistics");
}

bool hs_balloon_begin(struct hs_balloon *balloon, struct hs_qemu *vm,
    const unsigned sizes[HS_VQ_COUNT], struct hs_accepted accepted, struct hs_error *error)
{
    assert(balloon && vm && sizes && error);
    *balloon = (struct hs_balloon){.vm = vm};
    if (!negotiate(balloon, accepted, error))
        return false;
    for (unsigned vq = 0; vq < HS_VQ_COUNT; vq++) {
        balloon->sizes[vq] = sizes[vq] ? sizes[vq] : 2;
        assert(balloon->sizes[vq] <= HS_VQ_SIZE_MAX);
        if (!set_up_queue(balloon, (enum hs_vq)vq, error))
            return false;
    }
    return set(balloon, STATUS, ACKNOWLEDGE | DRIVER | FEATURES_OK | DRIVER_OK, error);
}

/* ---- queues --------------------------------------------------------------------------------- */

struct descriptor {
    uint64_t address;
    uint32_t length;
    uint16_t flags;
    uint16_t next;
};
static_assert(sizeof(struct descriptor) == 16, "as VIRTIO lays it out");

static bool write16(
    struct hs_balloon *balloon, uint64_t address, uint16_t value, struct hs_error *error)
{
    return hs_qemu_write(balloon->vm, address, &value, sizeof(value), error);
}

bool hs_balloon_publish(struct hs_balloon *balloon, enum hs_vq vq, const struct hs_buffer *buffers,
    unsigned count, bool kicks, struct hs_error *error)
{
    assert(balloon && vq < HS_VQ_COUNT && buffers && count && count <= balloon->sizes[vq] && error);
    uint64_t frame = frame_of(vq);
    unsigned mask = balloon->sizes[vq] - 1;
    unsigned first = balloon->added[vq];
    for (unsigned i = 0; i < count; i++) {
        bool is_last = i + 1 == count;
        struct descriptor descriptor = {
            .address = buffers[i].address,
            .length = buffers[i].length,
            .flags = (uint16_t)((is_last ? 0 : NEXT) | (buffers[i].device_writes ? WRITE : 0)),
            .next = (uint16_t)((first + i + 1) & mask),
        };
        if (!hs_qemu_write(balloon->vm, frame + ((first + i) & mask) * sizeof(descriptor),
                &descriptor, sizeof(descriptor), error))
            return false;
    }
    balloon->added[vq] += count;
    uint64_t entry = frame + AVAIL_AT + 4 + 2 * (uint64_t)(balloon->avail[vq] & mask);
    balloon->avail[vq]++;
    return write16(balloon, entry, (uint16_t)(first & mask), error) &&
           write16(balloon, frame + AVAIL_AT + 2, balloon->avail[vq], error) &&
           (!kicks || set(balloon, QUEUE_NOTIFY, (uint32_t)vq, error));
}

uint16_t hs_balloon_used(const struct hs_balloon *balloon, enum hs_vq vq)
{
    assert(balloon && vq < HS_VQ_COUNT);
    return (uint16_t)(hs_qemu_peek(balloon->vm, frame_of(vq) + USED_AT) >> 16);
}

uint32_t hs_balloon_written(const struct hs_balloon *balloon, enum hs_vq vq)
{
    assert(balloon && vq < HS_VQ_COUNT);
    /* behind flags and index: an id and a length for each */
    unsigned last = (hs_balloon_used(balloon, vq) - 1U) & (balloon->sizes[vq] - 1);
    return hs_qemu_peek(balloon->vm, frame_of(vq) + USED_AT + 4 + 8 * (uint64_t)last + 4);
}

struct wish {
    const struct hs_balloon *balloon;
    enum hs_vq vq;
    uint16_t count;
};

static bool is_used(void *context)
{
    const struct wish *wish = (const struct wish *)context;
    return wish->balloon->vm->monitor.closed ||
           hs_balloon_used(wish->balloon, wish->vq) == wish->count;
}

bool hs_balloon_await_used(
    struct hs_balloon *balloon, enum hs_vq vq, uint16_t count, struct hs_error *error)
{
    assert(balloon && vq < HS_VQ_COUNT && error);
    enum { SECONDS = 20 };
    struct wish wish = {balloon, vq, count};
    if (!hs_poller_until(balloon->vm->poller, is_used, &wish, SECONDS))
        return hs_fail(
            error, "used index: %u was awaited, it is %u", count, hs_balloon_used(balloon, vq));
    return !balloon->vm->monitor.closed || hs_fail(error, "QEMU is gone");
}

/* ---- the configuration ---------------------------------------------------------------------- */

bool hs_balloon_is_broken(struct hs_balloon *balloon, bool *is_broken, struct hs_error *error)
{
    assert(balloon && is_broken && error);
    uint32_t status = 0;
    if (!get(balloon, STATUS, &status, error))
        return false;
    *is_broken = status & NEEDS_RESET;
    return true;
}

bool hs_balloon_config_interrupt(
    struct hs_balloon *balloon, bool *is_pending, struct hs_error *error)
{
    assert(balloon && is_pending && error);
    uint32_t status = 0;
    if (!get(balloon, INTERRUPT_STATUS, &status, error))
        return false;
    *is_pending = status & INTERRUPT_CONFIG;
    return true;
}

bool hs_balloon_acknowledge_config(struct hs_balloon *balloon, struct hs_error *error)
{
    assert(balloon && error);
    return set(balloon, INTERRUPT_ACK, INTERRUPT_CONFIG, error);
}

bool hs_balloon_field(struct hs_balloon *balloon, uint32_t *field, struct hs_error *error)
{
    assert(balloon && field && error);
    return get(balloon, CONFIG_CMD_ID, field, error);
}
