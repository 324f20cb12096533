/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Partial order: steps that may be taken at once and alone.
 *
 * Such a step is a duty of migration, and whatever else can happen before it can happen after it
 * just as well, with the same outcome: the other step touches nothing that it touches, or is undone
 * by it.  It breaks no property by itself that it would not break later, and no cycle of steps
 * consists of such steps alone, since each brings the migration nearer to its end.
 */
#include "reduction.h"

#include "device.h"

static bool may_still(struct hs_world w, enum hs_limit limit)
{
    return hs_limit_left(w, limit, NULL);
}

/*
 * While the VM and its device are stopped, neither guest nor driver can do anything, and the device
 * takes nothing: a ring may be harvested, which the sync does as well.  Pages can be sent in any
 * order, so the first will do.  Not so if a choice is left to migration (postcopy, cancel), or one
 * to the device (a hint in its hand, hints on request, whether it asks for kicks again before it
 * moves).
 */
static bool migration_is_alone(struct hs_world w)
{
    return w.state->migration.vm == HS_VM_STOPPED && !hs_device_runs(w) && !w.config->postcopy &&
           !may_still(w, HS_LIMIT_CANCELS) && hs_rule_hint_under_lock(w) == HS_ON &&
           hs_rule_hint_trigger(w) == HS_TRIGGER_MIGRATION &&
           w.state->device.loop != HS_LOOP_LEAVING && hs_rule_channels(w) == HS_CHANNELS_IN_ORDER;
}

/*
 * The page being sent has been taken off the list, and nothing can change its content any longer:
 * whether it arrives now or later is the same to everybody, and until it has, migration does
 * nothing else.
 */
static bool arrival_is_certain(struct hs_world w)
{
    const struct hs_config *config = w.config;
    bool written = may_still(w, HS_LIMIT_WRITES) || may_still(w, HS_LIMIT_DMA) ||
                   hs_rule_poison(w) != HS_POISON_OFF || hs_rule_init_on_alloc(w) == HS_ON ||
                   hs_device_dma_first(w) < config->pages;
    bool discarded = config->queue_size[HS_QUEUE_REPORTING] ||
                     config->queue_size[HS_QUEUE_INFLATE] ||
                     hs_rule_hint_effect(w) == HS_EFFECT_DISCARD;
    return w.state->migration.sending && !written && !discarded &&
           hs_rule_channels(w) == HS_CHANNELS_IN_ORDER && !may_still(w, HS_LIMIT_CANCELS) &&
           hs_rule_send_order(w) == HS_SEND_CLEAR_THEN_COPY;
}

unsigned hs_partial_order_pick(struct hs_world w, const struct hs_step *steps, unsigned count)
{
    bool alone = migration_is_alone(w);
    unsigned at = 0;
    if (!alone && !arrival_is_certain(w))
        return count;
    while (at < count && (alone ? hs_step_rows[steps[at].kind].actor != HS_ACTOR_MIGRATION
                                : steps[at].kind != HS_MIGRATION_FINISH_PAGE))
        at++;
    return at;
}
