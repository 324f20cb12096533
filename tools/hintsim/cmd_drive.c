/* SPDX-License-Identifier: BSD-3-Clause */
/* hintsim drive: a scenario's schedule on a real QEMU. */
#include "commands.h"
#include "drive_job.h"
#include "drive_random.h"
#include "drive_report.h"
#include "wire_report.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRIES = 5, WIRE_TRIES = 2, RUNS_MOST = 1000 };

struct options {
    enum hs_format format;
    struct hs_drive_plan plan;
    bool has_odd_ram;
    bool anyway;
    bool as_host;
    bool wire;
    bool has_seed;
    unsigned runs;
    struct hs_random_plan random;
};

/* The statuses of the ends: 0 agrees, 1 differs or died, 3 nothing is known.  What is not this
 * QEMU's host agrees with nothing. */
int hs_driven_exit(const struct hs_driven *driven)
{
    switch (driven->result.end) {
    case HS_DRIVE_AGREES:
        return driven->is_this_host ? HS_EXIT_AS_EXPECTED : HS_EXIT_INCONCLUSIVE;
    case HS_DRIVE_DIFFERS:
    case HS_DRIVE_DIED:
        return HS_EXIT_NOT_EXPECTED;
    case HS_DRIVE_CANNOT:
    case HS_DRIVE_NO_ANSWER:
    case HS_DRIVE_END_COUNT:
        break;
    }
    return HS_EXIT_INCONCLUSIVE;
}

/* What is worse comes first: bad input, a difference, no answer, agreement. */
int hs_worse_exit(int a, int b)
{
    static const int order[] = {HS_EXIT_BAD_INPUT, HS_EXIT_NOT_EXPECTED, HS_EXIT_INCONCLUSIVE};
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        if (a == order[i] || b == order[i])
            return order[i];
    }
    return HS_EXIT_AS_EXPECTED;
}

/* Drive a run as often as is asked for, or until it does not agree. */
static bool drive_run(const struct hs_run *run, const struct options *options,
    struct hs_driven *driven, struct hs_error *error)
{
    struct hs_job *job = hs_job_of(run);
    bool has_started = true;
    for (unsigned i = 0; has_started && i < options->runs; i++) {
        has_started = hs_drive(job, &options->plan, &driven->result, error);
        if (driven->result.end != HS_DRIVE_AGREES)
            break;
    }
    hs_job_free(job);
    return has_started;
}

static void print(
    struct hs_race *race, const struct hs_driven *driven, const struct options *options)
{
    if (options->format == HS_FORMAT_JSON)
        hs_json_print(hs_driven_json(race, driven), stdout);
    else
        hs_driven_print(race, driven, stdout);
}

/* Drive a run, and tell of it.  Returns an enum hs_exit. */
static int tell_run(
    const struct hs_run *run, const struct options *options, struct hs_driven *driven)
{
    struct hs_error error;
    if (!drive_run(run, options, driven, &error))
        return hs_input_error(&error);
    struct hs_race *race = hs_race_tell(run);
    print(race, driven, options);
    hs_race_free(race);
    return hs_driven_exit(driven);
}

/* Drive a scenario.  Returns an enum hs_exit. */
static int drive_scenario(
    struct hs_scenario *scenario, const struct options *options, struct hs_driven *driven)
{
    struct hs_error error = {.text = ""};
    struct hs_variant variant;
    bool has_host =
        hs_host_stands_in(scenario, driven, options->as_host, options->anyway, &variant, &error);
    struct hs_run *run = has_host ? hs_replay(&variant, &error) : NULL;
    if (!run && has_host && options->as_host && hs_host_adds_syncs(scenario, &variant, &error))
        run = hs_replay(&variant, &error);
    if (run) {
        int status = tell_run(run, options, driven);
        hs_run_free(run);
        return status;
    }
    if (has_host && !options->as_host)
        return hs_input_error(&error); /* the schedule does not fit its own host */
    hs_fail(&driven->result.what, "%s%.*s", has_host ? "the schedule does not fit this host: " : "",
        (int)strcspn(error.text, "\n"), error.text);
    print(NULL, driven, options);
    return HS_EXIT_INCONCLUSIVE;
}

/* Drive one file.  Returns an enum hs_exit. */
static int drive_file(const char *path, const struct options *options, struct hs_driven *driven)
{
    struct hs_error error;
    struct hs_scenario *scenario = hs_scenario_load(path, &error);
    if (!scenario)
        return hs_input_error(&error);
    driven->name = scenario->name;
    driven->result = (struct hs_drive_result){.end = HS_DRIVE_CANNOT};
    driven->is_this_host = true;
    int status = drive_scenario(scenario, options, driven);
    driven->name = NULL;
    hs_scenario_free(scenario);
    return status;
}

/* ---- the wire ------------------------------------------------------------------------------- */

/* Play each row of the wire, and tell.  Returns an enum hs_exit. */
static int drive_wire(const struct options *options, const struct hs_driven *driven)
{
    int status = HS_EXIT_AS_EXPECTED;
    bool is_text = options->format == HS_FORMAT_TEXT;
    struct hs_wire_told told = {.driven = driven, .facts = json_array()};
    if (is_text)
        hs_wire_print_head(&told, stdout);
    for (unsigned i = 0; i < hs_wire_row_count; i++) {
        static const int exits[] = {[HS_DRIVE_AGREES] = HS_EXIT_AS_EXPECTED,
            [HS_DRIVE_DIFFERS] = HS_EXIT_NOT_EXPECTED,
            [HS_DRIVE_NO_ANSWER] = HS_EXIT_INCONCLUSIVE};
        enum hs_drive_end end =
            hs_wire_tell(&told, &hs_wire_rows[i], &options->plan, is_text ? stdout : NULL);
        status = hs_worse_exit(status, exits[end]);
    }
    if (is_text)
        hs_wire_print_sum(&told, stdout);
    else
        hs_json_print(hs_wire_json(&told), stdout);
    json_decref(told.facts);
    return status;
}

/* ---- the command line ----------------------------------------------------------------------- */

enum {
    OPTION_QEMU = HS_OPTION_OWN,
    OPTION_ACCEL,
    OPTION_RAM,
    OPTION_TRANSPORT,
    OPTION_RUNS,
    OPTION_ANYWAY,
    OPTION_AS_HOST,
    OPTION_RANDOM,
    OPTION_SEED,
    OPTION_GUEST,
    OPTION_HOST,
    OPTION_WIRE,
};

/* One of `words`; -1, which is said, if it is none. */
static int read_word(const char *option, const char *text, const char *const words[])
{
    struct hs_text allowed = {0};
    for (int i = 0; words[i]; i++) {
        if (strcmp(words[i], text) == 0) {
            hs_text_free(&allowed);
            return i;
        }
        hs_text_item(&allowed, ", ", "%s", words[i]);
    }
    hs_usage_error(
        &hs_command_drive, "--%s: '%s'; allowed: %s", option, text, hs_text_string(&allowed));
    hs_text_free(&allowed);
    return -1;
}

static bool read_count(const char *option, const char *text, unsigned *runs)
{
    char *end = NULL;
    long number = strtol(text, &end, 10);
    if (*end || end == text || number < 1 || number > RUNS_MOST) {
        hs_usage_error(&hs_command_drive, "--%s: '%s'; allowed: 1 to %d", option, text, RUNS_MOST);
        return false;
    }
    *runs = (unsigned)number;
    return true;
}

static bool read_seed(const char *text, uint64_t *seed)
{
    char *end = NULL;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno) {
        hs_usage_error(&hs_command_drive, "--seed: '%s'; allowed: a number, 0 or more", text);
        return false;
    }
    *seed = number;
    return true;
}

static bool read_option(int option, const char *text, struct options *options)
{
    static const char *const accelerators[] = {"tcg", "kvm", "kvm-ring", NULL};
    static const char *const sizes[] = {"even", "odd", NULL};
    static const struct hs_transport *const transports[] = {&hs_transport_mmio, &hs_transport_pci};
    static const char *const transport_names[] = {"mmio", "pci", NULL};
    int word = 0;
    switch (option) {
    case OPTION_QEMU:
        options->plan.qemu.qemu = text;
        return true;
    case OPTION_ACCEL:
        word = read_word("accel", text, accelerators);
        options->plan.qemu.accelerator = word < 0 ? HS_ACCELERATOR_TCG : (enum hs_accelerator)word;
        return word >= 0;
    case OPTION_RAM:
        word = read_word("ram", text, sizes);
        options->has_odd_ram = word == 1;
        return word >= 0;
    case OPTION_TRANSPORT:
        word = read_word("transport", text, transport_names);
        options->plan.qemu.transport = transports[word < 0 ? 0 : word];
        return word >= 0;
    case OPTION_RUNS:
        return read_count("runs", text, &options->runs);
    case OPTION_RANDOM:
        return read_count("random", text, &options->random.count);
    case OPTION_SEED:
        options->has_seed = true;
        return read_seed(text, &options->random.seed);
    case OPTION_GUEST:
        options->random.guest = hs_preset_read(&hs_command_drive, HS_SIDE_GUEST, text);
        return options->random.guest;
    case OPTION_HOST:
        options->random.host = hs_preset_read(&hs_command_drive, HS_SIDE_HOST, text);
        return options->random.host;
    case OPTION_ANYWAY:
        return options->anyway = options->random.anyway = true;
    case OPTION_AS_HOST:
        return options->as_host = true;
    case OPTION_WIRE:
        return options->wire = true;
    case 'f':
        return hs_format_read(&hs_command_drive, text, &options->format);
    default:
        abort(); /* the table has no other */
    }
}

/* Is anything given that only random schedules need? */
static bool asks_for_random(const struct options *options)
{
    return options->has_seed || options->random.guest || options->random.host;
}

/* The wire has its own elements: no schedule goes with it. */
static bool is_wire_alone(const struct options *options, int files)
{
    bool plays = files || options->random.count || asks_for_random(options);
    bool is_alone = !plays && !options->anyway && !options->as_host && options->runs == 1;
    if (!is_alone)
        hs_usage_error(
            &hs_command_drive, "--wire goes with --qemu, --accel, --ram, --transport and --format");
    return is_alone;
}

/* Files, or a number of random schedules with their guest. */
static bool is_whole(const struct options *options, int files)
{
    if (options->wire)
        return is_wire_alone(options, files);
    if (!options->random.count && !files)
        hs_usage_error(&hs_command_drive, "a scenario file is expected");
    else if (options->random.count && files)
        hs_usage_error(&hs_command_drive, "either files, or --random");
    else if (!options->random.count && asks_for_random(options))
        hs_usage_error(&hs_command_drive, "--seed, --guest and --host go with --random");
    else if (options->random.count && !options->random.guest)
        hs_usage_error(&hs_command_drive, "--random needs --guest");
    else
        return true;
    return false;
}

static int run_command(int argc, char **argv)
{
    struct options options = {.runs = 1,
        .plan = {.qemu = {.qemu = "qemu-system-x86_64", .transport = &hs_transport_mmio}}};
    int option;
    while ((option = hs_option_next(&hs_command_drive, argc, argv)) != -1) {
        if (!read_option(option, optarg, &options))
            return HS_EXIT_BAD_INPUT;
    }
    if (!is_whole(&options, argc - optind))
        return HS_EXIT_BAD_INPUT;
    struct hs_error error;
    struct hs_driven driven = {.plan = &options.plan.qemu,
        .has_odd_ram = options.has_odd_ram,
        .is_alone = optind + 1 == argc};
    if (!hs_qemu_version(options.plan.qemu.qemu, &driven.version, &error))
        return hs_input_error(&error);
    driven.stand_in = hs_stand_in_find(&driven.version, options.plan.qemu.accelerator,
        options.plan.qemu.transport, options.has_odd_ram);
    hs_plan_fill(&options.plan.qemu, &driven.version, options.has_odd_ram);
    options.plan.tries = options.wire ? WIRE_TRIES : TRIES;
    if (options.wire)
        return drive_wire(&options, &driven);
    options.random.format = options.format;
    if (options.random.count)
        return hs_drive_random(&options.random, &options.plan, &driven);
    int status = HS_EXIT_AS_EXPECTED;
    for (int i = optind; i < argc; i++)
        status = hs_worse_exit(status, drive_file(argv[i], &options, &driven));
    return status;
}

static const struct hs_option option_rows[] = {
    {OPTION_QEMU, "qemu", "COMMAND", "instead of qemu-system-x86_64", NULL},
    {OPTION_ACCEL, "accel", "A", "tcg (default), kvm, or kvm-ring with a dirty ring",
        "tcg kvm kvm-ring"},
    {OPTION_RAM, "ram", "R", "even (default): a multiple of 256 KiB; odd: none of it", "even odd"},
    {OPTION_TRANSPORT, "transport", "T", "what the balloon is behind: mmio (default), or pci",
        "mmio pci"},
    {OPTION_RUNS, "runs", "N", "each file N times, or until it does not agree", NULL},
    {OPTION_AS_HOST, "as-host", NULL, "the preset of this QEMU in place of the scenario's host",
        NULL},
    {OPTION_ANYWAY, "anyway", NULL,
        "also with a host that is not this QEMU; that is never called agreement", NULL},
    {OPTION_RANDOM, "random", "N",
        "invent N schedules for the guest G on this QEMU; one that differs is made "
        "short and written here as random-SEED.yaml",
        NULL},
    {OPTION_SEED, "seed", "S", "the seed of the first schedule (0)", NULL},
    {OPTION_GUEST, "guest", "G", "the guest preset of --random", NULL},
    {OPTION_HOST, "host", "H", "a host preset for --random, instead of that of this QEMU", NULL},
    {OPTION_WIRE, "wire", NULL,
        "elements as no driver should shape them, each on a VM of its own, and what "
        "QEMU makes of them",
        NULL},
    {'f', "format", "F", "text, or json (tools/report/drive.schema.json; --wire: wire.schema.json)",
        "text json"},
    {.help = "Exit status: 0 agrees; 1 differs, or QEMU died; 2 bad input, or no QEMU;\n"
             "3 cannot be driven, no answer, or another host.\n"},
    {0},
};

const struct hs_command hs_command_drive = {
    .name = "drive",
    .usage = "[--qemu COMMAND] [--accel tcg|kvm|kvm-ring]\n"
             "                     [--ram even|odd] [--transport mmio|pci]\n"
             "                     [--as-host|--anyway] [--runs N]\n"
             "                     [--format text|json] FILE...\n"
             "       hintsim drive [--qemu COMMAND] [--accel A] [--ram R] [--transport T]\n"
             "                     [--anyway] [--format text|json]\n"
             "                     --random N [--seed S] --guest G [--host H]\n"
             "       hintsim drive [--qemu COMMAND] [--accel A] [--ram R] [--transport T]\n"
             "                     [--format text|json] --wire",
    .summary = "play a scenario's schedule on a real QEMU, and compare",
    .help = "Starts an unpatched QEMU with a VM of its own, and later a second to take over.\n"
            "The driver's side is played through virtio-mmio or virtio-pci, writes are stores\n"
            "of a vCPU, and the migration thread is held between two frames. After each step\n"
            "the field, the config interrupt, used indices and frames to be sent are compared\n"
            "with the model; at the end every page. Says one of: agrees; differs at step N;\n"
            "QEMU died at step N; cannot be driven, and why; no answer. spec/drive.md tells\n"
            "more.\n",
    .options = option_rows,
    .operands = "FILE",
    .run = run_command,
};
