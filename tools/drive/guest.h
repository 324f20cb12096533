/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The guest's side of a VM that is driven: where things lie in its memory, and the few instructions
 * that are all its software.
 *
 * The vCPU sleeps.  A non-maskable interrupt lets it store the word at HS_GUEST_VALUE where the
 * word at HS_GUEST_ADDRESS says, and answer on port 0xe9: a store as an application does it, noted
 * by the dirty log of vCPUs.  The virtqueues lie in memory of which the hypervisor's qtest writes
 * every byte.
 */
#ifndef HS_GUEST_H
#define HS_GUEST_H

#include <stdint.h>

enum {
    HS_FRAME = 4096,
    HS_GUEST_FIRMWARE_SIZE = 64 << 10,
    HS_GUEST_ADDRESS = 0x7000,
    HS_GUEST_VALUE = 0x7004,
    HS_GUEST_STACK = 0x7f00,
    HS_GUEST_RINGS = 0x8000, /* a frame for each queue */
    HS_GUEST_WORDS = 0xd000, /* command words and page frame numbers */
    HS_GUEST_BUSY_FIRST = 7, /* frames of all these */
    HS_GUEST_BUSY_END = 14,
    HS_GUEST_BALLAST_FIRST = 16, /* frames that nobody cares for, but which can be made dirty */
    HS_GUEST_CHUNK = 64,         /* frames of a chunk of the log */
    HS_GUEST_NOBODY_LOOKS = HS_FRAME - 64, /* in a busy frame: never used, and not zero */
    HS_PORT_ANSWER = 0xe9
};

/* Write the firmware: HS_GUEST_FIRMWARE_SIZE bytes. */
void hs_guest_firmware(uint8_t *firmware);

#endif
