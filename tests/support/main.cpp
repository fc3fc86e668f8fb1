// Cases of the suite "corpus" read data that is no part of this project: where it is not there,
// asking for that suite alone is answered with the status that ctest shows as "skipped".

#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "support/folder.hpp"

int main(int argc, char** argv) {
  const bool corpus_alone = std::any_of(argv + 1, argv + argc, [](const char* argument) {
    return std::string_view{argument} == "--test-suite=corpus";
  });
  if (corpus_alone && agentstore::test::corpus().empty()) {
    std::puts("skipped: AGENTSTORE_CORPUS is not set");
    return 77;
  }
  doctest::Context context{argc, argv};
  context.setAsDefaultForAssertsOutOfTestCases();  // Those of the folder below.
  // Caches are signed by a key of the test's own: that of whoever runs it is left alone.
  const agentstore::test::TempFolder home;
  ::setenv("AGENTSTORE_CACHE_KEY", (home / "cache.key").c_str(), 1);
  return context.run();
}
