/*
 * Verdicts on some properties of a variant, for any number of pages, writes and rounds, and a queue
 * of any size.  A sweep ends as soon as all of them are broken, and ghosts that no property reads
 * which is asked about and not broken yet are forgotten, which leaves far fewer states.
 *
 *   Never      no state of the abstraction breaks the property, so no real system does
 *   Sometimes  there is a run of the model that breaks it
 *   Unknown    the abstraction breaks it, and no such run was found; or the search hit a bound; or
 *              the abstraction says nothing of this property
 */
#ifndef HS_SETTLE_H
#define HS_SETTLE_H

#include "concrete.h"

/* A run of the model, in its small world. */
struct hs_finding {
    struct hs_variant world;
    struct hs_run *run;
};

struct hs_settled {
    bool complete;                      /* the sweep saw everything that it had to */
    enum hs_search_end end;             /* why not, or why a run was not looked for to the end */
    uint32_t count;                     /* states that it saw */
    uint64_t taken;                     /* steps */
    uint32_t flags;                     /* bit hs_property: the abstraction breaks it */
    uint8_t verdict[HS_PROPERTY_COUNT]; /* enum hs_verdict; of those asked about */
    struct hs_trace *trace[HS_PROPERTY_COUNT];     /* how the abstraction breaks it, or NULL */
    struct hs_finding *finding[HS_PROPERTY_COUNT]; /* a run that breaks it, or NULL; several
                                                      properties may share one */
};

/* Is the property one that the abstraction says something of? */
bool hs_proof_covers(unsigned property);

/*
 * Settle the properties in `asked` (bit hs_property) for `variant`, which must outlive the result.
 * Where `runs` has the property's bit, a run is looked for; otherwise what the abstraction breaks
 * is Unknown.  After `most` states, unless it is 0, the sweep gives up.  Without that bound, where
 * clauses make the sweep too large, they get one of their own.  Looking for runs may take as long
 * again as the time-out.  The result is to be closed.
 */
void hs_settle(const struct hs_variant *variant, uint32_t asked, uint32_t runs, uint32_t most,
    const struct hs_search_options *options, struct hs_settled *settled);
void hs_settled_close(struct hs_settled *settled);

/* The abstraction with all the monitors' ghosts forgotten: the same flags of the properties that
 * are not clauses can be reached. */
struct hs_graph hs_plain_graph(const struct hs_abstraction *abstraction);

/* The seconds that are left until `until`, as a time-out; 0, which is none, if `until` is 0. */
double hs_time_left(double until);
/* When a time-out that begins now is over; 0 if there is none. */
double hs_time_out(double seconds);

#endif
