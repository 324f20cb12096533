/* What is asked about a variant, settled, and the abstraction behind it. */
#ifndef HS_PROVE_H
#define HS_PROVE_H

#include "settle.h"

struct hs_proof {
    const struct hs_variant *variant;
    struct hs_abstraction abstraction;
    uint32_t asked; /* bit hs_property */
    struct hs_settled settled;
};

/*
 * Prove those of the properties in `asked` (bit hs_property) that can be proved of `variant`, which
 * must outlive the proof, and look for runs that break the others.  The proof is to be closed.
 */
void hs_prove(const struct hs_variant *variant, uint32_t asked,
    const struct hs_search_options *options, struct hs_proof *proof);
void hs_proof_close(struct hs_proof *proof);

#endif
