/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The balloon device (hw/virtio/virtio-balloon.c): command ids, hints, reports, inflate, deflate.
 *
 * Status of free page hinting:
 *
 *   STOP, START, DONE --request: the next id--> REQUESTED
 *   REQUESTED --take-element: word is the id--> START
 *   START --take-element: any other command, or any at all with restart=never--> STOP
 *   STOP, DONE --take-element: word is the id, and restart says that it counts--> START
 *   any --stop--> STOP      any --done--> DONE
 *
 * With other-word=asks-on or answered the way from START leads to REQUESTED, and with answered from
 * there to DONE, as the queue is found empty.
 *
 * The loop that serves free_page_vq:
 *
 *   SLEEPING --wake: kicked--> RUNNING --find-empty: nothing available, not in START--> LEAVING
 *   LEAVING --sleep: ask for kicks again--> SLEEPING
 *
 * So with serve=poll.  With serve=kick, RUNNING --find-empty: nothing available--> SLEEPING, and
 * with serve=in-kick the loop is always SLEEPING.
 */
#ifndef HS_DEVICE_H
#define HS_DEVICE_H

#include "state.h"

/* free_page_hint_cmd_id as the driver reads it now: computed, not stored. */
unsigned hs_device_field(struct hs_world w);

/* The driver has queued an element of free_page_vq: serve it at once (serve=in-kick), or do
 * nothing.
 */
void hs_device_kick(struct hs_world w);

/* Refuse hints until the next request (PRECOPY_NOTIFY_BEFORE_BITMAP_SYNC). */
void hs_device_stop(struct hs_world w);
/* Ask for hints (AFTER_BITMAP_SYNC, VM running); under a new id or, if the rule says so, the same.
 */
void hs_device_request(struct hs_world w);
/* Say that hinted pages are needed no longer. */
void hs_device_done(struct hs_world w);

/* The guest moves to the destination, and with it the device's state: a hint that was in the
 * source's hand (hint-under-lock=off) is returned without effect, the loop begins anew, a pending
 * kick is lost, and kicks that were suppressed stay so.  Who is in the balloon is not told.
 * Starting the VM there is a kick, or none (kick-at-start). */
void hs_device_move(struct hs_world w);

/* Will the device take a start command of the queue for the answer to its request? */
bool hs_device_will_start(struct hs_world w);
/* The first page that is marked for a device which will write it; the number of pages if there is
 * none. */
unsigned hs_device_dma_first(struct hs_world w);
/* The VM runs on after it was stopped: say DONE, or nothing (done-at-start). */
void hs_device_resume(struct hs_world w);

/* Is a report taken and not yet used?  The main loop serves one without giving up its lock. */
bool hs_device_serves_report(struct hs_world w);

/* Has it any element in hand? */
bool hs_device_is_busy(struct hs_world w);

/* VIRTIO device reset: hints stop, queues are emptied, poison_val is forgotten. */
void hs_device_reset(struct hs_world w);

/* NULL, or the invariant that does not hold, in words. */
const char *hs_device_check(struct hs_world w);

#endif
