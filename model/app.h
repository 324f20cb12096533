/*
 * The application: allocates, writes, reads and frees single pages; on the source, and once the
 * destination runs, there.
 */
#ifndef HS_APP_H
#define HS_APP_H

#include "refusal.h"

#include <stdbool.h>

struct hs_world;

bool hs_app_can_allocate(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_app_allocate(struct hs_world w, unsigned p);
bool hs_app_can_write(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_app_write(struct hs_world w, unsigned p);
bool hs_app_can_free(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_app_free(struct hs_world w, unsigned p);
bool hs_app_can_read(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_app_read(struct hs_world w, unsigned p);
bool hs_destination_can_read(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_destination_read(struct hs_world w, unsigned p);
bool hs_destination_can_write(struct hs_world w, unsigned p, struct hs_refusal *why);
void hs_destination_write(struct hs_world w, unsigned p);

#endif
