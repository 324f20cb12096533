/* SPDX-License-Identifier: BSD-3-Clause */
/* A set of states of one graph, each with the step that found it: small, exact, in one thread. */
#ifndef ONESTEP_STATES_H
#define ONESTEP_STATES_H

#include "draw.h"
#include "search.h"

enum { STATES_NO_PARENT = UINT32_MAX };

/* How a state was found. */
struct found {
    uint32_t parent; /* index, or STATES_NO_PARENT */
    uint32_t label;
};

struct states {
    size_t size; /* bytes of one state, a multiple of 8 */
    uint32_t most;
    uint32_t count;
    bool complete; /* every state that can be reached is in the set */
    uint64_t *memory;
    struct found *found;
    uint32_t *slots; /* index + 1, or 0 */
    uint32_t mask;
};

/* Room for `most` states of up to `size` bytes. */
void states_open(struct states *states, size_t size, uint32_t most);
void states_close(struct states *states);

/* Empty the set; its states are of `size` bytes from now on, at most what it was opened for. */
void states_clear(struct states *states, size_t size);

const void *states_at(const struct states *states, uint32_t index);

/* The index of a state, which is put in if it is new and there is room.  UINT32_MAX: there is none.
 */
uint32_t states_put(struct states *states, const void *state, struct found found);

/*
 * Fill the set with what can be reached from `start`: all of it if there is room, else as many
 * states as there is room for.  Which state is expanded next is up to chance, so that what is left
 * out of a world that is too large is not all of its later phases.
 */
void states_explore(
    struct states *states, const struct hs_graph *graph, const void *start, struct chance *chance);

#endif
