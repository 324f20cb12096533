/* SPDX-License-Identifier: BSD-3-Clause */
/* Replays, explorations and proofs, as a scenario expects them. */
#include "check_job.h"

#include "clock.h"
#include "in_play_report.h"
#include "proof.h"
#include "race.h"
#include "run_report.h"
#include "text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* ---- jobs ------------------------------------------------------------------------------------ */

void hs_check_job_begin(struct hs_check_job *job, struct hs_scenario *scenario, unsigned index)
{
    job->path = scenario->path;
    job->scenario = scenario;
    job->asked = *scenario;
    job->is_bad = !hs_scenario_variant(scenario, index, &job->variant, &job->error);
    job->variant.scenario = &job->asked;
    job->name = job->variant.name;
}

void hs_check_job_begin_bad(
    struct hs_check_job *job, const char *path, const struct hs_error *error)
{
    job->path = path;
    job->name = path;
    job->is_bad = true;
    job->error = *error;
}

unsigned hs_check_job_questions(
    const struct hs_check_job *job, enum hs_check_question questions[HS_CHECK_ROWS_MAX])
{
    unsigned count = 0;
    if (job->is_bad) {
        questions[count++] = HS_CHECK_READ;
        return count;
    }
    if (job->asked.expected_run_count)
        questions[count++] = job->variant.has_expected_run ? HS_CHECK_RUN : HS_CHECK_READ;
    if (hs_expected_properties(job->asked.expect_explore))
        questions[count++] = HS_CHECK_EXPLORE;
    if (hs_expected_properties(job->asked.expect_prove))
        questions[count++] = HS_CHECK_PROVE;
    if (!count)
        questions[count++] = HS_CHECK_READ; /* nothing is expected: bad input */
    return count;
}

bool hs_check_job_failed(const struct hs_check_job *job)
{
    for (unsigned i = 0; i < job->row_count; i++) {
        if (job->rows[i].status != HS_CHECK_OK)
            return true;
    }
    return false;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static struct hs_check_row *begin_row(struct hs_check_job *job, enum hs_check_question question)
{
    assert(job->row_count < HS_CHECK_ROWS_MAX);
    struct hs_check_row *row = &job->rows[job->row_count++];
    *row = (struct hs_check_row){.path = job->path,
        .name = job->name,
        .scenario = job->scenario,
        .question = question,
        .hash = question == HS_CHECK_READ ? 0 : hs_variant_hash(&job->variant)};
    return row;
}

/* A copy that the row keeps; the text is used up. */
static char *keep(struct hs_text *text)
{
    char *copy = hs_must(strdup(hs_text_string(text)));
    hs_text_free(text);
    return copy;
}

/* The job's error says what is wrong. */
static void add_bad_row(struct hs_check_job *job)
{
    struct hs_check_row *row = begin_row(job, HS_CHECK_READ);
    row->status = HS_CHECK_BAD_INPUT;
    row->line = job->error.line;
    row->column = job->error.column;
    row->message = hs_must(strdup(job->error.text));
    job->is_bad = true;
}

static void add_finding(struct hs_check_row *row, struct hs_check_finding finding)
{
    row->findings =
        hs_must(realloc(row->findings, (row->finding_count + 1) * sizeof(*row->findings)));
    row->findings[row->finding_count++] = finding;
    if (finding.line && (!row->line || finding.line < row->line))
        row->line = finding.line;
}

/* "dirty-page-lost Sometimes, ...": what was found, or what was expected, of each property of which
 * anything was. */
static void add_verdicts(const struct hs_judgement *judgement, bool is_found, struct hs_text *text)
{
    hs_text_begin_list(text);
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        struct hs_comparison property = judgement->properties[i];
        if (property.expected != HS_VERDICT_NONE)
            hs_text_item(text, ", ", "%s %s", hs_property_rows[i].name,
                hs_verdict_names[is_found ? property.found : property.expected]);
    }
}

/* ---- why it is not as expected ----------------------------------------------------------------
 */

/* Keep the run as the witness of what it is about.  Only a run of the file's own schedule has lines
 * there. */
static void add_witness(struct hs_check_row *row, const char *about, const struct hs_run *run)
{
    const struct hs_scenario *own = row->question == HS_CHECK_RUN ? run->variant->scenario : NULL;
    struct hs_race *race = hs_race_tell(run);
    struct hs_check_witness witness = {.about = about, .count = run->length};
    witness.steps = hs_must(calloc(run->length + 1, sizeof(*witness.steps)));
    for (unsigned i = 0; i < run->length; i++) {
        const struct hs_event *event = &race->events[i];
        struct hs_check_step *step = &witness.steps[i];
        struct hs_text headline = hs_text_in(step->headline, sizeof(step->headline));
        hs_step_write(event->step, step->step, sizeof(step->step));
        hs_text_add(&headline, "%s", event->headline);
        step->column = hs_column_names[event->column];
        step->decides = hs_event_decides(event) || event->breaks;
        if (own)
            step->line = own->schedule[run->moments[i].entry].line;
    }
    hs_race_free(race);
    row->witnesses =
        hs_must(realloc(row->witnesses, (row->witness_count + 1) * sizeof(*row->witnesses)));
    row->witnesses[row->witness_count++] = witness;
}

/* Does a finding call for a run that shows it: is something broken that was not expected to be? */
static bool wants_witness(const struct hs_comparison *property)
{
    return hs_compare(*property) == HS_NOT_EXPECTED &&
           (property->found == HS_SOMETIMES || property->found == HS_ALWAYS);
}

/* The answer that the row rests on, finding by finding. */
static void add_findings(struct hs_check_row *row, const struct hs_judgement *judgement,
    const unsigned lines[HS_PROPERTY_COUNT], unsigned line)
{
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        struct hs_comparison property = judgement->properties[i];
        /* What a run does not break, and was not to, it is not about. */
        bool is_plain = property.expected == HS_NONE_WITHIN && property.found == HS_NONE_WITHIN;
        if (property.expected == HS_VERDICT_NONE || (row->question == HS_CHECK_RUN && is_plain))
            continue;
        add_finding(row, (struct hs_check_finding){.about = hs_property_rows[i].name,
                             .expected = hs_verdict_names[property.expected],
                             .found = hs_verdict_names[property.found],
                             .answer = hs_compare(property),
                             .line = lines ? lines[i] : line});
    }
    for (unsigned kind = 0; kind < HS_STEP_KIND_COUNT; kind++) {
        if (hs_kind_set_has(&judgement->uncovered, kind))
            add_finding(row, (struct hs_check_finding){.about = "cover",
                                 .expected = hs_step_rows[kind].name,
                                 .found = "never taken",
                                 .answer = HS_NOT_EXPECTED,
                                 .line = line});
    }
}

static void set_answer(struct hs_check_row *row, enum hs_answer answer)
{
    static const enum hs_check_status statuses[HS_ANSWER_COUNT] = {
        [HS_AS_EXPECTED] = HS_CHECK_OK,
        [HS_INCONCLUSIVE] = HS_CHECK_INCONCLUSIVE,
        [HS_NOT_EXPECTED] = HS_CHECK_FAILED,
    };
    row->status = statuses[answer];
}

/* ---- one run --------------------------------------------------------------------------------- */

static void check_run(struct hs_check_job *job, const struct hs_check_plan *plan)
{
    const struct hs_variant *variant = &job->variant;
    struct hs_run *run = hs_replay(variant, &job->error);
    if (!run) {
        add_bad_row(job);
        return;
    }
    struct hs_text what = {0};
    struct hs_text reason = {0};
    const struct hs_judgement judgement = hs_run_judgement(run);
    struct hs_check_row *row = begin_row(job, HS_CHECK_RUN);
    bool unfinished = run->end == HS_RUN_UNFINISHED;
    row->line = variant->expected_line;
    set_answer(row, hs_judge(&judgement));
    add_findings(row, &judgement, NULL, variant->expected_line);
    if (judgement.ends_otherwise)
        add_finding(row, (struct hs_check_finding){.about = "end",
                             .expected = variant->expected_unfinished ? "unfinished" : "safe",
                             .found = unfinished ? "unfinished" : "ended",
                             .answer = HS_NOT_EXPECTED,
                             .line = variant->expected_line});
    hs_broken_add(run->broken, unfinished, &what);
    row->found = keep(&what);
    if (row->status == HS_CHECK_FAILED && hs_kind_set_is_empty(&judgement.uncovered)) {
        hs_text_add(&reason, "expected: ");
        hs_broken_add(variant->expected_broken, variant->expected_unfinished, &reason);
    } else if (row->status == HS_CHECK_FAILED) {
        hs_text_add(&reason, "cover: %s was never taken",
            hs_step_rows[hs_kind_set_first(&judgement.uncovered)].name);
    } else if (row->status == HS_CHECK_INCONCLUSIVE) {
        hs_text_add(&reason, "a bound was hit");
    }
    if (reason.length)
        row->reason = keep(&reason);
    for (unsigned i = 0; plan->wants_witnesses && i < row->finding_count; i++) {
        if (row->findings[i].answer == HS_NOT_EXPECTED)
            add_witness(row, row->findings[i].about, run);
    }
    hs_run_free(run);
}

/* ---- searches -------------------------------------------------------------------------------- */

/* The verdicts that the answer rests on, and what they are bounded by. */
static void set_words(struct hs_check_row *row, const struct hs_judgement *judgement,
    const struct hs_text *bounds, enum hs_search_end end)
{
    struct hs_text what = {0};
    struct hs_text reason = {0};
    set_answer(row, hs_judge(judgement));
    add_verdicts(judgement, true, &what);
    hs_text_add(&what, " (%s)", hs_text_string(bounds));
    row->found = keep(&what);
    row->timed_out = row->status == HS_CHECK_INCONCLUSIVE && end == HS_SEARCH_TIMED_OUT;
    if (row->status == HS_CHECK_FAILED) {
        hs_text_add(&reason, "expected: ");
        add_verdicts(judgement, false, &reason);
    } else if (row->status == HS_CHECK_INCONCLUSIVE) {
        hs_text_add(&reason, row->timed_out ? "the time-out was over" : "a bound was hit");
    }
    if (reason.length)
        row->reason = keep(&reason);
}

/* What a search is open about where no property says so: the steps in `cover`; or the rest of the
 * states, where it was expected not to be known. */
static void add_open(
    struct hs_check_row *row, const struct hs_judgement *judgement, bool is_cover, unsigned line)
{
    if (hs_judge(judgement) == HS_INCONCLUSIVE &&
        hs_compare_all(judgement->properties) == HS_AS_EXPECTED)
        add_finding(row, (struct hs_check_finding){.about = is_cover ? "cover" : "bound",
                             .expected = is_cover ? "taken" : "an answer",
                             .found = is_cover ? "not known" : "none",
                             .answer = HS_INCONCLUSIVE,
                             .line = line});
}

/* The options of a search that begins now. */
static struct hs_search_options options_now(const struct hs_check_plan *plan)
{
    struct hs_search_options options = plan->usual.search;
    double left = hs_time_left(plan->until);
    options.timeout = plan->timeout;
    if (left > 0 && (options.timeout <= 0 || left < options.timeout))
        options.timeout = left;
    return options;
}

/* One property alone, with the search for a run that breaks it. */
static void explore_for_witness(struct hs_check_job *job, struct hs_check_row *row,
    const struct hs_check_plan *usual, unsigned property)
{
    struct hs_plan plan = usual->usual;
    struct hs_exploration exploration;
    plan.search = options_now(usual);
    plan.wish = (struct hs_wish){.property = property, .witnesses = 1};
    plan.reduction.properties = 1U << property;
    plan.reduction.slice = true;
    hs_explore(&job->variant, &plan, &exploration);
    if (exploration.shown.count)
        add_witness(row, hs_property_rows[property].name, exploration.shown.witnesses[0].run);
    hs_exploration_close(&exploration);
}

/* What is not expected is not asked for. */
static void check_exploration(struct hs_check_job *job, const struct hs_check_plan *usual)
{
    struct hs_plan plan = usual->usual;
    struct hs_exploration exploration;
    struct hs_check_row *row = begin_row(job, HS_CHECK_EXPLORE);
    plan.search = options_now(usual);
    plan.wish.property = HS_PROPERTY_NONE;
    plan.looks_beyond = false;
    plan.until_decided = true;
    plan.reduction.properties = hs_expected_properties(job->asked.expect_explore);
    plan.reduction.slice = true;
    hs_explore(&job->variant, &plan, &exploration);
    struct hs_judgement judgement = hs_exploration_judgement(&exploration);
    enum hs_search_end end = exploration.search.end;
    bool is_cover = !hs_kind_set_is_empty(&exploration.not_known);
    struct hs_text bounds = {0};
    hs_bounds_add(&job->variant.config, &bounds);
    hs_exploration_close(&exploration);
    set_words(row, &judgement, &bounds, end);
    row->bounds = keep(&bounds);
    add_findings(row, &judgement, job->asked.explore_line, 0);
    for (unsigned i = 0; i < row->finding_count; i++) {
        if (!row->findings[i].line)
            row->findings[i].line = row->line;
    }
    add_open(row, &judgement, is_cover, row->line);
    for (unsigned i = 0; usual->wants_witnesses && i < HS_PROPERTY_COUNT; i++) {
        if (wants_witness(&judgement.properties[i]))
            explore_for_witness(job, row, usual, i);
    }
}

static void check_proof(struct hs_check_job *job, const struct hs_check_plan *plan)
{
    struct hs_proof proof;
    struct hs_check_row *row = begin_row(job, HS_CHECK_PROVE);
    uint32_t asked = hs_expected_properties(job->asked.expect_prove);
    struct hs_search_options options = options_now(plan);
    hs_prove(&job->variant, asked, &options, &proof);
    struct hs_judgement judgement = hs_proof_judgement(&proof);
    struct hs_text bounds = {0};
    hs_text_add(&bounds, "any size; in play: ");
    hs_in_play_add(&proof.abstraction.config, &bounds);
    set_words(row, &judgement, &bounds, proof.evidence.end);
    row->bounds = keep(&bounds);
    add_findings(row, &judgement, job->asked.prove_line, 0);
    for (unsigned i = 0; plan->wants_witnesses && i < HS_PROPERTY_COUNT; i++) {
        const struct hs_run *run =
            wants_witness(&judgement.properties[i]) ? hs_proof_witness(&proof, i) : NULL;
        if (run)
            add_witness(row, hs_property_rows[i].name, run);
    }
    hs_proof_close(&proof);
}

/* ---- all questions of a job ------------------------------------------------------------------ */

/* The time-out of all is over: each question that is left is open. */
static void add_late_row(struct hs_check_job *job, enum hs_check_question question)
{
    struct hs_check_row *row = begin_row(job, question);
    const bool explores = question == HS_CHECK_EXPLORE;
    const uint8_t *expected = explores ? job->asked.expect_explore : job->asked.expect_prove;
    const unsigned *lines = explores ? job->asked.explore_line : job->asked.prove_line;
    struct hs_judgement judgement = {.is_open = true};
    row->status = HS_CHECK_INCONCLUSIVE;
    row->timed_out = true;
    row->found = hs_must(strdup("not begun"));
    row->reason = hs_must(strdup("the time-out of all was over"));
    if (question == HS_CHECK_RUN) {
        add_finding(row, (struct hs_check_finding){.about = "bound",
                             .expected = "an answer",
                             .found = "not begun",
                             .answer = HS_INCONCLUSIVE,
                             .line = job->variant.expected_line});
        return;
    }
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        judgement.properties[i].expected = expected[i];
        judgement.properties[i].found = expected[i] ? HS_UNKNOWN : HS_VERDICT_NONE;
    }
    add_findings(row, &judgement, lines, 0);
    for (unsigned i = 0; i < row->finding_count; i++)
        row->findings[i].answer = HS_INCONCLUSIVE; /* even if Unknown is expected: nobody asked */
}

static void ask(
    struct hs_check_job *job, const struct hs_check_plan *plan, enum hs_check_question question)
{
    double begin = hs_now();
    if (question == HS_CHECK_READ)
        add_bad_row(job);
    else if (hs_time_is_over(plan->until))
        add_late_row(job, question);
    else if (question == HS_CHECK_RUN)
        check_run(job, plan);
    else if (question == HS_CHECK_EXPLORE)
        check_exploration(job, plan);
    else
        check_proof(job, plan);
    job->rows[job->row_count - 1].seconds = hs_now() - begin;
}

/* Can the job be done at all?  Otherwise its error says why not. */
static bool is_possible(struct hs_check_job *job)
{
    const struct hs_scenario *scenario = job->scenario;
    if (!hs_scenario_check_name(scenario, &job->error) ||
        !hs_schedule_is_possible(&job->variant, &job->error))
        return false;
    bool explores = hs_expected_properties(job->asked.expect_explore) != 0;
    bool proves = hs_expected_properties(job->asked.expect_prove) != 0;
    if (!job->variant.has_expected_run && job->asked.expected_run_count)
        hs_fail(&job->error, "%s: %s: no 'when' of expect: run fits it", job->path, job->name);
    else if (!job->variant.has_expected_run && !explores && !proves)
        hs_fail(
            &job->error, "%s: expect: nothing is expected, so nothing can be checked", job->path);
    return true;
}

void hs_check_job_do(struct hs_check_job *job, const struct hs_check_plan *plan)
{
    enum hs_check_question questions[HS_CHECK_ROWS_MAX];
    unsigned count = 1;
    if (job->is_bad || !is_possible(job))
        questions[0] = HS_CHECK_READ;
    else
        count = hs_check_job_questions(job, questions);
    for (unsigned i = 0; i < count; i++) {
        if (plan->fails_fast && hs_check_job_failed(job))
            return;
        ask(job, plan, questions[i]);
    }
}

/* ---- what is expected ------------------------------------------------------------------------ */

unsigned hs_check_job_expected_add(
    const struct hs_check_job *job, enum hs_check_question question, struct hs_text *text)
{
    bool explores = question == HS_CHECK_EXPLORE;
    const uint8_t *expected = explores ? job->asked.expect_explore : job->asked.expect_prove;
    const unsigned *lines = explores ? job->asked.explore_line : job->asked.prove_line;
    struct hs_judgement judgement = {.is_open = false};
    unsigned line = 0;
    if (question == HS_CHECK_RUN) {
        hs_broken_add(job->variant.expected_broken, job->variant.expected_unfinished, text);
        return job->variant.expected_line;
    }
    for (unsigned i = HS_PROPERTY_COUNT; i-- > 0;) {
        judgement.properties[i].expected = expected[i];
        line = expected[i] ? lines[i] : line;
    }
    add_verdicts(&judgement, false, text);
    return line;
}
