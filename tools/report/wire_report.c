/* SPDX-License-Identifier: BSD-3-Clause */
/* What `hintsim drive --wire` says. */
#include "wire_report.h"

#include "text.h"

#include <assert.h>

enum { EFFECT_SIZE = 64 };
#define LINE "%-22s %-24s %-24s %s\n"

/* An effect in a few words; what goes well is not told. */
static const char *say(const struct hs_wire_effect *effect, char words[EFFECT_SIZE])
{
    struct hs_text text = hs_text_in(words, EFFECT_SIZE);
    if (effect->dies) {
        hs_text_item(&text, ", ", "QEMU dies");
        return hs_text_string(&text);
    }
    hs_text_item(&text, ", ", "%s",
        effect->is_broken ? effect->is_used ? "used, broken" : "broken"
        : effect->is_used ? "used"
                          : "not used");
    if (effect->written)
        hs_text_add(&text, "%u", effect->written);
    if (effect->unlogged)
        hs_text_item(&text, ", ", "%u unsent", effect->unlogged);
    if (effect->zeroed)
        hs_text_item(&text, ", ", "%u zeroed", effect->zeroed);
    if (effect->is_hinting)
        hs_text_item(&text, ", ", "hinting");
    if (effect->destination_dies)
        hs_text_item(&text, ", ", "destination dies");
    else if (!effect->ends)
        hs_text_item(&text, ", ", "no end");
    if (!effect->heals && !effect->destination_dies)
        hs_text_item(&text, ", ", "not healed");
    return hs_text_string(&text);
}

void hs_wire_print_head(const struct hs_wire_told *told, FILE *out)
{
    assert(told && out);
    const struct hs_version *version = &told->driven->version;
    fprintf(out, "QEMU %u.%u.%u, virtio-%s\n\n", version->major, version->minor, version->micro,
        told->driven->plan->transport->name);
    fprintf(out, LINE, "element", "expected", "seen", "");
}

static json_t *effect_json(const struct hs_wire_effect *effect)
{
    return json_pack("{s:b, s:b, s:b, s:i, s:b, s:i, s:i, s:b, s:b, s:b}", "dies", effect->dies,
        "destination_dies", effect->destination_dies, "used", effect->is_used, "written",
        (int)effect->written, "broken", effect->is_broken, "unsent", (int)effect->unlogged,
        "zeroed", (int)effect->zeroed, "hinting", effect->is_hinting, "heals", effect->heals,
        "ends", effect->ends);
}

enum hs_drive_end hs_wire_tell(struct hs_wire_told *told, const struct hs_wire_row *row,
    const struct hs_drive_plan *plan, FILE *out)
{
    assert(told && row && plan);
    char wanted[EFFECT_SIZE];
    char got[EFFECT_SIZE];
    struct hs_wire_effect seen;
    struct hs_error error = {.text = ""};
    bool is_answered = false;
    const struct hs_wire_effect *expected = hs_wire_expect(row, &told->driven->version);
    for (unsigned i = 0; !is_answered && i < plan->tries; i++)
        is_answered = hs_wire_play(row, &plan->qemu, &seen, &error);
    enum hs_drive_end end = !is_answered                        ? HS_DRIVE_NO_ANSWER
                            : hs_wire_is_equal(expected, &seen) ? HS_DRIVE_AGREES
                                                                : HS_DRIVE_DIFFERS;
    told->ends[end]++;
    json_array_append_new(
        told->facts, json_pack("{s:s, s:s, s:o, s:o, s:s, s:s}", "element", row->name, "clause",
                         row->clause, "expected", effect_json(expected), "seen",
                         is_answered ? effect_json(&seen) : json_null(), "end",
                         hs_drive_end_names[end], "what", is_answered ? "" : error.text));
    if (!out)
        return end;
    fprintf(out, LINE, row->name, say(expected, wanted), is_answered ? say(&seen, got) : "",
        hs_drive_end_names[end]);
    if (!is_answered)
        fprintf(out, "    %s\n", error.text);
    fflush(out);
    return end;
}

void hs_wire_print_sum(const struct hs_wire_told *told, FILE *out)
{
    assert(told && out);
    fprintf(out,
        "\nused1: used, with 1 byte said to be written; unsent: frames that left the log;\n"
        "zeroed: frames that were discarded; hinting: a hint that follows counts;\n"
        "broken: the device asks to be reset. Said where it is so: no end of the\n"
        "migration, or not healed by a reset.\n");
    fprintf(out, "%u agree, %u differ, %u without an answer\n", told->ends[HS_DRIVE_AGREES],
        told->ends[HS_DRIVE_DIFFERS], told->ends[HS_DRIVE_NO_ANSWER]);
}

json_t *hs_wire_json(const struct hs_wire_told *told)
{
    assert(told);
    char version[32];
    const struct hs_version *v = &told->driven->version;
    snprintf(version, sizeof(version), "%u.%u.%u", v->major, v->minor, v->micro);
    return json_pack("{s:i, s:s, s:i, s:s, s:O}", "version", 1, "qemu", version, "ram",
        (int)told->driven->plan->ram, "transport", told->driven->plan->transport->name, "rows",
        told->facts);
}
