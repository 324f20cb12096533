/* SPDX-License-Identifier: BSD-3-Clause */
/* One search of a world given on the command line, and what it cost: what tests/bench/run times. */
#include "world_graph.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct job {
    const char *guest;
    const char *host;
    unsigned pages;
    unsigned queue;
    unsigned writes;
    unsigned rounds;
    unsigned threads;
    struct hs_reduction reduction;
};

static void set_up(const struct job *job, struct hs_config *config)
{
    const struct hs_preset *guest = hs_preset_find(HS_SIDE_GUEST, job->guest);
    const struct hs_preset *host = hs_preset_find(HS_SIDE_HOST, job->host);
    memset(config, 0, sizeof(*config));
    config->pages = job->pages & 255u;
    config->report_batch = 1;
    config->rules = hs_rules_default();
    if (!guest || !host) {
        fprintf(stderr, "unknown preset\n");
        exit(2);
    }
    hs_rules_apply_preset(&config->rules, guest);
    hs_rules_apply_preset(&config->rules, host);
    config->queue_size[HS_QUEUE_FREE_PAGE] = job->queue & 255u;
    for (unsigned i = 0; i < HS_LIMIT_COUNT; i++)
        config->limits[i] = hs_limit_rows[i].usual;
    config->limits[HS_LIMIT_WRITES] = job->writes & 255u;
    config->limits[HS_LIMIT_ROUNDS] = job->rounds & 255u;
    const char *wrong = hs_config_finish(config);
    if (wrong) {
        fprintf(stderr, "%s\n", wrong);
        exit(2);
    }
}

static void print(const struct hs_search *found)
{
    static const char *const ends[] = {"complete", "memory", "time", "interrupted"};
    printf("%s: %" PRIu64 " states, %" PRIu64 " generated, depth %u, %.2f s, %.0f states/s, "
           "%.1f bytes a state; ends %" PRIu64 ", lost %" PRIu64 "\n",
        ends[found->end], found->distinct, found->generated, found->depth, found->seconds,
        (double)found->distinct / found->seconds, (double)found->bytes / (double)found->distinct,
        found->ends, found->ends_with[HS_DIRTY_PAGE_LOST]);
}

int main(int argc, char **argv)
{
    union hs_state_buffer start;
    struct hs_config config;
    struct hs_search found;
    struct job job = {.guest = "linux-6.1", .host = "qemu-7.2-kvm", .threads = 1};
    if (argc < 6) {
        fprintf(stderr,
            "usage: search_once PAGES QUEUE WRITES ROUNDS THREADS [dead] [symmetry] [order] [lost] "
            "[GUEST HOST]\n");
        return 2;
    }
    job.pages = (unsigned)atoi(argv[1]);
    job.queue = (unsigned)atoi(argv[2]);
    job.writes = (unsigned)atoi(argv[3]);
    job.rounds = (unsigned)atoi(argv[4]);
    job.threads = (unsigned)atoi(argv[5]);
    job.reduction.properties = UINT32_MAX;
    for (int i = 6; i < argc; i++) {
        if (strcmp(argv[i], "dead") == 0)
            job.reduction.dead_values = true;
        else if (strcmp(argv[i], "symmetry") == 0)
            job.reduction.symmetry = true;
        else if (strcmp(argv[i], "order") == 0)
            job.reduction.partial_order = true;
        else if (strcmp(argv[i], "lost") == 0) {
            job.reduction.slice = true;
            job.reduction.properties = 1u << HS_DIRTY_PAGE_LOST;
        } else if (i + 1 < argc) {
            job.guest = argv[i];
            job.host = argv[++i];
        }
    }
    set_up(&job, &config);
    job.reduction.config = &config;
    bool reduces =
        job.reduction.dead_values || job.reduction.symmetry || job.reduction.partial_order;
    struct hs_graph graph =
        reduces ? hs_world_graph_reduced(&job.reduction) : hs_world_graph(&config);
    struct hs_search_options options = {
        .threads = job.threads, .memory = (size_t)20 << 30, .end_flag = HS_FLAG_END};
    hs_world_init((struct hs_world){&config, &start.state});
    hs_search_run(&graph, &start, &options, &found);
    print(&found);
    hs_search_close(&found);
    return 0;
}
