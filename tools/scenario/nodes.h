/* SPDX-License-Identifier: BSD-3-Clause */
/* YAML nodes with their places in the file, and errors that name them. */
#ifndef HS_NODES_H
#define HS_NODES_H

#include "scenario.h"

#include <yaml.h>

/* A parsed file. */
struct hs_yaml {
    const char *path;
    yaml_document_t document;
    struct hs_error *error; /* where the first error goes */
};

/* Parse the file at `path`: one document, no aliases, at most HS_FILE_SIZE_MAX bytes.  False, with
 * `error`, otherwise.  A parsed file is to be closed. */
bool hs_yaml_open(struct hs_yaml *yaml, const char *path, struct hs_error *error);
void hs_yaml_close(struct hs_yaml *yaml);
yaml_node_t *hs_yaml_root(struct hs_yaml *yaml);

/* Note an error at `node`; returns false. */
__attribute__((format(printf, 3, 4))) bool hs_yaml_refuse(
    struct hs_yaml *yaml, const yaml_node_t *node, const char *format, ...);

/* The word nearest to `word` among `count` words; NULL if none is near. */
const char *hs_nearest(const char *word, const char *const *words, unsigned count);
/* Note that `word` at `node` is not one of the words; names the nearest, or all if they are few. */
bool hs_yaml_refuse_word(struct hs_yaml *yaml, const yaml_node_t *node, const char *what,
    const char *word, const char *const *words, unsigned count);

/* The text of a scalar, or NULL with an error that says what was expected. */
const char *hs_yaml_text(struct hs_yaml *yaml, const yaml_node_t *node, const char *what);
/* A whole number from `least` to `most`. */
bool hs_yaml_number(struct hs_yaml *yaml, const yaml_node_t *node, const char *what, unsigned least,
    unsigned most, unsigned *number);

/* Walk over a mapping: call `visit` for every key, which must be a scalar that stands once. */
typedef bool hs_yaml_visit(struct hs_yaml *yaml, const char *key, yaml_node_t *key_node,
    yaml_node_t *value, void *context);
bool hs_yaml_each_pair(
    struct hs_yaml *yaml, yaml_node_t *node, const char *what, hs_yaml_visit *visit, void *context);

/* The items of a sequence, or the node itself if it is not one. */
unsigned hs_yaml_item_count(const yaml_node_t *node);
yaml_node_t *hs_yaml_item(struct hs_yaml *yaml, yaml_node_t *node, unsigned index);

#endif
