/* SPDX-License-Identifier: BSD-3-Clause */
/* Explanations: the words, text and JSON. */
#include "explain_report.h"

#include "text.h"

#include <inttypes.h>
#include <string.h>

/* ---- words ------------------------------------------------------------------------------------
 */

static enum hs_log log_mode(const struct hs_explanation *explanation)
{
    return hs_rules_log(&explanation->abstraction.config.rules);
}

/* A record's name.  Where nothing is cleared later, every log bit is kept. */
static const char *name_of(const struct hs_explanation *explanation, unsigned record)
{
    switch ((enum hs_record)record) {
    case HS_RECORD_BITMAP:
        return "bitmap";
    case HS_RECORD_SENDING:
        return "being sent";
    case HS_RECORD_HOST_LOG:
        return "host log";
    case HS_RECORD_KEPT_LOG:
        if (log_mode(explanation) == HS_LOG_MANUAL)
            return "kept log";
        break;
    case HS_RECORD_HARVESTED:
        return "harvested";
    case HS_RECORD_LOG:
    case HS_RECORD_COUNT:
        break;
    }
    return log_mode(explanation) == HS_LOG_RING ? "ring" : "log";
}

/* The records that have names of their own. */
static unsigned named_apart(const struct hs_explanation *explanation, unsigned records)
{
    bool twice = log_mode(explanation) != HS_LOG_MANUAL && records & 1u << HS_RECORD_LOG;
    return twice ? records & ~(1u << HS_RECORD_KEPT_LOG) : records;
}

/* The joint before the first name of what is left to be listed: the last one has its own. */
static const char *joint_before(unsigned left, const char *last_joint)
{
    return left & (left - 1) ? ", " : last_joint;
}

static void add_records(const struct hs_explanation *explanation, unsigned records,
    const char *last_joint, struct hs_text *text)
{
    unsigned left = named_apart(explanation, records);
    hs_text_begin_list(text);
    if (!left)
        hs_text_add(text, "nothing");
    for (; left; left &= left - 1)
        hs_text_item(text, joint_before(left, last_joint), "%s",
            name_of(explanation, (unsigned)__builtin_ctz(left)));
}

static void add_clauses(
    const struct hs_explanation *explanation, uint64_t clauses, struct hs_text *text)
{
    uint8_t minimal[HS_CLAUSES_MAX];
    unsigned count = hs_clauses_minimal(clauses, minimal);
    for (unsigned i = 0; i < count; i++) {
        hs_text_add(text, "%s", i ? "; and " : "");
        if (minimal[i])
            add_records(explanation, minimal[i], " or ", text);
        else
            hs_text_add(text, "never at risk");
    }
    hs_text_add(text, "%s", count ? "" : "-");
}

/* One of the clauses with the fewest records. */
static unsigned shortest(uint64_t clauses)
{
    uint8_t minimal[HS_CLAUSES_MAX];
    unsigned count = hs_clauses_minimal(clauses, minimal);
    unsigned best = (1u << HS_RECORD_COUNT) - 1;
    for (unsigned i = 0; i < count; i++) {
        if (__builtin_popcount(minimal[i]) < __builtin_popcount(best))
            best = minimal[i];
    }
    return best;
}

static void add_set(const char *const names[], unsigned set, struct hs_text *text)
{
    hs_text_begin_list(text);
    for (; set; set &= set - 1)
        hs_text_item(text, joint_before(set, " or "), "%s", names[__builtin_ctz(set)]);
}

static const char *state_name(enum hs_machine machine, unsigned state)
{
    return hs_machine_rows[machine].states[state];
}

/* The phase, and logging if it is off: what stands before a row. */
static void add_phase(unsigned control, struct hs_text *text)
{
    bool logs = hs_control_logs(control) || hs_control_phase(control) <= HS_MIGRATION_STARTING;
    hs_text_add(text, "%s%s", state_name(HS_MACHINE_MIGRATION, hs_control_phase(control)),
        logs ? "" : ", log off");
}

static void add_control(unsigned control, struct hs_text *text)
{
    unsigned vm = hs_control_vm(control);
    add_phase(control, text);
    hs_text_add(text, ", VM %s",
        vm == HS_VM_SOURCE    ? "runs"
        : vm == HS_VM_STOPPED ? "stopped"
                              : "at the destination");
}

/* ---- text: columns --------------------------------------------------------------------------- */

static void print_pair(const char *label, const struct hs_text *text, FILE *out)
{
    static const struct hs_lines lines[] = {
        {.indent = 2, .width = 21}, {.indent = 24, .width = 48}};
    hs_print_cells((const char *const[]){label, hs_text_string(text)}, lines, 2, out);
}

/* ---- text: the parts ------------------------------------------------------------------------- */

enum { CELLS = 4 };

/* A row of the table: the phase, and what is claimed. */
struct row {
    struct hs_text cells[CELLS];
};

static void free_row(struct row *row)
{
    for (unsigned i = 0; i < CELLS; i++)
        hs_text_free(&row->cells[i]);
}

/* Print a row, and free it. */
static void print_row(struct row *row, FILE *out)
{
    static const struct hs_lines lines[CELLS] = {{.indent = 2, .width = 14},
        {.indent = 17, .width = 24}, {.indent = 42, .width = 18}, {.indent = 61, .width = 11}};
    const char *cells[CELLS];
    for (unsigned i = 0; i < CELLS; i++)
        cells[i] = hs_text_string(&row->cells[i]);
    hs_print_cells(cells, lines, CELLS, out);
    free_row(row);
}

static unsigned when_stopped(unsigned control)
{
    return control + 2 * (HS_VM_STOPPED - HS_VM_SOURCE);
}

static void fill_claims(const struct hs_explanation *explanation, unsigned control, struct row *row)
{
    const struct hs_claim *running = &explanation->statement.claims[control];
    const struct hs_claim *stopped = &explanation->statement.claims[when_stopped(control)];
    bool runs = explanation->reached[control];
    add_clauses(explanation, runs ? running->at_risk : 0, &row->cells[1]);
    add_clauses(explanation, explanation->reached[when_stopped(control)] ? stopped->at_risk : 0,
        &row->cells[2]);
    add_clauses(explanation, runs ? running->on_write : 0, &row->cells[3]);
}

static struct row title_row(void)
{
    static const char *const titles[CELLS] = {
        "", "at risk, VM runs", "at risk, stopped", "if written"};
    struct row row = {0};
    for (unsigned i = 0; i < CELLS; i++)
        hs_text_add(&row.cells[i], "%s", titles[i]);
    return row;
}

/* Do both claim the same, of whatever phases? */
static bool claims_the_same(const struct row *a, const struct row *b)
{
    for (unsigned i = 1; i < CELLS; i++) {
        if (strcmp(hs_text_string(&a->cells[i]), hs_text_string(&b->cells[i])) != 0)
            return false;
    }
    return true;
}

/* Rows that say the same become one. */
static void print_table(const struct hs_explanation *explanation, FILE *out)
{
    struct row row = title_row();
    for (unsigned i = 0; i < HS_CONTROL_COUNT; i++) {
        struct row next = {0};
        if (hs_control_vm(i) != HS_VM_SOURCE ||
            !(explanation->reached[i] || explanation->reached[when_stopped(i)]))
            continue;
        fill_claims(explanation, i, &next);
        if (claims_the_same(&row, &next)) {
            free_row(&next);
        } else {
            print_row(&row, out);
            row = next;
        }
        hs_text_add(&row.cells[0], "%s", row.cells[0].length ? ", " : "");
        add_phase(i, &row.cells[0]);
    }
    print_row(&row, out);
}

static void print_statement(const struct hs_explanation *explanation, FILE *out)
{
    fputs("\nIn each phase, whatever the device's status, P has one of these records\n"
          "while it is at risk, and would have one of the last column if a vCPU\n"
          "wrote it now:\n",
        out);
    print_table(explanation, out);
}

static const char *const effect_names[HS_REQUEST_COUNT] = {
    [HS_REQUEST_HINT] = "A hint of P is accepted",
    [HS_REQUEST_REPORT] = "P is discarded as reported",
    [HS_REQUEST_INFLATE] = "P is discarded as inflated",
};
static const char *const owner_words[HS_OWNER_COUNT] = {
    [HS_OWNER_FREE] = "free",
    [HS_OWNER_APP] = "in use and not written yet",
    [HS_OWNER_HELD] = "held by the driver",
    [HS_OWNER_ISOLATED] = "isolated to be reported",
    [HS_OWNER_BALLOON] = "in the balloon",
};

/* Which of the cases there are; the first that applies is the one. */
static void print_cases(
    const struct hs_explanation *explanation, const struct hs_effect *effect, FILE *out)
{
    struct hs_text text = {0};
    if (effect->owners) {
        hs_text_add(&text, "nobody relies on P: it is ");
        add_set(owner_words, effect->owners, &text);
        hs_text_print(&text, 2, out);
    }
    if (effect->relied)
        hs_print_wrapped("or P is relied on, and not at risk", 2, out);
    for (unsigned i = 0; i < HS_CONTROL_COUNT; i++) {
        if (!(effect->at_risk >> i & 1u))
            continue;
        hs_text_add(&text, "or P is at risk (");
        add_control(i, &text);
        hs_text_add(&text, "), and has left ");
        add_clauses(explanation, effect->left[i], &text);
        hs_text_print(&text, 2, out);
    }
}

static unsigned phases_of(uint64_t controls)
{
    unsigned phases = 0;
    for (; controls; controls &= controls - 1)
        phases |= 1u << hs_control_phase((unsigned)__builtin_ctzll(controls));
    return phases;
}

static void print_effect(
    const struct hs_explanation *explanation, enum hs_request request, FILE *out)
{
    const struct hs_effect *effect = &explanation->effects[request];
    struct hs_text text = {0};
    hs_text_add(&text, "%s in phase ", effect_names[request]);
    add_set(hs_machine_rows[HS_MACHINE_MIGRATION].states, phases_of(effect->controls), &text);
    hs_text_add(&text, ", status ");
    add_set(hs_machine_rows[HS_MACHINE_STATUS].states, effect->statuses, &text);
    hs_text_add(&text, ". Of P's records this takes ");
    add_records(explanation, effect->takes, " and ", &text);
    hs_text_add(&text, ". Then");
    fputc('\n', out);
    hs_text_print(&text, 0, out);
    print_cases(explanation, effect, out);
}

/* What the step does to the records. */
static void print_handover(const struct hs_explanation *explanation, unsigned kind, FILE *out)
{
    const struct hs_handover *handover = &explanation->handovers[kind];
    struct hs_text text = {0};
    if (!handover->begins && !handover->lost)
        return;
    hs_text_add(&text, "%s%s", handover->begins ? "not at risk" : "",
        handover->begins && handover->lost ? ", or " : "");
    if (handover->lost)
        add_records(explanation, handover->lost, " and ", &text);
    hs_text_add(&text, " -> ");
    add_records(explanation, shortest(handover->after), " or ", &text);
    print_pair(hs_label_name(kind * 256), &text, out);
    hs_text_free(&text);
}

static void print_handovers(const struct hs_explanation *explanation, FILE *out)
{
    struct hs_text ends = {0};
    fputs("\nP comes to be at risk, and one record takes another's place, by\n", out);
    for (unsigned i = 0; i < HS_KINDS_MAX; i++)
        print_handover(explanation, i, out);
    for (unsigned i = 0; i < HS_KINDS_MAX; i++) {
        if (explanation->handovers[i].ends)
            hs_text_item(&ends, ", ", "%s", hs_label_name(i * 256));
    }
    print_pair("no longer at risk:", &ends, out);
    hs_text_free(&ends);
}

/* The step that leads out of the statement, and from where. */
static void add_failing(const struct hs_explanation *explanation, struct hs_text *text)
{
    const struct hs_move *move = &explanation->failing;
    hs_text_add(text, "%s leads out of it from ", hs_label_name(move->kind * 256u));
    add_control(move->from.control, text);
    hs_text_add(text, ", %s, with ", move->from.at_risk ? "at risk" : "not at risk");
    add_records(explanation, move->from.records, " and ", text);
    hs_text_add(text, ".");
}

static void print_checks(const struct hs_explanation *explanation, FILE *out)
{
    struct hs_text text = {0};
    fputc('\n', out);
    if (explanation->holds) {
        hs_text_add(&text,
            "Checked: the table holds at the start, and after each of the %" PRIu64
            " steps from the %u reachable states.",
            explanation->steps, explanation->states);
    } else {
        hs_text_add(&text, "The table does NOT hold: ");
        add_failing(explanation, &text);
    }
    hs_text_print(&text, 0, out);
    if (explanation->inductive) {
        hs_text_add(&text,
            "Reachable or not: of %u combinations of controls and records, each for which the "
            "table holds leads by every step to one for which it holds, and loses P by none, if "
            "requests act as said.",
            explanation->combinations);
    } else {
        hs_text_add(&text, "It is NOT inductive by itself, and rests on what is reachable: ");
        add_failing(explanation, &text);
    }
    hs_text_print(&text, 0, out);
    fputs("How requests act, and what single steps do, is read off what is reached.\n", out);
}

static void print_gap(const struct hs_explanation *explanation, FILE *out)
{
    const struct hs_gap *gap = &explanation->gap;
    const struct hs_move *move = &gap->move;
    struct hs_text text = {0};
    hs_text_add(&text,
        "No record covers P in every state of the abstraction.\n"
        "P is first at risk without a record after %u steps: ",
        gap->steps);
    add_control(move->to.control, &text);
    hs_text_add(&text, ", status %s.\nThe last step is %s",
        state_name(HS_MACHINE_STATUS, gap->status), hs_label_name(gap->label));
    if (move->from.at_risk) {
        hs_text_add(&text, ", which takes ");
        add_records(explanation, move->from.records & ~move->to.records, " and ", &text);
        hs_text_add(&text, ".");
    } else {
        hs_text_add(&text, ", which puts P at risk.");
    }
    fputc('\n', out);
    hs_text_print(&text, 0, out);
}

static void print_reasons(const struct hs_explanation *explanation, FILE *out)
{
    if (log_mode(explanation) == HS_LOG_MANUAL)
        fputs("A log bit is kept if a CLEAR of its chunk would leave it.\n", out);
    print_statement(explanation, out);
    for (unsigned i = 0; i < HS_REQUEST_COUNT; i++) {
        if (explanation->effects[i].controls)
            print_effect(explanation, (enum hs_request)i, out);
    }
    print_handovers(explanation, out);
    print_checks(explanation, out);
}

void hs_explanation_print(const struct hs_explanation *explanation, FILE *out)
{
    if (!explanation->loses && !explanation->complete) {
        fputs("\nWhy dirty-page-lost is unknown: memory or time ran out\n", out);
        return;
    }
    fprintf(out, "\nWhy dirty-page-lost is %s\n\n", explanation->loses ? "broken" : "never broken");
    fputs("P is any page.  It is at risk while the guest relies on its data, a\n"
          "migration is under way, and the destination's copy is another one.\n",
        out);
    if (explanation->loses)
        print_gap(explanation, out);
    else
        print_reasons(explanation, out);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static json_t *records_json(const struct hs_explanation *explanation, unsigned records)
{
    json_t *list = json_array();
    for (unsigned left = named_apart(explanation, records); left; left &= left - 1)
        json_array_append_new(
            list, json_string(name_of(explanation, (unsigned)__builtin_ctz(left))));
    return list;
}

static json_t *clauses_json(const struct hs_explanation *explanation, uint64_t clauses)
{
    uint8_t minimal[HS_CLAUSES_MAX];
    unsigned count = hs_clauses_minimal(clauses, minimal);
    json_t *list = json_array();
    for (unsigned i = 0; i < count; i++)
        json_array_append_new(list, records_json(explanation, minimal[i]));
    return list;
}

static json_t *control_json(unsigned control)
{
    return json_pack("{s:s, s:s, s:b}", "migration",
        state_name(HS_MACHINE_MIGRATION, hs_control_phase(control)), "vm",
        state_name(HS_MACHINE_VM, hs_control_vm(control)), "logging", hs_control_logs(control));
}

static json_t *statement_json(const struct hs_explanation *explanation)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < HS_CONTROL_COUNT; i++) {
        const struct hs_claim *claim = &explanation->statement.claims[i];
        if (!explanation->reached[i])
            continue;
        json_array_append_new(list, json_pack("{s:o, s:I, s:o, s:o}", "control", control_json(i),
                                        "states", (json_int_t)explanation->reached[i], "at_risk",
                                        clauses_json(explanation, claim->at_risk), "on_write",
                                        clauses_json(explanation, claim->on_write)));
    }
    return list;
}

static json_t *names_json(const char *const names[], unsigned set)
{
    json_t *list = json_array();
    for (; set; set &= set - 1)
        json_array_append_new(list, json_string(names[__builtin_ctz(set)]));
    return list;
}

static json_t *where_json(const struct hs_explanation *explanation, const struct hs_effect *effect)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < HS_CONTROL_COUNT; i++) {
        if (!(effect->controls >> i & 1u))
            continue;
        json_t *json = json_pack("{s:o}", "control", control_json(i));
        if (effect->at_risk >> i & 1u)
            json_object_set_new(json, "left", clauses_json(explanation, effect->left[i]));
        json_array_append_new(list, json);
    }
    return list;
}

static json_t *effects_json(const struct hs_explanation *explanation)
{
    static const char *const requests[] = {"hint", "report", "inflate"};
    static const char *const owners[HS_OWNER_COUNT] = {
        "free", "in use", "held", "isolated", "ballooned"};
    json_t *list = json_array();
    for (unsigned i = 0; i < HS_REQUEST_COUNT; i++) {
        const struct hs_effect *effect = &explanation->effects[i];
        if (effect->controls)
            json_array_append_new(
                list, json_pack("{s:s, s:o, s:o, s:o, s:o, s:b}", "request", requests[i], "where",
                          where_json(explanation, effect), "status",
                          names_json(hs_machine_rows[HS_MACHINE_STATUS].states, effect->statuses),
                          "takes", records_json(explanation, effect->takes), "nobody_relies",
                          names_json(owners, effect->owners), "not_at_risk", effect->relied));
    }
    return list;
}

static json_t *handovers_json(const struct hs_explanation *explanation)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < HS_KINDS_MAX; i++) {
        const struct hs_handover *handover = &explanation->handovers[i];
        if (!handover->begins && !handover->lost && !handover->ends)
            continue;
        json_t *json = json_pack("{s:s, s:b, s:b, s:o}", "step", hs_label_name(i * 256), "begins",
            handover->begins, "ends", handover->ends, "takes",
            records_json(explanation, handover->lost));
        if (handover->begins || handover->lost)
            json_object_set_new(json, "after", clauses_json(explanation, handover->after));
        json_array_append_new(list, json);
    }
    return list;
}

static json_t *gap_json(const struct hs_explanation *explanation)
{
    const struct hs_gap *gap = &explanation->gap;
    return json_pack("{s:o, s:s, s:i, s:s, s:b, s:o}", "control",
        control_json(gap->move.to.control), "status", state_name(HS_MACHINE_STATUS, gap->status),
        "steps", (int)gap->steps, "step", hs_label_name(gap->label), "at_risk_before",
        gap->move.from.at_risk, "takes",
        records_json(explanation, gap->move.from.records & ~gap->move.to.records));
}

json_t *hs_explanation_json(const struct hs_explanation *explanation)
{
    json_t *json = json_pack("{s:b, s:I, s:I}", "complete", explanation->complete, "states",
        (json_int_t)explanation->states, "steps", (json_int_t)explanation->steps);
    if (explanation->loses) {
        json_object_set_new(json, "gap", gap_json(explanation));
    } else if (explanation->complete) {
        json_object_set_new(json, "statement", statement_json(explanation));
        json_object_set_new(json, "requests", effects_json(explanation));
        json_object_set_new(json, "handovers", handovers_json(explanation));
        json_object_set_new(json, "combinations", json_integer(explanation->combinations));
        json_object_set_new(json, "holds", json_boolean(explanation->holds));
        json_object_set_new(json, "inductive", json_boolean(explanation->inductive));
    }
    return json;
}
