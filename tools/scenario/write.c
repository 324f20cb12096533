/* SPDX-License-Identifier: BSD-3-Clause */
/* From a run to a scenario file. */
#include "write.h"

static void write_side(const struct hs_variant *variant, enum hs_side side, FILE *out)
{
    const struct hs_scenario *scenario = variant->scenario;
    const struct hs_preset *preset = side == HS_SIDE_GUEST ? scenario->guest : scenario->host;
    struct hs_rules usual = hs_scenario_preset_rules(scenario);
    bool begun = false;
    fprintf(out, "%s:\n", side == HS_SIDE_GUEST ? "guest" : "host");
    if (preset)
        fprintf(out, "  preset: %s\n", preset->name);
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        char number[8];
        unsigned value = variant->config.rules.value[r];
        if (hs_rule_rows[r].side != side || value == usual.value[r])
            continue;
        fprintf(out, "%s    %s: %s\n", begun ? "" : "  rules:\n", hs_rule_rows[r].name,
            hs_rule_value_name((enum hs_rule)r, value, number));
        begun = true;
    }
    if (!preset && !begun)
        fputs("  {}\n", out);
}

static void write_sizes(const struct hs_config *config, FILE *out)
{
    fprintf(out,
        "memory:\n  pages: %u\n  max-order: %u\n  hint-order: %u\n  report-order: %u\n"
        "  report-batch: %u\n  policy: %s\n  free: [",
        config->pages, config->max_order, config->hint_order, config->report_order,
        config->report_batch, config->policy == HS_POLICY_LIFO ? "lifo" : "any");
    bool begun = false;
    for (unsigned p = 0; p < config->pages; p++) {
        if (!(config->free_at_start >> p & 1u))
            continue;
        fprintf(out, "%s%u", begun ? ", " : "", p);
        begun = true;
    }
    fprintf(out, "]\nqueue: {free-page: %u, reporting: %u, inflate: %u, deflate: %u}\n",
        config->queue_size[HS_QUEUE_FREE_PAGE], config->queue_size[HS_QUEUE_REPORTING],
        config->queue_size[HS_QUEUE_INFLATE], config->queue_size[HS_QUEUE_DEFLATE]);
    fprintf(out, "postcopy: %s\n", config->postcopy ? "on" : "off");
}

static void write_limits(const struct hs_run *run, FILE *out)
{
    uint8_t limits[HS_LIMIT_COUNT];
    hs_run_limits(run, limits);
    fputs("limits: {", out);
    for (unsigned i = 0; i < HS_LIMIT_COUNT; i++)
        fprintf(out, "%s%s: %u", i ? ", " : "", hs_limit_rows[i].name, limits[i]);
    fputs("}\n", out);
}

static void write_text(const char *text, FILE *out)
{
    for (bool gap = false; *text; text++) {
        bool space = *text == ' ' || *text == '\n' || *text == '\t';
        if (!space)
            fprintf(out, "%s%c", gap ? " " : "", *text);
        gap = space;
    }
}

static void write_expectation(const struct hs_run *run, FILE *out)
{
    bool begun = false;
    fputs("expect:\n  run: ", out);
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (run->broken >> i & 1u) {
            fprintf(out, "%s%s", begun ? ", " : "[", hs_property_rows[i].name);
            begun = true;
        }
    }
    fputs(begun ? "]\n" : run->end == HS_RUN_UNFINISHED ? "unfinished\n" : "safe\n", out);
}

void hs_run_write(const struct hs_run *run, const char *name, FILE *out)
{
    fprintf(out, "name: %s\nquestion: >\n  ", name);
    write_text(run->variant->scenario->question, out);
    fputc('\n', out);
    write_side(run->variant, HS_SIDE_GUEST, out);
    write_side(run->variant, HS_SIDE_HOST, out);
    write_sizes(&run->config, out);
    write_limits(run, out);
    fputs("schedule:\n", out);
    for (unsigned i = 0; i < run->length; i++) {
        char step[80];
        hs_step_write(run->moments[i].step, step, sizeof(step));
        fprintf(out, "  - %s\n", step);
    }
    write_expectation(run, out);
}
