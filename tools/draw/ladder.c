/* The text ladder. */
#include "ladder.h"

#include <ctype.h>
#include <string.h>

enum { COLUMN_WIDTH = HS_LADDER_WIDTH / HS_COLUMN_COUNT, DETAIL_INDENT = 1 };

/* Print `text` in its column, without spaces at the end of the line. */
static void print_cell(enum hs_column column, const char *text, FILE *out)
{
    fprintf(out, "%*s%s\n", (int)(column * COLUMN_WIDTH), "", text);
}

/* How much of `text` fits into `width`: up to the last place where it may be broken. */
static size_t fitting(const char *text, size_t width)
{
    size_t length = strlen(text);
    if (length <= width)
        return length;
    for (size_t at = width; at > 0; at--) {
        if (text[at] == ' ' || text[at - 1] == ',')
            return at;
    }
    return width;
}

/* Print `text`, indented, over as many lines of the column as it takes. */
static void print_column(enum hs_column column, unsigned indent, const char *text, FILE *out)
{
    while (*text) {
        char line[HS_DETAIL_SIZE];
        /* The last column ends the line; the others keep one space to the next. */
        size_t width = COLUMN_WIDTH - indent - (column == HS_COLUMN_MIGRATION ? 0u : 1u);
        size_t length = fitting(text, width);
        snprintf(line, sizeof(line), "%*s%.*s", (int)indent, "", (int)length, text);
        print_cell(column, line, out);
        text += length + strspn(text + length, " ");
    }
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
    print_cell(event->column, carets, out);
}

/* What is lost by the step: "P0 is lost here", in the step's column. */
static void print_losing(const struct hs_race *race, const struct hs_event *event, FILE *out)
{
    print_carets(event, out);
    for (unsigned p = 0; p < race->run->config.pages; p++) {
        char text[24];
        if (!(event->loses >> p & 1u))
            continue;
        snprintf(text, sizeof(text), "P%u is %s here", p, hs_event_deed(event));
        print_column(event->column, 0, text, out);
    }
}

void hs_ladder_print(const struct hs_race *race, FILE *out)
{
    char title[HS_LADDER_WIDTH + 1];
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
        if (event->loses)
            print_losing(race, event, out);
    }
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

void hs_ladder_print_wrapped(const char *text, unsigned indent, FILE *out)
{
    while (isspace((unsigned char)*text))
        text++;
    while (*text) {
        size_t length = strcspn(text, "\n");
        size_t width = HS_LADDER_WIDTH - indent;
        if (length > width) {
            length = width;
            while (length > 0 && text[length] != ' ')
                length--;
            if (length == 0)
                length = strcspn(text, " \n"); /* a word longer than the line stays whole */
        }
        fprintf(out, "%*s%.*s\n", (int)indent, "", (int)length, text);
        text += length;
        while (isspace((unsigned char)*text))
            text++;
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
        char sentence[300];
        const struct hs_fate *fate = &race->fates[p];
        if (!(race->lost >> p & 1u))
            continue;
        unsigned at = losing_event(race, p);
        hs_step_write(race->events[at].step, step, sizeof(step));
        const char *deed = hs_event_deed(&race->events[at]);
        bool arrived = strcmp(fate->destination, "-") != 0;
        int used = snprintf(sentence, sizeof(sentence),
            "page %u: step %u, %s, %s it; the source has %s", p, at + 1, step, deed, fate->source);
        if (hs_run_world(race->run, race->run->length).state->migration.vm == HS_VM_DESTINATION)
            snprintf(sentence + used, sizeof(sentence) - (size_t)used, ", the destination %s",
                arrived ? fate->destination : "nothing");
        hs_ladder_print_wrapped(sentence, 2, out);
    }
}

void hs_ladder_print_verdict(const struct hs_race *race, FILE *out)
{
    const struct hs_run *run = race->run;
    if (!run->broken)
        fprintf(out, "verdict: safe; nothing is broken in this interleaving\n");
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        char sentence[300];
        if (!(run->broken >> i & 1u))
            continue;
        snprintf(sentence, sizeof(sentence), "verdict: %s: %s", hs_property_rows[i].name,
            hs_property_rows[i].broken);
        hs_ladder_print_wrapped(sentence, 0, out);
    }
    print_lost_pages(race, out);
}
