/* SPDX-License-Identifier: BSD-3-Clause */
/* Witnesses and examples: told and printed. */
#include "witness_report.h"

#include "ladder.h"
#include "run_report.h"
#include "text.h"

#include <string.h>

/* ---- the story: the steps that tell witnesses apart -------------------------------------------
 */

static unsigned times_taken(const struct hs_run *run, unsigned kind)
{
    unsigned times = 0;
    for (unsigned i = 0; i < run->length; i++)
        times += run->moments[i].step.kind == kind;
    return times;
}

/* Does some other witness take steps of this kind less often? */
static bool is_special(const struct hs_shown *shown, const struct hs_run *run, unsigned kind)
{
    for (unsigned i = 0; i < shown->count; i++) {
        if (times_taken(shown->witnesses[i].run, kind) < times_taken(run, kind))
            return true;
    }
    return false;
}

/* What somebody chose to do, what decides, what other witnesses do without, and the end. */
static bool is_in_story(
    const struct hs_shown *shown, const struct hs_shown_witness *witness, unsigned step)
{
    unsigned kind = witness->run->moments[step].step.kind;
    bool decides = witness->nearest && (step == witness->sooner || step == witness->later);
    return hs_step_rows[kind].motive == HS_CHOICE || decides || step + 1 == witness->run->length ||
           is_special(shown, witness->run, kind);
}

/* A step and its page stay on one line. */
static void print_story(
    const struct hs_shown *shown, const struct hs_shown_witness *witness, FILE *out)
{
    static const struct hs_lines lines = {
        .indent = 2, .width = HS_TEXT_WIDTH - 2, .behind = ",", .whole = true};
    struct hs_text story = {0};
    for (unsigned i = 0; i < witness->run->length; i++) {
        char step[80];
        if (!is_in_story(shown, witness, i))
            continue;
        hs_step_write(witness->run->moments[i].step, step, sizeof(step));
        hs_text_item(&story, ", ", "%s", step);
    }
    const char *words = hs_text_string(&story);
    hs_print_cells(&words, &lines, 1, out);
    hs_text_free(&story);
}

static json_t *story_json(const struct hs_shown *shown, const struct hs_shown_witness *witness)
{
    json_t *story = json_array();
    for (unsigned i = 0; i < witness->run->length; i++) {
        char step[80];
        if (!is_in_story(shown, witness, i))
            continue;
        hs_step_write(witness->run->moments[i].step, step, sizeof(step));
        json_array_append_new(story, json_string(step));
    }
    return story;
}

/* ---- text ------------------------------------------------------------------------------------ */

static void print_run(const struct hs_race *race, FILE *out)
{
    fputc('\n', out);
    hs_ladder_print(race, out);
    fputc('\n', out);
    hs_ladder_print_fates(race, out);
    if (race->wait_count)
        fputc('\n', out);
    hs_ladder_print_waits(race, out);
}

/* A step, and what it was about where its name alone does not say it. */
static void add_step(const struct hs_race *race, unsigned at, struct hs_text *text)
{
    const struct hs_event *event = &race->events[at];
    char step[80];
    hs_step_write(event->step, step, sizeof(step));
    if (times_taken(race->run, event->step.kind) > 1 && !hs_step_rows[event->step.kind].has_page)
        hs_text_add(text, "%s (%s)", step, event->headline);
    else
        hs_text_add(text, "%s", step);
}

/* "P0 and P1", or the property if it is not about pages that are lost. */
static void add_victims(const struct hs_race *race, enum hs_property property, struct hs_text *text)
{
    bool of_pages = property < HS_PAGE_STUCK && race->lost;
    hs_text_begin_list(text);
    for (unsigned p = 0; of_pages && p < race->run->config.pages; p++) {
        if (race->lost >> p & 1u)
            hs_text_item(text, " and ", "P%u", p);
    }
    if (!of_pages)
        hs_text_add(text, "%s", hs_property_rows[property].name);
}

/* What the nearest run teaches, in a sentence; false if nothing is known. */
static bool add_lesson(const struct hs_shown_witness *witness, const struct hs_race *race,
    enum hs_property property, struct hs_text *text)
{
    bool of_pages = property < HS_PAGE_STUCK && race->lost;
    switch (witness->nearest_end) {
    case HS_NEAREST_FOUND:
        add_victims(race, property, text);
        hs_text_add(text, " %s if ", of_pages ? "survives" : "does not break");
        add_step(race, witness->sooner, text);
        hs_text_add(text, " comes before ");
        add_step(race, witness->later, text);
        return true;
    case HS_NEAREST_NONE:
        hs_text_add(text, "no other order of these steps between the actors %s ",
            of_pages ? "saves" : "keeps");
        add_victims(race, property, text);
        return true;
    case HS_NEAREST_GAVE_UP:
        break;
    }
    return false;
}

static void print_nearest(const struct hs_shown *shown, const struct hs_shown_witness *witness,
    const struct hs_race *race, FILE *out)
{
    struct hs_text lesson = {0};
    hs_text_add(&lesson, "nearest: ");
    if (!add_lesson(witness, race, shown->property, &lesson)) {
        hs_text_free(&lesson);
        return;
    }
    fputc('\n', out);
    hs_text_print(&lesson, 0, out);
    if (!witness->nearest || !shown->wish.nearest)
        return;
    struct hs_race *other = hs_race_tell(witness->nearest);
    fputs("\nthat run:\n", out);
    print_run(other, out);
    hs_race_free(other);
}

/* Is it known that no run to the property is shorter? */
static bool is_shortest(const struct hs_shown *shown, unsigned index)
{
    return index == 0 && !shown->may_be_longer;
}

static void print_witness(const struct hs_shown *shown, unsigned index, FILE *out)
{
    const struct hs_shown_witness *witness = &shown->witnesses[index];
    struct hs_race *race = hs_race_tell(witness->run);
    const char *name = hs_property_rows[shown->property].name;
    if (shown->wish.witnesses > 1) {
        fprintf(out, "\nWitness %u of %u: %s, in %u steps%s\n", index + 1, shown->count, name,
            witness->run->length, is_shortest(shown, index) ? "; none is shorter" : "");
        print_story(shown, witness, out);
    } else {
        fprintf(out, "\nwitness: %s, in %u steps%s\n", name, witness->run->length,
            is_shortest(shown, index) ? ", and there is no shorter one"
                                      : "; there may be a shorter one");
    }
    print_run(race, out);
    fputc('\n', out);
    hs_ladder_print_told(race, shown->property, out);
    print_nearest(shown, witness, race, out);
    hs_race_free(race);
}

static void print_example(const struct hs_shown *shown, FILE *out)
{
    switch (shown->example_end) {
    case HS_WITNESS_FOUND:
        break;
    case HS_WITNESS_NONE:
        fputs("\nexample: no single run takes every step in cover\n", out);
        return;
    case HS_WITNESS_GAVE_UP:
        fputs("\nexample: the search for one was given up\n", out);
        return;
    }
    struct hs_race *race = hs_race_tell(shown->example);
    fprintf(out, "\nexample: every step in cover, in %u steps, and there is no shorter one\n",
        shown->example->length);
    print_run(race, out);
    hs_race_free(race);
}

void hs_shown_print(const struct hs_shown *shown, FILE *out)
{
    for (unsigned i = 0; i < shown->count; i++)
        print_witness(shown, i, out);
    if (shown->count && shown->count < shown->wish.witnesses)
        fputs("\nno witness of another kind was found\n", out);
    if (shown->breaks && !shown->count)
        fprintf(out, "\nwitness: the search for one of %s was given up\n",
            hs_property_rows[shown->property].name);
    if (shown->asks_example)
        print_example(shown, out);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static json_t *run_json(const struct hs_run *run)
{
    struct hs_race *race = hs_race_tell(run);
    json_t *json = hs_run_json(race, HS_PROPERTY_COUNT);
    hs_race_free(race);
    return json;
}

static json_t *step_json(const struct hs_race *race, unsigned at)
{
    char step[80];
    hs_step_write(race->events[at].step, step, sizeof(step));
    return json_pack("{s:s, s:i, s:s}", "step", step, "number", (int)at + 1, "headline",
        race->events[at].headline);
}

static json_t *nearest_json(const struct hs_shown *shown, const struct hs_shown_witness *witness,
    const struct hs_race *race)
{
    struct hs_text lesson = {0};
    if (!add_lesson(witness, race, shown->property, &lesson))
        return json_null();
    json_t *pair = json_null();
    if (witness->nearest)
        pair =
            json_pack("[o, o]", step_json(race, witness->sooner), step_json(race, witness->later));
    json_t *json = json_pack("{s:s, s:o, s:o}", "lesson", hs_text_string(&lesson), "pair", pair,
        "run", witness->nearest ? run_json(witness->nearest) : json_null());
    hs_text_free(&lesson);
    return json;
}

json_t *hs_shown_witnesses_json(const struct hs_shown *shown)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < shown->count; i++) {
        const struct hs_shown_witness *witness = &shown->witnesses[i];
        struct hs_race *race = hs_race_tell(witness->run);
        json_array_append_new(list,
            json_pack("{s:s, s:b, s:o, s:o, s:o}", "property",
                hs_property_rows[shown->property].name, "shortest", is_shortest(shown, i), "story",
                story_json(shown, witness), "run", hs_run_json(race, shown->property), "nearest",
                nearest_json(shown, witness, race)));
        hs_race_free(race);
    }
    return list;
}

json_t *hs_shown_example_json(const struct hs_shown *shown)
{
    static const char *const answers[] = {
        [HS_WITNESS_FOUND] = "found", [HS_WITNESS_NONE] = "none", [HS_WITNESS_GAVE_UP] = "gave up"};
    if (!shown->asks_example)
        return json_null();
    return json_pack("{s:s, s:o}", "answer", answers[shown->example_end], "run",
        shown->example ? run_json(shown->example) : json_null());
}
