# SPDX-License-Identifier: BSD-3-Clause
"""Options: that each is taken and read, and that help, manual and completions are made of the same table."""
import re
import shutil
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
            for name in [name for _, name, argument in options_of(command) if argument][-1:]:
                self.assert_refused(self.hintsim(command, f"--{name}"), "requires an argument")


class Manual(ProgramTest):
    def shown(self):
        roff = self.hintsim("help", "--man").stdout
        groff = subprocess.run(["groff", "-ww", "-mandoc", "-Tascii", "-P-cbou", "-rLL=200n"], input=roff, text=True,
                               capture_output=True, check=True)
        self.assertEqual(groff.stderr, "")
        return groff.stdout

    def test_it_is_without_a_warning_and_has_every_option_of_every_command(self):
        parts = re.split(r"(?m)^   hintsim ", self.shown())
        self.assertEqual([part.split()[0] for part in parts[1:]], list(COMMANDS))
        for command, part in zip(COMMANDS, parts[1:]):
            for letter, name, argument in options_of(command):
                label = (f"-{letter}, " if letter else "") + f"--{name}" + (f" {argument}" if argument else "")
                self.assertRegex(part, rf"(?m)^       {re.escape(label)}( |$)")

    def test_it_has_every_word_of_the_help(self):
        words = re.sub(r"[-\s]+", "", self.shown())
        for command in COMMANDS:
            for paragraph in self.hintsim("help", command).stdout.split("\n\n")[1:]:
                text = re.sub(r"[-\s]+", "", paragraph)
                self.assertIn(text, words, command)

    def test_what_is_no_request_is_refused(self):
        self.assert_refused(self.hintsim("help", "--man", "run"), "'run' is not expected")
        self.assert_refused(self.hintsim("help", "run", "draw"), "'draw' is not expected")
        self.assert_refused(self.hintsim("help", "--man", "--completion", "bash"), "either --man, or")
        self.assert_refused(self.hintsim("help", "--completion", "fish"), "allowed: bash, zsh")


class Completion(ProgramTest):
    def bash(self, line, breaks=" \t\n\"'><=;|&(:"):
        """What bash completes a line to: the last word, from its last = on."""
        script = self.write(self.told("help", "--completion", "bash").stdout, "hintsim.bash")
        done = subprocess.run(
            ["bash", "--norc", "-uc", '. "$1"; complete -p hintsim >&2; COMP_LINE=$2 COMP_POINT=${#2} COMP_WORDBREAKS=$3; '
             '_hintsim; printf "%s\\n" "${COMPREPLY[@]}"', "bash", script, line, breaks],
            text=True, capture_output=True, cwd=self.folder)
        self.assertEqual((done.returncode, done.stderr), (0, "complete -F _hintsim hintsim\n"))
        return done.stdout.split()

    def test_bash_completes_commands_and_options(self):
        self.assertEqual(self.bash("hintsim "), [*COMMANDS, "--help", "--version"])
        self.assertEqual(self.bash("hintsim dr"), ["draw", "drive"])
        self.assertEqual(self.bash("hintsim help pr"), ["prove"])
        self.assertEqual(self.bash("hintsim nosuch "), [])
        for command in COMMANDS:
            names = list(dict.fromkeys(f"--{name}" for _, name, _ in options_of(command)))
            self.assertEqual(self.bash(f"hintsim {command} -"), [*names, "--help"])

    def test_bash_completes_arguments(self):
        self.assertEqual(self.bash("hintsim run --format "), ["text", "json"])
        self.assertEqual(self.bash("hintsim run -f j"), ["json"])
        self.assertEqual(self.bash("hintsim list ste"), ["steps"])
        self.assertEqual(self.bash("hintsim prove -g linux-5.0"), ["linux-5.0", "linux-5.0+deflate-on-oom"])
        self.assertEqual(self.bash("hintsim prove -p dirty"), ["dirty-page-lost"])
        self.assertEqual(self.bash("hintsim prove --with dma,re"), ["dma,resets", "dma,reporting"])
        self.assertEqual(self.bash("hintsim explore --threads "), [])
        self.assertEqual(self.bash("hintsim matrix --wi"), ["--with", "--without", "--witness"])

    def test_bash_replaces_what_stands_behind_the_last_equals_sign(self):
        self.assertEqual(self.bash("hintsim run --format=j"), ["json"])
        self.assertEqual(self.bash("hintsim run --format=j", breaks=" "), ["--format=json"])
        self.assertEqual(self.bash("hintsim prove --rule release=after-u"), ["after-used"])
        self.assertEqual(self.bash("hintsim prove --rule=release=after-u"), ["after-used"])
        self.assertEqual(self.bash("hintsim prove --rule rele", breaks=" ")[0], "release=any-time")

    def test_bash_completes_files(self):
        self.write("", "one file.yaml")
        self.write("", "two.yaml")
        self.assertEqual(self.bash("hintsim run tw"), ["two.yaml"])
        self.assertEqual(self.bash("hintsim run -v x=1 tw"), ["two.yaml"])
        self.assertEqual(self.bash("hintsim draw two.yaml -o on"), ["one", "file.yaml"])
        self.assertEqual(self.bash("hintsim matrix tw"), [])

    def test_every_argument_has_a_name_that_completion_knows(self):
        nothing = {"N", "V", "S", "BYTES", "SECONDS", "WORD", "PFN", "COMMAND"}
        for command in COMMANDS:
            for _, name, argument in options_of(command):
                if not argument or argument.startswith("'"):
                    continue
                offered = self.bash(f"hintsim {command} --{name} ")
                self.assertEqual(bool(offered), argument not in nothing, (command, name))

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not there")
    def test_zsh_takes_it(self):
        script = self.write(self.hintsim("help", "--completion", "zsh").stdout, "_hintsim")
        subprocess.run(["zsh", "-fn", script], check=True)
        source = "autoload -U compinit && compinit -D -u && . $1 && print -r -- $_comps[hintsim]"
        done = subprocess.run(["zsh", "-fc", source, "zsh", script], text=True, capture_output=True)
        self.assertEqual((done.stdout, done.stderr), ("_hintsim\n", ""))
        with open(script) as file:
            parts = re.split(r"(?m)^    ([a-z]+)\)$", file.read())
        self.assertEqual(parts[1::2], list(COMMANDS))
        for command, part in zip(COMMANDS, parts[2::2]):
            for letter, name, argument in options_of(command):
                self.assertIn(f"'*--{name}{'=' if argument else ''}[", part)
                if letter:
                    self.assertIn(f"'*-{letter}{'+' if argument else ''}[", part)


if __name__ == "__main__":
    unittest.main()
