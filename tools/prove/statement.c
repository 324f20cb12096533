/* SPDX-License-Identifier: BSD-3-Clause */
/* Clauses as bits of a word, and induction over moves. */
#include "statement.h"

#include "scenario.h"

#include <stdlib.h>
#include <string.h>

/* ---- controls -------------------------------------------------------------------------------- */

unsigned hs_control_of(const struct hs_migration *migration)
{
    return ((unsigned)migration->phase * HS_VM_COUNT + migration->vm) * 2 + migration->log_on;
}

enum hs_migration_phase hs_control_phase(unsigned control)
{
    return (enum hs_migration_phase)(control / 2 / HS_VM_COUNT);
}

enum hs_vm hs_control_vm(unsigned control)
{
    return (enum hs_vm)(control / 2 % HS_VM_COUNT);
}

bool hs_control_logs(unsigned control)
{
    return control % 2;
}

/* ---- moves ----------------------------------------------------------------------------------- */

static uint64_t pack_view(const struct hs_view *view)
{
    return view->control | (uint64_t)view->at_risk << 6 | (uint64_t)view->records << 7 |
           (uint64_t)view->on_write << 13;
}

static struct hs_view unpack_view(uint64_t packed)
{
    return (struct hs_view){
        .control = packed & 63u,
        .at_risk = packed >> 6 & 1u,
        .records = packed >> 7 & 63u,
        .on_write = packed >> 13 & 63u,
    };
}

enum { VIEW_BITS = 19, KIND_BITS = 8 };
static_assert(HS_CONTROL_COUNT <= 64 && HS_RECORD_COUNT == 6, "a view fits its bits");
static_assert(HS_KINDS_MAX <= 1 << KIND_BITS,
    "HS_KINDS_MAX is too large: the kind of a move no longer fits its bits");

static uint64_t pack(const struct hs_move *move)
{
    return pack_view(&move->to) | pack_view(&move->from) << VIEW_BITS |
           (uint64_t)move->request << (2 * VIEW_BITS) |
           (uint64_t)move->kind << (2 * VIEW_BITS + 2) |
           (uint64_t)move->bad << (2 * VIEW_BITS + 2 + KIND_BITS);
}

struct hs_move hs_moves_get(const struct hs_moves *moves, size_t index)
{
    uint64_t packed = moves->packed[index];
    return (struct hs_move){
        .from = unpack_view(packed >> VIEW_BITS),
        .to = unpack_view(packed),
        .kind = packed >> (2 * VIEW_BITS + 2) & ((1u << KIND_BITS) - 1),
        .request = packed >> (2 * VIEW_BITS) & 3u,
        .bad = packed >> (2 * VIEW_BITS + 2 + KIND_BITS) & 1u,
    };
}

static int by_value(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;
    return left < right ? -1 : left > right;
}

void hs_moves_sort(struct hs_moves *moves)
{
    size_t kept = 0;
    if (!moves->count)
        return;
    qsort(moves->packed, moves->count, sizeof(*moves->packed), by_value);
    for (size_t i = 0; i < moves->count; i++) {
        if (!kept || moves->packed[i] != moves->packed[kept - 1])
            moves->packed[kept++] = moves->packed[i];
    }
    moves->count = moves->sorted = kept;
}

void hs_moves_add(struct hs_moves *moves, const struct hs_move *move)
{
    uint64_t packed = pack(move);
    if (moves->sorted &&
        bsearch(&packed, moves->packed, moves->sorted, sizeof(packed), by_value) != NULL)
        return;
    if (moves->count == moves->room)
        hs_moves_sort(moves);
    if (moves->count * 2 >= moves->room) {
        moves->room = moves->room ? moves->room * 2 : 1u << 12;
        moves->packed = hs_must(realloc(moves->packed, moves->room * sizeof(*moves->packed)));
    }
    moves->packed[moves->count++] = packed;
}

void hs_moves_free(struct hs_moves *moves)
{
    free(moves->packed);
    memset(moves, 0, sizeof(*moves));
}

/* ---- clauses ----------------------------------------------------------------------------------
 */

static const unsigned kept_log = 1u << HS_RECORD_KEPT_LOG;
static const unsigned any_log = 1u << HS_RECORD_LOG;

/* Which clauses have the record in them. */
static const uint64_t clauses_with[HS_RECORD_COUNT] = {
    0xAAAAAAAAAAAAAAAA,
    0xCCCCCCCCCCCCCCCC,
    0xF0F0F0F0F0F0F0F0,
    0xFF00FF00FF00FF00,
    0xFFFF0000FFFF0000,
    0xFFFFFFFF00000000,
};

uint64_t hs_clauses_of(unsigned records)
{
    uint64_t clauses = 0;
    for (unsigned record = 0; record < HS_RECORD_COUNT; record++) {
        if (records >> record & 1u)
            clauses |= clauses_with[record];
    }
    /* A kept log bit is a log bit: with both in it, a clause says no more than with the latter. */
    return clauses & ~(clauses_with[HS_RECORD_KEPT_LOG] & clauses_with[HS_RECORD_LOG]);
}

static bool implies(unsigned strong, unsigned weak)
{
    return !(strong & ~(weak | (weak & any_log ? kept_log : 0)));
}

static bool is_minimal(uint64_t clauses, unsigned clause)
{
    for (unsigned other = 0; other < HS_CLAUSES_MAX; other++) {
        if (clauses >> other & 1u && other != clause && implies(other, clause))
            return false;
    }
    return clauses >> clause & 1u;
}

unsigned hs_clauses_minimal(uint64_t clauses, uint8_t minimal[HS_CLAUSES_MAX])
{
    unsigned count = 0;
    for (unsigned clause = 0; clause < HS_CLAUSES_MAX; clause++) {
        if (is_minimal(clauses, clause))
            minimal[count++] = (uint8_t)clause;
    }
    return count;
}

/* ---- statements -------------------------------------------------------------------------------
 */

struct hs_statement hs_statement_all(void)
{
    struct hs_statement statement;
    uint64_t all = hs_clauses_of((1u << HS_RECORD_COUNT) - 1) | 1u; /* and that there is no risk */
    for (unsigned i = 0; i < HS_CONTROL_COUNT; i++)
        statement.claims[i] = (struct hs_claim){all, all};
    return statement;
}

void hs_statement_admit(struct hs_statement *statement, const struct hs_view *view)
{
    struct hs_claim *claim = &statement->claims[view->control];
    if (view->at_risk)
        claim->at_risk &= hs_clauses_of(view->records);
    claim->on_write &= hs_clauses_of(view->on_write);
}

bool hs_statement_holds(const struct hs_statement *statement, const struct hs_view *view)
{
    const struct hs_claim *claim = &statement->claims[view->control];
    return (!view->at_risk || !(claim->at_risk & ~hs_clauses_of(view->records))) &&
           !(claim->on_write & ~hs_clauses_of(view->on_write));
}

bool hs_statement_check(
    const struct hs_statement *statement, const struct hs_moves *moves, struct hs_move *failing)
{
    for (size_t i = 0; i < moves->count; i++) {
        struct hs_move move = hs_moves_get(moves, i);
        if (hs_statement_holds(statement, &move.from) &&
            (move.bad || !hs_statement_holds(statement, &move.to))) {
            *failing = move;
            return false;
        }
    }
    return true;
}

void hs_statement_close(struct hs_statement *statement, const struct hs_moves *moves)
{
    bool changes = true;
    while (changes) {
        changes = false;
        for (size_t i = 0; i < moves->count; i++) {
            struct hs_move move = hs_moves_get(moves, i);
            if (hs_statement_holds(statement, &move.from) &&
                !hs_statement_holds(statement, &move.to)) {
                hs_statement_admit(statement, &move.to);
                changes = true;
            }
        }
    }
}

/* The clauses that name no other records than these. */
static uint64_t clauses_within(unsigned records)
{
    uint64_t clauses = UINT64_MAX;
    for (unsigned record = 0; record < HS_RECORD_COUNT; record++) {
        if (!(records >> record & 1u))
            clauses &= ~clauses_with[record];
    }
    return clauses;
}

void hs_statement_restrict(struct hs_statement *statement, const struct hs_moves *moves)
{
    uint8_t at_risk[HS_CONTROL_COUNT] = {0};
    uint8_t on_write[HS_CONTROL_COUNT] = {0};
    for (size_t i = 0; i < moves->count; i++) {
        struct hs_view to = hs_moves_get(moves, i).to;
        at_risk[to.control] |= to.at_risk ? to.records : 0;
        on_write[to.control] |= to.on_write;
    }
    for (unsigned i = 0; i < HS_CONTROL_COUNT; i++) {
        statement->claims[i].at_risk &= clauses_within(at_risk[i]);
        statement->claims[i].on_write &= clauses_within(on_write[i]);
    }
}

/* Drop the clause, if it is one of the strongest, and the check is passed without it. */
static bool drop_clause(struct hs_statement *statement, const struct hs_moves *moves,
    uint64_t *clauses, unsigned clause)
{
    struct hs_move failing;
    if (!is_minimal(*clauses, clause))
        return false;
    *clauses &= ~(UINT64_C(1) << clause);
    if (hs_statement_check(statement, moves, &failing))
        return true;
    *clauses |= UINT64_C(1) << clause;
    return false;
}

static bool is_last(uint64_t clauses)
{
    return !(clauses & (clauses - 1));
}

/* Clauses from the strongest on: few records first, and a kept log bit before any. */
static unsigned rank_of(unsigned clause)
{
    return 2 * (unsigned)__builtin_popcount(clause) + (clause & any_log ? 1 : 0);
}

/* Drop what can be dropped of the clauses of this rank. */
static bool drop_rank(struct hs_statement *statement, const struct hs_moves *moves, unsigned rank)
{
    bool dropped = false;
    for (unsigned c = 0; c < HS_CONTROL_COUNT * HS_CLAUSES_MAX; c++) {
        struct hs_claim *claim = &statement->claims[c / HS_CLAUSES_MAX];
        unsigned clause = c % HS_CLAUSES_MAX;
        if (rank_of(clause) != rank)
            continue;
        dropped |= drop_clause(statement, moves, &claim->on_write, clause);
        if (!is_last(claim->at_risk))
            dropped |= drop_clause(statement, moves, &claim->at_risk, clause);
    }
    return dropped;
}

void hs_statement_weaken(struct hs_statement *statement, const struct hs_moves *moves)
{
    bool dropped = true;
    while (dropped) {
        dropped = false;
        for (unsigned rank = 0; rank <= rank_of(HS_CLAUSES_MAX - 1); rank++)
            dropped |= drop_rank(statement, moves, rank);
    }
}
