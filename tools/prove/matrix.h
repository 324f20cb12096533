/* Verdicts for guests times hosts, proved on several processors, the same however many there are.
 */
#ifndef HS_MATRIX_H
#define HS_MATRIX_H

#include "pair.h"
#include "settle.h"

enum { HS_MATRIX_SIDE_MAX = 64 };

struct hs_cell {
    struct hs_pair pair;
    char name[96]; /* guest+host */
    struct hs_settled settled;
    unsigned same_as; /* the cell whose sweep this one's rules make its own; itself, usually */
    unsigned number;  /* the pair's, from 1: the same in every matrix (hs_pair_number) */
};

struct hs_matrix {
    const struct hs_preset *guests[HS_MATRIX_SIDE_MAX];
    const struct hs_preset *hosts[HS_MATRIX_SIDE_MAX];
    unsigned guest_count;
    unsigned host_count;
    uint32_t asked;         /* bit hs_property */
    const char *with;       /* what is in play beside the usual (hs_in_play_set), or NULL */
    struct hs_cell *cells;  /* guest by guest */
    enum hs_search_end end; /* why not every cell was looked at to its end */
};

/* Prove all cells; guests, hosts, and what is asked must be set.  To be closed. */
void hs_matrix_run(struct hs_matrix *matrix, const struct hs_search_options *options);
void hs_matrix_close(struct hs_matrix *matrix);

static inline struct hs_cell *hs_matrix_cell(
    const struct hs_matrix *matrix, unsigned guest, unsigned host)
{
    return &matrix->cells[guest * matrix->host_count + host];
}

/* The rules of `config`, with the default for each rule that nothing reads in its world. */
struct hs_rules hs_rules_that_matter(const struct hs_config *config);

/* Do `count` pieces of work, each once, with `threads` threads. */
void hs_work_in_parallel(
    unsigned threads, unsigned count, void (*work)(void *context, unsigned index), void *context);

#endif
