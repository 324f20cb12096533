/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The kinds of steps, by name, and the functions that make them: all from the rows in steps.def.
 */
#ifndef HS_STEPS_H
#define HS_STEPS_H

#include "refusal.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

enum hs_actor {
    HS_ACTOR_APP,
    HS_ACTOR_DRIVER,
    HS_ACTOR_DEVICE,
    HS_ACTOR_MIGRATION,
    HS_ACTOR_LOG,
    HS_ACTOR_DESTINATION,
    HS_ACTOR_COUNT
};

/*
 * Why a step happens.  A duty is something the actor does by itself sooner or later; a choice is up
 * to the world outside: an application, an operator, memory pressure, the network.  page-stuck,
 * guest-stalled and request-unanswered ask whether duties alone end the matter.
 */
enum hs_motive { HS_DUTY, HS_CHOICE };

#define STEP(ID, ...) HS_##ID,
enum hs_step_kind {
#include "steps.def"
    HS_STEP_KIND_COUNT
};

/* A set of kinds. */
enum { HS_STEP_KINDS_MAX = 128 };
static_assert((int)HS_STEP_KIND_COUNT <= (int)HS_STEP_KINDS_MAX,
    "steps.def has more rows than a set of kinds has bits: widen struct hs_step_kinds, the kind in "
    "struct hs_step and HS_KINDS_MAX of the search engine");
struct hs_step_kinds {
    uint64_t words[HS_STEP_KINDS_MAX / 64];
};

static inline bool hs_step_kinds_have(struct hs_step_kinds kinds, unsigned kind)
{
    assert(kind < HS_STEP_KINDS_MAX);
    return kinds.words[kind / 64] >> (kind % 64) & 1u;
}
static inline void hs_step_kinds_add(struct hs_step_kinds *kinds, unsigned kind)
{
    assert(kinds && kind < HS_STEP_KINDS_MAX);
    kinds->words[kind / 64] |= UINT64_C(1) << (kind % 64);
}

struct hs_step {
    uint8_t kind; /* enum hs_step_kind */
    uint8_t page; /* 0 for a step without a page */
};

struct hs_world;

/* Of each row the guard, which changes nothing, and the effect, which needs the guard to hold. */
#define STEP(ID, name, actor, argument, motive, limit, guard, effect, ...) \
    bool guard(struct hs_world w, unsigned p, struct hs_refusal *why);     \
    void effect(struct hs_world w, unsigned p);
#include "steps.def"

#endif
