#!/usr/bin/env bash
# consume.sh cmake|pkg-config FOLDER: installs the build into FOLDER, builds project/ against what
# was installed, and runs it.
# Environment: CMAKE, BUILD (the build tree), LIBDIR, LIBRARY_TYPE, CXX, CXXFLAGS.
set -euo pipefail
trap 'echo "consume.sh: line $LINENO failed"' ERR
way=$1 folder=$2
project=$(dirname "$(readlink -f "$0")")/project
prefix=$folder/prefix

rm -rf "$folder"
"$CMAKE" --install "$BUILD" --prefix "$prefix" >/dev/null
# Moved once installed: a package that remembers its first place is not found again.
mv "$prefix" "$prefix-moved"
prefix+=-moved
export LD_LIBRARY_PATH=$prefix/$LIBDIR

build_with_cmake() {
  "$CMAKE" -S "$project" -B "$folder/build" -G Ninja -D CMAKE_PREFIX_PATH="$prefix"
  "$CMAKE" --build "$folder/build"
}

build_with_pkg-config() {
  export PKG_CONFIG_PATH=$prefix/$LIBDIR/pkgconfig
  local static=() flags
  [[ $LIBRARY_TYPE == STATIC_LIBRARY ]] && static=(--static)
  read -ra flags < <(pkg-config "${static[@]}" --cflags --libs agentstore)
  mkdir "$folder/build"
  # shellcheck disable=SC2086  # CXXFLAGS is a list of words.
  "$CXX" $CXXFLAGS -std=c++23 "$project/main.cpp" "${flags[@]}" -o "$folder/build/consumer"
}

"build_with_$way"
answer=$("$folder/build/consumer" "$folder/store")
printf '%s\n' "$answer"

grep -qx user_message <<<"$answer"
grep -qx tool_called <<<"$answer"
grep -q '"version":2' <<<"$answer"

# What else a user finds: the program, the manual, the library's headers and nothing internal.
"$prefix/bin/agentstore" --version
[[ -s $prefix/share/man/man1/agentstore.1.gz && -s $prefix/share/man/man5/agentstore-log.5.gz ]]
[[ -s $prefix/share/bash-completion/completions/agentstore ]]
[[ -s $prefix/include/agentstore/store.hpp && $(ls "$prefix/include") == agentstore ]]
