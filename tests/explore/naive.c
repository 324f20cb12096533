/* SPDX-License-Identifier: BSD-3-Clause */
/* The naive search. */
#include "naive.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 1 << 16 };

struct found {
    struct found *next_in_bucket;
    struct found *next_to_expand;
    union hs_state_buffer state; /* no more of it than the layout's size */
};

struct naive {
    struct found *buckets[BUCKETS];
    struct found *to_expand; /* a stack */
    struct naive_counts counts;
};

static void meet(struct naive *naive, struct hs_world w)
{
    struct found **bucket = &naive->buckets[hs_state_hash(w) % BUCKETS];
    for (struct found *f = *bucket; f; f = f->next_in_bucket) {
        if (memcmp(&f->state, w.state, w.config->layout.size) == 0)
            return;
    }
    struct found *f = malloc(sizeof(*f) - sizeof(f->state) + w.config->layout.size);
    assert(f);
    memcpy(&f->state, w.state, w.config->layout.size);
    f->next_in_bucket = *bucket;
    *bucket = f;
    f->next_to_expand = naive->to_expand;
    naive->to_expand = f;
    naive->counts.states++;
}

static void expand(struct naive *naive, const struct hs_config *config, struct found *f)
{
    static struct hs_step steps[HS_STEPS_MAX];
    struct hs_world w = {config, &f->state.state};
    unsigned count = hs_world_steps(w, steps);
    bool ends = true;
    for (unsigned i = 0; i < count; i++) {
        union hs_state_buffer next;
        memcpy(&next, &f->state, config->layout.size);
        hs_world_take((struct hs_world){config, &next.state}, steps[i]);
        meet(naive, (struct hs_world){config, &next.state});
        ends = ends && hs_step_rows[steps[i].kind].motive == HS_CHOICE &&
               steps[i].kind != HS_MIGRATION_START;
    }
    naive->counts.ends += ends;
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++)
        naive->counts.ends_with[i] += ends && hs_is_broken(w, (enum hs_property)i);
}

static void forget_all(struct naive *naive)
{
    for (unsigned i = 0; i < BUCKETS; i++) {
        while (naive->buckets[i]) {
            struct found *f = naive->buckets[i];
            naive->buckets[i] = f->next_in_bucket;
            free(f);
        }
    }
}

bool naive_search(const struct hs_config *config, uint64_t most, struct naive_counts *counts)
{
    union hs_state_buffer start;
    struct naive *naive = calloc(1, sizeof(*naive));
    assert(naive);
    hs_world_init((struct hs_world){config, &start.state});
    meet(naive, (struct hs_world){config, &start.state});
    while (naive->to_expand && naive->counts.states <= most) {
        struct found *f = naive->to_expand;
        naive->to_expand = f->next_to_expand;
        expand(naive, config, f);
    }
    bool complete = !naive->to_expand && naive->counts.states <= most;
    if (complete)
        *counts = naive->counts;
    forget_all(naive);
    free(naive);
    return complete;
}
