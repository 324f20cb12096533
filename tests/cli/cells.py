# SPDX-License-Identifier: BSD-3-Clause
"""Cells of the matrix beside their table."""
import json
import os
import re

from program import ROOT, ProgramTest

EXAMPLE = os.path.join(ROOT, "examples", "matrix.expect.yaml")


class CellsTest(ProgramTest):
    def all_facts(self):
        """Those of every cell, with what is expected of it: the longest of all commands."""
        return self.facts("--expect", EXAMPLE)

    def facts(self, *arguments):
        done = self.told("matrix", *arguments, "--format", "json")
        self.assertIn(done.returncode, (0, 1, 3), done.stderr)
        return json.loads(done.stdout)

    def assert_cells_are_the_tables(self, shape, wanted=lambda cell: True):
        """--cell, with the options of the table and in its own words, says what the table says."""
        facts = self.facts(*shape) if shape else self.all_facts()
        text = self.told("matrix", *shape).stdout
        in_play = re.search(r"in play without limit(?:.+\n)+?not in play.*", text)[0]
        command = re.search(r"GUEST\*HOST'(.*)$", facts["cell_command"]).group(1).split()
        if not shape:  # what is expected names properties that are a question in some cells alone
            self.assertEqual({word.split("=")[0] for word in command}, {"--property"})
            command = []
        checked = 0
        for cell in filter(wanted, facts["cells"]):
            one = self.hintsim("matrix", "--cell", cell["cell"], *command)
            told = {v["property"]: v["verdict"] for v in cell["verdicts"]}
            found = dict(re.findall(rf"(?m)^Observation {re.escape(cell['cell'])} (\S+) (\S+)",
                                    one.stdout))
            self.assertEqual(found, told, cell["cell"])
            self.assertIn(in_play, one.stdout)
            for rule, value in facts["rules"].items():
                # What is the preset's own is not said.
                if f"but {rule}=" in one.stdout:
                    self.assertIn(f"but {rule}={value} ", one.stdout)
            stories = [" ".join(s.split()) for s in re.findall(r"story:\n((?:  .*\n)+)", one.stdout)]
            self.assertEqual(stories, [v["story"] for v in cell["verdicts"] if "story" in v])
            checked += 1
        return checked
