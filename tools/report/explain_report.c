/* Explanations: the words, text and JSON. */
#include "explain_report.h"

#include "ladder.h"

#include <inttypes.h>
#include <string.h>

/* ---- words ------------------------------------------------------------------------------------
 */

enum { LINE = 600, LABEL = 25 };

static void add(char text[LINE], const char *more)
{
    size_t used = strlen(text);
    snprintf(text + used, LINE - used, "%s", more);
}

static bool has_manual_log(const struct hs_explanation *explanation)
{
    return hs_rule((struct hs_world){&explanation->abstraction.config, NULL}, HS_RULE_LOG) ==
           HS_LOG_MANUAL;
}

/* A record's name.  Where nothing is cleared later, every log bit is kept. */
static const char *name_of(const struct hs_explanation *explanation, unsigned record)
{
    unsigned mode = explanation->abstraction.config.rules.value[HS_RULE_LOG];
    switch ((enum hs_record)record) {
    case HS_RECORD_BITMAP:
        return "bitmap bit";
    case HS_RECORD_SENDING:
        return "being sent";
    case HS_RECORD_HOST_LOG:
        return "host log bit";
    case HS_RECORD_KEPT_LOG:
        if (mode == HS_LOG_MANUAL)
            return "kept log bit";
        break;
    case HS_RECORD_HARVESTED:
        return "harvested entry";
    case HS_RECORD_LOG:
    case HS_RECORD_COUNT:
        break;
    }
    return mode == HS_LOG_RING ? "ring entry" : "log bit";
}

/* The names of a set of records, each once. */
static void add_records(const struct hs_explanation *explanation, unsigned records,
    const char *last_joint, char text[LINE])
{
    if (!has_manual_log(explanation) && records & 1u << HS_RECORD_LOG)
        records &= ~(1u << HS_RECORD_KEPT_LOG);
    for (bool first = true; records; records &= records - 1, first = false) {
        bool last = !(records & (records - 1));
        add(text, first ? "" : last ? last_joint : ", ");
        add(text, name_of(explanation, (unsigned)__builtin_ctz(records)));
    }
}

static void add_clauses(const struct hs_explanation *explanation, uint64_t clauses, char text[LINE])
{
    uint8_t minimal[HS_CLAUSES_MAX];
    unsigned count = hs_clauses_minimal(clauses, minimal);
    for (unsigned i = 0; i < count; i++) {
        add(text, i ? "; and " : "");
        add_records(explanation, minimal[i], " or ", text);
    }
    if (!count)
        add(text, "no record that could be named");
}

/* One of the clauses, of those with the fewest records. */
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

/* ---- controls ---------------------------------------------------------------------------------
 */

/* The reached controls, a bit each, that have this phase and, from `vm` on, these values. */
static uint64_t controls_like(
    const struct hs_explanation *explanation, unsigned control, bool vm, bool logging)
{
    uint64_t like = 0;
    for (unsigned i = 0; i < HS_CONTROL_COUNT; i++) {
        bool same = hs_control_phase(i) == hs_control_phase(control) &&
                    (!vm || hs_control_vm(i) == hs_control_vm(control)) &&
                    (!logging || hs_control_logs(i) == hs_control_logs(control));
        if (same && explanation->reached[i])
            like |= UINT64_C(1) << i;
    }
    return like;
}

static const char *state_name(enum hs_machine machine, unsigned state)
{
    return hs_machine_rows[machine].states[state];
}

/* The name of a control that says no more than tells it from what is not in `among`; returns what
 * it stands for. */
static uint64_t add_control(
    const struct hs_explanation *explanation, unsigned control, uint64_t among, char text[LINE])
{
    uint64_t of_phase = controls_like(explanation, control, false, false);
    uint64_t of_vm = controls_like(explanation, control, true, false);
    add(text, state_name(HS_MACHINE_MIGRATION, hs_control_phase(control)));
    if (!(of_phase & ~among))
        return of_phase;
    add(text, hs_control_vm(control) == HS_VM_STOPPED ? " (VM stopped" : " (VM runs");
    if (!(of_vm & ~among)) {
        add(text, ")");
        return of_vm;
    }
    add(text, hs_control_logs(control) ? ", logging on)" : ", logging off)");
    return UINT64_C(1) << control;
}

static void add_controls(
    const struct hs_explanation *explanation, uint64_t controls, char text[LINE])
{
    uint64_t left = controls;
    while (left) {
        unsigned control = (unsigned)__builtin_ctzll(left);
        add(text, left == controls ? "" : ", ");
        uint64_t named = add_control(explanation, control, controls, text);
        left &= ~(named | UINT64_C(1) << control);
    }
}

/* Those of `controls` for which the same is claimed as for the first. */
static uint64_t same_claim(const uint64_t claims[HS_CONTROL_COUNT], uint64_t controls)
{
    uint64_t same = 0;
    unsigned first = (unsigned)__builtin_ctzll(controls);
    for (unsigned i = first; i < HS_CONTROL_COUNT; i++) {
        if (controls >> i & 1u && claims[i] == claims[first])
            same |= UINT64_C(1) << i;
    }
    return same;
}

/* What is claimed, as plain arrays. */
struct claims {
    uint64_t at_risk[HS_CONTROL_COUNT];
    uint64_t on_write[HS_CONTROL_COUNT];
    uint64_t covers; /* bit control: of a migration under way */
    uint64_t writes; /* bit control: something is claimed of a write */
};

static struct claims claims_of(const struct hs_explanation *explanation)
{
    struct claims claims = {.covers = 0};
    for (unsigned i = 0; i < HS_CONTROL_COUNT; i++) {
        const struct hs_claim *claim = &explanation->statement.claims[i];
        claims.at_risk[i] = claim->at_risk;
        claims.on_write[i] = claim->on_write;
        claims.covers |= (uint64_t)(explanation->reached[i] != 0) << i;
        claims.writes |= (uint64_t)(explanation->reached[i] && claim->on_write) << i;
    }
    return claims;
}

/* ---- text ------------------------------------------------------------------------------------
 */

/* `text` wrapped behind a label. */
static void print_labelled(const char *label, const char *text, FILE *out)
{
    char line[2 * LINE];
    char *wrapped = NULL;
    size_t length = 0;
    FILE *memory = hs_must(open_memstream(&wrapped, &length));
    snprintf(line, sizeof(line), "%s", text);
    hs_ladder_print_wrapped(line, LABEL, memory);
    fclose(memory);
    fprintf(out, "  %-*s%s", LABEL - 2, label, wrapped + LABEL);
    free(wrapped);
}

/* One line or more for each different claim: the records, and below them where. */
static void print_claims(const struct hs_explanation *explanation,
    const uint64_t claims[HS_CONTROL_COUNT], uint64_t controls, FILE *out)
{
    while (controls) {
        char where[LINE] = "";
        char what[LINE] = "";
        uint64_t same = same_claim(claims, controls);
        add_controls(explanation, same, where);
        add_clauses(explanation, claims[__builtin_ctzll(controls)], what);
        add(where, ":");
        hs_ladder_print_wrapped(where, 2, out);
        hs_ladder_print_wrapped(what, 6, out);
        controls &= ~same;
    }
}

static void print_statement(const struct hs_explanation *explanation, FILE *out)
{
    struct claims claims = claims_of(explanation);
    fputs("\nwhile P is at risk, there is a record, whatever the device's status:\n", out);
    print_claims(explanation, claims.at_risk, claims.covers, out);
    if (!claims.writes)
        return;
    fputs("if a vCPU wrote P now, there would be, at risk or not:\n", out);
    print_claims(explanation, claims.on_write, claims.writes, out);
}

static const char *const deed_names[HS_WORD_COUNT] = {
    [HS_WORD_HINT] = "a hint of P is accepted",
    [HS_WORD_REPORT] = "P is discarded as reported",
    [HS_WORD_INFLATE] = "P is discarded as inflated",
};
static const char *const owner_words[HS_OWNER_COUNT] = {
    [HS_OWNER_FREE] = "is free",
    [HS_OWNER_APP] = "is in use and not yet written",
    [HS_OWNER_HELD] = "is held by the driver",
    [HS_OWNER_ISOLATED] = "is isolated",
    [HS_OWNER_BALLOON] = "is in the balloon",
};

static void add_set(
    const char *const names[], unsigned set, const char *last_joint, char text[LINE])
{
    for (bool first = true; set; set &= set - 1, first = false) {
        add(text, first ? "" : set & (set - 1) ? ", " : last_joint);
        add(text, names[__builtin_ctz(set)]);
    }
}

static void print_deed(const struct hs_explanation *explanation, enum hs_word word, FILE *out)
{
    const struct hs_deed *deed = &explanation->deeds[word];
    char text[LINE] = "";
    add(text, deed_names[word]);
    add(text, " in: ");
    add_controls(explanation, deed->controls, text);
    add(text, "; status ");
    add_set(hs_machine_rows[HS_MACHINE_STATUS].states, deed->statuses, " or ", text);
    hs_ladder_print_wrapped(text, 0, out);
    text[0] = '\0';
    add(text, "what it takes: ");
    add_records(explanation, deed->takes, " and ", text);
    add(text, deed->takes ? "" : "no record");
    hs_ladder_print_wrapped(text, 2, out);
    text[0] = '\0';
    if (deed->owners) {
        add(text, "P then ");
        add_set(owner_words, deed->owners, " or ", text);
        add(text, deed->relied || deed->at_risk ? "," : ", so that nobody relies on it");
    }
    if (deed->relied)
        add(text, deed->owners ? " or is not at risk" : "P then is not at risk");
    if (deed->at_risk)
        add(text, ", or is at risk, and what is left is:");
    hs_ladder_print_wrapped(text, 2, out);
    print_claims(explanation, deed->left, deed->at_risk, out);
}

/* What the step does to the records. */
static void print_handover(const struct hs_explanation *explanation, unsigned kind, FILE *out)
{
    const struct hs_handover *handover = &explanation->handovers[kind];
    char text[LINE] = "";
    if (!handover->begins && !handover->lost)
        return;
    add_records(explanation, handover->lost, ", ", text);
    add(text, handover->begins && handover->lost ? ", or not at risk" : "");
    add(text, handover->lost ? " -> " : "not at risk -> ");
    add_records(explanation, shortest(handover->after), " or ", text);
    print_labelled(hs_label_name(kind * 256), text, out);
}

static void print_handovers(const struct hs_explanation *explanation, FILE *out)
{
    char ends[LINE] = "";
    fputs("\nhow P comes to be at risk, and how one record takes another's place:\n", out);
    for (unsigned i = 0; i < HS_KINDS_MAX; i++)
        print_handover(explanation, i, out);
    for (unsigned i = 0; i < HS_KINDS_MAX; i++) {
        if (explanation->handovers[i].ends) {
            add(ends, ends[0] ? ", " : "");
            add(ends, hs_label_name(i * 256));
        }
    }
    print_labelled("no longer at risk by", ends, out);
}

static void print_failing(const struct hs_explanation *explanation, FILE *out)
{
    char text[LINE] = "not so: from ";
    const struct hs_move *move = &explanation->failing;
    add_control(explanation, move->from.control, UINT64_C(1) << move->from.control, text);
    add(text, " with ");
    add_records(explanation, move->from.records, " and ", text);
    add(text, move->from.records ? " by " : "no record by ");
    add(text, hs_label_name(move->kind * 256u));
    hs_ladder_print_wrapped(text, 4, out);
}

static void print_checks(const struct hs_explanation *explanation, FILE *out)
{
    char text[LINE];
    fputs("\nchecked, for the statement as it is printed:\n", out);
    snprintf(text, sizeof(text),
        "it holds at the start, and after each of %" PRIu64 " steps from %u reachable states",
        explanation->steps, explanation->states);
    hs_ladder_print_wrapped(text, 2, out);
    if (!explanation->holds)
        print_failing(explanation, out);
    snprintf(text, sizeof(text),
        "reachable or not: from each of %u combinations of control and P's bits in which it "
        "holds, every step leads to where it holds, and none loses P, if hints are accepted as "
        "said above",
        explanation->combinations);
    hs_ladder_print_wrapped(text, 2, out);
    if (!explanation->inductive)
        print_failing(explanation, out);
    hs_ladder_print_wrapped("what is said of hints, and how records change hands, is what all "
                            "reachable states have in common (spec/proof.md)",
        2, out);
}

static void print_gap(const struct hs_explanation *explanation, FILE *out)
{
    const struct hs_gap *gap = &explanation->gap;
    char text[LINE] = "";
    unsigned control = gap->move.to.control;
    unsigned lost = gap->move.from.records & ~gap->move.to.records;
    add(text, "There is no such statement: in the abstraction dirty-page-lost is broken. First "
              "without any record, though P is at risk: ");
    add_control(explanation, control, UINT64_C(1) << control, text);
    add(text, ", status ");
    add(text, state_name(HS_MACHINE_STATUS, gap->status));
    char count[40];
    snprintf(count, sizeof(count), ", after %u steps.", gap->steps);
    add(text, count);
    hs_ladder_print_wrapped(text, 2, out);
    text[0] = '\0';
    add(text, "The last one: ");
    add(text, hs_label_name(gap->label));
    add(text, gap->move.from.at_risk ? ", which takes: " : ", which puts P at risk; there was: ");
    add_records(explanation, gap->move.from.at_risk ? lost : gap->move.from.records, " and ", text);
    add(text, lost || gap->move.from.records ? "." : "no record.");
    hs_ladder_print_wrapped(text, 2, out);
}

void hs_explanation_print(const struct hs_explanation *explanation, FILE *out)
{
    fputs("\nwhy dirty-page-lost\n\n"
          "P is any page.  It is at risk while the guest relies on its data, a\n"
          "migration is under way, and the destination's copy is another one.\n",
        out);
    if (explanation->loses) {
        print_gap(explanation, out);
        return;
    }
    if (!explanation->complete) {
        fputs("  memory or time ran out before all states were seen\n", out);
        return;
    }
    if (has_manual_log(explanation))
        fputs("A log bit is kept if a CLEAR of its chunk would leave it.\n", out);
    print_statement(explanation, out);
    fputc('\n', out);
    for (unsigned i = 0; i < HS_WORD_COUNT; i++) {
        if (explanation->deeds[i].controls)
            print_deed(explanation, (enum hs_word)i, out);
    }
    print_handovers(explanation, out);
    print_checks(explanation, out);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static json_t *records_json(const struct hs_explanation *explanation, unsigned records)
{
    json_t *list = json_array();
    if (!has_manual_log(explanation) && records & 1u << HS_RECORD_LOG)
        records &= ~(1u << HS_RECORD_KEPT_LOG);
    for (; records; records &= records - 1)
        json_array_append_new(
            list, json_string(name_of(explanation, (unsigned)__builtin_ctz(records))));
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

static json_t *where_json(const struct hs_explanation *explanation, const struct hs_deed *deed)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < HS_CONTROL_COUNT; i++) {
        if (!(deed->controls >> i & 1u))
            continue;
        json_t *json = json_pack("{s:o}", "control", control_json(i));
        if (deed->at_risk >> i & 1u)
            json_object_set_new(json, "left", clauses_json(explanation, deed->left[i]));
        json_array_append_new(list, json);
    }
    return list;
}

static json_t *deeds_json(const struct hs_explanation *explanation)
{
    static const char *const words[] = {"hint", "report", "inflate"};
    static const char *const owners[HS_OWNER_COUNT] = {
        "free", "in use", "held", "isolated", "ballooned"};
    json_t *list = json_array();
    for (unsigned i = 0; i < HS_WORD_COUNT; i++) {
        const struct hs_deed *deed = &explanation->deeds[i];
        if (deed->controls)
            json_array_append_new(
                list, json_pack("{s:s, s:o, s:o, s:o, s:o, s:b}", "word", words[i], "where",
                          where_json(explanation, deed), "status",
                          names_json(hs_machine_rows[HS_MACHINE_STATUS].states, deed->statuses),
                          "takes", records_json(explanation, deed->takes), "nobody_relies",
                          names_json(owners, deed->owners), "not_at_risk", deed->relied));
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
        json_object_set_new(json, "deeds", deeds_json(explanation));
        json_object_set_new(json, "handovers", handovers_json(explanation));
        json_object_set_new(json, "combinations", json_integer(explanation->combinations));
        json_object_set_new(json, "holds", json_boolean(explanation->holds));
        json_object_set_new(json, "inductive", json_boolean(explanation->inductive));
    }
    return json;
}
