/* SPDX-License-Identifier: BSD-3-Clause */
/* From a step to functions. */
#include "source.h"

#include <string.h>

/* A program that the column names, and with which words a preset says that it stands for it. */
static const struct program {
    const char *name;
    enum hs_side side;
    const char *stands_for;
} programs[] = {
    {"Linux ", HS_SIDE_GUEST, "Linux "},
    {"QEMU ", HS_SIDE_HOST, "QEMU "},
    {"KVM ", HS_SIDE_HOST, "with KVM"},
};

/* Is the program whose functions are listed at `part` among those of the presets? */
static bool is_ours(const struct hs_scenario *scenario, const char *part)
{
    for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
        const struct program *program = &programs[i];
        const struct hs_preset *preset =
            program->side == HS_SIDE_GUEST ? scenario->guest : scenario->host;
        if (strncmp(part, program->name, strlen(program->name)) == 0)
            return preset && strstr(preset->stands_for, program->stands_for);
    }
    return false;
}

void hs_source_add(
    const struct hs_scenario *scenario, struct hs_step step, struct hs_text *functions)
{
    assert(scenario && step.kind < HS_STEP_KIND_COUNT && functions);
    hs_text_begin_list(functions);
    for (const char *part = hs_step_rows[step.kind].code; *part;) {
        size_t length = strcspn(part, ";");
        if (is_ours(scenario, part))
            hs_text_item(functions, "; ", "%.*s", (int)length, part);
        part += length;
        part += strspn(part, "; ");
    }
}
