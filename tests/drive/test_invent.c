/* SPDX-License-Identifier: BSD-3-Clause */
/* Invented schedules: the same for a seed, possible, and often enough those that lose a page. */
#include "invent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct hs_drive_plan plan = {
    .qemu = {.qemu = "none", .accelerator = HS_ACCELERATOR_TCG, .ram = 1288}, .tries = 1};

static void set(struct hs_job *job, const char *name, const char *value)
{
    struct hs_setting *setting = &job->settings[job->setting_count++];
    setting->name = name;
    snprintf(setting->value, sizeof(setting->value), "%s", value);
}

/* Linux on a host with the manual log, or with the log that protects again as it is read. */
static struct hs_job make_job(bool is_manual)
{
    struct hs_job job = {.pages = 4, .block_pages = 1, .hint_pages = 1, .word_is_shared = true};
    job.queue_size[HS_VQ_FREE_PAGE] = 16;
    set(&job, "command-word", "shared");
    set(&job, "release", "any-time");
    set(&job, "hint-effect", "skip-and-clear-log");
    set(&job, "log", is_manual ? "manual" : "legacy");
    set(&job, "initially-all-set", is_manual ? "on" : "off");
    set(&job, "free_page_vq", "16");
    return job;
}

static bool loses(const struct hs_job *job)
{
    struct hintmodel model;
    char why[HINTMODEL_WHY];
    unsigned property = 0;
    assert_true(hintmodel_begin(&model, NULL, NULL, why));
    for (unsigned i = 0; i < job->setting_count; i++)
        assert_true(hintmodel_set(&model, job->settings[i].name, job->settings[i].value, why));
    assert_true(hintmodel_start(&model, why));
    for (unsigned i = 0; i < job->step_count; i++)
        assert_true(hintmodel_do(&model, job->steps[i], why));
    while (strcmp(hintmodel_property_name(property), "dirty-page-lost") != 0)
        property++;
    return hintmodel_broken(&model, property);
}

static unsigned count_losses(bool is_manual, unsigned seeds)
{
    unsigned losses = 0;
    for (unsigned seed = 0; seed < seeds; seed++) {
        struct hs_job job = make_job(is_manual);
        assert_true(hs_invent(&job, &plan, seed));
        losses += loses(&job);
        hs_invention_free(&job);
    }
    return losses;
}

static void test_writes_meet_hints(void **state)
{
    (void)state;
    enum { SEEDS = 400 };
    unsigned manual = count_losses(true, SEEDS);
    unsigned legacy = count_losses(false, SEEDS);
    print_message("of %d invented schedules %u lose a page with the manual log, %u with legacy\n",
        SEEDS, manual, legacy);
    assert_in_range(manual, SEEDS / 10, SEEDS);
    assert_in_range(legacy, 1, SEEDS);
}

static void test_a_seed_gives_the_same_steps(void **state)
{
    (void)state;
    struct hs_job first = make_job(true);
    struct hs_job again = make_job(true);
    struct hs_job other = make_job(true);
    assert_true(hs_invent(&first, &plan, 7) && hs_invent(&again, &plan, 7));
    assert_true(hs_invent(&other, &plan, 8));
    assert_int_equal(first.step_count, again.step_count);
    for (unsigned i = 0; i < first.step_count; i++)
        assert_string_equal(first.steps[i], again.steps[i]);
    bool is_same = other.step_count == first.step_count;
    for (unsigned i = 0; is_same && i < first.step_count; i++)
        is_same = strcmp(first.steps[i], other.steps[i]) == 0;
    assert_false(is_same);
    hs_invention_free(&first);
    hs_invention_free(&again);
    hs_invention_free(&other);
}

static void test_what_is_cut_can_be_played_or_stays(void **state)
{
    (void)state;
    struct hs_job job = make_job(true);
    struct hs_drive_result result;
    assert_true(hs_invent(&job, &plan, 3));
    unsigned length = job.step_count;
    assert_false(hs_invention_cut(&job, &plan, 0, 1) && job.step_count == length);
    for (unsigned first = job.step_count; first-- > 0;) {
        unsigned before = job.step_count;
        bool is_cut = hs_invention_cut(&job, &plan, first, 1);
        assert_int_equal(job.step_count, before - is_cut);
        assert_true(hs_drive_is_possible(&job, &plan, &result));
    }
    assert_in_range(job.step_count, 1, length - 1);
    hs_invention_free(&job);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_writes_meet_hints),
        cmocka_unit_test(test_a_seed_gives_the_same_steps),
        cmocka_unit_test(test_what_is_cut_can_be_played_or_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
