/* SPDX-License-Identifier: BSD-3-Clause */
/* A second, naive search: depth-first, with every state whole in lists that are searched by its
 * hash.  It shares no code with the engine. */
#ifndef NAIVE_H
#define NAIVE_H

#include "world.h"

struct naive_counts {
    uint64_t states;
    uint64_t ends; /* different states that end a run */
    uint64_t ends_with[HS_PROPERTY_COUNT];
};

/* Count what can be reached.  False, and no counts, if that is more than `most` states. */
bool naive_search(const struct hs_config *config, uint64_t most, struct naive_counts *counts);

#endif
