/* Witnesses and examples: found, told, and printed. */
#include "witness_report.h"

#include "example.h"
#include "ladder.h"
#include "order.h"
#include "run_report.h"
#include "world_graph.h"

#include <stdlib.h>
#include <string.h>

/* Bounds: goals looked at for witnesses of other kinds; nodes for each change of order. */
enum { CANDIDATES = 2000, ORDER_BOUND = 1 << 18 };

/* ---- finding them ---------------------------------------------------------------------------- */

/* The graph of a variant, and where it starts. */
struct origin {
    struct hs_graph graph;
    union hs_state_buffer start;
};

static void begin_at(
    const struct hs_variant *variant, const struct hs_reduction *reduction, struct origin *origin)
{
    memset(origin, 0, sizeof(*origin));
    origin->graph = hs_world_graph_reduced(reduction);
    hs_world_init((struct hs_world){&variant->config, &origin->start.state});
}

static struct hs_run *follow(const struct hs_variant *variant, const struct hs_witness *witness)
{
    struct hs_step *steps = hs_must(malloc((witness->length + 1) * sizeof(*steps)));
    for (unsigned i = 0; i < witness->length; i++)
        steps[i] = hs_label_step(witness->labels[i]);
    struct hs_run *run = hs_run_follow(variant, steps, witness->length);
    free(steps);
    return run;
}

static void find_nearest(struct hs_shown_witness *shown, const struct origin *origin,
    enum hs_property property, const struct hs_witness *witness)
{
    struct hs_nearest *nearest = hs_must(malloc(sizeof(*nearest)));
    shown->nearest_end =
        hs_nearest_find(&origin->graph, &origin->start, property, witness, ORDER_BOUND, nearest);
    if (shown->nearest_end == HS_NEAREST_FOUND) {
        shown->nearest = follow(shown->run->variant, &nearest->run);
        shown->sooner = nearest->sooner;
        shown->later = nearest->later;
    }
    free(nearest);
}

void hs_shown_find_witnesses(struct hs_shown *shown, const struct hs_variant *variant,
    enum hs_property property, const struct hs_search *search, const uint64_t *set,
    const struct hs_effort *effort)
{
    struct origin origin;
    struct hs_goal goal = {.flag = property, .set = set, .search = search};
    struct hs_witness *found = hs_must(malloc(shown->wish.witnesses * sizeof(*found)));
    begin_at(variant, &shown->reduction, &origin);
    shown->breaks = true;
    shown->property = property;
    shown->count = hs_kinds_find(&origin.graph, &origin.start, &goal, effort, CANDIDATES,
        ORDER_BOUND, shown->wish.witnesses, found);
    for (unsigned i = 0; i < shown->count; i++) {
        shown->witnesses[i] = (struct hs_shown_witness){
            .run = follow(variant, &found[i]), .nearest_end = HS_NEAREST_GAVE_UP};
        if (!set)
            find_nearest(&shown->witnesses[i], &origin, property, &found[i]);
    }
    free(found);
}

void hs_shown_find_along_slice(struct hs_shown *shown, const struct hs_variant *variant,
    enum hs_property property, const struct hs_reduction *sliced, const struct hs_effort *effort)
{
    struct origin slice;
    struct origin origin;
    struct hs_goal goal = {.flag = property};
    struct hs_graph finer = hs_world_graph(&variant->config);
    struct hs_witness *found = hs_must(malloc(sizeof(*found)));
    begin_at(variant, sliced, &slice);
    begin_at(variant, &shown->reduction, &origin);
    slice.graph.finer = &finer;
    if (hs_search_witness(&slice.graph, &slice.start, &goal, effort, found) == HS_HUNT_FOUND) {
        hs_order_least_switches(&origin.graph, &origin.start, &goal, ORDER_BOUND, found);
        shown->count = 1;
        shown->may_be_longer = true;
        shown->witnesses[0] = (struct hs_shown_witness){
            .run = follow(variant, found), .nearest_end = HS_NEAREST_GAVE_UP};
        find_nearest(&shown->witnesses[0], &origin, property, found);
    }
    free(found);
}

/* With few switches, where they make no difference. */
static void tidy(const struct origin *origin, struct hs_witness *run)
{
    union hs_state_buffer end = origin->start;
    struct hs_goal goal = {.state = end.words};
    hs_witness_replay(&origin->graph, run, &end);
    hs_order_least_switches(&origin->graph, &origin->start, &goal, ORDER_BOUND, run);
}

void hs_shown_find_example(
    struct hs_shown *shown, const struct hs_variant *variant, const struct hs_effort *effort)
{
    struct origin origin;
    uint64_t kinds = 0;
    for (unsigned kind = 0; kind < HS_STEP_KIND_COUNT; kind++)
        kinds |= (uint64_t)variant->scenario->cover[kind] << kind;
    if (!kinds)
        return;
    struct hs_witness *example = hs_must(malloc(sizeof(*example)));
    begin_at(variant, &shown->reduction, &origin);
    shown->asks_example = true;
    shown->example_end = hs_example_find(&origin.graph, &origin.start, kinds, effort, example);
    if (shown->example_end == HS_HUNT_FOUND) {
        tidy(&origin, example);
        shown->example = follow(variant, example);
    }
    free(example);
}

enum hs_hunt_end hs_can_be_taken(const struct hs_variant *variant,
    const struct hs_reduction *reduction, enum hs_step_kind kind, const struct hs_effort *effort)
{
    struct origin origin;
    struct hs_witness *way = hs_must(malloc(sizeof(*way)));
    begin_at(variant, reduction, &origin);
    enum hs_hunt_end end =
        hs_example_find(&origin.graph, &origin.start, UINT64_C(1) << kind, effort, way);
    free(way);
    return end;
}

void hs_shown_free(struct hs_shown *shown)
{
    for (unsigned i = 0; i < shown->count; i++) {
        hs_run_free(shown->witnesses[i].run);
        hs_run_free(shown->witnesses[i].nearest);
    }
    hs_run_free(shown->example);
}

unsigned hs_shown_runs(const struct hs_shown *shown)
{
    return shown->example ? 1 : shown->count;
}

const struct hs_run *hs_shown_run(const struct hs_shown *shown, unsigned index)
{
    return shown->example ? shown->example : shown->witnesses[index].run;
}

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
    size_t used = 0;
    for (unsigned i = 0; i < witness->run->length; i++) {
        char step[80];
        if (!is_in_story(shown, witness, i))
            continue;
        hs_step_write(witness->run->moments[i].step, step, sizeof(step));
        /* The last step is always told. */
        const char *comma = i + 1 < witness->run->length ? "," : "";
        size_t length = strlen(step) + strlen(comma) + 1;
        if (used && used + length > HS_LADDER_WIDTH) {
            fputc('\n', out);
            used = 0;
        }
        fprintf(out, "%s%s%s", used ? " " : "  ", step, comma);
        used += used ? length : length + 1;
    }
    fputc('\n', out);
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
}

/* A step, and what it was about where its name alone does not say it. */
static void write_step(const struct hs_race *race, unsigned at, char *text, size_t size)
{
    const struct hs_event *event = &race->events[at];
    char step[80];
    hs_step_write(event->step, step, sizeof(step));
    if (times_taken(race->run, event->step.kind) > 1 && !hs_step_rows[event->step.kind].has_page)
        snprintf(text, size, "%s (%s)", step, event->headline);
    else
        snprintf(text, size, "%s", step);
}

/* "P0 and P1", or the property if it is not about pages that are lost. */
static void write_victims(
    const struct hs_race *race, enum hs_property property, char *text, size_t size)
{
    size_t used = 0;
    snprintf(text, size, "%s", hs_property_rows[property].name);
    for (unsigned p = 0; property < HS_PAGE_STUCK && p < race->run->config.pages; p++) {
        if (race->lost >> p & 1u && used < size)
            used += (size_t)snprintf(text + used, size - used, "%sP%u", used ? " and " : "", p);
    }
}

/* What the nearest run teaches, in a sentence; false if nothing is known. */
static bool write_lesson(const struct hs_shown_witness *witness, const struct hs_race *race,
    enum hs_property property, char *text, size_t size)
{
    char victims[HS_PAGES_MAX * 8];
    char sooner[200];
    char later[200];
    bool of_pages = property < HS_PAGE_STUCK && race->lost;
    write_victims(race, property, victims, sizeof(victims));
    switch (witness->nearest_end) {
    case HS_NEAREST_FOUND:
        write_step(race, witness->sooner, sooner, sizeof(sooner));
        write_step(race, witness->later, later, sizeof(later));
        snprintf(text, size, "nearest: %s %s if %s comes before %s", victims,
            of_pages ? "survives" : "does not break", sooner, later);
        return true;
    case HS_NEAREST_NONE:
        snprintf(text, size, "nearest: no other order of these steps between the actors %s %s",
            of_pages ? "saves" : "keeps", victims);
        return true;
    case HS_NEAREST_GAVE_UP:
        break;
    }
    return false;
}

static void print_nearest(const struct hs_shown *shown, const struct hs_shown_witness *witness,
    const struct hs_race *race, FILE *out)
{
    char lesson[1200];
    if (!write_lesson(witness, race, shown->property, lesson, sizeof(lesson)))
        return;
    fputc('\n', out);
    hs_ladder_print_wrapped(lesson, 0, out);
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
    print_nearest(shown, witness, race, out);
    hs_race_free(race);
}

static void print_example(const struct hs_shown *shown, FILE *out)
{
    switch (shown->example_end) {
    case HS_HUNT_FOUND:
        break;
    case HS_HUNT_NONE:
        fputs("\nexample: no single run takes every step in cover\n", out);
        return;
    case HS_HUNT_GAVE_UP:
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
    json_t *json = hs_run_json(race);
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
    char lesson[1200];
    if (!write_lesson(witness, race, shown->property, lesson, sizeof(lesson)))
        return json_null();
    json_t *pair = json_null();
    if (witness->nearest)
        pair =
            json_pack("[o, o]", step_json(race, witness->sooner), step_json(race, witness->later));
    return json_pack("{s:s, s:o, s:o}", "lesson", lesson + strlen("nearest: "), "pair", pair, "run",
        witness->nearest ? run_json(witness->nearest) : json_null());
}

json_t *hs_shown_witnesses_json(const struct hs_shown *shown)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < shown->count; i++) {
        const struct hs_shown_witness *witness = &shown->witnesses[i];
        struct hs_race *race = hs_race_tell(witness->run);
        json_array_append_new(
            list, json_pack("{s:s, s:b, s:o, s:o, s:o}", "property",
                      hs_property_rows[shown->property].name, "shortest", is_shortest(shown, i),
                      "story", story_json(shown, witness), "run", hs_run_json(race), "nearest",
                      nearest_json(shown, witness, race)));
        hs_race_free(race);
    }
    return list;
}

json_t *hs_shown_example_json(const struct hs_shown *shown)
{
    static const char *const answers[] = {
        [HS_HUNT_FOUND] = "found", [HS_HUNT_NONE] = "none", [HS_HUNT_GAVE_UP] = "gave up"};
    if (!shown->asks_example)
        return json_null();
    return json_pack("{s:s, s:o}", "answer", answers[shown->example_end], "run",
        shown->example ? run_json(shown->example) : json_null());
}
