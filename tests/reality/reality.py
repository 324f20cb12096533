#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What real QEMUs did: drive the scenarios, keep the record, and make spec/reality.md of it, and the
table of losses that `hintsim matrix` marks (tools/judge/sightings.def).

usage: reality.py                                       make text and table from the record
       reality.py --check                               compare: text, table, record and scenario files
       reality.py --drive --hintsim HINTSIM [FILE...]   drive them (all: every scenario) anew
       reality.py --random N [--seed S] --hintsim HINTSIM   drive N schedules that nobody wrote

--drive takes the QEMU that is installed and those of tools/get-qemu, either size of RAM, TCG, and KVM
and its ring where /dev/kvm works.  The balloon is behind virtio-mmio; a few scenarios are driven behind
virtio-pci as well.  With FILE only those are driven; what else the record has of them is dropped.
--record FOLDER writes there instead.  It fails if a QEMU differs or dies, or if more than one in ten of a
run have no answer; the text tells of them in any case.  --random drives the same N on each QEMU, and keeps
what came of all of them; a schedule that differs is written, short, below build/random.
"""
import argparse
import collections
import concurrent.futures
import datetime
import hashlib
import itertools
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import textwrap

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
SPEC = ROOT / "spec"
SIGHTINGS = ROOT / "tools" / "judge" / "sightings.def"
INSTALLED = "qemu-system-x86_64"
VERSIONS = ("5.2", "7.2", "10.0", "10.2", "11.1")
ACCELERATORS = ("tcg", "kvm", "kvm-ring")
SIZES = {1280: "even", 1288: "odd"}
TRANSPORTS = ("mmio", "pci")
NO_FIT = "the schedule does not fit this host"
AT_A_TIME = 4  # a run waits for QEMU nearly all of the time
DRIVE = "tests/reality/reality.py --drive --hintsim build/release/hintsim"
RANDOM = "tests/reality/reality.py --random {count} --seed {seed} --hintsim build/release/hintsim"
RANDOM_GUEST = "linux-6.1"

# What the presets say of released versions: the claim, a scenario, the accelerator and the size of RAM.
CLAIMS = [
    ("manual log: written, then a late hint", "field/measured/write-before-hint-manual", "kvm", "even"),
    ("the same, with an id of each round", "field/hint-swallows-log-bit", "kvm", "even"),
    ("the same with odd RAM", "field/measured/write-before-hint-odd-ram", "kvm", "odd"),
    ("the same with the ring", "field/measured/write-before-hint-ring", "kvm-ring", "even"),
    ("the same with TCG", "field/measured/write-before-hint-manual", "tcg", "even"),
    ("the same with TCG and odd RAM", "field/measured/write-before-hint-tcg", "tcg", "odd"),
    ("TCG, never hinted, written again", "field/measured/write-after-sync-tcg", "tcg", "even"),
    ("the same with odd RAM", "field/measured/write-after-sync-tcg-odd-ram", "tcg", "odd"),
    ("the same, as 5.2 does it", "field/write-after-sync-tcg-5.2", "tcg", "even"),
    ("the same with odd RAM", "field/write-after-sync-tcg-5.2-odd-ram", "tcg", "odd"),
    ("an acknowledged hint, manual log", "field/measured/acknowledged-hint-5.2", "kvm", "even"),
    ("shared word across a sync", "field/shared-command-word", "tcg", "odd"),
    ("the same, even RAM", "field/shared-command-word", "tcg", "even"),
    ("shared word, hinting asked for anew", "thread/restart-shared-word", "tcg", "even"),
    ("a hint of a page in use", "field/measured/hint-of-page-in-use", "tcg", "even"),
    ("a list made before the host asks", "thread/page-free-before-request", "tcg", "even"),
    ("a cancel, and a second migration", "field/measured/cancel-while-hinting", "tcg", "odd"),
    ("after-done, and a second migration", "field/done-then-second-migration", "tcg", "odd"),
    ("the same with even RAM", "field/done-then-second-migration", "tcg", "even"),
    ("the same, a word for each round", "field/done-then-second-migration-fixed", "tcg", "odd"),
    ("hint waits at destination, mmio", "field/hint-waits-at-destination", "tcg", "even"),
    ("a page reported after it was sent", "field/measured/report-of-sent-page", "tcg", "even"),
    ("postcopy, with hints", "field/postcopy-stall", "tcg", "even"),
    ("postcopy, without them", "field/no-hints-with-postcopy-6.2", "tcg", "even"),
]

# Driven behind virtio-pci as well: what waits as the VM moves, losses, what saves the page, a cancel, a
# report, a change of the configuration.
BEHIND_PCI = [f"scenarios/{name}.yaml" for name in (
    "field/hint-waits-at-destination", "field/hint-waits-at-destination-kick-at-start", "field/sleeper-moves",
    "field/sleeper-moves-kick-at-start", "field/shared-command-word", "field/hint-swallows-log-bit-wait-on-ack",
    "field/measured/write-before-hint-manual", "field/measured/report-of-sent-page", "field/no-done-on-cancel",
    "thread/target-change-ends-round")]
WAITS, SERVED = BEHIND_PCI[:2]


class Failure(Exception):
    pass


def expect(holds, words):
    if not holds:
        raise Failure(words)


# ---- the record ---------------------------------------------------------------------------------

def new_record():
    return {"runs": [], "skipped": [], "random": [], "files": {}}


def file_hash(path):
    return hashlib.sha256((ROOT / path).read_bytes()).hexdigest()


def run_name(version, accelerator, size, transport):
    """virtio-mmio goes without saying."""
    name = f"{'.'.join(version.split('.')[:2])} {accelerator} {size}"
    return name if transport == "mmio" else f"{name} {transport}"


def keep(record, command, date, paths, facts):
    """Take into the record what one QEMU did: an answer for each path, in their order."""
    expect(len(facts) == len(paths), f"{command}: {len(paths)} files, {len(facts)} answers")
    qemu, host = facts[0]["qemu"], facts[0]["host"]
    name = run_name(qemu["version"], qemu["accelerator"], SIZES[qemu["ram"]], qemu["transport"])
    run = {"name": name, "date": date, "command": command, "qemu": qemu, "host": host}
    # The run of all files is what the text tells of; files driven anew do not change it.
    if not any(old["name"] == name for old in record["runs"]):
        record["runs"].append(run)
        record["runs"].sort(key=lambda run: order(run["name"]))
    for path, fact in zip(paths, facts):
        entry = {key: fact[key] for key in ("end", "step", "what", "lost", "attempts")}
        entry["seconds"] = round(fact["seconds"], 1)
        record["files"][path]["drives"][name] = entry


def keep_random(record, command, date, seed, facts):
    """Take into the record what one QEMU did with schedules that were invented: the sums, and what differs."""
    qemu, host = facts[0]["qemu"], facts[0]["host"]
    driven = [fact for fact in facts if fact["attempts"]]
    one = {"name": run_name(qemu["version"], qemu["accelerator"], SIZES[qemu["ram"]], qemu["transport"]), "date": date,
           "command": command, "qemu": qemu, "host": host, "guest": RANDOM_GUEST, "seed": seed, "count": len(facts),
           "ends": collections.Counter(fact["end"] for fact in facts),
           "lose": sum(bool(fact["lost"]) for fact in facts),
           "again": sum(fact["attempts"] > 1 for fact in driven),
           "attempts": sum(fact["attempts"] for fact in driven),
           "seconds": round(statistics.median(fact["seconds"] for fact in driven), 1) if driven else None,
           "differ": [f"{fact['name']}: {fact['end']} at step {fact['step']}: {fact['what']}" for fact in facts
                      if fact["end"] in ("differs", "QEMU died")]}
    record["random"] = [old for old in record["random"] if old["name"] != one["name"]] + [one]


def write_record(record, folder):
    files = ",\n".join(f" {json.dumps(path)}: {{\"sha256\": \"{record['files'][path]['sha256']}\", \"drives\": {{\n" +
                       ",\n".join(f"  {json.dumps(name)}: {json.dumps(entry)}" for name, entry in
                                  sorted(record["files"][path]["drives"].items())) + "}}"
                       for path in sorted(record["files"]))
    runs = ",\n".join(" " + json.dumps(run) for run in sorted(record["runs"], key=lambda run: order(run["name"])))
    invented = ",\n".join(" " + json.dumps(one) for one in sorted(record["random"], key=lambda one: order(one["name"])))
    (folder / "reality.json").write_text(
        f'{{"runs": [\n{runs}],\n"skipped": {json.dumps(record["skipped"])},\n"random": [\n{invented}],\n'
        f'"files": {{\n{files}}}}}\n')


def order(name):
    version, accelerator, size, *transport = name.split()
    return bool(transport), tuple(map(int, version.split("."))), ACCELERATORS.index(accelerator), size


# ---- driving ------------------------------------------------------------------------------------

def decode(text):
    decoder, facts, at = json.JSONDecoder(), [], 0
    while at < len(text):
        fact, at = decoder.raw_decode(text, at)
        facts.append(fact)
        at += 1
    return facts


def drive_one(hintsim, transport, qemu, accelerator, size, options, paths=(), folder=ROOT):
    """One QEMU with one accelerator, transport and size of RAM: the command, and what it says of each schedule."""
    words = ["drive", "--format", "json", *options, "--qemu", qemu, "--accel", accelerator, "--ram", size]
    words += [] if transport == "mmio" else ["--transport", transport]
    done = subprocess.run([hintsim, *words, *paths], text=True, capture_output=True, cwd=folder,
                          stdin=subprocess.DEVNULL)
    expect(done.returncode != 2, done.stderr)
    words[words.index(qemu)] = pathlib.Path(qemu).name
    return " ".join(["hintsim", *words]), decode(done.stdout)


def every_qemu():
    """What is at hand, either size, each accelerator that works; and what does not."""
    found = subprocess.run([ROOT / "tools" / "get-qemu", "--list"], text=True, capture_output=True, check=True)
    works = os.access("/dev/kvm", os.R_OK | os.W_OK)
    return (list(itertools.product([INSTALLED, *found.stdout.split()], ACCELERATORS if works else ACCELERATORS[:1],
                                   SIZES.values())),
            [] if works else ["kvm, kvm-ring: /dev/kvm does not work here"])


def drive_all(hintsim, record, paths):
    """Every QEMU at hand; what is not there is said.  Behind virtio-pci no more than a few of the files."""
    by_transport = {"mmio": paths, "pci": [path for path in paths if path in BEHIND_PCI]}
    qemus, record["skipped"] = every_qemu()
    runs = [(transport, *qemu) for transport in by_transport if by_transport[transport] for qemu in qemus]
    for path in paths:
        record["files"][path] = {"sha256": file_hash(path), "drives": {}}
    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as crew:
        answers = list(crew.map(lambda run: drive_one(hintsim, *run, ["--as-host"], by_transport[run[0]]), runs))
    seen = set()
    for (transport, *_), (command, facts) in zip(runs, answers):
        keep(record, command, datetime.date.today().isoformat(), by_transport[transport], facts)
        seen.add(".".join(facts[0]["qemu"]["version"].split(".")[:2]))
    record["skipped"] += [f"QEMU {version}: not at hand (tools/get-qemu {version})"
                          for version in VERSIONS if version not in seen]


def drive_random(hintsim, record, count, seed, folder):
    """The same schedules, as far as hosts are alike, on every QEMU at hand; kept as each QEMU comes to its end,
    since all of them take half an hour."""
    options = ["--random", str(count), "--seed", str(seed), "--guest", RANDOM_GUEST]

    def drive(run):
        differing = ROOT / "build" / "random" / "-".join([pathlib.Path(run[0]).parent.name or "installed", *run[1:]])
        differing.mkdir(parents=True, exist_ok=True)
        return drive_one(hintsim, "mmio", *run, options, folder=differing)

    runs, _ = every_qemu()
    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as crew:
        for done in concurrent.futures.as_completed([crew.submit(drive, run) for run in runs]):
            keep_random(record, done.result()[0], datetime.date.today().isoformat(), seed, done.result()[1])
            write_record(record, folder)


def judge(record):
    """What must not be hidden: a QEMU that differs or dies, and too many runs without an answer."""
    told = []
    for one in record["random"]:
        told += [f"{one['name']}: {words}" for words in one["differ"]]
        if 10 * one["ends"].get("no answer", 0) > one["count"]:
            told.append(f"{one['name']}: {one['ends']['no answer']} random schedules have no answer")
    for run in record["runs"]:
        entries = entries_of(record, run["name"])
        told += [f"{run['name']}: {path}: {entry['end']} at step {entry['step']}: {entry['what']}"
                 for path, entry in entries if entry["end"] in ("differs", "QEMU died")]
        silent = [path for path, entry in entries if entry["end"] == "no answer"]
        if 10 * len(silent) > sum(entry["attempts"] > 0 for _, entry in entries):
            told.append(f"{run['name']}: no answer: {', '.join(silent)}")
    return told


# ---- what the record says -----------------------------------------------------------------------

def entries_of(record, name):
    return [(path, record["files"][path]["drives"][name]) for path in sorted(record["files"])
            if name in record["files"][path]["drives"]]


def runs_behind(record, transport):
    return [run for run in record["runs"] if run["qemu"]["transport"] == transport]


def in_words(entry):
    if entry is None:
        return "not driven"
    if entry["end"] == "agrees":
        return "lost, as predicted" if entry["lost"] else "arrived, as predicted"
    if entry["end"] == "cannot be driven":
        return f"cannot be driven: {reason(entry['what'])}"
    return f"{entry['end']}: {entry['what']}"


SHORT = {"agrees": "+", "differs": "DIFFERS", "QEMU died": "DIED", "cannot be driven": "-", "no answer": "?"}


def in_short(entry):
    return "" if entry is None else "lost" if entry["lost"] else SHORT[entry["end"]]


def seen_losses(record):
    """(guest preset, host preset): the runs that lost a page, of worlds that are exactly that pair."""
    hosts = {run["name"]: run["host"]["preset"] for run in record["runs"]
             if run["host"] and run["host"]["rule"] is None}
    seen = collections.defaultdict(set)
    for path, file in record["files"].items():
        guest = yaml.safe_load((ROOT / path).read_text())["guest"]
        for name, entry in file["drives"].items():
            if entry["end"] == "agrees" and entry["lost"] and set(guest) == {"preset"} and name in hosts:
                seen[guest["preset"], hosts[name]].add((name, path))
    return seen


# What is in play in a matrix, unless somebody says otherwise.
USUAL_LIMITS = {"writes", "rounds", "migrations", "dma", "changes", "cancels"}
USUAL_QUEUES = {"free-page"}


def is_usual(path):
    """Does nothing happen in the scenario but what is in play in a matrix?"""
    scenario = yaml.safe_load((ROOT / path).read_text())
    return (set(scenario.get("limits", {})) <= USUAL_LIMITS and set(scenario.get("queue", {})) <= USUAL_QUEUES and
            not scenario.get("postcopy"))


def sightings_table(record):
    """The losses that were seen, for `hintsim matrix`: a row for each pair and QEMU."""
    qemus = {run["name"]: run["qemu"] for run in record["runs"]}
    lines = ["/* SPDX-License-Identifier: BSD-3-Clause */",
             "/* Losses that were seen on a real QEMU: guest, host, version, accelerator, KiB of RAM.  Made from",
             " * spec/reality.json by tests/reality/reality.py. */"]
    for (guest, host), runs in sorted(seen_losses(record).items()):
        for name in sorted({name for name, path in runs if is_usual(path)}, key=order):
            words = json.dumps([guest, host, qemus[name]["version"], qemus[name]["accelerator"], qemus[name]["ram"]])
            if f"HS_SIGHTING({words[1:-1]})" not in lines:  # the same behind another transport
                lines.append(f"HS_SIGHTING({words[1:-1]})")
    return "\n".join(lines) + "\n"


def made_files(record, folder):
    """What is made of the record, by the files in which it stands."""
    table = SIGHTINGS if folder == SPEC else folder / SIGHTINGS.name
    return {folder / "reality.md": make(record), table: sightings_table(record)}


def reason(what):
    return re.sub(r": .*", "", what)


def link(path):
    return f"[{pathlib.Path(path).stem}](../{path})"


# ---- the text -----------------------------------------------------------------------------------

def first_two(paths):
    """Links to the first of them; all stand in the table of scenarios by version."""
    more = f", and {len(paths) - 2} more" if len(paths) > 2 else ""
    return ", ".join(link(path) for path in paths[:2]) + more


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    return lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows] + [""]


def say(words):
    return [textwrap.fill(" ".join(words.split()), 100, break_long_words=False, break_on_hyphens=False), ""]


def claims(record):
    rows = []
    for claim, name, accelerator, size in CLAIMS:
        path = f"scenarios/{name}.yaml"
        drives = record["files"].get(path, {"drives": {}})["drives"]
        cells = [in_words(drives.get(f"{version} {accelerator} {size}")) for version in VERSIONS]
        rows.append((claim, f"{link(path)}, {accelerator}, {size}", *cells))
    return table(("claim", "scenario, accelerator, RAM", *VERSIONS), rows)


def of_destination(record, name):
    """Does the start of the VM serve what waits there?  Each of two scenarios is one of the answers."""
    waits, served = (record["files"].get(path, {"drives": {}})["drives"].get(name) for path in (WAITS, SERVED))
    if waits is None or served is None:
        return "not driven"
    rules_it_out = served["end"] == "cannot be driven" and reason(served["what"]) == NO_FIT
    if served["end"] == "agrees":
        return "served"
    if rules_it_out and waits["end"] == "agrees":
        return "waits for a kick"
    return in_words(waits if rules_it_out else served)


def destinations(record):
    rows = [(f"{accelerator}, virtio-{transport}",
             *(of_destination(record, run_name(version, accelerator, "even", transport)) for version in VERSIONS))
            for accelerator in ACCELERATORS for transport in TRANSPORTS]
    return table(("destination by transport", *VERSIONS), rows)


def behind_pci(record):
    names = [run["name"] for run in runs_behind(record, "pci")]
    return table(("scenario", *names), [
        (link(path), *(in_short(record["files"].get(path, {"drives": {}})["drives"].get(name)) for name in names))
        for path in BEHIND_PCI])


def counts(record):
    rows = []
    for run in runs_behind(record, "mmio"):
        entries = [entry for _, entry in entries_of(record, run["name"])]
        ends = collections.Counter(entry["end"] for entry in entries)
        driven = [entry for entry in entries if entry["attempts"]]
        attempts = sum(entry["attempts"] for entry in driven)
        rows.append((run["qemu"]["version"], run["qemu"]["accelerator"], f"{run['qemu']['ram']} KiB",
                     host_name(run["host"]), run["date"], len(entries), len(driven), ends["agrees"], sum(bool(e["lost"]) for e in driven),
                     ends["differs"] + ends["QEMU died"], ends["no answer"], ends["cannot be driven"],
                     f"{statistics.median(e['seconds'] for e in driven):.1f}" if driven else "",
                     f"{100 * (attempts - len(driven)) / attempts:.0f} %" if driven else ""))
    return table(("QEMU", "accelerator", "RAM", "in the model", "date", "files", "driven", "agree", "of them lose a page",
                  "differ or die", "no answer", "cannot", "median s", "attempts repeated"), rows)


def invented(record):
    if not record["random"]:
        return ["None yet.", ""]
    rows = []
    there = {one["name"].split()[0] for one in record["random"]}
    left = [version for version in VERSIONS if version not in there]
    missing = say(f"Not part of this record: QEMU {', '.join(left)}.") if left else []
    for one in record["random"]:
        ends = collections.Counter(one["ends"])
        rows.append((one["qemu"]["version"], one["qemu"]["accelerator"], f"{one['qemu']['ram']} KiB",
                     host_name(one["host"]), one["date"], one["count"], ends["agrees"], one["lose"],
                     ends["differs"] + ends["QEMU died"], ends["no answer"] + ends["cannot be driven"],
                     one["again"], one["attempts"] - one["count"], one["seconds"]))
    return [f"    {one['command']}" for one in record["random"]] + [""] + table(
        ("QEMU", "accelerator", "RAM", "in the model", "date", "schedules", "agree", "of them lose a page",
         "differ or die", "no answer", "begun anew", "attempts more", "median s"), rows) + missing


def host_name(host):
    if host is None:
        return "nothing"
    return host["preset"] + (f" with {host['rule']}={host['value']}" if host["rule"] else "")


def by_scenario(record):
    names = [run["name"] for run in runs_behind(record, "mmio")]
    rows = []
    for path in sorted(record["files"]):
        drives = record["files"][path]["drives"]
        if any(entry["attempts"] for entry in drives.values()):
            rows.append((link(path), *(in_short(drives.get(name)) for name in names)))
    return table(("scenario", *names), rows)


def not_driven(record):
    names = [run["name"] for run in runs_behind(record, "mmio")]
    by_reason = collections.defaultdict(collections.Counter)
    for name in names:
        for _, entry in entries_of(record, name):
            if entry["end"] == "cannot be driven":
                by_reason[reason(entry["what"])][name] += 1
    rows = [(why, *(count[name] or "" for name in names)) for why, count in
            sorted(by_reason.items(), key=lambda item: (-sum(item[1].values()), item[0]))]
    return table(("why", *names), rows)


def driven_nowhere(record):
    return [path for path in sorted(record["files"])
            if not any(entry["attempts"] for entry in record["files"][path]["drives"].values())]


def make(record):
    lines = ["# What real QEMUs did", ""]
    lines += say(f"""Made from spec/reality.json by tests/reality/reality.py. The record is of runs of `hintsim drive
        --as-host` ([drive.md](drive.md)), which puts the preset that stands for a QEMU in place of the
        scenario's host; so the verdict to expect is that preset's. To drive all anew: `{DRIVE}`; to drive
        one scenario anew: the same with its file.""")
    lines += dict.fromkeys(f"    {run['command']} FILE..." for run in record["runs"])
    lines += [""]
    lines += ["## Predictions by version", ""]
    lines += say("""*not driven*: there was no run of that version with that accelerator and that RAM, or not of that file.
        Pages arrive unless it says that one is lost.""")
    lines += claims(record)
    lines += ["Not driven at all:", ""]
    lines += [f"- {why}" for why in record["skipped"]]
    lines += [f"- QEMU {version}, tcg, {size} RAM: not part of this record" for version in VERSIONS
              for size in SIZES.values() if f"{version} tcg {size}" not in [run["name"] for run in record["runs"]]]
    lines += ["- postcopy: the destination asks for pages over the way back, and a file has none ([drive.md](drive.md)).",
              "  *the schedule does not fit this host*: since 6.2 there are no hints then, so no page can be stuck", ""]
    lines += ["## Behind virtio-pci", ""]
    lines += say(f"""What waits in free_page_vq as the VM moves: does the start of the VM at the destination serve it (rule
        kick-at-start)? Seen by {link(SERVED)}, which fits no host where it is none, and there by {link(WAITS)};
        RAM even.""")
    lines += destinations(record)
    lines += say("""These few scenarios were driven behind virtio-pci; *lost*, *+*, *-* and *?* as below. All else in this
        text is behind virtio-mmio.""")
    lines += behind_pci(record)
    lines += ["## Counts by version", ""] + counts(record)
    lines += say("""*files*: where it is less than the others, only some were driven on that version with that RAM. The RAM of
        1288 KiB is no multiple of 256 KiB (*odd*).""")
    lines += ["## Schedules that nobody wrote", ""]
    seed, count = max(((one["seed"], one["count"]) for one in record["random"]), default=("S", "N"))
    lines += say(f"""Random schedules ([drive.md](drive.md)) for {RANDOM_GUEST} and the preset in the model: `{RANDOM.format(count=count, seed=seed)}`.
        *begun anew*: those that had to be, since more frames went out than was asked for; no answer comes
        after five attempts.""")
    lines += invented(record)
    lines += ["## Where QEMU does something else, or gives no answer", ""]
    lines += [f"- {words}" for words in judge(record)] or ["Nowhere."]
    lines += ["", "## Losses that were seen", ""]
    lines += say("""Pairs of presets of which a scenario's world is exactly the pair, and a page was lost on QEMU where the
        model loses it.""")
    lines += table(("guest", "host", "seen on", "scenarios"), [
        (guest, host, ", ".join(sorted({name for name, _ in runs}, key=order)), first_two(sorted({p for _, p in runs})))
        for (guest, host), runs in sorted(seen_losses(record).items())])
    lines += ["## Scenarios by version", ""]
    lines += say("""*lost*: a page was lost, as predicted; *+*: agrees, and no page was lost; *-*: cannot be driven there;
        *?*: no answer. Files that could be driven nowhere are left out.""")
    lines += by_scenario(record)
    lines += ["## What cannot be driven, and why", ""]
    lines += not_driven(record)
    lines += say(f"{len(driven_nowhere(record))} of {len(record['files'])} files could be driven nowhere.")
    return "\n".join(lines).rstrip() + "\n"


def check(record, folder):
    """What is stale, and what to do about it."""
    told = []
    for path, file in sorted(record["files"].items()):
        if not (ROOT / path).exists():
            told.append(f"{path}: the record has it, and it is gone; drive all anew: {DRIVE}")
        elif file_hash(path) != file["sha256"]:
            told.append(f"{path} was changed since it was driven; drive it anew: {DRIVE} {path}")
    there = {str(path.relative_to(ROOT)) for path in (ROOT / "scenarios").rglob("*.yaml")}
    told += [f"{path} was never driven: {DRIVE} {path}" for path in sorted(there - set(record["files"]))]
    if told:
        return told
    return [f"{path.name} is not what spec/reality.json says: tests/reality/reality.py"
            for path, text in made_files(record, folder).items() if not path.exists() or path.read_text() != text]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--drive", action="store_true")
    parser.add_argument("--random", type=int, metavar="N")
    parser.add_argument("--seed", type=int, default=0, metavar="S")
    parser.add_argument("--hintsim", type=os.path.abspath)
    parser.add_argument("--record", type=pathlib.Path, default=SPEC)
    parser.add_argument("files", nargs="*")
    options = parser.parse_args()
    drives = options.drive or options.random
    if drives and not options.hintsim or options.files and not options.drive:
        parser.error("--drive and --random need --hintsim, and files are for --drive")
    if options.drive and options.random:
        parser.error("either --drive or --random")
    kept = options.record / "reality.json"
    record = json.loads(kept.read_text()) if kept.exists() else new_record()
    if options.drive and not options.files:
        record = new_record() | {"random": record["random"]}
    if options.drive:
        paths = [str(pathlib.Path(path).resolve().relative_to(ROOT)) for path in options.files]
        drive_all(options.hintsim, record,
                  paths or sorted(str(path.relative_to(ROOT)) for path in (ROOT / "scenarios").rglob("*.yaml")))
    if options.random:
        drive_random(options.hintsim, record, options.random, options.seed, options.record)
    if drives:
        write_record(record, options.record)
    if not options.check:
        for path, text in made_files(record, options.record).items():
            path.write_text(text)
    told = check(record, options.record) if options.check else judge(record) if drives else []
    expect(not told, "\n".join(told))


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(str(failure))
