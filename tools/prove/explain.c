/* SPDX-License-Identifier: BSD-3-Clause */
/* From the states of the abstraction to a statement about the records of a write. */
#include "explain.h"

#include "dirty_log.h"
#include "migration.h"
#include "page.h"

#include <stdlib.h>
#include <string.h>

/* ---- what a statement sees of a state ---------------------------------------------------------
 */

static struct hs_world copy_world(struct hs_world w, union hs_abstract_state *copy)
{
    memcpy(copy, w.state, w.config->layout.size + sizeof(uint64_t));
    return (struct hs_world){w.config, &copy->state};
}

/* Is that, by itself, a record of the last write?  The model says what counts. */
static bool is_recorded_by(struct hs_world from, enum hs_record record)
{
    union hs_abstract_state copy;
    struct hs_world w = copy_world(from, &copy);
    struct hs_page *page = hs_page(w, 0);
    if (record == HS_RECORD_KEPT_LOG) {
        hs_log_mark_pending(w);
        hs_log_clear_pending(w, 0);
    }
    if (record == HS_RECORD_BITMAP && w.state->migration.sending)
        hs_migration_finish_page(w, 0); /* copy-then-clear takes the bit in any case */
    bool is_log = record == HS_RECORD_LOG || record == HS_RECORD_KEPT_LOG;
    page->bitmap &= record == HS_RECORD_BITMAP;
    page->host_log &= record == HS_RECORD_HOST_LOG;
    page->log &= is_log;
    page->known &= record == HS_RECORD_HARVESTED;
    if (record != HS_RECORD_SENDING)
        w.state->migration.sending = page->late = 0;
    page->relies = HS_RELIES_DATA;
    page->copy = HS_COPY_OLDER;
    return !hs_page_is_unrecorded(w, 0);
}

static unsigned records_of(struct hs_world w)
{
    unsigned records = 0;
    for (unsigned record = 0; hs_migration_active(w) && record < HS_RECORD_COUNT; record++)
        records |= (unsigned)is_recorded_by(w, (enum hs_record)record) << record;
    return records;
}

static unsigned records_on_write(struct hs_world from)
{
    union hs_abstract_state copy;
    struct hs_world w = copy_world(from, &copy);
    if (!hs_migration_active(w) || !hs_on_source(w))
        return (1u << HS_RECORD_COUNT) - 1;
    hs_page_vcpu_write(w, 0, HS_RELIES_DATA);
    return records_of(w);
}

struct hs_view hs_view_of(struct hs_world w)
{
    return (struct hs_view){
        .control = (uint8_t)hs_control_of(&w.state->migration),
        .at_risk = hs_migration_active(w) && hs_page(w, 0)->relies == HS_RELIES_DATA &&
                   !hs_page_arrived(w, 0),
        .records = (uint8_t)records_of(w),
        .on_write = (uint8_t)records_on_write(w),
    };
}

/* ---- effects: what the host does on a request of the guest
 * --------------------------------------------
 */

static bool hint_is_next(struct hs_world w)
{
    struct hs_abstract_queue queue;
    hs_abstract_queue_read(w, &queue);
    return queue.count > 0 && queue.waiting[0].kind == HS_ELEMENT_PAGES;
}

/* Is the hint that this label takes accepted at once? */
static bool accepts(struct hs_world w)
{
    return w.state->device.status == HS_STATUS_START && hs_rule_hint_under_lock(w) == HS_ON;
}

/* Is a hint of P what this label takes? */
static bool takes_hint(struct hs_world w, uint32_t label)
{
    if (hs_label_is_step(label))
        return label / 256 == HS_DEVICE_TAKE_ELEMENT && hint_is_next(w);
    enum hs_widening widening = hs_label_widening(label);
    return widening == HS_OTHERS_TAKE_ONE ||
           (widening == HS_OTHERS_TAKE_ANY &&
               hs_bag_element((enum hs_bag)(label % 256)).kind == HS_ELEMENT_PAGES);
}

/* On which request of the guest is the step's effect on P, if any? */
static enum hs_request request_in(struct hs_world w, uint32_t label)
{
    if (takes_hint(w, label))
        return accepts(w) ? HS_REQUEST_HINT : HS_REQUEST_COUNT;
    switch (label / 256) {
    case HS_DEVICE_APPLY_HINT:
        return HS_REQUEST_HINT;
    case HS_DEVICE_DISCARD:
        return HS_REQUEST_REPORT;
    case HS_DEVICE_TAKE_INFLATE:
        return HS_REQUEST_INFLATE;
    default:
        return HS_REQUEST_COUNT;
    }
}

static void note_effect(
    struct hs_effect *effect, struct hs_world before, const struct hs_move *move)
{
    const struct hs_page *page = hs_page(before, 0);
    uint64_t control = UINT64_C(1) << move->from.control;
    effect->controls |= control;
    effect->statuses |= (uint8_t)(1u << before.state->device.status);
    effect->takes |= move->from.records & (uint8_t)~move->to.records;
    if (page->relies != HS_RELIES_DATA)
        effect->owners |= (uint8_t)(1u << page->owner);
    else if (!move->to.at_risk)
        effect->relied = true;
    if (move->to.at_risk) {
        effect->at_risk |= control;
        effect->left[move->to.control] &= hs_clauses_of(move->to.records);
    }
}

/* Is it one of those that happen, as far as the statement sees them? */
static bool allows(const struct hs_effect *effect, const struct hs_move *move)
{
    uint64_t left = effect->left[move->to.control];
    return !move->to.at_risk || ((effect->at_risk >> move->from.control & 1u) &&
                                    !(left & ~hs_clauses_of(move->to.records)));
}

/* ---- one step ---------------------------------------------------------------------------------
 */

/* A reachable state, and what about it decides which steps there are. */
struct base {
    uint64_t key;
    uint32_t number; /* of the state in the sweep */
};

/* A state being looked at, and a successor. */
struct scene {
    struct hs_explanation *explanation;
    struct hs_graph graph;
    union hs_abstract_state before;
    union hs_abstract_state after;
    uint32_t labels[HS_LABELS_MAX];
    unsigned count;
    struct base *bases; /* in order, once they are all there */
    uint32_t base_count;
};

static struct hs_world world_in(const struct scene *scene, union hs_abstract_state *state)
{
    return hs_abstract_world(&scene->explanation->abstraction, state);
}

static struct hs_move move_along(struct scene *scene, const struct hs_view *from, uint32_t label)
{
    struct hs_world before = world_in(scene, &scene->before);
    struct hs_world after = copy_world(before, &scene->after);
    scene->graph.take(scene->graph.context, &scene->after, label);
    return (struct hs_move){
        .from = *from,
        .to = hs_view_of(after),
        .kind = (uint8_t)scene->graph.kind(label),
        .request = (uint8_t)request_in(before, label),
        .bad = hs_is_broken(after, HS_DIRTY_PAGE_LOST),
    };
}

/* ---- states with any records ------------------------------------------------------------------
 *
 * Which steps there are, and what they do to the records, follows from the controls, the device's
 * status, who owns P, and whether a request of the guest about P comes next.  Of each such
 * combination that is reachable one state serves for all, and is given every combination of
 * records.
 */

enum { REQUESTS_BITS = 8 };

/* The combination, but for the requests that come next.  A used length is about some pages only. */
static uint64_t key_of(struct hs_world w)
{
    const struct hs_page *page = hs_page(w, 0);
    const struct hs_migration *m = &w.state->migration;
    return (hs_control_of(m) | (uint64_t)m->sending << 8 | (uint64_t)m->read_current << 12 |
               (uint64_t)w.state->device.status << 16 | (uint64_t)page->owner << 20 |
               (uint64_t)page->relies << 24 | (uint64_t)page->content << 28 |
               (uint64_t)page->faulted << 32 | (uint64_t)*hs_is_later(w) << 33 |
               (uint64_t)page->late << 37 | (uint64_t)page->ballooned << 36 |
               (uint64_t)page->dma << 34 | (uint64_t)m->protects << 35)
           << REQUESTS_BITS;
}

static uint64_t requests_next(struct scene *scene)
{
    enum { HINT_IS_REFUSED = HS_REQUEST_COUNT + 1 }; /* it is used all the same */
    struct hs_world w = world_in(scene, &scene->before);
    bool marks = hs_rule_used_length(w) == HS_USED_LENGTH_ONE;
    uint64_t requests = 0;
    for (unsigned i = 0; i < scene->count; i++) {
        requests |= 1u << request_in(w, scene->labels[i]);
        if (marks && takes_hint(w, scene->labels[i]) && !accepts(w))
            requests |= 1u << HINT_IS_REFUSED;
    }
    return requests;
}

static int by_key(const void *a, const void *b)
{
    const struct base *left = a;
    const struct base *right = b;
    if (left->key != right->key)
        return left->key < right->key ? -1 : 1;
    return left->number < right->number ? -1 : left->number > right->number;
}

enum { VARIANTS = 1 << 6 };

/* Do the model's invariants of the page and of migration hold? */
static bool is_possible(struct hs_world w)
{
    struct hs_page *page = hs_page(w, 0);
    page->modified = page->faulted; /* the plain graph forgets this ghost */
    return !hs_page_check(w, 0) && !hs_migration_check(w);
}

/* Give P another combination of records; false if the model has no such page. */
static bool vary(struct hs_world w, unsigned bits, unsigned copy)
{
    struct hs_page *page = hs_page(w, 0);
    page->bitmap = bits & 1u;
    page->host_log = bits >> 1 & 1u;
    page->log = bits >> 2 & 1u;
    page->known = bits >> 3 & 1u;
    page->protected = bits >> 4 & 1u;
    page->copy = copy & 3u;
    *hs_chunk_pending(w, 0) = bits >> 5 & 1u;
    return is_possible(w);
}

/* Is the state after the step one of those that are looked at, too? */
static bool stays_inside(struct scene *scene)
{
    struct hs_world after = world_in(scene, &scene->after);
    uint64_t key = key_of(after);
    uint32_t low = 0;
    for (uint32_t high = scene->base_count; low < high;) {
        uint32_t middle = low + (high - low) / 2;
        if (scene->bases[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    bool is_combination =
        low < scene->base_count && scene->bases[low].key >> REQUESTS_BITS == key >> REQUESTS_BITS;
    return is_combination && is_possible(after);
}

static void take_all(struct scene *scene)
{
    struct hs_explanation *explanation = scene->explanation;
    struct hs_view from = hs_view_of(world_in(scene, &scene->before));
    explanation->combinations++;
    scene->count = scene->graph.list(scene->graph.context, &scene->before, scene->labels);
    for (unsigned i = 0; i < scene->count; i++) {
        struct hs_move move = move_along(scene, &from, scene->labels[i]);
        move.bad |= !stays_inside(scene);
        if (move.request == HS_REQUEST_COUNT || allows(&explanation->effects[move.request], &move))
            hs_moves_add(&explanation->assumed, &move);
    }
}

static void fetch(struct scene *scene, const struct hs_sweep *sweep, uint32_t number)
{
    struct hs_tree tree;
    hs_store_get(sweep->store, sweep->roots[number], &tree);
    memcpy(&scene->before, tree.words, scene->graph.words * sizeof(uint64_t));
}

static void assume_any_records(struct scene *scene, const struct hs_sweep *sweep)
{
    qsort(scene->bases, scene->base_count, sizeof(*scene->bases), by_key);
    for (uint32_t i = 0; i < scene->base_count; i++) {
        if (i && scene->bases[i].key == scene->bases[i - 1].key)
            continue;
        fetch(scene, sweep, scene->bases[i].number);
        for (unsigned v = 0; v < VARIANTS * HS_COPY_COUNT; v++) {
            union hs_abstract_state kept = scene->before;
            if (vary(world_in(scene, &scene->before), v % VARIANTS, v / VARIANTS))
                take_all(scene);
            scene->before = kept;
        }
    }
    hs_moves_sort(&scene->explanation->assumed);
}

/* ---- reachable states -------------------------------------------------------------------------
 */

/* The first state with P at risk and no record: before a page is lost there is one, because the
 * last steps' guards ask for a clear bitmap and for nothing being sent, and the log is not read
 * again. */
static uint32_t first_gap(struct scene *scene, const struct hs_sweep *sweep)
{
    struct hs_view view = {.at_risk = false};
    uint32_t number = 0;
    while (!view.at_risk || view.records) {
        number++;
        assert(number < sweep->count);
        fetch(scene, sweep, number);
        view = hs_view_of(world_in(scene, &scene->before));
    }
    return number;
}

static void find_gap(struct scene *scene, const struct hs_sweep *sweep)
{
    struct hs_gap *gap = &scene->explanation->gap;
    uint32_t number = first_gap(scene, sweep);
    fetch(scene, sweep, sweep->parents[number]);
    struct hs_view from = hs_view_of(world_in(scene, &scene->before));
    gap->label = sweep->labels[number];
    gap->move = move_along(scene, &from, gap->label);
    gap->status = world_in(scene, &scene->after).state->device.status;
    for (uint32_t at = number; sweep->parents[at] != HS_SWEEP_START; at = sweep->parents[at])
        gap->steps++;
}

static void look_at(struct scene *scene)
{
    struct hs_explanation *explanation = scene->explanation;
    struct hs_world w = world_in(scene, &scene->before);
    struct hs_view view = hs_view_of(w);
    hs_statement_admit(&explanation->statement, &view);
    explanation->reached[view.control] += hs_migration_active(w);
    scene->count = scene->graph.list(scene->graph.context, &scene->before, scene->labels);
    for (unsigned i = 0; i < scene->count; i++) {
        struct hs_move move = move_along(scene, &view, scene->labels[i]);
        if (move.request != HS_REQUEST_COUNT)
            note_effect(&explanation->effects[move.request], w, &move);
        hs_moves_add(&explanation->seen, &move);
    }
}

static void look_at_all(struct scene *scene, const struct hs_sweep *sweep)
{
    for (uint32_t i = 0; i < sweep->count; i++) {
        fetch(scene, sweep, i);
        look_at(scene);
        scene->bases[i] =
            (struct base){key_of(world_in(scene, &scene->before)) | requests_next(scene), i};
    }
    hs_moves_sort(&scene->explanation->seen);
}

/* ---- what takes the place of a record ---------------------------------------------------------
 */

/* The records that the statement names while P is at risk. */
static unsigned named(const struct hs_statement *statement, unsigned control)
{
    uint8_t clauses[HS_CLAUSES_MAX];
    unsigned count = hs_clauses_minimal(statement->claims[control].at_risk, clauses);
    unsigned records = 0;
    for (unsigned i = 0; i < count; i++)
        records |= clauses[i];
    return records;
}

static void note_handover(struct hs_explanation *explanation, const struct hs_move *move)
{
    struct hs_handover *handover = &explanation->handovers[move->kind];
    unsigned lost =
        move->from.records & ~move->to.records & named(&explanation->statement, move->from.control);
    if (!handover->taken)
        handover->after = hs_statement_all().claims[0].at_risk;
    handover->taken = true;
    handover->ends |= move->from.at_risk && !move->to.at_risk;
    handover->begins |= !move->from.at_risk && move->to.at_risk;
    if (!move->to.at_risk || (move->from.at_risk && !lost) || move->request != HS_REQUEST_COUNT)
        return;
    if (move->from.at_risk)
        handover->lost |= (uint8_t)lost;
    handover->after &= hs_clauses_of(move->to.records);
}

/* ---- the explanation --------------------------------------------------------------------------
 */

void hs_explanation_check(struct hs_explanation *explanation)
{
    const struct hs_statement *statement = &explanation->statement;
    union hs_abstract_state start;
    hs_abstract_start(&explanation->abstraction, &start);
    struct hs_view view = hs_view_of(hs_abstract_world(&explanation->abstraction, &start));
    bool begins = hs_statement_holds(statement, &view);
    explanation->inductive =
        begins && hs_statement_check(statement, &explanation->assumed, &explanation->failing);
    explanation->holds =
        begins && hs_statement_check(statement, &explanation->seen, &explanation->failing);
}

/* From what holds in all reachable states to what is inductive by itself, if that is enough. */
static void generalise(struct hs_explanation *explanation)
{
    struct hs_statement reachable = explanation->statement;
    hs_statement_close(&explanation->statement, &explanation->assumed);
    hs_explanation_check(explanation);
    if (explanation->inductive)
        hs_statement_weaken(&explanation->statement, &explanation->assumed);
    else
        explanation->statement = reachable;
    hs_explanation_check(explanation);
}

static void state_and_check(struct scene *scene, const struct hs_sweep *sweep)
{
    struct hs_explanation *explanation = scene->explanation;
    scene->base_count = sweep->count;
    scene->bases = hs_must(calloc(sweep->count, sizeof(*scene->bases)));
    explanation->statement = hs_statement_all();
    for (unsigned i = 0; i < HS_REQUEST_COUNT; i++) {
        for (unsigned c = 0; c < HS_CONTROL_COUNT; c++)
            explanation->effects[i].left[c] = explanation->statement.claims[c].at_risk;
    }
    look_at_all(scene, sweep);
    assume_any_records(scene, sweep);
    free(scene->bases);
    hs_statement_restrict(&explanation->statement, &explanation->seen);
    generalise(explanation);
    for (size_t i = 0; i < explanation->seen.count; i++) {
        struct hs_move move = hs_moves_get(&explanation->seen, i);
        note_handover(explanation, &move);
    }
}

void hs_explain(const struct hs_config *config, const struct hs_search_options *options,
    struct hs_explanation *explanation)
{
    struct hs_sweep sweep;
    struct scene *scene = hs_must(calloc(1, sizeof(*scene)));
    memset(explanation, 0, sizeof(*explanation));
    hs_abstraction_set(&explanation->abstraction, config);
    scene->explanation = explanation;
    scene->graph = hs_plain_graph(&explanation->abstraction);
    hs_abstract_start(&explanation->abstraction, &scene->before);
    hs_sweep_run(&scene->graph, &scene->before, options, &sweep);
    explanation->complete = sweep.complete;
    explanation->loses = sweep.flags >> HS_DIRTY_PAGE_LOST & 1u;
    explanation->states = sweep.count;
    explanation->steps = sweep.taken;
    if (explanation->loses)
        find_gap(scene, &sweep);
    else if (explanation->complete)
        state_and_check(scene, &sweep);
    hs_sweep_close(&sweep);
    free(scene);
}

void hs_explanation_close(struct hs_explanation *explanation)
{
    hs_moves_free(&explanation->seen);
    hs_moves_free(&explanation->assumed);
}
