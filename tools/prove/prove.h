/*
 * The verdict for any number of pages, writes and rounds, and a queue of any size.
 *
 *   Never      no state of the abstraction breaks the property, so no real system does
 *   Sometimes  there is a run of the model that breaks it
 *   Unknown    the abstraction breaks it, and no such run was found; or the search hit a bound; or
 *              the abstraction says nothing of this property
 */
#ifndef HS_PROVE_H
#define HS_PROVE_H

#include "concrete.h"

/* A run of the model, in its small world. */
struct hs_finding {
    struct hs_variant world;
    struct hs_run *run;
};

struct hs_proof {
    const struct hs_variant *variant;
    struct hs_abstraction abstraction;
    struct hs_sweep sweep;
    uint32_t wanted;                               /* bit hs_property: a run was looked for */
    uint8_t verdict[HS_PROPERTY_COUNT];            /* enum hs_verdict */
    struct hs_trace *trace[HS_PROPERTY_COUNT];     /* how the abstraction breaks it, or NULL */
    struct hs_finding *finding[HS_PROPERTY_COUNT]; /* a run that breaks it, or NULL; several
                                                      properties may share one */
};

/* Is the property one that the abstraction says something of? */
bool hs_proof_covers(unsigned property);

/*
 * Prove what can be proved of `variant`, which must outlive the proof, and look for runs that break
 * the properties in `wanted` (bit hs_property) which cannot.  The proof is to be closed.
 */
void hs_prove(const struct hs_variant *variant, uint32_t wanted,
    const struct hs_search_options *options, struct hs_proof *proof);
void hs_proof_close(struct hs_proof *proof);

#endif
