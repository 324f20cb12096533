# SPDX-License-Identifier: BSD-3-Clause
"""hintsim check as a gate: every format says what the text says, row by row, and follows the rules of
those who read it; and what the options leave out is left out."""
import hashlib
import json
import os
import re
import subprocess
import unittest
import urllib.parse
import xml.etree.ElementTree as ElementTree

import jsonschema

from program import GOOD, HANGS, PROGRAM, ROOT, ProgramTest

FORMATS = ("text", "json", "junit", "sarif", "ktap")
ENDINGS = {"text": "txt", "json": "json", "junit": "xml", "sarif": "sarif", "ktap": "ktap"}
OUTCOMES = {"ok": "ok", "failed": "NOT OK", "bad input": "BAD INPUT", "inconclusive": "UNKNOWN",
            "passed by": "passed by"}
LOSS = os.path.join(ROOT, "scenarios", "field", "hint-swallows-log-bit.yaml")

ODD = b"odd #1 <&\"> '\x01\xff.yaml"  # in a path: what ends a description, a tag, an attribute, and UTF-8


def clean(text):
    """As all formats write what is no printable UTF-8; `text` has its bytes as surrogates."""
    return "".join(c if c.isprintable() else "".join(f"\\x{byte:02X}" for byte in
                                                     c.encode(errors="surrogateescape")) for c in text)


def line_of(status, question, name, words):
    """The line of the text that says so, with single spaces."""
    words = {"passed by": "", "bad input": "see the message"}.get(status, words)
    return f"{OUTCOMES[status]} {question} {name} {words}".strip()


def lines_of_text(text):
    return [re.sub(" +", " ", clean(line)) for line in text.split("\n\n")[0].splitlines()]


def lines_of_json(text):
    for row in json.loads(text)["rows"]:
        words = "; ".join(row[key] for key in ("found", "reason") if row[key])
        yield line_of(row["status"], row["question"], row["name"], words)


def lines_of_junit(text):
    for case in ElementTree.fromstring(text).iter("testcase"):
        question, name = case.get("name").split(" ", 1)
        problem = next((child for child in case if child.tag in ("failure", "error")), None)
        if problem is not None:
            yield line_of(problem.get("type"), question, name, problem.get("message"))
        elif case.find("skipped") is not None:
            yield line_of("passed by", question, name, "")
        else:
            yield line_of("ok", question, name, case.find("system-out").text)


def lines_of_sarif(text):
    for row in json.loads(text)["runs"][0]["properties"]["rows"]:
        yield line_of(row["status"], row["question"], row["name"], row["words"])


def lines_of_ktap(text):
    for subtest in re.findall(r"(?m)^  ((?:not )?ok .*)$", text):
        result, rest = re.fullmatch(r"(ok|not ok) \d+ (.*)", subtest).groups()
        told, words = rest.split(" # ", 1)
        question, name = told.split(" ", 1)
        directive = re.match(r"(SKIP|ERROR|TIMEOUT) ", words)
        status = {("ok", None): "ok", ("not ok", None): "failed", ("ok", "SKIP"): "passed by",
                  ("not ok", "ERROR"): "bad input" if question == "read" else "inconclusive",
                  ("not ok", "TIMEOUT"): "inconclusive"}[result, directive[1] if directive else None]
        yield line_of(status, question, name.replace("\\x23", "#"),
                      words[directive.end() if directive else 0:])


LINES = {"text": lines_of_text, "json": lines_of_json, "junit": lines_of_junit,
         "sarif": lines_of_sarif, "ktap": lines_of_ktap}


class CheckTest(ProgramTest):
    def check(self, *arguments):
        """hintsim check; bytes that are no UTF-8 are surrogates."""
        return subprocess.run([PROGRAM, "check", *arguments], capture_output=True, text=True,
                              errors="surrogateescape", stdin=subprocess.DEVNULL, timeout=HANGS)

    def scenario(self, name, **expected):
        """GOOD under another name, with other expectations."""
        lines = "".join(f"  {key}: {value}\n" for key, value in expected.items())
        text = GOOD[:GOOD.index("expect:")].replace("name: good", f"name: {name}")
        return self.write(text + "limits: {rounds: 1, writes: 1}\nexpect:\n" + lines, f"{name}.yaml")

    def corpus(self):
        """Files with rows of every kind; LOSS, expected to end well, for one that loses a page."""
        with open(LOSS) as file:
            text = re.sub(r"(?m)^expect:(?s:.*?)(?=^\w|\Z)", "", file.read())
        for name, expected in (("lost", "run: safe"), ("searched", "explore: {dirty-page-lost: none-within}"),
                               ("proved", "prove: {dirty-page-lost: never}")):
            changed = re.sub(r"(?m)^(name: ).*", rf"\g<1>{name}", text) + f"expect:\n  {expected}\n"
            self.write(re.sub(r"(?m)^twin:.*\n", "", changed), f"{name}.yaml")
        self.scenario("good", run="unfinished", explore="{hint-driver-8: none-within}",
                      prove="{hint-driver-8: never}")
        self.scenario("stuck", run="page-stuck")
        self.scenario("ends", run="safe")
        self.scenario("misnamed", run="unfinished")
        os.rename(self.path("misnamed.yaml"), self.path("other.yaml"))
        self.write(GOOD.replace("name: good", "name: family") + "vary: {pages: [2, 3]}\n", "family.yaml")
        self.write("name: ci\non: push\n", "workflow.yml")
        with open(os.path.join(self.folder.encode(), ODD), "wb") as file:
            file.write(b"name: [")
        return self.folder


class Formats(CheckTest):
    def assert_same(self, *arguments):
        """The rows of all formats, which are the same."""
        text = self.check(*arguments)
        rows = lines_of_text(text.stdout)
        for form in FORMATS:
            done = self.check("--format", form, *arguments)
            self.assertEqual(done.returncode, text.returncode)
            self.assertEqual(done.stderr, text.stderr)
            self.assertEqual(list(LINES[form](done.stdout)), rows, form)
        return rows

    def test_each_says_what_the_text_says(self):
        rows = self.assert_same(self.corpus())
        count = {outcome: sum(row.startswith(outcome + " ") for row in rows) for outcome in OUTCOMES.values()}
        self.assertEqual(count, {"ok": 5, "NOT OK": 5, "BAD INPUT": 2, "UNKNOWN": 0, "passed by": 1}, rows)

    def test_each_says_which_time_out_was_over(self):
        rows = self.assert_same("--timeout-all", "1e-9", self.corpus())
        late = [row for row in rows if row.startswith("UNKNOWN")]
        self.assertEqual(len(late), 10, rows)
        for row in late:
            self.assertTrue(row.endswith("not begun; the time-out of all was over"), row)

    def test_files_say_what_is_printed(self):
        folder = self.corpus()
        outputs = {form: self.path(f"out.{ending}") for form, ending in ENDINGS.items()}
        options = [word for path in outputs.values() for word in ("-o", path)]
        done = self.check(*options, folder)
        self.assertEqual(done.stdout, self.check(folder).stdout)
        for form, path in outputs.items():
            with open(path, errors="surrogateescape") as file:
                self.assertEqual(list(LINES[form](file.read())), lines_of_text(done.stdout), form)
        self.assertEqual([name for name in os.listdir(folder) if "part" in name], [])

    def test_the_format_before_a_file_is_the_files(self):
        path = self.scenario("good", run="unfinished")
        odd = self.path("report.out")
        done = self.check("--format", "junit", "--output", odd, "--format", "json", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        json.loads(done.stdout)
        self.assertEqual(ElementTree.parse(odd).getroot().tag, "testsuites")
        done = self.check("--format", "ktap", "--output", odd, "-o", self.path("a.sarif.json"), path)
        self.assertTrue(done.stdout.startswith("ok  "), done.stdout)
        with open(self.path("a.sarif.json")) as file:
            self.assertIn("runs", json.load(file))

    def test_a_file_that_cannot_be_written_is_told_before_anything_is_done(self):
        path = self.scenario("good", run="unfinished")
        for output in (self.path("nowhere/a.json"), self.folder + "/sub.json"):
            if output.endswith("sub.json"):
                os.mkdir(output)
            self.assert_refused(self.check("-o", output, path), f"{output}: cannot be written: ")
        self.assert_refused(self.check("-o", "a.doc", path), "the ending of 'a.doc' says no format")
        self.assert_refused(self.check("-o", "a.xml", "-o", "a.xml", path), "'a.xml' is to be written twice")
        self.assert_refused(self.check("-f", "html", path), "unknown format 'html'; allowed: text, json, junit")
        self.assert_refused(self.check("--list", "-f", "json", path), "a list has one format")

    def test_the_number_of_jobs_changes_no_format(self):
        folder = self.corpus()
        times = r'(?m)("milliseconds": |time="|# time: )[\d.]+'
        for form in FORMATS:
            told = [re.sub(times, r"\g<1>0", self.check("-f", form, "-j", jobs, folder).stdout)
                    for jobs in ("1", "3")]
            self.assertEqual(*told, form)


class Json(CheckTest):
    def facts(self, *arguments):
        with open(os.path.join(ROOT, "tools", "report", "check.schema.json")) as file:
            schema = json.load(file)
        jsonschema.Draft7Validator.check_schema(schema)
        facts = json.loads(self.check("--format", "json", *arguments).stdout)
        jsonschema.Draft7Validator(schema).validate(facts)
        return facts

    def test_it_follows_its_schema(self):
        folder = self.corpus()
        facts = self.facts(folder)
        self.assertEqual(self.facts("--timeout-all", "1e-9", folder)["sum"]["inconclusive"], 10)
        self.assertEqual(facts["hintsim"]["version"], "0.1")
        version = self.hintsim("--version").stdout
        self.assertIn(facts["hintsim"]["commit"] or "", version)
        self.assertEqual("(" in version, facts["hintsim"]["commit"] is not None)
        for file in facts["files"]:
            path = os.fsencode(file["path"]) if "odd" not in file["path"] else \
                os.path.join(folder.encode(), ODD)
            with open(path, "rb") as content:
                self.assertEqual(file["sha256"], hashlib.sha256(content.read()).hexdigest())
        self.assertEqual(len(facts["files"]), 9)
        self.assertEqual([file["path"] for file in self.facts("--only", "good", "--only", "run", folder)["files"]],
                         [self.path("good.yaml")])

    def test_every_key_of_the_schema_is_described(self):
        def walk(schema, place):
            for key, value in schema.get("properties", {}).items():
                described = value.get("description") or "$ref" in value
                self.assertTrue(described, f"{place}.{key}")
                walk(value, f"{place}.{key}")
                walk(value.get("items", {}), f"{place}.{key}[]")
        with open(os.path.join(ROOT, "tools", "report", "check.schema.json")) as file:
            walk(json.load(file), "")

    def test_a_row_says_where_its_expectation_stands(self):
        path = self.scenario("good", run="page-stuck", explore="\n    hint-driver-8: none-within\n    "
                             "dirty-page-lost: always", prove="{hint-driver-8: never}")
        with open(path) as file:
            lines = file.read().splitlines()
        rows = self.facts(path)["rows"]
        self.assertEqual([row["question"] for row in rows], ["run", "explore", "prove"])
        for row in rows:
            self.assertEqual(row["line"], min(finding["line"] for finding in row["findings"]))
            for finding in row["findings"]:
                self.assertIn(finding["about"], lines[finding["line"] - 1])
        self.assertEqual([finding["answer"] for finding in rows[1]["findings"]],
                         ["not as expected", "as expected"])
        self.assertEqual(rows[1]["bounds"], "writes=1 rounds=1 pages=2 queue=4")
        bad = self.facts(self.write("name: good\nquestion: {\n"))["rows"][0]
        self.assertEqual((bad["line"], bad["column"]),
                         tuple(int(n) for n in re.search(r":(\d+):(\d+): ", bad["message"]).groups()))

    def test_a_case_is_the_line_of_an_expected_run(self):
        path = self.scenario("good", run="\n    - when: {pages: 3}\n      is: page-stuck\n    - is: unfinished\n"
                             "vary: {pages: [2, 3]}")
        with open(path) as file:
            lines = file.read().splitlines()
        told = {row["name"]: lines[row["line"] - 1].strip() for row in self.facts(path)["rows"]}
        self.assertEqual(told, {"good[pages=2]": "- is: unfinished", "good[pages=3]": "- when: {pages: 3}"})

    def test_a_loss_has_its_race(self):
        self.corpus()
        for name in ("lost", "searched", "proved"):
            row, = self.facts(self.path(f"{name}.yaml"))["rows"]
            self.assertEqual(row["status"], "failed")
            witness, = [w for w in row["witnesses"] if w["about"] == "dirty-page-lost"]
            self.assertTrue(any(step["decides"] for step in witness["steps"]), row)
            with open(self.path(f"{name}.yaml")) as file:
                lines = file.read().splitlines()
            placed = [step for step in witness["steps"] if step["line"]]
            self.assertEqual(bool(placed), name == "lost")
            for step in placed:
                self.assertRegex(lines[step["line"] - 1], r"^ *- ")

    def test_the_sum_by_clause_counts_rows(self):
        facts = self.facts(self.corpus())
        by_clause = facts["by_clause"]
        for name, tally in by_clause.items():
            count = sum(name in row["clauses"] or name in [f["about"] for f in row["findings"]]
                        for row in facts["rows"])
            self.assertEqual(sum(tally.values()), count, name)
        self.assertEqual(by_clause["hint-driver-8"]["ok"], 2)
        self.assertEqual(by_clause["page-stuck"]["failed"], 1)


class Junit(CheckTest):
    """The rules are those that https://docs.gitlab.com/ci/testing/unit_test_reports and the JUnit plugin
    of Jenkins state, written down once more here."""
    COUNTS = {"tests": None, "failures": "failure", "errors": "error", "skipped": "skipped"}

    def assert_counts(self, element):
        """A suite counts its cases by what they have; times are seconds, with a point."""
        for attribute, tag in self.COUNTS.items():
            cases = element.iter("testcase")
            count = sum(tag is None or case.find(tag) is not None for case in cases)
            self.assertEqual(int(element.get(attribute)), count, attribute)
        self.assertRegex(element.get("time"), r"^\d+\.\d+$")

    def assert_rules(self, text):
        root = ElementTree.fromstring(text)
        self.assertTrue(text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n'))
        self.assertEqual(root.tag, "testsuites")
        self.assert_counts(root)
        names = []
        for suite in root:
            self.assertEqual(suite.tag, "testsuite")
            self.assertTrue(suite.get("name"))  # Jenkins names a suite so
            self.assert_counts(suite)
            for child in suite:
                self.assertIn(child.tag, ("properties", "testcase"))
            for prop in suite.iter("property"):
                self.assertEqual(set(prop.attrib), {"name", "value"})
            for case in suite.iter("testcase"):
                # GitLab: the suite's column is classname, the test's name is name; a second one of both is
                # ignored.  file leads to the source.  Jenkins: what stands before the last dot of classname
                # is a package.
                names.append((case.get("classname"), case.get("name")))
                self.assertEqual(set(case.attrib), {"name", "classname", "file", "time"})
                self.assertRegex(case.get("classname"), r"^[^./].*[^.]$")
                self.assertNotIn("/", case.get("classname"))
                self.assertRegex(case.get("time"), r"^\d+\.\d+$")
                # One outcome at most.
                ends = [child.tag for child in case if child.tag != "system-out"]
                self.assertLessEqual(len(ends), 1)
                self.assertLessEqual(set(ends), {"failure", "error", "skipped"})
                for child in case:
                    if child.tag in ("failure", "error"):
                        self.assertEqual(set(child.attrib), {"message", "type"})
                        self.assertTrue(child.text)
        self.assertEqual(len(names), len(set(names)))
        # What XML 1.0 has no way to write.
        self.assertNotRegex(text, r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
        return root

    def test_it_follows_the_rules(self):
        folder = self.corpus()
        root = self.assert_rules(self.check("-f", "junit", folder).stdout)
        self.assertEqual(root.get("tests"), "13")
        lost, = [case for case in root.iter("testcase") if case.get("name") == "run lost"]
        self.assertRegex(lost.find("failure").text, r"lost\.yaml:\d+: .*; expected: safe\ndirty-page-lost:\n")
        self.assertRegex(lost.find("failure").text, r"(?m)^\* \d+\. ")
        self.assert_rules(self.check("-f", "junit", "--timeout-all", "1e-9", folder).stdout)


class Ktap(CheckTest):
    """The rules of Documentation/dev-tools/ktap.rst of the kernel, written down once more here."""
    RESULT = re.compile(r"(ok|not ok) (\d+)(?: ([^#]*?))?(?: # (?:(SKIP|TODO|XFAIL|TIMEOUT|ERROR)\b ?)?(.*))?")

    def read_level(self, lines, indent):
        """The results of a level; `lines` are used up to its end.  A version, a plan, and so many results,
        each behind its subtests, numbered from 1 on."""
        self.assertEqual(lines.pop(0), indent + "KTAP version 1")
        plan = re.fullmatch(indent + r"1\.\.(\d+)", lines.pop(0))
        self.assertTrue(plan)
        results = []
        subtests = None
        while len(results) < int(plan[1]):
            if lines[0].startswith(indent + "  KTAP version"):
                subtests = self.read_level(lines, indent + "  ")
                continue
            line = lines.pop(0)
            self.assertTrue(line.startswith(indent), line)
            if line.startswith(indent + "# "):
                continue
            result, number, name, directive, _ = self.RESULT.fullmatch(line[len(indent):]).groups()
            self.assertEqual(int(number), len(results) + 1)
            self.assertTrue(name)
            if directive in ("TIMEOUT", "ERROR"):
                self.assertEqual(result, "not ok")
            if subtests is not None:
                self.assertEqual(result, "ok" if all(s == "ok" for s, _ in subtests) else "not ok")
            results.append((result, directive))
            subtests = None
        return results

    def assert_rules(self, text):
        lines = text.splitlines()
        results = self.read_level(lines, "")
        self.assertEqual(lines, [])
        self.assertTrue(text.replace("\n", "").isprintable())
        return results

    def test_it_follows_the_rules(self):
        folder = self.corpus()
        results = self.assert_rules(self.check("-f", "ktap", folder).stdout)
        self.assertEqual(len(results), 10)
        self.assertEqual(results.count(("ok", "SKIP")), 1)
        told = self.check("-f", "ktap", "--timeout-all", "1e-9", folder).stdout
        self.assert_rules(told)
        self.assertEqual(len(re.findall(r"(?m)^  not ok .* # TIMEOUT ", told)), 10)


class Sarif(CheckTest):
    def log(self, *arguments):
        return json.loads(self.check("-f", "sarif", *arguments).stdout)["runs"][0]

    def test_what_is_not_as_expected_is_a_result_and_nothing_else(self):
        """Whoever shows SARIF takes a result for an alert, of whatever kind it is."""
        run = self.log(self.corpus())
        facts = json.loads(self.check("-f", "json", self.folder).stdout)
        expected = []
        for row in facts["rows"]:
            path = row["file"]
            if row["status"] == "bad input":
                expected.append(("bad-input", row["line"] or 1, "fail", path))
            expected += [(f["about"], f["line"], "fail", path) for f in row["findings"]
                         if f["answer"] == "not as expected"]
        told = []
        for result in run["results"]:
            place, = result["locations"]
            place = place["physicalLocation"]
            uri = urllib.parse.urlsplit(place["artifactLocation"]["uri"])
            self.assertEqual((uri.scheme, uri.netloc, uri.query, uri.fragment), ("file", "", "", ""))
            path = clean(os.fsdecode(urllib.parse.unquote_to_bytes(uri.path)))
            told.append((result["ruleId"], place["region"]["startLine"], result["kind"], path))
            self.assertEqual(run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"], result["ruleId"])
            self.assertEqual(result["level"], "error")
        self.assertEqual(told, expected)
        self.assertEqual(len(told), 8)
        self.assertEqual([f["hashes"]["sha-256"] for f in run["artifacts"]],
                         [f["sha256"] for f in facts["files"]])
        prints = [result["partialFingerprints"]["hintsim/v1"] for result in run["results"]]
        self.assertEqual(len(prints), len(set(prints)))
        self.assertFalse(run["invocations"][0]["executionSuccessful"])

    def test_the_race_is_the_code_flow(self):
        self.corpus()
        for name in ("lost", "searched", "proved"):
            path = self.path(f"{name}.yaml")
            row, = json.loads(self.check("-f", "json", path).stdout)["rows"]
            result, = [r for r in self.log(path)["results"] if r["ruleId"] == "dirty-page-lost"]
            flow, = result["codeFlows"]
            steps, = [thread["locations"] for thread in flow["threadFlows"]]
            witness, = [w for w in row["witnesses"] if w["about"] == "dirty-page-lost"]
            self.assertEqual([step["location"]["message"]["text"] for step in steps],
                             [f"{s['column']}: {s['step']}: {s['headline']}" for s in witness["steps"]])
            self.assertEqual([step["location"]["physicalLocation"]["region"]["startLine"] for step in steps],
                             [s["line"] or row["line"] for s in witness["steps"]])
            self.assertEqual([step["executionOrder"] for step in steps], list(range(1, len(steps) + 1)))

    def test_what_was_not_decided_is_open(self):
        path = self.scenario("good", run="safe", prove="{hint-driver-8: never}")
        results = self.log("--timeout-all", "1e-9", path)["results"]
        self.assertEqual([(result["ruleId"], result["kind"], result["level"]) for result in results],
                         [("bound", "open", "none"), ("hint-driver-8", "open", "none")])

    def test_a_path_below_here_is_relative(self):
        self.scenario("good", run="safe")
        done = self.hintsim("check", "-f", "sarif", "./good.yaml", cwd=self.folder)
        result, = json.loads(done.stdout)["runs"][0]["results"]
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        self.assertEqual(uri, "good.yaml")


class PublishedSchema(CheckTest):
    """SARIF against the schema that its makers published, from an npm package.  Without npm this is
    skipped, but not where HINTSIM_NEEDS_NPM is set, as tools/selftest does."""

    def test_sarif_follows_the_published_schema(self):
        got = subprocess.run([os.path.join(ROOT, "tests", "sarif", "get-schema")], capture_output=True,
                             text=True, timeout=HANGS)
        if got.returncode == 77 and not os.environ.get("HINTSIM_NEEDS_NPM"):
            self.skipTest(got.stderr.strip())
        self.assertEqual(got.returncode, 0, got.stderr)
        with open(got.stdout.strip()) as file:
            validator = jsonschema.Draft4Validator(json.load(file), format_checker=jsonschema.FormatChecker())
        folder = self.corpus()
        for options in ((), ("--timeout-all", "1e-9"), ("--only", "good")):
            log = json.loads(self.check("-f", "sarif", *options, folder).stdout)
            validator.validate(log)
        log["runs"][0]["results"] = [{"ruleId": "a result without a message"}]
        self.assertFalse(validator.is_valid(log))


class Options(CheckTest):
    def rows(self, *arguments):
        """(question, name) of each row."""
        done = self.check("-f", "json", *arguments)
        self.assertIn(done.returncode, (0, 1, 2, 124), done.stderr)
        return [(row["question"], row["name"]) for row in json.loads(done.stdout)["rows"]]

    def both(self):
        """Two scenarios; the run of one breaks something."""
        self.scenario("quiet", run="unfinished", explore="{hint-driver-8: none-within, dirty-page-lost: always}")
        path = self.scenario("loud", run="page-stuck", prove="{hint-driver-8: never}")
        with open(path, "a") as file:
            file.write("clauses: [hint-device-4]\n")
        return self.folder

    def test_only(self):
        folder = self.both()
        every = self.rows(folder)
        self.assertEqual(every, [("run", "loud"), ("prove", "loud"), ("run", "quiet"), ("explore", "quiet")])
        for words, rows in (
                (["run"], [every[0], every[2]]), (["explore", "prove"], [every[1], every[3]]),
                (["quiet"], every[2:]), (["loud"], every[:2]), (["quiet", "loud"], every),
                (["hint-driver-8"], [every[1], every[3]]), (["page-stuck"], [every[0]]),
                (["hint-device-4"], every[:2]),  # what its scenario speaks of
                (["quiet", "run"], [every[2]]), (["explore", "hint-driver-8", "page-stuck"], [every[3]])):
            options = [part for word in words for part in ("--only", word)]
            self.assertEqual(self.rows(*options, folder), rows, words)

    def test_exclude(self):
        folder = self.both()
        every = self.rows(folder)
        for words, rows in (
                (["run"], [every[1], every[3]]), (["loud"], every[2:]), (["page-stuck"], every[1:]),
                (["hint-device-4"], every[2:]), (["hint-driver-8"], [every[0], every[2], every[3]])):
            options = [part for word in words for part in ("--exclude", word)]
            self.assertEqual(self.rows(*options, folder), rows, words)
        self.assertEqual(self.rows("--only", "run", "--exclude", "loud", folder), [every[2]])

    def test_a_property_that_is_left_out_is_not_asked_for(self):
        folder = self.both()
        done = self.check("--only", "hint-driver-8", "--only", "explore", folder)
        self.assertRegex(done.stdout, r"^ok +explore +quiet +hint-driver-8 None-within \(")
        self.assertEqual(done.returncode, 0)
        done = self.check("--exclude", "hint-driver-8", "--only", "explore", folder)
        self.assertRegex(done.stdout, r"^NOT OK +explore +quiet +dirty-page-lost [\w-]+ \(.*\); "
                         r"expected: dirty-page-lost Always\n")

    def test_a_member_is_named_as_its_row_is(self):
        self.write(GOOD + "vary: {pages: [2, 3]}\n")
        self.assertEqual(self.rows("--only", "good[pages=3]", self.folder), [("run", "good[pages=3]")])
        self.assertEqual(len(self.rows("--only", "good", self.folder)), 2)

    def test_a_word_that_means_nothing_is_refused(self):
        folder = self.both()
        self.assert_refused(self.check("--only", "quit", folder), "'quit' is none of run, explore, prove",
                            "did you mean 'quiet'?")
        self.assert_refused(self.check("--exclude", "zzzzzz", folder), "'zzzzzz' is none of run")
        self.assert_refused(self.check("--only", "loud", "--exclude", "loud", folder), "nothing is left")

    def test_a_file_that_cannot_be_read_is_left_out_by_its_name_alone(self):
        folder = self.both()
        self.write("name: [", "bad.yaml")
        self.assertIn("1 bad input", self.check("--only", "run", folder).stdout)
        self.assertEqual(self.check("--only", "quiet", "--only", "run", folder).returncode, 0)
        self.assertIn("0 bad input", self.check("--exclude", "bad", folder).stdout)

    def test_list(self):
        folder = self.both()
        done = self.check("--list", folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = [line.split(None, 3) for line in done.stdout.splitlines()]
        self.assertEqual([tuple(row[:2]) for row in rows], self.rows(folder))
        self.assertEqual([row[3] for row in rows],
                         ["page-stuck", "hint-driver-8 Never", "unfinished",
                          "dirty-page-lost Always, hint-driver-8 None-within"])
        for row in rows:
            path, line = row[2].rsplit(":", 1)
            with open(path) as file:
                self.assertIn(row[0] + ":", file.read().splitlines()[int(line) - 1])
        self.assertEqual(len(self.check("--list", "--only", "run", folder).stdout.splitlines()), 2)
        path = self.write("name: [", "bad.yaml")
        self.assertEqual(self.check("--list", path).returncode, 2)

    def test_fail_fast(self):
        for name in ("a", "c", "d"):
            self.scenario(name, run="unfinished", prove="{hint-driver-8: never}")
        self.scenario("b", run="page-stuck", prove="{hint-driver-8: never}")
        for jobs in ("1", "3"):
            done = self.check("--fail-fast", "-j", jobs, self.folder)
            self.assertEqual(done.returncode, 1)
            rows = lines_of_text(done.stdout)
            self.assertEqual([row.split()[-1 if row.startswith("N") else 2] for row in rows], ["a", "a", "page-stuck"])
            self.assertTrue(done.stdout.endswith("2 as expected, 1 not, 0 bad input, 0 inconclusive, "
                                                 "5 left out behind the first that is not\n"), done.stdout)
        facts = json.loads(self.check("-f", "json", "--fail-fast", self.folder).stdout)
        self.assertEqual((len(facts["rows"]), facts["left_out"]), (3, 5))

    def test_a_time_out_is_no_pass(self):
        large = os.path.join(ROOT, "scenarios", "ordering", "ordering-wait-on-ack.yaml")
        done = self.check("--timeout-all", "1e-9", self.scenario("good", run="unfinished"))
        self.assertEqual(done.returncode, 124)
        done = self.check("--timeout", "1e-9", "--only", "prove", large)
        self.assertEqual(done.returncode, 124, done.stdout)
        self.assertIn("Unknown", done.stdout)
        self.assertIn("; the time-out was over\n", done.stdout)
        self.assert_refused(self.check("--timeout", "x", large), "'x' is not a number")

    def test_quiet(self):
        self.scenario("a", run="unfinished")
        self.scenario("b", run="page-stuck")
        self.write("on: push\n", "ci.yml")
        done = self.check("--quiet", self.folder)
        self.assertRegex(done.stdout, r"^NOT OK +run +b +unfinished; expected: page-stuck\n\n"
                         r"1 as expected, 1 not, 0 bad input, 0 inconclusive\n$")

    def test_times(self):
        path = self.scenario("good", run="unfinished")
        plain = self.check(path).stdout
        timed = self.check("--times", path).stdout
        self.assertRegex(timed, r"unfinished; \d+\.\d{3} s\n\n1 as .* inconclusive, in \d+\.\d{3} s\n$")
        self.assertEqual(re.sub(r"(;|, in) [\d.]+ s", "", timed), plain)

    def test_by_clause(self):
        folder = self.both()
        table = self.check("--by-clause", folder).stdout.split("\n\n")[1].splitlines()
        counts = {line[:24].strip(): line[24:].split() for line in table[1:]}
        self.assertEqual(table[0].split(), "property or clause ok NOT OK BAD INPUT UNKNOWN".split())
        self.assertEqual(counts, {"dirty-page-lost": ["0", "1", "0", "0"], "page-stuck": ["0", "1", "0", "0"],
                                  "hint-driver-8": ["1", "1", "0", "0"], "hint-device-4": ["1", "1", "0", "0"]})
        self.assertLessEqual(max(map(len, table)), 80)


if __name__ == "__main__":
    unittest.main()
