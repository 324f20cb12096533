#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""State below, table above: no file includes one that stands above it, so there is no circle.

usage: check_arrows.py ROOT

The floors of model/, from the ground up, are the list below; a file of tools/ may include files of
its own room, of model/, and of the rooms that stand before its own.  tools/drive knows the model as
others do, through hintmodel.h.
"""
import pathlib
import re
import sys

MODEL = """refusal needs sizes rules presets steps properties state
           dirty_log page buddy virtqueue bitmap device driver migration app
           world hintmodel""".split()
ROOMS = "base drive explore graph scenario prove trace judge draw report hintsim".split()
# What a room may see of model/, if it is not all.
SEES = {"drive": {"hintmodel.h"}}
INCLUDE = re.compile(r'^#include "([\w.]+)"', re.MULTILINE)


def included(path):
    return INCLUDE.findall(path.read_text())


def model_problems(root):
    for path in sorted((root / "model").iterdir()):
        if path.suffix not in (".c", ".h", ".def"):
            continue
        if path.suffix == ".def":
            if included(path):
                yield f"{path}: a table includes nothing"
            continue
        if path.stem not in MODEL:
            yield f"{path}: is on no floor; say where it stands in tests/house/check_arrows.py"
            continue
        for name in included(path):
            stem = name.split(".")[0]
            if name.endswith(".def") and (path.parent / name).exists():
                continue
            if stem not in MODEL:
                yield f"{path}: {name} is no file of model/"
            elif MODEL.index(stem) > MODEL.index(path.stem):
                yield f"{path}: {name} stands above it"


def tools_problems(root):
    places = {p.name: "model" for p in (root / "model").glob("*.h")}
    rooms = [p.name for p in sorted((root / "tools").iterdir()) if list(p.glob("*.c"))]
    for room in rooms:
        if room not in ROOMS:
            yield f"tools/{room}: is no room; say where it stands in tests/house/check_arrows.py"
        places.update({p.name: room for p in (root / "tools" / room).glob("*.h")})
    places["version.h"] = "hintsim"  # made as hintsim is built
    for room in set(rooms) & set(ROOMS):
        below = ROOMS[: ROOMS.index(room) + 1] + ["model"]
        for path in sorted((root / "tools" / room).glob("*.[ch]")):
            for name in included(path):
                if name.endswith(".def") and (path.parent / name).exists():
                    continue
                if places.get(name) not in below:
                    yield f"{path}: {name} stands above tools/{room}"
                elif places[name] == "model" and name not in SEES.get(room, {name}):
                    yield f"{path}: tools/{room} asks the model through {SEES[room]} alone"


def main():
    root = pathlib.Path(sys.argv[1])
    seen = len(list((root / "model").glob("*.[ch]")))
    problems = list(model_problems(root)) + list(tools_problems(root))
    print("\n".join(problems) or f"{seen} files of model/, and no arrow runs back up")
    return 1 if problems or seen < 2 * len(MODEL) - 8 else 0


if __name__ == "__main__":
    sys.exit(main())
