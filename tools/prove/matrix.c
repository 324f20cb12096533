/* SPDX-License-Identifier: BSD-3-Clause */
/* Guests times hosts. */
#include "matrix.h"

#include "clock.h"
#include "crew.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- rules that nothing reads -----------------------------------------------------------------
 */

struct hs_rules hs_rules_that_matter(const struct hs_config *config)
{
    struct hs_rules rules = config->rules;
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        if (!hs_config_reads(config, (enum hs_rule)r))
            rules.value[r] = hs_rule_rows[r].usual;
    }
    return rules;
}

/* ---- the cells --------------------------------------------------------------------------------
 */

const char *hs_matrix_begin_cell(const struct hs_matrix *matrix, struct hs_cell *cell,
    const struct hs_preset *guest, const struct hs_preset *host)
{
    struct hs_config *config = &cell->pair.variant.config;
    snprintf(cell->name, sizeof(cell->name), "%s*%s", guest->name, host->name);
    hs_pair_begin(&cell->pair, guest, host, cell->name);
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        if (matrix->is_set[r])
            config->rules.value[r] = matrix->rules.value[r];
    }
    hs_in_play_apply(&matrix->in_play, config);
    return hs_config_finish(config);
}

uint32_t hs_matrix_questions(
    const struct hs_matrix *matrix, const struct hs_preset *guest, const struct hs_preset *host)
{
    static struct hs_cell cell;
    hs_matrix_begin_cell(matrix, &cell, guest, host);
    return hs_config_questions(&cell.pair.variant.config, matrix->asked);
}

/* Is evidence on that cell wanted by anybody? */
static bool is_wanted(const struct hs_matrix *matrix, const struct hs_cell *cell)
{
    return !cell->lacks || !matrix->tells_no_story || matrix->expected;
}

static void begin_cells(struct hs_matrix *matrix)
{
    unsigned count = matrix->guest_count * matrix->host_count;
    matrix->cells = hs_must(calloc(count, sizeof(*matrix->cells)));
    for (unsigned i = 0; i < count; i++) {
        struct hs_cell *cell = &matrix->cells[i];
        const struct hs_preset *guest = matrix->guests[i / matrix->host_count];
        const struct hs_preset *host = matrix->hosts[i % matrix->host_count];
        const char *misfit = hs_matrix_begin_cell(matrix, cell, guest, host);
        assert(!misfit);
        (void)misfit;
        cell->lacks = matrix->is_named[i / matrix->host_count] ? NULL : guest->needs;
        struct hs_rules rules = hs_rules_that_matter(&cell->pair.variant.config);
        for (cell->same_as = 0; cell->same_as < i; cell->same_as++) {
            struct hs_rules others =
                hs_rules_that_matter(&matrix->cells[cell->same_as].pair.variant.config);
            if (memcmp(&rules, &others, sizeof(rules)) == 0 &&
                is_wanted(matrix, &matrix->cells[cell->same_as]))
                break;
        }
    }
}

struct job {
    struct hs_matrix *matrix;
    struct hs_search_options options;
    double until;
};

static void gather_for_cell(void *context, unsigned index)
{
    struct job *job = context;
    struct hs_cell *cell = &job->matrix->cells[index];
    uint32_t asked = hs_config_questions(&cell->pair.variant.config, job->matrix->asked);
    struct hs_search_options options = job->options;
    options.timeout = hs_time_left(job->until);
    if (cell->same_as == index && is_wanted(job->matrix, cell))
        hs_gather(&cell->pair.variant, asked, asked,
            (struct hs_bounds){.any_run = job->matrix->tells_no_story}, &options, &cell->evidence);
}

/* The other cell's run, under this one's rules. */
static struct hs_finding *retell(const struct hs_cell *cell, const struct hs_finding *other)
{
    struct hs_finding *finding = hs_must(calloc(1, sizeof(*finding)));
    struct hs_step *steps = hs_must(calloc(other->run->length + 1, sizeof(*steps)));
    finding->world = cell->pair.variant;
    finding->world.config = other->world.config;
    finding->world.config.rules = cell->pair.variant.config.rules;
    for (unsigned i = 0; i < other->run->length; i++)
        steps[i] = other->run->moments[i].step;
    finding->run = hs_run_follow(&finding->world, steps, other->run->length);
    free(steps);
    return finding;
}

/* A cell whose rules are as another's takes over what was found there. */
static void copy_cell(struct hs_cell *cell, const struct hs_cell *other)
{
    cell->evidence = other->evidence;
    memset(cell->evidence.finding, 0, sizeof(cell->evidence.finding));
    memset(cell->evidence.trace, 0, sizeof(cell->evidence.trace));
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        struct hs_finding *theirs = other->evidence.finding[i];
        for (unsigned j = 0; j < i && theirs; j++) {
            if (other->evidence.finding[j] == theirs)
                cell->evidence.finding[i] = cell->evidence.finding[j];
        }
        if (theirs && !cell->evidence.finding[i])
            cell->evidence.finding[i] = retell(cell, theirs);
        assert(!theirs || cell->evidence.finding[i]->run->broken >> i & 1u);
    }
}

void hs_matrix_run(struct hs_matrix *matrix, const struct hs_search_options *options)
{
    unsigned count = matrix->guest_count * matrix->host_count;
    struct job job = {matrix, *options, hs_time_out(options->timeout)};
    job.options.threads = 1;
    job.options.memory = options->memory / options->threads;
    matrix->end = HS_SEARCH_COMPLETE;
    begin_cells(matrix);
    hs_crew_do(options->threads,
        &(struct hs_pieces){.count = count, .context = &job, .work = gather_for_cell});
    for (unsigned i = 0; i < count; i++) {
        if (matrix->cells[i].same_as != i)
            copy_cell(&matrix->cells[i], &matrix->cells[matrix->cells[i].same_as]);
        if (matrix->cells[i].evidence.end != HS_SEARCH_COMPLETE)
            matrix->end = matrix->cells[i].evidence.end;
    }
}

void hs_matrix_close(struct hs_matrix *matrix)
{
    for (unsigned i = 0; i < matrix->guest_count * matrix->host_count; i++)
        hs_evidence_close(&matrix->cells[i].evidence);
    free(matrix->cells);
}
