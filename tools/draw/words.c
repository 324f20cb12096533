/* SPDX-License-Identifier: BSD-3-Clause */
/* What can stand in braces in the words of a step, and what is put there. */
#include "words.h"

#include "virtqueue.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void hs_words_write_pages(uint64_t pages, char *text, size_t size)
{
    enum { ITEM_MOST = 8 }; /* ,P62-63 and the end: a range is there as a whole, or not at all */
    struct hs_text list = hs_text_in(text, size);
    for (unsigned p = 0; p < HS_PAGES_MAX && list.length + ITEM_MOST < size; p++) {
        if (!(pages >> p & 1u))
            continue;
        unsigned last = p;
        while (last + 1 < HS_PAGES_MAX && pages >> (last + 1) & 1u)
            last++;
        hs_text_item(&list, ",", "P%u", p);
        if (last > p)
            hs_text_add(&list, "-%u", last);
        p = last;
    }
}

static uint64_t block_bits(unsigned first, unsigned order)
{
    uint64_t ones = order >= 6 ? ~UINT64_C(0) : (UINT64_C(1) << (1u << order)) - 1;
    return ones << first;
}

/* id1, id2, ... as they are issued; STOP; DONE */
static void write_id(unsigned id, char *text)
{
    if (id >= HS_COMMAND_FIRST_ID)
        snprintf(text, HS_WORDS_SIZE, "id%u", id - HS_COMMAND_FIRST_ID + 1);
    else
        snprintf(text, HS_WORDS_SIZE, "%s", id == HS_COMMAND_STOP ? "STOP" : "DONE");
}

/* One word in braces: what is told, and where what is put there is written. */
struct filling {
    const struct hs_telling *told;
    char *text;      /* HS_WORDS_SIZE */
    uint64_t *pages; /* that the step is about */
};

__attribute__((format(printf, 2, 3))) static void put(
    const struct filling *f, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(f->text, HS_WORDS_SIZE, format, arguments);
    va_end(arguments);
}

/* The pages that a step is about. */
static void put_pages(const struct filling *f, uint64_t pages)
{
    *f->pages = pages;
    hs_words_write_pages(pages, f->text, 32);
}

/* ---- pages and ids that are read aloud --------------------------------------------------------
 */

/* page 3; pages 0, 2-5 */
static void name_pages(const struct filling *f, uint64_t pages)
{
    struct hs_text list = hs_text_in(f->text, 40);
    hs_text_add(&list, "page%s ", pages & (pages - 1) ? "s" : "");
    hs_text_begin_list(&list);
    for (unsigned p = 0; p < HS_PAGES_MAX; p++) {
        if (!(pages >> p & 1u))
            continue;
        unsigned last = p;
        while (last + 1 < HS_PAGES_MAX && pages >> (last + 1) & 1u)
            last++;
        hs_text_item(&list, ", ", "%u", p);
        if (last > p)
            hs_text_add(&list, "-%u", last);
        p = last;
    }
    *f->pages = pages;
}

/* ---- one function for each word in braces ---------------------------------------------------- */

static void write_page(const struct filling *f)
{
    put(f, "P%u", f->told->step.page);
}

/* A block of the order that is hinted. */
static void write_block(const struct filling *f)
{
    put_pages(f, block_bits(f->told->step.page, f->told->before.config->hint_order));
}

static uint64_t pages_of_batch(const struct filling *f)
{
    struct hs_world w = f->told->before.state->driver.batch ? f->told->before : f->told->after;
    uint64_t those = 0;
    for (unsigned i = 0; i < w.state->driver.batch; i++)
        those |= block_bits(hs_batch(w)[i].page, hs_batch(w)[i].order);
    return those;
}

static void write_batch(const struct filling *f)
{
    put_pages(f, pages_of_batch(f));
}

static void name_batch(const struct filling *f)
{
    name_pages(f, pages_of_batch(f));
}

/* The range of the report in hand that is discarded. */
static uint64_t pages_of_range(const struct filling *f)
{
    unsigned next = f->told->before.state->device.report_discarded;
    return block_bits(f->told->step.page, hs_batch(f->told->before)[next].order);
}

static void write_range(const struct filling *f)
{
    put_pages(f, pages_of_range(f));
}

static void name_range(const struct filling *f)
{
    name_pages(f, pages_of_range(f));
}

/* The element that the device takes next from a queue; of an empty one it says nothing. */
static struct hs_element next_element(const struct filling *f, enum hs_queue queue)
{
    struct hs_virtqueue q = hs_queue(f->told->before, queue);
    return q.slots[q.ring->taken & (q.size - 1)];
}

static void write_inflated(const struct filling *f)
{
    put_pages(f, block_bits(next_element(f, HS_QUEUE_INFLATE).page, 0));
}

static void name_inflated(const struct filling *f)
{
    name_pages(f, block_bits(next_element(f, HS_QUEUE_INFLATE).page, 0));
}

static void name_page(const struct filling *f)
{
    name_pages(f, block_bits(f->told->step.page, 0));
}

static void name_block(const struct filling *f)
{
    name_pages(f, block_bits(f->told->step.page, f->told->before.config->hint_order));
}

/* The page whose story it is. */
static void name_story_page(const struct filling *f)
{
    name_pages(f, block_bits(f->told->page, 0));
}

static void write_source(const struct filling *f)
{
    put(f, "%s", f->told->source);
}

static void write_destination(const struct filling *f)
{
    put(f, "%s", f->told->destination);
}

/* The version that is written; nothing if the writer sleeps instead. */
static void write_written(const struct filling *f)
{
    const struct hs_page *page = hs_page(f->told->after, f->told->step.page);
    f->text[0] = '\0';
    if (f->told->step.kind == HS_DEVICE_DMA_WRITE && page->dma)
        put(f, ": marked");
    else if (!page->awaited)
        put(f, " (v%u)", f->told->version);
}

static void write_cached_id(const struct filling *f)
{
    write_id(f->told->after.state->driver.cached_id, f->text);
}

static void write_word(const struct filling *f)
{
    write_id(f->told->after.state->driver.active_id, f->text);
}

static void write_queued_or_lost(const struct filling *f)
{
    put(f, "%s", f->told->after.state->driver.start_lost ? "lost" : "queued");
}

static void write_end_of_round(const struct filling *f)
{
    bool stops = hs_rule_round_end(f->told->before) == HS_END_SENDS_STOP;
    put(f, "%s", stops ? "stop queued" : "ends silently");
}

static bool all_faulted(struct hs_world w, uint64_t pages)
{
    for (unsigned p = 0; p < w.config->pages; p++) {
        if (pages >> p & 1u && !hs_page(w, p)->faulted)
            return false;
    }
    return hs_rule_refuse_written(w) == HS_ON;
}

static void put_hint(const struct filling *f, unsigned first, bool accepted)
{
    char block[32];
    uint64_t pages = block_bits(first, f->told->before.config->hint_order);
    *f->pages = pages;
    hs_words_write_pages(pages, block, sizeof(block));
    put(f, "hint(%s) %s", block,
        !accepted                             ? "ignored"
        : all_faulted(f->told->before, pages) ? "refused"
                                              : "applied");
}

/* The hint that is taken out of the device's hand. */
static void name_hinted(const struct filling *f)
{
    struct hs_virtqueue q = hs_queue(f->told->before, HS_QUEUE_FREE_PAGE);
    name_pages(f, block_bits(hs_virtqueue_hand(q).page, f->told->before.config->hint_order));
}

static void write_hint_in_hand(const struct filling *f)
{
    struct hs_virtqueue q = hs_queue(f->told->before, HS_QUEUE_FREE_PAGE);
    put_hint(f, hs_virtqueue_hand(q).page, true);
}

static void put_command(const struct filling *f, struct hs_element element)
{
    bool shared = hs_rule_command_word(f->told->before) == HS_WORD_SHARED;
    char word[HS_WORDS_SIZE];
    write_id(shared ? f->told->before.state->driver.active_id : element.id, word);
    if (element.kind == HS_ELEMENT_STOP)
        put(f, "takes stop");
    else
        put(f, "takes start(%.12s)", word);
}

static void write_element(const struct filling *f)
{
    struct hs_element element = next_element(f, HS_QUEUE_FREE_PAGE);
    bool started = f->told->before.state->device.status == HS_STATUS_START;
    if (element.kind != HS_ELEMENT_PAGES) {
        put_command(f, element);
        return;
    }
    put_hint(f, element.page, started);
    if (started && hs_rule_hint_under_lock(f->told->before) == HS_OFF)
        put(f, "hint(P%u) checked", element.page);
}

static void name_element(const struct filling *f)
{
    struct hs_element element = next_element(f, HS_QUEUE_FREE_PAGE);
    char id[HS_WORDS_SIZE];
    write_id(element.id, id);
    if (element.kind == HS_ELEMENT_START) {
        put(f, "the start element of %.12s", id);
    } else if (element.kind == HS_ELEMENT_STOP) {
        put(f, "a stop element");
    } else {
        char pages[HS_WORDS_SIZE];
        struct filling hinted = {f->told, pages, f->pages};
        name_pages(&hinted, block_bits(element.page, f->told->before.config->hint_order));
        put(f, "the hint of %.40s", pages);
    }
}

/* The id under which the element was queued that is taken, or the hint that is applied. */
static void write_queued_id(const struct filling *f)
{
    bool applies = f->told->step.kind == HS_DEVICE_APPLY_HINT;
    struct hs_element element =
        applies ? hs_virtqueue_hand(hs_queue(f->told->before, HS_QUEUE_FREE_PAGE))
                : next_element(f, HS_QUEUE_FREE_PAGE);
    write_id(element.id, f->text);
}

/* The id that was issued last. */
static void write_asked_id(const struct filling *f)
{
    write_id(f->told->after.state->device.id, f->text);
}

/* A request that stands since before was made by somebody else. */
static bool asks(const struct filling *f)
{
    const struct hs_device *was = &f->told->before.state->device;
    const struct hs_device *is = &f->told->after.state->device;
    return is->status == HS_STATUS_REQUESTED && (was->status != is->status || was->id != is->id);
}

static void write_request(const struct filling *f)
{
    char id[HS_WORDS_SIZE];
    write_id(f->told->after.state->device.id, id);
    if (asks(f))
        put(f, "ask hints, %.12s", id);
    else
        put(f, "no hints asked");
}

static void name_request(const struct filling *f)
{
    char id[HS_WORDS_SIZE];
    write_id(f->told->after.state->device.id, id);
    if (asks(f))
        put(f, "asks for hints under %.12s", id);
    else
        put(f, "asks for no hints");
}

/* Its bit is cleared first and it is read afterwards, or the other way round. */
static bool clears_first(const struct filling *f)
{
    return hs_rule_send_order(f->told->before) == HS_SEND_CLEAR_THEN_COPY;
}

static void write_begin_of_page(const struct filling *f)
{
    if (hs_page(f->told->before, f->told->step.page)->ballooned)
        put(f, "P%u: skipped", f->told->step.page);
    else if (clears_first(f))
        put(f, "P%u: clear bit", f->told->step.page);
    else
        put(f, "P%u: read (%.16s)", f->told->step.page, f->told->source);
}

static void write_end_of_page(const struct filling *f)
{
    if (clears_first(f))
        put(f, "P%u sent (%.16s)", f->told->step.page, f->told->source);
    else
        put(f, "P%u: clear bit", f->told->step.page);
}

static void name_end_of_page(const struct filling *f)
{
    put(f, "%s", clears_first(f) ? "sends" : "sends what it read, and clears the records of");
}

static void name_dma(const struct filling *f)
{
    bool marks = !hs_page(f->told->before, f->told->step.page)->dma &&
                 hs_page(f->told->after, f->told->step.page)->dma;
    put(f, "%s", marks ? "marks, and will write," : "writes");
}

static void name_start_of_move(const struct filling *f)
{
    put(f, "%s",
        hs_moves_as_snapshot(f->told->before) ? "the VM is stopped for a snapshot"
                                              : "a migration begins");
}

static void write_start_of_move(const struct filling *f)
{
    put(f, "%s", hs_moves_as_snapshot(f->told->before) ? "pause, snapshot" : "start migration");
}

static void write_takeover(const struct filling *f)
{
    put(f, "%s", hs_moves_as_snapshot(f->told->before) ? "restore" : "switch over");
}

/* ---- filling in ------------------------------------------------------------------------------ */

static const struct word {
    const char *name;
    void (*write)(const struct filling *f);
} known_words[] = {
    {"asked id", write_asked_id},
    {"asks or not", name_request},
    {"batch", write_batch},
    {"begin of page", write_begin_of_page},
    {"block", write_block},
    {"cached id", write_cached_id},
    {"destination", write_destination},
    {"element", write_element},
    {"end of page", write_end_of_page},
    {"end of round", write_end_of_round},
    {"hint in hand", write_hint_in_hand},
    {"inflated", write_inflated},
    {"page", write_page},
    {"queued id", write_queued_id},
    {"queued or lost", write_queued_or_lost},
    {"range", write_range},
    {"request", write_request},
    {"sends or clears", name_end_of_page},
    {"source", write_source},
    {"start of move", write_start_of_move},
    {"takeover", write_takeover},
    {"the batch", name_batch},
    {"the block", name_block},
    {"the element", name_element},
    {"the hinted", name_hinted},
    {"the inflated", name_inflated},
    {"the move begins", name_start_of_move},
    {"the page", name_page},
    {"the range", name_range},
    {"this page", name_story_page},
    {"word", write_word},
    {"writes or marks", name_dma},
    {"written", write_written},
};

/* The word that stands at `text`, up to a closing brace; NULL if it is not known. */
static const struct word *word_at(const char *text)
{
    size_t length = strcspn(text, "}");
    for (size_t i = 0; i < sizeof(known_words) / sizeof(known_words[0]); i++) {
        const char *name = known_words[i].name;
        if (text[length] && strlen(name) == length && memcmp(name, text, length) == 0)
            return &known_words[i];
    }
    return NULL;
}

bool hs_words_are_known(const char *words)
{
    assert(words);
    for (const char *at = strchr(words, '{'); at; at = strchr(at + 1, '{')) {
        if (!word_at(at + 1))
            return false;
    }
    return true;
}

/* `pages` becomes those that the words name, if they name any. */
static void fill(
    const char *words, const struct hs_telling *telling, struct hs_text *text, uint64_t *pages)
{
    for (const char *at = words; *at; at++) {
        char filled[HS_WORDS_SIZE] = {*at, '\0'};
        if (*at == '{') {
            const struct word *word = word_at(at + 1);
            assert(word); /* hs_words_are_known */
            word->write(&(struct filling){telling, filled, pages});
            at = strchr(at, '}');
        }
        hs_text_add(text, "%s", filled);
    }
}

void hs_words_tell(const struct hs_telling *telling, char text[HS_WORDS_SIZE], uint64_t *pages)
{
    const struct hs_step_row *row = &hs_step_rows[telling->step.kind];
    struct hs_text told = hs_text_in(text, HS_WORDS_SIZE);
    *pages = row->has_page ? UINT64_C(1) << telling->step.page : 0;
    fill(row->words, telling, &told, pages);
    assert(!told.is_cut);
}

void hs_words_fill(const char *words, const struct hs_telling *telling, struct hs_text *text)
{
    assert(words && telling && text);
    uint64_t pages = 0;
    fill(words, telling, text, &pages);
}
