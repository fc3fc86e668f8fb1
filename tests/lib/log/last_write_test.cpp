#include "log/last_write.hpp"

#include <doctest/doctest.h>

#include "support/lines.hpp"

namespace agentstore::log {
namespace {

using test::LogBuilder;

std::optional<Position> last_write_of(std::string_view text) {
  test::TextSource source{std::string{text}};
  const auto found = find_last_write(source, "s");
  REQUIRE(found);
  return *found;
}

LogBuilder three_writes() {
  LogBuilder log;
  log.write();
  log.write(2);
  log.write(3);
  return log;
}

}  // namespace

TEST_SUITE_BEGIN("last write");

TEST_CASE("it is found exactly where a whole write ends the log") {
  const LogBuilder log = three_writes();
  const std::uint64_t numbers[] = {1, 3, 6};
  for (std::size_t cut = 0; cut <= log.text().size(); ++cut) {
    CAPTURE(cut);
    const auto found = last_write_of(std::string_view{log.text()}.substr(0, cut));
    const auto end = std::ranges::find(log.ends(), cut);
    REQUIRE(found.has_value() == (end != log.ends().end()));
    if (!found) continue;
    CHECK(found->offset_bytes == cut);
    CHECK(found->sequence_number == numbers[end - log.ends().begin()]);
    CHECK(found->sealed);
  }
}

TEST_CASE("a write of more than the first look takes in is found, too") {
  LogBuilder log = three_writes();
  log.write(500, '"' + std::string(1000, 'x') + '"');
  const auto found = last_write_of(log.text());
  REQUIRE(found);
  CHECK(found->sequence_number == 506);
}

TEST_CASE("nothing is found where the last write is not sealed, not whole, or of another session") {
  const LogBuilder log = three_writes();
  LogBuilder go;
  go.go_line();
  CHECK_FALSE(last_write_of(go.text()));
  const auto lines = test::lines_of(log.text());
  CHECK_FALSE(last_write_of(lines[0] + lines[4] + lines[5]));
  CHECK_FALSE(last_write_of(lines[3] + test::replaced(lines[4], "user", "loser") + lines[5]));
  test::TextSource source{log.text()};
  CHECK_FALSE(find_last_write(source, "another").value());
}

TEST_CASE("a log that begins as a compressed or converted file is not trusted for its end") {
  const LogBuilder log = three_writes();
  CHECK_FALSE(last_write_of("\x1F\x8B" + log.text()));
  CHECK_FALSE(last_write_of("\xEF\xBB\xBF" + log.text()));
}

TEST_SUITE_END();

}  // namespace agentstore::log
