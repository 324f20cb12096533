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

struct hs_preset {
    const char *name; /* public and stable */
    enum hs_side side;
    const char *stands_for;
    const char *base; /* an earlier preset of that side, of which it has all that it does not say
                         itself; or NULL: then it has the defaults */
    const struct hs_preset_value *values; /* what it says itself: values that differ from those of
                                             the base, or of the defaults, and others that are
                                             worth a word */
    unsigned count;                       /* of them */
    bool without_hints;                   /* it takes no part in free page hinting */
    const char *needs; /* what a guest needs that no released host offers, in words, or NULL */
};

extern const struct hs_preset hs_presets[];
extern const unsigned hs_preset_count;

/* The preset that `preset` differs from, or NULL. */
const struct hs_preset *hs_preset_base(const struct hs_preset *preset);
/* What `preset`, or one that it is based on, says of a rule; NULL: nothing, it has the default. */
const struct hs_preset_value *hs_preset_value(const struct hs_preset *preset, enum hs_rule rule);

/* Let `preset` overwrite the rules of its side with its values, and with the defaults where it has
 * none; the other side's stay as they are. */
void hs_rules_apply_preset(struct hs_rules *rules, const struct hs_preset *preset);
/* The preset of that side and name, or NULL. */
const struct hs_preset *hs_preset_find(enum hs_side side, const char *name);

#endif
