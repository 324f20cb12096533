/* SPDX-License-Identifier: BSD-3-Clause */
/* Small worlds by chance, the same everywhere: world i is made from its number alone. */
#ifndef ONESTEP_DRAW_H
#define ONESTEP_DRAW_H

#include "extras.h"
#include "world.h"

/* Rules: one preset of each side with some changes, or every rule by chance; log-chunk 1 to 4. */
struct hs_rules draw_rules(struct chance *chance);

/* A world of 1 to 4 pages, finished.  Everything that a scenario may fix is drawn: orders, log
 * chunks, queues, policies, limits of everything.  Limits are small, so that a world has an end. */
void draw_world(struct chance *chance, struct hs_config *config);

/* One that is small enough for all of its states to be looked at, as a rule.  Its extra is that of
 * its number (extras_draw). */
void draw_small_world(
    uint64_t number, uint32_t beyond, struct chance *chance, struct hs_config *config);

void print_step(struct hs_step step);

#endif
