/* SPDX-License-Identifier: BSD-3-Clause */
/* What is wrong, in words. */
#include "error.h"

#include "text.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

bool hs_fail(struct hs_error *error, const char *format, ...)
{
    struct hs_text text = hs_text_in(error->text, sizeof(error->text));
    va_list arguments;
    va_start(arguments, format);
    hs_text_addv(&text, format, arguments);
    va_end(arguments);
    error->line = 0;
    error->column = 0;
    return false;
}

bool hs_failv_at(struct hs_error *error, const char *path, unsigned line, unsigned column,
    const char *format, va_list arguments)
{
    struct hs_text text = hs_text_in(error->text, sizeof(error->text));
    assert(line >= 1 && column >= 1);
    hs_text_add(&text, "%s:%u:%u: ", path, line, column);
    hs_text_addv(&text, format, arguments);
    error->line = line;
    error->column = column;
    return false;
}

bool hs_fail_at(struct hs_error *error, const char *path, unsigned line, unsigned column,
    const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    hs_failv_at(error, path, line, column, format, arguments);
    va_end(arguments);
    return false;
}

void *hs_must(void *memory)
{
    if (!memory) {
        fputs("hintsim: out of memory\n", stderr);
        exit(70);
    }
    return memory;
}
