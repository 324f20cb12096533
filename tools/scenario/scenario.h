/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A scenario: a question with its answer, read from a YAML file (spec/scenario.md,
 * scenario.schema.json).
 */
#ifndef HS_SCENARIO_H
#define HS_SCENARIO_H

#include "error.h"
#include "kind_set.h"
#include "world.h"

#include <stdbool.h>

enum {
    HS_FILE_SIZE_MAX = 1 << 20,
    HS_SCHEDULE_MAX = 4096,
    HS_VARY_MAX = 8,
    HS_VARIANTS_MAX = 1024
};

/* One entry of the schedule. */
struct hs_entry {
    bool is_gap;    /* `...`: the actors' duties, until the next step is enabled */
    bool is_finish; /* `finish`, the last: everything that is left, in one order */
    struct hs_step step;
    unsigned line;
    unsigned column;
};

enum hs_verdict {
    HS_VERDICT_NONE, /* not asked for */
    HS_NEVER,        /* in no run of any size: proved */
    HS_NONE_WITHIN,  /* in no run within the limits that were searched */
    HS_SOMETIMES,    /* in a run that is shown */
    HS_ALWAYS,       /* in every run within the limits that ends */
    HS_UNKNOWN,
    HS_VERDICT_COUNT
};
extern const char *const hs_verdict_names[HS_VERDICT_COUNT]; /* Never, None-within, ... */

/* One thing that a family varies: a rule, or a size. */
struct hs_vary {
    const char *name;
    bool is_rule;
    unsigned index; /* enum hs_rule, or the index of the size */
    unsigned count;
    uint8_t values[HS_LOG_CHUNK_MAX];
};

/* What a replay should find, for the variants that `when` describes. */
struct hs_expected_run {
    uint32_t broken;       /* bit hs_property: exactly these; none is written `safe` */
    bool unfinished;       /* nothing is broken, and the run does not end: written so */
    unsigned line;         /* where it stands */
    int when[HS_VARY_MAX]; /* index of the value of each vary, or -1: any */
};

struct hs_scenario {
    char *path;
    char *name;
    unsigned name_line; /* where it stands */
    unsigned name_column;
    char *question;
    char **clauses;
    unsigned clause_count;
    char **sources;
    unsigned source_count;
    const struct hs_preset *guest; /* or NULL: the default rules */
    const struct hs_preset *host;
    struct hs_config config; /* as it stands without vary */
    uint32_t automatic;      /* bit hs_actor: its duties may be left out of the schedule */
    struct hs_entry *schedule;
    unsigned schedule_length; /* 0: none */
    struct hs_expected_run *expected_runs;
    unsigned expected_run_count;               /* 0: nothing is expected */
    uint8_t expect_explore[HS_PROPERTY_COUNT]; /* enum hs_verdict */
    uint8_t expect_prove[HS_PROPERTY_COUNT];
    unsigned explore_line[HS_PROPERTY_COUNT]; /* where each stands; 0: nothing is expected */
    unsigned prove_line[HS_PROPERTY_COUNT];
    struct hs_kind_set cover;       /* steps that are to be taken */
    bool protection[HS_RULE_COUNT]; /* the answer rests on these rules */
    char *twin;                     /* the scenario that differs in one rule, or NULL */
    struct hs_vary vary[HS_VARY_MAX];
    unsigned vary_count;
};

/* One member of a family; a scenario without `vary` has one. */
struct hs_variant {
    const struct hs_scenario *scenario;
    char name[256]; /* the scenario's name, then [rule=value,...] for a family */
    struct hs_config config;
    bool has_expected_run;
    uint32_t expected_broken;
    bool expected_unfinished;
    unsigned expected_line; /* of the file; 0: no run is expected */
};

/* Read the scenario at `path`.  Returns NULL and fills `error` if there is anything wrong with it.
 */
struct hs_scenario *hs_scenario_load(const char *path, struct hs_error *error);
void hs_scenario_free(struct hs_scenario *scenario);

/* Is the scenario named as its file, without the ending?  False, with `error`, if not. */
bool hs_scenario_check_name(const struct hs_scenario *scenario, struct hs_error *error);
/* Is the YAML file at `path` meant to be a scenario: has it a key `question`, `guest`, `host`,
 * `schedule` or `expect`?  Yes, too, if it cannot be read, since nobody knows then. */
bool hs_scenario_is_one(const char *path);

unsigned hs_scenario_variant_count(const struct hs_scenario *scenario);
/* The variant `index`.  False, with `error`, if its sizes do not fit together. */
bool hs_scenario_variant(const struct hs_scenario *scenario, unsigned index,
    struct hs_variant *variant, struct hs_error *error);

/* The rules as the scenario's presets set them, without the rules that it states itself. */
struct hs_rules hs_scenario_preset_rules(const struct hs_scenario *scenario);

/* A hash of everything that decides the outcome: rules, sizes and schedule. */
uint64_t hs_variant_hash(const struct hs_variant *variant);

#endif
