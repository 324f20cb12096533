/* SPDX-License-Identifier: BSD-3-Clause */
/* Pairs: the usual question about a guest and a host. */
#include "pair.h"

#include "text.h"

#include <stdio.h>
#include <string.h>

void hs_pair_begin(
    struct hs_pair *pair, const struct hs_preset *guest, const struct hs_preset *host, char *name)
{
    static char question[] = "Does any run of any size break a property or a clause?";
    struct hs_config *config = &pair->variant.config;
    memset(pair, 0, sizeof(*pair));
    pair->scenario.name = name;
    pair->scenario.question = question;
    pair->scenario.guest = guest;
    pair->scenario.host = host;
    pair->variant.scenario = &pair->scenario;
    snprintf(pair->variant.name, sizeof(pair->variant.name), "%s", name);
    config->rules = hs_scenario_preset_rules(&pair->scenario);
    config->pages = 1;
    config->report_batch = 1;
    bool hints = !(guest && guest->without_hints) && !(host && host->without_hints);
    config->queue_size[HS_QUEUE_FREE_PAGE] = hints ? 4 : 0;
    memset(config->limits, 1, sizeof(config->limits));
    config->limits[HS_LIMIT_RESETS] = config->limits[HS_LIMIT_HOPS] = 0;
    const char *wrong = hs_config_finish(config);
    assert(!wrong);
    (void)wrong;
}

static bool set_one(struct hs_config *config, const char *name, bool on)
{
    if (strcmp(name, "postcopy") == 0) {
        config->postcopy = on;
        return true;
    }
    if (strcmp(name, "reporting") == 0) {
        config->queue_size[HS_QUEUE_REPORTING] = on;
        return true;
    }
    if (strcmp(name, "inflate") == 0) {
        config->queue_size[HS_QUEUE_INFLATE] = config->queue_size[HS_QUEUE_DEFLATE] = on;
        return true;
    }
    for (unsigned i = 0; i < HS_LIMIT_COUNT; i++) {
        if (strcmp(name, hs_limit_rows[i].name) == 0) {
            config->limits[i] = on ? 1 : 0;
            return true;
        }
    }
    return false;
}

bool hs_in_play_set(struct hs_config *config, const char *list, bool on, char *wrong)
{
    while (*list) {
        char name[HS_IN_PLAY_NAME];
        size_t length = strcspn(list, ",");
        struct hs_text begin = hs_text_in(name, sizeof(name));
        hs_text_add_bytes(&begin, list, length);
        if (!set_one(config, name, on)) {
            memcpy(wrong, name, sizeof(name));
            return false;
        }
        list += length + (list[length] == ',');
    }
    return true;
}

void hs_in_play_apply(const struct hs_in_play *in_play, struct hs_config *config)
{
    char wrong[HS_IN_PLAY_NAME];
    bool good = (!in_play->with || hs_in_play_set(config, in_play->with, true, wrong)) &&
                (!in_play->without || hs_in_play_set(config, in_play->without, false, wrong));
    assert(good);
    (void)good;
}

unsigned hs_presets_of(enum hs_side side, const struct hs_preset **presets, unsigned room)
{
    unsigned count = 0;
    for (unsigned i = 0; i < hs_preset_count && count < room; i++) {
        if (hs_presets[i].side == side)
            presets[count++] = &hs_presets[i];
    }
    return count;
}

unsigned hs_presets_that_hint(enum hs_side side, const struct hs_preset **presets, unsigned room)
{
    unsigned all = hs_presets_of(side, presets, room);
    unsigned count = 0;
    for (unsigned i = 0; i < all; i++) {
        if (!presets[i]->without_hints)
            presets[count++] = presets[i];
    }
    return count;
}
