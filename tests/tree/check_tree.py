#!/usr/bin/env python3
"""Keeps the arrows of the source tree: who may include whom, and what no file may say.

    check_tree.py ROOT     prints each violation as FILE:LINE: what; exit status 1 if there is one
"""

import re
import sys
from pathlib import Path

# A room may include itself and these. An arrow is followed all the way: backends -> log -> base.
ARROWS = {
    "base": set(),
    "log": {"base"},
    "projections": {"base"},
    "backends": {"log", "base"},
    "store": {"backends", "log", "projections", "base"},
    "replay": {"store", "backends", "log", "projections", "base"},
    "query": {"store", "backends", "log", "projections", "base"},
    "formats": set(),
    "cmd": {"formats"},
}

# The rooms within a room, from the ground up: each may include those before it, and what stands at
# the top of all.
FLOORS = {
    "cmd": ["flags", "words", "input", "import", "keep", "search", "totals", "gates", "audit", "replay",
            "rerun", "restore", "commands"],
    "formats": ["text", "sources", "events", "exports", "answers", "page"],
}

# Public headers are everyone's, except those above a room.
ABOVE_LOG = {"projection.hpp", "stats.hpp", "store.hpp", "reader.hpp", "filter.hpp", "parts.hpp",
             "upcast.hpp", "point.hpp"}
PUBLIC_FORBIDDEN = {
    "base": ABOVE_LOG,
    "log": ABOVE_LOG,
    "projections": {"store.hpp"},
    "backends": {"store.hpp", "parts.hpp", "point.hpp"},
}

# The public headers' own arrows: what embedders get knows nothing of what is installed nowhere, and
# the log's part nothing of the analysis.
PUBLIC_ROOMS = {"": {""}, "analysis": {"", "analysis"}, "internal": {"", "analysis", "internal"}}

# Third-party headers and the platform's, by how they begin, and the only files that may include
# them. The library's system calls stand in one file.
KEPT_APART = {
    "CLI/": r"cmd/cli\.cpp",
    "re2/": r"cmd/.*\.cpp|formats/exports/secrets\.cpp",
    "zlib.h": r"cmd/input/inflate\.cpp|formats/page/packed\.cpp|tests/.*",
    "zstd.h": r"cmd/input/inflate\.cpp|lib/base/zstd_frames\.cpp|tests/.*",
    "fmt/": r"(cmd|formats)/.*\.cpp",
    "utf8proc.h": r"formats/.*\.cpp",
    "openssl/": r"lib/.*\.cpp",
    "sqlite3.h": r"lib/query/.*\.cpp|lib/backends/sqlite.*\.cpp|"
                 r"tests/lib/backends/.*|tests/perf/.*",
    "simdjson": r"lib/base/foreign_json\.cpp|tests/.*",
    "doctest/": r"tests/.*",
    "unistd.h": r"lib/base/system\.cpp|cmd/.*\.cpp|tests/.*",
    "dirent.h": r"lib/base/system\.cpp|tests/.*",
}

# What tests may say in one place alone, or nowhere: a run has to come out the same the next time.
TEST_TEXTS = {
    r"random_device": r"tests/support/seed\.hpp|tests/perf/.*",
    r"(steady|system)_clock|sleep_for": r"tests/(perf|reliability|fuzz|support)/.*",
}

# A source file of lib or formats has a test file of its own, tests/ROOM/NAME_test.cpp, or is tested
# through what it is a part of, by what stands here.
TESTED_BY = {
    "formats/answers": {
        "tests/cli/test_audit_formats.py": "audit audit_ci audit_json",
        "tests/cli/test_bisect.py": "bisect",
        "tests/cli/test_blame.py": "blame",
        "tests/cli/test_changes.py": "changes",
        "tests/cli/test_damage.py": "repair",
        "tests/cli/test_diff.py": "diff diff_json diff_stat",
        "tests/cli/test_find.py": "find",
        "tests/cli/test_help.py": "overview",
        "tests/cli/test_identity.py": "explain",
        "tests/cli/test_import.py": "import",
        "tests/cli/test_keep.py": "keep",
        "tests/cli/test_restore.py": "restore",
        "tests/cli/test_rerun.py": "rerun_made rerun_pages rerun_text",
        "tests/formats/answers/rerun_test.cpp": "rerun_words",
        "tests/cli/test_vocabulary.py": "absent",
        "tests/cli/test_whatif.py": "whatif",
        "tests/formats/answers/context_test.cpp": "context_text",
        "tests/formats/answers/show_test.cpp": "facts show_body show_json",
        "tests/formats/answers/stats_test.cpp": "stats_json",
    },
    "formats/events": {
        "tests/cli/test_projections.py": "fields",
        "tests/formats/events/summary_test.cpp": "summary_llm summary_tool values",
        "tests/formats/events/timeline_test.cpp": "excerpt held_rows outcome time_column total_text",
    },
    "formats/text": {
        "tests/cli/test_upcasts.py": "rules",
        "tests/formats/answers/sessions_test.cpp": "session_text",
        "tests/formats/answers/stats_test.cpp": "figures",
        "tests/formats/text/table_test.cpp": "fmt paint table_layout",
    },
    "formats/page": {
        "tests/formats/page/session_page_test.cpp": "details html packed page_kind session_facts "
                                                    "session_frame",
        "tests/formats/page/time_axis_test.cpp": "charts overview_page waterfall",
    },
    "formats/sources": {
        "tests/cli/test_find.py": "made_texts",
        "tests/formats/sources/claude_code_test.cpp":
            "claude_record claude_run claude_talk claude_usage event_maker usage",
        "tests/formats/sources/claude_today_test.cpp": "claude_attachments",
        "tests/formats/sources/codex_test.cpp": "codex_record",
        "tests/formats/sources/codex_today_test.cpp": "codex_history codex_items codex_tokens",
        "tests/formats/sources/records_test.cpp": "tally",
        "tests/formats/sources/transcript_test.cpp": "other_formats table",
    },
    "lib/backends": {
        "tests/lib/backends/file_test.cpp":
            "checkpoint_files session_files session_names session_writers snapshot_files",
        "tests/lib/backends/memory_test.cpp": "memory_log",
        "tests/lib/backends/postgres_test.cpp":
            "postgres_address postgres_connection postgres_database postgres_line postgres_pick "
            "postgres_snapshots postgres_store postgres_store_write row_selection",
        "tests/lib/backends/sqlite_test.cpp": "row_sessions sqlite_database sqlite_store "
                                             "sqlite_store_write sqlite_snapshots",
        "tests/cli/test_postgres.py":
            "postgres postgres_append postgres_checks postgres_feed postgres_functions "
            "postgres_library postgres_schema postgres_views",
        "tests/cli/test_postgres_trouble.py": "postgres_errors",
        "tests/cli/test_feed.py": "feed",
        "tests/cli/test_import.py": "cached_text",
        "tests/cli/test_sqlite.py": "sqlite_line sqlite_schema",
        "tests/lib/backends/session_list_test.cpp": "folder_caches session_entries session_records",
        "tests/lib/store/caches_test.cpp": "check_list session_cache",
        "tests/lib/backends/source_files_test.cpp": "source_framer source_redaction source_versions",
        "tests/lib/log/scrub_test.cpp": "derived_files",
    },
    "lib/base": {
        "tests/cli/test_caches.py": "user_cache_key",
        "tests/cli/test_known_files.py": "file_stamp user_cache",
        "tests/cli/test_upcasts.py": "rule_files",
        "tests/lib/log/source_scrub_test.cpp": "record_digest",
        "tests/lib/log/spilled_lines_test.cpp": "temporary_file",
    },
    "lib/log": {
        "tests/lib/backends/loss_test.cpp": "due_events",
        "tests/lib/log/fast_parse_test.cpp": "stored_form",
        "tests/lib/log/salvage_test.cpp": "quarantine repairer salvaged_event",
        "tests/lib/log/scrub_test.cpp": "redaction redactor",
        "tests/lib/log/seek_test.cpp": "run tail",
        "tests/lib/log/torn_end_test.cpp": "line_beginning",
        "tests/lib/log/vectors_test.cpp": "encode",
        "tests/lib/log/verify_test.cpp": "chunk verification verify_clean",
        "tests/lib/log/writer_test.cpp":
            "append_validator assemble file_source import_lines log_lock",
    },
    "lib/projections": {
        "tests/lib/projections/money_test.cpp": "amount balance pnl portfolio",
        "tests/lib/projections/people_test.cpp": "actors conversation progress status summary",
        "tests/lib/projections/response_index_test.cpp": "responses_bytes",
        "tests/lib/projections/responses_test.cpp": "response_telling",
        "tests/lib/projections/stats_test.cpp": "cost totals_bytes",
        "tests/formats/answers/prices_test.cpp": "model_names price_table prices",
    },
    "lib/query": {
        "tests/lib/query/expression_test.cpp": "functions grammar",
        "tests/lib/query/sql_test.cpp":
            "sql_calls sql_entries sql_errors sql_events sql_functions sql_grouped sql_guard sql_index sql_pipe "
            "sql_plan sql_printf sql_rows sql_sessions sql_sums sql_tables sqlite_handles",
        "tests/cli/test_sql.py": "sql_views",
    },
    "lib/replay": {
        "tests/lib/replay/command_test.cpp": "casino_state command_casino",
        "tests/lib/replay/diff_test.cpp": "comparable",
        "tests/lib/replay/rerun_test.cpp": "recorded_tools",
        "tests/lib/replay/turns_test.cpp": "in_flight turn_difference words",
        "tests/lib/replay/whatif_test.cpp": "alter copies whatif_save",
    },
    "lib/store": {
        "tests/lib/store/caches_test.cpp": "check_snapshots",
        "tests/lib/store/parts_test.cpp": "chunk_worker fold_parts",
        "tests/lib/store/snapshot_test.cpp": "fold fold_snapshots folded",
        "tests/lib/store/store_test.cpp":
            "log_by_path store_append store_read store_sessions store_trust verify_session",
        "tests/lib/backends/source_files_test.cpp": "store_sources",
        "tests/lib/store/upcast_test.cpp": "upcast_rules",
    },
}

# A projection is a pure fold: it opens nothing and does not know what time it is.
IMPURE = {"chrono", "ctime", "cstdio", "fstream", "filesystem", "iostream", "random", "thread"}

INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')
MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:root|work|home/\w+|Users/\w+)/")
SPOKEN_BY_AGENTS = ("sample-data/", "tests/golden/")  # their words, not ours


def room_of(path):
    """The room that a file stands in: `public`, a key of ARROWS, or None outside the house."""
    parts = path.split("/")
    if path.startswith("lib/include/agentstore/"):
        return "public"
    if parts[0] == "lib" and len(parts) == 2:
        return "store" if parts[1].startswith("store.") else None
    room = parts[1] if parts[0] == "lib" else parts[0]
    return room if room in ARROWS else None


def floor_of(path):
    """The floor of a file within a room that has some; None at its top, or outside of it."""
    parts = path.split("/")
    return parts[1] if parts[0] in FLOORS and len(parts) == 3 else None


def floor_violation(path, target):
    """What is wrong with an arrow from floor to floor, or None."""
    room = path.split("/")[0]
    here, there = floor_of(path), floor_of(target)
    if here is None or there is None or here == there or room != target.split("/")[0]:
        return None
    floors = FLOORS[room]
    if here not in floors or there not in floors:
        return f"{path} -> {target} leads into or out of no known room"
    if floors.index(there) > floors.index(here):
        return f"{room}/{here} -> {room}/{there} goes up ({target})"
    return None


def resolve(root, file, name):
    """The project's file that an include names, or None if it is not ours."""
    for folder in (file.parent, root, root / "lib", root / "lib/include", root / "tests"):
        target = folder / name
        if target.is_file():
            return target.resolve().relative_to(root).as_posix()
    return None


def public_room(path):
    """The folder of a public header below agentstore/; None elsewhere."""
    parts = path.removeprefix("lib/include/agentstore/").split("/")
    return parts[0] if len(parts) == 2 else ""


def kept_apart_violation(path, name):
    for prefix, allowed in KEPT_APART.items():
        if name.startswith(prefix) and not re.fullmatch(allowed, path):
            return f"<{name}> is for {allowed} alone"
    return None


def include_violation(root, file, path, quote, name):
    """What is wrong with one #include, or None."""
    room = room_of(path)
    target = resolve(root, file, name)
    if target is None:
        if quote == '"':
            return f'"{name}" is no file of the project'
        if room == "public" and not re.fullmatch(r"[a-z_0-9]+", name):
            return f"a public header includes <{name}>, which is not of the standard library"
        if room == "projections" and name in IMPURE:
            return f"a projection includes <{name}>"
        return kept_apart_violation(path, name)
    if path.startswith("tests/"):
        return None
    to = room_of(target)
    if room == to == "public" and not path.endswith("/analysis.hpp"):
        if public_room(target) not in PUBLIC_ROOMS[public_room(path)]:
            return f"{path} -> {target} goes against the arrows"
    if to == "public":
        if Path(target).name in PUBLIC_FORBIDDEN.get(room, ()):
            return f"{room} -> {target} goes against the arrows"
        return None
    if room is None or to is None:
        return f"{path} -> {target} leads into or out of no known room"
    if to != room and to not in ARROWS.get(room, ()):
        return f"{room} -> {to} goes against the arrows ({target})"
    return floor_violation(path, target)


def include_violations(root):
    for top in ("cmd", "formats", "lib", "tests"):
        for file in sorted((root / top).rglob("*.[ch]pp")):
            path = file.relative_to(root).as_posix()
            for number, line in enumerate(file.read_text().splitlines(), 1):
                match = INCLUDE.match(line)
                what = match and include_violation(root, file, path, *match.groups())
                if what:
                    yield f"{path}:{number}: {what}"


def subcommand_violations(root):
    """cmd/commands has a file a subcommand, and nothing else."""
    for file in sorted((root / "cmd/commands").glob("*")):
        path = file.relative_to(root).as_posix()
        if file.suffix != ".cpp" or not re.search(r"^int run\(Context& context, const \w+& options\)",
                                                  file.read_text(), re.MULTILINE):
            yield f"{path}:1: is not a subcommand"


def test_text_violations(root):
    for file in sorted((root / "tests").rglob("*.[ch]pp")):
        path = file.relative_to(root).as_posix()
        for number, line in enumerate(file.read_text().splitlines(), 1):
            for text, allowed in TEST_TEXTS.items():
                match = re.search(text, line)
                if match and not re.fullmatch(allowed, path):
                    yield f"{path}:{number}: {match.group()} is for {allowed} alone"


def untested_violations(root, tested_by=None):
    rooms = TESTED_BY if tested_by is None else tested_by
    known = {f"{room}/{name}.cpp": test for room, tests in rooms.items()
             for test, names in tests.items() for name in names.split()}
    for path, test in known.items():
        if not (root / path).is_file() or not (root / test).is_file():
            yield f"{path}:1: this, or {test}, which is said to test it, is not there"
    for top in ("lib", "formats"):
        for file in sorted((root / top).rglob("*.cpp")):
            path = file.relative_to(root)
            own = root / "tests" / path.with_name(path.stem + "_test.cpp")
            if path.as_posix() not in known and not own.is_file():
                yield f"{path}:1: has no test file, and TESTED_BY names none"


def own_files(root):
    """Every file of the project; what is built or hidden is not walked."""
    for entry in sorted(root.iterdir()):
        if entry.is_file() and entry.name != ".git":
            yield entry
        elif entry.name in ("cmd", "formats", "lib", "man", "sample-data", "tests", ".ci"):
            yield from (file for file in sorted(entry.rglob("*")) if file.is_file())


# What a newcomer sees first: code, its tests, its manual, data to try it on; no folder for anything else.
TOP_LEVEL = {"cmd", "formats", "lib", "tests", "sample-data", "man", "README.md", "CHANGELOG.md",
             "CONTRIBUTING.md", "LICENSE", "CMakeLists.txt", "CMakePresets.json", "bootstrap"}
MADE_HERE = {"build", "agent-data", "compile_commands.json"}  # and ignored by git


def top_level_violations(root):
    for entry in sorted(root.iterdir()):
        if not entry.name.startswith(".") and entry.name not in TOP_LEVEL | MADE_HERE:
            yield f"{entry.name}:1: does not belong at the top of the project"


def machine_path_violations(root):
    for file in own_files(root):
        path = file.relative_to(root).as_posix()
        if path.startswith(SPOKEN_BY_AGENTS) or file.suffix in (".jsonl", ".pyc"):
            continue
        for number, line in enumerate(file.read_text(errors="replace").splitlines(), 1):
            match = MACHINE_PATH.search(line)
            if match:
                yield f"{path}:{number}: names a path of one machine: {match.group()}"


def violations(root):
    root = Path(root).resolve()
    return [*include_violations(root), *subcommand_violations(root),
            *test_text_violations(root), *machine_path_violations(root), *top_level_violations(root)]


if __name__ == "__main__":
    found = [*violations(sys.argv[1]), *untested_violations(Path(sys.argv[1]).resolve())]
    print("\n".join(found))
    sys.exit(1 if found else 0)
