# SPDX-License-Identifier: BSD-3-Clause
"""tools/get-qemu: from an archive in a folder, whose QEMU is a script that says how it was started."""
import glob
import hashlib
import os
import shutil
import subprocess
import tempfile
import unittest

TOOL = os.path.join(os.environ["HINTSIM_ROOT"], "tools", "get-qemu")
NEEDED = ("apt-get", "apt-cache", "dpkg-deb", "flock")
LOADERS = {"bullseye": "lib/x86_64-linux-gnu/ld-2.31.so",
           "bookworm-backports": "lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
           "trixie": "usr/lib64/ld-linux-x86-64.so.2",
           "sid": "usr/lib64/ld-linux-x86-64.so.2"}
LOADER = '#!/bin/sh\n[ "$1" = --library-path ] && [ "$2" ] && shift 2 && exec "$@"\n'
QEMU = """#!/bin/sh
case "$*" in
*--version) echo "QEMU emulator version %s (Debian)" ;;
*) printf '%%s\\n' "$$" "$QEMU_MODULE_DIR" "$@" ;;
esac
"""
# Where apt looks for sources is all that the machine's own apt is told.  The archive is not signed.
APT_CONF = """
Dir::Etc::sourcelist "{0}/sources.list";
Dir::Etc::sourceparts "{0}/sources.list.d";
Acquire::AllowInsecureRepositories "true";
APT::Get::AllowUnauthenticated "true";
Acquire::Retries "0";
"""


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)
    os.chmod(path, mode)


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


class Bench(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        os.chmod(folder.name, 0o755) # for apt's own user
        self.folder = folder.name
        self.archive = self.path("debian")
        self.cache = self.path("a cache")
        write(self.path("apt.conf"), APT_CONF.format(self.folder))
        write(self.path("sources.list"), f"deb file:{self.archive} bookworm main\n")
        self.environment = {**os.environ, "APT_CONFIG": self.path("apt.conf")}
        self.stub("dpkg", 'case $1 in --print-architecture) echo amd64 ;; *) exec /usr/bin/dpkg "$@" ;; esac')

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def stub(self, name, script):
        """A program that the tool finds before the real one."""
        write(self.path("bin", name), f"#!/bin/bash\n{script}\n", 0o755)
        self.environment["PATH"] = self.path("bin") + ":/usr/bin:/bin"

    def deb(self, name, version, architecture, files, depends=""):
        root = self.path("deb")
        for path, text in files.items():
            write(os.path.join(root, path), text, 0o755)
        control = (f"Package: {name}\nVersion: {version}\nArchitecture: {architecture}\n"
                   f"Maintainer: nobody\nDescription: none\n{depends}")
        write(os.path.join(root, "DEBIAN", "control"), control)
        if os.path.exists(os.path.join(root, "usr/bin/passwd")):
            os.chmod(os.path.join(root, "usr/bin/passwd"), 0o4755)
            os.chmod(os.path.join(root, "usr/lib/helper"), 0o4755)
        pool = os.path.join(self.archive, "pool")
        os.makedirs(pool, exist_ok=True)
        subprocess.run(["dpkg-deb", "--build", "-Znone", root, pool], check=True, capture_output=True)
        shutil.rmtree(root)
        file = max(glob.glob(pool + "/*.deb"), key=os.path.getmtime)
        return f"{control}Filename: pool/{os.path.basename(file)}\nSize: {os.path.getsize(file)}\n" \
               f"SHA256: {digest(file)}\n"

    def suite(self, name, version=None, architecture="amd64", says=None, library=True, loader=None,
              program="qemu-system-x86_64"):
        """A suite with a QEMU of that version, and the library that it depends on; or with nothing."""
        packages = ""
        if version:
            files = {f"usr/bin/{program}": QEMU % (says or version), "usr/share/qemu/vgabios": "",
                     "usr/bin/passwd": "", "usr/lib/helper": "", "etc/qemu.conf": ""}
            packages = self.deb("qemu-system-x86", f"1:{version}+dfsg-1+{name}", architecture, files,
                                "Depends: libc6\n")
            if library:
                packages += "\n" + self.deb("libc6", f"2.0+{name}", architecture,
                                            {loader or LOADERS[name]: LOADER})
        index = f"main/binary-{architecture}/Packages"
        base = os.path.join(self.archive, "dists", name)
        write(os.path.join(base, index), packages)
        backports = "NotAutomatic: yes\nButAutomaticUpgrades: yes\n" if "-" in name else ""
        write(os.path.join(base, "Release"),
              f"Origin: Debian\nSuite: {name}\nCodename: {name}\nDate: Thu, 01 Jan 2026 00:00:00 UTC\n"
              f"Architectures: {architecture}\nComponents: main\n{backports}SHA256:\n"
              f" {digest(os.path.join(base, index))} {len(packages)} {index}\n")

    def start(self, *arguments):
        return subprocess.Popen([TOOL, "--cache", self.cache, *arguments], text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment)

    def run_tool(self, *arguments, status=0):
        tool = self.start(*arguments)
        out, err = tool.communicate()
        self.assertEqual(tool.returncode, status, out + err)
        return out, err

    def says(self, line, *versions):
        self.assertEqual(self.run_tool(*versions)[0], line + "\n")

    def here(self, version):
        return os.path.join(self.cache, version)

    def wrapper(self, version):
        return os.path.join(self.here(version), "qemu-system-x86_64")

    def assert_nothing_is_left(self, *versions):
        """But what is complete, and the locks."""
        names = [name for name in os.listdir(self.cache) if not name.endswith(".lock")]
        self.assertEqual(sorted(names), sorted(versions))
        for version in versions:
            self.assertEqual(sorted(os.listdir(self.here(version))), ["qemu-system-x86_64", "root"])


class Arguments(Bench):
    def test_arguments_that_are_wrong(self):
        for arguments, message in ((["5.3"], "unknown version '5.3'; known are 5.2 10.0 10.2 11.1"),
                                   (["5.2", "5.20"], "unknown version '5.20'"),
                                   (["--lists"], "no such option: --lists"),
                                   (["--list", "5.2"], "--list takes no version"),
                                   (["--cache"], "which folder?")):
            out, err = self.run_tool(*arguments, status=2)
            self.assertEqual(out, "")
            self.assertIn(message, err)
        self.assertFalse(os.path.exists(self.cache))
        self.assertIn("usage:", self.run_tool("--help")[0])

    def test_nothing_is_there(self):
        self.assertEqual(self.run_tool("--list"), ("", ""))


@unittest.skipUnless(all(map(shutil.which, NEEDED)), "this is not Debian")
class Archive(Bench):
    def test_no_version_is_every_version(self):
        self.suite("bookworm")
        lines = self.run_tool()[0].splitlines()
        self.assertEqual([line.split(":")[0] for line in lines], ["5.2", "10.0", "10.2", "11.1"])
        for line in lines:
            self.assertRegex(line, ": skipped: file:.* has no suite ")

    # What is made

    def test_a_root_is_made_and_kept(self):
        self.suite("bullseye", "5.2", says="5.2.0")
        line = f"5.2: QEMU 5.2.0 in {self.here('5.2')}"
        self.says(line, "5.2")
        self.assert_nothing_is_left("5.2")
        self.says(self.wrapper("5.2"), "--list")
        shutil.rmtree(self.archive)
        self.says(line, "5.2")

    def test_only_what_qemu_reads_is_kept(self):
        self.suite("bullseye", "5.2")
        self.run_tool("5.2")
        root = os.path.join(self.here("5.2"), "root")
        files = [os.path.relpath(os.path.join(folder, name), root)
                 for folder, _, names in os.walk(root) for name in names]
        self.assertEqual(sorted(files), [LOADERS["bullseye"], "usr/bin/qemu-system-x86_64",
                                         "usr/lib/helper", "usr/share/qemu/vgabios"])
        self.assertEqual(os.stat(os.path.join(root, "usr/lib/helper")).st_mode & 0o7777, 0o755)

    def test_the_wrapper_becomes_qemu(self):
        self.suite("bullseye", "5.2")
        self.run_tool("5.2")
        moved = self.path("moved")
        shutil.move(self.here("5.2"), moved)
        os.symlink(os.path.join(moved, "qemu-system-x86_64"), self.path("link"))
        qemu = subprocess.Popen([self.path("link"), "-name", "a b"], stdout=subprocess.PIPE, text=True)
        said = qemu.communicate()[0].splitlines()
        root = os.path.join(moved, "root")
        self.assertEqual(said, [str(qemu.pid), f"{root}/usr/lib/x86_64-linux-gnu/qemu",
                                "-L", f"{root}/usr/share/seabios", "-L", f"{root}/usr/share/qemu",
                                "-name", "a b"])
        bundle = os.path.join(root, os.path.dirname(LOADERS["bullseye"]), "qemu-bundle")
        self.assertTrue(os.path.samefile(bundle, root))

    def test_a_program_of_another_architecture(self):
        self.suite("sid", "10.2.2", architecture="i386", loader="usr/lib/ld-linux.so.2",
                   program="qemu-system-i386")
        # The machine's own programs, but no emulator.
        os.mkdir(self.path("few"))
        for name in os.listdir("/usr/bin"):
            if not name.startswith("qemu"):
                os.symlink(f"/usr/bin/{name}", self.path("few", name))
        self.environment["PATH"] = self.path("bin") + ":" + self.path("few")
        line = f"10.2: QEMU 10.2.2 in {self.here('10.2')}"
        alone = self.run_tool("10.2")[0].rstrip("\n")
        if alone != line: # this machine runs no programs of i386
            self.assertIn("10.2: skipped: sid has 10.2.2+dfsg-1+sid for i386, whose programs this machine "
                          "does not run", alone)
            self.assert_nothing_is_left()
            line += ", emulated by " + self.path("bin", "qemu-i386")
        write(self.path("bin", "qemu-i386"), '#!/bin/sh\nexec "$@"\n', 0o755)
        for _ in "made", "kept":
            self.says(line, "10.2")

    # What a suite does not have

    def test_another_version(self):
        self.suite("bullseye", "5.20")
        self.says("5.2: skipped: bullseye has 5.20+dfsg-1+bullseye for amd64", "5.2")
        self.assert_nothing_is_left()

    def test_no_qemu(self):
        self.suite("bullseye")
        self.says("5.2: skipped: bullseye has no qemu-system-x86 for amd64", "5.2")

    def test_the_next_suite(self):
        self.suite("trixie", "10.1.0")
        self.suite("bookworm", "7.2.22", loader=LOADERS["bookworm-backports"])
        self.suite("bookworm-backports", "10.0.2", library=False)
        self.says(f"10.0: QEMU 10.0.2 in {self.here('10.0')}", "10.0")
        self.assert_nothing_is_left("10.0")

    def test_the_files_are_gone(self):
        self.suite("bullseye", "5.2")
        shutil.rmtree(os.path.join(self.archive, "pool"))
        self.says("5.2: skipped: bullseye has 5.2+dfsg-1+bullseye for amd64, but not the files "
                  "(libc6_2.0+bullseye_amd64.deb and 1 more)", "5.2")
        self.assert_nothing_is_left()

    # What fails

    def test_the_archive_lies(self):
        self.suite("bullseye", "5.2")
        for deb in glob.glob(self.archive + "/pool/*.deb"):
            with open(deb, "r+b") as file:
                file.write(b"?")
        out, err = self.run_tool("5.2", status=1)
        self.assertEqual(out, "")
        self.assertIn("5.2: failed: apt-get install, bullseye of file:", err)
        self.assertIn("    E: ", err)
        self.assert_nothing_is_left()

    def test_no_network(self):
        write(self.path("sources.list"), "deb http://127.0.0.1:9/debian bookworm main\n")
        out, err = self.run_tool("5.2", status=1)
        self.assertEqual(out, "")
        self.assertIn("5.2: failed: apt-get update, bullseye of http://127.0.0.1:9/debian\n", err)
        self.assertIn("    E: ", err)
        self.assert_nothing_is_left()

    def test_what_does_not_run_fails_and_the_others_are_made(self):
        self.suite("bullseye", "5.2", says="5.1")
        self.suite("trixie", "10.0.13")
        out, err = self.run_tool("5.2", "10.0", status=1)
        self.assertEqual(out, f"10.0: QEMU 10.0.13 in {self.here('10.0')}\n")
        self.assertIn("5.2: failed: what was unpacked from bullseye does not run", err)
        self.assertIn("    --version: 5.1\n", err)
        self.assert_nothing_is_left("10.0")

    def test_no_archive(self):
        write(self.path("sources.list"), f"deb file:{self.archive} bookworm-pgdg main\n")
        self.assertIn("name no archive of Debian", self.run_tool("5.2", status=1)[1])

    # Interrupted, broken, two at a time

    def test_an_interrupted_one_is_remade(self):
        self.suite("bullseye", "5.2")
        self.stub("dpkg", 'case $1 in -x) /usr/bin/dpkg "$@"; kill -KILL $PPID ;; *) echo amd64 ;; esac')
        self.run_tool("5.2", status=-9)
        self.assertEqual(self.run_tool("--list")[0], "")
        half = os.path.join(self.cache, ".5.2.new", "root")
        self.assertTrue(os.listdir(half))
        write(os.path.join(half, "usr/lib/rubbish"), "")
        self.stub("dpkg", 'case $1 in -x) /usr/bin/dpkg "$@" ;; *) echo amd64 ;; esac')
        self.says(f"5.2: QEMU 5.2 in {self.here('5.2')}", "5.2")
        self.assert_nothing_is_left("5.2")
        self.assertFalse(os.path.exists(os.path.join(self.here("5.2"), "root/usr/lib/rubbish")))

    def test_a_broken_one_is_remade(self):
        self.suite("bullseye", "5.2")
        self.run_tool("5.2")
        loader = os.path.join(self.here("5.2"), "root", LOADERS["bullseye"])
        os.remove(loader)
        self.says(f"5.2: QEMU 5.2 in {self.here('5.2')}", "5.2")
        self.assertTrue(os.path.exists(loader))

    def test_two_at_a_time(self):
        self.suite("bullseye", "5.2")
        begun, go = self.path("begun"), self.path("go")
        os.mkfifo(begun)
        os.mkfifo(go)
        self.stub("dpkg", f"""
            case $1 in
            -x)
                echo >>{self.path("count")}
                [ ! -p {begun} ] || {{ mv {begun} {begun}.not; echo >{begun}.not; read <{go}; }}
                /usr/bin/dpkg "$@"
                ;;
            *) echo amd64 ;;
            esac""")
        one = self.start("5.2")
        with open(begun) as file:
            file.read()
        two = self.start("5.2")
        self.assertEqual(two.stderr.readline(), "5.2: waiting for another tools/get-qemu\n")
        with open(go, "w") as file:
            file.write("\n")
        for tool in one, two:
            self.assertEqual(tool.communicate()[0], f"5.2: QEMU 5.2 in {self.here('5.2')}\n")
            self.assertEqual(tool.returncode, 0)
        self.assertEqual(os.path.getsize(self.path("count")), 2) # a byte for each package, unpacked once

    # Which archive it is

    def test_others_are_no_archive_of_debian(self):
        self.suite("bullseye", "5.2")
        other = self.path("others")
        write(self.path("sources.list"), f"deb file:{other} bookworm main\n")
        write(self.path("sources.list.d", "debian.sources"),
              f"Types: deb\nURIs: file:{self.archive}/\nSuites: bookworm bookworm-updates\n"
              "Components: main\n")
        self.says(f"5.2: QEMU 5.2 in {self.here('5.2')}", "5.2")


if __name__ == "__main__":
    unittest.main()
