#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What tools/base has is written there, and nowhere else in tools/.

usage: check_once.py ROOT
"""
import pathlib
import re
import sys

# What is looked for, and which file of tools/base has it instead.
ONCE = {
    r"\bclock_gettime\(": "clock.h: one clock",
    r"\bpthread_create\(": "crew.h: one crew of threads",
    r"\brename\(": "file.h: whole files",
    r"\bmkstemp\(": "file.h: whole files",
    r"\bexit\(EXIT_FAILURE\)|\bperror\(": "error.h: errors",
    r"\bsnprintf\(\s*\w+ \+ ": "text.h: text with bounds",
}


def main():
    root = pathlib.Path(sys.argv[1])
    problems, seen = [], 0
    for path in sorted((root / "tools").glob("*/*.[ch]")):
        text = path.read_text()
        seen += 1
        for pattern, where in ONCE.items():
            if path.parent.name == "base":
                continue
            for match in re.finditer(pattern, text):
                line = text.count("\n", 0, match.start()) + 1
                problems.append(f"{path}:{line}: '{match.group(0)}': tools/base/{where}")
    for pattern, where in ONCE.items():
        file = root / "tools" / "base" / where.split(":")[0].replace(".h", ".c")
        if not file.exists():
            problems.append(f"{file}: is not there")
    print("\n".join(problems) or f"{seen} files, and nothing of tools/base is written again")
    return 1 if problems or seen < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
