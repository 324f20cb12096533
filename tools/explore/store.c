/* The compressed set of states. */
#include "store.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { BLOCK = 256, PROBES_MAX = 512 };

/* No pair and no word of a model's state looks like this. */
static const uint64_t gap = UINT64_MAX;

/* What a thread owns of a table: numbers that it may give away. */
struct reserve {
    uint32_t next;
    uint32_t end;
    char padding[56]; /* a cache line each */
};

/* 64-bit values, numbered as they come, and a hash table that finds their numbers. */
struct table {
    uint64_t *values;        /* by number; address space for all, memory for those in use */
    _Atomic uint32_t *slots; /* number + 1, or 0 */
    size_t slot_count;       /* a power of two */
    _Atomic uint32_t given;  /* numbers given to threads, a block at a time */
    struct reserve reserves[HS_STORE_THREADS_MAX];
};

struct hs_store {
    unsigned words;
    unsigned threads;
    size_t memory;
    struct table inner; /* words, and pairs below the root */
    struct table roots; /* one per state */
};

/* ---- one table ------------------------------------------------------------------------------- */

enum { VALUES_MAX = INT32_MAX };
static const size_t address_space = (size_t)VALUES_MAX * sizeof(uint64_t);

static void *map(size_t bytes)
{
    void *memory = mmap(
        NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

static bool open_table(struct table *table, size_t slots)
{
    table->values = map(address_space);
    table->slots = map(slots * sizeof(*table->slots));
    table->slot_count = slots;
    if (table->slots)
        madvise(table->slots, slots * sizeof(*table->slots), MADV_HUGEPAGE);
    return table->values && table->slots;
}

static void close_table(struct table *table)
{
    if (table->values)
        munmap(table->values, address_space);
    if (table->slots)
        munmap(table->slots, table->slot_count * sizeof(*table->slots));
}

static size_t slot_of(const struct table *table, uint64_t value)
{
    uint64_t hash = value * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 32;
    hash *= 0xd6e8feb86659fd93u;
    hash ^= hash >> 29;
    return hash & (table->slot_count - 1);
}

/* A number that is this thread's to give; HS_STORE_NOTHING if there is none left. */
static uint32_t take_number(struct table *table, unsigned thread)
{
    struct reserve *reserve = &table->reserves[thread];
    if (reserve->next == reserve->end) {
        uint32_t first = atomic_fetch_add(&table->given, BLOCK);
        if (first > VALUES_MAX - BLOCK)
            return HS_STORE_NOTHING;
        reserve->next = first;
        reserve->end = first + BLOCK;
    }
    return reserve->next++;
}

/*
 * Find `value` or add it.  A number is written before it is published in a slot, and a slot changes
 * once, from empty, so that a reader who sees a number sees its value.
 */
static enum hs_put intern(struct table *table, unsigned thread, uint64_t value, uint32_t *number)
{
    size_t slot = slot_of(table, value);
    uint32_t mine = HS_STORE_NOTHING;
    enum hs_put answer = HS_PUT_FULL;
    for (unsigned probe = 0; probe < PROBES_MAX; probe++) {
        uint32_t found = atomic_load_explicit(&table->slots[slot], memory_order_acquire);
        if (!found) {
            if (mine == HS_STORE_NOTHING) {
                mine = take_number(table, thread);
                if (mine == HS_STORE_NOTHING)
                    return HS_PUT_FULL;
                table->values[mine] = value;
            }
            if (atomic_compare_exchange_strong(&table->slots[slot], &found, mine + 1)) {
                *number = mine;
                return HS_PUT_NEW;
            }
        }
        if (table->values[found - 1] == value) {
            *number = found - 1;
            answer = HS_PUT_KNOWN;
            break;
        }
        slot = (slot + 1) & (table->slot_count - 1);
    }
    if (mine != HS_STORE_NOTHING)
        table->reserves[thread].next--; /* somebody was faster: the number is still free */
    return answer;
}

/* Is a table so full that threads may soon run into PROBES_MAX? */
static bool is_full(const struct table *table)
{
    return (size_t)table->given * 10 > table->slot_count * 6;
}

static size_t table_bytes(const struct table *table)
{
    return table->given * sizeof(uint64_t) + table->slot_count * sizeof(uint32_t);
}

/* Twice the slots. */
static bool widen(struct table *table)
{
    size_t count = table->slot_count * 2;
    _Atomic uint32_t *old = table->slots;
    _Atomic uint32_t *wide = map(count * sizeof(*wide));
    if (!wide)
        return false;
    madvise(wide, count * sizeof(*wide), MADV_HUGEPAGE);
    table->slots = wide;
    table->slot_count = count;
    for (size_t i = 0; i < count / 2; i++) {
        uint32_t number = atomic_load_explicit(&old[i], memory_order_relaxed);
        if (!number)
            continue;
        size_t slot = slot_of(table, table->values[number - 1]);
        while (atomic_load_explicit(&wide[slot], memory_order_relaxed))
            slot = (slot + 1) & (count - 1);
        atomic_store_explicit(&wide[slot], number, memory_order_relaxed);
    }
    munmap(old, count / 2 * sizeof(*old));
    return true;
}

/* ---- the store ------------------------------------------------------------------------------- */

struct hs_store *hs_store_new(unsigned words, unsigned threads, size_t memory)
{
    assert(words >= 1 && words <= HS_STORE_WORDS_MAX);
    assert(threads >= 1 && threads <= HS_STORE_THREADS_MAX);
    struct hs_store *store = calloc(1, sizeof(*store));
    if (!store)
        return NULL;
    store->words = words;
    store->threads = threads;
    store->memory = memory;
    if (!open_table(&store->inner, (size_t)1 << 16) ||
        !open_table(&store->roots, (size_t)1 << 18)) {
        hs_store_free(store);
        return NULL;
    }
    return store;
}

void hs_store_free(struct hs_store *store)
{
    if (!store)
        return;
    close_table(&store->inner);
    close_table(&store->roots);
    free(store);
}

size_t hs_store_bytes(const struct hs_store *store)
{
    return table_bytes(&store->inner) + table_bytes(&store->roots);
}

static uint64_t pair(uint32_t left, uint32_t right)
{
    return (uint64_t)left << 32 | right;
}

/* Number the leaf or node at `at`, unless the parent has it already. */
static enum hs_put number_node(struct hs_store *store, unsigned thread, uint64_t value,
    bool same_as_parent, const struct hs_tree *parent, struct hs_tree *tree, unsigned at)
{
    if (same_as_parent) {
        tree->nodes[at] = parent->nodes[at];
        return HS_PUT_KNOWN;
    }
    return intern(&store->inner, thread, value, &tree->nodes[at]);
}

enum hs_put hs_store_root(struct hs_store *store, unsigned thread, const struct hs_tree *parent,
    struct hs_tree *tree, uint64_t *root)
{
    unsigned width = store->words;
    unsigned below = 0; /* where the level below begins */
    for (unsigned i = 0; i < width; i++) {
        bool same = parent && parent->words[i] == tree->words[i];
        if (number_node(store, thread, tree->words[i], same, parent, tree, i) == HS_PUT_FULL)
            return HS_PUT_FULL;
    }
    while (width > 2) {
        unsigned here = below + width;
        for (unsigned i = 0; i < width / 2; i++) {
            const uint32_t *child = &tree->nodes[below + 2 * i];
            bool same = parent && parent->nodes[below + 2 * i] == child[0] &&
                        parent->nodes[below + 2 * i + 1] == child[1];
            if (number_node(store, thread, pair(child[0], child[1]), same, parent, tree,
                    here + i) == HS_PUT_FULL)
                return HS_PUT_FULL;
        }
        if (width % 2) /* an odd one goes up as it is */
            tree->nodes[here + width / 2] = tree->nodes[below + width - 1];
        below = here;
        width = (width + 1) / 2;
    }
    uint32_t right = width == 2 ? tree->nodes[below + 1] : 0;
    *root = pair(tree->nodes[below], right);
    __builtin_prefetch(&store->roots.slots[slot_of(&store->roots, *root)]);
    return HS_PUT_KNOWN;
}

void hs_store_look_ahead(const struct hs_store *store, uint64_t root)
{
    const struct table *roots = &store->roots;
    uint32_t number =
        atomic_load_explicit(&roots->slots[slot_of(roots, root)], memory_order_relaxed);
    if (number)
        __builtin_prefetch(&roots->values[number - 1]);
}

enum hs_put hs_store_put_root(
    struct hs_store *store, unsigned thread, uint64_t root, uint32_t *number)
{
    return intern(&store->roots, thread, root, number);
}

enum hs_put hs_store_put(struct hs_store *store, unsigned thread, const struct hs_tree *parent,
    struct hs_tree *tree, uint32_t *number)
{
    uint64_t root;
    if (hs_store_root(store, thread, parent, tree, &root) == HS_PUT_FULL)
        return HS_PUT_FULL;
    return hs_store_put_root(store, thread, root, number);
}

bool hs_store_get(const struct hs_store *store, uint32_t number, struct hs_tree *tree)
{
    unsigned widths[16];
    unsigned begins[16];
    unsigned levels = 1;
    uint64_t root = store->roots.values[number];
    if (root == gap)
        return false;
    widths[0] = store->words;
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
    for (unsigned i = 0; i < store->words; i++)
        tree->words[i] = store->inner.values[tree->nodes[i]];
    return true;
}

uint32_t hs_store_close_level(struct hs_store *store)
{
    for (unsigned thread = 0; thread < store->threads; thread++) {
        struct reserve *reserve = &store->roots.reserves[thread];
        while (reserve->next < reserve->end)
            store->roots.values[reserve->next++] = gap;
    }
    return store->roots.given;
}

bool hs_store_grow(struct hs_store *store)
{
    struct table *tables[] = {&store->inner, &store->roots};
    for (unsigned i = 0; i < 2; i++) {
        struct table *table = tables[i];
        if (!is_full(table))
            continue;
        size_t more = table->slot_count * 2 * sizeof(uint32_t);
        if (table->given > VALUES_MAX - BLOCK || hs_store_bytes(store) + more > store->memory ||
            !widen(table))
            return false;
    }
    return hs_store_bytes(store) <= store->memory;
}
