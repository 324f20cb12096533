/* SPDX-License-Identifier: BSD-3-Clause */
/* hintsim doctor: which optional parts are there. */
#include "commands.h"
#include "graph.h"
#include "stand_in.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Options without a letter. */
enum { QEMU = HS_OPTION_OWN };

/* A part, whether it is there, its version or what is wrong, and what needs it. */
static void tell(const char *part, bool is_there, const char *about, const char *needed)
{
    enum { LABEL = 19, WIDTH = 80 };
    char label[LABEL + 1];
    struct hs_text text = {0};
    snprintf(label, sizeof(label), "%-10s %-8s", part, is_there ? "there" : "missing");
    hs_text_add(&text, "%s%s(for %s)", about, *about ? " " : "", needed);
    hs_print_labelled(label, hs_text_string(&text), WIDTH, stdout);
    hs_text_free(&text);
}

static void tell_graphviz(void)
{
    struct hs_error error;
    struct hs_text version = {0};
    bool is_there = hs_graphviz_try(&version, &error);
    tell("Graphviz", is_there, is_there ? hs_text_string(&version) : error.text,
        "pictures: draw, matrix, trace; text needs nothing");
    hs_text_free(&version);
}

static void tell_qemu(const char *command)
{
    struct hs_error error;
    struct hs_version version;
    struct hs_text about = {0};
    bool is_there = hs_qemu_version(command, &version, &error);
    if (is_there)
        hs_text_add(&about, "%s %u.%u.%u", command, version.major, version.minor, version.micro);
    tell("QEMU", is_there, is_there ? hs_text_string(&about) : error.text, "drive");
    hs_text_free(&about);
}

static void tell_kvm(void)
{
    bool is_there = access("/dev/kvm", R_OK | W_OK) == 0;
    tell("/dev/kvm", is_there, is_there ? "" : strerror(errno),
        "drive --accel kvm and kvm-ring; tcg needs nothing");
}

static int doctor_command(int argc, char **argv)
{
    const char *qemu = "qemu-system-x86_64";
    while (hs_option_next(&hs_command_doctor, argc, argv) != -1)
        qemu = optarg; /* it has no other option */
    if (optind != argc)
        return hs_usage_error(&hs_command_doctor, "'%s' is not expected", argv[optind]);
    tell_graphviz();
    tell_qemu(qemu);
    tell_kvm();
    return HS_EXIT_AS_EXPECTED;
}

static const struct hs_option option_rows[] = {
    {QEMU, "qemu", "COMMAND", "instead of qemu-system-x86_64", NULL},
    {0},
};

const struct hs_command hs_command_doctor = {
    .name = "doctor",
    .usage = "[--qemu COMMAND]",
    .summary = "say which optional parts are there",
    .help = "Graphviz, which must be able to draw; QEMU; /dev/kvm, with the right to use it.\n"
            "Nothing else is optional.  Exit status 0, whatever is missing.\n",
    .options = option_rows,
    .run = doctor_command,
};
