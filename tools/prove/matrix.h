/* SPDX-License-Identifier: BSD-3-Clause */
/* Evidence on guests times hosts, gathered by several processors, the same however many there are.
 */
#ifndef HS_MATRIX_H
#define HS_MATRIX_H

#include "evidence.h"
#include "expected_cells.h"
#include "pair.h"

enum { HS_MATRIX_SIDE_MAX = 64 };

struct hs_cell {
    struct hs_pair pair;
    char name[96]; /* GUEST*HOST, as --cell takes it */
    struct hs_evidence evidence;
    const char *lacks; /* what the guest needs and the host does not offer, so that there is no such
                          pair; the evidence is on a host patched to offer it.  Or NULL */
    unsigned same_as;  /* the cell whose sweep this one's rules make its own; itself, usually */
};

struct hs_matrix {
    const struct hs_preset *guests[HS_MATRIX_SIDE_MAX];
    const struct hs_preset *hosts[HS_MATRIX_SIDE_MAX];
    bool is_named[HS_MATRIX_SIDE_MAX]; /* a guest: by its name, so on a host that offers what it
                                          needs */
    unsigned guest_count;
    unsigned host_count;
    uint32_t asked;      /* bit hs_property: of each cell, those that are questions there */
    bool asks_usual;     /* nobody said what */
    bool tells_no_story; /* the runs are not shown, so they need not be shortest, and what is no
                            pair needs no evidence */
    bool is_overview;    /* presets with the same verdicts share a row or column */
    struct hs_in_play in_play;
    struct hs_rules rules; /* in every cell, instead of the presets', those of `is_set` */
    bool is_set[HS_RULE_COUNT];
    const struct hs_expected_cells *expected; /* or NULL */
    struct hs_cell *cells;                    /* guest by guest */
    enum hs_search_end end;                   /* why not every cell was looked at to its end */
};

/* What is asked about unless somebody says otherwise (bit hs_property). */
enum { HS_MATRIX_USUAL = 1 << HS_DIRTY_PAGE_LOST | 1 << HS_PAGE_CORRUPTED | 1 << HS_VALUE_BROKEN };

/* The world of one cell, without evidence.  NULL, or why there is no such world: then its cell must
 * not be gathered for. */
const char *hs_matrix_begin_cell(const struct hs_matrix *matrix, struct hs_cell *cell,
    const struct hs_preset *guest, const struct hs_preset *host);
/* Those of the properties asked about (bit hs_property) that are questions in that cell. */
uint32_t hs_matrix_questions(
    const struct hs_matrix *matrix, const struct hs_preset *guest, const struct hs_preset *host);
/* Gather the evidence of all cells, each of which has a world; guests, hosts, and what is asked
 * must be set.  To be closed. */
void hs_matrix_run(struct hs_matrix *matrix, const struct hs_search_options *options);
void hs_matrix_close(struct hs_matrix *matrix);

static inline struct hs_cell *hs_matrix_cell(
    const struct hs_matrix *matrix, unsigned guest, unsigned host)
{
    return &matrix->cells[guest * matrix->host_count + host];
}

/* The rules of `config`, with the default for each rule that nothing reads in its world. */
struct hs_rules hs_rules_that_matter(const struct hs_config *config);

#endif
