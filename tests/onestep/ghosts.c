/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The proof without the monitors' ghosts, one step at a time: a state of the abstraction and the
 * same without the ghosts that no open property reads have the same steps, which break the same
 * open properties and lead to two such states again.
 *
 * A command in the queue that could only set forgotten ghosts is there in one state and may be left
 * out in the other: it is taken first, and nothing changes.
 *
 * With a shared word only one direction holds.  There a command that is kept for the sake of ghosts
 * makes the bag hold any command, so that the state with the ghosts can do more.  That the one
 * without them does enough is checked against the world itself (widenings.c).  With hint-wait=each
 * the other alone holds: the driver sleeps for the command that is kept.
 */
#include "abstract.h"
#include "evidence.h"

#include <string.h>

/* Forget, and leave out of the queue what is there for the sake of ghosts alone. */
static void forget(const struct trial *trial, union hs_abstract_state *state)
{
    struct hs_world w = abstract_world(trial, state);
    hs_forget_ghosts(w, trial->properties);
    if (trial->fault)
        trial->fault->harm(w, w);
    hs_abstract_normalise(w);
    hs_forget_ghosts(w, trial->properties);
}

static bool word_is_shared(const struct trial *trial)
{
    return hs_word_changes(&trial->config.rules);
}

/* With a shared word the device reads the same of every start command. */
static uint32_t other_start(const struct trial *trial, const struct steps *steps, uint32_t label)
{
    const uint32_t take_any = (HS_STEP_KIND_COUNT + HS_OTHERS_TAKE_ANY) * 256u;
    if (!word_is_shared(trial) || label < take_any + HS_BAG_START)
        return label;
    for (unsigned i = 0; i < steps->count; i++) {
        if (steps->labels[i] >= take_any + HS_BAG_START)
            return steps->labels[i];
    }
    return label;
}

/* What one of the two does, the other does as well; or nothing changes. */
static bool is_answered(struct trial *trial, const union hs_abstract_state *other,
    const union hs_abstract_state *forgotten, const struct steps *of_other, uint32_t label,
    const union hs_abstract_state *next)
{
    unsigned same = steps_find(of_other, label);
    bool covered = word_is_shared(trial) && same < of_other->count &&
                   covers(&trial->abstraction, &of_other->next[same], next);
    return covered || steps_lead(of_other, label, next) ||
           steps_lead(of_other, other_start(trial, of_other, label), next) ||
           memcmp(forgotten, next, sizeof(*next)) == 0 ||
           takes_in_the_end(trial, forget, *other, forgotten, label, next);
}

static bool all_are_answered(struct trial *trial, const union hs_abstract_state *other,
    const union hs_abstract_state *forgotten, const struct steps *of_other,
    const struct steps *steps)
{
    for (unsigned i = 0; i < steps->count; i++) {
        uint32_t label = steps->labels[i];
        trial_counts(trial, label);
        if (!is_answered(trial, other, forgotten, of_other, label, &steps->next[i]))
            return trial_differs(trial, "the step is another, or none, without the ghosts", label,
                abstract_world(trial, other), abstract_world(trial, &steps->next[i]));
    }
    return true;
}

static bool check(struct trial *trial, const void *state)
{
    static struct steps before;
    static struct steps after;
    union hs_abstract_state all = {.words = {0}};
    memcpy(&all, state, trial->graph.words * sizeof(uint64_t));
    all.state.broken = 0;
    union hs_abstract_state forgotten = all;
    forget(trial, &forgotten);
    steps_list(trial, forget, &all, &before);
    steps_list(trial, forget, &forgotten, &after);
    return (word_is_shared(trial) ||
               all_are_answered(trial, &forgotten, &forgotten, &after, &before)) &&
           (trial->config.rules.value[HS_RULE_HINT_WAIT] != HS_WAIT_NONE ||
               all_are_answered(trial, &all, &forgotten, &before, &after));
}

const struct check check_ghosts = {.never = abstract_never,
    .beyond = ABSTRACT_BEYOND,
    .name = "ghosts",
    .schedules = 140,
    .shape = abstract_shape,
    .serves = abstract_serves,
    .open = abstract_open,
    .state = check,
    .see = abstract_see};
