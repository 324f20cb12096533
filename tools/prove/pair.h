/* SPDX-License-Identifier: BSD-3-Clause */
/* A guest and a host as a question of their own, without a scenario file. */
#ifndef HS_PAIR_H
#define HS_PAIR_H

#include "scenario.h"

struct hs_pair {
    struct hs_scenario scenario;
    struct hs_variant variant; /* refers to `scenario`: a pair must stay where it was begun */
};

/*
 * The usual question about a guest and a host (NULL: the default rules): writes, rounds,
 * migrations, DMA, config changes and cancels are in play; resets, postcopy, reporting and
 * inflating are not.  A guest that does not hint has no free_page_vq.  `name` is kept, and must
 * outlive the pair.
 */
void hs_pair_begin(
    struct hs_pair *pair, const struct hs_preset *guest, const struct hs_preset *host, char *name);

enum { HS_IN_PLAY_NAME = 32 };
/* Put into play what `list` names, with commas, or take it out: limits, postcopy, reporting,
 * inflate.  Afterwards hs_config_finish is needed.  False if there is no such thing; `wrong` is its
 * name then, HS_IN_PLAY_NAME bytes. */
bool hs_in_play_set(struct hs_config *config, const char *list, bool on, char *wrong);

/* Lists that hs_in_play_set took: what is in play beside the usual, and what of it is not; or
 * NULL. */
struct hs_in_play {
    const char *with;
    const char *without;
};
/* Afterwards hs_config_finish is needed. */
void hs_in_play_apply(const struct hs_in_play *in_play, struct hs_config *config);

/* The presets of a side, in their order; returns how many. */
unsigned hs_presets_of(enum hs_side side, const struct hs_preset **presets, unsigned room);
/* The same without those that take no part in hinting. */
unsigned hs_presets_that_hint(enum hs_side side, const struct hs_preset **presets, unsigned room);

#endif
