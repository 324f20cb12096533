/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The machines' state diagrams, drawn by searching the model.
 *
 *   transitions dot DIR   write DIR/MACHINE.dot for every machine; print what table prints
 *   transitions table     every transition, one a line: machine, from, step, to, what it needs
 *   transitions sizes     how large a state is: pages, free_page_vq, other queues, bytes
 *   transitions count     how many transitions were found, and in how many states
 *
 * Each may be followed by KEPT: the search goes breadth first and keeps, of the states that look
 * alike (see looks), the first KEPT.  The diagrams are complete if a larger KEPT finds no more.
 *
 * The rules are those of the guest linux-6.1 on the host qemu-7.2-kvm; these with one rule changed,
 * once for every value of every rule; every preset; and rules by chance.  A transition that the
 * first set shows is drawn solid; one that needs another value of a rule is dashed and
 * names it.
 */
#include "kind_set.h"
#include "virtqueue.h"
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    USUAL_KEPT = 3,
    KEPT_MAX = 8,
    LOOKS_MAX = 1 << 16, /* slots of the table of looks: a power of two, never full */
    STATES_MAX = 400000, /* kept in one search */
    RANDOM_SETS = 12,    /* sets of rules by chance */
    SETS_MAX = 128,      /* the usual rules, all others, and these with one changed */
    NAME_SIZE = 80,      /* RULE=VALUE */
    MISUSED = 2,         /* exit code: bad arguments */
    USUAL_SET = 0,       /* the set of rules that the others differ from */
    ANY_OTHER_SET = 1,   /* presets, and rules by chance: none is looked at alone */
    FIRST_CHANGED_SET = 2
};
static_assert((int)HS_STEP_KIND_COUNT <= (int)HS_KINDS_MAX, HS_TOO_MANY_KINDS);

/* For each machine and two of its states: the steps that lead from the one to the other. */
struct edges {
    struct hs_kind_set steps[HS_MACHINE_COUNT][HS_MACHINE_STATES_MAX][HS_MACHINE_STATES_MAX];
};

/* What was found under one set of rules; `name` is RULE=VALUE for a set that has one changed. */
struct rule_set {
    char name[NAME_SIZE];
    struct edges edges;
};

static struct rule_set sets[SETS_MAX];
static unsigned set_count = FIRST_CHANGED_SET;

/* ---- the search ------------------------------------------------------------------------------ */

/* The states that look alike: how many are kept, and their hashes. */
struct look {
    uint64_t key; /* 0: the slot is free */
    unsigned count;
    uint64_t hashes[KEPT_MAX];
};

static struct look table[LOOKS_MAX];
static union hs_state_buffer states[STATES_MAX];
static unsigned state_count;
static unsigned look_count;
static uint64_t states_in_all;
static unsigned kept = USUAL_KEPT;

static uint64_t add(uint64_t looks, unsigned value, unsigned values)
{
    return looks * values + (value < values ? value : values - 1);
}

/* How far the device is with a report: not taken, taken, discarded in part, used. */
static unsigned report_progress(struct hs_world w)
{
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_REPORTING);
    if (!q.size || hs_virtqueue_available(q))
        return 0;
    return hs_virtqueue_used(q) ? 3 : 1 + (w.state->device.report_discarded > 0);
}

/* Pages that are to be sent, or being sent. */
static unsigned pages_to_send(struct hs_world w)
{
    unsigned count = w.state->migration.sending > 0;
    for (unsigned p = 0; p < w.config->pages; p++)
        count += hs_page(w, p)->bitmap;
    return count;
}

/* What tells states apart that may lead on differently: the machines' states, what comes next in
 * free_page_vq, what the driver has read and holds, and what is left to send or to discard.
 * Never 0. */
static uint64_t looks(struct hs_world w)
{
    const struct hs_driver *driver = &w.state->driver;
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_FREE_PAGE);
    unsigned next = q.size && hs_virtqueue_available(q) ? q.slots[q.ring->taken & (q.size - 1)].kind
                                                        : HS_ELEMENT_NONE;
    uint64_t key = 1;
    for (unsigned m = 0; m < HS_MACHINE_COUNT; m++)
        key = add(key, hs_machine_state(w, (enum hs_machine)m), HS_MACHINE_STATES_MAX);
    key = add(key, next, HS_ELEMENT_KIND_COUNT);
    key = add(key, driver->read_again, 2);
    key = add(key, driver->held > 0, 2);
    key = add(key, driver->cached_id == driver->active_id, 2);
    key = add(key, report_progress(w), 4);
    key = add(key, driver->put_back, 2);
    key = add(key, pages_to_send(w), 4);
    return key;
}

/* Keep the state unless it is known, or enough are that look like it. */
static void keep(struct hs_world w)
{
    uint64_t key = looks(w);
    uint64_t hash = hs_state_hash(w);
    unsigned slot = (unsigned)(key * 0x9e3779b97f4a7c15u >> 40) & (LOOKS_MAX - 1);
    while (table[slot].key && table[slot].key != key)
        slot = (slot + 1) & (LOOKS_MAX - 1);
    struct look *look = &table[slot];
    look_count += !look->key;
    look->key = key;
    assert(look_count < LOOKS_MAX); /* so that the loop above ends */
    for (unsigned i = 0; i < look->count; i++) {
        if (look->hashes[i] == hash)
            return;
    }
    if (look->count == kept)
        return;
    look->hashes[look->count++] = hash;
    assert(state_count < STATES_MAX);
    memcpy(&states[state_count++], w.state, w.config->layout.size);
}

static void note(struct hs_world before, struct hs_world after, unsigned kind, struct edges *edges)
{
    for (unsigned m = 0; m < HS_MACHINE_COUNT; m++) {
        unsigned from = hs_machine_state(before, (enum hs_machine)m);
        unsigned to = hs_machine_state(after, (enum hs_machine)m);
        if (from != to)
            hs_kind_set_add(&edges->steps[m][from][to], kind);
    }
}

static void search(const struct hs_config *config, struct edges *edges)
{
    static struct hs_step steps[HS_STEPS_MAX];
    union hs_state_buffer first;
    struct hs_world start = {config, &first.state};
    memset(table, 0, sizeof(table));
    state_count = look_count = 0;
    hs_world_init(start);
    keep(start);
    for (unsigned at = 0; at < state_count; at++) {
        struct hs_world before = {config, &states[at].state};
        unsigned count = hs_world_steps(before, steps);
        for (unsigned i = 0; i < count; i++) {
            union hs_state_buffer next;
            struct hs_world after = {config, &next.state};
            memcpy(&next, &states[at], config->layout.size);
            hs_world_take(after, steps[i]);
            note(before, after, steps[i].kind, edges);
            keep(after);
        }
    }
    states_in_all += state_count;
}

/* The sizes that are searched: little of everything, so that queues fill and memory runs out. */
static const struct hs_config sizes[] = {
    {.pages = 2, .queue_size = {[HS_QUEUE_FREE_PAGE] = 2}, .free_at_start = 1},
    {.pages = 2, .queue_size = {[HS_QUEUE_FREE_PAGE] = 4}, .free_at_start = 3, .postcopy = true},
    {.pages = 2, .max_order = 1, .queue_size = {0, 1, 1, 1}, .free_at_start = 3},
};
enum { SIZES_COUNT = sizeof(sizes) / sizeof(sizes[0]) };

static void finish(struct hs_config *config)
{
    config->report_batch = 2;
    memset(config->limits, HS_UNLIMITED, sizeof(config->limits));
    const char *wrong = hs_config_finish(config);
    if (wrong) {
        fprintf(stderr, "transitions: %s\n", wrong);
        exit(EXIT_FAILURE);
    }
}

static void search_rules(const struct hs_rules *rules, struct edges *edges)
{
    for (unsigned s = 0; s < SIZES_COUNT; s++) {
        struct hs_config config = sizes[s];
        config.rules = *rules;
        finish(&config);
        search(&config, edges);
    }
}

/* ---- the sets of rules ----------------------------------------------------------------------- */

static struct hs_rules rules_of(const struct hs_preset *guest, const struct hs_preset *host)
{
    struct hs_rules rules = hs_rules_default();
    hs_rules_apply_preset(&rules, guest);
    hs_rules_apply_preset(&rules, host);
    return rules;
}

static struct hs_rules usual_rules(void)
{
    return rules_of(
        hs_preset_find(HS_SIDE_GUEST, "linux-6.1"), hs_preset_find(HS_SIDE_HOST, "qemu-7.2-kvm"));
}

static void search_changed_rules(void)
{
    struct hs_rules usual = usual_rules();
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        enum hs_rule rule = (enum hs_rule)r;
        if (!hs_rule_has_names(rule))
            continue; /* the size of a chunk moves no machine */
        for (unsigned place = 0; place < hs_rule_value_count(rule); place++) {
            const struct hs_rule_value *value = &hs_rule_rows[r].values[place];
            if (value->number == usual.value[r])
                continue;
            assert(set_count < SETS_MAX);
            struct rule_set *set = &sets[set_count++];
            struct hs_rules changed = usual;
            changed.value[r] = value->number;
            snprintf(set->name, NAME_SIZE, "%s=%s", hs_rule_rows[r].name, value->name);
            search_rules(&changed, &set->edges);
        }
    }
}

/* Every preset, with the usual one of the other side. */
static void search_presets(void)
{
    for (unsigned i = 0; i < hs_preset_count; i++) {
        struct hs_rules rules = usual_rules();
        hs_rules_apply_preset(&rules, &hs_presets[i]);
        search_rules(&rules, &sets[ANY_OTHER_SET].edges);
    }
}

/* splitmix64 */
static unsigned below(unsigned bound)
{
    static uint64_t random_state = 1;
    uint64_t z = random_state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (unsigned)((z ^ z >> 31) % bound);
}

/* Every rule by chance: what only several changed rules together can show. */
static void search_random_rules(void)
{
    for (unsigned i = 0; i < RANDOM_SETS; i++) {
        struct hs_rules rules = hs_rules_default();
        for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
            enum hs_rule rule = (enum hs_rule)r;
            if (hs_rule_has_names(rule))
                rules.value[r] = (uint8_t)hs_rule_value_at(rule, below(hs_rule_value_count(rule)));
        }
        search_rules(&rules, &sets[ANY_OTHER_SET].edges);
    }
}

static void search_all(void)
{
    struct hs_rules usual = usual_rules();
    search_rules(&usual, &sets[USUAL_SET].edges);
    search_changed_rules();
    search_presets();
    search_random_rules();
}

/* ---- what was found -------------------------------------------------------------------------- */

struct edge {
    unsigned machine;
    unsigned from;
    unsigned to;
    unsigned kind;
};

static bool is_in(const struct rule_set *set, struct edge e)
{
    return hs_kind_set_has(&set->edges.steps[e.machine][e.from][e.to], e.kind);
}

static bool is_anywhere(struct edge e)
{
    bool found = false;
    for (unsigned s = 0; s < set_count; s++)
        found = found || is_in(&sets[s], e);
    return found;
}

/* What the transition needs: nothing, one of some changed rules, or several at once. */
static void write_need(struct edge e, char *text, size_t size)
{
    size_t used = 0;
    *text = '\0';
    if (is_in(&sets[USUAL_SET], e))
        return;
    for (unsigned s = FIRST_CHANGED_SET; s < set_count && used < size; s++) {
        if (is_in(&sets[s], e))
            used +=
                (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "", sets[s].name);
    }
    if (!used)
        snprintf(text, size, "several rules");
}

/* Call `visit` for every transition of the machine, by state, then in the order of the steps. */
static void each_edge(unsigned machine, void (*visit)(struct edge e, void *context), void *context)
{
    struct edge e = {.machine = machine};
    for (e.from = 0; e.from < HS_MACHINE_STATES_MAX; e.from++) {
        for (e.to = 0; e.to < HS_MACHINE_STATES_MAX; e.to++) {
            for (e.kind = 0; e.kind < HS_STEP_KIND_COUNT; e.kind++) {
                if (is_anywhere(e))
                    visit(e, context);
            }
        }
    }
}

static const char *state_name(unsigned machine, unsigned state)
{
    return hs_machine_rows[machine].states[state];
}

static void print_edge(struct edge e, void *context)
{
    char need[400];
    (void)context;
    write_need(e, need, sizeof(need));
    printf("%s\t%s\t%s\t%s\t%s\n", hs_machine_rows[e.machine].name, state_name(e.machine, e.from),
        hs_step_rows[e.kind].name, state_name(e.machine, e.to), need);
}

static void count_edge(struct edge e, void *context)
{
    unsigned *counts = context;
    counts[0]++;
    counts[1] += is_in(&sets[USUAL_SET], e);
}

/* ---- Graphviz -------------------------------------------------------------------------------- */

struct drawing {
    FILE *out;
    unsigned from; /* of the arrow whose label is being written */
    unsigned to;
    bool open;  /* its label is not closed */
    bool solid; /* one of its steps needs no other rule */
};

static const char *const actor_colours[HS_ACTOR_COUNT] = {
    [HS_ACTOR_APP] = "#5b3f8c",
    [HS_ACTOR_DRIVER] = "#1d4f91",
    [HS_ACTOR_DEVICE] = "#1b6b3a",
    [HS_ACTOR_MIGRATION] = "#9a3412",
    [HS_ACTOR_LOG] = "#555555",
    [HS_ACTOR_DESTINATION] = "#7a1f5c",
};

static void close_arrow(struct drawing *d)
{
    if (d->open)
        fprintf(d->out, "</table>>%s];\n", d->solid ? "" : ", style=dashed, color=\"#888888\"");
    d->open = false;
}

static void open_arrow(struct drawing *d, struct edge e)
{
    d->from = e.from;
    d->to = e.to;
    d->open = true;
    d->solid = false;
    fprintf(d->out, "    \"%s\" -> \"%s\" [label=<<table border=\"0\" cellspacing=\"0\">\n",
        state_name(e.machine, e.from), state_name(e.machine, e.to));
}

static void draw_edge(struct edge e, void *context)
{
    struct drawing *d = context;
    char need[400];
    if (!d->open || e.from != d->from || e.to != d->to) {
        close_arrow(d);
        open_arrow(d, e);
    }
    write_need(e, need, sizeof(need));
    d->solid = d->solid || !*need;
    fprintf(d->out, "        <tr><td align=\"left\"><font color=\"%s\">%s</font></td></tr>\n",
        actor_colours[hs_step_rows[e.kind].actor], hs_step_rows[e.kind].name);
    for (char *word = strtok(need, ","); word; word = strtok(NULL, ","))
        fprintf(d->out,
            "        <tr><td align=\"left\"><font point-size=\"9\" color=\"#777777\">"
            "<i>&#160;&#160;%s</i></font></td></tr>\n",
            word + (*word == ' '));
}

static void draw_states(unsigned machine, FILE *out)
{
    union hs_state_buffer memory;
    struct hs_config config = sizes[0];
    config.rules = usual_rules();
    finish(&config);
    struct hs_world w = {&config, &memory.state};
    hs_world_init(w);
    for (unsigned s = 0; s < HS_MACHINE_STATES_MAX && state_name(machine, s); s++)
        fprintf(out, "    \"%s\";\n", state_name(machine, s));
    fprintf(out,
        "    \"initially\" [shape=circle, style=filled, fillcolor=\"#222222\", label=\"\", "
        "width=0.12];\n    \"initially\" -> \"%s\";\n",
        hs_machine_state_name(w, (enum hs_machine)machine));
}

static void draw_machine(unsigned machine, FILE *out)
{
    struct drawing d = {.out = out};
    fprintf(out,
        "// Written by tests/diagrams/transitions from the model; not to be edited.\n"
        "digraph \"%s\" {\n"
        "    graph [bgcolor=\"white\", fontname=\"Helvetica\", nodesep=0.5, ranksep=0.5];\n"
        "    node [shape=box, style=\"rounded,filled\", fillcolor=\"#eef3fb\", color=\"#34558b\", "
        "fontname=\"Helvetica\", fontsize=13, margin=\"0.18,0.08\"];\n"
        "    edge [fontname=\"Helvetica\", fontsize=11, color=\"#333333\", arrowsize=0.8];\n",
        hs_machine_rows[machine].name);
    draw_states(machine, out);
    each_edge(machine, draw_edge, &d);
    close_arrow(&d);
    fputs("}\n", out);
}

static bool draw_all(const char *folder)
{
    for (unsigned m = 0; m < HS_MACHINE_COUNT; m++) {
        char path[4096];
        int length = snprintf(path, sizeof(path), "%s/%s.dot", folder, hs_machine_rows[m].name);
        FILE *out = (size_t)length < sizeof(path) ? fopen(path, "w") : NULL;
        if (!out) {
            perror(path);
            return false;
        }
        draw_machine(m, out);
        if (fclose(out) != 0) {
            perror(path);
            return false;
        }
    }
    return true;
}

/* ---- sizes ----------------------------------------------------------------------------------- */

static void print_sizes(void)
{
    static const struct hs_config examples[] = {
        {.pages = 1, .queue_size = {2}},
        {.pages = 2, .queue_size = {4}},
        {.pages = 4, .queue_size = {8}},
        {.pages = 4, .queue_size = {8, 2, 2, 2}},
        {.pages = 16, .queue_size = {16, 4, 4, 4}},
        {.pages = 64, .queue_size = {64, 64, 64, 64}},
    };
    for (unsigned i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
        struct hs_config config = examples[i];
        config.rules = hs_rules_default();
        finish(&config);
        printf("%u\t%u\t%u\t%u\n", config.pages, config.queue_size[HS_QUEUE_FREE_PAGE],
            config.queue_size[HS_QUEUE_REPORTING], config.layout.size);
    }
}

/* ---- the command line ------------------------------------------------------------------------ */

static bool read_number(const char *text, unsigned *number)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    *number = (unsigned)value;
    return *text >= '0' && *text <= '9' && !*end && value >= 1 && value <= KEPT_MAX;
}

static int misused(void)
{
    fputs("usage: transitions dot DIR | table | sizes | count [KEPT]\n", stderr);
    return MISUSED;
}

static void print_count(void)
{
    printf("%llu states\n", (unsigned long long)states_in_all);
    for (unsigned m = 0; m < HS_MACHINE_COUNT; m++) {
        unsigned counts[2] = {0, 0};
        each_edge(m, count_edge, counts);
        printf("%s: %u transitions, %u of them under the usual rules\n", hs_machine_rows[m].name,
            counts[0], counts[1]);
    }
}

static void print_table(void)
{
    for (unsigned m = 0; m < HS_MACHINE_COUNT; m++)
        each_edge(m, print_edge, NULL);
}

int main(int argc, char **argv)
{
    const char *command = argc > 1 ? argv[1] : "";
    bool dot = strcmp(command, "dot") == 0;
    bool tabulate = strcmp(command, "table") == 0;
    bool measure = strcmp(command, "sizes") == 0;
    int rest = dot ? 3 : 2;
    if (argc < rest || argc > rest + 1 || (argc > rest && !read_number(argv[rest], &kept)) ||
        !(dot || tabulate || measure || strcmp(command, "count") == 0))
        return misused();
    if (measure) {
        print_sizes();
        return EXIT_SUCCESS;
    }
    search_all();
    if (dot && !draw_all(argv[2]))
        return EXIT_FAILURE;
    if (dot || tabulate)
        print_table();
    else
        print_count();
    return EXIT_SUCCESS;
}
