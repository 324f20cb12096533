/* SPDX-License-Identifier: BSD-3-Clause */
/* The few names for others: strings and numbers outside, the machines inside. */
#include "hintmodel.h"

#include "device.h"
#include "page.h"
#include "world.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How far a world has come.  No number that memory is likely to hold by accident. */
enum stage { BEGUN = 0x6265676e, STARTED = 0x73746172 };

/* What stands in a struct hintmodel. */
struct inside {
    struct hs_config config;
    uint64_t stage; /* enum stage */
    union hs_state_buffer state;
};
static_assert(sizeof(struct inside) <= sizeof(struct hintmodel), "a world fits");

/* A world that was begun. */
static struct inside *inside(struct hintmodel *world)
{
    struct inside *in = (struct inside *)(void *)world->memory;
    assert(in->stage == BEGUN || in->stage == STARTED);
    return in;
}

/* The machines' functions take a state that they may change; those used here do not. */
static struct hs_world view(const struct hintmodel *world)
{
    assert(world);
    struct inside *in = (struct inside *)(uintptr_t)world->memory;
    assert(in->stage == STARTED);
    return (struct hs_world){&in->config, &in->state.state};
}

/* A reason for the caller; returns false. */
#define REFUSE(why, ...) (snprintf(why, HINTMODEL_WHY, __VA_ARGS__), false)

/* ---- making a world -------------------------------------------------------------------------- */

static bool apply_preset(struct hs_rules *rules, enum hs_side side, const char *name, char *why)
{
    const struct hs_preset *preset = name ? hs_preset_find(side, name) : NULL;
    if (name && !preset)
        return REFUSE(why, "no preset of a %s is named '%.60s'",
            side == HS_SIDE_GUEST ? "guest" : "host", name);
    if (preset)
        hs_rules_apply_preset(rules, preset);
    return true;
}

bool hintmodel_begin(
    struct hintmodel *world, const char *guest, const char *host, char why[HINTMODEL_WHY])
{
    assert(world && why);
    struct hs_rules rules = hs_rules_default();
    struct inside *in = (struct inside *)(void *)world->memory;
    if (!apply_preset(&rules, HS_SIDE_GUEST, guest, why) ||
        !apply_preset(&rules, HS_SIDE_HOST, host, why))
        return false;
    memset(world, 0, sizeof(*world));
    in->stage = BEGUN;
    struct hs_config *config = &in->config;
    config->rules = rules;
    config->pages = 4;
    config->report_batch = 1;
    config->queue_size[HS_QUEUE_FREE_PAGE] = 4;
    memset(config->limits, HS_UNLIMITED, sizeof(config->limits));
    return true;
}

/* A number from `least`, 0 or more, to `most`; -1: it is none.  It begins with a digit. */
static long number_in(const char *text, long least, long most)
{
    char *end;
    long number = strtol(text, &end, 10);
    bool whole = isdigit((unsigned char)*text) && !*end;
    return whole && number >= least && number <= most ? number : -1;
}

/* The size that has that name, and the least and the most that it can be; NULL if none has. */
static uint8_t *size_named(
    struct hs_config *config, const char *name, uint8_t *least, uint8_t *most)
{
    const struct {
        const char *name;
        uint8_t *size;
        uint8_t least;
        uint8_t most;
    } sizes[] = {
        {"pages", &config->pages, 1, HS_PAGES_MAX},
        {"max-order", &config->max_order, 0, HS_ORDER_MAX},
        {"hint-order", &config->hint_order, 0, HS_ORDER_MAX},
        {"report-order", &config->report_order, 0, HS_ORDER_MAX},
        {"report-batch", &config->report_batch, 1, HS_BATCH_MAX},
        {"free_page_vq", &config->queue_size[HS_QUEUE_FREE_PAGE], 0, HS_QUEUE_SIZE_MAX},
        {"reporting_vq", &config->queue_size[HS_QUEUE_REPORTING], 0, HS_QUEUE_SIZE_MAX},
        {"inflateq", &config->queue_size[HS_QUEUE_INFLATE], 0, HS_QUEUE_SIZE_MAX},
        {"deflateq", &config->queue_size[HS_QUEUE_DEFLATE], 0, HS_QUEUE_SIZE_MAX},
    };
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        if (strcmp(sizes[i].name, name) == 0) {
            *least = sizes[i].least;
            *most = sizes[i].most;
            return sizes[i].size;
        }
    }
    return NULL;
}

static bool set_size(
    uint8_t *size, uint8_t least, uint8_t most, const char *name, const char *value, char *why)
{
    long number = number_in(value, least, most);
    if (number < 0)
        return REFUSE(why, "%s: '%.60s' is not a number from %u to %u", name, value, least, most);
    *size = (uint8_t)number;
    return true;
}

static bool set_rule(struct hs_rules *rules, enum hs_rule rule, const char *value, char *why)
{
    int number = hs_rule_value_find(rule, value);
    if (number < 0)
        return REFUSE(why, "%s has no value '%.60s'", hs_rule_rows[rule].name, value);
    rules->value[rule] = (uint8_t)number;
    return true;
}

/* One of two words; `second` becomes whether it is the second. */
static bool set_word(
    const char *name, const char *value, const char *const words[2], bool *second, char *why)
{
    if (strcmp(value, words[0]) != 0 && strcmp(value, words[1]) != 0)
        return REFUSE(why, "%s is %s or %s, not '%.60s'", name, words[0], words[1], value);
    *second = strcmp(value, words[1]) == 0;
    return true;
}

static bool set_limit(uint8_t *limit, const char *name, const char *value, char *why)
{
    if (strcmp(value, "none") == 0) {
        *limit = HS_UNLIMITED;
        return true;
    }
    return set_size(limit, 0, HS_UNLIMITED - 1, name, value, why);
}

static bool set_free(uint64_t *pages, const char *value, char *why)
{
    char *end;
    errno = 0;
    unsigned long long mask = strtoull(value, &end, 0);
    if (!isdigit((unsigned char)*value) || *end || errno || mask > UINT64_MAX)
        return REFUSE(why, "free: '%.60s' is not a mask of pages", value);
    *pages = mask;
    return true;
}

static bool set_other(struct hs_config *config, const char *name, const char *value, char *why)
{
    static const char *const policies[] = {"any", "lifo"};
    static const char *const switches[] = {"off", "on"};
    bool second = false;
    if (strcmp(name, "free") == 0)
        return set_free(&config->free_at_start, value, why);
    if (strcmp(name, "postcopy") == 0)
        return set_word(name, value, switches, &config->postcopy, why);
    if (strcmp(name, "policy") != 0)
        return REFUSE(why, "there is no rule, size, queue or limit '%.60s'", name);
    if (!set_word(name, value, policies, &second, why))
        return false;
    config->policy = second ? HS_POLICY_LIFO : HS_POLICY_ANY;
    return true;
}

bool hintmodel_set(
    struct hintmodel *world, const char *name, const char *value, char why[HINTMODEL_WHY])
{
    assert(world && name && value && why);
    struct hs_config *config = &inside(world)->config;
    enum hs_rule rule = hs_rule_find(name);
    uint8_t least = 0;
    uint8_t most = 0;
    uint8_t *size = size_named(config, name, &least, &most);
    if (inside(world)->stage == STARTED)
        return REFUSE(why, "the world was started: nothing can be set any more");
    if (rule != HS_RULE_COUNT)
        return set_rule(&config->rules, rule, value, why);
    if (size)
        return set_size(size, least, most, name, value, why);
    for (unsigned i = 0; i < HS_LIMIT_COUNT; i++) {
        if (strcmp(hs_limit_rows[i].name, name) == 0)
            return set_limit(&config->limits[i], name, value, why);
    }
    return set_other(config, name, value, why);
}

bool hintmodel_start(struct hintmodel *world, char why[HINTMODEL_WHY])
{
    assert(world && why);
    struct inside *in = inside(world);
    const char *wrong = hs_config_finish(&in->config);
    if (wrong)
        return REFUSE(why, "%s", wrong);
    in->stage = STARTED;
    memset(&in->state, 0, sizeof(in->state));
    hs_world_init(view(world));
    return true;
}

/* ---- steps ----------------------------------------------------------------------------------- */

const char *hintmodel_step_name(unsigned kind)
{
    return kind < HS_STEP_KIND_COUNT ? hs_step_rows[kind].name : NULL;
}

bool hintmodel_step_find(const struct hintmodel *world, const char *text,
    struct hintmodel_step *step, char why[HINTMODEL_WHY])
{
    assert(world && text && step && why);
    char name[64];
    size_t length = strcspn(text, " ");
    const char *page = text + length + strspn(text + length, " ");
    snprintf(name, sizeof(name), "%.*s", (int)(length < 63 ? length : 63), text);
    enum hs_step_kind kind = hs_step_find(name);
    if (kind == HS_STEP_KIND_COUNT)
        return REFUSE(why, "there is no step '%.60s'", name);
    unsigned pages = hs_step_rows[kind].has_page ? view(world).config->pages : 0;
    long number = pages ? number_in(page, 0, (long)pages - 1) : 0;
    if (!pages && *page)
        return REFUSE(why, "%s has no page", name);
    if (number < 0)
        return REFUSE(why, "%s needs a page from 0 to %u", name, pages - 1);
    *step = (struct hintmodel_step){(uint16_t)kind, (uint16_t)number};
    return true;
}

unsigned hintmodel_steps(const struct hintmodel *world, struct hintmodel_step *steps, unsigned room)
{
    assert(world && (steps || !room));
    struct hs_step enabled[HS_STEPS_MAX];
    unsigned count = hs_world_steps(view(world), enabled);
    for (unsigned i = 0; i < count && i < room; i++)
        steps[i] = (struct hintmodel_step){enabled[i].kind, enabled[i].page};
    return count;
}

bool hintmodel_enabled(
    const struct hintmodel *world, struct hintmodel_step step, char why[HINTMODEL_WHY])
{
    assert(world && why);
    struct hs_refusal refusal = {0};
    struct hs_step inner = {(uint8_t)step.kind, (uint8_t)step.page};
    bool fits = step.kind < HS_STEP_KIND_COUNT && step.page < HS_PAGES_MAX;
    if (!fits || !hs_world_has(view(world), inner))
        return REFUSE(why, "the world has no step of kind %u with page %u", step.kind, step.page);
    return hs_world_enabled(view(world), inner, &refusal) ||
           REFUSE(why, "it is possible %s", refusal.text);
}

bool hintmodel_take(struct hintmodel *world, struct hintmodel_step step, char why[HINTMODEL_WHY])
{
    assert(world && why);
    if (!hintmodel_enabled(world, step, why))
        return false;
    hs_world_take(view(world), (struct hs_step){(uint8_t)step.kind, (uint8_t)step.page});
    return true;
}

bool hintmodel_do(struct hintmodel *world, const char *text, char why[HINTMODEL_WHY])
{
    assert(world && text && why);
    struct hintmodel_step step = {0, 0};
    return hintmodel_step_find(world, text, &step, why) && hintmodel_take(world, step, why);
}

/* ---- looking --------------------------------------------------------------------------------- */

/* One function for each field, since a bit field has no address. */
#define FIXED(machine, field, ...)                                             \
    static unsigned read_##machine##_##field(struct hs_world w, unsigned page) \
    {                                                                          \
        (void)page;                                                            \
        return w.state->machine.field;                                         \
    }
#define RING(ID, queue, field, ...)                                          \
    static unsigned read_##queue##_##field(struct hs_world w, unsigned page) \
    {                                                                        \
        (void)page;                                                          \
        return hs_queue(w, HS_QUEUE_##ID).ring->field;                       \
    }
#define PAGE(field, ...)                                                \
    static unsigned read_page_##field(struct hs_world w, unsigned page) \
    {                                                                   \
        return hs_page(w, page)->field;                                 \
    }
#include "fields.def"

static unsigned read_device_field(struct hs_world w, unsigned page)
{
    (void)page;
    return hs_device_field(w);
}

/* A field of the queue `queue`, of the page if `of_page`, or of a fixed part. */
static const struct field {
    const char *name;
    unsigned (*read)(struct hs_world w, unsigned page);
    enum hs_queue queue; /* HS_QUEUE_COUNT: of none */
    bool of_page;
    unsigned most;
    const char *meaning;
} fields[] = {
    {"device.field", read_device_field, HS_QUEUE_COUNT, false, HS_COMMAND_LAST_ID,
        "what the driver reads in free_page_hint_cmd_id: 0 STOP, 1 DONE, from 2 on a command id"},
#define FIXED(machine, field, most, meaning) \
    {#machine "." #field, read_##machine##_##field, HS_QUEUE_COUNT, false, most, meaning},
#define RING(ID, queue, field, most, meaning) \
    {#queue "." #field, read_##queue##_##field, HS_QUEUE_##ID, false, most, meaning},
#define PAGE(field, most, meaning) \
    {"page." #field, read_page_##field, HS_QUEUE_COUNT, true, most, meaning},
#include "fields.def"
};
enum { FIELD_COUNT = sizeof(fields) / sizeof(fields[0]) };

const char *hintmodel_field_name(unsigned index)
{
    return index < FIELD_COUNT ? fields[index].name : NULL;
}

const char *hintmodel_field_meaning(unsigned index)
{
    return index < FIELD_COUNT ? fields[index].meaning : NULL;
}

unsigned hintmodel_field_most(unsigned index)
{
    return index < FIELD_COUNT ? fields[index].most : 0;
}

static const struct field *field_named(const char *name)
{
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (strcmp(fields[i].name, name) == 0)
            return &fields[i];
    }
    return NULL;
}

bool hintmodel_read(const struct hintmodel *world, const char *name, unsigned page,
    unsigned *number, char why[HINTMODEL_WHY])
{
    assert(world && name && number && why);
    struct hs_world w = view(world);
    const struct field *field = field_named(name);
    if (!field)
        return REFUSE(why, "there is no field '%.60s'", name);
    if (field->of_page && page >= w.config->pages)
        return REFUSE(why, "%s: there are pages 0 to %u", name, w.config->pages - 1u);
    if (field->queue != HS_QUEUE_COUNT && !w.config->queue_size[field->queue])
        return REFUSE(why, "%s: the world has no such queue", name);
    *number = field->read(w, page);
    return true;
}

const char *hintmodel_state(const struct hintmodel *world, const char *machine)
{
    assert(world && machine);
    for (unsigned i = 0; i < HS_MACHINE_COUNT; i++) {
        if (strcmp(hs_machine_rows[i].name, machine) == 0)
            return hs_machine_state_name(view(world), (enum hs_machine)i);
    }
    return NULL;
}

/* Rules, sizes and limits. */
static bool are_alike(const struct hs_config *a, const struct hs_config *b)
{
    return memcmp(a->rules.value, b->rules.value, sizeof(a->rules.value)) == 0 &&
           memcmp(a->limits, b->limits, sizeof(a->limits)) == 0 &&
           memcmp(a->queue_size, b->queue_size, sizeof(a->queue_size)) == 0 &&
           a->pages == b->pages && a->max_order == b->max_order && a->hint_order == b->hint_order &&
           a->report_order == b->report_order && a->report_batch == b->report_batch &&
           a->policy == b->policy && a->postcopy == b->postcopy;
}

bool hintmodel_equal(const struct hintmodel *a, const struct hintmodel *b)
{
    assert(a && b);
    struct hs_world left = view(a);
    struct hs_world right = view(b);
    assert(are_alike(left.config, right.config));
    return memcmp(left.state, right.state, left.config->layout.size) == 0;
}

/* ---- judging --------------------------------------------------------------------------------- */

const char *hintmodel_property_name(unsigned index)
{
    return index < HS_PROPERTY_COUNT ? hs_property_rows[index].name : NULL;
}

bool hintmodel_broken(const struct hintmodel *world, unsigned property)
{
    assert(world && property < HS_PROPERTY_COUNT);
    return hs_is_broken(view(world), (enum hs_property)property);
}

bool hintmodel_unrecorded(const struct hintmodel *world, unsigned page)
{
    assert(world);
    struct hs_world w = view(world);
    assert(page < w.config->pages);
    return hs_page_is_unrecorded(w, page);
}
