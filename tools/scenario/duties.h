/* SPDX-License-Identifier: BSD-3-Clause */
/* What the actors do by themselves, as a space to search. */
#ifndef HS_DUTIES_H
#define HS_DUTIES_H

#include "reach.h"
#include "world.h"

struct hs_duties {
    const struct hs_config *config;
    uint32_t actors; /* bit hs_actor: whose */
    bool (*is_goal)(struct hs_world w, const void *asked);
    const void *asked; /* handed to is_goal */
    bool asks; /* about a request for hints: no way leads through another status, or asks anew */
};

/* The space, which refers to `duties`. */
struct hs_space hs_duties_space(struct hs_duties *duties);
/* The step that a label of the space stands for. */
struct hs_step hs_duties_step(uint32_t label);

/* `config` with the limits of continuations: one more round, and nothing new from outside. */
struct hs_config hs_duties_config(const struct hs_config *config);
/* Can the duties of all actors end what `property`, one of all continuations, asks about? */
enum hs_reach hs_duties_end(
    const struct hs_config *config, const void *state, enum hs_property property);

#endif
