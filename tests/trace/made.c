/* SPDX-License-Identifier: BSD-3-Clause */
/* Walks, as a recorder sees them. */
#include "made.h"

#include "replay.h"
#include "virtqueue.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { PAGE = 4096, NS = 1000 };

static void add(struct made_recording *made, struct made event)
{
    if (made->count < MADE_MAX && made->recorded >> event.kind & 1u)
        made->events[made->count++] = event;
}

static unsigned queued(struct hs_world w)
{
    return hs_queue(w, HS_QUEUE_FREE_PAGE).size ? hs_queue(w, HS_QUEUE_FREE_PAGE).ring->avail : 0;
}

/* A command was queued, if one was. */
static void add_command(
    struct made_recording *made, struct hs_world w, unsigned before, unsigned word)
{
    if (queued(w) != before)
        add(made, (struct made){HS_EVENT_QUEUE_ELEMENT, false, true, word});
}

/* What a recorder writes of a step that was taken. */
static void record(
    struct made_recording *made, struct hs_world w, struct hs_step step, unsigned before)
{
    const struct hs_driver *driver = &w.state->driver;
    switch ((enum hs_step_kind)step.kind) {
    case HS_DRIVER_CONFIG_INTERRUPT:
        add(made, (struct made){.kind = HS_EVENT_CONFIG_INTERRUPT});
        break;
    case HS_DRIVER_READ_COMMAND:
        add(made, (struct made){HS_EVENT_READ_COMMAND, false, false, driver->cached_id});
        break;
    case HS_DRIVER_START_ROUND:
        add_command(made, w, before, driver->active_id);
        break;
    case HS_DRIVER_END_ROUND:
        add_command(made, w, before, HS_COMMAND_STOP);
        break;
    case HS_DRIVER_HINT_PAGE:
        add(made, (struct made){HS_EVENT_QUEUE_ELEMENT, false, false, step.page});
        break;
    case HS_DRIVER_RELEASE:
    case HS_DRIVER_SHRINK:
        add(made, (struct made){HS_EVENT_RELEASE, false, false, made->block / PAGE});
        break;
    case HS_DEVICE_TAKE_ELEMENT:
        add(made, (struct made){.kind = HS_EVENT_TAKE_ELEMENT, .is_host = true});
        break;
    case HS_MIGRATION_START:
        add(made, (struct made){.kind = HS_EVENT_BEGIN_MIGRATION, .is_host = true});
        break;
    case HS_MIGRATION_SYNC:
        add(made, (struct made){.kind = HS_EVENT_BEGIN_SYNC, .is_host = true});
        break;
    case HS_MIGRATION_MERGE_LOG:
        add(made, (struct made){.kind = HS_EVENT_END_SYNC, .is_host = true});
        break;
    case HS_MIGRATION_FINISH_PAGE:
        add(made, (struct made){HS_EVENT_SEND_PAGE, true, false, step.page});
        break;
    case HS_MIGRATION_STOP_VM:
        add(made, (struct made){.kind = HS_EVENT_STOP_VM, .is_host = true});
        break;
    case HS_MIGRATION_SWITCH_OVER:
        add(made, (struct made){HS_EVENT_END_MIGRATION, true, false, HS_ENDED_COMPLETED});
        break;
    case HS_MIGRATION_CANCEL:
        add(made, (struct made){HS_EVENT_END_MIGRATION, true, false, HS_ENDED_CANCELLED});
        break;
    default:
        break;
    }
}

void made_walk(const struct hs_config *config, unsigned steps, struct chance *chance,
    struct made_recording *made)
{
    union hs_state_buffer buffer;
    struct hs_world w = {config, &buffer.state};
    struct hs_step enabled[HS_STEPS_MAX];
    made->count = 0;
    made->block = (uint32_t)PAGE << config->hint_order;
    hs_world_init(w);
    for (unsigned i = 0; i < steps; i++) {
        unsigned count = hs_world_steps(w, enabled);
        if (!count)
            return;
        struct hs_step step = enabled[chance_below(chance, count)];
        /* else hardly a walk comes to its end */
        if (step.kind == HS_MIGRATION_CANCEL && !chance_one_in(chance, 8))
            continue;
        unsigned before = queued(w);
        hs_world_take(w, step);
        record(made, w, step, before);
    }
}

void made_of_run(const struct hs_run *run, struct made_recording *made)
{
    made->count = 0;
    made->block = (uint32_t)PAGE << run->config.hint_order;
    for (unsigned i = 0; i < run->length && i < MADE_MAX; i++) {
        made->before[i] = made->count;
        record(made, hs_run_world(run, i + 1), run->moments[i].step, queued(hs_run_world(run, i)));
    }
}

/* ---- the file ------------------------------------------------------------------------------- */

static void write_element(
    const struct made *event, const struct made_recording *made, unsigned number, FILE *file)
{
    fprintf(file, ",\"queue\":\"free_page_vq\",\"number\":%u", number);
    if (event->kind == HS_EVENT_TAKE_ELEMENT)
        return;
    if (event->is_command)
        fprintf(file,
            ",\"buffers\":[{\"address\":64,\"length\":4,\"writable\":false,\"word\":%" PRIu64 "}]",
            event->value);
    else
        fprintf(file, ",\"buffers\":[{\"address\":%" PRIu64 ",\"length\":%u,\"writable\":true}]",
            event->value * PAGE, made->block);
}

static void write_event(const struct made *event, const struct made_recording *made, unsigned at,
    unsigned numbers[HS_EVENT_KIND_COUNT], FILE *file)
{
    int64_t ns = (int64_t)at * NS - (event->is_host ? 0 : made->offset);
    fprintf(file, "{\"clock\":\"%s\",\"ns\":%" PRId64 ",\"event\":\"%s\"",
        event->is_host ? "host" : "guest", ns, hs_event_names[event->kind]);
    switch (event->kind) {
    case HS_EVENT_READ_COMMAND:
        fprintf(file, ",\"id\":%" PRIu64, event->value);
        break;
    case HS_EVENT_RELEASE:
        fprintf(file, ",\"count\":%" PRIu64, event->value);
        break;
    case HS_EVENT_SEND_PAGE:
        fprintf(file, ",\"address\":%" PRIu64, event->value * PAGE);
        break;
    case HS_EVENT_END_MIGRATION:
        fprintf(file, ",\"how\":\"%s\"",
            event->value == HS_ENDED_COMPLETED ? "completed" : "cancelled");
        break;
    case HS_EVENT_QUEUE_ELEMENT:
    case HS_EVENT_TAKE_ELEMENT:
        write_element(event, made, numbers[event->kind]++, file);
        break;
    default:
        break;
    }
    fputs("}\n", file);
}

void made_save(const struct made_recording *made, const char *path)
{
    unsigned numbers[HS_EVENT_KIND_COUNT] = {0};
    const char *joint = "";
    FILE *file = fopen(path, "we");
    assert(file);
    fprintf(file,
        "{\"trace\":1,\"page_size\":%d,\"begins\":\"start\",\"clocks\":{\"host\":{},\"guest\":{",
        PAGE);
    if (made->tells_offset)
        fprintf(file, "\"offset\":%" PRId64 ",\"within\":0", made->offset);
    fputs("}},\"recorded\":[", file);
    for (unsigned kind = 0; kind < HS_EVENT_LOST; kind++) {
        if (made->recorded >> kind & 1u) {
            fprintf(file, "%s\"%s\"", joint, hs_event_names[kind]);
            joint = ",";
        }
    }
    fputs("]}\n", file);
    for (unsigned i = 0; i < made->count; i++)
        write_event(&made->events[i], made, i, numbers, file);
    fclose(file);
}
