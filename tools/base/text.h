/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Text that is put together piece by piece, and text that is broken into lines.
 *
 *   char buffer[24];
 *   struct hs_text name = hs_text_in(buffer, sizeof(buffer));   stays in the buffer, or is cut
 *   struct hs_text list = {0};                                  grows, and is to be freed
 *   hs_text_item(&list, ", ", "%s", "first");
 *   hs_text_item(&list, ", ", "%s", "second");
 *   hs_text_print(&list, 2, stdout);
 */
#ifndef HS_TEXT_H
#define HS_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* ---- text that is put together -----------------------------------------------------------------
 */

/* A text; {0} is an empty one that grows. */
struct hs_text {
    char *at;      /* ended by a zero byte; NULL as long as nothing was added to one that grows */
    size_t length; /* without the zero byte */
    size_t room;   /* bytes at `at`, the zero byte's included */
    size_t list;   /* where the list begins that hs_text_item goes on with */
    bool is_fixed; /* it stays in the caller's buffer */
    bool is_cut;   /* something did not fit there: what was added first is kept */
};

/* An empty text in a buffer of `size` bytes, at least 1, which becomes the empty string. */
struct hs_text hs_text_in(char *buffer, size_t size);
/* What a text that grew holds; nothing is done to a buffer. */
void hs_text_free(struct hs_text *text);

/* The text so far, ended by a zero byte: valid until something is added. */
const char *hs_text_string(const struct hs_text *text);

/* Add to a text, as printf does.  The arguments must not lie in it. */
__attribute__((format(printf, 2, 3))) void hs_text_add(
    struct hs_text *text, const char *format, ...);
__attribute__((format(printf, 2, 0))) void hs_text_addv(
    struct hs_text *text, const char *format, va_list arguments);
void hs_text_add_bytes(struct hs_text *text, const char *bytes, size_t count);

/* Add the string as text that any format can hold: what is no printable character of valid UTF-8 is
 * written \xNN, byte by byte. */
void hs_text_add_clean(struct hs_text *text, const char *string);

/* From here on a list is added.  Not needed where the text begins with it. */
void hs_text_begin_list(struct hs_text *text);
/* Add an item of the list, behind `joint` if it is not the first. */
__attribute__((format(printf, 3, 4))) void hs_text_item(
    struct hs_text *text, const char *joint, const char *format, ...);

/* A stream for what prints to one: what is printed is added to the text, which must stay where it
 * is, and is there when the stream was closed. */
FILE *hs_text_stream(struct hs_text *text);

/* ---- text in lines -----------------------------------------------------------------------------
 */

enum { HS_TEXT_WIDTH = 72, HS_CELLS_MAX = 16 };

/* How text is broken into lines: where a space is, or a newline, which are then left out. */
struct hs_lines {
    unsigned indent;    /* how far to the right a line begins */
    unsigned width;     /* of a line, without the indent; at least 1 */
    const char *behind; /* it may end behind one of these characters, too; NULL: behind none */
    bool whole;         /* it ends there alone, not where a space is */
    bool cuts;          /* a word longer than a line is cut; otherwise it sticks out */
};

/* How much of `text` the first line takes.  It always ends at a newline. */
size_t hs_line_length(const char *text, const struct hs_lines *lines);
/* What is left for the lines after the first `length` characters: without the space there. */
const char *hs_line_rest(const char *text, size_t length);

/* Print up to HS_CELLS_MAX texts side by side, from the left to the right, each over as many lines
 * as it takes.  What lies between them is spaces; a line has none at its end. */
void hs_print_cells(
    const char *const cells[], const struct hs_lines lines[], unsigned count, FILE *out);
/* Print `text` over as many lines as it takes, none longer than HS_TEXT_WIDTH if no word is, each
 * behind `indent` spaces.  Nothing if there is nothing but space. */
void hs_print_wrapped(const char *text, unsigned indent, FILE *out);
/* Print a text that grew in the same way, and free it. */
void hs_text_print(struct hs_text *text, unsigned indent, FILE *out);
/* Print a command of the shell in such lines, so that it can be pasted: a line that goes on ends
 * with a backslash.  Between single quotes a space becomes the end of a line as it is: what is
 * quoted must not mind. */
void hs_print_command(const char *command, unsigned indent, FILE *out);
/* Print `text` in lines of up to `width`: the first behind `label` and two spaces, the others
 * indented as much. */
void hs_print_labelled(const char *label, const char *text, unsigned width, FILE *out);

#endif
