"""Commands that use several threads: what they print does not depend on how many there are."""
import os
import unittest

from program import ROOT, ProgramTest
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
                self.same_with((1, 2, 3, 7), "explore", SCENARIO, "-f", form, *options)

    def test_matrix(self):
        self.same_with((1, 2), "matrix", *SMALL)


if __name__ == "__main__":
    unittest.main()
