/* All properties of a variant. */
#include "prove.h"

#include <string.h>

void hs_prove(const struct hs_variant *variant, uint32_t wanted,
    const struct hs_search_options *options, struct hs_proof *proof)
{
    const uint32_t all = (1u << HS_PROPERTY_COUNT) - 1;
    memset(proof, 0, sizeof(*proof));
    proof->variant = variant;
    proof->wanted = wanted;
    hs_abstraction_set(&proof->abstraction, &variant->config);
    hs_settle(variant, all, wanted, 0, options, &proof->settled);
}

void hs_proof_close(struct hs_proof *proof)
{
    hs_settled_close(&proof->settled);
}
