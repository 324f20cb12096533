#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Every refusal of model/ says what must hold: it completes "it is possible ..." (refusal.h).

usage: check_refusals.py ROOT
"""
import pathlib
import re
import sys

FORM = re.compile(r"only (while|after|right after|if|with) [^().;:]+( \([^()]+\)|%s)?")
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')
GUARDS_LEAST = 120


def call_at(text, start):
    """What stands in the parentheses that open at `start`; a parenthesis in a string is text."""
    depth, at = 0, start
    while True:
        if text[at] == '"':
            at = LITERAL.match(text, at).end()
            continue
        depth += (text[at] == "(") - (text[at] == ")")
        at += 1
        if not depth:
            return text[start + 1:at - 1]


def words_of(call):
    """The first string of a call, put together from its pieces; None if it has none."""
    first = LITERAL.search(call)
    if not first:
        return None
    words, rest = first.group(1), call[first.end():]
    while more := re.match(r'\s*"((?:[^"\\]|\\.)*)"', rest):
        words, rest = words + more.group(1), rest[more.end():]
    return words


def fits(words):
    return words is not None and FORM.fullmatch(words) is not None


def main():
    root = pathlib.Path(sys.argv[1])
    assert fits("only while page %u is free") and fits("only after a sync (phase: %s)")
    assert not fits("page %u is not free") and not fits("only while page %u is free.")
    assert not fits("only page %u") and not fits("only if (phase: %s) it is so")
    problems, seen = [], 0
    for path in sorted((root / "model").glob("*.c")):
        text = path.read_text()
        for match in re.finditer(r"\b(?:HS_NEED|hs_refuse)\(", text):
            if text[:match.start()].endswith("bool "):
                continue  # hs_refuse itself
            words = words_of(call_at(text, match.end() - 1))
            seen += 1
            if not fits(words):
                line = text.count("\n", 0, match.start()) + 1
                problems.append(f"{path}:{line}: '{words}' does not complete 'it is possible ...'")
    print("\n".join(problems) or f"{seen} guards, and each says what must hold")
    return 1 if problems or seen < GUARDS_LEAST else 0


if __name__ == "__main__":
    sys.exit(main())
