/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The first process of a guest that is recorded while it migrates (tests/trace/record): loads the
 * drivers, starts tools/record/guest, and writes memory for as long as the guest runs.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PAGE_SIZE = 4096, MIB = 1 << 20, MS = 1000000 };

/* There is nothing to go on with: say it, and switch the guest off. */
static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "init: %s: %s\n", what, strerror(errno));
    sync();
    reboot(RB_POWER_OFF);
    abort();
}

static void must(int result, const char *what)
{
    if (result < 0)
        give_up(what);
}

static void load_module(const char *path)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    must(file, path);
    must((int)syscall(SYS_finit_module, file, "", 0), path);
    close(file);
}

/* The modules that a file names, one in each line. */
static void load_modules(const char *list)
{
    char path[256];
    FILE *file = fopen(list, "re");
    if (!file)
        give_up(list);
    while (fgets(path, sizeof(path), file)) {
        path[strcspn(path, "\n")] = '\0';
        load_module(path);
    }
    fclose(file);
}

static void mount_all(void)
{
    static const char *const kinds[][2] = {{"devtmpfs", "/dev"}, {"proc", "/proc"},
        {"sysfs", "/sys"}, {"tracefs", "/sys/kernel/tracing"}};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (mount(kinds[i][0], kinds[i][1], kinds[i][0], 0, "") && errno != EBUSY)
            give_up(kinds[i][1]);
    }
}

static void pause_for(long ns)
{
    struct timespec time = {0, ns};
    nanosleep(&time, NULL);
}

/* The script that records; back once it has set its probes: the buffer for them is the last thing
 * that it makes, and they are on once it has. */
static void start_recording(void)
{
    char words[][16] = {"/bin/sh", "/guest", "/dev/ttyS1", "PATH=/bin"};
    char *const arguments[] = {words[0], words[1], words[2], NULL};
    char *const environment[] = {words[3], NULL};
    char enabled = '0';
    pid_t child = fork();
    must(child, "fork");
    if (child == 0) {
        execve(words[0], arguments, environment);
        give_up(words[0]);
    }
    while (enabled != '1') {
        int file = open(
            "/sys/kernel/tracing/instances/hintsim/events/hintsim/enable", O_RDONLY | O_CLOEXEC);
        if (file >= 0 && read(file, &enabled, 1) < 0)
            give_up("enable");
        if (file >= 0)
            close(file);
        if (waitpid(child, NULL, WNOHANG) == child)
            give_up(words[1]);
        pause_for(10 * MS);
    }
}

/* Memory of our own; each page has a word of its own, made of its number and a seed. */
struct memory {
    uint64_t *words;
    size_t pages;
    uint64_t seed;
};

enum { WORDS = PAGE_SIZE / sizeof(uint64_t) };

static uint64_t word_of(const struct memory *memory, size_t page)
{
    return (memory->seed << 32 | page) * UINT64_C(0x9e3779b97f4a7c15);
}

/* Allocate pages by writing each. */
static struct memory write_new(size_t size, uint64_t seed)
{
    struct memory memory = {.pages = size / PAGE_SIZE, .seed = seed};
    memory.words = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory.words == MAP_FAILED)
        give_up("mmap");
    for (size_t page = 0; page < memory.pages; page++)
        memory.words[page * WORDS] = word_of(&memory, page);
    return memory;
}

/* Say how many pages are not as they were written, and free them. */
static void check_and_free(struct memory *memory)
{
    size_t lost = 0;
    for (size_t page = 0; page < memory->pages; page++)
        lost += memory->words[page * WORDS] != word_of(memory, page);
    printf("init: of %zu pages %zu are not as they were written\n", memory->pages, lost);
    munmap(memory->words, memory->pages * PAGE_SIZE);
    memory->pages = 0;
}

static size_t free_memory(void)
{
    struct sysinfo info;
    must(sysinfo(&info), "sysinfo");
    return info.freeram * info.mem_unit;
}

/* Write some memory again and again.  Once hinting has taken most of what is free, ask for nearly
 * all of it: then the shrinker must give blocks back.  Look a while later whether what was written
 * is there. */
static _Noreturn void work(void)
{
    enum { KEPT = 8 * MIB, LEFT = 6 * MIB, STEP = 128, ROUNDS = 200 };
    struct memory old = write_new(KEPT, 1);
    struct memory new = {0};
    size_t most = free_memory();
    unsigned until = 0;
    printf("init: ready, %zu KiB are free\n", most / 1024);
    for (unsigned round = 0;; round++) {
        for (size_t page = round % STEP; page < old.pages; page += STEP)
            old.words[page * WORDS + 1]++;
        if (new.pages && round == until)
            check_and_free(&new);
        if (!new.pages && free_memory() < most / 2) {
            new = write_new(most - LEFT, round + 2);
            until = round + ROUNDS;
        }
        pause_for(5 * MS);
    }
}

int main(void)
{
    mount_all();
    load_modules("/modules");
    start_recording();
    load_modules("/driver");
    setvbuf(stdout, NULL, _IONBF, 0);
    work();
}
