/* Work that several threads share out, and whose outcomes come in order. */
#ifndef HS_IN_ORDER_H
#define HS_IN_ORDER_H

struct hs_pieces {
    unsigned count;
    void *context;
    /* Do a piece: called once for each, by several threads at once. */
    void (*work)(void *context, unsigned piece);
    /* A piece is done, and all before it: called by one thread, from the first to the last. */
    void (*done)(void *context, unsigned piece);
};

/* Do all pieces, up to `threads` (at least 1) of them at a time. */
void hs_in_order(const struct hs_pieces *pieces, unsigned threads);

#endif
