/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The rules: switches between one behaviour and another.  A guest or a host is a set of rules.  All
 * that is said of a rule is made from its row in rules.def.
 */
#ifndef HS_RULES_H
#define HS_RULES_H

#include "needs.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

enum hs_side { HS_SIDE_GUEST, HS_SIDE_HOST, HS_SIDE_COUNT };

#define RULE(ID, ...) HS_RULE_##ID,
#define SWITCH(ID, ...) HS_RULE_##ID,
#define NUMBER(ID, ...) HS_RULE_##ID,
enum hs_rule {
#include "rules.def"
    HS_RULE_COUNT
};

/* The values of a rule that is on or off. */
enum hs_switch { HS_OFF, HS_ON };

/* The values of every other rule, each an enumeration of its own: enum hs_release and so on.  How
 * many there are is no member, so that a switch over all values needs no default. */
#define RULE(ID, word, side, name, usual, order, meaning, live, values) enum hs_##word{values};
#define SWITCH(...)
#define NUMBER(...)
#define VALUE(id, number, ...) id = (number),
#include "rules.def"

/* The range of a rule that is a number: HS_LOG_CHUNK_MIN, HS_LOG_CHUNK_MAX. */
#define RULE(...)
#define SWITCH(...)
#define NUMBER(ID, word, side, name, usual, order, meaning, live, least, most) \
    enum { HS_##ID##_MIN = (least), HS_##ID##_MAX = (most) };
#include "rules.def"

enum { HS_RULE_VALUES_MAX = 4, HS_RULE_NEEDS_MAX = 2 };

/* How the values of a rule compare. */
enum hs_rule_order {
    HS_ORDER_NONE,    /* not compared */
    HS_ORDER_PARTIAL, /* a value guarantees more or less than another */
    HS_ORDER_CONTEXT, /* the values do different things: each is a context of its own */
    HS_ORDER_SETTING  /* they do, and one of them is chosen for all contexts */
};

/* One value of a rule. */
/* In place of what a value guarantees: it is in no set of `hintsim matrix --rules`. */
enum { HS_NOT_COMPARED = 0x80 };
struct hs_rule_value {
    const char *name;   /* how it is written; NULL behind the last */
    uint8_t number;     /* in hs_rules.value */
    uint8_t guarantees; /* HS_ORDER_PARTIAL: a bit for each thing that it guarantees, or
                           HS_NOT_COMPARED */
    const char *meaning;
};

/* One rule.  It has values with names, or it is a number from `least` to `most`. */
struct hs_rule_row {
    const char *name; /* public and stable */
    enum hs_side side;
    enum hs_rule_order order;
    uint8_t usual; /* the default */
    const char *meaning;
    struct hs_need live_if[HS_RULE_NEEDS_MAX]; /* one of them is met, or the rule is idle; none:
                                                  it is never idle */
    uint8_t least;
    uint8_t most;
    const char *range; /* the same in words, behind the name; NULL for a rule with named values */
    struct hs_rule_value values[HS_RULE_VALUES_MAX + 1]; /* as they are listed */
};
extern const struct hs_rule_row hs_rule_rows[HS_RULE_COUNT];

/* A value for every rule, indexed by enum hs_rule. */
struct hs_rules {
    uint8_t value[HS_RULE_COUNT];
};

/* An assertion in an accessor that guards and effects use all the time: it costs more than one
 * percent of a search (tests/bench), so it is left to debug and sanitized builds. */
#ifdef HS_CHECK_ACCESSORS
#define HS_INNER_ASSERT(holds) assert(holds)
#else
#define HS_INNER_ASSERT(holds) ((void)0)
#endif

/* Typed readers: hs_rules_release(rules) is the enum hs_release that the set gives to that rule.  A
 * switch over it without `default` lets the compiler find a value that was forgotten. */
#define RULE(ID, word, ...)                                                    \
    static inline enum hs_##word hs_rules_##word(const struct hs_rules *rules) \
    {                                                                          \
        HS_INNER_ASSERT(rules);                                                \
        return (enum hs_##word)rules->value[HS_RULE_##ID];                     \
    }
#define SWITCH(ID, word, ...)                                                  \
    static inline enum hs_switch hs_rules_##word(const struct hs_rules *rules) \
    {                                                                          \
        HS_INNER_ASSERT(rules);                                                \
        return (enum hs_switch)rules->value[HS_RULE_##ID];                     \
    }
#define NUMBER(ID, word, ...)                                            \
    static inline unsigned hs_rules_##word(const struct hs_rules *rules) \
    {                                                                    \
        HS_INNER_ASSERT(rules);                                          \
        return rules->value[HS_RULE_##ID];                               \
    }
#include "rules.def"

/* Are the driver's eyes on the used ring: does it go on, or let pages go, by what it learns there?
 */
static inline bool hs_rules_follow_used(const struct hs_rules *rules)
{
    assert(rules);
    if (hs_rules_hint_wait(rules) != HS_WAIT_NONE)
        return true;
    switch (hs_rules_release(rules)) {
    case HS_RELEASE_AFTER_USED:
    case HS_RELEASE_AFTER_ALL_USED:
        return true;
    case HS_RELEASE_ANY_TIME:
    case HS_RELEASE_AFTER_DONE:
        break;
    }
    return false;
}

/* The default of every rule. */
struct hs_rules hs_rules_default(void);
/* NULL if every rule has one of its values; else what is wrong, in words. */
const char *hs_rules_check(const struct hs_rules *rules);

/* The rule of that name, or HS_RULE_COUNT. */
enum hs_rule hs_rule_find(const char *name);
/* Does `rule` have values with names?  Otherwise it is a number. */
bool hs_rule_has_names(enum hs_rule rule);
/* How many values a rule has, 2 or more. */
unsigned hs_rule_value_count(enum hs_rule rule);
/* The number of the value that is listed at `place`, 0..hs_rule_value_count - 1. */
unsigned hs_rule_value_at(enum hs_rule rule, unsigned place);
/* The place where the value with that number is listed; hs_rule_value_count if no value has it. */
unsigned hs_rule_value_place(enum hs_rule rule, unsigned number);
/* The number of the value of `rule` that is written `text`, or -1. */
int hs_rule_value_find(enum hs_rule rule, const char *text);
enum { HS_RULE_NUMBER_SIZE = 8 };
/* How the value with that number, which must be one of the rule's, is written; `buffer` serves
 * numeric rules. */
const char *hs_rule_value_name(
    enum hs_rule rule, unsigned number, char buffer[HS_RULE_NUMBER_SIZE]);

#endif
