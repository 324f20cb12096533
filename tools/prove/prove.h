/* What there is to know about a variant: all properties settled, and the abstraction behind it. */
#ifndef HS_PROVE_H
#define HS_PROVE_H

#include "settle.h"

struct hs_proof {
    const struct hs_variant *variant;
    struct hs_abstraction abstraction;
    uint32_t wanted; /* bit hs_property: a run was looked for */
    struct hs_settled settled;
};

/*
 * Prove what can be proved of `variant`, which must outlive the proof, and look for runs that break
 * the properties in `wanted` (bit hs_property) which cannot.  The proof is to be closed.
 */
void hs_prove(const struct hs_variant *variant, uint32_t wanted,
    const struct hs_search_options *options, struct hs_proof *proof);
void hs_proof_close(struct hs_proof *proof);

#endif
