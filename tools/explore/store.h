/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A compressed set of states that only grows, filled by several threads without locks.
 *
 * A state is a row of 64-bit words, of which only some bits are ever used.  The used bits are
 * packed into fewer words.  Equal packed words, and equal pairs of what they became, are kept once:
 * a state is a binary tree whose leaves are words and whose nodes are pairs of 32-bit numbers of
 * earlier entries (tree compression, as LTSmin does it).  Steps change few words, so that a new
 * state shares nearly all of its tree with its parent.  What is left of a state is its root, one
 * pair, and the roots stand in one hash table, 8 bytes each.
 */
#ifndef HS_STORE_H
#define HS_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HS_STORE_WORDS_MAX = 128 };
struct hs_store;

/* A state together with the numbers of its tree, so that a successor that differs in few words is
 * stored by renewing few numbers. */
struct hs_tree {
    uint64_t words[HS_STORE_WORDS_MAX];
    uint64_t packed[HS_STORE_WORDS_MAX];
    uint32_t nodes[2 * HS_STORE_WORDS_MAX]; /* level by level, the leaves first; 0: not known yet */
    uint64_t apart[8]; /* unused: trees in a row do not all meet in the same sets of the cache */
};

enum hs_put {
    HS_PUT_NEW,   /* the state was not known */
    HS_PUT_KNOWN, /* it was */
    HS_PUT_FULL,  /* a table is too full: let all threads rest, call hs_store_grow, and try again */
};

/* A store for states of `words` words (1..HS_STORE_WORDS_MAX), in which no other bits than those of
 * `used` are ever set (NULL: all may be), for `threads` threads
 * (1..HS_THREADS_MAX), that may use up to `memory` bytes.
 * NULL if there is not even memory for an empty one. */
struct hs_store *hs_store_new(
    unsigned words, const uint64_t *used, unsigned threads, size_t memory);
void hs_store_free(struct hs_store *store);

/* Put the state `tree->words` into the store.  `parent`, if given, is complete, and the numbers of
 * what is equal in both are taken over from it.  `root` names the state from now on. */
enum hs_put hs_store_put(struct hs_store *store, unsigned thread, const struct hs_tree *parent,
    struct hs_tree *tree, uint64_t *root);

/*
 * The same in parts, so that the cache misses of many states overlap: each part fetches ahead what
 * the next will read.  Pack all states, look ahead for all, take all roots, put all roots.
 */
void hs_store_pack(
    const struct hs_store *store, const struct hs_tree *parent, struct hs_tree *tree);
void hs_store_look_ahead(const struct hs_store *store, const struct hs_tree *tree);
/* 0: a table is full.  `tree` need not be packed again. */
uint64_t hs_store_root(struct hs_store *store, unsigned thread, struct hs_tree *tree);
enum hs_put hs_store_put_root(struct hs_store *store, unsigned thread, uint64_t root);
/* Fetch ahead what hs_store_put_root will read; hs_store_root does so. */
void hs_store_expect_root(const struct hs_store *store, uint64_t root);

/* Fetch ahead what hs_store_get will read first. */
void hs_store_expect(const struct hs_store *store, uint64_t root);
/* The state with this root, complete. */
void hs_store_get(const struct hs_store *store, uint64_t root, struct hs_tree *tree);

/* A number for a root, from 1 on and always the same, for one thread that keeps something by state;
 * 0 if the table is full.  And the root with that number. */
uint32_t hs_store_number(struct hs_store *store, uint64_t root);
uint64_t hs_store_numbered(const struct hs_store *store, uint32_t number);

/*
 * All threads rest: the places of the table, from 0 on, as numbers of states.  They stay what they
 * are until the next hs_store_grow.
 */
size_t hs_store_places(const struct hs_store *store);
/* The root that stands there, or 0. */
uint64_t hs_store_at(const struct hs_store *store, size_t place);
/* Where a root stands, or hs_store_places. */
size_t hs_store_place(const struct hs_store *store, uint64_t root);

/* All threads rest: make room.  False if that would take more than the memory allowed. */
bool hs_store_grow(struct hs_store *store);

/* Bytes in use. */
size_t hs_store_bytes(const struct hs_store *store);

#endif
