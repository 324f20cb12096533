/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What guards read, measured: in states of drawn worlds each field is set to each of its other
 * values, and each rule, limit and size likewise; whose guard then answers otherwise has read it.
 * Prints a line for each kind of step: its name, fields, rules and sizes, separated by tabs.
 *
 * usage: reads
 */
#include "fields.h"
#include "states.h"
#include "world_graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WORLDS = 6000,
    STATES_IN_WORLD = 400,
    STATES_ASKED = 8, /* of each world, evenly spread */
    VALUES_MAX = 12,  /* that a field is set to */
    FIELDS_MAX = 128,
};

/* What was seen to be read, by kind. */
static struct {
    bool fields[FIELDS_MAX];
    bool rules[HS_RULE_COUNT];
    bool limits[HS_LIMIT_COUNT];
    bool orders[2]; /* hint-order, report-order */
    bool postcopy;
} reads[HS_STEP_KIND_COUNT];

static uint64_t asked;

/* The answers of all guards: bit page, by kind. */
struct answers {
    uint64_t enabled[HS_STEP_KIND_COUNT];
};

static void ask(struct hs_world w, struct answers *answers)
{
    memset(answers, 0, sizeof(*answers));
    for (unsigned kind = 0; kind < HS_STEP_KIND_COUNT; kind++) {
        unsigned pages = hs_step_rows[kind].has_page ? w.config->pages : 1;
        for (unsigned p = 0; p < pages; p++) {
            struct hs_step step = {(uint8_t)kind, (uint8_t)p};
            answers->enabled[kind] |= (uint64_t)hs_world_enabled(w, step, NULL) << p;
        }
    }
    asked++;
}

/* ---- the values that a field may be set to --------------------------------------------------- */

/* The most that a guard can be shown without being led out of the state. */
static uint32_t most_of(const struct hs_config *config, const struct field *field)
{
    uint32_t bits = field->bits >= 32 ? UINT32_MAX : (1u << field->bits) - 1;
    uint32_t last_page = config->pages - 1u;
    if (field->part == PART_HELD || (field->part == PART_ELEMENT && !strcmp(field->name, "page")) ||
        (field->part == PART_BATCH && !strcmp(field->name, "page")))
        return last_page;
    if (field->part == PART_FREE_LIST)
        return config->pages;
    if (field->part == PART_BATCH || !strcmp(field->name, "order"))
        return config->max_order;
    if (field->part == PART_DRIVER && !strcmp(field->name, "held"))
        return (uint32_t)config->pages >> config->hint_order;
    if (!strcmp(field->name, "batch") || !strcmp(field->name, "report_discarded"))
        return config->report_batch - 1u;
    if (field->part == PART_RING && field->bits == 8)
        return 7; /* indices are compared modulo twice the size */
    return bits < VALUES_MAX ? bits : VALUES_MAX;
}

/* The place of a list that is not there, or a free list that is short, is nobody's to change. */
static bool may_change(struct hs_world w, const struct field *field, unsigned index)
{
    bool hints = w.config->queue_size[HS_QUEUE_FREE_PAGE];
    bool reports = w.config->queue_size[HS_QUEUE_REPORTING];
    if (field->part == PART_MONITORS || field->ghost)
        return false;
    if (field->part == PART_DRIVER &&
        (!strcmp(field->name, "phase") || !strcmp(field->name, "held")))
        return hints; /* a driver without the queue has no rounds */
    if (field->part == PART_DRIVER && !strcmp(field->name, "report_phase"))
        return reports;
    if (field->part == PART_FREE_LIST)
        return index > 0 && index <= hs_free_list(w)[0];
    if (field->part == PART_HELD)
        return index < w.state->driver.held;
    return field->part != PART_BATCH || index < w.state->driver.batch;
}

/* ---- what is changed ------------------------------------------------------------------------- */

static void note_fields(const struct answers *was, const struct answers *is, unsigned field)
{
    for (unsigned kind = 0; kind < HS_STEP_KIND_COUNT; kind++)
        reads[kind].fields[field] |= was->enabled[kind] != is->enabled[kind];
}

static void change_field(
    struct hs_world w, unsigned f, unsigned index, uint32_t value, const struct answers *was)
{
    struct answers is;
    uint32_t kept = field_get(w, &fields[f], index);
    if (value == kept)
        return;
    field_set(w, &fields[f], index, value);
    ask(w, &is);
    note_fields(was, &is, f);
    field_set(w, &fields[f], index, kept);
}

static void change_fields(struct hs_world w, const struct answers *was)
{
    for (unsigned f = 0; f < field_count; f++) {
        const struct field *field = &fields[f];
        bool is_id = field->part == PART_DEVICE && !strcmp(field->name, "id");
        for (unsigned i = 0; i < part_count(w.config, field->part); i++) {
            if (!may_change(w, field, i))
                continue;
            uint32_t least = field->part == PART_FREE_LIST ? 1 : 0;
            for (uint32_t v = least; v <= most_of(w.config, field); v++)
                change_field(w, f, i, v, was);
            if (is_id)
                change_field(w, f, i, HS_COMMAND_LAST_ID, was);
        }
    }
}

static void change_rules(struct hs_world w, const struct answers *was)
{
    struct answers is;
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        enum hs_rule rule = (enum hs_rule)r;
        for (unsigned place = 0; hs_rule_has_names(rule) && place < hs_rule_value_count(rule);
             place++) {
            struct hs_config other = *w.config;
            other.rules.value[r] = (uint8_t)hs_rule_value_at(rule, place);
            ask((struct hs_world){&other, w.state}, &is);
            for (unsigned kind = 0; kind < HS_STEP_KIND_COUNT; kind++)
                reads[kind].rules[r] |= was->enabled[kind] != is.enabled[kind];
        }
    }
}

/* Ask under another configuration; `read` is the place in the first kind's row. */
static void change_config(
    struct hs_world w, const struct hs_config *other, const struct answers *was, size_t read)
{
    struct answers is;
    ask((struct hs_world){other, w.state}, &is);
    for (unsigned kind = 0; kind < HS_STEP_KIND_COUNT; kind++) {
        bool *noted = (bool *)((uint8_t *)&reads[kind] + read);
        *noted |= was->enabled[kind] != is.enabled[kind];
    }
}

static void change_sizes(struct hs_world w, const struct answers *was)
{
    static const uint8_t limits[] = {0, 1, 2, HS_UNLIMITED};
    for (unsigned i = 0; i < HS_LIMIT_COUNT; i++) {
        for (unsigned v = 0; v < sizeof(limits); v++) {
            struct hs_config other = *w.config;
            other.limits[i] = limits[v];
            change_config(w, &other, was, offsetof(__typeof__(reads[0]), limits) + i);
        }
    }
    for (unsigned order = 0; order <= w.config->max_order; order++) {
        struct hs_config other = *w.config;
        other.hint_order = (uint8_t)order;
        change_config(w, &other, was, offsetof(__typeof__(reads[0]), orders));
        other = *w.config;
        other.report_order = (uint8_t)order;
        change_config(w, &other, was, offsetof(__typeof__(reads[0]), orders) + 1);
    }
    struct hs_config other = *w.config;
    other.postcopy = !other.postcopy;
    change_config(w, &other, was, offsetof(__typeof__(reads[0]), postcopy));
}

static void measure(const struct hs_config *config, const void *state)
{
    union hs_state_buffer copy;
    struct hs_world w = {config, &copy.state};
    struct answers was;
    memcpy(&copy, state, config->layout.size);
    ask(w, &was);
    change_fields(w, &was);
    change_rules(w, &was);
    change_sizes(w, &was);
}

/* ---- all of it ------------------------------------------------------------------------------- */

static void add(const char *what, unsigned *count)
{
    printf("%s%s", *count ? ", " : "", what);
    ++*count;
}

static void print_fields(unsigned kind)
{
    unsigned count = 0;
    for (unsigned f = 0; f < field_count; f++) {
        char name[64];
        snprintf(name, sizeof(name), "%s.%s", part_names[fields[f].part], fields[f].name);
        bool twice = f && fields[f].part == PART_FREE_LIST && fields[f - 1].part == PART_FREE_LIST;
        if (reads[kind].fields[f] && !twice)
            add(fields[f].part == PART_SPENT || fields[f].part == PART_HELD ||
                        fields[f].part == PART_FREE_LIST || fields[f].part == PART_CHUNK
                    ? part_names[fields[f].part]
                    : name,
                &count);
    }
}

static void print_rules(unsigned kind)
{
    unsigned count = 0;
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        if (reads[kind].rules[r])
            add(hs_rule_rows[r].name, &count);
    }
}

/* Without its queue a step is ruled out, and its guard is not asked what else it reads. */
static bool needs_queue(const struct hs_step_row *row, unsigned queue)
{
    for (unsigned i = 0; i < HS_STEP_NEEDS_MAX; i++) {
        if (row->needs[i].kind == HS_NEED_QUEUE && row->needs[i].which == queue)
            return true;
    }
    return false;
}

static void print_sizes(unsigned kind)
{
    static const char *const queues[HS_QUEUE_COUNT] = {
        "free_page_vq", "reporting_vq", "inflateq", "deflateq"};
    unsigned count = 0;
    for (unsigned i = 0; i < HS_LIMIT_COUNT; i++) {
        if (reads[kind].limits[i])
            add(hs_limit_rows[i].name, &count);
    }
    for (unsigned i = 0; i < HS_QUEUE_COUNT; i++) {
        if (needs_queue(&hs_step_rows[kind], i))
            add(queues[i], &count);
    }
    if (reads[kind].orders[0])
        add("hint-order", &count);
    if (reads[kind].orders[1])
        add("report-order", &count);
    if (reads[kind].postcopy)
        add("postcopy", &count);
}

int main(void)
{
    struct states states;
    uint64_t measured = 0;
    states_open(&states, sizeof(union hs_state_buffer), STATES_IN_WORLD);
    for (unsigned world = 1; world <= WORLDS; world++) {
        struct chance chance = {world};
        struct hs_config config;
        union hs_state_buffer start = {0};
        if (world % 2)
            draw_small_world(world / 2, 0, &chance, &config);
        else
            draw_world(&chance, &config);
        struct hs_graph graph = hs_world_graph(&config);
        hs_world_init((struct hs_world){&config, &start.state});
        states_clear(&states, config.layout.size);
        states_explore(&states, &graph, &start, &chance);
        unsigned every = states.count / STATES_ASKED + 1;
        for (uint32_t i = 0; i < states.count; i += every, measured++)
            measure(&config, states_at(&states, i));
    }
    states_close(&states);
    for (unsigned kind = 0; kind < HS_STEP_KIND_COUNT; kind++) {
        printf("%s\t", hs_step_rows[kind].name);
        print_fields(kind);
        putchar('\t');
        print_rules(kind);
        putchar('\t');
        print_sizes(kind);
        putchar('\n');
    }
    fprintf(stderr, "%llu states, all guards asked %llu times\n", (unsigned long long)measured,
        (unsigned long long)asked);
    if (measured * 10 >= (uint64_t)WORLDS * STATES_ASKED * 9)
        return EXIT_SUCCESS;
    fprintf(stderr, "too few: %d states were to be asked about\n", WORLDS * STATES_ASKED);
    return EXIT_FAILURE;
}
