/* SPDX-License-Identifier: BSD-3-Clause */
/* From a scenario to what is driven. */
#ifndef HS_DRIVE_JOB_H
#define HS_DRIVE_JOB_H

#include "drive.h"
#include "drive_report.h"
#include "invent.h"
#include "replay.h"

/* The steps of a run, and its world as libhintmodel is told. */
struct hs_job *hs_job_of(const struct hs_run *run);
/* A world without steps. */
struct hs_job *hs_job_of_world(const struct hs_config *config);
void hs_job_free(struct hs_job *job);
/* The run that a job's steps are, all of which are possible where they stand. */
struct hs_run *hs_run_of(const struct hs_job *job, const struct hs_variant *variant);

/* What QEMU is started with: its RAM, and what the version cannot do. */
void hs_plan_fill(struct hs_qemu_plan *plan, const struct hs_version *version, bool has_odd_ram);

/* Give the rules of a host the values of the one that stands for QEMU. */
void hs_host_replace(struct hs_rules *rules, const struct hs_stand_in *stand_in);
/* Is the variant's host the one that stands for QEMU, as far as its world reads it?  If not,
 * `error` names a rule; or that nothing stands for QEMU, if `stand_in` is NULL. */
bool hs_host_is_this(
    const struct hs_variant *variant, const struct hs_stand_in *stand_in, struct hs_error *error);

/* The first variant of `scenario` with a host that is the QEMU of `driven`: as it stands, if it is;
 * `as_host`, with the host that stands for QEMU in place of its own; `anyway`, with its own. False,
 * with `error`, if it is another host, or there is no schedule. */
bool hs_host_stands_in(struct hs_scenario *scenario, struct hs_driven *driven, bool as_host,
    bool anyway, struct hs_variant *variant, struct hs_error *error);

/* Add to a schedule that was written for another host what that of `variant` does by itself: a sync
 * before each stop; the pages that it finds are sent, and it syncs again; then none is sent after
 * the stop.  False, with `error`, if that is not possible; or if it does nothing by itself. */
bool hs_host_adds_syncs(
    struct hs_scenario *scenario, struct hs_variant *variant, struct hs_error *error);

#endif
