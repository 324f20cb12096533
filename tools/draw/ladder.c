/* SPDX-License-Identifier: BSD-3-Clause */
/* The text ladder. */
#include "ladder.h"

#include "story.h"
#include "text.h"

#include <string.h>

enum { COLUMN_WIDTH = HS_TEXT_WIDTH / HS_COLUMN_COUNT, DETAIL_INDENT = 1 };

/* Print `text`, indented, over as many lines of the column as it takes. */
static void print_column(enum hs_column column, unsigned indent, const char *text, FILE *out)
{
    /* The last column ends the line; the others keep one space to the next. */
    unsigned gap = column == HS_COLUMN_MIGRATION ? 0 : 1;
    const struct hs_lines lines = {.indent = column * COLUMN_WIDTH + indent,
        .width = COLUMN_WIDTH - indent - gap,
        .behind = ",",
        .cuts = true};
    if (*text)
        hs_print_cells(&text, &lines, 1, out);
}

static void print_carets(const struct hs_event *event, FILE *out)
{
    char carets[COLUMN_WIDTH];
    size_t longest = strlen(event->headline);
    for (unsigned i = 0; i < event->detail_count; i++) {
        if (DETAIL_INDENT + strlen(event->details[i]) > longest)
            longest = DETAIL_INDENT + strlen(event->details[i]);
    }
    if (longest >= COLUMN_WIDTH)
        longest = COLUMN_WIDTH - 1;
    memset(carets, '^', longest);
    carets[longest] = '\0';
    print_column(event->column, 0, carets, out);
}

/* What is lost by the step: "P0 is lost here", "stuck from here", in the step's column. */
static void print_deciding(const struct hs_race *race, const struct hs_event *event, FILE *out)
{
    print_carets(event, out);
    for (unsigned p = 0; p < race->run->config.pages; p++) {
        char text[24];
        if (!(event->loses >> p & 1u))
            continue;
        snprintf(text, sizeof(text), "P%u is %s here", p, hs_event_deed(event));
        print_column(event->column, 0, text, out);
    }
    for (unsigned i = HS_ENDING_FIRST; i <= HS_ENDING_LAST; i++) {
        char text[24];
        if (!(event->dooms >> i & 1u))
            continue;
        snprintf(text, sizeof(text), "%s from here", hs_doom_word((enum hs_property)i));
        print_column(event->column, 0, text, out);
    }
}

/* The marks that occur, explained, behind an empty line; nothing if none does. */
static void print_legend(const struct hs_race *race, FILE *out)
{
    bool any = false;
    for (unsigned i = 0; i < HS_MARK_COUNT; i++) {
        if (!hs_race_has_mark(race, &hs_marks[i]))
            continue;
        char label[16];
        snprintf(label, sizeof(label), "%-12s", hs_marks[i].word);
        fputs(any ? "" : "\n", out);
        any = true;
        hs_print_labelled(label, hs_marks[i].meaning, HS_TEXT_WIDTH, out);
    }
}

void hs_ladder_print(const struct hs_race *race, FILE *out)
{
    char title[HS_TEXT_WIDTH + 1];
    memset(title, ' ', sizeof(title));
    for (unsigned column = 0; column < HS_COLUMN_COUNT; column++)
        memcpy(title + (size_t)column * COLUMN_WIDTH, hs_column_names[column],
            strlen(hs_column_names[column]));
    size_t last =
        (size_t)(HS_COLUMN_COUNT - 1) * COLUMN_WIDTH + strlen(hs_column_names[HS_COLUMN_MIGRATION]);
    fprintf(out, "%.*s\n", (int)last, title);
    for (unsigned i = 0; i < race->run->length; i++) {
        const struct hs_event *event = &race->events[i];
        print_column(event->column, 0, event->headline, out);
        for (unsigned d = 0; d < event->detail_count; d++)
            print_column(event->column, DETAIL_INDENT, event->details[d], out);
        if (hs_event_decides(event))
            print_deciding(race, event, out);
    }
    print_legend(race, out);
}

void hs_ladder_print_fates(const struct hs_race *race, FILE *out)
{
    fprintf(out, "%-6s%-12s%-14s%-12s%s\n", "page", "source", "destination", "relied on", "fate");
    for (unsigned p = 0; p < race->run->config.pages; p++) {
        const struct hs_fate *fate = &race->fates[p];
        char name[8];
        snprintf(name, sizeof(name), "P%u", p);
        fprintf(out, "%-6s%-12s%-14s%-12s%s\n", name, fate->source, fate->destination,
            fate->relied_on, fate->fate);
    }
}

/* The step at which page `p` was lost; the run's length if none was. */
static unsigned losing_event(const struct hs_race *race, unsigned p)
{
    unsigned i = 0;
    while (i < race->run->length && !(race->events[i].loses >> p & 1u))
        i++;
    return i;
}

static void print_lost_pages(const struct hs_race *race, FILE *out)
{
    for (unsigned p = 0; p < race->run->config.pages; p++) {
        char step[80];
        struct hs_text sentence = {0};
        const struct hs_fate *fate = &race->fates[p];
        if (!(race->lost >> p & 1u))
            continue;
        unsigned at = losing_event(race, p);
        hs_step_write(race->events[at].step, step, sizeof(step));
        const char *deed = hs_event_deed(&race->events[at]);
        bool arrived = strcmp(fate->destination, "-") != 0;
        hs_text_add(&sentence, "page %u: step %u, %s, %s it; the source has %s", p, at + 1, step,
            deed, fate->source);
        if (hs_run_world(race->run, race->run->length).state->migration.vm == HS_VM_DESTINATION)
            hs_text_add(&sentence, ", the destination %s", arrived ? fate->destination : "nothing");
        hs_text_print(&sentence, 2, out);
    }
}

void hs_ladder_print_told(const struct hs_race *race, enum hs_property property, FILE *out)
{
    struct hs_told told = hs_story_tell(race, property);
    fputs("told:\n", out);
    for (unsigned i = 0; i < told.count; i++)
        hs_print_wrapped(told.sentences[i], 2, out);
    hs_told_free(&told);
}

/* ---- waits ----------------------------------------------------------------------------------- */

/* Do the two differ in what is waited for alone? */
static bool same_reasons(const struct hs_wait *a, const struct hs_wait *b)
{
    bool same = a->count == b->count && strcmp(a->links[0].why.text, b->links[0].why.text) == 0;
    for (unsigned i = 1; same && i < a->count; i++)
        same = a->links[i].step.kind == b->links[i].step.kind &&
               a->links[i].step.page == b->links[i].step.page;
    return same;
}

/* Waits from `first` up to the one that is returned are for the same reasons: told in one. */
static unsigned print_wait(const struct hs_race *race, unsigned first, FILE *out)
{
    struct hs_text sentence = {0};
    char step[80];
    unsigned next = first;
    const struct hs_wait *wait = &race->waits[first];
    hs_text_add(&sentence, "waits for ");
    hs_text_begin_list(&sentence);
    for (; next < race->wait_count && same_reasons(wait, &race->waits[next]); next++) {
        hs_step_write(race->waits[next].links[0].step, step, sizeof(step));
        hs_text_item(&sentence, ", ", "%s", step);
    }
    hs_text_add(&sentence, ", possible %s", wait->links[0].why.text);
    for (unsigned i = 1; i < wait->count; i++) {
        hs_step_write(wait->links[i].step, step, sizeof(step));
        hs_text_add(&sentence, "; that takes %s, possible %s", step, wait->links[i].why.text);
    }
    hs_text_print(&sentence, 2, out);
    return next;
}

void hs_ladder_print_waits(const struct hs_race *race, FILE *out)
{
    for (unsigned i = 0; i < race->wait_count;)
        i = print_wait(race, i, out);
    for (unsigned i = 0; i < race->run->length; i++) {
        char step[80];
        struct hs_text sentence = {0};
        const struct hs_event *event = &race->events[i];
        if (!event->dooms)
            continue;
        hs_step_write(event->step, step, sizeof(step));
        hs_text_begin_list(&sentence);
        for (unsigned property = HS_ENDING_FIRST; property <= HS_ENDING_LAST; property++) {
            if (event->dooms >> property & 1u)
                hs_text_item(&sentence, " and ", "%s", hs_doom_word((enum hs_property)property));
        }
        hs_text_add(&sentence, " from step %u on, %s: after it nobody will do that", i + 1, step);
        hs_text_print(&sentence, 2, out);
    }
}

/* ---- the verdict ----------------------------------------------------------------------------- */

/* Nothing is broken; but has it come to its end? */
static void print_unbroken(const struct hs_run *run, FILE *out)
{
    struct hs_text text = {0};
    switch (run->end) {
    case HS_RUN_ENDED:
        hs_text_add(&text, "verdict: safe; nothing is broken in this interleaving%s",
            hs_run_finishes(run) ? ", whose end 'finish' put in order" : "");
        break;
    case HS_RUN_NO_MIGRATION:
        hs_text_add(&text, "verdict: safe; nothing is broken, and there was no migration");
        break;
    case HS_RUN_UNFINISHED:
        hs_text_add(&text, "verdict: unfinished; nothing is broken up to here, but ");
        hs_run_missing_add(run, &text);
        break;
    }
    hs_text_print(&text, 0, out);
}

void hs_ladder_print_verdict(const struct hs_race *race, FILE *out)
{
    const struct hs_run *run = race->run;
    if (!run->broken)
        print_unbroken(run, out);
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        struct hs_text sentence = {0};
        if (!(run->broken >> i & 1u))
            continue;
        hs_text_add(
            &sentence, "verdict: %s: %s", hs_property_rows[i].name, hs_property_rows[i].broken);
        hs_text_print(&sentence, 0, out);
    }
    hs_ladder_print_waits(race, out);
    print_lost_pages(race, out);
}
