/* Properties of a variant. */
#include "prove.h"

#include <string.h>

void hs_prove(const struct hs_variant *variant, uint32_t asked,
    const struct hs_search_options *options, struct hs_proof *proof)
{
    memset(proof, 0, sizeof(*proof));
    proof->variant = variant;
    proof->asked = asked;
    hs_abstraction_set(&proof->abstraction, &variant->config);
    hs_settle(variant, asked, asked, 0, options, &proof->settled);
}

void hs_proof_close(struct hs_proof *proof)
{
    hs_settled_close(&proof->settled);
}
