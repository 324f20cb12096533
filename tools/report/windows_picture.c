/* SPDX-License-Identifier: BSD-3-Clause */
/* Windows as a picture: time from left to right, a row for each window, windows in red. */
#include "file.h"
#include "text.h"
#include "trace_report.h"

#include <assert.h>
#include <gvc.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* In points.  Graphviz counts upwards. */
static const double NAMES = 190; /* of rows, to the left */
static const double WIDTH = 620; /* of the time */
static const double ROW = 18;
static const double BAR = 12;
static const double HEAD = 56; /* title, and what happens when */
static const double WORDS_APART = 48;
enum { ROWS_MOST = 40 };
#define RED "#B8402A"
#define PALE "#C8C8C8"
#define INK "#222222"

struct picture {
    const struct hs_traced *traced;
    Agraph_t *graph;
    unsigned nodes;
    unsigned rows;
    int64_t first; /* ns: the time that it shows */
    int64_t last;
};

/* ---- boxes and words ------------------------------------------------------------------------ */

/* Graphviz takes attribute names and values as char *, and copies them. */
static char *loose(const char *text)
{
    return (char *)(uintptr_t)text;
}

static void set(void *object, const char *name, const char *value)
{
    agsafeset(object, loose(name), loose(value), loose(""));
}

__attribute__((format(printf, 3, 4))) static void setf(
    void *object, const char *name, const char *format, ...)
{
    char text[128];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    set(object, name, text);
}

/* A box with its middle there. */
static Agnode_t *add_box(
    struct picture *picture, double x, double y, double width, double height, const char *fill)
{
    char name[16];
    snprintf(name, sizeof(name), "n%u", picture->nodes++);
    Agnode_t *box = (Agnode_t *)hs_must(agnode(picture->graph, name, 1));
    setf(box, "pos", "%.2f,%.2f", x, y);
    setf(box, "width", "%.4f", width / POINTS_PER_INCH);
    setf(box, "height", "%.4f", height / POINTS_PER_INCH);
    set(box, "fixedsize", "true");
    set(box, "label", "");
    set(box, "color", fill);
    set(box, "fillcolor", fill);
    return box;
}

/* Words with their middle there. */
static void add_words(
    struct picture *picture, double x, double y, const char *size, const char *words)
{
    Agnode_t *box = add_box(picture, x, y, 1, 1, "#FFFFFF");
    set(box, "shape", "plaintext");
    set(box, "fixedsize", "false");
    set(box, "style", "");
    set(box, "fontsize", size);
    set(box, "label", words);
}

/* ---- places --------------------------------------------------------------------------------- */

static int64_t time_of(const struct picture *picture, uint32_t event)
{
    return hs_time_of(picture->traced->clocks, &picture->traced->recording->events[event]);
}

static double x_of(const struct picture *picture, int64_t ns)
{
    double all = (double)(picture->last - picture->first);
    return NAMES + (all > 0 ? WIDTH * (double)(ns - picture->first) / all : 0);
}

/* The middle of a row; row 0 is the highest. */
static double y_of(const struct picture *picture, unsigned row)
{
    return (picture->rows - row) * ROW;
}

/* ---- what happens when ---------------------------------------------------------------------- */

/* Lines for what is marked in the whole picture. */
static const char *mark_of(enum hs_event_kind kind)
{
    switch (kind) {
    case HS_EVENT_BEGIN_MIGRATION:
        return "begins";
    case HS_EVENT_BEGIN_SYNC:
        return "sync";
    case HS_EVENT_STOP_VM:
        return "VM stops";
    case HS_EVENT_END_MIGRATION:
        return "ends";
    default:
        return NULL;
    }
}

/* Words that would lie on others are left out. */
static void add_marks(struct picture *picture)
{
    const struct hs_recording *recording = picture->traced->recording;
    double height = picture->rows * ROW + BAR;
    double behind = 0;
    for (uint32_t i = 0; i < recording->count; i++) {
        const char *mark = mark_of(recording->events[i].kind);
        if (!mark)
            continue;
        double x = x_of(picture, time_of(picture, i));
        add_box(picture, x, height / 2 + ROW / 2.0 - BAR / 2.0, 0.5, height, PALE);
        if (x >= behind)
            add_words(picture, x, height + ROW / 2.0, "8", mark);
        behind = x >= behind ? x + WORDS_APART : behind;
    }
}

static void add_row(struct picture *picture, unsigned row, const struct hs_window *window)
{
    char name[96];
    bool begins = window->from != HS_NOT_RECORDED;
    bool ends = window->to != HS_NOT_RECORDED;
    double left = x_of(picture, begins ? time_of(picture, window->from) : picture->first);
    double right = x_of(picture, ends ? time_of(picture, window->to) : picture->last);
    double y = y_of(picture, row);
    snprintf(name, sizeof(name), "%" PRIu32 " page%s, 0x%" PRIx64 ": %s", window->pages,
        window->pages == 1 ? "" : "s", window->page,
        window->harm == HS_DIRTY_PAGE_LOST ? "lost" : "wiped");
    add_words(picture, NAMES / 2.0 - BAR, y, "9", name);
    add_box(picture, NAMES + WIDTH / 2.0, y, WIDTH, 0.5, PALE);
    double width = right - left > 2 ? right - left : 2;
    add_box(picture, left + width / 2, y, width, BAR, RED);
}

static void add_title(struct picture *picture)
{
    char words[256];
    const struct hs_traced *traced = picture->traced;
    double top = picture->rows * ROW + HEAD;
    snprintf(words, sizeof(words), "%s*%s: in red, a write of the page can have been lost",
        traced->guest, traced->host);
    add_words(picture, NAMES + WIDTH / 2.0, top, "11", words);
    snprintf(words, sizeof(words), "%.3f ms", (double)(picture->last - picture->first) / 1e6);
    add_words(picture, NAMES + WIDTH / 2.0, -ROW / 2.0, "9", words);
}

static void find_times(struct picture *picture)
{
    const struct hs_recording *recording = picture->traced->recording;
    picture->first = picture->last = time_of(picture, 0);
    for (uint32_t i = 1; i < recording->count; i++) {
        int64_t ns = time_of(picture, i);
        picture->first = ns < picture->first ? ns : picture->first;
        picture->last = ns > picture->last ? ns : picture->last;
    }
}

static void add_all(struct picture *picture)
{
    const struct hs_windows *windows = picture->traced->windows;
    picture->rows = windows->count < ROWS_MOST ? windows->count : ROWS_MOST;
    find_times(picture);
    add_marks(picture);
    for (unsigned row = 0; row < picture->rows; row++)
        add_row(picture, row, &windows->windows[row]);
    add_title(picture);
}

/* ---- the whole ------------------------------------------------------------------------------ */

static void declare(Agraph_t *graph)
{
    static const char *const names[] = {"shape", "style", "fillcolor", "color", "fontname",
        "fontcolor", "fontsize", "fixedsize", "width", "height", "pos", "margin"};
    static const char *const values[] = {"box", "filled", "#FFFFFF", "#FFFFFF", "DejaVu Sans", INK,
        "9", "false", "0.01", "0.01", "", "0"};
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        agattr(graph, AGNODE, loose(names[i]), loose(values[i]));
    agattr(graph, AGRAPH, loose("dpi"), loose("144"));
}

bool hs_windows_draw(
    const struct hs_traced *traced, const char *path, const char *format, struct hs_error *error)
{
    assert(traced && traced->windows && traced->clocks && path && format && error);
    char *data = NULL;
    unsigned length = 0;
    struct picture picture = {.traced = traced};
    GVC_t *context = (GVC_t *)hs_must(gvContext());
    picture.graph = (Agraph_t *)hs_must(agopen(loose("windows"), Agdirected, NULL));
    declare(picture.graph);
    add_all(&picture);
    bool laid_out = gvLayout(context, picture.graph, "nop2") == 0;
    bool good = laid_out && gvRenderData(context, picture.graph, format, &data, &length) == 0;
    good = good ? hs_file_write(path, data, length, error)
                : hs_fail(error, "%s: Graphviz cannot draw this", path);
    gvFreeRenderData(data);
    if (laid_out)
        gvFreeLayout(context, picture.graph);
    agclose(picture.graph);
    gvFreeContext(context);
    return good;
}
