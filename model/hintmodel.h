/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * libhintmodel: a reference model of free page hinting, for other test suites.  The one header to
 * include; the library needs nothing but libc.
 *
 * A suite that drives a real driver or device lets the model do what the real thing does, step by
 * step, and compares:
 *
 *     struct hintmodel world;
 *     char why[HINTMODEL_WHY];
 *     hintmodel_begin(&world, "linux-6.1", "qemu-7.2-kvm", why);
 *     hintmodel_set(&world, "pages", "4", why);
 *     hintmodel_start(&world, why);
 *     hintmodel_do(&world, "migration.start", why);
 *     hintmodel_read(&world, "device.status", 0, &number);
 *
 * Names are those of hintsim: `hintsim list steps`, `rules`, `presets`, `properties`; those of
 * fields are listed by hintmodel_field_name.  What each step stands for in Linux, QEMU and KVM is
 * said there and in spec/machines.md.
 *
 * Errors.  A function that returns whether it did what it was told says why not in words, and then
 * changes nothing.  A bug of the caller ends in an assertion: a null pointer, a world that was not
 * begun or not started, a page or a property that there is not, two worlds compared that differ in
 * rules, sizes or limits.
 *
 * Threads.  A function touches what its arguments point to and nothing else, so different worlds
 * can be used by different threads at once.
 */
#ifndef HINTMODEL_H
#define HINTMODEL_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    HINTMODEL_WORDS = 160, /* of a world */
    HINTMODEL_WHY = 240    /* characters of a reason, with the zero behind it */
};

/* A world: rules, sizes and the state of all machines.  A value without pointers: a copy by
 * assignment is a world of its own, to which one can come back. */
struct hintmodel {
    uint64_t memory[HINTMODEL_WORDS];
};

/* A step: its kind, 0 and up, in the order of `hintsim list steps`; and its page, 0 if it has none.
 */
struct hintmodel_step {
    uint16_t kind;
    uint16_t page;
};

/* ---- making a world -------------------------------------------------------------------------- */

/* Begin a world of four pages, all in use and written, and a free_page_vq of four slots.  `guest`
 * and `host` name presets; NULL is a preset of defaults (spec/rules.md). */
bool hintmodel_begin(
    struct hintmodel *world, const char *guest, const char *host, char why[HINTMODEL_WHY]);

/* clang-format off */
/*
 * Set one thing before the start, as a scenario does (spec/scenario.md):
 *   a rule      its value:   "release", "any-time"
 *   a size      a number:    pages (1..64), max-order, hint-order, report-order (0..6),
 *                            report-batch (1..32)
 *   a queue     its slots:   free_page_vq, reporting_vq, inflateq, deflateq: 0 for none, or a power
 *                            of two up to 64, which the start checks
 *   a limit     a number (0..254) or "none", which it is unless set: writes, rounds, migrations,
 *                            dma, changes, resets, cancels
 *   policy      any, lifo:   which free block an allocation takes
 *   postcopy    on, off:     may the migration switch to it?
 *   free        the pages that are free at the start, as a bit mask: "0x5" for pages 0 and 2
 */
/* clang-format on */
bool hintmodel_set(
    struct hintmodel *world, const char *name, const char *value, char why[HINTMODEL_WHY]);

/* Check the sizes against each other, and bring the world to the state before its first step.  A
 * world can be started again. */
bool hintmodel_start(struct hintmodel *world, char why[HINTMODEL_WHY]);

/* ---- steps ----------------------------------------------------------------------------------- */

/* The name of a kind of step; NULL from the number of kinds on. */
const char *hintmodel_step_name(unsigned kind);
/* The step that is written `text`: a name, and behind a space the page if the step has one. */
bool hintmodel_step_find(const struct hintmodel *world, const char *text,
    struct hintmodel_step *step, char why[HINTMODEL_WHY]);

/* The steps that are enabled, in the table's order and then by page.  Writes `room` of them at
 * most, and returns how many there are. */
unsigned hintmodel_steps(
    const struct hintmodel *world, struct hintmodel_step *steps, unsigned room);

/* Is the step enabled?  If not: the guard that failed, and the state that made it fail. */
bool hintmodel_enabled(
    const struct hintmodel *world, struct hintmodel_step step, char why[HINTMODEL_WHY]);
/* Take the step, if it is enabled. */
bool hintmodel_take(struct hintmodel *world, struct hintmodel_step step, char why[HINTMODEL_WHY]);
/* The same for a step as it is written. */
bool hintmodel_do(struct hintmodel *world, const char *text, char why[HINTMODEL_WHY]);

/* ---- looking --------------------------------------------------------------------------------- */

/* The names of all fields, from 0 on; NULL behind the last. */
const char *hintmodel_field_name(unsigned index);
/* What the numbers of that field say; of a flag, what 1 says.  NULL behind the last. */
const char *hintmodel_field_meaning(unsigned index);
/* The largest number that the field is in any world; the least is 0. */
unsigned hintmodel_field_most(unsigned index);
/*
 * Read a field as a number: "device.status", "driver.held", "free_page_vq.used", "page.bitmap"; of
 * a page's fields that of `page`, 0 to the number of pages - 1, which other fields do not look at.
 */
bool hintmodel_read(const struct hintmodel *world, const char *field, unsigned page,
    unsigned *number, char why[HINTMODEL_WHY]);

/* The state of a machine in words: device-status, device-loop, driver-hinting, driver-reporting,
 * migration, vm.  NULL if there is no machine of that name. */
const char *hintmodel_state(const struct hintmodel *world, const char *machine);

/* Are two worlds in the same state?  They must have the same rules, sizes and limits. */
bool hintmodel_equal(const struct hintmodel *a, const struct hintmodel *b);

/* ---- judging --------------------------------------------------------------------------------- */

/* The names of all properties and clauses, from 0 on; NULL behind the last. */
const char *hintmodel_property_name(unsigned index);
/* Has the property, or clause, of that index been broken by now?  page-stuck,
 * guest-stalled and request-unanswered speak of what can still happen and are never set by a step.
 */
bool hintmodel_broken(const struct hintmodel *world, unsigned property);
/* Would page `page`, 0 to the number of pages - 1, be lost if the destination took over now: has
 * the last write to it left no record that would make migration send it? */
bool hintmodel_unrecorded(const struct hintmodel *world, unsigned page);

#ifdef __cplusplus
}
#endif

#endif
