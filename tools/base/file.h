/* SPDX-License-Identifier: BSD-3-Clause */
/* Files that are read and written whole. */
#ifndef HS_FILE_H
#define HS_FILE_H

#include "error.h"

#include <stddef.h>

/* All bytes of the regular file at `path`, at most `most`, and a zero byte behind them; and in
 * `*length`, how many they are.  The caller frees them.  NULL, with `error`, if that fails. */
char *hs_file_read(const char *path, size_t most, size_t *length, struct hs_error *error);

/* Write `length` bytes to `path`: to a file beside it, which then takes its name.  False, with
 * `error` and nothing changed at `path`, if that fails. */
bool hs_file_write(const char *path, const char *data, size_t length, struct hs_error *error);

#endif
