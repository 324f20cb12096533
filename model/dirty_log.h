/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The hypervisor's dirty log: KVM's bitmap or ring with its write protection, QEMU's copy of what
 * the last GET returned, and QEMU's own bitmap (virt/kvm, accel/kvm/kvm-all.c, exec/ram_addr.h).
 *
 *            vCPU write                       GET, harvest           sync
 *   protected page ---------> log ---------------------> known, host_log -----> bitmap (migration)
 *                          ^                            ^
 *              CLEAR, GET (legacy): log 0, protected       device DMA: host_log alone
 *
 * legacy   GET returns the log, clears it and protects the pages again, at once
 * manual   GET only reads; CLEAR takes the known bits of one chunk out of the log and protects them
 * ring     the first write to a protected page pushes an entry; harvesting takes the entries out
 * and protects those pages again; nothing else clears
 */
#ifndef HS_DIRTY_LOG_H
#define HS_DIRTY_LOG_H

#include "state.h"

/* Logging starts: every page is protected, or with initially-all-set every bit is 1 and none is. */
void hs_log_enable(struct hs_world w);
/* Logging stops: all records of the log are dropped and nothing is protected. */
void hs_log_disable(struct hs_world w);
/* Logging goes on after a migration that was cancelled: what the hypervisor has not read stays. */
void hs_log_keep(struct hs_world w);

/* A vCPU wrote page `p`. */
void hs_log_vcpu_write(struct hs_world w, unsigned p);
/* The host wrote page `p`. */
void hs_log_host_write(struct hs_world w, unsigned p);

/* Page `p` was written, by whomever.  With the rule refuse-written the host write-protects all
 * memory before it issues an id, and notes who writes: for a migration that is the dirty log's
 * work; a host whose operator asks for hints arms memory by itself. */
void hs_log_note_write(struct hs_world w, unsigned p);

/* The first half of a GET that protects all pages before it takes their bits. */
void hs_log_protect(struct hs_world w);
/* GET, for all pages: what the log holds becomes known and joins the host log. */
void hs_log_get(struct hs_world w);
/* CLEAR, for the chunk of page `p`, if it is pending: known bits leave the log (manual log only).
 */
void hs_log_clear_pending(struct hs_world w, unsigned p);
/* CLEAR, for every pending chunk. */
void hs_log_clear_all(struct hs_world w);
/* Every chunk must be cleared before its first page is sent or hinted. */
void hs_log_mark_pending(struct hs_world w);

/* Does the log, or the host log, hold a record of a write to page `p` that the next sync will see?
 */
bool hs_log_remembers(struct hs_world w, unsigned p);

#endif
