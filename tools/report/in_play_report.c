/* SPDX-License-Identifier: BSD-3-Clause */
/* What may happen in an exploration or a proof, and how often: for people, and for machines. */
#include "in_play_report.h"

#include "questions.h"
#include "text.h"

#include <string.h>

enum { THINGS = HS_LIMIT_COUNT + 4 };

struct thing {
    const char *name;
    bool in_play;
    bool is_usual; /* said only if it is not in play */
};

/* All that can be in play or not. */
static void list_things(const struct hs_config *config, struct thing things[THINGS])
{
    for (unsigned i = 0; i < HS_LIMIT_COUNT; i++)
        things[i] = (struct thing){hs_limit_rows[i].name, config->limits[i] != 0, false};
    things[HS_LIMIT_COUNT] = (struct thing){"postcopy", config->postcopy, false};
    things[HS_LIMIT_COUNT + 1] =
        (struct thing){"reporting", config->queue_size[HS_QUEUE_REPORTING] != 0, false};
    things[HS_LIMIT_COUNT + 2] =
        (struct thing){"inflate", config->queue_size[HS_QUEUE_INFLATE] != 0, false};
    things[HS_LIMIT_COUNT + 3] =
        (struct thing){"free_page_vq", config->queue_size[HS_QUEUE_FREE_PAGE] != 0, true};
}

static bool is_listed(struct thing thing, bool in_play)
{
    return thing.in_play == in_play && !(in_play && thing.is_usual);
}

static void add_list(
    const struct hs_config *config, bool in_play, const char *joint, struct hs_text *text)
{
    struct thing things[THINGS];
    list_things(config, things);
    hs_text_begin_list(text);
    for (unsigned i = 0; i < THINGS; i++) {
        if (is_listed(things[i], in_play))
            hs_text_item(text, joint, "%s", things[i].name);
    }
}

void hs_in_play_add(const struct hs_config *config, struct hs_text *text)
{
    add_list(config, true, ",", text);
}

void hs_not_in_play_add(const struct hs_config *config, struct hs_text *text)
{
    add_list(config, false, ",", text);
}

static void print_list(const struct hs_config *config, bool in_play, const char *label, FILE *out)
{
    struct hs_text text = {0};
    hs_text_add(&text, "%s: ", label);
    add_list(config, in_play, ", ", &text);
    hs_text_print(&text, 0, out);
}

static const char postcopy_note[] = "note: postcopy is enabled throughout; a host with "
                                    "hint-with-postcopy=off then asks for no hints at all";

void hs_in_play_print(const struct hs_config *config, FILE *out)
{
    print_list(config, true, "in play without limit", out);
    hs_not_in_play_print(config, out);
    if (config->postcopy)
        hs_print_wrapped(postcopy_note, 0, out);
}

void hs_in_play_print_markdown(const struct hs_config *config, FILE *out)
{
    struct hs_text text = {0};
    hs_text_add(&text, "In play without limit: ");
    hs_in_play_add(config, &text);
    hs_text_add(&text, ".\nNot in play: ");
    hs_not_in_play_add(config, &text);
    fprintf(out, "%s.\n", hs_text_string(&text));
    if (config->postcopy)
        fprintf(out, "%s.\n", postcopy_note);
    hs_text_free(&text);
}

json_t *hs_in_play_json(const struct hs_config *config)
{
    struct thing things[THINGS];
    json_t *list = json_array();
    list_things(config, things);
    for (unsigned i = 0; i < THINGS; i++) {
        if (is_listed(things[i], true))
            json_array_append_new(list, json_string(things[i].name));
    }
    return list;
}

/* ---- within limits --------------------------------------------------------------------------- */

void hs_limits_add(const struct hs_config *config, struct hs_text *text)
{
    hs_text_begin_list(text);
    for (unsigned i = 0; i < HS_LIMIT_COUNT; i++) {
        if (config->limits[i])
            hs_text_item(text, " ", "%s %u", hs_limit_rows[i].name, config->limits[i]);
    }
}

void hs_not_in_play_print(const struct hs_config *config, FILE *out)
{
    print_list(config, false, "not in play", out);
}

void hs_bounds_add(const struct hs_config *config, struct hs_text *text)
{
    static const char *const queues[HS_QUEUE_COUNT] = {"queue", "reporting", "inflate", "deflate"};
    hs_text_begin_list(text);
    for (unsigned i = 0; i < HS_LIMIT_COUNT; i++) {
        bool always = i == HS_LIMIT_WRITES || i == HS_LIMIT_ROUNDS;
        if (always || config->limits[i] != hs_limit_rows[i].usual)
            hs_text_item(text, " ", "%s=%u", hs_limit_rows[i].name, config->limits[i]);
    }
    hs_text_item(text, " ", "pages=%u", config->pages);
    for (unsigned i = 0; i < HS_QUEUE_COUNT; i++) {
        if (i == HS_QUEUE_FREE_PAGE || config->queue_size[i])
            hs_text_item(text, " ", "%s=%u", queues[i], config->queue_size[i]);
    }
    if (config->postcopy)
        hs_text_item(text, " ", "postcopy=on");
}

void hs_any_number_add(const struct hs_config *config, struct hs_text *text)
{
    struct thing things[THINGS];
    list_things(config, things);
    hs_text_add(text, "for any number of pages");
    for (unsigned i = 0; i < HS_LIMIT_COUNT; i++) {
        if (things[i].in_play)
            hs_text_add(text, ", %s", things[i].name);
    }
    const char *joint = "; without ";
    for (unsigned i = 0; i < THINGS; i++) {
        if (!is_listed(things[i], false))
            continue;
        hs_text_add(text, "%s%s", joint, things[i].name);
        joint = ", ";
    }
}

json_t *hs_limits_json(const struct hs_config *config)
{
    json_t *limits = json_object();
    for (unsigned i = 0; i < HS_LIMIT_COUNT; i++)
        json_object_set_new(limits, hs_limit_rows[i].name, json_integer(config->limits[i]));
    return limits;
}

void hs_in_play_options_add(const struct hs_in_play *in_play, struct hs_text *text)
{
    if (in_play->with)
        hs_text_add(text, " --with=%s", in_play->with);
    if (in_play->without)
        hs_text_add(text, " --without=%s", in_play->without);
}

/* Does an earlier property lack the same? */
static bool is_told(char lacks[][HS_LACKS_SIZE], unsigned property)
{
    for (unsigned i = 0; i < property; i++) {
        if (strcmp(lacks[i], lacks[property]) == 0)
            return true;
    }
    return false;
}

void hs_no_questions_print(const struct hs_config *config, FILE *out)
{
    char lacks[HS_PROPERTY_COUNT][HS_LACKS_SIZE];
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        struct hs_text text = hs_text_in(lacks[i], HS_LACKS_SIZE);
        hs_lacks_add(config, (enum hs_property)i, &text);
    }
    bool is_first = true;
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        struct hs_text list = {0};
        if (!lacks[i][0] || is_told(lacks, i))
            continue;
        if (is_first)
            fputs("no question here, since nothing could break them:\n", out);
        is_first = false;
        for (unsigned j = i; j < HS_PROPERTY_COUNT; j++) {
            if (strcmp(lacks[i], lacks[j]) == 0)
                hs_text_item(&list, ", ", "%s", hs_property_rows[j].name);
        }
        hs_text_add(&list, " (needs %s)", lacks[i]);
        hs_text_print(&list, 2, out);
    }
}
