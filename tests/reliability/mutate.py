#!/usr/bin/env python3
"""Mutants of the library's own code: each has to be killed by a campaign or a unit test.

    mutate.py ROOT [NAME...]     builds each mutant in a temporary folder; exit status 1 if one lives

Takes minutes a mutant: run by hand. tests/RELIABILITY.md says how it ended.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

# name: (file, text, what stands there instead, the campaign that has to see it)
MUTANTS = {
    "prev unchecked": (
        "lib/log/scan.cpp",
        "line.seal != Seal::unsealed && cursor_.head_known && line.prev != cursor_.head",
        "false && line.prev != cursor_.head",
        ["bits", "--states", "50000"]),
    "payload hash unchecked": (
        "lib/log/line.cpp",
        "std::optional<LineError> check_hashes(const Line& line) {",
        "std::optional<LineError> check_hashes(const Line& line) {\n  if (line.seal == Seal::sealed) return std::nullopt;",
        ["bits", "--states", "50000"]),
    "downgrade rule off": (
        "lib/log/verify.cpp",
        "} else if (sealed) {",
        "} else if (sealed && false) {",
        ["bits", "--states", "50000"]),
    "half a batch accepted": (
        "lib/log/scan.cpp",
        "if (loose_ || open_write_ == Batch{}) {",
        "if (true) {",
        ["torn"]),
    "no repair at open": (
        "lib/log/writer.cpp",
        "if (scanner.report().verdict != Verdict::torn) return {};",
        "return {};",
        ["torn"]),
    "redaction not finished": (
        "lib/log/writer.cpp",
        "if (auto done = finish_redaction(); !done) return forget(done);",
        "",
        ["crash"]),
    "poison forgotten": (
        "lib/log/writer.cpp",
        "poisoned_ = poison || !undone;",
        "",
        ["faults"]),
}


def run(command, **more):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)


def copied(root, folder):
    for name in ("CMakeLists.txt", "cmd", "formats", "lib", "man", "sample-data", "tests", "LICENSE"):
        source = root / name
        if source.is_dir():
            shutil.copytree(source, folder / name)
        elif source.exists():
            shutil.copy2(source, folder / name)


def mutate(folder, file, text, instead):
    path = folder / file
    source = path.read_text()
    if source.count(text) != 1:
        sys.exit(f"{file} does not hold exactly once: {text}")
    path.write_text(source.replace(text, instead))
    return source


def main():
    root = Path(sys.argv[1]).resolve()
    names = sys.argv[2:] or list(MUTANTS)
    alive = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "source"
        build = Path(temporary) / "build"
        folder.mkdir()
        copied(root, folder)
        done = run(["cmake", "-S", folder, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release"])
        if done.returncode != 0:
            sys.exit(done.stdout)
        for name in names:
            file, text, instead, campaign = MUTANTS[name]
            source = mutate(folder, file, text, instead)
            built = run(["cmake", "--build", build, "--target", "campaign", "-j", "2"])
            if built.returncode != 0:
                sys.exit(f"{name} does not build:\n{built.stdout}")
            ended = run([build / "tests/reliability/campaign", *campaign])
            (folder / file).write_text(source)
            killed = ended.returncode == 1 and "VIOLATION" in ended.stdout
            lines = [line for line in ended.stdout.splitlines() if "VIOLATION" in line]
            print(f"{'killed' if killed else 'LIVES'}: {name}: {' '.join(lines)}", flush=True)
            if not killed:
                alive.append(name)
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main())
