#include "log/spilled_lines.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace agentstore::log {

TEST_CASE("lines that are longer than memory is used for are read back from anywhere") {
  SpilledLines lines;
  CHECK(lines.size_bytes() == 0);
  std::string text;
  for (std::size_t i = 0; text.size() < 3 * SpilledLines::memory_bytes_max; ++i) {
    const std::string line(i * 7919 % 50'000, static_cast<char>('a' + i % 26));
    REQUIRE(lines.append(line + '\n'));
    text += line + '\n';
  }
  REQUIRE(lines.size_bytes() == text.size());
  std::string part(100'000, '\0');
  for (std::size_t i = 0; i < 500; ++i) {
    const std::size_t at = i * 104'729 % (text.size() + 10);
    const auto got = lines.read_at(at, part.data(), part.size());
    REQUIRE(got);
    REQUIRE(std::string_view{part}.substr(0, *got) ==
            std::string_view{text}.substr(std::min(at, text.size()), part.size()));
  }
  REQUIRE(lines.append("more\n"));
  REQUIRE(lines.read_at(text.size(), part.data(), part.size()).value() == 5);
  CHECK(part.starts_with("more\n"));
}

}  // namespace agentstore::log
