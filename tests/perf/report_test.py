"""The report of the benchmarks: what is kept, what is named as missing, what is drawn."""

import tempfile
import unittest
import xml.etree.ElementTree as xml
from pathlib import Path

from support import plot, report

SVG = "{http://www.w3.org/2000/svg}"


def row(**values):
    return {"work": "count", "ours": 10.0, "unit": "ms", "peer": "rg -c", "peer_value": 20.0,
            "ratio": 2.0, "aim": 1.5, "state": "r", "note": "", **values}


class Report(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def written(self, **found):
        for name, lines in found.items():
            report.save(self.folder, {"benchmark": name, "date": "2026-11-21", "machine": {}}, lines)
        report.write(self.folder, ["first", "second"])
        return (self.folder / "RESULTS.md").read_text(encoding="utf-8")

    def test_a_row_shows_its_ratio_and_whether_it_met_its_aim(self):
        text = self.written(first=[row(), row(work="sum", ratio=1.2)])
        self.assertIn("| count (r) | 10 ms | rg -c: 20 | 2.00× | 1.50× | yes |  |", text)
        self.assertIn("| sum (r) | 10 ms | rg -c: 20 | 1.20× | 1.50× | **no** |  |", text)

    def test_a_peer_that_is_missing_is_named(self):
        text = self.written(first=[row(peer_value=None, ratio=None)])
        self.assertIn("| rg -c: missing |  | 1.50× |  |", text)

    def test_a_benchmark_measured_again_leaves_the_others(self):
        self.written(second=[row(work="kept")], first=[row(work="old")])
        text = self.written(first=[row(work="new")])
        self.assertIn("| kept (r)", text)
        self.assertNotIn("| old (r)", text)
        self.assertLess(text.index("## first"), text.index("## second"))

    def test_series_of_several_benchmarks_share_a_plot(self):
        curve = {"plot": "scan time", "x_label": "MB", "y_label": "ms", "points": [[1, 1], [10, 5]]}
        self.written(first=[{**curve, "series": "ours"}], second=[{**curve, "series": "a < b"}])
        drawn = xml.parse(self.folder / "scan-time.svg")
        self.assertEqual(2, len(drawn.findall(SVG + "polyline")))
        self.assertIn("a < b", [it.text for it in drawn.findall(SVG + "text")])


class Plot(unittest.TestCase):
    def test_an_axis_covers_whole_decades(self):
        axis = plot.Axis([20, 3000], 100, 400)
        self.assertEqual([10, 100, 1000, 10000], axis.decades())
        self.assertAlmostEqual(200, axis.at(100))

    def test_labels_never_overlap(self):
        self.assertEqual([10, 25, 40], plot.spread([10, 10, 11]))


if __name__ == "__main__":
    unittest.main()
