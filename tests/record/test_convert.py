# SPDX-License-Identifier: BSD-3-Clause
"""tools/record/convert: what becomes of each line of the logs, and what it does not understand."""
import contextlib
import importlib.machinery
import importlib.util
import io
import json
import os
import subprocess
import sys
import unittest

import jsonschema

sys.path.insert(0, os.path.join(os.environ["HINTSIM_ROOT"], "tests", "cli"))
from program import ROOT, ProgramTest  # noqa: E402

CONVERT = os.path.join(ROOT, "tools", "record", "convert")
LOADER = importlib.machinery.SourceFileLoader("convert", CONVERT)
PROGRAM = importlib.util.module_from_spec(importlib.util.spec_from_loader("convert", LOADER))
LOADER.exec_module(PROGRAM)
with open(os.path.join(ROOT, "tools", "trace", "recording.schema.json")) as schema:
    LINE = jsonschema.Draft7Validator(json.load(schema))

# A migration with one hint; thread 7 migrates.  The page at 0x3000 has zeros alone.
SOURCE = """\
5@1700000000.000100:virtio_queue_notify vdev 0xb0 n 2 vq 0xb2
5@1700000000.000200:virtqueue_pop vq 0xb2 elem 0xe9 in_num 0 out_num 1
5@1700000000.100000:migrate_set_state new state setup
7@1700000000.110000:migration_bitmap_sync_start 
7@1700000000.111000:migration_bitmap_sync_end dirty_pages 0
7@1700000000.111500:migrate_set_state new state active
5@1700000000.120000:virtio_queue_notify vdev 0xb0 n 3 vq 0xb3
6@1700000000.120100:virtqueue_pop vq 0xb3 elem 0xe0 in_num 0 out_num 1
6@1700000000.120150:virtqueue_fill vq 0xb3 elem 0xe0 len 0 idx 0
6@1700000000.122000:virtqueue_pop vq 0xb3 elem 0xe0 in_num 1 out_num 0
6@1700000000.122050:virtqueue_fill vq 0xb3 elem 0xe0 len 0 idx 0
7@1700000000.130000:savevm_section_start ram, section_id 2
7@1700000000.130100:ram_save_page pc.ram: offset: 0x0 host: 0x7f00
7@1700000000.130200:ram_save_page pc.bios: offset: 0x0 host: 0x7f01
7@1700000000.130300:ram_save_page pc.ram: offset: 0x5000 host: 0x7f02
7@1700000000.130400:savevm_section_end ram, section_id 2 -> 1
7@1700000000.140000:migration_completion_vm_stop ret 0
7@1700000000.141000:migration_bitmap_sync_start 
7@1700000000.142000:migration_bitmap_sync_end dirty_pages 0
7@1700000000.150000:migrate_set_state new state completed
7@1700000000.150100:migration_thread_after_loop 
""".splitlines()
DESTINATION = """\
9@1700000000.129000:qemu_loadvm_state_section_startfull 2(ram) 0 4
9@1700000000.230000:qemu_loadvm_state_section_partend 2
9@1700000000.230100:ram_load_loop pc.ram: addr: 0x0 flags: 0x8 host: 0x7e00
9@1700000000.230200:ram_load_loop pc.bios: addr: 0x0 flags: 0x8 host: 0x7e01
9@1700000000.230300:ram_load_loop pc.ram: addr: 0x3000 flags: 0x22 host: 0x7e02
9@1700000000.230400:ram_load_loop pc.ram: addr: 0x5000 flags: 0x28 host: 0x7e03
""".splitlines()
BEGIN = "# hintsim: recording Linux 6.1.0-56-amd64; the driver was loaded before: no"


def event(ms, words, task="kworker/0:1-17"):
    return f"  {task}      [000] d..1.    {ms // 1000}.{ms % 1000:03}000: {words}"


def read(ms, number):
    return event(ms, "read_command: (report_free_page_func+0x32/0x340 [virtio_balloon] <- "
                     f"virtio_balloon_cmd_id_received) id={number:#x}")


def command(ms, word, queue="free_page_vq"):
    return event(ms, f'queue_command: (virtqueue_add_outbuf+0x0/0x60 [virtio_ring]) queue="{queue}" count=1 '
                     f"page=0xffffea0000001042 offset=16 length=4 base=0xffffea0000000000 word={word}")


INTERRUPT = "config_interrupt: (virtballoon_changed+0x0/0x90 [virtio_balloon])"
RELEASE = "release: (process_one_work+0x1c7/0x380 <- return_free_pages_to_mm) count=1"
PAGES = ('queue_pages: (virtqueue_add_inbuf+0x0/0x58 [virtio_ring]) queue="free_page_vq" count=1 '
         "page=0xffffea0000010002 offset=0 length=4194304 base=0xffffea0000000000")
NOT_QUEUED = "not_queued: (report_free_page_func+0x99/0x340 [virtio_balloon] <- virtqueue_add_outbuf) error=-28"
GUEST = [BEGIN, event(4012, INTERRUPT, "<idle>-0"), read(4013, 0x80000001), command(4014, 0x80000001),
         event(4015, PAGES), read(4016, 0x80000001)]
MOVED = [event(4040, INTERRUPT), read(4041, 1), event(4042, RELEASE)]


class Convert(ProgramTest):
    def setUp(self):
        super().setUp()
        self.source, self.destination, self.guest = list(SOURCE), list(DESTINATION), GUEST + MOVED

    def run_convert(self, *options, status=0):
        logs = {"source": self.source, "destination": self.destination, "guest": self.guest}
        for name, lines in logs.items():
            self.write("".join(line + "\n" for line in lines), name)
        arguments = ["--source", self.path("source"), "--guest", self.path("guest")]
        if self.destination:
            arguments += ["--destination", self.path("destination")]
        printed, said = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(said):
            self.assertEqual(PROGRAM.main([*arguments, *options]), status, said.getvalue())
        self.said = said.getvalue()
        return printed.getvalue()

    def convert(self, *options):
        """The first line, and the events."""
        self.text = self.run_convert(*options)
        lines = [json.loads(line) for line in self.text.splitlines()]
        for line in lines:
            LINE.validate(line)
        return lines[0], lines[1:]

    def of_kind(self, kind, *options):
        return [line for line in self.convert(*options)[1] if line["event"] == kind]

    def wrong(self, words, *options):
        self.assertEqual(self.run_convert(*options, status=2), "")
        self.assertIn(words, self.said)

    # ---- what it makes

    def test_first_line(self):
        first, _ = self.convert("--host", "QEMU 7.2.22, TCG")
        self.assertEqual((first["guest"], first["host"], first["begins"]),
                         ("Linux 6.1.0-56-amd64", "QEMU 7.2.22, TCG", "start"))
        self.assertEqual(list(first["clocks"]), ["source", "guest", "destination"])
        self.assertIn("send-page", first["recorded"])
        self.assertEqual(self.convert("--begins", "middle")[0]["begins"], "middle")

    def test_recording_is_not_refuted(self):
        self.convert()
        done = self.hintsim("trace", "--guest", "linux-6.1", "--host", "qemu-7.2-tcg-odd-ram",
                            self.write(self.text, "recording.ndjson"))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("not refuted", done.stdout)

    def test_migration(self):
        _, lines = self.convert()
        kinds = [line["event"] for line in lines if line["clock"] == "source" and "element" not in line["event"]
                 and line["event"] != "send-page"]
        self.assertEqual(kinds, ["begin-migration", "begin-sync", "end-sync", "stop-vm", "begin-sync", "end-sync",
                                 "end-migration"])
        self.assertEqual(lines[-1], {"clock": "source", "ns": 150000000, "event": "end-migration", "how": "completed"})

    def test_elements_are_counted_on_both_sides(self):
        queued = self.of_kind("queue-element")
        self.assertEqual([line["number"] for line in queued], [0, 1])
        self.assertEqual(queued[0]["buffers"],
                         [{"address": 0x41 * 4096 + 16, "length": 4, "writable": False, "word": 0x80000001}])
        self.assertEqual(queued[1]["buffers"], [{"address": 0x400 * 4096, "length": 4194304, "writable": True}])
        taken = self.of_kind("take-element")  # and nothing of the queue of statistics
        self.assertEqual([(line["queue"], line["number"], line["ns"], line["kind"]) for line in taken],
                         [("free_page_vq", 0, 120100000, "command"), ("free_page_vq", 1, 122000000, "pages")])
        self.assertEqual([(line["number"], line["length"]) for line in self.of_kind("use-element")], [(0, 0), (1, 0)])

    def test_guest(self):
        _, lines = self.convert()
        guest = [(line["event"], line["ns"]) for line in lines if line["clock"] == "guest"]
        self.assertEqual(guest, [("config-interrupt", 4012000000), ("read-command", 4013000000),
                                 ("queue-element", 4014000000), ("queue-element", 4015000000),
                                 ("read-command", 4016000000)])

    def test_page_of_zeros_was_sent_between_its_neighbours(self):
        first, lines = self.convert()
        pages = [(line["clock"], line["ns"], line["address"]) for line in lines if line["event"] == "send-page"]
        self.assertEqual(pages, [("source", 130100000, 0), ("destination", 130250000, 0x3000),
                                 ("source", 130300000, 0x5000)])
        self.assertEqual(first["clocks"]["destination"], {"offset": 0, "within": 50000})

    def test_other_blocks_and_sections(self):
        before = self.run_convert()
        self.source[16:16] = ["7@1700000000.131000:savevm_section_start block, section_id 1",
                              "7@1700000000.131100:savevm_section_end block, section_id 1 -> 1"]
        self.destination.append("9@1700000000.230500:ram_load_loop pc.bios: addr: 0x3000 flags: 0x2 host: 0x7e")
        self.assertEqual(self.run_convert(), before)

    def test_page_of_zeros_at_the_end_of_a_section(self):
        self.destination[4] = self.destination[4].replace(".230300", ".230500")
        first, _ = self.convert()
        self.assertEqual(first["clocks"]["destination"]["within"], 50000)
        self.source[15] = self.source[15].replace(".130400", ".130500")
        self.assertEqual(self.convert()[0]["clocks"]["destination"]["within"], 100000)

    def test_threads_write_lines_late(self):
        self.source[7], self.source[11] = self.source[11], self.source[7]
        self.assertEqual([line["ns"] for line in self.of_kind("take-element")], [120100000, 122000000])

    def test_ram_behind_4_gib(self):
        self.source[14] = self.source[14].replace("0x5000", "0xc0001000")
        self.destination[5] = self.destination[5].replace("0x5000", "0xc0001000")
        self.wrong("source:15: RAM behind 2 GiB")
        pages = self.of_kind("send-page", "--below-4g", str(3 << 30))
        self.assertEqual([line["address"] for line in pages], [0, 0x3000, 0x100001000])

    def test_other_devices(self):
        other = [line.replace("0xb", "0xa").replace("in_num 0 out_num 1", "in_num 1 out_num 0")
                 for line in SOURCE if "vdev" in line or "virtqueue" in line]
        self.source = other + SOURCE
        self.assertEqual(len(self.of_kind("take-element")), 2)
        self.source = other
        self.wrong("source:1: 0 devices take elements as the guest's balloon driver queues them")

    def test_reset(self):
        """A driver that is loaded anew counts anew."""
        before = [line.replace("1700000000.12", "1700000000.01") for line in SOURCE[6:9]]
        reset = "5@1700000000.090000:virtio_set_status vdev 0xb0 val 0"
        self.source = before + [reset] + SOURCE
        self.assertEqual([line["number"] for line in self.of_kind("take-element")], [0, 1])
        self.assertEqual(len(self.of_kind("use-element")), 2)
        self.source = before + [reset.replace("val 0", "val 15")] + SOURCE
        self.wrong("source:1: 0 devices take elements as")
        self.source = SOURCE[:6] + [reset.replace(".090", ".115")] + SOURCE[6:]
        self.wrong("source:7: the balloon is reset while it migrates")

    def test_reports(self):
        words = ["0xffffea0000020000", hex(4096 << 32 | 512), "0x0", "0x0", "0xffffea0000030002", hex(8192 << 32)]
        words += ["0x0"] * (128 - len(words))
        report = (f"queue_report: (virtballoon_free_page_report+0x0/0x90) count=2 base=0xffffea0000000000 "
                  f"first={{{','.join(words[:64])}}} rest={{{','.join(words[64:])}}}")
        self.guest.insert(2, event(4012, report))
        self.source.insert(6, "5@1700000000.112000:virtio_queue_notify vdev 0xb0 n 4 vq 0xb4")
        self.source.insert(7, "6@1700000000.112001:virtqueue_pop vq 0xb4 elem 0xe5 in_num 2 out_num 0")
        queued = [line for line in self.of_kind("queue-element") if line["queue"] == "reporting_vq"]
        self.assertEqual(queued[0]["number"], 0)
        self.assertEqual(queued[0]["buffers"], [{"address": 0x800200, "length": 4096, "writable": True},
                                                {"address": 0xc00000, "length": 8192, "writable": True}])
        self.assertIn("reporting_vq", {line["queue"] for line in self.of_kind("take-element")})
        self.guest[2] = self.guest[2].replace("count=2", "count=33")
        self.wrong("guest:3: 33 buffers, and the guest recorded 32 at most")
        self.guest[2] = event(4012, report)
        self.guest[0] = BEGIN.replace(": no", ": yes")  # then others were queued before
        for kind in ("queue-element", "take-element", "use-element"):
            self.assertEqual({line["queue"] for line in self.of_kind(kind)}, {"free_page_vq"})

    def test_balloon(self):
        self.guest.insert(2, command(4012, 5, "inflate"))
        queued = self.of_kind("queue-element")
        self.assertEqual((queued[0]["queue"], queued[0]["buffers"][0].get("word")), ("inflateq", None))
        self.assertEqual([line["number"] for line in queued], [0, 0, 1])

    def test_element_that_found_no_room_was_not_queued(self):
        self.guest[6:6] = [command(4017, 0), event(4018, NOT_QUEUED)]
        self.assertEqual([line["number"] for line in self.of_kind("queue-element")], [0, 1])
        self.guest[7] = event(4018, NOT_QUEUED.replace("report_free_page_func", "start_xmit"))
        self.assertEqual([line["number"] for line in self.of_kind("queue-element")], [0, 1, 2])

    # ---- where the guest went

    def test_what_it_did_on_the_destination_is_left_out(self):
        self.assertEqual(self.of_kind("release"), [])
        self.guest[6:6] = [event(4017, RELEASE)]
        self.assertEqual(len(self.of_kind("release")), 1)

    def test_interrupt_of_the_source_that_is_handled_on_the_destination(self):
        """It cannot be told from one before the stop but by the clock."""
        self.guest[6:6] = [event(4030, INTERRUPT)]
        self.assertEqual(len(self.of_kind("config-interrupt")), 2)
        self.guest[6] = event(4043, INTERRUPT)
        self.guest[7:] = [event(4044, INTERRUPT), read(4045, 1)]
        self.assertEqual(len(self.of_kind("config-interrupt")), 1)
        self.assertEqual(len(self.of_kind("config-interrupt", "--begins", "middle")), 2)  # which sync was it?

    def test_migration_before(self):
        """It read that hinting was done, and not of this one."""
        self.guest.insert(1, read(4001, 1))
        self.assertEqual(len(self.of_kind("read-command", "--begins", "middle")), 3)

    def test_element_that_is_queued_too_late(self):
        self.guest[4:] = [*MOVED, event(4043, PAGES)]
        self.wrong("guest:1: element 1 is queued after the migration, and the source took it")

    def test_interrupt_that_may_be_of_the_source_by_the_clock(self):
        """What it reads then is of the destination for sure, and the interrupt came before that."""
        self.guest[6:] = [event(4039, INTERRUPT), read(4045, 1)]
        self.assertEqual(len(self.of_kind("config-interrupt")), 1)

    def test_guest_log_in_two_files(self):
        whole = "".join(line + "\r\n" for line in self.guest)
        self.guest = []
        self.run_convert(status=2)
        first, second = self.write(whole[:420], "first"), self.write(whole[420:], "second")
        done = subprocess.run([CONVERT, "--source", self.path("source"), "--destination", self.path("destination"),
                               "--guest", first, "--guest", second], text=True, capture_output=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.count('"event":"read-command"'), 2)

    def test_cancelled(self):
        self.source[16:] = ["5@1700000000.140000:migrate_set_state new state cancelling",
                            "7@1700000000.141000:migration_thread_after_loop ",
                            "5@1700000000.143000:migrate_set_state new state cancelled"]
        first, lines = self.convert()
        self.assertNotIn("send-page", first["recorded"])
        self.assertIn("which pages of zeros were sent is not known", self.said)
        self.assertEqual(lines[-1], {"clock": "source", "ns": 141000000, "event": "end-migration", "how": "cancelled"})
        self.assertEqual(lines[7]["event"], "release")  # on the source

    def test_no_log_of_a_destination(self):
        self.destination = []
        first, lines = self.convert()
        self.assertNotIn("send-page", first["recorded"])
        self.assertEqual([line["address"] for line in lines if line["event"] == "send-page"], [0, 0x5000])

    # ---- what is lost, or not understood

    def test_lost_events_end_the_recording(self):
        self.guest[4:4] = ["CPU:0 [LOST 12 EVENTS]"]
        _, lines = self.convert()
        self.assertIn("guest:5: CPU:0 [LOST 12 EVENTS]: there the recording ends", self.said)
        self.assertEqual([line["event"] for line in lines if line["clock"] == "guest"][-1], "lost")
        self.assertEqual(lines[-1]["event"], "use-element")  # the next that is taken is the hint
        self.assertEqual([line["number"] for line in lines if line["event"] == "take-element"], [0])

    def test_lines_that_are_not_understood(self):
        for log, line, text, words in (
                ("source", 4, "7@1700000000.110000:migration_bitmap_sync_start now",
                 "source:4: migration_bitmap_sync_start is expected"),
                ("source", 4, "migration_bitmap_sync_start ", "source:4: no event with a time (-msg timestamp=on"),
                ("source", 3, "5@1700000000.100000:migrate_set_state setup", "source:3: migrate_set_state is expected"),
                ("source", 9, "6@1700000000.120150:virtqueue_fill vq 0xb3 elem 0xe7 len 0 idx 0",
                 "source:9: an element is used that was not taken"),
                ("source", 12, "7@1700000000.130000:savevm_state_iterate ",
                 "source:13: a page outside of a section of RAM"),
                ("source", 12, "7@1700000000.130000:savevm_section_start 2",
                 "source:12: savevm_section_start is expected"),
                ("destination", 3, "9@1700000000.230100:ram_load_loop pc.ram: addr: 0x0 flags: 0x48 host: 0x7e00",
                 "destination:3: a page in a way that is not understood"),
                ("destination", 6, "9@1700000000.230400:ram_load_loop pc.ram: addr: 0x7000 flags: 0x28 host: 0x7e03",
                 "destination:6: this is not the page that the source sent"),
                ("destination", 2, "9@1700000000.230000:qemu_loadvm_state_section_partend 3",
                 "destination:3: a page outside of a section"),
                ("guest", 1, "Debian GNU/Linux 12 guest ttyS1", "guest:1: no event of tracefs: 'Debian GNU/Linux 12"),
                ("guest", 2, event(4012, "sched_switch: (x)"), "guest:2: no event of tools/record/guest: sched_switch"),
                ("guest", 3, event(4013, "read_command: (x) id=(fault)"), "guest:3: read_command is expected"),
                ("guest", 5, event(4015, PAGES.replace("count=1", "count=2")), "guest:5: 2 buffers on free_page_vq"),
        ):
            with self.subTest(log=log, line=line, text=text):
                lines = getattr(self, log)
                before = lines[line - 1]
                lines[line - 1] = text
                try:
                    self.wrong(words)
                finally:
                    lines[line - 1] = before

    def test_other_versions_of_qemu(self):
        """11 writes the time in another way; 5.2 does not say when the VM stops."""
        before = self.run_convert()
        self.source = [f"2023-11-14T22:13:20.{line[13:19]}Z {line[20:]}" for line in SOURCE]
        self.assertEqual(self.run_convert(), before)
        del self.source[16]
        first, lines = self.convert()
        self.assertNotIn("stop-vm", first["recorded"])
        self.assertIn("when the VM stopped is not known", self.said)
        self.assertEqual([line for line in lines if line["event"] == "release"], [])

    def test_other_events_of_qemu_do_not_matter(self):
        before = self.run_convert()
        self.source.insert(4, "5@1700000000.110500:virtio_notify vdev 0xb0 vq 0xb3")
        self.assertEqual(self.run_convert(), before)

    def test_logs_of_different_migrations(self):
        self.source.insert(16, "7@1700000000.131000:savevm_section_start ram, section_id 2")
        self.wrong("destination:1: 1 sections of RAM, and the source sent 2")
        more = "7@1700000000.130350:ram_save_page pc.ram: offset: 0x6000 host: 0x7f"
        self.source = SOURCE[:15] + [more] + SOURCE[15:]
        self.wrong("source:16: this page did not arrive")
        self.source = [line for line in SOURCE if "sync" not in line and "stop" not in line]
        self.wrong("source:1: a migration that is completed without a sync")
        self.source = SOURCE + [SOURCE[2].replace("1700000000", "1700000001")]
        self.wrong("source:22: a second migration begins")

    def test_elements_that_do_not_match(self):
        for missing in (3, 4):
            self.guest = GUEST[:missing] + GUEST[missing + 1:] + MOVED
            self.wrong("source:1: 0 devices take elements as")

    def test_no_log(self):
        self.wrong("No such file", "--destination", "/nothing")
        self.guest = [line for line in self.guest if line != BEGIN]
        self.wrong("guest:1: no line '# hintsim: recording ...'")

    def test_help(self):
        done = subprocess.run([CONVERT, "--help"], text=True, capture_output=True, env={**os.environ, "COLUMNS": "80"})
        self.assertEqual(done.returncode, 0)
        self.assertTrue(all(len(line) <= 80 for line in done.stdout.splitlines()), done.stdout)


if __name__ == "__main__":
    unittest.main()
