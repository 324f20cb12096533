# SPDX-License-Identifier: BSD-3-Clause
"""hintsim matrix --cell beside the whole matrix: cells of each guest and each host, or with --all every
one."""
import json
import sys
import unittest

from cells import CellsTest

ALL = "--all" in sys.argv


class Cells(CellsTest):
    def test_a_cell_is_what_the_table_says(self):
        presets = json.loads(self.hintsim("list", "--format", "json", "presets").stdout)
        guests = [preset["name"] for preset in presets if preset["side"] == "guest" and preset["hints"]]
        hosts = [preset["name"] for preset in presets if preset["side"] == "host" and preset["hints"]]
        self.assertEqual(len(guests) + len(hosts), sum(preset["hints"] for preset in presets))
        if ALL:
            wanted = {f"{guest}*{host}" for guest in guests for host in hosts}
        else:
            wanted = {f"{guests[i % len(guests)]}*{hosts[i % len(hosts)]}"
                      for i in range(max(len(guests), len(hosts)))}
        checked = self.assert_cells_are_the_tables((), lambda cell: cell["cell"] in wanted)
        self.assertEqual(checked, len(wanted))


if __name__ == "__main__":
    unittest.main(argv=[argument for argument in sys.argv if argument != "--all"])
