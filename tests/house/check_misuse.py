#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Does the test of misuse call every public function of the model that can be called wrongly?

usage: check_misuse.py ROOT MISUSE

Each argument that is a world must have been one that is not there, and each pointer must have been
NULL, unless its function allows that.  A set of rules cannot be out of range by its type.  Guards and
effects are called by the test through the table of steps.
"""
import pathlib
import re
import subprocess
import sys

# Return type, name, arguments; definitions in headers as well as declarations.
FUNCTION = re.compile(
    r"^(?:static inline )?(?:const )?(?:struct |enum |unsigned )?\w+\s\*?((?:hs|hintmodel)_\w+)\(([^()]*)\)(?=[;\n])",
    re.MULTILINE,
)
OF_THE_TESTS = {"hs_guard_dropped"}  # tests/mutation has it
# Anything will do: behind the last name there is none, and a world that is none has no page.
ANYTHING = {"hs_has_page", "hintmodel_step_name", "hintmodel_field_name",
            "hintmodel_field_meaning", "hintmodel_field_most", "hintmodel_property_name"}
# What may be NULL: a refusal that nobody reads, and the presets of whoever has none.
MAY_BE_NULL = re.compile(r"^(struct hs_refusal \*why|const char \*(guest|host))$")
HARMLESS = re.compile(r"^(void|(const )?struct hs_rules \*?\w+)$")

# An effect, two functions behind public ones, and the readers of three rules: rules.def makes those.
OTHERS = {"hs_driver_give_back", "view", "inside"} | {
    f"hs_{reader}_{rule}" for reader in ("rule", "rules")
    for rule in ("release", "shrinker", "log_chunk")}


def public_functions(root):
    for path in sorted((root / "model").glob("*.h")):
        text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
        text = re.sub(r"__attribute__\(\(format\([^)]*\)\)\) ", "", text)
        text = re.sub(r"^#define.*?(?<!\\)\n", "", text, flags=re.MULTILINE | re.DOTALL)
        for name, arguments in FUNCTION.findall(text):
            if name in OF_THE_TESTS | ANYTHING:
                continue
            yield path.name, name, [a.strip() for a in arguments.split(",") if a.strip() != "..."]


def is_missing(argument, given):
    """Was the argument never wrong in this way, in all that was given in its place?"""
    if re.match(r"struct hs_world \w+$", argument):
        return "nowhere" not in given
    if "*" in argument and not MAY_BE_NULL.match(argument):
        return not given & {"NULL", "NULL_FORMAT"}
    return False


def arguments_of(call):
    """The arguments of a call of one function, without those of calls in them."""
    inside = call[call.index("(") + 1:call.rindex(")")]
    while (flat := re.sub(r"[({][^(){}]*[)}]", "", inside)) != inside:
        inside = flat
    return [argument.strip() for argument in inside.split(",")]


def main():
    root, misuse = pathlib.Path(sys.argv[1]), sys.argv[2]
    rows = [line.split("\t") for line in subprocess.run(
        [misuse, "list"], check=True, capture_output=True, text=True).stdout.splitlines()]
    calls = {}
    for function, call in rows:
        if call.startswith(f"{function}("):
            calls.setdefault(function, []).append(arguments_of(call))
    called = {function for function, _ in rows}
    functions = list(public_functions(root))
    missing = [f"{file}: {name}: no misuse"
               for file, name, arguments in functions
               if name not in called and not all(map(HARMLESS.match, arguments))]
    for file, name, arguments in functions:
        missing += [f"{file}: {name}: no misuse of '{argument}' that is not there"
                    for place, argument in enumerate(arguments)
                    if is_missing(argument, {given[place] for given in calls.get(name, [])})]
    unknown = called - {name for _, name, _ in functions} - OTHERS
    missing += [f"misuse.def: {name} is no public function" for name in sorted(unknown)]
    misused = called & {name for _, name, _ in functions}
    print("\n".join(missing) or f"{len(functions)} public functions, {len(misused)} of them misused")
    return 1 if missing or len(functions) < 60 else 0


if __name__ == "__main__":
    sys.exit(main())
