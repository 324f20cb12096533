/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The search goes from the strongest combination of which nothing is known down: an unsafe one
 * says that all weaker ones are, a safe one is weakened until every step further is unsafe, which
 * gives a minimal one and says that all stronger ones are safe.
 */
#include "lattice.h"

#include "scenario.h"

#include <stdlib.h>
#include <string.h>

/* ---- combinations -----------------------------------------------------------------------------
 */

static unsigned weight(const struct hs_lattice *lattice, unsigned index)
{
    unsigned product = 1;
    for (unsigned i = 0; i < index; i++)
        product *= lattice->members[i].count;
    return product;
}

unsigned hs_lattice_value(const struct hs_lattice *lattice, unsigned combination, unsigned index)
{
    return combination / weight(lattice, index) % lattice->members[index].count;
}

unsigned hs_lattice_with(
    const struct hs_lattice *lattice, unsigned combination, unsigned index, unsigned value)
{
    unsigned was = hs_lattice_value(lattice, combination, index);
    return combination + value * weight(lattice, index) - was * weight(lattice, index);
}

static unsigned guarantees(const struct hs_lattice *lattice, unsigned combination, unsigned index)
{
    return lattice->members[index].guarantees[hs_lattice_value(lattice, combination, index)];
}

bool hs_lattice_covers(const struct hs_lattice *lattice, unsigned a, unsigned b)
{
    for (unsigned i = 0; i < lattice->count; i++) {
        if (guarantees(lattice, b, i) & ~guarantees(lattice, a, i))
            return false;
    }
    return true;
}

static unsigned strength(const struct hs_lattice *lattice, unsigned combination)
{
    unsigned sum = 0;
    for (unsigned i = 0; i < lattice->count; i++)
        sum += (unsigned)__builtin_popcount(guarantees(lattice, combination, i));
    return sum;
}

static bool is_weaker(const struct hs_member *member, unsigned a, unsigned b)
{
    unsigned few = member->guarantees[a];
    unsigned many = member->guarantees[b];
    return few != many && !(few & ~many);
}

bool hs_member_steps_down(const struct hs_member *member, unsigned value, unsigned weaker)
{
    if (!is_weaker(member, weaker, value))
        return false;
    for (unsigned v = 0; v < member->count; v++) {
        if (is_weaker(member, weaker, v) && is_weaker(member, v, value))
            return false;
    }
    return true;
}

/* Call `visit` for every combination that is one step weaker (or stronger). */
static void each_neighbour(struct hs_lattice *lattice, unsigned combination, bool down,
    void (*visit)(struct hs_lattice *lattice, unsigned neighbour, void *argument), void *argument)
{
    for (unsigned i = 0; i < lattice->count; i++) {
        const struct hs_member *member = &lattice->members[i];
        unsigned value = hs_lattice_value(lattice, combination, i);
        for (unsigned v = 0; v < member->count; v++) {
            if (down ? hs_member_steps_down(member, value, v)
                     : hs_member_steps_down(member, v, value))
                visit(lattice, hs_lattice_with(lattice, combination, i, v), argument);
        }
    }
}

/* ---- asking, and inferring --------------------------------------------------------------------
 */

static bool is_safe(uint8_t known)
{
    return known == HS_KNOWN_SAFE || known == HS_INFERRED_SAFE;
}

static bool is_asked(uint8_t known)
{
    return known == HS_KNOWN_SAFE || known == HS_KNOWN_UNSAFE;
}

/* An answer that contradicts an earlier one: remember the pair that shows it. */
static void note_violation(struct hs_lattice *lattice, unsigned combination, bool safe)
{
    if (!lattice->monotone)
        return;
    for (unsigned other = 0; other < lattice->combinations; other++) {
        uint8_t known = lattice->known[other];
        unsigned stronger = safe ? other : combination;
        unsigned weaker = safe ? combination : other;
        if (is_asked(known) && is_safe(known) != safe &&
            hs_lattice_covers(lattice, stronger, weaker)) {
            lattice->monotone = false;
            lattice->stronger = stronger;
            lattice->weaker = weaker;
            return;
        }
    }
}

/* Ask, whatever was inferred. */
static void ask(struct hs_lattice *lattice, unsigned combination)
{
    uint8_t *known = &lattice->known[combination];
    if (is_asked(*known) || *known == HS_KNOWN_TOO_LARGE)
        return;
    lattice->asked++;
    switch (lattice->judge(lattice->context, combination)) {
    case HS_SAFE:
        *known = HS_KNOWN_SAFE;
        break;
    case HS_UNSAFE:
        *known = HS_KNOWN_UNSAFE;
        break;
    case HS_TOO_LARGE:
        lattice->too_large++;
        if (*known == HS_KNOWN_NOT)
            *known = HS_KNOWN_TOO_LARGE; /* what was inferred still stands */
        return;
    }
    note_violation(lattice, combination, is_safe(*known));
}

static void infer(struct hs_lattice *lattice, unsigned combination)
{
    bool safe = is_safe(lattice->known[combination]);
    if (lattice->known[combination] == HS_KNOWN_TOO_LARGE)
        return;
    for (unsigned other = 0; other < lattice->combinations; other++) {
        if (lattice->known[other] != HS_KNOWN_NOT && lattice->known[other] != HS_KNOWN_TOO_LARGE)
            continue;
        if (safe && hs_lattice_covers(lattice, other, combination))
            lattice->known[other] = HS_INFERRED_SAFE;
        if (!safe && hs_lattice_covers(lattice, combination, other))
            lattice->known[other] = HS_INFERRED_UNSAFE;
    }
}

static bool answer(struct hs_lattice *lattice, unsigned combination)
{
    if (lattice->known[combination] == HS_KNOWN_NOT) {
        ask(lattice, combination);
        infer(lattice, combination);
    }
    return is_safe(lattice->known[combination]);
}

/* ---- the search -------------------------------------------------------------------------------
 */

/* The strongest combination of which nothing is known, the first of equals; or the number of
 * combinations. */
static unsigned strongest_open(const struct hs_lattice *lattice)
{
    unsigned best = lattice->combinations;
    unsigned most = 0;
    for (unsigned i = 0; i < lattice->combinations; i++) {
        if (lattice->known[i] != HS_KNOWN_NOT)
            continue;
        unsigned sum = strength(lattice, i);
        if (best == lattice->combinations || sum > most) {
            best = i;
            most = sum;
        }
    }
    return best;
}

static void step_down_if_safe(struct hs_lattice *lattice, unsigned neighbour, void *argument)
{
    unsigned *next = argument;
    if (*next == lattice->combinations && answer(lattice, neighbour))
        *next = neighbour;
}

/* Weaken as long as that is safe. */
static void descend(struct hs_lattice *lattice, unsigned combination)
{
    unsigned next = combination;
    while (next != lattice->combinations) {
        combination = next;
        next = lattice->combinations;
        each_neighbour(lattice, combination, true, step_down_if_safe, &next);
    }
}

static void ask_neighbour(struct hs_lattice *lattice, unsigned neighbour, void *argument)
{
    (void)argument;
    ask(lattice, neighbour);
}

static void clear_if_safe(struct hs_lattice *lattice, unsigned neighbour, void *argument)
{
    bool *minimal = argument;
    *minimal = *minimal && !is_safe(lattice->known[neighbour]);
}

static void list_minimal(struct hs_lattice *lattice)
{
    lattice->minimal_count = 0;
    for (unsigned i = 0; i < lattice->combinations; i++) {
        bool minimal = is_safe(lattice->known[i]);
        if (minimal)
            each_neighbour(lattice, i, true, clear_if_safe, &minimal);
        if (minimal)
            lattice->minimal[lattice->minimal_count++] = i;
    }
}

/* Numbers that look random and are the same everywhere. */
static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Ask about all neighbours of what was found, and about a sample of what was inferred. */
static void check(struct hs_lattice *lattice)
{
    uint32_t seed = 1;
    for (unsigned i = 0; i < lattice->minimal_count; i++) {
        ask(lattice, lattice->minimal[i]);
        each_neighbour(lattice, lattice->minimal[i], true, ask_neighbour, NULL);
        each_neighbour(lattice, lattice->minimal[i], false, ask_neighbour, NULL);
    }
    for (unsigned i = 0; i < lattice->samples; i++)
        ask(lattice, next_random(&seed) % lattice->combinations);
}

/* Nothing can be inferred after all: what was is forgotten, and asked. */
static void ask_all(struct hs_lattice *lattice)
{
    for (unsigned i = 0; i < lattice->combinations; i++) {
        uint8_t *known = &lattice->known[i];
        if (*known == HS_INFERRED_SAFE || *known == HS_INFERRED_UNSAFE)
            *known = HS_KNOWN_NOT;
        ask(lattice, i);
    }
}

void hs_lattice_search(struct hs_lattice *lattice)
{
    lattice->combinations = weight(lattice, lattice->count);
    assert(lattice->combinations <= HS_COMBINATIONS_MAX);
    lattice->known = hs_must(calloc(lattice->combinations, sizeof(*lattice->known)));
    lattice->minimal = hs_must(calloc(lattice->combinations, sizeof(*lattice->minimal)));
    lattice->asked = lattice->too_large = 0;
    lattice->monotone = true;
    unsigned open;
    while ((open = strongest_open(lattice)) != lattice->combinations) {
        if (answer(lattice, open))
            descend(lattice, open);
    }
    list_minimal(lattice);
    check(lattice);
    if (!lattice->monotone)
        ask_all(lattice);
    list_minimal(lattice);
}

void hs_lattice_close(struct hs_lattice *lattice)
{
    free(lattice->known);
    free(lattice->minimal);
}
