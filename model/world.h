/*
 * All machines as one value, the sizes that shape it, and the table of steps.
 *
 * A state is plain memory without pointers or padding: it is copied with memcpy, compared with
 * memcmp and hashed as bytes.  Its size follows from the configuration (hs_config_finish); behind
 * the fixed part stand the pages, the log chunks, the queues and the driver's lists.
 */
#ifndef HS_WORLD_H
#define HS_WORLD_H

#include "app.h"
#include "buddy.h"
#include "device.h"
#include "dirty_log.h"
#include "driver.h"
#include "migration.h"
#include "page.h"
#include "properties.h"
#include "refusal.h"
#include "rules.h"
#include "virtqueue.h"

#include <stddef.h>

enum { HS_PAGES_MAX = 64, HS_ORDER_MAX = 6, HS_QUEUE_SIZE_MAX = 64, HS_BATCH_MAX = 32 };

/* What an exploration may spend; a replay is not limited. */
enum hs_limit {
    HS_LIMIT_WRITES,     /* app.write, destination.write */
    HS_LIMIT_ROUNDS,     /* migration.sync while the VM runs, device.request-hints */
    HS_LIMIT_MIGRATIONS, /* migration.start */
    HS_LIMIT_DMA,        /* device.dma-write */
    HS_LIMIT_CHANGES,    /* device.change-target */
    HS_LIMIT_RESETS,     /* driver.freeze */
    HS_LIMIT_CANCELS,    /* migration.cancel */
    HS_LIMIT_COUNT
};
enum { HS_UNLIMITED = 255 };

struct hs_limit_row {
    const char *name; /* in a scenario */
    const char *meaning;
    uint8_t usual; /* what an exploration may spend if the scenario is silent */
};
extern const struct hs_limit_row hs_limit_rows[HS_LIMIT_COUNT];

/* Where each part of a state stands, in bytes from its start; set by hs_config_finish. */
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
    uint64_t possible; /* bit hs_step_kind: rules and sizes do not rule the step out for ever; set
                          by hs_config_finish */
};

struct hs_state {
    uint32_t broken; /* ghost: bit hs_property */
    struct hs_device device;
    struct hs_driver driver;
    struct hs_migration migration;
    uint8_t spent[HS_LIMIT_COUNT];
    uint8_t unused; /* always 0 */
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

static inline unsigned hs_rule(struct hs_world w, enum hs_rule rule)
{
    return w.config->rules.value[rule];
}

static inline struct hs_page *hs_page(struct hs_world w, unsigned p)
{
    return (struct hs_page *)(void *)((uint8_t *)w.state + w.config->layout.pages) + p;
}

/* Is the log of the chunk that holds page `p` still to be cleared?  One byte, 0..1, per chunk. */
static inline uint8_t *hs_chunk_pending(struct hs_world w, unsigned p)
{
    return (uint8_t *)w.state + w.config->layout.chunks + p / hs_rule(w, HS_RULE_LOG_CHUNK);
}

static inline struct hs_virtqueue hs_queue(struct hs_world w, enum hs_queue queue)
{
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
    return (uint8_t *)w.state + w.config->layout.held;
}

/* The report batch: driver.batch blocks. */
static inline struct hs_block *hs_batch(struct hs_world w)
{
    return (struct hs_block *)((uint8_t *)w.state + w.config->layout.batch);
}

/* LIFO policy: how many free blocks there are, then their heads + 1, by order, newest first. */
static inline uint8_t *hs_free_list(struct hs_world w)
{
    return (uint8_t *)w.state + w.config->layout.free_list;
}

/* Does the guest run on the source, or anywhere? */
static inline bool hs_on_source(struct hs_world w)
{
    return w.state->migration.vm == HS_VM_SOURCE;
}
static inline bool hs_guest_runs(struct hs_world w)
{
    return w.state->migration.vm != HS_VM_STOPPED;
}

/*
 * Check the sizes in `config` and compute the layout.  Returns NULL, or what is wrong, in words.
 * Everything but `layout` must be set.
 */
const char *hs_config_finish(struct hs_config *config);

/* Set every bit that any state of this configuration may have set: the bits of each field that
 * holds one of its values.  Needs a state; what it was is lost. */
void hs_world_widest(struct hs_world w);

/* The state before the first step: hints stopped, no migration, applications' pages written. */
void hs_world_init(struct hs_world w);

/* The machines whose states have names: what the state diagrams show. */
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

enum hs_actor {
    HS_ACTOR_APP,
    HS_ACTOR_DRIVER,
    HS_ACTOR_DEVICE,
    HS_ACTOR_MIGRATION,
    HS_ACTOR_LOG,
    HS_ACTOR_DESTINATION,
    HS_ACTOR_COUNT
};
extern const char *const hs_actor_names[HS_ACTOR_COUNT];

enum hs_step_kind {
    HS_APP_ALLOCATE,
    HS_APP_WRITE,
    HS_APP_FREE,
    HS_APP_READ,
    HS_DRIVER_CONFIG_INTERRUPT,
    HS_DRIVER_READ_COMMAND,
    HS_DRIVER_START_ROUND,
    HS_DRIVER_LIST_FREE,
    HS_DRIVER_HINT_PAGE,
    HS_DRIVER_END_ROUND,
    HS_DRIVER_COLLECT_USED,
    HS_DRIVER_SHRINK,
    HS_DRIVER_RELEASE,
    HS_DRIVER_ISOLATE_BATCH,
    HS_DRIVER_REPORT_BATCH,
    HS_DRIVER_COLLECT_REPORT,
    HS_DRIVER_PUT_BACK,
    HS_DRIVER_INFLATE,
    HS_DRIVER_COLLECT_INFLATE,
    HS_DRIVER_DEFLATE,
    HS_DRIVER_COLLECT_DEFLATE,
    HS_DRIVER_FREEZE,
    HS_DRIVER_RESET,
    HS_DEVICE_WAKE,
    HS_DEVICE_TAKE_ELEMENT,
    HS_DEVICE_APPLY_HINT,
    HS_DEVICE_FIND_EMPTY,
    HS_DEVICE_SLEEP,
    HS_DEVICE_TAKE_REPORT,
    HS_DEVICE_DISCARD,
    HS_DEVICE_USE_ELEMENT,
    HS_DEVICE_TAKE_INFLATE,
    HS_DEVICE_TAKE_DEFLATE,
    HS_DEVICE_DMA_WRITE,
    HS_DEVICE_CHANGE_TARGET,
    HS_DEVICE_REQUEST_HINTS,
    HS_DEVICE_END_HINTS,
    HS_MIGRATION_START,
    HS_MIGRATION_ENABLE_LOG,
    HS_MIGRATION_STOP_HINTS,
    HS_MIGRATION_SYNC,
    HS_MIGRATION_MERGE_LOG,
    HS_MIGRATION_START_HINTS,
    HS_MIGRATION_DONE_HINTS,
    HS_MIGRATION_BEGIN_PAGE,
    HS_MIGRATION_FINISH_PAGE,
    HS_MIGRATION_STOP_VM,
    HS_MIGRATION_SWITCH_OVER,
    HS_MIGRATION_GO_POSTCOPY,
    HS_MIGRATION_PULL_PAGE,
    HS_MIGRATION_CANCEL,
    HS_LOG_HARVEST,
    HS_DESTINATION_READ,
    HS_DESTINATION_WRITE,
    HS_STEP_KIND_COUNT
};

/*
 * Why a step happens.  A duty is something the actor does by itself sooner or later; a choice is up
 * to the world outside: an application, an operator, memory pressure, the network.  page-stuck and
 * guest-stalled ask whether duties alone end the matter.
 */
enum hs_motive { HS_DUTY, HS_CHOICE };

/* One row of the table of steps.  `p` is the step's page, or 0 for a step without one. */
struct hs_step_row {
    const char *name; /* actor.verb-object */
    enum hs_actor actor;
    bool has_page;
    enum hs_motive motive;
    bool (*guard)(struct hs_world w, unsigned p, struct hs_refusal *why); /* changes nothing */
    void (*effect)(struct hs_world w, unsigned p); /* needs the guard to hold */
    enum hs_limit limit; /* what the step spends, or HS_LIMIT_COUNT: nothing */
    const char *clause;  /* clauses that speak of this step, or the real code it stands for */
    const char *summary; /* what happens, in words */
};
extern const struct hs_step_row hs_step_rows[HS_STEP_KIND_COUNT];

struct hs_step {
    uint8_t kind; /* enum hs_step_kind */
    uint8_t page; /* 0 for a step without a page */
};

/* The kind of that name, or HS_STEP_KIND_COUNT. */
enum hs_step_kind hs_step_find(const char *name);

/*
 * Is `step` enabled?  If not and `why` is given, it names the guard that failed and the state that
 * made it fail.  The step's kind and page must be in range.
 */
bool hs_world_enabled(struct hs_world w, struct hs_step step, struct hs_refusal *why);

enum { HS_STEPS_MAX = HS_STEP_KIND_COUNT * HS_PAGES_MAX };
/* List the enabled steps in the table's order, then by page.  Returns how many. */
unsigned hs_world_steps(struct hs_world w, struct hs_step steps[HS_STEPS_MAX]);

/* Take `step`, which must be enabled. */
void hs_world_take(struct hs_world w, struct hs_step step);

/* A 64-bit hash of the state. */
uint64_t hs_world_hash(struct hs_world w);

/* Every machine's invariants; NULL, or the first that does not hold, in words. */
const char *hs_world_check(struct hs_world w);

/* Spend one of it. */
void hs_limit_spend(struct hs_world w, enum hs_limit limit);
/* May the limit be spent once more? */
bool hs_limit_left(struct hs_world w, enum hs_limit limit, struct hs_refusal *why);

#endif
