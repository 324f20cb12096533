# SPDX-License-Identifier: BSD-3-Clause
"""Which smallest sets of changed rules make a property Never?

Each set of the candidates is proved by itself, from none to all; sets that contain one that suffices are
not asked about.
"""

import itertools


def rule_of(change):
    return change.split("=")[0]


def is_one_choice(changes):
    """No rule is changed twice."""
    return len({rule_of(change) for change in changes}) == len(changes)


def smallest_sets(oracle, guest, host, prop, candidates, in_play=(), always=()):
    """The sets with which no run breaks `prop`; of each other set a run is known that does.

    `always` is changed in any case.

    `candidates` are rules as --rule takes them.  [()] if nothing need be changed, [] if all of them
    together are not enough.
    """
    found = []
    for size in range(len(candidates) + 1):
        asked = [changes for changes in itertools.combinations(candidates, size)
                 if is_one_choice(changes) and not any(set(one) <= set(changes) for one in found)]
        verdicts = oracle.prove_all([(guest, host, prop, (*always, *changes), in_play) for changes in asked])
        found += [changes for changes, verdict in zip(asked, verdicts) if verdict == "Never"]
    return found
