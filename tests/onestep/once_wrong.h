/* SPDX-License-Identifier: BSD-3-Clause */
/* Worlds that a reduction was wrong about once. */
#ifndef ONESTEP_ONCE_WRONG_H
#define ONESTEP_ONCE_WRONG_H

#include "trial.h"

/* Does the check succeed in every state of each such world, and were they all looked at? */
bool once_wrong_are_right(struct tally *tally);

#endif
