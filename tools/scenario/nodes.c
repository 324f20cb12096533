/* Reading YAML through libyaml, defensively: the file may be anything. */
#include "nodes.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- the file ------------------------------------------------------------------------------- */

static bool refuse_at(
    struct hs_error *error, const char *path, yaml_mark_t mark, const char *problem)
{
    snprintf(error->text, sizeof(error->text), "%s:%zu:%zu: %s", path, mark.line + 1,
        mark.column + 1, problem);
    return false;
}

static bool refuse_parser(struct hs_error *error, const char *path, const yaml_parser_t *parser)
{
    char problem[256];
    snprintf(problem, sizeof(problem), "not YAML: %s", parser->problem ? parser->problem : "error");
    yaml_mark_t mark = parser->problem_mark;
    if (parser->error == YAML_READER_ERROR)
        mark = parser->mark;
    return refuse_at(error, path, mark, problem);
}

/* A first pass over the events, which allocates little: one document, nothing deep, no aliases. */
static bool check_events(FILE *file, const char *path, struct hs_error *error)
{
    yaml_parser_t parser;
    bool good = true;
    bool more = true;
    unsigned documents = 0;
    unsigned depth = 0;
    if (!yaml_parser_initialize(&parser))
        return refuse_at(error, path, (yaml_mark_t){0, 0, 0}, "out of memory");
    yaml_parser_set_input_file(&parser, file);
    while (good && more) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            good = refuse_parser(error, path, &parser);
            break;
        }
        yaml_mark_t mark = event.start_mark;
        if (event.type == YAML_ALIAS_EVENT)
            good = refuse_at(error, path, mark, "aliases are not allowed in a scenario");
        if (event.type == YAML_DOCUMENT_START_EVENT && ++documents > 1)
            good =
                refuse_at(error, path, mark, "a second document; one scenario a file is allowed");
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

static bool load_document(FILE *file, struct hs_yaml *yaml)
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        return refuse_at(yaml->error, yaml->path, (yaml_mark_t){0, 0, 0}, "out of memory");
    yaml_parser_set_input_file(&parser, file);
    bool good = yaml_parser_load(&parser, &yaml->document);
    if (!good)
        refuse_parser(yaml->error, yaml->path, &parser);
    yaml_parser_delete(&parser);
    if (good && !yaml_document_get_root_node(&yaml->document)) {
        yaml_document_delete(&yaml->document);
        good = refuse_at(yaml->error, yaml->path, (yaml_mark_t){0, 0, 0},
            "the file is empty; a mapping with name, question, ... is expected");
    }
    return good;
}

static bool check_file(FILE *file, const char *path, struct hs_error *error)
{
    struct stat status;
    if (fstat(fileno(file), &status) != 0 || !S_ISREG(status.st_mode)) {
        snprintf(error->text, sizeof(error->text), "%s:1:1: not a regular file", path);
        return false;
    }
    if (status.st_size > HS_FILE_SIZE_MAX) {
        snprintf(error->text, sizeof(error->text),
            "%s:1:1: the file has %lld bytes; at most %d are allowed", path,
            (long long)status.st_size, HS_FILE_SIZE_MAX);
        return false;
    }
    return true;
}

bool hs_yaml_open(struct hs_yaml *yaml, const char *path, struct hs_error *error)
{
    yaml->path = path;
    yaml->error = error;
    FILE *file = fopen(path, "rb");
    if (!file) {
        snprintf(error->text, sizeof(error->text), "%s: %s", path, strerror(errno));
        return false;
    }
    bool good = check_file(file, path, error) && check_events(file, path, error);
    if (good) {
        rewind(file);
        good = load_document(file, yaml);
    }
    fclose(file);
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
    char problem[800];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(problem, sizeof(problem), format, arguments);
    va_end(arguments);
    return refuse_at(yaml->error, yaml->path, node->start_mark, problem);
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
    unsigned least = 1 + (unsigned)strlen(word) / 2;
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
    char allowed[600] = "";
    size_t used = 0;
    const char *nearest = hs_nearest(word, words, count);
    for (unsigned i = 0; i < count && used < sizeof(allowed) - 80; i++)
        used += (size_t)snprintf(
            allowed + used, sizeof(allowed) - used, "%s%.60s", i ? ", " : "", words[i]);
    if (nearest)
        return hs_yaml_refuse(yaml, node, "unknown %s '%.60s'; did you mean '%s'? allowed: %s",
            what, word, nearest, allowed);
    return hs_yaml_refuse(yaml, node, "unknown %s '%.60s'; allowed: %s", what, word, allowed);
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
