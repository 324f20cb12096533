/* Files that are written whole or not at all. */
#ifndef HS_WHOLE_FILE_H
#define HS_WHOLE_FILE_H

#include "scenario.h"

#include <stddef.h>

/* Write `length` bytes to `path`: to a file beside it, which then takes its name.  False, with
 * `error` and nothing changed at `path`, if that fails. */
bool hs_whole_file_write(const char *path, const char *data, size_t length, struct hs_error *error);

#endif
