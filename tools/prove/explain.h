/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Why no dirty page is lost: a statement on the records of a write, made from the states of the
 * abstraction, and checked to be inductive.
 *
 *   1. What the host does on a request of the guest (a hint, a report, an inflate request) leaves
 *      P with a record, or does no harm: collected from all reachable states, and true of them
 *      alone.
 *   2. The statement: whatever the records are, as long as it holds, every step leads to where it
 *      holds, and none loses P; on requests of the guest nothing happens but what 1 says.
 *
 * P is at risk while the guest relies on its data, a migration is under way, and the destination's
 * copy is another one.
 */
#ifndef HS_EXPLAIN_H
#define HS_EXPLAIN_H

#include "evidence.h"
#include "statement.h"

/* What the host does on a request of the guest, over all reachable states. */
struct hs_effect {
    uint64_t controls;               /* bit control: it happens there */
    uint8_t statuses;                /* bit hs_status */
    uint8_t owners;                  /* bit hs_owner: of P, while nobody relied on its data */
    bool relied;                     /* with somebody relying on P's data, which is not at risk */
    uint8_t takes;                   /* bit hs_record */
    uint64_t at_risk;                /* bit control: P is at risk after it */
    uint64_t left[HS_CONTROL_COUNT]; /* the clauses that hold then */
};

/* What a kind of step does to the records that the statement names, over all reachable states. */
struct hs_handover {
    bool taken;     /* there is such a step */
    bool begins;    /* P comes to be at risk */
    bool ends;      /* P is no longer at risk */
    uint8_t lost;   /* bit hs_record: while P stays at risk */
    uint64_t after; /* the clauses that hold when P comes to be at risk, or a record is lost */
};

/* The first state in which P is at risk, and there is no record. */
struct hs_gap {
    unsigned steps;  /* from the start */
    uint32_t label;  /* of the last one */
    unsigned status; /* enum hs_status */
    struct hs_move move;
};

struct hs_explanation {
    struct hs_abstraction abstraction;
    bool complete; /* the sweep saw every state */
    bool loses;    /* some state breaks dirty-page-lost */
    uint32_t states;
    uint64_t steps;
    struct hs_gap gap; /* if it loses */
    /* what follows is set if the sweep is complete and nothing is lost */
    struct hs_effect effects[HS_REQUEST_COUNT];
    struct hs_statement statement;
    uint32_t reached[HS_CONTROL_COUNT]; /* states; of a migration under way */
    struct hs_handover handovers[HS_KINDS_MAX];
    struct hs_moves seen;    /* from reachable states */
    struct hs_moves assumed; /* from states with any records, of the effects what 1 allows */
    uint32_t combinations;   /* such states */
    bool holds;              /* at the start, and after each step from a reachable state */
    bool inductive;          /* from any such state in which it holds, and nothing is lost */
    struct hs_move failing;  /* if one of the two is not so, where that shows */
};

/* Explain `config`.  The explanation is to be closed. */
void hs_explain(const struct hs_config *config, const struct hs_search_options *options,
    struct hs_explanation *explanation);
void hs_explanation_close(struct hs_explanation *explanation);

/* What a statement sees of a state. */
struct hs_view hs_view_of(struct hs_world w);

/* The two checks of `explanation->statement`, anew. */
void hs_explanation_check(struct hs_explanation *explanation);

#endif
