/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of effects, a row each.  No row knows a scenario or a verdict. */
#include "effects.h"

#include "page.h"
#include "virtqueue.h"

/* ---- what the rows ask -----------------------------------------------------------------------
 */

static const struct hs_page *was(const struct hs_telling *t)
{
    return hs_page(t->before, t->page);
}

static const struct hs_page *is(const struct hs_telling *t)
{
    return hs_page(t->after, t->page);
}

static bool is_kind(const struct hs_telling *t, enum hs_step_kind kind)
{
    return t->step.kind == kind;
}

static bool is_of_page(const struct hs_telling *t, enum hs_step_kind kind)
{
    return is_kind(t, kind) && t->step.page == t->page;
}

static bool log_is_on(const struct hs_telling *t)
{
    return t->before.state->migration.log_on && t->after.state->migration.log_on;
}

/* ---- writes ---------------------------------------------------------------------------------- */

/* A vCPU writes the page: what the guest relies on from now on, or what fills a page that is free.
 */
static bool is_written(const struct hs_telling *t)
{
    bool fills = is_of_page(t, HS_APP_FREE) && hs_rule_poison(t->before) != HS_POISON_OFF;
    return is_of_page(t, HS_APP_WRITE) || fills;
}

static bool is_filled(const struct hs_telling *t)
{
    return is_written(t) && is_kind(t, HS_APP_FREE);
}

static bool is_seen_by_log(const struct hs_telling *t)
{
    return is_written(t) && !was(t)->log && is(t)->log;
}

static bool is_logged_before(const struct hs_telling *t)
{
    return is_written(t) && log_is_on(t) && !was(t)->protected && was(t)->log;
}

static bool is_unwatched(const struct hs_telling *t)
{
    return is_written(t) && log_is_on(t) && !was(t)->protected && !was(t)->log;
}

static bool is_unwatched_since_sync(const struct hs_telling *t)
{
    return is_unwatched(t) && hs_config_reads(t->before.config, HS_RULE_REARM_AT_SYNC);
}

static bool is_unwatched_from_the_start(const struct hs_telling *t)
{
    return is_unwatched(t) && !is_unwatched_since_sync(t);
}

static bool is_before_logging(const struct hs_telling *t)
{
    return is_written(t) && !log_is_on(t) && hs_migration_active(t->before);
}

static bool is_dma(const struct hs_telling *t)
{
    return is_of_page(t, HS_DEVICE_DMA_WRITE) || is_of_page(t, HS_DEVICE_DMA_ARRIVE);
}

static bool is_dma_marked(const struct hs_telling *t)
{
    return is_dma(t) && !was(t)->host_log && is(t)->host_log;
}

static bool is_dma_unmarked(const struct hs_telling *t)
{
    return is_dma(t) && !is(t)->host_log && !was(t)->dma && hs_migration_active(t->before);
}

static bool is_dma_marked_long_ago(const struct hs_telling *t)
{
    return is_dma(t) && !is(t)->host_log && was(t)->dma;
}

/* ---- pages that change hands ----------------------------------------------------------------- */

static bool leaves_owner(const struct hs_telling *t, enum hs_owner owner)
{
    return was(t)->owner == owner && is(t)->owner != owner;
}

/* Does a hint of the page wait in the queue, or in the device's hand? */
static bool has_hint_queued(const struct hs_telling *t)
{
    struct hs_virtqueue q = hs_queue(t->before, HS_QUEUE_FREE_PAGE);
    unsigned first = t->page & ~((1u << t->before.config->hint_order) - 1);
    return q.size && hs_virtqueue_position(q, first) > 0;
}

static bool is_back_before_hint(const struct hs_telling *t)
{
    return leaves_owner(t, HS_OWNER_HELD) && has_hint_queued(t) && !is_kind(t, HS_DRIVER_FREEZE);
}

static bool is_back_before_reset(const struct hs_telling *t)
{
    return leaves_owner(t, HS_OWNER_HELD) && has_hint_queued(t) && is_kind(t, HS_DRIVER_FREEZE);
}

static bool is_back_before_report(const struct hs_telling *t)
{
    return leaves_owner(t, HS_OWNER_ISOLATED) &&
           t->before.state->driver.report_phase == HS_REPORT_REPORTED;
}

static bool is_back_before_inflate(const struct hs_telling *t)
{
    return is_of_page(t, HS_DRIVER_DEFLATE) && t->before.state->driver.inflating == t->page + 1u;
}

static bool is_back_before_deflate(const struct hs_telling *t)
{
    return is_of_page(t, HS_DRIVER_DEFLATE) && leaves_owner(t, HS_OWNER_BALLOON);
}

static bool is_hinted_where_it_is(const struct hs_telling *t)
{
    return is_kind(t, HS_DRIVER_HINT_PAGE) && was(t)->owner == HS_OWNER_FREE &&
           is(t)->owner == HS_OWNER_FREE && t->step.page == t->page;
}

static bool is_hinted_in_use(const struct hs_telling *t)
{
    return is_of_page(t, HS_DRIVER_HINT_PAGE) && was(t)->owner == HS_OWNER_APP;
}

static bool is_zeroed_to_be_hinted(const struct hs_telling *t)
{
    return is_of_page(t, HS_DRIVER_HINT_PAGE) && hs_rule_init_on_alloc(t->before) == HS_ON;
}

static bool is_hinted_unasked(const struct hs_telling *t)
{
    return is_of_page(t, HS_DRIVER_HINT_PAGE) &&
           t->before.state->driver.cached_id < HS_COMMAND_FIRST_ID;
}

/* Does the guest take the page for filled, as it comes back from a report? */
static bool is_taken_for_zeros(const struct hs_telling *t)
{
    return leaves_owner(t, HS_OWNER_ISOLATED) && was(t)->relies != HS_RELIES_VALUE &&
           is(t)->relies == HS_RELIES_VALUE;
}

/* Is a page reported whose value the device was not told? */
static bool is_reported_untold(const struct hs_telling *t)
{
    return is_kind(t, HS_DRIVER_REPORT_BATCH) && was(t)->owner == HS_OWNER_ISOLATED &&
           was(t)->relies == HS_RELIES_VALUE && !t->before.state->device.poison_set;
}

static bool is_never_told(const struct hs_telling *t)
{
    return is_reported_untold(t) && hs_rule_poison_negotiated(t->before) == HS_OFF;
}

static bool is_told_no_more(const struct hs_telling *t)
{
    return is_reported_untold(t) && hs_rule_poison_negotiated(t->before) == HS_ON;
}

static bool is_stuck_with_driver(const struct hs_telling *t)
{
    return is_kind(t, HS_DRIVER_RESET) && was(t)->owner == HS_OWNER_HELD &&
           is(t)->owner == HS_OWNER_HELD;
}

/* ---- commands -------------------------------------------------------------------------------- */

/* The element that the step takes or applies; HS_ELEMENT_NONE: it does neither. */
static struct hs_element element_of(const struct hs_telling *t)
{
    struct hs_virtqueue q = hs_queue(t->before, HS_QUEUE_FREE_PAGE);
    if (is_kind(t, HS_DEVICE_TAKE_ELEMENT))
        return q.slots[q.ring->taken & (q.size - 1)];
    if (is_kind(t, HS_DEVICE_APPLY_HINT))
        return hs_virtqueue_hand(q);
    return (struct hs_element){.kind = HS_ELEMENT_NONE};
}

static bool takes_start(const struct hs_telling *t)
{
    return element_of(t).kind == HS_ELEMENT_START;
}

static bool status_becomes(const struct hs_telling *t, enum hs_status status)
{
    return t->before.state->device.status != status && t->after.state->device.status == status;
}

static bool is_late(const struct hs_telling *t)
{
    return takes_start(t) && element_of(t).id != t->before.state->device.id;
}

static bool word_changed(const struct hs_telling *t)
{
    return takes_start(t) && hs_rule_command_word(t->before) == HS_WORD_SHARED &&
           t->before.state->driver.active_id != element_of(t).id;
}

static bool starts_by_any_word(const struct hs_telling *t)
{
    return takes_start(t) && status_becomes(t, HS_STATUS_START) &&
           t->after.state->device.last_word != t->before.state->device.id;
}

static bool starts_unasked(const struct hs_telling *t)
{
    return status_becomes(t, HS_STATUS_START) &&
           t->before.state->device.status != HS_STATUS_REQUESTED;
}

static bool starts(const struct hs_telling *t)
{
    return status_becomes(t, HS_STATUS_START) && !starts_unasked(t);
}

static bool ends_by_command(const struct hs_telling *t)
{
    return is_kind(t, HS_DEVICE_TAKE_ELEMENT) &&
           t->before.state->device.status == HS_STATUS_START &&
           t->after.state->device.status != HS_STATUS_START;
}

static bool is_told_stop(const struct hs_telling *t)
{
    return !is_kind(t, HS_DEVICE_TAKE_ELEMENT) && !is_kind(t, HS_MIGRATION_CANCEL) &&
           status_becomes(t, HS_STATUS_STOP);
}

static bool is_told_done(const struct hs_telling *t)
{
    return status_becomes(t, HS_STATUS_DONE);
}

static bool is_start_lost(const struct hs_telling *t)
{
    return is_kind(t, HS_DRIVER_START_ROUND) && t->after.state->driver.start_lost;
}

static bool queues_nothing(const struct hs_telling *t)
{
    return hs_queue(t->before, HS_QUEUE_FREE_PAGE).ring->avail ==
           hs_queue(t->after, HS_QUEUE_FREE_PAGE).ring->avail;
}

static bool ends_silently(const struct hs_telling *t)
{
    return is_kind(t, HS_DRIVER_END_ROUND) && queues_nothing(t) &&
           hs_rule_round_end(t->before) == HS_END_SILENT;
}

static bool is_stop_lost(const struct hs_telling *t)
{
    return is_kind(t, HS_DRIVER_END_ROUND) && queues_nothing(t) && !ends_silently(t);
}

static bool asks_under_same_id(const struct hs_telling *t)
{
    return status_becomes(t, HS_STATUS_REQUESTED) && !is_kind(t, HS_DEVICE_TAKE_ELEMENT) &&
           t->before.state->device.id == t->after.state->device.id;
}

/* ---- hints, reports, inflates ---------------------------------------------------------------- */

static bool takes_hint(const struct hs_telling *t)
{
    return element_of(t).kind == HS_ELEMENT_PAGES;
}

/* Has the element's turn come in a later round than its own? */
static bool is_of_old_round(const struct hs_telling *t)
{
    return takes_hint(t) && element_of(t).id != t->before.state->device.id;
}

static bool status_is_not_start(const struct hs_telling *t)
{
    return t->before.state->device.status != HS_STATUS_START;
}

static bool is_ignored(const struct hs_telling *t)
{
    return takes_hint(t) && is_kind(t, HS_DEVICE_TAKE_ELEMENT) && status_is_not_start(t);
}

static bool is_checked_alone(const struct hs_telling *t)
{
    return takes_hint(t) && is_kind(t, HS_DEVICE_TAKE_ELEMENT) && !status_is_not_start(t) &&
           hs_rule_hint_under_lock(t->before) == HS_OFF;
}

static bool is_applied_unchecked(const struct hs_telling *t)
{
    return is_kind(t, HS_DEVICE_APPLY_HINT) && status_is_not_start(t);
}

static bool is_by_device(const struct hs_telling *t)
{
    return takes_hint(t) || is_kind(t, HS_DEVICE_DISCARD) || is_kind(t, HS_DEVICE_TAKE_INFLATE);
}

static bool is_wiped(const struct hs_telling *t)
{
    return is_by_device(t) && was(t)->content != HS_CONTENT_ZEROS &&
           is(t)->content == HS_CONTENT_ZEROS;
}

static bool is_wiped_by_hint(const struct hs_telling *t)
{
    return is_wiped(t) && takes_hint(t);
}

static bool is_wiped_otherwise(const struct hs_telling *t)
{
    return is_wiped(t) && !takes_hint(t);
}

static bool is_in_use_again(const struct hs_telling *t)
{
    bool clears = (was(t)->bitmap && !is(t)->bitmap) || (was(t)->log && !is(t)->log);
    return (is_wiped(t) || (takes_hint(t) && clears)) && was(t)->owner == HS_OWNER_APP;
}

static bool is_struck_off(const struct hs_telling *t)
{
    return takes_hint(t) && was(t)->bitmap && !is(t)->bitmap;
}

static bool takes_log_too(const struct hs_telling *t)
{
    return takes_hint(t) && was(t)->log && !is(t)->log;
}

static bool is_marked_by_used_length(const struct hs_telling *t)
{
    return takes_hint(t) && !was(t)->host_log && is(t)->host_log;
}

/* ---- the log, and sending -------------------------------------------------------------------- */

static bool syncs(const struct hs_telling *t)
{
    return is_kind(t, HS_MIGRATION_SYNC) || is_kind(t, HS_LOG_HARVEST);
}

static bool is_found_and_kept(const struct hs_telling *t)
{
    return syncs(t) && was(t)->log && is(t)->log && !is(t)->protected;
}

static bool is_found_and_watched(const struct hs_telling *t)
{
    return syncs(t) && was(t)->log && !is(t)->log && is(t)->protected;
}

static bool is_found_and_unwatched(const struct hs_telling *t)
{
    return syncs(t) && was(t)->log && !is(t)->log && !is(t)->protected;
}

static bool is_merged(const struct hs_telling *t)
{
    return is_kind(t, HS_MIGRATION_MERGE_LOG) && !was(t)->bitmap && is(t)->bitmap;
}

static bool begins_logged(const struct hs_telling *t)
{
    return is_kind(t, HS_MIGRATION_ENABLE_LOG) && !was(t)->log && is(t)->log;
}

static bool is_not_offered(const struct hs_telling *t)
{
    return is_kind(t, HS_MIGRATION_START) && !is(t)->bitmap && !hs_moves_as_snapshot(t->before);
}

static bool sends(const struct hs_telling *t)
{
    return is_kind(t, HS_MIGRATION_BEGIN_PAGE) || is_kind(t, HS_MIGRATION_FINISH_PAGE);
}

static bool is_read_first(const struct hs_telling *t)
{
    return is_of_page(t, HS_MIGRATION_BEGIN_PAGE) && was(t)->bitmap && is(t)->bitmap &&
           hs_rule_send_order(t->before) == HS_SEND_COPY_THEN_CLEAR;
}

static bool is_skipped(const struct hs_telling *t)
{
    return is_of_page(t, HS_MIGRATION_BEGIN_PAGE) && was(t)->ballooned && was(t)->bitmap &&
           !is(t)->bitmap;
}

static bool is_cleared_to_send(const struct hs_telling *t)
{
    return is_of_page(t, HS_MIGRATION_BEGIN_PAGE) && was(t)->bitmap && !is(t)->bitmap &&
           !is_skipped(t);
}

/* The page's log goes as another page of its chunk is sent. */
static bool is_cleared_with_another(const struct hs_telling *t)
{
    return sends(t) && t->step.page != t->page && was(t)->log && !is(t)->log;
}

static bool is_overwritten_by_older(const struct hs_telling *t)
{
    return is_of_page(t, HS_MIGRATION_ARRIVE) && was(t)->copy == HS_COPY_EQUAL &&
           is(t)->copy != HS_COPY_EQUAL;
}

static bool is_under_way(const struct hs_telling *t)
{
    return is_of_page(t, HS_MIGRATION_FINISH_PAGE) && !was(t)->late && is(t)->late;
}

/* ---- what does not move ---------------------------------------------------------------------- */

/* Is the VM stopped while the device has not taken all that is queued, and does it not look at the
 * destination?  Asked where the driver has the page or waits itself. */
static bool leaves_work(const struct hs_telling *t)
{
    struct hs_virtqueue q = hs_queue(t->before, HS_QUEUE_FREE_PAGE);
    bool stops = t->before.state->migration.vm == HS_VM_SOURCE &&
                 t->after.state->migration.vm == HS_VM_STOPPED;
    bool matters = was(t)->owner == HS_OWNER_HELD || hs_somebody_waits(t->before);
    return stops && matters && q.size && hs_virtqueue_available(q) > 0 &&
           hs_rule_kick_at_start(t->before) == HS_OFF;
}

static bool leaves_kick(const struct hs_telling *t)
{
    return leaves_work(t) && hs_queue(t->before, HS_QUEUE_FREE_PAGE).ring->kick_pending;
}

static bool leaves_loop(const struct hs_telling *t)
{
    return leaves_work(t) && !leaves_kick(t);
}

static bool ends_without_done(const struct hs_telling *t)
{
    return hs_migration_active(t->before) && !hs_migration_active(t->after) &&
           t->after.state->device.id && t->after.state->device.status != HS_STATUS_DONE;
}

/* By the rule done-at-end, and not since hints were never ended before. */
static bool is_cancelled_without_done(const struct hs_telling *t)
{
    return ends_without_done(t) && is_kind(t, HS_MIGRATION_CANCEL) &&
           hs_rule_done_at_end(t->before) != HS_DONE_ON;
}

static bool is_over_without_done(const struct hs_telling *t)
{
    return ends_without_done(t) && !is_cancelled_without_done(t);
}

/* ---- the table ------------------------------------------------------------------------------- */

enum { NO_RULE = HS_RULE_COUNT };

/* In the order in which they are told; each brings its own comma. */
static const struct effect {
    bool (*holds)(const struct hs_telling *t);
    const char *words;
    unsigned rule; /* that makes it so, whose value is told in its row's words */
} effects[] = {
    {is_filled, ", and fills it", HS_RULE_POISON},
    {is_seen_by_log, "; the dirty log notes it", NO_RULE},
    {is_logged_before, "; the dirty log has noted it before, and notes nothing new", HS_RULE_LOG},
    {is_unwatched_since_sync, "; the dirty log does not watch it, and notes nothing",
        HS_RULE_REARM_AT_SYNC},
    {is_unwatched_from_the_start, "; the dirty log does not watch it, and notes nothing",
        HS_RULE_INITIALLY_ALL_SET},
    {is_before_logging, ", before logging is on", HS_RULE_LOG_BEFORE_FIRST_ID},
    {is_dma_marked, "; the host log notes it", NO_RULE},
    {is_dma_unmarked, "; nothing marks it", HS_RULE_DMA_LOG},
    {is_dma_marked_long_ago, "; it was marked before, and is not marked now", HS_RULE_DMA_LOG},
    {is_back_before_hint, " while the hint waits in the queue", HS_RULE_RELEASE},
    {is_back_before_reset, ", and gives {this page} back while the hint waits in the queue",
        HS_RULE_RESET_RETURNS},
    {is_back_before_report, " before its report was used", HS_RULE_REPORT_REUSE},
    {is_back_before_inflate, " before its inflate was acknowledged", HS_RULE_INFLATE_REUSE},
    {is_back_before_deflate, ", and the guest has it at once", HS_RULE_TELL_HOST},
    {is_hinted_in_use, ", which is in use by now", HS_RULE_HINT_ONLY_FREE},
    {is_hinted_where_it_is, ", and leaves it on the free list", HS_RULE_HINT_SOURCE},
    {is_zeroed_to_be_hinted, ", and zeroes it first", HS_RULE_INIT_ON_ALLOC},
    {is_hinted_unasked, ", though it has read {cached id} in the field", NO_RULE},
    {is_taken_for_zeros, "; from here on the guest takes it for zeros", HS_RULE_REPORT_ZEROES},
    {is_never_told, "; the device was never told what free pages hold", HS_RULE_POISON_NEGOTIATED},
    {is_told_no_more, "; the device was not told again what free pages hold",
        HS_RULE_POISON_AFTER_RESET},
    {is_stuck_with_driver, ", and {this page} stays allocated", HS_RULE_RESET_RETURNS},
    {is_start_lost, ", which finds no free slot and is lost", NO_RULE},
    {ends_silently, ", and queues no stop element", HS_RULE_ROUND_END},
    {is_stop_lost, ", and finds no free slot for a stop element", NO_RULE},
    {asks_under_same_id, " once more", HS_RULE_NEW_ID_AFTER_SYNC},
    {is_late, " only now that {asked id} was issued", NO_RULE},
    {word_changed, "; it points to the word that holds {word} by now", HS_RULE_COMMAND_WORD},
    {starts_by_any_word, "; its id is not the current one, and is not compared",
        HS_RULE_CHECK_COMMAND_ID},
    {starts_unasked, "; hints count again, though nobody asks for them", HS_RULE_RESTART},
    {starts, "; from here on hints count", NO_RULE},
    {ends_by_command, "; hints no longer count", NO_RULE},
    {is_told_stop, "; the field says STOP", NO_RULE},
    {is_told_done, "; the field says DONE", NO_RULE},
    {is_of_old_round, ", which was queued under {queued id}", NO_RULE},
    {is_ignored, "; hints do not count now, and nothing is done", NO_RULE},
    {is_checked_alone, ", and checks that hints count", HS_RULE_HINT_UNDER_LOCK},
    {is_applied_unchecked, "; hints do not count any more, and it does not look",
        HS_RULE_HINT_UNDER_LOCK},
    {is_in_use_again, ", though the guest uses {this page} again", NO_RULE},
    {is_struck_off, "; {this page} is struck off the migration bitmap", NO_RULE},
    {takes_log_too, "; the bit of {this page} in the dirty log is cleared as well",
        HS_RULE_HINT_EFFECT},
    {is_wiped_by_hint, "; {this page} is wiped", HS_RULE_HINT_EFFECT},
    {is_wiped_otherwise, "; {this page} is wiped", NO_RULE},
    {is_marked_by_used_length, "; its used length marks {this page} as written",
        HS_RULE_USED_LENGTH},
    {begins_logged, "; all pages count as written", HS_RULE_INITIALLY_ALL_SET},
    {is_found_and_kept, "; {this page} is noted there, and its bit stays", HS_RULE_LOG},
    {is_found_and_watched, "; {this page} is noted there, and watched again", NO_RULE},
    {is_found_and_unwatched, "; {this page} is noted there, and no longer watched",
        HS_RULE_REARM_AT_SYNC},
    {is_merged, "; {this page} is to be sent", NO_RULE},
    {is_not_offered, ", which does not offer {this page}", HS_RULE_FIRST_PASS},
    {is_read_first, "; it is read now, and its records are cleared later", HS_RULE_SEND_ORDER},
    {is_skipped, ", but leaves it out as a page of the balloon", HS_RULE_BALLOONED_PAGES},
    {is_cleared_to_send, ", and clears its records", NO_RULE},
    {is_cleared_with_another, "; that clears the log of {this page}, in the same chunk",
        HS_RULE_CLEAR_MASK},
    {is_under_way, "; the copy is under way", HS_RULE_CHANNELS},
    {is_overwritten_by_older, ", and replaces a newer one", HS_RULE_CHANNELS},
    {leaves_kick, "; a kick is pending, and does not move with it", HS_RULE_KICK_AT_START},
    {leaves_loop, "; the device has not taken all that is queued, and does not look there",
        HS_RULE_KICK_AT_START},
    {is_cancelled_without_done, "; the field does not say DONE", HS_RULE_DONE_AT_END},
    {is_over_without_done, "; the field does not say DONE", NO_RULE},
};
enum { EFFECT_COUNT = sizeof(effects) / sizeof(effects[0]) };

/* The value of the rule in force: (release=any-time: whenever it is held). */
static void cite(const struct hs_config *config, unsigned rule, struct hs_text *text)
{
    const struct hs_rule_row *row = &hs_rule_rows[rule];
    unsigned value = config->rules.value[rule];
    for (const struct hs_rule_value *named = row->values; named->name; named++) {
        if (named->number == value)
            hs_text_add(text, " (%s=%s: %s)", row->name, named->name, named->meaning);
    }
}

enum hs_weight hs_effects_add(const struct hs_telling *telling, struct hs_text *text)
{
    assert(telling && text);
    enum hs_weight weight = HS_WEIGHT_NONE;
    for (unsigned i = 0; i < EFFECT_COUNT; i++) {
        const struct hs_config *config = telling->before.config;
        unsigned rule = effects[i].rule;
        if (!effects[i].holds(telling))
            continue;
        hs_words_fill(effects[i].words, telling, text);
        bool cites = rule != NO_RULE && hs_config_reads(config, (enum hs_rule)rule);
        if (cites)
            cite(config, rule, text);
        enum hs_weight own = cites ? HS_WEIGHT_RULE : HS_WEIGHT_CHANGE;
        weight = own > weight ? own : weight;
    }
    return weight;
}

bool hs_effects_are_known(void)
{
    for (unsigned i = 0; i < EFFECT_COUNT; i++) {
        if (!hs_words_are_known(effects[i].words))
            return false;
    }
    return true;
}
