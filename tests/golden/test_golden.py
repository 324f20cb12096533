# SPDX-License-Identifier: BSD-3-Clause
"""Expected output, byte for byte: each NAME.txt or NAME.json here is what run prints for the scenario
NAME, or explore if it has no schedule; prove-NAME.PROPERTY.txt is what prove --property prints, and
GUEST--HOST.txt what prove --explain adds for a pair.  the target regenerate writes them
anew (`test_golden.py update`); look at the difference before you keep it."""
import glob
import os
import subprocess
import sys
import unittest

PROGRAM = os.environ["HINTSIM"]
ROOT = os.environ["HINTSIM_ROOT"]
HERE = os.path.join(ROOT, "tests", "golden")
GOLDEN = sorted(path for pattern in ("*.txt", "*.json") for path in glob.glob(os.path.join(HERE, pattern))
                if os.path.basename(path) != "CMakeLists.txt")


def printed(path):
    name, ending = os.path.basename(path).rsplit(".", 1)
    if "--" in name:
        return explained(*name.split("--"))
    proves = name.startswith("prove-")
    if proves:
        name, broken = name[len("prove-"):].split(".")
    found = glob.glob(os.path.join(ROOT, "scenarios", "**", f"{name}.yaml"), recursive=True)
    assert len(found) == 1, name
    form = "json" if ending == "json" else "text"
    with open(found[0]) as file:
        command = ["run"] if "\nschedule:" in file.read() else ["explore", "--nearest"]
    if proves:
        command = ["prove", "--property", broken]
    return subprocess.run([PROGRAM, *command, "--format", form, os.path.relpath(found[0], ROOT)],
                          cwd=ROOT, capture_output=True, check=not proves).stdout


def explained(guest, host):
    """The explanation alone: it does not depend on what else is proved of the pair."""
    command = ["prove", "--guest", guest, "--host", host, "--property", "dirty-page-lost", "--explain"]
    output = subprocess.run([PROGRAM, *command], capture_output=True).stdout
    return output[output.index(b"\nWhy ") + 1:]


class Golden(unittest.TestCase):
    maxDiff = None

    def test_there_are_some(self):
        self.assertGreaterEqual(len(GOLDEN), 8)

    def test_output_is_as_checked_in(self):
        for path in GOLDEN:
            with self.subTest(os.path.basename(path)), open(path, "rb") as file:
                self.assertEqual(printed(path).decode(), file.read().decode())

    def test_a_bounded_search_never_says_never(self):
        """Never is the word of proofs: no run, and no exploration within limits, says it."""
        bounded = [path for path in GOLDEN
                   if "--" not in path and not os.path.basename(path).startswith("prove-")]
        self.assertGreaterEqual(len(bounded), 5)
        for path in bounded:
            with self.subTest(os.path.basename(path)), open(path) as file:
                self.assertNotIn("Never", file.read())


if __name__ == "__main__":
    if sys.argv[1:] == ["update"]:
        for golden in GOLDEN:
            with open(golden + ".new", "wb") as out:
                out.write(printed(golden))
            os.replace(out.name, golden)
    else:
        unittest.main()
