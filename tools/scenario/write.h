/* SPDX-License-Identifier: BSD-3-Clause */
/* A run written as a scenario that replays it. */
#ifndef HS_WRITE_H
#define HS_WRITE_H

#include "replay.h"

#include <stdio.h>

/* Write `run` as a scenario named `name`, with every step in its schedule and what broke as its
 * expectation. */
void hs_run_write(const struct hs_run *run, const char *name, FILE *out);

#endif
