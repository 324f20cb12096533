/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading a recording. */
#include "recording.h"

#include "text.h"

#include <assert.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

const char *const hs_event_names[HS_EVENT_KIND_COUNT] = {
    [HS_EVENT_CONFIG_INTERRUPT] = "config-interrupt",
    [HS_EVENT_READ_COMMAND] = "read-command",
    [HS_EVENT_QUEUE_ELEMENT] = "queue-element",
    [HS_EVENT_TAKE_ELEMENT] = "take-element",
    [HS_EVENT_USE_ELEMENT] = "use-element",
    [HS_EVENT_RELEASE] = "release",
    [HS_EVENT_BEGIN_MIGRATION] = "begin-migration",
    [HS_EVENT_BEGIN_SYNC] = "begin-sync",
    [HS_EVENT_END_SYNC] = "end-sync",
    [HS_EVENT_SEND_PAGE] = "send-page",
    [HS_EVENT_STOP_VM] = "stop-vm",
    [HS_EVENT_END_MIGRATION] = "end-migration",
    [HS_EVENT_STATUS] = "status",
    [HS_EVENT_LOST] = "lost",
};

static const char *const end_names[HS_MIGRATION_END_COUNT] = {"completed", "cancelled"};
static const char *const queue_names[HS_QUEUE_COUNT] = {
    [HS_QUEUE_FREE_PAGE] = "free_page_vq",
    [HS_QUEUE_REPORTING] = "reporting_vq",
    [HS_QUEUE_INFLATE] = "inflateq",
    [HS_QUEUE_DEFLATE] = "deflateq",
};
static const char *const status_names[HS_STATUS_COUNT] = {
    [HS_STATUS_STOP] = "STOP",
    [HS_STATUS_REQUESTED] = "REQUESTED",
    [HS_STATUS_START] = "START",
    [HS_STATUS_DONE] = "DONE",
};

/* A line that is being read. */
struct reader {
    struct hs_recording *recording;
    const char *path;
    unsigned line;
    const json_t *json;
    size_t used; /* members of it that were asked for */
    struct hs_error *error;
    size_t event_room;
    size_t range_room;
};

/* ---- members -------------------------------------------------------------------------------- */

#define WRONG(reader, ...) \
    hs_fail_at((reader)->error, (reader)->path, (reader)->line, 1, __VA_ARGS__)

/* A member, which is then no unknown one; NULL: there is none. */
static const json_t *find(struct reader *reader, const json_t *json, const char *name)
{
    const json_t *member = json_object_get(json, name);
    reader->used += member != NULL;
    return member;
}

/* Every member was asked for. */
static bool is_whole(struct reader *reader, const json_t *json, size_t used)
{
    return json_object_size(json) == used ||
           WRONG(reader, "a member that does not belong here; see spec/trace.md for what does");
}

static bool read_number(struct reader *reader, const json_t *json, const char *name, int64_t least,
    int64_t most, int64_t *number)
{
    const json_t *member = find(reader, json, name);
    *number = json_integer_value(member);
    return (json_is_integer(member) && *number >= least && *number <= most) ||
           WRONG(reader, "\"%s\" must be a whole number from %lld to %lld", name, (long long)least,
               (long long)most);
}

/* One of `count` names. */
static bool read_name(struct reader *reader, const json_t *json, const char *name,
    const char *const *names, unsigned count, unsigned *index)
{
    const char *text = json_string_value(find(reader, json, name));
    char room[512];
    struct hs_text allowed = hs_text_in(room, sizeof(room));
    for (*index = 0; *index < count; (*index)++) {
        if (text && names[*index] && strcmp(text, names[*index]) == 0)
            return true;
        if (names[*index])
            hs_text_item(&allowed, ", ", "%s", names[*index]);
    }
    return WRONG(reader, "\"%s\" must be one of %s", name, hs_text_string(&allowed));
}

static bool read_flag(struct reader *reader, const json_t *json, const char *name, bool *flag)
{
    const json_t *member = find(reader, json, name);
    *flag = json_is_true(member);
    return json_is_boolean(member) || WRONG(reader, "\"%s\" must be true or false", name);
}

/* A string of the file as it may be shown: without control characters. */
static const char *clean(char *room, size_t size, const char *string)
{
    struct hs_text text = hs_text_in(room, size);
    hs_text_add_clean(&text, string);
    return hs_text_string(&text);
}

/* Words that need not be there. */
static bool read_words(struct reader *reader, const char *name, char **words)
{
    const json_t *member = find(reader, reader->json, name);
    if (!member)
        return true;
    if (!json_is_string(member))
        return WRONG(reader, "\"%s\" must be a string", name);
    struct hs_text text = {0};
    hs_text_add_clean(&text, json_string_value(member));
    *words = (char *)hs_must(strdup(hs_text_string(&text)));
    hs_text_free(&text);
    return true;
}

/* ---- the first line ------------------------------------------------------------------------- */

static bool read_clock(struct reader *reader, const char *name, const json_t *json)
{
    struct hs_recording *recording = reader->recording;
    if (recording->clock_count == HS_CLOCKS_MAX)
        return WRONG(reader, "more than %d clocks", HS_CLOCKS_MAX);
    struct hs_clock *clock = &recording->clocks[recording->clock_count++];
    clean(clock->name, sizeof(clock->name), name);
    if (strcmp(clock->name, name) != 0 || !*name || !json_is_object(json))
        return WRONG(reader,
            "a clock must have a name of 1 to %zu printable bytes, and be an object",
            sizeof(clock->name) - 1);
    clock->has_offset = json_object_size(json);
    reader->used = 0;
    return !clock->has_offset ||
           (read_number(reader, json, "offset", INT64_MIN / 4, INT64_MAX / 4, &clock->offset) &&
               read_number(reader, json, "within", 0, INT64_MAX / 4, &clock->within) &&
               is_whole(reader, json, reader->used));
}

static bool read_clocks(struct reader *reader)
{
    const json_t *clocks = find(reader, reader->json, "clocks");
    size_t used = reader->used;
    const char *name = NULL;
    json_t *clock = NULL;
    if (!json_object_size(clocks))
        return WRONG(reader, "\"clocks\" must be an object with a member for each clock");
    json_object_foreach((json_t *)(uintptr_t)clocks, name, clock)
    {
        if (!read_clock(reader, name, clock))
            return false;
    }
    reader->used = used;
    return true;
}

static bool read_recorded(struct reader *reader)
{
    const json_t *list = find(reader, reader->json, "recorded");
    char shown[40];
    if (!json_is_array(list))
        return WRONG(reader, "\"recorded\" must be a list of events");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));
        unsigned kind = 0;
        while (kind < HS_EVENT_LOST && (!name || strcmp(name, hs_event_names[kind]) != 0))
            kind++;
        if (kind == HS_EVENT_LOST)
            return WRONG(reader, "\"recorded\" names what is no event: '%s'",
                clean(shown, sizeof(shown), name ? name : ""));
        reader->recording->recorded |= 1u << kind;
    }
    return true;
}

static bool read_header(struct reader *reader)
{
    static const char *const begins[] = {"start", "middle"};
    struct hs_recording *recording = reader->recording;
    enum { VERSION = 1, PAGE_LEAST = 512, PAGE_MOST = 1 << 24 };
    int64_t version = 0;
    int64_t page_size = 0;
    unsigned begin = 0;
    reader->used = 0;
    char *recorder = NULL;
    bool good = read_number(reader, reader->json, "trace", VERSION, VERSION, &version) &&
                read_number(reader, reader->json, "page_size", PAGE_LEAST, PAGE_MOST, &page_size) &&
                read_name(reader, reader->json, "begins", begins, 2, &begin) &&
                read_words(reader, "guest", &recording->guest) &&
                read_words(reader, "host", &recording->host) &&
                read_words(reader, "recorder", &recorder) && read_recorded(reader) &&
                read_clocks(reader) && is_whole(reader, reader->json, reader->used);
    free(recorder);
    recording->page_size = (uint32_t)page_size;
    recording->begins_in_middle = begin == 1;
    if (good && page_size & (page_size - 1))
        return WRONG(reader, "\"page_size\" must be a power of two");
    return good;
}

/* ---- events --------------------------------------------------------------------------------- */

static bool read_range(struct reader *reader, const json_t *json)
{
    struct hs_recording *recording = reader->recording;
    if (recording->range_count == reader->range_room) {
        reader->range_room = reader->range_room ? 2 * reader->range_room : 1024;
        recording->ranges = (struct hs_range *)hs_must(
            realloc(recording->ranges, reader->range_room * sizeof(*recording->ranges)));
    }
    struct hs_range *range = &recording->ranges[recording->range_count++];
    int64_t address = 0;
    int64_t length = 0;
    int64_t word = 0;
    *range = (struct hs_range){0};
    if (!json_is_object(json))
        return WRONG(reader, "a buffer must be an object");
    reader->used = 0;
    range->has_word = json_object_get(json, "word");
    bool good = read_number(reader, json, "address", 0, INT64_MAX / 2, &address) &&
                read_number(reader, json, "length", 0, INT64_MAX / 2, &length) &&
                read_flag(reader, json, "writable", &range->is_writable) &&
                (!range->has_word || read_number(reader, json, "word", 0, UINT32_MAX, &word)) &&
                is_whole(reader, json, reader->used);
    range->address = (uint64_t)address;
    range->length = (uint64_t)length;
    range->word = (uint32_t)word;
    return good;
}

/* The buffers of an element; only where it is queued they must be there. */
static bool read_ranges(struct reader *reader, struct hs_happening *event, bool must)
{
    const json_t *list = find(reader, reader->json, "buffers");
    size_t used = reader->used;
    event->range = (uint32_t)reader->recording->range_count;
    event->ranges = (uint32_t)json_array_size(list);
    if (!list && !must)
        return true;
    if (!json_array_size(list))
        return WRONG(reader, "\"buffers\" must be a list of at least one buffer");
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (!read_range(reader, json_array_get(list, i)))
            return false;
    }
    reader->used = used;
    return true;
}

/* What a device saw of the directions of what it took; it need not be there. */
static bool read_role(struct reader *reader, struct hs_happening *event)
{
    static const char *const names[] = {[HS_ROLE_COMMAND] = "command", [HS_ROLE_PAGES] = "pages"};
    unsigned role = HS_ROLE_UNKNOWN;
    bool is_there = json_object_get(reader->json, "kind") != NULL;
    bool good =
        !is_there || read_name(reader, reader->json, "kind", names, HS_ROLE_PAGES + 1, &role);
    event->role = (enum hs_element_role)role;
    return good;
}

static bool read_element(struct reader *reader, struct hs_happening *event)
{
    unsigned queue = 0;
    int64_t number = 0;
    if (!read_name(reader, reader->json, "queue", queue_names, HS_QUEUE_COUNT, &queue) ||
        !read_number(reader, reader->json, "number", 0, UINT32_MAX, &number))
        return false;
    event->queue = (enum hs_queue)queue;
    event->number = (uint32_t)number;
    if (event->kind == HS_EVENT_TAKE_ELEMENT && !read_role(reader, event))
        return false;
    return event->kind == HS_EVENT_USE_ELEMENT ||
           read_ranges(reader, event, event->kind == HS_EVENT_QUEUE_ELEMENT);
}

/* The one number that an event has beside its time. */
static bool read_value(struct reader *reader, struct hs_happening *event)
{
    int64_t value = 0;
    unsigned name = 0;
    bool good = true;
    switch (event->kind) {
    case HS_EVENT_READ_COMMAND:
        good = read_number(reader, reader->json, "id", 0, UINT32_MAX, &value);
        break;
    case HS_EVENT_RELEASE:
        good = read_number(reader, reader->json, "count", 0, INT64_MAX, &value);
        break;
    case HS_EVENT_USE_ELEMENT:
        good = read_number(reader, reader->json, "length", 0, UINT32_MAX, &value);
        break;
    case HS_EVENT_SEND_PAGE:
        good = read_number(reader, reader->json, "address", 0, INT64_MAX, &value);
        break;
    case HS_EVENT_STATUS:
        good = read_name(reader, reader->json, "value", status_names, HS_STATUS_COUNT, &name);
        value = name;
        break;
    case HS_EVENT_END_MIGRATION:
        good = read_name(reader, reader->json, "how", end_names, HS_MIGRATION_END_COUNT, &name);
        value = name;
        break;
    default:
        break;
    }
    event->value = (uint64_t)value;
    return good;
}

static bool has_queue(enum hs_event_kind kind)
{
    return kind == HS_EVENT_QUEUE_ELEMENT || kind == HS_EVENT_TAKE_ELEMENT ||
           kind == HS_EVENT_USE_ELEMENT;
}

static bool read_clock_name(struct reader *reader, struct hs_happening *event)
{
    const char *names[HS_CLOCKS_MAX] = {NULL};
    unsigned clock = 0;
    for (unsigned i = 0; i < reader->recording->clock_count; i++)
        names[i] = reader->recording->clocks[i].name;
    bool good =
        read_name(reader, reader->json, "clock", names, reader->recording->clock_count, &clock);
    event->clock = (uint8_t)clock;
    return good;
}

static bool read_event(struct reader *reader, struct hs_happening *event)
{
    unsigned kind = 0;
    reader->used = 0;
    *event = (struct hs_happening){.line = reader->line};
    if (!read_clock_name(reader, event) ||
        !read_number(reader, reader->json, "ns", INT64_MIN / 4, INT64_MAX / 4, &event->ns) ||
        !read_name(reader, reader->json, "event", hs_event_names, HS_EVENT_KIND_COUNT, &kind))
        return false;
    event->kind = (enum hs_event_kind)kind;
    return (!has_queue(event->kind) || read_element(reader, event)) && read_value(reader, event) &&
           is_whole(reader, reader->json, reader->used);
}

/* Each clock goes on. */
static bool is_later(struct reader *reader, const struct hs_happening *event, int64_t *last)
{
    bool good = event->ns >= last[event->clock];
    last[event->clock] = event->ns;
    return good ||
           WRONG(reader, "clock %s goes back here", reader->recording->clocks[event->clock].name);
}

static bool add_event(struct reader *reader, int64_t *last)
{
    struct hs_recording *recording = reader->recording;
    if (recording->count == reader->event_room) {
        reader->event_room = reader->event_room ? 2 * reader->event_room : 1024;
        recording->events = (struct hs_happening *)hs_must(
            realloc(recording->events, reader->event_room * sizeof(*recording->events)));
    }
    struct hs_happening *event = &recording->events[recording->count++];
    return read_event(reader, event) && is_later(reader, event, last);
}

/* ---- the file ------------------------------------------------------------------------------- */

static bool read_line(struct reader *reader, const char *text, size_t length, int64_t *last)
{
    json_error_t wrong;
    char shown[sizeof(wrong.text)];
    json_t *json = json_loadb(text, length, JSON_REJECT_DUPLICATES, &wrong);
    if (!json)
        return hs_fail_at(reader->error, reader->path, reader->line,
            wrong.column > 0 ? (unsigned)wrong.column : 1, "no JSON: %s",
            clean(shown, sizeof(shown), wrong.text));
    reader->json = json;
    bool good = json_is_object(json) || WRONG(reader, "a line must be a JSON object");
    good = good && (reader->line == 1 ? read_header(reader) : add_event(reader, last));
    json_decref(json);
    return good;
}

static bool read_lines(struct reader *reader, FILE *file)
{
    char *text = NULL;
    size_t room = 0;
    int64_t last[HS_CLOCKS_MAX] = {INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN};
    bool good = true;
    for (ssize_t length = 0; good && (length = getline(&text, &room, file)) >= 0;) {
        reader->line++;
        good = read_line(reader, text, (size_t)length, last);
    }
    free(text);
    if (good && ferror(file))
        return hs_fail(reader->error, "%s: %s", reader->path, strerror(errno));
    if (good && !reader->recording->count)
        return hs_fail_at(reader->error, reader->path, reader->line + 1, 1,
            reader->line ? "no event behind the first line" : "no first line: the file is empty");
    return good;
}

struct hs_recording *hs_recording_load(const char *path, struct hs_error *error)
{
    assert(path && error);
    bool is_input = strcmp(path, "-") == 0;
    FILE *file = is_input ? stdin : fopen(path, "re");
    if (!file) {
        hs_fail(error, "%s: %s", path, strerror(errno));
        return NULL;
    }
    struct hs_recording *recording =
        (struct hs_recording *)hs_must(calloc(1, sizeof(struct hs_recording)));
    struct reader reader = {.recording = recording, .path = path, .error = error};
    bool good = read_lines(&reader, file);
    if (!is_input)
        fclose(file);
    if (good)
        return recording;
    hs_recording_free(recording);
    return NULL;
}

void hs_recording_free(struct hs_recording *recording)
{
    if (!recording)
        return;
    free(recording->guest);
    free(recording->host);
    free(recording->events);
    free(recording->ranges);
    free(recording);
}
