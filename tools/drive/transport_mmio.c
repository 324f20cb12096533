/* SPDX-License-Identifier: BSD-3-Clause */
/* Virtio over MMIO (VIRTIO 1.x, 4.2), as a microvm has it. */
#include "qemu.h"

#include <assert.h>

enum { DEVICE_ID = 0x08, QUEUE_NOTIFY = 0x50, INTERRUPT_STATUS = 0x60, INTERRUPT_ACK = 0x64 };
enum { CONFIG = 0x100 };
enum { WORD = 4, INTERRUPT_CONFIG = 2, BALLOON = 5 };

static bool find(struct hs_qemu *vm, struct hs_addresses *balloon, struct hs_error *error)
{
    enum { FIRST = 0xfeb00000, SIZE = 512, COUNT = 24 };
    for (unsigned i = 0; i < COUNT; i++) {
        uint32_t id = 0;
        uint64_t registers = FIRST + (uint64_t)i * SIZE;
        if (!hs_qemu_read_register(vm, registers + DEVICE_ID, WORD, &id, error))
            return false;
        if (id == BALLOON) {
            *balloon = (struct hs_addresses){.registers = registers, .config = registers + CONFIG};
            return true;
        }
    }
    return hs_fail(error, "this QEMU has no balloon behind virtio-mmio");
}

static bool kick(struct hs_qemu *vm, unsigned queue, struct hs_error *error)
{
    return hs_qemu_write_register(vm, vm->balloon.registers + QUEUE_NOTIFY, WORD, queue, error);
}

static bool take_config_interrupt(struct hs_qemu *vm, bool *has_come, struct hs_error *error)
{
    uint32_t status = 0;
    uint64_t registers = vm->balloon.registers;
    if (!hs_qemu_read_register(vm, registers + INTERRUPT_STATUS, WORD, &status, error))
        return false;
    *has_come = status & INTERRUPT_CONFIG;
    return !*has_come ||
           hs_qemu_write_register(vm, registers + INTERRUPT_ACK, WORD, INTERRUPT_CONFIG, error);
}

const struct hs_transport hs_transport_mmio = {
    .name = "mmio",
    .machine = "microvm",
    .balloon = "virtio-balloon-device",
    .registers =
        {
            [HS_REGISTER_FEATURES] = {0x20, WORD},
            [HS_REGISTER_FEATURES_SELECT] = {0x24, WORD},
            [HS_REGISTER_QUEUE_SELECT] = {0x30, WORD},
            [HS_REGISTER_QUEUE_MOST] = {0x34, WORD},
            [HS_REGISTER_QUEUE_SIZE] = {0x38, WORD},
            [HS_REGISTER_QUEUE_ENABLE] = {0x44, WORD},
            [HS_REGISTER_STATUS] = {0x70, WORD},
            [HS_REGISTER_QUEUE_DESC] = {0x80, WORD},
            [HS_REGISTER_QUEUE_AVAIL] = {0x90, WORD},
            [HS_REGISTER_QUEUE_USED] = {0xa0, WORD},
        },
    .find = find,
    .kick = kick,
    .take_config_interrupt = take_config_interrupt,
};
