# SPDX-License-Identifier: BSD-3-Clause
"""hintsim prove: verdicts, witnesses that replay, bounds, formats, exit statuses."""
import json
import os
import re
import unittest

import jsonschema

from program import ROOT, ProgramTest

PAIR = ["--guest", "spec-latitude", "--host", "qemu-7.2-kvm"]
SAFE = ["--guest", "thread-rx-ring", "--host", "qemu-7.2-kvm"]
LARGE = ["--guest", "spec-latitude", "--host", "qemu-4.1", "--rule", "check-command-id=off"]
STUCK = {"page-stuck", "guest-stalled", "request-unanswered"}


def scenario(name):
    return os.path.join(ROOT, "scenarios", "ordering", f"{name}.yaml")


def observed(text):
    return dict(re.findall(r"^Observation \S+ (\S+) (\S+) in-play=\S+$", text, re.M))


class Prove(ProgramTest):
    def prove(self, *arguments):
        return self.hintsim("prove", *arguments)

    def facts(self, *arguments):
        return json.loads(self.prove(*arguments, "--format", "json").stdout)

    def verdicts(self, *arguments):
        return {row["property"]: row["verdict"] for row in self.facts(*arguments)["observations"]}


class Verdicts(Prove):
    def test_what_breaks_is_shown_and_status_1(self):
        done = self.prove(*PAIR)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stdout, r"\nwitness: dirty-page-lost, in \d+ steps with 1 page\n")
        self.assertIn("P0 is lost here", done.stdout)
        verdicts = observed(done.stdout)
        self.assertEqual(verdicts["dirty-page-lost"], "Sometimes")
        self.assertNotIn("page-corrupted", verdicts)  # nothing discards
        self.assertEqual({p for p, v in verdicts.items() if v == "Unknown"}, STUCK)

    def test_what_a_scenario_expects_decides_the_status(self):
        with open(scenario("ordering-write-protect")) as file:
            text = file.read()
        name = "ordering-write-protect.yaml"
        self.assertEqual(self.prove(self.write(text, name)).returncode, 0)
        for verdict, status in (("sometimes", 1), ("unknown", 1), ("never", 0)):
            other = text.replace("prove: {dirty-page-lost: never", f"prove: {{dirty-page-lost: {verdict}")
            self.assertEqual(self.prove(self.write(other, name)).returncode, status, verdict)

    def test_what_no_proof_decides_changes_no_status(self):
        path = self.write("name: one\nquestion: Is a page lost without hints?\nmemory: {pages: 1}\n"
                          "queue: {free-page: 0}\npostcopy: on\n", "one.yaml")
        done = self.prove(path)
        self.assertEqual(observed(done.stdout), {"dirty-page-lost": "Never", "guest-stalled": "Unknown"})
        self.assertEqual(done.returncode, 0)

    def test_what_no_proof_decides_cannot_be_asked_for(self):
        for arguments in (["prove", *PAIR], ["matrix"], ["matrix", "-p", "dirty-page-lost"],
                          ["matrix", "--cell", "linux-6.1*qemu-4.0"], ["matrix", "--rules"]):
            for name in STUCK:
                self.assert_refused(self.hintsim(*arguments, "-p", name), f"{name}: no proof decides it; a search")

    def test_one_property_alone_is_asked_about(self):
        verdicts = observed(self.prove(*PAIR, "--property", "hint-driver-5").stdout)
        self.assertEqual(verdicts, {"hint-driver-5": "Sometimes"})
        done = self.prove(*PAIR, "-p", "hint-driver-3")
        self.assertEqual((done.returncode, observed(done.stdout)), (0, {"hint-driver-3": "Never"}))
        self.assertNotIn("witness", done.stdout)
        large = self.prove(*LARGE, "-p", "dirty-page-lost") # LARGE as a whole takes long
        self.assertEqual(observed(large.stdout), {"dirty-page-lost": "Sometimes"})

    def test_pages_are_decided_first_where_memory_is_short(self):
        text = self.prove(*LARGE, "--memory", "16M").stdout
        self.assertIn("NOT COMPLETE: memory\n", text)
        # More than the bound of one sweep for all: so there were several.
        self.assertGreater(int(re.search(r"states: (\d+) abstract", text)[1]), 1 << 20)
        verdicts = observed(text)
        self.assertEqual(verdicts["dirty-page-lost"], "Sometimes")
        self.assertEqual(verdicts["hint-device-2"], "Unknown")

    def test_hosts_that_ignore_ids_are_decided_in_the_time_of_others(self):
        path = os.path.join(ROOT, "scenarios", "field", "old-id-accepted.yaml")
        facts = json.loads(self.prove("--format", "json", path).stdout)
        self.assertEqual(facts["search"], "complete")
        self.assertLess(facts["states"], 2_000_000)
        open_ones = {row["property"] for row in facts["observations"] if row["verdict"] == "Unknown"}
        self.assertEqual(open_ones, STUCK)

    def test_a_start_that_counts_each_time_is_taken_once(self):
        pair = ("--guest", "spec-latitude", "--host", "firecracker-1.14", "-p", "hint-driver-3")
        done = self.prove(*pair)
        self.assertEqual((done.returncode, observed(done.stdout)), (0, {"hint-driver-3": "Never"}))
        done = self.prove("--guest", "linux-6.1", *pair[2:])  # its starts share a word
        self.assertEqual((done.returncode, observed(done.stdout)), (1, {"hint-driver-3": "Sometimes"}))

    def test_witnesses_that_are_not_shown_are_named(self):
        text = self.prove(*PAIR).stdout
        others = re.search(r"\nother witnesses, which --property NAME shows:\n((?:  .*\n)+)", text)[1]
        named = set(re.findall(r"(\S+) in \d+ steps", " ".join(others.split())))
        sometimes = {p for p, v in observed(text).items() if v == "Sometimes"}
        self.assertEqual(named, sometimes - {"dirty-page-lost"})

    def test_every_clause_of_a_pair_is_decided(self):
        # The id that serves twice takes four rounds, and a stop command that is lost.
        verdicts = observed(self.prove("--guest", "linux-6.1", "--host", "qemu-4.0").stdout)
        self.assertEqual(verdicts["hint-device-2"], "Sometimes")
        self.assertEqual({p for p, v in verdicts.items() if v == "Unknown"}, STUCK)

    def test_where_nothing_is_a_question_nothing_is_as_expected(self):
        for form in ("text", "json"):
            done = self.prove(*PAIR, "--format", form, "--without", "migrations,rounds,writes,dma")
            self.assert_refused(done, "nothing can be asked here; dirty-page-lost, for one, needs "
                                      "migrations, and rounds, and writes or dma\n")
        # guest-stalled alone, of which no proof knows
        path = self.write("name: good\nquestion: Does it?\npostcopy: on\nqueue: {free-page: 0}\n"
                          "limits: {writes: 0, dma: 0, migrations: 1}\n")
        self.assert_refused(self.hintsim("prove", path), "nothing can be asked here", "needs writes or dma")
        self.assertIn("Observation good guest-stalled", self.hintsim("explore", path).stdout)

    def test_what_nothing_in_play_could_break_has_no_verdict(self):
        text = self.prove(*PAIR).stdout
        self.assertNotRegex(text, r"Observation \S+ report-driver-3")
        self.assertRegex(text, r"no question here, .*:\n(  .*\n)*  report-driver-3 \(needs reporting_vq\)\n")
        self.assertRegex(text, r"\n  poison-driver-2 \(needs resets, and poison=zero or poison=value\)\n")
        self.assertRegex(self.prove(*PAIR, "--with", "reporting").stdout,
                         r"Observation \S+ report-driver-3 \w+")
        self.assert_refused(self.prove(*PAIR, "--property", "report-driver-3"),
                            "report-driver-3 cannot be asked here: it needs reporting_vq")
        self.assert_refused(self.prove(*PAIR, "--without", "writes,dma", "--property", "dirty-page-lost"),
                            "dirty-page-lost cannot be asked here: it needs writes or dma")
        self.assert_refused(self.hintsim("matrix", "--property", "report-driver-3"),
                            "report-driver-3 cannot be asked here")
        self.assert_refused(self.hintsim("matrix", "--rules", "--property", "report-driver-3"),
                            "report-driver-3 cannot be asked here")

    def test_the_same_output_every_time_in_72_columns(self):
        for arguments in (PAIR, [*PAIR, "-p", "hint-driver-3"], [scenario("ordering-legacy-log")],
                          [*PAIR, "--memory", "1M"]):
            text = self.prove(*arguments).stdout
            self.assertEqual(text, self.prove(*arguments).stdout)
            for line in text.splitlines():
                fits = len(line) <= 72 or line.startswith("Observation ")
                self.assertTrue(line.isascii() and fits and line == line.rstrip(), line)

    def test_json_follows_its_schema_and_says_what_the_text_says(self):
        with open(os.path.join(ROOT, "tools", "report", "prove.schema.json")) as file:
            validator = jsonschema.Draft7Validator(json.load(file))
        for arguments in (PAIR, [*PAIR, "-p", "hint-driver-3"], [*PAIR, "--memory", "1M"],
                          [scenario("ordering-write-protect")]):
            facts, text = self.facts(*arguments), self.prove(*arguments).stdout
            validator.validate(facts)
            rows = {row["property"]: row for row in facts["observations"]}
            self.assertEqual({p: row["verdict"] for p, row in rows.items()}, observed(text))
            self.assertEqual({p for p, row in rows.items() if "run" in row},
                             {p for p, v in observed(text).items() if v == "Sometimes"})
            self.assertEqual({p for p, row in rows.items() if "reason" in row},
                             set(re.findall(r"^(\S+) is unknown:$", text, re.M)))
            self.assertIn(f"states: {facts['states']} abstract, {facts['steps']} steps\n", text)
            self.assertIn(f"hash:  {facts['hash']}\n", text)
            self.assertIn(f"in play without limit: {', '.join(facts['in_play'])}\n", text)


class Options(Prove):
    def test_a_rule_changes_the_verdict_wherever_it_stands(self):
        self.assertEqual(self.verdicts(*PAIR)["dirty-page-lost"], "Sometimes")
        for arguments in ([*PAIR, "--rule", "refuse-written=on"], ["-r", "refuse-written=on", *PAIR]):
            self.assertEqual(self.verdicts(*arguments)["dirty-page-lost"], "Never")

    def test_sides_that_are_not_named_have_the_default_rules(self):
        facts = self.facts("--host", "qemu-7.2-kvm", "-p", "hint-driver-5")
        self.assertEqual(facts["name"], "default*qemu-7.2-kvm")
        self.assertEqual(self.facts("-g", "linux-6.1", "-p", "hint-driver-5")["name"], "linux-6.1*default")

    def test_what_is_in_play(self):
        usual = ["writes", "rounds", "migrations", "dma", "changes", "cancels"]
        arguments = [*SAFE, "-p", "dirty-page-lost"]
        self.assertEqual(self.facts(*arguments)["in_play"], usual)
        text = self.prove(*arguments).stdout
        self.assertIn("\nnot in play: resets, hops, postcopy, reporting, inflate\n", text)
        some = self.prove(*arguments, "--without", "dma,changes", "--with", "resets,postcopy").stdout
        self.assertIn("\nin play without limit: writes, rounds, migrations, resets, cancels,\npostcopy\n", some)
        self.assertIn("\nnot in play: dma, changes, hops, reporting, inflate\nnote: postcopy is enabled throughout", some)
        more = self.prove(*arguments, "--with", "inflate", "--with", "reporting").stdout
        self.assertIn("\nnot in play: resets, hops, postcopy\n", more)

    def test_a_variant_of_a_family(self):
        text = ("name: family\nquestion: Which order?\nguest: {preset: linux-6.1}\n"
                "host: {preset: qemu-7.2-kvm}\nmemory: {pages: 1}\nqueue: {free-page: 2}\n"
                "vary: {release: [any-time, after-all-used]}\n")
        path = self.write(text, "family.yaml")
        first = self.verdicts(path)
        self.assertEqual(first["dirty-page-lost"], "Sometimes")
        self.assertEqual(self.verdicts("-v", "release=any-time", path), first)
        other = self.verdicts("--variant", "release=after-all-used", path)
        self.assertEqual(other["dirty-page-lost"], "Never")
        self.assert_refused(self.prove("-v", "release=sometimes", path), "no variant 'release=sometimes'")

    def test_the_witness_replays_to_the_same_verdict(self):
        for broken in ("dirty-page-lost", "hint-driver-2", "hint-driver-5"):
            path = self.path("witness.yaml")
            self.prove(*PAIR, "--property", broken, "--witness", path)
            done = self.hintsim("run", path)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertIn(f"\nObservation witness {broken} Sometimes 1 0\n", done.stdout)

    def test_where_nothing_breaks_no_file_is_written(self):
        done = self.prove(*SAFE, "-p", "hint-driver-8", "-w", self.path("none.yaml"))
        self.assertNotIn("witness", done.stdout)
        self.assertEqual(os.listdir(self.folder), [])

    def test_help(self):
        done = self.prove("--help")
        self.assertEqual(done.returncode, 0)
        for option in ("guest", "host", "rule", "with", "without", "property", "witness", "memory",
                       "timeout", "format", "variant"):
            self.assertRegex(done.stdout, rf"--{option} [A-Z(t]")


class Bounds(Prove):
    def unknown_because(self, done, status, end, reason):
        self.assertEqual(done.returncode, status, done)
        self.assertIn(f"\nNOT COMPLETE: {end}\n", done.stdout)
        self.assertIn(f"\nhint-driver-8 is unknown:\n  {reason}\n", done.stdout)
        self.assertNotIn("Never", set(observed(done.stdout).values()))

    def test_memory(self):
        done = self.prove(*SAFE, "--memory", "1M")
        self.unknown_because(done, 3, "memory", "memory ran out")
        self.unknown_because(self.prove(scenario("ordering-write-protect"), "-m", "0"), 3, "memory",
                             "memory ran out")

    def test_time(self):
        done = self.prove(scenario("ordering-write-protect"), "--timeout", "0.000001")
        self.unknown_because(done, 124, "time", "time ran out")
        self.assertEqual(self.facts(*PAIR, "--timeout", "0.000001")["search"], "time")
        self.assertEqual(self.prove(scenario("ordering-write-protect"), "--timeout", "0").returncode, 0)

    def test_an_interrupt_ends_it_with_what_is_known(self):
        done = self.interrupt("prove", *LARGE)
        self.unknown_because(done, 3, "interrupted", "interrupted")


class BadInput(Prove):
    def test_bad_options_are_status_2(self):
        path = scenario("ordering-write-protect")
        for arguments, *words in [
                (["--guest", "none"], "unknown guest 'none'; allowed: linux-5.0"),
                (["--host", "linux-6.1"], "unknown host 'linux-6.1'"),
                ([*PAIR, "--rule", "none=on"], "unknown rule 'none'", "hintsim list rules"),
                ([*PAIR, "--rule", "release=late"], "'release=late': not a value of release"),
                ([*PAIR, "--rule", "release"], "not a value of release"),
                ([*PAIR, "--property", "none"], "unknown property 'none'", "list properties"),
                ([*PAIR, "--with", "writes,sun"], "'sun' is not one of writes, rounds"),
                ([*PAIR, "--without", "sun"], "'sun' is not one of"),
                ([*PAIR, "--format", "pdf"], "unknown format 'pdf'; allowed: text, json"),
                ([*PAIR, "--timeout", "soon"], "'soon' is not a number"),
                ([*PAIR, "--timeout", "-1"], "'-1' is not a number"),
                ([*PAIR, "--timeout", "nan"], "'nan' is not a number"),
                ([*PAIR, "--memory", "12Q"], "'12Q' is not a number"),
                ([*PAIR, "--memory", "1e30"], "'1e30' is not a number"),
                ([*PAIR, "--threads", "2"], "usage: hintsim prove"),
                ([*PAIR, path], "either one scenario file, or a guest and a host"),
                (["--with", "resets", path], "either one scenario file"),
                ([path, path], "either one scenario file"),
                ([], "either one scenario file"),
                (["--witness"], "usage: hintsim prove")]:
            done = self.prove(*arguments)
            self.assert_refused(done, *words)
            self.assertEqual(done.stdout, "", arguments)

    def test_bad_files_are_status_2(self):
        self.assert_refused(self.prove(self.path("none.yaml")), "none.yaml: No such file")
        self.assert_refused(self.prove(self.folder), "not a regular file")
        self.assert_refused(self.prove(self.write("name: [", "bad.yaml")), "bad.yaml:2:1: not YAML")
        self.assert_refused(self.prove(*PAIR, "-w", self.path("none/x.yaml")), "none/x.yaml")


if __name__ == "__main__":
    unittest.main()
