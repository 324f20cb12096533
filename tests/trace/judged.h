/* SPDX-License-Identifier: BSD-3-Clause */
/* A recording that was made, judged. */
#ifndef HS_JUDGED_H
#define HS_JUDGED_H

#include "made.h"
#include "windows.h"

/* Write it, read it again, and judge it.  Is it refused, or no recording at all?  `why` says why.
 * If it is not, and `windows` is given, it has the windows, and is to be closed. */
bool judge_made(const struct hs_config *config, const struct made_recording *made,
    struct hs_windows *windows, struct hs_error *why);

#endif
