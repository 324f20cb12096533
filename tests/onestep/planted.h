/* SPDX-License-Identifier: BSD-3-Clause */
/* Planted faults: what a reduction might do wrong, and a check must notice. */
#ifndef ONESTEP_PLANTED_H
#define ONESTEP_PLANTED_H

#include "trial.h"

/* Is every planted fault noticed by its check, within the states of so many that the check looks at
 * without it?  Those that are not are named. */
bool planted_are_noticed(const struct check *const *checks, unsigned count, uint64_t states);

#endif
