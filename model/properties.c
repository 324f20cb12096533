/* SPDX-License-Identifier: BSD-3-Clause */
/* The properties and the clauses. */
#include "properties.h"

#include "rules.h"
#include "sizes.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

/* What the rows need: limits, queues, postcopy, and of the rules those without which the property
 * is about nothing: free pages keep a value, somebody discards, holds pages or asks for hints.  A
 * rule that keeps the property from breaking is the answer to the question, and no need. */

#define ONE(need) \
    {             \
        need      \
    }
#define ONE_OF(...) \
    {               \
        __VA_ARGS__ \
    }

#define ROUNDS NEED_LIMIT(ROUNDS)
#define MIGRATIONS NEED_LIMIT(MIGRATIONS)
#define FREE_PAGE NEED_QUEUE(FREE_PAGE)
#define WRITES NEED_LIMIT(WRITES)
#define A_WRITE ONE_OF(WRITES, NEED_LIMIT(DMA))
#define A_WRITE_OR_NO_OFFER ONE_OF(WRITES, NEED_LIMIT(DMA), NEED_PARTIAL)
#define DMA_SLIPS NEED_RULE(DMA_LOG, 1u << HS_DMA_MARKED_FIRST | 1u << HS_DMA_UNMARKED)
#define OLD_ARRIVES NEED_RULE(CHANNELS, 1u << HS_CHANNELS_UNORDERED)
#define VALUES NEED_RULE(POISON, 1u << HS_POISON_ZERO | 1u << HS_POISON_VALUE)
#define A_VALUE ONE(VALUES)
#define NOT_ZERO NEED_RULE(POISON, 1u << HS_POISON_VALUE)
#define BY_REQUEST NEED_RULE(HINT_TRIGGER, 1u << HS_TRIGGER_REQUEST)
#define BY_MIGRATION NEED_RULE(HINT_TRIGGER, 1u << HS_TRIGGER_MIGRATION)
/* A snapshot has every page as it is. */
#define MOVES_LIVE NEED_RULE(MOVES, 1u << HS_MOVES_LIVE)
/* A migration that may switch to postcopy asks for hints only by that rule. */
#define IT_ASKS NEED_PRECOPY, NEED_RULE(HINT_WITH_POSTCOPY, 1u << HS_ON)
#define IT_DISCARDS NEED_RULE(HINT_EFFECT, 1u << HS_EFFECT_DISCARD)
#define OTHER_DISCARDS NEED_QUEUE(REPORTING), NEED_QUEUE(INFLATE)
#define HINTS \
    ONE(FREE_PAGE), ONE(ROUNDS), ONE_OF(MIGRATIONS, BY_REQUEST), ONE_OF(IT_ASKS, BY_REQUEST)

const struct hs_property_row hs_property_rows[HS_PROPERTY_COUNT] = {
    [HS_DIRTY_PAGE_LOST] = {"dirty-page-lost",
        "the destination takes over a page whose data the guest relies on, and the copy there is not "
        "the source's",
        /* A page that is not offered need not be written.  What a device writes stands in the host
           log, if it is marked as it is written; that only skipping, discarding and an older copy
           that arrives later get round. */
        {ONE(MIGRATIONS), ONE(ROUNDS), A_WRITE_OR_NO_OFFER,
            ONE_OF(WRITES, NEED_PARTIAL, FREE_PAGE, DMA_SLIPS, OLD_ARRIVES, OTHER_DISCARDS),
            ONE_OF(
                WRITES, NEED_PARTIAL, IT_ASKS, BY_REQUEST, DMA_SLIPS, OLD_ARRIVES, OTHER_DISCARDS),
            ONE_OF(BY_MIGRATION, MOVES_LIVE)}},
    [HS_PAGE_CORRUPTED] = {"page-corrupted",
        "a page whose data the guest relies on was wiped where the guest runs",
        {A_WRITE, ONE_OF(FREE_PAGE, OTHER_DISCARDS), ONE_OF(ROUNDS, OTHER_DISCARDS),
            ONE_OF(IT_DISCARDS, OTHER_DISCARDS), ONE_OF(MIGRATIONS, BY_REQUEST, OTHER_DISCARDS),
            ONE_OF(IT_ASKS, BY_REQUEST, OTHER_DISCARDS)}},
    [HS_VALUE_BROKEN] = {"value-broken",
        "a page that the guest takes for poisoned or zeroed holds something else",
        {ONE_OF(VALUES, NEED_ZEROES), ONE_OF(MIGRATIONS, NOT_ZERO, NEED_ZEROES),
            ONE_OF(ROUNDS, NOT_ZERO, NEED_ZEROES), ONE_OF(ROUNDS, OTHER_DISCARDS),
            ONE_OF(MIGRATIONS, FREE_PAGE, OTHER_DISCARDS),
            ONE_OF(MIGRATIONS, IT_DISCARDS, OTHER_DISCARDS),
            ONE_OF(MIGRATIONS, BY_REQUEST, OTHER_DISCARDS)}},
    [HS_PAGE_STUCK] = {"page-stuck",
        "what the actors do by themselves never gives every held page back",
        {HINTS, ONE(NEED_RULE(HINT_SOURCE, 1u << HS_SOURCE_ALLOCATE))}},
    [HS_GUEST_STALLED] = {"guest-stalled",
        "the driver, or a thread on the destination, waits for something that nobody will do",
        {ONE(ROUNDS), ONE_OF(FREE_PAGE, NEED_POSTCOPY), ONE_OF(FREE_PAGE, MIGRATIONS),
            ONE_OF(MIGRATIONS, BY_REQUEST)}},
    [HS_REQUEST_UNANSWERED] = {"request-unanswered",
        "the host has asked for hints under an id, and no start command will ever be taken under it",
        {HINTS}},
    [HS_HINT_DRIVER_2] = {"hint-driver-2",
        "a round's pages do not follow an output buffer that holds the id the round was started with",
        {HINTS}},
    [HS_HINT_DRIVER_3] = {"hint-driver-3", "a second output buffer holds the current command id",
        {HINTS}},
    [HS_HINT_DRIVER_5] = {"hint-driver-5",
        "the driver supplies a page although it has read STOP or DONE", {HINTS}},
    [HS_HINT_DRIVER_6] = {"hint-driver-6", "a round ends without an output buffer that holds STOP",
        {HINTS}},
    [HS_HINT_DRIVER_8] = {"hint-driver-8",
        "the driver hints a page on whose content the guest relies", {HINTS}},
    [HS_HINT_DEVICE_2] = {"hint-device-2",
        "a command id serves again before an output buffer with STOP has arrived", {HINTS}},
    [HS_HINT_DEVICE_3] = {"hint-device-3",
        "a hint is applied that was supplied under another id than the one in force", {HINTS}},
    [HS_HINT_DEVICE_4] = {"hint-device-4",
        "a hint changes a page that the guest has modified since the id was issued", {HINTS}},
    [HS_HINT_DEVICE_5] = {"hint-device-5", "a hint is applied after the field was DONE", {HINTS}},
    [HS_HINT_DEVICE_6] = {"hint-device-6", "a migration ends and the field does not say DONE",
        {HINTS, ONE(BY_MIGRATION)}},
    [HS_REPORT_DRIVER_3] = {"report-driver-3", "a reported page is used before the report is",
        {ONE(NEED_QUEUE(REPORTING))}},
    [HS_POISON_DRIVER_2] = {"poison-driver-2", "DRIVER_OK is set and poison_val was not written",
        {ONE(NEED_LIMIT(RESETS)), A_VALUE, ONE(NEED_RULE(POISON_NEGOTIATED, 1u << HS_ON))}},
    [HS_BALLOON_DRIVER_4] = {"balloon-driver-4",
        "a page goes back to the guest before its inflate was acknowledged",
        {ONE(NEED_QUEUE(INFLATE))}},
    [HS_BALLOON_DRIVER_5] = {"balloon-driver-5",
        "the driver deflates a page whose inflate is not acknowledged", {ONE(NEED_QUEUE(INFLATE))}},
    [HS_FEATURE_DRIVER_1] = {"feature-driver-1",
        "free pages keep a value, and are reported without PAGE_POISON",
        {ONE(NEED_QUEUE(REPORTING)), A_VALUE}},
};

const char *const hs_level_names[] = {"MUST", "MUST NOT", "SHOULD", "MAY"};

const struct hs_clause_row hs_clause_rows[] = {
    {"hint-driver-1", HS_MUST, "a command buffer is 4 bytes long", "lengths are not modelled"},
    {"hint-driver-2", HS_MUST, "a block of hints starts with the current command id", NULL},
    {"hint-driver-3", HS_MUST_NOT, "send the current command id more than once", NULL},
    {"hint-driver-4", HS_SHOULD, "supply pages while the field asks for them",
        "a recommendation to act; nothing goes wrong at any step without it"},
    {"hint-driver-5", HS_SHOULD, "supply no pages under STOP or DONE", NULL},
    {"hint-driver-6", HS_MUST, "finish with STOP", NULL},
    {"hint-driver-7", HS_MAY, "give hinted pages back before they are used", "a permission"},
    {"hint-driver-8", HS_MUST, "treat hinted pages as uninitialised", NULL},
    {"hint-driver-9", HS_MUST, "initialise pages given back before DONE",
        "Linux only frees them; here an application reads only what it has written, so that nobody "
        "would notice"},
    {"hint-driver-10", HS_SHOULD, "give all pages back after DONE",
        "the driver modelled always does; page-stuck watches the outcome"},
    {"hint-device-1", HS_SHOULD, "set STOP when hints are of no use",
        "what is of use is not modelled"},
    {"hint-device-2", HS_MUST_NOT, "reuse an id before STOP has arrived", NULL},
    {"hint-device-3", HS_MUST, "ignore pages supplied under another id", NULL},
    {"hint-device-4", HS_MAY, "change a hinted page not modified since the id", NULL},
    {"hint-device-5", HS_MUST_NOT, "change a hinted page after DONE", NULL},
    {"hint-device-6", HS_MUST, "report DONE at the end", NULL},
    {"report-driver-1", HS_MUST, "treat reported pages as uninitialised without PAGE_POISON",
        "holds by construction, but for report-zeroes=trusted, whose proposal takes it back; "
        "feature-driver-1 watches the guest that keeps a value"},
    {"report-driver-2", HS_MUST, "fill pages with poison_val before reporting them",
        "holds by construction: pages are filled as they are freed"},
    {"report-driver-3", HS_MUST_NOT, "use a reported page before the report is used", NULL},
    {"report-driver-4", HS_MAY, "report at any time after DRIVER_OK", "a permission"},
    {"report-driver-5", HS_SHOULD, "report large pages", "a matter of speed"},
    {"report-driver-6", HS_SHOULD, "leave reported pages alone", "a matter of speed"},
    {"report-device-1", HS_MAY, "change a reported page before acknowledging", "a permission"},
    {"report-device-2", HS_MUST_NOT, "change a reported page to anything but poison_val",
        "holds by construction: a device that knows a value discards nothing"},
    {"poison-driver-1", HS_MUST, "write poison_val into deflated pages",
        "holds by construction: pages are filled as they are freed"},
    {"poison-driver-2", HS_MUST, "set poison_val before DRIVER_OK", NULL},
    {"poison-driver-3", HS_MUST_NOT, "change poison_val while DRIVER_OK", "no step changes it"},
    {"poison-device-1", HS_MAY, "take poison_val as a hint", "a permission"},
    {"balloon-driver-1", HS_MUST, "tell the device of deflated pages", "every deflate does"},
    {"balloon-driver-2", HS_MUST_NOT, "use them before the answer, with MUST_TELL_HOST",
        "holds by construction: the rule tell-host is the feature"},
    {"balloon-driver-3", HS_MAY, "use them at once without MUST_TELL_HOST", "a permission"},
    {"balloon-driver-4", HS_MUST_NOT, "use a page whose inflate is not acknowledged", NULL},
    {"balloon-driver-5", HS_MUST_NOT, "deflate a page whose inflate is not acknowledged", NULL},
    {"balloon-driver-6", HS_SHOULD, "supply pages while num_pages is greater than actual",
        "num_pages and actual are not modelled: the driver inflates and deflates as it likes"},
    {"balloon-driver-7", HS_MAY, "take pages back while num_pages is less than actual",
        "a permission"},
    {"balloon-driver-8", HS_MAY, "supply pages while num_pages is not less than actual",
        "a permission"},
    {"balloon-driver-9", HS_MUST_NOT,
        "take pages back while num_pages is not greater than actual, without DEFLATE_ON_OOM",
        "num_pages and actual are not modelled: the driver deflates as it likes"},
    {"balloon-driver-10", HS_MAY, "take them back with DEFLATE_ON_OOM, if the system needs them",
        "a permission"},
    {"balloon-driver-11", HS_MUST, "update actual after inflating and deflating",
        "actual is not modelled: nothing reads it but the operator"},
    {"balloon-driver-12", HS_MAY, "update actual once for several of them", "a permission"},
    {"balloon-device-1", HS_MAY, "change a page during its inflate", "a permission"},
    {"balloon-device-2", HS_MAY, "change a page until its deflate, with MUST_TELL_HOST",
        "a permission"},
    {"feature-driver-1", HS_MUST_NOT,
        "accept reporting without PAGE_POISON while pages keep a value", NULL},
    {"feature-driver-2", HS_SHOULD, "accept MUST_TELL_HOST",
        "features are not negotiated here; the rule tell-host says what came of it"},
    {"feature-driver-3", HS_SHOULD, "clear PAGE_POISON if deflated pages are not filled at once",
        "features are not negotiated here; the rule poison-negotiated says what came of it"},
    {"feature-device-1", HS_MAY, "refuse a driver that does not accept MUST_TELL_HOST",
        "a permission"},
};
const unsigned hs_clause_count = sizeof(hs_clause_rows) / sizeof(hs_clause_rows[0]);

#define BALLOON "Device Types / Memory Balloon Device / "
const struct hs_section_row hs_section_rows[] = {
    {"feature-driver", "5.5.3.1", "drivernormative:" BALLOON "Feature bits"},
    {"feature-device", "5.5.3.2", "devicenormative:" BALLOON "Feature bits"},
    {"balloon-driver", "5.5.6.1", "drivernormative:" BALLOON "Device Operation"},
    {"balloon-device", "5.5.6.2", "devicenormative:" BALLOON "Device Operation"},
    {"hint-driver", "5.5.6.5.1", "drivernormative:" BALLOON "Device Operation / Free Page Hinting"},
    {"hint-device", "5.5.6.5.2", "devicenormative:" BALLOON "Device Operation / Free Page Hinting"},
    {"poison-driver", "5.5.6.6.1", "drivernormative:" BALLOON "Device Operation / Page Poison"},
    {"poison-device", "5.5.6.6.2", "devicenormative:" BALLOON "Device Operation / Page Poison"},
    {"report-driver", "5.5.6.7.1",
        "drivernormative:" BALLOON "Device Operation / Free Page Reporting"},
    {"report-device", "5.5.6.7.2",
        "devicenormative:" BALLOON "Device Operation / Free Page Reporting"},
};
const unsigned hs_section_count = sizeof(hs_section_rows) / sizeof(hs_section_rows[0]);

const struct hs_section_row *hs_clause_section(const struct hs_clause_row *clause)
{
    assert(clause);
    const struct hs_section_row *row = hs_section_rows;
    while (strncmp(clause->id, row->clauses, strlen(row->clauses)) != 0)
        row++;
    assert(row < hs_section_rows + hs_section_count);
    return row;
}

enum hs_property hs_property_find(const char *name)
{
    assert(name);
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (strcmp(hs_property_rows[i].name, name) == 0)
            return (enum hs_property)i;
    }
    return HS_PROPERTY_COUNT;
}
