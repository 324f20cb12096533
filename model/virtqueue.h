/*
 * The split virtqueue, both ends: four indices that wrap, kicks and used-buffer interrupts with
 * their suppression, and the elements between the indices.
 *
 *      collected        used            taken            avail
 *          |  used, not   |  in the       |  available,    |
 *          |  collected   |  device's hand|  not taken     |
 *
 * VIRTIO lets a device use elements in any order; every device modelled here uses them in the order
 * in which they were made available, so slot, descriptor and element are one (spec/limits.md).
 * Indices count modulo twice the queue's size: the smallest counter that still tells a full queue
 * from an empty one, as the 16-bit counters of the real ring do.
 */
#ifndef HS_VIRTQUEUE_H
#define HS_VIRTQUEUE_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

enum hs_queue {
    HS_QUEUE_FREE_PAGE, /* free_page_vq: commands and hints */
    HS_QUEUE_REPORTING, /* reporting_vq */
    HS_QUEUE_INFLATE,   /* inflateq */
    HS_QUEUE_DEFLATE,   /* deflateq */
    HS_QUEUE_COUNT
};

enum hs_element_kind {
    HS_ELEMENT_NONE,  /* the slot is empty */
    HS_ELEMENT_START, /* output buffer: refers to the word that holds the command id */
    HS_ELEMENT_STOP,  /* output buffer: refers to the driver's constant STOP word */
    HS_ELEMENT_PAGES, /* a block of pages: hint, report, inflate or deflate request */
    HS_ELEMENT_KIND_COUNT
};

struct hs_element {
    uint16_t kind : 2; /* enum hs_element_kind */
    uint16_t page : 6; /* first page of the block, which is also the token; 0 for a command */
    uint16_t id : 8;   /* the command id that stood in the driver's word when this was queued */
};
static_assert(sizeof(struct hs_element) == 2, "an element is one 16-bit word");

/* The indices and notifications of one queue; the elements stand behind it in the state. */
struct hs_ring {
    uint8_t avail;                     /* driver: next slot to fill */
    uint8_t taken;                     /* device: next slot to take */
    uint8_t used;                      /* device: next slot to mark used */
    uint8_t collected;                 /* driver: next used slot to collect */
    uint8_t kick_pending : 1;          /* driver told the device */
    uint8_t kicks_suppressed : 1;      /* device: do not tell me (it is looking anyway) */
    uint8_t interrupt_pending : 1;     /* device told the driver that something was used */
    uint8_t interrupts_suppressed : 1; /* driver: do not tell me */
    uint8_t unused : 4;                /* always 0 */
    uint8_t spare;                     /* always 0 */
};
static_assert(sizeof(struct hs_ring) == 6, "no padding");

/* One queue of a state: where it stands and how many slots it has (1..64, a power of two). */
struct hs_virtqueue {
    struct hs_ring *ring;
    struct hs_element *slots;
    unsigned size;
};

unsigned hs_virtqueue_free_slots(struct hs_virtqueue q); /* descriptors the driver may fill */
unsigned hs_virtqueue_available(struct hs_virtqueue q);  /* elements the device has not taken */
unsigned hs_virtqueue_in_hand(struct hs_virtqueue q);    /* elements taken and not yet used */
unsigned hs_virtqueue_used(struct hs_virtqueue q);       /* used elements not yet collected */

/* Driver: add an element and kick unless suppressed.  Needs a free slot. */
void hs_virtqueue_add(struct hs_virtqueue q, struct hs_element element);
/* Driver: take the oldest used element back.  Needs one. */
struct hs_element hs_virtqueue_collect(struct hs_virtqueue q);
/* Device: take the oldest available element.  Needs one. */
struct hs_element hs_virtqueue_take(struct hs_virtqueue q);
/* Device: the oldest element in its hand. Needs one. */
struct hs_element hs_virtqueue_hand(struct hs_virtqueue q);
/* Device: put the oldest element in its hand on the used ring, and interrupt unless suppressed. */
void hs_virtqueue_use(struct hs_virtqueue q);
/* Driver: does the device still have to use an element that names the block at `page`?  If so,
 * its place in the queue, counted from 1 at the oldest unused element; otherwise 0. */
unsigned hs_virtqueue_position(struct hs_virtqueue q, unsigned page);
/* Device reset: everything in the queue is forgotten; what the driver suppressed stays so. */
void hs_virtqueue_reset(struct hs_virtqueue q);

/* NULL, or the invariant that does not hold, in words. */
const char *hs_virtqueue_check(struct hs_virtqueue q);

#endif
