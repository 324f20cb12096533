/* SPDX-License-Identifier: BSD-3-Clause */
/* QEMU's monitor. */
#include "monitor.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Seconds that an answer may take: QEMU answers in milliseconds, on a machine that is loaded. */
enum { ANSWER_SECONDS = 60 };

static void note_event(struct hs_monitor *monitor, const json_t *message, const char *event)
{
    if (strcmp(event, "MIGRATION") == 0) {
        const char *status =
            json_string_value(json_object_get(json_object_get(message, "data"), "status"));
        snprintf(monitor->migration, sizeof(monitor->migration), "%s", status ? status : "");
        monitor->migrates = strcmp(monitor->migration, "active") == 0;
    }
}

static void take_message(struct hs_monitor *monitor, const char *line)
{
    json_t *message = json_loads(line, 0, NULL);
    const char *event = json_string_value(json_object_get(message, "event"));
    if (event)
        note_event(monitor, message, event);
    if (json_object_get(message, "QMP"))
        monitor->greeted = true;
    if (json_object_get(message, "return") || json_object_get(message, "error")) {
        json_decref(monitor->answer);
        monitor->answer = json_incref(message);
    }
    json_decref(message);
}

static bool take_input(void *context)
{
    struct hs_monitor *monitor = (struct hs_monitor *)context;
    char bytes[4096];
    ssize_t count = read(monitor->fd, bytes, sizeof(bytes));
    if (count <= 0) {
        monitor->closed = true;
        return false;
    }
    for (ssize_t i = 0; i < count; i++) {
        if (bytes[i] != '\n') {
            hs_text_add_bytes(&monitor->input, &bytes[i], 1);
            continue;
        }
        take_message(monitor, hs_text_string(&monitor->input));
        hs_text_free(&monitor->input);
        monitor->input = (struct hs_text){0};
    }
    return true;
}

static bool has_greeted(void *context)
{
    const struct hs_monitor *monitor = (const struct hs_monitor *)context;
    return monitor->greeted || monitor->closed;
}

static bool has_answered(void *context)
{
    const struct hs_monitor *monitor = (const struct hs_monitor *)context;
    return monitor->answer || monitor->closed;
}

bool hs_monitor_begin(
    struct hs_monitor *monitor, struct hs_poller *poller, int fd, struct hs_error *error)
{
    assert(monitor && poller && fd >= 0 && error);
    *monitor = (struct hs_monitor){.poller = poller, .fd = fd};
    hs_poller_watch(poller, fd, take_input, monitor);
    if (!hs_poller_until(poller, has_greeted, monitor, ANSWER_SECONDS) || monitor->closed)
        return hs_fail(error, "QEMU did not start");
    return hs_monitor_tell(monitor, "qmp_capabilities", NULL, error);
}

void hs_monitor_end(struct hs_monitor *monitor)
{
    assert(monitor);
    if (!monitor->poller)
        return;
    hs_poller_forget(monitor->poller, monitor->fd);
    close(monitor->fd);
    json_decref(monitor->answer);
    hs_text_free(&monitor->input);
    *monitor = (struct hs_monitor){0};
}

/* Send a line, and with it a descriptor if `fd` is one. */
static bool send_line(struct hs_monitor *monitor, const char *line, int fd)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec bytes = {.iov_base = (void *)(uintptr_t)line, .iov_len = strlen(line)};
    struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1};
    if (fd >= 0) {
        message.msg_control = control.room;
        message.msg_controllen = sizeof(control.room);
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &fd, sizeof(fd));
    }
    return sendmsg(monitor->fd, &message, MSG_NOSIGNAL) == (ssize_t)bytes.iov_len;
}

/* Send a command, with a descriptor if `fd` is one, and wait for its answer. */
static json_t *ask(struct hs_monitor *monitor, const char *command, json_t *arguments, int fd,
    struct hs_error *error)
{
    json_t *message = json_pack("{s:s}", "execute", command);
    if (arguments)
        json_object_set_new(message, "arguments", arguments);
    char *line = (char *)hs_must(json_dumps(message, JSON_COMPACT));
    bool is_sent = !monitor->closed && send_line(monitor, line, fd);
    free(line);
    json_decref(message);
    json_decref(monitor->answer);
    monitor->answer = NULL;
    if (!is_sent || !hs_poller_until(monitor->poller, has_answered, monitor, ANSWER_SECONDS) ||
        !monitor->answer) {
        hs_fail(error, "%s: QEMU %s", command, monitor->closed ? "is gone" : "does not answer");
        return NULL;
    }
    json_t *result = json_incref(json_object_get(monitor->answer, "return"));
    if (!result)
        hs_fail(error, "%s: %s", command,
            json_string_value(json_object_get(json_object_get(monitor->answer, "error"), "desc")));
    return result;
}

json_t *hs_monitor_ask(
    struct hs_monitor *monitor, const char *command, json_t *arguments, struct hs_error *error)
{
    assert(monitor && command && error);
    return ask(monitor, command, arguments, -1, error);
}

bool hs_monitor_tell(
    struct hs_monitor *monitor, const char *command, json_t *arguments, struct hs_error *error)
{
    json_t *result = hs_monitor_ask(monitor, command, arguments, error);
    json_decref(result);
    return result;
}

bool hs_monitor_give(struct hs_monitor *monitor, const char *name, int fd, struct hs_error *error)
{
    assert(monitor && name && fd >= 0 && error);
    json_t *result = ask(monitor, "getfd", json_pack("{s:s}", "fdname", name), fd, error);
    json_decref(result);
    return result;
}
