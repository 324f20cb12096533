/* Guests times hosts. */
#include "matrix.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- several at a time ------------------------------------------------------------------------
 */

struct crew {
    atomic_uint next;
    unsigned count;
    void (*work)(void *context, unsigned index);
    void *context;
};

static void *worker(void *argument)
{
    struct crew *crew = argument;
    unsigned index;
    while ((index = atomic_fetch_add(&crew->next, 1)) < crew->count)
        crew->work(crew->context, index);
    return NULL;
}

void hs_work_in_parallel(
    unsigned threads, unsigned count, void (*work)(void *context, unsigned index), void *context)
{
    pthread_t others[HS_STORE_THREADS_MAX];
    struct crew crew = {.count = count, .work = work, .context = context};
    unsigned started = 0;
    while (started + 1 < threads && started < HS_STORE_THREADS_MAX &&
           pthread_create(&others[started], NULL, worker, &crew) == 0)
        started++;
    worker(&crew);
    while (started > 0)
        pthread_join(others[--started], NULL);
}

/* ---- rules that nothing reads -----------------------------------------------------------------
 */

static bool no_reports(const struct hs_config *config)
{
    return !config->queue_size[HS_QUEUE_REPORTING];
}

static bool no_inflating(const struct hs_config *config)
{
    return !config->queue_size[HS_QUEUE_INFLATE];
}

static bool no_resets(const struct hs_config *config)
{
    return !config->limits[HS_LIMIT_RESETS];
}

static bool no_poison(const struct hs_config *config)
{
    return no_resets(config) && config->rules.value[HS_RULE_POISON] == HS_POISON_OFF;
}

static bool no_postcopy(const struct hs_config *config)
{
    return !config->postcopy;
}

static bool no_manual_log(const struct hs_config *config)
{
    return config->rules.value[HS_RULE_LOG] != HS_LOG_MANUAL;
}

static bool no_walk(const struct hs_config *config)
{
    return config->rules.value[HS_RULE_HINT_SOURCE] != HS_SOURCE_ITERATE;
}

static bool nothing_held(const struct hs_config *config)
{
    return config->rules.value[HS_RULE_HINT_SOURCE] == HS_SOURCE_ITERATE;
}

/* What each rule is about, where a world can do without it (spec/rules.md). */
static bool (*const idle_when[HS_RULE_COUNT])(const struct hs_config *config) = {
    [HS_RULE_REPORT_REUSE] = no_reports,
    [HS_RULE_REPORT_UNPOISONED] = no_reports,
    [HS_RULE_INFLATE_REUSE] = no_inflating,
    [HS_RULE_TELL_HOST] = no_inflating,
    [HS_RULE_POISON_AFTER_RESET] = no_resets,
    [HS_RULE_RESET_RETURNS] = no_resets,
    [HS_RULE_POISON_NEGOTIATED] = no_poison,
    [HS_RULE_HINT_WITH_POSTCOPY] = no_postcopy,
    [HS_RULE_LOG_CHUNK] = no_manual_log,
    [HS_RULE_CLEAR_MASK] = no_manual_log,
    [HS_RULE_HINT_ONLY_FREE] = no_walk,
    [HS_RULE_RELEASE] = nothing_held,
    [HS_RULE_SHRINKER] = nothing_held,
};

struct hs_rules hs_rules_that_matter(const struct hs_config *config)
{
    struct hs_rules usual = hs_rules_default();
    struct hs_rules rules = config->rules;
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        if (idle_when[r] && idle_when[r](config))
            rules.value[r] = usual.value[r];
    }
    return rules;
}

/* ---- the cells --------------------------------------------------------------------------------
 */

static void begin_pair(const struct hs_matrix *matrix, struct hs_cell *cell,
    const struct hs_preset *guest, const struct hs_preset *host)
{
    struct hs_config *config = &cell->pair.variant.config;
    char wrong[HS_IN_PLAY_NAME];
    snprintf(cell->name, sizeof(cell->name), "%s+%s", guest->name, host->name);
    hs_pair_begin(&cell->pair, guest, host, cell->name);
    bool good = !matrix->with || hs_in_play_set(config, matrix->with, true, wrong);
    const char *misfit = hs_config_finish(config);
    assert(good && !misfit);
    (void)good;
    (void)misfit;
}

static void begin_cells(struct hs_matrix *matrix)
{
    unsigned count = matrix->guest_count * matrix->host_count;
    matrix->cells = hs_must(calloc(count, sizeof(*matrix->cells)));
    for (unsigned i = 0; i < count; i++) {
        struct hs_cell *cell = &matrix->cells[i];
        const struct hs_preset *guest = matrix->guests[i / matrix->host_count];
        const struct hs_preset *host = matrix->hosts[i % matrix->host_count];
        begin_pair(matrix, cell, guest, host);
        cell->number = hs_pair_number(guest, host);
        struct hs_rules mine = hs_rules_that_matter(&cell->pair.variant.config);
        for (cell->same_as = 0; cell->same_as < i; cell->same_as++) {
            struct hs_rules others =
                hs_rules_that_matter(&matrix->cells[cell->same_as].pair.variant.config);
            if (memcmp(&mine, &others, sizeof(mine)) == 0)
                break;
        }
    }
}

struct job {
    struct hs_matrix *matrix;
    struct hs_search_options options;
    double until;
};

static void settle_cell(void *context, unsigned index)
{
    struct job *job = context;
    struct hs_cell *cell = &job->matrix->cells[index];
    uint32_t asked = job->matrix->asked;
    struct hs_search_options options = job->options;
    options.timeout = hs_time_left(job->until);
    if (cell->same_as == index)
        hs_settle(&cell->pair.variant, asked, asked, 0, &options, &cell->settled);
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
    cell->settled = other->settled;
    memset(cell->settled.finding, 0, sizeof(cell->settled.finding));
    memset(cell->settled.trace, 0, sizeof(cell->settled.trace));
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        struct hs_finding *theirs = other->settled.finding[i];
        for (unsigned j = 0; j < i && theirs; j++) {
            if (other->settled.finding[j] == theirs)
                cell->settled.finding[i] = cell->settled.finding[j];
        }
        if (theirs && !cell->settled.finding[i])
            cell->settled.finding[i] = retell(cell, theirs);
        assert(!theirs || cell->settled.finding[i]->run->broken >> i & 1u);
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
    hs_work_in_parallel(options->threads, count, settle_cell, &job);
    for (unsigned i = 0; i < count; i++) {
        if (matrix->cells[i].same_as != i)
            copy_cell(&matrix->cells[i], &matrix->cells[matrix->cells[i].same_as]);
        if (matrix->cells[i].settled.end != HS_SEARCH_COMPLETE)
            matrix->end = matrix->cells[i].settled.end;
    }
}

void hs_matrix_close(struct hs_matrix *matrix)
{
    for (unsigned i = 0; i < matrix->guest_count * matrix->host_count; i++)
        hs_settled_close(&matrix->cells[i].settled);
    free(matrix->cells);
}
