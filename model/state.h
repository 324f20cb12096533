/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is remembered: all machines as one value, the sizes that shape it, and how its parts are
 * reached.  Nothing here says what happens; that is the machines' own matter, above.
 *
 * A state is plain memory without pointers or padding: it is copied with memcpy, compared with
 * memcmp and hashed as bytes.  Its size follows from the configuration (hs_config_shape); behind
 * the fixed part stand the pages, the log chunks, the queues and the driver's lists.
 */
#ifndef HS_STATE_H
#define HS_STATE_H

#include "properties.h"
#include "refusal.h"
#include "rules.h"
#include "sizes.h"
#include "steps.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- one page frame ------------------------------------------------------------------------- */

/*
 * Who owns it, what the guest relies on, which copies exist, and the four places that remember a
 * write to it.  Content is abstract.  The source's copy is what was written last, or zeros after a
 * discard, or because the allocator zeroes free pages (`zeros`); the destination's copy is related
 * to the source's by `copy`.  Version numbers, which people like to read, are derived while a run
 * is shown and are not part of the state.
 */
enum hs_owner {
    HS_OWNER_FREE,     /* on the allocator's free list */
    HS_OWNER_APP,      /* in use by an application, or by the guest's kernel */
    HS_OWNER_HELD,     /* taken by the driver to be hinted, on its held list */
    HS_OWNER_ISOLATED, /* taken off the free list while it is being reported */
    HS_OWNER_BALLOON,  /* inflated: given to the host until it is deflated */
    HS_OWNER_COUNT
};

enum hs_reliance {
    HS_RELIES_NOTHING, /* whatever the page holds, nobody will read it */
    HS_RELIES_DATA,    /* an application reads what it wrote last */
    HS_RELIES_VALUE,   /* the allocator takes it for poisoned or zeroed (poison, report-zeroes) */
    HS_RELIES_COUNT
};

/* As far as it matters whether writing changes anything. */
enum hs_content {
    HS_CONTENT_DATA,  /* whatever was written last */
    HS_CONTENT_ZEROS, /* discarded, or zeroed as it was freed (init_on_free) */
    HS_CONTENT_VALUE, /* filled with the poison value as it was freed */
    HS_CONTENT_COUNT
};

enum hs_copy {
    HS_COPY_NONE,  /* nothing has arrived: the destination reads zeros */
    HS_COPY_EQUAL, /* the same content as the source's */
    HS_COPY_OLDER, /* something arrived, and the source has changed since */
    HS_COPY_COUNT
};

/* A copy that was sent and has not arrived (rule channels). */
enum hs_late {
    HS_LATE_NONE,
    HS_LATE_CURRENT, /* the same content as the source's */
    HS_LATE_OLDER,   /* the source has changed since it was read */
    HS_LATE_COUNT
};

/* Every bit is used or zero, so that pages can be compared and hashed as memory. */
struct hs_page {
    /* the guest's */
    uint32_t owner : 3;    /* enum hs_owner */
    uint32_t head : 1;     /* first page of a free or isolated block */
    uint32_t order : 3;    /* of that block; 0 unless head */
    uint32_t reported : 1; /* free block, already reported (mm/page_reporting.c) */
    uint32_t listed : 1;   /* the driver's walk of the free list still has this page before it */
    uint32_t acked : 1;    /* held block whose hint the driver has seen used */
    uint32_t relies : 2;   /* enum hs_reliance */
    /* content */
    uint32_t content : 2; /* enum hs_content: the source's copy */
    uint32_t copy : 2;    /* enum hs_copy: the destination's copy */
    /* the records of a write (facts: four places that remember it) */
    uint32_t log : 1;       /* KVM's bit; with a ring: an entry waits in the ring */
    uint32_t protected : 1; /* write-protected: the next vCPU write is caught and logged */
    uint32_t known : 1;     /* QEMU's copy of what the last GET, or harvest, returned */
    uint32_t host_log : 1;  /* QEMU's own bitmap */
    uint32_t bitmap : 1;    /* the migration bitmap: still to be sent */
    uint32_t faulted : 1;  /* rule refuse-written: written since the id was issued, and logged so */
    uint32_t awaited : 1;  /* a thread on the destination sleeps until this page is pulled */
    uint32_t modified : 1; /* ghost: the guest wrote it since the current id was issued */
    uint32_t dma : 1;      /* marked for a device that will write it (rule dma-log) */
    uint32_t ballooned : 1; /* the host takes it for a page of the balloon (rule ballooned-pages) */
    uint32_t late : 2;      /* enum hs_late: a copy under way to the destination */
    uint32_t unused : 4;    /* always 0 */
};
static_assert(sizeof(struct hs_page) == 4, "a page frame is one 32-bit word");

/* ---- one queue ------------------------------------------------------------------------------ */

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

/* ---- the device ----------------------------------------------------------------------------- */

/* Status of free page hinting. */
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
    uint8_t owes_done : 1;        /* STOP was taken: DONE follows (other-word=answered) */
    uint8_t unused : 1;           /* always 0 */
    uint8_t last_word;            /* ghost: the command word taken last */
};
static_assert(sizeof(struct hs_device) == 6, "no padding");

/* ---- the driver ----------------------------------------------------------------------------- */

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

/* ---- migration ------------------------------------------------------------------------------ */

enum hs_migration_phase {
    HS_MIGRATION_NONE,
    HS_MIGRATION_STARTING,
    HS_MIGRATION_READY,
    HS_MIGRATION_HINTS_STOPPED,
    HS_MIGRATION_SYNCING,
    HS_MIGRATION_AFTER_SYNC,
    HS_MIGRATION_SENDING,
    HS_MIGRATION_SWITCHED_OVER,
    HS_MIGRATION_POSTCOPY,
    HS_MIGRATION_CANCELLED,
    HS_MIGRATION_PHASE_COUNT
};

/* Where the guest runs. */
enum hs_vm { HS_VM_SOURCE, HS_VM_STOPPED, HS_VM_DESTINATION, HS_VM_COUNT };

struct hs_migration {
    uint8_t phase;        /* enum hs_migration_phase */
    uint8_t vm;           /* enum hs_vm */
    uint8_t sending;      /* page + 1 that is being sent, 0: none */
    uint8_t read_current; /* 0..1: copy-then-clear: what was read is still what the source holds */
    uint8_t log_on;       /* 0..1: dirty logging */
    uint8_t protects : 1; /* pages are protected for the sync that comes (rearm-at-sync=first) */
    uint8_t sent : 1;     /* a page was sent since the last sync (sync-before-stop=on) */
    uint8_t unused : 6;   /* always 0 */
};
static_assert(sizeof(struct hs_migration) == 6, "no padding");

/* ---- a scenario's sizes ---------------------------------------------------------------------- */

/* Where each part of a state stands, in bytes from its start; set by hs_config_shape. */
struct hs_layout {
    uint16_t pages;
    uint16_t chunks;
    uint16_t ring[HS_QUEUE_COUNT];
    uint16_t slots[HS_QUEUE_COUNT];
    uint16_t held;
    uint16_t batch;
    uint16_t free_list;
    uint16_t size; /* of the whole state, a multiple of 8 */
};

/* What a scenario fixes: sizes, rules, limits.  No step changes it. */
struct hs_config {
    struct hs_rules rules;
    uint8_t pages;        /* 1..HS_PAGES_MAX */
    uint8_t max_order;    /* largest block of the allocator, 0..HS_ORDER_MAX */
    uint8_t hint_order;   /* order of a hinted block, 0..max_order */
    uint8_t report_order; /* smallest order that is reported, 0..max_order */
    uint8_t report_batch; /* blocks in one report, 1..HS_BATCH_MAX */
    uint8_t policy;       /* enum hs_policy */
    uint8_t
        queue_size[HS_QUEUE_COUNT]; /* slots, a power of two up to HS_QUEUE_SIZE_MAX; 0: no queue */
    uint8_t limits[HS_LIMIT_COUNT]; /* HS_UNLIMITED: not counted */
    bool postcopy;                  /* the migration may switch to postcopy */
    uint64_t free_at_start;         /* bit p: page p is free at the start; else in use */
    struct hs_layout layout;
    struct hs_step_kinds possible; /* rules and sizes do not rule the step out for ever; set by
                                      hs_config_finish */
};

struct hs_state {
    uint32_t broken; /* ghost: bit hs_property */
    struct hs_device device;
    struct hs_driver driver;
    struct hs_migration migration;
    uint8_t spent[HS_LIMIT_COUNT];
    /* pages, chunks, queues and lists follow */
};
static_assert(sizeof(struct hs_state) == 36, "no padding");
enum { HS_STATE_SIZE_MAX = 1024 };

/* A state of the largest size, aligned. */
union hs_state_buffer {
    struct hs_state state;
    uint64_t words[HS_STATE_SIZE_MAX / sizeof(uint64_t)];
};

/* One state seen through its configuration: what every machine's function is given. */
struct hs_world {
    const struct hs_config *config;
    struct hs_state *state;
};

/* Typed readers: hs_rule_release(w) is the enum hs_release that is in force in this world. */
#define RULE(ID, word, ...)                                        \
    static inline enum hs_##word hs_rule_##word(struct hs_world w) \
    {                                                              \
        HS_INNER_ASSERT(w.config);                                 \
        return hs_rules_##word(&w.config->rules);                  \
    }
#define SWITCH(ID, word, ...)                                      \
    static inline enum hs_switch hs_rule_##word(struct hs_world w) \
    {                                                              \
        HS_INNER_ASSERT(w.config);                                 \
        return hs_rules_##word(&w.config->rules);                  \
    }
#define NUMBER(ID, word, ...)                                \
    static inline unsigned hs_rule_##word(struct hs_world w) \
    {                                                        \
        HS_INNER_ASSERT(w.config);                           \
        return hs_rules_##word(&w.config->rules);            \
    }
#include "rules.def"

/* Has the world a configuration, a state, and a page `p` in it?  What functions of a page assert.
 */
static inline bool hs_has_page(struct hs_world w, unsigned p)
{
    return w.config && w.state && p < w.config->pages;
}

/* Page `p`, 0..config.pages - 1. */
static inline struct hs_page *hs_page(struct hs_world w, unsigned p)
{
    HS_INNER_ASSERT(hs_has_page(w, p));
    return (struct hs_page *)(void *)((uint8_t *)w.state + w.config->layout.pages) + p;
}

/* Is the log of the chunk that holds page `p` still to be cleared?  One byte, 0..1, per chunk. */
static inline uint8_t *hs_chunk_pending(struct hs_world w, unsigned p)
{
    HS_INNER_ASSERT(hs_has_page(w, p));
    return (uint8_t *)w.state + w.config->layout.chunks + p / hs_rule_log_chunk(w);
}

/* A queue; its size is 0 if the scenario has none of that name. */
static inline struct hs_virtqueue hs_queue(struct hs_world w, enum hs_queue queue)
{
    HS_INNER_ASSERT(w.config && w.state && queue < HS_QUEUE_COUNT);
    uint8_t *base = (uint8_t *)w.state;
    const struct hs_layout *layout = &w.config->layout;
    return (struct hs_virtqueue){
        .ring = (struct hs_ring *)(base + layout->ring[queue]),
        .slots = (struct hs_element *)(void *)(base + layout->slots[queue]),
        .size = w.config->queue_size[queue],
    };
}

/* The held list: first pages of blocks, the oldest first; driver.held of them. */
static inline uint8_t *hs_held(struct hs_world w)
{
    HS_INNER_ASSERT(w.config && w.state &&
                    w.state->driver.held <= w.config->layout.free_list - w.config->layout.held);
    return (uint8_t *)w.state + w.config->layout.held;
}

/* The report batch: driver.batch blocks. */
static inline struct hs_block *hs_batch(struct hs_world w)
{
    HS_INNER_ASSERT(w.config && w.state && w.state->driver.batch <= w.config->report_batch);
    return (struct hs_block *)((uint8_t *)w.state + w.config->layout.batch);
}

/* LIFO policy: how many free blocks there are, then their heads + 1, by order, newest first. */
static inline uint8_t *hs_free_list(struct hs_world w)
{
    HS_INNER_ASSERT(w.config && w.state);
    uint8_t *list = (uint8_t *)w.state + w.config->layout.free_list;
    HS_INNER_ASSERT(w.config->policy != HS_POLICY_LIFO || list[0] <= w.config->pages);
    return list;
}

/* Does the guest run on the source, or anywhere? */
static inline bool hs_on_source(struct hs_world w)
{
    HS_INNER_ASSERT(w.config && w.state);
    return w.state->migration.vm == HS_VM_SOURCE;
}
static inline bool hs_guest_runs(struct hs_world w)
{
    HS_INNER_ASSERT(w.config && w.state);
    return w.state->migration.vm != HS_VM_STOPPED;
}

/* Does a VM move as a snapshot? */
static inline bool hs_moves_as_snapshot(struct hs_world w)
{
    HS_INNER_ASSERT(w.config && w.state);
    return hs_rule_hint_trigger(w) == HS_TRIGGER_REQUEST && hs_rule_moving(w) == HS_MOVES_SNAPSHOT;
}

/* Does the device serve its queues?  Not while a snapshot is written. */
static inline bool hs_device_runs(struct hs_world w)
{
    HS_INNER_ASSERT(w.config && w.state);
    bool is_written = hs_moves_as_snapshot(w) && w.state->migration.phase == HS_MIGRATION_SENDING;
    return hs_guest_runs(w) || (hs_rule_while_paused(w) == HS_PAUSED_DEVICE_RUNS && !is_written);
}

/* Can a migration lead on from its destination? */
static inline bool hs_may_hop(struct hs_world w)
{
    HS_INNER_ASSERT(w.config && w.state);
    return w.config->limits[HS_LIMIT_HOPS] != 0;
}

/* Is a migration under way whose destination does not run yet? */
static inline bool hs_migration_active(struct hs_world w)
{
    HS_INNER_ASSERT(w.config && w.state);
    const struct hs_migration *m = &w.state->migration;
    return m->phase != HS_MIGRATION_NONE && m->phase != HS_MIGRATION_CANCELLED &&
           m->vm != HS_VM_DESTINATION;
}

/* Does the guest take pages for zeros that come back from a report?  Where free pages are filled
 * they hold what they are filled with. */
bool hs_config_trusts_zeroes(const struct hs_config *config);

/* Does the world meet a need of a row of rules.def, steps.def or the properties? */
bool hs_config_meets(const struct hs_config *config, struct hs_need need);
/* Does it meet one of `count` needs, of which HS_NEED_NONE stands behind the last; or are there
 * none?
 */
bool hs_config_meets_one(
    const struct hs_config *config, const struct hs_need *needs, unsigned count);
/* Does anything read the rule in this world?  If not, its value makes no difference. */
bool hs_config_reads(const struct hs_config *config, enum hs_rule rule);
/* Is the property a question in this world?  If not, nothing in it could ever break it. */
bool hs_config_asks(const struct hs_config *config, enum hs_property property);
/* Those of the properties in `asked` (bit hs_property) that are. */
uint32_t hs_config_questions(const struct hs_config *config, uint32_t asked);

/* Check the sizes in `config` and compute the layout.  Returns NULL, or what is wrong, in words. */
const char *hs_config_shape(struct hs_config *config);

/* Set every bit that any state of this configuration may have set: the bits of each field that
 * holds one of its values.  Needs a state; what it was is lost. */
void hs_state_widest(struct hs_world w);

/* A 64-bit hash of the state. */
uint64_t hs_state_hash(struct hs_world w);

/* ---- what is broken, and what is spent ------------------------------------------------------- */

/* Note that `property` is broken in this state. */
static inline void hs_break(struct hs_world w, enum hs_property property)
{
    assert(w.state && property < HS_PROPERTY_COUNT);
    w.state->broken |= 1u << property;
}
/* Has `property` been noted as broken? */
static inline bool hs_is_broken(struct hs_world w, enum hs_property property)
{
    assert(w.state && property < HS_PROPERTY_COUNT);
    return w.state->broken >> property & 1u;
}

/* May the limit be spent once more?  HS_LIMIT_COUNT is no limit. */
bool hs_limit_left(struct hs_world w, enum hs_limit limit, struct hs_refusal *why);
/* Spend one of it.  A round that was begun before the last was spent on request is spent as well,
 * and so is the sync that sync-before-stop asks for: one more than the limit. */
void hs_limit_spend(struct hs_world w, enum hs_limit limit);
/* Was one more spent than the limit? */
bool hs_limit_is_passed(struct hs_world w, enum hs_limit limit);
/* Is the last round that the limit allows kept for the first sync of a migration that has begun?
 * Without it that migration would hang. */
bool hs_limit_keeps_round(struct hs_world w);

/* ---- the machines whose states have names -----------------------------------------------------
 */

/* What the state diagrams show. */
enum hs_machine {
    HS_MACHINE_STATUS, /* the device's status of free page hinting */
    HS_MACHINE_LOOP,   /* the device's loop over free_page_vq */
    HS_MACHINE_DRIVER, /* the driver's hinting work item */
    HS_MACHINE_REPORT, /* the driver's report worker */
    HS_MACHINE_MIGRATION,
    HS_MACHINE_VM,
    HS_MACHINE_COUNT
};
enum { HS_MACHINE_STATES_MAX = 16 };
struct hs_machine_row {
    const char *name;
    const char *states[HS_MACHINE_STATES_MAX]; /* NULL behind the last */
};
extern const struct hs_machine_row hs_machine_rows[HS_MACHINE_COUNT];
/* The state of a machine: an index into its row's names. */
unsigned hs_machine_state(struct hs_world w, enum hs_machine machine);
/* The same, as its name. */
const char *hs_machine_state_name(struct hs_world w, enum hs_machine machine);

#endif
