/* SPDX-License-Identifier: BSD-3-Clause */
/* Breadth-first search with an open-addressing table of the states seen. */
#include "reach.h"

#include <stdlib.h>
#include <string.h>

enum { NOBODY = UINT32_MAX, FIRST_ROOM = 64 };

/* How a state was first reached. */
struct origin {
    uint32_t parent; /* index of the state before, or NOBODY */
    uint32_t label;
    uint32_t depth;
};

struct search {
    const struct hs_space *space;
    uint8_t *states; /* in the order in which they were found */
    struct origin *origins;
    uint32_t *table; /* index + 1 of a state, or 0; a power of two of slots */
    size_t slots;
    uint32_t count;
    size_t room; /* for so many states; it grows up to the bound */
    size_t bound;
    uint32_t *labels; /* of the state being expanded */
    void *successor;
};

static void *state_at(const struct search *s, uint32_t index)
{
    return s->states + (size_t)index * s->space->state_size;
}

static uint64_t hash_bytes(const uint8_t *bytes, size_t size)
{
    uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ bytes[i]) * 0x100000001b3u;
    return hash ^ hash >> 32;
}

/* The slot in which the state stands, or the free one where it would. */
static size_t slot_of(const struct search *s, const void *state)
{
    size_t size = s->space->state_size;
    size_t slot = hash_bytes(state, size) & (s->slots - 1);
    while (s->table[slot] && memcmp(state_at(s, s->table[slot] - 1), state, size) != 0)
        slot = (slot + 1) & (s->slots - 1);
    return slot;
}

/* Make room for twice as many states, or for as many as the bound allows: most searches are short.
 */
static bool grow(struct search *s)
{
    size_t room = s->room ? 2 * s->room : FIRST_ROOM;
    if (room > s->bound)
        room = s->bound;
    if (room <= s->room)
        return false;
    uint8_t *states = realloc(s->states, room * s->space->state_size);
    s->states = states ? states : s->states;
    struct origin *origins = realloc(s->origins, room * sizeof(*origins));
    s->origins = origins ? origins : s->origins;
    size_t slots = 16;
    while (slots < 2 * room)
        slots *= 2;
    uint32_t *table = calloc(slots, sizeof(*table));
    if (!states || !origins || !table) {
        free(table);
        return false;
    }
    memset(origins + s->room, 0, (room - s->room) * sizeof(*origins));
    free(s->table);
    s->table = table;
    s->slots = slots;
    s->room = room;
    for (uint32_t i = 0; i < s->count; i++)
        table[slot_of(s, state_at(s, i))] = i + 1;
    return true;
}

/* Remember a state unless it is known.  False if there is no room for it. */
static bool remember(struct search *s, const void *state, struct origin origin)
{
    size_t slot = slot_of(s, state);
    if (s->table[slot])
        return true;
    if (s->count == s->room) {
        if (!grow(s))
            return false;
        slot = slot_of(s, state);
    }
    memcpy(state_at(s, s->count), state, s->space->state_size);
    s->origins[s->count] = origin;
    s->table[slot] = ++s->count;
    return true;
}

static void trace_back(const struct search *s, uint32_t index, struct hs_way *way)
{
    if (!way)
        return;
    way->length = s->origins[index].depth;
    for (uint32_t at = way->length; at > 0; at--) {
        if (at <= HS_WAY_MAX)
            way->labels[at - 1] = s->origins[index].label;
        index = s->origins[index].parent;
    }
}

/* Find all successors of state `index`.  False if there is no room for one. */
static bool expand(struct search *s, uint32_t index)
{
    const struct hs_space *space = s->space;
    unsigned count = space->list(space->context, state_at(s, index), s->labels);
    for (unsigned i = 0; i < count; i++) {
        memcpy(s->successor, state_at(s, index), space->state_size);
        space->take(space->context, s->successor, s->labels[i]);
        struct origin origin = {index, s->labels[i], s->origins[index].depth + 1};
        if (!remember(s, s->successor, origin))
            return false;
    }
    return true;
}

static enum hs_reach search(struct search *s, struct hs_way *way, struct hs_way *other)
{
    uint32_t found = NOBODY;
    bool complete = true;
    for (uint32_t at = 0; at < s->count; at++) {
        uint32_t depth = s->origins[at].depth;
        if (found != NOBODY && depth > s->origins[found].depth)
            break;
        if (s->space->is_goal(s->space->context, state_at(s, at))) {
            trace_back(s, at, found == NOBODY ? way : other);
            if (found != NOBODY)
                break;
            found = at;
        }
        if (found == NOBODY && (depth >= HS_WAY_MAX || !expand(s, at)))
            complete = false;
    }
    return found != NOBODY ? HS_REACHED : complete ? HS_UNREACHABLE : HS_GAVE_UP;
}

/* Everything a search needs, with `start` as its first state. */
static bool begin(struct search *s, const void *start, size_t bound)
{
    s->labels = malloc(s->space->labels * sizeof(*s->labels));
    s->successor = malloc(s->space->state_size);
    s->bound = bound < NOBODY ? bound : NOBODY;
    return s->labels && s->successor && grow(s) &&
           remember(s, start, (struct origin){NOBODY, 0, 0});
}

static void end(struct search *s)
{
    free(s->states);
    free(s->origins);
    free(s->table);
    free(s->labels);
    free(s->successor);
}

enum hs_reach hs_reach(const struct hs_space *space, const void *start, size_t bound,
    struct hs_way *way, struct hs_way *other)
{
    struct search s = {.space = space};
    if (way)
        way->length = 0;
    if (other)
        other->length = 0;
    enum hs_reach answer = begin(&s, start, bound) ? search(&s, way, other) : HS_GAVE_UP;
    end(&s);
    return answer;
}

/* Depth-first: of the states found and not yet expanded, the one found last comes next. */
static enum hs_reach search_any(struct search *s, uint32_t *stack)
{
    uint32_t waiting = 1;
    bool complete = true;
    stack[0] = 0;
    while (waiting) {
        uint32_t at = stack[--waiting];
        if (s->space->is_goal(s->space->context, state_at(s, at)))
            return HS_REACHED;
        uint32_t before = s->count;
        if (!expand(s, at))
            complete = false;
        for (uint32_t found = before; found < s->count; found++)
            stack[waiting++] = found; /* each state is pushed once: the stack has room for all */
    }
    return complete ? HS_UNREACHABLE : HS_GAVE_UP;
}

enum hs_reach hs_reach_any(const struct hs_space *space, const void *start, size_t bound)
{
    struct search s = {.space = space};
    uint32_t *stack = malloc(bound * sizeof(*stack));
    enum hs_reach answer = stack && begin(&s, start, bound) ? search_any(&s, stack) : HS_GAVE_UP;
    end(&s);
    free(stack);
    return answer;
}
