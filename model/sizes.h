/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a scenario fixes beside the rules: how many pages, which queues, what may be spent.
 */
#ifndef HS_SIZES_H
#define HS_SIZES_H

#include <stdint.h>

enum { HS_PAGES_MAX = 64, HS_ORDER_MAX = 6, HS_QUEUE_SIZE_MAX = 64, HS_BATCH_MAX = 32 };

enum hs_queue {
    HS_QUEUE_FREE_PAGE, /* free_page_vq: commands and hints */
    HS_QUEUE_REPORTING, /* reporting_vq */
    HS_QUEUE_INFLATE,   /* inflateq */
    HS_QUEUE_DEFLATE,   /* deflateq */
    HS_QUEUE_COUNT
};

/* Which free block an allocation takes: any, so that a search explores every one; or as Linux does,
 * the newest of the smallest order that is large enough. */
enum hs_policy { HS_POLICY_ANY, HS_POLICY_LIFO, HS_POLICY_COUNT };

/* What an exploration may spend; a row of steps.def says which limit its step spends.  Rounds are
 * spent by migration.sync as well, while the VM runs. */
enum hs_limit {
    HS_LIMIT_WRITES, /* by vCPUs, on the source and on the destination */
    HS_LIMIT_ROUNDS, /* of hints */
    HS_LIMIT_MIGRATIONS,
    HS_LIMIT_DMA,     /* writes by devices */
    HS_LIMIT_CHANGES, /* of the device's configuration */
    HS_LIMIT_RESETS,
    HS_LIMIT_CANCELS,
    HS_LIMIT_HOPS, /* on from a destination */
    HS_LIMIT_COUNT
};
enum { HS_UNLIMITED = 255 };

struct hs_limit_row {
    const char *name; /* in a scenario */
    uint8_t usual;    /* what an exploration may spend if the scenario is silent */
};
extern const struct hs_limit_row hs_limit_rows[HS_LIMIT_COUNT];

#endif
