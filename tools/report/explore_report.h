/* What `hintsim explore` finds and says. */
#ifndef HS_EXPLORE_REPORT_H
#define HS_EXPLORE_REPORT_H

#include "run_report.h"
#include "witness_report.h"
#include "world_graph.h"

/* By enum hs_search_end: how reports name it. */
extern const char *const hs_search_end_names[];

/* A finished exploration: the verdict of each property, and the runs that show it. */
struct hs_exploration {
    const struct hs_variant *variant;
    struct hs_reduction reduction;
    struct hs_search search;
    uint64_t not_known; /* bit hs_step_kind: of the slice, whether it can be taken is not known */
    uint64_t fired; /* bit hs_step_kind: taken by some order; of the slice, with what is covered */
    unsigned threads;
    uint8_t verdict[HS_PROPERTY_COUNT];   /* enum hs_verdict */
    uint64_t positive[HS_PROPERTY_COUNT]; /* different ends, or states for page-stuck and
                                             guest-stalled */
    uint64_t negative[HS_PROPERTY_COUNT];
    struct hs_shown shown;
};

/* How to explore. */
struct hs_plan {
    struct hs_search_options search;
    struct hs_reduction reduction; /* without a config; with the slice, `properties` is what is
                                      asked for, and the others stay Unknown */
    struct hs_wish wish;
};

/*
 * Explore every interleaving of `variant` within its limits, and find the runs that are wished for.
 * The exploration refers to the variant and is to be closed.
 */
void hs_explore(const struct hs_variant *variant, const struct hs_plan *plan,
    struct hs_exploration *exploration);
void hs_exploration_close(struct hs_exploration *exploration);

/* Does the scenario expect anything of an exploration? */
bool hs_expects_exploration(const struct hs_scenario *scenario);

/* Is what the scenario expects of an exploration what was found?  A search that hit a bound is
 * never a pass; without an expectation nothing may break. */
enum hs_answer hs_exploration_answer(const struct hs_exploration *exploration);

void hs_exploration_print(const struct hs_exploration *exploration, FILE *out);
/* One JSON object (tools/report/explore.schema.json); the caller owns it. */
json_t *hs_exploration_json(const struct hs_exploration *exploration);

#endif
