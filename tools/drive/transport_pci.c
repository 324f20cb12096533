/* SPDX-License-Identifier: BSD-3-Clause */
/* Virtio over PCI (VIRTIO 1.x, 4.1), on the only bus of a microvm.  No firmware has given out
 * addresses there. */
#include "qemu.h"

#include <assert.h>

/* The configuration space of each function, and the addresses that are free for BARs. */
enum { SPACES = 0xe0000000, SPACE_SIZE = 4096, FUNCTIONS = 256, WINDOW = 0xc0000000 };
/* In a configuration space. */
enum { ID = 0x00, COMMAND = 0x04, BAR = 0x10, CAPABILITIES = 0x34, SPACE_END = 0x100 };
enum { COMMAND_MEMORY = 2, COMMAND_MASTER = 4 };
enum { VENDOR = 0x1af4, BALLOON = 0x1045 };
enum { BAR_COUNT = 6, BAR_IS_IO = 1, BAR_IS_64_BIT = 4, BAR_FLAGS = 15 };
/* In a capability of virtio, and what it may tell of. */
enum { NEXT = 1, TYPE = 3, BAR_NUMBER = 4, OFFSET = 8, NOTIFY_STEP = 16, IS_VENDORS = 9 };
enum { COMMON_CONFIG = 1, NOTIFY, ISR, DEVICE_CONFIG, TYPE_END };
/* In the common configuration. */
enum { QUEUE_SELECT = 0x16, QUEUE_NOTIFY_OFF = 0x1e };
enum { ISR_CONFIG = 2 };
enum { BYTE = 1, HALF = 2, WORD = 4 };

/* ---- the bus -------------------------------------------------------------------------------- */

static bool find_function(struct hs_qemu *vm, uint64_t *space, struct hs_error *error)
{
    for (unsigned i = 0; i < FUNCTIONS; i++) {
        uint32_t id = 0;
        *space = SPACES + (uint64_t)i * SPACE_SIZE;
        if (!hs_qemu_read_register(vm, *space + ID, WORD, &id, error))
            return false;
        if (id == ((uint32_t)BALLOON << 16 | VENDOR))
            return true;
    }
    return hs_fail(error, "this QEMU has no balloon behind virtio-pci");
}

/* Give a BAR the next addresses that are free.  One that is not there has no bits. */
static bool assign_bar(struct hs_qemu *vm, uint64_t bar, uint32_t *next, uint32_t *address,
    bool *is_64_bit, struct hs_error *error)
{
    uint32_t bits = 0;
    if (!hs_qemu_write_register(vm, bar, WORD, UINT32_MAX, error) ||
        !hs_qemu_read_register(vm, bar, WORD, &bits, error))
        return false;
    uint32_t size = ~(bits & ~(uint32_t)BAR_FLAGS) + 1;
    *is_64_bit = bits & BAR_IS_64_BIT && !(bits & BAR_IS_IO);
    if (!bits || bits & BAR_IS_IO)
        return hs_qemu_write_register(vm, bar, WORD, 0, error);
    *address = (*next + size - 1) & ~(size - 1);
    *next = *address + size;
    return hs_qemu_write_register(vm, bar, WORD, *address, error) &&
           (!*is_64_bit || hs_qemu_write_register(vm, bar + WORD, WORD, 0, error));
}

static bool assign_bars(
    struct hs_qemu *vm, uint64_t space, uint32_t bars[BAR_COUNT], struct hs_error *error)
{
    uint32_t next = WINDOW;
    for (unsigned i = 0; i < BAR_COUNT; i++) {
        bool is_64_bit = false;
        if (!assign_bar(vm, space + BAR + (uint64_t)i * WORD, &next, &bars[i], &is_64_bit, error))
            return false;
        i += is_64_bit;
    }
    return hs_qemu_write_register(
        vm, space + COMMAND, HALF, COMMAND_MEMORY | COMMAND_MASTER, error);
}

/* ---- the capabilities ----------------------------------------------------------------------- */

/* Learn from one what it tells, if it is one of virtio. */
static bool read_capability(struct hs_qemu *vm, uint64_t at, const uint32_t bars[BAR_COUNT],
    uint64_t places[TYPE_END], struct hs_addresses *balloon, struct hs_error *error)
{
    uint32_t id = 0;
    uint32_t type = 0;
    uint32_t bar = 0;
    uint32_t offset = 0;
    if (!hs_qemu_read_register(vm, at, BYTE, &id, error) ||
        !hs_qemu_read_register(vm, at + TYPE, BYTE, &type, error) ||
        !hs_qemu_read_register(vm, at + BAR_NUMBER, BYTE, &bar, error) ||
        !hs_qemu_read_register(vm, at + OFFSET, WORD, &offset, error))
        return false;
    /* of several the first is to be taken */
    if (id != IS_VENDORS || type >= TYPE_END || bar >= BAR_COUNT || !bars[bar] || places[type])
        return true;
    places[type] = (uint64_t)bars[bar] + offset;
    return type != NOTIFY ||
           hs_qemu_read_register(vm, at + NOTIFY_STEP, WORD, &balloon->notify_step, error);
}

static bool read_capabilities(struct hs_qemu *vm, uint64_t space, const uint32_t bars[BAR_COUNT],
    struct hs_addresses *balloon, struct hs_error *error)
{
    uint64_t places[TYPE_END] = {0};
    uint32_t at = 0;
    *balloon = (struct hs_addresses){0};
    if (!hs_qemu_read_register(vm, space + CAPABILITIES, BYTE, &at, error))
        return false;
    for (unsigned i = 0; at && i < SPACE_END; i++) {
        if (!read_capability(vm, space + at, bars, places, balloon, error) ||
            !hs_qemu_read_register(vm, space + at + NEXT, BYTE, &at, error))
            return false;
    }
    balloon->registers = places[COMMON_CONFIG];
    balloon->notify = places[NOTIFY];
    balloon->isr = places[ISR];
    balloon->config = places[DEVICE_CONFIG];
    return (balloon->registers && balloon->notify && balloon->isr && balloon->config) ||
           hs_fail(error, "the balloon behind virtio-pci lacks a capability of VIRTIO 1");
}

static bool find(struct hs_qemu *vm, struct hs_addresses *balloon, struct hs_error *error)
{
    uint64_t space = 0;
    uint32_t bars[BAR_COUNT] = {0};
    return find_function(vm, &space, error) && assign_bars(vm, space, bars, error) &&
           read_capabilities(vm, space, bars, balloon, error);
}

/* ---- the device ----------------------------------------------------------------------------- */

static bool kick(struct hs_qemu *vm, unsigned queue, struct hs_error *error)
{
    const struct hs_addresses *balloon = &vm->balloon;
    uint32_t off = 0;
    return hs_qemu_write_register(vm, balloon->registers + QUEUE_SELECT, HALF, queue, error) &&
           hs_qemu_read_register(vm, balloon->registers + QUEUE_NOTIFY_OFF, HALF, &off, error) &&
           hs_qemu_write_register(
               vm, balloon->notify + (uint64_t)off * balloon->notify_step, HALF, queue, error);
}

static bool take_config_interrupt(struct hs_qemu *vm, bool *has_come, struct hs_error *error)
{
    uint32_t isr = 0;
    if (!hs_qemu_read_register(vm, vm->balloon.isr, BYTE, &isr, error))
        return false;
    *has_come = isr & ISR_CONFIG;
    return true;
}

const struct hs_transport hs_transport_pci = {
    .name = "pci",
    .machine = "microvm,pcie=on",
    .balloon = "virtio-balloon-pci,disable-legacy=on",
    .registers =
        {
            [HS_REGISTER_FEATURES_SELECT] = {0x08, WORD},
            [HS_REGISTER_FEATURES] = {0x0c, WORD},
            [HS_REGISTER_STATUS] = {0x14, BYTE},
            [HS_REGISTER_QUEUE_SELECT] = {QUEUE_SELECT, HALF},
            /* behind a reset the size is the most that it may be */
            [HS_REGISTER_QUEUE_MOST] = {0x18, HALF},
            [HS_REGISTER_QUEUE_SIZE] = {0x18, HALF},
            [HS_REGISTER_QUEUE_ENABLE] = {0x1c, HALF},
            [HS_REGISTER_QUEUE_DESC] = {0x20, WORD},
            [HS_REGISTER_QUEUE_AVAIL] = {0x28, WORD},
            [HS_REGISTER_QUEUE_USED] = {0x30, WORD},
        },
    .find = find,
    .kick = kick,
    .take_config_interrupt = take_config_interrupt,
};
