#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""No cell of a table in the prose is longer than a reader can hold.

usage: check_tables.py ROOT
"""
import pathlib
import re
import sys

CELL_MAX = 400
ROWS_MIN = 300  # that there are; fewer, and this looked at less than it should


def rows(path):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.startswith("|"):
            yield number, re.split(r"(?<!\\)\|", line)[1:-1]


def main():
    root = pathlib.Path(sys.argv[1])
    problems, seen = [], 0
    for path in [*sorted(root.glob("*.md")), *sorted((root / "spec").rglob("*.md"))]:
        for number, cells in rows(path):
            seen += 1
            longest = max(map(len, cells), default=0)
            if longest > CELL_MAX:
                problems.append(f"{path}:{number}: a cell of {longest} characters")
    print("\n".join(problems) or f"{seen} rows, no cell over {CELL_MAX} characters")
    return 1 if problems or seen < ROWS_MIN else 0


if __name__ == "__main__":
    sys.exit(main())
