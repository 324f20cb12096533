# SPDX-License-Identifier: BSD-3-Clause
"""Every file of tests is run by CTest, and every test that CTest runs has its limit."""
import glob
import json
import os
import subprocess
import unittest

ROOT = os.environ["HINTSIM_ROOT"]
BUILD = os.path.dirname(os.environ["HINTSIM"])


def registered():
    told = subprocess.check_output(["ctest", "--test-dir", BUILD, "--show-only=json-v1"])
    for test in json.loads(told)["tests"]:
        properties = {row["name"]: row["value"] for row in test["properties"]}
        yield test["name"], " ".join(test["command"]), properties


class Registered(unittest.TestCase):
    def test_every_file_of_tests_is_run(self):
        words = {os.path.basename(word) for _, command, _ in registered() for word in command.split()}
        files = glob.glob(os.path.join(ROOT, "tests", "**", "test_*.*"), recursive=True)
        self.assertGreater(len(files), 20)
        for path in files:
            name, ending = os.path.splitext(os.path.basename(path))
            self.assertIn(name if ending == ".c" else name + ending, words)

    def test_every_test_has_a_limit_that_is_generous(self):
        for name, _, properties in registered():
            self.assertGreaterEqual(properties.get("TIMEOUT", 0), 60, f"{name}: use hintsim_test")


if __name__ == "__main__":
    unittest.main()
