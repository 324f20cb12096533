/* SPDX-License-Identifier: BSD-3-Clause */
/* Rows and columns of presets that are alike. */
#include "matrix_shape.h"

#include "proof.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ---- what people run today --------------------------------------------------------------------
 *
 * Names say it: linux-6.1 is a release of linux, linux-6.1+pipelined-ack is more than that, and
 * what has no version is no release.  Of families the order of the presets decides.
 */

/* Where the version begins in a name; its end if there is none. */
static const char *version_of(const char *name)
{
    const char *at = name;
    while (*at && !(at > name && at[-1] == '-' && isdigit((unsigned char)*at)))
        at++;
    return at;
}

static bool are_kin(const struct hs_preset *a, const struct hs_preset *b)
{
    size_t length = (size_t)(version_of(a->name) - a->name);
    return length == (size_t)(version_of(b->name) - b->name) &&
           strncmp(a->name, b->name, length) == 0;
}

/* Positive if the version of `a` is the newer one. */
static int compare_versions(const struct hs_preset *a, const struct hs_preset *b)
{
    char *left = NULL;
    char *right = NULL;
    long major = strtol(version_of(a->name), &left, 10) - strtol(version_of(b->name), &right, 10);
    if (major != 0 || *left != '.' || *right != '.')
        return (int)major;
    return (int)(strtol(left + 1, NULL, 10) - strtol(right + 1, NULL, 10));
}

static bool is_more(const struct hs_preset *preset)
{
    return strchr(preset->name, '+') != NULL;
}

/* Does `a` come before `b`, which stands after it in the matrix, as things are?  Otherwise they
 * change places, if they are kin or one of them is in no pair. */
static bool comes_first(const struct hs_preset *a, const struct hs_preset *b)
{
    if (!a->needs != !b->needs)
        return !a->needs;
    if (!are_kin(a, b))
        return true;
    if (is_more(a) != is_more(b))
        return !is_more(a);
    return compare_versions(a, b) >= 0;
}

static void put_in_order(const struct hs_preset *const *presets, unsigned count, unsigned *order)
{
    for (unsigned i = 0; i < count; i++) {
        unsigned at = i;
        for (; at > 0 && !comes_first(presets[order[at - 1]], presets[i]); at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
}

/* ---- what is alike ----------------------------------------------------------------------------
 */

/* Does the table show the same of two cells? */
static bool show_same(const struct hs_cell *a, const struct hs_cell *b)
{
    if (a->lacks || b->lacks)
        return a->lacks && b->lacks;
    for (unsigned p = 0; p < HS_PROPERTY_COUNT; p++) {
        if (hs_evidence_verdict(&a->evidence, p) != hs_evidence_verdict(&b->evidence, p))
            return false;
    }
    return true;
}

static bool guests_are_alike(const struct hs_matrix *matrix, unsigned a, unsigned b)
{
    for (unsigned h = 0; h < matrix->host_count; h++) {
        if (!show_same(hs_matrix_cell(matrix, a, h), hs_matrix_cell(matrix, b, h)))
            return false;
    }
    return true;
}

static bool hosts_are_alike(const struct hs_matrix *matrix, unsigned a, unsigned b)
{
    for (unsigned g = 0; g < matrix->guest_count; g++) {
        if (!show_same(hs_matrix_cell(matrix, g, a), hs_matrix_cell(matrix, g, b)))
            return false;
    }
    return true;
}

/* Share out presets, in this order; returns how many groups there are. */
static unsigned share_out(const struct hs_matrix *matrix, const unsigned *order, unsigned count,
    bool (*are_alike)(const struct hs_matrix *matrix, unsigned a, unsigned b),
    struct hs_alike *groups)
{
    unsigned used = 0;
    for (unsigned i = 0; i < count; i++) {
        unsigned group = 0;
        while (group < used &&
               !(matrix->is_overview && are_alike(matrix, groups[group].members[0], order[i])))
            group++;
        if (group == used)
            groups[used++].count = 0;
        groups[group].members[groups[group].count++] = order[i];
    }
    return used;
}

void hs_matrix_shape(const struct hs_matrix *matrix, struct hs_shape *shape)
{
    unsigned guests[HS_MATRIX_SIDE_MAX];
    unsigned hosts[HS_MATRIX_SIDE_MAX];
    for (unsigned i = 0; i < HS_MATRIX_SIDE_MAX; i++)
        guests[i] = hosts[i] = i;
    if (matrix->is_overview) {
        put_in_order(matrix->guests, matrix->guest_count, guests);
        put_in_order(matrix->hosts, matrix->host_count, hosts);
    }
    shape->guest_count =
        share_out(matrix, guests, matrix->guest_count, guests_are_alike, shape->guests);
    shape->host_count = share_out(matrix, hosts, matrix->host_count, hosts_are_alike, shape->hosts);
}

const struct hs_cell *hs_shape_cell(
    const struct hs_matrix *matrix, const struct hs_shape *shape, unsigned row, unsigned column)
{
    return hs_matrix_cell(matrix, shape->guests[row].members[0], shape->hosts[column].members[0]);
}
