/* SPDX-License-Identifier: BSD-3-Clause */
/* Work that a crew of threads shares out. */
#ifndef HS_CREW_H
#define HS_CREW_H

enum { HS_THREADS_MAX = 64 };

/* Pieces of work, numbered from 0 on. */
struct hs_pieces {
    unsigned count;
    void *context;
    /* The piece that is taken first, second, and so on; each is once.  NULL: as they are numbered.
     * If the longest come first, no thread is left alone with one at the end. */
    const unsigned *order;
    /* Do a piece: called once for each, by several threads at once. */
    void (*work)(void *context, unsigned piece);
    /* A piece is done, and so are all before it: called once for each, from the first to the last,
     * by one thread at a time.  NULL: nobody has to know. */
    void (*done)(void *context, unsigned piece);
};

/* Do all pieces, up to `threads` (1..HS_THREADS_MAX) at a time; the caller's own thread is one of
 * them.  Threads that cannot be started are done without. */
void hs_crew_do(unsigned threads, const struct hs_pieces *pieces);

#endif
