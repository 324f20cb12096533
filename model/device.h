/*
 * The balloon device (hw/virtio/virtio-balloon.c): command ids, hints, reports, inflate, deflate.
 *
 * Status of free page hinting:
 *
 *   STOP, START, DONE --request: the next id--> REQUESTED
 *   REQUESTED --take-element: word is the id--> START
 *   START --take-element: any other command, or any at all without restart-on-same-id--> STOP
 *   any --stop--> STOP      any --done--> DONE
 *
 * The loop that serves free_page_vq:
 *
 *   SLEEPING --wake: kicked--> RUNNING --find-empty: nothing available, not in START--> LEAVING
 *   LEAVING --sleep: ask for kicks again--> SLEEPING
 */
#ifndef HS_DEVICE_H
#define HS_DEVICE_H

#include "refusal.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

struct hs_world;

enum hs_status {
    HS_STATUS_STOP,
    HS_STATUS_REQUESTED,
    HS_STATUS_START,
    HS_STATUS_DONE,
    HS_STATUS_COUNT
};

enum hs_loop { HS_LOOP_SLEEPING, HS_LOOP_RUNNING, HS_LOOP_LEAVING, HS_LOOP_COUNT };

/* Values of the field and of command words.  Real ids start at 0x80000000; here at 2. */
enum {
    HS_COMMAND_STOP = 0,
    HS_COMMAND_DONE = 1,
    HS_COMMAND_FIRST_ID = 2,
    HS_COMMAND_LAST_ID = 255
};

struct hs_device {
    uint8_t status;               /* enum hs_status */
    uint8_t id;                   /* the command id issued last; 0: none yet */
    uint8_t loop;                 /* enum hs_loop */
    uint8_t report_discarded;     /* pages of the report in hand that are discarded already */
    uint8_t config_interrupt : 1; /* pending, coalescing */
    uint8_t poison_set : 1;       /* poison_val was written since the last reset */
    uint8_t id_taken : 1;         /* ghost: an output buffer with the current id was taken */
    uint8_t stop_taken : 1;       /* ghost: one with STOP was taken since that */
    uint8_t said_done : 1;        /* ghost: the field was DONE after the current id */
    uint8_t unasked : 1;          /* ghost: START was entered while the field said STOP or DONE */
    uint8_t unused : 2;           /* always 0 */
    uint8_t last_word;            /* ghost: the command word taken last */
};
static_assert(sizeof(struct hs_device) == 6, "no padding");

/* free_page_hint_cmd_id as the driver reads it now: computed, not stored. */
unsigned hs_device_field(struct hs_world w);

/* Refuse hints until the next request (PRECOPY_NOTIFY_BEFORE_BITMAP_SYNC). */
void hs_device_stop(struct hs_world w);
/* Ask for hints (AFTER_BITMAP_SYNC, VM running); under a new id or, if the rule says so, the same.
 */
void hs_device_request(struct hs_world w);
/* Say that hinted pages are needed no longer. */
void hs_device_done(struct hs_world w);

bool hs_device_can_wake(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_device_wake(struct hs_world w, unsigned p);
bool hs_device_can_take_element(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_device_take_element(struct hs_world w, unsigned p);
bool hs_device_can_apply_hint(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_device_apply_hint(struct hs_world w, unsigned p);
bool hs_device_can_find_empty(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_device_find_empty(struct hs_world w, unsigned p);
bool hs_device_can_sleep(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_device_sleep(struct hs_world w, unsigned p);
bool hs_device_can_take_report(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_device_take_report(struct hs_world w, unsigned p);
bool hs_device_can_discard(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_device_discard(struct hs_world w, unsigned p);
bool hs_device_can_use_element(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_device_use_element(struct hs_world w, unsigned p);
bool hs_device_can_take_inflate(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_device_take_inflate(struct hs_world w, unsigned p);
bool hs_device_can_take_deflate(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_device_take_deflate(struct hs_world w, unsigned p);
bool hs_device_can_dma_write(struct hs_world w, unsigned p, struct hs_refusal *why);
bool hs_device_can_change_target(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_device_change_target(struct hs_world w, unsigned p);
bool hs_device_can_request_hints(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_device_request_hints(struct hs_world w, unsigned p);
bool hs_device_can_end_hints(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_device_end_hints(struct hs_world w, unsigned p);

/* The guest moves to the destination, and with it the device's state: a hint that was in the
 * source's hand (hint-under-lock=off) is returned without effect. */
void hs_device_move(struct hs_world w);

/* Is a report taken and not yet used?  The main loop serves one without giving up its lock. */
bool hs_device_serves_report(struct hs_world w);

/* VIRTIO device reset: hints stop, queues are emptied, poison_val is forgotten. */
void hs_device_reset(struct hs_world w);

/* NULL, or the invariant that does not hold, in words. */
const char *hs_device_check(struct hs_world w);

#endif
