/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A world on the table: a test sets one up from a few words, tells a story of steps, and looks.
 *
 *   struct bench b;
 *   bench_set(&b, "pages=4 free=0,1 release=any-time host=qemu-7.2-kvm");
 *   bench_run(&b, SETUP ASK HEAR "driver.start-round driver.hint-page 0");
 *   bench_refused(&b, "driver.hint-page 0", "page 0 is not free");
 *
 * A story is words: the name of a step and, for a step with a page, its number.
 */
#ifndef BENCH_H
#define BENCH_H

#include "bitmap.h"
#include "buddy.h"
#include "device.h"
#include "dirty_log.h"
#include "driver.h"
#include "migration.h"
#include "page.h"
#include "virtqueue.h"
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct bench {
    struct hs_config config;
    union hs_state_buffer memory;
    struct hs_world w;
    unsigned told; /* steps taken so far */
};

/* The parts that many stories share. */
#define SETUP "migration.start migration.enable-log "
#define SYNC "migration.stop-hints migration.sync migration.merge-log "
#define ASK SYNC "migration.start-hints "
#define HEAR "driver.config-interrupt driver.read-command "
#define ROUND HEAR "driver.start-round "
#define FINAL "migration.stop-vm " SYNC "migration.done-hints "
#define POSTCOPY "migration.stop-vm " SYNC "migration.go-postcopy "

/*
 * Set up from words `key=value`.  Keys: pages, free (numbers with commas, `all` or `none`),
 * max-order, hint-order, report-order, batch, policy, hintq, reportq, inflateq, deflateq, postcopy,
 * guest and host (presets), the names of rules and those of limits.  Without a word: 4 pages, all
 * free, order 0, every queue with 4 slots, policy any, default rules, no limits, but
 * no hops.
 */
void bench_set(struct bench *b, const char *words);

/* Tell the story: each step must be enabled, and every invariant must hold after it. */
void bench_run(struct bench *b, const char *story);
/* The step is refused in exactly these words, and asking changes nothing. */
void bench_refused(struct bench *b, const char *step, const char *words);
/* Send every page whose bit is set. */
void bench_send_all(struct bench *b);
/* The final round, all that is left to send, and the switch. */
void bench_finish(struct bench *b);
/* The properties that are broken, as words in the order of the table; "" if none. */
const char *bench_broken(struct bench *b);

static inline struct hs_page *bench_page(struct bench *b, unsigned p)
{
    return hs_page(b->w, p);
}

#endif
