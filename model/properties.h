/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What must never happen: the names of the properties, and of the clauses of the specification that
 * a monitor can observe.  Each has one bit in the state's `broken` word, set at the step at which
 * it happens and never cleared; no actor reads it.  What breaks one is judged beside the machine
 * whose step it is.
 */
#ifndef HS_PROPERTIES_H
#define HS_PROPERTIES_H

#include "needs.h"

enum hs_property {
    /* noticed at a step */
    HS_DIRTY_PAGE_LOST,
    HS_PAGE_CORRUPTED,
    HS_VALUE_BROKEN,
    /* properties of all continuations: never set by the model, decided by a search */
    HS_PAGE_STUCK,
    HS_GUEST_STALLED,
    HS_REQUEST_UNANSWERED,
    /* clauses, in the order of the specification */
    HS_HINT_DRIVER_2,
    HS_HINT_DRIVER_3,
    HS_HINT_DRIVER_5,
    HS_HINT_DRIVER_6,
    HS_HINT_DRIVER_8,
    HS_HINT_DEVICE_2,
    HS_HINT_DEVICE_3,
    HS_HINT_DEVICE_4,
    HS_HINT_DEVICE_5,
    HS_HINT_DEVICE_6,
    HS_REPORT_DRIVER_3,
    HS_POISON_DRIVER_2,
    HS_BALLOON_DRIVER_4,
    HS_BALLOON_DRIVER_5,
    HS_FEATURE_DRIVER_1,
    HS_PROPERTY_COUNT,
    /* those of all continuations */
    HS_ENDING_FIRST = HS_PAGE_STUCK,
    HS_ENDING_LAST = HS_REQUEST_UNANSWERED
};

enum { HS_PROPERTY_FIRST_CLAUSE = HS_HINT_DRIVER_2 };
enum { HS_ENDING_COUNT = HS_ENDING_LAST - HS_ENDING_FIRST + 1 };
enum { HS_ENDINGS = ((1u << HS_ENDING_COUNT) - 1) << HS_ENDING_FIRST }; /* bit hs_property */
enum { HS_PROPERTY_NEEDS_MAX = 7, HS_NEED_CHOICES_MAX = 9 };

struct hs_property_row {
    const char *name;   /* public and stable; a clause's name is its id */
    const char *broken; /* when it is broken, in words */
    /* All that a world must have, or nothing in it can break the property, which is no question
     * there then; of each row of choices one will do. */
    struct hs_need needs[HS_PROPERTY_NEEDS_MAX][HS_NEED_CHOICES_MAX];
};

extern const struct hs_property_row hs_property_rows[HS_PROPERTY_COUNT];

/* Every clause of the specification's balloon section, observed by a monitor or not. */
enum hs_level { HS_MUST, HS_MUST_NOT, HS_SHOULD, HS_MAY };
struct hs_clause_row {
    const char *id;
    enum hs_level level;
    const char *demand;
    const char *not_observed; /* why no monitor watches it; NULL if one does */
};
extern const struct hs_clause_row hs_clause_rows[];
extern const unsigned hs_clause_count;
extern const char *const hs_level_names[];

/* Where the specification says it: sections that end in requirements, of versions 1.2 to 1.4, which
 * have the same text and numbers there. */
#define HS_VIRTIO_VERSIONS "1.2 to 1.4"
struct hs_section_row {
    const char *clauses; /* the beginning of their ids: "hint-driver" */
    const char *number;
    const char *label; /* in the specification's own source */
};
extern const struct hs_section_row hs_section_rows[];
extern const unsigned hs_section_count;
/* The section of a clause. */
const struct hs_section_row *hs_clause_section(const struct hs_clause_row *clause);

/* The property of that name, or HS_PROPERTY_COUNT. */
enum hs_property hs_property_find(const char *name);

#endif
