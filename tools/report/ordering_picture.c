/* SPDX-License-Identifier: BSD-3-Clause */
/* The frontier of the lattice: the minimal sets, and under each what it takes to break it. */
#include "ordering_report.h"

#include "text.h"

#include <gvc.h>
#include <stdlib.h>
#include <string.h>

/* Graphviz takes attribute names and values as char *, and copies them. */
static char *loose(const char *text)
{
    return (char *)(uintptr_t)text;
}

static void set(void *object, const char *name, const char *value)
{
    agsafeset(object, loose(name), loose(value), loose(""));
}

/* The names of nodes are counted: contexts, sets, and what is dropped, all together. */
struct frontier {
    Agraph_t *graph;
    unsigned nodes;
};

/* A box with the label, which is used up. */
static Agnode_t *add_box(
    struct frontier *frontier, struct hs_text *label, const char *fill, const char *border)
{
    char name[16];
    snprintf(name, sizeof(name), "n%u", frontier->nodes++);
    Agnode_t *box = hs_must(agnode(frontier->graph, name, 1));
    set(box, "label", hs_text_string(label));
    hs_text_free(label);
    set(box, "fillcolor", fill);
    set(box, "color", border);
    return box;
}

static void connect(struct frontier *frontier, Agnode_t *from, Agnode_t *to)
{
    hs_must(agedge(frontier->graph, from, to, loose(""), 1));
}

/* The ways to weaken a set that have this verdict: one box, a line for each. */
static void add_dropped(struct frontier *frontier, const struct hs_context_sets *sets, unsigned set,
    enum hs_verdict verdict, Agnode_t *set_box)
{
    struct hs_text label = {0};
    unsigned ways = 0;
    hs_text_add(&label, "%s, with any of\\l", hs_verdict_names[verdict]);
    for (unsigned d = sets->first_dropped[set]; d < sets->first_dropped[set + 1]; d++) {
        const struct hs_dropped *dropped = &sets->dropped[d];
        if (hs_dropped_verdict(dropped) != verdict)
            continue;
        hs_dropped_add(sets, dropped, &label);
        hs_text_add(&label, "\\l");
        ways++;
    }
    if (!ways) {
        hs_text_free(&label);
        return;
    }
    const char *fill = verdict == HS_SOMETIMES ? "#F9D9D3" : "#F3EBCB";
    const char *border = verdict == HS_SOMETIMES ? "#B8402A" : "#A08A2C";
    connect(frontier, set_box, add_box(frontier, &label, fill, border));
}

/* With which other settings it is another verdict. */
static void add_elsewhere(const struct hs_context_sets *sets, unsigned set, struct hs_text *label)
{
    const struct hs_elsewhere *elsewhere = &sets->elsewhere[set];
    if (elsewhere->breaks) {
        hs_text_add(label, "but not with\\l");
        hs_elsewhere_add(sets->ordering, elsewhere->breaks, "\\l", label);
        hs_text_add(label, "\\l");
    }
    if (elsewhere->unknown) {
        hs_text_add(label, "not known with\\l");
        hs_elsewhere_add(sets->ordering, elsewhere->unknown, "\\l", label);
        hs_text_add(label, "\\l");
    }
}

static void add_sets(
    struct frontier *frontier, const struct hs_context_sets *sets, Agnode_t *context)
{
    for (unsigned s = 0; s < sets->lattice.minimal_count; s++) {
        struct hs_text label = {0};
        hs_text_add(&label, "Never, with all of\\l");
        hs_set_add(sets, s, "\\l", &label);
        hs_text_add(&label, "\\l");
        add_elsewhere(sets, s, &label);
        Agnode_t *box = add_box(frontier, &label, "#DCEFE0", "#5B9A6B");
        connect(frontier, context, box);
        add_dropped(frontier, sets, s, HS_SOMETIMES, box);
        add_dropped(frontier, sets, s, HS_UNKNOWN, box);
    }
    if (!sets->lattice.minimal_count) {
        struct hs_text label = {0};
        hs_text_add(&label, "no set suffices");
        connect(frontier, context, add_box(frontier, &label, "#F3EBCB", "#A08A2C"));
    }
}

static void add_context(struct frontier *frontier, const struct hs_context_sets *sets)
{
    struct hs_text label = {0};
    hs_context_add(sets, "\\n", &label);
    Agnode_t *box = add_box(frontier, &label, "#E6EEF7", "#2F5D8A");
    add_sets(frontier, sets, box);
}

/* What every set rests on. */
static void add_held_fixed(struct frontier *frontier, const struct hs_ordering *ordering)
{
    struct hs_text label = {0};
    hs_text_add(&label, "settings\\l");
    hs_settings_add(ordering, "\\l", &label);
    hs_text_add(&label, "\\lheld fixed\\l");
    hs_held_fixed_add(ordering, "\\l", &label);
    hs_text_add(&label, "\\l");
    add_box(frontier, &label, "#FFFFFF", "#444444");
}

static void begin(struct frontier *frontier)
{
    static const char *const names[] = {"shape", "style", "fillcolor", "color", "fontname"};
    static const char *const values[] = {"box", "filled", "#FFFFFF", "#444444", "DejaVu Sans"};
    frontier->graph = hs_must(agopen(loose("frontier"), Agdirected, NULL));
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        agattr(frontier->graph, AGNODE, loose(names[i]), loose(values[i]));
    agattr(frontier->graph, AGRAPH, loose("rankdir"), loose("LR"));
    agattr(frontier->graph, AGRAPH, loose("ranksep"), loose("1.2"));
}

bool hs_ordering_print_svg(const struct hs_ordering *ordering, FILE *out, struct hs_error *error)
{
    char *data = NULL;
    unsigned length = 0;
    struct frontier frontier = {0};
    GVC_t *context = hs_must(gvContext());
    begin(&frontier);
    add_held_fixed(&frontier, ordering);
    for (unsigned i = 0; i < ordering->context_count; i++)
        add_context(&frontier, &ordering->contexts[i]);
    bool laid_out = gvLayout(context, frontier.graph, "dot") == 0;
    bool good = laid_out && gvRenderData(context, frontier.graph, "svg", &data, &length) == 0;
    if (good)
        fwrite(data, 1, length, out);
    else
        hs_fail(error, "Graphviz cannot draw the frontier");
    gvFreeRenderData(data);
    if (laid_out)
        gvFreeLayout(context, frontier.graph);
    agclose(frontier.graph);
    gvFreeContext(context);
    return good;
}
