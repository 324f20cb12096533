/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The picture of a race: Graphviz measures the texts, we place them, Graphviz draws.
 *
 * One event a row, so that the order of time is the order downwards, and so that a message may
 * cross any column on the height of an event without running through another event's box.  No
 * layout engine promises that; so its first layout serves only to learn how large the texts are.
 */
#include "graph.h"

#include "file.h"
#include "ladder.h"
#include "text.h"

#include <errno.h>
#include <gvc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Lengths, in points. */
enum {
    GUTTER = 58,      /* between two columns, for messages to go down */
    LANE = 5,         /* between messages that go down together */
    LANES = 16,       /* more than that share the last */
    GUTTER_IDLE = 26, /* where none does */
    COLUMN_MIN = 124, /* even if all its events are short */
    ROW_GAP = 7,
    SECOND_BORDER = 4, /* lies so far outside a box's size */
    BLOCK_GAP = 18,    /* between title, ladder and tables */
    STUB = 9,          /* how far a message goes straight before it turns */
    ARROW = 8,         /* how long the head of an arrow is */
    TURN = 5,          /* how round a turn is */
    APART = 5          /* a message arrives so far above, and leaves below, the middle of a box */
};
/* Lengths, in characters. */
enum { QUESTION_WIDTH = 92, HEADLINE_WIDTH = 22, DETAIL_WIDTH = 28, LEGEND_WIDTH = 76 };
/* PNG: as many dots an inch as make it about as wide as a screen, but not grotesque. */
enum { PNG_WIDTH = 1400, DPI_LEAST = 96, DPI_MOST = 144 };

#define FONT "DejaVu Sans"
#define INK "#1F2933"
#define MUTED "#6B7280"
#define RED "#B3261E"
#define BREAK "<BR/>"
#define BREAK_LEFT "<BR ALIGN=\"LEFT\"/>"

/* An event in the picture. */
struct row {
    Agnode_t *name; /* of the step */
    Agnode_t *box;
    int middle; /* where, downwards */
};

struct picture {
    const struct hs_race *race;
    Agraph_t *graph;
    Agnode_t *title;
    Agnode_t *steps; /* heads the steps' names */
    Agnode_t *heads[HS_COLUMN_COUNT];
    Agnode_t *feet[HS_COLUMN_COUNT];
    struct row *rows; /* one per event */
    Agnode_t *verdict;
    Agnode_t *fates;
    Agnode_t *legend;
    int gutter[HS_COLUMN_COUNT + 1]; /* on the left of the column; the last on the right of all */
    int left[HS_COLUMN_COUNT];       /* of the column's boxes */
    int width[HS_COLUMN_COUNT];
    int head; /* where the lifelines begin */
    int foot; /* and end */
};

/* ---- how an event looks ---------------------------------------------------------------------- */

enum look {
    LOOK_LOSING,
    LOOK_DOOMING,
    LOOK_STORY,
    LOOK_STORY_FILLED_IN,
    LOOK_OTHER,
    LOOK_FILLED_IN,
    LOOK_COUNT
};

struct look_row {
    const char *style; /* beside filled */
    const char *fill;
    const char *border;
    const char *border_width;
    const char *borders;
    const char *text;
    const char *sample; /* for the legend */
    const char *meaning;
};

/* No two differ in colour alone; those that decide are told apart by what stands in them. */
static const struct look_row look_rows[LOOK_COUNT] = {
    [LOOK_LOSING] = {"rounded", "#FDE3E1", RED, "2.5", "2", INK, "lost here",
        "the step that loses the page"},
    [LOOK_DOOMING] = {"rounded", "#FDE3E1", RED, "2.5", "2", INK, "from here",
        "the step after which nobody ends the wait"},
    [LOOK_STORY] = {"rounded", "#FFF3CD", "#A66A00", "2.2", "1", INK, "step",
        "a step about a page that is lost or stuck"},
    [LOOK_STORY_FILLED_IN] = {"rounded,dashed", "#FFF3CD", "#A66A00", "2.2", "1", MUTED, "step",
        "such a step that the schedule leaves out"},
    [LOOK_OTHER] = {"rounded", "white", "#52606D", "1", "1", INK, "step", "any other step"},
    [LOOK_FILLED_IN] = {"rounded,dashed", "white", "#9AA5B1", "1", "1", MUTED, "step",
        "any other step that the schedule leaves out"},
};

static enum look look_of(const struct hs_race *race, unsigned event)
{
    bool filled_in = race->events[event].filled_in;
    if (race->events[event].loses)
        return LOOK_LOSING;
    if (race->events[event].dooms)
        return LOOK_DOOMING;
    if (hs_race_in_story(race, event))
        return filled_in ? LOOK_STORY_FILLED_IN : LOOK_STORY;
    return filled_in ? LOOK_FILLED_IN : LOOK_OTHER;
}

/* ---- cgraph ---------------------------------------------------------------------------------- */

/* cgraph takes char *, and copies what it points to. */
static char *loose(const char *text)
{
    return (char *)(uintptr_t)text;
}

static void set(void *object, const char *name, const char *value)
{
    agset(object, loose(name), loose(value));
}

/* An attribute must be known to the graph before a node or an edge can have it. */
static void declare_attributes(Agraph_t *graph)
{
    static const struct {
        int kind;
        const char *name;
        const char *usual;
    } rows[] = {{AGRAPH, "fontname", FONT}, {AGRAPH, "outputorder", "edgesfirst"},
        {AGRAPH, "bgcolor", "white"}, {AGRAPH, "pad", "0.25"}, {AGRAPH, "dpi", ""},
        {AGNODE, "fontname", FONT}, {AGNODE, "fontsize", "11"}, {AGNODE, "fontcolor", INK},
        {AGNODE, "shape", "plain"}, {AGNODE, "style", ""}, {AGNODE, "fillcolor", "white"},
        {AGNODE, "color", INK}, {AGNODE, "penwidth", "1"}, {AGNODE, "peripheries", "0"},
        {AGNODE, "margin", "0.09,0.04"}, {AGNODE, "width", "0"}, {AGNODE, "height", "0"},
        {AGNODE, "label", ""}, {AGNODE, "tooltip", " "}, {AGNODE, "pos", "0,0"},
        {AGEDGE, "style", "solid"}, {AGEDGE, "color", INK}, {AGEDGE, "penwidth", "1"},
        {AGEDGE, "arrowhead", "normal"}, {AGEDGE, "arrowsize", "0.8"}, {AGEDGE, "pos", ""},
        {AGEDGE, "label", ""}, {AGEDGE, "lp", ""}, {AGEDGE, "fontname", FONT},
        {AGEDGE, "fontsize", "8.5"}, {AGEDGE, "fontcolor", INK}};
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        agattr(graph, rows[i].kind, loose(rows[i].name), loose(rows[i].usual));
}

/* ---- labels ---------------------------------------------------------------------------------- */

/* A node called `name` with the HTML-like label, which is used up. */
static Agnode_t *add_node(struct picture *picture, const char *name, struct hs_text *label)
{
    Agnode_t *node = hs_must(agnode(picture->graph, loose(name), 1));
    char *html = hs_must(agstrdup_html(picture->graph, loose(hs_text_string(label))));
    set(node, "label", html);
    agstrfree(picture->graph, html);
    hs_text_free(label);
    return node;
}

/* `text` as the content of an HTML-like label: escaped, and without control characters, at which
 * the reader of such labels gives up. */
static void put_text(struct hs_text *label, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        switch (text[i]) {
        case '&':
            hs_text_add(label, "&amp;");
            break;
        case '<':
            hs_text_add(label, "&lt;");
            break;
        case '>':
            hs_text_add(label, "&gt;");
            break;
        case '"':
            hs_text_add(label, "&quot;");
            break;
        case '\\': /* Graphviz would put the node's name for \N */
            hs_text_add(label, "&#92;");
            break;
        default:
            hs_text_add(label, "%c", (unsigned char)text[i] < ' ' ? ' ' : text[i]);
            break;
        }
    }
}

/* `text` over as many lines as it takes, each ended by `end` but for the last. */
static void put_wrapped(struct hs_text *label, const char *text, unsigned width, const char *end)
{
    const struct hs_lines lines = {.width = width, .behind = ","};
    text = hs_line_rest(text, 0);
    while (*text) {
        size_t length = hs_line_length(text, &lines);
        put_text(label, text, length);
        text = hs_line_rest(text, length);
        if (*text)
            hs_text_add(label, "%s", end);
    }
}

/* ---- title ----------------------------------------------------------------------------------- */

/* The side's preset, and the rules in which it differs. */
static void put_side(struct hs_text *label, const struct hs_variant *variant, enum hs_side side)
{
    const struct hs_scenario *scenario = variant->scenario;
    const struct hs_preset *preset = side == HS_SIDE_GUEST ? scenario->guest : scenario->host;
    struct hs_rules usual = hs_scenario_preset_rules(scenario);
    const char *word = "but";
    hs_text_add(
        label, "<FONT POINT-SIZE=\"10\">%s <B>", side == HS_SIDE_GUEST ? "guest:" : "host:");
    const char *name = preset ? preset->name : "the default rules";
    put_text(label, name, strlen(name));
    hs_text_add(label, "</B>");
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        char number[8];
        unsigned value = variant->config.rules.value[r];
        if (hs_rule_rows[r].side != side || value == usual.value[r])
            continue;
        hs_text_add(label, ", %s %s = %s", word, hs_rule_rows[r].name,
            hs_rule_value_name((enum hs_rule)r, value, number));
        word = "and";
    }
    hs_text_add(label, "</FONT>" BREAK_LEFT);
}

static Agnode_t *add_title(struct picture *picture)
{
    struct hs_text label = {0};
    const struct hs_variant *variant = picture->race->run->variant;
    hs_text_add(&label, "<FONT POINT-SIZE=\"17\"><B>");
    put_text(&label, variant->name, strlen(variant->name));
    hs_text_add(&label, "</B></FONT>" BREAK_LEFT "<FONT POINT-SIZE=\"12.5\">");
    put_wrapped(&label, variant->scenario->question, QUESTION_WIDTH, BREAK_LEFT);
    hs_text_add(&label, "</FONT>" BREAK_LEFT "<FONT POINT-SIZE=\"5\"> </FONT>" BREAK_LEFT);
    put_side(&label, variant, HS_SIDE_GUEST);
    put_side(&label, variant, HS_SIDE_HOST);
    return add_node(picture, "title", &label);
}

/* ---- columns --------------------------------------------------------------------------------- */

static Agnode_t *add_head(struct picture *picture, enum hs_column column)
{
    static const char *const explained[HS_COLUMN_COUNT] = {"applications, memory pressure",
        "the guest's balloon driver", "the host's balloon device", "copies memory, reads the log"};
    char name[16];
    struct hs_text label = {0};
    snprintf(name, sizeof(name), "head%u", (unsigned)column);
    hs_text_add(&label, "<FONT POINT-SIZE=\"13\"><B>%s</B></FONT>" BREAK, hs_column_names[column]);
    hs_text_add(&label, "<FONT POINT-SIZE=\"8.5\">%s</FONT>", explained[column]);
    Agnode_t *head = add_node(picture, name, &label);
    set(head, "shape", "box");
    set(head, "peripheries", "1");
    set(head, "style", "filled");
    set(head, "fillcolor", "#243B53");
    set(head, "fontcolor", "white");
    return head;
}

static Agnode_t *add_foot(struct picture *picture, enum hs_column column)
{
    char name[16];
    snprintf(name, sizeof(name), "foot%u", (unsigned)column);
    Agnode_t *foot = hs_must(agnode(picture->graph, name, 1));
    set(foot, "shape", "point");
    set(foot, "style", "invis");
    return foot;
}

static void add_columns(struct picture *picture)
{
    struct hs_text label = {0};
    for (unsigned column = 0; column < HS_COLUMN_COUNT; column++) {
        picture->heads[column] = add_head(picture, (enum hs_column)column);
        picture->feet[column] = add_foot(picture, (enum hs_column)column);
    }
    hs_text_add(&label, "<FONT POINT-SIZE=\"13\"><B>step</B></FONT>" BREAK_LEFT
                        "<FONT POINT-SIZE=\"8.5\">time goes downwards</FONT>" BREAK_LEFT);
    picture->steps = add_node(picture, "steps", &label);
}

/* ---- events ---------------------------------------------------------------------------------- */

/* The details, as many a line as fit. */
static void put_details(struct hs_text *label, const struct hs_event *event)
{
    size_t used = 0;
    if (!event->detail_count)
        return; /* an empty FONT would be an error */
    hs_text_add(label, "<FONT POINT-SIZE=\"9\">");
    for (unsigned i = 0; i < event->detail_count; i++) {
        size_t length = strlen(event->details[i]);
        bool same_line = used && used + 2 + length <= DETAIL_WIDTH;
        hs_text_add(label, "%s", same_line ? "; " : BREAK);
        put_wrapped(label, event->details[i], DETAIL_WIDTH, BREAK);
        used = same_line ? used + 2 + length : length;
    }
    hs_text_add(label, "</FONT>");
}

/* What goes wrong at the event: the clauses stand among the details already. */
static void put_harm(
    struct hs_text *label, const struct hs_race *race, const struct hs_event *event)
{
    for (unsigned i = 0; i < HS_PROPERTY_FIRST_CLAUSE; i++) {
        if (event->breaks >> i & 1u)
            hs_text_add(label, BREAK "<FONT POINT-SIZE=\"9\" COLOR=\"" RED "\"><B>! %s</B></FONT>",
                hs_property_rows[i].name);
    }
    for (unsigned p = 0; p < race->run->config.pages; p++) {
        if (event->loses >> p & 1u)
            hs_text_add(label,
                BREAK "<FONT POINT-SIZE=\"12\" COLOR=\"" RED "\"><B>P%u is %s here</B></FONT>", p,
                hs_event_deed(event));
    }
    for (unsigned i = HS_ENDING_FIRST; i <= HS_ENDING_LAST; i++) {
        if (event->dooms >> i & 1u)
            hs_text_add(label,
                BREAK "<FONT POINT-SIZE=\"12\" COLOR=\"" RED "\"><B>%s from here</B></FONT>",
                hs_doom_word((enum hs_property)i));
    }
}

static void set_look(Agnode_t *node, const struct look_row *look)
{
    char style[48];
    snprintf(style, sizeof(style), "filled,%s", look->style);
    set(node, "shape", "box");
    set(node, "style", style);
    set(node, "fillcolor", look->fill);
    set(node, "color", look->border);
    set(node, "penwidth", look->border_width);
    set(node, "peripheries", look->borders);
    set(node, "fontcolor", look->text);
}

static Agnode_t *add_box(struct picture *picture, unsigned index)
{
    const struct hs_event *event = &picture->race->events[index];
    char name[24];
    char step[80];
    struct hs_text label = {0};
    hs_step_write(event->step, step, sizeof(step));
    snprintf(name, sizeof(name), "event%u", index + 1);
    hs_text_add(&label, "<B>");
    put_wrapped(&label, event->headline[0] ? event->headline : step, HEADLINE_WIDTH, BREAK);
    hs_text_add(&label, "</B>");
    put_details(&label, event);
    put_harm(&label, picture->race, event);
    Agnode_t *box = add_node(picture, name, &label);
    set_look(box, &look_rows[look_of(picture->race, index)]);
    set(box, "tooltip", step);
    return box;
}

/* The step as a schedule writes it, so that picture, scenario and trace can be held together. */
static Agnode_t *add_name(struct picture *picture, unsigned index)
{
    const struct hs_event *event = &picture->race->events[index];
    const char *colour = hs_event_decides(event) ? RED : event->filled_in ? MUTED : INK;
    char name[24];
    char step[80];
    struct hs_text label = {0};
    hs_step_write(event->step, step, sizeof(step));
    snprintf(name, sizeof(name), "step%u", index + 1);
    hs_text_add(&label, "<FONT POINT-SIZE=\"8.5\" COLOR=\"%s\">%s%u  %s%s</FONT>", colour,
        hs_event_decides(event) ? "<B>" : "", index + 1, step,
        hs_event_decides(event) ? "</B>" : "");
    return add_node(picture, name, &label);
}

static void add_events(struct picture *picture)
{
    unsigned length = picture->race->run->length;
    picture->rows = hs_must(calloc(length + 1, sizeof(*picture->rows)));
    for (unsigned i = 0; i < length; i++) /* first, so that their lines lie lowest */
        picture->rows[i].name = add_name(picture, i);
    for (unsigned i = 0; i < length; i++)
        picture->rows[i].box = add_box(picture, i);
}

/* ---- verdict, fates, legend ------------------------------------------------------------------ */

static Agnode_t *add_verdict(struct picture *picture)
{
    struct hs_text verdict = {0};
    struct hs_text label = {0};
    FILE *out = hs_text_stream(&verdict);
    hs_ladder_print_verdict(picture->race, out);
    fclose(out);
    hs_text_add(&label, "<FONT POINT-SIZE=\"12.5\" COLOR=\"%s\"><B>",
        picture->race->run->broken ? RED : INK);
    for (const char *line = hs_text_string(&verdict); *line; line += strspn(line, "\n")) {
        size_t length = strcspn(line, "\n");
        put_text(&label, line, length);
        hs_text_add(&label, BREAK_LEFT);
        line += length;
    }
    hs_text_add(&label, "</B></FONT>");
    hs_text_free(&verdict);
    return add_node(picture, "verdict", &label);
}

static bool same_fate(const struct hs_fate *a, const struct hs_fate *b)
{
    return strcmp(a->source, b->source) == 0 && strcmp(a->destination, b->destination) == 0 &&
           strcmp(a->relied_on, b->relied_on) == 0 && strcmp(a->fate, b->fate) == 0;
}

static void put_cell(struct hs_text *label, const char *text, bool lost)
{
    hs_text_add(label, "<TD ALIGN=\"LEFT\" BGCOLOR=\"%s\">%s", lost ? "#FDE3E1" : "white",
        lost ? "<FONT COLOR=\"" RED "\"><B>" : "");
    put_text(label, text, strlen(text));
    hs_text_add(label, "%s</TD>", lost ? "</B></FONT>" : "");
}

/* The row of the pages `first` to `last`, which share their fate. */
static void put_fate(
    struct hs_text *label, const struct hs_race *race, unsigned first, unsigned last)
{
    const struct hs_fate *fate = &race->fates[first];
    bool lost = (race->lost | race->stuck) >> first & 1u;
    char pages[24];
    if (first == last)
        snprintf(pages, sizeof(pages), "P%u", first);
    else
        snprintf(pages, sizeof(pages), "P%u-%u", first, last);
    hs_text_add(label, "<TR>");
    put_cell(label, pages, lost);
    put_cell(label, fate->source, lost);
    put_cell(label, fate->destination, lost);
    put_cell(label, fate->relied_on, lost);
    put_cell(label, fate->fate, lost);
    hs_text_add(label, "</TR>");
}

static Agnode_t *add_fates(struct picture *picture)
{
    static const char *const titles[] = {
        "page", "on the source", "on the destination", "relied on", "fate"};
    const struct hs_race *race = picture->race;
    struct hs_text label = {0};
    hs_text_add(&label,
        "<FONT POINT-SIZE=\"10.5\"><TABLE BORDER=\"0\" CELLBORDER=\"1\" CELLSPACING=\"0\" "
        "CELLPADDING=\"4\" COLOR=\"#52606D\"><TR>");
    for (unsigned i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
        hs_text_add(&label, "<TD ALIGN=\"LEFT\" BGCOLOR=\"#E4E7EB\"><B>%s</B></TD>", titles[i]);
    hs_text_add(&label, "</TR>");
    for (unsigned p = 0, next; p < race->run->config.pages; p = next) {
        next = p + 1;
        while (next < race->run->config.pages && same_fate(&race->fates[p], &race->fates[next]))
            next++;
        put_fate(&label, race, p, next - 1);
    }
    hs_text_add(&label, "</TABLE></FONT>");
    return add_node(picture, "fates", &label);
}

static void put_word(struct hs_text *label, const char *word, const char *meaning)
{
    hs_text_add(
        label, "<TR><TD ALIGN=\"RIGHT\"><B>%s</B></TD><TD ALIGN=\"LEFT\" BALIGN=\"LEFT\">", word);
    put_wrapped(label, meaning, LEGEND_WIDTH, BREAK);
    hs_text_add(label, "</TD></TR>");
}

/* The marks that occur among the changes; where a property breaks there is one, too. */
static void put_marks(struct hs_text *label, const struct hs_race *race)
{
    for (unsigned i = 0; i < HS_MARK_COUNT; i++) {
        bool breaks = false;
        for (unsigned e = 0; hs_marks[i].word[0] == '!' && e < race->run->length; e++)
            breaks = breaks || race->events[e].breaks;
        if (breaks || hs_race_has_mark(race, &hs_marks[i]))
            put_word(label, hs_marks[i].word, hs_marks[i].meaning);
    }
}

static void put_look(struct hs_text *label, const struct look_row *look)
{
    hs_text_add(label,
        "<TR><TD BORDER=\"%c\" COLOR=\"%s\" BGCOLOR=\"%s\" STYLE=\"%s\">"
        "<FONT COLOR=\"%s\">%s</FONT></TD><TD ALIGN=\"LEFT\" BALIGN=\"LEFT\">",
        look->border_width[0], look->border, look->fill, look->style, look->text, look->sample);
    put_wrapped(label, look->meaning, LEGEND_WIDTH, BREAK);
    hs_text_add(label, "</TD></TR>");
}

static Agnode_t *add_legend(struct picture *picture)
{
    bool occurs[LOOK_COUNT] = {false};
    struct hs_text label = {0};
    for (unsigned i = 0; i < picture->race->run->length; i++)
        occurs[look_of(picture->race, i)] = true;
    hs_text_add(&label,
        "<FONT POINT-SIZE=\"9\"><TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLSPACING=\"3\" "
        "CELLPADDING=\"1\">");
    for (unsigned look = 0; look < LOOK_COUNT; look++) {
        if (occurs[look])
            put_look(&label, &look_rows[look]);
    }
    put_word(&label, "&rarr;", "a message, from the step that sends it to the step that takes it");
    put_word(
        &label, "v1, v2", "the versions of a page's content, in the order of the writes; -: none");
    put_marks(&label, picture->race);
    hs_text_add(&label, "</TABLE></FONT>");
    return add_node(picture, "legend", &label);
}

/* ---- placing --------------------------------------------------------------------------------- */

static int in_points(double inches)
{
    return (int)(inches * POINTS_PER_INCH + 0.999);
}

static int width_of(Agnode_t *node)
{
    return in_points(ND_width(node));
}

static int height_of(Agnode_t *node)
{
    return in_points(ND_height(node));
}

static int larger(int a, int b)
{
    return a > b ? a : b;
}

/* Graphviz counts upwards, from the middle of a node. */
static void place(Agnode_t *node, int left, int top, int width, int height)
{
    char text[64];
    snprintf(text, sizeof(text), "%.1f,%.1f", left + width / 2.0, -(top + height / 2.0));
    set(node, "pos", text);
    snprintf(text, sizeof(text), "%.4f", (double)width / POINTS_PER_INCH);
    set(node, "width", text);
    snprintf(text, sizeof(text), "%.4f", (double)height / POINTS_PER_INCH);
    set(node, "height", text);
}

/* A text in its own size.  Returns where it ends. */
static int place_text(Agnode_t *node, int left, int top)
{
    place(node, left, top, width_of(node), height_of(node));
    return top + height_of(node);
}

/* The gutter in which a message goes down: the one beside its taker, on its sender's side. */
static unsigned gutter_of(enum hs_column from, enum hs_column to)
{
    return from < to ? to : to + 1;
}

/* How many messages of the same way are under way when the one that `taker` takes is sent. */
static int lane_of(const struct hs_race *race, unsigned taker)
{
    const struct hs_event *events = race->events;
    const struct hs_event *message = &events[taker];
    int count = 0;
    for (unsigned i = (unsigned)message->sender + 1; i < race->run->length; i++) {
        bool sent_before = events[i].sender != HS_NO_EVENT && events[i].sender < message->sender;
        if (sent_before && events[i].column == message->column &&
            events[events[i].sender].column == events[message->sender].column)
            count++;
    }
    return count < LANES ? count : LANES - 1;
}

static void size_gutters(struct picture *picture)
{
    const struct hs_event *events = picture->race->events;
    for (unsigned i = 0; i <= HS_COLUMN_COUNT; i++)
        picture->gutter[i] = GUTTER_IDLE;
    for (unsigned i = 0; i < picture->race->run->length; i++) {
        if (events[i].sender == HS_NO_EVENT)
            continue;
        int *gutter =
            &picture->gutter[gutter_of(events[events[i].sender].column, events[i].column)];
        *gutter = larger(*gutter, GUTTER + LANE * lane_of(picture->race, i));
    }
}

static int width_of_column(const struct picture *picture, enum hs_column column)
{
    int width = larger(COLUMN_MIN, width_of(picture->heads[column]));
    for (unsigned i = 0; i < picture->race->run->length; i++) {
        if (picture->race->events[i].column == column)
            width = larger(width, width_of(picture->rows[i].box));
    }
    return width;
}

/* How wide the columns are, and where.  Returns where the last one ends. */
static int place_columns(struct picture *picture)
{
    int right = width_of(picture->steps);
    for (unsigned i = 0; i < picture->race->run->length; i++)
        right = larger(right, width_of(picture->rows[i].name));
    size_gutters(picture);
    for (unsigned column = 0; column < HS_COLUMN_COUNT; column++) {
        picture->left[column] = right + picture->gutter[column];
        picture->width[column] = width_of_column(picture, (enum hs_column)column);
        right = picture->left[column] + picture->width[column];
    }
    return right;
}

static int place_heads(struct picture *picture, int top)
{
    int height = height_of(picture->heads[0]);
    place_text(picture->steps, 0, top + (height - height_of(picture->steps)) / 2);
    for (unsigned column = 0; column < HS_COLUMN_COUNT; column++)
        place(picture->heads[column], picture->left[column], top, picture->width[column], height);
    picture->head = top + height;
    return top + height;
}

static int place_events(struct picture *picture, int top)
{
    for (unsigned i = 0; i < picture->race->run->length; i++) {
        enum hs_column column = picture->race->events[i].column;
        Agnode_t *box = picture->rows[i].box;
        Agnode_t *name = picture->rows[i].name;
        int height = larger(height_of(box), height_of(name));
        int inset = hs_event_decides(&picture->race->events[i]) ? SECOND_BORDER : 0;
        place(box, picture->left[column] + inset, top + inset, picture->width[column] - 2 * inset,
            height - 2 * inset);
        place_text(name, 0, top + (height - height_of(name)) / 2);
        picture->rows[i].middle = top + height / 2;
        top += height + ROW_GAP;
    }
    picture->foot = top + ROW_GAP;
    for (unsigned column = 0; column < HS_COLUMN_COUNT; column++)
        place(picture->feet[column], picture->left[column] + picture->width[column] / 2,
            picture->foot, 0, 0);
    return picture->foot;
}

/* Place everything but the lines.  Returns the picture's width. */
static int place_all(struct picture *picture)
{
    int ladder = place_columns(picture);
    int below = place_text(picture->title, 0, 0) + BLOCK_GAP;
    below = place_heads(picture, below) + ROW_GAP * 2;
    below = place_events(picture, below) + BLOCK_GAP;
    below = place_text(picture->verdict, 0, below) + BLOCK_GAP;
    int beside = width_of(picture->fates) + 2 * BLOCK_GAP;
    place_text(picture->fates, 0, below);
    place_text(picture->legend, beside, below);
    return larger(larger(ladder, width_of(picture->title)), beside + width_of(picture->legend));
}

/* ---- lines ----------------------------------------------------------------------------------- */

struct point {
    int x;
    int y;
};

/* A line under construction, in the format of a pos: Bezier curves, each of three more points. */
static void put_curve(
    struct hs_text *line, struct point first, struct point second, struct point end)
{
    hs_text_add(line, " %d,%d %d,%d %d,%d", first.x, -first.y, second.x, -second.y, end.x, -end.y);
}

static void put_straight(struct hs_text *line, struct point from, struct point to)
{
    put_curve(line, from, to, to);
}

static void set_line(Agedge_t *edge, struct hs_text *line)
{
    set(edge, "pos", hs_text_string(line));
    hs_text_free(line);
}

static void draw_lifeline(struct picture *picture, enum hs_column column)
{
    struct hs_text line = {0};
    int x = picture->left[column] + picture->width[column] / 2;
    struct point head = {x, picture->head};
    struct point foot = {x, picture->foot};
    Agedge_t *edge = hs_must(agedge(
        picture->graph, picture->heads[column], picture->feet[column], loose("lifeline"), 1));
    hs_text_add(&line, "%d,%d", head.x, -head.y);
    put_straight(&line, head, foot);
    set_line(edge, &line);
    set(edge, "style", "dashed");
    set(edge, "color", "#B8C2CC");
    set(edge, "arrowhead", "none");
}

/* From a step's name to its event, which may be far away. */
static void draw_leader(struct picture *picture, unsigned index)
{
    struct hs_text line = {0};
    struct point name = {picture->left[0] - GUTTER_IDLE, picture->rows[index].middle};
    struct point box = {picture->left[picture->race->events[index].column], name.y};
    Agedge_t *edge = hs_must(agedge(
        picture->graph, picture->rows[index].name, picture->rows[index].box, loose("leader"), 1));
    hs_text_add(&line, "%d,%d", name.x, -name.y);
    put_straight(&line, name, box);
    set_line(edge, &line);
    set(edge, "color", "#E4E9EE");
    set(edge, "arrowhead", "none");
}

/* The point at TURN from `from` on the way to `to`. */
static struct point on_the_way(struct point from, struct point to)
{
    int across = to.x - from.x;
    int down = to.y - from.y;
    int length = larger(larger(abs(across), abs(down)), 1);
    int step = length < 2 * TURN ? length / 2 : TURN;
    return (struct point){from.x + across * step / length, from.y + down * step / length};
}

/* A line from `start` to `end` that turns, a little round, at `first` and `second`. */
static void put_turning_line(struct hs_text *line, struct point start, struct point first,
    struct point second, struct point end)
{
    struct point before_first = on_the_way(first, start);
    struct point after_first = on_the_way(first, second);
    struct point before_second = on_the_way(second, first);
    struct point after_second = on_the_way(second, end);
    hs_text_add(line, "%d,%d", start.x, -start.y);
    put_straight(line, start, before_first);
    put_curve(line, first, first, after_first);
    put_straight(line, after_first, before_second);
    put_curve(line, second, second, after_second);
    put_straight(line, after_second, end);
}

/* The message from `start` to `end`, which leaves its column on the right and comes back there. */
static void put_loop(struct hs_text *line, struct point start, struct point end)
{
    struct point first = {start.x + 2 * STUB, start.y};
    struct point second = {end.x + 2 * STUB, end.y};
    put_turning_line(line, start, first, second, (struct point){end.x + ARROW, end.y});
}

/* The message from `start` to `end`, in its lane of the gutter beside `end`. */
static void put_message(
    struct hs_text *line, struct point start, struct point end, int gutter, int lane)
{
    int way = start.x < end.x ? 1 : -1;
    int lanes_before = (gutter - GUTTER) / LANE - lane;
    struct point first = {end.x - way * (gutter - STUB - LANE * lanes_before), start.y};
    struct point second = {end.x - way * (STUB + ARROW + LANE * lane), end.y};
    put_turning_line(line, start, first, second, (struct point){end.x - way * ARROW, end.y});
}

/*
 * A message goes straight through whatever columns lie between, on the height of its sender, where
 * no other box can be, and goes down in the gutter beside the column of its taker, at a slant: two
 * messages that are taken in the order in which they were sent do not cross.
 */
static void route_message(
    struct picture *picture, unsigned sender, unsigned taker, struct hs_text *line)
{
    enum hs_column from = picture->race->events[sender].column;
    enum hs_column to = picture->race->events[taker].column;
    struct point start = {picture->left[from], picture->rows[sender].middle + APART};
    struct point end = {picture->left[to], picture->rows[taker].middle - APART};
    if (from <= to)
        start.x += picture->width[from];
    if (from >= to)
        end.x += picture->width[to];
    hs_text_add(line, "e,%d,%d ", end.x, -end.y);
    if (from == to)
        put_loop(line, start, end);
    else
        put_message(
            line, start, end, picture->gutter[gutter_of(from, to)], lane_of(picture->race, taker));
}

/* The message was a used buffer, and nobody looks at it: said behind the turn before its arrow. */
static void label_dropped(const struct picture *picture, unsigned taker, Agedge_t *edge)
{
    enum { HALF_WIDTH = 20, BELOW = 2 };
    char place[32];
    enum hs_column column = picture->race->events[taker].column;
    int right = picture->left[column] + picture->width[column];
    int turn = right + STUB + ARROW + LANE * lane_of(picture->race, taker) + TURN;
    snprintf(place, sizeof(place), "%d,%d", turn + HALF_WIDTH,
        -(picture->rows[taker].middle - APART + BELOW));
    set(edge, "label", "dropped");
    set(edge, "lp", place);
    set(edge, "style", "dashed");
}

static void draw_message(struct picture *picture, unsigned sender, unsigned taker)
{
    struct hs_text line = {0};
    bool story = hs_race_in_story(picture->race, sender) && hs_race_in_story(picture->race, taker);
    Agedge_t *edge = hs_must(agedge(
        picture->graph, picture->rows[sender].box, picture->rows[taker].box, loose("message"), 1));
    route_message(picture, sender, taker, &line);
    set_line(edge, &line);
    set(edge, "color", story ? look_rows[LOOK_STORY].border : "#2F5D8A");
    set(edge, "penwidth", story ? "2.4" : "1.2");
    if (picture->race->events[taker].drops)
        label_dropped(picture, taker, edge);
}

static void draw_lines(struct picture *picture)
{
    for (unsigned column = 0; column < HS_COLUMN_COUNT; column++)
        draw_lifeline(picture, (enum hs_column)column);
    for (unsigned i = 0; i < picture->race->run->length; i++) {
        draw_leader(picture, i);
        int sender = picture->race->events[i].sender;
        if (sender != HS_NO_EVENT)
            draw_message(picture, (unsigned)sender, i);
    }
}

/* ---- the whole ------------------------------------------------------------------------------- */

static bool refuse(struct hs_error *error, const char *path, const char *what, const char *why)
{
    return hs_fail(error, "%s: %s: %s", path, what, why);
}

static bool refuse_graphviz(struct hs_error *error, const char *path)
{
    char *why = aglasterr();
    if (why)
        why[strcspn(why, "\n")] = '\0';
    refuse(error, path, "Graphviz cannot draw this", why && *why ? why : "no reason given");
    free(why);
    return false;
}

static void set_resolution(struct picture *picture, int width)
{
    char dpi[16];
    int wanted = PNG_WIDTH * POINTS_PER_INCH / width;
    wanted = wanted < DPI_LEAST ? DPI_LEAST : wanted > DPI_MOST ? DPI_MOST : wanted;
    snprintf(dpi, sizeof(dpi), "%d", wanted);
    set(picture->graph, "dpi", dpi);
}

/* Add everything, let Graphviz measure it, and place it. */
static bool lay_out(struct picture *picture, GVC_t *context, bool in_dots)
{
    static const char *const engine = "nop2"; /* takes all positions as they are */
    picture->title = add_title(picture);
    add_columns(picture);
    add_events(picture);
    picture->verdict = add_verdict(picture);
    picture->fates = add_fates(picture);
    picture->legend = add_legend(picture);
    if (gvLayout(context, picture->graph, engine) != 0)
        return false;
    int width = place_all(picture);
    gvFreeLayout(context, picture->graph);
    if (in_dots)
        set_resolution(picture, width);
    draw_lines(picture);
    return gvLayout(context, picture->graph, engine) == 0;
}

static bool render(struct picture *picture, GVC_t *context, const char *path, const char *format,
    struct hs_error *error)
{
    char *data = NULL;
    unsigned length = 0;
    if (!lay_out(picture, context, strcmp(format, "png") == 0))
        return refuse_graphviz(error, path);
    /* Into memory: on a full disk Graphviz itself would end the program. */
    bool good = gvRenderData(context, picture->graph, format, &data, &length) == 0 && data;
    good = good ? hs_file_write(path, data, length, error) : refuse_graphviz(error, path);
    gvFreeRenderData(data);
    gvFreeLayout(context, picture->graph);
    return good;
}

bool hs_graph_draw(
    const struct hs_race *race, const char *path, const char *format, struct hs_error *error)
{
    struct picture picture = {.race = race};
    GVC_t *context = hs_must(gvContext());
    agerrlevel_t usual = agseterr(AGMAX); /* what Graphviz has to say goes into `error` */
    picture.graph = hs_must(agopen(loose("race"), Agdirected, NULL));
    declare_attributes(picture.graph);
    bool good = render(&picture, context, path, format, error);
    agclose(picture.graph);
    gvFreeContext(context);
    agseterr(usual);
    free(picture.rows);
    return good;
}

bool hs_graphviz_try(struct hs_text *version, struct hs_error *error)
{
    static const char *const formats[] = {"svg", "png"};
    GVC_t *context = hs_must(gvContext());
    agerrlevel_t usual = agseterr(AGMAX);
    Agraph_t *graph = hs_must(agopen(loose("try"), Agdirected, NULL));
    hs_must(agnode(graph, loose("word"), 1));
    bool is_laid_out = gvLayout(context, graph, "dot") == 0;
    bool good = is_laid_out;
    for (unsigned i = 0; good && i < sizeof(formats) / sizeof(formats[0]); i++) {
        char *data = NULL;
        unsigned length = 0;
        good = gvRenderData(context, graph, formats[i], &data, &length) == 0 && data;
        gvFreeRenderData(data);
    }
    if (good)
        hs_text_add(version, "%s", gvcVersion(context));
    else
        hs_fail(error, "Graphviz cannot draw; 'dot -c' lets it find its plugins");
    if (is_laid_out)
        gvFreeLayout(context, graph);
    agclose(graph);
    gvFreeContext(context);
    agseterr(usual);
    return good;
}
