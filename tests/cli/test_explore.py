# SPDX-License-Identifier: BSD-3-Clause
"""hintsim explore: verdicts, witnesses and what would have saved the page, bounds, exit statuses."""
import json
import os
import re
import unittest

from program import ROOT, ProgramTest


class Explore(ProgramTest):
    ORDERING = os.path.join(ROOT, "scenarios", "ordering")

    def explore(self, name, *arguments):
        return self.hintsim("explore", "--no-proof", *arguments, os.path.join(self.ORDERING, f"{name}.yaml"))

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
                             ("ordering-wait-on-ack", "guest-stalled"),
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
        self.assertIn("\nWitness 1 of 2: dirty-page-lost, in 29 steps; none is shorter\n", text)
        self.assertIn("\nWitness 2 of 2: dirty-page-lost, in 29 steps\n", text)
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
        done = self.hintsim("explore", "--no-proof", "-p", "dirty-page-lost", path)
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
            done = self.hintsim("explore", "--no-proof", path, "--only", broken, "--witness", witness)
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
        done = self.hintsim("explore", "--no-proof", path, "--memory", "30M")
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
        done = self.interrupt("explore", "--no-proof", path)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("NOT COMPLETE: interrupted", done.stdout)
        self.assertIn("dirty-page-lost Unknown", done.stdout)

    def test_what_is_broken_in_no_run_is_none_within_limits_that_are_named(self):
        path = os.path.join(self.ORDERING, "ordering-ring.yaml")
        text = self.hintsim("explore", "--no-proof", path).stdout
        bounds = r"writes=1 rounds=1 pages=1 queue=2"
        self.assertRegex(text, rf"(?m)^Observation \S+ dirty-page-lost None-within 0 \d+ {bounds}$")
        self.assertRegex(text, r"(?m)^Observation \S+ guest-stalled Sometimes \d+ \d+$")
        self.assertNotIn("Never", text)
        self.assertIn("\nnot in play: dma, changes, resets,", text)
        self.assertNotIn("beyond these limits", text)

    def test_where_nothing_is_a_question_nothing_is_as_expected(self):
        text = "name: good\nquestion: Does it?\nlimits: {writes: 0, dma: 0, migrations: 0}\n"
        for form in ("text", "json"):
            done = self.hintsim("explore", "--format", form, self.write(text))
            self.assert_refused(done, "nothing can be asked here; dirty-page-lost, for one, needs "
                                      "migrations, and writes or dma\n")
        done = self.hintsim("explore", self.write(text + "cover: [app.free]\n"))   # which is one
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_beyond_the_limits_it_says_what_a_short_search_for_a_proof_shows(self):
        path = os.path.join(self.ORDERING, "ordering-ring.yaml")
        text = self.hintsim("explore", path).stdout
        facts = json.loads(self.hintsim("explore", "--format", "json", path).stdout)
        beyond = {o["property"]: o["beyond"] for o in facts["observations"]}
        self.assertEqual(beyond["dirty-page-lost"], "broken")
        self.assertEqual(beyond["hint-driver-8"], "proved")
        self.assertEqual(beyond["page-stuck"], "not-asked")   # no question of one page
        self.assertEqual(beyond["guest-stalled"], "not-asked")   # broken within the limits
        self.assertNotIn("report-driver-3", beyond)   # there are no reports
        self.assertNotIn("page-corrupted", beyond)   # nothing discards
        self.assertIn(" beyond these limits, for any number of pages, writes, rounds, migrations; without dma, "
                      "changes, resets, cancels, hops, postcopy, reporting, inflate: ", " ".join(text.split()))
        self.assertIn("not-known", beyond.values())
        command = re.search(r"(?m)^    (hintsim prove -p dirty-page-lost .*)$", text).group(1)
        shown = self.hintsim(*command.split()[1:]).stdout
        self.assertRegex(shown, r"(?m)^Observation \S+ dirty-page-lost Sometimes ")
        proved = self.hintsim("prove", "-p", "hint-driver-8", path).stdout
        self.assertRegex(proved, r"(?m)^Observation \S+ hint-driver-8 Never ")
        self.assertEqual(text.count("None-within"), list(beyond.values()).count("proved") +
                         list(beyond.values()).count("broken") + list(beyond.values()).count("not-known") +
                         sum(o["verdict"] == "None-within" and o["beyond"] == "not-asked"
                             for o in facts["observations"]))

    def test_a_proof_claims_no_more_than_was_in_play(self):
        path = self.write("name: quiet\nquestion: What holds without hints?\nguest: {preset: linux-6.1}\n"
                          "memory: {pages: 1}\nqueue: {free-page: 0, reporting: 1}\n"
                          "limits: {writes: 0, rounds: 0, migrations: 0}\n", "quiet.yaml")
        text = self.hintsim("explore", path).stdout
        self.assertIn(" beyond these limits, for any number of pages; without writes, rounds, migrations, dma, "
                      "changes, resets, cancels, hops, postcopy, inflate, free_page_vq: ", " ".join(text.split()))
        self.assertEqual(re.findall(r"Observation quiet (\S+)", text), ["report-driver-3"])
        self.assertIn("free_page_vq\n", self.hintsim("prove", path).stdout)

    def test_what_is_not_expected_is_status_1(self):
        with open(os.path.join(self.ORDERING, "ordering-manual-log.yaml")) as file:
            text = file.read()
        wrong = text.replace("explore: {dirty-page-lost: sometimes", "explore: {dirty-page-lost: none-within")
        path = self.write(wrong, "ordering-manual-log.yaml")
        self.assertEqual(self.hintsim("explore", "--no-proof", path).returncode, 1)
        done = self.hintsim("check", path)
        self.assertEqual(done.returncode, 1)
        self.assertIn("dirty-page-lost Sometimes", done.stdout)
        self.assertIn("expected: dirty-page-lost None-within", done.stdout)
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
        self.assertEqual(plain["distinct"], 20971)
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
            self.hintsim("explore", "--no-proof", "--only", "dirty-page-lost", path).returncode, 0)

    def test_a_run_is_shown_of_whatever_can_break(self):
        # Used start commands refer to the driver's word no more: states that differ in such a word
        # are one, or no run leads to what stands for both.
        path = self.write("name: twice\nquestion: Does an id serve twice?\n"
                          "guest: {preset: linux-6.1}\nhost: {preset: qemu-4.0}\n"
                          "memory: {pages: 1}\nqueue: {free-page: 2}\n"
                          "limits: {writes: 0, rounds: 4, migrations: 1}\n", "twice.yaml")
        done = self.hintsim("explore", "--no-proof", "--only", "hint-device-2", path)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stdout, r"\nwitness: hint-device-2, in \d+ steps")

    def test_every_host_is_explored_with_one_round(self):
        # A run that is shown is replayed without limits: none may rest on one that is spent.
        presets = json.loads(self.hintsim("list", "--format", "json", "presets").stdout)
        hosts = [preset["name"] for preset in presets if preset["side"] == "host"]
        self.assertIn("qemu-11.1-kvm", hosts)
        for host in hosts:
            with self.subTest(host=host):
                path = self.write(f"name: once\nquestion: What does one round break?\n"
                                  f"guest: {{preset: linux-6.1}}\nhost: {{preset: {host}}}\n"
                                  "memory: {pages: 1, free: [0]}\nqueue: {free-page: 2}\n"
                                  "limits: {writes: 0, rounds: 1}\n", "once.yaml")
                done = self.hintsim("explore", "--no-proof", path)
                self.assertIn(done.returncode, (0, 1), done.stderr)
                self.assertIn("\nObservation once ", done.stdout)

    def test_a_step_to_cover_that_no_order_takes_is_status_1(self):
        with open(os.path.join(self.ORDERING, "ordering-legacy-log.yaml")) as file:
            text = file.read()
        path = self.write(text.replace("[driver.shrink,", "[log.harvest, driver.shrink,"),
                          "ordering-legacy-log.yaml")
        done = self.hintsim("explore", "--no-proof", path)
        self.assertEqual(done.returncode, 1)
        self.assertIn("cover: log.harvest was never taken", done.stdout)

    def test_bad_options_are_refused(self):
        for arguments in (("-t", "0"), ("-t", "x"), ("-t", "1.5"), ("-a", "2.5"), ("-m", "12Q"), ("--timeout", "-1"),
                          ("-p", "nonsense"), ("-a", "0"), ("-a", "17"), ("-a", "x")):
            self.assert_refused(self.explore("ordering-legacy-log", *arguments), "hintsim explore")
        self.assert_refused(self.explore("ordering-manual-log", "-w", "/nonexistent/x.yaml"),
                            "/nonexistent/x.yaml")


if __name__ == "__main__":
    unittest.main()
