/* SPDX-License-Identifier: BSD-3-Clause */
/* Pacing a thread that is called as QEMU's migration thread is, and sleeps as that does. */
#include "pace.h"

#include <linux/futex.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* By then it hangs. */
enum { SECONDS = 60 };

/* What a process and its test see of each other. */
struct shared {
    atomic_uint bursts;
    atomic_bool ends;
    uint32_t futex;
};

struct stage {
    struct shared *shared;
    struct hs_poller poller;
    struct hs_pace pace;
    pid_t process;
    bool migrates;
    bool has_ended;
};

/* ---- the process that is paced -------------------------------------------------------------- */

static void *migrate(void *context)
{
    struct shared *shared = (struct shared *)context;
    const struct timespec tenth = {.tv_nsec = 1000000};
    prctl(PR_SET_NAME, "live_migration");
    while (!shared->ends) {
        syscall(SYS_futex, &shared->futex, FUTEX_WAIT, 0, &tenth, NULL, 0);
        shared->bursts++;
    }
    return NULL;
}

_Noreturn static void play_qemu(struct shared *shared)
{
    pthread_t thread;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    pthread_create(&thread, NULL, migrate, shared);
    for (;;)
        pause();
}

static int set_up(void **state)
{
    static struct stage stage;
    stage = (struct stage){.migrates = true};
    stage.shared = (struct shared *)mmap(
        NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (stage.shared == MAP_FAILED || !hs_poller_begin(&stage.poller))
        return -1;
    stage.process = fork();
    if (stage.process == 0)
        play_qemu(stage.shared);
    *state = &stage;
    return stage.process > 0 ? 0 : -1;
}

static bool has_ended(void *context)
{
    struct stage *stage = (struct stage *)context;
    stage->has_ended = stage->has_ended || waitpid(stage->process, NULL, WNOHANG) == stage->process;
    return stage->has_ended;
}

static int tear_down(void **state)
{
    struct stage *stage = (struct stage *)*state;
    kill(stage->process, SIGKILL);
    hs_pace_end(&stage->pace);
    has_ended(stage);
    hs_poller_end(&stage->poller);
    munmap(stage->shared, sizeof(*stage->shared));
    return 0;
}

static void begin(struct stage *stage)
{
    struct hs_error error;
    if (!hs_pace_begin(&stage->pace, &stage->poller, stage->process, &stage->migrates, &error))
        fail_msg("%s", error.text);
}

/* ---- tests ---------------------------------------------------------------------------------- */

static void test_goes_one_burst_at_a_time(void **state)
{
    struct stage *stage = (struct stage *)*state;
    struct hs_error error;
    begin(stage);
    assert_true(hs_pace_burst(&stage->pace, &error)); /* to the end of the one it slept before */
    unsigned first = stage->shared->bursts;
    for (unsigned i = 1; i <= 20; i++) {
        assert_true(hs_pace_burst(&stage->pace, &error));
        assert_int_equal(stage->shared->bursts, first + i);
    }
}

static bool has_gone_on(void *context)
{
    const struct stage *stage = (const struct stage *)context;
    return stage->shared->bursts > 20;
}

static void test_goes_on_when_let_go(void **state)
{
    struct stage *stage = (struct stage *)*state;
    begin(stage);
    hs_pace_end(&stage->pace);
    assert_true(hs_poller_until(&stage->poller, has_gone_on, stage, SECONDS));
}

static void test_tells_of_an_end(void **state)
{
    struct stage *stage = (struct stage *)*state;
    struct hs_error error;
    begin(stage);
    stage->shared->ends = true;
    assert_false(hs_pace_burst(&stage->pace, &error));
    assert_string_equal(error.text, "the migration went on to its end");
}

/* A process that dies while its thread is traced is there until the tracer has seen it. */
static void test_lets_the_dead_go(void **state)
{
    struct stage *stage = (struct stage *)*state;
    begin(stage);
    kill(stage->process, SIGKILL);
    hs_pace_end(&stage->pace);
    assert_true(hs_poller_until(&stage->poller, has_ended, stage, SECONDS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_goes_one_burst_at_a_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_goes_on_when_let_go, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_tells_of_an_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lets_the_dead_go, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
