# SPDX-License-Identifier: BSD-3-Clause
"""hintsim matrix --cell: every cell of the whole matrix."""
import json
import unittest

from cells import CellsTest


class Cells(CellsTest):
    def test_a_cell_is_what_the_table_says(self):
        presets = json.loads(self.hintsim("list", "--format", "json", "presets").stdout)
        guests = sum(preset["side"] == "guest" for preset in presets)
        hosts = sum(preset["side"] == "host" for preset in presets)
        self.assertEqual(guests + hosts, len(presets))
        guests -= 1  # virtio-win does not hint
        self.assertEqual(self.assert_cells_are_the_tables(()), guests * hosts)


if __name__ == "__main__":
    unittest.main()
