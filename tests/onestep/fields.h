/* SPDX-License-Identifier: BSD-3-Clause */
/* Every field of a state by its name, wherever it stands: to be read, changed and told. */
#ifndef ONESTEP_FIELDS_H
#define ONESTEP_FIELDS_H

#include "world.h"

/* The parts of a state.  Some exist once, some for each page, queue, slot or place on a list. */
enum part {
    PART_MONITORS, /* the bits of broken properties */
    PART_DEVICE,
    PART_DRIVER,
    PART_MIGRATION,
    PART_SPENT,     /* one for each limit */
    PART_PAGE,      /* one for each page */
    PART_CHUNK,     /* one for each log chunk */
    PART_RING,      /* one for each queue */
    PART_ELEMENT,   /* one for each slot of each queue */
    PART_HELD,      /* one for each place on the held list */
    PART_BATCH,     /* one for each place in the report batch */
    PART_FREE_LIST, /* how many free blocks there are, and one for each place on the list */
    PART_COUNT
};
extern const char *const part_names[PART_COUNT];

/* One field of one part. */
struct field {
    enum part part;
    const char *name;
    unsigned bits;
    bool ghost; /* read by monitors only */
    /* The bits of the field, all set, in a part that is otherwise 0. */
    union {
        uint8_t bytes[12];
        uint32_t monitors;
        struct hs_device device;
        struct hs_driver driver;
        struct hs_migration migration;
        struct hs_page page;
        struct hs_ring ring;
        struct hs_element element;
        struct hs_block block;
        uint8_t byte;
    } mask;
};
extern const struct field fields[];
extern const unsigned field_count;

/* How many of that part a state has: of PART_ELEMENT, all queues' slots in a row. */
unsigned part_count(const struct hs_config *config, enum part part);
/* Which queue the ring or the element with this index belongs to. */
enum hs_queue part_queue(const struct hs_config *config, enum part part, unsigned index);

/* The field of the part with this index. */
uint32_t field_get(struct hs_world w, const struct field *field, unsigned index);
/* Set it; `value` must fit into its bits. */
void field_set(struct hs_world w, const struct field *field, unsigned index, uint32_t value);

/* Print what differs between two states: nothing, if they are equal. */
void print_difference(struct hs_world a, struct hs_world b);

/* NULL, or why the table does not cover every bit of a state exactly once, in words. */
const char *fields_check(void);

#endif
