/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Dead values, one step at a time: the same steps are enabled before and after forgetting, and each
 * leads to the same forgotten state, with the same bits of broken properties.
 */
#include "trial.h"

#include <string.h>

static bool shape(const struct trial *trial, struct hs_config *config, struct chance *chance)
{
    (void)trial;
    (void)config;
    (void)chance;
    return true;
}

static bool serves(const struct hs_config *config)
{
    (void)config;
    return true;
}

static void open(struct trial *trial)
{
    (void)trial;
}

/*
 * What the reduction keeps though nobody reads it.  Two states that differ in this alone have the
 * same steps, which is checked here as well; but they are two where one would do.
 *
 * At the destination a page comes to be relied on without a modification, which writes on the
 * source alone are; so `modified` of a page that nobody relies on is forgotten there, and of any
 * other it stays.  Unless hints wipe pages, nothing that a hint does there breaks hint-device-4;
 * but after a hop one may.
 */
static void forget_as_well(struct hs_world w)
{
    bool wipes = w.config->rules.value[HS_RULE_HINT_EFFECT] == HS_EFFECT_DISCARD;
    for (unsigned p = 0; p < w.config->pages; p++) {
        if (w.state->migration.vm == HS_VM_DESTINATION && !wipes &&
            !hs_limit_left(w, HS_LIMIT_HOPS, NULL))
            hs_page(w, p)->modified = hs_page(w, p)->faulted;
    }
}

static void forget(const struct trial *trial, struct hs_state *state)
{
    struct hs_world w = trial_world(trial, state);
    union hs_state_buffer was;
    if (trial->fault)
        memcpy(&was, state, trial->config.layout.size);
    hs_dead_values_forget(w, trial->properties);
    if (trial->fault)
        trial->fault->harm(trial_world(trial, &was), w);
    forget_as_well(w);
}

/* What holds in a state, and what is asked for of what is broken. */
static uint32_t flags(
    const struct trial *trial, const void *state, const uint32_t *labels, unsigned count)
{
    const uint32_t broken = (1u << HS_PROPERTY_COUNT) - 1;
    uint32_t all = trial->plain.flags(trial->plain.context, state, labels, count);
    return all & (trial->properties | ~broken);
}

static bool same_after(
    struct trial *trial, const void *state, const void *forgotten, uint32_t label)
{
    union hs_state_buffer a;
    union hs_state_buffer b;
    memcpy(&a, state, trial->config.layout.size);
    memcpy(&b, forgotten, trial->config.layout.size);
    trial->plain.take(trial->plain.context, &a, label);
    trial->plain.take(trial->plain.context, &b, label);
    forget(trial, &a.state);
    forget(trial, &b.state);
    trial_counts(trial, label);
    return memcmp(&a, &b, trial->config.layout.size) == 0 ||
           trial_differs(trial, "the step leads to another forgotten state", label,
               trial_world(trial, &a), trial_world(trial, &b));
}

/* What the reduction makes of a state, and the forgotten state, are forgotten to the same. */
static bool stands_for_itself(
    struct trial *trial, const void *state, const union hs_state_buffer *forgotten)
{
    size_t size = trial->config.layout.size;
    union hs_state_buffer reduced;
    union hs_state_buffer twice;
    memcpy(&reduced, state, size);
    hs_dead_values_forget(trial_world(trial, &reduced), trial->properties);
    forget(trial, &reduced.state);
    memcpy(&twice, forgotten, size);
    forget(trial, &twice.state);
    return (memcmp(&reduced, forgotten, size) == 0 && memcmp(&twice, forgotten, size) == 0) ||
           trial_fails(trial, "what was forgotten can be forgotten once more", HS_NO_LABEL);
}

static bool check(struct trial *trial, const void *state)
{
    uint32_t before[HS_LABELS_MAX];
    uint32_t after[HS_LABELS_MAX];
    union hs_state_buffer forgotten;
    size_t size = trial->config.layout.size;
    memcpy(&forgotten, state, size);
    forget(trial, &forgotten.state);
    unsigned count = trial->plain.list(trial->plain.context, state, before);
    if (trial->plain.list(trial->plain.context, &forgotten, after) != count ||
        memcmp(before, after, count * sizeof(before[0])) != 0)
        return trial_fails(trial, "other steps are enabled in the forgotten state", HS_NO_LABEL);
    if (flags(trial, state, before, count) != flags(trial, &forgotten, after, count))
        return trial_fails(trial, "other flags hold in the forgotten state", HS_NO_LABEL);
    for (unsigned i = 0; i < count; i++) {
        if (!same_after(trial, state, &forgotten, before[i]))
            return false;
    }
    return stands_for_itself(trial, state, &forgotten);
}

const struct check check_dead_values = {.name = "dead-values",
    .schedules = 140,
    .shape = shape,
    .serves = serves,
    .open = open,
    .state = check};
