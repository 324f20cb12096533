/* SPDX-License-Identifier: BSD-3-Clause */
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

#include "state.h"

unsigned hs_virtqueue_free_slots(struct hs_virtqueue q); /* descriptors the driver may fill */
unsigned hs_virtqueue_available(struct hs_virtqueue q);  /* elements the device has not taken */
unsigned hs_virtqueue_in_hand(struct hs_virtqueue q);    /* elements taken and not yet used */
unsigned hs_virtqueue_used(struct hs_virtqueue q);       /* used elements not yet collected */

/* Driver: add an element and kick unless suppressed.  Needs a free slot. */
void hs_virtqueue_add(struct hs_virtqueue q, struct hs_element element);
/* Driver: take the oldest used element back.  Needs one. */
struct hs_element hs_virtqueue_collect(struct hs_virtqueue q);
/* The oldest element that the driver has not collected; there must be one. */
struct hs_element hs_virtqueue_oldest(struct hs_virtqueue q);
/* Is an element of that kind anywhere between the driver's adding and collecting it? */
bool hs_virtqueue_holds(struct hs_virtqueue q, enum hs_element_kind kind);
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
