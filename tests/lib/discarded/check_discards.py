#!/usr/bin/env python3
"""A result that is thrown away is warned of, each line of it.

    check_discards.py COMPILER INCLUDE_FOLDER
"""

import re
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).parent / "discards.cpp"


def warnings_of(compiler, include, *more):
    """The lines of SOURCE that the compiler warns of."""
    words = [compiler, "-std=c++23", "-fsyntax-only", "-Wunused-result", "-I", include, *more, SOURCE]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"it does not compile:\n{done.stderr}")
    place = re.compile(rf"^{re.escape(str(SOURCE))}:(\d+):\d+: warning:", re.M)
    return {int(line) for line in place.findall(done.stderr)}


def main(compiler, include):
    lines = SOURCE.read_text().splitlines()
    marked = {number for number, line in enumerate(lines, 1) if line.endswith("// discarded")}
    kept = warnings_of(compiler, include, "-DKEEP")
    if kept:
        sys.exit(f"lines that discard nothing are warned of: {sorted(kept)}")
    missed = marked - warnings_of(compiler, include)
    for number in sorted(missed):
        print(f"nobody warns of {SOURCE}:{number}: {lines[number - 1].strip()}")
    if missed or not marked:
        sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
