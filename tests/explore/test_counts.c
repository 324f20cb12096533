/* Pinned counts of states, and a second, naive search that must agree: depth-first, with every
 * state whole in a list that is searched by its hash. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "world_graph.h"

#include <stdlib.h>
#include <string.h>

/* A small world, what exploring it finds, and why it is here. */
struct pinned {
    const char *guest;
    const char *host;
    unsigned pages;
    unsigned queue;
    unsigned writes;
    unsigned rounds;
    uint64_t states;
    uint64_t ends;
    uint64_t lost; /* ends in which a dirty page is lost */
};

static const struct pinned rows[] = {
#include "counts.inc"
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static struct hs_config config_of(const struct pinned *row)
{
    struct hs_config config = {.pages = row->pages & 255u, .report_batch = 1};
    config.rules = hs_rules_default();
    hs_rules_apply_preset(&config.rules, hs_preset_find(HS_SIDE_GUEST, row->guest));
    hs_rules_apply_preset(&config.rules, hs_preset_find(HS_SIDE_HOST, row->host));
    config.queue_size[HS_QUEUE_FREE_PAGE] = row->queue & 255u;
    for (unsigned i = 0; i < HS_LIMIT_COUNT; i++)
        config.limits[i] = hs_limit_rows[i].usual;
    config.limits[HS_LIMIT_WRITES] = row->writes & 255u;
    config.limits[HS_LIMIT_ROUNDS] = row->rounds & 255u;
    assert_null(hs_config_finish(&config));
    return config;
}

/* ---- the naive search ------------------------------------------------------------------------ */

enum { BUCKETS = 1 << 16 };

struct found {
    struct found *next_in_bucket;
    struct found *next_to_expand;
    union hs_state_buffer state;
};

struct naive {
    struct found *buckets[BUCKETS];
    struct found *to_expand; /* a stack */
    uint64_t states;
    uint64_t ends;
    uint64_t lost;
};

static void meet(struct naive *naive, struct hs_world w)
{
    struct found **bucket = &naive->buckets[hs_world_hash(w) % BUCKETS];
    for (struct found *f = *bucket; f; f = f->next_in_bucket) {
        if (memcmp(&f->state, w.state, w.config->layout.size) == 0)
            return;
    }
    struct found *f = malloc(sizeof(*f) - sizeof(f->state) + w.config->layout.size);
    assert_non_null(f);
    memcpy(&f->state, w.state, w.config->layout.size);
    f->next_in_bucket = *bucket;
    *bucket = f;
    f->next_to_expand = naive->to_expand;
    naive->to_expand = f;
    naive->states++;
}

static void expand(struct naive *naive, const struct hs_config *config, struct found *f)
{
    static struct hs_step steps[HS_STEPS_MAX];
    struct hs_world w = {config, &f->state.state};
    unsigned count = hs_world_steps(w, steps);
    bool ends = true;
    for (unsigned i = 0; i < count; i++) {
        union hs_state_buffer next;
        memcpy(&next, &f->state, config->layout.size);
        hs_world_take((struct hs_world){config, &next.state}, steps[i]);
        meet(naive, (struct hs_world){config, &next.state});
        ends = ends && hs_step_rows[steps[i].kind].motive == HS_CHOICE &&
               steps[i].kind != HS_MIGRATION_START;
    }
    naive->ends += ends;
    naive->lost += ends && hs_is_broken(w, HS_DIRTY_PAGE_LOST);
}

static void search_naively(const struct hs_config *config, struct naive *naive)
{
    union hs_state_buffer start;
    memset(naive, 0, sizeof(*naive));
    hs_world_init((struct hs_world){config, &start.state});
    meet(naive, (struct hs_world){config, &start.state});
    while (naive->to_expand) {
        struct found *f = naive->to_expand;
        naive->to_expand = f->next_to_expand;
        expand(naive, config, f);
    }
    for (unsigned i = 0; i < BUCKETS; i++) {
        while (naive->buckets[i]) {
            struct found *f = naive->buckets[i];
            naive->buckets[i] = f->next_in_bucket;
            free(f);
        }
    }
}

/* ---- the tests ------------------------------------------------------------------------------- */

static void explore(const struct hs_config *config, unsigned threads, struct hs_search *found)
{
    union hs_state_buffer start;
    struct hs_graph graph = hs_world_graph(config);
    struct hs_search_options options = {
        .threads = threads, .memory = (size_t)1 << 30, .end_flag = HS_FLAG_END};
    hs_world_init((struct hs_world){config, &start.state});
    hs_search_run(&graph, &start, &options, found);
    assert_int_equal(found->end, HS_SEARCH_COMPLETE);
}

static void counts_are_as_pinned(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ROWS; i++) {
        struct hs_config config = config_of(&rows[i]);
        struct hs_search found;
        explore(&config, 1 + i % 3, &found);
        bool same = found.distinct == rows[i].states && found.ends == rows[i].ends &&
                    found.ends_with[HS_DIRTY_PAGE_LOST] == rows[i].lost;
        if (!same)
            print_error("{\"%s\", \"%s\", %u, %u, %u, %u, %llu, %llu, %llu},\n", rows[i].guest,
                rows[i].host, rows[i].pages, rows[i].queue, rows[i].writes, rows[i].rounds,
                (unsigned long long)found.distinct, (unsigned long long)found.ends,
                (unsigned long long)found.ends_with[HS_DIRTY_PAGE_LOST]);
        hs_search_close(&found);
        assert_true(same);
    }
}

static void a_naive_search_agrees(void **state)
{
    (void)state;
    struct naive *naive = malloc(sizeof(*naive));
    assert_non_null(naive);
    for (unsigned i = 0; i < ROWS; i++) {
        struct hs_config config = config_of(&rows[i]);
        search_naively(&config, naive);
        assert_int_equal(naive->states, rows[i].states);
        assert_int_equal(naive->ends, rows[i].ends);
        assert_int_equal(naive->lost, rows[i].lost);
    }
    free(naive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_as_pinned),
        cmocka_unit_test(a_naive_search_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
