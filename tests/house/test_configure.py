# SPDX-License-Identifier: BSD-3-Clause
"""Configuring: every preset does, and what is missing is said with the package that has it."""
import json
import os
import shutil
import subprocess
import tempfile
import unittest

ROOT = os.environ["HINTSIM_ROOT"]
LIBRARIES = ("yaml-0.1", "jansson", "libgvc", "libcgraph")

with open(os.path.join(ROOT, "CMakePresets.json")) as presets:
    PRESETS = [preset["name"] for preset in json.load(presets)["configurePresets"]
               if not preset.get("hidden")]


class Configure(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def configure(self, *arguments, **environment):
        build = os.path.join(self.folder, "build")
        shutil.rmtree(build, ignore_errors=True)
        return subprocess.run([shutil.which("cmake"), "-B", build, *arguments], cwd=ROOT, text=True,
                              capture_output=True, env={**os.environ, **environment})

    def value(self, name):
        with open(os.path.join(self.folder, "build", "CMakeCache.txt")) as file:
            return next(line.split("=")[1].strip() for line in file if line.startswith(name + ":"))

    def assert_asks_for(self, done, package):
        self.assertNotEqual(done.returncode, 0)
        self.assertRegex(" ".join(done.stderr.split()), rf"On Debian: apt-get install [^.]*{package}")
        self.assertNotIn("Call Stack", done.stderr)

    def test_every_preset_configures_or_says_what_it_lacks(self):
        for preset in PRESETS:
            done = self.configure("--preset", preset)
            if done.returncode != 0:
                self.assert_asks_for(done, "")
            self.assertEqual(self.value("HINTSIM_WERROR"), "OFF" if preset == "release" else "ON")

    def test_warnings_are_no_errors_for_whoever_only_builds(self):
        self.configure("-DHINTSIM_TESTS=OFF")
        self.assertEqual(self.value("HINTSIM_WERROR"), "OFF")

    def test_a_compiler_that_is_missing(self):
        self.assert_asks_for(self.configure("-DCMAKE_C_COMPILER=clang-0"), "clang-0")

    def test_ninja_missing(self):
        self.assert_asks_for(self.configure("-G", "Ninja", PATH=self.folder), "ninja-build")

    def test_libraries_missing(self):
        self.assert_asks_for(self.configure(PKG_CONFIG_LIBDIR=self.folder), "libyaml-dev")

    def test_cmocka_missing(self):
        for library in LIBRARIES:
            with open(os.path.join(self.folder, f"{library}.pc"), "w") as file:
                file.write(f"Name: {library}\nDescription: none\nVersion: 1\n")
        self.assert_asks_for(self.configure(PKG_CONFIG_LIBDIR=self.folder), "libcmocka-dev")

    def test_a_sanitizer_that_is_missing(self):
        self.assert_asks_for(self.configure("-DHINTSIM_SANITIZE=nothing"), "libclang-rt")


if __name__ == "__main__":
    unittest.main()
