# SPDX-License-Identifier: BSD-3-Clause
"""Every scenario of the repository, run: what is printed, that pairs differ in one rule, and that
everything there is gets used."""
import itertools
import json
import os
import re
import unittest

import jsonschema

from program import ROOT, ProgramTest
from test_scenarios import PATHS, SCENARIOS, items, listed, load

WITNESSES = ("--all-witnesses", "3")
RUNNABLE = [path for path in PATHS if "schedule" in load(path)]


def variants(scenario):
    """The members of a scenario's family, as --variant names them."""
    vary = scenario.get("vary", {})
    for values in itertools.product(*(items(value) for value in vary.values())):
        yield ",".join(f"{name}={value}" for name, value in zip(vary, values))


def runs(path, program):
    """Every member of a scenario's family, as JSON."""
    for variant in variants(load(path)):
        which = ["--variant", variant] if variant else []
        yield json.loads(program("run", "--format", "json", *which, path).stdout)


class ScenarioRuns(ProgramTest):
    def test_the_legend_explains_each_mark_that_occurs_and_no_other(self):
        marks = {"log": r"log [01]:", "log was 1": r"log was 1:", "log stays 0": r"log stays 0:",
                 "known": r"known [01]:", "host log": r"host log [01]:", "bitmap": r"bitmap [01]:",
                 "status": r"status [A-Z]", "used dropped": r"used dropped: ", "!": r"! [a-z]"}
        seen = set()
        for path in RUNNABLE:
            with self.subTest(path):
                facts = json.loads(self.told("run", "--format", "json", path).stdout)
                changes = [change for step in facts["steps"] for change in step["changes"]]
                told = [mark for mark, form in marks.items() if any(re.match(form, c) for c in changes)]
                above = self.told("run", path).stdout.split("\npage  ")[0].rstrip("\n").split("\n\n")[-1]
                legend = above.split("\n") if told else []
                self.assertEqual([line[:12].rstrip() for line in legend], told)
                self.assertLessEqual(max(map(len, legend), default=0), 72)
                seen.update(told)
        self.assertEqual(seen, set(marks))

    def test_text_fits_a_mail(self):
        for folder, _, names in os.walk(os.path.join(ROOT, "scenarios")):
            for name in names:
                command = ["run"]
                if "schedule" not in SCENARIOS[name.removesuffix(".yaml")]:
                    command = ["explore", "--no-proof", "--nearest", "--all-witnesses", "3"]
                done = self.told(*command, os.path.join(folder, name))
                self.assertEqual(done.returncode, 0, name)
                for line in done.stdout.splitlines():
                    self.assertTrue(line.isascii(), (name, line))
                    self.assertNotIn("\t", line, name)
                    self.assertEqual(line, line.rstrip(), (name, line))
                    if not line.startswith(("Observation ", "expected: ", "    hintsim ")):
                        self.assertLessEqual(len(line), 72, (name, line))

    def test_the_json_of_every_run_is_as_documented(self):
        with open(os.path.join(ROOT, "tools", "report", "run.schema.json")) as file:
            validator = jsonschema.Draft7Validator(json.load(file))
        for path in RUNNABLE:
            facts = json.loads(self.told("run", "--format", "json", path).stdout)
            self.assertEqual([error.message for error in validator.iter_errors(facts)], [], path)

    def test_the_json_of_an_exploration_is_as_documented(self):
        with open(os.path.join(ROOT, "tools", "report", "explore.schema.json")) as file:
            schema = json.load(file)
        with open(os.path.join(ROOT, "tools", "report", "run.schema.json")) as file:
            schema["definitions"]["run"] = json.load(file)
        validator = jsonschema.Draft7Validator(schema)
        for name, scenario in SCENARIOS.items():
            if "schedule" not in scenario:
                path = next(p for p in PATHS if p.endswith(f"/{name}.yaml"))
                hints = scenario.get("queue", {}).get("free-page") != 0
                for options in (WITNESSES,) + (("--property", "hint-driver-8"),) * hints:
                    done = self.told("explore", "--format", "json", *options, path)
                    errors = list(validator.iter_errors(json.loads(done.stdout)))
                    self.assertEqual([e.message for e in errors], [], (name, options))

    def test_twins_differ_in_one_rule(self):
        names = [rule["name"] for rule in listed("rules")]
        for name, scenario in SCENARIOS.items():
            if "twin" not in scenario:
                continue
            rules = []
            for one in (name, scenario["twin"]):
                path = next(p for p in PATHS if p.endswith(f"/{one}.yaml"))
                options = () if "schedule" in SCENARIOS[one] else WITNESSES
                done = self.told("explore" if options else "run", "--format", "json", *options, path)
                rules.append(json.loads(done.stdout)["rules"])
            differ = [rule for rule in names if rules[0][rule] != rules[1][rule]]
            self.assertEqual(len(differ), 1, (name, scenario["twin"], differ))

    def test_every_step_fires_and_every_rule_value_is_used(self):
        fired = set()
        used = set()
        for path in RUNNABLE:
            for run in runs(path, self.told):
                fired |= {step["step"].split()[0] for step in run["steps"]}
                used |= set(run["rules"].items())
        self.assertEqual([s["name"] for s in listed("steps") if s["name"] not in fired], [])
        values = [(rule["name"], value) for rule in listed("rules") for value in rule["values"]
                  if rule["name"] != "log-chunk"]
        self.assertEqual([value for value in values if value not in used], [])


if __name__ == "__main__":
    unittest.main()
