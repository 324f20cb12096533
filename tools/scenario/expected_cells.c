/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading what is expected of the cells of the matrix. */
#include "expected_cells.h"

#include "nodes.h"
#include "questions.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

static bool visit_verdict(
    struct hs_yaml *yaml, const char *key, yaml_node_t *key_node, yaml_node_t *value, void *context)
{
    static const char *const words[] = {"never", "sometimes"};
    static const uint8_t verdicts[] = {HS_NEVER, HS_SOMETIMES};
    struct hs_expected_cell *cell = context;
    enum hs_property property = hs_property_find(key);
    if (property == HS_PROPERTY_COUNT) {
        const char *names[HS_PROPERTY_COUNT];
        for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++)
            names[i] = hs_property_rows[i].name;
        return hs_yaml_refuse_word(yaml, key_node, "property", key, names, HS_PROPERTY_COUNT);
    }
    if (!hs_proof_covers(property))
        return hs_yaml_refuse(yaml, key_node, "%s: " HS_NO_PROOF, key);
    const char *word = hs_yaml_text(yaml, value, key);
    if (!word)
        return false;
    for (unsigned i = 0; i < 2; i++) {
        if (strcmp(word, words[i]) == 0) {
            cell->verdicts[property] = verdicts[i];
            return true;
        }
    }
    return hs_yaml_refuse_word(yaml, value, "verdict", word, words, 2);
}

/* The preset whose name are the first `length` bytes of `text`; NULL, with an error, if none is. */
static const struct hs_preset *find_preset(struct hs_yaml *yaml, const yaml_node_t *node,
    enum hs_side side, const char *text, size_t length)
{
    char name[64];
    const char **names = hs_must(calloc(hs_preset_count, sizeof(*names)));
    struct hs_text cut = hs_text_in(name, sizeof(name));
    unsigned count = 0;
    hs_text_add_bytes(&cut, text, length);
    const struct hs_preset *preset = hs_preset_find(side, name);
    for (unsigned i = 0; i < hs_preset_count; i++) {
        if (hs_presets[i].side == side)
            names[count++] = hs_presets[i].name;
    }
    if (!preset)
        hs_yaml_refuse_word(
            yaml, node, side == HS_SIDE_GUEST ? "guest" : "host", name, names, count);
    free(names);
    return preset;
}

static bool visit_cell(
    struct hs_yaml *yaml, const char *key, yaml_node_t *key_node, yaml_node_t *value, void *context)
{
    struct hs_expected_cells *expected = context;
    struct hs_expected_cell *cell = &expected->cells[expected->count];
    const char *star = strchr(key, '*');
    if (!star)
        return hs_yaml_refuse(
            yaml, key_node, "'%.60s' is not GUEST*HOST, as in linux-6.1*qemu-7.2-kvm", key);
    cell->guest = find_preset(yaml, key_node, HS_SIDE_GUEST, key, (size_t)(star - key));
    if (!cell->guest)
        return false;
    cell->host = find_preset(yaml, key_node, HS_SIDE_HOST, star + 1, strlen(star + 1));
    if (!cell->host)
        return false;
    cell->line = (unsigned)key_node->start_mark.line + 1;
    cell->column = (unsigned)key_node->start_mark.column + 1;
    expected->count++;
    if (!hs_yaml_each_pair(yaml, value, key, visit_verdict, cell))
        return false;
    for (unsigned i = 0; i < HS_PROPERTY_COUNT; i++) {
        if (cell->verdicts[i] != HS_VERDICT_NONE)
            return true;
    }
    return hs_yaml_refuse(
        yaml, value, "nothing is expected of %s; write a property with never or sometimes", key);
}

bool hs_expected_cells_load(
    const char *path, struct hs_expected_cells *expected, struct hs_error *error)
{
    struct hs_yaml yaml;
    if (!hs_yaml_open(&yaml, path, error))
        return false;
    yaml_node_t *root = hs_yaml_root(&yaml);
    size_t room = 1;
    if (root->type == YAML_MAPPING_NODE)
        room += (size_t)(root->data.mapping.pairs.top - root->data.mapping.pairs.start);
    *expected = (struct hs_expected_cells){
        .path = path, .cells = hs_must(calloc(room, sizeof(*expected->cells)))};
    bool good = hs_yaml_each_pair(&yaml, root, "cells", visit_cell, expected);
    if (good && !expected->count)
        good =
            hs_yaml_refuse(&yaml, root, "no cell is named; write GUEST*HOST: {PROPERTY: VERDICT}");
    hs_yaml_close(&yaml);
    if (!good)
        hs_expected_cells_free(expected);
    return good;
}

void hs_expected_cells_free(struct hs_expected_cells *expected)
{
    free(expected->cells);
    expected->cells = NULL;
}

const struct hs_expected_cell *hs_expected_cell_of(const struct hs_expected_cells *expected,
    const struct hs_preset *guest, const struct hs_preset *host)
{
    for (unsigned i = 0; i < expected->count; i++) {
        if (expected->cells[i].guest == guest && expected->cells[i].host == host)
            return &expected->cells[i];
    }
    return NULL;
}
