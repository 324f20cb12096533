# SPDX-License-Identifier: BSD-3-Clause
"""Options: that each is taken and read, and that help, manual and completions are made of the same table."""
import re
import subprocess
import unittest

from program import PROGRAM, ProgramTest
from test_commands import COMMANDS


def options_of(command):
    """The options that a command's help tells about: (letter or None, name, its argument's name or None)."""
    text = subprocess.run([PROGRAM, "help", command], text=True, capture_output=True, check=True).stdout
    row = re.compile(r"(?m)^ +(?:-(\w), )?--([a-z-]+)(?: ('[^']*'|[A-Z][A-Z=]*\b|text\|json))?(?= |$)")
    return [(m[1], m[2], m[3]) for m in row.finditer(text[text.index("\n\n"):])]


class Options(ProgramTest):
    """A command's table of options is what its usage, its help and its command line are made of."""

    def test_usage_and_table_name_the_same_options(self):
        for command in COMMANDS:
            usage = self.hintsim("help", command).stdout.split("\n\n")[0]
            used = set(re.findall(r"(?<!\w)--?[a-z][a-z-]*", usage))
            known = {f"--{name}" for _, name, _ in options_of(command)}
            letters = {f"-{letter}" for letter, _, _ in options_of(command) if letter}
            self.assertLessEqual(used, known | letters, command)
            for letter, name, _ in options_of(command):
                self.assertTrue({f"--{name}", f"-{letter}"} & used, (command, name))

    def test_every_option_is_taken_in_each_of_its_forms(self):
        for command in COMMANDS:
            words = []
            for letter, name, argument in options_of(command):
                words += [f"--{name}"] + (["0", f"--{name}=0"] if argument else [])
                if letter:
                    words += [f"-{letter}"] + (["0", f"-{letter}0"] if argument else [])
            done = self.hintsim(command, *words, "--help")
            self.assertEqual((done.returncode, done.stderr), (0, ""), command)

    def test_every_option_is_read(self):
        # Each stops at its value, or at the operand; none at an option that nothing reads.
        for command in COMMANDS:
            for _, name, argument in options_of(command):
                value = [] if not argument else ["0"]
                done = self.hintsim(command, f"--{name}", *value, self.path("nosuch"))
                self.assert_refused(done)
                self.assertNotIn("not understood", done.stderr)

    def test_what_is_no_option_is_refused(self):
        for command in COMMANDS:
            for word in ("--nosuch", "-Z"):
                self.assert_refused(self.hintsim(command, word), "not understood", f"usage: hintsim {command}")
            for _, name, argument in options_of(command)[-1:]:
                self.assertTrue(argument, command)
                self.assert_refused(self.hintsim(command, f"--{name}"), "requires an argument")


if __name__ == "__main__":
    unittest.main()
