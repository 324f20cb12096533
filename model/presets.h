/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The presets: named sets of rules that stand for a real program, or for a proposal.
 */
#ifndef HS_PRESETS_H
#define HS_PRESETS_H

#include "rules.h"

/* One value that a preset gives to a rule, and the real behaviour it stands for. */
struct hs_preset_value {
    enum hs_rule rule;
    uint8_t value;
    const char *stands_for;
};

enum { HS_PRESET_VALUES_MAX = HS_RULE_COUNT };

struct hs_preset {
    const char *name; /* public and stable */
    enum hs_side side;
    const char *stands_for;
    const struct hs_preset_value *values; /* those that differ from the defaults, and others that
                                             are worth a word */
    unsigned count;                       /* of values, up to HS_PRESET_VALUES_MAX */
    bool without_hints;                   /* it takes no part in free page hinting */
    const char *needs; /* what a guest needs that no released host offers, in words, or NULL */
};

extern const struct hs_preset hs_presets[];
extern const unsigned hs_preset_count;

/* Let `preset` overwrite the rules of its side with its values, and with the defaults where it has
 * none; the other side's stay as they are. */
void hs_rules_apply_preset(struct hs_rules *rules, const struct hs_preset *preset);
/* The preset of that side and name, or NULL. */
const struct hs_preset *hs_preset_find(enum hs_side side, const char *name);

#endif
