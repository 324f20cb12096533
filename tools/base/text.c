/* SPDX-License-Identifier: BSD-3-Clause */
/* Text that is put together piece by piece, and text that is broken into lines. */
#include "text.h"

#include "error.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ---- text that is put together -----------------------------------------------------------------
 */

static void check(const struct hs_text *text)
{
    assert(text->at || (!text->is_fixed && !text->room && !text->length));
    assert(!text->at || text->length < text->room);
    assert(text->list <= text->length);
}

struct hs_text hs_text_in(char *buffer, size_t size)
{
    assert(buffer && size > 0);
    buffer[0] = '\0';
    return (struct hs_text){.at = buffer, .room = size, .is_fixed = true};
}

void hs_text_free(struct hs_text *text)
{
    check(text);
    if (!text->is_fixed)
        free(text->at);
    *text = (struct hs_text){0};
}

const char *hs_text_string(const struct hs_text *text)
{
    check(text);
    return text->at ? text->at : "";
}

/* Make room for `count` more bytes and the zero byte.  False if there is none. */
static bool make_room(struct hs_text *text, size_t count)
{
    enum { FIRST = 128 };
    assert(count < SIZE_MAX / 4 && text->length < SIZE_MAX / 4);
    if (count < text->room - text->length)
        return true;
    if (text->is_fixed)
        return false;
    size_t room = text->room ? text->room * 2 : FIRST;
    if (room < text->length + count + 1)
        room = text->length + count + 1;
    text->at = hs_must(realloc(text->at, room));
    text->room = room;
    return true;
}

void hs_text_add_bytes(struct hs_text *text, const char *bytes, size_t count)
{
    check(text);
    if (!make_room(text, count)) {
        text->is_cut = true;
        count = text->room - text->length - 1;
    }
    memcpy(text->at + text->length, bytes, count);
    text->length += count;
    text->at[text->length] = '\0';
}

void hs_text_addv(struct hs_text *text, const char *format, va_list arguments)
{
    va_list again;
    check(text);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    assert(length >= 0);
    bool fits = make_room(text, (size_t)length);
    size_t room = text->room - text->length;
    vsnprintf(text->at + text->length, room, format, arguments);
    text->length += fits ? (size_t)length : room - 1;
    text->is_cut = text->is_cut || !fits;
}

void hs_text_add(struct hs_text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    hs_text_addv(text, format, arguments);
    va_end(arguments);
}

void hs_text_begin_list(struct hs_text *text)
{
    text->list = text->length;
}

void hs_text_item(struct hs_text *text, const char *joint, const char *format, ...)
{
    va_list arguments;
    if (text->length > text->list)
        hs_text_add_bytes(text, joint, strlen(joint));
    va_start(arguments, format);
    hs_text_addv(text, format, arguments);
    va_end(arguments);
}

/* How many bytes the printable character takes that begins here; 0: none does. */
static unsigned printable(const unsigned char *at)
{
    static const uint32_t least[] = {0, 0x20, 0x80, 0x800, 0x10000}; /* by how many bytes */
    unsigned size = *at < 0x80       ? 1
                    : *at >> 5 == 6  ? 2
                    : *at >> 4 == 14 ? 3
                    : *at >> 3 == 30 ? 4
                                     : 0;
    if (!size)
        return 0;
    uint32_t character = size == 1 ? *at : *at & 0x7fU >> size;
    for (unsigned i = 1; i < size; i++) {
        if (at[i] >> 6 != 2)
            return 0;
        character = character << 6 | (at[i] & 0x3fU);
    }
    bool is_control = character == 0x7f || (character >= 0x80 && character < 0xa0);
    bool is_none = (character >= 0xd800 && character < 0xe000) || character > 0x10ffff ||
                   (character & 0xfffe) == 0xfffe;
    return character >= least[size] && !is_control && !is_none ? size : 0;
}

void hs_text_add_clean(struct hs_text *text, const char *string)
{
    const unsigned char *at = (const unsigned char *)string;
    while (*at) {
        unsigned size = printable(at);
        if (size)
            hs_text_add_bytes(text, (const char *)at, size);
        else
            hs_text_add(text, "\\x%02X", *at);
        at += size ? size : 1;
    }
}

static ssize_t write_to_text(void *text, const char *bytes, size_t count)
{
    hs_text_add_bytes(text, bytes, count);
    return (ssize_t)count;
}

FILE *hs_text_stream(struct hs_text *text)
{
    check(text);
    return hs_must(fopencookie(text, "w", (cookie_io_functions_t){.write = write_to_text}));
}

/* ---- text in lines -----------------------------------------------------------------------------
 */

/* May a line end before `text[at]`?  Of several spaces, before the first. */
static bool may_end(const char *text, size_t at, const struct hs_lines *lines)
{
    return (text[at] == ' ' && text[at - 1] != ' ' && !lines->whole) ||
           (lines->behind && strchr(lines->behind, text[at - 1]));
}

size_t hs_line_length(const char *text, const struct hs_lines *lines)
{
    size_t end = strcspn(text, "\n");
    assert(lines->width >= 1);
    if (end <= lines->width)
        return end;
    for (size_t at = lines->width; at > 0; at--) {
        if (may_end(text, at, lines))
            return at;
    }
    size_t at = lines->width;
    while (!lines->cuts && at < end && !may_end(text, at, lines))
        at++;
    return at;
}

const char *hs_line_rest(const char *text, size_t length)
{
    return text + length + strspn(text + length, " \t\n");
}

/* Print the next line of a cell, if there is one, in a line that is `used` characters long already.
 * Returns how long it is now. */
static size_t print_line_of(const char **rest, const struct hs_lines *lines, size_t used, FILE *out)
{
    size_t length = hs_line_length(*rest, lines);
    if (length) {
        size_t gap = lines->indent > used ? lines->indent - used : used > 0;
        fprintf(out, "%*s%.*s", (int)gap, "", (int)length, *rest);
        used += gap + length;
    }
    *rest = hs_line_rest(*rest, length);
    return used;
}

void hs_print_cells(
    const char *const cells[], const struct hs_lines lines[], unsigned count, FILE *out)
{
    const char *rest[HS_CELLS_MAX];
    bool more = true;
    assert(count >= 1 && count <= HS_CELLS_MAX);
    memcpy(rest, cells, count * sizeof(*rest));
    while (more) {
        size_t used = 0;
        more = false;
        for (unsigned i = 0; i < count; i++) {
            used = print_line_of(&rest[i], &lines[i], used, out);
            more = more || *rest[i];
        }
        fputc('\n', out);
    }
}

void hs_print_wrapped(const char *text, unsigned indent, FILE *out)
{
    assert(indent < HS_TEXT_WIDTH);
    const char *words = hs_line_rest(text, 0);
    if (*words)
        hs_print_cells(
            &words, &(struct hs_lines){.indent = indent, .width = HS_TEXT_WIDTH - indent}, 1, out);
}

void hs_text_print(struct hs_text *text, unsigned indent, FILE *out)
{
    hs_print_wrapped(hs_text_string(text), indent, out);
    hs_text_free(text);
}

void hs_print_command(const char *command, unsigned indent, FILE *out)
{
    static const char behind[] = " \\";
    assert(indent + strlen(behind) < HS_TEXT_WIDTH);
    const struct hs_lines lines = {.width = HS_TEXT_WIDTH - indent - (unsigned)strlen(behind)};
    bool quoted = false;
    while (*command) {
        size_t length = hs_line_length(command, &lines);
        for (size_t i = 0; i < length; i++)
            quoted = quoted != (command[i] == '\'');
        fprintf(out, "%*s%.*s", (int)indent, "", (int)length, command);
        command = hs_line_rest(command, length);
        fprintf(out, "%s\n", *command && !quoted ? behind : "");
    }
}

void hs_print_labelled(const char *label, const char *text, unsigned width, FILE *out)
{
    unsigned own = (unsigned)strlen(label);
    assert(own + 2 < width);
    const struct hs_lines lines[] = {
        {.width = own ? own : 1}, {.indent = own + 2, .width = width - own - 2}};
    hs_print_cells((const char *const[]){label, text}, lines, 2, out);
}
