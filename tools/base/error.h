/* SPDX-License-Identifier: BSD-3-Clause */
/* What is wrong, in words. */
#ifndef HS_ERROR_H
#define HS_ERROR_H

#include <stdarg.h>
#include <stdbool.h>

/* What is wrong with an input: "FILE:LINE:COLUMN: what, and what was allowed". */
struct hs_error {
    char text[1024];
    unsigned line; /* where in the file, from 1; 0: the text says no place */
    unsigned column;
};

/* Note what is wrong, in place of what `error` said before.  What is too long is cut.  Returns
 * false, for a caller that has nothing else to say. */
__attribute__((format(printf, 2, 3))) bool hs_fail(struct hs_error *error, const char *format, ...);
/* The same, behind the place where it is: lines and columns count from 1. */
__attribute__((format(printf, 5, 6))) bool hs_fail_at(struct hs_error *error, const char *path,
    unsigned line, unsigned column, const char *format, ...);
__attribute__((format(printf, 5, 0))) bool hs_failv_at(struct hs_error *error, const char *path,
    unsigned line, unsigned column, const char *format, va_list arguments);

/* Memory that was just asked for, or a stream in memory; the program ends with status 70 if there
 * was none. */
void *hs_must(void *memory);

#endif
