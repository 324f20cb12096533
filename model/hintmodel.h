/*
 * libhintmodel: a reference model of free page hinting.  The one header to include.
 *
 * A test suite of a real driver or device fills a struct hs_config, calls hs_config_finish and
 * hs_world_init, and then mirrors what the real code does with hs_world_enabled and hs_world_take.
 */
#ifndef HINTMODEL_H
#define HINTMODEL_H

#include "world.h"

#endif
