/* SPDX-License-Identifier: BSD-3-Clause */
/* From a run to a race: headlines, changes, messages, the losing step, the fate of every page. */
#include "race.h"

#include "page.h"
#include "virtqueue.h"

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
    struct content late;  /* under way */
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

/* ---- headlines ------------------------------------------------------------------------------ */

static enum hs_column column_of(struct hs_step step)
{
    if (step.kind == HS_DRIVER_SHRINK)
        return HS_COLUMN_GUEST; /* memory pressure strikes in the guest */
    switch (hs_step_rows[step.kind].actor) {
    case HS_ACTOR_APP:
    case HS_ACTOR_DESTINATION:
    case HS_ACTOR_COUNT:
        break;
    case HS_ACTOR_DRIVER:
        return HS_COLUMN_DRIVER;
    case HS_ACTOR_DEVICE:
        return HS_COLUMN_DEVICE;
    case HS_ACTOR_MIGRATION:
    case HS_ACTOR_LOG:
        return HS_COLUMN_MIGRATION;
    }
    return HS_COLUMN_GUEST;
}

static void tell_step(
    struct teller *teller, struct hs_event *event, struct hs_world before, struct hs_world after)
{
    const struct told_page *page = &teller->pages[event->step.page];
    char source[16];
    char destination[16];
    write_content(page->source, source, sizeof(source));
    write_content(page->destination, destination, sizeof(destination));
    struct hs_telling telling = {
        event->step, before, after, source, destination, page->versions + 1, event->step.page};
    struct hs_text told = hs_text_in(event->told, sizeof(event->told));
    event->column = column_of(event->step);
    hs_words_tell(&telling, event->headline, &event->pages);
    hs_words_fill(hs_step_rows[event->step.kind].told, &telling, &told);
    assert(!told.is_cut);
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
            hs_words_write_pages(changed, text, sizeof(text));
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

/* A driver without a callback on free_page_vq makes room there as it queues, and looks at nothing.
 */
static bool drops_used(struct hs_step step, struct hs_world w)
{
    bool queues = step.kind == HS_DRIVER_HINT_PAGE || step.kind == HS_DRIVER_START_ROUND ||
                  step.kind == HS_DRIVER_END_ROUND;
    return queues && !hs_rules_follow_used(&w.config->rules);
}

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
        if (event->step.kind == HS_DRIVER_RESET) {
            teller->to_device[queue].count = teller->to_driver[queue].count = 0;
            continue; /* the indices jump, and nobody has sent or taken anything */
        }
        if (is->taken != was->taken)
            event->sender = take(&teller->to_device[queue]);
        for (unsigned i = was->collected; i != is->collected; i = (i + 1) & wrap) {
            int sender = take(&teller->to_driver[queue]);
            if (event->step.kind != HS_DRIVER_HINT_PAGE &&
                event->step.kind != HS_DRIVER_START_ROUND)
                event->sender = sender; /* on the way of those two, an arrow is one too many */
            event->drops += drops_used(event->step, before);
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
    if (event->drops)
        detail(event, "used dropped: %u", event->drops);
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
    bool is_about_page = event->step.page == p;
    if (freed && is->relies == HS_RELIES_VALUE)
        current->kind = hs_rule_poison(after) == HS_POISON_ZERO ? CONTENT_ZEROS : CONTENT_POISON;
    if (becomes_zeros(before, after, p))
        current->kind = CONTENT_ZEROS;
    switch ((enum hs_step_kind)event->step.kind) {
    case HS_APP_WRITE:
    case HS_DEVICE_DMA_ARRIVE:
        if (is_about_page)
            follow_write(teller, p, false);
        break;
    case HS_DEVICE_DMA_WRITE:
        if (is_about_page && !is->dma)
            follow_write(teller, p, false);
        break;
    case HS_DESTINATION_WRITE:
        if (is_about_page && !is->awaited)
            follow_write(teller, p, true);
        break;
    case HS_MIGRATION_BEGIN_PAGE:
        if (is_about_page)
            page->read = page->source;
        break;
    case HS_MIGRATION_FINISH_PAGE:
        if (is_about_page && is->late && !was->late)
            page->late = is->late == HS_LATE_CURRENT ? page->source : page->read;
        else if (is_about_page)
            page->destination = is->copy == HS_COPY_EQUAL ? page->source : page->read;
        break;
    case HS_MIGRATION_ARRIVE:
        if (is_about_page)
            page->destination = page->late;
        break;
    case HS_MIGRATION_PULL_PAGE:
        if (is_about_page)
            page->destination = page->source;
        break;
    case HS_MIGRATION_NEXT_HOP:
        page->source = page->destination;
        if (is->content == HS_CONTENT_ZEROS)
            page->source.kind = CONTENT_ZEROS;
        page->destination.kind = CONTENT_NONE;
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

/* Of a page that the guest relies on, in mid-migration; NULL: an older version was sent. */
static const char *fate_so_far(unsigned p, struct hs_world last)
{
    const struct hs_page *page = hs_page(last, p);
    if (hs_page_is_unrecorded(last, p))
        return "NO RECORD LEFT";
    if (hs_page_arrived(last, p) && (!page->bitmap || page->copy == HS_COPY_EQUAL))
        return "arrived so far";
    if (last.state->migration.sending == p + 1 || page->late == HS_LATE_CURRENT)
        return "on its way";
    return page->copy == HS_COPY_NONE ? "not sent yet" : NULL;
}

/* NULL: an older version was sent. */
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
        return race->stuck >> p & 1u ? "NEVER COMES" : "awaited";
    if (page->owner == HS_OWNER_HELD)
        return race->stuck >> p & 1u ? "STUCK" : "held";
    if (page->relies == HS_RELIES_NOTHING)
        return page->owner == HS_OWNER_FREE ? "free" : "unused";
    if (!over && hs_migration_active(last))
        return fate_so_far(p, last);
    if (!over)
        return "intact";
    return hs_page_arrived(last, p) ? "arrived" : "to be pulled";
}

/* What is waited for that nobody will do, and the steps after which that is so. */
static void tell_waits(struct hs_race *race)
{
    struct hs_wait waits[HS_AWAITED_MAX];
    const struct hs_run *run = race->run;
    struct hs_world last = hs_run_world(run, run->length);
    for (unsigned p = 0; p < last.config->pages; p++) {
        const struct hs_page *page = hs_page(last, p);
        bool held = page->owner == HS_OWNER_HELD && run->broken >> HS_PAGE_STUCK & 1u;
        race->stuck |= (uint64_t)(held || (page->awaited && !page->bitmap)) << p;
    }
    race->wait_count = hs_waits_find(run, waits);
    race->waits = hs_must(calloc(race->wait_count + 1, sizeof(waits[0])));
    memcpy(race->waits, waits, race->wait_count * sizeof(waits[0]));
    for (unsigned property = HS_ENDING_FIRST; property <= HS_ENDING_LAST; property++) {
        if (!(run->broken >> property & 1u))
            continue;
        int event = hs_hope_lost(run, (enum hs_property)property);
        if (event != HS_NO_STEP)
            race->events[event].dooms |= 1u << property;
    }
}

static void tell_fates(const struct teller *teller)
{
    struct hs_race *race = teller->race;
    struct hs_world last = hs_run_world(race->run, race->run->length);
    for (unsigned p = 0; p < last.config->pages; p++) {
        struct hs_fate *fate = &race->fates[p];
        enum hs_reliance relies = (enum hs_reliance)hs_page(last, p)->relies;
        bool zero = hs_rule_poison(last) != HS_POISON_VALUE;
        write_content(teller->pages[p].source, fate->source, sizeof(fate->source));
        write_content(teller->pages[p].destination, fate->destination, sizeof(fate->destination));
        snprintf(fate->relied_on, sizeof(fate->relied_on), "%s",
            relies == HS_RELIES_NOTHING ? "no"
            : relies == HS_RELIES_DATA  ? "yes"
            : zero                      ? "as zeros"
                                        : "as poison");
        const char *told = fate_of(race, p, last);
        if (told)
            snprintf(fate->fate, sizeof(fate->fate), "%s", told);
        else
            snprintf(fate->fate, sizeof(fate->fate), "%s sent, %s not yet", fate->destination,
                fate->source);
    }
}

/* ---- the whole ------------------------------------------------------------------------------ */

static void begin_pages(struct teller *teller)
{
    struct hs_world first = hs_run_world(teller->race->run, 0);
    bool zero = hs_rule_poison(first) == HS_POISON_ZERO;
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
    tell_waits(race);
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
    free(race->waits);
    free(race);
}

const char *hs_event_deed(const struct hs_event *event)
{
    bool takes_over = event->step.kind == HS_MIGRATION_SWITCH_OVER ||
                      event->step.kind == HS_MIGRATION_GO_POSTCOPY;
    uint32_t wiping = 1u << HS_PAGE_CORRUPTED | 1u << HS_VALUE_BROKEN;
    return !takes_over && event->breaks & wiping ? "wiped" : "lost";
}

const char *hs_doom_word(enum hs_property property)
{
    static const char *const words[HS_ENDING_COUNT] = {"stuck", "stalled", "unanswered"};
    assert(property >= HS_ENDING_FIRST && property <= HS_ENDING_LAST);
    return words[property - HS_ENDING_FIRST];
}

const struct hs_mark hs_marks[HS_MARK_COUNT] = {
    {"log", "1: the dirty log notes a write; 0: it watches for one"},
    {"log was 1", "a write; it was noted before, so the log does not change"},
    {"log stays 0", "a write; the log does not watch for one, notes nothing"},
    {"known", "1: written, as the host's last look into the log says"},
    {"host log", "1: noted as written, to be merged into the bitmap"},
    {"bitmap", "1: the page is still to be sent; 0: it is not"},
    {"status", "of hinting: STOP, REQUESTED, START (hints count), DONE"},
    {"used dropped", "used buffers that the driver takes back without a look"},
    {"!", "a demand of the specification, or a property, is broken"},
};

/* The longest mark with which the change begins: "log was 1" is not "log". */
static const struct hs_mark *mark_of(const char *change)
{
    const struct hs_mark *found = NULL;
    for (unsigned i = 0; i < HS_MARK_COUNT; i++) {
        size_t length = strlen(hs_marks[i].word);
        bool fits = strncmp(change, hs_marks[i].word, length) == 0 &&
                    (change[length] == ' ' || change[length] == ':');
        if (fits && (!found || length > strlen(found->word)))
            found = &hs_marks[i];
    }
    return found;
}

bool hs_race_has_mark(const struct hs_race *race, const struct hs_mark *mark)
{
    for (unsigned i = 0; i < race->run->length; i++) {
        const struct hs_event *event = &race->events[i];
        for (unsigned d = 0; d < event->detail_count; d++) {
            if (mark_of(event->details[d]) == mark)
                return true;
        }
    }
    return false;
}

bool hs_event_decides(const struct hs_event *event)
{
    return event->loses || event->dooms;
}

bool hs_race_in_story(const struct hs_race *race, unsigned event)
{
    const struct hs_event *e = &race->events[event];
    return (e->pages & (race->lost | race->stuck)) != 0 || hs_event_decides(e);
}
