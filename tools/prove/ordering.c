/* SPDX-License-Identifier: BSD-3-Clause */
/* From rules to members, from combinations to evidence, from minimal sets to what drops out. */
#include "ordering.h"

#include "clock.h"
#include "crew.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what the table of rules says -------------------------------------------------------------
 */

static_assert((int)HS_MEMBER_VALUES_MAX == (int)HS_RULE_VALUES_MAX, "room for a rule's values");

struct hs_strength hs_strength_of(enum hs_rule rule)
{
    struct hs_strength strength = {.rule = rule};
    assert(hs_rule_rows[rule].order == HS_ORDER_PARTIAL);
    for (unsigned i = 0; i < hs_rule_value_count(rule); i++) { /* the weakest first */
        const struct hs_rule_value *value = &hs_rule_rows[rule].values[i];
        if (value->guarantees == HS_NOT_COMPARED)
            continue;
        unsigned at = strength.count++;
        for (; at > 0 && strength.guarantees[at - 1] > value->guarantees; at--) {
            strength.values[at] = strength.values[at - 1];
            strength.guarantees[at] = strength.guarantees[at - 1];
        }
        strength.values[at] = value->number;
        strength.guarantees[at] = value->guarantees;
    }
    return strength;
}

bool hs_rule_is_member(enum hs_rule rule)
{
    return hs_rule_rows[rule].order == HS_ORDER_PARTIAL;
}

bool hs_rule_is_context(enum hs_rule rule)
{
    return hs_rule_rows[rule].order == HS_ORDER_CONTEXT;
}

bool hs_rule_is_setting(enum hs_rule rule)
{
    return hs_rule_rows[rule].order == HS_ORDER_SETTING;
}

/* How many contexts a rule makes: one for each value, or for the least and the most. */
static unsigned context_count(enum hs_rule rule)
{
    return hs_rule_has_names(rule) ? hs_rule_value_count(rule) : 2;
}

static uint8_t context_value(enum hs_rule rule, unsigned place)
{
    const struct hs_rule_row *row = &hs_rule_rows[rule];
    if (!hs_rule_has_names(rule))
        return place ? row->most : row->least;
    return (uint8_t)hs_rule_value_at(rule, place);
}

/* ---- contexts ---------------------------------------------------------------------------------
 */

static unsigned context_values(void)
{
    unsigned product = 1;
    for (unsigned r = 0; r < HS_RULE_COUNT; r++)
        product *= hs_rule_is_context((enum hs_rule)r) ? context_count((enum hs_rule)r) : 1;
    return product;
}

static void set_context(unsigned index, struct hs_rules *rules)
{
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        enum hs_rule rule = (enum hs_rule)r;
        if (!hs_rule_is_context(rule))
            continue;
        rules->value[r] = context_value(rule, index % context_count(rule));
        index /= context_count(rule);
    }
}

void hs_ordering_pair(
    struct hs_pair *pair, const struct hs_rules *rules, const struct hs_in_play *in_play)
{
    static char name[] = "rules";
    hs_pair_begin(pair, NULL, NULL, name);
    pair->variant.config.rules = *rules;
    hs_in_play_apply(in_play, &pair->variant.config);
    const char *wrong = hs_config_finish(&pair->variant.config);
    assert(!wrong);
    (void)wrong;
}

/* The defaults, with the settings that are chosen. */
static struct hs_rules chosen_rules(const struct hs_ordering *ordering)
{
    struct hs_rules rules = hs_rules_default();
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        if (hs_rule_is_setting((enum hs_rule)r) && ordering->is_fixed[r])
            rules.value[r] = ordering->fixed.value[r];
    }
    return rules;
}

/* What is left of the time for the next combination. */
static struct hs_search_options options_of(const struct hs_ordering *ordering)
{
    struct hs_search_options options = ordering->options;
    options.timeout = hs_time_left(ordering->until);
    return options;
}

enum { MOST_STATES = 1500000 }; /* beyond, a combination is too large to be asked about */

/* ---- one context ------------------------------------------------------------------------------
 */

struct hs_rules hs_combination_rules(const struct hs_context_sets *sets, unsigned combination)
{
    struct hs_rules rules = sets->rules;
    for (unsigned i = 0; i < sets->lattice.count; i++) {
        const struct hs_strength *row = &sets->strengths[i];
        rules.value[row->rule] = row->values[hs_lattice_value(&sets->lattice, combination, i)];
    }
    return rules;
}

static enum hs_safety judge(const struct hs_ordering *ordering, const struct hs_variant *variant)
{
    struct hs_evidence evidence;
    const struct hs_search_options options = options_of(ordering);
    const uint32_t asked = hs_config_questions(&variant->config, ordering->asked);
    hs_gather(variant, asked, 0, (struct hs_bounds){.sweep = MOST_STATES}, &options, &evidence);
    enum hs_safety safety = evidence.flags & asked ? HS_UNSAFE
                            : evidence.complete    ? HS_SAFE
                                                   : HS_TOO_LARGE;
    hs_evidence_close(&evidence);
    return safety;
}

static enum hs_safety judge_combination(void *context, unsigned combination)
{
    const struct hs_context_sets *sets = context;
    const volatile int *interrupted = sets->ordering->options.interrupted;
    struct hs_pair pair;
    if (interrupted && *interrupted)
        return HS_TOO_LARGE; /* nothing will be printed: thousands may be left */
    struct hs_rules rules = hs_combination_rules(sets, combination);
    hs_ordering_pair(&pair, &rules, &sets->ordering->in_play);
    return judge(sets->ordering, &pair.variant);
}

/* The rules that matter in these, with the strongest values: is `row` one of them? */
static bool matters(
    const struct hs_rules *rules, const struct hs_in_play *in_play, const struct hs_strength *row)
{
    struct hs_pair weak;
    struct hs_pair strong;
    hs_ordering_pair(&weak, rules, in_play);
    hs_ordering_pair(&strong, rules, in_play);
    weak.variant.config.rules.value[row->rule] = row->values[0];
    strong.variant.config.rules.value[row->rule] = row->values[row->count - 1];
    struct hs_rules a = hs_rules_that_matter(&weak.variant.config);
    struct hs_rules b = hs_rules_that_matter(&strong.variant.config);
    return memcmp(&a, &b, sizeof(a)) != 0;
}

enum hs_rule hs_ordering_rules(const struct hs_rules *named, const bool is_named[HS_RULE_COUNT],
    const struct hs_in_play *in_play, struct hs_rules *rules)
{
    *rules = hs_rules_default();
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        enum hs_rule rule = (enum hs_rule)r;
        if ((hs_rule_is_context(rule) || hs_rule_is_setting(rule)) && is_named[r])
            rules->value[r] = named->value[r];
    }
    const struct hs_rules context = *rules;
    const struct hs_config config = {.rules = context};
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        enum hs_rule rule = (enum hs_rule)r;
        if (hs_rule_is_context(rule) && !is_named[r] && hs_config_reads(&config, rule))
            return rule;
        if (!hs_rule_is_member(rule))
            continue;
        const struct hs_strength strength = hs_strength_of(rule);
        if (is_named[r])
            rules->value[r] = named->value[r];
        else if (matters(&context, in_play, &strength))
            rules->value[r] = strength.values[0];
    }
    return HS_RULE_COUNT;
}

void hs_ordering_gather(const struct hs_pair *pair, uint32_t asked,
    const struct hs_search_options *options, struct hs_evidence *evidence)
{
    asked = hs_config_questions(&pair->variant.config, asked);
    hs_gather(
        &pair->variant, asked, asked, (struct hs_bounds){.sweep = MOST_STATES}, options, evidence);
}

static void begin_context(struct hs_context_sets *sets)
{
    struct hs_lattice *lattice = &sets->lattice;
    lattice->members = sets->members;
    lattice->judge = judge_combination;
    lattice->context = sets;
    lattice->samples = sets->ordering->samples;
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        if (!hs_rule_is_member((enum hs_rule)r))
            continue;
        struct hs_strength strength = hs_strength_of((enum hs_rule)r);
        if (!matters(&sets->rules, &sets->ordering->in_play, &strength))
            continue;
        assert(lattice->count < HS_MEMBERS_MAX);
        sets->strengths[lattice->count] = strength;
        struct hs_member *member = &sets->members[lattice->count++];
        member->count = strength.count;
        memcpy(member->guarantees, strength.guarantees, sizeof(member->guarantees));
    }
}

/* The race that appears when a member of a minimal set is weakened. */
static void drop(struct hs_context_sets *sets, unsigned set, unsigned member, unsigned value)
{
    unsigned combination =
        hs_lattice_with(&sets->lattice, sets->lattice.minimal[set], member, value);
    struct hs_dropped *dropped = &sets->dropped[sets->dropped_count++];
    struct hs_rules rules = hs_combination_rules(sets, combination);
    dropped->member = member;
    dropped->value = value;
    dropped->combination = combination;
    hs_ordering_pair(&dropped->pair, &rules, &sets->ordering->in_play);
    const struct hs_search_options options = options_of(sets->ordering);
    hs_ordering_gather(&dropped->pair, sets->ordering->asked, &options, &dropped->evidence);
}

static void drop_each(struct hs_context_sets *sets, unsigned set)
{
    for (unsigned i = 0; i < sets->lattice.count; i++) {
        unsigned value = hs_lattice_value(&sets->lattice, sets->lattice.minimal[set], i);
        for (unsigned v = 0; v < sets->members[i].count; v++) {
            if (hs_member_steps_down(&sets->members[i], value, v))
                drop(sets, set, i, v);
        }
    }
}

static void drop_all(struct hs_context_sets *sets)
{
    unsigned minimal = sets->lattice.minimal_count;
    size_t room = (size_t)minimal * HS_MEMBERS_MAX * HS_MEMBER_VALUES_MAX + 1;
    sets->dropped = hs_must(calloc(room, sizeof(*sets->dropped)));
    sets->first_dropped = hs_must(calloc(minimal + 1, sizeof(*sets->first_dropped)));
    for (unsigned set = 0; set < minimal; set++) {
        sets->first_dropped[set] = sets->dropped_count;
        drop_each(sets, set);
    }
    sets->first_dropped[minimal] = sets->dropped_count;
}

/* ---- other settings ---------------------------------------------------------------------------
 */

static void add_setting(struct hs_ordering *ordering, struct hs_setting setting)
{
    assert(ordering->setting_count < HS_SETTINGS_MAX);
    ordering->settings[ordering->setting_count++] = setting;
}

/* A pair of the chosen settings, but for this one. */
static void set_otherwise(const struct hs_ordering *ordering, const struct hs_setting *setting,
    const struct hs_rules *rules, struct hs_pair *pair)
{
    struct hs_config *config = &pair->variant.config;
    hs_ordering_pair(pair, rules, &ordering->in_play);
    if (setting->rule != HS_RULE_COUNT)
        config->rules.value[setting->rule] = setting->value;
    else
        hs_in_play_apply(&(struct hs_in_play){.with = setting->in_play}, config);
    const char *wrong = hs_config_finish(config);
    assert(!wrong);
    (void)wrong;
}

/* Does the setting change a world with these rules? */
static bool is_other(const struct hs_ordering *ordering, const struct hs_setting *setting,
    const struct hs_rules *rules)
{
    struct hs_pair chosen;
    struct hs_pair pair;
    hs_ordering_pair(&chosen, rules, &ordering->in_play);
    set_otherwise(ordering, setting, rules, &pair);
    const struct hs_config *one = &chosen.variant.config;
    const struct hs_config *other = &pair.variant.config;
    const struct hs_rules ones = hs_rules_that_matter(one);
    const struct hs_rules others = hs_rules_that_matter(other);
    return memcmp(&ones, &others, sizeof(ones)) != 0 ||
           memcmp(one->limits, other->limits, sizeof(one->limits)) != 0 ||
           memcmp(one->queue_size, other->queue_size, sizeof(one->queue_size)) != 0;
}

static void list_settings(struct hs_ordering *ordering)
{
    static const char *const in_play[] = {"resets", "inflate"};
    ordering->setting_count = 0;
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        enum hs_rule rule = (enum hs_rule)r;
        for (unsigned i = 0; hs_rule_is_setting(rule) && i < hs_rule_value_count(rule); i++) {
            uint8_t value = (uint8_t)hs_rule_value_at(rule, i);
            if (value != ordering->usual.variant.config.rules.value[r])
                add_setting(ordering, (struct hs_setting){.rule = rule, .value = value});
        }
    }
    for (unsigned i = 0; i < sizeof(in_play) / sizeof(in_play[0]); i++) {
        const struct hs_setting setting = {.rule = HS_RULE_COUNT, .in_play = in_play[i]};
        if (is_other(ordering, &setting, &ordering->usual.variant.config.rules))
            add_setting(ordering, setting);
    }
}

bool hs_ordering_reads(const struct hs_ordering *ordering, enum hs_rule rule)
{
    for (unsigned i = 0; i < ordering->context_count; i++) {
        const struct hs_rules *rules = &ordering->contexts[i].rules;
        struct hs_pair pair;
        hs_ordering_pair(&pair, rules, &ordering->in_play);
        bool is_read = hs_config_reads(&pair.variant.config, rule);
        for (unsigned s = 0; s < ordering->setting_count && !is_read; s++) {
            set_otherwise(ordering, &ordering->settings[s], rules, &pair);
            is_read = hs_config_reads(&pair.variant.config, rule);
        }
        if (is_read)
            return true;
    }
    return false;
}

/* Ask about a minimal set with each other setting. */
static void ask_elsewhere(const struct hs_context_sets *sets, unsigned set)
{
    const struct hs_ordering *ordering = sets->ordering;
    const struct hs_rules rules = hs_combination_rules(sets, sets->lattice.minimal[set]);
    for (unsigned i = 0; i < ordering->setting_count; i++) {
        struct hs_pair pair;
        if (!is_other(ordering, &ordering->settings[i], &rules))
            continue;
        set_otherwise(ordering, &ordering->settings[i], &rules, &pair);
        enum hs_safety safety = judge(ordering, &pair.variant);
        sets->elsewhere[set].breaks |= (uint32_t)(safety == HS_UNSAFE) << i;
        sets->elsewhere[set].unknown |= (uint32_t)(safety == HS_TOO_LARGE) << i;
    }
}

static void ask_all_elsewhere(struct hs_context_sets *sets)
{
    unsigned minimal = sets->lattice.minimal_count;
    sets->elsewhere = hs_must(calloc(minimal + 1, sizeof(*sets->elsewhere)));
    for (unsigned set = 0; set < minimal; set++)
        ask_elsewhere(sets, set);
}

/* ---- all contexts -----------------------------------------------------------------------------
 */

struct progress {
    struct hs_ordering *ordering;
    atomic_uint done;
    atomic_uint asked;
};

static void search_context(void *argument, unsigned index)
{
    struct progress *progress = argument;
    struct hs_ordering *ordering = progress->ordering;
    struct hs_context_sets *sets = &ordering->contexts[index];
    hs_lattice_search(&sets->lattice);
    drop_all(sets);
    ask_all_elsewhere(sets);
    unsigned asked = atomic_fetch_add(&progress->asked, sets->lattice.asked) + sets->lattice.asked;
    unsigned done = atomic_fetch_add(&progress->done, 1) + 1;
    if (ordering->shows_progress)
        fprintf(stderr, "\r%u of %u contexts, %u combinations proved or broken%s", done,
            ordering->context_count, asked, done == ordering->context_count ? "\n" : "");
}

/* Does a context differ from an earlier one, and from what is fixed only where it may? */
static bool is_wanted(const struct hs_ordering *ordering, const struct hs_rules *rules)
{
    struct hs_pair pair;
    hs_ordering_pair(&pair, rules, &ordering->in_play);
    struct hs_rules plain = hs_rules_that_matter(&pair.variant.config);
    for (unsigned rule = 0; rule < HS_RULE_COUNT; rule++) {
        if (!hs_rule_is_context((enum hs_rule)rule))
            continue;
        if (plain.value[rule] != rules->value[rule])
            return false; /* the context with the default is the same */
        if (ordering->is_fixed[rule] && ordering->fixed.value[rule] != rules->value[rule])
            return false;
    }
    return true;
}

/* What is asked there that is a question; no member makes it one, or none. */
static uint32_t questions_in(const struct hs_ordering *ordering, const struct hs_rules *rules)
{
    struct hs_pair pair;
    hs_ordering_pair(&pair, rules, &ordering->in_play);
    return hs_config_questions(&pair.variant.config, ordering->asked);
}

void hs_ordering_begin(struct hs_ordering *ordering)
{
    const struct hs_rules usual = chosen_rules(ordering);
    hs_ordering_pair(&ordering->usual, &usual, &ordering->in_play);
    list_settings(ordering);
    ordering->contexts = hs_must(calloc(context_values(), sizeof(*ordering->contexts)));
    ordering->context_count = 0;
    ordering->questions = 0;
    for (unsigned i = 0; i < context_values(); i++) {
        struct hs_rules rules = ordering->usual.variant.config.rules;
        set_context(i, &rules);
        uint32_t questions = questions_in(ordering, &rules);
        if (!questions || !is_wanted(ordering, &rules))
            continue;
        ordering->questions |= questions;
        struct hs_context_sets *sets = &ordering->contexts[ordering->context_count++];
        sets->rules = rules;
        sets->ordering = ordering;
        begin_context(sets);
    }
}

void hs_ordering_run(struct hs_ordering *ordering)
{
    unsigned threads = ordering->options.threads;
    struct progress progress = {.ordering = ordering};
    ordering->options.memory /= threads;
    ordering->options.threads = 1;
    ordering->until = hs_time_out(ordering->options.timeout);
    hs_crew_do(threads,
        &(struct hs_pieces){
            .count = ordering->context_count, .context = &progress, .work = search_context});
    const volatile int *interrupted = ordering->options.interrupted;
    ordering->end = interrupted && *interrupted        ? HS_SEARCH_INTERRUPTED
                    : hs_time_is_over(ordering->until) ? HS_SEARCH_TIMED_OUT
                                                       : HS_SEARCH_COMPLETE;
}

void hs_ordering_close(struct hs_ordering *ordering)
{
    for (unsigned i = 0; i < ordering->context_count; i++) {
        struct hs_context_sets *sets = &ordering->contexts[i];
        for (unsigned d = 0; d < sets->dropped_count; d++)
            hs_evidence_close(&sets->dropped[d].evidence);
        free(sets->dropped);
        free(sets->first_dropped);
        free(sets->elsewhere);
        hs_lattice_close(&sets->lattice);
    }
    free(ordering->contexts);
}
