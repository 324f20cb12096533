/* SPDX-License-Identifier: BSD-3-Clause */
/* The model as a graph for the search engine. */
#ifndef HS_WORLD_GRAPH_H
#define HS_WORLD_GRAPH_H

#include "reduction.h"
#include "search.h"

/* Flags of a state beyond the broken properties, whose bits are those of enum hs_property. */
enum {
    HS_FLAG_OPEN = 26,  /* a request for hints waits for the driver's start command */
    HS_FLAG_ASKED = 27, /* the status is REQUESTED */
    HS_FLAG_BEGUN = 28, /* the status is START */
    HS_FLAG_HOLDS = 29, /* the driver holds hinted pages */
    HS_FLAG_WAITS = 30, /* somebody waits for somebody else */
    HS_FLAG_END = 31,   /* no duty is left and no migration can start: a run ends here */
};

/* What is asked of what may follow by a property of all continuations. */
struct hs_hope hs_hope_of(const struct hs_config *config, enum hs_property property);

/* The graph of all interleavings of `config`, which must outlive it. */
struct hs_graph hs_world_graph(const struct hs_config *config);

/* The same, made smaller; `reduction` must outlive the graph.  Labels of the smaller graph are
 * steps only as far as `kinds` says; its states are states of the model. */
struct hs_graph hs_world_graph_reduced(const struct hs_reduction *reduction);

/* A label of the graph of all interleavings as a step. */
struct hs_step hs_label_step(uint32_t label);

#endif
