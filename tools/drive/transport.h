/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How a driver reaches its device: virtio-mmio, or virtio-pci as VIRTIO 1 has it.  Both have the
 * same registers, in other places and of other sizes.  They differ in how the device is found, how
 * it is told of elements, and how the cause of an interrupt is read.
 */
#ifndef HS_TRANSPORT_H
#define HS_TRANSPORT_H

#include "error.h"

#include <stdbool.h>
#include <stdint.h>

/* What a driver reads and writes of any device. */
enum hs_register {
    HS_REGISTER_FEATURES_SELECT, /* the word of the features that the driver accepts */
    HS_REGISTER_FEATURES,
    HS_REGISTER_STATUS,
    HS_REGISTER_QUEUE_SELECT, /* the queue that those below are of */
    HS_REGISTER_QUEUE_MOST,   /* slots that it may have */
    HS_REGISTER_QUEUE_SIZE,   /* slots that it has */
    HS_REGISTER_QUEUE_ENABLE,
    HS_REGISTER_QUEUE_DESC, /* addresses, the low words of them */
    HS_REGISTER_QUEUE_AVAIL,
    HS_REGISTER_QUEUE_USED,
    HS_REGISTER_COUNT
};

/* Where one is, behind the first. */
struct hs_register_place {
    unsigned at;
    unsigned size; /* bytes: 1, 2 or 4 */
};

/* Where a device is in the memory of its VM. */
struct hs_addresses {
    uint64_t registers;
    uint64_t config; /* the device's own */
    /* of virtio-pci alone */
    uint64_t isr;
    uint64_t notify;
    uint32_t notify_step; /* bytes from the place of one queue to the next */
};

struct hs_qemu;

struct hs_transport {
    const char *name;    /* as the command line says */
    const char *machine; /* QEMU's: its name, and what it needs */
    const char *balloon; /* QEMU's device */
    struct hs_register_place registers[HS_REGISTER_COUNT];
    /* Find the balloon, and let it be reached. */
    bool (*find)(struct hs_qemu *vm, struct hs_addresses *balloon, struct hs_error *error);
    /* Tell the device that a queue has elements. */
    bool (*kick)(struct hs_qemu *vm, unsigned queue, struct hs_error *error);
    /* Has the configuration changed since this was asked?  Asking takes the interrupt away. */
    bool (*take_config_interrupt)(struct hs_qemu *vm, bool *has_come, struct hs_error *error);
};
extern const struct hs_transport hs_transport_mmio;
extern const struct hs_transport hs_transport_pci;

#endif
