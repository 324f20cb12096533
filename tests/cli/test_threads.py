# SPDX-License-Identifier: BSD-3-Clause
"""Commands that use several threads: what they print does not depend on how many there are."""
import os
import unittest

from program import GOOD, ROOT, ProgramTest
from test_matrix import SMALL

SCENARIO = os.path.join(ROOT, "scenarios", "ordering", "ordering-wait-on-ack.yaml")


class Threads(ProgramTest):
    def same_with(self, counts, *arguments):
        runs = [self.hintsim(*arguments, "--threads", str(count)) for count in counts]
        for run in runs:
            self.assertIn(run.returncode, (0, 1, 3), run.stderr)
            self.assertTrue(run.stdout)
            self.assertEqual(run.stdout, runs[0].stdout, arguments)

    def test_explore(self):
        for form in ("text", "json"):
            for options in (("-p", "page-stuck"), ("-p", "dirty-page-lost"),
                            ("-p", "hint-driver-5", "-a", "3", "-n")):
                self.same_with((1, 2, 3, 7), "explore", "--no-proof", SCENARIO, "-f", form, *options)

    def test_matrix(self):
        self.same_with((1, 2), "matrix", *SMALL)

    def test_check(self):
        self.write(GOOD)
        self.write("name: [", "bad.yaml")
        self.write(GOOD.replace("name: good", "name: fails").replace("unfinished", "page-stuck"),
                   "fails.yaml")
        self.write(GOOD.replace("name: good", "name: steps").replace("app.free", "app.allocate"),
                   "steps.yaml")
        ordering = os.path.join(ROOT, "scenarios", "ordering")
        once, again = (self.hintsim("check", "-j", jobs, ordering, self.folder, ordering)
                       for jobs in ("1", "3"))
        self.assertEqual(once.returncode, 2)
        self.assertIn("1 not, 2 bad input", once.stdout)
        self.assertEqual((once.returncode, once.stdout, once.stderr),
                         (again.returncode, again.stdout, again.stderr))
        once, again = (self.hintsim("check", "--fail-fast", "-j", jobs, "-o", self.path("rows.xml"),
                                    self.path("good.yaml"), self.path("fails.yaml"), ordering)
                       for jobs in ("1", "3"))
        self.assertEqual(once.returncode, 1)
        self.assertIn("left out behind the first that is not", once.stdout)
        self.assertEqual((once.stdout, once.stderr), (again.stdout, again.stderr))


if __name__ == "__main__":
    unittest.main()
