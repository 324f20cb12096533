/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The abstraction behind `hintsim prove`: one page is followed exactly, by the model's own steps on
 * a world of that one page; whatever other pages, longer queues and further rounds could do to it
 * are a few steps more, the widenings.  Every run of every larger system is, seen from one of its
 * pages, a run of this graph (spec/proof.md), so what no run of this graph does, none does.
 */
#ifndef HS_ABSTRACT_GRAPH_H
#define HS_ABSTRACT_GRAPH_H

#include "abstract_queue.h"
#include "search.h"

/* What others do to the followed page. */
enum hs_widening {
    HS_OTHERS_SEND_PAGE,   /* another page of the log chunk is sent */
    HS_OTHERS_APPLY_HINT,  /* another page of the log chunk is hinted, and the hint applied */
    HS_OTHERS_FILL_START,  /* the queue is full of others' elements as a round starts */
    HS_OTHERS_FILL_END,    /* the same as it ends */
    HS_OTHERS_BREAK_BLOCK, /* the free page's block is not whole: the round ends without it */
    HS_OTHERS_TAKE_ONE,    /* the device takes one of several hints in a row */
    HS_OTHERS_TAKE_ANY,    /* the device takes something out of the bag */
    HS_OTHERS_LEAD_BLOCK,  /* another page is the first of the followed page's block */
    HS_OTHERS_MERGE_BLOCK, /* the free page's block merges: it is not taken for zeros any longer */
    HS_WIDENING_COUNT
};

struct hs_widening_row {
    const char *name;    /* others.verb-object */
    const char *summary; /* what it stands for */
};
extern const struct hs_widening_row hs_widening_rows[HS_WIDENING_COUNT];

/* The world of one page, and what is left out of the abstraction. */
struct hs_abstraction {
    struct hs_config config;
    struct hs_config later; /* of a page that is not the first of its block */
    /* Bit hs_widening: never offered, and offered only while the status is START.  Both are 0 but
     * in tests that show why more is needed. */
    uint32_t without;
    uint32_t only_in_start;
};

/*
 * The abstraction of all systems with the rules of `config`, whose sizes do not matter: a queue
 * exists or not, and what a limit of 0 forbids stays forbidden; every other limit is lifted.
 */
void hs_abstraction_set(struct hs_abstraction *abstraction, const struct hs_config *config);

enum { HS_ABSTRACT_SIZE_MAX = 128 };
/* A state of the abstraction: the model's, and behind it the bag, and the page's place. */
union hs_abstract_state {
    struct hs_state state;
    uint64_t words[HS_ABSTRACT_SIZE_MAX / sizeof(uint64_t)];
};

/* The first state: the page is in use, was written, and is the first of its block. */
void hs_abstract_start(const struct hs_abstraction *abstraction, union hs_abstract_state *start);
/* The world in which a state of the abstraction is: whether the page is the first of its block is
 * chosen before the first hint (HS_OTHERS_LEAD_BLOCK), and stays so. */
struct hs_world hs_abstract_world(const struct hs_abstraction *abstraction, const void *state);
/* Bring a state into its normal form: what cannot matter any more is forgotten. */
void hs_abstract_normalise(struct hs_world w);

/* A step of that kind is about to be taken: empty the bag if nothing can be left in it then. */
void hs_abstract_empty_bag(struct hs_world w, enum hs_step_kind kind);

/* The graph; `abstraction` must outlive it.  The flags of a state are what the step into it broke.
 */
struct hs_graph hs_abstract_graph(const struct hs_abstraction *abstraction);

/* Is the label one of the model's steps?  Otherwise it is a widening. */
static inline bool hs_label_is_step(uint32_t label)
{
    return label / 256 < HS_STEP_KIND_COUNT;
}
static inline enum hs_widening hs_label_widening(uint32_t label)
{
    return (enum hs_widening)(label / 256 - HS_STEP_KIND_COUNT);
}
/* The label's name, as in a trace. */
const char *hs_label_name(uint32_t label);

#endif
