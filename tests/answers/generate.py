#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Make spec/answers.md: what people asked and claimed, answered by runs of hintsim.

Each sentence is a template with the verdicts that it rests on.  The verdicts are asked of hintsim;
if one is not what the sentence says, nothing is written and the exit status is 1.  With --check
the file is compared instead of written.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import textwrap

from one_side import one_side
from proposals import discard_recipe, the_text, trusted_zeroes
from released import operators, released

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests" / "reality"))
import reality  # noqa: E402
ANSWERS = ROOT / "spec" / "answers.md"
LOST, WIPED = "dirty-page-lost", "page-corrupted"
SEEN = "†"  # on a real QEMU
RFC, DESIGN = "linux-6.1+wait-on-ack", "linux-6.1+pipelined-ack"


# What the table of claims says of a scenario: of its run, and of all runs of its rules.
OUTCOMES = {"lost": "lost", "wiped": "wiped", "proved": "safe, proved for all runs",
            "not wiped": "safe, proved for all runs",
            "this run": "safe in this run, lost in others"}


class Contradiction(Exception):
    """A verdict is not what a sentence says."""


class Oracle:
    """What hintsim says; each question is asked once."""

    def __init__(self, hintsim):
        self.hintsim = hintsim
        facts = self.json("matrix", "--format", "json")
        self.guests, self.hosts = facts["guests"], facts["hosts"]
        self.cells = cells_of(facts)
        with_resets = self.json("matrix", "--with", "resets", "--guest", RFC, "--guest", DESIGN,
                                "--format", "json")
        self.with_resets = cells_of(with_resets)
        self.orderings = {}
        self.proofs = {}

    def output(self, *arguments):
        done = subprocess.run([self.hintsim, *arguments], capture_output=True, text=True,
                              cwd=ROOT, check=False)
        if done.returncode not in (0, 1, 3):
            sys.exit(f"hintsim {' '.join(arguments)}: {done.stderr}")
        return done.stdout

    def json(self, *arguments):
        return json.loads(self.output(*arguments))

    def sets(self, source, effect, log):
        """The minimal sets of one context, each a list of rule=value."""
        key = (source, effect, log)
        if key not in self.orderings:
            facts = self.json("matrix", "--rules", "--format", "json", *rules_of(key))
            context = facts["contexts"][0]
            if not context["monotone"]:
                raise Contradiction(f"{key}: a stronger rule does harm")
            if any(w["verdict"] != "Sometimes" for one in context["sets"] for w in one["weakened"]):
                raise Contradiction(f"{key}: a set is not shown to be minimal")
            self.orderings[key] = context["sets"]
        return self.orderings[key]

    def prove(self, guest, host, prop, changes=(), in_play=(), without=()):
        options = [word for change in changes for word in ("--rule", change)]
        options += ["--with", ",".join(in_play)] if in_play else []
        options += ["--without", ",".join(without)] if without else []
        facts = self.json("prove", "--guest", guest, "--host", host, "--property", prop, "--format", "json",
                          *options)
        return facts["observations"][0]["verdict"]

    def prove_all(self, questions):
        """The verdicts of questions to `prove`, a few at a time."""
        new = [question for question in questions if question not in self.proofs]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            self.proofs.update(zip(new, pool.map(lambda question: self.prove(*question), new)))
        verdicts = [self.proofs[question] for question in questions]
        if set(verdicts) - {"Never", "Sometimes"}:
            raise Contradiction(f"{questions}: {verdicts}")
        return verdicts

    def scenario(self, name):
        """The properties that a scenario's run breaks, and whether that is what it expects."""
        facts = self.json("run", "--format", "json", f"scenarios/{name}.yaml")
        return {o["property"] for o in facts["observations"] if o["verdict"] == "Sometimes"}

    def explored(self, name, prop):
        """The verdict on one property over all runs of a scenario within its limits."""
        facts = self.json("explore", "--property", prop, "--no-proof", "--format", "json",
                          f"scenarios/{name}.yaml")
        return next(o["verdict"] for o in facts["observations"] if o["property"] == prop)

    def rule(self, host, rule):
        """The value that a rule has with a host preset."""
        usual = next(row["default"] for row in self.json("list", "rules", "--format", "json") if row["name"] == rule)
        preset = next(row for row in self.json("list", "presets", "--format", "json")
                      if row["side"] == "host" and row["name"] == host)
        return next((row["value"] for row in preset["rules"] if row["rule"] == rule), usual)

    def proof(self, name, prop):
        """The verdict on one property over all runs of a scenario's rules, of any size."""
        facts = self.json("prove", "--property", prop, "--format", "json",
                          f"scenarios/{name}.yaml")
        missing = {"writes", "rounds", "migrations"} - set(facts["in_play"])
        if missing:
            raise Contradiction(f"{name}: a proof without {', '.join(sorted(missing))} says nothing")
        return facts["observations"][0]["verdict"]


def cells_of(facts):
    return {(cell["guest"], cell["host"]): {v["property"]: v for v in cell["verdicts"]}
            for cell in facts["cells"]}


def verdict(cell, prop):
    """None, if nothing there could break it."""
    return cell[prop]["verdict"] if prop in cell else None


def worst(cell):
    """Of the two page properties that are a question there."""
    found = {verdict(cell, prop) for prop in (LOST, WIPED)} - {None}
    return "Sometimes" if "Sometimes" in found else "Never" if found == {"Never"} else "Unknown"


def rules_of(context):
    names = ("hint-source", "hint-effect", "log")
    options = []
    for name, value in zip(names, context):
        options += ["--rule", f"{name}={value}"]
    return options + ["--rule", "log-chunk=1"]


class Answers:
    """Collects paragraphs, and checks what each rests on."""

    def __init__(self, oracle):
        self.oracle = oracle
        self.lines = []
        self.broken = []
        self.seen = reality.seen_losses(json.loads((reality.SPEC / "reality.json").read_text()))

    def need(self, good, what):
        if not good:
            self.broken.append(what)

    def say(self, text):
        self.lines += textwrap.wrap(" ".join(text.split()), 100, break_long_words=False,
                                    break_on_hyphens=False) + [""]

    def bullets(self, texts):
        for text in texts:
            self.lines += textwrap.wrap(f"- {text}.", 100, subsequent_indent="  ",
                                        break_long_words=False, break_on_hyphens=False)
        self.lines.append("")

    def head(self, text):
        self.lines += [f"## {text}", ""]

    def back(self, *commands):
        self.lines += ["Backed by:", "", *[f"    {command}" for command in commands], ""]

    def cell(self, guest, host, verdict, prop=LOST):
        found = self.oracle.cells[guest, host][prop]
        self.need(found["verdict"] == verdict,
                  f"{guest} with {host}: {prop} is {found['verdict']}, the sentence says {verdict}")
        return f"**{found['verdict']}**" + (SEEN if prop == LOST and (guest, host) in self.seen else "")

    def story(self, guest, host, prop=LOST):
        return self.oracle.cells[guest, host][prop].get("story", "no run is known")

    def scenario(self, name, *broken):
        """A link to a scenario whose run breaks just these of the page properties."""
        found = self.oracle.scenario(name) & {LOST, WIPED, "value-broken"}
        self.need(found == set(broken),
                  f"{name}: breaks {sorted(found)}, the sentence says {sorted(broken)}")
        return f"[{name.split('/')[-1]}](../scenarios/{name}.yaml)"

    def stall(self, name):
        """A link to a scenario whose run stalls the guest."""
        self.need("guest-stalled" in self.oracle.scenario(name), f"{name}: nobody is stalled")
        return f"[{name.split('/')[-1]}](../scenarios/{name}.yaml)"

    def awake(self, name):
        """A link to a scenario whose run stalls nobody and leaves no page stuck."""
        self.need(not {"guest-stalled", "page-stuck"} & self.oracle.scenario(name), f"{name}: somebody is stalled")
        return f"[{name.split('/')[-1]}](../scenarios/{name}.yaml)"

    def stalls_in_some_run(self, name):
        found = self.oracle.explored(name, "guest-stalled")
        self.need(found == "Sometimes", f"{name}: guest-stalled is {found}, the sentence says Sometimes")

    def rule(self, host, rule, value):
        found = self.oracle.rule(host, rule)
        self.need(found == value, f"{host}: {rule} is {found}, the sentence says {value}")

    def shown(self, name, outcome):
        """The link, and what is to be said of it: lost, wiped, proved, or safe in that run alone."""
        prop = WIPED if outcome in ("wiped", "not wiped") else LOST
        link = self.scenario(name, *([prop] if outcome in ("lost", "wiped") else []))
        proof = self.oracle.proof(name, prop)
        self.need(proof == ("Never" if outcome in ("proved", "not wiped") else "Sometimes"),
                  f"{name}: {prop} is {proof}, the sentence says {outcome}")
        return f"{link}: {OUTCOMES[outcome]}"

    def is_in_every_set(self, context, rules):
        return all(any(f"{m['rule']}={m['value']}" == rule for m in one["members"] for rule in rules)
                   for one in self.oracle.sets(*context))


def pair(guest, host):
    return f"hintsim matrix --guest {guest} --host {host}"


def run(name):
    return f"hintsim run scenarios/{name}.yaml"


def explore(name, prop):
    return f"hintsim explore -p {prop} scenarios/{name}.yaml"


def rules(context):
    return "hintsim matrix --rules " + " ".join(rules_of(context))


def write_set(one):
    return ", ".join(f"`{m['rule']}={m['value']}`" for m in one["members"]) or "nothing at all"


# ---- the questions ------------------------------------------------------------------------------

def first_patches(a):
    a.head("2016: what keeps the guest from using a page before migration ends?")
    bad = a.scenario("thread/page-free-before-request", LOST)
    good = a.scenario("thread/page-free-after-request")
    context = ("iterate", "skip", "legacy")
    a.need(a.oracle.sets(*context) and a.is_in_every_set(context, ["hint-only-free=on"]),
           "walking a list: every set has hint-only-free=on")
    a.say(f"""Nothing does, and nothing has to, provided that each page on the list was free at some
        moment after the host asked and that the host sees every later write. A list that was made
        before the host asked loses pages ({bad}); one that passes over pages taken meanwhile does
        not ({good}). With a log that protects again as it is read and pages that are never
        held back, every set of rules that suffices contains `hint-only-free=on`; the sets are:""")
    a.lines += [f"- {write_set(one)}" for one in a.oracle.sets(*context)] + [""]
    a.back(run("thread/page-free-before-request"), rules(context))


def the_seed(a):
    a.head('2019: does the order of "hint processed" and "page reused" matter?')
    legacy = a.cell("spec-latitude", "qemu-7.2-kvm-legacy", "Never")
    manual = a.cell("spec-latitude", "qemu-7.2-kvm", "Sometimes")
    discard = a.cell("spec-latitude", "thread-madvise", "Sometimes", WIPED)
    linux = a.cell("linux-6.1", "qemu-7.2-kvm-legacy", "Sometimes")
    a.say(f"""It depends on the host, and each side was right about one. A driver that reuses pages at
        once, but keeps its own command word for each round, with a host that protects pages again at
        each sync: {legacy}, proved for any number of pages. The same driver with the manual log,
        where a sync only reads: {manual}. With a host that discards: {discard} (page-corrupted).
        And Linux loses pages even with the first of these hosts ({linux}): all its start buffers
        share one word, so that a hint of an old round can pass for one of the new round.""")
    a.back(pair("spec-latitude", "qemu-7.2-kvm-legacy"), pair("spec-latitude", "qemu-7.2-kvm"),
           pair("linux-6.1", "qemu-7.2-kvm-legacy"))
    context = ("allocate", "skip-and-clear-log", "legacy")
    a.say("""What it takes in general, with such a log and pages taken off the free list: any one of
        these sets; weakened by one member, none of them suffices. That a set suffices whatever the
        other rules are was checked by samples ([proof.md](proof.md)).""")
    a.lines += [f"- {write_set(one)}" for one in a.oracle.sets(*context)] + [""]
    a.back(rules(context))


def the_shrinker(a):
    a.head("2020: the shrinker releases a page whose hint is queued; is the write seen?")
    now = a.cell("linux-6.1", "qemu-7.2-kvm", "Sometimes")
    bad = a.scenario("field/hint-swallows-log-bit", LOST)
    good = a.scenario("field/hint-swallows-log-bit-legacy-log")
    a.say(f"""Not always. The answer given relied on pages being protected again at the sync. Where
        that is so, this story is harmless ({good}). KVM's manual log, the default since QEMU 4.1,
        only reads at a sync; then the write sets no new bit and the hint clears the old one
        ({bad}). Linux 6.1 on QEMU 7.2: {now}. Steps: {a.story("linux-6.1", "qemu-7.2-kvm")}.""")
    a.back(run("field/hint-swallows-log-bit"), run("field/hint-swallows-log-bit-legacy-log"),
           pair("linux-6.1", "qemu-7.2-kvm"))


def wait_on_ack(a):
    a.head("2026: is waiting for the acknowledgement necessary, sufficient, or neither?")
    safe = [h for h in a.oracle.hosts if worst(a.oracle.cells[RFC, h]) == "Never"]
    unsafe = [h for h in a.oracle.hosts if worst(a.oracle.cells[RFC, h]) == "Sometimes"]
    open_ = [h for h in a.oracle.hosts if h not in safe + unsafe]
    for host in ("qemu-7.2-kvm", "qemu-7.2-kvm-odd-ram", "qemu-7.2-kvm-legacy", "qemu-7.2-ring",
                 "qemu-7.2-tcg-odd-ram", "qemu-10.2-kvm", "qemu-10.2-kvm-legacy", "qemu-10.2-ring",
                 "qemu-10.2-tcg"):
        a.cell("linux-6.1", host, "Sometimes")
        a.cell(RFC, host, "Never")
    unwatched = a.cell("spec-latitude", "qemu-7.2-tcg", "Sometimes")
    not_needed = [h for h in safe if worst(a.oracle.cells["spec-latitude", h]) == "Never"]
    a.need(safe and unsafe and not_needed, "waiting is neither sufficient nor necessary everywhere")
    a.say(f"""The RFC of January 2026 (bit 6, {RFC}) sleeps after the start command, after each hint and
        after the stop, until the device has used it, and holds a page only then. That is sufficient for
        Linux 6.1 on QEMU 10.0 to 11.1, and on QEMU 7.2 with KVM, or without KVM if RAM is no multiple of
        256 KiB; not on every host. (On QEMU 7.2 without KVM and with other RAM, a page can be lost that
        nobody hints: {unwatched}, whatever the guest does.) No released QEMU offers the bit: each QEMU
        here is one that was patched to. On others the guest does not wait, and is linux-6.1. With it
        nothing is lost (**Never**) on: {', '.join(safe)}. It still loses pages (**Sometimes**) on:
        {', '.join(unsafe)}.{' Open: ' + ', '.join(open_) + '.' if open_ else ''}""")
    a.bullets(f"{host}: {a.story(RFC, host)}" for host in unsafe)
    for host in a.oracle.hosts:
        for prop in (LOST, WIPED):
            usual = verdict(a.oracle.cells[RFC, host], prop)
            a.need(verdict(a.oracle.with_resets[RFC, host], prop) == usual,
                   f"{RFC} with {host}: resets change {prop}")
            a.need(verdict(a.oracle.cells[DESIGN, host], prop) == usual,
                   f"{DESIGN} with {host}: {prop} is not as with {RFC}")
    resets = {h: a.oracle.with_resets[DESIGN, h] for h in safe}
    removed = [h for h in safe if verdict(resets[h], LOST) == "Sometimes"]
    wiped = [h for h in safe if verdict(resets[h], WIPED) == "Sometimes"]
    a.need("qemu-7.2-kvm" in removed, "removing the driver loses pages on qemu-7.2-kvm")
    a.say(f"""Removing or freezing the driver changes none of this: removal waits for a work item that
        sleeps until what it queued was used ({a.scenario("field/removal-awaits-hint")}). It is not so of
        a design that queues many hints and gives each page back once its own was used ({DESIGN}). While
        the driver stays, its verdicts are the same. But removal gives the held pages back while their
        hints may still be queued. With resets in play it loses pages on {', '.join(removed)}, too, and
        wipes pages in use on {', '.join(wiped)}. On qemu-7.2-kvm:
        {resets["qemu-7.2-kvm"][LOST].get("story", "no run is known")}
        ({a.scenario("field/removal-returns-hinted-page", LOST)}).""")
    a.say(f"""The price of sleeping: if nobody serves the queue, the work item sleeps for good, and does not
        even read DONE. Where a VM moves with an element queued, that hangs on whether the start of the VM at
        the destination is a kick (rule kick-at-start), and so on version and transport, as measured:
        QEMU 5.2 serves nobody there, neither on virtio-pci nor on virtio-mmio; 7.2 serves virtio-mmio with
        KVM, and neither virtio-pci nor anybody without KVM; 10.0, 10.2 and 11.1 serve all of them. The
        presets of QEMU up to 7.2 have it off, so that qemu-7.2-kvm is virtio-pci, and virtio-mmio is that
        preset with kick-at-start=on; those from 10.0 have it on. Off, the driver is stalled
        ({a.stall("field/sleeper-moves")}); on, it wakes, reads DONE and gives its page back
        ({a.awake("field/sleeper-moves-kick-at-start")}). Even there a kick that is lost while the device falls
        asleep leaves the driver asleep (explore finds guest-stalled Sometimes for both). And no waiting brings
        a page that was skipped before a switch to postcopy
        ({a.stall("field/postcopy-stall-wait-on-ack")}).""")
    for host, value in (("qemu-5.2-kvm", "off"), ("qemu-5.2-tcg", "off"), ("qemu-7.2-kvm", "off"),
                        ("qemu-7.2-tcg", "off"), ("qemu-10.2-kvm", "on"), ("qemu-10.2-tcg", "on"),
                        ("qemu-11.1-kvm", "on"), ("qemu-11.1-tcg", "on")):
        a.rule(host, "kick-at-start", value)
    for name in ("field/sleeper-moves", "field/sleeper-moves-kick-at-start"):
        a.stalls_in_some_run(name)
    a.say(f"""Necessary only where nothing else does the work: a driver that does not wait but keeps one
        word for each round loses nothing on {', '.join(not_needed)}. With the manual log, and a driver
        that does not sleep:""")
    context = ("allocate", "skip-and-clear-log", "manual")
    a.lines += [f"- {write_set(one)}" for one in a.oracle.sets(*context)] + [""]
    a.back(f"hintsim matrix --guest {RFC}", f"hintsim matrix --guest {RFC} --with resets",
           f"hintsim matrix --guest {DESIGN} --with resets", run("field/sleeper-moves"),
           run("field/sleeper-moves-kick-at-start"), explore("field/sleeper-moves-kick-at-start", "guest-stalled"),
           "hintsim list presets",
           "hintsim matrix --guest spec-latitude", rules(context))


# ---- the thread ---------------------------------------------------------------------------------

def claims(a):
    a.head("The thread of 2019, claim by claim")
    THEN = [("linux-5.0+deflate-on-oom", "qemu-4.0"), ("linux-5.0+deflate-on-oom", "qemu-4.1"),
            ("linux-5.7", "qemu-4.1")]
    HOLDS = [("linux-5.0", "qemu-4.0"), ("linux-5.0", "qemu-4.1")]
    then = [a.cell(g, h, "Sometimes") for g, h in THEN]
    holds = [a.cell(g, h, "Never") for g, h in HOLDS]
    a.say(f"""*Then.* {'; '.join(f'{g} with {h}: {v}' for (g, h), v in zip(THEN, then))}. Without
        DEFLATE_ON_OOM, which QEMU does not offer by default, Linux up to 5.6 has no shrinker, and holds
        its pages until DONE: {'; '.join(f'{g} with {h}: {v}' for (g, h), v in zip(HOLDS, holds))}.
        *Now.* linux-6.1 with qemu-7.2-kvm: {a.cell("linux-6.1", "qemu-7.2-kvm", "Sometimes")}.""")
    rows = [
        ("For FREE_PAGE_HINT ordering does not matter.",
         "Wrong as a rule; right for a log that is protected again at each sync, own words and "
         "hints refused during the sync. The programs of the time did not have all of that.",
         [("free-before-used-legacy", "this run"), ("free-before-used-manual", "lost")]),
        ("Freeing a page before its hint is processed can corrupt memory.",
         "Right, then (with a shrinker) and now; but not by the story alone: with a log protected again at the sync "
         "it takes a hint that crosses a sync.",
         [("free-before-used-qemu-4.0", "this run"), ("free-before-used-qemu-4.1", "lost")]),
        ("A valid host: write-protect all, log faults, ignore hints for pages written since.",
         "Right with a log protected again at each sync, for a driver that keeps one word for each "
         "round. With the manual log, sending a neighbour can clear the record of a write; and with "
         "a shared word pages are lost all the same.",
         [("valid-host-legacy-log", "proved"), ("valid-host-manual-log", "this run")]),
        ("It can push a page and let Linux use it immediately.",
         "Right with a log protected again at each sync, wrong with the manual log.",
         [("iterate-legacy-log", "proved"), ("iterate-manual-log", "lost")]),
        ("KVM logs new writes meanwhile, and the hint clears only what was logged before.",
         "Right where a write after the sync sets a bit of its own, as long as the hint does not "
         "cross the next sync; the manual log sets none.",
         [("free-before-used-legacy", "this run"), ("free-before-used-manual", "lost")]),
        ("Waiting until the hint is processed resolves it.",
         "Right for QEMU 7.2 and later while the driver stays, and as the RFC of 2026 waits also if it is "
         "removed; but for qemu-7.2-tcg, which loses pages that nobody hints; not yet for QEMU 4.0 to 6.0, "
         "patched to offer bit 6 (see above). "
         "A guest that happens to wait once is not one that always does.",
         [("shrinker-waits-for-used", "proved"), ("reuse-after-processed", "this run")]),
        ("The shrinker takes the newest page, whose hint is the least likely to be processed.",
         "Right, and it loses a page with the manual log.",
         [("shrinker-newest-first", "lost"), ("shrinker-waits-for-used", "proved")]),
        ("Dirty logging must be enabled before hints are asked for.",
         "Right, even for a host that refuses hints for written pages.",
         [("logging-before-request", "proved"), ("logging-after-request", "lost")]),
        ("Reporting must be disabled before the bitmap is synchronized.",
         "Right; and not enough for Linux, whose old hints can pass for new ones afterwards.",
         [("hints-stopped-before-sync", "this run"), ("hints-on-during-sync", "lost")]),
        ("The host restarts hinting by a new command id, and so tells old hints from new ones.",
         "Right if each start buffer has a word of its own. Linux keeps one for all.",
         [("restart-own-word", "proved"), ("restart-under-new-id", "this run"),
          ("restart-shared-word", "lost"), ("restart-under-same-id", "lost")]),
        ("The host can stop the process by a special command id.",
         "Right, unless the device lets a start buffer with the last id start hinting again, as the "
         "QEMU of the time did.",
         [("stop-ends-the-round", "this run"), ("stop-undone-by-old-start", "lost")]),
        ("The page was unused at some point after the command id was sent: that is enough.",
         "Right with a log protected again at each sync; and needed.",
         [("page-free-after-request", "proved"), ("page-free-before-request", "lost")]),
        ("A host that calls MADV_DONTNEED needs the page unused until it is processed.",
         "Right.",
         [("discard-before-reuse", "not wiped"), ("discard-of-page-in-use", "wiped")]),
        ("A counter of outstanding pages would do, if one waits for all of them.",
         "Right.", [("counting-completions", "proved"), ("counting-not-awaited", "lost"),
                    ("rx-ring", "proved")]),
        ("The driver spins for a free buffer while the device polls.",
         "It waits, and goes on; how much time it wastes a model without time cannot say.",
         [("polling-driver-waits-for-slot", "proved")]),
    ]
    for host in ("qemu-4.0", "qemu-4.1", "qemu-5.0"):
        a.cell(RFC, host, "Sometimes")
        a.cell(DESIGN, host, "Sometimes")
    a.cell("thread-iterator", "thread-write-protect", "Never")
    a.cell("linux-6.1", "thread-write-protect", "Sometimes")
    a.cell("thread-iterator", "qemu-7.2-kvm-legacy", "Never")
    a.cell("thread-iterator", "qemu-7.2-kvm", "Sometimes")
    a.cell("thread-aerating", "qemu-7.2-kvm", "Never")
    a.lines += ["| claim | verdict | shown by |", "| --- | --- | --- |"]
    for claim, verdict, shown in rows:
        links = "<br>".join(a.shown(f"thread/{name}", outcome) for name, outcome in shown)
        a.lines.append(f"| {claim} | {verdict} | {links} |")
    a.lines.append("")
    a.back("hintsim run scenarios/thread/NAME.yaml", "hintsim prove scenarios/thread/NAME.yaml",
           "hintsim matrix")


def seen_on_qemu(a):
    a.head("Losses that were seen on a real QEMU")
    pairs = sorted(a.seen)
    cells = [a.cell(guest, host, "Sometimes") for guest, host in pairs]
    a.bullets(f"{guest} with {host}: {cell}" for (guest, host), cell in zip(pairs, cells))
    a.back(*[pair(guest, host) for guest, host in pairs])


def make(oracle):
    a = Answers(oracle)
    a.lines += ["# Answers", ""]
    a.say(f"""Made from runs of hintsim by tests/answers/generate.py (`cmake --build build/debug
        --target answers`), which fails if a verdict is not what a sentence says. *Never* is proved
        for any number of pages, writes and rounds in the model, with what is left out named in
        [limits.md](limits.md); *Sometimes* has a run that anyone can replay. {SEEN}: a scenario of that pair
        was driven on a real QEMU, and the page was lost there ([reality.md](reality.md)).""")
    for part in (first_patches, the_seed, the_shrinker, wait_on_ack, operators, one_side, trusted_zeroes,
                 discard_recipe, the_text, claims, released, seen_on_qemu):
        part(a)
    if a.broken:
        raise Contradiction("\n".join(a.broken))
    return "\n".join(a.lines).rstrip() + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hintsim", required=True)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    try:
        text = make(Oracle(options.hintsim))
    except Contradiction as why:
        sys.exit(f"spec/answers.md would say what is not so:\n{why}")
    if not options.check:
        ANSWERS.write_text(text)
    elif not ANSWERS.exists() or ANSWERS.read_text() != text:
        sys.exit("spec/answers.md is stale: cmake --build build/debug --target answers")


if __name__ == "__main__":
    main()
