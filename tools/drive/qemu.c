/* SPDX-License-Identifier: BSD-3-Clause */
/* One QEMU with one VM. */
#include "qemu.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORDS_MAX = 96, ANSWER_SECONDS = 60 };

/* The descriptors that QEMU is started with. */
enum {
    CHILD_QTEST = 0,
    CHILD_MESSAGES = 2,
    CHILD_MONITOR,
    CHILD_PORT,
    CHILD_RAM,
    CHILD_FIRMWARE,
    CHILD_INCOMING = HS_QEMU_INCOMING,
    CHILD_END
};

/* ---- the command line ----------------------------------------------------------------------- */

struct command {
    char *words[WORDS_MAX];
    unsigned count;
};

static void add(struct command *command, const char *word)
{
    assert(command->count < WORDS_MAX - 1);
    command->words[command->count++] = (char *)hs_must(strdup(word));
}

/* Add words that stand between spaces. */
static void add_words(struct command *command, const char *words)
{
    char *copy = (char *)hs_must(strdup(words));
    char *rest = NULL;
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        add(command, word);
    free(copy);
}

__attribute__((format(printf, 2, 3))) static void addf(
    struct command *command, const char *format, ...)
{
    struct hs_text text = {0};
    va_list arguments;
    va_start(arguments, format);
    hs_text_addv(&text, format, arguments);
    va_end(arguments);
    add_words(command, hs_text_string(&text));
    hs_text_free(&text);
}

static const char *accelerator_words(enum hs_accelerator accelerator)
{
    switch (accelerator) {
    case HS_ACCELERATOR_TCG:
        return "tcg";
    case HS_ACCELERATOR_KVM:
        return "kvm";
    case HS_ACCELERATOR_KVM_RING:
        break;
    }
    return "kvm,dirty-ring-size=1024";
}

static void write_command(
    struct command *command, const struct hs_qemu_plan *plan, bool is_incoming)
{
    add_words(command, plan->qemu);
    /* debug-threads=on gives the migration thread the name by which it is found */
    add_words(command, "-name hintsim,debug-threads=on -nodefaults -no-user-config -display none");
    addf(command, "-accel %s", accelerator_words(plan->accelerator));
    addf(command,
        "-M %s,memory-backend=ram,x-option-roms=off,pit=off,pic=off,rtc=off,isa-serial=off,"
        "auto-kernel-cmdline=off",
        plan->transport->machine);
    addf(command,
        "-m %uK -object memory-backend-file,id=ram,size=%uK,share=on,"
        "mem-path=/proc/self/fd/%d",
        plan->ram, plan->ram, CHILD_RAM);
    addf(command, "-bios /proc/self/fd/%d", CHILD_FIRMWARE);
    addf(command, "-chardev socket,id=monitor,fd=%d -mon chardev=monitor,mode=control",
        CHILD_MONITOR);
    add_words(command, "-qtest stdio -qtest-log none");
    addf(command, "-chardev socket,id=port,fd=%d -device isa-debugcon,iobase=0x%x,chardev=port",
        CHILD_PORT, HS_PORT_ANSWER);
    add_words(command, "-global virtio-mmio.force-legacy=false");
    /* 64 frames to a chunk of the log: the fewest that QEMU allows */
    add_words(command, "-global migration.x-clear-bitmap-shift=6");
    add_words(command, "-object iothread,id=hints");
    addf(command, "-device %s,id=balloon,free-page-hint=on,iothread=hints,free-page-reporting=on%s",
        plan->transport->balloon, plan->has_poison ? "" : ",page-poison=off");
    if (is_incoming)
        add_words(command, "-incoming defer");
    command->words[command->count] = NULL;
}

static void free_command(struct command *command)
{
    for (unsigned i = 0; i < command->count; i++)
        free(command->words[i]);
}

/* ---- the process ---------------------------------------------------------------------------- */

/* In the child: become QEMU, with `given[i]` as descriptor i, and no other. */
_Noreturn static void become(struct command *command, const int given[CHILD_END], pid_t parent)
{
    int high[CHILD_END];
    for (int i = 0; i < CHILD_END; i++)
        high[i] = given[i] < 0 ? -1 : fcntl(given[i], F_DUPFD_CLOEXEC, CHILD_END + 1);
    for (int i = 0; i < CHILD_END; i++) {
        if (high[i] >= 0)
            dup2(high[i], i);
        else
            close(i);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == parent) /* else it died before it could be asked for */
        execvp(command->words[0], command->words);
    dprintf(CHILD_MESSAGES, "%s: %s\n", command->words[0], strerror(errno));
    _exit(127);
}

/* A file in memory of `size` bytes.  -1: there is no memory. */
static int memory_file(const char *name, size_t size)
{
    int fd = memfd_create(name, MFD_CLOEXEC);
    if (fd >= 0 && ftruncate(fd, (off_t)size) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* No frame of the source is all zeros, which migration would send as a few bytes. */
static void fill_ram(uint8_t *ram, size_t size)
{
    for (size_t frame = 0; frame < size / HS_FRAME; frame++)
        memset(ram + frame * HS_FRAME, (int)(1 + frame % 251), HS_FRAME);
}

/* The VM's memory as a descriptor for QEMU; and seen here, where it is not to be written. */
static int make_ram(struct hs_qemu *vm, size_t size, bool is_source)
{
    int fd = memory_file("ram", size);
    uint8_t *ram = fd < 0 ? (uint8_t *)MAP_FAILED
                          : (uint8_t *)mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (ram == MAP_FAILED)
        return -1;
    if (is_source)
        fill_ram(ram, size);
    mprotect(ram, size, PROT_READ);
    vm->ram = ram;
    vm->ram_size = size;
    return fd;
}

static int make_firmware(void)
{
    static uint8_t firmware[HS_GUEST_FIRMWARE_SIZE];
    int fd = memory_file("firmware", sizeof(firmware));
    hs_guest_firmware(firmware);
    return fd >= 0 && pwrite(fd, firmware, sizeof(firmware), 0) == (ssize_t)sizeof(firmware) ? fd
                                                                                             : -1;
}

/* A socket: this end, and the other in `*other`. */
static int make_socket(int *other)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return -1;
    *other = ends[1];
    return ends[0];
}

static void close_given(int given[CHILD_END])
{
    for (int i = 0; i < CHILD_END; i++) {
        if (given[i] >= 0 && i != CHILD_MESSAGES && i != 1)
            close(given[i]);
    }
}

/* Start the process, with all that it is given. */
static bool start(struct hs_qemu *vm, const struct hs_qemu_plan *plan, int incoming, int *monitor)
{
    int given[CHILD_END];
    memset(given, -1, sizeof(given));
    given[CHILD_INCOMING] = incoming;
    vm->messages = given[CHILD_MESSAGES] = memory_file("messages", 0);
    vm->qtest = make_socket(&given[CHILD_QTEST]);
    given[CHILD_QTEST + 1] = given[CHILD_QTEST];
    *monitor = make_socket(&given[CHILD_MONITOR]);
    vm->port = make_socket(&given[CHILD_PORT]);
    given[CHILD_RAM] = make_ram(vm, (size_t)plan->ram << 10, incoming < 0);
    given[CHILD_FIRMWARE] = make_firmware();
    struct command command = {0};
    write_command(&command, plan, incoming >= 0);
    pid_t parent = getpid();
    bool is_complete = true;
    for (int i = 0; i < CHILD_INCOMING; i++)
        is_complete = is_complete && given[i] >= 0;
    vm->process = is_complete ? fork() : -1;
    if (vm->process == 0)
        become(&command, given, parent);
    free_command(&command);
    close_given(given);
    if (vm->process < 0)
        vm->process = 0;
    return vm->process;
}

static bool is_dead(void *context)
{
    struct hs_qemu *vm = (struct hs_qemu *)context;
    if (vm->process && waitpid(vm->process, &vm->ended, WNOHANG) == vm->process)
        vm->process = 0;
    return !vm->process;
}

bool hs_qemu_has_died(struct hs_qemu *vm)
{
    assert(vm && vm->poller);
    struct hs_error ignored;
    if (!vm->monitor.poller || hs_monitor_tell(&vm->monitor, "query-status", NULL, &ignored))
        return false;
    return vm->monitor.closed && hs_poller_until(vm->poller, is_dead, vm, ANSWER_SECONDS);
}

void hs_qemu_last_words(const struct hs_qemu *vm, struct hs_text *text)
{
    assert(vm && text);
    char words[400];
    off_t size = vm->messages > 0 ? lseek(vm->messages, 0, SEEK_END) : 0;
    off_t from = size > (off_t)sizeof(words) ? size - (off_t)sizeof(words) : 0;
    ssize_t count = size > 0 ? pread(vm->messages, words, sizeof(words), from) : 0;
    while (count > 0 && words[count - 1] == '\n')
        count--;
    if (count > 0)
        hs_text_add_bytes(text, words, (size_t)count);
}

/* ---- memory and registers ------------------------------------------------------------------- */

static bool take_qtest(void *context)
{
    struct hs_qemu *vm = (struct hs_qemu *)context;
    char bytes[512];
    ssize_t count = read(vm->qtest, bytes, sizeof(bytes));
    for (ssize_t i = 0; i < count; i++) {
        if (bytes[i] == '\n')
            vm->has_line = true;
        else
            hs_text_add_bytes(&vm->line, &bytes[i], 1);
    }
    return count > 0;
}

static bool take_port(void *context)
{
    struct hs_qemu *vm = (struct hs_qemu *)context;
    char bytes[16];
    ssize_t count = read(vm->port, bytes, sizeof(bytes));
    if (count > 0)
        vm->answers += (unsigned)count;
    return count > 0;
}

static bool has_line(void *context)
{
    struct hs_qemu *vm = (struct hs_qemu *)context;
    return vm->has_line || vm->monitor.closed;
}

/* Send a line to qtest, and wait for its answer, which is then in vm->line. */
static bool ask_qtest(struct hs_qemu *vm, const char *line, struct hs_error *error)
{
    hs_text_free(&vm->line);
    vm->line = (struct hs_text){0};
    vm->has_line = false;
    size_t length = strlen(line);
    for (size_t sent = 0; sent < length;) {
        ssize_t count = send(vm->qtest, line + sent, length - sent, MSG_NOSIGNAL);
        if (count <= 0)
            return hs_fail(error, "QEMU is gone");
        sent += (size_t)count;
    }
    if (!hs_poller_until(vm->poller, has_line, vm, ANSWER_SECONDS) || !vm->has_line)
        return hs_fail(error, "QEMU is gone, or does not answer to qtest");
    return strncmp(hs_text_string(&vm->line), "OK", 2) == 0 ||
           hs_fail(error, "qtest: %.100s", hs_text_string(&vm->line));
}

/* The letter that qtest's commands have for a size. */
static char size_letter(unsigned size)
{
    static const char letters[] = {[1] = 'b', [2] = 'w', [4] = 'l'};
    assert(size == 1 || size == 2 || size == 4);
    return letters[size];
}

bool hs_qemu_read_register(
    struct hs_qemu *vm, uint64_t address, unsigned size, uint32_t *value, struct hs_error *error)
{
    assert(vm && value && error);
    char line[64];
    snprintf(line, sizeof(line), "read%c 0x%" PRIx64 "\n", size_letter(size), address);
    if (!ask_qtest(vm, line, error))
        return false;
    *value = (uint32_t)strtoull(hs_text_string(&vm->line) + 2, NULL, 0);
    return true;
}

bool hs_qemu_write_register(
    struct hs_qemu *vm, uint64_t address, unsigned size, uint32_t value, struct hs_error *error)
{
    assert(vm && error);
    char line[64];
    snprintf(line, sizeof(line), "write%c 0x%" PRIx64 " 0x%" PRIx32 "\n", size_letter(size),
        address, value);
    return ask_qtest(vm, line, error);
}

bool hs_qemu_write32(struct hs_qemu *vm, uint64_t address, uint32_t value, struct hs_error *error)
{
    return hs_qemu_write_register(vm, address, sizeof(value), value, error);
}

bool hs_qemu_write(
    struct hs_qemu *vm, uint64_t address, const void *bytes, size_t count, struct hs_error *error)
{
    assert(vm && bytes && count && error);
    struct hs_text line = {0};
    hs_text_add(&line, "write 0x%" PRIx64 " 0x%zx 0x", address, count);
    for (size_t i = 0; i < count; i++)
        hs_text_add(&line, "%02x", ((const uint8_t *)bytes)[i]);
    hs_text_add(&line, "\n");
    bool is_done = ask_qtest(vm, hs_text_string(&line), error);
    hs_text_free(&line);
    return is_done;
}

bool hs_qemu_fill(
    struct hs_qemu *vm, uint64_t address, size_t count, uint8_t value, struct hs_error *error)
{
    assert(vm && count && error);
    char line[96];
    snprintf(line, sizeof(line), "memset 0x%" PRIx64 " 0x%zx 0x%x\n", address, count, value);
    return ask_qtest(vm, line, error);
}

uint32_t hs_qemu_peek(const struct hs_qemu *vm, uint64_t address)
{
    assert(vm && vm->ram && address + sizeof(uint32_t) <= vm->ram_size);
    uint32_t value;
    memcpy(&value, vm->ram + address, sizeof(value));
    return value;
}

static bool has_answered(void *context)
{
    struct hs_qemu *vm = (struct hs_qemu *)context;
    return vm->answers || vm->monitor.closed;
}

static bool await_vcpu(struct hs_qemu *vm, struct hs_error *error)
{
    return (hs_poller_until(vm->poller, has_answered, vm, ANSWER_SECONDS) && vm->answers) ||
           hs_fail(error, "the vCPU does not answer");
}

bool hs_qemu_store(struct hs_qemu *vm, uint32_t address, uint32_t value, struct hs_error *error)
{
    assert(vm && error);
    vm->answers = 0;
    return hs_qemu_write32(vm, HS_GUEST_ADDRESS, address, error) &&
           hs_qemu_write32(vm, HS_GUEST_VALUE, value, error) &&
           hs_monitor_tell(&vm->monitor, "inject-nmi", NULL, error) && await_vcpu(vm, error);
}

/* ---- beginning and end ---------------------------------------------------------------------- */

static bool fail_with_last_words(struct hs_qemu *vm, struct hs_error *error)
{
    struct hs_text words = {0};
    hs_qemu_last_words(vm, &words);
    if (words.length)
        hs_fail(error, "%s", hs_text_string(&words));
    hs_text_free(&words);
    return false;
}

bool hs_qemu_begin(struct hs_qemu *vm, struct hs_poller *poller, const struct hs_qemu_plan *plan,
    int incoming, struct hs_error *error)
{
    assert(vm && poller && plan && plan->transport && error);
    *vm = (struct hs_qemu){
        .poller = poller, .messages = -1, .qtest = -1, .port = -1, .transport = plan->transport};
    int monitor = -1;
    if (!start(vm, plan, incoming, &monitor))
        return hs_fail(error, "QEMU cannot be started: no memory or descriptors are left");
    hs_poller_watch(poller, vm->qtest, take_qtest, vm);
    hs_poller_watch(poller, vm->port, take_port, vm);
    if (!hs_monitor_begin(&vm->monitor, poller, monitor, error))
        return fail_with_last_words(vm, error);
    bool is_source = incoming < 0;
    return vm->transport->find(vm, &vm->balloon, error) && (!is_source || await_vcpu(vm, error));
}

void hs_qemu_end(struct hs_qemu *vm)
{
    assert(vm);
    if (!vm->poller)
        return;
    if (vm->process) {
        kill(vm->process, SIGKILL);
        waitpid(vm->process, &vm->ended, 0);
    }
    hs_monitor_end(&vm->monitor);
    hs_poller_forget(vm->poller, vm->qtest);
    hs_poller_forget(vm->poller, vm->port);
    const int descriptors[] = {vm->qtest, vm->port, vm->messages};
    for (unsigned i = 0; i < sizeof(descriptors) / sizeof(descriptors[0]); i++) {
        if (descriptors[i] >= 0)
            close(descriptors[i]);
    }
    if (vm->ram)
        munmap(vm->ram, vm->ram_size);
    hs_text_free(&vm->line);
    *vm = (struct hs_qemu){0};
}
