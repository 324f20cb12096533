/* SPDX-License-Identifier: BSD-3-Clause */
/* The report of a drive. */
#include "drive_report.h"

#include "ladder.h"
#include "run_report.h"

#include <assert.h>
#include <string.h>

static const char *const accelerators[] = {
    [HS_ACCELERATOR_TCG] = "tcg",
    [HS_ACCELERATOR_KVM] = "kvm",
    [HS_ACCELERATOR_KVM_RING] = "kvm-ring",
};

/* "agrees", "differs at step 3: ...", and so on; steps count from 1. */
static void add_end(const struct hs_driven *driven, struct hs_text *text)
{
    const struct hs_drive_result *result = &driven->result;
    switch (result->end) {
    case HS_DRIVE_AGREES:
        hs_text_add(text, "%s",
            driven->is_this_host ? "agrees" : "no answer: as the model, whose host is another");
        break;
    case HS_DRIVE_DIFFERS:
        hs_text_add(text, "differs at step %u: %s%s", result->step + 1, result->what.text,
            driven->is_this_host ? "" : " (the model's host is another)");
        break;
    case HS_DRIVE_DIED:
        hs_text_add(text, "QEMU died at step %u: %s", result->step + 1, result->what.text);
        break;
    case HS_DRIVE_CANNOT:
        hs_text_add(text, "cannot be driven: %s", result->what.text);
        break;
    case HS_DRIVE_NO_ANSWER:
    case HS_DRIVE_END_COUNT:
        hs_text_add(text, "no answer: pacing failed %u times, at step %u: %s", result->attempts,
            result->step + 1, result->what.text);
        break;
    }
}

static void print_qemu(const struct hs_driven *driven, FILE *out)
{
    struct hs_text text = {0};
    const struct hs_stand_in *stand_in = driven->stand_in;
    hs_text_add(&text, "QEMU %u.%u.%u, %s, %u KiB of RAM, virtio-%s; in the model ",
        driven->version.major, driven->version.minor, driven->version.micro,
        accelerators[driven->plan->accelerator], driven->plan->ram, driven->plan->transport->name);
    hs_text_add(&text, "%s", stand_in ? stand_in->preset : "nothing stands for it");
    if (stand_in && stand_in->rule)
        hs_text_add(&text, " with %s=%s", stand_in->rule, stand_in->value);
    hs_text_print(&text, 0, out);
}

/* Mark the event where QEMU did something else. */
static void mark(struct hs_race *race, const struct hs_driven *driven)
{
    const struct hs_drive_result *result = &driven->result;
    bool differs = result->end == HS_DRIVE_DIFFERS || result->end == HS_DRIVE_DIED;
    if (!differs || result->step >= race->run->length)
        return;
    struct hs_event *event = &race->events[result->step];
    if (event->detail_count < HS_DETAILS_MAX)
        snprintf(event->details[event->detail_count++], HS_DETAIL_SIZE, "* QEMU %s",
            result->end == HS_DRIVE_DIED ? "died here" : "differs here");
}

void hs_driven_print(struct hs_race *race, const struct hs_driven *driven, FILE *out)
{
    assert(driven && out);
    struct hs_text end = {0};
    add_end(driven, &end);
    if (!driven->is_alone) {
        fprintf(out, "%s: %s\n", driven->name, hs_text_string(&end));
        fflush(out);
        hs_text_free(&end);
        return;
    }
    fprintf(out, "%s\n\n", driven->name);
    print_qemu(driven, out);
    fputc('\n', out);
    if (race && driven->result.end != HS_DRIVE_CANNOT) {
        mark(race, driven);
        hs_ladder_print(race, out);
        fputc('\n', out);
        hs_ladder_print_fates(race, out);
        fputc('\n', out);
    }
    hs_text_print(&end, 0, out);
    if (driven->result.attempts)
        fprintf(out, "%u step%s, %.1f s, %u attempt%s%s\n", race ? race->run->length : 0,
            race && race->run->length == 1 ? "" : "s", driven->result.seconds,
            driven->result.attempts, driven->result.attempts == 1 ? "" : "s",
            driven->result.drifts ? ", paced by bandwidth: ptrace is forbidden" : "");
}

/* The pages that did not arrive; null unless QEMU's pages were compared, and are the model's. */
static json_t *lost_pages(const struct hs_race *race, const struct hs_driven *driven)
{
    if (!race || driven->result.end != HS_DRIVE_AGREES)
        return json_null();
    json_t *pages = json_array();
    for (unsigned p = 0; p < race->run->config.pages; p++) {
        if (strcmp(race->fates[p].fate, "LOST") == 0)
            json_array_append_new(pages, json_integer(p));
    }
    return pages;
}

json_t *hs_driven_json(const struct hs_race *race, const struct hs_driven *driven)
{
    assert(driven);
    char version[32];
    const struct hs_drive_result *result = &driven->result;
    const struct hs_stand_in *stand_in = driven->stand_in;
    snprintf(version, sizeof(version), "%u.%u.%u", driven->version.major, driven->version.minor,
        driven->version.micro);
    bool has_step = result->end == HS_DRIVE_DIFFERS || result->end == HS_DRIVE_DIED ||
                    result->end == HS_DRIVE_NO_ANSWER;
    json_t *qemu = json_pack("{s:s, s:s, s:i, s:s}", "version", version, "accelerator",
        accelerators[driven->plan->accelerator], "ram", (int)driven->plan->ram, "transport",
        driven->plan->transport->name);
    json_t *host = stand_in ? json_pack("{s:s, s:s?, s:s?}", "preset", stand_in->preset, "rule",
                                  stand_in->rule, "value", stand_in->value)
                            : json_null();
    return json_pack("{s:s, s:o, s:o, s:b, s:i, s:s, s:o, s:s, s:o, s:i, s:s, s:f}", "name",
        driven->name, "qemu", qemu, "host", host, "is_this_host", driven->is_this_host, "steps",
        race ? (int)race->run->length : 0, "end", hs_drive_end_names[result->end], "step",
        has_step ? json_integer((json_int_t)result->step + 1) : json_null(), "what",
        result->what.text, "lost", lost_pages(race, driven), "attempts", (int)result->attempts,
        "pacing", result->drifts ? "bandwidth" : "ptrace", "seconds", result->seconds);
}
