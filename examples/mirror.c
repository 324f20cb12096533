/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Mirror a device: the model takes the steps that a real driver and device took, and after each one
 * what could be seen from outside is compared.  Here the recording is a table; in a test suite it
 * is the device under test.
 *
 *     cc mirror.c $(pkg-config --cflags --libs hintmodel) && ./a.out
 */
#include <hintmodel.h>
#include <stdio.h>

/* One round of Linux 6.1 on QEMU 7.2: a step; the field as the driver reads it; elements used. */
static const struct {
    const char *step;
    unsigned field;
    unsigned used;
} seen[] = {
    {"migration.start", 0, 0},
    {"migration.enable-log", 0, 0},
    {"migration.stop-hints", 0, 0},
    {"migration.sync", 0, 0},
    {"migration.merge-log", 0, 0},
    {"migration.start-hints", 2, 0}, /* the first id */
    {"driver.config-interrupt", 2, 0},
    {"driver.read-command", 2, 0},
    {"driver.start-round", 2, 0},
    {"driver.hint-page 0", 2, 0},
    {"device.wake", 2, 0},
    {"device.take-element", 0, 1}, /* the start command: the field reads STOP */
    {"device.take-element", 0, 2}, /* the hint */
    {"migration.stop-vm", 0, 2},
};

static int fail(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    return 1;
}

int main(void)
{
    struct hintmodel world;
    char why[HINTMODEL_WHY];
    if (!hintmodel_begin(&world, "linux-6.1", "qemu-7.2-kvm", why) ||
        !hintmodel_set(&world, "free", "0x1", why) || !hintmodel_start(&world, why))
        return fail("the world", why);
    for (unsigned i = 0; i < sizeof(seen) / sizeof(seen[0]); i++) {
        unsigned field = 0;
        unsigned used = 0;
        if (!hintmodel_do(&world, seen[i].step, why) ||
            !hintmodel_read(&world, "device.field", 0, &field, why) ||
            !hintmodel_read(&world, "free_page_vq.used", 0, &used, why))
            return fail(seen[i].step, why);
        if (field != seen[i].field || used != seen[i].used)
            return fail(seen[i].step, "the device differs from the model");
    }
    unsigned to_send = 1;
    hintmodel_read(&world, "page.bitmap", 0, &to_send, why);
    printf("the device agrees; page 0 is %s\n", to_send ? "still to be sent" : "skipped");
    return 0;
}
