/* SPDX-License-Identifier: BSD-3-Clause */
/* The driver's side of a balloon device (VIRTIO 1.x, 2.7 Split Virtqueues, 5.5 Memory Balloon). */
#include "balloon.h"

#include <assert.h>
#include <inttypes.h>

enum { ACKNOWLEDGE = 1, DRIVER = 2, DRIVER_OK = 4, FEATURES_OK = 8, NEEDS_RESET = 64 };
enum { CONFIG_CMD_ID = 8 }; /* in its configuration */
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

static bool set(
    struct hs_balloon *balloon, enum hs_register name, uint32_t value, struct hs_error *error)
{
    struct hs_qemu *vm = balloon->vm;
    struct hs_register_place place = vm->transport->registers[name];
    return hs_qemu_write_register(vm, vm->balloon.registers + place.at, place.size, value, error);
}

static bool get(
    struct hs_balloon *balloon, enum hs_register name, uint32_t *value, struct hs_error *error)
{
    struct hs_qemu *vm = balloon->vm;
    struct hs_register_place place = vm->transport->registers[name];
    return hs_qemu_read_register(vm, vm->balloon.registers + place.at, place.size, value, error);
}

/* ---- setting up ----------------------------------------------------------------------------- */

/* Choose a queue and its size.  Older ones take any; 11.1 serves no queue of a device of which one
 * has more slots than allowed. */
static bool size_queue(struct hs_balloon *balloon, enum hs_vq vq, struct hs_error *error)
{
    uint32_t most = 0;
    if (!set(balloon, HS_REGISTER_QUEUE_SELECT, (uint32_t)vq, error) ||
        !get(balloon, HS_REGISTER_QUEUE_MOST, &most, error))
        return false;
    if (balloon->sizes[vq] > most)
        return hs_fail(error,
            "queue %d of this QEMU's balloon has %" PRIu32 " slots at most, not %u", vq, most,
            balloon->sizes[vq]);
    return set(balloon, HS_REGISTER_QUEUE_SIZE, balloon->sizes[vq], error);
}

static bool set_up_queue(struct hs_balloon *balloon, enum hs_vq vq, struct hs_error *error)
{
    uint32_t frame = (uint32_t)frame_of(vq);
    /* As a driver does: nothing of the rings of before is left.  The end stays as it is, for no
     * frame may be all zeros. */
    return hs_qemu_fill(balloon->vm, frame, HS_GUEST_NOBODY_LOOKS, 0, error) &&
           size_queue(balloon, vq, error) && set(balloon, HS_REGISTER_QUEUE_DESC, frame, error) &&
           set(balloon, HS_REGISTER_QUEUE_AVAIL, frame + AVAIL_AT, error) &&
           set(balloon, HS_REGISTER_QUEUE_USED, frame + USED_AT, error) &&
           set(balloon, HS_REGISTER_QUEUE_ENABLE, 1, error);
}

static bool negotiate(
    struct hs_balloon *balloon, struct hs_accepted accepted, struct hs_error *error)
{
    uint32_t status = 0;
    uint32_t features = FEATURES | (accepted.hints ? (uint32_t)FREE_PAGE_HINT : 0) |
                        (accepted.poison ? (uint32_t)PAGE_POISON : 0);
    if (!set(balloon, HS_REGISTER_STATUS, 0, error) ||
        !set(balloon, HS_REGISTER_STATUS, ACKNOWLEDGE | DRIVER, error) ||
        !set(balloon, HS_REGISTER_FEATURES_SELECT, 0, error) ||
        !set(balloon, HS_REGISTER_FEATURES, features, error) ||
        !set(balloon, HS_REGISTER_FEATURES_SELECT, 1, error) ||
        !set(balloon, HS_REGISTER_FEATURES, VERSION_1, error) ||
        !set(balloon, HS_REGISTER_STATUS, ACKNOWLEDGE | DRIVER | FEATURES_OK, error) ||
        !get(balloon, HS_REGISTER_STATUS, &status, error))
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
    return set(balloon, HS_REGISTER_STATUS, ACKNOWLEDGE | DRIVER | FEATURES_OK | DRIVER_OK, error);
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
           (!kicks || balloon->vm->transport->kick(balloon->vm, vq, error));
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
           (int16_t)(hs_balloon_used(wish->balloon, wish->vq) - wish->count) >= 0;
}

bool hs_balloon_await_used(struct hs_balloon *balloon, enum hs_vq vq, uint16_t count,
    double seconds, struct hs_error *error)
{
    assert(balloon && vq < HS_VQ_COUNT && error);
    struct wish wish = {balloon, vq, count};
    if (!hs_poller_until(balloon->vm->poller, is_used, &wish, seconds))
        return hs_fail(
            error, "used index: %u was awaited, it is %u", count, hs_balloon_used(balloon, vq));
    return !balloon->vm->monitor.closed || hs_fail(error, "QEMU is gone");
}

/* ---- the configuration ---------------------------------------------------------------------- */

bool hs_balloon_is_broken(struct hs_balloon *balloon, bool *is_broken, struct hs_error *error)
{
    assert(balloon && is_broken && error);
    uint32_t status = 0;
    if (!get(balloon, HS_REGISTER_STATUS, &status, error))
        return false;
    *is_broken = status & NEEDS_RESET;
    return true;
}

bool hs_balloon_config_interrupt(
    struct hs_balloon *balloon, bool *is_pending, struct hs_error *error)
{
    assert(balloon && is_pending && error);
    bool has_come = false;
    if (!balloon->vm->transport->take_config_interrupt(balloon->vm, &has_come, error))
        return false;
    *is_pending = balloon->has_config_interrupt = balloon->has_config_interrupt || has_come;
    return true;
}

bool hs_balloon_acknowledge_config(struct hs_balloon *balloon, struct hs_error *error)
{
    assert(balloon && error);
    bool is_pending = false;
    bool is_read = hs_balloon_config_interrupt(balloon, &is_pending, error);
    balloon->has_config_interrupt = false;
    return is_read;
}

bool hs_balloon_field(struct hs_balloon *balloon, uint32_t *field, struct hs_error *error)
{
    assert(balloon && field && error);
    struct hs_qemu *vm = balloon->vm;
    return hs_qemu_read_register(
        vm, vm->balloon.config + CONFIG_CMD_ID, sizeof(*field), field, error);
}
