/* SPDX-License-Identifier: BSD-3-Clause */
/* Explorations: text and JSON. */
#include "explore_report.h"

#include "in_play_report.h"
#include "text.h"
#include "witness_report.h"

#include <inttypes.h>
#include <string.h>

const char *const hs_search_end_names[] = {
    [HS_SEARCH_COMPLETE] = "complete",
    [HS_SEARCH_OUT_OF_MEMORY] = "memory",
    [HS_SEARCH_TIMED_OUT] = "time",
    [HS_SEARCH_INTERRUPTED] = "interrupted",
    [HS_SEARCH_ENOUGH] = "enough",
};

/* ---- text ------------------------------------------------------------------------------------ */

/* The steps that are in the set, or that are not, wrapped under a title. */
static void print_kinds(const char *title, const struct hs_kind_set *kinds, bool in, FILE *out)
{
    struct hs_text list = {0};
    for (unsigned kind = 0; kind < HS_STEP_KIND_COUNT; kind++) {
        if (hs_kind_set_has(kinds, kind) == in)
            hs_text_item(&list, ", ", "%s", hs_step_rows[kind].name);
    }
    fprintf(out, "%s:\n", title);
    hs_text_add(&list, "%s", list.length ? "" : "none");
    hs_text_print(&list, 2, out);
}

static void print_cover(const struct hs_exploration *exploration, FILE *out)
{
    const struct hs_kind_set *asked = &exploration->variant->scenario->cover;
    struct hs_kind_set missing = *asked;
    struct hs_kind_set taken = *asked;
    if (hs_kind_set_is_empty(asked))
        return;
    hs_kind_set_drop_all(&missing, &exploration->fired);
    hs_kind_set_drop_all(&taken, &missing);
    print_kinds("cover, taken by some order", &taken, true, out);
    for (unsigned kind = 0; kind < HS_STEP_KIND_COUNT; kind++) {
        if (!hs_kind_set_has(&missing, kind))
            continue;
        const char *how = hs_exploration_never_takes(exploration, kind) ? "was never taken"
                          : hs_kind_set_has(&exploration->not_known, kind)
                              ? "can be taken or not: not known"
                              : "was not taken so far";
        fprintf(out, "cover: %s %s\n", hs_step_rows[kind].name, how);
    }
}

/* Of the slice, which does without many steps, it is not known which can be taken. */
static void print_asked(const struct hs_exploration *exploration, FILE *out)
{
    fputs("asked for alone, without what it cannot see:\n", out);
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (exploration->reduction.properties >> i & 1u)
            fprintf(out, "  %s\n", hs_property_rows[i].name);
    }
}

static void print_figures(const struct hs_exploration *exploration, FILE *out)
{
    const struct hs_search *search = &exploration->search;
    struct hs_reduction reduction = exploration->reduction;
    bool reduces = reduction.dead_values || reduction.symmetry || reduction.partial_order;
    struct hs_text limits = {0};
    hs_limits_add(&exploration->variant->config, &limits);
    fprintf(out, "limits: %s\n", limits.length ? hs_text_string(&limits) : "all 0");
    hs_text_free(&limits);
    hs_not_in_play_print(&exploration->variant->config, out);
    hs_no_questions_print(&exploration->variant->config, out);
    fprintf(out, "reductions:");
    for (unsigned i = 0; i < HS_REDUCTION_COUNT; i++) {
        if (*hs_reduction_switch(&reduction, i))
            fprintf(out, " %s", hs_reduction_names[i]);
    }
    fprintf(out, "%s\nstates: %" PRIu64 " distinct, %" PRIu64 " generated, depth %u\n",
        reduces ? "" : " none", search->distinct, search->generated, search->depth);
    fprintf(out, "ends:   %" PRIu64 " different states in which a run ends\n", search->ends);
    if (!hs_exploration_is_complete(exploration))
        fprintf(out, "NOT COMPLETE: %s; %" PRIu64 " states were waiting\n",
            hs_search_end_names[search->end], search->waiting);
}

/* ---- beyond the limits ----------------------------------------------------------------------- */

static const char *const beyond_words[HS_BEYOND_COUNT] = {
    [HS_BEYOND_NOT_ASKED] = "not-asked",
    [HS_BEYOND_PROVED] = "proved",
    [HS_BEYOND_BROKEN] = "broken",
    [HS_BEYOND_NOT_KNOWN] = "not-known",
};

/* The properties of which that is known; under a title, if there are any. */
static void print_beyond_list(
    const struct hs_exploration *exploration, enum hs_beyond beyond, const char *title, FILE *out)
{
    struct hs_text list = {0};
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (exploration->beyond[i] == beyond)
            hs_text_item(&list, ", ", "%s", hs_property_rows[i].name);
    }
    if (!list.length)
        return;
    fprintf(out, "  %s\n", title);
    hs_text_print(&list, 4, out);
}

/* A command that decides a property for all sizes; a member of a family is named. */
static void print_command(const struct hs_exploration *exploration, unsigned property, FILE *out)
{
    const struct hs_variant *variant = exploration->variant;
    const char *member = strchr(variant->name, '[');
    fprintf(out, "    hintsim prove -p %s", hs_property_rows[property].name);
    if (member)
        fprintf(out, " --variant '%.*s'", (int)strcspn(member + 1, "]"), member + 1);
    fprintf(out, " %s\n", variant->scenario->path);
}

static void print_beyond(const struct hs_exploration *exploration, FILE *out)
{
    bool any = false;
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++)
        any = any || exploration->beyond[i] != HS_BEYOND_NOT_ASKED;
    if (!any)
        return;
    struct hs_text scope = {0};
    hs_text_add(&scope, "beyond these limits, ");
    hs_any_number_add(&exploration->variant->config, &scope);
    hs_text_add(&scope, ":");
    fputc('\n', out);
    hs_text_print(&scope, 0, out);
    print_beyond_list(exploration, HS_BEYOND_PROVED, "not broken, by a proof:", out);
    print_beyond_list(exploration, HS_BEYOND_BROKEN, "BROKEN IN A LARGER WORLD, shown by:", out);
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (exploration->beyond[i] == HS_BEYOND_BROKEN)
            print_command(exploration, i, out);
    }
    print_beyond_list(exploration, HS_BEYOND_NOT_KNOWN,
        "not known after a short search; hintsim prove looks longer:", out);
}

static bool is_bounded(unsigned verdict)
{
    return verdict == HS_NONE_WITHIN || verdict == HS_ALWAYS;
}

void hs_exploration_print(const struct hs_exploration *exploration, FILE *out)
{
    const struct hs_variant *variant = exploration->variant;
    hs_header_print(variant, out);
    print_figures(exploration, out);
    if (exploration->reduction.slice)
        print_asked(exploration, out);
    else
        print_kinds(hs_exploration_is_complete(exploration) ? "steps that never fired"
                                                            : "steps not taken so far",
            &exploration->fired, false, out);
    print_cover(exploration, out);
    hs_shown_print(&exploration->shown, out);
    print_beyond(exploration, out);
    fputc('\n', out);
    struct hs_text bounds = {0};
    hs_text_add(&bounds, " ");
    hs_bounds_add(&variant->config, &bounds);
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (hs_config_asks(&variant->config, (enum hs_property)i))
            fprintf(out, "Observation %s %s %s %" PRIu64 " %" PRIu64 "%s\n", variant->name,
                hs_property_rows[i].name, hs_verdict_names[exploration->verdict[i]],
                exploration->positive[i], exploration->negative[i],
                is_bounded(exploration->verdict[i]) ? hs_text_string(&bounds) : "");
    }
    hs_text_free(&bounds);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static json_t *observations(const struct hs_exploration *exploration)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (!hs_config_asks(&exploration->variant->config, (enum hs_property)i))
            continue;
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:I, s:I, s:s}", "property", hs_property_rows[i].name,
                      "verdict", hs_verdict_names[exploration->verdict[i]], "positive",
                      (json_int_t)exploration->positive[i], "negative",
                      (json_int_t)exploration->negative[i], "beyond",
                      beyond_words[exploration->beyond[i]]));
    }
    return list;
}

static json_t *never_fired(const struct hs_exploration *exploration)
{
    json_t *list = json_array();
    for (unsigned kind = 0; kind < HS_STEP_KIND_COUNT && !exploration->reduction.slice; kind++) {
        if (hs_exploration_never_takes(exploration, kind))
            json_array_append_new(list, json_string(hs_step_rows[kind].name));
    }
    return list;
}

static json_t *cover_json(const struct hs_exploration *exploration)
{
    json_t *list = json_array();
    for (unsigned kind = 0; kind < HS_STEP_KIND_COUNT; kind++) {
        bool taken = hs_kind_set_has(&exploration->fired, kind);
        bool known = taken || hs_exploration_never_takes(exploration, kind);
        if (hs_kind_set_has(&exploration->variant->scenario->cover, kind))
            json_array_append_new(list, json_pack("{s:s, s:o}", "step", hs_step_rows[kind].name,
                                            "taken", known ? json_boolean(taken) : json_null()));
    }
    return list;
}

static json_t *reductions_json(const struct hs_exploration *exploration)
{
    struct hs_reduction reduction = exploration->reduction;
    json_t *list = json_array();
    for (unsigned i = 0; i < HS_REDUCTION_COUNT; i++) {
        if (*hs_reduction_switch(&reduction, i))
            json_array_append_new(list, json_string(hs_reduction_names[i]));
    }
    return list;
}

/* The properties that are asked for alone; none: all are. */
static json_t *only_json(const struct hs_exploration *exploration)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < HS_PROPERTY_COUNT && exploration->reduction.slice; i++) {
        if (exploration->reduction.properties >> i & 1u)
            json_array_append_new(list, json_string(hs_property_rows[i].name));
    }
    return list;
}

json_t *hs_exploration_json(const struct hs_exploration *exploration)
{
    const struct hs_search *search = &exploration->search;
    char hash[20];
    snprintf(hash, sizeof(hash), "%016" PRIx64, hs_variant_hash(exploration->variant));
    json_t *json = json_pack(
        "{s:s, s:s, s:s, s:I, s:o, s:o, s:o, s:I, s:I, s:I, s:i, s:o, s:o, s:o, s:o, s:o, s:s}",
        "name", exploration->variant->name, "hash", hash, "search",
        hs_search_end_names[search->end], "waiting", (json_int_t)search->waiting, "limits",
        hs_limits_json(&exploration->variant->config), "reductions", reductions_json(exploration),
        "only", only_json(exploration), "distinct", (json_int_t)search->distinct, "generated",
        (json_int_t)search->generated, "ends", (json_int_t)search->ends, "depth",
        (int)search->depth, "never_fired", never_fired(exploration), "cover",
        cover_json(exploration), "witnesses", hs_shown_witnesses_json(&exploration->shown),
        "example", hs_shown_example_json(&exploration->shown), "observations",
        observations(exploration), "answer", hs_answer_names[hs_exploration_answer(exploration)]);
    hs_header_json(exploration->variant, json);
    return json;
}
