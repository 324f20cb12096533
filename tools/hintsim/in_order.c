/* Work that several threads share out, and whose outcomes come in order. */
#include "in_order.h"

#include "scenario.h"

#include <pthread.h>
#include <stdlib.h>

struct pool {
    const struct hs_pieces *pieces;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t progress;
    unsigned next; /* the first piece that nobody has taken */
    bool *is_done;
};

static bool take_piece(struct pool *pool, unsigned *piece)
{
    pthread_mutex_lock(&pool->lock);
    bool taken = pool->next < pool->pieces->count;
    if (taken)
        *piece = pool->next++;
    pthread_mutex_unlock(&pool->lock);
    return taken;
}

static void *work(void *argument)
{
    struct pool *pool = argument;
    unsigned piece;
    while (take_piece(pool, &piece)) {
        pool->pieces->work(pool->pieces->context, piece);
        pthread_mutex_lock(&pool->lock);
        pool->is_done[piece] = true;
        pthread_cond_signal(&pool->progress);
        pthread_mutex_unlock(&pool->lock);
    }
    return NULL;
}

static void wait_for(struct pool *pool, unsigned piece)
{
    pthread_mutex_lock(&pool->lock);
    while (!pool->is_done[piece])
        pthread_cond_wait(&pool->progress, &pool->lock);
    pthread_mutex_unlock(&pool->lock);
}

void hs_in_order(const struct hs_pieces *pieces, unsigned threads)
{
    struct pool pool = {.pieces = pieces,
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .progress = PTHREAD_COND_INITIALIZER,
        .is_done = hs_must(calloc(pieces->count + 1, sizeof(bool)))};
    pthread_t *workers = hs_must(calloc(threads, sizeof(*workers)));
    unsigned started = 0;
    while (started < threads && pthread_create(&workers[started], NULL, work, &pool) == 0)
        started++;
    if (!started)
        work(&pool); /* no thread was to be had */
    for (unsigned piece = 0; piece < pieces->count; piece++) {
        wait_for(&pool, piece);
        pieces->done(pieces->context, piece);
    }
    for (unsigned i = 0; i < started; i++)
        pthread_join(workers[i], NULL);
    pthread_cond_destroy(&pool.progress);
    pthread_mutex_destroy(&pool.lock);
    free(workers);
    free(pool.is_done);
}
