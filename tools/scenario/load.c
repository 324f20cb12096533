/* SPDX-License-Identifier: BSD-3-Clause */
/* From a YAML file to a scenario: every key, its type and its range. */
#include "nodes.h"
#include "questions.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const hs_verdict_names[HS_VERDICT_COUNT] = {
    [HS_VERDICT_NONE] = "-",
    [HS_NEVER] = "Never",
    [HS_NONE_WITHIN] = "None-within",
    [HS_SOMETIMES] = "Sometimes",
    [HS_ALWAYS] = "Always",
    [HS_UNKNOWN] = "Unknown",
};

/* ---- sizes ---------------------------------------------------------------------------------- */

/* A size that a scenario states, and `vary` may vary: where it stands in struct hs_config. */
struct size_row {
    const char *group; /* memory or queue */
    const char *name;
    size_t offset;
    unsigned least;
    unsigned most;
};

#define MEMORY(name_, field, least, most)                               \
    {                                                                   \
        "memory", name_, offsetof(struct hs_config, field), least, most \
    }
#define QUEUE(name_, queue)                                                                    \
    {                                                                                          \
        "queue", name_, offsetof(struct hs_config, queue_size) + (queue), 0, HS_QUEUE_SIZE_MAX \
    }

static const struct size_row size_rows[] = {
    MEMORY("pages", pages, 1, HS_PAGES_MAX),
    MEMORY("max-order", max_order, 0, HS_ORDER_MAX),
    MEMORY("hint-order", hint_order, 0, HS_ORDER_MAX),
    MEMORY("report-order", report_order, 0, HS_ORDER_MAX),
    MEMORY("report-batch", report_batch, 1, HS_BATCH_MAX),
    QUEUE("free-page", HS_QUEUE_FREE_PAGE),
    QUEUE("reporting", HS_QUEUE_REPORTING),
    QUEUE("inflate", HS_QUEUE_INFLATE),
    QUEUE("deflate", HS_QUEUE_DEFLATE),
};
enum { SIZE_COUNT = sizeof(size_rows) / sizeof(size_rows[0]) };

static uint8_t *size_in(struct hs_config *config, unsigned size)
{
    return (uint8_t *)config + size_rows[size].offset;
}

static unsigned size_find(const char *name)
{
    unsigned size = 0;
    while (size < SIZE_COUNT && strcmp(size_rows[size].name, name) != 0)
        size++;
    return size;
}

/* Read the size at `node`: in range, and for a queue a power of two. */
static bool read_size(struct hs_yaml *yaml, yaml_node_t *node, unsigned size, uint8_t *value)
{
    const struct size_row *row = &size_rows[size];
    unsigned number;
    if (!hs_yaml_number(yaml, node, row->name, row->least, row->most, &number))
        return false;
    if (strcmp(row->group, "queue") == 0 && (number & (number - 1)))
        return hs_yaml_refuse(
            yaml, node, "%s: %u is not a power of two (0, 1, 2, 4, ... 64)", row->name, number);
    *value = (uint8_t)number;
    return true;
}

/* ---- words ---------------------------------------------------------------------------------- */

static bool refuse_rule(
    struct hs_yaml *yaml, const yaml_node_t *node, const char *word, int side, bool or_size)
{
    const char *words[HS_RULE_COUNT + SIZE_COUNT];
    unsigned count = 0;
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        if (side < 0 || hs_rule_rows[r].side == (enum hs_side)side)
            words[count++] = hs_rule_rows[r].name;
    }
    for (unsigned s = 0; or_size && s < SIZE_COUNT; s++)
        words[count++] = size_rows[s].name;
    return hs_yaml_refuse_word(yaml, node, or_size ? "rule or size" : "rule", word, words, count);
}

static bool refuse_value(
    struct hs_yaml *yaml, const yaml_node_t *node, enum hs_rule rule, const char *text)
{
    const char *words[HS_RULE_VALUES_MAX];
    unsigned count = hs_rule_value_count(rule);
    for (unsigned place = 0; place < count; place++)
        words[place] = hs_rule_rows[rule].values[place].name;
    return hs_yaml_refuse_word(yaml, node, hs_rule_rows[rule].name, text, words, count);
}

/* The value of `rule` that stands at `node`, or -1 with an error. */
static int read_rule_value(struct hs_yaml *yaml, yaml_node_t *node, enum hs_rule rule)
{
    const struct hs_rule_row *row = &hs_rule_rows[rule];
    const char *text = hs_yaml_text(yaml, node, row->name);
    if (!text)
        return -1;
    int value = hs_rule_value_find(rule, text);
    if (value < 0 && !hs_rule_has_names(rule))
        hs_yaml_refuse(yaml, node, "%s: '%.40s' is not a whole number from %u to %u", row->name,
            text, row->least, row->most);
    else if (value < 0)
        refuse_value(yaml, node, rule, text);
    return value;
}

static enum hs_property read_property(
    struct hs_yaml *yaml, const yaml_node_t *node, const char *text)
{
    enum hs_property property = hs_property_find(text);
    const char *words[HS_PROPERTY_COUNT];
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++)
        words[i] = hs_property_rows[i].name;
    if (property == HS_PROPERTY_COUNT)
        hs_yaml_refuse_word(yaml, node, "property", text, words, HS_PROPERTY_COUNT);
    return property;
}

static enum hs_step_kind read_step_name(
    struct hs_yaml *yaml, const yaml_node_t *node, const char *text)
{
    enum hs_step_kind kind = hs_step_find(text);
    const char *words[HS_STEP_KIND_COUNT];
    unsigned count = 0;
    size_t actor = strcspn(text, ".");
    for (unsigned i = 0; i < HS_STEP_KIND_COUNT; i++) { /* its actor's, if the actor is known */
        if (strncmp(hs_step_rows[i].name, text, actor + 1) == 0)
            words[count++] = hs_step_rows[i].name;
    }
    for (unsigned i = 0; count == 0 && i < HS_STEP_KIND_COUNT; i++)
        words[i] = hs_step_rows[i].name;
    if (kind == HS_STEP_KIND_COUNT)
        hs_yaml_refuse_word(yaml, node, "step", text, words, count ? count : HS_STEP_KIND_COUNT);
    return kind;
}

/* ---- lists ---------------------------------------------------------------------------------- */

/* How many items there are at `node`; 0, with an error, if it is an empty list. */
static unsigned some_items(struct hs_yaml *yaml, const yaml_node_t *node, const char *what)
{
    unsigned count = hs_yaml_item_count(node);
    if (!count)
        hs_yaml_refuse(yaml, node, "%s: the list is empty; leave the key out instead", what);
    return count;
}

/* ---- memory to own -------------------------------------------------------------------------- */

static bool read_text(struct hs_yaml *yaml, yaml_node_t *node, const char *what, char **text)
{
    const char *found = hs_yaml_text(yaml, node, what);
    if (found)
        *text = hs_must(strdup(found));
    return found != NULL;
}

static bool read_texts(
    struct hs_yaml *yaml, yaml_node_t *node, const char *what, char ***texts, unsigned *count)
{
    unsigned items = some_items(yaml, node, what);
    *texts = hs_must(calloc(items + 1, sizeof(**texts)));
    for (unsigned i = 0; i < items; i++) {
        if (!read_text(yaml, hs_yaml_item(yaml, node, i), what, &(*texts)[i]))
            return false;
        (*count)++;
    }
    return items > 0;
}

/* ---- guest and host ------------------------------------------------------------------------- */

struct side {
    struct hs_scenario *scenario;
    enum hs_side side;
    yaml_node_t *rules;
};

static const char *side_name(enum hs_side side)
{
    return side == HS_SIDE_GUEST ? "guest" : "host";
}

static bool read_preset(struct hs_yaml *yaml, yaml_node_t *node, struct side *side)
{
    const char *text = hs_yaml_text(yaml, node, "preset");
    if (!text)
        return false;
    const struct hs_preset *preset = hs_preset_find(side->side, text);
    if (!preset) {
        const char *words[64];
        unsigned count = 0;
        for (unsigned i = 0; i < hs_preset_count; i++) {
            if (hs_presets[i].side == side->side)
                words[count++] = hs_presets[i].name;
        }
        return hs_yaml_refuse_word(yaml, node,
            side->side == HS_SIDE_GUEST ? "guest preset" : "host preset", text, words, count);
    }
    hs_rules_apply_preset(&side->scenario->config.rules, preset);
    if (side->side == HS_SIDE_GUEST)
        side->scenario->guest = preset;
    else
        side->scenario->host = preset;
    return true;
}

static bool visit_rule(
    struct hs_yaml *yaml, const char *key, yaml_node_t *key_node, yaml_node_t *value, void *context)
{
    struct side *side = context;
    enum hs_rule rule = hs_rule_find(key);
    if (rule == HS_RULE_COUNT || hs_rule_rows[rule].side != side->side) {
        if (rule != HS_RULE_COUNT)
            return hs_yaml_refuse(yaml, key_node, "the rule %s is the %s's, not the %s's", key,
                side_name(hs_rule_rows[rule].side), side_name(side->side));
        return refuse_rule(yaml, key_node, key, (int)side->side, false);
    }
    int found = read_rule_value(yaml, value, rule);
    if (found >= 0)
        side->scenario->config.rules.value[rule] = (uint8_t)found;
    return found >= 0;
}

static bool visit_side(
    struct hs_yaml *yaml, const char *key, yaml_node_t *key_node, yaml_node_t *value, void *context)
{
    static const char *const words[] = {"preset", "rules"};
    struct side *side = context;
    if (strcmp(key, "preset") == 0)
        return read_preset(yaml, value, side);
    if (strcmp(key, "rules") == 0) {
        side->rules = value; /* after the preset, wherever it stands */
        return true;
    }
    return hs_yaml_refuse_word(yaml, key_node, "key", key, words, 2);
}

static bool read_side(
    struct hs_yaml *yaml, yaml_node_t *node, struct hs_scenario *scenario, enum hs_side which)
{
    struct side side = {scenario, which, NULL};
    return hs_yaml_each_pair(yaml, node, side_name(which), visit_side, &side) &&
           (!side.rules || hs_yaml_each_pair(yaml, side.rules, "rules", visit_rule, &side));
}

/* ---- memory, queue, limits ------------------------------------------------------------------ */

static bool read_policy(struct hs_yaml *yaml, yaml_node_t *node, struct hs_config *config)
{
    static const char *const words[HS_POLICY_COUNT] = {
        [HS_POLICY_ANY] = "any", [HS_POLICY_LIFO] = "lifo"};
    const char *text = hs_yaml_text(yaml, node, "policy");
    if (!text)
        return false;
    for (unsigned i = 0; i < HS_POLICY_COUNT; i++) {
        if (strcmp(words[i], text) == 0) {
            config->policy = (uint8_t)i;
            return true;
        }
    }
    return hs_yaml_refuse_word(yaml, node, "policy", text, words, HS_POLICY_COUNT);
}

static bool read_free(struct hs_yaml *yaml, yaml_node_t *node, struct hs_config *config)
{
    for (unsigned i = 0; i < hs_yaml_item_count(node); i++) {
        unsigned page;
        if (!hs_yaml_number(yaml, hs_yaml_item(yaml, node, i), "free", 0, HS_PAGES_MAX - 1, &page))
            return false;
        config->free_at_start |= UINT64_C(1) << page;
    }
    return true;
}

/* Read the size `key` if `group` has one of that name; -1 if it has not. */
static int try_size(struct hs_yaml *yaml, const char *group, const char *key, yaml_node_t *value,
    struct hs_config *config)
{
    unsigned size = size_find(key);
    if (size == SIZE_COUNT || strcmp(size_rows[size].group, group) != 0)
        return -1;
    return read_size(yaml, value, size, size_in(config, size));
}

static bool visit_memory(
    struct hs_yaml *yaml, const char *key, yaml_node_t *key_node, yaml_node_t *value, void *context)
{
    static const char *const words[] = {
        "pages", "max-order", "hint-order", "report-order", "report-batch", "policy", "free"};
    struct hs_config *config = context;
    if (strcmp(key, "policy") == 0)
        return read_policy(yaml, value, config);
    if (strcmp(key, "free") == 0)
        return read_free(yaml, value, config);
    int read = try_size(yaml, "memory", key, value, config);
    return read >= 0 ? read : hs_yaml_refuse_word(yaml, key_node, "key", key, words, 7);
}

static bool visit_queue(
    struct hs_yaml *yaml, const char *key, yaml_node_t *key_node, yaml_node_t *value, void *context)
{
    static const char *const words[] = {"free-page", "reporting", "inflate", "deflate"};
    int read = try_size(yaml, "queue", key, value, context);
    return read >= 0 ? read : hs_yaml_refuse_word(yaml, key_node, "queue", key, words, 4);
}

static bool visit_limit(
    struct hs_yaml *yaml, const char *key, yaml_node_t *key_node, yaml_node_t *value, void *context)
{
    struct hs_config *config = context;
    const char *words[HS_LIMIT_COUNT];
    for (unsigned i = 0; i < HS_LIMIT_COUNT; i++) {
        words[i] = hs_limit_rows[i].name;
        unsigned number;
        if (strcmp(key, words[i]) != 0)
            continue;
        if (!hs_yaml_number(yaml, value, key, 0, HS_UNLIMITED - 1, &number))
            return false;
        config->limits[i] = (uint8_t)number;
        return true;
    }
    return hs_yaml_refuse_word(yaml, key_node, "limit", key, words, HS_LIMIT_COUNT);
}

/* ---- the schedule --------------------------------------------------------------------------- */

static bool read_page(struct hs_yaml *yaml, const yaml_node_t *node, const char *name,
    const char *text, const struct hs_config *config, uint8_t *page)
{
    char *end;
    unsigned long number = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || number >= config->pages)
        return hs_yaml_refuse(yaml, node, "%s: '%.40s' is not a page; the pages are 0 to %u", name,
            text, config->pages - 1u);
    *page = (uint8_t)number;
    return true;
}

/* One entry: `...`, or a step's name, followed by its page if it has one. */
static bool read_entry(struct hs_yaml *yaml, const yaml_node_t *node,
    const struct hs_config *config, struct hs_entry *entry)
{
    const char *text = hs_yaml_text(yaml, node, "schedule");
    if (!text)
        return false;
    entry->line = (unsigned)node->start_mark.line + 1;
    entry->column = (unsigned)node->start_mark.column + 1;
    entry->is_gap = strcmp(text, "...") == 0;
    entry->is_finish = strcmp(text, "finish") == 0;
    if (entry->is_gap || entry->is_finish)
        return true;
    char name[80];
    size_t length = strcspn(text, " ");
    struct hs_text begin = hs_text_in(name, sizeof(name));
    hs_text_add_bytes(&begin, text, length);
    enum hs_step_kind kind = read_step_name(yaml, node, name);
    if (kind == HS_STEP_KIND_COUNT)
        return false;
    entry->step.kind = (uint8_t)kind;
    const char *rest = text + length + strspn(text + length, " ");
    if (hs_step_rows[kind].has_page) {
        if (!*rest)
            return hs_yaml_refuse(yaml, node, "%s: the page is missing; e.g. '%s 0'", name, name);
        return read_page(yaml, node, name, rest, config, &entry->step.page);
    }
    if (*rest)
        return hs_yaml_refuse(yaml, node, "%s has no page; found '%.40s'", name, rest);
    return true;
}

static bool read_schedule(struct hs_yaml *yaml, yaml_node_t *node, struct hs_scenario *scenario)
{
    if (node->type != YAML_SEQUENCE_NODE)
        return hs_yaml_refuse(yaml, node, "schedule: expected a list of steps");
    unsigned count = some_items(yaml, node, "schedule");
    if (count == 0)
        return false;
    if (count > HS_SCHEDULE_MAX)
        return hs_yaml_refuse(
            yaml, node, "schedule: %u entries; at most %d are allowed", count, HS_SCHEDULE_MAX);
    scenario->schedule = hs_must(calloc(count, sizeof(*scenario->schedule)));
    for (unsigned i = 0; i < count; i++) {
        yaml_node_t *item = hs_yaml_item(yaml, node, i);
        if (!read_entry(yaml, item, &scenario->config, &scenario->schedule[i]))
            return false;
        bool last = i + 1 == count;
        bool doubled = i && scenario->schedule[i - 1].is_gap;
        if (scenario->schedule[i].is_gap && (last || doubled))
            return hs_yaml_refuse(
                yaml, item, "'...' must be followed by the step that it leads to");
        if (scenario->schedule[i].is_finish && (!last || doubled))
            return hs_yaml_refuse(
                yaml, item, "'finish' is the last entry, behind a step: it takes all that is left");
    }
    scenario->schedule_length = count;
    return true;
}

static bool read_automatic(struct hs_yaml *yaml, yaml_node_t *node, struct hs_scenario *scenario)
{
    unsigned count = some_items(yaml, node, "automatic");
    for (unsigned i = 0; i < count; i++) {
        yaml_node_t *item = hs_yaml_item(yaml, node, i);
        const char *text = hs_yaml_text(yaml, item, "automatic");
        unsigned actor = 0;
        if (!text)
            return false;
        while (actor < HS_ACTOR_COUNT && strcmp(hs_actor_names[actor], text) != 0)
            actor++;
        if (actor == HS_ACTOR_COUNT)
            return hs_yaml_refuse_word(yaml, item, "actor", text, hs_actor_names, HS_ACTOR_COUNT);
        scenario->automatic |= 1u << actor;
    }
    return count > 0;
}

/* ---- families ------------------------------------------------------------------------------- */

static bool read_vary_value(
    struct hs_yaml *yaml, yaml_node_t *node, const struct hs_vary *vary, uint8_t *value)
{
    if (!vary->is_rule)
        return read_size(yaml, node, vary->index, value);
    int found = read_rule_value(yaml, node, (enum hs_rule)vary->index);
    *value = (uint8_t)found;
    return found >= 0;
}

static bool visit_vary(
    struct hs_yaml *yaml, const char *key, yaml_node_t *key_node, yaml_node_t *value, void *context)
{
    struct hs_scenario *scenario = context;
    if (scenario->vary_count == HS_VARY_MAX)
        return hs_yaml_refuse(yaml, key_node, "vary: at most %d things vary", HS_VARY_MAX);
    struct hs_vary *vary = &scenario->vary[scenario->vary_count];
    enum hs_rule rule = hs_rule_find(key);
    unsigned size = size_find(key);
    if (rule == HS_RULE_COUNT && size == SIZE_COUNT)
        return refuse_rule(yaml, key_node, key, -1, true);
    vary->is_rule = rule != HS_RULE_COUNT;
    vary->index = vary->is_rule ? (unsigned)rule : size;
    vary->name = vary->is_rule ? hs_rule_rows[rule].name : size_rows[size].name;
    unsigned count = hs_yaml_item_count(value);
    if (count == 0 || count > HS_LOG_CHUNK_MAX)
        return hs_yaml_refuse(
            yaml, value, "vary: %s: 1 to %d values are allowed", key, HS_LOG_CHUNK_MAX);
    for (unsigned i = 0; i < count; i++) {
        yaml_node_t *item = hs_yaml_item(yaml, value, i);
        if (!read_vary_value(yaml, item, vary, &vary->values[i]))
            return false;
        if (memchr(vary->values, vary->values[i], i))
            return hs_yaml_refuse(
                yaml, item, "vary: %s: '%s' stands twice", key, hs_yaml_text(yaml, item, key));
    }
    vary->count = count;
    scenario->vary_count++;
    if (hs_scenario_variant_count(scenario) > HS_VARIANTS_MAX)
        return hs_yaml_refuse(yaml, key_node, "vary: more than %d combinations", HS_VARIANTS_MAX);
    return true;
}

/* ---- expectations --------------------------------------------------------------------------- */

static bool read_broken(struct hs_yaml *yaml, yaml_node_t *node, struct hs_expected_run *run)
{
    unsigned count = hs_yaml_item_count(node);
    if (!count)
        return hs_yaml_refuse(
            yaml, node, "expect: run: the list is empty; if nothing is to break, write safe");
    for (unsigned i = 0; i < count; i++) {
        yaml_node_t *item = hs_yaml_item(yaml, node, i);
        const char *text = hs_yaml_text(yaml, item, "expect: run");
        if (!text)
            return false;
        run->unfinished = strcmp(text, "unfinished") == 0 && count == 1;
        if (run->unfinished || (strcmp(text, "safe") == 0 && count == 1))
            return true;
        enum hs_property property = read_property(yaml, item, text);
        if (property == HS_PROPERTY_COUNT)
            return false;
        run->broken |= 1u << property;
    }
    return true;
}

struct expectation {
    struct hs_scenario *scenario;
    struct hs_expected_run *run;
    yaml_node_t *is;
};

static bool visit_when(
    struct hs_yaml *yaml, const char *key, yaml_node_t *key_node, yaml_node_t *value, void *context)
{
    struct expectation *expectation = context;
    struct hs_scenario *scenario = expectation->scenario;
    const char *words[HS_VARY_MAX];
    for (unsigned i = 0; i < scenario->vary_count; i++) {
        const struct hs_vary *vary = &scenario->vary[i];
        words[i] = vary->name;
        uint8_t wanted = 0;
        if (strcmp(vary->name, key) != 0)
            continue;
        if (!read_vary_value(yaml, value, vary, &wanted))
            return false;
        for (unsigned v = 0; v < vary->count; v++) {
            if (vary->values[v] == wanted)
                expectation->run->when[i] = (int)v;
        }
        if (expectation->run->when[i] < 0)
            return hs_yaml_refuse(yaml, value, "when: %s does not take this value in vary", key);
        return true;
    }
    return hs_yaml_refuse_word(yaml, key_node, "varied thing", key, words, scenario->vary_count);
}

static bool visit_case(
    struct hs_yaml *yaml, const char *key, yaml_node_t *key_node, yaml_node_t *value, void *context)
{
    static const char *const words[] = {"when", "is"};
    struct expectation *expectation = context;
    if (strcmp(key, "when") == 0)
        return hs_yaml_each_pair(yaml, value, "when", visit_when, expectation);
    if (strcmp(key, "is") == 0) {
        expectation->is = value;
        return read_broken(yaml, value, expectation->run);
    }
    return hs_yaml_refuse_word(yaml, key_node, "key", key, words, 2);
}

/* What the variant `index` chooses of each thing that varies. */
static void choose(
    const struct hs_scenario *scenario, unsigned index, unsigned choices[HS_VARY_MAX])
{
    memset(choices, 0, HS_VARY_MAX * sizeof(*choices));
    for (unsigned v = scenario->vary_count; v-- > 0;) { /* the last varies fastest */
        choices[v] = index % scenario->vary[v].count;
        index /= scenario->vary[v].count;
    }
}

static bool fits(const struct hs_scenario *scenario, const struct hs_expected_run *run,
    const unsigned choices[HS_VARY_MAX])
{
    for (unsigned v = 0; v < scenario->vary_count; v++) {
        if (run->when[v] >= 0 && (unsigned)run->when[v] != choices[v])
            return false;
    }
    return true;
}

/* The first case that fits these choices; expected_run_count if none does. */
static unsigned first_fit(const struct hs_scenario *scenario, const unsigned choices[HS_VARY_MAX])
{
    unsigned i = 0;
    while (
        i < scenario->expected_run_count && !fits(scenario, &scenario->expected_runs[i], choices))
        i++;
    return i;
}

/* Is the case the first that fits one of the variants?  Otherwise others stand before it. */
static bool is_first_somewhere(
    struct hs_yaml *yaml, yaml_node_t *cases, const struct hs_scenario *scenario, unsigned index)
{
    char lines[80];
    struct hs_text text = hs_text_in(lines, sizeof(lines));
    size_t last_line = 0;
    for (unsigned i = 0; i < hs_scenario_variant_count(scenario); i++) {
        unsigned choices[HS_VARY_MAX];
        choose(scenario, i, choices);
        if (!fits(scenario, &scenario->expected_runs[index], choices))
            continue;
        unsigned first = first_fit(scenario, choices);
        if (first == index)
            return true;
        size_t line = hs_yaml_item(yaml, cases, first)->start_mark.line + 1;
        if (line != last_line)
            hs_text_item(&text, ", ", "line %zu", line);
        last_line = line;
    }
    return hs_yaml_refuse(yaml, hs_yaml_item(yaml, cases, index),
        "expect: run: this case is for nobody: whatever it fits, a case before it fits (%s)",
        lines);
}

/* expect: run: one outcome for all variants, or a list of {when, is}. */
static bool read_expected_runs(
    struct hs_yaml *yaml, yaml_node_t *node, struct hs_scenario *scenario)
{
    unsigned count = hs_yaml_item_count(node);
    bool cases = node->type == YAML_SEQUENCE_NODE && count &&
                 hs_yaml_item(yaml, node, 0)->type == YAML_MAPPING_NODE;
    if (!cases)
        count = 1;
    scenario->expected_runs = hs_must(calloc(count, sizeof(*scenario->expected_runs)));
    for (unsigned i = 0; i < count; i++) {
        struct hs_expected_run *run = &scenario->expected_runs[i];
        const yaml_node_t *place = cases ? hs_yaml_item(yaml, node, i) : node;
        run->line = (unsigned)place->start_mark.line + 1;
        for (unsigned v = 0; v < HS_VARY_MAX; v++)
            run->when[v] = -1;
        scenario->expected_run_count++;
        if (!cases)
            return read_broken(yaml, node, run);
        struct expectation expectation = {scenario, run, NULL};
        yaml_node_t *item = hs_yaml_item(yaml, node, i);
        if (!hs_yaml_each_pair(yaml, item, "expect: run", visit_case, &expectation))
            return false;
        if (!expectation.is)
            return hs_yaml_refuse(yaml, item, "expect: run: the key 'is' is missing");
        if (!is_first_somewhere(yaml, node, scenario, i))
            return false;
    }
    return true;
}

/* The verdicts that can be expected of an exploration, or of a proof; and the word that the other
 * says, with what to write instead. */
struct verdict_words {
    const char *words[4];
    enum hs_verdict verdicts[4];
    unsigned count;
    const char *others;
    const char *instead;
};
static const struct verdict_words of_explore = {{"none-within", "sometimes", "always", "unknown"},
    {HS_NONE_WITHIN, HS_SOMETIMES, HS_ALWAYS, HS_UNKNOWN}, 4, "never",
    "a search within limits cannot say never: write none-within here, and never below prove, where "
    "it is for all sizes"};
static const struct verdict_words of_prove = {{"never", "sometimes", "unknown"},
    {HS_NEVER, HS_SOMETIMES, HS_UNKNOWN}, 3, "none-within",
    "a proof has no limits: write never here, and none-within below explore"};

struct expected_verdicts {
    const struct verdict_words *allowed;
    const struct hs_scenario *scenario; /* read by now, but for what is expected */
    uint8_t *verdicts;                  /* of each property */
    unsigned *lines;                    /* where they stand */
};

/* Can the property be broken in one of the variants at all?  Otherwise the question is empty. */
static bool is_question(struct hs_yaml *yaml, const yaml_node_t *node,
    const struct hs_scenario *scenario, enum hs_property property)
{
    char lacks[HS_LACKS_SIZE];
    struct hs_text text = hs_text_in(lacks, sizeof(lacks));
    struct hs_error misfit;
    for (unsigned i = 0; i < hs_scenario_variant_count(scenario); i++) {
        struct hs_variant variant;
        if (!hs_scenario_variant(scenario, i, &variant, &misfit))
            return true; /* which is said when all is read */
        if (hs_config_asks(&variant.config, property))
            return true;
        if (i == 0)
            hs_lacks_add(&variant.config, property, &text);
    }
    return hs_yaml_refuse(yaml, node,
        "%s cannot be asked here: it needs %s (keys limits, queue, postcopy, guest, host)",
        hs_property_rows[property].name, lacks);
}

static bool visit_verdict(
    struct hs_yaml *yaml, const char *key, yaml_node_t *key_node, yaml_node_t *value, void *context)
{
    const struct expected_verdicts *expected = context;
    const struct verdict_words *allowed = expected->allowed;
    enum hs_property property = read_property(yaml, key_node, key);
    if (property == HS_PROPERTY_COUNT)
        return false;
    if (allowed == &of_prove && !hs_proof_covers(property))
        return hs_yaml_refuse(yaml, key_node, "%s: " HS_NO_PROOF, key);
    const char *text = hs_yaml_text(yaml, value, key);
    for (unsigned i = 0; text && i < allowed->count; i++) {
        if (strcmp(text, allowed->words[i]) == 0) {
            expected->verdicts[property] = (uint8_t)allowed->verdicts[i];
            expected->lines[property] = (unsigned)key_node->start_mark.line + 1;
            return is_question(yaml, key_node, expected->scenario, property);
        }
    }
    if (text && strcmp(text, allowed->others) == 0)
        return hs_yaml_refuse(yaml, value, "%s", allowed->instead);
    return text &&
           hs_yaml_refuse_word(yaml, value, "verdict", text, allowed->words, allowed->count);
}

static bool visit_expect(
    struct hs_yaml *yaml, const char *key, yaml_node_t *key_node, yaml_node_t *value, void *context)
{
    static const char *const words[] = {"run", "explore", "prove"};
    struct hs_scenario *scenario = context;
    if (strcmp(key, "run") == 0)
        return read_expected_runs(yaml, value, scenario);
    if (strcmp(key, "explore") == 0)
        return hs_yaml_each_pair(yaml, value, "expect: explore", visit_verdict,
            &(struct expected_verdicts){
                &of_explore, scenario, scenario->expect_explore, scenario->explore_line});
    if (strcmp(key, "prove") == 0)
        return hs_yaml_each_pair(yaml, value, "expect: prove", visit_verdict,
            &(struct expected_verdicts){
                &of_prove, scenario, scenario->expect_prove, scenario->prove_line});
    return hs_yaml_refuse_word(yaml, key_node, "key", key, words, 3);
}

/* ---- lists of names ------------------------------------------------------------------------- */

static_assert((int)HS_STEP_KIND_COUNT <= (int)HS_KINDS_MAX, HS_TOO_MANY_KINDS);

static bool read_cover(struct hs_yaml *yaml, yaml_node_t *node, struct hs_scenario *scenario)
{
    unsigned count = some_items(yaml, node, "cover");
    for (unsigned i = 0; i < count; i++) {
        yaml_node_t *item = hs_yaml_item(yaml, node, i);
        const char *text = hs_yaml_text(yaml, item, "cover");
        enum hs_step_kind kind = text ? read_step_name(yaml, item, text) : HS_STEP_KIND_COUNT;
        if (kind == HS_STEP_KIND_COUNT)
            return false;
        hs_kind_set_add(&scenario->cover, kind);
    }
    return count > 0;
}

static bool read_protection(struct hs_yaml *yaml, yaml_node_t *node, struct hs_scenario *scenario)
{
    unsigned count = some_items(yaml, node, "protection");
    for (unsigned i = 0; i < count; i++) {
        yaml_node_t *item = hs_yaml_item(yaml, node, i);
        const char *text = hs_yaml_text(yaml, item, "protection");
        if (!text)
            return false;
        enum hs_rule rule = hs_rule_find(text);
        if (rule == HS_RULE_COUNT)
            return refuse_rule(yaml, item, text, -1, false);
        scenario->protection[rule] = true;
    }
    return count > 0;
}

static bool read_clauses(struct hs_yaml *yaml, yaml_node_t *node, struct hs_scenario *scenario)
{
    if (!read_texts(yaml, node, "clauses", &scenario->clauses, &scenario->clause_count))
        return false;
    for (unsigned i = 0; i < scenario->clause_count; i++) {
        const char *words[64];
        bool known = false;
        for (unsigned c = 0; c < hs_clause_count; c++) {
            words[c] = hs_clause_rows[c].id;
            known = known || strcmp(words[c], scenario->clauses[i]) == 0;
        }
        if (!known)
            return hs_yaml_refuse_word(yaml, hs_yaml_item(yaml, node, i), "clause",
                scenario->clauses[i], words, hs_clause_count);
    }
    return true;
}

static bool read_switch(struct hs_yaml *yaml, yaml_node_t *node, const char *what, bool *on)
{
    const char *text = hs_yaml_text(yaml, node, what);
    if (!text)
        return false;
    *on = strcmp(text, "on") == 0 || strcmp(text, "true") == 0;
    if (!*on && strcmp(text, "off") != 0 && strcmp(text, "false") != 0)
        return hs_yaml_refuse(yaml, node, "%s: '%.40s' is neither on nor off", what, text);
    return true;
}

/* ---- the whole ------------------------------------------------------------------------------ */

enum key {
    KEY_NAME,
    KEY_QUESTION,
    KEY_CLAUSES,
    KEY_SOURCE,
    KEY_GUEST,
    KEY_HOST,
    KEY_MEMORY,
    KEY_QUEUE,
    KEY_POSTCOPY,
    KEY_LIMITS,
    KEY_AUTOMATIC,
    KEY_VARY,
    KEY_SCHEDULE,
    KEY_EXPECT,
    KEY_COVER,
    KEY_PROTECTION,
    KEY_TWIN,
    KEY_COUNT
};

static const char *const key_names[KEY_COUNT] = {"name", "question", "clauses", "source", "guest",
    "host", "memory", "queue", "postcopy", "limits", "automatic", "vary", "schedule", "expect",
    "cover", "protection", "twin"};

struct keys {
    yaml_node_t *value[KEY_COUNT]; /* NULL: left out */
};

static bool visit_key(
    struct hs_yaml *yaml, const char *key, yaml_node_t *key_node, yaml_node_t *value, void *context)
{
    struct keys *keys = context;
    for (unsigned k = 0; k < KEY_COUNT; k++) {
        if (strcmp(key_names[k], key) == 0) {
            keys->value[k] = value;
            return true;
        }
    }
    return hs_yaml_refuse_word(yaml, key_node, "key", key, key_names, KEY_COUNT);
}

static bool read_key(
    struct hs_yaml *yaml, enum key key, yaml_node_t *node, struct hs_scenario *scenario)
{
    struct hs_config *config = &scenario->config;
    switch (key) {
    case KEY_NAME:
        scenario->name_line = (unsigned)node->start_mark.line + 1;
        scenario->name_column = (unsigned)node->start_mark.column + 1;
        return read_text(yaml, node, "name", &scenario->name);
    case KEY_QUESTION:
        return read_text(yaml, node, "question", &scenario->question);
    case KEY_CLAUSES:
        return read_clauses(yaml, node, scenario);
    case KEY_SOURCE:
        return read_texts(yaml, node, "source", &scenario->sources, &scenario->source_count);
    case KEY_GUEST:
        return read_side(yaml, node, scenario, HS_SIDE_GUEST);
    case KEY_HOST:
        return read_side(yaml, node, scenario, HS_SIDE_HOST);
    case KEY_MEMORY:
        return hs_yaml_each_pair(yaml, node, "memory", visit_memory, config);
    case KEY_QUEUE:
        return hs_yaml_each_pair(yaml, node, "queue", visit_queue, config);
    case KEY_POSTCOPY:
        return read_switch(yaml, node, "postcopy", &config->postcopy);
    case KEY_LIMITS:
        return hs_yaml_each_pair(yaml, node, "limits", visit_limit, config);
    case KEY_AUTOMATIC:
        return read_automatic(yaml, node, scenario);
    case KEY_VARY:
        return hs_yaml_each_pair(yaml, node, "vary", visit_vary, scenario);
    case KEY_SCHEDULE:
        return read_schedule(yaml, node, scenario);
    case KEY_EXPECT:
        return hs_yaml_each_pair(yaml, node, "expect", visit_expect, scenario);
    case KEY_COVER:
        return read_cover(yaml, node, scenario);
    case KEY_PROTECTION:
        return read_protection(yaml, node, scenario);
    case KEY_TWIN:
        return read_text(yaml, node, "twin", &scenario->twin);
    case KEY_COUNT:
        break;
    }
    return false;
}

static bool check_whole(struct hs_yaml *yaml, const struct keys *keys, struct hs_scenario *s)
{
    yaml_node_t *root = hs_yaml_root(yaml);
    if (!s->name || !s->question)
        return hs_yaml_refuse(yaml, root, "the key '%s' is missing", s->name ? "question" : "name");
    const char *wrong = hs_config_finish(&s->config);
    if (wrong)
        return hs_yaml_refuse(
            yaml, keys->value[KEY_MEMORY] ? keys->value[KEY_MEMORY] : root, "%s", wrong);
    if (s->expected_run_count && !s->schedule_length)
        return hs_yaml_refuse(
            yaml, keys->value[KEY_EXPECT], "expect: run: there is no schedule to run");
    return true;
}

/* What a scenario says nothing of. */
static void set_usual(struct hs_config *config)
{
    config->rules = hs_rules_default();
    config->pages = 2;
    config->report_batch = HS_BATCH_MAX;
    config->queue_size[HS_QUEUE_FREE_PAGE] = 4;
    for (unsigned i = 0; i < HS_LIMIT_COUNT; i++)
        config->limits[i] = hs_limit_rows[i].usual;
}

/* Read the keys in an order in which each finds what it builds on: sizes before the schedule, what
 * varies before what is expected of it. */
static bool read_scenario(struct hs_yaml *yaml, struct hs_scenario *scenario)
{
    struct keys keys = {{NULL}};
    set_usual(&scenario->config);
    if (!hs_yaml_each_pair(yaml, hs_yaml_root(yaml), "a scenario", visit_key, &keys))
        return false;
    for (unsigned k = 0; k < KEY_COUNT; k++) {
        if (keys.value[k] && !read_key(yaml, (enum key)k, keys.value[k], scenario))
            return false;
    }
    return check_whole(yaml, &keys, scenario);
}

struct hs_scenario *hs_scenario_load(const char *path, struct hs_error *error)
{
    struct hs_yaml yaml;
    if (!hs_yaml_open(&yaml, path, error))
        return NULL;
    struct hs_scenario *scenario = hs_must(calloc(1, sizeof(*scenario)));
    scenario->path = hs_must(strdup(path));
    bool good = read_scenario(&yaml, scenario);
    hs_yaml_close(&yaml);
    if (!good) {
        hs_scenario_free(scenario);
        return NULL;
    }
    return scenario;
}

bool hs_scenario_check_name(const struct hs_scenario *scenario, struct hs_error *error)
{
    const char *base = strrchr(scenario->path, '/');
    base = base ? base + 1 : scenario->path;
    const char *dot = strrchr(base, '.');
    size_t length = dot ? (size_t)(dot - base) : strlen(base);
    if (strlen(scenario->name) == length && strncmp(scenario->name, base, length) == 0)
        return true;
    return hs_fail_at(error, scenario->path, scenario->name_line, scenario->name_column,
        "name: '%.80s' is not the file's name '%.*s'", scenario->name, (int)length, base);
}

/* Has the file a key that only a scenario has? */
static bool visit_own_key(
    struct hs_yaml *yaml, const char *key, yaml_node_t *key_node, yaml_node_t *value, void *context)
{
    static const enum key own[] = {KEY_QUESTION, KEY_GUEST, KEY_HOST, KEY_SCHEDULE, KEY_EXPECT};
    bool *is_scenario = context;
    (void)yaml;
    (void)key_node;
    (void)value;
    for (unsigned i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        *is_scenario = *is_scenario || strcmp(key, key_names[own[i]]) == 0;
    return true;
}

bool hs_scenario_is_one(const char *path)
{
    struct hs_error error;
    struct hs_yaml yaml;
    bool is_scenario = false;
    if (!hs_yaml_open(&yaml, path, &error))
        return true; /* whatever it is, it cannot be passed over */
    yaml_node_t *root = hs_yaml_root(&yaml);
    if (root->type == YAML_MAPPING_NODE &&
        !hs_yaml_each_pair(&yaml, root, "a scenario", visit_own_key, &is_scenario))
        is_scenario = true;
    hs_yaml_close(&yaml);
    return is_scenario;
}

static void free_texts(char **texts, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        free(texts[i]);
    free(texts);
}

void hs_scenario_free(struct hs_scenario *scenario)
{
    if (!scenario)
        return;
    free_texts(scenario->clauses, scenario->clause_count);
    free_texts(scenario->sources, scenario->source_count);
    free(scenario->path);
    free(scenario->name);
    free(scenario->question);
    free(scenario->schedule);
    free(scenario->expected_runs);
    free(scenario->twin);
    free(scenario);
}

/* ---- variants ------------------------------------------------------------------------------- */

unsigned hs_scenario_variant_count(const struct hs_scenario *scenario)
{
    unsigned count = 1;
    for (unsigned i = 0; i < scenario->vary_count; i++)
        count *= scenario->vary[i].count;
    return count;
}

/* Set what varies to its value number `choice`, and say so in the variant's name. */
static void set_varied(
    struct hs_variant *variant, const struct hs_vary *vary, unsigned choice, struct hs_text *name)
{
    char number[8];
    uint8_t value = vary->values[choice];
    hs_text_add(name, "%c%s=", vary == variant->scenario->vary ? '[' : ',', vary->name);
    if (vary->is_rule) {
        variant->config.rules.value[vary->index] = value;
        hs_text_add(name, "%s", hs_rule_value_name((enum hs_rule)vary->index, value, number));
    } else {
        *size_in(&variant->config, vary->index) = value;
        hs_text_add(name, "%u", value);
    }
}

static void find_expected(struct hs_variant *variant, const unsigned *choices)
{
    const struct hs_scenario *scenario = variant->scenario;
    unsigned first = first_fit(scenario, choices);
    if (first == scenario->expected_run_count)
        return;
    variant->has_expected_run = true;
    variant->expected_broken = scenario->expected_runs[first].broken;
    variant->expected_unfinished = scenario->expected_runs[first].unfinished;
    variant->expected_line = scenario->expected_runs[first].line;
}

bool hs_scenario_variant(const struct hs_scenario *scenario, unsigned index,
    struct hs_variant *variant, struct hs_error *error)
{
    unsigned choices[HS_VARY_MAX];
    memset(variant, 0, sizeof(*variant));
    variant->scenario = scenario;
    variant->config = scenario->config;
    struct hs_text name = hs_text_in(variant->name, sizeof(variant->name));
    hs_text_add(&name, "%.100s", scenario->name);
    choose(scenario, index, choices);
    for (unsigned v = 0; v < scenario->vary_count; v++)
        set_varied(variant, &scenario->vary[v], choices[v], &name);
    if (scenario->vary_count)
        hs_text_add(&name, "]");
    find_expected(variant, choices);
    const char *wrong = hs_config_finish(&variant->config);
    if (wrong)
        return hs_fail_at(error, scenario->path, 1, 1, "%s: %s", variant->name, wrong);
    return true;
}

struct hs_rules hs_scenario_preset_rules(const struct hs_scenario *scenario)
{
    struct hs_rules rules = hs_rules_default();
    if (scenario->guest)
        hs_rules_apply_preset(&rules, scenario->guest);
    if (scenario->host)
        hs_rules_apply_preset(&rules, scenario->host);
    return rules;
}

static uint64_t mix(uint64_t hash, const void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3u; /* FNV-1a */
    return hash;
}

/* A value counts by the place where it is listed, not by its number, which is the model's matter.
 */
static uint64_t mix_rules(uint64_t hash, const struct hs_rules *rules)
{
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        enum hs_rule rule = (enum hs_rule)r;
        uint8_t value = rules->value[r];
        if (hs_rule_has_names(rule))
            value = (uint8_t)hs_rule_value_place(rule, value);
        hash = mix(hash, &value, 1);
    }
    return hash;
}

uint64_t hs_variant_hash(const struct hs_variant *variant)
{
    const struct hs_config *config = &variant->config;
    const struct hs_scenario *scenario = variant->scenario;
    uint8_t postcopy = config->postcopy;
    uint64_t hash = mix_rules(0xcbf29ce484222325u, &config->rules);
    for (unsigned s = 0; s < SIZE_COUNT; s++)
        hash = mix(hash, (const uint8_t *)config + size_rows[s].offset, 1);
    hash = mix(hash, &config->policy, 1);
    hash = mix(hash, &postcopy, 1);
    hash = mix(hash, &config->free_at_start, sizeof(config->free_at_start));
    hash = mix(hash, config->limits, sizeof(config->limits));
    hash = mix(hash, &scenario->automatic, sizeof(scenario->automatic));
    for (unsigned i = 0; i < scenario->schedule_length; i++) {
        uint8_t gap = scenario->schedule[i].is_finish ? 2 : scenario->schedule[i].is_gap;
        hash = mix(hash, &gap, 1);
        hash = mix(hash, &scenario->schedule[i].step, sizeof(scenario->schedule[i].step));
    }
    return hash;
}
