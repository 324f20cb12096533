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

#include "refusal.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

struct hs_world;

enum hs_driver_phase {
    HS_DRIVER_IDLE,
    HS_DRIVER_STARTING,
    HS_DRIVER_HINTING,
    HS_DRIVER_RELEASING,
    HS_DRIVER_RESETTING,
    HS_DRIVER_PHASE_COUNT
};

enum hs_report_phase {
    HS_REPORT_REST,
    HS_REPORT_ISOLATED,
    HS_REPORT_REPORTED,
    HS_REPORT_ACKED,
    HS_REPORT_PHASE_COUNT
};

/* A block of 2^order pages from `page` on. */
struct hs_block {
    uint8_t page;
    uint8_t order;
};

struct hs_driver {
    uint8_t phase;        /* enum hs_driver_phase */
    uint8_t work_queued;  /* 0..1: the hinting work item is queued */
    uint8_t read_again;   /* 0..1: CONFIG_READ_CMD_ID, the field must be read again */
    uint8_t cached_id;    /* the field as read last (cmd_id_received_cache) */
    uint8_t active_id;    /* the driver's word: the id of the round started last (cmd_id_active) */
    uint8_t held;         /* blocks on the held list, a stack behind the state */
    uint8_t report_phase; /* enum hs_report_phase */
    uint8_t batch;        /* blocks in the report batch, a list behind the state */
    uint8_t put_back;     /* 0..1: the batch went back to the free list already */
    uint8_t inflating;    /* page + 1 whose inflate is not acknowledged, 0: none */
    uint8_t deflating;    /* page + 1 whose deflate is not acknowledged, 0: none */
    uint8_t start_lost;   /* ghost: this round's start buffer found no free slot */
};
static_assert(sizeof(struct hs_driver) == 12, "no padding");

bool hs_driver_can_take_config_interrupt(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_driver_take_config_interrupt(struct hs_world w, unsigned p);
bool hs_driver_can_read_command(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_driver_read_command(struct hs_world w, unsigned p);
bool hs_driver_can_start_round(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_driver_start_round(struct hs_world w, unsigned p);
bool hs_driver_can_list_free(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_driver_list_free(struct hs_world w, unsigned p);
bool hs_driver_can_hint_page(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_driver_hint_page(struct hs_world w, unsigned p);
bool hs_driver_can_end_round(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_driver_end_round(struct hs_world w, unsigned p);
bool hs_driver_can_collect_used(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_driver_collect_used(struct hs_world w, unsigned p);
bool hs_driver_can_shrink(struct hs_world w, unsigned p, struct hs_refusal *why);
bool hs_driver_can_release(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_driver_give_back(struct hs_world w, unsigned p);
bool hs_driver_can_isolate_batch(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_driver_isolate_batch(struct hs_world w, unsigned p);
bool hs_driver_can_report_batch(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_driver_report_batch(struct hs_world w, unsigned p);
bool hs_driver_can_collect_report(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_driver_collect_report(struct hs_world w, unsigned p);
bool hs_driver_can_put_back(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_driver_put_back(struct hs_world w, unsigned p);
bool hs_driver_can_inflate(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_driver_inflate(struct hs_world w, unsigned p);
bool hs_driver_can_collect_inflate(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_driver_collect_inflate(struct hs_world w, unsigned p);
bool hs_driver_can_deflate(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_driver_deflate(struct hs_world w, unsigned p);
bool hs_driver_can_collect_deflate(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_driver_collect_deflate(struct hs_world w, unsigned p);
bool hs_driver_can_freeze(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_driver_freeze(struct hs_world w, unsigned p);
bool hs_driver_can_reset(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_driver_reset(struct hs_world w, unsigned p);

/* 2^order pages from `p` on are taken into use: are they part of a report that is not used yet? */
void hs_driver_note_use(struct hs_world w, unsigned p, unsigned order);

/* NULL, or the invariant that does not hold, in words. */
const char *hs_driver_check(struct hs_world w);

#endif
