/* SPDX-License-Identifier: BSD-3-Clause */
/* From what was seen to a verdict. */
#include "verdict.h"

#include <assert.h>

enum hs_verdict hs_verdict_of(struct hs_seen seen)
{
    assert(seen.somewhere || !seen.everywhere);
    if (!seen.complete)
        return seen.somewhere ? HS_SOMETIMES : HS_UNKNOWN;
    if (!seen.somewhere)
        return seen.unlimited ? HS_NEVER : HS_NONE_WITHIN;
    return seen.everywhere ? HS_ALWAYS : HS_SOMETIMES;
}
