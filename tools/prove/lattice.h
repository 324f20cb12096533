/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * All minimal sufficient combinations of guarantees, with few questions: a member has values, each
 * of which guarantees some things; more guarantees never make a safe combination unsafe.  That is
 * used to leave questions out, and checked on the way; where it does not hold, all are asked.
 * What a member is, and what safe means, is the caller's.
 */
#ifndef HS_LATTICE_H
#define HS_LATTICE_H

#include <stdbool.h>
#include <stdint.h>

enum { HS_MEMBERS_MAX = 16, HS_MEMBER_VALUES_MAX = 4, HS_COMBINATIONS_MAX = 1 << 16 };

/* One thing that can be chosen.  Value 0 guarantees nothing; a value is at least as strong as
 * another if it guarantees all that the other does. */
struct hs_member {
    unsigned count; /* of values, 1..HS_MEMBER_VALUES_MAX */
    uint8_t guarantees[HS_MEMBER_VALUES_MAX];
};

enum hs_known {
    HS_KNOWN_NOT,
    HS_KNOWN_TOO_LARGE, /* asked, without an answer */
    HS_KNOWN_SAFE,      /* asked */
    HS_KNOWN_UNSAFE,    /* asked */
    HS_INFERRED_SAFE,   /* follows, if guarantees do no harm */
    HS_INFERRED_UNSAFE, /* the same */
};

enum hs_safety { HS_SAFE, HS_UNSAFE, HS_TOO_LARGE };

struct hs_lattice {
    const struct hs_member *members;
    unsigned count;
    enum hs_safety (*judge)(void *context, unsigned combination);
    void *context;
    unsigned samples; /* inferred combinations to ask about all the same */
    /* results */
    unsigned combinations;
    unsigned asked;
    unsigned too_large; /* of those, without an answer */
    bool monotone;      /* no answer contradicted what was inferred */
    unsigned weaker;    /* if not: this one is safe, */
    unsigned stronger;  /* and this one, which guarantees more, is not */
    uint8_t *known;     /* enum hs_known, by combination */
    unsigned *minimal;  /* safe, and no weaker neighbour is; ascending */
    unsigned minimal_count;
};

/* Fill in the results.  Members, what is safe, and samples must be set.  To be closed. */
void hs_lattice_search(struct hs_lattice *lattice);
void hs_lattice_close(struct hs_lattice *lattice);

/* The value that member `index` has in a combination. */
unsigned hs_lattice_value(const struct hs_lattice *lattice, unsigned combination, unsigned index);
/* The combination with another value for that member. */
unsigned hs_lattice_with(
    const struct hs_lattice *lattice, unsigned combination, unsigned index, unsigned value);
/* Does `a` guarantee all that `b` does? */
bool hs_lattice_covers(const struct hs_lattice *lattice, unsigned a, unsigned b);
/* Is `weaker` the next weaker value of a member: weaker, with none in between? */
bool hs_member_steps_down(const struct hs_member *member, unsigned value, unsigned weaker);

#endif
