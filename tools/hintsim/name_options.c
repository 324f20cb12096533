/* SPDX-License-Identifier: BSD-3-Clause */
/* Presets and rules on the command line of prove and matrix. */
#include "commands.h"
#include "nodes.h"
#include "pair.h"
#include "text.h"

const struct hs_preset *hs_preset_read(
    const struct hs_command *command, enum hs_side side, const char *name)
{
    enum { MOST = 64 };
    const struct hs_preset *presets[MOST];
    const char *names[MOST];
    struct hs_text allowed = {0};
    const struct hs_preset *preset = hs_preset_find(side, name);
    if (preset)
        return preset;
    unsigned count = hs_presets_of(side, presets, MOST);
    for (unsigned i = 0; i < count; i++) {
        names[i] = presets[i]->name;
        hs_text_item(&allowed, ", ", "%s", names[i]);
    }
    const char *nearest = hs_nearest(name, names, count);
    hs_usage_error(command, "unknown %s '%s'; %s%s%sallowed: %s",
        side == HS_SIDE_GUEST ? "guest" : "host", name, nearest ? "did you mean '" : "",
        nearest ? nearest : "", nearest ? "'? " : "", hs_text_string(&allowed));
    hs_text_free(&allowed);
    return NULL;
}

bool hs_rule_read(const struct hs_command *command, const char *text, struct hs_rules *rules,
    bool is_named[HS_RULE_COUNT])
{
    char name[64];
    struct hs_text begin = hs_text_in(name, sizeof(name));
    size_t length = strcspn(text, "=");
    hs_text_add_bytes(&begin, text, length);
    enum hs_rule rule = hs_rule_find(name);
    if (rule == HS_RULE_COUNT) {
        hs_usage_error(command, "unknown rule '%s'; 'hintsim list rules' lists them", name);
        return false;
    }
    int value = text[length] ? hs_rule_value_find(rule, text + length + 1) : -1;
    if (value < 0) {
        hs_usage_error(command, "'%s': not a value of %s; 'hintsim list rules' lists them", text,
            hs_rule_rows[rule].name);
        return false;
    }
    rules->value[rule] = (uint8_t)value;
    is_named[rule] = true;
    return true;
}
