/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One QEMU with one VM: a microvm with a balloon, no disk, no network, and no software but
 * hs_guest_firmware.  Its memory is a file without a name that this program sees too.
 * Nothing of it has a name in a file system, so nothing is left behind; and it dies with the thread
 * that began it.
 */
#ifndef HS_QEMU_H
#define HS_QEMU_H

#include "guest.h"
#include "monitor.h"
#include "transport.h"

#include <stddef.h>
#include <sys/types.h>

enum hs_accelerator { HS_ACCELERATOR_TCG, HS_ACCELERATOR_KVM, HS_ACCELERATOR_KVM_RING };

/* What is common to all QEMUs of a run. */
struct hs_qemu_plan {
    const char *qemu; /* the command, words between spaces */
    enum hs_accelerator accelerator;
    const struct hs_transport *transport; /* of the balloon */
    unsigned ram;                         /* KiB */
    bool has_poison;                      /* page-poison=on */
    bool maps_ram;                        /* it migrates with mapped-ram */
};

struct hs_qemu {
    struct hs_poller *poller;
    struct hs_monitor monitor;
    pid_t process; /* 0: none, or ended */
    int ended;     /* its status, as waitpid tells, once it has */
    int qtest;     /* the socket of qtest */
    int port;      /* the socket behind HS_PORT_ANSWER */
    int messages;  /* a file of what QEMU says on its stderr */
    uint8_t *ram;  /* its memory, to be read */
    size_t ram_size;
    struct hs_text line; /* qtest's answer, as far as it came */
    bool has_line;
    unsigned answers; /* of the vCPU */
    const struct hs_transport *transport;
    struct hs_addresses balloon;
};

/* The descriptor that an incoming migration is read from. */
enum { HS_QEMU_INCOMING = 7 };

/* Begin a VM.  It runs; or, if `incoming` is a file and not -1, it waits to be told to read a
 * migration there, which QEMU has as HS_QEMU_INCOMING; here it is closed.  False, with `error`, if
 * it does not start. */
bool hs_qemu_begin(struct hs_qemu *vm, struct hs_poller *poller, const struct hs_qemu_plan *plan,
    int incoming, struct hs_error *error);
/* Kill it, and forget it.  Nothing if it never began. */
void hs_qemu_end(struct hs_qemu *vm);
/* Something failed: has the process ended by itself, or is it about to?  Asks it, and waits for its
 * end if it is gone.  No thread of it may be held. */
bool hs_qemu_has_died(struct hs_qemu *vm);
/* Add what it said last, before it died. */
void hs_qemu_last_words(const struct hs_qemu *vm, struct hs_text *text);

/* Read and write registers (of 1, 2 or 4 bytes) and memory as a device or the host does.  False,
 * with `error`, if QEMU is gone. */
bool hs_qemu_read_register(
    struct hs_qemu *vm, uint64_t address, unsigned size, uint32_t *value, struct hs_error *error);
bool hs_qemu_write_register(
    struct hs_qemu *vm, uint64_t address, unsigned size, uint32_t value, struct hs_error *error);
bool hs_qemu_write32(struct hs_qemu *vm, uint64_t address, uint32_t value, struct hs_error *error);
bool hs_qemu_write(
    struct hs_qemu *vm, uint64_t address, const void *bytes, size_t count, struct hs_error *error);
bool hs_qemu_fill(
    struct hs_qemu *vm, uint64_t address, size_t count, uint8_t value, struct hs_error *error);
/* Let the vCPU store `value` at `address`. */
bool hs_qemu_store(struct hs_qemu *vm, uint32_t address, uint32_t value, struct hs_error *error);
/* The word at `address` of its memory, as it is now. */
uint32_t hs_qemu_peek(const struct hs_qemu *vm, uint64_t address);

#endif
