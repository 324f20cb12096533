/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading YAML through libyaml, defensively: the file may be anything. */
#include "nodes.h"

#include "file.h"
#include "text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ---- the file ------------------------------------------------------------------------------- */

/* Where a mark is, from 1 on: a file has at most HS_FILE_SIZE_MAX lines and columns. */
static unsigned line_of(yaml_mark_t mark)
{
    return (unsigned)mark.line + 1;
}

static unsigned column_of(yaml_mark_t mark)
{
    return (unsigned)mark.column + 1;
}

static bool refuse_at(
    struct hs_error *error, const char *path, yaml_mark_t mark, const char *problem)
{
    return hs_fail_at(error, path, line_of(mark), column_of(mark), "%s", problem);
}

static bool refuse_parser(struct hs_error *error, const char *path, const yaml_parser_t *parser)
{
    yaml_mark_t mark = parser->error == YAML_READER_ERROR ? parser->mark : parser->problem_mark;
    return hs_fail_at(error, path, line_of(mark), column_of(mark), "not YAML: %s",
        parser->problem ? parser->problem : "error");
}

/* The bytes of a file. */
struct bytes {
    const char *data;
    size_t length;
};

static bool begin_parser(
    yaml_parser_t *parser, struct bytes bytes, const char *path, struct hs_error *error)
{
    if (!yaml_parser_initialize(parser))
        return hs_fail_at(error, path, 1, 1, "out of memory");
    yaml_parser_set_input_string(parser, (const unsigned char *)bytes.data, bytes.length);
    return true;
}

/* A first pass over the events, which allocates little: one document, nothing deep, no aliases. */
static bool check_events(struct bytes bytes, const char *path, struct hs_error *error)
{
    yaml_parser_t parser;
    bool good = true;
    bool more = true;
    unsigned documents = 0;
    unsigned depth = 0;
    if (!begin_parser(&parser, bytes, path, error))
        return false;
    while (good && more) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            good = refuse_parser(error, path, &parser);
            break;
        }
        yaml_mark_t mark = event.start_mark;
        if (event.type == YAML_ALIAS_EVENT)
            good = refuse_at(error, path, mark, "aliases are not allowed");
        if (event.type == YAML_DOCUMENT_START_EVENT && ++documents > 1)
            good = refuse_at(error, path, mark, "a second document; one a file is allowed");
        if (event.type == YAML_MAPPING_START_EVENT || event.type == YAML_SEQUENCE_START_EVENT) {
            if (++depth > 16)
                good = refuse_at(error, path, mark, "nested too deeply; 16 levels are allowed");
        }
        if (event.type == YAML_MAPPING_END_EVENT || event.type == YAML_SEQUENCE_END_EVENT)
            depth--;
        more = event.type != YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return good;
}

static bool load_document(struct bytes bytes, struct hs_yaml *yaml)
{
    yaml_parser_t parser;
    if (!begin_parser(&parser, bytes, yaml->path, yaml->error))
        return false;
    bool good = yaml_parser_load(&parser, &yaml->document);
    if (!good)
        refuse_parser(yaml->error, yaml->path, &parser);
    yaml_parser_delete(&parser);
    if (good && !yaml_document_get_root_node(&yaml->document)) {
        yaml_document_delete(&yaml->document);
        good =
            hs_fail_at(yaml->error, yaml->path, 1, 1, "the file is empty; a mapping is expected");
    }
    return good;
}

bool hs_yaml_open(struct hs_yaml *yaml, const char *path, struct hs_error *error)
{
    yaml->path = path;
    yaml->error = error;
    struct bytes bytes;
    char *data = hs_file_read(path, HS_FILE_SIZE_MAX, &bytes.length, error);
    if (!data)
        return false;
    bytes.data = data;
    bool good = check_events(bytes, path, error) && load_document(bytes, yaml);
    free(data);
    return good;
}

void hs_yaml_close(struct hs_yaml *yaml)
{
    yaml_document_delete(&yaml->document);
}

yaml_node_t *hs_yaml_root(struct hs_yaml *yaml)
{
    return yaml_document_get_root_node(&yaml->document);
}

/* ---- errors --------------------------------------------------------------------------------- */

bool hs_yaml_refuse(struct hs_yaml *yaml, const yaml_node_t *node, const char *format, ...)
{
    yaml_mark_t mark = node->start_mark;
    va_list arguments;
    va_start(arguments, format);
    hs_failv_at(yaml->error, yaml->path, line_of(mark), column_of(mark), format, arguments);
    va_end(arguments);
    return false;
}

enum { WORD_MAX = 64 };

/* Levenshtein's distance; words longer than WORD_MAX are far from everything. */
static unsigned distance(const char *a, const char *b)
{
    size_t rows = strlen(a);
    size_t columns = strlen(b);
    unsigned row[WORD_MAX + 1];
    if (rows > WORD_MAX || columns > WORD_MAX)
        return WORD_MAX;
    for (unsigned j = 0; j <= columns; j++)
        row[j] = j;
    for (unsigned i = 1; i <= rows; i++) {
        unsigned diagonal = row[0];
        row[0] = i;
        for (unsigned j = 1; j <= columns; j++) {
            unsigned above = row[j];
            unsigned change = diagonal + (a[i - 1] != b[j - 1]);
            unsigned insert = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            row[j] = change < insert ? change : insert;
            diagonal = above;
        }
    }
    return row[columns];
}

const char *hs_nearest(const char *word, const char *const *words, unsigned count)
{
    const char *nearest = NULL;
    size_t length = strlen(word);
    unsigned least = 1 + (unsigned)length / 2;
    /* What was begun and not ended is meant before anything that merely looks alike. */
    for (unsigned i = 0; length > 2 && i < count; i++) {
        if (strncmp(word, words[i], length) == 0)
            return words[i];
    }
    for (unsigned i = 0; i < count; i++) {
        unsigned away = distance(word, words[i]);
        if (away < least) {
            least = away;
            nearest = words[i];
        }
    }
    return nearest;
}

bool hs_yaml_refuse_word(struct hs_yaml *yaml, const yaml_node_t *node, const char *what,
    const char *word, const char *const *words, unsigned count)
{
    enum { MOST = 520 }; /* characters, but for the last word: an error has no room for more */
    struct hs_text allowed = {0};
    const char *nearest = hs_nearest(word, words, count);
    for (unsigned i = 0; i < count && allowed.length < MOST; i++)
        hs_text_item(&allowed, ", ", "%.60s", words[i]);
    if (nearest)
        hs_yaml_refuse(yaml, node, "unknown %s '%.60s'; did you mean '%s'? allowed: %s", what, word,
            nearest, hs_text_string(&allowed));
    else
        hs_yaml_refuse(
            yaml, node, "unknown %s '%.60s'; allowed: %s", what, word, hs_text_string(&allowed));
    hs_text_free(&allowed);
    return false;
}

/* ---- nodes ---------------------------------------------------------------------------------- */

static const char *kind_name(const yaml_node_t *node)
{
    return node->type == YAML_MAPPING_NODE    ? "a mapping"
           : node->type == YAML_SEQUENCE_NODE ? "a list"
                                              : "a word";
}

const char *hs_yaml_text(struct hs_yaml *yaml, const yaml_node_t *node, const char *what)
{
    if (node->type != YAML_SCALAR_NODE) {
        hs_yaml_refuse(yaml, node, "%s: expected text, found %s", what, kind_name(node));
        return NULL;
    }
    const char *text = (const char *)node->data.scalar.value;
    if (strlen(text) != node->data.scalar.length) {
        hs_yaml_refuse(yaml, node, "%s: a NUL byte is not allowed in text", what);
        return NULL;
    }
    return text;
}

bool hs_yaml_number(struct hs_yaml *yaml, const yaml_node_t *node, const char *what, unsigned least,
    unsigned most, unsigned *number)
{
    const char *text = hs_yaml_text(yaml, node, what);
    if (!text)
        return false;
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    bool plain = *text >= '0' && *text <= '9' && !*end && !errno;
    if (!plain || value < (long)least || value > (long)most)
        return hs_yaml_refuse(
            yaml, node, "%s: '%.40s' is not a whole number from %u to %u", what, text, least, most);
    *number = (unsigned)value;
    return true;
}

bool hs_yaml_each_pair(
    struct hs_yaml *yaml, yaml_node_t *node, const char *what, hs_yaml_visit *visit, void *context)
{
    if (node->type != YAML_MAPPING_NODE)
        return hs_yaml_refuse(
            yaml, node, "%s: expected a mapping, found %s", what, kind_name(node));
    yaml_node_pair_t *first = node->data.mapping.pairs.start;
    for (yaml_node_pair_t *pair = first; pair < node->data.mapping.pairs.top; pair++) {
        yaml_node_t *key_node = yaml_document_get_node(&yaml->document, pair->key);
        yaml_node_t *value = yaml_document_get_node(&yaml->document, pair->value);
        const char *key = hs_yaml_text(yaml, key_node, what);
        if (!key)
            return false;
        for (yaml_node_pair_t *before = first; before < pair; before++) {
            yaml_node_t *other = yaml_document_get_node(&yaml->document, before->key);
            if (strcmp((const char *)other->data.scalar.value, key) == 0)
                return hs_yaml_refuse(yaml, key_node, "%s: key '%.60s' stands twice", what, key);
        }
        if (!visit(yaml, key, key_node, value, context))
            return false;
    }
    return true;
}

unsigned hs_yaml_item_count(const yaml_node_t *node)
{
    if (node->type != YAML_SEQUENCE_NODE)
        return 1;
    return (unsigned)(node->data.sequence.items.top - node->data.sequence.items.start);
}

yaml_node_t *hs_yaml_item(struct hs_yaml *yaml, yaml_node_t *node, unsigned index)
{
    if (node->type != YAML_SEQUENCE_NODE)
        return node;
    return yaml_document_get_node(&yaml->document, node->data.sequence.items.start[index]);
}
