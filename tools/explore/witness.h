/*
 * Witnesses: the way to a state that a search has found.
 */
#ifndef HS_WITNESS_H
#define HS_WITNESS_H

#include "search.h"

enum { HS_WITNESS_MAX = 4096 };
struct hs_witness {
    unsigned length;
    uint32_t labels[HS_WITNESS_MAX];
};

/*
 * The first shortest way from `start` to a state in which `flag` holds, or, if `set` is given, to
 * one of that set of the search.  Always the same, whatever the number of threads was.  False if
 * memory does not suffice.
 */
bool hs_search_witness(const struct hs_graph *graph, const void *start,
    const struct hs_search *search, unsigned flag, const uint64_t *set, size_t memory,
    struct hs_witness *witness);

#endif
