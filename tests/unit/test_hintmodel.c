/* SPDX-License-Identifier: BSD-3-Clause */
/* The few names for others: worlds are made, steps taken and states read by name. */
#include "bench.h"

#include "hintmodel.h"

#include <stdio.h>
#include <string.h>

static char why[HINTMODEL_WHY];

static void begin(struct hintmodel *world)
{
    assert_true(hintmodel_begin(world, "linux-6.1", "qemu-7.2-kvm", why));
}

static void start(struct hintmodel *world)
{
    begin(world);
    assert_true(hintmodel_set(world, "free", "0x3", why));
    assert_true(hintmodel_start(world, why));
}

static unsigned read_field(const struct hintmodel *world, const char *field, unsigned page)
{
    unsigned number = 999;
    if (!hintmodel_read(world, field, page, &number, why))
        fail_msg("%s: %s", field, why);
    return number;
}

static void must_do(struct hintmodel *world, const char *text)
{
    if (!hintmodel_do(world, text, why))
        fail_msg("%s: %s", text, why);
}

static void a_preset_that_there_is_not_is_named(void **state)
{
    (void)state;
    struct hintmodel world;
    memset(&world, 0x5a, sizeof(world));
    struct hintmodel before = world;
    assert_false(hintmodel_begin(&world, "linux-0.1", NULL, why));
    assert_string_equal(why, "no preset of a guest is named 'linux-0.1'");
    assert_false(hintmodel_begin(&world, NULL, "linux-6.1", why));
    assert_string_equal(why, "no preset of a host is named 'linux-6.1'");
    assert_memory_equal(&world, &before, sizeof(world)); /* nothing was changed */
    assert_true(hintmodel_begin(&world, NULL, NULL, why));
}

static void what_is_set_is_checked(void **state)
{
    (void)state;
    static const char *const wrong[][3] = {
        {"release", "sometimes", "release has no value 'sometimes'"},
        {"log-chunk", "65", "log-chunk has no value '65'"},
        {"pages", "65", "pages: '65' is not a number from 1 to 64"},
        {"pages", "0", "pages: '0' is not a number from 1 to 64"},
        {"pages", " 4", "pages: ' 4' is not a number from 1 to 64"},
        {"pages", "four", "pages: 'four' is not a number from 1 to 64"},
        {"writes", "255", "writes: '255' is not a number from 0 to 254"},
        {"policy", "fifo", "policy is any or lifo, not 'fifo'"},
        {"postcopy", "yes", "postcopy is off or on, not 'yes'"},
        {"free", "-1", "free: '-1' is not a mask of pages"},
        {"free", " -1", "free: ' -1' is not a mask of pages"},
        {"free", "0x1ffffffffffffffff", "free: '0x1ffffffffffffffff' is not a mask of pages"},
        {"colour", "red", "there is no rule, size, queue or limit 'colour'"},
    };
    struct hintmodel world;
    begin(&world);
    for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct hintmodel before = world;
        assert_false(hintmodel_set(&world, wrong[i][0], wrong[i][1], why));
        assert_string_equal(why, wrong[i][2]);
        assert_memory_equal(&world, &before, sizeof(world));
    }
    assert_true(hintmodel_set(&world, "writes", "none", why));
    assert_true(hintmodel_set(&world, "reporting_vq", "2", why));
    assert_true(hintmodel_set(&world, "policy", "lifo", why));
    assert_true(hintmodel_set(&world, "release", "after-done", why));
    assert_true(hintmodel_start(&world, why));
    assert_false(hintmodel_set(&world, "pages", "2", why));
    assert_string_equal(why, "the world was started: nothing can be set any more");
}

static void sizes_must_fit_each_other(void **state)
{
    (void)state;
    struct hintmodel world;
    begin(&world);
    assert_true(hintmodel_set(&world, "max-order", "3", why));
    assert_false(hintmodel_start(&world, why));
    assert_string_equal(why, "max-order: a block of that order must fit into the pages");
}

static void a_step_is_found_by_its_text(void **state)
{
    (void)state;
    struct hintmodel world;
    struct hintmodel_step step;
    start(&world);
    for (unsigned kind = 0; hintmodel_step_name(kind); kind++) {
        char text[64];
        bool paged = hintmodel_step_find(&world, hintmodel_step_name(kind), &step, why) == 0;
        snprintf(text, sizeof(text), "%s%s", hintmodel_step_name(kind), paged ? " 3" : "");
        assert_true(hintmodel_step_find(&world, text, &step, why));
        assert_int_equal(step.kind, kind);
        assert_int_equal(step.page, paged ? 3 : 0);
    }
    assert_false(hintmodel_step_find(&world, "app.sing", &step, why));
    assert_string_equal(why, "there is no step 'app.sing'");
    assert_false(hintmodel_step_find(&world, "app.write 4", &step, why));
    assert_string_equal(why, "app.write needs a page from 0 to 3");
    assert_false(hintmodel_step_find(&world, "device.wake 1", &step, why));
    assert_string_equal(why, "device.wake has no page");
}

static void a_refused_step_says_why_and_changes_nothing(void **state)
{
    (void)state;
    struct hintmodel world;
    start(&world);
    struct hintmodel before = world;
    assert_false(hintmodel_do(&world, "driver.shrink 0", why));
    assert_string_equal(
        why, "it is possible only while the driver holds a block that begins at page 0");
    assert_false(hintmodel_take(&world, (struct hintmodel_step){999, 0}, why));
    assert_string_equal(why, "the world has no step of kind 999 with page 0");
    assert_false(hintmodel_take(&world, (struct hintmodel_step){HS_APP_WRITE, 300}, why));
    assert_true(hintmodel_equal(&world, &before));
}

static void the_listed_steps_are_those_that_can_be_taken(void **state)
{
    (void)state;
    struct hintmodel world;
    struct hintmodel_step steps[HS_STEPS_MAX];
    start(&world);
    unsigned count = hintmodel_steps(&world, steps, HS_STEPS_MAX);
    assert_true(count > 4);
    assert_int_equal(hintmodel_steps(&world, NULL, 0), count);
    for (unsigned i = 0; i < count; i++) {
        struct hintmodel copy = world;
        assert_true(hintmodel_enabled(&world, steps[i], why));
        assert_true(hintmodel_take(&copy, steps[i], why));
    }
}

/* The story of README.md, by name. */
static void a_page_is_lost_and_said_to_be(void **state)
{
    (void)state;
    static const char *const story[] = {"migration.start", "migration.enable-log",
        "migration.stop-hints", "migration.sync", "migration.merge-log", "migration.start-hints",
        "driver.config-interrupt", "driver.read-command", "driver.start-round",
        "driver.hint-page 0", "driver.shrink 0", "app.allocate 0", "app.write 0", "device.wake",
        "device.take-element", "device.take-element"};
    struct hintmodel world;
    begin(&world);
    assert_true(hintmodel_set(&world, "free", "0x1", why));
    assert_true(hintmodel_start(&world, why));
    for (unsigned i = 0; i < sizeof(story) / sizeof(story[0]); i++) {
        assert_false(hintmodel_unrecorded(&world, 0));
        must_do(&world, story[i]);
    }
    assert_true(hintmodel_unrecorded(&world, 0));
    assert_int_equal(read_field(&world, "page.bitmap", 0), 0);
    assert_int_equal(read_field(&world, "free_page_vq.used", 0), 2);
    assert_int_equal(read_field(&world, "device.field", 0), HS_COMMAND_STOP);
    assert_string_equal(hintmodel_state(&world, "device-status"), "START");
    assert_null(hintmodel_state(&world, "the-weather"));
    for (unsigned i = 0; hintmodel_property_name(i); i++)
        assert_int_equal(
            hintmodel_broken(&world, i), strcmp(hintmodel_property_name(i), "hint-device-4") == 0);
}

/* Of each page, and of each queue that there is; and no name comes twice. */
static void every_field_can_be_read(void **state)
{
    (void)state;
    struct hintmodel world;
    unsigned count = 0;
    unsigned number;
    begin(&world);
    for (const char *const *queue =
             (const char *const[]){"reporting_vq", "inflateq", "deflateq", NULL};
         *queue; queue++)
        assert_true(hintmodel_set(&world, *queue, "2", why));
    assert_true(hintmodel_start(&world, why));
    for (const char *name; (name = hintmodel_field_name(count)); count++) {
        (void)read_field(&world, name, 3);
        for (unsigned other = 0; other < count; other++)
            assert_string_not_equal(hintmodel_field_name(other), name);
        if (strncmp(name, "page.", 5) == 0)
            assert_false(hintmodel_read(&world, name, 4, &number, why));
    }
    assert_true(count > 70);
    assert_false(hintmodel_read(&world, "page.colour", 0, &number, why));
    assert_string_equal(why, "there is no field 'page.colour'");
    start(&world);
    assert_false(hintmodel_read(&world, "inflateq.used", 0, &number, why));
    assert_string_equal(why, "inflateq.used: the world has no such queue");
}

/* Walks of 300 steps each, made from one seed, with every queue and in postcopy. */
static void every_field_stays_in_its_range(void **state)
{
    (void)state;
    enum { WALKS = 60, LENGTH = 300, ROOM = 300 };
    struct hintmodel first;
    struct hintmodel_step steps[ROOM];
    unsigned at_most[100] = {0};
    uint32_t chance = 1;
    unsigned number;
    begin(&first);
    for (const char *const *pair = (const char *const[]){"reporting_vq", "2", "inflateq", "2",
             "deflateq", "2", "postcopy", "on", "free", "0xf", NULL};
         *pair; pair += 2)
        assert_true(hintmodel_set(&first, pair[0], pair[1], why));
    assert_true(hintmodel_start(&first, why));
    for (unsigned i = 0; i < WALKS * LENGTH; i++) {
        static struct hintmodel world;
        if (i % LENGTH == 0)
            world = first;
        unsigned count = hintmodel_steps(&world, steps, ROOM);
        chance = chance * 1664525u + 1013904223u;
        assert_in_range(count, 1, ROOM);
        assert_true(hintmodel_take(&world, steps[(chance >> 8) % count], why));
        for (unsigned f = 0; hintmodel_field_name(f); f++) {
            assert_true(hintmodel_read(&world, hintmodel_field_name(f), 0, &number, why));
            assert_in_range(number, 0, hintmodel_field_most(f));
            at_most[f] = number > at_most[f] ? number : at_most[f];
        }
    }
    unsigned moved = 0;
    for (unsigned f = 0; hintmodel_field_name(f); f++) {
        assert_true(strlen(hintmodel_field_meaning(f)) > 0);
        moved += at_most[f] > 0;
    }
    assert_in_range(moved, 40, 100);
}

static void a_copy_is_a_world_of_its_own(void **state)
{
    (void)state;
    struct hintmodel world;
    start(&world);
    struct hintmodel copy = world;
    must_do(&copy, "app.allocate 0");
    assert_false(hintmodel_equal(&world, &copy));
    assert_int_equal(read_field(&world, "page.owner", 0), HS_OWNER_FREE);
    assert_int_equal(read_field(&copy, "page.owner", 0), HS_OWNER_APP);
    assert_true(hintmodel_start(&copy, why));
    assert_true(hintmodel_equal(&world, &copy));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_preset_that_there_is_not_is_named),
        cmocka_unit_test(what_is_set_is_checked),
        cmocka_unit_test(sizes_must_fit_each_other),
        cmocka_unit_test(a_step_is_found_by_its_text),
        cmocka_unit_test(a_refused_step_says_why_and_changes_nothing),
        cmocka_unit_test(the_listed_steps_are_those_that_can_be_taken),
        cmocka_unit_test(a_page_is_lost_and_said_to_be),
        cmocka_unit_test(every_field_can_be_read),
        cmocka_unit_test(every_field_stays_in_its_range),
        cmocka_unit_test(a_copy_is_a_world_of_its_own),
    };
    return cmocka_run_group_tests_name("hintmodel", tests, NULL, NULL);
}
