/*
 * Ordering inference: which rules, together, suffice that a property is never broken?  The rules
 * that make something wait, check or lock are members of a lattice (lattice.h); those that only
 * say what is done are the context, and each combination of their values is searched by itself.
 */
#ifndef HS_ORDERING_H
#define HS_ORDERING_H

#include "lattice.h"
#include "matrix.h"

/* A rule with its values from the weakest on. */
struct hs_strength {
    enum hs_rule rule;
    unsigned count;
    uint8_t values[HS_MEMBER_VALUES_MAX];     /* of the rule */
    uint8_t guarantees[HS_MEMBER_VALUES_MAX]; /* of each value */
};
extern const struct hs_strength hs_strengths[];
extern const unsigned hs_strength_count;

/* A rule that is context. */
struct hs_context_rule {
    enum hs_rule rule;
    unsigned count;
    uint8_t values[HS_MEMBER_VALUES_MAX];
};
extern const struct hs_context_rule hs_context_rules[];
extern const unsigned hs_context_rule_count;

/* A member of a minimal set, one step weaker. */
struct hs_dropped {
    unsigned member;      /* index in hs_context_sets.strengths */
    unsigned value;       /* what is left of it */
    unsigned combination; /* of the lattice */
    unsigned number;      /* for --cell */
    uint8_t verdict;      /* enum hs_verdict: Sometimes with a run, or Unknown */
    struct hs_pair pair;
    char name[64];
    struct hs_settled settled;
};

/* What was found in one context. */
struct hs_context_sets {
    unsigned index; /* of the context */
    struct hs_rules rules;
    const struct hs_strength *strengths[HS_MEMBERS_MAX]; /* those that matter here */
    struct hs_member members[HS_MEMBERS_MAX];
    struct hs_lattice lattice;
    struct hs_dropped *dropped; /* set by set */
    unsigned dropped_count;
    unsigned *first_dropped; /* by minimal set, one more than there are */
    const struct hs_ordering *ordering;
};

struct hs_ordering {
    uint32_t asked;      /* bit hs_property: none of these may be broken */
    uint32_t samples;    /* per context, of what is inferred */
    bool shows_progress; /* on standard error */
    struct hs_rules
        fixed; /* contexts that differ from these in a rule of `is_fixed` are left out */
    bool is_fixed[HS_RULE_COUNT];
    struct hs_search_options options;
    double until; /* of CLOCK_MONOTONIC, when the time-out is over; 0: there is none */
    /* results */
    struct hs_context_sets *contexts;
    unsigned context_count;
    enum hs_search_end end; /* was it cut short? */
};

/* Find all minimal sets of all contexts, on several processors.  To be closed. */
void hs_ordering_run(struct hs_ordering *ordering);
void hs_ordering_close(struct hs_ordering *ordering);

/* The rules that stand behind a number.  False if there is no such number. */
bool hs_ordering_rules(unsigned number, struct hs_rules *rules);
unsigned hs_ordering_numbers(void);

/* A world with these rules, whose name is kept. */
void hs_ordering_pair(struct hs_pair *pair, const struct hs_rules *rules, char *name);

#endif
