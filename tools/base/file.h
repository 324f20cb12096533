/* SPDX-License-Identifier: BSD-3-Clause */
/* Files that are read and written whole. */
#ifndef HS_FILE_H
#define HS_FILE_H

#include "error.h"

#include <stddef.h>

/* All bytes of the regular file at `path`, at most `most`, and a zero byte behind them; and in
 * `*length`, how many they are.  The caller frees them.  NULL, with `error`, if that fails. */
char *hs_file_read(const char *path, size_t most, size_t *length, struct hs_error *error);

/*
 * Write `length` bytes to `path`.  A regular file, or one that is new, is written beside it first,
 * and then takes its name, permissions and owner; a link stays one, and what it points to is
 * written.  What is no regular file is written into.  False, with `error`, if that fails; a regular
 * file is as it was then.
 */
bool hs_file_write(const char *path, const char *data, size_t length, struct hs_error *error);

/* Are they one file, by whatever names?  False if one of them does not exist. */
bool hs_file_is_same(const char *path, const char *other);

#endif
