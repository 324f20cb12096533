/*
 * What is remembered of one page frame: who owns it, what the guest relies on, which copies exist,
 * and the four places that remember a write to it.
 *
 * Content is abstract.  The source's copy is what was written last, or zeros after a discard,
 * or because the allocator zeroes free pages (`zeros`); the destination's copy is related to the
 * source's by `copy`.  Version numbers, which people like to read, are derived while a run is shown
 * and are not part of the state.
 */
#ifndef HS_PAGE_H
#define HS_PAGE_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

struct hs_world;

enum hs_owner {
    HS_OWNER_FREE,     /* on the allocator's free list */
    HS_OWNER_APP,      /* in use by an application, or by the guest's kernel */
    HS_OWNER_HELD,     /* taken by the driver to be hinted, on its held list */
    HS_OWNER_ISOLATED, /* taken off the free list while it is being reported */
    HS_OWNER_BALLOON,  /* inflated: given to the host until it is deflated */
    HS_OWNER_COUNT
};

enum hs_reliance {
    HS_RELIES_NOTHING, /* whatever the page holds, nobody will read it */
    HS_RELIES_DATA,    /* an application reads what it wrote last */
    HS_RELIES_VALUE,   /* the allocator takes the page for poisoned or zeroed (rule poison) */
    HS_RELIES_COUNT
};

/* As far as it matters whether writing changes anything. */
enum hs_content {
    HS_CONTENT_DATA,  /* whatever was written last */
    HS_CONTENT_ZEROS, /* discarded, or zeroed as it was freed (init_on_free) */
    HS_CONTENT_VALUE, /* filled with the poison value as it was freed */
    HS_CONTENT_COUNT
};

enum hs_copy {
    HS_COPY_NONE,  /* nothing has arrived: the destination reads zeros */
    HS_COPY_EQUAL, /* the same content as the source's */
    HS_COPY_OLDER, /* something arrived, and the source has changed since */
    HS_COPY_COUNT
};

/* Every bit is used or zero, so that pages can be compared and hashed as memory. */
struct hs_page {
    /* the guest's */
    uint32_t owner : 3;    /* enum hs_owner */
    uint32_t head : 1;     /* first page of a free or isolated block */
    uint32_t order : 3;    /* of that block; 0 unless head */
    uint32_t reported : 1; /* free block, already reported (mm/page_reporting.c) */
    uint32_t listed : 1;   /* the driver's walk of the free list still has this page before it */
    uint32_t acked : 1;    /* held block whose hint the driver has seen used */
    uint32_t relies : 2;   /* enum hs_reliance */
    /* content */
    uint32_t content : 2; /* enum hs_content: the source's copy */
    uint32_t copy : 2;    /* enum hs_copy: the destination's copy */
    /* the records of a write (facts: four places that remember it) */
    uint32_t log : 1;       /* KVM's bit; with a ring: an entry waits in the ring */
    uint32_t protected : 1; /* write-protected: the next vCPU write is caught and logged */
    uint32_t known : 1;     /* QEMU's copy of what the last GET, or harvest, returned */
    uint32_t host_log : 1;  /* QEMU's own bitmap */
    uint32_t bitmap : 1;    /* the migration bitmap: still to be sent */
    uint32_t faulted : 1;  /* rule refuse-written: written since the id was issued, and logged so */
    uint32_t awaited : 1;  /* a thread on the destination sleeps until this page is pulled */
    uint32_t modified : 1; /* ghost: the guest wrote it since the current id was issued */
    uint32_t unused : 8;   /* always 0 */
};
static_assert(sizeof(struct hs_page) == 4, "a page frame is one 32-bit word");

/*
 * A vCPU writes to page `p`: the content changes wherever the guest runs, and the dirty log sees
 * it if the page is protected.  `relies` is what the guest relies on from now on.
 */
void hs_page_vcpu_write(struct hs_world w, unsigned p, enum hs_reliance relies);

/* The host writes to page `p` on the guest's behalf (device DMA): only the host log sees it. */
void hs_page_host_write(struct hs_world w, unsigned p);

/*
 * The host discards page `p` (MADV_DONTNEED): the guest reads zeros from now on.  The log does not
 * see it (measured on QEMU 7.2) unless the rule discard-marks-dirty is on.
 */
void hs_page_discard(struct hs_world w, unsigned p);

/* What a free page holds: zeros or the poison value, if the rule poison says so. */
enum hs_content hs_page_free_content(struct hs_world w);

/* Has page `p` not arrived in postcopy, so that an access sleeps until it is pulled? */
bool hs_page_is_missing(struct hs_world w, unsigned p);

/* Does the destination hold the same content for page `p` as the source? */
bool hs_page_arrived(struct hs_world w, unsigned p);

/*
 * Has the last write to page `p` left no trace: the guest relies on the page, the destination's
 * copy differs, and no record of it is left that would make migration send it?  Such a page is lost
 * unless it is written again.  False while no migration is under way.
 */
bool hs_page_is_unrecorded(struct hs_world w, unsigned p);

/* The invariants of one page frame; NULL, or the invariant that does not hold, in words. */
const char *hs_page_check(struct hs_world w, unsigned p);

#endif
