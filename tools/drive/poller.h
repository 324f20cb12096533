/* SPDX-License-Identifier: BSD-3-Clause */
/* Waiting: for file descriptors and for children, until something holds or a time is over. */
#ifndef HS_POLLER_H
#define HS_POLLER_H

#include <stdbool.h>

enum { HS_WATCHES_MAX = 16 };

/* What is looked at while one waits. */
struct hs_watch {
    int fd;
    /* There is something to read, or the other end is gone.  False: do not look at it again. */
    bool (*ready)(void *context);
    void *context;
};

struct hs_poller {
    struct hs_watch watches[HS_WATCHES_MAX];
    unsigned count;
    int signals; /* of children, as a file descriptor */
};

/* Begin: SIGCHLD is blocked from here on, and read.  False: the system has no more descriptors. */
bool hs_poller_begin(struct hs_poller *poller);
void hs_poller_end(struct hs_poller *poller);

void hs_poller_watch(struct hs_poller *poller, int fd, bool (*ready)(void *context), void *context);
/* Do not look at `fd` any more. */
void hs_poller_forget(struct hs_poller *poller, int fd);

/* Wait until `holds`, which is asked whenever something happened and at least every few
 * milliseconds, or until `seconds` are over.  Returns whether it holds. */
bool hs_poller_until(
    struct hs_poller *poller, bool (*holds)(void *context), void *context, double seconds);

#endif
