/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The elements of a recording: the k-th that is queued is the k-th that is taken; and what is wrong
 * with them whatever the model says: lengths, directions, alignment, and the order of commands.
 */
#ifndef HS_ELEMENTS_H
#define HS_ELEMENTS_H

#include "recording.h"

enum { HS_NOT_RECORDED = UINT32_MAX };

/* One element: where it was queued, taken and used (numbers of events, or HS_NOT_RECORDED). */
struct hs_recorded_element {
    uint32_t number;
    uint32_t queued;
    uint32_t taken;
    uint32_t used; /* by the clock that took it */
    enum hs_element_role role;
};

/* Something that is wrong, at a line of the file. */
struct hs_remark {
    unsigned line;
    const char *clause; /* that it breaks; NULL: it is said of the recording itself */
    char text[160];
};

struct hs_elements {
    struct hs_recorded_element *elements; /* of free_page_vq, by number, from `first` on */
    uint32_t first;
    uint32_t count;
    struct hs_remark *remarks; /* by line */
    size_t remark_count;
    uint32_t *gaps; /* events before which others of their clock are missing: they were lost */
    uint32_t gap_count;
};

/* Look through the elements.  False, with `error`: an element is taken that was never queued, or
 * numbers do not fit, so that nothing can be said. */
bool hs_elements_find(const struct hs_recording *recording, const char *path,
    struct hs_elements *elements, struct hs_error *error);
void hs_elements_close(struct hs_elements *elements);

/* The element that an event of free_page_vq is about, or NULL. */
const struct hs_recorded_element *hs_element_at(
    const struct hs_elements *elements, const struct hs_happening *event);
/* Is the page at `address` in a buffer that the element offers? */
bool hs_element_has_page(const struct hs_recording *recording,
    const struct hs_recorded_element *element, uint64_t address);
/* The word of a command; false if it was not recorded. */
bool hs_element_word(const struct hs_recording *recording,
    const struct hs_recorded_element *element, uint32_t *word);

#endif
