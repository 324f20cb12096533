/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Why a step is not enabled, in words: what a guard answers when it is asked.  The words complete
 * the sentence "it is possible ...": only, then what must hold, then in parentheses what is.
 *
 *   only while   something is so        only while pages are being sent (phase: syncing)
 *   only after   something has happened, and right after if nothing may come between
 *   only if      two things fit         only if a block of order 1 begins at page 2
 *   only with    a rule or a queue, which no step gives
 */
#ifndef HS_REFUSAL_H
#define HS_REFUSAL_H

#include <stdbool.h>

struct hs_refusal {
    char text[200];
    unsigned passed; /* conditions of the guard that hold and stand before the one that does not */
};

/* Write the reason, in these words; returns false, so that a guard can end with it. */
__attribute__((format(printf, 2, 3))) bool hs_refuse(
    struct hs_refusal *why, const char *format, ...);

#ifdef HS_MUTANTS
/* Built for tests/mutation only: is the guard at this place the one that is dropped? */
bool hs_guard_dropped(const char *file, int line);
#define HS_DROPPED() hs_guard_dropped(__FILE__, __LINE__)
#else
#define HS_DROPPED() false
#endif

/*
 * One condition of a guard: true if it holds; otherwise false, and `why` (which may be NULL, and is
 * in a search) is told the reason.  An expression without control flow: conditions are joined by
 * &&.
 */
#define HS_NEED(holds, why, ...)           \
    ((holds) ? (!(why) || ++(why)->passed) \
             : (HS_DROPPED() || ((why) && hs_refuse((why), __VA_ARGS__))))

#endif
