# SPDX-License-Identifier: BSD-3-Clause
"""hintsim prove --explain: facts that follow their schema, and the exit status of the proof."""
import json
import os
import unittest

import jsonschema

from program import GOOD, ROOT, ProgramTest

SAFE = ["--guest", "spec-latitude", "--host", "qemu-7.2-kvm-legacy"]
UNSAFE = ["--guest", "thread-iterator", "--host", "qemu-7.2-kvm"]


class Explain(ProgramTest):
    def explain(self, *arguments, status):
        done = self.hintsim("prove", *arguments, "--property", "dirty-page-lost", "--explain")
        without = self.hintsim("prove", *arguments, "--property", "dirty-page-lost")
        self.assertEqual(done.returncode, without.returncode, done.stderr)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertTrue(done.stdout.startswith(without.stdout))
        return done.stdout[len(without.stdout):]

    def facts(self, *arguments):
        done = self.hintsim("prove", *arguments, "--property", "dirty-page-lost", "--explain",
                            "--format", "json")
        facts = json.loads(done.stdout)
        with open(os.path.join(ROOT, "tools", "report", "prove.schema.json")) as file:
            jsonschema.Draft7Validator(json.load(file)).validate(facts)
        return facts["explanation"]

    def test_a_safe_pair_gets_a_statement_that_was_checked(self):
        facts = self.facts(*SAFE)
        self.assertTrue(facts["complete"] and facts["holds"] and facts["inductive"])
        last = facts["statement"][-1]
        self.assertEqual(last["control"], {"migration": "sending", "vm": "stopped", "logging": True})
        self.assertEqual(last["at_risk"], [["bitmap", "being sent"]])
        hint, = facts["requests"]
        self.assertEqual(hint["takes"], ["bitmap"])
        self.assertEqual([where["left"] for where in hint["where"]], [[["host log", "log"]]])
        steps = {row["step"]: row for row in facts["handovers"]}
        self.assertEqual(steps["migration.merge-log"]["takes"], ["host log"])
        self.assertEqual(steps["migration.merge-log"]["after"], [["bitmap"]])
        self.assertTrue(steps["migration.finish-page"]["ends"])

    def test_reports_and_inflates_are_explained_too(self):
        facts = self.facts("--guest", "linux-6.1+wait-on-ack", "--host", "qemu-7.2-kvm",
                           "--with", "reporting,inflate,postcopy", "--without", "dma,changes")
        self.assertEqual([row["request"] for row in facts["requests"]], ["report", "inflate"])
        self.assertTrue(facts["inductive"])

    def test_an_unsafe_pair_gets_the_step_that_leaves_no_record(self):
        facts = self.facts(*UNSAFE)
        self.assertNotIn("statement", facts)
        self.assertEqual(facts["gap"]["step"], "device.take-element")
        self.assertEqual(facts["gap"]["takes"], ["bitmap", "log"])
        words = self.explain(*UNSAFE, status=1)
        self.assertIn("Why dirty-page-lost is broken\n", words)
        self.assertIn("The last step is device.take-element, which takes bitmap and log.\n", words)

    def test_a_file_is_explained_as_well(self):
        path = self.write(GOOD)
        self.assertIn("Why dirty-page-lost is broken\n", self.explain(path, status=1))

    def test_it_comes_after_what_is_proved(self):
        words = self.explain(*SAFE, status=self.hintsim("prove", *SAFE, "--property",
                                                        "dirty-page-lost").returncode)
        self.assertTrue(words.startswith("\nWhy dirty-page-lost is never broken\n"))


if __name__ == "__main__":
    unittest.main()
