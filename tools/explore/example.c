/* Examples: the graph, with one more word in each state that says which kinds were taken. */
#include "example.h"

#include <string.h>

enum { FLAG_ALL_TAKEN = 0 };

struct covered {
    const struct hs_graph *graph;
    uint64_t kinds; /* bit kind: asked for */
};

static unsigned list(void *context, const void *state, uint32_t *labels)
{
    const struct hs_graph *graph = ((const struct covered *)context)->graph;
    return graph->list(graph->context, state, labels);
}

static void take(void *context, void *state, uint32_t label)
{
    const struct covered *covered = context;
    uint64_t *taken = (uint64_t *)state + covered->graph->words;
    covered->graph->take(covered->graph->context, state, label);
    *taken |= UINT64_C(1) << covered->graph->kind(label) & covered->kinds;
}

static uint32_t flags(void *context, const void *state, const uint32_t *labels, unsigned count)
{
    const struct covered *covered = context;
    const uint64_t *taken = (const uint64_t *)state + covered->graph->words;
    (void)labels;
    (void)count;
    return (uint32_t)(*taken == covered->kinds) << FLAG_ALL_TAKEN;
}

static void canonical(void *context, void *state)
{
    const struct hs_graph *graph = ((const struct covered *)context)->graph;
    graph->canonical(graph->context, state);
}

enum hs_hunt_end hs_example_find(const struct hs_graph *graph, const void *start, uint64_t kinds,
    const struct hs_effort *effort, struct hs_witness *example)
{
    static const struct hs_goal goal = {.flag = FLAG_ALL_TAKEN};
    struct covered covered = {graph, kinds};
    struct hs_graph wider = *graph;
    uint64_t state[HS_STORE_WORDS_MAX] = {0};
    if (graph->words == HS_STORE_WORDS_MAX)
        return HS_HUNT_GAVE_UP;
    memcpy(state, start, graph->words * sizeof(uint64_t));
    wider.words++;
    wider.used = NULL; /* it says nothing of the word that is added */
    wider.context = &covered;
    wider.list = list;
    wider.take = take;
    wider.flags = flags;
    wider.canonical = graph->canonical ? canonical : NULL;
    return hs_search_witness(&wider, state, &goal, effort, example);
}
