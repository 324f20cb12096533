/* SPDX-License-Identifier: BSD-3-Clause */
/* The words of a refusal. */
#include "refusal.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

bool hs_refuse(struct hs_refusal *why, const char *format, ...)
{
    assert(why && format);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why->text, sizeof(why->text), format, arguments);
    va_end(arguments);
    return false;
}
