"""The README tells the truth: its ladder is what run prints, and its examples work as they stand."""
import os
import re
import shlex
import unittest

from program import ROOT, ProgramTest

with open(os.path.join(ROOT, "README.md")) as file:
    README = file.read()


class Readme(ProgramTest):
    def test_the_ladder_is_what_run_prints(self):
        path = os.path.join(ROOT, "scenarios", "field", "hint-swallows-log-bit.yaml")
        printed = iter(self.hintsim("run", path).stdout.splitlines())
        block = re.search(r"```\n(guest .*?)```", README, re.S).group(1)
        for line in block.splitlines():
            if set(line.strip()) != {"^"}:
                self.assertIn(line, printed, "missing, or in another order")

    def test_the_first_scenario_is_as_expected(self):
        text = re.search(r"```yaml\n(.*?)```", README, re.S).group(1)
        path = self.write(text, "reuse.yaml")
        done = self.hintsim("run", path)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        refused = self.hintsim(
            "run", self.write(text.replace("driver.shrink 0 ", "driver.release 0"), "reuse.yaml"))
        self.assert_refused(refused, "until then only the shrinker gives pages back",
                            "enabled here:")

    def test_the_commands_work(self):
        commands = re.findall(r"^    build/release/hintsim (.*)$", README, re.M)
        self.assertGreater(len(commands), 4)
        for command in commands:
            arguments = [re.sub(r"^race\.", self.path("race."), word) for word in shlex.split(command)]
            if "reuse.yaml" not in arguments:
                self.assertEqual(self.hintsim(*arguments, cwd=ROOT).returncode, 0, command)

    def test_every_link_leads_somewhere(self):
        for link in re.findall(r"\]\(([^)]+)\)", README):
            self.assertTrue(os.path.exists(os.path.join(ROOT, link)), link)


if __name__ == "__main__":
    unittest.main()
