/* SPDX-License-Identifier: BSD-3-Clause */
/* The limits' names. */
#include "sizes.h"

const struct hs_limit_row hs_limit_rows[HS_LIMIT_COUNT] = {
    [HS_LIMIT_WRITES] = {"writes", 1},
    [HS_LIMIT_ROUNDS] = {"rounds", 2},
    [HS_LIMIT_MIGRATIONS] = {"migrations", 1},
    [HS_LIMIT_DMA] = {"dma", 0},
    [HS_LIMIT_CHANGES] = {"changes", 0},
    [HS_LIMIT_RESETS] = {"resets", 0},
    [HS_LIMIT_CANCELS] = {"cancels", 0},
    [HS_LIMIT_HOPS] = {"hops", 0},
};
