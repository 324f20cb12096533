/* SPDX-License-Identifier: BSD-3-Clause */
/* Waiting. */
#include "poller.h"

#include "clock.h"

#include <assert.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* What is seen in memory, or in /proc, tells nobody that it changed: it is looked at so often. */
enum { LOOK_AGAIN_MS = 2 };

bool hs_poller_begin(struct hs_poller *poller)
{
    assert(poller);
    sigset_t children;
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    sigprocmask(SIG_BLOCK, &children, NULL);
    *poller = (struct hs_poller){.signals = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK)};
    return poller->signals >= 0;
}

void hs_poller_end(struct hs_poller *poller)
{
    assert(poller);
    if (poller->signals >= 0)
        close(poller->signals);
    poller->signals = -1;
}

void hs_poller_watch(struct hs_poller *poller, int fd, bool (*ready)(void *context), void *context)
{
    assert(poller && fd >= 0 && ready && poller->count < HS_WATCHES_MAX);
    poller->watches[poller->count++] = (struct hs_watch){fd, ready, context};
}

void hs_poller_forget(struct hs_poller *poller, int fd)
{
    assert(poller);
    for (unsigned i = 0; i < poller->count; i++) {
        if (poller->watches[i].fd == fd) {
            poller->watches[i] = poller->watches[--poller->count];
            return;
        }
    }
}

/* Look once, for `milliseconds` at most. */
static void look(struct hs_poller *poller, int milliseconds)
{
    struct pollfd polled[HS_WATCHES_MAX + 1];
    unsigned count = poller->count;
    for (unsigned i = 0; i < count; i++)
        polled[i] = (struct pollfd){.fd = poller->watches[i].fd, .events = POLLIN};
    polled[count] = (struct pollfd){.fd = poller->signals, .events = POLLIN};
    if (poll(polled, count + 1, milliseconds) <= 0)
        return;
    struct signalfd_siginfo info;
    while (polled[count].revents && read(poller->signals, &info, sizeof(info)) > 0)
        ; /* who it was is asked with waitpid by whoever waits for a child */
    for (unsigned i = count; i-- > 0;) {
        struct hs_watch watch = poller->watches[i];
        if (polled[i].revents && !watch.ready(watch.context))
            hs_poller_forget(poller, watch.fd);
    }
}

bool hs_poller_until(
    struct hs_poller *poller, bool (*holds)(void *context), void *context, double seconds)
{
    assert(poller && holds && seconds > 0);
    double until = hs_time_out(seconds);
    while (!holds(context)) {
        if (hs_time_is_over(until))
            return false;
        look(poller, LOOK_AGAIN_MS);
    }
    return true;
}
