/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A run of the model, played on a real QEMU and compared with it.
 *
 * The model is libhintmodel, through its public header: it is set up as the job says, takes the
 * job's steps, and tells what each should have done.  The same steps are played on QEMU by
 * drive/steps.c.
 */
#ifndef HS_DRIVE_H
#define HS_DRIVE_H

#include "balloon.h"
#include "error.h"
#include "hintmodel.h"
#include "qemu.h"

enum hs_drive_end {
    HS_DRIVE_AGREES,
    HS_DRIVE_DIFFERS,   /* what QEMU did is not what the model did */
    HS_DRIVE_DIED,      /* QEMU ended by itself */
    HS_DRIVE_CANNOT,    /* the steps cannot be played on a QEMU that nobody changed */
    HS_DRIVE_NO_ANSWER, /* pacing failed each time */
    HS_DRIVE_END_COUNT
};
extern const char *const hs_drive_end_names[HS_DRIVE_END_COUNT];

/* One rule, size or limit of the world, as hintmodel_set takes it. */
struct hs_setting {
    const char *name;
    char value[24];
};
enum { HS_SETTINGS_MAX = 96, HS_DRIVE_PAGES_MAX = 32 };

/* What is to be played. */
struct hs_job {
    struct hs_setting settings[HS_SETTINGS_MAX];
    unsigned setting_count;
    unsigned pages;
    unsigned block_pages;             /* of the largest block: these stay together */
    unsigned hint_pages;              /* of one hint */
    unsigned queue_size[HS_VQ_COUNT]; /* slots; 0: no such queue */
    bool word_is_shared;              /* rule command-word */
    bool fills_free_pages;            /* rule poison */
    bool syncs_before_stop;           /* rule sync-before-stop */
    unsigned used_length;             /* of a hint (rule used-length) */
    bool may_postcopy;                /* the migration has the capability */
    const char *const *steps;
    unsigned step_count;
};

struct hs_drive_plan {
    struct hs_qemu_plan qemu;
    unsigned tries; /* at least 1: how often it is begun anew if pacing fails */
};

/* What came of it. */
struct hs_drive_result {
    enum hs_drive_end end;
    unsigned step;        /* where it differs or died, or what cannot be played; from 0 on */
    struct hs_error what; /* what differs, or why not: "used index: model 3, QEMU 2" */
    unsigned attempts;
    bool drifts; /* ptrace is forbidden: it was paced by bandwidth alone */
    double seconds;
};

/* Can the job be played?  If not, `result` says why. */
bool hs_drive_is_possible(
    const struct hs_job *job, const struct hs_drive_plan *plan, struct hs_drive_result *result);
/* Play it.  False, with `error`, if QEMU cannot be started at all. */
bool hs_drive(const struct hs_job *job, const struct hs_drive_plan *plan,
    struct hs_drive_result *result, struct hs_error *error);

#endif
