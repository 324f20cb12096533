/* SPDX-License-Identifier: BSD-3-Clause */
/* Rule sets by chance, the same everywhere. */
#ifndef HS_RANDOM_RULES_H
#define HS_RANDOM_RULES_H

#include "rules.h"

/* The next number that looks random; `seed` is never 0. */
uint64_t hs_next_random(uint64_t *seed);
/* A seed for the case with this number. */
uint64_t hs_random_seed(uint64_t number);
/* A value for every rule, all equally likely; of log-chunk only 1 and 2. */
struct hs_rules hs_random_rules(uint64_t *seed);

#endif
