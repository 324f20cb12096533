/* SPDX-License-Identifier: BSD-3-Clause */
/* The functions of real programs that a step stands for. */
#ifndef HS_SOURCE_H
#define HS_SOURCE_H

#include "scenario.h"
#include "text.h"

/*
 * Add the functions that do the step in the programs that the scenario's presets stand for, as its
 * row in steps.def names them: "QEMU f, g; KVM h".  Nothing if none is named, or if a side has no
 * preset.
 */
void hs_source_add(
    const struct hs_scenario *scenario, struct hs_step step, struct hs_text *functions);

#endif
