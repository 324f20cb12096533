/* SPDX-License-Identifier: BSD-3-Clause */
/* The one clock, and time-outs on it. */
#include "clock.h"

#include <assert.h>
#include <time.h>

double hs_now(void)
{
    struct timespec time;
    int failed = clock_gettime(CLOCK_MONOTONIC, &time);
    assert(!failed); /* every Linux has this clock */
    (void)failed;
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

double hs_time_out(double seconds)
{
    assert(seconds >= 0);
    return seconds > 0 ? hs_now() + seconds : 0;
}

double hs_time_left(double until)
{
    static const double least = 1e-9; /* not 0, which would be for ever */
    if (until <= 0)
        return 0;
    double left = until - hs_now();
    return left > least ? left : least;
}

bool hs_time_is_over(double until)
{
    return until > 0 && hs_now() > until;
}
