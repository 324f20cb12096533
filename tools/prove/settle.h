/*
 * Verdicts on a few properties of a variant, as cheaply as they can be had: what hs_prove does,
 * but the sweep ends as soon as all of them are broken, and if no clause is asked about, the ghosts
 * that only the clauses' monitors read are forgotten, which leaves far fewer states.
 */
#ifndef HS_SETTLE_H
#define HS_SETTLE_H

#include "prove.h"

struct hs_settled {
    bool complete;                                 /* the sweep saw everything that it had to */
    uint32_t count;                                /* states that it saw */
    uint64_t taken;                                /* steps */
    uint32_t flags;                                /* bit hs_property: the abstraction breaks it */
    uint8_t verdict[HS_PROPERTY_COUNT];            /* enum hs_verdict; of those asked about */
    struct hs_finding *finding[HS_PROPERTY_COUNT]; /* a run that breaks it, or NULL; several
                                                      properties may share one */
};

/*
 * Settle the properties in `asked` (bit hs_property) for `variant`, which must outlive the result.
 * Where `runs` has the property's bit, a run is looked for; otherwise what the abstraction breaks
 * is Unknown.  After `most` states, unless it is 0, the sweep gives up.  The result is to be
 * closed.
 */
void hs_settle(const struct hs_variant *variant, uint32_t asked, uint32_t runs, uint32_t most,
    const struct hs_search_options *options, struct hs_settled *settled);
void hs_settled_close(struct hs_settled *settled);

/* The abstraction with the monitors' ghosts forgotten: the same flags of the properties that are
 * not clauses can be reached. */
struct hs_graph hs_plain_graph(const struct hs_abstraction *abstraction);

#endif
