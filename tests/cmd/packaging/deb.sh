#!/usr/bin/env bash
# deb.sh FOLDER: makes the Debian packages of the build in FOLDER, looks at what is in them, runs the
# program that they hold, and asks lintian.
# Environment: CPACK, BUILD (the build tree).
set -euo pipefail
trap 'echo "deb.sh: line $LINENO failed"' ERR
folder=$1

for tool in dpkg-deb dpkg-shlibdeps lintian; do
  type -P "$tool" >/dev/null || {
    echo "SKIPPED: $tool is not installed"
    exit 77
  }
done
rm -rf "$folder"
mkdir -p "$folder/program" "$folder/library"
"$CPACK" --config "$BUILD/CPackConfig.cmake" -B "$folder" >"$folder/log" 2>&1 || {
  cat "$folder/log"
  exit 1
}
program=$(echo "$folder"/agentstore_*.deb) library=$(echo "$folder"/libagentstore-dev_*.deb)
dpkg-deb -x "$program" "$folder/program"
dpkg-deb -x "$library" "$folder/library"

share=$folder/program/usr/share
for file in man/man1/agentstore.1.gz man/man5/agentstore-log.5.gz \
  bash-completion/completions/agentstore zsh/vendor-completions/_agentstore \
  fish/vendor_completions.d/agentstore.fish agentstore/schemas/stats.json \
  agentstore/sample-data/README.md agentstore/sample-data/damaged/agentstore.json \
  doc/agentstore/copyright doc/agentstore/changelog.gz doc/agentstore/changelog.Debian.gz; do
  [[ -s $share/$file ]] || {
    echo "the package has no $file"
    exit 1
  }
done
[[ ! -e $folder/program/usr/include && ! -e $folder/program/usr/lib ]]
[[ -s $folder/library/usr/include/agentstore/store.hpp && ! -e $folder/library/usr/bin ]]
[[ -n $(find "$folder/library" -name libagentstore.a) ]]
[[ -n $(find "$folder/library" -name agentstore-config.cmake) ]]
[[ -n $(find "$folder/library" -name agentstore.pc) ]]

# Its sample data is read where nobody may write.
chmod -R a-w "$share/agentstore"
"$folder/program/usr/bin/agentstore" verify --store "$share/agentstore/sample-data"
chmod -R u+w "$share/agentstore"

lintian --fail-on error "$program" "$library"
