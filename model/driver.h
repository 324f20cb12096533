/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The guest's balloon driver (drivers/virtio/virtio_balloon.c, mm/page_reporting.c).
 *
 * Hinting, one work item:
 *
 *   IDLE --read-command: new id--> STARTING --start-round--> HINTING --end-round--> IDLE
 *   IDLE --read-command: DONE----> RELEASING --release, until nothing is held----> IDLE
 *   IDLE --read-command: STOP, or the id started last--> IDLE
 *   HINTING --hint-page--> HINTING
 *   IDLE --freeze--> RESETTING --reset--> IDLE
 *   With hint-wait=each the item sleeps after start-round, hint-page and end-round, until
 *   collect-used: hs_driver_sleeps.  It does none of the above meanwhile.
 *
 * Reporting, one worker:
 *
 *   REST --isolate-batch--> ISOLATED --report-batch--> REPORTED --collect-report--> ACKED
 *   ACKED --put-back--> REST; with report-reuse=any-time put-back may come before collect-report
 *
 * Inflating and deflating: one request at a time, and the worker sleeps until it is used.
 */
#ifndef HS_DRIVER_H
#define HS_DRIVER_H

#include "state.h"

/* With hint-wait=each: does the hinting work item sleep until an element that it queued was used?
 * Also in the phase IDLE: it is not over before its stop element was used. */
bool hs_driver_sleeps(struct hs_world w);

/* What the hinting work item goes on to do about the id that it read last, HS_DRIVER_IDLE if
 * nothing (report_free_page_func). */
enum hs_driver_phase hs_driver_answer(struct hs_world w);

/* 2^order pages from `p` on are taken into use: are they part of a report that is not used yet? */
void hs_driver_note_use(struct hs_world w, unsigned p, unsigned order);

/* NULL, or the invariant that does not hold, in words. */
const char *hs_driver_check(struct hs_world w);

#endif
