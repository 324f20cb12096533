/* SPDX-License-Identifier: BSD-3-Clause */
/* Random insertions into the table of roots, and nothing else: what the table alone allows. */
#include "clock.h"
#include "store.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    BATCH = 32,           /* insertions whose cache misses overlap */
    GROW_EVERY = 1 << 15, /* insertions between two looks at how full the table is */
};

/* splitmix64's mixing: as good as random, and different for different `z`. */
static uint64_t mixed(uint64_t z)
{
    z += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: table_once DISTINCT INSERTIONS\n");
        return 2;
    }
    uint64_t distinct = strtoull(argv[1], NULL, 10);
    uint64_t insertions = strtoull(argv[2], NULL, 10);
    uint64_t found = 0;
    struct hs_store *store = hs_store_new(2, NULL, 1, (size_t)20 << 30);
    if (!store || !distinct)
        return 1;
    double begin = hs_now();
    for (uint64_t done = 0; done < insertions; done += BATCH) {
        uint64_t roots[BATCH];
        if (done % GROW_EVERY == 0 && !hs_store_grow(store))
            return 1;
        for (uint64_t i = 0; i < BATCH; i++) {
            /* Each of them once, and those beyond are met again. */
            uint64_t which = done + i < distinct ? done + i : mixed(done + i) % distinct;
            roots[i] = mixed(which) | 1u;
            hs_store_expect_root(store, roots[i]);
        }
        for (uint64_t i = 0; i < BATCH; i++)
            found += hs_store_put_root(store, 0, roots[i]) == HS_PUT_NEW;
    }
    double seconds = hs_now() - begin;
    printf("%llu different, %.2f s, %.0f insertions/s\n", (unsigned long long)found, seconds,
        (double)insertions / seconds);
    hs_store_free(store);
    return 0;
}
