/* From rules to members, from combinations to verdicts, from minimal sets to what drops out. */
#include "ordering.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/*
 * From the weakest on.  A page that waits for all hints waits for its own, too; whether waiting
 * for DONE is more than waiting for one's own hint is not assumed.
 */
const struct hs_strength hs_strengths[] = {
    {HS_RULE_RELEASE, 4,
        {HS_RELEASE_ANY_TIME, HS_RELEASE_AFTER_USED, HS_RELEASE_AFTER_ALL_USED,
            HS_RELEASE_AFTER_DONE},
        {0, 1, 3, 4}},
    {HS_RULE_HINT_ONLY_FREE, 2, {HS_OFF, HS_ON}, {0, 1}},
    {HS_RULE_COMMAND_WORD, 2, {HS_WORD_SHARED, HS_WORD_ONE_PER_ROUND}, {0, 1}},
    {HS_RULE_CHECK_COMMAND_ID, 2, {HS_OFF, HS_ON}, {0, 1}},
    {HS_RULE_RESTART_ON_SAME_ID, 2, {HS_ON, HS_OFF}, {0, 1}},
    {HS_RULE_STOP_BEFORE_SYNC, 2, {HS_OFF, HS_ON}, {0, 1}},
    {HS_RULE_NEW_ID_AFTER_SYNC, 2, {HS_OFF, HS_ON}, {0, 1}},
    {HS_RULE_HINT_UNDER_LOCK, 2, {HS_OFF, HS_ON}, {0, 1}},
    {HS_RULE_REFUSE_WRITTEN, 2, {HS_OFF, HS_ON}, {0, 1}},
    {HS_RULE_SEND_ORDER, 2, {HS_SEND_COPY_THEN_CLEAR, HS_SEND_CLEAR_THEN_COPY}, {0, 1}},
    {HS_RULE_LOG_BEFORE_FIRST_ID, 2, {HS_OFF, HS_ON}, {0, 1}},
};
const unsigned hs_strength_count = sizeof(hs_strengths) / sizeof(hs_strengths[0]);

const struct hs_context_rule hs_context_rules[] = {
    {HS_RULE_HINT_SOURCE, 2, {HS_SOURCE_ALLOCATE, HS_SOURCE_ITERATE}},
    {HS_RULE_HINT_EFFECT, 3, {HS_EFFECT_SKIP, HS_EFFECT_SKIP_AND_CLEAR_LOG, HS_EFFECT_DISCARD}},
    {HS_RULE_LOG, 3, {HS_LOG_LEGACY, HS_LOG_MANUAL, HS_LOG_RING}},
    {HS_RULE_LOG_CHUNK, 2, {1, HS_LOG_CHUNK_MAX}},
};
const unsigned hs_context_rule_count = sizeof(hs_context_rules) / sizeof(hs_context_rules[0]);

/* ---- numbers ----------------------------------------------------------------------------------
 */

static unsigned context_values(void)
{
    unsigned product = 1;
    for (unsigned i = 0; i < hs_context_rule_count; i++)
        product *= hs_context_rules[i].count;
    return product;
}

static void set_context(unsigned index, struct hs_rules *rules)
{
    for (unsigned i = 0; i < hs_context_rule_count; i++) {
        const struct hs_context_rule *row = &hs_context_rules[i];
        rules->value[row->rule] = row->values[index % row->count];
        index /= row->count;
    }
}

unsigned hs_ordering_numbers(void)
{
    unsigned product = context_values();
    for (unsigned i = 0; i < hs_strength_count; i++)
        product *= hs_strengths[i].count;
    return product;
}

/* A number is a choice of every value, whether it matters or not, and 1. */
bool hs_ordering_rules(unsigned number, struct hs_rules *rules)
{
    if (number == 0 || number > hs_ordering_numbers())
        return false;
    unsigned rest = number - 1;
    *rules = hs_rules_default();
    set_context(rest % context_values(), rules);
    rest /= context_values();
    for (unsigned i = 0; i < hs_strength_count; i++) {
        rules->value[hs_strengths[i].rule] = hs_strengths[i].values[rest % hs_strengths[i].count];
        rest /= hs_strengths[i].count;
    }
    return true;
}

static unsigned strength_index(const struct hs_strength *row, uint8_t value)
{
    unsigned index = 0;
    while (row->values[index] != value)
        index++;
    return index;
}

static unsigned number_of(const struct hs_context_sets *sets, const struct hs_rules *rules)
{
    unsigned number = 0;
    for (unsigned i = hs_strength_count; i-- > 0;)
        number = number * hs_strengths[i].count +
                 strength_index(&hs_strengths[i], rules->value[hs_strengths[i].rule]);
    return number * context_values() + sets->index + 1;
}

void hs_ordering_pair(struct hs_pair *pair, const struct hs_rules *rules, char *name)
{
    hs_pair_begin(pair, NULL, NULL, name);
    pair->variant.config.rules = *rules;
}

/* What is left of the time for the next combination. */
static struct hs_search_options options_of(const struct hs_ordering *ordering)
{
    struct hs_search_options options = ordering->options;
    options.timeout = hs_time_left(ordering->until);
    return options;
}

enum { MOST_STATES = 1500000 }; /* beyond, a combination is too large to be settled */

/* ---- one context ------------------------------------------------------------------------------
 */

static struct hs_rules rules_of(const struct hs_context_sets *sets, unsigned combination)
{
    struct hs_rules rules = sets->rules;
    for (unsigned i = 0; i < sets->lattice.count; i++) {
        const struct hs_strength *row = sets->strengths[i];
        rules.value[row->rule] = row->values[hs_lattice_value(&sets->lattice, combination, i)];
    }
    return rules;
}

static enum hs_safety judge_combination(void *context, unsigned combination)
{
    const struct hs_context_sets *sets = context;
    struct hs_pair pair;
    struct hs_settled settled;
    char name[] = "combination";
    struct hs_rules rules = rules_of(sets, combination);
    hs_ordering_pair(&pair, &rules, name);
    const struct hs_search_options options = options_of(sets->ordering);
    hs_settle(&pair.variant, sets->ordering->asked, 0, MOST_STATES, &options, &settled);
    enum hs_safety safety = settled.flags & sets->ordering->asked ? HS_UNSAFE
                            : settled.complete                    ? HS_SAFE
                                                                  : HS_TOO_LARGE;
    hs_settled_close(&settled);
    return safety;
}

/* The rules that matter in these, with the strongest values: is `row` one of them? */
static bool matters(const struct hs_rules *rules, const struct hs_strength *row)
{
    struct hs_pair weak;
    struct hs_pair strong;
    char name[] = "context";
    hs_ordering_pair(&weak, rules, name);
    hs_ordering_pair(&strong, rules, name);
    weak.variant.config.rules.value[row->rule] = row->values[0];
    strong.variant.config.rules.value[row->rule] = row->values[row->count - 1];
    struct hs_rules a = hs_rules_that_matter(&weak.variant.config);
    struct hs_rules b = hs_rules_that_matter(&strong.variant.config);
    return memcmp(&a, &b, sizeof(a)) != 0;
}

static void begin_context(struct hs_context_sets *sets)
{
    struct hs_lattice *lattice = &sets->lattice;
    lattice->members = sets->members;
    lattice->judge = judge_combination;
    lattice->context = sets;
    lattice->samples = sets->ordering->samples;
    for (unsigned i = 0; i < hs_strength_count; i++) {
        const struct hs_strength *row = &hs_strengths[i];
        if (!matters(&sets->rules, row))
            continue;
        sets->strengths[lattice->count] = row;
        struct hs_member *member = &sets->members[lattice->count++];
        member->count = row->count;
        memcpy(member->guarantees, row->guarantees, sizeof(member->guarantees));
    }
}

/* The race that appears when a member of a minimal set is weakened. */
static void drop(struct hs_context_sets *sets, unsigned set, unsigned member, unsigned value)
{
    unsigned combination =
        hs_lattice_with(&sets->lattice, sets->lattice.minimal[set], member, value);
    struct hs_dropped *dropped = &sets->dropped[sets->dropped_count++];
    struct hs_rules rules = rules_of(sets, combination);
    dropped->member = member;
    dropped->value = value;
    dropped->combination = combination;
    dropped->number = number_of(sets, &rules);
    snprintf(dropped->name, sizeof(dropped->name), "ordering-%u", dropped->number);
    hs_ordering_pair(&dropped->pair, &rules, dropped->name);
    const struct hs_search_options options = options_of(sets->ordering);
    hs_settle(&dropped->pair.variant, sets->ordering->asked, sets->ordering->asked, MOST_STATES,
        &options, &dropped->settled);
    dropped->verdict = HS_UNKNOWN;
    for (unsigned p = 0; p < HS_PROPERTY_COUNT; p++) {
        if (dropped->settled.verdict[p] == HS_SOMETIMES)
            dropped->verdict = HS_SOMETIMES;
    }
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
    char name[] = "context";
    hs_ordering_pair(&pair, rules, name);
    struct hs_rules plain = hs_rules_that_matter(&pair.variant.config);
    for (unsigned i = 0; i < hs_context_rule_count; i++) {
        enum hs_rule rule = hs_context_rules[i].rule;
        if (plain.value[rule] != rules->value[rule])
            return false; /* the context with the default is the same */
        if (ordering->is_fixed[rule] && ordering->fixed.value[rule] != rules->value[rule])
            return false;
    }
    return true;
}

static void list_contexts(struct hs_ordering *ordering)
{
    ordering->contexts = hs_must(calloc(context_values(), sizeof(*ordering->contexts)));
    ordering->context_count = 0;
    for (unsigned i = 0; i < context_values(); i++) {
        struct hs_rules rules = hs_rules_default();
        set_context(i, &rules);
        if (!is_wanted(ordering, &rules))
            continue;
        struct hs_context_sets *sets = &ordering->contexts[ordering->context_count++];
        sets->index = i;
        sets->rules = rules;
        sets->ordering = ordering;
        begin_context(sets);
    }
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

void hs_ordering_run(struct hs_ordering *ordering)
{
    unsigned threads = ordering->options.threads;
    struct progress progress = {.ordering = ordering};
    ordering->options.memory /= threads;
    ordering->options.threads = 1;
    ordering->until = hs_time_out(ordering->options.timeout);
    list_contexts(ordering);
    hs_work_in_parallel(threads, ordering->context_count, search_context, &progress);
    const volatile int *interrupted = ordering->options.interrupted;
    ordering->end = interrupted && *interrupted                      ? HS_SEARCH_INTERRUPTED
                    : ordering->until > 0 && now() > ordering->until ? HS_SEARCH_TIMED_OUT
                                                                     : HS_SEARCH_COMPLETE;
}

void hs_ordering_close(struct hs_ordering *ordering)
{
    for (unsigned i = 0; i < ordering->context_count; i++) {
        struct hs_context_sets *sets = &ordering->contexts[i];
        for (unsigned d = 0; d < sets->dropped_count; d++)
            hs_settled_close(&sets->dropped[d].settled);
        free(sets->dropped);
        free(sets->first_dropped);
        hs_lattice_close(&sets->lattice);
    }
    free(ordering->contexts);
}
