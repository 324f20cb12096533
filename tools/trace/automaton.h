/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sets of states of the abstraction, read letter by letter: which states can one page be in, after
 * what was seen of it?  Between two letters any hidden steps are taken.  A set, and what a letter
 * makes of it, is found once; so a story costs little if its beginning was read before.
 */
#ifndef HS_AUTOMATON_H
#define HS_AUTOMATON_H

#include "letters.h"

struct hs_automaton;
/* A set of states, by number. */
typedef uint32_t hs_set;
enum { HS_SET_EMPTY = 0 };

/* For the worlds with the rules of `config`, which must outlive it; an event that is not in
 * `recorded` (bit hs_event_kind) is never seen, so that steps which show it are hidden. */
struct hs_automaton *hs_automaton_new(const struct hs_config *config, uint32_t recorded);
void hs_automaton_free(struct hs_automaton *automaton);

/* The states before anything was seen: at the start of everything; or, if `in_middle`, after
 * anything. */
hs_set hs_automaton_start(struct hs_automaton *automaton, bool in_middle);
/* The states behind a letter, hidden steps included. */
hs_set hs_automaton_read(struct hs_automaton *automaton, hs_set set, enum hs_letter letter);
/* What a write of the page, by the guest or a device, makes of these states, if it comes now:
 * hidden steps before and after it, but no other write.  And the states behind a letter, without a
 * write. */
hs_set hs_automaton_write(struct hs_automaton *automaton, hs_set set);
hs_set hs_automaton_read_quietly(struct hs_automaton *automaton, hs_set set, enum hs_letter letter);
/* Those in which the step that led there broke `property`, and what follows without a write. */
hs_set hs_automaton_broken(struct hs_automaton *automaton, hs_set set, enum hs_property property);
/* Those in which a write has left no record (hs_page_is_unrecorded). */
hs_set hs_automaton_unrecorded(struct hs_automaton *automaton, hs_set set);
/* All that is in one or the other. */
hs_set hs_automaton_join(struct hs_automaton *automaton, hs_set one, hs_set other);

/* How many states a set has; and the `index`th, valid until the next call of any of these. */
uint32_t hs_automaton_size(const struct hs_automaton *automaton, hs_set set);
struct hs_world hs_automaton_world(struct hs_automaton *automaton, hs_set set, uint32_t index);

#endif
