/* SPDX-License-Identifier: BSD-3-Clause */
/* Examples: the graph, with a set in each state that says which of the kinds were taken. */
#include "example.h"

#include <string.h>

enum { FLAG_ALL_TAKEN = 0 };

struct covered {
    const struct hs_graph *graph;
    struct hs_kind_set kinds; /* asked for */
};

/* The kinds that were taken on the way to a state: the words behind the graph's own. */
static struct hs_kind_set *taken_in(const struct covered *covered, const void *state)
{
    return (struct hs_kind_set *)((uint64_t *)(uintptr_t)state + covered->graph->words);
}

static unsigned list(void *context, const void *state, uint32_t *labels)
{
    const struct hs_graph *graph = ((const struct covered *)context)->graph;
    return graph->list(graph->context, state, labels);
}

static void take(void *context, void *state, uint32_t label)
{
    const struct covered *covered = context;
    unsigned kind = covered->graph->kind(label);
    covered->graph->take(covered->graph->context, state, label);
    if (hs_kind_set_has(&covered->kinds, kind))
        hs_kind_set_add(taken_in(covered, state), kind);
}

static uint32_t flags(void *context, const void *state, const uint32_t *labels, unsigned count)
{
    const struct covered *covered = context;
    struct hs_kind_set missing = covered->kinds;
    (void)labels;
    (void)count;
    hs_kind_set_drop_all(&missing, taken_in(covered, state));
    return (uint32_t)hs_kind_set_is_empty(&missing) << FLAG_ALL_TAKEN;
}

static void canonical(void *context, void *state)
{
    const struct hs_graph *graph = ((const struct covered *)context)->graph;
    graph->canonical(graph->context, state);
}

enum hs_witness_end hs_example_find(const struct hs_graph *graph, const void *start,
    const struct hs_kind_set *kinds, const struct hs_effort *effort, struct hs_witness *example)
{
    static const struct hs_goal goal = {.flag = FLAG_ALL_TAKEN};
    struct covered covered = {graph, *kinds};
    struct hs_graph wider = *graph;
    uint64_t state[HS_STORE_WORDS_MAX] = {0};
    if (graph->words + HS_KIND_SET_WORDS > HS_STORE_WORDS_MAX)
        return HS_WITNESS_GAVE_UP;
    memcpy(state, start, graph->words * sizeof(uint64_t));
    wider.words += HS_KIND_SET_WORDS;
    wider.used = NULL; /* it says nothing of the words that are added */
    wider.context = &covered;
    wider.list = list;
    wider.take = take;
    wider.flags = flags;
    wider.canonical = graph->canonical ? canonical : NULL;
    return hs_witness_find(&wider, state, &goal, effort, example);
}
