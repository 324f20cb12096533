/*
 * The picture of a race: Graphviz measures the texts, we place them, Graphviz draws.
 *
 * One event a row, so that the order of time is the order downwards, and so that a message may
 * cross any column on the height of an event without running through another event's box.  No
 * layout engine promises that; so its first layout serves only to learn how large the texts are.
 */
#include "graph.h"

#include "ladder.h"
#include "whole_file.h"

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

enum look { LOOK_LOSING, LOOK_STORY, LOOK_STORY_FILLED_IN, LOOK_OTHER, LOOK_FILLED_IN, LOOK_COUNT };

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

/* No two differ in colour alone. */
static const struct look_row look_rows[LOOK_COUNT] = {
    [LOOK_LOSING] = {"rounded", "#FDE3E1", RED, "2.5", "2", INK, "lost here",
        "the step that loses the page"},
    [LOOK_STORY] = {"rounded", "#FFF3CD", "#A66A00", "2.2", "1", INK, "step",
        "a step about the page that is lost"},
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
        {AGEDGE, "arrowhead", "normal"}, {AGEDGE, "arrowsize", "0.8"}, {AGEDGE, "pos", ""}};
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        agattr(graph, rows[i].kind, loose(rows[i].name), loose(rows[i].usual));
}

/* ---- labels ---------------------------------------------------------------------------------- */

/* An HTML-like label under construction. */
struct label {
    FILE *out;
    char *text;
    size_t size;
};

static void begin_label(struct label *label)
{
    label->out = hs_must(open_memstream(&label->text, &label->size));
}

/* A node called `name` with the label, which is used up. */
static Agnode_t *add_node(struct picture *picture, const char *name, struct label *label)
{
    Agnode_t *node = hs_must(agnode(picture->graph, loose(name), 1));
    fclose(label->out);
    char *html = hs_must(agstrdup_html(picture->graph, hs_must(label->text)));
    set(node, "label", html);
    agstrfree(picture->graph, html);
    free(label->text);
    return node;
}

/* `text` as the content of an HTML-like label: escaped, and without control characters, at which
 * the reader of such labels gives up. */
static void put_text(FILE *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        switch (text[i]) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        case '\\': /* Graphviz would put the node's name for \N */
            fputs("&#92;", out);
            break;
        default:
            fputc((unsigned char)text[i] < ' ' ? ' ' : text[i], out);
            break;
        }
    }
}

/* How much of `text` goes into a line of `width`: up to the last place where it may be broken, or
 * the first if that is too far. */
static size_t fitting(const char *text, size_t width)
{
    size_t last = 0;
    for (size_t i = 1; text[i]; i++) {
        bool may_break = text[i] == ' ' || text[i] == '\n' || text[i - 1] == ',';
        if (i > width && last)
            return last;
        if (may_break)
            last = i;
        if (may_break && i > width)
            return last;
    }
    return strlen(text) <= width || !last ? strlen(text) : last;
}

/* `text` over as many lines as it takes, each ended by `end` but for the last. */
static void put_wrapped(FILE *out, const char *text, size_t width, const char *end)
{
    text += strspn(text, " \n");
    while (*text) {
        size_t length = fitting(text, width);
        put_text(out, text, length);
        text += length + strspn(text + length, " \n");
        if (*text)
            fputs(end, out);
    }
}

/* ---- title ----------------------------------------------------------------------------------- */

/* The side's preset, and the rules in which it differs. */
static void put_side(FILE *out, const struct hs_variant *variant, enum hs_side side)
{
    const struct hs_scenario *scenario = variant->scenario;
    const struct hs_preset *preset = side == HS_SIDE_GUEST ? scenario->guest : scenario->host;
    struct hs_rules usual = hs_scenario_preset_rules(scenario);
    const char *word = "but";
    fprintf(out, "<FONT POINT-SIZE=\"10\">%s <B>", side == HS_SIDE_GUEST ? "guest:" : "host:");
    const char *name = preset ? preset->name : "the default rules";
    put_text(out, name, strlen(name));
    fputs("</B>", out);
    for (unsigned r = 0; r < HS_RULE_COUNT; r++) {
        char number[8];
        unsigned value = variant->config.rules.value[r];
        if (hs_rule_rows[r].side != side || value == usual.value[r])
            continue;
        fprintf(out, ", %s %s = %s", word, hs_rule_rows[r].name,
            hs_rule_value_name((enum hs_rule)r, value, number));
        word = "and";
    }
    fputs("</FONT>" BREAK_LEFT, out);
}

static Agnode_t *add_title(struct picture *picture)
{
    struct label label;
    const struct hs_variant *variant = picture->race->run->variant;
    begin_label(&label);
    fputs("<FONT POINT-SIZE=\"17\"><B>", label.out);
    put_text(label.out, variant->name, strlen(variant->name));
    fputs("</B></FONT>" BREAK_LEFT "<FONT POINT-SIZE=\"12.5\">", label.out);
    put_wrapped(label.out, variant->scenario->question, QUESTION_WIDTH, BREAK_LEFT);
    fputs("</FONT>" BREAK_LEFT "<FONT POINT-SIZE=\"5\"> </FONT>" BREAK_LEFT, label.out);
    put_side(label.out, variant, HS_SIDE_GUEST);
    put_side(label.out, variant, HS_SIDE_HOST);
    return add_node(picture, "title", &label);
}

/* ---- columns --------------------------------------------------------------------------------- */

static Agnode_t *add_head(struct picture *picture, enum hs_column column)
{
    static const char *const explained[HS_COLUMN_COUNT] = {"applications, memory pressure",
        "the guest's balloon driver", "the host's balloon device", "copies memory, reads the log"};
    char name[16];
    struct label label;
    snprintf(name, sizeof(name), "head%u", (unsigned)column);
    begin_label(&label);
    fprintf(label.out, "<FONT POINT-SIZE=\"13\"><B>%s</B></FONT>" BREAK, hs_column_names[column]);
    fprintf(label.out, "<FONT POINT-SIZE=\"8.5\">%s</FONT>", explained[column]);
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
    struct label label;
    for (unsigned column = 0; column < HS_COLUMN_COUNT; column++) {
        picture->heads[column] = add_head(picture, (enum hs_column)column);
        picture->feet[column] = add_foot(picture, (enum hs_column)column);
    }
    begin_label(&label);
    fputs("<FONT POINT-SIZE=\"13\"><B>step</B></FONT>" BREAK_LEFT
          "<FONT POINT-SIZE=\"8.5\">time goes downwards</FONT>" BREAK_LEFT,
        label.out);
    picture->steps = add_node(picture, "steps", &label);
}

/* ---- events ---------------------------------------------------------------------------------- */

/* The details, as many a line as fit. */
static void put_details(FILE *out, const struct hs_event *event)
{
    size_t used = 0;
    if (!event->detail_count)
        return; /* an empty FONT would be an error */
    fputs("<FONT POINT-SIZE=\"9\">", out);
    for (unsigned i = 0; i < event->detail_count; i++) {
        size_t length = strlen(event->details[i]);
        bool same_line = used && used + 2 + length <= DETAIL_WIDTH;
        fputs(same_line ? "; " : BREAK, out);
        put_wrapped(out, event->details[i], DETAIL_WIDTH, BREAK);
        used = same_line ? used + 2 + length : length;
    }
    fputs("</FONT>", out);
}

/* What goes wrong at the event: the clauses stand among the details already. */
static void put_harm(FILE *out, const struct hs_race *race, const struct hs_event *event)
{
    for (unsigned i = 0; i < HS_PROPERTY_FIRST_CLAUSE; i++) {
        if (event->breaks >> i & 1u)
            fprintf(out, BREAK "<FONT POINT-SIZE=\"9\" COLOR=\"" RED "\"><B>! %s</B></FONT>",
                hs_property_rows[i].name);
    }
    for (unsigned p = 0; p < race->run->config.pages; p++) {
        if (event->loses >> p & 1u)
            fprintf(out,
                BREAK "<FONT POINT-SIZE=\"12\" COLOR=\"" RED "\"><B>P%u is %s here</B></FONT>", p,
                hs_event_deed(event));
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
    struct label label;
    hs_step_write(event->step, step, sizeof(step));
    snprintf(name, sizeof(name), "event%u", index + 1);
    begin_label(&label);
    fputs("<B>", label.out);
    put_wrapped(label.out, event->headline[0] ? event->headline : step, HEADLINE_WIDTH, BREAK);
    fputs("</B>", label.out);
    put_details(label.out, event);
    put_harm(label.out, picture->race, event);
    Agnode_t *box = add_node(picture, name, &label);
    set_look(box, &look_rows[look_of(picture->race, index)]);
    set(box, "tooltip", step);
    return box;
}

/* The step as a schedule writes it, so that picture, scenario and trace can be held together. */
static Agnode_t *add_name(struct picture *picture, unsigned index)
{
    const struct hs_event *event = &picture->race->events[index];
    const char *colour = event->loses ? RED : event->filled_in ? MUTED : INK;
    char name[24];
    char step[80];
    struct label label;
    hs_step_write(event->step, step, sizeof(step));
    snprintf(name, sizeof(name), "step%u", index + 1);
    begin_label(&label);
    fprintf(label.out, "<FONT POINT-SIZE=\"8.5\" COLOR=\"%s\">%s%u  %s%s</FONT>", colour,
        event->loses ? "<B>" : "", index + 1, step, event->loses ? "</B>" : "");
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
    char *text;
    size_t size;
    struct label label;
    FILE *out = hs_must(open_memstream(&text, &size));
    hs_ladder_print_verdict(picture->race, out);
    fclose(out);
    begin_label(&label);
    fprintf(label.out, "<FONT POINT-SIZE=\"12.5\" COLOR=\"%s\"><B>",
        picture->race->run->broken ? RED : INK);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        put_text(label.out, line, strlen(line));
        fputs(BREAK_LEFT, label.out);
    }
    fputs("</B></FONT>", label.out);
    free(text);
    return add_node(picture, "verdict", &label);
}

static bool same_fate(const struct hs_fate *a, const struct hs_fate *b)
{
    return strcmp(a->source, b->source) == 0 && strcmp(a->destination, b->destination) == 0 &&
           strcmp(a->relied_on, b->relied_on) == 0 && strcmp(a->fate, b->fate) == 0;
}

static void put_cell(FILE *out, const char *text, bool lost)
{
    fprintf(out, "<TD ALIGN=\"LEFT\" BGCOLOR=\"%s\">%s", lost ? "#FDE3E1" : "white",
        lost ? "<FONT COLOR=\"" RED "\"><B>" : "");
    put_text(out, text, strlen(text));
    fprintf(out, "%s</TD>", lost ? "</B></FONT>" : "");
}

/* The row of the pages `first` to `last`, which share their fate. */
static void put_fate(FILE *out, const struct hs_race *race, unsigned first, unsigned last)
{
    const struct hs_fate *fate = &race->fates[first];
    bool lost = race->lost >> first & 1u;
    char pages[24];
    if (first == last)
        snprintf(pages, sizeof(pages), "P%u", first);
    else
        snprintf(pages, sizeof(pages), "P%u-%u", first, last);
    fputs("<TR>", out);
    put_cell(out, pages, lost);
    put_cell(out, fate->source, lost);
    put_cell(out, fate->destination, lost);
    put_cell(out, fate->relied_on, lost);
    put_cell(out, fate->fate, lost);
    fputs("</TR>", out);
}

static Agnode_t *add_fates(struct picture *picture)
{
    static const char *const titles[] = {
        "page", "on the source", "on the destination", "relied on", "fate"};
    const struct hs_race *race = picture->race;
    struct label label;
    begin_label(&label);
    fputs("<FONT POINT-SIZE=\"10.5\"><TABLE BORDER=\"0\" CELLBORDER=\"1\" CELLSPACING=\"0\" "
          "CELLPADDING=\"4\" COLOR=\"#52606D\"><TR>",
        label.out);
    for (unsigned i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
        fprintf(label.out, "<TD ALIGN=\"LEFT\" BGCOLOR=\"#E4E7EB\"><B>%s</B></TD>", titles[i]);
    fputs("</TR>", label.out);
    for (unsigned p = 0, next; p < race->run->config.pages; p = next) {
        next = p + 1;
        while (next < race->run->config.pages && same_fate(&race->fates[p], &race->fates[next]))
            next++;
        put_fate(label.out, race, p, next - 1);
    }
    fputs("</TABLE></FONT>", label.out);
    return add_node(picture, "fates", &label);
}

/* Does a change told in the picture begin with `word`? */
static bool is_told(const struct hs_race *race, const char *word)
{
    for (unsigned i = 0; i < race->run->length; i++) {
        const struct hs_event *event = &race->events[i];
        for (unsigned d = 0; d < event->detail_count; d++) {
            if (strncmp(event->details[d], word, strlen(word)) == 0)
                return true;
        }
    }
    return false;
}

static void put_word(FILE *out, const char *word, const char *meaning)
{
    fprintf(out, "<TR><TD ALIGN=\"RIGHT\"><B>%s</B></TD><TD ALIGN=\"LEFT\" BALIGN=\"LEFT\">", word);
    put_wrapped(out, meaning, LEGEND_WIDTH, BREAK);
    fputs("</TD></TR>", out);
}

/* The words that occur among the changes. */
static void put_words(FILE *out, const struct hs_race *race)
{
    static const struct {
        const char *word;
        const char *meaning;
    } rows[] = {
        {"log ", "1: the kernel's dirty log notes a write to the page; 0: it watches for one"},
        {"known ", "1: the host knows from its last look into the log that the page was written"},
        {"host log ", "1: noted as written by the host, to be merged into the bitmap"},
        {"bitmap ", "1: the page is still to be sent; 0: it is not"},
        {"status ", "of hinting: STOP, REQUESTED (an id is issued), START (hints count), DONE"},
    };
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (is_told(race, rows[i].word))
            put_word(out, rows[i].word, rows[i].meaning);
    }
    if (race->run->broken)
        put_word(out, "!", "a demand of the specification, or a property, is broken");
}

static void put_look(FILE *out, const struct look_row *look)
{
    fprintf(out,
        "<TR><TD BORDER=\"%c\" COLOR=\"%s\" BGCOLOR=\"%s\" STYLE=\"%s\">"
        "<FONT COLOR=\"%s\">%s</FONT></TD><TD ALIGN=\"LEFT\" BALIGN=\"LEFT\">",
        look->border_width[0], look->border, look->fill, look->style, look->text, look->sample);
    put_wrapped(out, look->meaning, LEGEND_WIDTH, BREAK);
    fputs("</TD></TR>", out);
}

static Agnode_t *add_legend(struct picture *picture)
{
    bool occurs[LOOK_COUNT] = {false};
    struct label label;
    for (unsigned i = 0; i < picture->race->run->length; i++)
        occurs[look_of(picture->race, i)] = true;
    begin_label(&label);
    fputs("<FONT POINT-SIZE=\"9\"><TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLSPACING=\"3\" "
          "CELLPADDING=\"1\">",
        label.out);
    for (unsigned look = 0; look < LOOK_COUNT; look++) {
        if (occurs[look])
            put_look(label.out, &look_rows[look]);
    }
    put_word(
        label.out, "&rarr;", "a message, from the step that sends it to the step that takes it");
    put_word(label.out, "v1, v2",
        "the versions of a page's content, in the order of the writes; -: none");
    put_words(label.out, picture->race);
    fputs("</TABLE></FONT>", label.out);
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
    const struct hs_event *mine = &events[taker];
    int count = 0;
    for (unsigned i = (unsigned)mine->sender + 1; i < race->run->length; i++) {
        bool sent_before = events[i].sender != HS_NO_EVENT && events[i].sender < mine->sender;
        if (sent_before && events[i].column == mine->column &&
            events[events[i].sender].column == events[mine->sender].column)
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
        int inset = picture->race->events[i].loses ? SECOND_BORDER : 0;
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
static void put_curve(FILE *out, struct point first, struct point second, struct point end)
{
    fprintf(out, " %d,%d %d,%d %d,%d", first.x, -first.y, second.x, -second.y, end.x, -end.y);
}

static void put_straight(FILE *out, struct point from, struct point to)
{
    put_curve(out, from, to, to);
}

static void set_line(Agedge_t *edge, struct label *line)
{
    fclose(line->out);
    set(edge, "pos", hs_must(line->text));
    free(line->text);
}

static void draw_lifeline(struct picture *picture, enum hs_column column)
{
    struct label line;
    int x = picture->left[column] + picture->width[column] / 2;
    struct point head = {x, picture->head};
    struct point foot = {x, picture->foot};
    Agedge_t *edge = hs_must(agedge(
        picture->graph, picture->heads[column], picture->feet[column], loose("lifeline"), 1));
    begin_label(&line);
    fprintf(line.out, "%d,%d", head.x, -head.y);
    put_straight(line.out, head, foot);
    set_line(edge, &line);
    set(edge, "style", "dashed");
    set(edge, "color", "#B8C2CC");
    set(edge, "arrowhead", "none");
}

/* From a step's name to its event, which may be far away. */
static void draw_leader(struct picture *picture, unsigned index)
{
    struct label line;
    struct point name = {picture->left[0] - GUTTER_IDLE, picture->rows[index].middle};
    struct point box = {picture->left[picture->race->events[index].column], name.y};
    Agedge_t *edge = hs_must(agedge(
        picture->graph, picture->rows[index].name, picture->rows[index].box, loose("leader"), 1));
    begin_label(&line);
    fprintf(line.out, "%d,%d", name.x, -name.y);
    put_straight(line.out, name, box);
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
static void put_turning_line(
    FILE *out, struct point start, struct point first, struct point second, struct point end)
{
    struct point before_first = on_the_way(first, start);
    struct point after_first = on_the_way(first, second);
    struct point before_second = on_the_way(second, first);
    struct point after_second = on_the_way(second, end);
    fprintf(out, "%d,%d", start.x, -start.y);
    put_straight(out, start, before_first);
    put_curve(out, first, first, after_first);
    put_straight(out, after_first, before_second);
    put_curve(out, second, second, after_second);
    put_straight(out, after_second, end);
}

/* The message from `start` to `end`, which leaves its column on the right and comes back there. */
static void put_loop(FILE *out, struct point start, struct point end)
{
    struct point first = {start.x + 2 * STUB, start.y};
    struct point second = {end.x + 2 * STUB, end.y};
    put_turning_line(out, start, first, second, (struct point){end.x + ARROW, end.y});
}

/* The message from `start` to `end`, in its lane of the gutter beside `end`. */
static void put_message(FILE *out, struct point start, struct point end, int gutter, int lane)
{
    int way = start.x < end.x ? 1 : -1;
    int lanes_before = (gutter - GUTTER) / LANE - lane;
    struct point first = {end.x - way * (gutter - STUB - LANE * lanes_before), start.y};
    struct point second = {end.x - way * (STUB + ARROW + LANE * lane), end.y};
    put_turning_line(out, start, first, second, (struct point){end.x - way * ARROW, end.y});
}

/*
 * A message goes straight through whatever columns lie between, on the height of its sender, where
 * no other box can be, and goes down in the gutter beside the column of its taker, at a slant: two
 * messages that are taken in the order in which they were sent do not cross.
 */
static void route_message(struct picture *picture, unsigned sender, unsigned taker, FILE *out)
{
    enum hs_column from = picture->race->events[sender].column;
    enum hs_column to = picture->race->events[taker].column;
    struct point start = {picture->left[from], picture->rows[sender].middle + APART};
    struct point end = {picture->left[to], picture->rows[taker].middle - APART};
    if (from <= to)
        start.x += picture->width[from];
    if (from >= to)
        end.x += picture->width[to];
    fprintf(out, "e,%d,%d ", end.x, -end.y);
    if (from == to)
        put_loop(out, start, end);
    else
        put_message(
            out, start, end, picture->gutter[gutter_of(from, to)], lane_of(picture->race, taker));
}

static void draw_message(struct picture *picture, unsigned sender, unsigned taker)
{
    struct label line;
    bool story = hs_race_in_story(picture->race, sender) && hs_race_in_story(picture->race, taker);
    Agedge_t *edge = hs_must(agedge(
        picture->graph, picture->rows[sender].box, picture->rows[taker].box, loose("message"), 1));
    begin_label(&line);
    route_message(picture, sender, taker, line.out);
    set_line(edge, &line);
    set(edge, "color", story ? look_rows[LOOK_STORY].border : "#2F5D8A");
    set(edge, "penwidth", story ? "2.4" : "1.2");
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
    snprintf(error->text, sizeof(error->text), "%s: %s: %s", path, what, why);
    return false;
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
    good = good ? hs_whole_file_write(path, data, length, error) : refuse_graphviz(error, path);
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
