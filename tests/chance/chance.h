/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers that look random, the same everywhere. */
#ifndef HS_CHANCE_H
#define HS_CHANCE_H

#include <stdbool.h>
#include <stdint.h>

/* Each value is a different sequence. */
struct chance {
    uint64_t state;
};

uint64_t chance_next(struct chance *chance);
/* 0..bound - 1; `bound` is not 0. */
unsigned chance_below(struct chance *chance, unsigned bound);
bool chance_one_in(struct chance *chance, unsigned chances);

#endif
