"""Running hintsim in a test: on files that the test writes, with everything it printed."""
import os
import re
import signal
import subprocess
import tempfile
import unittest

PROGRAM = os.environ["HINTSIM"]
ROOT = os.environ["HINTSIM_ROOT"]

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
  run: safe
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

    def hintsim(self, *arguments, cwd=None, timeout=120):
        return subprocess.run([PROGRAM, *arguments], cwd=cwd, text=True, errors="replace",
                              capture_output=True, stdin=subprocess.DEVNULL, timeout=timeout)

    def interrupt(self, *arguments, timeout=120):
        """Run hintsim, and send it SIGINT as soon as it catches that."""
        command = [PROGRAM, *arguments]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              stdin=subprocess.DEVNULL) as process:
            caught = 0
            while not caught >> (signal.SIGINT - 1) & 1:
                self.assertIsNone(process.poll())
                with open(f"/proc/{process.pid}/status") as file:
                    caught = int(re.search(r"SigCgt:\s*(\w+)", file.read())[1], 16)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=timeout)
        return subprocess.CompletedProcess(command, process.returncode, out, err)

    def assert_refused(self, done, *fragments):
        """Exit status 2, nothing on standard output, and one message with these words."""
        self.assertEqual(done.returncode, 2, done)
        for fragment in fragments:
            self.assertIn(fragment, done.stderr)
