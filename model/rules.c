/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of rules, made from rules.def, and what is looked up in it. */
#include "rules.h"

#include "sizes.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the table ------------------------------------------------------------------------------ */

#define LIVE_IF(...) __VA_ARGS__

/* What each word in the column `order` says: how values compare, and of a switch what on and off
 * guarantee. */
#define UNORDERED HS_ORDER_NONE
#define CONTEXT HS_ORDER_CONTEXT
#define SETTING HS_ORDER_SETTING
#define ORDERED HS_ORDER_PARTIAL
#define ON_STRONGER HS_ORDER_PARTIAL
#define OFF_STRONGER HS_ORDER_PARTIAL
enum { ON_UNORDERED = 0, OFF_UNORDERED = 0 };
enum { ON_SETTING = 0, OFF_SETTING = 0 };
enum { ON_ON_STRONGER = 1, OFF_ON_STRONGER = 0 };
enum { ON_OFF_STRONGER = 0, OFF_OFF_STRONGER = 1 };

#define RULE(ID, word, side, name, usual, order, meaning, live, values) \
    [HS_RULE_##ID] = {name, HS_SIDE_##side, order, usual, meaning, {live}, 0, 0, NULL, {values}},
#define SWITCH(ID, word, side, name, usual, order, meaning, live, on, off)             \
    [HS_RULE_##ID] = {name, HS_SIDE_##side, order, usual, meaning, {live}, 0, 0, NULL, \
        {{"on", HS_ON, ON_##order, on}, {"off", HS_OFF, OFF_##order, off}}},
#define NUMBER(ID, word, side, name, usual, order, meaning, live, least, most)          \
    [HS_RULE_##ID] = {name, HS_SIDE_##side, order, usual, meaning, {live}, least, most, \
        name ": " #least " to " #most, {{NULL, 0, 0, NULL}}},
#define VALUE(id, number, name, guarantees, meaning) {name, number, guarantees, meaning},

const struct hs_rule_row hs_rule_rows[HS_RULE_COUNT] = {
#include "rules.def"
};

/* A row of the table has room for so many values, and for the NULL behind the last. */
#define RULE(ID, word, side, name, usual, order, meaning, live, values)                            \
    static_assert(sizeof((const struct hs_rule_value[]){values}) / sizeof(struct hs_rule_value) <= \
                      HS_RULE_VALUES_MAX,                                                          \
        "the rule " name " has more values than HS_RULE_VALUES_MAX (rules.h): make that larger");
#define SWITCH(...)
#define NUMBER(...)
#define VALUE(id, number, name, guarantees, meaning) {name, number, guarantees, meaning},
#include "rules.def"

/* ---- sets of rules -------------------------------------------------------------------------- */

struct hs_rules hs_rules_default(void)
{
    struct hs_rules rules;
    for (unsigned r = 0; r < HS_RULE_COUNT; r++)
        rules.value[r] = hs_rule_rows[r].usual;
    return rules;
}

const char *hs_rules_check(const struct hs_rules *rules)
{
    assert(rules);
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        enum hs_rule rule = (enum hs_rule)r;
        if (hs_rule_value_place(rule, rules->value[r]) == hs_rule_value_count(rule))
            return hs_rule_has_names(rule) ? "rules: every rule has one of its values"
                                           : hs_rule_rows[rule].range;
    }
    return NULL;
}

/* ---- names ---------------------------------------------------------------------------------- */

enum hs_rule hs_rule_find(const char *name)
{
    assert(name);
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        if (strcmp(hs_rule_rows[r].name, name) == 0)
            return (enum hs_rule)r;
    }
    return HS_RULE_COUNT;
}

bool hs_rule_has_names(enum hs_rule rule)
{
    assert(rule < HS_RULE_COUNT);
    return hs_rule_rows[rule].values[0].name != NULL;
}

unsigned hs_rule_value_count(enum hs_rule rule)
{
    assert(rule < HS_RULE_COUNT);
    const struct hs_rule_row *row = &hs_rule_rows[rule];
    unsigned count = 0;
    if (!hs_rule_has_names(rule))
        return row->most - row->least + 1u;
    while (count < HS_RULE_VALUES_MAX && row->values[count].name)
        count++;
    return count;
}

unsigned hs_rule_value_at(enum hs_rule rule, unsigned place)
{
    assert(rule < HS_RULE_COUNT && place < hs_rule_value_count(rule));
    const struct hs_rule_row *row = &hs_rule_rows[rule];
    return hs_rule_has_names(rule) ? row->values[place].number : row->least + place;
}

unsigned hs_rule_value_place(enum hs_rule rule, unsigned number)
{
    assert(rule < HS_RULE_COUNT);
    unsigned count = hs_rule_value_count(rule);
    unsigned place = 0;
    while (place < count && hs_rule_value_at(rule, place) != number)
        place++;
    return place;
}

int hs_rule_value_find(enum hs_rule rule, const char *text)
{
    assert(rule < HS_RULE_COUNT && text);
    const struct hs_rule_row *row = &hs_rule_rows[rule];
    if (!hs_rule_has_names(rule)) {
        char *end;
        long number = strtol(text, &end, 10);
        return *text && !*end && number >= row->least && number <= row->most ? (int)number : -1;
    }
    for (unsigned place = 0; place < hs_rule_value_count(rule); place++) {
        if (strcmp(row->values[place].name, text) == 0)
            return row->values[place].number;
    }
    return -1;
}

const char *hs_rule_value_name(enum hs_rule rule, unsigned number, char buffer[HS_RULE_NUMBER_SIZE])
{
    assert(rule < HS_RULE_COUNT && buffer);
    unsigned place = hs_rule_value_place(rule, number);
    assert(place < hs_rule_value_count(rule));
    if (hs_rule_has_names(rule))
        return hs_rule_rows[rule].values[place].name;
    snprintf(buffer, HS_RULE_NUMBER_SIZE, "%u", number);
    return buffer;
}
