#!/usr/bin/env bash
# check_format.sh CLANG_FORMAT ROOT: every C++ file of ours stands as .clang-format says.
# Prints the first difference of each file that does not; `clang-format-19 -i FILE` mends it.
set -euo pipefail
cd "$2"
find cmd formats lib tests -name '*.[ch]pp' -print0 |
  xargs -0 "$1" --dry-run -Werror --ferror-limit=1
