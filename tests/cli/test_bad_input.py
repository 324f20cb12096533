# SPDX-License-Identifier: BSD-3-Clause
"""Bad input of every kind: one clear message with file, line and column, and exit status 2."""
import json
import os
import re
import unittest

from program import GOOD, ROOT, ProgramTest


def changed(old, new):
    assert old in GOOD, old
    return GOOD.replace(old, new)


class BadScenario(ProgramTest):
    def refuse(self, text, place, *fragments, name="good.yaml"):
        path = self.write(text, name)
        for command in ("run", "check"):
            done = self.hintsim(command, path)
            self.assert_refused(done, f"{path}:{place}: ", *fragments)
        self.assertEqual(self.hintsim("run", path).stdout, "")

    def test_the_good_scenario_is_good(self):
        self.assertEqual(self.hintsim("run", self.write(GOOD)).returncode, 0)

    def test_not_yaml(self):
        self.refuse("name: [good\nquestion: }\n", "2:9", "not YAML")

    def test_empty(self):
        self.refuse("", "1:1", "empty")

    def test_invalid_utf8(self):
        self.refuse(b"name: \xff\xfe\xff\n", "1:1", "not YAML")

    def test_binary(self):
        self.refuse(bytes(range(256)), "1:1", "not YAML")

    def test_nul_in_text(self):
        self.refuse(changed("Does anything", '"Does\\0anything"\n#'), "2:11", "NUL")

    def test_second_document(self):
        self.refuse(GOOD + "---\nname: other\n", "12:1", "second document")

    def test_list_instead_of_mapping(self):
        self.refuse("- name\n", "1:1", "expected a mapping, found a list")

    def test_unknown_key(self):
        self.refuse(changed("memory:", "memorry:"), "5:1", "unknown key 'memorry'",
                    "did you mean 'memory'?", "allowed: name, question")

    def test_key_twice(self):
        self.refuse(GOOD + "memory: {pages: 3}\n", "12:1", "'memory' stands twice")

    def test_missing_name(self):
        self.refuse(changed("name: good\n", ""), "1:1", "'name' is missing")

    def test_missing_question(self):
        self.refuse(changed("question: Does anything happen?\n", ""), "1:1", "'question' is missing")

    def test_wrong_type(self):
        self.refuse(changed("{pages: 2}", "many"), "5:9", "expected a mapping, found a word")
        self.refuse(changed("{pages: 2}", "{pages: [2]}"), "5:17", "expected text, found a list")

    def test_number_out_of_range(self):
        self.refuse(changed("pages: 2", "pages: 65"), "5:17", "'65'", "from 1 to 64")
        self.refuse(changed("pages: 2", "pages: -1"), "5:17", "'-1'", "from 1 to 64")
        self.refuse(changed("pages: 2", "pages: 2.5"), "5:17", "'2.5'")
        self.refuse(changed("pages: 2", "pages: 99999999999999999999"), "5:17", "from 1 to 64")

    def test_queue_size_is_a_power_of_two(self):
        self.refuse(changed("free-page: 4", "free-page: 3"), "6:20", "3 is not a power of two")

    def test_sizes_that_do_not_fit_together(self):
        self.refuse(changed("pages: 2", "pages: 2, max-order: 2"), "5:9", "max-order")
        self.refuse(changed("pages: 2", "pages: 2, hint-order: 1"), "5:9", "hint-order")
        self.refuse(changed("pages: 2", "pages: 2, free: [2]"), "5:9", "free: pages that exist")

    def test_unknown_queue(self):
        self.refuse(changed("free-page", "free-pages"), "6:9", "unknown queue 'free-pages'",
                    "did you mean 'free-page'?")

    def test_unknown_preset(self):
        self.refuse(changed("linux-6.1", "linux-6.2"), "3:17", "unknown guest preset 'linux-6.2'",
                    "did you mean 'linux-6.1'?", "spec-latitude")
        self.refuse(changed("qemu-7.2-kvm", "xen"), "4:16", "unknown host preset 'xen'",
                    "allowed: qemu-4.0")

    def test_unknown_rule(self):
        self.refuse(changed("linux-6.1}", "linux-6.1, rules: {relase: any-time}}"), "3:36",
                    "unknown rule 'relase'", "did you mean 'release'?")

    def test_rule_of_the_other_side(self):
        self.refuse(changed("linux-6.1}", "linux-6.1, rules: {log: ring}}"), "3:36",
                    "the rule log is the host's, not the guest's")

    def test_unknown_rule_value(self):
        self.refuse(changed("linux-6.1}", "linux-6.1, rules: {release: after-use}}"), "3:45",
                    "unknown release 'after-use'", "did you mean 'after-used'?", "after-done")
        self.refuse(changed("qemu-7.2-kvm}", "qemu-7.2-kvm, rules: {log-chunk: 0}}"), "4:49",
                    "'0' is not a whole number from 1 to 64")

    def test_page_out_of_range(self):
        self.refuse(changed("app.free 0", "app.free 2"), "8:5", "'2' is not a page",
                    "the pages are 0 to 1")
        self.refuse(changed("app.free 0", "app.free x"), "8:5", "'x' is not a page")

    def test_page_missing_or_too_much(self):
        self.refuse(changed("app.free 0", "app.free"), "8:5", "the page is missing",
                    "'app.free 0'")
        self.refuse(changed("migration.start", "migration.start 0"), "9:5",
                    "migration.start has no page; found '0'")

    def test_step_that_does_not_exist(self):
        self.refuse(changed("app.free 0", "app.fre 0"), "8:5", "unknown step 'app.fre'",
                    "did you mean 'app.free'?", "allowed: app.allocate, app.write, app.free, app.read")
        self.refuse(changed("app.free 0", "nonsense"), "8:5", "unknown step 'nonsense'")
        self.refuse(changed("app.free 0", "x" * 5000), "8:5", "unknown step 'xxx")

    def test_step_that_is_not_enabled(self):
        self.refuse(changed("app.free 0", "app.allocate 0"), "8:5",
                    "app.allocate 0: it is possible only while page 0 is free", "enabled here: app.write 0")

    def test_steps_that_cannot_be_filled_in(self):
        self.refuse(changed("  - migration.start\n", "  - ...\n  - migration.pull-page 0\n"),
                    "10:5", "never enables it; it is possible only while the migration is in postcopy")

    def test_a_gap_that_added_nothing_is_named(self):
        named = "'...' before it (line 9) added no step"
        leads_nowhere = "  - ...\n  - migration.pull-page 0\n"
        self.refuse(changed("  - migration.start\n", leads_nowhere), "10:5", named)
        done = self.hintsim("run", self.write(changed("  - migration.start\n", leads_nowhere[8:])))
        self.assertNotIn("added no step", done.stderr)

    def test_a_gap_that_added_nothing_is_named_one_step_later(self):
        idle = "  - ...\n  - migration.start\n  - driver.hint-page 0\n"
        self.refuse(changed("  - migration.start\n", idle), "11:5",
                    "'...' in line 9 added no step: migration.start was enabled without it")
        busy = "  - migration.start\n  - ...\n  - migration.stop-hints\n  - driver.hint-page 0\n"
        done = self.hintsim("run", self.write(changed("  - migration.start\n", busy)))
        self.assert_refused(done, ":12:5: driver.hint-page 0: ")
        self.assertNotIn("added no step", done.stderr)

    def test_steps_that_can_be_filled_in_in_two_ways(self):
        self.refuse(changed("  - migration.start\n",
                            "  - migration.start\n  - ...\n  - migration.finish-page 0\n"
                            "  - ...\n  - driver.hint-page 0\n  - ...\n"
                            "  - driver.end-round\n  - ...\n  - migration.switch-over\n"),
                    "17:5", "more than one way", "write the one that is meant")

    def test_gap_that_leads_nowhere(self):
        self.refuse(changed("  - migration.start\n", "  - ...\n"), "9:5",
                    "'...' must be followed by the step")
        self.refuse(changed("  - migration.start\n", "  - ...\n  - ...\n  - migration.start\n"),
                    "10:5", "'...' must be followed by the step")

    def test_empty_schedule(self):
        self.refuse(changed("schedule:\n  - app.free 0\n  - migration.start\n", "schedule: []\n"),
                    "7:11", "the list is empty")

    def test_schedule_that_is_no_list(self):
        self.refuse(changed("schedule:\n  - app.free 0\n  - migration.start\n",
                            "schedule: app.free 0\n"), "7:11", "expected a list of steps")

    def test_a_word_that_was_begun_is_suggested_first(self):
        self.refuse(changed("app.free 0", "driver.rel 0"), "8:5", "did you mean 'driver.release'?")

    def test_too_long_a_schedule(self):
        steps = "  - app.free 0\n" * 5000
        self.refuse(changed("  - app.free 0\n", steps), "8:3", "at most 4096")

    def test_expectation_about_an_unknown_property(self):
        self.refuse(changed("run: unfinished", "run: dirty-page-loss"), "11:8",
                    "unknown property 'dirty-page-loss'", "did you mean 'dirty-page-lost'?")
        self.refuse(changed("run: unfinished", "explore: {page-stick: none-within}"), "11:13",
                    "unknown property 'page-stick'", "did you mean 'page-stuck'?")

    def test_unknown_verdict(self):
        self.refuse(changed("run: unfinished", "prove: {hint-driver-5: no}"), "11:26", "unknown verdict 'no'",
                    "allowed: never, sometimes, unknown")
        self.refuse(changed("run: unfinished", "explore: {page-stuck: no}"), "11:25", "unknown verdict 'no'",
                    "allowed: none-within, sometimes, always, unknown")

    def test_the_verdict_of_the_other_kind_says_what_to_write(self):
        self.refuse(changed("run: unfinished", "explore: {page-stuck: never}"), "11:25",
                    "cannot say never: write none-within here, and never below prove")
        self.refuse(changed("run: unfinished", "prove: {hint-driver-5: none-within}"), "11:26",
                    "a proof has no limits: write never here")

    def test_a_property_that_nothing_could_break_is_not_asked(self):
        for kind, column in (("explore", 13), ("prove", 11)):
            empty = changed("run: unfinished", f"{kind}: {{dirty-page-lost: sometimes}}")
            self.refuse(empty + "limits: {writes: 0, migrations: 0}\n", f"11:{column}",
                        "dirty-page-lost cannot be asked here: it needs migrations, and writes or dma "
                        "(keys limits, queue, postcopy, guest, host)")
        asked = changed("run: unfinished", "explore: {report-driver-3: none-within}")
        self.refuse(asked, "11:13", "it needs reporting_vq")
        dma = changed("run: unfinished", "explore: {dirty-page-lost: sometimes}") + "limits: {writes: 0, dma: 1}\n"
        self.assertEqual(self.hintsim("check", self.write(dma)).returncode, 0)

    def test_a_family_is_asked_what_is_a_question_in_a_member(self):
        family = changed("run: unfinished", "explore: {value-broken: sometimes}")
        self.refuse(family + "vary: {pages: [1, 2]}\n", "11:13", "it needs poison=zero or poison=value")
        path = self.write(family.replace("pages: 2", "pages: 1").replace("free-page: 4", "free-page: 2") +
                          "vary: {poison: ['off', zero]}\nlimits: {writes: 0, rounds: 1}\n")
        done = self.hintsim("explore", "--no-proof", "--variant", "poison=off", path)
        self.assertIn("Observation good[poison=off] page-stuck", done.stdout)
        self.assertNotIn("Observation good[poison=off] value-broken", done.stdout)
        self.assert_refused(self.hintsim("explore", "--variant", "poison=off", "-p", "value-broken", path),
                            "value-broken cannot be asked here: it needs poison=zero or poison=value")

    def test_what_no_proof_decides_is_not_expected_of_one(self):
        for name in ("page-stuck", "guest-stalled", "request-unanswered"):
            for verdict in ("never", "unknown"):
                self.refuse(changed("run: unfinished", f"prove: {{{name}: {verdict}}}"), "11:11",
                            f"{name}: no proof decides it; a search within limits does (explore: none-within, "
                            "or sometimes)")
        with open(os.path.join(ROOT, "tools", "scenario", "scenario.schema.json")) as file:
            kinds = json.load(file)["properties"]["expect"]["properties"]
        both = set(kinds["explore"]["properties"]), set(kinds["prove"]["properties"])
        self.assertEqual(both[0] - both[1], {"page-stuck", "guest-stalled", "request-unanswered"})

    def test_limits_rule_out_no_step_of_the_schedule(self):
        text = changed("  - migration.start\n", "  - migration.start\n  - app.write 1\n  - app.write 1\n")
        path = self.write(text)
        for command in (["run"], ["explore"], ["prove"], ["draw", "-o", self.path("x.svg")], ["check"]):
            self.assert_refused(self.hintsim(*command, path),
                                f"{path}:11:5: app.write 1: it is possible only while the limit writes is not spent (it is 1)")
        path = self.write(text + "limits: {writes: 2}\n")
        self.assertEqual(self.hintsim("run", path).returncode, 0)

    COMMANDS = ("run", "explore", "prove", "draw", "check")

    def every_command(self, path):
        for command in self.COMMANDS:
            more = ["-o", self.path("x.svg")] if command == "draw" else []
            yield self.hintsim(command, *more, path)

    def test_a_limit_is_told_though_a_later_step_is_refused(self):
        text = changed("  - migration.start\n",
                       "  - migration.start\n  - app.write 1\n  - app.write 1\n  - app.allocate 1\n")
        path = self.write(text)
        for done in self.every_command(path):
            self.assert_refused(done, f"{path}:11:5: app.write 1: it is possible only while the limit "
                                "writes is not spent (it is 1)")
            self.assertNotIn("app.allocate 1", done.stderr)

    def test_a_schedule_that_cannot_be_replayed_is_refused_by_every_command(self):
        text = changed("  - app.free 0\n", "  - app.allocate 0\n  - app.write 1\n  - app.write 1\n")
        path = self.write(text)
        for done in self.every_command(path):
            self.assert_refused(done, f"{path}:8:5: app.allocate 0: it is possible only while page 0 is free")

    def test_what_the_limits_rule_out_is_not_enabled(self):
        listed = "\n  enabled here: app.write 0, app.write 1, app.free 0, app.free 1, app.read 0, app.read 1, " \
                 "migration.start\n"
        text = changed("  - migration.start\n", "").replace("app.free 0", "app.allocate 0")
        self.assertIn(listed, self.hintsim("run", self.write(text)).stderr)
        for limits, gone in (("writes: 0", "app.write 0, app.write 1, "), ("migrations: 0", ", migration.start")):
            done = self.hintsim("run", self.write(text + f"limits: {{{limits}}}\n"))
            self.assertIn(listed.replace(gone, ""), done.stderr)
        more = self.hintsim("run", self.write(text + "limits: {dma: 1, resets: 1}\n")).stderr
        self.assertIn("driver.freeze, device.dma-write 0, device.dma-write 1, migration.start", more)
        spent = text.replace("  - app.allocate 0", "  - app.write 0\n  - app.allocate 0")
        self.assertIn(listed.replace("app.write 0, app.write 1, ", ""),
                      self.hintsim("run", self.write(spent)).stderr)

    def test_what_is_in_the_way_is_told_where_the_actors_come_nearest(self):
        sent = "  - ...\n  - migration.begin-page 0\n  - migration.finish-page 0\n"
        text = changed("  - migration.start\n",
                       "  - migration.start\n" + sent + "  - migration.stop-vm\n" + sent)
        self.refuse(text, "15:5", "migration.begin-page 0: what the actors do by themselves never enables "
                    "it; where they come nearest, it is possible only while page 0 is to be sent "
                    "(its bit is clear)\n")
        self.refuse(text.replace("  - ...\n  - migration.begin-page 0", "  - migration.begin-page 0"),
                    "10:5", "it is possible only while pages are being sent (phase: starting)\n")

    def test_a_round_that_was_filled_in_is_spent_as_well(self):
        text = changed("  - migration.start\n", "  - migration.start\n  - ...\n  - migration.start-hints\n"
                       "  - migration.begin-page 1\n  - migration.finish-page 1\n  - ...\n"
                       "  - migration.start-hints\n")
        path = self.write(text + "limits: {rounds: 1}\n")
        self.assert_refused(self.hintsim("run", path), f"{path}:15:5: migration.start-hints: migration.stop-hints, which is filled in, "
                            "is possible only while the limit rounds is not spent (it is 1)")

    def test_unknown_kind_of_expectation(self):
        self.refuse(changed("run: unfinished", "walk: safe"), "11:3", "unknown key 'walk'")

    def test_lists_are_not_empty(self):
        self.refuse(changed("run: unfinished", "run: []"), "11:8", "if nothing is to break, write safe")
        self.refuse(changed("run: unfinished", "run: [{is: []}]"), "11:14", "if nothing is to break, write safe")
        for key in ("clauses", "source", "automatic", "cover", "protection"):
            self.refuse(GOOD + f"{key}: []\n", f"12:{len(key) + 3}", f"{key}: the list is empty; leave the key out")

    def test_a_value_varies_once(self):
        self.refuse(GOOD + "vary: {release: [any-time, after-done, any-time]}\n", "12:40",
                    "vary: release: 'any-time' stands twice")
        self.refuse(GOOD + "vary: {pages: [2, 02]}\n", "12:19", "vary: pages: '02' stands twice")

    def test_a_case_that_is_first_for_no_member(self):
        vary = "vary: {release: [any-time, after-used], pages: [2, 3]}\n"
        refused = "this case is for nobody: whatever it fits, a case before it fits"
        one = "run: [{when: {}, is: unfinished},\n        {when: {release: any-time}, is: dirty-page-lost}]"
        self.refuse(changed("run: unfinished", one) + vary, "12:9", f"{refused} (line 11)\n")
        two = ("run:\n  - {when: {pages: 2}, is: unfinished}\n  - {when: {pages: 3}, is: unfinished}\n"
               "  - {when: {release: any-time}, is: safe}")
        self.refuse(changed("run: unfinished", two) + vary, "14:5", f"{refused} (line 12, line 13)\n")
        alone = "run: [{is: unfinished}, {is: safe}]"
        self.refuse(changed("run: unfinished", alone), "11:27", f"{refused} (line 11)\n")

    def test_expectation_without_schedule(self):
        self.refuse(changed("schedule:\n  - app.free 0\n  - migration.start\n", ""), "8:3",
                    "there is no schedule to run")

    def test_unknown_clause_cover_protection_actor_limit_policy(self):
        self.refuse(GOOD + "clauses: [hint-driver-77]\n", "12:11", "unknown clause")
        self.refuse(GOOD + "cover: [app.fly]\n", "12:9", "unknown step 'app.fly'")
        self.refuse(GOOD + "protection: [releases]\n", "12:14", "did you mean 'release'?")
        self.refuse(GOOD + "automatic: [devices]\n", "12:13", "did you mean 'device'?")
        self.refuse(GOOD + "limits: {write: 1}\n", "12:10", "did you mean 'writes'?")
        self.refuse(changed("pages: 2", "pages: 2, policy: fifo"), "5:28", "unknown policy 'fifo'")
        self.refuse(GOOD + "postcopy: maybe\n", "12:11", "neither on nor off")

    def test_families(self):
        self.refuse(GOOD + "vary: {colour: [red]}\n", "12:8", "unknown rule or size 'colour'")
        self.refuse(GOOD + "vary: {release: [sometimes]}\n", "12:18", "unknown release")
        self.refuse(GOOD + "vary: {pages: [2, 65]}\n", "12:19", "from 1 to 64")
        many = "[" + ", ".join(str(n) for n in range(1, 65)) + "]"
        self.refuse(GOOD + f"vary: {{log-chunk: {many}, pages: {many}}}\n", "12:268", "combinations")
        case = "run: [{when: {poison: off}, is: unfinished}]"
        self.refuse(changed("run: unfinished", case), "11:17", "unknown varied thing 'poison'")
        self.refuse(changed("run: unfinished", "run: [{when: {}}]"), "11:9", "the key 'is' is missing")

    def test_huge_file(self):
        path = self.path("good.yaml")
        with open(path, "wb") as file:
            file.truncate(100 * 1024 * 1024)
        self.assert_refused(self.hintsim("run", path), f"{path}:1:1: ", "104857600 bytes",
                            "at most 1048576")

    def test_alias_bomb(self):
        bomb = "a: &a [x, x]\n" + "".join(
            f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 9)}]\n"
            for i in range(9))
        self.refuse(bomb, "2:8", "aliases are not allowed")

    def test_deep_nesting(self):
        self.refuse("name: " + "[" * 900000, "1:22", "nested too deeply")


class BadPath(ProgramTest):
    def test_missing_file(self):
        for command in ("run", "check"):
            self.assert_refused(self.hintsim(command, self.path("none.yaml")),
                                "none.yaml: No such file")

    def test_folder(self):
        self.assert_refused(self.hintsim("run", self.folder), "not a regular file")
        self.assert_refused(self.hintsim("check", self.folder), "no scenario (*.yaml, *.yml) below it")

    def test_device(self):
        self.assert_refused(self.hintsim("run", "/dev/zero"), "not a regular file")

    def test_pipe(self):
        """At once, though nobody writes to it."""
        os.mkfifo(self.path("pipe.yaml"))
        for command in (["run"], ["check"], ["explore"], ["prove"], ["draw", "-o", self.path("x.svg")]):
            self.assert_refused(self.hintsim(*command, self.path("pipe.yaml")), "not a regular file")
        self.assert_refused(self.hintsim("check", self.folder), "pipe.yaml", "not a regular file")

    def test_output_is_the_input(self):
        """By any of its names, and the second witness as well as the first."""
        for name, options in (("good.yaml", ["explore", "--witness"]), ("good.yaml", ["prove", "--witness"]),
                              ("good.txt", ["draw", "--output"]),
                              ("good-2.yaml", ["explore", "--all-witnesses", "2", "--witness"])):
            path = self.write(GOOD, name)
            os.symlink(path, self.path("other" + name))
            output = path.replace("-2.yaml", ".yaml")
            for read in (path, self.path("other" + name)):
                done = self.hintsim(*options, output, read)
                self.assert_refused(done, f"'{path}' is read: it is not written over")
                self.assertEqual(done.stdout, "")
            with open(path) as file:
                self.assertEqual(file.read(), GOOD)
            os.remove(path)
            os.remove(self.path("other" + name))

    def test_no_schedule(self):
        text = re.sub(r"schedule:(.|\n)*", "", GOOD)
        path = self.write(text)
        self.assert_refused(self.hintsim("run", path), "there is no schedule to run; 'hintsim explore'")
        self.assert_refused(self.hintsim("draw", path, "-o", self.path("x.svg")),
                            "there is no schedule to draw; 'hintsim explore'")

    def test_drawing_into_a_missing_folder_leaves_nothing(self):
        path = self.write(GOOD)
        for ending in ("txt", "svg", "png", "dot"):
            done = self.hintsim("draw", path, "-o", self.path(f"missing/x.{ending}"))
            self.assert_refused(done, "missing/x.")
        self.assertEqual(os.listdir(self.folder), ["good.yaml"])


class BadCommandLine(ProgramTest):
    def test_usage(self):
        self.assert_refused(self.hintsim(), "a command is missing", "hintsim help")
        self.assert_refused(self.hintsim("fly"), "unknown command 'fly'")
        self.assert_refused(self.hintsim("prov"), "unknown command 'prov'; did you mean 'prove'?")
        self.assertNotIn("did you mean", self.hintsim("xyzzy").stderr)
        for command in ("run", "draw", "check", "list"):
            self.assert_refused(self.hintsim(command, "--nonsense"), f"usage: hintsim {command}")
        self.assert_refused(self.hintsim("run"), "one scenario file is expected")
        self.assert_refused(self.hintsim("run", "a", "b"), "one scenario file is expected")
        self.assert_refused(self.hintsim("check"), "a file or folder is missing")
        self.assert_refused(self.hintsim("list"), "what to list is missing")
        self.assert_refused(self.hintsim("list", "things"), "unknown list 'things'")
        self.assert_refused(self.hintsim("run", "--format", "xml", "f"), "unknown format 'xml'")
        self.assert_refused(self.hintsim("draw", "f"), "-o OUT is missing")
        self.assert_refused(self.hintsim("draw", "f", "-o", "x.gif"), "x.gif", ".txt, .svg, .png")

    def test_unknown_variant(self):
        path = self.write(GOOD)
        self.assert_refused(self.hintsim("run", path, "--variant", "pages=9"),
                            "no variant 'pages=9'")


if __name__ == "__main__":
    unittest.main()
