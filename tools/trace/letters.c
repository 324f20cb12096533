/* SPDX-License-Identifier: BSD-3-Clause */
/* What is seen of a step. */
#include "letters.h"

#include "device.h"
#include "virtqueue.h"

#include <assert.h>

static const struct {
    enum hs_event_kind event;
    const char *words;
} rows[HS_LETTER_COUNT] = {
    [HS_LETTER_HIDDEN] = {HS_EVENT_KIND_COUNT, "nothing"},
    [HS_LETTER_INTERRUPT] = {HS_EVENT_CONFIG_INTERRUPT, "the driver takes a config interrupt"},
    [HS_LETTER_READ_STOP] = {HS_EVENT_READ_COMMAND, "the driver reads STOP"},
    [HS_LETTER_READ_DONE] = {HS_EVENT_READ_COMMAND, "the driver reads DONE"},
    [HS_LETTER_READ_ID] = {HS_EVENT_READ_COMMAND, "the driver reads a command id"},
    [HS_LETTER_SEND_STOP] = {HS_EVENT_QUEUE_ELEMENT, "the driver queues the command STOP"},
    [HS_LETTER_SEND_DONE] = {HS_EVENT_QUEUE_ELEMENT, "the driver queues the command DONE"},
    [HS_LETTER_SEND_ID] = {HS_EVENT_QUEUE_ELEMENT, "the driver queues a start command"},
    [HS_LETTER_SEND_ANY] = {HS_EVENT_QUEUE_ELEMENT, "the driver queues a command"},
    [HS_LETTER_HINT] = {HS_EVENT_QUEUE_ELEMENT, "the driver hints the page"},
    [HS_LETTER_TAKE_COMMAND] = {HS_EVENT_TAKE_ELEMENT, "the device takes a command"},
    [HS_LETTER_TAKE_HINT] = {HS_EVENT_TAKE_ELEMENT, "the device takes the page's hint"},
    [HS_LETTER_RELEASE] = {HS_EVENT_RELEASE, "the driver gives held pages back"},
    [HS_LETTER_BEGIN_MIGRATION] = {HS_EVENT_BEGIN_MIGRATION, "a migration begins"},
    [HS_LETTER_BEGIN_SYNC] = {HS_EVENT_BEGIN_SYNC, "a sync begins"},
    [HS_LETTER_END_SYNC] = {HS_EVENT_END_SYNC, "a sync ends"},
    [HS_LETTER_SEND_PAGE] = {HS_EVENT_SEND_PAGE, "the page is sent"},
    [HS_LETTER_STOP_VM] = {HS_EVENT_STOP_VM, "the VM stops"},
    [HS_LETTER_COMPLETE] = {HS_EVENT_END_MIGRATION, "the destination takes over"},
    [HS_LETTER_CANCEL] = {HS_EVENT_END_MIGRATION, "the migration is cancelled"},
    [HS_LETTER_STATUS_STOP] = {HS_EVENT_STATUS, "the status is STOP"},
    [HS_LETTER_STATUS_REQUESTED] = {HS_EVENT_STATUS, "the status is REQUESTED"},
    [HS_LETTER_STATUS_START] = {HS_EVENT_STATUS, "the status is START"},
    [HS_LETTER_STATUS_DONE] = {HS_EVENT_STATUS, "the status is DONE"},
    [HS_LETTER_GAP] = {HS_EVENT_LOST, "events are lost"},
};

enum hs_event_kind hs_letter_event(enum hs_letter letter)
{
    assert(letter < HS_LETTER_COUNT);
    return rows[letter].event;
}

const char *hs_letter_words(enum hs_letter letter)
{
    assert(letter < HS_LETTER_COUNT);
    return rows[letter].words;
}

/* STOP, DONE, or an id: the first of three letters, or the next ones. */
static enum hs_letter by_id(enum hs_letter stop, unsigned id)
{
    return (enum hs_letter)(stop + (id < HS_COMMAND_FIRST_ID ? id : HS_COMMAND_FIRST_ID));
}
static_assert(HS_COMMAND_STOP == 0 && HS_COMMAND_DONE == 1 && HS_COMMAND_FIRST_ID == 2,
    "as the letters stand");

static enum hs_letter of_kind(enum hs_element_kind kind)
{
    return kind == HS_ELEMENT_PAGES ? HS_LETTER_TAKE_HINT : HS_LETTER_TAKE_COMMAND;
}

/* What the device takes next. */
static enum hs_letter next_taken(struct hs_world w)
{
    struct hs_abstract_queue queue;
    hs_abstract_queue_read(w, &queue);
    return queue.count ? of_kind((enum hs_element_kind)queue.waiting[0].kind) : HS_LETTER_HIDDEN;
}

static enum hs_letter end_of_round(struct hs_world w)
{
    return hs_rule_round_end(w) == HS_END_SENDS_STOP ? HS_LETTER_SEND_STOP : HS_LETTER_HIDDEN;
}

static enum hs_letter of_widening(struct hs_world w, uint32_t label)
{
    switch (hs_label_widening(label)) {
    case HS_OTHERS_BREAK_BLOCK:
        return end_of_round(w);
    case HS_OTHERS_TAKE_ONE:
        return HS_LETTER_TAKE_HINT;
    case HS_OTHERS_TAKE_ANY:
        return of_kind((enum hs_element_kind)hs_bag_element((enum hs_bag)(label % 256)).kind);
    case HS_OTHERS_FILL_START: /* the command finds no slot: nothing is queued */
    case HS_OTHERS_FILL_END:
    case HS_OTHERS_SEND_PAGE:
    case HS_OTHERS_APPLY_HINT:
    case HS_OTHERS_LEAD_BLOCK:
    case HS_OTHERS_MERGE_BLOCK:
    case HS_WIDENING_COUNT:
        break;
    }
    return HS_LETTER_HIDDEN;
}

enum hs_letter hs_letter_of(struct hs_world w, uint32_t label)
{
    const struct hs_driver *driver = &w.state->driver;
    if (!hs_label_is_step(label))
        return of_widening(w, label);
    switch ((enum hs_step_kind)(label / 256)) {
    case HS_DRIVER_CONFIG_INTERRUPT:
        return HS_LETTER_INTERRUPT;
    case HS_DRIVER_READ_COMMAND:
        return by_id(
            HS_LETTER_READ_STOP, driver->read_again ? hs_device_field(w) : driver->cached_id);
    case HS_DRIVER_START_ROUND:
        return by_id(HS_LETTER_SEND_STOP, driver->cached_id);
    case HS_DRIVER_HINT_PAGE:
        return HS_LETTER_HINT;
    case HS_DRIVER_END_ROUND:
        return end_of_round(w);
    case HS_DRIVER_SHRINK:
    case HS_DRIVER_RELEASE:
        return HS_LETTER_RELEASE;
    case HS_DEVICE_TAKE_ELEMENT:
        return next_taken(w);
    case HS_MIGRATION_START:
        return HS_LETTER_BEGIN_MIGRATION;
    case HS_MIGRATION_SYNC:
        return HS_LETTER_BEGIN_SYNC;
    case HS_MIGRATION_MERGE_LOG:
        return HS_LETTER_END_SYNC;
    case HS_MIGRATION_FINISH_PAGE:
        return HS_LETTER_SEND_PAGE;
    case HS_MIGRATION_STOP_VM:
        return HS_LETTER_STOP_VM;
    case HS_MIGRATION_SWITCH_OVER:
        return HS_LETTER_COMPLETE;
    case HS_MIGRATION_CANCEL:
        return HS_LETTER_CANCEL;
    default:
        return HS_LETTER_HIDDEN;
    }
}

bool hs_letter_fits(enum hs_letter letter, enum hs_letter shown)
{
    assert(letter < HS_LETTER_COUNT && shown < HS_LETTER_COUNT);
    bool is_command =
        shown == HS_LETTER_SEND_STOP || shown == HS_LETTER_SEND_DONE || shown == HS_LETTER_SEND_ID;
    return shown == letter || (letter == HS_LETTER_SEND_ANY && is_command);
}

bool hs_letter_stays(struct hs_world w, enum hs_letter letter)
{
    const struct hs_driver *driver = &w.state->driver;
    switch (letter) {
    case HS_LETTER_READ_STOP: /* in a round the driver looks at what it has read, again and again */
    case HS_LETTER_READ_DONE:
    case HS_LETTER_READ_ID:
        return (driver->phase == HS_DRIVER_STARTING || driver->phase == HS_DRIVER_HINTING) &&
               !driver->read_again && by_id(HS_LETTER_READ_STOP, driver->cached_id) == letter;
    case HS_LETTER_TAKE_COMMAND: /* what has no effect is left out of the abstraction's queue */
    case HS_LETTER_TAKE_HINT:
        return w.state->device.status != HS_STATUS_START;
    case HS_LETTER_RELEASE: /* of other pages */
    case HS_LETTER_GAP:
        return true;
    case HS_LETTER_STATUS_STOP:
    case HS_LETTER_STATUS_REQUESTED:
    case HS_LETTER_STATUS_START:
    case HS_LETTER_STATUS_DONE:
        return w.state->device.status == (unsigned)letter - HS_LETTER_STATUS_STOP;
    default:
        return false;
    }
}
static_assert(
    HS_STATUS_STOP == 0 && HS_STATUS_REQUESTED == 1 && HS_STATUS_START == 2 && HS_STATUS_DONE == 3,
    "as the letters stand");

enum hs_step_kind hs_letter_step(enum hs_letter letter, unsigned nth)
{
    enum { STEPS = 2 };
    static const enum hs_step_kind none = HS_STEP_KIND_COUNT;
    enum hs_step_kind steps[STEPS] = {none, none};
    switch (letter) {
    case HS_LETTER_INTERRUPT:
        steps[0] = HS_DRIVER_CONFIG_INTERRUPT;
        break;
    case HS_LETTER_READ_STOP:
    case HS_LETTER_READ_DONE:
    case HS_LETTER_READ_ID:
        steps[0] = HS_DRIVER_READ_COMMAND;
        break;
    case HS_LETTER_SEND_STOP:
    case HS_LETTER_SEND_ANY:
        steps[0] = HS_DRIVER_END_ROUND;
        steps[1] = HS_DRIVER_START_ROUND;
        break;
    case HS_LETTER_SEND_DONE:
    case HS_LETTER_SEND_ID:
        steps[0] = HS_DRIVER_START_ROUND;
        break;
    case HS_LETTER_HINT:
        steps[0] = HS_DRIVER_HINT_PAGE;
        break;
    case HS_LETTER_TAKE_COMMAND:
    case HS_LETTER_TAKE_HINT:
        steps[0] = HS_DEVICE_TAKE_ELEMENT;
        break;
    case HS_LETTER_BEGIN_MIGRATION:
        steps[0] = HS_MIGRATION_START;
        break;
    case HS_LETTER_BEGIN_SYNC:
        steps[0] = HS_MIGRATION_SYNC;
        break;
    case HS_LETTER_END_SYNC:
        steps[0] = HS_MIGRATION_MERGE_LOG;
        break;
    case HS_LETTER_SEND_PAGE:
        steps[0] = HS_MIGRATION_FINISH_PAGE;
        steps[1] = HS_MIGRATION_BEGIN_PAGE;
        break;
    case HS_LETTER_STOP_VM:
        steps[0] = HS_MIGRATION_STOP_VM;
        break;
    case HS_LETTER_COMPLETE:
        steps[0] = HS_MIGRATION_SWITCH_OVER;
        break;
    case HS_LETTER_CANCEL:
        steps[0] = HS_MIGRATION_CANCEL;
        break;
    default:
        break;
    }
    return nth < STEPS ? steps[nth] : none;
}
