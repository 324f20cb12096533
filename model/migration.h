/*
 * Live migration (migration/ram.c, migration/migration.c).
 *
 *   NONE --start--> STARTING --enable-log--> READY
 *   READY, SENDING --stop-hints--> HINTS_STOPPED --sync--> SYNCING --merge-log--> AFTER_SYNC
 *   AFTER_SYNC --start-hints (VM running), done-hints (VM stopped)--> SENDING
 *   SENDING --begin-page, finish-page--> SENDING
 *   SENDING --stop-vm--> READY with the VM stopped: the final round
 *   SENDING, VM stopped --switch-over: nothing left to send--> SWITCHED_OVER
 *   AFTER_SYNC, VM stopped --go-postcopy--> POSTCOPY --pull-page--> POSTCOPY
 *   any before the switch --cancel--> CANCELLED --start--> STARTING
 *
 * With stop-before-sync off, sync may follow READY and SENDING at once.  With log-before-first-id
 * off, start leads to READY and enable-log comes later, while SENDING.
 */
#ifndef HS_MIGRATION_H
#define HS_MIGRATION_H

#include "refusal.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

struct hs_world;

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
    uint8_t unused;       /* always 0 */
};
static_assert(sizeof(struct hs_migration) == 6, "no padding");

/* Is a migration under way whose destination does not run yet? */
bool hs_migration_active(struct hs_world w);

/* Is the last round that the limit allows kept for the first sync of a migration that has begun?
 * Without it that migration would hang. */
bool hs_migration_keeps_round(struct hs_world w);

/* The device applies a hint for page `p`: it need not be sent (qemu_guest_free_page_hint). */
void hs_migration_skip_page(struct hs_world w, unsigned p, bool clear_log);

bool hs_migration_can_start(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_migration_start(struct hs_world w, unsigned p);
bool hs_migration_can_enable_log(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_migration_enable_log(struct hs_world w, unsigned p);
bool hs_migration_can_stop_hints(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_migration_stop_hints(struct hs_world w, unsigned p);
bool hs_migration_can_sync(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_migration_sync(struct hs_world w, unsigned p);
bool hs_migration_can_merge_log(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_migration_merge_log(struct hs_world w, unsigned p);
bool hs_migration_can_start_hints(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_migration_start_hints(struct hs_world w, unsigned p);
bool hs_migration_can_done_hints(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_migration_done_hints(struct hs_world w, unsigned p);
bool hs_migration_can_begin_page(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_migration_begin_page(struct hs_world w, unsigned p);
bool hs_migration_can_finish_page(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_migration_finish_page(struct hs_world w, unsigned p);
bool hs_migration_can_stop_vm(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_migration_stop_vm(struct hs_world w, unsigned p);
bool hs_migration_can_switch_over(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_migration_switch_over(struct hs_world w, unsigned p);
bool hs_migration_can_cancel(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_migration_cancel(struct hs_world w, unsigned p);
bool hs_migration_can_go_postcopy(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_migration_go_postcopy(struct hs_world w, unsigned p);
bool hs_migration_can_pull_page(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_migration_pull_page(struct hs_world w, unsigned p);

/* NULL, or the invariant that does not hold, in words. */
const char *hs_migration_check(struct hs_world w);

#endif
