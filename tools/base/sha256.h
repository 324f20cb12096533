/* SPDX-License-Identifier: BSD-3-Clause */
/* The hash by which a file can be told apart from any other: SHA-256, as sha256sum prints it. */
#ifndef HS_SHA256_H
#define HS_SHA256_H

#include <stddef.h>

enum { HS_SHA256_SIZE = 65 }; /* of its text, with the zero byte */

/* The hash of `length` bytes, in hexadecimal. */
void hs_sha256(const void *data, size_t length, char text[HS_SHA256_SIZE]);

#endif
