/* SPDX-License-Identifier: BSD-3-Clause */
/* Which QEMU this is, and which preset of a host stands for it. */
#ifndef HS_STAND_IN_H
#define HS_STAND_IN_H

#include "qemu.h"

struct hs_version {
    unsigned major;
    unsigned minor;
    unsigned micro;
};

/* Ask the command for its version.  False, with `error`: it cannot be run, or is no QEMU. */
bool hs_qemu_version(const char *command, struct hs_version *version, struct hs_error *error);

/* The host of the model that stands for a QEMU. */
struct hs_stand_in {
    const char *preset;
    const char *rule;  /* that differs from the preset's, or NULL */
    const char *value; /* its value */
};

/* What stands for this version, accelerator, transport and size of RAM.  NULL: nothing does. */
const struct hs_stand_in *hs_stand_in_find(const struct hs_version *version,
    enum hs_accelerator accelerator, const struct hs_transport *transport, bool has_odd_ram);

#endif
