/* Explanations: the words, text and JSON. */
#include "explain_report.h"

#include "ladder.h"

#include <inttypes.h>
#include <string.h>

/* ---- words ------------------------------------------------------------------------------------
 */

enum { LINE = 600 };

static void add(char text[LINE], const char *more)
{
    size_t used = strlen(text);
    snprintf(text + used, LINE - used, "%s", more);
}

/* Put the joint for the next of several names: the last one of `left` has its own. */
static void add_joint(bool first, bool last, const char *last_joint, char text[LINE])
{
    add(text, first ? "" : last ? last_joint : ", ");
}

static unsigned log_mode(const struct hs_explanation *explanation)
{
    return explanation->abstraction.config.rules.value[HS_RULE_LOG];
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

static void add_records(const struct hs_explanation *explanation, unsigned records,
    const char *last_joint, char text[LINE])
{
    unsigned left = named_apart(explanation, records);
    add(text, left ? "" : "nothing");
    for (bool first = true; left; left &= left - 1, first = false) {
        add_joint(first, !(left & (left - 1)), last_joint, text);
        add(text, name_of(explanation, (unsigned)__builtin_ctz(left)));
    }
}

static void add_clauses(const struct hs_explanation *explanation, uint64_t clauses, char text[LINE])
{
    uint8_t minimal[HS_CLAUSES_MAX];
    unsigned count = hs_clauses_minimal(clauses, minimal);
    for (unsigned i = 0; i < count; i++) {
        add(text, i ? "; and " : "");
        if (minimal[i])
            add_records(explanation, minimal[i], " or ", text);
        else
            add(text, "never at risk");
    }
    add(text, count ? "" : "-");
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

static void add_set(const char *const names[], unsigned set, char text[LINE])
{
    for (bool first = true; set; set &= set - 1, first = false) {
        add_joint(first, !(set & (set - 1)), " or ", text);
        add(text, names[__builtin_ctz(set)]);
    }
}

static const char *state_name(enum hs_machine machine, unsigned state)
{
    return hs_machine_rows[machine].states[state];
}

/* The phase, and logging if it is off: what stands before a row. */
static void add_phase(unsigned control, char text[LINE])
{
    add(text, state_name(HS_MACHINE_MIGRATION, hs_control_phase(control)));
    add(text, hs_control_logs(control) || hs_control_phase(control) <= HS_MIGRATION_STARTING
                  ? ""
                  : ", log off");
}

static void add_control(unsigned control, char text[LINE])
{
    add_phase(control, text);
    add(text, hs_control_vm(control) == HS_VM_SOURCE    ? ", VM runs"
              : hs_control_vm(control) == HS_VM_STOPPED ? ", VM stopped"
                                                        : ", VM at the destination");
}

/* ---- text: columns --------------------------------------------------------------------------- */

enum { CELLS = 4 };

/* As much of the text as fits, up to a space. */
static int fitting(const char *text, int width)
{
    int length = (int)strlen(text);
    if (length <= width)
        return length;
    length = width;
    while (length > 0 && text[length] != ' ')
        length--;
    return length > 0 ? length : (int)strcspn(text, " ");
}

/* Cells side by side, each wrapped to its width. */
static void print_cells(const char *const cells[], const int widths[], unsigned count, FILE *out)
{
    const char *rest[CELLS];
    bool more = true;
    memcpy(rest, cells, count * sizeof(*rest));
    while (more) {
        char line[LINE] = "";
        int used = 0;
        int at = 0;
        more = false;
        for (unsigned i = 0; i < count; i++) {
            int length = fitting(rest[i], widths[i]);
            if (length)
                used += snprintf(line + used, sizeof(line) - (size_t)used, "%*s%.*s", at - used, "",
                    length, rest[i]);
            rest[i] += length + (rest[i][length] == ' ');
            more = more || *rest[i];
            at += widths[i] + 1;
        }
        fprintf(out, "  %s\n", line);
    }
}

static void print_pair(const char *label, const char *text, FILE *out)
{
    static const int widths[] = {21, 48};
    print_cells((const char *const[]){label, text}, widths, 2, out);
}

/* ---- text: the parts ------------------------------------------------------------------------- */

/* A row of the table: the phase, and what is claimed. */
struct row {
    char cells[CELLS][LINE];
};

static const int table_widths[CELLS] = {14, 24, 18, 11};

static void print_row(const struct row *row, FILE *out)
{
    const char *const cells[] = {row->cells[0], row->cells[1], row->cells[2], row->cells[3]};
    print_cells(cells, table_widths, CELLS, out);
}

static unsigned when_stopped(unsigned control)
{
    return control + 2 * (HS_VM_STOPPED - HS_VM_SOURCE);
}

static void fill_row(const struct hs_explanation *explanation, unsigned control, struct row *row)
{
    const struct hs_claim *running = &explanation->statement.claims[control];
    const struct hs_claim *stopped = &explanation->statement.claims[when_stopped(control)];
    bool runs = explanation->reached[control];
    memset(row, 0, sizeof(*row));
    add_phase(control, row->cells[0]);
    add_clauses(explanation, runs ? running->at_risk : 0, row->cells[1]);
    add_clauses(explanation, explanation->reached[when_stopped(control)] ? stopped->at_risk : 0,
        row->cells[2]);
    add_clauses(explanation, runs ? running->on_write : 0, row->cells[3]);
}

/* Rows that say the same become one. */
static void print_table(const struct hs_explanation *explanation, FILE *out)
{
    struct row row = {{"", "at risk, VM runs", "at risk, stopped", "if written"}};
    for (unsigned i = 0; i < HS_CONTROL_COUNT; i++) {
        struct row next;
        if (hs_control_vm(i) != HS_VM_SOURCE ||
            !(explanation->reached[i] || explanation->reached[when_stopped(i)]))
            continue;
        fill_row(explanation, i, &next);
        if (memcmp(&row.cells[1], &next.cells[1], sizeof(row.cells) - sizeof(row.cells[0])) == 0) {
            add(row.cells[0], ", ");
            add(row.cells[0], next.cells[0]);
        } else {
            print_row(&row, out);
            row = next;
        }
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
    char text[LINE] = "nobody relies on P: it is ";
    if (effect->owners) {
        add_set(owner_words, effect->owners, text);
        hs_ladder_print_wrapped(text, 2, out);
    }
    if (effect->relied)
        hs_ladder_print_wrapped("or P is relied on, and not at risk", 2, out);
    for (unsigned i = 0; i < HS_CONTROL_COUNT; i++) {
        if (!(effect->at_risk >> i & 1u))
            continue;
        snprintf(text, sizeof(text), "or P is at risk (");
        add_control(i, text);
        add(text, "), and has left ");
        add_clauses(explanation, effect->left[i], text);
        hs_ladder_print_wrapped(text, 2, out);
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
    char text[LINE] = "";
    add(text, effect_names[request]);
    add(text, " in phase ");
    add_set(hs_machine_rows[HS_MACHINE_MIGRATION].states, phases_of(effect->controls), text);
    add(text, ", status ");
    add_set(hs_machine_rows[HS_MACHINE_STATUS].states, effect->statuses, text);
    add(text, ". Of P's records this takes ");
    add_records(explanation, effect->takes, " and ", text);
    add(text, ". Then");
    fputc('\n', out);
    hs_ladder_print_wrapped(text, 0, out);
    print_cases(explanation, effect, out);
}

/* What the step does to the records. */
static void print_handover(const struct hs_explanation *explanation, unsigned kind, FILE *out)
{
    const struct hs_handover *handover = &explanation->handovers[kind];
    char text[LINE] = "";
    if (!handover->begins && !handover->lost)
        return;
    add(text, handover->begins ? "not at risk" : "");
    add(text, handover->begins && handover->lost ? ", or " : "");
    if (handover->lost)
        add_records(explanation, handover->lost, " and ", text);
    add(text, " -> ");
    add_records(explanation, shortest(handover->after), " or ", text);
    print_pair(hs_label_name(kind * 256), text, out);
}

static void print_handovers(const struct hs_explanation *explanation, FILE *out)
{
    char ends[LINE] = "";
    fputs("\nP comes to be at risk, and one record takes another's place, by\n", out);
    for (unsigned i = 0; i < HS_KINDS_MAX; i++)
        print_handover(explanation, i, out);
    for (unsigned i = 0; i < HS_KINDS_MAX; i++) {
        if (explanation->handovers[i].ends) {
            add(ends, ends[0] ? ", " : "");
            add(ends, hs_label_name(i * 256));
        }
    }
    print_pair("no longer at risk:", ends, out);
}

/* The step that leads out of the statement, and from where. */
static void add_failing(const struct hs_explanation *explanation, char text[LINE])
{
    const struct hs_move *move = &explanation->failing;
    add(text, hs_label_name(move->kind * 256u));
    add(text, " leads out of it from ");
    add_control(move->from.control, text);
    add(text, move->from.at_risk ? ", at risk" : ", not at risk");
    add(text, ", with ");
    add_records(explanation, move->from.records, " and ", text);
    add(text, ".");
}

static void print_checks(const struct hs_explanation *explanation, FILE *out)
{
    char text[LINE];
    fputc('\n', out);
    snprintf(text, sizeof(text),
        "Checked: the table holds at the start, and after each of the %" PRIu64
        " steps from the %u reachable states.",
        explanation->steps, explanation->states);
    if (!explanation->holds) {
        snprintf(text, sizeof(text), "The table does NOT hold: ");
        add_failing(explanation, text);
    }
    hs_ladder_print_wrapped(text, 0, out);
    snprintf(text, sizeof(text),
        "Reachable or not: of %u combinations of controls and records, each for which the table "
        "holds leads by every step to one for which it holds, and loses P by none, if requests "
        "act as said.",
        explanation->combinations);
    if (!explanation->inductive) {
        snprintf(
            text, sizeof(text), "It is NOT inductive by itself, and rests on what is reachable: ");
        add_failing(explanation, text);
    }
    hs_ladder_print_wrapped(text, 0, out);
    fputs("How requests act, and what single steps do, is read off what is reached.\n", out);
}

static void print_gap(const struct hs_explanation *explanation, FILE *out)
{
    const struct hs_gap *gap = &explanation->gap;
    const struct hs_move *move = &gap->move;
    char text[LINE];
    snprintf(text, sizeof(text),
        "No record covers P in every state of the abstraction.\n"
        "P is first at risk without a record after %u steps: ",
        gap->steps);
    add_control(move->to.control, text);
    add(text, ", status ");
    add(text, state_name(HS_MACHINE_STATUS, gap->status));
    add(text, ".\nThe last step is ");
    add(text, hs_label_name(gap->label));
    if (move->from.at_risk) {
        add(text, ", which takes ");
        add_records(explanation, move->from.records & ~move->to.records, " and ", text);
        add(text, ".");
    } else {
        add(text, ", which puts P at risk.");
    }
    fputc('\n', out);
    hs_ladder_print_wrapped(text, 0, out);
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
