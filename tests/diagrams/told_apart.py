# SPDX-License-Identifier: BSD-3-Clause
"""Which scenario tells which presets apart, from what each preset makes of each schedule."""

import collections
import itertools
import os.path
import string

SAME = "="
REFUSED = "refused"


class Schedule:
    """One member of a scenario, with each preset of one side in place of its own."""

    def __init__(self, path, own):
        self.path, self.own = path, own
        self.outcomes = {}
        self.alike = set()  # pairs whose outcomes say nothing: one run is a run of both

    def kind(self, pair):
        """What it says of a pair: 2, two verdicts; 1, one of the two cannot take these steps; 0, nothing."""
        outcomes = {self.outcomes[name] for name in pair}
        if len(outcomes) == 1 or pair in self.alike:
            return 0
        return 1 if REFUSED in outcomes else 2


class Side:
    """The presets of one side, in their order, and for each pair a schedule that tells them apart."""

    def __init__(self, side, presets, rules, lines):
        self.names = [preset["name"] for preset in presets if preset["side"] == side]
        self.schedules = {}
        for what, where, member, *rest in lines:
            if where != side:
                continue
            if what == "outcome":
                path, own, preset, outcome = rest
                schedule = self.schedules.setdefault(member, Schedule(path, own))
                schedule.outcomes[preset] = outcome
            else:
                self.schedules[member].alike.add(tuple(rest))
        usual = {rule["name"]: rule["default"] for rule in rules if rule["side"] == side}
        self.values = {
            preset["name"]: (preset["hints"], usual | {row["rule"]: row["value"] for row in preset["rules"]})
            for preset in presets if preset["side"] == side
        }
        said = {row["rule"] for preset in presets for row in preset["rules"]}
        self.unsaid = [name for name in usual if name not in said]
        pairs = list(itertools.combinations(self.names, 2))
        self.same = [(a, b) for a, b in pairs if self.values[a] == self.values[b]]
        self.told = self.choose([pair for pair in pairs if pair not in set(self.same)])

    def choose(self, pairs):
        """Few schedules that serve all pairs: each time the one that serves most; two verdicts rather
        than a refusal."""
        best = {pair: max(s.kind(pair) for s in self.schedules.values()) for pair in pairs}
        told = {pair: None for pair in pairs if not best[pair]}
        left = [pair for pair in pairs if best[pair]]
        serves = {member: {pair for pair in left if s.kind(pair) == best[pair]}
                  for member, s in self.schedules.items()}
        while len(told) < len(pairs):
            member = max(serves, key=lambda name: len(serves[name] - told.keys()))
            told.update((pair, member) for pair in serves[member] - told.keys())
        return told

    def untold(self):
        return [pair for pair, member in self.told.items() if member is None]

    def chosen(self):
        """The schedules that were chosen, each with its letter."""
        members = dict.fromkeys(self.told[pair] for pair in sorted(self.told, key=self.place)
                                if self.told[pair])
        assert len(members) <= len(string.ascii_letters)
        return dict(zip(members, string.ascii_letters))

    def place(self, pair):
        return [self.names.index(name) for name in pair]

    def numbers(self, names):
        """The presets' numbers, as 1-3, 5."""
        parts = []
        for number in sorted(self.names.index(name) + 1 for name in names):
            if parts and parts[-1][1] == number - 1:
                parts[-1][1] = number
            else:
                parts.append([number, number])
        return ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in parts)

    def closest(self, pair):
        """The schedule that says most of two neighbours: two verdicts, with one of the two at home."""
        def rank(member):
            schedule = self.schedules[member]
            return -schedule.kind(pair), schedule.own not in pair, member
        member = min(self.schedules, key=rank)
        return member if self.schedules[member].kind(pair) else None


def link(member, path):
    return f"[{member}](../scenarios/{path.partition('scenarios/')[2]})"


def neighbours_rows(side):
    """Each preset beside the one before it."""
    for pair in zip(side.names, side.names[1:]):
        if pair in side.same:
            yield [*pair, "", "differ in nothing that is modelled", ""]
            continue
        member = side.closest(pair)
        if member:
            schedule = side.schedules[member]
            yield [*pair, link(member, schedule.path), *(schedule.outcomes[name] for name in pair)]


def schedules_rows(side):
    for member, letter in side.chosen().items():
        schedule = side.schedules[member]
        groups = collections.defaultdict(list)
        for name in side.names:
            groups[schedule.outcomes[name]].append(name)
        outcomes = [f"{outcome}: {side.numbers(names)}" for outcome, names in groups.items()]
        yield [letter, link(member, schedule.path), "; ".join(outcomes)]


def pairs_rows(side):
    """For each pair a letter: the row's preset and the column's."""
    letters = side.chosen()
    same = set(side.same)
    for row, name in enumerate(side.names):
        pairs = [(other, name) for other in side.names[:row]]
        cells = [SAME if pair in same else letters.get(side.told[pair], "?") for pair in pairs]
        yield [f"{row + 1} {name}", *cells, *[""] * (len(side.names) - 1 - row)]


def same_text(side):
    """The presets that differ in nothing, in groups."""
    groups = []
    for a, b in side.same:
        for group in groups:
            if a in group:
                group += [b] if b not in group else []
                break
        else:
            groups.append([a, b])
    lines = ["- " + ", ".join(f"`{name}`" for name in group) for group in groups]
    return "\n".join(lines) if lines else "None."


def read(path, presets, rules, program):
    """Both sides, from what `program` prints of the scenarios at `path`."""
    lines = [line.split("\t") for line in program(os.path.join(path, "scenarios")).splitlines()]
    return {side: Side(side, presets, rules, lines) for side in ("guest", "host")}
