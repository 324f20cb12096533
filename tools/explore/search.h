/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The search engine: every state that can be reached, breadth-first and exact, by several threads.
 * States are opaque words; what they mean is the caller's.
 */
#ifndef HS_SEARCH_H
#define HS_SEARCH_H

#include "kind_set.h"
#include "store.h"

enum { HS_FLAGS = 32, HS_LABELS_MAX = 4096 };
enum { HS_NO_THING = INT32_MAX };

/* What is searched.  The functions are called by several threads at once and only read `context`.
 */
struct hs_graph {
    unsigned words; /* of a state, 1..HS_STORE_WORDS_MAX */
    void *context;
    /* The bits of a state that may ever be set: they alone are stored.  NULL: any may. */
    void (*used)(void *context, uint64_t *bits);
    /* The steps that are enabled in a state, in a fixed order; returns how many, at most
     * HS_LABELS_MAX. */
    unsigned (*list)(void *context, const void *state, uint32_t *labels);
    /* Take a step: changes `state`. */
    void (*take)(void *context, void *state, uint32_t label);
    /* What holds in a state whose enabled steps are `labels`: a bit each. */
    uint32_t (*flags)(void *context, const void *state, const uint32_t *labels, unsigned count);
    /* Which kind of step a label is, below HS_KINDS_MAX: for the steps that never fired. */
    unsigned (*kind)(uint32_t label);
    /* Whose step a label is. */
    unsigned (*actor)(uint32_t label);
    /* Will the step be taken sooner or later, whatever the world outside does? */
    bool (*is_duty)(uint32_t label);
    /* Reduction: replace a state by the one that stands for all states like it, from which the
     * same flags can be reached in as many steps.  NULL: every state stands for itself. */
    void (*canonical)(void *context, void *state);
    /* Which of the things that may stand for each other a label is about, or HS_NO_THING.  NULL:
     * there are no such things. */
    unsigned (*thing)(uint32_t label);
    /* The graph whose steps make up the runs, if a step of this one may take several of them, all
     * but the last between states that `canonical` takes for one.  NULL: itself. */
    const struct hs_graph *finer;
};

/* An empty store for the states of a graph; NULL if there is no memory for it. */
struct hs_store *hs_graph_store(const struct hs_graph *graph, unsigned threads, size_t memory);

enum hs_search_end {
    HS_SEARCH_COMPLETE,
    HS_SEARCH_OUT_OF_MEMORY,
    HS_SEARCH_TIMED_OUT,
    HS_SEARCH_INTERRUPTED,
    HS_SEARCH_ENOUGH, /* the caller knows what it wanted to know */
};

struct hs_search;
struct hs_search_options {
    unsigned threads;                                 /* 1..HS_THREADS_MAX */
    size_t memory;                                    /* bytes that the search may use */
    double timeout;                                   /* seconds; 0: none */
    unsigned end_flag;                                /* which flag marks the end of a run */
    const volatile int *interrupted;                  /* not 0: stop soon; may be NULL */
    void (*progress)(const struct hs_search *search); /* about once a second; may be NULL */
    /* Asked after each level: is what was found enough?  May be NULL. */
    bool (*enough)(const struct hs_search *search, const void *context);
    const void *context;
};

/* What a search found; grows while it runs. */
struct hs_search {
    enum hs_search_end end;
    uint64_t distinct;  /* states */
    uint64_t generated; /* steps taken, each leads to a state */
    uint64_t waiting;   /* states found and not yet looked at */
    unsigned depth;     /* of the level that was looked at last */
    size_t bytes;
    double seconds;
    struct hs_kind_set fired;     /* taken at least once */
    uint64_t states[HS_FLAGS];    /* states in which the flag holds */
    uint64_t ends;                /* different states that end a run */
    uint64_t ends_with[HS_FLAGS]; /* of those, in which the flag holds */
    struct hs_store *store;
};

/* Search everything that can be reached from `start`.  The result is to be closed. */
void hs_search_run(const struct hs_graph *graph, const void *start,
    const struct hs_search_options *options, struct hs_search *search);
void hs_search_close(struct hs_search *search);

/* A question of what may follow: from a state with `flag`, can duties alone lead to one with `end`,
 * through states with `along`? */
struct hs_hope {
    unsigned flag;
    unsigned along; /* holds where `flag` does */
    unsigned end;   /* HS_FLAGS: to one without `along` */
    unsigned but;   /* kind of step that is no part of a way; HS_KINDS_MAX: all are */
};

/*
 * For a complete search: from which states with the flag can they never?  Returns how many, and in
 * `*set` a bit for each place of the store; the caller frees it.  NULL if memory does not suffice.
 */
uint64_t hs_search_stuck(const struct hs_graph *graph, const struct hs_search *search,
    const struct hs_hope *hope, uint64_t **set);

/* Is the state at that place of the store in a set as hs_search_stuck returns it? */
static inline bool hs_set_has(const uint64_t *set, size_t place)
{
    return set[place / 64] >> (place % 64) & 1u;
}

#endif
