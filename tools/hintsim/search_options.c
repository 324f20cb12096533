/* SPDX-License-Identifier: BSD-3-Clause */
/* What commands that search have in common: how many threads, how much memory and time, Ctrl-C. */
#include "commands.h"
#include "crew.h"
#include "file.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* 80 % of what is free. */
static size_t usual_memory(void)
{
    enum { MOST = 1 << 16 };
    unsigned long long available = 0;
    struct hs_error error;
    size_t length;
    char *text = hs_file_read("/proc/meminfo", MOST, &length, &error);
    const char *line = text ? strstr(text, "MemAvailable:") : NULL;
    bool known = line && sscanf(line, "MemAvailable: %llu kB", &available) == 1;
    free(text);
    return known && available ? (size_t)(available * 1024 / 10 * 8) : (size_t)1 << 30;
}

static unsigned usual_threads(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    return processors < 1 ? 1 : processors > HS_THREADS_MAX ? HS_THREADS_MAX : (unsigned)processors;
}

struct hs_plan hs_usual_plan(void)
{
    return (struct hs_plan){
        .search = {.threads = usual_threads(), .memory = usual_memory(), .end_flag = HS_FLAG_END},
        .reduction = {.dead_values = true, .symmetry = true, .partial_order = true},
        .wish = {.property = HS_PROPERTY_COUNT, .witnesses = 1}};
}

bool hs_number_read(const struct hs_command *command, const char *text, double *number)
{
    static const double most = 0x1p62; /* fits a size_t */
    char *end;
    double value = strtod(text, &end);
    const char *units = "KMG";
    const char *unit = *end ? strchr(units, *end) : NULL;
    for (const char *u = units; unit && u <= unit; u++)
        value *= 1024;
    bool good = end != text && value >= 0 && value < most && (unit ? !end[1] : !*end);
    if (good)
        *number = value;
    else
        hs_usage_error(command, "'%s' is not a number; K, M and G may follow it", text);
    return good;
}

bool hs_search_option(const struct hs_command *command, int option, const char *text,
    struct hs_search_options *search)
{
    double number;
    if (!hs_number_read(command, text, &number))
        return false;
    switch (option) {
    case HS_OPTION_THREADS:
        if (number < 1 || number > (double)HS_THREADS_MAX || number != (unsigned)number) {
            hs_usage_error(
                command, "threads: whole numbers from 1 to %d are allowed", HS_THREADS_MAX);
            return false;
        }
        search->threads = (unsigned)number;
        break;
    case HS_OPTION_MEMORY:
        search->memory = (size_t)number;
        break;
    default:
        search->timeout = number;
    }
    return true;
}

static volatile sig_atomic_t interrupted;

static void interrupt(int signal_number)
{
    (void)signal_number;
    interrupted++;
}

void hs_stop_on_interrupt(struct hs_search_options *search)
{
    search->interrupted = &interrupted;
    signal(SIGINT, interrupt);
}
