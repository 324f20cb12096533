# SPDX-License-Identifier: BSD-3-Clause
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
        left_out = True  # what stands above the ladder
        for line in block.splitlines():
            if line == "...":
                left_out = True
                continue
            if left_out:
                self.assertIn(line, printed, "missing, or in another order")
            else:
                self.assertEqual(line, next(printed), "lines are left out without a mark")
            left_out = False

    def test_the_remedies_do_what_the_table_says(self):
        rows = re.findall(r"^\| `(\S+)`: [^|]+\| \[safe\]\((\S+)\) \| (\w+) lost", README, re.M)
        self.assertEqual(len(rows), 4)
        for rule, path, verdict in rows:
            run = self.hintsim("run", os.path.join(ROOT, path)).stdout
            self.assertIn("\nverdict: safe;", run)
            commands = [c for c in re.findall(r"^    build/release/hintsim (prove .*)$", README, re.M)
                        if f"--rule {rule}" in c and "--with" not in c]
            self.assertEqual(len(commands), 1, rule)
            done = self.hintsim(*shlex.split(commands[0]))
            self.assertRegex(done.stdout, rf"\nObservation \S+ dirty-page-lost {verdict} ", rule)

    def test_the_remedy_that_is_enough_is_not_claimed_of_a_driver_that_goes(self):
        enough = re.findall(r"^\| `(\S+)`: [^|]+\| [^|]+\| Never lost", README, re.M)
        self.assertEqual(len(enough), 2)
        for rule in enough:
            done = self.hintsim("prove", "-p", "dirty-page-lost", "--guest", "linux-6.1", "--host",
                                "qemu-7.2-kvm", "--rule", rule, "--with", "resets")
            turns = re.search(r"\nObservation \S+ dirty-page-lost Sometimes .*resets", done.stdout)
            says = re.search(rf"^    build/release/hintsim prove .* --rule {rule} --with resets$", README, re.M)
            self.assertEqual(bool(turns), bool(says), "resets turn the proof, and the page says so: " + rule)

    def test_the_first_scenario_is_as_expected(self):
        text = re.search(r"```yaml\n(.*?)```", README, re.S).group(1)
        path = self.write(text, "reuse.yaml")
        done = self.hintsim("run", path)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"(?m)^P0 .* arrived$")
        self.assertIn("verdict: safe;", done.stdout)

        def refused_with(old, new):
            self.assertIn(old, text)
            return self.hintsim("run", self.write(text.replace(old, new), "reuse.yaml"))
        other = re.search(r"With `(host: \{.*\})` the step `(.*)`\nis refused, since its bit is clear: no "
                          r"record of the write", README)
        refused = refused_with("host: {preset: qemu-7.2-kvm-legacy}", other[1])
        self.assert_refused(refused, f": {other[2]}: ", "only while page 0 is to be sent (its bit is clear)")
        refused = refused_with("driver.shrink 0 ", "driver.release 0")
        self.assert_refused(refused, "until then only the shrinker gives pages back",
                            "enabled here:")

    def test_the_commands_work(self):
        commands = re.findall(r"^    build/release/hintsim (.*)$", README, re.M)
        self.assertGreater(len(commands), 4)
        for command in ("check scenarios", "matrix"):  # which cli-check and cli-matrix run
            commands.remove(command)
        commands = [command for command in commands if not command.startswith("drive ")]  # tests/drive/run
        for command in commands:
            arguments = [re.sub(r"^race\.", self.path("race."), word) for word in shlex.split(command)]
            if "reuse.yaml" not in arguments:
                done = self.hintsim(*arguments, cwd=ROOT)
                lost = "\nObservation linux-6.1*qemu-7.2-kvm dirty-page-lost Sometimes" in done.stdout
                self.assertEqual(done.returncode, 1 if lost else 0, command)

    def test_every_link_leads_somewhere(self):
        for link in re.findall(r"\]\(([^)]+)\)", README):
            self.assertTrue(os.path.exists(os.path.join(ROOT, link)), link)


if __name__ == "__main__":
    unittest.main()
