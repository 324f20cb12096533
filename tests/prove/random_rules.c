/* SPDX-License-Identifier: BSD-3-Clause */
/* Rule sets by chance. */
#include "random_rules.h"

uint64_t hs_next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

uint64_t hs_random_seed(uint64_t number)
{
    uint64_t seed = number * 0x9e3779b97f4a7c15u + 1;
    for (unsigned turn = 0; turn < 8; turn++)
        hs_next_random(&seed);
    return seed;
}

struct hs_rules hs_random_rules(uint64_t *seed)
{
    struct hs_rules rules = hs_rules_default();
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        enum hs_rule rule = (enum hs_rule)r;
        unsigned values = hs_rule_has_names(rule) ? hs_rule_value_count(rule) : 2;
        uint64_t choice = hs_next_random(seed) >> 16;
        rules.value[r] = (uint8_t)hs_rule_value_at(rule, (unsigned)(choice % values));
    }
    return rules;
}
