/* SPDX-License-Identifier: BSD-3-Clause */
/* The application's steps, on the source and on the destination. */
#include "buddy.h"
#include "driver.h"
#include "page.h"

/* exception: an application reads only what it has written; what it would find in memory that it
 * has not initialised is nobody's loss (hint-driver-8, hint-driver-9). */

static bool runs_on_source(struct hs_world w, struct hs_refusal *why)
{
    return HS_NEED(hs_on_source(w), why, "only while the guest runs on the source (%s)",
        hs_guest_runs(w) ? "the destination has taken over" : "the VM is stopped");
}

static bool runs_on_destination(struct hs_world w, struct hs_refusal *why)
{
    return HS_NEED(w.state->migration.vm == HS_VM_DESTINATION, why,
        "only while the guest runs at the destination");
}

static bool is_in_use(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    static const char *const states[HS_OWNER_COUNT] = {
        "free", "in use", "held by the driver", "isolated for a report", "in the balloon"};
    return HS_NEED(hs_page(w, p)->owner == HS_OWNER_APP, why,
        "only while an application uses page %u (it is %s)", p, states[hs_page(w, p)->owner]);
}

/* Allocating and freeing go on wherever the guest runs. */
static bool runs(struct hs_world w, struct hs_refusal *why)
{
    return HS_NEED(hs_guest_runs(w), why, "only while the guest runs (the VM is stopped)");
}

bool hs_app_can_allocate(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(hs_has_page(w, p));
    return runs(w, why) && hs_buddy_can_allocate(w, p, 0, why);
}

/* A page that is taken for zeros goes into use as it is.  At the destination the take-over judged
 * it. */
static void judge_zeroes(struct hs_world w, unsigned p)
{
    const struct hs_page *page = hs_page(w, p);
    if (hs_config_trusts_zeroes(w.config) && hs_on_source(w) && page->relies == HS_RELIES_VALUE &&
        page->content != HS_CONTENT_ZEROS)
        hs_break(w, HS_VALUE_BROKEN);
}

void hs_app_allocate(struct hs_world w, unsigned p)
{
    assert(hs_has_page(w, p));
    judge_zeroes(w, p);
    hs_driver_note_use(w, p, 0);
    hs_buddy_allocate(w, p, 0, HS_OWNER_APP);
}

bool hs_app_can_write(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(hs_has_page(w, p));
    return runs_on_source(w, why) && is_in_use(w, p, why);
}

void hs_app_write(struct hs_world w, unsigned p)
{
    assert(hs_has_page(w, p));
    hs_page_vcpu_write(w, p, HS_RELIES_DATA);
}

bool hs_app_can_free(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(hs_has_page(w, p));
    return runs(w, why) && is_in_use(w, p, why) &&
           HS_NEED(!hs_page(w, p)->dma, why,
               "only after what a device writes to page %u has arrived", p);
}

void hs_app_free(struct hs_world w, unsigned p)
{
    assert(hs_has_page(w, p));
    hs_buddy_free(w, p, 0);
}

static bool relies_on(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    return HS_NEED(hs_page(w, p)->relies != HS_RELIES_NOTHING, why,
        "only after data was written to page %u", p);
}

bool hs_app_can_read(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(hs_has_page(w, p));
    return runs_on_source(w, why) && is_in_use(w, p, why) && relies_on(w, p, why);
}

void hs_app_read(struct hs_world w, unsigned p)
{
    assert(hs_has_page(w, p));
    (void)w;
    (void)p; /* what it finds is for the ladder to show; a wrong content was noted when it arose */
}

static bool does_not_sleep(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    return HS_NEED(!hs_page(w, p)->awaited, why,
        "only after page %u was pulled (its reader sleeps until then)", p);
}

bool hs_destination_can_read(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(hs_has_page(w, p));
    return runs_on_destination(w, why) && is_in_use(w, p, why) && relies_on(w, p, why) &&
           does_not_sleep(w, p, why);
}

void hs_destination_read(struct hs_world w, unsigned p)
{
    assert(hs_has_page(w, p));
    if (hs_page_is_missing(w, p))
        hs_page(w, p)->awaited = 1;
}

bool hs_destination_can_write(struct hs_world w, unsigned p, struct hs_refusal *why)
{
    assert(hs_has_page(w, p));
    return runs_on_destination(w, why) && is_in_use(w, p, why) && does_not_sleep(w, p, why);
}

void hs_destination_write(struct hs_world w, unsigned p)
{
    assert(hs_has_page(w, p));
    if (hs_page_is_missing(w, p))
        hs_page(w, p)->awaited = 1;
    else
        hs_page_vcpu_write(w, p, HS_RELIES_DATA);
}
