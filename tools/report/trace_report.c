/* SPDX-License-Identifier: BSD-3-Clause */
/* The report on a recording. */
#include "trace_report.h"

#include "text.h"

#include <assert.h>
#include <inttypes.h>

enum { REMARKS_MOST = 20, WAYS_MOST = 6 };

bool hs_traced_is_refused(const struct hs_traced *traced)
{
    assert(traced);
    return !traced->fit || traced->fit->is_refused;
}

bool hs_traced_breaks_clause(const struct hs_traced *traced)
{
    assert(traced);
    for (size_t i = 0; i < traced->elements->remark_count; i++) {
        if (traced->elements->remarks[i].clause)
            return true;
    }
    return false;
}

/* ---- text ----------------------------------------------------------------------------------- */

__attribute__((format(printf, 3, 4))) static void print(
    FILE *out, unsigned indent, const char *format, ...)
{
    struct hs_text text = {0};
    va_list arguments;
    va_start(arguments, format);
    hs_text_addv(&text, format, arguments);
    va_end(arguments);
    hs_text_print(&text, indent, out);
}

static void print_head(const struct hs_traced *traced, FILE *out)
{
    const struct hs_recording *recording = traced->recording;
    fprintf(out, "%s\n\n", traced->path);
    print(out, 0, "recorded  %s; %s", recording->guest ? recording->guest : "a guest",
        recording->host ? recording->host : "a host");
    print(out, 0, "model     %s*%s", traced->guest, traced->host);
    if (traced->fit)
        print(out, 0, "events    %zu, of %" PRIu64 " page%s, which tell %" PRIu32 " stor%s",
            recording->count, traced->fit->pages, traced->fit->pages == 1 ? "" : "s",
            traced->fit->stories, traced->fit->stories == 1 ? "y" : "ies");
    fputc('\n', out);
}

static bool is_bound(int64_t ns)
{
    const int64_t open = INT64_C(1) << 61;
    return ns > -open && ns < open;
}

static void print_clock(const struct hs_traced *traced, unsigned clock, FILE *out)
{
    const char *name = traced->recording->clocks[clock].name;
    const char *first = traced->recording->clocks[0].name;
    int64_t least = traced->clocks->least[clock];
    int64_t most = traced->clocks->most[clock];
    if (is_bound(least) && is_bound(most))
        print(out, 0, "Clock %s: %.6f to %.6f s are to be added to have the time of %s.", name,
            (double)least / 1e9, (double)most / 1e9, first);
    else
        print(out, 0, "Clock %s: how far it is from %s is not known.", name, first);
}

static void print_clocks(const struct hs_traced *traced, FILE *out)
{
    for (unsigned i = 1; traced->clocks && i < traced->clocks->count; i++)
        print_clock(traced, i, out);
    if (traced->recording->clock_count > 1)
        fputc('\n', out);
}

static void print_remarks(const struct hs_traced *traced, FILE *out)
{
    const struct hs_elements *elements = traced->elements;
    for (size_t i = 0; i < elements->remark_count && i < REMARKS_MOST; i++) {
        const struct hs_remark *remark = &elements->remarks[i];
        print(out, 4, "line %u: %s%s%s", remark->line, remark->clause ? remark->clause : "",
            remark->clause ? ": " : "", remark->text);
    }
    if (elements->remark_count > REMARKS_MOST)
        print(out, 4, "and %zu more", elements->remark_count - REMARKS_MOST);
    if (elements->remark_count)
        fputc('\n', out);
}

static const struct hs_happening *event_at(const struct hs_traced *traced, uint32_t event)
{
    return &traced->recording->events[event];
}

static void print_ways(const struct hs_traced *traced, FILE *out)
{
    const struct hs_fit *fit = traced->fit;
    if (fit->way_count)
        print(out, 2, "In the states that the page can be in then:");
    for (unsigned i = 0; i < fit->way_count && i < WAYS_MOST; i++)
        print(out, 4, "%s", fit->ways[i].text);
    if (fit->way_count > WAYS_MOST)
        print(out, 4, "and %u more", fit->way_count - WAYS_MOST);
}

static void print_refusal(const struct hs_traced *traced, FILE *out)
{
    const struct hs_fit *fit = traced->fit;
    print(out, 0, "refused: the model cannot have done this");
    fputc('\n', out);
    print(out, 2, "Page 0x%" PRIx64 "%s: %" PRIu32 " of the %" PRIu32 " events that it sees fit%s.",
        fit->page, fit->refused > 1 ? ", and others" : "", fit->fitted, fit->length,
        fit->last == HS_NOT_RECORDED ? ", none" : "");
    if (fit->last != HS_NOT_RECORDED)
        print(out, 2, "The last of them is line %u: %s.", event_at(traced, fit->last)->line,
            hs_event_names[event_at(traced, fit->last)->kind]);
    print(out, 2, "Line %u does not fit: %s.", event_at(traced, fit->at.event)->line,
        hs_letter_words(fit->at.letter));
    print_ways(traced, out);
}

/* "8 queue-element", or how else a window begins or ends. */
static void write_place(
    const struct hs_traced *traced, uint32_t event, const char *none, char text[32])
{
    if (event == HS_NOT_RECORDED)
        snprintf(text, 32, "%s", none);
    else
        snprintf(text, 32, "%u %s", event_at(traced, event)->line,
            hs_event_names[event_at(traced, event)->kind]);
}

static void print_window(const struct hs_traced *traced, const struct hs_window *window, FILE *out)
{
    char from[32];
    char to[32];
    char ms[32] = "-";
    write_place(traced, window->from, "the beginning", from);
    write_place(traced, window->to, "the end", to);
    if (window->from != HS_NOT_RECORDED && window->to != HS_NOT_RECORDED)
        snprintf(ms, sizeof(ms), "%.3f", (double)window->ns / 1e6);
    fprintf(out, "%5" PRIu32 "  0x%-10" PRIx64 " %-21s %-21s %9s  %s\n", window->pages,
        window->page, from, to, ms, window->harm == HS_DIRTY_PAGE_LOST ? "lost" : "wiped");
}

static const char *value_name(const struct hs_closing *closing, char number[HS_RULE_NUMBER_SIZE])
{
    return hs_rule_value_name(closing->rule, closing->value, number);
}

static void print_closings(const struct hs_traced *traced, FILE *out)
{
    char number[HS_RULE_NUMBER_SIZE];
    struct hs_text text = {0};
    if (!traced->closing_count)
        hs_text_add(
            &text, "No single rule that makes somebody wait, check or lock closes the first.");
    else
        hs_text_add(&text, "The first is closed by each of these alone: ");
    hs_text_begin_list(&text);
    for (unsigned i = 0; i < traced->closing_count; i++)
        hs_text_item(&text, ", ", "%s=%s", hs_rule_rows[traced->closings[i].rule].name,
            value_name(&traced->closings[i], number));
    hs_text_print(&text, 0, out);
}

static void print_windows(const struct hs_traced *traced, FILE *out)
{
    enum { WINDOWS_MOST = 20 };
    const struct hs_windows *windows = traced->windows;
    if (!windows->hinted)
        return;
    fputc('\n', out);
    if (!windows->count) {
        print(out, 0, "No write of a page that was hinted (%" PRIu64 ") can have been lost.",
            windows->hinted);
        return;
    }
    print(out, 0,
        "Windows: %" PRIu64 " of %" PRIu64 " hinted pages have one, in which a write of the page "
        "can have been lost, or lie in memory that was wiped then; if the page was not written "
        "again.",
        windows->pages, windows->hinted);
    fputs("\npages  the first    from line             to line                      ms\n", out);
    for (uint32_t i = 0; i < windows->count && i < WINDOWS_MOST; i++)
        print_window(traced, &windows->windows[i], out);
    if (windows->count > WINDOWS_MOST)
        fprintf(out, "and %" PRIu32 " more, which are shorter\n", windows->count - WINDOWS_MOST);
    fputc('\n', out);
    print_closings(traced, out);
}

static void print_scenario(const struct hs_traced *traced, FILE *out)
{
    const struct hs_page_scenario *written = traced->scenario;
    fputc('\n', out);
    if (!written->file)
        print(out, 0, "Page 0x%" PRIx64 ": %s", written->page,
            written->gave_up ? "a run with its story is too long to be found."
                             : "no run of a small world has its story; others do too much to it.");
    else
        print(out, 0, "Page 0x%" PRIx64 " is page %u of %s, a run with its story, of %u steps%s.",
            written->page, written->number, written->file, written->steps,
            written->is_harmed ? ", in which a write of it is lost or wiped" : "");
}

void hs_traced_print(const struct hs_traced *traced, FILE *out)
{
    assert(traced && out);
    print_head(traced, out);
    print_clocks(traced, out);
    print_remarks(traced, out);
    if (!traced->fit) {
        print(out, 0, "refused: %s", traced->wrong->text);
    } else if (traced->fit->is_refused) {
        print_refusal(traced, out);
    } else {
        print(out, 0, "not refuted: for each page the model has a run with these events");
        print(out, 0,
            "Not checked across pages: the order in which held pages went back, and how "
            "many; reports and the balloon.");
        print_windows(traced, out);
        if (traced->scenario)
            print_scenario(traced, out);
    }
}

/* ---- JSON ----------------------------------------------------------------------------------- */

/* A bound of a clock's distance; null if there is none. */
static json_t *bound_json(int64_t ns)
{
    return is_bound(ns) ? json_integer((json_int_t)ns) : json_null();
}

static json_t *clocks_json(const struct hs_traced *traced)
{
    json_t *list = json_array();
    for (unsigned i = 0; traced->clocks && i < traced->clocks->count; i++)
        json_array_append_new(list,
            json_pack("{s:s, s:o, s:o}", "name", traced->recording->clocks[i].name, "least",
                bound_json(traced->clocks->least[i]), "most", bound_json(traced->clocks->most[i])));
    return list;
}

static json_t *remarks_json(const struct hs_traced *traced)
{
    json_t *list = json_array();
    for (size_t i = 0; i < traced->elements->remark_count; i++) {
        const struct hs_remark *remark = &traced->elements->remarks[i];
        json_array_append_new(list, json_pack("{s:i, s:s?, s:s}", "line", (int)remark->line,
                                        "clause", remark->clause, "what", remark->text));
    }
    return list;
}

static json_t *refusal_json(const struct hs_traced *traced)
{
    const struct hs_fit *fit = traced->fit;
    if (!fit || !fit->is_refused)
        return json_null();
    json_t *ways = json_array();
    for (unsigned i = 0; i < fit->way_count; i++)
        json_array_append_new(ways,
            json_pack("{s:s, s:i}", "why", fit->ways[i].text, "states", (int)fit->ways[i].states));
    return json_pack("{s:I, s:I, s:i, s:i, s:o, s:i, s:s, s:o}", "page", (json_int_t)fit->page,
        "pages", (json_int_t)fit->refused, "fitted", (int)fit->fitted, "length", (int)fit->length,
        "last",
        fit->last == HS_NOT_RECORDED ? json_null()
                                     : json_integer((json_int_t)event_at(traced, fit->last)->line),
        "line", (int)event_at(traced, fit->at.event)->line, "what", hs_letter_words(fit->at.letter),
        "ways", ways);
}

static json_t *place_json(const struct hs_traced *traced, uint32_t event)
{
    return event == HS_NOT_RECORDED ? json_null()
                                    : json_integer((json_int_t)event_at(traced, event)->line);
}

static json_t *windows_json(const struct hs_traced *traced)
{
    json_t *list = json_array();
    for (uint32_t i = 0; traced->windows && i < traced->windows->count; i++) {
        const struct hs_window *window = &traced->windows->windows[i];
        bool is_closed = window->from != HS_NOT_RECORDED && window->to != HS_NOT_RECORDED;
        json_array_append_new(list,
            json_pack("{s:I, s:i, s:s, s:o, s:o, s:o}", "page", (json_int_t)window->page, "pages",
                (int)window->pages, "property", hs_property_rows[window->harm].name, "from",
                place_json(traced, window->from), "to", place_json(traced, window->to), "ns",
                is_closed ? json_integer((json_int_t)window->ns) : json_null()));
    }
    return list;
}

static json_t *closings_json(const struct hs_traced *traced)
{
    char number[HS_RULE_NUMBER_SIZE];
    json_t *list = json_array();
    for (unsigned i = 0; i < traced->closing_count; i++)
        json_array_append_new(
            list, json_pack("{s:s, s:s}", "rule", hs_rule_rows[traced->closings[i].rule].name,
                      "value", value_name(&traced->closings[i], number)));
    return list;
}

static json_t *scenario_json(const struct hs_traced *traced)
{
    const struct hs_page_scenario *written = traced->scenario;
    if (!written)
        return json_null();
    return json_pack("{s:I, s:s?, s:i, s:o, s:b, s:b}", "page", (json_int_t)written->page, "file",
        written->file, "number", (int)written->number, "steps",
        written->file ? json_integer(written->steps) : json_null(), "harmed",
        (int)written->is_harmed, "gave_up", (int)written->gave_up);
}

json_t *hs_traced_json(const struct hs_traced *traced)
{
    assert(traced);
    return json_pack("{s:s, s:s, s:s, s:s, s:i, s:I, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:s?}",
        "name", traced->path, "guest", traced->guest, "host", traced->host, "answer",
        hs_traced_is_refused(traced) ? "refused" : "not refuted", "events",
        (int)traced->recording->count, "pages", (json_int_t)(traced->fit ? traced->fit->pages : 0),
        "stories", traced->fit ? (int)traced->fit->stories : 0, "clocks", clocks_json(traced),
        "remarks", remarks_json(traced), "refusal", refusal_json(traced), "windows",
        windows_json(traced), "closed_by", closings_json(traced), "scenario", scenario_json(traced),
        "wrong", traced->fit ? NULL : traced->wrong->text);
}
