/* SPDX-License-Identifier: BSD-3-Clause */
/* A set of states, by open addressing. */
#include "states.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void states_open(struct states *states, size_t size, uint32_t most)
{
    memset(states, 0, sizeof(*states));
    states->size = size;
    states->most = most;
    states->mask = 1;
    while (states->mask < 2 * most)
        states->mask = 2 * states->mask + 1;
    states->memory = malloc(size * most);
    states->found = malloc(most * sizeof(*states->found));
    states->slots = malloc((states->mask + (size_t)1) * sizeof(*states->slots));
    assert(states->memory && states->found && states->slots);
    states_clear(states, size);
}

void states_close(struct states *states)
{
    free(states->memory);
    free(states->found);
    free(states->slots);
}

void states_clear(struct states *states, size_t size)
{
    states->size = size;
    states->count = 0;
    memset(states->slots, 0, (states->mask + (size_t)1) * sizeof(*states->slots));
}

const void *states_at(const struct states *states, uint32_t index)
{
    return (const uint8_t *)states->memory + index * states->size;
}

static uint32_t hash_of(const void *state, size_t size)
{
    const uint64_t *words = state;
    uint64_t hash = 0x9e3779b97f4a7c15u;
    for (size_t i = 0; i < size / sizeof(*words); i++) {
        hash = (hash ^ words[i]) * 0xff51afd7ed558ccdu;
        hash ^= hash >> 32;
    }
    return (uint32_t)hash;
}

uint32_t states_put(struct states *states, const void *state, struct found found)
{
    uint32_t at = hash_of(state, states->size) & states->mask;
    while (states->slots[at]) {
        uint32_t index = states->slots[at] - 1;
        if (memcmp(states_at(states, index), state, states->size) == 0)
            return index;
        at = (at + 1) & states->mask;
    }
    if (states->count == states->most)
        return UINT32_MAX;
    memcpy((uint8_t *)states->memory + states->count * states->size, state, states->size);
    states->found[states->count] = found;
    states->slots[at] = ++states->count;
    return states->count - 1;
}

/* Put all successors of a state.  False if there is no room for one. */
static bool expand(struct states *states, const struct hs_graph *graph, uint32_t index)
{
    uint64_t next[HS_STORE_WORDS_MAX];
    uint32_t labels[HS_LABELS_MAX];
    bool room = true;
    unsigned count = graph->list(graph->context, states_at(states, index), labels);
    for (unsigned i = 0; i < count; i++) {
        memcpy(next, states_at(states, index), states->size);
        graph->take(graph->context, next, labels[i]);
        if (states_put(states, next, (struct found){index, labels[i]}) == UINT32_MAX)
            room = false;
    }
    return room;
}

void states_explore(
    struct states *states, const struct hs_graph *graph, const void *start, struct chance *chance)
{
    uint32_t *waiting = malloc(states->most * sizeof(*waiting));
    uint32_t count = 0;
    uint32_t noted = 0;
    assert(waiting);
    states_clear(states, graph->words * sizeof(uint64_t));
    states->complete = true;
    states_put(states, start, (struct found){STATES_NO_PARENT, 0});
    do {
        for (; noted < states->count; noted++)
            waiting[count++] = noted;
        unsigned at = chance_below(chance, count);
        uint32_t index = waiting[at];
        waiting[at] = waiting[--count];
        states->complete = expand(states, graph, index) && states->complete;
    } while ((count || noted < states->count) && states->complete);
    free(waiting);
}
