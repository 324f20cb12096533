# SPDX-License-Identifier: BSD-3-Clause
"""hintsim drive, as far as no QEMU is needed: what it refuses, in which words and with which status.

The QEMU of these tests is a script that says a version and nothing else.  tests/drive/run drives a
real one.
"""
import json
import os
import sys
import unittest

import jsonschema

sys.path.insert(0, os.path.join(os.environ["HINTSIM_ROOT"], "tests", "cli"))
from program import ROOT, ProgramTest  # noqa: E402

STORY = """name: good
question: Does anything happen?
guest: {{preset: {guest}}}
host: {{preset: {host}}}
memory: {{pages: 2}}
queue: {{free-page: 4}}
limits: {{writes: 2, rounds: 3, migrations: 2, cancels: 1, hops: 1}}
schedule:
{schedule}
expect:
  run: {end}
"""
BEGIN = ["migration.start", "...", "migration.start-hints"]
ALL_SENT = BEGIN + ["migration.begin-page 0", "migration.finish-page 0", "migration.begin-page 1",
                    "migration.finish-page 1"]
QEMU_11 = "QEMU emulator version 11.1.3"


class Drive(ProgramTest):
    def qemu(self, says="QEMU emulator version 7.2.22 (Debian)"):
        path = self.path("qemu")
        with open(path, "w") as file:
            file.write(f"#!/bin/sh\necho '{says}'\n")
        os.chmod(path, 0o755)
        return path

    def story(self, schedule, guest="linux-6.1", host="qemu-7.2-tcg", end="unfinished", more=""):
        steps = "\n".join(f"  - {step}" for step in schedule)
        text = STORY.format(guest=guest, host=host, schedule=steps, end=end)
        return self.write(text.replace("memory:", more + "memory:"))

    def drive(self, path, *options, says="QEMU emulator version 7.2.22 (Debian)"):
        return self.hintsim("drive", "--qemu", self.qemu(says), *options, path)

    def refused(self, path, why, *options, **others):
        done = self.drive(path, *options, **others)
        self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
        self.assertIn(f"cannot be driven: {why}", " ".join(done.stdout.split()))

    def wrong(self, done, words):
        self.assertEqual(done.returncode, 2, done.stdout)
        self.assertIn(words, done.stderr)
        self.assertEqual(done.stdout, "")

    # ---- what is wrong with the command line, or with QEMU

    def test_there_is_no_qemu(self):
        path = self.story(BEGIN)
        done = self.hintsim("drive", "--qemu", self.path("none"), path)
        self.wrong(done, "this command cannot be run; Debian's package qemu-system-x86 has")

    def test_it_is_no_qemu(self):
        self.wrong(self.drive(self.story(BEGIN), says="GNU Emacs 28.2"), "this is no QEMU")

    def test_words_that_are_not_understood(self):
        path = self.story(BEGIN)
        self.wrong(self.drive(path, "--accel", "xen"), "allowed: tcg, kvm, kvm-ring")
        self.wrong(self.drive(path, "--ram", "little"), "allowed: even, odd")
        self.wrong(self.drive(path, "--runs", "0"), "allowed: 1 to 1000")
        self.wrong(self.drive(path, "--runs", "2x"), "allowed: 1 to 1000")
        self.wrong(self.hintsim("drive"), "a scenario file is expected")

    def test_a_transport_that_there_is_not(self):
        self.wrong(self.drive(self.story(BEGIN), "--transport", "nosuch"), "--transport: 'nosuch'; allowed: mmio, pci")

    def test_what_random_schedules_need(self):
        def asked(*options):
            return self.hintsim("drive", "--qemu", self.qemu(), *options)
        self.wrong(asked("--random", "3"), "--random needs --guest")
        self.wrong(asked("--random", "3", "--guest", "linux-9"), "linux-9")
        self.wrong(asked("--random", "0", "--guest", "linux-6.1"), "allowed: 1 to 1000")
        self.wrong(asked("--random", "3", "--guest", "linux-6.1", "--seed", "-1"), "allowed: a number, 0 or more")
        self.wrong(asked("--random", "3", "--guest", "linux-6.1", self.story(BEGIN)), "either files, or --random")
        for alone in (["--seed", "3"], ["--guest", "linux-6.1"], ["--host", "qemu-7.2-kvm"]):
            self.wrong(asked(*alone, self.story(BEGIN)), "--seed, --guest and --host go with --random")
        self.wrong(asked("--random", "3", "--guest", "linux-6.1", "--host", "qemu-7.2-kvm"),
                   "a host that is not this QEMU: log=manual")

    def test_a_file_that_is_wrong_is_told_with_its_line(self):
        self.wrong(self.drive(self.write("name: good\nquestion: What?\nhast: {}\n")), "good.yaml:3:1:")

    # ---- another host

    def test_a_version_that_nothing_stands_for(self):
        self.refused(self.story(BEGIN), "no preset stands for this QEMU",
                     says="QEMU emulator version 8.1.0")

    def test_another_host_is_named_by_its_rule(self):
        path = self.story(BEGIN, host="qemu-7.2-kvm")
        self.refused(path, "a host that is not this QEMU: log=manual, where qemu-7.2-tcg has legacy")

    def test_the_size_of_ram_makes_another_host(self):
        path = self.story(BEGIN, host="qemu-7.2-tcg-odd-ram")
        self.refused(path, "a host that is not this QEMU: rearm-at-sync=on, where qemu-7.2-tcg has off")

    def test_the_transport_makes_another_host(self):
        path = self.story(["migration.start", "app.write 0"], host="qemu-7.2-kvm")
        self.refused(path, "a step inside a sync", "--accel", "kvm", "--transport", "pci")
        for behind in ([], ["--transport", "mmio"]):
            self.refused(path, "a host that is not this QEMU: kick-at-start=off, where qemu-7.2-kvm has on",
                         "--accel", "kvm", *behind)

    def test_a_preset_that_was_compared_behind_one_transport_stands_for_no_other(self):
        path = self.story(["migration.start", "app.write 0"], host="qemu-6.2")
        for transport, why in (("pci", "a step inside a sync"), ("mmio", "no preset stands for this QEMU")):
            self.refused(path, why, "--accel", "kvm", "--transport", transport, says="QEMU emulator version 6.2.0")

    def test_a_host_of_another_name_with_the_same_rules_is_this_one(self):
        steps = BEGIN + ["migration.begin-page 0", "driver.config-interrupt"]
        path = self.story(steps, host="qemu-7.2-kvm-legacy")
        self.refused(path, "a step while a page is being sent", "--ram", "odd")

    def test_the_host_of_this_qemu_in_place_of_another(self):
        path = self.story(["migration.start", "app.write 0"], host="qemu-7.2-kvm")
        self.refused(path, "a step inside a sync", "--as-host")

    def test_a_schedule_that_this_host_does_not_have(self):
        path = self.story(["device.request-hints"], host="v86")
        self.refused(path, "the schedule does not fit this host: ", "--as-host")

    def test_a_schedule_that_its_own_host_does_not_have_is_bad_input(self):
        self.wrong(self.drive(self.story(["driver.start-round"])), "good.yaml:9:5: driver.start-round")

    # ---- what cannot be driven, each reason once

    def test_a_step_inside_a_sync(self):
        self.refused(self.story(["migration.start", "app.write 0"]), "a step inside a sync")

    def test_a_step_while_a_page_is_sent(self):
        self.refused(self.story(BEGIN + ["migration.begin-page 0", "app.write 0"]),
                     "a step while a page is being sent")

    def test_pages_in_another_order(self):
        again = ["migration.begin-page 0", "migration.finish-page 0", "app.write 0",
                 "migration.stop-hints", "...", "migration.start-hints", "migration.begin-page 0",
                 "migration.finish-page 0"]
        self.refused(self.story(BEGIN + again), "pages in another order than that of addresses")

    def test_pages_are_left_as_the_vm_stops(self):
        sync = ["app.write 0", "migration.stop-hints", "...", "migration.start-hints",
                "migration.stop-vm"]
        self.refused(self.story(ALL_SENT + sync), "the VM stops with pages left to be sent")

    def test_the_sync_before_the_stop_finds_pages(self):
        sync = ["app.write 0", "migration.stop-hints", "...", "migration.start-hints",
                "migration.stop-vm"]
        path = self.story(ALL_SENT + sync, host="qemu-11.1-tcg")
        self.refused(path, "the sync before the stop finds pages to be sent", says=QEMU_11)

    def test_a_step_of_the_driver_after_the_last_sync_makes_it_an_earlier_one(self):
        sync = ["app.write 0", "migration.stop-hints", "...", "migration.start-hints",
                "driver.config-interrupt", "migration.stop-vm"]
        path = self.story(ALL_SENT + sync, host="qemu-11.1-tcg")
        self.refused(path, "the VM stops with pages left to be sent", says=QEMU_11)

    def test_syncs_that_this_host_makes_are_put_before_the_stop(self):
        # the refusal is that of the last step: all before it fits
        for sent_after in [[], ["...", "migration.begin-page 0", "migration.finish-page 0"]]:
            steps = ["app.write 0", "migration.stop-vm", *sent_after, "migration.cancel"]
            path = self.story(ALL_SENT + steps)
            self.refused(path, "a cancel while the VM is stopped", "--as-host", says=QEMU_11)

    def test_syncs_are_put_nowhere_without_being_asked(self):
        path = self.story(ALL_SENT + ["app.write 0", "migration.stop-vm"], host="qemu-11.1-tcg")
        self.wrong(self.drive(path, says=QEMU_11), "possible only right after a sync")

    def test_the_page_that_goes_out_with_a_sync(self):
        sync = BEGIN + ["migration.begin-page 0", "migration.finish-page 0", "migration.stop-hints",
                        "...", "migration.start-hints"]
        ends = ["migration.begin-page 1", "migration.finish-page 1", "migration.stop-vm",
                "migration.cancel"]
        says = "QEMU emulator version 10.0.13"
        for between, why in [([], "a cancel while the VM is stopped"),
                             (["app.write 0"], "a page is sent as soon as the sync is over")]:
            path = self.story(sync + between + ends, host="qemu-10.2-tcg")
            self.refused(path, why, says=says)

    def test_no_schedule(self):
        with open(self.story(BEGIN)) as file:
            text = file.read()
        path = self.write(text[:text.index("schedule:")] + "expect: {explore: {hint-device-4: sometimes}}\n")
        self.refused(path, "no schedule")

    def test_postcopy(self):
        path = self.story(ALL_SENT + ["migration.stop-vm", "...", "migration.merge-log", "migration.go-postcopy"], host="qemu-5.2-tcg", more="postcopy: on\n")
        self.refused(path, "postcopy", says="QEMU emulator version 5.2.0")

    def test_a_migration_that_may_switch_to_postcopy(self):
        """Also if it does not: QEMU asks for hints in another way then, and is not told of it here."""
        self.refused(self.story(ALL_SENT, more="postcopy: on\n"), "postcopy")

    def test_a_guest_that_fills_free_pages(self):
        path = self.story(BEGIN)
        with open(path) as file:
            text = file.read()
        poisons = text.replace("{preset: linux-6.1}", "{preset: linux-6.1, rules: {poison: value}}")
        self.refused(self.write(poisons), "a guest that fills free pages")

    # ---- JSON

    def in_json(self, *options):
        done = self.drive(self.story(["migration.start", "app.write 0"]), "--format", "json", *options)
        with open(os.path.join(ROOT, "tools", "report", "drive.schema.json")) as file:
            facts = json.loads(done.stdout)
            jsonschema.Draft7Validator(json.load(file)).validate(facts)
        return facts

    def test_json_names_the_transport(self):
        self.assertEqual(self.in_json()["qemu"]["transport"], "mmio")
        self.assertEqual(self.in_json("--transport", "pci")["qemu"]["transport"], "pci")

    def test_json_follows_its_schema(self):
        facts = self.in_json()
        self.assertEqual(facts["end"], "cannot be driven")
        self.assertEqual(facts["what"], "a step inside a sync")
        self.assertEqual(facts["qemu"]["version"], "7.2.22")
        self.assertEqual(facts["host"]["preset"], "qemu-7.2-tcg")

    # ---- the wire

    def test_the_wire_takes_no_schedule(self):
        for more in ([self.story(BEGIN)], ["--random", "2"], ["--runs", "2"], ["--anyway"]):
            done = self.hintsim("drive", "--qemu", self.qemu(), "--wire", *more)
            self.wrong(done, "--wire goes with --qemu, --accel, --ram, --transport and --format")

    def expected_on_the_wire(self, version, transport="mmio"):
        """Of a QEMU that says its version and does not start."""
        says = f"QEMU emulator version {version}"
        done = self.hintsim("drive", "--qemu", self.qemu(says), "--wire", "--format", "json", "--transport", transport)
        self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
        facts = json.loads(done.stdout)
        with open(os.path.join(ROOT, "tools", "report", "wire.schema.json")) as file:
            jsonschema.Draft7Validator(json.load(file)).validate(facts)
        self.assertEqual({row["end"] for row in facts["rows"]}, {"no answer"})
        self.assertEqual(facts["transport"], transport)
        return facts["rows"]

    def test_the_wire_is_what_its_table_says(self):
        with open(os.path.join(ROOT, "spec", "drive.md")) as file:
            section = file.read().split("## The wire")[1].split("\n## ")[0]
        told = [[word.strip() for word in line.strip("|").split("|")]
                for line in section.split("\n") if line.startswith("| ")]
        old, new = self.expected_on_the_wire("5.2.0", "pci"), self.expected_on_the_wire("11.1.3")
        self.assertEqual(told[2:], [[a["element"], a["clause"], in_words(a["expected"]),
                                     in_words(b["expected"])] for a, b in zip(old, new)])


def in_words(effect):
    words = ["broken" if effect["broken"] else f"used, length {effect['written']}"]
    words += [f"{effect[key]} {key}" for key in ("unsent", "zeroed") if effect[key]]
    return ", ".join(words + ["hinting"] * effect["hinting"])


if __name__ == "__main__":
    unittest.main()
