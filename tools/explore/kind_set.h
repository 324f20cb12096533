/* SPDX-License-Identifier: BSD-3-Clause */
/* Sets of kinds of steps: a bit for each kind, below HS_KINDS_MAX. */
#ifndef HS_KIND_SET_H
#define HS_KIND_SET_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

enum { HS_KINDS_MAX = 128, HS_KIND_SET_WORDS = HS_KINDS_MAX / 64 };
static_assert(
    HS_KINDS_MAX % 64 == 0, "HS_KINDS_MAX is to be a multiple of 64: all bits of each word");

/* What a static_assert says where more kinds than HS_KINDS_MAX would go wrong. */
#define HS_TOO_MANY_KINDS \
    "there are more kinds of steps than HS_KINDS_MAX: raise it in tools/explore/kind_set.h"

/* A set that is all zeros is empty. */
struct hs_kind_set {
    uint64_t words[HS_KIND_SET_WORDS]; /* kind k is bit k % 64 of word k / 64 */
};

static inline void hs_kind_set_add(struct hs_kind_set *set, unsigned kind)
{
    assert(kind < HS_KINDS_MAX);
    set->words[kind / 64] |= UINT64_C(1) << (kind % 64);
}

static inline bool hs_kind_set_has(const struct hs_kind_set *set, unsigned kind)
{
    assert(kind < HS_KINDS_MAX);
    return set->words[kind / 64] >> (kind % 64) & 1u;
}

/* Add every kind of another set. */
static inline void hs_kind_set_add_all(struct hs_kind_set *set, const struct hs_kind_set *others)
{
    for (unsigned i = 0; i < HS_KIND_SET_WORDS; i++)
        set->words[i] |= others->words[i];
}

/* Take every kind of another set out. */
static inline void hs_kind_set_drop_all(struct hs_kind_set *set, const struct hs_kind_set *others)
{
    for (unsigned i = 0; i < HS_KIND_SET_WORDS; i++)
        set->words[i] &= ~others->words[i];
}

/* The least kind of the set; HS_KINDS_MAX if it is empty. */
static inline unsigned hs_kind_set_first(const struct hs_kind_set *set)
{
    for (unsigned i = 0; i < HS_KIND_SET_WORDS; i++) {
        if (set->words[i])
            return i * 64 + (unsigned)__builtin_ctzll(set->words[i]);
    }
    return HS_KINDS_MAX;
}

static inline bool hs_kind_set_is_empty(const struct hs_kind_set *set)
{
    return hs_kind_set_first(set) == HS_KINDS_MAX;
}

#endif
