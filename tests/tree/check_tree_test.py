#!/usr/bin/env python3
"""Plants one violation at a time in a small tree, and sees it found."""

import tempfile
import unittest
from pathlib import Path

from check_tree import untested_violations, violations

CLEAN = {
    "lib/include/agentstore/event.hpp": "#include <string>\n",
    "lib/include/agentstore/projection.hpp": '#include "agentstore/event.hpp"\n',
    "lib/include/agentstore/filter.hpp": '#include "agentstore/event.hpp"\n',
    "lib/include/agentstore/store.hpp": '#include "agentstore/projection.hpp"\n',
    "lib/include/agentstore/analysis.hpp": '#include "agentstore/analysis/stats.hpp"\n',
    "lib/include/agentstore/analysis/stats.hpp": '#include "agentstore/event.hpp"\n',
    "lib/include/agentstore/internal/nearest.hpp": '#include "agentstore/analysis/stats.hpp"\n',
    "lib/base/file.hpp": '#include "agentstore/event.hpp"\n',
    "lib/base/sha256.cpp": "#include <openssl/evp.h>\n",
    "lib/log/scan.hpp": '#include "base/file.hpp"\n',
    "lib/projections/session.hpp": '#include "agentstore/projection.hpp"\n',
    "lib/projections/session.cpp": '#include "projections/session.hpp"\n#include "base/file.hpp"\n',
    "lib/backends/file.hpp": '#include "log/scan.hpp"\n#include "base/file.hpp"\n',
    "lib/store.cpp": '#include "backends/file.hpp"\n#include "projections/session.hpp"\n',
    "lib/replay/diff.hpp": '#include "agentstore/store.hpp"\n#include "projections/session.hpp"\n',
    "lib/query/sql.cpp": '#include "agentstore/store.hpp"\n',
    "formats/text/b.hpp": "",
    "formats/answers/stats.hpp": '#include "formats/text/b.hpp"\n',
    "formats/table.hpp": '#include "agentstore/event.hpp"\n',
    "formats/table.cpp": '#include "formats/table.hpp"\n\n#include <fmt/format.h>\n',
    "cmd/cli.cpp": "#include <CLI/CLI.hpp>\n",
    "cmd/commands/replay.cpp": '#include "formats/table.hpp"\n#include <agentstore/store.hpp>\n'
                               "int run(Context& context, const ReplayOptions& options) {}\n",
    "cmd/input/input.hpp": '#include "cmd/words/labels.hpp"\n#include "cmd/context.hpp"\n',
    "cmd/words/labels.hpp": "#include <string>\n",
    "cmd/context.hpp": '#include "formats/table.hpp"\n',
    "tests/lib/scan_test.cpp": '#include "log/scan.hpp"\n#include <doctest/doctest.h>\n',
}

PLANTED = {
    "lib includes formats": ("lib/base/file.cpp", '#include "formats/table.hpp"'),
    "formats includes cmd": ("formats/csv.cpp", '#include "cmd/cli.cpp"'),
    "formats looks behind the public headers": ("formats/csv.cpp", '#include "base/file.hpp"'),
    "cmd looks behind the public headers": ("cmd/stats.cpp", '#include "log/scan.hpp"'),
    "formats/text includes formats/answers": (
        "formats/text/a.cpp", '#include "formats/answers/stats.hpp"'),
    "a room of formats that nobody knows": ("formats/misc/a.cpp", '#include "formats/text/b.hpp"'),
    "cmd/words includes cmd/input": ("cmd/words/a.cpp", '#include "cmd/input/input.hpp"'),
    "a room of cmd that nobody knows": ("cmd/misc/a.cpp", '#include "cmd/input/input.hpp"'),
    "base includes log": ("lib/base/file.cpp", '#include "log/scan.hpp"'),
    "base includes log, seen from its own folder": ("lib/base/a.cpp", '#include "../log/scan.hpp"'),
    "log includes projections": ("lib/log/append.cpp", '#include "projections/session.hpp"'),
    "log includes a public projection": ("lib/log/append.cpp", "#include <agentstore/projection.hpp>"),
    "log includes a filter": ("lib/log/append.cpp", '#include "agentstore/filter.hpp"'),
    "backends include the front door": ("lib/backends/a.cpp", '#include "agentstore/store.hpp"'),
    "backends include projections": ("lib/backends/a.cpp", '#include "projections/session.hpp"'),
    "a projection includes the store": ("lib/projections/a.cpp", '#include "agentstore/store.hpp"'),
    "a projection includes log": ("lib/projections/a.cpp", '#include "log/scan.hpp"'),
    "a projection reads the clock": ("lib/projections/a.cpp", "#include <chrono>"),
    "the log's headers include the analysis": (
        "lib/include/agentstore/store.hpp", '#include "agentstore/analysis/stats.hpp"'),
    "an installed header includes one that is not": (
        "lib/include/agentstore/analysis/stats.hpp", '#include "agentstore/internal/nearest.hpp"'),
    "the store includes replay": ("lib/store.hpp", '#include "replay/diff.hpp"'),
    "replay includes query": ("lib/replay/a.cpp", '#  include "query/sql.cpp"'),
    "a room that nobody knows": ("lib/misc/a.cpp", '#include "base/file.hpp"'),
    "a header that is not there": ("lib/log/append.cpp", '#include "base/lost.hpp"'),
    "a second file includes CLI11": ("cmd/stats.cpp", "#include <CLI/CLI.hpp>"),
    "fmt in a header": ("formats/csv.hpp", "#include <fmt/format.h>"),
    "fmt in the library": ("lib/base/file.cpp", "#include <fmt/format.h>"),
    "a system call outside its file": ("lib/log/append.cpp", "#include <unistd.h>"),
    "simdjson outside its adapter": ("lib/base/json.cpp", "#include <simdjson.h>"),
    "a public header with a third party's": (
        "lib/include/agentstore/analysis/stats.hpp", "#include <openssl/evp.h>"),
    "a public header with a platform's": (
        "lib/include/agentstore/analysis/stats.hpp", "#include <unistd.h>"),
    "a test that no seed repeats": ("tests/lib/a_test.cpp", "auto seed = std::random_device{}();"),
    "a test that reads the clock": ("tests/lib/a_test.cpp", "auto t = std::chrono::steady_clock::now();"),
    "a path of one machine": ("README.md", "run it in /" + "home/me/agentstore"),
}


def plant(root, files):
    for path, text in files.items():
        file = Path(root, path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


class CheckTree(unittest.TestCase):
    def test_a_clean_tree_has_no_violation(self):
        with tempfile.TemporaryDirectory() as root:
            plant(root, CLEAN)
            self.assertEqual(violations(root), [])

    def test_only_subcommands_stand_among_the_commands(self):
        with tempfile.TemporaryDirectory() as root:
            plant(root, CLEAN | {"cmd/commands/helper.cpp": "int help() { return 0; }\n"})
            self.assertEqual(violations(root), ["cmd/commands/helper.cpp:1: is not a subcommand"])

    def test_the_top_of_the_project_is_short(self):
        with tempfile.TemporaryDirectory() as root:
            plant(root, CLEAN | {"scripts/release.sh": "", "build/x": "", ".ci/run": "", "LICENSE": ""})
            self.assertEqual(violations(root),
                             ["scripts:1: does not belong at the top of the project"])

    def test_a_source_without_a_test_is_found_and_so_is_a_test_that_is_gone(self):
        sources = {"lib/base/a.cpp": "", "lib/base/b.cpp": "", "formats/c.cpp": "",
                   "tests/lib/base/a_test.cpp": "", "tests/formats/c_test.cpp": ""}
        with tempfile.TemporaryDirectory() as root:
            plant(root, sources)
            root = Path(root)
            self.assertEqual([*untested_violations(root, {})],
                             ["lib/base/b.cpp:1: has no test file, and TESTED_BY names none"])
            named = {"lib/base": {"tests/lib/base/a_test.cpp": "b"}}
            self.assertEqual([*untested_violations(root, named)], [])
            gone = {"lib/base": {"tests/lib/base/z_test.cpp": "b"}}
            self.assertEqual(len([*untested_violations(root, gone)]), 1)

    def test_each_violation_is_found_and_located(self):
        for what, (path, line) in PLANTED.items():
            with self.subTest(what), tempfile.TemporaryDirectory() as root:
                plant(root, CLEAN | {path: f"// first\n{line}\n"})
                found = violations(root)
                self.assertEqual(len(found), 1, found)
                self.assertTrue(found[0].startswith(f"{path}:2: "), found)


if __name__ == "__main__":
    unittest.main()
