/* SPDX-License-Identifier: BSD-3-Clause */
/* The driver's side of a balloon device, behind any transport: what a driver writes into registers,
 * virtqueues and command words, and what it reads there. */
#ifndef HS_BALLOON_H
#define HS_BALLOON_H

#include "qemu.h"

/* The queues, by their numbers when all features are accepted. */
enum hs_vq {
    HS_VQ_INFLATE,
    HS_VQ_DEFLATE,
    HS_VQ_STATS,
    HS_VQ_FREE_PAGE,
    HS_VQ_REPORTING,
    HS_VQ_COUNT
};
enum { HS_VQ_SIZE_MAX = 64, HS_VQ_REPORTING_SIZE_MAX = 32 };

/* One buffer of an element. */
struct hs_buffer {
    uint64_t address;
    uint32_t length;
    bool device_writes;
};

struct hs_balloon {
    struct hs_qemu *vm;
    unsigned sizes[HS_VQ_COUNT]; /* slots, a power of two */
    unsigned added[HS_VQ_COUNT]; /* descriptors used so far */
    uint16_t avail[HS_VQ_COUNT]; /* elements published */
    bool has_config_interrupt;   /* one came, and was not acknowledged */
};

/* Which features the driver accepts, of those that it may do without. */
struct hs_accepted {
    bool hints;  /* FREE_PAGE_HINT */
    bool poison; /* PAGE_POISON */
};

/* Set the device up, as it stands after a reset, with queues of these sizes; 0 is 2. */
bool hs_balloon_begin(struct hs_balloon *balloon, struct hs_qemu *vm,
    const unsigned sizes[HS_VQ_COUNT], struct hs_accepted accepted, struct hs_error *error);
/* Publish an element of `count` buffers, at least one and no more than the queue has slots; tell
 * the device if `kicks`. */
bool hs_balloon_publish(struct hs_balloon *balloon, enum hs_vq vq, const struct hs_buffer *buffers,
    unsigned count, bool kicks, struct hs_error *error);
/* How many elements the device has used, modulo 65536. */
uint16_t hs_balloon_used(const struct hs_balloon *balloon, enum hs_vq vq);
/* How many bytes it says to have written into the last one that it used. */
uint32_t hs_balloon_written(const struct hs_balloon *balloon, enum hs_vq vq);
/* Wait until it has used `count`, or more.  False, with `error`: it has not in `seconds`. */
bool hs_balloon_await_used(struct hs_balloon *balloon, enum hs_vq vq, uint16_t count,
    double seconds, struct hs_error *error);

/* Does the device ask to be reset (DEVICE_NEEDS_RESET)? */
bool hs_balloon_is_broken(struct hs_balloon *balloon, bool *is_broken, struct hs_error *error);
/* Is the interrupt of a configuration change pending? */
bool hs_balloon_config_interrupt(
    struct hs_balloon *balloon, bool *is_pending, struct hs_error *error);
bool hs_balloon_acknowledge_config(struct hs_balloon *balloon, struct hs_error *error);
/* free_page_hint_cmd_id, as the driver reads it. */
bool hs_balloon_field(struct hs_balloon *balloon, uint32_t *field, struct hs_error *error);

#endif
