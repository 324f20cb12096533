# SPDX-License-Identifier: BSD-3-Clause
"""The commands: what they print, in which form, and with which exit status."""
import json
import os
import re
import subprocess
import unittest

import jsonschema

from program import GOOD, PROGRAM, ROOT, ProgramTest

SCENARIOS = os.path.join(ROOT, "scenarios")
COMMANDS = ("run", "explore", "prove", "matrix", "check", "draw", "drive", "trace", "list", "doctor", "help")
LOSS = os.path.join(SCENARIOS, "field", "hint-swallows-log-bit.yaml")


def told_rows():
    """Of each step the words in steps.def before the first brace, as they begin a sentence."""
    with open(os.path.join(ROOT, "model", "steps.def")) as file:
        rows = re.findall(r'^STEP\(\w+, "([\w.-]+)",.*?"[^"]*",\s*"([^"]*)"', file.read(), re.DOTALL | re.MULTILINE)
    return {name: (words[:1].upper() + words[1:]).split("{")[0] for name, words in rows}


def scenarios_with_schedule():
    for folder, _, names in os.walk(SCENARIOS):
        for name in sorted(names):
            path = os.path.join(folder, name)
            with open(path) as file:
                if "\nschedule:" in file.read():
                    yield path


class Told(ProgramTest):
    @classmethod
    def setUpClass(cls):
        """Of each scenario that breaks something the text, and the facts."""
        cls.broken = {}
        for path in scenarios_with_schedule():
            facts = json.loads(subprocess.run([PROGRAM, "run", "--format", "json", path], capture_output=True,
                                              check=False).stdout)
            if facts["broken"]:
                cls.broken[os.path.basename(path)[:-len(".yaml")]] = path, facts
            else:
                assert facts["told"] == [], path

    def told_of(self, name):
        return self.broken[name][1]["told"]

    def test_every_row_has_words(self):
        rows = told_rows()
        with open(os.path.join(ROOT, "model", "steps.def")) as file:
            self.assertEqual(len(rows), file.read().count("\nSTEP("))

    def test_each_break_is_told(self):
        self.assertGreater(len(self.broken), 80)
        for name, (_, facts) in self.broken.items():
            told = facts["told"]
            with self.subTest(name):
                self.assertTrue(2 <= len(told) <= 8, told)
                for sentence in told:
                    self.assertRegex(sentence, r"^[A-Z].*[^.,; ]\.$")
                    self.assertNotRegex(sentence, r"[{}]|  | [,;.]|\(\)|;;|,,")

    def test_the_losing_step_is_named(self):
        rows = told_rows()
        named = 0
        for name, (_, facts) in self.broken.items():
            first = facts["broken"][0]
            decides = [step["step"].split()[0] for step in facts["steps"]
                       if step["loses"] or first in step["dooms"]] or [
                           step["step"].split()[0] for step in facts["steps"] if first in step["breaks"]][:1]
            with self.subTest(name):
                self.assertTrue(decides)
                self.assertTrue(any(sentence.startswith(rows[step])
                                    for step in decides for sentence in facts["told"][:-1]), facts["told"])
                named += 1
        self.assertEqual(named, len(self.broken))

    def test_the_text_says_the_same_in_72_columns(self):
        for name in ("shared-command-word", "lost-kick", "same-id-after-stop", "hints-under-stop"):
            path, facts = self.broken[name]
            text = self.hintsim("run", path).stdout
            told = text[text.index("\ntold:\n") + len("\ntold:\n"):].split("\n\n")[0]
            self.assertEqual(" ".join(told.split()), " ".join(" ".join(facts["told"]).split()))
            for line in told.splitlines():
                self.assertLessEqual(len(line), 72, line)

    def test_what_is_not_broken_is_not_told(self):
        path = os.path.join(SCENARIOS, "field", "hint-swallows-log-bit-legacy-log.yaml")
        self.assertNotIn("told:", self.hintsim("run", path).stdout)

    def test_the_cause_is_named_with_its_rule(self):
        for name, words in (
                ("shared-command-word", "The device takes the start element of id1 only now that id2 was issued; it "
                                        "points to the word that holds id2 by now (command-word=shared: "),
                ("shared-command-word", "The device takes the hint of page 0, which was queued under id1, though"),
                ("hint-swallows-log-bit", "The guest writes page 0; the dirty log has noted it before, and notes "
                                          "nothing new (log=manual: "),
                ("hint-swallows-log-bit", " back while the hint waits in the queue (release=any-time: "),
                ("old-id-accepted", "and is not compared (check-command-id=off: "),
                ("hint-applied-after-done", "and it does not look (hint-under-lock=off: "),
                ("hint-applied-after-done", "The driver hints page 0."),
                ("copy-before-clear", "it is read now, and its records are cleared later (send-order=copy-then-clear: "),
                ("clear-unknown-bits", "that clears the log of page 0, in the same chunk (clear-mask=all: "),
                ("old-copy-arrives-last", ", and replaces a newer one (channels=unordered: "),
                ("write-after-sync-tcg", "the dirty log does not watch it, and notes nothing (rearm-at-sync=off: "),
                ("device-writes-unmarked", "; nothing marks it (dma-log=unmarked: "),
                ("lost-kick", "The VM is stopped; the device has not taken all that is queued, and does not look "
                              "there (kick-at-start=off: "),
                ("hint-waits-at-destination", "The VM is stopped; a kick is pending, and does not move with it (kick-at-start=off: "),
                ("retry-offers-what-is-dirty", ", which does not offer page 0 (first-pass=dirty: "),
                ("report-reused-early", " before its report was used (report-reuse=any-time: "),
                ("no-done-on-cancel", "the field does not say DONE (done-at-end=completed: "),
                ("round-ends-silently", "The driver ends its round, and queues no stop element (round-end=silent: ")):
            with self.subTest(name):
                self.assertIn(words, " ".join(self.told_of(name)))

    def test_a_witness_is_told(self):
        path = os.path.join(SCENARIOS, "ordering", "ordering-manual-log.yaml")
        text = self.hintsim("explore", "--threads", "1", "--property", "dirty-page-lost", path).stdout
        told = "\ntold:\n  The driver hints page 0.\n  Memory pressure: "
        self.assertIn(told, text)
        facts = json.loads(self.hintsim("explore", "--threads", "1", "--property", "dirty-page-lost", "--format",
                                        "json", path).stdout)
        self.assertEqual(facts["witnesses"][0]["run"]["told"][0], "The driver hints page 0.")
        self.assertIn(told, self.hintsim("prove", "-p", "dirty-page-lost", path).stdout)


class Source(ProgramTest):
    def table(self, path):
        text = self.hintsim("run", "--source", path).stdout
        self.assertTrue(all(len(line) <= 72 for line in text.splitlines() if not line.startswith("Observation")))
        lines = text[text.index("\nsource: "):].split("\n\n")[0].splitlines()[2:]
        return [line for line in lines if line[:4].strip()], " ".join(" ".join(lines).split())

    def test_each_step_has_its_functions(self):
        rows, text = self.table(LOSS)
        facts = json.loads(self.hintsim("run", "--source", "--format", "json", LOSS).stdout)
        self.assertEqual([row.split(None, 1)[1][:26].strip() for row in rows], [step["step"] for step in facts["steps"]])
        self.assertEqual([row["step"] for row in facts["source"]], [step["step"] for step in facts["steps"]])
        functions = {row["step"]: row["functions"] for row in facts["source"]}
        self.assertEqual(functions["app.free 0"], "Linux __free_one_page")
        self.assertEqual(functions["migration.sync"],
                         "QEMU memory_global_dirty_log_sync; KVM kvm_vm_ioctl_get_dirty_log")
        self.assertIn("QEMU get_free_page_hints, qemu_guest_free_page_hint", text)
        with open(os.path.join(ROOT, "tools", "report", "run.schema.json")) as file:
            jsonschema.Draft7Validator(json.load(file)).validate(facts)

    def test_a_program_that_is_not_the_presets_is_not_named(self):
        _, text = self.table(os.path.join(SCENARIOS, "field", "discard-of-reused-page.yaml"))
        self.assertIn("Linux send_cmd_id_start", text)
        self.assertNotIn("QEMU", text)
        self.assertNotIn("KVM", text)
        _, text = self.table(os.path.join(SCENARIOS, "field", "measured", "write-after-sync-tcg.yaml"))
        self.assertIn("QEMU memory_global_dirty_log_sync", text)
        self.assertNotIn("KVM", text)
        self.assertNotIn("Linux", text)

    def test_without_the_option_there_is_no_table(self):
        self.assertNotIn("\nsource: ", self.hintsim("run", LOSS).stdout)
        self.assertNotIn("source", json.loads(self.hintsim("run", "--format", "json", LOSS).stdout))


class Run(ProgramTest):
    def test_a_loss_that_is_expected_is_status_0(self):
        done = self.hintsim("run", LOSS)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("Observation hint-swallows-log-bit dirty-page-lost Sometimes 1 0\n", done.stdout)
        self.assertIn("Observation hint-swallows-log-bit page-stuck Unknown 0 1\n", done.stdout)
        self.assertIn("verdict: dirty-page-lost: ", done.stdout)

    def test_a_loss_that_is_not_expected_is_status_1(self):
        with open(LOSS) as file:
            text = file.read()
        start = text.index("expect:")
        path = self.write(text[:start], "hint-swallows-log-bit.yaml")
        self.assertEqual(self.hintsim("run", path).returncode, 1)
        path = self.write(text[:start] + "expect: {run: safe}\n", "hint-swallows-log-bit.yaml")
        done = self.hintsim("run", path)
        self.assertEqual(done.returncode, 1)
        self.assertIn("expected: safe: NOT AS FOUND", done.stdout)

    def test_a_step_to_cover_that_is_not_taken_is_status_1(self):
        done = self.hintsim("run", self.write(GOOD + "cover: [driver.shrink]\n"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("cover: driver.shrink was never taken", done.stdout)

    def test_carets_stand_under_the_losing_step(self):
        lines = self.hintsim("run", LOSS).stdout.splitlines()
        carets = next(i for i, line in enumerate(lines) if set(line.strip()) == {"^"})
        self.assertIn("P0 is lost here", lines[carets + 1])
        step = max(i for i in range(carets) if "hint(P0) applied" in lines[i])
        self.assertEqual(lines[step].index("hint"), lines[carets].index("^"))

    def test_the_same_output_every_time(self):
        self.assertEqual(self.hintsim("run", LOSS).stdout, self.hintsim("run", LOSS).stdout)

    def test_json_gives_the_same_facts(self):
        done = self.hintsim("run", "--format", "json", LOSS)
        facts = json.loads(done.stdout)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(facts["name"], "hint-swallows-log-bit")
        self.assertEqual(facts["guest"], "linux-6.1")
        self.assertEqual(facts["rules"]["log"], "manual")
        self.assertIn("dirty-page-lost", facts["broken"])
        self.assertEqual(facts["broken"], facts["expected"])
        self.assertEqual(facts["answer"], "as expected")
        losing = [step["step"] for step in facts["steps"] if step["loses"] == [0]]
        self.assertEqual(losing, ["device.take-element"])
        self.assertEqual(facts["pages"][0]["fate"], "LOST")
        text = self.hintsim("run", LOSS).stdout
        self.assertIn("hash:  " + facts["hash"], text)
        for step in facts["steps"]:
            self.assertIn(step["headline"].split(" (")[0].split(",")[0], text)

    def test_the_legend_fits_every_host(self):
        for name in ("write-after-sync-tcg", "write-before-hint-tcg", "hint-swallows-log-bit"):
            text = self.hintsim("run", os.path.join(SCENARIOS, "field", "measured" if "tcg" in name else "",
                                                    name + ".yaml")).stdout
            self.assertIn("\nlog           1: the dirty log notes a write; 0: it watches for one\n", text)
            self.assertNotIn("kernel", text[text.index("\n\nlog  "):])

    def test_a_used_buffer_that_is_dropped_is_told(self):
        path = os.path.join(SCENARIOS, "field", "no-done-on-cancel.yaml")
        self.assertIn("stop queued\n                   used dropped: 3\n", self.hintsim("run", path).stdout)
        for name, labels in ((path, 1), (LOSS, 0)):
            self.hintsim("draw", name, "-o", self.path("race.dot"))
            with open(self.path("race.dot")) as file:
                self.assertEqual(len(re.findall(r"label=dropped", file.read())), labels, name)

    def test_a_driver_that_follows_used_buffers_drops_none(self):
        path = os.path.join(SCENARIOS, "field", "lost-kick.yaml")
        self.assertNotIn("dropped", self.hintsim("run", path).stdout)

    def test_a_reset_sends_nothing(self):
        text = GOOD.replace("  - migration.start\n", "".join(f"  - {step}\n" for step in (
            "migration.start", "...", "driver.hint-page 0", "...", "driver.end-round", "driver.freeze",
            "driver.reset", "...", "migration.begin-page 0", "migration.finish-page 0",
            "migration.stop-hints", "...", "migration.start-hints", "...", "driver.start-round",
            "...", "device.take-element"))).replace("run: unfinished", "run: unfinished\nlimits: {resets: 1}")
        path = self.write(text)
        done = self.hintsim("draw", path, "-o", self.path("race.dot"))
        self.assertEqual(done.returncode, 0, done.stderr)
        steps = [step["step"] for step in json.loads(
            self.hintsim("run", "--format", "json", path).stdout)["steps"]]
        with open(self.path("race.dot")) as file:
            dot = file.read()
        sent = [int(event) for event in re.findall(r"event(\d+) -> event\d+", dot)]
        self.assertNotIn(steps.index("driver.reset") + 1, sent)
        self.assertIn(len(steps) - 1 - steps[::-1].index("driver.start-round") + 1, sent)

    def facts_of(self, name):
        done = self.hintsim("run", "--format", "json", os.path.join(SCENARIOS, name + ".yaml"))
        facts = json.loads(done.stdout)
        with open(os.path.join(ROOT, "tools", "report", "run.schema.json")) as file:
            jsonschema.Draft7Validator(json.load(file)).validate(facts)
        return facts

    def test_a_wait_says_what_it_needs_and_what_that_needs(self):
        facts = self.facts_of("field/lost-kick")
        self.assertEqual([wait["properties"] for wait in facts["waits"]], [["page-stuck", "guest-stalled"]])
        self.assertEqual([(link["step"], link["possible"]) for link in facts["waits"][0]["needs"]], [
            ("driver.release 1", "only after the hint of page 1 was used "
                                 "(release=after-used; the hint is element 2 in the queue)"),
            ("device.take-element", "only while the device looks at free_page_vq (it sleeps until it is kicked)"),
            ("device.wake", "only after a kick of free_page_vq (none is pending at the destination: "
                            "kick-at-start=off, and a kick does not move with the VM)"),
            ("driver.start-round", "only after the driver read a new command id")])
        text = self.hintsim("run", os.path.join(SCENARIOS, "field/lost-kick.yaml")).stdout
        self.assertIn("waits for driver.release 1, possible only after the hint of page 1 was", text)
        self.assertIn("stuck from step 29 on, migration.stop-vm", text)

    def test_a_request_waits_while_it_is_open(self):
        """The operator could end it at once: that is no answer."""
        facts = self.facts_of("field/same-id-after-stop")
        self.assertEqual(facts["waits"], [{"properties": ["request-unanswered"], "needs": [
            {"step": "driver.start-round", "possible": "only after the driver read a new command id "
                                                       "(it started a round under this one before)"}]}])
        text = self.hintsim("run", os.path.join(SCENARIOS, "field/same-id-after-stop.yaml")).stdout
        self.assertIn("unanswered from step 17 on, device.request-hints", text)
        self.hintsim("draw", os.path.join(SCENARIOS, "field/same-id-after-stop.yaml"), "-o", self.path("race.dot"))
        with open(self.path("race.dot")) as file:
            self.assertIn("unanswered from here", file.read())

    def test_a_wait_for_a_kick_says_that_it_did_not_move(self):
        """A kick is pending as the VM stops; at the destination, where it is missing, there is none."""
        text = """name: good
question: Does it wake?
memory: {pages: 2}
limits: {writes: 0}
schedule: [app.free 0, migration.start, migration.enable-log, migration.stop-hints, migration.sync,
  migration.merge-log, migration.start-hints, driver.config-interrupt, driver.read-command,
  driver.start-round, driver.hint-page 0, driver.end-round, migration.stop-vm]
expect: {run: page-stuck}
"""
        done = self.hintsim("run", "--format", "json", self.write(text))
        self.assertEqual(done.returncode, 0, done.stderr)
        facts = json.loads(done.stdout)
        self.assertNotIn("device.wake", [step["step"] for step in facts["steps"]])
        self.assertEqual([link["possible"] for link in facts["waits"][0]["needs"] if link["step"] == "device.wake"],
                         ["only after a kick of free_page_vq (none is pending at the destination: "
                          "kick-at-start=off, and a kick does not move with the VM)"])

    def test_a_wait_names_what_would_end_it(self):
        shrinker = "until then only the shrinker gives pages back"
        unsaid = ("driver.release 0", f"only after the device said DONE (status: STOP; {shrinker})")
        unsaid_to_all = ("driver.release 0", "only after the device said DONE (status: STOP; release=after-done)")
        cancelled = ("migration.done-hints", "only right after a sync (phase: cancelled)")
        forgotten = ("driver.release 0", "only while the driver knows of the block that it holds at page 0 "
                                         "(reset-returns=off: driver.freeze forgot it)")
        for name, links in (("thread/done-never-comes", [unsaid_to_all, cancelled]),
                            ("field/no-done-on-cancel", [unsaid, cancelled]),
                            ("field/done-after-device-state", [unsaid]),
                            ("field/unload-while-hinting", [forgotten])):
            with self.subTest(name):
                needs = self.facts_of(name)["waits"][0]["needs"]
                self.assertEqual([(link["step"], link["possible"]) for link in needs], links)

    def test_every_wait_of_the_corpus_is_explained_and_has_its_step(self):
        seen = 0
        for name in ("field/lost-kick", "field/hint-waits-at-destination", "field/unload-while-hinting",
                     "field/postcopy-stall", "field/done-after-device-state", "field/no-done-on-cancel",
                     "thread/done-never-comes", "field/same-id-after-stop"):
            with self.subTest(name):
                facts = self.facts_of(name)
                broken = {"page-stuck", "guest-stalled", "request-unanswered"} & set(facts["broken"])
                dooms = [name for step in facts["steps"] for name in step["dooms"]]
                self.assertEqual(sorted(dooms), sorted(broken))
                self.assertEqual({name for wait in facts["waits"] for name in wait["properties"]}, broken)
                for wait in facts["waits"]:
                    for link in wait["needs"]:
                        self.assertRegex(link["possible"], "^only ")
                seen += len(broken)
        self.assertEqual(seen, 10)
        self.assertEqual(self.facts_of("field/hint-swallows-log-bit")["waits"], [])

    def test_members_of_a_family(self):
        path = self.write(GOOD + "vary: {release: [any-time, after-done], pages: [2, 3]}\n")
        done = self.hintsim("run", "--variant", "release=after-done,pages=3", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("good[release=after-done,pages=3]", done.stdout)
        self.assertIn("but release=after-done (instead of any-time)", done.stdout)
        self.assertIn("P2 ", done.stdout)

    def test_an_actor_that_is_automatic(self):
        schedule = "  - app.free 0\n  - migration.start\n"
        text = GOOD.replace(schedule, schedule + "  - migration.start-hints\n")
        refused = self.hintsim("run", self.write(text))
        self.assert_refused(refused, "only right after a sync (phase: starting)")
        done = self.hintsim("run", self.write(text + "automatic: [migration]\n"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("sync: merge", done.stdout)

    def test_full_disk_is_an_error(self):
        for command in (f"run '{LOSS}'", "--version"):
            status = os.system(f"'{PROGRAM}' {command} > /dev/full 2>/dev/null")
            self.assertEqual(os.waitstatus_to_exitcode(status), 2, command)


    def test_a_run_that_stops_in_mid_migration_is_unfinished_and_meets_no_safe(self):
        path = self.write(GOOD.replace("run: unfinished", "run: safe"))
        done = self.hintsim("run", path)
        self.assertEqual(done.returncode, 1)
        words = " ".join(done.stdout.split())
        self.assertIn("verdict: unfinished; nothing is broken up to here, but page 0 is to be sent; "
                      "page 1 is to be sent; the VM runs on the source", words)
        self.assertIn("expected: safe: NOT AS FOUND", done.stdout)
        self.assertRegex(done.stdout, r"(?m)^P1 .* not sent yet$")
        facts = json.loads(self.hintsim("run", "--format", "json", path).stdout)
        self.assertEqual((facts["end"], facts["answer"]), ("unfinished", "not as expected"))
        self.assertIn("unfinished; expected: safe", self.hintsim("check", path).stdout)
        path = self.write(GOOD[:GOOD.index("expect:")])
        self.assertEqual(self.hintsim("run", path).returncode, 3)

    SENT = ("  - migration.start\n  - ...\n  - migration.begin-page 0\n  - migration.finish-page 0\n"
            "  - app.write 0\n  - migration.begin-page 1\n")

    def unfinished(self, schedule, host="qemu-7.2-kvm"):
        """What is missing, and the fates of the pages, after a run that stops in mid-migration."""
        text = GOOD.replace("  - app.free 0\n  - migration.start\n", schedule).replace("qemu-7.2-kvm", host)
        done = self.hintsim("run", self.write(text))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        missing = re.search(r"up to here, but (.*?) expected:", " ".join(done.stdout.split()))[1]
        fates = re.findall(r"(?m)^P\d+ +\S+ +\S+ +(?:yes|no) +(.*)$", done.stdout)
        for line in done.stdout.splitlines():
            self.assertTrue(len(line) <= 72 or line.startswith("Observation "), line)
        return missing, fates

    def test_what_is_missing_names_the_log_and_the_page_on_its_way(self):
        missing, fates = self.unfinished(self.SENT)
        self.assertEqual(missing, "page 0 is in the log, and no sync has merged it; page 1 is being sent; "
                                  "the VM runs on the source")
        self.assertEqual(fates, ["v1 sent, v2 not yet", "on its way"])
        missing, fates = self.unfinished(self.SENT.replace("  - migration.begin-page 1\n", ""))
        self.assertEqual(missing, "page 0 is in the log, and no sync has merged it; page 1 is to be sent; "
                                  "the VM runs on the source")
        self.assertEqual(fates, ["v1 sent, v2 not yet", "not sent yet"])

    def test_a_record_that_was_merged_is_missing_as_a_page_to_send(self):
        merged = self.SENT + "  - migration.finish-page 1\n  - migration.stop-vm\n  - ...\n  - migration.done-hints\n"
        missing, fates = self.unfinished(merged)
        self.assertEqual(missing, "page 0 is to be sent; the VM is stopped and was not switched over")
        self.assertEqual(fates, ["v1 sent, v2 not yet", "arrived so far"])
        missing, fates = self.unfinished(merged.replace("  - ...\n  - migration.done-hints", "  - ...\n  - migration.sync"))
        self.assertEqual(missing, "page 0 is in the log, and no sync has merged it; the VM is stopped and was not "
                                  "switched over")

    def test_a_page_that_is_read_and_not_cleared_is_on_its_way(self):
        missing, fates = self.unfinished(self.SENT, host="qemu-7.2-kvm, rules: {send-order: copy-then-clear}")
        self.assertIn("; page 1 is being sent; the VM runs", missing)
        self.assertEqual(fates[1], "on its way")

    def test_a_written_page_without_a_record_is_not_safe_either(self):
        with open(LOSS) as file:
            text = file.read()
        text = text[:text.index("  - migration.stop-vm")] + "expect: {run: [hint-device-4]}\n"
        done = self.hintsim("run", self.write(text, "hint-swallows-log-bit.yaml"))
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertRegex(done.stdout, r"(?m)^P0 .* (NO RECORD LEFT|LOST)$")

    def test_finish_ends_the_run_in_an_order_of_its_own(self):
        text = GOOD.replace("  - migration.start\n", "  - migration.start\n  - finish\n").replace(
            "run: unfinished", "run: safe")
        done = self.hintsim("run", self.write(text))
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("'finish' put in order", done.stdout)
        self.assertRegex(done.stdout, r"(?m)^P1 .* arrived$")
        facts = json.loads(self.hintsim("run", "--format", "json", self.write(text)).stdout)
        self.assertEqual(facts["end"], "ended")
        steps = [step["step"].split()[0] for step in facts["steps"]]
        self.assertEqual(steps[-1], "migration.switch-over")
        self.assertLess(steps.index("device.wake"), steps.index("migration.begin-page"))
        self.assert_refused(self.hintsim("run", self.write(text.replace(
            "  - finish\n", "  - finish\n  - migration.stop-vm\n"))), "'finish' is the last entry")

    def test_finish_serves_hints_where_no_migration_began(self):
        text = """name: scenario
question: Is the hint served?
guest: {preset: linux-6.1}
host: {preset: firecracker-1.14}
memory: {pages: 2}
queue: {free-page: 4}
limits: {writes: 1, rounds: 1}
schedule:
  - app.free 0
  - device.request-hints
  - ...
  - driver.hint-page 0
  - driver.shrink 0
  - app.allocate 0
  - app.write 0
  - finish
expect: {run: [page-corrupted, hint-device-4]}
"""
        done = self.hintsim("run", self.write(text))
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertRegex(done.stdout, r"(?m)^P0 .* CORRUPTED$")

    def test_a_cancelled_run_has_ended_once_nothing_is_left_to_do(self):
        with open(os.path.join(ROOT, "scenarios", "thread", "done-on-cancel.yaml")) as file:
            text = file.read()
        self.assertEqual(text.count("  - finish\n"), 1)
        finished = self.hintsim("run", "--format", "json", self.write(text, "done-on-cancel.yaml"))
        self.assertEqual(json.loads(finished.stdout)["end"], "ended")
        path = self.write(text.replace("  - finish\n", ""), "done-on-cancel.yaml")
        done = self.hintsim("run", path)
        self.assertEqual(done.returncode, 1)
        self.assertIn("nothing is broken up to here, but device.sleep is left to do; "
                      "driver.config-interrupt is left to do", " ".join(done.stdout.split()))

    def test_without_a_migration_a_run_is_judged_as_it_stands(self):
        text = GOOD.replace("  - migration.start\n", "").replace("run: unfinished", "run: safe")
        done = self.hintsim("run", self.write(text))
        self.assertEqual(done.returncode, 0)
        self.assertIn("and there was no migration", done.stdout)

    def test_hints_are_asked_for_only_where_a_request_is_made(self):
        text = GOOD.replace("  - app.free 0\n", "").replace(
            "schedule:\n", "schedule:\n  - device.request-hints\n").replace(
            "  - migration.start\n", "  - migration.start\n  - ...\n  - migration.start-hints\n")
        asked = self.hintsim("run", self.write(text.replace("  - device.request-hints\n", ""))).stdout
        self.assertIn("ask hints, id1", asked)
        self.assertNotIn("no hints asked", asked)
        text = re.sub(r"(?m)^host: .*$", "host: {preset: qemu-7.2-kvm, rules: {hint-trigger: request}}", text)
        done = self.hintsim("run", self.write(text)).stdout
        self.assertIn("asks for hints", done)
        self.assertIn("no hints asked", done)
        self.assertNotIn("ask hints,", done)


class Check(ProgramTest):
    def test_status_is_that_of_the_worst(self):
        self.write(GOOD)
        self.assertEqual(self.hintsim("check", self.folder).returncode, 0)
        self.write(GOOD.replace("name: good", "name: loss").replace("run: unfinished", "run: page-stuck"),
                   "loss.yaml")
        done = self.hintsim("check", self.folder)
        self.assertEqual(done.returncode, 1)
        self.assertIn("unfinished; expected: page-stuck", done.stdout)
        self.assertIn("1 as expected, 1 not, 0 bad input", done.stdout)
        self.write("name: [", "bad.yaml")
        done = self.hintsim("check", self.folder)
        self.assertEqual(done.returncode, 2)
        self.assertIn("1 as expected, 1 not, 1 bad input", done.stdout)

    def test_endings_are_read_in_capitals_as_well(self):
        for name in ("one.yaml", "two.yml", "three.YAML", "four.YML", "five.Yaml"):
            self.write(GOOD.replace("name: good", "name: " + name.split(".")[0]), name)
        self.write("not a scenario", "six.yamlet")
        self.assertIn("\n5 as expected, 0 not, 0 bad input", self.hintsim("check", self.folder).stdout)

    def test_every_member_of_a_family_is_checked(self):
        family = GOOD.replace("run: unfinished", "run: [{when: {pages: 3}, is: page-stuck}, {is: unfinished}]")
        self.write(family + "vary: {release: [any-time, after-done], pages: [2, 3]}\n")
        done = self.hintsim("check", self.folder)
        self.assertIn("good[release=any-time,pages=2]", done.stdout)
        self.assertIn("2 as expected, 2 not", done.stdout)

    def test_a_scenario_that_runs_nothing_is_no_pass(self):
        path = self.write(GOOD[:GOOD.index("expect:")])
        done = self.hintsim("check", self.folder)
        self.assertEqual(done.returncode, 2)
        self.assertIn("0 as expected, 0 not, 1 bad input, 0 inconclusive", done.stdout)
        self.assertIn(f"{path}: expect: nothing is expected, so nothing can be checked", done.stderr)

    def test_a_member_that_no_when_fits_is_no_pass(self):
        self.write(GOOD.replace("run: unfinished", "run: [{when: {pages: 3}, is: unfinished}]") +
                   "vary: {pages: [2, 3]}\n")
        done = self.hintsim("check", self.folder)
        self.assertEqual(done.returncode, 2)
        self.assertIn("1 as expected, 0 not, 1 bad input", done.stdout)
        self.assertIn("good[pages=2]: no 'when' of expect: run fits it", done.stderr)

    def test_what_cannot_be_read_is_no_pass(self):
        self.write(GOOD)
        os.symlink(self.path("nowhere.yaml"), self.path("lost.yaml"))
        done = self.hintsim("check", self.folder)
        self.assertEqual(done.returncode, 2)
        self.assertIn("lost.yaml: No such file or directory", done.stderr)

    def test_both_endings_are_read(self):
        self.write(GOOD.replace("name: good", "name: other"), "other.yml")
        done = self.hintsim("check", self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("1 as expected", done.stdout)

    def test_yaml_that_is_no_scenario_is_named_and_passed_by(self):
        self.write(GOOD)
        path = self.write("name: ci\non: push\njobs: {}\n", "workflow.yml")
        done = self.hintsim("check", self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, rf"(?m)^passed by +read +{re.escape(path)}$")
        self.assert_refused(self.hintsim("check", path), f"{path}:2:1: unknown key 'on'")

    def test_a_scenario_with_a_wrong_key_is_not_passed_by(self):
        self.write(GOOD.replace("question:", "qestion:"))
        self.assertEqual(self.hintsim("check", self.folder).returncode, 2)

    def test_the_name_is_the_files(self):
        path = self.write(GOOD.replace("name: good", "name: bad"))
        self.assert_refused(self.hintsim("check", path), f"{path}:1:7: ",
                            "'bad' is not the file's name 'good'")
        self.assertEqual(self.hintsim("run", path).returncode, 0)

    def test_a_row_is_a_line_and_says_what_was_done_within_which_bounds(self):
        self.write(GOOD.replace("  run: unfinished", "  run: unfinished\n  explore: {hint-driver-8: none-within}\n"
                                "  prove: {hint-driver-8: never}") + "limits: {rounds: 1}\n")
        rows = self.hintsim("check", self.folder).stdout.splitlines()[:3]
        self.assertEqual([row.split() for row in rows], [
            "ok run good unfinished".split(),
            "ok explore good hint-driver-8 None-within (writes=1 rounds=1 pages=2 queue=4)".split(),
            "ok prove good hint-driver-8 Never (any size; in play: writes,rounds,migrations)".split(),
        ])

    def test_order_is_that_of_the_names(self):
        for name in ("c", "a", "b"):
            self.write(GOOD.replace("name: good", f"name: {name}"), f"{name}.yaml")
        rows = [line.split()[2] for line in self.hintsim("check", self.folder).stdout.splitlines()
                if line.startswith("ok")]
        self.assertEqual(rows, ["a", "b", "c"])

    def test_a_bad_number_of_jobs_is_refused(self):
        path = self.write(GOOD)
        for jobs in ("0", "-1", "65", "x", "2x", ""):
            self.assert_refused(self.hintsim("check", "-j", jobs, path), "jobs: 1 to 64", f"'{jobs}'")
        self.assert_refused(self.hintsim("check", path, "-j"), "usage: hintsim check")


class Draw(ProgramTest):
    BEGIN = {"svg": b"<?xml", "png": b"\x89PNG", "dot": b"digraph", "txt": b"hint-swallows"}

    def test_every_format_by_its_ending(self):
        for ending, begin in self.BEGIN.items():
            path = self.path(f"race.{ending}")
            done = self.hintsim("draw", LOSS, "-o", path)
            self.assertEqual(done.returncode, 0, done.stderr)
            with open(path, "rb") as file:
                content = file.read()
            self.assertTrue(content.startswith(begin), (ending, content[:40]))
        self.assertEqual(len(os.listdir(self.folder)), len(self.BEGIN))

    def test_the_picture_tells_the_race(self):
        path = self.path("race.svg")
        self.hintsim("draw", LOSS, "-o", path)
        with open(path) as file:
            svg = file.read()
        for words in ("hint(P0) applied", "write P0 (v2)", "P0 is lost here", "migration", "guest"):
            self.assertIn(words, svg)

    def test_text_is_what_run_prints(self):
        path = self.path("race.txt")
        self.hintsim("draw", LOSS, "-o", path)
        with open(path) as file:
            self.assertEqual(file.read(), self.hintsim("run", LOSS).stdout)

    def test_pictures_are_the_same_every_time(self):
        for ending in ("svg", "dot"):
            contents = set()
            for name in ("one", "two"):
                self.hintsim("draw", LOSS, "-o", self.path(f"{name}.{ending}"))
                with open(self.path(f"{name}.{ending}"), "rb") as file:
                    contents.add(file.read())
            self.assertEqual(len(contents), 1, ending)


class List(ProgramTest):
    def test_the_text_fits_a_mail(self):
        for what in ("rules", "steps", "presets", "properties", "clauses"):
            lines = self.hintsim("list", what).stdout.splitlines()
            self.assertGreater(len(lines), 10, what)
            for line in lines:
                self.assertLessEqual(len(line), 72, (what, line))
                self.assertEqual(line, line.rstrip(), what)

    def test_text_and_json_name_the_same_things(self):
        keys = {"rules": "name", "steps": "name", "presets": "name", "properties": "name",
                "clauses": "id"}
        for what, key in keys.items():
            text = self.hintsim("list", what)
            items = json.loads(self.hintsim("list", "--format", "json", what).stdout)
            self.assertEqual(text.returncode, 0)
            self.assertGreater(len(items), 10)
            for item in items:
                self.assertIn(item[key], text.stdout)

    def test_every_rule_says_what_its_values_mean_and_when_it_is_idle(self):
        rules = {rule["name"]: rule
                 for rule in json.loads(self.hintsim("list", "--format", "json", "rules").stdout)}
        for name, rule in rules.items():
            if name != "log-chunk":
                self.assertEqual(list(rule["meanings"]), rule["values"], name)
                self.assertTrue(all(rule["meanings"].values()), name)
        self.assertEqual(rules["log-chunk"]["meanings"], {})
        self.assertEqual([rules[name]["order"] for name in ("release", "log", "hint-trigger", "shrinker")],
                         ["partial", "context", "setting", "none"])
        self.assertEqual(rules["log"]["idle_without"], [])
        self.assertEqual(rules["shrinker"]["idle_without"], ["hint-source=allocate"])
        self.assertEqual(rules["tell-host"]["idle_without"], ["queue inflate"])
        self.assertEqual(rules["poison-negotiated"]["idle_without"],
                         ["limit resets", "poison=zero", "poison=value"])
        self.assertEqual(rules["hint-with-postcopy"]["idle_without"], ["postcopy"])

    def test_every_preset_says_what_its_rules_stand_for(self):
        for preset in json.loads(self.hintsim("list", "--format", "json", "presets").stdout):
            self.assertTrue(preset["rules"], preset["name"])
            for rule in preset["rules"]:
                self.assertTrue(rule["stands_for"], (preset["name"], rule))


class Doctor(ProgramTest):
    PART = re.compile(r"(?m)^(\S+) +(there|missing) +(.*(?:\n .*)*)")

    def parts(self, *arguments):
        done = self.hintsim("doctor", *arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertTrue(all(len(line) <= 80 for line in done.stdout.splitlines()), done.stdout)
        return {part[0]: part[1:] for part in self.PART.findall(done.stdout)}

    def test_every_optional_part_is_there_or_not(self):
        parts = self.parts()
        self.assertEqual(list(parts), ["Graphviz", "QEMU", "/dev/kvm"])
        self.assertEqual(parts["Graphviz"][0], "there")
        self.assertRegex(parts["Graphviz"][1], r"^\d+\.\d+")
        self.assertEqual(parts["/dev/kvm"][0],
                         "there" if os.access("/dev/kvm", os.R_OK | os.W_OK) else "missing")

    def test_a_qemu_is_asked_for_its_version(self):
        qemu = self.write("#!/bin/sh\necho QEMU emulator version 12.3.4\n", "qemu")
        os.chmod(qemu, 0o755)
        self.assertEqual(self.parts("--qemu", qemu)["QEMU"][0], "there")
        self.assertIn("12.3.4", self.parts("--qemu", qemu)["QEMU"][1])
        self.assertEqual(self.parts("--qemu", self.path("nosuch"))["QEMU"][0], "missing")

    def test_nothing_else_is_taken(self):
        self.assert_refused(self.hintsim("doctor", "nosuch"), "'nosuch' is not expected")


class Help(ProgramTest):
    def test_help_is_the_same_by_either_way(self):
        for command in COMMANDS:
            one = self.hintsim("help", command)
            self.assertTrue(all(len(line) <= 80 for line in one.stdout.splitlines()), command)
            self.assertEqual(one.returncode, 0, one.stderr)
            for way in ((command, "--help"), (command, "-h"), ("--help", command), ("-h", command)):
                two = self.hintsim(*way)
                self.assertEqual((two.stdout, two.returncode), (one.stdout, 0), way)
            self.assertIn(f"usage: hintsim {command}", one.stdout)

    def test_help_names_every_command(self):
        done = self.hintsim("help")
        for command in (*COMMANDS, "exit status"):
            self.assertIn(command, done.stdout)
        self.assertEqual(re.findall(r"(?m)^  ([a-z]+) ", done.stdout), list(COMMANDS))
        for way in (("--help",), ("-h",)):
            two = self.hintsim(*way)
            self.assertEqual((two.stdout, two.returncode), (done.stdout, 0), way)

    def test_help_about_no_command_is_refused(self):
        self.assert_refused(self.hintsim("help", "nosuch"), "unknown command 'nosuch'", "hintsim help")
        self.assert_refused(self.hintsim("--help", "exlore"), "did you mean 'explore'?")
        self.assertEqual(self.hintsim("help", "nosuch").stdout, "")

    def test_the_version_is_followed_by_the_commit_of_a_checkout(self):
        done = self.hintsim("--version")
        self.assertEqual(done.returncode, 0, done.stderr)
        told = re.fullmatch(r"hintsim 0\.1(?: \(([0-9a-f]{12,})(?:-dirty)?\))?\n", done.stdout)
        self.assertTrue(told, done.stdout)
        if os.path.exists(os.path.join(ROOT, ".git")):
            subprocess.run(["git", "-C", ROOT, "cat-file", "-e", told[1]], check=True)

    def test_without_a_checkout_the_version_stands_alone(self):
        header = self.path("version.h")
        subprocess.run(["cmake", f"-DROOT={self.folder}", "-DVERSION=0.1", f"-DHEADER={header}", "-P",
                        os.path.join(ROOT, "tools", "hintsim", "version.cmake")], check=True)
        with open(header) as file:
            self.assertEqual(file.read(), '#define HINTSIM_VERSION "hintsim 0.1"\n'
                             '#define HINTSIM_RELEASE "0.1"\n#define HINTSIM_COMMIT ""\n')


if __name__ == "__main__":
    unittest.main()
