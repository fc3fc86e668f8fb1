#include "log/foreign_bytes.hpp"

#include <doctest/doctest.h>

#include <string_view>
#include <utility>

namespace agentstore::log {

TEST_SUITE("foreign bytes") {
  TEST_CASE("what an editor, git or a compressor left is named") {
    using namespace std::string_view_literals;
    const std::pair<std::string_view, std::string_view> starts[] = {
        {"\xEF\xBB\xBF{\"", "byte order mark"},
        {"\xFF\xFE{\0"sv, "UTF-16"},
        {"\xFE\xFF\0{"sv, "UTF-16"},
        {"{\0\"\0"sv, "UTF-16"},
        {"\0{\0\""sv, "UTF-16"},
        {"\x1F\x8B\x08\x00"sv, "gzip"},
        {"\x28\xB5\x2F\xFD", "Zstandard"}};
    for (const auto& [start, word] : starts) {
      CAPTURE(word);
      const char* const said = foreign_start(start);
      REQUIRE(said != nullptr);
      CHECK(std::string_view{said}.contains(word));
    }
  }

  TEST_CASE("a log's own beginning, and less than a magic number, are not foreign") {
    for (const std::string_view start : {"", "{\"se", "{", "\xEF\xBB", "\x28\xB5\x2F", "garb"})
      CHECK(foreign_start(start) == nullptr);
  }
}

}  // namespace agentstore::log
