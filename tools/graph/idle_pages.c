/*
 * Idle pages: one that is free, and one that is in use without holding anything, stand for each
 * other, because app.allocate and app.free lead from either to the other at any time at which the
 * guest runs, and while it does not run nobody can tell them apart.
 *
 * The page in use is the one that stays.  What can be done to it is what can be done to either:
 * write it; or free it first and then hint it, as one step of this smaller graph.
 */
#include "reduction.h"

bool hs_idle_pages_fold(const struct hs_reduction *reduction)
{
    const struct hs_config *config = reduction->config;
    const uint8_t *rules = config->rules.value;
    uint32_t of_continuations = 1u << HS_PAGE_STUCK | 1u << HS_GUEST_STALLED;
    /* With orders, filling, or lists of free pages, freeing a page does more than free it; and a
     * free page keeps a round from ending, so that duties alone may lead less far. */
    bool walks_as_it_goes = rules[HS_RULE_HINT_SOURCE] == HS_SOURCE_ALLOCATE ||
                            rules[HS_RULE_HINT_ONLY_FREE] == HS_ON;
    return reduction->partial_order && !(reduction->properties & of_continuations) &&
           config->max_order == 0 && config->policy == HS_POLICY_ANY && walks_as_it_goes &&
           rules[HS_RULE_POISON] == HS_POISON_OFF && !config->queue_size[HS_QUEUE_REPORTING] &&
           !config->queue_size[HS_QUEUE_INFLATE];
}

bool hs_idle_page(struct hs_world w, unsigned p)
{
    const struct hs_page *page = hs_page(w, p);
    return page->owner == HS_OWNER_APP && page->relies == HS_RELIES_NOTHING;
}

void hs_idle_pages_take(struct hs_world w)
{
    for (unsigned p = 0; p < w.config->pages; p++) {
        struct hs_page *page = hs_page(w, p);
        if (page->owner == HS_OWNER_FREE) {
            page->owner = HS_OWNER_APP;
            page->head = 0;
        }
    }
}
