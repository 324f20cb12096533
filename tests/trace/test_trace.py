# SPDX-License-Identifier: BSD-3-Clause
"""hintsim trace: what it refuses and why, the clauses on the wire, windows, and bad input."""
import json
import os
import subprocess
import sys
import unittest

import jsonschema

sys.path.insert(0, os.path.join(os.environ["HINTSIM_ROOT"], "tests", "cli"))
from program import ROOT, ProgramTest  # noqa: E402

EXAMPLE = os.path.join(ROOT, "examples", "migration.ndjson")


def schema(room, name):
    with open(os.path.join(ROOT, "tools", room, name)) as file:
        return jsonschema.Draft7Validator(json.load(file))


LINE = schema("trace", "recording.schema.json")


class Trace(ProgramTest):
    def setUp(self):
        super().setUp()
        with open(EXAMPLE) as file:
            self.lines = [json.loads(line) for line in file]

    def recording(self):
        text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in self.lines)
        return self.write(text, "recording.ndjson")

    def find(self, event, nth=0):
        return [line for line in self.lines if line.get("event") == event][nth]

    def forget_hint(self):
        """Without a window no rule is looked for that closes it, which takes seconds after a gap."""
        self.lines = [line for line in self.lines if line.get("number") != 1 and line.get("event") != "release"]

    def trace(self, *options, guest="linux-6.1", host="qemu-7.2-kvm", status=None):
        done = self.hintsim("trace", "--guest", guest, "--host", host, *options, self.recording())
        if status is not None:
            self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def facts(self, *options, **others):
        facts = json.loads(self.trace("--format", "json", *options, **others).stdout)
        schema("report", "trace.schema.json").validate(facts)
        return facts

    def refused(self, words, *options, **others):
        text = " ".join(self.trace(*options, status=1, **others).stdout.split())
        self.assertIn("refused: ", text)
        self.assertIn(words, text)

    def wrong(self, words):
        done = self.trace(status=2)
        self.assertIn(words, done.stderr)
        self.assertEqual(done.stdout, "")

    # ---- the model

    def test_example_is_not_refuted(self):
        text = self.trace(status=0).stdout
        self.assertIn("\nnot refuted: ", text)
        self.assertTrue(all(len(line) <= 80 for line in text.split("\n")), text)

    def test_example_follows_the_schema(self):
        for line in self.lines:
            LINE.validate(line)

    def test_facts_are_those_of_the_text(self):
        facts = self.facts(status=0)
        self.assertEqual((facts["answer"], facts["events"], facts["pages"], facts["stories"]),
                         ("not refuted", 15, 1025, 2))
        self.assertEqual(facts["refusal"], None)

    def test_stop_in_the_middle_of_a_sync(self):
        self.find("end-sync", 1)["event"] = "stop-vm"
        self.refused("migration.stop-vm: only while pages are being sent (phase: syncing)")

    def test_interrupt_that_nothing_explains(self):
        self.lines.insert(10, dict(self.find("config-interrupt"), ns=501950000))
        self.refused("migration.finish-page: only while page 0 is being sent")  # a sync would explain it
        self.trace("--with", "changes", status=0)

    def test_value_that_is_not_in_the_field(self):
        self.find("read-command")["id"] = 1
        del self.lines[6:]
        self.refused("driver.read-command: possible, but then the driver reads")

    def test_driver_that_waits_gave_back_other_pages(self):
        facts = self.facts("--rule", "release=after-used", status=0)
        self.assertEqual(facts["windows"], [])

    def test_element_that_is_not_recorded_may_be_there(self):
        self.lines = [line for line in self.lines if line.get("event") != "end-sync"]
        self.refused("driver.config-interrupt: only while a config interrupt is pending")
        self.lines[0]["recorded"].remove("end-sync")
        self.trace(status=0)

    def test_middle(self):
        self.forget_hint()
        del self.lines[1:4]
        self.refused("clock guest would have to be")
        self.lines[0]["begins"] = "middle"
        self.trace(status=0)

    def test_gap_is_said_and_not_held_against_it(self):
        del self.lines[7]  # the hint is queued
        self.find("take-element", 1)["number"] = 1
        self.lines.insert(9, dict(self.find("queue-element"), number=2, ns=501920000))
        self.lines[9]["buffers"][0]["word"] = 0
        text = self.trace().stdout
        self.assertIn("elements 1 to 1 are missing: events were lost", " ".join(text.split()))

    def test_lost_events(self):
        self.forget_hint()
        del self.lines[3]  # end-sync
        self.refused("clock guest would have to be")  # it reads an id, and none was issued
        self.lines.insert(3, {"clock": "host", "ns": 1250000, "event": "lost"})
        self.trace(status=0)

    # ---- what is shown

    def test_no_control_character_is_shown(self):
        bad = "\x1b[31m\x9b\x07"
        self.lines[0]["guest"] = f"Linux{bad}"
        done = self.trace(status=0)
        self.assertIn(r"Linux\x1B[31m\xC2\x9B\x07", done.stdout)
        self.lines[0]["recorded"].append(bad)
        self.wrong(r"names what is no event: '\x1B[31m")
        self.lines[0]["clocks"][bad] = {}
        self.lines[0]["recorded"].pop()
        self.wrong("a clock must have a name of 1 to")
        self.lines[1] = bad
        self.lines[0]["clocks"].pop(bad)
        self.assertNotRegex(self.trace(status=2).stderr, "[\x1b\x07\x80-\x9f]")

    # ---- an element that is in the device's hand

    def use_elements(self):
        """The hint waits for the bitmap until other pages were sent; its block is given back meanwhile."""
        self.lines[0]["recorded"].append("use-element")
        take, send = self.find("take-element", 1), self.find("send-page")
        take["ns"], send["ns"] = 1600000, 3050000
        uses = [{"clock": "host", "ns": ns, "event": "use-element", "queue": "free_page_vq", "number": number,
                 "length": 0} for number, ns in enumerate((1550000, 3100000))]
        at = self.lines.index(take)
        self.lines[at:at + 2] = [uses[0], take, send, uses[1]]

    def test_hint_is_applied_as_it_is_used(self):
        self.use_elements()
        window, = self.facts(status=0)["windows"]
        self.assertEqual((window["pages"], window["from"], window["to"]), (1024, 10, 14))

    def test_first_element_is_used_and_was_not_taken(self):
        self.use_elements()
        self.lines.remove(self.find("take-element"))
        self.wrong("element 0 is used, and it is not the one that was taken last")

    def test_page_is_sent_before_a_hint_in_hand_is_applied(self):
        self.use_elements()
        self.find("send-page")["address"] = 0x400000
        self.trace(status=0)

    def test_hint_without_a_lock_is_judged_as_it_is_taken(self):
        """Behind a sync, as it is used, the status is not START any more."""
        self.use_elements()
        use = self.find("use-element", 1)
        sync = [dict(self.find(event), ns=ns) for event, ns in (("begin-sync", 3060000), ("end-sync", 3070000))]
        self.lines[self.lines.index(use):self.lines.index(use)] = sync
        self.refused("only after page 0 was sent")
        self.trace("--rule", "hint-under-lock=off", status=0)

    # ---- clocks

    def test_clocks_are_bounded_by_elements(self):
        guest = self.facts()["clocks"][1]
        self.assertEqual((guest["name"], guest["least"], guest["most"]),
                         ("guest", 1300000 - 501400000, 1500000 - 501410000))

    def test_clock_of_the_time_of_day(self):
        """Since 1970: further from a clock that begins as the guest does than any other."""
        for line in self.lines[1:]:
            line["ns"] += 1795821759000000000 if line["clock"] == "host" else 0
        guest = self.facts()["clocks"][1]
        self.assertEqual(guest["most"] - guest["least"], 290000 - 100000)
        self.assertIn("1795821758.500090 s are to be added to", self.trace().stdout)

    def test_clock_that_is_told_and_wrong(self):
        self.lines[0]["clocks"]["guest"] = {"offset": -400000000, "within": 1000}
        self.refused("clock guest would have to be")

    def test_order_of_two_clocks_decides(self):
        """The hint is taken before the sync that it must come after: refused if the clocks say so."""
        self.find("begin-sync", 1)["ns"] = 3050000
        self.find("stop-vm")["ns"] = 3040000
        self.lines.sort(key=lambda line: (line.get("clock") == "guest", line.get("ns", -1)))
        self.refused("migration.begin-page: only while pages are being sent (phase: syncing)")

    # ---- elements

    def remark(self, clause, words):
        remarks = self.facts(status=1)["remarks"]
        self.assertEqual([(r["clause"], words in r["what"]) for r in remarks], [(clause, True)], remarks)

    def test_short_command(self):
        self.find("queue-element")["buffers"][0]["length"] = 2
        self.remark("hint-driver-1", "a command of 2 bytes, and it must have 4")

    def test_command_in_two_buffers(self):
        buffers = self.find("queue-element")["buffers"]
        buffers.append(dict(buffers[0], length=2))
        self.remark("hint-driver-1", "a command in 2 buffers")

    def test_pages_that_the_device_may_not_write(self):
        self.find("queue-element", 1)["buffers"][0]["writable"] = False
        self.remark("hint-driver-1", "a buffer of 4194304 bytes that the device may not write")

    def test_id_that_was_not_read(self):
        self.find("queue-element")["buffers"][0]["word"] += 1
        self.remark("hint-driver-2", "and the driver read 0x80000000 last")

    def test_pages_after_stop(self):
        hint = self.find("queue-element", 1)
        self.lines.insert(9, {**hint, "number": 3, "ns": 501470000})
        self.lines.insert(9, {**self.find("queue-element"), "number": 2, "ns": 501460000,
                              "buffers": [{"address": 64, "length": 4, "writable": False, "word": 0}]})
        facts = self.facts(status=1)
        self.assertEqual([r["clause"] for r in facts["remarks"]], ["hint-driver-2"])

    def test_id_again(self):
        start = self.find("queue-element")
        self.lines.insert(9, {**start, "number": 2, "ns": 501460000})
        facts = self.facts(status=1)
        self.assertEqual([r["clause"] for r in facts["remarks"]], ["hint-driver-3"])

    def test_no_whole_pages(self):
        self.find("queue-element", 1)["buffers"][0]["length"] -= 1
        facts = self.facts(status=0)
        self.assertEqual([r["clause"] for r in facts["remarks"]], [None])
        self.assertIn("are no whole pages", facts["remarks"][0]["what"])

    def test_taken_and_never_queued(self):
        self.lines.remove(self.find("queue-element", 1))
        self.wrong("recording.ndjson:10:1: element 1 is taken, and was never queued")

    def test_taken_with_other_buffers(self):
        self.find("take-element", 1)["buffers"] = [{"address": 0, "length": 4096, "writable": True}]
        self.wrong("element 1 was queued with other buffers (line 8) than it was taken with (line 11)")

    def test_taken_as_something_else(self):
        take = self.find("take-element", 1)
        take["kind"] = "pages"
        self.trace(status=0)
        for line in self.lines:
            LINE.validate(line)
        take["kind"] = "command"
        self.wrong(":11:1: element 1 is taken as a command, and was queued as pages (line 8)")
        take["kind"] = "hint"
        self.wrong(":11:1: \"kind\" must be one of command, pages")
        take["kind"] = None
        self.wrong(":11:1: \"kind\" must be one of command, pages")
        del take["kind"]
        self.find("queue-element")["kind"] = "command"
        self.wrong(":7:1: ")

    def with_uses(self, *numbers):
        """The example, with uses behind the takings; the first takes element 0, and so on."""
        self.lines[0]["recorded"].append("use-element")
        for number in numbers:
            take = self.find("take-element", number)
            use = {"clock": "host", "ns": take["ns"] + 1000, "event": "use-element", "queue": "free_page_vq",
                   "number": number, "length": 0}
            self.lines.insert(self.lines.index(take) + 1, use)

    def test_used_before_the_next_is_taken(self):
        self.with_uses(0, 1)
        self.trace(status=0)
        del self.lines[self.lines.index(self.find("use-element"))]
        self.wrong("element 1 is taken before the one that was taken last was used")
        self.lines[0]["recorded"].remove("use-element")
        self.trace(status=0)

    def test_used_before_it_was_taken(self):
        self.with_uses(0)
        use = self.find("use-element")
        use["number"] = 1
        self.wrong("element 1 is used, and it is not the one that was taken last")

    def test_used_twice(self):
        self.with_uses(0)
        self.lines.insert(self.lines.index(self.find("use-element")), dict(self.find("use-element")))
        self.wrong("element 0 is used, and it is not the one that was taken last")

    def test_use_behind_lost_events(self):
        self.with_uses(0)
        use = self.find("use-element")
        use["number"] = 7
        self.lines.insert(self.lines.index(use), {"clock": "host", "ns": use["ns"], "event": "lost"})
        self.forget_hint()
        self.trace(status=0)

    # ---- windows

    def test_window_is_between_release_and_take(self):
        window, = self.facts()["windows"]
        self.assertEqual((window["page"], window["pages"], window["property"], window["from"], window["to"]),
                         (4194304, 1024, "dirty-page-lost", 10, 11))

    def test_rules_that_close_the_window(self):
        closed = {(rule["rule"], rule["value"]) for rule in self.facts()["closed_by"]}
        self.assertEqual(closed, {("release", "after-used"), ("release", "after-all-used"),
                                  ("release", "after-done"), ("refuse-written", "on")})
        for rule, value in closed:  # and that is so
            windows = self.facts("--rule", f"{rule}={value}", status=0)["windows"]
            self.assertEqual(windows, [], rule)
        self.assertEqual(self.facts("--rule", "command-word=one-per-round")["windows"],
                         self.facts()["windows"])

    def test_picture(self):
        for ending, begin in (("svg", b"<?xml"), ("png", b"\x89PNG"), ("dot", b"digraph")):
            path = self.path(f"windows.{ending}")
            self.trace("--output", path, status=0)
            with open(path, "rb") as file:
                data = file.read()
            self.assertEqual(data[:len(begin)], begin)
        with open(self.path("windows.svg")) as file:
            words = file.read()
        for word in ("1024 pages, 0x400000: lost", "begins", "VM stops", "#b8402a"):
            self.assertIn(word, words)

    def test_picture_of_nothing(self):
        self.find("release")["ns"] = 504000000
        done = self.trace("--output", self.path("windows.svg"), status=0)
        self.assertIn("there is no window to draw", done.stderr)
        self.assertFalse(os.path.exists(self.path("windows.svg")))

    def test_larger_recording(self):
        """More pages tell the same stories."""
        done = subprocess.run([os.path.join(ROOT, "tests", "trace", "multiply"), EXAMPLE, "64"], text=True,
                              check=True, capture_output=True)
        self.lines = [json.loads(line) for line in done.stdout.splitlines()]
        facts = self.facts(status=0)
        self.assertEqual((facts["pages"], facts["stories"]), (64 * 1025, 2))
        self.assertEqual([window["pages"] for window in facts["windows"]], [64 * 1024])

    def test_window_is_wiped_where_the_host_discards(self):
        """A host that discards what is hinted, and sends it as it is then."""
        self.find("queue-element", 1)["buffers"][0]["length"] = 4096
        self.lines.insert(12, dict(self.find("send-page"), address=4194304))
        facts = self.facts("--rule", "hint-effect=discard", status=0)
        self.assertEqual({window["property"] for window in facts["windows"]}, {"page-corrupted"})

    def test_no_window_once_the_hint_is_taken_before_the_release(self):
        self.find("release")["ns"] = 504000000
        facts = self.facts(status=0)
        self.assertEqual(facts["windows"], [])
        self.assertIn("No write of a page that was hinted", self.trace().stdout)

    # ---- from a page to a scenario

    def told(self, page, *options, status=0, **others):
        """The scenario that a page's story becomes: its text, and what run says of it."""
        path = self.path("told.yaml")
        facts = self.facts("--page", page, "--scenario", path, *options, status=status, **others)["scenario"]
        self.assertEqual(facts["file"], path)
        done = self.hintsim("run", "--format", "json", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        run = json.loads(done.stdout)
        self.assertEqual(len(run["steps"]), facts["steps"])
        with open(path) as file:
            return facts, file.read(), run

    def test_page_in_a_window_is_lost(self):
        for page in ("0x400", "1024", "0x7ff"):
            facts, text, run = self.told(page)
            self.assertEqual((facts["page"], facts["harmed"]), (int(page, 0) * 4096, True))
            self.assertIn("dirty-page-lost", text)
            write = text.index("app.write 0")
            self.assertLess(text.index("driver.shrink 0"), write)  # between lines 10 and 11
            self.assertLess(write, text.rindex("device.take-element"))

    def test_page_without_a_window_arrives(self):
        facts, text, run = self.told("0x100")
        self.assertFalse(facts["harmed"])
        self.assertIn("run: safe", text)
        self.assertEqual(text.count("migration.finish-page 0"), 1)
        self.assertNotIn("driver.hint-page 0", text)

    def test_page_is_wiped(self):
        self.find("queue-element", 1)["buffers"][0]["length"] = 4096
        self.lines.insert(12, dict(self.find("send-page"), address=4194304))
        facts, text, run = self.told("0x400", "--rule", "hint-effect=discard")
        self.assertTrue(facts["harmed"])
        self.assertIn("page-corrupted", text)
        self.assertIn("hint-effect: discard", text)

    def test_page_in_words(self):
        path = self.path("told.yaml")
        text = self.trace("--page", "0x400", "--scenario", path, status=0).stdout
        self.assertIn(f"Page 0x400000 is page 0 of {path}, a run with its story, of 23 steps, in which a "
                      "write of it is lost or wiped.", " ".join(text.split()))

    def test_story_for_a_larger_world(self):
        """Nine hints wait at once, and a small world's queue has eight places."""
        hint, release, take = (self.find("queue-element", 1), self.find("release"), self.find("take-element", 1))
        self.lines.remove(take)
        first = self.lines.index(release) + 1
        again = []
        for i in range(2, 10):
            again += [dict(hint, number=i, ns=release["ns"] + 2 * i), dict(release, ns=release["ns"] + 2 * i + 1)]
        takes = [dict(take, number=i, ns=take["ns"] + i) for i in range(1, 10)]
        self.lines[first:first] = again + takes
        path = self.path("told.yaml")
        text = " ".join(self.trace("--page", "0x400", "--scenario", path, status=3).stdout.split())
        self.assertIn("not refuted: ", text)
        self.assertIn("Page 0x400000: no run of a small world has its story", text)
        self.assertFalse(os.path.exists(path))

    def test_page_of_a_refused_recording(self):
        self.find("stop-vm")["ns"] = 1250000
        self.lines.insert(3, self.lines.pop(self.lines.index(self.find("stop-vm"))))
        done = self.trace("--page", "0x400", "--scenario", self.path("told.yaml"), status=1)
        self.assertIn("there is no run to write", done.stderr)
        self.assertFalse(os.path.exists(self.path("told.yaml")))

    def test_page_that_does_not_occur(self):
        path = self.path("told.yaml")
        for page, words in (("0x800", "--page 0x800: no event of the recording is about this page"),
                            ("0xffffffffffffffff", "no event of the recording is about this page"),
                            ("0x10000000000000000", "is no page frame number: 1024 and 0x400 are"),
                            ("-1", "'-1' is no page frame number"), ("", "'' is no page frame number"),
                            ("4k", "'4k' is no page frame number")):
            done = self.trace("--page", page, "--scenario", path, status=2)
            self.assertIn(words, done.stderr)
            self.assertEqual(done.stdout, "")
        self.assertFalse(os.path.exists(path))
        for options in (["--page", "0x400"], ["--scenario", path]):
            self.assertIn("--page and --scenario go together", self.trace(*options, status=2).stderr)
        self.assertIn("/no/told.yaml", self.trace("--page", "0x400", "--scenario", "/no/told.yaml", status=2).stderr)

    def test_recording_is_not_written_over(self):
        path = self.recording()
        for options in (["--page", "0x400", "--scenario", path], ["--output", self.path("x.svg")]):
            os.symlink(path, self.path("x.svg")) if "--output" in options else None
            done = self.trace(*options, status=2)
            self.assertIn("is read: it is not written over", done.stderr)
            self.assertEqual(done.stdout, "")

    # ---- bad input

    def test_no_recording(self):
        self.lines = []
        self.wrong("recording.ndjson:1:1: no first line: the file is empty")

    def test_no_event(self):
        del self.lines[1:]
        self.wrong("recording.ndjson:2:1: no event behind the first line")

    def test_no_json(self):
        self.lines[4] = '{"clock": "guest", "ns": }'
        self.wrong("recording.ndjson:5:")

    def test_what_a_line_lacks_or_has_too_much(self):
        """And the schema says the same of each."""
        for line, member, value, words in (
                (0, "trace", 2, '"trace" must be a whole number from 1 to 1'),
                (0, "page_size", 100, '"page_size" must be a whole number from 512'),
                (0, "begins", "now", '"begins" must be one of start, middle'),
                (0, "recorded", ["nothing"], "names what is no event: 'nothing'"),
                (0, "clocks", {}, '"clocks" must be an object with a member for each clock'),
                (0, "clocks", {"host": {"offset": 1}}, '"within" must be a whole number'),
                (0, "more", 1, "a member that does not belong here"),
                (1, "ns", 1.5, '"ns" must be a whole number'),
                (1, "event", "nothing", '"event" must be one of config-interrupt, '),
                (1, "id", 1, "a member that does not belong here"),
                (5, "id", -1, '"id" must be a whole number from 0 to 4294967295'),
                (6, "queue", "statsq", '"queue" must be one of free_page_vq, '),
                (6, "buffers", [], '"buffers" must be a list of at least one buffer'),
                (6, "buffers", [{"address": 0, "length": 4}], '"writable" must be true or false'),
                (15, "how", "failed", '"how" must be one of completed, cancelled'),
        ):
            with self.subTest(member=member, value=value):
                before = dict(self.lines[line])
                self.lines[line][member] = value
                self.wrong(f"recording.ndjson:{line + 1}:1: ")
                self.wrong(words)
                self.assertFalse(LINE.is_valid(self.lines[line]))
                self.lines[line] = before

    def test_page_size_is_a_power_of_two(self):
        self.lines[0]["page_size"] = 4097
        self.wrong('"page_size" must be a power of two')

    def test_unknown_clock(self):
        self.lines[2]["clock"] = "moon"
        self.wrong('recording.ndjson:3:1: "clock" must be one of host, guest')

    def test_clock_that_goes_back(self):
        self.lines[3]["ns"] = 1
        self.wrong("recording.ndjson:4:1: clock host goes back here")

    def test_number_again(self):
        self.find("queue-element", 1)["number"] = 0
        self.wrong("recording.ndjson:8:1: element 0 again")

    def test_number_far_away(self):
        self.find("queue-element", 1)["number"] = 4000000000
        self.wrong("element 4000000000 is too far from the others")

    def test_command_line(self):
        for arguments, words in (
                (["--guest", "linux-6.1", EXAMPLE], "--guest and --host are expected"),
                (["--guest", "linux-6.1", "--host", "qemu-7.2-kvm"], "one recording is expected"),
                (["--guest", "linux-6.1", "--host", "qemu-7.2-kvm", "-o", "x.gif", EXAMPLE], "none of .svg"),
                (["--guest", "linux-6.1", "--host", "qemu-7.2-kvm", "-o", "/no/x.svg", EXAMPLE], "/no/x.svg"),
                (["--guest", "linux-0", "--host", "qemu-7.2-kvm", EXAMPLE], "linux-0"),
                (["--guest", "linux-6.1", "--host", "qemu-7.2-kvm", "nothing"], "nothing: No such file"),
        ):
            done = self.hintsim("trace", *arguments)
            self.assertEqual(done.returncode, 2)
            self.assertIn(words, done.stderr)


if __name__ == "__main__":
    unittest.main()
