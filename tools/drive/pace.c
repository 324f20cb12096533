/* SPDX-License-Identifier: BSD-3-Clause */
/* Pacing. */
#include "pace.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/audit.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

/* Seconds for what takes a tenth of one, on a machine that is loaded. */
enum { BURST_SECONDS = 60 };
/* A condition variable waits with one of two words, next to each other. */
enum { CONDITION_SIZE = 16 };

/* ---- finding the thread --------------------------------------------------------------------- */

/* Is it what QEMU calls its migration thread: live_migration, since 9.0 mig/src/main? */
static bool is_migration(pid_t process, const char *thread)
{
    char path[64];
    char name[32] = "";
    snprintf(path, sizeof(path), "/proc/%d/task/%.16s/comm", (int)process, thread);
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    bool is_read = fgets(name, sizeof(name), file);
    fclose(file);
    name[strcspn(name, "\n")] = '\0';
    return is_read && (strcmp(name, "live_migration") == 0 || strcmp(name, "mig/src/main") == 0);
}

/* The migration thread of `process`; 0: there is none yet. */
static pid_t find_thread(pid_t process)
{
    char path[40];
    pid_t found = 0;
    snprintf(path, sizeof(path), "/proc/%d/task", (int)process);
    DIR *threads = opendir(path);
    for (struct dirent *entry = NULL; threads && (entry = readdir(threads));) {
        if (entry->d_name[0] != '.' && is_migration(process, entry->d_name))
            found = (pid_t)atoi(entry->d_name);
    }
    if (threads)
        closedir(threads);
    return found;
}

/* The futex that this call waits for with a time-out; 0: it is another call.  Numbers of x86-64 and
 * of i386, which has two. */
static uint64_t timed_futex(uint32_t architecture, uint64_t number, const uint64_t arguments[4])
{
    enum { CALL_64 = 202, CALL_32 = 240, CALL_TIME64_32 = 422 };
    bool is_futex = architecture == AUDIT_ARCH_X86_64
                        ? number == CALL_64
                        : number == CALL_32 || number == CALL_TIME64_32;
    uint64_t action = arguments[1] & (uint64_t)FUTEX_CMD_MASK;
    bool waits = action == FUTEX_WAIT || action == FUTEX_WAIT_BITSET;
    return is_futex && waits && arguments[3] ? arguments[0] : 0;
}

/* The futex that the thread waits for with a time-out, as /proc tells; 0: for none.  /proc has the
 * numbers of the call and of its arguments, and not of which architecture they are. */
static uint64_t sleeps_at(pid_t process, pid_t thread)
{
    char path[64];
    char line[256] = "";
    snprintf(path, sizeof(path), "/proc/%d/task/%d/syscall", (int)process, (int)thread);
    FILE *file = fopen(path, "re");
    if (!file)
        return 0;
    bool is_read = fgets(line, sizeof(line), file);
    fclose(file);
    uint64_t number = 0;
    uint64_t arguments[4] = {0};
    if (!is_read || sscanf(line, "%" SCNu64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64,
                        &number, &arguments[0], &arguments[1], &arguments[2], &arguments[3]) != 5)
        return 0;
    uint64_t futex = timed_futex(AUDIT_ARCH_X86_64, number, arguments);
    return futex ? futex : timed_futex(AUDIT_ARCH_I386, number, arguments);
}

/* ---- holding it ----------------------------------------------------------------------------- */

/* Note how the thread stands, if that changed.  Returns whether it is stopped, or gone. */
static bool is_stopped(struct hs_pace *pace, int *status)
{
    pid_t changed = waitpid(pace->thread, status, __WALL | WNOHANG);
    if (changed == pace->thread)
        pace->is_gone = WIFEXITED(*status) || WIFSIGNALED(*status);
    else if (changed < 0)
        pace->is_gone = true;
    return changed != 0;
}

/* Stopped anywhere, after an interrupt. */
static bool is_interrupted(void *context)
{
    int status = 0;
    return is_stopped((struct hs_pace *)context, &status);
}

/* Does it enter the sleep of its rate limiter?  Other sleeps are taken with locks held. */
static bool enters_sleep(const struct hs_pace *pace)
{
    struct __ptrace_syscall_info info = {0};
    if (ptrace(PTRACE_GET_SYSCALL_INFO, pace->thread, sizeof(info), &info) <= 0 ||
        info.op != PTRACE_SYSCALL_INFO_ENTRY)
        return false;
    const uint64_t arguments[4] = {
        info.entry.args[0], info.entry.args[1], info.entry.args[2], info.entry.args[3]};
    uint64_t futex = timed_futex(info.arch, info.entry.nr, arguments);
    return futex && futex / CONDITION_SIZE == pace->futex / CONDITION_SIZE;
}

/* Stopped where it is to be held; lets it go on from anywhere else. */
static bool is_held(void *context)
{
    struct hs_pace *pace = (struct hs_pace *)context;
    int status = 0;
    while (is_stopped(pace, &status) && !pace->is_gone) {
        bool at_call = WIFSTOPPED(status) && WSTOPSIG(status) == (SIGTRAP | 0x80);
        bool of_ptrace = WIFSTOPPED(status) && (at_call || status >> 16);
        if (at_call && enters_sleep(pace)) {
            pace->is_held = true;
            return true;
        }
        ptrace(PTRACE_SYSCALL, pace->thread, NULL,
            (void *)(intptr_t)(of_ptrace ? 0 : WSTOPSIG(status)));
    }
    return pace->is_gone || !*pace->migrates;
}

struct search {
    pid_t process;
    pid_t thread;
    uint64_t futex;
};

static bool is_found(void *context)
{
    struct search *search = (struct search *)context;
    search->thread = find_thread(search->process);
    search->futex = search->thread ? sleeps_at(search->process, search->thread) : 0;
    return search->futex;
}

bool hs_pace_begin(struct hs_pace *pace, struct hs_poller *poller, pid_t process,
    const bool *migrates, struct hs_error *error)
{
    assert(pace && poller && process > 0 && migrates && error);
    struct search search = {.process = process};
    *pace = (struct hs_pace){.poller = poller, .migrates = migrates};
    if (!hs_poller_until(poller, is_found, &search, BURST_SECONDS))
        return hs_fail(
            error, search.thread ? "the migration thread never sleeps" : "QEMU began no migration");
    pace->thread = search.thread;
    pace->futex = search.futex;
    if (ptrace(PTRACE_SEIZE, pace->thread, NULL,
            (void *)(intptr_t)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL)) != 0) {
        pace->thread = 0;
        pace->is_forbidden = true;
        return hs_fail(error, "ptrace is forbidden here: %s", strerror(errno));
    }
    ptrace(PTRACE_INTERRUPT, pace->thread, NULL, NULL);
    if (!hs_poller_until(poller, is_interrupted, pace, BURST_SECONDS) || pace->is_gone)
        return hs_fail(error, "the migration thread is gone");
    /* It is interrupted in its sleep, with no lock in its hands: held as if it entered it. */
    pace->is_held = true;
    return true;
}

bool hs_pace_burst(struct hs_pace *pace, struct hs_error *error)
{
    assert(pace && pace->thread && pace->is_held && error);
    pace->is_held = false;
    ptrace(PTRACE_SYSCALL, pace->thread, NULL, NULL);
    if (!hs_poller_until(pace->poller, is_held, pace, BURST_SECONDS))
        return hs_fail(error, "the migration thread does not come to rest");
    return pace->is_held || hs_fail(error, "the migration went on to its end");
}

/* Let go, or seen to be gone: what is traced and dies stays until its tracer has seen it, and its
 * process with it. */
static bool is_let_go(void *context)
{
    struct hs_pace *pace = (struct hs_pace *)context;
    int status = 0;
    if (pace->is_gone || ptrace(PTRACE_DETACH, pace->thread, NULL, NULL) == 0)
        return true;
    is_stopped(pace, &status);
    return pace->is_gone;
}

void hs_pace_end(struct hs_pace *pace)
{
    assert(pace);
    if (pace->thread) {
        ptrace(PTRACE_INTERRUPT, pace->thread, NULL, NULL); /* it must stop to be let go */
        hs_poller_until(pace->poller, is_let_go, pace, BURST_SECONDS);
    }
    *pace = (struct hs_pace){0};
}
