#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What the record of real QEMUs must not hide, by records that are made up."""
import copy
import json
import pathlib
import tempfile
import unittest

import reality

PATH = "scenarios/field/shared-command-word.yaml"
EVERY = sorted(str(path.relative_to(reality.ROOT)) for path in (reality.ROOT / "scenarios").rglob("*.yaml"))


def record(**changes):
    fact = {"qemu": {"version": "7.2.22", "accelerator": "tcg", "ram": 1288, "transport": "mmio"},
            "host": {"preset": "qemu-7.2-tcg-odd-ram", "rule": None, "value": None}, "end": "agrees",
            "step": None, "what": "", "lost": [0], "attempts": 1, "seconds": 2.0} | changes
    made = reality.new_record()
    made["files"][PATH] = {"sha256": reality.file_hash(PATH), "drives": {}}
    reality.keep(made, "hintsim drive", "2026-01-01", [PATH], [fact])
    return made


def written(made, folder):
    reality.write_record(made, folder)
    for path, text in reality.made_files(made, folder).items():
        path.write_text(text)
    return json.loads((folder / "reality.json").read_text())


class Hidden(unittest.TestCase):
    def told(self, made):
        """What --drive ends with, and the text says."""
        told = reality.judge(made)
        for words in told:
            self.assertIn(f"- {words}\n", reality.make(made))
        return told

    def stale(self, made):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            return [words for words in reality.check(written(made, folder), folder) if "never driven" not in words]

    def test_a_difference_is_told(self):
        made = record(end="differs", step=3, what="page 0", lost=None)
        self.assertEqual(self.told(made), [f"7.2 tcg odd: {PATH}: differs at step 3: page 0"])
        self.assertIn("differs: page 0", reality.make(made))
        self.assertIn("DIFFERS", reality.make(made))

    def test_a_qemu_that_died_is_told(self):
        self.assertIn("QEMU died", self.told(record(end="QEMU died", step=3, what="gone", lost=None))[0])

    def test_too_many_without_an_answer_are_told(self):
        self.assertEqual(self.told(record(end="no answer", step=3, what="pacing", lost=None)),
                         [f"7.2 tcg odd: no answer: {PATH}"])

    def test_a_changed_file_is_named_and_the_command_that_drives_it(self):
        made = record()
        made["files"][PATH]["sha256"] = "0" * 64
        told, = self.stale(made)
        self.assertIn(f"{PATH} was changed", told)
        self.assertIn(f"{reality.DRIVE} {PATH}", told)

    def test_a_text_that_hides_it_is_stale(self):
        made = record(end="differs", step=3, what="page 0", lost=None)
        made["files"] = {path: made["files"][PATH] | {"sha256": reality.file_hash(path)} for path in EVERY}
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            made = written(made, folder)
            self.assertEqual(reality.check(made, folder), [])
            text = (folder / "reality.md").read_text()
            (folder / "reality.md").write_text("".join(line for line in text.splitlines(True) if "differs" not in line))
            self.assertIn("reality.md is not what", reality.check(made, folder)[0])

    def test_a_file_that_is_gone_is_named(self):
        made = record()
        made["files"]["scenarios/gone.yaml"] = copy.deepcopy(made["files"][PATH])
        with tempfile.TemporaryDirectory() as name:
            told = [words for words in reality.check(made, pathlib.Path(name)) if "gone" in words]
        self.assertEqual(len(told), 1)

    def test_a_file_that_was_never_driven_is_named(self):
        with tempfile.TemporaryDirectory() as name:
            told = reality.check(record(), pathlib.Path(name))
        self.assertTrue(any("scenarios/thread/rx-ring.yaml was never driven" in words for words in told))

    def test_a_missing_version_is_said(self):
        text = reality.make(record())
        self.assertIn("- QEMU 11.1, tcg, even RAM: not part of this record", text)
        self.assertIn("not driven", next(line for line in text.splitlines() if line.startswith("| shared word")))

    def test_fewer_answers_than_files_are_refused(self):
        with self.assertRaises(reality.Failure):
            reality.keep(reality.new_record(), "hintsim drive", "2026-01-01", [PATH], [])


class Destinations(unittest.TestCase):
    NO_FIT = {"end": "cannot be driven", "what": f"{reality.NO_FIT}: device.wake", "lost": None}
    AGREES = {"end": "agrees", "what": "", "lost": []}
    DIFFERS = {"end": "differs", "what": "free_page_vq.used", "lost": None}

    def said(self, waits, served):
        made = record()
        for path, entry in ((reality.WAITS, waits), (reality.SERVED, served)):
            made["files"][path] = {"sha256": "", "drives": {"7.2 tcg even pci": entry} if entry else {}}
        self.assertEqual(reality.of_destination(made, "7.2 tcg even"), "not driven")
        return reality.of_destination(made, "7.2 tcg even pci")

    def test_what_was_seen_of_a_destination(self):
        self.assertEqual(self.said(self.AGREES, self.AGREES), "served")
        self.assertEqual(self.said(self.AGREES, self.NO_FIT), "waits for a kick")

    def test_what_was_not_seen_is_not_said(self):
        self.assertEqual(self.said(self.AGREES, None), "not driven")
        self.assertEqual(self.said(self.AGREES, self.DIFFERS), "differs: free_page_vq.used")
        self.assertEqual(self.said(self.DIFFERS, self.NO_FIT), "differs: free_page_vq.used")

    def test_a_run_behind_pci_is_one_of_its_own(self):
        behind = {"version": "7.2.22", "accelerator": "tcg", "ram": 1288, "transport": "pci"}
        made = record(qemu=behind)
        self.assertEqual([run["name"] for run in made["runs"]], ["7.2 tcg odd pci"])
        self.assertIn("- QEMU 7.2, tcg, odd RAM: not part of this record", reality.make(made))
        self.assertLess(reality.order("11.1 tcg odd"), reality.order("7.2 tcg odd pci"))


class Invented(unittest.TestCase):
    """Random schedules: what is kept of them."""

    def facts(self, **changes):
        fact = {"name": "random-13", "end": "agrees", "step": None, "what": "", "lost": [], "attempts": 1,
                "seconds": 2.0, "qemu": {"version": "7.2.22", "accelerator": "tcg", "ram": 1288, "transport": "mmio"},
                "host": {"preset": "qemu-7.2-tcg-odd-ram", "rule": None, "value": None}}
        return [fact, fact | {"name": "random-14", "lost": [1], "attempts": 3, "seconds": 9.0},
                fact | {"name": "random-15", "seconds": 4.0} | changes]

    def kept(self, **changes):
        made = record()
        reality.keep_random(made, "hintsim drive --random 3 --seed 13", "2026-01-01", 13, self.facts(**changes))
        return made

    def row(self, made):
        section = reality.make(made).split("## Schedules that nobody wrote")[1].split("## ")[0]
        return next(line for line in section.splitlines() if line.startswith("| 7.2.22"))

    def test_the_sums_are_told(self):
        self.assertEqual(self.row(self.kept()), "| 7.2.22 | tcg | 1288 KiB | qemu-7.2-tcg-odd-ram | 2026-01-01 "
                                                "| 3 | 3 | 1 | 0 | 0 | 1 | 2 | 4.0 |")
        self.assertIn("\n    hintsim drive --random 3 --seed 13\n", reality.make(self.kept()))
        self.assertEqual(reality.judge(self.kept()), [])

    def test_one_that_differs_is_told(self):
        made = self.kept(end="differs", step=7, what="page 0", lost=None)
        self.assertEqual(reality.judge(made), ["7.2 tcg odd: random-15: differs at step 7: page 0"])
        self.assertIn("- 7.2 tcg odd: random-15: differs at step 7: page 0\n", reality.make(made))
        self.assertIn("| 3 | 2 | 1 | 1 | 0 |", self.row(made))

    def test_too_many_without_an_answer_are_told(self):
        self.assertEqual(reality.judge(self.kept(end="no answer", step=7, what="pacing", attempts=5, lost=None)),
                         ["7.2 tcg odd: 1 random schedules have no answer"])

    def test_they_are_kept_in_place_of_the_old_ones(self):
        made = self.kept()
        reality.keep_random(made, "hintsim drive --random 2 --seed 1", "2026-01-02", 1, self.facts()[:2])
        self.assertEqual([one["count"] for one in made["random"]], [2])
        with tempfile.TemporaryDirectory() as name:
            again = written(made, pathlib.Path(name))
        self.assertEqual(again["random"], json.loads(json.dumps(made["random"])))


class Losses(unittest.TestCase):
    def test_a_loss_is_a_row_of_the_table_of_the_matrix(self):
        self.assertEqual(reality.sightings_table(record()).splitlines()[3:],
                         ['HS_SIGHTING("linux-6.1", "qemu-7.2-tcg-odd-ram", "7.2.22", "tcg", 1288)'])
        self.assertEqual(len(reality.sightings_table(record(lost=[])).splitlines()), 3)

    def test_a_loss_behind_either_transport_is_one_row(self):
        made = record()
        behind = {"version": "7.2.22", "accelerator": "tcg", "ram": 1288, "transport": "pci"}
        other = record(qemu=behind)
        made["runs"] += other["runs"]
        made["files"][PATH]["drives"] |= other["files"][PATH]["drives"]
        self.assertEqual(len(made["files"][PATH]["drives"]), 2)
        self.assertEqual(reality.sightings_table(made), reality.sightings_table(record()))

    def test_what_is_not_in_play_in_a_matrix_marks_nothing_there(self):
        self.assertTrue(reality.is_usual(PATH))
        for unusual in ("postcopy-stall", "second-hop-is-hinted", "unload-while-hinting", "report-reused-early"):
            self.assertFalse(reality.is_usual(f"scenarios/field/{unusual}.yaml"), unusual)

    def test_a_table_that_is_stale_is_told(self):
        made = record()
        made["files"] = {path: made["files"][PATH] | {"sha256": reality.file_hash(path)} for path in EVERY}
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            made = written(made, folder)
            self.assertEqual(reality.check(made, folder), [])
            (folder / "sightings.def").write_text("")
            self.assertEqual(reality.check(made, folder),
                             ["sightings.def is not what spec/reality.json says: tests/reality/reality.py"])

    def test_a_loss_marks_its_pair(self):
        self.assertEqual(list(reality.seen_losses(record())), [("linux-6.1", "qemu-7.2-tcg-odd-ram")])

    def test_a_host_with_another_rule_marks_none(self):
        host = {"preset": "qemu-5.2-tcg", "rule": "rearm-at-sync", "value": "on"}
        self.assertFalse(reality.seen_losses(record(host=host)))

    def test_no_loss_no_agreement_no_mark(self):
        self.assertFalse(reality.seen_losses(record(lost=[])))
        self.assertFalse(reality.seen_losses(record(end="differs", step=1, what="page 0", lost=None)))

    def test_a_guest_with_another_rule_marks_none(self):
        made = record()
        other = "scenarios/field/shared-command-word-fixed.yaml"
        self.assertNotEqual(set(reality.yaml.safe_load((reality.ROOT / other).read_text())["guest"]), {"preset"})
        made["files"] = {other: made["files"][PATH]}
        self.assertFalse(reality.seen_losses(made))


if __name__ == "__main__":
    unittest.main()
