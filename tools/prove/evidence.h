/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Evidence on some properties of a variant, for any number of pages and of what is in play, and a
 * queue of any size: that no state of the abstraction breaks a property, so that no real system
 * does; or a run of the model that breaks it.  A sweep ends as soon as all of them are broken, and
 * ghosts that no property reads which is asked about and not broken yet are forgotten, which leaves
 * far fewer states.
 */
#ifndef HS_EVIDENCE_H
#define HS_EVIDENCE_H

#include "concrete.h"

/* A run of the model, in its small world. */
struct hs_finding {
    struct hs_variant world;
    struct hs_run *run;
};

struct hs_evidence {
    bool complete;          /* the sweep saw everything that it had to */
    enum hs_search_end end; /* why not, or why a run was not looked for to the end */
    uint32_t count;         /* states that it saw */
    uint64_t taken;         /* steps */
    uint32_t flags;         /* bit hs_property: the abstraction breaks it */
    uint32_t asked;         /* bit hs_property */
    uint32_t never;         /* bit hs_property: no state of the abstraction breaks it */
    struct hs_trace *trace[HS_PROPERTY_COUNT];     /* how the abstraction breaks it, or NULL */
    struct hs_finding *finding[HS_PROPERTY_COUNT]; /* a run that breaks it, or NULL; several
                                                      properties may share one */
};

/* How many states are looked at, at the most; 0: as many as it takes. */
struct hs_bounds {
    uint32_t sweep; /* of the abstraction */
    uint32_t run;   /* in each small world in which a run is looked for */
    bool any_run;   /* a run need not be a shortest one: nobody will see it */
};

/*
 * Gather evidence on the properties in `asked` (bit hs_property) of `variant`, which must outlive
 * it.  Where `runs` has the property's bit, a run is looked for if the abstraction breaks it.
 * Without a bound on the sweep, where clauses make it too large, they get one of their own. Looking
 * for runs may take as long again as the time-out.  The evidence is to be closed.
 */
void hs_gather(const struct hs_variant *variant, uint32_t asked, uint32_t runs,
    struct hs_bounds bounds, const struct hs_search_options *options, struct hs_evidence *evidence);
void hs_evidence_close(struct hs_evidence *evidence);

/* The abstraction with all the monitors' ghosts forgotten: the same flags of the properties that
 * are not clauses can be reached. */
struct hs_graph hs_plain_graph(const struct hs_abstraction *abstraction);

/* The properties (bit hs_property) that read a ghost. */
extern const uint32_t hs_ghost_readers;

/* Forget, in a state of the abstraction, the ghosts that none of the properties in `open` (bit
 * hs_property) reads: what a sweep does after each step. */
void hs_forget_ghosts(struct hs_world w, uint32_t open);

#endif
