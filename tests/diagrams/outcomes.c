/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What every preset makes of every schedule: which scenarios tell which presets apart.
 *
 *   outcomes FOLDER
 *
 * In each member of each scenario below FOLDER that has a schedule each guest stands once in place
 * of the scenario's, and then each host.  A rule of that side that the scenario states itself stays
 * if no preset says anything of it, as poison: what a preset says is the preset's.  A preset
 * without hints has no free_page_vq.  One line for each, its words with tabs between them:
 *
 *   outcome SIDE MEMBER PATH OWN PRESET OUTCOME   OWN is the scenario's preset, or -; OUTCOME what
 *                                                 breaks, safe, unfinished, or refused
 *   alike SIDE MEMBER PRESET PRESET               their outcomes differ, but the run of one is a
 *                                                 run of the other as well, with the same end: only
 *                                                 how gaps are filled in tells them apart
 */
#include "presets.h"
#include "replay.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FAILED = 1, MISUSED = 2, PRESETS_MAX = 64, RUNS_MIN = 5000 };

/* One preset in one member of a scenario. */
struct cast {
    const struct hs_preset *preset;
    struct hs_variant variant; /* the member, with the preset's rules */
    struct hs_run *run;        /* NULL: refused */
};

/* Does any preset say something of this rule? */
static bool preset_says[HS_RULE_COUNT];

static void look_what_presets_say(void)
{
    for (unsigned i = 0; i < hs_preset_count; i++) {
        for (unsigned v = 0; v < hs_presets[i].count; v++)
            preset_says[hs_presets[i].values[v].rule] = true;
    }
}

static void put_in_place(struct cast *cast, const struct hs_variant *member)
{
    cast->variant = *member;
    struct hs_config *config = &cast->variant.config;
    hs_rules_apply_preset(&config->rules, cast->preset);
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        if (!preset_says[r])
            config->rules.value[r] = member->config.rules.value[r];
    }
    if (cast->preset->without_hints)
        config->queue_size[HS_QUEUE_FREE_PAGE] = 0;
    const char *wrong = hs_config_finish(config);
    assert(!wrong);
    (void)wrong;
}

/* ---- what differs ---------------------------------------------------------------------------- */

static bool same_end(const struct hs_run *a, const struct hs_run *b)
{
    return a->broken == b->broken && a->unknown == b->unknown && a->end == b->end;
}

/* Is the run one that the other cast can play, step by step, to the same end?  Without limits, as
 * it was played. */
static bool plays_as_well(const struct hs_run *run, const struct cast *other)
{
    union hs_state_buffer buffer;
    struct hs_config config = other->variant.config;
    struct hs_world w = {&config, &buffer.state};
    struct hs_step *steps = hs_must(calloc(run->length + 1, sizeof(*steps)));
    unsigned taken = 0;
    bool same = false;
    memcpy(config.limits, run->config.limits, sizeof(config.limits));
    hs_world_init(w);
    for (; taken < run->length && hs_world_enabled(w, run->moments[taken].step, NULL); taken++) {
        steps[taken] = run->moments[taken].step;
        hs_world_take(w, steps[taken]);
    }
    if (taken == run->length) {
        struct hs_run *again = hs_run_follow(&other->variant, steps, taken);
        same = same_end(run, again);
        hs_run_free(again);
    }
    free(steps);
    return same;
}

static bool differ_in_outcome(const struct cast *a, const struct cast *b)
{
    return a->run && b->run ? !same_end(a->run, b->run) : a->run || b->run;
}

static bool are_alike(const struct cast *a, const struct cast *b)
{
    return (a->run && plays_as_well(a->run, b)) || (b->run && plays_as_well(b->run, a));
}

/* ---- printing -------------------------------------------------------------------------------- */

static const char *const side_names[HS_SIDE_COUNT] = {"guest", "host"};

static void print_outcome(const struct hs_run *run)
{
    if (!run) {
        printf("refused\n");
        return;
    }
    const char *joint = "";
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (run->broken >> i & 1u) {
            printf("%s%s", joint, hs_property_rows[i].name);
            joint = ", ";
        }
    }
    if (run->unknown)
        printf("%sunknown", joint);
    else if (!run->broken)
        printf("%s", run->end == HS_RUN_UNFINISHED ? "unfinished" : "safe");
    else if (run->end == HS_RUN_UNFINISHED)
        printf("%sunfinished", joint);
    printf("\n");
}

static void print_casts(const struct cast *casts, unsigned count, const struct hs_variant *member)
{
    const struct hs_scenario *scenario = member->scenario;
    for (unsigned i = 0; i < count; i++) {
        enum hs_side side = casts[i].preset->side;
        const struct hs_preset *own = side == HS_SIDE_GUEST ? scenario->guest : scenario->host;
        printf("outcome\t%s\t%s\t%s\t%s\t%s\t", side_names[side], member->name, scenario->path,
            own ? own->name : "-", casts[i].preset->name);
        print_outcome(casts[i].run);
        for (unsigned j = 0; j < i; j++) {
            if (differ_in_outcome(&casts[j], &casts[i]) && are_alike(&casts[j], &casts[i]))
                printf("alike\t%s\t%s\t%s\t%s\n", side_names[side], member->name,
                    casts[j].preset->name, casts[i].preset->name);
        }
    }
}

/* ---- all of them ----------------------------------------------------------------------------- */

static unsigned play(const struct hs_variant *member, enum hs_side side)
{
    static struct cast casts[PRESETS_MAX];
    struct hs_error refusal;
    unsigned count = 0;
    for (unsigned i = 0; i < hs_preset_count; i++) {
        if (hs_presets[i].side != side)
            continue;
        assert(count < PRESETS_MAX);
        struct cast *cast = &casts[count++];
        cast->preset = &hs_presets[i];
        put_in_place(cast, member);
        cast->run = hs_replay(&cast->variant, &refusal);
    }
    print_casts(casts, count, member);
    for (unsigned i = 0; i < count; i++)
        hs_run_free(casts[i].run);
    return count;
}

/* How many runs were tried, or none if there is anything wrong with the scenario. */
static unsigned play_scenario(const char *path)
{
    struct hs_error error;
    struct hs_variant member;
    unsigned runs = 0;
    struct hs_scenario *scenario = hs_scenario_load(path, &error);
    bool good = scenario != NULL;
    unsigned members = good ? hs_scenario_variant_count(scenario) : 0;
    for (unsigned i = 0; good && i < members; i++) {
        good = hs_scenario_variant(scenario, i, &member, &error);
        for (unsigned side = 0; good && scenario->schedule_length && side < HS_SIDE_COUNT; side++)
            runs += play(&member, (enum hs_side)side);
    }
    hs_scenario_free(scenario);
    if (!good) {
        fprintf(stderr, "%s\n", error.text);
        exit(FAILED);
    }
    return runs;
}

int main(int argc, char **argv)
{
    static const char *const patterns[] = {"*.yaml", "*/*.yaml", "*/*/*.yaml"};
    glob_t found = {0};
    unsigned runs = 0;
    if (argc != 2) {
        fprintf(stderr, "usage: outcomes FOLDER\n");
        return MISUSED;
    }
    look_what_presets_say();
    for (unsigned i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        char pattern[1000];
        snprintf(pattern, sizeof(pattern), "%s/%s", argv[1], patterns[i]);
        glob(pattern, i ? GLOB_APPEND : 0, NULL, &found);
    }
    for (size_t f = 0; f < found.gl_pathc; f++)
        runs += play_scenario(found.gl_pathv[f]);
    globfree(&found);
    return runs < RUNS_MIN ? FAILED : 0; /* fewer, and this looked at less than it should */
}
