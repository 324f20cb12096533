# SPDX-License-Identifier: BSD-3-Clause
"""spec/recipes/ci.md: every command in it works, and is a gate."""
import json
import os
import re
import shutil
import subprocess
import unittest
import xml.etree.ElementTree as ElementTree

import yaml

from program import GOOD, HANGS, PROGRAM, ROOT, ProgramTest

with open(os.path.join(ROOT, "spec", "recipes", "ci.md")) as recipes:
    RECIPES = recipes.read()

GATE = GOOD.replace("name: good", "name: gate").replace(
    "  run: unfinished", "  run: unfinished\n  explore: {hint-device-4: sometimes}\n"
    "  prove: {hint-driver-8: never}") + "clauses: [hint-device-4]\nlimits: {writes: 1, rounds: 1}\n"


def block(language, title):
    """The first block of a language below a title."""
    return re.search(rf"^## {title}\n(?s:.*?)^```{language}\n((?s:.*?))^```$", RECIPES, re.M)[1]


class Recipes(ProgramTest):
    def shell(self, command, good):
        """Run a command on a scenario that is as expected, or is not, as those who copy it would."""
        os.makedirs(self.path("scenarios"), exist_ok=True)
        with open(self.path("scenarios/gate.yaml"), "w") as file:
            file.write(GATE if good else GATE.replace("run: unfinished", "run: page-stuck"))
        path = os.path.dirname(PROGRAM) + ":" + os.environ["PATH"]
        return subprocess.run(["sh", "-c", command], cwd=self.folder, env={**os.environ, "PATH": path}, text=True,
                              capture_output=True, stdin=subprocess.DEVNULL, timeout=HANGS)

    def assert_gate(self, command):
        """Status 0 if all is as expected, and 1 if not."""
        for good in (True, False):
            done = self.shell(command, good)
            self.assertEqual(done.returncode, 0 if good else 1, (command, done.stdout, done.stderr))
            yield good

    def test_github(self):
        workflow = yaml.safe_load(block("yaml", "GitHub"))
        steps = workflow["jobs"]["check"]["steps"]
        command, = [step["run"] for step in steps if "run" in step]
        file, = [step["with"]["sarif_file"] for step in steps if "sarif_file" in step.get("with", {})]
        for good in self.assert_gate(command):
            with open(self.path(file)) as log:
                results = json.load(log)["runs"][0]["results"]
            places = [place["physicalLocation"]["artifactLocation"]["uri"]
                      for result in results for place in result["locations"]]
            self.assertEqual(places, [] if good else ["scenarios/gate.yaml"])

    def test_gitlab(self):
        job = yaml.safe_load(block("yaml", "GitLab"))["hintsim"]
        command, = job["script"]
        for good in self.assert_gate(command):
            root = ElementTree.parse(self.path(job["artifacts"]["reports"]["junit"])).getroot()
            self.assertEqual((root.get("tests"), root.get("failures")), ("3", "0" if good else "1"))
            for path in job["artifacts"]["paths"]:
                with open(self.path(path)) as file:
                    self.assertEqual(json.load(file)["sum"]["failed"], 0 if good else 1)

    def test_makefile(self):
        makefile = block("make", "A Makefile")
        rules = dict(re.findall(r"^(\w+):\n\t(.*)$", makefile, re.M))
        self.assertEqual(set(re.search(r"\.PHONY: (.*)", makefile)[1].split()), set(rules))
        for command in rules.values():
            for _ in self.assert_gate(command.replace("$(HINTSIM)", "hintsim")):
                pass
        if shutil.which("make"):
            with open(self.path("Makefile"), "w") as file:
                file.write(makefile)
            self.assertEqual(self.shell("make check", True).returncode, 0)
            self.assertNotEqual(self.shell("make check", False).returncode, 0)

    def test_the_other_commands(self):
        commands = re.findall(r"^    (hintsim .*)$", RECIPES, re.M)
        self.assertGreater(len(commands), 3)
        for command in commands:
            done = self.shell(command, True)
            self.assertEqual(done.returncode, 0, (command, done.stderr))
            self.assertIn("gate", done.stdout)

    def test_no_command_is_left_out(self):
        told = len(re.findall(r"hintsim check --|\$\(HINTSIM\) check", RECIPES))
        self.assertEqual(told, 1 + 1 + 3 + 4)


if __name__ == "__main__":
    unittest.main()
