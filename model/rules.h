/*
 * The rules: switches between one behaviour and another.  A guest or a host is a set of rules, and
 * a preset is a named set that stands for a real program or for a proposal.
 */
#ifndef HS_RULES_H
#define HS_RULES_H

#include <stdbool.h>
#include <stdint.h>

enum hs_side { HS_SIDE_GUEST, HS_SIDE_HOST, HS_SIDE_COUNT };

enum hs_rule {
    /* the guest's */
    HS_RULE_RELEASE,
    HS_RULE_SHRINKER,
    HS_RULE_HINT_SOURCE,
    HS_RULE_HINT_ONLY_FREE,
    HS_RULE_COMMAND_WORD,
    HS_RULE_ROUND_END,
    HS_RULE_REPORT_REUSE,
    HS_RULE_INFLATE_REUSE,
    HS_RULE_TELL_HOST,
    HS_RULE_POISON,
    HS_RULE_POISON_NEGOTIATED,
    HS_RULE_POISON_AFTER_RESET,
    HS_RULE_REPORT_UNPOISONED,
    HS_RULE_RESET_RETURNS,
    /* the host's */
    HS_RULE_HINT_TRIGGER,
    HS_RULE_CHECK_COMMAND_ID,
    HS_RULE_STOP_BEFORE_SYNC,
    HS_RULE_NEW_ID_AFTER_SYNC,
    HS_RULE_HINT_UNDER_LOCK,
    HS_RULE_HINT_EFFECT,
    HS_RULE_REFUSE_WRITTEN,
    HS_RULE_RESTART_ON_SAME_ID,
    HS_RULE_FIELD_WHILE_STARTED,
    HS_RULE_DONE_AT_END,
    HS_RULE_HINT_WITH_POSTCOPY,
    HS_RULE_LOG,
    HS_RULE_INITIALLY_ALL_SET,
    HS_RULE_LOG_CHUNK,
    HS_RULE_CLEAR_MASK,
    HS_RULE_SEND_ORDER,
    HS_RULE_LOG_BEFORE_FIRST_ID,
    HS_RULE_DISCARD_MARKS_DIRTY,
    HS_RULE_INHIBIT_DISCARD,
    HS_RULE_COUNT
};

/* The values, in the order of each rule's table row. */
enum { HS_ON, HS_OFF };
enum {
    HS_RELEASE_ANY_TIME,
    HS_RELEASE_AFTER_USED,
    HS_RELEASE_AFTER_ALL_USED,
    HS_RELEASE_AFTER_DONE
};
enum { HS_SOURCE_ALLOCATE, HS_SOURCE_ITERATE };
enum { HS_WORD_ONE_PER_ROUND, HS_WORD_SHARED };
enum { HS_END_SENDS_STOP, HS_END_SILENT };
enum { HS_REUSE_AFTER_USED, HS_REUSE_ANY_TIME };
enum { HS_POISON_OFF, HS_POISON_ZERO, HS_POISON_VALUE };
enum { HS_TRIGGER_MIGRATION, HS_TRIGGER_REQUEST };
enum { HS_EFFECT_SKIP, HS_EFFECT_SKIP_AND_CLEAR_LOG, HS_EFFECT_DISCARD };
enum { HS_FIELD_STOP, HS_FIELD_ID };
enum { HS_LOG_LEGACY, HS_LOG_MANUAL, HS_LOG_RING };
enum { HS_MASK_KNOWN, HS_MASK_ALL };
enum { HS_DONE_ON, HS_DONE_COMPLETED, HS_DONE_OFF };
enum { HS_SEND_CLEAR_THEN_COPY, HS_SEND_COPY_THEN_CLEAR };

enum { HS_RULE_VALUES_MAX = 4, HS_LOG_CHUNK_MAX = 64 };

/* One rule: its public name, its values, and what it means.  A rule without value names is a
 * number from 1 to HS_LOG_CHUNK_MAX. */
struct hs_rule_row {
    const char *name;
    enum hs_side side;
    const char *values[HS_RULE_VALUES_MAX]; /* NULL behind the last */
    const char *meaning;
};

/* A value for every rule, indexed by enum hs_rule. */
struct hs_rules {
    uint8_t value[HS_RULE_COUNT];
};

/* One value that a preset gives to a rule, and the real behaviour it stands for. */
struct hs_preset_value {
    enum hs_rule rule;
    uint8_t value;
    const char *stands_for;
};

enum { HS_PRESET_VALUES_MAX = HS_RULE_COUNT };

struct hs_preset {
    const char *name;
    enum hs_side side;
    const char *stands_for;
    const struct hs_preset_value *values; /* those that differ from the defaults */
    unsigned count;
};

extern const struct hs_rule_row hs_rule_rows[HS_RULE_COUNT];
extern const struct hs_preset hs_presets[];
extern const unsigned hs_preset_count;

/* The defaults: the behaviour that the clauses ask for where they ask for one, and the cautious
 * value elsewhere.  A preset names what differs. */
struct hs_rules hs_rules_default(void);
/* Let `preset` overwrite the rules of its side; the other side's stay as they are. */
void hs_rules_apply_preset(struct hs_rules *rules, const struct hs_preset *preset);
/* The preset of that side and name, or NULL. */
const struct hs_preset *hs_preset_find(enum hs_side side, const char *name);
/* The rule of that name, or HS_RULE_COUNT. */
enum hs_rule hs_rule_find(const char *name);
/* How many values a rule has (for log-chunk: HS_LOG_CHUNK_MAX + 1, of which 0 is not allowed). */
unsigned hs_rule_value_count(enum hs_rule rule);
/* The value of `rule` that is written `text`, or -1. */
int hs_rule_value_find(enum hs_rule rule, const char *text);
/* How the value is written; `buffer` (8 bytes or more) serves numeric rules. */
const char *hs_rule_value_name(enum hs_rule rule, unsigned value, char buffer[8]);

#endif
