#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Make what spec/ takes from the model: the state diagrams, and the tables in the prose.

A table stands between two comments, `<!-- made: NAME -->` and `<!-- end -->`; the prose around it
is written by hand.  With --check nothing is written, and the exit status is 1 if anything that is
checked in differs from what the model says now.  With --prose nothing is written either, and it is 1
if what is written by hand leaves out a rule, a value, a property, a machine or a step.
"""

import argparse
import functools
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import textwrap

import told_apart

ROOT = pathlib.Path(__file__).resolve().parents[2]
SPEC = ROOT / "spec"
DIAGRAMS = SPEC / "diagrams"
MADE_IN = ["machines.md", "presets.md", "requirements.md", "rules.md"]
CLAUSE = re.compile(r"\b[a-z]+-(?:driver|device)-[0-9]+\b")


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def code(text):
    return f"`{text}`"


class Model:
    """What the two programs say of the model."""

    def __init__(self, hintsim, transitions, reads=None, outcomes=None):
        self.rules, self.steps, self.presets, self.properties, self.clauses = (
            json.loads(run(hintsim, "list", "--format", "json", what))
            for what in ("rules", "steps", "presets", "properties", "clauses")
        )
        self.sizes = [line.split("\t") for line in run(transitions, "sizes").splitlines()]
        self.dots, self.transitions = self.draw(transitions)
        # Without the programs that measure them, these tables stay as they are.
        self.reads = reads and [line.split("\t") for line in run(reads).splitlines()]
        self.sides = outcomes and told_apart.read(ROOT, self.presets, self.rules, functools.partial(run, outcomes))

    @staticmethod
    def draw(transitions):
        with tempfile.TemporaryDirectory() as folder:
            lines = run(transitions, "dot", folder).splitlines()
            dots = {path.name: path.read_text() for path in pathlib.Path(folder).glob("*.dot")}
        return dots, [line.split("\t") for line in lines]


# ---- tables ------------------------------------------------------------------------------------


def transitions_table(model, machine):
    rows = []
    for name, start, step, end, need in model.transitions:
        if name == machine:
            rows.append([start, code(step), end, ", ".join(map(code, need.split(", "))) if need else ""])
    return table(["from", "step", "to", "needs"], rows)


def steps_table(model, actor):
    rows = [
        [
            code(step["name"] + (" PAGE" if step["has_page"] else "")),
            step["summary"],
            step["motive"],
            step["clause"],
            step["code"],
        ]
        for step in model.steps
        if step["actor"] == actor
    ]
    return table(["step", "what happens", "motive", "clauses", "the code it stands for"], rows)


def reads_table(model):
    rows = [[code(step)] + [", ".join(map(code, cell.split(", "))) if cell else "" for cell in cells]
            for step, *cells in model.reads]
    return table(["step", "fields", "rules", "limits, queues and sizes"], rows)


def sizes_table(model):
    return table(["pages", "free_page_vq", "each other queue", "bytes of one state"], model.sizes)


def rules_table(model):
    rows = []
    for rule in model.rules:
        default = rule["default"]
        values = rule["values"]
        shown = ["1 to 64"] if len(values) == 64 else [code(v) for v in values]
        others = {}
        for preset in model.presets:
            for value in preset["rules"]:
                if value["rule"] == rule["name"] and value["value"] != default:
                    others.setdefault(value["value"], []).append(preset["name"])
        lines = [f"{code(value)}: {', '.join(names)}" for value, names in others.items()]
        rows.append([code(rule["name"]), ", ".join(shown), code(default), "<br>".join(lines)])
    return table(["rule", "values", "default", "presets that differ from the default"], rows)


def values_table(model):
    """Each rule with its meaning, and below it each value with its own."""
    rows = []
    for rule in model.rules:
        needs = ", or ".join(map(code, rule["idle_without"]))
        meaning = rule["meaning"] + (f"; idle without {needs}" if needs else "")
        rows.append([f"**{code(rule['name'])}**", "", meaning])
        rows += [["", code(value), meaning] for value, meaning in rule["meanings"].items()]
    return table(["rule", "value", "meaning"], rows)


def presets_text(model):
    parts = []
    for preset in model.presets:
        rows = [[code(f"{v['rule']}={v['value']}"), v["stands_for"]] for v in preset["rules"]]
        parts.append(f"#### {preset['side']} {code(preset['name'])}\n\n{preset['stands_for']}.\n")
        parts.append(table(["rule", "the real behaviour that it stands for"], rows) + "\n")
    return "\n".join(parts).rstrip()


def neighbours_table(side):
    return table(["a preset", "and the next", "scenario", "with the first", "with the second"],
                 told_apart.neighbours_rows(side))


def schedules_table(side):
    return table(["", "scenario", "what each preset makes of it"], told_apart.schedules_rows(side))


def pairs_table(side):
    numbers = [str(i + 1) for i in range(len(side.names) - 1)]
    return table(["", *numbers], told_apart.pairs_rows(side))


def unsaid_text(model):
    return "\n".join(f"- of {which}s: " + ", ".join(map(code, side.unsaid))
                     for which, side in model.sides.items())


def untold(model):
    """Two presets that differ, and no scenario tells them apart."""
    for which, side in (model.sides or {}).items():
        for pair in side.untold():
            yield f"presets.md: no scenario tells the {which}s {' and '.join(pair)} apart"


def functions_of_model():
    """Where each function of the model is defined, and which of them notes which broken property."""
    defined, notes = {}, {}
    for path in sorted((ROOT / "model").glob("*.c")):
        inside = None
        for line in path.read_text().splitlines():
            head = re.match(r"(?:static )?(?:inline )?[a-z][\w ]*[ *](\w+)\(", line)
            if head and not line.endswith(";"):
                inside = head.group(1)
                defined.setdefault(inside, path.name)
            for name in re.findall(r"hs_break\(w, HS_(\w+)\)", line):
                monitors = notes.setdefault(name.lower().replace("_", "-"), [])
                if inside not in monitors:
                    monitors.append(inside)
    return defined, notes


def scenarios_that_cite():
    cited = {}
    for path in sorted((ROOT / "scenarios").rglob("*.yaml")):
        block = re.search(r"^clauses:.*\n(?:[ \t-].*\n)*", path.read_text(), re.MULTILINE)
        for clause in CLAUSE.findall(block.group(0)) if block else []:
            cited.setdefault(clause, []).append(path)
    return cited


def read_obeyed():
    obeyed = {}
    for line in (pathlib.Path(__file__).parent / "obeyed.txt").read_text().splitlines():
        if not line.startswith("#"):
            clause, functions, how = (part.strip() for part in line.split("|"))
            obeyed[clause] = (functions.split(", "), how)
    return obeyed


def clauses_table(model):
    rows = [
        [f"[{clause['id']}](#{clause['id']})", clause["level"], clause["demand"]]
        for clause in model.clauses
    ]
    return table(["clause", "level", "demand"], rows)


def folded(words, first, rest):
    """Words in lines of a hundred characters."""
    return textwrap.fill(words, 100, initial_indent=first, subsequent_indent=rest,
                         break_long_words=False, break_on_hyphens=False)


def clauses_text(model):
    """Each clause with where it is obeyed, what watches it, and the scenarios about it."""
    defined, notes = functions_of_model()
    obeyed = read_obeyed()
    cited = scenarios_that_cite()
    parts = []
    for clause in model.clauses:
        name = clause["id"]
        functions, how = obeyed[name]
        places = ", ".join(f"{code(f)} ({defined[f]})" for f in functions)
        monitor = clause["not_observed"] and f"none: {clause['not_observed']}"
        monitor = monitor or ", ".join(map(code, notes[name]))
        lines = [
            f"#### {name}",
            "",
            folded(f"{clause['level']}: {clause['demand']}.", "", ""),
            "",
            f"- VIRTIO {clause['versions']}, section {clause['section']}, label",
            f"  {code(clause['label'])}.",
            folded(f"Obeyed by {places}: {how}.", "- ", "  "),
            folded(f"Monitor: {monitor}.", "- ", "  "),
        ]
        links = [f"[{p.stem}](../{p.relative_to(ROOT).as_posix()})" for p in cited.get(name, [])]
        if links:
            lines.append(f"- Scenarios ({len(links)}):")
            lines += [f"  {link}," for link in links[:-1]] + [f"  {links[-1]}."]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def make(model, name):
    what, _, which = (name, "", "") if name == "each clause" else name.partition(" ")
    makers = {
        "transitions": lambda: transitions_table(model, which),
        "steps": lambda: steps_table(model, which),
        "sizes": lambda: sizes_table(model),
        "reads": lambda: reads_table(model),
        "rules": lambda: rules_table(model),
        "values": lambda: values_table(model),
        "presets": lambda: presets_text(model),
        "clauses": lambda: clauses_table(model),
        "each clause": lambda: clauses_text(model),
        "neighbours": lambda: neighbours_table(model.sides[which]),
        "schedules": lambda: schedules_table(model.sides[which]),
        "pairs": lambda: pairs_table(model.sides[which]),
        "same": lambda: told_apart.same_text(model.sides[which]),
        "unsaid": lambda: unsaid_text(model),
    }
    return makers[what]()


def measured(model, name):
    """What a table is made from that only its own program finds out; True if nothing is."""
    if name == "reads":
        return model.reads
    return model.sides if name.split()[0] in ("neighbours", "schedules", "pairs", "same", "unsaid") else True


def fill_in(model, text):
    def replace(match):
        if not measured(model, match.group(1)):
            return match.group(0)
        return f"<!-- made: {match.group(1)} -->\n\n{make(model, match.group(1))}\n\n<!-- end -->"

    return re.sub(r"<!-- made: ([\w -]+) -->\n.*?<!-- end -->", replace, text, flags=re.DOTALL)


# ---- what the prose must not leave out ---------------------------------------------------------


def gaps(model):
    """What the model has and the prose written by hand does not speak of."""
    rules = (SPEC / "rules.md").read_text()
    for rule in model.rules:
        section = re.search(rf"^#### `{rule['name']}`\n(.*?)(?=^#)", rules, re.MULTILINE | re.DOTALL)
        if not section:
            yield f"rules.md: no section '#### `{rule['name']}`'"
            continue
        for value in rule["values"] if len(rule["values"]) < 64 else []:
            if not re.search(rf"^- `{value}`", section.group(1), re.MULTILINE):
                yield f"rules.md: {rule['name']}: no line on the value '- `{value}`'"
    properties = (SPEC / "properties.md").read_text()
    for row in model.properties:
        if code(row["name"]) not in properties:
            yield f"properties.md: nothing on {row['name']}"
    machines = (SPEC / "machines.md").read_text()
    for machine in sorted({row[0] for row in model.transitions}):
        if f"<!-- made: transitions {machine} -->" not in machines:
            yield f"machines.md: no table of the transitions of {machine}"
    for actor in sorted({step["actor"] for step in model.steps}):
        if f"<!-- made: steps {actor} -->" not in machines:
            yield f"machines.md: no table of the steps of {actor}"
    for step in model.steps:
        if machines.count(code(step["name"])) + machines.count(f"`{step['name']} ") < 2:
            yield f"machines.md: the prose does not explain {step['name']}"


# ---- writing and checking ----------------------------------------------------------------------


def picture(dot):
    """An SVG without the traces of one Graphviz version, with the hash of what it was drawn from."""
    drawn = subprocess.run(["dot", "-Tsvg"], input=dot, check=True, capture_output=True, text=True)
    svg = re.sub(r"<!-- Generated by.*?-->\n", "", drawn.stdout, flags=re.DOTALL)
    return svg + f"<!-- drawn from {digest(dot)} -->\n"


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


def check(path, wanted):
    found = path.read_text() if path.exists() else ""
    if found == wanted:
        return []
    return [f"{path.relative_to(ROOT)} is stale"]


def check_all(model):
    stale = []
    for name, dot in sorted(model.dots.items()):
        svg = DIAGRAMS / name.replace(".dot", ".svg")
        stale += check(DIAGRAMS / name, dot)
        if not svg.exists() or not svg.read_text().endswith(f"<!-- drawn from {digest(dot)} -->\n"):
            stale.append(f"{svg.relative_to(ROOT)} is stale")
    for path in DIAGRAMS.iterdir():
        if path.with_suffix(".dot").name not in model.dots:
            stale.append(f"{path.relative_to(ROOT)} belongs to no machine")
    for name in MADE_IN:
        stale += check(SPEC / name, fill_in(model, (SPEC / name).read_text()))
    return stale


def write(path, text):
    """The file is whole at any time: the old one, or the new."""
    new = path.with_name(path.name + ".new")
    new.write_text(text)
    os.replace(new, path)


def write_all(model):
    DIAGRAMS.mkdir(exist_ok=True)
    for name, dot in model.dots.items():
        write(DIAGRAMS / name.replace(".dot", ".svg"), picture(dot))
        write(DIAGRAMS / name, dot)
    for path in DIAGRAMS.iterdir():
        if path.with_suffix(".dot").name not in model.dots:
            path.unlink()
    for name in MADE_IN:
        path = SPEC / name
        write(path, fill_in(model, path.read_text()))


def report(problems, advice):
    for problem in problems:
        print(problem)
    if problems:
        print(advice)
    return 1 if problems else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--hintsim", required=True)
    parser.add_argument("--transitions", required=True)
    parser.add_argument("--reads", help="measures what guards read; half a minute")
    parser.add_argument("--outcomes", help="replays each schedule with each preset; a quarter of a minute")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--check", action="store_true", help="write nothing, say what is stale")
    what.add_argument("--prose", action="store_true", help="write nothing, say what it leaves out")
    options = parser.parse_args()
    model = Model(options.hintsim, options.transitions, options.reads, options.outcomes)
    if options.prose:
        return report(list(gaps(model)), "to be written by hand, in spec/")
    missing = report(list(untold(model)), "to be added to scenarios/, with its twin; then: regenerate")
    if options.check:
        return report(check_all(model), "to make them again: cmake --build BUILD --target regenerate") or missing
    write_all(model)
    return missing


if __name__ == "__main__":
    sys.exit(main())
