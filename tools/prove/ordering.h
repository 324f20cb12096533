/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ordering inference: which rules, together, suffice that a property is never broken?  The rules
 * that make something wait, check or lock are members of a lattice (lattice.h); those that only
 * say what is done are the context, and each combination of their values is searched by itself.
 * Settings say what is done, too: one is chosen for all contexts, and each set is asked about with
 * every other, one at a time.
 */
#ifndef HS_ORDERING_H
#define HS_ORDERING_H

#include "lattice.h"
#include "matrix.h"

/* A rule with its values from the weakest on, as its row in rules.def says. */
struct hs_strength {
    enum hs_rule rule;
    unsigned count;
    uint8_t values[HS_MEMBER_VALUES_MAX];     /* of the rule */
    uint8_t guarantees[HS_MEMBER_VALUES_MAX]; /* of each value */
};
/* Of a rule that is a member. */
struct hs_strength hs_strength_of(enum hs_rule rule);

/* Do values of the rule guarantee more or less?  Then it is a member of the lattice. */
bool hs_rule_is_member(enum hs_rule rule);
/* Do its values do different things?  Then each is a context. */
bool hs_rule_is_context(enum hs_rule rule);
/* Do they, and one is chosen? */
bool hs_rule_is_setting(enum hs_rule rule);

/* A setting other than the one that is chosen: a rule with another value; or, if `rule` is
 * HS_RULE_COUNT, something more in play. */
struct hs_setting {
    enum hs_rule rule;
    uint8_t value;
    const char *in_play; /* as hs_in_play_set takes it */
};
enum { HS_SETTINGS_MAX = 16 };

/* A member of a minimal set, one step weaker. */
struct hs_dropped {
    unsigned member;      /* index in hs_context_sets.strengths */
    unsigned value;       /* what is left of it */
    unsigned combination; /* of the lattice */
    struct hs_pair pair;
    struct hs_evidence evidence;
};

/* Another setting at a time: does a minimal set suffice with it?  Bit by index in
 * hs_ordering.settings. */
struct hs_elsewhere {
    uint32_t breaks;
    uint32_t unknown;
};

/* What was found in one context. */
struct hs_context_sets {
    struct hs_rules rules;
    struct hs_strength strengths[HS_MEMBERS_MAX]; /* those that matter here */
    struct hs_member members[HS_MEMBERS_MAX];
    struct hs_lattice lattice;
    struct hs_dropped *dropped; /* set by set */
    unsigned dropped_count;
    unsigned *first_dropped;        /* by minimal set, one more than there are */
    struct hs_elsewhere *elsewhere; /* by minimal set */
    const struct hs_ordering *ordering;
};

struct hs_ordering {
    uint32_t asked;      /* bit hs_property: none of these may be broken */
    uint32_t samples;    /* per context, of what is inferred */
    bool shows_progress; /* on standard error */
    /* Of `is_fixed`: settings that are chosen, instead of the default; and contexts: those that
     * have another value are left out. */
    struct hs_rules fixed;
    bool is_fixed[HS_RULE_COUNT];
    struct hs_in_play in_play;
    struct hs_search_options options;
    double until; /* of CLOCK_MONOTONIC, when the time-out is over; 0: there is none */
    /* results */
    uint32_t questions;   /* of what is asked, that which is one in some context */
    struct hs_pair usual; /* the world with the defaults and the settings; no context and no member
                             changes its limits, nor the rules that are neither */
    struct hs_setting settings[HS_SETTINGS_MAX]; /* the others */
    unsigned setting_count;
    struct hs_context_sets *contexts;
    unsigned context_count;
    enum hs_search_end end; /* was it cut short? */
};

/* List the contexts in which anything that is asked is a question: to be closed.  Then find all
 * minimal sets of all of them, on several processors. */
void hs_ordering_begin(struct hs_ordering *ordering);
void hs_ordering_run(struct hs_ordering *ordering);
void hs_ordering_close(struct hs_ordering *ordering);

/*
 * The rules of a combination of which those of `is_named` are named: a member that is not is as
 * weak as it can be, and every other rule has its default.  HS_RULE_COUNT, or a context that makes
 * a difference here and is not named.
 */
enum hs_rule hs_ordering_rules(const struct hs_rules *named, const bool is_named[HS_RULE_COUNT],
    const struct hs_in_play *in_play, struct hs_rules *rules);
/* Does something read the rule in one of the contexts, with the settings or with another of them?
 */
bool hs_ordering_reads(const struct hs_ordering *ordering, enum hs_rule rule);
/* The rules of a combination of the lattice. */
struct hs_rules hs_combination_rules(const struct hs_context_sets *sets, unsigned combination);
/* What is known of the questions in `asked` under the rules of `pair`, which must outlive it, with
 * runs; the same evidence as for a weakened member.  To be closed. */
void hs_ordering_gather(const struct hs_pair *pair, uint32_t asked,
    const struct hs_search_options *options, struct hs_evidence *evidence);

/* A world with these rules, and with this in play; it fits together. */
void hs_ordering_pair(
    struct hs_pair *pair, const struct hs_rules *rules, const struct hs_in_play *in_play);

#endif
