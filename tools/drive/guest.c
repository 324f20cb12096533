/* SPDX-License-Identifier: BSD-3-Clause */
/* The guest's few instructions. */
#include "guest.h"

#include <assert.h>
#include <string.h>

/* The firmware lies at the end of the first 4 GiB: its byte 0 is at 0xffff0000. */
enum { TABLES = 0x00, START = 0x50, ON_NMI = 0x80, PROTECTED = 0xa0, RESET = 0xfff0 };

/* Segments of 4 GiB from 0 on: code is 8, data 0x10.  Behind them, where the tables stand; and the
 * gates, of which the third is that of the non-maskable interrupt. */
static const uint8_t tables[] = {
    0, 0, 0, 0, 0, 0, 0, 0,                         /* no segment */
    0xff, 0xff, 0, 0, 0, 0x9a, 0xcf, 0,             /* code */
    0xff, 0xff, 0, 0, 0, 0x92, 0xcf, 0,             /* data */
    0x17, 0, 0x00, 0x00, 0xff, 0xff,                /* 0x18: 24 bytes of segments */
    0x17, 0, 0x30, 0x00, 0xff, 0xff,                /* 0x1e: 24 bytes of gates */
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,             /* */
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* 0x30: no gates */
    ON_NMI, 0, 0x08, 0, 0, 0x8e, 0xff, 0xff,        /* the third */
};

static const uint8_t start[] = {
    0x2e, 0x66, 0x0f, 0x01, 0x16, 0x18, 0x00,            /* lgdt %cs:0x18 */
    0x0f, 0x20, 0xc0,                                    /* mov %cr0, %eax */
    0x0c, 0x01,                                          /* or $1, %al */
    0x0f, 0x22, 0xc0,                                    /* mov %eax, %cr0 */
    0x66, 0xea, PROTECTED, 0x00, 0xff, 0xff, 0x08, 0x00, /* ljmp $8, $0xffff00a0 */
};

static const uint8_t protected_mode[] = {
    0x66, 0xb8, 0x10, 0x00,                                     /* mov $0x10, %ax */
    0x8e, 0xd8,                                                 /* mov %ax, %ds */
    0x8e, 0xd0,                                                 /* mov %ax, %ss */
    0xbc, 0x00, 0x7f, 0x00, 0x00,                               /* mov $HS_GUEST_STACK, %esp */
    0x0f, 0x01, 0x1d, 0x1e, 0x00, 0xff, 0xff,                   /* lidt 0xffff001e */
    0xc7, 0x05, 0xf0, 0x00, 0xe0, 0xfe, 0xff, 0x01, 0x00, 0x00, /* the APIC is on */
    0xc7, 0x05, 0x60, 0x03, 0xe0, 0xfe, 0x00, 0x04, 0x00, 0x00, /* its LINT1 is an NMI */
    0xe6, HS_PORT_ANSWER,                                       /* out %al: here I am */
    0xf4,                                                       /* hlt */
    0xeb, 0xfd,                                                 /* jmp to the hlt */
};

static const uint8_t on_nmi[] = {
    0xa1, 0x00, 0x70, 0x00, 0x00,       /* mov HS_GUEST_ADDRESS, %eax */
    0x8b, 0x1d, 0x04, 0x70, 0x00, 0x00, /* mov HS_GUEST_VALUE, %ebx */
    0x89, 0x18,                         /* mov %ebx, (%eax) */
    0xe6, HS_PORT_ANSWER,               /* out %al: done */
    0xcf,                               /* iret */
};

static const uint8_t reset[] = {0xe9, START + 0x10000 - RESET - 3, 0x00}; /* jmp START */

void hs_guest_firmware(uint8_t *firmware)
{
    assert(firmware);
    /* no frame is all zeros, which would be sent as a few bytes */
    memset(firmware, 0xf4, HS_GUEST_FIRMWARE_SIZE);
    memcpy(firmware + TABLES, tables, sizeof(tables));
    memcpy(firmware + START, start, sizeof(start));
    memcpy(firmware + ON_NMI, on_nmi, sizeof(on_nmi));
    memcpy(firmware + PROTECTED, protected_mode, sizeof(protected_mode));
    memcpy(firmware + RESET, reset, sizeof(reset));
}
