/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The model defends itself: whatever is wrong in a call ends in the assertion that says so, and in
 * nothing else.  Each call is made by a child process.
 *
 * usage: misuse          run the tests
 *        misuse list     the rows: function, tab, call
 */
#include "bench.h"

#include "hintmodel.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* A world of four pages, blocks of up to two, page 3 in use. */
static struct bench world;

static void set_world(void)
{
    bench_set(&world, "pages=4 max-order=1 free=0,1,2");
}

/* ---- what the rows of misuse.def need -------------------------------------------------------- */

static const struct hs_world nowhere = {NULL, NULL};
static const char *const NULL_FORMAT = NULL;
static const struct hs_virtqueue no_queue = {NULL, NULL, 0};

static void fill(struct hs_virtqueue q)
{
    for (unsigned i = 0; i <= q.size; i++)
        hs_virtqueue_add(q, (struct hs_element){.kind = HS_ELEMENT_STOP});
}

static struct hs_world without_queues(struct hs_world w)
{
    world.config.queue_size[HS_QUEUE_FREE_PAGE] = 0;
    return w;
}

static struct hs_world at_last_id(struct hs_world w)
{
    w.state->device.id = HS_COMMAND_LAST_ID;
    return w;
}

static struct hs_config *with_rule(struct hs_config *config, enum hs_rule rule, unsigned value)
{
    config->rules.value[rule] = (uint8_t)value;
    return config;
}

static struct hs_world with_held(struct hs_world w, unsigned held)
{
    w.state->driver.held = (uint8_t)held;
    return w;
}

static struct hs_world with_batch(struct hs_world w, unsigned batch)
{
    w.state->driver.batch = (uint8_t)batch;
    return w;
}

static struct hs_world with_free_blocks(struct hs_world w, unsigned blocks)
{
    bench_set(&world, "pages=4 max-order=1 free=0,1,2 policy=lifo");
    *hs_free_list(w) = (uint8_t)blocks;
    return w;
}

/* Started, with a limit that other worlds do not have. */
static struct hintmodel *another(struct hintmodel *begun)
{
    char why[HINTMODEL_WHY];
    hintmodel_set(begun, "writes", "1", why);
    hintmodel_start(begun, why);
    return begun;
}

struct misuse {
    int line;
    const char *function;
    const char *assertion;
    const char *call;
};

static const struct misuse misuses[] = {
#define MISUSE(function, assertion, ...) {__LINE__, #function, assertion, #__VA_ARGS__},
#ifdef HS_CHECK_ACCESSORS
#define INNER_MISUSE MISUSE
#else
#define INNER_MISUSE(...)
#endif
#include "misuse.def"
};
enum { MISUSES = sizeof(misuses) / sizeof(misuses[0]) };

static void commit(int line)
{
    struct hs_world w = world.w;
    struct hs_config *c = &world.config;
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_FREE_PAGE);
    struct hs_step steps[HS_STEPS_MAX];
    char number[HS_RULE_NUMBER_SIZE];
    char reason[HINTMODEL_WHY];
    struct hintmodel not_begun = {{0}};
    struct hintmodel not_started = {{0}};
    struct hintmodel outside = {{0}};
    struct hintmodel_step outer = {0, 0};
    struct hs_refusal refusal;
    unsigned one = 0;
    hintmodel_begin(&outside, NULL, NULL, reason);
    hintmodel_start(&outside, reason);
    hintmodel_begin(&not_started, NULL, NULL, reason);
    switch (line) {
#define MISUSE(function, assertion, ...) \
    case __LINE__:                       \
        (void)(__VA_ARGS__);             \
        break;
#define INNER_MISUSE MISUSE
#include "misuse.def"
    }
}

/* ---- a child that must die ------------------------------------------------------------------- */

enum { SAID_SIZE = 4096 };

/* Run `act` in a child process and keep what it says on standard error; returns its status. */
static int run_child(void (*act)(const void *argument), const void *argument, char said[SAID_SIZE])
{
    int ends[2];
    int status = 0;
    size_t used = 0;
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const struct rlimit no_core = {0, 0};
        setrlimit(RLIMIT_CORE, &no_core);
        signal(SIGABRT, SIG_DFL);
        dup2(ends[1], STDERR_FILENO);
        act(argument);
        _exit(EXIT_SUCCESS);
    }
    close(ends[1]);
    for (ssize_t got;
         used + 1 < SAID_SIZE && (got = read(ends[0], said + used, SAID_SIZE - 1 - used)) > 0;)
        used += (size_t)got;
    said[used] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

/* Does the text say that the assertion failed in that function?  gcc names it, and clang writes its
 * whole head. */
static bool says(const char *text, const char *function, const char *assertion)
{
    char by_gcc[512];
    char by_clang[64];
    char failed[512];
    snprintf(by_gcc, sizeof(by_gcc), " %s: Assertion `%s' failed.", function, assertion);
    snprintf(by_clang, sizeof(by_clang), "%s(", function);
    snprintf(failed, sizeof(failed), "): Assertion `%s' failed.", assertion);
    const char *head = strstr(text, by_clang);
    return strstr(text, by_gcc) || (head && strstr(head, failed));
}

/* The child's last words must be that assertion in that function, and it must have died of it. */
static void must_assert(void (*act)(const void *argument), const void *argument,
    const char *function, const char *assertion, const char *what)
{
    char said[SAID_SIZE];
    int status = run_child(act, argument, said);
    if (!says(said, function, assertion) || strstr(said, "Sanitizer") || !WIFSIGNALED(status) ||
        WTERMSIG(status) != SIGABRT)
        fail_msg("%s does not end in the assertion '%s' of %s\nbut with status %#x and\n%s", what,
            assertion, function, (unsigned)status, said);
}

/* ---- the tests ------------------------------------------------------------------------------- */

static void commit_row(const void *argument)
{
    commit(((const struct misuse *)argument)->line);
}

static void each_public_function_refuses_each_wrong_argument(void **state)
{
    (void)state;
    for (unsigned i = 0; i < MISUSES; i++) {
        char what[32];
        set_world();
        snprintf(what, sizeof(what), "misuse.def:%d", misuses[i].line);
        must_assert(commit_row, &misuses[i], misuses[i].function, misuses[i].assertion, what);
    }
}

static void take(const void *argument)
{
    hs_world_take(world.w, *(const struct hs_step *)argument);
}

static unsigned pages_of(unsigned kind)
{
    return hs_step_rows[kind].has_page ? world.config.pages : 1;
}

/* Take each step of this state that is refused; `refused` counts. */
static void take_refused_steps(unsigned *refused)
{
    for (unsigned kind = 0; kind < HS_STEP_KIND_COUNT; kind++) {
        for (unsigned p = 0; p < pages_of(kind); p++) {
            struct hs_step step = {(uint8_t)kind, (uint8_t)p};
            if (hs_world_enabled(world.w, step, NULL))
                continue;
            must_assert(take, &step, "hs_world_take", "hs_world_enabled(w, step, NULL)",
                hs_step_rows[kind].name);
            refused[kind]++;
        }
    }
}

static void each_refused_step_is_not_taken(void **state)
{
    (void)state;
    unsigned refused[HS_STEP_KIND_COUNT] = {0};
    set_world();
    take_refused_steps(refused);
    bench_run(&world, "app.allocate 0 app.write 3 driver.inflate 2");
    take_refused_steps(refused);
    bench_run(&world, "migration.start migration.enable-log migration.stop-hints migration.sync "
                      "migration.merge-log migration.start-hints migration.stop-vm");
    take_refused_steps(refused);
    for (unsigned kind = 0; kind < HS_STEP_KIND_COUNT; kind++)
        assert_true(refused[kind] > 0);
}

/* The guard, or the effect, of a row, with a page that the world has not, or in no world. */
struct wrong_call {
    const struct hs_step_row *row;
    bool effect;
    struct hs_world w;
    unsigned p;
};

static void call_wrongly(const void *argument)
{
    const struct wrong_call *call = argument;
    if (call->effect)
        call->row->effect(call->w, call->p);
    else
        call->row->guard(call->w, call->p, NULL);
}

static const struct {
    const char *guard;
    const char *effect;
} names[] = {
#define STEP(ID, name, actor, argument, motive, limit, guard, effect, ...) {#guard, #effect},
#include "steps.def"
};

static void each_guard_and_effect_refuses_what_is_not_there(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < HS_STEP_KIND_COUNT; kind++) {
        const struct hs_step_row *row = &hs_step_rows[kind];
        const char *assertion =
            row->has_page ? "hs_has_page(w, p)" : "w.config && w.state && p == 0";
        set_world();
        const unsigned no_page = row->has_page ? world.config.pages : 1;
        const struct wrong_call calls[] = {
            {row, false, world.w, no_page},
            {row, true, world.w, no_page},
            {row, false, nowhere, 0},
            {row, true, nowhere, 0},
            {row, false, {&world.config, NULL}, 0},
            {row, true, {&world.config, NULL}, 0},
        };
        for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
            must_assert(call_wrongly, &calls[i],
                calls[i].effect ? names[kind].effect : names[kind].guard, assertion, row->name);
    }
}

/* A call that is in order: what the others are compared with. */
static void do_nothing_wrong(const void *argument)
{
    (void)argument;
    hs_world_take(world.w, (struct hs_step){HS_APP_WRITE, 3});
}

static void a_child_that_does_nothing_wrong_lives(void **state)
{
    (void)state;
    char said[SAID_SIZE];
    set_world();
    assert_int_equal(run_child(do_nothing_wrong, NULL, said), 0);
    assert_string_equal(said, "");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_that_does_nothing_wrong_lives),
        cmocka_unit_test(each_public_function_refuses_each_wrong_argument),
        cmocka_unit_test(each_refused_step_is_not_taken),
        cmocka_unit_test(each_guard_and_effect_refuses_what_is_not_there),
    };
    if (argc == 2 && strcmp(argv[1], "list") == 0) {
        for (unsigned i = 0; i < MISUSES; i++)
            printf("%s\t%s\n", misuses[i].function, misuses[i].call);
        return EXIT_SUCCESS;
    }
    return cmocka_run_group_tests_name("misuse", tests, NULL, NULL);
}
