/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Statements about the records of a write to the followed page P, and whether they are inductive.
 *
 * Of a state a statement sees its control (phase of migration, where the VM is, logging), whether P
 * is at risk, which records of the write there are, and which there would be if P were written now.
 * For each control it claims some clauses; a clause is a set of records of which one at least is
 * there.  What a set of clauses is: bit c of a 64-bit word, where c is the clause as a set of bits.
 */
#ifndef HS_STATEMENT_H
#define HS_STATEMENT_H

#include "world.h"

/* What can be a record of a write, while it counts as one (hs_log_remembers). */
enum hs_record {
    HS_RECORD_BITMAP,    /* migration bitmap, and the page being sent leaves the bit */
    HS_RECORD_SENDING,   /* being sent: what is sent is what the source holds then */
    HS_RECORD_HOST_LOG,  /* QEMU's own bitmap */
    HS_RECORD_KEPT_LOG,  /* log bit, and a CLEAR of its chunk would leave it */
    HS_RECORD_LOG,       /* log bit, or ring entry */
    HS_RECORD_HARVESTED, /* harvested ring entry */
    HS_RECORD_COUNT
};

enum { HS_CONTROL_COUNT = (int)HS_MIGRATION_PHASE_COUNT * (int)HS_VM_COUNT * 2 };
unsigned hs_control_of(const struct hs_migration *migration);
enum hs_migration_phase hs_control_phase(unsigned control);
enum hs_vm hs_control_vm(unsigned control);
bool hs_control_logs(unsigned control);

/* A state as a statement sees it. */
struct hs_view {
    uint8_t control;
    bool at_risk;     /* the guest relies on P's data, and the destination's copy is another */
    uint8_t records;  /* bit hs_record */
    uint8_t on_write; /* what they would be if a vCPU wrote P now; all, if it cannot */
};

/* What the host does to P on a request of the guest. */
enum hs_request { HS_REQUEST_HINT, HS_REQUEST_REPORT, HS_REQUEST_INFLATE, HS_REQUEST_COUNT };

/* A step as a statement sees it. */
struct hs_move {
    struct hs_view from;
    struct hs_view to;
    uint8_t kind;    /* of the label */
    uint8_t request; /* enum hs_request; HS_REQUEST_COUNT: none */
    bool bad;        /* dirty-page-lost is broken, or there is no such state after it */
};

/* Different moves. */
struct hs_moves {
    uint64_t *packed;
    size_t count;
    size_t sorted; /* the first of them are in order, each once */
    size_t room;
};
void hs_moves_add(struct hs_moves *moves, const struct hs_move *move);
/* Bring all in order, each once. */
void hs_moves_sort(struct hs_moves *moves);
struct hs_move hs_moves_get(const struct hs_moves *moves, size_t index);
void hs_moves_free(struct hs_moves *moves);

/* What is claimed for a control. */
struct hs_claim {
    uint64_t at_risk;  /* clauses of `records`, while P is at risk */
    uint64_t on_write; /* clauses of `on_write` */
};
struct hs_statement {
    struct hs_claim claims[HS_CONTROL_COUNT];
};

/* The clauses that hold of these records. */
uint64_t hs_clauses_of(unsigned records);
/* The strongest of `clauses`, those that no other one implies; returns how many. */
enum { HS_CLAUSES_MAX = 1 << HS_RECORD_COUNT };
unsigned hs_clauses_minimal(uint64_t clauses, uint8_t minimal[HS_CLAUSES_MAX]);

/* The statement that holds in no state: claims everything. */
struct hs_statement hs_statement_all(void);
/* Claim no more than what holds in this state, too. */
void hs_statement_admit(struct hs_statement *statement, const struct hs_view *view);
bool hs_statement_holds(const struct hs_statement *statement, const struct hs_view *view);

/* Claim nothing that names a record which no state has there, of those that `moves` lead to. */
void hs_statement_restrict(struct hs_statement *statement, const struct hs_moves *moves);

/* Does each move from where the statement holds lead to where it holds, and is not bad?  If not,
 * `failing` is one that does not. */
bool hs_statement_check(
    const struct hs_statement *statement, const struct hs_moves *moves, struct hs_move *failing);
/* Claim no more than what each move from where the statement holds preserves. */
void hs_statement_close(struct hs_statement *statement, const struct hs_moves *moves);
/* Claim as little as the check allows, but while P is at risk something; needs that it is passed.
 */
void hs_statement_weaken(struct hs_statement *statement, const struct hs_moves *moves);

#endif
