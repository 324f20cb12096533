/* SPDX-License-Identifier: BSD-3-Clause */
/* A recording that was made, judged. */
#ifndef HS_JUDGED_H
#define HS_JUDGED_H

#include "made.h"
#include "windows.h"

/* A recording that was written and read again: what is found in it before it is judged. */
struct reread {
    struct hs_recording *recording; /* NULL: it is none */
    struct hs_elements elements;
    struct hs_clocks clocks;
    struct hs_page_stories stories;
    bool has_stories; /* false: its clocks or its elements do not fit */
};
void reread_made(const struct hs_rules *rules, const struct made_recording *made,
    struct reread *reread, struct hs_error *why);
void reread_close(struct reread *reread);

/* Are its stories refused, or has it none?  `why` says why.  If they are not, and `windows` is
 * given, it has the windows, and is to be closed. */
bool judge_reread(const struct hs_config *config, const struct reread *reread,
    struct hs_windows *windows, struct hs_error *why);
/* Both. */
bool judge_made(
    const struct hs_config *config, const struct made_recording *made, struct hs_error *why);

#endif
