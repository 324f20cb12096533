# SPDX-License-Identifier: BSD-3-Clause
"""hintsim matrix: verdicts, cells that lead to runs, formats, exit statuses."""
import json
import os
import re
import subprocess
import sys
import unittest
import xml.etree.ElementTree

import jsonschema

from cells import EXAMPLE, CellsTest
from program import PROGRAM, ROOT, ProgramTest

sys.path.append(os.path.join(ROOT, "tests", "reality"))
import reality  # noqa: E402

SMALL = ["--guest", "spec-latitude", "--guest", "thread-rx-ring", "--host", "qemu-7.2-kvm",
         "--host", "qemu-7.2-kvm-legacy"]
CELL = "spec-latitude*qemu-7.2-kvm"
RULES = ["--rules", "--rule", "hint-source=iterate", "--rule", "hint-effect=skip-and-clear-log",
         "--rule", "log=manual", "--rule", "log-chunk=1"]


def schema(name):
    with open(os.path.join(ROOT, "tools", "report", name)) as file:
        return json.load(file)


class Matrix(CellsTest):
    def test_text_gives_a_verdict_and_a_story(self):
        done = self.told("matrix", *SMALL)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stdout, r"spec-latitude +S a +N\n")
        self.assertRegex(done.stdout, r"thread-rx-ring +N +N\n")
        self.assertIn("no question in any cell:  page-corrupted, value-broken\n", done.stdout)

    def test_what_nothing_in_a_cell_could_break_is_no_question_there(self):
        pair = ["--guest", "spec-latitude", "--host", "qemu-7.2-kvm", "--host", "thread-madvise"]
        text = self.hintsim("matrix", *pair, "-p", "page-corrupted").stdout
        self.assertRegex(text, r"\nspec-latitude +- +S a\n")
        cells = self.facts(*pair, "-p", "page-corrupted")["cells"]
        self.assertEqual([len(cell["verdicts"]) for cell in cells], [0, 1])
        self.assertEqual(self.facts(*pair, "--rule", "poison=zero")["cells"][0]["verdicts"][-1]["property"],
                         "value-broken")
        path = self.write("spec-latitude*thread-madvise: {page-corrupted: sometimes}\n"
                          "spec-latitude*qemu-7.2-kvm: {page-corrupted: never}\n", "e.yaml")
        self.assert_refused(self.hintsim("matrix", *pair, "--expect", path),
                            "e.yaml:2:1: spec-latitude*qemu-7.2-kvm: page-corrupted is no question there")

    def test_sets_of_rules_are_asked_where_there_is_a_question(self):
        self.assert_refused(self.hintsim("matrix", *RULES, "-p", "page-corrupted"),
                            "page-corrupted cannot be asked here: it needs hint-effect=discard")
        asked = ["matrix", "--rules", "-p", "page-corrupted", "--cell", "hint-source=allocate, log=legacy, hint-effect="]
        self.assertEqual(self.hintsim(*asked[:-1], asked[-1] + "discard").returncode, 1)
        self.assert_refused(self.hintsim(*asked[:-1], asked[-1] + "skip"), "page-corrupted cannot be asked here")

    def assert_fits_a_mail(self, text):
        for line in text.splitlines():
            self.assertTrue(line.isascii() and len(line) <= 72 and line == line.rstrip(), line)

    def test_the_text_fits_a_mail_and_tears_no_name(self):
        """Each cell stands below its host's whole name, in lines of up to 72; the second is every cell."""
        some = ("--guest", "linux-6.1", "--guest", "linux-6.1+pipelined-ack")
        options = ("--rule", "hint-only-free=on", "--with", "resets,postcopy", "--property",
                   "page-corrupted", "--all")
        for shape in (some, options):
            facts = self.facts(*shape)
            lacking = [cell["cell"] for cell in facts["cells"] if "lacks" in cell]
            self.assertEqual(bool(lacking), shape == options)
            text = self.told("matrix", *shape).stdout
            self.assert_fits_a_mail(text)
            tables = 0
            for section in re.split(r"\n\n(?=[a-z-]+(?:: N in every cell)?\n)", text)[1:]:
                name, *blocks = section.split("\n\n")
                if name.strip().endswith(": N in every cell"):
                    continue
                found = {}
                for block in blocks:
                    if block.startswith("how:"):
                        break
                    head, *rows = block.splitlines()
                    columns = [(m.start(), m.group()) for m in re.finditer(r"\S+", head)]
                    for row in rows:
                        for at, host in columns:
                            found[f"{row.split()[0]}*{host}"] = row[at]
                told = {c["cell"]: "-" for c in facts["cells"]}
                told.update((c["cell"], v["verdict"][0]) for c in facts["cells"] for v in c["verdicts"]
                            if v["property"] == name)
                told.update((cell, "/") for cell in lacking)
                self.assertEqual(found, told)
                self.assertEqual(len(found), len(facts["guests"]) * len(facts["hosts"]))
                tables += 1
            self.assertGreaterEqual(tables, 1)

    def overview(self, *arguments):
        """Of the table on one screen: rows and columns, each with the presets that share it, and the
        verdicts, [property][row][column]; `marked` has those with a mark, as (property, row, column)."""
        text = self.told("matrix", *arguments).stdout
        self.assert_fits_a_mail(text)
        self.assertLessEqual(len(text.splitlines()), 40, text)
        names, _, rest = text[text.index("\nhosts:\n"):].partition("\nguests that are alike:\n")
        hosts = re.findall(r"(?m)^  (\S)  (\S.*(?:\n     \S.*)*)", names)
        alike, *tables = rest.split("\n\n")
        alike = [group.split(", ") for group in re.findall(r"(?m)^   (\S.*)", alike.replace(",\n   ", ", "))]
        verdicts, rows = {}, []
        self.marked = set()
        for table in tables:
            heads, letters, *lines = table.splitlines()
            properties = heads.split()
            self.assertEqual("".join(letters.split()), len(properties) * "".join(h for h, _ in hosts))
            for line in lines:
                name = line.split()[0]
                rows.append(next((group for group in alike if group[0] == name), [name]))
                shown = re.findall(r"(\S)(\*?)", re.sub(r"^\S+( \(\d+ more\))?", "", line))
                for i, one in enumerate(properties):
                    cells = shown[i * len(hosts):(i + 1) * len(hosts)]
                    table = verdicts.setdefault(one, [])
                    self.marked |= {(one, len(table), at) for at, (_, mark) in enumerate(cells) if mark}
                    table.append([letter for letter, _ in cells])
        return rows, [" ".join(text.split()).split(", ") for _, text in hosts], verdicts

    def test_all_of_it_is_one_screen(self):
        """What shares a row or a column has the same verdicts, and no two rows or columns do."""
        facts = self.all_facts()
        rows, columns, verdicts = self.overview()
        self.assertEqual(sorted(sum(rows, [])), sorted(facts["guests"]))
        self.assertEqual(sorted(sum(columns, [])), sorted(facts["hosts"]))
        self.assertEqual((rows[0][0], rows[-1]), ("linux-6.1", ["linux-6.1+wait-on-ack"]))
        self.assertEqual(columns[0][:2], ["qemu-11.1-kvm", "qemu-10.2-kvm"])
        told = {(cell["cell"], v["property"]): "/" if "lacks" in cell else v["verdict"][0]
                for cell in facts["cells"] for v in cell["verdicts"]}
        for name, table in verdicts.items():
            for row, shown in zip(rows, table):
                for column, letter in zip(columns, shown):
                    lacks = row == ["linux-6.1+wait-on-ack"]
                    self.assertEqual({told.get((f"{g}*{h}", name), "/" if lacks else "-")
                                      for g in row for h in column}, {letter})
        joined = [sum(shown, []) for shown in zip(*verdicts.values())]
        self.assertEqual(len(set(map(tuple, joined))), len(rows))
        across = [tuple(table[row][c] for table in verdicts.values() for row in range(len(rows)))
                  for c in range(len(columns))]
        self.assertEqual(len(set(across)), len(columns))

    def test_what_was_seen_on_a_real_qemu_is_marked(self):
        """Every pair of spec/reality.json, with its QEMUs; on the screen what shares a place with one."""
        record = json.loads((reality.SPEC / "reality.json").read_text())
        wanted = {}
        for guest, host, version, accelerator, ram in (json.loads(f"[{row}]") for row in re.findall(
                r"(?m)^HS_SIGHTING\((.*)\)$", reality.sightings_table(record))):
            wanted.setdefault((f"{guest}*{host}", "dirty-page-lost"), []).append(
                {"version": version, "accelerator": accelerator, "ram": ram})
        self.assertTrue(wanted)
        facts = self.all_facts()
        jsonschema.Draft202012Validator(schema("matrix.schema.json")).validate(facts)
        told = {(cell["cell"], v["property"]): v for cell in facts["cells"] for v in cell["verdicts"]}
        self.assertEqual({where: v["seen"] for where, v in told.items() if "seen" in v}, wanted)
        self.assertEqual({told[where]["verdict"] for where in wanted}, {"Sometimes"})  # else the model is wrong
        rows, columns, verdicts = self.overview()
        self.assertEqual(self.marked, {(name, r, c) for name in verdicts for r, row in enumerate(rows)
                                       for c, column in enumerate(columns)
                                       if any((f"{g}*{h}", name) in wanted for g in row for h in column)})

    def test_a_mark_is_of_presets_as_they_are(self):
        pair = ["--guest", "linux-6.1", "--host", "qemu-7.2-tcg-odd-ram"]
        legend = "seen in a run of a real QEMU"
        for shape, mark in (([], True), (["--rule", "log=legacy"], False), (["--with", "resets"], False),
                            (["--without", "dma"], False), (["--property", "dirty-page-lost"], True)):
            text = self.told("matrix", *pair, *shape).stdout
            self.assertRegex(text, r"\nlinux-6.1 +S\* a\n" if mark else r"\nlinux-6.1 +S a\n")
            self.assertEqual(legend in text, mark)
            words = self.told("matrix", *pair, *shape, "--format", "md").stdout
            self.assertIn("| linux-6.1 | Sometimes† a |" if mark else "| linux-6.1 | Sometimes a |", words)
            picture = self.told("matrix", *pair, *shape, "--format", "svg").stdout
            texts = list(xml.etree.ElementTree.fromstring(picture).itertext())
            self.assertIn("Sometimes†" if mark else "Sometimes", texts)
            self.assertEqual((legend in words, any(legend in one for one in texts)), (mark, mark))
            facts = self.facts(*pair, *shape)
            self.assertEqual("seen" in facts["cells"][0]["verdicts"][0], mark)
            cell = self.told("matrix", "--cell", "*".join(pair[1::2]), *shape).stdout
            self.assertEqual(bool(re.search(r"(?m)^seen:  dirty-page-lost, in a run, on QEMU 7\.2\.\d+ with tcg", cell)), mark)

    def test_the_screen_in_every_form(self):
        quick = ("--property", "hint-driver-6")
        rows, columns, verdicts = self.overview(*quick)
        words = self.hintsim("matrix", *quick, "--format", "md").stdout
        self.assertIn("| guest | " + " | ".join(map("<br>".join, columns)) + " |", words)
        for row in rows:
            self.assertIn("\n| " + "<br>".join(row) + " |", words)
        self.assertIn("| linux-6.1+wait-on-ack | n/a |", words)
        self.assertNotIn("--cell 'linux", words)
        picture = self.hintsim("matrix", *quick, "--format", "svg").stdout
        texts = list(xml.etree.ElementTree.fromstring(picture).itertext())
        self.assertEqual(texts.count("n/a"), len(columns))
        names = sum(rows + columns, [])
        for name in names:  # spec-latitude is a guest and a host
            self.assertEqual(texts.count(name), names.count(name))
        self.assertEqual(len(verdicts["hint-driver-6"]), len(rows))
        told = {cell["cell"]: {v["property"]: v["verdict"].lower() for v in cell["verdicts"]}
                for cell in self.facts(*quick)["cells"]}
        done = self.hintsim("matrix", "--expect", self.write(json.dumps(told), "expect.yaml"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, self.told("matrix", *quick).stdout + "\nnot as expected:\n  nothing\n")

    def test_names_have_patterns(self):
        facts = self.facts("--guest", "rcor?", "--guest", "*rx-ring", "--host", "qemu-7.2-kvm*", "--host",
                           "qemu-7.2-kvm")
        self.assertEqual(facts["guests"], ["rcore", "thread-rx-ring"])
        self.assertEqual(facts["hosts"], ["qemu-7.2-kvm", "qemu-7.2-kvm-legacy", "qemu-7.2-kvm-odd-ram"])
        facts = self.facts("--guest", "linux-5.[07]", "--host", "qemu-7.2-tcg")
        self.assertEqual(facts["guests"], ["linux-5.0", "linux-5.7"])

    def test_a_guest_that_no_host_serves_is_in_no_pair_unless_it_is_named(self):
        host = ["--host", "qemu-7.2-tcg"]
        for name, lacks in (("linux-6.1+wait*", True), ("linux-6.1+wait-on-ack", False)):
            cell, = self.facts("--guest", name, *host)["cells"]
            self.assertEqual(cell["verdicts"][0]["verdict"], "Sometimes")
            self.assertEqual(cell.get("lacks"), "feature bit 6" if lacks else None)
            done = self.hintsim("matrix", "--guest", name, *host)
            self.assertEqual(done.returncode, 0 if lacks else 1)
            self.assertRegex(done.stdout, r"\nlinux-6.1\+wait-on-ack +" + ("/\n" if lacks else "S a\n"))
            words = " ".join(done.stdout.split())
            self.assertIn("linux-6.1+wait-on-ack needs feature bit 6, which " +
                          ("no host offers" if lacks else "each host here is patched to offer"), words)
        one = self.hintsim("matrix", "--cell", "linux-6.1+wait-on-ack*qemu-7.2-tcg")
        self.assertIn("which each host here is patched to offer", " ".join(one.stdout.split()))
        self.assertIn("dirty-page-lost Sometimes", one.stdout)
        self.assertNotIn("note:", self.hintsim("matrix", "--cell", "rcore*qemu-7.2-tcg").stdout)
        path = self.write("linux-6.1+wait-on-ack*qemu-7.2-tcg: {dirty-page-lost: never}\n", "e.yaml")
        done = self.hintsim("matrix", "--guest", "linux-6.1+wait*", *host, "--expect", path)
        self.assertEqual(done.returncode, 1, done.stderr)  # what is expected is of the patched host

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

    def test_the_status_without_expectations_is_that_of_prove(self):
        for guest in ("spec-latitude", "thread-rx-ring"):
            pair = ["--guest", guest, "--host", "qemu-7.2-kvm", "--property", "dirty-page-lost"]
            status = self.hintsim("prove", *pair).returncode
            self.assertEqual(status, 1 if guest == "spec-latitude" else 0)
            self.assertEqual(self.hintsim("matrix", *pair).returncode, status)
            cell = self.hintsim("matrix", "--cell", f"{guest}*qemu-7.2-kvm", *pair[4:])
            self.assertEqual(cell.returncode, status)

    def expected(self, **changes):
        """A file for the small table, with entries changed, left out (None) or added."""
        cells = {}
        for cell in self.facts(*SMALL)["cells"]:
            cells[cell["cell"]] = {v["property"]: v["verdict"].lower() for v in cell["verdicts"]}
        for name, value in changes.items():
            if value is None:
                del cells[name]
            elif isinstance(value, dict):
                cells.setdefault(name, {}).update(value)
        return self.write(json.dumps(cells), "expect.yaml")

    def test_a_matrix_that_is_as_expected(self):
        done = self.hintsim("matrix", *SMALL, "--expect", self.expected())
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(done.stdout.endswith("\nnot as expected:\n  nothing\n"), done.stdout)

    def test_the_example_expects_what_is(self):
        done = self.told("matrix", "--expect", EXAMPLE, "--format", "json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.all_facts()["answer"], "as expected")
        differ = [(cell["cell"], verdict) for cell in self.all_facts()["cells"] for verdict in cell["verdicts"]
                  if verdict["verdict"] != verdict["expected"]]
        self.assertEqual(differ, [])

    def test_what_differs_is_named(self):
        path = self.expected(**{CELL: {"dirty-page-lost": "never"},
                                "thread-rx-ring*qemu-7.2-kvm": {"dirty-page-lost": "sometimes"}})
        done = self.hintsim("matrix", *SMALL, "--expect", path)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertTrue(done.stdout.endswith(
            "\nnot as expected:\n"
            "  spec-latitude*qemu-7.2-kvm\n    dirty-page-lost: expected Never, found Sometimes\n"
            "  thread-rx-ring*qemu-7.2-kvm\n    dirty-page-lost: expected Sometimes, found Never\n"))
        self.assert_fits_a_mail(done.stdout)
        facts = json.loads(self.hintsim("matrix", *SMALL, "--expect", path, "--format", "json").stdout)
        jsonschema.Draft202012Validator(schema("matrix.schema.json")).validate(facts)
        self.assertEqual(facts["answer"], "not as expected")
        differ = {(c["cell"], v["property"]) for c in facts["cells"] for v in c["verdicts"]
                  if v["verdict"] != v["expected"]}
        self.assertEqual(differ, {(CELL, "dirty-page-lost"),
                                  ("thread-rx-ring*qemu-7.2-kvm", "dirty-page-lost")})

    def test_what_is_expected_and_not_known_is_inconclusive(self):
        done = self.hintsim("matrix", *SMALL, "--expect", self.expected(), "--memory", "1M",
                            "--threads", "1")
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("found Unknown", done.stdout)

    def test_the_file_says_what_is_asked(self):
        path = self.write("thread-rx-ring*qemu-7.2-kvm: {hint-device-4: never}\n", "e.yaml")
        pair = ["--guest", "thread-rx-ring", "--host", "qemu-7.2-kvm"]
        done = self.hintsim("matrix", *pair, "--expect", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("hint-device-4: N in every cell", done.stdout)
        self.assertNotIn("dirty-page-lost", done.stdout)
        self.assert_refused(self.hintsim("matrix", *pair, "--expect", path, "--property", "dirty-page-lost"),
                            "e.yaml:1:1: ", "dirty-page-lost is asked about, and no verdict is expected")

    def test_expectations_that_do_not_fit_are_status_2(self):
        pair = "thread-rx-ring*qemu-7.2-kvm"
        for text, word in [
                ("", ":1:1: the file is empty"), ("{}\n", ":1:1: no cell is named"),
                ("- a\n", ":1:1: cells: expected a mapping, found a list"),
                ("a: {value-broken: never}\n", ":1:1: 'a' is not GUEST*HOST"),
                ("linux-6.2*qemu-4.0: {value-broken: never}\n",
                 ":1:1: unknown guest 'linux-6.2'; did you mean 'linux-6.1'? allowed: linux-5.0"),
                ("linux-6.1*qemu: {value-broken: never}\n", ":1:1: unknown host 'qemu'; did you mean"),
                (f"{pair}: {{}}\n", ":1:30: nothing is expected of"),
                (f"{pair}: never\n", "expected a mapping"),
                (f"{pair}:\n  dirty-page: never\n",
                 ":2:3: unknown property 'dirty-page'; did you mean 'dirty-page-lost'?"),
                (f"{pair}:\n  value-broken: always\n",
                 ":2:17: unknown verdict 'always'; allowed: never, sometimes"),
                (f"{pair}: {{value-broken: unknown}}\n", "allowed: never, sometimes"),
                (f"{pair}: {{value-broken: never}}\n{pair}: {{value-broken: never}}\n",
                 f":2:1: cells: key '{pair}' stands twice"),
                (f"{pair}: {{page-stuck: never}}\n", "page-stuck: no proof decides it")]:
            path = self.write(text, "e.yaml")
            self.assert_refused(self.hintsim("matrix", "--guest", "thread-rx-ring", "--host",
                                             "qemu-7.2-kvm", "--expect", path), f"e.yaml{word}"
                                if word.startswith(":") else word)
        for changes, word in [
                ({CELL: None}, f"{CELL}, a cell of this table, is missing"),
                ({"linux-6.1*qemu-4.0": {"value-broken": "never"}},
                 "linux-6.1*qemu-4.0 is no cell of this table"),
                ({CELL: {"hint-device-4": "never"}}, "is asked about, and no verdict is expected")]:
            self.assert_refused(self.hintsim("matrix", *SMALL, "--expect", self.expected(**changes)), word)
        self.assert_refused(self.hintsim("matrix", "--expect", self.path("none.yaml")), "none.yaml")

    def test_markdown_and_svg(self):
        words = self.hintsim("matrix", *SMALL, "--with", "resets", "--format", "md").stdout
        self.assertIn("| spec-latitude | Sometimes a | Never |", words)
        self.assertIn("`hintsim matrix --cell 'spec-latitude*qemu-7.2-kvm' --with=resets`", words)
        self.assertIn("\nIn play without limit: writes,rounds,migrations,dma,changes,resets,cancels.\n"
                      "Not in play: hops,postcopy,reporting,inflate.\n", words)
        words = self.hintsim("matrix", *SMALL, "--with", "postcopy", "--format", "md").stdout
        self.assertIn("\nnote: postcopy is enabled throughout; ", words)
        picture = self.hintsim("matrix", *SMALL, "--format", "svg").stdout
        words = " ".join(xml.etree.ElementTree.fromstring(picture).itertext())
        for word in ("Sometimes", "Never", "hintsim matrix --cell 'GUEST*HOST'", "Rules: the presets'",
                     "In play without limit: writes,rounds", "Not in play: resets,hops,postcopy,reporting,inflate"):
            self.assertIn(word, words)

    def test_a_cell_leads_to_a_run_that_replays(self):
        witness, picture = self.path("witness.yaml"), self.path("race.svg")
        done = self.hintsim("matrix", "--cell", CELL, "--witness", witness, "--output", picture)
        self.assertIn("P0 is lost here", done.stdout)
        xml.etree.ElementTree.parse(picture)
        run = self.hintsim("run", witness)
        self.assertEqual(run.returncode, 0, run.stdout)
        self.assertIn("Observation witness dirty-page-lost Sometimes 1 0\n", run.stdout)

    def test_a_cell_without_a_run_writes_none(self):
        done = self.hintsim("matrix", "--cell", "thread-rx-ring*qemu-7.2-kvm", "--witness",
                            self.path("witness.yaml"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("there is no run to write", done.stderr)
        self.assertFalse(os.path.exists(self.path("witness.yaml")))

    def test_what_shapes_the_table_shapes_the_cell(self):
        """A rule, what is in play and what is not, and the properties."""
        few = ["--host", "qemu-7.2-kvm", "--host", "thread-madvise"]
        for shape in (["--rule", "release=after-used", "--rule", "log-before-first-id=off"],
                      ["--with", "resets", "--with", "postcopy", "--without", "cancels,dma"],
                      ["--property", "hint-driver-5", "--property", "dirty-page-lost"]):
            if "release=after-used" in shape:  # instead of some preset's, else nothing is changed
                text = self.hintsim("matrix", "--cell", CELL, *shape).stdout
                self.assertIn("but release=after-used (instead of any-time)", text)
            checked = self.assert_cells_are_the_tables(
                [*few, *shape], lambda cell: cell["guest"] in ("spec-latitude", "thread-rx-ring"))
            self.assertEqual(checked, 4)

    def test_the_commands_that_are_printed_can_be_pasted(self):
        """Each story's command, given to a shell as it stands, tells that story."""
        shape = ["--rule", "restart=same-id", "--with", "resets,reporting"]
        text = self.hintsim("matrix", *SMALL, *shape).stdout
        blocks = re.findall(r"(?m)^  ([a-z]+)  (?:.*\n)((?:     .*\n)*)", text[text.index("how:"):])
        self.assertTrue(blocks)
        for _, rest in blocks:
            command = rest[rest.index("hintsim matrix --cell"):].replace("hintsim", PROGRAM, 1)
            done = subprocess.run(["sh", "-c", command], capture_output=True, text=True)
            self.assertIn("not in play: hops, postcopy, inflate\n", done.stdout, done.stderr)

    def test_the_cell_as_json(self):
        facts = json.loads(self.hintsim("matrix", "--cell", CELL, "--format", "json").stdout)
        jsonschema.Draft202012Validator(schema("prove.schema.json")).validate(facts)
        lost = [o for o in facts["observations"] if o["property"] == "dirty-page-lost"]
        self.assertEqual(lost[0]["verdict"], "Sometimes")
        self.assertIn("come between", lost[0]["story"])

    def test_what_is_in_play_with_the_usual(self):
        usual = self.told("matrix", *SMALL).stdout
        self.assertIn("not in play: resets, hops, postcopy, reporting, inflate\n", usual)
        done = self.hintsim("matrix", *SMALL, "--with", "postcopy,reporting")
        self.assertIn(done.returncode, (0, 1), done.stderr)
        self.assertIn("not in play: resets, hops, inflate\n", done.stdout)
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
        done = self.interrupt("matrix", "--all", "--with", "resets,postcopy,reporting,inflate")
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("not complete: interrupted", done.stderr)
        self.assertRegex(done.stdout, r"linux-6.1 +\?")
        done = self.interrupt("matrix", "--rules")
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("not complete: interrupted", done.stderr)
        self.assertEqual(done.stdout, "")

    def test_bad_input_is_status_2(self):
        for arguments, word in [
                (["--guest", "none"], "unknown guest 'none'"),
                (["--host", "none"], "unknown host 'none'"),
                (["--guest", "sun*"], "no guest that hints has a name like 'sun*'"),
                (["--guest", "virtio-w*"], "no guest that hints has a name like 'virtio-w*'"),
                (["--all", "--guest", "linux-6.1"], "--all goes without --guest, --host"),
                (["--all", "--rules"], "--all goes without"), (["--all", "--cell", CELL], "--all goes without"),
                (["--cell", "linux-*qemu-4.0"], "unknown guest 'linux-'"),
                (["--property", "none"], "unknown property 'none'"),
                (["--format", "pdf"], "allowed: text, md, json, svg"),
                (["--guest", "linux-6"], "did you mean 'linux-6.1'? allowed: linux-5.0, linux-5.0+deflate-on-oom"),
                (["--cell", "44"], "'44' is not GUEST*HOST"), (["--cell", "*"], "unknown guest ''"),
                (["--cell", "linux-6.1*qemu-7.2-kvn"], "unknown host 'qemu-7.2-kvn'; did you mean "
                                                       "'qemu-7.2-kvm'? allowed: qemu-4.0"),
                (["--cell", "qemu-4.0*linux-6.1"], "unknown guest 'qemu-4.0'"),
                (SMALL + ["--cell", CELL], "goes without --guest and --host"),
                (["--witness", "x.yaml"], "need --cell"),
                (["--cell", CELL, "--output", "x.pdf"], "ending"),
                (["--cell", CELL, "--format", "svg"], "text and json"),
                (["--expect", "x.yaml", "--cell", CELL], "--expect goes without"),
                (["--expect", "x.yaml", "--rules"], "--expect goes without"),
                (["--expect", "x.yaml", "--format", "svg"], "the formats are text and json"),
                (["--without", "writes,dma"], "dirty-page-lost cannot be asked here"),
                (["--rule", "log"], "'log': not a value of log"),
                (["--rule", "none=on"], "unknown rule 'none'"),
                (["--rules", "--guest", "linux-6.1"], "without --guest"),
                (["--rules", "--with", "sun"], "'sun' is not one of writes"),
                (["--rules", "--without", "writes,dma"], "dirty-page-lost cannot be asked here"),
                (["--with", "sun"], "'sun' is not one of writes"),
                (["--threads", "0"], "threads: whole numbers from 1 to 64"), (["--memory", "x"], "not a number"),
                (["--timeout", "-1"], "not a number"),
                (["--rules", "--rule", "release=any-time"],
                 "'release' is not a rule that says what is done: hint-source, hint-wait, hint-trigger, "
                 "hint-effect, used-length, done-at-end, log, initially-all-set, log-chunk"),
                (["--rules", "--rule", "log=paper"], "not a value of log"),
                (["--rules", "--cell", "44"], "unknown rule '44'"),
                (["--rules", "--cell", ""], "hint-source=VALUE is missing"),
                (["--rules", "--cell", "hint-source=iterate, hint-effect=skip"], "log=VALUE is missing"),
                (["--rules", "--cell", "log=ring, log=ring"], "'log' stands twice"),
                (["--rules", "--cell", "shrinker=off"], "held fixed"),
                (["extra"], "not expected")]:
            self.assert_refused(self.hintsim("matrix", *arguments), word)


class Rules(ProgramTest):
    def test_the_minimal_sets_and_what_breaks_without_a_member(self):
        done = self.told("matrix", *RULES, "--format", "json")
        self.assertEqual(done.returncode, 0, done.stderr)
        facts = json.loads(done.stdout)
        jsonschema.Draft202012Validator(schema("ordering.schema.json")).validate(facts)
        self.assertEqual(facts["in_play"], ["writes", "rounds", "migrations", "dma", "changes", "cancels"])
        self.assertEqual(len(facts["contexts"]), 1)
        context = facts["contexts"][0]
        self.assertTrue(context["monotone"])
        self.assertEqual(len(context["sets"]), 1)
        only = context["sets"][0]
        self.assertIn({"rule": "refuse-written", "value": "on"}, only["members"])
        self.assertEqual({member["rule"] for member in only["members"]},
                         {member["rule"] for member in only["weakened"]})

    def test_what_is_held_fixed_is_named_in_every_form(self):
        facts = json.loads(self.told("matrix", *RULES, "--format", "json").stdout)
        fixed = [f"{one['rule']}={one['value']}" for one in facts["held_fixed"]]
        settings = [f"{one['rule']}={one['value']}" for one in facts["settings"]]
        self.assertIn("discard-marks-dirty=off", fixed)
        # Each set is asked about with inflating and with resets in play, too.
        self.assertLess({"inflate-reuse=after-used", "tell-host=on", "reset-returns=on"}, set(fixed))
        self.assertNotIn("report-reuse=after-used", fixed)   # reports are in play in none
        self.assertEqual(settings, ["hint-wait=none", "hint-trigger=migration", "used-length=zero",
                                    "done-at-end=on", "initially-all-set=off"])
        context = {one["rule"] for one in facts["contexts"][0]["context"]}
        self.assertEqual({one["rule"] for one in facts["held_fixed"]} & context, set())
        for form in ("text", "md", "svg"):
            # Without spaces and line breaks, which come where the line ends.
            done = "".join(self.told("matrix", *RULES, "--format", form).stdout.split())
            for one in fixed + settings:
                self.assertIn(one, done.replace("&#45;", "-"), (form, one))

    def test_a_set_names_the_settings_that_break_it(self):
        """Each other setting by itself: what the table says of it is what the combination says, and the
        table with that setting has the set only if it suffices there."""
        others = {"hint-wait=start": ["--rule", "hint-wait=start"],
                  "hint-wait=each": ["--rule", "hint-wait=each"],
                  "hint-trigger=request": ["--rule", "hint-trigger=request"],
                  "used-length=one": ["--rule", "used-length=one"],
                  "done-at-end=completed": ["--rule", "done-at-end=completed"],
                  "done-at-end=off": ["--rule", "done-at-end=off"],
                  "initially-all-set=on": ["--rule", "initially-all-set=on"],
                  "resets": ["--with", "resets"], "inflate": ["--with", "inflate"]}
        verdicts = set()
        text = self.told("matrix", *RULES, "--format", "text").stdout
        facts = json.loads(self.told("matrix", *RULES, "--format", "json").stdout)
        only, = facts["contexts"][0]["sets"]
        asked = [one.get("in_play", f"{one.get('rule')}={one.get('value')}") for one in facts["other_settings"]]
        self.assertEqual(asked, list(others))
        self.assertIn("other settings: " + ", ".join(asked), " ".join(text.split()))
        members = {(one["rule"], one["value"]) for one in only["members"]}
        cell = ", ".join(RULES[2::2] + [f"{rule}={value}" for rule, value in sorted(members)])
        broken = {one.get("in_play", f"{one.get('rule')}={one.get('value')}"): one["verdict"]
                  for one in only["not_with"]}
        self.assertEqual("not with  " + ", ".join(broken) in " ".join(text.split("\n    ")), bool(broken))
        for name, options in others.items():
            verdict = broken.pop(name, "Never")
            done = self.hintsim("matrix", "--rules", "--cell", cell, *options)
            self.assertIn(f"Observation rules dirty-page-lost {verdict} ", done.stdout, name)
            verdicts.add(verdict)
            if name not in ("hint-trigger=request", "done-at-end=completed"):
                continue # a table takes longer than a combination
            with_it = json.loads(self.told("matrix", *RULES, *options, "--format", "json").stdout)
            sets = [{(m["rule"], m["value"]) for m in one["members"]}
                    for one in with_it["contexts"][0]["sets"]]
            self.assertEqual(any(one <= members for one in sets), verdict == "Never", (name, sets))
        self.assertEqual(broken, {})
        self.assertEqual(verdicts, {"Never", "Sometimes"})

    def test_the_forms(self):
        text = self.told("matrix", *RULES, "--format", "text").stdout
        self.assertIn("refuse-written=on", text)
        self.assertTrue(all(line.isascii() and len(line) <= 72 for line in text.splitlines()), text)
        self.assertIn("`refuse-written=on`", self.told("matrix", *RULES, "--format", "md").stdout)
        picture = self.told("matrix", *RULES, "--format", "svg").stdout
        self.assertIn("refuse-written=on",
                      " ".join(xml.etree.ElementTree.fromstring(picture).itertext()))

    def test_a_combination_is_what_the_table_says(self):
        """By the rules that JSON cites, and by the command that stands under the set."""
        facts = json.loads(self.told("matrix", *RULES, "--format", "json").stdout)
        weakened = facts["contexts"][0]["sets"][0]["weakened"]
        text = self.told("matrix", *RULES, "--format", "text").stdout
        command = text[text.index("hintsim matrix --rules --cell"):].replace("hintsim", PROGRAM, 1)
        self.assertGreaterEqual(len(weakened), 5)
        for one in weakened:
            changed = f"{one['rule']}={one['value']}"
            done = self.hintsim("matrix", "--rules", "--cell", one["cell"])
            self.assertIn(f"Observation rules dirty-page-lost {one['verdict']} in-play=writes,rounds,"
                          "migrations,dma,changes,cancels\n", done.stdout)
            story = re.search(r"story:\n((?:  .*\n)+)", done.stdout).group(1)
            self.assertEqual(" ".join(story.split()), one["story"])
            pasted = subprocess.run(["sh", "-c", command.replace("NAME=VALUE", changed)],
                                    capture_output=True, text=True)
            self.assertEqual(pasted.stdout, done.stdout)
        strong = self.hintsim("matrix", "--rules", "--cell", weakened[0]["cell"], "--rule",
                              "hint-only-free=on")
        self.assertIn("Observation rules dirty-page-lost Never ", strong.stdout)
        witness = self.path("dropped.yaml")
        self.hintsim("matrix", "--rules", "--cell", weakened[0]["cell"], "--witness", witness)
        run = self.hintsim("run", witness)
        self.assertIn("Observation dropped dirty-page-lost Sometimes 1 0\n", run.stdout)


if __name__ == "__main__":
    unittest.main()
