"""The commands: what they print, in which form, and with which exit status."""
import json
import os
import re
import unittest

from program import GOOD, PROGRAM, ROOT, ProgramTest

LOSS = os.path.join(ROOT, "scenarios", "field", "hint-swallows-log-bit.yaml")


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

    def test_text_fits_a_mail(self):
        for folder, _, names in os.walk(os.path.join(ROOT, "scenarios")):
            for name in names:
                command = ["run"]
                if "ordering" in folder:
                    command = ["explore", "--nearest", "--all-witnesses", "3"]
                done = self.hintsim(*command, os.path.join(folder, name))
                self.assertEqual(done.returncode, 0, name)
                for line in done.stdout.splitlines():
                    self.assertTrue(line.isascii(), (name, line))
                    self.assertNotIn("\t", line, name)
                    self.assertEqual(line, line.rstrip(), (name, line))
                    if not line.startswith(("Observation ", "expected: ")):
                        self.assertLessEqual(len(line), 72, (name, line))

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
        self.assert_refused(refused, "no sync has just ended (phase: starting)")
        done = self.hintsim("run", self.write(text + "automatic: [migration]\n"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("sync: merge", done.stdout)

    def test_full_disk_is_an_error(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full")
        status = os.system(f"'{PROGRAM}' run '{LOSS}' > /dev/full 2>/dev/null")
        self.assertEqual(os.waitstatus_to_exitcode(status), 2)


class Explore(ProgramTest):
    ORDERING = os.path.join(ROOT, "scenarios", "ordering")

    def explore(self, name, *arguments):
        return self.hintsim("explore", *arguments, os.path.join(self.ORDERING, f"{name}.yaml"))

    def test_a_loss_is_found_without_a_schedule(self):
        done = self.explore("ordering-manual-log")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"Observation ordering-manual-log dirty-page-lost Sometimes \d")
        self.assertIn("witness: dirty-page-lost, in 23 steps", done.stdout)
        self.assertIn("P0 is lost here", done.stdout)

    def test_a_witness_is_a_scenario_that_run_replays(self):
        for name, broken in (("ordering-manual-log", "dirty-page-lost"),
                             ("ordering-discard", "page-corrupted"),
                             ("ordering-wait-on-ack", "page-stuck"),
                             ("ordering-ring", "guest-stalled"),
                             ("ordering-discard-wait-on-ack", "guest-stalled"),
                             ("ordering-legacy-log", "hint-driver-5"),
                             ("ordering-iterator-manual-log", "dirty-page-lost")):
            path = self.path("witness.yaml")
            self.explore(name, "--witness", path, "--property", broken)
            done = self.hintsim("run", path)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertIn(f" {broken} Sometimes 1 0", done.stdout)

    def facts(self, name, *arguments):
        return json.loads(self.explore(name, "--format", "json", *arguments).stdout)

    def test_what_would_have_saved_the_page_stands_under_the_witness(self):
        text = self.explore("ordering-manual-log").stdout
        lesson = "P0 survives if device.take-element (hint(P0) applied) comes before app.write 0"
        self.assertIn("nearest: " + lesson, re.sub(r"\s+", " ", text))
        self.assertNotIn("arrived", text)
        self.assertIn("arrived", self.explore("ordering-manual-log", "--nearest").stdout)
        witness, = self.facts("ordering-manual-log")["witnesses"]
        self.assertEqual(witness["nearest"]["lesson"], lesson)

    def test_the_pair_that_decides_is_exchanged_in_the_nearest_run(self):
        for name, broken in (("ordering-manual-log", "dirty-page-lost"),
                             ("ordering-discard", "page-corrupted"),
                             ("ordering-wait-on-ack-skip-only", "dirty-page-lost")):
            witness, = self.facts(name, "-p", broken)["witnesses"]
            nearest = witness["nearest"]
            self.assertIn(broken, witness["run"]["broken"])
            self.assertNotIn(broken, nearest["run"]["broken"])
            sooner, later = (step["number"] - 1 for step in nearest["pair"])
            taken = [step["step"] for step in witness["run"]["steps"]]
            self.assertEqual([taken[sooner], taken[later]], [s["step"] for s in nearest["pair"]])
            self.assertLess(later, sooner)
            # The page's own steps are few: the last ones of that name are meant.
            other = [step["step"] for step in nearest["run"]["steps"]]
            self.assertLess(other.index(taken[sooner], later), other.index(taken[later], later))

    def test_nothing_is_said_where_no_order_of_the_steps_can_decide(self):
        self.assertIn("nearest: no other order of these steps between the actors keeps\nhint-driver-5",
                      self.explore("ordering-manual-log", "-p", "hint-driver-5").stdout)
        self.assertIn("witness: page-stuck", self.explore("ordering-wait-on-ack").stdout)
        self.assertNotIn("nearest:", self.explore("ordering-wait-on-ack", "--nearest").stdout)
        self.assertIsNone(self.facts("ordering-wait-on-ack")["witnesses"][0]["nearest"])

    def test_witnesses_of_other_kinds_are_numbered_and_written_beside_the_first(self):
        path = self.path("witness.yaml")
        arguments = ("ordering-wait-on-ack-skip-only", "-p", "dirty-page-lost", "-a", "2")
        text = self.explore(*arguments, "--witness", path).stdout
        self.assertIn("\nWitness 1 of 2: dirty-page-lost, in 26 steps; none is shorter\n", text)
        self.assertIn("\nWitness 2 of 2: dirty-page-lost, in 26 steps\n", text)
        self.assertEqual(sorted(os.listdir(self.folder)), ["witness-2.yaml", "witness.yaml"])
        for name in os.listdir(self.folder):
            done = self.hintsim("run", self.path(name))
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertIn(" dirty-page-lost Sometimes 1 0", done.stdout)
        witnesses = self.facts(*arguments)["witnesses"]
        stories = [set(witness["story"]) for witness in witnesses]
        self.assertEqual(stories[0] ^ stories[1], {"driver.end-round", "driver.collect-used"})
        for witness in witnesses:
            self.assertLessEqual(set(witness["story"]),
                                 {step["step"] for step in witness["run"]["steps"]})

    def test_no_more_witnesses_are_shown_than_there_are_kinds(self):
        text = self.explore("ordering-manual-log", "-a", "3").stdout
        self.assertIn("\nWitness 1 of 1: dirty-page-lost", text)
        self.assertNotIn("Witness 2", text)
        self.assertIn("\nno witness of another kind was found\n", text)

    def test_a_world_too_large_without_the_slice_has_a_witness_along_it(self):
        path = self.write("""
name: three
question: Which page is lost of three, whose states do not fit without the slice?
guest: {preset: linux-6.1}
host: {preset: qemu-7.2-kvm}
memory: {pages: 3}
queue: {free-page: 2}
limits: {writes: 2, rounds: 2}
expect: {explore: {dirty-page-lost: sometimes}}
""", "three.yaml")
        run = self.path("run.yaml")
        arguments = ("explore", "--only", "dirty-page-lost", "--memory", "8M", path)
        text = self.hintsim(*arguments, "--witness", run).stdout
        self.assertRegex(text, r"\nwitness: dirty-page-lost, in \d+ steps; there may be a shorter one\n")
        self.assertIn("nearest: P0 survives if device.take-element", text)
        self.assertEqual(self.hintsim("run", run).returncode, 0)
        witnesses = json.loads(self.hintsim(*arguments, "--format", "json").stdout)["witnesses"]
        self.assertEqual([witness["shortest"] for witness in witnesses], [False])
        witnesses = self.facts("ordering-manual-log", "-a", "2")["witnesses"]
        self.assertTrue(witnesses[0]["shortest"])

    def test_where_nothing_breaks_an_example_takes_every_step_in_cover(self):
        path = self.path("example.yaml")
        arguments = ("ordering-write-protect", "-p", "dirty-page-lost")
        text = self.explore(*arguments, "--witness", path).stdout
        self.assertRegex(text, r"\nexample: every step in cover, in \d+ steps, and there is no shorter")
        self.assertIn("takes start(id1)", text)
        done = self.hintsim("run", path)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        facts = self.facts(*arguments)
        self.assertEqual(facts["witnesses"], [])
        taken = {step["step"].split()[0] for step in facts["example"]["run"]["steps"]}
        self.assertEqual({step["step"] for step in facts["cover"]} - taken, set())
        self.assertEqual({step["taken"] for step in facts["cover"]}, {True})
        self.assertIsNone(self.facts("ordering-write-protect")["example"])

    def test_steps_to_cover_that_exclude_each_other_have_no_example(self):
        with open(os.path.join(self.ORDERING, "ordering-legacy-log.yaml")) as file:
            text = file.read().replace("rounds: 1", "rounds: 1, cancels: 1")
        path = self.write(text.replace("[driver.shrink,", "[migration.cancel, driver.shrink,"),
                          "ordering-legacy-log.yaml")
        done = self.hintsim("explore", "-p", "dirty-page-lost", path)
        self.assertIn("example: no single run takes every step in cover", done.stdout)
        self.assertNotIn("was never taken", done.stdout)

    def test_a_bound_is_never_a_pass(self):
        done = self.explore("ordering-legacy-log", "--memory", "1M")
        self.assertEqual(done.returncode, 3)
        self.assertIn("NOT COMPLETE: memory", done.stdout)
        self.assertIn("dirty-page-lost Unknown", done.stdout)
        done = self.explore("ordering-legacy-log", "--timeout", "0.000001")
        self.assertEqual(done.returncode, 124)
        self.assertIn("NOT COMPLETE: time", done.stdout)

    def test_one_property_alone_has_its_witness(self):
        path = os.path.join(ROOT, "scenarios", "field", "lost-kick.yaml")
        for broken in ("page-stuck", "guest-stalled"):
            witness = self.path("alone.yaml")
            done = self.hintsim("explore", path, "--only", broken, "--witness", witness)
            self.assertRegex(done.stdout, rf"\nwitness: {broken}, in \d+ steps")
            run = self.hintsim("run", witness)
            self.assertIn(f"Observation alone {broken} Sometimes 1 0\n", run.stdout)

    def test_what_was_not_searched_to_its_end_is_not_called_never(self):
        name = "ordering-legacy-log"
        text = self.explore(name, "--memory", "1M").stdout
        self.assertIn("steps not taken so far:", text)
        self.assertIn("cover: migration.switch-over was not taken so far\n", text)
        self.assertNotIn("never", text.replace("--only", "").split("Observation")[0])
        facts = json.loads(self.explore(name, "--memory", "1M", "--format", "json").stdout)
        self.assertEqual((facts["never_fired"], facts["search"]), ([], "memory"))
        self.assertIn({"step": "migration.switch-over", "taken": None}, facts["cover"])
        self.assertGreater(facts["waiting"], 0)

    def test_an_incomplete_search_without_expectations_is_status_3_whatever_broke(self):
        with open(os.path.join(self.ORDERING, "ordering-manual-log.yaml")) as file:
            text = file.read()
        text = text[:text.index("expect:")].replace("rounds: 1", "rounds: 9, migrations: 9")
        path = self.write(text.replace("writes: 1,", "writes: 9,"), "ordering-manual-log.yaml")
        done = self.hintsim("explore", path, "--memory", "30M")
        self.assertIn(" Sometimes ", done.stdout)
        self.assertEqual(done.returncode, 3, done.stdout)

    def test_a_witness_that_is_not_there_is_said_so(self):
        witness = self.path("none.yaml")
        done = self.explore("ordering-legacy-log", "--memory", "1M", "--witness", witness)
        self.assertIn("there is no run to write to", done.stderr)
        self.assertEqual(os.listdir(self.folder), [])

    def test_an_interrupt_ends_it_with_what_is_known(self):
        with open(os.path.join(self.ORDERING, "ordering-legacy-log.yaml")) as file:
            text = file.read().replace("writes: 1, rounds: 1", "writes: 9, rounds: 9, migrations: 9")
        path = self.write(text, "ordering-legacy-log.yaml")
        done = self.interrupt("explore", path, "--timeout", "60") # in case that it cannot be
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("NOT COMPLETE: interrupted", done.stdout)
        self.assertIn("dirty-page-lost Unknown", done.stdout)

    def test_what_is_not_expected_is_status_1(self):
        with open(os.path.join(self.ORDERING, "ordering-manual-log.yaml")) as file:
            text = file.read()
        wrong = text.replace("dirty-page-lost: sometimes", "dirty-page-lost: never")
        path = self.write(wrong, "ordering-manual-log.yaml")
        self.assertEqual(self.hintsim("explore", path).returncode, 1)
        done = self.hintsim("check", path)
        self.assertEqual(done.returncode, 1)
        self.assertIn("dirty-page-lost Sometimes", done.stdout)
        self.assertIn("expected: dirty-page-lost Never", done.stdout)
        silent = text[:text.index("expect:")]
        self.assertEqual(self.hintsim(
            "explore", self.write(silent, "ordering-manual-log.yaml")).returncode, 1)

    def observations(self, *arguments):
        done = self.explore(*arguments, "--format", "json")
        facts = json.loads(done.stdout)
        return facts, {row["property"]: row["verdict"] for row in facts["observations"]}

    def test_reductions_make_the_search_smaller_and_change_no_verdict(self):
        plain, verdicts = self.observations("ordering-manual-log", "--no-reductions")
        self.assertEqual(plain["reductions"], [])
        self.assertEqual(plain["distinct"], 23710)
        reduced, same = self.observations("ordering-manual-log")
        self.assertEqual(reduced["reductions"], ["dead-values", "symmetry", "partial-order"])
        self.assertLess(reduced["distinct"] * 5, plain["distinct"])
        self.assertEqual(same, verdicts)
        self.assertEqual(reduced["never_fired"], plain["never_fired"])
        self.assertEqual(reduced["witnesses"], plain["witnesses"])
        for name in reduced["reductions"]:
            some, same = self.observations("ordering-manual-log", "--no-reduction", name)
            self.assertNotIn(name, some["reductions"])
            self.assertEqual(same, verdicts)
        self.assert_refused(self.explore("ordering-manual-log", "--no-reduction", "magic"),
                            "unknown reduction 'magic'", "dead-values, symmetry, partial-order")

    def test_one_property_alone_is_decided_and_the_others_stay_unknown(self):
        whole, verdicts = self.observations("ordering-manual-log")
        sliced, some = self.observations("ordering-manual-log", "--only", "dirty-page-lost")
        self.assertEqual(sliced["only"], ["dirty-page-lost"])
        self.assertLess(sliced["distinct"], whole["distinct"])
        self.assertEqual(some.pop("dirty-page-lost"), verdicts["dirty-page-lost"])
        self.assertEqual(set(some.values()), {"Unknown"})
        self.assertEqual(sliced["witnesses"], whole["witnesses"])
        # The slice does without waking the device, which can be covered all the same.
        self.assertTrue(all(step["taken"] for step in sliced["cover"]))
        # What was not asked for is no reason to call the answer inconclusive, expected or not.
        self.assertEqual(
            self.explore("ordering-manual-log", "--only", "dirty-page-lost").returncode, 0)
        path = os.path.join(self.ORDERING, "ordering-wait-on-ack.yaml")
        with open(path, encoding="utf-8") as file:
            silent = file.read().split("expect:")[0]
        path = self.write(silent, "ordering-wait-on-ack.yaml")
        self.assertEqual(
            self.hintsim("explore", "--only", "dirty-page-lost", path).returncode, 0)

    def test_a_run_is_shown_of_whatever_can_break(self):
        # Used start commands refer to the driver's word no more: states that differ in such a word
        # are one, or no run leads to what stands for both.
        path = self.write("name: twice\nquestion: Does an id serve twice?\n"
                          "guest: {preset: linux-6.1}\nhost: {preset: qemu-4.0}\n"
                          "memory: {pages: 1}\nqueue: {free-page: 2}\n"
                          "limits: {writes: 0, rounds: 3, migrations: 1}\n", "twice.yaml")
        done = self.hintsim("explore", "--only", "hint-device-2", path)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stdout, r"\nwitness: hint-device-2, in \d+ steps")

    def test_a_step_to_cover_that_no_order_takes_is_status_1(self):
        with open(os.path.join(self.ORDERING, "ordering-legacy-log.yaml")) as file:
            text = file.read()
        path = self.write(text.replace("[driver.shrink,", "[log.harvest, driver.shrink,"),
                          "ordering-legacy-log.yaml")
        done = self.hintsim("explore", path)
        self.assertEqual(done.returncode, 1)
        self.assertIn("cover: log.harvest was never taken", done.stdout)

    def test_bad_options_are_refused(self):
        for arguments in (("-t", "0"), ("-t", "x"), ("-t", "1.5"), ("-a", "2.5"), ("-m", "12Q"), ("--timeout", "-1"),
                          ("-p", "nonsense"), ("-a", "0"), ("-a", "17"), ("-a", "x")):
            self.assert_refused(self.explore("ordering-legacy-log", *arguments), "hintsim explore")
        self.assert_refused(self.explore("ordering-manual-log", "-w", "/nonexistent/x.yaml"),
                            "/nonexistent/x.yaml")


class Check(ProgramTest):
    def test_status_is_that_of_the_worst(self):
        self.write(GOOD)
        self.assertEqual(self.hintsim("check", self.folder).returncode, 0)
        self.write(GOOD.replace("name: good", "name: loss").replace("run: safe", "run: page-stuck"),
                   "loss.yaml")
        done = self.hintsim("check", self.folder)
        self.assertEqual(done.returncode, 1)
        self.assertIn("safe; expected: page-stuck", done.stdout)
        self.assertIn("1 as expected, 1 not, 0 bad input", done.stdout)
        self.write("name: [", "bad.yaml")
        done = self.hintsim("check", self.folder)
        self.assertEqual(done.returncode, 2)
        self.assertIn("1 as expected, 1 not, 1 bad input", done.stdout)

    def test_every_member_of_a_family_is_checked(self):
        family = GOOD.replace("run: safe", "run: [{when: {pages: 3}, is: page-stuck}, {is: safe}]")
        self.write(family + "vary: {release: [any-time, after-done], pages: [2, 3]}\n")
        done = self.hintsim("check", self.folder)
        self.assertIn("good[release=any-time,pages=2]", done.stdout)
        self.assertIn("2 as expected, 2 not", done.stdout)

    def test_a_scenario_that_runs_nothing_is_no_pass(self):
        self.write(GOOD[:GOOD.index("expect:")])
        self.assertIn("0 as expected, 0 not, 0 bad input, 0 inconclusive, 1 skipped",
                      self.hintsim("check", self.folder).stdout)

    def test_order_is_that_of_the_names(self):
        for name in ("c", "a", "b"):
            self.write(GOOD.replace("name: good", f"name: {name}"), f"{name}.yaml")
        rows = [line.split()[1] for line in self.hintsim("check", self.folder).stdout.splitlines()
                if line.startswith("ok")]
        self.assertEqual(rows, ["a", "b", "c"])

    def test_output_is_the_same_for_any_number_of_jobs(self):
        self.write(GOOD)
        self.write("name: [", "bad.yaml")
        self.write(GOOD.replace("name: good", "name: fails").replace("safe", "page-stuck"),
                   "fails.yaml")
        self.write(GOOD.replace("name: good", "name: steps").replace("app.free", "app.allocate"),
                   "steps.yaml")
        ordering = os.path.join(ROOT, "scenarios", "ordering")
        once, again = (self.hintsim("check", "-j", jobs, ordering, self.folder, ordering)
                       for jobs in ("1", "3"))
        self.assertEqual(once.returncode, 2)
        self.assertIn("1 not, 2 bad input", once.stdout)
        self.assertEqual((once.returncode, once.stdout, once.stderr),
                         (again.returncode, again.stdout, again.stderr))

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

    def test_every_preset_says_what_its_rules_stand_for(self):
        for preset in json.loads(self.hintsim("list", "--format", "json", "presets").stdout):
            self.assertTrue(preset["rules"], preset["name"])
            for rule in preset["rules"]:
                self.assertTrue(rule["stands_for"], (preset["name"], rule))


class Help(ProgramTest):
    def test_help_is_the_same_by_either_way(self):
        for command in ("run", "explore", "prove", "matrix", "check", "draw", "list"):
            one = self.hintsim("help", command)
            self.assertTrue(all(len(line) <= 80 for line in one.stdout.splitlines()), command)
            two = self.hintsim(command, "--help")
            self.assertEqual(one.stdout, two.stdout)
            self.assertEqual((one.returncode, two.returncode), (0, 0))
            self.assertIn(f"usage: hintsim {command}", one.stdout)

    def test_help_names_every_command(self):
        done = self.hintsim("help")
        for command in ("run", "explore", "prove", "matrix", "check", "draw", "list",
                        "exit status"):
            self.assertIn(command, done.stdout)
            self.assertEqual(done.stdout, self.hintsim("--help").stdout)


if __name__ == "__main__":
    unittest.main()
