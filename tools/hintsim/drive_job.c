/* SPDX-License-Identifier: BSD-3-Clause */
/* From a scenario to what is driven. */
#include "drive_job.h"

#include "page.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- the world as libhintmodel is told ------------------------------------------------------ */

__attribute__((format(printf, 3, 4))) static void set(
    struct hs_job *job, const char *name, const char *format, ...)
{
    assert(job->setting_count < HS_SETTINGS_MAX);
    struct hs_setting *setting = &job->settings[job->setting_count++];
    struct hs_text value = hs_text_in(setting->value, sizeof(setting->value));
    setting->name = name;
    va_list arguments;
    va_start(arguments, format);
    hs_text_addv(&value, format, arguments);
    va_end(arguments);
    assert(!value.is_cut);
}

static void set_rules(struct hs_job *job, const struct hs_rules *rules)
{
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        char number[HS_RULE_NUMBER_SIZE];
        set(job, hs_rule_rows[r].name, "%s",
            hs_rule_value_name((enum hs_rule)r, rules->value[r], number));
    }
}

static void set_sizes(struct hs_job *job, const struct hs_config *config)
{
    set(job, "pages", "%u", config->pages);
    set(job, "max-order", "%u", config->max_order);
    set(job, "hint-order", "%u", config->hint_order);
    set(job, "report-order", "%u", config->report_order);
    set(job, "report-batch", "%u", config->report_batch);
    set(job, "free_page_vq", "%u", config->queue_size[HS_QUEUE_FREE_PAGE]);
    set(job, "reporting_vq", "%u", config->queue_size[HS_QUEUE_REPORTING]);
    set(job, "inflateq", "%u", config->queue_size[HS_QUEUE_INFLATE]);
    set(job, "deflateq", "%u", config->queue_size[HS_QUEUE_DEFLATE]);
    set(job, "policy", "%s", config->policy == HS_POLICY_LIFO ? "lifo" : "any");
    set(job, "postcopy", "%s", config->postcopy ? "on" : "off");
    set(job, "free", "0x%" PRIx64, config->free_at_start);
}

static const char *const *steps_of(const struct hs_run *run)
{
    enum { STEP_SIZE = 64 };
    char **steps = (char **)hs_must(calloc(run->length + 1, sizeof(*steps)));
    for (unsigned i = 0; i < run->length; i++) {
        steps[i] = (char *)hs_must(malloc(STEP_SIZE));
        hs_step_write(run->moments[i].step, steps[i], STEP_SIZE);
    }
    return (const char *const *)steps;
}

struct hs_job *hs_job_of_world(const struct hs_config *config)
{
    assert(config);
    struct hs_job *job = (struct hs_job *)hs_must(calloc(1, sizeof(*job)));
    set_rules(job, &config->rules);
    set_sizes(job, config);
    job->pages = config->pages;
    job->block_pages = 1u << config->max_order;
    job->hint_pages = 1u << config->hint_order;
    job->queue_size[HS_VQ_FREE_PAGE] = config->queue_size[HS_QUEUE_FREE_PAGE];
    job->queue_size[HS_VQ_REPORTING] = config->queue_size[HS_QUEUE_REPORTING];
    job->queue_size[HS_VQ_INFLATE] = config->queue_size[HS_QUEUE_INFLATE];
    job->queue_size[HS_VQ_DEFLATE] = config->queue_size[HS_QUEUE_DEFLATE];
    job->word_is_shared = hs_rules_command_word(&config->rules) == HS_WORD_SHARED;
    job->fills_free_pages = hs_rules_poison(&config->rules) != HS_POISON_OFF;
    job->used_length = hs_rules_used_length(&config->rules) == HS_USED_LENGTH_ONE ? 1 : 0;
    job->may_postcopy = config->postcopy;
    job->syncs_before_stop = hs_rules_sync_before_stop(&config->rules) == HS_ON;
    return job;
}

struct hs_job *hs_job_of(const struct hs_run *run)
{
    assert(run);
    struct hs_job *job = hs_job_of_world(&run->config);
    job->steps = steps_of(run);
    job->step_count = run->length;
    return job;
}

/* A step as a job writes it. */
static struct hs_step step_of(const char *text)
{
    char name[64];
    unsigned page = 0;
    int found = sscanf(text, "%63s %u", name, &page);
    enum hs_step_kind kind = hs_step_find(name);
    assert(found >= 1 && kind != HS_STEP_KIND_COUNT);
    return (struct hs_step){(uint8_t)kind, (uint8_t)page};
}

struct hs_run *hs_run_of(const struct hs_job *job, const struct hs_variant *variant)
{
    assert(job && variant);
    struct hs_step *steps = (struct hs_step *)hs_must(calloc(job->step_count + 1, sizeof(*steps)));
    for (unsigned i = 0; i < job->step_count; i++)
        steps[i] = step_of(job->steps[i]);
    struct hs_run *run = hs_run_follow(variant, steps, job->step_count);
    free(steps);
    return run;
}

void hs_job_free(struct hs_job *job)
{
    assert(job);
    hs_invention_free(job);
    free(job);
}

/* ---- the host ------------------------------------------------------------------------------- */

void hs_plan_fill(struct hs_qemu_plan *plan, const struct hs_version *version, bool has_odd_ram)
{
    assert(plan && version);
    enum { EVEN_RAM = 1280, ODD_RAM = 1288 }; /* KiB: a multiple of 256, and one of 8 */
    plan->ram = has_odd_ram ? ODD_RAM : EVEN_RAM;
    /* before 6.0 a guest that accepted PAGE_POISON cannot be migrated */
    plan->has_poison = version->major >= 6;
    plan->maps_ram = version->major >= 9;
}

void hs_host_replace(struct hs_rules *rules, const struct hs_stand_in *stand_in)
{
    hs_rules_apply_preset(rules, hs_preset_find(HS_SIDE_HOST, stand_in->preset));
    if (stand_in->rule) {
        enum hs_rule rule = hs_rule_find(stand_in->rule);
        rules->value[rule] = (uint8_t)hs_rule_value_find(rule, stand_in->value);
    }
}

/* Is a rule of the host another one here than there, as far as this world reads it?  All pages lie
 * in one chunk of the log if they are no more than a chunk has. */
static bool differs(const struct hs_config *config, const struct hs_rules *there, enum hs_rule rule)
{
    uint8_t here = config->rules.value[rule];
    bool in_one_chunk =
        rule == HS_RULE_LOG_CHUNK && here >= config->pages && there->value[rule] >= config->pages;
    return hs_rule_rows[rule].side == HS_SIDE_HOST && here != there->value[rule] && !in_one_chunk &&
           hs_config_reads(config, rule);
}

/* Name the first rule in which the scenario's host is not this QEMU. */
static bool refuse_host(const struct hs_config *config, const struct hs_stand_in *stand_in,
    enum hs_rule rule, const struct hs_rules *there, struct hs_error *error)
{
    char here_number[HS_RULE_NUMBER_SIZE];
    char there_number[HS_RULE_NUMBER_SIZE];
    return hs_fail(error, "a host that is not this QEMU: %s=%s, where %s has %s",
        hs_rule_rows[rule].name, hs_rule_value_name(rule, config->rules.value[rule], here_number),
        stand_in->preset, hs_rule_value_name(rule, there->value[rule], there_number));
}

bool hs_host_is_this(
    const struct hs_variant *variant, const struct hs_stand_in *stand_in, struct hs_error *error)
{
    assert(variant && error);
    struct hs_rules there = variant->config.rules;
    if (!stand_in)
        return hs_fail(error, "no preset stands for this QEMU");
    hs_host_replace(&there, stand_in);
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        if (differs(&variant->config, &there, (enum hs_rule)r))
            return refuse_host(&variant->config, stand_in, (enum hs_rule)r, &there, error);
    }
    return true;
}

bool hs_host_stands_in(struct hs_scenario *scenario, struct hs_driven *driven, bool as_host,
    bool anyway, struct hs_variant *variant, struct hs_error *error)
{
    assert(scenario && driven && variant && error);
    if (!scenario->schedule_length)
        return hs_fail(error, "no schedule");
    if (as_host && driven->stand_in) {
        scenario->host = hs_preset_find(HS_SIDE_HOST, driven->stand_in->preset);
        hs_host_replace(&scenario->config.rules, driven->stand_in);
    }
    if (!hs_scenario_variant(scenario, 0, variant, error))
        return false;
    driven->is_this_host = hs_host_is_this(variant, driven->stand_in, error);
    return driven->is_this_host || anyway;
}

/* ---- what it does by itself ----------------------------------------------------------------- */

/* A schedule that is written anew. */
struct rewrite {
    struct hs_scenario *scenario;
    struct hs_variant *variant;
    struct hs_entry *old;
    unsigned old_length;
    bool is_possible; /* as far as it goes */
    bool is_stopped;  /* the VM is, and nothing was left to be sent */
};

static void write_entry(struct rewrite *rewrite, struct hs_entry entry)
{
    struct hs_scenario *scenario = rewrite->scenario;
    scenario->schedule = (struct hs_entry *)hs_must(
        realloc(scenario->schedule, (scenario->schedule_length + 1) * sizeof(entry)));
    scenario->schedule[scenario->schedule_length++] = entry;
}

/* A step, where `place` stands. */
static void write_step(
    struct rewrite *rewrite, const struct hs_entry *place, enum hs_step_kind kind, unsigned page)
{
    struct hs_entry entry = *place;
    entry.step = (struct hs_step){(uint8_t)kind, (uint8_t)page};
    write_entry(rewrite, entry);
}

static void write_sync(struct rewrite *rewrite, const struct hs_entry *place)
{
    struct hs_entry gap = *place;
    gap.is_gap = true;
    write_step(rewrite, place, HS_MIGRATION_STOP_HINTS, 0);
    write_entry(rewrite, gap);
    write_step(rewrite, place, HS_MIGRATION_START_HINTS, 0);
}

/* Send the pages that are to be sent behind what is written by now.  Returns how many those are. */
static unsigned write_sends(
    struct rewrite *rewrite, const struct hs_entry *place, struct hs_error *error)
{
    unsigned sent = 0;
    struct hs_run *run = hs_replay(rewrite->variant, error);
    rewrite->is_possible = run;
    for (unsigned p = 0; run && p < run->config.pages; p++) {
        if (!hs_page(hs_run_world(run, run->length), p)->bitmap)
            continue;
        write_step(rewrite, place, HS_MIGRATION_BEGIN_PAGE, p);
        write_step(rewrite, place, HS_MIGRATION_FINISH_PAGE, p);
        sent++;
    }
    hs_run_free(run);
    return sent;
}

/* Sync and send until a sync finds nothing, and stop then. */
static void write_stop(struct rewrite *rewrite, const struct hs_entry *stop, struct hs_error *error)
{
    do
        write_sync(rewrite, stop);
    while (write_sends(rewrite, stop, error));
    write_entry(rewrite, *stop);
    rewrite->is_stopped = true;
}

/* An entry, as this host has it: what is sent after the stop elsewhere was sent before. */
static void rewrite_entry(
    struct rewrite *rewrite, const struct hs_entry *entry, struct hs_error *error)
{
    bool is_step = !entry->is_gap && !entry->is_finish;
    bool sends =
        entry->step.kind == HS_MIGRATION_BEGIN_PAGE || entry->step.kind == HS_MIGRATION_FINISH_PAGE;
    if (is_step && entry->step.kind == HS_MIGRATION_START)
        rewrite->is_stopped = false;
    if (is_step && entry->step.kind == HS_MIGRATION_STOP_VM)
        write_stop(rewrite, entry, error);
    else if (!is_step || !sends || !rewrite->is_stopped)
        write_entry(rewrite, *entry);
}

bool hs_host_adds_syncs(
    struct hs_scenario *scenario, struct hs_variant *variant, struct hs_error *error)
{
    assert(scenario && variant && error);
    struct rewrite rewrite = {
        scenario, variant, scenario->schedule, scenario->schedule_length, true, false};
    if (hs_rules_sync_before_stop(&variant->config.rules) != HS_ON)
        return false;
    scenario->config.limits[HS_LIMIT_ROUNDS] = HS_UNLIMITED;
    if (!hs_scenario_variant(scenario, 0, variant, error))
        return false;
    scenario->schedule = NULL;
    scenario->schedule_length = 0;
    for (unsigned i = 0; i < rewrite.old_length && rewrite.is_possible; i++)
        rewrite_entry(&rewrite, &rewrite.old[i], error);
    free(rewrite.old);
    return rewrite.is_possible;
}
