/* SPDX-License-Identifier: BSD-3-Clause */
/* Which QEMU this is. */
#include "stand_in.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the command prints when asked; false if it did not run. */
static bool ask(const char *command, char *answer, size_t size)
{
    char *words[32];
    unsigned count = 0;
    char *copy = (char *)hs_must(strdup(command));
    char *rest = NULL;
    for (char *word = strtok_r(copy, " ", &rest); word && count < 30;
         word = strtok_r(NULL, " ", &rest))
        words[count++] = word;
    words[count++] = (char *)(uintptr_t) "--version";
    words[count] = NULL;
    int ends[2];
    size_t length = 0;
    if (pipe(ends) != 0)
        return false;
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        execvp(words[0], words);
        _exit(127);
    }
    close(ends[1]);
    for (ssize_t more = 1; child > 0 && more > 0 && length < size - 1; length += (size_t)more) {
        more = read(ends[0], answer + length, size - 1 - length);
        if (more <= 0)
            break;
    }
    answer[length] = '\0';
    close(ends[0]);
    int status = -1;
    if (child > 0)
        waitpid(child, &status, 0);
    free(copy);
    return status == 0;
}

bool hs_qemu_version(const char *command, struct hs_version *version, struct hs_error *error)
{
    assert(command && version && error);
    char answer[256];
    if (!ask(command, answer, sizeof(answer)))
        return hs_fail(error,
            "%s: this command cannot be run; Debian's package qemu-system-x86 has "
            "qemu-system-x86_64",
            command);
    const char *number = strstr(answer, "QEMU emulator version ");
    if (!number || sscanf(number, "QEMU emulator version %u.%u.%u", &version->major,
                       &version->minor, &version->micro) != 3)
        return hs_fail(error, "%s: this is no QEMU: it says '%.60s'", command, answer);
    return true;
}

enum ram { EVEN, ODD, ANY };
#define MMIO &hs_transport_mmio
#define PCI &hs_transport_pci

/* A row: from one version to another, both included, as 100 * major + minor. */
static const struct {
    unsigned from;
    unsigned to;
    enum hs_accelerator accelerator;
    const struct hs_transport *transport; /* NULL: any */
    enum ram ram;
    struct hs_stand_in stand_in;
} table[] = {
    {501, 600, HS_ACCELERATOR_TCG, NULL, EVEN, {"qemu-5.2-tcg", NULL, NULL}},
    {501, 600, HS_ACCELERATOR_TCG, NULL, ODD, {"qemu-5.2-tcg", "rearm-at-sync", "on"}},
    {501, 600, HS_ACCELERATOR_KVM, NULL, EVEN, {"qemu-5.2-kvm", NULL, NULL}},
    {601, 601, HS_ACCELERATOR_KVM, PCI, EVEN, {"qemu-6.1", NULL, NULL}},
    {602, 602, HS_ACCELERATOR_KVM, PCI, EVEN, {"qemu-6.2", NULL, NULL}},
    {702, 702, HS_ACCELERATOR_TCG, NULL, EVEN, {"qemu-7.2-tcg", NULL, NULL}},
    {702, 702, HS_ACCELERATOR_TCG, NULL, ODD, {"qemu-7.2-tcg-odd-ram", NULL, NULL}},
    /* with KVM 7.2 serves the queue as the VM starts behind virtio-mmio, and not behind virtio-pci
     */
    {702, 702, HS_ACCELERATOR_KVM, MMIO, EVEN, {"qemu-7.2-kvm", "kick-at-start", "on"}},
    {702, 702, HS_ACCELERATOR_KVM, PCI, EVEN, {"qemu-7.2-kvm", NULL, NULL}},
    {702, 702, HS_ACCELERATOR_KVM, MMIO, ODD, {"qemu-7.2-kvm-odd-ram", "kick-at-start", "on"}},
    {702, 702, HS_ACCELERATOR_KVM, PCI, ODD, {"qemu-7.2-kvm-odd-ram", NULL, NULL}},
    {702, 702, HS_ACCELERATOR_KVM_RING, MMIO, ANY, {"qemu-7.2-ring", "kick-at-start", "on"}},
    {702, 702, HS_ACCELERATOR_KVM_RING, PCI, ANY, {"qemu-7.2-ring", NULL, NULL}},
    {1000, 1002, HS_ACCELERATOR_TCG, NULL, ANY, {"qemu-10.2-tcg", NULL, NULL}},
    {1000, 1002, HS_ACCELERATOR_KVM, NULL, EVEN, {"qemu-10.2-kvm", NULL, NULL}},
    {1000, 1002, HS_ACCELERATOR_KVM, NULL, ODD, {"qemu-10.2-kvm-legacy", NULL, NULL}},
    {1000, 1002, HS_ACCELERATOR_KVM_RING, NULL, ANY, {"qemu-10.2-ring", NULL, NULL}},
    {1101, 1101, HS_ACCELERATOR_TCG, NULL, ANY, {"qemu-11.1-tcg", NULL, NULL}},
    {1101, 1101, HS_ACCELERATOR_KVM, NULL, EVEN, {"qemu-11.1-kvm", NULL, NULL}},
    {1101, 1101, HS_ACCELERATOR_KVM_RING, NULL, ANY, {"qemu-11.1-ring", NULL, NULL}},
};

const struct hs_stand_in *hs_stand_in_find(const struct hs_version *version,
    enum hs_accelerator accelerator, const struct hs_transport *transport, bool has_odd_ram)
{
    assert(version && transport);
    unsigned number = 100 * version->major + version->minor;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        bool has_ram = table[i].ram == ANY || (table[i].ram == ODD) == has_odd_ram;
        bool has_transport = !table[i].transport || table[i].transport == transport;
        if (number >= table[i].from && number <= table[i].to &&
            table[i].accelerator == accelerator && has_ram && has_transport)
            return &table[i].stand_in;
    }
    return NULL;
}
