/* SPDX-License-Identifier: BSD-3-Clause */
/* States of the abstraction, and the steps of one. */
#include "abstract.h"

#include "image.h"

#include <string.h>

const char *const abstract_never[] = {"app.read", "device.wake", "device.sleep", NULL};

bool abstract_serves(const struct hs_config *config)
{
    return config->queue_size[HS_QUEUE_FREE_PAGE] <= HS_ABSTRACT_QUEUE_SLOTS;
}

bool abstract_shape(const struct trial *trial, struct hs_config *config, struct chance *chance)
{
    (void)trial;
    (void)chance;
    return abstract_serves(config);
}

void abstract_open(struct trial *trial)
{
    hs_abstraction_set(&trial->abstraction, &trial->config);
    if (trial->fault) {
        trial->abstraction.without = trial->fault->without;
        trial->abstraction.only_in_start = trial->fault->only_in_start;
    }
    trial->graph = hs_abstract_graph(&trial->abstraction);
}

void abstract_see(struct trial *trial, const void *state, unsigned page, void *image)
{
    struct view view = {trial_world(trial, state), page, &trial->abstraction, image};
    image_see(&view);
}

void steps_list(const struct trial *trial, after_step *after, const union hs_abstract_state *state,
    struct steps *steps)
{
    const struct hs_graph *graph = &trial->graph;
    steps->count = graph->list(graph->context, state, steps->labels);
    for (unsigned i = 0; i < steps->count; i++) {
        steps->next[i] = *state;
        graph->take(graph->context, &steps->next[i], steps->labels[i]);
        after(trial, &steps->next[i]);
    }
}

unsigned steps_find(const struct steps *steps, uint32_t label)
{
    unsigned i = 0;
    while (i < steps->count && steps->labels[i] != label)
        i++;
    return i;
}

bool steps_lead(const struct steps *steps, uint32_t label, const union hs_abstract_state *outcome)
{
    unsigned at = steps_find(steps, label);
    return at < steps->count && memcmp(&steps->next[at], outcome, sizeof(*outcome)) == 0;
}

bool takes_in_the_end(const struct trial *trial, after_step *after, union hs_abstract_state state,
    const union hs_abstract_state *stands_for_it, uint32_t label,
    const union hs_abstract_state *outcome)
{
    const struct hs_step take = {HS_DEVICE_TAKE_ELEMENT, 0};
    static struct steps steps;
    for (unsigned taken = 0; taken <= HS_ABSTRACT_QUEUE_SLOTS; taken++) {
        steps_list(trial, after, &state, &steps);
        if (steps_lead(&steps, label, outcome))
            return true;
        if (!steps_lead(&steps, take.kind * 256u, stands_for_it))
            break;
        hs_world_take(abstract_world(trial, &state), take);
    }
    return false;
}
