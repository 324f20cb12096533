/* SPDX-License-Identifier: BSD-3-Clause */
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

#include "state.h"

/* Does migration take part in hinting at all?  (fd51e54fa1: not if it may switch to postcopy.) */
bool hs_migration_hints(const struct hs_config *config);

/* NULL, or the invariant that does not hold, in words. */
const char *hs_migration_check(struct hs_world w);

#endif
