"""hintsim matrix: verdicts, numbers that lead to runs, formats, exit statuses."""
import json
import os
import re
import unittest
import xml.etree.ElementTree

import jsonschema

from program import ROOT, ProgramTest

SMALL = ["--guest", "spec-latitude", "--guest", "thread-rx-ring", "--host", "qemu-7.2-kvm",
         "--host", "qemu-7.2-kvm-legacy"]
RULES = ["--rules", "--rule", "hint-source=iterate", "--rule", "hint-effect=skip-and-clear-log",
         "--rule", "log=manual", "--rule", "log-chunk=1"]


def schema(name):
    with open(os.path.join(ROOT, "tools", "report", name)) as file:
        return json.load(file)


class Matrix(ProgramTest):
    def facts(self, *arguments):
        done = self.hintsim("matrix", *arguments, "--format", "json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_text_gives_a_verdict_and_a_story_in_80_columns(self):
        done = self.hintsim("matrix", *SMALL)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"spec-latitude +S 44 +N\n")
        self.assertRegex(done.stdout, r"thread-rx-ring +N +N\n")
        self.assertIn("page-corrupted: N in every cell\n", done.stdout)
        for line in done.stdout.splitlines():
            self.assertTrue(line.isascii() and len(line) <= 80 and line == line.rstrip(), line)

    def test_the_same_output_every_time(self):
        self.assertEqual(self.hintsim("matrix", *SMALL).stdout, self.hintsim("matrix", *SMALL).stdout)

    def test_json_follows_its_schema(self):
        facts = self.facts(*SMALL)
        jsonschema.Draft202012Validator(schema("matrix.schema.json")).validate(facts)
        self.assertEqual(len(facts["cells"]), 4)
        self.assertIn("come between", facts["cells"][0]["verdicts"][0]["story"])

    def test_a_clause_is_proved_on_demand(self):
        facts = self.facts(*SMALL, "--property", "hint-device-4")
        verdicts = [cell["verdicts"][0]["verdict"] for cell in facts["cells"]]
        self.assertEqual(verdicts, ["Sometimes", "Never", "Never", "Never"])

    def test_what_cannot_be_proved_is_status_3(self):
        done = self.hintsim("matrix", "--guest", "thread-rx-ring", "--host", "qemu-7.2-kvm",
                            "--property", "page-stuck")
        self.assertEqual(done.returncode, 3, done.stderr)

    def test_markdown_and_svg(self):
        self.assertIn("| spec-latitude | Sometimes 44 | Never |",
                      self.hintsim("matrix", *SMALL, "--format", "md").stdout)
        picture = self.hintsim("matrix", *SMALL, "--format", "svg").stdout
        words = " ".join(xml.etree.ElementTree.fromstring(picture).itertext())
        self.assertIn("Sometimes 44", words)
        self.assertIn("Never", words)

    def test_a_number_leads_to_a_run_that_replays(self):
        witness, picture = self.path("witness.yaml"), self.path("race.svg")
        done = self.hintsim("matrix", "--cell", "44", "--witness", witness, "--output", picture)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("P0 is lost here", done.stdout)
        xml.etree.ElementTree.parse(picture)
        run = self.hintsim("run", witness)
        self.assertEqual(run.returncode, 0, run.stdout)
        self.assertIn("Observation witness dirty-page-lost Sometimes 1 0\n", run.stdout)

    def test_a_pair_has_the_same_number_in_every_matrix(self):
        numbers = {(c["guest"], c["host"]): c["number"] for c in self.facts(*SMALL)["cells"]}
        fewer = self.facts("--guest", "thread-rx-ring", "--host", "qemu-7.2-kvm", "--property",
                           "hint-device-4")
        self.assertEqual([c["number"] for c in fewer["cells"]],
                         [numbers["thread-rx-ring", "qemu-7.2-kvm"]])
        self.assertEqual(len(set(numbers.values())), 4)

    def test_only_numbers_without_a_gap_are_written_as_a_range(self):
        hosts = ("firecracker-1.14", "thread-write-protect", "thread-madvise")
        done = self.hintsim("matrix", "--guest", "linux-6.1+wait-on-ack", "--with", "resets",
                            "--property", "page-corrupted", *[w for h in hosts for w in ("-H", h)])
        self.assertRegex(done.stdout, r"\n *38, 40  driver.freeze")
        all_three = self.hintsim("matrix", "--guest", "linux-6.1", *[w for h in (
            "qemu-7.2-kvm-legacy", "qemu-7.2-ring", "qemu-7.2-tcg") for w in ("-H", h)])
        self.assertRegex(all_three.stdout, r"\n *25-27  driver.shrink")

    def test_the_property_of_a_cell_can_be_named(self):
        first = self.hintsim("matrix", "--cell", "8").stdout
        self.assertIn("dirty-page-lost Sometimes", first)
        named = self.hintsim("matrix", "--cell", "8", "--property", "page-corrupted").stdout
        self.assertIn("page-corrupted Sometimes", named)
        self.assertNotIn("start migration", named)

    def test_the_run_as_json(self):
        facts = json.loads(self.hintsim("matrix", "--cell", "44", "--format", "json").stdout)
        self.assertTrue(any(o["property"] == "dirty-page-lost" and o["verdict"] == "Sometimes"
                            for o in facts["observations"]))

    def test_what_is_in_play_with_the_usual(self):
        usual = self.hintsim("matrix", *SMALL).stdout
        self.assertIn("not in play: resets, postcopy, reporting, inflate\n", usual)
        done = self.hintsim("matrix", *SMALL, "--with", "postcopy,reporting")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("not in play: resets, inflate\n", done.stdout)
        self.assertIn("changes,\ncancels, postcopy, reporting\n", done.stdout)

    def test_a_bound_is_never_a_pass(self):
        for bound, status, end in ((["--timeout", "0.000001"], 124, "time"),
                                   (["--memory", "1M", "--threads", "1"], 3, "memory")):
            done = self.hintsim("matrix", *SMALL, *bound)
            self.assertEqual(done.returncode, status, done.stderr)
            self.assertIn(f"not complete: {end}", done.stderr)
            self.assertNotIn(" N\n", done.stdout)
        done = self.hintsim("matrix", *RULES, "--timeout", "0.000001")
        self.assertEqual((done.returncode, done.stdout), (124, ""))

    def test_an_interrupt_ends_it_with_what_is_known(self):
        done = self.interrupt("matrix", "--timeout", "60") # in case that it cannot be interrupted
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("not complete: interrupted", done.stderr)
        self.assertRegex(done.stdout, r"linux-6.1 +\?")
        done = self.interrupt("matrix", "--rules", "--timeout", "60")
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("not complete: interrupted", done.stderr)
        self.assertEqual(done.stdout, "")

    def test_bad_input_is_status_2(self):
        for arguments, word in [
                (["--guest", "none"], "unknown guest 'none'"),
                (["--host", "none"], "unknown host 'none'"),
                (["--property", "none"], "unknown property 'none'"),
                (["--format", "pdf"], "allowed: text, md, json, svg"),
                (["--cell", "0"], "not a number"), (["--cell", "1x"], "not a number"),
                (["--cell", "81"], "there are 1 to 80"), (["--cell", "74"], "no run of"),
                (SMALL + ["--cell", "44"], "goes without --guest and --host"),
                (["--witness", "x.yaml"], "need --cell"),
                (["--cell", "1", "--output", "x.pdf"], "ending"),
                (["--cell", "1", "--format", "svg"], "text and json"),
                (["--rules", "--guest", "linux-6.1"], "without --guest"),
                (["--rules", "--with", "resets"], "--host and --with"),
                (["--with", "sun"], "'sun' is not one of writes"),
                (["--threads", "0"], "threads: whole numbers from 1 to 64"), (["--memory", "x"], "not a number"),
                (["--timeout", "-1"], "not a number"),
                (["--rule", "log=ring"], "needs --rules"),
                (["--rules", "--rule", "release=any-time"], "not a rule that says what is done"),
                (["--rules", "--rule", "log=paper"], "not a value of log"),
                (["--rules", "--cell", "999999999"], "the rules have 1 to"),
                (["extra"], "not expected")]:
            self.assert_refused(self.hintsim("matrix", *arguments), word)


class Rules(ProgramTest):
    def test_the_minimal_sets_and_what_breaks_without_a_member(self):
        done = self.hintsim("matrix", *RULES, "--format", "json")
        self.assertEqual(done.returncode, 0, done.stderr)
        facts = json.loads(done.stdout)
        jsonschema.Draft202012Validator(schema("ordering.schema.json")).validate(facts)
        self.assertEqual(len(facts["contexts"]), 1)
        context = facts["contexts"][0]
        self.assertTrue(context["monotone"])
        self.assertEqual(len(context["sets"]), 1)
        only = context["sets"][0]
        self.assertIn({"rule": "refuse-written", "value": "on"}, only["members"])
        self.assertEqual({member["rule"] for member in only["members"]},
                         {member["rule"] for member in only["weakened"]})

    def test_the_forms(self):
        text = self.hintsim("matrix", *RULES).stdout
        self.assertIn("refuse-written=on", text)
        self.assertTrue(all(len(line) <= 80 for line in text.splitlines()))
        self.assertIn("`refuse-written=on`", self.hintsim("matrix", *RULES, "--format", "md").stdout)
        picture = self.hintsim("matrix", *RULES, "--format", "svg").stdout
        self.assertIn("refuse-written=on",
                      " ".join(xml.etree.ElementTree.fromstring(picture).itertext()))
        number = re.search(r": S (\d+):", text).group(1)
        witness = self.path("dropped.yaml")
        done = self.hintsim("matrix", "--rules", "--cell", number, "--witness", witness)
        self.assertEqual(done.returncode, 0, done.stderr)
        run = self.hintsim("run", witness)
        self.assertIn("Observation dropped dirty-page-lost Sometimes 1 0\n", run.stdout)


if __name__ == "__main__":
    unittest.main()
