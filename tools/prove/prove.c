/* From a sweep of the abstraction to verdicts. */
#include "prove.h"

#include <stdlib.h>
#include <string.h>

bool hs_proof_covers(unsigned property)
{
    /* Whether a state has a way out is not preserved by allowing more steps. */
    return property != HS_PAGE_STUCK && property != HS_GUEST_STALLED;
}

/* Let the run serve every property that it breaks and that has none yet. */
static void share(struct hs_proof *proof, struct hs_finding *finding)
{
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (finding->run->broken >> i & 1u && hs_proof_covers(i) && !proof->finding[i]) {
            proof->finding[i] = finding;
            proof->verdict[i] = HS_SOMETIMES;
        }
    }
}

static void look_for_run(struct hs_proof *proof, unsigned property, size_t memory)
{
    struct hs_finding *finding = hs_must(calloc(1, sizeof(*finding)));
    finding->run = hs_concrete_run(proof->variant, proof->trace[property],
        (enum hs_property)property, memory, &finding->world);
    if (finding->run)
        share(proof, finding);
    else
        free(finding);
}

static void judge(struct hs_proof *proof, unsigned property)
{
    proof->verdict[property] = HS_UNKNOWN;
    if (!hs_proof_covers(property))
        return;
    if (!(proof->sweep.flags >> property & 1u)) {
        if (proof->sweep.complete)
            proof->verdict[property] = HS_NEVER;
        return;
    }
    struct hs_trace *trace = hs_must(malloc(sizeof(*trace)));
    if (hs_sweep_trace(&proof->sweep, property, trace))
        proof->trace[property] = trace;
    else
        free(trace);
}

void hs_prove(const struct hs_variant *variant, uint32_t wanted,
    const struct hs_search_options *options, struct hs_proof *proof)
{
    union hs_abstract_state start;
    memset(proof, 0, sizeof(*proof));
    proof->variant = variant;
    proof->wanted = wanted;
    hs_abstraction_set(&proof->abstraction, &variant->config);
    hs_abstract_start(&proof->abstraction, &start);
    struct hs_graph graph = hs_abstract_graph(&proof->abstraction);
    hs_sweep_run(&graph, &start, options, &proof->sweep);
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++)
        judge(proof, i);
    enum { GUIDED_MEMORY = 96 << 20 }; /* a few million states for each attempt */
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (wanted >> i & 1u && proof->trace[i] && !proof->finding[i])
            look_for_run(proof, i, GUIDED_MEMORY);
    }
}

void hs_proof_close(struct hs_proof *proof)
{
    hs_sweep_close(&proof->sweep);
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        struct hs_finding *finding = proof->finding[i];
        free(proof->trace[i]);
        for (unsigned j = i; finding && j < HS_PROPERTY_COUNT; j++) {
            if (proof->finding[j] == finding)
                proof->finding[j] = NULL;
        }
        if (finding)
            hs_run_free(finding->run);
        free(finding);
    }
}
