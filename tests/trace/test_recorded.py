# SPDX-License-Identifier: BSD-3-Clause
"""Migrations of an unchanged Linux 6.1 under QEMU 7.2 and TCG, recorded by tests/trace/record: judged anew."""
import glob
import json
import lzma
import os
import subprocess
import sys
import unittest

import jsonschema

sys.path.insert(0, os.path.join(os.environ["HINTSIM_ROOT"], "tests", "cli"))
from program import ROOT, ProgramTest  # noqa: E402

FOLDER = os.path.join(ROOT, "tests", "trace", "recorded")
ODD, EVEN = "qemu-7.2-tcg-odd-ram", "qemu-7.2-tcg"
# The host, how many pages were hinted, and in which windows a write of how many can have been lost (ms).
RECORDINGS = {
    "odd-ram-written": (ODD, 5120, []),
    "odd-ram": (ODD, 53248, []),
    "even-ram": (EVEN, 5120, [(227, 2310), (869, 642), (781, 150), (111, 60), (44, 30)]),
}
with open(os.path.join(ROOT, "tools", "trace", "recording.schema.json")) as schema:
    LINE = jsonschema.Draft7Validator(json.load(schema))


def lines_of(name):
    with lzma.open(os.path.join(FOLDER, f"{name}.ndjson.xz"), "rt") as file:
        return file.read().splitlines()


class Recorded(ProgramTest):
    def judge(self, name, lines, host=None, status=0):
        recording = self.write("".join(line + "\n" for line in lines), f"{name}.ndjson")
        done = self.hintsim("trace", "--guest", "linux-6.1", "--host", host or RECORDINGS[name][0], "--format", "json",
                            recording)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def test_each_is_judged(self):
        files = {os.path.basename(path).split(".")[0] for path in glob.glob(os.path.join(FOLDER, "*"))}
        self.assertEqual(files, set(RECORDINGS))

    def test_none_is_refused(self):
        for name, (_, hinted, windows) in RECORDINGS.items():
            with self.subTest(name=name):
                lines = lines_of(name)
                facts = self.judge(name, lines)
                self.assertEqual((facts["answer"], facts["remarks"]), ("not refuted", []))
                self.assertGreater(facts["stories"], 40)
                self.assertEqual([(window["pages"], int(window["ns"] / 10**6)) for window in facts["windows"]], windows)
                pages = {buffer["address"] + at for line in lines if '"writable":true' in line
                         for event in [json.loads(line)] if event["queue"] == "free_page_vq"
                         for buffer in event["buffers"] for at in range(0, buffer["length"], 4096)}
                self.assertEqual(len(pages), hinted)

    def test_they_follow_the_schema(self):
        for name in RECORDINGS:
            for line in lines_of(name)[::50]:
                LINE.validate(json.loads(line))

    def test_an_event_that_is_left_out_is_noticed(self):
        lines = lines_of("odd-ram-written")
        for kind in ("config-interrupt", "begin-migration", "begin-sync", "end-sync", "stop-vm"):
            with self.subTest(kind=kind):
                without = next(at for at, line in enumerate(lines[1:], 1) if f'"event":"{kind}"' in line)
                facts = self.judge("odd-ram-written", lines[:without] + lines[without + 1:], status=1)
                self.assertEqual(facts["answer"], "refused")

    def test_more_pages_tell_the_same_stories(self):
        done = subprocess.run([os.path.join(ROOT, "tests", "trace", "multiply"),
                               os.path.join(FOLDER, "even-ram.ndjson.xz"), "3"], capture_output=True, text=True, check=True)
        once, more = self.judge("even-ram", lines_of("even-ram")), self.judge("even-ram", done.stdout.splitlines())
        self.assertEqual((more["pages"], more["stories"]), (3 * once["pages"], once["stories"]))
        self.assertGreater(more["events"], 100000)
        self.assertEqual([window["pages"] for window in more["windows"]],
                         [3 * window["pages"] for window in once["windows"]])

    def test_each_event_dropped_exchanged_and_put_in_again(self):
        """Of what can be seen at all, at least 90 % are refused; trace_mutants fails if not."""
        for name in ("odd-ram-written", "even-ram"):
            with self.subTest(name=name):
                recording = self.write("".join(line + "\n" for line in lines_of(name)), f"{name}.ndjson")
                done = subprocess.run([os.environ["TRACE_MUTANTS"], recording, "linux-6.1", RECORDINGS[name][0]],
                                      capture_output=True, text=True)
                print(done.stdout)
                self.assertEqual(done.returncode, 0, done.stdout)
                for change in ("dropped", "swapped", "invented"):
                    self.assertRegex(done.stdout, rf"(?m)^{change}: \d+ of [4-9]\d|^{change}: \d+ of \d\d\d")

    def test_a_page_of_a_window_is_lost_in_a_run(self):
        """The story of a page of a real migration, as a scenario in which a write of it goes."""
        recording = self.write("".join(line + "\n" for line in lines_of("even-ram")), "even-ram.ndjson")
        told = self.path("told.yaml")
        done = self.hintsim("trace", "--guest", "linux-6.1", "--host", EVEN, "--page", "0x7400", "--scenario", told,
                            recording)
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(told) as file:
            self.assertIn("run: [dirty-page-lost]", file.read())
        self.assertEqual(self.hintsim("run", told).returncode, 0)

    def test_windows_are_of_a_host_that_does_not_see_each_write(self):
        """The same events, with a host that sees them: a write of a page that was hinted is sent later."""
        facts = self.judge("even-ram", lines_of("even-ram"), host=ODD)
        self.assertEqual((facts["answer"], facts["windows"]), ("not refuted", []))


if __name__ == "__main__":
    unittest.main()
