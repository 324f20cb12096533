# SPDX-License-Identifier: BSD-3-Clause
"""The scenarios of the repository, as they are written: valid, complete, in pairs."""
import glob
import json
import os
import subprocess
import unittest

import jsonschema
import yaml

from program import GOOD, PROGRAM, ROOT, ProgramTest

PATHS = sorted(glob.glob(os.path.join(ROOT, "scenarios", "**", "*.yaml"), recursive=True))


def listed(what):
    return json.loads(subprocess.check_output([PROGRAM, "list", "--format", "json", what]))


def load(path):
    # Scalars stay text but for numbers, as hintsim reads them: on and off are no booleans.
    class Loader(yaml.SafeLoader):
        pass
    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag == "tag:yaml.org,2002:int"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}
    with open(path) as file:
        return yaml.load(file, Loader)


SCENARIOS = {os.path.basename(path)[:-5]: load(path) for path in PATHS}


LOSSES = {"dirty-page-lost", "page-corrupted", "value-broken", "page-stuck", "guest-stalled",
          "request-unanswered"}


def items(value):
    return value if isinstance(value, list) else [value]


class Scenarios(ProgramTest):
    def test_names_are_unique_and_there_are_enough(self):
        self.assertEqual(len(SCENARIOS), len(PATHS))
        self.assertGreaterEqual(len(PATHS), 24)

    def test_all_validate_against_the_schema(self):
        with open(os.path.join(ROOT, "tools", "scenario", "scenario.schema.json")) as file:
            schema = json.load(file)
        jsonschema.Draft7Validator.check_schema(schema)
        validator = jsonschema.Draft7Validator(schema)
        for name, scenario in SCENARIOS.items():
            errors = [error.message for error in validator.iter_errors(scenario)]
            self.assertEqual(errors, [], name)

    def test_the_schema_refuses_what_hintsim_refuses(self):
        with open(os.path.join(ROOT, "tools", "scenario", "scenario.schema.json")) as file:
            validator = jsonschema.Draft7Validator(json.load(file))
        good = {"name": "x", "question": "?", "schedule": ["app.free 0", "..."]}
        self.assertTrue(validator.is_valid(good))
        for key, value in {"nonsense": 1, "memory": {"pages": 65}, "schedule": ["app.free"],
                           "guest": {"preset": "linux-9"}, "queue": {"free-page": 3},
                           "expect": {"run": "dirty"}, "clauses": ["hint-driver-99"]}.items():
            self.assertFalse(validator.is_valid({**good, key: value}), key)

    def test_schema_and_hintsim_take_the_same_empty_lists(self):
        with open(os.path.join(ROOT, "tools", "scenario", "scenario.schema.json")) as file:
            schema = json.load(file)
        validator = jsonschema.Draft7Validator(schema)

        def lists(part, place):
            """Where an empty list may be tried: each place as a function that puts a value there."""
            if part.get("type") == "array":
                yield place
                yield from lists(part["items"], lambda value: place([value]))
            for inner in part.get("oneOf", []) + part.get("anyOf", []):
                yield from lists(inner, place)
            needed = {"is": "safe"} if "is" in part.get("properties", {}) else {}
            for key, inner in part.get("properties", {}).items():
                yield from lists(inner, lambda value, key=key: place({**needed, key: value}))

        good = yaml.safe_load(GOOD)
        tried, taken = set(), set()
        for place in lists(schema, lambda value: value):
            scenario = {**good, **place([])}
            text = json.dumps(place([]))
            tried.add(text)
            done = self.hintsim("run", self.write(json.dumps(scenario)))
            self.assertEqual(validator.is_valid(scenario), done.returncode != 2, (text, done.stderr))
            if done.returncode == 2:
                self.assertRegex(done.stderr, "the list is empty|1 to 64 values", text)
            else:
                taken.add(text)
        self.assertGreaterEqual(len(tried), 9 + len(listed("rules")) + 9)
        self.assertEqual(taken, {'{"memory": {"free": []}}'})

    def test_schema_and_hintsim_refuse_values_that_vary_twice(self):
        with open(os.path.join(ROOT, "tools", "scenario", "scenario.schema.json")) as file:
            validator = jsonschema.Draft7Validator(json.load(file))
        good = yaml.safe_load(GOOD)
        for vary, twice in (({"release": ["any-time", "after-done"]}, "after-done"), ({"pages": [2, 3]}, 3),
                            ({"free-page": [2, 4]}, 4), ({"log-chunk": [1, 2]}, 2)):
            (name, values), = vary.items()
            for doubled in ([], [twice]):
                scenario = {**good, "vary": {name: values + doubled}}
                done = self.hintsim("run", self.write(json.dumps(scenario)))
                self.assertEqual(done.returncode, 2 if doubled else 0, done.stderr)
                self.assertEqual(validator.is_valid(scenario), not doubled)
                if doubled:
                    self.assertIn(f"vary: {name}: '{twice}' stands twice", done.stderr)

    def test_the_schema_is_fresh_and_describes_every_key(self):
        make = os.path.join(ROOT, "tools", "scenario", "make-schema")
        with open(os.path.join(ROOT, "tools", "scenario", "scenario.schema.json")) as file:
            text = file.read()
        made = subprocess.check_output(["/usr/bin/python3", make, PROGRAM], text=True)
        self.assertEqual(made, text, "build the target regenerate")

        def walk(schema, place):
            for key, value in schema.get("properties", {}).items():
                inner = value if "description" in value else value.get("oneOf", [{}])[0]
                self.assertIn("description", inner, f"{place}.{key}")
                walk(value, f"{place}.{key}")
        walk(json.loads(text), "scenario")

    def test_every_one_expects_something(self):
        for name, scenario in SCENARIOS.items():
            expects = scenario.get("expect", {})
            self.assertTrue(expects, name)
            self.assertEqual("schedule" in scenario, "run" in expects, name)

    def test_the_schema_of_an_exploration_describes_every_key(self):
        def walk(schema, place):
            for key, value in schema.get("properties", {}).items():
                self.assertTrue("description" in value or "$ref" in value, f"{place}.{key}")
                walk(value, f"{place}.{key}")
            for inner in schema.get("oneOf", []) + [schema[k] for k in ("items",) if k in schema]:
                walk(inner, place)
        with open(os.path.join(ROOT, "tools", "report", "explore.schema.json")) as file:
            schema = json.load(file)
        for name, part in {"exploration": schema, **schema["definitions"]}.items():
            walk(part, name)

    def test_a_race_and_its_fixed_twin_are_explored_with_opposite_answers(self):
        opposite = 0
        for name, scenario in SCENARIOS.items():
            twin = SCENARIOS.get(scenario.get("twin"), {})
            found, saved = (one.get("expect", {}).get("explore", {}) for one in (scenario, twin))
            broken = items(scenario["expect"].get("run", "safe"))
            for prop in found.keys() & saved.keys() & set(map(str, broken)):
                self.assertIn(found[prop], ("sometimes", "always"), (name, prop))
                self.assertEqual(saved[prop], "none-within", (name, prop))
                opposite += 1
        self.assertGreaterEqual(opposite, 30)

    def test_every_bad_outcome_has_a_twin_where_nothing_is_lost(self):
        for name, scenario in SCENARIOS.items():
            broken = [word for word in items(scenario["expect"].get("run", "safe")) if isinstance(word, str)]
            if not set(broken) & LOSSES:
                continue
            self.assertIn("twin", scenario, name)
            twin = SCENARIOS[scenario["twin"]]
            # Safe; but for what the driver does wrong in both, as long as nothing is lost by it.
            wrong = set(items(twin["expect"]["run"])) - {"safe"}
            self.assertLessEqual(wrong, {word for word in broken if word.startswith("hint-driver-")}, name)

    def test_every_preset_is_used(self):
        used = {scenario.get(side, {}).get("preset") for scenario in SCENARIOS.values()
                for side in ("guest", "host")}
        self.assertEqual([p["name"] for p in listed("presets") if p["name"] not in used], [])


if __name__ == "__main__":
    unittest.main()
