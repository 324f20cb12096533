/* SPDX-License-Identifier: BSD-3-Clause */
/* Which properties are no question: of a proof, and in a world. */
#ifndef HS_QUESTIONS_H
#define HS_QUESTIONS_H

#include "text.h"
#include "world.h"

/* Can a proof decide the property?  Not those of all continuations: whether a state has a way out
 * is not preserved by allowing more steps. */
bool hs_proof_covers(unsigned property);
/* What to do instead; behind the name of the property. */
#define HS_NO_PROOF                                                               \
    "no proof decides it; a search within limits does (explore: none-within, or " \
    "sometimes)"

enum { HS_LACKS_SIZE = 512 }; /* room for what any world lacks */
/* What the world lacks, so that nothing in it can break the property: "writes or dma, and rounds".
 * Nothing, if it is a question there. */
void hs_lacks_add(const struct hs_config *config, enum hs_property property, struct hs_text *text);

#endif
