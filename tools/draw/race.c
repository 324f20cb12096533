/* From a run to a race: headlines, changes, messages, the losing step, the fate of every page. */
#include "race.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const hs_column_names[HS_COLUMN_COUNT] = {
    "guest", "driver/queue", "device", "migration"};

/* ---- content: the versions that people like to read ----------------------------------------- */

enum content_kind { CONTENT_NONE, CONTENT_VERSION, CONTENT_ZEROS, CONTENT_POISON };

struct content {
    enum content_kind kind;
    unsigned version;
};

static void write_content(struct content content, char *text, size_t size)
{
    static const char *const words[] = {"-", "", "zeros", "poison"};
    if (content.kind == CONTENT_VERSION)
        snprintf(text, size, "v%u", content.version);
    else
        snprintf(text, size, "%s", words[content.kind]);
}

/* What the teller remembers of one page while it walks through the run. */
struct told_page {
    struct content source;
    struct content destination;
    struct content read;  /* by copy-then-clear, when the page began to be sent */
    unsigned versions;    /* written so far */
    int unrecorded_since; /* the event after which no record of its last write was left */
};

/* Messages that wait between an event that sends and one that takes, oldest first. */
struct mailbox {
    int events[HS_SCHEDULE_MAX];
    unsigned first;
    unsigned count;
};

struct teller {
    struct hs_race *race;
    struct told_page pages[HS_PAGES_MAX];
    struct mailbox to_device[HS_QUEUE_COUNT];
    struct mailbox to_driver[HS_QUEUE_COUNT];
    int interrupt; /* the event that raised the pending config interrupt */
};

static void post(struct mailbox *box, int event)
{
    if (box->first + box->count < HS_SCHEDULE_MAX)
        box->events[box->first + box->count++] = event;
}

static int take(struct mailbox *box)
{
    if (!box->count)
        return HS_NO_EVENT;
    box->count--;
    return box->events[box->first++];
}

/* ---- words ---------------------------------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) static void headline(
    struct hs_event *event, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(event->headline, sizeof(event->headline), format, arguments);
    va_end(arguments);
}

__attribute__((format(printf, 2, 3))) static void detail(
    struct hs_event *event, const char *format, ...)
{
    if (event->detail_count == HS_DETAILS_MAX)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(event->details[event->detail_count++], HS_DETAIL_SIZE, format, arguments);
    va_end(arguments);
}

/* P0,P2-5 */
static void write_pages(uint64_t pages, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (unsigned p = 0; p < HS_PAGES_MAX && used + 8 < size; p++) {
        if (!(pages >> p & 1u))
            continue;
        unsigned last = p;
        while (last + 1 < HS_PAGES_MAX && pages >> (last + 1) & 1u)
            last++;
        const char *comma = used ? "," : "";
        used += (size_t)(last > p ? snprintf(text + used, size - used, "%sP%u-%u", comma, p, last)
                                  : snprintf(text + used, size - used, "%sP%u", comma, p));
        p = last;
    }
}

static uint64_t block_bits(unsigned first, unsigned order)
{
    uint64_t ones = order >= 6 ? ~UINT64_C(0) : (UINT64_C(1) << (1u << order)) - 1;
    return ones << first;
}

/* id1, id2, ... as they are issued; STOP; DONE */
static void write_id(unsigned id, char text[12])
{
    if (id >= HS_COMMAND_FIRST_ID)
        snprintf(text, 12, "id%u", id - HS_COMMAND_FIRST_ID + 1);
    else
        snprintf(text, 12, "%s", id == HS_COMMAND_STOP ? "STOP" : "DONE");
}

/* ---- headlines ------------------------------------------------------------------------------ */

static void tell_taken_command(
    struct hs_event *event, struct hs_world before, struct hs_element element)
{
    char word[12];
    bool shared = hs_rule(before, HS_RULE_COMMAND_WORD) == HS_WORD_SHARED;
    if (element.kind == HS_ELEMENT_STOP) {
        headline(event, "takes stop");
        return;
    }
    write_id(shared ? before.state->driver.active_id : element.id, word);
    headline(event, "takes start(%s)", word);
}

static bool all_faulted(struct hs_world w, uint64_t pages)
{
    for (unsigned p = 0; p < w.config->pages; p++) {
        if (pages >> p & 1u && !hs_page(w, p)->faulted)
            return false;
    }
    return hs_rule(w, HS_RULE_REFUSE_WRITTEN) == HS_ON;
}

static void tell_hint(struct hs_event *event, struct hs_world before, unsigned first, bool accepted)
{
    char pages[32];
    event->pages = block_bits(first, before.config->hint_order);
    write_pages(event->pages, pages, sizeof(pages));
    const char *what = !accepted                           ? "ignored"
                       : all_faulted(before, event->pages) ? "refused"
                                                           : "applied";
    headline(event, "hint(%s) %s", pages, what);
}

static void tell_take_element(struct hs_event *event, struct hs_world before)
{
    struct hs_virtqueue q = hs_queue(before, HS_QUEUE_FREE_PAGE);
    struct hs_element element = q.slots[q.ring->taken & (q.size - 1)];
    bool started = before.state->device.status == HS_STATUS_START;
    bool locked = hs_rule(before, HS_RULE_HINT_UNDER_LOCK) == HS_ON;
    if (element.kind != HS_ELEMENT_PAGES)
        tell_taken_command(event, before, element);
    else
        tell_hint(event, before, element.page, started);
    if (element.kind == HS_ELEMENT_PAGES && started && !locked)
        headline(event, "hint(P%u) checked", element.page);
}

static void tell_read(const struct teller *teller, struct hs_event *event, bool on_destination)
{
    char found[16];
    const struct told_page *page = &teller->pages[event->step.page];
    write_content(on_destination ? page->destination : page->source, found, sizeof(found));
    headline(event, "read P%u: %s", event->step.page, found);
}

static uint64_t batch_bits(struct hs_world w)
{
    uint64_t pages = 0;
    for (unsigned i = 0; i < w.state->driver.batch; i++)
        pages |= block_bits(hs_batch(w)[i].page, hs_batch(w)[i].order);
    return pages;
}

static void tell_pages(
    struct hs_event *event, const char *before, uint64_t pages, const char *after)
{
    char text[32];
    event->pages = pages;
    write_pages(pages, text, sizeof(text));
    headline(event, "%s%s%s", before, text, after);
}

static void tell_app(
    struct teller *teller, struct hs_event *event, struct hs_world before, struct hs_world after)
{
    unsigned p = event->step.page;
    event->column = HS_COLUMN_GUEST;
    switch ((enum hs_step_kind)event->step.kind) {
    case HS_APP_ALLOCATE:
        headline(event, "allocate P%u", p);
        break;
    case HS_APP_WRITE:
        headline(event, "write P%u (v%u)", p, teller->pages[p].versions + 1);
        break;
    case HS_APP_FREE:
        headline(event, "free P%u", p);
        break;
    case HS_APP_READ:
        tell_read(teller, event, false);
        break;
    case HS_DESTINATION_READ:
        tell_read(teller, event, true);
        break;
    case HS_DESTINATION_WRITE:
        if (hs_page(after, p)->awaited)
            headline(event, "write P%u", p);
        else
            headline(event, "write P%u (v%u)", p, teller->pages[p].versions + 1);
        break;
    case HS_DRIVER_SHRINK:
        tell_pages(event, "shrink: ", block_bits(p, before.config->hint_order), " free");
        break;
    default:
        break;
    }
}

static void tell_driver(struct hs_event *event, struct hs_world before, struct hs_world after)
{
    char word[12];
    unsigned p = event->step.page;
    event->column = HS_COLUMN_DRIVER;
    switch ((enum hs_step_kind)event->step.kind) {
    case HS_DRIVER_CONFIG_INTERRUPT:
        headline(event, "config interrupt");
        break;
    case HS_DRIVER_READ_COMMAND:
        write_id(after.state->driver.cached_id, word);
        headline(event, "reads %s", word);
        break;
    case HS_DRIVER_START_ROUND:
        write_id(after.state->driver.active_id, word);
        headline(event, "start(%s) %s", word, after.state->driver.start_lost ? "lost" : "queued");
        break;
    case HS_DRIVER_LIST_FREE:
        headline(event, "lists free pages");
        break;
    case HS_DRIVER_HINT_PAGE:
        tell_pages(event, "hint(", block_bits(p, before.config->hint_order), ") queued");
        break;
    case HS_DRIVER_END_ROUND:
        headline(event, hs_rule(before, HS_RULE_ROUND_END) == HS_END_SENDS_STOP ? "stop queued"
                                                                                : "ends silently");
        break;
    case HS_DRIVER_COLLECT_USED:
        headline(event, "collects used");
        break;
    case HS_DRIVER_RELEASE:
        tell_pages(event, "gives ", block_bits(p, before.config->hint_order), " back");
        break;
    case HS_DRIVER_ISOLATE_BATCH:
        tell_pages(event, "isolates ", batch_bits(after), "");
        break;
    case HS_DRIVER_REPORT_BATCH:
        tell_pages(event, "report(", batch_bits(before), ")");
        break;
    case HS_DRIVER_COLLECT_REPORT:
        tell_pages(event, "report used: ", batch_bits(before), "");
        break;
    case HS_DRIVER_PUT_BACK:
        tell_pages(event, "puts ", batch_bits(before), " back");
        break;
    case HS_DRIVER_INFLATE:
        tell_pages(event, "inflate(", block_bits(p, 0), ")");
        break;
    case HS_DRIVER_COLLECT_INFLATE:
        headline(event, "inflate used");
        break;
    case HS_DRIVER_DEFLATE:
        tell_pages(event, "deflate(", block_bits(p, 0), ")");
        break;
    case HS_DRIVER_COLLECT_DEFLATE:
        headline(event, "deflate used");
        break;
    case HS_DRIVER_FREEZE:
        headline(event, "gives all back");
        break;
    case HS_DRIVER_RESET:
        headline(event, "resets device");
        break;
    default:
        break;
    }
}

static void tell_device(struct teller *teller, struct hs_event *event, struct hs_world before)
{
    struct hs_virtqueue q;
    unsigned p = event->step.page;
    event->column = HS_COLUMN_DEVICE;
    switch ((enum hs_step_kind)event->step.kind) {
    case HS_DEVICE_WAKE:
        headline(event, "wakes up");
        break;
    case HS_DEVICE_TAKE_ELEMENT:
        tell_take_element(event, before);
        break;
    case HS_DEVICE_APPLY_HINT:
        tell_hint(
            event, before, hs_virtqueue_hand(hs_queue(before, HS_QUEUE_FREE_PAGE)).page, true);
        break;
    case HS_DEVICE_FIND_EMPTY:
        headline(event, "queue empty");
        break;
    case HS_DEVICE_SLEEP:
        headline(event, "sleeps");
        break;
    case HS_DEVICE_TAKE_REPORT:
        tell_pages(event, "takes ", batch_bits(before), "");
        break;
    case HS_DEVICE_DISCARD:
        tell_pages(event, "discards ",
            block_bits(p, hs_batch(before)[before.state->device.report_discarded].order), "");
        break;
    case HS_DEVICE_USE_ELEMENT:
        headline(event, "report used");
        break;
    case HS_DEVICE_TAKE_INFLATE:
        q = hs_queue(before, HS_QUEUE_INFLATE);
        tell_pages(
            event, "discards ", block_bits(q.slots[q.ring->taken & (q.size - 1)].page, 0), "");
        break;
    case HS_DEVICE_TAKE_DEFLATE:
        headline(event, "takes deflate");
        break;
    case HS_DEVICE_DMA_WRITE:
        headline(event, "DMA to P%u (v%u)", p, teller->pages[p].versions + 1);
        break;
    case HS_DEVICE_CHANGE_TARGET:
        headline(event, "new target");
        break;
    case HS_DEVICE_REQUEST_HINTS:
        headline(event, "asks for hints");
        break;
    case HS_DEVICE_END_HINTS:
        headline(event, "hints done");
        break;
    default:
        break;
    }
}

static void tell_migration(
    struct teller *teller, struct hs_event *event, struct hs_world before, struct hs_world after)
{
    unsigned p = event->step.page;
    bool clear_first = hs_rule(before, HS_RULE_SEND_ORDER) == HS_SEND_CLEAR_THEN_COPY;
    bool asked = after.state->device.status == HS_STATUS_REQUESTED;
    char source[16];
    char word[12];
    event->column = HS_COLUMN_MIGRATION;
    write_content(teller->pages[p].source, source, sizeof(source));
    write_id(after.state->device.id, word);
    switch ((enum hs_step_kind)event->step.kind) {
    case HS_MIGRATION_START:
        headline(event, "start migration");
        break;
    case HS_MIGRATION_ENABLE_LOG:
        headline(event, "logging on");
        break;
    case HS_MIGRATION_STOP_HINTS:
        headline(event, "stop hints");
        break;
    case HS_MIGRATION_SYNC:
        headline(event, "sync: read log");
        break;
    case HS_MIGRATION_MERGE_LOG:
        headline(event, "sync: merge");
        break;
    case HS_MIGRATION_START_HINTS:
        headline(event, asked ? "ask hints, %s" : "no hints asked", word);
        break;
    case HS_MIGRATION_DONE_HINTS:
        headline(event, "hints done");
        break;
    case HS_MIGRATION_BEGIN_PAGE:
        if (clear_first)
            headline(event, "P%u: clear bit", p);
        else
            headline(event, "P%u: read (%s)", p, source);
        break;
    case HS_MIGRATION_FINISH_PAGE:
        if (clear_first)
            headline(event, "P%u sent (%s)", p, source);
        else
            headline(event, "P%u: clear bit", p);
        break;
    case HS_MIGRATION_STOP_VM:
        headline(event, "stop VM");
        break;
    case HS_MIGRATION_SWITCH_OVER:
        headline(event, "switch over");
        break;
    case HS_MIGRATION_GO_POSTCOPY:
        headline(event, "go postcopy");
        break;
    case HS_MIGRATION_PULL_PAGE:
        headline(event, "P%u pulled (%s)", p, source);
        break;
    case HS_MIGRATION_CANCEL:
        headline(event, "cancel");
        break;
    case HS_LOG_HARVEST:
        headline(event, "harvest ring");
        break;
    default:
        break;
    }
}

static void tell_step(
    struct teller *teller, struct hs_event *event, struct hs_world before, struct hs_world after)
{
    enum hs_actor actor = hs_step_rows[event->step.kind].actor;
    if (event->step.kind == HS_DRIVER_SHRINK)
        actor = HS_ACTOR_APP; /* memory pressure strikes in the guest's column */
    if (hs_step_rows[event->step.kind].has_page)
        event->pages = UINT64_C(1) << event->step.page;
    switch (actor) {
    case HS_ACTOR_APP:
    case HS_ACTOR_DESTINATION:
        tell_app(teller, event, before, after);
        break;
    case HS_ACTOR_DRIVER:
        tell_driver(event, before, after);
        break;
    case HS_ACTOR_DEVICE:
        tell_device(teller, event, before);
        break;
    case HS_ACTOR_MIGRATION:
    case HS_ACTOR_LOG:
        tell_migration(teller, event, before, after);
        break;
    case HS_ACTOR_COUNT:
        break;
    }
}

/* ---- what changed --------------------------------------------------------------------------- */

enum record { RECORD_LOG, RECORD_KNOWN, RECORD_HOST_LOG, RECORD_BITMAP, RECORD_COUNT };
static const char *const record_names[RECORD_COUNT] = {"log", "known", "host log", "bitmap"};

static unsigned record_of(const struct hs_page *page, enum record record)
{
    switch (record) {
    case RECORD_LOG:
        return page->log;
    case RECORD_KNOWN:
        return page->known;
    case RECORD_HOST_LOG:
        return page->host_log;
    case RECORD_BITMAP:
    case RECORD_COUNT:
        break;
    }
    return page->bitmap;
}

static void tell_records(struct hs_event *event, struct hs_world before, struct hs_world after)
{
    for (unsigned record = 0; record < RECORD_COUNT; record++) {
        for (unsigned value = 0; value < 2; value++) {
            char text[40];
            uint64_t changed = 0;
            for (unsigned p = 0; p < before.config->pages; p++) {
                unsigned was = record_of(hs_page(before, p), (enum record)record);
                unsigned is = record_of(hs_page(after, p), (enum record)record);
                if (was != is && is == value)
                    changed |= UINT64_C(1) << p;
            }
            if (!changed)
                continue;
            write_pages(changed, text, sizeof(text));
            detail(event, "%s %u: %s", record_names[record], value, text);
        }
    }
}

static bool becomes_zeros(struct hs_world before, struct hs_world after, unsigned p)
{
    return hs_page(before, p)->content != HS_CONTENT_ZEROS &&
           hs_page(after, p)->content == HS_CONTENT_ZEROS;
}

static void tell_changes(struct hs_event *event, struct hs_world before, struct hs_world after)
{
    if (before.state->device.status != after.state->device.status)
        detail(event, "status %s", hs_machine_state_name(after, HS_MACHINE_STATUS));
    bool unseen = event->step.kind == HS_APP_WRITE && before.state->migration.log_on &&
                  !hs_page(before, event->step.page)->protected;
    if (unseen)
        detail(event, "log %s: P%u", hs_page(before, event->step.page)->log ? "was 1" : "stays 0",
            event->step.page);
    bool logging_ends = before.state->migration.log_on && !after.state->migration.log_on;
    if (!logging_ends)
        tell_records(event, before, after);
    for (unsigned p = 0; p < before.config->pages; p++) {
        if (becomes_zeros(before, after, p))
            detail(event, "P%u reads zeros", p);
        if (!hs_page(before, p)->awaited && hs_page(after, p)->awaited)
            detail(event, "sleeps on P%u", p);
    }
    event->breaks = after.state->broken & ~before.state->broken;
    for (unsigned i = HS_PROPERTY_FIRST_CLAUSE; i < HS_PROPERTY_COUNT; i++) {
        if (event->breaks >> i & 1u)
            detail(event, "! %s", hs_property_rows[i].name);
    }
}

/* ---- messages ------------------------------------------------------------------------------- */

static void carry_queue_messages(
    struct teller *teller, int index, struct hs_world before, struct hs_world after)
{
    struct hs_event *event = &teller->race->events[index];
    for (unsigned queue = 0; queue < HS_QUEUE_COUNT; queue++) {
        if (!before.config->queue_size[queue])
            continue;
        struct hs_ring *was = hs_queue(before, (enum hs_queue)queue).ring;
        struct hs_ring *is = hs_queue(after, (enum hs_queue)queue).ring;
        unsigned wrap = 2u * before.config->queue_size[queue] - 1;
        if (event->step.kind == HS_DRIVER_RESET)
            teller->to_device[queue].count = teller->to_driver[queue].count = 0;
        if (is->taken != was->taken)
            event->sender = take(&teller->to_device[queue]);
        for (unsigned i = was->collected; i != is->collected; i = (i + 1) & wrap) {
            int sender = take(&teller->to_driver[queue]);
            if (event->step.kind != HS_DRIVER_HINT_PAGE &&
                event->step.kind != HS_DRIVER_START_ROUND)
                event->sender = sender; /* those two drop used buffers unseen */
        }
        if (is->avail != was->avail)
            post(&teller->to_device[queue], index);
        if (is->used != was->used)
            post(&teller->to_driver[queue], index);
    }
}

static void carry_messages(
    struct teller *teller, int index, struct hs_world before, struct hs_world after)
{
    struct hs_event *event = &teller->race->events[index];
    event->sender = HS_NO_EVENT;
    carry_queue_messages(teller, index, before, after);
    if (event->step.kind == HS_DRIVER_CONFIG_INTERRUPT)
        event->sender = teller->interrupt;
    bool changed = before.state->device.status != after.state->device.status ||
                   event->step.kind == HS_DEVICE_CHANGE_TARGET;
    if (after.state->device.config_interrupt && changed)
        teller->interrupt = index;
}

/* ---- content and fate ----------------------------------------------------------------------- */

static void follow_write(struct teller *teller, unsigned p, bool on_destination)
{
    struct told_page *page = &teller->pages[p];
    struct content written = {CONTENT_VERSION, ++page->versions};
    if (on_destination)
        page->destination = written;
    else
        page->source = written;
}

/* Follow the content of page `p` through one step. */
static void follow_page(struct teller *teller, const struct hs_event *event, unsigned p,
    struct hs_world before, struct hs_world after)
{
    struct told_page *page = &teller->pages[p];
    const struct hs_page *was = hs_page(before, p);
    const struct hs_page *is = hs_page(after, p);
    bool on_destination = before.state->migration.vm == HS_VM_DESTINATION;
    struct content *current = on_destination ? &page->destination : &page->source;
    bool freed = was->owner != HS_OWNER_FREE && was->owner != HS_OWNER_ISOLATED &&
                 is->owner == HS_OWNER_FREE;
    bool mine = event->step.page == p;
    if (freed && is->relies == HS_RELIES_VALUE)
        current->kind =
            hs_rule(after, HS_RULE_POISON) == HS_POISON_ZERO ? CONTENT_ZEROS : CONTENT_POISON;
    if (becomes_zeros(before, after, p))
        current->kind = CONTENT_ZEROS;
    switch ((enum hs_step_kind)event->step.kind) {
    case HS_APP_WRITE:
    case HS_DEVICE_DMA_WRITE:
        if (mine)
            follow_write(teller, p, false);
        break;
    case HS_DESTINATION_WRITE:
        if (mine && !is->awaited)
            follow_write(teller, p, true);
        break;
    case HS_MIGRATION_BEGIN_PAGE:
        if (mine)
            page->read = page->source;
        break;
    case HS_MIGRATION_FINISH_PAGE:
        if (mine)
            page->destination = is->copy == HS_COPY_EQUAL ? page->source : page->read;
        break;
    case HS_MIGRATION_PULL_PAGE:
        if (mine)
            page->destination = page->source;
        break;
    default:
        if (is->copy == HS_COPY_NONE)
            page->destination.kind = CONTENT_NONE;
        break;
    }
}

/* Does this step let page `p` be lost in a way that shows at once? */
static bool breaks_at_once(
    const struct hs_event *event, unsigned p, struct hs_world before, struct hs_world after)
{
    uint32_t wiping = 1u << HS_PAGE_CORRUPTED | 1u << HS_VALUE_BROKEN;
    return event->breaks & wiping && becomes_zeros(before, after, p) &&
           hs_page(before, p)->relies != HS_RELIES_NOTHING;
}

/* Is page `p` not what it should be when the destination takes over? */
static bool lost_at_takeover(const struct hs_event *event, unsigned p, struct hs_world before)
{
    bool takeover = event->step.kind == HS_MIGRATION_SWITCH_OVER ||
                    event->step.kind == HS_MIGRATION_GO_POSTCOPY;
    const struct hs_page *page = hs_page(before, p);
    uint32_t kind = page->relies == HS_RELIES_DATA    ? 1u << HS_DIRTY_PAGE_LOST
                    : page->relies == HS_RELIES_VALUE ? 1u << HS_VALUE_BROKEN
                                                      : 0;
    bool pulled_later = event->step.kind == HS_MIGRATION_GO_POSTCOPY &&
                        (page->bitmap || page->copy == HS_COPY_NONE);
    return takeover && event->breaks & kind && !hs_page_arrived(before, p) && !pulled_later;
}

static void find_losses(
    struct teller *teller, unsigned index, struct hs_world before, struct hs_world after)
{
    struct hs_race *race = teller->race;
    struct hs_event *event = &race->events[index];
    for (unsigned p = 0; p < before.config->pages; p++) {
        struct told_page *page = &teller->pages[p];
        uint64_t bit = UINT64_C(1) << p;
        if (!hs_page_is_unrecorded(before, p) && hs_page_is_unrecorded(after, p))
            page->unrecorded_since = (int)index;
        if (breaks_at_once(event, p, before, after)) {
            event->loses |= bit;
            race->lost |= bit;
        }
        if (lost_at_takeover(event, p, before)) {
            bool known = hs_page_is_unrecorded(before, p) && page->unrecorded_since >= 0;
            race->events[known ? (unsigned)page->unrecorded_since : index].loses |= bit;
            race->lost |= bit;
        }
    }
}

static const char *fate_of(const struct hs_race *race, unsigned p, struct hs_world last)
{
    const struct hs_page *page = hs_page(last, p);
    bool over = last.state->migration.vm == HS_VM_DESTINATION;
    if (race->lost >> p & 1u) {
        bool wiped =
            race->run->broken >> HS_PAGE_CORRUPTED & 1u && page->content == HS_CONTENT_ZEROS;
        return page->relies == HS_RELIES_VALUE ? "BROKEN" : wiped ? "CORRUPTED" : "LOST";
    }
    if (page->awaited)
        return page->bitmap ? "awaited" : "NEVER COMES";
    if (page->owner == HS_OWNER_HELD)
        return race->run->broken >> HS_PAGE_STUCK & 1u ? "STUCK" : "held";
    if (page->relies == HS_RELIES_NOTHING)
        return page->owner == HS_OWNER_FREE ? "free" : "unused";
    if (!over)
        return "intact";
    return hs_page_arrived(last, p) ? "arrived" : "to be pulled";
}

static void tell_fates(const struct teller *teller)
{
    struct hs_race *race = teller->race;
    struct hs_world last = hs_run_world(race->run, race->run->length);
    for (unsigned p = 0; p < last.config->pages; p++) {
        struct hs_fate *fate = &race->fates[p];
        enum hs_reliance relies = (enum hs_reliance)hs_page(last, p)->relies;
        bool zero = hs_rule(last, HS_RULE_POISON) == HS_POISON_ZERO;
        write_content(teller->pages[p].source, fate->source, sizeof(fate->source));
        write_content(teller->pages[p].destination, fate->destination, sizeof(fate->destination));
        snprintf(fate->relied_on, sizeof(fate->relied_on), "%s",
            relies == HS_RELIES_NOTHING ? "no"
            : relies == HS_RELIES_DATA  ? "yes"
            : zero                      ? "as zeros"
                                        : "as poison");
        snprintf(fate->fate, sizeof(fate->fate), "%s", fate_of(race, p, last));
    }
}

/* ---- the whole ------------------------------------------------------------------------------ */

static void begin_pages(struct teller *teller)
{
    struct hs_world first = hs_run_world(teller->race->run, 0);
    bool zero = hs_rule(first, HS_RULE_POISON) == HS_POISON_ZERO;
    for (unsigned p = 0; p < first.config->pages; p++) {
        struct told_page *page = &teller->pages[p];
        page->unrecorded_since = HS_NO_EVENT;
        if (hs_page(first, p)->relies == HS_RELIES_DATA)
            page->source = (struct content){CONTENT_VERSION, ++page->versions};
        if (hs_page(first, p)->relies == HS_RELIES_VALUE)
            page->source.kind = zero ? CONTENT_ZEROS : CONTENT_POISON;
    }
}

struct hs_race *hs_race_tell(const struct hs_run *run)
{
    struct hs_race *race = hs_must(calloc(1, sizeof(*race)));
    struct teller *teller = hs_must(calloc(1, sizeof(*teller)));
    race->run = run;
    race->events = hs_must(calloc(run->length + 1, sizeof(*race->events)));
    race->fates = hs_must(calloc(run->config.pages, sizeof(*race->fates)));
    teller->race = race;
    teller->interrupt = HS_NO_EVENT;
    begin_pages(teller);
    for (unsigned i = 0; i < run->length; i++) {
        struct hs_event *event = &race->events[i];
        struct hs_world before = hs_run_world(run, i);
        struct hs_world after = hs_run_world(run, i + 1);
        event->step = run->moments[i].step;
        event->filled_in = run->moments[i].filled_in;
        tell_step(teller, event, before, after);
        tell_changes(event, before, after);
        carry_messages(teller, (int)i, before, after);
        find_losses(teller, i, before, after);
        for (unsigned p = 0; p < run->config.pages; p++)
            follow_page(teller, event, p, before, after);
    }
    tell_fates(teller);
    free(teller);
    return race;
}

void hs_race_free(struct hs_race *race)
{
    if (!race)
        return;
    free(race->events);
    free(race->fates);
    free(race);
}

const char *hs_event_deed(const struct hs_event *event)
{
    bool takes_over = event->step.kind == HS_MIGRATION_SWITCH_OVER ||
                      event->step.kind == HS_MIGRATION_GO_POSTCOPY;
    uint32_t wiping = 1u << HS_PAGE_CORRUPTED | 1u << HS_VALUE_BROKEN;
    return !takes_over && event->breaks & wiping ? "wiped" : "lost";
}

bool hs_race_in_story(const struct hs_race *race, unsigned event)
{
    const struct hs_event *e = &race->events[event];
    return (e->pages & race->lost) != 0 || e->loses;
}
