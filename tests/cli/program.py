# SPDX-License-Identifier: BSD-3-Clause
"""Running hintsim in a test: on files that the test writes, with everything it printed."""
import os
import re
import signal
import subprocess
import tempfile
import threading
import unittest

PROGRAM = os.environ["HINTSIM"]
ROOT = os.environ["HINTSIM_ROOT"]

# Seconds after which a command hangs.  The longest takes 25 on an idle machine; under a sanitizer, on
# a busy one, a hundred times that.  Nothing else in these tests is bounded by a clock.
HANGS = 2500

answers = {}  # of ProgramTest.told

GOOD = """name: good
question: Does anything happen?
guest: {preset: linux-6.1}
host: {preset: qemu-7.2-kvm}
memory: {pages: 2}
queue: {free-page: 4}
schedule:
  - app.free 0
  - migration.start
expect:
  run: unfinished
"""


class ProgramTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, text, name="good.yaml"):
        with open(self.path(name), "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        return self.path(name)

    def hintsim(self, *arguments, cwd=None):
        return subprocess.run([PROGRAM, *arguments], cwd=cwd, text=True, errors="replace",
                              capture_output=True, stdin=subprocess.DEVNULL, timeout=HANGS)

    def told(self, *arguments):
        """What hintsim prints and answers; asked once in a process, since several tests look at the same
        tables.  That the answer is the same every time is tested where it is asked twice."""
        if arguments not in answers:
            answers[arguments] = self.hintsim(*arguments)
        return answers[arguments]

    def interrupt(self, *arguments):
        """Run hintsim, and send it SIGINT as soon as it catches that.  The command must have work for
        much longer than it can take until the signal is sent."""
        command = [PROGRAM, *arguments]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              stdin=subprocess.DEVNULL) as process:
            guard = threading.Timer(HANGS, process.kill)
            guard.start()
            self.addCleanup(guard.cancel)
            caught = 0
            while not caught >> (signal.SIGINT - 1) & 1:
                self.assertIsNone(process.poll())
                with open(f"/proc/{process.pid}/status") as file:
                    caught = int(re.search(r"SigCgt:\s*(\w+)", file.read())[1], 16)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate()
        return subprocess.CompletedProcess(command, process.returncode, out, err)

    def assert_refused(self, done, *fragments):
        """Exit status 2, nothing on standard output, and one message with these words."""
        self.assertEqual(done.returncode, 2, done)
        for fragment in fragments:
            self.assertIn(fragment, done.stderr)
