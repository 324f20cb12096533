/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of fields.  Who adds a field to the model adds a row here: it does not compile before.
 */
#include "fields.h"

#include <stdio.h>
#include <string.h>

const char *const part_names[PART_COUNT] = {
    [PART_MONITORS] = "monitors",
    [PART_DEVICE] = "device",
    [PART_DRIVER] = "driver",
    [PART_MIGRATION] = "migration",
    [PART_SPENT] = "spent",
    [PART_PAGE] = "page",
    [PART_CHUNK] = "chunk",
    [PART_RING] = "ring",
    [PART_ELEMENT] = "element",
    [PART_HELD] = "held list",
    [PART_BATCH] = "batch",
    [PART_FREE_LIST] = "free list",
};

/* ---- the fields: name, bits, and whether it is a ghost --------------------------------------- */

#define DEVICE_FIELDS(F)          \
    F(status, 8, false)           \
    F(id, 8, false)               \
    F(loop, 8, false)             \
    F(report_discarded, 8, false) \
    F(config_interrupt, 1, false) \
    F(poison_set, 1, false)       \
    F(id_taken, 1, true)          \
    F(stop_taken, 1, true)        \
    F(said_done, 1, true)         \
    F(unasked, 1, true)           \
    F(owes_done, 1, false)        \
    F(unused, 1, true)            \
    F(last_word, 8, true)

#define DRIVER_FIELDS(F)      \
    F(phase, 8, false)        \
    F(work_queued, 8, false)  \
    F(read_again, 8, false)   \
    F(cached_id, 8, false)    \
    F(active_id, 8, false)    \
    F(held, 8, false)         \
    F(report_phase, 8, false) \
    F(batch, 8, false)        \
    F(put_back, 8, false)     \
    F(inflating, 8, false)    \
    F(deflating, 8, false)    \
    F(start_lost, 8, true)

#define MIGRATION_FIELDS(F)   \
    F(phase, 8, false)        \
    F(vm, 8, false)           \
    F(sending, 8, false)      \
    F(read_current, 8, false) \
    F(log_on, 8, false)       \
    F(protects, 1, false)     \
    F(sent, 1, false)         \
    F(unused, 6, true)

#define PAGE_FIELDS(F)     \
    F(owner, 3, false)     \
    F(head, 1, false)      \
    F(order, 3, false)     \
    F(reported, 1, false)  \
    F(listed, 1, false)    \
    F(acked, 1, false)     \
    F(relies, 2, false)    \
    F(content, 2, false)   \
    F(copy, 2, false)      \
    F(log, 1, false)       \
    F(protected, 1, false) \
    F(known, 1, false)     \
    F(host_log, 1, false)  \
    F(bitmap, 1, false)    \
    F(faulted, 1, false)   \
    F(awaited, 1, false)   \
    F(modified, 1, true)   \
    F(dma, 1, false)       \
    F(ballooned, 1, false) \
    F(late, 2, false)      \
    F(unused, 4, true)

#define RING_FIELDS(F)                 \
    F(avail, 8, false)                 \
    F(taken, 8, false)                 \
    F(used, 8, false)                  \
    F(collected, 8, false)             \
    F(kick_pending, 1, false)          \
    F(kicks_suppressed, 1, false)      \
    F(interrupt_pending, 1, false)     \
    F(interrupts_suppressed, 1, false) \
    F(unused, 4, true)                 \
    F(spare, 8, true)

#define ELEMENT_FIELDS(F) \
    F(kind, 2, false)     \
    F(page, 6, false)     \
    F(id, 8, false)

#define BLOCK_FIELDS(F) \
    F(page, 8, false)   \
    F(order, 8, false)

/* A new field changes the sum, or the size. */
#define SUM(name_, bits_, ghost_) +(bits_)
static_assert(DEVICE_FIELDS(SUM) == 8 * sizeof(struct hs_device), "every field of the device");
static_assert(DRIVER_FIELDS(SUM) == 8 * sizeof(struct hs_driver), "every field of the driver");
static_assert(MIGRATION_FIELDS(SUM) == 8 * sizeof(struct hs_migration), "of migration");
static_assert(PAGE_FIELDS(SUM) == 8 * sizeof(struct hs_page), "every field of a page");
static_assert(RING_FIELDS(SUM) == 8 * sizeof(struct hs_ring), "every field of a ring");
static_assert(ELEMENT_FIELDS(SUM) == 8 * sizeof(struct hs_element), "every field of an element");
static_assert(BLOCK_FIELDS(SUM) == 8 * sizeof(struct hs_block), "every field of a block");
static_assert(sizeof(struct hs_state) == sizeof(uint32_t) + sizeof(struct hs_device) +
                                             sizeof(struct hs_driver) +
                                             sizeof(struct hs_migration) + HS_LIMIT_COUNT,
    "every part of a state: the monitors' bits, three machines, and what is spent");

#define ALL_SET(bits_) ((UINT32_C(1) << (bits_)) - 1)
#define ROW(part_, member_, name_, bits_, ghost_) \
    {(part_), #name_, (bits_), (ghost_), .mask.member_ = {.name_ = ALL_SET(bits_)}},
#define OF_DEVICE(name_, bits_, ghost_) ROW(PART_DEVICE, device, name_, bits_, ghost_)
#define OF_DRIVER(name_, bits_, ghost_) ROW(PART_DRIVER, driver, name_, bits_, ghost_)
#define OF_MIGRATION(name_, bits_, ghost_) ROW(PART_MIGRATION, migration, name_, bits_, ghost_)
#define OF_PAGE(name_, bits_, ghost_) ROW(PART_PAGE, page, name_, bits_, ghost_)
#define OF_RING(name_, bits_, ghost_) ROW(PART_RING, ring, name_, bits_, ghost_)
#define OF_ELEMENT(name_, bits_, ghost_) ROW(PART_ELEMENT, element, name_, bits_, ghost_)
#define OF_BATCH(name_, bits_, ghost_) ROW(PART_BATCH, block, name_, bits_, ghost_)

const struct field fields[] = {
    {PART_MONITORS, "broken", 32, true, .mask.monitors = UINT32_MAX},
    DEVICE_FIELDS(OF_DEVICE) DRIVER_FIELDS(OF_DRIVER)
        MIGRATION_FIELDS(OF_MIGRATION){PART_SPENT, "spent", 8, false, .mask.byte = UINT8_MAX},
    PAGE_FIELDS(OF_PAGE){PART_CHUNK, "pending", 8, false, .mask.byte = UINT8_MAX},
    RING_FIELDS(OF_RING)
        ELEMENT_FIELDS(OF_ELEMENT){PART_HELD, "page", 8, false, .mask.byte = UINT8_MAX},
    BLOCK_FIELDS(OF_BATCH){PART_FREE_LIST, "block", 8, false, .mask.byte = UINT8_MAX},
};
const unsigned field_count = sizeof(fields) / sizeof(fields[0]);

/* ---- where the parts stand ------------------------------------------------------------------- */

static unsigned slots_of_all(const struct hs_config *config)
{
    unsigned slots = 0;
    for (unsigned queue = 0; queue < HS_QUEUE_COUNT; queue++)
        slots += config->queue_size[queue];
    return slots;
}

unsigned part_count(const struct hs_config *config, enum part part)
{
    unsigned chunk = config->rules.value[HS_RULE_LOG_CHUNK];
    switch (part) {
    case PART_MONITORS:
    case PART_DEVICE:
    case PART_DRIVER:
    case PART_MIGRATION:
        return 1;
    case PART_SPENT:
        return HS_LIMIT_COUNT;
    case PART_PAGE:
        return config->pages;
    case PART_CHUNK:
        return (config->pages + chunk - 1) / chunk;
    case PART_RING:
        return HS_QUEUE_COUNT;
    case PART_ELEMENT:
        return slots_of_all(config);
    case PART_HELD:
        return config->queue_size[HS_QUEUE_FREE_PAGE] ? config->pages >> config->hint_order : 0;
    case PART_BATCH:
        return config->queue_size[HS_QUEUE_REPORTING] ? config->report_batch : 0;
    case PART_FREE_LIST:
        return config->policy == HS_POLICY_LIFO ? config->pages + 1 : 0;
    case PART_COUNT:
        break;
    }
    return 0;
}

/* The slot of its queue. */
static unsigned slot_of(const struct hs_config *config, unsigned index, enum hs_queue *queue)
{
    unsigned which = 0;
    while (index >= config->queue_size[which])
        index -= config->queue_size[which++];
    *queue = (enum hs_queue)which;
    return index;
}

enum hs_queue part_queue(const struct hs_config *config, enum part part, unsigned index)
{
    enum hs_queue queue = (enum hs_queue)index;
    if (part == PART_ELEMENT)
        slot_of(config, index, &queue);
    return queue;
}

/* Where the part with this index begins; a ring of a queue that is not there begins nowhere. */
static uint8_t *part_at(struct hs_world w, enum part part, unsigned index)
{
    enum hs_queue queue;
    unsigned slot;
    switch (part) {
    case PART_MONITORS:
        return (uint8_t *)&w.state->broken;
    case PART_DEVICE:
        return (uint8_t *)&w.state->device;
    case PART_DRIVER:
        return (uint8_t *)&w.state->driver;
    case PART_MIGRATION:
        return (uint8_t *)&w.state->migration;
    case PART_SPENT:
        return &w.state->spent[index];
    case PART_PAGE:
        return (uint8_t *)hs_page(w, index);
    case PART_CHUNK:
        return hs_chunk_pending(w, 0) + index;
    case PART_RING:
        return w.config->queue_size[index] ? (uint8_t *)hs_queue(w, (enum hs_queue)index).ring
                                           : NULL;
    case PART_ELEMENT:
        slot = slot_of(w.config, index, &queue);
        return (uint8_t *)(hs_queue(w, queue).slots + slot);
    case PART_HELD:
        return hs_held(w) + index;
    case PART_BATCH:
        return (uint8_t *)(hs_batch(w) + index);
    case PART_FREE_LIST:
        return hs_free_list(w) + index;
    case PART_COUNT:
        break;
    }
    return NULL;
}

/* ---- one field ------------------------------------------------------------------------------- */

/* Its bits as a number: those of the bytes, the first byte's lowest first (little-endian). */
static uint32_t gather(const uint8_t *mask, const uint8_t *bytes, unsigned bits)
{
    uint32_t value = 0;
    unsigned got = 0;
    for (unsigned bit = 0; got < bits; bit++) {
        if (mask[bit / 8] >> (bit % 8) & 1u)
            value |= (uint32_t)(bytes[bit / 8] >> (bit % 8) & 1u) << got++;
    }
    return value;
}

static void scatter(const uint8_t *mask, uint8_t *bytes, unsigned bits, uint32_t value)
{
    unsigned set = 0;
    for (unsigned bit = 0; set < bits; bit++) {
        if (!(mask[bit / 8] >> (bit % 8) & 1u))
            continue;
        unsigned cleared = bytes[bit / 8] & ~(1u << (bit % 8));
        bytes[bit / 8] = (uint8_t)(cleared | (value >> set++ & 1u) << (bit % 8));
    }
}

uint32_t field_get(struct hs_world w, const struct field *field, unsigned index)
{
    const uint8_t *at = part_at(w, field->part, index);
    return at ? gather(field->mask.bytes, at, field->bits) : 0;
}

void field_set(struct hs_world w, const struct field *field, unsigned index, uint32_t value)
{
    uint8_t *at = part_at(w, field->part, index);
    if (at)
        scatter(field->mask.bytes, at, field->bits, value);
}

void print_difference(struct hs_world a, struct hs_world b)
{
    for (unsigned f = 0; f < field_count; f++) {
        for (unsigned i = 0; i < part_count(a.config, fields[f].part); i++) {
            uint32_t of_a = field_get(a, &fields[f], i);
            uint32_t of_b = field_get(b, &fields[f], i);
            if (of_a != of_b)
                printf("  %s %u: %s is %u and %u\n", part_names[fields[f].part], i, fields[f].name,
                    of_a, of_b);
        }
    }
}

/* ---- the table ------------------------------------------------------------------------------- */

static unsigned bits_of(const uint8_t *bytes, unsigned count)
{
    unsigned bits = 0;
    for (unsigned i = 0; i < count; i++)
        bits += (unsigned)__builtin_popcount(bytes[i]);
    return bits;
}

const char *fields_check(void)
{
    uint8_t covered[PART_COUNT][sizeof(fields[0].mask)] = {{0}};
    for (unsigned f = 0; f < field_count; f++) {
        const struct field *field = &fields[f];
        if (bits_of(field->mask.bytes, sizeof(field->mask)) != field->bits)
            return "a field is wider or narrower than its row says";
        for (unsigned i = 0; i < sizeof(field->mask); i++) {
            if (covered[field->part][i] & field->mask.bytes[i])
                return "two rows name the same bits";
            covered[field->part][i] |= field->mask.bytes[i];
        }
    }
    return NULL;
}
