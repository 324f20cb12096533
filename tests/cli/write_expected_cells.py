# SPDX-License-Identifier: BSD-3-Clause
"""Write examples/matrix.expect.yaml anew, from what hintsim says of every cell.  The commit says why each
verdict that changes is right."""
import json
import os
import subprocess
import sys

HEAD = """# What is expected of every guest with every host, for
#
#     hintsim matrix --expect examples/matrix.expect.yaml
#
# which ends with status 1 if a verdict is another, and with 3 if one is Unknown (spec/proof.md).
"""


def main():
    hintsim, path = sys.argv[1:]
    done = subprocess.run([hintsim, "matrix", "--format", "json"], stdout=subprocess.PIPE, text=True)
    lines = []
    for cell in json.loads(done.stdout)["cells"]:
        verdicts = {one["property"]: one["verdict"].lower() for one in cell["verdicts"]}
        if "unknown" in verdicts.values():
            sys.exit(f"{cell['cell']}: {verdicts}: Unknown cannot be expected")
        words = ", ".join(f"{name}: {verdict}" for name, verdict in verdicts.items())
        lines.append(f"{cell['cell']}:\n  {{{words}}}\n")
    with open(path + ".part", "w") as file:
        file.write(HEAD + "".join(lines))
    os.replace(path + ".part", path)


if __name__ == "__main__":
    main()
