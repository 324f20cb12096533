/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a world must have, as data: so that a rule matters in it, a step is possible, or a property
 * is a question.
 */
#ifndef HS_NEEDS_H
#define HS_NEEDS_H

#include <stdint.h>

enum hs_need_kind {
    HS_NEED_NONE,     /* nothing */
    HS_NEED_QUEUE,    /* the queue `which` exists */
    HS_NEED_LIMIT,    /* the limit `which` is not 0 */
    HS_NEED_RULE,     /* the rule `which` has one of `values` */
    HS_NEED_POSTCOPY, /* the migration may switch to postcopy */
    HS_NEED_PRECOPY,  /* it may not */
    HS_NEED_CALLBACK, /* the driver has a callback on free_page_vq (hs_rules_follow_used) */
    HS_NEED_PARTIAL,  /* a migration may begin by offering some pages alone (first-pass=dirty) */
    HS_NEED_ZEROES    /* the guest takes reported pages for zeros (hs_config_trusts_zeroes) */
};

struct hs_need {
    uint8_t kind;   /* enum hs_need_kind */
    uint8_t which;  /* enum hs_queue, enum hs_limit or enum hs_rule */
    uint8_t values; /* bit value: the rule may have this one */
};

/* As a row of rules.def, steps.def or properties.c writes them. */
#define NEED_QUEUE(queue)                   \
    {                                       \
        HS_NEED_QUEUE, HS_QUEUE_##queue, 0u \
    }
#define NEED_LIMIT(limit)                   \
    {                                       \
        HS_NEED_LIMIT, HS_LIMIT_##limit, 0u \
    }
#define NEED_RULE(rule, values)                \
    {                                          \
        HS_NEED_RULE, HS_RULE_##rule, (values) \
    }
#define NEED_POSTCOPY            \
    {                            \
        HS_NEED_POSTCOPY, 0u, 0u \
    }
#define NEED_PRECOPY            \
    {                           \
        HS_NEED_PRECOPY, 0u, 0u \
    }
#define NEED_CALLBACK            \
    {                            \
        HS_NEED_CALLBACK, 0u, 0u \
    }
#define NEED_PARTIAL            \
    {                           \
        HS_NEED_PARTIAL, 0u, 0u \
    }
#define NEED_ZEROES            \
    {                          \
        HS_NEED_ZEROES, 0u, 0u \
    }
#define ALWAYS               \
    {                        \
        HS_NEED_NONE, 0u, 0u \
    }

#endif
