/* SPDX-License-Identifier: BSD-3-Clause */
/* QEMU's monitor: QMP, one command at a time, and the events that come in between. */
#ifndef HS_MONITOR_H
#define HS_MONITOR_H

#include "error.h"
#include "poller.h"
#include "text.h"

#include <jansson.h>

struct hs_monitor {
    struct hs_poller *poller;
    int fd;
    struct hs_text input; /* of a line that is not whole yet */
    json_t *answer;       /* to the command under way, or NULL */
    bool greeted;
    bool closed;        /* QEMU is gone */
    bool migrates;      /* it is in the phase in which pages are sent while the VM runs */
    char migration[40]; /* the status that the last event told */
};

/* Talk over `fd`, a socket of which QEMU has the other end, and wait for the greeting. */
bool hs_monitor_begin(
    struct hs_monitor *monitor, struct hs_poller *poller, int fd, struct hs_error *error);
void hs_monitor_end(struct hs_monitor *monitor);

/* A command: its arguments as json_pack makes them, or NULL, which are given back.  Returns what
 * QEMU returned, to be given back; NULL with `error` if it refused, or is gone. */
json_t *hs_monitor_ask(
    struct hs_monitor *monitor, const char *command, json_t *arguments, struct hs_error *error);
/* The same, for a command that returns nothing of interest. */
bool hs_monitor_tell(
    struct hs_monitor *monitor, const char *command, json_t *arguments, struct hs_error *error);
/* Hand the descriptor `fd` over, under a name that `migrate` can use. */
bool hs_monitor_give(struct hs_monitor *monitor, const char *name, int fd, struct hs_error *error);

#endif
