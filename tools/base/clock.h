/* SPDX-License-Identifier: BSD-3-Clause */
/* The one clock, and time-outs on it. */
#ifndef HS_CLOCK_H
#define HS_CLOCK_H

#include <stdbool.h>

/* Seconds since some moment in the past.  They only grow, whatever is done to the time of day. */
double hs_now(void);

/* When a time-out of `seconds` that begins now is over; 0 if there is none: if `seconds` is 0. */
double hs_time_out(double seconds);
/* The seconds that are left until `until`, as a time-out: more than 0, even if it is over; or 0,
 * which is none, if `until` is 0. */
double hs_time_left(double until);
/* Is it over?  Never, if `until` is 0. */
bool hs_time_is_over(double until);

#endif
