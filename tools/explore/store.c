/* SPDX-License-Identifier: BSD-3-Clause */
/* The compressed set of states. */
#include "store.h"

#include "crew.h"

#include <assert.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* A probe that goes further than this says that a table is full. */
enum { PROBES_MAX = 512 };

/* What belongs to one thread: in a cache line that no other thread reads or writes. */
struct thread_part {
    alignas(64) uint32_t next; /* numbers that this thread may give away */
    uint32_t end;
    uint64_t roots; /* that it has put */
};

/* 64-bit values, numbered from 1 as they come, and a hash table that finds their numbers. */
struct numbered {
    uint64_t *values;        /* by number; address space for all, memory for those in use */
    _Atomic uint32_t *slots; /* number, or 0 */
    size_t slot_count;       /* a power of two */
    _Atomic uint32_t given;  /* numbers given to threads, a block at a time */
};

/* 64-bit values in a hash table.  A value's home is given by the upper bits of its hash, so that
 * the table can be widened where it stands. */
struct set {
    _Atomic uint64_t *slots; /* a value, or 0; address space for all, memory for those in use */
    unsigned bits;           /* of a home: 2^bits of them, and PROBES_MAX slots behind */
};

/* How one word of a state is packed: its used bits, and where they go. */
struct part {
    uint64_t used;
    unsigned into;  /* which packed word */
    unsigned shift; /* bits of it that are taken by others */
};

struct hs_store {
    unsigned words;
    unsigned packed; /* words of a packed state */
    bool moves_fast;
    struct part parts[HS_STORE_WORDS_MAX];
    unsigned threads;
    size_t memory;
    struct numbered inner; /* words, and pairs below the root */
    struct set roots;      /* one per state */
    _Atomic int crowded;   /* a probe went too far */
    size_t reserved;       /* bytes of address space for the roots */
    struct thread_part thread_parts[HS_THREADS_MAX];
};

static uint64_t hash_of(uint64_t value)
{
    uint64_t hash = value * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 32;
    hash *= 0xd6e8feb86659fd93u;
    return hash ^ hash >> 29;
}

static void *map(size_t bytes)
{
    void *memory = mmap(
        NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
    madvise(memory, bytes, MADV_HUGEPAGE); /* where allowed: fewer misses of the TLB */
    return memory;
}

/* ---- numbered values ------------------------------------------------------------------------- */

enum { BLOCK = 256, VALUES_MAX = INT32_MAX };
static const size_t values_space = (size_t)VALUES_MAX * sizeof(uint64_t);

static bool open_numbered(struct numbered *table, size_t slots)
{
    table->values = map(values_space);
    table->slots = map(slots * sizeof(*table->slots));
    table->slot_count = slots;
    table->given = 1; /* 0 is nobody's, so that no pair is 0 */
    return table->values && table->slots;
}

static void close_numbered(struct numbered *table)
{
    if (table->values)
        munmap(table->values, values_space);
    if (table->slots)
        munmap(table->slots, table->slot_count * sizeof(*table->slots));
}

/* A number that is this thread's to give; 0 if there is none left. */
static uint32_t take_number(struct numbered *table, struct thread_part *own)
{
    if (own->next == own->end) {
        uint32_t first = atomic_fetch_add(&table->given, BLOCK);
        if (first > VALUES_MAX - BLOCK)
            return 0;
        own->next = first;
        own->end = first + BLOCK;
    }
    return own->next++;
}

static size_t inner_slot(const struct numbered *table, uint64_t value)
{
    return hash_of(value) & (table->slot_count - 1);
}

/*
 * The number of `value`, which is added if it is new.  A number is written before it is published
 * in a slot, and a slot changes once, from empty, so that a reader who sees a number sees its
 * value.
 */
static uint32_t number_of(struct hs_store *store, unsigned thread, uint64_t value)
{
    struct numbered *table = &store->inner;
    struct thread_part *own = &store->thread_parts[thread];
    size_t slot = inner_slot(table, value);
    uint32_t added = 0;
    uint32_t number = 0;
    for (unsigned probe = 0; probe < PROBES_MAX; probe++) {
        uint32_t found = atomic_load_explicit(&table->slots[slot], memory_order_acquire);
        if (!found) {
            if (!added && !(added = take_number(table, own)))
                return 0;
            table->values[added] = value;
            if (atomic_compare_exchange_strong(&table->slots[slot], &found, added))
                return added;
        }
        if (table->values[found] == value) {
            number = found;
            break;
        }
        slot = (slot + 1) & (table->slot_count - 1);
    }
    if (added)
        own->next--; /* somebody was faster: the number is still free */
    return number;
}

/* Is it so full that threads may soon run into PROBES_MAX? */
static bool is_filling(const struct numbered *table)
{
    return (size_t)table->given * 10 > table->slot_count * 6;
}

/* Twice the slots. */
static bool widen_numbered(struct numbered *table)
{
    size_t count = table->slot_count * 2;
    _Atomic uint32_t *old = table->slots;
    _Atomic uint32_t *wide = map(count * sizeof(*wide));
    if (!wide)
        return false;
    table->slots = wide;
    table->slot_count = count;
    for (size_t i = 0; i < count / 2; i++) {
        uint32_t number = atomic_load_explicit(&old[i], memory_order_relaxed);
        if (!number)
            continue;
        size_t slot = hash_of(table->values[number]) & (count - 1);
        while (atomic_load_explicit(&wide[slot], memory_order_relaxed))
            slot = (slot + 1) & (count - 1);
        atomic_store_explicit(&wide[slot], number, memory_order_relaxed);
    }
    munmap(old, count / 2 * sizeof(*old));
    return true;
}

/* ---- the set of roots ------------------------------------------------------------------------ */

static size_t home(const struct set *set, uint64_t value)
{
    return hash_of(value) >> (64 - set->bits);
}

static size_t slots_of(unsigned bits)
{
    return ((size_t)1 << bits) + PROBES_MAX;
}

/* Into the first free slot from its home on. */
static void place(struct set *set, uint64_t value)
{
    size_t slot = home(set, value);
    for (size_t probe = 0;; probe++, slot++) {
        uint64_t found = atomic_load_explicit(&set->slots[slot], memory_order_relaxed);
        if (!found && atomic_compare_exchange_strong(&set->slots[slot], &found, value))
            return;
        assert(probe < PROBES_MAX); /* no table that is half empty has so long a run */
    }
}

/* Slots whose values are moved, in shares of about the same size. */
struct move {
    struct set *set;
    size_t from;
    size_t to;
    unsigned shares;
};

static size_t share_begin(const struct move *move, unsigned share)
{
    return move->from + (move->to - move->from) * share / move->shares;
}

static void move_share(void *context, unsigned share)
{
    const struct move *move = context;
    size_t from = share_begin(move, share);
    for (size_t i = share_begin(move, share + 1); i-- > from;) {
        _Atomic uint64_t *slot = &move->set->slots[i];
        uint64_t value = atomic_load_explicit(slot, memory_order_relaxed);
        if (!value)
            continue;
        atomic_store_explicit(slot, 0, memory_order_relaxed);
        place(move->set, value);
    }
}

/* Move the values of the slots from..to, which go to slots from `to` on, by several threads if it
 * is worth it: most of the time goes to the kernel, which clears the pages that are new. */
static void move_range(struct set *set, size_t from, size_t to, unsigned threads)
{
    enum { WORTH_A_THREAD = 1 << 16 };
    assert(threads >= 1 && from < to);
    size_t worth = (to - from) / WORTH_A_THREAD + 1;
    unsigned shares = worth < threads ? (unsigned)worth : threads;
    struct move move = {set, from, to, shares};
    hs_crew_do(shares, &(struct hs_pieces){.count = shares, .context = &move, .work = move_share});
}

/*
 * Twice the homes, in the same place.  A value with home h moves to 2h or 2h + 1, and stands less
 * than PROBES_MAX slots behind its home.  So the values of the upper half of the slots all move
 * beyond the slots there are, then those of the upper half of the rest to where all have moved, and
 * so on; only the first few, which may stand beyond twice their home, have to step aside.
 */
static bool widen_set(struct set *set, size_t reserved, unsigned threads)
{
    enum { ASIDE = 4 * PROBES_MAX };
    static const size_t slot_size = sizeof(*set->slots);
    uint64_t aside[ASIDE];
    size_t left = slots_of(set->bits);
    if (slots_of(set->bits + 1) * slot_size > reserved)
        return false;
    set->bits++;
    while (left > ASIDE) {
        size_t from = left / 2 + PROBES_MAX;
        move_range(set, from, left, threads);
        left = from;
    }
    for (size_t i = 0; i < left; i++)
        aside[i] = atomic_exchange_explicit(&set->slots[i], 0, memory_order_relaxed);
    for (size_t i = 0; i < left; i++) {
        if (aside[i])
            place(set, aside[i]);
    }
    return true;
}

/* ---- packing --------------------------------------------------------------------------------- */

/* Each word goes whole into the first packed word that has room, in order: what changes together
 * stays together. */
static void plan_packing(struct hs_store *store, const uint64_t *used)
{
    unsigned into = 0;
    unsigned taken = 0;
    for (unsigned i = 0; i < store->words; i++) {
        struct part *part = &store->parts[i];
        part->used = used ? used[i] : UINT64_MAX;
        unsigned bits = (unsigned)__builtin_popcountll(part->used);
        if (taken + bits > 64) {
            into++;
            taken = 0;
        }
        part->into = into;
        part->shift = taken & 63u; /* 64: no bits follow */
        taken += bits;
    }
    store->packed = into + 1;
}

/* Bits of `word` where `mask` has some, next to each other, and back. */
typedef uint64_t mover(uint64_t bits, uint64_t mask);

static inline uint64_t gather(uint64_t word, uint64_t mask)
{
    uint64_t bits = 0;
    for (unsigned at = 0; mask; at++, mask &= mask - 1)
        bits |= (word >> __builtin_ctzll(mask) & 1u) << at;
    return bits;
}

static inline uint64_t scatter(uint64_t bits, uint64_t mask)
{
    uint64_t word = 0;
    for (; mask; bits >>= 1, mask &= mask - 1)
        word |= (bits & 1u) << __builtin_ctzll(mask);
    return word;
}

static inline __attribute__((always_inline)) void pack_by(
    const struct hs_store *store, struct hs_tree *tree, mover *gather_bits)
{
    uint64_t packed = 0;
    unsigned into = 0;
    for (unsigned i = 0; i < store->words; i++) {
        const struct part *part = &store->parts[i];
        assert(!(tree->words[i] & ~part->used));
        if (part->into != into) {
            tree->packed[into++] = packed;
            packed = 0;
        }
        packed |= gather_bits(tree->words[i], part->used) << part->shift;
    }
    tree->packed[into] = packed;
}

static inline __attribute__((always_inline)) void unpack_by(
    const struct hs_store *store, struct hs_tree *tree, mover *scatter_bits)
{
    for (unsigned i = 0; i < store->words; i++) {
        const struct part *part = &store->parts[i];
        tree->words[i] = scatter_bits(tree->packed[part->into] >> part->shift, part->used);
    }
}

#ifdef __x86_64__
#include <immintrin.h>
#define BMI2 __attribute__((target("bmi2")))
/* By the processor's PEXT and PDEP, where it has them: the search as a whole is then nearly twice
 * as fast (measured with 7 words, by building without this part). */
BMI2 static inline uint64_t gather_fast(uint64_t word, uint64_t mask)
{
    return _pext_u64(word, mask);
}
BMI2 static inline uint64_t scatter_fast(uint64_t bits, uint64_t mask)
{
    return _pdep_u64(bits, mask);
}
BMI2 static void pack_fast(const struct hs_store *store, struct hs_tree *tree)
{
    pack_by(store, tree, gather_fast);
}
BMI2 static void unpack_fast(const struct hs_store *store, struct hs_tree *tree)
{
    unpack_by(store, tree, scatter_fast);
}
static bool moves_fast(void)
{
    return __builtin_cpu_supports("bmi2");
}
#else
#define pack_fast(store, tree) pack_by(store, tree, gather)
#define unpack_fast(store, tree) unpack_by(store, tree, scatter)
static bool moves_fast(void)
{
    return false;
}
#endif

static void pack(const struct hs_store *store, struct hs_tree *tree)
{
    if (store->moves_fast)
        pack_fast(store, tree);
    else
        pack_by(store, tree, gather);
}

static void unpack(const struct hs_store *store, struct hs_tree *tree)
{
    if (store->moves_fast)
        unpack_fast(store, tree);
    else
        unpack_by(store, tree, scatter);
}

/* ---- the store ------------------------------------------------------------------------------- */

enum { ROOT_BITS_FIRST = 18, INNER_SLOTS_FIRST = 1 << 16 };

struct hs_store *hs_store_new(unsigned words, const uint64_t *used, unsigned threads, size_t memory)
{
    assert(words >= 1 && words <= HS_STORE_WORDS_MAX);
    assert(threads >= 1 && threads <= HS_THREADS_MAX);
    struct hs_store *store = aligned_alloc(alignof(struct hs_store), sizeof(*store));
    if (!store)
        return NULL;
    memset(store, 0, sizeof(*store));
    store->words = words;
    store->moves_fast = moves_fast();
    plan_packing(store, used);
    store->threads = threads;
    store->memory = memory;
    store->roots.bits = ROOT_BITS_FIRST;
    store->reserved = slots_of(ROOT_BITS_FIRST) * sizeof(uint64_t);
    if (store->reserved < memory)
        store->reserved = memory;
    store->roots.slots = map(store->reserved);
    if (!store->roots.slots || !open_numbered(&store->inner, INNER_SLOTS_FIRST)) {
        hs_store_free(store);
        return NULL;
    }
    return store;
}

void hs_store_free(struct hs_store *store)
{
    if (!store)
        return;
    close_numbered(&store->inner);
    if (store->roots.slots)
        munmap(store->roots.slots, store->reserved);
    free(store);
}

size_t hs_store_bytes(const struct hs_store *store)
{
    const struct numbered *inner = &store->inner;
    return inner->given * sizeof(uint64_t) + inner->slot_count * sizeof(uint32_t) +
           slots_of(store->roots.bits) * sizeof(uint64_t);
}

static uint64_t pair(uint32_t left, uint32_t right)
{
    return (uint64_t)left << 32 | right;
}

/* The tree's numbers as far as they are the parent's; 0 for what differs. */
static void take_over(
    const struct hs_store *store, const struct hs_tree *parent, struct hs_tree *tree)
{
    unsigned width = store->packed;
    unsigned below = 0; /* where the level below begins */
    for (unsigned i = 0; i < width; i++) {
        bool same = parent && parent->packed[i] == tree->packed[i];
        tree->nodes[i] = same ? parent->nodes[i] : 0;
    }
    for (; width > 2; width = (width + 1) / 2) {
        unsigned here = below + width;
        for (unsigned i = 0; i < width / 2; i++) {
            bool same = tree->nodes[below + 2 * i] && tree->nodes[below + 2 * i + 1];
            tree->nodes[here + i] = same ? parent->nodes[here + i] : 0;
        }
        if (width % 2) /* an odd one goes up as it is */
            tree->nodes[here + width / 2] = tree->nodes[below + width - 1];
        below = here;
    }
}

void hs_store_pack(const struct hs_store *store, const struct hs_tree *parent, struct hs_tree *tree)
{
    pack(store, tree);
    take_over(store, parent, tree);
    for (unsigned i = 0; i < store->packed; i++)
        __builtin_prefetch(&store->inner.slots[inner_slot(&store->inner, tree->packed[i])]);
}

void hs_store_look_ahead(const struct hs_store *store, const struct hs_tree *tree)
{
    const struct numbered *inner = &store->inner;
    for (unsigned i = 0; i < store->packed; i++) {
        size_t slot = inner_slot(inner, tree->packed[i]);
        uint32_t number = atomic_load_explicit(&inner->slots[slot], memory_order_relaxed);
        __builtin_prefetch(&inner->values[number]);
    }
}

void hs_store_expect_root(const struct hs_store *store, uint64_t root)
{
    __builtin_prefetch(&store->roots.slots[home(&store->roots, root)], 1);
}

uint64_t hs_store_root(struct hs_store *store, unsigned thread, struct hs_tree *tree)
{
    unsigned width = store->packed;
    unsigned below = 0;
    for (unsigned i = 0; i < width; i++) {
        if (!tree->nodes[i] && !(tree->nodes[i] = number_of(store, thread, tree->packed[i])))
            goto full;
    }
    for (; width > 2; width = (width + 1) / 2) {
        unsigned here = below + width;
        for (unsigned i = 0; i < width / 2; i++) {
            uint64_t children = pair(tree->nodes[below + 2 * i], tree->nodes[below + 2 * i + 1]);
            uint32_t *node = &tree->nodes[here + i];
            if (!*node && !(*node = number_of(store, thread, children)))
                goto full;
        }
        if (width % 2) /* an odd one goes up as it is */
            tree->nodes[here + width / 2] = tree->nodes[below + width - 1];
        below = here;
    }
    uint64_t root = pair(tree->nodes[below], width == 2 ? tree->nodes[below + 1] : 0);
    hs_store_expect_root(store, root);
    return root;
full:
    store->crowded = 1;
    return 0;
}

enum hs_put hs_store_put_root(struct hs_store *store, unsigned thread, uint64_t root)
{
    _Atomic uint64_t *slot = &store->roots.slots[home(&store->roots, root)];
    for (unsigned probe = 0; probe < PROBES_MAX; probe++, slot++) {
        uint64_t found = atomic_load_explicit(slot, memory_order_relaxed);
        if (!found && atomic_compare_exchange_strong(slot, &found, root)) {
            store->thread_parts[thread].roots++;
            return HS_PUT_NEW;
        }
        if (found == root)
            return HS_PUT_KNOWN;
    }
    store->crowded = 1;
    return HS_PUT_FULL;
}

enum hs_put hs_store_put(struct hs_store *store, unsigned thread, const struct hs_tree *parent,
    struct hs_tree *tree, uint64_t *root)
{
    hs_store_pack(store, parent, tree);
    *root = hs_store_root(store, thread, tree);
    return *root ? hs_store_put_root(store, thread, *root) : HS_PUT_FULL;
}

void hs_store_expect(const struct hs_store *store, uint64_t root)
{
    __builtin_prefetch(&store->inner.values[root >> 32]);
    __builtin_prefetch(&store->inner.values[(uint32_t)root]);
}

void hs_store_get(const struct hs_store *store, uint64_t root, struct hs_tree *tree)
{
    unsigned widths[16];
    unsigned begins[16];
    unsigned levels = 1;
    widths[0] = store->packed;
    begins[0] = 0;
    while (widths[levels - 1] > 2) {
        widths[levels] = (widths[levels - 1] + 1) / 2;
        begins[levels] = begins[levels - 1] + widths[levels - 1];
        levels++;
    }
    tree->nodes[begins[levels - 1]] = (uint32_t)(root >> 32);
    if (widths[levels - 1] == 2)
        tree->nodes[begins[levels - 1] + 1] = (uint32_t)root;
    for (unsigned level = levels - 1; level > 0; level--) {
        for (unsigned i = 0; i < widths[level]; i++) {
            uint32_t node = tree->nodes[begins[level] + i];
            uint32_t *child = &tree->nodes[begins[level - 1] + 2 * i];
            if (2 * i + 1 == widths[level - 1]) {
                child[0] = node;
                continue;
            }
            child[0] = (uint32_t)(store->inner.values[node] >> 32);
            child[1] = (uint32_t)store->inner.values[node];
        }
    }
    for (unsigned i = 0; i < store->packed; i++)
        tree->packed[i] = store->inner.values[tree->nodes[i]];
    unpack(store, tree);
}

uint32_t hs_store_number(struct hs_store *store, uint64_t root)
{
    return number_of(store, 0, root);
}

uint64_t hs_store_numbered(const struct hs_store *store, uint32_t number)
{
    return store->inner.values[number];
}

size_t hs_store_places(const struct hs_store *store)
{
    return slots_of(store->roots.bits);
}

uint64_t hs_store_at(const struct hs_store *store, size_t place)
{
    return atomic_load_explicit(&store->roots.slots[place], memory_order_relaxed);
}

size_t hs_store_place(const struct hs_store *store, uint64_t root)
{
    size_t place = home(&store->roots, root);
    for (unsigned probe = 0; probe < PROBES_MAX; probe++, place++) {
        uint64_t found = hs_store_at(store, place);
        if (found == root)
            return place;
        if (!found)
            break;
    }
    return hs_store_places(store);
}

/* Has the set of roots so many that probes become long? */
static bool is_filling_up(const struct hs_store *store)
{
    uint64_t roots = 0;
    for (unsigned i = 0; i < store->threads; i++)
        roots += store->thread_parts[i].roots;
    return roots * 4 > ((uint64_t)1 << store->roots.bits) * 3;
}

bool hs_store_grow(struct hs_store *store)
{
    bool crowded = store->crowded;
    bool widens_inner = is_filling(&store->inner) || crowded;
    bool widens_roots = is_filling_up(store) || crowded;
    size_t more = (widens_inner ? store->inner.slot_count * 2 * sizeof(uint32_t) : 0) +
                  (widens_roots ? sizeof(uint64_t) << store->roots.bits : 0);
    if (store->inner.given > VALUES_MAX - BLOCK || hs_store_bytes(store) + more > store->memory)
        return false;
    store->crowded = 0;
    return (!widens_inner || widen_numbered(&store->inner)) &&
           (!widens_roots || widen_set(&store->roots, store->reserved, store->threads));
}
