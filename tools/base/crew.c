/* SPDX-License-Identifier: BSD-3-Clause */
/* Work that a crew of threads shares out. */
#include "crew.h"

#include "error.h"

#include <assert.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

struct crew {
    const struct hs_pieces *pieces;
    atomic_uint next;     /* the first piece that nobody took; beyond the last when all are taken */
    pthread_mutex_t lock; /* of what follows; while it is held, pieces are told to be done */
    unsigned told;        /* the first piece that was not */
    bool *is_done;
};

/* Tell of all pieces that are done and were not told of because an earlier one was not. */
static void tell(struct crew *crew, unsigned piece)
{
    pthread_mutex_lock(&crew->lock);
    crew->is_done[piece] = true;
    for (; crew->told < crew->pieces->count && crew->is_done[crew->told]; crew->told++)
        crew->pieces->done(crew->pieces->context, crew->told);
    pthread_mutex_unlock(&crew->lock);
}

static void *work(void *argument)
{
    struct crew *crew = argument;
    const struct hs_pieces *pieces = crew->pieces;
    unsigned place;
    while ((place = atomic_fetch_add(&crew->next, 1)) < pieces->count) {
        unsigned piece = pieces->order ? pieces->order[place] : place;
        pieces->work(pieces->context, piece);
        if (pieces->done)
            tell(crew, piece);
    }
    return NULL;
}

static void work_together(struct crew *crew, unsigned threads)
{
    pthread_t others[HS_THREADS_MAX];
    unsigned started = 0;
    while (started + 1 < threads && started + 1 < crew->pieces->count &&
           pthread_create(&others[started], NULL, work, crew) == 0)
        started++;
    work(crew);
    while (started > 0)
        pthread_join(others[--started], NULL);
}

void hs_crew_do(unsigned threads, const struct hs_pieces *pieces)
{
    struct crew crew = {.pieces = pieces, .lock = PTHREAD_MUTEX_INITIALIZER};
    assert(threads >= 1 && threads <= HS_THREADS_MAX);
    assert(pieces->count <= UINT_MAX - HS_THREADS_MAX); /* `next` stays beyond the last */
    if (pieces->done)
        crew.is_done = hs_must(calloc((size_t)pieces->count + 1, sizeof(*crew.is_done)));
    work_together(&crew, threads);
    assert(!pieces->done || crew.told == pieces->count);
    pthread_mutex_destroy(&crew.lock);
    free(crew.is_done);
}
