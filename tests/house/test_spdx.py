# SPDX-License-Identifier: BSD-3-Clause
"""Every source and every script says its licence in its first line, or right after `#!`."""
import os
import re
import subprocess
import unittest

ROOT = os.environ["HINTSIM_ROOT"]
LICENCE = re.compile(r"(/\*|#|--) SPDX-License-Identifier: BSD-3-Clause( \*/)?")
# What is no source.  Everything else must say its licence, whatever it is called.
DATA = (".dot", ".json", ".md", ".ndjson", ".svg", ".txt", ".xz", ".yaml", ".gitignore", "LICENSE")


def checked_in():
    """The files that git knows of; of an unpacked archive, all but what was built."""
    git = ["git", "-C", ROOT]
    top = subprocess.run([*git, "rev-parse", "--show-cdup"], capture_output=True, text=True)
    if top.returncode == 0 and not top.stdout.strip():
        return subprocess.check_output([*git, "ls-files", "-z"], text=True).split("\0")[:-1]
    return [os.path.relpath(os.path.join(folder, name), ROOT)
            for folder, _, names in os.walk(ROOT) for name in names
            if not re.match(r"(build[^/]*|out|\.git)(/|$)", os.path.relpath(folder, ROOT))]


def is_source(path):
    return not path.endswith(DATA) or os.path.basename(path) == "CMakeLists.txt"


class Spdx(unittest.TestCase):
    def test_every_source_says_its_licence(self):
        sources = [path for path in checked_in() if is_source(path)]
        for room in ("model/", "tools/", "tests/"):
            self.assertTrue([path for path in sources if path.startswith(room)], room)
        for path in sources:
            if not os.path.exists(os.path.join(ROOT, path)):
                continue # deleted, and not committed yet
            with open(os.path.join(ROOT, path)) as file:
                first, second = file.readline(), file.readline()
            line = second if first.startswith("#!") else first
            self.assertTrue(LICENCE.fullmatch(line.rstrip("\n")), f"{path}: {line}")

    def test_the_licence_is_there(self):
        with open(os.path.join(ROOT, "LICENSE")) as file:
            self.assertEqual(file.readline(), "BSD 3-Clause License\n")


if __name__ == "__main__":
    unittest.main()
